"""A picture of a network: who senses what, with which coefficient, over which links. The only matplotlib here."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from networks.files.graphs import to_graph
from networks.sensor_network import SensorNetwork

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LOOK = {"sensor": ("o", "#3b6ea5"), "reference": ("s", "#b5651d"), "ancilla": ("D", "#7a7a7a")}
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


def node_places(network: SensorNetwork) -> dict[Hashable, tuple[float, float]]:
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
    """Draw the modes (shape and colour by role, alpha inside, transmissivity below 1 beside) and their links.

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
    from matplotlib.lines import Line2D

    places = node_places(network)
    crowded = len(network.modes) > CROWDED
    figure = Figure(figsize=(6.0, 5.0), layout="constrained")
    axes = figure.add_subplot()
    lines = [[places[end] for end in link.ends] for link in network.links]
    axes.add_collection(LineCollection(lines, colors="#9a9a9a", linewidths=1.2, zorder=1))
    for link in network.links:
        (x1, y1), (x2, y2) = places[link.ends[0]], places[link.ends[1]]
        if link.transmissivity < 1 and not crowded:
            axes.text(
                (x1 + x2) / 2, (y1 + y2) / 2, f"{link.transmissivity:g}", fontsize=7, color="#666666", parse_math=False
            )
    for role, (marker, colour) in _LOOK.items():
        own = [places[mode.id] for mode in network.modes if mode.role == role]
        size = 60 if crowded else 900
        axes.scatter([x for x, _ in own], [y for _, y in own], marker=marker, s=size, color=colour, zorder=2)
    for mode in () if crowded else network.modes:
        x, y = places[mode.id]
        inside = short(str(mode.alpha), 8) if mode.role == "sensor" else mode.role[:3]
        axes.text(x, y, inside, color="white", ha="center", va="center", fontsize=9, zorder=3, parse_math=False)
        label = short(str(mode.id), 30) + (
            f"\ntransmissivity {mode.transmissivity:g}" if mode.transmissivity < 1 else ""
        )
        # Labels stand outside the circle of modes, on white, so that links do not run through them.
        below = y <= 0.01
        axes.annotate(
            label,
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
    used = [role for role in _LOOK if any(mode.role == role for mode in network.modes)]
    handles = [
        Line2D([], [], linestyle="", marker=_LOOK[role][0], color=_LOOK[role][1], markersize=9, label=role)
        for role in used
    ]
    axes.legend(handles=handles, loc="upper left", frameon=False, fontsize=8)
    axes.set_title(f"{short(network.name, 80)}\n{network.summary}", fontsize=9, parse_math=False)
    axes.margins(0.2)
    axes.set_axis_off()
    return figure
