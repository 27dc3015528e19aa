"""``psn bounds``: lower bounds on the mean squared error of q, and their formats."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from networks import InputError
from protocols.cli.options import Alpha, Json, MeanPhotons, Photons
from protocols.cli.terminal import console, function_of

app = typer.Typer(add_completion=False)


class Format(StrEnum):
    """How ``psn bounds`` prints."""

    table = "table"
    markdown = "markdown"
    latex = "latex"
    csv = "csv"
    json = "json"


class Parameters(StrEnum):
    """What theta does over the shots."""

    static = "static"
    snapshot = "snapshot"


class PhaseReference(StrEnum):
    """Whether light in the reference counts."""

    paid = "paid"
    free = "free"


@app.command("bounds", epilog="Example: psn bounds --alpha 3,-1,1/2 --photons 6 --mean-photons 2.5")
def bounds(
    alpha: Alpha,
    photons: Photons = None,
    mean_photons: MeanPhotons = None,
    passes: Annotated[int, typer.Option(help="The number M of passes, each of unit time.")] = 1,
    parameters: Annotated[
        Parameters,
        typer.Option(
            help="Static: theta stays put over the shots, so that sites may take turns; snapshot: every shot has to tell q."
        ),
    ] = Parameters.static,
    arms: Annotated[
        str,
        typer.Option(
            help="Modes of a phase sensor: 1 against a common reference, or 2, whose difference is sensed; or as many numbers as "
            "sensors: 2,2,1."
        ),
    ] = "1",
    phase_reference: Annotated[
        PhaseReference,
        typer.Option(help="Paid: light in the phase reference counts; free: a strong one is at hand and not counted."),
    ] = PhaseReference.paid,
    style: Annotated[Format, typer.Option("--format", help="The format of the table.")] = Format.table,
    json: Json = False,
) -> None:
    """How small can the mean squared error of q = alpha . theta be?

    The bounds are for one shot of qubits, of photons and of squeezed light: one product probe in every shot, sites in turn over the
    shots, coherent light, Gaussian light of a mean photon number, and all probes; the gain is over the best strategy without
    entanglement between sites. Where a published value needs correction it stands beside the corrected one. Phases are in rad,
    displacements of x in units where the vacuum has variance 1.
    """
    from protocols.theory.bounds import bounds_table

    function, faults = function_of(alpha)
    if function is None and "," in arms:
        # Of no function there is nothing to say about how many numbers there should be.
        arms = "1"
    try:
        table = bounds_table(
            function or [1],
            photons=photons,
            mean_photons=mean_photons,
            passes=passes,
            parameters=parameters.value,
            arms=_arms(arms),
            phase_reference=phase_reference.value,
        )
    except InputError as error:
        faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    if json or style is Format.json:
        print(table.to_json())
    elif style is Format.table:
        from protocols.reports.showing import show

        show(table, console=console())
    else:
        writers: dict[Format, Callable[[], str]] = {
            Format.markdown: table.to_markdown,
            Format.latex: table.to_latex,
            Format.csv: table.to_csv,
        }
        print(writers[style](), end="")


def _arms(text: str) -> int | list[int]:
    """The numbers of arms as they were written, each a whole number; what they may be is checked with the rest."""
    try:
        each = [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError([f"arms must be 1 or 2, or one of them for each sensor, got {text!r}"]) from None
    return each if "," in text else each[0]
