"""What drawing a circuit gives back: a figure with its axes, which shows itself once in a notebook.

The same as ``networks.pictures``: neither of the two packages imports the other.
"""

from __future__ import annotations

import base64
import io
import math
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from photonics.values import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NARROWEST_CM, WIDEST_CM = 3.0, 200.0
SCREEN_DPI = 96
"""Pixels per inch of a notebook."""
FINER = 2
"""Pixels of a PNG over those of the screen, so that it is sharp on fine screens too."""


class CircuitDrawing(NamedTuple):
    """A figure and the axes that were drawn on, as ``figure, axes = circuit.plot()`` unpacks them.

    A notebook shows it when it ends a cell. A figure that belongs to ``matplotlib.pyplot``, whose axes were given as ``ax=``, is
    shown by pyplot itself and not a second time.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        Save it with ``figure.savefig(...)``.
    axes : matplotlib.axes.Axes
    """

    figure: Figure
    axes: Axes

    def __repr__(self) -> str:
        width, height = (2.54 * float(inches) for inches in self.figure.get_size_inches())
        return f"<CircuitDrawing, {width:.3g} cm x {height:.3g} cm>"

    def _repr_svg_(self) -> str | None:
        return None if _is_shown_by_pyplot(self.figure) else _bytes_of(self.figure, "svg").decode()

    def _repr_png_(self) -> tuple[bytes, dict[str, int]] | None:
        if _is_shown_by_pyplot(self.figure):
            return None
        width, height = (round(SCREEN_DPI * float(inches)) for inches in self.figure.get_size_inches())
        return _bytes_of(self.figure, "png"), {"width": width, "height": height}


def _is_shown_by_pyplot(figure: Figure) -> bool:
    return figure.canvas.manager is not None


def img_of(figure: Figure, caption: str) -> str:
    """A figure as an element of HTML that holds the whole image; nothing in it is executed.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    caption : str
        What it shows, for who cannot see it; escaped here.
    """
    from html import escape

    width = round(SCREEN_DPI * figure.get_figwidth())
    data = base64.b64encode(_bytes_of(figure, "svg")).decode("ascii")
    style = f"width:{width}px;max-width:100%;background:white"
    return f'<img alt="{escape(caption)}" style="{style}" src="data:image/svg+xml;base64,{data}"/>'


def _bytes_of(figure: Figure, form: str) -> bytes:
    from matplotlib import rc_context

    stream = io.BytesIO()
    settings: dict[Any, Any] = {"svg.fonttype": "path", "svg.hashsalt": "photonic-sensor-networks"}
    metadata = {"Date": None} if form == "svg" else None
    with rc_context(settings), warnings.catch_warnings():
        # Names in scripts that the font lacks are drawn as boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(stream, format=form, dpi=FINER * SCREEN_DPI, metadata=metadata)
    return stream.getvalue()


def require_place(ax: object, width_cm: object) -> float | None:
    """The width of a figure as a plain number; None where nothing is said, and where axes are given.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
    width_cm : float or None

    Raises
    ------
    ValueError
        For what are no axes, a width that is no number from 3 to 200, and both at once.
    """
    faults = []
    width = plain(width_cm)
    is_width = isinstance(width, int | float) and not isinstance(width, bool) and math.isfinite(width)
    if ax is not None:
        from matplotlib.axes import Axes

        if not isinstance(ax, Axes):
            faults.append(f"ax must be the Axes of matplotlib to draw on, got {ax!r:.60}")
        if width is not None:
            faults.append("width_cm is for a figure of its own; axes given as ax have the size of their figure")
    elif width is not None and not (is_width and NARROWEST_CM <= width <= WIDEST_CM):
        faults.append(f"width_cm must be a number from 3 to 200, got {width_cm!r:.60}")
    if faults:
        raise ValueError("; ".join(faults))
    return None if width is None else float(width)
