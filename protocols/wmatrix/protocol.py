"""A photon protocol as data: which omega each pass uses. How to find one is in ``search``, what it is worth in ``schemes``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise
from typing import Any

from networks import InputError, LinearFunction
from networks.errors import short_repr
from networks.files.spelling import misspelling_of
from protocols.conditions import Switch
from protocols.documents.printed import Entry
from protocols.documents.result import Result
from protocols.theory.phase import exact_target
from protocols.wmatrix.integers import check_counts, coefficient_list, plain_int, plain_ints, plain_list, plain_rows
from protocols.wmatrix.task import PhotonTask

_KEYS = ("alpha", "photons", "passes", "columns", "repeats")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PhotonProtocol(Result):
    """Columns omega of W with how often each is used, r, for an oriented function: W r = N M alpha/||alpha||_P, BEGG (32).

    Parameters
    ----------
    function : LinearFunction, length d
        Oriented (||alpha||_P >= ||alpha||_Nn); build with ``from_mapping`` to have it turned.
    photons, passes : int
        N and M.
    columns : sequence of sequence of int, shape (n, d)
        Distinct vectors omega over the sensors; the reference holds what is left of N. Kept as tuples.
    repeats : sequence of int, shape (n,)
        r_n, the passes each column is used in, in this order of passes. Kept as a tuple.
    flipped : bool
        Whether the protocol was given for -q, the function that is not oriented.

    Notes
    -----
    Nothing is checked here; whether it is a protocol at all is what ``check_protocol`` answers.

    Examples
    --------
    >>> protocol = PhotonProtocol(
    ...     function=LinearFunction([1, 1]), photons=2, passes=2, columns=[[2, 0], [0, 2]], repeats=[1, 1]
    ... )
    >>> protocol.columns, protocol.phase_weights(), protocol.task.target
    (((2, 0), (0, 2)), (2, 2), (2, 2))
    """

    PRINTS_AS_CALL = True
    DOCUMENT = (
        Entry("alpha", of="function"),
        "photons",
        "passes",
        "columns",
        "repeats",
    )

    function: LinearFunction
    photons: int
    passes: int
    columns: tuple[tuple[int, ...], ...]
    repeats: tuple[int, ...]
    flipped: bool = False
    """Whether it was given for -q, the function that is not oriented."""

    def __post_init__(self) -> None:
        columns, repeats = self.columns, self.repeats
        # Protocols are made by the hundred thousand, and nearly all of them of tuples of plain integers.
        if {*map(type, (columns, repeats, *columns))} == {tuple} and {
            *map(type, chain((self.photons, self.passes), repeats, *columns))
        } == {int}:
            return
        object.__setattr__(self, "photons", plain_int(self.photons))
        object.__setattr__(self, "passes", plain_int(self.passes))
        object.__setattr__(self, "columns", plain_rows(self.columns))
        object.__setattr__(self, "repeats", plain_ints(self.repeats))

    @classmethod
    def from_columns(cls, task: PhotonTask, glued: Iterable[tuple[int, ...]]) -> PhotonProtocol:
        """From the glued columns of the two tables of a task, equal ones put together."""
        counts = Counter(glued)
        return cls(
            function=task.oriented,
            photons=task.photons,
            passes=task.passes,
            columns=tuple(map(task.margins.omega, counts)),
            repeats=tuple(counts.values()),
        )

    @property
    def task(self) -> PhotonTask:
        """What it is a protocol of, without limits."""
        return PhotonTask(function=self.function, photons=self.photons, passes=self.passes)

    @classmethod
    def from_mapping(cls, document: Mapping[str, Any]) -> PhotonProtocol:
        """From the document of ``psn check``.

        Parameters
        ----------
        document : mapping
            alpha, shape (d,); photons; passes; columns, shape (n, d); repeats, shape (n,). Numbers and arrays may be numpy's,
            coefficients sympy's; alpha is turned when it is not oriented.

        Raises
        ------
        InputError
            Listing every missing or misshapen part.
        """
        faults = [
            f"{key!r} is missing; a protocol has alpha, photons, passes, columns and repeats"
            for key in _KEYS
            if key not in document
        ]
        faults += [
            fault for key in document if key not in _KEYS if (fault := misspelling_of(key, _KEYS, "the protocol"))
        ]
        if faults:
            raise InputError(faults)
        function: LinearFunction | None = None
        flipped = False
        try:
            alpha = coefficient_list(document["alpha"])
            if not isinstance(alpha, list | tuple):
                raise InputError([f"alpha must be a list, got {short_repr(alpha)}"])
            turned = LinearFunction(alpha).orient()
            function, flipped = turned.function, turned.flipped
        except InputError as error:
            faults.extend(error.faults)
        photons, passes = plain_int(document["photons"]), plain_int(document["passes"])
        try:
            check_counts(photons, passes)
        except InputError as error:
            faults.extend(error.faults)
        columns, repeats = plain_list(document["columns"]), plain_list(document["repeats"])
        if isinstance(columns, list | tuple):
            columns = [plain_list(column) for column in columns]
        if not isinstance(columns, list | tuple):
            faults.append(f"columns must be a list of lists of integers, got {short_repr(columns)}")
        elif bad := [n for n, column in enumerate(columns, 1) if not _are_integers(column)]:
            faults += [f"column {n} must be a list of integers, got {short_repr(columns[n - 1])}" for n in bad]
        elif function is not None:
            faults += [
                f"column {n} must have {len(function)} entries, one a coefficient of alpha, got {len(column)}"
                for n, column in enumerate(columns, 1)
                if len(column) != len(function)
            ]
        if not _are_integers(repeats):
            faults.append(f"repeats must be a list of integers, got {short_repr(repeats)}")
        elif isinstance(columns, list | tuple) and len(repeats) != len(columns):
            faults.append(f"repeats must have one entry a column, got {len(repeats)} for {len(columns)} columns")
        if not columns and not faults:
            faults.append("columns must not be empty")
        if faults:
            raise InputError(faults)
        assert function is not None
        return cls(function=function, photons=photons, passes=passes, columns=columns, repeats=repeats, flipped=flipped)

    def pass_columns(self) -> tuple[tuple[int, ...], ...]:
        """omega of each pass, equal ones next to each other so that few controls are needed."""
        return tuple(column for column, times in zip(self.columns, self.repeats, strict=True) for _ in range(times))

    def modes_of(self, column: Sequence[int]) -> int:
        """Modes a pass with this column occupies, the reference included when it holds photons."""
        reference = self.photons + sum(w for w in column if w < 0)
        return sum(1 for w in column if w) + (1 if reference > 0 else 0)

    @property
    def modes_per_pass(self) -> tuple[int, ...]:
        """k of each pass."""
        return tuple(
            k for column, times in zip(self.columns, self.repeats, strict=True) for k in [self.modes_of(column)] * times
        )

    @property
    def switches(self) -> int:
        """Controls that have to change the column between passes."""
        return max(0, sum(1 for times in self.repeats if times) - 1)

    def controls(self) -> tuple[Switch, ...]:
        """Each switch with whether a permutation of modes does it: both branches keep their occupations up to the order of modes.

        Examples
        --------
        >>> protocol = PhotonProtocol(
        ...     function=LinearFunction([3, 1]), photons=2, passes=4, columns=[[2, 0], [1, 1]], repeats=[2, 2]
        ... )
        >>> protocol.controls()
        (Switch(after_pass=Fraction(2, 1), passive=False),)
        """
        used = [(column, times) for column, times in zip(self.columns, self.repeats, strict=True) if times]
        after, switches = 0, []
        for (column, times), (following, _) in pairwise(used):
            after += times
            same = self._occupations(column) == self._occupations(following)
            switches.append(Switch(after_pass=Fraction(after), passive=same))
        return tuple(switches)

    def _occupations(self, column: Sequence[int]) -> tuple[list[int], list[int]]:
        """Photon numbers of the modes in use, in order of size, in either branch."""
        reference = self.photons + sum(w for w in column if w < 0)
        second = [-w for w in column if w < 0] + ([reference] if reference else [])
        return sorted(w for w in column if w > 0), sorted(second)

    def phase_weights(self) -> tuple[int, ...]:
        """W r: the relative phase is (W r) . theta, BEGG (31)."""
        return tuple(
            sum(column[j] * times for column, times in zip(self.columns, self.repeats, strict=True))
            for j in range(len(self.function))
        )

    def target(self) -> tuple[Fraction, ...]:
        """N M alpha/||alpha||_P, the right side of (32), integer or not."""
        return exact_target(self.function, self.photons, self.passes)


def _are_integers(values: object) -> bool:
    return isinstance(values, list | tuple) and all(
        isinstance(v, int) and not isinstance(v, bool) for v in map(plain_int, values)
    )
