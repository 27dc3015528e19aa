"""What all figures with axes have in common: sizes of fonts, colours, titles that fit, logarithmic ticks that can be read."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from networks.canvas import POINTS_PER_CM, text_size, wrapped
from networks.pictures import Drawing, drawing_on, require_place, size_of
from protocols.reports.view import UNITS

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

WIDTH_CM = 15.0
"""Of figures with axes, where nothing is said."""
TITLE, LABEL, TICK, LEGEND = 8.0, 8.0, 7.0, 7.0
"""Sizes of fonts; no text of a printed figure is smaller than a journal takes."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Of curves, told apart by people who see fewer colours as well (Okabe and Ito)."""
MOST_INSIDE = 3
"""Entries of a legend that stand inside of given axes."""
MARGIN = 40.0
"""Points beside given axes that their numbers are taken to have."""
BOUND, SHOT_NOISE, HERE = "#8c510a", "#555555", "#999999"
"""Bounds, coherent light, and where the network itself is."""
LARGEST, SMALLEST = 1e280, 1e-280
"""What a logarithmic axis can hold, with room for its limits."""


def squared_unit(unit: str) -> str:
    """A unit of squared errors as figures have it.

    >>> squared_unit("rad2"), squared_unit("vac2")
    ('rad²', 'vacuum variances')
    """
    return {"rad2": "rad²", "vac2": UNITS["displacement"], "rad^2": "rad²"}.get(unit, unit)


def new_figure(width_cm: float | None) -> tuple[Figure, float]:
    """An empty figure of a width, and that width in points; ``set_height`` gives it a height."""
    from matplotlib.figure import Figure

    width = WIDTH_CM if width_cm is None else width_cm
    return Figure(figsize=(width / 2.54, width / 2.54), layout="constrained"), width * POINTS_PER_CM


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where a picture with one pair of axes goes: a figure of its own, or axes that someone else laid out.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
    axes : matplotlib.axes.Axes
    width : float
        In points: of its own figure, or of the axes with room for their numbers.
    is_own : bool
        Whether the figure was made for it, so that title, legend and height are its own to set.
    """

    figure: Figure
    axes: Axes
    width: float
    is_own: bool

    @classmethod
    def of(cls, ax: Axes | None, width_cm: float | None, usual_cm: float = WIDTH_CM) -> Frame:
        """The axes that are given, or a new figure with axes; InputError for what are no axes, or no width."""
        wanted = require_place(ax, width_cm)
        if ax is not None:
            return cls(figure=drawing_on(ax).figure, axes=ax, width=size_of(ax)[0] + MARGIN, is_own=False)
        figure, width = new_figure(usual_cm if wanted is None else wanted)
        return cls(figure=figure, axes=figure.add_subplot(), width=width, is_own=True)

    def finish(self, title: str, handles: Iterable[Artist], axes_cm: float) -> Drawing:
        """Title and legend, and the height of a figure of its own; what was drawn.

        Parameters
        ----------
        title : str
        handles : of the legend, each with a label
        axes_cm : float
            Height of the axes with what is written at them.
        """
        if self.is_own:
            lines = set_title(self.figure, title, self.width)
            set_height(self.figure, axes_cm, lines, set_legend(self.figure, handles, self.width))
            return Drawing(self.figure, self.axes)
        shown = list(handles)
        wide = self.width - MARGIN
        self.axes.set_title("\n".join(wrapped(title, TITLE, wide)), fontsize=TITLE, parse_math=False)
        # Many entries would cover what is drawn; below they start under the numbers and words of the axis.
        inside = len(shown) <= MOST_INSIDE
        for handle in shown:
            handle.set_label("\n".join(wrapped(str(handle.get_label()), LEGEND, (0.6 if inside else 0.9) * wide)))
        if shown:
            where = {"framealpha": 0.8} if inside else self._below()
            legend = self.axes.legend(handles=shown, fontsize=LEGEND, labelspacing=0.3, **where)
            legend.set_zorder(7)
            for text in legend.get_texts():
                text.set_parse_math(False)
        return Drawing(self.figure, self.axes)

    def _below(self) -> dict[str, Any]:
        """Where a legend stands under given axes, however large these become."""
        from matplotlib.transforms import ScaledTranslation

        under = 18.0 + 1.3 * LABEL * (1 + self.axes.get_xlabel().count("\n"))
        down = ScaledTranslation(0.0, -under / 72, self.figure.dpi_scale_trans)
        place = {"bbox_to_anchor": (0.5, 0.0), "bbox_transform": self.axes.transAxes + down}
        return {"loc": "upper center", "frameon": False, "borderaxespad": 0.0, **place}


def set_title(figure: Figure, text: str, width: float) -> int:
    """A title above everything, broken into lines that fit the width in points; how many lines it has."""
    lines = wrapped(text, TITLE, width - 14)
    figure.suptitle("\n".join(lines), fontsize=TITLE, parse_math=False)
    return len(lines)


def set_legend(figure: Figure, handles: Iterable[Artist], width: float) -> int:
    """A legend below everything, in as many columns as fit the width in points; how many lines it has."""
    shown = list(handles)
    if not shown:
        return 0
    for handle in shown:
        handle.set_label("\n".join(wrapped(str(handle.get_label()), LEGEND, width - 48)))
    labels = [str(handle.get_label()) for handle in shown]
    widest = max(text_size(label, LEGEND)[0] for label in labels) + 40
    columns = max(1, min(4, len(shown), int(width // widest)))
    legend = figure.legend(
        handles=shown, ncols=columns, loc="outside lower center", frameon=False, fontsize=LEGEND, labelspacing=0.4
    )
    for text in legend.get_texts():
        # Dollar signs in names are no formulas.
        text.set_parse_math(False)
    rows = -(-len(shown) // columns)
    lines = [label.count("\n") + 1 for label in labels]
    return max(sum(lines[k * rows : (k + 1) * rows]) for k in range(columns))


def set_height(figure: Figure, axes_cm: float, titles: int, legends: int) -> None:
    """As high as its axes with what is written at them, the lines of its title and those of its legend take."""
    figure.set_figheight((axes_cm + 0.38 * titles + 0.42 * legends + 0.4) / 2.54)


def plain_axes(axes: Axes) -> None:
    """Fonts, a light grid, and no frame above and to the right."""
    axes.tick_params(labelsize=TICK)
    axes.grid(color="#e5e5e5", linewidth=0.5)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


_FACTORS = (
    (1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0),
    (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0),
    (1.0, 2.0, 3.0, 5.0),
    (1.0, 2.0, 5.0),
    (1.0, 3.0),
    (1.0,),
)
"""Ticks of a decade, from many to one."""


def log_ticks(axis: Axis, low: float, high: float, room: float, each: float = 30.0) -> None:
    """Ticks of a logarithmic axis from ``low`` to ``high``, as many as have room, with plain numbers where these are short.

    Parameters
    ----------
    axis : matplotlib.axis.Axis
    low, high : float > 0
    room, each : float
        Length of the axis and of a tick with its number along it, in points.
    """
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

    ticks = _log_ticks(low, high, room, each)
    plain = min(ticks) >= 1e-4 and max(ticks) < 1e6
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}" if plain else _power(value)))


def _log_ticks(low: float, high: float, room: float, each: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    per_decade = room / max(math.log10(high / low), 1e-9)
    for factors in _FACTORS:
        ticks = [f * 10.0**k for k in decades for f in factors if low <= f * 10.0**k <= high]
        ticks = [float(f"{tick:.6g}") for tick in ticks]
        if all(per_decade * math.log10(b / a) >= each for a, b in itertools.pairwise(ticks)):
            break
    step = max(1, math.ceil(each / per_decade)) if len(factors) == 1 else 1
    ticks = [tick for tick in ticks if round(math.log10(tick)) % step == 0] if step > 1 else ticks
    return ticks if len(ticks) >= 2 else _even_ticks(low, high, max(2, int(room // each)))


def _even_ticks(low: float, high: float, most: int) -> list[float]:
    """Where less than a decade is shown: a few round numbers."""
    if not high > low:
        return [low]
    step = 10.0 ** math.floor(math.log10((high - low) / most))
    factor = next(f for f in (1.0, 2.0, 5.0, 10.0, 20.0, 50.0) if (high - low) / (f * step) <= most)
    first, last = math.ceil(low / (factor * step)), math.floor(high / (factor * step))
    return [float(f"{k * factor * step:.6g}") for k in range(first, last + 1)] or [low]


def _power(value: float) -> str:
    exponent = math.floor(math.log10(value) + 1e-9)
    factor = value / 10.0**exponent
    whole = f"10^{{{exponent}}}"
    return f"${whole}$" if abs(factor - 1) < 1e-6 else f"${factor:.2g}\\times {whole}$"


def is_drawable(value: float) -> bool:
    """Whether a logarithmic axis can hold it."""
    return SMALLEST < value < LARGEST
