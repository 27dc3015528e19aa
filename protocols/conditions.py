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
    """No optimal photon protocol exists at these N, M and limits: nothing is wrong with the input, but there is nothing to give.

    A caller that can do with other light, or other N and M, catches it; its message names the least that would do.

    Examples
    --------
    >>> from protocols import best_protocols
    >>> try:
    ...     best_protocols([1, 1, 1], photons=100, passes=1)
    ... except NoProtocolError as error:
    ...     print(error.faults[0].split("; ")[-1])
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


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CheckReport(Value, Result):
    """All conditions of a protocol; ``valid`` when every one holds.

    Attributes
    ----------
    conditions : tuple of Condition
    qfi_matrix : (d, d) ints or None
        Quantum Fisher information matrix in rad^-2; None when there is no state.
    mse : Fraction, float or None
        Mean squared error of q in rad^2; infinite when q cannot be estimated, None when there is no state.
    bound : Fraction
        (12), in rad^2.
    modes_per_pass : (M,) ints
    subject : "protocol" or "certificate"
        What was checked.
    """

    DOCUMENT = (
        "valid",
        "conditions",
        "qfi_matrix",
        Entry("mse", of=lambda report: number(report.mse)),
        Entry("bound", of=lambda report: number(report.bound)),
        "modes_per_pass",
    )

    conditions: tuple[Condition, ...]
    qfi_matrix: tuple[tuple[int, ...], ...] | None
    mse: Fraction | float | None
    bound: Fraction
    modes_per_pass: tuple[int, ...]
    subject: Literal["protocol", "certificate"] = "protocol"

    @property
    def valid(self) -> bool:
        """Whether every condition holds."""
        return all(condition.holds for condition in self.conditions)

    def require(self) -> None:
        """Raise InputError with the witness of every condition that fails."""
        if not self.valid:
            raise InputError([f"{c.name} {c.equation}: {c.witness}" for c in self.conditions if not c.holds])
