"""Pairs in turn: N00N states of two modes, a positive sensor and a negative one or the reference, one pair after the other."""

from __future__ import annotations

from typing import ClassVar

from protocols.problem import PhaseProblem
from protocols.schemes.in_turn import (
    STATIC,
    in_words,
    require_exact_photons,
    two_mode_part,
    why_no_turns,
)
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.schemes.scheme import PhaseScheme
from protocols.schemes.stages import StagedPhase, two_mode_stages
from protocols.theory.mode_losses import ModeLosses
from protocols.theory.task import PhaseTask
from protocols.theory.turns import PairTurn, pair_photons, pair_turns, pairs_of, superposed_mse


class PairsInTurn(PhaseScheme):
    """q as a sum of c_k (theta_i - theta_k): each pair gets a share ~ c_k of the shots; two modes are entangled at a time."""

    name: ClassVar[str] = "pairs-in-turn"
    title: ClassVar[str] = "N00N states of two modes, one pair after the other over the shots"

    def why_not(self, problem: PhaseProblem) -> str | None:
        """Parameters have to stay put over the shots.

        Parameters
        ----------
        problem : PhaseProblem
        """
        return why_no_turns(problem, len(pairs_of(problem.function)))

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        """One circuit for each pair, with its share of the shots.

        Parameters
        ----------
        problem : PhaseProblem
        """
        if (reason := self.why_not(problem)) is not None:
            return self.unavailable(reason)
        require_exact_photons(problem)
        task = problem.task
        turns = pair_turns(task)
        parts = tuple(_part(problem, turn, turn.photons, problem.passes) for turn in turns)
        photons = turns[0].photons
        return Plan(
            scheme=self.name,
            title=self.title,
            parts=parts,
            probes=tuple(
                f"share {part.share:.6g} of the shots: N00N state of {in_words(part.photons)} between "
                f"{part.circuit.modes[0]} and {part.circuit.modes[1]}"
                for part in parts
            ),
            controls=0,
            modes_per_pass=(2,) * problem.passes,
            predicted_mse=superposed_mse(task, photons),
            formula="||alpha||_P^2/(N t)^2, (12)"
            if problem.is_lossless
            else "((sum |alpha_j| eta_j^(-n/2) + |sum alpha_j| eta_0^(-n/2))/(2 n))^2, n photon passes of a pair",
            measurement="project on (|A> +- e^{i phi}|B>)/sqrt 2 of the two branches of the pair whose turn it is",
            reaches_bound=True,
            notes=tuple(
                note for note in (STATIC * (len(parts) > 1), _same_photons_note(photons, problem.photons)) if note
            ),
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
        require_exact_photons(problem)
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

    def mode(place: int | None) -> tuple[str, ModeLosses]:
        name = problem.reference_name if place is None else problem.sensor_modes[place]
        assert name is not None, "unbalanced functions have a reference"
        return name, problem.losses_of[name]

    return two_mode_part(
        problem, mode(pair.positive), mode(pair.negative), photons, passes, turn.share, float(pair.weight)
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
