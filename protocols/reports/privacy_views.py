"""Privacy and duality in words: what is revealed along which directions. Nothing is computed here."""

from __future__ import annotations

import math

from protocols.privacy.hiding import PrivateDesign
from protocols.privacy.report import DirectionRow, PrivacyReport
from protocols.reports.rendering import joined
from protocols.reports.summaries import function_sentence, mse_unit, vector
from protocols.reports.view import Gap, Item, Line, Part, View
from protocols.tables import Table, cell
from protocols.theory.duality import Duality

MAX_DIRECTIONS = 24
"""Directions shown; --json has all."""
MAX_CORNERS = 12
"""Corners of a region shown; --json has all."""


def duality_view(result: Duality) -> View:
    """The caps, the states that reach them, and the corners of the limit."""
    w, v = result.directions.vectors
    first, second = result.directions.squares
    equal = result.qubit_cap == result.published_cap
    why = "a sign vector lies in the plane of w and v" if equal else "no sign vector lies in the plane of w and v"
    directions = f"w = {vector(w)}/sqrt({first}), v = {vector(v)}/sqrt({second})"
    caps = [f"{len(w)} qubits: F(w) + F(v) <= {result.qubit_cap}, exactly; published: {result.published_cap} ({why})"]
    corners = "  ".join(f"({x}, {y})" for x, y in result.region[:MAX_CORNERS])
    left = len(result.region) - MAX_CORNERS
    parts: list[Part] = [
        Line(directions),
        Line(caps[0]),
        Item(f"reached by the GHZ state of the signs {vector(result.signs)}"),
        Item(f"corners of the limit on (F(w), F(v)): {corners}{f'  ... {left} more' if left > 0 else ''}"),
    ]
    if result.photonic is not None:
        caps.append(f"N = {result.photons} photons, M = {result.passes}: F(w) + F(v) <= {result.photonic.cap}, exactly")
        places = [
            f"{p} in {'the reference' if k == len(w) else f'sensor {k + 1}'}"
            for k, p in zip(result.photonic.vertices, result.photonic.weights, strict=True)
        ]
        reached = f"reached with all photons in one place or another, probabilities {', '.join(places)}"
        parts += [Line(caps[1]), Item(reached)]
    return View(title=f"Duality of {directions}", parts=tuple(parts), summary=tuple(caps), titled=False)


def privacy_view(result: PrivacyReport) -> View:
    """What one shot reveals along q and across it, under which conditions."""
    names = ("condition", "privacy", "information on q", "most across q")
    variants = tuple(
        (v.name, v.privacy, v.target_qfi, _unrounded(v.worst_orthogonal_qfi, result)) for v in result.variants
    )
    measures = f"MSE {cell(result.mse)}; privacy {cell(result.privacy)} (1: q and nothing else)"
    parts: list[Part] = [
        Line(function_sentence(result.network)),
        Line(f"scheme {result.scheme}, {measures}"),
        Gap(),
        _directions(result),
        Table(title="Under other conditions", columns=names, rows=variants),
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
    return Table(title="Information that one shot reveals", columns=tuple(columns), rows=rows)


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
    hiding = f", {result.hiding_photons:.6g} of the photons spent on hiding" if result.hiding_photons else ""
    best = f"{result.scheme}, MSE {cell(result.mse)}, {result.price:.4g} times the least without the constraint{hiding}"
    return View(
        title="Design under a privacy constraint",
        parts=(table, Line(f"best: {best}", "strong")),
        summary=(f"{best}; privacy {cell(result.privacy)}",),
        titled=False,
    )
