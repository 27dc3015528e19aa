"""Where the order of the schemes with and without entanglement between sites turns, as one thing of the laboratory changes.

Errors are as built. Each axis is looked at in a few values, on the layouts as they are (``built.on_layout``, closed forms), and a
root is sought between neighbours of different order. In networks of up to ``MAX_TURNED`` nodes everything is laid out anew on both
sides of a turning point, and at the ends of an axis where entanglement does not pay on the layouts as they are; larger ones keep
their layouts. Where the order is the same on both sides there is no turning point; two between neighbouring values are missed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from networks import Bench, InputError
from networks.values import Value
from photonics.conventions import squeezing_db, squeezing_for
from protocols.built.built import Built
from protocols.built.changes import Change, What
from protocols.built.on_layout import Changed
from protocols.documents.printed import Entry, Printed
from protocols.problem import AnyProblem, GaussianProblem, PhaseProblem
from protocols.schemes.scheme import AnyScheme
from protocols.theory.equal_errors import SAME

MAX_TURNED = 20
"""Nodes of a network up to which layouts are made anew; in larger ones they stay as they are."""
LINK_TIMES = (0.0, 0.25, 0.5, 0.75, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
LINK_DB = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 6.0, 10.0, 20.0, 40.0, 60.0)
TIMES = (0.0, 0.25, 0.5, 0.75, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Factors on losses in dB that differ between nodes."""
LEAST_SHARE = 0.05
"""The least efficiency and transmissivity looked at."""
FAR = 1000.0
"""A scheme this many times worse on its layout than the best of its kind is not laid out anew."""
STEPS = 8
"""Of an axis of efficiencies or dB."""
MOST_DB = 100.0
"""The most dB that a network may give."""
MOST_BRIGHT_DB = 30.0
"""The most dB looked at beside coherent light, whose photons could give far more."""
TURN_DIGITS = 1e-4
"""Relative accuracy of a turning point."""
LARGEST_LOG_GAIN = 10.0
"""Logarithms of factors are looked at up to this size: beyond it one of the two has no light left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurningPoint(Value, Printed):
    """Where the best scheme with entanglement between sites and the best without have the same error.

    Attributes
    ----------
    what : str
        What is changed, as in ``built.changes.Change``.
    value : float >= 0
        Every loss of a kind in dB times this, or what holds everywhere: dB of links or squeezers, an efficiency, a transmissivity.
    pays_below : bool
        Whether entanglement pays just below it and not just above, or the other way round.
    """

    what: What
    value: float
    pays_below: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictAxis(Value, Printed):
    """One thing of the laboratory, and where it was looked at.

    Attributes
    ----------
    what : str
        As in ``built.changes.Change``.
    now : float
        Its value in the network as it is.
    looked_at : tuple of float
        The values that were compared, ascending, ``now`` among them; at least two of them.
    is_laid_out_anew : bool
        Whether layouts were made anew at the ends and turning points; otherwise they stayed as they are.
    turning_points : tuple of TurningPoint
        Ascending; empty where the order is the same at all values.
    """

    DOCUMENT = (
        "what",
        "now",
        Entry("from", of=lambda axis: axis.looked_at[0]),
        Entry("to", of=lambda axis: axis.looked_at[-1]),
        Entry("values", of=lambda axis: len(axis.looked_at)),
        Entry("layouts", of=lambda axis: "anew at ends and turning points" if axis.is_laid_out_anew else "as they are"),
    )

    what: What
    now: float
    looked_at: tuple[float, ...]
    is_laid_out_anew: bool
    turning_points: tuple[TurningPoint, ...] = ()


def turning_axes(
    problem: AnyProblem,
    ranked: Sequence[Built],
    schemes: Sequence[AnyScheme],
    *,
    sources: Sequence[str] | None = None,
    squeezers: int | None = None,
) -> tuple[VerdictAxis, ...]:
    """Look along every axis of the laboratory for the values at which the order turns.

    Parameters
    ----------
    problem : Problem
    ranked : sequence of Built
        All schemes that apply, with and without entanglement between sites among them.
    schemes : sequence of Scheme
        All that were looked at.
    sources, squeezers
        As the schemes were built with.

    Examples
    --------
    (1, -1), N = 2: both photons over the link, (1 + 1/T)^2/16, or sites in turn, 1, equal at T = 1/3:

    >>> from networks import SensorNetwork
    >>> from protocols.ranking.candidates import rank_plans
    >>> from protocols.schemes.registry import choose_schemes
    >>> pair = PhaseProblem(network=SensorNetwork.chain([1, -1], sensing="phase", photons=2))
    >>> names = ["noon", "noon-in-turn"]
    >>> axes = turning_axes(pair, rank_plans(pair, names).built, choose_schemes("phase", names))
    >>> [(point.what, round(point.value, 3)) for axis in axes for point in axis.turning_points]
    [('link_loss_db', 4.771)]
    """
    search = _Search(
        problem=problem,
        ranked=ranked,
        schemes={scheme.name: scheme for scheme in schemes},
        sources=sources,
        squeezers=squeezers,
    )
    found = [search.along(what, now, values) for what, now, values in _axes(problem, ranked)]
    return tuple(axis for axis in found if axis is not None)


def _axes(problem: AnyProblem, ranked: Sequence[Built]) -> list[tuple[What, float, tuple[float, ...]]]:
    """What may be changed, its value now, and the values to look at."""
    axes: list[tuple[What, float, tuple[float, ...]]] = []
    if problem.network.links and any(one.layout is not None or one.made_at is not None for one in ranked):
        if problem.has_lossy_links:
            axes.append(("link_loss_times", 1.0, LINK_TIMES))
        else:
            axes.append(("link_loss_db", 0.0, LINK_DB))
    sensing: list[Bench] = [problem.benches[place] for place in problem.task.sensors]
    detecting = sensing
    if not isinstance(problem, PhaseProblem):
        most = MOST_BRIGHT_DB if isinstance(problem, GaussianProblem) else MOST_DB
        top = min(most, squeezing_db(squeezing_for(problem.mean_photons)))
        axes.append(
            (
                "squeezing_db",
                # A cap beyond what all photons in one squeezer give is none.
                min(top, problem.laboratory.squeezing_db),
                tuple(top * k / STEPS for k in range(1, STEPS + 1)),
            )
        )
        benches = [problem.bench_of[place] for place in problem.squeezer_places]
        axes.append(_of_nodes("squeezer_efficiency", "squeezer_loss_times", benches))
    else:
        # Arms that are no node have what holds for all nodes, but lose nothing in passes.
        sensing = sensing if problem.reference is None else [*sensing, problem.arm_bench]
        detecting = [*detecting, problem.arm_bench]
    axes.append(_of_nodes("detector_efficiency", "detector_loss_times", detecting))
    axes.append(_of_nodes("transmissivity", "loss_times", sensing))
    # Without a closed form every value is built, with several numbers of photons; in large networks each takes its time.
    noisy = isinstance(problem, PhaseProblem) and problem.has_noisy_detectors
    large = len(problem.names) > MAX_TURNED
    if noisy and large:
        axes = [axis for axis in axes if axis[0].startswith("link_loss")] or axes[:1]
    every = (5 if noisy else 3 if isinstance(problem, PhaseProblem) else 2) if large else 2 if noisy else 1
    if isinstance(problem, GaussianProblem):
        # The light of every value is searched for.
        every = 4 if large else 2
    return [(what, now, (*values[:-1:every], values[-1])) for what, now, values in axes]


def _of_nodes(attribute: What, times: What, benches: Sequence[Bench]) -> tuple[What, float, tuple[float, ...]]:
    """An efficiency that is the same everywhere, or a factor on its losses where it is not."""
    values = {float(getattr(bench, attribute)) for bench in benches}
    if len(values) > 1:
        return times, 1.0, TIMES
    steps = tuple(LEAST_SHARE + (1 - LEAST_SHARE) * k / STEPS for k in range(STEPS + 1))
    return attribute, next(iter(values), 1.0), steps


@dataclass(frozen=True, eq=False, kw_only=True)
class _Search:
    """Gains, logarithms of the factor of the verdict, with one thing changed; None where neither kind of scheme is left."""

    problem: AnyProblem
    ranked: Sequence[Built]
    schemes: Mapping[str, AnyScheme]
    sources: Sequence[str] | None
    squeezers: int | None
    known: dict[tuple[Change, bool], float | None] = field(default_factory=dict)
    on_layouts: dict[Change, list[float]] = field(default_factory=dict)

    @property
    def anew(self) -> bool:
        """Whether layouts are made anew."""
        return len(self.problem.names) <= MAX_TURNED

    def gain(self, what: What, value: float, *, anew: bool) -> float | None:
        """With layouts as they are or made anew."""
        change = Change(what=what, value=value)
        if (change, anew) not in self.known:
            changed = Changed(problem=self.problem, change=change, sources=self.sources, squeezers=self.squeezers)
            try:
                self.known[change, anew] = self._anew(changed) if anew else self._on_layouts(changed)
            except InputError:
                # Beyond what a network can say: next to nothing arrives.
                self.known[change, anew] = None
        return self.known[change, anew]

    def _on_layouts(self, changed: Changed) -> float | None:
        entangled = (one.as_built.modes_between_sites for one in self.ranked)
        return _log_gain(list(zip(entangled, self._errors(changed), strict=True)))

    def _errors(self, changed: Changed) -> list[float]:
        """Of all ranked schemes on their layouts; ends and turning points ask for them again."""
        if changed.change not in self.on_layouts:
            errors = [changed.error_on_layout(self.schemes[one.plan.scheme], one) for one in self.ranked]
            self.on_layouts[changed.change] = errors
        return self.on_layouts[changed.change]

    def _anew(self, changed: Changed) -> float | None:
        """All schemes built anew, but for those that do not count: far behind on their layouts, or beside one at the bound."""
        known = list(zip(self.ranked, self._errors(changed), strict=True))
        best: dict[bool, tuple[float, str]] = {}
        for one, error in known:
            kind = bool(one.as_built.modes_between_sites)
            # Of equal ones the first, which is the simplest.
            if kind not in best or error < best[kind][0] * (1 - SAME):
                best[kind] = error, one.plan.scheme
        floor = changed.then.bound * (1 + SAME)
        left_out = set()
        for one, error in known:
            least, scheme = best[bool(one.as_built.modes_between_sites)]
            if error > least * FAR or (least <= floor and one.plan.scheme != scheme):
                left_out.add(one.plan.scheme)
        found = (changed.entangled_anew(scheme) for name, scheme in self.schemes.items() if name not in left_out)
        return _log_gain([one for one in found if one is not None])

    def along(self, what: What, now: float, values: Sequence[float]) -> VerdictAxis | None:
        """One axis; None where fewer than two of its values can be looked at."""
        pays: dict[float, bool] = {}
        # As it is now all errors are known.
        errors = [(one.as_built.modes_between_sites, one.mse) for one in self.ranked]
        self.known[Change(what=what, value=now), False] = _log_gain(errors)
        for value in sorted({*values, now}):
            if (gain := self.gain(what, value, anew=False)) is not None:
                pays[value] = gain > SAME
        grid = list(pays)
        if len(grid) < 2 or now not in pays:
            return None
        if self.anew:
            for end in (grid[0], grid[-1]):
                if not pays[end] and (gain := self.gain(what, end, anew=True)) is not None:
                    pays[end] = gain > SAME
        points = self._points(what, pays)
        return VerdictAxis(
            what=what, now=now, looked_at=tuple(grid), is_laid_out_anew=self.anew, turning_points=tuple(points)
        )

    def _points(self, what: What, pays: dict[float, bool]) -> list[TurningPoint]:
        """Between neighbours of different order; where a layout made anew has another order than the one there is, it counts."""
        judged: set[float] = set()
        while True:
            points: list[TurningPoint] = []
            changed = False
            for low, high in pairwise(list(pays)):
                if pays[low] == pays[high]:
                    continue
                point = self._between(what, low, high, pays_below=pays[low])
                if point is not None:
                    points.append(point)
                    continue
                for value in {low, high} - judged:
                    judged.add(value)
                    gain = self.gain(what, value, anew=self.anew)
                    if gain is not None and (gain > SAME) != pays[value]:
                        pays[value], changed = not pays[value], True
            if not changed:
                return points

    def _between(self, what: What, low: float, high: float, *, pays_below: bool) -> TurningPoint | None:
        """The turning point between two values, if the order differs on both sides of it."""
        for anew in (False, True) if self.anew else (False,):
            root = self._root(what, low, high, anew=anew)
            if root is not None and self._turns(what, root, low, high, pays_below=pays_below):
                return TurningPoint(what=what, value=root, pays_below=pays_below)
        return None

    def _root(self, what: What, low: float, high: float, *, anew: bool) -> float | None:
        from scipy.optimize import brentq

        def excess(value: float) -> float:
            gain = self.gain(what, value, anew=anew)
            return -LARGEST_LOG_GAIN if gain is None else gain - SAME

        if (excess(low) > 0) == (excess(high) > 0):
            return None
        return float(brentq(excess, low, high, rtol=TURN_DIGITS, xtol=_width(low, high)))

    def _turns(self, what: What, root: float, low: float, high: float, *, pays_below: bool) -> bool:
        """Whether the order differs a little below and a little above."""
        near = 2 * (TURN_DIGITS * root + _width(low, high))
        sides = [self.gain(what, value, anew=self.anew) for value in (max(low, root - near), min(high, root + near))]
        below, above = (None if gain is None else gain > SAME for gain in sides)
        return (below, above) == (pays_below, not pays_below)


def _width(low: float, high: float) -> float:
    """Beside the relative accuracy: near 0 there is no such."""
    return TURN_DIGITS * (high - low) / 10


def _log_gain(errors: Sequence[tuple[int, float]]) -> float | None:
    """Of errors with the modes entangled between sites."""
    separate = min((error for modes, error in errors if not modes), default=math.inf)
    entangled = min((error for modes, error in errors if modes), default=math.inf)
    if math.isinf(separate) and math.isinf(entangled):
        return None
    if math.isinf(separate) or math.isinf(entangled):
        return math.copysign(LARGEST_LOG_GAIN, 1 if math.isinf(separate) else -1)
    if not entangled or not separate:
        return None
    return max(-LARGEST_LOG_GAIN, min(LARGEST_LOG_GAIN, math.log(separate) - math.log(entangled)))
