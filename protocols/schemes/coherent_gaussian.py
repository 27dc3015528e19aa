"""Coherent light alone for phases with a mean photon number: what anybody has, and what squeezed light is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from protocols.problem import GaussianProblem
from protocols.schemes.bright import BrightLocal, light_norm
from protocols.schemes.coherent_phase import CoherentPhase, beams_plan
from protocols.schemes.displaced_squeezed import DisplacedLocal
from protocols.schemes.gaussian import PhaseLightScheme
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.readouts import Readout, interference_readouts
from protocols.schemes.scheme import GaussianScheme
from protocols.theory.task import GaussianTask

if TYPE_CHECKING:
    from protocols.theory.limits.phase_light import PhaseLight


class CoherentGaussian(GaussianScheme):
    """Coherent light of nbar photons, made at each site: interferometers of their own, homodyne detection, or beams that meet.

    Two-armed sensors are read by intensity differences and need no reference; one-armed ones by homodyne detection where a strong
    local oscillator is free, and otherwise by beams that meet, those of a reference counted.
    """

    name: ClassVar[str] = CoherentPhase.name
    title: ClassVar[str] = "coherent light, no squeezing"
    entangles: ClassVar[bool] = False

    def light_of(self, problem: GaussianProblem) -> PhaseLightScheme | None:
        """The scheme of squeezed light whose readout and circuits it has, without the squeezers; None where beams meet.

        Parameters
        ----------
        problem : GaussianProblem
        """
        arms = {len(site) for site, a in zip(problem.sites, problem.site_alpha, strict=True) if a}
        if arms == {2} or (arms == {1, 2} and problem.has_free_reference):
            return _InInterferometers()
        return _AtOscillators() if arms == {1} and problem.has_free_reference else None

    def plan(self, problem: GaussianProblem) -> Plan | Unavailable:
        """Light with the best shares of the photons.

        Parameters
        ----------
        problem : GaussianProblem
        """
        light = self.light_of(problem)
        if light is not None:
            return light.plan(problem)
        if problem.reference is None and not problem.function.is_balanced:
            return self.unavailable(
                "the function needs a reference, whose light counts, or a free one at every site (phase_reference: free)"
            )
        return beams_plan(problem, self.name, self.title, ())

    def mse(self, task: GaussianTask) -> None:
        """None: it depends on which references are free, which a task does not know.

        Parameters
        ----------
        task : GaussianTask
        """
        return

    def measurements(self, plan: Plan) -> tuple[Readout, ...]:
        """What its plan is measured by.

        Parameters
        ----------
        plan : Plan
        """
        return interference_readouts(plan) if plan.interference else super().measurements(plan)


class _Alone(PhaseLightScheme):
    """Without squeezers, whatever is at hand."""

    name: ClassVar[str] = CoherentPhase.name
    title: ClassVar[str] = CoherentGaussian.title

    def best_light(self, problem: GaussianProblem, supply: object, limits: object) -> PhaseLight:
        """Coherent light of the least error."""
        from protocols.theory.limits.phase_light import best_local
        from protocols.theory.limits.squeezers import SqueezerLimits

        none = SqueezerLimits(mean_photons=0.0, squeezers=0)
        return best_local(self.readout(problem), none, problem.mean_photons)


class _InInterferometers(_Alone, BrightLocal):
    """In two-armed interferometers, and at one-armed sensors beside them where local oscillators are free."""

    name: ClassVar[str] = _Alone.name
    title: ClassVar[str] = _Alone.title
    mixed_title: ClassVar[str] = _Alone.title
    meets: ClassVar[None] = None

    def lossless_formula(self, problem: GaussianProblem) -> str:
        """Shot noise.

        Parameters
        ----------
        problem : GaussianProblem
        """
        return f"{light_norm(problem)}^2/(nbar t^2)"


class _AtOscillators(_Alone, DisplacedLocal):
    """At one-armed sensors with local oscillators."""

    name: ClassVar[str] = _Alone.name
    title: ClassVar[str] = _Alone.title

    def lossless_formula(self, problem: GaussianProblem) -> str:
        """Shot noise with free references.

        Parameters
        ----------
        problem : GaussianProblem
        """
        return "||alpha||_1^2/(4 nbar t^2)"
