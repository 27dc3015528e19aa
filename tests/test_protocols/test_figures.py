"""Figures: what they show is what was computed, no text covers another, and files are as a journal wants them."""

from __future__ import annotations

import dataclasses
import itertools
import re
import struct
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from networks import InputError, Link, SensorNetwork, load_network, save_network
from networks.arms import by_arms
from networks.drawing import draw_network
from networks.labels import overlaps
from protocols import design, error_curves, find_scheme
from protocols.built.build import build
from protocols.built.built import Built
from protocols.layout.squeezed.layouts import SqueezedLayouts
from protocols.ranking.candidates import rank_plans
from protocols.reports.bounds_figure import draw_comparison
from protocols.reports.curve_figures import draw_curves
from protocols.reports.frames import log_ticks
from protocols.reports.layout_figures import draw_layers, draw_layout
from protocols.reports.page import FigurePage, saved
from protocols.reports.plotting import KINDS
from protocols.reports.sweep_figures import MOST_CURVES, draw_sweep, panels_of
from protocols.sweeps.results import SweepReport, sweep_report
from protocols.sweeps.running import run_sweep

EXAMPLES = Path(__file__).parents[2] / "examples"
WIDTHS = [None, 8.6, 17.8]


def lossy(network: SensorNetwork, share: float) -> SensorNetwork:
    return network.replace(links=tuple(Link(ends=link.ends, transmissivity=share) for link in network.links))


PHASES = lossy(SensorNetwork.star([1, 1], sensing="phase", photons=2, transmissivity=0.9), 0.8)
SQUEEZED = lossy(SensorNetwork.chain([1, 2, -1, 1, 1, 1, 2], sensing="displacement", mean_photons=4.0), 0.8)


designed = lru_cache(design)
curves_of = lru_cache(error_curves)


def boxes_of(figure: Figure) -> dict[str, Any]:
    """Of every text that can be seen, in points; doubled texts are numbered."""
    figure.set_dpi(288)
    figure.draw_without_rendering()  # type: ignore[no-untyped-call]  # of matplotlib
    texts = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    # The title of a figure is one of its texts only where it was asked for by its name.
    texts += [text for text in (figure._suptitle,) if text is not None and text not in texts]  # type: ignore[attr-defined]  # has no public name
    for axes in figure.axes:
        if axes.get_visible() and not axes.axison:
            texts += axes.texts
        elif axes.get_visible():
            low, high = sorted(axes.get_xlim())
            texts += [*axes.texts, axes.title, axes.xaxis.label, axes.yaxis.label]
            texts += [t for t in axes.get_xticklabels() if low <= t.get_position()[0] <= high and t.get_visible()]
            low, high = sorted(axes.get_ylim())
            texts += [t for t in axes.get_yticklabels() if low <= t.get_position()[1] <= high and t.get_visible()]
    return {
        f"{text.get_text()}#{number}": tuple(v / 4 for v in text.get_window_extent().extents)
        for number, text in enumerate(texts)
        if text.get_text().strip() and text.get_visible()
    }


def assert_readable(figure: Figure, width: float | None) -> dict[str, Any]:
    boxes = boxes_of(figure)
    wide, high = (72 * inches for inches in figure.get_size_inches())
    if width is not None:
        assert wide == pytest.approx(72 * width / 2.54)
    for text, box in boxes.items():
        assert min(*box, wide - box[2], high - box[3]) >= -1.5, text
    for (one, first), (other, second) in itertools.combinations(boxes.items(), 2):
        # As they are seen: without the air around letters.
        assert not overlaps((first[0] + 0.6, first[1] + 0.6, first[2] - 0.6, first[3] - 0.6), second), (one, other)
    return boxes


def legend_of(figure: Figure) -> list[str]:
    return [text.get_text().replace("\n", " ") for text in figure.legends[0].get_texts()]


# --- candidates beside bounds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("network", [PHASES, SQUEEZED], ids=["phases", "displacements"])
def test_the_figure_of_bounds_has_the_errors_as_built(network: SensorNetwork, width: float | None) -> None:
    result = designed(network)
    figure = draw_comparison(result, width_cm=width).figure
    assert_readable(figure, width)
    axes = figure.axes[0]
    named = [label.get_text() for label in axes.get_yticklabels()]
    assert named == [c.plan.scheme for c in result.candidates]
    marked = {
        (float(y), float(x), str(line.get_marker()))
        for line in axes.get_lines()
        if line.get_linestyle() == "None"
        for x, y in line.get_xydata()  # type: ignore[union-attr]  # an array
    }
    for row, candidate in enumerate(result.candidates):
        entangles = candidate.plan.modes_between_sites > 0
        symbol = "D" if candidate.plan.scheme == "coherent" else "o" if entangles else "s"
        assert (row, candidate.mse, symbol) in marked
        ideal = candidate.built.ideal_mse
        assert ((row, ideal, "|") in marked) == (ideal < candidate.mse * (1 - 1e-9))
    best = min((c for c in result.candidates if not c.plan.modes_between_sites), key=lambda c: c.mse)
    place = result.candidates.index(best)
    rings = [line.get_xydata() for line in axes.get_lines() if line.get_markerfacecolor() == "none"]
    assert [ring.tolist() for ring in rings if len(ring)] == [[[best.mse, place]]]
    lines = [line for line in axes.get_lines() if line.get_linestyle() != "None" and list(line.get_ydata()) == [0, 1]]
    verticals = {float(f"{line.get_xdata()[0]:.9g}") for line in lines}
    table = {row.mse for row in result.bounds.rows if row.sensing == network.sensing and row.mse is not None}
    coherent = next(c.mse for c in result.candidates if c.plan.scheme == "coherent")
    assert verticals == {float(f"{value:.9g}") for value in (*table, coherent)}
    unit = "rad²" if network.sensing == "phase" else "vacuum variances"
    assert f"({unit})" in axes.get_xlabel()
    bounds = [label for label in legend_of(figure) if "bound" in label]
    assert bounds
    assert all("without loss" in label for label in bounds)
    assert f"shot noise as built, coherent light: {coherent:.4g}" in legend_of(figure)


# --- curves ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("network", "axis"),
    [(PHASES, "photons"), (SQUEEZED, "mean_photons"), (SQUEEZED, "link_loss_times"), (PHASES, "dark_counts")],
)
def test_figures_of_curves_have_their_numbers(network: SensorNetwork, axis: str, width: float | None) -> None:
    curves = curves_of(network, axis, points=4)
    figure = draw_curves(curves, width_cm=width).figure
    assert_readable(figure, width)
    axes = figure.axes[0]
    drawn = {str(line.get_label()).replace("\n", " "): line for line in axes.get_lines()}
    for curve in curves.curves:
        line = drawn[curve.label]
        expected = [(x, y) for x, y in zip(curves.values, curve.errors, strict=True) if y is not None]
        assert np.asarray(line.get_xydata()).tolist() == [list(point) for point in expected]
    assert axes.get_xlabel().replace("\n", " ") == curves.axis_label
    assert len(curves.here) == 1
    if axis == "dark_counts":
        assert "this network has 0, beyond this axis" in legend_of(figure)
    else:
        assert np.asarray(drawn["this network"].get_xdata()).tolist() == [curves.here[0]] * 2


def test_values_that_differ_are_marked_as_a_range() -> None:
    network = PHASES.replace(
        links=tuple(dataclasses.replace(link, transmissivity=0.5 + 0.2 * k) for k, link in enumerate(PHASES.links))
    )
    figure = draw_curves(error_curves(network, "link_transmissivity", points=2)).figure
    assert "values in this network, 0.5 to 0.7" in legend_of(figure)


@pytest.mark.parametrize(("low", "high"), [(1e-3, 1e5), (0.02, 0.9), (2.0, 2.3), (1e-30, 1e20), (5.0, 5.0000001)])
def test_ticks_of_logarithmic_axes(low: float, high: float) -> None:
    figure = Figure(figsize=(3, 3), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    log_ticks(axes.xaxis, low, high, 180)
    ticks = [float(tick) for tick in axes.get_xticks()]
    assert ticks == sorted(ticks)
    assert 1 <= len(ticks) <= 7
    assert all(low * (1 - 1e-5) <= tick <= high * (1 + 1e-5) for tick in ticks)


# --- layouts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_layouts_show_reflectivities_layers_and_names(width: float | None) -> None:
    built = build(find_scheme("displacement", "entangled-squeezed"), SQUEEZED)
    assert isinstance(built, Built)
    layout = built.layout
    assert isinstance(layout, SqueezedLayouts)
    expected = sorted(step.label for step in layout.steps)
    words = [f"R {float(step.words.split('reflectivity ')[1]):.3g}" for step in layout.steps]
    assert sorted(words) == expected
    for figure in (
        draw_layout(SQUEEZED, layout, width_cm=width).figure,
        draw_layers(SQUEEZED, layout, width_cm=width).figure,
    ):
        boxes = assert_readable(figure, width)
        texts = [text.split("#")[0] for text in boxes]
        assert sorted(text for text in texts if text.startswith("R 0.")) == expected
        assert {str(mode.id) for mode in SQUEEZED.modes} <= set(texts)
        assert any(text.replace("\n", " ").startswith("R: reflectivity of the beam splitter") for text in texts)
    layers = {f"layer {step.layer}" for step in layout.steps}
    assert layers <= set(legend_of(draw_layout(SQUEEZED, layout).figure))
    assert "mean squared error 7 vacuum variances" in boxes_of(
        draw_layers(SQUEEZED, layout, mse=7.0).figure
    ).__repr__().replace("\\n", " ")


@pytest.mark.parametrize("width", [8.6, 17.8])
@pytest.mark.parametrize("scheme", ["noon", "multimode-noon", "pairs-in-turn"])
def test_layouts_of_photons_are_readable(scheme: str, width: float) -> None:
    network = lossy(SensorNetwork.star([1, 1, -2, 1], sensing="phase", photons=6), 0.9)
    built = build(find_scheme("phase", scheme), network)
    assert isinstance(built, Built)
    assert built.layout is not None
    for figure in (
        draw_layout(by_arms(network), built.layout, width_cm=width).figure,
        draw_layers(by_arms(network), built.layout, width_cm=width).figure,
    ):
        assert_readable(figure, width)


def test_two_hundred_nodes_keep_their_names() -> None:
    network = load_network(EXAMPLES / "region_200.json")
    built = build(find_scheme("displacement", "entangled-squeezed"), network)
    assert isinstance(built, Built)
    assert built.layout is not None
    figure = draw_layout(network, built.layout).figure
    names = {str(mode.id) for mode in network.modes}
    assert {text.get_text() for text in figure.axes[0].texts} == names
    rows = draw_layers(network, built.layout, width_cm=17.8).figure
    written = [label.get_text() for label in rows.axes[0].get_yticklabels()]
    assert set(written) <= names
    assert len(written) == len(set(written)) >= 150


# --- sweeps ----------------------------------------------------------------------------------------------------------

SPEC = """
name = "five axes"
network = "n.json"
task = "design"
[axes]
transmissivity = [0.6, 0.9]
scheme = ["entangled-squeezed", "separable-squeezed", "coherent"]
squeezing_db = [3.0, 10.0]
mean_photons = [1.0, 3.0]
detector_efficiency = [0.8, 1.0]
"""


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> SweepReport:
    folder = tmp_path_factory.mktemp("sweep")
    save_network(SensorNetwork.star([1, 2], sensing="displacement", mean_photons=2.0), folder / "n.json")
    (folder / "sweep.toml").write_text(SPEC)
    assert run_sweep(folder / "sweep.toml", folder / "rows", workers=1).failed == 0
    return sweep_report(folder / "rows", axis="transmissivity")


@pytest.mark.parametrize("width", WIDTHS)
def test_sweeps_are_panels_of_few_curves_with_each_bound_once(swept: SweepReport, width: float | None) -> None:
    coloured, panels = panels_of(swept)
    assert coloured == "scheme"
    assert len(panels) == 8
    assert sorted(id(curve) for panel in panels for _, curve in panel.curves) == sorted(map(id, swept.curves))
    for panel in panels:
        assert [label for label, _ in panel.curves] == ["entangled-squeezed", "separable-squeezed", "coherent"]
        # All schemes have one bound, that of nbar.
        assert len(panel.bounds) == 1
        words = {f"{name.replace('_', ' ')} {value:.4g}" for name, value in panel.curves[0][1].at if name != "scheme"}
        assert set(panel.title.split(", ")) == words
    figure = draw_sweep(swept, width_cm=width).figure
    boxes = assert_readable(figure, width)
    assert any("vacuum variances" in text for text in boxes)
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert len(shown) == 8
    for axes, panel in zip(shown, panels, strict=True):
        dashed = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
        assert len(dashed) == 1
        assert np.asarray(dashed[0].get_ydata()).tolist() == list(panel.bounds[0][1].y)
        solid = [line for line in axes.get_lines() if line.get_linestyle() == "-"]
        assert [np.asarray(line.get_ydata()).tolist() for line in solid] == [list(curve.y) for _, curve in panel.curves]


def test_many_curves_are_shared_out_over_panels(swept: SweepReport) -> None:
    many = dataclasses.replace(
        swept,
        curves=tuple(
            dataclasses.replace(swept.curves[0], at=(("squeezing_db", float(k)),), y=(1.0 + k, 2.0 + k))
            for k in range(20)
        ),
        bounds=tuple(dataclasses.replace(swept.bounds[0], curves=(k,), y=(0.1 + k,) * 2) for k in range(20)),
    )
    coloured, panels = panels_of(many)
    assert coloured == "squeezing_db"
    assert [len(panel.curves) for panel in panels] == [6, 6, 6, 2]
    assert max(len(panel.curves) for panel in panels) <= MOST_CURVES
    assert [len(panel.bounds) for panel in panels] == [6, 6, 6, 2]
    assert all(
        bound == many.bounds[int(label.split()[-1].split(".")[0])] for panel in panels for label, bound in panel.bounds
    )
    figure = draw_sweep(many).figure
    # Each bound has the colour of its curve.
    lines = figure.axes[0].get_lines()
    assert {line.get_color() for line in lines if line.get_linestyle() == "--"} == {
        line.get_color() for line in lines if line.get_linestyle() == "-"
    }


def test_a_sweep_along_one_axis_is_one_panel(swept: SweepReport) -> None:
    alone = dataclasses.replace(swept, curves=(dataclasses.replace(swept.curves[0], at=()),), bounds=())
    assert panels_of(alone)[0] == ""
    assert len(draw_sweep(alone, width_cm=8.6).figure.axes) == 1


# --- files -----------------------------------------------------------------------------------------------------------


def test_files_have_the_width_that_is_asked_for_and_text_that_stays_text() -> None:
    page = FigurePage.of("one-column", 300, [])
    figure = draw_network(SQUEEZED, width_cm=page.width_cm).figure
    png = saved(figure, ".png", page.dpi)
    width, _ = struct.unpack(">II", png[16:24])
    assert width == pytest.approx(8.6 / 2.54 * 300, abs=1)
    svg = saved(figure, ".svg").decode()
    assert float(re.search(r'<svg [^>]*width="([\d.]+)pt"', svg)[1]) == pytest.approx(8.6 / 2.54 * 72, rel=1e-5)  # type: ignore[index]  # there is one
    for mode in SQUEEZED.modes:
        assert f">{mode.id}</text>" in svg
    pdf = saved(figure, ".pdf")
    assert b"/FontFile2" in pdf  # TrueType
    assert b"/Type3" not in pdf
    assert b"CIDFontType2" in pdf
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ", pdf)
    assert box is not None
    assert float(box[1]) == pytest.approx(8.6 / 2.54 * 72, rel=1e-4)
    # Equal figures are equal files.
    again = draw_network(SQUEEZED, width_cm=page.width_cm).figure
    for suffix, content in ((".svg", svg.encode()), (".pdf", pdf), (".png", png)):
        assert saved(again, suffix, page.dpi if suffix == ".png" else 150) == content


@pytest.mark.parametrize(
    ("width", "cm"),
    [
        ("one-column", 8.6),
        ("two-column", 17.8),
        ("86mm", 8.6),
        ("12 cm", 12.0),
        ("3.4in", 8.636),
        (".5in", None),
        (None, None),
    ],
)
def test_widths(width: str | None, cm: float | None) -> None:
    faults: list[str] = []
    assert FigurePage.of(width, None, faults).width_cm == (None if cm is None else pytest.approx(cm))
    assert bool(faults) == (width is not None and cm is None)


@pytest.mark.parametrize(
    ("width", "fault"),
    [
        ("86", "without a unit: 86cm or 86mm?"),
        ("wide", "one-column (8.6 cm), two-column (17.8 cm) or a length"),
        ("1e3cm", "got '1e3cm'"),
        ("-5cm", "got '-5cm'"),
        ("nan", "got 'nan'"),
        ("", "got ''"),
        ("2cm", "--width must be from 6 to 100 cm"),
        ("999999mm", "--width must be from 6 to 100 cm"),
        ("5 furlongs", "got '5 furlongs'"),
    ],
)
def test_widths_that_are_none(width: str, fault: str) -> None:
    faults: list[str] = []
    FigurePage.of(width, 7, faults)
    assert len(faults) == 2
    assert any(fault in one for one in faults)
    assert "--dpi must be an integer from 50 to 1200, got 7" in faults


def test_too_many_pixels_are_refused() -> None:
    figure = draw_network(SQUEEZED, width_cm=100.0).figure
    with pytest.raises(InputError, match=r"would have 47244 x .* pixels; lower --dpi or --width"):
        saved(figure, ".png", 1200)
    assert saved(figure, ".svg", 1200)


def test_commands_take_sizes(psn: Any, tmp_path: Path) -> None:
    save_network(PHASES, tmp_path / "n.json")
    wrong = ("--width", "8", "--dpi", 9)
    for line in (
        ("plot", "network", tmp_path / "n.json", "--out", tmp_path / "a.png"),
        ("design", tmp_path / "n.json", "--out", tmp_path / "d"),
        ("privacy", tmp_path / "n.json", "--out", tmp_path / "a.png"),
        ("duality", "--w", "1,1", "--v", "1,-1", "--out", tmp_path / "a.png"),
        ("mesh", tmp_path / "n.json", "--haar", 1, "--out", tmp_path / "a.png"),
        ("sweep", "report", tmp_path, "--out", tmp_path / "a.png"),
        ("hardware", "compile", EXAMPLES / "gradient_pair.json", "--device", "X8", "--out", tmp_path / "a.png"),
    ):
        code, out, err = psn(*line, *wrong)
        assert (code, out) == (2, ""), line
        assert "--dpi must be an integer from 50 to 1200, got 9" in err
        assert "'8' without a unit: 8cm or 8mm?" in err
        assert not (tmp_path / "a.png").exists()
    for line in (("design", tmp_path / "n.json"), ("duality", "--w", "1,1", "--v", "1,-1")):
        code, out, err = psn(*line, "--width", "one-column")
        assert (code, out) == (2, "")
        assert "--width and --dpi are for a figure; name its file with --out" in err
    code, _, err = psn(
        "design", tmp_path / "n.json", "--out", tmp_path / "d", "--width", "two-column", "--dpi", 60, "--json"
    )
    assert (code, err) == (0, "")
    for name in ("network.png", "bounds.png"):
        width, _ = struct.unpack(">II", (tmp_path / "d" / name).read_bytes()[16:24])
        assert width == pytest.approx(17.8 / 2.54 * 60, abs=1)


@pytest.mark.parametrize("kind", ["network", "bounds", "layout", "layers", "fisher", "link_loss_db"])
def test_every_kind_is_plotted(psn: Any, tmp_path: Path, kind: str) -> None:
    save_network(lossy(SQUEEZED, 0.99), tmp_path / "n.json")
    extra = ("--points", 2) if kind == "link_loss_db" else ()
    code, out, err = psn("plot", kind, tmp_path / "n.json", "--out", tmp_path / "a.svg", *extra, "--width", "86mm")
    assert (code, err) == (0, "")
    assert "wrote" in out
    assert "<text" in (tmp_path / "a.svg").read_text()


def test_kinds_of_plots_that_are_none(psn: Any, tmp_path: Path) -> None:
    save_network(PHASES, tmp_path / "n.json")
    line = (tmp_path / "n.json", "--out", tmp_path / "a.svg")
    code, _, err = psn("plot", "squeezing", *line, "--points", 3)
    assert code == 2
    assert (
        "there is no plot 'squeezing'; known are network, bounds, layout, layers, fisher, and errors along photons"
        in err
    )
    code, _, err = psn("plot", "fisher", *line, "--points", 3)
    assert (code, "--points: for errors along an axis, not for fisher" in err) == (2, True)
    code, _, err = psn("plot", "squeezing_db", *line)
    assert (code, "do not depend on 'squeezing_db'; known are photons, " in err) == (2, True)


@pytest.mark.parametrize("kind", ["layout", "layers"])
def test_where_the_best_scheme_needs_no_links_the_best_that_does_is_drawn(psn: Any, tmp_path: Path, kind: str) -> None:
    network = lossy(PHASES, 0.01)
    ranked = rank_plans(network).built
    best = next(one for one in ranked if one.layout is not None)
    assert (ranked[0].as_built.scheme, ranked[0].layout) == ("noon-in-turn", None)
    save_network(network, tmp_path / "n.json")
    assert psn("plot", kind, tmp_path / "n.json", "--out", tmp_path / "a.svg")[0] == 0
    text = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", (tmp_path / "a.svg").read_text()))
    words = " ".join(text.split())
    assert f"mean squared error {best.mse:.4g} " in words
    assert f"this is {best.as_built.scheme}; the best scheme here is noon-in-turn, which needs no links" in words
    assert words.count(f"with {ranked[0].mse:.4g}") == 1
    # Where it is the best, nothing is said of others.
    better = SQUEEZED.with_laboratory(squeezers=1, link_loss_db=0.1)
    assert rank_plans(better).built[0].layout is not None
    save_network(better, tmp_path / "n.json")
    assert psn("plot", kind, tmp_path / "n.json", "--out", tmp_path / "b.svg")[0] == 0
    assert "the best scheme here" not in (tmp_path / "b.svg").read_text()


@pytest.mark.parametrize("width", WIDTHS)
def test_titles_of_layouts_of_schemes_that_are_not_the_best_are_readable(width: float | None) -> None:
    assert_readable(KINDS["layout"](lossy(PHASES, 0.01), width).figure, width)


def test_networks_without_any_layout_say_so(psn: Any, tmp_path: Path) -> None:
    save_network(SQUEEZED.with_laboratory(squeezers=0), tmp_path / "n.json")
    code, _, err = psn("plot", "layout", tmp_path / "n.json", "--out", tmp_path / "a.svg")
    assert (code, "no scheme has a layout along links here: coherent, the best, needs none, and" in err) == (2, True)
    assert "no squeezer is at hand" in " ".join(err.split())
