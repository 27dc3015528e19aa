"""A network as HTML for notebooks: what it senses, its drawing, its nodes and links with units; every text is escaped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from networks.drawing import draw_network, of_all
from networks.laboratory import Bench
from networks.modes import Link, Mode
from networks.pictures import img_of
from networks.printable import printable
from networks.sensor_network import SensorNetwork

MAX_ROWS = 60
"""Nodes, and links, that a notebook lists; the file has all."""
MAX_DRAWN = 300
"""Nodes of a network that a notebook draws unasked."""
_COLUMNS = {
    "arms": "arms",
    "transmissivity": "transmissivity",
    "transmissivity_before": "transmissivity before sensing",
    "squeezer": "squeezer may stand here",
    "squeezer_efficiency": "squeezer efficiency",
    "mean_photons_max": "photons at most",
    "detector_efficiency": "detector efficiency",
    "dark_counts": "dark counts per shot",
    "visibility": "visibility",
    "electronic_noise": "electronic noise (vacuum variances)",
    "phase_jitter_rad": "phase jitter (rad)",
}
"""Columns of nodes, by what ``Bench`` calls them; only those in which some node is not ideal are shown."""
_IDEAL = Bench()


def network_html(network: SensorNetwork) -> str:
    """What a notebook shows of a network.

    Parameters
    ----------
    network : SensorNetwork

    Returns
    -------
    str
        A piece of HTML without style sheet or script.

    Examples
    --------
    >>> text = network_html(SensorNetwork.chain([1, -1], sensing="phase", photons=2, name="<pair>"))
    >>> text.count("<table>"), "&lt;pair&gt;" in text, "<pair>" in text
    (2, True, False)
    """
    head = f"<h4>{_escaped(network.name)}</h4><p>{_escaped(network.summary)}; {_function(network)}</p>"
    everywhere = of_all(network)
    said = f"<p>{_escaped(everywhere)}</p>" if everywhere else ""
    image = "<p>drawn by .plot() on request: it is large</p>"
    if len(network.modes) <= MAX_DRAWN:
        image = img_of(draw_network(network).figure, f"network {network.name}")
    return f'<div class="psn">{head}{said}{image}{_nodes(network)}{_links(network.links)}</div>'


def _function(network: SensorNetwork) -> str:
    alpha = [str(a) for a in network.function.alpha[:12]]
    more = ", ..." if len(network.sensors) > 12 else ""
    return f"q = alpha . theta, alpha = ({_escaped(', '.join(alpha))}{more})"


def _nodes(network: SensorNetwork) -> str:
    benches = network.laboratory.benches
    columns = [name for name in _COLUMNS if any(getattr(b, name) != getattr(_IDEAL, name) for b in benches)]
    rows = [
        [str(mode.id), mode.role, "" if mode.alpha is None else str(mode.alpha), *_values(mode, bench, columns)]
        for mode, bench in zip(network.modes[:MAX_ROWS], benches, strict=False)
    ]
    names = ["node", "role", "alpha", *(_COLUMNS[name] for name in columns)]
    return _table("Nodes", names, rows, len(network.modes))


def _values(mode: Mode, bench: Bench, columns: Iterable[str]) -> list[str]:
    """What is so at one node; arms and light are those of sensors."""
    of_sensors = ("arms", "mean_photons_max")
    return ["" if name in of_sensors and mode.role != "sensor" else _cell(getattr(bench, name)) for name in columns]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value == math.inf:
        return "no limit"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _links(links: Sequence[Link]) -> str:
    if not links:
        return ""
    lengths = [dict(link.extra).get("distance_km") for link in links]
    has_lengths = any(isinstance(length, int | float) for length in lengths)
    rows = []
    for link, length in zip(links[:MAX_ROWS], lengths, strict=False):
        loss = abs(10 * math.log10(link.transmissivity))
        km = [f"{length:g}" if isinstance(length, int | float) else ""] if has_lengths else []
        rows.append([str(link.ends[0]), str(link.ends[1]), *km, f"{loss:.3g}", f"{link.transmissivity:.4g}"])
    names = ["from", "to", *(["length (km)"] if has_lengths else []), "loss (dB)", "transmissivity"]
    return _table("Links", names, rows, len(links))


def _table(title: str, names: Sequence[str], rows: Sequence[Sequence[str]], whole: int) -> str:
    more = f", the first {len(rows)} of {whole}" if whole > len(rows) else ""
    head = "".join(f"<th>{_escaped(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{_escaped(text)}</td>' for text in row)}</tr>" for row in rows)
    return f"<table><caption>{title}{more}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _escaped(text: str) -> str:
    return escape(printable(text))
