"""Sites in turn: all photons as a N00N state of one sensor and its own reference arm, one sensor after the other."""

from __future__ import annotations

from typing import ClassVar

from protocols.problem import PhaseProblem
from protocols.schemes.in_turn import (
    STATIC,
    fewer_photons_note,
    in_words,
    require_exact_photons,
    two_mode_part,
    why_no_turns,
)
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.scheme import PhaseScheme
from protocols.schemes.separable_phase import one_sensor_stages
from protocols.schemes.stages import StagedPhase
from protocols.theory.task import PhaseTask
from protocols.theory.turns import site_turns, sites_mse


class NoonInTurn(PhaseScheme):
    """N00N states of one sensor and its own arm in a share ~ |alpha_j| of the shots: no entanglement between sites."""

    name: ClassVar[str] = "noon-in-turn"
    title: ClassVar[str] = "a N00N state at one sensor after the other, over the shots"
    entangles: ClassVar[bool] = False
    sensor_by_sensor: ClassVar[bool] = True

    def why_not(self, problem: PhaseProblem) -> str | None:
        """Parameters have to stay put over the shots.

        Parameters
        ----------
        problem : PhaseProblem
        """
        return why_no_turns(problem, int(problem.function.norm(0)))

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        """One circuit for each sensor that q depends on, with its share of the shots.

        Parameters
        ----------
        problem : PhaseProblem
        """
        if (reason := self.why_not(problem)) is not None:
            return self.unavailable(reason)
        require_exact_photons(problem)
        task, arm = problem.task, problem.arm_bench.transmissivity
        turns = site_turns(task)
        parts = tuple(
            two_mode_part(
                problem,
                (name := problem.sensor_modes[turn.mode], problem.losses_of[name]),
                (f"{name} arm", problem.arm_losses),
                turn.photons,
                problem.passes,
                turn.share,
                task.alpha[turn.mode],
            )
            for turn in turns
        )
        return Plan(
            scheme=self.name,
            title=self.title,
            parts=parts,
            probes=tuple(
                f"share {part.share:.6g} of the shots: N00N state of {in_words(part.photons)} at "
                f"{part.circuit.modes[0]} and its arm"
                for part in parts
            ),
            controls=0,
            modes_per_pass=(2,) * problem.passes,
            predicted_mse=sites_mse(turns),
            formula="||alpha||_1^2/(N t)^2"
            if problem.is_lossless
            else "(sum |alpha_j| (sqrt A_j + sqrt B_j)/(2 sqrt(A_j B_j) n_j t))^2",
            measurement="parity of one port after a 50:50 beam splitter at the sensor whose turn it is"
            if problem.is_lossless
            else "project on (|A> +- e^{i phi}|B>)/sqrt 2 of the two branches of the sensor whose turn it is",
            reaches_bound=False,
            notes=tuple(
                note
                for note in (
                    STATIC * (len(parts) > 1),
                    "every sensor needs a reference arm of its own"
                    + (
                        f", of transmissivity {arm:g}"
                        if arm < 1
                        else ""
                        if problem.is_lossless
                        else ", taken as lossless"
                    ),
                    fewer_photons_note([turn.photons for turn in turns], problem.photons),
                )
                if note
            ),
        )

    def mse(self, task: PhaseTask) -> float:
        """(sum |alpha_j|/(n_j t) (sqrt A_j + sqrt B_j)/sqrt(4 A_j B_j))^2 with the best n_j <= N.

        Without loss it is ||alpha||_1^2/(N t)^2.

        Parameters
        ----------
        task : PhaseTask
        """
        return sites_mse(site_turns(task))

    def note(self, task: PhaseTask) -> str:
        """How many photons the turns have, when not all.

        Parameters
        ----------
        task : PhaseTask
        """
        return fewer_photons_note([turn.photons for turn in site_turns(task)], task.photons)

    def stages(self, problem: PhaseProblem, order: str = "photons") -> tuple[StagedPhase, ...] | Unavailable:
        """Stages for each sensor that q depends on, in its share of the shots.

        Parameters
        ----------
        problem : PhaseProblem
        order : "photons" or "passes"
            What smaller stages have less of.
        """
        if (reason := self.why_not(problem)) is not None:
            return self.unavailable(reason)
        require_exact_photons(problem)
        return tuple(
            one_sensor_stages(problem, turn.mode, turn.photons, order, turn.share) for turn in site_turns(problem.task)
        )
