"""What one mode loses between the source and the outcome: before the sensing, after each pass, and in its detector."""

from __future__ import annotations

import math
from dataclasses import dataclass

from networks.values import Value

SMALLEST = 5e-324
"""The least transmissivity that floating point knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeLosses(Value):
    """Transmissivities of a mode, in the order in which light meets them.

    Attributes
    ----------
    before : float in (0, 1]
        Between source and sensing, once, in front of the first pass.
    each_pass : float in (0, 1]
        After the sensing, in every pass.
    detected : float in (0, 1]
        Efficiency of the detector, once, behind the last pass.

    Examples
    --------
    >>> losses = ModeLosses(before=0.5, each_pass=0.9, detected=0.8)
    >>> round(math.exp(losses.log_photon(2)), 12), round(losses.effective(2) ** 2, 12)
    (0.324, 0.324)
    """

    before: float = 1.0
    each_pass: float = 1.0
    detected: float = 1.0

    @property
    def only_passes(self) -> bool:
        """Whether nothing is lost but after the passes."""
        return self.before == self.detected == 1

    def log_photon(self, passes: int) -> float:
        """Logarithm of the chance that a photon which stays in the mode for all passes is detected.

        Parameters
        ----------
        passes : int >= 1
        """
        return math.log(self.before) + passes * math.log(self.each_pass) + math.log(self.detected)

    def effective(self, passes: int) -> float:
        """The transmissivity of each of so many passes that would lose as many photons in all; for closed forms of such photons.

        Parameters
        ----------
        passes : int >= 1
        """
        # What is less than the smallest number is that: closed forms take logarithms.
        return self.each_pass if self.only_passes else max(SMALLEST, math.exp(self.log_photon(passes) / passes))
