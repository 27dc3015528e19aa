"""Networks that are sound, with names, attributes and numbers at the rim of what is allowed; and others, sound or not."""

import re
import string

from hypothesis import strategies as st
from laboratories import fields_of

from networks import Link, Mode
from networks.files.known import known_names, own_names
from networks.files.look_alikes import look_alike
from networks.files.spelling import misspelling_of
from networks.laboratory import LEAST_LINK_SHARE, LEAST_SHARE
from networks.rules import LONGEST_NAME

# fmt: off
NASTY = (
    "id", "name", "label", "key", "node_default", "edge_default", "source", "target", "role", "alpha",
    "transmissivity", "loss_db", "distance_km", "loss_db_per_km", "km", "Length (km)", "dB", "eta", "T", "sensing",
    "passes", "parameters", "photons", "", " ", "a b", "<tag>", '"', "'", "&amp;", "]]>", "\t", "\n", "\r", "\r\n",
    "\x00", "\x0b", "\x85", "\u2028", "\ufeff", "\uffff", "\ud800", "😀", "graph", "node", "edge", "node_id",
    "edge_id", "d0", "self", "1", "-1", "01", "1e5", "nan", "None", "é", "--alpha", "../x", "=1+1", "#", "a,b", "a;b",
    "x" * 1001,
)
PRINTABLE = (
    "id", "name", "label", "key", "node_default", "edge_default", "source", "target", "role", "alpha", "km", "dB", "T",
    "a b", "<tag>", '"', "'", "&amp;", "]]>", "😀", "graph", "node", "node_id", "d0", "self", "1", "-1", "01", "1e5",
    "nan", "None", "true", "--alpha", "../x", "=1+1", "#", "a,b", "a;b", "\\", "{", "$x$", "[/red]", "x" * LONGEST_NAME,
    "node_for_adding", "u_of_edge", "v_of_edge", "data", "d1", "edge_0", "node_0", "graph_0", "_", "edge_", "xmlns",
    # Alike to the eye or after normalisation, and not the same.
    "é", "e\u0301", "Å", "\u212b", "fi", "\ufb01", "K", "\u212a", "s", "\u017f", "а", "a", "ß", "SS", "١",
)
# fmt: on
BIDI = ("\u202e", "\u2066", "\u200f", "\u200b", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ufeff", "\uffff")
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may hold (XML 1.0, [2])."""

letters = st.characters(exclude_categories=["Cs"])
shown = st.characters(categories=["L", "N", "P", "S", "M"], include_characters=" ")
sound_ids = st.one_of(
    st.sampled_from(PRINTABLE), st.text(shown, min_size=1, max_size=6), st.integers(-3, 3), st.integers(10**18, 10**20)
)
sound_texts = st.one_of(
    st.sampled_from([*PRINTABLE, "", " ", "\t", "\n", "\r", "\r\n", " x "]),
    st.text(shown, max_size=8),
)
wild_texts = st.one_of(sound_texts, st.sampled_from(BIDI), st.text(letters, max_size=8))
whole = st.one_of(st.integers(-(2**70), 2**70), st.sampled_from([10**400, -(10**400), 2**53 + 1, 2**63, 10**3990, 0]))
decimals = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([5e-324, 1e308, -0.0, 0.1, 1 / 3, 1e16, float(2**53)]),
)
sound_etas, link_etas = (
    st.one_of(st.just(1.0), st.floats(least, 1), st.sampled_from([1, 0.5, 1e-30, least, 1 - 2**-53]))
    for least in (LEAST_SHARE, LEAST_LINK_SHARE)
)
KINDS = (sound_texts, wild_texts, st.booleans(), whole, decimals, st.one_of(st.integers(-9, 9), decimals))
anything = st.one_of(*KINDS)


def is_kept(name, place):
    """Whether an attribute of this name is kept as it is, and means nothing to us."""
    known = known_names(place)
    return (
        name not in known
        and name not in own_names(place)
        and look_alike(name, place) is None
        and misspelling_of(name, tuple(one for one in known if len(one) > 1), "") is None
    )


@st.composite
def attributes(draw, place):
    """Kinds of values by the names of attributes of a place: elements share them, and some attributes have values of all kinds."""
    names = draw(st.lists(wild_texts, max_size=3, unique=True))
    columns = {name: draw(st.sampled_from([*KINDS, anything])) for name in names if is_kept(name, place)}
    if place == "node" and draw(st.booleans()):
        columns |= {"x": decimals, "y": st.integers(-9, 9)}
    if place == "edge" and draw(st.booleans()):
        columns["distance_km"] = st.one_of(st.floats(0, 1e9), st.integers(0, 10**9))
    if place == "graph" and draw(st.booleans()):
        columns["loss_db_per_km"] = st.floats(0, 100)
    return columns


def filled(draw, columns):
    """Values for some of the attributes."""
    return {name: draw(values) for name, values in columns.items() if draw(st.integers(0, 3))}


@st.composite
def sound_parts(draw):
    """What a network is made of that every rule lets pass."""
    names = draw(st.lists(sound_ids, min_size=1, max_size=5, unique_by=str))
    sensing = draw(st.sampled_from(["phase", "displacement"]))
    coupling = {"phase": "mach-zehnder", "displacement": "displacement"}[sensing]
    of_nodes, of_edges, of_graph = (draw(attributes(place)) for place in ("node", "edge", "graph"))
    sensors = draw(st.integers(1, len(names)))
    coefficients = draw(
        st.lists(
            st.sampled_from(["1", "-1", "1/3", "sqrt(2)", "0.1", "1e-100", "10000000000000000000001", "0"]),
            min_size=sensors,
            max_size=sensors,
        )
    )
    coefficients[0] = "2/7"
    is_phase = sensing == "phase"
    modes = [
        Mode(
            id=name,
            coupling=coupling,
            alpha=alpha,
            transmissivity=draw(sound_etas),
            extra=filled(draw, of_nodes),
            **draw(fields_of("sensor", is_phase=is_phase)),
        )
        for name, alpha in zip(names, coefficients, strict=False)
    ]
    others = [*names[sensors:], *([] if sensing == "displacement" else ["the reference"])]
    modes += [
        Mode(
            id=name,
            role="reference" if name == others[-1] else draw(st.sampled_from(["reference", "ancilla"])),
            transmissivity=draw(sound_etas),
            alpha=draw(st.sampled_from([None, 0])),
            extra=filled(draw, of_nodes),
            **draw(fields_of("other", is_phase=is_phase)),
        )
        for name in others
    ]
    everyone = [mode.id for mode in draw(st.permutations(modes))]
    links = [
        Link(
            ends=(one, everyone[draw(st.integers(0, place))]) if draw(st.booleans()) else (everyone[place], one),
            transmissivity=draw(link_etas),
            extra=filled(draw, of_edges),
        )
        for place, one in enumerate(everyone[1:])
    ]
    budget = (
        {"photons": draw(st.one_of(st.integers(1, 9), st.integers(1, 10**30)))}
        if sensing == "phase"
        else {"mean_photons": draw(st.floats(1e-9, 1e6))}
    )
    laboratory = draw(fields_of("graph", is_phase=is_phase))
    if all(mode.squeezer is False for mode in modes) and laboratory.get("squeezers"):
        del laboratory["squeezers"]
    if is_phase and draw(st.booleans()):
        laboratory["mean_photons"] = draw(st.sampled_from([1e-9, 2.5, 7, 1e30]))
        if any(mode.role == "sensor" and mode.arms != 2 for mode in modes):
            laboratory["phase_reference"] = draw(st.sampled_from(["paid", "free"]))
    return {
        "name": str(draw(st.one_of(sound_ids, st.just("")))),
        "sensing": sensing,
        "modes": tuple(modes),
        "links": tuple(draw(st.permutations(links))),
        "passes": draw(st.sampled_from([1, 2, 10**30])),
        "parameters": draw(st.sampled_from(["static", "snapshot"])),
        "extra": filled(draw, of_graph),
        **budget,
        **laboratory,
    }


def why_no_graphml(network):
    """What of a network GraphML has no place for: letters, and columns that are of no one type; None where it has all."""
    for parts in ([network], network.modes, network.links):
        columns = {}
        for part in parts:
            for name, value in part.extra:
                columns.setdefault(name, []).append(value)
        for name, values in columns.items():
            if any(NO_XML.search(text) for text in (name, *(one for one in values if isinstance(one, str)))):
                return "letters"
            kinds = {type(value) for value in values}
            if kinds == {int, float} and not any(isinstance(one, int) and not is_float(one) for one in values):
                continue
            if len(kinds) > 1:
                return "kinds"
    return None


def is_float(number):
    try:
        return int(float(number)) == number
    except OverflowError:
        return False


# --- networks of tables ----------------------------------------------------------------------------------------------

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
cells = st.one_of(st.sampled_from(PRINTABLE), st.text(letters, min_size=1, max_size=8)).filter(
    # A cell is its text without white space around it; null characters are refused, and line ends become one of them.
    lambda text: text == text.strip() and "\x00" not in text and "\r" not in text and text
)
plain_cells = cells.filter(lambda text: not NUMBER.fullmatch(text))
table_ids = st.one_of(st.sampled_from(PRINTABLE), st.text(shown, min_size=1, max_size=6)).filter(
    lambda text: text == text.strip() and text
)
COLUMN_NAMES = ("id", "source", "target", "role", "coupling", "alpha", "label", "name")


def is_column(name, place):
    """Whether a column of this name is kept as it is: ours are known in whatever case they are written."""
    plain = name.lower().replace(" ", "_")
    return plain not in (*COLUMN_NAMES, *known_names("edge"), *known_names("node")) and is_kept(name, place)


@st.composite
def table_parts(draw):
    """What tables can say of a network."""
    names = draw(st.lists(table_ids, min_size=2, max_size=5, unique=True))
    values = st.one_of(plain_cells, st.integers(-(10**15) + 1, 10**15 - 1), st.floats(-1e300, 1e300))
    columns = {
        place: [name for name in draw(st.lists(cells, max_size=3, unique=True)) if is_column(name, place)]
        for place in ("node", "edge")
    }
    own = {place: dict.fromkeys(names, values) for place, names in columns.items()}
    coefficient = st.sampled_from(["1", "-1", "1/3", "sqrt(2)", "0.1", "1e-100"])
    modes = [
        Mode(
            id=name,
            coupling="displacement",
            alpha=draw(coefficient),
            transmissivity=draw(sound_etas),
            extra=filled(draw, own["node"]),
            **draw(fields_of("sensor", is_phase=False)),
        )
        for name in names
    ]
    laboratory = draw(fields_of("graph", is_phase=False))
    if all(mode.squeezer is False for mode in modes):
        laboratory.pop("squeezers", None)
    links = [
        Link(
            ends=(names[draw(st.integers(0, place))], name),
            transmissivity=draw(link_etas),
            extra=filled(draw, own["edge"]),
        )
        for place, name in enumerate(names[1:])
    ]
    return {
        "name": "net",
        "sensing": "displacement",
        "mean_photons": 1.5,
        "modes": tuple(modes),
        "links": tuple(links),
        **laboratory,
    }, draw(st.sampled_from([",", ";", "\t"]))


# --- networks that are sound or not ----------------------------------------------------------------------------------

texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=8))
values = st.one_of(
    texts,
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([10**400, -(10**400), 2**53 + 1, 10**4100, 0]),
    st.floats(),
    st.sampled_from([5e-324, 1e308, -0.0, 0.1, 1 / 3]),
)
ids = st.one_of(texts, st.integers(-3, 10**20))
numbers = st.one_of(st.just(1.0), st.floats(0, 1), st.sampled_from([1, 5e-324, 1e-30, 1e-300]))
printable = st.one_of(
    st.text(string.ascii_letters + "äß<&\"' ", min_size=1, max_size=6), st.sampled_from(["key", "node_default", "é"])
)


@st.composite
def parts(draw):
    """What a network may be made of, sound or not."""
    nasty = draw(st.sampled_from(["ids", "extras", "etas", "all"]))
    names = draw(st.lists(ids if nasty in ("ids", "all") else printable, min_size=1, max_size=5, unique_by=str))
    etas = numbers if nasty in ("etas", "all") else st.just(0.5)
    extras = (
        st.dictionaries(texts, values, max_size=4)
        if nasty in ("extras", "all")
        else st.dictionaries(printable, st.one_of(printable, st.floats(-9, 9)), max_size=2)
    )
    sensing = draw(st.sampled_from(["phase", "displacement"]))
    coupling = {"phase": "mach-zehnder", "displacement": "displacement"}[sensing]
    modes = []
    for place, name in enumerate(names):
        more = draw(extras)
        if place == 0 or (place > 1 and draw(st.booleans())):
            alpha = draw(st.sampled_from(["1", "-1", "1/3", "sqrt(2)", "0.1", 2]))
            modes.append(Mode(id=name, coupling=coupling, alpha=alpha, transmissivity=draw(etas), extra=more))
        else:
            role = "reference" if sensing == "phase" else draw(st.sampled_from(["reference", "ancilla"]))
            modes.append(
                Mode(id=name, role=role, transmissivity=draw(etas), alpha=draw(st.sampled_from([None, 0])), extra=more)
            )
    pairs = [(a, b) for k, a in enumerate(names) for b in names[k + 1 :]]
    links = [
        Link(ends=draw(st.sampled_from([pair, pair[::-1]])), transmissivity=draw(etas), extra=draw(extras))
        for pair in pairs
        if pair[0] == names[0] or draw(st.booleans())
    ]
    budget = (
        {"photons": draw(st.integers(1, 10**30))}
        if sensing == "phase"
        else {"mean_photons": draw(st.floats(1e-9, 1e6))}
    )
    return {
        "name": draw(texts if nasty == "all" else st.just("net")),
        "sensing": sensing,
        "modes": tuple(modes),
        "links": tuple(draw(st.permutations(links))),
        "passes": draw(st.sampled_from([1, 2, 10**30])),
        "parameters": draw(st.sampled_from(["static", "snapshot"])),
        "extra": draw(extras),
        **budget,
    }
