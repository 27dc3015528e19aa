"""What can be kept in a file: each kind with its class, by name.

Classes are named, not imported: this room lies below all others, and a file loads only what its kind needs. Only these classes
and those of their fields are ever made from a file.
"""

from __future__ import annotations

import importlib

from networks import InputError

KINDS = {
    "design": "protocols.design:Design",
    "candidate": "protocols.ranking.candidates:Candidate",
    "bounds-table": "protocols.theory.bounds:BoundsTable",
    "duality": "protocols.theory.duality:Duality",
    "check-report": "protocols.conditions:CheckReport",
    "loss-report": "protocols.loss.report:LossReport",
    "privacy-report": "protocols.privacy.report:PrivacyReport",
    "private-design": "protocols.privacy.hiding:PrivateDesign",
    "simulation": "protocols.estimation.simulation:Simulation",
    "function-simulation": "protocols.estimation.analytic:FunctionSimulation",
    "targets-simulation": "protocols.estimation.several:TargetsSimulation",
    "sweep-report": "protocols.sweeps.results:SweepReport",
    "error-curves": "protocols.sweeps.curves:Curves",
    "phase-light-layouts": "protocols.layout.squeezed.phases:PhaseLightLayouts",
    "squeezed-layouts": "protocols.layout.squeezed.layouts:SqueezedLayouts",
    "photon-layouts": "protocols.layout.photon.layouts:PhotonLayouts",
    "string-layouts": "protocols.layout.strings.layouts:StringLayouts",
    "enumeration": "protocols.wmatrix.enumeration:Enumeration",
    "best-protocols": "protocols.wmatrix.objectives:Best",
    "sample": "protocols.wmatrix.objectives:Sample",
    "certificate": "protocols.wmatrix.certificate:Certificate",
    "photon-protocol": "protocols.wmatrix.protocol:PhotonProtocol",
    "photon-task": "protocols.wmatrix.task:PhotonTask",
    "phase-problem": "protocols.problem:PhaseProblem",
    "gaussian-problem": "protocols.problem:GaussianProblem",
    "displacement-problem": "protocols.problem:DisplacementProblem",
    "sensor-network": "networks.sensor_network:SensorNetwork",
    "circuit": "photonics.circuits.circuit:Circuit",
}
"""The kind that a file names, and where its class is. A kind keeps its name for ever; where its class lives may change."""


CHOICES = {
    # The first that fits is used, so the most particular come first.
    "protocols.layout.layout:Layouts": (
        KINDS["phase-light-layouts"],
        KINDS["squeezed-layouts"],
        KINDS["photon-layouts"],
        KINDS["string-layouts"],
    ),
    "protocols.theory.task:Task": (
        "protocols.theory.task:PhaseTask",
        "protocols.theory.task:GaussianTask",
        "protocols.theory.task:DisplacementTask",
    ),
    "protocols.problem:Problem": (KINDS["phase-problem"], KINDS["gaussian-problem"], KINDS["displacement-problem"]),
}
"""What a field of an abstract class may hold."""
FUNCTION = "protocols.wmatrix.limits:Connected"
"""The one function in a field that is a value; others are code, and code is not kept."""


def named(place: str) -> type:
    """The class at "module:name"."""
    module, _, name = place.partition(":")
    result = getattr(importlib.import_module(module), name)
    assert isinstance(result, type)
    return result


def kind_of(cls: type) -> str:
    """The kind under which values of a class are kept.

    Raises
    ------
    InputError
        For a class that is not kept, naming those that are.
    """
    place = f"{cls.__module__}:{cls.__qualname__}"
    for kind, known in KINDS.items():
        if known == place:
            return kind
    names = ", ".join(sorted(known.partition(":")[2] for known in KINDS.values()))
    raise InputError([f"values of type {cls.__name__} cannot be kept in a file; these can: {names}"])


def class_of(kind: object) -> type:
    """The class of a kind that a file names.

    Raises
    ------
    InputError
        For an unknown kind, naming all.
    """
    if isinstance(kind, str) and kind in KINDS:
        return named(KINDS[kind])
    raise InputError([f"there is no kind {str(kind)[:60]!r} of result; there are {', '.join(KINDS)}"])
