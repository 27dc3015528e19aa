"""Baselines that designs rank: coherent light of both kinds, and one squeezer that takes turns among the sensors."""

import json
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from scipy.optimize import minimize

from networks import InputError, SensorNetwork, save_network
from photonics import (
    BeamSplitter,
    Circuit,
    Displace,
    Homodyne,
    Interferometer,
    Loss,
    PhaseShift,
    PhotonCounting,
    Sense,
    Squeeze,
    get_engine,
    measure,
)
from protocols import design, load, simulate
from protocols.built.build import build
from protocols.built.built import Built
from protocols.conditions import NoProtocolError
from protocols.estimation.interference import LARGEST_POISSON, CountedInterference
from protocols.loss.report import loss_report
from protocols.privacy.report import network_information, privacy_report
from protocols.problem import Problem
from protocols.ranking.candidates import candidates, rank_plans
from protocols.reports.sweep_figures import draw_sweep
from protocols.schemes import find_scheme
from protocols.schemes.evaluation import evaluate, probe_theta
from protocols.schemes.readouts import interference_mse
from protocols.schemes.scheme import plan_of
from protocols.sweeps.curves import error_curves
from protocols.sweeps.results import sweep_report
from protocols.sweeps.running import run_sweep
from protocols.theory.displacement import displacement_gain, lost_share, pass_gain
from protocols.theory.squeezer_turns import best_squeezer_turns

COEFFICIENT = st.sampled_from([Fraction(n, m) for n in (-3, -2, -1, 1, 2, 3) for m in (1, 3, 10)])
ETA = st.floats(0.2, 1.0)


def phases(alpha, photons, eta=None, reference=1.0, **more):
    """A star whose reference has a loss of its own."""
    network = SensorNetwork.star(alpha, sensing="phase", photons=photons, transmissivity=eta or 1.0, **more)
    modes = tuple(replace(m, transmissivity=reference) if m.role == "reference" else m for m in network.modes)
    return network.replace(modes=modes)


def displacements(alpha, photons, eta=None, **more):
    return SensorNetwork.star(alpha, sensing="displacement", mean_photons=photons, transmissivity=eta or 1.0, **more)


def plan(network, name):
    problem = Problem.of(network)
    return plan_of(find_scheme(problem.sensing, name), problem)


# --- one squeezer in turn ------------------------------------------------------------------------------------


@examples(40)
@given(st.lists(st.tuples(COEFFICIENT, ETA), min_size=1, max_size=4), st.floats(-3, 2), st.integers(1, 3))
def test_no_shares_of_the_shots_are_better(sensors, magnitude, passes):
    alpha, eta = [float(a) for a, _ in sensors], [e for _, e in sensors]
    nbar, d = 10**magnitude, len(sensors)
    turns = best_squeezer_turns(alpha, eta, nbar, passes)
    vacuum = np.array([pass_gain(e, passes) for e in eta]) ** 2
    noise = np.array([lost_share(e, passes) + e**passes / displacement_gain(nbar) for e in eta])

    def error(shares):
        return float(np.sum(np.square(alpha) / (shares * vacuum / noise + (1 - shares) * vacuum)))

    assert math.fsum(turns.shares) == pytest.approx(1, abs=1e-12)
    assert min(turns.shares) >= 0
    assert turns.mse == pytest.approx(error(np.array(turns.shares)), rel=1e-9)
    found = minimize(
        error,
        np.full(d, 1 / d),
        bounds=[(0, 1)] * d,
        constraints={"type": "eq", "fun": lambda shares: shares.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert turns.mse <= found.fun * (1 + 1e-9)
    assert turns.mse == pytest.approx(found.fun, rel=1e-5)


@pytest.mark.parametrize("alpha", [(1.0, 1.0), (3.0, -1.0, 0.5)])
def test_strong_squeezing_is_the_formula_without_vacuum_shots(alpha):
    """||alpha||_1^2/(t^2 f(nbar)) is what squeezed shots alone reach; vacuum shots add what vanishes beside them."""
    alone = sum(map(abs, alpha)) ** 2
    ratios = [
        best_squeezer_turns(alpha, (1.0,) * len(alpha), n, 1).mse * displacement_gain(n) / alone for n in (1, 1e8)
    ]
    assert ratios[0] < 0.9
    assert ratios[1] == pytest.approx(1, rel=1e-6)
    assert ratios[1] <= 1


@pytest.mark.parametrize(
    "case", [([1, 1], 1.0, None, 1), ([3, -1, "1/2"], 2.0, [0.9, 0.5, 0.7], 2), ([1, 0, 2], 0.1, 0.6, 1)]
)
def test_turns_are_what_whole_circuits_tell(case):
    """All sensors in one circuit a turn, the squeezer at one of them, homodyne on all; information adds over the shots."""
    alpha, nbar, eta, passes = case
    network = displacements(alpha, nbar, eta, passes=passes)
    problem = Problem.of(network)
    modes = problem.sensor_modes
    losses = [Loss(mode=m, transmissivity=e) for m, e in zip(modes, problem.transmissivity, strict=True) if e < 1]
    each = (Sense(modes=modes, generator="momentum"), *losses) * passes
    r = math.asinh(math.sqrt(nbar))
    total = 0.0
    for mode, share in zip(modes, problem.task.squeezer_turns.shares, strict=True):
        circuit = Circuit(modes=modes, operations=(Squeeze(mode=mode, r=r), *each))
        total += share * measure(circuit, Homodyne(), [0.1] * len(modes)).fisher_matrix()
    a = np.array(problem.alpha)
    expected = float(a @ np.linalg.solve(total, a))
    made = plan(network, "squeezed-in-turn")
    assert made.predicted_mse == pytest.approx(expected, rel=1e-9)
    assert evaluate(made, problem).mse == pytest.approx(expected, rel=1e-9)
    used = [j for j, x in enumerate(a) if x]
    whole = network_information(made, problem)
    assert np.allclose(whole[np.ix_(used, used)], total[np.ix_(used, used)], rtol=1e-9)


def test_turns_lie_between_squeezers_at_every_site_and_the_vacuum():
    """f is concave, so a share of the shots at nbar is no better than that share of the photons in all of them."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        d = int(rng.integers(1, 6))
        network = displacements(
            [round(x, 3) or 1 for x in rng.normal(size=d)], 10 ** rng.uniform(-2, 2), list(rng.uniform(0.3, 1, d))
        )
        error = {p.scheme: p.predicted_mse for p in rank_plans(network).plans}
        assert error["separable-squeezed"] <= error["squeezed-in-turn"] * (1 + 1e-9)
        assert error["squeezed-in-turn"] < error["coherent"]


@pytest.mark.parametrize(("shots", "eta", "passes"), [(7, None, 1), (40, [0.9, 0.5, 0.7], 2)])
def test_monte_carlo_of_a_squeezer_in_turn(shots, eta, passes):
    network = displacements([2, -1, 1], 1.5, eta, passes=passes)
    result = simulate(network, shots=shots, trials=20_000, scheme="squeezed-in-turn", seed=5).first
    assert abs(result.mse - result.predicted_mse) < 4 * result.tally.mse_stderr
    # Whole numbers of shots near the shares.
    exact = plan(network, "squeezed-in-turn").predicted_mse / shots
    assert exact * (1 - 1e-9) <= result.predicted_mse < 1.2 * exact
    assert result.predicted_mse == pytest.approx(result.probe_bound, rel=1e-12)
    assert abs(result.tally.coverage - 0.95) < 0.01
    assert sum(use.shots for use in result.resources.stages) == shots == result.resources.shots
    assert result.resources.photons == pytest.approx(1.5 * shots)
    turns = len(result.resources.stages)
    match = f"{turns} places of the squeezer take turns over the shots, and there are only {turns - 1}"
    with pytest.raises(InputError, match=match):
        simulate(network, shots=turns - 1, trials=10, scheme="squeezed-in-turn")


def test_turns_need_static_parameters_unless_the_squeezer_stays():
    reason = plan(displacements([1, 1], 1.0, parameters="snapshot"), "squeezed-in-turn").reason
    assert "snapshot" in reason
    staying = plan(displacements([1, "1/10"], 1.0, parameters="snapshot"), "squeezed-in-turn")
    assert [part.share for part in staying.parts] == [1.0, 1.0]
    expected = 1 / displacement_gain(1.0) + 0.01
    assert staying.predicted_mse == pytest.approx(expected, rel=1e-12)
    with pytest.raises(InputError, match="snapshot"):
        error_curves(displacements([1, 1], 1.0, parameters="snapshot"), "mean_photons", schemes=["squeezed-in-turn"])


# --- no squeezing --------------------------------------------------------------------------------------------


@examples(20)
@given(st.lists(st.tuples(COEFFICIENT, ETA), min_size=1, max_size=3), st.integers(1, 3))
def test_vacuum_shots_have_the_noise_of_the_vacuum(sensors, passes):
    """x moves by sum eta^(m/2) a pass and its noise stays that of the vacuum; coherent light in addition changes nothing."""
    alpha, eta = [a for a, _ in sensors], [e for _, e in sensors]
    network = displacements(alpha, 3.0, eta, passes=passes)
    problem = Problem.of(network)
    expected = math.fsum((float(a) / math.fsum(e ** (m / 2) for m in range(1, passes + 1))) ** 2 for a, e in sensors)
    made = plan(network, "coherent")
    assert made.predicted_mse == pytest.approx(expected, rel=1e-9)
    assert evaluate(made, problem).mse == pytest.approx(expected, rel=1e-9)
    bright = replace(
        made,
        parts=tuple(
            replace(
                p,
                circuit=replace(
                    p.circuit, operations=(Displace(mode=p.circuit.modes[0], x=3.0), *p.circuit.operations)
                ),
            )
            for p in made.parts
        ),
    )
    assert evaluate(bright, problem).mse == pytest.approx(expected, rel=1e-9)


def test_vacuum_shots_use_no_photons():
    result = simulate(displacements([1, -2], 3.0, 0.8), shots=9, trials=20_000, scheme="coherent", seed=2).first
    assert abs(result.mse - result.predicted_mse) < 4 * result.tally.mse_stderr
    assert result.predicted_mse == pytest.approx((1 + 4) / 0.8 / 9)
    assert (result.resources.photons, result.resources.photons_unused) == (0, 27)
    (spent, *_) = next(c for c in candidates(displacements([1, -2], 3.0)).ranked if c.plan.scheme == "coherent").checks
    assert spent.holds
    assert spent.witness == "0 of 3"


# --- coherent light for phases -------------------------------------------------------------------------------


def mixture_information(photons, populations, eta, passes):
    """Of coherent light whose phase nobody knows: a Poisson mixture of n separate photons, each with these populations."""
    arriving = np.array(populations) * np.array(eta) ** passes
    total = 0.0
    for n in range(1, 200):
        weight = math.exp(n * math.log(photons) - photons - math.lgamma(n + 1))
        # One photon with the chance to arrive: 4 Cov(n_i, n_j) of the conditional state times that chance.
        chance = arriving.sum()
        c = arriving / chance
        total += weight * n * chance * 4 * passes**2 * (np.diag(c) - np.outer(c, c))
    return total


@pytest.mark.parametrize(
    ("alpha", "photons", "eta", "reference", "passes"),
    [([1, 1], 3, None, 1.0, 1), ([2, -1, "1/3"], 5, [0.9, 0.5, 0.8], 0.6, 2), ([1, -1], 2, [0.5, 0.9], 1.0, 3)],
)
def test_coherent_light_is_a_mixture_of_separate_photons(alpha, photons, eta, reference, passes):
    network = phases(alpha, photons, eta, reference, passes=passes)
    problem = Problem.of(network)
    made = plan(network, "coherent")
    (part,) = made.parts
    light = {op.mode: (op.x / 2) ** 2 for op in part.circuit.operations if isinstance(op, Displace)}
    assert sum(light.values()) == pytest.approx(photons)
    populations = [light.get(mode, 0.0) / photons for mode in part.circuit.modes]
    etas = [problem.transmissivity_of[mode] for mode in part.circuit.modes]
    d = len(alpha)
    expected = mixture_information(photons, populations, etas, passes)[:d, :d]
    information = network_information(made, problem)
    assert np.allclose(information, expected, rtol=1e-9, atol=1e-12)
    a = np.array(problem.alpha)
    assert a @ np.linalg.pinv(expected, hermitian=True) @ a == pytest.approx(made.predicted_mse, rel=1e-9)
    assert evaluate(made, problem).mse == pytest.approx(made.predicted_mse, rel=1e-9)


@examples(15)
@given(st.lists(st.tuples(COEFFICIENT, ETA), min_size=1, max_size=3), ETA, st.integers(1, 2))
def test_no_amplitudes_are_better(sensors, reference, passes):
    alpha, eta = [a for a, _ in sensors], [e for _, e in sensors]
    problem = Problem.of(phases(alpha, 4, eta, reference, passes=passes))
    a = np.array(problem.alpha)
    net = float(sum(problem.function.alpha))
    etas = np.array([*eta, reference]) ** passes

    def error(logs):
        n = np.exp(logs - np.max(logs))
        x = 4 * n / n.sum() * etas * passes**2
        return float(np.sum(a**2 / (4 * x[:-1])) + (net**2 / (4 * x[-1]) if net else 0.0))

    best = min(
        minimize(error, start, method="BFGS", options={"gtol": 1e-9}).fun
        for start in (np.zeros(len(etas)), -np.arange(len(etas)))
    )
    found = find_scheme("phase", "coherent").mse(problem.task)
    assert found <= best * (1 + 1e-9)
    assert found == pytest.approx(best, rel=1e-3)


def test_lossless_coherent_light_is_the_row_of_the_bounds():
    for alpha in ([1, 1, 1], [2, -1], [1, 1, -3]):
        network = phases(alpha, 5, passes=2)
        (row,) = [row for row in Problem.of(network).bounds.rows if (row.sensing, row.probes) == ("phase", "coherent")]
        assert plan(network, "coherent").predicted_mse == pytest.approx(row.mse, rel=1e-12)


def test_a_reference_of_which_little_arrives_loses_no_digits():
    network = phases([1, 1], 2, [1.0, 1.0], 1e-12)
    result = next(c for c in candidates(network).ranked if c.plan.scheme == "coherent")
    assert not result.failed
    assert result.mse == pytest.approx((2 + 2e6) ** 2 / 8, rel=1e-9)


def counted_behind(plan_, theta):
    """Classical Fisher matrix of counts behind explicit beam splitters, from mean photons at shifted phases (Poisson)."""
    (part,) = plan_.parts
    circuit = part.circuit
    left = {mode: (mode, 1.0) for mode in circuit.modes}
    operations, extra = list(circuit.operations), []
    for number, beam in enumerate(plan_.interference):
        names = []
        for mode, share in ((beam.first, beam.first_share), (beam.second, beam.second_share)):
            # A beam splitter takes the share of this beam off what is left of the mode.
            here, rest = left[mode]
            taken = f"{mode} beam {number}"
            extra.append(taken)
            operations.append(
                BeamSplitter(first=here, second=taken, theta_rad=math.asin(math.sqrt(min(1.0, share / rest))))
            )
            left[mode] = (here, rest - share)
            names.append(taken)
        modes = (*circuit.modes, *extra)
        so_far = get_engine("native").run(Circuit(modes=modes, operations=tuple(operations)), theta)
        a, b = (complex(so_far.mean[modes.index(m)], so_far.mean[modes.index(m) + len(modes)]) for m in names)
        # Real 50:50 beam splitters interfere cos; mid-fringe is a quarter of a turn.
        operations.append(PhaseShift(mode=names[1], angle_rad=float(np.angle(a) - np.angle(b)) + math.pi / 2))
        operations.append(BeamSplitter(first=names[0], second=names[1], theta_rad=math.pi / 4))
    return Circuit(modes=(*circuit.modes, *extra), operations=tuple(operations))


@pytest.mark.parametrize(
    ("alpha", "eta", "reference"),
    [([1, 1], None, 1.0), ([2, -1, "1/2"], [0.9, 0.5, 0.7], 0.8), ([1, -1], [0.4, 0.9], 1.0)],
)
def test_counting_behind_beam_splitters_keeps_all_information(alpha, eta, reference):
    network = phases(alpha, 3, eta, reference)
    problem = Problem.of(network)
    made = plan(network, "coherent")
    (theta,) = probe_theta(made)
    circuit = counted_behind(made, theta)
    runner = get_engine("native")

    def means(at):
        return np.asarray(runner.run(circuit, at).photon_number())

    step = 1e-5
    slopes = np.array(
        [
            (
                means([t + step * (k == j) for k, t in enumerate(theta)])
                - means([t - step * (k == j) for k, t in enumerate(theta)])
            )
            / (2 * step)
            for j in range(len(theta))
        ]
    )
    now = means(theta)
    seen = now > 1e-9
    information = (slopes[:, seen] / now[seen]) @ slopes[:, seen].T
    a = np.array(problem.alpha)
    error = float(a @ np.linalg.pinv(information, rcond=1e-7, hermitian=True) @ a)
    assert error == pytest.approx(made.predicted_mse, rel=1e-6)
    (part,) = made.parts
    assert interference_mse(made.interference, part, theta, problem.alpha) == pytest.approx(error, rel=1e-6)


def test_counting_two_modes_by_their_photon_numbers():
    """The same from the joint distribution of counts: no Poisson statistics put in."""
    network = phases([1, -1], 2, [0.5, 0.8])
    made = plan(network, "coherent")
    (theta,) = probe_theta(made)
    modes = [m for m in made.parts[0].circuit.modes if m != "ref"]
    circuit = made.parts[0].circuit
    behind = Circuit(
        modes=circuit.modes,
        operations=(
            *circuit.operations,
            PhaseShift(mode=modes[1], angle_rad=theta[1] - theta[0] + math.pi / 2),
            BeamSplitter(first=modes[0], second=modes[1], theta_rad=math.pi / 4),
        ),
    )
    information = measure(behind, PhotonCounting(largest_lost_weight=1e-9), theta).fisher_matrix()
    a = np.array([1.0, -1.0])
    assert a @ np.linalg.pinv(information, rcond=1e-6, hermitian=True) @ a == pytest.approx(
        made.predicted_mse, rel=1e-6
    )


@pytest.mark.parametrize("engine", ["native", "strawberryfields"])
@pytest.mark.parametrize(
    ("alpha", "eta", "reference", "passes"),
    [([1, 1], None, 1.0, 1), ([2, -1, "1/2"], [0.9, 0.6, 0.7], 0.8, 2), ([1, -1], [0.9, 0.7], 1.0, 1)],
)
def test_monte_carlo_of_coherent_light(engine, alpha, eta, reference, passes):
    network = phases(alpha, 4, eta, reference, passes=passes)
    shots = 5000
    result = simulate(network, shots=shots, trials=20_000, scheme="coherent", seed=11, engine=engine).first
    expected = Problem.of(network).task.shot_noise / shots
    assert result.probe_bound == pytest.approx(expected, rel=1e-9)
    # Phases are up to 0.2 rad away from mid-fringe, where beams of unequal brightness tell a little less.
    assert -4 * result.tally.mse_stderr < result.mse - expected < 4 * result.tally.mse_stderr + 0.01 * expected
    assert abs(result.tally.bias) < 4 * result.tally.bias_stderr
    assert abs(result.tally.coverage - 0.95) < 0.01
    assert result.bound is None
    assert result.resources.photons == 4 * shots
    assert any("on average" in note for note in result.notes)


def test_counts_of_very_bright_light_are_drawn():
    many = CountedInterference(
        weights=np.array([1.0]), first=np.array([1e13]), second=np.array([2e13]), gain=1, shots=10**6
    )
    assert many.shots * many.first[0] > LARGEST_POISSON
    errors = many.repeat(20_000, np.random.default_rng(1)).error
    assert np.mean(errors**2) == pytest.approx(many.least_variance, rel=0.05)


def test_other_estimators_do_not_read_coherent_light():
    result = simulate(phases([1, 1], 2), trials=10, schemes=["coherent", "noon"])
    reasons = {one.scheme: one.reason for one in result.unavailable}
    assert "maximum-likelihood does" in reasons["coherent, robust"]
    assert {one.estimator for one in result.results if one.scheme == "coherent"} == {"maximum-likelihood"}


# --- ranked beside the others --------------------------------------------------------------------------------


def test_one_photon_needs_no_entanglement_and_losses_end_it():
    one = design(phases([1, 2], 1))
    assert one.chosen.plan.scheme == "coherent"
    assert one.chosen.mse == pytest.approx(9)
    assert "ties with" in one.why
    lossy = candidates(
        phases([1, 1], 6, [0.2, 0.2], 0.2), schemes=["noon", "multimode-noon", "separable-phase", "coherent"]
    )
    assert lossy.best.plan.scheme == "coherent"
    assert lossy.best.mse == pytest.approx((4 / math.sqrt(0.2)) ** 2 / 24)
    assert all(not candidate.failed for candidate in lossy.ranked)


def test_coherent_light_has_no_bound_beside_photon_states(tmp_path):
    result = design(phases([1, 1], 2))
    row = next(c for c in result.candidates if c.plan.scheme == "coherent")
    assert (row.bound, row.ratio) == (None, None)
    assert row.mse == pytest.approx(2)
    document = result.to_dict()
    (printed,) = [c for c in document["candidates"] if c["scheme"] == "coherent"]
    assert (printed["bound"], printed["ratio"]) == (None, None)
    assert any("on average" in note for note in printed["notes"])
    assert any("ranked beside them all the same" in note for note in result.notes)
    chosen = design(phases([1, 1], 1))
    assert not any("ranked beside" in note for note in chosen.notes)
    assert any("on average" in note for note in chosen.chosen.plan.notes)
    result.save(tmp_path / "design.json")
    assert load(tmp_path / "design.json") == result
    assert "coherent" in repr(row) or "coherent" in str(row)
    # Displacements have one kind of resource, and (15) is about all light.
    other = candidates(displacements([1, 1], 1.0))
    assert all(c.ratio == pytest.approx(c.mse / c.bound) for c in other.ranked)


def test_loss_reports_and_curves_have_the_baselines():
    report = loss_report(phases([1, 1], 2, 0.7))
    (row,) = [row for row in report.rows if row.scheme == "coherent"]
    assert row.over_shot_noise == pytest.approx(1)
    assert (row.crosses_at, row.needs_share) == (None, None)
    assert "on average" in row.note
    (read,) = [m for m in report.measurements if m.scheme == "coherent"]
    assert read.share == pytest.approx(1)
    squeezed = loss_report(displacements([1, 1], 1.0, 0.7))
    assert {row.scheme for row in squeezed.rows} >= {"squeezed-in-turn", "coherent"}
    curves = error_curves(phases([1, 1], 2), "photons", start=2, stop=3)
    (shot_noise,) = [curve for curve in curves.curves if curve.kind == "coherent"]
    assert shot_noise.label == "coherent (shot noise)"
    assert shot_noise.errors == pytest.approx([2.0, 4 / 3])


@pytest.mark.parametrize("schemes", [["coherent"], ["coherent", "noon"]])
def test_sweeps_have_no_bound_for_coherent_light(tmp_path, schemes):
    save_network(phases([1, 1], 2), tmp_path / "n.json")
    spec = tmp_path / "sweep.toml"
    spec.write_text(
        'name = "baselines"\nnetwork = "n.json"\ntrials = 50\nshots = 40\nestimator = "maximum-likelihood"\n'
        f"[axes]\nscheme = {json.dumps(schemes)}\ntransmissivity = [0.8, 0.9]\n"
    )
    assert run_sweep(spec, tmp_path / "out", workers=1).failed == 0
    report = sweep_report(tmp_path / "out")
    rows = [dict(zip(report.table.columns, row, strict=True)) for row in report.table.rows]
    named = [row for row in rows if row.get("scheme", "coherent") == "coherent"]
    assert {row["bound"] for row in named} == {"-"}
    assert len(report.bounds) == len(schemes) - 1
    draw_sweep(report)


def test_privacy_of_coherent_light():
    balanced = privacy_report(phases([1, -1], 2), scheme="coherent")
    assert balanced.privacy == pytest.approx(1)
    # With the common phase known, coherent light tells of each theta_j by itself.
    (part,) = plan(phases([1, -1], 2), "coherent").parts
    own = get_engine("native").qfi(part.circuit, [0.1, 0.2])
    assert np.allclose(own, np.diag([4.0, 4.0]))
    assert any("whoever holds the laser" in note for note in balanced.notes)
    shared = privacy_report(phases([1, 1], 2), scheme="coherent")
    assert shared.privacy < 0.9
    with pytest.raises(InputError, match="not computed; leave the noise out"):
        privacy_report(phases([1, 1], 2), scheme="coherent", noise=0.1)
    turns = privacy_report(displacements([1, 1], 1.0), scheme="squeezed-in-turn")
    assert turns.privacy == pytest.approx(0.5)


def test_no_protocol_is_left_when_turns_are_all_that_is_wanted():
    with pytest.raises(NoProtocolError, match="snapshot"):
        rank_plans(displacements([1, 1], 1.0, parameters="snapshot"), ["squeezed-in-turn"])


def test_commands_take_the_baselines(tmp_path, psn):
    phase, moved = tmp_path / "n.json", tmp_path / "d.json"
    save_network(phases([1, 1], 2), phase)
    save_network(displacements([1, 1], 2.0), moved)
    status, _, error = psn("hardware", "perceval", phase, "--scheme", "coherent", "--theta", "0.1,0.2")
    assert status == 2
    assert "recipes are for states of photon number" in error
    for number, file in enumerate((phase, moved)):
        for words in (["design", "--out", tmp_path / f"made{number}"], ["loss"], ["simulate", "--trials", "50"]):
            status, out, _ = psn(words[0], file, *words[1:])
            assert status == 0
            assert "coherent" in out
        status, _, _ = psn("privacy", file, "--scheme", "coherent")
        assert status == 0


# --- the engine's shortcut for coherent light ----------------------------------------------------------------


@pytest.mark.parametrize("passes", [1, 3])
def test_coherent_light_in_the_engine_is_that_of_the_general_way(passes):
    """An idle squeezed mode behind a beam splitter of no effect makes the engine follow all covariances."""
    modes = ("a", "b", "c")
    losses = (Loss(mode="a", transmissivity=0.7), Loss(mode="b", transmissivity=0.9))
    each = (Sense(modes=("a", "b"), generator="number"), *losses)
    light = (Displace(mode="a", x=1.2, p=0.3), Displace(mode="b", x=-0.7))
    theta = [0.3, -0.8]
    native = get_engine("native")
    short = Circuit(modes=modes, operations=(*light, *each * passes))
    # Unitaries leave rounding in the covariance, so that it is the vacuum's no more to the last bit.
    unitary = np.array([[0.6, 0.8], [-0.8, 0.6]])
    long = Circuit(
        modes=modes,
        operations=(
            Interferometer(modes=("a", "b"), unitary=unitary),
            Interferometer(modes=("a", "b"), unitary=unitary.T),
            PhaseShift(mode="a", angle_rad=0.7),
            PhaseShift(mode="a", angle_rad=-0.7),
            *light,
            *each * passes,
        ),
    )
    assert np.allclose(native.qfi(short, theta), native.qfi(long, theta), rtol=1e-9, atol=1e-12)
    assert np.allclose(native.run(short, theta).mean, native.run(long, theta).mean)
    other = get_engine("strawberryfields").qfi(short, theta)
    assert np.allclose(native.qfi(short, theta), other, rtol=1e-9, atol=1e-10)
    expected = [1.53 * 0.7**passes * passes**2, 0.49 * 0.9**passes * passes**2]
    assert np.allclose(native.qfi(short, theta), np.diag(expected))


def test_two_squeezers_in_turn_have_their_error_in_simulated_trials() -> None:
    network = SensorNetwork.star([1, 1, -1.5], sensing="displacement", mean_photons=3.0, squeezing_db=5.0, squeezers=2)
    built = build(find_scheme("displacement", "squeezed-in-turn"), network)
    assert isinstance(built, Built)
    lit = [part for part in built.as_built.parts if part.has_light]
    assert math.fsum(part.share for part in lit) == pytest.approx(2, rel=1e-12)
    told = simulate(network, scheme="squeezed-in-turn", shots=3000, trials=500, seed=5).to_dict()
    assert told["mse"] * 3000 == pytest.approx(built.mse, abs=4 * told["mse_stderr"] * 3000)
