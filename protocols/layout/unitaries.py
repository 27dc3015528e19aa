"""Any passive unitary on the nodes of a network, along its links. Light and losses are not looked at here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from networks import InputError, SensorNetwork

if TYPE_CHECKING:
    from photonics.circuits.meshes import Mesh
    from photonics.conventions import Complex


def network_mesh(
    network: SensorNetwork, unitary: Sequence[Sequence[complex]] | Complex, *, method: str = "best"
) -> Mesh:
    """Beam splitters on the links of a network whose product is the unitary over all its nodes, in their order.

    ``photonics.circuits.meshes.mesh`` says what the methods are.

    Raises
    ------
    InputError
        Listing what is wrong with the unitary, or that the links do not connect all nodes.

    Examples
    --------
    >>> network = SensorNetwork.chain([1, 1, 1], sensing="displacement", mean_photons=1.0)
    >>> found = network_mesh(network, [[0, 0, 1], [0, 1, 0], [1, 0, 0]])
    >>> len(found.elements), found.depth
    (3, 3)
    """
    from photonics.circuits.meshes import UnitaryError, mesh

    modes = [str(mode.id) for mode in network.modes]
    links = [(str(a), str(b)) for a, b in (link.ends for link in network.links)]
    try:
        return mesh(unitary, modes, links, method=method)
    except UnitaryError as error:
        raise InputError(list(error.faults)) from None
