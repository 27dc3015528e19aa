"""What can be drawn of a design and of layouts, each in the form that ``plot`` of a result takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from networks import InputError, SensorNetwork
from networks.drawing import draw_network
from networks.pictures import Drawing
from protocols.design import Design
from protocols.layout.layout import Layouts
from protocols.privacy.report import PrivacyReport, network_information
from protocols.problem import Problem
from protocols.reports.figures import draw_information
from protocols.reports.frames import squared_unit
from protocols.reports.layout_figures import draw_layers, draw_layout
from protocols.reports.view import UNITS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def design_network(result: Design, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """The network of a design."""
    return draw_network(result.network, ax=ax, width_cm=width_cm)


def design_layout(result: Design, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """The light of the chosen scheme on the graph; InputError where it takes no links."""
    layouts = _layouts(result)
    return draw_layout(result.network, layouts, mse=result.chosen.mse, ax=ax, width_cm=width_cm)


def design_layers(result: Design, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """The light of the chosen scheme in layers; InputError where it takes no links."""
    layouts = _layouts(result)
    return draw_layers(result.network, layouts, mse=result.chosen.mse, ax=ax, width_cm=width_cm)


def _layouts(result: Design) -> Layouts:
    if result.physical is None:
        raise InputError(
            [f"the chosen scheme, {result.chosen.plan.scheme}, sends no light along links, so it has no layout to draw"]
        )
    return result.physical


def design_information(result: Design, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """The quantum Fisher matrix of the chosen scheme as built."""
    network, built = result.network, result.chosen.built
    information = network_information(built.as_built, Problem.of(network))
    title = f"Fisher matrix of {built.as_built.scheme}, MSE {built.mse:.4g} {squared_unit(UNITS[network.sensing])}"
    return draw_information(network, information, title, ax=ax, width_cm=width_cm)


def privacy_information(report: PrivacyReport, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """The quantum Fisher matrix of a privacy report."""
    title = f"Fisher matrix of {report.scheme}, privacy {report.privacy:.4g}"
    return draw_information(report.network, report.information, title, ax=ax, width_cm=width_cm)


def layouts_on_graph(
    layouts: Layouts, *, network: SensorNetwork, ax: Axes | None = None, width_cm: float | None = None
) -> Drawing:
    """Layouts on the graph of the network they were made for."""
    return draw_layout(network, layouts, ax=ax, width_cm=width_cm)


def layouts_in_layers(
    layouts: Layouts, *, network: SensorNetwork, ax: Axes | None = None, width_cm: float | None = None
) -> Drawing:
    """Layouts in layers, with the network they were made for."""
    return draw_layers(network, layouts, ax=ax, width_cm=width_cm)
