"""The types of options that several commands take, and what the shell offers to complete them. No command, no action.

The names of engines, schemes, estimators and devices are asked of their registries, here and nowhere else;
all but the engines only when something is completed, because their registries import numpy and a help text must not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from photonics.engines import ENGINES

MAX_OFFERED = 200
"""Most files that a completion offers."""

# --- what registries know ------------------------------------------------------------------------------------


def engine_names() -> list[str]:
    """Names of the engines."""
    return list(ENGINES)


def scheme_names() -> list[str]:
    """Names of all schemes, of whatever they sense, from their registry."""
    from protocols.schemes import SCHEMES

    # Coherent light has one name in both kinds of sensing.
    return list(dict.fromkeys(scheme.name for scheme in SCHEMES))


def estimator_names() -> list[str]:
    """Names of all estimators, of whatever is sensed, from their registry."""
    from protocols.estimation import ESTIMATORS

    return [estimator.name for estimator in ESTIMATORS]


def device_names() -> list[str]:
    """Names of the devices that are built in."""
    from protocols.hardware.devices import DEVICES

    return list(DEVICES)


# --- completion by files -------------------------------------------------------------------------------------


def files_ending(*endings: str) -> Callable[[str], list[str]]:
    """A completion by files with one of these endings, beside what was typed or one folder below.

    When there are none nothing is offered, and the shell completes by files and folders as it always does.
    """

    def offered(incomplete: str) -> list[str]:
        head, start = os.path.split(incomplete)
        files: list[str] = []
        for entry in _entries(head):
            if not entry.name.startswith(start) or (entry.name.startswith(".") and not start):
                continue
            path = os.path.join(head, entry.name)
            if _is_folder(entry):
                files += [os.path.join(path, file.name) for file in _entries(path) if file.name.endswith(endings)]
            elif entry.name.endswith(endings):
                files.append(path)
            if len(files) >= MAX_OFFERED:
                break
        return files[:MAX_OFFERED]

    return offered


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder or ".") as entries:
            yield from sorted(entries, key=lambda entry: entry.name)
    except OSError:
        # A folder that cannot be read has nothing to offer.
        return


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def network_files(incomplete: str) -> list[str]:
    """A completion by network files."""
    from networks.files.load import FORMATS

    return files_ending(*FORMATS)(incomplete)


# --- checks --------------------------------------------------------------------------------------------------


def _known_engine(name: str) -> str:
    if name not in ENGINES:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(map(repr, ENGINES))}.")
    return name


# --- option types --------------------------------------------------------------------------------------------

Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON document and no text for people.")]

Network = Annotated[
    str,
    typer.Argument(
        help="The network: a node-link .json file, or a .graphml file; - is standard input.",
        autocompletion=network_files,
        show_default=False,
    ),
]

Alpha = Annotated[
    str,
    typer.Option(
        "--alpha",
        help="The coefficients of q = alpha . theta, comma-separated, such as 3,-1,1/2 or 'sqrt(2),pi/4,0.137' (in quotes).",
        show_default=False,
    ),
]

Photons = Annotated[
    int | None,
    typer.Option("--photons", help="The photon number N of a probe, which holds exactly so many (phase sensing)."),
]
MeanPhotons = Annotated[
    float | None,
    typer.Option(
        "--mean-photons",
        help="The mean photon number of a probe (displacements; Gaussian and coherent light for phases).",
    ),
]
Width = Annotated[
    str | None,
    typer.Option(
        "--width",
        help="How wide figures are: one-column (8.6 cm), two-column (17.8 cm), or a length such as 86mm or 12cm.",
    ),
]
Dpi = Annotated[int | None, typer.Option("--dpi", help="Pixels per inch of .png figures, 150 when not given.")]
EngineName = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar=f"<{'|'.join(ENGINES)}>",
        help="The engine that simulates the light; native is exact.",
        callback=_known_engine,
        autocompletion=engine_names,
    ),
]
SchemeName = Annotated[
    str | None,
    typer.Option(
        "--scheme",
        help="The name of one scheme, as psn design prints it; an unknown name is answered with the known ones.",
        autocompletion=scheme_names,
    ),
]
EstimatorName = Annotated[
    str | None,
    typer.Option(
        "--estimator",
        help="The name of one estimator instead of all; an unknown name is answered with the known ones.",
        autocompletion=estimator_names,
    ),
]
Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        help="The coefficients, such as 1,1,0, of one of several functions measured together. May be repeated.",
    ),
]
Weights = Annotated[
    str | None,
    typer.Option("--weights", help="The weights of the targets, comma-separated; equal when not given."),
]

# --- option types of psn hardware ----------------------------------------------------------------------------


class Compiler(StrEnum):
    """Strawberry Fields' compilers for these devices."""

    xunitary = "Xunitary"
    xcov = "Xcov"
    xstrict = "Xstrict"


CompilerName = Annotated[Compiler, typer.Option("--compiler", help="Strawberry Fields' compiler for the device.")]
DeviceName = Annotated[
    str,
    typer.Option(
        "--device",
        help="The device: the name of a built-in one, such as X8, or a provider's .json file.",
        autocompletion=device_names,
        show_default=False,
    ),
]
Theta = Annotated[
    str | None,
    typer.Option(
        "--theta", help="The phases of the sensors in rad that are programmed, such as 0.1,-0.1; zeros when not given."
    ),
]
Host = Annotated[
    str | None, typer.Option("--host", help="The host of the cloud; that of the client's settings when not given.")
]
Port = Annotated[int | None, typer.Option("--port", help="The port of the cloud, from 1 to 65535.")]
Tls = Annotated[bool | None, typer.Option("--tls/--no-tls", help="Whether the cloud is spoken to by HTTPS.")]
TokenFile = Annotated[
    str | None,
    typer.Option(
        "--token-file",
        help="A file with a refresh token; otherwise XANADU_CLOUD_REFRESH_TOKEN or the client's settings are used.",
    ),
]
Jobs = Annotated[str, typer.Option("--jobs", help="The folder of the records of jobs.")]


def _job_ids(incomplete: str) -> list[str]:
    """Ids of the records in the usual folder."""
    return [Path(entry.name).stem for entry in _entries("psn-jobs") if entry.name.endswith(".json")]


JobId = Annotated[
    str,
    typer.Argument(help="The id of a job's record, or its beginning.", autocompletion=_job_ids, show_default=False),
]
