"""What a plan is worth when an engine runs it: its Fisher information and the mean squared error that follows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protocols.problem import Problem
from protocols.schemes.plan import Plan

if TYPE_CHECKING:
    from photonics.conventions import Real


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Mean squared error of q from the Fisher information of each part, all other combinations of theta unknown.

    ``informations`` holds a (d_k, d_k) quantum Fisher information matrix for each part of the plan, read-only.
    """

    engine: str
    mse: float
    informations: tuple[Real, ...] = field(hash=False)

    def __post_init__(self) -> None:
        for information in self.informations:
            information.setflags(write=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Evaluation):
            return NotImplemented
        same = (self.engine, self.mse, len(self.informations)) == (other.engine, other.mse, len(other.informations))
        return same and all(
            a.shape == b.shape and bool((a == b).all())
            for a, b in zip(self.informations, other.informations, strict=True)
        )


def whole_information(plan: Plan, informations: Iterable[Real], sensors: int) -> Real:
    """(d, d) Fisher matrix of all sensors, in their order, from those of the parts."""
    import numpy as np

    whole = np.zeros((sensors, sensors))
    for part, information in zip(plan.parts, informations, strict=True):
        whole[np.ix_(part.sensors, part.sensors)] += information
    return whole


def probe_theta(plan: Plan) -> list[list[float]]:
    """Parameter values to run at, for each part: in no special relation to each other, and small phases in all."""
    return [[probe_value(j) for j in part.sensors] for part in plan.parts]


def probe_value(sensor: int) -> float:
    """The parameter of one sensor, between 0.05 and 0.55: multiples of the golden section."""
    return (0.1 + ((sensor + 1) * (math.sqrt(5) - 1) / 2) % 1.0) / 2


def evaluate(plan: Plan, problem: Problem, engine: str = "native") -> Evaluation:
    """Run every part of ``plan`` on ``engine`` and read the mean squared error off its Fisher information.

    Raises
    ------
    photonics.CircuitTooLargeError
        When the engine cannot hold a circuit of the plan; nothing has been allocated then.
    """
    from photonics import get_engine, nuisance_aware_information

    runner = get_engine(engine)
    for part in plan.parts:
        runner.check_size(part.circuit)
    informations, mse = [], []
    for part, theta in zip(plan.parts, probe_theta(plan), strict=True):
        information = runner.qfi(part.circuit, theta)
        informations.append(information)
        wanted = [problem.alpha[j] for j in part.sensors]
        mse.append(nuisance_aware_information(information, wanted).mse)
    return Evaluation(engine=engine, mse=math.fsum(mse), informations=tuple(informations))
