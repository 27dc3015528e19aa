"""A circuit as HTML for notebooks: its drawing, and its operations with units; every text is escaped."""

from __future__ import annotations

from html import escape

from photonics.circuits.circuit import Circuit
from photonics.circuits.drawing import MAX_MODES, MAX_OPERATIONS, draw_circuit
from photonics.circuits.pictures import img_of
from photonics.circuits.words import NAMES, name_of, sentence_of, summary_of

MAX_ROWS = 60
"""Operations that a notebook lists; the document has all."""
MAX_NAMES = 6
"""Modes of an operation that are named."""


def circuit_html(circuit: Circuit) -> str:
    """What a notebook shows of a circuit.

    Parameters
    ----------
    circuit : Circuit

    Returns
    -------
    str
        A piece of HTML without style sheet or script.

    Examples
    --------
    >>> from photonics import PhaseShift
    >>> text = circuit_html(Circuit(modes=("<a>",), operations=(PhaseShift(mode="<a>", angle_rad=0.5),)))
    >>> "&lt;a&gt;" in text, "<a>" in text, "0.5 rad" in text
    (True, False, True)
    """
    is_drawn = len(circuit.modes) <= MAX_MODES and len(circuit.operations) <= MAX_OPERATIONS
    image = img_of(draw_circuit(circuit).figure, f"circuit of {len(circuit.modes)} modes") if is_drawn else ""
    rows = "".join(
        f'<tr><td align="right">{number}</td><td>{escape(NAMES[type(op).__name__])}</td>'
        f"<td>{escape(_modes(op.acts_on))}</td><td>{escape(sentence_of(op))}</td></tr>"
        for number, op in enumerate(circuit.operations[:MAX_ROWS], 1)
    )
    more = len(circuit.operations) - MAX_ROWS
    some = f", the first {MAX_ROWS} of {len(circuit.operations)}" if more > 0 else ""
    head = "<tr><th></th><th>operation</th><th>modes</th><th>numbers</th></tr>"
    table = (
        f"<table><caption>Operations in time order{some}</caption><thead>{head}</thead><tbody>{rows}</tbody></table>"
    )
    return f'<div class="psn"><h4>Circuit</h4><p>{escape(summary_of(circuit))}</p>{image}{table}</div>'


def _modes(names: tuple[str, ...]) -> str:
    if not names:
        return "all"
    return ", ".join(map(name_of, names[:MAX_NAMES])) + (
        f", ... {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    )
