"""Twin squeezed vacua at the nodes of a network: how they share the light of a shot, at all nodes together or at one after another.

Each two-armed node has a pair of squeezers of its own and is read by itself, so the best estimate of q = alpha . theta from one
shot has the error sum_j alpha_j^2/F_j(n_j), F_j the information that counting both ports has at its best phase (``twin``). Without
losses and noise 1/F = 1/(M^2 n (n + 2)) is convex, and the shares with one price of a photon, alpha_j^2 F_j'/F_j^2 = price where
no limit binds, are the best. With them F_j is worked out at some n_j and in between the price is taken from a curve through these
points, which then move to where it puts the shares: found, with the slope that is left along every exchange of light.

In turn a node has all the light in a share p_j ~ |alpha_j|/sqrt F_j of the shots: (sum |alpha_j|/sqrt F_j)^2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from networks import InputError
from networks.values import Value
from photonics.conventions import Real
from protocols.theory.limits.squeezers import SqueezerLimits, photons_of_db
from protocols.theory.limits.twin import (
    TwinInformation,
    most_countable,
    twin_information,
    twin_quantum_information,
)

STARTS = (0.3, 1.0, 3.0)
"""Points of a curve at first, relative to the shares of lossless light."""
ROUNDS = 4
"""Times that points are put where the shares are."""
NEAR = 0.02
"""How far from a share the points beside it are."""
STEP = 0.002
"""For the slope that is left."""
PRICES = 20_000
"""Points at which prices are compared, over a factor e^DEEP of photons."""
DEEP = 40.0
FAINTEST = 1e-150
"""Photons, and share of them that is seen, up to which there is no light: the square is no double."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinNode(Value):
    """A two-armed node with twin squeezed vacua and counters behind both ports.

    Attributes
    ----------
    survives : float in (0, 1]
        Of each arm, from the squeezers to behind the last pass.
    passes : int >= 1
    detector_efficiency, visibility : float in (0, 1]
    dark_counts : float >= 0
        Of each of two detectors.
    phase_jitter_rad : float in [0, pi]
        Standard deviation of the phase between the arms, from shot to shot.
    most_photons : float >= 0
        The most of both squeezers together, as prepared, that the node stands; infinite without a limit.

    Raises
    ------
    InputError
        Listing every number out of its range.

    Examples
    --------
    >>> TwinNode().information(2.0).value
    8.0
    """

    survives: float = 1.0
    passes: int = 1
    detector_efficiency: float = 1.0
    visibility: float = 1.0
    dark_counts: float = 0.0
    phase_jitter_rad: float = 0.0
    most_photons: float = math.inf

    def __post_init__(self) -> None:
        Value.__post_init__(self)
        faults: list[str] = []
        try:
            self.information(0.0)
        except InputError as error:
            faults += error.faults
        if not self.most_photons >= 0:
            faults.append(f"most_photons must not be negative, got {self.most_photons}")
        if faults:
            raise InputError(faults)

    @property
    def is_ideal(self) -> bool:
        """Whether nothing is lost, added or random."""
        is_quiet = not self.dark_counts and not self.phase_jitter_rad
        return self.survives == self.detector_efficiency == self.visibility == 1 and is_quiet

    @property
    def most_counted(self) -> float:
        """The most photons of which the counts are worked out; infinite where a closed form is known."""
        if self.is_ideal:
            return math.inf
        return most_countable(
            survives=self.survives,
            detector_efficiency=self.detector_efficiency,
            dark_counts=self.dark_counts,
            phase_jitter_rad=self.phase_jitter_rad,
        )

    def information(self, photons: float) -> TwinInformation:
        """``twin_information`` of this node.

        Parameters
        ----------
        photons : float >= 0

        Returns
        -------
        TwinInformation
        """
        return twin_information(
            photons,
            survives=self.survives,
            passes=self.passes,
            detector_efficiency=self.detector_efficiency,
            visibility=self.visibility,
            dark_counts=self.dark_counts,
            phase_jitter_rad=self.phase_jitter_rad,
        )

    def quantum(self, photons: float) -> float:
        """``twin_quantum_information`` of this node.

        Parameters
        ----------
        photons : float >= 0

        Returns
        -------
        float
        """
        return twin_quantum_information(photons, survives=self.survives, passes=self.passes)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinLight(Value):
    """Twin squeezed vacua of the nodes of a network.

    Attributes
    ----------
    mse : float
        Mean squared error of q in one shot, or per shot for sites in turn; infinite where the limits leave a node dark.
    quantum_mse : float
        The quantum Cramer-Rao bound of the same light behind the sensing, in turn for the same shares of the shots.
    photons : (d,) floats >= 0
        Of both squeezers of each node together, as prepared; of sites in turn each in its turn.
    working_points_rad : (d,) floats
        The theta_j, all passes together, at which the nodes are read best.
    shares : (d,) floats
        Of the shots, for sites in turn; empty otherwise.
    slope : float
        The largest relative change of the error with the share of any light, along what limits leave free: 0 at an optimum.
    is_proved : bool
        Whether no other shares have a lower error: where nothing is lost and nothing added.
    is_cut : bool
        Whether a node has as much light as counts are worked out for (``most_countable``) though limits allow more.
    """

    mse: float
    quantum_mse: float
    photons: tuple[float, ...]
    working_points_rad: tuple[float, ...]
    shares: tuple[float, ...] = ()
    slope: float = 0.0
    is_proved: bool
    is_cut: bool


def best_twin_local(
    alpha: Sequence[float], nodes: Sequence[TwinNode], limits: SqueezerLimits, photons: float
) -> TwinLight:
    """Twin squeezed vacua at all nodes in every shot, with the best shares of its photons.

    Parameters
    ----------
    alpha : (d,) floats
        Of the arm differences.
    nodes : (d,) TwinNode
    limits : SqueezerLimits
        Of all squeezers; each node that counts needs two of them.
    photons : float > 0
        The most of one shot.

    Returns
    -------
    TwinLight

    Raises
    ------
    InputError
        For lists of other lengths, numbers that are not finite, or no photons.

    Examples
    --------
    >>> best = best_twin_local([1.0, -1.0], [TwinNode()] * 2, SqueezerLimits(mean_photons=8.0), 8.0)
    >>> best.photons, round(best.mse, 12), round(2 / (4 * 6), 12)
    ((4.0, 4.0), 0.083333333333, 0.083333333333)
    """
    _require(alpha, nodes, photons)
    sizes = np.abs(np.array(alpha, dtype=float))
    seen = np.flatnonzero(sizes).tolist()
    if limits.squeezers is not None and limits.squeezers < 2 * len(seen):
        return _dark(len(sizes), turns=False)
    budget = min(photons, limits.mean_photons)
    some = [nodes[j] for j in seen]
    tops, cut = zip(*(_most(node, limits, budget) for node in some), strict=True)
    most = np.array(tops)
    if not (most > 0).all():
        return _dark(len(sizes), turns=False)
    given = np.zeros(len(sizes))
    given[seen] = _shared(sizes[seen], some, most, budget)
    return _local(
        sizes,
        nodes,
        given.tolist(),
        slope=_slope(sizes[seen], some, most, given[seen]) if most.sum() > budget else 0.0,
        is_proved=all(node.is_ideal for node in some),
        is_cut=any(cut) and bool((given[seen] == most)[list(cut)].any()),
    )


def best_twin_in_turn(
    alpha: Sequence[float], nodes: Sequence[TwinNode], limits: SqueezerLimits, photons: float
) -> TwinLight:
    """One node in each shot, with all the light and two squeezers, and the best shares of the shots: (sum |alpha_j|/sqrt F_j)^2.

    For parameters that stay put.

    Parameters
    ----------
    alpha : (d,) floats
        Of the arm differences.
    nodes : (d,) TwinNode
    limits : SqueezerLimits
        Of a shot.
    photons : float > 0
        The most of one shot.

    Returns
    -------
    TwinLight

    Raises
    ------
    InputError
        For lists of other lengths, numbers that are not finite, or no photons.

    Examples
    --------
    >>> best = best_twin_in_turn([1.0, -1.0], [TwinNode()] * 2, SqueezerLimits(mean_photons=8.0), 8.0)
    >>> round(best.mse, 12), best.shares
    (0.05, (0.5, 0.5))
    """
    _require(alpha, nodes, photons)
    sizes = np.abs(np.array(alpha, dtype=float))
    if limits.squeezers is not None and limits.squeezers < 2:
        return _dark(len(sizes), turns=True)
    budget = min(photons, limits.mean_photons)
    light, phases, roots, quantum = (np.zeros(len(sizes)) for _ in range(4))
    is_cut = False
    for j in np.flatnonzero(sizes).tolist():
        light[j], cut = _most(nodes[j], limits, budget)
        known = nodes[j].information(float(light[j]))
        is_cut |= cut
        phases[j] = known.working_point_rad
        roots[j] = sizes[j] / math.sqrt(known.value) if known.value else math.inf
        quantum[j] = sizes[j] ** 2 / known.quantum if known.quantum else math.inf
    total = math.fsum(roots.tolist())
    if not math.isfinite(total):
        return _dark(len(sizes), turns=True)
    shares = roots / total
    read = shares > 0
    return TwinLight(
        mse=total**2,
        quantum_mse=min(math.fsum((quantum[read] / shares[read]).tolist()), total**2),
        photons=tuple(light.tolist()),
        working_points_rad=tuple(phases.tolist()),
        shares=tuple(shares.tolist()),
        is_proved=all(nodes[j].is_ideal for j in np.flatnonzero(sizes).tolist()),
        is_cut=is_cut,
    )


def _most(node: TwinNode, limits: SqueezerLimits, budget: float) -> tuple[float, bool]:
    """The photons that one node may have, and whether counts alone limit them. More photons have always told more."""
    allowed = min(budget, 2 * photons_of_db(limits.squeezing_db), node.most_photons)
    if min(allowed, node.survives * node.detector_efficiency) <= FAINTEST:
        return 0.0, False
    return min(allowed, node.most_counted), node.most_counted < allowed


def _shared(sizes: Real, nodes: Sequence[TwinNode], tops: Real, budget: float) -> Real:
    """The best shares of the budget, none above its top."""
    if math.fsum(tops.tolist()) <= budget:
        return tops
    ideal = all(node.is_ideal for node in nodes)
    guess = _at_one_price(
        [_ideal_prices(node.passes, top) for node, top in zip(nodes, tops, strict=True)], sizes, tops, budget
    )
    if ideal:
        return guess
    points: dict[tuple[TwinNode, float], dict[float, float]] = {}
    for turn in range(ROUNDS):
        beside = STARTS if not turn else (1 - NEAR, 1.0, 1 + NEAR)
        for node, top, n in zip(nodes, tops.tolist(), guess.tolist(), strict=True):
            known = points.setdefault((node, top), {})
            for factor in beside:
                x = math.log(min(n * factor, top))
                # Closer ones would have no slope between them but rounding.
                if not known or min(abs(x - other) for other in known) > NEAR / 4:
                    known[x] = math.log(max(node.information(min(math.exp(x), top)).value, 1e-300))
        curves = {key: _prices(known, key[1]) for key, known in points.items()}
        guess = _at_one_price([curves[key] for key in zip(nodes, tops.tolist(), strict=True)], sizes, tops, budget)
    return guess


def _grid(top: float) -> Real:
    return np.asarray(math.log(top) - np.linspace(DEEP, 0, PRICES))


def _ideal_prices(passes: int, top: float) -> Real:
    """ln of the prices of a photon, F'/F^2, at which a lossless node of coefficient 1 has the photons of the grid."""
    n = np.exp(_grid(top))
    return np.asarray(np.log((2 * n + 2) / (passes * n * (n + 2)) ** 2))


def _prices(known: dict[float, float], top: float) -> Real:
    """The same from points (ln n, ln F): a smooth monotone curve, powers of n beyond its ends."""
    from scipy.interpolate import PchipInterpolator

    at = sorted(known)
    x = _grid(top)
    if len(at) == 1:
        value, rise = known[at[0]] + x - at[0], np.ones(len(x))
    else:
        curve = PchipInterpolator(at, [known[place] for place in at])
        inside = np.clip(x, at[0], at[-1])
        rise = curve(inside, 1)
        value = curve(inside) + rise * (x - inside)
    log = np.log(np.maximum(rise, 1e-300)) - x - value
    # A photon more is never worth more than the one before.
    return np.asarray(np.minimum.accumulate(log))


def _at_one_price(prices: Sequence[Real], sizes: Real, tops: Real, budget: float) -> Real:
    """The shares at which a photon more is worth the same at every node that is not at its top."""
    from scipy.optimize import brentq

    grids = [_grid(top) for top in tops.tolist()]
    weights = 2 * np.log(sizes)

    def shares(log_price: float) -> Real:
        # Prices fall along the grid.
        return np.exp(
            [
                np.interp(weight - log_price, -price, grid)
                for price, grid, weight in zip(prices, grids, weights.tolist(), strict=True)
            ]
        )

    low = min(float(price[-1]) + w for price, w in zip(prices, weights.tolist(), strict=True))
    high = max(float(price[0]) + w for price, w in zip(prices, weights.tolist(), strict=True))
    log_price = brentq(lambda y: float(shares(y).sum()) - budget, low, high, xtol=1e-14, rtol=1e-14)
    split = shares(log_price)
    free = split < tops * (1 - 1e-12)
    split[~free] = tops[~free]
    if free.any():
        # To the budget exactly.
        split[free] *= (budget - split[~free].sum()) / split[free].sum()
    # Where tops are nearly all of the budget, rounding may leave the others nothing or less.
    return np.clip(split, tops * math.exp(-DEEP), tops)


def _slope(sizes: Real, nodes: Sequence[TwinNode], tops: Real, split: Real) -> float:
    """The largest gain of moving light from one node to another, relative to the error, from the information itself."""
    total, gains, losses = 0.0, list[float](), list[float]()
    for size, node, n, most in zip(sizes.tolist(), nodes, split.tolist(), tops.tolist(), strict=True):
        here = _error(size, node, n)
        total += here
        down, up = n * (1 - STEP), min(n * (1 + STEP), most)
        # What a photon less costs, and what one more gains where there may be more.
        cost = _error(size, node, down) - _error(size, node, up)
        losses.append(cost / (up - down) if up > down else math.inf)
        if up > n:
            gains.append(losses[-1])
    return max(0.0, max(gains, default=0.0) - min(losses)) * math.fsum(split.tolist()) / total


def _error(size: float, node: TwinNode, photons: float) -> float:
    value = node.information(photons).value
    return float(size**2 / value) if value else math.inf


def _local(
    sizes: Real, nodes: Sequence[TwinNode], photons: list[float], *, slope: float, is_proved: bool, is_cut: bool
) -> TwinLight:
    known = [node.information(n) for node, n in zip(nodes, photons, strict=True)]

    def error(values: list[float]) -> float:
        parts = [a**2 / f if f else math.inf for a, f in zip(sizes.tolist(), values, strict=True) if a]
        return math.fsum(parts)

    return TwinLight(
        mse=error([one.value for one in known]),
        quantum_mse=error([one.quantum for one in known]),
        photons=tuple(photons),
        working_points_rad=tuple(one.working_point_rad if n else 0.0 for one, n in zip(known, photons, strict=True)),
        slope=slope,
        is_proved=is_proved,
        is_cut=is_cut,
    )


def _dark(count: int, *, turns: bool) -> TwinLight:
    """No light that tells q: too few squeezers, or a node that counts may have none."""
    nothing = (0.0,) * count
    return TwinLight(
        mse=math.inf,
        quantum_mse=math.inf,
        photons=nothing,
        working_points_rad=nothing,
        shares=nothing if turns else (),
        is_proved=True,
        is_cut=False,
    )


def _require(alpha: Sequence[float], nodes: Sequence[TwinNode], photons: float) -> None:
    faults = []
    if len(alpha) != len(nodes):
        faults.append(f"nodes must be as many as coefficients, {len(alpha)}, got {len(nodes)}")
    if not any(alpha) or not all(math.isfinite(a) for a in alpha):
        faults.append("alpha must have finite numbers, one of them not zero")
    if not 0 < photons < math.inf:
        faults.append(f"photons must be a positive finite number, got {photons}")
    if faults:
        raise InputError(faults)
