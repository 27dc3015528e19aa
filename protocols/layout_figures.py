"""Pictures of the light along the links: on the graph, and as layers of a circuit. matplotlib is used here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from networks import SensorNetwork
from networks.drawing import node_places
from protocols.layout.choices import SqueezedLayouts
from protocols.layout.photons import PhotonLayouts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from photonics.meshes import Mesh

STAGES = ("#3b6ea5", "#5fa55a", "#8e5ba6", "#c0504d", "#b5651d", "#4f9da6")
"""Colours: the preparation, then each switch between passes."""
SOURCE = "#d62728"
MOST_LABELLED = 40
"""Nodes above which names and numbers are left out."""
TALLEST = 30.0
"""Inches of a picture of layers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """One arrow: a beam splitter and its link, or photons on a link; layers count on from stage to stage."""

    start: str
    end: str
    layer: int
    stage: int
    label: str


def crossings(physical: SqueezedLayouts | PhotonLayouts) -> tuple[str, tuple[Crossing, ...], tuple[int, ...]]:
    """The node of the source, every crossing, and the layer after which each stage ends and the passes are."""
    if isinstance(physical, SqueezedLayouts):
        layout = physical.layout
        found = [
            Crossing(start=e.edge[0], end=e.edge[1], layer=e.layer, stage=0, label=f"{math.degrees(e.theta_rad):.3g}°")
            for e in layout.elements
        ]
        return layout.tree.root, tuple(found), (layout.depth,)
    best = physical.best
    found, ends, behind = [], [], 0
    for stage, transport in enumerate((best.preparation, *best.controls)):
        for move in transport.moves:
            label = ", ".join(f"{n} {branch}" for n, branch in zip(move.photons, "AB", strict=True) if n)
            start, end = move.edge
            found.append(Crossing(start=start, end=end, layer=behind + move.layer, stage=stage, label=label))
        behind += transport.depth
        ends.append(behind)
    return best.root, tuple(found), tuple(ends)


def draw_on_graph(network: SensorNetwork, physical: SqueezedLayouts | PhotonLayouts) -> Figure:
    """The network with the links in use as arrows, numbered by layer, coloured by stage; the source is ringed."""
    from matplotlib.figure import Figure

    root, found, _ = crossings(physical)
    places = {str(node): place for node, place in node_places(network).items()}
    crowded = len(places) > MOST_LABELLED
    figure = Figure(figsize=(7.5, 6.5), layout="constrained")
    axes = figure.add_subplot()
    for link in network.links:
        (x1, y1), (x2, y2) = (places[str(end)] for end in link.ends)
        axes.plot([x1, x2], [y1, y2], color="#d9d9d9", linewidth=0.6 if crowded else 1.2, zorder=1)
    for crossing in found:
        axes.annotate(
            "",
            xy=places[crossing.end],
            xytext=places[crossing.start],
            arrowprops={
                "arrowstyle": "-|>",
                "color": STAGES[crossing.stage % len(STAGES)],
                "linewidth": 0.9 if crowded else 1.8,
                "shrinkA": 3 if crowded else 11,
                "shrinkB": 3 if crowded else 11,
                # Ways there and back in different stages stay apart.
                "connectionstyle": f"arc3,rad={0.12 * crossing.stage:.2f}",
            },
            zorder=2,
        )
    if not crowded:
        _number_links(axes, places, found)
    for mode in network.modes:
        x, y = places[str(mode.id)]
        colour = {"sensor": "#3b6ea5", "reference": "#b5651d", "ancilla": "#9a9a9a"}[mode.role]
        if mode.role == "sensor" and not mode.alpha:
            colour = "#c8d6e5"
        axes.scatter([x], [y], s=14 if crowded else 320, color=colour, zorder=3)
        if not crowded:
            axes.annotate(
                str(mode.id)[:16],
                (x, y),
                xytext=(0, -17),
                textcoords="offset points",
                fontsize=7,
                ha="center",
                va="center",
                zorder=5,
                parse_math=False,
                bbox={"boxstyle": "round,pad=0.05", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
            )
    axes.scatter(
        [places[root][0]],
        [places[root][1]],
        s=90 if crowded else 520,
        facecolors="none",
        edgecolors=SOURCE,
        linewidths=2,
        zorder=4,
    )
    label = f"source in {root}".replace("$", r"\$")
    axes.plot(
        [], [], linestyle="", marker="o", markerfacecolor="none", markeredgecolor=SOURCE, markersize=8, label=label
    )
    _stage_legend(axes, found)
    axes.set_title(f"{network.name}\n{_headline(physical)}", fontsize=9, parse_math=False)
    axes.margins(0.12)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_axis_off()
    return figure


def _number_links(axes: Axes, places: dict[str, tuple[float, float]], found: tuple[Crossing, ...]) -> None:
    """The layers of each link beside its middle."""
    numbers: dict[frozenset[str], list[str]] = {}
    for crossing in found:
        numbers.setdefault(frozenset((crossing.start, crossing.end)), []).append(str(crossing.layer))
    for ends, layers in numbers.items():
        (x1, y1), (x2, y2) = (places[end] for end in sorted(ends))
        text = ", ".join(layers[:6]) + (" ..." if len(layers) > 6 else "")
        axes.text(
            (x1 + x2) / 2,
            (y1 + y2) / 2,
            text,
            fontsize=7,
            ha="center",
            va="center",
            zorder=4,
            bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.9},
        )


def draw_layers(network: SensorNetwork, physical: SqueezedLayouts | PhotonLayouts) -> Figure:
    """A line for each node in use, an arrow for each crossing in its layer, and the passes where they come."""
    root, found, ends = crossings(physical)
    return _layers(network, _headline(physical), root, found, ends)


def draw_mesh(network: SensorNetwork, mesh: Mesh) -> Figure:
    """The beam splitters of a unitary in their layers, with theta in degrees."""
    found = tuple(
        Crossing(start=e.first, end=e.second, layer=e.layer, stage=0, label=f"{math.degrees(e.theta_rad):.3g}°")
        for e in mesh.elements
    )
    headline = f"a unitary on {len(mesh.modes)} modes: {len(found)} beam splitters in {mesh.depth} layers"
    return _layers(network, headline, None, found, ())


def _layers(
    network: SensorNetwork, headline: str, root: str | None, found: tuple[Crossing, ...], ends: tuple[int, ...]
) -> Figure:
    from matplotlib.figure import Figure

    used = {root, *(end for crossing in found for end in (crossing.start, crossing.end))}
    arrow_style = "-|>" if root is not None else "-"
    sensors = {str(mode.id) for mode in network.sensors if mode.alpha}
    names = _rows(root, found, [str(mode.id) for mode in network.modes if str(mode.id) in used | sensors])
    row = {name: k for k, name in enumerate(names)}
    depth = max((crossing.layer for crossing in found), default=0)
    crowded = len(names) > MOST_LABELLED or len(found) > 120
    height = min(TALLEST, 1.8 + (0.12 if crowded else 0.42) * len(names))
    figure = Figure(figsize=(min(24.0, 4.0 + 0.55 * depth), height), layout="constrained")
    axes = figure.add_subplot()
    for name, k in row.items():
        axes.plot([0.2, depth + 1.2], [k, k], color="#c9c9c9", linewidth=0.5 if crowded else 0.9, zorder=1)
        if not crowded:
            axes.text(0.1, k, name, ha="right", va="center", fontsize=8, parse_math=False)
    places = _side_by_side(found, row)
    for crossing, x in zip(found, places, strict=True):
        a, b = row[crossing.start], row[crossing.end]
        colour = STAGES[crossing.stage % len(STAGES)]
        width = 0.8 if crowded else 1.5
        arrow = {"arrowstyle": arrow_style, "color": colour, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", xy=(x, b), xytext=(x, a), arrowprops=arrow, zorder=3)
        axes.scatter([x] if root else [x, x], [a] if root else [a, b], s=4 if crowded else 18, color=colour, zorder=3)
        if not crowded:
            axes.text(x + 0.03, (a + b) / 2, crossing.label, fontsize=6.5, va="center", color="#333333", zorder=4)
    for end in ends:
        # The passes: everything is in place, and the parameters act.
        axes.axvline(end + 0.55, color="#b5651d", linestyle=":", linewidth=1.2, zorder=2)
    if root is not None:
        axes.scatter([0.25], [row[root]], marker=">", s=70, color=SOURCE, zorder=5, label="source")
        axes.plot([], [], color="#b5651d", linestyle=":", label="sensing")
    axes.set_xlim(-0.15 if crowded else -1.1, depth + 1.3)
    axes.set_ylim(len(names) - 0.4, -0.6)
    step = max(1, depth // 20)
    axes.set_xticks(range(1, depth + 1, step))
    axes.set_yticks([])
    axes.set_xlabel("layer")
    axes.set_title(f"{network.name}\n{headline}", fontsize=9, parse_math=False)
    if root is not None:
        _stage_legend(axes, found)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    return figure


def _rows(root: str | None, found: tuple[Crossing, ...], names: list[str]) -> list[str]:
    """Lines in an order that keeps arrows short: each node above what it hands light to first; without a source as they are."""
    if root is None:
        return names
    reached: dict[str, list[str]] = {}
    seen = {root}
    for crossing in found:
        if crossing.end not in seen:
            seen.add(crossing.end)
            reached.setdefault(crossing.start, []).append(crossing.end)
    order, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        order.append(node)
        # What is reached last is done at once and stands next to it.
        waiting += reached.get(node, [])
    return order + [name for name in names if name not in seen]


def _side_by_side(found: tuple[Crossing, ...], row: dict[str, int]) -> list[float]:
    """Arrows of one layer whose lines would cover each other stand side by side."""
    taken: dict[int, list[tuple[int, int, int]]] = {}
    places = []
    for crossing in found:
        low, high = sorted((row[crossing.start], row[crossing.end]))
        others = taken.setdefault(crossing.layer, [])
        clash = {track for a, b, track in others if not (high < a or low > b)}
        track = next(k for k in range(len(others) + 1) if k not in clash)
        others.append((low, high, track))
        places.append(crossing.layer + min(0.4, 0.09 * track) - 0.15)
    return places


def _stage_legend(axes: Axes, found: tuple[Crossing, ...]) -> None:
    stages = sorted({crossing.stage for crossing in found})
    if len(stages) > 1:
        for stage in stages[: len(STAGES)]:
            axes.plot([], [], color=STAGES[stage], label="preparation" if stage == 0 else f"switch {stage}")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=7)


def _headline(physical: SqueezedLayouts | PhotonLayouts) -> str:
    if isinstance(physical, SqueezedLayouts):
        count, depth, what = len(physical.layout.elements), physical.layout.depth, "beam splitters"
    else:
        count, depth, what = physical.best.crossings, physical.best.depth, "crossings of links"
    return f"along the links: MSE {physical.mse:.4g}, {count} {what} in {depth} layers"
