"""The best tree for one squeezed vacuum: links with losses carry the light from a root to the sensors.

Light split over a tree reaches sensor j through a path of transmissivity T_j. Amplitudes u at the ends of a lossless array become
v_j = u_j sqrt(T_j), so the v with sum v_j^2/T_j = 1 can be made (all light used), and the variance of the estimate of q is
sum c_j^2 (1 - eta_j^M) + |z|^2 - (1 - e^{-2r}) (v.z)^2, z the signal weights (docs/theory.md, section 6). By Cauchy and Schwarz
the largest (v.z)^2 is sum T_j z_j^2, at v_j ~ T_j z_j. It grows with every T_j, and the most transmissive paths from one root form
a tree: so the best tree of a root is that of its best paths, and trying every root gives the best of all trees.

No other passive layout of one squeezed vacuum is better, with cycles or links used again and again: weigh the energy at every
node by 1/T, T its best transmissivity from the root. Beam splitters act within a node and keep the sum, and crossing a link from k
to i leaves tau/T_i <= 1/T_k of it, as T_i >= tau T_k. So sum |v_j|^2/T_j <= 1 always, and (v.z)^2 <= sum T_j z_j^2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from networks import InputError, SensorNetwork
from photonics.conventions import Real, squeezing_for
from protocols.theory.displacement import loss_noise, signal_weights

HOP = 1e-13
"""Of paths whose transmissivities are the same to so much a link the one with fewer links is taken."""
ROOTS_AT_ONCE = 256
MAX_PAIRED = 4000
MAX_TIES = 64
"""Roots as good as each other whose trees are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A tree of links from a root, pruned to what the light needs.

    Attributes
    ----------
    root : str
    parents : tuple of (node, parent, transmissivity of the link), parents before their children
    arrives : tuple of (sensor, T_j), the transmissivity from the root to each sensor with a weight, in their order
    captured : float
        sum T_j z_j^2/|z|^2, how much of the squeezing that counts gets through.
    """

    root: str
    parents: tuple[tuple[str, str, float], ...]
    arrives: tuple[tuple[str, float], ...]
    captured: float


def network_weights(network: SensorNetwork) -> list[float]:
    """z_j of every sensor, with the sign of q as the network has it."""
    alpha = [float(a) for a in network.function.alpha]
    return signal_weights(alpha, [mode.transmissivity for mode in network.sensors], network.passes)


def network_loss_noise(network: SensorNetwork) -> float:
    """What the vacuum that losses after sensing let in adds to the mean squared error."""
    alpha = [float(a) for a in network.function.alpha]
    return loss_noise(alpha, [mode.transmissivity for mode in network.sensors], network.passes)


def best_tree(network: SensorNetwork, *, roots: Sequence[str] | None = None) -> Tree:
    """The tree with the least mean squared error for one squeezed vacuum, over all roots or some.

    Costs one shortest-path search a root, O(n (m + n log n)) for n nodes and m links.

    Raises
    ------
    InputError
        When a root is no node, or none reaches every sensor.

    Examples
    --------
    >>> found = best_tree(SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0))
    >>> found.root, [node for node, _, _ in found.parents], found.captured
    ('s1', ['hub', 's2'], 1.0)
    """
    names = [str(mode.id) for mode in network.modes]
    require_nodes(names, roots)
    place = {name: k for k, name in enumerate(names)}
    sensors = [place[str(mode.id)] for mode in network.sensors]
    z = np.array(network_weights(network))
    if not z.any():
        raise InputError(["next to no light is left after these losses, so no layout is better than another"])
    used = [sensor for sensor, weight in zip(sensors, z, strict=True) if weight]
    squares = z[z != 0] ** 2
    starts = list(range(len(names))) if roots is None else list(dict.fromkeys(place[str(root)] for root in roots))
    links = _links(network, place)
    best, found = -1.0, []
    for start in range(0, len(starts), ROOTS_AT_ONCE):
        some = starts[start : start + ROOTS_AT_ONCE]
        lengths, before = _shortest(links, len(names), some)
        reaches = np.isfinite(lengths[:, used]).all(axis=1)
        captured = np.where(reaches, np.exp(-lengths[:, used]) @ squares, -1.0)
        if captured.max() > best:
            best = float(captured.max())
        found += [
            (float(value), origin, before[k])
            for k, (value, origin) in enumerate(zip(captured, some, strict=True))
            if value >= 0
        ]
        found = [row for row in found if row[0] >= best * (1 - 1e-12)][:MAX_TIES]
    if not found:
        who = "no node reaches" if roots is None else f"light from {' or '.join(map(str, roots))} does not reach"
        raise InputError([f"{who} every sensor with a coefficient along the links; add links"])
    # Of roots that are as good the first that needs the fewest links.
    trees = [pruned_tree(network, names, sensors, z, row, origin) for _, origin, row in found]
    return min(trees, key=lambda tree: len(tree.parents))


def require_nodes(names: Sequence[str], roots: Sequence[str] | None) -> None:
    """Raise InputError unless these are names of nodes, at least one; None stands for all."""
    if roots is None:
        return
    unknown = [root for root in map(str, roots) if root not in names]
    faults = [f"there is no node {root!r} to start from; known are {', '.join(names[:12])}" for root in unknown]
    if not roots:
        faults.append("at least one node must be allowed to start from")
    if faults:
        raise InputError(faults)


def all_paths(network: SensorNetwork, *, fewest_links: bool = False) -> tuple[list[str], list[int], Real, Real]:
    """(names, places of the sensors, lengths of all best paths (n, n), predecessors), for layouts of several sources.

    The best paths are the most transmissive ones, or those of fewest links, the most transmissive among them.
    """
    names = [str(mode.id) for mode in network.modes]
    if len(names) > MAX_PAIRED:
        raise InputError([f"several sources are laid out for up to {MAX_PAIRED} nodes, got {len(names)}"])
    place = {name: k for k, name in enumerate(names)}
    ends, lengths = _links(network, place)
    if fewest_links:
        # However lossy a path is, its length stays below that of one link more.
        lengths = 1.0 + lengths / (1.0 + lengths.sum())
    lengths, before = _shortest((ends, lengths), len(names), list(range(len(names))))
    return names, [place[str(mode.id)] for mode in network.sensors], lengths, before


def _links(network: SensorNetwork, place: dict[str, int]) -> tuple[Real, Real]:
    """Ends (m, 2) of all links and their lengths -log transmissivity, a little longer so that fewer links win."""
    ends = np.array([[place[str(a)], place[str(b)]] for a, b in (link.ends for link in network.links)], dtype=int)
    return ends.reshape(-1, 2), np.array([HOP - math.log(link.transmissivity) for link in network.links])


def _shortest(links: tuple[Real, Real], count: int, roots: list[int]) -> tuple[Real, Real]:
    """(lengths of the best paths, predecessors), a row for each root."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    ends, lengths = links
    graph = coo_array((lengths, (ends[:, 0], ends[:, 1])), shape=(count, count)).tocsr()
    found, before = dijkstra(graph, directed=False, return_predecessors=True, indices=roots)
    return np.atleast_2d(found), np.atleast_2d(before)


def pruned_tree(network: SensorNetwork, names: list[str], sensors: list[int], z: Real, before: Real, root: int) -> Tree:
    """The pruned tree of one root, its transmissivities multiplied out without the help for few links."""
    link_of = {frozenset(map(str, link.ends)): link.transmissivity for link in network.links}
    through: dict[int, float] = {root: 1.0}
    parents: list[tuple[str, str, float]] = []

    def reach(node: int) -> None:
        path = []
        while node not in through:
            path.append(node)
            node = int(before[node])
        for step in reversed(path):
            parent = int(before[step])
            kept = link_of[frozenset((names[step], names[parent]))]
            parents.append((names[step], names[parent], kept))
            through[step] = through[parent] * kept

    arrives = []
    for sensor, weight in zip(sensors, z, strict=True):
        if weight:
            reach(sensor)
            arrives.append((names[sensor], through[sensor]))
    captured = math.fsum(t * w * w for (_, t), w in zip(arrives, z[z != 0], strict=True)) / float(z @ z)
    return Tree(root=names[root], parents=tuple(parents), arrives=tuple(arrives), captured=captured)


def tree_shares(weights: Sequence[float], arrives: Sequence[float]) -> list[float]:
    """The share of the source's light that is sent to each sensor, T_j z_j^2 over their sum, with the sign of z_j.

    Of it the fraction T_j arrives, so the amplitude there is v_j = T_j z_j/sqrt(sum T z^2). All zero when nothing arrives anywhere.

    >>> tree_shares([1.0, -1.0], [1.0, 0.25])
    [0.8, -0.2]
    """
    terms = [t * z * z for z, t in zip(weights, arrives, strict=True)]
    total = math.fsum(terms)
    return [math.copysign(term / total if total else 0.0, z) for term, z in zip(terms, weights, strict=True)]


def amplitudes_of(shares: Sequence[float], arrives: Sequence[float]) -> list[float]:
    """v_j at the sensors.

    >>> [round(v, 6) for v in amplitudes_of([0.8, -0.2], [1.0, 0.25])]
    [0.894427, -0.223607]
    """
    return [math.copysign(math.sqrt(abs(s) * t), s) for s, t in zip(shares, arrives, strict=True)]


def tree_mse(
    network: SensorNetwork, arrives: Sequence[float], *, mean_photons: float | None = None, matched: bool = False
) -> float:
    """Mean squared error of q for one squeezed vacuum that reaches the sensors with z_j != 0 through these transmissivities.

    ``matched`` takes the amplitudes along z, the best ones without loss.

    sum c_j^2 (1 - eta_j^M) + sum z_j^2 (1 - T_j) + e^{-2r} sum T_j z_j^2 at the best amplitudes; nothing cancels.

    >>> network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)
    >>> round(tree_mse(network, [1.0, 1.0]), 12), round(tree_mse(network, [0.5, 0.5]), 6)
    (0.343145750508, 1.171573)
    """
    z = [w for w in network_weights(network) if w]
    nbar = network.mean_photons if mean_photons is None else mean_photons
    assert nbar is not None
    squeezed = math.exp(-2 * squeezing_for(nbar))
    lost = network_loss_noise(network)
    if matched:
        # v along z with sum v^2/T = 1: (v.z)^2 = |z|^4/sum(z^2/T), nothing where some sensor is out of reach.
        squares = math.fsum(w * w for w in z)
        spent = math.fsum(w * w / t if t else math.inf for w, t in zip(z, arrives, strict=True))
        return lost + squares - (1 - squeezed) * squares * squares / spent
    return (
        lost
        + math.fsum(w * w * (1 - t) for w, t in zip(z, arrives, strict=True))
        + squeezed * math.fsum(t * w * w for w, t in zip(z, arrives, strict=True))
    )
