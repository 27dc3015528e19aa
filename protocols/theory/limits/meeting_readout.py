"""One-armed sensors whose light meets in one interferometer, read by the difference of two photocurrents: exact errors.

Light of sensors of positive coefficients is one arm, that of negative ones, and of a reference, the other: sum alpha_j = 0 over all
modes whose light meets. Coherent light of A_j photons along p and light of K squeezed vacua, quiet in x, reach mode j; behind the
sensing and the detectors' losses a share s_j is left. With b_j = sqrt(s_j A_j), v'_kj = sqrt(s_j) v_kj and a real vector g,
b . g = 0, passive optics bring the modes B = b . a/|b| and D = g . a/|g| to the two ports of a balanced beam splitter. The
difference of its photocurrents is, with H_jk = -i (b_j g_k - g_j b_k) up to a factor, a^dagger H a: |b| times the quiet quadrature
of D, and what squeezed photons do. Its slopes are alpha_j M if

    alpha_j = b_j g_j + sum_k eps_k v'_kj (g_j x_k - b_j y_k),    eps_k = n_k/|b|^2, x_k = b . v'_k, y_k = g . v'_k,

linear in g, and b . g = 0 follows from sum alpha_j = 0. Then, with q_k = e^{-2 r_k} and m_k^2 = n_k (n_k + 1),

    4 M^2 error = |g|^2 + sum_k (q_k - 1) y_k^2 + sum_k n_k (|g|^2 x_k^2/|b|^2 + y_k^2)/|b|^2
                + sum_kl (n_k n_l - m_k m_l) (x_k y_l - y_k x_l)^2/|b|^4
                + |g|^2/(|b|^2 w^2) (P (1 - w^2 + noise) + 2 dark),    P = |b|^2 + sum_k n_k (x_k^2/|b|^2 + y_k^2/|g|^2),

w the visibility, P the photons that are seen.

Phases that jitter, with the rms sigma_j at mode j, are independent normal numbers. With c_j = e^{-sigma_j^2/2} the optics are those
for light of which a share c_j^2 is left, b_j = c_j sqrt(s_j A_j) and v'_kj = c_j sqrt(s_j) v_kj: the slopes, averaged, are then as
above, and so are second moments but for those of which two of the four modes are the same (``photonics.RandomPhases``). With
tau_j = 1 - c_j^2, rho_j = e^{sigma_j^2} - 1, e_kj = g_j x_k - b_j y_k, and of the squeezer k that mode j sees n_j = n v'_j^2,
m_j = m v'_j^2 and f_j = b_j g_j + m v'_j e_j/|b|^2, these add to 4 M^2 error

    4 sum_j tau_j (alpha_j^2 - b_j^2 g_j^2) + 2 sum_j rho_j (alpha_j^2 - 2 b_j^2 g_j^2 + f_j^2)
    + 2 sum_j (tau_j (b_j^2 + m_j) (|b|^4 g_j^2 + sum_k m_k e_kj^2) + rho_j (b_j^2 + n_j) (|b|^4 g_j^2 + sum_k n_k e_kj^2))/|b|^4
    + sum_jk (b_j g_k - g_j b_k)^2 (rho_j rho_k <a_j^+ a_k^+ a_k a_j> - tau_j tau_k <a_j^+ a_j^+ a_k a_k>)/|b|^4
    + |g|^2 P_r/|b|^2,    P_r = sum_j rho_j (b_j^2 + n_j) (b_j^2/|b|^2 + g_j^2/|g|^2),

and P_r to P; a_j has c_j in it. Of little jitter and much light it is 4 sum_j sigma_j^2 alpha_j^2, as with any light.

Of much light with equal losses the error without jitter is ||alpha||_P^2 (q + (1 - s)/s)/(N_c M^2): a
displacement network of all modes, the reference among them, with the coefficients alpha_j/(2 sqrt A_j).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from networks import InputError
from photonics.conventions import Integer, Real
from protocols.theory.limits.phase_readout import FLATTEST, STEP, PhaseReadout, less_noise

BALANCED = 1e-9
"""How far from zero the coefficients may add up, relative to their sizes."""
ROUNDING = 1e-15
"""Of the terms that an error is made of."""
LARGEST_ROUNDING = 1e-4
"""Share of an error that rounding may make."""
MOST_SQUEEZED = 1e8
"""Squeezed photons for each coherent one that is left, up to which a search looks: rounding of errors grows with them, to 1e-7."""


@dataclass(frozen=True, kw_only=True)
class MeetingReadout(PhaseReadout):
    """What stands between the light of d modes that meets in one interferometer and the difference of two photocurrents.

    Each mode sees one squeezer. Efficiencies and numbers of detectors are those of the two that there are, the same for all modes.

    Attributes
    ----------
    alpha, passes, survives, detector_efficiency, visibility, dark_counts, electronic_noise, phase_jitter_rad, light_caps
        As of ``PhaseReadout``; alpha adds up to zero, and phase_jitter_rad is of each mode in front of the optics.

    Raises
    ------
    InputError
        For coefficients that do not add up to zero, and detectors that differ between modes.

    Examples
    --------
    Two sensors of opposite signs are one interferometer: a^2 = 2 photons at the ports and r = 0.6.

    >>> from protocols.theory.limits.phase_readout import phase_readout
    >>> pair = phase_readout(MeetingReadout, [1.0, -1.0])
    >>> half = math.sqrt(0.5)
    >>> round(pair.mse([1.0, 1.0], [[half, -half]], [math.sinh(0.6) ** 2]), 9)
    0.396273826
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        faults = []
        if abs(math.fsum(self.alpha)) > BALANCED * math.fsum(map(abs, self.alpha)):
            faults.append(f"alpha must add up to zero over all modes whose light meets, got {math.fsum(self.alpha):g}")
        faults += [
            f"{name} must be the same for all modes, as there are two detectors for all"
            for name in ("detector_efficiency", "visibility", "dark_counts", "electronic_noise")
            if len(set(getattr(self, name))) > 1
        ]
        if faults:
            raise InputError(faults)

    @property
    def _seen(self) -> Real:
        """(d,) s_j, what detectors miss and c_j^2 of the jitter included."""
        left = np.exp(-(self.columns["phase_jitter_rad"] ** 2))
        return np.asarray(self.columns["survives"] * self.columns["detector_efficiency"] * left)

    @property
    def _jitters(self) -> bool:
        return any(self.phase_jitter_rad)

    def errors(self, coherent: Any, amplitudes: Any, squeezed: Any) -> Any:
        """As ``PhaseReadout.errors``; for light of which each mode sees one squeezer.

        Parameters
        ----------
        coherent, amplitudes, squeezed : numbers

        Raises
        ------
        ValueError
            Where a mode sees two squeezers.
        """
        if ((amplitudes != 0).sum(axis=-2) > 1).any():
            raise ValueError("each mode sees one squeezer; merge what meets in front of the sensors")
        s = self._seen
        bright = np.sqrt(s * coherent)[..., None, :]
        size = (s * coherent).sum(axis=-1)
        empty = np.real(coherent) * s <= FLATTEST
        dark = empty & (self.columns["alpha"] != 0)
        v = amplitudes * np.sqrt(s)
        x = (bright * v).sum(axis=-1)
        bright = np.where(empty[..., None, :], 1.0, bright)
        eps = (squeezed / np.where(size == 0, 1, size)[..., None])[..., None]
        # Modes without coherent light do not meet the others, whatever squeezed light they have.
        lit = (v != 0) & ~empty[..., None, :]
        pieces = np.where(lit, self._pieces(self.columns["alpha"], bright, v, eps, x[..., None]), 0)
        sums = pieces.sum(axis=-1)
        # Modes that see no squeezer: g_j = alpha_j/b_j.
        alone = np.where(lit.any(axis=-2) | empty, 0, (self.columns["alpha"] / bright[..., 0, :]) ** 2).sum(axis=-1)
        parts = self._of_squeezers(x, squeezed, *sums).sum(axis=-1)
        parts[0] = parts[0] + alone
        if self._jitters:
            # Of the squeezer that each mode sees.
            y = self._across(sums)
            of_modes = [(lit * each[..., None]).sum(axis=-2) for each in (eps[..., 0], x, y, squeezed)]
            rows = self._random_of_modes(
                bright[..., 0, :], np.where(lit, v, 0).sum(axis=-2), size[..., None], *of_modes
            )
            rows = np.where(empty, 0, rows)
            own = (rows[:, ..., None, :] * lit).sum(axis=-1)
            random = self._random_of_squeezers(squeezed, *own).sum(axis=-1)
            # Modes without a squeezer are nobody's.
            random[:7] = rows[:7].sum(axis=-1)
            parts = np.concatenate((parts, random))
        found = self._of_all(size, *parts)
        return np.where(dark.any(axis=-1), math.inf, found)

    @staticmethod
    def _pieces(alpha: Any, bright: Any, v: Any, eps: Any, x: Any) -> Any:
        """(5, ...) v u, v w, u^2, u w and w^2 of each mode, where g = u + w y."""
        scale = bright + eps * v * x
        u, w = alpha / scale, eps * v * bright / scale
        return np.array([v * u, v * w, u * u, u * w, w * w])

    @staticmethod
    def _across(sums: Any) -> Any:
        """(..., K) y_k of the sums of ``_pieces``."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return sums[0] / (1 - sums[1])

    @staticmethod
    def _of_squeezers(x: Any, n: Any, vu: Any, vw: Any, uu: Any, uw: Any, ww: Any) -> Any:
        """(8, ...) What each squeezer and its modes add: |g|^2, (q - 1) y^2, and n and m - n times x^2, y^2 and x y."""
        # Light that the search tries where nothing of a mode is left has no finite error, and is never the best.
        with np.errstate(divide="ignore", invalid="ignore"):
            y = vu / (1 - vw)
            more = np.sqrt(n) / (np.sqrt(n + 1) + np.sqrt(n))
            products = np.array([x * x, y * y, x * y])
            return np.concatenate(
                (np.array([uu + 2 * y * uw + y * y * ww, less_noise(n) * y * y]), n * products, more * products)
            )

    def _random_of_modes(self, bright: Any, v: Any, size: Any, eps: Any, x: Any, y: Any, n: Any) -> Any:
        """(19, ...) What random phases make of each mode: 7 rows for sums over all, then four weights with b^2, b g and g^2."""
        alpha, variance = self.columns["alpha"], self.columns["phase_jitter_rad"] ** 2
        tau, rho = -np.expm1(-variance), np.expm1(variance)
        # As in ``_of_squeezers``: light of which nothing is left.
        with np.errstate(divide="ignore", invalid="ignore"):
            g = (alpha + eps * v * bright * y) / (bright + eps * v * x)
        m = np.sqrt(n * (n + 1))
        products = np.array([bright**2, bright * g, g**2])
        pairs, squeezed = tau * (bright**2 + m * v**2), rho * (bright**2 + n * v**2)
        steep = size * bright * g + m * v * (g * x - bright * y)
        phases = 4 * tau * (alpha**2 - (bright * g) ** 2)
        phases = phases + 2 * rho * (alpha**2 - 2 * (bright * g) ** 2 + (steep / size) ** 2)
        weights = (tau * bright * v, rho * bright * v, tau * v**2, rho * v**2)
        own = [weight * product for weight in weights for product in products]
        return np.array([phases, *(pairs * products), *(squeezed * products), *own])

    @staticmethod
    def _random_of_squeezers(n: Any, *rows: Any) -> Any:
        """(8, ...) The first 7 as they are, and what the coherence of the modes of each squeezer adds to products of photons."""
        own = [2 * (bb * gg - bg**2) for bb, bg, gg in zip(rows[7::3], rows[8::3], rows[9::3], strict=True)]
        m2, m = n * (n + 1), np.sqrt(n * (n + 1))
        coherent = -4 * n * own[0] + 2 * (n + m) * own[1] - 2 * n**2 * own[2] + (m2 + n**2) * own[3]
        return np.array([*rows[:7], coherent])

    def _of_all(
        self, size: Any, g: Any, less: Any, xx: Any, yy: Any, xy: Any, cxx: Any, cyy: Any, cxy: Any, *random: Any
    ) -> Any:
        """The error, of |b|^2, the sums of what squeezers add, and random phases; infinite where rounding leaves no digits of it.

        With c = m - n the pairs have n_k n_l - m_k m_l = -(n_k c_l + c_k n_l + c_k c_l), in which squares of many photons do not
        cancel. What they take away may still be nearly all that photons add: where two equal squeezers meet, all of it.
        """
        w2 = self.visibility[0] ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            alone = g + (g * xx / size + yy) / size
            light = alone + less - 2 * (xx * cyy - 2 * xy * cxy + yy * cxx + cxx * cyy - cxy**2) / size**2
            light = np.where(ROUNDING * np.real(alone) > LARGEST_ROUNDING * np.real(light), math.inf, light)
            photons = size + xx / size + yy / g
            if random:
                phases, pbb, pbg, pgg, sbb, sbg, sgg, coherent = random
                more = sbb / size + sgg / g
                mxx, myy, mxy = xx + cxx, yy + cyy, xy + cxy
                light = light + phases + g * more / size
                light = light + 2 * (pgg * (size**2 + mxx) - 2 * pbg * mxy + pbb * myy) / size**2
                light = light + 2 * (sgg * (size**2 + xx) - 2 * sbg * xy + sbb * yy) / size**2
                light = light + (2 * (sbb * sgg - sbg**2) - 2 * (pbb * pgg - pbg**2) + coherent) / size**2
                photons = photons + more
            added = photons * (1 - w2 + self.electronic_noise[0]) + 2 * self.dark_counts[0]
            return (light + g * added / (size * w2)) / (4 * self.passes**2)

    def meeting_modes(
        self, coherent: Sequence[float], amplitudes: Sequence[Sequence[float]], squeezed: Sequence[float]
    ) -> tuple[Real, Real]:
        """The vectors g and b of the modes D and B that meet; b . g = 0.

        Parameters
        ----------
        coherent : (d,) floats > 0 where alpha is not 0
        amplitudes : (K, d) floats
        squeezed : (K,) floats
        """
        s, alpha = self._seen, self.columns["alpha"]
        b = np.sqrt(s * np.array(coherent))
        g, alone = np.zeros_like(alpha), b > 0
        v = np.array(amplitudes, dtype=float).reshape(len(squeezed), len(alpha)) * np.sqrt(s)
        x, size = v @ b, float(b @ b)
        for row, x_k, n in zip(v, x, squeezed, strict=True):
            lit = (b > 0) & (row != 0)
            alone &= ~lit
            if lit.any():
                eps = n / size
                vu, vw, *_ = self._pieces(alpha[lit], b[lit], row[lit], eps, x_k).sum(axis=-1)
                y = vu / (1 - vw)
                scale = b[lit] + eps * row[lit] * x_k
                g[lit] = (alpha[lit] + eps * row[lit] * b[lit] * y) / scale
        g[alone] = alpha[alone] / b[alone]
        return g, b

    def turned_errors(self, coherent: Real, along: Real, across: Real, photons: float, angle_rad: float = 0.0) -> Real:
        """As ``PhaseReadout.turned_errors``; the optics behind the sensing are those for this light.

        What is along and what is across are as of two squeezers in the slopes. With x = b . v' and y = g . v', complex now, the
        noise is, beside that of detectors, |g|^2 + 2 (n |y|^2 - m Re y^2) + n (|g|^2 |x|^2/|b|^2 + |y|^2)/|b|^2
        + 4 (n^2 + m^2) (Im x* y)^2/|b|^4.

        Parameters
        ----------
        coherent, along, across, photons
        angle_rad : float
            0.

        Raises
        ------
        ValueError
            For another angle.
        """
        if angle_rad:
            raise ValueError(f"angle_rad must be 0: x alone is read, got {angle_rad}")
        s, alpha = self._seen, self.columns["alpha"]
        b = np.sqrt(s * coherent)
        size, lit = float(b @ b), b > 0
        p, c = (np.where(lit, v * np.sqrt(s), 0.0) for v in (along, across))
        eps, m = photons / size, math.sqrt(photons * (photons + 1))
        x_p, x_c = p @ b, c @ b
        scale = np.where(lit, b + eps * (p * x_p[..., None] + c * x_c[..., None]), 1.0)
        u, w_p, w_c = np.where(lit, alpha, 0.0) / scale, eps * p * b / scale, eps * c * b / scale
        # y_p = p . g and y_c = c . g, g = u + w_p y_p + w_c y_c.
        pp, pc, cp, cc = ((one * two).sum(axis=-1) for one in (p, c) for two in (w_p, w_c))
        pu, cu = (p * u).sum(axis=-1), (c * u).sum(axis=-1)
        below = (1 - pp) * (1 - cc) - pc * cp
        y_p, y_c = ((1 - cc) * pu + pc * cu) / below, ((1 - pp) * cu + cp * pu) / below
        across_arms = u + w_p * y_p[..., None] + w_c * y_c[..., None]
        g = (across_arms**2).sum(axis=-1)
        xx, yy = x_p**2 + x_c**2, y_p**2 + y_c**2
        # n |y|^2 - m Re y^2, in which n and m do not cancel.
        less = float(less_noise(np.array(photons)))
        light = g + less * y_p**2 + 2 * (photons + m) * y_c**2 + photons * (g * xx / size + yy) / size
        light += 4 * (photons**2 + m**2) * (x_p * y_c - x_c * y_p) ** 2 / size**2
        w2 = self.visibility[0] ** 2
        seen = size + photons * (xx / size + yy / g)
        if self._jitters:
            more, dark = self._random_phases(b, across_arms, p + 1j * c, photons)
            light, seen = light + more + g * dark / size, seen + dark
        added = seen * (1 - w2 + self.electronic_noise[0]) + 2 * self.dark_counts[0]
        return np.asarray((light + g * added / (size * w2)) / (4 * self.passes**2))

    def _random_phases(self, b: Real, g: Real, v: NDArray[np.complex128], n: float) -> tuple[Real, Real]:
        """What random phases add to the variance of light of one squeezer whose phases are off, and to the photons seen.

        As in ``errors``, of complex v: a term of j and k is the real part of f*_j f_k.
        """
        variance = self.columns["phase_jitter_rad"] ** 2
        tau, rho, m = -np.expm1(-variance), np.expm1(variance), math.sqrt(n * (n + 1))
        size, own = float(b @ b), np.abs(v) ** 2
        e = g * (v @ b)[..., None] - b * (v * g).sum(axis=-1)[..., None]
        flat, number, pair = b * g, b**2 + n * own, b**2 + m * v**2
        twice = (pair * ((size * g) ** 2 + m * e.conj() ** 2) + 2 * (size * flat + n * v * e.conj()) ** 2).real
        once = np.abs(size * flat + m * v * e) ** 2 + np.abs(size * flat + n * v * e.conj()) ** 2
        once = once + number * ((size * g) ** 2 + n * np.abs(e) ** 2)
        bright = 2 * (size * flat) ** 2
        phases = 2 * (tau * (twice - bright) + rho * (once - bright)).sum(axis=-1)

        def between(f: NDArray[Any], other: NDArray[Any]) -> Real:
            gg, bg = ((f * part).sum(axis=-1) for part in (g**2, flat))
            bb, gb = ((other * part).sum(axis=-1) for part in (b**2, flat))
            return np.asarray(2 * (bb * gg - gb * bg).real)

        def along(f: NDArray[Any]) -> Real:
            return between(f, f.conj())

        phases += along(rho * number) - along(tau * pair) - 4 * n * along(tau * b * v) - 2 * n**2 * along(tau * v**2)
        phases += 2 * n * along(rho * b * v) + 2 * m * between(rho * b * v, rho * b * v)
        phases += (m**2 + n**2) * along(rho * own)
        dark = (rho * number * (b**2 / size + g**2 / (g**2).sum(axis=-1)[..., None])).sum(axis=-1)
        return np.asarray(phases / size**2), np.asarray(dark)

    def site_terms(self, coherent: Any, amplitudes: Any, squeezed: Any) -> Any:
        """None: what modes add depends on the light of all.

        Parameters
        ----------
        coherent, amplitudes, squeezed : (..., d) numbers

        Raises
        ------
        NotImplementedError
        """
        raise NotImplementedError("the error is no function of one sum over sites: take with_slopes")

    def of_sums(self, sums: Any, squeezed: Any) -> Any:
        """As ``site_terms``.

        Parameters
        ----------
        sums : (m, ..., K) numbers
        squeezed : (..., K) numbers

        Raises
        ------
        NotImplementedError
        """
        raise NotImplementedError("the error is no function of one sum over sites: take with_slopes")

    def with_slopes(
        self, coherent: Real, amplitudes: Real, squeezed: Real, served: Integer
    ) -> tuple[float, Real, Real, Real]:
        """As ``PhaseReadout.with_slopes``, through the sums of sums that the error is made of.

        Parameters
        ----------
        coherent, amplitudes : (d,) floats
        squeezed : (K,) floats >= 0
        served : (d,) ints

        Returns
        -------
        tuple of float and (d,), (d,) and (K,) floats
            As of ``PhaseReadout``; infinite also for more than ``MOST_SQUEEZED`` squeezed photons for each coherent one.
        """
        count, s, alpha = len(squeezed), self._seen, self.columns["alpha"]
        nothing = math.inf, np.zeros_like(coherent), np.zeros_like(coherent), np.zeros_like(squeezed)
        size = float((s * coherent).sum())
        if (coherent * s <= FLATTEST).any() or (squeezed > MOST_SQUEEZED * size).any():
            return nothing
        r = np.arcsinh(np.sqrt(squeezed))
        root = np.sqrt(s)

        def together(where: Any) -> Any:
            return np.bincount(served, where, count)

        # x_k: of each mode with its slopes along A_j and v_j.
        first, (by_a, by_v) = _with_derivatives(
            lambda a, v: np.array([np.sqrt(s * a) * v * root]), coherent, amplitudes
        )
        x = together(first[0])
        eps = squeezed / size
        pieces, along = _with_derivatives(
            lambda a, v, e, xs: self._pieces(alpha, np.sqrt(s * a), v * root, e, xs),
            coherent,
            amplitudes,
            eps[served],
            x[served],
        )
        sums = np.array([together(row) for row in pieces])
        parts, by_parts = _with_derivatives(
            lambda xs, rs, *rest: self._of_squeezers(xs, np.sinh(rs) ** 2, *rest), x, r, *sums
        )
        random = np.zeros((0, count))
        if self._jitters:
            y = self._across(sums)
            rows, by_mode = _with_derivatives(
                lambda a, v, b2, e, xs, ys, rs: self._random_of_modes(
                    np.sqrt(s * a), v * root, b2, e, xs, ys, np.sinh(rs) ** 2
                ),
                coherent,
                amplitudes,
                np.full_like(coherent, size),
                eps[served],
                x[served],
                y[served],
                r[served],
            )
            random, by_rows = _with_derivatives(
                lambda rs, *rest: self._random_of_squeezers(np.sinh(rs) ** 2, *rest),
                r,
                *(together(row) for row in rows),
            )
        totals = (size, *parts.sum(axis=1), *random.sum(axis=1))
        whole, slopes = _with_derivatives(
            lambda *given: np.array([self._of_all(*given)]), *(np.array([value]) for value in totals)
        )
        error = float(whole[0, 0])
        if not 0 < error < math.inf:
            return nothing
        by_size, by_sums, by_random = float(slopes[0, 0, 0]), slopes[1 : 1 + len(parts), 0, 0], slopes[9:, 0, 0]
        # (K,) Along x_k, r_k and the five sums of each squeezer.
        chained = np.einsum("p,ipk->ik", by_sums, by_parts)
        by_x, by_r, by_pieces = chained[0], chained[1], chained[2:]
        more = np.zeros((7, len(coherent)))
        if self._jitters:
            through = np.einsum("p,ipk->ik", by_random, by_rows)
            # (7, d) Along A_j, v_j, |b|^2, eps, x, y and r of each mode.
            more = np.einsum("pd,ipd->id", through[1:, served], by_mode)
            by_size += float(more[2].sum())
            by_x, by_r = by_x + together(more[4]), by_r + through[0] + together(more[6])
            # y = vu/(1 - vw).
            by_y = together(more[5]) / (1 - sums[1])
            by_pieces = by_pieces + np.array([by_y, by_y * y, *np.zeros((3, count))])
        # (4, d) Along A_j, v_j, eps and x of each mode.
        of_modes = np.einsum("pd,ipd->id", by_pieces[:, served], along)
        of_modes[:2] += more[:2]
        by_eps, by_x = together(of_modes[2] + more[3]), by_x + together(of_modes[3])
        by_size -= float(by_eps @ eps) / size
        by_r = by_r + by_eps * np.sinh(2 * r) / size
        return (
            error,
            of_modes[0] + by_x[served] * by_a[0] + by_size * s,
            of_modes[1] + by_x[served] * by_v[0],
            by_r,
        )


def _with_derivatives(function: Callable[..., Any], *given: Real) -> tuple[Real, Real]:
    """(p, n) The values of an elementwise function of m arrays, and (m, p, n) its derivatives, by complex steps."""
    steps = 1j * STEP * np.eye(len(given) + 1)[:, : len(given)]
    found = function(*(value + steps[:, place, None] for place, value in enumerate(given)))
    # Axes: p, which argument moves (the last one: none), n.
    return np.asarray(found[:, -1].real), np.asarray(np.moveaxis(found[:, :-1].imag / STEP, 1, 0))
