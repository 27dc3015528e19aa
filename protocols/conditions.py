"""A condition with its verdict and witness, and the report of a check."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from networks import InputError
from networks.values import Value
from protocols.documents.printed import Entry, Printed, number
from protocols.documents.result import Result


class NoProtocolError(InputError):
    """No protocol of columns exists at these N, M and limits, or no scheme applies: nothing is wrong with the input.

    A caller that can do with other light, or other N and M, catches it; its message names the least that would do, and what
    reaches the bound without columns.

    Examples
    --------
    >>> from protocols import best_protocols
    >>> try:
    ...     best_protocols([1, 1, 1], photons=100, passes=1)
    ... except NoProtocolError as error:
    ...     print(error.faults[0].split("; ")[-2])
    the least N M that works is 3
    """


AGREE = 1e-9
"""Relative difference below which simulated and closed-form numbers count as the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Value, Printed):
    """A condition of the papers with its verdict and witness.

    Attributes
    ----------
    name, equation : str
        What has to hold, and where the papers have it.
    holds : bool
    witness : str
        The number or place that proves the verdict.
    """

    name: str
    equation: str
    holds: bool
    witness: str


def whole_or_text(value: Fraction) -> int | str:
    """An exact number as documents have it: counts as integers, fractions as text.

    Parameters
    ----------
    value : Fraction

    Examples
    --------
    >>> whole_or_text(Fraction(3)), whole_or_text(Fraction(1, 3))
    (3, '1/3')
    """
    return int(value) if value.denominator == 1 else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch(Value, Printed):
    """A control that changes the columns between two passes.

    Attributes
    ----------
    after_pass : Fraction
        The pass, or of pairs the time in passes, after which it acts.
    passive : bool
        Whether a permutation of modes does it: no passive interferometer does more, because it keeps the occupations of a Fock
        state up to their order when it gives a Fock state. Others change the photon numbers of modes branch by branch.
    """

    DOCUMENT = (Entry("after_pass", of=lambda switch: whole_or_text(switch.after_pass)), "passive")

    after_pass: Fraction
    passive: bool


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CheckReport(Value, Result):
    """All conditions of a protocol; ``valid`` when every one holds.

    Attributes
    ----------
    conditions : tuple of Condition
    qfi_matrix : (d, d) ints, or floats where they are no whole numbers, or None
        Quantum Fisher information matrix in rad^-2; None when there is no state.
    mse : Fraction, float or None
        Mean squared error of q in rad^2; infinite when q cannot be estimated, None when there is no state.
    bound : Fraction
        (12), in rad^2.
    modes_per_pass : (M,) ints
        Of pairs, for each of their times.
    subject : "protocol", "pairs" or "certificate"
        What was checked.
    switches : tuple of Switch
        The controls, and which are mere permutations of modes.
    """

    DOCUMENT = (
        "valid",
        "conditions",
        "qfi_matrix",
        Entry("mse", of=lambda report: number(report.mse)),
        Entry("bound", of=lambda report: number(report.bound)),
        "modes_per_pass",
        "switches",
    )

    conditions: tuple[Condition, ...]
    qfi_matrix: tuple[tuple[float, ...], ...] | None
    mse: Fraction | float | None
    bound: Fraction
    modes_per_pass: tuple[int, ...]
    subject: Literal["protocol", "pairs", "certificate"] = "protocol"
    switches: tuple[Switch, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether every condition holds."""
        return all(condition.holds for condition in self.conditions)

    def require(self) -> None:
        """Raise InputError with the witness of every condition that fails."""
        if not self.valid:
            raise InputError([f"{c.name} {c.equation}: {c.witness}" for c in self.conditions if not c.holds])
