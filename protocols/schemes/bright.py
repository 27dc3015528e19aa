"""Bright light in two-armed interferometers, read by differences of photocurrents; squeezed light in the dark ports.

Sensors with one arm beside them are interferometers with a reference arm of their own, which is counted; where references are
free they are read by homodyne detection of displaced light, without such an arm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from protocols.problem import GaussianProblem
from protocols.schemes.gaussian import PhaseLightScheme, Sharing, estimate_words, site_detectors
from protocols.schemes.meeting import LightThatMeets, LocalThatMeets, Meeting, SharedThatMeets
from protocols.schemes.plan import Part, Plan, Unavailable

if TYPE_CHECKING:
    from photonics import Homodyne, IntensityDifference, Moments
    from protocols.theory.limits.phase_light import PhaseLight
    from protocols.theory.limits.phase_readout import PhaseReadout


class Bright(PhaseLightScheme):
    """What the three have in common."""

    arms: ClassVar[int] = 2
    mixed_title: ClassVar[str]
    """The title where sensors are not all in interferometers of their own: free references beside them, or light that meets."""
    meets: ClassVar[type[LightThatMeets] | None] = None
    """The same light in one interferometer of one-armed sensors of both signs, each a reference arm for the others."""

    def ways(self, problem: GaussianProblem) -> tuple[tuple[PhaseLightScheme, GaussianProblem], ...]:
        """The ways of sending such light, each with the problem that it is for: with arms of their own, or all in one.

        Parameters
        ----------
        problem : GaussianProblem
        """
        own: tuple[PhaseLightScheme, GaussianProblem] = self, problem
        meeting = None if self.meets is None else Meeting.of(problem)
        if self.meets is None or meeting is None:
            return (own,)
        return own, (self.meets(meeting=meeting), meeting.problem)

    def plan(self, problem: GaussianProblem) -> Plan | Unavailable:
        """Light as if it were made at the sites, by any squeezers, in the way of the least error.

        Parameters
        ----------
        problem : GaussianProblem
        """
        plans = [super().plan(problem), *(scheme.plan(whole) for scheme, whole in self.ways(problem)[1:])]
        return min(plans, key=lambda plan: plan.predicted_mse if isinstance(plan, Plan) else math.inf)

    def title_for(self, problem: GaussianProblem) -> str:
        """Not of interferometers where there are other sensors, or where light may meet.

        Parameters
        ----------
        problem : GaussianProblem
        """
        is_mixed = any(a and self.arms_at(problem, j) == 1 for j, a in enumerate(problem.site_alpha))
        may_meet = self.meets is not None and Meeting.of(problem) is not None
        return self.mixed_title if is_mixed or may_meet else self.title

    def arms_at(self, problem: GaussianProblem, site: int) -> int:
        """1 for sensors with one arm where their references are free: whatever they see is read by homodyne detection.

        Parameters
        ----------
        problem : GaussianProblem
        site : int
        """
        return 1 if problem.has_free_reference and len(problem.sites[site]) == 1 else 2

    def readout(self, problem: GaussianProblem) -> PhaseReadout:
        """Intensity differences at mid-fringe, and homodyne detection at sensors with one arm and free references.

        Parameters
        ----------
        problem : GaussianProblem
        """
        from protocols.theory.limits.intensity import IntensityReadout
        from protocols.theory.limits.mixed_readout import MixedReadout
        from protocols.theory.limits.phase_readout import phase_readout_of_benches

        arms = [self.arms_at(problem, j) for j in range(len(problem.sites))]
        # With a reference arm beside a sensor half of the light passes the sensor, the other half its reference.
        benches = [
            bench if len(site) == own else replace(bench, mean_photons_max=2 * bench.mean_photons_max)
            for site, own, bench in zip(problem.sites, arms, problem.site_benches, strict=True)
        ]
        readout = phase_readout_of_benches(IntensityReadout, problem.site_alpha, benches, problem.passes)
        return readout if 1 not in arms else MixedReadout.of(readout, [own == 1 for own in arms])

    def lossless_formula(self, problem: GaussianProblem) -> str:
        """Of much light.

        Parameters
        ----------
        problem : GaussianProblem
        """
        return (
            f"about {light_norm(problem)}^2 e^(-2r)/(N_c t^2), N_c the coherent photons; exact at this light "
            "(docs/theory/theory.md, section 6)"
        )

    def measurement_words(self, problem: GaussianProblem, parts: Sequence[Part]) -> str:
        """Photocurrents, and the weights of the estimate.

        Parameters
        ----------
        problem : GaussianProblem
        parts : sequence of Part
        """
        symbols = ["x" if self.arms_at(problem, j) == 1 else "D" for j in range(len(problem.sites))]
        aside, units = "", "D in photons"
        if "x" in [symbol for symbol, a in zip(symbols, problem.site_alpha, strict=True) if a]:
            aside = (
                ", and at every sensor with one arm the quadrature x, a quarter turn from its coherent light, is read by homodyne "
                "detection"
            )
            units = "D in photons and x with the variance 1 of the vacuum"
        when = ", each site in its shots" if self.sharing == "in turn" else ""
        return (
            f"at every interferometer the photocurrents of both outputs are subtracted, at mid-fringe{aside}; q is estimated by "
            f"{estimate_words(problem, parts, symbols)}, {units}{when}"
        )

    def _measurement(
        self, problem: GaussianProblem, sites: Sequence[int], light: PhaseLight
    ) -> Homodyne | IntensityDifference | Moments:
        from photonics import Homodyne, IntensityDifference, Interference, Moments, Quadrature

        detectors = site_detectors(problem, sites)
        modes = [self.modes_of(problem, j) for j in sites]
        if all(len(site) == 2 for site in modes):
            pairs = tuple((first, second) for first, second in modes)
            return IntensityDifference(pairs=pairs, angles_rad=-math.pi / 2, detectors=detectors)
        if all(len(site) == 1 for site in modes):
            return Homodyne(modes=tuple(mode for (mode,) in modes), angles_rad=0.0, detectors=detectors)
        readings = (
            Quadrature(site[0])
            if len(site) == 1
            else Interference(first=site[0], second=site[1], angle_rad=-math.pi / 2)
            for site in modes
        )
        return Moments(observables=tuple(readings), detectors=detectors)


def light_norm(problem: GaussianProblem) -> str:
    """The norm of alpha that shot noise goes with, in words: sensors with one arm and a free reference need a half of the light.

    Parameters
    ----------
    problem : GaussianProblem
    """
    is_mixed = problem.has_free_reference and any(
        a and len(site) == 1 for site, a in zip(problem.sites, problem.site_alpha, strict=True)
    )
    return "(sum c_j |alpha_j|, c_j = 1/2 of one arm and 1 of two)" if is_mixed else "||alpha||_1"


class BrightShared(Bright):
    """Coherent light in every interferometer, and one squeezed vacuum split over their dark ports."""

    name: ClassVar[str] = "bright-shared-squeezing"
    title: ClassVar[str] = "coherent light in every interferometer, one squeezed vacuum over their dark ports"
    mixed_title: ClassVar[str] = "coherent light at every site, one squeezed vacuum over all of them"
    sharing: ClassVar[Sharing] = "shared"
    meets: ClassVar[type[LightThatMeets] | None] = SharedThatMeets


class BrightLocal(Bright):
    """Coherent light in every interferometer, and a squeezed vacuum of its own in each dark port."""

    name: ClassVar[str] = "bright-local-squeezing"
    title: ClassVar[str] = "coherent light in every interferometer, a squeezed vacuum of its own in each dark port"
    mixed_title: ClassVar[str] = "coherent light and a squeezed vacuum of its own at every site"
    sharing: ClassVar[Sharing] = "local"
    meets: ClassVar[type[LightThatMeets] | None] = LocalThatMeets
    entangles: ClassVar[bool] = False


class BrightInTurn(Bright):
    """All the coherent light and the squeezer at one interferometer after the other, over the shots."""

    name: ClassVar[str] = "bright-in-turn"
    title: ClassVar[str] = "coherent light and a squeezed vacuum in one interferometer after the other"
    mixed_title: ClassVar[str] = "coherent light and a squeezed vacuum at one site after the other"
    sharing: ClassVar[Sharing] = "in turn"
    entangles: ClassVar[bool] = False
