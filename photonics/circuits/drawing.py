"""A picture of a circuit: a line for each mode, time from left to right. Drawn with matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from photonics.circuits.circuit import (
    BeamSplitter,
    Circuit,
    Displace,
    Interferometer,
    Loss,
    NumberControl,
    Operation,
    PhaseDiffusion,
    PhaseShift,
    PrepareFock,
    Sense,
    Squeeze,
)
from photonics.circuits.pictures import CircuitDrawing, require_place
from photonics.circuits.words import NAMES, name_of, symbol_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS_PER_CM = 72 / 2.54
MAX_MODES, MAX_OPERATIONS = 80, 600
"""Of a circuit that is drawn; a picture of more cannot be read."""
PITCH, BOX, GAP = 30.0, 19.0, 7.0
"""In points: between lines, the side of a symbol, and between columns."""
LETTER, NUMBER, NAME = 9.0, 6.5, 8.0
"""Sizes of fonts."""
NARROWEST, LINE = 180.0, 11.0
"""In points: of a figure of its own, so that what symbols mean has room, and from one line of that to the next."""
MAX_LETTERS = 24
"""Of the name of a mode."""
COLOURS: dict[type, str] = {
    Squeeze: "#7b3294",
    Displace: "#0072b2",
    BeamSplitter: "#333333",
    Interferometer: "#4d7f98",
    PhaseShift: "#009e73",
    Sense: "#b5651d",
    Loss: "#888888",
    PhaseDiffusion: "#888888",
    NumberControl: "#4d7f98",
    PrepareFock: "#7b3294",
}
"""Of symbols; letters tell them apart as well."""

_LETTERS = {
    "Squeeze": "S",
    "Displace": "D",
    "BeamSplitter": "●─●",
    "Interferometer": "U",
    "PhaseShift": "φ",
    "Sense": "θ",
    "Loss": "η",
    "PhaseDiffusion": "σ",
    "NumberControl": "C",
    "PrepareFock": "|ψ⟩",
}
"""What symbols look like, for what is said below a circuit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """An operation with the column that it stands in."""

    op: Operation
    rows: tuple[int, ...]
    column: int


def draw_circuit(circuit: Circuit, *, ax: Axes | None = None, width_cm: float | None = None) -> CircuitDrawing:
    """Draw a circuit: squeezers S (dB), displacements D, beam splitters (transmissivity), phases φ (rad), sensing θ, loss η.

    Operations stand as far to the left as those before them on their modes allow, so that those of one column can happen at once.

    Parameters
    ----------
    circuit : Circuit
        Of at most 80 modes and 600 operations.
    ax : matplotlib.axes.Axes, optional
        Where to draw, smaller where there is not the room; a new figure when left out.
    width_cm : float, optional
        Of the new figure, from 3 to 200; as wide as the operations need when left out.

    Returns
    -------
    CircuitDrawing
        ``figure, axes``; a notebook shows it.

    Raises
    ------
    ValueError
        For a circuit that is too large to be read, another width, or a width beside axes.

    Examples
    --------
    >>> from photonics import BeamSplitter, Circuit, Sense, Squeeze
    >>> shared = Circuit(
    ...     modes=("a", "b"),
    ...     operations=(
    ...         Squeeze(mode="a", r=0.5),
    ...         BeamSplitter(first="a", second="b", theta_rad=0.785398),
    ...         Sense(modes=("a", "b"), generator="momentum"),
    ...     ),
    ... )
    >>> figure, axes = draw_circuit(shared)
    >>> [text.get_text() for text in axes.texts]
    ['a', 'b', 'S', '4.34 dB', '0.5', 'θ1', 'θ2', 'S squeezer    ●─● beam splitter', 'θ sensing']
    """
    width = require_place(ax, width_cm)
    if len(circuit.modes) > MAX_MODES or len(circuit.operations) > MAX_OPERATIONS:
        raise ValueError(
            f"a circuit of {len(circuit.modes)} modes and {len(circuit.operations)} operations is too large for a drawing that can "
            f"be read; at most {MAX_MODES} modes and {MAX_OPERATIONS} operations are drawn"
        )
    placed = _placed(circuit)
    names = [_short(name_of(mode)) for mode in circuit.modes]
    left = max((text_width(name, NAME) for name in names), default=0.0) + 10.0
    starts = _starts(placed, left)
    whole = (max(starts[-1] + 8.0, left + 60.0), PITCH * len(circuit.modes) + 6.0)
    kinds = {type(op).__name__ for op in circuit.operations}
    legend = _lines([f"{_LETTERS[kind]} {NAMES[kind]}" for kind in NAMES if kind in kinds], max(whole[0], NARROWEST))
    drawing, scale = _paper((whole[0], whole[1] + LINE * len(legend) + 2.0), ax, width)
    axes = drawing.axes
    for row, name in enumerate(names):
        y = _height(row)
        axes.plot([left - 4.0, whole[0] - 4.0], [y, y], color="#555555", linewidth=1.0 * scale, zorder=1)
        axes.text(left - 7.0, y, name, fontsize=NAME * scale, ha="right", va="center", parse_math=False)
    for one in placed:
        middle = (starts[one.column] + starts[one.column + 1] - GAP) / 2
        _Pen(axes, scale).draw(one, middle)
    for number, line in enumerate(legend):
        at = (6.0, PITCH / 2 + 3.0 - whole[1] - LINE * number)
        axes.text(*at, line, fontsize=7.0 * scale, ha="left", va="top", color="#444444", parse_math=False)
    return drawing


def _height(row: int) -> float:
    """Where the line of a mode is; the first is above."""
    return -PITCH * row


def _short(name: str) -> str:
    return name if len(name) <= MAX_LETTERS else name[: MAX_LETTERS - 8] + "..." + name[-5:]


@lru_cache(maxsize=1024)
def text_width(text: str, size: float) -> float:
    """The width of a line of text in points.

    Parameters
    ----------
    text : str
    size : float
        Of the font.
    """
    if not text.strip():
        return 0.0
    from matplotlib.textpath import TextPath

    return float(TextPath((0, 0), text.replace("$", "S"), size=size).get_extents().width)


def _placed(circuit: Circuit) -> list[_Placed]:
    free = [0] * len(circuit.modes)
    placed = []
    for op in circuit.operations:
        rows = tuple(circuit.place[mode] for mode in op.acts_on) or tuple(range(len(circuit.modes)))
        span = range(min(rows), max(rows) + 1)
        column = max(free[row] for row in span)
        for row in span:
            free[row] = column + 1
        placed.append(_Placed(op=op, rows=rows, column=column))
    return placed


def _starts(placed: Sequence[_Placed], left: float) -> list[float]:
    """Where columns begin, and where the last one ends."""
    columns = max((one.column for one in placed), default=-1) + 1
    wide = [0.0] * columns
    for one in placed:
        wide[one.column] = max(wide[one.column], _width(one.op))
    starts = [left + 4.0]
    for width in wide:
        starts.append(starts[-1] + width + GAP)
    return starts


def _width(op: Operation) -> float:
    letter, number = symbol_of(op)
    return max(BOX, text_width(letter, LETTER) + 6.0, text_width(number, NUMBER) + 4.0)


def _paper(size: tuple[float, float], ax: Axes | None, width_cm: float | None) -> tuple[CircuitDrawing, float]:
    """Axes in points that hold a size; by what fonts and lines are multiplied."""
    from matplotlib.figure import Figure

    width, height = size
    if ax is None:
        width = max(width, NARROWEST)
        scale = 1.0 if width_cm is None else width_cm * POINTS_PER_CM / width
        figure = Figure(figsize=(scale * width / 72, scale * height / 72))
        axes = figure.add_axes((0, 0, 1, 1))
    else:
        axes, root = ax, ax.get_figure(root=True)
        assert isinstance(root, Figure)
        figure = root
        box = ax.get_window_extent()
        scale = min(1.0, 72 * box.width / ax.figure.dpi / width, 72 * box.height / ax.figure.dpi / height)
        axes.set_aspect("equal", adjustable="box")
    axes.set_xlim(0, width)
    axes.set_ylim(PITCH / 2 + 3.0 - height, PITCH / 2 + 3.0)
    axes.set_axis_off()
    return CircuitDrawing(figure, axes), scale


def _lines(words: Sequence[str], width: float) -> list[str]:
    lines: list[str] = []
    for word in words:
        joined = f"{lines[-1]}    {word}" if lines else word
        # Letters of a few pixels are drawn up to a tenth wider than their outlines are.
        if lines and 1.12 * text_width(joined, 7.0) <= width - 12.0:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws symbols on axes in points."""

    axes: Axes
    scale: float

    def draw(self, one: _Placed, x: float) -> None:
        op = one.op
        colour = COLOURS[type(op)]
        letter, number = symbol_of(op)
        match op:
            case BeamSplitter():
                a, b = (_height(row) for row in one.rows)
                self.axes.plot([x, x], [a, b], color=colour, linewidth=1.6 * self.scale, zorder=3)
                style: dict[str, Any] = {"color": colour, "zorder": 4, "linewidths": 0}
                self.axes.scatter([x, x], [a, b], s=(6.0 * self.scale) ** 2, **style)
                # Beside the upper end, between two lines.
                self._number(x, max(a, b) - PITCH / 2, number)
            case Sense():
                for j, row in enumerate(one.rows, 1):
                    self._box(x, (row, row), f"θ{j}", "", colour, filled=True)
            case Interferometer() | NumberControl() | PrepareFock():
                self._box(x, (min(one.rows), max(one.rows)), letter, number, colour, filled=False)
            case _:
                (row,) = one.rows
                self._box(x, (row, row), letter, number, colour, filled=False, round_=isinstance(op, PhaseShift))

    def _box(
        self,
        x: float,
        rows: tuple[int, int],
        letter: str,
        number: str,
        colour: str,
        *,
        filled: bool,
        round_: bool = False,
    ) -> None:
        from matplotlib.patches import FancyBboxPatch

        top, bottom = _height(rows[0]), _height(rows[1])
        wide = max(BOX, text_width(letter, LETTER) + 6.0) if rows[0] == rows[1] else BOX + 4.0
        style = f"round,pad=0,rounding_size={BOX / 2 if round_ else 2.0}"
        patch = FancyBboxPatch(
            (x - wide / 2, bottom - BOX / 2),
            wide,
            top - bottom + BOX,
            boxstyle=style,
            facecolor=colour if filled else "white",
            edgecolor=colour,
            linewidth=1.2 * self.scale,
            zorder=5,
        )
        self.axes.add_patch(patch)
        middle = (top + bottom) / 2
        text: dict[str, Any] = {"ha": "center", "va": "center_baseline", "zorder": 6, "parse_math": False}
        self.axes.text(x, middle, letter, fontsize=LETTER * self.scale, color="white" if filled else colour, **text)
        if number:
            self._number(x, bottom - BOX / 2 - 4.5, number)

    def _number(self, x: float, y: float, number: str) -> None:
        back: dict[str, Any] = {"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": "none"}
        style: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 6, "color": "#222222", "parse_math": False}
        self.axes.text(x, y, number, fontsize=NUMBER * self.scale, bbox=back, **style)
