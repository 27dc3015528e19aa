"""Where a scheme equals the shot noise, as its network gets more or less lossy."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from networks.values import Value
from protocols.theory.task import Task

Curve = Callable[[Any], float | None]
"""A mean squared error as a function of a task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing(Value):
    """Where two errors are equal; at most one of the numbers is there.

    Attributes
    ----------
    crosses_at : float or None
        For a scheme below the shot noise: the common factor on all transmissivities at which it equals it.
    needs_share : float or None
        For a scheme above it: the share of the losses, in dB, that may remain for it to come down to it.
    """

    crosses_at: float | None = None
    needs_share: float | None = None


NO_CROSSING = Crossing()
"""Where two errors are equal nowhere, or nobody asked."""


def crossing(curve: Curve, task: Task, tolerance: float = 1e-13) -> Crossing:
    """Where the error ``curve`` equals the shot noise of the network.

    Parameters
    ----------
    curve : function of a task
    task : Task
        The network as it is.
    tolerance : float
        Of the factor or share.

    Returns
    -------
    Crossing
        Without numbers where there is no crossing between 1e-6 and 1, or no loss at all.
    """
    from scipy.optimize import brentq

    def excess(at: Task) -> float:
        ours, theirs = curve(at), at.shot_noise
        if ours is None or not math.isfinite(ours):
            return math.inf
        return math.log(ours / theirs) if math.isfinite(theirs) else -math.inf

    here = excess(task)
    if abs(here) < 1e-12:
        return NO_CROSSING
    path = task.thinned if here <= 0 else task.eased
    # So low a factor leaves 1e-6 of the light after all passes.
    low = 1e-6 ** (1 / task.passes) if here <= 0 else 0.0
    if (excess(path(low)) > 0) == (here > 0):
        return NO_CROSSING

    def difference(where: float) -> float:
        # Far from the crossing one of the errors may be infinite; its sign is all that counts there.
        return max(-1e3, min(1e3, excess(path(where))))

    root = float(brentq(difference, low, 1.0, xtol=tolerance, rtol=1e-14))
    if here > 0:
        # A share of nothing means that both only meet without any loss.
        return Crossing(needs_share=root if root > 1e-6 else None)
    return Crossing(crosses_at=root)
