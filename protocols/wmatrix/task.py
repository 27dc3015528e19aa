"""A question about optimal photon protocols as one value: the function, N, M and the limits of every pass.

Whatever follows from these (the oriented function, the target, the margins of the tables, the allowed supports) is worked out
here, when first needed and once. How protocols are found is in ``search``; what one is, in ``protocol``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from networks import InputError, LinearFunction
from protocols.conditions import NoProtocolError
from protocols.documents.printed import Entry
from protocols.documents.result import Result
from protocols.problem import Divisibility, PhaseProblem, divisibility, photon_target
from protocols.theory.bounds import function_document
from protocols.wmatrix.columns import WMatrix
from protocols.wmatrix.integers import count_faults, plain_int, range_faults
from protocols.wmatrix.limits import Limits, cannot_be_met, support_table
from protocols.wmatrix.margins import Margins

_WITHOUT_LIMITS = ("oriented", "matrix", "divisibility", "target", "margins")
"""Derived facts that limits have no part in."""


@dataclass(frozen=True, kw_only=True, repr=False)
class PhotonTask(Result):
    """Optimal protocols of q = alpha . theta with N photons and M passes, every pass within limits: W r = N M alpha/||alpha||_P.

    Parameters
    ----------
    function : LinearFunction or sequence of int, Fraction or str, length d
        q as given; ``oriented`` is q or -q, whichever has ||alpha||_P >= ||alpha||_Nn.
    photons : int
        N, photons in a pass, from 1 to 1e30.
    passes : int
        M, from 1 to 1e30. Searches also ask that modes times passes are at most 2,000,000.
    limits : Limits
        What every pass must keep to.

    Raises
    ------
    InputError
        Listing every fault of the function, the numbers and the limits.

    Notes
    -----
    BEGG (27) to (34). Equal when function, N, M and limits are; derived facts are kept, and left out of copies by pickle.

    Examples
    --------
    >>> task = PhotonTask(function=[2, -1], photons=2, passes=2)
    >>> task.target, task.margins.left, task.margins.right
    ((4, -2), (4,), (2, 2))
    >>> PhotonTask(function=[1, 1, 1], photons=100, passes=1).is_divisible
    False
    """

    PRINTS_AS_CALL = True
    DOCUMENT = (
        Entry("function", of=lambda task: function_document(task.function)),
        Entry("columns", of="matrix.size"),
        "target",
        Entry("least_product", of="divisibility.least_product"),
    )

    function: LinearFunction
    photons: int
    passes: int
    limits: Limits

    def __init__(
        self,
        *,
        function: LinearFunction | Sequence[object],
        photons: int,
        passes: int,
        limits: Limits | None = None,
    ) -> None:
        limits = Limits() if limits is None else limits
        for name, value in _checked(function, photons, passes, limits).items():
            object.__setattr__(self, name, value)

    @classmethod
    def of(
        cls,
        given: PhotonTask | LinearFunction | Sequence[object],
        photons: int | None = None,
        passes: int | None = None,
        limits: Limits | None = None,
        *,
        counts: Iterable[tuple[str, object, int, int]] = (),
    ) -> PhotonTask:
        """The task that a public function was given, as one value or in parts, checked as a search needs it.

        Parameters
        ----------
        given : PhotonTask, LinearFunction or sequence of int, Fraction or str
            A task stands for photons, passes and limits too.
        counts : iterable of (str, object, int, int)
            Names, values, least and most of further integers, checked together with the rest.

        Raises
        ------
        InputError
            Every fault at once; or tables too large, or limits that no pass can obey.
        """
        faults: list[str] = []
        parts = {"photons": photons, "passes": passes, "limits": limits}
        if isinstance(given, PhotonTask):
            twice = [name for name, value in parts.items() if value is not None]
            faults += [f"{name} must not be given beside a task, which has its own" for name in twice]
        else:
            try:
                _checked(given, photons, passes, Limits() if limits is None else limits)
            except InputError as error:
                faults += error.faults
        faults += range_faults(counts)
        if faults:
            raise InputError(faults)
        if isinstance(given, PhotonTask):
            task = given
        else:
            assert photons is not None
            assert passes is not None
            task = cls(function=given, photons=photons, passes=passes, limits=limits)
        if task.is_divisible:
            # The tables must not be too large, and groups that no pass can obey are faults too.
            _ = task.effective
        return task

    @classmethod
    def of_problem(cls, problem: PhaseProblem, limits: Limits | None = None) -> PhotonTask:
        """The task of a network: its oriented function, N and M."""
        return cls(function=problem.function, photons=problem.photons, passes=problem.passes, limits=limits)

    def __getstate__(self) -> dict[str, object]:
        # Derived facts are worked out again where they are needed; a pickled array would come back writable.
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def within(self, limits: Limits) -> PhotonTask:
        """The same task under other limits; what is known of it already and does not depend on them is not worked out again.

        >>> task = PhotonTask(function=[2, -1], photons=2, passes=2)
        >>> margins, narrow = task.margins, task.within(Limits(modes=2))
        >>> narrow.margins is margins, narrow == task
        (True, False)
        """
        if limits == self.limits:
            return self
        other = replace(self, limits=limits)
        vars(other).update({name: value for name, value in vars(self).items() if name in _WITHOUT_LIMITS})
        return other

    def with_modes(self, modes: int | None) -> PhotonTask:
        """The same task with at most so many occupied modes in a pass, any number when None."""
        return self.within(replace(self.limits, modes=modes))

    # --- what follows from the function, N and M ------------------------------------------------------------

    @cached_property
    def oriented(self) -> LinearFunction:
        """q or -q, with ||alpha||_P >= ||alpha||_Nn; protocols are for this one."""
        return self.function.orient().function

    @property
    def flipped(self) -> bool:
        """Whether protocols are for -q."""
        return self.oriented != self.function

    @cached_property
    def matrix(self) -> WMatrix:
        """W, BEGG (27)."""
        return WMatrix(self.function, self.photons)

    @cached_property
    def divisibility(self) -> Divisibility:
        """Which N M work, (34), and the sentence about those that do not."""
        return divisibility(self.oriented, self.photons, self.passes)

    @cached_property
    def target(self) -> tuple[int, ...] | None:
        """N M alpha/||alpha||_P of the oriented function, (34), shape (d,); None when it is not integer."""
        return photon_target(self.oriented, self.photons, self.passes)

    @property
    def is_divisible(self) -> bool:
        """Whether (34) holds, so that protocols exist when nothing is limited."""
        return self.target is not None

    @cached_property
    def margins(self) -> Margins:
        """The row and column sums of the two tables that a protocol fills.

        Raises
        ------
        NoProtocolError
            When (34) fails, naming the divisibility and the least resources that work.
        InputError
            When the tables have more than 2,000,000 cells.
        """
        if self.target is None:
            raise NoProtocolError([self.divisibility.no_columns()])
        return Margins.of_target(self.target, self.photons, self.passes)

    # --- what follows from the limits -----------------------------------------------------------------------

    @cached_property
    def effective(self) -> Limits:
        """The limits without those that every pass meets anyway.

        Raises
        ------
        InputError
            When a required group holds no mode in use, so that no pass can obey.
        """
        return self.limits.effective(self.margins)

    @cached_property
    def cap(self) -> int:
        """The most photons that a mode can hold in a pass."""
        return self.limits.cap(self.margins)

    @property
    def max_modes(self) -> int:
        """The most modes that a pass can occupy."""
        return self.margins.rows if self.effective.modes is None else self.effective.modes

    @cached_property
    def has_no_room(self) -> bool:
        """Whether the photons per mode leave a row or a side no room: a quick no, and otherwise nothing is said."""
        return cannot_be_met(self.margins, self.limits)

    @cached_property
    def supports(self) -> NDArray[np.uint8]:
        """Which partial supports can still become allowed ones, see ``limits.support_table``; read-only."""
        return support_table(self.margins, self.effective)

    # --- documents ------------------------------------------------------------------------------------------


def _checked(
    function: LinearFunction | Sequence[object], photons: object, passes: object, limits: Limits
) -> dict[str, object]:
    """The fields of a task; raises InputError with every fault of them."""
    if not isinstance(limits, Limits):
        raise TypeError(f"limits must be a Limits, got {type(limits).__name__}")
    photons, passes = plain_int(photons), plain_int(passes)
    faults = count_faults(photons, passes)
    try:
        function = function if isinstance(function, LinearFunction) else LinearFunction(function)
        faults += limits.faults(len(function))
    except InputError as error:
        faults += error.faults
    if faults:
        raise InputError(faults)
    return {"function": function, "photons": photons, "passes": passes, "limits": limits}
