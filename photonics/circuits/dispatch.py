"""What an engine or adapter does with each operation: a table from the type of the operation to a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, Generic, ParamSpec, TypeVar

from photonics.circuits.circuit import Operation

P = ParamSpec("P")
R = TypeVar("R")
Op = TypeVar("Op")


class OperationTable(Generic[P, R]):
    """A function of an operation and what else it needs, chosen by the operation's type; the table is what an engine can do.

    Parameters
    ----------
    engine : str
        Who it is that runs operations, for the error of one that is not in the table.

    Examples
    --------
    >>> from photonics.circuits.circuit import PhaseShift, Squeeze
    >>> angles: OperationTable[[], float] = OperationTable("this example")
    >>> @angles.of(PhaseShift)
    ... def _(op: PhaseShift) -> float:
    ...     return op.angle_rad
    >>> angles(PhaseShift(mode="a", angle_rad=0.5))
    0.5
    >>> angles(Squeeze(mode="a", r=1.0))
    Traceback (most recent call last):
    ...
    TypeError: this example cannot run Squeeze; it runs PhaseShift
    """

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self._actions: dict[type, Callable[..., R]] = {}

    def of(self, kind: type[Op]) -> Callable[[Callable[Concatenate[Op, P], R]], Callable[Concatenate[Op, P], R]]:
        """Enter the decorated function for operations of this type."""

        def enter(action: Callable[Concatenate[Op, P], R]) -> Callable[Concatenate[Op, P], R]:
            self._actions[kind] = action
            return action

        return enter

    def __call__(self, op: Operation, *args: P.args, **kwargs: P.kwargs) -> R:
        action = self._actions.get(type(op))
        if action is None:
            raise TypeError(f"{self.engine} cannot run {type(op).__name__}; it runs {', '.join(self.names)}")
        return action(op, *args, **kwargs)

    def __contains__(self, op: Operation) -> bool:
        """Whether the operation is of a type in the table."""
        return type(op) in self._actions

    @property
    def names(self) -> tuple[str, ...]:
        """The operations in the table, in alphabetical order."""
        return tuple(sorted(kind.__name__ for kind in self._actions))
