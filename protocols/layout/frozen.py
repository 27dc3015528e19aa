"""The base of the values of this room: what was given as lists is kept as tuples, so that nothing changes after it was made."""

from __future__ import annotations

from networks.values import field_names, plain


class Frozen:
    """For frozen dataclasses with sequences in their fields; equal values are equal however they were made, and hash alike.

    The lists of a search are made plain here and its tuples are left as they are: ``networks.values.Value`` goes through both,
    and laying out examples/region_200.json takes four times as long with it.

    Examples
    --------
    >>> from protocols.layout.squeezed.trees import Tree
    >>> Tree(root="a", parents=[["b", "a", 1.0]], arrives=[], captured=1.0).parents
    (('b', 'a', 1.0),)
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        """Keep lists as tuples."""
        for name in field_names(type(self)):
            given = getattr(self, name)
            if isinstance(given, list):
                object.__setattr__(self, name, plain(given))
