"""Whether two documents are the same: keys in order, types and texts exactly, numbers up to rounding. Nothing of ours is imported.

What differs is named by its JSON path, such as ``$.rows[2].mse: 0.25 was kept, now 0.26 (relative 0.04)``.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

RELATIVE = 1e-12
"""Of the larger number."""
FLOOR = 1e-15
"""Differences below it are rounding of numbers that are zero in exact arithmetic."""
WITNESS_FLOOR = 1e-10
"""Numbers in sentences, with an exponent and below it, say how small a rounding error was: any other so small, or 0, will do."""
LONG_DIGITS = 10
"""A number in a sentence with as many digits may differ by one in its last, where 1e-12 decides how it is rounded."""
FIRST = 5
"""Differences that a message names."""


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """What numbers may differ by where they depend on the machine (its kernels of linear algebra add in another order), and why."""

    case: str = ""
    """Pattern of the names of golden files."""
    path: str
    """Pattern of JSON paths."""
    relative: float = RELATIVE
    absolute: float = FLOOR
    why: str


TOLERANCES = (
    Tolerance(
        path=r"\.(error|difference|difference_to_native)$",
        absolute=1e-12,
        why="the difference of two ways to the same thing is made of rounding errors and nothing else",
    ),
    Tolerance(
        case="^privacy/",
        path=r"(directional_qfi|nuisance_aware_qfi|worst_orthogonal_qfi|estimable.*)$",
        absolute=1e-11,
        why="information that is zero in exact arithmetic",
    ),
    Tolerance(
        case="^loss/",
        path=r"\.measurements\[\d+\]\.(mse|share)$",
        relative=1e-8,
        why="sums over counted photons up to a cutoff, and optimised angles",
    ),
    Tolerance(case="^loss/", path=r"\.best_states\.(mse|lower_bound)$", relative=1e-6, why="stops at a gap of 1e-4"),
    Tolerance(case="^loss/", path=r"\.best_states\.", relative=0.1, absolute=0.02, why="its optimum is flat"),
    Tolerance(
        case="^loss/", path=r"\.schemes\[\d+\]\.(mse|over_shot_noise)$", relative=1e-9, why="one row is best_states"
    ),
    Tolerance(
        case="^mesh/region", path="rad|positive|negative", relative=1e-3, absolute=1e-3, why="200 nodes add up errors"
    ),
    Tolerance(case="^mesh/", path="rad", absolute=1e-10, why="errors add up from element to element"),
)
EXACT = Tolerance(path="", why="rounding")


def tolerances_of(name: str) -> tuple[Tolerance, ...]:
    """Those for a golden file; the first whose path fits counts."""
    return tuple(one for one in TOLERANCES if re.search(one.case, name))


_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+(?:e[-+]?\d+)?|e-\d+)(?![\w.]*\w)")
"""Decimal numbers in a text; integers, fractions and ids are text like other text."""


def differences(
    kept: object, now: object, path: str = "$", tolerances: Sequence[Tolerance] = TOLERANCES[:1]
) -> Iterator[str]:
    """Every difference between two JSON documents, in their order.

    >>> list(differences({"mse": 1.0, "n": [1, 2]}, {"mse": 1.0 + 1e-14, "n": [1, 3]}))
    ['$.n[1]: 2 was kept, now 3']
    """
    if type(kept) is not type(now):
        yield f"{path}: {_short(kept)} was kept, now {_short(now)} of another type"
    elif isinstance(kept, dict):
        yield from _of_objects(kept, now, path, tolerances)
    elif isinstance(kept, list):
        yield from _of_lists(kept, now, path, tolerances)
    elif isinstance(kept, float):
        given = next((one for one in tolerances if re.search(one.path, path)), EXACT)
        if not close(kept, now, given):
            yield f"{path}: {kept!r} was kept, now {now!r} (relative {abs(kept - now) / max(abs(kept), abs(now)):.2g})"
    elif isinstance(kept, str):
        if not same_text(kept, now):
            yield f"{path}: {_texts(kept, now)}"
    elif kept != now:
        yield f"{path}: {_short(kept)} was kept, now {_short(now)}"


def _of_objects(kept: dict, now: dict, path: str, tolerances: Sequence[Tolerance]) -> Iterator[str]:
    missing, new = [key for key in kept if key not in now], [key for key in now if key not in kept]
    if missing:
        yield f"{path}: {', '.join(missing)} missing"
    if new:
        yield f"{path}: {', '.join(new)} new"
    if not missing and not new and list(kept) != list(now):
        yield f"{path}: keys in the order {', '.join(kept)} were kept, now {', '.join(now)}"
    for key, value in kept.items():
        if key in now:
            yield from differences(value, now[key], _below(path, key), tolerances)


def _of_lists(kept: list, now: list, path: str, tolerances: Sequence[Tolerance]) -> Iterator[str]:
    if len(kept) != len(now):
        yield f"{path}: {len(kept)} items were kept, now {len(now)}"
    for place, (one, other) in enumerate(zip(kept, now, strict=False)):
        yield from differences(one, other, f"{path}[{place}]", tolerances)


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if key.isidentifier() else f"{path}[{json.dumps(key, ensure_ascii=False)}]"


def close(one: float, other: float, given: Tolerance = EXACT) -> bool:
    """Whether two numbers are equal within a tolerance."""
    return one == other or math.isclose(one, other, rel_tol=given.relative, abs_tol=given.absolute)


def same_text(one: str, other: str) -> bool:
    """Whether two texts are equal, their decimal numbers up to rounding.

    >>> same_text("off by 1.1e-16 of 0.00759147498278", "off by 5e-15 of 0.00759147498279")
    True
    >>> same_text("N = 5, MSE 0.25", "N = 5, MSE 0.26"), same_text("N = 5", "N = 6")
    (False, False)
    """
    if one == other:
        return True
    first, second = _parts(one), _parts(other)
    return len(first) == len(second) and all(_same_part(a, b) for a, b in zip(first, second, strict=True))


def _parts(text: str) -> list[str]:
    """Words and numbers; 0 alone may be a rounding error that happened to vanish."""
    return re.split(rf"({_NUMBER.pattern}|(?<![\w./])0(?![\w./]))", text)


def _same_part(one: str, other: str) -> bool:
    if one == other:
        return True
    if not all(part == "0" or _NUMBER.fullmatch(part) for part in (one, other)):
        return False
    if (
        all(part == "0" or "e" in part for part in (one, other))
        and max(abs(float(one)), abs(float(other))) < WITNESS_FLOOR
    ):
        return True
    return close(float(one), float(other)) or (_digits(one) == _digits(other) and _one_in_the_last(one, other))


def _digits(number: str) -> int:
    return len(number.split("e")[0].lstrip("-0.").replace(".", ""))


def _one_in_the_last(one: str, other: str) -> bool:
    """Whether two long numbers differ by a unit of their last digit."""
    mantissa, _, exponent = one.partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return _digits(one) >= LONG_DIGITS and abs(float(one) - float(other)) < 1.5 * unit


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _texts(kept: str, now: str) -> str:
    """Two texts from a little before the place where they part."""
    place = next((k for k, (a, b) in enumerate(zip(kept, now, strict=False)) if a != b), min(len(kept), len(now)))
    start = max(0, place - 20)
    shown = [json.dumps(("..." if start else "") + text[start:], ensure_ascii=False) for text in (kept, now)]
    return " was kept, now ".join(text if len(text) <= 100 else f'{text[:96]}..."' for text in shown)


def message(kept: object, now: object, name: str = "") -> str:
    """The first few differences, a line each; empty when there is none. ``name`` is that of the golden file."""
    result = list(differences(kept, now, tolerances=tolerances_of(name)))
    more = [f"... and {len(result) - FIRST} more"] if len(result) > FIRST else []
    return "\n".join([*result[:FIRST], *more])
