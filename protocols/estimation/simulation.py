"""From a network to simulated data and back: mean squared errors of every scheme and estimator beside every bound."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from networks import InputError, SensorNetwork
from networks.errors import short_repr
from networks.files.node_link import network_document
from photonics.engines import ENGINES
from photonics.limits import CircuitTooLargeError
from protocols.estimation.estimators.robust_exact import PUBLISHED_OVERHEAD
from protocols.estimation.experiments import (
    ESTIMATORS,
    LADDER_ESTIMATORS,
    LOCAL_ESTIMATORS,
    PARITY_KNOWN,
    HomodyneExperiment,
    PhaseExperiment,
    PhaseSetup,
    Resources,
    homodyne_experiment,
    joint_shots,
    phase_setup,
)
from protocols.estimation.schedules import Schedule
from protocols.estimation.trials import BATCH, Tally, content_id, run_trials
from protocols.problem import DisplacementProblem, PhaseProblem, Problem, require_network, require_simulable
from protocols.schemes import AnyScheme, DisplacementScheme, PhaseScheme, Unavailable
from protocols.schemes.evaluation import probe_value
from protocols.schemes.registry import choose_schemes
from protocols.schemes.stages import ORDERS
from protocols.theory.displacement import separable_mse
from protocols.theory.shot_noise import loss_limited_bound, network_shot_noise

LARGEST_SHOTS = 10**9
LARGEST_TRIALS = 10**10
RANDOM = "random"
FEW_SEEN = 5.0
"""Shots of a stage; below it a note says that estimates mean little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """What a scheme and an estimator reached, beside what could be reached.

    Attributes
    ----------
    theta : tuple of float, or "random"
        The parameters that were sensed; "random" for new ones in every trial.
    tally : Tally
        Mean squared error, bias and coverage, with standard errors.
    predicted_mse : float or None
        Exact, where outcomes can be added up or the estimate is normal.
    guaranteed_mse : float or None
        Robust phase estimation stays below it at any phase, with the pi/3 criterion and exact binomial sums.
    published_bound : float or None
        (10.7 pi ||alpha||_P/n)^2 as published for it; derived with pi/2, which does not exclude wrong turns.
    bound : float
        (12) or the exact form of (15) for the photons and passes of all shots, whatever the probes.
    probe_bound : float
        The same for the light that was used, with its losses: from its quantum Fisher information.
    floor : float or None
        (pi ||alpha||_P/n)^2, which no scheme goes below for many photon passes n when the phase is not known beforehand.
    shot_noise : float
        Separate photons (phase) or vacuum (displacement) in the same shots, with the same losses.
    loss_bound : float or None
        Set by the losses for all states; single passes only.
    period : float or None
        q and q + period look alike; errors are taken modulo it. None without one, or with one for each sensor.
    """

    scheme: str
    estimator: str
    theta: tuple[float, ...] | str
    tally: Tally
    predicted_mse: float | None
    guaranteed_mse: float | None
    published_bound: float | None
    bound: float
    probe_bound: float
    floor: float | None
    shot_noise: float
    loss_bound: float | None
    period: float | None
    resources: Resources
    notes: tuple[str, ...]

    @property
    def mse(self) -> float:
        """Mean squared error over the trials."""
        return self.tally.mse

    @property
    def overhead(self) -> float | None:
        """n RMSE/(pi ||alpha||_P), the root of the error over the floor."""
        return None if self.floor is None else math.sqrt(self.mse / self.floor)

    @property
    def holevo_variance(self) -> float | None:
        """Holevo's variance of q, which counts errors beyond half a period like small ones; None without a period."""
        return None if self.period is None else self.tally.holevo_variance(self.period)

    @property
    def mistaken(self) -> float | None:
        """Share of the trials that took one fringe for another; None where the fringe is taken to be known beforehand."""
        return None if self.estimator in LOCAL_ESTIMATORS else self.tally.mistaken / self.tally.trials

    def to_dict(self) -> dict[str, object]:
        """One entry of ``results``."""
        return {
            "scheme": self.scheme,
            "estimator": self.estimator,
            "theta": self.theta if isinstance(self.theta, str) else list(self.theta),
            "mse": self.tally.mse,
            "mse_stderr": _finite(self.tally.mse_stderr),
            "holevo_variance": None if self.holevo_variance is None else _finite(self.holevo_variance),
            "predicted_mse": self.predicted_mse,
            "guaranteed_mse": self.guaranteed_mse,
            "published_bound": self.published_bound,
            "bound": self.bound,
            "probe_bound": self.probe_bound,
            "floor": self.floor,
            "overhead": self.overhead,
            "shot_noise": self.shot_noise,
            "loss_bound": self.loss_bound,
            "bias": self.tally.bias,
            "bias_stderr": _finite(self.tally.bias_stderr),
            "coverage": self.tally.coverage,
            "coverage_stderr": self.tally.coverage_stderr,
            "mistaken_fringe": self.mistaken,
            "period": self.period,
            "trials": self.tally.trials,
            "resources": self.resources.to_dict(),
            "notes": list(self.notes),
        }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """All results, the network's main one first, and what could not be offered."""

    network: SensorNetwork
    results: tuple[Estimated, ...]
    unavailable: tuple[Unavailable, ...]
    seed: int
    engine: str

    @property
    def first(self) -> Estimated:
        """The result whose numbers stand at the top of the document."""
        return self.results[0]

    def result(self, scheme: str, estimator: str) -> Estimated:
        """The result of a scheme and an estimator."""
        for found in self.results:
            if (found.scheme, found.estimator) == (scheme, estimator):
                return found
        raise InputError([f"there is no result of {estimator} on {scheme}"])

    def to_dict(self) -> dict[str, object]:
        """The document of ``psn simulate --json``."""
        return {
            **self.first.to_dict(),
            "network": network_document(self.network),
            "seed": self.seed,
            "engine": self.engine,
            "results": [found.to_dict() for found in self.results],
            "unavailable": [{"scheme": u.scheme, "reason": u.reason} for u in self.unavailable],
        }


def simulate(
    network: SensorNetwork,
    *,
    shots: int = 100,
    trials: int = 10_000,
    seed: int = 0,
    scheme: str | AnyScheme | None = None,
    estimator: str | None = None,
    theta: Sequence[float] | str | None = None,
    engine: str = "native",
    order: str = "photons",
    workers: int = 1,
    schedule: Schedule | None = None,
    progress: Callable[[str], None] | None = None,
) -> Simulation:
    """Simulate measurements on the network's light and estimate q from them, many times over.

    Parameters
    ----------
    shots : int
        Shots of one estimate. Stages of phase estimation share them; every shot of separate probes measures all sensors.
    trials : int
        Independent estimates.
    seed : int
        Results depend on it and on what is simulated, not on ``workers``.
    scheme, estimator : str, optional
        One of each (``psn simulate --help``) instead of all that apply.
    theta : (d,) floats, "random" or None
        True parameters in rad, or in units of the vacuum's standard deviation; "random" draws new ones for every trial.
    engine : "native" or "strawberryfields"
        Whose probabilities and covariances the data are drawn from.
    order : "photons" or "passes"
        What smaller stages have less of.
    schedule : Schedule, optional
        Shots of each stage, instead of sharing out ``shots``.

    Raises
    ------
    InputError
        Listing every fault, or when no scheme and estimator apply.

    Examples
    --------
    >>> found = simulate(SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0), shots=10, trials=2000)
    >>> abs(found.first.mse - found.first.bound) < 4 * found.first.tally.mse_stderr
    True
    """
    require_network(network)
    given = None if isinstance(theta, str) else theta
    faults = [
        *common_faults(network, shots, trials, seed, given, workers),
        *way_faults(network, scheme, estimator),
    ]
    if isinstance(theta, str) and theta != RANDOM:
        faults.append(f"theta must be numbers or 'random', got {short_repr(theta)}")
    if engine not in ENGINES:
        faults.append(f"engine must be {' or '.join(ENGINES)}, got {engine!r}")
    if order not in ORDERS:
        faults.append(f"stages must differ by {' or '.join(ORDERS)}, got {order!r}")
    if faults:
        raise InputError(faults)
    tell = progress or (lambda _: None)
    problem = Problem.of(network)
    require_simulable(network.passes, len(network.modes))
    true = default_theta(network) if given is None else tuple(float(t) for t in given)
    found: list[Estimated] = []
    missing: list[Unavailable] = []
    schemes = choose_schemes(problem.sensing, None if scheme is None else [scheme])
    ways = [way for way in ESTIMATORS[network.sensing] if estimator in (None, way)]
    for light in schemes:
        name = light.name
        tell(f"{name}: preparing")
        setup: PhaseSetup | Unavailable | None = None
        if isinstance(light, PhaseScheme):
            assert isinstance(problem, PhaseProblem)
            try:
                setup = phase_setup(problem, light, true, engine=engine, order=order)
            except CircuitTooLargeError as error:
                # Others may fit; who asked for this one alone has to know.
                if scheme is not None:
                    raise
                setup = Unavailable(scheme=name, reason=str(error))
        if isinstance(setup, Unavailable):
            missing.append(setup)
            continue
        for way in ways:
            ready: PhaseExperiment | HomodyneExperiment | Unavailable
            if setup is None:
                assert isinstance(light, DisplacementScheme)
                assert isinstance(problem, DisplacementProblem)
                ready = homodyne_experiment(problem, light, true, shots=shots, engine=engine)
            else:
                own = schedule if way in LADDER_ESTIMATORS else None
                ready = setup.experiment(way, shots=shots, random_phase=theta == RANDOM, schedule=own)
            if isinstance(ready, Unavailable):
                missing.append(Unavailable(scheme=f"{name}, {way}", reason=ready.reason))
                continue
            told = RANDOM if theta == RANDOM else true
            content = content_id(_content(network, ready, told, trials))

            def drawn(done: int, what: str = f"{name}, {way}") -> None:
                tell(f"{what}: {done:,} of {trials:,} trials")

            tally = run_trials(ready, trials, seed=seed, content=content, workers=workers, progress=drawn)
            found.append(_estimated(problem, ready, tally, told))
    if not found:
        raise InputError([f"{u.scheme}: {u.reason}" for u in missing])
    return Simulation(network=network, results=tuple(found), unavailable=tuple(missing), seed=seed, engine=engine)


def _content(
    network: SensorNetwork,
    ready: PhaseExperiment | HomodyneExperiment,
    theta: tuple[float, ...] | str,
    trials: int,
) -> dict[str, object]:
    """What is simulated, as far as its random numbers are concerned; the engine is none of that, so both can be compared."""
    return {
        "network": network_document(network),
        "scheme": ready.scheme,
        "estimator": ready.estimator,
        "resources": ready.resources.to_dict(),
        "theta": theta if isinstance(theta, str) else list(theta),
        "trials": trials,
        "batch": BATCH,
    }


def default_theta(network: SensorNetwork) -> tuple[float, ...]:
    """Parameters in no special relation to each other, between 0.05 and 0.55."""
    return tuple(probe_value(j) for j in range(len(network.sensors)))


def common_faults(
    network: SensorNetwork,
    shots: object,
    trials: object,
    seed: object,
    theta: Sequence[float] | None,
    workers: object,
) -> list[str]:
    """What is wrong with the arguments that all simulations share."""
    faults = []
    for name, value, least, most in (
        ("shots", shots, 1, LARGEST_SHOTS),
        ("trials", trials, 1, LARGEST_TRIALS),
        ("seed", seed, 0, 2**128),
        ("workers", workers, 1, 1024),
    ):
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            limit = f"an integer from {least} to {most if name != 'seed' else '2^128'}"
            faults.append(f"{name} must be {limit}, got {short_repr(value)}")
    if theta is not None:
        if len(theta) != len(network.sensors):
            faults.append(f"theta must have {len(network.sensors)} values, one a sensor, got {len(theta)}")
        elif not all(math.isfinite(t) and abs(t) <= 1e6 for t in theta):
            faults.append(f"theta must be finite numbers of at most 1e6 in size, got {short_repr(list(theta))}")
    return faults


def way_faults(network: SensorNetwork, scheme: str | AnyScheme | None, estimator: str | None) -> list[str]:
    """Names of schemes and estimators that this kind of sensing does not have."""
    sensing = network.sensing
    faults: list[str] = []
    if scheme is not None:
        try:
            choose_schemes(sensing, [scheme])
        except InputError as error:
            faults += error.faults
    if estimator is not None and estimator not in ESTIMATORS[sensing]:
        faults.append(f"{sensing} sensing has no estimator {estimator!r}; known are {', '.join(ESTIMATORS[sensing])}")
    return faults


def _estimated(
    problem: PhaseProblem | DisplacementProblem,
    ready: PhaseExperiment | HomodyneExperiment,
    tally: Tally,
    theta: tuple[float, ...] | str,
) -> Estimated:
    floor = loss_bound = None
    alpha, eta = problem.alpha, problem.transmissivity
    if isinstance(ready, PhaseExperiment):
        assert isinstance(problem, PhaseProblem)
        norm = float(problem.function.norm_positive)
        # Separate sensors have arms of their own, so that an unbalanced function needs no reference.
        reference = problem.arm_transmissivity
        heisenberg, noise, limited = [], [], []
        for stages, shots in joint_shots(ready.climbs):
            heisenberg.append(shots * sum(s.product for s in stages) ** 2 / norm**2)
            photons, passes = sum(s.photons for s in stages), max(s.passes for s in stages)
            noise.append(shots / network_shot_noise(alpha, eta, reference, photons, passes))
            if passes == 1:
                limit = loss_limited_bound(alpha, eta, reference, photons)
                limited.append(shots / limit if limit else math.inf)
        bound, shot_noise = 1 / math.fsum(heisenberg), 1 / math.fsum(noise)
        if len(limited) == len(noise) and all(math.isfinite(x) for x in limited):
            loss_bound = 1 / math.fsum(limited)
        if ready.estimator in LADDER_ESTIMATORS:
            floor = (math.pi * norm / ready.resources.photon_passes) ** 2
    else:
        shots = ready.resources.shots
        bound, shot_noise = problem.bound / shots, separable_mse(alpha, eta, [0.0] * len(alpha), problem.passes) / shots
    return Estimated(
        scheme=ready.scheme,
        estimator=ready.estimator,
        theta=theta,
        tally=tally,
        predicted_mse=ready.predicted_mse(),
        guaranteed_mse=ready.guaranteed_mse() if isinstance(ready, PhaseExperiment) else None,
        published_bound=PUBLISHED_OVERHEAD**2 * floor if floor is not None and ready.estimator == "robust" else None,
        bound=bound,
        probe_bound=ready.probe_bound,
        floor=floor,
        shot_noise=shot_noise,
        loss_bound=loss_bound,
        period=ready.period,
        resources=ready.resources,
        notes=tuple(_notes(problem, ready, tally)),
    )


def _notes(
    problem: PhaseProblem | DisplacementProblem, ready: PhaseExperiment | HomodyneExperiment, tally: Tally
) -> list[str]:
    if isinstance(ready, HomodyneExperiment):
        return []
    assert isinstance(problem, PhaseProblem)
    notes = []
    who = f"{ready.scheme}, {ready.estimator}"
    if (seen := min(climb.least_seen for climb in ready.climbs)) < FEW_SEEN:
        notes.append(
            f"{who}: in one stage {seen:.2g} shots arrive on average; where nothing does, an estimate is a constant that tells "
            "nothing, and its error an accident of theta"
        )
    if tally.trials > 1 and tally.mse + 4 * tally.mse_stderr < ready.probe_bound:
        notes.append(
            f"{who}: the error is below the bound, which is for unbiased estimates without a period; this one is biased here, "
            "as it is near the edges of a fringe or with little light"
        )
    if len(ready.climbs) > 1:
        notes.append(
            "each theta_j is known modulo 2 pi over its largest gain"
            if ready.estimator in LOCAL_ESTIMATORS
            else "each theta_j is known modulo 2 pi"
        )
    if ready.estimator == "maximum-likelihood":
        notes.append("the largest gain only: q has to be known beforehand to within one period")
    if ready.estimator == "parity":
        notes.append(
            f"the largest gain only: the phase has to be known beforehand to within the middle {PARITY_KNOWN:.0%} of half a fringe"
        )
    whole = problem.photons * problem.passes
    if len(ready.climbs) == 1 and ready.climbs[0].ladder.stages[-1].product < whole:
        notes.append(
            f"the largest stage has {ready.climbs[0].ladder.stages[-1].product} of N M = {whole} photon passes: gains double"
        )
    return notes
