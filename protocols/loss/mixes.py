"""The best mix of two-branch probes whose branches share no lossy mode: which to send in which share of the shots.

Branches that do share one may do better still (a lost photon then does not reveal the branch); ``optimum`` looks at all states.

A probe with branches A and B gives F = c omega omega^T, omega = A - B on the sensors, c its contrast under the best weights
(docs/theory/theory.md, section 7). Shots shared out in proportions p give sum p_k c_k omega_k omega_k^T, and the least a^T F^+ a
over p is (min sum |x_k| with sum x_k sqrt(c_k) omega_k = a)^2, p_k ~ |x_k| (Elfving's theorem): a linear program, exact and with a
dual certificate y, sqrt(c_k) |omega_k . y| <= 1 for every probe and a . y the root of the error.

There are far too many probes to write them all down, so they are made as they are needed (column generation): the program is solved
with few, ``pricing`` finds the probe that its dual y values most, and that one comes in, until none is worth more than 1. At every
step y over the worth of that probe obeys all constraints and so proves what is left to gain, also where the search is cut short.
Sensors with one coefficient and one transmissivity are taken together; shots take turns among them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import comb
from typing import Any, NamedTuple

import numpy as np

from networks import InputError
from networks.values import Value
from photonics.conventions import Real
from protocols.documents.printed import Printed
from protocols.loss.pricing import Light, Steps, String, best_pairs
from protocols.theory.task import PhaseTask
from protocols.theory.two_branches import best_branch_weights, branch_contrast

MAX_ROUNDS = 1000
"""Linear programs solved one after the other."""
MAX_STEPS = 1_500_000
"""Placements of photons tried by the search for probes; a million take about ten seconds."""
SAME = 1e-9
"""A probe worth less than this beyond 1 cannot improve a mix."""
TOLERANCES = (1e-10, 1e-7)
"""Of the linear program; where transmissivities differ by some 1e-20 the solver may need the second, and the bound shows it."""
LARGEST_THINNED = 5_000_000
"""Probes times sensors of which fewer probes are sought for the same mix."""
LEAST_SHARE = 1e-12
"""Smaller shares of the shots are rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeShare(Value):
    """A two-branch probe in a mix.

    Attributes
    ----------
    first, second : tuple of int >= 0
        Photons of each branch over the sensors and the reference last.
    weights : (float, float)
        Of the branches, with the sum 1.
    contrast : float
        The share of its information that loss leaves, in (0, 1].
    share : float
        Of the shots that it is sent in, in (0, 1].
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    weights: tuple[float, float]
    contrast: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BestMix(Value, Printed):
    """The best mix of two-branch probes whose branches share no lossy mode.

    Attributes
    ----------
    mse : float
        Mean squared error of q a shot.
    probes : tuple of ProbeShare
        Largest share first.
    dual : tuple of float
        The vector y that proves the bound: sqrt(c) |omega . y| <= 1 for every such probe, and (alpha . y)^2 is ``lower_bound``; one
        entry a sensor with a coefficient.
    candidates : int
        Pairs of branches that the mix is chosen from.
    lower_bound : float
        No mix of such probes goes below it (proved by ``dual``); 0 where nothing is proved.
    is_complete : bool
        Whether the search ended by itself; then ``gap`` is rounding.
    """

    DOCUMENT = (
        "mse",
        "lower_bound",
        "gap",
        "is_complete",
        "candidates",
        "dual",
        "probes",
    )

    mse: float
    probes: tuple[ProbeShare, ...]
    dual: tuple[float, ...]
    candidates: int
    lower_bound: float = 0.0
    is_complete: bool = False

    @property
    def gap(self) -> float:
        """How far the error may be above that of the best mix, relative to it."""
        return 1 - self.lower_bound / self.mse


def best_mix(
    task: PhaseTask,
    *,
    max_rounds: int = MAX_ROUNDS,
    max_steps: int = MAX_STEPS,
    progress: Callable[[str], None] | None = None,
) -> BestMix:
    """The mix of two-branch probes of exactly N photons with the least mean squared error a shot of q, each kept for M passes.

    All pairs of occupation strings of N photons over the sensors with a coefficient and the reference are candidates when they
    share no lossy mode; then their closed form holds. The dual proves that no mix of such pairs does better, not of others
    (docs/theory/theory.md, section 7).

    Parameters
    ----------
    task : PhaseTask
    max_rounds, max_steps : int >= 1
        The search stops there; what it has then is within ``gap`` of the best.
    progress : callable, optional
        Called with a few words before each round.

    Raises
    ------
    InputError
        When no such probe arrives or determines q.

    Examples
    --------
    Without loss it is the N00N bound ||alpha||_P^2/N^2, (12):

    >>> from networks import LinearFunction
    >>> task = PhaseTask(function=LinearFunction([1, 1]), transmissivity=(1.0, 1.0), reference=1.0, photons=2)
    >>> round(best_mix(task).mse, 9)
    1.0
    """
    if task.reference is None and task.function.norm_positive != task.function.norm_negative:
        raise InputError(
            ["no mix of two-branch probes estimates q: its coefficients do not add up to 0 and there is no reference"]
        )
    groups = _Groups.of(task)
    steps = Steps(max_steps)
    mix = _Program(groups, _first_columns(groups, steps))
    bound, proof = 0.0, mix.dual
    is_complete = found = False
    for number in range(1, max_rounds + 1):
        if progress is not None and number > 1:
            within = "" if bound == 0 else f", within {100 * (mix.root**2 / bound**2 - 1):.2g} % of the best"
            progress(f"the best mix of disjoint branches, round {number}{within}")
        # Asked halfway to the best proof so far the answer jumps about less; when it brings nothing, the dual itself is asked.
        for asked in ((proof + mix.dual) / 2, mix.dual):
            priced = best_pairs(groups.light, groups.worth(asked), 1.0, steps)
            if (proved := float(groups.target @ asked) / priced.ratio_bound) > bound:
                bound, proof = proved, asked / priced.ratio_bound
            is_complete = mix.root <= bound * (1 + SAME)
            if is_complete or (found := mix.add(priced.pairs)):
                break
        if is_complete or not found:
            break
        mix.solve()
        if steps.left <= 0:
            break
    if bound > mix.root * (1 + 1e-7):
        raise AssertionError(f"an error of {mix.root**2} was reached below the proved bound {bound**2}")
    return BestMix(
        mse=mix.root**2,
        lower_bound=min(bound, mix.root) ** 2,
        is_complete=is_complete,
        probes=tuple(sorted(_fewer(list(_probes(groups, mix, task)), mix.root, task), key=lambda probe: -probe.share)),
        dual=tuple(proof[group] for group in groups.of_sensor),
        candidates=count_pairs(task),
    )


def count_pairs(task: PhaseTask) -> int:
    """How many pairs of different occupation strings of N photons there are that share no lossy mode.

    Parameters
    ----------
    task : PhaseTask

    Examples
    --------
    Of |20>, |11> and |02>, each with each where nothing is lost; otherwise only the first and the last:

    >>> from networks import LinearFunction
    >>> lossless = PhaseTask(function=LinearFunction([1]), transmissivity=(1.0,), reference=1.0, photons=2)
    >>> count_pairs(lossless), count_pairs(lossless.thinned(0.5))
    (3, 1)
    """
    eta = [e for e, a in zip(task.transmissivity, task.alpha, strict=True) if a]
    eta += [] if task.reference is None else [task.reference]
    photons, lossy = int(task.photons), sum(e < 1 for e in eta)
    safe = len(eta) - lossy

    def strings(occupied: int) -> int:
        """Strings with at least one photon in each of so many lossy modes, and the rest in them and in the lossless ones."""
        places, spare = occupied + safe, photons - occupied
        return (spare == 0) if places == 0 else comb(spare + places - 1, places - 1) if spare >= 0 else 0

    most = min(lossy, photons)
    ordered = sum(
        comb(lossy, a) * comb(lossy - a, b) * strings(a) * strings(b)
        for a in range(most + 1)
        for b in range(min(most, lossy - a) + 1)
    )
    return (ordered - strings(0)) // 2


# --- sensors alike -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Groups:
    """Sensors with one coefficient and one transmissivity, taken together; the reference, if there is one, is the last group.

    ``members`` are places among the sensors with a coefficient, then the reference; ``target`` is the sum of the coefficients.
    """

    members: tuple[tuple[int, ...], ...]
    target: Real
    light: Light
    passes: int
    has_reference: bool

    @classmethod
    def of(cls, task: PhaseTask) -> _Groups:
        used = [j for j, a in enumerate(task.alpha) if a]
        alike: dict[tuple[float, float], list[int]] = {}
        for place, j in enumerate(used):
            alike.setdefault((task.alpha[j], task.transmissivity[j]), []).append(place)
        members = [tuple(places) for places in alike.values()]
        target = [a * len(places) for (a, _), places in alike.items()]
        eta = [eta for _, eta in alike]
        if task.reference is not None:
            members.append((len(used),))
            eta.append(task.reference)
        light = Light(
            photons=int(task.photons),
            rates=tuple(-task.passes * math.log(e) / 2 for e in eta),
            shared=tuple(e == 1 or len(places) > 1 for e, places in zip(eta, members, strict=True)),
        )
        return cls(tuple(members), np.array(target), light, task.passes, task.reference is not None)

    @property
    def of_sensor(self) -> list[int]:
        """The group of each sensor with a coefficient."""
        group = {place: g for g, places in enumerate(self.members[: len(self.target)]) for place in places}
        return [group[place] for place in range(len(group))]

    def worth(self, dual: Real) -> list[float]:
        """Of a photon in each mode, so that sqrt(c) |omega . y| is the ratio that ``best_pairs`` seeks."""
        return [2 * self.passes * float(y) for y in dual] + [0.0] * self.has_reference

    def column(self, first: String, second: String) -> Real:
        """sqrt(c) omega, summed over each group."""
        root = 2 / (self.light.cost(first) + self.light.cost(second))
        return np.array([root * self.passes * (a - b) for a, b in zip(first, second, strict=True)])[: len(self.target)]


# --- the linear program --------------------------------------------------------------------------------------


class _Program:
    """The linear program with some of the probes, solved anew when others come in."""

    def __init__(self, groups: _Groups, pairs: Sequence[tuple[String, String]]) -> None:
        self.groups = groups
        self.pairs: list[tuple[String, String]] = []
        self.known: set[tuple[String, String]] = set()
        self.columns: list[Real] = []
        self.add(pairs)
        # The solver takes coefficients below 1e-9 for zero: every sensor is scaled by the best probe for it alone.
        self.scale = np.abs(self.columns).max(axis=0)
        self.dual = np.zeros(0)
        self.root = math.inf
        self.shares = np.zeros(0)
        self.solve()

    def add(self, pairs: Sequence[tuple[String, String]]) -> bool:
        """Bring in probes; whether any is new."""
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self.known and pair[::-1] not in self.known]
        self.known.update(new)
        self.pairs += new
        self.columns += [self.groups.column(*pair) for pair in new]
        return bool(new)

    def solve(self) -> None:
        """The least sum |x_k| with sum x_k sqrt(c_k) omega_k = a, and the dual."""
        solution = _least_sum(np.array(self.columns), self.groups.target, self.scale)
        self.shares, self.root, self.dual = solution


class _LeastSum(NamedTuple):
    """Signed shares x_k/sum |x|, the sum, and the dual."""

    shares: Real
    root: float
    dual: Real


def _least_sum(columns: Real, wanted: Real, scale: Real) -> _LeastSum:
    """The least sum |x_k| with which columns (n, d) add up to what is wanted (d,), rows in units of ``scale``."""
    from scipy.optimize import linprog

    # Every probe is scaled by its largest coefficient, too: those that hardly arrive are expensive, not taken for nothing.
    sides: Any = (columns / scale).T
    sizes = np.abs(sides).max(axis=0)
    sides = sides / sizes
    goal = wanted / scale
    unit = float(np.abs(goal).max())
    for tolerance in TOLERANCES:
        solution = linprog(
            np.tile(1 / sizes, 2),
            A_eq=np.hstack([sides, -sides]),
            b_eq=goal / unit,
            method="highs",
            options={"primal_feasibility_tolerance": tolerance, "dual_feasibility_tolerance": tolerance},
        )
        if solution.status == 0 and solution.x is not None:
            break
    else:
        raise InputError(
            [f"the linear program is beyond double precision with transmissivities so unlike: {solution.message}"]
        )
    x = (solution.x[: len(columns)] - solution.x[len(columns) :]) / sizes
    total = float(np.abs(x).sum())
    return _LeastSum(x / total, unit * total, np.asarray(solution.eqlin.marginals, dtype=float) / scale)


def _first_columns(groups: _Groups, steps: Steps) -> list[tuple[String, String]]:
    """Probes with which every sensor can be estimated that can be at all, and the best one for each sensor alone.

    Those with a photon in a mode and the others where they are lost least are the ones that arrive when any does.
    """
    light, modes = groups.light, range(len(groups.light.rates))
    slots = sorted((rate, j) for j, rate in enumerate(light.rates) for _ in range(1 + light.shared[j]))
    if len(slots) < 2:
        raise InputError(["no two-branch probe: all photons would be in one lossy mode"])
    (_, best), (_, next_best) = slots[:2]

    def string(*photons: tuple[int, int]) -> String:
        out = [0] * len(light.rates)
        for j, n in photons:
            out[j] += n
        return tuple(out)

    every = light.photons
    pairs = []
    for j in modes:
        for keeper, other in ((best, next_best), (next_best, best)):
            pairs.append((string((j, 1), (keeper, every - 1)), string((other, every))))
            pairs.append((string((j, every)), string((other, every))))
    pairs = [pair for pair in pairs if _arrives(light, *pair)]
    reached = {j for a, b in pairs for j in modes if a[j] != b[j]}
    if dark := [groups.members[g] for g in range(len(groups.target)) if g not in reached]:
        places = ", ".join(str(place + 1) for places in dark for place in places)
        raise InputError(
            [
                "no two-branch probe arrives through these losses: the transmission is below numerical precision for a photon "
                f"in the sensor with coefficient number {places}"
            ]
        )
    for g in range(len(groups.target)):
        worth = [2.0 * groups.passes * (j == g) for j in modes]
        level = max(float(abs(groups.column(*pair)[g])) for pair in pairs)
        pairs += best_pairs(light, worth, level, steps).pairs
    return pairs


def _arrives(light: Light, first: String, second: String) -> bool:
    """Whether two branches are different, share no lossy mode, and arrive within floating point."""
    apart = all(not (a and b) or shared for a, b, shared in zip(first, second, light.shared, strict=True))
    return first != second and apart and max(light.cost(first), light.cost(second)) < math.inf


# --- what is sent --------------------------------------------------------------------------------------------


class _Turn(NamedTuple):
    """Photons over all modes, in a part of the shots of one column."""

    first: tuple[int, ...]
    second: tuple[int, ...]
    part: float


def _probes(groups: _Groups, mix: _Program, task: PhaseTask) -> Iterator[ProbeShare]:
    """The probes that the solution uses; a negative entry exchanges the branches, sensors of a group take turns."""
    used = [j for j, a in enumerate(task.alpha) if a]
    log_eta = [math.log(task.transmissivity[j]) for j in used]
    log_eta += [] if task.reference is None else [math.log(task.reference)]
    for pair, share in zip(mix.pairs, mix.shares.tolist(), strict=True):
        if abs(share) <= LEAST_SHARE:
            continue
        for turn in _turns(groups, *(pair if share > 0 else pair[::-1])):
            survive = [
                task.passes * math.fsum(n * log for n, log in zip(string, log_eta, strict=True))
                for string in (turn.first, turn.second)
            ]
            yield ProbeShare(
                first=_full(turn.first, used, task),
                second=_full(turn.second, used, task),
                weights=best_branch_weights(*survive),
                contrast=branch_contrast(*survive),
                share=abs(share) * turn.part,
            )


def _fewer(probes: Sequence[ProbeShare], root: float, task: PhaseTask) -> Sequence[ProbeShare]:
    """A mix of some of these probes alone with the same error: as many as there are sensors suffice."""
    used = [j for j, a in enumerate(task.alpha) if a]
    if len(probes) <= len(used) or len(probes) * len(used) > LARGEST_THINNED:
        return probes
    columns = np.array(
        [math.sqrt(p.contrast) * task.passes * np.subtract(p.first, p.second, dtype=float)[used] for p in probes]
    )
    scale = np.abs(columns).max(axis=0)
    if not scale.all():
        # Sensors that all but rounding of the shots leave out: there is nothing to gain there.
        return probes
    try:
        thinned = _least_sum(columns, np.array([task.alpha[j] for j in used]), scale)
    except InputError:
        # The mix stands as it is; only its number of probes could have been less.
        return probes
    if abs(thinned.root / root - 1) > 1e-8:
        return probes
    kept = []
    for probe, share in zip(probes, thinned.shares.tolist(), strict=True):
        if share > LEAST_SHARE:
            kept.append(replace(probe, share=share))
        elif share < -LEAST_SHARE:
            weights = (probe.weights[1], probe.weights[0])
            kept.append(replace(probe, first=probe.second, second=probe.first, weights=weights, share=-share))
    return kept


def _turns(groups: _Groups, first: String, second: String) -> Iterator[_Turn]:
    """Spread each group's photons over its members, evenly over the shots: they move on by one member at each of its ticks.

    A group of s members ticks s times, unless all carry the same; between two ticks of any group nothing changes.
    """
    ticks = {Fraction(0)}
    spread = []
    for places, a, b, shared in zip(groups.members, first, second, groups.light.shared, strict=True):
        size = len(places)
        # Branches that may not meet in a member take different ones.
        own = math.ceil(size / 2) if a and b and size > 1 and shared else size
        mine = [a // own + (k < a % own) if k < own else 0 for k in range(size)]
        rest = size - own if own < size else size
        start = size - rest
        theirs = [b // rest + (k - start < b % rest) if k >= start else 0 for k in range(size)]
        if len(set(zip(mine, theirs, strict=True))) > 1:
            ticks |= {Fraction(t, size) for t in range(size)}
        spread.append((places, mine, theirs))
    count = sum(len(places) for places in groups.members)
    starts = sorted(ticks)
    for begin, end in zip(starts, [*starts[1:], Fraction(1)], strict=True):
        strings = [[0] * count, [0] * count]
        for places, *both in spread:
            moved = math.floor(begin * len(places))
            for k, place in enumerate(places):
                for string, photons in zip(strings, both, strict=True):
                    string[place] = photons[(k - moved) % len(places)]
        yield _Turn(tuple(strings[0]), tuple(strings[1]), float(end - begin))


def _full(string: Sequence[int], used: Sequence[int], task: PhaseTask) -> tuple[int, ...]:
    """A string over all sensors, and the reference if there is one."""
    out = [0] * len(task.alpha)
    for j, n in zip(used, string, strict=False):
        out[j] = n
    return tuple(out) if task.reference is None else (*out, string[-1])
