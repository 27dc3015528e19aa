"""The physical side of a displacement design: the best tree, more squeezers, and the layouts to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from networks import SensorNetwork
from protocols.layout.alternatives import Alternative, best_of
from protocols.layout.squeezed.beam_splitters import TreeLayout, elements_of, tree_layout
from protocols.layout.squeezed.forests import Forest, SourceTree, best_forests
from protocols.layout.squeezed.robustness import Robustness, layout_robustness
from protocols.layout.squeezed.trees import (
    all_paths,
    network_loss_noise,
    network_weights,
    pruned_tree,
    require_nodes,
    tree_mse,
    tree_shares,
)
from protocols.problem import DisplacementProblem
from protocols.theory.displacement import best_separable_split

MAX_SOUGHT = 3
MAX_SHARED = 300
"""Nodes of a network up to which further squeezers and other layouts are looked at; seconds for three squeezers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqueezedLayouts:
    """The squeezed light of a displacement network along its links.

    Attributes
    ----------
    layout : TreeLayout
        One squeezed vacuum over the best tree.
    robustness : Robustness
        What imperfect elements and failing links do to it.
    forests : tuple of Forest
        The best layouts found with 1, 2, ... squeezers, as long as one more helps; empty without losses, and in large networks.
    alternatives : tuple of Alternative
        Layouts that no other one looked at is better than in every respect; empty in large networks.
    """

    layout: TreeLayout
    robustness: Robustness
    forests: tuple[Forest, ...]
    alternatives: tuple[Alternative, ...]
    shown: Forest
    """The layout that is drawn and written: the best tree, or when a number of squeezers was asked for the best forest found."""

    @property
    def mse(self) -> float:
        """Mean squared error of q with one squeezed vacuum."""
        return self.layout.mse

    def to_dict(self) -> dict[str, object]:
        """The ``physical`` section of ``psn design --json`` for displacement sensing."""
        several = [
            {"sources": [_source_document(source) for source in forest.sources], "mse": forest.mse}
            for forest in self.forests
        ]
        return {
            **self.layout.to_dict(),
            "robustness": self.robustness.to_dict(),
            "squeezers": several,
            "alternatives": [alternative.to_dict() for alternative in self.alternatives],
        }


def _source_document(source: SourceTree) -> dict[str, object]:
    """One squeezer of several, with its beam splitters."""
    return {
        "node": source.tree.root,
        "mean_photons": source.mean_photons,
        "sensors": [name for name, _ in source.shares],
        "elements": [element.to_dict() for element in elements_of(source.tree, dict(source.shares))],
    }


def squeezed_layouts(
    problem: DisplacementProblem,
    *,
    roots: Sequence[str] | None = None,
    squeezers: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> SqueezedLayouts | None:
    """Lay the squeezed light of a displacement network out along its links; None when next to no light survives the sensing.

    Parameters
    ----------
    roots : names of the nodes that may hold a squeezer; all nodes when left out.
    squeezers : int
        At most so many; when left out up to three are looked for, and one for each sensor compared.

    Raises
    ------
    InputError
        For roots that are no nodes or do not reach all sensors, or more squeezers than places for them.
    """
    network, names = problem.network, problem.names
    require_nodes(names, roots)
    if not any(problem.task.weights):
        return None
    tell = progress or (lambda _: None)
    tell("laying out the light along the links")
    layout = tree_layout(network, roots=roots)
    robustness = layout_robustness(network, layout)
    forests: tuple[Forest, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    if len(names) <= MAX_SHARED:
        if squeezers != 1 and any(link.transmissivity < 1 for link in network.links):
            tell("looking for places of further squeezers")
            forests = best_forests(network, squeezers or MAX_SOUGHT, roots=roots)
        tell("comparing layouts")
        alternatives = squeezed_alternatives(network, forests, roots=roots, squeezers=squeezers)
    buildable = [forest for forest in forests if stand_apart(forest)]
    several = squeezers is not None and bool(buildable)
    return SqueezedLayouts(
        layout=layout,
        robustness=robustness,
        forests=forests,
        alternatives=alternatives,
        shown=buildable[-1] if several else layout.as_forest(),
    )


def squeezed_alternatives(
    network: SensorNetwork,
    forests: Sequence[Forest] = (),
    *,
    roots: Sequence[str] | None = None,
    squeezers: int | None = None,
) -> tuple[Alternative, ...]:
    """Trees from every allowed root, along the most transmissive paths and along the fewest links, and these forests.

    Only those are given that no other is better than in every respect. A squeezer at each sensor is among them when sensors
    may hold squeezers and ``squeezers`` are enough.

    Examples
    --------
    >>> chain = SensorNetwork.chain([1, 1, 1], sensing="displacement", mean_photons=1.0)
    >>> [(a.title, a.depth, a.sources) for a in squeezed_alternatives(chain)]
    [('squeezer in s1', 2, 1), ('a squeezer at each sensor', 0, 3)]
    """
    weights = [w for w in network_weights(network) if w]
    z = np.array(network_weights(network))
    found = []
    for fewest_links in (False, True):
        names, sensors, lengths, before = all_paths(network, fewest_links=fewest_links)
        require_nodes(names, roots)
        allowed = names if roots is None else list(map(str, roots))
        used = [sensor for sensor, weight in zip(sensors, z, strict=True) if weight]
        for root in (names.index(name) for name in allowed):
            if not np.isfinite(lengths[root, used]).all():
                continue
            tree = pruned_tree(network, names, sensors, z, before[root], root)
            arrives = [t for _, t in tree.arrives]
            shares = dict(zip((name for name, _ in tree.arrives), tree_shares(weights, arrives), strict=True))
            found.append(
                Alternative(
                    title=f"squeezer in {names[root]}" + (", fewest links" if fewest_links else ""),
                    mse=tree_mse(network, arrives),
                    elements=len(tree.parents),
                    depth=max((e.layer for e in elements_of(tree, shares)), default=0),
                    sources=1,
                    entangled_modes=len(used),
                )
            )
    found += [_forest_alternative(forest) for forest in forests if len(forest.sources) > 1 and stand_apart(forest)]
    holders = {str(mode.id) for mode, w in zip(network.sensors, z, strict=True) if w}
    enough = squeezers is None or squeezers >= len(weights)
    if enough and (roots is None or holders <= set(map(str, roots))):
        assert network.mean_photons is not None
        variance = best_separable_split(weights, network.mean_photons).variance
        found.append(
            Alternative(
                title="a squeezer at each sensor",
                mse=network_loss_noise(network) + variance,
                elements=0,
                depth=0,
                sources=len(weights),
                entangled_modes=1,
            )
        )
    return best_of(found)


def stand_apart(forest: Forest) -> bool:
    """Whether no two trees share a node, where their light would mix."""
    nodes = [name for source in forest.sources for name in (source.tree.root, *(n for n, _, _ in source.tree.parents))]
    return len(set(nodes)) == len(nodes)


def _forest_alternative(forest: Forest) -> Alternative:
    layers = [element.layer for s in forest.sources for element in elements_of(s.tree, dict(s.shares))]
    return Alternative(
        title="squeezers in " + ", ".join(source.tree.root for source in forest.sources),
        mse=forest.mse,
        elements=len(layers),
        depth=max(layers, default=0),
        sources=len(forest.sources),
        entangled_modes=max(len(source.shares) for source in forest.sources),
    )
