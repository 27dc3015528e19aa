"""Whether a device can measure what a network asks for, with every reason why not."""

from __future__ import annotations

from dataclasses import dataclass

from networks import SensorNetwork
from protocols.hardware.devices import Device


@dataclass(frozen=True, slots=True, kw_only=True)
class Feasibility:
    """The verdict, its reasons one by one, and what the device would do for this network when it can."""

    device: Device
    reasons: tuple[str, ...]
    modes_used: int
    notes: tuple[str, ...]

    @property
    def can_run(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.reasons

    def to_dict(self) -> dict[str, object]:
        """As in ``psn hardware devices --json``."""
        return {
            "device": self.device.name,
            "can_run": self.can_run,
            "reasons": list(self.reasons),
            "notes": list(self.notes),
        }


def can_run(network: SensorNetwork, device: Device) -> Feasibility:
    """Whether this device can measure the network's function, by squeezed pairs and photon counting.

    Examples
    --------
    >>> from protocols.hardware.devices import DEVICES
    >>> can_run(SensorNetwork.star([1, -1], sensing="phase", photons=2), DEVICES["X8"]).can_run
    True
    >>> squeezed = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)
    >>> can_run(squeezed, DEVICES["X8"]).reasons[0]
    'displacements cannot be sensed: the device has no displacement gate and no homodyne detector'
    """
    reasons, notes = [], []
    used = [mode for mode in network.sensors if mode.alpha]
    total = sum(mode.alpha for mode in used if mode.alpha is not None)
    needed = len(used) + (1 if total else 0)
    if network.sensing == "displacement":
        reasons.append("displacements cannot be sensed: the device has no displacement gate and no homodyne detector")
    if device.kind == "time-bin":
        reasons.append(
            "its pulses pass delay loops one after the other: signal and idler modes with the same phases, which counting "
            "needs to be sensitive to a difference, cannot be made; it has no homodyne detector and no Fock preparation"
        )
    if network.sensing == "phase":
        if total and network.reference is None:
            reasons.append("the coefficients do not sum to 0 and no reference is linked to the sensors")
        if not total and len(used) < 2:
            reasons.append("counting sees differences of phases only; a function of one phase needs a reference")
        if device.kind == "x-series" and needed > device.pairs:
            what = "sensors and the reference" if total else "sensors"
            reasons.append(f"{needed} {what} need as many signal modes, but the device has {device.pairs}")
        if network.passes > 1:
            reasons.append(f"M = {network.passes} passes: light goes through the chip once")
        notes.append(
            "N00N states cannot be made there (no Fock preparation): the light is squeezed pairs, with a photon number on "
            f"average, not N = {network.photons}"
        )
        lossy = [mode for mode in network.modes if mode.transmissivity < 1]
        if lossy:
            notes.append("losses in the network file are not used: those of the device's certificate are")
    if not any(device.squeezing):
        reasons.append("the device offers no squeezing value but 0")
    return Feasibility(device=device, reasons=tuple(reasons), modes_used=needed, notes=tuple(notes))
