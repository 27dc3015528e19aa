"""How many photons a target precision takes: the least at which some scheme, as built, is accurate enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from networks import InputError, SensorNetwork
from networks.errors import short_repr
from networks.laboratory import LARGEST_LIGHT
from networks.rules import LARGEST_MEAN_PHOTONS
from networks.values import plain_real, whole_number
from protocols.estimation.arguments import LARGEST_SHOTS
from protocols.problem import AnyProblem, GaussianProblem, Problem
from protocols.schemes.photon import LARGEST_SIMULATED_PHOTONS
from protocols.schemes.registry import choose_schemes
from protocols.schemes.scheme import AnyScheme
from protocols.sweeps.curves import errors_at

DIGITS = 4
"""Of a mean photon number."""
LEAST_MEAN = 1e-9
"""The least mean photon number of a network."""
GROWTH = 4
"""From one photon number to the next, while they are too few."""


def photons_needed(
    network: SensorNetwork | AnyProblem,
    rmse: float,
    *,
    shots: int = 1,
    schemes: Sequence[str | AnyScheme] | None = None,
    progress: Callable[[str], None] | None = None,
) -> int | float:
    """The least photon number of a shot at which some scheme as built estimates q with this error from so many shots.

    The mean squared error of n shots is that of one over n, as of an efficient estimate in an asymptotically large sample;
    ``simulate`` gives what estimators need beyond it. The photon number that the network has does not count; all else does:
    losses, limits of squeezers, detectors.

    Parameters
    ----------
    network : SensorNetwork or Problem
    rmse : float > 0
        The root mean squared error of q that is wanted after all shots, in rad or in standard deviations of the vacuum.
    shots : int from 1 to 10^9
    schemes : names or ``Scheme`` objects, optional
        All registered ones when left out.
    progress : callable, optional
        Called with a few words before each photon number.

    Returns
    -------
    int or float
        N of a network of exactly N photons: N reaches the target, and N - 1 does not. Of a mean photon number four digits, rounded
        up; 1e-9, the least that a network may have, where the vacuum does.

    Raises
    ------
    InputError
        Listing every fault; and where no photon number suffices, with the error that is left.

    Examples
    --------
    One interferometer without loss, 1 mrad from 10,000 shots, which is 0.1 rad in a shot; N00N states reach 1/N, laser light
    shot noise:

    >>> one = SensorNetwork.star([1], sensing="phase", photons=1)
    >>> photons_needed(one, 1e-3, shots=10_000)
    10
    >>> photons_needed(one, 1e-3, shots=10_000, schemes=["coherent"])
    100
    """
    problem = Problem.of(network)
    size, count = plain_real(rmse), whole_number(shots)
    faults = []
    if isinstance(size, bool) or not isinstance(size, int | float) or not 0 < size < math.inf:
        faults.append(f"rmse must be a positive number, got {short_repr(rmse)}")
    if count is None or not 1 <= count <= LARGEST_SHOTS:
        faults.append(f"shots must be an integer from 1 to {LARGEST_SHOTS}, got {short_repr(shots)}")
    if faults:
        raise InputError(faults)
    assert isinstance(size, int | float)
    assert count is not None
    search = _Search(
        problem=problem,
        schemes=tuple(choose_schemes(problem.kind, schemes)),
        wanted=count * float(size) ** 2,
        progress=progress or (lambda _: None),
    )
    return search.whole() if problem.photon_budget == "photons" else search.mean()


@dataclass(frozen=True, kw_only=True)
class _Search:
    """Where the error of a shot falls to the wanted one; it never rises with the photons, which schemes need not all send."""

    problem: AnyProblem
    schemes: tuple[AnyScheme, ...]
    wanted: float
    progress: Callable[[str], None]
    seen: dict[float, tuple[float, str]] = field(default_factory=dict)

    def whole(self) -> int:
        """Of exactly N photons."""
        low, high = 0, 1
        while not self._suffices(high):
            if high == LARGEST_SIMULATED_PHOTONS:
                self._refuse()
            low, high = high, min(GROWTH * high, LARGEST_SIMULATED_PHOTONS)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._suffices(middle) else (middle, high)
        return high

    def mean(self) -> float:
        """Of a mean photon number, with DIGITS digits: mantissas of so many, so that each is a plain decimal."""
        largest = LARGEST_LIGHT if isinstance(self.problem, GaussianProblem) else LARGEST_MEAN_PHOTONS
        low, high = round(math.log10(LEAST_MEAN)), round(math.log10(largest))
        if self._suffices(_decimal(1, low)):
            return LEAST_MEAN
        if not self._suffices(_decimal(1, high)):
            self._refuse()
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._suffices(_decimal(1, middle)) else (middle, high)
        unit = low - DIGITS + 1
        least, enough = 10 ** (DIGITS - 1), 10**DIGITS
        while enough - least > 1:
            middle = (least + enough) // 2
            least, enough = (least, middle) if self._suffices(_decimal(middle, unit)) else (middle, enough)
        return _decimal(enough, unit)

    def _suffices(self, photons: float) -> bool:
        self.progress(f"{photons:.4g} photons")
        _, found, _ = errors_at(self.problem.network, self.problem.photon_budget, photons, self.schemes)
        self.seen[photons] = min(((mse, name) for name, _, mse in found), default=(math.inf, ""))
        return self.seen[photons][0] <= self.wanted

    def _refuse(self) -> None:
        photons, (mse, name) = max(self.seen.items())
        left = f"{name} is left with {mse:.4g}" if name else "no scheme is applicable"
        raise InputError(
            [
                f"no photon number brings the mean squared error of one shot down to {self.wanted:.4g}: with {photons:.4g} photons "
                f"{left}; take more shots, or a network with less loss or more squeezing"
            ]
        )


def _decimal(mantissa: int, exponent: int) -> float:
    """The float that is nearest to mantissa 10^exponent.

    >>> _decimal(4177, -2)
    41.77
    """
    return float(f"{mantissa}e{exponent}")
