"""What ``--json`` prints of a result: each class declares its fields, and one function reads the declarations.

Nothing heavy is imported, so that ``psn bounds --json`` answers at once. What is printed is not read back; see ``kept``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Entry:
    """A field of a printed document whose name or value is not simply that of an attribute.

    Parameters
    ----------
    name : str
        The field in the document.
    of : str or callable
        The attribute, dotted where it is an attribute of one ("tally.mse"); or what computes the value from the whole result.
    """

    name: str
    of: str | Callable[[Any], object]

    def value(self, result: object) -> object:
        """What the field holds for this result, before it is made plain."""
        return attrgetter(self.of)(result) if isinstance(self.of, str) else self.of(result)


@dataclass(frozen=True, slots=True)
class Inline:
    """The fields of another document, put among those of this one.

    Parameters
    ----------
    of : str or callable
        The value with that document, as in ``Entry``.
    """

    of: str | Callable[[Any], object]


Declared = str | Entry | Inline
"""One line of a declaration; text names an attribute that is printed under its own name."""


class Printed:
    """A dataclass with a document: its fields in order, or what ``DOCUMENT`` declares.

    Examples
    --------
    >>> @dataclass(frozen=True, slots=True, kw_only=True)
    ... class Half(Printed):
    ...     DOCUMENT = ("name", Entry("size", of=lambda half: len(half.parts) / 2), Entry("elements", of="parts"))
    ...     name: str
    ...     parts: tuple[int, ...]
    >>> Half(name="a", parts=(1, 2)).to_dict()
    {'name': 'a', 'size': 1.0, 'elements': [1, 2]}
    """

    __slots__ = ()
    DOCUMENT: ClassVar[tuple[Declared, ...]] = ()

    def to_dict(self) -> dict[str, object]:
        """What ``--json`` prints, as dictionaries, lists, text and numbers; exact fractions are text, infinities stay."""
        return document_of(self)


def document_of(result: object) -> dict[str, object]:
    """The printed document of a dataclass: what it declares, or else all its fields under their own names."""
    assert dataclasses.is_dataclass(result)
    declared: tuple[Declared, ...] = getattr(result, "DOCUMENT", ()) or tuple(
        field.name for field in dataclasses.fields(result)
    )
    document: dict[str, object] = {}
    for line in declared:
        if isinstance(line, Inline):
            inner = plain(Entry("", line.of).value(result))
            assert isinstance(inner, dict)
            document |= inner
        else:
            entry = line if isinstance(line, Entry) else Entry(line, line)
            document[entry.name] = plain(entry.value(result))
    return document


def plain(value: object) -> object:
    """A value as dictionaries, lists, text and numbers."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Printed):
        return value.to_dict()
    if hasattr(value, "tolist"):  # arrays, without loading numpy to ask
        return value.tolist()
    from networks import LinearFunction, SensorNetwork

    if isinstance(value, LinearFunction):
        return [str(a) for a in value.alpha]
    if isinstance(value, SensorNetwork):
        from networks.files.node_link import network_document

        return network_document(value)
    return document_of(value)


def number(value: Fraction | float | None) -> float | None:
    """An exact number as the nearest float; None stays."""
    return None if value is None else float(value)
