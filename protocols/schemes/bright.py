"""Bright light in two-armed interferometers, read by differences of photocurrents; squeezed light in the dark ports."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from protocols.problem import GaussianProblem
from protocols.schemes.gaussian import PhaseLightScheme, Sharing, estimate_words, site_detectors
from protocols.schemes.plan import Part

if TYPE_CHECKING:
    from photonics import IntensityDifference
    from protocols.theory.limits.phase_light import PhaseLight
    from protocols.theory.limits.phase_readout import PhaseReadout


class _Bright(PhaseLightScheme):
    """What the three have in common."""

    arms: ClassVar[int] = 2

    def readout(self, problem: GaussianProblem) -> PhaseReadout:
        """Intensity differences at mid-fringe.

        Parameters
        ----------
        problem : GaussianProblem
        """
        from protocols.theory.limits.intensity import IntensityReadout
        from protocols.theory.limits.phase_readout import phase_readout_of_benches

        # Of a sensor with one arm half of the light passes the sensor, the other half its reference.
        benches = [
            bench if len(site) == 2 else replace(bench, mean_photons_max=2 * bench.mean_photons_max)
            for site, bench in zip(problem.sites, problem.site_benches, strict=True)
        ]
        return phase_readout_of_benches(IntensityReadout, problem.site_alpha, benches, problem.passes)

    @property
    def lossless_formula(self) -> str:
        """Of much light."""
        return "about ||alpha||_1^2 e^(-2r)/(N_c t^2), N_c the coherent photons; exact at this light (docs/theory.md, section 6)"

    def measurement_words(self, problem: GaussianProblem, parts: Sequence[Part]) -> str:
        """Photocurrents, and the weights of the estimate.

        Parameters
        ----------
        problem : GaussianProblem
        parts : sequence of Part
        """
        when = ", each site in its shots" if self.sharing == "in turn" else ""
        return (
            "at every interferometer the photocurrents of both outputs are subtracted, at mid-fringe; q is estimated by "
            f"{estimate_words(problem, parts, 'D')}, D in photons{when}"
        )

    def _measurement(self, problem: GaussianProblem, sites: Sequence[int], light: PhaseLight) -> IntensityDifference:
        from photonics import IntensityDifference

        pairs = tuple((first, second) for first, second in (self.modes_of(problem, j) for j in sites))
        return IntensityDifference(pairs=pairs, angles_rad=-math.pi / 2, detectors=site_detectors(problem, sites))


class BrightShared(_Bright):
    """Coherent light in every interferometer, and one squeezed vacuum split over their dark ports."""

    name: ClassVar[str] = "bright-shared-squeezing"
    title: ClassVar[str] = "coherent light in every interferometer, one squeezed vacuum over their dark ports"
    sharing: ClassVar[Sharing] = "shared"


class BrightLocal(_Bright):
    """Coherent light in every interferometer, and a squeezed vacuum of its own in each dark port."""

    name: ClassVar[str] = "bright-local-squeezing"
    title: ClassVar[str] = "coherent light in every interferometer, a squeezed vacuum of its own in each dark port"
    sharing: ClassVar[Sharing] = "local"
    entangles: ClassVar[bool] = False


class BrightInTurn(_Bright):
    """All the coherent light and the squeezer at one interferometer after the other, over the shots."""

    name: ClassVar[str] = "bright-in-turn"
    title: ClassVar[str] = "coherent light and a squeezed vacuum in one interferometer after the other"
    sharing: ClassVar[Sharing] = "in turn"
    entangles: ClassVar[bool] = False
