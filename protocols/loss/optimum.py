"""The best N-photon states of all under loss, for small N, with a proved bracket.

Shots may use different states, so what counts is max over states of b^T F b for each direction b: with h(b) that maximum, the best
mean squared error a shot is 1/min {h(b): a . b = 1} (minimax: b^T F b is linear in the mixture and convex in b).

One side of the bracket is proved: let it be known how many photons each mode has lost. Then F = 4 sum over losses l of the
covariance of n - l among the inputs that lost l, which is concave and of degree one in the populations of the input alone; the
gradient of b^T F b, largest over the inputs, bounds it from above for every state. The other side is reached: states that raise
b^T F b step by step (its gradient follows from the symmetric logarithmic derivative), mixed in the best proportions, which give the
next b, until no further state does better for it. The ascent may end at a local maximum, so where the two sides differ the least
error lies between them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb
from operator import index
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from networks import InputError
from networks.values import Value, whole_number
from photonics.conventions import Complex, Real
from photonics.engines.interference import pattern_places, photon_patterns
from photonics.limits import roughly
from protocols.documents.printed import Entry, Printed
from protocols.theory.task import PhaseTask

LARGEST_INPUT = 40
"""Occupation strings of the input; the search takes some seconds near it."""
LEAST_TRANSMISSIVITY = 1e-6
"""Below it the parts of the information differ by more than double precision holds."""
BOUND_STEPS = 20_000
"""Steps of the bound; they leave it within some 1e-5 of its best."""
MAX_STATES = 40
"""States tried in the mixture."""
SAME = 1e-6
TINY = 1e-300
Places = NDArray[np.int64]


def _states(optimum: Optimum) -> list[dict[str, object]]:
    return [
        {"share": share, "terms": [{"photons": string, "re": c.real, "im": c.imag} for string, c in state]}
        for share, state in zip(optimum.shares, optimum.states, strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum(Value, Printed):
    """States over the sensors with a coefficient and the reference last, mixed over the shots.

    Attributes
    ----------
    mse : float
        Mean squared error of q a shot, reached by these states.
    lower_bound : float
        No state or mixture of N photons goes below it (proved).
    shares : tuple of float
        Of the shots, one a state, with the sum 1.
    states : tuple of tuples of (occupation string, complex)
        The terms of each state; ``dict(states[0])`` has the amplitude of every string.
    direction : tuple of float
        The combination of the parameters that the states leave worst, one entry a sensor with a coefficient.
    """

    DOCUMENT = (
        "mse",
        "lower_bound",
        "gap",
        "direction",
        Entry("states", of=_states),
    )

    mse: float
    lower_bound: float
    shares: tuple[float, ...]
    states: tuple[tuple[tuple[tuple[int, ...], complex], ...], ...]
    direction: tuple[float, ...]

    @property
    def gap(self) -> float:
        """How far apart the two sides are, relative to the error reached."""
        return 1 - self.lower_bound / self.mse


def best_states(task: PhaseTask, *, starts: int = 2, seed: int = 0) -> Optimum:
    """The least mean squared error a shot of q = alpha . theta over all states of exactly N photons, one lossy pass.

    Parameters
    ----------
    task : PhaseTask
        Of a single pass.
    starts : int >= 0
        Random states that the ascent starts from, beside the best so far.
    seed : int >= 0
        Of these.

    Raises
    ------
    InputError
        When the photons spread over more than LARGEST_INPUT strings, for several passes, or without a reference where q needs one.

    Examples
    --------
    One photon reaches the network's shot noise, (2/sqrt(1/2) + 2)^2/4:

    >>> from networks import LinearFunction
    >>> task = PhaseTask(function=LinearFunction([1, 1]), transmissivity=(0.5, 0.5), reference=1.0, photons=1)
    >>> best = best_states(task)
    >>> round(best.mse, 6), round(best.lower_bound, 6), round(task.shot_noise, 6)
    (5.828427, 5.828427, 5.828427)
    """
    if task.passes > 1:
        raise InputError([f"best states are for a single pass, got M = {task.passes}"])
    alpha, transmissivity, reference, photons = task.alpha, task.transmissivity, task.reference, int(task.photons)
    if reference is None and not task.function.is_balanced:
        # The search would go on with an error that is infinite for every state.
        raise InputError(
            [
                "alpha must sum to 0 where there is no reference, as a common phase leaves N photons as they are, "
                f"but sums to {sum(task.function.alpha)}; give the task a reference"
            ]
        )
    used = [j for j, a in enumerate(alpha) if a]
    eta = [transmissivity[j] for j in used] + ([] if reference is None else [reference])
    size = comb(photons + len(eta) - 1, len(eta) - 1)
    if size > LARGEST_INPUT:
        raise InputError(
            [
                f"{photons} photons over {len(eta)} modes make {roughly(size)} occupation strings; "
                f"the search for the best states takes at most {LARGEST_INPUT}; use fewer photons or sensors"
            ]
        )
    if min(eta) < LEAST_TRANSMISSIVITY:
        raise InputError(
            [
                f"the search for the best states takes transmissivities from {LEAST_TRANSMISSIVITY:g} on, got {min(eta):g}"
            ]
        )
    return _searched(photons, tuple(alpha[j] for j in used), tuple(eta), index(starts), whole_number(seed))


@lru_cache(maxsize=8)
def _searched(photons: int, alpha: tuple[float, ...], eta: tuple[float, ...], starts: int, seed: int) -> Optimum:
    """The search, whose result is kept: reports, figures and tables of one network ask for the same, and it takes seconds.

    ``alpha`` has no zeros; ``eta`` are the transmissivities in its order, and that of the reference last where there is one.
    """
    scale = max(abs(a) for a in alpha)
    a = np.array([each / scale for each in alpha])
    channel = _Channel(photons, np.array(eta), len(alpha))
    ideal = channel.best_with_known_losses(a)
    rng = np.random.default_rng(seed)
    kets = [np.sqrt(ideal.populations).astype(complex)]
    informations = [channel.fisher(kets[0])]
    direction, shares, mse = ideal.direction, np.ones(1), _error(informations[0], a)
    for _ in range(MAX_STATES):
        if mse <= ideal.lower_bound * (1 + SAME):
            break
        ket = channel.best_ket(direction, starts, rng, kets)
        information = channel.fisher(ket)
        level = max(float(direction @ f @ direction) for f in informations)
        if math.isfinite(mse) and direction @ information @ direction <= level * (1 + SAME):
            break
        kets.append(ket)
        informations.append(information)
        direction, shares = _worst_direction(informations, a, direction)
        mse = _error(np.tensordot(shares, np.array(informations), 1), a)
    if ideal.lower_bound > mse * (1 + SAME):
        raise AssertionError(f"an error of {mse} was reached below the proved bound {ideal.lower_bound}")
    kept = [int(k) for k in np.argsort(-shares) if shares[k] > 1e-6]
    patterns = [tuple(row) for row in channel.inputs.tolist()]
    states = tuple(
        tuple((string, complex(c)) for string, c in zip(patterns, kets[k], strict=True) if abs(c) > 1e-8) for k in kept
    )
    return Optimum(
        mse=mse * scale**2,
        lower_bound=min(ideal.lower_bound, mse) * scale**2,
        shares=tuple(float(shares[k]) for k in kept),
        states=states,
        direction=tuple((direction / scale).tolist()),
    )


@dataclass(frozen=True, eq=False)
class _KnownLosses:
    """The optimum when the losses are known: populations of the input, the direction they leave worst, the bound it proves."""

    populations: Real
    direction: Real
    lower_bound: float


class _Moves(NamedTuple):
    """Inputs ``source`` that lose some photons and become a string of those with ``left`` photons.

    ``cell`` is where that is in a table of ``shape`` (strings, patterns of losses), laid out in one row.
    """

    left: int
    source: Places
    cell: Places
    weight: Real
    shape: tuple[int, int]


class _Channel:
    """Loss on all modes, as weighted moves of occupation strings, gathered by the number of photons left."""

    def __init__(self, photons: int, eta: Real, sensors: int) -> None:
        self.inputs = photon_patterns(photons, len(eta))
        self.sensors = sensors
        self.outputs = [photon_patterns(left, len(eta)) for left in range(photons + 1)]
        log_eta, log_lost = np.log(eta), np.log1p(-eta, where=eta < 1, out=np.full(len(eta), -np.inf))
        self.moves = []
        # What a loss pattern does to each input: the chance, (patterns, inputs).
        chance = []
        for lost_number in range(photons + 1):
            parts = []
            column = 0
            for lost in photon_patterns(lost_number, len(eta)):
                able = np.flatnonzero((self.inputs >= lost).all(axis=1))
                if (lost[eta == 1] > 0).any() or not able.size:
                    continue
                left = self.inputs[able] - lost
                log_weight = left @ log_eta + np.where(lost > 0, lost * np.where(lost > 0, log_lost, 0.0), 0.0).sum()
                weights = np.exp((log_weight + _log_binomials(self.inputs[able], lost)) / 2)
                parts.append((able, pattern_places(left), np.full(len(able), column), weights))
                row = np.zeros(len(self.inputs))
                row[able] = weights**2
                chance.append(row)
                column += 1
            if parts:
                source, place, pattern, weight = (np.concatenate(x) for x in zip(*parts, strict=True))
                strings = len(self.outputs[photons - lost_number])
                cell = place * column + pattern
                self.moves.append(_Moves(photons - lost_number, source, cell, weight, (strings, column)))
        self.chance = np.array(chance)

    def turning(self, direction: Real) -> list[Complex]:
        """-i times the differences of b . n between the outputs, one matrix for each of the moves."""
        values = [self.outputs[move.left][:, : self.sensors] @ direction for move in self.moves]
        return [np.asarray(-1j * (g[:, None] - g[None, :]), dtype=complex) for g in values]

    def parts(self, ket: Complex) -> list[Complex]:
        """(strings, patterns) for every number of photons left: what each pattern of losses leaves of the ket."""
        parts = []
        for move in self.moves:
            part = np.zeros(math.prod(move.shape), dtype=complex)
            part[move.cell] = move.weight * ket[move.source]
            parts.append(part.reshape(move.shape))
        return parts

    def fisher(self, ket: Complex) -> Real:
        """(d, d) quantum Fisher matrix of the output."""
        from photonics.fisher.fock import mixed_qfi_matrix

        d = self.sensors
        information = np.zeros((d, d))
        for move, part in zip(self.moves, self.parts(ket), strict=True):
            # Of degree one in the block: taken out of its scale, a rare one keeps its digits instead of underflowing.
            scale = float(np.abs(part).max(initial=0.0))
            if scale == 0:
                continue
            block, strings = (part / scale) @ (part / scale).conj().T, self.outputs[move.left][:, :d]
            gaps = strings[:, None, :] - strings[None, :, :]
            information += scale**2 * mixed_qfi_matrix(block, -1j * np.moveaxis(gaps * block[:, :, None], 2, 0))
        return information

    def best_ket(self, direction: Real, starts: int, rng: np.random.Generator, first: Sequence[Complex]) -> Complex:
        """The best input for b . theta by gradient ascent from the states so far and from random ones."""
        size = len(self.inputs)
        guesses = sorted(first, key=lambda ket: -float(direction @ self.fisher(ket) @ direction))[:2]
        guesses += [rng.normal(size=size) + 1j * rng.normal(size=size) for _ in range(starts)]
        ends = [self._ascend(direction, guess) for guess in guesses]
        return max(ends, key=lambda pair: pair[0])[1]

    def _ascend(self, direction: Real, ket: Complex) -> tuple[float, Complex]:
        from scipy.optimize import minimize

        turning = self.turning(direction)
        size = len(ket)

        def cost(parts: Real) -> tuple[float, Real]:
            norm = float(np.linalg.norm(parts))
            unit = np.asarray((parts[:size] + 1j * parts[size:]) / norm, dtype=complex)
            pulled = np.zeros(size, dtype=complex)
            for move, part, turn in zip(self.moves, self.parts(unit), turning, strict=True):
                # It is the same for any scale of the block, which may be too rare for floating point.
                whole = part / max(float(np.abs(part).max(initial=0.0)), TINY)
                x = _sld(whole @ whole.conj().T, turn)
                # max over X of Tr(rho (2i [G, X] - X^2)) is the information, reached at the logarithmic derivative, so its
                # gradient by the state is that of the operator in between at fixed X.
                back = (-2 * turn * x - x @ x) @ part
                taken = move.weight * back.ravel()[move.cell]
                pulled += np.bincount(move.source, taken.real, size) + 1j * np.bincount(move.source, taken.imag, size)
            value = float(np.vdot(unit, pulled).real)
            slope = 2 * (pulled - value * unit) / norm
            return -math.log(max(value, 1e-300)), -np.concatenate([slope.real, slope.imag]) / max(value, 1e-300)

        start = np.concatenate([ket.real, ket.imag])
        end = minimize(cost, start, jac=True, method="BFGS", options={"maxiter": 300, "gtol": 1e-9})
        unit = end.x[:size] + 1j * end.x[size:]
        return float(-end.fun), unit / np.linalg.norm(unit)

    def best_with_known_losses(self, a: Real) -> _KnownLosses:
        """Minimise a^T F^{-1} a over the populations when the losses are known: convex, and bounded below at every step."""
        d = self.sensors
        counts = self.inputs[:, :d].astype(float)
        chance, everything = self.chance, self.chance.sum(axis=0)

        def fisher_of(populations: Real) -> tuple[Real, Real]:
            likely = chance @ populations
            centres = (chance @ (populations[:, None] * counts)) / np.where(likely > 0, likely, 1.0)[:, None]
            second = (counts * (populations * everything)[:, None]).T @ counts
            return 4 * (second - (centres * likely[:, None]).T @ centres), centres

        def gradient(direction: Real, centres: Real) -> Real:
            # 4 sum over l of p(l | n) (b . (n - centre_l))^2; the lost photons themselves drop out of the difference.
            values, middles = counts @ direction, centres @ direction
            # Squares are added up as they are: their expansion would cancel, and the bound must hold to rounding.
            return np.asarray(4 * (chance * (values[None, :] - middles[:, None]) ** 2).sum(axis=0))

        best, worst = 0.0, np.sign(a) / np.abs(a).sum()
        populations = np.full(len(counts), 1 / len(counts))
        for _ in range(BOUND_STEPS):
            information, centres = fisher_of(populations)
            direction = np.linalg.lstsq(information, a, rcond=1e-14)[0]
            value = float(a @ direction)
            slope = gradient(np.asarray(direction, dtype=float), centres)
            bound = value**2 / float(slope.max())
            if bound > best:
                best, worst = bound, direction / value
            if best >= value * (1 - 1e-9):
                break
            # A power of its share of the gradient for each population; the root is safe, a little more is faster.
            populations = populations * (np.maximum(slope, 0.0) / value) ** 0.7
            populations /= populations.sum()
        return _KnownLosses(populations=populations, direction=worst, lower_bound=best)


def _sld(block: Complex, turning: Complex) -> Complex:
    """The symmetric logarithmic derivative of a block that turns by these rates, zero where the block is."""
    if not block.any():
        return block
    p, v = np.linalg.eigh(block)
    back = v.conj().T
    slope = back @ (turning * block) @ v
    total = p[:, None] + p[None, :]
    derivative = np.divide(2 * slope, total, out=np.zeros_like(slope), where=total > 1e-14 * p[-1])
    return np.asarray(v @ derivative @ back)


def _log_binomials(n: Any, k: Any) -> Real:
    from scipy.special import gammaln

    return np.asarray((gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)).sum(axis=1))


def _error(information: Real, a: Real) -> float:
    from photonics.fisher.functions import nuisance_aware_information

    return nuisance_aware_information(information, a).mse


def _worst_direction(informations: list[Real], a: Real, start: Real) -> tuple[Real, Real]:
    """The b with a . b = 1 whose largest b^T F_k b is least, and the proportions p with sum p_k F_k b in the direction of a."""
    from scipy.optimize import minimize, nnls

    stack = np.array(informations)
    scale = float(np.einsum("i,kij,j->k", start, stack, start).max())

    def slack(z: Real) -> Real:
        return np.asarray(z[-1] - np.einsum("i,kij,j->k", z[:-1], stack, z[:-1]) / scale)

    def slack_slope(z: Real) -> Real:
        return np.column_stack([-2 * np.einsum("kij,j->ki", stack, z[:-1]) / scale, np.ones(len(stack))])

    limits: Any = (
        {"type": "ineq", "fun": slack, "jac": slack_slope},
        {"type": "eq", "fun": lambda z: a @ z[:-1] - 1, "jac": lambda z: np.append(a, 0.0)},
    )
    uphill = np.append(np.zeros(len(a)), 1.0)
    options: Any = {"ftol": 1e-15, "maxiter": 500}
    # SciPy's stubs do not know of a value and its slope from one function beside constraints.
    solve: Any = minimize
    solution = solve(
        lambda z: (float(z[-1]), uphill), np.append(start, 1.0), jac=True, constraints=limits, options=options
    )
    direction = solution.x[:-1] / (a @ solution.x[:-1])
    values = np.einsum("i,kij,j->k", direction, stack, direction)
    active = values > values.max() * (1 - 1e-5)
    weights = np.zeros(len(stack))
    weights[active] = nnls((stack[active] @ direction).T / values.max(), a)[0]
    return direction, weights / weights.sum()
