"""Light that takes turns over the shots, and superposed strings, by Monte Carlo: errors beside the closed forms."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st

from networks import InputError, SensorNetwork
from protocols import simulate
from protocols.estimation.several import simulate_targets
from protocols.estimation.superposed import KNOWN, SuperposedStrings
from protocols.problem import Problem
from protocols.schemes import SCHEMES, find_scheme
from protocols.schemes.scheme import plan_of

ROOT_2 = "sqrt(2)"
TURNS = ("pairs-in-turn", "noon-in-turn")
REFERENCE = [([1, 1], 1, 4.0), ([1, 1, -1], 5, 0.16), ([ROOT_2, 1, -1], 3, 0.6476030138606877), ([1] * 4, 2, 4.0)]


def star(alpha, photons, **more):
    return SensorNetwork.star(alpha, sensing="phase", photons=photons, **more)


@pytest.mark.parametrize(("alpha", "photons", "mse"), REFERENCE)
@pytest.mark.parametrize("scheme", ["pairs-in-turn", "multimode-noon"])
def test_monte_carlo_reaches_the_bound(alpha, photons, mse, scheme):
    """Where no columns exist: many shots at the largest gain, phases known beforehand, (12) over the shots."""
    shots, trials = 4000, 4000
    result = simulate(
        star(alpha, photons), shots=shots, trials=trials, scheme=scheme, estimator="maximum-likelihood", seed=3
    ).first
    assert result.probe_bound == pytest.approx(mse / shots, rel=1e-3)
    assert result.bound == pytest.approx(mse / shots, rel=1e-12)
    assert abs(result.mse - mse / shots) < 4 * result.tally.mse_stderr + 0.01 * mse / shots
    assert abs(result.tally.coverage - 0.95) < 0.02


@pytest.mark.parametrize(("alpha", "photons", "mse"), REFERENCE)
def test_monte_carlo_of_sites_in_turn(alpha, photons, mse):
    norm = sum(abs(2**0.5 if a == ROOT_2 else a) for a in alpha)
    shots = 4000
    network = star(alpha, photons)
    result = simulate(network, shots=shots, trials=4000, scheme="noon-in-turn", estimator="parity")
    expected = (norm / photons) ** 2 / shots
    assert result.first.probe_bound == pytest.approx(expected, rel=1e-3)
    assert abs(result.first.mse - expected) < 4 * result.first.tally.mse_stderr + 0.01 * expected
    assert result.first.mse > 0.95 * mse / shots


@pytest.mark.parametrize("engine", ["native", "strawberryfields"])
@pytest.mark.parametrize("scheme", ["pairs-in-turn", "multimode-noon", "noon-in-turn"])
def test_monte_carlo_with_losses(scheme, engine):
    network = star([1, Fraction(-1, 2)], 2, transmissivity=[0.7, 0.9])
    network = network.replace(
        modes=tuple(replace(m, transmissivity=0.8) if m.role == "reference" else m for m in network.modes)
    )
    problem = Problem.of(network)
    plan = plan_of(find_scheme("phase", scheme), problem)
    estimator = "maximum-likelihood" if scheme == "multimode-noon" else "parity"
    result = simulate(network, shots=3000, trials=4000, scheme=scheme, estimator=estimator, engine=engine).first
    assert result.probe_bound == pytest.approx(plan.predicted_mse / 3000, rel=2e-3)
    # Parity with unequal weights loses some; the projection on the strings does not.
    assert result.mse > 0.95 * result.probe_bound
    if scheme == "multimode-noon":
        assert abs(result.mse - result.probe_bound) < 4 * result.tally.mse_stderr + 0.02 * result.probe_bound


@pytest.mark.parametrize("scheme", TURNS)
def test_exact_errors_of_stages_that_share_the_shots(scheme):
    """Binomial sums, phase by phase, against Monte Carlo; every shot belongs to one phase."""
    result = simulate(star([1, 2, -1], 2), shots=120, trials=20_000, scheme=scheme, estimator="robust", seed=1).first
    assert result.predicted_mse is not None
    assert abs(result.mse - result.predicted_mse) < 4 * result.tally.mse_stderr
    assert result.guaranteed_mse is not None
    assert result.mse < result.guaranteed_mse
    stages = result.resources.stages
    assert sum(stage.shots for stage in stages) == result.resources.shots <= 120
    assert result.resources.photons == sum(stage.shots * stage.photons for stage in stages)
    assert result.resources.photons + result.resources.photons_unused == 2 * 120
    # Turns are as long as the parts of q are heavy: 1, 2, 1 of the sites; 1 - 1, and 2 with the reference.
    weights = [1, 2, 1] if scheme == "noon-in-turn" else [1, 2]
    each = [sum(s.shots for s in stages[2 * k : 2 * k + 2]) for k in range(len(weights))]
    assert each == pytest.approx([120 * w / sum(weights) for w in weights], abs=2)


def test_few_shots_are_too_few_for_turns():
    with pytest.raises(InputError, match="3 phases take turns over the shots, and there are only 2"):
        simulate(star([1, 2, 1], 3), shots=2, trials=10, scheme="noon-in-turn")
    with pytest.raises(InputError, match="at least 4 shots, got 2"):
        simulate(star([1, 2, 1], 2), shots=9, trials=10, scheme="noon-in-turn", estimator="robust")


def test_a_schedule_is_for_each_turn():
    result = simulate(star([1, 1], 2), trials=10, scheme="noon-in-turn", estimator="robust", schedule=[8, 4]).first
    assert result.resources.shots == 24
    assert result.bound == pytest.approx(1.0 / 24)


def test_two_strings_are_a_noon_state():
    """Every estimator reads them, with the errors of the N00N state that they are."""
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    ours, theirs = (simulate(network, shots=100, trials=50, scheme=name) for name in ("multimode-noon", "noon"))
    assert ours.unavailable == ()
    for one, other in zip(ours.results, theirs.results, strict=True):
        assert one.estimator == other.estimator
        assert one.probe_bound == pytest.approx(other.probe_bound)
        assert one.predicted_mse == pytest.approx(other.predicted_mse)
    more = simulate(star([1, 1, -1, -1], 2), shots=100, trials=50, scheme="multimode-noon")
    assert [result.estimator for result in more.results] == ["maximum-likelihood"]


@given(
    st.lists(st.fractions(-3, 3, max_denominator=7), min_size=1, max_size=4).filter(any),
    st.integers(1, 4),
    st.sampled_from(["static", "snapshot"]),
)
@examples(25)
def test_simulate_never_refuses_and_nothing_lies_below_the_bound(alpha, photons, parameters):
    result = simulate(star(alpha, photons, parameters=parameters), shots=200, trials=400)
    best = min(row.probe_bound for row in result.results)
    assert best >= result.first.bound * (1 - 1e-9)
    assert "multimode-noon" in {row.scheme for row in result.results}
    turns = {row.scheme for row in result.results} & set(TURNS)
    assert turns == set(TURNS) or parameters == "snapshot"
    strings = next(r for r in result.results if (r.scheme, r.estimator) == ("multimode-noon", "maximum-likelihood"))
    assert strings.probe_bound == pytest.approx(strings.bound, rel=1e-6)


def test_least_variance_is_the_quantum_bound_of_the_strings():
    """Against the Fisher matrix that the engine gives, for populations in no relation to the coefficients."""
    from photonics import Circuit, FockState, Loss, PrepareFock, Sense, get_engine, nuisance_aware_information

    populations, eta, photons = np.array([0.3, 0.1, 0.6]), (0.9, 0.5, 0.7), 3
    state = FockState.from_terms(
        ("a", "b", "r"), {tuple(photons * np.eye(3, dtype=int)[k]): p**0.5 for k, p in enumerate(populations)}
    )
    losses = tuple(Loss(mode=m, transmissivity=t) for m, t in zip("abr", eta, strict=True))
    circuit = Circuit(
        modes=("a", "b", "r"),
        operations=(PrepareFock(state=state), Sense(modes=("a", "b"), generator="number"), *losses),
    )
    along = np.array([1.0, -0.3])
    information = get_engine("native").qfi(circuit, [0.0, 0.0])
    arrived = populations * np.array(eta) ** photons
    strings = SuperposedStrings(
        along=along, populations=arrived / arrived.sum(), survival=float(arrived.sum()), gain=photons, shots=7
    )
    assert strings.least_variance == pytest.approx(nuisance_aware_information(information, along).mse / 7)


def test_what_has_to_be_known_is_said():
    result = simulate(star([1, 1, -1], 5, parameters="snapshot"), shots=100, trials=100)
    assert result.first.scheme == "multimode-noon"
    assert any(f"{KNOWN:g} rad/(N M)" in note for note in result.first.notes)
    reasons = {u.reason for u in result.unavailable if u.scheme == "multimode-noon, robust"}
    assert reasons == {
        "its outcomes depend on several phases at once, which this estimator does not read (maximum-likelihood does)"
    }


def test_targets_never_refuse():
    """q_1 has no columns at N = 3, q_2 is irrational; each turn has a scheme that reaches the bound."""
    network = star([1, 1, 1], 3)
    result = simulate_targets(network, [[1, 1, 0], [ROOT_2, 1, -1]], shots=4000, trials=2000)
    assert result.turns_mse == pytest.approx(result.turns_bound, rel=0.15)
    assert result.joint_mse == pytest.approx(result.joint_bound, rel=0.1)
    snapshot = simulate_targets(network.replace(parameters="snapshot"), [[1, 1, 0], [1, 0, 0]], shots=400, trials=200)
    assert snapshot.turns_mse > 0


def test_every_phase_scheme_is_simulated_where_it_applies():
    result = simulate(star([1, 1, -1], 4, passes=2), shots=300, trials=50)
    assert {row.scheme for row in result.results} == {s.name for s in SCHEMES if s.kind == "phase"}
