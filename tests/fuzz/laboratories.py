"""Laboratories at random: every attribute of ``LABORATORY`` with values that are sound, at the rim of what is allowed, or wrong.

Kinds and ranges are read from the list itself, so that an attribute that is added is drawn here as well.
"""

import math
import re

from hypothesis import assume, strategies as st

from networks.files.look_alikes import _OF_LABORATORY
from networks.laboratory import ATTRIBUTES, LABORATORY, LEAST_SHARE, LOSSES_DB, OF_GRAPH, OF_NODE

SMALLEST = 5e-324
USUAL = {
    "phase_reference": ["paid", "free"],
    "squeezers": [0, 1, 2, 3, 9],
    "squeezing_db": [0, 0.5, 3, 10.3, 20.0],
    "squeezer": [True, False],
    "squeezer_efficiency": [1, 0.95, 0.5],
    "arms": [1, 2],
    "transmissivity_before": [1, 1.0, 0.9, 0.3],
    "mean_photons_max": [0.25, 1, 7.5, 1e12],
    "detector_efficiency": [1, 0.85, 0.3],
    "dark_counts": [0, 1e-6, 0.01],
    "visibility": [1, 0.98, 0.6],
    "electronic_noise": [0, 0.01, 0.5],
    "phase_jitter_rad": [0, 0.0, 0.02, 0.3],
}
"""What laboratories have."""


def rim_of(attribute):
    """Values that are allowed, and that nobody has."""
    most = attribute.most
    return {
        "share": [LEAST_SHARE, 1e-99, 1e-30, 1e-6, 1 - 2**-53, 1],
        "number": [0, -0.0, SMALLEST, 1e-300, 1e-9, most / 3, math.nextafter(most, 0), most],
        "count": [0, 1, 10**15, 10**30],
        "truth": [True, False],
        "arms": [1, 2],
        "reference": ["paid", "free"],
    }[attribute.kind]


def wrong_of(attribute):
    """Values out of range, and of other kinds."""
    most = attribute.most
    return {
        "share": [
            0,
            SMALLEST,
            math.nextafter(LEAST_SHARE, 0),
            -0.0,
            -0.5,
            1.0000001,
            1.5,
            85,
            10**400,
            "0.5",
            "",
            True,
            [0.5],
            {},
        ],
        "number": [-1e-300, -1, math.nextafter(most, math.inf), 2 * most, 10**400, "3 dB", True, [], {"a": 1}],
        "count": [-1, 1.5, 2.0, 10**31, True, "2", [1]],
        "truth": [0, 1, "true", "yes", [], 0.5],
        "arms": [0, 3, -1, 2.0, True, "2", [2]],
        "reference": ["Paid", "", "none", True, 1, ["free"]],
    }[attribute.kind]


def values_of(name, *, is_usual):
    attribute = ATTRIBUTES[name]
    usual = st.sampled_from(USUAL[name])
    if is_usual:
        return usual
    drawn = {
        "share": st.floats(LEAST_SHARE, 1),
        "number": st.floats(0, attribute.most),
        "count": st.integers(0, 10**30),
    }.get(attribute.kind, st.nothing())
    return st.one_of(usual, st.sampled_from(rim_of(attribute)), drawn)


SPELT = ("{}", "{} [dB]", "{} (%)", "{}_rad", "{} (deg)")
"""How a name may come with a unit."""


@st.composite
def look_alikes(draw):
    """A name that says something of a laboratory otherwise, and the names that it may mean."""
    names, pattern = draw(st.sampled_from(_OF_LABORATORY))
    words = draw(
        st.from_regex(re.compile(pattern.pattern, re.ASCII), fullmatch=True, alphabet=st.characters(codec="ascii"))
    )
    joined = draw(
        st.sampled_from(
            [words.replace(" ", "_"), words, words.title(), words.replace(" ", "-"), words.title().replace(" ", "")]
        )
    )
    # Longer names are nobody's slip of the pen, and are not looked at.
    assume(len(joined) <= 60)
    return joined, names


losses_db = st.sampled_from([0, 0.0, 0.3, 3, 10, 30.5])


@st.composite
def dressed(draw, document, *, is_usual=True):
    """A network document that nothing contradicts with a laboratory around it, sound as well."""
    graph, nodes = dict(document["graph"]), [dict(node) for node in document["nodes"]]
    is_phase = graph["sensing"] == "phase"

    def some(names):
        chosen = draw(st.lists(st.sampled_from(names), max_size=4, unique=True))
        return {name: draw(values_of(name, is_usual=is_usual)) for name in chosen}

    graph |= some(OF_GRAPH)
    for node in nodes:
        is_sensor = node.get("role", "sensor") == "sensor"
        names = OF_NODE if is_sensor else [n for n in OF_NODE if n not in ("arms", "mean_photons_max")]
        if draw(st.booleans()):
            node |= some(names)
        if not is_phase:
            node.pop("arms", None)
        if node.get("mean_photons_max") == 0:
            node["mean_photons_max"] = 1
    for part in (graph, *nodes):
        in_db = [
            name for name, share in LOSSES_DB.items() if share not in part and (part is not graph or share in OF_GRAPH)
        ]
        part |= {name: draw(losses_db) for name in in_db if draw(st.integers(0, 3)) == 0}
    sensors = [node for node in nodes if node.get("role", "sensor") == "sensor"]
    if is_phase and draw(st.booleans()):
        graph["mean_photons"] = draw(st.sampled_from([1e-9, 0.5, 3, 1e6] if is_usual else [1e-9, 2.5, 1e30]))
    if not is_phase or all(node.get("arms") == 2 for node in sensors):
        # No sensor has one arm, whose phase needs a reference.
        graph.pop("phase_reference", None)
    if all(node.get("squeezer") is False for node in nodes) and graph.get("squeezers"):
        graph["squeezers"] = 0
    return {**document, "graph": graph, "nodes": nodes}


NAMED = {
    "squeezers": "squeezers squeezer",
    "no light": "mean_photons_max",
    "twice": "transmissivity loss_db",
    "twice before": "transmissivity_before loss_before_db",
    "arms of a reference": "arms",
    "limit of an ancilla": "mean_photons_max",
    "of nodes": "arms squeezer mean_photons_max",
    "of the graph": "squeezing_db squeezers phase_reference",
    "a link": "detector_efficiency",
    "free, two arms": "phase_reference arms",
    "paid, two arms": "phase_reference arms",
    "free": "phase_reference",
    "paid": "phase_reference",
    "arms": "arms",
}
"""What the fault of each contradiction names."""


@st.composite
def fields_of(draw, place, *, is_phase):
    """Fields of a mode (by its role) or of a network, usual ones and at the rim."""
    known = OF_GRAPH if place == "graph" else OF_NODE
    if place != "sensor":
        known = [name for name in known if name not in ("arms", "mean_photons_max")]
    known = [name for name in known if name != "phase_reference" and (is_phase or name != "arms")]
    chosen = draw(st.lists(st.sampled_from(known), max_size=3, unique=True)) if draw(st.booleans()) else []
    fields = {name: draw(values_of(name, is_usual=False)) for name in chosen}
    if fields.get("mean_photons_max") == 0:
        del fields["mean_photons_max"]
    return fields


def contradictions(document):
    """Changes of a sound document that contradict each other or say something in a place where it means nothing."""
    graph, nodes = document["graph"], document["nodes"]
    is_phase = graph["sensing"] == "phase"

    def everywhere(more, role=None):
        return [node | (more if role in (None, node.get("role", "sensor")) else {}) for node in nodes]

    def first(more):
        return [nodes[0] | more, *nodes[1:]]

    out = {
        "squeezers": {"graph": {**graph, "squeezers": 2}, "nodes": everywhere({"squeezer": False})},
        "no light": {"nodes": first({"mean_photons_max": 0, "alpha": 1})},
        "twice": {"nodes": first({"transmissivity": 0.5, "loss_db": 3})},
        "twice before": {"graph": {**graph, "transmissivity_before": 0.5, "loss_before_db": 3}},
        "arms of a reference": {"nodes": [*nodes, {"id": "another one", "role": "ancilla", "arms": 1}]},
        "limit of an ancilla": {"nodes": [*nodes, {"id": "another one", "role": "ancilla", "mean_photons_max": 1}]},
        "of nodes": {"graph": {**graph, "arms": 2, "squeezer": False, "mean_photons_max": 3}},
        "of the graph": {"nodes": first({"squeezing_db": 3, "squeezers": 1, "phase_reference": "paid"})},
        "a link": {
            "edges": [{**edge, "detector_efficiency": 0.9} for edge in document["edges"]]
            or [{"detector_efficiency": 1}]
        },
    }
    if is_phase:
        out |= {
            "free, two arms": {
                "graph": {**graph, "phase_reference": "free"},
                "nodes": everywhere({"arms": 2}, "sensor"),
            },
            "paid, two arms": {
                "graph": {**graph, "phase_reference": "paid"},
                "nodes": everywhere({"arms": 2}, "sensor"),
            },
        }
    else:
        out |= {
            "free": {"graph": {**graph, "phase_reference": "free"}},
            "paid": {"graph": {**graph, "phase_reference": "paid"}},
            "arms": {"nodes": first({"arms": 1})},
        }
    return {name: {**document, **change} for name, change in out.items()}


@st.composite
def undone(draw, document):
    """The document with one to three things wrong in its laboratory, and the attributes that the faults must name."""
    named = set()
    if draw(st.booleans()):
        made = contradictions(document)
        change = draw(st.sampled_from(sorted(made)))
        document = made[change]
        named.update(NAMED[change].split())
    graph, nodes = dict(document["graph"]), [dict(node) for node in document["nodes"]]
    for _ in range(draw(st.integers(0 if named else 1, 2))):
        attribute = draw(st.sampled_from(LABORATORY))
        if attribute.name not in named:
            part = graph if draw(st.sampled_from(attribute.places)) == "graph" else draw(st.sampled_from(nodes))
            part[attribute.name] = draw(st.sampled_from(wrong_of(attribute)))
            named.add(attribute.name)
    return {**document, "graph": graph, "nodes": nodes}, sorted(named)
