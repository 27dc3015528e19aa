"""What imperfect elements do to one squeezed vacuum over the sites of a network of phases, at any brightness and under all limits.

The error is a function of the amplitudes v_j that arrive, known for any light (``protocols.theory.limits.phase_readout``);
coherent light is made at the sites and does not pass the elements. An angle that is off by x carries the part of v that passes its
element to v cos x + w sin x, w that part at a quarter turn more; a phase on a link turns what is beyond it, and a transmissivity
tau enters as sqrt(tau). Slopes of the readout are those of the imperfect light: as each site has one outcome and one phase, no
other weights give an estimate without bias. Where no limit of light at the sites binds, the error is stationary in every angle at
the best light.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photonics.conventions import Complex, Real
from protocols.documents.printed import Entry
from protocols.layout.layout import MAX_FACTOR, LinkFailure, require_factor
from protocols.layout.squeezed.beam_splitters import TreeLayout
from protocols.layout.squeezed.robustness import ElementSensitivity, SqueezedRobustness, allowed_rad
from protocols.layout.squeezed.spread import Spread, amplitudes_off, random_offs, spread_of
from protocols.theory.limits.phase_light import PhaseLight
from protocols.theory.limits.phase_readout import LinearReadout, PhaseReadout, less_noise

SAMPLES = 1000
"""Random imperfect layouts drawn."""
STEP = 1e-3
"""Of an angle, in rad, for differences of slopes; of fourth order, so that as little is left as of rounding."""
DIFFERENCE = 5e-4
"""The same for differences of errors, as a share of an amplitude too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseElementSensitivity(ElementSensitivity):
    """What one element adds to the mean squared error of phases.

    Attributes
    ----------
    edge, per_phase2
        As of ``ElementSensitivity``.
    per_angle : float
        The derivative by its angle; 0 where no limit of light at the sites binds.
    per_angle2 : float
        For 1 rad^2 of variance of its angle, half the second derivative; below 0 it may be where a limit binds.
    per_transmissivity : float
        The derivative by the link's transmissivity, of the same light at the squeezer.
    """

    DOCUMENT = (
        "edge",
        Entry("mse_per_angle_rad", of="per_angle"),
        Entry("mse_per_angle_rad2", of="per_angle2"),
        Entry("mse_per_phase_rad2", of="per_phase2"),
        Entry("mse_per_transmissivity", of="per_transmissivity"),
    )

    per_angle: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseLightRobustness(SqueezedRobustness):
    """Sensitivities, tolerances and failures of the links of light for phases.

    Attributes
    ----------
    factor, phase_tolerance_rad, failures, angle_tolerance_rad, spread
        As of ``SqueezedRobustness``.
    elements : tuple of PhaseElementSensitivity
    """

    elements: tuple[PhaseElementSensitivity, ...]


def phase_light_robustness(
    readout: PhaseReadout,
    light: PhaseLight,
    layout: TreeLayout,
    ends: Sequence[str],
    failures: Sequence[LinkFailure] | None,
    *,
    factor: float = MAX_FACTOR,
) -> PhaseLightRobustness:
    """Sensitivities and tolerances of the elements that bring light of one squeezer to the sites.

    Parameters
    ----------
    readout : PhaseReadout
        Of all d sites.
    light : PhaseLight
        Of one squeezer.
    layout : TreeLayout
        Of its squeezed light.
    ends : (d,) str
        The node of the layout at which light enters each site.
    failures : sequence of LinkFailure, or None
        One for each element, known already.
    factor : float > 1
        By how much tolerances let the error grow.

    Raises
    ------
    InputError
        For a factor that is not above 1.
    """
    require_factor(factor)
    coherent, sent, photons = np.array(light.coherent_photons), np.array(light.amplitudes[0]), light.squeezed_photons[0]
    perfect = _at_sites(amplitudes_off(layout, [_NO_ERROR] * len(layout.elements)), ends)[0].real
    # What the squeezer itself loses, and the sign that amplitudes of a tree leave out.
    most = int(np.argmax(np.abs(perfect)))
    handed_on = float(sent[most] / perfect[most])
    assert np.allclose(handed_on * perfect, sent, rtol=1e-6, atol=1e-9 * abs(sent[most])), "the layout is of this light"
    find = _sensitivities if isinstance(readout, LinearReadout) else _sensitivities_by_differences
    elements = find(readout, light, layout, ends, handed_on)  # type: ignore[arg-type]  # linear where that is asked for
    angle = allowed_rad(layout.mse, factor, [e.per_angle2 for e in elements])
    phase = allowed_rad(layout.mse, factor, [e.per_phase2 for e in elements])
    spread: Spread | None = None
    if math.isfinite(angle) and math.isfinite(phase):
        angle_rad, phase_rad = angle / math.sqrt(2), phase / math.sqrt(2)
        offs = random_offs(layout, np.random.default_rng(0), SAMPLES, angle_rad=angle_rad, phase_rad=phase_rad)
        arrive = handed_on * _at_sites(amplitudes_off(layout, offs), ends)
        with np.errstate(over="ignore"):
            errors = readout.turned_errors(coherent, arrive.real, arrive.imag, photons, light.angle_rad)
        spread = spread_of(errors, angle_rad=angle_rad, phase_rad=phase_rad)
    return PhaseLightRobustness(
        elements=elements,
        failures=None if failures is None else tuple(failures),
        factor=factor,
        angle_tolerance_rad=angle,
        phase_tolerance_rad=phase,
        spread=spread,
    )


_NO_ERROR = (np.zeros(1), np.ones(1, dtype=complex))


def _at_sites(arrive: dict[str, Complex], ends: Sequence[str]) -> Complex:
    """(samples, d) The amplitudes that arrive at the sites, of 1 at the root; 0 at sites that the light does not go to."""
    nothing = np.zeros(1, dtype=complex)
    columns: Complex = np.stack(np.broadcast_arrays(*(arrive.get(name, nothing) for name in ends)), axis=-1)
    return columns


def _sensitivities(
    readout: LinearReadout, light: PhaseLight, layout: TreeLayout, ends: Sequence[str], handed_on: float
) -> tuple[PhaseElementSensitivity, ...]:
    count = len(layout.elements)
    if not count:
        return ()
    coherent, sent, photons = np.array(light.coherent_photons), np.array(light.amplitudes[0]), light.squeezed_photons[0]

    def turned_by(angle: float) -> Real:
        """What arrives when the angle of one element after the other is off by this."""
        offs = [(angle * row, np.ones(1, dtype=complex)) for row in np.eye(count)]
        return handed_on * _at_sites(amplitudes_off(layout, offs), ends).real

    # A half turn more changes the sign of the light that the element acts on.
    acted_on = (sent - turned_by(math.pi)) / 2
    turned = turned_by(math.pi / 2) - sent + acted_on
    slopes, factors = readout.phase_slopes(coherent, sent, photons)
    less = float(less_noise(np.array(photons)))
    more = 2 * (photons + math.sqrt(photons * (photons + 1)))
    terms = factors * sent
    along = _slopes(readout, coherent, sent, photons)
    together, found = float(terms.sum()), []
    beyond = _beyond(layout, ends)
    for element, own, quarter in zip(layout.elements, acted_on, turned, strict=True):
        sites = beyond[element.edge[1]]
        passed = float(terms[sites].sum())
        first, second = _by_angle(readout, coherent, (sent - own, own, quarter), photons)
        found.append(
            PhaseElementSensitivity(
                edge=element.edge,
                per_angle=first,
                per_angle2=second / 2,
                per_phase2=more * passed**2 - less * together * passed + float(slopes[sites].sum()),
                per_transmissivity=float(along[sites] @ sent[sites]) / (2 * element.transmissivity),
            )
        )
    return tuple(found)


def _sensitivities_by_differences(
    readout: PhaseReadout, light: PhaseLight, layout: TreeLayout, ends: Sequence[str], handed_on: float
) -> tuple[PhaseElementSensitivity, ...]:
    """Where no derivatives are known: differences of errors, of fourth order."""
    coherent, sent, photons = np.array(light.coherent_photons), np.array(light.amplitudes[0]), light.squeezed_photons[0]
    steps = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    first = np.array([1.0, -8.0, 0.0, 8.0, -1.0]) / 12
    second = np.array([-1.0, 16.0, -30.0, 16.0, -1.0]) / 12
    count, beyond, found = len(layout.elements), _beyond(layout, ends), []

    def errors(arrive: Complex) -> Real:
        return readout.turned_errors(coherent, arrive.real, arrive.imag, photons, light.angle_rad)

    one = np.ones(1, dtype=complex)
    for place, element in enumerate(layout.elements):
        offs = [(DIFFERENCE * steps if k == place else np.zeros(5), one) for k in range(count)]
        turned = errors(handed_on * _at_sites(amplitudes_off(layout, offs), ends))
        there = np.zeros(len(sent), dtype=bool)
        there[beyond[element.edge[1]]] = True
        shifted = errors(np.where(there, np.exp(1j * DIFFERENCE * steps)[:, None], 1.0) * sent)
        # tau enters as sqrt(tau).
        scaled = errors(np.where(there, 1 + DIFFERENCE * steps[:, None], 1.0) * sent + 0j)
        found.append(
            PhaseElementSensitivity(
                edge=element.edge,
                per_angle=float(first @ turned) / DIFFERENCE,
                per_angle2=float(second @ turned) / DIFFERENCE**2 / 2,
                per_phase2=float(second @ shifted) / DIFFERENCE**2 / 2,
                per_transmissivity=float(first @ scaled) / DIFFERENCE / (2 * element.transmissivity),
            )
        )
    return tuple(found)


def _slopes(readout: LinearReadout, coherent: Real, amplitudes: Real, photons: float) -> Real:
    """(d,) The derivatives of the error by the amplitudes that arrive."""
    _, _, slopes, _ = readout.with_slopes(
        coherent, amplitudes, np.array([photons]), np.zeros(len(amplitudes), dtype=int)
    )
    return slopes


def _by_angle(
    readout: LinearReadout, coherent: Real, parts: tuple[Real, Real, Real], photons: float
) -> tuple[float, float]:
    """The first two derivatives of the error by an angle x; parts + cos x parts + sin x parts arrive."""
    rest, own, quarter = parts

    def first(angle: float) -> float:
        c, s = math.cos(angle), math.sin(angle)
        return float(_slopes(readout, coherent, rest + c * own + s * quarter, photons) @ (c * quarter - s * own))

    near, far = first(STEP) - first(-STEP), first(2 * STEP) - first(-2 * STEP)
    return first(0.0), (8 * near - far) / (12 * STEP)


def _beyond(layout: TreeLayout, ends: Sequence[str]) -> dict[str, list[int]]:
    """For every node the sites whose light goes through it."""
    beyond: dict[str, list[int]] = {name: [] for name in layout.tree.nodes}
    for site, name in enumerate(ends):
        if name in beyond:
            beyond[name].append(site)
    for node, parent, _ in reversed(layout.tree.parents):
        beyond[parent] += beyond[node]
    return beyond
