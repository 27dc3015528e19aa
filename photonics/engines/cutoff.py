"""How far photon numbers are followed where operations add photons without end: the cutoff, and what it costs.

Squeezing, displacements and momentum sensing spread states of photon number over all numbers. Both engines then keep finitely many;
their matrix elements are exact, so all that is lost is the weight beyond, which is measured, reported and limited.
"""

from __future__ import annotations

from dataclasses import dataclass

from photonics.limits import CircuitTooLargeError
from photonics.values import Value, freeze, is_real, is_whole

LARGEST_WEIGHT_LOST = 1e-9
"""States are normalised to this, so no cutoff may lose more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff(Value):
    """Limits of a simulation in a truncated Fock space.

    Parameters
    ----------
    photons : int >= 1
        The most photons that an operation which adds photons may leave in its mode.
    weight_lost : float in (0, 1e-9]
        The largest weight that may be left out, of the state and, relative to its own, of each of its derivatives.

    Raises
    ------
    ValueError
        Listing every fault.

    Examples
    --------
    >>> Cutoff(photons=50)
    Cutoff(photons=50, weight_lost=1e-10)
    """

    photons: int = 200
    weight_lost: float = 1e-10

    def __post_init__(self) -> None:
        freeze(self)
        faults = []
        if not is_whole(self.photons) or self.photons < 1:
            faults.append(f"photons must be an integer from 1 on, got {self.photons!r}")
        if not is_real(self.weight_lost) or not 0 < self.weight_lost <= LARGEST_WEIGHT_LOST:
            faults.append(f"weight_lost must be in (0, {LARGEST_WEIGHT_LOST:g}], got {self.weight_lost!r}")
        if faults:
            raise ValueError("; ".join(faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncation(Value):
    """What a cutoff left out of a simulation.

    Parameters
    ----------
    photons : int
        The most photons of a mode that were kept.
    weight_lost : float
        Of the state, or of a derivative relative to its own where that is more (native engine); below about 1e-15 it is rounding.
    """

    photons: int
    weight_lost: float

    def require(self, cutoff: Cutoff) -> Truncation:
        """This, when the cutoff allows it.

        Parameters
        ----------
        cutoff : Cutoff

        Raises
        ------
        CircuitTooLargeError
            When more weight was lost than allowed.
        """
        # Written so that a weight which is no number is refused, too.
        if self.weight_lost <= cutoff.weight_lost:
            return self
        raise CircuitTooLargeError(
            f"with at most {cutoff.photons} photons a mode, {self.weight_lost:.2g} of the weight is lost, more than "
            f"{cutoff.weight_lost:.2g}; use less squeezing, smaller displacements, or a Cutoff of more photons"
        )


DEFAULT = Cutoff()
"""The cutoff where none is given."""
