"""Results draw themselves, become tables, and show themselves once in notebooks; pictures hold the numbers of their results."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbclient
import nbformat
import numpy as np
import pytest
from matplotlib.figure import Figure
from results_of_examples import EXAMPLES, design_of, network, of_network, without_network

import networks
import photonics
import protocols
from networks import InputError, SensorNetwork, save_network
from photonics import BeamSplitter, Circuit, PhaseShift, Sense, Squeeze, mesh
from protocols.documents.result import Result
from protocols.reports.showing import _DRAWERS, _TABLES
from protocols.tables import Table

HIDING = "four_sites"
MODES, PATH = ("a", "b", "c"), (("a", "b"), ("b", "c"))
EMPTY = Table(title="", columns=(), rows=())
SHARED = Circuit(
    modes=("<a>", "b$2$", "c"),
    operations=(
        Squeeze(mode="<a>", r=0.5),
        BeamSplitter(first="<a>", second="b$2$", theta_rad=np.pi / 4),
        PhaseShift(mode="c", angle_rad=0.3),
        Sense(modes=("<a>", "b$2$"), generator="momentum"),
    ),
)


def sample(name: str) -> Any:
    """A value of each class that can be drawn or tabulated, by where the class is."""
    five, loss = of_network("five_phases"), of_network("lossy_phases")
    alone = without_network()
    return {
        "protocols.design:Design": lambda: of_network("fibre_phases")["design"],
        "protocols.theory.bounds:BoundsTable": lambda: protocols.bounds_table([3, -1, 1], photons=4, mean_photons=2),
        "protocols.layout.layout:Layouts": lambda: of_network("guo_four_nodes")["layouts"],
        "protocols.loss.report:LossReport": lambda: loss["loss-report"],
        "protocols.privacy.report:PrivacyReport": lambda: five["privacy-report"],
        "protocols.theory.duality:Duality": lambda: alone["duality"],
        "protocols.estimation.simulation:Simulation": lambda: loss["simulation"],
        "protocols.sweeps.results:SweepReport": swept,
        "protocols.sweeps.curves:Curves": curves,
        "protocols.wmatrix.protocol:PhotonProtocol": lambda: alone["best-protocols"].choices[0].protocol,  # type: ignore[attr-defined]
        "protocols.wmatrix.enumeration:Enumeration": lambda: alone["enumeration"],
        "protocols.wmatrix.objectives:Best": lambda: alone["best-protocols"],
        "protocols.wmatrix.objectives:Sample": lambda: alone["sample"],
        "photonics.circuits.meshes:Mesh": lambda: mesh(
            np.array([[0.6, 0.8, 0], [-0.8, 0.6, 0], [0, 0, 1]]), MODES, PATH
        ),
        "protocols.conditions:CheckReport": lambda: alone["check-report"],
        "protocols.estimation.several:TargetsSimulation": lambda: of_network("metro_ring")["targets-simulation"],
        "protocols.hardware.table:HardwareTable": lambda: protocols.hardware_table(network("gradient_pair")),
    }[name]()


def curves() -> protocols.Curves:
    return protocols.error_curves(network("five_phases"), "photons", points=3)


def swept() -> protocols.SweepReport:
    from protocols.sweeps.results import SweepCurve

    rows = tuple({"squeezing_db": x, "mse": y} for x, y in ((3.0, 0.5), (6.0, 0.3), (9.0, 0.2)))
    curve = SweepCurve(label="entangled-squeezed", x=(3.0, 6.0, 9.0), y=(0.5, 0.3, 0.2), stderr=(0.01,) * 3)
    none: dict[str, Any] = {"bounds": (), "counts": {"done": 3}, "missing": 0}
    return protocols.SweepReport(
        title="a sweep", axis="squeezing_db", unit="vac2", curves=(curve,), rows=rows, table=EMPTY, **none
    )


ALL = [(place, kind) for place, kinds in _DRAWERS.items() for kind in kinds]


def options_of(place: str) -> dict[str, Any]:
    return {"network": network("guo_four_nodes")} if place == "protocols.layout.layout:Layouts" else {}


def shown_numbers(axes: Any) -> list[float]:
    """Everything that is drawn on axes, as numbers."""
    numbers = [float(v) for line in axes.get_lines() for v in np.ravel(line.get_xydata())]
    numbers += [float(v) for image in axes.images for v in np.ravel(image.get_array())]
    numbers += [float(v) for made in axes.collections for v in np.ravel(made.get_offsets())]
    return numbers


@pytest.mark.parametrize(("place", "kind"), ALL, ids=[f"{place.partition(':')[2]}-{kind}" for place, kind in ALL])
def test_everything_is_drawn_alone_and_on_given_axes(place: str, kind: str) -> None:
    result, options = sample(place), options_of(place)
    made = protocols.plot(result, kind, width_cm=12.0, **options)
    figure, axes = made
    assert isinstance(figure, Figure)
    assert axes in figure.axes
    assert re.fullmatch(r"<Drawing, 12 cm x [\d.]+ cm>", repr(made))
    texts = [*figure.texts, *axes.texts, *([figure._suptitle] if figure._suptitle else [])]  # type: ignore[attr-defined]
    assert any(text.get_text() for text in texts)
    ElementTree.fromstring(made._repr_svg_() or "")
    outer = Figure(figsize=(10, 5))
    left, right = outer.subplots(1, 2)
    given = protocols.plot(result, kind, ax=right, **options)
    assert given.axes is right
    assert given.figure is outer
    # Nothing goes elsewhere, and numbers are the same; nodes stand where there is room.
    assert not shown_numbers(left)
    assert not outer.legends
    if kind not in ("network", "layout", "layers"):
        assert sorted(shown_numbers(right)) == pytest.approx(sorted(shown_numbers(axes)), rel=1e-12)
    outer.draw_without_rendering()


@pytest.mark.parametrize("place", [place for place in _DRAWERS if not place.startswith("photonics")])
def test_the_first_kind_is_what_plot_draws(place: str) -> None:
    result = sample(place)
    first = next(iter(_DRAWERS[place]))
    options = options_of(place)
    one, other = result.plot(**options), protocols.plot(result, first, **options)
    assert one._repr_svg_() == other._repr_svg_()


def test_faults_of_plots_are_named() -> None:
    design, layouts = of_network("fibre_phases")["design"], of_network("guo_four_nodes")["layouts"]
    assert isinstance(design, protocols.Design)
    with pytest.raises(InputError, match="a Design is drawn as bounds, network, layout, layers, fisher, got 'pie'"):
        design.plot("pie")
    with pytest.raises(InputError, match="there is no option 'colour'; there is none here"):
        design.plot(colour="red")
    with pytest.raises(InputError, match="there is no option 'colour'; there are sensing"):
        design.bounds.plot(colour="red")
    with pytest.raises(InputError, match="network is needed: a layout does not know"):
        layouts.plot()  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="has no node"):
        layouts.plot(network=network("five_phases"))  # type: ignore[attr-defined]
    with pytest.raises(InputError, match=r"(?s)ax must be the Axes of matplotlib.*width_cm is for a figure of its own"):
        design.plot(ax=3, width_cm=8.6)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="width_cm must be a number from 3 to 200, got 1"):
        design.plot(width_cm=1)
    with pytest.raises(InputError, match="there is no picture of a Certificate"):
        without_network()["certificate"].plot()  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="sends no light along links"):
        of_network("five_phases")["design"].plot("layout")  # type: ignore[attr-defined]
    with pytest.raises(
        InputError, match="sensing must be one of phase, displacement, qubit at these resources, got 'x'"
    ):
        sample("protocols.theory.bounds:BoundsTable").plot(sensing="x")
    with pytest.raises(InputError, match="number must be an integer from 1 to"):
        without_network()["enumeration"].plot(number=0)  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="there is no protocol to draw"):
        without_network()["none-exists"].plot()  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="has no table"):
        without_network()["certificate"].to_pandas()  # type: ignore[attr-defined]


# --- numbers in pictures ---------------------------------------------------------------------------------------------


def test_bounds_are_those_of_the_closed_forms() -> None:
    # Eq. (12), (14), (16) with alpha = (3, -1, 1), N = 4, M = 1: norms ||alpha||_P = 4, ||alpha||_1 = 5, ||alpha||_2/3.
    axes = protocols.bounds_table([3, -1, 1], photons=4).plot().axes
    names = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    numbers = {n: float(dot.lines[0].get_xdata()[0]) for n, dot in zip(names, axes.containers, strict=True)}
    entangled = next(v for name, v in numbers.items() if name.startswith("all probes"))
    assert entangled == pytest.approx(4**2 / 4**2)
    assert numbers["coherent light"] == pytest.approx(4**2 / 4)
    assert numbers["sites in turn over the shots"] == pytest.approx(5**2 / 4**2)


def test_a_loss_report_is_drawn_with_its_limits() -> None:
    report = sample("protocols.loss.report:LossReport")
    figure, axes = report.plot()
    points = [container.lines[0].get_xdata()[0] for container in axes.containers]
    assert points == [row.mse for row in report.rows]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert f"shot noise with these losses: {report.shot_noise:.4g}" in legend
    assert f"bound of all probes with these losses: {report.loss_bound:.4g}" in legend


def test_a_simulation_is_drawn_with_its_standard_errors() -> None:
    result = sample("protocols.estimation.simulation:Simulation")
    axes = result.plot().axes
    for one, container in zip(result.results, axes.containers, strict=True):
        assert container.lines[0].get_xdata()[0] == one.mse
        (bar,) = container.lines[2]
        ends = bar.get_segments()[0][:, 0]
        assert (ends[1] - ends[0]) / 2 == pytest.approx(one.tally.mse_stderr)
    covered = result.plot("coverage").axes
    assert [c.lines[0].get_xdata()[0] for c in covered.containers] == [100 * r.tally.coverage for r in result.results]


def test_a_protocol_is_drawn_with_all_photons_of_both_branches() -> None:
    protocol = sample("protocols.wmatrix.protocol:PhotonProtocol")
    matrix = np.array(protocol.plot().axes.images[0].get_array())
    assert [tuple(column[: len(protocol.function)]) for column in matrix.T.tolist()] == list(protocol.columns)
    # Both branches hold N photons, one counted positive and one negative.
    for column in matrix.T:
        assert -column[column < 0].sum() == protocol.photons
        assert column[column > 0].sum() <= protocol.photons
    target = matrix[: len(protocol.function)] @ np.array(protocol.repeats)
    norm = max(sum(a for a in protocol.function.alpha if a > 0), -sum(a for a in protocol.function.alpha if a < 0))
    expected = [protocol.photons * protocol.passes * a / norm for a in protocol.function.alpha]
    assert target.tolist() == [int(e) for e in expected]


def test_fisher_matrices_are_drawn_as_they_are() -> None:
    report = sample("protocols.privacy.report:PrivacyReport")
    assert np.array_equal(report.plot("fisher").axes.images[0].get_array(), report.information)
    with pytest.raises(InputError, match=r"a \(5, 5\) matrix of finite numbers"):
        protocols.draw_information(report.network, [[1.0]])


def test_circuits_are_drawn_in_time_order() -> None:
    axes = SHARED.plot().axes
    texts = [text.get_text() for text in axes.texts]
    assert texts[:10] == ["<a>", "b$2$", "c", "S", "4.34 dB", "0.5", "φ", "0.3", "θ1", "θ2"]
    assert "    ".join(texts[10:]).split("    ") == ["S squeezer", "●─● beam splitter", "φ phase shift", "θ sensing"]
    where = {text.get_text(): text.get_position() for text in axes.texts}
    assert where["S"][0] < where["0.5"][0] < where["θ1"][0]
    # What does not wait for anything stands first.
    assert where["φ"][0] == where["S"][0]
    assert where["<a>"][1] > where["b$2$"][1] > where["c"][1]
    assert not any(text.get_parse_math() for text in axes.texts)
    full = BeamSplitter(first="a", second="b", theta_rad=np.pi / 2)
    none = Circuit(modes=("a", "b"), operations=(full,))
    assert "0" in [text.get_text() for text in none.plot().axes.texts]
    assert "transmissivity 0," in none._repr_html_()
    large = Circuit(modes=("a",), operations=(PhaseShift(mode="a", angle_rad=0.5),) * 601)
    with pytest.raises(ValueError, match="601 operations is too large for a drawing"):
        large.plot()
    assert "<img" not in large._repr_html_()
    assert len(repr(large)) < 200
    assert eval(repr(SHARED), vars(photonics)) == SHARED
    with pytest.raises(ValueError, match="width_cm must be a number from 3 to 200"):
        SHARED.plot(width_cm=201)


@pytest.mark.parametrize("sensing", ["phase", "displacement"])
def test_dollar_signs_are_no_formulas(sensing: str) -> None:
    light: dict[str, Any] = {"photons": 3} if sensing == "phase" else {"mean_photons": 2.0}
    given = SensorNetwork.star([1, 2, -1], sensing=sensing, name=r"$\bad{$", **light)
    named = given.relabel({"s1": r"$\frac{$", "s2": "$x_^{$", "s3": "a$b$"})
    results: list[Result] = [protocols.design(named), protocols.loss_report(named), protocols.privacy_report(named)]
    results += [protocols.simulate(named, trials=4), protocols.error_curves(named, "passes", points=2)]
    for result in results:
        for kind in next(kinds for place, kinds in _DRAWERS.items() if place.endswith(f":{type(result).__name__}")):
            # Drawing a formula that is none would end in an error.
            try:
                drawing = result.plot(kind)
            except InputError as error:
                assert "sends no light along links" in str(error)  # noqa: PT017  # of some kinds, there is nothing to draw
                continue
            ElementTree.fromstring(drawing._repr_svg_() or "")


@pytest.mark.parametrize("layout", [None, "constrained"])
def test_legends_on_given_axes_cover_no_words(layout: Any) -> None:
    outer = Figure(figsize=(12, 7), layout=layout)
    axes = outer.subplots(1, 2)[0]
    sample("protocols.design:Design").plot(ax=axes)
    outer.draw_without_rendering()
    legend = axes.get_legend()
    assert len(legend.get_texts()) > 3
    assert legend.get_window_extent().y1 <= axes.xaxis.label.get_window_extent().y0


# --- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", _TABLES)
def test_tables_have_units_and_all_digits(place: str) -> None:
    result = sample(place)
    frame = protocols.to_pandas(result)
    assert frame.equals(result.to_pandas())
    assert len(frame) > 0
    assert frame.attrs["title"]
    assert set(frame.attrs["units"]) <= set(frame.columns)
    assert set(frame.attrs["units"].values()) <= {
        "rad",
        "rad^2",
        "1/rad^2",
        "vacuum variances",
        "1/vacuum variance",
        "standard deviations of the vacuum",
    }


def test_tables_are_those_of_the_documents() -> None:
    design, loss = sample("protocols.design:Design"), sample("protocols.loss.report:LossReport")
    frame = design.to_pandas()
    assert frame["scheme"].tolist() == [c.plan.scheme for c in design.candidates]
    assert frame["mse"].tolist() == [c.mse for c in design.candidates]
    assert frame.attrs["units"]["mse"] == "rad^2"
    assert loss.to_pandas()["mse"].tolist() == [row.mse for row in loss.rows]
    results = sample("protocols.estimation.simulation:Simulation")
    assert results.to_pandas()["mse"].tolist() == [one.mse for one in results.results]
    drawn = curves()
    frame = drawn.to_pandas()
    assert frame["photons"].tolist() == list(drawn.values)
    assert frame[drawn.curves[0].label].tolist() == list(drawn.curves[0].errors)
    best, checked = sample("protocols.wmatrix.objectives:Best"), sample("protocols.conditions:CheckReport")
    assert best.to_pandas()["value"].tolist() == [choice.value for choice in best.choices]
    assert checked.to_pandas()["holds"].tolist() == [condition.holds for condition in checked.conditions]
    several = sample("protocols.estimation.several:TargetsSimulation")
    frame = several.to_pandas()
    assert frame["joint_mse"] @ frame["weight"] == pytest.approx(several.joint_mse, rel=1e-12)
    assert design_of(network("guo_four_nodes")).to_pandas().attrs["units"]["mse"] == "vacuum variances"


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a\x1b[31m", "b\u202ec", "line\nbreak", "\x00", "\ud800"])
def test_names_of_modes_stay_text_on_pages_and_in_drawings(name: str) -> None:
    circuit = Circuit(modes=(name, "b"), operations=(Squeeze(mode=name, r=0.5),))
    written = name.encode("unicode_escape").decode()
    text = circuit._repr_html_()
    assert f"<td>{written}</td>" in text
    assert text.isprintable()
    assert written in [label.get_text() for label in circuit.plot().axes.texts]


def test_networks_and_circuits_save_and_load(tmp_path: Path) -> None:
    given = network(HIDING)
    given.save(tmp_path / "n.json")
    assert SensorNetwork.load(tmp_path / "n.json") == given
    save_network(given, tmp_path / "other.json")
    assert (tmp_path / "n.json").read_bytes() == (tmp_path / "other.json").read_bytes()
    for circuit in (SHARED, *(part.circuit for part in design_of(network("lossy_phases")).chosen.plan.parts)):
        circuit.save(tmp_path / "c.json")
        assert Circuit.load(tmp_path / "c.json") == circuit
    (tmp_path / "c.json").write_text("[" * 100_000)
    with pytest.raises(ValueError, match="is no JSON"):
        Circuit.load(tmp_path / "c.json")
    (tmp_path / "c.json").write_text(json.dumps({"modes": ["a"], "operations": []}))
    with pytest.raises(ValueError, match="has the format 'psn-circuit-1', got None"):
        Circuit.load(tmp_path / "c.json")
    with pytest.raises(OSError, match="nowhere"):
        SHARED.save(tmp_path / "nowhere" / "c.json")
    # Nothing half written is left behind.
    assert {path.name for path in tmp_path.iterdir()} == {"n.json", "other.json", "c.json"}


# --- notebooks -------------------------------------------------------------------------------------------------------


def test_html_of_networks_and_circuits_is_escaped_and_has_the_drawing() -> None:
    evil = network(HIDING).replace(name="<script>alert(1)</script>")
    for value in (evil, SHARED, *(network(path.stem) for path in sorted(EXAMPLES.glob("*.json"))[:4])):
        text = value._repr_html_()
        ElementTree.fromstring(text)
        assert text.count("<img") == 1
        assert "<script" not in text
        assert "<a>" not in text
    assert "<th>detector efficiency</th>" in evil.with_laboratory(detector_efficiency=0.9)._repr_html_()
    assert "<img" not in SensorNetwork.chain([1] * 301, sensing="displacement", mean_photons=1.0)._repr_html_()


def test_html_of_results_has_the_picture_that_says_most() -> None:
    design = sample("protocols.design:Design")
    text = design._repr_html_()
    ElementTree.fromstring(text)
    assert f'alt="network of {design.network.name}' in text
    assert text.count("<img") == 1
    # The text is what show says, without pictures.
    assert protocols.to_html(design).count("<img") == 0
    assert sample("protocols.layout.layout:Layouts")._repr_html_().count("<img") == 0
    assert without_network()["none-exists"]._repr_html_().count("<img") == 0  # type: ignore[attr-defined]


CELLS = {
    "network": ("network", 1),
    "circuit": ("circuit", 1),
    "drawing": ("network.plot()", 1),
    "by pyplot": ("figure, ax = plt.subplots(); network.plot(ax=ax)", 1),
    "function": ("draw_network(network)", 1),
    "unpacked": ("figure, axes = network.plot()", 0),
    "bounds": ("table.plot()", 1),
    "result": ("table", 1),
}


def test_a_notebook_shows_each_picture_once() -> None:
    setup = (
        "import matplotlib.pyplot as plt\nfrom networks import SensorNetwork, draw_network\n"
        "from photonics import Circuit, PhaseShift\nfrom protocols import bounds_table\n"
        "network = SensorNetwork.chain([1, -1], sensing='phase', photons=2)\n"
        "circuit = Circuit(modes=('a',), operations=(PhaseShift(mode='a', angle_rad=0.5),))\n"
        "table = bounds_table([1, -1], photons=2)"
    )
    cells = [nbformat.v4.new_code_cell(text) for text in (setup, *(text for text, _ in CELLS.values()))]
    book = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute()
    for (name, (_, expected)), cell in zip(CELLS.items(), book.cells[1:], strict=True):
        pictures = 0
        for output in cell.outputs:
            data = output.get("data", {})
            html = data.get("text/html", "").count("<img")
            pictures += html or int(bool({"image/png", "image/svg+xml"} & set(data)))
        assert pictures == expected, (name, cell.outputs)


def test_every_drawing_function_says_what_it_takes() -> None:
    for package in (networks, photonics, protocols):
        for name in package.__all__:
            if name.startswith("draw_"):
                function = getattr(package, name)
                parameters = inspect.signature(function).parameters
                assert {"ax", "width_cm"} <= set(parameters), name
                assert "Examples" in (function.__doc__ or ""), name
    assert isinstance(protocols.design, type(protocols.plot))
    assert issubclass(protocols.Design, Result)


def test_the_page_of_results_lists_what_is_drawn() -> None:
    text = (Path(__file__).parents[2] / "docs" / "how-to" / "results.md").read_text()
    rows = text.partition("<!-- drawn")[2].partition("<!-- end of drawn")[0].splitlines()[3:]
    said = {}
    for row in rows:
        name, kinds, functions = (cell.strip() for cell in row.strip("|").split("|"))
        said[name.strip("`")] = re.findall(r"`(\w+)`", kinds)
        for function in re.findall(r"`([\w.]+)`", functions):
            assert callable(
                getattr(networks if function.startswith("networks.") else protocols, function.split(".")[-1])
            )
    assert said == {p.partition(":")[2]: list(k) for p, k in _DRAWERS.items() if p.startswith("protocols.")}
    tables = text.partition("## Tables for other programs")[2]
    assert {place.partition(":")[2] for place in _TABLES} - {"Layouts"} <= set(re.findall(r"`(\w+)`", tables))
