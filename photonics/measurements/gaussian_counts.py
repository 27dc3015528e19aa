"""Photon-number distributions of Gaussian light up to a cutoff taken from the state, with derivatives.

Tables of pure states come from The Walrus. Those of mixed states, and all derivatives, come from the generating function
E[prod z_j^{n_j}] = prod 2/(1 - z_j) det(V + T)^{-1/2} exp(-m^T (V + T)^{-1} m/2), T = (1 + z)/(1 - z), on circles of radius rho
below 1: a Fourier transform over K points gives P(n) + rho^K P(n + K) + ..., a little of what lies beyond the cutoff, put back as
if a detector had confused it; so a Fisher matrix from it can only be too small.
"""

from __future__ import annotations

import math

import numpy as np

from photonics.conventions import Real
from photonics.limits import CircuitTooLargeError, roughly
from photonics.measurements.gaussian_overlaps import mode_diagonal, overlaps
from photonics.measurements.outcomes import DiscreteOutcomes
from photonics.output import GaussianOutput

LARGEST_TABLE = 4_000_000
"""Outcomes in one table; a hundred bytes each with their work space."""
CHUNK = 20_000
"""Points of the grid worked on at once."""
MAX_MODES = 20
"""Modes whose photon numbers are counted together."""
FEWEST_LEVELS = 4
LONGEST_MODE = 4096
"""Photons followed in a single mode when its cutoff is sought."""
PURE = 1e-12
FOLDED = 1e-2
"""rho^K: the share of what lies K photons further that is put back, and the inverse of how much rounding grows."""
ROUNDING = 1e-13
"""Probabilities below it are rounding of the transform; what they hold is counted as lost."""


def count_outcomes(light: GaussianOutput, cutoff: int | None, largest_lost_weight: float) -> DiscreteOutcomes:
    """Probabilities of all photon numbers below the cutoff of each mode, and their derivatives."""
    levels = _levels(light, cutoff, largest_lost_weight)
    size = math.prod(levels)
    if size > LARGEST_TABLE or len(levels) > MAX_MODES:
        raise CircuitTooLargeError(
            f"counting {len(levels)} modes up to {max(levels) - 1} photons has {roughly(size)} outcomes, "
            f"more than {LARGEST_TABLE}; measure fewer modes, or allow more lost weight"
        )
    d = light.mean_derivatives.shape[1]
    if not d and _is_pure(light):
        from photonics.adapters.walrus import pure_count_probabilities

        table = pure_count_probabilities(light.mean, light.covariance, max(levels))
        p = table[tuple(slice(n) for n in levels)].reshape(-1)
        jacobian = np.zeros((size, 0))
    else:
        p, jacobian = _transformed(light, levels)
    labels = np.indices(levels).reshape(len(levels), -1).T
    kept = p > ROUNDING
    p, jacobian, labels = p[kept], jacobian[kept], labels[kept]
    return DiscreteOutcomes(
        names=light.modes,
        labels=labels,
        probabilities=p,
        jacobian=jacobian,
        lost_weight=max(0.0, 1 - float(p.sum())),
    )


def mode_distributions(light: GaussianOutput, points: int) -> Real:
    """(m, points) photon-number distribution of each mode by itself, from the 2 x 2 matrices of the same formula."""
    count = len(light.modes)
    v, mean = light.covariance, light.mean
    index = np.arange(count)
    a, b, c = (part[:, None] for part in (v[index, index], v[index, index + count], v[index + count, index + count]))
    x, p = mean[:count, None], mean[count:, None]
    radius = FOLDED ** (1 / points)
    z = radius * np.exp(2j * np.pi * np.arange(points) / points)
    turned = 2 / (1 - z) - 1
    first = a + turned
    second = c + turned - b**2 / first
    # Pivots keep a positive real part, so their principal roots are the continuous branch.
    values = (1 + turned) / (np.sqrt(first) * np.sqrt(second))
    if mean.any():
        values = values * np.exp(-(x**2 / first + (p - b * x / first) ** 2 / second) / 2)
    return np.asarray(np.fft.fft(values, axis=1).real / points * radius ** -np.arange(points))


def _levels(light: GaussianOutput, cutoff: int | None, largest_lost_weight: float) -> tuple[int, ...]:
    """Levels of each mode, so that the sum of what the modes have beyond theirs is no more than allowed."""
    allowed = largest_lost_weight / len(light.modes)
    points = 32
    while True:
        beyond = 1 - np.cumsum(mode_distributions(light, points), axis=1)
        # The grid must hold all that is to be distinguished, and the last quarter of it next to nothing.
        settled = np.abs(beyond[:, 3 * points // 4 - 1]) < max(1e-12, allowed / 10)
        if settled.all() or points >= LONGEST_MODE:
            break
        points *= 2
    enough = beyond <= max(allowed, 1e-13)
    if not settled.all() or not enough.any(axis=1).all():
        mode = light.modes[int(np.argmin(settled & enough.any(axis=1)))]
        raise CircuitTooLargeError(
            f"mode {mode!r} has more than {largest_lost_weight:.3g} of its weight beyond {points} photons; "
            "allow more lost weight, or use Moments of photon numbers, homodyne or threshold detection"
        )
    if cutoff is None:
        # A few levels always: a rare photon may carry most of the information.
        return tuple(np.maximum(np.argmax(enough, axis=1) + 1, FEWEST_LEVELS).tolist())
    lost = float(np.maximum(beyond[:, min(cutoff, points) - 1], 0.0).sum())
    if lost > largest_lost_weight:
        raise ValueError(
            f"cutoff {cutoff} may lose a weight of {lost:.3g}, more than the {largest_lost_weight:.3g} allowed; "
            "raise the cutoff or largest_lost_weight"
        )
    return (cutoff,) * len(light.modes)


def _is_pure(light: GaussianOutput) -> bool:
    return bool(abs(np.linalg.slogdet(light.covariance)[1]) < PURE * len(light.mean))


def _transformed(light: GaussianOutput, levels: tuple[int, ...]) -> tuple[Real, Real]:
    """Probabilities (K,) and derivatives (K, d) from the generating function on circles of radius rho_j."""
    radii = [FOLDED ** (1 / n) for n in levels]
    circles = [radius * np.exp(2j * np.pi * np.arange(n) / n) for radius, n in zip(radii, levels, strict=True)]
    grid = np.array(np.meshgrid(*circles, indexing="ij")).reshape(len(levels), -1).T
    d = light.mean_derivatives.shape[1]
    columns = np.empty((len(grid), 1 + d), dtype=complex)
    for start in range(0, len(grid), CHUNK):
        part = grid[start : start + CHUNK]
        # (1 + z)/(1 - z), which is 2/(1 - z) - 1.
        turned = 2 / (1 - part) - 1
        matrices = np.repeat(light.covariance[None].astype(complex), len(part), axis=0)
        index = np.arange(len(light.mean))
        matrices[:, index, index] += mode_diagonal(turned)
        overlap = overlaps(light, matrices)
        scale = np.prod(1 + turned, axis=1)
        columns[start : start + len(part), 0] = scale * overlap.values
        columns[start : start + len(part), 1:] = scale[:, None] * overlap.jacobian
    table = np.fft.fftn(columns.reshape(*levels, 1 + d), axes=tuple(range(len(levels)))) / len(grid)
    for axis, n in enumerate(levels):
        shape = [1] * table.ndim
        shape[axis] = n
        table *= (radii[axis] ** -np.arange(n)).reshape(shape)
    flat = table.reshape(-1, 1 + d).real
    return np.asarray(flat[:, 0]), np.asarray(flat[:, 1:])
