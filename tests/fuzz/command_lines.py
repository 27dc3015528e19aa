"""Command lines of every command, from what the commands themselves say of their options: none is forgotten when one is added."""

import enum
import itertools
import json
from functools import cache

import typer
from hypothesis import strategies as st

LEFT_OUT = {
    # A server that runs until it is stopped, and what speaks to one; tests/test_protocols/test_cloud.py has these.
    *(("hardware", word) for word in ("emulate", "submit", "status", "result", "cancel", "devices")),
    # Processes and minutes; the faults of specs are in tests/test_protocols/test_sweeps.py.
    ("sweep", "run"),
}
LENGTHS = {"shots", "trials", "rough_shots", "sample", "limit", "samples", "runs", "points", "haar"}
"""Options that say how long a command works: of these, small numbers and wrong ones."""

integers = st.one_of(
    st.integers(0, 6), st.sampled_from([-1, 7, 12, 60, 1000, 2**31, 2**63, 2**64, 10**18, 10**30, 10**400])
)
small = st.one_of(st.integers(-1, 30), st.sampled_from([10**30, -(10**400)]))
reals = st.one_of(
    st.sampled_from(
        ["0", "1", "0.5", "nan", "inf", "-inf", "-0", "1e-320", "5e-324", "1e308", "1e30", "1e-9", "3", "-1"]
    ),
    st.floats(0, 20).map(repr),
)
junk = st.one_of(
    st.text(max_size=12).filter(lambda text: "\x00" not in text),
    st.sampled_from(
        ["", " ", "-", "--", "[/red]", "1/0", "1e400", "9" * 5000, "é", "\u202e", "\x1b[31m", "../x", "{}", "\ud800"]
    ),
)
coefficients = st.one_of(
    st.integers(-4, 4).map(str),
    st.sampled_from(
        ["1/3", "-1/2", "0.25", "1e3", "1e-3", "1/999999937", "10000000000", "-0", "+1", " 1", "1/0", "nan", "x", ""]
    ),
)
vectors = st.lists(coefficients, min_size=1, max_size=5).map(",".join)
numbers = st.lists(reals, min_size=1, max_size=5).map(",".join)
functions = st.sampled_from(
    [
        *(
            "theta1",
            "theta1**2",
            "theta0*theta1",
            "sin(theta1)",
            "sqrt(theta1**2)",
            "theta1**sqrt(-1)",
            "theta1**(1/0)",
        ),
        *(
            "sin(10**999*theta1)",
            "((9**999)**999)**999",
            "theta1*1e-320",
            "pi",
            "a**b",
            "__import__('os')",
            "(" * 70,
            "1",
        ),
    ]
)
sensors = st.fixed_dictionaries(
    {"alpha": st.one_of(st.integers(-3, 3), st.sampled_from(["1/3", 0.25, "-2", 10**12, 1e300, "x", None, True]))},
    optional={
        "transmissivity": st.sampled_from([1, 0.9, 0.5, 1e-6, 5e-324, 0, 1.1, "0.5", float("nan")]),
        "coupling": st.sampled_from(["mach-zehnder", "displacement", "x"]),
        "role": st.sampled_from(["sensor", "ancilla", "reference", 1]),
        "detector_efficiency": st.sampled_from([1, 0.8, 1e-12, 0]),
        "dark_counts": st.sampled_from([0, 1e-6, 0.5, 1e9]),
        "visibility": st.sampled_from([1, 0.97, 1e-3]),
        "arms": st.sampled_from([1, 2, 3]),
        "colour": junk,
    },
)


@st.composite
def network_texts(draw):
    """The text of a network file: sound more often than not, for what is refused is refused at once."""
    nodes = draw(st.lists(sensors, min_size=1, max_size=4))
    names = draw(
        st.one_of(
            st.just([f"s{k}" for k in range(len(nodes))]),
            st.lists(junk, min_size=len(nodes), max_size=len(nodes), unique=True),
        )
    )
    sensing = draw(st.sampled_from(["phase", "displacement"]))
    plain = draw(st.booleans())
    coupling = "mach-zehnder" if sensing == "phase" else "displacement"
    if plain:
        nodes = [
            {"alpha": draw(st.integers(-3, 3)) or 1, "transmissivity": draw(st.sampled_from([1, 0.9, 0.5, 1e-6]))}
            for _ in nodes
        ]
    documents = [{"id": name, "coupling": coupling, **node} for name, node in zip(names, nodes, strict=True)]
    links = [
        {"source": names[k], "target": names[k + 1], "transmissivity": draw(st.sampled_from([1, 0.8, 1e-9]))}
        for k in range(len(names) - 1)
        if draw(st.booleans())
    ]
    graph = {
        "name": draw(st.one_of(st.just("net"), junk)),
        "sensing": sensing,
        "passes": draw(st.sampled_from([1, 1, 2, 3])),
    }
    budget = st.sampled_from([1, 2, 4, 6]) if plain else st.sampled_from([1, 2, 3, 30, 0, 10**30, 1e-9, 1e12, "x"])
    graph["photons" if sensing == "phase" else "mean_photons"] = draw(budget)
    if not plain:
        graph |= draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "parameters": st.sampled_from(["static", "snapshot"]),
                    "phase_reference": st.sampled_from(["paid", "free"]),
                    "squeezers": st.sampled_from([0, 1, 9]),
                    "squeezing_db": st.sampled_from([0, 3, 400]),
                },
            )
        )
    return json.dumps({"graph": graph, "nodes": documents, "edges": links})


@st.composite
def sound_networks(draw, count):
    """The text of a network that every check lets pass, though its names and numbers are at the rim of what is allowed."""
    sensing = draw(st.sampled_from(["phase", "displacement"]))
    names = draw(
        st.one_of(
            st.just([f"s{k}" for k in range(count)]),
            st.lists(
                st.text("aé\u202e<&[/]\"' =x", min_size=1, max_size=6),
                min_size=count,
                max_size=count,
                unique_by=str.strip,
            ),
        )
    )
    eta = st.sampled_from([1, 1, 0.9, 0.5, 1e-6, 1 - 1e-12])
    coupling = "mach-zehnder" if sensing == "phase" else "displacement"
    coefficient = st.sampled_from([1, 1, -1, 2, -3, "1/2", 0.25])
    nodes = [
        {"id": name, "coupling": coupling, "alpha": draw(coefficient), "transmissivity": draw(eta)} for name in names
    ]
    if sensing == "phase":
        nodes.append({"id": "the reference", "role": "reference"})
    links = [
        {"source": one["id"], "target": other["id"], "transmissivity": draw(eta)}
        for one, other in itertools.pairwise(nodes)
    ]
    graph = {"name": draw(st.sampled_from(["net", "", "[/red]", "x" * 300])), "sensing": sensing}
    graph["photons" if sensing == "phase" else "mean_photons"] = draw(st.sampled_from([1, 2, 4, 6]))
    graph["passes"] = draw(st.sampled_from([1, 1, 2]))
    return json.dumps({"graph": graph, "nodes": nodes, "edges": links})


VECTORS = {
    "alpha": ("1", "-1", "2", "1/2", "0.25", "-1/3", "1e3"),
    "w": ("1",),
    "v": ("1", "-1", "0"),
    "target": ("1", "-1", "2"),
    "theta": ("0.1", "-0.1", "0", "1e-9"),
}
ENDINGS = {
    "design": "",
    "enumerate": ".jsonl",
    "mesh": ".json",
    "compile": ".xbb",
    "sample": ".npy",
}
"""What a command writes to; the others write figures."""
SOUND = {
    "photons": ["1", "2", "4", "6", "12", "3000"],
    "mean_photons": ["1", "0.5", "2", "1e-9", "1e6", "30"],
    "passes": ["1", "2", "3", "7"],
    "max_modes": ["1", "2", "4"],
    "limit": ["0", "1", "20"],
    "seed": ["0", "5"],
    "shots": ["1", "10", "60"],
    "trials": ["1", "2", "30"],
    "engine": ["native"],
    "device": ["X8"],
    "haar": ["1", "3"],
}
"""Values that suit many a command: without them every line is refused for something, and nothing behind the refusals is tried."""


USUAL = {"enumerate": ("alpha", "photons", "passes"), "simulate": ("shots", "trials"), "plot": ("out",)}
"""Options that a command asks for together, or that keep it short."""


def sound_value(parameter, words, count):
    """Values that are likely to be taken, vectors of ``count`` entries; None where none is known."""
    name, kind = parameter.name, parameter.bare_type
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return st.sampled_from([str(one.value) for one in kind])
    if name in VECTORS:
        return st.lists(st.sampled_from(VECTORS[name]), min_size=count, max_size=count).map(",".join)
    if name in SOUND:
        return st.sampled_from(SOUND[name])
    if name == "out":
        return st.just("OUT" + ENDINGS.get(words[-1], ".svg"))
    return st.just("FILE") if name in ("network", "file", "connected") else None


@st.composite
def sound_protocols(draw):
    """A protocol of the right shape: what ``psn check`` has to judge."""
    columns = draw(st.lists(st.lists(st.integers(-2, 2), min_size=2, max_size=2), min_size=1, max_size=3))
    repeats = draw(st.lists(st.integers(1, 3), min_size=len(columns), max_size=len(columns)))
    document = {
        "alpha": draw(st.sampled_from([["1", "1"], ["1", "-1"], ["2", "1"]])),
        "photons": draw(st.sampled_from([1, 2, 4])),
    }
    return json.dumps({**document, "passes": sum(repeats), "columns": columns, "repeats": repeats})


protocols = st.builds(
    lambda *parts: json.dumps(dict(zip(("alpha", "photons", "passes", "columns", "repeats"), parts, strict=True))),
    st.lists(st.one_of(st.integers(-3, 3), coefficients), max_size=4),
    integers,
    integers,
    st.lists(st.lists(st.integers(-3, 3), max_size=4), max_size=4),
    st.lists(st.integers(-1, 3), max_size=4),
)
file_texts = st.one_of(network_texts(), network_texts(), network_texts(), protocols, junk)


@cache
def leaf_commands():
    """Every command that does something: its words and its click command."""
    from protocols.cli.app import app

    found = []

    def walk(words, command):
        if not hasattr(command, "list_commands"):
            if words not in LEFT_OUT:
                found.append((words, command))
            return
        context = command.context_class(command)
        for word in command.list_commands(context):
            walk((*words, word), command.get_command(context, word))

    walk((), typer.main.get_command(app))
    return found


def value_of(parameter):
    """Values of an option or argument, right and wrong."""
    name, kind = parameter.name, parameter.bare_type
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return st.one_of(st.sampled_from([str(one.value) for one in kind]), junk)
    if name in LENGTHS:
        return small.map(str)
    if name == "seconds":
        return st.sampled_from(["0.1", "1", "0", "nan", "inf", "-1"])
    if kind is int:
        return st.one_of(integers.map(str), integers.map(str), junk)
    if kind is float:
        return st.one_of(reals, reals, junk)
    if name in ("alpha", "w", "v", "target", "sensitive", "weights", "phases"):
        return st.one_of(vectors, vectors, junk)
    if name == "theta":
        return st.one_of(numbers, junk)
    if name == "function":
        return functions
    if name in ("network", "file", "connected", "nodes", "links", "resume", "unitary", "circuit"):
        return st.one_of(*[st.just("FILE")] * 4, st.sampled_from(["nowhere.json", ".", "/dev/null", "", "\x1b[0m"]))
    if name == "out":
        return st.sampled_from(["OUT", "OUT", "OUT.jsonl", "OUT.svg", "OUT.json", "", ".", "/dev/null/x"])
    return st.one_of(vectors, junk, reals, integers.map(str))


@st.composite
def command_lines(draw):
    """Words of a command line, in which FILE and OUT stand for paths, and the text of that FILE.

    Most lines have one wrong or strange value at most, so that most of a command is reached; a quarter are wrong all over.
    """
    words, command = draw(st.sampled_from(leaf_commands()))
    is_wild = draw(st.sampled_from([False, False, False, True]))
    strange = None if is_wild or draw(st.booleans()) else draw(st.sampled_from([one.name for one in command.params]))
    share = draw(st.integers(0, 4))
    count = draw(st.integers(2, 4)) if words[0] == "duality" else draw(st.integers(1, 3))
    line, arguments = list(words), []

    def value(parameter):
        sound = None if is_wild or parameter.name == strange else sound_value(parameter, words, count)
        return draw(value_of(parameter) if sound is None else sound)

    for parameter in command.params:
        if parameter.param_type_name == "argument":
            if not is_wild or draw(st.integers(0, 20)):
                arguments.append(value(parameter))
            continue
        if parameter.name in ("help", "show_completion", "install_completion"):
            continue
        # Where a value that is taken is not known, the option comes only as the strange one.
        is_known = parameter.is_flag or is_wild or sound_value(parameter, words, count) is not None
        is_wanted = parameter.required or parameter.name in USUAL.get(words[0], ()) or parameter.name == strange
        if not is_wanted and not (is_known and draw(st.integers(0, 9)) < share):
            continue
        flag = draw(st.sampled_from([*parameter.opts, *parameter.secondary_opts]))
        line += [flag] if parameter.is_flag else [f"{flag}={value(parameter)}"]
    sound = sound_protocols() if words[0] == "check" else sound_networks(count)
    return [*line, *arguments], draw(file_texts if is_wild or strange in ("network", "file") else sound)
