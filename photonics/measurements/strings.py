"""Projection on superpositions of several strings: what reads out a superposition of more than two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from photonics.conventions import Complex, Integer, read_only
from photonics.measurements.branches import NOTHING
from photonics.measurements.outcomes import IMPOSSIBLE, DiscreteOutcomes
from photonics.measurements.rules import require_fock
from photonics.output import Output
from photonics.reflections import orthogonal_with
from photonics.values import ArrayValue


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
    def equal_chances(cls, strings: Integer, amplitudes: Complex) -> Self:
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
        return cls(strings=np.asarray(strings), vectors=vectors * frame)

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
        d, count, arrived = light.parameters, len(self.vectors), 0.0
        p, jacobian, hessian = np.zeros(count + 1), np.zeros((count + 1, d)), np.zeros((count + 1, d, d))
        for block in light.blocks:
            columns = np.zeros((len(self.strings), 1 + d), dtype=np.complex128)
            elsewhere = np.ones(len(block.occupations), dtype=bool)
            for row, string in enumerate(self.strings):
                for place in np.flatnonzero((block.occupations == string).all(axis=1)):
                    columns[row] = block.columns[place]
                    elsewhere[place] = False
            arrived += float((np.abs(columns[:, 0]) ** 2).sum())
            seen = self.vectors.conj() @ columns
            p[:count] += np.abs(seen[:, 0]) ** 2
            jacobian[:count] += 2 * (seen[:, :1].conj() * seen[:, 1:]).real
            hessian[:count] += 2 * np.einsum("ki,kj->kij", seen[:, 1:].conj(), seen[:, 1:]).real
            # Of the rest: other strings, and what of the strings is in none of the states.
            moved = block.columns[elsewhere, 1:]
            if count < len(self.strings):
                moved = np.vstack([moved, (columns - self.vectors.T @ seen)[:, 1:]])
            hessian[count] += 2 * (moved.conj().T @ moved).real
        p[count] = max(0.0, 1 - p[:count].sum())
        jacobian[count] = -jacobian[:count].sum(axis=0)
        # What arrives may be rarer than rounding; then a state is dark where it is small beside that.
        never = p <= np.append(np.full(count, IMPOSSIBLE * min(arrived, 1.0)), NOTHING)
        p[never], jacobian[never] = 0.0, 0.0
        labels = np.append(np.arange(count), -1)[:, None]
        return DiscreteOutcomes(
            names=("state",), labels=labels, probabilities=p / p.sum(), jacobian=jacobian, hessian=hessian
        )
