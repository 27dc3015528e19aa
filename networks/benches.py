"""The laboratory of a network: what its parts say, with everything filled in, and what they say as it stands in files."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from networks.errors import InputError, short_repr
from networks.laboratory import (
    ATTRIBUTES,
    LABORATORY,
    LEAST_LINK_SHARE,
    LEAST_SHARE,
    LOSSES_DB,
    NODE_DEFAULTS,
    OF_GRAPH,
    OF_NODE,
    Bench,
    Laboratory,
    loss_db_fault,
    most_db,
    transmissivity_of_db,
)
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


IN_DB = {**LOSSES_DB, "link_loss_db": "link_transmissivity"}
"""Losses in dB, and what they say, where one value holds for a whole network."""
EVERYWHERE = (*ATTRIBUTES, "transmissivity", "link_transmissivity", *IN_DB)
"""Names of what may be set for a whole network."""


def values_of_parts(network: NetworkParts, values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a network in which values hold everywhere; ``transmissivity`` among them is that of sensors and references.

    Parameters
    ----------
    network : NetworkParts
        Sound.
    values : mapping of names of ``EVERYWHERE``

    Raises
    ------
    InputError
        Listing other names, losses said twice, and losses that are none.
    """
    values = _as_shares(values)
    everywhere = {name: value for name, value in values.items() if name in OF_NODE and name not in OF_GRAPH}
    taken: dict[str, Any] = {name: None for name in values if name in NODE_DEFAULTS}
    modes = []
    for mode in network.modes:
        own = {
            name: value
            for name, value in everywhere.items()
            if mode.role == "sensor" or name not in ("arms", "mean_photons_max")
        }
        modes.append(dataclasses.replace(mode, **taken, **own) if taken or own else mode)
    changes: dict[str, Any] = {name: value for name, value in values.items() if name in OF_GRAPH}
    if changes.get("phase_reference", "paid") is None:
        changes["phase_reference"] = "paid"
    if (share := values.get("link_transmissivity")) is not None:
        changes["links"] = tuple(dataclasses.replace(link, transmissivity=share) for link in network.links)
    if values.get("transmissivity") is not None:
        changes["transmissivity"] = values["transmissivity"]
    return {**changes, "modes": tuple(modes)}


def _as_shares(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with losses in dB as transmissivities."""
    faults = [
        f"{short_repr(name)} is no attribute of a laboratory; known are {', '.join(EVERYWHERE)}"
        for name in values
        if name not in EVERYWHERE
    ]
    shares = {name: value for name, value in values.items() if name not in IN_DB}
    for name, share in IN_DB.items():
        if (loss := values.get(name)) is None:
            continue
        if shares.get(share) is not None:
            faults.append(f"{share} and {name} say the same thing twice; give one")
        elif fault := loss_db_fault(loss, name):
            faults.append(fault)
        else:
            shares[share] = transmissivity_of_db(loss)
            least = LEAST_LINK_SHARE if share == "link_transmissivity" else LEAST_SHARE
            if shares[share] < least:
                faults.append(f"{name}: {loss:.6g} dB are lost, more than {most_db(least)}; nothing arrives")
    if faults:
        raise InputError(faults)
    return shares
