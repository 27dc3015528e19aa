"""Which nodes the links join."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from networks.modes import NetworkParts


def reachable(network: NetworkParts, start: object) -> set[object]:
    """Every node that a chain of edges joins to ``start``."""
    neighbours: dict[object, list[object]] = {mode.id: [] for mode in network.modes}
    for link in network.links:
        a, b = link.ends
        neighbours[a].append(b)
        neighbours[b].append(a)
    reached: set[object] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting.extend(neighbours[node])
    return reached
