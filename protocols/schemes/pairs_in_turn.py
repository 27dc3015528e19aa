"""Pairs in turn: N00N states of two modes, a positive sensor and a negative one or the reference, one pair after the other."""

from __future__ import annotations

from typing import ClassVar

from protocols.problem import PhaseProblem
from protocols.schemes.in_turn import turns_plan, why_no_turns
from protocols.schemes.photon import PROJECTION, require_simulated_photons
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.schemes.scheme import PhaseScheme
from protocols.schemes.stages import StagedPhase, two_mode_stages
from protocols.schemes.two_modes import two_mode_part
from protocols.theory.task import PhaseTask
from protocols.theory.turns import PairTurn, pair_photons, pair_turns, pairs_of, superposed_mse


class PairsInTurn(PhaseScheme):
    """q as a sum of c_k (theta_i - theta_k): each pair gets a share ~ c_k of the shots; two modes are entangled at a time.

    Both arms of a sensor that has two are a pair; where all sensors have two, that is ``noon-in-turn``.
    """

    name: ClassVar[str] = "pairs-in-turn"
    title: ClassVar[str] = "N00N states of two modes, one pair after the other over the shots"

    def why_not(self, problem: PhaseProblem) -> str | None:
        """Parameters have to stay put over the shots, and some sensor has one arm.

        Parameters
        ----------
        problem : PhaseProblem
        """
        if all(len(site) == 2 for site in problem.sites):
            return "every sensor has two arms, which are a pair of their own: pairs in turn are noon-in-turn here"
        return why_no_turns(problem, len(pairs_of(problem.function, problem.sites)))

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        """One circuit for each pair, with its share of the shots.

        Parameters
        ----------
        problem : PhaseProblem
        """
        if (reason := self.why_not(problem)) is not None:
            return self.unavailable(reason)
        require_simulated_photons(problem.photons, problem.passes)
        turns = pair_turns(problem.task)
        photons = turns[0].photons
        return turns_plan(
            self,
            problem,
            [_part(problem, turn, photons, problem.passes) for turn in turns],
            where="between {0} and {1}",
            mse=superposed_mse(problem.task, photons),
            formula="||alpha||_P^2/(N t)^2, (12)"
            if problem.is_lossless
            else "((sum |alpha_j| eta_j^(-n/2) + |sum alpha_j| eta_0^(-n/2))/(2 n))^2, n photon passes of a pair",
            measurement=f"{PROJECTION} of the pair whose turn it is",
            reaches_bound=True,
            notes=(_same_photons_note(photons, problem.photons),),
        )

    def mse(self, task: PhaseTask) -> float:
        """(12) without loss, for every real alpha, N and M; with loss that of superposed strings of the best n <= N photons.

        Parameters
        ----------
        task : PhaseTask
        """
        return superposed_mse(task, pair_photons(task))

    def note(self, task: PhaseTask) -> str:
        """How many photons a turn has, when not all.

        Parameters
        ----------
        task : PhaseTask
        """
        return _same_photons_note(pair_photons(task), task.photons)

    def stages(self, problem: PhaseProblem, order: str = "photons") -> tuple[StagedPhase, ...] | Unavailable:
        """Stages for each pair, in its share of the shots.

        Parameters
        ----------
        problem : PhaseProblem
        order : "photons" or "passes"
            What smaller stages have less of.
        """
        if (reason := self.why_not(problem)) is not None:
            return self.unavailable(reason)
        require_simulated_photons(problem.photons, problem.passes)
        return tuple(_pair_stages(problem, turn, order) for turn in pair_turns(problem.task))


def _same_photons_note(used: int, photons: float) -> str:
    """How many photons a pair has, when not all; nothing otherwise."""
    if used >= photons:
        return ""
    some = f"{used} of {photons:.6g} photons at a time, the same for all pairs"
    return f"{some}; with these losses more for all would increase the error"


def _part(problem: PhaseProblem, turn: PairTurn, photons: int, passes: int) -> Part:
    """The N00N state of a pair with so many photons and passes."""
    pair = turn.pair
    # Unbalanced functions have a reference; of pairs of sensors none is used.
    return two_mode_part(
        problem,
        (pair.positive,) if pair.negative is None else (pair.positive, pair.negative),
        photons,
        passes,
        arm=problem.reference_name or "",
        share=turn.share,
        weight=float(pair.weight),
    )


def _pair_stages(problem: PhaseProblem, turn: PairTurn, order: str) -> StagedPhase:
    direction = {turn.pair.positive: 1} | ({} if turn.pair.negative is None else {turn.pair.negative: -1})
    return two_mode_stages(
        problem,
        direction,
        float(turn.pair.weight),
        turn.photons,
        lambda photons, passes: _part(problem, turn, photons, passes),
        order,
        turn.share,
    )
