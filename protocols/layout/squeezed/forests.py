"""Several squeezers along links: where to put them, which sensors each serves, and how they share the photons.

Separate trees with sources s reach sensor j with T_sj: the error is constant + sum z_j^2 (1 - T_sj) + sum_s A_s/f(n_s), A_s the
sum of T_sj z_j^2 over the sensors of s. The photons n_s are shared out as for separate squeezers with coefficients sqrt(A_s), a
convex problem. Given the photons, sensor j is best served by the source with the largest (1 - 1/f(n_s)) T_sj, and such cells are
trees of their own: a node on the best path from s to j is itself served best by s. Both steps in turn never raise the error. The
sources are found by adding one at a time and trying other nodes in their places, which is a search, not a proof.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from networks import InputError
from networks.values import whole_number
from photonics.conventions import Integer, Real, read_only
from protocols.layout.frozen import Frozen
from protocols.layout.paths import Paths, require_nodes
from protocols.layout.squeezed.trees import Tree, best_tree, pruned_tree, tree_shares, used_sensors
from protocols.theory.displacement import best_separable_split, displacement_gain
from protocols.theory.equal_errors import SAME
from protocols.theory.task import DisplacementTask

MAX_ROUNDS = 30
"""Times that sensors and photons are shared out again over the same squeezers."""
MAX_THOROUGH = 16
"""Nodes of a network whose every pair of sources is tried."""
MAX_TRIED = 400
"""Nodes tried as a further source, those that would serve most of what is lost first."""


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
    """

    tree: Tree
    mean_photons: float
    shares: tuple[tuple[str, float], ...]


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
    task: DisplacementTask, most: int = 3, *, roots: Sequence[str] | None = None, paths: Paths | None = None
) -> tuple[Forest, ...]:
    """The best layouts found with 1, 2, ... up to ``most`` squeezers, as long as another one lowers the error.

    The first is the best tree, proved; the others come from a search.

    Parameters
    ----------
    task : DisplacementTask
    most : int >= 1
    roots : names of the nodes that may hold squeezers, all nodes when left out.
    paths : Paths, optional
        Those of the task, where they are known already.

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
    given, most = most, whole_number(most) or 0
    if most < 1:
        raise InputError([f"the number of squeezers must be a positive integer, got {given!r}"])
    require_nodes(task.nodes, roots)
    search = _Search.of(task, roots, paths or Paths.of(task))
    first = best_tree(task, roots=roots, paths=search.paths)
    best = search.improved((search.paths.place[first.root],))
    forests = [search.forest(best)]
    while len(best.sources) < most:
        grown = search.grown(best)
        if grown is None or grown.mse >= best.mse * (1 - SAME):
            break
        best = grown
        forest = search.forest(best)
        # A source that serves nothing is none.
        if len(forest.sources) == len(forests[-1].sources):
            forests.pop()
        forests.append(forest)
    return tuple(forests)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Choice:
    """Sources, the place among them of each sensor's source, photons of each source, and the error."""

    sources: tuple[int, ...]
    cells: Integer
    photons: tuple[float, ...]
    mse: float


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Search:
    paths: Paths
    used: list[int]
    """Nodes of the sensors with a coefficient."""
    z: Real
    squares: Real
    through: Real
    """(n, u) transmissivities from every node to every used sensor, 0 where no path joins them."""
    mean_photons: float
    lost: float
    """What the losses after sensing add whatever the light is."""
    allowed: tuple[int, ...]
    """Nodes that may hold a squeezer."""

    @classmethod
    def of(cls, task: DisplacementTask, roots: Sequence[str] | None, paths: Paths) -> _Search:
        allowed = range(len(task.nodes)) if roots is None else sorted({paths.place[str(root)] for root in roots})
        used = used_sensors(task)
        z = np.array([weight for weight in task.weights if weight])
        # Where there is no path the length is infinite.
        through = np.exp(-paths.best.lengths[:, used])
        return cls(
            paths=paths,
            used=used,
            z=read_only(z),
            squares=read_only(z**2),
            through=read_only(through),
            mean_photons=task.photons,
            lost=task.loss_noise,
            allowed=tuple(allowed),
        )

    @property
    def is_small(self) -> bool:
        """Whether there is time to try everything twice."""
        return len(self.paths.nodes) <= MAX_THOROUGH

    def improved(self, sources: tuple[int, ...]) -> _Choice:
        """Cells and photons of these sources, each in turn until nothing changes, from several beginnings in small networks."""
        count = len(sources)
        starts = [np.ones(count)]
        if count > 1 and self.is_small:
            starts += [np.where(np.arange(count) == k, 1.0, weak) for k in range(count) for weak in (0.8, 0.5)]
        return min((self._improved(sources, gains) for gains in starts), key=lambda choice: choice.mse)

    def _improved(self, sources: tuple[int, ...], gains: Real) -> _Choice:
        nbar, squares = self.mean_photons, self.squares
        reach = self.through[list(sources)]
        best: _Choice | None = None
        for _ in range(MAX_ROUNDS):
            cells = np.argmax(gains[:, None] * reach, axis=0)
            arrives = reach[cells, np.arange(len(cells))]
            shares = np.bincount(cells, weights=arrives * squares, minlength=len(sources))
            photons = best_separable_split(np.sqrt(shares).tolist(), nbar).mean_photons
            noise = math.fsum(a / displacement_gain(n) for a, n in zip(shares, photons, strict=True))
            mse = self.lost + float((squares * (1 - arrives)).sum()) + noise
            if best is not None and mse >= best.mse * (1 - 1e-13):
                break
            best = _Choice(sources=sources, cells=cells, photons=photons, mse=mse)
            gains = np.array([1 - 1 / displacement_gain(n) for n in photons])
        assert best is not None
        return best

    def grown(self, choice: _Choice) -> _Choice | None:
        """The best choice found with one source more: each node tried, then each source moved while that helps."""
        arrives = self.through[list(choice.sources)][choice.cells, np.arange(len(choice.cells))]
        # How much a source at each node could bring closer, were all its light there.
        promise = np.maximum(self.through - arrives, 0) @ self.squares
        allowed = set(self.allowed).difference(choice.sources)
        tried = [int(k) for k in np.argsort(-promise) if int(k) in allowed and promise[k] > 0][:MAX_TRIED]
        options = [self.improved((*choice.sources, node)) for node in tried]
        if len(choice.sources) == 1 and self.is_small:
            # Small networks: every pair.
            options += [self.improved(pair) for pair in itertools.combinations(self.allowed, 2)]
            tried = list(self.allowed)
        if not options:
            return None
        options.sort(key=lambda option: option.mse)
        beginnings = options[: 5 if self.is_small else 1]
        return min((self._moved(option, tried) for option in beginnings), key=lambda option: option.mse)

    def _moved(self, best: _Choice, tried: list[int]) -> _Choice:
        """Each source moved to each node tried while that helps."""
        moved = True
        while moved:
            moved = False
            for place in range(len(best.sources)):
                for node in tried:
                    if node in best.sources:
                        continue
                    other = self.improved((*best.sources[:place], node, *best.sources[place + 1 :]))
                    if other.mse < best.mse * (1 - SAME):
                        best, moved = other, True
        return best

    def forest(self, choice: _Choice) -> Forest:
        trees, error = [], self.lost
        for place, (root, photons) in enumerate(zip(choice.sources, choice.photons, strict=True)):
            served = np.flatnonzero(choice.cells == place)
            if not len(served):
                continue
            own = self.z[served]
            ends = [self.used[k] for k in served]
            tree = pruned_tree(self.paths, ends, own, self.paths.best.before[root], root)
            shares = tree_shares(own.tolist(), [t for _, t in tree.arrives])
            kept = tuple(zip((name for name, _ in tree.arrives), shares, strict=True))
            trees.append(SourceTree(tree=tree, mean_photons=photons, shares=kept))
            # The search's transmissivities are a little low, for fewer links; these are multiplied out.
            arrives = np.array([t for _, t in tree.arrives])
            squares = own**2
            error += float((squares * (1 - arrives)).sum()) + float(arrives @ squares) / displacement_gain(photons)
        return Forest(sources=tuple(trees), mse=error)
