"""How one or two photons are read out by counting: beam splitters and phases before the detectors.

- one photon: exactly the best projection of its scheme, by an interferometer over the modes that hold it;
- two photons, one each in two modes or one each in two others, as in both interferometers of a pair: exactly the projection on
  the two branches, by a balanced beam splitter between the modes of each photon, and the parity of what is counted behind them;
- two photons in one of two modes: exactly the projection on the two branches, by a balanced beam splitter;
- two photons in one of K > 2 modes: projections on the K Fourier superpositions of the strings, by phases and a discrete Fourier
  transform, as two photons counted in modes k and l tell k + l modulo K alone. The phases are searched for; what the counts
  reach is computed, and often it is all that the light allows.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from photonics.conventions import Complex, Integer, Real
from protocols.preparation.parts import NoRecipeError

if TYPE_CHECKING:
    from photonics.circuits.circuit import Circuit, Interferometer, Operation

SEARCHES = 12
"""Starts of the search for phases before a Fourier transform of up to MANY_MODES modes; two for more."""
MANY_MODES = 8
SMALLEST_CHANCE = 1e-9
"""Outcomes rarer than this are no working point."""
WORST_CONDITION = 1e-4
"""Directions of less information, relative to the largest, are not relied on."""
UNUSABLE = 1e9
"""Error where counts do not determine q, so that the search turns away."""


def counting_readout(
    sensed: Circuit, theta: Sequence[float], coefficients: Sequence[float]
) -> tuple[tuple[Operation, ...], str]:
    """Phases and beam splitters before the detectors, for the light that arrives whole at the working point; and in words.

    Parameters
    ----------
    sensed : Circuit
        With the losses of the modes.
    theta : (d_k,) floats
        The working point.
    coefficients : (d_k,) floats
        What is to be estimated.

    Raises
    ------
    NoRecipeError
        For strings with photons in two modes beside others or more than one, and where no phases are found.
    """
    from photonics.engines import native_fock

    block = native_fock.output(sensed, list(theta), survivors=True).blocks[0]
    places = [np.flatnonzero(row) for row in block.occupations]
    if any(len(place) != 1 for place in places):
        return _two_pairs_readout(sensed.modes, places, np.asarray(block.amplitudes)), (
            "a phase and a balanced beam splitter for each of the photons, then photon counting"
        )
    modes = [sensed.modes[int(place[0])] for place in places]
    amplitudes = np.asarray(block.amplitudes)
    if block.occupations[0].sum() == 1:
        return _one_photon_readout(block.occupations, amplitudes, modes), "an interferometer, then one detector a mode"
    if len(modes) == 2:
        return _two_mode_readout(amplitudes, modes), "a phase and a balanced beam splitter, then photon counting"
    words = f"phases and a Fourier transform of {len(modes)} modes, then photon counting"
    return _fourier_readout(np.asarray(block.columns), modes, coefficients), words


def _one_photon_readout(strings: Integer, amplitudes: Complex, modes: Sequence[str]) -> tuple[Operation, ...]:
    from photonics import StringProjection

    vectors = StringProjection.equal_chances(strings, amplitudes).vectors.conj()
    return (_interferometer(modes, vectors),)


def _two_mode_readout(amplitudes: Complex, modes: Sequence[str]) -> tuple[Operation, ...]:
    """At mid-fringe: (|2, 0> +- i |0, 2>)/sqrt 2 in the frame of the phases that arrive."""
    from photonics import BeamSplitter, PhaseShift

    first, second = modes
    relative = cmath.phase(amplitudes[1] / amplitudes[0])
    return (
        PhaseShift(mode=second, angle_rad=(math.pi / 2 - relative) / 2),
        BeamSplitter(first=first, second=second, theta_rad=math.pi / 4),
    )


def _two_pairs_readout(names: Sequence[str], places: Sequence[Integer], amplitudes: Complex) -> tuple[Operation, ...]:
    """At mid-fringe: counts of an even and an odd number in the second ports tell |1, 1, 0, 0> +- i |0, 0, 1, 1> apart."""
    from photonics import BeamSplitter, PhaseShift

    if len(places) > 2:
        raise NoRecipeError("more than two strings, with photons in two modes, are not read out by beam splitters here")
    if any(len(place) != 2 for place in places):
        raise NoRecipeError(
            "a string with its photons in two modes beside one with both in one mode is not read out by beam splitters here"
        )
    # In the order of the modes, so that both arms of an interferometer meet.
    first, second = ([names[int(mode)] for mode in place] for place in places)
    relative = cmath.phase(amplitudes[1] / amplitudes[0])
    return (
        PhaseShift(mode=second[0], angle_rad=math.pi / 2 - relative),
        *(BeamSplitter(first=a, second=b, theta_rad=math.pi / 4) for a, b in zip(first, second, strict=True)),
    )


def _fourier_readout(columns: Complex, modes: Sequence[str], coefficients: Sequence[float]) -> tuple[Operation, ...]:
    """A discrete Fourier transform behind the phases that a search of a few fixed starts found best for these coefficients.

    ``columns`` are the amplitude of every string |2 in j> and its derivatives. Counts k, l tell s = k + l modulo K, with the
    amplitude sum_j c_j exp(i phi_j) exp(2 pi i j s/K)/sqrt K.
    """
    from scipy.optimize import minimize

    from photonics import PhaseShift

    count = len(modes)
    j = np.arange(count)
    fourier = np.exp(2j * math.pi * np.outer(j, j) / count) / math.sqrt(count)
    # The phases that arrive are taken off first, so that the search does not depend on the working point.
    arrive = np.angle(columns[:, 0])
    columns = np.exp(-1j * arrive)[:, None] * columns

    def error(phases: Real) -> float:
        seen = fourier @ (np.exp(1j * np.append(0.0, phases))[:, None] * columns)
        p = np.abs(seen[:, 0]) ** 2
        if p.min() < SMALLEST_CHANCE:
            return UNUSABLE
        slopes = 2 * (seen[:, :1].conj() * seen[:, 1:]).real
        information = slopes.T @ (slopes / p[:, None])
        values, vectors = np.linalg.eigh(information)
        parts = (vectors.T @ np.asarray(coefficients)) ** 2
        seen_well = values > WORST_CONDITION * values[-1]
        if parts[~seen_well].sum() > 1e-18 * parts.sum():
            return UNUSABLE
        return float((parts[seen_well] / values[seen_well]).sum())

    starts = [
        np.random.default_rng(seed).uniform(0, 2 * math.pi, count - 1)
        for seed in range(SEARCHES if count <= MANY_MODES else 2)
    ]
    found = [
        minimize(error, start, method="Nelder-Mead", options={"maxfev": 300 * count, "xatol": 1e-8, "fatol": 1e-12})
        for start in starts
    ]
    best = min(found, key=lambda one: float(one.fun))
    if best.fun >= UNUSABLE:
        raise NoRecipeError("no phases before a Fourier transform were found at which counts determine q")
    # Two photons turn by twice the phase of a mode.
    turns = np.append(0.0, best.x) - arrive
    shifts = (PhaseShift(mode=mode, angle_rad=float(turn) / 2) for mode, turn in zip(modes, turns, strict=True))
    return (*shifts, _interferometer(modes, fourier))


def _interferometer(modes: Sequence[str], unitary: Complex) -> Interferometer:
    from photonics import Interferometer

    return Interferometer(modes=tuple(modes), unitary=tuple(tuple(row) for row in unitary.tolist()))
