"""Gradients as mixes of columns of W: real coefficients from whole photons, exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photonics.conventions import Integer, Real


@dataclass(frozen=True, eq=False, kw_only=True)
class ColumnMix:
    """Columns (K of (T, d) photon numbers) with shares (K of (T,)) so that slope = scale * sum of share*column, exactly."""

    columns: tuple[Integer, ...]
    shares: tuple[Real, ...]
    scale: Real


def column_mix(slope: Real, photons: int) -> ColumnMix:
    """Real coefficients from columns of whole photons: N slope/||slope||_P is a mix of at most 2 d + 1 columns of W.

    With C_j the sums of its entries up to j, floor(C_j + u) - floor(C_(j-1) + u) are whole numbers with the right total for every u
    in [0, 1), and their mean over u is the entry. They change at finitely many u. In turns over the shots the mix has
    ||slope||_P^2/(N t)^2 a shot, as a single column has where it exists. ``scale`` carries the sign of rows that are not oriented.

    >>> mix = column_mix(np.array([[1.5, 1.5], [-1.0, 4.0]]), 3)
    >>> mean = sum(share[:, None] * column for column, share in zip(mix.columns, mix.shares))
    >>> (mix.scale[:, None] * mean).round(12).tolist()
    [[1.5, 1.5], [-1.0, 4.0]]
    """
    heavy = np.maximum(slope, 0).sum(axis=1) >= np.maximum(-slope, 0).sum(axis=1)
    oriented = np.where(heavy[:, None], slope, -slope)
    norm = np.maximum(oriented, 0).sum(axis=1)
    target = np.divide(photons * oriented, norm[:, None], out=np.zeros_like(slope), where=norm[:, None] > 0)
    sums = [np.cumsum(np.maximum(side, 0), axis=1) for side in (target, -target)]
    # Sums that are whole up to rounding are whole: the last one on the positive side is N.
    sums = [np.where(np.abs(c - np.rint(c)) < 1e-9, np.rint(c), c) for c in sums]
    changes = np.sort(np.concatenate([-c % 1.0 for c in sums], axis=1), axis=1)
    rows = len(slope)
    edges = np.concatenate([np.zeros((rows, 1)), changes, np.ones((rows, 1))], axis=1)
    columns, shares = [], []
    for k in range(edges.shape[1] - 1):
        share = edges[:, k + 1] - edges[:, k]
        if not (share > 1e-12).any():
            continue
        u = (edges[:, k + 1] + edges[:, k])[:, None] / 2
        whole = [np.diff(np.floor(c + u), axis=1, prepend=0.0) for c in sums]
        columns.append(np.asarray(whole[0] - whole[1], dtype=np.int64))
        shares.append(share)
    return ColumnMix(columns=tuple(columns), shares=tuple(shares), scale=np.where(heavy, 1.0, -1.0) * norm / photons)
