"""What happens on the page: from what was clicked and typed to edits, from documents to answers, from answers to what is shown.

The functions that Dash calls are short: edits are in ``edits`` and ``documents``, answers in ``answers``, drawings in ``pictures``.
What takes longer than a slider can wait runs beside, in a process of its own, and can be stopped.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from networks import InputError
from networks.files.load import checked_text
from networks.files.text import LARGEST_FILE_BYTES, document_text
from photonics.limits import CircuitTooLargeError, PrecisionError
from protocols.explorer import answers, edits, page, pictures
from protocols.explorer.documents import (
    Checked,
    Document,
    History,
    check,
    example_document,
    part_of_fault,
    parts,
    plain_name,
    read_document_text,
    template_document,
)

FIGURES = ("curve", "revealed", "simulated")
"""Sections with a figure."""
ROLES = {"add-sensor": "sensor", "add-reference": "reference", "add-ancilla": "ancilla"}


KNOB = "knob "
"""What the key of a step begins with that a slider made."""


def connect(app: Dash) -> None:
    """Let the page react.

    Parameters
    ----------
    app : dash.Dash
    """
    _connect_edits(app)
    _connect_network(app)
    _connect_design(app)
    _connect_layers(app)
    _connect_curves(app)
    _connect_privacy(app)
    _connect_protocols(app)
    _connect_simulation(app)
    _connect_files(app)


# --- edits ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Edited:
    """An edit of the page: the history after it, and what else has to be made anew."""

    history: History
    part: str | None = None
    message: str = ""
    form: bool = False
    knobs: bool = False
    fit: bool = False


def _connect_edits(app: Dash) -> None:
    clicks = ("undo", "redo", "delete", "add-link", *ROLES)

    @app.callback(
        output={
            "history": Output("history", "data"),
            "part": Output("part", "data"),
            "message": Output("message", "children"),
            "form": Output("form-turn", "data"),
            "knobs": Output("knob-turn", "data"),
            "fit": Output("fit-turn", "data"),
        },
        inputs={
            "clicks": [Input(name, "n_clicks") for name in clicks],
            "start": Input("start-from", "data"),
            "contents": Input("upload", "contents"),
            "knobs": Input({"knob": ALL}, "value"),
            "fields": Input({"field": ALL}, "value"),
            "dragged": Input("dragged", "data"),
        },
        state={
            "data": State("history", "data"),
            "now": {
                "part": State("part", "data"),
                "file": State("upload", "filename"),
                "knobs": State({"knob": ALL}, "id"),
                "fields": State({"field": ALL}, "id"),
                "from": State("link-from", "data"),
                "to": State("link-to", "data"),
                "form": State("form-turn", "data"),
                "knob_turn": State("knob-turn", "data"),
                "fit": State("fit-turn", "data"),
                "of": State("form-part", "data"),
            },
        },
        prevent_initial_call=True,
    )
    def edit(
        clicks: Sequence[int],
        start: str | None,
        contents: str | None,
        knobs: Sequence[Any],
        fields: Sequence[Any],
        dragged: Mapping[str, Any] | None,
        data: Mapping[str, Any],
        now: Mapping[str, Any],
    ) -> dict[str, Any]:
        history = History.of(data)
        by = ctx.triggered_id
        try:
            if by == "upload":
                done = _opened(history, contents, now["file"])
            elif by == "start-from":
                done = _started(history, start)
            elif by == "dragged":
                done = _dragged(history, dragged)
            elif isinstance(by, str):
                done = _clicked(history, by, now)
            elif "knob" in by:
                names = [name["knob"] for name in now["knobs"]]
                done = _turned(history, by["knob"], dict(zip(names, knobs, strict=True))[by["knob"]])
            else:
                names = [name["field"] for name in now["fields"]]
                done = _typed(history, now["of"], dict(zip(names, fields, strict=True)))
        except InputError as error:
            return {**dict.fromkeys(("history", "part", "form", "knobs", "fit"), no_update), "message": str(error)}
        if done is None or (done.history == history and done.part is None):
            raise PreventUpdate
        return {
            "history": done.history.to_data(),
            "part": done.part or no_update,
            "message": done.message,
            "form": now["form"] + 1 if done.form else no_update,
            "knobs": now["knob_turn"] + 1 if done.knobs else no_update,
            "fit": now["fit"] + 1 if done.fit else no_update,
        }


def _opened(history: History, contents: str | None, file: str | None) -> _Edited | None:
    if not contents:
        return None
    name = file or "the file"
    try:
        content = base64.b64decode(contents.partition(",")[2], validate=True)
    except binascii.Error:
        raise InputError([f"{name} did not arrive whole; open it once more"]) from None
    if len(content) > LARGEST_FILE_BYTES:
        raise InputError([f"{name} is too large; at most {LARGEST_FILE_BYTES} bytes are read"])
    document = read_document_text(document_text(content, name), name)
    return _Edited(
        history=history.then(document), part="graph", message=f"read {name}", form=True, knobs=True, fit=True
    )


def _started(history: History, start: str | None) -> _Edited | None:
    if not start:
        return None
    kind, _, name = start.partition(" ")
    document = example_document(name) if kind == "example" else template_document(name)
    return _Edited(history=history.then(document), part="graph", message="", form=True, knobs=True, fit=True)


def _dragged(history: History, dragged: Mapping[str, Any] | None) -> _Edited | None:
    """Nodes that were moved with the mouse or a finger."""
    if dragged is None:
        return None
    document = history.document
    numbers = {f"node {k}": k for k in range(len(document["nodes"]))}
    moved = {
        numbers[one["id"]]: (one["x"] / pictures.SCALE, -one["y"] / pictures.SCALE)
        for one in dragged["nodes"]
        if one["id"] in numbers
    }
    return _Edited(history=history.then(edits.at_places(document, moved))) if moved else None


def _clicked(history: History, by: str, now: Mapping[str, Any]) -> _Edited | None:
    document = history.document
    if by in ("undo", "redo"):
        then = history.undone() if by == "undo" else history.redone()
        return _Edited(history=then, part="graph", form=True, knobs=True)
    if by == "delete":
        if now["part"] == "graph":
            return None
        then = history.then(edits.without(document, now["part"]))
        return _Edited(history=then, part="graph", form=True, knobs=True)
    if by == "add-link":
        if not now["from"] or not now["to"]:
            raise InputError(["a link needs two nodes: choose them below the form, or click one after the other"])
        linked, part = edits.with_link(document, now["from"], now["to"])
        return _Edited(history=history.then(linked), part=part, form=True, knobs=True)
    grown, part = edits.with_node(document, ROLES[by])
    return _Edited(history=history.then(grown), part=part, form=True, knobs=True, fit=True)


def _turned(history: History, name: str, value: Any) -> _Edited | None:
    if value is None:
        return None
    knob = next((knob for knob in edits.knobs(history.document) if knob.name == name), None)
    # A slider that only shows what is there has not been moved.
    if knob is None or abs(knob.position - float(value)) < 1e-9:
        return None
    return _Edited(history=history.then(edits.turned(history.document, name, float(value)), f"{KNOB}{name}"))


def _typed(history: History, part: str, texts: Mapping[str, Any]) -> _Edited | None:
    document = history.document
    try:
        new = edits.with_texts(document, part, {name: text or "" for name, text in texts.items()})
    except KeyError:
        return None
    return _Edited(history=history.then(new, f"field {part}"), knobs=True)


# --- the network ---------------------------------------------------------------------------------------------


def _checked(data: Mapping[str, Any]) -> tuple[Document, Checked]:
    document = json.loads(data["text"])
    return document, check(document)


def _connect_network(app: Dash) -> None:
    @app.callback(
        Output("graph", "elements"),
        Output("graph", "layout"),
        Output("faults", "children"),
        Output("network-title", "children"),
        Output("part-named", "data"),
        Output("link-from-named", "data"),
        Output("link-to-named", "data"),
        Output("undo", "disabled"),
        Output("redo", "disabled"),
        Input("history", "data"),
        Input("fit-turn", "data"),
        State("exact", "data"),
        State("layer", "value"),
    )
    def draw(data: Mapping[str, Any], turn: int, exact: Mapping[str, Any] | None, layer: Any) -> tuple[Any, ...]:
        document, checked = _checked(data)
        nodes = page.pairs(page.named_nodes(document))
        return (
            _elements(document, checked, exact, layer),
            # A layout that differs from the last one is run again, and fits what there is.
            {**page.LAYOUT, "turn": turn},
            page.fault_list([(part_of_fault(document, fault), fault) for fault in checked.faults]),
            str(document["graph"].get("name") or "Network without a name"),
            page.pairs(parts(document)),
            nodes,
            nodes,
            not data["past"],
            not data["future"],
        )

    @app.callback(Output("graph", "stylesheet"), Input("dark", "data"))
    def colours(dark: bool) -> list[Any]:
        return pictures.stylesheet(dark)

    @app.callback(
        Output("form", "children"),
        Output("form-part", "data"),
        Input("part", "data"),
        Input("form-turn", "data"),
        State("history", "data"),
    )
    def show_form(part: str | None, _: int, data: Mapping[str, Any]) -> tuple[Any, str]:
        document = json.loads(data["text"])
        part = part if part in parts(document) else "graph"
        return page.form(document, part), part

    @app.callback(
        Output("form-turn", "data", allow_duplicate=True),
        Input("settled", "data"),
        State("form-turn", "data"),
        prevent_initial_call=True,
    )
    def follow_knobs(data: Mapping[str, Any] | None, turn: int) -> int:
        # The form is made anew when a slider stands still; while something is typed there it is left alone.
        if data is None or not data["key"].startswith(KNOB):
            raise PreventUpdate
        return turn + 1

    @app.callback(
        Output({"fault": ALL}, "children"),
        Input("history", "data"),
        Input("form", "children"),
        State("form-part", "data"),
        State({"fault": ALL}, "id"),
    )
    def show_faults(data: Mapping[str, Any], _: Any, part: str, ids: Sequence[Mapping[str, str]]) -> list[str]:
        document, checked = _checked(data)
        mine = checked.of_part(document, part or "graph")
        places = [name["fault"] for name in ids]
        shown = edits.faults_by_field(mine, [name for name in places if name != "part"])
        return ["\n".join(shown.get(name if name != "part" else "", ())) for name in places]

    @app.callback(Output("knobs", "children"), Input("knob-turn", "data"), State("history", "data"))
    def show_knobs(_: int, data: Mapping[str, Any]) -> list[Any]:
        return [page.knob_row(knob) for knob in edits.knobs(json.loads(data["text"]))]

    @app.callback(
        Output({"knob-words": ALL}, "children"),
        Input("history", "data"),
        State({"knob-words": ALL}, "id"),
        prevent_initial_call=True,
    )
    def show_knob_words(data: Mapping[str, Any], ids: Sequence[Mapping[str, str]]) -> list[Any]:
        said = {knob.name: page.knob_words(knob) for knob in edits.knobs(json.loads(data["text"]))}
        return [said.get(name["knob-words"], no_update) for name in ids]

    @app.callback(
        Output("part", "data", allow_duplicate=True),
        Output("link-from", "data"),
        Output("link-to", "data"),
        Input("graph", "tapNodeData"),
        Input("graph", "tapEdgeData"),
        Input({"goto": ALL, "part": ALL}, "n_clicks"),
        State("link-to", "data"),
        prevent_initial_call=True,
    )
    def choose(node: Mapping[str, Any] | None, edge: Mapping[str, Any] | None, clicks: Sequence[int], last: Any) -> Any:
        by = ctx.triggered_id
        if by == "graph":
            tapped = ctx.triggered[0]["prop_id"]
            if tapped.endswith("tapNodeData") and node:
                # Two nodes that are clicked one after the other are those of the next link.
                return node["id"], last or no_update, node["id"]
            if edge:
                return edge["id"], no_update, no_update
        elif any(clicks):
            return by["part"], no_update, no_update
        raise PreventUpdate


# --- verdict and schemes -------------------------------------------------------------------------------------


def _connect_design(app: Dash) -> None:
    _in_browser(app, "settle", Output("settled", "data"), Input("history", "data"))

    @app.callback(Output("coarse", "data"), Input("history", "data"))
    def coarse(data: Mapping[str, Any]) -> Any:
        document, checked = _checked(data)
        if checked.network is None or len(document["nodes"]) > answers.COARSE_NODES:
            return {"content": checked.content, "refused": list(checked.faults)}
        return answered(checked, lambda network: answers.coarse(network, checked.content))

    @app.callback(
        Output("exact", "data"),
        Input("settled", "data"),
        background=True,
        progress=[Output("working", "children")],
        progress_default=[""],
        interval=250,
    )
    def exact(progress: Callable[[Any], None], data: Mapping[str, Any] | None) -> Any:
        if data is None:
            raise PreventUpdate
        _, checked = _checked(data)
        return answered(
            checked, lambda network: answers.exact(network, checked.content, lambda words: progress([words]))
        )

    # What waits for the design and what does not are apart: Dash calls a function when all of its inputs have come.
    @app.callback(
        Output("first-look", "children"),
        Output("first-look", "hidden"),
        Output("design", "hidden"),
        Input("coarse", "data"),
        Input("history", "data"),
        State("exact", "data"),
    )
    def show_coarse(coarse: Mapping[str, Any] | None, data: Mapping[str, Any], exact: Mapping[str, Any] | None) -> Any:
        _, checked = _checked(data)
        if checked.faults:
            return page.words([["warning", "Mend the faults of the network first."]]), False, True
        if _of(checked, exact) is not None:
            return [], True, False
        first = _of(checked, coarse)
        if first is None or "refused" in first:
            return page.words([["plain", "Working out the design."]]), False, True
        later = f", and with it {', '.join(first['later'])}" if first["later"] else ""
        bound = [] if first["bound"] is None else [["plain", f"Bound without loss: {first['bound']} {first['unit']}."]]
        said = [*bound, ["plain", f"The verdict follows{later}."]]
        return [*page.words(said), page.table(first["table"])], False, True

    @app.callback(
        Output("verdict", "children"),
        Output("schemes", "children"),
        Output("recipe", "children"),
        Output("recipe-box", "hidden"),
        Output("first-look", "hidden", allow_duplicate=True),
        Output("design", "hidden", allow_duplicate=True),
        Input("exact", "data"),
        State("history", "data"),
        prevent_initial_call=True,
    )
    def show_design(exact: Mapping[str, Any] | None, data: Mapping[str, Any]) -> Any:
        _, checked = _checked(data)
        known = _of(checked, exact)
        if known is None or checked.faults:
            # It came late: another network is there by now.
            raise PreventUpdate
        if "refused" in known:
            return page.words([["warning", fault] for fault in known["refused"]]), [], [], True, True, False
        said = known["parts"]
        first = next(k for k, (kind, _) in enumerate(said) if kind == "table")
        table = page.table(said[first][1], marked=0)
        return page.words(said[:first]), table, page.words(said[first + 1 :]), False, True, False


def answered(checked: Checked, work: Callable[[Any], answers.Answer]) -> answers.Answer:
    """An answer about a network, or why there is none."""
    if checked.network is None:
        return {"content": checked.content, "refused": list(checked.faults)}
    try:
        return work(checked.network)
    except InputError as error:
        return {"content": checked.content, "refused": list(error.faults)}
    except (CircuitTooLargeError, PrecisionError) as error:
        return {"content": checked.content, "refused": [str(error)]}


def _of(checked: Checked, answer: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """An answer when it is about this very network."""
    return answer if answer is not None and answer["content"] == checked.content else None


# --- light along the links -----------------------------------------------------------------------------------


def _elements(document: Document, checked: Checked, exact: Mapping[str, Any] | None, layer: Any) -> list[Any]:
    """The graph with the links that light takes, in one layer or in all, where the design is known."""
    known = _of(checked, exact)
    if known is None or not known.get("layers"):
        return pictures.elements(document, checked)
    at = int(layer or 0)
    layers = known["layers"][at - 1 : at] if at else known["layers"]
    lit = {frozenset(step["edge"]) for one in layers for step in one["steps"]}
    return pictures.elements(document, checked, lit, known["starts"])


def _connect_layers(app: Dash) -> None:
    @app.callback(
        Output("layers", "hidden"),
        Output("layer", "max"),
        Output("layer-words", "children"),
        Output("graph", "elements", allow_duplicate=True),
        Input("exact", "data"),
        Input("layer", "value"),
        State("history", "data"),
        prevent_initial_call=True,
    )
    def layers(exact: Mapping[str, Any] | None, layer: Any, data: Mapping[str, Any]) -> Any:
        document, checked = _checked(data)
        known = _of(checked, exact)
        if known is None or not known.get("layers"):
            return True, 0, "", pictures.elements(document, checked)
        drawn = _elements(document, checked, exact, layer)
        count, at = len(known["layers"]), int(layer or 0)
        if not 1 <= at <= count:
            starts = f", from {', '.join(known['starts'])}" if known["starts"] else ""
            words = f"{known['chosen']}: all {count} layers{starts}. Move the slider to see them one by one."
            return False, count, words, drawn
        one = known["layers"][at - 1]
        steps = "; ".join(f"{step['edge'][0]} to {step['edge'][1]}: {step['words']}" for step in one["steps"])
        return False, count, f"{one['title']} ({at} of {count}): {steps}", drawn

    @app.callback(
        Output("layers", "hidden", allow_duplicate=True),
        Input("history", "data"),
        State("exact", "data"),
        State("layers", "hidden"),
        prevent_initial_call=True,
    )
    def hide(data: Mapping[str, Any], exact: Mapping[str, Any] | None, hidden: bool) -> bool:
        _, checked = _checked(data)
        return hidden or _of(checked, exact) is None


# --- what runs beside ----------------------------------------------------------------------------------------


def _beside(app: Dash, name: str, states: Sequence[State], work: Callable[..., Any], *, live: bool = False) -> None:
    """Let the button of a section start its work in a process of its own, tell its progress, and let another button stop it."""
    shown = [Output(f"{name}-progress", "children"), *([Output(f"{name}-live", "data")] if live else [])]

    @app.callback(
        Output(name, "data"),
        Input(f"{name}-start", "n_clicks"),
        State("history", "data"),
        *states,
        background=True,
        running=[
            (Output(f"{name}-start", "disabled"), True, False),
            (Output(f"{name}-stop", "disabled"), False, True),
        ],
        cancel=[Input(f"{name}-stop", "n_clicks")],
        progress=shown,
        interval=250,
        prevent_initial_call=True,
    )
    def run(progress: Callable[[Any], None], clicks: int, data: Mapping[str, Any], *given: Any) -> Any:
        _, checked = _checked(data)
        answer = answered(checked, lambda network: work(network, checked.content, progress, *given))
        return {**answer, "run": clicks}

    run.__name__ = f"run_{name}"


def _shown(
    app: Dash,
    name: str,
    drawn: Callable[[Mapping[str, Any], bool], Any] | None,
    words: Callable[[Mapping[str, Any]], list[Any]],
) -> None:
    """Let the answer of a section be shown when it comes, and be known as that of another network when this one changes.

    These are functions of their own, because Dash keeps one waiting while any of its inputs is being worked out.
    """
    figure = [Output(f"{name}-figure", "figure"), Output(f"{name}-drawn", "hidden")] if drawn is not None else []

    @app.callback(
        output=[
            Output(f"{name}-words", "children"),
            Output(f"{name}-progress", "children", allow_duplicate=True),
            *figure,
        ],
        inputs=[Input(name, "data"), Input("dark", "data"), State("history", "data")],
        prevent_initial_call=True,
    )
    def show(answer: Mapping[str, Any] | None, dark: bool, data: Mapping[str, Any]) -> Any:
        _, checked = _checked(data)
        if answer is None:
            raise PreventUpdate
        known = _of(checked, answer)
        if known is None:
            return [CHANGED, "", *((no_update, True) if drawn is not None else ())]
        if "refused" in known:
            refused = page.words([["warning", fault] for fault in known["refused"]])
            return [refused, "", *((no_update, True) if drawn is not None else ())]
        if drawn is None:
            return [words(known), ""]
        figure = drawn(known, dark)
        return [words(known), "", no_update if figure is None else figure, figure is None]

    hidden = [Output(f"{name}-drawn", "hidden", allow_duplicate=True)] if drawn is not None else []

    @app.callback(
        output=[Output(f"{name}-words", "children", allow_duplicate=True), *hidden],
        inputs=[Input("settled", "data"), State(name, "data")],
        prevent_initial_call=True,
    )
    def change(data: Mapping[str, Any] | None, answer: Mapping[str, Any] | None) -> Any:
        if data is None or answer is None:
            raise PreventUpdate
        _, checked = _checked(data)
        if _of(checked, answer) is not None:
            raise PreventUpdate
        return [CHANGED, *((True,) if drawn is not None else ())]


CHANGED = "The network has changed since; press the button again."
"""What stands where an answer about another network was."""


def _connect_curves(app: Dash) -> None:
    def work(network: Any, content: str, progress: Callable[[Any], None], axis: str | None) -> Any:
        if axis is None:
            raise InputError(["choose what the error is drawn against"])
        return answers.curve(network, content, axis, lambda words: progress([words]))

    _beside(app, "curve", [State("axis", "data")], work)
    _shown(app, "curve", pictures.curve_figure, lambda answer: [])

    @app.callback(Output("axis-named", "data"), Output("axis", "data"), Input("settled", "data"), State("axis", "data"))
    def axes(data: Mapping[str, Any] | None, chosen: str | None) -> Any:
        if data is None:
            raise PreventUpdate
        _, checked = _checked(data)
        if checked.network is None:
            return no_update, no_update
        known = answers.axes_of(checked.network)
        return page.pairs(known), no_update if chosen in known else next(iter(known))


def _connect_privacy(app: Dash) -> None:
    def work(network: Any, content: str, progress: Callable[[Any], None]) -> Any:
        return answers.privacy(network, content, lambda words: progress([words]))

    def frontier(answer: Mapping[str, Any], dark: bool) -> Any:
        return None if answer["frontier"] is None else pictures.frontier_figure(answer["frontier"], dark)

    _beside(app, "revealed", [], work)
    _shown(app, "revealed", frontier, lambda answer: page.words(answer["parts"]))


def _connect_protocols(app: Dash) -> None:
    def work(network: Any, content: str, progress: Callable[[Any], None]) -> Any:
        if not answers.has_columns(network):
            raise InputError(["columns of W are for phases with exactly N photons: give photons"])
        return answers.columns(network, content, lambda words: progress([words]))

    _beside(app, "protocols", [], work)
    _shown(app, "protocols", None, lambda answer: [*page.words(answer["parts"]), *map(page.table, answer["tables"])])

    @app.callback(Output("protocols-section", "hidden"), Input("settled", "data"))
    def hide(data: Mapping[str, Any] | None) -> bool:
        if data is None:
            return True
        _, checked = _checked(data)
        return checked.network is None or not answers.has_columns(checked.network)


def _connect_simulation(app: Dash) -> None:
    counts = (State(name, "value") for name in ("shots", "trials", "seed"))
    states = [State("scheme", "data"), *counts, State("simulated-start", "n_clicks")]
    _beside(app, "simulated", states, _simulated, live=True)
    _shown(app, "simulated", pictures.convergence_figure, lambda answer: page.words(answer["parts"]))

    @app.callback(Output("scheme-named", "data"), Input("exact", "data"))
    def schemes(exact: Mapping[str, Any] | None) -> Any:
        return page.pairs(page.named_schemes(() if exact is None else exact.get("schemes", ())))

    @app.callback(
        Output("simulated-figure", "figure", allow_duplicate=True),
        Output("simulated-drawn", "hidden", allow_duplicate=True),
        Output("simulated-words", "children", allow_duplicate=True),
        Input("simulated-live", "data"),
        Input("simulated-stop", "n_clicks"),
        State("history", "data"),
        State("dark", "data"),
        prevent_initial_call=True,
    )
    def show(live: Mapping[str, Any] | None, stops: int, data: Mapping[str, Any], dark: bool) -> Any:
        _, checked = _checked(data)
        known = _of(checked, live)
        if known is None:
            raise PreventUpdate
        stopped = ctx.triggered_id == "simulated-stop"
        so_far = f"{known['trials']:,} of {known['total']:,} trials"
        # The last of these may come behind the end of the run, whose words are to stay.
        words = page.words([["strong", f"Stopped after {so_far}."]]) if stopped else no_update
        return pictures.convergence_figure(known, dark), False, words

    @app.callback(
        Output("simulated-words", "children", allow_duplicate=True),
        Input("simulated-start", "n_clicks"),
        prevent_initial_call=True,
    )
    def begin(starts: int) -> list[Any]:
        return []


def _simulated(
    network: Any,
    content: str,
    progress: Callable[[Any], None],
    scheme: str | None,
    shots: str | None,
    trials: str | None,
    seed: str | None,
    run: int,
) -> answers.Answer:
    def show(answer: answers.Answer) -> None:
        progress([f"{answer['trials']:,} of {answer['total']:,} trials", {**answer, "run": run}])

    counts = {name: _whole(text) for name, text in (("shots", shots), ("trials", trials), ("seed", seed))}
    return answers.simulation(network, content, scheme=scheme, show=show, **counts)


def latest(done: Mapping[str, Any] | None, live: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The result of the last run, or what there is of it.

    >>> latest({"run": 1}, {"run": 2}), latest({"run": 2, "mse": 1}, {"run": 2}), latest(None, None)
    ({'run': 2}, {'run': 2, 'mse': 1}, None)
    """
    if done is None or live is None:
        return live if done is None else done
    return live if live["run"] > done["run"] else done


def _whole(text: str | None) -> Any:
    """What is typed as a whole number; anything else is for the simulation to refuse, in its words."""
    said = (text or "").strip().replace(",", "").replace("_", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 40 else text


# --- files and lines -----------------------------------------------------------------------------------------


def _connect_files(app: Dash) -> None:
    @app.callback(
        Output("download", "data"),
        Output("message", "children", allow_duplicate=True),
        Input("save-json", "n_clicks"),
        Input("save-graphml", "n_clicks"),
        Input("drawing-svg", "n_clicks"),
        Input("drawing-png", "n_clicks"),
        *(Input(f"{name}-csv", "n_clicks") for name in FIGURES),
        State("history", "data"),
        State("curve", "data"),
        State("revealed", "data"),
        State("simulated", "data"),
        State("simulated-live", "data"),
        prevent_initial_call=True,
    )
    def save(*given: Any) -> Any:
        data, curve, revealed, simulated, live = given[-5:]
        document, checked = _checked(data)
        name, by = plain_name(document), ctx.triggered_id
        if by == "save-json":
            # As it is, faults included, so that work on it can go on elsewhere.
            return {"content": data["text"], "filename": f"{name}.json"}, f"saved {name}.json"
        tables: dict[str, Any] = {
            "curve-csv": curve,
            "revealed-csv": revealed and revealed.get("frontier"),
            "simulated-csv": latest(simulated, live),
        }
        if by in tables:
            if not tables[by] or "csv" not in tables[by]:
                raise PreventUpdate
            file = f"{name}_{by.partition('-')[0]}.csv"
            return {"content": tables[by]["csv"], "filename": file}, f"saved {file}"
        if checked.network is None:
            return no_update, "this needs a network without faults; mend them first, or save it as .json"
        if by == "save-graphml":
            try:
                text = checked_text(checked.network, ".graphml")
            except InputError as error:
                return no_update, str(error)
            return {"content": text, "filename": f"{name}.graphml"}, f"saved {name}.graphml"
        return _drawing(checked.network, f"{name}.{by.partition('-')[2]}")

    @app.callback(
        Output("command-lines", "children"),
        Output("python-lines", "children"),
        Input("settled", "data"),
        Input("axis", "data"),
        Input("simulated-words", "children"),
        State("simulated", "data"),
    )
    def lines(data: Mapping[str, Any] | None, axis: str | None, _: Any, simulated: Mapping[str, Any] | None) -> Any:
        if data is None:
            raise PreventUpdate
        document, checked = _checked(data)
        file = f"{plain_name(document)}.json"
        more = [["plot", axis, file, "--out", f"{axis}.svg"]] if axis else []
        more.append(["privacy", file])
        if checked.network is not None and answers.has_columns(checked.network):
            alpha = ",".join(map(str, checked.network.function.alpha))
            photons, passes = str(checked.network.photons), str(checked.network.passes)
            more.append(["enumerate", f"--alpha={alpha}", "--photons", photons, "--passes", passes])
        known = _of(checked, simulated)
        if known is not None and "mse" in known:
            options = {name: str(known[name]) for name in ("scheme", "estimator", "shots", "seed")}
            words = [word for name, value in options.items() for word in (f"--{name}", value)]
            more.append(["simulate", file, *words, "--trials", str(known["total"])])
        return answers.commands(file, *more), answers.python_lines(file)

    for name in FIGURES:
        for kind in ("svg", "png"):
            saved = Output("saved-figure", "data", allow_duplicate=True)
            _in_browser(app, "saveFigure", saved, Input(f"{name}-{kind}", "n_clicks"))
    _in_browser(app, "watch", Output("dark", "data"), Input("dark", "id"))
    for name in page.CHOICES:
        shown = Output("shown-choice", "data", allow_duplicate=True)
        _in_browser(app, "showChoice", shown, Input(name, "data"), Input(f"{name}-named", "data"), State(name, "id"))


def _in_browser(app: Dash, function: str, output: Output, *given: Input | State) -> None:
    """Let a function of assets/explorer.js answer."""
    place = ClientsideFunction(namespace="explorer", function_name=function)
    # Several functions with one output must not begin by themselves, says Dash, or say that their order does not matter.
    begins = "initial_duplicate" if output.allow_duplicate else False
    app.clientside_callback(place, output, *given, prevent_initial_call=begins)  # type: ignore[no-untyped-call]  # of Dash


def _drawing(network: Any, file: str) -> Any:
    from networks.drawing import draw_network
    from protocols.reports.page import saved

    drawing = draw_network(network)
    content = saved(drawing.figure, f".{file.rpartition('.')[2]}")
    return {"content": base64.b64encode(content).decode(), "base64": True, "filename": file}, f"saved {file}"
