"""One-armed sensors under squeezed vacuum alone, read by homodyne with a strong local oscillator: what noise tells of phases.

The light of one squeezed vacuum, n photons, arrives at the detectors of its sites with the amplitudes s_j, and is read at an angle
t from its squeezed quadrature. With kappa = cosh 2r - 1 - cos 2t sinh 2r, mu = sin 2t sinh 2r, N_j = 1 + electronic noise

    Q = diag(N) + kappa s s^T,     dQ/dtheta_j = M mu s_j (e_j s^T + s e_j^T)

up to a sign; means are zero. The Fisher matrix of Gaussian outcomes, tr(Q^{-1} dQ_j Q^{-1} dQ_k)/2, is with G = Q^{-1}, g = G s,
sigma = s.g, D = diag(s) and Sherman and Morrison's formula

    F = M^2 mu^2 D (g g^T + sigma G) D,     F^{-1} = D^{-1} (Q/sigma - s s^T/(2 sigma^2)) D^{-1}/(M mu)^2.

So the error of q, all theta unknown, needs three sums over the sites, B = sum N_j alpha_j^2/s_j^2, S = sum s_j^2/N_j <= 1 and
a = sum alpha_j. With c = cos 2t it is

    (1 + kappa S) (2 B S - a^2 + kappa S a^2)/(2 M^2 mu^2 S^2) = (p - q c) (u - w c)/(2 M^2 S^2 sinh^2 2r (1 - c^2)),
    p = 1 - S + S cosh 2r,  q = S sinh 2r,  u = 2 B S - a^2 (1 + S) + S a^2 cosh 2r,  w = S a^2 sinh 2r.

Its derivative along c vanishes where E c^2 - 2 H c + E = 0, E = q u + p w, H = p u + q w: at the best angle the error is

    (p u - q w + R)/(4 M^2 S^2 sinh^2 2r),     R^2 = (p^2 - q^2) (u^2 - w^2),     c = E/(H + R).

- One site, S = rho: alpha^2 (1 + 4 rho (1 - rho) n)/(8 M^2 rho^2 n (n + 1)), convex in n.
- One sign, shares of the light along |alpha_j|, the same rho at all sites: the same with ||alpha||_1. As B rho >= ||alpha||_1^2
  and the error grows with B, no other shares do better. Signs that mix make |a| < ||alpha||_1, and the error larger; the shares
  along |alpha_j| are still the best, but a squeezer for each sign, or turns, may be better.
- At given shares the error falls with n: p u - q w and R^2 are, in C = cosh 2r, linear and a product of two linear functions, with
  coefficients that are not negative, so that over C^2 - 1 both terms fall. All the light is of use.
- Where rho differs between sites the error may have several minima in the shares, since light at a site that is seen well also
  tells of the noise at the others.

Squeezers share no sites, and sites that do not count get no light.

Angles that jitter, normal with standard deviation sigma, leave a mixture of Gaussians, whose likelihood has no closed form. Of a
site with a squeezer of its own the best estimate from the square of the outcome is taken. With A = p, B = q and a = alpha of one
site, x = 1 - e^{-2 sigma^2}, all averages over the angle are exact: <V> = A - B (1 - x) c, and

    Var y^2 = 3 <V^2> - <V>^2 = g - 2 h c + k c^2,    g = 2 A^2 + 3 B^2 (1 - (1 - x)^4)/2,  h = 2 A B (1 - x),
                                                      k = B^2 (3 (1 - x)^4 - (1 - x)^2),

beside the slope 2 M B (1 - x) sin 2t. At the best angle, h c^2 - (g + k) c + h = 0, the error is

    a^2 (g - k + sqrt((g + k)^2 - 4 h^2))/(8 M^2 B^2 (1 - x)^2),

which without jitter is the one above. It grows with A/B, which falls with n: all the light is of use, up to a floor that more
light does not lower. Sites that share a squeezer would need products of their outcomes, and are not worked out with jitter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from networks import InputError
from photonics.conventions import Integer, Real
from protocols.theory.limits.phase_readout import FLATTEST, ROUNDING, PhaseReadout, SiteLight, difference
from protocols.theory.limits.squeezers import SqueezerLimits

SPLIT = (
    "squeezed vacuum without coherent light that several sites share is worked out for steady homodyne angles only: "
    "phase_jitter_rad must be 0, or give each site a squeezer of its own or coherent light"
)
TRIED = 60
"""Prices of what is seen that are tried for shares to start from."""
HALVINGS = 64
"""Of the interval of a price, and of the photons at it."""


@dataclass(frozen=True, kw_only=True)
class SqueezedVacuumReadout(PhaseReadout):
    """What stands between the squeezed vacuum at d one-armed sensors and their homodyne at the best angle.

    Attributes
    ----------
    alpha, passes, survives, detector_efficiency, visibility, dark_counts, electronic_noise, phase_jitter_rad, light_caps
        As of ``PhaseReadout``; a visibility v is an efficiency v^2, and dark counts do not matter. With jitter of any site each
        site has a squeezer of its own.

    Examples
    --------
    Four sites, three photons shared:

    >>> from protocols.theory.limits.phase_readout import phase_readout
    >>> four = phase_readout(SqueezedVacuumReadout, [0.25] * 4)
    >>> round(four.mse([0.0] * 4, [[0.5] * 4], [3.0]), 10)
    0.0104166667
    """

    has_coherent: ClassVar[bool] = False

    def errors(self, coherent: Any, amplitudes: Any, squeezed: Any) -> Any:
        """As ``PhaseReadout.errors``; no coherent light, and no site with light of two squeezers.

        Parameters
        ----------
        coherent, amplitudes, squeezed : numbers

        Raises
        ------
        ValueError
            For other light; InputError for a squeezer that sites share with jitter.
        """
        if np.any(np.real(coherent) != 0):
            raise ValueError("coherent must be 0: this is the error of squeezed vacuum without coherent light")
        lit = amplitudes != 0
        if (lit.sum(axis=-2) > 1).any():
            raise ValueError("amplitudes must give each site the light of one squeezer at the most")
        if self._has_jitter and (lit.sum(axis=-1) > 1).any():
            raise InputError([SPLIT])
        # Sites of other squeezers add nothing to a sum.
        terms = self.site_terms(0.0, np.where(lit, amplitudes, 1), squeezed[..., None])
        errors = self.of_sums(np.where(lit, terms, 0).sum(axis=-1), squeezed)
        unlit = ((self.columns["alpha"] != 0) & ~lit.any(axis=-2)).any(axis=-1)
        return np.where(unlit, math.inf, np.where(lit.any(axis=-1), errors, 0).sum(axis=-1))

    def site_terms(self, coherent: Any, amplitudes: Any, squeezed: Any) -> Any:
        """What a site adds to B, S and a; with jitter also its x, that of the one site of its squeezer.

        Parameters
        ----------
        coherent, amplitudes, squeezed : (..., d) numbers
        """
        alpha, seen = self.columns["alpha"], self._shares() * amplitudes**2
        blind = np.abs(np.real(seen)) <= FLATTEST
        weight = np.where(blind, np.where(alpha == 0, 0, math.inf), alpha**2 / np.where(blind, 1, seen))
        terms = [weight, seen, np.broadcast_to(alpha, seen.shape)]
        if self._has_jitter:
            blur = -np.expm1(-2 * self.columns["phase_jitter_rad"] ** 2)
            terms.append(np.broadcast_to(blur, seen.shape))
        return np.array(terms)

    def of_sums(self, sums: Any, squeezed: Any) -> Any:
        """The error of the sites of each squeezer at its best angle.

        Parameters
        ----------
        sums : (3, ..., K) numbers
            B, S and a; with jitter (4, ..., K), and x.
        squeezed : (..., K) numbers
        """
        sum_s, total = sums[1], 4 * squeezed * (squeezed + 1)
        if self._has_jitter:
            least, most, apart = _blurred(sums, squeezed)
            blind = (np.abs(np.real(sum_s)) <= FLATTEST) | (np.abs(np.real(squeezed)) <= FLATTEST)
            below = np.where(blind, 1, 8 * (self.passes * (1 - sums[3]) * sum_s) ** 2 * total)
            return np.where(blind, math.inf, sums[2] ** 2 * (apart + np.sqrt(least) * np.sqrt(most)) / below)
        p, q, u, w, differences = _products(sums, squeezed)
        root = np.sqrt(differences[0] * (p + q) * differences[1] * (u + w))
        # p u - q w without cancellation: cosh^2 - sinh^2 = 1.
        lost, extra, balance = differences[2:]
        cosh = 1 + 2 * squeezed
        difference = lost * extra + (lost * balance + extra) * sum_s * cosh + sum_s**2 * balance
        blind = (np.abs(np.real(sum_s)) <= FLATTEST) | (np.abs(np.real(squeezed)) <= FLATTEST)
        below = np.where(blind, 1, 4 * self.passes**2 * sum_s**2 * total)
        return np.where(blind, math.inf, (difference + root) / below)

    def turned_errors(self, coherent: Real, along: Real, across: Real, photons: float, angle_rad: float = 0.0) -> Real:
        """As ``PhaseReadout.turned_errors``: the Fisher matrix of outcomes whose covariance is between sites read at unlike angles.

        With t_j the angle from the quiet quadrature of what arrives at site j, s_j its size over the noise of vacuum there, and
        e(t, t') = (cosh 2r - 1) cos(t - t') - sinh 2r cos(t + t'), Q_jk = delta_jk + s_j s_k e(t_j, t_k), and theta_j moves t_j.

        Parameters
        ----------
        coherent, along, across, photons, angle_rad

        Raises
        ------
        InputError
            For sites that share a squeezer with jitter.
        """
        if self._has_jitter:
            raise InputError([SPLIT])
        alpha = self.columns["alpha"]
        used = np.flatnonzero(alpha)
        s = np.hypot(along, across)[..., used] * np.sqrt(self._shares()[used])
        t = angle_rad - np.arctan2(across, along)[..., used]
        less, more = t[..., :, None] - t[..., None, :], t[..., :, None] + t[..., None, :]
        # cosh 2r - 1 and sinh 2r.
        even, odd = 2 * photons, 2 * math.sqrt(photons * (photons + 1))
        sizes = s[..., :, None] * s[..., None, :]
        covariance = np.eye(len(used)) + sizes * (even * np.cos(less) - odd * np.cos(more))
        moved = sizes * (-even * np.sin(less) + odd * np.sin(more))
        inverse = np.linalg.inv(covariance)
        turned = moved @ inverse
        information = turned * np.swapaxes(turned, -1, -2) + (turned @ np.swapaxes(moved, -1, -2)) * inverse
        weights = np.linalg.solve(information, np.broadcast_to(alpha[used][:, None], (*s.shape, 1)))[..., 0]
        return np.asarray(weights @ alpha[used]) / self.passes**2

    def angles(self, amplitudes: Real, squeezed: Real) -> tuple[float, ...]:
        """The best angle of each squeezer's sites, from the squeezed quadrature; its opposite is as good.

        Parameters
        ----------
        amplitudes : (K, d) floats
        squeezed : (K,) floats

        Examples
        --------
        cos 2t = tanh 2r without losses:

        >>> from protocols.theory.limits.phase_readout import phase_readout
        >>> one = phase_readout(SqueezedVacuumReadout, [1.0])
        >>> angle = one.angles(np.array([[1.0]]), np.array([math.sinh(0.8) ** 2]))[0]
        >>> round(math.cos(2 * angle), 12) == round(math.tanh(1.6), 12)
        True
        """
        lit = amplitudes != 0
        terms = self.site_terms(0.0, np.where(lit, amplitudes, 1.0), squeezed[:, None])
        sums = np.where(lit, terms, 0.0).sum(axis=-1)
        if self._has_jitter:
            least, most, _ = _blurred(sums, squeezed)
        else:
            p, q, u, w, differences = _products(sums, squeezed)
            least, most = differences[0] * differences[1], (p + q) * (u + w)
        root = np.sqrt(least * most)
        # 1 - c and 1 + c are these over H + R.
        angles = np.arctan2(np.sqrt(least + root), np.sqrt(most + root))
        return tuple(np.where(lit.any(axis=-1) & (squeezed > 0), angles, 0.0).tolist())

    def proved_light(self, limits: SqueezerLimits, photons: float, through: Real, served: Integer) -> SiteLight | None:
        """The light of the least error: shares along |alpha| where sites see alike, photons of squeezers by a convex problem.

        With jitter that of one site alone, for which all the light is of use.

        Parameters
        ----------
        limits : SqueezerLimits
        photons : float > 0
        through : (d,) floats
        served : (d,) ints

        Raises
        ------
        InputError
            For sites that share a squeezer with jitter.
        """
        if self._has_jitter:
            if len(set(served.tolist())) < len(served):
                raise InputError([SPLIT])
            if len(served) > 1:
                return None
        alpha, seen = self.columns["alpha"], self._shares() * through
        groups = [np.flatnonzero(served == k) for k in range(served.max() + 1)]
        if not seen.all() or (limits.squeezers is not None and limits.squeezers < len(groups)):
            return None
        if any(np.ptp(seen[sites]) > ROUNDING * seen[sites].max() for sites in groups):
            return None
        sums = np.array([np.abs(alpha[sites]).sum() for sites in groups])
        if len(groups) > 1 and any(abs(alpha[sites].sum()) < a for sites, a in zip(groups, sums, strict=True)):
            return None
        # A site of its own has all the light of its squeezer, and its limit is one of the squeezer.
        caps = self.columns["light_caps"] / through
        most = np.array([caps[sites[0]] if len(sites) == 1 else math.inf for sites in groups])
        squeezed = share_noise_light(
            sums,
            np.array([seen[sites[0]] for sites in groups]),
            min(limits.mean_photons, photons),
            np.minimum(most, min(limits.most_photons, photons)),
        )
        amplitudes = np.sign(alpha) * np.sqrt(np.abs(alpha) / sums[served] * through)
        return SiteLight(coherent=np.zeros_like(alpha), amplitudes=amplitudes, squeezed=squeezed)

    def share_starts(self, through: Real, served: Integer, squeezed: Real) -> list[Real]:
        """Along |alpha_j|, and the best of the one family that has all stationary points.

        With x_j the share of site j and rho_j what is seen of it, the error depends on B = sum alpha_j^2/(rho_j x_j), with which it
        grows, and S = sum rho_j x_j, with which it falls, so that x_j ~ |alpha_j|/sqrt(rho_j (1 - k rho_j/max rho)), 0 <= k < 1.

        Parameters
        ----------
        through : (d,) floats
        served : (d,) ints
        squeezed : (K,) floats
        """
        alpha = np.abs(self.columns["alpha"])
        if self._has_jitter:
            # Sites share no squeezers.
            return [alpha]
        seen, best = self._shares() * through, np.array(alpha)
        below = np.append(np.logspace(-12, -0.3, TRIED), 1.0)[:, None]
        for k in range(len(squeezed)):
            sites = served == k
            rho = seen[sites]
            if not rho.all() or not squeezed[k]:
                continue
            share = alpha[sites] / np.sqrt(rho * (1 - (1 - below) * rho / rho.max()))
            share /= share.sum(axis=1)[:, None]
            sums = np.array(
                [
                    (alpha[sites] ** 2 / (rho * share)).sum(axis=1),
                    share @ rho,
                    np.full(len(share), self.columns["alpha"][sites].sum()),
                ]
            )
            best[sites] = share[np.argmin(self.of_sums(sums, np.full(len(share), squeezed[k])))]
        return [alpha, best]

    @property
    def _has_jitter(self) -> bool:
        return any(self.phase_jitter_rad)

    def _shares(self) -> Real:
        """(d,) What is seen of a site's light, over the variance of vacuum there."""
        columns = self.columns
        seen = columns["survives"] * columns["detector_efficiency"] * columns["visibility"] ** 2
        return np.asarray(seen / (1 + columns["electronic_noise"]))


def _products(sums: Any, squeezed: Any) -> tuple[Any, Any, Any, Any, tuple[Any, Any, Any, Any, Any]]:
    """p, q, u, w; and p - q, u - w, 1 - S, 2 B S - a^2 (1 + S) and a^2, without cancellation."""
    sum_b, sum_s, sum_a = sums
    balance = sum_a**2
    lost = difference(1, sum_s)
    extra = 2 * difference(sum_b * sum_s, balance) + balance * lost
    cosh, sinh = 1 + 2 * squeezed, 2 * np.sqrt(squeezed * (squeezed + 1))
    p, q = lost + sum_s * cosh, sum_s * sinh
    u, w = extra + sum_s * balance * cosh, sum_s * balance * sinh
    # e^{-2r} = 1/(cosh 2r + sinh 2r).
    return p, q, u, w, (lost + sum_s / (cosh + sinh), extra + sum_s * balance / (cosh + sinh), lost, extra, balance)


def _blurred(sums: Any, squeezed: Any) -> tuple[Any, Any, Any]:
    """g + k - 2 h, g + k + 2 h and g - k of one site whose angle jitters, without cancellation."""
    sum_s, x = sums[1], sums[3]
    cosh, sinh = 1 + 2 * squeezed, 2 * np.sqrt(squeezed * (squeezed + 1))
    lost = difference(1, sum_s)
    noise, swing = lost + sum_s * cosh, sum_s * sinh
    left, square = lost + sum_s / (cosh + sinh), swing**2
    # Powers of 1 - x, written out: their constants cancel.
    least = 2 * left**2 + 4 * left * swing * x + square * x**2 * (8 - x * (6 - 1.5 * x))
    most = least + 8 * noise * swing * (1 - x)
    return least, most, 2 * left * (noise + swing) + square * x * (16 - x * (26 - x * (18 - 4.5 * x)))


def share_noise_light(alpha: Real, seen: Real, photons: float, most: Real) -> Real:
    """The photons n_k of squeezed vacua with the least sum alpha_k^2 (1 + 4 rho_k (1 - rho_k) n_k)/(8 rho_k^2 n_k (n_k + 1)).

    Convex, since 1/(n (n + 1)) and 1/(n + 1) are, and falling: at one price of photons or at their caps.

    Parameters
    ----------
    alpha : (K,) floats > 0
    seen : (K,) floats in (0, 1]
        rho_k.
    photons : float > 0
        The most of all together.
    most : (K,) floats >= 0
        The most of each.

    Examples
    --------
    >>> share_noise_light(np.array([1.0, 8.0]), np.ones(2), 1e9, np.full(2, 1e9)).round(-6).tolist()
    [200000000.0, 800000000.0]
    """
    from scipy.optimize import brentq

    tops = np.minimum(most, photons)
    if tops.sum() <= photons:
        return tops
    mixed = 4 * seen * (1 - seen)

    def log_worth(n: Real) -> Real:
        """Of a photon more: minus the derivative."""
        return np.asarray(np.log1p(2 * n + mixed * n * n) - 2 * np.log(n) - 2 * np.log1p(n) + 2 * np.log(alpha / seen))

    ends = np.log(np.maximum(tops, 1e-300))

    def photons_at(price: float) -> Real:
        """At this logarithm of a price, by Newton's method on logarithms between bounds that it narrows: slopes are -1 to -3."""
        low, high = np.full_like(tops, -700.0), ends.copy()
        x = high.copy()
        for _ in range(HALVINGS):
            n = np.exp(x)
            over = log_worth(n) - price
            low, high = np.where(over > 0, x, low), np.where(over > 0, high, x)
            slope = 2 * n * (1 + mixed * n) / (1 + 2 * n + mixed * n * n) - 2 - 2 * n / (1 + n)
            step = x - over / slope
            inside = (step > low) & (step < high)
            new = np.where(inside, step, np.where(over > 0, np.minimum(step, high), (low + high) / 2))
            if (abs(new - x) <= 1e-15 * np.maximum(1, abs(x))).all():
                break
            x = new
        return np.minimum(np.exp(x), tops)

    def excess(price: float) -> float:
        return math.log(photons_at(price).sum() / photons)

    share = math.log(photons / len(tops))
    low = float(log_worth(np.full_like(tops, math.exp(share + 60.0))).min())
    high = float(log_worth(np.full_like(tops, math.exp(share - 60.0))).max())
    found = photons_at(float(brentq(excess, low, high, xtol=1e-14, rtol=1e-14)))
    free = found < tops
    # The last bits of the price leave a rounding of the total.
    if (total := found[free].sum()) > 0:
        found[free] *= (photons - found[~free].sum()) / total
    return np.minimum(found, tops)
