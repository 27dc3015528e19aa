"""Displaced squeezed light in one-armed sensors, read by homodyne detection against a strong local oscillator at each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from protocols.problem import GaussianProblem
from protocols.schemes.gaussian import PhaseLightScheme, Sharing, estimate_words, site_detectors
from protocols.schemes.plan import Part

if TYPE_CHECKING:
    from photonics import Homodyne
    from protocols.theory.limits.phase_light import PhaseLight
    from protocols.theory.limits.phase_readout import PhaseReadout


class Displaced(PhaseLightScheme):
    """What light has in common whose quiet quadrature is read, moved by theta times the coherent light."""

    arms: ClassVar[int] = 1
    needs_reference: ClassVar[bool] = True

    def readout(self, problem: GaussianProblem) -> PhaseReadout:
        """Homodyne detection of the quiet quadrature.

        Parameters
        ----------
        problem : GaussianProblem
        """
        from protocols.theory.limits.displaced_readout import DisplacedReadout
        from protocols.theory.limits.phase_readout import phase_readout_of_benches

        return phase_readout_of_benches(DisplacedReadout, problem.site_alpha, problem.site_benches, problem.passes)

    def lossless_formula(self, problem: GaussianProblem) -> str:
        """Exact at the best shares of all light.

        Parameters
        ----------
        problem : GaussianProblem
        """
        return "||alpha||_1^2 e^(-2r)/(4 N_c t^2), N_c the coherent photons"

    def measurement_words(self, problem: GaussianProblem, parts: Sequence[Part]) -> str:
        """Homodyne detection, and the weights of the estimate.

        Parameters
        ----------
        problem : GaussianProblem
        parts : sequence of Part
        """
        return (
            "homodyne detection of the quadrature x, a quarter turn from the coherent light, at every sensor; q is estimated by "
            f"{estimate_words(problem, parts, ['x'] * len(problem.sites))}, the vacuum having variance 1"
        )

    def _measurement(self, problem: GaussianProblem, sites: Sequence[int], light: PhaseLight) -> Homodyne:
        from photonics import Homodyne

        modes = tuple(problem.entrances[j] for j in sites)
        return Homodyne(modes=modes, angles_rad=0.0, detectors=site_detectors(problem, sites))


class DisplacedShared(Displaced):
    """Coherent light at every sensor, displacing one squeezed vacuum that is split over all of them."""

    name: ClassVar[str] = "displaced-squeezed-shared"
    title: ClassVar[str] = "one squeezed vacuum split over the sensors, displaced by coherent light at each"
    sharing: ClassVar[Sharing] = "shared"


class DisplacedLocal(Displaced):
    """Displaced squeezed light of its own at every sensor."""

    name: ClassVar[str] = "displaced-squeezed-local"
    title: ClassVar[str] = "a squeezed vacuum of its own at each sensor, displaced by coherent light"
    sharing: ClassVar[Sharing] = "local"
    entangles: ClassVar[bool] = False
