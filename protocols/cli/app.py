"""The command ``psn``: its words, and how it ends. Exit codes: 0 done, 1 checked and invalid, 2 bad input, 130 interrupted.

What a command takes and does is in the module of its word. To add one: a module here with an ``app`` (see ``groups``), and its
word in the list below.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import Annotated, NoReturn

import typer

from networks import InputError
from networks.errors import short_repr
from networks.printable import printable
from protocols.cli.groups import LazyGroup


class _Commands(LazyGroup):
    package = "protocols.cli"
    words = (
        "new",
        "examples",
        "design",
        "bounds",
        "enumerate",
        "check",
        "loss",
        "simulate",
        "sweep",
        "privacy",
        "duality",
        "plot",
        "mesh",
        "convert",
        "hardware",
        "cite",
    )


app = typer.Typer(
    name="psn",
    cls=_Commands,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: psn design examples/five_phases.json",
)


def main() -> None:
    """Run ``psn``; bad input ends with one message on stderr and exit code 2, never with a traceback."""
    from photonics.limits import CircuitTooLargeError, PrecisionError

    if hasattr(signal, "SIGPIPE"):
        # A reader that has seen enough (head, less) ends the command, as with other tools of the shell.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    _prepare()
    try:
        # The parser's messages come as exceptions: in boxes of its own they would be broken on narrow terminals.
        code = app(prog_name="psn", standalone_mode=False)
    except _PARSER_ERROR as error:
        _refuse(error)
    except (InputError, CircuitTooLargeError, PrecisionError) as error:
        _give_up(str(error))
    except ImportError as error:
        _give_up(_missing(error))
    except OSError as error:
        _give_up(f"cannot write or read{f' {error.filename}' if error.filename else ''}: {error.strerror or error}")
    except KeyboardInterrupt:
        _interrupted()
    except typer.Abort:
        _interrupted()
    if code == 130:
        # typer takes an interruption for itself and says nothing.
        _interrupted()
    sys.exit(code)


_PARSER_ERROR: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


def _prepare() -> None:
    """What a command inherits must not end it: names that the encoding of the output lacks, a notebook's way to show figures."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Such letters are written as escapes; in JSON they always are.
            stream.reconfigure(errors="backslashreplace")
    # Figures are written to files; a backend of another environment cannot be loaded here.
    os.environ.pop("MPLBACKEND", None)


def _refuse(error: Exception) -> NoReturn:
    """Say what is wrong with a command line, where a help text says more."""
    message = error.format_message()  # type: ignore[attr-defined]  # of the parser's errors, which have no public type
    # Typer checks by pydantic, whose words for a number that is none do not say what was given.
    for one in getattr(error.__cause__, "errors", list)():
        if one.get("type") in _NUMBERS:
            message = message.replace(one["msg"], f"{_NUMBERS[one['type']]}, got {short_repr(one['input'])}")
    context = getattr(error, "ctx", None)
    if message:
        # The prefix is that of pydantic, which typer checks by.
        print(printable(f"psn: {message.replace(': Value error, ', ': ')}", keep="\n"), file=sys.stderr)
        if context is not None:
            print(f"{context.command_path} --help says what it takes", file=sys.stderr)
    sys.exit(getattr(error, "exit_code", 2))


_NUMBERS = {
    "int_parsing": "it must be an integer in digits, such as 1000",
    "float_parsing": "it must be a number, such as 0.5 or 1e6",
}

EXTRAS = {
    "dask": "sweep",
    "distributed": "sweep",
    "filelock": "hardware",
    "pandas": "pandas",
    "perceval": "perceval",
    "pyarrow": "sweep",
    "threadpoolctl": "sweep",
    "tornado": "hardware",
}
"""Which extra brings a package that may be missing; all others are required."""


def _missing(error: ImportError) -> str:
    """What to install. Adapters say it themselves, and then name no module."""
    if error.name is None or error.name.partition(".")[0] in ("networks", "photonics", "protocols"):
        return str(error)
    package = error.name.partition(".")[0]
    extra = f"[{EXTRAS[package]}]" if package in EXTRAS else ""
    why = (
        f"{package} is not installed"
        if isinstance(error, ModuleNotFoundError)
        else f"{package} does not load ({error})"
    )
    return f"{why}; pip install 'photonic-sensor-networks{extra}' brings it"


def _interrupted() -> NoReturn:
    # Who presses Ctrl-C once more means the same; the way out is short.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print("psn: interrupted", file=sys.stderr)
    sys.exit(130)


def _give_up(message: str) -> NoReturn:
    print(f"psn: {printable(message, keep=chr(10))}", file=sys.stderr)
    sys.exit(2)


def _version(wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        print(f"psn {version('photonic-sensor-networks')}")
    except PackageNotFoundError:
        print("psn, version unknown: it runs from files that were not installed")
    raise typer.Exit


@app.callback(invoke_without_command=True)
def psn(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Design optimal photonic quantum sensor networks: bounds, protocols with proofs, simulated light.

    Every command takes --help; most take --json, which prints exactly one JSON document.
    """
    if context.invoked_subcommand is None:
        print(context.get_help())
