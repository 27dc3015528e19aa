"""Gaussian light for phases: coherent and squeezed light, what reads it out, and the circuits; the schemes have files of their own.

Coherent light of A_j photons is made at every site and displaces p; squeezed light has a quiet x. One-armed sensors are read by
homodyne detection of x, which theta moves by 2 sqrt(A_j). Two-armed ones have coherent light in the port of arm b and squeezed
light in that of arm a, and the difference of the photocurrents of both outputs is sqrt(A_j) times the quiet x at mid-fringe.
Where both kinds stand beside each other and references are free, each is read in its own way.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from networks.values import Value
from protocols.problem import GaussianProblem
from protocols.schemes.in_turn import STATIC, why_no_turns
from protocols.schemes.plan import BEYOND, Part, Plan, Unavailable
from protocols.schemes.scheme import GaussianScheme

if TYPE_CHECKING:
    from photonics import (
        Detectors,
        GaussianOutcomes,
        Homodyne,
        IntensityDifference,
        JitteredOutcomes,
        MomentOutcomes,
        Moments,
    )
    from photonics.circuits.circuit import Operation
    from protocols.theory.limits.phase_light import PhaseLight
    from protocols.theory.limits.phase_readout import PhaseReadout
    from protocols.theory.limits.squeezers import SqueezerLimits

MAX_NAMED = 8
"""Sites that are named one by one."""
Sharing = Literal["shared", "local", "in turn"]
"""Whether one squeezed vacuum is split over the sites, each site has its own, or one site after the other has all the light."""
FOUND = "shares of the light were searched, not proved: along every exchange of light the relative slope left is {:.1g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply(Value):
    """From where squeezed light comes, and what of it arrives at the sites.

    Attributes
    ----------
    arrives : (d,) floats in [0, 1]
        Transmissivities of the ways.
    efficiency : (d,) floats in (0, 1]
        Escape efficiencies of the squeezers; of a shared one the same for all.
    places : (d,) str
        Where the squeezers stand; of a shared one the same for all.
    by_sign : bool
        Whether a shared scheme has two squeezers, one for the sites of each sign of alpha.
    groups : (d,) ints, or empty
        The squeezer whose light each site sees, where a shared scheme has several.
    """

    arrives: tuple[float, ...]
    efficiency: tuple[float, ...]
    places: tuple[str, ...]
    by_sign: bool = False
    groups: tuple[int, ...] = ()

    @classmethod
    def at_sites(cls, problem: GaussianProblem) -> Supply:
        """Squeezers of ideal efficiency at every site, or light that is split without loss: as if there were no links.

        Parameters
        ----------
        problem : GaussianProblem
        """
        ones = (1.0,) * len(problem.sites)
        return cls(arrives=ones, efficiency=ones, places=problem.entrances)


BY_SIGN = (
    "a squeezed vacuum for the sensors of each sign: one for both would see only what their coefficients have in common"
)


ONE, SEVERAL = "one squeezed vacuum", "several squeezed vacua"
GROUPS = (
    "{} squeezed vacua, each split over the sensors that it reaches with the least loss; one for all would lose more"
)


MANY_SHOTS = (
    "its error a shot is reached by many shots of the same parameters, or in one where they are known well before: a snapshot "
    "alone does not tell it"
)
MUCH_SQUEEZED = 1e3
"""Photons of a squeezer beyond what anybody has: where precision ends with them, a limit in dB is what is missing."""
OWN_ARMS = (
    "sensors with one arm are arms of interferometers of their own: the other arm is a reference beside the sensor, its light is "
    "counted, and it is made to lose as much as the sensor"
)


def entangled_sites(light: PhaseLight, sites: Sequence[int]) -> int:
    """The most sites that share a squeezed vacuum; 1 where none does.

    Parameters
    ----------
    light : PhaseLight
    sites : places of sensors
        That count.
    """
    shared = (
        sum(row[j] != 0 for j in sites)
        for row, photons in zip(light.amplitudes, light.squeezed_photons, strict=True)
        if photons
    )
    return max(1, max(shared, default=1))


Prepare = Callable[["PhaseLight"], "tuple[tuple[str, ...], tuple[Operation, ...]]"]
"""From light to the modes beside the sites that a shared squeezed vacuum needs, and the operations that bring it to the sites."""


class PhaseLightScheme(GaussianScheme):
    """Coherent and squeezed light with the least error found under the limits of the network.

    Attributes
    ----------
    arms : 1 or 2
        Of the sensors that it is for.
    sharing : "shared", "local" or "in turn"
    needs_reference : bool
        Whether it is read against a strong local oscillator at every site that is not counted.
    is_linear : bool
        Whether estimates are linear in the outcomes; otherwise they are in the fluctuations.
    """

    arms: ClassVar[int]
    sharing: ClassVar[Sharing]
    needs_reference: ClassVar[bool] = False
    is_linear: ClassVar[bool] = True

    @abstractmethod
    def readout(self, problem: GaussianProblem) -> PhaseReadout:
        """What stands between the light and the outcomes.

        Parameters
        ----------
        problem : GaussianProblem
        """

    @abstractmethod
    def lossless_formula(self, problem: GaussianProblem) -> str:
        """The error of much light without loss, in words of formulas.

        Parameters
        ----------
        problem : GaussianProblem
        """

    def arms_at(self, problem: GaussianProblem, site: int) -> int:
        """Arms of the light of a sensor: of one with a single arm also its reference, where that is an arm beside it.

        Parameters
        ----------
        problem : GaussianProblem
        site : int
            Place of a sensor.
        """
        return self.arms

    def why_not(self, problem: GaussianProblem) -> str | None:
        """Which sensors or references it needs that are not there.

        Parameters
        ----------
        problem : GaussianProblem
        """
        used = [site for site, a in zip(problem.sites, problem.site_alpha, strict=True) if a]
        if any(len(site) > self.arms for site in used):
            whole = all(len(site) == 2 for site in used)
            reason = f"it is for sensors with one arm, and {'all' if whole else 'some'} of these have two"
            return reason if whole else f"{reason}; the bright-... schemes are for both kinds beside each other"
        if self.arms == 2 and any(len(site) == 1 for site in used):
            if problem.has_free_reference and all(len(site) == 1 for site in used):
                return (
                    "it is for interferometers, and sensors with one arm and a free reference are read by homodyne detection: the "
                    "schemes displaced-squeezed-shared and -local"
                )
            if not problem.has_free_reference and self._has_poor_arms(problem):
                return (
                    "the reference arm of a sensor would lose more than the sensor, and only interferometers with two arms alike "
                    "are worked out; let the reference lose less"
                )
        if self.needs_reference and not problem.has_free_reference:
            return (
                "it is read against a strong local oscillator at every site, which this network does not have "
                "(phase_reference: free says so)"
            )
        if self.sharing == "in turn":
            return why_no_turns(problem, len(used))
        return None

    def plan(self, problem: GaussianProblem) -> Plan | Unavailable:
        """Light as if it were made at the sites, by any squeezers.

        Parameters
        ----------
        problem : GaussianProblem
        """
        from protocols.theory.limits.squeezers import SqueezerLimits

        return self.made(problem, Supply.at_sites(problem), SqueezerLimits(mean_photons=problem.mean_photons))

    def made(
        self, problem: GaussianProblem, supply: Supply, limits: SqueezerLimits, prepare: Prepare | None = None
    ) -> Plan | Unavailable:
        """The plan with squeezed light from these places.

        Parameters
        ----------
        problem : GaussianProblem
        supply : Supply
        limits : SqueezerLimits
        prepare : function of a PhaseLight, optional
            How a shared squeezed vacuum comes to the sites; by a lossless array of beam splitters when left out.
        """
        from networks import InputError
        from photonics import PrecisionError

        if (reason := self.why_not(problem)) is not None:
            return self.unavailable(reason)
        try:
            light = self.best_light(problem, supply, limits)
            if not math.isfinite(light.mse):
                return self.unavailable("no light within these limits tells q")
            return self.plan_of_light(problem, light, supply, prepare)
        except InputError as error:
            return self.unavailable("; ".join(error.faults))
        except PrecisionError as error:
            if math.isinf(limits.squeezing_db) and max(light.squeezed_photons, default=0.0) > MUCH_SQUEEZED:
                raise PrecisionError(f"{error}; give squeezing_db, the most that squeezers reach") from None
            # Light next to none at a site: other schemes may do with it, and the verdict stays open.
            return self.unavailable(f"{BEYOND}{error}")

    def best_light(self, problem: GaussianProblem, supply: Supply, limits: SqueezerLimits) -> PhaseLight:
        """The light of the least error found.

        Parameters
        ----------
        problem : GaussianProblem
        supply : Supply
        limits : SqueezerLimits

        Raises
        ------
        InputError
            Where no light within the limits tells q, and for detectors that are not worked out.
        """
        from protocols.theory.limits.phase_light import (
            best_by_sign,
            best_in_groups,
            best_in_turn,
            best_local,
            best_shared,
        )

        readout, photons = self.readout(problem), problem.mean_photons
        if supply.by_sign:
            through = [t * e for t, e in zip(supply.arrives, supply.efficiency, strict=True)]
            return best_by_sign(readout, limits, photons, through)
        if supply.groups:
            return best_in_groups(readout, limits, photons, supply.groups, supply.arrives, supply.efficiency)
        if self.sharing == "shared":
            return best_shared(readout, limits, photons, supply.arrives, supply.efficiency[0])
        best = best_local if self.sharing == "local" else best_in_turn
        return best(readout, limits, photons, supply.arrives, supply.efficiency)

    def plan_of_light(
        self, problem: GaussianProblem, light: PhaseLight, supply: Supply, prepare: Prepare | None = None
    ) -> Plan:
        """The circuits of this light, with their measurement.

        Parameters
        ----------
        problem : GaussianProblem
        light : PhaseLight
        supply : Supply
        prepare : function of a PhaseLight, optional
        """
        is_shared = self.sharing == "shared"
        sites = [j for j, a in enumerate(problem.site_alpha) if a]
        parts = self._parts(problem, light, supply, sites, prepare)
        entangled = entangled_sites(light, sites) if is_shared else 1
        notes = [*self.notes(problem), *([] if light.is_proved else [FOUND.format(light.slope)])]
        if supply.by_sign:
            notes.insert(0, BY_SIGN)
        if supply.groups:
            notes.insert(0, GROUPS.format(len(set(supply.groups))))
        has_own_arms = any(self.arms_at(problem, j) > len(problem.sites[j]) for j in sites)
        if has_own_arms:
            notes.insert(0, OWN_ARMS)
        if not self.is_linear and problem.network.parameters == "snapshot":
            notes.append(MANY_SHOTS)
        if self.sharing == "in turn" and len(sites) > 1:
            notes.insert(0, STATIC)
        return Plan(
            scheme=self.name,
            title=self.title_for(problem).replace(ONE, SEVERAL) if supply.groups else self.title_for(problem),
            parts=parts,
            probes=_probes(problem, light, supply, sites, is_shared),
            controls=0,
            modes_per_pass=(self._entangled_modes(problem, light, sites, is_shared),) * problem.passes,
            sites_per_pass=(entangled,) * problem.passes,
            predicted_mse=light.mse,
            formula=self.lossless_formula(problem)
            if problem.is_ideal
            else "the error of the stated measurement, exact at this light (docs/theory/theory.md, section 6)",
            reaches_bound=False,
            measurement=self.measurement_words(problem, parts),
            mean_photons=_photons_sent(light),
            notes=tuple(notes),
            entangles=self.entangles,
            common_phase_unknown=has_own_arms,
        )

    def title_for(self, problem: GaussianProblem) -> str:
        """What such light is in this network, for people.

        Parameters
        ----------
        problem : GaussianProblem
        """
        return self.title

    def notes(self, problem: GaussianProblem) -> tuple[str, ...]:
        """What is to be known of this scheme beside what plans of such light say anyway.

        Parameters
        ----------
        problem : GaussianProblem
        """
        return ()

    def _sign(self, arms: int) -> int:
        """Of p of the coherent light at a site whose light has so many arms.

        Differences of interferometers fall with theta where they rise with the quiet x. Sensors with one arm beside them are
        displaced the other way, so that x does the same.
        """
        return -1 if self.arms == 2 and arms == 1 else 1

    def _entangled_modes(
        self, problem: GaussianProblem, light: PhaseLight, sites: Sequence[int], is_shared: bool
    ) -> int:
        """The most modes that the light of one squeezer is in; of light of their own those of one site."""
        arms = {j: self.arms_at(problem, j) for j in sites}
        rows = zip(light.amplitudes, light.squeezed_photons, strict=True) if is_shared else ()
        shared = [sum(arms[j] for j in sites if row[j]) for row, photons in rows if photons]
        return max(*shared, *arms.values()) if shared else max(arms.values())

    def _has_poor_arms(self, problem: GaussianProblem) -> bool:
        """Whether a reference arm beside a sensor loses more than the sensor."""
        own = problem.arm_losses
        sensors = [
            problem.losses_of[name]
            for name, site, a in zip(problem.entrances, problem.sites, problem.site_alpha, strict=True)
            if a and len(site) == 1
        ]
        return any(own.before < one.before or own.each_pass < one.each_pass for one in sensors)

    def modes_of(self, problem: GaussianProblem, site: int) -> tuple[str, ...]:
        """The modes of a site's light, the one that squeezed light enters first: the sensor, its arms, or it and an arm beside it.

        Parameters
        ----------
        problem : GaussianProblem
        site : int
            Place of a sensor.
        """
        names = tuple(problem.sensor_modes[k] for k in problem.sites[site])
        if len(names) == self.arms_at(problem, site):
            return names
        own = f"{names[0]} reference"
        while own in problem.names:
            own += "'"
        return names[0], own

    @abstractmethod
    def measurement_words(self, problem: GaussianProblem, parts: Sequence[Part]) -> str:
        """What is measured and how q is estimated.

        Parameters
        ----------
        problem : GaussianProblem
        parts : sequence of Part
        """

    def _parts(
        self,
        problem: GaussianProblem,
        light: PhaseLight,
        supply: Supply,
        sites: Sequence[int],
        prepare: Prepare | None = None,
    ) -> tuple[Part, ...]:
        """One circuit for all sites that share light, or one for each."""
        if self.sharing == "shared":
            return (self._part(problem, light, sites, prepare or _array(problem, sites)),)
        return tuple(self._part(problem, light, [j], own_way(problem, supply, j)) for j in sites)

    def _part(self, problem: GaussianProblem, light: PhaseLight, sites: Sequence[int], prepare: Prepare) -> Part:
        """The circuit of some sites."""
        from photonics import BeamSplitter, Circuit, Displace, Loss, Sense

        names = problem.sensor_modes
        sensors = tuple(k for j in sites for k in problem.sites[j])
        modes = tuple(names[k] for k in sensors)
        of_site = {j: self.modes_of(problem, j) for j in sites}
        beside = tuple(own for j in sites for own in of_site[j] if own not in modes)
        others, operations = prepare(light)
        made: list[Operation] = list(operations)
        made += [
            Displace(mode=of_site[j][-1], p=self._sign(len(of_site[j])) * 2 * math.sqrt(light.coherent_photons[j]))
            for j in sites
            if light.coherent_photons[j]
        ]
        # An arm beside a sensor loses as much as the sensor: interferometers are balanced.
        losses = {mode: problem.losses_of[of_site[j][0]] for j in sites for mode in of_site[j]}
        made += [Loss(mode=mode, transmissivity=one.before) for mode, one in losses.items() if one.before < 1]
        pairs = [site for site in of_site.values() if len(site) == 2]
        made += [BeamSplitter(first=a, second=b, theta_rad=math.pi / 4) for a, b in pairs]
        after = [Loss(mode=mode, transmissivity=one.each_pass) for mode, one in losses.items() if one.each_pass < 1]
        each_pass: tuple[Operation, ...] = (Sense(modes=modes, generator="number"), *after)
        circuit = Circuit(modes=(*modes, *beside, *others), operations=(*made, *each_pass * problem.passes))
        return Part(
            circuit=circuit,
            sensors=sensors,
            share=light.shares[sites[0]] if light.shares else 1.0,
            measurement=self._measurement(problem, sites, light),
            is_linear=self.is_linear,
        )

    @abstractmethod
    def _measurement(
        self, problem: GaussianProblem, sites: Sequence[int], light: PhaseLight
    ) -> Homodyne | IntensityDifference | Moments:
        """The measurement of some sites with their detectors."""


def site_detectors(problem: GaussianProblem, sites: Sequence[int]) -> Detectors:
    """The detectors of sites, each with the numbers of its sensor.

    Parameters
    ----------
    problem : GaussianProblem
    sites : places of sensors
    """
    from photonics import Detectors

    benches = [problem.site_benches[j] for j in sites]
    return Detectors(
        efficiency=tuple(bench.detector_efficiency for bench in benches),
        visibility=tuple(bench.visibility for bench in benches),
        dark_counts=tuple(bench.dark_counts for bench in benches),
        electronic_noise=tuple(bench.electronic_noise for bench in benches),
        phase_jitter_rad=tuple(bench.phase_jitter_rad for bench in benches),
    )


def told_weights(
    outcomes: GaussianOutcomes | JitteredOutcomes | MomentOutcomes, function: Sequence[float]
) -> list[float]:
    """The weights of the best linear estimate from outcomes of light that was found to tell a function.

    Parameters
    ----------
    outcomes : GaussianOutcomes, JitteredOutcomes or MomentOutcomes
    function : (d,) floats

    Raises
    ------
    InputError
        Where digits are missing, as where hardly any light is left, or other sites have far more.
    """
    from networks import InputError

    try:
        return [float(weight) for weight in outcomes.weights(function)]
    except ValueError:
        raise InputError(
            [f"{BEYOND}its outcomes are too noisy, or of too unlike light, for their slopes to be told"]
        ) from None


def estimate_words(problem: GaussianProblem, parts: Sequence[Part], symbols: Sequence[str]) -> str:
    """The weights of the estimate, linear in the outcomes: of a part in its shots.

    Parameters
    ----------
    problem : GaussianProblem
    parts : sequence of Part
        With measurements.
    symbols : (d,) str
        What the outcome of each sensor is called.
    """
    from photonics import DiscreteOutcomes, measure

    terms: list[tuple[float, str]] = []
    site_of, symbol = problem.site_of, dict(zip(problem.site_names, symbols, strict=True))
    for part in parts:
        assert part.measurement is not None, "light whose readout is stated"
        outcomes = measure(part.circuit, part.measurement, [0.0] * len(part.sensors))
        assert not isinstance(outcomes, DiscreteOutcomes), "linear records"
        weights = told_weights(outcomes, part.coefficients_of(problem.alpha))
        sites = list(dict.fromkeys(site_of[problem.sensor_modes[k]] for k in part.sensors))
        terms += [(weight, f"{symbol[site]}({site})") for weight, site in zip(weights, sites, strict=True)]
        if len(terms) > MAX_NAMED:
            break
    words = " ".join(f"{'-' if w < 0 else '+'} {abs(w):.6g} {outcome}" for w, outcome in terms[:MAX_NAMED])
    return words.removeprefix("+ ") + (" + ..." if len(terms) > MAX_NAMED else "")


def _array(problem: GaussianProblem, sites: Sequence[int]) -> Prepare:
    """One squeezed vacuum, split over sites by a lossless array."""

    def prepare(light: PhaseLight) -> tuple[tuple[str, ...], tuple[Operation, ...]]:
        from photonics import split_squeezed_vacuum
        from photonics.conventions import squeezing_for

        modes = [problem.entrances[j] for j in sites]
        operations: list[Operation] = []
        for photons, row in zip(light.squeezed_photons, light.amplitudes, strict=True):
            amplitudes = [row[j] for j in sites]
            if photons and any(amplitudes):
                operations += split_squeezed_vacuum(modes, amplitudes, squeezing_for(photons))
        return (), tuple(operations)

    return prepare


def own_way(problem: GaussianProblem, supply: Supply, site: int) -> Prepare:
    """The squeezed vacuum of one site, over its way.

    Parameters
    ----------
    problem : GaussianProblem
    supply : Supply
    site : int
        Place of a sensor.
    """

    def prepare(light: PhaseLight) -> tuple[tuple[str, ...], tuple[Operation, ...]]:
        from photonics import Loss, Squeeze
        from photonics.conventions import squeezing_for

        photons, mode = light.squeezed_photons[site], problem.entrances[site]
        if not photons:
            return (), ()
        ways = (supply.efficiency[site], supply.arrives[site])
        lost = [Loss(mode=mode, transmissivity=eta) for eta in ways if eta < 1]
        return (), (Squeeze(mode=mode, r=squeezing_for(photons)), *lost)

    return prepare


def squeezed_words(photons: float, place: str) -> str:
    """One squeezer in words.

    Parameters
    ----------
    photons : float > 0
    place : str
    """
    from photonics.conventions import squeezing_db, squeezing_for

    return f"squeezed vacuum of {photons:.6g} photons ({squeezing_db(squeezing_for(photons)):.4g} dB) in {place}"


def _photons_sent(light: PhaseLight) -> float:
    """On average in a shot."""
    shares = light.shares or (1.0,) * len(light.coherent_photons)
    coherent = [share * photons for share, photons in zip(shares, light.coherent_photons, strict=True)]
    per = shares if light.shares else (1.0,) * len(light.squeezed_photons)
    squeezed = [share * photons for share, photons in zip(per, light.squeezed_photons, strict=True)]
    return math.fsum([*coherent, *squeezed])


def _probes(
    problem: GaussianProblem, light: PhaseLight, supply: Supply, sites: Sequence[int], is_shared: bool
) -> tuple[str, ...]:
    names = problem.site_names
    probes = []
    for j in sites:
        share = f"share {light.shares[j]:.6g} of the shots: " if light.shares else ""
        coherent = f"coherent light of {light.coherent_photons[j]:.6g} photons" if light.coherent_photons[j] else ""
        squeezed = ""
        if not is_shared and light.squeezed_photons[j]:
            place = problem.site_of.get(supply.places[j], supply.places[j])
            # Links without loss may differ from 1 by rounding.
            way = "" if (through := f"{supply.arrives[j]:.4g}") == "1" else f", over links of {through}"
            squeezed = squeezed_words(light.squeezed_photons[j], place) + way
            if not coherent and place == names[j]:
                probes.append(f"{share}{squeezed}")
                continue
        if coherent or squeezed:
            probes.append(f"{share}{' and '.join(word for word in (coherent, squeezed) if word)} at {names[j]}")
    more = [f"... and {len(probes) - MAX_NAMED} more sites"] if len(probes) > MAX_NAMED else []
    probes = [*probes[:MAX_NAMED], *more]
    split = []
    kinds = {len(problem.sites[j]) for j in sites}
    ports = "sensors" if kinds == {1} else "dark ports" if kinds == {2} else "dark ports and sensors"
    for row, photons in zip(light.amplitudes, light.squeezed_photons, strict=True) if is_shared else ():
        served = [j for j in sites if row[j]]
        if photons and served:
            source = problem.site_of.get(supply.places[served[0]], supply.places[served[0]])
            split.append(f"{squeezed_words(photons, source)}, split over the {ports} of {len(served)} sites")
    probes = [*split, *probes]
    return tuple(probes) or ("vacuum",)
