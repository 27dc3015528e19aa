"""From a network to simulated data and back: mean squared errors of every scheme and estimator beside every bound."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from networks import InputError, SensorNetwork
from networks.errors import short_repr
from networks.files.node_link import network_document
from networks.values import Value, whole_number
from photonics.engines import ENGINES
from photonics.limits import CircuitTooLargeError, PrecisionError
from protocols.documents.printed import Entry, Inline, Printed
from protocols.documents.result import Result
from protocols.estimation.arguments import common_faults, real_numbers
from protocols.estimation.estimators.estimator import Estimator
from protocols.estimation.experiments import Experiment
from protocols.estimation.light_setups import usual_phases
from protocols.estimation.registry import choose_estimators
from protocols.estimation.resources import Resources
from protocols.estimation.schedules import Schedule
from protocols.estimation.setup import Setup
from protocols.estimation.setups import make_setup
from protocols.estimation.tally import Errors, Tally
from protocols.estimation.trials import BATCH, content_id, run_trials
from protocols.problem import AnyProblem, GaussianProblem, Problem, require_simulable
from protocols.schemes import AnyScheme, Unavailable
from protocols.schemes.evaluation import probe_value
from protocols.schemes.registry import all_photons_first, choose_schemes
from protocols.schemes.stages import ORDERS

RANDOM = "random"
LARGEST_PROBE = 0.55
"""What ``probe_value`` stays below."""


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated(Value, Printed):
    """What a scheme and an estimator reached, beside what could be reached.

    Attributes
    ----------
    scheme, estimator : str
        Their names.
    theta : (d,) floats, or "random"
        The parameters that were sensed, in rad or standard deviations of the vacuum; "random" for new ones in every trial.
    tally : Tally
        Mean squared error, bias and coverage, with standard errors.
    predicted_mse : float or None
        Exact, where outcomes can be added up or the estimate is normal.
    guaranteed_mse : float or None
        Robust phase estimation stays below it at any phase, with the pi/3 criterion and exact binomial sums.
    published_bound : float or None
        (10.7 pi ||alpha||_P/n)^2 as published for it; derived with pi/2, which does not exclude wrong turns.
    bound : float or None
        (12) or the exact form of (15) for N M, or nbar and M, in every shot asked for, used or not, whatever the probes; None for
        coherent light, of N photons on average, which (12) is not about.
    probe_bound : float
        The quantum Cramer-Rao bound of this probe with its losses.
    floor : float or None
        The least Holevo variance of q from the n photon passes used, all of them in one coherent run, averaged over a uniform
        phase: tan^2(pi/(n + 2)) in the units of q (``holevo_floor``); None where the phase is known or q has no period.
    heisenberg : float or None
        Its asymptote for large n, (pi ||alpha||_P/n)^2, which is no bound at small n; None where the phase is known.
    shot_noise : float
        Separate photons (phase) or vacuum (displacement) in the shots asked for, with the same losses.
    loss_bound : float or None
        Set by the losses for all states; single passes only.
    period : float or None
        q is determined only modulo it, and errors are taken modulo it. None without one, or with one for each sensor.
    resources : Resources
        What one estimate costs.
    notes : tuple of str
        What a reader has to know.
    counts_fringe_errors : bool
        False where the fringe is taken to be known beforehand.
    """

    DOCUMENT = (
        "scheme",
        "estimator",
        "theta",
        "mse",
        Entry("mse_stderr", of=lambda row: _finite(row.tally.mse_stderr)),
        Entry("holevo_variance", of=lambda row: _finite(row.holevo_variance)),
        "predicted_mse",
        "guaranteed_mse",
        "published_bound",
        "bound",
        "probe_bound",
        "floor",
        "heisenberg",
        "overhead",
        "shot_noise",
        "loss_bound",
        Entry("bias", of="tally.bias"),
        Entry("bias_stderr", of=lambda row: _finite(row.tally.bias_stderr)),
        Entry("coverage", of="tally.coverage"),
        Entry("coverage_stderr", of="tally.coverage_stderr"),
        Entry("mistaken_fringe", of="fringe_error_share"),
        "period",
        Entry("trials", of="tally.trials"),
        "resources",
        "notes",
    )

    scheme: str
    estimator: str
    theta: tuple[float, ...] | str
    tally: Tally
    predicted_mse: float | None
    guaranteed_mse: float | None
    published_bound: float | None
    bound: float | None
    probe_bound: float
    floor: float | None
    heisenberg: float | None = None
    shot_noise: float
    loss_bound: float | None
    period: float | None
    resources: Resources
    notes: tuple[str, ...]
    counts_fringe_errors: bool = True

    @property
    def mse(self) -> float:
        """Mean squared error over the trials."""
        return self.tally.mse

    @property
    def overhead(self) -> float | None:
        """n RMSE/(pi ||alpha||_P), the root of the error over the asymptote of the floor."""
        return None if self.heisenberg is None else math.sqrt(self.mse / self.heisenberg)

    @property
    def holevo_variance(self) -> float | None:
        """Holevo's variance of q, which counts errors beyond half a period like small ones; None without a period."""
        return None if self.period is None else self.tally.holevo_variance(self.period)

    @property
    def fringe_error_share(self) -> float | None:
        """Share of the trials that took one fringe for another; None where the fringe is taken to be known beforehand."""
        return self.tally.fringe_errors / self.tally.trials if self.counts_fringe_errors else None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Simulation(Value, Result):
    """All results, the network's main one first, and the schemes and estimators that are not applicable, with reasons.

    Attributes
    ----------
    network : SensorNetwork
    results : tuple of Estimated
    unavailable : tuple of Unavailable
    seed : int
    engine : str
    """

    DOCUMENT = (
        Inline("first"),
        "network",
        "seed",
        "engine",
        "results",
        "unavailable",
    )

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
        """The result of a scheme and an estimator, by their names; InputError when there is none."""
        for one in self.results:
            if (one.scheme, one.estimator) == (scheme, estimator):
                return one
        raise InputError([f"there is no result of {estimator} on {scheme}"])


def simulate(
    network: SensorNetwork | AnyProblem,
    *,
    shots: int = 100,
    trials: int = 10_000,
    seed: int = 0,
    scheme: str | AnyScheme | None = None,
    estimator: str | Estimator | None = None,
    theta: Sequence[float] | str | None = None,
    engine: str = "native",
    order: str = "photons",
    workers: int = 1,
    schedule: Schedule | Sequence[int] | None = None,
    progress: Callable[[str], None] | None = None,
    schemes: Sequence[str | AnyScheme] | None = None,
    estimators: Sequence[str | Estimator] | None = None,
    watch: Callable[[Errors], None] | None = None,
) -> Simulation:
    """Simulate measurements on the network's light and estimate q from them, many times over.

    Parameters
    ----------
    network : SensorNetwork or Problem
    shots : int from 1 to 10^9
        Shots of one estimate. Stages of phase estimation share them; every shot of separate probes measures all sensors.
    trials : int from 1 to 10^10
        Independent estimates.
    seed : int from 0 to 2^128
        Results depend on it and on what is simulated, not on ``workers``. Of schemes and estimators their names count.
    scheme, estimator : str, or an object, optional
        The one to run, by name (``psn simulate --help``) or as a ``Scheme`` or ``Estimator`` of your own.
    theta : (d,) floats, "random" or None
        True parameters in rad, or in units of the vacuum's standard deviation, at most 10^6 in size; "random" draws new ones for
        every trial; values in no special relation when left out.
    engine : "native" or "strawberryfields"
        Whose probabilities and covariances the data are drawn from.
    order : "photons" or "passes"
        What smaller stages have less of.
    workers : int from 1 to 1024
        Processes. Objects of your own travel to them by pickle.
    schedule : Schedule or (K,) ints, optional
        Shots of each stage, instead of sharing out ``shots``; for estimators that read all stages.
    progress : callable, optional
        Called with a few words before each longer step.
    schemes, estimators : names and objects, optional
        Several instead of one; all registered ones that apply when neither is given.
    watch : callable, optional
        Called with the ``Errors`` of each batch of trials as it is done; the trials then run in this process.

    Returns
    -------
    Simulation

    Raises
    ------
    InputError
        Listing every fault, or when no scheme and estimator apply.
    photonics.CircuitTooLargeError
        When the engine cannot hold the circuit of the one scheme that was chosen.

    Examples
    --------
    >>> result = simulate(SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0), shots=10, trials=2000)
    >>> abs(result.first.mse - result.first.bound) < 4 * result.first.tally.mse_stderr
    True
    """
    problem = Problem.of(network)
    given = None if isinstance(theta, str) else theta
    faults = [
        *common_faults(problem, shots, trials, seed, given, workers),
        *choice_faults(problem, scheme, estimator, schemes, estimators),
    ]
    if isinstance(theta, str) and theta != RANDOM:
        faults.append(f"theta must be numbers or 'random', got {short_repr(theta)}")
    faults += random_faults(problem, theta)
    if engine not in ENGINES:
        faults.append(f"engine must be {' or '.join(ENGINES)}, got {engine!r}")
    if order not in ORDERS:
        faults.append(f"stages must differ by {' or '.join(ORDERS)}, got {order!r}")
    if schedule is not None and not isinstance(schedule, Schedule):
        try:
            schedule = Schedule(tuple(schedule))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    require_simulable(problem.passes, len(problem.names))
    assert schedule is None or isinstance(schedule, Schedule)
    run = _Run(
        problem=problem,
        theta=default_theta(problem, whole_number(shots) or 1) if given is None else real_numbers(given) or (),
        random=isinstance(theta, str),
        shots=whole_number(shots) or 0,
        trials=whole_number(trials) or 0,
        seed=whole_number(seed) or 0,
        engine=engine,
        order=order,
        workers=whole_number(workers) or 1,
        schedule=schedule,
        report=progress or (lambda _: None),
        watch=watch,
    )
    chosen = all_photons_first(choose_schemes(problem.kind, _wanted(scheme, schemes)), problem)
    by = choose_estimators(problem.kind, _wanted(estimator, estimators))
    results: list[Estimated] = []
    missing: list[Unavailable] = []
    for own in chosen:
        run.report(f"{own.name}: preparing")
        # Others may fit; but who wants this one alone has to know.
        setup = run.setup(own, alone=len(chosen) == 1)
        if isinstance(setup, Unavailable):
            missing.append(setup)
            continue
        for one in by:
            result = run.estimated(setup, own.name, one)
            if isinstance(result, Unavailable):
                missing.append(result)
            else:
                results.append(result)
    if not results:
        raise InputError([f"{u.scheme}: {u.reason}" for u in missing])
    return Simulation(
        network=problem.network,
        results=tuple(results),
        unavailable=tuple(missing),
        seed=run.seed,
        engine=engine,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Run:
    """What all schemes and estimators of a simulation share."""

    problem: AnyProblem
    theta: tuple[float, ...]
    random: bool
    shots: int
    trials: int
    seed: int
    engine: str
    order: str
    workers: int
    schedule: Schedule | None
    report: Callable[[str], None]
    watch: Callable[[Errors], None] | None

    def setup(self, scheme: AnyScheme, *, alone: bool) -> Setup | Unavailable:
        try:
            return make_setup(
                self.problem, scheme, self.problem.phases(self.theta), engine=self.engine, order=self.order
            )
        except CircuitTooLargeError as error:
            if alone:
                raise
            return scheme.unavailable(str(error))
        except PrecisionError as error:
            return scheme.unavailable(str(error))

    def estimated(self, setup: Setup, scheme: str, estimator: Estimator) -> Estimated | Unavailable:
        who = f"{scheme}, {estimator.name}"
        ready = setup.experiment(estimator, shots=self.shots, random_phase=self.random, schedule=self.schedule)
        if isinstance(ready, Unavailable):
            return Unavailable(scheme=who, reason=ready.reason)
        tally = run_trials(
            ready,
            self.trials,
            seed=self.seed,
            content=content_id(self._content(ready)),
            workers=self.workers,
            progress=lambda done: self.report(f"{who}: {done:,} of {self.trials:,} trials"),
            watch=self.watch,
        )
        return Estimated(
            scheme=ready.scheme,
            estimator=ready.estimator.name,
            theta=RANDOM if self.random else self.theta,
            tally=tally,
            predicted_mse=ready.predicted_mse(),
            guaranteed_mse=ready.guaranteed_mse(),
            published_bound=ready.published_bound(),
            bound=ready.bounds.bound,
            probe_bound=ready.probe_bound,
            floor=ready.floor,
            heisenberg=ready.heisenberg,
            shot_noise=ready.bounds.shot_noise,
            loss_bound=ready.bounds.loss_bound,
            period=ready.period,
            resources=ready.resources,
            notes=ready.notes(tally),
            counts_fringe_errors=ready.counts_fringe_errors,
        )

    def _content(self, ready: Experiment) -> dict[str, object]:
        """What is simulated, as far as its random numbers are concerned; the engine is none of that, so both can be compared."""
        return {
            "network": network_document(self.problem.network),
            "scheme": ready.scheme,
            "estimator": ready.estimator.name,
            "resources": ready.resources.used,
            "theta": RANDOM if self.random else list(self.theta),
            "trials": self.trials,
            "batch": BATCH,
        }


def default_theta(network: SensorNetwork | AnyProblem, shots: int = 100) -> tuple[float, ...]:
    """(d,) Parameters in no special relation to each other, between 0.05 and 0.55; of Gaussian light small ones (``usual_phases``).

    Parameters
    ----------
    network : SensorNetwork or Problem
    shots : int >= 1
        Of one estimate: the more of them, the smaller the errors beside which a fringe of Gaussian light has to be linear.
    """
    problem = Problem.of(network)
    values = tuple(probe_value(j) for j in range(len(problem.sites)))
    if not isinstance(problem, GaussianProblem):
        return values
    largest = usual_phases(problem, shots)
    return tuple(value / LARGEST_PROBE * largest for value in values)


def choice_faults(
    network: SensorNetwork | AnyProblem,
    scheme: str | AnyScheme | None = None,
    estimator: str | Estimator | None = None,
    schemes: Sequence[str | AnyScheme] | None = None,
    estimators: Sequence[str | Estimator] | None = None,
) -> list[str]:
    """What is wrong with the choice of schemes and estimators: names that this kind of sensing does not have, above all."""
    kind = Problem.of(network).kind
    faults = [
        f"give {what} or {what}s, not both"
        for what, one, several in (("scheme", scheme, schemes), ("estimator", estimator, estimators))
        if one is not None and several is not None
    ]
    for choose in (
        lambda: choose_schemes(kind, _wanted(scheme, schemes)),
        lambda: choose_estimators(kind, _wanted(estimator, estimators)),
    ):
        try:
            choose()
        except InputError as error:
            faults += error.faults
    return faults


def random_faults(network: SensorNetwork | AnyProblem, theta: object) -> list[str]:
    """That random parameters are not near known ones, where they have to be."""
    if not (isinstance(theta, str) and theta == RANDOM) or not isinstance(Problem.of(network), GaussianProblem):
        return []
    return [
        "with mean_photons theta is what is left of phases that are known beforehand, so it cannot be random; give numbers, or "
        "leave it out for small ones"
    ]


ChoiceT = TypeVar("ChoiceT")


def _wanted(one: ChoiceT | None, several: Sequence[ChoiceT] | None) -> Sequence[ChoiceT] | None:
    return several if one is None else [one]
