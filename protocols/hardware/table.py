"""The table of schemes and machines: what runs where, with which error, and why the others do not. Nothing is run here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from networks import SensorNetwork
from networks.values import Value
from protocols.documents.printed import Entry, Printed
from protocols.documents.result import Result
from protocols.hardware.devices import Device
from protocols.theory.equal_errors import ranked

Machine = Literal["x-series", "time-bin", "perceval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Value, Printed):
    """One scheme on one machine.

    Attributes
    ----------
    machine : "x-series", "time-bin" or "perceval"
    name : str
        Of the device; "Perceval".
    runs : bool or None
        Whether a program was made and agrees with what was wanted; None where it was not tried, as its package is missing.
    reasons : tuple of str
        Why not.
    mse : float or None
        Mean squared error of q there, with the losses of ``losses``; None where it does not run or its losses are unknown.
    per : "shot", "attempt" or None
        What ``mse`` is for: attempts that fail are counted, as those of a source or a post-selection.
    losses : str
        Which losses are in ``mse``.
    difference : float or None
        Between what the program does and what was wanted: of the compiled light, or of Perceval's counts.
    only_simulated : bool
        Whether its light enters simulators alone: superpositions that post-selection of squeezers leaves.
    notes : tuple of str
    """

    machine: Machine
    name: str
    runs: bool | None
    reasons: tuple[str, ...] = ()
    mse: float | None = None
    per: Literal["shot", "attempt"] | None = None
    losses: str = ""
    difference: float | None = None
    only_simulated: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareRow(Value, Printed):
    """A scheme and where it runs.

    Attributes
    ----------
    scheme, title : str
    mse : float or None
        Mean squared error of q in one shot as built in the laboratory of the network; None for the protocols of ``psn hardware``.
    ideal_mse : float or None
        Without any loss; None for what the network does not allow.
    places : tuple of Place
        The device first, then Perceval.
    """

    DOCUMENT = ("scheme", "title", Entry("runs_on", of="runs_on"), "mse", "ideal_mse", "places")

    scheme: str
    title: str
    mse: float | None
    ideal_mse: float | None
    places: tuple[Place, ...]

    @property
    def runs_on(self) -> tuple[str, ...]:
        """Names of the machines that it runs on."""
        return tuple(place.name for place in self.places if place.runs)


@dataclass(frozen=True, kw_only=True, repr=False)
class HardwareTable(Value, Result):
    """Where the schemes of a design run, beside the protocols of ``psn hardware``.

    Attributes
    ----------
    network : SensorNetwork
    device : Device
    transmissivity : float or None
        Of every mode of a photon processor, detectors included; None where it is unknown.
    rows : tuple of HardwareRow
        The schemes in the order of the design, then the protocols of ``psn hardware``.
    notes : tuple of str
    """

    DOCUMENT = (
        Entry("network", of="network.name"),
        Entry("device", of="device.name"),
        Entry("target", of="device.target"),
        Entry("device_losses_known", of="device.certificate.known"),
        Entry("processor_transmissivity", of="transmissivity"),
        "sentence",
        Entry("hardware", of="rows"),
        "notes",
    )

    network: SensorNetwork
    device: Device
    transmissivity: float | None
    rows: tuple[HardwareRow, ...]
    notes: tuple[str, ...]

    def running_on(self, place: int) -> list[tuple[HardwareRow, Place]]:
        """What runs on the device (0) or on Perceval (1), the least error first, unknown errors last.

        Parameters
        ----------
        place : 0 or 1
        """
        found = [(row, row.places[place]) for row in self.rows if row.places[place].runs]
        return ranked(
            found, lambda one: math.inf if one[1].mse is None else one[1].mse, lambda one: (one[1].mse is None,)
        )

    @property
    def sentence(self) -> str:
        """What to read first: how many of the schemes run where, and the best error there."""
        unit = "rad^2" if self.network.sensing == "phase" else "vacuum variances"
        if all(place.runs is False for row in self.rows for place in row.places):
            return f"None of these {len(self.rows)} schemes {_runs_nowhere(self.rows)}."
        return f"Of these {len(self.rows)} schemes {self._told(0, unit)}; {self._told(1, unit)}."

    def _told(self, place: int, unit: str) -> str:
        name = self.rows[0].places[place].name
        where = f"on {name}" if place == 0 else "on Perceval"
        found = self.running_on(place)
        if not found:
            untried = sum(row.places[place].runs is None for row in self.rows)
            return f"none runs {where}" + (f", {untried} not tried" if untried else "")
        row, best = found[0]
        many = f"{len(found)} {'runs' if len(found) == 1 else 'run'} {where}"
        which = f"{row.scheme}," if len(found) == 1 else f"the best {row.scheme},"
        ideal = "" if row.ideal_mse is None else f" (without loss {row.ideal_mse:.4g})"
        if best.mse is None:
            return f"{many}: {which} with an error that is not known: {best.losses}{ideal}"
        return f"{many}: {which} with MSE {best.mse:.4g} {unit} per {best.per}{ideal}"


def _runs_nowhere(rows: Sequence[HardwareRow]) -> str:
    """That nothing runs, with what the first scheme lacks on each machine."""
    name = rows[0].places[0].name
    first, second = (place.reasons[0] for place in rows[0].places)
    return f"runs on {name} or on Perceval; {rows[0].scheme}, the best as built: {name}: {first}; Perceval: {second}"
