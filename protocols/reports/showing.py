"""One verb that shows any result: on a terminal, as plain text, as Markdown, as HTML; one that draws it, one that makes its table.

Which function describes, draws and tabulates which class is listed here once; a result of a user's own shows itself when it has a
method ``view()``.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from networks import Drawing, InputError, SensorNetwork
from networks.errors import short_repr
from networks.html import MAX_DRAWN
from networks.pictures import img_of
from protocols.documents.result import Format
from protocols.reports.rendering import html_text, markdown, plain_text, print_view, short_text
from protocols.reports.view import View
from protocols.tables import Table, all_digits

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from rich.console import Console

T = TypeVar("T")

_VIEWS = {
    "protocols.design:Design": "design_view:design_view",
    "protocols.ranking.candidates:Candidate": "design_view:candidate_view",
    "protocols.theory.bounds:BoundsTable": "bounds_view:bounds_view",
    "protocols.layout.layout:Layouts": "design_view:layouts_view",
    "protocols.loss.report:LossReport": "loss_view:loss_view",
    "protocols.privacy.report:PrivacyReport": "privacy_views:privacy_view",
    "protocols.privacy.hiding:PrivateDesign": "privacy_views:private_design_view",
    "protocols.theory.duality:Duality": "privacy_views:duality_view",
    "protocols.estimation.simulation:Simulation": "simulation_views:simulation_view",
    "protocols.estimation.analytic:FunctionSimulation": "simulation_views:function_simulation_view",
    "protocols.estimation.several:TargetsSimulation": "simulation_views:targets_simulation_view",
    "protocols.sweeps.results:SweepReport": "sweep_views:sweep_view",
    "protocols.sweeps.curves:Curves": "sweep_views:curves_view",
    "protocols.sweeps.running:SweepOutcome": "sweep_views:outcome_view",
    "protocols.conditions:CheckReport": "protocol_views:check_view",
    "protocols.wmatrix.enumeration:Enumeration": "protocol_views:enumeration_view",
    "protocols.wmatrix.objectives:Best": "protocol_views:best_view",
    "protocols.wmatrix.objectives:Sample": "protocol_views:sample_view",
    "protocols.wmatrix.protocol:PhotonProtocol": "protocol_views:protocol_view",
    "protocols.wmatrix.certificate:Certificate": "protocol_views:certificate_view",
    "protocols.wmatrix.task:PhotonTask": "protocol_views:task_view",
    "protocols.hardware.table:HardwareTable": "hardware_views:table_view",
    "protocols.hardware.pair_plan:PairPlan": "hardware_views:plan_view",
    "protocols.hardware.pair_estimate:PairEstimate": "hardware_views:estimate_view",
    "protocols.hardware.compiling:Compiled": "hardware_views:compiled_view",
    "photonics.circuits.meshes:Mesh": "mesh_view:mesh_view",
}
"""The function of this room that describes values of a class, or of one below it; loaded when it is needed."""

_DRAWERS: dict[str, dict[str, str]] = {
    "protocols.design:Design": {
        "bounds": "bounds_figure:draw_comparison",
        "network": "design_figures:design_network",
        "layout": "design_figures:design_layout",
        "layers": "design_figures:design_layers",
        "fisher": "design_figures:design_information",
    },
    "protocols.theory.bounds:BoundsTable": {
        "bounds": "dot_figures:draw_bounds",
        "tradeoff": "dot_figures:draw_tradeoff",
    },
    "protocols.layout.layout:Layouts": {
        "layout": "design_figures:layouts_on_graph",
        "layers": "design_figures:layouts_in_layers",
    },
    "protocols.loss.report:LossReport": {"errors": "dot_figures:draw_loss"},
    "protocols.privacy.report:PrivacyReport": {
        "region": "plotting:draw_privacy",
        "fisher": "design_figures:privacy_information",
    },
    "protocols.theory.duality:Duality": {"region": "plotting:draw_duality"},
    "protocols.estimation.simulation:Simulation": {
        "errors": "dot_figures:draw_simulation",
        "coverage": "dot_figures:draw_coverage",
    },
    "protocols.sweeps.results:SweepReport": {"errors": "sweep_figures:draw_sweep"},
    "protocols.sweeps.curves:Curves": {"errors": "curve_figures:draw_curves"},
    "protocols.wmatrix.protocol:PhotonProtocol": {"columns": "protocol_figures:draw_protocol"},
    "protocols.wmatrix.enumeration:Enumeration": {"columns": "protocol_figures:draw_one_of"},
    "protocols.wmatrix.objectives:Best": {"columns": "protocol_figures:draw_one_of"},
    "protocols.wmatrix.objectives:Sample": {"columns": "protocol_figures:draw_one_of"},
    "photonics.circuits.meshes:Mesh": {"layers": "mesh_figures:draw_mesh"},
}
"""The functions of this room that draw values of a class, by kind; the first is what ``plot`` draws where nothing is said."""
_IN_NOTEBOOKS = {"protocols.design:Design": "network"}
"""The picture beside the text in a notebook, where it is not the first; layouts do not know the network they need for theirs."""
_TABLES = {
    "protocols.design:Design": "result_tables:design_rows",
    "protocols.theory.bounds:BoundsTable": "result_tables:bounds_rows",
    "protocols.layout.layout:Layouts": "result_tables:layout_rows",
    "protocols.loss.report:LossReport": "result_tables:loss_rows",
    "protocols.privacy.report:PrivacyReport": "result_tables:privacy_rows",
    "protocols.estimation.simulation:Simulation": "result_tables:simulation_rows",
    "protocols.sweeps.results:SweepReport": "result_tables:sweep_rows",
    "protocols.sweeps.curves:Curves": "result_tables:curve_rows",
    "protocols.wmatrix.enumeration:Enumeration": "result_tables:protocol_rows",
    "protocols.wmatrix.objectives:Best": "result_tables:protocol_rows",
    "protocols.wmatrix.objectives:Sample": "result_tables:protocol_rows",
    "protocols.conditions:CheckReport": "result_tables:check_rows",
    "protocols.estimation.several:TargetsSimulation": "result_tables:targets_rows",
    "protocols.hardware.table:HardwareTable": "result_tables:hardware_rows",
}
"""The function of this room that makes the rows of a class."""


def _entry(result: object, known: Mapping[str, T]) -> T | None:
    """What a table has for the class of a result, or for one below it."""
    places = (f"{cls.__module__}:{cls.__qualname__}" for cls in type(result).__mro__)
    return next((known[place] for place in places if place in known), None)


def _function(place: str) -> Callable[..., Any]:
    """The function of this room at "module:name"."""
    module, _, name = place.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(f"protocols.reports.{module}"), name)
    return function


def view_of(result: object) -> View:
    """The description of a result.

    Parameters
    ----------
    result : any result of a public function, or what has a method ``view()`` that returns a ``View``

    Raises
    ------
    InputError
        For what has no description.
    """
    if isinstance(result, Table):
        return View(title=result.title, parts=(result,), summary=(f"{len(result.rows)} rows",), titled=False)
    place = _entry(result, _VIEWS)
    if place is not None:
        with all_digits():
            view: View = _function(place)(result)
            return view
    own = getattr(result, "view", None)
    made = own() if callable(own) else None
    if isinstance(made, View):
        return made
    raise InputError([f"there is no description of a {type(result).__name__}; results of public functions have one"])


def show(result: object, format: Format = "terminal", *, console: Console | None = None) -> None:
    """Show a result on standard output, as ``psn`` does.

    Parameters
    ----------
    result : Design, LossReport, PrivacyReport, Simulation, BoundsTable, ...; a Table; or a View
    format : {"terminal", "plain", "markdown", "html"}
        With colours and as wide as the terminal; or text to keep.
    console : rich.console.Console, optional
        Where to show it, for the format "terminal".

    Raises
    ------
    InputError
        For another format, or what is no result.

    Examples
    --------
    >>> from protocols import check_protocol
    >>> show(check_protocol({"alpha": [1], "photons": 1, "passes": 1, "columns": [[1]], "repeats": [1]}), "markdown")
    ... # doctest: +ELLIPSIS
    # Conditions of an optimal photon protocol
    <BLANKLINE>
    - yes: columns belong to W, (27): ...
    """
    view = result if isinstance(result, View) else view_of(result)
    if format == "terminal":
        from rich.console import Console

        print_view(console or Console(highlight=False), view)
        return
    if format not in _TEXTS:
        raise InputError([f"format must be terminal, {', '.join(_TEXTS)}, got {str(format)[:40]!r}"])
    print(_TEXTS[format](view), end="" if format != "html" else "\n")


_TEXTS: dict[str, Callable[[View], str]] = {"plain": plain_text, "markdown": markdown, "html": html_text}


def to_markdown(result: object) -> str:
    """A result as Markdown, with tables as GitHub draws them; see ``show``.

    Parameters
    ----------
    result : as for ``show``
    """
    return markdown(result if isinstance(result, View) else view_of(result))


def to_html(result: object) -> str:
    """A result as a piece of HTML, every text escaped: what notebooks show; see ``show``.

    Parameters
    ----------
    result : as for ``show``
    """
    return html_text(result if isinstance(result, View) else view_of(result))


def to_notebook(result: object) -> str:
    """A result as HTML with the picture that says most of it, as notebooks show it.

    Parameters
    ----------
    result : as for ``show``
    """
    view = result if isinstance(result, View) else view_of(result)
    kinds = _entry(result, _DRAWERS) or {}
    kind = _entry(result, _IN_NOTEBOOKS) or next(iter(kinds), None)
    picture = ""
    large = isinstance(drawn := getattr(result, "network", None), SensorNetwork) and len(drawn.modes) > MAX_DRAWN
    if kind is not None and not large and not _needed(_function(kinds[kind])):
        try:
            picture = img_of(plot(result, kind).figure, f"{kind} of {view.title}")
        except InputError:
            # What has no picture, as errors without end, is told by its text alone.
            picture = ""
    return html_text(view, picture=picture)


def _needed(function: Callable[..., Any]) -> list[str]:
    """The options that a drawer cannot do without."""
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]


def plot(
    result: object, kind: str | None = None, *, ax: Axes | None = None, width_cm: float | None = None, **options: Any
) -> Drawing:
    """Draw a result: in a figure of its own, or on axes that are given.

    Parameters
    ----------
    result : Design, BoundsTable, LossReport, PrivacyReport, Duality, Simulation, SweepReport, Curves, Layouts, PhotonProtocol, ...
    kind : str, optional
        What to draw of it, as docs/how-to/results.md lists; the first that its class has when left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure, attached to no window, when left out.
    width_cm : float, optional
        Of the new figure, from 3 to 200.
    options
        Of the kind: ``sensing`` of bounds, ``network`` of layouts, ``number`` of listed protocols, ``title`` of a mesh.

    Returns
    -------
    Drawing
        ``figure, axes``; a notebook shows it, once.

    Raises
    ------
    InputError
        For another kind, options that it does not have, and results of which nothing can be drawn.

    Examples
    --------
    >>> from protocols import bounds_table
    >>> figure, axes = plot(bounds_table([3, -1], photons=4), width_cm=8.6)
    >>> axes.get_xscale()
    'log'
    """
    kinds = _entry(result, _DRAWERS)
    if kinds is None:
        raise InputError([f"there is no picture of a {type(result).__name__}"])
    if kind is not None and kind not in kinds:
        raise InputError([f"a {type(result).__name__} is drawn as {', '.join(kinds)}, got {short_repr(kind)}"])
    draw = _function(kinds[next(iter(kinds)) if kind is None else kind])
    known = inspect.signature(draw).parameters
    own = [name for name, p in known.items() if p.kind is p.KEYWORD_ONLY and name not in ("ax", "width_cm")]
    faults = [
        f"there is no option {name!r}; " + (f"there are {', '.join(own)}" if own else "there is none here")
        for name in options
        if name not in own
    ]
    faults += [f"{name} is needed: {_NEEDED[name]}" for name in _needed(draw) if name not in options]
    if faults:
        raise InputError(faults)
    drawing: Drawing = draw(result, ax=ax, width_cm=width_cm, **options)
    return drawing


_NEEDED = {"network": "a layout does not know the network it was made for; give it as network="}


def to_pandas(result: object) -> pd.DataFrame:
    """The table of a result as a pandas frame: plain names of columns, full precision, units beside.

    Parameters
    ----------
    result : Result or Table
        Design, BoundsTable, LossReport, PrivacyReport, Simulation, TargetsSimulation, SweepReport, Curves, Layouts, Enumeration,
        Best, Sample, CheckReport or HardwareTable.

    Returns
    -------
    pandas.DataFrame
        ``frame.attrs`` holds the ``title`` and the ``units`` of the columns that have one.

    Raises
    ------
    InputError
        For a result that has no table.
    ImportError
        Naming the extra, when pandas is not there.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols import design
    >>> frame = to_pandas(design(SensorNetwork.chain([1, -1], sensing="phase", photons=2)))
    >>> frame["scheme"][0], float(frame["mse"][0]), frame.attrs["units"]["mse"]
    ('multimode-noon', 0.25, 'rad^2')
    """
    from protocols.tables import to_pandas as frame_of

    if isinstance(result, Table):
        frame: pd.DataFrame = frame_of(result)
        frame.attrs = {"title": result.title, "units": {}}
        return frame
    place = _entry(result, _TABLES)
    if place is None:
        raise InputError([f"a {type(result).__name__} has no table; results of several rows do"])
    table, units = _function(place)(result)
    frame = frame_of(table)
    frame.attrs = {"title": table.title, "units": units}
    return frame


def short(result: object) -> str:
    """The repr of a result: its class and what matters, below 1,500 characters.

    Parameters
    ----------
    result : as for ``show``
    """
    return short_text(type(result).__name__, view_of(result))
