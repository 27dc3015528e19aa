"""The commands of ``psn``: what they take and how they say it. Exit codes: 0 done, 1 checked and invalid, 2 bad input."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from networks import InputError, load_network
from protocols.cli.terminal import about, console, function_of, working

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
    # Who presses Ctrl-C once more means the same; the way out is short.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
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
    from protocols.theory.bounds import bounds_table

    function, faults = function_of(alpha)
    try:
        table = bounds_table(function or [1], photons=photons, mean_photons=mean_photons, passes=passes)
    except InputError as error:
        faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    if json or style is Format.json:
        print(table.to_json())
    elif style is Format.table:
        console().print(table)
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
    from networks.files.text import parse_json, read_text
    from protocols import tables
    from protocols.schemes.protocol_checks import check_protocol

    text = read_text(Path(file)) if file else _give_up("FILE must name a file, got nothing")
    try:
        document = parse_json(text)
        if not isinstance(document, dict):
            raise InputError(["the file must hold one JSON object with alpha, photons, passes, columns and repeats"])
        if "proof" in document:
            from protocols.wmatrix.certificate import verify_minimum

            report = verify_minimum(document)
        else:
            report = check_protocol(document)
    except InputError as error:
        raise error.within(file) from None
    if json:
        print(tables.to_json(report.to_dict()))
    else:
        from protocols.reports import terminal as show

        (show.show_certificate if "proof" in document else show.show_check)(console(), report)
    if not report.valid:
        raise typer.Exit(1)


@app.command()
def design(
    network: Annotated[str, typer.Argument(help="Network file: node-link .json or .graphml.")],
    out: Annotated[str | None, typer.Option(help="Folder for design.json, report.md and figures.")] = None,
    engine: Annotated[
        EngineName, typer.Option(help="Who simulates; strawberryfields is compared with native.")
    ] = EngineName.native,
    source: Annotated[
        list[str] | None,
        typer.Option(help="A node where light may start, for the layout along links. May be repeated."),
    ] = None,
    squeezers: Annotated[int | None, typer.Option(help="Squeezers in the layout along links, at most.")] = None,
    json: Json = False,
) -> None:
    """The main job: bounds, optimal protocols with checks, and simulated light for a network file."""
    from protocols import tables
    from protocols.design import design as make_design
    from protocols.reports.design_folder import check_folder, write_design

    if out == "":
        raise InputError(["--out must name a folder, got nothing"])
    if out is not None:
        check_folder(Path(out))
    given = load_network(network)
    with working() as tell:
        try:
            found = make_design(given, engine=engine.value, sources=source or None, squeezers=squeezers, progress=tell)
        except InputError as error:
            raise error.within(network) from None
        written: list[Path] = []
        if out is not None:
            tell("drawing and writing")
            written = write_design(found, Path(out))
    if json:
        print(tables.to_json(found.to_dict()))
    else:
        from protocols.reports.terminal import show_design

        show_design(console(), found)
        for path in written:
            print(f"wrote {path}")


class MeshMethod(StrEnum):
    """How the beam splitters of a unitary are found."""

    best = "best"
    rectangular = "rectangular"
    peeling = "peeling"


@app.command()
def mesh(
    network: Annotated[str, typer.Argument(help="Network file: node-link .json or .graphml.")],
    unitary: Annotated[
        str | None,
        typer.Option(help="The unitary over all nodes in their order: .npy, or JSON rows of numbers and re, im pairs."),
    ] = None,
    haar: Annotated[int | None, typer.Option(help="Instead of it a random unitary by this seed.")] = None,
    method: Annotated[
        MeshMethod, typer.Option(help="rectangular needs a path of links through all nodes; peeling needs none.")
    ] = MeshMethod.best,
    out: Annotated[
        list[str] | None,
        typer.Option(
            help="Write the circuit: .json, .xbb (Blackbird), .pcvl (Perceval), or a figure. May be repeated."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """A passive unitary as beam splitters on the links of a network."""
    from protocols.cli.meshing import MeshAsked, mesh_answer

    mesh_answer(
        MeshAsked(network=network, unitary=unitary, haar=haar, method=method.value, out=tuple(out or ()), json=json)
    )


@app.command()
def convert(
    file: Annotated[str, typer.Argument(help="A table of links (.csv, .tsv), or a network (.json, .graphml).")],
    out: Annotated[str | None, typer.Option(help="Network file to write: .json or .graphml.")] = None,
    nodes: Annotated[str | None, typer.Option(help="Table of nodes: id, role, alpha, transmissivity, ...")] = None,
    alpha: Annotated[
        str | None, typer.Option(help="Or the sensors alone: a=1,b=-1/2; other nodes are ancillas.")
    ] = None,
    sensing: Annotated[str | None, typer.Option(help="phase or displacement.")] = None,
    photons: Annotated[int | None, typer.Option(help="N, exactly, for phase sensing.")] = None,
    mean_photons: Annotated[float | None, typer.Option(help="nbar, on average, for displacement sensing.")] = None,
    passes: Annotated[int | None, typer.Option(help="M passes of unit time.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the network; that of the file without.")] = None,
    loss_db_per_km: Annotated[
        float | None, typer.Option(help="Of links with a distance only; 0.2 is usual fibre.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a network file of tables of links and nodes, or turn JSON into GraphML and back."""
    from protocols.cli.converting import ConvertAsked, convert_answer

    convert_answer(
        ConvertAsked(
            file=file,
            out=out,
            nodes=nodes,
            alpha=alpha,
            sensing=sensing,
            photons=photons,
            mean_photons=mean_photons,
            passes=passes,
            name=name,
            loss_db_per_km=loss_db_per_km,
            json=json,
        )
    )


@app.command()
def loss(
    network: Annotated[str, typer.Argument(help="Network file: node-link .json or .graphml.")],
    json: Json = False,
) -> None:
    """What loss leaves: every scheme beside shot noise and bounds, the best probes, and what detectors keep."""
    from protocols import tables
    from protocols.loss.report import loss_report

    given = load_network(network)
    with working() as tell:
        found = loss_report(given, progress=tell)
    if json:
        print(tables.to_json(found.to_dict()))
    else:
        from protocols.reports.terminal import show_loss

        show_loss(console(), found)


hardware = typer.Typer(
    name="hardware",
    help="Devices of Xanadu's kind: what they can sense, programs for them, counts and estimates.",
    no_args_is_help=True,
)
app.add_typer(hardware)

Network = Annotated[str, typer.Argument(help="Network file: node-link .json or .graphml.")]
DeviceName = Annotated[str, typer.Option("--device", help="X8, X12, or a provider's .json file.")]
Theta = Annotated[str | None, typer.Option(help="Phases programmed into the chip, 0.1,-0.1; zeros without.")]


class Compiler(StrEnum):
    """Strawberry Fields' compilers for these devices."""

    xunitary = "Xunitary"
    xcov = "Xcov"
    xstrict = "Xstrict"


@hardware.command(name="devices")
def hardware_devices(
    network: Annotated[str | None, typer.Argument(help="A network file: whether each device can measure it.")] = None,
    device: Annotated[str | None, typer.Option(help="One device, or a provider's .json file.")] = None,
    json: Json = False,
) -> None:
    """The devices and what they can sense; with a network, whether they can measure it and every reason why not."""
    from protocols.cli.hardware import devices_answer

    devices_answer(network, device, json=json)


@hardware.command(name="compile")
def hardware_compile(
    network: Network,
    device: DeviceName,
    theta: Theta = None,
    compiler: Annotated[Compiler, typer.Option(help="Strawberry Fields' compiler.")] = Compiler.xunitary,
    shots: Annotated[int, typer.Option(help="Shots that the program asks for.")] = 1000,
    out: Annotated[list[str] | None, typer.Option(help="Write .xbb (Blackbird) or a figure. May be repeated.")] = None,
    json: Json = False,
) -> None:
    """The protocol of squeezed pairs for a network, with its information beside the shot noise, compiled to a device."""
    from protocols.cli.hardware import HardwareAsked, compile_answer

    compile_answer(
        HardwareAsked(
            network=network,
            device=device,
            theta=theta,
            compiler=compiler.value,
            shots=shots,
            seed=0,
            out=tuple(out or ()),
            samples=None,
            json=json,
        )
    )


@hardware.command(name="sample")
def hardware_sample(
    network: Network,
    device: DeviceName,
    theta: Theta = None,
    shots: Annotated[int, typer.Option(help="How many.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same counts.")] = 0,
    out: Annotated[list[str] | None, typer.Option(help="Write the counts: a .npy file.")] = None,
    json: Json = False,
) -> None:
    """Counts drawn as the device would give them by its certificate, and the estimate of q that they allow."""
    from protocols.cli.hardware import HardwareAsked, sample_answer

    sample_answer(
        HardwareAsked(
            network=network,
            device=device,
            theta=theta,
            compiler="Xunitary",
            shots=shots,
            seed=seed,
            out=tuple(out or ()),
            samples=None,
            json=json,
        )
    )


@hardware.command(name="estimate")
def hardware_estimate(
    network: Network,
    samples: Annotated[str, typer.Argument(help="Counts, (shots, modes), signal modes first: a .npy file.")],
    device: DeviceName,
    json: Json = False,
) -> None:
    """The estimate of q from counts of the program that psn hardware compile makes, with intervals and a test of the model."""
    from protocols.cli.hardware import HardwareAsked, estimate_answer

    estimate_answer(
        HardwareAsked(
            network=network,
            device=device,
            theta=None,
            compiler="Xunitary",
            shots=1,
            seed=0,
            out=(),
            samples=samples,
            json=json,
        )
    )


@hardware.command(name="perceval")
def hardware_perceval(
    network: Network,
    theta: Theta = None,
    transmissivity: Annotated[float, typer.Option(help="Of every mode.")] = 1.0,
    bias: Annotated[float, typer.Option(help="Added to the phase, rad.")] = 0.0,
    out: Annotated[list[str] | None, typer.Option(help="Write the circuit: a .pcvl file for Perceval.")] = None,
    json: Json = False,
) -> None:
    """Two photons as a N00N state over a differential network, on Perceval's simulator: a machine that exists (extra perceval)."""
    from protocols.cli.hardware import perceval_answer

    perceval_answer(network, theta, transmissivity, bias, out or [], json=json)


Host = Annotated[str | None, typer.Option(help="Host of the cloud; of the client's settings without.")]
Port = Annotated[int | None, typer.Option(help="Its port.")]
Tls = Annotated[bool | None, typer.Option("--tls/--no-tls", help="Whether to use HTTPS.")]
TokenFile = Annotated[
    str | None,
    typer.Option(help="File with a refresh token; else XANADU_CLOUD_REFRESH_TOKEN or the client's settings."),
]
Jobs = Annotated[str, typer.Option("--jobs", help="Folder of the records.")]
JobId = Annotated[str, typer.Argument(help="Id of a record, or its beginning.")]


@hardware.command(name="submit")
def hardware_submit(
    network: Network,
    device: DeviceName,
    shots: Annotated[int, typer.Option(help="Shots of the job.")],
    max_shots: Annotated[int, typer.Option(help="A ceiling of your own for the shots of a job.")] = 100_000,
    theta: Theta = None,
    compiler: Annotated[Compiler, typer.Option(help="Strawberry Fields' compiler.")] = Compiler.xunitary,
    host: Host = None,
    port: Port = None,
    tls: Tls = None,
    token_file: TokenFile = None,
    jobs: Jobs = "psn-jobs",
    again: Annotated[bool, typer.Option("--again", help="A new job although the same was submitted before.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Until it has ended, and show the estimate.")] = False,
    json: Json = False,
) -> None:
    """Submit a network's program as a job; the same command again finds it instead of submitting it twice."""
    from protocols.cli.hardware_jobs import CloudAsked, submit_answer

    submit_answer(
        CloudAsked(host=host, port=port, tls=tls, token_file=token_file, jobs=jobs, json=json),
        network,
        device=device,
        theta=theta,
        compiler=compiler.value,
        shots=shots,
        most_shots=max_shots,
        again=again,
        wait=wait,
    )


def _record_command(name: str, words: str, **options: bool) -> None:
    """status, result and cancel take the same options."""

    def command(
        job: JobId,
        host: Host = None,
        port: Port = None,
        tls: Tls = None,
        token_file: TokenFile = None,
        jobs: Jobs = "psn-jobs",
        json: Json = False,
    ) -> None:
        from protocols.cli.hardware_jobs import CloudAsked, record_answer

        asked = CloudAsked(host=host, port=port, tls=tls, token_file=token_file, jobs=jobs, json=json)
        record_answer(asked, job, **options)

    hardware.command(name=name, help=words)(command)


_record_command("status", "What has become of a job.")
_record_command("result", "The counts of a finished job, with the estimate of q beside the prediction.", result=True)
_record_command("cancel", "Ask for the cancellation of a job.", stop=True)


@hardware.command(name="emulate")
def hardware_emulate(
    port: Annotated[int, typer.Option(help="On 127.0.0.1; 0 takes a free one.")] = 0,
    misbehave: Annotated[
        list[str] | None,
        typer.Option(
            help="'KIND METHOD PATH TIMES': 401, 429, 500, slow, drop, lose, malformed, fail. May be repeated."
        ),
    ] = None,
    device: Annotated[list[str] | None, typer.Option(help="A further device: a provider's .json file.")] = None,
    seed: Annotated[int, typer.Option(help="Of the counts.")] = 0,
    seconds: Annotated[float, typer.Option(help="That a job takes.")] = 0.05,
    json: Json = False,
) -> None:
    """An emulator of Xanadu's cloud on this machine, for tests and for trying programs; no hardware is behind it."""
    from protocols.cli.hardware_jobs import emulate_answer

    emulate_answer(port, misbehave or [], device or [], seed=seed, seconds=seconds, json=json)


class Order(StrEnum):
    """What smaller stages have less of."""

    photons = "photons"
    passes = "passes"


@app.command()
def simulate(
    network: Annotated[str, typer.Argument(help="Network file: node-link .json or .graphml.")],
    shots: Annotated[int, typer.Option(help="Shots of one estimate; stages of phase estimation share them.")] = 100,
    trials: Annotated[int, typer.Option(help="Independent estimates.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers, for any --workers.")] = 0,
    scheme: Annotated[str | None, typer.Option(help="One scheme of psn design instead of all.")] = None,
    estimator: Annotated[
        str | None,
        typer.Option(help="robust, adaptive, fixed-offsets, maximum-likelihood, parity or homodyne instead of all."),
    ] = None,
    theta: Annotated[str | None, typer.Option(help="True parameters, 0.1,0.2; or random: new ones each trial.")] = None,
    engine: Annotated[EngineName, typer.Option(help="Whose probabilities the data follow.")] = EngineName.native,
    stages: Annotated[
        Order, typer.Option(help="What smaller stages have less of, if both are possible.")
    ] = Order.photons,
    workers: Annotated[int, typer.Option(help="Processes.")] = 1,
    function: Annotated[
        str | None, typer.Option(help="A function that is not linear, theta1*sin(theta2), in two steps.")
    ] = None,
    rough_shots: Annotated[int | None, typer.Option(help="Shots of the first step of --function.")] = None,
    target: Annotated[
        list[str] | None, typer.Option(help="One of several linear functions measured at once. May be repeated.")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="Weights of the targets, comma-separated; equal without.")] = None,
    json: Json = False,
) -> None:
    """Simulated measurements and estimates of q: mean squared errors of every scheme and estimator beside every bound."""
    from protocols.cli.simulating import SimulationAsked, simulate_answer

    simulate_answer(
        SimulationAsked(
            network=network,
            shots=shots,
            trials=trials,
            seed=seed,
            scheme=scheme,
            estimator=estimator,
            theta=theta,
            engine=engine.value,
            order=stages.value,
            workers=workers,
            function=function,
            rough_shots=rough_shots,
            target=tuple(target or ()),
            weights=weights,
            json=json,
        )
    )


@app.command()
def sweep(
    spec: Annotated[str, typer.Argument(help="A TOML file with a table of axes; or the word report.")],
    folder: Annotated[str | None, typer.Argument(help="After report: the folder of a sweep.")] = None,
    out: Annotated[
        str | None, typer.Option(help="Folder of the rows; named like the spec without. Report: a figure to write.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Local processes; without, this one does the work.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="A running Dask scheduler: tcp://host:port.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds that the scheduler may take to answer.")] = 20.0,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Compute rows that hold an error again.")
    ] = False,
    axis: Annotated[str | None, typer.Option(help="Report: the axis to draw along.")] = None,
    json: Json = False,
) -> None:
    """Simulate every point of a grid, kept as it goes: the same command goes on with it. psn sweep report FOLDER reads it."""
    from protocols.cli.sweeping import report_answer, sweep_answer

    running = {
        "--workers": workers is not None,
        "--scheduler": scheduler is not None,
        "--retry-failed": retry_failed,
        "--timeout": timeout != 20.0,
    }
    if spec == "report":
        wrong = [name for name, given in running.items() if given]
        faults = [f"{', '.join(wrong)}: for running a sweep, not for its report"] if wrong else []
        report_answer(folder, axis=axis, out=out, json=json, faults=faults)
        return
    faults = [f"only report takes a folder here, got {folder!r}; rows go to --out"] if folder is not None else []
    if axis is not None:
        faults.append("--axis belongs to psn sweep report")
    code = sweep_answer(
        spec,
        out=out,
        workers=workers,
        scheduler=scheduler,
        timeout=timeout,
        retry_failed=retry_failed,
        json=json,
        faults=faults,
    )
    if code:
        raise typer.Exit(code)


class Plot(StrEnum):
    """What ``psn plot`` draws."""

    fisher = "fisher"
    photons = "photons"
    transmissivity = "transmissivity"


@app.command()
def plot(
    kind: Annotated[
        Plot, typer.Argument(help="fisher: the Fisher matrix; photons, transmissivity: errors against these.")
    ],
    network: Annotated[str, typer.Argument(help="Network file: node-link .json or .graphml.")],
    out: Annotated[str, typer.Option(help="File to write: .svg, .pdf or .png.")],
    json: Json = False,
) -> None:
    """Draw the Fisher matrix of the chosen scheme, or errors against photons or transmissivity with bounds and shot noise."""
    from protocols import tables
    from protocols.reports.plotting import path_faults, plot as draw

    faults = path_faults(Path(out))
    try:
        given = load_network(network)
    except InputError as error:
        faults += about(network, error.faults)
    if faults:
        raise InputError(faults)
    with working() as tell:
        tell("drawing")
        try:
            path = draw(given, kind.value, Path(out))
        except InputError as error:
            raise error.within(network) from None
    if json:
        print(tables.to_json({"kind": kind.value, "file": str(path)}))
    else:
        print(f"wrote {path}")


@app.command()
def duality(
    w: Annotated[
        str, typer.Option("--w", help="A direction, exact and comma-separated; it stands for its unit vector.")
    ],
    v: Annotated[str, typer.Option("--v", help="A direction orthogonal to w.")],
    photons: Annotated[int | None, typer.Option(help="N, for the photonic cap and frontier.")] = None,
    passes: Annotated[int, typer.Option(help="M passes of unit time.")] = 1,
    reference: Annotated[bool, typer.Option(help="Whether a reference mode may hold photons.")] = True,
    out: Annotated[str | None, typer.Option(help="Draw the regions: a .svg, .pdf or .png file.")] = None,
    json: Json = False,
) -> None:
    """How much can be known along two orthogonal directions: exact caps, the states that reach them, the whole region."""
    from protocols.cli.privacy import duality_answer

    duality_answer(w, v, photons=photons, passes=passes, reference=reference, out=out, json=json)


@app.command()
def privacy(
    network: Annotated[str, typer.Argument(help="Network file: node-link .json or .graphml.")],
    scheme: Annotated[str | None, typer.Option(help="A scheme of psn design instead of the one it chooses.")] = None,
    engine: Annotated[EngineName, typer.Option(help="Who simulates the light.")] = EngineName.native,
    sensitive: Annotated[
        list[str] | None, typer.Option(help="A further function to report on, 1,0,-1. May be repeated.")
    ] = None,
    colluding: Annotated[
        str | None, typer.Option(help="Sensors whose sites know their own theta and pool it: a,b.")
    ] = None,
    noise: Annotated[
        float, typer.Option(help="A variant with noise: rad of random phase, or thermal photons, at every sensor.")
    ] = 0.0,
    target: Annotated[
        list[str] | None, typer.Option(help="One of several functions measured together, 1,1,0. May be repeated.")
    ] = None,
    weights: Annotated[str | None, typer.Option(help="Weights of the targets, comma-separated; equal without.")] = None,
    at_least: Annotated[float | None, typer.Option(help="Find the best design with at least this privacy.")] = None,
    hide: Annotated[
        list[str] | None, typer.Option(help="... with information along a function below a limit: 1,0,-1:0.5.")
    ] = None,
    out: Annotated[str | None, typer.Option(help="Draw frontier and network: a .svg, .pdf or .png file.")] = None,
    json: Json = False,
) -> None:
    """What a network reveals of each parameter while it measures q, to whom, and what hiding it costs."""
    from protocols.cli.privacy import PrivacyAsked, privacy_answer

    asked = PrivacyAsked(
        network=network,
        scheme=scheme,
        engine=engine.value,
        sensitive=tuple(sensitive or ()),
        colluding=colluding,
        noise=noise,
        target=tuple(target or ()),
        weights=weights,
        at_least=at_least,
        hide=tuple(hide or ()),
        out=out,
        json=json,
    )
    privacy_answer(asked)
