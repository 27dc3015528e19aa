"""Running one circuit on two engines and saying how far apart the answers are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photonics.circuits.circuit import Circuit
from photonics.conventions import Complex, Real
from photonics.engines import get_engine
from photonics.states.fock import FockDensity, FockState
from photonics.states.gaussian import GaussianState
from photonics.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineComparison(Value):
    """Largest absolute differences between the answers of two engines.

    Parameters
    ----------
    state : float
        Of amplitudes, density matrices, or means and covariances.
    probabilities : float
        Of photon numbers; zero for Gaussian states, whose photon statistics follow from their moments.
    photon_number : float
        Of the mean photons of a mode.
    fisher : float
        Of the Fisher matrices, relative to the largest entry.
    """

    state: float
    probabilities: float
    photon_number: float
    fisher: float

    @property
    def largest(self) -> float:
        """The largest of them."""
        return max(self.state, self.probabilities, self.photon_number, self.fisher)


def compare_engines(
    circuit: Circuit,
    theta: Sequence[float],
    first: str = "native",
    second: str = "strawberryfields",
    *,
    second_fisher: Real | None = None,
) -> EngineComparison:
    """Run ``circuit`` on both engines at the same parameters and compare states, moments, probabilities and Fisher matrices.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.
    first, second : str
        Names of engines.
    second_fisher : (d, d) floats, optional
        The second engine's Fisher matrix at the same parameters, when it is known already.

    Returns
    -------
    EngineComparison

    Raises
    ------
    photonics.CircuitTooLargeError
        When one of them cannot hold the circuit.
    """
    engines = [get_engine(name) for name in (first, second)]
    for engine in engines:
        engine.check_size(circuit)
    ours, theirs = (engine.run(circuit, theta) for engine in engines)
    state, probabilities = _distance(ours, theirs)
    fisher = engines[0].qfi(circuit, theta)
    other = engines[1].qfi(circuit, theta) if second_fisher is None else second_fisher
    # Where both find nothing but rounding there is no scale to compare it to.
    scale = max(1e-12, float(np.abs(fisher).max(initial=0.0)))
    return EngineComparison(
        state=state,
        probabilities=probabilities,
        photon_number=float(np.abs(ours.photon_number() - theirs.photon_number()).max()),
        fisher=float(np.abs(fisher - other).max(initial=0.0)) / scale,
    )


def _distance(
    ours: FockState | FockDensity | GaussianState, theirs: FockState | FockDensity | GaussianState
) -> tuple[float, float]:
    if isinstance(ours, GaussianState) and isinstance(theirs, GaussianState):
        means = np.abs(ours.mean - theirs.mean).max()
        return float(max(means, np.abs(ours.covariance - theirs.covariance).max())), 0.0
    if isinstance(ours, FockState) and isinstance(theirs, FockState):
        a, b = ours.terms, theirs.terms
        amplitude = max(abs(a.get(key, 0) - b.get(key, 0)) for key in a.keys() | b.keys())
        return amplitude, max(abs(abs(a.get(key, 0)) ** 2 - abs(b.get(key, 0)) ** 2) for key in a.keys() | b.keys())
    if isinstance(ours, FockDensity) and isinstance(theirs, FockDensity):
        strings = sorted({*map(tuple, ours.occupations.tolist()), *map(tuple, theirs.occupations.tolist())})
        p, q = ours.probabilities(), theirs.probabilities()
        density = np.abs(_on(ours, strings) - _on(theirs, strings)).max()
        return float(density), max(abs(p.get(key, 0) - q.get(key, 0)) for key in strings)
    raise TypeError(f"cannot compare {type(ours).__name__} with {type(theirs).__name__}")


def _on(density: FockDensity, strings: list[tuple[int, ...]]) -> Complex:
    """The density matrix on a longer list of strings."""
    place = {key: index for index, key in enumerate(strings)}
    rows = [place[tuple(row)] for row in density.occupations.tolist()]
    out = np.zeros((len(strings), len(strings)), dtype=complex)
    out[np.ix_(rows, rows)] = density.matrix
    return out
