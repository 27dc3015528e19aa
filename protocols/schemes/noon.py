"""The proportionally weighted N00N state, the same in every pass."""

from __future__ import annotations

from typing import ClassVar

from protocols.problem import LARGEST_NAMED_PRODUCT, PhaseProblem, divisibility, photon_target
from protocols.schemes.photon import column_photons, columns_mse, columns_note, photon_plan, with_columns
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.scheme import PhaseScheme
from protocols.schemes.stages import StagedPhase
from protocols.theory.task import PhaseTask
from protocols.wmatrix.protocol import PhotonProtocol


class Noon(PhaseScheme):
    """The proportionally weighted N00N state (19), (81), the same in every pass, with the branch weights best for the losses."""

    name: ClassVar[str] = "noon"
    title: ClassVar[str] = "proportionally weighted N00N state, no controls"

    def why_not(self, problem: PhaseProblem) -> str | None:
        """n alpha/||alpha||_P has to be integer for some n <= N.

        Parameters
        ----------
        problem : PhaseProblem
        """
        if column_photons(problem.function, problem.photons, 1):
            return None
        need = divisibility(problem.function, problem.photons, 1)
        if need.least_product is None or need.least_product > LARGEST_NAMED_PRODUCT:
            return need.fault()
        return f"N alpha/||alpha||_P is not integer: N = {problem.photons} is not a multiple of {need.least_product}"

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        """One column of W, for all passes, with as many of the N photons as it can have.

        Parameters
        ----------
        problem : PhaseProblem
        """
        if (reason := self.why_not(problem)) is not None:
            return self.unavailable(reason)
        sent, notes = with_columns(problem, 1)
        omega = photon_target(sent.function, sent.photons, 1)
        assert omega is not None, "columns exist for these photons"
        protocol = PhotonProtocol(
            function=sent.function,
            photons=sent.photons,
            passes=sent.passes,
            columns=(omega,),
            repeats=(sent.passes,),
        )
        return photon_plan(sent, protocol, scheme=self.name, title=self.title, notes=notes, bounded=not notes)

    def mse(self, task: PhaseTask) -> float:
        """(12) over 4AB/(sqrt A + sqrt B)^2 for branch survivals A, B, of the most n <= N for which n alpha/||alpha||_P is integer.

        Parameters
        ----------
        task : PhaseTask
        """
        return columns_mse(task, 1)

    def note(self, task: PhaseTask) -> str:
        """How many photons columns can have, where that is not all of them.

        Parameters
        ----------
        task : PhaseTask
        """
        return columns_note(task.function, task.photons, 1)

    def stages(self, problem: PhaseProblem, order: str = "photons") -> tuple[StagedPhase, ...] | Unavailable:
        """Those of the photons that its column can have.

        Parameters
        ----------
        problem : PhaseProblem
        order : "photons" or "passes"
        """
        if (reason := self.why_not(problem)) is not None:
            return self.unavailable(reason)
        return super().stages(with_columns(problem, 1)[0], order)
