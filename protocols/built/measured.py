"""The error of the measurement that a plan states, with the detectors of the network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photonics.conventions import Real
from protocols.problem import AnyProblem, DisplacementProblem, GaussianProblem, PhaseProblem, SensedPhases
from protocols.schemes.evaluation import probe_theta
from protocols.schemes.plan import Plan
from protocols.schemes.readouts import detected_mse
from protocols.theory.sums import error_sum


def homodyne_error(plan: Plan, problem: DisplacementProblem) -> float:
    """Mean squared error of q in one shot from the moments of the homodyne outcomes, at theta = 0, by the native engine.

    With parameters that are displaced, jitter of the angles adds to the variance; that is left out, as of second order.

    Parameters
    ----------
    plan : Plan
        Of squeezed light.
    problem : DisplacementProblem

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.schemes import find_scheme
    >>> one = SensorNetwork.chain([1], sensing="displacement", mean_photons=1.0, detector_efficiency=0.5)
    >>> problem = DisplacementProblem(network=one)
    >>> plan = find_scheme("displacement", "separable-squeezed").plan(problem)
    >>> round(homodyne_error(plan, problem), 9), round(problem.readout.vacuum_mse, 9)
    (1.171572875, 2.0)
    """
    from photonics import Homodyne, measure, nuisance_aware_information

    errors = []
    for part in plan.parts:
        sensing = part.circuit.sensing_modes
        homodyne = Homodyne(modes=sensing, detectors=problem.detectors(sensing))
        outcomes = measure(part.circuit, homodyne, [0.0] * len(sensing))
        errors.append(
            nuisance_aware_information(outcomes.moment_matrix(), part.coefficients_of(problem.alpha)).mse / part.share
        )
    return error_sum(errors)


def measured_error(plan: Plan, problem: AnyProblem) -> float | None:
    """Mean squared error of q in one shot from the projections of a plan of photons, by the native engine.

    Closed forms have what detectors miss; visibility, jitter and dark counts are in the outcomes alone.

    Parameters
    ----------
    plan : Plan
        As it is built.
    problem : Problem

    Returns
    -------
    float or None
        None where too many strings are superposed to be projected on.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.schemes import find_scheme
    >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2, visibility=0.9)
    >>> problem = PhaseProblem(network=pair)
    >>> plan = find_scheme("phase", "noon").plan(problem)
    >>> round(measured_error(plan, problem), 12), round(0.25 / 0.9**2, 12)
    (0.308641975309, 0.308641975309)
    """
    if not isinstance(problem, PhaseProblem) or not problem.has_noisy_detectors:
        return plan.predicted_mse
    if plan.interference:
        return counted_error(plan, problem)
    errors = []
    for part, theta in zip(plan.parts, probe_theta(plan), strict=True):
        detectors = problem.detectors(part.circuit.modes)
        error = detected_mse(part, theta, part.coefficients_of(problem.alpha), detectors)
        if error is None:
            return None
        errors.append(error / part.share)
    return error_sum(errors)


def counted_error(plan: Plan, problem: SensedPhases) -> float:
    """Mean squared error of q in one shot from the photons counted where beams of coherent light meet, at mid-fringe.

    The difference of two ports is S sin(phase) for beams of u and w photons that are seen, S = 2 v sqrt(u w), with the Poisson
    noise u + w and that of the dark counts of both ports. Light of a mean photon number makes photocurrents, with the electronic
    noise of their difference in units of the shot noise, as everywhere where photocurrents are subtracted. Phases that jitter with
    variances s make its slope S exp(-s/2), and beams of one mode jitter together: E sin(x) sin(y) = exp(-(s_x + s_y)/2)
    sinh(Cov(x, y)).

    Parameters
    ----------
    plan : Plan
        With ``interference``.
    problem : SensedPhases

    Examples
    --------
    Shot noise over the square of the visibility, and a jitter of its own:

    >>> from networks import SensorNetwork
    >>> from protocols.schemes import find_scheme
    >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=100, visibility=0.5)
    >>> plan = find_scheme("phase", "coherent").plan(PhaseProblem(network=pair))
    >>> round(counted_error(plan, PhaseProblem(network=pair)), 12)
    0.04
    """
    beams = detected_beams(plan, problem)
    slopes = beams.slopes
    if not (slopes > 0).all():
        return math.inf
    # Slopes may be so small that what they are divided by has no square.
    scale = float(slopes.min()) * problem.passes
    weights = beams.weights * (float(slopes.min()) / slopes)
    covariance = beams.moments([0.0] * len(slopes))[1]
    return float(weights @ covariance @ weights) / scale / scale


@dataclass(frozen=True, eq=False, kw_only=True)
class DetectedBeams:
    """K pairs of beams of coherent light that meet at balanced beam splitters, as the detectors of both ports see them.

    Attributes
    ----------
    weights : (K,) floats
        What of q the phase differences theta_i - theta_k are.
    photons : (K,) floats
        Of both beams and in both ports that are counted in a shot, without dark counts.
    dark : (K,) floats
        Dark counts of both ports together.
    electronic : (K,) floats
        Variance that electronics add; none where single photons are counted.
    swing : (K,) floats
        The mean difference of both ports is swing times the sine of the phase, without jitter.
    turned : (K, modes) floats
        Which modes turn each phase, as rows of +-1.
    jitter : (modes,) floats
        Standard deviations of their phases, in rad.
    """

    weights: Real
    photons: Real
    dark: Real
    electronic: Real
    swing: Real
    turned: Real
    jitter: Real

    @property
    def slopes(self) -> Real:
        """(K,) Derivatives of the mean differences by the phases, at mid-fringe: swing exp(-s/2)."""
        return np.asarray(self.swing * np.exp(-np.diag(self._spread) / 2))

    @property
    def _spread(self) -> Real:
        """(K, K) Covariance of the phases."""
        return np.asarray((self.turned * self.jitter**2) @ self.turned.T)

    def moments(self, phases: Sequence[float]) -> tuple[Real, Real]:
        """Means (K,) and covariance (K, K) of the differences of both ports in a shot.

        Parameters
        ----------
        phases : (K,) floats
            Away from mid-fringe, in rad.
        """
        at, spread = np.array(phases, dtype=float), self._spread
        own = np.diag(spread)
        less, more = at[:, None] - at[None, :], at[:, None] + at[None, :]
        sines = np.sin(at) * np.exp(-own / 2)
        # E sin(a + x) sin(b + y) less both means: no digits are lost where phases jitter by very little.
        shrink = np.exp(-(own[:, None] + own[None, :]) / 2) / 2
        moved = shrink * (np.cos(less) * np.expm1(spread) - np.cos(more) * np.expm1(-spread))
        covariance = np.outer(self.swing, self.swing) * moved + np.diag(self.photons + self.dark + self.electronic)
        return np.asarray(self.swing * sines), np.asarray(covariance)


def detected_beams(plan: Plan, problem: SensedPhases, engine: str = "native") -> DetectedBeams:
    """The beams of a plan that meet, with the losses and the detectors of the network.

    Parameters
    ----------
    plan : Plan
        With ``interference``.
    problem : SensedPhases
    engine : str
        Whose photon numbers are taken.
    """
    from photonics import get_engine

    (part,) = plan.parts
    circuit = part.circuit
    count = len(circuit.modes)
    runner = get_engine(engine)
    runner.check_size(circuit)
    arrived = runner.run(circuit, [0.0] * len(part.sensors)).photon_number()
    detectors = problem.detectors(circuit.modes)
    names = ("efficiency", "phase_jitter_rad", "visibility", "dark_counts")
    efficiency, jitter, visibility, dark = (detectors.each(name, count) for name in names)
    seen = dict(zip(circuit.modes, (arrived * efficiency).tolist(), strict=True))
    visible = dict(zip(circuit.modes, visibility.tolist(), strict=True))
    noise = dict(zip(circuit.modes, dark.tolist(), strict=True))
    electronic = {
        mode: problem.bench_of.get(mode, problem.arm_bench).electronic_noise
        if isinstance(problem, GaussianProblem)
        else 0.0
        for mode in circuit.modes
    }
    beams = plan.interference
    first = np.array([seen[beam.first] * beam.first_share for beam in beams])
    second = np.array([seen[beam.second] * beam.second_share for beam in beams])
    turned = np.zeros((len(beams), count))
    for row, beam in zip(turned, beams, strict=True):
        row[circuit.modes.index(beam.first)], row[circuit.modes.index(beam.second)] = 1.0, -1.0
    return DetectedBeams(
        weights=np.array([beam.weight for beam in beams]),
        photons=first + second,
        # Both ports of a beam splitter have a detector, as good as those of the modes that meet there.
        dark=np.array([noise[beam.first] + noise[beam.second] for beam in beams]),
        electronic=(first + second) * [(electronic[beam.first] + electronic[beam.second]) / 2 for beam in beams],
        swing=2
        * np.sqrt([visible[beam.first] * visible[beam.second] for beam in beams])
        * np.sqrt(first)
        * np.sqrt(second),
        turned=turned,
        jitter=jitter,
    )
