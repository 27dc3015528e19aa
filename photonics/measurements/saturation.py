"""How much of the quantum Fisher information a measurement keeps, and the local homodyne angles that keep most."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from photonics.circuits.circuit import Circuit
from photonics.conventions import Real
from photonics.engines import native
from photonics.fisher.functions import nuisance_aware_information
from photonics.limits import PrecisionError
from photonics.measurements import Measurement, Outcomes, measure
from photonics.measurements.detectors import IDEAL, Detectors
from photonics.measurements.homodyne import Homodyne
from photonics.measurements.moments import MomentOutcomes
from photonics.measurements.outcomes import GaussianOutcomes
from photonics.output import GaussianOutput
from photonics.values import Value, plain

SHARE_ROUNDING = 1e-12
"""How far above 1 a share may be by rounding; it counts as 1 then."""
LEAST_INFORMATION = 1e-7
"""Information on a parameter in one shot below which no share of counts is told: probabilities are rounded at 1e-16."""
PROBABILITY_ROUNDING = 1e-13
"""What rounding of the probabilities of all outcomes adds to an information on a parameter at the most."""


def counts_rounding(information: float) -> float:
    """How far above 1 a share of counts may be by rounding: the less information, the further.

    Parameters
    ----------
    information : float >= 0
        On a parameter, in one shot; infinite where it is below the smallest number.

    Returns
    -------
    float

    Examples
    --------
    >>> counts_rounding(1e-6) < 1.1e-7, counts_rounding(1.0) < 1.2e-12
    (True, True)
    """
    return SHARE_ROUNDING + PROBABILITY_ROUNDING / information if information > 0 else math.inf


def known_share(what: str, classical: float, quantum: float, *, rounding: float = SHARE_ROUNDING) -> float:
    """Classical over quantum information, in [0, 1].

    Parameters
    ----------
    what : str
        The measurement, for the message.
    classical, quantum : float
        Informations about the same combination of parameters; nan where one is not known.
    rounding : float
        How far above 1 it may be.

    Returns
    -------
    float
        1 where rounding alone puts it above; nan where one is not known, or there is none.

    Raises
    ------
    AssertionError
        For a share outside of [0, 1]: a measurement is said to have more information than there is, so one of the two is wrong.

    Examples
    --------
    >>> known_share("homodyne", 1.0, 2.0), known_share("homodyne", 1 + 1e-15, 1.0)
    (0.5, 1.0)
    """
    if classical < 0 or classical > quantum * (1 + rounding):
        raise AssertionError(
            f"{what}: {classical:.6g} of {quantum:.6g}, the quantum Fisher information, which no measurement exceeds; "
            "one of the two is wrong"
        )
    share = classical / quantum if quantum else math.nan
    # Of nan the first comparison is false.
    return 1.0 if share > 1 else share


@dataclass(frozen=True, slots=True, kw_only=True)
class Saturation(Value):
    """Information about q = a . theta in one shot, all other combinations unknown: classical over quantum.

    Parameters
    ----------
    name : str
        How the measurement is called.
    classical, quantum : float
        1/(a^T F^+ a) with its classical and with the quantum Fisher matrix; 0 when q cannot be estimated.
    """

    name: str
    classical: float
    quantum: float

    def __post_init__(self) -> None:
        known_share(self.name, self.classical, self.quantum)

    @property
    def share(self) -> float:
        """1 when the measurement loses nothing; 0 when q cannot be estimated from it."""
        return known_share(self.name, self.classical, self.quantum)


def saturation(
    circuit: Circuit, theta: Sequence[float], measurements: Mapping[str, Measurement[Outcomes]], function: ArrayLike
) -> tuple[Saturation, ...]:
    """1/(a^T F^+ a) of each measurement's classical Fisher matrix beside that of the quantum one (native engine).

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.
    measurements : mapping of str to Measurement
    function : (d,) floats
        a, not all zero.

    Returns
    -------
    tuple of Saturation
        In the order of ``measurements``.

    Raises
    ------
    ValueError, TypeError
        For what ``measure`` refuses, or a function of another length.
    PrecisionError
        When so little light arrives that its information is below the rounding of probabilities, which only quadratures,
        whose moments keep all digits, are not read from.

    Examples
    --------
    >>> from photonics import Circuit, Sense, Squeeze
    >>> light = (Squeeze(mode="a", r=0.5), Sense(modes=("a",), generator="momentum"))
    >>> c = Circuit(modes=("a",), operations=light)
    >>> [round(s.share, 6) for s in saturation(c, [0.1], {"x": Homodyne(), "p": Homodyne(angles_rad=1.5707963)}, [1.0])]
    [1.0, 0.0]
    """
    quantum = nuisance_aware_information(native.qfi(circuit, theta), function).qfi
    # Information about q, times |a|^2: that about a parameter of the same unit as theta.
    known = quantum * float(np.sum(np.square(np.asarray(function, dtype=float))))
    is_seen = not 0 < known < LEAST_INFORMATION
    results = []
    for name, measurement in measurements.items():
        outcomes = measure(circuit, measurement, theta)
        if not is_seen and not isinstance(outcomes, GaussianOutcomes):
            raise PrecisionError(
                f"{name}: the information of one shot, {quantum:.3g}, is below the rounding of probabilities; less loss is needed"
            )
        classical = nuisance_aware_information(outcomes.fisher_matrix(), function).qfi
        if known and not isinstance(outcomes, GaussianOutcomes):
            rounding = counts_rounding(known)
            if isinstance(outcomes, MomentOutcomes):
                rounding += outcomes.variance_rounding
            classical = min(classical, quantum) if classical <= quantum * (1 + rounding) else classical
        results.append(Saturation(name=name, classical=classical, quantum=quantum))
    return tuple(results)


@dataclass(frozen=True, slots=True, kw_only=True)
class BestAngles(Value):
    """The best local homodyne found, and what it keeps. ``share`` below 1 does not say that no angles keep more.

    Parameters
    ----------
    homodyne : Homodyne
        With one angle a mode.
    saturation : Saturation
    """

    homodyne: Homodyne
    saturation: Saturation


def best_homodyne_angles(
    circuit: Circuit,
    theta: Sequence[float],
    function: ArrayLike,
    *,
    starts: int = 4,
    seed: int = 0,
    detectors: Detectors = IDEAL,
) -> BestAngles:
    """Angles, one a mode, that lower the error of q = a . theta from joint homodyne most, as far as a local search finds.

    Starts from the quadratures that the means move along, from x, from p, and from random angles; each is improved by
    L-BFGS on the logarithm of the error.

    Parameters
    ----------
    circuit : Circuit
        Gaussian.
    theta : (d,) floats
    function : (d,) floats
        a, not all zero.
    starts : int, at least 0
        Random starts beside the four fixed ones.
    seed : int
        Of the random starts.
    detectors : Detectors
        Of the homodyne; with random angles the information is that of outcomes and their products (``JitteredOutcomes``).

    Returns
    -------
    BestAngles

    Raises
    ------
    TypeError
        For light that is not Gaussian.
    """
    from scipy.optimize import minimize

    light = native.output(circuit, theta)
    if not isinstance(light, GaussianOutput):
        raise TypeError("homodyne angles are sought for Gaussian light only")
    a = np.asarray(function, dtype=float)
    starts, seed = plain(starts), plain(seed)
    count = len(light.modes)
    penalty = 1e3

    def homodyne_at(angles: Real) -> Homodyne:
        return Homodyne(angles_rad=tuple(angles.tolist()), detectors=detectors)

    def cost(angles: Real) -> float:
        information = homodyne_at(angles).outcomes(light).fisher_matrix()
        # A trace of the best direction keeps the search smooth where q cannot be estimated at all.
        mse = nuisance_aware_information(information, a).mse
        return math.log(mse) if math.isfinite(mse) else penalty

    rng = np.random.default_rng(seed)
    moved = light.mean_derivatives
    along = np.arctan2(
        np.abs(moved[count:]).max(axis=1, initial=0.0), np.abs(moved[:count]).max(axis=1, initial=0.0) + 1e-300
    )
    guesses = [along, along + math.pi / 4, np.full(count, math.pi / 8), np.full(count, 3 * math.pi / 8)]
    guesses += [rng.uniform(0, math.pi, count) for _ in range(starts)]
    best = min((minimize(cost, guess, method="L-BFGS-B") for guess in guesses), key=lambda run: float(run.fun))
    homodyne = homodyne_at(best.x % math.pi)
    return BestAngles(
        homodyne=homodyne, saturation=saturation(circuit, theta, {"local homodyne": homodyne}, function)[0]
    )
