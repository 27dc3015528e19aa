"""Schemes and estimators of a caller's own, which a spec names like registered ones."""

from __future__ import annotations

import hashlib
import inspect
import pickle
from collections.abc import Sequence

from networks import InputError
from protocols.estimation.estimators.estimator import Estimator
from protocols.estimation.registry import choose_estimators, estimators_of
from protocols.problem import Kind
from protocols.schemes import AnyScheme, choose_schemes, schemes_of


def own_objects(
    problems: Kind, schemes: Sequence[AnyScheme], estimators: Sequence[Estimator], faults: list[str]
) -> tuple[dict[str, AnyScheme], dict[str, Estimator]]:
    """Objects of a caller's own by name; faults of what is no such object, for other sensing, or under a name that is taken."""
    own_schemes: dict[str, AnyScheme] = {}
    own_estimators: dict[str, Estimator] = {}
    try:
        own_schemes = {one.name: one for one in choose_schemes(problems, schemes)} if schemes else {}
    except InputError as error:
        faults += error.faults
    try:
        own_estimators = {one.name: one for one in choose_estimators(problems, estimators)} if estimators else {}
    except InputError as error:
        faults += error.faults
    faults += [
        f"the scheme name {name!r} is taken; choose another" for name in own_schemes if name in schemes_of(problems)
    ]
    faults += [
        f"the estimator name {name!r} is taken; choose another"
        for name in own_estimators
        if name in estimators_of(problems)
    ]
    return own_schemes, own_estimators


def code_hash(own: AnyScheme | Estimator) -> str:
    """Of the text of its class, where there is one, and of what it holds."""
    try:
        text = inspect.getsource(type(own))
    except (OSError, TypeError):
        text = type(own).__qualname__
    return hashlib.sha256(text.encode() + pickle.dumps(sorted(vars(own).items()), protocol=4)).hexdigest()[:16]
