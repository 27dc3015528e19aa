"""Means, covariances and slopes of forms linear and quadratic in the quadratures of Gaussian light, from its moments.

A form is c + g.xi + xi^T G xi in symmetric order on a few quadratures xi of its own. With m, V the moments, h = g + 2 G m,

    <O> = c + g.m + m^T G m + Tr(G V),    d<O> = h.dm + Tr(G dV),
    Cov(O, O') = h^T V h' + 2 Tr(G V G' V) - 2 Tr(G Omega G' Omega^T).

The means stand in h alone, so bright light cancels nothing. The last term is a number of the form: forms of different modes have
none between them. What double precision leaves is bounded with |V_ab| <= s_a s_b, s^2 the variances: ``sizes``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photonics.conventions import Real
from photonics.measurements.observables import Interference, PhotonNumber, Quadrature, Reading
from photonics.output import GaussianOutput

CHUNK = 2**21
"""Entries of the covariance of the light that are gathered at once."""


@dataclass(frozen=True, eq=False)
class Forms:
    """t forms on at most S quadratures each; what a form does not use has zeros."""

    rows: NDArray[np.intp]
    """(t, S) quadratures of the light."""
    linear: Real
    """(t, S) g."""
    square: Real
    """(t, S, S) G, symmetric."""
    constant: Real
    """(t,)."""
    ordering: Real
    """(t,) 2 Tr(G Omega G Omega^T), which the order of the operators takes off each variance."""

    def gradients(self, light: GaussianOutput) -> Real:
        """(t, S) h."""
        return np.asarray(self.linear + 2 * np.einsum("tab,tb->ta", self.square, light.mean[self.rows]))

    def means(self, light: GaussianOutput) -> Real:
        """(t,) <O>."""
        at = light.mean[self.rows]
        own = light.covariance[self.rows[:, :, None], self.rows[:, None, :]]
        second = own + at[:, :, None] * at[:, None, :]
        return np.asarray(self.constant + (self.linear * at).sum(axis=1) + (self.square * second).sum(axis=(1, 2)))

    def slopes(self, light: GaussianOutput) -> Real:
        """(t, d) derivatives of the means."""
        gradients, moved = self.gradients(light), light.mean_derivatives
        out = np.zeros((len(self.rows), moved.shape[1]))
        for place in range(self.rows.shape[1]):
            out += gradients[:, place, None] * moved[self.rows[:, place]]
        if light.slopes is None or not moved.shape[1]:
            return out
        left, right = light.slopes.left, light.slopes.right
        quadratic = np.flatnonzero(self.square.any(axis=(1, 2)))
        step = max(1, CHUNK // max(1, left[:, 0].size * self.rows.shape[1]))
        for start in range(0, len(quadratic), step):
            some = quadratic[start : start + step]
            # Tr(G (l r^T + r l^T)) = 2 l^T G r.
            first = np.einsum("tab,dtbr->dtar", self.square[some], right[:, self.rows[some]])
            out[some] += 2 * np.einsum("dtar,dtar->td", left[:, self.rows[some]], first)
        return out

    def covariances(self, light: GaussianOutput) -> Real:
        """(t, t) symmetric covariances, a chunk of the covariance of the light at a time."""
        count, size = self.rows.shape
        gradients, quadratic = self.gradients(light), bool(self.square.any())
        out = np.empty((count, count))
        step = max(1, CHUNK // (count * size * size))
        for start in range(0, count, step):
            some = slice(start, start + step)
            block = light.covariance[self.rows[some, None, :, None], self.rows[None, :, None, :]]
            out[some] = np.einsum("itb,tb->it", np.einsum("itab,ia->itb", block, gradients[some]), gradients)
            if quadratic:
                turned = (self.square[some, None] @ block) * (block @ self.square)
                out[some] += 2 * turned.sum(axis=(2, 3))
        out[np.diag_indices(count)] -= self.ordering
        return (out + out.T) / 2

    def variances(self, light: GaussianOutput) -> Real:
        """(t,) the diagonal of ``covariances`` alone."""
        own = light.covariance[self.rows[:, :, None], self.rows[:, None, :]]
        gradients = self.gradients(light)
        turned = self.square @ own
        linear = np.einsum("ta,tab,tb->t", gradients, own, gradients)
        return np.asarray(linear + 2 * np.einsum("tab,tba->t", turned, turned) - self.ordering)

    def slope_sizes(self, light: GaussianOutput) -> Real:
        """(t,) bounds on the sums of magnitudes behind the slopes of each, whatever the parameter."""
        moved = _largest(light.mean_derivatives, axis=1)[self.rows]
        gradient = np.abs(self.linear) + 2 * np.einsum("tab,tb->ta", np.abs(self.square), np.abs(light.mean[self.rows]))
        out = (gradient * moved).sum(axis=1)
        if light.slopes is not None:
            left, right = (_largest(part, axis=0)[self.rows] for part in (light.slopes.left, light.slopes.right))
            out += 2 * np.einsum("tar,tab,tbr->t", left, np.abs(self.square), right)
        return np.asarray(out)

    def sizes(self, light: GaussianOutput) -> tuple[Real, Real]:
        """(t,) sums of magnitudes behind each mean, and e with sums of magnitudes behind each covariance at most e e'."""
        at, spread = np.abs(light.mean[self.rows]), np.sqrt(np.diag(light.covariance))[self.rows]
        square = np.abs(self.square)
        # Named by itself, as the gradient may cancel.
        gradient = np.abs(self.linear) + 2 * np.einsum("tab,tb->ta", square, at)
        both = np.einsum("ta,tab,tb->t", spread, square, spread)
        mean = np.abs(self.constant) + (np.abs(self.linear) * at).sum(axis=1) + both
        mean += np.einsum("ta,tab,tb->t", at, square, at)
        return np.asarray(mean), np.sqrt((gradient * spread).sum(axis=1) ** 2 + 2 * both**2 + np.abs(self.ordering))

    def inherited(self, light: GaussianOutput) -> tuple[Real, Real]:
        """(t,) what rounding of the moments of the light makes of each mean and variance, to first order and over the rounding.

        The moments are those of light before it interfered, to the last digits of these: ``GaussianOutput.incoherent``.
        """
        if light.incoherent is None:
            return np.zeros(len(self.rows)), np.zeros(len(self.rows))
        amplitude, spread = (np.sqrt(part)[self.rows] for part in light.incoherent)
        square, gradient = np.abs(self.square), self.gradients(light)
        own = light.covariance[self.rows[:, :, None], self.rows[:, None, :]]
        along = np.abs(np.einsum("tab,ta->tb", own, gradient))
        gradient = np.abs(gradient)
        mean = (gradient * amplitude).sum(axis=1) + np.einsum("ta,tab,tb->t", spread, square, spread)
        around = np.einsum("tab,tb->ta", square, spread)
        variance = 4 * np.einsum("ta,tab,tb->t", along, square, amplitude) + (gradient * spread).sum(axis=1) ** 2
        return np.asarray(mean), np.asarray(variance + 4 * np.einsum("ta,tab,tb->t", around, np.abs(own), around))


def _largest(values: Real, axis: int) -> Real:
    """Largest magnitudes along an axis, without a copy of all."""
    return np.asarray(np.maximum(values.max(axis=axis, initial=0.0), -values.min(axis=axis, initial=0.0)))


def forms_of(readings: Sequence[Reading], place: Mapping[str, int], turned_rad: float = 0.0) -> Forms:
    """What the readings are in the quadratures, with ``turned_rad`` added to every angle.

    Parameters
    ----------
    readings : sequence of Reading
    place : mapping of mode to index
        Among the modes of the light, all of them.
    turned_rad : float

    Returns
    -------
    Forms
    """
    count, modes = len(readings), len(place)
    size = 4 if any(isinstance(reading, Interference) for reading in readings) else 2
    rows = np.zeros((count, size), dtype=np.intp)
    linear, square = np.zeros((count, size)), np.zeros((count, size, size))
    constant, ordering = np.zeros((2, count))
    for t, reading in enumerate(readings):
        at = [place[mode] for mode in reading.modes]
        rows[t, : 2 * len(at)] = [*at, *(k + modes for k in at)]
        if isinstance(reading, Quadrature):
            angle = reading.angle_rad + turned_rad
            linear[t, :2] = math.cos(angle), math.sin(angle)
        elif isinstance(reading, PhotonNumber):
            square[t, 0, 0] = square[t, 1, 1] = 0.25
            constant[t], ordering[t] = -0.5, 0.25
        else:
            # (cos (x x' + p p') - sin (x p' - p x'))/2 on (x, x', p, p'); half of each in both orders.
            angle = reading.angle_rad + turned_rad
            cos, sin = math.cos(angle) / 4, math.sin(angle) / 4
            square[t] = [[0, cos, 0, -sin], [cos, 0, sin, 0], [0, sin, 0, cos], [-sin, 0, cos, 0]]
            ordering[t] = 0.5
    return Forms(rows, linear, square, constant, ordering)


def product_forms(pairs: Sequence[tuple[int, int]], forms: Forms) -> Forms:
    """Products of pairs of linear forms, as forms without the noise of their detectors.

    Parameters
    ----------
    pairs : sequence of pairs of int
        Which of ``forms``.
    forms : Forms
        Of readings; those named are of quadratures.

    Returns
    -------
    Forms
    """
    first, second = np.array([i for i, _ in pairs]), np.array([j for _, j in pairs])
    rows = np.concatenate([forms.rows[first], forms.rows[second]], axis=1)
    size = forms.rows.shape[1]
    square = np.zeros((len(pairs), 2 * size, 2 * size))
    both = forms.linear[first][:, :, None] * forms.linear[second][:, None, :] / 2
    square[:, :size, size:], square[:, size:, :size] = both, both.swapaxes(1, 2)
    return Forms(rows, np.zeros(rows.shape), square, np.zeros(len(pairs)), np.zeros(len(pairs)))


def stacked(first: Forms, second: Forms) -> Forms:
    """The forms of both, one after the other."""
    size = max(first.rows.shape[1], second.rows.shape[1])

    def wide(forms: Forms) -> tuple[NDArray[np.intp], Real, Real]:
        more = size - forms.rows.shape[1]
        return (
            np.pad(forms.rows, ((0, 0), (0, more))),
            np.pad(forms.linear, ((0, 0), (0, more))),
            np.pad(forms.square, ((0, 0), (0, more), (0, more))),
        )

    parts = [np.concatenate(both) for both in zip(wide(first), wide(second), strict=True)]
    rest = [np.concatenate(both) for both in ((first.constant, second.constant), (first.ordering, second.ordering))]
    return Forms(parts[0], parts[1], parts[2], rest[0], rest[1])
