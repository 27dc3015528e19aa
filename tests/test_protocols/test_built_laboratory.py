"""Plans as built in a laboratory: all attributes at random, against the outcomes of the circuits; limits at work; known numbers."""

from __future__ import annotations

import math
import random

import pytest
from drawn import seeds

from networks import Link, Mode, SensorNetwork
from protocols import design, simulate
from protocols.built.build import build
from protocols.built.built import Built
from protocols.built.measured import homodyne_error, measured_error
from protocols.problem import DisplacementProblem, PhaseProblem, Problem
from protocols.ranking.candidates import candidates
from protocols.schemes.evaluation import evaluate
from protocols.schemes.registry import schemes_of

COUPLING = {"phase": "mach-zehnder", "displacement": "displacement"}


def random_laboratory(seed: int, sensing: str) -> SensorNetwork:
    """Two or three sensors and a hub, everything lossy, limited and noisy at random, some of it left out."""
    draw = random.Random(seed)

    def some(low: float, high: float) -> float | None:
        return draw.uniform(low, high) if draw.random() < 0.7 else None

    count = draw.randint(2, 3)
    modes = [
        Mode(
            id=f"s{j}",
            coupling=COUPLING[sensing],
            alpha=draw.choice([-2, -1, 1, 2]),
            transmissivity=draw.uniform(0.6, 1.0),
            transmissivity_before=some(0.6, 1.0),
            detector_efficiency=some(0.6, 1.0),
            squeezer_efficiency=some(0.7, 1.0) if sensing == "displacement" else None,
            squeezer=draw.random() < 0.7 if sensing == "displacement" else None,
            mean_photons_max=some(0.05, 2.0) if sensing == "displacement" else None,
        )
        for j in range(count)
    ]
    modes.append(Mode(id="hub", role="reference" if sensing == "phase" else "ancilla", transmissivity=0.97))
    links = [Link(ends=("hub", f"s{j}"), transmissivity=draw.uniform(0.5, 1.0)) for j in range(count)]
    shared = {"visibility": some(0.8, 1.0), "phase_jitter_rad": some(0.0, 0.2)}
    if sensing == "phase":
        shared |= {"photons": draw.randint(1, 3), "dark_counts": some(0.0, 0.02)}
    else:
        shared |= {
            "mean_photons": draw.uniform(0.2, 5.0),
            "squeezing_db": some(1.0, 12.0),
            "squeezers": draw.choice([None, 1, 2]),
            "electronic_noise": some(0.0, 0.1),
        }
    return SensorNetwork(sensing=sensing, modes=modes, links=links, passes=draw.randint(1, 2), **shared)


def all_built(network: SensorNetwork, **options: object) -> dict[str, Built]:
    made = {name: build(scheme, network, **options) for name, scheme in schemes_of(network.sensing).items()}
    return {name: built for name, built in made.items() if isinstance(built, Built)}


@seeds(20)
def test_displacements_as_built_have_the_error_of_their_outcomes(seed: int) -> None:
    network = random_laboratory(seed, "displacement")
    problem = DisplacementProblem(network=network)
    for name, built in all_built(network).items():
        assert homodyne_error(built.as_built, problem) == pytest.approx(built.mse, rel=1e-9), name
        quantum = evaluate(built.as_built, problem).mse
        assert quantum <= built.mse * (1 + 1e-9), name
        assert built.ideal_mse <= built.mse * (1 + 1e-9), name


@seeds(12)
def test_phases_as_built_have_the_error_of_their_outcomes(seed: int) -> None:
    network = random_laboratory(seed, "phase")
    problem = PhaseProblem(network=network)
    for name, built in all_built(network).items():
        assert evaluate(built.as_built, problem, detected=True).mse == pytest.approx(
            built.as_built.predicted_mse, rel=1e-9
        ), name
        assert measured_error(built.as_built, problem) == pytest.approx(built.mse, rel=1e-9), name
        assert evaluate(built.as_built, problem).mse <= built.mse * (1 + 1e-9), name


def better(network: SensorNetwork) -> list[SensorNetwork]:
    """The same laboratory with one thing better in each."""
    out = [
        network.replace(links=tuple(Link(ends=k.ends, transmissivity=k.transmissivity**0.5) for k in network.links)),
        network.replace(visibility=None),
        network.replace(phase_jitter_rad=None),
    ]
    if network.sensing == "displacement":
        out += [
            network.replace(squeezing_db=None if network.squeezing_db is None else network.squeezing_db + 3),
            network.replace(squeezers=None if network.squeezers is None else network.squeezers + 1),
            network.replace(electronic_noise=None),
            network.replace(mean_photons=network.mean_photons * 1.5),
        ]
    else:
        out += [network.replace(dark_counts=None), network.replace(photons=network.photons + 1)]
    return out


@pytest.mark.parametrize("sensing", ["displacement", "phase"])
@seeds(8)
def test_nothing_better_makes_the_best_scheme_worse(seed: int, sensing: str) -> None:
    network = random_laboratory(seed, sensing)
    least = min(built.mse for built in all_built(network).values())
    for number, one in enumerate(better(network)):
        assert min(built.mse for built in all_built(one).values()) <= least * (1 + 1e-6), number


@seeds(6)
def test_limits_that_are_far_away_are_none(seed: int) -> None:
    network = random_laboratory(seed, "displacement").replace(squeezers=None)
    free = network.replace(squeezing_db=None)
    for name, built in all_built(network.replace(squeezing_db=60.0)).items():
        assert built.mse == pytest.approx(all_built(free)[name].mse, rel=1e-9), name


def four(link: float, **limits: object) -> SensorNetwork:
    """Four displacement sensors of alpha = 1/4 around a hub."""
    modes = [Mode(id=f"s{j}", coupling="displacement", alpha="1/4") for j in range(4)]
    links = [Link(ends=("hub", f"s{j}"), transmissivity=link) for j in range(4)]
    return SensorNetwork(sensing="displacement", modes=[*modes, Mode(id="hub", role="ancilla")], links=links, **limits)


def test_four_sensors_around_a_hub() -> None:
    """PHYSICS.md, section 9: local squeezers 0.0429 against 0.1084 from the hub; in the hub all of them have 0.1257."""
    local = all_built(four(0.6, mean_photons=4.0))
    hub = all_built(four(0.6, mean_photons=4.0), sources=["hub"])
    assert local["separable-squeezed"].mse == pytest.approx(0.0429, abs=5e-5)
    assert hub["entangled-squeezed"].mse == pytest.approx(0.1084, abs=5e-5)
    assert hub["separable-squeezed"].mse == pytest.approx(0.1257, abs=5e-5)
    assert hub["separable-squeezed"].made_at == ("hub",) * 4


def test_a_cap_of_five_db_makes_one_squeezer_and_one_at_every_site_equal() -> None:
    made = all_built(four(1.0, mean_photons=1000.0, squeezing_db=5.0))
    assert made["separable-squeezed"].mse == pytest.approx(made["entangled-squeezed"].mse, rel=1e-12)
    assert made["separable-squeezed"].mse == pytest.approx(10**-0.5 / 4, rel=1e-12)


def test_without_squeezers_all_is_vacuum_and_nobody_can_say_whether_entanglement_pays() -> None:
    result = design(four(0.9, mean_photons=4.0, squeezers=0))
    assert {candidate.mse for candidate in result.candidates} == {0.25}
    assert result.verdict.entanglement_pays is None


def test_a_number_asked_for_gives_no_squeezers_to_a_laboratory_without() -> None:
    asked = all_built(four(0.9, mean_photons=4.0, squeezers=0), squeezers=2)
    assert {built.mse for built in asked.values()} == {0.25}


def test_jitter_wipes_out_the_fringe_of_many_photons() -> None:
    """(1, -1) with sigma at both sensors: N^2 exp(-2 N^2 sigma^2) is largest near N = 1/(sqrt 2 sigma)."""
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=20, phase_jitter_rad=0.25)
    (noon,) = [built for name, built in all_built(pair).items() if name == "noon"]
    assert noon.as_built.parts[0].photons == 3
    assert noon.mse == pytest.approx(math.exp(2 * 9 * 0.0625) / 9, rel=1e-9)
    assert any("3 of 20 photons" in note for note in noon.as_built.notes)


@pytest.mark.parametrize("seed", [1, 4])
def test_simulated_displacements_of_a_laboratory(seed: int) -> None:
    network = random_laboratory(seed, "displacement")
    theta = [0.0] * len(network.sensors)
    for name, built in all_built(network).items():
        tally = simulate(network, scheme=name, shots=60, trials=3000, seed=seed, theta=theta).first.tally
        assert abs(tally.mse * 60 - built.mse) < 4 * tally.mse_stderr * 60 + 0.02 * built.mse, name


def test_checks_hold_in_a_laboratory() -> None:
    for sensing in ("displacement", "phase"):
        for candidate in candidates(random_laboratory(3, sensing)).ranked:
            assert candidate.failed == (), (sensing, candidate.plan.scheme, candidate.failed)
            assert candidate.to_dict()["quantum_mse"] <= candidate.mse * (1 + 1e-9)
    assert Problem.of(random_laboratory(3, "phase")).is_ideal is False


def test_a_visibility_that_leaves_nothing_is_said():
    """The smallest shares, 1e-400 together: slopes are nothing within floating point (found by fuzzing)."""
    network = SensorNetwork.chain(
        [1, 1],
        sensing="displacement",
        mean_photons=1.0,
        squeezers=0,
        visibility=1e-100,
        detector_efficiency=1e-100,
        transmissivity=[1, 1e-100],
    )
    result = design(network)
    assert all(math.isinf(candidate.mse) for candidate in result.candidates)
    assert "1e+200 x(s2)" in result.chosen.plan.measurement
