"""Limits at work: errors as built fall as a limit is lifted, and continuously to what they are without it.

Networks are random laboratories of both kinds of sensing; every scheme is looked at by itself, not only the best.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from networks import InputError, Link, Mode, SensorNetwork
from protocols.design import design
from protocols.ranking.candidates import rank_plans

Ladders = Mapping[str, Sequence[Any]]
NEARLY = 1 - 1e-10
SHARES = (0.4, 0.8, 0.99, NEARLY, 1.0)
LADDERS: dict[str, Ladders] = {
    "phase": {
        "visibility": (0.5, 0.8, 0.97, 1 - 1e-9, 1.0),
        "phase_jitter_rad": (0.6, 0.2, 0.01, 1e-6, 0.0),
        "dark_counts": (0.3, 0.02, 1e-4, 1e-9, 0.0),
        "detector_efficiency": SHARES,
        "transmissivity_before": SHARES,
        "transmissivity": SHARES,
        "link_transmissivity": (0.3, 0.6, 0.9, NEARLY, 1.0),
        "photons": (1, 2, 3, 4, 7),
    },
    "displacement": {
        "visibility": (0.5, 0.8, 0.97, 1 - 1e-9, 1.0),
        "phase_jitter_rad": (0.6, 0.2, 0.01, 1e-6, 0.0),
        "electronic_noise": (0.5, 0.05, 1e-3, 1e-10, 0.0),
        "detector_efficiency": SHARES,
        "squeezer_efficiency": SHARES,
        "transmissivity_before": SHARES,
        "transmissivity": SHARES,
        "link_transmissivity": (0.3, 0.6, 0.9, NEARLY, 1.0),
        "squeezing_db": (0.0, 1e-9, 1.0, 5.0, 12.0, 80.0, None),
        "squeezers": (0, 1, 2, 3, 4, None),
        "mean_photons_max": (1e-9, 0.01, 0.3, 1.0, 5.0, 1e9, None),
        "mean_photons": (1e-6, 0.1, 0.5, 2.0, 6.0),
    },
}
"""From the strictest value of each limit to none, the last but one so near to it that nothing is left of it."""
COUNTS = ("photons", "squeezers", "mean_photons")
"""Of these no value is near to the next one."""
COUPLING = {"phase": "mach-zehnder", "displacement": "displacement"}


def laboratory(seed: int, sensing: str) -> SensorNetwork:
    """Two or three sensors of one arm or two around a hub, everything lossy, limited and noisy at random, some of it left out."""
    draw = random.Random(f"{sensing} {seed}")
    is_phase = sensing == "phase"

    def some(low: float, high: float) -> float | None:
        return draw.uniform(low, high) if draw.random() < 0.6 else None

    count = draw.randint(2, 3)
    arms = [draw.choice([None, None, 2]) if is_phase else None for _ in range(count)]
    modes = [
        Mode(
            id=f"s{j}",
            coupling=COUPLING[sensing],
            alpha=draw.choice([-2, -1, 1, 2, 3]),
            arms=arms[j],
            transmissivity=draw.choice([1.0, draw.uniform(0.5, 1.0)]),
            transmissivity_before=some(0.6, 1.0),
            detector_efficiency=some(0.6, 1.0),
            squeezer_efficiency=None if is_phase else some(0.7, 1.0),
            squeezer=None if is_phase else draw.random() < 0.7,
            mean_photons_max=None if is_phase else some(0.05, 2.0),
        )
        for j in range(count)
    ]
    modes.append(Mode(id="hub", role="reference" if is_phase else "ancilla", transmissivity=0.97))
    links = [Link(ends=("hub", f"s{j}"), transmissivity=draw.uniform(0.4, 1.0)) for j in range(count)]
    if draw.random() < 0.5:
        links.append(Link(ends=("s0", "s1"), transmissivity=draw.uniform(0.4, 1.0)))
    shared: dict[str, Any] = {"visibility": some(0.8, 1.0), "phase_jitter_rad": some(0.0, 0.3)}
    if is_phase:
        shared |= {"photons": draw.randint(1, 5), "dark_counts": some(0, 0.02)}
        shared["parameters"] = draw.choice(["static", "snapshot"])
    else:
        shared |= {"mean_photons": draw.uniform(0.2, 5.0), "squeezing_db": some(1.0, 12.0)}
        shared |= {"squeezers": draw.choice([None, 1, 2]), "electronic_noise": some(0.0, 0.1)}
    return SensorNetwork(sensing=sensing, modes=modes, links=links, passes=draw.randint(1, 2), **shared)


def with_limit(network: SensorNetwork, name: str, value: object) -> SensorNetwork:
    if name in ("photons", "mean_photons"):
        return network.replace(**{name: value})
    return network.with_laboratory(**{name: value})


def faults_of(network: SensorNetwork, name: str, values: Sequence[Any]) -> Iterator[str]:
    """Where an error rises although a limit is lifted, or jumps as it vanishes."""
    errors = [{one.plan.scheme: one.mse for one in rank_plans(with_limit(network, name, v)).built} for v in values]
    for scheme in errors[-1]:
        row = [one.get(scheme, math.inf) for one in errors]
        if scheme == "squeezed-in-turn" and name == "squeezers":
            # Where no number is given one squeezer takes turns, whose light as many as are given do better.
            row.pop()
        for place, (strict, loose) in enumerate(itertools.pairwise(row)):
            if not loose <= strict * (1 + 1e-9):
                yield f"{name} {values[place]} -> {values[place + 1]}: {scheme} rises from {strict} to {loose}"
        if name not in COUNTS and not math.isclose(row[-2], row[-1], rel_tol=1e-4):
            yield f"{name} {values[-2]} -> {values[-1]}: {scheme} jumps from {row[-2]} to {row[-1]}"


@pytest.mark.parametrize("sensing", ["phase", "displacement"])
@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(k, marks=pytest.mark.long) for k in range(3, 60))])
def test_errors_fall_and_do_not_jump_as_limits_are_lifted(seed: int, sensing: str) -> None:
    network = laboratory(seed, sensing)
    assert [fault for name, values in LADDERS[sensing].items() for fault in faults_of(network, name, values)] == []


def test_strings_are_read_by_the_states_of_the_light_that_is_seen() -> None:
    """Three strings, one of which the detectors miss more of: with the least of noise the error is that without."""
    network = SensorNetwork.star([1, -2], sensing="phase", photons=1, detector_efficiency=[0.3, 1.0])
    noisy = network.replace(visibility=1 - 1e-12)
    ideal, nearly = (rank_plans(each, ["multimode-noon"]).built[0].mse for each in (network, noisy))
    assert nearly == pytest.approx(ideal, rel=1e-9)


def test_dark_counts_of_a_reference_that_holds_no_light_spoil_nothing() -> None:
    """(1, -1) is balanced: noon, and the superposed strings, leave the hub empty and are the pair of both sensors."""
    network = SensorNetwork.star([1, -1], sensing="phase", photons=2, dark_counts=0.01)
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2, dark_counts=0.01)
    (alone,) = (one.mse for one in rank_plans(pair, ["noon"]).built)
    for scheme in ("noon", "pairs-in-turn", "multimode-noon"):
        assert rank_plans(network, [scheme]).built[0].mse == pytest.approx(alone, rel=1e-12)
    # exp(-2 D) of the shots have no dark count in either detector; the rest is not told.
    assert alone == pytest.approx(math.exp(0.02) / 4, rel=1e-12)


def test_squeezed_light_starts_only_where_a_squeezer_may_stand() -> None:
    network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0)
    first, *rest = network.modes
    network = network.replace(modes=(dataclasses.replace(first, squeezer=False), *rest))
    with pytest.raises(
        InputError, match="squeezed light cannot start at 's1', where squeezer is false; name 's2' or 'hub'"
    ):
        design(network, sources=["s1", "hub"])
    with pytest.raises(
        InputError, match="3 squeezers need as many places, but there are 2 nodes where a squeezer may stand"
    ):
        design(network, squeezers=3)
    nowhere = network.with_laboratory(squeezer=False)
    with pytest.raises(InputError, match=r"where squeezer is false; let a squeezer stand there \(squeezer: true\)"):
        design(nowhere, sources=["hub"])


@pytest.mark.parametrize("link_transmissivity", [1.0, 1 - 1e-10])
@pytest.mark.parametrize("lossy", ["s1", "s2"])
@pytest.mark.parametrize("name", ["transmissivity_before", "detector_efficiency"])
def test_columns_begin_and_end_where_least_is_lost(name: str, lossy: str, link_transmissivity: float) -> None:
    """(1, 1) with one photon and two passes: it visits both sensors, and only the first has a way in, only the last a detector."""
    network = SensorNetwork.complete([1, 1], sensing="phase", photons=1, passes=2)
    network = network.with_laboratory(link_transmissivity=link_transmissivity)
    modes = [dataclasses.replace(mode, **({name: 0.5} if mode.id == lossy else {})) for mode in network.modes]
    (built,) = rank_plans(network.replace(modes=modes), ["w-matrix"]).built
    assert built.mse == pytest.approx(1.0, rel=1e-8)
    columns = built.as_built.photon_protocol.columns
    place = 0 if name == "detector_efficiency" else 1
    assert columns[place][int(lossy == "s2")] == 1


def at_the_rim(sensing: str) -> SensorNetwork:
    """Values that are allowed, of which products and squares are beyond the range of floats."""
    if sensing == "displacement":
        network = SensorNetwork.chain(["1/2", 2], sensing=sensing, mean_photons=6.0, phase_jitter_rad=2.7)
        dark = dict.fromkeys(("detector_efficiency", "visibility", "transmissivity"), 1e-100)
        worst = {**dark, "mean_photons_max": 1e-284}
    else:
        network = SensorNetwork.chain([-3, 1, 2], sensing=sensing, photons=6, passes=2)
        worst = {"visibility": 1e-100, "detector_efficiency": 1e-100}
    first, *rest = network.modes
    return network.replace(modes=(dataclasses.replace(first, **worst), *rest))


@pytest.mark.parametrize("sensing", ["displacement", "phase"])
def test_what_is_beyond_the_largest_number_is_infinite(sensing: str) -> None:
    """Without a warning, which is an error in tests."""
    result = design(at_the_rim(sensing))
    assert any(candidate.mse == math.inf for candidate in result.candidates)
    assert not any(math.isnan(candidate.mse) for candidate in result.candidates)
    shares = [part.share for part in result.candidates[-1].plan.parts]
    assert math.fsum(shares) > 0


@pytest.mark.parametrize("squeezers", [None, 1])
def test_next_to_no_light_is_none(squeezers: int | None) -> None:
    """A cap of the least number there is gives what a cap gives that nobody could tell from none."""
    errors = []
    for cap in (5e-324, 1e-30):
        network = SensorNetwork.chain([1, -3, "1/4"], sensing="displacement", mean_photons=4.0, squeezers=squeezers)
        first, second, third = network.modes
        second = dataclasses.replace(second, mean_photons_max=cap)
        third = dataclasses.replace(third, mean_photons_max=cap, electronic_noise=0.5)
        ranked = rank_plans(network.replace(modes=(first, second, third))).built
        errors.append({one.plan.scheme: one.mse for one in ranked})
    assert errors[0] == pytest.approx(errors[1], rel=1e-9)
