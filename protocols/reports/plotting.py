"""Figures of commands, written whole to a file in the format that its name asks for."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from networks import InputError, SensorNetwork
from networks.drawing import draw_network
from networks.errors import meant, short_repr
from networks.files.text import write_whole
from networks.pictures import Drawing
from protocols.built.built import Built
from protocols.layout.along_links import why_not
from protocols.layout.layout import Layouts
from protocols.privacy.report import PrivacyReport, network_information
from protocols.problem import GaussianProblem, PhaseProblem, Problem
from protocols.ranking.candidates import rank_plans
from protocols.reports import figures
from protocols.reports.frames import squared_unit
from protocols.reports.layout_figures import draw_layers, draw_layout
from protocols.reports.page import FigurePage, saved
from protocols.reports.view import UNITS
from protocols.theory.directions import Directions
from protocols.theory.duality import Duality, displacement_frontier, photonic_region
from protocols.theory.equal_errors import same_error
from protocols.theory.reachable import RegionSide, photonic_side

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUFFIXES = (".svg", ".pdf", ".png")
CURVE_POINTS = 65
"""On each side of a curved region."""


def plot(
    network: SensorNetwork,
    kind: str,
    path: Path,
    page: FigurePage | None = None,
    *,
    start: float | None = None,
    stop: float | None = None,
    points: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Draw ``kind`` (a key of KINDS, or an axis of errors) and write it to ``path``, whose ending picks SVG, PDF or PNG.

    Raises
    ------
    InputError
        For another ending, an unknown kind, values that an axis cannot have, or a file that cannot be written, before anything is
        computed where possible.
    """
    page = page or FigurePage()
    faults = [*kind_faults(kind, start, stop, points), *path_faults(path)]
    if faults:
        raise InputError(faults)
    if kind in KINDS:
        return write_figure(KINDS[kind](network, page.width_cm), path, page)
    from protocols.reports.curve_figures import draw_curves
    from protocols.sweeps.curves import error_curves

    curves = error_curves(network, kind, start=start, stop=stop, points=points, progress=progress)
    return write_figure(draw_curves(curves, width_cm=page.width_cm), path, page)


def kind_faults(kind: str, start: float | None, stop: float | None, points: int | None) -> list[str]:
    """What is wrong with the kind of a figure, or with an axis given for one without."""
    from protocols.sweeps.curves import AXES

    if kind not in (*KINDS, *AXES):
        return [
            f"there is no plot {short_repr(kind)}; known are {', '.join(KINDS)}, and errors along {', '.join(AXES)}"
            f"{meant(kind, (*KINDS, *AXES))}"
        ]
    given = [f"--{n}" for n, v in (("start", start), ("stop", stop), ("points", points)) if v is not None]
    return [f"{', '.join(given)}: for errors along an axis, not for {kind}"] if given and kind in KINDS else []


def write_figure(drawing: Drawing, path: Path, page: FigurePage | None = None) -> Path:
    """Write a figure whole, in the format of the path's ending."""
    write_whole(path, saved(drawing.figure, path.suffix, (page or FigurePage()).dpi))
    return path


def path_faults(path: Path) -> list[str]:
    """What keeps a figure from being written there."""
    return out_faults(path, SUFFIXES)


def out_faults(path: Path, suffixes: Sequence[str]) -> list[str]:
    """What keeps a file of one of these kinds from being written there."""
    if path == Path():
        return ["--out must name a file, got nothing"]
    faults = []
    if path.suffix not in suffixes:
        faults.append(f"--out must end in one of {', '.join(suffixes)}, got {str(path)!r}")
    if not path.absolute().parent.is_dir():
        faults.append(f"--out: there is no folder {str(path.parent)!r}")
    elif path.is_dir():
        faults.append(f"--out: {str(path)!r} is a folder")
    return faults


def new_file_faults(paths: Sequence[Path], suffixes: Sequence[str]) -> list[str]:
    """What keeps new files of these kinds from being written there; what exists is not written over."""
    faults = []
    for path in paths:
        faults += out_faults(path, suffixes)
        if path.is_file():
            faults.append(f"--out: {str(path)!r} exists already; remove it or name another file")
        elif path.absolute().parent.is_dir() and not os.access(path.absolute().parent, os.W_OK):
            faults.append(f"--out: no permission to write in {str(path.parent)!r}")
    if len({path.resolve() for path in paths}) < len(paths):
        faults.append("--out names a file twice")
    return faults


def _information(network: SensorNetwork, width_cm: float | None) -> Drawing:
    problem = Problem.of(network)
    built = rank_plans(problem).built[0]
    whole = network_information(built.as_built, problem)
    title = f"Fisher matrix of {built.as_built.scheme}, MSE {built.mse:.4g} {squared_unit(UNITS[network.sensing])}"
    return figures.draw_information(network, whole, title, width_cm=width_cm)


def _network(network: SensorNetwork, width_cm: float | None) -> Drawing:
    return draw_network(network, width_cm=width_cm)


def _bounds(network: SensorNetwork, width_cm: float | None) -> Drawing:
    from protocols.design import design
    from protocols.reports.bounds_figure import draw_comparison

    return draw_comparison(design(network), width_cm=width_cm)


def _layout(network: SensorNetwork, width_cm: float | None) -> Drawing:
    built, layout, said = _laid_out(network)
    return draw_layout(network, layout, mse=built.mse, said=said, width_cm=width_cm)


def _layers(network: SensorNetwork, width_cm: float | None) -> Drawing:
    built, layout, said = _laid_out(network)
    return draw_layers(network, layout, mse=built.mse, said=said, width_cm=width_cm)


def _laid_out(network: SensorNetwork) -> tuple[Built, Layouts, str]:
    """The best of the schemes whose light takes links, its layout, and what is better where that is not the best of all."""
    problem = Problem.of(network)
    first, *others = rank_plans(problem).built
    name = first.as_built.scheme
    if first.layout is not None:
        return first, first.layout, ""
    for built in others:
        if built.layout is not None:
            size = "the same" if same_error(first.mse, built.mse) else f"{first.mse:.4g}"
            said = f"this is {built.as_built.scheme}; the best scheme here is {name}, which needs no links, with {size}"
            return built, built.layout, said
    why = why_not(problem) if network.links else "the network has no links"
    raise InputError([f"no scheme has a layout along links here: {name}, the best, needs none, and {why}"])


KINDS: dict[str, Callable[[SensorNetwork, float | None], Drawing]] = {
    "network": _network,
    "bounds": _bounds,
    "layout": _layout,
    "layers": _layers,
    "fisher": _information,
}
"""What can be drawn beside errors along an axis, by name; functions take the width in cm."""


def draw_duality(result: Duality, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """The regions of qubits and photons with the published line, and what no state goes beyond where more may be reached.

    Parameters
    ----------
    result : Duality
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.
    width_cm : float, optional
        Of the new figure, from 3 to 200; 12 when left out.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> from protocols import duality
    >>> figure, axes = draw_duality(duality([1, 2], [2, -1]))
    >>> axes.lines[0].get_xydata().tolist()
    [[0.0, 0.0], [0.2, 1.8], [1.8, 0.2], [0.0, 0.0]]
    """
    w, v = result.directions.vectors
    several = "" if result.passes == 1 else f", M = {result.passes}"
    exactly = "exact" if result.lower.exact else "at least"
    regions = [(f"{len(w)} qubits{several}, {exactly}", closed_region(result.region))]
    sides = [("qubits", result.lower)]
    if result.photonic_lower is not None:
        exactly = "exact at the dots" if result.photonic_lower.exact else "at least"
        label = f"N = {result.photons} photons, M = {result.passes}, {exactly}"
        regions.append((label, closed_region(result.photonic_region)))
        sides.append(("photons", result.photonic_lower))
    limits = [(f"no state of {light} lies below", _limit_curve(side)) for light, side in sides if not side.exact]
    title = f"w along {_short(w)}, v along {_short(v)}"
    return figures.draw_region(
        title, ("F(w)", "F(v)"), regions, published=float(result.published_cap), limits=limits, ax=ax, width_cm=width_cm
    )


def closed_region(corners: Sequence[tuple[Fraction | float, Fraction | float]]) -> list[tuple[float, float]]:
    """The corners of a region all around it, from the origin, where a state that is no superposition is."""
    return [(0.0, 0.0), *((float(x), float(y)) for x, y in corners), (0.0, 0.0)]


def _limit_curve(side: RegionSide) -> list[tuple[float, float]]:
    """Points of a side's limit, which is straight in the roots of both informations."""
    roots = [(math.sqrt(x), math.sqrt(y)) for x, y in side.limit]
    points = [roots[0]]
    for (a, b), (c, d) in itertools.pairwise(roots):
        points += [(a + (c - a) * k / CURVE_POINTS, b + (d - b) * k / CURVE_POINTS) for k in range(1, CURVE_POINTS + 1)]
    return [(x * x, y * y) for x, y in points]


def draw_privacy(report: PrivacyReport, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """What any light can know of q and of the most exposed parameter's part across it, with the network's own place.

    Parameters
    ----------
    report : PrivacyReport
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.
    width_cm : float, optional
        Of the new figure, from 3 to 200; 12 when left out.

    Returns
    -------
    Drawing

    Raises
    ------
    InputError
        For networks of one parameter, which have no direction across q, and for phases under light of a mean photon number.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols import privacy_report
    >>> figure, axes = draw_privacy(privacy_report(SensorNetwork.chain([1, -1], sensing="phase", photons=2)))
    >>> axes.collections[-1].get_offsets().round(9).tolist()
    [[8.0, 0.0]]
    """
    frontier = privacy_frontier(report)
    network = report.network
    return figures.draw_region(
        f"{network.name}\n{network.summary}\n{report.scheme}",
        frontier.axes,
        [(frontier.label, frontier.region)],
        point=frontier.here,
        ax=ax,
        width_cm=width_cm,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyFrontier:
    """What any light can know of q and of one parameter's part across it.

    Attributes
    ----------
    axes : (str, str)
        What is known along either.
    label : str
        Of which light.
    region : tuple of (float, float)
        Its corners, or points of its curve, closed.
    here : (float, float)
        What the scheme of the report knows.
    """

    axes: tuple[str, str]
    label: str
    region: tuple[tuple[float, float], ...]
    here: tuple[float, float]


def privacy_frontier(report: PrivacyReport) -> PrivacyFrontier:
    """The frontier of a network for the parameter that is exposed most.

    Parameters
    ----------
    report : PrivacyReport

    Raises
    ------
    InputError
        For networks of one parameter, which have no direction across q, and for phases under light of a mean photon number, of
        which nothing limits what all light can know (states (11) of BEGG).
    """
    import numpy as np

    problem = Problem.of(report.network)
    if isinstance(problem, GaussianProblem):
        raise InputError(
            [
                "there is no frontier to draw: of a mean photon number nothing limits what all light can know of phases "
                "(BEGG (11)); give photons for that of exactly N"
            ]
        )
    a = report.network.function.alpha
    square = sum((x * x for x in a), Fraction(0))
    if len(a) == 1:
        raise InputError(["a network of one parameter has no direction across q to draw"])
    others = [j for j in range(len(a)) if a[j] ** 2 != square]
    exposed = max(others, key=lambda j: report.information[j, j] * float(1 - a[j] ** 2 / square))
    across = [Fraction(int(j == exposed)) - a[exposed] * x / square for j, x in enumerate(a)]
    directions = Directions.of([a, across])
    along, aside = (float(u @ report.information @ u) for u in np.array(directions.units()))
    if isinstance(problem, PhaseProblem):
        reference = problem.reference is not None
        region = closed_region(photonic_region(directions, problem.photons, problem.passes, reference=reference))
        light = f"N = {problem.photons} photons, M = {problem.passes}, no loss"
        exact = photonic_side(directions, problem.photons, problem.passes, reference=reference).exact
        label = f"any light of {light}" if exact else f"light of {light}: at least"
    else:
        # A lossy mode may know less of both than any light without loss: its place then lies below this region.
        sides = displacement_frontier(problem.mean_photons, problem.passes, CURVE_POINTS).region
        region = [*sides, sides[0]]
        controls = ", no controls" if problem.passes > 1 else ""
        label = f"any light of {problem.mean_photons:g} photons on average, no loss{controls}"
    return PrivacyFrontier(
        axes=("information on q (unit direction)", f"on theta of {problem.sensor_modes[exposed]}, the part across q"),
        label=label,
        region=tuple((float(x), float(y)) for x, y in region),
        here=(along, aside),
    )


def _short(vector: Sequence[int]) -> str:
    return "(" + ", ".join(map(str, vector[:6])) + (", ..." if len(vector) > 6 else "") + ")"
