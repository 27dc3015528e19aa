"""mean_photons_max of photon states and coherent light: kept by circuits, the best by brute force, monotone, continuous."""

from __future__ import annotations

import dataclasses
import itertools
import math
import random
from typing import ClassVar

import numpy as np
import pytest
from drawn import seeds
from scipy.optimize import minimize

from networks import Link, Mode, SensorNetwork
from photonics import Circuit, Sense, get_engine
from protocols import simulate
from protocols.built.build import build
from protocols.built.built import Built
from protocols.built.measured import measured_error
from protocols.problem import PhaseProblem
from protocols.ranking.candidates import candidates
from protocols.schemes.evaluation import evaluate
from protocols.schemes.noon import Noon
from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.schemes.registry import schemes_of
from protocols.theory.light_limits import LightLimit, light_factor, limited_populations


def random_laboratory(seed: int, *, arms: bool, noise: bool) -> SensorNetwork:
    """Two or three sensors around a reference, lossy, most of them with a limit of their light."""
    draw = random.Random(seed)

    def some(low: float, high: float) -> float | None:
        return draw.uniform(low, high) if draw.random() < 0.7 else None

    modes = [
        Mode(
            id=f"s{j}",
            coupling="mach-zehnder",
            alpha=draw.choice([-2, -1, 1, 2]),
            transmissivity=draw.uniform(0.6, 1.0),
            transmissivity_before=some(0.6, 1.0),
            detector_efficiency=some(0.6, 1.0),
            mean_photons_max=some(0.05, 1.5),
            arms=draw.choice([1, 2]) if arms else None,
        )
        for j in range(draw.randint(2, 3))
    ]
    links = [Link(ends=("hub", str(mode.id)), transmissivity=draw.uniform(0.5, 1.0)) for mode in modes]
    modes.append(Mode(id="hub", role="reference", transmissivity=0.97))
    shared = {"visibility": some(0.8, 1.0), "dark_counts": some(0.0, 0.02)} if noise else {}
    return SensorNetwork(
        sensing="phase", modes=modes, links=links, passes=draw.randint(1, 2), photons=draw.randint(1, 4), **shared
    )


def with_limits(network: SensorNetwork, factor: float | None) -> SensorNetwork:
    """Every limit times a factor, or without any."""

    def changed(mode: Mode) -> Mode:
        most = mode.mean_photons_max
        return dataclasses.replace(mode, mean_photons_max=None if most is None or factor is None else most * factor)

    return network.replace(modes=tuple(map(changed, network.modes)))


def all_built(network: SensorNetwork) -> dict[str, Built]:
    made = {name: build(scheme, network) for name, scheme in schemes_of("phase").items()}
    return {name: built for name, built in made.items() if isinstance(built, Built)}


def brightest(part: Part, problem: PhaseProblem) -> float:
    """The most light at a sensor before any pass, over its limit, by the engine."""
    circuit, worst, passes = part.circuit, 0.0, 0
    for place, op in enumerate(circuit.operations):
        if not isinstance(op, Sense):
            continue
        before = Circuit(modes=circuit.modes, operations=circuit.operations[:place])
        photons = get_engine("native").run(before, [0.0] * len(op.modes) if passes else []).photon_number()
        passes += 1
        for site, most in zip(problem.sites, problem.light_caps, strict=True):
            here = [problem.sensor_modes[k] for k in site]
            worst = max(worst, sum(float(photons[circuit.place[m]]) for m in here if m in circuit.place) / most)
    return worst


@pytest.mark.parametrize("noise", [False, True])
@pytest.mark.parametrize("arms", [False, True])
@seeds(8)
def test_circuits_keep_to_the_limits_and_have_the_errors_that_are_told(seed: int, arms: bool, noise: bool) -> None:
    network = random_laboratory(seed, arms=arms, noise=noise)
    problem = PhaseProblem(network=network)
    for name, built in all_built(network).items():
        plan = built.as_built
        assert evaluate(plan, problem, detected=True).mse == pytest.approx(plan.predicted_mse, rel=1e-9), name
        assert measured_error(plan, problem) == pytest.approx(built.mse, rel=1e-9), name
        parts = list(plan.parts)
        if name in ("noon", "w-matrix"):
            # The plan spreads what links lose evenly over the photons of a branch; the layout's own circuit has every link.
            assert built.layout is not None
            parts = [dataclasses.replace(parts[0], circuit=built.layout.circuit(problem))]
        elif built.layout is not None:
            parts += list(built.layout.parts(problem))
        assert max(brightest(part, problem) for part in parts) <= 1 + 1e-9, name


@pytest.mark.parametrize("arms", [False, True])
@seeds(6)
def test_more_light_allowed_never_hurts_and_limits_that_are_lifted_are_none(seed: int, arms: bool) -> None:
    network = random_laboratory(seed, arms=arms, noise=False)
    rows = [all_built(with_limits(network, factor)) for factor in (0.3, 0.9, 0.9 * (1 + 1e-8), 2.0, 1e9)]
    free = all_built(with_limits(network, None))
    for name, built in free.items():
        errors = [row[name].mse for row in rows]
        for tighter, wider in itertools.pairwise(errors):
            assert wider <= tighter * (1 + 1e-9), name
        assert errors[2] == pytest.approx(errors[1], rel=1e-6), name
        assert errors[-1] == pytest.approx(built.mse, rel=1e-12), name


def test_a_limit_is_continuous_where_it_begins_to_count() -> None:
    """Two photons between two sensors have one at each: just below that the error is just above."""
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    for name in all_built(pair):
        for most in (1.0, 1 - 1e-6):
            built = all_built(pair.with_laboratory(mean_photons_max=most))[name]
            assert built.mse == pytest.approx(all_built(pair)[name].mse, rel=1e-5), name


def test_known_numbers() -> None:
    """N = 4 between two sensors with half a photon each: sum c^2/(4 N a) = (2 + 2)/16; coherent light: sum c^2/(4 a) = 1."""
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=4, mean_photons_max=0.5)
    made = all_built(pair)
    for name in ("noon", "multimode-noon", "pairs-in-turn"):
        assert made[name].mse == pytest.approx(0.25, rel=1e-12), name
        (part,) = made[name].as_built.parts
        assert part.kept is not None
    assert made["coherent"].mse == pytest.approx(1.0, rel=1e-12)
    assert made["coherent"].as_built.mean_photons == pytest.approx(1.0, rel=1e-12)


def test_both_arms_count_together() -> None:
    """One two-armed sensor with N photons in either arm has N: half of that allowed leaves half of the shots' light."""
    one = SensorNetwork.chain([1], sensing="phase", photons=2, arms=2)
    for name, built in all_built(one).items():
        halved = all_built(one.with_laboratory(mean_photons_max=1.0))[name]
        assert halved.mse == pytest.approx(2 * built.mse, rel=1e-12), name


@seeds(8)
def test_superposed_strings_are_the_best_by_brute_force(seed: int) -> None:
    """All photon numbers, all sources and all populations, with the light and the losses counted here."""
    network = random_laboratory(seed, arms=False, noise=False)
    problem = PhaseProblem(network=network)
    link = {str(end): edge.transmissivity for edge in network.links for end in edge.ends if end != "hub"} | {"hub": 1.0}
    total = sum(problem.alpha)
    terms = dict(zip(problem.sensor_modes, problem.alpha, strict=True)) | ({"hub": -total} if total else {})
    best = math.inf
    for root in link:
        way = {node: 1.0 if node == root else link[root] * link[node] for node in terms}
        for n in range(1, problem.photons + 1):
            losses = problem.losses_of
            left = {
                node: (
                    way[node] * losses[node].before * losses[node].each_pass ** problem.passes * losses[node].detected
                )
                ** n
                for node in terms
            }
            weights = np.array([terms[node] ** 2 / (4 * n**2 * problem.passes**2 * left[node]) for node in terms])
            most = np.array(
                [
                    network.bench(node).mean_photons_max / (n * way[node] * losses[node].before)
                    if node != "hub"
                    else 1.0
                    for node in terms
                ]
            )
            most = np.minimum(most, 1.0)
            best = min(best, _least(weights, most))
    built = all_built(network)["multimode-noon"]
    assert built.mse == pytest.approx(best, rel=1e-6)


def _least(weights: np.ndarray, most: np.ndarray) -> float:
    """min sum w/p with p <= most and sum p <= 1, by bisection of the common level."""
    if most.sum() <= 1:
        return float((weights / most).sum())
    low, high = 0.0, 1e6
    for _ in range(200):
        level = (low + high) / 2
        low, high = (level, high) if np.minimum(most, level * np.sqrt(weights)).sum() < 1 else (low, level)
    return float((weights / np.minimum(most, high * np.sqrt(weights))).sum())


@seeds(30)
def test_populations_of_two_strings_under_any_limits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    limits = [
        LightLimit(light=(float(rng.uniform(0, 5)), float(rng.uniform(0.2, 5))), most=float(rng.uniform(0.05, 3)))
        for _ in range(rng.integers(1, 5))
    ]
    wanted = float(rng.uniform(0.05, 0.95))
    found = limited_populations((wanted, 1 - wanted), limits)
    assert sum(found) <= 1 + 1e-12
    assert all(limit.holds(found) for limit in limits)
    own = np.array([wanted, 1 - wanted])
    searched = minimize(
        lambda p: float((own**2 / p).sum()),
        np.array(found) * 0.7,
        jac=lambda p: -((own / p) ** 2),
        constraints=[
            *({"type": "ineq", "fun": lambda p, one=one: 1 - np.dot(one.light, p) / one.most} for one in limits),
            {"type": "ineq", "fun": lambda p: 1 - p.sum()},
        ],
        bounds=[(1e-9, 1)] * 2,
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 500},
    )
    assert light_factor((wanted, 1 - wanted), found) <= searched.fun * (1 + 1e-6)


class Bright(Noon):
    """A scheme of a user's own, whose light is not known how to make less."""

    name: ClassVar[str] = "bright"

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        plan = super().plan(problem)
        return dataclasses.replace(plan, photon_protocol=None, scheme=self.name) if isinstance(plan, Plan) else plan


def test_schemes_of_a_users_own_that_are_too_bright_are_not_applicable() -> None:
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2, mean_photons_max=0.9)
    assert build(Bright(), pair) == Bright().unavailable(
        "its light at s1 is 1 photons on average in a pass, and mean_photons_max there is 0.9"
    )
    dim = build(Bright(), pair.with_laboratory(mean_photons_max=1.0))
    assert isinstance(dim, Built)
    assert dim.mse == 0.25


def test_designs_and_simulations_have_the_limits_in_them() -> None:
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2, transmissivity=0.9, mean_photons_max=0.4)
    result = candidates(pair)
    assert not [c for candidate in result.ranked for c in candidate.failed]
    noon = next(candidate for candidate in result.ranked if candidate.plan.scheme == "noon")
    assert "less light than would be best without mean_photons_max" in noon.plan.notes
    told = simulate(pair, scheme="noon", theta=[math.pi / 8, 0.0], shots=4000, trials=300, seed=1).to_dict()
    assert told["mse"] * 4000 == pytest.approx(noon.mse, abs=4 * told["mse_stderr"] * 4000 + 0.02 * noon.mse)
