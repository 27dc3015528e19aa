"""Several columns of W in turn, switched between passes."""

from __future__ import annotations

from typing import ClassVar

from protocols.problem import PhaseProblem
from protocols.schemes.noon import Noon
from protocols.schemes.photon import photon_plan
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.scheme import PhaseScheme
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
        """Several passes are needed, and N M alpha/||alpha||_P has to be integer.

        Parameters
        ----------
        problem : PhaseProblem
        """
        if problem.passes == 1:
            return "with one pass the only solution of W r = target is the N00N state"
        return None if problem.divisibility.holds else problem.divisibility.fault()

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        """The narrowest protocol that the search finds.

        Parameters
        ----------
        problem : PhaseProblem
        """
        reason = self.why_not(problem)
        if reason is not None:
            return self.unavailable(reason)
        task = PhotonTask.of_problem(problem)
        least = least_modes(task)
        assert least.columns is not None
        fewest = fewest_columns(task.with_modes(widest(least.columns)), least.columns, node_limit=SWITCH_STEPS)
        assert fewest is not None, "a protocol with so many modes is known"
        protocol = PhotonProtocol.from_columns(task, fewest.columns)
        note = "fewest modes per pass, then fewest switches"
        if not (least.decided and fewest.decided):
            proved = "proved" if least.decided else "undecided"
            note += f", among the protocols searched (the least k is {proved}; search limit reached)"
        return photon_plan(problem, protocol, scheme=self.name, title=self.title, notes=(note,))

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
        return task.two_branch_mse if task.passes > 1 else None
