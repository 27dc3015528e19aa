"""The page a figure is for: how wide it is, how fine its pixels are, and its bytes in the format of a file."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from networks import InputError
from networks.errors import short_repr
from networks.pictures import glyphs_may_be_missing
from networks.values import Value

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTHS_CM = {"one-column": 8.6, "two-column": 17.8}
"""Columns of journals: those of Physical Review, nearly those of Nature (8.9 and 18.3 cm) and Optica (8.4 and 17.8 cm)."""
_CM = {"mm": 0.1, "cm": 1.0, "in": 2.54}
NARROWEST_CM, WIDEST_CM = 6.0, 100.0
DPI = 150
LEAST_DPI, MOST_DPI = 50, 1200
MOST_PIXELS = 100_000_000
"""Of a figure; about half a gigabyte while it is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePage(Value):
    """How large a figure is.

    Attributes
    ----------
    width_cm : float or None
        None where a figure is as wide as what it shows needs.
    dpi : int
        Pixels per inch of a .png file.

    Examples
    --------
    >>> FigurePage.of("one-column", 600, [])
    FigurePage(width_cm=8.6, dpi=600)
    """

    width_cm: float | None = None
    dpi: int = DPI

    @staticmethod
    def of(width: str | None, dpi: int | None, faults: list[str]) -> FigurePage:
        """The page that a user asks for; what is wrong is added to the faults.

        Parameters
        ----------
        width : str or None
            "one-column", "two-column" or a length with its unit, such as "86mm", "12.5 cm" or "5in".
        dpi : int or None
        faults : list of str
        """
        if dpi is not None and not LEAST_DPI <= dpi <= MOST_DPI:
            faults.append(f"--dpi must be an integer from {LEAST_DPI} to {MOST_DPI}, got {dpi}")
            dpi = None
        return FigurePage(width_cm=None if width is None else _width(width, faults), dpi=DPI if dpi is None else dpi)


def page_of(width: str | None, dpi: int | None, out: object, faults: list[str]) -> FigurePage:
    """The page of a figure that a command may write; faults are for sizes that are none, and for sizes of no figure."""
    page = FigurePage.of(width, dpi, faults)
    if out is None and (width is not None or dpi is not None):
        faults.append("--width and --dpi are for a figure; name its file with --out")
    return page


def _width(text: str, faults: list[str]) -> float | None:
    if text in WIDTHS_CM:
        return WIDTHS_CM[text]
    wanted = (
        "--width must be one-column (8.6 cm), two-column (17.8 cm) or a length with its unit such as 86mm, 12cm or 5in"
    )
    match = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,9})?|\.\d{1,9})\s*([a-z]*)\s*", text)
    if match is None or (match[2] and match[2] not in _CM):
        faults.append(f"{wanted}, got {short_repr(text)}")
        return None
    number = float(match[1])
    if not match[2]:
        faults.append(f"{wanted}, got {short_repr(text)} without a unit: {number:g}cm or {number:g}mm?")
        return None
    width = number * _CM[match[2]]
    if not NARROWEST_CM <= width <= WIDEST_CM:
        faults.append(f"--width must be from {NARROWEST_CM:g} to {WIDEST_CM:g} cm, got {short_repr(text)}")
        return None
    return width


def saved(figure: Figure, suffix: str, dpi: int = DPI) -> bytes:
    """A figure as the bytes of a .png, .svg or .pdf file, without the date, so that equal figures are equal files.

    Text stays text: TrueType fonts in PDF, which journals ask for, and letters that can be searched and edited in SVG.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    suffix : ".png", ".svg" or ".pdf"
    dpi : int
        Of pixels; heat maps in the other formats have so many as well.

    Raises
    ------
    InputError
        For more pixels than can be drawn.
    """
    from matplotlib import rc_context

    width, height = (dpi * float(inches) for inches in figure.get_size_inches())
    if suffix == ".png" and (width * height > MOST_PIXELS or max(width, height) >= 2**16):
        size = f"{width:.0f} x {height:.0f} pixels"
        raise InputError([f"this figure would have {size}; lower --dpi or --width, or write .svg or .pdf"])
    stream = io.BytesIO()
    metadata = {".png": None, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}[suffix]
    fonts: dict[Any, Any] = {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "photonic-sensor-networks"}
    with rc_context(fonts), glyphs_may_be_missing():
        figure.savefig(stream, format=suffix[1:], dpi=dpi, metadata=metadata)
    return stream.getvalue()
