"""Sites in turn: all photons as a N00N state of one sensor and its own reference arm, one sensor after the other."""

from __future__ import annotations

from typing import ClassVar

from protocols.problem import PhaseProblem
from protocols.schemes.in_turn import fewer_photons_note, turns_plan, why_no_turns
from protocols.schemes.photon import PROJECTION, require_simulated_photons
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.scheme import PhaseScheme
from protocols.schemes.separable_phase import one_sensor_stages, own_arms_notes
from protocols.schemes.stages import StagedPhase
from protocols.schemes.two_modes import own_part
from protocols.theory.task import PhaseTask
from protocols.theory.turns import site_turns, sites_mse


class NoonInTurn(PhaseScheme):
    """N00N states of one sensor and its own arm, or of both its arms, in a share ~ |alpha_j| of the shots: one site at a time."""

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
        return why_no_turns(problem, int(problem.network.function.norm(0)))

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        """One circuit for each sensor that q depends on, with its share of the shots.

        Parameters
        ----------
        problem : PhaseProblem
        """
        if (reason := self.why_not(problem)) is not None:
            return self.unavailable(reason)
        require_simulated_photons(problem.photons, problem.passes)
        turns, lossless = site_turns(problem.task), problem.is_lossless
        return turns_plan(
            self,
            problem,
            [
                own_part(
                    problem,
                    (turn.mode, turn.other),
                    turn.photons,
                    problem.passes,
                    share=turn.share,
                    weight=problem.alpha[turn.mode],
                )
                for turn in turns
            ],
            where="between {0} and {1}" if problem.has_two_arms else "at {0} and its arm",
            mse=sites_mse(turns),
            formula="||alpha||_1^2/(N t)^2"
            if lossless
            else "(sum |alpha_j| (sqrt A_j + sqrt B_j)/(2 sqrt(A_j B_j) n_j t))^2",
            measurement="parity of one port after a 50:50 beam splitter at the sensor whose turn it is"
            if lossless
            else f"{PROJECTION} of the sensor whose turn it is",
            reaches_bound=False,
            notes=(*own_arms_notes(problem), fewer_photons_note([turn.photons for turn in turns], problem.photons)),
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
        require_simulated_photons(problem.photons, problem.passes)
        return tuple(
            one_sensor_stages(problem, (turn.mode, turn.other), turn.photons, order, turn.share)
            for turn in site_turns(problem.task)
        )
