"""Privacy and duality as people read them on a terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.text import Text

from protocols.reports.summaries import vector
from protocols.tables import Table, cell, to_rich

if TYPE_CHECKING:
    from rich.console import Console

    from protocols.privacy.hiding import PrivateDesign
    from protocols.privacy.report import PrivacyReport
    from protocols.theory.duality import Duality

MAX_DIRECTIONS = 24
"""Directions shown; --json has all."""


def show_duality(console: Console, result: Duality) -> None:
    """The caps, the states that reach them, and the corners of the region."""
    w, v = result.directions.vectors
    first, second = result.directions.squares
    console.print(Text(f"w = {vector(w)}/sqrt({first}), v = {vector(v)}/sqrt({second})"))
    equal = result.qubit_cap == result.published_cap
    why = "a sign vector lies in the plane of w and v" if equal else "no sign vector lies in the plane of w and v"
    console.print(
        Text(f"{len(w)} qubits: F(w) + F(v) <= {result.qubit_cap}, exactly; published: {result.published_cap} ({why})")
    )
    console.print(Text(f"  reached by the GHZ state of the signs {vector(result.signs)}"))
    corners = "  ".join(f"({x}, {y})" for x, y in result.region[:12])
    more = f"  ... {len(result.region) - 12} more" if len(result.region) > 12 else ""
    console.print(Text(f"  corners of the reachable (F(w), F(v)): {corners}{more}"))
    if result.photonic is not None:
        console.print(
            Text(f"N = {result.photons} photons, M = {result.passes}: F(w) + F(v) <= {result.photonic.cap}, exactly")
        )
        places = [
            f"{p} in {'the reference' if k == len(w) else f'sensor {k + 1}'}"
            for k, p in zip(result.photonic.vertices, result.photonic.weights, strict=True)
        ]
        console.print(Text(f"  reached with all photons in one place or another, probabilities {', '.join(places)}"))


def show_privacy(console: Console, result: PrivacyReport) -> None:
    """What one shot reveals along q and across it, under which conditions."""
    console.print(Text(str(result.network), style="bold"))
    console.print(Text(f"q = alpha . theta, alpha = {vector([str(a) for a in result.network.function.alpha])}"))
    console.print(
        Text(
            f"scheme {result.scheme}, MSE {cell(result.mse)}; privacy {cell(result.privacy)} (1: q and nothing else)\n"
        )
    )
    columns = ["direction (unit vector)", "others known", "nothing known"]
    if result.colluding:
        columns.append("to colluders")
    shown = [row for row in result.rows if row.name == "q itself" or row.name.startswith("worst")]
    rest = [row for row in result.rows if row not in shown]
    kept = [shown[0], *rest[:MAX_DIRECTIONS], *shown[1:]]
    rows = tuple(
        (
            row.name,
            _unrounded(row.directional_qfi, result),
            row.nuisance_aware_qfi,
            *((row.to_colluders if row.to_colluders != math.inf else "known",) if result.colluding else ()),
        )
        for row in kept
    )
    variants = tuple(
        (v.name, v.privacy, v.target_qfi, _unrounded(v.worst_orthogonal_qfi, result)) for v in result.variants
    )
    names = ("condition", "privacy", "information on q", "most across q")
    console.print(
        to_rich(
            [
                Table(title="Information that one shot reveals", columns=tuple(columns), rows=rows),
                Table(title="Under other conditions", columns=names, rows=variants),
            ]
        )
    )
    if len(rest) > MAX_DIRECTIONS:
        console.print(Text(f"({len(rest) - MAX_DIRECTIONS} more directions in --json)"))
    count, size = len(result.estimable), len(result.information)
    console.print(Text(f"{count} of {size} combinations of the parameters can be estimated at all"))
    if count == 1:
        alpha = [float(a) for a in result.network.function.alpha]
        turn = 1 if sum(a * x for a, x in zip(alpha, result.estimable[0], strict=True)) >= 0 else -1
        along = [turn * x if abs(x) > 1e-12 else 0.0 for x in result.estimable[0]]
        console.print(Text(f"  only along {vector([f'{x:.4g}' for x in along])}"))
    if result.targets is not None:
        t = result.targets
        console.print(
            Text(
                f"several functions: weighted MSE a shot {cell(t.joint)} from one joint probe, "
                f"{cell(t.taking_turns)} when they take turns"
            )
        )
        console.print(Text(f"  a joint probe lets {t.joint_rank} combinations be estimated, turns {t.turns_rank}"))
    for note in result.notes:
        console.print(Text(f"note: {note}", style="dim"))


def _unrounded(information: float, result: PrivacyReport) -> float:
    """Zero for what is rounding beside the whole Fisher matrix; --json has the number as it came."""
    return 0.0 if abs(information) < 1e-13 * float(result.information.trace()) else information


def show_private_design(console: Console, result: PrivateDesign) -> None:
    """The designs that were considered under the constraint, and the best of them."""
    rows = tuple((name, mse, privacy, "yes" if meets else "no") for name, mse, privacy, meets in result.considered)
    table = Table(title="Designs under the constraint", columns=("scheme", "MSE", "privacy", "meets it"), rows=rows)
    console.print(to_rich([table]))
    hiding = f", {result.hiding_photons:.6g} of the photons spent on hiding" if result.hiding_photons else ""
    text = f"best: {result.scheme}, MSE {cell(result.mse)}, {result.price:.4g} times the least without the constraint{hiding}"
    console.print(Text(text, style="bold"))
