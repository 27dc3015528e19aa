"""What an unknown parameter can be to a state: a phase, a shift of a quadrature, a transmissivity. Plain data, no formulas."""

from __future__ import annotations

from dataclasses import dataclass

from photonics.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase(Value):
    """exp(-i theta n) on a mode.

    Parameters
    ----------
    mode : str
    """

    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Value):
    """Moves the quadrature x cos(angle) + p sin(angle) of a mode by theta (vacuum variance 1); angle 0 is exp(-i theta p).

    Parameters
    ----------
    mode : str
    angle_rad : float
    """

    mode: str
    angle_rad: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmissivity(Value):
    """The transmissivity itself of the loss that the mode went through last, now at this value.

    The Fisher information on a transmissivity of 1 is infinite for squeezed light, and refused.

    Parameters
    ----------
    mode : str
    at : float in (0, 1]
        Its value.
    background_photons : float, at least 0
        Mean photon number of what the loss mixes in.
    """

    mode: str
    at: float
    background_photons: float = 0.0


Parameter = Phase | Shift | Transmissivity
