"""An experiment of one or two photons from source to counts: preparation, phases, losses, and beam splitters before the detectors.

Everything in it is passive, so it runs on processors of photon numbers such as Perceval's; what is counted is in ``readout``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from networks.values import Value
from protocols.preparation.parts import NoRecipeError, part_recipe
from protocols.preparation.readout import counting_readout
from protocols.preparation.recipe import LightRecipe, Source
from protocols.problem import PhaseProblem
from protocols.schemes.plan import Part, Plan
from protocols.theory.squeezed_pairs import HERALDED_PHOTON

if TYPE_CHECKING:
    from photonics.circuits.circuit import Circuit, Operation
    from photonics.states.fock import FockState

MAX_MODES = 20
"""Modes of an experiment, those of detectors beside the light among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotonExperiment(Value):
    """One part of a plan as an experiment.

    Attributes
    ----------
    scheme : str
    part : int >= 1
        Its number.
    share : float
        Of the shots.
    recipe : LightRecipe
        How its light is made.
    circuit : Circuit
        From a Fock state to the detectors; for two photons from squeezers it starts from the light that post-selection leaves.
    sensors : tuple of int
        As of the part.
    coefficients : (d_k,) floats
        What of q it estimates.
    readout : str
    starts_from_photons : bool
        Whether its light enters as single photons, so that processors other than simulators can run it.
    """

    scheme: str
    part: int
    share: float
    recipe: LightRecipe
    circuit: Circuit
    sensors: tuple[int, ...]
    coefficients: tuple[float, ...]
    readout: str
    starts_from_photons: bool

    @property
    def dark(self) -> dict[str, int]:
        """Modes beside the light with the photons that must be found there, as far as this circuit has them."""
        return {one.mode: one.photons for one in self.recipe.found if one.mode in self.circuit.place}

    @property
    def takes_more_photons(self) -> bool:
        """Whether two photons come from squeezers and may get lost: four of which two are lost pass for two then, so that what is
        counted is not the light wanted, and no error follows from it."""
        from photonics import Loss

        lossy = any(isinstance(op, Loss) and op.transmissivity < 1 for op in self.circuit.operations)
        return bool(self.recipe.squeezing_db) and self.recipe.photons == 2 and lossy

    def seen_through(self, transmissivity: float | None) -> PhotonExperiment:
        """The same experiment on a machine of which every mode loses alike, wherever; itself where that is not known.

        Parameters
        ----------
        transmissivity : float in (0, 1], or None
        """
        from photonics import Circuit, Loss

        if transmissivity is None or transmissivity == 1:
            return self
        lost = tuple(Loss(mode=mode, transmissivity=transmissivity) for mode in self.circuit.modes)
        circuit = Circuit(modes=self.circuit.modes, operations=(*self.circuit.operations, *lost))
        return replace(self, circuit=circuit)

    def attempt_mse(self, theta: Sequence[float]) -> float:
        """Mean squared error of its share of q for one attempt of its own, by the counts at these parameters.

        Parameters
        ----------
        theta : (d_k,) floats
            Of its sensors.
        """
        from photonics import PhotonCounting
        from protocols.schemes.readouts import measured_mse

        error = measured_mse(self.circuit, theta, PhotonCounting(), self.coefficients)
        return error / self.chance_before

    @property
    def chance_before(self) -> float:
        """Of the recipe's success what the circuit does not hold: that of heralding, or of the squeezers' pairs."""
        if self.recipe.squeezing_db and self.recipe.photons == 1:
            return HERALDED_PHOTON
        return self.recipe.success if self.recipe.squeezing_db else 1.0


def photon_experiments(
    plan: Plan, problem: PhaseProblem, theta: Sequence[float], source: Source
) -> tuple[PhotonExperiment, ...]:
    """The experiments of all parts of a plan, with readouts set for a working point.

    Parameters
    ----------
    plan : Plan
        Of this problem, with one or two photons in every part.
    problem : PhaseProblem
    theta : (d,) floats
        The working point, one phase in rad a sensor of the network.
    source : "single photons" or "squeezers"

    Raises
    ------
    NoRecipeError
        A ValueError that says which part cannot be made, switched or read out, and why.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.problem import Problem
    >>> from protocols.schemes import find_scheme
    >>> problem = Problem.of(SensorNetwork.star([1, 1], sensing="phase", photons=1))
    >>> plan = find_scheme("phase", "multimode-noon").plan(problem)
    >>> (one,) = photon_experiments(plan, problem, [0.3, 0.1], "single photons")
    >>> round(one.attempt_mse([0.3, 0.1]), 9), round(plan.predicted_mse, 9)
    (4.0, 4.0)
    """
    made, faults = [], []
    for number, part in enumerate(plan.parts, 1):
        where = "" if len(plan.parts) == 1 else f"part {number}: "
        try:
            made.append(_experiment(plan, part, number, problem, [theta[j] for j in part.sensors], source))
        except NoRecipeError as reason:
            faults.append(f"{where}{reason}")
    if faults:
        raise NoRecipeError("; ".join(faults))
    return tuple(made)


def _experiment(
    plan: Plan, part: Part, number: int, problem: PhaseProblem, theta: Sequence[float], source: Source
) -> PhotonExperiment:
    from photonics import Circuit, PrepareFock

    recipe = part_recipe(part, problem, source)
    entering = part_recipe(part, problem, "single photons") if recipe.photons == 1 else recipe
    start, *behind = part.circuit.operations
    assert isinstance(start, PrepareFock)
    operations = _passive(behind, start.state)
    from_photons = not entering.squeezing_db
    before: tuple[Operation, ...] = entering.circuit.operations if from_photons else (start,)
    modes = entering.circuit.modes if from_photons else part.circuit.modes
    if len(modes) > MAX_MODES:
        raise NoRecipeError(f"experiments have up to {MAX_MODES} modes, this one has {len(modes)}")
    sensed = Circuit(modes=part.circuit.modes, operations=(start, *operations))
    coefficients = tuple(part.coefficients_of(problem.alpha))
    readout, words = counting_readout(sensed, theta, coefficients)
    return PhotonExperiment(
        scheme=plan.scheme,
        part=number,
        share=part.share,
        recipe=recipe,
        circuit=Circuit(modes=modes, operations=(*before, *operations, *readout)),
        sensors=part.sensors,
        coefficients=coefficients,
        readout=words,
        starts_from_photons=from_photons,
    )


def _passive(operations: Sequence[Operation], state: FockState) -> list[Operation]:
    """The operations of a plan as passive ones: controls as permutations of modes, which the strings that arrive decide."""
    from photonics import Interferometer, NumberControl

    strings = [tuple(row) for row in state.occupations.tolist()]
    passive: list[Operation] = []
    for op in operations:
        if not isinstance(op, NumberControl):
            passive.append(op)
            continue
        moves = op.permutation()
        after = [moves.get(string, string) for string in strings]
        unitary = np.zeros((len(state.modes), len(state.modes)), dtype=complex)
        for start, end in enumerate(_mode_permutation(strings, after)):
            unitary[end, start] = 1
        passive.append(Interferometer(modes=state.modes, unitary=tuple(tuple(row) for row in unitary.tolist())))
        strings = after
    return passive


def _mode_permutation(before: Sequence[tuple[int, ...]], after: Sequence[tuple[int, ...]]) -> list[int]:
    """Where each mode goes so that every string becomes its successor; modes stay where they can.

    >>> _mode_permutation([(2, 0, 0), (0, 2, 0)], [(0, 0, 2), (0, 2, 0)])
    [2, 1, 0]
    """
    held, wanted = list(zip(*before, strict=True)), list(zip(*after, strict=True))
    goes = {mode: mode for mode, (here, there) in enumerate(zip(held, wanted, strict=True)) if here == there}
    free = [mode for mode in range(len(wanted)) if mode not in goes]
    for mode in range(len(held)):
        if mode in goes:
            continue
        place = next((place for place in free if wanted[place] == held[mode]), None)
        if place is None:
            raise NoRecipeError("a control between passes is no permutation of modes; no beam splitters do it")
        goes[mode] = place
        free.remove(place)
    return [goes[mode] for mode in range(len(held))]
