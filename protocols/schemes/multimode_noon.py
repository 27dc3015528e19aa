"""Superposed strings: all N photons in one of the sensors, or in the reference, in one superposition (multi-mode N00N)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from protocols.problem import PhaseProblem
from protocols.schemes.photon import require_simulated_photons
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.schemes.readouts import Readout, string_readouts
from protocols.schemes.scheme import PhaseScheme
from protocols.schemes.stages import StagedPhase
from protocols.theory.task import PhaseTask
from protocols.theory.turns import pair_photons, string_populations, superposed_mse

if TYPE_CHECKING:
    from photonics.circuits.circuit import Operation


_MORE_THAN_Q = "its Fisher matrix has a rank above 1 where more than two modes hold light, so it reveals more than q"


class MultimodeNoon(PhaseScheme):
    """Populations |alpha_j|/(2 ||alpha||_P) on "all N photons in mode j", the rest on the reference; (12) for every real alpha."""

    name: ClassVar[str] = "multimode-noon"
    title: ClassVar[str] = "superposed strings, all photons in one of the modes (multi-mode N00N state)"
    superposes_strings: ClassVar[bool] = True

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        """One circuit for all shots.

        Parameters
        ----------
        problem : PhaseProblem
        """
        from photonics import Circuit, FockState, Loss, PrepareFock, Sense

        require_simulated_photons(problem.photons, problem.passes)
        task, modes, photons = problem.task, problem.circuit_modes, problem.photons
        populations = string_populations(task)
        strings: dict[Sequence[int], complex] = {
            tuple(photons * (other == mode) for other in modes): math.sqrt(p)
            for mode, p in zip(modes, populations, strict=False)
            if p
        }
        losses = [Loss(mode=m, transmissivity=eta) for m in modes if (eta := problem.transmissivity_of[m]) < 1]
        each_pass: list[Operation] = [Sense(modes=problem.sensor_modes, generator="number"), *losses]
        start = PrepareFock(state=FockState.from_terms(modes, strings))
        circuit = Circuit(modes=modes, operations=(start, *each_pass * problem.passes))
        branches = None
        if len(strings) == 2:
            # The one that turns with the sign of q first, as for all light of two branches.
            ahead = modes[max(range(len(task.alpha)), key=lambda j: task.alpha[j])]
            first, second = sorted(strings, key=lambda string: string[modes.index(ahead)] == 0)
            branches = (tuple(first), tuple(second))
        shares = [f"{p:.6g} |{photons} in {mode}>" for mode, p in zip(modes, populations, strict=False) if p]
        more = f" + ... {len(shares) - 8} more" if len(shares) > 8 else ""
        return Plan(
            scheme=self.name,
            title=self.title,
            parts=(Part(circuit=circuit, sensors=tuple(range(len(problem.function))), branches=branches),),
            probes=(f"{problem.passes} x superposition with the populations " + " + ".join(shares[:8]) + more,),
            controls=0,
            modes_per_pass=(len(strings),) * problem.passes,
            predicted_mse=self.mse(task),
            formula="||alpha||_P^2/(N t)^2, (12)"
            if problem.is_lossless
            else "((sum |alpha_j| eta_j^(-n/2) + |sum alpha_j| eta_0^(-n/2))/(2 n))^2, n = N M",
            measurement="project on superpositions of all strings with equal chances at a known working point",
            reaches_bound=True,
            notes=(
                *((_MORE_THAN_Q,) if len(strings) > 2 else ()),
                *((self.note(task),) if self.note(task) else ()),
            ),
        )

    def mse(self, task: PhaseTask) -> float:
        """(12) without loss; with loss ((sum |alpha_j| eta_j^(-n/2) + |sum alpha_j| eta_0^(-n/2))/(2 n))^2, n = N M.

        Parameters
        ----------
        task : PhaseTask
        """
        return superposed_mse(task, task.photons)

    def note(self, task: PhaseTask) -> str:
        """With how many photons the same light would have the least error, where that is fewer than N.

        Parameters
        ----------
        task : PhaseTask
        """
        fewer = pair_photons(task)
        if fewer >= task.photons:
            return ""
        return f"all {task.photons:.6g} photons are sent; with these losses {fewer} would reach {superposed_mse(task, fewer):.7g}"

    def measurements(self, plan: Plan) -> tuple[Readout, ...]:
        """Projection on superpositions of all strings.

        Parameters
        ----------
        plan : Plan
        """
        return string_readouts(plan)

    def stages(self, problem: PhaseProblem, order: str = "photons") -> tuple[StagedPhase, ...] | Unavailable:
        """Of two strings, those of the N00N state that they are; of more none, as several phases are read out at once.

        Parameters
        ----------
        problem : PhaseProblem
        order : "photons" or "passes"
        """
        populations = string_populations(problem.task)
        if sum(p > 0 for p in populations) == 2:
            return super().stages(problem, order)
        return self.unavailable("its outcomes depend on several phases at once, which have no stages")
