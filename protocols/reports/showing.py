"""One verb that shows any result: on a terminal, as plain text, as Markdown, as HTML.

Which function describes which class is listed here once; a result of a user's own shows itself when it has a method ``view()``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from networks import InputError
from protocols.documents.result import Format
from protocols.reports.rendering import html_text, markdown, plain_text, print_view, short_text
from protocols.reports.view import View
from protocols.tables import Table, all_digits

if TYPE_CHECKING:
    from rich.console import Console

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
    for cls in type(result).__mro__:
        place = _VIEWS.get(f"{cls.__module__}:{cls.__qualname__}")
        if place is not None:
            module, _, name = place.partition(":")
            describe: Callable[[object], View] = getattr(importlib.import_module(f"protocols.reports.{module}"), name)
            with all_digits():
                return describe(result)
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


def short(result: object) -> str:
    """The repr of a result: its class and what matters, below 1,500 characters.

    Parameters
    ----------
    result : as for ``show``
    """
    return short_text(type(result).__name__, view_of(result))
