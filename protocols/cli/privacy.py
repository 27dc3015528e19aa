"""``psn duality`` and ``psn privacy``: reading their options, all faults at once, and showing what was found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from networks import InputError, LinearFunction, load_network, parse_exact_vector
from protocols import tables
from protocols.cli.terminal import about, console, working
from protocols.privacy.hiding import PrivateDesign, constraint_faults, private_design
from protocols.privacy.report import PrivacyReport, privacy_report, report_faults
from protocols.reports.summaries import vector
from protocols.tables import Table, cell, to_rich
from protocols.theory.duality import Duality, duality

MAX_ROWS = 24
"""Directions shown on a terminal; --json has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyAsked:
    """The options of ``psn privacy`` as given."""

    network: str
    scheme: str | None
    engine: str
    sensitive: tuple[str, ...]
    colluding: str | None
    noise: float
    target: tuple[str, ...]
    weights: str | None
    at_least: float | None
    hide: tuple[str, ...]
    out: str | None
    json: bool


def duality_answer(
    w: str, v: str, *, photons: int | None, passes: int, reference: bool, out: str | None, json: bool
) -> None:
    """Compute, draw when asked, and print."""
    faults = _path_faults(out)
    for name, value in (("--photons", photons), ("--passes", passes)):
        if value is not None and value < 1:
            faults.append(f"{name} must be a positive integer, got {value}")
    if photons is None and passes != 1:
        faults.append("--passes is for photons; give --photons too")
    vectors = []
    for name, text in (("--w", w), ("--v", v)):
        try:
            vectors.append(parse_exact_vector(text.split(",")))
        except InputError as error:
            faults += [f"{name}: {fault}" for fault in error.faults]
    if faults:
        raise InputError(faults)
    with working() as tell:
        tell("looking for caps and regions")
        found = duality(vectors[0], vectors[1], photons=photons, passes=passes, reference=reference)
        if out is not None:
            from protocols.reports.plotting import duality_figure, write_figure

            tell("drawing")
            write_figure(duality_figure(found), Path(out))
    if json:
        print(tables.to_json(found.to_dict()))
        return
    _show_duality(found)
    if out is not None:
        print(f"wrote {out}")


def privacy_answer(asked: PrivacyAsked) -> None:
    """Check all options together, compute, draw when asked, and print."""
    faults = _path_faults(asked.out)
    sensitive, more = _functions("--sensitive", asked.sensitive)
    faults += more
    targets, more = _functions("--target", asked.target)
    faults += more
    weights, more = _weights(asked.weights, len(asked.target))
    faults += more
    hide, more = _hidden(asked.hide)
    faults += more
    network = None
    try:
        network = load_network(asked.network)
    except InputError as error:
        faults += about(asked.network, error.faults)
    sites = [site.strip() for site in asked.colluding.split(",")] if asked.colluding is not None else []
    if network is not None:
        faults += report_faults(network, asked.scheme, sensitive, sites, asked.noise, targets)
        faults += constraint_faults(network, asked.at_least, hide)
        if asked.out is not None and len(network.sensors) == 1:
            faults.append("--out: a network of one parameter has no direction across q to draw")
    if faults or network is None:
        raise InputError(faults)
    private: PrivateDesign | None = None
    with working() as tell:
        found = privacy_report(
            network,
            scheme=asked.scheme,
            engine=asked.engine,
            sensitive=sensitive,
            colluding=sites,
            noise=asked.noise,
            targets=targets,
            weights=weights,
            progress=tell,
        )
        if asked.at_least is not None or hide:
            tell("designing under the constraint")
            private = private_design(network, at_least=asked.at_least, hide=hide)
        if asked.out is not None:
            from protocols.reports.plotting import privacy_figure, write_figure

            tell("drawing")
            write_figure(privacy_figure(found), Path(asked.out))
    if asked.json:
        document = found.to_dict()
        if private is not None:
            document["private_design"] = private.to_dict()
        print(tables.to_json(document))
        return
    _show_privacy(found)
    if private is not None:
        _show_private(private)
    if asked.out is not None:
        print(f"wrote {asked.out}")


# --- reading -------------------------------------------------------------------------------------------------


def _path_faults(out: str | None) -> list[str]:
    if out is None:
        return []
    from protocols.reports.plotting import path_faults

    return path_faults(Path(out))


def _functions(name: str, texts: Sequence[str]) -> tuple[list[LinearFunction], list[str]]:
    functions, faults = [], []
    for text in texts:
        try:
            functions.append(LinearFunction.from_text(text))
        except InputError as error:
            faults += [f"{name} {text!r}: {fault}" for fault in error.faults]
    return functions, faults


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _weights(text: str | None, targets: int) -> tuple[list[float] | None, list[str]]:
    if text is None:
        return None, []
    values = [_number(part) for part in text.split(",")]
    if len(values) != targets or any(value is None or value <= 0 for value in values):
        return None, [f"--weights must be {targets} positive numbers, one a --target, got {text!r}"]
    return [value for value in values if value is not None], []


def _hidden(texts: Sequence[str]) -> tuple[list[tuple[LinearFunction, float]], list[str]]:
    hidden, faults = [], []
    for text in texts:
        coefficients, _, limit = text.rpartition(":")
        functions, more = _functions("--hide", [coefficients] if coefficients else [])
        value = _number(limit)
        faults += more
        if not coefficients or value is None or value < 0:
            faults.append(
                f"--hide must be coefficients, a colon and the most information, like 1,0,-1:0.5, got {text!r}"
            )
        elif functions:
            hidden.append((functions[0], value))
    return hidden, faults


# --- showing -------------------------------------------------------------------------------------------------


def _show_duality(found: Duality) -> None:
    out = console()
    w, v = found.directions.vectors
    first, second = found.directions.squares
    out.print(Text(f"w = {vector(w)}/sqrt({first}), v = {vector(v)}/sqrt({second})"))
    equal = found.qubit_cap == found.published_cap
    why = "a sign vector lies in the plane of w and v" if equal else "no sign vector lies in the plane of w and v"
    out.print(
        Text(f"{len(w)} qubits: F(w) + F(v) <= {found.qubit_cap}, exactly; published: {found.published_cap} ({why})")
    )
    out.print(Text(f"  reached by the GHZ state of the signs {vector(found.signs)}"))
    corners = "  ".join(f"({x}, {y})" for x, y in found.region[:12])
    more = f"  ... {len(found.region) - 12} more" if len(found.region) > 12 else ""
    out.print(Text(f"  corners of the reachable (F(w), F(v)): {corners}{more}"))
    if found.photonic is not None:
        out.print(
            Text(f"N = {found.photons} photons, M = {found.passes}: F(w) + F(v) <= {found.photonic.cap}, exactly")
        )
        places = [
            f"{p} in {'the reference' if k == len(w) else f'sensor {k + 1}'}"
            for k, p in zip(found.photonic.vertices, found.photonic.weights, strict=True)
        ]
        out.print(Text(f"  reached with all photons in one place or another, probabilities {', '.join(places)}"))


def _show_privacy(found: PrivacyReport) -> None:
    out = console()
    out.print(Text(str(found.network), style="bold"))
    out.print(Text(f"q = alpha . theta, alpha = {vector([str(a) for a in found.network.function.alpha])}"))
    out.print(
        Text(f"scheme {found.scheme}, MSE {cell(found.mse)}; privacy {cell(found.privacy)} (1: q and nothing else)\n")
    )
    columns = ["direction (unit vector)", "others known", "nothing known"]
    if found.colluding:
        columns.append("to colluders")
    shown = [row for row in found.rows if row.name == "q itself" or row.name.startswith("worst")]
    rest = [row for row in found.rows if row not in shown]
    kept = [shown[0], *rest[:MAX_ROWS], *shown[1:]]
    rows = tuple(
        (
            row.name,
            _unrounded(row.directional_qfi, found),
            row.nuisance_aware_qfi,
            *((row.to_colluders if row.to_colluders != math.inf else "known",) if found.colluding else ()),
        )
        for row in kept
    )
    variants = tuple(
        (v.name, v.privacy, v.target_qfi, _unrounded(v.worst_orthogonal_qfi, found)) for v in found.variants
    )
    names = ("condition", "privacy", "information on q", "most across q")
    out.print(
        to_rich(
            [
                Table(title="Information that one shot reveals", columns=tuple(columns), rows=rows),
                Table(title="Under other conditions", columns=names, rows=variants),
            ]
        )
    )
    if len(rest) > MAX_ROWS:
        out.print(Text(f"({len(rest) - MAX_ROWS} more directions in --json)"))
    count, size = len(found.estimable), len(found.information)
    out.print(Text(f"{count} of {size} combinations of the parameters can be estimated at all"))
    if count == 1:
        alpha = [float(a) for a in found.network.function.alpha]
        turn = 1 if sum(a * x for a, x in zip(alpha, found.estimable[0], strict=True)) >= 0 else -1
        along = [turn * x if abs(x) > 1e-12 else 0.0 for x in found.estimable[0]]
        out.print(Text(f"  only along {vector([f'{x:.4g}' for x in along])}"))
    if found.targets is not None:
        t = found.targets
        out.print(
            Text(
                f"several functions: weighted MSE a shot {cell(t.joint)} from one joint probe, "
                f"{cell(t.taking_turns)} when they take turns"
            )
        )
        out.print(Text(f"  a joint probe lets {t.joint_rank} combinations be estimated, turns {t.turns_rank}"))
    for note in found.notes:
        out.print(Text(f"note: {note}", style="dim"))


def _unrounded(information: float, found: PrivacyReport) -> float:
    """Zero for what is rounding beside the whole Fisher matrix; --json has the number as it came."""
    return 0.0 if abs(information) < 1e-13 * float(found.information.trace()) else information


def _show_private(found: PrivateDesign) -> None:
    out = console()
    rows = tuple((name, mse, privacy, "yes" if meets else "no") for name, mse, privacy, meets in found.considered)
    table = Table(title="Designs under the constraint", columns=("scheme", "MSE", "privacy", "meets it"), rows=rows)
    out.print(to_rich([table]))
    hiding = f", {found.hiding_photons:.6g} of the photons spent on hiding" if found.hiding_photons else ""
    text = (
        f"best: {found.scheme}, MSE {cell(found.mse)}, {found.price:.4g} times the least without the constraint{hiding}"
    )
    out.print(Text(text, style="bold"))
