"""What detectors make of light on strings of photon numbers, for projections on superpositions of them.

A projection is read by detectors that count all photons: a shot is told when as many are seen as the strings have. What the
detectors miss is a loss of their mode in front of it; so equal efficiencies are those of detectors behind any interferometer, and
unequal ones those of light that is lost on the way to it. Visibility and jitter lower the coherence of two strings n and n' by
v exp(-sum_k sigma_k^2 (n_k - n'_k)^2/2); with a visibility of each mode, v is the geometric mean over those in which they differ.
A dark count makes the number wrong, unless as many photons are lost: then the shot is told though nothing is known, and falls
evenly on all states of the strings. That is so for N00N states behind a beam splitter, and the rule for all others. Detectors stand
where the strings have photons; a mode that all of them leave empty takes no part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from photonics.conventions import Complex, Integer, Real
from photonics.limits import CircuitTooLargeError, roughly
from photonics.measurements.counting import fock_counts, log_thinning
from photonics.measurements.detectors import Detectors
from photonics.measurements.gaussian_counts import LARGEST_TABLE
from photonics.output import Block, FockOutput
from photonics.values import ArrayValue


@dataclass(frozen=True, eq=False)
class DarkCounts(ArrayValue):
    """What dark counts do to a projection on strings.

    Parameters
    ----------
    kept : float
        Chance that there is none.
    false : (1 + d,) floats
        Chance that some replace just the photons that are lost, and its derivatives.
    """

    kept: float
    false: Real


def columns_on(light: FockOutput, strings: Integer, efficiency: Real) -> list[Complex]:
    """Amplitudes and derivatives (T, 1 + d) on the strings, for each block and each way in which detectors lose photons."""
    found: list[Complex] = []
    totals = np.unique(strings.sum(axis=1))
    for block in light.blocks:
        if (efficiency == 1).all() or (len(totals) == 1 and (block.occupations.sum(axis=1) == totals[0]).all()):
            # Photons that are lost then lead to none of the strings.
            found.append(_whole_on(block, strings, efficiency))
            continue
        ways: dict[tuple[int, ...], Complex] = {}
        for row, string in enumerate(strings):
            lost = block.occupations - string
            able = (lost >= 0).all(axis=1) & (lost[:, efficiency == 1] == 0).all(axis=1)
            for place in np.flatnonzero(able):
                way = ways.setdefault(
                    tuple(lost[place].tolist()), np.zeros((len(strings), block.columns.shape[1]), dtype=complex)
                )
                way[row] = block.columns[place] * math.exp(_log_kept(block.occupations[place], string, efficiency) / 2)
        found += ways.values()
    return found


def _whole_on(block: Block, strings: Integer, efficiency: Real) -> Complex:
    """Amplitudes and derivatives of the strings themselves, when all their photons are seen."""
    columns = np.zeros((len(strings), block.columns.shape[1]), dtype=complex)
    for row, place in places_of(block, strings).items():
        columns[row] = block.columns[place]
    if (efficiency < 1).any():
        columns *= np.exp(strings @ np.log(efficiency) / 2)[:, None]
    return columns


def places_of(block: Block, strings: Integer) -> dict[int, int]:
    """The place in the block of each string that is in it.

    Parameters
    ----------
    block : Block
    strings : (T, m) integers

    Returns
    -------
    dict from int to int
        Row of ``strings`` to row of the block.
    """
    place = {string.tobytes(): index for index, string in enumerate(np.ascontiguousarray(block.occupations))}
    rows = ((row, place.get(string.tobytes())) for row, string in enumerate(np.ascontiguousarray(strings)))
    return {row: index for row, index in rows if index is not None}


def _log_kept(photons: Integer, seen: Integer, efficiency: Real) -> float:
    lossy = efficiency < 1
    if not lossy.any():
        return 0.0
    return float(
        sum(
            log_thinning(n, k, eta)
            for n, k, eta in zip(photons[lossy], seen[lossy], efficiency[lossy].tolist(), strict=True)
        )
    )


def coherences(strings: Integer, detectors: Detectors) -> Real:
    """(T, T) what visibility and jitter leave of the coherence of each pair of strings."""
    count = len(strings)
    jitter, visibility = (detectors.each(name, strings.shape[1]) for name in ("phase_jitter_rad", "visibility"))
    shaken = np.zeros((count, count))
    for photons, sigma in zip(strings.T, jitter.tolist(), strict=True):
        if sigma and photons.any():
            shaken += (sigma * (photons[:, None] - photons[None, :])) ** 2 / 2
    if (visibility == visibility[0]).all():
        logs = np.log(visibility[0]) * (1 - np.eye(count))
    else:
        sums, differing = np.zeros((count, count)), np.zeros((count, count))
        for photons, v in zip(strings.T, visibility.tolist(), strict=True):
            differ = photons[:, None] != photons[None, :]
            sums += np.log(v) * differ
            differing += differ
        logs = sums / np.maximum(differing, 1)
    return np.asarray(np.exp(logs - shaken))


def needs_whole(light: FockOutput, strings: Integer, detectors: Detectors) -> bool:
    """Whether surviving strings alone do not tell what the detectors see."""
    if not light.elsewhere:
        return False
    most = int(light.blocks[0].occupations[0].sum())
    dark = detectors.each("dark_counts", len(light.modes)).any()
    return bool((strings.sum(axis=1) != most).any() or (dark and light.populations is None))


def dark_counts_on(light: FockOutput, strings: Integer, detectors: Detectors) -> DarkCounts:
    """What dark counts do where all these strings have the same photon number."""
    count, d = len(light.modes), light.parameters
    occupied = np.flatnonzero(strings.any(axis=0))
    dark = float(detectors.each("dark_counts", count)[occupied].sum())
    if not dark:
        return DarkCounts(1.0, np.zeros(1 + d))
    totals = np.unique(strings.sum(axis=1))
    if len(totals) > 1:
        raise ValueError(
            f"with dark counts a projection needs strings of equal photon number, which is what tells a shot; got {totals.tolist()}"
        )
    photons = int(totals[0])
    seen = _totals(light, occupied, detectors.each("efficiency", count), photons)
    added = np.arange(photons, -1, -1)
    shares = np.exp([-dark + n * math.log(dark) - math.lgamma(n + 1) for n in added.tolist()])
    return DarkCounts(math.exp(-dark), shares[:-1] @ seen[:-1])


def _totals(light: FockOutput, modes: Integer, efficiency: Real, most: int) -> Real:
    """(most + 1, 1 + d) chance that so many photons are seen in these modes together, with derivatives."""
    if light.elsewhere:
        populations = light.populations
        assert populations is not None
        chances = np.zeros((len(populations.weights), 1 + light.parameters))
        # Only the phases of strings depend on the parameters here.
        chances[:, 0] = populations.weights
        strings, survival = populations.occupations, populations.survival * efficiency
    else:
        counts = fock_counts(light, light.modes)
        strings, survival = counts.labels, efficiency
        chances = np.column_stack([counts.probabilities, counts.jacobian])
    if len(strings) * (most + 1) > LARGEST_TABLE:
        raise CircuitTooLargeError(
            f"dark counts beside {most} photons on {roughly(len(strings))} strings take a table of more than {LARGEST_TABLE} "
            "chances; send fewer photons"
        )
    seen = np.zeros((len(strings), most + 1))
    seen[:, 0] = 1.0
    for k in modes.tolist():
        eta = float(survival[k])
        rows = np.flatnonzero(strings[:, k])
        photons, before = strings[rows, k], seen[rows]
        longer = np.zeros_like(before)
        for number in range(min(most, int(photons.max(initial=0))) + 1):
            able = photons >= number
            share = np.zeros(len(photons))
            share[able] = (
                np.exp(log_thinning(photons[able], np.full(int(able.sum()), number), eta))
                if eta < 1
                else photons[able] == number
            )
            longer[:, number:] += share[:, None] * before[:, : most + 1 - number]
        seen[rows] = longer
    return np.asarray(seen.T @ chances)
