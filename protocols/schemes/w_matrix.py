"""Several columns of W in turn, switched between passes."""

from __future__ import annotations

from typing import ClassVar

from protocols.problem import PhaseProblem
from protocols.schemes.noon import Noon
from protocols.schemes.photon import column_photons, columns_mse, columns_note, photon_plan, with_columns
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.scheme import PhaseScheme
from protocols.schemes.stages import StagedPhase
from protocols.theory.task import PhaseTask
from protocols.wmatrix.protocol import PhotonProtocol
from protocols.wmatrix.search.least import least_modes
from protocols.wmatrix.search.repeats import fewest_columns
from protocols.wmatrix.search.sparse_tables import widest
from protocols.wmatrix.task import PhotonTask

SWITCH_STEPS = 150_000
"""Search steps for few switches, half a second; psn enumerate --objective switches takes more."""


class WMatrix(PhaseScheme):
    """Several columns of W in turn, with the fewest modes per pass found, and among those the fewest switches found."""

    name: ClassVar[str] = "w-matrix"
    title: ClassVar[str] = "columns of W in turn, switched between passes"

    def why_not(self, problem: PhaseProblem) -> str | None:
        """Several passes are needed, and n M alpha/||alpha||_P has to be integer for some n <= N.

        Parameters
        ----------
        problem : PhaseProblem
        """
        if problem.passes == 1:
            return "with one pass the only solution of W r = target is the N00N state"
        enough = column_photons(problem.function, problem.photons, problem.passes)
        return None if enough else problem.divisibility.fault()

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        """The narrowest protocol that the search finds, with as many of the N photons as columns can have.

        Parameters
        ----------
        problem : PhaseProblem
        """
        reason = self.why_not(problem)
        if reason is not None:
            return self.unavailable(reason)
        sent, notes = with_columns(problem, problem.passes)
        task = PhotonTask.of_problem(sent)
        least = least_modes(task)
        assert least.columns is not None
        fewest = fewest_columns(task.with_modes(widest(least.columns)), least.columns, node_limit=SWITCH_STEPS)
        assert fewest is not None, "a protocol with so many modes is known"
        protocol = PhotonProtocol.from_columns(task, fewest.columns)
        note = "fewest modes per pass, then fewest switches"
        if not (least.decided and fewest.decided):
            proved = "proved" if least.decided else "undecided"
            note += f", among the protocols searched (the least k is {proved}; search limit reached)"
        return photon_plan(sent, protocol, scheme=self.name, title=self.title, notes=(note, *notes), bounded=not notes)

    def stage_plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        """A single pass has one protocol, the N00N state.

        Parameters
        ----------
        problem : PhaseProblem
        """
        return Noon().plan(problem) if problem.passes == 1 else self.plan(problem)

    def mse(self, task: PhaseTask) -> float | None:
        """As for the N00N state: all optimal protocols send the same photons through each mode, and lose the same.

        Parameters
        ----------
        task : PhaseTask
        """
        return columns_mse(task, task.passes) if task.passes > 1 else None

    def note(self, task: PhaseTask) -> str:
        """How many photons columns can have, where that is not all of them.

        Parameters
        ----------
        task : PhaseTask
        """
        return columns_note(task.function, task.photons, task.passes)

    def stages(self, problem: PhaseProblem, order: str = "photons") -> tuple[StagedPhase, ...] | Unavailable:
        """Those of the photons that its columns can have.

        Parameters
        ----------
        problem : PhaseProblem
        order : "photons" or "passes"
        """
        if (reason := self.why_not(problem)) is not None:
            return self.unavailable(reason)
        return super().stages(with_columns(problem, problem.passes)[0], order)
