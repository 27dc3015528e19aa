"""Functions f(theta) that are not linear, in two steps (Qian et al. 2019): a rough look, then the best linear probe.

A small share of the shots estimates each theta_j on its own. The rest runs the optimal protocol for the gradient of f at the rough
values, a new one in every trial. What the rough step leaves behind is of second order, so with a share that vanishes slowly enough
the error approaches that of the linear function grad f . theta.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from networks import InputError, SensorNetwork
from networks.errors import short_repr
from networks.files.node_link import network_document
from photonics.conventions import Integer, Real, squeezing_for
from protocols.estimation.estimators.robust import robust_phase
from protocols.estimation.estimators.robust_exact import robust_schedule
from protocols.estimation.experiments import LEAST_CONTRAST, Errors, joined
from protocols.estimation.expressions import AnalyticFunction
from protocols.estimation.fringes import NORMAL_95, Fringe, Source, StageLight, wrapped
from protocols.estimation.schedules import Schedule
from protocols.estimation.simulation import common_faults, default_theta
from protocols.estimation.stage_light import branch_light
from protocols.estimation.trials import BATCH, Tally, content_id, run_trials
from protocols.problem import DisplacementProblem, PhaseProblem, Problem, require_network
from protocols.schemes.separable_phase import one_sensor_stages
from protocols.theory.displacement import displacement_gain, lost_share
from protocols.theory.two_branches import LARGEST_LOG

LARGEST = 1e60
"""Values and derivatives whose fourth powers are still numbers."""
LARGEST_PHASE = 3.0
SAFE = 1.3e-3
"""Over the shots: the chance of a wrong turn in the first step that adds a twentieth to the error of the second."""
FAILURE_RATE = 0.55
"""ln of the chance that an angle is wrong by pi/3 falls by so much a pair of shots, or faster (``worst_stage``)."""
MAX_CELLS = 2_000_000
"""Trials times sensors that are drawn at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSimulation:
    """What the two steps reach, beside the bound and beside spending all shots on the parameters one by one.

    Attributes
    ----------
    bound : float
        Of the linear function grad f(theta) . theta at the true parameters, for all shots together.
    plug_in : Tally
        f at separate estimates of all parameters, with the same shots.
    rough_shots, shots : int
        Of the first step and in all (photons: a shot of the first step looks at one sensor with all photons).
    second_order : float
        Root mean square of what the gradient leaves out after the first step, to leading order.
    """

    network: SensorNetwork
    function: str
    theta: tuple[float, ...]
    value: float
    gradient: tuple[float, ...]
    tally: Tally
    plug_in: Tally
    bound: float
    rough_shots: int
    shots: int
    second_order: float
    seed: int
    notes: tuple[str, ...]

    @property
    def mistaken(self) -> float | None:
        """Share of the trials whose first step left a phase beyond the half fringe of the second; None for displacements."""
        return self.tally.mistaken / self.tally.trials if self.network.sensing == "phase" else None

    def to_dict(self) -> dict[str, object]:
        """The document of ``psn simulate --function --json``."""
        return {
            "scheme": "rough look, then the gradient",
            "estimator": "two-step",
            "theta": list(self.theta),
            "mse": self.tally.mse,
            "mse_stderr": self.tally.mse_stderr if self.tally.trials > 1 else None,
            "bound": self.bound,
            "resources": {"shots": self.shots, "rough_shots": self.rough_shots},
            "bias": self.tally.bias,
            "bias_stderr": self.tally.bias_stderr if self.tally.trials > 1 else None,
            "coverage": self.tally.coverage,
            "mistaken_fringe": self.mistaken,
            "second_order": self.second_order,
            "plug_in_mse": self.plug_in.mse,
            "plug_in_mse_stderr": self.plug_in.mse_stderr if self.plug_in.trials > 1 else None,
            "function": self.function,
            "value": self.value,
            "gradient": list(self.gradient),
            "trials": self.tally.trials,
            "seed": self.seed,
            "notes": list(self.notes),
            "network": network_document(self.network),
        }


def simulate_function(
    network: SensorNetwork,
    function: str,
    *,
    shots: int = 1000,
    trials: int = 10_000,
    seed: int = 0,
    theta: Sequence[float] | None = None,
    rough_shots: int | None = None,
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> FunctionSimulation:
    """Simulate the estimation of f(theta) in two steps; the alpha of the network is not used, its light and losses are.

    Parameters
    ----------
    function : str
        An expression in theta1 ... thetad or the names of the sensors: "theta1*sin(theta2)".
    rough_shots : int, optional
        Shots of the first step; shots^(2/3) without.

    Raises
    ------
    InputError
        Listing every fault; also when the gradient vanishes at theta, where f is not linear to first order.

    Examples
    --------
    >>> network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=4.0)
    >>> found = simulate_function(network, "theta1*theta2", shots=3000, trials=3000, theta=[1.0, 2.0])
    >>> found.gradient, found.bound < found.tally.mse < 0.7 * found.plug_in.mse
    ((2.0, 1.0), True)
    """
    require_network(network)
    faults = common_faults(network, shots, trials, seed, theta, workers)
    expression: AnalyticFunction | None = None
    try:
        expression = AnalyticFunction.from_text(function, len(network.sensors), [str(m.id) for m in network.sensors])
    except InputError as error:
        faults += error.faults
    if rough_shots is not None and (
        isinstance(rough_shots, bool) or not isinstance(rough_shots, int) or not 1 <= rough_shots < _integer(shots)
    ):
        faults.append(
            f"the shots of the first step must be an integer from 1 to shots - 1, got {short_repr(rough_shots)}"
        )
    if not faults and shots < 2:
        faults.append("two steps need at least 2 shots")
    true = default_theta(network) if theta is None or faults else tuple(float(t) for t in theta)
    if network.sensing == "phase" and any(abs(t) > LARGEST_PHASE for t in true):
        faults.append(
            f"phases must be at most {LARGEST_PHASE} rad in size here: what photons count is the same after a whole turn, so "
            "near pi a rough value may be on the other side"
        )
    if faults:
        raise InputError(faults)
    assert expression is not None
    at = np.array([true])
    value, gradient = float(expression.value(at)[0]), expression.gradient(at)[0]
    curvature = expression.curvature(at)[0]
    if not math.isfinite(value) or not np.isfinite(gradient).all() or not np.isfinite(curvature).all():
        raise InputError([f"{function!r} or its derivatives have no finite value at theta = {list(true)}"])
    if not np.abs(gradient).max() > 0:
        raise InputError([f"the gradient of {function!r} vanishes at theta = {list(true)}; choose another theta"])
    if max(abs(value), np.abs(gradient).max(), np.abs(curvature).max()) > LARGEST:
        raise InputError([f"{function!r} and its derivatives must be at most {LARGEST:g} in size at theta; rescale it"])
    problem = Problem.of(network)
    if network.sensing == "phase" and not network.references and not expression.is_balanced:
        raise InputError(
            [
                "without a reference only functions of phase differences can be measured, whose derivatives sum to zero everywhere"
            ]
        )
    ready: _Displacements | _Phases
    if isinstance(problem, DisplacementProblem):
        ready = _displacement_setting(problem, function, true, rough_shots, shots)
    else:
        ready = _phase_setting(problem, function, true, rough_shots, shots)
    tell = progress or (lambda _: None)
    content = content_id(
        {
            "network": network_document(network),
            "function": function,
            "shots": shots,
            "rough": ready.rough_shots,
            "theta": list(true),
            "trials": trials,
            "batch": BATCH,
        }
    )

    def counted(name: str) -> Callable[[int], None]:
        return lambda done: tell(f"{name}: {done:,} of {trials:,} trials")

    tally = run_trials(ready, trials, seed=seed, content=content, workers=workers, progress=counted("two steps"))
    only = ready.plug_in()
    plug_in = run_trials(
        only, trials, seed=seed, content=content_id(content), workers=workers, progress=counted("one by one")
    )
    spread = np.array(ready.rough_variances)
    return FunctionSimulation(
        network=network,
        function=function,
        theta=true,
        value=value,
        gradient=tuple(gradient.tolist()),
        tally=tally,
        plug_in=plug_in,
        bound=_bound(problem, gradient) / shots,
        rough_shots=ready.rough_shots,
        shots=shots,
        second_order=_second_order(curvature, spread),
        seed=seed,
        notes=(ready.note,) if ready.note else (),
    )


def _checked(found: Errors) -> Errors:
    """The errors, if all are numbers; rough values may lie where f has none."""
    wrong = ~(np.isfinite(found.error) & (np.abs(found.error) < LARGEST))
    if wrong.any():
        count = f"in {int(wrong.sum())} of {len(wrong)} trials the estimate of f is no number below {LARGEST:g}"
        raise InputError(
            [
                f"{count}: rough values lie where f has none or grows without limit; use more shots, or a theta farther inside"
            ]
        )
    return found


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 2**62


def _bound(problem: PhaseProblem | DisplacementProblem, gradient: Real) -> float:
    """Of one shot, for the linear function along the gradient: (12), or the exact form of (15)."""
    if isinstance(problem, DisplacementProblem):
        return float(gradient @ gradient) / (problem.passes**2 * displacement_gain(problem.mean_photons))
    heavier = max(gradient[gradient > 0].sum(), -gradient[gradient < 0].sum())
    return float(heavier / (problem.photons * problem.passes)) ** 2


def _second_order(curvature: Real, variances: Real) -> float:
    """Root mean square of x^T H x/2 for independent normal x with these variances."""
    scaled = curvature * np.sqrt(np.outer(variances, variances))
    return float(np.sqrt(np.trace(scaled) ** 2 / 4 + (scaled**2).sum() / 2))


# --- displacements -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, kw_only=True)
class _Displacements:
    """Both steps for displacements: separate squeezers, then one squeezed vacuum split along each trial's gradient."""

    text: str
    names: tuple[str, ...]
    theta: tuple[float, ...]
    rough_variances: tuple[float, ...]
    """Of each theta_j after the first step."""
    gains: tuple[float, ...]
    lost: tuple[float, ...]
    r: float
    rough_shots: int
    second_shots: int
    note: str = ""

    def plug_in(self) -> _Displacements:
        shots = self.rough_shots + self.second_shots
        variances = tuple(v * self.rough_shots / shots for v in self.rough_variances)
        return replace(self, rough_variances=variances, rough_shots=shots, second_shots=0)

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        function = AnalyticFunction.from_text(self.text, len(self.theta), self.names)
        chunk = max(1, MAX_CELLS // len(self.theta))
        parts = [self._some(function, min(chunk, trials - start), rng) for start in range(0, trials, chunk)]
        return joined(parts)

    def _some(self, function: AnalyticFunction, trials: int, rng: np.random.Generator) -> Errors:
        true, d = np.array(self.theta), len(self.theta)
        rough = true + np.sqrt(self.rough_variances) * rng.standard_normal((trials, d))
        slope = function.gradient(rough)
        found = np.array(function.value(rough))
        variance = (slope**2) @ np.array(self.rough_variances)
        if self.second_shots:
            outcomes = split_outcomes(slope, np.array(self.gains), np.array(self.lost), self.r, self.second_shots, rng)
            weights = slope / np.array(self.gains)
            found += np.einsum("tj,tj->t", slope, true - rough) + np.einsum("tj,tj->t", weights, outcomes)
            z = weights * np.sqrt(1 - np.array(self.lost))
            variance = (
                weights**2 @ np.array(self.lost) + math.exp(-2 * self.r) * (z**2).sum(axis=1)
            ) / self.second_shots
        return _checked(
            Errors(
                error=found - function.value(true[None])[0],
                half_width=NORMAL_95 * np.sqrt(variance),
                mistaken=np.zeros(trials, dtype=bool),
            )
        )


def split_outcomes(alpha: Real, gains: Real, lost: Real, r: float, shots: int, rng: np.random.Generator) -> Real:
    """(T, d) noise of the mean of ``shots`` x outcomes when trial t splits its squeezed vacuum as is best for alpha[t].

    ``gains`` and ``lost`` are ``pass_gain`` and ``lost_share`` of each sensor: x_j moves by g_j theta_j, sqrt(1 - lost_j) of it is
    the light's own noise and sqrt(lost_j) vacuum that came in.
    """
    kept = np.sqrt(1 - lost)
    u = alpha / gains * kept
    # A gradient of zero has no direction; any will do.
    u = np.divide(
        u,
        np.linalg.norm(u, axis=1, keepdims=True),
        out=np.zeros_like(u),
        where=np.abs(u).max(axis=1, keepdims=True) > 0,
    )
    light = rng.standard_normal(u.shape)
    light -= u * ((1 - math.exp(-r)) * np.einsum("tj,tj->t", u, light))[:, None]
    return np.asarray((kept * light + np.sqrt(lost) * rng.standard_normal(u.shape)) / math.sqrt(shots))


def _usual_share(shots: int) -> int:
    """shots^(2/3) for the first step: its share vanishes, and the second order that it leaves falls faster than 1/shots."""
    return min(shots - 1, math.ceil(math.pow(shots, 2 / 3)))


def _displacement_setting(
    problem: DisplacementProblem, text: str, theta: tuple[float, ...], rough_shots: int | None, shots: int
) -> _Displacements:
    rough = _usual_share(shots) if rough_shots is None else rough_shots
    sensors = problem.network.sensors
    gains = problem.task.gains
    lost = [lost_share(m.transmissivity, problem.passes) if m.transmissivity < 1 else 0.0 for m in sensors]
    # Nothing is known of f at first, so all sensors share the light alike.
    own = 1 / displacement_gain(problem.mean_photons / len(sensors))
    variances = [(1 - k) * own + k for k in lost]
    return _Displacements(
        text=text,
        names=problem.sensor_modes,
        theta=theta,
        rough_variances=tuple(v / g**2 / rough for v, g in zip(variances, gains, strict=True)),
        gains=gains,
        lost=tuple(lost),
        r=squeezing_for(problem.mean_photons),
        rough_shots=rough,
        second_shots=shots - rough,
    )


# --- phases --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, kw_only=True)
class _Look:
    """The first step at one sensor: stages of its own, and the shots it would get if all were spent like this."""

    lights: tuple[StageLight, ...]
    fringes: tuple[Fringe, ...]
    schedule: Schedule
    all_shots: Schedule


@dataclass(frozen=True, eq=False, kw_only=True)
class _Phases:
    """Both steps for phases: robust estimation at each sensor with all photons, then N00N-type states along the gradient."""

    text: str
    names: tuple[str, ...]
    theta: tuple[float, ...]
    looks: tuple[_Look, ...]
    transmissivity: tuple[float, ...]
    reference: float
    photons: int
    passes: int
    rough_variances: tuple[float, ...]
    rough_shots: int
    second_shots: int
    note: str = ""

    def plug_in(self) -> _Phases:
        looks = tuple(replace(look, schedule=look.all_shots) for look in self.looks)
        return replace(self, looks=looks, second_shots=0)

    def repeat(self, trials: int, rng: np.random.Generator) -> Errors:
        function = AnalyticFunction.from_text(self.text, len(self.theta), self.names)
        true = np.array(self.theta)
        rough = np.empty((trials, len(true)))
        widths = np.empty_like(rough)
        for j, look in enumerate(self.looks):
            draw = Source(stages=look.lights, trials=trials, rng=rng)
            seen = robust_phase(draw, look.fringes, look.schedule)
            rough[:, j], widths[:, j] = wrapped(seen.phase), seen.half_width
        slope = function.gradient(rough)
        found = np.array(function.value(rough))
        width = np.sqrt((slope**2 * widths**2).sum(axis=1))
        mistaken = np.zeros(trials, dtype=bool)
        if self.second_shots:
            moved, variance, mistaken = self._second_step(slope, true - rough, widths / NORMAL_95, rng)
            found += moved
            width = NORMAL_95 * np.sqrt(variance)
        return _checked(Errors(error=found - function.value(true[None])[0], half_width=width, mistaken=mistaken))

    def _second_step(self, slope: Real, away: Real, spread: Real, rng: np.random.Generator) -> tuple[Real, Real, Real]:
        """Estimates of slope . away, their variances, and whether a phase was beyond its half fringe.

        Each column of the mix is measured at the middle of its fringe, where the rough values put it, in its share of the shots.
        """
        trials = len(slope)
        moved, variance = np.zeros(trials), np.zeros(trials)
        mistaken = np.zeros(trials, dtype=bool)
        left = np.full(trials, self.second_shots)
        mix = column_mix(slope, self.photons)
        for number, (omega, share) in enumerate(zip(mix.columns, mix.shares, strict=True)):
            last = number == len(mix.columns) - 1
            shots = left if last else np.minimum(left, np.rint(self.second_shots * share).astype(np.int64))
            left = left - shots
            phase = self.passes * np.einsum("tj,tj->t", omega, away)
            survival, visibility = self._contrast(omega)
            seen = rng.binomial(shots, survival)
            plus = rng.binomial(seen, np.clip((1 + visibility * np.sin(phase)) / 2, 0.0, 1.0))
            mean = np.divide(2 * plus - seen, seen, out=np.zeros(trials), where=seen > 0)
            sine = np.clip(mean / visibility, -1.0, 1.0)
            weight = share * mix.scale / self.passes
            moved += weight * np.arcsin(sine)
            # (1 - V^2 s^2)/(V^2 (1 - s^2)) of a shot, written so that V = 1 gives one at s = 1 too.
            edge = np.maximum(1 - sine**2, 1e-9)
            counted = (1 + sine**2 * (1 - visibility**2) / edge) / visibility**2 / np.maximum(seen, 1)
            # A column that no shot told of is as uncertain as the first step left it.
            untold = self.passes**2 * np.einsum("tj,tj->t", omega**2, spread**2)
            variance += weight**2 * np.where(seen > 0, counted, untold)
            mistaken |= (np.abs(phase) > np.pi / 2) & (shots > 0)
        return moved, variance, mistaken

    def _contrast(self, omega: Integer) -> tuple[Real, Real]:
        """Survival and visibility of each trial's two branches with the best weights."""
        logs = self.passes * np.log(np.array(self.transmissivity))
        first = np.maximum(omega, 0) @ logs
        second = np.maximum(-omega, 0) @ logs
        second += (self.photons - np.maximum(-omega, 0).sum(axis=1)) * self.passes * math.log(self.reference)
        a, b = np.exp(np.maximum(first, -LARGEST_LOG)), np.exp(np.maximum(second, -LARGEST_LOG))
        w = 1 / (1 + np.exp(np.clip((first - second) / 2, -LARGEST_LOG, LARGEST_LOG)))
        survival = a * w + b * (1 - w)
        return survival, np.maximum(2 * np.sqrt(a * b * w * (1 - w)) / survival, 1e-150)


@dataclass(frozen=True, eq=False, kw_only=True)
class ColumnMix:
    """Columns (K of (T, d) photon numbers) with shares (K of (T,)) so that slope = scale * sum of share*column, exactly."""

    columns: tuple[Integer, ...]
    shares: tuple[Real, ...]
    scale: Real


def column_mix(slope: Real, photons: int) -> ColumnMix:
    """Real coefficients from columns of whole photons: N slope/||slope||_P is a mix of at most 2 d + 1 columns of W.

    With C_j the sums of its entries up to j, floor(C_j + u) - floor(C_(j-1) + u) are whole numbers with the right total for every u
    in [0, 1), and their mean over u is the entry. They change at finitely many u. In turns over the shots the mix has
    ||slope||_P^2/(N t)^2 a shot, as a single column has where it exists. ``scale`` carries the sign of rows that are not oriented.

    >>> mix = column_mix(np.array([[1.5, 1.5], [-1.0, 4.0]]), 3)
    >>> mean = sum(share[:, None] * column for column, share in zip(mix.columns, mix.shares))
    >>> (mix.scale[:, None] * mean).round(12).tolist()
    [[1.5, 1.5], [-1.0, 4.0]]
    """
    heavy = np.maximum(slope, 0).sum(axis=1) >= np.maximum(-slope, 0).sum(axis=1)
    oriented = np.where(heavy[:, None], slope, -slope)
    norm = np.maximum(oriented, 0).sum(axis=1)
    target = np.divide(photons * oriented, norm[:, None], out=np.zeros_like(slope), where=norm[:, None] > 0)
    sums = [np.cumsum(np.maximum(side, 0), axis=1) for side in (target, -target)]
    # Sums that are whole up to rounding are whole: the last one on the positive side is N.
    sums = [np.where(np.abs(c - np.rint(c)) < 1e-9, np.rint(c), c) for c in sums]
    changes = np.sort(np.concatenate([-c % 1.0 for c in sums], axis=1), axis=1)
    rows = len(slope)
    edges = np.concatenate([np.zeros((rows, 1)), changes, np.ones((rows, 1))], axis=1)
    columns, shares = [], []
    for k in range(edges.shape[1] - 1):
        share = edges[:, k + 1] - edges[:, k]
        if not (share > 1e-12).any():
            continue
        u = (edges[:, k + 1] + edges[:, k])[:, None] / 2
        whole = [np.diff(np.floor(c + u), axis=1, prepend=0.0) for c in sums]
        columns.append(np.asarray(whole[0] - whole[1], dtype=np.int64))
        shares.append(share)
    return ColumnMix(columns=tuple(columns), shares=tuple(shares), scale=np.where(heavy, 1.0, -1.0) * norm / photons)


def _phase_setting(
    problem: PhaseProblem, text: str, theta: tuple[float, ...], rough_shots: int | None, shots: int
) -> _Phases:
    d = len(theta)
    lit = []
    for sensor in range(d):
        ladder = one_sensor_stages(problem, sensor, problem.photons)
        lights = tuple(branch_light(stage, theta, "native") for stage in ladder.stages)
        if any(np.hypot(light.cosine, light.sine) < LEAST_CONTRAST for light in lights):
            raise InputError(["next to no light arrives through these losses, so that no phase can be looked at"])
        lit.append((lights, tuple(light.fringe(s.gain) for light, s in zip(lights, ladder.stages, strict=True))))
    least = 2 * max(len(fringes) for _, fringes in lit)
    safe = [_safe_schedule(fringes, shots, d) for _, fringes in lit]
    needed = sum(sum(schedule.shots) for schedule in safe)
    note = ""
    if rough_shots is None and needed <= shots // 2:
        schedules = safe
        # The usual share goes to the gain that tells most, so that what is left of second order does not count.
        spare = min(_usual_share(shots), shots // 2 - needed)
        if spare > 0:
            schedules = [Schedule((*s.shots[:-1], s.shots[-1] + 2 * (spare // (2 * d)))) for s in safe]
    else:
        each = max((min(_usual_share(shots), shots // 2) if rough_shots is None else rough_shots) // d, least)
        if rough_shots is None:
            each = max(each, shots // (2 * d))
        if each * d >= shots:
            need = f"the first step needs {least} shots or more for each of {d} sensors, and some of all {shots} must be left"
            raise InputError([f"{need}; use more shots"])
        schedules = [robust_schedule(fringes, each) for _, fringes in lit]
        if each * d < needed:
            note = (
                f"a first step that makes wrong fringes rare needs about {needed} shots, twice as many in all; here it has "
                f"{each * d}, so look at the share of mistaken fringes"
            )
    looks, variances = [], []
    for (lights, fringes), schedule in zip(lit, schedules, strict=True):
        all_shots = robust_schedule(fringes, max(shots // d, least))
        looks.append(_Look(lights=lights, fringes=fringes, schedule=schedule, all_shots=all_shots))
        last = fringes[-1]
        variances.append(2 / (schedule.shots[-1] * last.survival * last.visibility**2 * last.gain**2))
    rough = sum(sum(schedule.shots) for schedule in schedules)
    return _Phases(
        text=text,
        names=problem.sensor_modes,
        theta=theta,
        looks=tuple(looks),
        transmissivity=problem.transmissivity,
        reference=problem.arm_transmissivity,
        photons=problem.photons,
        passes=problem.passes,
        rough_variances=tuple(variances),
        rough_shots=rough,
        second_shots=shots - rough,
        note=note,
    )


def _safe_schedule(fringes: Sequence[Fringe], shots: int, sensors: int) -> Schedule:
    """Pairs that make a wrong turn in any stage of any sensor cost little beside the second step.

    A wrong turn at gain g is G/g fringes of the largest gain G, so its chance has to be below SAFE/shots (g/G)^2.
    """
    top = fringes[-1].gain
    pairs = []
    for f in fringes:
        chance = SAFE / shots * (f.gain / top) ** 2 / (len(fringes) * sensors)
        pairs.append(math.ceil(-math.log(chance) / FAILURE_RATE / (f.survival * f.visibility**2)))
    return Schedule(tuple(2 * m for m in pairs))
