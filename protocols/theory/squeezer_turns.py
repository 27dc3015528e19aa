"""One squeezer that takes turns among the sensors of a displacement network, all of which are read out in every shot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from networks.values import Value
from protocols.theory.displacement import lost_share, pass_gain
from protocols.theory.sums import error_sum

LEAST_GAIN = 1e-280
"""Squeezing that tells so little more than the vacuum tells nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqueezerTurns(Value):
    """The best shares of the shots for a squeezer that is at one sensor at a time.

    Attributes
    ----------
    shares : (d,) floats >= 0
        Of the shots in which the squeezer is at each sensor, with the sum 1; 0 where it never is.
    gains : (d,) floats >= 0
        e_j: by how much more, relative to the vacuum, a squeezed shot tells of theta_j.
    mse : float
        sum (alpha_j/g_j)^2/(1 + p_j e_j), the mean squared error of q in one shot.
    """

    shares: tuple[float, ...]
    gains: tuple[float, ...]
    mse: float

    @property
    def squeezed_weights(self) -> tuple[float, ...]:
        """(d,) The share of each estimate of theta_j that its squeezed shots have, the rest that of its vacuum shots."""
        return tuple(p * (1 + e) / (1 + p * e) for p, e in zip(self.shares, self.gains, strict=True))


def best_squeezer_turns(
    alpha: Sequence[float], transmissivity: Sequence[float], mean_photons: float, passes: int
) -> SqueezerTurns:
    """Minimise sum alpha_j^2/(p_j F_j + (1 - p_j) V_j) over shares p_j >= 0 with the sum 1 (docs/theory/theory.md, section 6).

    F_j is the information on theta_j of a shot whose squeezed vacuum of nbar photons is at sensor j, V_j = g_j^2 that of one in
    which its homodyne detector sees the vacuum: nobody has to look away from the other sensors. With b_j = alpha_j/g_j and
    e_j = F_j/V_j - 1 the sum is that of b_j^2/(1 + p_j e_j), which is convex; its optimum has
    p_j = max(0, (|b_j| sqrt(e_j) k - 1)/e_j), k such that they add up to 1. For F >> V it is the square of
    sum |alpha_j|/sqrt(F_j), lossless ||alpha||_1^2/(t^2 f(nbar)), which a squeezer reaches whose idle sensors are not read.

    Parameters
    ----------
    alpha, transmissivity : (d,) floats, transmissivities in (0, 1], of one pass
    mean_photons : float > 0
        nbar, of the squeezed vacuum.
    passes : int >= 1
        M.

    Examples
    --------
    Two equal sensors: information (f(1) + 1)/2 on each, above the f(1)/2 of squeezed shots alone.

    >>> turns = best_squeezer_turns([1, 1], [1.0, 1.0], 1.0, 1)
    >>> turns.shares, round(turns.mse, 12)
    ((0.5, 0.5), 0.585786437627)

    >>> best_squeezer_turns([1, 0.1], [1.0, 1.0], 1.0, 1).shares
    (1.0, 0.0)
    """
    weights = [a / pass_gain(eta, passes) for a, eta in zip(alpha, transmissivity, strict=True)]
    gains = [_more(eta, mean_photons, passes) for eta in transmissivity]
    shares = _shares([abs(b) for b in weights], gains)
    # A product, not a power: beyond the largest number it is infinite, and no error.
    mse = error_sum(b * b / (1 + p * e) for b, p, e in zip(weights, shares, gains, strict=True))
    return SqueezerTurns(shares=tuple(shares), gains=tuple(gains), mse=mse)


def _more(transmissivity: float, mean_photons: float, passes: int) -> float:
    """F/V - 1 = eta^M (1 - 1/f)/(1 - eta^M (1 - 1/f)), without cancellation."""
    kept = transmissivity**passes
    r = math.asinh(math.sqrt(mean_photons))
    return kept * -math.expm1(-2 * r) / (lost_share(transmissivity, passes) + kept * math.exp(-2 * r))


def _shares(weights: Sequence[float], gains: Sequence[float]) -> list[float]:
    """The shares, for |b_j| and e_j.

    With w_j = |b_j| sqrt(e_j), descending, sensor j is visited when w_j exceeds D_j = sum over those before it of
    (w_i - w_j)/e_i, and p_j ~ (w_j - D_j + B_j)/e_j, B_j the sum over those visited after it of (w_j - w_i)/e_i: sums of positive
    terms, so that weak squeezing loses no digits.
    """
    shares = [0.0] * len(weights)
    worth = [b * math.sqrt(e) if e > LEAST_GAIN else 0.0 for b, e in zip(weights, gains, strict=True)]
    order = sorted((j for j, w in enumerate(worth) if w > 0), key=lambda j: -worth[j])
    if not order:
        # Squeezing is of no use anywhere, so it does not matter where it is.
        shares[max(range(len(weights)), key=lambda j: weights[j])] = 1.0
        return shares
    relative = [worth[j] / worth[order[0]] for j in order]
    before, behind = 0.0, 0.0
    visited: list[float] = []
    for place, (j, w) in enumerate(zip(order, relative, strict=True)):
        if place:
            behind += (relative[place - 1] - w) * before
        if behind >= w:
            break
        visited.append(w - behind)
        before += 1 / gains[j]
    after, ahead = 0.0, 0.0
    for place in reversed(range(len(visited))):
        if place + 1 < len(visited):
            ahead += (relative[place] - relative[place + 1]) * after
        shares[order[place]] = (visited[place] + ahead) / gains[order[place]]
        after += 1 / gains[order[place]]
    # Relative to the largest first, as weak squeezing makes them large.
    largest = max(shares)
    total = math.fsum(share / largest for share in shares)
    return [share / largest / total for share in shares]
