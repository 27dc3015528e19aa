"""Pictures of photon protocols: which string each pass uses, as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from networks import InputError
from networks.canvas import text_size, wrapped
from networks.errors import short_repr
from networks.pictures import Drawing
from networks.values import whole_number
from protocols.reports.frames import LABEL, TICK, Frame
from protocols.wmatrix.enumeration import Enumeration
from protocols.wmatrix.objectives import Best, Sample
from protocols.wmatrix.protocol import PhotonProtocol

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_COLUMNS = 60
"""Different columns that are drawn; the protocol has all."""
REFERENCE = "reference"


def draw_protocol(protocol: PhotonProtocol, *, ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """The columns of W that a protocol uses, with how often each, and the sum W r over N M alpha/||alpha||_P.

    A column is the occupation of the first branch minus that of the second: red where the first has photons, blue where the second
    has. The row of the reference holds what the second branch needs to make up N photons.

    Parameters
    ----------
    protocol : PhotonProtocol
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.
    width_cm : float, optional
        Of the new figure, from 3 to 200; as wide as the columns need when left out.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> from protocols import PhotonProtocol
    >>> both = PhotonProtocol.from_mapping(
    ...     {"alpha": [2, 1, -1], "photons": 3, "passes": 2, "columns": [[3, 0, -1], [1, 2, -1]], "repeats": [1, 1]}
    ... )
    >>> figure, axes = draw_protocol(both)
    >>> axes.images[0].get_array().tolist()
    [[3, 1], [0, 2], [-1, -1], [-2, -2]]
    """
    import numpy as np

    columns, repeats = protocol.columns[:MAX_COLUMNS], protocol.repeats[:MAX_COLUMNS]
    # The second branch has N photons too: what its negative coefficients do not hold is in the reference.
    reference = [-(protocol.photons + sum(w for w in column if w < 0)) for column in columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    alpha = protocol.function.alpha
    names = [f"theta_{j}, alpha {a}" for j, a in enumerate(alpha, 1)]
    if any(reference):
        rows.append(reference)
        names.append(REFERENCE)
    usual = min(20.0, max(8.0, 3.5 + 0.9 * len(columns)))
    frame = Frame.of(ax, width_cm, usual)
    axes, width = frame.axes, frame.width
    matrix = np.array([[float(w) for w in row] for row in rows])
    most = float(np.abs(matrix).max()) or 1.0
    exact = np.array([[int(w) for w in row] for row in rows])
    axes.imshow(exact, cmap="RdBu_r", vmin=-1.4 * most, vmax=1.4 * most, aspect="auto")
    left = max(text_size(name, TICK)[0] for name in names)
    cell = (width - left - 20) / len(columns)
    size = next(
        (s for s in (9.0, 8.0, 7.0, 6.0, 5.0) if all(text_size(str(w), s)[0] < cell for r in rows for w in r)), 0.0
    )
    for i, row in enumerate(rows if size else ()):
        for j, w in enumerate(row):
            axes.text(j, i, str(w), ha="center", va="center", fontsize=size, color="black" if w else "#999999")
    times = [f"{r} x" for r in repeats]
    small = next((s for s in (TICK, 6.0, 5.0, 4.0) if all(text_size(t, s)[0] < cell for t in times)), 4.0)
    style: dict[str, Any] = {"rotation": 0 if text_size(max(times, key=len), small)[0] < cell else 90}
    axes.set_xticks(range(len(columns)), times, fontsize=small, **style)
    axes.set_yticks(range(len(names)), names, fontsize=TICK, parse_math=False)
    axes.tick_params(length=0)
    for edge in range(1, len(columns)):
        axes.axvline(edge - 0.5, color="white", linewidth=1.5)
    for edge in range(1, len(rows)):
        axes.axhline(edge - 0.5, color="white", linewidth=1.5)
    for side in axes.spines.values():
        side.set_visible(False)
    words = "columns of W and the passes that use each; photons of the first branch +, of the second -"
    axes.set_xlabel("\n".join(wrapped(words, LABEL, width - left - 20)), fontsize=LABEL)
    some = (
        f", the first {len(columns)} of {len(protocol.columns)} columns" if len(protocol.columns) > len(columns) else ""
    )
    shortened = ", ".join(map(str, alpha[:8])) + (", ..." if len(alpha) > 8 else "")
    title = f"alpha = ({shortened}), N = {protocol.photons}, M = {protocol.passes}{some}"
    return frame.finish(title, (), 1.4 + 0.62 * len(rows))


def draw_one_of(
    result: Enumeration | Best | Sample, *, number: int = 1, ax: Axes | None = None, width_cm: float | None = None
) -> Drawing:
    """One of the protocols of a list; see ``draw_protocol``.

    Parameters
    ----------
    result : Enumeration, Best or Sample
    number : int
        Its place in the list, from 1.
    ax, width_cm
        As in ``draw_protocol``.

    Raises
    ------
    InputError
        When the list is empty, or has not so many.
    """
    listed = (
        tuple(choice.protocol for choice in result.choices) if isinstance(result, Best) else tuple(result.protocols)
    )
    if not listed:
        raise InputError(["there is no protocol to draw: none was found"])
    place = whole_number(number)
    if place is None or not 1 <= place <= len(listed):
        raise InputError([f"number must be an integer from 1 to {len(listed)}, got {short_repr(number)}"])
    return draw_protocol(listed[place - 1], ax=ax, width_cm=width_cm)
