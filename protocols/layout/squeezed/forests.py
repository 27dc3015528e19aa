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

from networks import InputError, SensorNetwork
from photonics.conventions import Real
from protocols.layout.squeezed.trees import (
    Tree,
    all_paths,
    best_tree,
    network_loss_noise,
    network_weights,
    pruned_tree,
    require_nodes,
    tree_shares,
)
from protocols.theory.displacement import best_separable_split, displacement_gain

MAX_ROUNDS = 30
MAX_THOROUGH = 16
"""Nodes of a network whose every pair of sources is tried."""
MAX_TRIED = 400
"""Nodes tried as a further source, those that would serve most of what is lost first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """One squeezer of ``mean_photons`` at the root of its tree, with the share of its light for each sensor it serves.

    Shares have the sign of the amplitude; ``tree_shares`` says what they are.
    """

    tree: Tree
    mean_photons: float
    shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Separate trees that together reach every sensor with a coefficient, and the mean squared error of q they reach."""

    sources: tuple[SourceTree, ...]
    mse: float


def best_forests(network: SensorNetwork, most: int = 3, *, roots: Sequence[str] | None = None) -> tuple[Forest, ...]:
    """The best layouts found with 1, 2, ... up to ``most`` squeezers, as long as another one lowers the error.

    ``roots`` are the nodes that may hold squeezers, all nodes when left out.

    The first is the best tree, proved; the others come from a search.

    Raises
    ------
    InputError
        For ``most`` below 1, or when no node reaches all sensors.

    Examples
    --------
    Two pairs of sensors with a long way between them are better served by a squeezer for each pair:

    >>> from networks import Link
    >>> chain = SensorNetwork.chain([1, 1, 1, 1], sensing="displacement", mean_photons=2.0)
    >>> links = tuple(Link(ends=k.ends, transmissivity=0.01 if "s2" in k.ends and "s3" in k.ends else 1.0) for k in chain.links)
    >>> [(len(f.sources), round(f.mse, 4)) for f in best_forests(chain.replace(links=links))]
    [(1, 2.1841), (2, 0.6863)]
    """
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise InputError([f"the number of squeezers must be a positive integer, got {most!r}"])
    search = _Search.of(network, roots)
    best = search.improved((search.names.index(best_tree(network, roots=roots).root),))
    found = [search.forest(best)]
    while len(best.sources) < most:
        grown = search.grown(best)
        if grown is None or grown.mse >= best.mse * (1 - 1e-9):
            break
        best = grown
        forest = search.forest(best)
        # A source that serves nothing is none.
        if len(forest.sources) == len(found[-1].sources):
            found.pop()
        found.append(forest)
    return tuple(found)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Choice:
    """Sources, the place among them of each sensor's source, photons of each source, and the error."""

    sources: tuple[int, ...]
    cells: Real
    photons: tuple[float, ...]
    mse: float


@dataclass(frozen=True, eq=False, kw_only=True)
class _Search:
    network: SensorNetwork
    names: list[str]
    used: list[int]
    """Nodes of the sensors with a coefficient."""
    z: Real
    through: Real
    """(n, u) transmissivities from every node to every used sensor, 0 where there is no way."""
    before: Real
    lost: float
    """What the losses after sensing add whatever the light is."""
    allowed: tuple[int, ...]
    """Nodes that may hold a squeezer."""

    @classmethod
    def of(cls, network: SensorNetwork, roots: Sequence[str] | None) -> _Search:
        names, sensors, lengths, before = all_paths(network)
        require_nodes(names, roots)
        allowed = names if roots is None else [name for name in names if name in set(map(str, roots))]
        weights = network_weights(network)
        used = [sensor for sensor, weight in zip(sensors, weights, strict=True) if weight]
        through = np.where(np.isfinite(lengths[:, used]), np.exp(-lengths[:, used]), 0.0)
        z = np.array([weight for weight in weights if weight])
        return cls(
            network=network,
            names=names,
            used=used,
            z=z,
            through=through,
            before=before,
            lost=network_loss_noise(network),
            allowed=tuple(names.index(name) for name in allowed),
        )

    def improved(self, sources: tuple[int, ...]) -> _Choice:
        """Cells and photons of these sources, each in turn until nothing changes, from several beginnings in small networks."""
        count = len(sources)
        starts = [np.ones(count)]
        if count > 1 and len(self.names) <= MAX_THOROUGH:
            starts += [np.where(np.arange(count) == k, 1.0, weak) for k in range(count) for weak in (0.8, 0.5)]
        return min((self._improved(sources, gains) for gains in starts), key=lambda choice: choice.mse)

    def _improved(self, sources: tuple[int, ...], gains: Real) -> _Choice:
        assert self.network.mean_photons is not None
        nbar, squares = self.network.mean_photons, self.z**2
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
        promise = np.maximum(self.through - arrives, 0) @ self.z**2
        allowed = set(self.allowed).difference(choice.sources)
        tried = [int(k) for k in np.argsort(-promise) if int(k) in allowed and promise[k] > 0][:MAX_TRIED]
        options = [self.improved((*choice.sources, node)) for node in tried]
        if len(choice.sources) == 1 and len(self.names) <= MAX_THOROUGH:
            # Small networks: every pair.
            options += [self.improved(pair) for pair in itertools.combinations(self.allowed, 2)]
            tried = list(self.allowed)
        if not options:
            return None
        options.sort(key=lambda option: option.mse)
        beginnings = options[: 5 if len(self.names) <= MAX_THOROUGH else 1]
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
                    if other.mse < best.mse * (1 - 1e-9):
                        best, moved = other, True
        return best

    def forest(self, choice: _Choice) -> Forest:
        trees, error = [], self.lost
        for place, (root, photons) in enumerate(zip(choice.sources, choice.photons, strict=True)):
            own = np.where(choice.cells == place, self.z, 0.0)
            if not own.any():
                continue
            tree = pruned_tree(self.network, self.names, self.used, own, self.before[root], root)
            shares = tree_shares([w for w in own if w], [t for _, t in tree.arrives])
            kept = tuple(zip((name for name, _ in tree.arrives), shares, strict=True))
            trees.append(SourceTree(tree=tree, mean_photons=photons, shares=kept))
            # The search's transmissivities are a little low, for fewer links; these are multiplied out.
            arrives = np.array([t for _, t in tree.arrives])
            squares = own[own != 0] ** 2
            error += float((squares * (1 - arrives)).sum()) + float(arrives @ squares) / displacement_gain(photons)
        return Forest(sources=tuple(trees), mse=error)
