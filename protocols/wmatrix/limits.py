"""What a single pass may use: how many modes, how many photons in each, and which modes together.

Modes are numbered as in alpha from 0; the reference has the number d. How a walk or a count obeys the limits is said there.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from networks import InputError
from networks.errors import short_repr
from protocols.wmatrix.integers import plain_int, plain_ints, plain_rows
from protocols.wmatrix.margins import Margins

if TYPE_CHECKING:
    import networkx as nx

LARGEST_SUPPORT_ROWS = 20
"""Modes in use up to which the supports that groups or a predicate allow are listed: 2^20 of them, 2 MB."""

Predicate = Callable[[frozenset[int]], bool]
Groups = tuple[frozenset[int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of every pass; None and empty are free.

    Parameters
    ----------
    modes : int, optional
        At most so many occupied modes, 2 or more, the reference included when it holds photons.
    photons_per_mode : int, optional
        At most so many photons in a mode, 1 or more, as detectors that resolve photon numbers ask for.
    forbidden : iterable of iterable of int
        Groups of modes, 0 to d, that no pass occupies all together; kept as a tuple of frozensets.
    required : iterable of iterable of int
        Groups of modes, 0 to d, of which every pass occupies at least one; kept likewise.
    allows : callable, optional
        Whether a pass may occupy exactly this set of modes, such as ``connected_supports(to_graph(network), names)``.

    Raises
    ------
    InputError
        When groups are no groups. Whether the modes exist is checked with a function, by ``faults``.

    Examples
    --------
    >>> limits = Limits(modes=3, forbidden=[{0, 1}])
    >>> limits.admit({0, 2}), limits.admit({0, 1, 2})
    (True, False)
    >>> limits == Limits(modes=3, forbidden=(frozenset({0, 1}),))
    True
    """

    modes: int | None = None
    photons_per_mode: int | None = None
    forbidden: Groups = ()
    required: Groups = ()
    allows: Predicate | None = None

    def __post_init__(self) -> None:
        for name in ("modes", "photons_per_mode"):
            object.__setattr__(self, name, plain_int(getattr(self, name)))
        for name in ("forbidden", "required"):
            object.__setattr__(self, name, _groups(name, getattr(self, name)))

    @property
    def are_none(self) -> bool:
        """Whether nothing is limited."""
        return self == Limits()

    @property
    def name_modes(self) -> bool:
        """Whether it matters which modes a pass occupies, not only how many and how full."""
        return bool(self.forbidden or self.required or self.allows)

    def cap(self, margins: Margins) -> int:
        """The most photons that a mode can hold in a pass."""
        return min(self.photons_per_mode or margins.photons, margins.photons)

    def admit(self, support: Iterable[int]) -> bool:
        """Whether a pass may occupy exactly these modes."""
        occupied = frozenset(support)
        return (
            (self.modes is None or len(occupied) <= self.modes)
            and not any(group <= occupied for group in self.forbidden)
            and all(group & occupied for group in self.required)
            and (self.allows is None or bool(self.allows(occupied)))
        )

    def faults(self, dimension: int) -> list[str]:
        """What is wrong with them for d sensors, in words; empty when nothing is."""
        faults = [
            f"{name} must be an integer of at least {least}, got {short_repr(value)}"
            for name, value, least in (
                ("max modes", self.modes, 2),
                ("max photons per mode", self.photons_per_mode, 1),
            )
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least)
        ]
        for kind, groups in (("forbidden", self.forbidden), ("required", self.required)):
            for group in groups:
                if not group:
                    faults.append(f"a {kind} group must name at least one mode, got none")
                faults += [
                    f"a {kind} group names mode {short_repr(mode)}; modes are 0 to {dimension - 1}, the reference is {dimension}"
                    for mode in group
                    if isinstance(mode, bool) or not isinstance(mode, int) or not 0 <= mode <= dimension
                ]
        if isinstance(self.allows, Connected):
            faults += [
                f"a link joins modes {short_repr(link)}; modes are 0 to {dimension - 1}, the reference is {dimension}"
                for link in self.allows.links
                if not all(isinstance(mode, int) and 0 <= mode <= dimension for mode in link)
            ]
        never = frozenset().union(*(group for group in self.forbidden if len(group) == 1))
        faults += [
            f"contradictory groups: one of {_listed(group)} is required, and each of them is forbidden by itself"
            for group in self.required
            if group and group <= never
        ]
        return faults

    def effective(self, margins: Margins) -> Limits:
        """The same limits without those that no pass of these margins can meet.

        Raises InputError when a required group holds no mode in use, so that no pass can obey.
        """
        used = frozenset((*margins.left_modes, *margins.right_modes))
        required = tuple(group & used for group in self.required)
        if not all(required):
            idle = next(group for group in self.required if not group & used)
            raise InputError(
                [
                    f"one of {_listed(idle)} is required in every pass, but none of them ever holds photons in this problem"
                ]
            )
        modes = None if self.modes is None or self.modes >= margins.rows else self.modes
        cap = self.photons_per_mode
        return replace(
            self,
            modes=modes,
            photons_per_mode=None if cap is None or cap >= margins.photons else cap,
            forbidden=tuple(group for group in self.forbidden if group <= used),
            required=tuple(group for group in required if group != used),
        )


@dataclass(frozen=True, slots=True)
class Connected:
    """A predicate: the occupied modes are connected to each other by these links between modes.

    Parameters
    ----------
    links : iterable of pairs of int
        Modes from 0 to d that are joined; kept as a tuple of tuples.

    Examples
    --------
    >>> allows = Connected(links=((0, 1), (1, 2), (2, 3)))
    >>> allows(frozenset({2, 3})), allows(frozenset({0, 3}))
    (True, False)
    """

    links: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "links", plain_rows(self.links))

    def __call__(self, support: frozenset[int]) -> bool:
        whole = sum(1 << mode for mode in support)
        reached = whole & -whole
        grown = True
        while grown and reached != whole:
            grown = False
            for a, b in self.links:
                ends = (1 << a) | (1 << b)
                if ends & reached and ends & whole == ends and ends & ~reached:
                    reached |= ends
                    grown = True
        return reached == whole


def connected_supports(
    graph: nx.Graph[Any], modes: tuple[Hashable, ...], *, through: Iterable[Hashable] = ()
) -> Connected:
    """The predicate for a graph of named modes: sensors in the order of alpha, then the reference.

    Parameters
    ----------
    graph : networkx.Graph
        Nodes and links; nodes that are neither in ``modes`` nor in ``through`` are passed over.
    modes : tuple of hashable, length d or d + 1
        The node of each mode in the order of alpha, then that of the reference.
    through : iterable of hashable
        Nodes that sense nothing: modes also count as linked when a path between them runs through such nodes only.

    Returns
    -------
    Connected
        For ``Limits.allows``.

    Examples
    --------
    >>> import networkx as nx
    >>> connected_supports(nx.path_graph(["a", "b", "ref"]), ("a", "b", "ref"))
    Connected(links=((0, 1), (1, 2)))
    >>> connected_supports(nx.path_graph(["a", "hub", "b"]), ("a", "b"), through=["hub"])
    Connected(links=((0, 1),))
    """
    import networkx as nx

    number = {name: k for k, name in enumerate(modes)}
    links = {
        (min(number[a], number[b]), max(number[a], number[b])) for a, b in graph.edges if a in number and b in number
    }
    for part in nx.connected_components(graph.subgraph(through)):
        ends = {number[end] for node in part for end in (node, *graph[node]) if end in number}
        links |= set(itertools.combinations(sorted(ends), 2))
    return Connected(tuple(sorted(links)))


def cannot_be_met(margins: Margins, limits: Limits) -> bool:
    """Whether the photons per mode leave a row or a side no room: a quick no, and otherwise nothing is said."""
    cap = limits.cap(margins)
    return any(
        max(rows) > cap * margins.passes or len(rows) * cap < margins.photons for rows in (margins.left, margins.right)
    )


def support_table(margins: Margins, limits: Limits) -> NDArray[np.uint8]:
    """Which partial supports can still become allowed ones; empty when it does not matter which modes a pass occupies.

    The limits must be effective ones. Entry 2^i + m says whether the rows 0 ... i - 1 may be occupied as the bits of m say:
    whether some choice of the rows behind gives an allowed support that can hold N photons on each side.

    Raises
    ------
    InputError
        When more than LARGEST_SUPPORT_ROWS modes are in use.
    """
    if not limits.name_modes:
        return np.zeros(0, dtype=np.uint8)
    rows, left = margins.rows, len(margins.left)
    if rows > LARGEST_SUPPORT_ROWS:
        raise InputError(
            [
                f"groups and supports are listed for at most {LARGEST_SUPPORT_ROWS} modes in use, here are {rows}; "
                "limit the number of modes instead, or choose fewer sensors"
            ]
        )
    modes = (*margins.left_modes, *margins.right_modes)
    row_of = {mode: row for row, mode in enumerate(modes)}
    masks = np.arange(1 << rows, dtype=np.int64)
    sizes = np.bitwise_count(masks)
    left_sizes = np.bitwise_count(masks & ((1 << left) - 1))
    allowed = np.ones(1 << rows, dtype=bool)
    fewest = -(-margins.photons // limits.cap(margins))
    for held in (left_sizes, sizes - left_sizes):
        allowed &= (held >= fewest) & (held <= min(margins.photons, rows))
    if limits.modes is not None:
        allowed &= sizes <= limits.modes
    for group in limits.forbidden:
        together = sum(1 << row_of[mode] for mode in group)
        allowed &= masks & together != together
    for group in limits.required:
        allowed &= masks & sum(1 << row_of[mode] for mode in group) != 0
    if limits.allows is not None:
        for mask in np.flatnonzero(allowed).tolist():
            allowed[mask] = limits.allows(frozenset(modes[row] for row in range(rows) if mask >> row & 1))
    if any(not allowed[masks >> row & 1 == 1].any() for row in range(rows)):
        # A row that no pass may occupy has photons all the same: there is no protocol.
        allowed[:] = False
    table = np.zeros(2 << rows, dtype=np.uint8)
    for row in range(rows, -1, -1):
        table[1 << row : 2 << row] = allowed
        if row:
            allowed = allowed[: 1 << (row - 1)] | allowed[1 << (row - 1) :]
    table.setflags(write=False)
    return table


def _groups(name: str, groups: Iterable[Iterable[int]]) -> Groups:
    try:
        return tuple(frozenset(plain_ints(group)) for group in groups)
    except TypeError:
        raise InputError(
            [f"{name} must be groups of modes such as [{{0, 1}}, {{2}}], got {short_repr(groups)}"]
        ) from None


def _listed(group: frozenset[int]) -> str:
    return "{" + ", ".join(str(mode) for mode in sorted(group)) + "}"
