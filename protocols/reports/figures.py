"""Figures of regions of information and of Fisher matrices; every other kind has a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from networks import InputError, SensorNetwork
from networks.canvas import POINTS_PER_CM, text_size, wrapped
from networks.drawing import MAX_LETTERS, short
from networks.pictures import Drawing
from protocols.reports.frames import (
    BOUND,
    COLOURS,
    LABEL,
    TICK,
    Frame,
    plain_axes,
    squared_unit,
)
from protocols.reports.view import UNITS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

MAX_DOTS = 150
"""Corners of a region that are drawn as dots; more would be a thick line."""
MAX_NUMBERED, MAX_NAMED = 12, 40
"""Sensors up to which a matrix has its numbers written in it, and names."""


def draw_information(
    network: SensorNetwork,
    information: ArrayLike,
    title: str = "quantum Fisher matrix",
    *,
    ax: Axes | None = None,
    width_cm: float | None = None,
) -> Drawing:
    """A Fisher matrix as a heat map, red where it is positive and blue where it is negative.

    Parameters
    ----------
    network : SensorNetwork
        Whose sensors name rows and columns.
    information : (d, d) array of float
        In 1/rad^2, or one over the variance of the vacuum for displacements.
    title : str
        Below the name of the network.
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
        When the matrix is not one of finite numbers with a row for each sensor.

    Examples
    --------
    >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    >>> figure, axes = draw_information(pair, [[4.0, -4.0], [-4.0, 4.0]])
    >>> axes.images[0].get_array().tolist()
    [[4.0, -4.0], [-4.0, 4.0]]
    """
    import numpy as np

    d = len(network.sensors)
    matrix = np.array(information, dtype=float)
    if matrix.shape != (d, d) or not np.isfinite(matrix).all():
        raise InputError([f"information must be a ({d}, {d}) matrix of finite numbers, one row a sensor"])
    names = [short(str(mode.id), MAX_LETTERS) for mode in network.sensors]
    frame = Frame.of(ax, width_cm, 12.0)
    axes, width = frame.axes, frame.width
    largest = float(abs(matrix).max()) or 1.0
    shown = axes.imshow(matrix, cmap="RdBu_r", vmin=-largest, vmax=largest)
    named = len(names) <= MAX_NAMED
    # Room for the names of rows, and for the scale with its label.
    size = next(s for s in (TICK, 6.0, 5.0, 4.0) if s == 4.0 or max(text_size(n, s)[0] for n in names) < 0.3 * width)
    beside = max(text_size(name, size)[0] for name in names) if named else 0.0
    cell = (width - beside - 75) / len(names)
    numbers = [[f"{value:.3g}" for value in row] for row in matrix]
    sizes = [
        s
        for s in (5.0, 6.0, 7.0, 8.0)
        if len(names) <= MAX_NUMBERED and max(text_size(number, s)[0] for row in numbers for number in row) < cell
    ]
    for i, row in enumerate(matrix if sizes else ()):
        for j, value in enumerate(row):
            colour = "white" if abs(value) > 0.6 * largest else "black"
            axes.text(j, i, numbers[i][j], ha="center", va="center", fontsize=sizes[-1], color=colour)
    if named:
        style: dict[str, Any] = {"fontsize": min(size, 0.8 * cell), "parse_math": False}
        axes.set_xticks(range(len(names)), names, rotation=90, **style)
        axes.set_yticks(range(len(names)), names, **style)
    bar = frame.figure.colorbar(shown, ax=axes, shrink=0.9)
    bar.ax.tick_params(labelsize=TICK)
    unit = squared_unit(UNITS[network.sensing])
    bar.set_label(f"quantum Fisher information\n(1/{unit if unit == 'rad²' else 'vacuum variance'})", fontsize=LABEL)
    high = (width - 75) / POINTS_PER_CM
    return frame.finish(f"{network.name}\n{title}", (), high)


def draw_region(
    title: str,
    axes_names: tuple[str, str],
    regions: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    *,
    published: float | None = None,
    point: tuple[float, float] | None = None,
    limits: Sequence[tuple[str, Sequence[tuple[float, float]]]] = (),
    ax: Axes | None = None,
    width_cm: float | None = None,
) -> Drawing:
    """What can be known along two directions: closed regions, the published line F(w) + F(v) = N, and a network's own place.

    ``limits`` are lines that no state goes beyond, in the colours of the regions in turn.
    """
    frame = Frame.of(ax, width_cm, 12.0)
    axes, width = frame.axes, frame.width
    plain_axes(axes)
    for (label, corners), colour in zip(regions, COLOURS, strict=False):
        x, y = zip(*corners, strict=True)
        # The sides may run along the axes, which must not hide half of them.
        dots = "o" if len(corners) <= MAX_DOTS else ""
        axes.plot(x, y, color=colour, linewidth=1.6, marker=dots, markersize=3, label=label, clip_on=False, zorder=3)
        axes.fill(x, y, color=colour, alpha=0.10, linewidth=0)
    for (label, corners), colour in zip(limits, COLOURS, strict=False):
        x, y = zip(*corners, strict=True)
        axes.plot(x, y, color=colour, linewidth=1.2, linestyle=":", label=label, clip_on=False, zorder=3)
    if published is not None:
        label = f"published: F(w) + F(v) = {published:g}"
        axes.plot([0, published], [published, 0], color=BOUND, linestyle="--", linewidth=1.2, label=label)
    if point is not None:
        style: dict[str, Any] = {"marker": "*", "s": 90, "color": "#c0504d", "linewidths": 0}
        axes.scatter([point[0]], [point[1]], label="this network", zorder=4, clip_on=False, **style)
    across, along = ("\n".join(wrapped(name, LABEL, 0.75 * width)) for name in axes_names)
    axes.set_xlabel(across, fontsize=LABEL, parse_math=False)
    axes.set_ylabel(along, fontsize=LABEL, parse_math=False)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    handles, _ = axes.get_legend_handles_labels()
    return frame.finish(title, handles, 0.75 * width / POINTS_PER_CM)
