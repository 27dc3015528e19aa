"""The native engine, the engine of record: it picks the Fock or the Gaussian half by what is in the circuit."""

from __future__ import annotations

from collections.abc import Sequence

from photonics.circuits.circuit import Circuit
from photonics.conventions import Real
from photonics.engines import native_fock, native_gaussian
from photonics.output import Output
from photonics.states.fock import FockDensity, FockState
from photonics.states.gaussian import GaussianState

name = "native"


def check_size(circuit: Circuit) -> None:
    """Nothing is refused beforehand; lossy Fock circuits that need a density matrix find their limit while they run.

    Parameters
    ----------
    circuit : Circuit
    """


def run(circuit: Circuit, theta: Sequence[float]) -> FockState | FockDensity | GaussianState:
    """The output state at these values of the parameters.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.

    Returns
    -------
    FockState, FockDensity or GaussianState

    Raises
    ------
    ValueError
        For another number of parameters.
    CircuitTooLargeError
        When the engine cannot hold it.
    """
    circuit.require_parameters(theta)
    return native_gaussian.run(circuit, theta) if circuit.is_gaussian else native_fock.run(circuit, theta)


def qfi(circuit: Circuit, theta: Sequence[float]) -> Real:
    """(d, d) quantum Fisher information matrix of the output state.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.

    Returns
    -------
    (d, d) floats

    Raises
    ------
    ValueError
        For another number of parameters.
    CircuitTooLargeError
        When the engine cannot hold it.
    """
    circuit.require_parameters(theta)
    return native_gaussian.qfi(circuit, theta) if circuit.is_gaussian else native_fock.qfi(circuit, theta)


def output(circuit: Circuit, theta: Sequence[float], *, survivors: bool = False) -> Output:
    """What leaves the circuit, with derivatives; ``survivors`` as in ``native_fock.output``.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.
    survivors : bool
        Two branches behind loss in closed form, with the rest as weight elsewhere.

    Returns
    -------
    FockOutput or GaussianOutput
    """
    circuit.require_parameters(theta)
    if circuit.is_gaussian:
        return native_gaussian.output(circuit, theta)
    return native_fock.output(circuit, theta, survivors=survivors)
