"""What is read from programs of other packages: a circuit, the names of its parameters, and what is measured at its end.

Their free parameters become passes of sensing here, for whichever package they come from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from photonics.circuits.circuit import Circuit, Operation, Sense
from photonics.measurements.counting import PhotonCounting, ThresholdDetection
from photonics.measurements.homodyne import Homodyne
from photonics.values import Value, freeze


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCircuit(Value):
    """A circuit that was read from a program of another package.

    Parameters
    ----------
    circuit : Circuit
    parameters : tuple of str, length d
        Names that the program had for the circuit's parameters, in their order.
    measurement : Homodyne, PhotonCounting, ThresholdDetection or None
        What the program measures at its end; None where it measures nothing.
    """

    circuit: Circuit
    parameters: tuple[str, ...] = ()
    measurement: Homodyne | PhotonCounting | ThresholdDetection | None = None

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class Sensed(Value):
    """A gate whose angle or shift is a free parameter.

    Parameters
    ----------
    name : str
        Of the parameter.
    mode : str
    generator : "number" or "momentum"
    where : str
        The gate, for messages.
    """

    name: str
    mode: str
    generator: Literal["number", "momentum"]
    where: str


def imported(
    modes: tuple[str, ...],
    steps: Iterable[Operation | Sensed],
    faults: Iterable[str] = (),
    measurement: Homodyne | PhotonCounting | ThresholdDetection | None = None,
) -> ImportedCircuit:
    """The circuit of these steps, with every run of gates that has each free parameter once as one pass of sensing.

    Parameters
    ----------
    modes : tuple of str
    steps : iterable of operations and Sensed, in time order
    faults : iterable of str
        What was found before.
    measurement : Homodyne, PhotonCounting, ThresholdDetection or None

    Returns
    -------
    ImportedCircuit

    Raises
    ------
    ValueError
        Listing the faults that were given, and where the free parameters make no passes.

    Examples
    --------
    >>> steps = [Sensed("x", "a", "number", "Rgate"), Sensed("y", "b", "number", "Rgate")]
    >>> found = imported(("a", "b"), steps * 2)
    >>> found.circuit.passes, found.parameters
    (2, ('x', 'y'))
    """
    listed = list(steps)
    sensed = [step for step in listed if isinstance(step, Sensed)]
    wrong = [*faults, *_place_faults(sensed)]
    first = {step.name: step for step in reversed(sensed)}
    # Their order is that in which the program comes to them.
    names = tuple(dict.fromkeys(step.name for step in sensed))
    if wrong:
        raise ValueError("; ".join(wrong))
    operations: list[Operation] = []
    begun: dict[str, Sensed] = {}
    for step in listed:
        if not isinstance(step, Sensed):
            wrong += [
                f"{other.where}: {other.mode} meets other gates before all of {', '.join(names)} were sensed once; "
                "put the gates of one pass side by side"
                for other in begun.values()
                if other.mode in step.acts_on
            ]
            operations.append(step)
            continue
        if step.name in begun:
            wrong.append(
                f"{step.where}: {step.name} stands twice in a pass; a pass has each of {', '.join(names)} once"
            )
        begun[step.name] = step
        if len(begun) == len(names):
            operations.append(Sense(modes=tuple(first[name].mode for name in names), generator=step.generator))
            begun = {}
    if begun:
        missing = [name for name in names if name not in begun]
        wrong.append(f"the last pass lacks {', '.join(missing)}; a pass has each of {', '.join(names)} once")
    if wrong:
        raise ValueError("; ".join(dict.fromkeys(wrong)))
    circuit = Circuit(modes=modes, operations=tuple(operations))
    return ImportedCircuit(circuit=circuit, parameters=names, measurement=measurement)


def _place_faults(sensed: Iterable[Sensed]) -> list[str]:
    """Parameters that are not each in a mode of their own, or not all of one kind."""
    faults = []
    modes: dict[str, str] = {}
    names: dict[str, str] = {}
    kinds = set()
    for step in sensed:
        if modes.setdefault(step.name, step.mode) != step.mode:
            faults.append(f"{step.where}: {step.name} is sensed in {modes[step.name]} too; a parameter has one mode")
        if names.setdefault(step.mode, step.name) != step.name:
            faults.append(f"{step.where}: {step.mode} senses {names[step.mode]} too; a mode has one parameter")
        kinds.add(step.generator)
    if len(kinds) > 1:
        faults.append("some free parameters are phases and some are shifts of x; a circuit senses one kind")
    return faults


def mode_names(given: Iterable[str] | None, count: int, letter: str) -> tuple[str, ...]:
    """Names of the modes of a program: those that are given, else a letter with their numbers.

    Parameters
    ----------
    given : iterable of str, or None
    count : int
    letter : str

    Returns
    -------
    tuple of str

    Raises
    ------
    ValueError
        When there are not as many names as modes.
    """
    if given is None:
        return tuple(f"{letter}{number}" for number in range(count))
    names = tuple(given)
    if len(names) != count:
        raise ValueError(f"modes must name {count} modes, one each, got {names}")
    return names
