"""Command lines of every command: most are sound, by a recipe for each command; others have a wrong word, value or file.

Wrong values come from what the commands themselves say of their options, so that none is forgotten when one is added. Files are
named without a folder: a line is run in a folder of its own that holds them.
"""

import enum
import functools
import io
import itertools
import json
import re
from dataclasses import dataclass, field

import numpy as np
import typer
from hypothesis import strategies as st
from laboratories import USUAL, dressed, undone

from networks.laboratory import ATTRIBUTES, LOSSES_DB, OF_GRAPH, OF_NODE

LEFT_OUT = {("hardware", "emulate"), ("explore",)}
"""Servers that run until they are stopped; tests/test_protocols/test_cloud.py and tests/browser/test_explorer.py have them."""
LENGTHS = {"shots", "trials", "rough_shots", "sample", "limit", "samples", "runs", "points", "haar", "workers"}
"""Options that say how long a command works, or with how many processes: of these, small numbers and wrong ones."""


@dataclass(kw_only=True)
class Case:
    """A command line, the files it finds, and the lines that are run before it; ``exits`` are the exit codes of a sound one."""

    line: list[str]
    files: dict[str, str | bytes] = field(default_factory=dict)
    before: list[list[str]] = field(default_factory=list)
    exits: tuple[int, ...] | None = (0,)
    refusals: tuple[str, ...] = ()
    """Patterns of what may be said with exit code 2 where ``exits`` has no 2."""

    def is_expected(self, code, err):
        """Whether the line may end so."""
        said = " ".join(err.split())
        return code in self.exits or (code == 2 and any(re.search(one, said) for one in self.refusals))


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
        "transmissivity": st.sampled_from([1, 0.9, 0.5, 1e-6, 1e-100, 5e-324, 0, 1.1, "0.5", float("nan")]),
        "coupling": st.sampled_from(["mach-zehnder", "displacement", "x"]),
        "role": st.sampled_from(["sensor", "ancilla", "reference", 1]),
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
    document = {"graph": graph, "nodes": documents, "edges": links}
    if not plain:
        graph["parameters"] = draw(st.sampled_from(["static", "snapshot"]))
        document = draw(dressed(document, is_usual=draw(st.booleans())))
        if draw(st.booleans()):
            document, _ = draw(undone(document))
    return json.dumps(document)


# --- sound lines -----------------------------------------------------------------------------------------------------

NAMES = "aé<&[/]\"' =x"
LIKE = (
    "é",
    "e\u0301",
    "Å",
    "\u212b",
    "fi",
    "\ufb01",
    "K",
    "\u212a",
    "[/red]",
    "[b]",
    "<b>",
    "\U0001f600",
    "id",
    "ref",
    "pi",
    "1",
)
"""Names alike to the eye, with markup, or of other things."""


@st.composite
def sound_networks(draw, *, sensing=None, count=None, plain=None, most=3, balanced=False, laboratory=True):
    """The document of a network that every check lets pass, though its names and numbers are at the rim of what is allowed.

    Half of them say what their laboratory is like, where ``laboratory`` says so.
    """
    sensing = sensing or draw(st.sampled_from(["phase", "displacement"]))
    count = count or draw(st.integers(1, most))
    is_plain = draw(st.booleans()) if plain is None else plain
    strange = st.one_of(st.sampled_from(LIKE), st.text(NAMES, min_size=1, max_size=6))
    names = (
        [f"s{k}" for k in range(1, count + 1)]
        if is_plain
        else draw(st.lists(strange, min_size=count, max_size=count, unique_by=str.strip))
    )
    eta = st.sampled_from([1, 1, 0.9, 0.5, 1e-6, 1 - 1e-12])
    coupling = "mach-zehnder" if sensing == "phase" else "displacement"
    alpha = draw(st.lists(st.sampled_from([1, 1, -1, 2, -3, "1/2", 0.25]), min_size=count, max_size=count))
    if balanced:
        alpha = [1, -1, *[0] * (count - 2)]
    nodes = [
        {"id": name, "coupling": coupling, "alpha": a, "transmissivity": draw(eta)}
        for name, a in zip(names, alpha, strict=True)
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
    document = {"graph": graph, "nodes": nodes, "edges": links}
    if not (laboratory and draw(st.booleans())):
        return document
    if draw(st.integers(0, 3)) == 0:
        graph["parameters"] = "snapshot"
    for node in nodes:
        # Says nothing, and leaves room for a loss in dB.
        if node.get("transmissivity") == 1:
            del node["transmissivity"]
    return draw(dressed(document))


def sensors_of(network):
    return [node["id"] for node in network["nodes"] if node.get("role", "sensor") == "sensor"]


def joined(strategy, count):
    return st.lists(strategy, min_size=count, max_size=count).map(",".join)


alphas = st.sampled_from(["1", "-1", "2", "1/2", "0.25", "-1/3", "1e3"])
phases = st.sampled_from(["0.1", "-0.1", "0", "1e-9", "3"])


def maybe(draw, *options):
    """Some of these words; an option of which the value is a strategy is drawn."""
    out = []
    for option in options:
        if draw(st.booleans()):
            name, equals, values = option if isinstance(option, tuple) else (option, "", None)
            out.append(f"{name}={draw(values)}" if equals else name)
    return out


def is_(*values):
    return "=", st.sampled_from(values)


def option(name, *values):
    return (name, *is_(*values))


JSON = ("--json",)


def design_lines(draw):
    network = draw(sound_networks())
    may_start = [node["id"] for node in network["nodes"] if node.get("squeezer") is not False]
    options = [*JSON, *JSON, "--checks"]
    if may_start:
        options.append(("--source", "=", st.sampled_from(may_start)))
        if network["graph"]["sensing"] == "displacement":
            options.append(option("--squeezers", 1))
    line = ["design", "file.json", *maybe(draw, *options)]
    line += maybe(draw, option("--out", "out"))[: draw(st.integers(0, 1))]
    return Case(line=line, files={"file.json": json.dumps(network)})


def bounds_lines(draw):
    line = ["bounds", f"--alpha={draw(joined(alphas, draw(st.integers(1, 4))))}"]
    line += maybe(
        draw,
        option("--photons", 1, 2, 6, 3000, 10**18),
        option("--mean-photons", "1e-9", 1, 2.5, 1e6),
        option("--passes", 1, 2, 7),
        option("--parameters", "static", "snapshot"),
        option("--arms", 1, 2),
        option("--phase-reference", "paid", "free"),
    )
    line += draw(
        st.sampled_from(
            [["--json"], [], *([f"--format={form}"] for form in ("table", "markdown", "latex", "csv", "json"))]
        )
    )
    return Case(line=line)


def enumerate_problem(draw):
    count = draw(st.integers(1, 4))
    passes = draw(st.integers(1, 3))
    alpha = draw(st.lists(st.sampled_from([1, -1, 2, -2, 3]), min_size=count, max_size=count))
    return count, [
        f"--alpha={','.join(map(str, alpha))}",
        f"--photons={draw(st.sampled_from([1, 2, 4, 6]))}",
        f"--passes={passes}",
    ]


def enumerate_lines(draw):
    count, problem = enumerate_problem(draw)
    kind = draw(st.sampled_from(["list", "count", "best", "sample", "out", "resume"]))
    limits = maybe(draw, option("--max-modes", 2, 3), option("--max-photons-per-mode", 2, 6))
    if count > 1:
        limits += maybe(draw, option("--require", "1", "1,2"), option("--forbid", "1,2"))
    goal = {
        "list": maybe(draw, option("--limit", 0, 1, 20), "--count"),
        "count": ["--count", "--limit=0"],
        "best": [f"--objective={draw(st.sampled_from(['modes', 'support', 'switches', 'pareto']))}", "--seconds=2"],
        "sample": ["--sample=3", *maybe(draw, option("--seed", 0, 5))],
        "out": ["--out=out.jsonl"],
        "resume": [],
    }[kind]
    if kind == "resume":
        before = [["enumerate", *problem, *limits, "--out=begun.jsonl"]]
        return Case(line=["enumerate", "--resume=begun.jsonl", *maybe(draw, *JSON)], before=before, exits=(0, 2))
    # Where the numbers do not divide, or no protocol is within the limits, there is none to draw or to write.
    exits = (0, 2) if kind in ("sample", "out") else (0,)
    return Case(line=["enumerate", *problem, *limits, *goal, *maybe(draw, *JSON)], exits=exits)


def check_lines(draw):
    columns = draw(st.lists(st.lists(st.integers(-2, 2), min_size=2, max_size=2), min_size=1, max_size=3))
    repeats = draw(st.lists(st.integers(1, 3), min_size=len(columns), max_size=len(columns)))
    document = {
        "alpha": draw(st.sampled_from([["1", "1"], ["1", "-1"], ["2", "1"]])),
        "photons": draw(st.sampled_from([1, 2, 4])),
        "passes": sum(repeats),
        "columns": columns,
        "repeats": repeats,
    }
    if draw(st.integers(0, 3)) == 0:
        document = {"alpha": ["1", "-1"], "photons": 2, "passes": 1, "columns": [[2, -2]], "repeats": [1]}
    return Case(
        line=["check", "file.json", *maybe(draw, *JSON)], files={"file.json": json.dumps(document)}, exits=(0, 1)
    )


def loss_lines(draw):
    network = draw(sound_networks(most=2))
    return Case(line=["loss", "file.json", *maybe(draw, *JSON)], files={"file.json": json.dumps(network)})


def simulate_lines(draw):
    network = draw(sound_networks())
    sensors = sensors_of(network)
    count = len(sensors)
    line = ["simulate", "file.json"]
    kind = draw(st.sampled_from(["q", "q", "function", "targets"]))
    line += [f"--shots={draw(st.sampled_from([10, 60, 200]))}", f"--trials={draw(st.sampled_from([1, 2, 30]))}"]
    line += maybe(draw, option("--seed", 0, 5))
    if kind == "q":
        line += maybe(
            draw,
            ("--theta", "=", st.one_of(joined(phases, count), st.just("random"))),
            option("--stages", "photons", "passes"),
        )
    elif kind == "function":
        line += [
            f"--function={draw(st.sampled_from(['theta1', 'theta1**2', 'sin(theta1)', '2*theta1 + 1/3', 'cos(theta1)*theta1']))}"
        ]
        line += [f"--theta={draw(joined(st.sampled_from(['0.1', '0.3', '-0.2']), count))}"]
    else:
        many = draw(st.integers(1, 2))
        line += [f"--target={draw(joined(st.sampled_from(['1', '2', '-1']), count))}" for _ in range(many)]
        line += maybe(draw, ("--weights", "=", joined(st.sampled_from(["1", "0.5", "3"]), many)))
    # Functions and several targets may be refused where sensors have two arms.
    refusable = kind != "q" and any(node.get("arms") == 2 for node in network["nodes"])
    return Case(
        line=[*line, *maybe(draw, *JSON)],
        files={"file.json": json.dumps(network)},
        exits=(0, 2) if refusable else (0,),
    )


def spec_text(draw, network):
    """A sweep of a few small points: of simulations, or of designs along attributes of the laboratory too."""
    graph = network["graph"]
    task = draw(st.sampled_from(["simulate", "design"]))
    axes = {"transmissivity": "[1.0, 0.5]", "passes": "[1, 2]"}
    if graph["sensing"] == "phase":
        axes["photons"] = "[1, 2]"
    else:
        axes["mean_photons"] = "{start = 0.5, stop = 2.0, points = 2}"
    axes |= {name: json.dumps(values) for name, values in laboratory_axes(network).items()}
    chosen = draw(st.lists(st.sampled_from(sorted(axes)), min_size=1, max_size=2, unique=True))
    if {"link_transmissivity", "link_loss_db"} <= {*chosen}:
        chosen.remove("link_loss_db")
    for share, loss in (("transmissivity", "loss_db"), ("transmissivity_before", "loss_before_db")):
        if {share, loss} <= {*chosen}:
            chosen.remove(loss)
    name = draw(st.sampled_from(["sweep", "[/red]", "é", "x" * 100]))
    lines = [f"name = {json.dumps(name)}", 'network = "file.json"']
    if task == "design":
        lines.append('task = "design"')
    else:
        lines += [f"trials = {draw(st.sampled_from([1, 2, 20]))}", "seed = 1"]
        if draw(st.booleans()):
            axes["shots"] = "[10, 40]"
            chosen = [*chosen[:1], "shots"]
        else:
            lines.append("shots = 20")
    return "\n".join([*lines, "[axes]", *(f"{axis} = {axes[axis]}" for axis in chosen)]) + "\n"


def laboratory_axes(network):
    """Axes of attributes that contradict nothing in a network."""
    graph, nodes = network["graph"], network["nodes"]
    sensors = [node for node in nodes if node.get("role", "sensor") == "sensor"]
    is_phase = graph["sensing"] == "phase"
    values = {
        name: list(dict.fromkeys(map(float, USUAL[name])))
        for name in USUAL
        if ATTRIBUTES[name].kind in ("share", "number")
    }
    values |= {
        "loss_db": [0, 2.5],
        "loss_before_db": [0.0, 30],
        "parameters": ["static", "snapshot"],
        "squeezers": [0, 2],
        "squeezer": [True, False],
    }
    if network["edges"]:
        values |= {"link_loss_db": [0, 3.5], "link_transmissivity": [1, 0.25]}
    if all(node.get("squeezer") is False for node in nodes):
        values["squeezers"] = [0]
    if graph.get("squeezers"):
        values["squeezer"] = [True]
    if is_phase and graph.get("phase_reference") != "free":
        values["arms"] = [1, 2]
    if is_phase and any(node.get("arms") != 2 for node in sensors):
        values["phase_reference"] = ["free", "paid"]
    return {name: listed[:2] for name, listed in values.items()}


def sweep_run_lines(draw):
    network = draw(sound_networks(most=2))
    files = {"file.json": json.dumps(network), "spec.toml": spec_text(draw, network)}
    before = [["sweep", "run", "spec.toml", "--out=rows"]] if draw(st.integers(0, 2)) == 0 else []
    line = ["sweep", *draw(st.sampled_from([["run"], []])), "spec.toml"]
    line += ["--out=rows"] if before else maybe(draw, option("--out", "rows", "other"))
    return Case(line=[*line, *maybe(draw, "--retry-failed", *JSON)], files=files, before=before, exits=(0, 1))


def sweep_report_lines(draw):
    network = draw(sound_networks(most=2))
    files = {"file.json": json.dumps(network), "spec.toml": spec_text(draw, network)}
    return Case(
        line=["sweep", "report", "rows", *maybe(draw, *JSON)],
        files=files,
        before=[["sweep", "run", "spec.toml", "--out=rows"]],
    )


def privacy_lines(draw):
    network = draw(sound_networks())
    sensors = sensors_of(network)
    count = len(sensors)
    line = ["privacy", "file.json"]
    plain = [name for name in sensors if name.isalnum()]
    line += maybe(
        draw,
        ("--sensitive", "=", joined(st.sampled_from(["1", "-1", "2"]), count)),
        option("--noise", 0, 0.2, 1e-9),
        *([option("--colluding", *plain)] if plain and count > 1 else []),
        *JSON,
    )
    # Where coherent light is the best, noise is refused.
    noisy = any(word.startswith("--noise") for word in line)
    return Case(line=line, files={"file.json": json.dumps(network)}, exits=(0, 2) if noisy else (0,))


def duality_lines(draw):
    w, v = draw(
        st.sampled_from(
            [("1,-1", "1,1"), ("1,-1,0", "1,1,-2"), ("1,2", "2,-1"), ("1,1,1,1", "1,-1,1,-1"), ("1/2,0", "0,3")]
        )
    )
    line = ["duality", f"--w={w}", f"--v={v}"]
    line += maybe(
        draw,
        option("--photons", 1, 2, 6),
        option("--passes", 1, 2),
        *draw(st.sampled_from([["--reference"], ["--no-reference"]])),
        option("--out", "out.svg"),
        *JSON,
    )
    return Case(line=line)


def plot_lines(draw):
    network = draw(sound_networks(most=2))
    kind = draw(st.sampled_from(["fisher", "photons", "transmissivity"]))
    return Case(
        line=["plot", kind, "file.json", "--out=out.svg", *maybe(draw, *JSON)], files={"file.json": json.dumps(network)}
    )


def mesh_lines(draw):
    network = draw(sound_networks())
    modes = sum(node.get("arms", 1) for node in network["nodes"])
    files = {"file.json": json.dumps(network)}
    line = ["mesh", "file.json"]
    if draw(st.booleans()):
        line.append(f"--haar={draw(st.sampled_from([0, 1, 3]))}")
    else:
        line.append("--unitary=matrix.json")
        rows = np.roll(np.eye(modes), draw(st.integers(0, modes)), axis=0) * draw(st.sampled_from([1, -1]))
        files["matrix.json"] = json.dumps(rows.tolist())
        line += maybe(draw, "--nearest")
    line += maybe(draw, option("--method", "best", "peeling"), option("--out", "out.json", "out.xbb", "out.svg"), *JSON)
    return Case(line=line, files=files)


def convert_lines(draw):
    kind = draw(st.sampled_from(["network", "tables", "topology"]))
    out = draw(st.sampled_from([["--json"], ["--out=out.graphml"], ["--out=out.json", "--json"]]))
    if kind == "network":
        return Case(line=["convert", "file.json", *out], files={"file.json": json.dumps(draw(sound_networks()))})
    if kind == "tables":
        names = draw(
            st.lists(
                st.text("abé<&' [", min_size=1, max_size=5).map(str.strip).filter(bool),
                min_size=2,
                max_size=4,
                unique=True,
            )
        )
        links = "source;target;distance_km\n" + "".join(
            f"{a};{b};{k}\n" for k, (a, b) in enumerate(itertools.pairwise(names), 1)
        )
        nodes = draw(node_table(names))
        line = [
            "convert",
            "links.csv",
            "--nodes=nodes.csv",
            "--sensing=displacement",
            "--mean-photons=2",
            "--loss-db-per-km=0.2",
            *draw(settings_of_graphs),
        ]
        return Case(line=[*line, *out], files={"links.csv": links, "nodes.csv": nodes})
    name, text = draw(st.sampled_from(sorted(TOPOLOGIES.items())))
    line = ["convert", name, "--alpha=a=1", "--sensing=displacement", "--mean-photons=2", "--loss-db-per-km=0.2"]
    return Case(line=[*line, *draw(settings_of_graphs), *out], files={name: text})


@st.composite
def node_table(draw, names):
    """A table of nodes with columns of the laboratory, some of their cells empty."""
    columns = draw(
        st.lists(st.sampled_from([n for n in OF_NODE if n != "arms"] + [*LOSSES_DB]), max_size=3, unique=True)
    )
    for share, loss in (("transmissivity_before", "loss_before_db"),):
        if {share, loss} <= {*columns}:
            columns.remove(loss)
    lines = [";".join(["id", "alpha", *columns, "colour"])]
    for place, name in enumerate(names):
        cells = [draw(st.sampled_from(["", *cells_of(column)])) for column in columns]
        lines.append(";".join([name, str(1 - 2 * (place % 2)), *cells, "red"]))
    return "\n".join(lines) + "\n"


def cells_of(column):
    if column == "squeezer":
        return ["true", "FALSE", "yes", "No", "1", "0"]
    return [str(value) for value in USUAL.get(column, [0, 0.3, 3])]


settings_of_graphs = st.lists(
    st.sampled_from(
        [f"--set={name}={value}" for name in OF_GRAPH for value in USUAL[name] if name != "phase_reference"]
    ),
    max_size=3,
    unique_by=lambda word: word.split("=")[1],
).map(lambda words: [word for word in words if not word.startswith("--set=squeezers")])


TOPOLOGIES = {
    "d3.json": '{"nodes": [{"name": "a"}, {"name": "b"}], "links": [{"source": 0, "target": 1, "value": 1}]}',
    "file.gml": 'graph [ node [ id 0 label "a" ] node [ id 1 label "b" ] edge [ source 0 target 1 ] ]',
    "cytoscape.json": '{"elements": {"nodes": [{"data": {"id": "a"}}, {"data": {"id": "b"}}], "edges": [{"data": '
    '{"source": "a", "target": "b"}}]}}',
    "file.graphml": '<graphml><graph edgedefault="directed"><node id="a"/><node id="b"/><edge source="a" target="b"/>'
    '<edge source="b" target="a"/></graph></graphml>',
}


def on_device(draw):
    """A network that the small device can run, and its file."""
    network = draw(sound_networks(sensing="phase", most=3))
    network["graph"]["passes"] = 1
    return network, {"file.json": json.dumps(network)}


def theta_of(network):
    return ("--theta", "=", joined(phases, len(sensors_of(network))))


def devices_lines(draw):
    _, files = on_device(draw)
    line = [
        "hardware",
        "devices",
        *draw(st.sampled_from([[], ["file.json"]])),
        *maybe(draw, option("--device", "X8", "X12"), *JSON),
    ]
    return Case(line=line, files=files)


def candidates_lines(draw):
    """Of any sensing: what does not run is a row all the same."""
    network = draw(sound_networks(most=3, count=2))
    if network["graph"]["sensing"] == "phase":
        network["graph"]["photons"] = draw(st.sampled_from([1, 2, 3]))
    line = ["hardware", "candidates", "file.json", *maybe(draw, option("--device", "X8", "X12", "Borealis"), *JSON)]
    return Case(
        line=[*line, *maybe(draw, option("--transmissivity", 0.1, 1))], files={"file.json": json.dumps(network)}
    )


def compile_lines(draw):
    network, files = on_device(draw)
    line = [
        "hardware",
        "compile",
        "file.json",
        "--device=X8",
        *maybe(draw, theta_of(network), option("--shots", 1, 1000)),
    ]
    line += maybe(draw, option("--compiler", "Xunitary", "Xcov"), option("--out", "out.xbb", "out.svg"), *JSON)
    return Case(line=line, files=files)


def sample_lines(draw):
    network, files = on_device(draw)
    line = ["hardware", "sample", "file.json", "--device=X8", f"--shots={draw(st.sampled_from([1, 10, 60]))}"]
    line += maybe(draw, theta_of(network), option("--seed", 0, 5), option("--out", "out.npy"), *JSON)
    return Case(line=line, files=files)


def estimate_lines(draw):
    _, files = on_device(draw)
    before = ["hardware", "sample", "file.json", "--device=X8", "--shots=20", "--out=counts.npy"]
    line = ["hardware", "estimate", "file.json", "counts.npy", "--device=X8", *maybe(draw, *JSON)]
    return Case(line=line, files=files, before=[before])


def perceval_lines(draw):
    network = draw(sound_networks(sensing="phase", most=3, count=2, balanced=True))
    network["graph"]["photons"] = draw(st.sampled_from([1, 2]))
    line = ["hardware", "perceval", "file.json", *maybe(draw, theta_of(network), option("--bias", 0, 0.3), *JSON)]
    return Case(line=line, files={"file.json": json.dumps(network)})


def submit_lines(draw):
    """The cloud is not there: said in one sentence."""
    network, files = on_device(draw)
    line = ["hardware", "submit", "file.json", "--device=X8", "--shots=10", "--jobs=jobs"]
    line += draw(st.sampled_from([[], ["--host=127.0.0.1", "--port=1", "--no-tls"]]))
    return Case(line=[*line, *maybe(draw, theta_of(network), "--again", *JSON)], files=files, exits=(2,))


@functools.cache
def job_record():
    """The record of a job, as a submission leaves it, and counts of its device."""
    from protocols.hardware.devices import DEVICES

    network = {
        "directed": False,
        "multigraph": False,
        "graph": {"name": "pair", "sensing": "phase", "photons": 2, "passes": 1},
        "nodes": [
            {"id": name, "role": "sensor", "coupling": "mach-zehnder", "alpha": alpha}
            for name, alpha in (("a", "1"), ("b", "-1"))
        ],
        "edges": [{"source": "a", "target": "b"}],
    }
    device = DEVICES["X8"]
    return {
        "id": "3f2a",
        "name": "psn_3f2a_00000000",
        "network": network,
        "target": device.target,
        "theta": [0.1, -0.1],
        "shots": 10,
        "compiler": "Xunitary",
        "host": "127.0.0.1",
        "port": 1,
        "tls": False,
        "specification": {},
        "certificate": {},
        "job_id": "a-job",
        "state": "complete",
        "details": {"status": "complete"},
        "predicted": {"q": 0.2, "stderr": 0.1},
        "estimate": None,
        "reason": "too few counts",
        "history": [["2026-11-29T10:00:00+00:00", "submitting"], ["2026-11-29T10:00:01+00:00", "submitted"]],
    }


@functools.cache
def counts():
    stream = io.BytesIO()
    np.save(stream, np.zeros((10, 8), dtype=int))
    return stream.getvalue()


def record_lines(word):
    def lines(draw):
        state = draw(
            st.sampled_from(["complete", "complete", "failed", "cancelled", "forgotten", "submitted", "submitting"])
        )
        record = {
            **job_record(),
            "state": state,
            "details": {"status": draw(st.sampled_from([state, "\x1b[31m", "[/red]", "é"]))},
        }
        line = ["hardware", word, draw(st.sampled_from(["3f2a", "3f"])), "--jobs=jobs", *maybe(draw, *JSON)]
        asks = state in ("submitted", "submitting")
        refuses = asks or (word == "result" and state != "complete")
        files = {"jobs/3f2a.json": json.dumps(record), "jobs/3f2a.npy": counts()}
        return Case(line=line, files=files, exits=(2,) if refuses else (0,))

    return lines


OF_TEMPLATES = {
    "fibre-star": ["--sensors=3", "--sensing=displacement", "--distance-km=2.5", "--mean-photons=50", "--squeezers=0"],
    "interferometer-chain": ["--sensors=2", "--photons=3", "--passes=2", "--transmissivity=0.5", "--alpha=1,-1/2"],
    "grid-chip": ["--rows=2", "--columns=3", "--function=average", "--link-loss-db=1"],
    "rf-array": ["--sensors=4", "--function=gradient", "--squeezing-db=0", "--detector-efficiency=0.5"],
    "two-armed-pair": ["--mean-photons=3", "--squeezing-db=12"],
}


def new_lines(draw):
    name = draw(st.sampled_from(sorted(OF_TEMPLATES)))
    options = draw(st.lists(st.sampled_from(OF_TEMPLATES[name]), max_size=3, unique=True))
    if "--alpha=1,-1/2" in options:
        options = [option for option in options if not option.startswith("--sensors")]
    return Case(
        line=["new", name, *draw(st.sampled_from([[], ["out.json"], ["é [x].json"]])), *options, *maybe(draw, *JSON)]
    )


def copy_lines(draw):
    from protocols.starting.examples import shipped_examples

    name = draw(st.sampled_from([*(example.name for example in shipped_examples()), "all"]))
    return Case(
        line=["examples", "copy", name, *draw(st.sampled_from([[], ["out"], ["out/é [x]"]])), *maybe(draw, *JSON)]
    )


def cite_lines(draw):
    network = {"file.json": json.dumps(draw(sound_networks()))}
    files = draw(st.sampled_from([{}, network, {"file.json": '{"qubit_cap": 2, "region": []}'}]))
    return Case(line=["cite", *files, *maybe(draw, *JSON)], files=files)


RECIPES = {
    ("new",): new_lines,
    ("examples", "list"): lambda draw: Case(
        line=["examples", *draw(st.sampled_from([[], ["list"]])), *maybe(draw, *JSON)]
    ),
    ("examples", "copy"): copy_lines,
    ("cite",): cite_lines,
    ("design",): design_lines,
    ("bounds",): bounds_lines,
    ("enumerate",): enumerate_lines,
    ("check",): check_lines,
    ("loss",): loss_lines,
    ("simulate",): simulate_lines,
    ("sweep", "run"): sweep_run_lines,
    ("sweep", "report"): sweep_report_lines,
    ("privacy",): privacy_lines,
    ("duality",): duality_lines,
    ("plot",): plot_lines,
    ("mesh",): mesh_lines,
    ("convert",): convert_lines,
    ("hardware", "devices"): devices_lines,
    ("hardware", "candidates"): candidates_lines,
    ("hardware", "compile"): compile_lines,
    ("hardware", "sample"): sample_lines,
    ("hardware", "estimate"): estimate_lines,
    ("hardware", "perceval"): perceval_lines,
    ("hardware", "submit"): submit_lines,
    ("hardware", "status"): record_lines("status"),
    ("hardware", "result"): record_lines("result"),
    ("hardware", "cancel"): record_lines("cancel"),
}
"""How a sound line of each command is made."""


@functools.cache
def leaf_commands():
    """Every command that does something, by its words: its click command."""
    from protocols.cli.app import app

    found = {}

    def walk(words, command):
        if not hasattr(command, "list_commands"):
            if words not in LEFT_OUT:
                found[words] = command
            return
        context = command.context_class(command)
        for word in command.list_commands(context):
            walk((*words, word), command.get_command(context, word))

    walk((), typer.main.get_command(app))
    return found


# --- lines with something wrong --------------------------------------------------------------------------------------

protocols = st.builds(
    lambda *parts: json.dumps(dict(zip(("alpha", "photons", "passes", "columns", "repeats"), parts, strict=True))),
    st.lists(st.one_of(st.integers(-3, 3), coefficients), max_size=4),
    integers,
    integers,
    st.lists(st.lists(st.integers(-3, 3), max_size=4), max_size=4),
    st.lists(st.integers(-1, 3), max_size=4),
)
file_texts = st.one_of(network_texts(), network_texts(), network_texts(), protocols, junk)
FILE_NAMES = (
    "file.json",
    "links.csv",
    "nodes.csv",
    "spec.toml",
    "matrix.json",
    "counts.npy",
    "begun.jsonl",
    "rows",
    "jobs",
)


def value_of(parameter):
    """Values of an option or argument, right and wrong."""
    name, kind = parameter.name, parameter.bare_type
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return st.one_of(st.sampled_from([str(one.value) for one in kind]), junk)
    if name in LENGTHS:
        return st.sampled_from(["0", "-1", "x", "1"]) if name == "workers" else small.map(str)
    if name in ("seconds", "timeout"):
        return st.sampled_from(["0.1", "1", "0", "nan", "inf", "-1"])
    if name == "host":
        # Nothing but this machine is spoken to.
        return st.sampled_from(
            ["127.0.0.1", "localhost", "::1", "a b", "http://127.0.0.1", "user@127.0.0.1", "\x1b", "x" * 300, ""]
        )
    if name == "scheduler":
        return st.sampled_from(["", "127.0.0.1", "tcp://", "tcp://127.0.0.1:1", "\x1b[31m", "tcp://a b:1"])
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
    if name in (
        "network",
        "file",
        "connected",
        "nodes",
        "place",
        "links",
        "resume",
        "unitary",
        "circuit",
        "spec",
        "samples",
        "folder",
    ):
        return st.one_of(
            st.sampled_from(FILE_NAMES), st.sampled_from(["nowhere.json", ".", "/dev/null", "", "\x1b[0m"])
        )
    if name in ("out", "jobs", "token_file"):
        return st.sampled_from(["out", "out", "out.jsonl", "out.svg", "out.json", "", ".", "/dev/null/x", "file.json"])
    return st.one_of(vectors, junk, reals, integers.map(str))


def options_of(command):
    return [
        one
        for one in command.params
        if one.param_type_name != "argument" and one.name not in ("help", "show_completion", "install_completion")
    ]


def option_words(draw, parameter):
    flag = draw(st.sampled_from([*parameter.opts, *parameter.secondary_opts]))
    return [flag] if parameter.is_flag else [f"{flag}={draw(value_of(parameter))}"]


@st.composite
def wild_lines(draw):
    """Any options of a command with any values."""
    words, command = draw(st.sampled_from(sorted(leaf_commands().items(), key=lambda pair: pair[0])))
    line = list(words)
    for parameter in options_of(command):
        if parameter.required or draw(st.integers(0, 3)) == 0:
            line += option_words(draw, parameter)
    arguments = [draw(value_of(one)) for one in command.params if one.param_type_name == "argument"]
    return Case(line=[*line, *arguments], files={"file.json": draw(file_texts)}, exits=None)


def with_an_option(draw, case, words, command):
    """One option more, or with another value."""
    word = option_words(draw, draw(st.sampled_from(options_of(command))))
    name = word[0].partition("=")[0]
    kept = [one for one in case.line if one.partition("=")[0] != name]
    return [*kept, *word], case.files


def with_another_word(draw, case, words, command):
    """A word left out, doubled, or in the place of another."""
    # A group of commands may run one of them by itself, as `psn examples` does.
    place = draw(st.integers(min(len(words), len(case.line)), len(case.line)))
    more = draw(
        st.sampled_from([[], *([one, one] for one in case.line[place : place + 1])])
        | st.lists(junk, min_size=1, max_size=1)
    )
    return [*case.line[:place], *more, *case.line[place + 1 :]], case.files


def with_another_file(draw, case, words, command):
    """A file that says something else."""
    if not case.files:
        return with_an_option(draw, case, words, command)
    name = draw(st.sampled_from(sorted(case.files)))
    return case.line, {**case.files, name: draw(file_texts)}


def with_a_damaged_file(draw, case, words, command):
    """A file cut, doubled or written over in a place."""
    if not case.files:
        return with_another_word(draw, case, words, command)
    name = draw(st.sampled_from(sorted(case.files)))
    content = case.files[name]
    start = draw(st.integers(0, len(content)))
    stop = draw(st.sampled_from([start, min(len(content), start + 1), min(len(content), start + 9), len(content)]))
    pieces = ["", '"', "-1", "null", "[", "{}", "1e400", "NaN", "0", "\x00", "é", "9" * 5000, "\x1b[31m", "true", ","]
    more = draw(st.sampled_from(pieces))
    return case.line, {
        **case.files,
        name: content[:start] + (more if isinstance(content, str) else more.encode()) + content[stop:],
    }


def with_another_value(draw, case, words, command):
    """A value in a JSON file in the place of another."""
    names = [name for name in sorted(case.files) if name.endswith(".json")]
    if not names:
        return with_a_damaged_file(draw, case, words, command)
    name = draw(st.sampled_from(names))
    document = json.loads(case.files[name])
    part = document
    while isinstance(part, dict | list) and part:
        keys = sorted(part) if isinstance(part, dict) else range(len(part))
        key = draw(st.sampled_from(keys))
        if not isinstance(part[key], dict | list) or not part[key] or draw(st.integers(0, 4)) == 0:
            part[key] = draw(st.one_of(st.sampled_from(WRONG), st.text(max_size=5)))
            break
        part = part[key]
    return case.line, {**case.files, name: json.dumps(document)}


WRONG = [
    None,
    True,
    0,
    -1,
    1e-320,
    1e300,
    10**30,
    -(10**400),
    "",
    "nan",
    "\x1b[31m",
    "[/red]",
    [],
    [[]],
    {},
    {"a": 1},
    "1/3",
    0.5,
    "127.0.0.1",
]
CHANGES = (
    with_an_option,
    with_an_option,
    with_another_word,
    with_another_file,
    with_a_damaged_file,
    with_another_value,
)


@st.composite
def sound_lines(draw):
    return RECIPES[draw(st.sampled_from(sorted(RECIPES)))](draw)


@st.composite
def changed_lines(draw):
    """A sound line with one thing changed."""
    words = draw(st.sampled_from(sorted(RECIPES)))
    case = RECIPES[words](draw)
    line, files = draw(st.sampled_from(CHANGES))(draw, case, words, leaf_commands()[words])
    return Case(line=line, files=files, before=case.before, exits=None)


@st.composite
def command_lines(draw):
    """Six of ten lines are sound, three have one thing changed, one is wrong all over."""
    kind = draw(st.sampled_from([sound_lines] * 6 + [changed_lines] * 3 + [wild_lines]))
    return draw(kind())
