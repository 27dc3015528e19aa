"""Whether a device can measure the function of a network, with every reason why not."""

from __future__ import annotations

from dataclasses import dataclass

from networks import SensorNetwork
from networks.values import Value
from protocols.documents.printed import Entry, Printed
from protocols.hardware.devices import Device
from protocols.problem import AnyProblem, GaussianProblem, PhaseProblem, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Feasibility(Value, Printed):
    """Whether a device can measure the function of a network, and what stands in the way.

    Attributes
    ----------
    device : Device
    reasons : tuple of str
        Why it cannot; none when it can.
    modes_used : int
        Signal modes that the network needs.
    notes : tuple of str
    """

    DOCUMENT = (
        Entry("device", of="device.name"),
        "can_run",
        "reasons",
        "notes",
    )

    device: Device
    reasons: tuple[str, ...]
    modes_used: int
    notes: tuple[str, ...]

    @property
    def can_run(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.reasons


def can_run(network: SensorNetwork | AnyProblem, device: Device) -> Feasibility:
    """Whether this device can measure the network's function, by squeezed pairs and photon counting (docs/how-to/hardware.md).

    Parameters
    ----------
    network : SensorNetwork or Problem
    device : Device

    Examples
    --------
    >>> from protocols.hardware.devices import DEVICES
    >>> can_run(SensorNetwork.star([1, -1], sensing="phase", photons=2), DEVICES["X8"]).can_run
    True
    >>> squeezed = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)
    >>> can_run(squeezed, DEVICES["X8"]).reasons[0]
    'displacements cannot be sensed: the device has no displacement gate and no homodyne detector'
    """
    problem = Problem.of(network)
    needed = int(problem.function.norm(0)) + bool(sum(problem.function.alpha))
    reasons = [*device.limits()]
    if isinstance(problem, PhaseProblem):
        reasons += _phase_reasons(problem, device, needed)
        notes = _phase_notes(problem)
    elif isinstance(problem, GaussianProblem):
        reasons.insert(
            0,
            "coherent and squeezed light with mean_photons cannot be made: the device has no displacement gate, no squeezers of "
            "single modes and no homodyne detector",
        )
        notes = []
    else:
        reasons.insert(
            0, "displacements cannot be sensed: the device has no displacement gate and no homodyne detector"
        )
        notes = []
    if not any(device.squeezing):
        reasons.append("the device offers no squeezing value but 0")
    return Feasibility(device=device, reasons=tuple(reasons), modes_used=needed, notes=tuple(notes))


def _phase_reasons(problem: PhaseProblem, device: Device, needed: int) -> list[str]:
    """What counting differences of phases needs and is not there."""
    reasons = []
    if problem.has_two_arms:
        reasons.append("sensors with two arms have no program there: every sensor is one mode (arms: 1)")
    balanced = not sum(problem.function.alpha)
    if not balanced and problem.reference is None:
        reasons.append("the coefficients do not sum to 0 and no reference is linked to the sensors")
    if balanced and needed < 2:
        reasons.append("counting sees differences of phases only; a function of one phase needs a reference")
    if (signal := device.signal_modes) is not None and needed > signal:
        sensors = int(problem.function.norm(0))
        what = f"{sensors} sensor{'' if sensors == 1 else 's'}{'' if balanced else ' and the reference'}"
        need = "needs" if balanced and sensors == 1 else "need"
        reasons.append(f"{what} {need} {needed} signal modes, but the device has {signal}")
    if problem.passes > 1:
        reasons.append(f"M = {problem.passes} passes: light goes through the chip once")
    return reasons


def _phase_notes(problem: PhaseProblem) -> list[str]:
    notes = [
        "N00N states cannot be made there (no Fock preparation): the light is squeezed pairs, with a photon number on "
        f"average, not N = {problem.photons}"
    ]
    if any(eta < 1 for eta in problem.transmissivity_of.values()):
        notes.append("losses in the network file are not used: those of the device's certificate are")
    return notes
