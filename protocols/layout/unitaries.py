"""Any passive unitary on the nodes of a network, along its links. Light and losses are not looked at here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from networks import InputError, SensorNetwork
from protocols.problem import Problem

if TYPE_CHECKING:
    from photonics.circuits.meshes import Mesh
    from photonics.conventions import Complex


def network_mesh(
    network: SensorNetwork | Problem,
    unitary: Sequence[Sequence[complex]] | Complex,
    *,
    method: str = "best",
    nearest: bool = False,
) -> Mesh:
    """Beam splitters on the links of a network whose product is the unitary over all its modes.

    Modes are in the order of ``Problem.of(network).names``: that of the nodes, with both arms of a sensor that has two.

    Parameters
    ----------
    network : SensorNetwork or Problem
    unitary : (n, n) complex
        For n modes.
    method : str
        As ``photonics.circuits.meshes.mesh`` says.
    nearest : bool
        Take the nearest unitary in place of a matrix with few digits.

    Raises
    ------
    InputError
        Listing what is wrong with the unitary, or that the links do not connect all nodes.

    Examples
    --------
    >>> network = SensorNetwork.chain([1, 1, 1], sensing="displacement", mean_photons=1.0)
    >>> mesh = network_mesh(network, [[0, 0, 1], [0, 1, 0], [1, 0, 0]])
    >>> len(mesh.elements), mesh.depth
    (3, 3)
    """
    from photonics.circuits.meshes import UnitaryError, mesh

    task = Problem.of(network).task
    links = [(link.first, link.second) for link in task.links]
    try:
        return mesh(unitary, list(task.nodes), links, method=method, nearest=nearest)
    except UnitaryError as error:
        raise InputError(list(error.faults)) from None
