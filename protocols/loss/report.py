"""What loss leaves of a network: every scheme beside the shot noise and the bounds, the best probes, what measurements keep."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from networks import InputError, SensorNetwork
from networks.files.node_link import network_document
from protocols.loss import schemes
from protocols.loss.mixes import BestMix, best_mix
from protocols.loss.optimum import Optimum, best_states
from protocols.problem import Problem, divisibility, require_network, require_simulable
from protocols.schemes.measurements import MAX_COUNTED, MeasuredShare, measured_shares
from protocols.theory.resources import LossyTask
from protocols.theory.two_branches import branch_contrast


@dataclass(frozen=True, slots=True, kw_only=True)
class LossRow:
    """One scheme in the lossy network.

    ``crosses_at`` is the common factor on all transmissivities at which it meets the shot noise, when it is below it now;
    ``needs_share`` the share of the losses, in dB, that may remain for it to come below, when it is above.
    """

    scheme: str
    mse: float
    over_shot_noise: float
    crosses_at: float | None
    needs_share: float | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LossReport:
    """The result of ``loss_report``; errors are mean squared errors of q in one shot."""

    network: SensorNetwork
    task: LossyTask
    shot_noise: float
    lossless_bound: float
    loss_bound: float | None
    rows: tuple[LossRow, ...]
    mix: BestMix | None
    optimum: Optimum | None
    best_photons: int | None
    measurements: tuple[MeasuredShare, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """The document of ``psn loss --json``."""
        return {
            "network": network_document(self.network),
            "shot_noise": self.shot_noise,
            "lossless_bound": self.lossless_bound,
            "loss_bound": self.loss_bound,
            "schemes": [
                {
                    "scheme": row.scheme,
                    "mse": row.mse,
                    "over_shot_noise": row.over_shot_noise,
                    "crosses_at": row.crosses_at,
                    "needs_share": row.needs_share,
                    "note": row.note,
                }
                for row in self.rows
            ],
            "best_mix": None if self.mix is None else _mix_document(self.mix),
            "best_states": None if self.optimum is None else _optimum_document(self.optimum),
            "best_photons": self.best_photons,
            "measurements": [
                {"scheme": m.scheme, "measurement": m.measurement, "mse": m.mse, "share": m.share}
                for m in self.measurements
            ],
            "notes": list(self.notes),
        }


def loss_report(network: SensorNetwork, *, progress: Callable[[str], None] | None = None) -> LossReport:
    """Compare every scheme with the shot noise of the network, and find the best probes under its losses.

    The losses are those at the modes, after each pass; links are not used yet. The best mix of disjoint two-branch probes and
    the best states of all are sought where the numbers are small enough, and a note says so where they are not.

    Examples
    --------
    >>> network = SensorNetwork.star([1, 1], sensing="phase", photons=2, transmissivity=0.9)
    >>> found = loss_report(network)
    >>> [row.scheme for row in found.rows if row.over_shot_noise < 1]
    ['two branches', 'best mix of disjoint branches', 'best states', 'two branches, equal weights']
    """
    require_network(network)
    tell = progress or (lambda _: None)
    problem = Problem.of(network)
    task = task_of(problem)
    reference = schemes.shot_noise(task)
    rows, notes = [], []
    for name, curve in schemes.SCHEMES[network.sensing].items():
        tell(name)
        mse = curve(task)
        # Squeezed light is below vacuum noise at any transmissivity.
        crosses, share = schemes.crossing(curve, task) if network.sensing == "phase" else (None, None)
        note = ""
        if curve is schemes.separate_noons and (used := schemes.photons_of_use(task)) < task.photons:
            note = f"{used} of {task.photons:.6g} photons used, more do harm"
        rows.append(_row(name, mse, reference, crosses, share, note))
    mix = optimum = best_photons = None
    if network.sensing == "phase":
        need = divisibility(problem.function, problem.photons, problem.passes)
        if problem.photons * problem.passes % need.least_product:
            notes.append(f"two branches: no such protocol exists at this N and M. {need.fault()}")
            rows = [row for row in rows if not row.scheme.startswith("two branches")]
        else:
            best_photons = most_useful_photons(task, need.least_photons)
        arguments = (task.alpha, task.transmissivity, task.reference, problem.photons)
        try:
            tell("the best mix of disjoint branches")
            mix = best_mix(*arguments, problem.passes)
            note = "one probe" if len(mix.probes) == 1 else f"{len(mix.probes)} probes in turn over the shots"
            rows.append(_row("best mix of disjoint branches", mix.mse, reference, None, None, note))
        except InputError as error:
            notes.append(f"best mix of disjoint branches not sought: {error}")
        if problem.passes > 1:
            notes.append("best states not sought: that is for a single pass")
        else:
            try:
                tell("the best states")
                optimum = best_states(*arguments)
                note = f"proved to be at least {optimum.lower_bound:.6g}"
                rows.append(_row("best states", optimum.mse, reference, None, None, note))
            except InputError as error:
                notes.append(f"best states not sought: {error}")
    tell("what measurements keep")
    measurements: tuple[MeasuredShare, ...] = ()
    try:
        require_simulable(network.passes, len(network.modes))
        measurements = measured_shares(problem)
    except InputError as error:
        notes.append(f"measurements not simulated: {error}")
    bound = schemes.loss_bound(task)
    return LossReport(
        network=network,
        task=task,
        shot_noise=reference,
        lossless_bound=schemes.lossless_bound(task),
        loss_bound=None if math.isnan(bound) else bound,
        # Errors that differ by rounding only stay in the order of the list.
        rows=tuple(sorted(rows, key=lambda row: float(f"{row.mse:.9g}"))),
        mix=mix,
        optimum=optimum,
        best_photons=best_photons,
        measurements=measurements,
        notes=(*notes, *_notes(problem)),
    )


def task_of(problem: Problem) -> LossyTask:
    """The losses and resources of a network."""
    network = problem.network
    phase = network.sensing == "phase"
    return LossyTask(
        sensing=network.sensing,
        function=problem.function,
        transmissivity=tuple(mode.transmissivity for mode in network.sensors),
        reference=problem.reference.transmissivity if phase and problem.reference is not None else None,
        photons=problem.photons if phase else problem.mean_photons,
        passes=network.passes,
    )


def most_useful_photons(task: LossyTask, step: int) -> int | None:
    """The N, a multiple of ``step``, at which two branches reach the lowest error; None without loss: the more the better.

    The error is convex in N on a logarithmic scale (a power law times sums of exponentials), so a bisection finds it.
    """

    def mse(multiple: int) -> float:
        return schemes.two_branches(task.with_photons(step * multiple))

    if math.isclose(branch_contrast(*schemes.log_survivals(task.with_photons(step))), 1.0, rel_tol=0, abs_tol=1e-15):
        return None
    low, high = 1, 2
    while mse(high) < mse(high - 1):
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if mse(middle) <= mse(middle + 1) else (middle + 1, high)
    return step * low


def _row(
    scheme: str, mse: float, reference: float, crosses: float | None, share: float | None, note: str = ""
) -> LossRow:
    return LossRow(
        scheme=scheme,
        mse=mse,
        over_shot_noise=mse / reference,
        crosses_at=crosses,
        needs_share=share,
        note=note,
    )


def _notes(problem: Problem) -> list[str]:
    network = problem.network
    notes = []
    if network.sensing == "phase":
        kept = "" if network.passes == 1 else f", each kept in its modes for all {network.passes} passes"
        notes.append(f"shot noise: the best N separate photons{kept}, with the same losses")
        notes.append("mixes and best states are per shot on average, with different probes in different shots")
        notes.append(
            "separate N00N states have a reference arm each, with the transmissivity of the reference (1 without one)"
        )
    else:
        notes.append(
            "shot noise: vacuum at every sensor; squeezed light is below it at any transmissivity, so nothing crosses"
        )
        if len(network.sensors) > MAX_COUNTED:
            notes.append(f"photon counting is compared where at most {MAX_COUNTED} modes are counted together")
    if any(link.transmissivity < 1 for link in network.links):
        notes.append("losses of links are not used yet")
    return notes


def _mix_document(mix: BestMix) -> dict[str, object]:
    return {
        "mse": mix.mse,
        "candidates": mix.candidates,
        "dual": list(mix.dual),
        "probes": [
            {
                "first": list(p.first),
                "second": list(p.second),
                "weights": list(p.weights),
                "contrast": p.contrast,
                "share": p.share,
            }
            for p in mix.probes
        ],
    }


def _optimum_document(found: Optimum) -> dict[str, object]:
    return {
        "mse": found.mse,
        "lower_bound": found.lower_bound,
        "gap": found.gap,
        "direction": list(found.direction),
        "states": [
            {
                "share": share,
                "terms": [{"photons": list(string), "re": c.real, "im": c.imag} for string, c in state.items()],
            }
            for share, state in zip(found.shares, found.states, strict=True)
        ],
    }
