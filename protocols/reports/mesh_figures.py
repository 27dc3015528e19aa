"""Pictures of meshes of beam splitters and of chips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from networks.pictures import Drawing
from protocols.hardware.devices import x_mesh
from protocols.layout.layout import counted
from protocols.reports.layout_figures import Crossing, Drawn, draw_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from photonics.circuits.meshes import Mesh


def draw_mesh(mesh: Mesh, *, title: str = "mesh", ax: Axes | None = None, width_cm: float | None = None) -> Drawing:
    """The beam splitters of a unitary in their layers, with theta in degrees when there is room.

    Parameters
    ----------
    mesh : photonics.Mesh
    title : str
        Above the drawing.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure when left out.
    width_cm : float, optional
        Of the new figure, from 3 to 200; as wide as the layers need when left out.

    Returns
    -------
    Drawing

    Examples
    --------
    >>> import numpy as np
    >>> from photonics import mesh
    >>> figure, axes = draw_mesh(mesh(np.array([[0.6, 0.8], [-0.8, 0.6]]), ["a", "b"], [("a", "b")]))
    >>> [text.get_text() for text in axes.texts if text.get_text()]
    ['53.1°']
    """
    result = tuple(
        Crossing(
            start=e.first,
            end=e.second,
            layer=e.layer,
            stage=0,
            label=f"{math.degrees(e.theta_rad):.3g}°",
            number=e.layer,
        )
        for e in mesh.elements
    )
    size = f"{counted(len(result), 'beam splitter')} in {counted(mesh.depth, 'layer')}"
    headline = f"a unitary on {counted(len(mesh.modes), 'mode')}: {size}"
    shown = Drawn(
        headline=headline,
        roots=(),
        crossings=result,
        ends=(),
        label_words="angles: theta of the beam splitter in degrees",
    )
    return draw_rows(title, shown, _along_path(mesh.modes, result), ax=ax, width_cm=width_cm)


def draw_chip(
    title: str,
    device: str,
    pairs: int,
    squeezing: Sequence[float],
    *,
    ax: Axes | None = None,
    width_cm: float | None = None,
) -> Drawing:
    """One side of an X device: its pairs that are on, and the mesh of MZgates; the other side is the same."""
    result, busy = [], [0] * pairs
    for number, (a, b) in enumerate(x_mesh(pairs)):
        layer = busy[a] = busy[b] = max(busy[a], busy[b]) + 1
        result.append(Crossing(start=str(a), end=str(b), layer=layer, stage=0, label=f"MZ {number}", number=layer))
    roots = tuple(str(k) for k, r in enumerate(squeezing) if r)
    depth = max((crossing.layer for crossing in result), default=0)
    where = f"mode {roots[0]}" if len(roots) == 1 else f"modes {', '.join(roots)}"
    headline = f"{device}: squeezed pairs in {where}; the same mesh acts on the idlers"
    shown = Drawn(headline=headline, roots=roots, crossings=tuple(result), ends=(depth,), mark="counting")
    return draw_rows(title, shown, [str(k) for k in range(pairs)], ax=ax, width_cm=width_cm)


def _along_path(names: Sequence[str], result: Sequence[Crossing]) -> list[str]:
    """The modes along the path that the elements stand on, when they do: a mesh then looks like its brick wall."""
    near: dict[str, set[str]] = {name: set() for name in names}
    for crossing in result:
        near[crossing.start].add(crossing.end)
        near[crossing.end].add(crossing.start)
    ends = [name for name in names if len(near[name]) == 1]
    if len(ends) != 2 or any(len(others) > 2 for others in near.values()):
        return list(names)
    order = [ends[0]]
    while rest := near[order[-1]].difference(order[-2:]):
        order.append(rest.pop())
    return order + [name for name in names if name not in set(order)]
