"""Squeezed vacuum alone in one-armed sensors: theta turns the noise, which homodyne detection sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from protocols.problem import GaussianProblem
from protocols.schemes.gaussian import PhaseLightScheme, Sharing, Supply, site_detectors
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.theory.limits.squeezers import SqueezerLimits

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

    def lossless_formula(self, problem: GaussianProblem) -> str:
        """Of light along coefficients of one sign, and of one site.

        Parameters
        ----------
        problem : GaussianProblem
        """
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

        angles: list[float] = []
        for part in parts:
            assert isinstance(part.measurement, Homodyne), "squeezed vacuum is read by homodyne detection"
            given = part.measurement.angles_rad
            angles += [given] if isinstance(given, int | float) else given
        low, high = min(angles), max(angles)
        at = f"{low:.6g} rad" if high - low < 1e-9 else f"{low:.6g} to {high:.6g} rad"
        jitters = any(problem.site_benches[j].phase_jitter_rad for j, a in enumerate(problem.site_alpha) if a)
        how = (
            "from the squares of the outcomes, linear in them, as their angles jitter"
            if jitters
            else "by maximum likelihood from the variances and products of the outcomes"
        )
        return f"homodyne detection at every sensor, {at} from the quiet quadrature; q is estimated {how}"

    def _measurement(self, problem: GaussianProblem, sites: Sequence[int], light: PhaseLight) -> Homodyne:
        from photonics import Homodyne

        modes = tuple(problem.entrances[j] for j in sites)
        angles = tuple(self._angle(light, j) for j in sites)
        return Homodyne(modes=modes, angles_rad=angles, detectors=site_detectors(problem, sites))

    def _angle(self, light: PhaseLight, site: int) -> float:
        """At which a site is read: that of the squeezer whose light it sees."""
        if self.sharing != "shared":
            return light.angles_rad[site]
        rows = zip(light.amplitudes, light.angles_rad, strict=True)
        return next((angle for row, angle in rows if row[site]), 0.0)


class SqueezedVacuumShared(_SqueezedVacuum):
    """One squeezed vacuum split over all sensors."""

    name: ClassVar[str] = "squeezed-vacuum-shared"
    title: ClassVar[str] = "squeezed vacuum split over the sensors, no other light"
    sharing: ClassVar[Sharing] = "shared"

    def plan(self, problem: GaussianProblem) -> Plan | Unavailable:
        """One squeezed vacuum, or one for each sign of the coefficients, whichever has the lower error.

        Parameters
        ----------
        problem : GaussianProblem
        """
        one = super().plan(problem)
        if not self.splits_by_sign(problem):
            return one
        limits = SqueezerLimits(mean_photons=problem.mean_photons)
        two = self.made(problem, replace(Supply.at_sites(problem), by_sign=True), limits)
        if not isinstance(two, Plan):
            return one
        return two if not isinstance(one, Plan) or two.predicted_mse < one.predicted_mse else one

    @staticmethod
    def splits_by_sign(problem: GaussianProblem) -> bool:
        """Whether there are coefficients of both signs.

        Parameters
        ----------
        problem : GaussianProblem
        """
        return min(problem.site_alpha) < 0 < max(problem.site_alpha)


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
