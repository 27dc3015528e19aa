"""Passive unitaries as beam splitters between linked modes only: which pairs, which angles, in which layers.

Peel the modes one by one so that the others stay connected. For a mode v, rotate the rows of every other mode into its
neighbour on the way to v, those farthest away first: column v of the unitary then has its whole weight in row v, and what
is left is a unitary on the other modes. That takes n(n - 1)/2 beam splitters on any connected graph, as many as a unitary has
pairs of parameters, so no swaps are ever needed. Along a path through all modes the rectangular mesh of Clements et al. (2016),
here from Strawberry Fields, has only n layers.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from photonics.circuits.circuit import BeamSplitter, Circuit, Operation, PhaseShift
from photonics.conventions import Complex
from photonics.limits import PrecisionError
from photonics.values import ArrayValue, Value

if TYPE_CHECKING:
    from networkx import Graph

METHODS = ("best", "rectangular", "peeling")
EXACT = 1e-10
"""The largest difference between an entry of the product and of the unitary."""
LARGEST_SINGLE_ROUNDING = 1e-5
"""How far single-precision numbers (complex64) may be from a unitary; of these the nearest one is taken."""
LARGEST_DISTANCE = 1e-2
"""How far a matrix may be from the nearest unitary that is taken in its place when asked for."""
PATH_STEPS = 50_000
"""Steps of the search for a path through all modes."""
MAX_RECTANGULAR = 128
"""Modes up to which the rectangular mesh is tried unasked; two seconds there."""
MAX_TRIED = 250
"""Modes up to which every way of peeling is tried."""
NOTHING = 1e-15
"""Entries below it need no beam splitter."""


class UnitaryError(ValueError):
    """What keeps a unitary from a mesh; ``faults`` lists every reason."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))

    def __reduce__(self) -> tuple[type[UnitaryError], tuple[tuple[str, ...]], dict[str, object]]:
        # Without it the message would come back from another process as the faults, letter by letter.
        return type(self), (self.faults,), self.__dict__


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshElement(Value):
    """A beam splitter between two linked modes in its layer; the matrix is that of ``conventions``.

    Parameters
    ----------
    first, second : str
        Two linked modes.
    layer : int
        From 1, in time order.
    theta_rad, phi_rad : float
        As of ``BeamSplitter``.
    """

    first: str
    second: str
    layer: int
    theta_rad: float
    phi_rad: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh(Value):
    """Beam splitters in time order, then a phase on each mode.

    Parameters
    ----------
    modes : tuple of str
    elements : tuple of MeshElement
        Those of one layer share no mode.
    phases_rad : tuple of float
        One a mode, after all elements.
    method : str
        ``rectangular`` or ``peeling``.
    error : float
        Largest difference between an entry of the product and of the unitary as given, or of the nearest one where that is taken.
    """

    modes: tuple[str, ...]
    elements: tuple[MeshElement, ...]
    phases_rad: tuple[float, ...]
    method: str
    error: float

    @property
    def depth(self) -> int:
        """Layers of beam splitters."""
        return max((element.layer for element in self.elements), default=0)

    def operations(self) -> tuple[Operation, ...]:
        """The mesh as operations of a circuit."""
        splitters: list[Operation] = [
            BeamSplitter(first=e.first, second=e.second, theta_rad=e.theta_rad, phi_rad=e.phi_rad)
            for e in self.elements
        ]
        shifts = [
            PhaseShift(mode=mode, angle_rad=phase)
            for mode, phase in zip(self.modes, self.phases_rad, strict=True)
            if phase
        ]
        return (*splitters, *shifts)

    def circuit(self) -> Circuit:
        """The mesh alone as a circuit."""
        return Circuit(modes=self.modes, operations=self.operations())

    def to_dict(self) -> dict[str, object]:
        """The document of ``psn mesh --json``."""
        return {
            "modes": list(self.modes),
            "method": self.method,
            "depth": self.depth,
            "error": self.error,
            "elements": [
                {"edge": [e.first, e.second], "layer": e.layer, "theta_rad": e.theta_rad, "phi_rad": e.phi_rad}
                for e in self.elements
            ],
            "phases_rad": dict(zip(self.modes, self.phases_rad, strict=True)),
        }


def mesh(
    unitary: Sequence[Sequence[complex]] | Complex,
    modes: Sequence[str],
    links: Iterable[tuple[str, str]],
    *,
    method: str = "best",
    nearest: bool = False,
) -> Mesh:
    """Beam splitters on ``links`` whose product is the unitary, to 1e-10.

    Parameters
    ----------
    unitary : (n, n) complex
        a -> U a, as in ``Interferometer``.
    modes : (n,) names
    links : pairs of names
        The pairs that may have beam splitters; they must connect all modes.
    method : str
        ``rectangular`` along a path through all modes, ``peeling`` on any graph, or ``best``: the fewest layers of what was
        tried. The number of elements is the same, n(n - 1)/2 unless entries are zero. Finding a path through all modes is
        hard in general, so the search for one is cut; then peeling is left.
    nearest : bool
        Take the nearest unitary in place of a matrix with few digits, up to LARGEST_DISTANCE away; ``nearest_unitary`` gives it.
        Of single-precision numbers it is taken in any case.

    Returns
    -------
    Mesh

    Raises
    ------
    UnitaryError
        A ValueError listing what is wrong: the shape, rows that are not orthonormal, unknown modes, modes that the links do not
        connect, an unknown method, or ``rectangular`` without a path found.

    Examples
    --------
    A balanced splitter between the ends of a chain takes elements on both links:

    >>> s = 0.5**0.5
    >>> result = mesh([[s, 0, s], [0, 1, 0], [s, 0, -s]], ["a", "b", "c"], [("a", "b"), ("b", "c")])
    >>> len(result.elements), sorted({(e.first, e.second) for e in result.elements})
    (3, [('a', 'b'), ('b', 'c')])
    >>> result.error < 1e-12
    True
    """
    import networkx as nx

    names = [str(mode) for mode in modes]
    given = np.asarray(unitary)
    target = np.array(given, dtype=complex)
    if target.ndim == 2 and target.shape[0] == target.shape[1] and target.size and np.isfinite(target).all():
        single = given.dtype in (np.complex64, np.float32)
        limit = LARGEST_DISTANCE if nearest else LARGEST_SINGLE_ROUNDING if single else 0.0
        closest = nearest_unitary(target)
        if np.abs(closest - target).max() <= limit:
            target = closest
    pairs = [(str(a), str(b)) for a, b in links]
    faults = list(_faults(target, names, pairs, method))
    if faults:
        raise UnitaryError(faults)
    # What is written with few digits is not quite unitary; the mesh is that of the nearest unitary.
    wanted = _Wanted(names=tuple(names), given=target, exact=nearest_unitary(target))
    place = {name: k for k, name in enumerate(names)}
    graph: Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(names)))
    graph.add_edges_from((place[a], place[b]) for a, b in pairs)
    meshes: list[Mesh] = []
    if method == "rectangular" or (method == "best" and 2 < len(names) <= MAX_RECTANGULAR):
        path = path_through_all(graph)
        if path is not None:
            meshes.append(_along(wanted, path))
        elif method == "rectangular":
            raise UnitaryError(
                ["no path of links through all modes was found, so there is no rectangular mesh (use peeling)"]
            )
    if method != "rectangular":
        meshes += [_peeled(wanted, peeling) for peeling in _peelings(graph)]
    best = min(meshes, key=lambda m: (m.depth, len(m.elements)))
    if not best.error <= EXACT:
        raise PrecisionError(
            f"the product of the mesh differs from the unitary by {best.error:.3g}, more than {EXACT:g}"
        )
    return best


@dataclass(frozen=True, kw_only=True, eq=False)
class _Wanted(ArrayValue):
    """The unitary as given, and the exact one next to it."""

    names: tuple[str, ...]
    given: Complex
    exact: Complex


def nearest_unitary(matrix: Complex) -> Complex:
    """The unitary whose entries differ least from a matrix, in the sum of their squares: U V of its singular value decomposition.

    Parameters
    ----------
    matrix : (n, n) complex

    Examples
    --------
    >>> nearest_unitary(np.array([[0.0, 0.9], [1.1, 0.0]])).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    left, _, right = np.linalg.svd(matrix)
    nearest: Complex = left @ right
    return nearest


def _faults(target: Complex, names: list[str], pairs: list[tuple[str, str]], method: str) -> Iterable[str]:
    import networkx as nx

    if method not in METHODS:
        yield f"the method must be one of {', '.join(METHODS)}, got {method!r}"
    if len(set(names)) < len(names) or not names:
        yield "the modes must have names that differ, at least one"
    if unknown := sorted({end for pair in pairs for end in pair} - set(names)):
        yield f"links name modes that are not there: {', '.join(unknown[:8])}"
    elif any(a == b for a, b in pairs):
        yield "a link joins two different modes"
    else:
        graph: Graph[str] = nx.Graph(pairs)
        graph.add_nodes_from(names)
        parts = sorted(nx.connected_components(graph), key=len)
        if len(parts) > 1:
            cut = ", ".join(sorted(parts[0])[:8])
            yield f"the links do not connect all modes: {cut} cannot be reached from the others (add links)"
    count = len(names)
    if target.shape != (count, count):
        got = " x ".join(map(str, target.shape)) or "one number"
        yield f"the unitary must be {count} x {count}, one row and column a mode, got {got}"
    elif not np.isfinite(target).all():
        yield "the unitary must have finite entries"
    elif count and (away := float(abs(nearest_unitary(target) - target).max())) > EXACT / 2:
        far = f"its entries are up to {away:.3g} away from the nearest unitary"
        yield f"the matrix is not unitary: {far}; write them with 12 digits or more, or ask for the nearest unitary"


def path_through_all(graph: Graph[int]) -> list[int] | None:
    """A path of links through all modes; None when none was found, which is a proof only if the search ended.

    Goes on to the neighbour with the fewest free neighbours first (Warnsdorff's rule), from modes with few links.
    """
    count = len(graph)
    near = {v: sorted(graph[v]) for v in graph}
    steps = 0
    for start in sorted(graph, key=lambda v: (len(near[v]), v)):
        path, used = [start], {start}
        waiting = [_nearest_free(near, used, start)]
        while waiting and steps < PATH_STEPS:
            if len(path) == count:
                return path
            if not waiting[-1]:
                waiting.pop()
                used.discard(path.pop())
                continue
            step = waiting[-1].pop()
            path.append(step)
            used.add(step)
            waiting.append(_nearest_free(near, used, step))
            steps += 1
        if len(path) == count:
            return path
    return None


def _nearest_free(near: dict[int, list[int]], used: set[int], at: int) -> list[int]:
    """Free neighbours, the one to try first last."""
    free = [v for v in near[at] if v not in used]
    return sorted(free, key=lambda v: (-sum(w not in used for w in near[v]), -v))


def _along(wanted: _Wanted, path: list[int]) -> Mesh:
    from photonics.engines.strawberryfields import rectangular_mesh

    splitters, phases = rectangular_mesh(wanted.exact[np.ix_(path, path)])
    elements = [(path[i], path[j], theta, phi) for i, j, theta, phi in splitters if abs(math.sin(theta)) > NOTHING]
    at_end = [0.0] * len(path)
    for k, phase in zip(path, phases, strict=True):
        at_end[k] = phase
    return _scheduled(wanted, elements, at_end, "rectangular")


_Peeling = list[tuple[int, list[tuple[int, int]]]]
"""For each peeled mode the pairs (mode, neighbour on the way to it), farthest first."""


def _peelings(graph: Graph[int]) -> Iterator[_Peeling]:
    """Ways of peeling: the leaf of a broad or deep tree goes first, the others lead to it along broad or deep trees."""
    import networkx as nx

    few = len(graph) <= MAX_TRIED
    centre = nx.center(graph)[0] if few else max(graph, key=lambda v: (len(graph[v]), -v))
    far = max(nx.single_source_shortest_path_length(graph, centre).items(), key=lambda item: item[1])[0]
    orders = [
        [v for _, v in nx.dfs_edges(graph, far)][::-1],
        [v for _, v in nx.bfs_edges(graph, centre)][::-1],
    ]
    for order in orders if few else orders[:1]:
        for edges in (nx.bfs_edges, nx.dfs_edges) if few else (nx.bfs_edges,):
            left = graph.copy()
            peeling: _Peeling = []
            for v in order:
                peeling.append((v, [(child, parent) for parent, child in edges(left, v)][::-1]))
                left.remove_node(v)
            yield peeling


def _peeled(wanted: _Wanted, peeling: _Peeling) -> Mesh:
    left = wanted.exact.copy()
    backwards: list[tuple[int, int, float, float]] = []
    for v, pairs in peeling:
        for child, parent in pairs:
            from_child, from_parent = complex(left[child, v]), complex(left[parent, v])
            if abs(from_child) <= NOTHING:
                continue
            theta = math.atan2(abs(from_child), abs(from_parent))
            phi = cmath.phase(-from_parent * from_child.conjugate()) if abs(from_parent) > NOTHING else 0.0
            c, s = math.cos(theta), math.sin(theta)
            upper, lower = left[child].copy(), left[parent]
            left[child] = c * upper + cmath.exp(-1j * phi) * s * lower
            left[parent] = -cmath.exp(1j * phi) * s * upper + c * lower
            left[child, v] = 0.0
            backwards.append((child, parent, theta, phi))
    phases = [cmath.phase(complex(u)) for u in np.diag(left)]
    # The phases act first; behind a beam splitter they are the same phases with another phi.
    elements = [
        (i, j, theta, math.remainder(phi + phases[i] - phases[j], 2 * math.pi))
        for i, j, theta, phi in reversed(backwards)
    ]
    return _scheduled(wanted, elements, phases, "peeling")


def _scheduled(
    wanted: _Wanted, elements: Sequence[tuple[int, int, float, float]], phases: list[float], method: str
) -> Mesh:
    """Every element as early as its modes are free, and the product compared with the target."""
    names = wanted.names
    ready = [0] * len(names)
    product: Any = np.eye(len(names), dtype=complex)
    placed = []
    for i, j, theta, phi in elements:
        layer = ready[i] = ready[j] = max(ready[i], ready[j]) + 1
        placed.append(
            MeshElement(first=names[i], second=names[j], layer=layer, theta_rad=float(theta), phi_rad=float(phi))
        )
        c, s = math.cos(theta), math.sin(theta)
        first, second = product[i].copy(), product[j].copy()
        product[i] = c * first - cmath.exp(-1j * phi) * s * second
        product[j] = cmath.exp(1j * phi) * s * first + c * second
    product *= np.exp(1j * np.array(phases))[:, None]
    return Mesh(
        modes=names,
        elements=tuple(sorted(placed, key=lambda e: e.layer)),
        phases_rad=tuple(float(p) for p in phases),
        method=method,
        error=float(abs(product - wanted.given).max()),
    )
