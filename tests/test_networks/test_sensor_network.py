"""Networks: every fault named, all at once; shapes, relabelling, drawing."""

import dataclasses
import itertools
from fractions import Fraction

import networkx as nx
import pytest

from networks import InputError, Link, Mode, SensorNetwork, to_graph
from networks.drawing import draw_network


def sensor(name="a", alpha="1", **other):
    return Mode(**{"id": name, "coupling": "mach-zehnder", "alpha": Fraction(alpha), **other})


REFERENCE = Mode(id="r", role="reference")


def network(*modes, links=None, **options):
    names = [mode.id for mode in modes]
    joined = [Link(ends=pair) for pair in itertools.pairwise(names)] if links is None else links
    return SensorNetwork(**{"sensing": "phase", "photons": 2, "modes": modes, "links": tuple(joined), **options})


FAULTS = {
    "role": ((sensor(role="spy"), REFERENCE), {}, "role must be one of"),
    "coupling": ((sensor(coupling="magnetic"), REFERENCE), {}, "coupling must be one of"),
    "no coupling": ((sensor(coupling=None), REFERENCE), {}, "a sensor needs a coupling"),
    "mixed couplings": ((sensor(), sensor("b", coupling="displacement"), REFERENCE), {}, "couplings cannot be mixed"),
    "double id": ((sensor(), sensor(), REFERENCE), {"links": ()}, "node id 'a' is given 2 times"),
    "1 and '1'": ((sensor(1), sensor("1"), REFERENCE), {"links": ()}, "node id '1' is given 2 times"),
    "empty id": ((sensor(""), REFERENCE), {}, "non-empty string"),
    "no alpha": ((dataclasses.replace(sensor(), alpha=None), REFERENCE), {}, "a sensor needs alpha"),
    "alpha no number": (
        (dataclasses.replace(sensor(), alpha=[1]), REFERENCE),
        {},
        r"node 'a': alpha must be a number, got \(1,\)",
    ),
    "alpha true": (
        (dataclasses.replace(sensor(), alpha=True), REFERENCE),
        {},
        "node 'a': alpha must be a number, got True",
    ),
    "alpha NaN": (
        (dataclasses.replace(sensor(), alpha=float("nan")), REFERENCE),
        {},
        "node 'a': alpha must be finite, got nan",
    ),
    "alpha unfinished": (
        (dataclasses.replace(sensor(), alpha="sqrt(2"), REFERENCE),
        {},
        "node 'a': alpha must be a number, got 'sqrt",
    ),
    "alpha zero": ((sensor(alpha=0), sensor("b", alpha=0)), {}, "alpha is zero at every sensor"),
    "alpha at a reference": (
        (sensor(), dataclasses.replace(REFERENCE, alpha=Fraction(1))),
        {},
        "only sensors have alpha",
    ),
    "coupling at a reference": (
        (sensor(), dataclasses.replace(REFERENCE, coupling="x")),
        {},
        "only sensors have a coupling",
    ),
    "transmissivity 0": ((sensor(transmissivity=0), REFERENCE), {}, r"transmissivity must be a number in \(0, 1\]"),
    "transmissivity 2": ((sensor(transmissivity=2), REFERENCE), {}, r"transmissivity must be a number in \(0, 1\]"),
    "transmissivity NaN": (
        (sensor(transmissivity=float("nan")), REFERENCE),
        {},
        r"must be a number in \(0, 1\], got nan",
    ),
    "no reference": ((sensor(), sensor("b")), {}, "unbalanced function"),
    "disconnected": ((sensor(), sensor("b", alpha=-1)), {"links": ()}, "no chain of edges joins 'a' to 'b'"),
    "reference apart": ((sensor(), REFERENCE), {"links": ()}, "joins the sensors to the reference"),
    "no sensor": ((REFERENCE,), {}, "at least one sensor"),
    "nothing": ((), {}, "got no nodes"),
    "photons 0": ((sensor(), REFERENCE), {"photons": 0}, "photons must be a positive integer"),
    "photons 1.5": ((sensor(), REFERENCE), {"photons": 1.5}, "photons must be a positive integer"),
    "photons True": ((sensor(), REFERENCE), {"photons": True}, "photons must be a positive integer"),
    "photons missing": ((sensor(), REFERENCE), {"photons": None}, "needs photons"),
    "passes": ((sensor(), REFERENCE), {"passes": -1}, "passes must be a positive integer, got -1"),
    "sensing": ((sensor(), REFERENCE), {"sensing": "smell"}, "sensing must be"),
    "no light": ((sensor(), REFERENCE), {"photons": None}, "needs photons, .* or mean_photons, .* or both"),
    "mean photons of phases": (
        (sensor(), REFERENCE),
        {"mean_photons": 0},
        "mean_photons must be a number between 1e-9 and 1e.30",
    ),
    "photons of displacements": (
        (sensor(coupling="displacement"),),
        {"sensing": "displacement", "mean_photons": 2.0},
        "remove photons",
    ),
    "mean photons": (
        (sensor(coupling="displacement"),),
        {"sensing": "displacement", "photons": None, "mean_photons": float("inf")},
        "between 1e-9 and",
    ),
    "self link": ((sensor(), REFERENCE), {"links": (Link(ends=("a", "a")),)}, "two different modes"),
    "double link": ((sensor(), REFERENCE), {"links": (Link(ends=("a", "r")), Link(ends=("r", "a")))}, "more than once"),
    "unknown end": ((sensor(), REFERENCE), {"links": (Link(ends=("a", "z")),)}, "there is no node 'z'"),
    "link transmissivity": (
        (sensor(), REFERENCE),
        {"links": (Link(ends=("a", "r"), transmissivity=-1),)},
        "transmissivity",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_named(name):
    modes, options, message = FAULTS[name]
    with pytest.raises(InputError, match=message):
        network(*modes, **options)


def test_faults_are_reported_together():
    with pytest.raises(InputError) as error:
        network(sensor(role="spy"), sensor("b", transmissivity=3), REFERENCE, photons=-1, passes=0)
    text = str(error.value)
    assert all(part in text for part in ("photons", "passes", "role", "transmissivity"))
    assert len(error.value.faults) == 4


def test_balanced_functions_need_no_reference():
    assert network(sensor(), sensor("b", alpha=-1)).references == ()


@pytest.mark.parametrize("shape", ["star", "chain", "complete"])
@pytest.mark.parametrize("sensing", ["phase", "displacement"])
def test_shapes_have_their_links(shape, sensing):
    budget = {"photons": 4} if sensing == "phase" else {"mean_photons": 1.5}
    made = getattr(SensorNetwork, shape)([1, "1/2", -1], sensing=sensing, transmissivity=[1, 0.5, 1], **budget)
    assert [str(mode.alpha) for mode in made.sensors] == ["1", "1/2", "-1"]
    assert made.sensors[1].transmissivity == 0.5
    graph = to_graph(made)
    assert nx.is_connected(graph)
    count = len(made.modes)
    assert (
        graph.number_of_edges() == {"star": count - 1, "chain": count - 1, "complete": count * (count - 1) // 2}[shape]
    )
    assert eval(repr(made), {"SensorNetwork": SensorNetwork, "Mode": Mode, "Link": Link, "Fraction": Fraction}) == made


def test_relabelling_keeps_the_function_and_the_links():
    star = SensorNetwork.star([1, 2], sensing="phase", photons=3)
    moved = star.relabel({"s1": "north", "ref": "hub"})
    assert moved.function == star.function
    assert {frozenset(link.ends) for link in moved.links} == {frozenset(("north", "hub")), frozenset(("s2", "hub"))}
    with pytest.raises(InputError, match="no mode 'x'"):
        star.relabel({"x": "y"})
    with pytest.raises(InputError, match="given 2 times"):
        star.relabel({"s1": "s2"})


@pytest.mark.parametrize("count", [1, 5, 60])
def test_drawings_show_roles_and_coefficients(count):
    figure = draw_network(
        SensorNetwork.star(list(range(1, count + 1)), sensing="phase", photons=2, transmissivity=0.5)
    ).figure
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert ("1" in texts) == (count <= 40)
    assert {text.get_text() for text in figure.legends[0].get_texts()} == {"sensor", "reference"}


def test_the_reference_in_use_is_linked_and_clear():
    dim, far, clear = (
        Mode(id=name, role="reference", transmissivity=eta) for name, eta in (("dim", 0.5), ("far", 1.0), ("ok", 0.9))
    )
    links = tuple(Link(ends=("a", name)) for name in ("dim", "ok"))
    made = network(sensor(), dim, far, clear, links=links)
    assert made.reference == clear
    assert not made.is_lossless
    ancilla = Mode(id="x", role="ancilla", transmissivity=0.5)
    assert network(sensor(), REFERENCE, ancilla, links=(Link(ends=("a", "r")),)).is_lossless


# --- ancillas as references ------------------------------------------------------------------------------------------


def hubs(*extra: Mode, alpha=(1, 1), hub=0.9):
    """Sensors around an ancilla of transmissivity ``hub``, with more nodes linked to it."""
    sensors = [Mode(id=f"s{k}", coupling="mach-zehnder", alpha=Fraction(a)) for k, a in enumerate(alpha)]
    middle = Mode(id="hub", role="ancilla", transmissivity=hub)
    links = tuple(Link(ends=("hub", mode.id)) for mode in (*sensors, *extra))
    return SensorNetwork(sensing="phase", photons=2, modes=(*sensors, middle, *extra), links=links)


def test_an_ancilla_serves_as_reference_where_there_is_none():
    alone = hubs()
    assert alone.reference.id == alone.ancilla_as_reference.id == "hub"
    assert not alone.is_lossless
    assert "ancilla hub as reference" in str(alone)
    better = Mode(id="x", role="ancilla", transmissivity=0.95)
    assert hubs(better).reference.id == "x"
    assert [m.transmissivity for m in hubs(better).with_transmissivity(0.5).modes] == [0.5, 0.5, 0.9, 0.5]
    # A reference comes first, whatever its transmissivity; a balanced function needs none.
    referred = hubs(Mode(id="r", role="reference", transmissivity=0.1))
    assert (referred.reference.id, referred.ancilla_as_reference) == ("r", None)
    assert "as reference" not in str(referred)
    assert hubs(alpha=(1, -1)).reference is None


def test_an_ancilla_that_no_link_joins_is_no_reference():
    modes = (Mode(id="s", coupling="mach-zehnder", alpha=Fraction(1)), Mode(id="x", role="ancilla"))
    with pytest.raises(InputError, match="no chain of edges joins the sensors to the ancilla 'x'"):
        SensorNetwork(sensing="phase", photons=1, modes=modes, links=())
