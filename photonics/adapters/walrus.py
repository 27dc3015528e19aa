"""What we take from The Walrus for photon counting: tables of photon-number probabilities of pure Gaussian states."""

from __future__ import annotations

import warnings

import numpy as np

from photonics.conventions import Real
from photonics.limits import PrecisionError


def pure_count_probabilities(mean: Real, covariance: Real, cutoff: int) -> Real:
    """(cutoff,) * m probabilities of the photon numbers 0 ... cutoff - 1, for a pure state (vacuum variance 1, hbar = 2)."""
    from thewalrus.quantum import state_vector

    with np.errstate(all="ignore"), warnings.catch_warnings():
        # Beyond double precision it warns; what comes of it is looked at here.
        warnings.simplefilter("ignore", RuntimeWarning)
        amplitudes = state_vector(mean, covariance, cutoff=cutoff, hbar=2, check_purity=False)
        probabilities = np.asarray(np.abs(amplitudes) ** 2)
    if not np.isfinite(probabilities).all():
        raise PrecisionError(
            "the amplitudes of this Gaussian state are beyond double precision; use fewer photons or less light"
        )
    return probabilities
