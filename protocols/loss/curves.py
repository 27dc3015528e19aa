"""Errors against photons and against transmissivity, as numbers; ``figures`` draws them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from networks import SensorNetwork
from protocols.loss import schemes
from protocols.loss.report import task_of
from protocols.loss.schemes import Curve
from protocols.problem import Problem, divisibility
from protocols.theory.resources import LossyTask

POINTS = 60
MAX_PHOTONS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Mean squared errors of q over one axis: a name, its values, and for each labelled curve as many errors (nan: none)."""

    axis: str
    values: tuple[float, ...]
    errors: tuple[tuple[str, tuple[float, ...]], ...]
    here: float
    """Where on the axis the network itself is."""


def photon_curves(network: SensorNetwork) -> Curves:
    """Errors against N (whole photons, as (34) allows) or nbar, with the losses of the network."""
    problem = Problem.of(network)
    task = task_of(problem)
    if network.sensing == "phase":
        step = divisibility(problem.function, problem.photons, problem.passes).least_photons
        most = max(MAX_PHOTONS, 2 * problem.photons)
        multiples = {max(1, round((most / step) ** (k / (POINTS - 1)))) for k in range(POINTS)}
        values = [float(step * m) for m in sorted(multiples)]
    else:
        values = [0.05 * (2e3) ** (k / (POINTS - 1)) for k in range(POINTS)]
    errors = tuple(
        (label, tuple(curve(task.with_photons(n)) for n in values)) for label, curve in _curves(task).items()
    )
    name = "N, photons in a shot" if network.sensing == "phase" else "nbar, mean photons in a shot"
    return Curves(axis=name, values=tuple(values), errors=errors, here=float(task.photons))


def transmissivity_curves(network: SensorNetwork) -> Curves:
    """Errors against a common factor on the transmissivity of every mode, the network's own losses at 1."""
    task = task_of(Problem.of(network))
    values = [0.05 + 0.95 * k / (POINTS - 1) for k in range(POINTS)]
    errors = tuple(
        (label, tuple(curve(task.thinned(factor)) for factor in values)) for label, curve in _curves(task).items()
    )
    return Curves(axis="extra transmissivity of every mode", values=tuple(values), errors=errors, here=1.0)


def _curves(task: LossyTask) -> dict[str, Curve]:
    bounds: dict[str, Curve] = {
        "bound without loss": schemes.lossless_bound,
        "shot noise of the network": schemes.shot_noise,
    }
    if not math.isnan(schemes.loss_bound(task)):
        bounds["bound that the loss sets"] = schemes.loss_bound
    # Equal weights lie so close to the best ones that the two curves would cover each other.
    shown = {
        name: curve for name, curve in schemes.SCHEMES[task.sensing].items() if curve is not schemes.balanced_branches
    }
    return {**bounds, **shown}
