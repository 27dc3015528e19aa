"""What a network reveals of the parameters while it measures q: to an observer, to colluding sites, and when things are imperfect.

All informations are of one shot. Directions are unit vectors: ``directional_qfi`` is what an observer has along one who knows
every orthogonal combination, ``nuisance_aware_qfi`` what one has who knows nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from networks import InputError, LinearFunction, SensorNetwork
from networks.errors import short_repr
from networks.values import Value, plain_real
from photonics.conventions import Real
from photonics.values import ArrayValue, is_real
from protocols.built.build import build
from protocols.built.built import Built
from protocols.documents.printed import Entry, Printed
from protocols.documents.result import Result
from protocols.problem import (
    AnyProblem,
    DisplacementProblem,
    GaussianProblem,
    PhaseProblem,
    Problem,
    SensedPhases,
    linear_functions,
    photon_target,
)
from protocols.ranking.candidates import rank_plans
from protocols.schemes import AnyScheme, Plan, find_scheme
from protocols.schemes.evaluation import part_information, probe_theta, whole_information
from protocols.schemes.scheme import plan_of
from protocols.theory.equal_errors import same_error
from protocols.theory.joint_targets import JointTargets

if TYPE_CHECKING:
    from photonics import Circuit, Loss

TIE = 1e-9
"""Of the trace of a Fisher matrix: informations that differ by less are equal."""
ROUNDING = 1e-15
"""Relative size below which an eigenvalue of a Fisher matrix is rounding."""
LEAST_INFORMATION = 1e-200
"""Relative size below which a diagonal entry of a Fisher matrix is rounding."""
LARGEST_NOISE = 1e6
"""Radians of random phase, or thermal photons, of a variant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionRow(Value, Printed):
    """What is revealed along one unit direction, in one shot.

    Attributes
    ----------
    name : str
    direction : (d,) floats
        Of norm 1.
    directional_qfi : float >= 0
        u^T F u, for an observer who knows every orthogonal combination.
    nuisance_aware_qfi : float >= 0
        1/(u^T F^+ u), for an observer who knows nothing else; 0 where the combination cannot be estimated.
    to_colluders : float or None
        Nuisance-aware information of those who know their own parameters; infinite for what depends on these alone, None
        without colluders.
    """

    DOCUMENT = (
        "name",
        "direction",
        "directional_qfi",
        "nuisance_aware_qfi",
        Entry("to_colluders", of=lambda row: "known" if row.to_colluders == math.inf else row.to_colluders),
    )

    name: str
    direction: tuple[float, ...]
    directional_qfi: float
    nuisance_aware_qfi: float
    to_colluders: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant(Value):
    """What the scheme reveals under other conditions: the same light with other losses or noise, or with other photon numbers.

    Attributes
    ----------
    name : str
    privacy : float
        In [0, 1]; nan where nothing is revealed at all.
    target_qfi : float >= 0
        Information along the unit vector of q, in one shot.
    worst_orthogonal_qfi : float >= 0
        The most along any unit direction orthogonal to it.
    """

    name: str
    privacy: float
    target_qfi: float
    worst_orthogonal_qfi: float


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class PrivacyReport(ArrayValue, Result):
    """The result of ``privacy_report``; equal and hashed by content.

    Attributes
    ----------
    network : SensorNetwork
    scheme, engine : str
        Whose light is looked at, and who simulated it.
    mse : float
        Mean squared error of q in one shot.
    privacy : float
        a^T F a/(|a|^2 Tr F), in [0, 1]; 1 when nothing but q is revealed.
    information : (d, d) floats
        Quantum Fisher information matrix of all parameters in one shot, read-only.
    rows : tuple of DirectionRow
    estimable : (r, d) floats
        Unit vectors that span the combinations that can be estimated.
    variants : tuple of Variant
    colluding : tuple of str
        Names of the sensors whose sites pool what they know.
    targets : JointTargets or None
    notes : tuple of str
    """

    DOCUMENT = (
        Entry("network", of="network.name"),
        "scheme",
        "engine",
        "mse",
        "privacy",
        Entry("qfi_matrix", of="information"),
        Entry("directions", of="rows"),
        "estimable",
        "variants",
        "colluding",
        "targets",
        "notes",
    )

    network: SensorNetwork
    scheme: str
    engine: str
    mse: float
    privacy: float
    information: Real
    rows: tuple[DirectionRow, ...]
    estimable: tuple[tuple[float, ...], ...]
    variants: tuple[Variant, ...]
    colluding: tuple[str, ...]
    targets: JointTargets | None
    notes: tuple[str, ...]

    def row(self, name: str) -> DirectionRow:
        """The row of this name.

        Parameters
        ----------
        name : str
            Such as "q itself" or "theta of s1".

        Raises
        ------
        InputError
            Listing the names that there are.
        """
        for row in self.rows:
            if row.name == name:
                return row
        raise InputError([f"there is no direction {name!r}; there are {', '.join(row.name for row in self.rows[:12])}"])


def privacy_measure(information: Real, function: Sequence[float]) -> float:
    """a^T F a/(|a|^2 Tr F): 1 exactly when F is proportional to a a^T, so that nothing but q is revealed (docs/theory/privacy.md).

    Parameters
    ----------
    information : (d, d) array
        A Fisher information matrix.
    function : (d,) floats
        a, not all zero.

    Returns
    -------
    float
        In [0, 1]; nan for F = 0.

    Examples
    --------
    >>> import numpy as np
    >>> privacy_measure(np.outer([1.0, -1.0], [1.0, -1.0]), [1, -1]), privacy_measure(np.eye(2), [1, -1])
    (1.0, 0.5)
    """
    import numpy as np

    if not np.trace(information):
        return math.nan
    # In units of powers of two near the largest entries: products of small numbers would lose their digits.
    a = np.asarray(function, dtype=float)
    a = np.ldexp(a, -math.frexp(float(np.abs(a).max()))[1])
    scaled = np.ldexp(information, -math.frexp(float(np.abs(information).max()))[1])
    measure = float(a @ scaled @ a / (a @ a) / np.trace(scaled))
    assert measure <= 1 + 1e-9, f"privacy {measure!r} above 1: the information is no positive matrix"
    return 1.0 if measure > 1 else measure


COMMON_PHASE = (
    "coherent light: its common phase is taken as unknown to everybody; whoever holds the laser learns each theta_j"
)
"""What has to be known of the privacy of light that pays for its reference."""


def privacy_report(
    network: SensorNetwork | AnyProblem,
    *,
    scheme: str | AnyScheme | None = None,
    engine: str = "native",
    sensitive: Sequence[LinearFunction | Sequence[object]] = (),
    colluding: Sequence[str] = (),
    noise: float = 0.0,
    targets: Sequence[LinearFunction | Sequence[object]] = (),
    weights: Sequence[float] | None = None,
    progress: Callable[[str], None] | None = None,
) -> PrivacyReport:
    """What the chosen (or named) scheme of a network reveals.

    Parameters
    ----------
    network : SensorNetwork or Problem
    scheme : str, Scheme or None
        Name of a scheme of ``design`` or a scheme of your own; None for the best that reveals q alone, and where none does, of
        those with the least error for the one that reveals least of the rest.
    engine : "native" or "strawberryfields"
    sensitive : sequence of LinearFunction or of d coefficients
        Further functions of the d parameters whose directions are reported.
    colluding : sequence of str
        Names of sensors whose sites know their own theta and pool what they know.
    noise : float
        From 0 to 1e6, for a variant of the report: standard deviation in rad of a random phase at every sensor in every pass
        (phase), or thermal photons mixed into every sensor's light (displacement).
    targets : sequence of LinearFunction or of d coefficients
        Functions to be measured together, for their best joint precision.
    weights : sequence of float > 0, optional
        Of the targets' mean squared errors; 1 each when left out.
    progress : callable, optional
        Called with a few words before each longer step.

    Raises
    ------
    InputError
        Listing unknown schemes and sensors, functions of another length, and a noise that is not a number from 0 on.
    NoProtocolError
        When no scheme is named and none applies.

    Examples
    --------
    A N00N state reveals the difference of two phases and nothing else:

    >>> report = privacy_report(SensorNetwork.chain([1, -1], sensing="phase", photons=2))
    >>> row = report.row("theta of s1")
    >>> round(report.privacy, 12), row.nuisance_aware_qfi, round(row.directional_qfi, 12)
    (1.0, 0.0, 4.0)
    """
    import numpy as np

    from photonics.fisher import estimable_functions

    report = progress or (lambda _: None)
    problem = Problem.of(network)
    network, names = problem.network, problem.site_names
    noise = plain_real(noise)  # type: ignore[assignment]  # numpy's numbers become plain ones, the rest is checked below
    faults: list[str] = []
    secrets = linear_functions("sensitive", sensitive, faults)
    several = linear_functions("target", targets, faults)
    faults += report_faults(problem, scheme, secrets, colluding, noise, several)
    if faults:
        raise InputError(faults)
    report("ranking the schemes")
    a = np.array([float(x) for x in network.function.alpha])
    ranked: tuple[Built, ...] = ()
    information: Real | None = None
    if scheme is None:
        ranked = rank_plans(problem).built
        most = _most_private(ranked, problem)
        built, information = most.built, most.information
        light = find_scheme(problem.kind, built.as_built.scheme)
    else:
        light = find_scheme(problem.kind, scheme)
        built = _built(problem, light)
    plan = built.as_built
    if engine != "native" and isinstance(problem, GaussianProblem):
        raise InputError([NOT_OF_STRAWBERRY_FIELDS])
    report("computing what is revealed")
    if information is None or engine != "native":
        information = network_information(plan, problem, engine)
    known = sorted({names.index(site) for site in colluding})
    units = np.eye(len(names))
    directions = {"q itself": a, **{f"theta of {site}": units[j] for j, site in enumerate(names)}}
    for f in secrets:
        directions[str(f)] = np.array([float(x) for x in f.alpha])
    _, direction = worst_orthogonal(information, a, known)
    if direction is not None:
        directions["worst direction across q"] = direction
    report("comparing with other conditions")
    variants, conditions = _variants(problem, light, plan, information, a, noise)
    return PrivacyReport(
        network=network,
        scheme=plan.scheme,
        engine=engine,
        mse=built.mse,
        privacy=privacy_measure(information, a.tolist()),
        information=information,
        rows=_rows(directions, information, known),
        estimable=tuple(tuple(vector) for vector in estimable_functions(information).tolist()),
        variants=tuple(variants),
        colluding=tuple(names[j] for j in known),
        targets=_targets(problem, several, weights),
        notes=(
            *_notes(problem, known, bool(several)),
            *conditions,
            *((COMMON_PHASE,) if plan.common_phase_unknown else ()),
            *_choice(problem, built, ranked, information, a),
        ),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Revealing:
    """A scheme as it is built, with what it reveals by the native engine."""

    built: Built
    information: Real
    privacy: float


def _most_private(ranked: Sequence[Built], problem: AnyProblem) -> _Revealing:
    """The best of the plans that reveal q alone; where none does, of those with the least error the one that reveals least else."""
    function = [float(a) for a in problem.network.function.alpha]
    support = {j for j, a in enumerate(problem.alpha) if a}

    @cache
    def revealing(place: int) -> _Revealing:
        information = network_information(ranked[place].as_built, problem)
        privacy = privacy_measure(information, function)
        return _Revealing(built=ranked[place], information=information, privacy=privacy)

    # Fisher matrices add up and none has a negative eigenvalue: with one part that senses less than all of q, nothing is private.
    for place, one in enumerate(ranked):
        if all(support <= set(part.sensors) for part in one.as_built.parts) and revealing(place).privacy >= 1 - TIE:
            return revealing(place)
    least = ranked[0].mse
    equal = [place for place, one in enumerate(ranked) if same_error(least, one.mse)]
    return max(map(revealing, equal), key=lambda one: one.privacy)


def _choice(problem: AnyProblem, chosen: Built, ranked: Sequence[Built], information: Real, a: Real) -> tuple[str, ...]:
    """Why this plan and not the one that a design chooses, and when nothing is private; nothing for a scheme that was named."""
    if not ranked or isinstance(problem, DisplacementProblem):
        return ()
    if privacy_measure(information, a.tolist()) < 1 - TIE:
        reason = "none of these schemes reveals q alone"
        if not isinstance(problem, PhaseProblem):
            return (reason,)
        if problem.divisibility.holds:
            return (reason,)
        return (f"{reason} with all photons: {_fewer_photons(problem) or problem.divisibility.fault()}",)
    if chosen is ranked[0]:
        return ()
    first, plan = ranked[0].as_built, chosen.as_built
    if same_error(ranked[0].mse, chosen.mse):
        return (
            f"{first.scheme} has the same error with less effort and reveals more than q: {plan.scheme} buys privacy",
        )
    ratio = chosen.mse / ranked[0].mse
    return (f"{first.scheme} has an error {ratio:.4g} times lower and reveals more than q: {plan.scheme} buys privacy",)


def _fewer_photons(problem: PhaseProblem) -> str:
    """What columns of fewer photons reach, which reveal q alone; nothing where (34) fails for all of them."""
    least = problem.divisibility.least_product
    if least is None:
        return ""
    step = least // math.gcd(least, problem.passes)
    photons = problem.photons // step * step
    if not photons:
        return ""
    smaller = problem.with_budget(photons, problem.passes)
    light = "noon" if photon_target(smaller.function, photons, 1) is not None else "w-matrix"
    return (
        f"{light} with {photons} photons in place of {problem.photons} does, with MSE {smaller.task.two_branch_mse:.7g}"
    )


def network_information(plan: Plan, problem: AnyProblem, engine: str = "native", noise: float = 0.0) -> Real:
    """The quantum Fisher information matrix of theta in one shot, from all parts of a plan.

    Of sensors with two arms it is that of who knows what both have in common, which is the most that anybody can learn.

    Parameters
    ----------
    plan : Plan
    problem : Problem
    engine : "native" or "strawberryfields"
    noise : float >= 0
        As in ``privacy_report``.

    Returns
    -------
    (d, d) floats
    """
    from photonics import get_engine

    runner = get_engine(engine)
    for part in plan.parts:
        runner.check_size(part.circuit)
    if noise and plan.common_phase_unknown:
        raise InputError(
            [
                f"noise: random phases of {plan.scheme} light, which is not of photon number, are not computed; leave the noise out"
            ]
        )
    informations = (
        _noisy(part.circuit, theta, problem, noise) if noise else part_information(plan, part, theta, engine)
        for part, theta in zip(plan.parts, probe_theta(plan), strict=True)
    )
    return problem.information_of_sites(whole_information(plan, informations, len(problem.sensor_modes)))


def _noisy(circuit: Circuit, theta: list[float], problem: AnyProblem, noise: float) -> Real:
    import numpy as np

    from photonics import PhaseDiffusion, get_engine, with_channels
    from photonics.engines.native_gaussian import run_moments
    from photonics.fisher import gaussian_qfi_matrix

    if isinstance(problem, GaussianProblem):
        raise InputError(
            ["noise: random phases of Gaussian light are not computed; leave the noise out, or give phase_jitter_rad"]
        )
    if isinstance(problem, PhaseProblem):
        channels = [PhaseDiffusion(mode=mode, sigma_rad=noise) for mode in circuit.sensing_modes]
        return get_engine("native").qfi(with_channels(circuit, after=channels), theta)
    moments = run_moments(circuit, theta)
    # n thermal photons more in a mode raise both its variances by 2 n.
    return gaussian_qfi_matrix(moments.covariance + 2 * noise * np.eye(len(moments.mean)), moments.mean_derivatives)


def worst_orthogonal(information: Real, a: Real, known: Sequence[int] = ()) -> tuple[float, Real | None]:
    """The most information along a unit direction orthogonal to a, and that direction.

    Parameters
    ----------
    information : (d, d) array
    a : (d,) array
        Not zero.
    known : sequence of int
        Parameters that colluders know. Where several directions have the most information, theirs is the one of what they do not
        know that they know most about; without colluders, the one that somebody who knows nothing else knows most about.

    Returns
    -------
    float >= 0, and (d,) array of norm 1 or None
        0 and None with one parameter.

    Examples
    --------
    The difference of the middle two and the last parameter are equally exposed; who knows the second knows more of the difference.

    >>> import numpy as np
    >>> most, direction = worst_orthogonal(np.diag([2.0, 4.0, 4.0, 4.0]), np.array([0.0, 1.0, 1.0, 0.0]), [1])
    >>> most, np.round(np.abs(direction), 3).tolist()
    (4.0, [0.0, 0.707, 0.707, 0.0])
    """
    import numpy as np

    if len(a) == 1:
        return 0.0, None
    unit = a / np.linalg.norm(a)
    # In units of the largest entry: sums over small numbers are neither lost nor without an inverse.
    scale = float(np.abs(information).max()) or 1.0
    information = information / scale
    # The orthogonal directions alone, so that a itself cannot tie where nothing is revealed across it.
    across = np.linalg.svd(unit[None, :])[2][1:].T
    values, vectors = np.linalg.eigh(across.T @ information @ across)
    ties = values >= values[-1] - TIE * float(np.trace(information))
    worst = _most_exposed(information, across @ vectors[:, ties], known)
    return scale * max(float(values[-1]), 0.0), np.asarray(worst / np.linalg.norm(worst))


def _most_exposed(information: Real, basis: Real, known: Sequence[int]) -> Real:
    """Of unit vectors in the span of orthonormal columns the one that those who know some parameters know most about otherwise."""
    import numpy as np

    from photonics.fisher import estimable_functions

    if basis.shape[1] == 1:
        return _any_of(basis)
    rest = [j for j in range(len(information)) if j not in known]
    # What depends on known parameters alone is no news to those who know them.
    _, seen, turned = np.linalg.svd(basis[rest])
    new = basis @ turned[: int(np.sum(seen > TIE))].T
    if not new.size:
        return _any_of(basis)
    part = information[np.ix_(rest, rest)]
    estimable = np.asarray(estimable_functions(part)).reshape(-1, len(rest))
    outside = new[rest] - estimable.T @ (estimable @ new[rest])
    _, missed, turned = np.linalg.svd(outside)
    told = new @ turned[int(np.sum(missed > math.sqrt(TIE))) :].T
    if not told.size:
        return _any_of(new)
    known_parts = estimable @ told[rest]
    # Errors in a unit of their own, and information at unit diagonal: parameters hardly seen would give numbers without an inverse.
    seen_part = estimable @ part @ estimable.T
    diagonal = np.diag(seen_part)
    roots = np.sqrt(np.maximum(diagonal, LEAST_INFORMATION * diagonal.max()))
    known_parts = known_parts / roots[:, None]
    known_parts /= np.abs(known_parts).max() or 1.0
    # Informations further apart than double precision holds are rounding, and taken as that: the least there is, not none.
    weights, axes = np.linalg.eigh(seen_part / roots[:, None] / roots)
    along = axes.T @ known_parts
    errors = along.T @ (along / np.maximum(weights, ROUNDING * weights[-1])[:, None])
    values, vectors = np.linalg.eigh(errors)
    return _any_of(told @ vectors[:, values <= values[0] + TIE * values[-1]])


def _any_of(basis: Real) -> Real:
    """The vector of a span that is nearest to one parameter alone."""
    import numpy as np

    nearness = np.round(np.sum(basis**2, axis=1), 9)
    return np.asarray(basis @ basis[int(np.argmax(nearness))])


def _rows(directions: Mapping[str, Real], information: Real, known: Sequence[int]) -> tuple[DirectionRow, ...]:
    """A row for each named vector; F, and its part that colluders do not know, are decomposed once."""
    import numpy as np

    from photonics import directional_qfi
    from photonics.fisher import nuisance_aware_informations

    units = {name: vector / np.linalg.norm(vector) for name, vector in directions.items()}
    alone = nuisance_aware_informations(information, list(units.values()))
    rest = [j for j in range(len(information)) if j not in known]
    part = nuisance_aware_informations(information[np.ix_(rest, rest)], [unit[rest] for unit in units.values()])
    return tuple(
        DirectionRow(
            name=name,
            direction=tuple(unit.tolist()),
            directional_qfi=directional_qfi(information, unit),
            nuisance_aware_qfi=single.qfi,
            # What depends on their own parameters alone they know already: infinite.
            to_colluders=(shared.qfi if unit[rest].any() else math.inf) if known else None,
        )
        for (name, unit), single, shared in zip(units.items(), alone, part, strict=True)
    )


NOT_OF_STRAWBERRY_FIELDS = (
    "Strawberry Fields' states give no accurate Fisher matrix of lossy squeezed light for phases; ask for the native engine, and "
    "psn design for both engines' light"
)
LIGHT_KEPT = (
    "under other losses the light stays as designed here: every loss on its way, from squeezers over links to the sensing and "
    "behind it, is multiplied in dB"
)
PHOTONS_ANEW = "under other photon numbers the light is designed anew"


def _variants(
    problem: AnyProblem,
    scheme: AnyScheme,
    plan: Plan,
    information: Real,
    a: Real,
    noise: float,
) -> tuple[list[Variant], list[str]]:
    """The same under other conditions, with what has to be known of them."""
    cases = [("as it is", information)]
    notes = []
    if _has_loss(plan):
        notes.append(LIGHT_KEPT)
        cases.append(("without loss", network_information(_with_losses(plan, 0.0), problem)))
        twice = _with_losses(plan, 2.0)
        # A transmissivity whose square is no number any more says nothing.
        if all(loss.transmissivity for loss in _losses(twice)):
            cases.append(("twice the loss in dB", network_information(twice, problem)))
    if not isinstance(problem, PhaseProblem):
        notes.append(PHOTONS_ANEW)
        for factor, word in ((0.5, "half"), (2.0, "twice"), (10.0, "ten times")):
            with suppress(InputError):  # beyond the photon numbers that networks may have
                other = problem.with_budget(problem.mean_photons * factor, problem.passes)
                cases.append((f"{word} the photons", network_information(_built(other, scheme).as_built, other)))
    if noise:
        kind = "rad of random phase" if isinstance(problem, SensedPhases) else "thermal photons"
        noisy = network_information(plan, problem, noise=noise)
        cases.append((f"with {noise:g} {kind} at every sensor", noisy))
    return [_variant(name, changed, a) for name, changed in cases], notes


def _losses(plan: Plan) -> Iterator[Loss]:
    from photonics import Loss

    return (op for part in plan.parts for op in part.circuit.operations if isinstance(op, Loss))


def _has_loss(plan: Plan) -> bool:
    return any(not loss.is_pure for loss in _losses(plan))


def _with_losses(plan: Plan, times: float) -> Plan:
    """The same light through the same circuits, with every loss in dB multiplied."""
    from photonics import Circuit, Loss

    parts = []
    for part in plan.parts:
        operations = tuple(
            replace(op, transmissivity=op.transmissivity**times) if isinstance(op, Loss) else op
            for op in part.circuit.operations
        )
        parts.append(replace(part, circuit=Circuit(modes=part.circuit.modes, operations=operations)))
    return replace(plan, parts=tuple(parts))


def _variant(name: str, information: Real, a: Real) -> Variant:
    unit = a / (a @ a) ** 0.5
    return Variant(
        name=name,
        privacy=privacy_measure(information, a.tolist()),
        target_qfi=float(unit @ information @ unit),
        worst_orthogonal_qfi=worst_orthogonal(information, a)[0],
    )


def _targets(
    problem: AnyProblem, targets: Sequence[LinearFunction], weights: Sequence[float] | None
) -> JointTargets | None:
    if not targets:
        return None
    own = [1.0] * len(targets) if weights is None or not len(weights) else list(weights)
    return problem.task.joint_targets([problem.function_of_modes(target) for target in targets], own)


def _built(problem: AnyProblem, scheme: AnyScheme) -> Built:
    if problem.is_ideal:
        plan = plan_of(scheme, problem)
        made = Built(plan=plan, as_built=plan, ideal_mse=plan.predicted_mse) if isinstance(plan, Plan) else plan
    else:
        made = build(scheme, problem)
    if not isinstance(made, Built):
        raise InputError([f"scheme {scheme.name!r} is not applicable: {made.reason}"])
    return made


def report_faults(
    network: SensorNetwork | AnyProblem,
    scheme: str | AnyScheme | None = None,
    sensitive: Sequence[LinearFunction] = (),
    colluding: Sequence[str] = (),
    noise: float = 0.0,
    targets: Sequence[LinearFunction] = (),
) -> list[str]:
    """Everything that is wrong with the arguments of ``privacy_report``, which has them under the same names.

    Parameters
    ----------
    network : SensorNetwork or Problem
    scheme : str, Scheme or None
    sensitive, targets : sequences of LinearFunction
    colluding : sequence of str
    noise : float
    """
    problem = Problem.of(network)
    names = problem.site_names
    faults: list[str] = []
    if scheme is not None:
        try:
            find_scheme(problem.kind, scheme)
        except InputError as error:
            faults += error.faults
    faults += [
        f"colluding: there is no sensor {site!r}; there are {', '.join(names[:12])}"
        for site in colluding
        if site not in names
    ]
    if len(set(colluding)) >= len(names):
        faults.append("colluding: at least one site must be left whose parameter is not known")
    for what, functions in (("sensitive", sensitive), ("target", targets)):
        faults += [
            f"{what} {f} must have {len(names)} coefficients, one a sensor, got {len(f)}"
            for f in functions
            if len(f) != len(names)
        ]
    if not (is_real(noise) and 0 <= noise <= LARGEST_NOISE):
        faults.append(f"noise must be a number from 0 to {LARGEST_NOISE:g}, got {short_repr(noise)}")
    if isinstance(problem, SensedPhases) and problem.reference is None:
        faults += [
            f"target {f} cannot be estimated without a reference: its coefficients must sum to zero"
            for f in targets
            if len(f) == len(names) and sum(problem.function_of_modes(f).alpha, Fraction(0))
        ]
    return faults


def _notes(problem: AnyProblem, known: Sequence[int], targets: bool) -> tuple[str, ...]:
    notes = ["informations are of one shot; n shots give n times as much"]
    if not problem.has_ideal_detectors:
        notes.append(
            "informations are of the light that arrives, whatever it is detected by: the most that an observer could learn; the "
            "mean squared error is that of the stated measurement with the detectors of the network"
        )
    if targets:
        notes += problem.task.joint_targets_notes
    if isinstance(problem, DisplacementProblem) and len(problem.sites) > 1:
        # A control that turns a mode around between two passes would take back what the first one revealed of it.
        without = " without controls between the passes" if problem.passes > 1 else ""
        notes.append(
            f"displacement networks are never exactly private at finite energy{without}: every mode reveals some of its own"
        )
    if known:
        notes.append(
            f"colluders know {len(known)} of {len(problem.sites)} parameters; 'to colluders' takes these as known"
        )
    return tuple(notes)
