"""Checks of a whole plan on an engine: the papers' conditions, the light that enters, and engines against closed forms."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from protocols.built.built import Built
from protocols.built.measured import counted_error, homodyne_error
from protocols.conditions import AGREE, Condition
from protocols.problem import AnyProblem, DisplacementProblem, GaussianProblem, PhaseProblem
from protocols.schemes.evaluation import (
    Evaluation,
    bound_of,
    part_information,
    probe_theta,
    seen_by_detectors,
    with_all_modes_sensed,
)
from protocols.schemes.measurements import LARGEST_ERROR
from protocols.schemes.plan import Part, Plan
from protocols.schemes.protocol_checks import check_protocol
from protocols.schemes.readouts import interference_mse, projection_mse, stated_mse
from protocols.theory.displacement import displacement_gain
from protocols.theory.sums import error_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photonics import GaussianState, Loss
    from photonics.conventions import Real
    from photonics.engines.compare import EngineComparison


def plan_checks(
    plan: Plan, problem: AnyProblem, evaluation: Evaluation, engine: str = "native"
) -> tuple[Condition, ...]:
    """Every condition that this plan must meet, each with its witness.

    That the bound of all probes is reached is required where it must be: of columns of W (by check_protocol) and of entangled
    squeezed light without loss. For others the ratio to the bound says how close they come.

    Parameters
    ----------
    plan : Plan
    problem : Problem
    evaluation : Evaluation
        Of this plan.
    engine : str
        Of Gaussian light for phases: whose state of the light is compared with the native one.
    """
    if isinstance(problem, GaussianProblem):
        return _phase_light_conditions(plan, problem, evaluation, engine)
    conditions = [_closed_form(plan, problem, evaluation)]
    if (bound := bound_of(plan, problem)) is not None:
        conditions.append(_respects(problem, evaluation, bound))
    if plan.photon_protocol is not None:
        own = check_protocol(plan.photon_protocol).conditions
        if not problem.is_lossless:
            # They are about the protocol as such; its performance with loss is checked after them.
            own = tuple(dataclasses.replace(condition, name=f"{condition.name}, without loss") for condition in own)
        conditions = [*own, *conditions]
    elif isinstance(problem, PhaseProblem) and plan.mean_photons is not None:
        conditions = [*_coherent_conditions(plan, problem, evaluation), *conditions]
    elif isinstance(problem, PhaseProblem):
        turns = _turn_conditions(plan, problem) if plan.takes_turns else []
        conditions = [
            _photons_spent(plan, problem),
            *turns,
            *conditions,
            *_projection_conditions(plan, problem, evaluation),
        ]
    else:
        conditions = [*_gaussian_conditions(plan, problem, evaluation), *conditions]
    if evaluation.engine != "native":
        conditions.append(_engines_agree(plan, problem, evaluation))
    if plan.reaches_bound and plan.photon_protocol is None and problem.is_lossless:
        conditions.append(_reaches(plan, problem))
    return tuple(conditions)


def built_checks(
    built: Built, problem: AnyProblem, evaluation: Evaluation, detected: Evaluation
) -> tuple[Condition, ...]:
    """That the light as it is built has the error that is told of it, and that losses on the way help nothing.

    Parameters
    ----------
    built : Built
        Whose circuits are not those of its plan.
    problem : Problem
    evaluation : Evaluation
        Of the plan as built, before the detectors.
    detected : Evaluation
        The same behind what detectors of photons miss.
    """
    # At ideal detectors homodyne of the scheme's own light is what "homodyne loses nothing" is about.
    is_known = built.as_built is built.plan and problem.has_ideal_detectors
    if isinstance(problem, GaussianProblem):
        detected = dataclasses.replace(detected, mse=_told_mse(built.as_built, problem))
    elif isinstance(problem, DisplacementProblem) and not is_known:
        detected = dataclasses.replace(detected, mse=homodyne_error(built.as_built, problem))
    own = _closed_form(built.as_built, problem, detected)
    tolerance = rounding_tolerance(problem, evaluation.engine)
    quantum = evaluation.mse
    return (
        dataclasses.replace(own, name=f"{own.name}, as built"),
        Condition(
            name="not below the quantum limit of the light that arrives",
            equation="quantum_mse",
            holds=bool(built.mse >= quantum * (1 - tolerance)),
            witness=f"as measured {built.mse:.10g}, quantum limit {quantum:.10g}",
        ),
        Condition(
            name="not below the same scheme without loss",
            equation="ideal_mse",
            holds=bool(built.mse >= built.ideal_mse * (1 - tolerance)),
            witness=f"as built {built.mse:.10g}, at the modes {built.plan.predicted_mse:.10g}, without loss {built.ideal_mse:.10g}",
        ),
    )


def rounding_tolerance(problem: AnyProblem, engine: str = "native") -> float:
    """Relative difference that rounding may leave: 1e-9, or more where the squeezed variance has few digits beside others.

    The native engine keeps x and p apart, so only the vacuum, 4 nbar times larger, takes digits. Strawberry Fields mixes
    them, and the stretched quadrature is (4 nbar)^2 times larger.

    Parameters
    ----------
    problem : Problem
    engine : str
    """
    if isinstance(problem, PhaseProblem):
        return AGREE
    if isinstance(problem, GaussianProblem):
        # Beside coherent light the best squeezed photons are some sqrt(nbar)/2; alone they are all.
        squeezed = min(problem.limits.most_photons, problem.mean_photons, 1e5)
        # Of very little light the covariance has hardly more than the vacuum's digits.
        faint = min(problem.mean_photons / len(problem.sites), *problem.light_caps)
        return max(AGREE, 1e-15 * (4 * squeezed) ** 2, 1e-15 / max(faint, 1e-300))
    larger = 4 * problem.mean_photons
    return max(AGREE, 1e-14 * larger if engine == "native" else 1e-15 * larger**2)


COUNTED = 1e-5
"""Relative difference that the ends of tables of counts may leave: of what lies beyond them 1e-9 of all shots is left out."""


def _closed_form(plan: Plan, problem: AnyProblem, evaluation: Evaluation) -> Condition:
    tolerance = _tolerance(plan, problem, evaluation.engine)
    same = evaluation.mse == plan.predicted_mse
    holds = same or abs(evaluation.mse - plan.predicted_mse) < tolerance * plan.predicted_mse
    witness = f"{evaluation.engine} engine {evaluation.mse:.12g}, closed form {plan.predicted_mse:.12g}"
    if not holds and _is_lost_in_rounding(plan, problem, evaluation):
        holds = True
        witness += "; so little information is lost in the rounding of the other entries of the Fisher matrix, and not compared"
    return Condition(
        name="simulation agrees with the closed form", equation=plan.formula, holds=bool(holds), witness=witness
    )


def _is_lost_in_rounding(plan: Plan, problem: AnyProblem, evaluation: Evaluation) -> bool:
    """Whether an engine calls the error infinite because its Fisher matrix, of entries of 16 digits, cannot hold so little."""
    if math.isfinite(evaluation.mse) or len(evaluation.informations) != 1 or not math.isfinite(plan.predicted_mse):
        return False
    from photonics.fisher.functions import largest_error_told

    (information,), alpha = evaluation.informations, [float(a) for a in problem.function.alpha]
    return len(information) == len(alpha) and largest_error_told(information, alpha) < plan.predicted_mse


def _tolerance(plan: Plan, problem: AnyProblem, engine: str) -> float:
    """Of rounding, or of the ends of tables where photons are counted."""
    from photonics import PhotonCounting

    is_counted = any(isinstance(part.measurement, PhotonCounting) for part in plan.parts)
    return COUNTED if is_counted else rounding_tolerance(problem, engine)


def _bound_equation(problem: AnyProblem) -> str:
    if isinstance(problem, GaussianProblem):
        return "||alpha||_1^2/(8 nbar (nbar + 1) t^2)"
    return "(12)" if isinstance(problem, PhaseProblem) else "(15), exact at this nbar"


def _respects(problem: AnyProblem, evaluation: Evaluation, bound: float) -> Condition:
    probes = "pure Gaussian light" if isinstance(problem, GaussianProblem) else "all probes"
    return Condition(
        name=f"not below the bound of {probes}",
        equation=_bound_equation(problem),
        holds=bool(evaluation.mse >= bound * (1 - rounding_tolerance(problem, evaluation.engine))),
        witness=f"simulated MSE {evaluation.mse:.10g}, bound {bound:.10g}"
        + ("" if problem.is_lossless else " (of a lossless network)"),
    )


def _reaches(plan: Plan, problem: AnyProblem) -> Condition:
    bound = problem.bound
    excess = plan.predicted_mse / bound - 1
    return Condition(
        name="reaches the bound of all probes",
        equation=_bound_equation(problem),
        holds=abs(excess) < AGREE,
        witness=f"MSE {plan.predicted_mse:.10g} and the bound differ by {abs(excess):.1e} of it",
    )


def _photons_spent(plan: Plan, problem: PhaseProblem) -> Condition:
    """N in every shot: of all parts together, or of each where they take turns; fewer only where losses make more a burden."""
    spent = [part.photons for part in plan.parts] if plan.takes_turns else [sum(part.photons for part in plan.parts)]
    low, high = min(spent), max(spent)
    each = " in each turn" if plan.takes_turns else ""
    return Condition(
        name="photons spent",
        equation="N",
        holds=high <= problem.photons and (low == problem.photons or not problem.is_lossless),
        witness=f"{low if low == high else f'{low} to {high}'} of {problem.photons} photons{each}",
    )


def _turn_conditions(plan: Plan, problem: PhaseProblem | GaussianProblem) -> list[Condition]:
    """The shares make up all shots, and what the parts estimate adds up to q."""
    total = math.fsum(part.share for part in plan.parts)
    return [
        Condition(
            name="shares of the shots",
            equation="sum of shares = 1",
            holds=abs(total - 1) < AGREE and all(part.share > 0 for part in plan.parts),
            witness=f"{len(plan.parts)} shares, sum {total:.12g}",
        ),
        _adds_up(plan, problem, "sum of c_k (theta_i - theta_k) = alpha . theta"),
    ]


def _adds_up(plan: Plan, problem: AnyProblem, equation: str) -> Condition:
    """What the parts estimate adds up to q."""
    sums = [0.0] * len(problem.alpha)
    for part in plan.parts:
        for sensor, coefficient in zip(part.sensors, part.coefficients_of(problem.alpha), strict=True):
            sums[sensor] += coefficient
    apart = max(abs(found - wanted) for found, wanted in zip(sums, problem.alpha, strict=True))
    return Condition(
        name="turns add up to q",
        equation=equation,
        holds=apart < AGREE * max(map(abs, problem.alpha)),
        witness=f"coefficients and alpha differ by {apart:.1e}",
    )


def _projection_conditions(plan: Plan, problem: PhaseProblem, evaluation: Evaluation) -> list[Condition]:
    """That projecting on superpositions of the strings loses nothing; none for other light, and where nothing arrives."""
    if not evaluation.mse < LARGEST_ERROR:
        return []
    parts = [
        (
            part,
            projection_mse(
                dataclasses.replace(part, circuit=seen_by_detectors(part.circuit, problem)),
                theta,
                part.coefficients_of(problem.alpha),
            ),
        )
        for part, theta in zip(plan.parts, probe_theta(plan), strict=True)
    ]
    errors = [error / part.share for part, error in parts if error is not None]
    if len(errors) < len(parts):
        return []
    total = error_sum(errors)
    return [
        Condition(
            name="projection on the strings loses nothing",
            equation="classical = quantum Fisher information",
            holds=abs(total - evaluation.mse) <= AGREE * evaluation.mse,
            witness=f"error of the projection {total:.12g}, quantum limit {evaluation.mse:.12g}",
        )
    ]


def _engines_agree(plan: Plan, problem: AnyProblem, evaluation: Evaluation) -> Condition:
    from photonics.engines.compare import compare_engines

    if plan.common_phase_unknown:
        compared = [
            _with_common_phase(plan, part, theta, evaluation.engine, fisher)
            for part, theta, fisher in zip(plan.parts, probe_theta(plan), evaluation.informations, strict=True)
        ]
    else:
        compared = [
            compare_engines(part.circuit, theta, "native", evaluation.engine, second_fisher=fisher)
            for part, theta, fisher in zip(plan.parts, probe_theta(plan), evaluation.informations, strict=True)
        ]
    worst = max(compared, key=lambda c: c.largest)
    return Condition(
        name="engines agree",
        equation="native and " + evaluation.engine,
        holds=worst.largest < rounding_tolerance(problem, evaluation.engine),
        witness=f"largest differences: state {worst.state:.1e}, probabilities {worst.probabilities:.1e}, "
        f"mean photons {worst.photon_number:.1e}, Fisher matrix {worst.fisher:.1e} of its largest entry",
    )


def _with_common_phase(plan: Plan, part: Part, theta: Sequence[float], engine: str, fisher: Real) -> EngineComparison:
    """The light as it is, and the information that is left where its common phase is unknown."""
    from photonics.engines.compare import compare_engines

    alike = compare_engines(*with_all_modes_sensed(part.circuit, theta), "native", engine)
    ours = part_information(plan, part, theta)
    apart = float(abs(ours - fisher).max(initial=0.0)) / max(1e-12, float(abs(ours).max(initial=0.0)))
    return dataclasses.replace(alike, fisher=max(alike.fisher, apart))


# --- Gaussian light ------------------------------------------------------------------------------------------


def _gaussian_conditions(plan: Plan, problem: DisplacementProblem, evaluation: Evaluation) -> list[Condition]:
    conditions = [_mean_photons_spent(plan, problem.mean_photons, "nbar")]
    if plan.takes_turns:
        conditions += _shared_readings(plan, problem)
    conditions.append(_homodyne_condition(plan, problem, evaluation))
    if plan.reaches_bound:
        conditions += [_column_condition(_probe_state(plan, 0), problem)]
        if problem.is_lossless:
            conditions += [_fisher_condition(problem, evaluation)]
    return conditions


def _phase_light_conditions(
    plan: Plan, problem: GaussianProblem, evaluation: Evaluation, engine: str
) -> tuple[Condition, ...]:
    """Photons, turns, the bound on Gaussian light, and the closed form against the moments of the outcomes."""
    is_known = bool(plan.interference) or all(part.measurement is not None for part in plan.parts)
    recorded = dataclasses.replace(evaluation, mse=_recorded_mse(plan, problem))
    turns = _turn_conditions(plan, problem) if plan.takes_turns else []
    agrees = [_same_light(plan, engine)] if engine != "native" else []
    return (
        _photons_prepared(plan, problem.mean_photons),
        *turns,
        # Counts of much light are too many for a table of all of them.
        *(
            [_closed_form(plan, problem, dataclasses.replace(evaluation, mse=_told_mse(plan, problem)))]
            if is_known
            else []
        ),
        Condition(
            name="not below the quantum limit of the light",
            equation="classical <= quantum Fisher information",
            holds=bool(recorded.mse >= evaluation.mse * (1 - _tolerance(plan, problem, evaluation.engine))),
            witness=f"as measured {recorded.mse:.10g}, quantum limit {evaluation.mse:.10g}",
        ),
        _respects(problem, evaluation, problem.bound),
        *agrees,
    )


def _photons_prepared(plan: Plan, budget: float) -> Condition:
    """As squeezers and lasers make them, in front of all losses; in a shot on average over turns."""
    from photonics import Displace, Squeeze

    photons = math.fsum(
        part.share * (math.sinh(op.r) ** 2 if isinstance(op, Squeeze) else (op.x**2 + op.p**2) / 4)
        for part in plan.parts
        for op in part.circuit.operations
        if isinstance(op, Squeeze | Displace)
    )
    wanted = budget if plan.mean_photons is None else plan.mean_photons
    return Condition(
        name="mean photons spent",
        equation="nbar",
        holds=abs(photons - wanted) < AGREE * max(1.0, photons) and wanted <= budget * (1 + AGREE),
        witness=f"{photons:.12g} of {budget:.12g}",
    )


def _same_light(plan: Plan, engine: str) -> Condition:
    """Means and covariances of the light, which all errors follow from; lossy Fisher matrices are the native engine's alone."""
    from photonics import GaussianState, get_engine

    runner, worst = get_engine(engine), 0.0
    for part, theta in zip(plan.parts, probe_theta(plan), strict=True):
        runner.check_size(part.circuit)
        ours, theirs = get_engine("native").run(part.circuit, theta), runner.run(part.circuit, theta)
        assert isinstance(ours, GaussianState)
        assert isinstance(theirs, GaussianState)
        for first, second in ((ours.mean, theirs.mean), (ours.covariance, theirs.covariance)):
            worst = max(worst, float(abs(first - second).max() / max(1.0, abs(first).max())))
    return Condition(
        name="engines agree on the light",
        equation="native and " + engine,
        holds=worst < AGREE,
        witness=f"means and covariances differ by {worst:.1e} of the largest",
    )


def _recorded_mse(plan: Plan, problem: GaussianProblem) -> float:
    """From the moments of what each part is measured by, or the counts of beams that meet."""
    if plan.interference:
        return counted_error(plan, problem)
    if any(part.measurement is None for part in plan.parts):
        return plan.predicted_mse
    return error_sum(stated_mse(part, part.coefficients_of(problem.alpha)) / part.share for part in plan.parts)


def _told_mse(plan: Plan, problem: GaussianProblem) -> float:
    """As ``_recorded_mse`` of what the closed form tells: of beams that meet it has losses, and no other noise of detectors."""
    if not plan.interference or not problem.has_noisy_detectors:
        return _recorded_mse(plan, problem)
    quiet = problem.network.with_laboratory(visibility=1.0, dark_counts=0.0, electronic_noise=0.0, phase_jitter_rad=0.0)
    return counted_error(plan, GaussianProblem(network=quiet))


def _mean_photons_spent(plan: Plan, budget: float, equation: str) -> Condition:
    """In a shot on average over turns; all of them, or what the plan says that it prepares, in front of all losses."""
    from photonics import Loss

    photons = math.fsum(
        part.share * float(_probe_state(plan, k, Loss).photon_number().sum())
        for k, part in enumerate(plan.parts)
        if part.has_light
    )
    wanted = budget if plan.mean_photons is None else plan.mean_photons
    return Condition(
        name="mean photons spent",
        equation=equation,
        holds=abs(photons - wanted) < AGREE * max(1.0, photons) and wanted <= budget * (1 + AGREE),
        witness=f"{photons:.12g} of {budget:.12g}",
    )


def _shared_readings(plan: Plan, problem: DisplacementProblem) -> list[Condition]:
    """One part with light at a time; every sensor read in every shot; and what the parts estimate adds up to q."""
    lit = math.fsum(part.share for part in plan.parts if part.has_light)
    read = [0.0] * len(problem.alpha)
    for part in plan.parts:
        for sensor in part.sensors:
            read[sensor] += part.share
    used = [total for total, a in zip(read, problem.alpha, strict=True) if a]
    return [
        Condition(
            name="shares of the shots",
            equation="one part with light at a time, every sensor read in every shot",
            holds=abs(lit - 1) < AGREE and all(abs(total - 1) < AGREE for total in used),
            witness=f"shares with light, sum {lit:.12g}; of one sensor {min(used):.12g} to {max(used):.12g}",
        ),
        _adds_up(plan, problem, "sum of c_k theta_k = alpha . theta"),
    ]


def _coherent_conditions(plan: Plan, problem: PhaseProblem, evaluation: Evaluation) -> list[Condition]:
    """The photons on average, and that counting behind the beam splitters keeps all information."""
    counted = math.fsum(
        interference_mse(
            plan.interference,
            dataclasses.replace(part, circuit=seen_by_detectors(part.circuit, problem)),
            theta,
            part.coefficients_of(problem.alpha),
        )
        for part, theta in zip(plan.parts, probe_theta(plan), strict=True)
    )
    same = counted == evaluation.mse
    return [
        _mean_photons_spent(plan, float(problem.photons), "N, on average"),
        Condition(
            name="counting behind the beam splitters loses nothing",
            equation="classical = quantum Fisher information",
            holds=same or abs(counted - evaluation.mse) <= AGREE * evaluation.mse,
            witness=f"error of the counts {counted:.12g}, quantum limit {evaluation.mse:.12g}",
        ),
    ]


def _probe_state(plan: Plan, part: int, *before: type[Loss]) -> GaussianState:
    """The state that enters the first pass of one part, or the first of these operations in front of it."""
    from photonics import Circuit, GaussianState, Sense, get_engine

    circuit = plan.parts[part].circuit
    first = next(k for k, op in enumerate(circuit.operations) if isinstance(op, (Sense, *before)))
    state = get_engine("native").run(Circuit(modes=circuit.modes, operations=circuit.operations[:first]), [])
    assert isinstance(state, GaussianState)
    return state


def _column_condition(state: GaussianState, problem: DisplacementProblem) -> Condition:
    """V_xx = I + (e^{-2r} - 1) u u^T: the array's first column is u, along alpha, weighed by what arrives of each mode."""
    import numpy as np

    z = np.array(problem.task.weights)
    u = z / np.linalg.norm(z)
    along = (
        "alpha"
        if problem.passes == 1 or len(set(problem.transmissivity)) == 1
        else "z (docs/theory/theory.md, section 6)"
    )
    count = len(z)
    squeezed = 1 / displacement_gain(problem.mean_photons)
    expected = np.eye(count) + (squeezed - 1) * np.outer(u, u)
    apart = float(np.abs(state.covariance[:count, :count] - expected).max())
    return Condition(
        name="light follows alpha",
        equation="Sec. IV A",
        holds=apart < AGREE,
        witness=f"V_xx and I + (e^(-2r) - 1) u u^T, u along {along}, differ by {apart:.1e}",
    )


def _fisher_condition(problem: DisplacementProblem, evaluation: Evaluation) -> Condition:
    """F alpha = t^2 f(nbar) alpha exactly, (22); (25) and (35), printed with "~", have 4 nbar for f(nbar), its leading term."""
    import numpy as np

    alpha = np.array(problem.alpha)
    information = evaluation.informations[0]
    t, gain = problem.passes, displacement_gain(problem.mean_photons)
    exact = float(np.linalg.norm(information @ alpha - t**2 * gain * alpha) / (t**2 * gain * np.linalg.norm(alpha)))
    leading = 4 * problem.mean_photons
    limit = t**2 * leading * np.outer(alpha, alpha) / (alpha @ alpha)
    residual = float(np.linalg.norm(information - limit) / np.linalg.norm(limit))
    return Condition(
        name="Fisher matrix",
        equation="(22), (25), (35)",
        holds=exact < rounding_tolerance(problem, evaluation.engine),
        witness=f"F alpha = t^2 f(nbar) alpha to {exact:.1e}; the leading form with 4 nbar, printed with ~, differs by "
        f"{abs(gain / leading - 1):.3g} in (25) and by {residual:.3g} in (35) at this nbar",
    )


def _homodyne_condition(plan: Plan, problem: DisplacementProblem, evaluation: Evaluation) -> Condition:
    """Mean squared error of the linear estimator on x homodyne, from the output moments, against the quantum limit."""
    import numpy as np

    from photonics import nuisance_aware_information
    from photonics.engines.native_gaussian import run_moments
    from photonics.fisher import gaussian_classical_fisher

    mse = []
    for part, theta in zip(plan.parts, probe_theta(plan), strict=True):
        moments = run_moments(part.circuit, theta)
        count = len(part.circuit.modes)
        information = gaussian_classical_fisher(moments.covariance[:count, :count], moments.mean_derivatives[:count])
        alpha = np.array(part.coefficients_of(problem.alpha))
        mse.append(nuisance_aware_information(information, alpha).mse / part.share)
    total = error_sum(mse)
    return Condition(
        name="homodyne loses nothing",
        equation="Sec. IV A",
        holds=abs(total - evaluation.mse) <= rounding_tolerance(problem, evaluation.engine) * evaluation.mse,
        witness=f"linear estimator from homodyne {total:.12g}, quantum limit {evaluation.mse:.12g}",
    )
