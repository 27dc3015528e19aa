"""How golden files are written: JSON whose lines can be read and compared by git. Nothing of ours is imported."""

import hashlib
import json

WIDTH = 118
LONG = 12
"""Lists that are longer are thinned where a case asks for it."""


def text_of(document: object) -> str:
    """A document as JSON: what fits into a line is on one, and plain lists fill their lines."""
    return "\n".join(_lines(document, "")) + "\n"


def _lines(value: object, indent: str) -> list[str]:
    whole = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(whole) <= WIDTH or not isinstance(value, dict | list):
        return [whole]
    inner = f"{indent} "
    if isinstance(value, dict):
        items = [
            _prefixed(f"{json.dumps(key, ensure_ascii=False)}: ", _lines(item, inner)) for key, item in value.items()
        ]
    elif any(isinstance(item, dict | list | str) for item in value):
        items = [_lines(item, inner) for item in value]
    else:
        items = [[line] for line in _filled([json.dumps(item) for item in value], WIDTH - len(inner))]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    body = [line for number, item in enumerate(items) for line in _comma(item, last=number == len(items) - 1)]
    return [opening, *(f" {line}" for line in body), closing]


def _prefixed(prefix: str, lines: list[str]) -> list[str]:
    return [prefix + lines[0], *lines[1:]]


def _comma(lines: list[str], *, last: bool) -> list[str]:
    return lines if last else [*lines[:-1], f"{lines[-1]},"]


def _filled(words: list[str], width: int) -> list[str]:
    """Numbers with commas between them, as many as fit into each line; the comma at the end of a line comes later."""
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(word) + 3 <= width:
            lines[-1] += f", {word}"
        else:
            lines.append(word)
    return lines


def thinned(value: object) -> object:
    """The document with its long lists cut to their first and last items, with sums and a hash over all of them.

    Numbers count with weights from 1 to 2, positive and negative ones apart, so that no two errors cancel.

    >>> thinned([1.0] * 13)["positive"], thinned([1.0] * 12) == [1.0] * 12
    (19.0, True)
    """
    if isinstance(value, dict):
        return {key: thinned(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if len(value) <= LONG:
        return [thinned(item) for item in value]
    leaves = list(_leaves(value))
    numbers = [leaf for leaf in leaves if isinstance(leaf, float)]
    weighted = [(1 + place / len(numbers)) * number for place, number in enumerate(numbers)]
    others = json.dumps([leaf for leaf in leaves if not isinstance(leaf, float)])
    return {
        "items": len(value),
        "first": thinned(value[:3]),
        "last": thinned(value[-2:]),
        "numbers": len(numbers),
        "positive": sum(number for number in weighted if number > 0),
        "negative": sum(number for number in weighted if number < 0),
        "others": hashlib.sha256(others.encode()).hexdigest()[:16],
    }


def _leaves(value: object) -> list[object]:
    """Everything in a document but the brackets, keys among it."""
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in (key, *_leaves(item))]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]
