"""Squeezed vacuum alone in one-armed sensors: theta turns the noise, which homodyne detection sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from protocols.problem import GaussianProblem
from protocols.schemes.gaussian import PhaseLightScheme, Sharing, site_detectors
from protocols.schemes.plan import Part

if TYPE_CHECKING:
    from photonics import Homodyne
    from protocols.theory.limits.phase_light import PhaseLight
    from protocols.theory.limits.phase_readout import PhaseReadout


class _SqueezedVacuum(PhaseLightScheme):
    """What the three have in common."""

    arms: ClassVar[int] = 1
    needs_reference: ClassVar[bool] = True
    is_linear: ClassVar[bool] = False

    def readout(self, problem: GaussianProblem) -> PhaseReadout:
        """Homodyne detection of the noise.

        Parameters
        ----------
        problem : GaussianProblem
        """
        from protocols.theory.limits.phase_readout import phase_readout_of_benches
        from protocols.theory.limits.vacuum_readout import SqueezedVacuumReadout

        return phase_readout_of_benches(SqueezedVacuumReadout, problem.site_alpha, problem.site_benches, problem.passes)

    @property
    def lossless_formula(self) -> str:
        """Of light along coefficients of one sign, and of one site."""
        if self.sharing == "local":
            return "sum alpha_j^2/(8 n_j (n_j + 1) t^2), n_j photons at sensor j"
        return "||alpha||_1^2/(8 nbar (nbar + 1) t^2), for coefficients of one sign where it is split"

    def measurement_words(self, problem: GaussianProblem, parts: Sequence[Part]) -> str:
        """Homodyne detection at an angle at which its noise changes.

        Parameters
        ----------
        problem : GaussianProblem
        parts : sequence of Part
        """
        from photonics import Homodyne

        angles = []
        for part in parts:
            assert isinstance(part.measurement, Homodyne), "squeezed vacuum is read by homodyne detection"
            given = part.measurement.angles_rad
            angles.append(given if isinstance(given, float) else given[0])
        low, high = min(angles), max(angles)
        at = f"{low:.6g} rad" if high - low < 1e-9 else f"{low:.6g} to {high:.6g} rad"
        return (
            f"homodyne detection at every sensor, {at} from the quiet quadrature; q is estimated by maximum likelihood from the "
            "variances and products of the outcomes"
        )

    def _measurement(self, problem: GaussianProblem, sites: Sequence[int], light: PhaseLight) -> Homodyne:
        from photonics import Homodyne

        modes = tuple(problem.entrances[j] for j in sites)
        angle = light.angles_rad[sites[0]] if self.sharing != "shared" else light.angles_rad[0]
        return Homodyne(modes=modes, angles_rad=angle, detectors=site_detectors(problem, sites))


class SqueezedVacuumShared(_SqueezedVacuum):
    """One squeezed vacuum split over all sensors."""

    name: ClassVar[str] = "squeezed-vacuum-shared"
    title: ClassVar[str] = "one squeezed vacuum split over the sensors, no other light"
    sharing: ClassVar[Sharing] = "shared"


class SqueezedVacuumLocal(_SqueezedVacuum):
    """A squeezed vacuum of its own for each sensor."""

    name: ClassVar[str] = "squeezed-vacuum-local"
    title: ClassVar[str] = "a squeezed vacuum of its own at each sensor, no other light"
    sharing: ClassVar[Sharing] = "local"
    entangles: ClassVar[bool] = False


class SqueezedVacuumInTurn(_SqueezedVacuum):
    """All photons as squeezed vacuum at one sensor after the other, over the shots."""

    name: ClassVar[str] = "squeezed-vacuum-in-turn"
    title: ClassVar[str] = "a squeezed vacuum at one sensor after the other, no other light"
    sharing: ClassVar[Sharing] = "in turn"
    entangles: ClassVar[bool] = False
