"""Projection on the two branches of a photon probe: the measurement that a branch-switching protocol ends with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photonics.conventions import Complex
from photonics.measurements.outcomes import IMPOSSIBLE, DiscreteOutcomes
from photonics.measurements.rules import require_fock
from photonics.output import Output
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

    Examples
    --------
    >>> from photonics import noon_state
    >>> from photonics.output import output_of
    >>> plus = BranchProjection(first=(2, 0), second=(0, 2))
    >>> round(plus.outcomes(output_of(noon_state("ab", 2))).probability(1), 12)
    1.0
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    phase_rad: float = 0.0

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
        if len(self.first) != len(light.modes) or len(self.second) != len(light.modes) or self.first == self.second:
            raise ValueError(
                f"the branches must be two different strings of {len(light.modes)} photon numbers, "
                f"got {self.first} and {self.second}"
            )
        d = light.parameters
        arrived = 0.0
        p, jacobian, hessian = np.zeros(3), np.zeros((3, d)), np.zeros((3, d, d))
        turn = np.exp(-1j * self.phase_rad)
        for block in light.blocks:
            a, b = (_columns(block.occupations, block.columns, string) for string in (self.first, self.second))
            arrived += abs(a[0]) ** 2 + abs(b[0]) ** 2
            a, b = _in_one_frame(a, b)
            for row, sign in enumerate((1, -1)):
                seen = (a + sign * turn * b) / np.sqrt(2)
                p[row] += abs(seen[0]) ** 2
                jacobian[row] += 2 * (seen[0].conj() * seen[1:]).real
                hessian[row] += 2 * np.outer(seen[1:].conj(), seen[1:]).real
            elsewhere = ~(_is(block.occupations, self.first) | _is(block.occupations, self.second))
            moved = block.columns[elsewhere, 1:]
            hessian[2] += 2 * (moved.conj().T @ moved).real
        p[2] = 1 - p[0] - p[1]
        jacobian[2] = -jacobian[0] - jacobian[1]
        # What arrives may be rarer than rounding; then the fringe is dark where it is small beside that.
        dark = IMPOSSIBLE * min(arrived, 1.0)
        never = p <= np.array([dark, dark, NOTHING])
        p[never], jacobian[never] = 0.0, 0.0
        labels = np.array([[1], [-1], [0]])
        return DiscreteOutcomes(
            names=("branch",), labels=labels, probabilities=p / p.sum(), jacobian=jacobian, hessian=hessian
        )


def _columns(occupations: np.ndarray, columns: Complex, string: tuple[int, ...]) -> Complex:
    row = np.flatnonzero(_is(occupations, string))
    return columns[row[0]] if row.size else np.zeros(columns.shape[1], dtype=complex)


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


def _is(occupations: np.ndarray, string: tuple[int, ...]) -> np.ndarray:
    return np.asarray((occupations == np.asarray(string)).all(axis=1))
