"""Several squeezers whose light mixes on its way: any passive map from squeezers to sensors, and the best photons for it.

With real amplitudes A_jk from squeezer k to sensor j squeezers add up (``squeezers``), G_k and H_k from column k, whatever the map.
Only light caps join them: sum over k of E_k A_jk^2 n_k at sensor j. The problem stays convex, with squeezers of G_k <= H_k
dark, and is solved by Newton steps on a logarithmic barrier, whose distance from the optimum is known.

Bound on all maps: weigh the energy at a node by the best E_s T_sj over the places s that may hold squeezers, and follow z backwards
from the sensors to the squeezers. Beam splitters keep the sum of weighted energies, and links and losses never raise it, so
|z^T A sqrt E|^2 <= sum T*_j z_j^2, T*_j = max over s of E_s T_sj. Without jitter the error of any number of squeezers of at most
e^{2r} each is therefore at least vacuum - (1 - e^{-2r}) sum T*_j z_j^2, reached where photons are free by a tree from each place
that is the best of some sensor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from networks import InputError
from photonics.conventions import Real
from protocols.theory.limits.readout import HomodyneReadout
from protocols.theory.limits.squeezers import PhotonShares, SqueezerLimits, split_photons, squeezing_benefit

GAP = 1e-12
"""Relative distance from the optimum at which the barrier ends."""


def map_weights(
    readout: HomodyneReadout, amplitudes: Sequence[Sequence[float]], efficiency: Sequence[float]
) -> tuple[Real, Real]:
    """(K,) G and (K,) H of squeezers behind a passive map.

    Parameters
    ----------
    readout : HomodyneReadout
    amplitudes : (d, K) floats
        A, with singular values of at most 1.
    efficiency : (K,) floats in (0, 1]

    Raises
    ------
    InputError
        When A has another shape, or a singular value above 1, which no passive optics has.
    """
    A, escape = np.array(amplitudes, dtype=float), np.array(efficiency, dtype=float)
    faults = []
    if A.shape != (len(readout.weights), len(escape)):
        faults.append(
            f"amplitudes must be {len(readout.weights)} by {len(escape)}, got {' by '.join(map(str, A.shape))}"
        )
    elif A.size and np.linalg.norm(A, 2) > 1 + 1e-9:
        faults.append(f"amplitudes must have singular values of at most 1, got {np.linalg.norm(A, 2):g}")
    if faults:
        raise InputError(faults)
    gain = escape * ((readout.z @ A) ** 2 + readout.gain @ A**2)
    harm = escape * (readout.harm @ A**2)
    return gain, harm


def map_mse(
    readout: HomodyneReadout,
    amplitudes: Sequence[Sequence[float]],
    mean_photons: Sequence[float],
    efficiency: Sequence[float],
) -> float:
    """The error of squeezers behind any passive map.

    Parameters
    ----------
    readout : HomodyneReadout
    amplitudes : (d, K) floats
        A.
    mean_photons : (K,) floats >= 0
        sinh(r_k)^2, before any loss.
    efficiency : (K,) floats in (0, 1]
        Escape efficiencies.

    Examples
    --------
    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> half = math.sqrt(0.5)
    >>> round(map_mse(homodyne_readout([1.0, 1.0]), [[half, half], [half, -half]], [1.0, 1.0], [1.0, 1.0]), 12)
    0.343145750508
    """
    gain, harm = map_weights(readout, amplitudes, efficiency)
    return readout.vacuum_mse - math.fsum(squeezing_benefit(gain, harm, np.array(mean_photons, dtype=float)).tolist())


def best_map_photons(
    readout: HomodyneReadout,
    limits: SqueezerLimits,
    amplitudes: Sequence[Sequence[float]],
    efficiency: Sequence[float],
) -> PhotonShares:
    """The best photons of squeezers behind a given passive map, under all limits: convex, so the optimum is proved.

    ``limits.squeezers`` is not looked at: the map says how many there are.

    Parameters
    ----------
    readout : HomodyneReadout
    limits : SqueezerLimits
    amplitudes : (d, K) floats
        A.
    efficiency : (K,) floats in (0, 1]
        Escape efficiencies.

    Returns
    -------
    PhotonShares
        ``upper_bound`` is above ``benefit`` by a few 1e-12 of it where light caps bind.

    Examples
    --------
    Two squeezers whose light mixes at two sensors, of which one stands a photon:

    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> readout = homodyne_readout([1.0, 1.0], mean_photons_max=[1.0, 9.0])
    >>> half = math.sqrt(0.5)
    >>> best = best_map_photons(readout, SqueezerLimits(mean_photons=5.0), [[half, half], [half, -half]], [1.0, 1.0])
    >>> [round(n, 6) for n in best.mean_photons]
    [2.0, 0.0]
    """
    gain, harm = map_weights(readout, amplitudes, efficiency)
    light = np.array(efficiency, dtype=float) * np.array(amplitudes, dtype=float) ** 2
    limited = np.isfinite(readout.caps)
    rows, caps = light[limited], readout.caps[limited]
    most = np.full(len(gain), limits.most_photons)
    # Where only one squeezer is seen, a row is a cap of that squeezer.
    seen = rows > 0
    for row, cap in zip(rows[seen.sum(axis=1) == 1], caps[seen.sum(axis=1) == 1], strict=True):
        k = int(np.argmax(row))
        most[k] = min(most[k], cap / row[k])
    free = split_photons(gain.tolist(), harm.tolist(), limits.mean_photons, most.tolist())
    if (rows @ np.array(free.mean_photons) <= caps * (1 + 1e-14)).all():
        return free
    several = seen.sum(axis=1) > 1
    return _by_barrier(gain, harm, limits.mean_photons, most, rows[several], caps[several])


def _by_barrier(gain: Real, harm: Real, mean_photons: float, most: Real, rows: Real, caps: Real) -> PhotonShares:
    """Minimise minus the benefit over n >= 0, n <= most, sum n <= nbar, rows n <= caps, by Newton's method on a barrier."""
    count = len(gain)
    dark = (gain <= harm) | (most <= 0) | (rows[caps <= 0] > 0).any(axis=0)
    at = np.flatnonzero(~dark)
    photons = np.zeros(count)
    if not len(at):
        return PhotonShares(mean_photons=tuple(photons.tolist()), benefit=0.0, upper_bound=0.0)
    G, H = gain[at], harm[at]
    bounded = [
        (-np.eye(len(at)), np.zeros(len(at))),
        (np.eye(len(at)), most[at]),
        (rows[caps > 0][:, at], caps[caps > 0]),
    ]
    bounded.append((np.ones((1, len(at))), np.array([mean_photons])))
    matrix, right = np.vstack([m for m, _ in bounded]), np.concatenate([b for _, b in bounded])
    matrix, right = matrix[np.isfinite(right)], right[np.isfinite(right)]
    # A point inside: each row leaves room for all.
    n = (
        0.5
        * np.array([np.min(right[matrix[:, k] > 0] / matrix[matrix[:, k] > 0, k]) for k in range(len(at))])
        / len(at)
    )
    weight = len(right) / max(1e-300, float(squeezing_benefit(G, H, n).sum()))

    def value(point: Real, weight: float) -> float:
        slack = right - matrix @ point
        if (slack <= 0).any():
            return math.inf
        return -weight * float(squeezing_benefit(G, H, point).sum()) - float(np.log(slack).sum())

    while True:
        for _ in range(100):
            product = np.sqrt(n * (n + 1))
            slope = 2 * (G + H) - (G - H) * (2 * n + 1) / product
            bend = (G - H) / (2 * product**3)
            slack = right - matrix @ n
            first = weight * slope + matrix.T @ (1 / slack)
            second = np.diag(weight * bend) + (matrix.T / slack**2) @ matrix
            step = np.linalg.solve(second, -first)
            decrement = float(-first @ step)
            if decrement < 1e-10:
                break
            scale, here = 1.0, value(n, weight)
            while value(n + scale * step, weight) > here - 0.1 * scale * decrement and scale > 1e-14:
                scale /= 2
            if scale <= 1e-14:
                break
            n = n + scale * step
        benefit = math.fsum(squeezing_benefit(G, H, n).tolist())
        if len(right) / weight <= GAP * benefit or weight > 1e290:
            break
        weight *= 20
    photons[at] = n
    return PhotonShares(
        mean_photons=tuple(photons.tolist()), benefit=benefit, upper_bound=benefit + 2 * len(right) / weight
    )


def squeezed_light_bound(
    readout: HomodyneReadout, limits: SqueezerLimits, arrives: Sequence[float] | None = None
) -> float:
    """No squeezers within these limits, however many and through whatever passive optics, have a lower error.

    vacuum - (1 - e^{-2r}) sum T*_j z_j^2 without jitter, r the most that a squeezer may have; for K squeezers under a budget
    it is the same, since all photons in one do most for one direction of x. With jitter the bound is not reached: it takes
    x and p at every sensor as squeezed at once.

    Parameters
    ----------
    readout : HomodyneReadout
    limits : SqueezerLimits
    arrives : (d,) floats in [0, 1], optional
        T*_j, the best escape efficiency times transmissivity of a path to each sensor, over all places allowed; 1 when left out.

    Examples
    --------
    >>> from protocols.theory.limits.readout import homodyne_readout
    >>> round(squeezed_light_bound(homodyne_readout([1.0, 1.0]), SqueezerLimits(mean_photons=1.0)), 12)
    0.343145750508
    """
    if limits.squeezers == 0:
        return readout.vacuum_mse
    through = np.ones(len(readout.weights)) if arrives is None else np.array(arrives, dtype=float)
    most = limits.most_photons
    left = 1 / (math.sqrt(most) + math.sqrt(most + 1)) ** 2
    # Beside z^T X z jitter counts X_jj and P_jj, neither of which falls below what all light squeezed that way has.
    squeezed = (readout.squares + readout.gain + readout.harm) * (1 - through + through * left)
    return readout.base + math.fsum(squeezed.tolist())
