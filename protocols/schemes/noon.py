"""The proportionally weighted N00N state, the same in every pass."""

from __future__ import annotations

from typing import ClassVar

from protocols.problem import LARGEST_NAMED_PRODUCT, PhaseProblem, divisibility, photon_target
from protocols.schemes.photon import photon_plan
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.scheme import PhaseScheme
from protocols.theory.task import PhaseTask
from protocols.wmatrix.protocol import PhotonProtocol


class Noon(PhaseScheme):
    """The proportionally weighted N00N state (19), (81), the same in every pass, with the branch weights best for the losses."""

    name: ClassVar[str] = "noon"
    title: ClassVar[str] = "proportionally weighted N00N state, no controls"

    def why_not(self, problem: PhaseProblem) -> str | None:
        """N alpha/||alpha||_P has to be integer.

        Parameters
        ----------
        problem : PhaseProblem
        """
        need = divisibility(problem.function, problem.photons, 1)
        if need.holds:
            return None
        if need.least_product is None or need.least_product > LARGEST_NAMED_PRODUCT:
            return need.fault()
        return f"N alpha/||alpha||_P is not integer: N = {problem.photons} is not a multiple of {need.least_product}"

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        """One column of W, for all passes.

        Parameters
        ----------
        problem : PhaseProblem
        """
        omega = photon_target(problem.function, problem.photons, 1)
        if omega is None:
            return self.unavailable(self.why_not(problem) or "")
        protocol = PhotonProtocol(
            function=problem.function,
            photons=problem.photons,
            passes=problem.passes,
            columns=(omega,),
            repeats=(problem.passes,),
        )
        return photon_plan(problem, protocol, scheme=self.name, title=self.title)

    def mse(self, task: PhaseTask) -> float:
        """(12) over 4AB/(sqrt A + sqrt B)^2 for branch survivals A, B; where N alpha/||alpha||_P is integer.

        Parameters
        ----------
        task : PhaseTask
        """
        return task.two_branch_mse
