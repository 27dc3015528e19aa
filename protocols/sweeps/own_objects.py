"""Schemes and estimators of a caller's own, which a spec names like registered ones."""

from __future__ import annotations

import hashlib
import inspect
import pickle
from collections.abc import Sequence
from types import CodeType, FunctionType

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
    """Of the text of its class and of the classes of a caller's own that it is made from, and of what it holds."""
    kinds = [kind for kind in type(own).__mro__ if kind is type(own) or not _is_ours(kind)]
    text = "".join(map(_text_of, kinds))
    return hashlib.sha256(text.encode() + pickle.dumps(sorted(vars(own).items()), protocol=4)).hexdigest()[:16]


def _is_ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in {"protocols", "builtins", "abc", "typing"}


def _text_of(kind: type) -> str:
    """The text of a class; where Python finds none, as in a notebook, those of its functions, and its other values."""
    try:
        return inspect.getsource(kind)
    except (OSError, TypeError):
        parts = [_text_of_member(name, value) for name, value in vars(kind).items()]
        return "\n".join([kind.__qualname__, *filter(None, parts)])


def _text_of_member(name: str, value: object) -> str:
    if isinstance(value, property):
        value = value.fget
    value = getattr(value, "__func__", value)  # of static methods and class methods
    if isinstance(value, FunctionType):
        try:
            return inspect.getsource(value)
        except (OSError, TypeError):
            return f"{name} {_text_of_code(value.__code__)}"
    if name.startswith("_"):
        # Python's own: where the class was made, in which line, its table of abstract methods.
        return ""
    shown = _shown(value)
    return f"{name} {type(value).__qualname__ if ' at 0x' in shown else shown}"


def _text_of_code(code: CodeType) -> str:
    """What it does and with what; not where it was written."""
    held = (_text_of_code(one) if isinstance(one, CodeType) else _shown(one) for one in code.co_consts)
    return " ".join([code.co_code.hex(), *code.co_names, *held])


def _shown(value: object) -> str:
    # The order of a set of texts changes from process to process.
    return f"set of {sorted(map(repr, value))}" if isinstance(value, set | frozenset) else repr(value)
