"""Bright light of one-armed sensors of both signs that meets in one interferometer: each sign in an arm, the reference counted.

Where coefficients have both signs, sensors of one sign are reference arms for those of the other, so that the error has ||alpha||_P
where reference arms beside each sensor would have ||alpha||_1, up to twice as much. Coherent light is made at every sensor, and in
the reference what is missing to balance; one squeezed vacuum is shared by all of them. Behind the sensing passive optics combine
the light of each arm, both arms meet at a balanced beam splitter, and two photocurrents are subtracted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from networks.values import Value
from protocols.problem import GaussianProblem
from protocols.schemes.gaussian import PhaseLightScheme, Prepare, Sharing, Supply, own_way, told_weights
from protocols.schemes.plan import Part, Plan

if TYPE_CHECKING:
    from photonics import IntensityDifference
    from photonics.circuits.circuit import BeamSplitter, Operation
    from photonics.conventions import Real
    from protocols.theory.limits.meeting_readout import MeetingReadout
    from protocols.theory.limits.phase_light import PhaseLight

ROUNDING = 1e-13
"""Amplitudes that are no larger, of a vector of unit length, are rounding."""
TOGETHER = (
    "light of the positive sensors meets that of the negative ones{reference} in one interferometer, so that each sensor is a "
    "reference arm for those of the other sign"
)
WORST = "the two detectors where all light meets are as the worst of the sensors' are"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting(Value):
    """A problem whose light meets: the same network with the reference as a sensor that balances the function.

    Attributes
    ----------
    problem : GaussianProblem
        All modes whose light meets are sensors of it.
    reference : str or None
        The reference among them, which is not sensed.
    sensors : tuple of str
        Modes of the sensors of the network, in its order.
    """

    problem: GaussianProblem
    reference: str | None
    sensors: tuple[str, ...]

    @classmethod
    def of(cls, problem: GaussianProblem) -> Meeting | None:
        """None where reference arms of their own are as good, or light that meets is not worked out.

        That is with two arms, free references, coefficients of one sign, or without the reference that it needs.

        Parameters
        ----------
        problem : GaussianProblem

        Examples
        --------
        >>> from networks import SensorNetwork
        >>> star = SensorNetwork.star([1, "-1/2"], sensing="phase", mean_photons=1e6)
        >>> meeting = Meeting.of(GaussianProblem(network=star))
        >>> meeting.reference, meeting.problem.alpha
        ('ref', (1.0, -0.5, -0.5))
        >>> print(Meeting.of(GaussianProblem(network=star.replace(phase_reference="free"))))
        None
        """
        alpha = problem.function.alpha
        used = [j for j, a in enumerate(alpha) if a]
        signs = {alpha[j] > 0 for j in used}
        if problem.has_free_reference or len(signs) < 2 or problem.has_two_arms:
            return None
        is_balanced = problem.function.is_balanced
        if not is_balanced and problem.reference is None:
            return None
        names = tuple(problem.sensor_modes)
        if is_balanced:
            return cls(problem=problem, reference=None, sensors=names)
        reference, network = problem.reference, problem.network
        assert reference is not None, "what is not balanced has one here"
        oriented = dict(zip((mode.id for mode in network.sensors), alpha, strict=True))
        own = {"role": "sensor", "coupling": "mach-zehnder", "alpha": -sum(alpha)}
        modes = tuple(
            replace(mode, **(own if mode.id == reference.id else {"alpha": oriented.get(mode.id)}))
            for mode in network.modes
        )
        whole = GaussianProblem(network=network.replace(modes=modes))
        return cls(problem=whole, reference=str(reference.id), sensors=names)


@dataclass(frozen=True, kw_only=True)
class LightThatMeets(PhaseLightScheme):
    """Squeezed light over all modes whose light meets; for the problem of a ``Meeting``.

    Attributes
    ----------
    meeting : Meeting
    """

    arms: ClassVar[int] = 1

    meeting: Meeting

    def readout(self, problem: GaussianProblem) -> MeetingReadout:
        """The difference of two photocurrents, with the worst detectors of all modes.

        Parameters
        ----------
        problem : GaussianProblem
        """
        from protocols.theory.limits.meeting_readout import MeetingReadout
        from protocols.theory.limits.phase_readout import phase_readout_of_benches

        used = [bench for bench, a in zip(problem.site_benches, problem.site_alpha, strict=True) if a]
        benches = [
            replace(
                bench,
                detector_efficiency=min(one.detector_efficiency for one in used),
                visibility=min(one.visibility for one in used),
                dark_counts=max(one.dark_counts for one in used),
                electronic_noise=max(one.electronic_noise for one in used),
            )
            for bench in problem.site_benches
        ]
        return phase_readout_of_benches(MeetingReadout, problem.site_alpha, benches, problem.passes)

    def lossless_formula(self, problem: GaussianProblem) -> str:
        """Of much light.

        Parameters
        ----------
        problem : GaussianProblem
        """
        return "about ||alpha||_P^2 e^(-2r)/(N_c t^2), N_c the coherent photons; exact at this light (docs/theory/bright-light.md)"

    def notes(self, problem: GaussianProblem) -> tuple[str, ...]:
        """That the light of all sensors meets, and at which detectors.

        Parameters
        ----------
        problem : GaussianProblem
        """
        words = TOGETHER.format(reference=" and of the reference" if self.meeting.reference else "")
        used = [bench for bench, a in zip(problem.site_benches, problem.site_alpha, strict=True) if a]
        numbers = {(b.detector_efficiency, b.visibility, b.dark_counts, b.electronic_noise) for b in used}
        return (words, WORST) if len(numbers) > 1 else (words,)

    def plan_of_light(
        self, problem: GaussianProblem, light: PhaseLight, supply: Supply, prepare: Prepare | None = None
    ) -> Plan:
        """As of any light; the phase that all modes have in common is not known.

        Parameters
        ----------
        problem : GaussianProblem
        light : PhaseLight
        supply : Supply
        prepare : function of a PhaseLight, optional
        """
        return replace(super().plan_of_light(problem, light, supply, prepare), common_phase_unknown=True)

    def measurement_words(self, problem: GaussianProblem, parts: Sequence[Part]) -> str:
        """The photocurrents, and the weight of their difference.

        Parameters
        ----------
        problem : GaussianProblem
        parts : sequence of Part
        """
        from photonics import MomentOutcomes, measure

        (part,) = parts
        assert part.measurement is not None, "light whose readout is stated"
        outcomes = measure(part.circuit, part.measurement, [0.0] * len(part.sensors))
        assert isinstance(outcomes, MomentOutcomes), "of a difference of photocurrents"
        alpha = dict(zip(problem.sensor_modes, problem.alpha, strict=True))
        (weight,) = told_weights(outcomes, [alpha[mode] for mode in part.circuit.sensing_modes])
        others = " and of the reference" if self.meeting.reference else ""
        return (
            f"beam splitters combine the light of the positive sensors, and that of the negative ones{others}; both beams meet "
            "at a 50:50 beam splitter, at mid-fringe, and the photocurrents of its outputs are subtracted; q is estimated by "
            f"{weight:.6g} D, D in photons"
        )

    def _parts(
        self,
        problem: GaussianProblem,
        light: PhaseLight,
        supply: Supply,
        sites: Sequence[int],
        prepare: Prepare | None = None,
    ) -> tuple[Part, ...]:
        """One circuit: also light that is not shared meets."""
        if self.sharing == "shared":
            return super()._parts(problem, light, supply, sites, prepare)
        ways = [own_way(problem, supply, j) for j in sites]

        def all_own(light: PhaseLight) -> tuple[tuple[str, ...], tuple[Operation, ...]]:
            return (), tuple(op for way in ways for op in way(light)[1])

        return (self._part(problem, light, sites, all_own),)

    def _part(self, problem: GaussianProblem, light: PhaseLight, sites: Sequence[int], prepare: Prepare) -> Part:
        """The circuit with the optics behind the sensing; the reference is not sensed."""
        from photonics import Circuit, IntensityDifference, RandomPhases, Sense

        made = super()._part(problem, light, sites, prepare)
        names = [problem.sensor_modes[j] for j in sites]
        sensing = tuple(name for name in names if name != self.meeting.reference)
        operations = [replace(op, modes=sensing) if isinstance(op, Sense) else op for op in made.circuit.operations]
        optics, pair = self._optics(problem, light, sites)
        measurement = made.measurement
        assert isinstance(measurement, IntensityDifference), "made below"
        jitter = tuple(problem.site_benches[j].phase_jitter_rad for j in sites)
        phases = RandomPhases(modes=tuple(names), sigmas_rad=jitter, splitters=tuple(optics)) if any(jitter) else None
        return replace(
            made,
            circuit=Circuit(modes=made.circuit.modes, operations=(*operations, *optics)),
            sensors=tuple(self.meeting.sensors.index(name) for name in sensing),
            measurement=replace(measurement, pairs=(pair,), random_phases=phases),
        )

    def _measurement(self, problem: GaussianProblem, sites: Sequence[int], light: PhaseLight) -> IntensityDifference:
        from photonics import Detectors, IntensityDifference

        readout = self.readout(problem)
        detectors = Detectors(
            efficiency=readout.detector_efficiency[0],
            visibility=readout.visibility[0],
            dark_counts=readout.dark_counts[0],
            electronic_noise=readout.electronic_noise[0],
        )
        first, second, *_ = (problem.sensor_modes[j] for j in sites)
        return IntensityDifference(pairs=((first, second),), angles_rad=math.pi / 2, detectors=detectors)

    def _optics(
        self, problem: GaussianProblem, light: PhaseLight, sites: Sequence[int]
    ) -> tuple[list[BeamSplitter], tuple[str, str]]:
        """Beam splitters that bring each arm's light to one mode, and these two modes."""
        import numpy as np

        g, b = self.readout(problem).meeting_modes(light.coherent_photons, light.amplitudes, light.squeezed_photons)
        along, across = b[list(sites)], g[list(sites)]
        along, across = along / np.linalg.norm(along), across / np.linalg.norm(across)
        names = [problem.sensor_modes[j] for j in sites]
        return combined(names, along + across, along - across)


class SharedThatMeets(LightThatMeets):
    """One squeezed vacuum over all of them.

    Attributes
    ----------
    meeting : Meeting
    """

    name: ClassVar[str] = "bright-shared-squeezing"
    title: ClassVar[str] = "coherent light of all sensors in one interferometer, one squeezed vacuum over them"
    sharing: ClassVar[Sharing] = "shared"


class LocalThatMeets(LightThatMeets):
    """A squeezed vacuum of its own in each of them.

    Attributes
    ----------
    meeting : Meeting
    """

    name: ClassVar[str] = "bright-local-squeezing"
    title: ClassVar[str] = "coherent light of all sensors in one interferometer, a squeezed vacuum of its own at each"
    sharing: ClassVar[Sharing] = "local"
    entangles: ClassVar[bool] = False


def combined(modes: Sequence[str], first: Real, second: Real) -> tuple[list[BeamSplitter], tuple[str, str]]:
    """Beam splitters that bring two combinations of modes to a mode each, and the names of these.

    Parameters
    ----------
    modes : sequence of m str
    first, second : (m,) floats
        Orthogonal.

    Examples
    --------
    >>> import numpy as np
    >>> splitters, pair = combined(["a", "b", "c"], np.array([1.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]))
    >>> len(splitters), pair
    (1, ('a', 'c'))
    """
    import numpy as np

    from photonics import BeamSplitter

    vectors = np.array([first / np.linalg.norm(first), second / np.linalg.norm(second)])
    operations: list[BeamSplitter] = []
    homes: list[int] = []
    for row in range(2):
        sizes = np.abs(vectors[row])
        sizes[homes] = 0.0
        home = int(np.argmax(sizes))
        for other in np.flatnonzero(sizes > ROUNDING).tolist():
            if other == home:
                continue
            x, y = vectors[row, home], vectors[row, other]
            operations.append(BeamSplitter(first=modes[home], second=modes[other], theta_rad=math.atan2(-y, x)))
            size = math.hypot(x, y)
            c, s = x / size, -y / size
            vectors[:, [home, other]] = np.stack(
                (c * vectors[:, home] - s * vectors[:, other], s * vectors[:, home] + c * vectors[:, other]), axis=1
            )
        homes.append(home)
    return operations, (modes[homes[0]], modes[homes[1]])
