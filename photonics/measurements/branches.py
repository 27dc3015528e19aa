"""Projection on the two branches of a photon probe: the measurement that a branch-switching protocol ends with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photonics.conventions import Complex, Integer, Real
from photonics.measurements.arriving import coherences, columns_on, dark_counts_on, needs_whole, places_of
from photonics.measurements.detectors import IDEAL, Detectors
from photonics.measurements.outcomes import IMPOSSIBLE, DiscreteOutcomes
from photonics.measurements.rules import require_fock, require_whole
from photonics.output import FockOutput, Output
from photonics.values import Value

NOTHING = 1e-12
"""A remainder below it is rounding."""
ROUNDING = 1e-13
"""Of a derivative that is a phase alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchProjection(Value):
    """Project on (|first> +- e^{i phase} |second>)/sqrt 2; whatever is in neither is the third outcome.

    With balanced branches and visibility v, P(+-) = p (1 +- v cos(relative phase - phase))/2, p the chance that all photons
    arrive. Labels are 1, -1 and 0.

    Parameters
    ----------
    first, second : tuples of int
        Two different strings of photon numbers, one number a mode.
    phase_rad : float
        Phase of the second branch in the states projected on.
    detectors : Detectors
        Efficiency is a loss of every mode in front of it; visibility and jitter lower the fringe by
        v exp(-sum_k sigma_k^2 (a_k - b_k)^2/2); dark counts spoil shots, or replace lost photons and then tell + or - evenly
        (``measurements/arriving.py``).

    Examples
    --------
    >>> from photonics import noon_state
    >>> from photonics.output import output_of
    >>> plus = BranchProjection(first=(2, 0), second=(0, 2))
    >>> round(plus.outcomes(output_of(noon_state("ab", 2))).probability(1), 12)
    1.0
    >>> from photonics import Detectors
    >>> worn = BranchProjection(first=(2, 0), second=(0, 2), detectors=Detectors(visibility=0.9, efficiency=0.5))
    >>> round(worn.outcomes(output_of(noon_state("ab", 2))).probability(1), 12)
    0.2375
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    phase_rad: float = 0.0
    detectors: Detectors = IDEAL

    def needs_whole(self, output: FockOutput) -> bool:
        """Whether surviving branches alone do not tell what the detectors see.

        Parameters
        ----------
        output : FockOutput

        Returns
        -------
        bool
        """
        return needs_whole(output, self._strings(output), self.detectors)

    def _strings(self, light: FockOutput) -> Integer:
        if len(self.first) != len(light.modes) or len(self.second) != len(light.modes) or self.first == self.second:
            raise ValueError(
                f"the branches must be two different strings of {len(light.modes)} photon numbers, "
                f"got {self.first} and {self.second}"
            )
        return np.array([self.first, self.second], dtype=np.int64)

    def outcomes(self, output: Output) -> DiscreteOutcomes:
        """The probabilities of both branch states and of the rest, with derivatives.

        Parameters
        ----------
        output : FockOutput or GaussianOutput

        Returns
        -------
        DiscreteOutcomes

        Raises
        ------
        ValueError, TypeError
            For modes or numbers that do not fit, or light of a kind that is not measured like this.
        """
        light = require_fock(output, "projection on branches")
        strings = self._strings(light)
        if self.needs_whole(light):
            require_whole(light, "projection on other strings than the branches, or with dark counts behind controls,")
        d = light.parameters
        efficiency = self.detectors.each("efficiency", len(light.modes))
        visibility = float(coherences(strings, self.detectors)[0, 1])
        dark = dark_counts_on(light, strings, self.detectors)
        arrived = 0.0
        p, jacobian, hessian = np.zeros(3), np.zeros((3, d)), np.zeros((3, d, d))
        turn = np.exp(-1j * self.phase_rad)
        caught = np.zeros((d, d))
        for a, b in columns_on(light, strings, efficiency):
            arrived += abs(a[0]) ** 2 + abs(b[0]) ** 2
            caught += 2 * (np.outer(a[1:].conj(), a[1:]) + np.outer(b[1:].conj(), b[1:])).real
            a, b = _in_one_frame(a, b)
            for row, sign in enumerate((1, -1)):
                # The incoherent part sees each branch by itself.
                parts = [(visibility, (a + sign * turn * b) / np.sqrt(2))]
                parts += [((1 - visibility) / 2, a), ((1 - visibility) / 2, b)] * (visibility < 1)
                for share, seen in parts:
                    p[row] += share * abs(seen[0]) ** 2
                    jacobian[row] += share * 2 * (seen[0].conj() * seen[1:]).real
                    hessian[row] += share * 2 * np.outer(seen[1:].conj(), seen[1:]).real
        p[:2] = dark.kept * p[:2] + dark.false[0] / 2
        jacobian[:2] = dark.kept * jacobian[:2] + dark.false[1:] / 2
        hessian[:2] *= dark.kept
        hessian[2] = rest_curvature(light, strings, efficiency, caught)
        p[2] = 1 - p[0] - p[1]
        jacobian[2] = -jacobian[0] - jacobian[1]
        # What arrives may be rarer than rounding; then the fringe is dark where it is small beside that.
        least = IMPOSSIBLE * min(arrived, 1.0)
        never = p <= np.array([least, least, NOTHING])
        p[never], jacobian[never] = 0.0, 0.0
        labels = np.array([[1], [-1], [0]])
        return DiscreteOutcomes(
            names=("branch",), labels=labels, probabilities=p / p.sum(), jacobian=jacobian, hessian=hessian
        )


def _in_one_frame(a: Complex, b: Complex) -> tuple[Complex, Complex]:
    """Two amplitudes with their derivatives, the phase of the larger one taken off both: a common phase changes no probability.

    The larger one's derivative then is only its growth, so that its rounding does not hide a branch that is 1e16 times rarer.
    """
    if abs(a[0]) < abs(b[0]):
        b, a = _in_one_frame(b, a)
        return a, b
    if not a[0]:
        return a, b
    # Numbers near the end of floating point have no inverse.
    unit = 2.0**600 if abs(a[0]) < 1e-150 else 1.0
    rate = unit * a[1:] / (unit * a[0])
    growth = np.where(np.abs(rate.real) <= ROUNDING * np.abs(rate), 0.0, rate.real)
    return np.append(a[:1], a[0] * growth), np.append(b[:1], b[1:] - 1j * rate.imag * b[0])


def rest_curvature(light: FockOutput, strings: Integer, efficiency: Real, caught: Real) -> Real:
    """(d, d) second derivatives of the weight that is on none of the strings, where it is zero.

    Parameters
    ----------
    light : FockOutput
    strings : (T, m) integers
    efficiency : (m,) floats
    caught : (d, d) floats
        2 Re sum of conj(d_i a) d_j a over the strings.

    Returns
    -------
    (d, d) floats
    """
    out = np.zeros_like(caught)
    whole = bool((efficiency == 1).all())
    for block in light.blocks:
        moved = block.derivatives
        if whole:
            moved = np.delete(moved, list(places_of(block, strings).values()), axis=0)
        out += 2 * (moved.conj().T @ moved).real
    if whole:
        return out
    # Some of what moves elsewhere is lost onto the strings.
    rest = out - caught
    return np.where(np.abs(rest) > NOTHING * float(np.abs(out).max(initial=0.0)), rest, 0.0)
