"""Networks of two-armed interferometers and one-armed sensors with free references, each kind read as it is alone.

Interferometers are read by intensity differences (``intensity``), one-armed sensors by homodyne of the quadrature across their
coherent light (``displaced_readout``). With the dark port's quiet quadrature x_j' both records are, up to noise of their own, a
slope times theta_j and a weight times x_j':

    D_j = M (A'_j - m_j) theta_j + sqrt(A'_j) x'_j + ...,      x_j = 2 M sqrt(A'_j) theta_j + x'_j + ...,

where the coherent light of one-armed sensors has the phase at which both signs are alike. So one squeezed vacuum over sites of
both kinds quiets them together, and the error is the sum of ``LinearReadout`` with the terms of each site by its own kind. Of
bright light of N_c photons without loss, A_j ~ c_j |alpha_j| with c_j = 1 of two arms and 1/2 of one, it is
(sum c_j |alpha_j|)^2 e^{-2r}/(N_c M^2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self

import numpy as np

from networks import InputError
from photonics.conventions import Integer, Real
from protocols.theory.limits.displaced_readout import DisplacedReadout
from protocols.theory.limits.intensity import IntensityReadout
from protocols.theory.limits.phase_readout import LinearReadout, PhaseReadout, SiteLight
from protocols.theory.limits.squeezers import SqueezerLimits


@dataclass(frozen=True, kw_only=True)
class MixedReadout(LinearReadout):
    """What stands between the light of d sites, each of one kind or the other, and their records.

    Attributes
    ----------
    alpha, passes, survives, detector_efficiency, visibility, dark_counts, electronic_noise, phase_jitter_rad, light_caps
        As of ``IntensityReadout`` and ``DisplacedReadout``.
    one_armed : (d,) bools
        Whether a site is read by homodyne detection, and not by an intensity difference.

    Raises
    ------
    InputError
        For another number of kinds than of sites.

    Examples
    --------
    An interferometer and a sensor with one arm, coherent light of 4 photons at each: 1/4 + 1/16.

    >>> from protocols.theory.limits.intensity import intensity_readout
    >>> MixedReadout.of(intensity_readout([1.0, 1.0]), [False, True]).mse([4.0, 4.0])
    0.3125
    """

    one_armed: tuple[bool, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.one_armed) != len(self.alpha):
            raise InputError(
                [f"one_armed must have an entry for each of {len(self.alpha)} sites, got {len(self.one_armed)}"]
            )

    @classmethod
    def of(cls, readout: PhaseReadout, one_armed: Sequence[bool]) -> Self:
        """With the numbers of another readout.

        Parameters
        ----------
        readout : PhaseReadout
        one_armed : (d,) bools
        """
        own = {field.name: getattr(readout, field.name) for field in fields(PhaseReadout)}
        return cls(one_armed=tuple(one_armed), **own)

    @cached_property
    def _kinds(self) -> tuple[IntensityReadout, DisplacedReadout]:
        own = {field.name: getattr(self, field.name) for field in fields(PhaseReadout)}
        return IntensityReadout(**own), DisplacedReadout(**own)

    def light_terms(self, coherent: Any, dark: Any, paired: Any, less: Any) -> tuple[Any, Any]:
        """What a site adds to the error alone, and its weight in what all share, each by its kind.

        Parameters
        ----------
        coherent, dark, paired, less : (..., d) numbers
        """
        two, one = (kind.light_terms(coherent, dark, paired, less) for kind in self._kinds)
        return np.where(self.one_armed, one[0], two[0]), np.where(self.one_armed, one[1], two[1])

    def proved_light(self, limits: SqueezerLimits, photons: float, through: Real, served: Integer) -> SiteLight | None:
        """That of one kind, where there is but one.

        Parameters
        ----------
        limits : SqueezerLimits
        photons : float > 0
        through : (d,) floats
        served : (d,) ints
        """
        if len(set(self.one_armed)) > 1:
            return None
        return self._kinds[int(self.one_armed[0])].proved_light(limits, photons, through, served)
