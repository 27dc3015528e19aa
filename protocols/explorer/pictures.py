"""The drawings of the page as data: elements and styles of the graph, and figures as plotly.js takes them.

Plotly reads some tags in texts; names that users type are escaped, so that they stay text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Any

from networks.drawing import LOOK
from protocols.explorer.documents import Checked, Document, part_of_fault
from protocols.explorer.edits import link_losses, places
from protocols.reports.curve_figures import LOGARITHMIC
from protocols.reports.frames import BOUND, COLOURS, HERE, SHOT_NOISE

SCALE = 100.0
"""Pixels between neighbours, before the drawing is fitted."""
CROWDED = 40
"""Nodes above which links have no words."""
LIT, FAULTY = "#e69f00", "#d55e00"
_SHAPES = {"sensor": "ellipse", "reference": "rectangle", "ancilla": "diamond"}


def elements(
    document: Document, checked: Checked, lit: Collection[frozenset[str]] = (), starts: Collection[str] = ()
) -> list[Any]:
    """Nodes and links of the graph, those with faults and those that light takes marked.

    Parameters
    ----------
    document : dict
    checked : Checked
    lit : pairs of names of nodes that light passes between
    starts : names of nodes where light starts
    """
    faults: dict[str, list[str]] = {}
    for fault in checked.faults:
        faults.setdefault(part_of_fault(document, fault), []).append(fault)
    crowded = len(document["nodes"]) > CROWDED
    shown: list[Any] = []
    keys = {repr(node["id"]): f"node {k}" for k, node in enumerate(document["nodes"])}
    for k, (node, (x, y)) in enumerate(zip(document["nodes"], places(document), strict=True)):
        key, name = f"node {k}", str(node["id"])
        role = node.get("role", "sensor")
        alpha = "" if node.get("alpha") is None else f"\nα = {node['alpha']}"
        wrong = "".join(f"\n⚠ {_after_name(fault)}" for fault in faults.get(key, ()))
        shown.append(
            {
                "data": {
                    "id": key,
                    "label": f"{name}{'' if crowded else alpha}{wrong}",
                    "role": role if role in LOOK else "other",
                    "faulty": int(bool(wrong)),
                    "start": int(name in starts),
                },
                "position": {"x": round(SCALE * x, 3), "y": round(-SCALE * y, 3)},
            }
        )
    for k, (edge, loss) in enumerate(zip(document["edges"], link_losses(document), strict=True)):
        ends = [keys.get(repr(edge[end])) for end in ("source", "target")]
        if None in ends:
            # A link to nowhere is among the faults.
            continue
        wrong = "".join(f"\n⚠ {_after_name(fault)}" for fault in faults.get(f"edge {k}", ()))
        data = {
            "id": f"edge {k}",
            "source": ends[0],
            "target": ends[1],
            "label": f"{'' if crowded else link_words(edge, loss)}{wrong}",
            "lit": int(frozenset((str(edge["source"]), str(edge["target"]))) in lit),
            "faulty": int(bool(wrong)),
        }
        shown.append({"data": data})
    return shown


def _after_name(fault: str) -> str:
    _, _, rest = fault.partition(": ")
    return rest or fault


def link_words(edge: Mapping[str, Any], loss_db: float | None) -> str:
    """What stands beside a link: its length and what it loses.

    >>> link_words({"source": "a", "target": "b", "distance_km": 2}, 0.4), link_words({"source": "a", "target": "b"}, 0.0)
    ('2 km, 0.4 dB', '')
    """
    length = edge.get("distance_km")
    said = [f"{length:.4g} km"] if isinstance(length, int | float) else []
    said += [f"{loss_db:.3g} dB"] if loss_db else []
    return ", ".join(said)


def stylesheet(dark: bool) -> list[Any]:
    """How nodes and links look."""
    ink, paper, line = ("#f0f0f0", "#1b1e23", "#9aa4b0") if dark else ("#1a1a1a", "#ffffff", "#5c6670")
    return [
        {
            "selector": "node",
            "style": {
                "label": "data(label)",
                "color": ink,
                "font-size": 12,
                "text-wrap": "wrap",
                "text-max-width": 190,
                "text-valign": "bottom",
                "text-margin-y": 3,
                "text-background-color": paper,
                "text-background-opacity": 0.8,
                "width": 26,
                "height": 26,
                "background-color": "#777777",
                "border-width": 1,
                "border-color": ink,
            },
        },
        *(
            {"selector": f"node[role = '{role}']", "style": {"background-color": colour, "shape": _SHAPES[role]}}
            for role, (_, colour) in LOOK.items()
        ),
        {
            "selector": "edge",
            "style": {
                "label": "data(label)",
                "color": ink,
                "font-size": 10,
                "text-wrap": "wrap",
                "text-max-width": 170,
                "text-background-color": paper,
                "text-background-opacity": 0.8,
                "line-color": line,
                "width": 2.5,
                "curve-style": "straight",
            },
        },
        {"selector": "edge[lit = 1]", "style": {"line-color": LIT, "width": 6}},
        {"selector": "node[start = 1]", "style": {"border-color": LIT, "border-width": 5}},
        {
            "selector": "[faulty = 1]",
            "style": {
                "border-color": FAULTY,
                "border-width": 4,
                "border-style": "double",
                "line-color": FAULTY,
                "line-style": "dashed",
                "color": "#ff9a5c" if dark else "#a33b00",
            },
        },
        {"selector": ":selected", "style": {"overlay-color": "#0072b2", "overlay-opacity": 0.25, "overlay-padding": 6}},
    ]


# --- figures -------------------------------------------------------------------------------------------------


def _layout(dark: bool, x: Mapping[str, Any], y: Mapping[str, Any]) -> dict[str, Any]:
    ink, grid, paper = ("#f0f0f0", "#3a4048", "#1b1e23") if dark else ("#1a1a1a", "#dddddd", "#ffffff")
    axis = {
        "gridcolor": grid,
        "linecolor": ink,
        "zeroline": False,
        "showline": True,
        "ticks": "outside",
        "automargin": True,
    }
    return {
        "paper_bgcolor": paper,
        "plot_bgcolor": paper,
        "font": {"color": ink, "size": 12, "family": "system-ui, sans-serif"},
        "margin": {"l": 60, "r": 10, "t": 10, "b": 45},
        "legend": {"orientation": "h", "y": -0.22, "yanchor": "top", "x": 0},
        "hovermode": "closest",
        "xaxis": {**axis, **x},
        "yaxis": {**axis, "exponentformat": "power", **y},
    }


def curve_figure(answer: Mapping[str, Any], dark: bool) -> dict[str, Any]:
    """Errors along an axis: solid with entanglement between sites, dashed without, dotted coherent light; bounds thin."""
    data: list[Any] = []
    colours = list(COLOURS)
    bounds = ["solid", "dot", "dashdot"]
    styles = {"entangled": "solid", "separable": "dash"}
    for number, one in enumerate(answer["curves"]):
        if one["kind"] == "bound":
            line = {"color": BOUND if not dark else "#d8a25a", "dash": bounds[number % 3], "width": 1.5}
        elif one["kind"] == "coherent":
            line = {"color": SHOT_NOISE if not dark else "#bbbbbb", "dash": "dot", "width": 2}
        else:
            colours.append(colours[0])
            line = {"color": colours.pop(0), "dash": styles[one["kind"]], "width": 2}
        known = sum(value is not None for value in one["errors"])
        data.append(
            {
                "type": "scatter",
                "mode": "lines" if known == len(one["errors"]) else "lines+markers",
                "x": answer["values"],
                "y": one["errors"],
                "name": escape(one["label"]),
                "line": line,
                "hovertemplate": "%{x:.6g}: %{y:.7g}<extra>" + escape(one["label"]) + "</extra>",
            }
        )
    values = answer["values"]
    is_log = answer["axis"] in LOGARITHMIC and values[0] > 0 and values[-1] > 8 * values[0]
    layout = _layout(
        dark,
        {"title": {"text": escape(answer["label"])}, "type": "log" if is_log else "linear"},
        {"title": {"text": f"mean squared error of q<br>in one shot ({answer['unit']})"}, "type": "log"},
    )
    inside = [value for value in answer["here"] if values[0] <= value <= values[-1]]
    if inside:
        layout["shapes"] = [
            {
                "type": "rect",
                "x0": inside[0],
                "x1": inside[-1],
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"color": HERE, "width": 1.5},
                "fillcolor": HERE,
                "opacity": 0.4,
                "layer": "below",
            }
        ]
        layout["annotations"] = [
            {
                # Shapes take the numbers of a logarithmic axis, notes their logarithms.
                "x": _logged(inside[0], is_log),
                "y": 1,
                "yref": "paper",
                "text": "this network",
                "showarrow": False,
                "xanchor": "left",
                "yanchor": "top",
            }
        ]
    return {"data": data, "layout": layout}


def _logged(value: float, is_log: bool) -> float:
    import math

    return math.log10(value) if is_log else value


def frontier_figure(frontier: Mapping[str, Any], dark: bool) -> dict[str, Any]:
    """What any light can know along q and across it, and what the scheme knows."""
    x, y = zip(*frontier["region"], strict=True)
    names = [escape(name) for name in frontier["axes"]]
    colour = COLOURS[5] if dark else COLOURS[0]
    hover = f"{names[0]}: %{{x:.7g}}<br>{names[1]}: %{{y:.7g}}<extra></extra>"
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": x,
            "y": y,
            "fill": "toself",
            "fillcolor": colour + "22",
            "line": {"color": colour},
            "name": escape(frontier["label"]),
            "hovertemplate": hover,
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": [frontier["here"][0]],
            "y": [frontier["here"][1]],
            "marker": {"color": COLOURS[1], "size": 12, "symbol": "diamond"},
            "name": escape(f"this network, {frontier['scheme']}"),
            "hovertemplate": hover,
        },
    ]
    return {"data": data, "layout": _layout(dark, {"title": {"text": names[0]}}, {"title": {"text": names[1]}})}


def convergence_figure(answer: Mapping[str, Any], dark: bool) -> dict[str, Any]:
    """The error over the trials so far with its standard error, beside what theory says."""
    trials, mse, stderr = zip(*answer["points"], strict=True) if answer["points"] else ((), (), ())
    colour = COLOURS[5] if dark else COLOURS[0]
    data: list[Any] = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": trials,
            "y": mse,
            "error_y": {"type": "data", "array": stderr, "thickness": 1},
            "line": {"color": colour},
            "name": "simulated (standard error)",
            "hovertemplate": "%{x} trials: %{y:.7g}<extra></extra>",
        }
    ]
    ends = [10, max(answer["total"], 11)]
    styles: Sequence[tuple[str, str, str, str]] = (
        ("predicted", "expected", COLOURS[2], "dash"),
        ("probe_bound", "bound of this probe", COLOURS[3], "dot"),
        ("bound", "bound of all probes", "#d8a25a" if dark else BOUND, "solid"),
    )
    for key, name, line, dash in styles:
        if answer[key] is not None:
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": ends,
                    "y": [answer[key]] * 2,
                    "line": {"color": line, "dash": dash, "width": 1.5},
                    "name": name,
                    "hovertemplate": "%{y:.7g}<extra>" + name + "</extra>",
                }
            )
    y = {"title": {"text": f"mean squared error of q<br>({answer['unit']})"}, "rangemode": "tozero"}
    return {"data": data, "layout": _layout(dark, {"title": {"text": "trials"}, "type": "log"}, y)}
