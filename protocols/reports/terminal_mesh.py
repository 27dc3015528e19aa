"""A mesh of beam splitters as people read it on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

    from networks import SensorNetwork
    from photonics.circuits.meshes import Mesh

MAX_SPLITTERS = 20
"""Beam splitters shown; --json and --out have all."""


def show_mesh(console: Console, network: SensorNetwork, mesh: Mesh) -> None:
    """The mesh layer by layer."""
    console.print(
        Text(f"{network.name}: a unitary on {len(mesh.modes)} modes along {len(network.links)} links", style="bold")
    )
    how = {
        "rectangular": "rectangular mesh along a path of links through all nodes",
        "peeling": "nodes peeled off one by one along trees of links",
    }[mesh.method]
    console.print(Text(f"{len(mesh.elements)} beam splitters in {mesh.depth} layers: {how}"))
    console.print(Text(f"product and unitary differ by {mesh.error:.2g} at most"))
    for e in mesh.elements[:MAX_SPLITTERS]:
        angles = f"theta {e.theta_rad:.6g} rad, phi {e.phi_rad:.6g} rad"
        console.print(Text(f"  layer {e.layer}: {e.first} - {e.second}, {angles}"))
    if len(mesh.elements) > MAX_SPLITTERS:
        console.print(Text(f"  ... {len(mesh.elements) - MAX_SPLITTERS} more; see --json or --out"))
    lossy = sum(link.transmissivity < 1 for link in network.links)
    if lossy:
        note = f"note: {lossy} links have losses, which a unitary does not; they are left out here"
        console.print(Text(note, style="dim"))
