"""``psn check``: the conditions of photon protocols, or of a certificate of fewest modes, each with its witness."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from networks import InputError
from protocols.cli.options import Json, files_ending
from protocols.cli.terminal import console

app = typer.Typer(add_completion=False)


@app.command("check", epilog="Example: psn check protocol.json --json")
def check(
    file: Annotated[
        str,
        typer.Argument(
            help="A .json file with alpha, photons, passes, columns (of the oriented function) and repeats; or pairs and times; "
            "or a certificate; or what psn enumerate --json printed; or one of these as save() kept it; - is standard input.",
            autocompletion=files_ending(".json"),
            show_default=False,
        ),
    ],
    json: Json = False,
) -> None:
    """Is this photon protocol valid and optimal?

    Every condition is printed with its witness; the exit code is 1 when one does not hold. A certificate is checked too: that
    no protocol occupies fewer modes. Of a document of psn enumerate every protocol is checked, and its certificate. So are N00N
    pairs with times, for controls that act at any time, as psn bounds --photons N --json prints them.
    """
    from networks.files.text import read_text
    from protocols import tables
    from protocols.conditions import CheckReport
    from protocols.schemes.enumeration_check import EnumerationCheck, check_enumeration
    from protocols.schemes.protocol_checks import check_protocol

    if not file:
        raise InputError(["FILE must name a file, got nothing"])
    document = _document(read_text(Path(file)), file)
    verdict: CheckReport | EnumerationCheck
    try:
        if "proof" in document:
            from protocols.wmatrix.certificate import verify_minimum

            verdict = verify_minimum(document)
        elif "protocols" in document:
            verdict = check_enumeration(document)
        else:
            verdict = check_protocol(document)
    except InputError as error:
        raise error.within(file) from None
    if json:
        print(tables.to_json(verdict.to_dict()))
    else:
        from protocols.reports.protocol_views import enumeration_check_view
        from protocols.reports.showing import show

        show(enumeration_check_view(verdict) if isinstance(verdict, EnumerationCheck) else verdict, console=console())
    if not verdict.valid:
        raise typer.Exit(1)


def _document(text: str, file: str) -> dict[str, Any]:
    """The protocol, certificate or enumeration as commands print it, also of a file that ``save`` has kept."""
    from networks.files.text import parse_json
    from protocols.documents.files import FORMAT, loaded_text

    try:
        document = parse_json(text)
        if not isinstance(document, dict):
            raise InputError(
                [
                    "the file must hold one JSON object with alpha, photons, passes, columns and repeats (or pairs and times)"
                ]
            )
    except InputError as error:
        raise error.within(file) from None
    if document.get("format") != FORMAT:
        return document
    from protocols import Best, Certificate, Enumeration, PhotonProtocol, Sample

    kept = loaded_text(text, file)
    if not isinstance(kept, PhotonProtocol | Certificate | Enumeration | Best | Sample):
        fault = f"of results kept by save() protocols, enumerations and certificates are checked, got a {type(kept).__name__}"
        raise InputError([fault]).within(file)
    return kept.to_dict()
