"""What a plan reaches when an engine runs it: its Fisher information and the mean squared error that follows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonics.conventions import Real
from photonics.values import frozen_array
from protocols.problem import Problem
from protocols.schemes.plan import Plan
from protocols.theory.sums import error_sum


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


def evaluate(plan: Plan, problem: Problem, engine: str = "native") -> Evaluation:
    """Run every part of ``plan`` on ``engine`` and read the mean squared error off its Fisher information.

    Parameters
    ----------
    plan : Plan
    problem : Problem
    engine : str
        One of ``photonics.engines``.

    Raises
    ------
    photonics.CircuitTooLargeError
        When the engine cannot hold a circuit of the plan; nothing has been allocated then.
    """
    from photonics import get_engine

    runner = get_engine(engine)
    for part in plan.parts:
        runner.check_size(part.circuit)
    informations = tuple(
        runner.qfi(part.circuit, theta) for part, theta in zip(plan.parts, probe_theta(plan), strict=True)
    )
    return Evaluation(engine=engine, mse=mse_of_parts(plan, problem, informations), informations=informations)


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
