"""Drawings of networks: every name is there, nothing covers it, chains are straight, at every width."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from matplotlib.transforms import Affine2D

from networks import InputError, Link, Mode, SensorNetwork, load_network
from networks.canvas import Arranged, Spot, Wire, arrange, text_size, wrapped
from networks.drawing import draw_network
from networks.labels import Page, apart, around, beside, broken, crosses, overlaps
from networks.node_places import node_places

EXAMPLES = Path(__file__).parents[2] / "examples"
WIDTHS = [None, 8.6, 17.8]


def chain(count: int) -> SensorNetwork:
    plain = SensorNetwork.chain([1] * count, sensing="displacement", mean_photons=4.0)
    links = (
        dataclasses.replace(link, transmissivity=0.9 - 0.02 * k, extra={"distance_km": 3.0 + k})
        for k, link in enumerate(plain.links)
    )
    return plain.replace(links=tuple(links), detector_efficiency=0.95)


def two_arms() -> SensorNetwork:
    star = SensorNetwork.star([1, -1], sensing="phase", photons=4)
    modes = (
        dataclasses.replace(m, arms=2) if m.role == "sensor" else dataclasses.replace(m, role="ancilla")
        for m in star.modes
    )
    return star.replace(modes=tuple(modes))


def stations(count: int) -> SensorNetwork:
    """A ring of names of 28 letters with an office in the middle."""
    names = [f"measurement-station-{k:02d}-north" for k in range(count)]
    assert len(names[0]) == 28
    modes = [Mode(id=name, coupling="displacement", alpha=1 + k % 3) for k, name in enumerate(names)]
    links = [Link(ends=(names[k], names[(k + 1) % count]), transmissivity=0.8) for k in range(count)]
    links += [Link(ends=(names[k], "central-distribution-office1"), transmissivity=0.7) for k in range(0, count, 4)]
    modes.append(Mode(id="central-distribution-office1", role="ancilla", squeezer=False))
    return SensorNetwork(sensing="displacement", modes=modes, links=links, mean_photons=6.0)


NETWORKS = {
    "chain": chain(7),
    "two arms": two_arms(),
    "stations": stations(12),
    "four sites": load_network(EXAMPLES / "four_sites.json"),
    "ring": load_network(EXAMPLES / "metro_ring.json"),
}


def bounding_boxes(figure: Any) -> dict[str, tuple[float, float, float, float]]:
    """Of every text that can be seen, in points, as matplotlib draws it; doubled texts are numbered."""
    figure.set_dpi(288)
    figure.draw_without_rendering()
    texts = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    texts += [text for legend in figure.legends for text in legend.get_texts()]
    boxes = {}
    for number, text in enumerate(texts):
        if text.get_text():
            boxes[f"{text.get_text()}#{number}"] = tuple(v / 4 for v in text.get_window_extent().extents)
    return boxes


def figure_size(figure: Any) -> tuple[float, float]:
    width, height = figure.get_size_inches()
    return 72 * width, 72 * height


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NETWORKS)
def test_no_text_covers_another_or_leaves_the_page_and_every_name_is_there(name: str, width: float | None) -> None:
    network = NETWORKS[name]
    figure = draw_network(network, width_cm=width).figure
    boxes = bounding_boxes(figure)
    wide, high = figure_size(figure)
    assert width is None or wide == pytest.approx(width / 2.54 * 72)
    for (one, box), (other, second) in itertools.combinations(boxes.items(), 2):
        assert not overlaps(box, second), (one, other)
    for text, box in boxes.items():
        assert min(*box, wide - box[2], high - box[3]) >= -1, text
    written = [text.split("#")[0] for text in boxes]
    flat = [text.replace("\n", "") for text in written]
    for mode in network.modes:
        assert any(text.startswith(str(mode.id)) for text in flat), mode.id
    assert not any("left out" in text for text in written)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NETWORKS)
def test_links_and_nodes_run_through_no_number(name: str, width: float | None) -> None:
    network = NETWORKS[name]
    figure = draw_network(network, width_cm=width).figure
    boxes = bounding_boxes(figure)
    axes = figure.axes[0]
    to_points = lambda places: axes.transData.transform(places) / 4  # noqa: E731  # at 288 dpi
    lines = [to_points(line) for line in axes.collections[0].get_segments()]
    words = [(text, box) for text, box in boxes.items() if " dB" in text or " km" in text]
    lossy = sum(link.transmissivity < 1 or "distance_km" in link.extra for link in network.links)
    assert len([text for text, _ in words if "at most" not in text]) == lossy
    for text, box in words:
        # As it is seen: without the air above and below its letters.
        inner = (box[0] + 1, box[1] + 1, box[2] - 1, box[3] - 1)
        for (x1, y1), (x2, y2) in lines:
            assert not crosses(((x1, y1), (x2, y2)), inner), text
    for symbols in axes.collections[1:]:
        left, bottom, right, top = symbols.get_paths()[0].get_extents(Affine2D(symbols.get_transforms()[0])).extents / 4
        for x, y in to_points(symbols.get_offsets()):
            # The square within a circle.
            inside = (x + 0.7 * left, y + 0.7 * bottom, x + 0.7 * right, y + 0.7 * top)
            for text, box in boxes.items():
                if len(text.split("#")[0]) > 4:
                    assert not overlaps(inside, box), text


def test_chains_are_straight_and_stars_and_rings_regular() -> None:
    places = node_places(chain(7))
    assert [y for _, y in places.values()] == [0.0] * 7
    assert [x for x, _ in places.values()] == [float(k) for k in range(7)]
    figure = draw_network(chain(7)).figure
    heights = {round(float(y), 9) for y in figure.axes[0].collections[1].get_offsets()[:, 1]}
    assert len(heights) == 1
    # Longer ones in lines, each link between neighbours.
    many = node_places(chain(30))
    assert {y for _, y in many.values()} == {0.0, -1.0, -2.0}
    assert all(math.dist(many[a], many[b]) == 1.0 for a, b in (link.ends for link in chain(30).links))
    star = node_places(SensorNetwork.star([1] * 6, sensing="phase", photons=2))
    assert star["ref"] == (0.0, 0.0)
    assert len({round(math.hypot(*place), 9) for node, place in star.items() if node != "ref"}) == 1
    five = stations(5)
    rim = tuple(link for link in five.links if "central-distribution-office1" not in link.ends)
    ring = node_places(five.replace(modes=five.modes[:-1], links=rim))
    gaps = {round(math.dist(a, b), 9) for a, b in itertools.pairwise([*ring.values(), next(iter(ring.values()))])}
    assert len(gaps) == 1


def test_other_networks_have_distances_like_their_numbers_of_links() -> None:
    # A grid of 4 x 4: neighbours are nearer than all others.
    names = {(i, j): f"n{i}{j}" for i in range(4) for j in range(4)}
    modes = [Mode(id=name, coupling="displacement", alpha=1) for name in names.values()]
    links = [
        Link(ends=(names[a], names[b]))
        for a, b in itertools.combinations(names, 2)
        if abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1
    ]
    network = SensorNetwork(sensing="displacement", modes=modes, links=links, mean_photons=1.0)
    places = node_places(network)
    linked = {frozenset(link.ends) for link in links}
    near = [math.dist(places[a], places[b]) for a, b in map(sorted, linked)]
    far = [
        math.dist(places[a], places[b]) for a, b in itertools.combinations(places, 2) if frozenset((a, b)) not in linked
    ]
    assert max(near) < min(far)
    assert node_places(network) == places


def test_coordinates_are_kept() -> None:
    network = chain(3)
    modes = (dataclasses.replace(m, extra={"x": float(k), "y": 2.0 * k}) for k, m in enumerate(network.modes))
    places = node_places(network.replace(modes=tuple(modes)))
    assert list(places.values()) == [(0.0, 0.0), (1.0, 2.0), (2.0, 4.0)]


@pytest.mark.parametrize("width", [None, 17.8])
def test_two_hundred_nodes_have_their_names(width: float | None) -> None:
    network = load_network(EXAMPLES / "region_200.json")
    figure = draw_network(network, width_cm=width).figure
    names = {text.get_text() for text in figure.axes[0].texts}
    assert names == {str(mode.id) for mode in network.modes}
    footer = figure.texts[-1].get_text()
    assert footer.startswith("links: 0.22 to 6.7 km, 0.044 to 1.34 dB")
    boxes = list(bounding_boxes(figure).values())
    corners = np.array(boxes)
    low, high = corners[:, None, :2], corners[None, :, 2:]
    meet = np.all(low + 0.3 < high, axis=2)
    assert not np.any(meet & meet.T & ~np.eye(len(boxes), dtype=bool))


def test_what_the_laboratory_has_is_shown() -> None:
    network = two_arms()
    figure = draw_network(network).figure
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["sensor", "ancilla", "two arms"]
    squeezed = stations(4)
    figure = draw_network(squeezed).figure
    assert "squeezer may stand here" in [text.get_text() for text in figure.legends[0].get_texts()]
    ellipses = figure.axes[0].collections[-1].get_offsets()
    assert len(ellipses) == 4


def test_names_that_are_no_formulas_and_long_coefficients() -> None:
    modes = (
        Mode(id="a$b^2$", coupling="displacement", alpha="12345/67891"),
        Mode(id="<b>", coupling="displacement", alpha=1),
    )
    network = SensorNetwork(
        sensing="displacement", modes=modes, links=(Link(ends=("a$b^2$", "<b>")),), mean_photons=1.0
    )
    written = [text.get_text() for text in draw_network(network).figure.axes[0].texts]
    assert "a$b^2$\nalpha 12345/67891" in written
    assert not any(text.get_parse_math() for text in draw_network(network).figure.axes[0].texts)


@pytest.mark.parametrize("width", [0.0, -1.0, math.nan, math.inf, True, "8cm"])
def test_widths_that_are_none_are_refused(width: Any) -> None:
    with pytest.raises(InputError, match="width_cm must be a number from 3 to 200, got"):
        draw_network(chain(2), width_cm=width)


# --- places of labels ------------------------------------------------------------------------------------------------

BOX = st.tuples(*[st.floats(0, 100)] * 4).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)
POINT = st.tuples(st.floats(0, 100), st.floats(0, 100))


@given(one=BOX, start=POINT, end=POINT)
def test_a_segment_crosses_a_box_where_a_point_of_it_is_inside(one: Any, start: Any, end: Any) -> None:
    # Farther inside than sums are rounded.
    low, high = (one[0] + 1e-9, one[1] + 1e-9), (one[2] - 1e-9, one[3] - 1e-9)
    inside = any(
        all(low[k] < start[k] + t * (end[k] - start[k]) < high[k] for k in (0, 1))
        for t in (k / 500 for k in range(501))
    )
    if inside:
        assert crosses((start, end), one)
    if max(start[0], end[0]) < one[0] or min(start[1], end[1]) > one[3]:
        assert not crosses((start, end), one)


@given(at=POINT, radius=st.floats(1, 20), size=st.tuples(st.floats(1, 60), st.floats(1, 20)), away=POINT)
def test_labels_around_a_node_do_not_touch_its_circle(at: Any, radius: float, size: Any, away: Any) -> None:
    for box in around(at, radius, size, away):
        assert (box[2] - box[0], box[3] - box[1]) == pytest.approx(size)
        nearest = min(max(at[0], box[0]), box[2]), min(max(at[1], box[1]), box[3])
        assert math.dist(nearest, at) > 0.9 * radius


@given(start=POINT, end=POINT, size=st.tuples(st.floats(1, 60), st.floats(1, 20)))
def test_labels_beside_a_line_do_not_touch_it(start: Any, end: Any, size: Any) -> None:
    if math.dist(start, end) < 1e-3:
        return
    for box in beside((start, end), size):
        assert not crosses((start, end), (box[0] + 1e-6, box[1] + 1e-6, box[2] - 1e-6, box[3] - 1e-6))


@examples(30)
@given(places=st.lists(POINT, min_size=2, max_size=12), seed=st.integers(0, 5))
def test_nodes_are_moved_apart(places: Any, seed: int) -> None:
    wide = [(40 * x, 40 * y) for x, y in places]
    moved = apart(wide, [], 10.0)
    assert min(math.dist(a, b) for a, b in itertools.combinations(moved, 2)) > 8.0
    spread = [(100.0 * k, float(seed)) for k in range(4)]
    assert apart(spread, [], 10.0) == spread
    # A node on the link of two others leaves it; its neighbours hardly move.
    line = apart([(0.0, 0.0), (100.0, 0.0), (50.0, 0.5)], [(0, 1)], 10.0)
    assert abs(line[2][1]) > 6.0


@examples(15)
@given(data=st.data())
def test_labels_of_random_networks_never_meet(data: Any) -> None:
    count = data.draw(st.integers(2, 14))
    places = {k: (data.draw(st.floats(0, 10)), data.draw(st.floats(0, 10))) for k in range(count)}
    pairs = data.draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=16))
    wires = [Wire(ends=pair, texts=("12 km, 2.4 dB", "12 km\n2.4 dB")) for pair in pairs if pair[0] < pair[1]]
    spots = [Spot(node=k, text=broken("x" * data.draw(st.integers(1, 28)), 18)) for k in range(count)]
    arranged: Arranged = arrange(places, spots, wires, width_cm=data.draw(st.sampled_from(WIDTHS)))
    labels = [*arranged.names, *arranged.words]
    assert len(labels) + arranged.missing == len(spots) + len(wires)
    for one, other in itertools.combinations(labels, 2):
        assert not overlaps(one.box, other.box)
    segments = [tuple(arranged.places[end] for end in wire.ends) for wire in wires]
    for label in arranged.words:
        assert not any(crosses(segment, label.box) for segment in segments)  # type: ignore[arg-type]  # pairs
    for left, bottom, right, top in (label.box for label in labels):
        assert min(left, bottom, arranged.width - right, arranged.height - top) >= 0


def test_a_page_gives_a_place_away_once() -> None:
    page = Page(width=100, height=100)
    assert page.place([(0, 0, 10, 10)]) == (0, 0, 10, 10)
    assert page.place([(5, 5, 15, 15), (10, 0, 20, 10)]) == (10, 0, 20, 10)
    assert page.place([(95, 95, 105, 105)]) is None
    page.add_line(((0, 50), (100, 50)))
    assert page.place([(0, 45, 10, 55), (0, 60, 10, 70)]) == (0, 60, 10, 70)
    assert page.place([(20, 45, 30, 55)], over_lines=False) is None


@given(text=st.text(alphabet="ab-_ .", min_size=1, max_size=60))
def test_broken_texts_lose_no_letter(text: str) -> None:
    flat = broken(text, 18).replace("\n", "")
    assert flat.replace(" ", "") == text.replace(" ", "")


def test_wrapped_lines_fit() -> None:
    text = (
        json.dumps({"a": 1})
        + ", detector efficiency 0.95, squeezer efficiency 0.9, electronic noise 0.01, jitter 0.2 rad"
    )
    lines = wrapped(text, 7.0, 150.0)
    assert " ".join(lines).replace("  ", " ") == text
    assert max(text_size(line, 7.0)[0] for line in lines) < 165


def test_nothing_is_a_line_without_words() -> None:
    """The title of a network without a name."""
    assert wrapped("", 9.0, 100.0) == [""]
    assert wrapped("a\n\nb", 9.0, 100.0) == ["a", "", "b"]
