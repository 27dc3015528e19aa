"""The page as it is laid out: where everything stands, under which id, with its label. What happens is in ``actions``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_cytoscape as cyto
from dash import dcc, html

from networks import InputError
from protocols.explorer import pictures
from protocols.explorer.documents import Document, History, check, parts, record_of
from protocols.explorer.edits import Field, Knob, fields_of, shown_value
from protocols.starting.examples import shipped_examples
from protocols.starting.templates import TEMPLATES

GRAPH_HEIGHT = "330px"
LAYOUT = {"name": "preset", "fit": True, "padding": 45}
"""Nodes stand where the document has them."""
OPENED_BY = (".json", ".graphml", ".xml")
"""Files that can be opened."""


def page(document: Document, message: str) -> Any:
    """The whole page, with the network that is shown first.

    Parameters
    ----------
    document : dict
    message : str
        What is said first.
    """
    return html.Div(
        [
            *_stores(document),
            html.Header(
                [
                    html.H1("psn explore"),
                    _opening(),
                    _keeping(),
                    html.Div(message, id="message", role="status", className="message"),
                ],
                className="bar",
            ),
            html.Div(
                [
                    html.Main(
                        [_network(document), _knobs(), _editing(document)], className="network", **_named("The network")
                    ),
                    html.Div(_answers(), className="answers", role="region", **_named("What it can do")),
                ],
                className="columns",
            ),
        ],
        className="explorer",
    )


def _stores(document: Document) -> list[Any]:
    empty = (
        *("coarse", "exact", "curve", "revealed", "protocols", "simulated", "simulated-live"),
        *("settled", "saved-figure", "shown-choice", "dragged"),
    )
    return [
        dcc.Store(id="history", data=History.starting(document).to_data()),
        *(dcc.Store(id=name) for name in empty),
        dcc.Store(id="form-part", data="graph"),
        dcc.Store(id="form-turn", data=0),
        dcc.Store(id="knob-turn", data=0),
        dcc.Store(id="fit-turn", data=0),
        dcc.Store(id="dark", data=False),
        dcc.Download(id="download"),
    ]


def _named(label: str) -> dict[str, Any]:
    """What readers of screens say of a part."""
    return {"aria-label": label}


_LIVE: dict[str, Any] = {"aria-live": "polite"}


def button(text: str, name: Any, **more: Any) -> Any:
    """A button that is no more than that."""
    return html.Button(text, id=name, n_clicks=0, type="button", **more)


def labelled(label: str, control: Any, name: str, extra: Any = None) -> Any:
    """A control below its label."""
    return html.Div([html.Label(label, htmlFor=name), control, extra], className="labelled")


def choice(label: str, name: str, named: Mapping[str, str], value: str | None = None) -> Any:
    """A choice below its label. What is chosen is in the store of this name, its options, by value, in ``NAME-named``.

    It is the browser's own, which every keyboard, reader of screens and telephone knows; Dash has none of these. Its options are
    made in the browser: as parts of Dash, a thousand of them would make every change of the page take seconds.
    """
    mark: dict[str, Any] = {"data-choice": name}
    stores = [dcc.Store(id=name, data=value), dcc.Store(id=f"{name}-named", data=pairs(named))]
    return labelled(label, html.Select(id=f"{name}-options", **mark), f"{name}-options", html.Div(stores, hidden=True))


def pairs(named: Mapping[str, str]) -> list[list[str]]:
    """Options in their order, which an object of JSON may lose."""
    return [[value, name] for value, name in named.items()]


CHOICES = ("start-from", "part", "link-from", "link-to", "axis", "scheme")
"""Their names."""


def _opening() -> Any:
    try:
        examples = {f"example {one.name}": f"{one.name}: {one.line}" for one in shipped_examples() if one.network}
    except InputError:
        # An installation that was put together by hand has none.
        examples = {}
    templates = {f"template {one.name}": f"template {one.name}: {one.line}" for one in TEMPLATES.values()}
    return html.Div(
        [
            choice("Start from", "start-from", {"": "an example or a template", **examples, **templates}),
            dcc.Upload(
                html.Button("Open file", type="button", id="open-file"),
                id="upload",
                accept=",".join(OPENED_BY),
                multiple=False,
                className="upload",
            ),
        ],
        className="group",
    )


def _keeping() -> Any:
    return html.Div(
        [
            button("Undo", "undo"),
            button("Redo", "redo"),
            button("Save .json", "save-json"),
            button("Save .graphml", "save-graphml"),
        ],
        className="group",
    )


def _network(document: Document) -> Any:
    return html.Section(
        [
            html.H2("Network", id="network-title"),
            html.Div(
                [
                    button("Add sensor", "add-sensor"),
                    button("Add reference", "add-reference"),
                    button("Add ancilla", "add-ancilla"),
                ],
                className="group",
            ),
            html.Div(
                cyto.Cytoscape(
                    id="graph",
                    elements=pictures.elements(document, check(document)),
                    layout=LAYOUT,
                    stylesheet=pictures.stylesheet(False),
                    autoRefreshLayout=False,
                    style={"width": "100%", "height": GRAPH_HEIGHT},
                    minZoom=0.1,
                    maxZoom=4,
                    boxSelectionEnabled=False,
                    responsive=True,
                ),
                className="canvas",
                role="img",
                **_named("The network as a drawing; everything in it can be edited below"),
            ),
            html.P(
                [
                    html.Span("●", className="sensor"),
                    " sensor  ",
                    html.Span("■", className="reference"),
                    " reference  ",
                    html.Span("◆", className="ancilla"),
                    " ancilla. Drag nodes to move them; click a node or a link to edit it.",
                ],
                className="hint",
            ),
            html.Div(
                [button("Save drawing .svg", "drawing-svg"), button("Save drawing .png", "drawing-png")],
                className="group",
            ),
            html.Div(id="faults", role="alert"),
        ]
    )


def _editing(document: Document) -> Any:
    return html.Section(
        [
            html.H2("Edit"),
            html.Div(
                [
                    choice("What", "part", parts(document), "graph"),
                    button("Delete", "delete"),
                ],
                className="group",
            ),
            html.Div(id="form", className="form"),
            html.Div(
                [
                    choice("Link from", "link-from", named_nodes(document)),
                    choice("to", "link-to", named_nodes(document)),
                    button("Add link", "add-link"),
                ],
                className="group",
            ),
        ]
    )


def _knobs() -> Any:
    return html.Section([html.H2("Knobs"), html.Div(id="knobs", className="knobs")])


def _answers() -> list[Any]:
    return [
        html.Section(
            [
                html.H2("Verdict"),
                html.Div(id="first-look", **_LIVE),
                html.P("", id="working", className="working", role="status"),
                html.Div(
                    [
                        html.Div(id="verdict", className="verdict", **_LIVE),
                        html.Div(id="schemes"),
                        html.Details(
                            [html.Summary("Layout, bounds and notes"), html.Div(id="recipe")], id="recipe-box"
                        ),
                    ],
                    id="design",
                    hidden=True,
                ),
            ]
        ),
        html.Section(
            [
                html.H2("Light along the links"),
                html.Div(id="layer-words", role="status"),
                labelled(
                    "Layer",
                    dcc.Input(id="layer", type="range", min=0, max=0, step=1, value=0),
                    "layer",
                ),
            ],
            id="layers",
            hidden=True,
        ),
        _section(
            "curve",
            "Curves of errors",
            "Draw",
            [choice("Error against", "axis", {})],
            figure=True,
        ),
        _section("revealed", "Privacy", "Work out", [], figure=True),
        _section("protocols", "Photon protocols", "Search", [], figure=False, hidden=True),
        _section(
            "simulated",
            "Simulation",
            "Run",
            [
                choice("Scheme", "scheme", named_schemes(())),
                _whole("shots", "Shots of an estimate", 100),
                _whole("trials", "Trials", 200_000),
                _whole("seed", "Seed", 0),
            ],
            figure=True,
        ),
        html.Section(
            [
                html.H2("The same elsewhere"),
                html.P("Save the network as a file; these lines then give what the page shows."),
                html.H3("Command line"),
                html.Pre(id="command-lines", tabIndex=0, **_named("Command lines")),
                html.H3("Python"),
                html.Pre(id="python-lines", tabIndex=0, **_named("Lines of Python")),
            ]
        ),
    ]


def _whole(name: str, label: str, value: int) -> Any:
    return labelled(
        label,
        dcc.Input(id=name, type="text", inputMode="numeric", value=str(value), debounce=False, className="short"),
        name,
    )


def _section(name: str, title: str, verb: str, controls: Sequence[Any], *, figure: bool, hidden: bool = False) -> Any:
    """A part of the page that works when its button is pressed, and can be stopped."""
    shown = []
    if figure:
        shown = [
            html.Div(
                [
                    dcc.Graph(
                        id=f"{name}-figure",
                        figure={"data": [], "layout": {}},
                        config={"displaylogo": False, "responsive": True, "modeBarButtonsToRemove": ["toImage"]},
                        style={"height": "380px"},
                    ),
                    html.Div(
                        [button("SVG", f"{name}-svg"), button("PNG", f"{name}-png"), button("CSV", f"{name}-csv")],
                        className="group",
                    ),
                ],
                id=f"{name}-drawn",
                hidden=True,
            )
        ]
    return html.Section(
        [
            html.H2(title),
            html.Div(
                [*controls, button(verb, f"{name}-start"), button("Stop", f"{name}-stop", disabled=True)],
                className="group",
            ),
            html.P("", id=f"{name}-progress", className="working", role="status"),
            *shown,
            html.Div(id=f"{name}-words"),
        ],
        id=f"{name}-section",
        hidden=hidden,
    )


# --- what is made anew ---------------------------------------------------------------------------------------


def named_nodes(document: Document) -> dict[str, str]:
    """The nodes that a link may join."""
    return {"": "choose a node", **{f"node {k}": str(node["id"]) for k, node in enumerate(document["nodes"])}}


def named_schemes(schemes: Sequence[str]) -> dict[str, str]:
    """The schemes that can be simulated."""
    return {"": "the main one", **{name: name for name in schemes}}


def form(document: Document, part: str) -> list[Any]:
    """The fields of a part, and room for the faults of each."""
    record = record_of(document, part)
    own = [field for field in fields_of(document, part) if field.name in record]
    common = [field for field in fields_of(document, part) if field.name not in record]
    title = parts(document)[part]
    return [
        html.H3(title[0].upper() + title[1:]),
        html.Div([_field(field, record) for field in own], className="fields"),
        html.Details(
            [
                html.Summary("More attributes"),
                html.Div([_field(field, record) for field in common], className="fields"),
            ],
            open=not own,
        ),
        html.Div(id={"fault": "part"}, className="fault"),
    ]


def _field(field: Field, record: Mapping[str, Any]) -> Any:
    name = f"field-{field.name}"
    listed = (
        [html.Datalist([html.Option(value=choice) for choice in field.choices], id=f"{name}-list")]
        if field.choices
        else []
    )
    unit = f" ({field.unit})" if field.unit else ""
    return html.Div(
        [
            html.Label(
                [
                    html.Span(f"{field.name}{unit}"),
                    dcc.Input(
                        id={"field": field.name},
                        type="text",
                        value=shown_value(record.get(field.name)),
                        debounce=0.3,
                        list=f"{name}-list" if field.choices else None,
                        autoComplete="off",
                        spellCheck=False,
                    ),
                ]
            ),
            *listed,
            html.Div(id={"fault": field.name}, className="fault"),
        ],
        className="field",
    )


def knob_row(knob: Knob) -> Any:
    """A slider with its title and what it says."""
    return html.Div(
        [
            html.Label(
                [
                    html.Span(knob.title),
                    dcc.Input(
                        id={"knob": knob.name},
                        type="range",
                        min=knob.least,
                        max=knob.most,
                        step=knob.step,
                        value=knob.position,
                    ),
                ]
            ),
            html.Output(knob_words(knob), id={"knob-words": knob.name}),
        ],
        className="knob",
    )


def knob_words(knob: Knob) -> str:
    """What a knob says."""
    return "no limit" if knob.value is None else f"{knob.value:.6g}"


def words(parts_shown: Sequence[Sequence[Any]]) -> list[Any]:
    """The parts of a description (``answers.plain_parts``)."""
    shown: list[Any] = []
    items: list[Any] = []

    def end_list() -> None:
        if items:
            shown.append(html.Ul(list(items)))
            items.clear()

    for kind, said in parts_shown:
        if kind == "item":
            items.append(html.Li(said))
            continue
        end_list()
        if kind == "table":
            shown.append(table(said))
        elif kind == "heading":
            shown.append(html.H3(said))
        else:
            shown.append(html.P(said, className=kind))
    end_list()
    return shown


def table(data: Mapping[str, Any], *, marked: int | None = None) -> Any:
    """A table with its title, wide ones in a box that scrolls."""
    rows = [
        html.Tr(
            [html.Th(row[0], scope="row"), *(html.Td(value) for value in row[1:])],
            className="chosen" if number == marked else None,
        )
        for number, row in enumerate(data["rows"])
    ]
    return html.Div(
        html.Table(
            [
                html.Caption(data["title"]),
                html.Thead(html.Tr([html.Th(name, scope="col") for name in data["columns"]])),
                html.Tbody(rows),
            ]
        ),
        className="wide",
        tabIndex=0,
        role="group",
        **_named(data["title"]),
    )


def fault_list(faults: Sequence[tuple[str, str]]) -> list[Any]:
    """Faults, each with a button that leads to the part that it is about."""
    if not faults:
        return []
    shown = [
        html.Li([fault, " ", html.Button("edit", id={"goto": number, "part": part}, n_clicks=0, type="button")])
        for number, (part, fault) in enumerate(faults)
    ]
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return [html.P(f"{count} in this network:"), html.Ul(shown)]
