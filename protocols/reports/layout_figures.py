"""Pictures of the light along the links: on the graph, and as layers of a circuit. matplotlib is used here."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from networks import InputError, SensorNetwork
from networks.canvas import CROWDED, POINTS_PER_CM, Spot, Wire, arrange, page_figure, text_size, wrapped, write_labels
from networks.drawing import IN_A_LINE, MAX_LETTERS, left_out, scatter, short, width_on
from networks.errors import short_repr
from networks.labels import broken
from networks.node_places import has_coordinates, node_places
from networks.pictures import Drawing, require_place, size_of
from protocols.layout.layout import Layouts
from protocols.reports.frames import LEGEND, TITLE, Frame, squared_unit
from protocols.reports.view import UNITS

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from networks import Mode

STAGES = ("#3b6ea5", "#5fa55a", "#8e5ba6", "#c0504d", "#b5651d", "#4f9da6")
"""Colours: the preparation, then each switch between passes."""
SOURCE = "#d62728"
NODES = {
    "sensor": "#3b6ea5",
    "sensor, alpha = 0": "#c8d6e5",
    "reference": "#b5651d",
    "ancilla": "#9a9a9a",
}
MAX_LAYERS_NAMED = 8
"""Layers that a legend names; of more every second, third and so on."""
MOST_LABELS = 3
"""Of one link."""
MAX_WORDED = 120
"""Elements above which they have no words in a picture of layers."""
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
    label_words: str = ""
    """What the labels of crossings mean."""
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


def drawn(network: SensorNetwork, physical: Layouts, mse: float | None = None, said: str = "") -> Drawn:
    """The layout that is drawn, its stages one after the other; ``said`` stands below the headline."""
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
    error = physical.drawn_mse if mse is None else mse
    unit = squared_unit(UNITS[network.sensing])
    headline = f"along the links: mean squared error {error:.4g} {unit}, {physical.size}"
    return Drawn(
        headline=f"{headline}\n{said}" if said else headline,
        roots=physical.roots,
        crossings=crossings,
        ends=ends,
        layer_noun=physical.layer_noun,
        label_words=physical.label_words,
        stages=tuple(physical.stage_name(stage) for stage in range(len(ends))),
        turns=tuple(zip(physical.turn_roots, behind, strict=False)),
    )


def draw_layout(
    network: SensorNetwork,
    physical: Layouts,
    *,
    mse: float | None = None,
    said: str = "",
    ax: Axes | None = None,
    width_cm: float | None = None,
) -> Drawing:
    """The network with the links in use as arrows, coloured by layer or by stage, with what happens there; sources are ringed.

    Parameters
    ----------
    network : SensorNetwork
        That the layouts were made for; sensors with two arms are drawn as the light sees them.
    physical : Layouts
    mse : float, optional
        The error with detectors, where these are not ideal; that of the light that arrives when left out.
    said : str
        What else has to be known of it, for the title.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.
    width_cm : float, optional
        Of the new figure; as wide as the network needs when left out.

    Returns
    -------
    Drawing

    Raises
    ------
    InputError
        For layouts of another network.

    Examples
    --------
    >>> from protocols import along_links
    >>> line = SensorNetwork.chain([1, 1, 1], sensing="displacement", mean_photons=2.0)
    >>> figure, axes = draw_layout(line, along_links(line))
    >>> sorted(text.get_text() for text in axes.texts if text.get_text().startswith("R"))
    ['R 0.5', 'R 0.667']
    """
    from matplotlib.collections import LineCollection

    width = require_place(ax, width_cm)
    network = named_by(physical, network)
    shown = drawn(network, physical, mse, said)
    crowded = len(network.modes) > CROWDED
    on_link: dict[frozenset[str], list[Crossing]] = {}
    for crossing in shown.crossings:
        on_link.setdefault(frozenset((crossing.start, crossing.end)), []).append(crossing)
    name_of = {mode.id: str(mode.id) for mode in network.modes}
    spots = [
        Spot(
            node=mode.id,
            text=broken(short(str(mode.id), MAX_LETTERS), IN_A_LINE),
            wide=1.4 if str(mode.id) in shown.roots else 1.0,
        )
        for mode in network.modes
    ]
    wires = []
    for link in network.links:
        used = on_link.get(frozenset(name_of[end] for end in link.ends), [])
        gap = 2.0 + _SIDE * (len(used) - 1) / 2 if used else 2.0
        wires.append(Wire(ends=link.ends, texts=() if crowded else _texts(shown, used), gap=gap))
    arranged = arrange(
        node_places(network),
        spots,
        wires,
        width_cm=width if ax is None else width_on(ax),
        to_scale=has_coordinates(network),
    )
    handles = [*_node_handles(network, shown), *_colour_handles(shown)]
    words = "" if crowded or not on_link else shown.label_words
    number = f"the number before it: {shown.layer_noun}" if words and len(_stages(shown)) > 1 else ""
    footer = [line for line in ("; ".join(filter(None, (words, number))), left_out(arranged)) if line]
    title = f"{short(network.name, 80)}\n{shown.headline}"
    figure, axes, scale = page_figure(arranged.width, arranged.height, title, handles, footer, ax=ax)
    axes.set_axis_off()
    radius = scale * arranged.radius
    lines = [[arranged.places[end] for end in link.ends] for link in network.links]
    axes.add_collection(LineCollection(lines, colors="#d9d9d9", linewidths=0.5 if crowded else 1.0, zorder=1))
    for kind, colour in NODES.items():
        own = [mode.id for mode in network.modes if _kind_of(mode) == kind]
        scatter(
            axes,
            own,
            arranged.places,
            radius * (1.0 if crowded else 0.8),
            color=colour,
            linewidths=0,
            zorder=3,
        )
    roots = [mode.id for mode in network.modes if str(mode.id) in shown.roots]
    ring = radius * (2.0 if crowded else 1.15)
    scatter(axes, roots, arranged.places, ring, facecolors="none", edgecolors=SOURCE, linewidths=1.6, zorder=4)
    _arrows(axes, radius, shown, {str(node): place for node, place in arranged.places.items()}, crowded=crowded)
    write_labels(axes, arranged.names, scale * arranged.size)
    write_labels(axes, arranged.words, scale * (arranged.size - 1), color="#222222")
    return Drawing(figure, axes)


_SIDE = 4.0
"""Points between arrows on one link."""


def _kind_of(mode: Mode) -> str:
    return "sensor, alpha = 0" if mode.role == "sensor" and not mode.alpha else mode.role


def _stages(shown: Drawn) -> list[int]:
    return sorted({crossing.stage for crossing in shown.crossings})


def _texts(shown: Drawn, used: Sequence[Crossing]) -> tuple[str, ...]:
    """What stands beside a link; the layer before it where colours stand for stages."""
    if not used:
        return ()
    several = len(_stages(shown)) > 1
    words = [f"{c.number}: {c.label}" if several else c.label for c in used[:MOST_LABELS]]
    words += [f"+{len(used) - MOST_LABELS}"] if len(used) > MOST_LABELS else []
    return ("; ".join(words), "\n".join(words))


def _colour(shown: Drawn, crossing: Crossing) -> Any:
    """By stage; by layer where there is one stage."""
    if len(_stages(shown)) > 1:
        return STAGES[crossing.stage % len(STAGES)]
    return _layer_colour(crossing.number, shown.depth)


def _layer_colour(layer: int, depth: int) -> Any:
    from matplotlib import colormaps

    # From dark to bright, but not to yellow on white.
    return colormaps["plasma"](0.8 * (layer - 1) / max(depth - 1, 1))


def _colour_handles(shown: Drawn) -> list[Any]:
    """A legend of what colours mean."""
    from matplotlib.lines import Line2D

    stages = _stages(shown)
    if len(stages) > 1:
        return [
            Line2D([], [], color=STAGES[stage % len(STAGES)], label=shown.stages[stage])
            for stage in stages[: len(STAGES)]
        ]
    step = max(1, math.ceil(shown.depth / MAX_LAYERS_NAMED))
    layers = range(1, shown.depth + 1, step)
    return [Line2D([], [], color=_layer_colour(k, shown.depth), label=f"{shown.layer_noun} {k}") for k in layers]


def _node_handles(network: SensorNetwork, shown: Drawn) -> list[Any]:
    from matplotlib.lines import Line2D

    kinds = {_kind_of(mode) for mode in network.modes}
    mark: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 6}
    handles = [Line2D([], [], color=colour, label=kind, **mark) for kind, colour in NODES.items() if kind in kinds]
    nodes = ", ".join(shown.roots)
    where = f"{'source at node' if len(shown.roots) == 1 else 'sources at nodes'} {nodes}"
    where = where if len(nodes) <= MAX_LETTERS else f"sources at {len(shown.roots)} nodes"
    mark |= {"markersize": 8, "markerfacecolor": "none", "markeredgewidth": 1.6}
    return [*handles, Line2D([], [], color=SOURCE, label=where, **mark)]


def _arrows(axes: Axes, radius: float, shown: Drawn, places: dict[str, tuple[float, float]], *, crowded: bool) -> None:
    """An arrow for each crossing, from the edge of one node to that of the other; those on one link side by side."""
    if crowded:
        starts, ends = (
            ([places[node] for node in side] for side in zip(*((c.start, c.end) for c in shown.crossings), strict=True))
            if shown.crossings
            else ([], [])
        )
        axes.quiver(
            [x for x, _ in starts],
            [y for _, y in starts],
            [b[0] - a[0] for a, b in zip(starts, ends, strict=True)],
            [b[1] - a[1] for a, b in zip(starts, ends, strict=True)],
            angles="xy",
            scale_units="xy",
            scale=1,
            units="dots",
            width=1.2,
            color=[_colour(shown, crossing) for crossing in shown.crossings],
            zorder=2,
        )
        return
    count: dict[frozenset[str], int] = {}
    for crossing in shown.crossings:
        link = frozenset((crossing.start, crossing.end))
        count[link] = count.get(link, 0) + 1
    before: dict[frozenset[str], int] = {}
    for crossing in shown.crossings:
        link = frozenset((crossing.start, crossing.end))
        # From one end of the link to the other, whichever way the light goes.
        (x1, y1), (x2, y2) = (places[node] for node in sorted(link))
        length = math.hypot(x2 - x1, y2 - y1) or 1.0
        side = _SIDE * (before.get(link, 0) - (count[link] - 1) / 2)
        before[link] = before.get(link, 0) + 1
        dx, dy = -(y2 - y1) / length * side, (x2 - x1) / length * side
        a, b = places[crossing.start], places[crossing.end]
        arrow = {
            "arrowstyle": "-|>,head_width=0.25,head_length=0.5",
            "linewidth": 1.5,
            "color": _colour(shown, crossing),
        }
        room = radius * 0.8 + 2.0
        axes.annotate(
            "",
            xy=(b[0] + dx, b[1] + dy),
            xytext=(a[0] + dx, a[1] + dy),
            arrowprops={**arrow, "shrinkA": room, "shrinkB": room},
            zorder=5,
        )


def named_by(layouts: Layouts, network: SensorNetwork) -> SensorNetwork:
    """The network whose nodes the steps name; InputError where it is another one."""
    if not isinstance(network, SensorNetwork):
        raise InputError([f"network must be the SensorNetwork that the layout was made for, got {short_repr(network)}"])
    drawn = layouts.drawn_on(network)
    known = {str(mode.id) for mode in drawn.modes}
    named = {*layouts.roots, *(end for step in layouts.steps for end in step.edge)}
    if strange := sorted(named - known):
        raise InputError([f"this layout is of another network: {network.name!r} has no node {strange[0]!r}"])
    return drawn


def draw_layers(
    network: SensorNetwork,
    physical: Layouts,
    *,
    mse: float | None = None,
    said: str = "",
    ax: Axes | None = None,
    width_cm: float | None = None,
) -> Drawing:
    """A line for each node in use, an arrow for each crossing in its layer, and the passes where they come.

    Parameters
    ----------
    network : SensorNetwork
        That the layouts were made for; sensors with two arms are drawn as the light sees them.
    physical : Layouts
    mse : float, optional
        The error with detectors, where these are not ideal; that of the light that arrives when left out.
    said : str
        What else has to be known of it, for the title.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.
    width_cm : float, optional
        Of the new figure; as wide as the layers need when left out.

    Returns
    -------
    Drawing

    Raises
    ------
    InputError
        For layouts of another network.

    Examples
    --------
    >>> from protocols import along_links
    >>> line = SensorNetwork.chain([1, 1, 1], sensing="displacement", mean_photons=2.0)
    >>> figure, axes = draw_layers(line, along_links(line))
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['s1', 's2', 's3']
    """
    network = named_by(physical, network)
    shown = drawn(network, physical, mse, said)
    used = {*shown.roots, *(end for crossing in shown.crossings for end in (crossing.start, crossing.end))}
    sensors = {str(mode.id) for mode in network.sensors if mode.alpha}
    names = [str(mode.id) for mode in network.modes if str(mode.id) in used | sensors]
    return draw_rows(network.name, shown, _rows(shown, names), ax=ax, width_cm=width_cm)


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


def draw_rows(
    title: str, shown: Drawn, names: Sequence[str], *, ax: Axes | None = None, width_cm: float | None = None
) -> Drawing:
    """Layers of elements between lines that have names.

    Parameters
    ----------
    title : str
    shown : Drawn
    names : of the lines, from above
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.
    width_cm : float, optional
        Of the new figure; as wide as the layers need when left out.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

    width_cm = require_place(ax, width_cm)
    row = {name: k for k, name in enumerate(names)}
    size = 8.0 if len(names) <= 40 else 6.5 if len(names) <= MAX_WORDED else 5.0
    pitch = (
        min(2.0 * size, TALLEST * 72 / len(names)) if len(names) <= 40 else min(1.35 * size, TALLEST * 72 / len(names))
    )
    named = pitch >= size
    written = [short(name, MAX_LETTERS) for name in names]
    left = max(text_size(name, size)[0] for name in written) + 8 if named else 12.0
    if ax is not None:
        # The names of lines stand beside the axes.
        left, available = 0.0, size_of(ax)[0] - 4
    else:
        available = math.inf if width_cm is None else width_cm * POINTS_PER_CM - left - 4
    worded = len(shown.crossings) <= MAX_WORDED
    places, middles, edges = _columns(shown, row, worded=worded)
    if edges[-1] > available and worded:
        worded = False
        places, middles, edges = _columns(shown, row, worded=False)
    # What is still too wide is pressed together, and what is narrow has air.
    least = 150.0 if math.isinf(available) else available
    factor = available / edges[-1] if edges[-1] > available else max(1.0, least / edges[-1])
    places, middles, edges = ([factor * x for x in xs] for xs in (places, middles, edges))
    width = left + edges[-1] + 4
    handles: list[Any] = []
    if shown.roots:
        handles.append(Line2D([], [], linestyle="", marker=">", color=SOURCE, markersize=7, label="source"))
        handles.append(Line2D([], [], color="#b5651d", linestyle=":", label=shown.mark))
        handles += _colour_handles(shown) if len(_stages(shown)) > 1 else []
    missing = [] if named else ["the lines have no names for lack of room"]
    missing += (
        [] if worded or not shown.crossings else ["the elements have no words for lack of room; the tables have them"]
    )
    footer = [*([shown.label_words] if worded and shown.label_words and shown.crossings else []), *missing]
    if math.isinf(available):
        width = max(width, text_size(shown.headline, 9.0)[0] * 0.62, 230.0)
    heading = f"{short(title, 80)}\n{shown.headline}"
    if ax is None:
        figure, axes, _ = page_figure(width, pitch * len(names) + 8, heading, handles, footer, left=left, below=30.0)
    else:
        figure, axes = _rows_on(ax, heading, handles, footer)
    right = width - left
    wires = [[(4.0, k), (right - 2.0, k)] for k in row.values()]
    axes.add_collection(LineCollection(wires, colors="#c9c9c9", linewidths=0.8 if named else 0.4, zorder=1))
    _draw_elements(axes, shown, places, row, worded=worded)
    for end in shown.ends:
        # The passes: everything is in place, and the parameters act.
        axes.axvline(edges[end] - 1.0, color="#b5651d", linestyle=":", linewidth=1.2, zorder=2)
    if shown.roots:
        starts = shown.turns or tuple((root, 0) for root in shown.roots)
        at = [edges[before] + (4.0 if before else 6.0) for _, before in starts]
        axes.scatter(at, [row[root] for root, _ in starts], marker=">", s=36, color=SOURCE, linewidths=0, zorder=5)
    axes.set_yticks(range(len(names)), written if named else [""] * len(names), fontsize=size, parse_math=False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(0, right)
    axes.set_ylim(len(names) - 0.4, -0.6)
    number_of = {crossing.layer: crossing.number for crossing in shown.crossings}
    ticks, last = [], -math.inf
    for layer, x in enumerate(middles, 1):
        if x - last >= 12.0:
            ticks.append((x, str(number_of.get(layer, layer))))
            last = x
    axes.set_xticks([x for x, _ in ticks], [text for _, text in ticks], fontsize=7)
    axes.set_xlabel(f"{shown.layer_noun} of each turn" if shown.turns else shown.layer_noun, fontsize=8)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    return Drawing(figure, axes)


def _rows_on(ax: Axes, heading: str, handles: Sequence[Artist], footer: Sequence[str]) -> Drawing:
    """Given axes with the title of layers above; the legend stands below the numbers of layers, and what is to be said in it."""
    frame = Frame.of(ax, None)
    wide, high = size_of(ax)
    ax.set_title("\n".join(wrapped("\n".join((heading, *footer)), TITLE, wide)), fontsize=TITLE, parse_math=False)
    if handles:
        at = (0.5, -32.0 / high)
        ax.legend(handles=list(handles), loc="upper center", bbox_to_anchor=at, ncols=4, frameon=False, fontsize=LEGEND)
    return Drawing(frame.figure, ax)


def _columns(shown: Drawn, row: dict[str, int], *, worded: bool) -> tuple[list[float], list[float], list[float]]:
    """In points: where each element stands, the middle of each layer, and the edges of layers.

    Elements of one layer whose lines would cover each other stand side by side, each with room for its words.
    """
    tracks, taken = [], {}  # type: ignore[var-annotated]  # of layers
    for crossing in shown.crossings:
        low, high = sorted((row[crossing.start], row[crossing.end]))
        others: list[tuple[int, int, int]] = taken.setdefault(crossing.layer, [])
        clash = {track for a, b, track in others if not (high < a or low > b)}
        track = next(k for k in range(len(others) + 1) if k not in clash)
        others.append((low, high, track))
        tracks.append(track)
    wide: dict[tuple[int, int], float] = {}
    for crossing, track in zip(shown.crossings, tracks, strict=True):
        words = text_size(crossing.label, WORD_SIZE)[0] + 6.0 if worded and crossing.label else 5.0
        wide[crossing.layer, track] = max(wide.get((crossing.layer, track), 0.0), words)
    edges, middles, starts = [14.0], [], {}
    for layer in range(1, shown.depth + 1):
        x = edges[-1] + 9.0
        of_layer = [track for own, track in wide if own == layer]
        for track in sorted(of_layer):
            starts[layer, track] = x
            x += wide[layer, track]
        x = max(x, edges[-1] + 18.0)
        middles.append((starts.get((layer, 0), x - 9.0) + starts.get((layer, max(of_layer, default=0)), x - 9.0)) / 2)
        edges.append(x + (8.0 if layer in shown.ends else 0.0))
    places = [starts[crossing.layer, track] for crossing, track in zip(shown.crossings, tracks, strict=True)]
    return places, middles, edges


WORD_SIZE = 6.5
"""Of the font of words beside elements."""


def _draw_elements(axes: Axes, shown: Drawn, places: Sequence[float], row: dict[str, int], *, worded: bool) -> None:
    from matplotlib.collections import LineCollection

    colours = [STAGES[crossing.stage % len(STAGES)] for crossing in shown.crossings]
    for crossing, x, colour in zip(shown.crossings, places, colours, strict=True) if worded else ():
        a, b = row[crossing.start], row[crossing.end]
        style = "-|>,head_width=0.2,head_length=0.4" if shown.directed else "-"
        arrow = {"arrowstyle": style, "color": colour, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", xy=(x, b), xytext=(x, a), arrowprops=arrow, zorder=3)
        # Between two lines, so that none runs through it.
        between = min(a, b) + 0.5
        style_of_text: dict[str, Any] = {"va": "center", "color": "#333333", "zorder": 4, "parse_math": False}
        axes.text(x + 3.0, between, crossing.label, fontsize=WORD_SIZE, **style_of_text)
    if not worded:
        bars = [[(x, row[c.start]), (x, row[c.end])] for c, x in zip(shown.crossings, places, strict=True)]
        axes.add_collection(LineCollection(bars, colors=colours, linewidths=0.9, zorder=3))
    ends = [(x, row[c.start], colour) for c, x, colour in zip(shown.crossings, places, colours, strict=True)]
    if not shown.directed:
        ends += [(x, row[c.end], colour) for c, x, colour in zip(shown.crossings, places, colours, strict=True)]
    axes.scatter(
        [x for x, _, _ in ends],
        [y for _, y, _ in ends],
        s=14 if worded else 4,
        color=[colour for _, _, colour in ends],
        linewidths=0,
        zorder=3,
    )
