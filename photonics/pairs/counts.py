"""Two-mode squeezed pairs through the same interferometer on both sides, photons counted: what a difference of phases shows.

Pairs k = 1, 2 of squeezing r_k join a signal and an idler mode. On both sides acts U = V2 D V1: a real beam splitter V1, the
phases D = diag(e^{-i phi/2}, e^{i phi/2}), a real beam splitter V2. The state is exp(sum B_jk a_j^dagger b_k^dagger)|0> up to its
norm, B = U diag(tanh r) U^T, so its amplitudes with N photons on each side are the N-th symmetric power of B: a product of
rotations of spin N/2 and diagonal matrices, without permanents or cancellation. Photons of the two sides come in equal numbers;
losses then thin the counts of each mode.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import gammaln

from photonics.conventions import Complex, Real, read_only
from photonics.limits import CircuitTooLargeError
from photonics.values import ArrayValue, Value, freeze, is_real, plain

LARGEST_CUTOFF = 64
"""Photons on a side; the table of counts has the fourth power of it."""
ROUNDED = 1e-22
NEGLIGIBLE = 1e-5
"""Of the weight that may be missing, what one number of lost photons is left out for."""
MODES = ("signal 1", "signal 2", "idler 1", "idler 2")


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLight(Value):
    """Squeezed pairs and the beam splitters around the phases.

    Parameters
    ----------
    squeezing : (float, float)
        r_1 and r_2; 0 leaves the pair switched off.
    first_rad, second_rad : float
        Angles of V1 and V2, in the convention of ``BeamSplitter``.

    Examples
    --------
    >>> light = PairLight(squeezing=(1.0, 1.0))
    >>> round(light.mean_photons, 4), round(light.quantum_information, 4)
    (5.5244, 26.3082)
    """

    squeezing: tuple[float, float]
    first_rad: float = 0.0
    second_rad: float = math.pi / 4

    def __post_init__(self) -> None:
        freeze(self)
        numbers = (*self.squeezing, self.first_rad, self.second_rad)
        usable = all(is_real(number) and math.isfinite(number) for number in numbers)
        if len(self.squeezing) != 2 or not usable or min(self.squeezing) < 0:
            raise ValueError(
                f"two squeezing values that are not negative and two finite angles are needed, got {numbers}"
            )

    @property
    def mean_photons(self) -> float:
        """Photons of both sides together."""
        return 2 * math.fsum(math.sinh(r) ** 2 for r in self.squeezing)

    @property
    def quantum_information(self) -> float:
        """Quantum Fisher information on phi without loss: the variance of the difference of photon numbers at the phases."""
        c, s = math.cos(2 * self.first_rad), math.sin(2 * self.first_rad)
        first, second = (math.sinh(r) ** 2 for r in self.squeezing)
        a, b = (math.sinh(2 * r) / 2 for r in self.squeezing)
        # n_1 - n_2 = c (m_1 - m_2) - s (crossed terms) of the pairs m, on each side; pairs have Var(m_s + m_i) = sinh(2r)^2.
        straight = math.sinh(2 * self.squeezing[0]) ** 2 + math.sinh(2 * self.squeezing[1]) ** 2
        crossed = 2 * (first * (second + 1) + second * (first + 1)) + 4 * a * b
        return c * c * straight + s * s * crossed

    def cutoff(self, largest_lost_weight: float) -> int:
        """Photons on a side so that more of them have less than this weight.

        Parameters
        ----------
        largest_lost_weight : float in (0, 1)

        Returns
        -------
        int

        Raises
        ------
        CircuitTooLargeError
            When that takes more than LARGEST_CUTOFF.
        """
        t, u = (math.tanh(r) ** 2 for r in self.squeezing)
        rest, term = 1.0, []
        for photons in range(LARGEST_CUTOFF + 1):
            weight = math.fsum(t**k * u ** (photons - k) for k in range(photons + 1)) * (1 - t) * (1 - u)
            term.append(weight)
            rest = 1 - math.fsum(term)
            if rest < largest_lost_weight:
                return photons
        raise CircuitTooLargeError(
            f"squeezing {self.squeezing} has a weight of {rest:.2g} beyond {LARGEST_CUTOFF} photons on a side, "
            f"more than {largest_lost_weight:g}"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class PairCounts(ArrayValue):
    """The distribution of the photon numbers in the two signal and the two idler modes, each from 0 to a cutoff.

    Parameters
    ----------
    probabilities : (c, c, c, c) floats
        By the counts in ``MODES``.
    slopes, curves : (c, c, c, c) floats, or (0,)
        First and second derivatives by phi; empty when not wanted.
    lost_weight : float
        Probability of counts beyond the table.
    """

    probabilities: Real
    slopes: Real
    curves: Real
    lost_weight: float

    @property
    def information(self) -> float:
        """Classical Fisher information on phi of these counts; impossible outcomes by their limit 2 p''."""
        p, slope, curve = self.probabilities.ravel(), self.slopes.ravel(), self.curves.ravel()
        # Below it an amplitude is rounding, and the slope with it.
        seen = p > ROUNDED * p.max()
        dark = np.clip(2 * curve[~seen], 0.0, None)
        return float((slope[seen] ** 2 / p[seen]).sum() + dark.sum())

    @property
    def mean_counts(self) -> float:
        """Counts of all modes together, on average."""
        p = self.probabilities
        sums = (p.sum(axis=tuple(k for k in range(4) if k != axis)) for axis in range(4))
        return float(sum(np.arange(len(one)) @ one for one in sums))


def pair_counts(
    light: PairLight,
    phi: float,
    *,
    transmissivity: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0),
    dark_counts: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0),
    arms: tuple[float, float] = (1.0, 1.0),
    largest_lost_weight: float = 1e-7,
    derivatives: bool = True,
) -> PairCounts:
    """The distribution of the counts at a difference of phases, with first and second derivatives.

    Parameters
    ----------
    light : PairLight
    phi : float
        Difference of the phases, radians.
    transmissivity : four floats in [0, 1], in the order of MODES
        All losses of a mode, the detector's efficiency among them; losses behind the first beam splitter that are equal for
        the two modes of a side commute with what follows.
    dark_counts : four floats from 0 to 10, in the order of MODES
        Mean number in a shot, Poisson.
    arms : two floats in [0, 1]
        Transmissivity of both modes where the phases act, before the second beam splitter; signal and idler alike.
    largest_lost_weight : float
        Beyond the table; reported with the result.
    derivatives : bool
        Without them ``slopes`` and ``curves`` are empty, and it takes a third of the time.

    Returns
    -------
    PairCounts

    Raises
    ------
    ValueError
        Listing numbers outside their range.
    CircuitTooLargeError
        When the squeezing needs a larger table.

    Examples
    --------
    Without loss counting keeps all of the quantum information, at any phase:

    >>> light = PairLight(squeezing=(0.8, 0.8))
    >>> counts = pair_counts(light, 0.4)
    >>> round(counts.information / light.quantum_information, 5), counts.lost_weight < 1e-7
    (1.0, True)
    """
    phi, transmissivity, dark_counts, arms = plain(phi), plain(transmissivity), plain(dark_counts), plain(arms)
    faults = [f"transmissivity must be in [0, 1], got {eta}" for eta in transmissivity if not 0 <= eta <= 1]
    faults += [f"arms must be in [0, 1], got {eta}" for eta in arms if not 0 <= eta <= 1]
    faults += [f"dark_counts must be from 0 to 10, got {nu}" for nu in dark_counts if not 0 <= nu <= 10]
    if not math.isfinite(phi):
        faults.append(f"phi must be finite, got {phi}")
    if faults:
        raise ValueError("; ".join(faults))
    largest_lost_weight = float(largest_lost_weight)
    cutoff = light.cutoff(largest_lost_weight / 2)
    size = cutoff + 1
    tables = [np.zeros((size,) * 4) for _ in range(3 if derivatives else 1)]
    norm = math.prod(1 / math.cosh(r) ** 2 for r in light.squeezing)
    t, u = (math.tanh(r) for r in light.squeezing)
    # What both arms lose alike is as well lost behind the beam splitter; the weaker one loses more before it.
    both, weaker = max(arms), int(arms[1] < arms[0])
    more = min(arms) / both if both else 1.0
    transmissivity = tuple(eta * both for eta in transmissivity)  # type: ignore[assignment]  # four, as they were
    for photons in range(size):
        k = np.arange(photons + 1)
        first = rotation(photons, light.first_rad)
        core = (first * (t**k * u ** (photons - k))) @ first.T
        # Both sides turn with their photons in the first mode, against those in the second.
        turns = (k[:, None] + k[None, :] - photons).astype(float)
        base = core * np.exp(-1j * phi * turns)
        waves = [base, base * -1j * turns, base * -(turns**2)][: len(tables)]
        for lost in _lost_in_an_arm(norm * np.abs(base) ** 2, weaker, more, largest_lost_weight * NEGLIGIBLE):
            _add_counts(tables, waves, photons, lost, weaker, more, light.second_rad)
    for table in tables:
        table *= norm
    changes = [
        _darkened(size, dark) @ _thinned(size, eta) if eta < 1 or dark else None
        for eta, dark in zip(transmissivity, dark_counts, strict=True)
    ]
    tables = [_changed(table, changes) for table in tables]
    beyond = max(0.0, 1 - float(tables[0].sum()))
    slopes, curves = tables[1:] if derivatives else (np.zeros(0), np.zeros(0))
    return PairCounts(probabilities=tables[0], slopes=slopes, curves=curves, lost_weight=beyond)


def _changed(table: Real, changes: Sequence[Real | None]) -> Real:
    """The table with its first, second, ... counts changed by these matrices, or left as they are."""
    if all(change is None for change in changes):
        return table
    shape = table.shape
    for change in changes:
        # The first axis goes to the end, a product of matrices as they lie in memory; after all four they are in order again.
        turned = table.reshape(len(table), -1).T
        table = (turned if change is None else turned @ change.T).reshape(shape)
    return table


def _lost_in_an_arm(weights: Real, arm: int, transmissivity: float, negligible: float) -> list[tuple[int, int]]:
    """How many photons of each side are lost in one arm, where that is not too rare: what is left out is missing in the table.

    ``weights`` are the probabilities by the photons in the first mode of each side.
    """
    if transmissivity == 1:
        return [(0, 0)]
    photons = len(weights) - 1
    chances = _thinned(photons + 1, transmissivity)
    # (lost, photons in the first mode).
    held = np.arange(photons + 1) if arm == 0 else photons - np.arange(photons + 1)
    lost = np.arange(photons + 1)[:, None]
    losing = np.where(lost <= held, chances[np.maximum(held - lost, 0), held], 0.0)
    both = losing @ weights @ losing.T
    return [(int(one), int(other)) for one, other in np.argwhere(both > negligible)]


def _add_counts(
    tables: Sequence[Real],
    waves: Sequence[Complex],
    photons: int,
    lost: tuple[int, int],
    arm: int,
    transmissivity: float,
    angle_rad: float,
) -> None:
    """Add what is counted when so many photons of each side are lost in one arm, and the others meet at a beam splitter.

    ``waves`` are the amplitudes by the photons in the first mode of each side, and their first two derivatives.
    """
    left = [photons - n for n in lost]
    # Losing l photons moves an amplitude to l fewer in that arm: the first, whose photons are the index, or the second.
    kept = [slice(n, None) if arm == 0 else slice(0, photons + 1 - n) for n in lost]
    shrunk = [_kept_amplitudes(photons, n, transmissivity)[:: 1 if arm == 0 else -1] for n in lost]
    rotations = [rotation(n, angle_rad) for n in left]
    amplitude, *derivatives = (
        rotations[0] @ (shrunk[0][:, None] * wave[kept[0], kept[1]] * shrunk[1]) @ rotations[1].T for wave in waves
    )
    signal, idler = np.meshgrid(*(np.arange(n + 1) for n in left), indexing="ij")
    place = (signal, left[0] - signal, idler, left[1] - idler)
    tables[0][place] += np.abs(amplitude) ** 2
    if derivatives:
        slope, curve = derivatives
        tables[1][place] += 2 * (amplitude.conj() * slope).real
        tables[2][place] += 2 * (np.abs(slope) ** 2 + (amplitude.conj() * curve).real)


def _kept_amplitudes(photons: int, lost: int, transmissivity: float) -> Real:
    """(N - l + 1,) roots of the chances that l of k + l photons are lost and k stay, for k from 0 to N - l."""
    if transmissivity == 1:
        return np.ones(photons + 1)
    return np.asarray(np.sqrt(_thinned(photons + 1, transmissivity).diagonal(lost)))


@lru_cache(maxsize=512)
def rotation(photons: int, angle_rad: float) -> Real:
    """(N + 1, N + 1) amplitudes from k photons in the first mode of a real beam splitter to j: a rotation of spin N/2.

    >>> rotation(1, math.pi / 6).round(6).tolist()
    [[0.866025, 0.5], [-0.5, 0.866025]]
    """
    import scipy.linalg

    k = np.arange(1, photons + 1)
    steps = np.sqrt(k * (photons - k + 1.0))
    # theta (a1 a2^dagger - a1^dagger a2) lowers and raises the photons of the first mode.
    generator = angle_rad * (np.diag(steps, 1) - np.diag(steps, -1))
    result: Real = scipy.linalg.expm(generator)
    return read_only(result)


@lru_cache(maxsize=64)
def _thinned(size: int, transmissivity: float) -> Real:
    """(size, size): from n photons to m of them."""
    if transmissivity in (0.0, 1.0):
        result = np.eye(size) if transmissivity else np.vstack([np.ones(size), np.zeros((size - 1, size))])
        return read_only(result)
    n, m = np.meshgrid(np.arange(size), np.arange(size))
    with np.errstate(invalid="ignore"):
        log = (
            gammaln(n + 1)
            - gammaln(m + 1)
            - gammaln(np.maximum(n - m, 0) + 1)
            + m * math.log(transmissivity)
            + (n - m) * math.log1p(-transmissivity)
        )
    return read_only(np.where(m <= n, np.exp(log), 0.0))


@lru_cache(maxsize=64)
def _darkened(size: int, mean: float) -> Real:
    """(size, size): dark counts put on top; what goes beyond the table is lost."""
    if not mean:
        return read_only(np.eye(size))
    n, m = np.meshgrid(np.arange(size), np.arange(size))
    extra = np.maximum(m - n, 0)
    return read_only(np.where(m >= n, np.exp(extra * math.log(mean) - mean - gammaln(extra + 1)), 0.0))
