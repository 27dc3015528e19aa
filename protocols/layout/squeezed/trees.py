"""The best tree for one squeezed vacuum: links with losses carry the light from a root to the sensors.

Light split over a tree reaches sensor j through a path of transmissivity T_j. Amplitudes u at the ends of a lossless array become
v_j = u_j sqrt(T_j), so the v with sum v_j^2/T_j = 1 can be made (all light used), and the variance of the estimate of q is sum
c_j^2 (1 - eta_j^M) + |z|^2 - (1 - e^{-2r}) (v.z)^2, z the signal weights (docs/theory/theory.md, section 6). By Cauchy and Schwarz
the largest (v.z)^2 is sum T_j z_j^2, at v_j ~ T_j z_j. It grows with every T_j, and the most transmissive paths from one root form
a tree: so the best tree of a root is that of its best paths, and trying every root gives the best of all trees.

No other passive layout of one squeezed vacuum is better, with cycles or links used again and again: weigh the energy at every
node by 1/T, T its best transmissivity from the root. Beam splitters act within a node and keep the sum, and crossing a link from k
to i leaves tau/T_i <= 1/T_k of it, as T_i >= tau T_k. So sum |v_j|^2/T_j <= 1 always, and (v.z)^2 <= sum T_j z_j^2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from networks import InputError
from photonics.conventions import Integer, Real, squeezing_for
from protocols.layout.frozen import Frozen
from protocols.layout.paths import Paths, require_nodes
from protocols.theory.task import DisplacementTask

ROOTS_AT_ONCE = 256
MAX_TIES = 64
"""Roots as good as each other whose trees are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree(Frozen):
    """A tree of links from a root, pruned to what the light needs.

    Attributes
    ----------
    root : str
    parents : tuple of (node, parent, transmissivity of the link), parents before their children
    arrives : tuple of (sensor, T_j), the transmissivity from the root to each sensor with a weight, in their order
    captured : float
        sum T_j z_j^2/|z|^2 in [0, 1], how much of the squeezing that counts gets through.
    """

    root: str
    parents: tuple[tuple[str, str, float], ...]
    arrives: tuple[tuple[str, float], ...]
    captured: float

    @property
    def nodes(self) -> tuple[str, ...]:
        """The root and all others, parents before their children."""
        return (self.root, *(node for node, _, _ in self.parents))

    def named(self, names: Mapping[str, str]) -> Tree:
        """The same tree with other names of its nodes.

        Parameters
        ----------
        names : mapping of str to str
            Of all its nodes.
        """
        return replace(
            self,
            root=names[self.root],
            parents=tuple((names[node], names[parent], t) for node, parent, t in self.parents),
            arrives=tuple((names[node], t) for node, t in self.arrives),
        )

    @property
    def depth(self) -> int:
        """Layers of beam splitters: the fewest for this tree when every node has one beam splitter a layer."""
        return served_order(self).layers[self.root]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ServedOrder:
    """The children of each node with their links' transmissivities, in the order served, and the layers behind each node."""

    children: Mapping[str, Sequence[tuple[str, float]]]
    layers: Mapping[str, int]


def served_order(tree: Tree) -> ServedOrder:
    """A node serves one child a layer, and those first whose own subtrees take longest: no order of this tree has fewer layers.

    Parameters
    ----------
    tree : Tree

    Examples
    --------
    >>> tree = Tree(root="a", parents=(("b", "a", 1.0), ("c", "a", 1.0), ("d", "c", 1.0)), arrives=(), captured=1.0)
    >>> [child for child, _ in served_order(tree).children["a"]], served_order(tree).layers["a"]
    (['c', 'b'], 2)
    """
    children: dict[str, list[tuple[str, float]]] = {node: [] for node in tree.nodes}
    for node, parent, transmissivity in tree.parents:
        children[parent].append((node, transmissivity))
    layers: dict[str, int] = {}
    for node in reversed(tree.nodes):
        own = children[node]
        if len(own) > 1:
            own.sort(key=lambda child: (-layers[child[0]], child[0]))
        layers[node] = max((place + layers[child] for place, (child, _) in enumerate(own, 1)), default=0)
    return ServedOrder(children=children, layers=layers)


def best_tree(task: DisplacementTask, *, roots: Sequence[str] | None = None, paths: Paths | None = None) -> Tree:
    """The tree with the least mean squared error for one squeezed vacuum, over all roots or some.

    Costs one shortest-path search a root, O(n (m + n log n)) for n nodes and m links.

    Parameters
    ----------
    task : DisplacementTask
    roots : names of the nodes that may hold the squeezer, all nodes when left out.
    paths : Paths, optional
        Those of the task, where they are known already.

    Raises
    ------
    InputError
        When a root is no node, none reaches every sensor, or the transmission of the sensors is below numerical precision.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.problem import Problem
    >>> tree = best_tree(Problem.of(SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)).task)
    >>> tree.root, [node for node, _, _ in tree.parents], tree.captured
    ('s1', ['hub', 's2'], 1.0)
    """
    require_nodes(task.nodes, roots)
    paths = paths or Paths.of(task)
    z = np.array(task.weights)
    if not z.any():
        raise InputError(["the transmission is below numerical precision, so no layout is better than another"])
    used = used_sensors(task)
    squares = z[z != 0] ** 2
    starts = range(len(task.nodes)) if roots is None else list(dict.fromkeys(paths.place[str(root)] for root in roots))
    best = -1.0
    equals: list[tuple[float, int, Integer]] = []
    for start in range(0, len(starts), ROOTS_AT_ONCE):
        some = starts[start : start + ROOTS_AT_ONCE]
        table = paths.best_from(some)
        lengths = table.lengths[:, used]
        reaches = np.isfinite(lengths).all(axis=1)
        captured = np.where(reaches, np.exp(-lengths) @ squares, -1.0)
        if captured.max() > best:
            best = float(captured.max())
        equals += [
            (float(value), origin, table.before[k])
            for k, (value, origin) in enumerate(zip(captured, some, strict=True))
            if value >= 0
        ]
        equals = [row for row in equals if row[0] >= best * (1 - 1e-12)][:MAX_TIES]
    if not equals:
        who = "no node reaches" if roots is None else f"light from {' or '.join(map(str, roots))} does not reach"
        raise InputError([f"{who} every sensor with a coefficient along the links; add links"])
    # Of roots that are as good the first that needs the fewest links.
    trees = [pruned_tree(paths, used, z[z != 0], before, origin) for _, origin, before in equals]
    return min(trees, key=lambda tree: len(tree.parents))


def used_sensors(task: DisplacementTask) -> list[int]:
    """Places among the nodes of the sensors whose weight is not zero."""
    return [place for place, weight in zip(task.sensors, task.weights, strict=True) if weight]


def pruned_tree(paths: Paths, ends: Sequence[int], z: Real, before: Integer, root: int) -> Tree:
    """The tree of one root, pruned to what some nodes need, its transmissivities multiplied out without the help for few links.

    Parameters
    ----------
    paths : Paths
    ends : (u,) places of the nodes that the light has to reach
    z : (u,) their weights, not zero
    before : (n,) the node before each on its path from the root
    root : place of the root
    """
    names, step_before = paths.nodes, before.tolist()
    through: dict[int, float] = {root: 1.0}
    parents: list[tuple[str, str, float]] = []
    for end in ends:
        path = []
        node = end
        while node not in through:
            path.append(node)
            node = step_before[node]
        for step in reversed(path):
            parent = step_before[step]
            kept = paths.link_transmissivity((names[step], names[parent]))
            parents.append((names[step], names[parent], kept))
            through[step] = through[parent] * kept
    arrives = tuple((names[end], through[end]) for end in ends)
    captured = math.fsum(t * w * w for (_, t), w in zip(arrives, z.tolist(), strict=True)) / float(z @ z)
    return Tree(root=names[root], parents=tuple(parents), arrives=arrives, captured=captured)


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
    task: DisplacementTask, arrives: Sequence[float], *, mean_photons: float | None = None, matched: bool = False
) -> float:
    """Mean squared error of q for one squeezed vacuum over a tree.

    sum c_j^2 (1 - eta_j^M) + sum z_j^2 (1 - T_j) + e^{-2r} sum T_j z_j^2 at the best amplitudes; nothing cancels
    (docs/how-to/along-links.md).

    Parameters
    ----------
    task : DisplacementTask
    arrives : (u,) floats in [0, 1]
        T_j of the sensors with z_j != 0, in their order.
    mean_photons : float, optional
        nbar of the source, that of the task when left out.
    matched : bool
        Take the amplitudes along z, the best ones without loss.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.problem import Problem
    >>> task = Problem.of(SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)).task
    >>> round(tree_mse(task, [1.0, 1.0]), 12), round(tree_mse(task, [0.5, 0.5]), 6)
    (0.343145750508, 1.171573)
    """
    z = [w for w in task.weights if w]
    squeezed = math.exp(-2 * squeezing_for(task.photons if mean_photons is None else mean_photons))
    lost = task.loss_noise
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
