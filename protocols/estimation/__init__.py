"""From shots to an estimate of q: stages, estimators, their exact errors, and simulated experiments."""

from __future__ import annotations

from protocols.estimation.estimators.estimator import DisplacementEstimator, Estimator, PhaseEstimator
from protocols.estimation.registry import ESTIMATORS, choose_estimators, estimators_of, find_estimator

__all__ = [
    "ESTIMATORS",
    "DisplacementEstimator",
    "Estimator",
    "PhaseEstimator",
    "choose_estimators",
    "estimators_of",
    "find_estimator",
]
