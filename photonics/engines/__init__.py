"""Engines that run circuits. ``native`` is exact and the engine of record, ``strawberryfields`` the independent check."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, cast

from photonics.limits import CircuitTooLargeError

if TYPE_CHECKING:
    # The names of the engines are asked for where numpy is not needed: help and completion of the command line.
    from photonics.circuits.circuit import Circuit
    from photonics.conventions import Real
    from photonics.engines.cutoff import Cutoff, Truncation
    from photonics.states.fock import FockDensity, FockState
    from photonics.states.gaussian import GaussianState

ENGINES = ("native", "strawberryfields")


class Engine(Protocol):
    """What an engine can do. Engines are modules: they hold no state between calls."""

    name: str

    def check_size(self, circuit: Circuit) -> None:
        """Raise CircuitTooLargeError if the circuit cannot be run here."""

    def run(
        self, circuit: Circuit, theta: Sequence[float], *, cutoff: Cutoff = ...
    ) -> FockState | FockDensity | GaussianState:
        """The output state at these values of the parameters."""

    def qfi(self, circuit: Circuit, theta: Sequence[float], *, cutoff: Cutoff = ...) -> Real:
        """(d, d) quantum Fisher information matrix of the output state."""

    def truncation(self, circuit: Circuit, theta: Sequence[float], *, cutoff: Cutoff = ...) -> Truncation:
        """What a cutoff leaves out where operations add photons to what is not Gaussian."""


def get_engine(name: str) -> Engine:
    """The engine of this name; Strawberry Fields itself is imported only when it first runs something.

    Parameters
    ----------
    name : "native" or "strawberryfields"

    Returns
    -------
    Engine

    Raises
    ------
    ValueError
        For another name.

    Examples
    --------
    >>> get_engine("native").name
    'native'
    """
    if name not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {name!r}")
    return cast("Engine", importlib.import_module(f"photonics.engines.{name}"))


__all__ = ["ENGINES", "CircuitTooLargeError", "Engine", "get_engine"]
