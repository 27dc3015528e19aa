"""Phase sensing with exactly N photons: one N00N-type state, several in turn (W matrix), or separate N00N states."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from networks import InputError
from protocols.problem import Problem, divisibility, photon_target
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.theory.bounds import best_integer_split
from protocols.theory.two_branches import best_branch_weights, best_lossy_split, branch_contrast
from protocols.wmatrix.protocol import PhotonProtocol
from protocols.wmatrix.search.least import least_modes
from protocols.wmatrix.search.repeats import fewest_columns
from protocols.wmatrix.search.sparse_tables import widest
from protocols.wmatrix.task import PhotonTask

if TYPE_CHECKING:
    from photonics import Circuit
    from photonics.circuits.circuit import Operation

SWITCH_STEPS = 150_000
"""Effort for few switches, half a second; psn enumerate --objective switches spends more."""
LARGEST_SIMULATED_PHOTONS = 2**53
"""Photon numbers up to here are exact in floating point."""

_PARITY = "project on (|A> +- e^{i phi}|B>)/sqrt 2 of the two branches; repeat for robust phase estimation"


def noon(problem: Problem) -> Plan | Unavailable:
    """The proportionally weighted N00N state (19), (81), the same in every pass."""
    omega = photon_target(problem.function, problem.photons, 1)
    if omega is None:
        need = divisibility(problem.function, problem.photons, 1)
        reason = f"N alpha/||alpha||_P is not integer: N = {problem.photons} is not a multiple of {need.least_product}"
        return Unavailable(scheme="noon", reason=reason)
    protocol = PhotonProtocol(
        function=problem.function,
        photons=problem.photons,
        passes=problem.passes,
        columns=(omega,),
        repeats=(problem.passes,),
    )
    return photon_plan(problem, protocol, scheme="noon", title="proportionally weighted N00N state, no controls")


def w_matrix(problem: Problem) -> Plan | Unavailable:
    """Several columns of W in turn, with the fewest modes per pass found, and among those the fewest switches found."""
    if problem.passes == 1:
        return Unavailable(
            scheme="w-matrix", reason="with one pass the only solution of W r = target is the N00N state"
        )
    task = PhotonTask(function=problem.function, photons=problem.photons, passes=problem.passes)
    least = least_modes(task)
    assert least.columns is not None
    fewest = fewest_columns(task.with_modes(widest(least.columns)), least.columns, node_limit=SWITCH_STEPS)
    assert fewest is not None, "a protocol with so many modes is known"
    choice, cut = fewest.columns, not (least.decided and fewest.decided)
    protocol = PhotonProtocol.from_columns(task, choice)
    note = "fewest modes per pass, then fewest switches"
    if cut:
        note += f", among the protocols searched (the least k is {'proved' if least.decided else 'undecided'}; the search was cut)"
    title = "columns of W in turn, switched between passes"
    return photon_plan(problem, protocol, scheme="w-matrix", title=title, notes=(note,))


def photon_plan(
    problem: Problem, protocol: PhotonProtocol, *, scheme: str, title: str, notes: tuple[str, ...] = ()
) -> Plan:
    """The plan of any protocol made of columns of W."""
    modes = circuit_modes(problem)
    survive = log_survival(problem, protocol)
    weights = best_branch_weights(*survive)
    circuit = photon_circuit(problem, protocol.pass_columns(), weights=weights)
    probes = []
    for column, times in zip(protocol.columns, protocol.repeats, strict=True):
        if times:
            first, second = (_ket(modes, string) for string in branches(problem, column))
            probes.append(f"{times} x {_superposition(first, second, weights)}")
    resource = problem.photons * problem.passes
    lossless = float((problem.function.norm_positive / resource) ** 2)
    return Plan(
        scheme=scheme,
        title=title,
        parts=(Part(circuit=circuit, sensors=tuple(range(len(problem.function)))),),
        probes=tuple(probes),
        controls=protocol.switches,
        modes_per_pass=protocol.modes_per_pass,
        predicted_mse=over_contrast(lossless, branch_contrast(*survive)),
        formula="||alpha||_P^2/(N t)^2, (12)"
        + ("" if problem.network.is_lossless else ", over 4AB/(sqrt A + sqrt B)^2 for branch survivals A, B"),
        measurement=_PARITY
        + ("" if weights[0] == 0.5 else "; branches of different weight lose nothing at mid-fringe"),
        reaches_bound=True,
        photon_protocol=protocol,
        notes=notes,
    )


def log_survival(problem: Problem, protocol: PhotonProtocol) -> tuple[float, float]:
    """Logarithms of the probabilities that a branch loses no photon at the modes, over all passes.

    Photons in a mode add up to the same totals in every optimal protocol, so all lose the same (docs/theory.md, section 7).
    """
    transmissivity = {str(mode.id): mode.transmissivity for mode in problem.network.modes}
    modes = circuit_modes(problem)
    survive = [0.0, 0.0]
    for column, times in zip(protocol.columns, protocol.repeats, strict=True):
        for branch, string in enumerate(branches(problem, column)):
            survive[branch] += times * math.fsum(
                n * math.log(transmissivity[mode]) for mode, n in zip(modes, string, strict=True) if n
            )
    return survive[0], survive[1]


def over_contrast(mse: float, contrast: float) -> float:
    """The error that loss leaves; infinite when next to nothing survives."""
    return mse / contrast if contrast else math.inf


def branches(problem: Problem, column: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The two occupation strings of one column over the modes of the problem's circuit."""
    from photonics.states.probes import omega_branches

    first, second = omega_branches(column, problem.photons)
    if problem.reference is not None:
        return first, second
    if second[-1]:
        raise InputError(
            [f"the column {tuple(column)} leaves {second[-1]} photons to a reference, which the network has not"]
        )
    return first[:-1], second[:-1]


def circuit_modes(problem: Problem) -> tuple[str, ...]:
    """The modes of the problem's circuits: the sensors, and the reference if there is one."""
    return problem.sensor_modes + (() if problem.reference is None else (str(problem.reference.id),))


def photon_circuit(
    problem: Problem, columns: Sequence[Sequence[int]], *, weights: tuple[float, float] = (0.5, 0.5)
) -> Circuit:
    """Prepare the first column's state; for each pass sense, lose, and switch to the next column branch to branch."""
    from photonics import Circuit, Loss, NumberControl, PrepareFock, Sense, branch_state

    if problem.photons * problem.passes > LARGEST_SIMULATED_PHOTONS:
        limit = f"states are simulated with at most {LARGEST_SIMULATED_PHOTONS} photons in all passes together"
        raise InputError([f"{limit}, got N M = {problem.photons * problem.passes}"])
    network = problem.network
    modes = circuit_modes(problem)
    transmissivity = {str(mode.id): mode.transmissivity for mode in network.modes}
    losses = [Loss(mode=mode, transmissivity=transmissivity[mode]) for mode in modes if transmissivity[mode] < 1]
    strings = [branches(problem, column) for column in columns]
    operations: list[Operation] = [PrepareFock(state=branch_state(modes, *strings[0], weights=weights))]
    for now, following in zip(strings, [*strings[1:], None], strict=True):
        operations += [Sense(modes=problem.sensor_modes, generator="number"), *losses]
        if following is not None and following != now:
            moves = tuple((a, b) for a, b in zip(now, following, strict=True) if a != b)
            operations.append(NumberControl(moves=moves))
    return Circuit(modes=modes, operations=tuple(operations))


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorProbe:
    """A N00N state between one sensor and an arm of its own, the weights of its branches, and what loss leaves of it."""

    part: Part
    weights: tuple[float, float]
    contrast: float


def sensor_probe(problem: Problem, sensor: int, photons: int, passes: int) -> SensorProbe:
    """The probe of one sensor; its arm has the transmissivity of the reference."""
    from photonics import Circuit, Loss, PrepareFock, Sense, noon_state

    mode = problem.network.sensors[sensor]
    arm_transmissivity = 1.0 if problem.reference is None else problem.reference.transmissivity
    name, arm = str(mode.id), f"{mode.id} arm"
    own = ((name, mode.transmissivity), (arm, arm_transmissivity))
    losses = [Loss(mode=where, transmissivity=eta) for where, eta in own if eta < 1]
    each_pass: list[Operation] = [Sense(modes=(name,), generator="number"), *losses]
    survive = [photons * passes * math.log(eta) for _, eta in own]
    weights = best_branch_weights(*survive)
    start = PrepareFock(state=noon_state((name, arm), photons, weights=weights))
    circuit = Circuit(modes=(name, arm), operations=(start, *each_pass * passes))
    return SensorProbe(
        part=Part(circuit=circuit, sensors=(sensor,)), weights=weights, contrast=branch_contrast(*survive)
    )


def separable(problem: Problem) -> Plan | Unavailable:
    """A N00N state for each sensor, between it and a reference arm of its own; photons split as well as whole ones can be."""
    network, passes = problem.network, problem.passes
    arm_transmissivity = 1.0 if problem.reference is None else problem.reference.transmissivity
    photons_at: tuple[int, ...] | None = None
    if network.is_lossless:
        split = best_integer_split(problem.function, problem.photons)
        photons_at = None if split is None else split.photons
    else:
        alpha, eta = [float(a) for a in problem.function.alpha], [mode.transmissivity for mode in network.sensors]
        lossy = best_lossy_split(alpha, eta, arm_transmissivity, problem.photons, passes)
        photons_at = None if lossy is None else lossy.photons
    if photons_at is None:
        reason = f"N = {problem.photons} cannot light all {int(problem.function.norm(0))} sensors that q depends on"
        return Unavailable(scheme="separable-phase", reason=reason)
    parts, probes, mse = [], [], []
    for j, (mode, photons, a) in enumerate(zip(network.sensors, photons_at, problem.function.alpha, strict=True)):
        if not photons:
            continue
        lone = sensor_probe(problem, j, photons, passes)
        parts.append(lone.part)
        light = _superposition(f"|{photons},0>", f"|0,{photons}>", lone.weights)
        probes.append(f"{passes} x {light} on {mode.id} and its arm")
        mse.append(over_contrast(float((a / (photons * passes)) ** 2), lone.contrast))
    note = "every sensor needs a reference arm of its own" + (
        f", of transmissivity {arm_transmissivity:g}" if arm_transmissivity < 1 else ""
    )
    unspent = problem.photons - sum(photons_at)
    return Plan(
        scheme="separable-phase",
        title="a N00N state for each sensor",
        parts=tuple(parts),
        probes=tuple(probes),
        controls=0,
        modes_per_pass=(2,) * passes,
        predicted_mse=math.fsum(mse),
        formula="sum alpha_j^2/(N_j t)^2" + ("" if network.is_lossless else ", each over 4AB/(sqrt A + sqrt B)^2"),
        measurement="parity of one port after a 50:50 beam splitter at each sensor",
        reaches_bound=False,
        notes=(
            note,
            "in repeated shots, giving all N photons to one sensor in a share |alpha_j|/||alpha||_1 of the shots "
            "reaches ||alpha||_1^2/(N t)^2 a shot; (16) is about one shot",
            *(
                [f"{unspent} photons are left out: with these losses more photons at a sensor do harm"]
                if unspent
                else []
            ),
        ),
    )


def _ket(modes: Sequence[str], string: Sequence[int]) -> str:
    filled = [f"{n} in {mode}" for mode, n in zip(modes, string, strict=True) if n]
    return "|" + ", ".join(filled[:8]) + (f", ... {len(filled) - 8} more" if len(filled) > 8 else "") + ">"


def _superposition(first: str, second: str, weights: tuple[float, float]) -> str:
    if weights[0] == 0.5:
        return f"({first} + {second})/sqrt 2"
    return f"(sqrt({weights[0]:.6g}) {first} + sqrt({weights[1]:.6g}) {second})"
