"""Several squeezers along links as separate trees: where to put them, which sensors each serves, and how they share the photons.

The places, sensors and photons are those of ``protocols.theory.limits.places``, over the best path from every node to every
sensor. A node on the best path from s to j is itself served best by s, so the paths of each squeezer are a tree of their own.
The sources are found by adding one at a time and trying other nodes in their places, which is a search, not a proof.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from networks import InputError
from networks.values import whole_number
from protocols.layout.frozen import Frozen
from protocols.layout.paths import Paths, require_nodes
from protocols.layout.squeezed.trees import Tree, best_tree, pruned_tree
from protocols.theory.limits.places import PlacedSqueezers, best_placed_squeezers
from protocols.theory.limits.readout import HomodyneReadout, homodyne_readout
from protocols.theory.limits.shared import SharedLight
from protocols.theory.limits.squeezers import SqueezerLimits
from protocols.theory.task import DisplacementTask


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree(Frozen):
    """One squeezer at the root of its tree.

    Attributes
    ----------
    tree : Tree
    mean_photons : float >= 0
        Of its squeezed vacuum.
    shares : tuple of (sensor, share)
        Of its light for each sensor it serves, with the sign of the amplitude; ``tree_shares`` says what they are.
    efficiency : float in (0, 1]
        Escape efficiency, a loss behind the squeezer.
    """

    tree: Tree
    mean_photons: float
    shares: tuple[tuple[str, float], ...]
    efficiency: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest(Frozen):
    """Separate trees that together reach every sensor with a coefficient.

    Attributes
    ----------
    sources : tuple of SourceTree
    mse : float
        Mean squared error of q in one shot, with the losses of links and modes.
    """

    sources: tuple[SourceTree, ...]
    mse: float

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of all trees, one after the other."""
        return tuple(name for source in self.sources for name in source.tree.nodes)

    @property
    def is_separate(self) -> bool:
        """Whether no two trees share a node, where their light would mix."""
        return len(set(self.nodes)) == len(self.nodes)


def best_forests(
    task: DisplacementTask,
    most: int = 3,
    *,
    roots: Sequence[str] | None = None,
    paths: Paths | None = None,
    readout: HomodyneReadout | None = None,
    limits: SqueezerLimits | None = None,
    efficiency: Mapping[str, float] | None = None,
) -> tuple[Forest, ...]:
    """The best layouts found with 1, 2, ... up to ``most`` squeezers, as long as another one lowers the error.

    The first is the best tree, proved where ``best_placed_squeezers`` says so, as without limits; the others come from a search.

    Parameters
    ----------
    task : DisplacementTask
    most : int >= 1
    roots : names of the nodes that may hold squeezers, all nodes when left out.
    paths : Paths, optional
        Those of the task, where they are known already.
    readout : HomodyneReadout, optional
        Of all sensors, with what the laboratory has; that of the task's losses alone when left out.
    limits : SqueezerLimits, optional
        Photons and dB; the photons of the task alone when left out. Its number of squeezers counts where it is below ``most``.
    efficiency : mapping of names of nodes to floats in (0, 1], optional
        Escape efficiencies; 1 where left out.

    Raises
    ------
    InputError
        For ``most`` below 1, or when no node reaches all sensors.

    Examples
    --------
    Two pairs of sensors with a long way between them are better served by a squeezer for each pair:

    >>> from networks import Link, SensorNetwork
    >>> from protocols.problem import Problem
    >>> chain = SensorNetwork.chain([1, 1, 1, 1], sensing="displacement", mean_photons=2.0)
    >>> links = tuple(Link(ends=k.ends, transmissivity=0.01 if "s2" in k.ends and "s3" in k.ends else 1.0) for k in chain.links)
    >>> [(len(f.sources), round(f.mse, 4)) for f in best_forests(Problem.of(chain.replace(links=links)).task)]
    [(1, 2.1841), (2, 0.6863)]
    """
    asked, most = most, whole_number(most) or 0
    if most < 1:
        raise InputError([f"the number of squeezers must be a positive integer, got {asked!r}"])
    require_nodes(task.nodes, roots)
    known = paths or Paths.of(task)
    grove = _Grove.of(task, known, readout, efficiency)
    # Of roots that are as good the one that needs the fewest links; it has to reach every sensor.
    plain = readout is None and limits is None and efficiency is None
    first = known.place[best_tree(task, roots=roots, paths=known).root] if plain else None
    light = limits or SqueezerLimits(mean_photons=task.photons)
    within = replace(light, squeezers=most if light.squeezers is None else min(most, light.squeezers))
    return tuple(grove.forest(placed) for placed in grove.best(within, roots, first))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Grove:
    """A task with its readout and limits, whose squeezers in places become trees along its links."""

    paths: Paths
    used: list[int]
    """Nodes of the sensors that light counts at."""
    readout: HomodyneReadout
    """Of these sensors."""
    efficiency: list[float]
    """Escape efficiencies of squeezers at the nodes."""
    unlit: float
    """What the other sensors add."""

    @classmethod
    def of(
        cls,
        task: DisplacementTask,
        paths: Paths,
        readout: HomodyneReadout | None,
        efficiency: Mapping[str, float] | None,
    ) -> _Grove:
        whole = readout or homodyne_readout(task.alpha, passes=task.passes, transmissivity=task.transmissivity)
        seen = [place for place, weight in enumerate(whole.weights) if weight]
        unseen = [place for place, weight in enumerate(whole.weights) if not weight]
        return cls(
            paths=paths,
            used=[task.sensors[place] for place in seen],
            readout=whole.some(seen),
            efficiency=[1.0 if efficiency is None else efficiency.get(name, 1.0) for name in task.nodes],
            unlit=whole.some(unseen).vacuum_mse,
        )

    def best(
        self, limits: SqueezerLimits, roots: Sequence[str] | None, first: int | None
    ) -> tuple[PlacedSqueezers, ...]:
        """The best places of 1, 2, ... squeezers."""
        # Where there is no path the length is infinite.
        through = np.exp(-self.paths.best.lengths[:, self.used])
        places = None if roots is None else [self.paths.place[str(root)] for root in roots]
        return best_placed_squeezers(
            self.readout, limits, through, efficiency=self.efficiency, allowed=places, first=first
        )

    def forest(self, placed: PlacedSqueezers) -> Forest:
        """Their trees; the transmissivities of the search are a little low, for fewer links, and are multiplied out here."""
        sources, errors, dark = [], [self.unlit], set(range(len(self.used)))
        for squeezer in placed.squeezers:
            root, own = squeezer.place, self.readout.some(squeezer.sensors)
            ends = [self.used[k] for k in squeezer.sensors]
            tree = pruned_tree(self.paths, ends, own.z, self.paths.best.before[root], root)
            light = SharedLight.over(own, [t for _, t in tree.arrives], self.efficiency[root])
            sent = light.best_sent(squeezer.mean_photons)
            shares = np.copysign(sent**2, own.z).tolist()
            kept = tuple(zip((name for name, _ in tree.arrives), shares, strict=True))
            sources.append(
                SourceTree(tree=tree, mean_photons=squeezer.mean_photons, shares=kept, efficiency=self.efficiency[root])
            )
            errors.append(light.mse(sent, squeezer.mean_photons))
            dark -= set(squeezer.sensors)
        errors.append(self.readout.some(sorted(dark)).vacuum_mse)
        return Forest(sources=tuple(sources), mse=math.fsum(errors))
