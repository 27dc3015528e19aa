"""Where no protocol of columns exists: which schemes reach the bound all the same, and the nearest functions with columns."""

from __future__ import annotations

from networks import NearestRational, least_rational
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


def nearest_columns(task: PhotonTask) -> tuple[NearestRational, ...]:
    """The nearest function with columns at this N M, and, where that is off by more than 1 %, the one of the least N M that is not.

    Parameters
    ----------
    task : PhotonTask

    Returns
    -------
    tuple of NearestRational
        Of the oriented function; none where columns of the function itself exist.

    Examples
    --------
    >>> [(near.product, near.weights) for near in nearest_columns(PhotonTask(function=[3, 1], photons=2, passes=1))]
    [(2, (2, 0)), (4, (3, 1))]
    """
    if task.target is not None:
        return ()
    found = [task.divisibility.nearest]
    if found[0].relative_error > WITHIN:
        found.append(least_rational(task.oriented, WITHIN))
    return tuple(found)


def columns_mse(near: NearestRational) -> float:
    """(12) for alpha' at its N M, (||alpha'||_P/(N M))^2: the square of the scale, as alpha' has the ||alpha||_P of alpha.

    Parameters
    ----------
    near : NearestRational

    Returns
    -------
    float
        Mean squared error of alpha' . theta in one shot, in rad^2; as an estimate of alpha . theta there is the bias
        (alpha' - alpha) . theta besides.
    """
    return float(near.scale**2)


def nearest_document(near: NearestRational) -> dict[str, object]:
    """The nearest function with columns as ``psn enumerate --json`` prints it.

    Parameters
    ----------
    near : NearestRational
    """
    return {
        "product": near.product,
        "scale": str(near.scale),
        "weights": near.weights,
        "mse": columns_mse(near),
        "errors": [float(error) for error in near.errors],
        "relative_error": near.relative_error,
        "bias_per_rad": near.bias_per_rad,
    }
