"""Projection on superpositions of several strings: what reads out a superposition of more than two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from photonics.conventions import Complex, Integer, Real, read_only
from photonics.measurements.arriving import coherences, columns_on, dark_counts_on, needs_whole
from photonics.measurements.branches import NOTHING, rest_curvature
from photonics.measurements.detectors import IDEAL, Detectors
from photonics.measurements.outcomes import IMPOSSIBLE, DiscreteOutcomes
from photonics.measurements.rules import require_fock, require_whole
from photonics.output import FockOutput, Output
from photonics.reflections import orthogonal_with
from photonics.values import ArrayValue

ROUNDED = 1e-15
"""Eigenvalues of coherences, which are one at most on the diagonal, below it are left out."""


@dataclass(frozen=True, eq=False, kw_only=True)
class StringProjection(ArrayValue):
    """Project on K orthonormal superpositions of T strings; whatever is in none of them is the last outcome.

    Labels are 0 to K - 1, and -1 for the rest.

    Parameters
    ----------
    strings : (T, m) integers
        Different strings of photon numbers, one number a mode.
    vectors : (K, T) complex
        Orthonormal rows: the states projected on.
    detectors : Detectors
        As for ``BranchProjection``: efficiency, visibility and jitter of each pair of strings, dark counts.

    Raises
    ------
    ValueError
        For repeated strings, and rows that are not orthonormal.

    Examples
    --------
    >>> from photonics import noon_state
    >>> from photonics.output import output_of
    >>> plus = StringProjection(strings=[[2, 0], [0, 2]], vectors=[[0.5**0.5, 0.5**0.5]])
    >>> round(plus.outcomes(output_of(noon_state("ab", 2))).probability(0), 12)
    1.0
    """

    strings: Integer
    vectors: Complex
    detectors: Detectors = IDEAL

    def __post_init__(self) -> None:
        strings = np.array(self.strings, dtype=np.int64, ndmin=2)
        vectors = np.array(self.vectors, dtype=np.complex128, ndmin=2)
        faults = []
        if len(np.unique(strings, axis=0)) < len(strings) or (strings < 0).any():
            faults.append("the strings must be different rows of photon numbers from 0 on")
        if vectors.shape[1:] != (len(strings),):
            faults.append(f"vectors must have {len(strings)} columns, one a string, got shape {vectors.shape}")
        elif not np.allclose(vectors @ vectors.conj().T, np.eye(len(vectors)), atol=1e-9):
            faults.append("the rows of vectors must be orthonormal")
        if faults:
            raise ValueError("; ".join(faults))
        object.__setattr__(self, "strings", read_only(strings))
        object.__setattr__(self, "vectors", read_only(vectors))

    @classmethod
    def equal_chances(cls, strings: Integer, amplitudes: Complex, detectors: Detectors = IDEAL) -> Self:
        """A basis whose T outcomes have the same chance at a known pure state and lose nothing there, whatever its phases.

        With psi the state and e_l real vectors, in the frame of its phases, that complete it to a basis, the states are
        O_k0 psi + i sum_l O_kl e_l with an orthogonal O whose first column is 1/sqrt T: <v_k|psi> is real and <v_k|n psi> has
        the imaginary part that a phase turns into a change of probability, so that the classical Fisher matrix of all phases
        equals the quantum one, 4 Cov. With two strings it is the projection at mid-fringe.

        Parameters
        ----------
        strings : (T, m) integers
        amplitudes : (T,) complex
            Of the state at the working point; its norm does not matter.
        detectors : Detectors

        Returns
        -------
        StringProjection
        """
        from scipy.linalg import helmert

        amplitudes = np.asarray(amplitudes, dtype=np.complex128)
        sizes = np.abs(amplitudes)
        frame = np.where(sizes > 0, amplitudes / np.where(sizes > 0, sizes, 1), 1)
        state = sizes / np.linalg.norm(sizes)
        basis = orthogonal_with(state)
        mixing = helmert(len(state), full=True).T
        vectors = np.outer(mixing[:, 0], basis[0]) + 1j * mixing[:, 1:] @ basis[1:]
        return cls(strings=np.asarray(strings), vectors=vectors * frame, detectors=detectors)

    def needs_whole(self, output: FockOutput) -> bool:
        """Whether surviving strings alone do not tell what the detectors see.

        Parameters
        ----------
        output : FockOutput

        Returns
        -------
        bool
        """
        return needs_whole(output, self.strings, self.detectors)

    def outcomes(self, output: Output) -> DiscreteOutcomes:
        """The probabilities of all states projected on and of the rest, with derivatives.

        Parameters
        ----------
        output : FockOutput or GaussianOutput

        Returns
        -------
        DiscreteOutcomes

        Raises
        ------
        ValueError, TypeError
            For strings of another number of modes, or light of a kind that is not measured like this.
        """
        light = require_fock(output, "projection on strings")
        if self.strings.shape[1] != len(light.modes):
            raise ValueError(
                f"the strings must have {len(light.modes)} photon numbers, one a mode, got {self.strings.shape[1]}"
            )
        if self.needs_whole(light):
            require_whole(light, "projection on other strings than the branches, or with dark counts behind controls,")
        d, count = light.parameters, len(self.vectors)
        p, jacobian = np.zeros(count + 1), np.zeros((count + 1, d))
        efficiency = self.detectors.each("efficiency", len(light.modes))
        ways = columns_on(light, self.strings, efficiency)
        arrived = sum(float((np.abs(columns[:, 0]) ** 2).sum()) for columns in ways)
        coherence, factors = coherences(self.strings, self.detectors), self._factors()
        for columns in ways:
            amplitudes = columns[:, 0]
            p[:count] += (np.abs(self.vectors.conj() @ (factors * amplitudes).T) ** 2).sum(axis=1)
            others = (self.vectors * amplitudes.conj()) @ coherence
            jacobian[:count] += 2 * ((self.vectors.conj() * others) @ columns[:, 1:]).real
        dark = dark_counts_on(light, self.strings, self.detectors)
        p[:count] = dark.kept * p[:count] + dark.false[0] / len(self.strings)
        jacobian[:count] = dark.kept * jacobian[:count] + dark.false[1:] / len(self.strings)
        p[count] = max(0.0, 1 - p[:count].sum())
        jacobian[count] = -jacobian[:count].sum(axis=0)
        # What arrives may be rarer than rounding; then a state is dark where it is small beside that.
        never = p <= np.append(np.full(count, IMPOSSIBLE * min(arrived, 1.0)), NOTHING)
        p[never], jacobian[never] = 0.0, 0.0
        hessian = None
        if never.any():
            hessian = np.zeros((count + 1, d, d))
            for k in np.flatnonzero(never[:count]):
                for columns in ways:
                    grown = (self.vectors[k].conj() * factors) @ columns[:, 1:]
                    hessian[k] += 2 * dark.kept * (grown.conj().T @ grown).real
            if never[count]:
                hessian[count] = self._rest_curvature(light, ways, efficiency)
        labels = np.append(np.arange(count), -1)[:, None]
        return DiscreteOutcomes(
            names=("state",), labels=labels, probabilities=p / p.sum(), jacobian=jacobian, hessian=hessian
        )

    def _rest_curvature(self, light: FockOutput, ways: list[Complex], efficiency: Real) -> Real:
        """Second derivatives of the weight on other strings, and on those of ours in none of the states."""
        d = light.parameters
        caught, out = np.zeros((d, d)), np.zeros((d, d))
        for columns in ways:
            caught += 2 * (columns[:, 1:].conj().T @ columns[:, 1:]).real
            if len(self.vectors) < len(self.strings):
                for factor in self._factors():
                    moved = factor[:, None] * columns[:, 1:]
                    moved = moved - self.vectors.T @ (self.vectors.conj() @ moved)
                    out += 2 * (moved.conj().T @ moved).real
        return np.asarray(out + rest_curvature(light, self.strings, efficiency, caught))

    def _factors(self) -> Real:
        """(R, T) factors of the amplitudes in a mixture that has the coherences left."""
        left = coherences(self.strings, self.detectors)
        if (left == 1).all():
            return np.ones((1, len(left)))
        values, vectors = np.linalg.eigh(left)
        if values[0] < -1e-9:
            raise ValueError(
                f"these visibilities leave no coherences that strings can have, {self.detectors.visibility}; give one for all modes"
            )
        return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))).T[values > ROUNDED])
