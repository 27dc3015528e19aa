"""Photon states of two branches for protocols made of columns of W: circuits and plans. Schemes have files of their own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from networks import InputError, LinearFunction
from protocols.problem import PhaseProblem, least_product
from protocols.schemes.plan import Part, Plan
from protocols.theory.mode_losses import ModeLosses
from protocols.theory.phase import two_branch_mse
from protocols.theory.task import PhaseTask
from protocols.theory.two_branches import best_branch_weights
from protocols.wmatrix.protocol import PhotonProtocol

if TYPE_CHECKING:
    from photonics import Circuit
    from photonics.circuits.circuit import Operation

LARGEST_SIMULATED_PHOTONS = 2**53
"""Photon numbers up to here are exact in floating point."""

PROJECTION = "project on (|A> +- e^{i phi}|B>)/sqrt 2 of the two branches"
"""What reads out light of two branches."""

LOCAL_PARITY = (
    "a 50:50 beam splitter between both arms at every site, and the parity of all counts in their second ports together"
)
"""What does the same where all sensors have two arms, with beams that meet at one site only."""


def photon_plan(
    problem: PhaseProblem,
    protocol: PhotonProtocol,
    *,
    scheme: str,
    title: str,
    notes: tuple[str, ...] = (),
    bounded: bool = True,
) -> Plan:
    """The plan of an optimal protocol, made of columns of W that meet (32): all lose the same (docs/theory/theory.md, section 7).

    Parameters
    ----------
    problem : PhaseProblem
    protocol : PhotonProtocol
        Of the oriented function, with the N and M of the problem.
    scheme, title : str
    notes : tuple of str
    bounded : bool
        Whether these are all photons that there are, so that (12) is reached without loss.
    """
    modes = problem.circuit_modes
    columns = protocol.pass_columns()
    survival = branch_log_survival(problem, columns[0], columns[-1])
    weights = best_branch_weights(*survival)
    circuit = photon_circuit(problem, columns, weights=weights)
    part = Part(circuit=circuit, sensors=tuple(range(len(problem.function))), branches=branches(problem, columns[-1]))
    probes = []
    for column, times in zip(protocol.columns, protocol.repeats, strict=True):
        if times:
            first, second = (ket(modes, string) for string in branches(problem, column))
            probes.append(f"{times} x {superposition(first, second, weights)}")
    return Plan(
        scheme=scheme,
        title=title,
        parts=(part,),
        probes=tuple(probes),
        controls=protocol.switches,
        modes_per_pass=protocol.modes_per_pass,
        predicted_mse=two_branch_mse(problem.bound, *survival),
        formula=("||alpha||_P^2/(N t)^2, (12)" if bounded else "||alpha||_P^2/(n t)^2, n photons")
        + ("" if problem.is_lossless else ", over 4AB/(sqrt A + sqrt B)^2 for branch survivals A, B"),
        measurement=f"{LOCAL_PARITY if meets_at_sites(problem, columns[-1]) else PROJECTION}; repeat for robust phase estimation"
        + ("" if weights[0] == 0.5 else "; branches of different weight lose nothing at mid-fringe"),
        reaches_bound=bounded,
        photon_protocol=protocol,
        notes=notes,
    )


def column_photons(function: LinearFunction, photons: float, passes: int) -> int:
    """The most photons, at most N, with which columns exist that make n M alpha/||alpha||_P integer (34); 0 without any.

    Parameters
    ----------
    function : LinearFunction
        Oriented.
    photons : int or float >= 1
        N, a whole number.
    passes : int >= 1
        M; 1 for the same column in every pass.

    Examples
    --------
    >>> from networks import LinearFunction
    >>> column_photons(LinearFunction([1, 1]), 7, 1), column_photons(LinearFunction([1, 1]), 7, 2)
    (6, 7)
    """
    least = least_product(function)
    if least is None:
        return 0
    step = least // math.gcd(least, passes)
    return int(photons) // step * step


def columns_mse(task: PhaseTask, passes: int) -> float:
    """(12) of the photons that columns can have, over 4AB/(sqrt A + sqrt B)^2 for branch survivals A, B; infinite without columns.

    Parameters
    ----------
    task : PhaseTask
    passes : int >= 1
        As in ``column_photons``.
    """
    sent = column_photons(task.function, task.photons, passes)
    if not sent:
        return math.inf
    return (task if sent == task.photons else task.with_photons(sent)).two_branch_mse


def with_columns(problem: PhaseProblem, passes: int) -> tuple[PhaseProblem, tuple[str, ...]]:
    """The problem with as many of its photons as columns can have, and what is to be said of that.

    Parameters
    ----------
    problem : PhaseProblem
        With enough photons for some columns.
    passes : int >= 1
        As in ``column_photons``.
    """
    if not (note := columns_note(problem.function, problem.photons, passes)):
        return problem, ()
    sent = column_photons(problem.function, problem.photons, passes)
    return problem.with_budget(sent, problem.passes), (note,)


def columns_note(function: LinearFunction, photons: float, passes: int) -> str:
    """How many of the photons columns can have, where that is not all of them and not none.

    Parameters
    ----------
    function : LinearFunction
        Oriented.
    photons : int or float >= 1
        N, a whole number.
    passes : int >= 1
        As in ``column_photons``.

    Examples
    --------
    >>> from networks import LinearFunction
    >>> columns_note(LinearFunction([1, 1]), 7, 1)
    '6 of 7 photons are sent: columns of W exist for these (BEGG (34))'
    """
    sent = column_photons(function, photons, passes)
    if sent in (0, photons):
        return ""
    return f"{sent} of {int(photons)} photons are sent: columns of W exist for these (BEGG (34))"


def branches(problem: PhaseProblem, column: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The two occupation strings of one column over the modes of the problem's circuit.

    Parameters
    ----------
    problem : PhaseProblem
    column : (d,) ints

    Raises
    ------
    InputError
        For a column with photons of a reference that the network has not.
    """
    from photonics.states.probes import omega_branches

    first, second = omega_branches(column, problem.photons)
    if problem.reference is not None:
        return first, second
    if second[-1]:
        raise InputError(
            [f"the column {tuple(column)} leaves {second[-1]} photons to a reference, which the network has not"]
        )
    return first[:-1], second[:-1]


def branch_log_survival(problem: PhaseProblem, first: Sequence[int], last: Sequence[int]) -> tuple[float, float]:
    """Logarithms of the chances that all photons of either branch are detected; links aside.

    What all passes lose is fixed by (32); what is lost in front of the first and behind the last pass depends on their columns.

    Parameters
    ----------
    problem : PhaseProblem
    first, last : (d,) ints
        The columns of the first and of the last pass.
    """
    modes, losses_of = problem.circuit_modes, problem.losses_of
    if all(losses_of[mode].only_passes for mode in modes):
        return problem.task.log_survival
    each_pass = replace(
        problem.task,
        transmissivity=tuple(losses_of[mode].each_pass for mode in problem.sensor_modes),
        reference=None if problem.reference_name is None else losses_of[problem.reference_name].each_pass,
    ).log_survival

    def once(column: Sequence[int], name: str) -> list[float]:
        return [
            math.fsum(n * math.log(getattr(losses_of[mode], name)) for mode, n in zip(modes, string, strict=True) if n)
            for string in branches(problem, column)
        ]

    lost = zip(each_pass, once(first, "before"), once(last, "detected"), strict=True)
    one, other = (math.fsum(logs) for logs in lost)
    return one, other


def before_sensing(losses: Mapping[str, ModeLosses]) -> list[Operation]:
    """The losses in front of the first pass.

    Parameters
    ----------
    losses : mapping of modes to what they lose
    """
    from photonics import Loss

    return [Loss(mode=mode, transmissivity=one.before) for mode, one in losses.items() if one.before < 1]


def passes_of(losses: Mapping[str, ModeLosses], sensors: Sequence[str], passes: int) -> list[Operation]:
    """What light meets behind its preparation, where nothing is done between the passes.

    Parameters
    ----------
    losses : mapping of modes to what they lose
    sensors : (d_k,) names
        Modes that sense, in the order of their parameters.
    passes : int >= 1
    """
    from photonics import Loss, Sense

    after = [Loss(mode=mode, transmissivity=one.each_pass) for mode, one in losses.items() if one.each_pass < 1]
    each_pass: list[Operation] = [Sense(modes=tuple(sensors), generator="number"), *after]
    return [*before_sensing(losses), *each_pass * passes]


def meets_at_sites(problem: PhaseProblem, column: Sequence[int]) -> bool:
    """Whether both branches of a column have the same photons at every site, in one arm and in the other.

    Parameters
    ----------
    problem : PhaseProblem
    column : (modes,) ints
    """
    return all(len(site) == 2 and column[site[0]] == -column[site[1]] for site in problem.sites)


def require_simulated_photons(photons: int, passes: int) -> None:
    """Raise InputError when a state has more photon passes than floating point holds exactly.

    Parameters
    ----------
    photons, passes : int
    """
    if photons * passes > LARGEST_SIMULATED_PHOTONS:
        limit = f"states are simulated with at most {LARGEST_SIMULATED_PHOTONS} photons in all passes together"
        raise InputError([f"{limit}, got N M = {photons * passes}"])


def photon_circuit(
    problem: PhaseProblem,
    columns: Sequence[Sequence[int]],
    *,
    weights: tuple[float, float] = (0.5, 0.5),
    arriving: Sequence[tuple[float, float]] = (),
) -> Circuit:
    """Prepare the first column's state; for each pass sense, lose, and switch to the next column branch to branch.

    Parameters
    ----------
    problem : PhaseProblem
    columns : (M, d) ints
        One a pass.
    weights : (float, float)
        Of the branches, with the sum 1.
    arriving : (M, 2) floats in (0, 1], optional
        The transmissivity for each photon of both branches on the way to the modes of a pass; 1 when left out.

    Raises
    ------
    InputError
        For more photon passes than floating point holds exactly.
    """
    from photonics import Circuit, Loss, NumberControl, PrepareFock, Sense, branch_state

    require_simulated_photons(problem.photons, problem.passes)
    modes, losses_of = problem.circuit_modes, problem.losses_of
    losses = [Loss(mode=mode, transmissivity=eta) for mode in modes if (eta := losses_of[mode].each_pass) < 1]
    strings = [branches(problem, column) for column in columns]
    operations: list[Operation] = [PrepareFock(state=branch_state(modes, *strings[0], weights=weights))]
    operations += before_sensing({mode: losses_of[mode] for mode in modes})
    ways = arriving or [(1.0, 1.0)] * len(strings)
    for now, following, way in zip(strings, [*strings[1:], None], ways, strict=True):
        operations += [
            Loss(mode=mode, transmissivity=eta)
            for branch, eta in zip(now, way, strict=True)
            if eta < 1
            for mode, photons in zip(modes, branch, strict=True)
            if photons
        ]
        operations += [Sense(modes=problem.sensor_modes, generator="number"), *losses]
        if following is not None and following != now:
            moves = tuple((a, b) for a, b in zip(now, following, strict=True) if a != b)
            operations.append(NumberControl(moves=moves))
    return Circuit(modes=modes, operations=tuple(operations))


def ket(modes: Sequence[str], string: Sequence[int]) -> str:
    """An occupation string as people read it.

    Parameters
    ----------
    modes : (n,) names
    string : (n,) ints >= 0
    """
    filled = [f"{n} in {mode}" for mode, n in zip(modes, string, strict=True) if n]
    return "|" + ", ".join(filled[:8]) + (f", ... {len(filled) - 8} more" if len(filled) > 8 else "") + ">"


def superposition(first: str, second: str, weights: tuple[float, float]) -> str:
    """Two branches with their weights as people read them.

    Parameters
    ----------
    first, second : str
    weights : (float, float)
        With the sum 1.
    """
    if weights[0] == 0.5:
        return f"({first} + {second})/sqrt 2"
    return f"(sqrt({weights[0]:.6g}) {first} + sqrt({weights[1]:.6g}) {second})"
