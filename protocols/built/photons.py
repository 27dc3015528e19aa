"""Photons along the links: columns of W with the best number of photons to send, and superposed strings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from networks import InputError
from protocols.built.built import Built
from protocols.built.light import light_notes, limited_part, with_populations
from protocols.layout.photon.layout import PhotonLayout, light_limits, with_reference
from protocols.layout.photon.layouts import PhotonLayouts, photon_layouts
from protocols.layout.strings.layout import StringLayout, best_populations
from protocols.layout.strings.layouts import StringLayouts, string_layouts
from protocols.problem import PhaseProblem
from protocols.schemes.in_turn import fewer_photons_note
from protocols.schemes.photon import branches, ket, passes_of, photon_circuit, superposition
from protocols.schemes.plan import Part, Plan
from protocols.schemes.scheme import AnyScheme, plan_of
from protocols.theory.light_limits import LightLimit, light_factor, limited_populations
from protocols.theory.two_branches import best_branch_weights
from protocols.wmatrix.protocol import PhotonProtocol

MAX_TRIED = 8
"""Numbers of photons that several columns may have up to which all are tried."""
MAX_LIMITED = 20
"""Nodes for the source up to which all are tried under limits of the light; of more that which is best without limits."""


def columns_as_built(
    built: Built, scheme: AnyScheme, problem: PhaseProblem, *, sources: Sequence[str] | None, fewer: bool = True
) -> Built:
    """The layout of the least error with this scheme's kind of protocol.

    Parameters
    ----------
    built : Built
        Without its layout.
    scheme : Scheme
    problem : PhaseProblem
    sources, fewer
        As in ``build``.
    """
    planned = built.plan.photon_protocol
    assert planned is not None, "columns are laid out for plans that have them"
    # Columns may exist for fewer photons than there are.
    problem = problem.with_budget(planned.photons, problem.passes)
    layout = _columns(built.plan, problem, sources)
    best, sent = layout, problem.photons
    # Of several columns the losses do not simply go with the photons, so the number is looked for again from each layout; and
    # where there are few numbers, all are tried, as columns of more photons are others.
    tried, others = {sent}, _few_numbers(problem, layout) if fewer else []
    while fewer:
        n = best_column_photons(problem, layout.best.protocol, layout.best.log_survival)
        if n in tried:
            others = [one for one in others if one not in tried]
            if not others:
                break
            n = others.pop()
        tried.add(n)
        plan = plan_of(scheme, problem.with_budget(n, problem.passes))
        if not isinstance(plan, Plan):
            # Columns of this kind exist for other numbers.
            continue
        assert plan.photon_protocol is not None, "schemes of columns have them"
        n = plan.photon_protocol.photons
        tried.add(n)
        layout = _columns(plan, problem.with_budget(n, problem.passes), sources)
        if layout.mse < best.mse:
            best, sent = layout, n
    problem, layout = problem.with_budget(sent, problem.passes), best
    laid_out = layout.best.protocol
    same = (planned.columns, planned.repeats) == (laid_out.columns, laid_out.repeats)
    if not problem.has_lossy_links and sent == planned.photons and same and not layout.best.is_limited:
        return replace(built, layout=layout)
    as_built = _columns_plan(built.plan, problem, layout)
    note = fewer_photons_note([sent], built.plan.parts[0].photons)
    notes = (*as_built.notes, *([note] if note else []), *light_notes(as_built.parts, layout.best.is_limited))
    return replace(built, as_built=replace(as_built, notes=notes), layout=layout)


def _few_numbers(problem: PhaseProblem, layout: PhotonLayouts) -> list[int]:
    """The numbers of photons that several columns can have, where losses make fewer of use and they are few enough to try all.

    Behind detectors that add noise they are looked for outside.
    """
    least = problem.divisibility.least_product
    single = len(layout.best.protocol.columns) == 1
    if (
        least is None
        or problem.has_noisy_detectors
        or not any(layout.best.log_survival)
        or (single and problem.passes == 1)
    ):
        return []
    step = least // math.gcd(least, problem.passes)
    return list(range(step, problem.photons + 1, step)) if problem.photons <= MAX_TRIED * step else []


def _columns(plan: Plan, problem: PhaseProblem, sources: Sequence[str] | None) -> PhotonLayouts:
    assert plan.photon_protocol is not None
    switched, known = len(plan.photon_protocol.columns) > 1, [plan.photon_protocol]
    layout = photon_layouts(problem, roots=sources, known=known, switched=switched)
    roots = problem.names if sources is None else tuple(map(str, sources))
    if not layout.best.is_limited or not 1 < len(roots) <= MAX_LIMITED:
        return layout
    # Under limits of the light a root from which less arrives may do as well, or better.
    made = [layout]
    for root in roots:
        try:
            made.append(photon_layouts(problem, roots=[root], known=known, switched=switched))
        except InputError:
            # No way from there to all modes.
            continue
    return min(made, key=lambda one: one.mse)


def _best_photons(problem: PhaseProblem, layout: PhotonLayout) -> int:
    sent = with_reference(problem, layout.reference).with_budget(layout.protocol.photons, problem.passes)
    limits = light_limits(sent, layout, layout.protocol)
    return best_column_photons(problem, layout.protocol, layout.log_survival, limits)


def best_column_photons(
    problem: PhaseProblem,
    protocol: PhotonProtocol,
    log_survival: tuple[float, float],
    limits: Sequence[LightLimit] = (),
) -> int:
    """n <= N of the least error when the losses go with n, N among equals: A(n) = A(m)^(n/m) for the m photons of a protocol.

    That is so for one column, whose photons go the same ways whatever their number. The logarithm of the error,
    2 log(A(n)^(-1/2) + B(n)^(-1/2)) - 2 log n and a constant, is convex, so it falls up to its least and rises from there. Under
    limits of the light it is so, too (``light.py``).

    Parameters
    ----------
    problem : PhaseProblem
    protocol : PhotonProtocol
    log_survival : (float, float)
        Logarithms of the survival of both branches, with the photons of the protocol.
    limits : sequence of LightLimit
        Of the light at sensors, with the photons of the protocol.
    """
    least, passes = problem.divisibility.least_product, problem.passes
    if least is None:
        return problem.photons
    # In one pass of a N00N state n itself has to be a multiple; with controls n M has.
    step = least if len(protocol.columns) == 1 else least // math.gcd(least, passes)
    most = problem.photons // step
    if not most or not any(log_survival):
        return most * step or problem.photons
    first, second = (-log / (2 * protocol.photons) for log in log_survival)

    def log_error(multiple: int) -> float:
        n = multiple * step
        log = max(first, second) * n + math.log1p(math.exp(-abs(first - second) * n)) - math.log(n)
        if not limits:
            return log
        wanted = best_branch_weights(-2 * first * n, -2 * second * n)
        own = [LightLimit(light=tuple(m * n / protocol.photons for m in one.light), most=one.most) for one in limits]
        return log + math.log(light_factor(wanted, limited_populations(wanted, own))) / 2

    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        if log_error(middle + 1) <= log_error(middle):
            low = middle + 1
        else:
            high = middle
    return low * step


def _columns_plan(plan: Plan, problem: PhaseProblem, layout: PhotonLayouts) -> Plan:
    """The light at its modes as it arrives there: each photon of a branch with an equal part of what the branch loses on links.

    Only shots in which no photon is lost tell anything of the phase, and their number depends on the whole survival alone; the
    circuit with every link by itself is that of the layout.
    """
    best = layout.best
    used = with_reference(problem, best.reference)
    modes, protocol = used.circuit_modes, best.protocol
    columns = protocol.pass_columns()
    # Transports with the passes behind them: light stays where it is between the passes of one column.
    arriving: list[tuple[float, float]] = []
    for transport, times in zip(best.transports, (n for n in protocol.repeats if n), strict=True):
        first, second = (math.exp(log / problem.photons) for log in transport.log_survival)
        arriving += [(first, second), *[(1.0, 1.0)] * (times - 1)]
    probes = []
    for column, times in zip(protocol.columns, protocol.repeats, strict=True):
        if times:
            one, other = (ket(modes, string) for string in branches(used, column))
            probes.append(f"{times} x {superposition(one, other, best.weights)}, made at {best.root}")
    part = Part(
        circuit=photon_circuit(used, columns, weights=best_branch_weights(*best.log_survival), arriving=arriving),
        sensors=tuple(range(len(problem.function))),
        branches=branches(used, columns[-1]),
    )
    part = with_populations(part, dict(zip(branches(used, columns[0]), best.weights, strict=True)))
    return replace(
        plan,
        parts=(part,),
        probes=tuple(probes),
        controls=protocol.switches,
        modes_per_pass=protocol.modes_per_pass,
        predicted_mse=layout.mse,
        formula="||alpha||_P^2/(n t)^2 over 4AB/(sqrt A + sqrt B)^2 for branch survivals A, B of n photons, links included",
        photon_protocol=protocol,
    )


def strings_as_built(
    built: Built, scheme: AnyScheme, problem: PhaseProblem, *, sources: Sequence[str] | None, fewer: bool = True
) -> Built:
    """Superposed strings, or pairs in turn, from the best nodes and with the best photons, populations and shares.

    Parameters
    ----------
    built : Built
        Without its layout.
    scheme : Scheme
    problem : PhaseProblem
    sources, fewer
        As in ``build``.
    """
    layout = string_layouts(problem, built.plan.scheme, roots=sources, fewer=fewer)
    sent = [turn.photons for turn in layout.turns]
    is_limited = any(turn.is_limited for turn in layout.turns)
    if not problem.has_lossy_links and all(n == problem.photons for n in sent) and not is_limited:
        return replace(built, layout=layout)
    # The scheme's note is about the photons that it would send without a layout.
    notes = [note for note in built.plan.notes if note != scheme.note(problem.task)]
    note = fewer_photons_note(sent, problem.photons)
    plan = _strings_plan(built.plan, problem, layout)
    notes += [*([note] if note else []), *light_notes(plan.parts, is_limited)]
    return replace(built, as_built=replace(plan, notes=tuple(notes)), layout=layout)


def _strings_plan(plan: Plan, problem: PhaseProblem, layout: StringLayouts) -> Plan:
    probes = []
    for turn in layout.turns:
        share = "" if turn.share == 1 else f"{turn.share:.4g} of the shots: "
        kets = [f"{p:.6g} |{turn.photons} in {node}>" for node, p in zip(turn.nodes, turn.populations, strict=True)]
        more = f" + ... {len(kets) - 8} more" if len(kets) > 8 else ""
        probes.append(f"{share}superposition with the populations {' + '.join(kets[:8])}{more}, made at {turn.root}")
    return replace(
        plan,
        parts=tuple(string_part(problem, turn, photons=turn.photons, passes=problem.passes) for turn in layout.turns),
        probes=tuple(probes),
        modes_per_pass=(max(len(turn.nodes) for turn in layout.turns),) * problem.passes,
        predicted_mse=layout.mse,
        formula="(sum over turns of sum |c_j| e_j^(-n/2)/(2 n M))^2, e_j what is left of one photon, links included",
    )


def string_part(problem: PhaseProblem, turn: StringLayout, *, photons: int, passes: int) -> Part:
    """The light of a turn at its nodes, as it arrives there.

    Parameters
    ----------
    problem : PhaseProblem
    turn : StringLayout
        Made for this problem.
    photons, passes : int >= 1
        Those of the turn, or of a stage of estimation with less of them; populations are the best for what survives then.
    """
    from photonics import Circuit, FockState, Loss, PrepareFock

    used = tuple(name for name in problem.sensor_modes if name in turn.nodes)
    modes = (*used, *(name for name in turn.nodes if name not in used))
    on_links = {node: log / turn.photons for node, log in zip(turn.nodes, turn.preparation.log_survival, strict=True)}
    losses = {mode: problem.losses_of[mode] for mode in modes}
    logs = {node: photons * (on_links[node] + losses[node].log_photon(passes)) for node in turn.nodes}
    populations = best_populations([abs(float(c)) for c in turn.coefficients], [logs[node] for node in turn.nodes])
    strings = {node: tuple(photons * (mode == node) for mode in modes) for node in turn.nodes}
    terms: dict[Sequence[int], complex] = {
        strings[node]: math.sqrt(p) for node, p in zip(turn.nodes, populations, strict=True)
    }
    ways = [Loss(mode=node, transmissivity=math.exp(log)) for node, log in on_links.items() if log]
    start = PrepareFock(state=FockState.from_terms(modes, terms))
    branches_of_two = None
    if len(turn.nodes) == 2:
        # The one that turns with the sign of q first, as for all light of two branches.
        first, second = sorted(turn.nodes, key=lambda node: turn.terms[node], reverse=True)
        branches_of_two = (strings[first], strings[second])
    part = Part(
        circuit=Circuit(modes=modes, operations=(start, *ways, *passes_of(losses, used, passes))),
        sensors=tuple(problem.sensor_modes.index(name) for name in used),
        branches=branches_of_two,
        share=turn.share,
        coefficients=tuple(float(turn.terms[name]) for name in used),
    )
    return limited_part(part, problem).part
