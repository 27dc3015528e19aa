"""Photon counts of two squeezed pairs through any interferometer, drawn exactly: what a device of the X series would give.

Drawn are the photons N on a side, the share of the first pair (on the signal side alone the state is a mixture of such shares),
the output of every signal photon in turn, and then, given those, of every idler photon. A state of N photons that came in by two
modes is a vector of N + 1 amplitudes; a photon found in mode j takes it to U_j1 a_1 + U_j2 a_2 of itself. So a shot costs n N^2
steps for n modes, no permanents, no cutoff but that of N.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from photonics.conventions import Complex, Integer

MAX_PAIRS = 2
"""Squeezed pairs that counts are drawn for together."""
TAIL = 1e-12
"""Weight of photon numbers beyond those that are drawn."""


def sample_pairs(
    squeezing: tuple[float, ...],
    unitary: Complex,
    shots: int,
    generator: np.random.Generator,
    *,
    transmissivity: tuple[float, ...] | None = None,
    dark_counts: tuple[float, ...] | None = None,
) -> Integer:
    """(shots, 2 n) counts of the signal modes, then of the idler modes.

    Parameters
    ----------
    squeezing : (n,)
        r of the pair at each mode of the unitary; at most two are not zero.
    unitary : (n, n)
        The same on both sides.
    shots : int, at least 1
    generator : numpy.random.Generator
        Drawn from as often as photons are found.
    transmissivity, dark_counts : (2 n,), signal modes first
        Loss of each mode, and mean Poisson counts; none when left out.

    Returns
    -------
    (shots, 2 n) integers

    Raises
    ------
    ValueError
        For more than two pairs, or shapes that do not fit.

    Examples
    --------
    >>> counts = sample_pairs((0.5, 0.0), np.eye(2), 1000, np.random.default_rng(1))
    >>> bool((counts[:, :2] == counts[:, 2:]).all()), counts.shape
    (True, (1000, 4))
    """
    from photonics.pairs.kernels import draw_pairs

    count = len(squeezing)
    on = [k for k, r in enumerate(squeezing) if r]
    if len(on) > MAX_PAIRS:
        raise ValueError(f"counts are drawn for at most {MAX_PAIRS} squeezed pairs, got {len(on)}")
    if np.shape(unitary) != (count, count):
        raise ValueError(f"the unitary must be {count} x {count}, got {np.shape(unitary)}")
    # Pairs that are off are taken as a second one without light.
    first, second = (*on, *(k for k in range(count) if k not in on))[:2] if count > 1 else (0, 0)
    weights = _weights(squeezing[first], squeezing[second] if count > 1 else 0.0)
    photons = generator.choice(len(weights), size=shots, p=weights / weights.sum())
    columns = np.ascontiguousarray(np.asarray(unitary, dtype=complex)[:, [first, second]])
    t = math.tanh(squeezing[first])
    u = math.tanh(squeezing[second]) if count > 1 else 0.0
    # Every photon takes one uniform number a side, and the share of the pairs one more.
    uniform = generator.random(int(2 * photons.sum() + shots))
    drawn = draw_pairs(photons.astype(np.int64), columns, t, u, uniform)
    if transmissivity is not None:
        drawn = generator.binomial(drawn, np.asarray(transmissivity, dtype=float))
    if dark_counts is not None:
        drawn = drawn + generator.poisson(np.asarray(dark_counts, dtype=float), size=drawn.shape)
    counts: Integer = drawn.astype(np.int64)
    return counts


def _weights(r: float, s: float) -> NDArray[np.float64]:
    """Of N photons on a side."""
    t, u = math.tanh(r) ** 2, math.tanh(s) ** 2
    weights: list[float] = []
    while math.fsum(weights) < 1 - TAIL and len(weights) < 4000:
        n = len(weights)
        weights.append(math.fsum(t**k * u ** (n - k) for k in range(n + 1)) * (1 - t) * (1 - u))
    return np.array(weights)
