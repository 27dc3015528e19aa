"""A tree as elements: a beam splitter on each link with angle and layer, and the loss of the link; and as a circuit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from networks import InputError
from photonics.conventions import squeezing_db, squeezing_for
from protocols.documents.printed import Entry, Printed
from protocols.layout.frozen import Frozen
from protocols.layout.paths import Paths
from protocols.layout.squeezed.forests import Forest, SourceTree
from protocols.layout.squeezed.trees import Tree, amplitudes_of, best_tree, served_order, tree_mse, tree_shares
from protocols.theory.limits.readout import HomodyneReadout
from protocols.theory.limits.shared import best_shared_squeezing, shared_mse
from protocols.theory.limits.squeezers import SqueezerLimits
from protocols.theory.task import DisplacementTask

if TYPE_CHECKING:
    from photonics import Circuit
    from photonics.circuits.circuit import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Element(Frozen, Printed):
    """A beam splitter between a node and the next: cos(theta) of the amplitude stays, sin(theta) is reflected onto the link.

    Elements of one layer share no node, so they work at the same time.

    Attributes
    ----------
    edge : (str, str)
        The node, and the next.
    layer : int >= 1
    theta_rad : float
    transmissivity : float in (0, 1]
        Of the link behind the beam splitter.
    """

    DOCUMENT = (
        "edge",
        "layer",
        "theta_rad",
        Entry("phi_rad", of=lambda _: 0.0),
        Entry("link_transmissivity", of="transmissivity"),
    )

    edge: tuple[str, str]
    layer: int
    theta_rad: float
    transmissivity: float

    @property
    def reflectivity(self) -> float:
        """sin(theta)^2, the share of the energy that goes to the next node."""
        return math.sin(self.theta_rad) ** 2


def _source(layout: TreeLayout) -> dict[str, object]:
    db = squeezing_db(squeezing_for(layout.mean_photons))
    return {"node": layout.tree.root, "mean_photons": layout.mean_photons, "squeezing_db": db}


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeLayout(Frozen, Printed):
    """The interferometer of one squeezed vacuum along links: elements, what it reaches, and what it loses.

    Attributes
    ----------
    tree : Tree
    elements : tuple of Element
        Its beam splitters, in order of their layers.
    mean_photons : float > 0
        Of the source.
    mse, matched_mse : float
        With the amplitudes T_j z_j that the losses make best, and with those of a lossless network, z_j, on the same tree.
    lossless_mse : float
        What the best light over the same sensors would give with links without loss, under the same limits.
    is_matched_allowed : bool
        Whether the amplitudes of ``matched_mse`` keep to the limits of light at the sensors.
    shares : tuple of (sensor, share)
        Of the source's light sent to each sensor, with the sign of the amplitude.
    """

    DOCUMENT = (
        Entry("source", of=_source),
        "elements",
        "depth",
        "relays",
        Entry("arrives", of=lambda layout: dict(layout.tree.arrives)),
        Entry("amplitudes", of=lambda layout: dict(layout.amplitudes)),
        Entry("captured", of="tree.captured"),
        "mse",
        "matched_mse",
        "lossless_mse",
    )

    tree: Tree
    elements: tuple[Element, ...]
    shares: tuple[tuple[str, float], ...]
    mean_photons: float
    mse: float
    matched_mse: float
    lossless_mse: float
    is_matched_allowed: bool = True

    @property
    def amplitudes(self) -> tuple[tuple[str, float], ...]:
        """(sensor, v_j): the amplitudes that arrive."""
        amplitudes = amplitudes_of([s for _, s in self.shares], [t for _, t in self.tree.arrives])
        return tuple(zip((name for name, _ in self.shares), amplitudes, strict=True))

    @property
    def depth(self) -> int:
        """Layers of beam splitters, the fewest for this tree when every node has one beam splitter a layer."""
        return max((element.layer for element in self.elements), default=0)

    @property
    def relays(self) -> tuple[str, ...]:
        """Nodes that light passes through and does not stay in."""
        kept = {name for name, _ in self.shares}
        return tuple(name for name in self.tree.nodes if name not in kept)

    def as_forest(self) -> Forest:
        """The same as a forest of one tree."""
        source = SourceTree(tree=self.tree, mean_photons=self.mean_photons, shares=self.shares)
        return Forest(sources=(source,), mse=self.mse)


def tree_layout(
    task: DisplacementTask, *, roots: Sequence[str] | None = None, paths: Paths | None = None
) -> TreeLayout:
    """The best tree of a displacement task with its beam splitters.

    Parameters
    ----------
    task : DisplacementTask
    roots : names of the nodes that may hold the squeezer, all nodes when left out.
    paths : Paths, optional
        Those of the task, where they are known already.

    Raises
    ------
    InputError
        As for ``best_tree``.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.problem import Problem
    >>> task = Problem.of(SensorNetwork.chain([1, -1, 1], sensing="displacement", mean_photons=2.0)).task
    >>> layout = tree_layout(task)
    >>> layout.tree.root, [(e.edge, e.layer) for e in layout.elements]
    ('s1', [(('s1', 's2'), 1), (('s2', 's3'), 2)])
    """
    tree = best_tree(task, roots=roots, paths=paths)
    names, arrives = [name for name, _ in tree.arrives], [t for _, t in tree.arrives]
    shares = tree_shares([w for w in task.weights if w], arrives)
    return TreeLayout(
        tree=tree,
        elements=elements_of(tree, dict(zip(names, shares, strict=True))),
        shares=tuple(zip(names, shares, strict=True)),
        mean_photons=task.photons,
        mse=tree_mse(task, arrives),
        matched_mse=tree_mse(task, arrives, matched=True),
        lossless_mse=tree_mse(task, [1.0] * len(arrives)),
    )


def layout_of_forest(
    task: DisplacementTask, readout: HomodyneReadout, limits: SqueezerLimits, forest: Forest
) -> TreeLayout:
    """The one squeezer of a forest that was made under limits, with what links without loss would give under them.

    Parameters
    ----------
    task : DisplacementTask
    readout : HomodyneReadout
        Of all sensors.
    limits : SqueezerLimits
        That the forest was made under.
    forest : Forest
        Of one tree.
    """
    (source,) = forest.sources
    place = {name: number for number, name in enumerate(task.sensor_names)}
    served = [place[name] for name, _ in source.tree.arrives]
    others = [number for number in range(len(task.sensor_names)) if number not in set(served)]
    own, rest = readout.some(served), readout.some(others).vacuum_mse if others else 0.0
    arrives = [t for _, t in source.tree.arrives]
    # Amplitudes that arrive along z, as without loss, from shares along z^2/T.
    along_z = [w / t if t else 0.0 for w, t in zip(own.weights, arrives, strict=True)]
    matched = amplitudes_of(tree_shares(along_z, arrives), arrives)
    lossless = best_shared_squeezing(own, limits, efficiency=source.efficiency)
    return TreeLayout(
        tree=source.tree,
        elements=elements_of(source.tree, dict(source.shares)),
        shares=source.shares,
        mean_photons=source.mean_photons,
        mse=forest.mse,
        matched_mse=rest + shared_mse(own, matched, source.mean_photons, source.efficiency),
        lossless_mse=rest + lossless.mse,
        is_matched_allowed=all(
            source.mean_photons * source.efficiency * v * v <= cap * (1 + 1e-12)
            for v, cap in zip(matched, own.caps.tolist(), strict=True)
        ),
    )


def elements_of(tree: Tree, shares: Mapping[str, float]) -> tuple[Element, ...]:
    """The beam splitters that send these shares of the source's light to the nodes, signs included, in order of their layers.

    At a node only ratios of shares count: what goes to a child's subtree against what stays or goes to later children.
    """
    order = served_order(tree).children
    behind: dict[str, float] = {}
    for node in reversed(tree.nodes):
        behind[node] = abs(shares.get(node, 0.0)) + math.fsum(behind[child] for child, _ in order[node])
    elements = []
    # Nodes with the layer after which their light is there, and its sign.
    waiting = [(tree.root, 0, math.copysign(1.0, shares.get(tree.root, 1.0)))]
    while waiting:
        node, ready, sign = waiting.pop()
        # From the last child back, so that small shares are added up, not left over from large ones.
        rest = [abs(shares.get(node, 0.0))]
        for child, _ in reversed(order[node][1:]):
            rest.append(rest[-1] + behind[child])
        for place, (child, transmissivity) in enumerate(order[node], 1):
            turned = sign if child not in shares else math.copysign(1.0, shares[child])
            onward, left = math.sqrt(behind[child]), math.sqrt(rest[len(order[node]) - place])
            elements.append(
                Element(
                    edge=(node, child),
                    layer=ready + place,
                    theta_rad=math.atan2(sign * turned * onward, left),
                    transmissivity=transmissivity,
                )
            )
            waiting.append((child, ready + place, turned))
    return tuple(sorted(elements, key=lambda element: (element.layer, element.edge)))


def layout_circuit(task: DisplacementTask, layout: TreeLayout) -> Circuit:
    """The layout as a circuit, to run on any engine: source, elements with the losses of their links, then the passes."""
    return forest_circuit(task, layout.as_forest())


def forest_circuit(task: DisplacementTask, forest: Forest, before: Mapping[str, float] | None = None) -> Circuit:
    """Separate trees as one circuit; what only passes light on comes after the sensors.

    Parameters
    ----------
    task : DisplacementTask
    forest : Forest
    before : mapping of names of sensors to floats in (0, 1], optional
        Transmissivities in front of the sensing, beside the links.

    Raises
    ------
    InputError
        When two trees share a node, as only trees of equal worth might: their light would mix there.
    """
    from photonics import Circuit, Loss, Sense

    nodes = forest.nodes
    if shared := sorted({name for name in nodes if nodes.count(name) > 1}):
        raise InputError([f"trees share the nodes {', '.join(shared)}"])
    operations = list(forest_operations(forest))
    sensors = task.sensor_names
    if before is not None:
        operations += [Loss(mode=name, transmissivity=before[name]) for name in sensors if before[name] < 1]
    losses = [
        Loss(mode=name, transmissivity=eta) for name, eta in zip(sensors, task.transmissivity, strict=True) if eta < 1
    ]
    each_pass: list[Operation] = [Sense(modes=sensors, generator="momentum"), *losses]
    modes = (*sensors, *(name for name in nodes if name not in sensors))
    return Circuit(modes=modes, operations=(*operations, *each_pass * task.passes))


def forest_operations(forest: Forest) -> tuple[Operation, ...]:
    """The squeezers of separate trees, and their beam splitters with the losses of links.

    Parameters
    ----------
    forest : Forest
    """
    from photonics import BeamSplitter, Loss, Squeeze

    operations: list[Operation] = []
    for source in forest.sources:
        operations.append(Squeeze(mode=source.tree.root, r=squeezing_for(source.mean_photons)))
        if source.efficiency < 1:
            operations.append(Loss(mode=source.tree.root, transmissivity=source.efficiency))
        for element in elements_of(source.tree, dict(source.shares)):
            here, there = element.edge
            operations.append(BeamSplitter(first=here, second=there, theta_rad=element.theta_rad))
            if element.transmissivity < 1:
                operations.append(Loss(mode=there, transmissivity=element.transmissivity))
    return tuple(operations)
