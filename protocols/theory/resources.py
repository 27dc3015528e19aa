"""What is measured, with how much light, through which losses: the numbers that closed forms take."""

from __future__ import annotations

from dataclasses import dataclass, replace

from networks import LinearFunction


@dataclass(frozen=True, slots=True, kw_only=True)
class LossyTask:
    """What is measured, through which losses, with how much: an oriented function, transmissivities of one pass, N or nbar, M."""

    sensing: str
    function: LinearFunction
    transmissivity: tuple[float, ...]
    reference: float | None
    photons: float
    passes: int

    @property
    def alpha(self) -> list[float]:
        """The coefficients as floats."""
        return [float(a) for a in self.function.alpha]

    def with_photons(self, photons: float) -> LossyTask:
        """The same with another N or nbar."""
        return replace(self, photons=photons)

    def thinned(self, factor: float) -> LossyTask:
        """The same with every transmissivity, the reference's too, times ``factor``."""
        own = None if self.reference is None else self.reference * factor
        return replace(self, transmissivity=tuple(eta * factor for eta in self.transmissivity), reference=own)

    def eased(self, share: float) -> LossyTask:
        """The same with every loss in dB times ``share``."""
        own = None if self.reference is None else self.reference**share
        return replace(self, transmissivity=tuple(eta**share for eta in self.transmissivity), reference=own)
