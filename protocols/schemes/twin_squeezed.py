"""Twin squeezed vacua in two-armed sensors, the photons of both outputs counted: no coherent light and no reference."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from networks import InputError
from protocols.problem import GaussianProblem
from protocols.schemes.gaussian import FOUND, MANY_SHOTS, MAX_NAMED
from protocols.schemes.in_turn import STATIC, why_no_turns
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.schemes.scheme import GaussianScheme
from protocols.theory.limits.squeezers import SqueezerLimits

if TYPE_CHECKING:
    from photonics import PhotonCounting
    from photonics.circuits.circuit import Operation
    from protocols.theory.limits.twin_light import TwinLight, TwinNode

MOST_TABLED = 3.0
"""Photons of a node up to which its counts are tabled on an engine, to check what is told of them."""
LEAST_TABLED = 1e-6
"""Photons of pairs of which both are seen from which on: of fewer, tables leave out more than they tell."""
CUT = "more light is allowed than counts are worked out for: what is told is of less"


class TwinSqueezed(GaussianScheme):
    """Two squeezed vacua of equal photons in the ports of each interferometer, in all or in one after the other.

    For parameters that stay put sites take turns where that has the lower error.
    """

    name: ClassVar[str] = "twin-squeezed"
    title: ClassVar[str] = "two squeezed vacua in the ports of each interferometer, photons counted"
    entangles: ClassVar[bool] = False

    def why_not(self, problem: GaussianProblem) -> str | None:
        """Which sensors, squeezers or detectors it cannot do with.

        Parameters
        ----------
        problem : GaussianProblem
        """
        used = [j for j, a in enumerate(problem.site_alpha) if a]
        if any(len(problem.sites[j]) == 1 for j in used):
            return "it is for sensors with two arms (arms: 2), and some of these have one"
        return None

    def plan(self, problem: GaussianProblem) -> Plan | Unavailable:
        """Light of squeezers of any strength at the sensors.

        Parameters
        ----------
        problem : GaussianProblem
        """
        return self.made(problem, SqueezerLimits(mean_photons=problem.mean_photons), ideal_squeezers=True)

    def made(
        self, problem: GaussianProblem, limits: SqueezerLimits, *, ideal_squeezers: bool = False
    ) -> Plan | Unavailable:
        """The plan within these limits.

        Parameters
        ----------
        problem : GaussianProblem
        limits : SqueezerLimits
        ideal_squeezers : bool
            Whether squeezers lose nothing and stand anywhere.
        """
        if (reason := self.why_not(problem)) is not None:
            return self.unavailable(reason)
        used = [j for j, a in enumerate(problem.site_alpha) if a]
        if not ideal_squeezers and not all(problem.site_benches[j].squeezer for j in used):
            return self.unavailable("its squeezers stand at the sensors, and squeezer is false at some of them")
        try:
            light = self.best_light(problem, limits, ideal_squeezers=ideal_squeezers)
        except InputError as error:
            return self.unavailable("; ".join(error.faults))
        if not math.isfinite(light.mse):
            return self.unavailable(
                "two squeezers at a sensor, and light in every sensor, are more than the limits allow"
            )
        return self._plan_of(problem, light, used, ideal_squeezers=ideal_squeezers)

    def best_within(self, problem: GaussianProblem, limits: SqueezerLimits) -> TwinLight | None:
        """The light as built, without the circuits; None where there is none.

        Parameters
        ----------
        problem : GaussianProblem
        limits : SqueezerLimits

        Raises
        ------
        InputError
            Without photons.
        """
        used = [bench for bench, a in zip(problem.site_benches, problem.site_alpha, strict=True) if a]
        if self.why_not(problem) is not None or not all(bench.squeezer for bench in used):
            return None
        light = self.best_light(problem, limits)
        return light if math.isfinite(light.mse) else None

    def best_light(
        self, problem: GaussianProblem, limits: SqueezerLimits, *, ideal_squeezers: bool = False
    ) -> TwinLight:
        """Side by side, or in turn where parameters stay put and that has the lower error.

        Parameters
        ----------
        problem : GaussianProblem
        limits : SqueezerLimits
        ideal_squeezers : bool

        Raises
        ------
        InputError
            Without photons.
        """
        from protocols.theory.limits.twin_light import best_twin_in_turn, best_twin_local

        nodes = [self._node(problem, j, ideal_squeezers=ideal_squeezers) for j in range(len(problem.sites))]
        given = problem.site_alpha, nodes, limits, problem.mean_photons
        if why_no_turns(problem, sum(map(bool, problem.site_alpha))) is not None:
            return best_twin_local(*given)
        # A site alone has all the light in both.
        found = [best_twin_in_turn(*given), best_twin_local(*given)]
        return min(found, key=lambda light: light.mse)

    def _node(self, problem: GaussianProblem, site: int, *, ideal_squeezers: bool) -> TwinNode:
        from protocols.theory.limits.twin_light import TwinNode

        bench = problem.site_benches[site]
        escape = 1.0 if ideal_squeezers else bench.squeezer_efficiency
        on_the_way = escape * bench.transmissivity_before
        return TwinNode(
            survives=on_the_way * bench.transmissivity**problem.passes,
            passes=problem.passes,
            detector_efficiency=bench.detector_efficiency,
            visibility=bench.visibility,
            dark_counts=bench.dark_counts,
            phase_jitter_rad=bench.phase_jitter_rad,
            most_photons=bench.mean_photons_max / on_the_way,
        )

    def _plan_of(self, problem: GaussianProblem, light: TwinLight, used: list[int], *, ideal_squeezers: bool) -> Plan:
        turns = bool(light.shares)
        shares = light.shares or (1.0,) * len(problem.sites)
        parts = tuple(self._part(problem, light, j, shares[j], ideal_squeezers=ideal_squeezers) for j in used)
        words = []
        for j in used[:MAX_NAMED]:
            share = f"share {shares[j]:.6g} of the shots: " if turns else ""
            words.append(
                f"{share}two squeezed vacua of {light.photons[j] / 2:.6g} photons each at {problem.site_names[j]}, squeezed alike"
            )
        points = [light.working_points_rad[j] for j in used]
        at = f"{min(points):.6g}" if max(points) - min(points) < 1e-9 else f"{min(points):.6g} to {max(points):.6g}"
        notes = [STATIC] if turns and len(used) > 1 else []
        if not light.is_proved:
            notes.append(FOUND.format(light.slope))
        if problem.network.parameters == "snapshot":
            notes.append(MANY_SHOTS)
        if light.is_cut:
            notes.append(CUT)
        return Plan(
            scheme=self.name,
            title=f"{self.title}, one site after the other" if turns and len(used) > 1 else self.title,
            parts=parts,
            probes=(*words, *([f"... and {len(used) - MAX_NAMED} more sites"] if len(used) > MAX_NAMED else [])),
            controls=0,
            modes_per_pass=(2,) * problem.passes,
            sites_per_pass=(1,) * problem.passes,
            predicted_mse=light.mse,
            formula="||alpha||_1^2/(n (n + 2) t^2) in turn, sum alpha_j^2/(n_j (n_j + 2) t^2) side by side"
            if problem.is_ideal
            else "from the exact distribution of the counts of both outputs (docs/theory/theory.md, section 6)",
            reaches_bound=False,
            measurement=(
                f"the photons of both outputs of every interferometer are counted, at an arm difference of {at} rad; q is "
                "estimated by maximum likelihood"
            ),
            mean_photons=math.fsum(shares[j] * light.photons[j] for j in used),
            notes=tuple(notes),
            entangles=self.entangles,
        )

    def _part(
        self, problem: GaussianProblem, light: TwinLight, site: int, share: float, *, ideal_squeezers: bool
    ) -> Part:
        """One interferometer at its working point."""
        from photonics import BeamSplitter, Circuit, Loss, PhaseShift, Sense, Squeeze
        from photonics.conventions import squeezing_for

        sensors = problem.sites[site]
        first, second = (problem.sensor_modes[k] for k in sensors)
        bench, photons = problem.site_benches[site], light.photons[site]
        escape = 1.0 if ideal_squeezers else bench.squeezer_efficiency
        r = squeezing_for(photons / 2)
        on_the_way = escape * bench.transmissivity_before * bench.transmissivity**problem.passes
        seen = photons * (on_the_way * bench.detector_efficiency) ** 2
        is_sharp = bench.visibility == 1 and not bench.phase_jitter_rad
        is_tabled = photons <= MOST_TABLED and seen >= LEAST_TABLED and is_sharp
        split = BeamSplitter(first=first, second=second, theta_rad=math.pi / 4)

        def lost(transmissivity: float) -> list[Operation]:
            return [Loss(mode=mode, transmissivity=transmissivity) for mode in (first, second) if transmissivity < 1]

        operations: list[Operation] = [Squeeze(mode=first, r=r), Squeeze(mode=second, r=r), *lost(escape)]
        operations += [*lost(bench.transmissivity_before), split]
        operations.append(PhaseShift(mode=first, angle_rad=-light.working_points_rad[site]))
        operations += [Sense(modes=(first, second), generator="number"), *lost(bench.transmissivity)] * problem.passes
        operations.append(split)
        return Part(
            circuit=Circuit(modes=(first, second), operations=tuple(operations)),
            sensors=sensors,
            share=share,
            measurement=self._counting(problem, site) if is_tabled else None,
            is_linear=False,
        )

    @staticmethod
    def _counting(problem: GaussianProblem, site: int) -> PhotonCounting:
        from photonics import PhotonCounting

        bench = problem.site_benches[site]
        return PhotonCounting(
            efficiency=bench.detector_efficiency, dark_counts=bench.dark_counts, largest_lost_weight=1e-9
        )
