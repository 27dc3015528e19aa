"""The protocol for devices of squeezed pairs: which pairs, which interferometers, at which bias, and what it reaches.

A pair in mode a and one in mode b (or only the first) are split over the sensors with positive coefficients and over those with
negative ones (the reference among them), with shares |alpha_j|/||alpha||_P; the phases act, on signal and idler alike; the
splitting is undone and a beam splitter mixes a and b. Phases near each other within a group add up to phi = q/||alpha||_P, the
difference of the groups' weighted means; what differs within a group leaves a and b to second order only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from networks import InputError, LinearFunction, SensorNetwork
from networks.values import Value
from photonics.conventions import Complex, Integer, Real, read_only
from photonics.limits import CircuitTooLargeError
from photonics.measurements.saturation import known_share
from photonics.pairs.counts import PairCounts, PairLight, pair_counts
from protocols.documents.printed import Entry
from protocols.documents.result import Result
from protocols.hardware.devices import Device
from protocols.hardware.feasibility import can_run
from protocols.hardware.round_trips import round_trip
from protocols.problem import AnyProblem, PhaseProblem, Problem

TRUNCATION = 1e-6
"""Largest weight of counts beyond the tables."""
MARGIN = 0.15
"""Share of the window that is left between the bias and its ends."""
LARGEST_TABLE = 44
"""Photons on a side up to which tables take a fraction of a second."""
NOTHING = 1e-9
LEVEL, FLAT = 0.98, 4
"""When more than so many biases have this share of the best information, it hardly matters."""
BIASES = 14
"""Phases tried for the bias before the best one is refined."""

ROUNDING = 1e-12
"""Relative difference below which both arms lose alike."""
COUNTS_ROUNDING = 1e-6
"""Relative, of the information of counts, whose probabilities are sums of many terms."""


@dataclass(frozen=True, kw_only=True, repr=False)
class PairPlan(Value, Result):
    """A program for a device, ready to compile.

    Attributes
    ----------
    network : SensorNetwork
    device : Device
    light : PairLight
        Squeezing in modes a and b, and the beam splitters before and behind the phases.
    outputs : (int, int)
        Modes a and b of a side.
    shares : (n,) of each mode of a side in the splitting; positive for group a, negative for group b.
    scale : float
        ||alpha||_P: q is this times phi.
    bias_rad : float
        Added to phi by the chip, half of it in each group with opposite signs.
    information, quantum_information : float
        On phi in one shot: of the counts with the certificate's losses, and of the light without loss.
    lost_weight : float
        Of counts beyond the tables.
    arms : (float, float)
        What is left of the light of group a and of group b behind links and sensors that lose some; 1 where phases are
        programmed.
    """

    DOCUMENT = (
        Entry("device", of="device.name"),
        Entry("target", of="device.target"),
        Entry("squeezing", of=lambda plan: plan.squeezing()),
        "outputs",
        "shares",
        Entry("first_rad", of="light.first_rad"),
        Entry("second_rad", of="light.second_rad"),
        "bias_rad",
        "window_rad",
        "q_range",
        "scale",
        Entry("mean_photons", of="light.mean_photons"),
        Entry("classical_information", of="information"),
        Entry("quantum_information_lossless", of="quantum_information"),
        "shot_noise_same_loss",
        "shot_noise_lossless",
        Entry("truncation", of="lost_weight"),
        "mse",
        "verdict",
    )

    network: SensorNetwork
    device: Device
    light: PairLight
    outputs: tuple[int, int]
    shares: tuple[float, ...]
    scale: float
    bias_rad: float
    information: float
    quantum_information: float
    lost_weight: float
    arms: tuple[float, float] = (1.0, 1.0)

    def __post_init__(self) -> None:
        known_share(
            f"counts of {self.device.name}", self.information, self.quantum_information, rounding=COUNTS_ROUNDING
        )

    def __getstate__(self) -> dict[str, Any]:
        # What follows from the fields is worked out again where it arrives.
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def transmissivity(self) -> tuple[float, float, float, float]:
        """Of signal a, signal b, idler a, idler b."""
        return self._of(self.device.certificate.transmissivity)

    @property
    def dark_counts(self) -> tuple[float, float, float, float]:
        """Of the same modes."""
        return self._of(self.device.certificate.dark_counts)

    def _of(self, values: Sequence[float]) -> tuple[float, float, float, float]:
        a, b = self.outputs
        n = self.device.pairs
        return values[a], values[b], values[n + a], values[n + b]

    def counts(self, phi: float, lost: float = TRUNCATION, *, derivatives: bool = True) -> PairCounts:
        """What is counted in modes a and b of both sides at a phase, with all losses and dark counts.

        Parameters
        ----------
        phi : float
            In rad, the bias included.
        lost : float
            The largest weight of counts beyond the table.
        derivatives : bool
            Whether the derivatives by phi are wanted too.
        """
        return pair_counts(
            self.light,
            phi,
            transmissivity=self.transmissivity,
            dark_counts=self.dark_counts,
            arms=self.arms,
            largest_lost_weight=lost,
            derivatives=derivatives,
        )

    @property
    def window_rad(self) -> float:
        """Phases, bias included, are determined between 0 and this; beyond it counts repeat."""
        return window_of(self.light)

    @property
    def q_range(self) -> tuple[float, float]:
        """Between which values q is determined."""
        return -self.scale * self.bias_rad, self.scale * (self.window_rad - self.bias_rad)

    @property
    def mse(self) -> float:
        """Mean squared error of q in one shot, by the Fisher information of the counts."""
        return self.scale**2 / self.information if self.information else math.inf

    @property
    def shot_noise_lossless(self) -> float:
        """Information on phi of as many separate photons without loss: one for each."""
        return self.light.mean_photons

    @property
    def shot_noise_same_loss(self) -> float:
        """Information on phi of as many separate photons with these losses, at the bias that is best for them; an upper bound of it
        where the arms lose unlike."""
        eta = self.transmissivity
        # Through this interferometer F = eta_a sin^2(phi/2) + eta_b cos^2(phi/2) for each photon of a side.
        return self.light.mean_photons / 2 * (max(eta[:2]) + max(eta[2:])) * max(self.arms)

    @cached_property
    def split(self) -> Real:
        """(n, n) orthogonal: mode a over its group and mode b over its own, the others anyhow."""
        return read_only(split_over(self.shares, self.outputs))

    def unitary(self, theta: Sequence[float]) -> Complex:
        """(n, n): the whole interferometer of a side with these unknown phases of the sensors, bias included.

        Parameters
        ----------
        theta : (d,) floats
            In rad.

        Raises
        ------
        InputError
            For another number of phases, or phases that are not finite.
        """
        if len(theta) != len(self.network.sensors) or not all(map(math.isfinite, theta)):
            raise InputError(
                [f"theta must have {len(self.network.sensors)} finite values, one a sensor, got {list(theta)}"]
            )
        phases = np.zeros(len(self.shares))
        place = 0
        for mode, value in zip(self.network.sensors, theta, strict=True):
            if mode.alpha:
                phases[place] = value
                place += 1
        phases += np.sign(self.shares) * self.bias_rad / 2
        turned = self.split.T @ np.diag(np.exp(-1j * phases)) @ self.split
        return np.asarray(
            self._mixer(self.light.second_rad) @ turned @ self._mixer(self.light.first_rad), dtype=complex
        )

    def _mixer(self, angle: float) -> Real:
        mixer = np.eye(len(self.shares))
        a, b = self.outputs
        c, s = math.cos(angle), math.sin(angle)
        mixer[np.ix_([a, b], [a, b])] = [[c, -s], [s, c]]
        return mixer

    def sample(self, theta: Sequence[float], shots: int, rng: np.random.Generator) -> Integer:
        """(shots, 2 n) photon counts as the device gives them, signal modes first, with the losses of its certificate.

        Drawn exactly, photon by photon, dark counts included (``photonics.sample_pairs``); ``estimate_pairs`` reads them.

        Parameters
        ----------
        theta : (d,) floats
            In rad, programmed into the chip.
        shots : int >= 1
        rng : numpy.random.Generator

        Returns
        -------
        (shots, 2 n) ints

        Raises
        ------
        InputError
            For other phases, and for a plan whose light goes to the sensors of the network.

        Examples
        --------
        >>> from protocols.hardware.devices import DEVICES
        >>> plan = pair_plan(SensorNetwork.chain([1, -1], sensing="phase", photons=2), DEVICES["X8"])
        >>> plan.sample([0.1, -0.1], 100, np.random.default_rng(1)).shape
        (100, 8)
        """
        from photonics.pairs.samples import sample_pairs

        if self.arms != (1.0, 1.0):
            raise InputError(
                ["counts are drawn for phases that are programmed into the chip; make the plan without with_sensors"]
            )
        certificate = self.device.certificate
        return sample_pairs(
            self.squeezing(),
            self.unitary(theta),
            shots,
            rng,
            transmissivity=certificate.transmissivity,
            dark_counts=certificate.dark_counts,
        )

    def squeezing(self) -> tuple[float, ...]:
        """r of the pair at every mode."""
        squeezing = [0.0] * len(self.shares)
        for place, r in zip(self.outputs, self.light.squeezing, strict=True):
            squeezing[place] = r
        return tuple(squeezing)

    def phi(self, theta: Sequence[float]) -> float:
        """The difference of the groups' weighted means, q/||alpha||_P, without the bias.

        Parameters
        ----------
        theta : (d,) floats
            In rad.
        """
        terms = [float(m.alpha) * t for m, t in zip(self.network.sensors, theta, strict=True) if m.alpha is not None]
        return math.fsum(terms) / self.scale

    @property
    def verdict(self) -> str:
        """Whether there is an advantage, in a sentence."""
        better_same = self.information > self.shot_noise_same_loss
        better = self.information > self.shot_noise_lossless
        if better:
            return "these counts beat the shot noise even of light without loss"
        if better_same:
            return "these counts beat the shot noise at the same losses, but not that of light without loss"
        return (
            "these counts do not beat the shot noise at the same losses: there is no quantum advantage on this device"
        )


def pair_plan(network: SensorNetwork | AnyProblem, device: Device, *, with_sensors: bool = False) -> PairPlan:
    """The plan with the most Fisher information of the counts among one and two pairs at the device's losses.

    Formulas and comparisons are in docs/how-to/hardware.md.

    Parameters
    ----------
    network : SensorNetwork or Problem
        Of phases, coefficients that sum to 0 or with a reference.
    device : Device
    with_sensors : bool
        Whether the light goes to the sensors of the network and back, and loses on links and there what its file says, instead
        of phases that are programmed into the chip; the splitting is then the one that makes up for it.

    Raises
    ------
    InputError
        Listing every reason why the device cannot measure this.

    Examples
    --------
    >>> import dataclasses
    >>> from protocols.hardware.devices import DEVICES, DeviceCertificate
    >>> perfect = DeviceCertificate(transmissivity=(1.0,) * 8, dark_counts=(0.0,) * 8)
    >>> ideal = dataclasses.replace(DEVICES["X8"], certificate=perfect)
    >>> plan = pair_plan(SensorNetwork.star([1, -1], sensing="phase", photons=2), ideal)
    >>> plan.light.squeezing, round(plan.information / plan.shot_noise_lossless, 2)
    ((1.0, 1.0), 4.76)
    """
    problem = Problem.of(network)
    feasible = can_run(problem, device)
    if not feasible.can_run:
        raise InputError([f"{device.name}: {reason}" for reason in feasible.reasons])
    shares, scale = groups_of(problem.network.function)
    arms = (1.0, 1.0)
    if with_sensors:
        assert isinstance(problem, PhaseProblem), "displacements are refused above"
        shares, arms = made_up_for(shares, round_trip(problem).transmissivity)
    # Where both arms lose alike the tables are small; the bias that is best for it is hardly another.
    equal = (math.sqrt(math.prod(arms)),) * 2
    shares += [0.0] * (device.pairs - len(shares))
    groups = [[k for k, share in enumerate(shares) if share * sign > 0] for sign in (1, -1)]
    eta = device.certificate.transmissivity
    # Counted where most arrives: a in its own group, b in the other, by different measures of what arrives.
    pairs = [(a, b) for a in _likely(groups[0], eta, device.pairs) for b in _likely(groups[1], eta, device.pairs)]
    options = [
        (light, float(bias), outputs)
        for light in _lights(device)
        for bias in np.linspace(*_room(light), BIASES)
        for outputs in pairs
    ]

    def plan_of(light: PairLight, bias: float, outputs: tuple[int, int], lost: float = TRUNCATION) -> PairPlan:
        last = lost == TRUNCATION
        plan = PairPlan(
            network=problem.network,
            device=device,
            light=light,
            outputs=outputs,
            shares=tuple(shares),
            scale=scale,
            bias_rad=bias,
            information=0.0,
            quantum_information=light.quantum_information,
            lost_weight=0.0,
            arms=arms if last else equal,
        )
        counts = plan.counts(bias, lost)
        return replace(plan, information=counts.information, lost_weight=counts.lost_weight)

    # Coarse tables find the light and roughly the bias; the last look is exact to TRUNCATION.
    looked_at = [plan_of(light, bias, outputs, 1e-3) for light, bias, outputs in options]
    best = max(looked_at, key=lambda plan: plan.information)
    if best.information < NOTHING:
        raise InputError(
            [
                f"{device.name}: the transmission to its detectors is below numerical precision, so nothing can be measured"
            ]
        )
    outputs = best.outputs
    good = [
        p
        for p in looked_at
        if p.light == best.light and p.outputs == outputs and p.information > LEVEL * best.information
    ]
    if len(good) > FLAT:
        # Where the bias hardly matters, the middle of the window leaves most room for the phases.
        middle = min(good, key=lambda plan: abs(plan.bias_rad - plan.window_rad / 2))
        return plan_of(middle.light, middle.bias_rad, outputs)
    first, last = _room(best.light)
    step = (last - first) / (BIASES - 1)
    low, high = max(first, best.bias_rad - step), min(last, best.bias_rad + step)
    for _ in range(6):
        third = (high - low) / 3
        left, right = (plan_of(best.light, phi, outputs, 1e-4) for phi in (low + third, high - third))
        low, high = (low, high - third) if left.information > right.information else (low + third, high)
    return plan_of(best.light, (low + high) / 2, outputs)


def groups_of(function: LinearFunction) -> tuple[list[float], float]:
    """The shares alpha_j/||alpha||_P of the sensors in use, and of the reference what is missing to a sum of 0; ||alpha||_P.

    Parameters
    ----------
    function : LinearFunction
        As the network has it; ||alpha||_P is that of the oriented function.

    Examples
    --------
    >>> groups_of(LinearFunction([1, 2]))
    ([0.3333333333333333, 0.6666666666666666, -1.0], 3.0)
    """
    scale = function.orient().function.norm_positive
    shares = [float(a / scale) for a in function.alpha if a]
    if missing := -sum(function.alpha):
        shares.append(float(missing / scale))
    return shares, float(scale)


def made_up_for(shares: Sequence[float], transmissivity: Sequence[float]) -> tuple[list[float], tuple[float, float]]:
    """The shares with which what comes back from lossy sensors has the weights wanted, and what is left of each group.

    Of a share p, split there and back, p sqrt(eta) comes back into the mode of its group. With p_j ~ |w_j|/sqrt(eta_j) these are
    sqrt(T) w_j, T = 1/(sum |w_j|/sqrt(eta_j))^2 for weights of a group that sum to 1.

    Parameters
    ----------
    shares : (n,) floats
        The weights wanted: positive for one group, negative for the other, with the sums 1 and -1.
    transmissivity : (n,) floats in (0, 1]

    Examples
    --------
    >>> shares, left = made_up_for([0.5, 0.5, -1.0], [1.0, 0.25, 0.81])
    >>> [round(share, 9) for share in shares], [round(one, 9) for one in left]
    ([0.333333333, 0.666666667, -1.0], [0.444444444, 0.81])
    """
    if len(set(transmissivity)) == 1:
        # Nothing to make up for, and no rounding of it.
        return list(shares), (transmissivity[0], transmissivity[0])
    needed = [share / math.sqrt(eta) for share, eta in zip(shares, transmissivity, strict=True)]
    sums = {sign: math.fsum(abs(x) for x in needed if x * sign > 0) for sign in (1, -1)}
    first, second = (min(1.0, 1 / sums[sign] ** 2) for sign in (1, -1))
    if math.isclose(first, second, rel_tol=ROUNDING):
        first = second
    return [x / sums[1 if x > 0 else -1] for x in needed], (first, second)


def split_over(shares: Sequence[float], outputs: tuple[int, int]) -> Real:
    """(n, n) orthogonal: column a has the roots of the positive shares, column b those of the negative ones.

    Parameters
    ----------
    shares : (n,) floats
    outputs : (int, int)
        a and b, from 0 to n - 1.
    """
    count, (a, b) = len(shares), outputs
    split = np.eye(count)
    for place, sign in ((a, 1), (b, -1)):
        amplitude = np.array([math.sqrt(max(0.0, sign * share)) for share in shares])
        # A reflection that takes the unit vector of the place to the amplitudes.
        unit = np.zeros(count)
        unit[place] = 1.0
        across = unit - amplitude
        length = float(across @ across)
        if length > 1e-30:
            split = (np.eye(count) - 2 * np.outer(across, across) / length) @ split
    return split


def window_of(light: PairLight) -> float:
    """Up to which phase in rad counts determine it: they have the period pi when each pair goes straight to its own group, else
    2 pi, and are even.

    Parameters
    ----------
    light : PairLight
    """
    return math.pi / 2 if not light.first_rad else math.pi


def usable_squeezing(device: Device) -> float:
    """The largest squeezing offered whose counting tables are small enough; 0 when there is none.

    Parameters
    ----------
    device : Device
    """
    for r in sorted(device.squeezing, reverse=True):
        try:
            if r and PairLight(squeezing=(r, r)).cutoff(TRUNCATION / 2) <= LARGEST_TABLE:
                return r
        except CircuitTooLargeError:
            continue
    return 0.0


def _room(light: PairLight) -> tuple[float, float]:
    """Where the bias may be: with room for the phases on both sides, beyond which counts repeat."""
    window = window_of(light)
    return MARGIN * window, (1 - MARGIN) * window


def _likely(group: Sequence[int], eta: Sequence[float], pairs: int) -> list[int]:
    """Modes of a group where most arrives: on both sides, together, or on one."""
    measures = (
        lambda k: eta[k] * eta[pairs + k],
        lambda k: eta[k] + eta[pairs + k],
        lambda k: max(eta[k], eta[pairs + k]),
    )
    return list(dict.fromkeys(max(group, key=measure) for measure in measures))


def _lights(device: Device) -> list[PairLight]:
    """Two pairs without and one pair behind a first beam splitter, at the largest squeezing offered."""
    r = usable_squeezing(device)
    if not r:
        raise InputError([f"{device.name}: all its squeezing values are too strong for exact counting distributions"])
    return [
        PairLight(squeezing=(r, r), first_rad=0.0),
        PairLight(squeezing=(r, 0.0), first_rad=math.pi / 4),
    ]
