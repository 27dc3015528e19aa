"""One superposition of strings along links: from which node, with how many photons, which populations, and its error.

All n photons of a branch are in one node; the branches are made at one node, and each travels to its own. No photon may be lost on
the links or in the M passes, so a branch survives with e_j^n, e_j the survival of one photon, and the error of sum c_j theta_j is
sum |c_j| e_j^(-n/2)/(2 n M) at the populations ~ |c_j| e_j^(-n/2) (docs/theory/theory.md, section 7): the closed form of superposed
strings, and for two branches (1/sqrt A + 1/sqrt B)/2 over n M.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from networks import InputError
from networks.values import Value
from photonics.conventions import Integer, Real
from protocols.documents.printed import Entry, Printed
from protocols.layout.frozen import Frozen
from protocols.layout.light import NodeLight, arriving
from protocols.layout.photon.routes import Routes, Strings, Transport
from protocols.theory.equal_errors import SAME
from protocols.theory.least import least_whole_number
from protocols.theory.light_limits import LightLimit, light_factor, limited_populations

MAX_TIED = 8
"""Equally good nodes for the source from which the branches are laid out; the best of them has the fewest time steps."""
MAX_LIMITED = 60
"""Nodes for the source up to which all are tried under limits of the light; of more those that are best without limits."""
LARGEST_LOG = 350.0
"""Logarithm of an error above which its square is no floating-point number: it counts as infinite."""


def _strings(turn: StringLayout) -> list[dict[str, object]]:
    return [
        {"node": node, "coefficient": str(c), "population": p}
        for node, c, p in zip(turn.nodes, turn.coefficients, turn.populations, strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class StringLayout(Frozen, Printed):
    """A superposition of strings along links, the whole experiment or one turn of it.

    Attributes
    ----------
    root : str
        The node where it is made.
    photons : int >= 1
        n, of every string.
    share : float in (0, 1]
        Of the shots.
    nodes : tuple of str
        Where the photons of each branch go.
    coefficients : tuple of Fraction
        c_j of each node, with the sum 0: it estimates sum c_j theta_j, where theta is 0 at a reference.
    populations : tuple of float
        Of the branches, best for what survives, with the sum 1; less where the limits of light at sensors leave some at the root.
    preparation : Transport
        The branches on their way.
    log_survival : tuple of float <= 0
        Logarithms of the survival of the branches, on the links and in all passes.
    log_error : float
        Logarithm of the root of the mean squared error of sum c_j theta_j when all shots are its own.
    """

    DOCUMENT = (
        Entry("source", of=lambda turn: {"node": turn.root, "photons": turn.photons}),
        "share",
        Entry("strings", of=_strings),
        Entry("preparation", of="preparation.moves"),
        Entry("depth", of="preparation.depth"),
        "error",
    )

    root: str
    photons: int
    share: float = 1.0
    nodes: tuple[str, ...]
    coefficients: tuple[Fraction, ...]
    populations: tuple[float, ...]
    preparation: Transport
    log_survival: tuple[float, ...]
    log_error: float

    @property
    def error(self) -> float:
        """Root of the mean squared error of sum c_j theta_j when all shots are its own; infinite beyond floating point."""
        return math.exp(self.log_error) if self.log_error < LARGEST_LOG else math.inf

    @property
    def terms(self) -> dict[str, Fraction]:
        """The coefficient of each node."""
        return dict(zip(self.nodes, self.coefficients, strict=True))

    @property
    def wanted(self) -> tuple[float, ...]:
        """The best populations for what survives, without limits of the light."""
        return best_populations([abs(float(c)) for c in self.coefficients], self.log_survival)

    @property
    def is_limited(self) -> bool:
        """Whether limits of the light at sensors ask for other populations."""
        return self.populations != self.wanted

    @property
    def strings(self) -> Strings:
        """Photons at the nodes in each branch."""
        return strings_of(self.nodes, self.photons)

    @property
    def effort(self) -> tuple[int, int]:
        """Time steps, and link traversals."""
        return self.preparation.depth, len(self.preparation.moves)

    @property
    def on_the_way(self) -> frozenset[str]:
        """The root and both ends of every link in use."""
        return frozenset({self.root, *(end for move in self.preparation.moves for end in move.edge)})


def strings_of(nodes: Iterable[str], photons: int) -> Strings:
    """All photons in one node, for each node.

    >>> strings_of(("a", "b"), 2)
    ({'a': 2}, {'b': 2})
    """
    return tuple({node: photons} for node in nodes)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Reached:
    """What a superposition reaches from each node where it may be made.

    Attributes
    ----------
    log_errors : (R,) floats
        Logarithms of the roots of its mean squared error; infinite where links join the node to none of its strings.
    photons : (R,) ints
        The best for the losses.
    """

    log_errors: Real
    photons: Integer


@dataclass(frozen=True, eq=False, kw_only=True)
class StringSearch:
    """The search for the best source and photons of superposed strings.

    Parameters
    ----------
    routes : Routes
        Along the links.
    transmissivity_of : mapping of names to floats in (0, 1]
        Of one pass.
    passes : int >= 1
        M.
    photons : int >= 1
        N.
    fewer : bool
        Whether fewer photons may be sent, where more increase the error.
    roots : tuple of str, or None
        Nodes where light may be made; None for all.
    light : NodeLight
        Limits of the light at sensors.
    """

    routes: Routes
    transmissivity_of: Mapping[str, float]
    passes: int
    photons: int
    fewer: bool
    roots: tuple[str, ...] | None
    light: NodeLight = field(default_factory=NodeLight)

    @cached_property
    def allowed(self) -> Integer:
        """Rows of the nodes where light may be made."""
        names = self.routes.names if self.roots is None else self.roots
        return np.array([self.routes.place[name] for name in dict.fromkeys(names)], dtype=np.int64)

    def _columns(self, nodes: Iterable[str]) -> Integer:
        return np.array([self.routes.place[node] for node in nodes], dtype=np.int64)

    def along(self, routes: Routes) -> StringSearch:
        """The same search along other links."""
        return replace(self, routes=routes)

    def only_from(self, root: str) -> StringSearch:
        """The same search with one node where light may be made."""
        return replace(self, roots=(root,))

    def rates(self, nodes: Sequence[str]) -> Real:
        """(R, K) halves of -log of one photon's survival from each allowed node to each of these, passes included."""
        columns = self._columns(nodes)
        return np.asarray(self.routes.losses[np.ix_(self.allowed, columns)] / 2 + self._in_passes(nodes))

    def reached(self, nodes: Sequence[str], weights: Sequence[float]) -> Reached:
        """What the superposition reaches from each allowed node.

        Parameters
        ----------
        nodes : (K,) names
        weights : (K,) floats > 0
            |c_j|.
        """
        key = tuple(nodes), tuple(weights)
        if key not in self._known:
            self._known[key] = self._reached(*key)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[tuple[str, ...], tuple[float, ...]], Reached]:
        return {}

    def _reached(self, nodes: tuple[str, ...], weights: tuple[float, ...]) -> Reached:
        rates, logs = self.rates(nodes), np.log(np.array(weights))
        reach = np.isfinite(rates).all(axis=1)
        photons = np.full(len(rates), self.photons, dtype=np.int64)
        if self.fewer:
            photons[reach] = best_photons_of(logs, rates[reach], self.photons)
        errors = np.full(len(rates), np.inf)
        errors[reach] = log_errors_of(logs, rates[reach], photons[reach]) - math.log(2 * self.passes)
        return Reached(log_errors=errors, photons=photons)

    def log_error_without_links(self, coefficients: Mapping[str, Fraction]) -> float:
        """``StringLayout.log_error`` of a superposition whose light loses nothing on links, wherever it is made, under limits.

        Parameters
        ----------
        coefficients : as in ``best``
        """
        nodes, weights = tuple(coefficients), [abs(float(c)) for c in coefficients.values()]

        def unlinked(photons: int) -> _Populated:
            survival = [self._log_in_passes(node, photons) for node in nodes]
            limits = self.light.limits(strings_of(nodes, photons), {})
            return _populated(weights, survival, limits, photons * self.passes)

        photons = self.photons
        rates = self._in_passes(nodes)
        if self.fewer:
            photons = int(best_photons_of(np.log(np.array(weights)), rates[None, :], photons)[0])
        made = unlinked(photons)
        if made.is_limited and self.fewer and rates.any():
            photons = least_whole_number(lambda n: unlinked(n).log_error, self.photons)
            made = unlinked(photons)
        return made.log_error

    def _log_in_passes(self, node: str, photons: int) -> float:
        return photons * self.passes * math.log(self.transmissivity_of[node])

    def _in_passes(self, nodes: Sequence[str]) -> Real:
        return np.array([-self.passes * math.log(self.transmissivity_of[node]) for node in nodes]) / 2

    def best(self, coefficients: Mapping[str, Fraction]) -> StringLayout:
        """The superposition from the node of the least error; of equal ones one of few time steps, then few link traversals.

        Parameters
        ----------
        coefficients : mapping of names to Fractions other than 0, with the sum 0

        Raises
        ------
        InputError
            When no allowed node reaches all strings.
        """
        nodes = tuple(coefficients)
        weights = [abs(float(c)) for c in coefficients.values()]
        reached = self.reached(nodes, weights)
        least = reached.log_errors.min()
        if math.isinf(least):
            who = "no node reaches" if self.roots is None else f"light from {' or '.join(self.roots)} does not reach"
            raise InputError([f"{who} {' and '.join(nodes[:8])} along the links; add links"])
        tied = np.flatnonzero(reached.log_errors <= least + SAME)
        hops = self.routes.hops[np.ix_(self.allowed[tied], self._columns(nodes))]
        few = tied[np.lexsort((hops.sum(axis=1), hops.max(axis=1)))][:MAX_TIED]
        if not self.light.sites:
            rows, photons = few.tolist(), reached.photons.tolist()
            chosen = rows[0]
            if len(rows) > 1:
                chosen = min(rows, key=lambda row: self._effort(row, strings_of(nodes, photons[row])))
            return self._from(chosen, photons[chosen], coefficients)
        made = [self._limited(int(row), int(reached.photons[row]), coefficients) for row in few]
        if any(turn.is_limited for turn in made) and len(self.allowed) <= MAX_LIMITED:
            # Under limits of the light a root from which less arrives may do as well, or better.
            others = [
                row for row in range(len(self.allowed)) if math.isfinite(reached.log_errors[row]) and row not in few
            ]
            made += [self._limited(row, int(reached.photons[row]), coefficients) for row in others]
            least = min(turn.log_error for turn in made)
            made = [turn for turn in made if turn.log_error <= least + SAME]
        return min(made, key=lambda turn: turn.effort)

    def _effort(self, row: int, strings: Strings) -> tuple[int, int]:
        """``StringLayout.effort`` from one of the allowed nodes."""
        return self.routes.spread_effort(self.routes.names[self.allowed[row]], strings)

    def _limited(self, row: int, photons: int, coefficients: Mapping[str, Fraction]) -> StringLayout:
        """With the best photons under the limits of light, where these ask for other populations than are best without them.

        The error falls and then rises with the photons under them, too (``protocols.built.light``).
        """
        turn = self._from(row, photons, coefficients)
        if not (turn.is_limited and self.fewer and any(turn.log_survival)):
            return turn
        best = least_whole_number(lambda n: self._from(row, n, coefficients).log_error, self.photons)
        return self._from(row, best, coefficients)

    def _from(self, row: int, photons: int, coefficients: Mapping[str, Fraction]) -> StringLayout:
        """Of so many photons, from one of the allowed nodes."""
        root, nodes = self.routes.names[self.allowed[row]], tuple(coefficients)
        preparation = self.routes.spread(root, strings_of(nodes, photons))
        survival = tuple(
            on_links + self._log_in_passes(node, photons)
            for on_links, node in zip(preparation.log_survival, nodes, strict=True)
        )
        limits = self.light.limits(strings_of(nodes, photons), arriving(root, preparation))
        weights = [abs(float(c)) for c in coefficients.values()]
        made = _populated(weights, survival, limits, photons * self.passes)
        return StringLayout(
            root=root,
            photons=photons,
            nodes=nodes,
            coefficients=tuple(coefficients.values()),
            populations=made.populations,
            preparation=preparation,
            log_survival=survival,
            log_error=made.log_error,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Populated(Value):
    """The best populations under limits of the light, with the logarithm of the root of the mean squared error."""

    populations: tuple[float, ...]
    log_error: float
    is_limited: bool


def _populated(
    weights: Sequence[float], log_survival: Sequence[float], limits: Sequence[LightLimit], photon_passes: int
) -> _Populated:
    sizes, top = _sizes(weights, log_survival)
    total = math.fsum(sizes)
    wanted = tuple(size / total for size in sizes)
    populations = limited_populations(wanted, limits)
    log_error = top + math.log(total) - math.log(2 * photon_passes) + math.log(light_factor(wanted, populations)) / 2
    return _Populated(populations=populations, log_error=log_error, is_limited=populations != wanted)


def best_populations(weights: Sequence[float], log_survival: Sequence[float]) -> tuple[float, ...]:
    """Of the strings of a superposition, ~ |c_j| e_j^(-n/2), with the sum 1.

    Parameters
    ----------
    weights : (K,) floats > 0
        |c_j|.
    log_survival : (K,) floats <= 0
        Logarithms of e_j^n.
    """
    sizes, _ = _sizes(weights, log_survival)
    total = math.fsum(sizes)
    return tuple(size / total for size in sizes)


def string_error(weights: Sequence[float], log_survival: Sequence[float], photon_passes: int) -> float:
    """sum |c_j| e_j^(-n/2)/(2 n M): the root of the mean squared error of sum c_j theta_j, infinite beyond floating point.

    Parameters
    ----------
    weights : (K,) floats > 0
        |c_j|.
    log_survival : (K,) floats <= 0
        Logarithms of e_j^n.
    photon_passes : int >= 1
        n M.
    """
    sizes, top = _sizes(weights, log_survival)
    return math.exp(top) * math.fsum(sizes) / (2 * photon_passes) if top < LARGEST_LOG else math.inf


def _sizes(weights: Sequence[float], log_survival: Sequence[float]) -> tuple[list[float], float]:
    """|c_j| e_j^(-n/2), from which both the populations and the error follow, over the largest; and the logarithm of that."""
    terms = [math.log(weight) - log / 2 for weight, log in zip(weights, log_survival, strict=True)]
    top = max(terms)
    return [math.exp(term - top) for term in terms], top


def log_errors_of(logs: Real, rates: Real, photons: Integer) -> Real:
    """Logarithms of sum |c_j| exp(n rate_j)/n, of many superpositions at once.

    Parameters
    ----------
    logs : (K,) floats
        Logarithms of |c_j|.
    rates : (R, K) floats
        As of ``StringSearch.rates``.
    photons : (R,) ints
        n.

    Returns
    -------
    (R,) floats
    """
    terms = logs + photons[:, None] * rates
    top = terms.max(axis=1)
    return np.asarray(top + np.log(np.exp(terms - top[:, None]).sum(axis=1)) - np.log(photons))


def best_photons_of(logs: Real, rates: Real, photons: int) -> Integer:
    """The n from 1 to N of the least error: it falls and then rises (``protocols.theory.turns.best_photons``).

    Parameters
    ----------
    logs, rates
        As of ``log_errors_of``.
    photons : int >= 1
        N.

    Returns
    -------
    (R,) ints
    """
    low = np.where(rates.any(axis=1), 1, photons).astype(np.int64)
    high = np.full(len(rates), photons, dtype=np.int64)
    while (low < high).any():
        middle = (low + high) // 2
        rises = log_errors_of(logs, rates, middle + 1) >= log_errors_of(logs, rates, middle)
        open_ = low < high
        low, high = np.where(open_ & ~rises, middle + 1, low), np.where(open_ & rises, middle, high)
    return low


def shared_out(turns: Sequence[StringLayout]) -> tuple[StringLayout, ...]:
    """Turns with their best shares of the shots, ~ the error of each; their errors then add up.

    Parameters
    ----------
    turns : sequence of StringLayout
    """
    shares = shares_of([turn.log_error for turn in turns])
    return tuple(replace(turn, share=share) for turn, share in zip(turns, shares, strict=True))


def shares_of(log_errors: Sequence[float]) -> list[float]:
    """The best shares of the shots of turns, ~ the error of each.

    Parameters
    ----------
    log_errors : floats
        ``StringLayout.log_error`` of each.
    """
    top = max(log_errors)
    sizes = [math.exp(log - top) for log in log_errors]
    total = math.fsum(sizes)
    return [size / total for size in sizes]


def mse_of_turns(turns: Iterable[StringLayout]) -> float:
    """Mean squared error of q in one shot of turns with their best shares: (sum of the errors)^2.

    Parameters
    ----------
    turns : iterable of StringLayout
    """
    return mse_of_logs([turn.log_error for turn in turns])


def mse_of_logs(logs: Sequence[float]) -> float:
    """The same of the logarithms of the errors of the turns.

    Parameters
    ----------
    logs : floats
        ``StringLayout.log_error`` of each.
    """
    top = max(logs)
    whole = top + math.log(math.fsum(math.exp(log - top) for log in logs))
    return math.exp(2 * whole) if whole < LARGEST_LOG else math.inf
