"""What an unknown parameter can be to a state: a phase, a shift of a quadrature, a transmissivity. Plain data, no formulas."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """exp(-i theta n) on a mode."""

    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Moves the quadrature x cos(angle) + p sin(angle) of a mode by theta (vacuum variance 1); angle 0 is exp(-i theta p)."""

    mode: str
    angle_rad: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmissivity:
    """The transmissivity itself of the loss that the mode went through last, now at this value.

    ``background_photons`` is the mean photon number of what the loss mixes in. The Fisher information on a transmissivity
    of 1 is infinite for squeezed light, and refused.
    """

    mode: str
    at: float
    background_photons: float = 0.0


Parameter = Phase | Shift | Transmissivity
