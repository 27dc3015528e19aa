"""The estimators that every command knows, by name, and how one is chosen. To add one, write its file and name it here."""

from __future__ import annotations

from collections.abc import Sequence

from protocols.estimation.estimators.adaptive import Adaptive
from protocols.estimation.estimators.estimator import Estimator
from protocols.estimation.estimators.feedback import Feedback
from protocols.estimation.estimators.fixed_offsets import FixedOffsets
from protocols.estimation.estimators.homodyne import Homodyne
from protocols.estimation.estimators.likeliest_phases import LikeliestPhases
from protocols.estimation.estimators.linear import Linear
from protocols.estimation.estimators.maximum_likelihood import MaximumLikelihood
from protocols.estimation.estimators.parity import Parity
from protocols.estimation.estimators.robust import Robust
from protocols.problem import Kind
from protocols.schemes.named import choose

ESTIMATORS: tuple[Estimator, ...] = (
    Robust(),
    Adaptive(),
    FixedOffsets(),
    MaximumLikelihood(),
    Parity(),
    Linear(),
    LikeliestPhases(),
    Feedback(),
    Homodyne(),
)
"""In the order in which results list them."""


def estimators_of(problems: Kind) -> dict[str, Estimator]:
    """The registered estimators for one kind of problem, by name.

    Parameters
    ----------
    problems : "phase", "gaussian" or "displacement"

    Examples
    --------
    >>> list(estimators_of("phase"))
    ['robust', 'adaptive', 'fixed-offsets', 'maximum-likelihood', 'parity']
    """
    return {estimator.name: estimator for estimator in ESTIMATORS if estimator.kind == problems}


def choose_estimators(problems: Kind, wanted: Sequence[str | Estimator] | None = None) -> tuple[Estimator, ...]:
    """The estimators that a caller wants, by name or as objects of their own; without a word all but those on request.

    Parameters
    ----------
    problems : "phase", "gaussian" or "displacement"
    wanted : names of registered estimators, or ``Estimator`` objects

    Raises
    ------
    InputError
        Listing every name that is not known, and every estimator that is for another kind of problem.
    """
    known = estimators_of(problems)
    if wanted is None:
        return tuple(one for one in known.values() if not one.on_request)
    return choose("estimator", Estimator, known, problems, wanted)


def find_estimator(problems: Kind, wanted: str | Estimator) -> Estimator:
    """One estimator, by name or as an object.

    Parameters
    ----------
    problems : "phase", "gaussian" or "displacement"
    wanted : name of a registered estimator, or an ``Estimator`` object

    Raises
    ------
    InputError
        For another one.

    Examples
    --------
    >>> find_estimator("phase", "parity")
    Parity()
    """
    (estimator,) = choose_estimators(problems, [wanted])
    return estimator
