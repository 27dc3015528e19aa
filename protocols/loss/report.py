"""Performance with loss: every scheme beside the shot noise and the bounds, the best probes, and their measurements."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from networks import InputError, SensorNetwork
from networks.values import Value
from protocols.built.build import build
from protocols.built.built import Built
from protocols.built.gaussian import light_error
from protocols.documents.printed import Entry
from protocols.documents.result import Result
from protocols.loss.crossing import (
    NO_CROSSING,
    Crossing,
    Overtaking,
    crossing,
    crossing_as_built,
    curve_as_built,
    overtakings,
)
from protocols.loss.mixes import BestMix, best_mix
from protocols.loss.of_modes import is_of_modes_alone, left_out
from protocols.loss.optimum import Optimum, best_states
from protocols.problem import AnyProblem, DisplacementProblem, GaussianProblem, PhaseProblem, Problem, require_simulable
from protocols.schemes.coherent_gaussian import CoherentGaussian
from protocols.schemes.measurements import LARGEST_ERROR, MeasuredShare, measured_shares
from protocols.schemes.photon import require_simulated_photons
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.readouts import MAX_COUNTED
from protocols.schemes.registry import choose_schemes
from protocols.schemes.scheme import AnyScheme, error_of, plan_of
from protocols.schemes.separable_phase import own_arms_notes
from protocols.theory.equal_errors import ranked, same_error
from protocols.theory.least import least_whole_number
from protocols.theory.task import PhaseTask

AT_MODES = "light made at the modes"
NO_FORM = "no closed form, so no crossing with the shot noise is sought"
NOTHING_ARRIVES = "nothing arrives: the transmission is below numerical precision"


@dataclass(frozen=True, slots=True, kw_only=True)
class LossRow(Value):
    """One scheme in the lossy network.

    Attributes
    ----------
    scheme : str
    mse : float
        Mean squared error of q in one shot; infinite where it cannot be estimated. As built and measured for schemes; best-mix,
        best-states and noon-equal-weights have the losses of the modes and what detectors miss alone.
    over_shot_noise : float
        The same over the shot noise of the network; below 1 is better.
    crosses_at : float or None
        In (0, 1): the common factor on the transmissivities of all modes at which it equals the shot noise as built, when it is
        below it now. None where only the losses of modes are known and more counts.
    needs_share : float or None
        In (0, 1): the share of the losses, in dB, that may remain for it to come below, when it is above; of links, too.
    note : str
    """

    scheme: str
    mse: float
    over_shot_noise: float
    crosses_at: float | None
    needs_share: float | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LossReport(Value, Result):
    """The result of ``loss_report``; errors are mean squared errors of q in one shot.

    Attributes
    ----------
    network : SensorNetwork
    shot_noise : float
        Of the best classical light with the same losses, made at each sensor; for phases, with the reference counted among its
        photons, and for displacements with the detectors of the network.
    lossless_bound : float
        Of all probes, without loss.
    loss_bound : float or None
        Of all probes with these losses, where one is known (docs/theory/theory.md, section 7).
    rows : tuple of LossRow
        Least error first.
    mix : BestMix or None
    optimum : Optimum or None
        Where they were sought; the notes say why not.
    best_photons : int or None
        Optimal photon number of two branches; beyond it these losses increase the error. None without loss, and where more than the
        losses of modes counts: schemes then send as many as are best as built.
    measurements : tuple of MeasuredShare
    notes : tuple of str
    free_reference_shot_noise : float or None
        For phases: of coherent light at the sensors, with a strong phase reference at each that is not counted.
    overtaken : tuple of Overtaking
        Which scheme becomes the best as all modes lose more, as built; schemes alone, without best-mix and the like.
    """

    DOCUMENT = (
        "network",
        "shot_noise",
        "free_reference_shot_noise",
        "lossless_bound",
        "loss_bound",
        Entry("schemes", of="rows"),
        Entry("best_mix", of="mix"),
        Entry("best_states", of="optimum"),
        "best_photons",
        "overtaken",
        "measurements",
        "notes",
    )

    network: SensorNetwork
    shot_noise: float
    lossless_bound: float
    loss_bound: float | None
    rows: tuple[LossRow, ...]
    mix: BestMix | None
    optimum: Optimum | None
    best_photons: int | None
    measurements: tuple[MeasuredShare, ...]
    notes: tuple[str, ...]
    free_reference_shot_noise: float | None = None
    overtaken: tuple[Overtaking, ...] = ()

    @property
    def needs_reference(self) -> bool:
        """Whether light of the shot noise is read out against a reference whose photons count."""
        problem = Problem.of(self.network)
        return isinstance(problem, PhaseProblem) and not _is_balanced(problem)


def loss_report(
    network: SensorNetwork | AnyProblem,
    *,
    schemes: Sequence[str | AnyScheme] | None = None,
    progress: Callable[[str], None] | None = None,
) -> LossReport:
    """Compare every scheme with the shot noise of the network, and find the best probes under its losses.

    Where links lose light, or the laboratory is limited or noisy, schemes and their measurements are as built: light along the
    links, with all losses, limits and detectors, and as many of the N photons as are best; elsewhere all N are sent. So are the
    crossings with the shot noise, which is for light made at the modes. The best mix of
    disjoint two-branch probes and the best states of all are limits for light that is made at the modes; they are sought where the
    numbers are small enough, and a note says so where they are not.

    Parameters
    ----------
    network : SensorNetwork or Problem
    schemes : sequence of str or Scheme, optional
        Names, or schemes of your own; all registered ones when left out.
    progress : callable, optional
        Called with a few words before each longer step.

    Raises
    ------
    InputError
        For schemes that are not known or sense something else.

    Examples
    --------
    >>> network = SensorNetwork.star([1, 1], sensing="phase", photons=2, transmissivity=0.9)
    >>> report = loss_report(network)
    >>> [row.scheme for row in report.rows if row.over_shot_noise < 1]
    ['noon', 'pairs-in-turn', 'multimode-noon', 'noon-in-turn', 'best-mix', 'best-states', 'noon-equal-weights']
    """
    report = progress or (lambda _: None)
    problem = Problem.of(network)
    chosen = choose_schemes(problem.kind, schemes)
    found = _scheme_rows(problem, chosen, report)
    rows, notes = found.rows, found.notes
    sought = _best_probes(problem, report) if isinstance(problem, PhaseProblem) else _Sought()
    rows += sought.rows
    report("which scheme is the best as modes lose more")
    overtaken = overtakings(found.curves, problem.passes)
    report("classical over quantum Fisher information")
    measurements: tuple[MeasuredShare, ...] = ()
    try:
        require_simulable(problem.passes, len(problem.names))
        measurements = measured_shares(problem, schemes, as_built=found.plans or None)
        notes += _unknown_shares(measurements)
    except InputError as error:
        notes.append(f"measurements not simulated: {error}")
    return LossReport(
        network=problem.network,
        shot_noise=_shot_noise(problem),
        free_reference_shot_noise=problem.task.free_reference_shot_noise,
        lossless_bound=problem.bound,
        loss_bound=problem.task.loss_bound,
        # Errors that differ by rounding only stay in the order of the list.
        rows=tuple(ranked(rows, error=lambda row: row.mse, effort=lambda row: 0)),
        mix=sought.mix,
        optimum=sought.optimum,
        best_photons=sought.best_photons,
        measurements=measurements,
        notes=(*_what_counts(problem), *notes, *sought.notes, *_notes(problem, rows)),
        overtaken=overtaken,
    )


def _shot_noise(problem: AnyProblem) -> float:
    """Of light made at each sensor; homodyne detectors are those of the network."""
    if isinstance(problem, DisplacementProblem) and problem.has_laboratory:
        return problem.readout.vacuum_mse
    if isinstance(problem, GaussianProblem):
        found = light_error(CoherentGaussian(), problem, sources=None, squeezers=None)
        return math.inf if found is None else found[1]
    return problem.task.shot_noise


@dataclass(frozen=True, slots=True, kw_only=True)
class _SchemeRows:
    """What was found of the schemes.

    Attributes
    ----------
    rows : list of LossRow
    notes : list of str
        Which do not apply, and why.
    plans : dict of Plan
        As they are built.
    curves : dict of functions
        Errors against a factor on the transmissivities of all modes.
    """

    rows: list[LossRow]
    notes: list[str]
    plans: dict[str, Plan]
    curves: dict[str, Callable[[float], float]]


def _scheme_rows(problem: AnyProblem, schemes: Sequence[AnyScheme], report: Callable[[str], None]) -> _SchemeRows:
    """A row for each scheme that applies, and a note for each that does not."""
    rows, notes, plans = [], [], {}
    curves: dict[str, Callable[[float], float]] = {}
    whole = isinstance(problem, GaussianProblem) or not is_of_modes_alone(problem)
    can_build = whole and is_simulable(problem)
    # Measured by detectors that miss something, but all N photons, as the closed forms.
    is_measured = not can_build and not problem.has_ideal_detectors and is_simulable(problem)
    for scheme in schemes:
        report(scheme.name)
        reason = scheme.why_not(problem)
        made = build(scheme, problem) if can_build and reason is None else None
        if isinstance(made, Unavailable):
            reason = made.reason
        if reason is not None:
            notes.append(f"{scheme.name} is not applicable: {reason}")
            continue
        closed = error_of(scheme, problem.task)
        if isinstance(made, Built):
            plans[scheme.name] = made.as_built
            curves[scheme.name] = curve_as_built(scheme, problem, made)
            where = NO_CROSSING
            if isinstance(problem, PhaseProblem):
                report(f"{scheme.name}: where it equals the shot noise")
                where = crossing_as_built(scheme, problem, made)
            # A closed form with the same error has the same notes as everywhere.
            same = closed is not None and same_error(closed, made.mse)
            note = scheme.note(problem.task) if same else _built_note(made)
            rows.append(_row(problem, scheme.name, made.mse, note, where))
            continue
        if is_measured and isinstance(own := plan_of(scheme, problem), Plan):
            plans[scheme.name] = own
        if closed is None:
            plan = plan_of(scheme, problem)
            if isinstance(plan, Unavailable):
                notes.append(f"{scheme.name} is not applicable: {plan.reason}")
                continue
            rows.append(_row(problem, scheme.name, plan.predicted_mse, NO_FORM))
            continue
        curves[scheme.name] = partial(_closed_error, scheme, problem)
        # Squeezed light is below vacuum noise at any transmissivity.
        where = crossing(partial(error_of, scheme), problem.task) if isinstance(problem, PhaseProblem) else NO_CROSSING
        rows.append(_row(problem, scheme.name, closed, scheme.note(problem.task), where))
    if isinstance(problem, PhaseProblem) and problem.divisibility.holds:
        where = crossing(lambda task: task.equal_weights_mse, problem.task)
        if not is_of_modes_alone(problem):
            rows.append(_row(problem, "noon-equal-weights", problem.task.equal_weights_mse, AT_MODES))
        else:
            rows.append(_row(problem, "noon-equal-weights", problem.task.equal_weights_mse, where=where))
    return _SchemeRows(rows=rows, notes=notes, plans=plans, curves=curves)


def _unknown_shares(measurements: Sequence[MeasuredShare]) -> list[str]:
    """Which measurements have no number, and what it may be due to."""
    names = [f"{row.scheme} ({row.measurement})" for row in measurements if math.isnan(row.share)]
    if not names:
        return []
    return [
        "measurements without a number (nan): so little light arrives that what they tell of q is below the rounding of "
        f"probabilities, or there are too many photons to count: {'; '.join(names)}"
    ]


def _closed_error(scheme: AnyScheme, problem: AnyProblem, factor: float) -> float:
    """With a factor on the transmissivities of all modes; infinite where nothing is left of one within floating point."""
    task = problem.task
    if not min((*task.transmissivity, 1.0 if task.reference is None else task.reference)) * factor:
        return math.inf
    error = error_of(scheme, task.thinned(factor))
    return math.inf if error is None else error


def is_simulable(problem: AnyProblem) -> bool:
    """Whether circuits of so many passes, modes and photons are made.

    Parameters
    ----------
    problem : Problem
    """
    try:
        require_simulable(problem.passes, len(problem.names))
        if isinstance(problem, PhaseProblem):
            require_simulated_photons(problem.photons, problem.passes)
    except InputError:
        return False
    return True


def _built_note(built: Built) -> str:
    """Where the light is made, and what the plan says."""
    places = None if built.starts_at is None else tuple(dict.fromkeys(built.starts_at))
    where = "at its sensors" if places is None else f"at {', '.join(places[:8])}" if places else "nowhere"
    more = ", ..." if places is not None and len(places) > 8 else ""
    return "; ".join((f"light made {where}{more}", *built.as_built.notes))


def _what_counts(problem: AnyProblem) -> list[str]:
    """Which losses and noise are in which numbers; nothing where the losses of modes are all."""
    if not (missing := left_out(problem)):
        return []
    if not is_simulable(problem):
        return [
            f"so many passes or photons are not built: all errors are for light made at the modes, without {missing}"
        ]
    notes = [
        "schemes and their measurements are as built: with all losses, limits and detectors of the file; measurements that are not "
        "worked out with these detectors are left out"
    ]
    if isinstance(problem, PhaseProblem):
        return [
            *notes,
            "shot noise, bounds, best-mix, best-states and noon-equal-weights are for light made at the modes, with their losses "
            f"and what detectors miss: limits to compare with, without {missing}",
            "where schemes equal that shot noise they are built with the losses there; a share of the losses that may remain is of "
            "links, too; the optimal photon number, worked out with the losses of modes alone, is not given here",
        ]
    if isinstance(problem, GaussianProblem):
        return [*notes, "shot noise is coherent as built, by the same detectors; the bound is without loss"]
    return [*notes, "shot noise is of vacuum by the same detectors; the bound is without loss"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sought:
    """The best probes under loss, as far as they were sought."""

    rows: tuple[LossRow, ...] = ()
    mix: BestMix | None = None
    optimum: Optimum | None = None
    best_photons: int | None = None
    notes: tuple[str, ...] = ()


def _best_probes(problem: PhaseProblem, report: Callable[[str], None]) -> _Sought:
    task, need = problem.task, problem.divisibility
    rows, notes = [], []
    mix = optimum = None
    try:
        report("the best mix of disjoint branches")
        mix = best_mix(task, progress=report)
        note = "" if is_of_modes_alone(problem) else f"{AT_MODES}; "
        note += "one probe" if len(mix.probes) == 1 else f"{len(mix.probes)} probes in turn over the shots"
        if not mix.is_complete:
            note += (
                f"; within {100 * (mix.mse / mix.lower_bound - 1):.2g} % of the best such mix, where the search stopped"
            )
        rows.append(_row(problem, "best-mix", mix.mse, note))
    except InputError as error:
        notes.append(f"best mix of disjoint branches not sought: {error}")
    if problem.passes > 1:
        notes.append("best states not sought: that is for a single pass")
    else:
        try:
            report("the best states")
            optimum = best_states(task)
            note = "" if is_of_modes_alone(problem) else f"{AT_MODES}; "
            note += f"proved to be at least {optimum.lower_bound:.6g}"
            rows.append(_row(problem, "best-states", optimum.mse, note))
        except InputError as error:
            notes.append(f"best states not sought: {error}")
    return _Sought(
        rows=tuple(rows),
        mix=mix,
        optimum=optimum,
        best_photons=(
            most_useful_photons(task, need.least_photons)
            if need.holds and need.least_photons and is_of_modes_alone(problem)
            else None
        ),
        notes=tuple(notes),
    )


def most_useful_photons(task: PhaseTask, step: int) -> int | None:
    """The N at which two branches reach the lowest error.

    The error is convex in N on a logarithmic scale (a power law times sums of exponentials), so a bisection finds it.

    Parameters
    ----------
    task : PhaseTask
    step : int >= 1
        N is a multiple of it.

    Returns
    -------
    int or None
        None without loss: more photons are always better.

    Examples
    --------
    >>> from networks import LinearFunction
    >>> task = PhaseTask(function=LinearFunction([1, -1]), transmissivity=(0.5, 0.5), photons=1)
    >>> most_useful_photons(task, 1)
    3
    """

    if math.isclose(task.with_photons(step).contrast, 1.0, rel_tol=0, abs_tol=1e-15):
        return None
    return step * least_whole_number(lambda multiple: task.with_photons(step * multiple).two_branch_mse)


def most_useful_passes(task: PhaseTask) -> int:
    """After how many of the M passes the shot noise is least, when the light may be taken out early.

    Like the error over N it is convex on a logarithmic scale.

    Parameters
    ----------
    task : PhaseTask

    Examples
    --------
    0.5^(-m/2)/m is 1.414, 1, 0.943, 1 for 1 to 4 passes:

    >>> from networks import LinearFunction
    >>> task = PhaseTask(function=LinearFunction([1, -1]), transmissivity=(0.5, 0.5), photons=1, passes=10)
    >>> most_useful_passes(task)
    3
    """
    return least_whole_number(lambda passes: replace(task, passes=passes).shot_noise, most=task.passes)


def _row(
    problem: AnyProblem,
    scheme: str,
    mse: float,
    note: str = "",
    where: Crossing = NO_CROSSING,
) -> LossRow:
    if mse > LARGEST_ERROR and not problem.is_ideal:
        note = f"{note}; {NOTHING_ARRIVES}" if note else NOTHING_ARRIVES
    return LossRow(
        scheme=scheme,
        mse=mse,
        over_shot_noise=mse / _shot_noise(problem),
        crosses_at=where.crosses_at,
        needs_share=where.needs_share,
        note=note,
    )


def _notes(problem: AnyProblem, rows: Sequence[LossRow]) -> list[str]:
    notes = []
    if isinstance(problem, PhaseProblem):
        task, passes = problem.task, problem.passes
        kept = "" if passes == 1 else f", each kept in its modes for all {passes} passes"
        notes.append(
            f"shot noise: the best N separate photons{kept}, or coherent light of N photons on average, with the same losses; "
            + _reference_words(problem)
        )
        if not math.isfinite(task.shot_noise):
            notes.append("shot noise: infinite, as the transmission is below numerical precision")
        free = task.free_reference_shot_noise
        arms = [len(site) == 2 for site in problem.sites]
        place = (
            "in both arms of every sensor"
            if all(arms)
            else "at every sensor and arm"
            if any(arms)
            else "at every sensor"
        )
        needs = f"needs a strong phase reference {place}, which is not counted, and N is a mean"
        beaten = all(free < row.mse for row in rows)
        notes.append(
            f"shot noise with a free reference: coherent light at the sensors alone; it {needs}"
            + (
                "; all schemes here are above it: "
                + ("they have no such reference" if _is_balanced(problem) else "they pay for their reference")
                if beaten
                else ""
            )
        )
        if (fewer := most_useful_passes(task)) < passes:
            early = replace(task, passes=fewer)
            notes.append(
                f"the same light taken out after {fewer} of the {passes} passes would reach {early.shot_noise:.6g}, "
                f"with a free reference {early.free_reference_shot_noise:.6g}"
            )
        if problem.network.parameters == "static":
            notes.append(
                "schemes in turn, mixes and best states are per shot on average, with different probes in different shots"
            )
        else:
            notes.append(
                "mixes of several probes and best states take different probes in different shots, which parameters that are a "
                "snapshot do not allow: limits, not schemes, here"
            )
        notes += [f"separable-phase, noon-in-turn: {note}" for note in own_arms_notes(problem)]
        notes += _setting_notes(problem)
    elif isinstance(problem, GaussianProblem):
        apart = ", a strong phase reference at every site not counted" if problem.has_free_reference else ""
        notes.append(
            f"shot noise: coherent light of nbar photons on average, with the same losses and detectors{apart}"
        )
    else:
        notes.append(
            "shot noise: homodyne of vacuum at every sensor; squeezed light is below it at any transmissivity, so nothing crosses"
        )
        if len(problem.sensor_modes) > MAX_COUNTED:
            notes.append(f"photon counting is compared where at most {MAX_COUNTED} modes are counted together")
    return notes


def _reference_words(problem: PhaseProblem) -> str:
    """Where the phases of the shot noise are measured against."""
    if _is_balanced(problem):
        if all(len(site) == 2 for site in problem.sites):
            return "both arms of a sensor are read out against each other, so no reference is needed"
        return "the function is balanced, so no reference is needed"
    if problem.reference is None:
        return "no mode serves as a reference"
    whose = "the reference of the sensors with one arm" if problem.has_two_arms else "the reference"
    return f"{whose} is one of the modes, and its photons count"


def _is_balanced(problem: PhaseProblem) -> bool:
    """Whether coefficients add up to 0, those of both arms of a sensor included."""
    return problem.function.norm_positive == problem.function.norm_negative


def _setting_notes(problem: PhaseProblem) -> list[str]:
    """What the attribute ``phase_reference`` of the file means for this report."""
    notes = []
    if problem.network.phase_reference == "free":
        notes.append(
            "phase_reference: free, so compare with the shot noise with a free reference; the column MSE/shot noise, the crossings "
            "and all schemes here pay for theirs"
        )
    return notes
