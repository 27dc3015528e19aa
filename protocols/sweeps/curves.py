"""Errors as built along one axis of a network, as numbers; ``reports.curve_figures`` draws them. Nothing here is random.

Every point is the network with one thing changed everywhere, as in a sweep, and all schemes are built anew for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from networks import InputError, SensorNetwork
from networks.benches import IN_DB
from networks.errors import short_repr
from networks.laboratory import transmissivity_of_db
from networks.values import Value, plain_real, whole_number
from protocols.built.gaussian import light_error
from protocols.built.uses import AS_BUILT
from protocols.documents.result import Result
from protocols.problem import AnyProblem, GaussianProblem, PhaseProblem, Problem, divisibility
from protocols.ranking.candidates import rank_plans
from protocols.schemes.photon import LARGEST_SIMULATED_PHOTONS
from protocols.schemes.registry import choose_schemes
from protocols.schemes.scheme import AnyScheme
from protocols.sweeps.axes import IN_WORDS, LINKS, RANGES, WHOLE, axis_values
from protocols.sweeps.spec import varied
from protocols.sweeps.tasks import UNITS

AXES = tuple(name for name in RANGES if name != "shots")
"""Along which there may be errors as built."""
MAX_POINTS = 1000
"""Of a curve."""
_POINTS = ((20, 25), (60, 13), (math.inf, 9))
"""Points of a curve where nothing is said, by the largest number of nodes."""
COHERENT = "coherent"
"""The scheme whose error is the shot noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve(Value):
    """Mean squared errors of q in one shot along an axis.

    Attributes
    ----------
    names : tuple of str
        Of the schemes, or of what bounds them; several where they are equal everywhere.
    kind : "entangled", "separable", "coherent" or "bound"
        What a scheme does with the sites; a bound holds for all light that is told by its name.
    errors : (n,) floats or None
        None where the scheme does not exist, or has no error that is finite.
    """

    names: tuple[str, ...]
    kind: str
    errors: tuple[float | None, ...]

    @property
    def label(self) -> str:
        """Its names, as a legend has them."""
        names = [f"{name} (shot noise)" if name == COHERENT and self.kind == COHERENT else name for name in self.names]
        return ", ".join(names)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Curves(Value, Result):
    """Mean squared errors of q in one shot as built along one axis, beside bounds.

    Attributes
    ----------
    axis : str
        Its name, as sweeps have it.
    values : (n,) floats
        Along it, ascending.
    curves : tuple of Curve
        Bounds first.
    here : tuple of float
        Where on the axis the network itself is: one place, the least and the largest where its parts differ, or none where it
        says nothing.
    unit : str
        Of the errors, "rad2" or "vac2".
    title : str
        The network: its name, and what it senses.
    """

    axis: str
    values: tuple[float, ...]
    curves: tuple[Curve, ...]
    here: tuple[float, ...]
    unit: str
    title: str = ""

    @property
    def axis_label(self) -> str:
        """The axis with its unit."""
        return IN_WORDS[self.axis]

    def curve(self, name: str) -> Curve:
        """The curve of one scheme, or of one bound.

        Parameters
        ----------
        name : str
            One of the ``names`` of a curve.

        Returns
        -------
        Curve

        Raises
        ------
        InputError
            For a name that no curve has, with those that there are.

        Examples
        --------
        >>> network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)
        >>> curves = error_curves(network, "mean_photons", start=1.0, stop=2.0, points=2)
        >>> [round(error, 6) for error in curves.curve("entangled-squeezed").errors]
        [0.343146, 0.202041]
        """
        for curve in self.curves:
            if name in curve.names:
                return curve
        known = ", ".join(name for curve in self.curves for name in curve.names)
        raise InputError([f"there is no curve {short_repr(name)}; there are {known}"])


def curve_axes(network: SensorNetwork | AnyProblem) -> tuple[str, ...]:
    """The axes along which errors of a network as built may differ, by the names that sweeps have.

    Parameters
    ----------
    network : SensorNetwork or Problem

    Examples
    --------
    >>> axes = curve_axes(SensorNetwork.star([1, 1], sensing="phase", photons=2))
    >>> "link_loss_db" in axes, "visibility" in axes, "squeezing_db" in axes
    (True, True, False)
    """
    problem = Problem.of(network)
    used = {problem.photon_budget, "passes", "transmissivity", *AS_BUILT[problem.kind]}
    used |= set(LINKS) if problem.network.links else set()
    return tuple(name for name in AXES if IN_DB.get(name, name) in used)


def error_curves(
    network: SensorNetwork | AnyProblem,
    axis: str,
    *,
    start: float | None = None,
    stop: float | None = None,
    points: int | None = None,
    schemes: Sequence[str | AnyScheme] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Curves:
    """The errors of all schemes as built along one axis, each point laid out and ranked anew, with the bounds without loss.

    Parameters
    ----------
    network : SensorNetwork or Problem
    axis : str
        One of ``curve_axes``.
    start, stop : float, optional
        The ends of the axis; around what the network has when left out.
    points : int >= 2, optional
        25 where there are up to 20 nodes and fewer where there are more, when left out. What the network has is one more.
    schemes : names or ``Scheme`` objects, optional
        All registered ones when left out.
    progress : called with a few words before each point.

    Raises
    ------
    InputError
        For an axis that errors do not depend on, values that it cannot have, and where no scheme, or one that is named, has an
        error at any point.

    Examples
    --------
    >>> network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)
    >>> curves = error_curves(network, "mean_photons", start=1.0, stop=2.0, points=2)
    >>> {curve.label: round(curve.errors[0], 6) for curve in curves.curves if "squeezed" in curve.label}
    {'entangled-squeezed': 0.343146, 'separable-squeezed': 0.535898, 'squeezed-in-turn': 0.585786}
    """
    problem = Problem.of(network)
    chosen = choose_schemes(problem.kind, schemes)
    faults: list[str] = []
    known = curve_axes(problem)
    if axis not in known:
        raise InputError(
            [f"errors of this network as built do not depend on {short_repr(axis)}; known are {', '.join(known)}"]
        )
    here = _here(problem, axis)
    start, stop = _number("start", start, faults), _number("stop", stop, faults)
    count = None if points is None else whole_number(points)
    if points is not None and (count is None or not 2 <= count <= MAX_POINTS):
        faults.append(f"points must be an integer from 2 to {MAX_POINTS}, got {short_repr(points)}")
    values = [] if faults else _values(problem, axis, here, start, stop, count, faults)
    if faults:
        raise InputError(faults)
    report = progress or (lambda _: None)
    bounds: dict[str, list[float | None]] = {}
    errors: dict[str, list[float | None]] = {scheme.name: [None] * len(values) for scheme in chosen}
    kinds: dict[str, str] = {}
    reasons: list[str] = []
    missing: dict[str, str] = {}
    for place, value in enumerate(values):
        report(f"point {place + 1} of {len(values)}")
        try:
            there, found, without_light = errors_at(problem.network, axis, value, chosen)
        except InputError as error:
            reasons += error.faults
            continue
        for name, bound in _bounds(there).items():
            bounds.setdefault(name, [None] * len(values))[place] = _finite(bound)
        missing |= without_light
        for name, entangles, mse in found:
            errors[name][place] = _finite(mse)
            kinds[name] = COHERENT if name == COHERENT else "entangled" if entangles else kinds.get(name, "separable")
    if all(error is None for one in errors.values() for error in one):
        raise InputError(list(dict.fromkeys(reasons))[:5] or ["no scheme has a finite error along this axis"])
    if schemes is not None and (without := [name for name in errors if name not in kinds]):
        # What was named must not be missing in silence.
        why = (f": {missing[name]}" if name in missing else "" for name in without)
        raise InputError(
            [f"the scheme {name!r} is applicable nowhere on this axis{w}" for name, w in zip(without, why, strict=True)]
        )
    lines = _merged([(name, "bound", line) for name, line in bounds.items()])
    lines += _merged([(name, kinds[name], line) for name, line in errors.items() if name in kinds])
    unit = UNITS[problem.sensing][1]
    title = f"{problem.network.name}\n{problem.network.summary}"
    return Curves(axis=axis, values=tuple(map(float, values)), curves=tuple(lines), here=here, unit=unit, title=title)


def _number(name: str, value: object, faults: list[str]) -> float | None:
    plain = plain_real(value)
    if plain is None or (isinstance(plain, int | float) and not isinstance(plain, bool)):
        return None if plain is None else float(plain)
    faults.append(f"{name} must be a number, got {short_repr(value)}")
    return None


def errors_at(
    network: SensorNetwork, axis: str, value: float, schemes: Sequence[AnyScheme]
) -> tuple[AnyProblem, list[tuple[str, bool, float]], dict[str, str]]:
    """The problem at one point; of schemes as built whether they entangle sites, and their errors; why others are not.

    Parameters
    ----------
    network : SensorNetwork
    axis : str
        One of ``curve_axes``.
    value : float
        What it is there.
    schemes : sequence of Scheme

    Raises
    ------
    InputError
        For a value that the network cannot have, and for light too large to be worked out.

    Examples
    --------
    >>> network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)
    >>> [(name, round(mse, 3)) for name, _, mse in errors_at(network, "mean_photons", 2.0, choose_schemes("displacement"))[1]]
    [('entangled-squeezed', 0.202), ('separable-squeezed', 0.343), ('squeezed-in-turn', 0.367), ('coherent', 2.0)]
    """
    from photonics import CircuitTooLargeError, PrecisionError

    change: dict[str, Any] = {axis: value}
    if axis in IN_DB:
        change = {IN_DB[axis]: transmissivity_of_db(value)}
    problem = Problem.of(varied(network, change))
    if isinstance(problem, GaussianProblem):
        # Without the circuits, which take longer than the light.
        lights = {scheme: light_error(scheme, problem, sources=None, squeezers=None) for scheme in schemes}
        return (
            problem,
            [(scheme.name, light[0] > 0, light[1]) for scheme, light in lights.items() if light is not None],
            {
                scheme.name: scheme.why_not(problem) or "no light within these limits tells q"
                for scheme, light in lights.items()
                if light is None
            },
        )
    try:
        plans = rank_plans(problem, schemes)
        return (
            problem,
            [(one.as_built.scheme, one.as_built.modes_between_sites > 0, one.mse) for one in plans.built],
            {one.scheme: one.reason for one in plans.unavailable},
        )
    except (CircuitTooLargeError, PrecisionError) as error:
        raise InputError([str(error)]) from None


def _finite(error: float | None) -> float | None:
    return error if error is not None and math.isfinite(error) else None


def _bounds(problem: AnyProblem) -> dict[str, float | None]:
    """What no light goes below, and coherent light that needs no reference of its own, with the losses of modes."""
    task = problem.task
    # (12) is for light of exactly N photons.
    of = " of N photons" if isinstance(problem, PhaseProblem) else ""
    probes = "Gaussian light" if isinstance(problem, GaussianProblem) else f"all probes{of}"
    lines = {
        f"bound of {probes} without loss": problem.bound,
        "bound that the losses of modes set": task.loss_bound,
    }
    if isinstance(problem, PhaseProblem) and not problem.has_noisy_detectors:
        lines["shot noise with a free phase reference"] = task.free_reference_shot_noise
    return lines


def _merged(lines: Sequence[tuple[str, str, list[float | None]]]) -> list[Curve]:
    """One curve for all that are equal everywhere, as all optimal photon protocols are; none without a number."""
    curves: dict[tuple[str, tuple[float | None, ...]], list[str]] = {}
    for name, kind, errors in lines:
        if any(error is not None for error in errors):
            curves.setdefault((kind, tuple(errors)), []).append(name)
    return [Curve(names=tuple(names), kind=kind, errors=errors) for (kind, errors), names in curves.items()]


def _here(problem: AnyProblem, axis: str) -> tuple[float, ...]:
    """What the network has along an axis: a value, the ends of their range, or nothing."""
    network = problem.network
    name = IN_DB.get(axis, axis)
    if name in ("photons", "mean_photons", "passes"):
        own = [float(getattr(network, name))]
    elif name == "link_loss_times":
        own = [1.0]
    elif name == "link_transmissivity":
        own = [link.transmissivity for link in network.links]
    elif name in ("squeezers", "squeezing_db"):
        limit = getattr(network, name)
        own = [] if limit is None else [float(limit)]
    else:
        # What is swept everywhere is what sensors have, and references where light passes them.
        roles = ("sensor",) if name == "mean_photons_max" else ("sensor", "reference")
        benches = zip(network.modes, network.laboratory.benches, strict=True)
        own = [float(getattr(bench, name)) for mode, bench in benches if mode.role in roles]
    if axis in IN_DB:
        own = [abs(-10 * math.log10(share)) for share in own]
    own = [value for value in own if math.isfinite(value)]
    return tuple(sorted({min(own), max(own)})) if own else ()


def _range(problem: AnyProblem, axis: str, here: tuple[float, ...]) -> tuple[float, float, bool]:
    """Where an axis begins and ends when nothing is said, and whether its points are even in the logarithm."""
    most = max(here, default=0.0)
    if axis in WHOLE:
        if axis == "squeezers":
            return 0.0, max(most, float(min(len(problem.sites) + 1, 20))), False
        return 1.0, max(4 * most, 20.0 if axis == "photons" else 8.0), axis == "photons"
    if axis in ("mean_photons", "mean_photons_max"):
        middle = most or problem.budget
        return middle / 20, middle * 20, True
    if axis in IN_DB:
        return 0.0, max(1.5 * most, 10.0), False
    ends = {
        "link_loss_times": (0.0, 4.0),
        "squeezing_db": (0.0, max(15.0, 1.5 * most)),
        "visibility": (min((0.5, *here)), 1.0),
        "electronic_noise": (0.0, max(1.0, 2 * most)),
        "phase_jitter_rad": (0.0, min(math.pi, max(0.5, 2 * most))),
        "dark_counts": (1e-6, max(1.0, 2 * most)),
    }
    # The others are shares of light.
    start, stop = ends.get(axis, (min((0.1, *here)), 1.0))
    return start, stop, axis == "dark_counts"


def _values(
    problem: AnyProblem,
    axis: str,
    here: tuple[float, ...],
    start: float | None,
    stop: float | None,
    points: int | None,
    faults: list[str],
) -> list[float]:
    """The points of an axis, with the one that the network has and those at which columns exist."""
    first, last, log = _range(problem, axis, here)
    if axis in ("photons", "passes"):
        last = min(last, float(LARGEST_SIMULATED_PHOTONS))
    first, last = first if start is None else start, last if stop is None else stop
    number = points or next(count for nodes, count in _POINTS if len(problem.names) <= nodes)
    if not (math.isfinite(first) and math.isfinite(last) and first < last):
        faults.append(f"{axis}: start must be below stop, got {first:g} and {last:g}")
    if faults:
        return []
    log = (log or (start is not None and axis in ("photons", "mean_photons"))) and first > 0
    whole = axis in WHOLE
    if whole and last - first < number:
        given: list[float] = list(range(math.ceil(first), math.floor(last) + 1))
    else:
        given = axis_values(axis, {"start": first, "stop": last, "points": number, "log": log}, faults)
    values = set(axis_values(axis, list(dict.fromkeys(given)), faults)) if not faults else set()
    if len(here) == 1 and first <= here[0] <= last:
        values.add(int(here[0]) if whole else here[0])
    if axis == "photons" and isinstance(problem, PhaseProblem):
        for step in {problem.divisibility.least_photons, divisibility(problem.function, 1, 1).least_photons} - {None}:
            assert step is not None
            near = {step * max(1, round(value / step)) for value in values}
            values |= {value for value in near if first <= value <= last}
    return sorted(values)
