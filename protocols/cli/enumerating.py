"""What the options of ``psn enumerate`` say together, whether they make sense, and the search that answers them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from networks import InputError, LinearFunction, to_graph
from protocols import tables
from protocols.cli.terminal import console, function_of, read_network, say, tell, working
from protocols.documents.result import Result
from protocols.wmatrix.enumeration import LARGEST_LIMIT
from protocols.wmatrix.limits import Limits, Predicate
from protocols.wmatrix.task import PhotonTask


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options as given; None and empty where they were not."""

    alpha: str | None
    photons: int | None
    passes: int | None
    max_modes: int | None
    max_photons_per_mode: int | None
    forbid: tuple[str, ...]
    require: tuple[str, ...]
    connected: str | None
    limit: int | None
    count: bool
    objective: str | None
    seconds: float | None
    sample: int | None
    seed: int | None
    out: str | None
    resume: str | None
    json: bool


def answer(options: Options) -> None:
    """Check everything at once, then answer in the way that the options name."""
    task = _checked(options)
    if options.out is not None or options.resume is not None:
        _stream(task, options)
        return
    with working() as report:
        report("enumerating")
        result = _ANSWERS[_goal(options)](task, options)
    if options.json:
        print(tables.to_json(result.to_dict()))
    else:
        from protocols.reports.showing import show

        show(result, console=console())


def _is_printed(options: Options) -> bool:
    """Whether a list is printed; one that goes to a file may be as long as it likes."""
    return _goal(options) == "list" and options.out is None and options.resume is None


def _goal(options: Options) -> str:
    return "sample" if options.sample is not None else "list" if options.objective is None else "objective"


def _sample(task: PhotonTask, options: Options) -> Result:
    from protocols.wmatrix.objectives import sample_protocols

    return sample_protocols(task, size=options.sample or 0, seed=options.seed or 0)


def _best(task: PhotonTask, options: Options) -> Result:
    from protocols.wmatrix.objectives import best_protocols

    return best_protocols(task, objective=options.objective or "modes", seconds=options.seconds)


def _list(task: PhotonTask, options: Options) -> Result:
    from protocols.wmatrix.enumeration import enumerate_protocols

    return enumerate_protocols(
        task,
        limit=20 if options.limit is None else options.limit,
        count=options.count,
        seconds=options.seconds,
    )


_ANSWERS: dict[str, Callable[[PhotonTask, Options], Result]] = {"sample": _sample, "objective": _best, "list": _list}


def _stream(task: PhotonTask, options: Options) -> None:
    """Write protocols to a file; Ctrl-C leaves one that can be gone on with."""
    from protocols.wmatrix.streaming import write_protocols

    path = Path(options.resume or options.out or "")
    try:
        with working() as report:
            report("compiling")
            written = write_protocols(
                path,
                task,
                resume=options.resume is not None,
                limit=options.limit,
                progress=lambda held: report(
                    f"{held:,} protocols verified or written in {path}; Ctrl-C stops, --resume goes on"
                ),
            )
    except KeyboardInterrupt:
        if path.exists():
            tell(f"go on with: psn enumerate --resume {path}")
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    if written.damage is not None:
        line, held = written.damage.line, written.damage.held
        tell(f"line {line} of {path} was not what belongs there, {held}; written anew from it on")
    if options.json:
        print(tables.to_json(written.to_dict()))
    else:
        rest = "all there are" if written.complete else f"there are more: psn enumerate --resume {path}"
        say(f"{written.protocols} protocols in {path}, {written.new} of them new; {rest}")


# --- checking ------------------------------------------------------------------------------------------------


def _checked(options: Options) -> PhotonTask:
    """The task, from the options or from the file to go on with; raises InputError with every fault."""
    function, faults = function_of(options.alpha) if options.alpha is not None else (None, [])
    faults += _combination(
        {"--alpha": options.alpha, "--photons": options.photons, "--passes": options.passes},
        {
            "--out": options.out,
            "--resume": options.resume,
            "--sample": options.sample,
            "--objective": options.objective,
        },
        {
            "--count": options.count or None,
            "--limit": options.limit,
            "--seconds": options.seconds,
            "--seed": options.seed,
        },
    )
    limits = _limits(options, len(function) if function else 0, faults)
    given = (options.alpha, options.photons, options.passes, options.connected)
    if options.resume is not None and (limits != Limits() or any(value is not None for value in given)):
        faults.append("--resume takes the problem from its file; leave --alpha, --photons, --passes and the limits out")
    counts = (
        ("limit", options.limit, 0, LARGEST_LIMIT if _is_printed(options) else 10**18),
        ("sample", options.sample, 1, LARGEST_LIMIT),
        ("seed", options.seed, 0, 2**128),
    )
    try:
        # What was not given, or is no function, stands for itself no more; the rest is checked all the same.
        task = PhotonTask.of(
            function or LinearFunction([1]),
            1 if options.photons is None else options.photons,
            1 if options.passes is None else options.passes,
            limits if function else Limits(),
            counts=[count for count in counts if count[1] is not None],
        )
    except InputError as error:
        faults += [fault for fault in error.faults if fault not in faults]
    if faults:
        raise InputError(faults)
    if options.resume is not None:
        from protocols.wmatrix.streaming import read_task

        return read_task(Path(options.resume))
    return task


def _limits(options: Options, sensors: int, faults: list[str]) -> Limits:
    """The limits of a pass; what is wrong with them is added to the faults."""
    limits = Limits(
        modes=options.max_modes,
        photons_per_mode=options.max_photons_per_mode,
        forbidden=_groups("--forbid", options.forbid, sensors, faults),
        required=_groups("--require", options.require, sensors, faults),
    )
    if options.connected is not None and sensors:
        try:
            return replace(limits, allows=_links(options.connected, sensors))
        except InputError as error:
            faults += error.faults
    return limits


_GOES_WITH = {
    "--count": (),
    "--limit": ("--out", "--resume"),
    "--seconds": ("--objective",),
    "--seed": ("--sample",),
}
"""Goals that an option goes with; all but --seed go with the plain list too."""


def _combination(problem: dict[str, object], goals: dict[str, object], options: dict[str, object]) -> list[str]:
    """Options that are missing, or do not go together."""
    given = [name for name, value in goals.items() if value is not None]
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
    faults += [f"{name} must name a file, got nothing" for name in ("--out", "--resume") if goals[name] == ""]
    return faults


def _groups(option: str, texts: tuple[str, ...], sensors: int, faults: list[str]) -> tuple[frozenset[int], ...]:
    """Groups of modes from texts such as 1,3 or 2,ref; sensors count from 1, as in theta_1."""
    groups = []
    for text in texts:
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

    network = read_network(file)
    if len(network.sensors) != sensors:
        raise InputError([f"--connected {file}: it has {len(network.sensors)} sensors, alpha has {sensors}"])
    reference = network.reference
    names = (*(mode.id for mode in network.sensors), None if reference is None else reference.id)
    through = tuple(mode.id for mode in network.modes if mode.role != "sensor")
    return connected_supports(to_graph(network), names, through=through)
