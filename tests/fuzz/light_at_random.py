"""Phases under Gaussian and coherent light at random: networks with a mean photon number, and the lines that read them."""

import itertools
import json
import math

from command_lines import JSON, Case, joined, maybe, option, phases, sensors_of
from hypothesis import strategies as st
from laboratories import dressed

BRIGHTNESS = (1e-9, 1e-3, 0.3, 1, 2.5, 7, 40, 1e3, 1e6, 1e12, 1e16, 1e20, 1e30)
SHAPES = ("chain", "star", "alone")
HARDWARE = {
    ("candidates",): (),
    ("compile", "--device=X8"): ("X8: ",),
    ("perceval",): ("give photons: 2",),
    ("devices",): (),
}
"""What may be said of Gaussian light by commands of hardware, of which no device makes it."""
SHARES = ("transmissivity", "transmissivity_before", "detector_efficiency", "visibility")
IN_DB = ("loss_db", "loss_before_db")


def is_unlimited(network):
    """Whether squeezers reach more than double precision has digits of."""
    graph = network["graph"]
    return graph["mean_photons"] >= 1e3 and graph.get("squeezing_db", 100) > 20 and graph.get("squeezers") != 0


def is_dark(network):
    """Whether hardly a photon may arrive at some sensor that counts, were all the light its own."""
    graph, nodes = network["graph"], network["nodes"]
    return any(
        min(graph["mean_photons"], node.get("mean_photons_max", math.inf)) * arriving(network, node) < 1e-3
        for node in nodes
        if node.get("alpha", 0) != 0
    )


def arriving(network, node):
    """The share of light that arrives and is seen at a sensor, all its losses in each pass, by way of all links."""
    graph = network["graph"]
    share = math.prod(node.get(name, graph.get(name, 1)) for name in SHARES)
    loss_db = sum(node.get(name, graph.get(name, 0)) for name in IN_DB)
    links = math.prod(edge["transmissivity"] for edge in network["edges"])
    return (share * 10 ** (-loss_db / 10)) ** graph["passes"] * links


REASONS = {
    "beyond the engine|double precision": is_unlimited,
    ": (beyond the engine|no light within these limits tells q)": is_dark,
}
"""Why a command that reads a network of Gaussian light may refuse it, and when."""


def refusals_of(network):
    """The patterns of what may be said."""
    return [reason for reason, applies in REASONS.items() if applies(network)]


@st.composite
def bright_networks(draw, *, most=4, is_usual=True):
    """A network of phases that every check lets pass, with the light of laboratories from vacuum to far beyond lasers."""
    count = draw(st.integers(1, most))
    numbers = st.sampled_from([1, 1, -1, 2, -3, "1/2", 0.25, 0, "1/1000", 1000])
    alpha = draw(st.lists(numbers, min_size=count, max_size=count).filter(lambda drawn: any(drawn)))
    eta = st.sampled_from([1, 1, 0.9, 0.5, 1e-6])
    arms = draw(st.sampled_from([[1], [2], [1, 2]]))
    nodes = [
        {
            "id": f"s{k}",
            "coupling": "mach-zehnder",
            "alpha": a,
            "arms": draw(st.sampled_from(arms)),
            "transmissivity": draw(eta),
        }
        for k, a in enumerate(alpha, 1)
    ]
    for node in nodes:
        if draw(st.integers(0, 4)) == 0:
            node["mean_photons_max"] = draw(st.sampled_from([1e-9, 0.25, 3, 1e4, 1e12, 1e30]))
    hub = {"id": "hub", "role": draw(st.sampled_from(["reference", "ancilla"]))}
    shape = draw(st.sampled_from(SHAPES)) if count > 1 else "chain"
    everyone = [*nodes, hub]
    pairs = itertools.pairwise(everyone) if shape == "chain" else [(hub, node) for node in nodes]
    links = [{"source": one["id"], "target": other["id"], "transmissivity": draw(eta)} for one, other in pairs]
    graph = {"name": "net", "sensing": "phase", "mean_photons": draw(st.sampled_from(BRIGHTNESS))}
    if draw(st.integers(0, 3)) == 0:
        graph["photons"] = draw(st.sampled_from([1, 2, 3, 6]))
    graph["passes"] = draw(st.sampled_from([1, 1, 1, 2, 3]))
    graph["parameters"] = draw(st.sampled_from(["static", "static", "snapshot"]))
    if any(node["arms"] == 1 for node in nodes):
        graph["phase_reference"] = draw(st.sampled_from(["paid", "free"]))
    if draw(st.booleans()):
        graph["squeezers"] = draw(st.sampled_from([0, 1, 2, 3]))
    if draw(st.booleans()):
        graph["squeezing_db"] = draw(st.sampled_from([0, 0.5, 3, 10, 20, 100]))
    mean = graph["mean_photons"]
    document = {"graph": graph, "nodes": everyone, "edges": links}
    if draw(st.booleans()):
        for node in everyone:
            if node.get("transmissivity") == 1:
                del node["transmissivity"]
        document = draw(dressed(document, is_usual=is_usual))
        document["graph"]["mean_photons"] = mean
    return document


@st.composite
def bright_lines(draw):
    """A sound line of a command that reads such a network."""
    network = draw(bright_networks(most=3))
    files = {"file.json": json.dumps(network)}
    count = len(sensors_of(network))
    word = draw(
        st.sampled_from(["design", "design", "design", "loss", "simulate", "privacy", "plot", "sweep", "hardware"])
    )
    exits, refusals = (0,), refusals_of(network)
    if word == "design":
        line = ["design", "file.json", *maybe(draw, *JSON, *JSON, "--checks")]
        line += maybe(draw, option("--out", "out"))[: draw(st.integers(0, 1))]
    elif word == "loss":
        line = ["loss", "file.json", *maybe(draw, *JSON)]
    elif word == "simulate":
        # Gaussian light tells what is left of phases that are known beforehand.
        known = [st.just("random")] if "photons" in network["graph"] else []
        line = [
            "simulate",
            "file.json",
            f"--shots={draw(st.sampled_from([10, 60, 200]))}",
            f"--trials={draw(st.sampled_from([1, 2, 20]))}",
        ]
        line += maybe(draw, option("--seed", 0, 5), ("--theta", "=", st.one_of(joined(phases, count), *known)), *JSON)
    elif word == "privacy":
        line = ["privacy", "file.json"]
        line += maybe(
            draw,
            ("--sensitive", "=", joined(st.sampled_from(["1", "-1", "2"]), count)),
            option("--noise", 0, 0.2),
            *JSON,
        )
        if "--noise=0.2" in line:
            refusals = [*refusals, "noise: random phases of Gaussian light are not computed"]
    elif word == "plot":
        kind = draw(st.sampled_from(["fisher", "photons", "transmissivity"]))
        line = ["plot", kind, "file.json", "--out=out.svg", *maybe(draw, *JSON)]
        if kind == "photons" and "photons" not in network["graph"]:
            refusals = [*refusals, "do not depend on 'photons'"]
    elif word == "sweep":
        files["spec.toml"] = spec(draw, network)
        line = ["sweep", "run", "spec.toml", *maybe(draw, option("--out", "rows"), *JSON)]
        exits = (0, 1)
    else:
        of_device, reasons = draw(st.sampled_from(list(HARDWARE.items())))
        line = ["hardware", *of_device, "file.json", *maybe(draw, *JSON)]
        refusals = [*refusals, *reasons]
    return Case(line=line, files=files, exits=exits, refusals=tuple(refusals))


def spec(draw, network):
    """A sweep along attributes that matter to light."""
    axes = {
        "mean_photons": "[1e-6, 3.0, 1e12]",
        "squeezing_db": "[0, 3, 100]",
        "squeezers": "[0, 2]",
        "mean_photons_max": "[1e-9, 3.0, 1e20]",
        "detector_efficiency": "[0.1, 1.0]",
        "phase_jitter_rad": "[0, 0.1]",
        "dark_counts": "[0, 0.1]",
        "passes": "[1, 2]",
        "transmissivity": "[1.0, 0.5]",
        "arms": "[1, 2]",
        "phase_reference": '["free", "paid"]',
    }
    if all(node.get("arms") == 2 for node in network["nodes"] if node.get("role", "sensor") == "sensor"):
        # References are of sensors with one arm.
        del axes["phase_reference"]
    if "phase_reference" in network["graph"]:
        del axes["arms"]
    if "photons" in network["graph"]:
        # With a number of photons sweeps are about photon states.
        del axes["mean_photons"]
    if any(node.get("squeezer") is False for node in network["nodes"]):
        # There may be no place for two.
        del axes["squeezers"]
    chosen = draw(st.lists(st.sampled_from(sorted(axes)), min_size=1, max_size=2, unique=True))
    if {"arms", "phase_reference"} <= {*chosen}:
        chosen.remove("arms")
    lines = ['network = "file.json"']
    lines += draw(st.sampled_from([['task = "design"'], ["trials = 2", "seed = 1", "shots = 20"]]))
    return "\n".join([*lines, "[axes]", *(f"{axis} = {axes[axis]}" for axis in chosen)]) + "\n"


def tightened(document):
    """The same laboratory with one thing worse at a time, by what it is."""
    graph, nodes = document["graph"], document["nodes"]

    def with_graph(**changes):
        return {**document, "graph": {**graph, **changes}}

    def at_sensors(name, worse):
        def of(node):
            if node.get("role", "sensor") != "sensor":
                return node
            return {**node, name: worse(node.get(name))}

        return {**document, "nodes": [of(node) for node in nodes]}

    out = {
        "half the light": with_graph(mean_photons=graph["mean_photons"] / 2) if graph["mean_photons"] > 2e-9 else None,
        "half the dB": with_graph(squeezing_db=graph["squeezing_db"] / 2)
        if "squeezing_db" in graph
        else with_graph(squeezing_db=6),
        "a squeezer less": with_graph(squeezers=max(0, graph["squeezers"] - 1))
        if "squeezers" in graph
        else with_graph(squeezers=1),
        "lower caps": at_sensors("mean_photons_max", lambda x: graph["mean_photons"] / 3 if x is None else x / 2),
        "dark counts": at_sensors("dark_counts", lambda x: graph.get("dark_counts", 0) + 0.1 if x is None else x + 0.1),
        "noise": at_sensors(
            "electronic_noise", lambda x: graph.get("electronic_noise", 0) + 0.1 if x is None else x + 0.1
        ),
        "detectors": at_sensors(
            "detector_efficiency", lambda x: (graph.get("detector_efficiency", 1) if x is None else x) / 2
        ),
        "links": {
            **document,
            "edges": [{**edge, "transmissivity": edge.get("transmissivity", 1) * 0.7} for edge in document["edges"]],
        },
    }
    return {name: one for name, one in out.items() if one is not None}
