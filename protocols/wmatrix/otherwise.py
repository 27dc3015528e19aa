"""Where no protocol of columns exists: which schemes reach the bound all the same, and the nearest functions with columns."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from networks import NearestRational, least_rational
from networks.values import Value
from protocols.documents.printed import Entry, Printed
from protocols.problem import WITHIN
from protocols.theory.turns import pairs_of
from protocols.wmatrix.task import PhotonTask

SUPERPOSED, PAIRS = "multimode-noon", "pairs-in-turn"
"""Schemes that reach (12) for every real function, N and M."""


def reached_otherwise(task: PhotonTask) -> tuple[str, ...]:
    """The schemes that reach (12) within the limits of a task, whatever N M is: superposed strings, and pairs in turn.

    Pairs in turn need parameters that stay put over the shots.

    Parameters
    ----------
    task : PhotonTask

    Returns
    -------
    tuple of str
        Names of schemes; without limits both.

    Examples
    --------
    >>> from protocols.wmatrix.limits import Limits
    >>> reached_otherwise(PhotonTask(function=[1, 1, 1], photons=2, passes=1))
    ('multimode-noon', 'pairs-in-turn')
    >>> reached_otherwise(PhotonTask(function=[1, 1, 1], photons=2, passes=1, limits=Limits(modes=2)))
    ('pairs-in-turn',)
    """
    function, limits = task.oriented, task.limits
    if limits.photons_per_mode is not None and limits.photons_per_mode < task.photons:
        return ()
    reference = len(function)
    pairs = [{pair.positive, reference if pair.negative is None else pair.negative} for pair in pairs_of(function)]
    names = []
    if limits.admit(set().union(*pairs)):
        names.append(SUPERPOSED)
    if all(limits.admit(pair) for pair in pairs):
        names.append(PAIRS)
    return tuple(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestColumns(Value, Printed):
    """The nearest function alpha' that has columns at some N M, and what these are worth as an estimate of alpha . theta.

    Attributes
    ----------
    nearest : NearestRational
        Of the oriented function.
    mse : Fraction
        Mean squared error of alpha' . theta in one shot, in rad^2: (12) for alpha', whose ||alpha'||_P is that of alpha. As an
        estimate of alpha . theta there is the bias (alpha' - alpha) . theta besides.
    """

    DOCUMENT = (
        Entry("product", of="nearest.product"),
        Entry("scale", of=lambda one: str(one.nearest.scale)),
        Entry("weights", of="nearest.weights"),
        Entry("mse", of=lambda one: float(one.mse)),
        Entry("errors", of=lambda one: [float(error) for error in one.nearest.errors]),
        Entry("relative_error", of="nearest.relative_error"),
        Entry("bias_per_rad", of="nearest.bias_per_rad"),
    )

    nearest: NearestRational
    mse: Fraction


def nearest_columns(task: PhotonTask) -> tuple[NearestColumns, ...]:
    """The nearest function with columns at this N M, and, where that is off by more than 1 %, the one of the least N M that is not.

    Parameters
    ----------
    task : PhotonTask

    Returns
    -------
    tuple of NearestColumns
        None where columns of the function itself exist.

    Examples
    --------
    >>> [(one.nearest.product, one.nearest.weights) for one in nearest_columns(PhotonTask(function=[3, 1], photons=2, passes=1))]
    [(2, (2, 0)), (4, (3, 1))]
    """
    if task.target is not None:
        return ()
    found = [task.divisibility.nearest]
    if found[0].relative_error > WITHIN:
        found.append(least_rational(task.oriented, WITHIN))
    norm = task.oriented.norm_positive
    return tuple(NearestColumns(nearest=near, mse=(norm / near.product) ** 2) for near in found)
