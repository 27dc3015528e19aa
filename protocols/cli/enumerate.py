"""``psn enumerate``: its options. What they say together, and the search that answers them, is in ``enumerating``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from protocols.cli.options import Json, Photons, network_files

app = typer.Typer(add_completion=False)


class Objective(StrEnum):
    """What ``psn enumerate --objective`` minimises."""

    modes = "modes"
    support = "support"
    switches = "switches"
    pareto = "pareto"


@app.command("enumerate", epilog="Example: psn enumerate --alpha 3,1,-2 --photons 4 --passes 2 --count")
def enumerate_(
    alpha: Annotated[
        str | None,
        typer.Option(
            "--alpha", help="The coefficients of q = alpha . theta, exact and comma-separated, such as 3,-1,1/2."
        ),
    ] = None,
    photons: Photons = None,
    passes: Annotated[int | None, typer.Option(help="The number M of passes, each of unit time.")] = None,
    max_modes: Annotated[int | None, typer.Option(help="The most modes K that a pass may occupy.")] = None,
    max_photons_per_mode: Annotated[
        int | None, typer.Option(help="The most photons C that a mode may hold in a pass.")
    ] = None,
    forbid: Annotated[
        list[str] | None,
        typer.Option(help="Modes that no pass occupies all together, such as 1,3 or 2,ref. May be repeated."),
    ] = None,
    require: Annotated[
        list[str] | None, typer.Option(help="Modes of which every pass occupies one or more. May be repeated.")
    ] = None,
    connected: Annotated[
        str | None,
        typer.Option(
            help="A network file: the occupied modes of a pass must be connected by its links.",
            autocompletion=network_files,
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="The most protocols to list: 20 when not given, or all with --out.")
    ] = None,
    count: Annotated[bool, typer.Option("--count", help="Count all protocols, exactly.")] = False,
    objective: Annotated[
        Objective | None, typer.Option(help="Find the protocols that are best by this, instead of a list.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="The time in seconds that the search for the fewest modes may take.")
    ] = None,
    sample: Annotated[int | None, typer.Option(help="Draw so many protocols, each with equal probability.")] = None,
    seed: Annotated[int | None, typer.Option(help="The seed of --sample: 0 when not given.")] = None,
    out: Annotated[str | None, typer.Option(help="A new file of JSON lines that all protocols are written to.")] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            help="A file that --out began and that is gone on with; it holds its problem. All its lines are verified first, which "
            "takes about as long as writing them did; from a damaged line on it is written anew."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Which photon protocols are optimal?

    They are the integer solutions of W r = N M alpha/||alpha||_P, found exactly: listed, counted, sampled, or the best of them by
    an objective, with what is proved.
    """
    from protocols.cli.enumerating import Options, answer

    answer(
        Options(
            alpha=alpha,
            photons=photons,
            passes=passes,
            max_modes=max_modes,
            max_photons_per_mode=max_photons_per_mode,
            forbid=tuple(forbid or ()),
            require=tuple(require or ()),
            connected=connected,
            limit=limit,
            count=count,
            objective=None if objective is None else objective.value,
            seconds=seconds,
            sample=sample,
            seed=seed,
            out=out,
            resume=resume,
            json=json,
        )
    )
