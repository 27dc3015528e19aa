"""The commands of ``psn``: what they take and how they say it. Exit codes: 0 done, 1 checked and invalid, 2 bad input."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from networks import InputError, LinearFunction, load_network

if TYPE_CHECKING:
    from rich.console import Console

    from protocols.wmatrix.limits import Limits, Predicate

app = typer.Typer(
    name="psn",
    help="Design optimal photonic quantum sensor networks: bounds, protocols with proofs, simulated light.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Alpha = Annotated[str, typer.Option("--alpha", help="Coefficients of q, exact and comma-separated: 3,-1,1/2")]
Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON document.")]


class Format(StrEnum):
    """How ``psn bounds`` prints."""

    table = "table"
    markdown = "markdown"
    latex = "latex"
    csv = "csv"
    json = "json"


class EngineName(StrEnum):
    """Who simulates."""

    native = "native"
    strawberryfields = "strawberryfields"


def main() -> None:
    """Run ``psn``; bad input ends with one message on stderr and exit code 2, never with a traceback."""
    from photonics.limits import CircuitTooLargeError, PrecisionError

    if hasattr(signal, "SIGPIPE"):
        # A reader that has seen enough (head, less) ends the command, as with other tools of the shell.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        app(prog_name="psn")
    except (InputError, CircuitTooLargeError, PrecisionError) as error:
        _give_up(str(error))
    except OSError as error:
        _give_up(f"cannot write or read{f' {error.filename}' if error.filename else ''}: {error.strerror or error}")
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as stop:
        if stop.code == 130:
            # typer takes an interruption for itself and says nothing.
            _interrupted()
        raise


def _interrupted() -> NoReturn:
    print("psn: interrupted", file=sys.stderr)
    sys.exit(130)


def _give_up(message: str) -> NoReturn:
    print(f"psn: {message}", file=sys.stderr)
    sys.exit(2)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"psn {version('photonic-sensor-networks')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _psn(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Design optimal photonic quantum sensor networks: bounds, protocols with proofs, simulated light."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def bounds(
    alpha: Alpha,
    photons: Annotated[int | None, typer.Option(help="N, exactly, for phase sensing.")] = None,
    mean_photons: Annotated[float | None, typer.Option(help="nbar, on average, for displacement sensing.")] = None,
    passes: Annotated[int, typer.Option(help="M passes of unit time.")] = 1,
    style: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.table,
    json: Json = False,
) -> None:
    """Lower bounds on the mean squared error of q = alpha . theta, corrected, with what was published beside."""
    from protocols.bounds import bounds_table

    function, faults = _function(alpha)
    try:
        table = bounds_table(function or [1], photons=photons, mean_photons=mean_photons, passes=passes)
    except InputError as error:
        faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    if json or style is Format.json:
        print(table.to_json())
    elif style is Format.table:
        _console().print(table)
    else:
        writers: dict[Format, Callable[[], str]] = {
            Format.markdown: table.to_markdown,
            Format.latex: table.to_latex,
            Format.csv: table.to_csv,
        }
        print(writers[style](), end="")


class Objective(StrEnum):
    """What ``psn enumerate --objective`` minimises."""

    modes = "modes"
    support = "support"
    switches = "switches"
    pareto = "pareto"


@app.command(name="enumerate")
def enumerate_(
    alpha: Annotated[str | None, typer.Option("--alpha", help="Coefficients of q: 3,-1,1/2")] = None,
    photons: Annotated[int | None, typer.Option(help="N, exactly.")] = None,
    passes: Annotated[int | None, typer.Option(help="M passes.")] = None,
    max_modes: Annotated[int | None, typer.Option(help="At most K occupied modes in a pass.")] = None,
    max_photons_per_mode: Annotated[int | None, typer.Option(help="At most C photons in a mode in a pass.")] = None,
    forbid: Annotated[
        list[str] | None, typer.Option(help="Modes that no pass occupies all together: 1,3 or 2,ref. May be repeated.")
    ] = None,
    require: Annotated[
        list[str] | None, typer.Option(help="Modes of which every pass occupies one or more. May be repeated.")
    ] = None,
    connected: Annotated[
        str | None, typer.Option(help="Network file: the occupied modes of a pass must be connected by its links.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="List at most this many protocols; 20, or all with --out.")] = None,
    count: Annotated[bool, typer.Option("--count", help="Count all protocols, exactly.")] = False,
    objective: Annotated[Objective | None, typer.Option(help="The best protocols instead of a list.")] = None,
    seconds: Annotated[float | None, typer.Option(help="Time for the search for the fewest modes.")] = None,
    sample: Annotated[int | None, typer.Option(help="Draw so many protocols with equal probability.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of --sample; 0 without it.")] = None,
    out: Annotated[str | None, typer.Option(help="Write all protocols to a new file of JSON lines.")] = None,
    resume: Annotated[
        str | None, typer.Option(help="Go on with a file that --out began; it knows its problem.")
    ] = None,
    json: Json = False,
) -> None:
    """Every optimal photon protocol: the integer solutions of W r = N M alpha/||alpha||_P, exactly."""
    from protocols import tables
    from protocols.wmatrix.limits import Limits

    function, faults = _function(alpha) if alpha is not None else (None, [])
    faults += _combination(
        {"--alpha": alpha, "--photons": photons, "--passes": passes},
        {"--out": out, "--resume": resume, "--sample": sample, "--objective": objective},
        {"--count": count or None, "--limit": limit, "--seconds": seconds, "--seed": seed},
    )
    sensors = len(function) if function else 0
    forbidden, required = _groups("--forbid", forbid, sensors, faults), _groups("--require", require, sensors, faults)
    limits = Limits(modes=max_modes, photons_per_mode=max_photons_per_mode, forbidden=forbidden, required=required)
    if connected is not None and function is not None:
        try:
            limits = replace(limits, allows=_links(connected, sensors))
        except InputError as error:
            faults += error.faults
    if resume is not None and (limits != Limits() or any(given is not None for given in (alpha, photons, passes))):
        faults.append("--resume takes the problem from its file; leave --alpha, --photons, --passes and the limits out")
    if faults or out is not None:
        # What else is wrong is told along with it, as far as it can be found out.
        from protocols.enumeration import LARGEST_LIMIT, Question

        counts = [("limit", limit, 0, 10**18), ("sample", sample, 1, LARGEST_LIMIT), ("seed", seed, 0, 2**128)]
        try:
            Question.of(
                function or LinearFunction([1]),
                1 if photons is None else photons,
                1 if passes is None else passes,
                limits if function else Limits(),
                counts=[count for count in counts if count[1] is not None],
            )
        except InputError as error:
            faults += [fault for fault in error.faults if fault not in faults]
    if faults:
        raise InputError(faults)
    if out is not None or resume is not None:
        _stream(function, photons, passes, limits, out, resume, limit, json)
        return
    assert function is not None
    assert photons is not None
    assert passes is not None
    from protocols.cli import show

    with _working() as tell:
        tell("enumerating")
        if sample is not None:
            from protocols.choosing import sample_protocols

            drawn = sample_protocols(function, photons, passes, sample, seed=seed or 0, limits=limits)
        elif objective is not None:
            from protocols.choosing import best_protocols

            best = best_protocols(function, photons, passes, objective.value, limits=limits, seconds=seconds)
        else:
            from protocols.enumeration import enumerate_protocols

            found = enumerate_protocols(
                function,
                photons,
                passes,
                limits=limits,
                limit=20 if limit is None else limit,
                count=count,
                seconds=seconds,
            )
    if json:
        document = drawn if sample is not None else best if objective is not None else found
        print(tables.to_json(document.to_dict()))
    elif sample is not None:
        show.show_sample(_console(), drawn)
    elif objective is not None:
        show.show_best(_console(), best)
    else:
        show.show_enumeration(_console(), found)


_GOES_WITH = {
    "--count": (),
    "--limit": ("--out", "--resume"),
    "--seconds": ("--objective",),
    "--seed": ("--sample",),
}
"""Ways of asking that an option goes with; all but --seed go with the plain list too."""


def _combination(problem: dict[str, object], ways: dict[str, object], options: dict[str, object]) -> list[str]:
    """Options that are missing, or do not go together."""
    given = [name for name, value in ways.items() if value is not None]
    faults = []
    if len(given) > 1:
        faults.append(f"{' and '.join(given)} do not go together; give one of them")
    missing = [name for name, value in problem.items() if value is None]
    if missing and "--resume" not in given:
        faults.append(f"{', '.join(missing)} missing; or go on with a file by --resume")
    for name, value in options.items():
        if value is not None and given and not set(given) & set(_GOES_WITH[name]):
            faults.append(f"{name} does not go with {given[0]}")
        elif value is not None and not given and name == "--seed":
            faults.append("--seed goes with --sample")
    seconds = options["--seconds"]
    if isinstance(seconds, float) and not 0 < seconds < float("inf"):
        faults.append(f"--seconds must be a positive number, got {seconds}")
    faults += [f"{name} must name a file, got nothing" for name in ("--out", "--resume") if ways[name] == ""]
    return faults


def _groups(option: str, texts: list[str] | None, sensors: int, faults: list[str]) -> tuple[frozenset[int], ...]:
    """Groups of modes from texts such as 1,3 or 2,ref; sensors count from 1, as in theta_1."""
    groups = []
    for text in texts or []:
        modes = set()
        for part in text.split(","):
            name = part.strip()
            if name == "ref":
                modes.add(sensors)
            elif name.isascii() and name.isdecimal() and len(name) < 10 and 1 <= int(name) <= sensors:
                modes.add(int(name) - 1)
            elif sensors:
                faults.append(
                    f"{option} {text!r}: {name!r} is no mode; sensors are 1 to {sensors}, the reference is ref"
                )
        groups.append(frozenset(modes))
    return tuple(group for group in groups if group)


def _links(file: str, sensors: int) -> Predicate:
    """The predicate that a network file's links give, its sensors taken in the order of alpha."""
    from protocols.wmatrix.limits import connected_supports

    network = load_network(file)
    if len(network.sensors) != sensors:
        raise InputError([f"--connected {file}: it has {len(network.sensors)} sensors, alpha has {sensors}"])
    reference = network.reference
    names = (*(mode.id for mode in network.sensors), None if reference is None else reference.id)
    return connected_supports(network.graph(), names)


def _stream(
    function: LinearFunction | None,
    photons: int | None,
    passes: int | None,
    limits: Limits,
    out: str | None,
    resume: str | None,
    limit: int | None,
    json: bool,
) -> None:
    """Write protocols to a file; Ctrl-C leaves one that can be gone on with."""
    from protocols import tables
    from protocols.streaming import read_header, write_protocols

    path = Path(resume if resume is not None else out or "")
    if resume is not None:
        header = read_header(path)
        function, photons, passes, limits = header.function, header.photons, header.passes, header.limits
    assert function is not None
    assert photons is not None
    assert passes is not None
    if limit is not None and limit < 0:
        raise InputError([f"limit must be an integer of at least 0, got {limit}"])
    try:
        with _working() as tell:
            tell("compiling")
            written = write_protocols(
                path,
                function,
                photons,
                passes,
                limits=limits,
                resume=resume is not None,
                limit=limit,
                progress=lambda held: tell(f"{held:,} protocols in {path}; Ctrl-C stops, --resume goes on"),
            )
    except KeyboardInterrupt:
        if path.exists():
            print(f"psn: go on with: psn enumerate --resume {path}", file=sys.stderr)
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    if json:
        print(tables.to_json(written.to_dict()))
    else:
        rest = "all there are" if written.complete else f"there are more: psn enumerate --resume {path}"
        print(f"{written.protocols} protocols in {path}, {written.new} of them new; {rest}")


@app.command()
def check(
    file: Annotated[
        str, typer.Argument(help="JSON with alpha, photons, passes, columns (of the oriented function), repeats.")
    ],
    json: Json = False,
) -> None:
    """Check a photon protocol against every condition, each with a witness; exit code 1 when it is not valid.

    A certificate, as in psn enumerate --objective modes --json, is checked too: that no protocol occupies fewer modes.
    """
    from networks.files import parse_json, read_text
    from protocols import tables
    from protocols.check import check_protocol

    text = read_text(Path(file)) if file else _give_up("FILE must name a file, got nothing")
    try:
        document = parse_json(text)
        if not isinstance(document, dict):
            raise InputError(["the file must hold one JSON object with alpha, photons, passes, columns and repeats"])
        if "proof" in document:
            from protocols.minimum import verify_minimum

            report = verify_minimum(document)
        else:
            report = check_protocol(document)
    except InputError as error:
        raise error.within(file) from None
    if json:
        print(tables.to_json(report.to_dict()))
    else:
        from protocols.cli import show

        (show.show_certificate if "proof" in document else show.show_check)(_console(), report)
    if not report.valid:
        raise typer.Exit(1)


@app.command()
def design(
    network: Annotated[str, typer.Argument(help="Network file: node-link .json or .graphml.")],
    out: Annotated[str | None, typer.Option(help="Folder for design.json, report.md and figures.")] = None,
    engine: Annotated[
        EngineName, typer.Option(help="Who simulates; strawberryfields is compared with native.")
    ] = EngineName.native,
    json: Json = False,
) -> None:
    """The main job: bounds, optimal protocols with checks, and simulated light for a network file."""
    from protocols import tables
    from protocols.designing import design as make_design
    from protocols.report import check_folder, write_design

    if out == "":
        raise InputError(["--out must name a folder, got nothing"])
    if out is not None:
        check_folder(Path(out))
    given = load_network(network)
    with _working() as tell:
        try:
            found = make_design(given, engine=engine.value, progress=tell)
        except InputError as error:
            raise error.within(network) from None
        written: list[Path] = []
        if out is not None:
            tell("drawing and writing")
            written = write_design(found, Path(out))
    if json:
        print(tables.to_json(found.to_dict()))
    else:
        from protocols.cli.show import show_design

        show_design(_console(), found)
        for path in written:
            print(f"wrote {path}")


# --- shared pieces -------------------------------------------------------------------------------------------


def _function(alpha: str) -> tuple[LinearFunction | None, list[str]]:
    """The function, or the faults of its text, so that they can be told together with other faults."""
    try:
        return LinearFunction.from_text(alpha), []
    except InputError as error:
        return None, [f"--alpha: {fault}" for fault in error.faults]


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)


@contextmanager
def _working() -> Iterator[Callable[[str], None]]:
    """A line on stderr that says what is being done, shown on terminals only."""
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("starting") as status:
        yield lambda text: status.update(text)
