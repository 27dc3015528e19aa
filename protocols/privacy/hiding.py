"""Designs under a privacy constraint: the best scheme that reveals little else, and what that costs in mean squared error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from networks import InputError, LinearFunction, SensorNetwork
from networks.errors import short_repr
from networks.values import Value, plain_real
from photonics.values import is_real
from protocols.documents.printed import Entry
from protocols.documents.result import Result
from protocols.privacy.report import network_information, privacy_measure
from protocols.problem import AnyProblem, DisplacementProblem, Problem, linear_functions
from protocols.ranking.candidates import rank_plans
from protocols.schemes import Part, Plan
from protocols.schemes.squeezed import homodyne_words, sensing_passes
from protocols.theory.displacement import entangled_mse
from protocols.theory.equal_errors import ranked

if TYPE_CHECKING:
    from photonics.circuits.circuit import Operation
    from photonics.conventions import Real

STEPS = 60
"""Halvings of the share of photons that hides."""
SHARES = 20
TINY = 1e-9


def _considered(result: PrivateDesign) -> list[dict[str, object]]:
    names = ("scheme", "mse", "privacy", "meets")
    return [dict(zip(names, option, strict=True)) for option in result.considered]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PrivateDesign(Value, Result):
    """The scheme with the least error that meets constraints on what it reveals, and the price of that.

    Attributes
    ----------
    scheme : str
    mse : float
        Mean squared error of q in one shot, as built and measured.
    price : float >= 1
        Its error over the least without the constraints.
    privacy : float
        In [0, 1], as ``PrivacyReport.privacy``.
    leaks : tuple of float
        Directional information along each hidden function.
    hiding_photons : float
        Spent on anti-squeezing the modes across q (displacement only).
    considered : tuple of (str, float, float, bool)
        Every scheme with its error, privacy, and whether it meets the constraints.
    notes : tuple of str
        What was not considered.
    """

    DOCUMENT = (
        "scheme",
        "mse",
        "price",
        "privacy",
        "leaks",
        "hiding_photons",
        Entry("considered", of=_considered),
        "notes",
    )

    scheme: str
    mse: float
    price: float
    privacy: float
    leaks: tuple[float, ...]
    hiding_photons: float
    considered: tuple[tuple[str, float, float, bool], ...]
    notes: tuple[str, ...] = ()


def private_design(
    network: SensorNetwork | AnyProblem,
    *,
    at_least: float | None = None,
    hide: Sequence[tuple[LinearFunction | Sequence[object], float]] = (),
) -> PrivateDesign:
    """The best of the designs with privacy at least ``at_least`` and directional information below each given limit.

    Parameters
    ----------
    network : SensorNetwork or Problem
    at_least : float or None
        In (0, 1].
    hide : sequence of (LinearFunction or d coefficients, float)
        Functions of the d parameters, each with the most directional information u^T F u >= 0 along its unit vector u.

    Raises
    ------
    InputError
        For limits out of range, and when no scheme meets them: with the best privacy that there is.
    NoProtocolError
        When no scheme applies.

    Examples
    --------
    >>> network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0)
    >>> result = private_design(network, at_least=0.95)
    >>> result.scheme, result.privacy >= 0.95, result.price > 1
    ('hidden-squeezed', True, True)
    """
    problem = Problem.of(network)
    at_least = plain_real(at_least)  # type: ignore[assignment]  # numpy's numbers become plain ones, the rest is checked below
    faults: list[str] = []
    functions = linear_functions("hidden", [function for function, _ in hide], faults)
    if faults:
        raise InputError(faults)
    # numpy's numbers become plain ones; what is no number is found below.
    limits = [cast("float", plain_real(limit)) for _, limit in hide]
    hidden = list(zip(functions, limits, strict=True))
    faults = constraint_faults(problem, at_least, hidden)
    if faults:
        raise InputError(faults)
    a = [float(x) for x in problem.network.function.alpha]
    built = rank_plans(problem).built
    best_mse = built[0].mse
    options = [(one.as_built.scheme, one.mse, network_information(one.as_built, problem), 0.0) for one in built]
    notes = []
    if isinstance(problem, DisplacementProblem):
        # Its light is spread over the sensors by an interferometer of its own, which no links or limits are worked out for.
        if problem.has_lossy_links or problem.has_laboratory:
            notes.append(
                "hidden-squeezed is left out: it is not worked out along lossy links or under limits of a laboratory"
            )
        else:
            options += _hidden(problem, at_least, hidden)
    considered, fitting, all_leaks = [], [], []
    for name, mse, information, hiding in options:
        privacy = privacy_measure(information, a)
        leaks = _leaks(information, hidden)
        meets = _meets(privacy, leaks, at_least, hidden)
        considered.append((name, mse, privacy, meets))
        all_leaks.append(leaks)
        if meets:
            fitting.append((mse, len(considered) - 1, name, privacy, leaks, hiding))
    if not fitting:
        best = max(considered, key=lambda option: option[2])
        least = [
            f"the least information along {f} is {min(leaked[k] for leaked in all_leaks):.6g}"
            for k, (f, _) in enumerate(hidden)
        ]
        most = [f"the most private is {best[0]} with privacy {best[2]:.6g} (MSE {best[1]:.6g})"]
        raise InputError(["none of the schemes considered meets the constraints; " + "; ".join(most + least + notes)])
    # Rounding must not choose among equal errors; the order in which the schemes were ranked does.
    (mse, _, name, privacy, leaks, hiding), *_ = ranked(fitting, error=lambda row: row[0], effort=lambda row: row[1])
    return PrivateDesign(
        scheme=name,
        mse=mse,
        price=mse / best_mse,
        privacy=privacy,
        leaks=leaks,
        hiding_photons=hiding,
        considered=tuple(considered),
        notes=tuple(notes),
    )


def hidden_squeezed(problem: DisplacementProblem, hiding_photons: float) -> Plan:
    """One squeezed mode along q, all modes across it anti-squeezed alike.

    Parameters
    ----------
    problem : DisplacementProblem
    hiding_photons : float
        From 0 to nbar: how many of the photons are for the anti-squeezed modes.
    """
    import numpy as np

    from photonics import Circuit, Interferometer, Squeeze
    from photonics.conventions import squeezing_for
    from photonics.reflections import orthogonal_with

    modes = problem.sensor_modes
    z = np.array(problem.task.weights)
    rotation = orthogonal_with(z / np.linalg.norm(z)).T
    r = squeezing_for(problem.mean_photons - hiding_photons)
    away = -squeezing_for(hiding_photons / max(1, len(modes) - 1))
    operations: tuple[Operation, ...] = (
        *(Squeeze(mode=mode, r=away if k else r) for k, mode in enumerate(modes)),
        Interferometer(modes=modes, unitary=tuple(map(tuple, rotation.astype(complex).tolist()))),
        *sensing_passes(problem, modes),
    )
    return Plan(
        scheme="hidden-squeezed",
        title="one squeezed mode along q, the modes across it anti-squeezed",
        parts=(Part(circuit=Circuit(modes=modes, operations=operations), sensors=tuple(range(len(modes)))),),
        probes=(),
        controls=0,
        modes_per_pass=(len(modes),) * problem.passes,
        predicted_mse=entangled_mse(problem.alpha, problem.transmissivity, r, problem.passes),
        formula="as entangled squeezed light with the photons left for it",
        measurement=homodyne_words(problem),
        reaches_bound=False,
    )


def _hidden(
    problem: DisplacementProblem, at_least: float | None, hide: Sequence[tuple[LinearFunction, float]]
) -> list[tuple[str, float, Real, float]]:
    """The hidden-squeezed scheme with as few photons for hiding as meet the constraints: in steps of 1/SHARES, then exactly."""
    from scipy.optimize import minimize_scalar

    if len(problem.function) < 2 or not any(problem.task.weights):
        return []
    a = problem.alpha

    def revealed(share: float) -> tuple[float, tuple[float, ...]]:
        information = network_information(hidden_squeezed(problem, share * problem.mean_photons), problem)
        return privacy_measure(information, a), _leaks(information, hide)

    def fits(share: float) -> bool:
        return _meets(*revealed(share), at_least, hide)

    def excess(share: float) -> float:
        """How far, as a logarithm, the constraint that is missed most is missed."""
        privacy, leaks = revealed(share)
        missed = [math.log(at_least / privacy)] if at_least is not None else []
        return max(missed + [math.log(leak / max(limit, TINY)) for leak, (_, limit) in zip(leaks, hide, strict=True)])

    grid = [0.0, *(k / SHARES for k in range(1, SHARES)), 0.99, 0.999, 1 - TINY]
    place = next((k for k, share in enumerate(grid[1:], 1) if fits(share)), None)
    if place is not None:
        low, high = grid[place - 1], grid[place]
    else:
        # The best share lies near the best of the grid; even if it does not fit, it says how close one gets.
        best = min(range(1, len(grid)), key=lambda k: excess(grid[k]))
        ends = grid[best - 1], grid[min(best + 1, len(grid) - 1)]
        least = minimize_scalar(excess, bounds=ends, method="bounded", options={"xatol": 1e-10})
        low, high = grid[best - 1], float(least.x)
    for _ in range(STEPS if fits(high) else 0):
        middle = (low + high) / 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    plan = hidden_squeezed(problem, high * problem.mean_photons)
    return [(plan.scheme, plan.predicted_mse, network_information(plan, problem), high * problem.mean_photons)]


def _leaks(information: Real, hide: Sequence[tuple[LinearFunction, float]]) -> tuple[float, ...]:
    import numpy as np

    from photonics import directional_qfi

    out = []
    for function, _ in hide:
        u = np.array([float(x) for x in function.alpha])
        out.append(directional_qfi(information, u / np.linalg.norm(u)))
    return tuple(out)


def _meets(
    privacy: float, leaks: Sequence[float], at_least: float | None, hide: Sequence[tuple[LinearFunction, float]]
) -> bool:
    # A Fisher matrix of rank one is private to rounding.
    private = at_least is None or privacy >= min(at_least, 1 - 1e-12)
    return private and all(leak <= max(limit, 1e-12) for leak, (_, limit) in zip(leaks, hide, strict=True))


def constraint_faults(
    network: SensorNetwork | AnyProblem,
    at_least: float | None,
    hide: Sequence[tuple[LinearFunction, float]],
) -> list[str]:
    """Everything that is wrong with the constraints of ``private_design``, which has them under the same names.

    Parameters
    ----------
    network : SensorNetwork or Problem
    at_least : float or None
    hide : sequence of (LinearFunction, float)
    """
    faults = []
    sensors = len(Problem.of(network).sensor_modes)
    if at_least is not None and not (is_real(at_least) and 0 < at_least <= 1):
        faults.append(f"the least privacy must be in (0, 1], got {short_repr(at_least)}")
    for function, limit in hide:
        if len(function) != sensors:
            faults.append(f"hidden {function} must have {sensors} coefficients, got {len(function)}")
        if not (is_real(limit) and limit >= 0):
            faults.append(f"the most information along {function} must be a number from 0 on, got {short_repr(limit)}")
    return faults
