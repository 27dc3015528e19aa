"""What a plan reaches when an engine runs it: its Fisher information and the mean squared error that follows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from photonics.conventions import Real
from photonics.values import frozen_array
from protocols.problem import AnyProblem, PhaseProblem, Problem
from protocols.schemes.plan import Part, Plan
from protocols.theory.sums import error_sum

if TYPE_CHECKING:
    from photonics import Circuit
    from photonics.engines import Engine


@dataclass(frozen=True, eq=False, kw_only=True)
class Evaluation:
    """Mean squared error of q from the Fisher information of each part, all other combinations of theta unknown.

    Equal and hashed by content.

    Attributes
    ----------
    engine : str
        Who simulated the light.
    mse : float
        In one shot; infinite where q cannot be estimated.
    informations : tuple of (d_k, d_k) arrays
        The quantum Fisher information matrix of each part of the plan, read-only.
    """

    engine: str
    mse: float
    informations: tuple[Real, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "mse", float(self.mse))
        object.__setattr__(self, "informations", tuple(frozen_array(one, np.float64) for one in self.informations))

    def _content(self) -> tuple[object, ...]:
        return self.engine, self.mse, [one.tolist() for one in self.informations]

    def __eq__(self, other: object) -> bool:
        return self._content() == other._content() if isinstance(other, Evaluation) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.engine, self.mse, len(self.informations)))

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Pickling and deepcopy give arrays that can be written to.
        for information in state["informations"]:
            information.setflags(write=False)
        self.__dict__.update(state)


def whole_information(plan: Plan, informations: Iterable[Real], sensors: int) -> Real:
    """The Fisher matrix of all sensors in one shot, in their order, from those of the parts and their shares of the shots.

    Parameters
    ----------
    plan : Plan
    informations : (d_k, d_k) matrices, one a part
    sensors : int
        d.

    Returns
    -------
    (d, d) floats
    """
    import numpy as np

    whole = np.zeros((sensors, sensors))
    for part, information in zip(plan.parts, informations, strict=True):
        whole[np.ix_(part.sensors, part.sensors)] += part.share * information
    return whole


def probe_theta(plan: Plan) -> list[list[float]]:
    """Parameter values to run at, for each part: in no special relation to each other, and small phases in all.

    Parameters
    ----------
    plan : Plan
    """
    return [[probe_value(j) for j in part.sensors] for part in plan.parts]


def probe_value(sensor: int) -> float:
    """The parameter of one sensor, between 0.05 and 0.55: multiples of the golden section.

    Parameters
    ----------
    sensor : int
        From 0 to d - 1.
    """
    return (0.1 + ((sensor + 1) * (math.sqrt(5) - 1) / 2) % 1.0) / 2


def evaluate(plan: Plan, problem: Problem, engine: str = "native", *, detected: bool = False) -> Evaluation:
    """Run every part of ``plan`` on ``engine`` and read the mean squared error off its Fisher information.

    Parameters
    ----------
    plan : Plan
    problem : Problem
    engine : str
        One of ``photonics.engines``.
    detected : bool
        Whether what the detectors of photons miss is lost first; of the light that arrives otherwise.

    Raises
    ------
    photonics.CircuitTooLargeError
        When the engine cannot hold a circuit of the plan; nothing has been allocated then.
    """
    from photonics import get_engine

    runner = get_engine(engine)
    circuits = [seen_by_detectors(part.circuit, problem) if detected else part.circuit for part in plan.parts]
    for circuit in circuits:
        runner.check_size(circuit)
    if plan.common_phase_unknown:
        return _without_common_phase(plan, circuits, problem, runner)
    informations = tuple(runner.qfi(circuit, theta) for circuit, theta in zip(circuits, probe_theta(plan), strict=True))
    return Evaluation(engine=engine, mse=mse_of_parts(plan, problem, informations), informations=informations)


def seen_by_detectors(circuit: Circuit, problem: Problem) -> Circuit:
    """The circuit with what detectors of photons miss lost in front of them.

    Parameters
    ----------
    circuit : photonics.Circuit
        Of a plan; homodyne detectors are no part of it.
    problem : Problem
    """
    from photonics import Circuit, Loss

    if not isinstance(problem, PhaseProblem):
        return circuit
    efficiency = problem.detectors(circuit.modes).each("efficiency", len(circuit.modes)).tolist()
    missed = [Loss(mode=mode, transmissivity=e) for mode, e in zip(circuit.modes, efficiency, strict=True) if e < 1]
    return Circuit(modes=circuit.modes, operations=(*circuit.operations, *missed)) if missed else circuit


def _without_common_phase(plan: Plan, circuits: Sequence[Circuit], problem: Problem, runner: Engine) -> Evaluation:
    """As ``evaluate``, where each part's light has one more unknown parameter, the common phase of all its modes.

    With all modes sensed, theta_j + phi are the parameters of its sensors and phi that of its other modes, and a combination of
    theta is the same combination of the former less its sum times phi. Nothing is projected out, so nothing cancels where the light
    that tells phi is weak.
    """
    from photonics import nuisance_aware_information

    informations, errors = [], []
    for part, circuit, theta in zip(plan.parts, circuits, probe_theta(plan), strict=True):
        everything = _all_modes(circuit, theta, runner)
        own = part.coefficients_of(problem.alpha)
        net = math.fsum(own)
        # Coefficients that cancel exactly may leave a rounding of their floats.
        net = 0.0 if abs(net) <= 1e-13 * math.fsum(map(abs, own)) else net
        d = len(own)
        if len(everything) > d:
            together = np.zeros((d + 1, d + 1))
            together[:d, :d] = everything[:d, :d]
            together[:d, d] = together[d, :d] = everything[:d, d:].sum(axis=1)
            together[d, d] = everything[d:, d:].sum()
            mse = nuisance_aware_information(together, [*own, -net]).mse
        else:
            mse = math.inf if net else nuisance_aware_information(everything, own).mse
        errors.append(mse / part.share)
        informations.append(_projected(everything, d))
    return Evaluation(engine=runner.name, mse=error_sum(errors), informations=tuple(informations))


def _projected(everything: Real, sensors: int) -> Real:
    """The information on the sensors, which come first, that is left where the common phase of all modes is unknown."""
    common = everything.sum(axis=1)
    total = float(common.sum())
    if total > 0:
        whole = everything - np.outer(common, common) / total
        # Rows add up to nothing, which gives the diagonal of a mode with nearly all the light without cancellation.
        np.fill_diagonal(whole, 0.0)
        np.fill_diagonal(whole, -whole.sum(axis=1))
    else:
        whole = everything
    return np.asarray(whole[:sensors, :sensors])


def _all_modes(circuit: Circuit, theta: Sequence[float], runner: Engine) -> Real:
    """The Fisher matrix with the modes that are no sensors sensed as well, after the sensors."""
    wide, values = with_all_modes_sensed(circuit, theta)
    return np.asarray(runner.qfi(wide, values))


def with_all_modes_sensed(circuit: Circuit, theta: Sequence[float]) -> tuple[Circuit, list[float]]:
    """The circuit with a parameter for every mode, those of its sensors first, and values for them, 0 for the others.

    Parameters
    ----------
    circuit : photonics.Circuit
    theta : (d_k,) floats
    """
    from photonics import Circuit, Sense

    operations = tuple(
        Sense(modes=(*op.modes, *(mode for mode in circuit.modes if mode not in op.modes)), generator=op.generator)
        if isinstance(op, Sense)
        else op
        for op in circuit.operations
    )
    wide = Circuit(modes=circuit.modes, operations=operations)
    return wide, [*theta, *[0.0] * (len(circuit.modes) - len(theta))]


def part_information(plan: Plan, part: Part, theta: Sequence[float], engine: str = "native") -> Real:
    """The quantum Fisher matrix of one part's sensors in one of its shots; with a common phase unknown, what is left of it.

    Parameters
    ----------
    plan : Plan
    part : Part
        Of this plan.
    theta : (d_k,) floats
    engine : str
        One of ``photonics.engines``.
    """
    from photonics import get_engine

    runner = get_engine(engine)
    if plan.common_phase_unknown:
        return _projected(_all_modes(part.circuit, theta, runner), len(theta))
    return np.asarray(runner.qfi(part.circuit, theta))


def bound_of(plan: Plan, problem: AnyProblem) -> float | None:
    """The bound of all probes of its kind; None where the plan's light is of another kind, as coherent light beside (12).

    Parameters
    ----------
    plan : Plan
    problem : Problem
    """
    is_bounded = not isinstance(problem, PhaseProblem) or plan.mean_photons is None
    return problem.bound if is_bounded else None


def mse_of_parts(plan: Plan, problem: Problem, informations: Iterable[Real]) -> float:
    """Mean squared error of q in one shot from the Fisher matrices of the parts, all other combinations of theta unknown.

    Each part estimates its share of q from its share of the shots alone.

    Parameters
    ----------
    plan : Plan
    problem : Problem
    informations : (d_k, d_k) matrices, one a part
        Quantum or classical, each of a shot of its part.
    """
    from photonics import nuisance_aware_information

    return error_sum(
        nuisance_aware_information(information, part.coefficients_of(problem.alpha)).mse / part.share
        for part, information in zip(plan.parts, informations, strict=True)
    )
