"""The laboratory of a network: what its parts say, with everything filled in, and what they say as it stands in files."""

from __future__ import annotations

import math

from networks.errors import InputError, short_repr
from networks.laboratory import LABORATORY, NODE_DEFAULTS, OF_GRAPH, OF_NODE, Bench, Laboratory
from networks.modes import Mode, ModeId, NetworkParts


def laboratory_of(network: NetworkParts) -> Laboratory:
    """The laboratory of a sound network, every number of every node filled in.

    Parameters
    ----------
    network : NetworkParts
    """
    shared = {name: value for name in NODE_DEFAULTS if (value := getattr(network, name)) is not None}
    return Laboratory(
        phase_reference=network.phase_reference,
        squeezers=network.squeezers,
        squeezing_db=math.inf if network.squeezing_db is None else network.squeezing_db,
        benches=tuple(_bench(mode, shared) for mode in network.modes),
    )


def _bench(mode: Mode, shared: dict[str, float]) -> Bench:
    own = {name: value for name in OF_NODE if (value := getattr(mode, name)) is not None}
    return Bench(**{**shared, **own, "transmissivity": mode.transmissivity})


def bench_of(network: NetworkParts, node: ModeId) -> Bench:
    """The bench at one node.

    Parameters
    ----------
    network : NetworkParts
    node : str or int
        Its id.

    Raises
    ------
    InputError
        When there is no such node.
    """
    for mode in network.modes:
        if mode.id == node:
            shared = {name: value for name in NODE_DEFAULTS if (value := getattr(network, name)) is not None}
            return _bench(mode, shared)
    raise InputError(
        [f"there is no node {short_repr(node)}; there are {', '.join(str(m.id) for m in network.modes[:8])}"]
    )


def given_names(network: NetworkParts) -> tuple[str, ...]:
    """Names of the attributes of the laboratory that a network says anything of, in the order of ``LABORATORY``.

    Parameters
    ----------
    network : NetworkParts
    """
    said = {name for name in OF_GRAPH if getattr(network, name) not in (None, "paid")}
    for mode in network.modes:
        said.update(name for name in OF_NODE if getattr(mode, name) is not None)
    return tuple(attribute.name for attribute in LABORATORY if attribute.name in said)


def as_written(part: Mode | NetworkParts) -> dict[str, str | int | float | bool]:
    """What a mode or a network itself says of the laboratory, as it stands in files; nothing of what is left out.

    Parameters
    ----------
    part : Mode or NetworkParts
    """
    names = OF_NODE if hasattr(part, "role") else OF_GRAPH
    return {
        name: value
        for name in names
        if (value := getattr(part, name)) is not None and (name, value) != ("phase_reference", "paid")
    }
