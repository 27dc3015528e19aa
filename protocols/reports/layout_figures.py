"""Pictures of the light along the links: on the graph, and as layers of a circuit. matplotlib is used here."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from networks import SensorNetwork
from networks.drawing import node_places, short
from protocols.layout.layout import Layouts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


STAGES = ("#3b6ea5", "#5fa55a", "#8e5ba6", "#c0504d", "#b5651d", "#4f9da6")
"""Colours: the preparation, then each switch between passes."""
SOURCE = "#d62728"
NODES = {
    "sensor": "#3b6ea5",
    "sensor, alpha = 0": "#c8d6e5",
    "reference": "#b5651d",
    "ancilla": "#9a9a9a",
}
MAX_LABELLED = 40
"""Nodes above which a graph has no names and numbers."""
MAX_ROWS_NAMED = 120
"""Modes of a layout whose names are written in its picture."""
MAX_WORDED = 120
"""Elements above which they have no words."""
TALLEST = 30.0
"""Inches of a picture of layers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """One arrow: a beam splitter and its link, or photons on a link; layers count on from stage to stage.

    ``number`` is what people count them by: it starts again in every turn, and is the layer where there are no turns.
    """

    start: str
    end: str
    layer: int
    stage: int
    label: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What a picture shows: sources, arrows, and the layers after which the passes come."""

    headline: str
    roots: tuple[str, ...]
    crossings: tuple[Crossing, ...]
    ends: tuple[int, ...]
    mark: str = "sensing"
    """What happens at the ends."""
    layer_noun: str = "layer"
    """What a layer is called."""
    stages: tuple[str, ...] = ()
    """What the stages are called, when there are several."""
    turns: tuple[tuple[str, int], ...] = ()
    """Where the light of each turn starts, and the layer before it; empty where all shots are alike."""

    @property
    def directed(self) -> bool:
        """Whether light goes one way through the elements."""
        return bool(self.roots) and self.mark == "sensing"

    @property
    def depth(self) -> int:
        """Layers."""
        return max((crossing.layer for crossing in self.crossings), default=0)


def drawn(physical: Layouts) -> Drawn:
    """The layout that is drawn, its stages one after the other."""
    ends = tuple(itertools.accumulate(physical.stage_depths))
    behind = (0, *ends)
    crossings = tuple(
        Crossing(
            start=step.edge[0],
            end=step.edge[1],
            layer=behind[step.stage] + step.layer,
            stage=step.stage,
            label=step.label,
            number=step.layer if physical.turn_roots else behind[step.stage] + step.layer,
        )
        for step in physical.steps
    )
    return Drawn(
        headline=f"along the links: MSE {physical.drawn_mse:.4g}, {physical.size}",
        roots=physical.roots,
        crossings=crossings,
        ends=ends,
        layer_noun=physical.layer_noun,
        stages=tuple(physical.stage_name(stage) for stage in range(len(ends))),
        turns=tuple(zip(physical.turn_roots, behind, strict=False)),
    )


def draw_on_graph(network: SensorNetwork, physical: Layouts) -> Figure:
    """The network with the links in use as arrows, numbered by layer, coloured by stage; sources are ringed."""
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    shown = drawn(physical)
    places = _apart({str(node): place for node, place in node_places(network).items()})
    crowded = len(places) > MAX_LABELLED
    figure = Figure(figsize=(7.8, 6.5), layout="constrained")
    axes = figure.add_subplot()
    lines = [[places[str(end)] for end in link.ends] for link in network.links]
    axes.add_collection(LineCollection(lines, colors="#d9d9d9", linewidths=0.6 if crowded else 1.2, zorder=1))
    _nodes(axes, network, places, crowded=crowded)
    if crowded:
        _many_arrows(axes, places, shown.crossings)
    else:
        _arrows(axes, places, shown.crossings)
    rings = [places[root] for root in shown.roots]
    axes.scatter(
        [x for x, _ in rings],
        [y for _, y in rings],
        s=90 if crowded else 520,
        facecolors="none",
        edgecolors=SOURCE,
        linewidths=2,
        zorder=7,
    )
    nodes = ", ".join(short(root, 20) for root in shown.roots[:3]) + (" ..." if len(shown.roots) > 3 else "")
    where = f"{'source at node' if len(shown.roots) == 1 else 'sources at nodes'} {nodes}"
    axes.plot(
        [], [], linestyle="", marker="o", markerfacecolor="none", markeredgecolor=SOURCE, markersize=8, label=where
    )
    _legend(axes, shown)
    axes.set_title(f"{short(network.name, 70)}\n{shown.headline}", fontsize=9, parse_math=False)
    axes.margins(0.12)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_axis_off()
    return figure


def _apart(places: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """The same, with nodes at one place, as both arms of a sensor with coordinates are, one above the other."""
    heights = [y for _, y in places.values()]
    widths = [x for x, _ in places.values()]
    step = max(max(heights) - min(heights), max(widths) - min(widths)) / 12 or 1.0
    seen: Counter[tuple[float, float]] = Counter()
    apart = {}
    for node, (x, y) in places.items():
        apart[node] = (x, y - step * seen[x, y])
        seen[x, y] += 1
    return apart


def _nodes(axes: Axes, network: SensorNetwork, places: dict[str, tuple[float, float]], *, crowded: bool) -> None:
    kinds: dict[str, list[tuple[float, float]]] = {}
    for mode in network.modes:
        idle = mode.role == "sensor" and not mode.alpha
        kinds.setdefault("sensor, alpha = 0" if idle else mode.role, []).append(places[str(mode.id)])
        if not crowded:
            axes.annotate(
                short(str(mode.id), 18),
                places[str(mode.id)],
                xytext=_free_side(network, places, str(mode.id)),
                textcoords="offset points",
                fontsize=7,
                ha="center",
                va="center",
                zorder=2,
                parse_math=False,
                bbox={"boxstyle": "round,pad=0.05", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
            )
    for kind in NODES:
        if result := kinds.get(kind):
            axes.scatter(
                [x for x, _ in result],
                [y for _, y in result],
                s=14 if crowded else 320,
                color=NODES[kind],
                zorder=4,
            )
            # A mark of its own for the legend, where those of the picture would be too large.
            axes.plot([], [], linestyle="", marker="o", color=NODES[kind], markersize=6, label=kind)


def _free_side(network: SensorNetwork, places: dict[str, tuple[float, float]], node: str) -> tuple[float, float]:
    """Where the name of a node stands, in points from its middle: away from its links."""
    x, y = places[node]
    away_x = away_y = 0.0
    for a, b in (map(str, link.ends) for link in network.links):
        if node in (a, b):
            dx, dy = (u - v for u, v in zip(places[b if node == a else a], (x, y), strict=True))
            length = math.hypot(dx, dy) or 1.0
            away_x, away_y = away_x - dx / length, away_y - dy / length
    size = math.hypot(away_x, away_y)
    # Where links are on all sides, a corner between them.
    return (14.0, -13.0) if size < 0.7 else (20 * away_x / size, 16 * away_y / size)


def _arrows(axes: Axes, places: dict[str, tuple[float, float]], result: Sequence[Crossing]) -> None:
    """An arrow with its layer for each crossing; those on one link stay apart."""
    before: Counter[frozenset[str]] = Counter()
    for crossing in result:
        (x1, y1), (x2, y2) = places[crossing.start], places[crossing.end]
        link = frozenset((crossing.start, crossing.end))
        bend = 0.14 * before[link]
        before[link] += 1
        colour = STAGES[crossing.stage % len(STAGES)]
        axes.annotate(
            "",
            xy=(x2, y2),
            xytext=(x1, y1),
            arrowprops={
                "arrowstyle": "-|>",
                "color": colour,
                "linewidth": 1.8,
                "shrinkA": 11,
                "shrinkB": 11,
                "connectionstyle": f"arc3,rad={bend:.2f}",
            },
            zorder=5,
        )
        # The middle of the arc, a quadratic curve.
        middle = ((x1 + x2) / 2 + bend / 2 * (y2 - y1), (y1 + y2) / 2 - bend / 2 * (x2 - x1))
        axes.text(
            *middle,
            str(crossing.number),
            fontsize=7,
            color=colour,
            ha="center",
            va="center",
            zorder=6,
            bbox={"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none", "alpha": 0.9},
        )


def _many_arrows(axes: Axes, places: dict[str, tuple[float, float]], result: Sequence[Crossing]) -> None:
    """All arrows of a stage as one artist, without numbers."""
    for stage in sorted({crossing.stage for crossing in result}):
        own = [crossing for crossing in result if crossing.stage == stage]
        starts, ends = [places[c.start] for c in own], [places[c.end] for c in own]
        axes.quiver(
            [x for x, _ in starts],
            [y for _, y in starts],
            [b[0] - a[0] for a, b in zip(starts, ends, strict=True)],
            [b[1] - a[1] for a, b in zip(starts, ends, strict=True)],
            angles="xy",
            scale_units="xy",
            scale=1,
            width=0.0022,
            color=STAGES[stage % len(STAGES)],
            zorder=5,
        )


def draw_layers(network: SensorNetwork, physical: Layouts) -> Figure:
    """A line for each node in use, an arrow for each crossing in its layer, and the passes where they come."""
    shown = drawn(physical)
    used = {*shown.roots, *(end for crossing in shown.crossings for end in (crossing.start, crossing.end))}
    sensors = {str(mode.id) for mode in network.sensors if mode.alpha}
    names = [str(mode.id) for mode in network.modes if str(mode.id) in used | sensors]
    return _layers(network.name, shown, _rows(shown, names))


def _rows(shown: Drawn, names: list[str]) -> list[str]:
    """Lines in an order that keeps arrows short: each node above what it hands light to."""
    reached: dict[str, list[str]] = {}
    seen = set(shown.roots)
    for crossing in shown.crossings:
        if crossing.end not in seen:
            seen.add(crossing.end)
            reached.setdefault(crossing.start, []).append(crossing.end)
    order, waiting = [], list(reversed(shown.roots))
    while waiting:
        node = waiting.pop()
        order.append(node)
        # What is reached last is done at once and stands next to it.
        waiting += reached.get(node, [])
    return order + [name for name in names if name not in seen]


def _layers(title: str, shown: Drawn, names: Sequence[str]) -> Figure:
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    row = {name: k for k, name in enumerate(names)}
    result, depth = shown.crossings, shown.depth
    named, worded = len(names) <= MAX_ROWS_NAMED, len(result) <= MAX_WORDED
    height = 1.8 + (0.42 if worded and len(names) <= MAX_LABELLED else 0.18 if named else 0.1) * len(names)
    figure = Figure(
        figsize=(min(24.0, 4.6 + (0.55 if worded else 0.35) * depth), min(TALLEST, height)), layout="constrained"
    )
    axes = figure.add_subplot()
    wires = [[(0.4, k), (depth + 0.9, k)] for k in row.values()]
    axes.add_collection(LineCollection(wires, colors="#c9c9c9", linewidths=0.9 if worded else 0.5, zorder=1))
    places = _side_by_side(result, row)
    if worded:
        for crossing, x in zip(result, places, strict=True):
            a, b = row[crossing.start], row[crossing.end]
            colour = STAGES[crossing.stage % len(STAGES)]
            style = "-|>" if shown.directed else "-"
            arrow = {"arrowstyle": style, "color": colour, "linewidth": 1.5, "shrinkA": 0, "shrinkB": 0}
            axes.annotate("", xy=(x, b), xytext=(x, a), arrowprops=arrow, zorder=3)
            axes.text(x + 0.04, (a + b) / 2, crossing.label, fontsize=6.5, va="center", color="#333333", zorder=4)
    else:
        bars = [[(x, row[c.start]), (x, row[c.end])] for c, x in zip(result, places, strict=True)]
        colours = [STAGES[c.stage % len(STAGES)] for c in result]
        axes.add_collection(LineCollection(bars, colors=colours, linewidths=0.9, zorder=3))
    _dots(axes, result, places, row, both=not shown.directed, small=not worded)
    for end in shown.ends:
        # The passes: everything is in place, and the parameters act.
        axes.axvline(end + 0.5, color="#b5651d", linestyle=":", linewidth=1.2, zorder=2)
    if shown.roots:
        starts = shown.turns or tuple((root, 0) for root in shown.roots)
        axes.scatter(
            [before + (0.7 if before else 0.45) for _, before in starts],
            [row[root] for root, _ in starts],
            marker=">",
            s=70,
            color=SOURCE,
            zorder=5,
            label="source",
        )
        axes.plot([], [], color="#b5651d", linestyle=":", label=shown.mark)
        _legend(axes, shown)
    axes.set_yticks(
        range(len(names)), [short(name, 24) for name in names] if named else [""] * len(names), parse_math=False
    )
    axes.tick_params(axis="y", length=0, labelsize=8 if worded else 6)
    axes.set_xlim(0.2, depth + 1.0)
    axes.set_ylim(len(names) - 0.4, -0.6)
    ticks = range(1, depth + 1, max(1, depth // 20))
    number_of = {crossing.layer: crossing.number for crossing in result}
    axes.set_xticks(ticks, [str(number_of.get(layer, layer)) for layer in ticks])
    axes.set_xlabel(f"{shown.layer_noun} of each turn" if shown.turns else shown.layer_noun)
    axes.set_title(f"{short(title, 60)}\n{shown.headline}", fontsize=9, parse_math=False)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    return figure


def _dots(
    axes: Axes, result: Sequence[Crossing], places: Sequence[float], row: dict[str, int], *, both: bool, small: bool
) -> None:
    """Where elements begin, and where they end when they have no direction."""
    ends: list[Any] = [(x, row[c.start], c.stage) for c, x in zip(result, places, strict=True)]
    if both:
        ends += [(x, row[c.end], c.stage) for c, x in zip(result, places, strict=True)]
    colours = [STAGES[stage % len(STAGES)] for _, _, stage in ends]
    axes.scatter([x for x, _, _ in ends], [y for _, y, _ in ends], s=5 if small else 18, color=colours, zorder=3)


def _side_by_side(result: Sequence[Crossing], row: dict[str, int]) -> list[float]:
    """Arrows of one layer whose lines would cover each other stand side by side, around the number of the layer."""
    taken: dict[int, list[tuple[int, int, int]]] = {}
    tracks = []
    for crossing in result:
        low, high = sorted((row[crossing.start], row[crossing.end]))
        others = taken.setdefault(crossing.layer, [])
        clash = {track for a, b, track in others if not (high < a or low > b)}
        track = next(k for k in range(len(others) + 1) if k not in clash)
        others.append((low, high, track))
        tracks.append(track)
    most = Counter({layer: max(track for _, _, track in others) + 1 for layer, others in taken.items()})
    places = []
    for crossing, track in zip(result, tracks, strict=True):
        width = min(0.1, 0.8 / most[crossing.layer])
        places.append(crossing.layer + width * (track - (most[crossing.layer] - 1) / 2))
    return places


def _legend(axes: Axes, shown: Drawn) -> None:
    stages = sorted({crossing.stage for crossing in shown.crossings})
    if len(stages) > 1:
        for stage in stages[: len(STAGES)]:
            axes.plot([], [], color=STAGES[stage % len(STAGES)], label=shown.stages[stage])
    handles, labels = axes.get_legend_handles_labels()
    # Dollar signs in names are no formulas.
    axes.legend(
        handles,
        [label.replace("$", r"\$") for label in labels],
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
        fontsize=7,
    )
