"""Two-armed sensors as what light sees of them: two modes of one site, with coefficients +alpha and -alpha.

theta_j of such a sensor is the phase of arm a minus that of arm b, whatever both have in common: q = sum alpha_j (phi_a - phi_b).
So a network of them is one of sensors with one arm and twice as many parameters, whose function is balanced.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from networks.errors import InputError
from networks.function import LinearFunction
from networks.modes import Link, Mode, ModeId
from networks.sensor_network import SensorNetwork

ARMS = ("a", "b")
"""What is added to the name of a node for its arms."""


def arm_names(node: ModeId) -> tuple[str, str]:
    """The names of both arms of a node.

    >>> arm_names("s1")
    ('s1 a', 's1 b')

    Parameters
    ----------
    node : str or int
    """
    first, second = (f"{node} {arm}" for arm in ARMS)
    return first, second


def sites_of(network: SensorNetwork) -> tuple[tuple[int, ...], ...]:
    """Of every sensor, the places of its modes among the sensors of ``by_arms(network)``.

    >>> sites_of(SensorNetwork.chain([1, 2, -1], sensing="phase", photons=2, arms=[2, 1, 2]))
    ((0, 1), (2,), (3, 4))

    Parameters
    ----------
    network : SensorNetwork
    """
    places, count = [], 0
    for sensor in network.sensors:
        modes = 2 if sensor.arms == 2 else 1
        places.append(tuple(range(count, count + modes)))
        count += modes
    return tuple(places)


def function_by_arms(function: LinearFunction, arms: Sequence[int]) -> LinearFunction:
    """A function of theta as one of the phases of all arms.

    Parameters
    ----------
    function : LinearFunction
    arms : (d,) 1 or 2

    Examples
    --------
    >>> function_by_arms(LinearFunction([1, 3]), [1, 2])
    LinearFunction(('1', '3', '-3'))
    """
    if 2 not in arms:
        return function
    return LinearFunction([c for a, n in zip(function.alpha, arms, strict=True) for c in ((a,) if n == 1 else (a, -a))])


def by_arms(network: SensorNetwork) -> SensorNetwork:
    """The network whose sensors are arms; the same network where no sensor has two.

    Light reaches a two-armed node at its arm a, over the links of the node; a beam splitter of the node itself, a link without
    loss, joins its arms. What the node loses holds for both. Its phase jitter is that of the difference, from arms that jitter
    independently.

    Parameters
    ----------
    network : SensorNetwork

    Raises
    ------
    InputError
        Where another node has the name of an arm.

    Examples
    --------
    >>> arms = by_arms(SensorNetwork.chain([1, -1], sensing="phase", photons=2, arms=2))
    >>> arms.function, [link.ends for link in arms.links]
    (LinearFunction(('1', '-1', '-1', '1')), [('s1 a', 's1 b'), ('s1 a', 's2 a'), ('s2 a', 's2 b')])
    """
    two = [mode for mode in network.modes if mode.arms == 2]
    if not two:
        return network
    names = {str(mode.id) for mode in network.modes}
    if taken := [name for mode in two for name in arm_names(mode.id) if name in names]:
        raise InputError(
            [f"node {name!r} has the name of an arm of a sensor with arms: 2; rename one of both" for name in taken]
        )
    first = {mode.id: arm_names(mode.id)[0] for mode in two}
    jitter = {
        mode.id: bench.phase_jitter_rad
        for mode, bench in zip(network.modes, network.laboratory.benches, strict=True)
        if mode.arms == 2
    }
    modes: list[Mode] = []
    for mode in network.modes:
        modes += [mode] if mode.arms != 2 else _arms(mode, jitter[mode.id])
    links = [replace(k, ends=(first.get(k.ends[0], k.ends[0]), first.get(k.ends[1], k.ends[1]))) for k in network.links]
    own = [Link(ends=arm_names(mode.id)) for mode in two]
    return network.replace(modes=tuple(modes), links=(*links, *own))


def _arms(mode: Mode, jitter: float) -> list[Mode]:
    assert mode.alpha is not None, "sensors have coefficients"
    own = jitter / math.sqrt(2) if jitter else mode.phase_jitter_rad
    return [
        replace(mode, id=name, alpha=sign * mode.alpha, arms=None, phase_jitter_rad=own)
        for name, sign in zip(arm_names(mode.id), (1, -1), strict=True)
    ]
