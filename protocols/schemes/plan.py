"""What a scheme hands over: circuits to run, what they should reach, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocols.wmatrix.protocol import PhotonProtocol

if TYPE_CHECKING:
    from photonics import Circuit


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A circuit with light of its own; its j-th parameter is that of network sensor ``sensors[j]``.

    Parameters
    ----------
    circuit : photonics.Circuit
    sensors : tuple of int
        Places among the network's sensors.
    branches : two tuples of int, optional
        Occupation strings, over the circuit's modes, of the two branches that are compared at its end, for light that has two.
    """

    circuit: Circuit
    sensors: tuple[int, ...]
    branches: tuple[tuple[int, ...], tuple[int, ...]] | None = None

    @property
    def photons(self) -> int:
        """Photons of the state that a photon circuit starts from."""
        from photonics import PrepareFock

        start = self.circuit.operations[0]
        assert isinstance(start, PrepareFock)
        return int(start.state.occupations[0].sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A protocol ready to run.

    Attributes
    ----------
    scheme, title : str
    parts : tuple of Part
        Independent circuits: one for entangled schemes, one a sensor for separable ones.
    probes : tuple of str
        The light that enters, in words.
    controls : int
        Times the probe is switched between passes.
    modes_per_pass : tuple of int
        Entangled modes in each pass (the largest group, for separable schemes).
    predicted_mse : float
        By the closed form in ``formula``; the engines must find the same.
    formula : str
        With the number of its equation.
    measurement : str
        What reads the result out.
    reaches_bound : bool
        Whether, without loss, it must reach the bound of all probes.
    photon_protocol : PhotonProtocol or None
        The columns of W, for schemes that have them.
    notes : tuple of str
        What a user has to know before building it.
    """

    scheme: str
    title: str
    parts: tuple[Part, ...]
    probes: tuple[str, ...]
    controls: int
    modes_per_pass: tuple[int, ...]
    predicted_mse: float
    formula: str
    measurement: str
    reaches_bound: bool
    photon_protocol: PhotonProtocol | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """A scheme that this problem does not allow, and why.

    Parameters
    ----------
    scheme : str
        Its name, of simulations with that of an estimator behind a comma.
    reason : str
    """

    scheme: str
    reason: str
