"""A picture of a network: who senses what, with which coefficient, over which links. Drawn with matplotlib."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from networks.canvas import CROWDED, POINTS_PER_CM, Arranged, Spot, Wire, arrange, page_figure, text_size, write_labels
from networks.labels import Point, broken
from networks.laboratory import NODE_DEFAULTS, Bench
from networks.modes import Link, Mode
from networks.node_places import has_coordinates, node_places
from networks.pictures import Drawing, require_place, size_of
from networks.sensor_network import SensorNetwork

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.path import Path

LOOK = {"sensor": ("o", "#3b6ea5"), "reference": ("s", "#b5651d"), "ancilla": ("D", "#7a7a7a")}
"""Symbols and colours of nodes by their role."""
SQUEEZED = "#8a3ba5"
_IDEAL = Bench()
MAX_LETTERS = 60
"""Of a name; longer ones are shortened in their middle."""
LEAST_ARRANGED_CM = 8.0
"""Width for which a network is arranged at least."""
IN_A_LINE = 18
"""Letters of a name in one line."""


def short(text: str, most: int) -> str:
    """A text with its middle left out when it is long; names often differ at their ends.

    >>> short("measurement-site-01", 12)
    'measur...-01'
    """
    if len(text) <= most:
        return text
    tail = max(1, (most - 3) // 3)
    return text[: most - 3 - tail] + "..." + text[-tail:]


def draw_network(network: SensorNetwork, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """Draw the modes (shape and colour by role, alpha inside, losses and limits beside) and their links (length and loss).

    Sensors with two arms stand in the middle of an interferometer. Where squeezers may not stand everywhere, an ellipse marks the
    nodes that may have one. What holds for all nodes is said once, below. Above 40 modes nodes are dots with names, and what links
    lose is said below.

    Parameters
    ----------
    network : SensorNetwork
        Drawn at its node attributes x and y when all nodes have them, else as its links suggest (``node_places``).
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure, attached to no window, when left out.
    width_cm : float, optional
        Of the new figure, from 3 to 200; as wide as the network needs when left out.

    Returns
    -------
    Drawing
        The figure and the axes; save it with ``figure.savefig(...)``.

    Raises
    ------
    InputError
        For another width, or a width beside axes.

    Examples
    --------
    >>> figure, axes = draw_network(SensorNetwork.star([1, 2, 3], sensing="phase", photons=6))
    >>> sorted(text.get_text() for text in axes.texts)
    ['1', '2', '3', 'ref', 'ref', 's1', 's2', 's3']
    """
    from matplotlib.collections import LineCollection

    width = require_place(ax, width_cm)
    crowded = len(network.modes) > CROWDED
    arranged = arrange(
        node_places(network),
        [_spot(network, mode, crowded=crowded) for mode in network.modes],
        [Wire(ends=link.ends, texts=() if crowded else _link_words(link)) for link in network.links],
        width_cm=width if ax is None else width_on(ax),
        to_scale=has_coordinates(network),
    )
    footer = [line for line in (of_all(network), _of_links(network) if crowded else "", left_out(arranged)) if line]
    title = f"{short(network.name, 80)}\n{network.summary}"
    figure, axes, scale = page_figure(arranged.width, arranged.height, title, _handles(network), footer, ax=ax)
    axes.set_axis_off()
    ends = [[arranged.places[end] for end in link.ends] for link in network.links]
    axes.add_collection(LineCollection(ends, colors="#9a9a9a", linewidths=0.5 if crowded else 1.2, zorder=1))
    _draw_modes(axes, network, arranged, scale)
    write_labels(axes, arranged.names, scale * arranged.size)
    write_labels(axes, arranged.words, scale * (arranged.size - 1), color="#444444")
    return Drawing(figure, axes)


def width_on(ax: Axes) -> float:
    """The width in cm for which a network is arranged that is drawn on axes; narrow ones show it smaller.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    """
    return max(LEAST_ARRANGED_CM, size_of(ax)[0] / POINTS_PER_CM)


def left_out(arranged: Arranged) -> str:
    """What had no room, in words."""
    return "" if not arranged.missing else f"{arranged.missing} labels left out for lack of room"


def _spot(network: SensorNetwork, mode: Mode, *, crowded: bool) -> Spot:
    name = broken(short(str(mode.id), MAX_LETTERS), IN_A_LINE)
    if crowded:
        return Spot(node=mode.id, text=name)
    alpha = [] if mode.role != "sensor" or _fits(str(mode.alpha)) else [f"alpha {mode.alpha}"]
    return Spot(
        node=mode.id,
        text="\n".join([name, *alpha, *_of_mode(network, mode)]),
        wide=1.9 if mode.arms == 2 else 1.45 if _marks_squeezers(network) and _bench_allows(mode) else 1.0,
    )


def _fits(alpha: str) -> bool:
    """Whether a coefficient can stand inside of the symbol of a node."""
    return len(alpha) <= 4


def _link_words(link: Link) -> tuple[str, ...]:
    length = dict(link.extra).get("distance_km")
    words = [f"{length:g} km"] if isinstance(length, int | float) else []
    words += [f"{_in_db(link.transmissivity)} dB"] if link.transmissivity < 1 else []
    return (", ".join(words), "\n".join(words)) if words else ()


def _of_links(network: SensorNetwork) -> str:
    """The range of what links lose, and of their lengths."""
    if not network.links:
        return ""
    lengths = [dict(link.extra).get("distance_km") for link in network.links]
    known = [float(length) for length in lengths if isinstance(length, int | float)]
    words = [f"{_range(known)} km"] if known else []
    words.append(f"{_range([-10 * math.log10(link.transmissivity) for link in network.links])} dB")
    return f"links: {', '.join(words)}"


def _range(values: Sequence[float]) -> str:
    low, high = f"{abs(min(values)):.3g}", f"{abs(max(values)):.3g}"
    return low if low == high else f"{low} to {high}"


def _handles(network: SensorNetwork) -> list[Line2D]:
    """The entries of the legend."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], linestyle="", marker=marker, color=colour, markersize=7, label=role)
        for role, (marker, colour) in LOOK.items()
        if any(mode.role == role for mode in network.modes)
    ]
    if any(mode.arms == 2 for mode in network.modes):
        style: dict[str, Any] = {"marker": two_arms(), "markerfacecolor": "none", "color": LOOK["sensor"][1]}
        handles.append(Line2D([], [], linestyle="", markersize=13, label="two arms", **style))
    if _marks_squeezers(network):
        style = {"marker": ellipse(), "color": SQUEEZED, "markersize": 8}
        handles.append(Line2D([], [], linestyle="", label="squeezer may stand here", **style))
    return handles


def _marks_squeezers(network: SensorNetwork) -> bool:
    """Whether some nodes may have a squeezer and some not."""
    allowed = [_bench_allows(mode) for mode in network.modes]
    return any(allowed) and not all(allowed) and network.squeezers != 0


def _bench_allows(mode: Mode) -> bool:
    return mode.squeezer is not False


def _draw_modes(axes: Axes, network: SensorNetwork, arranged: Arranged, scale: float) -> None:
    """The symbols of modes, with what marks them and is written inside."""
    places, radius = arranged.places, scale * arranged.radius
    two = [mode.id for mode in network.modes if mode.arms == 2]
    scatter(
        axes, two, places, radius * 1.9, marker=two_arms(), facecolors="white", edgecolors=LOOK["sensor"][1], zorder=2
    )
    for role, (marker, colour) in LOOK.items():
        own = [mode.id for mode in network.modes if mode.role == role]
        # Squares and diamonds of the area of the circle.
        smaller = 1.0 if marker == "o" else 0.88 if marker == "s" else 0.78
        scatter(axes, own, places, radius * smaller, marker=marker, color=colour, linewidths=0, zorder=3)
    if _marks_squeezers(network):
        allowed: dict[Hashable, Point] = {mode.id: places[mode.id] for mode in network.modes if _bench_allows(mode)}
        beside: dict[Hashable, Point] = {
            node: (x + 1.12 * arranged.radius, y + 0.25 * arranged.radius) for node, (x, y) in allowed.items()
        }
        style = {"marker": ellipse(), "color": SQUEEZED, "edgecolors": "white", "linewidths": 0.6, "zorder": 4}
        scatter(axes, list(beside), beside, 0.75 * radius, **style)
    if len(network.modes) > CROWDED:
        return
    for mode in network.modes:
        inside = str(mode.alpha) if mode.role == "sensor" else mode.role[:3]
        if mode.role == "sensor" and not _fits(inside):
            continue
        size = min(9.0, 8.0 * 1.6 * radius / text_size(inside, 8.0)[0])
        inside_style: dict[str, Any] = {
            "color": "white",
            "ha": "center",
            "va": "center_baseline",
            "zorder": 5,
            "parse_math": False,
        }
        axes.text(*places[mode.id], inside, fontsize=size, **inside_style)


def scatter(
    axes: Axes, nodes: Sequence[Hashable], places: Mapping[Hashable, Point], radius: float, **style: Any
) -> None:
    """Symbols of a radius in points at nodes.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    nodes : ids
    places : mapping of ids to points
    radius : float
    style : of ``Axes.scatter``
    """
    if nodes:
        axes.scatter([places[n][0] for n in nodes], [places[n][1] for n in nodes], s=(2 * radius) ** 2, **style)


def two_arms() -> Path:
    """A marker like the two arms of an interferometer, which part and meet again."""
    from matplotlib.path import Path

    places = [(-1, 0), (-0.45, 0.9), (0.45, 0.9), (1, 0), (0.45, -0.9), (-0.45, -0.9), (-1, 0)]
    return Path(places, [Path.MOVETO, *[Path.CURVE4] * 6])


def ellipse() -> Path:
    """A marker like a squeezed vacuum in phase space."""
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D

    return Path.unit_circle().transformed(Affine2D().scale(0.36, 1.0))


def _in_db(transmissivity: float) -> str:
    return f"{-10 * math.log10(transmissivity):.3g}"


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
        own, common, ideal = getattr(mode, name), getattr(network, name, None), getattr(_IDEAL, name)
        if own is not None and own != (ideal if common is None else common):
            lines.append(f"{_SHORT[name]} {own:.4g}{_AFTER.get(name, '')}")
    return lines


def of_all(network: SensorNetwork) -> str:
    """What holds for all nodes that say nothing else, and the squeezers at hand.

    Parameters
    ----------
    network : SensorNetwork
    """
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
    return ", ".join(words)
