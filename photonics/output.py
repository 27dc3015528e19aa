"""What leaves a circuit, with its derivatives by the parameters: what measurements are made on. Engines fill it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photonics.conventions import Complex, Integer, Real
from photonics.fisher.slopes import LowRank
from photonics.states.fock import FockDensity, FockState
from photonics.states.gaussian import GaussianState, photon_number
from photonics.values import ArrayValue


@dataclass(frozen=True, eq=False)
class Block(ArrayValue):
    """Unnormalised amplitudes of a pure state on occupation strings, with their derivatives by d parameters.

    Parameters
    ----------
    occupations : (T, m) integers
        Photon numbers, one distinct string a row.
    columns : (T, 1 + d) complex
        Column 0 the amplitudes, column 1 + j their derivative by theta_j.
    """

    occupations: Integer
    columns: Complex

    @property
    def amplitudes(self) -> Complex:
        return self.columns[:, 0]

    @property
    def derivatives(self) -> Complex:
        return self.columns[:, 1:]

    def scaled(self, factors: Real | float) -> Block:
        """Every string's amplitude and derivatives times a factor.

        Parameters
        ----------
        factors : float or (T,) floats

        Returns
        -------
        Block
        """
        return Block(self.occupations, self.columns * np.asarray(factors).reshape(-1, 1))


@dataclass(frozen=True, eq=False)
class Populations(ArrayValue):
    """Strings whose photons get lost one by one: what is known of light beside the strings that survived whole.

    Parameters
    ----------
    occupations : (T, m) integers
        Photon numbers without loss.
    weights : (T,) floats
        Chances of the strings, which depend on no parameter.
    survival : (m,) floats
        Of a photon in each mode.
    """

    occupations: Integer
    weights: Real
    survival: Real


@dataclass(frozen=True, eq=False)
class FockOutput(ArrayValue):
    """What leaves a circuit of photon numbers: a sum of unnormalised pure states.

    Parameters
    ----------
    modes : tuple of str, length m
    blocks : tuple of Block
    elsewhere : float in [0, 1]
        Weight on other strings, of which nothing more is known but ``populations``.
    populations : Populations or None
        Of all strings, those elsewhere with them; None where there are none elsewhere, or where it is not known.
    """

    modes: tuple[str, ...]
    blocks: tuple[Block, ...]
    elsewhere: float = 0.0
    populations: Populations | None = None

    @property
    def parameters(self) -> int:
        """d."""
        return int(self.blocks[0].columns.shape[1]) - 1


@dataclass(frozen=True, eq=False)
class GaussianOutput(ArrayValue):
    """What leaves a Gaussian circuit: moments, in units where the vacuum variance is 1, and derivatives by d parameters.

    Parameters
    ----------
    modes : tuple of str, length m
    mean : (2m,) floats
        Order (x1 ... xm, p1 ... pm).
    covariance : (2m, 2m) floats
    mean_derivatives : (2m, d) floats
    slopes : LowRank or None
        Derivatives of the covariance; None when it does not depend on the parameters.
    stays_pure : bool
        Whether the state of all modes is known to be pure whatever the parameters are.
    only_moments : bool
        Whether the light has had random phases: then it is not Gaussian, its means and covariance are right, and ``slopes``
        are not known.
    incoherent : (2, 2m) floats or None
        What mean^2 and variance of each quadrature would be had nothing in the circuit interfered: rounding of the moments is
        relative to these, and light that has cancelled, as in dark ports, keeps fewer digits. None where it is not known.
    """

    modes: tuple[str, ...]
    mean: Real
    covariance: Real
    mean_derivatives: Real
    slopes: LowRank | None = None
    stays_pure: bool = False
    only_moments: bool = False
    incoherent: Real | None = None

    def photon_number(self) -> Real:
        """(m,) mean photon number of each mode."""
        return photon_number(self.mean, self.covariance)

    def quadratures(self, modes: tuple[str, ...]) -> GaussianOutput:
        """The reduced output of some modes, in their order.

        Parameters
        ----------
        modes : tuple of str
            Some of its modes.

        Returns
        -------
        GaussianOutput
        """
        at = [self.modes.index(mode) for mode in modes]
        rows = np.array([*at, *(k + len(self.modes) for k in at)], dtype=int)
        return GaussianOutput(
            modes,
            self.mean[rows],
            self.covariance[np.ix_(rows, rows)],
            self.mean_derivatives[rows],
            None if self.slopes is None else self.slopes.rows(rows),
            self.stays_pure and set(modes) == set(self.modes),
            self.only_moments,
            None if self.incoherent is None else self.incoherent[:, rows],
        )


Output = FockOutput | GaussianOutput


def output_of(state: FockState | FockDensity | GaussianState) -> Output:
    """A state as an output that depends on no parameter.

    Parameters
    ----------
    state : FockState, FockDensity or GaussianState

    Returns
    -------
    FockOutput or GaussianOutput
        With d = 0; a density matrix is split into its eigenvectors.
    """
    if isinstance(state, GaussianState):
        return GaussianOutput(state.modes, state.mean, state.covariance, np.zeros((len(state.mean), 0)))
    if isinstance(state, FockState):
        return FockOutput(state.modes, (Block(state.occupations, state.amplitudes[:, None]),))
    values, vectors = np.linalg.eigh(state.matrix)
    parts = [np.sqrt(value) * vector for value, vector in zip(values, vectors.T, strict=True) if value > 0]
    return FockOutput(state.modes, tuple(Block(state.occupations, part[:, None]) for part in parts))
