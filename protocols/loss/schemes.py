"""Mean squared errors of the schemes as functions of the losses and the resources alone, for curves and crossings.

The circuits that reach them are made by ``protocols.schemes``; that both agree is tested.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from protocols.theory.displacement import (
    best_separable_split,
    displacement_gain,
    entangled_mse,
    pass_gain,
    separable_mse,
    signal_weights,
)
from protocols.theory.resources import LossyTask
from protocols.theory.shot_noise import loss_limited_bound, network_shot_noise
from protocols.theory.two_branches import LossySplit, best_lossy_split, branch_contrast

Curve = Callable[[LossyTask], float]


def shot_noise(task: LossyTask) -> float:
    """The classical yardstick: N separate photons (phase), or the vacuum noise of as many homodyne detectors (displacement)."""
    if task.sensing == "phase":
        return network_shot_noise(task.alpha, task.transmissivity, task.reference, task.photons, task.passes)
    gains = [pass_gain(eta, task.passes) for eta in task.transmissivity]
    return math.fsum((a / g) ** 2 for a, g in zip(task.alpha, gains, strict=True))


def lossless_bound(task: LossyTask) -> float:
    """(12), or (15) exact at this nbar."""
    if task.sensing == "phase":
        return float(task.function.norm_positive) ** 2 / (task.photons * task.passes) ** 2
    return float(task.function.norm_2_squared) / (task.passes**2 * displacement_gain(task.photons))


def loss_bound(task: LossyTask) -> float:
    """The bound on all N-photon states that the loss sets, one pass; nan where there is none known."""
    if task.sensing != "phase" or task.passes > 1:
        return math.nan
    return loss_limited_bound(task.alpha, task.transmissivity, task.reference, task.photons)


def log_survivals(task: LossyTask) -> tuple[float, float]:
    """Logarithms of the survival of both branches of any optimal two-branch protocol; (32) fixes what goes through each mode."""
    unit = task.photons * task.passes / float(task.function.norm_positive)
    first = second = 0.0
    for a, eta in zip(task.alpha, task.transmissivity, strict=True):
        if a > 0:
            first += unit * a * math.log(eta)
        elif a < 0:
            second -= unit * a * math.log(eta)
    spare = task.photons * task.passes * (1 - float(task.function.norm_negative / task.function.norm_positive))
    if spare > 1e-12 * task.photons * task.passes and task.reference is not None:
        second += spare * math.log(task.reference)
    return first, second


def two_branches(task: LossyTask) -> float:
    """N00N-type protocols (noon, w-matrix) with the best branch weights."""
    return _over(lossless_bound(task), branch_contrast(*log_survivals(task)))


def balanced_branches(task: LossyTask) -> float:
    """The same with equal weights, 2AB/(A + B) of the information."""
    a, b = sorted(log_survivals(task))
    return _over(lossless_bound(task), 2 * math.exp(a) / (1 + math.exp(a - b)))


def separate_noons(task: LossyTask) -> float:
    """A N00N state for each sensor with whole photons, as many as do good; infinite with too few."""
    split = _noon_split(task)
    return math.inf if split is None else split.mse


def photons_of_use(task: LossyTask) -> int:
    """How many of the N photons ``separate_noons`` uses; more would do harm."""
    split = _noon_split(task)
    return 0 if split is None else sum(split.photons)


def _noon_split(task: LossyTask) -> LossySplit | None:
    arm = 1.0 if task.reference is None else task.reference
    return best_lossy_split(task.alpha, task.transmissivity, arm, int(task.photons), task.passes)


def entangled_squeezing(task: LossyTask) -> float:
    """One squeezed vacuum, split as the losses make it best."""
    r = math.asinh(math.sqrt(task.photons))
    return entangled_mse(task.alpha, task.transmissivity, r, task.passes)


def separate_squeezing(task: LossyTask) -> float:
    """A squeezed vacuum for each sensor, photons split as the losses make it best."""
    z = signal_weights(task.alpha, task.transmissivity, task.passes)
    split = best_separable_split(z, task.photons)
    return separable_mse(task.alpha, task.transmissivity, split.mean_photons, task.passes)


def _over(mse: float, contrast: float) -> float:
    return mse / contrast if contrast else math.inf


SCHEMES: dict[str, dict[str, Curve]] = {
    "phase": {
        "two branches": two_branches,
        "two branches, equal weights": balanced_branches,
        "separate N00N states": separate_noons,
    },
    "displacement": {"one squeezed vacuum": entangled_squeezing, "a squeezed vacuum each": separate_squeezing},
}


def crossing(scheme: Curve, task: LossyTask, tolerance: float = 1e-10) -> tuple[float | None, float | None]:
    """Where a scheme meets the shot noise: (extra transmissivity, None) when it is below it now, (None, share of dB) when above.

    The first is the common factor on all transmissivities at which both are equal; the second the share of the present
    losses, in dB, that would have to remain. None where there is no crossing between 1e-6 and 1, or no loss at all.
    """

    def excess(at: LossyTask) -> float:
        ours, theirs = scheme(at), shot_noise(at)
        if not math.isfinite(ours):
            return math.inf
        return math.log(ours / theirs) if math.isfinite(theirs) else -math.inf

    here = excess(task)
    if abs(here) < 1e-12:
        return None, None
    path = task.thinned if here <= 0 else task.eased
    # So low a factor leaves 1e-6 of the light after all passes.
    low, high = (1e-6 ** (1 / task.passes), 1.0) if here <= 0 else (0.0, 1.0)
    worse_low = excess(path(low)) > 0
    if worse_low == (here > 0):
        return None, None
    while high - low > tolerance:
        middle = (low + high) / 2
        if (excess(path(middle)) > 0) == worse_low:
            low = middle
        else:
            high = middle
    if here > 0:
        # A share of nothing means that both only meet without any loss.
        return None, high if high > 1e-6 else None
    return high, None
