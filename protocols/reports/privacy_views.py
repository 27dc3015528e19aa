"""Privacy and duality in words: what is revealed along which directions. Nothing is computed here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from protocols.privacy.hiding import PrivateDesign
from protocols.privacy.report import DirectionRow, PrivacyReport
from protocols.reports.rendering import joined
from protocols.reports.summaries import function_sentence, mse_unit, vector
from protocols.reports.view import INFORMATION_UNITS, Gap, Item, Line, Part, View
from protocols.tables import Table, cell
from protocols.theory.directions import NEAR
from protocols.theory.duality import Duality
from protocols.theory.reachable import RegionSide

MAX_DIRECTIONS = 24
"""Directions shown; --json has all."""
MAX_CORNERS = 12
"""Corners of a region shown; --json has all."""


def duality_view(result: Duality) -> View:
    """The caps, the states that reach them, the corners of the region, and what is left for w when v is to stay hidden."""
    w, v = result.directions.vectors
    first, second = result.directions.squares
    equal = result.qubit_cap == result.published_cap
    why = "a sign vector lies in the plane of w and v" if equal else "no sign vector lies in the plane of w and v"
    directions = f"w = {vector(w)}/sqrt({first}), v = {vector(v)}/sqrt({second})"
    # Published is the limit of one pass; t^2 of it are what passes add.
    several = "" if result.passes == 1 else f", M = {result.passes}"
    caps = [
        f"{len(w)} qubits{several}: F(w) + F(v) <= {result.qubit_cap}, exactly; published: {result.published_cap} ({why})"
    ]
    private = [_private(result.lower, result.passes)]
    what = "corners of the region of (F(w), F(v)), with (0, 0)"
    if not result.lower.exact:
        what = "corners of what is reached at least, with (0, 0)"
    parts: list[Part] = [
        Line(directions),
        Line(caps[0]),
        Item(f"reached by the GHZ state of the signs {vector(result.signs)}"),
        Item(f"{what}: {_corners(result.region)}"),
        Item(private[0]),
    ]
    if result.photonic is not None and result.photonic_lower is not None:
        caps.append(f"N = {result.photons} photons, M = {result.passes}: F(w) + F(v) <= {result.photonic.cap}, exactly")
        places = [
            f"{p} in {'the reference' if k == len(w) else f'sensor {k + 1}'}"
            for k, p in zip(result.photonic.vertices, result.photonic.weights, strict=True)
        ]
        reached = f"reached with all photons in one place or another, probabilities {', '.join(places)}"
        private.append(_private(result.photonic_lower, result.passes))
        known = "" if result.photonic_lower.exact else ", reached at least"
        side = f"corners of the side of least F(v){known}: {_corners(result.photonic_lower.corners)}"
        parts += [Line(caps[1]), Item(reached), Item(side), Item(private[1])]
    if (near := result.directions.nearest()) is not None:
        first_near, second_near = near.vectors
        meant = f"w = {vector(first_near)} and v = {vector(second_near)}"
        note = f"note: this is of exactly these numbers; within {NEAR:g} they are {meant}: give these if they are meant"
        parts.append(Line(note, "note"))
    summary = [f"{cap}; {hidden}" for cap, hidden in zip(caps, private, strict=True)]
    return View(title=f"Duality of {directions}", parts=tuple(parts), summary=tuple(summary), titled=False)


def _private(side: RegionSide, passes: int) -> str:
    """The most F(w) that leaves nothing of v, as far as it is known."""
    if side.private_cap == side.private_limit:
        return f"F(v) = 0 leaves F(w) <= {side.private_cap}, exactly"
    why = " with any controls between the passes" if passes > 1 else ""
    return f"F(v) = 0 leaves F(w) of at least {side.private_cap}, at most {side.private_limit}{why}"


def _corners(corners: Sequence[tuple[Fraction, Fraction]]) -> str:
    left = len(corners) - MAX_CORNERS
    return "  ".join(f"({x}, {y})" for x, y in corners[:MAX_CORNERS]) + (f"  ... {left} more" if left > 0 else "")


def privacy_view(result: PrivacyReport) -> View:
    """What one shot reveals along q and across it, under which conditions."""
    names = ("condition", "privacy", "information on q", "most across q")
    variants = tuple(
        (v.name, v.privacy, v.target_qfi, _unrounded(v.worst_orthogonal_qfi, result)) for v in result.variants
    )
    measures = f"mean squared error {cell(result.mse)} {mse_unit(result.network)} a shot"
    parts: list[Part] = [
        Line(function_sentence(result.network)),
        Line(f"scheme {result.scheme}, {measures}"),
        Gap(),
        Line(_revealed(result), "strong"),
        Gap(),
        _directions(result),
        Table(
            title=f"Under other conditions; information in {INFORMATION_UNITS[result.network.sensing]}",
            columns=names,
            rows=variants,
        ),
    ]
    left = len(result.rows) - len(_first_rows(result)) - MAX_DIRECTIONS
    if left > 0:
        parts.append(Line(f"({left} more directions in --json)"))
    parts += [*_estimable(result), *_targets(result)]
    parts += [Line(f"note: {note}", "note") for note in result.notes]
    unit = mse_unit(result.network)
    summary = joined((f"scheme {result.scheme}: MSE", result.mse, unit), ("privacy", result.privacy, ""))
    count = f"{len(result.estimable)} of {len(result.information)} combinations of the parameters can be estimated"
    return View(title=str(result.network), parts=tuple(parts), summary=(summary, count))


def _revealed(result: PrivacyReport) -> str:
    """What people read first: whether the light tells anything beside q."""
    now = result.variants[0]
    across = _unrounded(now.worst_orthogonal_qfi, result)
    if math.isnan(now.privacy):
        return f"{result.scheme} reveals nothing: the light that arrives does not depend on the parameters."
    if not across:
        return f"{result.scheme} reveals q and nothing else: privacy {cell(result.privacy)}."
    return (
        f"{result.scheme} reveals more than q: privacy {cell(result.privacy)} (1: q and nothing else). One shot holds a Fisher "
        f"information of {cell(now.target_qfi)} along the unit vector of q and of up to {cell(across)} along one orthogonal to it, "
        f"in {INFORMATION_UNITS[result.network.sensing]}."
    )


def _first_rows(result: PrivacyReport) -> list[DirectionRow]:
    return [row for row in result.rows if row.name == "q itself" or row.name.startswith("worst")]


def _directions(result: PrivacyReport) -> Table:
    columns = ["direction (unit vector)", "others known", "nothing known"]
    if result.colluding:
        columns.append("to colluders")
    shown = _first_rows(result)
    rest = [row for row in result.rows if row not in shown]
    rows = tuple(
        (
            row.name,
            _unrounded(row.directional_qfi, result),
            row.nuisance_aware_qfi,
            *((row.to_colluders if row.to_colluders != math.inf else "known",) if result.colluding else ()),
        )
        for row in (shown[0], *rest[:MAX_DIRECTIONS], *shown[1:])
    )
    return Table(
        title=f"Information that one shot reveals, in {INFORMATION_UNITS[result.network.sensing]}",
        columns=tuple(columns),
        rows=rows,
    )


def _estimable(result: PrivacyReport) -> list[Part]:
    count, size = len(result.estimable), len(result.information)
    parts: list[Part] = [Line(f"{count} of {size} combinations of the parameters can be estimated at all")]
    if count == 1:
        alpha = [float(a) for a in result.network.function.alpha]
        turn = 1 if sum(a * x for a, x in zip(alpha, result.estimable[0], strict=True)) >= 0 else -1
        along = [turn * x if abs(x) > 1e-12 else 0.0 for x in result.estimable[0]]
        parts.append(Item(f"only along {vector([f'{x:.4g}' for x in along])}"))
    return parts


def _targets(result: PrivacyReport) -> list[Part]:
    t = result.targets
    if t is None:
        return []
    return [
        Line(
            f"several functions: weighted MSE a shot {cell(t.joint)} from one joint probe, "
            f"{cell(t.taking_turns)} when they take turns"
        ),
        Item(f"a joint probe lets {t.joint_rank} combinations be estimated, turns {t.turns_rank}"),
    ]


def _unrounded(information: float, result: PrivacyReport) -> float:
    """Zero for what is rounding beside the whole Fisher matrix; --json has the number as it came."""
    return 0.0 if abs(information) < 1e-13 * float(result.information.trace()) else information


def private_design_view(result: PrivateDesign) -> View:
    """The designs that were considered under the constraint, and the best of them."""
    rows = tuple((name, mse, privacy, "yes" if meets else "no") for name, mse, privacy, meets in result.considered)
    table = Table(title="Designs under the constraint", columns=("scheme", "MSE", "privacy", "meets it"), rows=rows)
    hiding = f", {result.hiding_photons:.6g} photons on average spent on hiding" if result.hiding_photons else ""
    best = f"{result.scheme}, MSE {cell(result.mse)}, {result.price:.4g} times the least without the constraint{hiding}"
    return View(
        title="Design under a privacy constraint",
        parts=(table, Line(f"best: {best}", "strong"), *(Line(f"note: {note}", "note") for note in result.notes)),
        summary=(f"{best}; privacy {cell(result.privacy)}",),
        titled=False,
    )
