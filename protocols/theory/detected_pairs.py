"""N photons in one of two modes, projected on both superpositions at mid-fringe by detectors that are not ideal, in closed form.

Of n photons k are lost and as many dark counts replace them with the chance e^(-d) e^n C(n, k) (d (1 - e)/e)^k/k!, e the survival
of one photon and d the dark counts of both detectors; over all k these add up to e^(-d) e^n L_n(-d (1 - e)/e) of Laguerre. Such
shots are told, and say nothing: F = 4 e^(-d) v^2 A B/(A L_A + B L_B) per rad^2 of the fringe, A and B what arrives whole of each
branch, its population included. The same by the projection of an engine is ``photonics.BranchProjection``; the tests compare them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from photonics.conventions import Integer, Real

LARGE = 1e200
"""Sums above it are divided by it, so that they stay floating-point numbers."""
LARGEST_LOG = 709.0
"""Errors beyond exp of it are infinite."""
FEW_TERMS = 40
"""Of sums that are worked out together; those that need more of them one by one."""


def detected_pair_mse(
    photons: int,
    passes: int,
    populations: tuple[float, float],
    survival: tuple[float, float],
    *,
    contrast: float = 1.0,
    dark_counts: float = 0.0,
) -> float:
    """Mean squared error of theta_1 - theta_2 in one shot, theta being 0 at a mode that is no sensor.

    Parameters
    ----------
    photons, passes : int >= 1
        n and M.
    populations : (float, float)
        Of the branches with all photons in the first mode and in the second, with the sum 1.
    survival : (float, float) in [0, 1]
        Of one photon in each mode on all of its way, what its detector misses included.
    contrast : float in [0, 1]
        v, what visibility and phase jitter leave of the fringe.
    dark_counts : float >= 0
        d, of both detectors in one shot.

    Returns
    -------
    float
        In rad^2; infinite where no fringe is left.

    Examples
    --------
    Without any noise 1/(n M)^2; a dark count spoils a shot, or takes the place of the one photon when it is lost:

    >>> detected_pair_mse(2, 1, (0.5, 0.5), (1.0, 1.0))
    0.25
    >>> mse = detected_pair_mse(1, 1, (0.5, 0.5), (0.5, 0.5), dark_counts=0.1)
    >>> round(mse, 12), round(math.exp(0.1) * (0.5 + 0.1 * 0.5) / 0.5**2, 12)
    (2.431376019766, 2.431376019766)
    """
    if not (contrast and all(populations) and all(survival)):
        return math.inf
    arrives = [math.log(p) + photons * math.log(e) for p, e in zip(populations, survival, strict=True)]
    told = [log_laguerre(photons, dark_counts * (1 - e) / e) for e in survival]
    one, other = told[0] - arrives[1], told[1] - arrives[0]
    log = max(one, other) + math.log1p(math.exp(-abs(one - other))) + dark_counts
    log -= 2 * (math.log(contrast) + math.log(2 * photons * passes))
    return math.exp(log) if log < LARGEST_LOG else math.inf


def detected_pair_mses(
    photons: Integer, passes: int, populations: Real, survival: Real, *, contrast: Real, dark_counts: Real
) -> Real:
    """``detected_pair_mse`` of many pairs at once.

    Parameters
    ----------
    photons : (P,) ints >= 1
    passes : int >= 1
    populations, survival : (P, 2) floats
    contrast, dark_counts : (P,) floats

    Returns
    -------
    (P,) floats

    Examples
    --------
    >>> import numpy as np
    >>> half, none = np.full((1, 2), 0.5), np.zeros(1)
    >>> detected_pair_mses(np.array([2]), 1, half, np.ones((1, 2)), contrast=np.ones(1), dark_counts=none).tolist()
    [0.25]
    """
    import numpy as np

    logs = np.full(len(photons), np.inf)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        replaced = dark_counts[:, None] * (1 - survival) / survival
    told = (
        (contrast > 0) & (populations > 0).all(axis=1) & (survival > 0).all(axis=1) & np.isfinite(replaced).all(axis=1)
    )
    n = photons[told]
    arrives = np.log(populations[told]) + n[:, None] * np.log(survival[told])
    spoilt = _log_laguerres(np.repeat(n, 2), replaced[told].ravel()).reshape(-1, 2)
    logs[told] = np.logaddexp(spoilt[:, 0] - arrives[:, 1], spoilt[:, 1] - arrives[:, 0]) + dark_counts[told]
    logs[told] -= 2 * (np.log(contrast[told]) + np.log(n) + math.log(2 * passes))
    return np.exp(np.where(logs < LARGEST_LOG, logs, np.inf))


def log_laguerre(n: int, x: float) -> float:
    """Logarithm of the Laguerre polynomial L_n(-x) = sum over k of C(n, k) x^k/k!, whose terms are all positive.

    Parameters
    ----------
    n : int >= 0
    x : float >= 0

    Examples
    --------
    >>> log_laguerre(7, 0.0), round(math.exp(log_laguerre(2, 3.0)), 12)
    (0.0, 11.5)
    """
    term = total = 1.0
    scale = 0.0
    for k in range(n):
        ratio = x * ((n - k) / (k + 1) ** 2)
        term *= ratio
        total += term
        if ratio < 0.5 and term < 1e-17 * total:
            break
        if total > LARGE:
            term, total, scale = term / LARGE, total / LARGE, scale + math.log(LARGE)
    return scale + math.log(total)


def _log_laguerres(n: Integer, x: Real) -> Real:
    """(S,) ``log_laguerre`` of each."""
    import numpy as np

    term, total = np.ones(len(n)), np.ones(len(n))
    more = x > 0
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(FEW_TERMS):
            if not more.any():
                break
            ratio = x * (np.maximum(n - k, 0) / (k + 1) ** 2)
            term *= ratio
            total += term
            # What is beyond floating point stays among these.
            more = ~((ratio < 0.5) & (term < 1e-17 * total))
        logs = np.log(total)
    logs[more] = [log_laguerre(int(m), float(y)) for m, y in zip(n[more], x[more], strict=True)]
    return np.asarray(logs)
