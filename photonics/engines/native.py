"""The native engine, the engine of record: it picks the Fock or the Gaussian half by what is in the circuit."""

from __future__ import annotations

from collections.abc import Sequence

from photonics.circuits.circuit import Circuit
from photonics.conventions import Real
from photonics.engines import native_fock, native_gaussian
from photonics.engines.cutoff import DEFAULT, Cutoff, Truncation
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


def run(
    circuit: Circuit, theta: Sequence[float], *, cutoff: Cutoff = DEFAULT
) -> FockState | FockDensity | GaussianState:
    """The output state at these values of the parameters.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.
    cutoff : Cutoff
        Of photon numbers, where operations add photons to what is not Gaussian.

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
    return (
        native_gaussian.run(circuit, theta) if circuit.is_gaussian else native_fock.run(circuit, theta, cutoff=cutoff)
    )


def qfi(circuit: Circuit, theta: Sequence[float], *, cutoff: Cutoff = DEFAULT) -> Real:
    """(d, d) quantum Fisher information matrix of the output state.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.
    cutoff : Cutoff
        Of photon numbers, where operations add photons to what is not Gaussian.

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
    return (
        native_gaussian.qfi(circuit, theta) if circuit.is_gaussian else native_fock.qfi(circuit, theta, cutoff=cutoff)
    )


def truncation(circuit: Circuit, theta: Sequence[float], *, cutoff: Cutoff = DEFAULT) -> Truncation:
    """What the cutoff leaves out of the state and its derivatives; nothing where no cutoff is needed.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.
    cutoff : Cutoff

    Returns
    -------
    Truncation

    Raises
    ------
    ValueError
        For a circuit that needs none, and another number of parameters.
    CircuitTooLargeError
        When more is lost than the cutoff allows.

    Examples
    --------
    >>> from photonics import FockState, PrepareFock, Sense
    >>> one = PrepareFock(state=FockState.from_terms(["a"], {(1,): 1.0}))
    >>> circuit = Circuit(modes=("a",), operations=(one, Sense(modes=("a",), generator="momentum")))
    >>> round(qfi(circuit, [0.3]).item(), 9), truncation(circuit, [0.3]).weight_lost < 1e-13
    (3.0, True)
    """
    circuit.require_parameters(theta)
    circuit.require_truncated()
    return native_fock.truncation(circuit, theta, cutoff=cutoff)


def output(
    circuit: Circuit,
    theta: Sequence[float],
    *,
    survivors: bool = False,
    moments: bool = False,
    cutoff: Cutoff = DEFAULT,
) -> Output:
    """What leaves the circuit, with derivatives; ``survivors`` as in ``native_fock.output``.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.
    survivors : bool
        Two branches behind loss in closed form, with the rest as weight elsewhere.
    moments : bool
        Mean and covariance where random phases of Gaussian light leave no Gaussian state (``native_gaussian.averaged``).
    cutoff : Cutoff
        Of photon numbers, where operations add photons to what is not Gaussian.

    Returns
    -------
    FockOutput or GaussianOutput
    """
    circuit.require_parameters(theta)
    if circuit.is_gaussian:
        return native_gaussian.output(circuit, theta)
    if moments and circuit.has_gaussian_moments:
        return native_gaussian.averaged(circuit, theta)
    return native_fock.output(circuit, theta, survivors=survivors, cutoff=cutoff)
