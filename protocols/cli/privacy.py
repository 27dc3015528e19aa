"""``psn privacy``: what a network reveals while it measures q, and what hiding it costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from networks import InputError
from protocols.cli.options import Dpi, EngineName, Json, Network, SchemeName, Targets, Weights, Width
from protocols.cli.terminal import console, figure_faults, functions_of, given_network, say, working

if TYPE_CHECKING:
    from networks import LinearFunction

app = typer.Typer(add_completion=False)


@app.command("privacy", epilog='Example: psn privacy examples/guo_four_nodes.json --colluding "node 1" --noise 0.2')
def privacy(
    network: Network,
    scheme: SchemeName = None,
    engine: EngineName = "native",
    sensitive: Annotated[
        list[str] | None,
        typer.Option(help="The coefficients of a further function to report on, such as 1,0,-1. May be repeated."),
    ] = None,
    colluding: Annotated[
        str | None, typer.Option(help="The sensors whose sites know their own theta and pool it, such as a,b.")
    ] = None,
    noise: Annotated[
        float,
        typer.Option(
            help="For one more condition: the standard deviation in rad of a random phase at every sensor, or the thermal "
            "photons that are added there (displacement sensing)."
        ),
    ] = 0.0,
    target: Targets = None,
    weights: Weights = None,
    at_least: Annotated[
        float | None, typer.Option(help="Find the best design with at least this privacy, from 0 to 1.")
    ] = None,
    hide: Annotated[
        list[str] | None,
        typer.Option(
            help="Find the best design whose information along a function stays below a limit, such as 1,0,-1:0.5. May be "
            "repeated."
        ),
    ] = None,
    out: Annotated[
        str | None, typer.Option(help="A figure of the frontier and the network to write: .svg, .pdf or .png.")
    ] = None,
    width: Width = None,
    dpi: Dpi = None,
    json: Json = False,
) -> None:
    """What does this network reveal of each parameter while it measures q, and to whom?

    Fisher informations of one shot are given along q and across it, to an observer and to colluding sites. With --at-least or
    --hide the price of hiding is found: the least error under the constraint.
    """
    from protocols import tables
    from protocols.built.uses import AS_BUILT
    from protocols.privacy.hiding import PrivateDesign, constraint_faults, private_design
    from protocols.privacy.report import privacy_report, report_faults
    from protocols.reports.page import page_of

    faults = figure_faults(out)
    page = page_of(width, dpi, out, faults)
    functions = functions_of("--sensitive", sensitive or (), faults)
    targets = functions_of("--target", target or (), faults)
    shares = _weights(weights, len(target or ()), faults)
    hidden = _hidden(hide or (), faults)
    given = given_network(network, faults, used=AS_BUILT)
    sites = [site.strip() for site in colluding.split(",")] if colluding is not None else []
    if given is not None:
        faults += report_faults(given, scheme, functions, sites, noise, targets)
        faults += constraint_faults(given, at_least, hidden)
        if out is not None and len(given.sensors) == 1:
            faults.append("--out: a network of one parameter has no direction across q to draw")
    if faults or given is None:
        raise InputError(faults)
    private: PrivateDesign | None = None
    with working() as report:
        result = privacy_report(
            given,
            scheme=scheme,
            engine=engine,
            sensitive=functions,
            colluding=sites,
            noise=noise,
            targets=targets,
            weights=shares,
            progress=report,
        )
        if at_least is not None or hidden:
            report("designing under the constraint")
            private = private_design(given, at_least=at_least, hide=hidden)
        if out is not None:
            from protocols.reports.plotting import draw_privacy, write_figure

            report("drawing")
            write_figure(draw_privacy(result, width_cm=page.width_cm), Path(out), page)
    if json:
        document = result.to_dict()
        if private is not None:
            document["private_design"] = private.to_dict()
        print(tables.to_json(document))
        return
    from protocols.reports.showing import show

    show(result, console=console())
    if private is not None:
        show(private, console=console())
    if out is not None:
        say(f"wrote {out}")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _weights(text: str | None, targets: int, faults: list[str]) -> list[float] | None:
    if text is None:
        return None
    values = [_number(part) for part in text.split(",")]
    if len(values) != targets or any(value is None or value <= 0 for value in values):
        faults.append(f"--weights must be {targets} positive numbers, one a --target, got {text!r}")
    return [value for value in values if value is not None]


def _hidden(texts: Sequence[str], faults: list[str]) -> list[tuple[LinearFunction, float]]:
    hidden = []
    for text in texts:
        coefficients, _, limit = text.rpartition(":")
        functions = functions_of("--hide", [coefficients] if coefficients else [], faults)
        value = _number(limit)
        if not coefficients or value is None or value < 0:
            faults.append(
                f"--hide must be coefficients, a colon and the most information, like 1,0,-1:0.5, got {text!r}"
            )
        elif functions:
            hidden.append((functions[0], value))
    return hidden
