"""Where a scheme equals the shot noise, or overtakes another, as its network gets more or less lossy: closed forms, or as built."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeVar

from networks import InputError
from networks.values import Value
from protocols.built.build import build
from protocols.built.built import Built
from protocols.built.gaussian import light_error
from protocols.problem import AnyProblem, GaussianProblem, PhaseProblem, SensedPhases
from protocols.schemes.scheme import AnyScheme
from protocols.theory.equal_errors import SAME
from protocols.theory.task import Task

Curve = Callable[[Any], float | None]
"""A mean squared error as a function of a task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing(Value):
    """Where two errors are equal; at most one of the numbers is there.

    Attributes
    ----------
    crosses_at : float or None
        For a scheme below the shot noise: the common factor on all transmissivities at which it equals it.
    needs_share : float or None
        For a scheme above it: the share of the losses, in dB, that may remain for it to come down to it; links included, as built.
    """

    crosses_at: float | None = None
    needs_share: float | None = None


STEPS = 8
"""Factors on the transmissivities of modes between which schemes may overtake each other, beside 1."""
LEAST_LEFT = 0.05
"""The least of these factors, after all passes."""
MAX_DEPTH = 6
"""Times that an interval is cut where a third scheme is the best at the place where two are equal."""
MAX_ANEW = 20
"""Nodes of a network up to which schemes are laid out anew everywhere."""
NO_CROSSING = Crossing()
"""Where two errors are equal nowhere, or nobody asked."""


def crossing(curve: Curve, task: Task, tolerance: float = 1e-13) -> Crossing:
    """Where the error ``curve`` equals the shot noise of the network.

    Parameters
    ----------
    curve : function of a task
    task : Task
        The network as it is.
    tolerance : float
        Of the factor or share.

    Returns
    -------
    Crossing
        Without numbers where there is no crossing between 1e-6 and 1, or no loss at all.
    """

    def excess(at: Task) -> float:
        return _excess(curve(at), at.shot_noise)

    # So low a factor leaves 1e-6 of the light after all passes.
    low = 1e-6 ** (1 / task.passes)
    return _crossing(
        excess(task),
        lambda factor: excess(task.thinned(factor)),
        lambda share: excess(task.eased(share)),
        low,
        tolerance,
    )


def crossing_as_built(scheme: AnyScheme, problem: PhaseProblem, built: Built, tolerance: float = 1e-6) -> Crossing:
    """Where the error of a scheme as built equals the shot noise of the network, which is for light made at the modes.

    At every place the scheme is built with the losses there: as many photons as are best, links and detectors included; in
    networks of more than ``MAX_ANEW`` nodes with its light from the nodes where it starts now.

    Parameters
    ----------
    scheme : Scheme
    problem : PhaseProblem
    built : Built
        Of both.
    tolerance : float
        Of the factor or share.

    Examples
    --------
    A pair over a link of 0.5 reaches (1 + 1/T)^2/16, the shot noise of two photons in the modes is 1/2, and both are equal at
    T = 1/(sqrt 8 - 1), 0.8706 of the loss in dB:

    >>> from networks import Link, SensorNetwork
    >>> from protocols.schemes import find_scheme
    >>> chain = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    >>> pair = PhaseProblem(network=chain.replace(links=(Link(ends=("s1", "s2"), transmissivity=0.5),)))
    >>> noon = find_scheme("phase", "noon")
    >>> round(crossing_as_built(noon, pair, build(noon, pair)).needs_share, 4)
    0.8706
    """
    sources = built.starts_at if len(problem.names) > MAX_ANEW else None

    def excess(there: PhaseProblem) -> float:
        made = build(scheme, there, sources=sources)
        return _excess(made.mse if isinstance(made, Built) else None, there.task.shot_noise)

    def there(factor: float) -> float:
        try:
            return excess(thinned(problem, factor))
        except InputError:
            # Beyond what a network can say: next to nothing arrives.
            return math.inf

    def eased(share: float) -> float:
        there = problem.eased(share)
        links = (replace(link, transmissivity=link.transmissivity**share) for link in there.network.links)
        return excess(replace(there, network=there.network.replace(links=tuple(links))))

    here = _excess(built.mse, problem.task.shot_noise)
    return _crossing(here, there, eased, 1e-6 ** (1 / problem.passes), tolerance)


ProblemT = TypeVar("ProblemT", bound=AnyProblem)


def thinned(problem: ProblemT, factor: float) -> ProblemT:
    """The problem with the transmissivity of every sensor and of the reference times a factor; links and all else stay.

    Parameters
    ----------
    problem : Problem
    factor : float in (0, 1]

    Raises
    ------
    InputError
        Where next to nothing would arrive, beyond what a network can say.
    """
    used = {mode.id for mode in problem.network.sensors}
    if isinstance(problem, SensedPhases) and problem.reference is not None:
        used.add(problem.reference.id)
    modes = (
        replace(mode, transmissivity=mode.transmissivity * factor) if mode.id in used else mode
        for mode in problem.network.modes
    )
    return replace(problem, network=problem.network.replace(modes=tuple(modes)))


def curve_as_built(scheme: AnyScheme, problem: AnyProblem, built: Built) -> Callable[[float], float]:
    """The error of a scheme as built against a factor on the transmissivities of all modes, infinite where it does not apply.

    In networks of more than ``MAX_ANEW`` nodes its light comes from the nodes where it starts now.

    Parameters
    ----------
    scheme : Scheme
    problem : Problem
    built : Built
        Of both.
    """
    sources = built.starts_at if len(problem.names) > MAX_ANEW else None

    def error(factor: float) -> float:
        if factor == 1:
            return built.mse
        try:
            there = thinned(problem, factor)
            if isinstance(there, GaussianProblem):
                found = light_error(scheme, there, sources=sources or None, squeezers=None)
                return math.inf if found is None else found[1]
            made = build(scheme, there, sources=sources or None)
        except InputError:
            return math.inf
        return made.mse if isinstance(made, Built) else math.inf

    return error


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaking(Value):
    """From where on another scheme has the least error.

    Attributes
    ----------
    factor : float
        In (0, 1): on the transmissivities of all modes, the reference's too; below it ``better`` is the best, above it ``than``.
    better, than : str
        Names of schemes.
    """

    factor: float
    better: str
    than: str


def overtakings(curves: Mapping[str, Callable[[float], float]], passes: int = 1) -> tuple[Overtaking, ...]:
    """Which scheme has the least error as all modes lose more, largest factor first: the best now, then what overtakes it.

    Looked at are ``STEPS`` factors down to ``LEAST_LEFT`` after all passes, and where the best differs between two of them the
    place where both are equal. A scheme that is the best between two neighbours alone is missed.

    Parameters
    ----------
    curves : mapping of names to functions of the factor
    passes : int >= 1
        M.

    Examples
    --------
    >>> (one,) = overtakings({"many": lambda factor: factor**-4.0, "one": lambda factor: 3 / factor})
    >>> round(one.factor, 4), one.better, one.than
    (0.6934, 'one', 'many')
    """
    from scipy.optimize import brentq

    known: dict[tuple[str, float], float] = {}

    def log_error(name: str, factor: float) -> float:
        if (name, factor) not in known:
            error = curves[name](factor)
            known[name, factor] = math.log(error) if 0 < error < math.inf else math.copysign(1e3, error)
        return known[name, factor]

    def best(factor: float, stays: str | None) -> str:
        """The first of the least errors; one that is as good as the best stays."""
        least = min(curves, key=lambda name: log_error(name, factor))
        if stays is not None and log_error(stays, factor) <= log_error(least, factor) + SAME:
            return stays
        return least

    def walk(high: float, low: float, now: str, depth: int = 0) -> str:
        """The best at the lower factor, when ``now`` is that at the higher one."""
        new = best(low, now)
        if new == now:
            return now

        def excess(factor: float) -> float:
            return log_error(now, factor) - log_error(new, factor) - SAME

        if excess(high) > 0:
            # Equal at the higher factor to rounding.
            return new
        place = float(brentq(excess, low, high, rtol=1e-6, xtol=1e-8))
        third = best(place, now)
        if third not in (now, new) and depth < MAX_DEPTH and log_error(third, place) < log_error(new, place) - SAME:
            return walk(place, low, walk(high, place, now, depth + 1), depth + 1)
        found.append(Overtaking(factor=place, better=new, than=now))
        return new

    found: list[Overtaking] = []
    if not curves:
        return ()
    grid = [LEAST_LEFT ** (k / STEPS / passes) for k in range(STEPS + 1)]
    now = best(1.0, None)
    for high, low in pairwise(grid):
        now = walk(high, low, now)
    return tuple(found)


def _excess(error: float | None, shot_noise: float) -> float:
    """Logarithm of an error over the shot noise."""
    if error is None or not math.isfinite(error):
        return math.inf
    return math.log(error / shot_noise) if math.isfinite(shot_noise) else -math.inf


def _crossing(
    here: float, thinned: Callable[[float], float], eased: Callable[[float], float], low: float, tolerance: float
) -> Crossing:
    from scipy.optimize import brentq

    if abs(here) < 1e-12:
        return NO_CROSSING
    path, low = (thinned, low) if here <= 0 else (eased, 0.0)
    if (path(low) > 0) == (here > 0):
        return NO_CROSSING

    def difference(where: float) -> float:
        # Far from the crossing one of the errors may be infinite; its sign is all that counts there.
        return max(-1e3, min(1e3, path(where)))

    root = float(brentq(difference, low, 1.0, xtol=tolerance, rtol=1e-14))
    if here > 0:
        # A share of nothing means that both only meet without any loss.
        return Crossing(needs_share=root if root > 1e-6 else None)
    return Crossing(crosses_at=root)
