"""One photon over several modes: a tree of beam splitters along the links from where the photon enters.

At every node the share of the photon that the rest of the tree is to get goes on. With losses T_j between source and mode j the
photon arrives in mode j with probability p_j if p_j/T_j of it is sent there; it arrives anywhere with probability
1/sum_j p_j/T_j, which is 1 without loss.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from protocols.preparation.links import Links

if TYPE_CHECKING:
    from photonics.circuits.circuit import Operation


def local_chain(populations: Mapping[str, float]) -> tuple[str, tuple[Operation, ...], float]:
    """Modes at one place: a chain of beam splitters, where the photon enters, and its success probability, 1.

    Parameters
    ----------
    populations : mode to p_j > 0, with the sum 1
    """
    from photonics.states.probes import split_amplitudes

    modes = tuple(populations)
    return modes[0], split_amplitudes(modes, [math.sqrt(p) for p in populations.values()]), 1.0


def tree_along_links(populations: Mapping[str, float], links: Links) -> tuple[str, tuple[Operation, ...], float]:
    """The best tree of most transmissive paths over all places of the source: where the photon enters, operations, success.

    Among trees of equal success that with the fewest links, then the shallowest.

    Parameters
    ----------
    populations : node to p_j > 0, with the sum 1
    links : Links
        That join these nodes.
    """
    nodes = tuple(populations)

    def cost(root: str) -> tuple[float, int, int]:
        order, before, arrives = _tree(root, nodes, links)
        depth = {root: 0}
        for node in order[1:]:
            depth[node] = depth[before[node]] + 1
        losses = round(math.fsum(p / arrives[node] for node, p in populations.items()), 12)
        return losses, len(order) - 1, max(depth.values())

    root = min(links.roots(populations), key=cost)
    order, before, arrives = _tree(root, nodes, links)
    sent = {node: p / arrives[node] for node, p in populations.items()}
    total = math.fsum(sent.values())
    operations = _splitters(order, before, arrives, sent, links)
    return root, operations, 1 / total


def _tree(root: str, nodes: Sequence[str], links: Links) -> tuple[tuple[str, ...], dict[str, str], dict[str, float]]:
    """The nodes of the tree from its root on, the node before each, and the transmissivity from the root to each."""
    order, before, arrives = [root], {}, {root: 1.0}
    for node in nodes:
        path = links.path(root, node)
        for here, there in pairwise(path):
            if there not in arrives:
                order.append(there)
                before[there] = here
                arrives[there] = arrives[here] * links.transmissivity(here, there)
    return tuple(order), before, arrives


def _splitters(
    order: Sequence[str],
    before: Mapping[str, str],
    arrives: Mapping[str, float],
    sent: Mapping[str, float],
    links: Links,
) -> tuple[Operation, ...]:
    """A beam splitter for each link of the tree, with the loss of the link behind it.

    ``below`` is what the subtree of a node is sent, in shares at the source; at a node all are smaller by the same factor.
    """
    from photonics import BeamSplitter, Loss

    below = {node: sent.get(node, 0.0) for node in order}
    for node in reversed(order):
        if node in before:
            below[before[node]] += below[node]
    here = dict(below)
    operations: list[Operation] = []
    for node in order:
        if (parent := before.get(node)) is None:
            continue
        left = max(here[parent] - below[node], 0.0)
        # What a relay hands on last is all it has: no rounding may stay behind.
        last = parent not in sent and left <= 1e-13 * here[parent]
        theta = math.pi / 2 if last else math.atan2(math.sqrt(below[node]), math.sqrt(left))
        operations.append(BeamSplitter(first=parent, second=node, theta_rad=theta))
        here[parent] = left
        if (eta := links.transmissivity(parent, node)) < 1:
            operations.append(Loss(mode=node, transmissivity=eta))
    return tuple(operations)
