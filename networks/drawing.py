"""A picture of a network: who senses what, with which coefficient, over which links. The only matplotlib here."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from networks.files.graphs import to_graph
from networks.laboratory import NODE_DEFAULTS, Bench
from networks.modes import Mode, ModeId
from networks.sensor_network import SensorNetwork

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.path import Path

Places = dict[Hashable, tuple[float, float]]
_LOOK = {"sensor": ("o", "#3b6ea5"), "reference": ("s", "#b5651d"), "ancilla": ("D", "#7a7a7a")}
_SQUEEZED = "#8a3ba5"
_IDEAL = Bench()
CROWDED = 40
"""Modes above which labels are left out."""


def short(text: str, most: int) -> str:
    """A text with its middle left out when it is long; names often differ at their ends.

    >>> short("measurement-site-01", 12)
    'measur...-01'
    """
    if len(text) <= most:
        return text
    tail = max(1, (most - 3) // 3)
    return text[: most - 3 - tail] + "..." + text[-tail:]


def node_places(network: SensorNetwork) -> Places:
    """Where each mode is drawn: at its attributes x and y when all modes have them, else as its links suggest."""
    import networkx as nx

    given: dict[Hashable, tuple[object, object]] = {
        mode.id: (dict(mode.extra).get("x"), dict(mode.extra).get("y")) for mode in network.modes
    }
    if all(isinstance(value, int | float) and not isinstance(value, bool) for pair in given.values() for value in pair):
        return {node: (float(x), float(y)) for node, (x, y) in given.items()}  # type: ignore[arg-type]  # numbers, as just seen
    graph = to_graph(network)
    # Star- and ring-like networks read best on a circle; a hub goes to the middle.
    centre = [n for n in graph if graph.degree(n) == len(graph) - 1 and len(graph) > 3]
    rim = [n for n in graph if n not in centre[:1]]
    crowded = len(network.modes) > CROWDED
    laid = nx.spring_layout(graph, seed=1) if crowded else nx.circular_layout(graph.subgraph(rim))
    places = {node: (float(x), float(y)) for node, (x, y) in laid.items()}
    if centre and not crowded:
        places[centre[0]] = (0.0, 0.0)
    return places


def draw_network(network: SensorNetwork) -> Figure:
    """Draw the modes (shape and colour by role, alpha inside, losses and limits beside) and their links (length and loss).

    Sensors with two arms stand on two lines. Where squeezers may not stand everywhere, an ellipse marks the nodes that may have
    one. What holds for all nodes is said once, below.

    Parameters
    ----------
    network : SensorNetwork
        Drawn at its node attributes x and y when all nodes have them, else on a circle, or by springs above 40 modes.

    Returns
    -------
    matplotlib.figure.Figure
        Not attached to any window; save it with ``figure.savefig(...)``.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    places = node_places(network)
    crowded = len(network.modes) > CROWDED
    figure = Figure(figsize=(6.0, 5.0), layout="constrained")
    axes = figure.add_subplot()
    ends = [[places[end] for end in link.ends] for link in network.links]
    axes.add_collection(LineCollection(ends, colors="#9a9a9a", linewidths=1.2, zorder=1))
    if not crowded:
        _label_links(axes, network, places)
    handles = _draw_modes(axes, network, places, size=60 if crowded else 900)
    if not crowded:
        _label_modes(axes, network, places)
    axes.legend(handles=handles, loc="upper left", frameon=False, fontsize=8)
    axes.set_title(f"{short(network.name, 80)}\n{network.summary}", fontsize=9, parse_math=False)
    if everywhere := _of_all(network):
        figure.supxlabel(everywhere, fontsize=8, color="#444444", parse_math=False)
    # Labels of several lines need room at the edges.
    lines = 0 if crowded else max(len(_of_mode(network, mode)) for mode in network.modes)
    axes.margins(x=0.2, y=0.2 + 0.06 * lines)
    axes.set_axis_off()
    return figure


def _draw_modes(axes: Axes, network: SensorNetwork, places: Places, size: float) -> list[Line2D]:
    """The symbols of modes, what marks them, and the entries of a legend."""
    from matplotlib.lines import Line2D

    laboratory = network.laboratory
    handles = []
    two = [mode.id for mode, bench in zip(network.modes, laboratory.benches, strict=True) if bench.arms == 2]
    if two:
        colour = _LOOK["sensor"][1]
        _scatter(axes, two, places, marker=_two_lines(), s=4 * size, color=colour, linewidths=2, zorder=1.5)
        handles.append(Line2D([], [], linestyle="", marker=_two_lines(), color=colour, markersize=14, label="two arms"))
    for role, (marker, colour) in _LOOK.items():
        own = [mode.id for mode in network.modes if mode.role == role]
        _scatter(axes, own, places, marker=marker, s=size, color=colour, zorder=2)
        if own:
            handles.append(Line2D([], [], linestyle="", marker=marker, color=colour, markersize=9, label=role))
    allowed = [mode.id for mode, bench in zip(network.modes, laboratory.benches, strict=True) if bench.squeezer]
    if len(allowed) < len(network.modes) and laboratory.squeezers != 0 and allowed:
        _scatter(axes, allowed, places, marker=_ellipse(1.45), s=2.2 * size, color=_SQUEEZED, zorder=3)
        handles.append(
            Line2D(
                [],
                [],
                linestyle="",
                marker=_ellipse(0),
                color=_SQUEEZED,
                markersize=11,
                label="squeezer may stand here",
            )
        )
    return handles


def _scatter(axes: Axes, nodes: Sequence[ModeId], places: Places, **style: Any) -> None:
    axes.scatter([places[node][0] for node in nodes], [places[node][1] for node in nodes], **style)


def _two_lines() -> Path:
    """A marker of two parallel lines."""
    from matplotlib.path import Path

    return Path([(-1, 0.45), (1, 0.45), (-1, -0.45), (1, -0.45)], [Path.MOVETO, Path.LINETO, Path.MOVETO, Path.LINETO])


def _ellipse(right: float) -> Path:
    """A marker like a squeezed vacuum in phase space, so far to the right of its place."""
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D

    return Path.unit_circle().transformed(Affine2D().scale(0.22, 0.6).translate(right, 0))


def _label_links(axes: Axes, network: SensorNetwork, places: Places) -> None:
    links_at = Counter(end for link in network.links for end in link.ends)
    for link in network.links:
        # Further from the end where more links, and a label below them, are crowded.
        near, far = sorted(link.ends, key=lambda end: -links_at[end])
        share = 0.5 if links_at[near] == links_at[far] else 0.6
        (x1, y1), (x2, y2) = places[near], places[far]
        length = dict(link.extra).get("distance_km")
        words = [f"{length:g} km"] if isinstance(length, int | float) else []
        words += [f"{_in_db(link.transmissivity)} dB"] if link.transmissivity < 1 else []
        if words:
            # On white, so that the line does not run through the numbers.
            axes.text(
                x1 + share * (x2 - x1),
                y1 + share * (y2 - y1),
                ", ".join(words),
                fontsize=7,
                color="#555555",
                ha="center",
                va="center",
                zorder=1.2,
                parse_math=False,
                bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"},
            )


def _in_db(transmissivity: float) -> str:
    return f"{-10 * math.log10(transmissivity):.3g}"


def _label_modes(axes: Axes, network: SensorNetwork, places: Places) -> None:
    for mode in network.modes:
        x, y = places[mode.id]
        inside = short(str(mode.alpha), 8) if mode.role == "sensor" else mode.role[:3]
        axes.text(x, y, inside, color="white", ha="center", va="center", fontsize=9, zorder=3, parse_math=False)
        # Labels stand outside the circle of modes, on white, so that links do not run through them.
        below = y <= 0.01
        axes.annotate(
            "\n".join([short(str(mode.id), 30), *_of_mode(network, mode)]),
            (x, y),
            xytext=(0, -19 if below else 19),
            textcoords="offset points",
            ha="center",
            va="top" if below else "bottom",
            fontsize=8,
            zorder=4,
            parse_math=False,
            bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
        )


_SHORT = {
    "transmissivity_before": "before sensing",
    "detector_efficiency": "detector efficiency",
    "squeezer_efficiency": "squeezer efficiency",
    "visibility": "visibility",
    "dark_counts": "dark counts",
    "electronic_noise": "electronic noise",
    "phase_jitter_rad": "jitter",
    "mean_photons_max": "at most",
}
_AFTER = {"phase_jitter_rad": " rad", "mean_photons_max": " photons"}


def _of_mode(network: SensorNetwork, mode: Mode) -> list[str]:
    """What a mode loses, or what limits it, where it is not the same at all modes and not ideal."""
    lines = [f"transmissivity {mode.transmissivity:.4g}"] if mode.transmissivity < 1 else []
    for name in _SHORT:
        own, of_all, ideal = getattr(mode, name), getattr(network, name, None), getattr(_IDEAL, name)
        if own is not None and own != (ideal if of_all is None else of_all):
            lines.append(f"{_SHORT[name]} {own:.4g}{_AFTER.get(name, '')}")
    return lines


def _of_all(network: SensorNetwork) -> str:
    """What holds for all nodes that say nothing else, and the squeezers at hand."""
    words = []
    if network.squeezers is not None:
        words.append(f"{network.squeezers} squeezer{'' if network.squeezers == 1 else 's'} at hand")
    if network.squeezing_db is not None:
        words.append(f"at most {network.squeezing_db:g} dB each")
    if network.phase_reference == "free":
        words.append("phase reference free")
    for name in NODE_DEFAULTS:
        value = getattr(network, name)
        if value is not None and value != getattr(_IDEAL, name):
            words.append(f"{_SHORT[name]} {value:.4g}{_AFTER.get(name, '')}")
    # Lines break between items, not within them.
    whole = ", ".join(word.replace(" ", "\N{NO-BREAK SPACE}") for word in words)
    lines = textwrap.fill(whole, 85, break_long_words=False, break_on_hyphens=False)
    return lines.replace("\N{NO-BREAK SPACE}", " ")
