"""A mesh of beam splitters along links in words. Nothing is computed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocols.layout.layout import counted
from protocols.reports.view import Item, Line, Part, View

if TYPE_CHECKING:
    from networks import SensorNetwork
    from photonics.circuits.meshes import Mesh

MAX_SPLITTERS = 20
"""Beam splitters shown; --json and --out have all."""
_METHODS = {
    "rectangular": "rectangular mesh along a path of links through all nodes",
    "peeling": "nodes peeled off one by one along trees of links",
}


def mesh_view(mesh: Mesh, network: SensorNetwork | None = None) -> View:
    """The mesh layer by layer, and the network whose links it takes when it is known."""
    where = "" if network is None else f" along {counted(len(network.links), 'link')}"
    title = f"{'mesh' if network is None else network.name}: a unitary on {counted(len(mesh.modes), 'mode')}{where}"
    size = f"{counted(len(mesh.elements), 'beam splitter')} in {counted(mesh.depth, 'layer')}: {_METHODS[mesh.method]}"
    error = f"product and unitary differ by {mesh.error:.2g} at most"
    parts: list[Part] = [Line(size), Line(error)]
    for e in mesh.elements[:MAX_SPLITTERS]:
        angles = f"theta {e.theta_rad:.6g} rad, phi {e.phi_rad:.6g} rad"
        parts.append(Item(f"layer {e.layer}: {e.first} - {e.second}, {angles}"))
    if len(mesh.elements) > MAX_SPLITTERS:
        parts.append(Item(f"... {len(mesh.elements) - MAX_SPLITTERS} more; see --json or --out"))
    lossy = 0 if network is None else sum(link.transmissivity < 1 for link in network.links)
    if lossy:
        have = "has" if lossy == 1 else "have"
        words = f"note: {counted(lossy, 'link')} {have} losses, which a unitary does not; they are left out here"
        parts.append(Line(words, "note"))
    return View(title=title, parts=tuple(parts), summary=(size, error))
