"""What we take from The Walrus for photon counting: tables of photon-number probabilities of pure Gaussian states."""

from __future__ import annotations

import numpy as np

from photonics.conventions import Real


def pure_count_probabilities(mean: Real, covariance: Real, cutoff: int) -> Real:
    """(cutoff,) * m probabilities of the photon numbers 0 ... cutoff - 1, for a pure state (vacuum variance 1, hbar = 2)."""
    from thewalrus.quantum import state_vector

    amplitudes = state_vector(mean, covariance, cutoff=cutoff, hbar=2, check_purity=False)
    return np.asarray(np.abs(amplitudes) ** 2)
