"""Simulated estimates of phases with Gaussian light: against designs, closed forms, brute force over shots, and distributions."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from drawn import seeds

from networks import InputError, Link, SensorNetwork, save_network
from photonics import GaussianOutcomes, Moments, measure
from protocols.built.build import build
from protocols.built.built import Built
from protocols.built.measured import detected_beams
from protocols.estimation.light_readings import NoiseReadings, readings_of
from protocols.estimation.light_samplers import MOST_DRAWN, NormalSampler, PortSampler, ShotSampler
from protocols.estimation.light_setups import LightSetup, light_setup
from protocols.estimation.simulation import default_theta, simulate
from protocols.estimation.trials import BATCH
from protocols.estimation.turned_noise import TurnedNoise
from protocols.problem import GaussianProblem, Problem
from protocols.schemes import Plan, find_scheme
from protocols.schemes.registry import schemes_of
from protocols.sweeps.reading import spec_from

SHOTS, TRIALS = 60, 4000


def laboratory(draw: random.Random, kind: str) -> dict[str, Any]:
    """Attributes of a laboratory, each there or not."""
    ranges = {
        "transmissivity": (0.6, 1.0),
        "transmissivity_before": (0.7, 1.0),
        "detector_efficiency": (0.6, 1.0),
        "visibility": (0.8, 1.0),
        "electronic_noise": (0.0, 0.2),
        "phase_jitter_rad": (0.0, 0.1),
        "dark_counts": (0.0, 0.5),
        "squeezer_efficiency": (0.7, 1.0),
    }
    # Homodyne detection has no dark counts.
    left_out = ("dark_counts",) if kind == "free" else ()
    given = {name: draw.uniform(*ends) for name, ends in ranges.items() if name not in left_out and draw.random() < 0.6}
    if draw.random() < 0.4:
        given.pop("phase_jitter_rad", None)
    return given


def random_network(seed: int) -> SensorNetwork:
    draw = random.Random(seed)
    kind = ("two", "free", "paid")[seed % 3]
    alpha = [draw.choice((-2, -1, 1, 2, "1/2")) for _ in range(draw.randint(2, 3))]
    light = {"mean_photons": 10 ** draw.uniform(0.7, 6), "squeezing_db": draw.uniform(3, 12)}
    arms = {"arms": 2} if kind == "two" else {"phase_reference": kind}
    network = SensorNetwork.star(
        alpha, sensing="phase", passes=draw.randint(1, 2), **light, **arms, **laboratory(draw, kind)
    )
    links = tuple(Link(ends=link.ends, transmissivity=draw.uniform(0.7, 1.0)) for link in network.links)
    return network.replace(links=links)


@seeds(12)
def test_errors_are_those_of_the_design_as_built(seed: int) -> None:
    """Every scheme that can be built on a random laboratory: the simulated error within 4 sigma of the design's, over the shots."""
    network = random_network(seed)
    problem = Problem.of(network)
    result = simulate(
        network, shots=SHOTS, trials=TRIALS, seed=seed, theta=[0.0] * len(problem.sites), estimator="linear"
    )
    for one in result.results:
        built = build(find_scheme("gaussian", one.scheme), problem)
        assert isinstance(built, Built)
        design = built.mse / SHOTS
        # Turns have whole numbers of shots near their shares.
        assert one.predicted_mse == pytest.approx(design, rel=0.1 if built.as_built.takes_turns else 1e-8)
        assert one.predicted_mse is not None
        assert abs(one.mse - one.predicted_mse) < 4 * one.tally.mse_stderr, one.scheme
        assert abs(one.tally.bias) < 4 * one.tally.bias_stderr
        assert one.mse + 4 * one.tally.mse_stderr > one.probe_bound
        assert one.bound is not None
        assert one.probe_bound >= one.bound * (1 - 1e-9)
        assert abs(one.tally.coverage - 0.95) < 0.02
        assert one.fringe_error_share == 0


def test_every_scheme_was_among_the_random_laboratories() -> None:
    seen = set()
    for seed in range(12):
        problem = Problem.of(random_network(seed))
        seen |= {s.name for s in schemes_of("gaussian").values() if isinstance(build(s, problem), Built)}
    assert seen == set(schemes_of("gaussian"))


@pytest.mark.parametrize("estimator", ["linear", "maximum-likelihood"])
def test_default_phases_leave_estimates_linear(estimator: str) -> None:
    """Neither biased nor noisier than at theta = 0 to what 10^4 trials can tell, for bright, squeezed and dim light."""
    for network in (
        SensorNetwork.star([1, -1], sensing="phase", mean_photons=1e8, arms=2),
        SensorNetwork.star([1, 2], sensing="phase", mean_photons=20.0, phase_reference="free"),
    ):
        theta = default_theta(network, 100)
        assert 0 < min(theta) < max(theta) < 0.1
        result = simulate(network, shots=100, trials=10_000, estimator=estimator)
        for one in result.results:
            if estimator == "maximum-likelihood" and one.scheme.startswith("squeezed-vacuum"):
                # Most likely phases from the noise of 100 shots are not yet in the limit of many.
                continue
            built = build(find_scheme("gaussian", one.scheme), Problem.of(network))
            assert isinstance(built, Built)
            assert abs(one.mse / (built.mse / 100) - 1) < 4 * one.tally.mse_stderr / one.mse + 0.005, one.scheme
            assert not any("beyond" in note for note in one.notes)


@pytest.mark.parametrize("passes", [1, 3])
def test_bias_of_curved_fringes_is_that_of_the_sine(passes: int) -> None:
    """The linear estimate of interferometers at theta is sum alpha_j sin(M theta_j)/M; the arcsine takes its bias away."""
    network = SensorNetwork.star([1, -2], sensing="phase", mean_photons=1e6, arms=2, squeezing_db=3.0, passes=passes)
    theta = [0.4, -0.3]
    result = simulate(network, shots=100, trials=2000, theta=theta, scheme="bright-local-squeezing")
    linear, inverted = result.results
    bias = math.sin(0.4 * passes) / passes - 0.4 - 2 * (math.sin(-0.3 * passes) / passes + 0.3)
    assert linear.tally.bias == pytest.approx(bias, abs=4 * linear.tally.bias_stderr)
    assert abs(linear.tally.bias) > 20 * linear.tally.bias_stderr
    assert abs(inverted.tally.bias) < 4 * inverted.tally.bias_stderr
    (note,) = [note for note in linear.notes if "beyond the range" in note]
    assert f"bias {bias:.3g}" in note
    assert linear.tally.coverage == 0
    assert inverted.tally.fringe_errors == 0


def test_sign_of_the_bias_is_that_of_q_where_the_function_is_turned() -> None:
    network = SensorNetwork.star([-2, 1], sensing="phase", mean_photons=1e6, arms=1, phase_reference="free")
    assert Problem.of(network).flipped
    theta = [0.3, 0.0]
    result = simulate(network, shots=100, trials=500, theta=theta, scheme="coherent", estimator="linear")
    assert result.first.tally.bias == pytest.approx(-2 * (math.sin(0.3) - 0.3), rel=0.05)


def test_phases_beyond_the_half_fringe_are_fringe_errors() -> None:
    """The arcsine of a phase of 2 rad is pi - 2."""
    network = SensorNetwork.chain([1], sensing="phase", mean_photons=1e6, arms=2)
    result = simulate(network, shots=10, trials=200, theta=[2.0], scheme="coherent", estimator="maximum-likelihood")
    assert result.first.fringe_error_share == 1
    assert result.first.tally.bias == pytest.approx(math.pi - 4, abs=1e-3)
    assert any("beyond its half fringe" in note for note in result.first.notes)


def test_too_little_light_takes_the_ends_of_fringes() -> None:
    """A single photon on average lands in one port or the other, or nowhere: outcomes beyond the fringe are counted."""
    network = SensorNetwork.chain([1], sensing="phase", mean_photons=1.0, arms=2)
    one = simulate(
        network, shots=1, trials=20_000, theta=[0.0], scheme="coherent", estimator="maximum-likelihood"
    ).first
    # |n+ - n-| >= 1 is at the end: all but n+ = n-, Skellam numbers of means 1/2 each.
    at_end = 1 - scipy.stats.skellam.pmf(0, 0.5, 0.5)
    assert abs(one.fringe_error_share - at_end) < 4 * math.sqrt(at_end * (1 - at_end) / 20_000)


@pytest.mark.parametrize("scheme", ["bright-shared-squeezing", "coherent"])
def test_outcomes_away_from_zero_against_points_of_phase_space(scheme: str) -> None:
    """Means and variances of the linear estimate at theta by the Wigner function of the light, drawn and read shot by shot."""
    network = SensorNetwork.star([1, -1], sensing="phase", mean_photons=1e5, arms=2, squeezing_db=6.0, visibility=0.9)
    problem = Problem.of(network)
    theta = problem.phases([0.02, 0.15])
    setup = light_setup(problem, find_scheme("gaussian", scheme), theta)
    assert isinstance(setup, LightSetup)
    rng = np.random.default_rng(5)
    for part, reading in zip(setup.plan.parts, setup.readings, strict=True):
        assert part.measurement is not None
        own = [theta[k] for k in part.sensors]
        outcomes = measure(part.circuit, part.measurement, own)
        known = measure(part.circuit, part.measurement, [0.0] * len(own))
        weights = known.weights(part.coefficients_of(problem.alpha))
        points = outcomes.phase_space_sample(40_000, rng) @ weights - reading.value
        assert abs(points.mean() - reading.bias) < 4 * math.sqrt(reading.variance / 40_000)
        assert abs(points.var() / reading.variance - 1) < 4 * math.sqrt(2 / 40_000) + 1e-4
        # The law that is drawn is that of the points, as far as 4 * 10^4 of them tell.
        drawn = reading.linear(1, 40_000, rng) - reading.value
        assert scipy.stats.ks_2samp(points, drawn).pvalue > 1e-3


def test_poisson_counts_are_those_of_single_shots() -> None:
    """Sums of counts of both ports against the photocurrents that photonics draws shot by shot: dim light, dark counts, noise."""
    network = SensorNetwork.chain([1], sensing="phase", mean_photons=3.0, arms=2, dark_counts=0.2, electronic_noise=0.1)
    problem = Problem.of(network)
    setup = light_setup(problem, find_scheme("gaussian", "coherent"), problem.phases([0.7]))
    assert isinstance(setup, LightSetup)
    (part,), (reading,) = setup.plan.parts, setup.readings
    assert isinstance(reading.sampler, PortSampler)
    rng = np.random.default_rng(2)
    outcomes = measure(part.circuit, part.measurement, problem.phases([0.7]))
    shots = outcomes.sample(4 * 20_000, rng).reshape(20_000, 4).mean(axis=1)
    drawn = reading.sampler.averages(4, 20_000, rng)[0]
    assert scipy.stats.ks_2samp(shots, drawn).pvalue > 1e-3
    assert abs(drawn.mean() - shots.mean()) < 4 * shots.std() / 100


def test_coherent_light_at_sites_of_both_kinds_is_drawn_exactly() -> None:
    """Counts of an interferometer and the quadrature of a sensor with one arm in one measurement, against single shots."""
    network = SensorNetwork.star([1, -1], sensing="phase", mean_photons=6.0, arms=[1, 2], phase_reference="free")
    problem = Problem.of(network.with_laboratory(squeezing_db=0.0, detector_efficiency=0.8, electronic_noise=0.1))
    theta = problem.phases([0.3, 0.5])
    setup = light_setup(problem, find_scheme("gaussian", "bright-shared-squeezing"), theta)
    assert isinstance(setup, LightSetup)
    (part,), (reading,) = setup.plan.parts, setup.readings
    assert isinstance(part.measurement, Moments)
    assert isinstance(reading.sampler, PortSampler)
    assert reading.law(1000).endswith("Poisson counts in both ports, normal numbers at homodyne detectors")
    rng = np.random.default_rng(4)
    outcomes = measure(part.circuit, part.measurement, theta)
    shots = outcomes.sample(4 * 20_000, rng).reshape(20_000, 4, 2).mean(axis=1)
    drawn = reading.sampler.averages(4, 20_000, rng).T
    for k in range(2):
        assert scipy.stats.ks_2samp(shots[:, k], drawn[:, k]).pvalue > 1e-3
    assert np.abs(drawn.mean(axis=0) - outcomes.mean).max() < 4 * drawn.std(axis=0).max() / math.sqrt(20_000)
    assert setup.readings[0].fringes is not None


def test_sums_of_squares_are_those_of_single_shots() -> None:
    """The step of scoring from sums of chi^2 numbers against squares and products of outcomes shot by shot, with a mean too."""
    network = SensorNetwork.star([1, 1], sensing="phase", mean_photons=2.0, phase_reference="free")
    problem = Problem.of(network)
    theta = problem.phases([0.05, -0.02])
    setup = light_setup(problem, find_scheme("gaussian", "squeezed-vacuum-shared"), theta)
    assert isinstance(setup, LightSetup)
    (part,), (reading,) = setup.plan.parts, setup.readings
    assert isinstance(reading, NoiseReadings)
    rng = np.random.default_rng(3)
    true, known = (measure(part.circuit, part.measurement, at) for at in (theta, [0.0, 0.0]))
    for mean in (np.zeros(2), np.array([0.7, -0.4])):
        moved = GaussianOutcomes(true.names, true.mean + mean, true.covariance, true.jacobian, true.slopes)
        both = readings_of(moved, known, known, [1.0, 1.0], theta, is_linear=False, sites=np.eye(2), gain=1)
        assert isinstance(both, NoiseReadings)
        y = (moved.sample(3 * 20_000, rng) - known.mean).reshape(20_000, 3, 2)
        information = known.fisher_matrix()
        inverse = np.linalg.inv(known.covariance)
        slope = sum(np.linalg.solve(information, np.ones(2))[j] * known.slopes.dense()[j] for j in range(2))
        form = inverse @ slope @ inverse / 2
        direct = (np.einsum("tsi,ij,tsj->ts", y, form, y) - np.trace(form @ known.covariance)).mean(axis=1)
        drawn = both.linear(3, 20_000, rng)
        assert scipy.stats.ks_2samp(direct, drawn).pvalue > 1e-3
        assert abs(direct.mean() - 0.03 - both.bias) < 4 * direct.std() / math.sqrt(20_000)
        assert abs(direct.var() * 3 / both.variance - 1) < 0.1


def test_shots_that_jitter_are_drawn_one_by_one_up_to_a_number() -> None:
    network = SensorNetwork.chain(
        [1], sensing="phase", mean_photons=100.0, phase_reference="free", phase_jitter_rad=0.2
    )
    problem = Problem.of(network)
    setup = light_setup(problem, find_scheme("gaussian", "displaced-squeezed-local"), problem.phases([0.1]))
    assert isinstance(setup, LightSetup)
    (reading,) = setup.readings
    assert isinstance(reading.sampler, ShotSampler)
    rng = np.random.default_rng(4)
    for shots in (MOST_DRAWN, MOST_DRAWN + 1):
        drawn = reading.linear(shots, 4000, rng) - reading.value
        assert abs(drawn.mean() - reading.bias) < 4 * drawn.std() / math.sqrt(4000)
        assert abs(drawn.var() * shots / reading.variance - 1) < 4 * math.sqrt(2 / 4000)
    assert "one by one" not in reading.law(MOST_DRAWN)
    assert "normal numbers of exact mean" in reading.law(MOST_DRAWN + 1)


@pytest.mark.parametrize("shots", [50, MOST_DRAWN + 50])
def test_beams_at_any_phase_with_jitter_against_moments(shots: int) -> None:
    """Three beams of a gradient, two of which share a mode that jitters: means and covariances by sums of sines."""
    network = SensorNetwork.star([1, 1, -2], sensing="phase", mean_photons=300.0, phase_jitter_rad=0.3, visibility=0.9)
    problem = Problem.of(network)
    setup = light_setup(problem, find_scheme("gaussian", "coherent"), problem.phases([0.3, -0.2, 0.1]))
    assert isinstance(setup, LightSetup)
    (reading,) = setup.readings
    drawn = reading.sampler.averages(shots, 20_000, np.random.default_rng(6))
    assert np.abs(drawn.mean(axis=1) - reading.mean).max() < 4 * math.sqrt(
        reading.covariance.diagonal().max() / shots / 20_000
    )
    spread = np.sqrt(np.outer(reading.covariance.diagonal(), reading.covariance.diagonal()))
    assert np.abs(np.cov(drawn) * shots - reading.covariance).max() < 0.05 * spread.max()
    assert abs(reading.covariance[0, 1]) > 0.01 * spread[0, 1]


def test_numbers_are_the_same_again_for_any_number_of_workers_and_on_both_engines() -> None:
    network = SensorNetwork.star([1, -1], sensing="phase", mean_photons=1e4, arms=2, squeezing_db=6.0)
    trials = BATCH + 100
    first, again, other = (
        simulate(network, shots=20, trials=trials, seed=seed, workers=workers, scheme="bright-shared-squeezing").results
        for seed, workers in ((1, 1), (1, 2), (2, 1))
    )
    assert [one.tally for one in first] == [one.tally for one in again]
    assert first[0].tally != other[0].tally
    elsewhere = simulate(
        network, shots=20, trials=trials, seed=1, scheme="bright-shared-squeezing", engine="strawberryfields"
    ).results
    for one, two in zip(first, elsewhere, strict=True):
        assert two.mse == pytest.approx(one.mse, rel=1e-6)
        assert two.probe_bound == pytest.approx(one.probe_bound, rel=1e-6)


def test_squeezed_light_is_drawn_as_normal_numbers_and_says_so() -> None:
    network = SensorNetwork.star([1, 1], sensing="phase", mean_photons=1e4, arms=2, squeezing_db=6.0)
    problem = Problem.of(network)
    setup = light_setup(problem, find_scheme("gaussian", "bright-shared-squeezing"), problem.phases([0.0, 0.0]))
    assert isinstance(setup, LightSetup)
    assert isinstance(setup.readings[0].sampler, NormalSampler)
    assert "exact mean and covariance" in setup.readings[0].law(1)


def test_turns_share_the_shots_and_need_enough_of_them() -> None:
    network = SensorNetwork.star([1, -3], sensing="phase", mean_photons=1e4, arms=2, squeezing_db=6.0)
    result = simulate(network, shots=40, trials=100, scheme="bright-in-turn", estimator="linear")
    assert [use.shots for use in result.first.resources.stages] == [10, 30]
    assert result.first.resources.shots == 40
    assert result.first.resources.photons == pytest.approx(40 * 1e4)
    with pytest.raises(InputError, match="2 sites take turns over the shots, and there are only 1"):
        simulate(network, shots=1, trials=100, scheme="bright-in-turn")


def test_squeezed_vacuum_meets_the_bound_of_gaussian_light() -> None:
    """||alpha||_1^2/(8 nbar (nbar + 1)) = 1/96 for the average of four phases with nbar = 3 (PHYSICS.md, section 9)."""
    network = SensorNetwork.star(["1/4"] * 4, sensing="phase", mean_photons=3.0, phase_reference="free")
    one = simulate(network, shots=200, trials=20_000, scheme="squeezed-vacuum-shared", estimator="linear").first
    assert one.bound == pytest.approx(1 / 96 / 200, rel=1e-12)
    assert one.probe_bound == pytest.approx(one.bound, rel=1e-9)
    assert abs(one.mse - 1 / 96 / 200) < 4 * one.tally.mse_stderr + 0.005 / 96 / 200


def test_bad_input_of_the_command(psn: Any, tmp_path: Any) -> None:
    network = SensorNetwork.star([1, -1], sensing="phase", mean_photons=1e4, arms=2)
    save_network(network, tmp_path / "two.json")

    def fails(*options: str) -> str:
        code, out, err = psn("simulate", str(tmp_path / "two.json"), *options)
        assert (code, out) == (2, "")
        return str(err)

    told = fails("--theta", "random", "--estimator", "homodyne", "--trials", "0")
    assert "so it cannot be random" in told
    assert "phase sensing with mean_photons has no estimator 'homodyne'; known are linear, maximum-likelihood" in told
    assert "trials must be an integer from 1" in told
    assert "analytic functions are estimated with exact photon numbers" in fails("--function", "s1*s2")
    assert "the best joint error of several functions" in fails("--target", "1,0", "--target", "0,1")
    assert "theta must have 2 values" in fails("--theta", "0.1")


def test_problem_kinds_are_told_apart() -> None:
    assert isinstance(Problem.of(SensorNetwork.chain([1], sensing="phase", mean_photons=2.0)), GaussianProblem)


def noise_of(scheme: str, theta: list[float]) -> tuple[LightSetup, TurnedNoise]:
    network = SensorNetwork.star(
        [1, 1, -1], sensing="phase", mean_photons=5.0, phase_reference="free", transmissivity=0.9, passes=2
    )
    problem = Problem.of(network)
    setup = light_setup(problem, find_scheme("gaussian", scheme), problem.phases(theta))
    assert isinstance(setup, LightSetup)
    noise = setup.readings[0].noise
    assert noise is not None
    return setup, noise


def test_noise_turned_by_any_phases_is_that_of_the_circuit() -> None:
    """Covariance and Fisher matrix from three measurements, at phases far apart, against the circuit run there."""
    setup, noise = noise_of("squeezed-vacuum-shared", [0.0] * 3)
    (part,) = setup.plan.parts
    for theta in ([0.01, -0.02, 0.03], [0.3, 0.9, -1.2]):
        outcomes = measure(part.circuit, part.measurement, theta)
        assert noise.covariance(np.array(theta)) == pytest.approx(outcomes.covariance, rel=1e-12, abs=1e-12)
        assert noise.information(np.array(theta)) == pytest.approx(outcomes.fisher_matrix(), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("shots", [2, 5, 40])
def test_sample_covariances_are_those_of_single_shots(shots: int) -> None:
    """Fewer shots than outcomes, and Bartlett's decomposition: means, and the spread of entries, of averages over drawn shots."""
    _, noise = noise_of("squeezed-vacuum-shared", [0.1, 0.2, -0.1])
    drawn = noise.sample_covariances(shots, 20_000, np.random.default_rng(8))
    covariance = noise.covariance(noise.theta)
    own = covariance.diagonal()
    exact = (np.outer(own, own) + covariance**2) / shots
    assert np.abs(drawn.mean(axis=0) - covariance).max() < 4 * math.sqrt(exact.max() / 20_000)
    assert drawn.var(axis=0) == pytest.approx(exact, rel=0.15)


def test_most_likely_phases_are_at_the_top_of_the_likelihood() -> None:
    """Against a search of the likelihood itself, from ten sample covariances."""
    theta = [0.005, -0.003, 0.01]
    _, noise = noise_of("squeezed-vacuum-shared", theta)
    seen = noise.sample_covariances(400, 10, np.random.default_rng(9))
    found, variance, at_end = noise.likeliest(seen, 400)
    assert not at_end.any()
    for one, phases in zip(seen, found, strict=True):

        def loss(at: Any, one: Any = one) -> float:
            covariance = noise.covariance(np.asarray(at))
            return float(np.linalg.slogdet(covariance)[1] + np.trace(np.linalg.solve(covariance, one)))

        best = scipy.optimize.minimize(loss, theta, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13})
        assert loss(phases) <= best.fun + 1e-9
        assert phases == pytest.approx(best.x, abs=1e-5)
    information = 400 * noise.information(np.array(theta))
    assert variance.mean() == pytest.approx(
        noise.coefficients @ np.linalg.solve(information, noise.coefficients), rel=0.1
    )


def test_most_likely_phases_have_no_bias_where_one_step_has() -> None:
    """Phases of half the angle at which squeezed vacuum is read, 4,000 shots: maximum likelihood at its own Fisher information."""
    theta = [0.02, 0.02, 0.0]
    setup, _ = noise_of("squeezed-vacuum-local", theta)
    result = simulate(
        setup.problem.network, shots=4000, trials=4000, theta=theta, scheme="squeezed-vacuum-local", seed=2
    )
    linear, likeliest = result.results
    fisher = sum(
        reading.noise.coefficients[0] ** 2 / reading.noise.information(reading.noise.theta)[0, 0] / 4000
        for reading in setup.readings
        if reading.noise is not None
    )
    assert abs(likeliest.mse / fisher - 1) < 4 * likeliest.tally.mse_stderr / fisher + 0.02
    assert abs(likeliest.tally.bias) < 0.1 * math.sqrt(fisher)
    assert linear.mse > 1.5 * likeliest.mse
    assert abs(likeliest.tally.coverage - 0.95) < 0.02
    assert any("beyond the range" in note for note in linear.notes)


def test_variances_below_the_least_are_fringe_errors() -> None:
    """With a handful of shots the sample variance is often below that of the quiet quadrature: chi^2 numbers say how often."""
    network = SensorNetwork.chain([1], sensing="phase", mean_photons=2.0, phase_reference="free")
    one = simulate(
        network, shots=5, trials=4000, theta=[0.0], scheme="squeezed-vacuum-local", estimator="maximum-likelihood"
    ).first
    problem = Problem.of(network)
    setup = light_setup(problem, find_scheme("gaussian", "squeezed-vacuum-local"), (0.0,))
    assert isinstance(setup, LightSetup)
    noise = setup.readings[0].noise
    assert noise is not None
    angles = np.linspace(0, math.pi, 10_001)[:, None]
    variances = noise.covariance(angles)[:, 0, 0] / noise.xx[0, 0]
    beyond = scipy.stats.chi2.cdf(5 * variances.min(), 5) + scipy.stats.chi2.sf(5 * variances.max(), 5)
    assert one.fringe_error_share == pytest.approx(beyond, abs=0.03)


@pytest.mark.parametrize(
    ("alpha", "lab"),
    [
        ([1, -1], {"mean_photons": 2.0}),
        ([1, 1, 1], {"mean_photons": 3.0, "transmissivity": 0.8}),
        ([1, 2], {"mean_photons": 4.0, "parameters": "snapshot", "detector_efficiency": 0.7, "dark_counts": 0.01}),
    ],
)
def test_counts_of_twin_squeezed_vacua(alpha: list[int], lab: dict[str, Any]) -> None:
    """Scores of tabled counts, drawn one by one and as multinomial numbers, against the design, which sums other series."""
    network = SensorNetwork.star(alpha, sensing="phase", arms=2, **lab)
    built = build(find_scheme("gaussian", "twin-squeezed"), Problem.of(network))
    assert isinstance(built, Built)
    theta = [0.0] * len(alpha)
    for shots, trials in ((30, 20_000), (1200, 4000)):
        one = simulate(
            network, shots=shots, trials=trials, theta=theta, scheme="twin-squeezed", estimator="linear"
        ).first
        assert one.predicted_mse == pytest.approx(built.mse / shots, rel=1e-6)
        assert abs(one.mse - one.predicted_mse) < 4 * one.tally.mse_stderr
        assert abs(one.tally.bias) < 4 * one.tally.bias_stderr
        assert abs(one.tally.coverage - 0.95) < 0.02
    # Away from there the slope of the estimate is one.
    moved = simulate(
        network,
        shots=1200,
        trials=4000,
        theta=[0.02, *theta[1:]],
        scheme="twin-squeezed",
        estimator="linear",
    ).first
    assert abs(moved.tally.bias) < 0.002 + 4 * moved.tally.bias_stderr
    assert not any("beyond its half fringe" in note for note in moved.notes)


def test_counts_that_are_not_tabled_are_said_to_be() -> None:
    network = SensorNetwork.star([1, 1], sensing="phase", arms=2, mean_photons=50.0)
    with pytest.raises(InputError, match="its outcomes are not tabled, as there are too many"):
        simulate(network, scheme="twin-squeezed")


def test_faint_jitter_of_bright_beams_keeps_its_digits() -> None:
    """sigma^2 S^2 beside S, where exp(-s/2) has lost all digits of s: 10^20 photons and 10^-9 rad of each beam."""
    pair = SensorNetwork.chain([1, -1], sensing="phase", mean_photons=2e20, phase_jitter_rad=1e-9)
    problem = Problem.of(pair)
    plan = find_scheme("gaussian", "coherent").plan(problem)
    assert isinstance(plan, Plan)
    beams = detected_beams(plan, problem)
    (mean,), ((variance,),) = beams.moments([1e-12])
    assert mean == pytest.approx(2e20 * 1e-12, rel=1e-9)
    assert variance == pytest.approx(2e20 + 4e40 * 2e-18, rel=1e-9)


def test_efficiency_counts_where_detectors_are_noisy_too() -> None:
    """Beams that meet: detectors of half the efficiency double the shot noise, with a visibility of nearly one as without."""
    half = SensorNetwork.star([1, 1], sensing="phase", mean_photons=5.0, detector_efficiency=0.5)
    for network in (half, half.replace(visibility=1 - 1e-9)):
        built = build(find_scheme("gaussian", "coherent"), Problem.of(network))
        assert isinstance(built, Built)
        assert built.mse == pytest.approx(1.6, rel=1e-6)


def test_turned_many_times_is_a_fringe_error() -> None:
    network = SensorNetwork.chain([1], sensing="phase", mean_photons=100.0, arms=2)
    result = simulate(network, shots=10, trials=10, theta=[2 * math.pi], scheme="coherent")
    assert [one.fringe_error_share for one in result.results] == [1, 1]


def test_sweeps_take_the_linear_estimate_when_nothing_is_said() -> None:
    network = SensorNetwork.star([1, -1], sensing="phase", mean_photons=100.0, arms=2)
    spec = spec_from({"network": network, "trials": 50, "scheme": "coherent", "axes": {"mean_photons": [10.0, 1e3]}})
    assert dict(spec.axes)["estimator"] == ("linear",)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"arms": 2}, "bright-shared-squeezing"),
        ({"arms": 2}, "bright-in-turn"),
        ({"phase_reference": "free"}, "displaced-squeezed-shared"),
        ({}, "coherent"),
    ],
)
def test_feedback_has_the_error_of_the_design_at_phases_far_from_the_working_point(
    changes: dict[str, Any], name: str
) -> None:
    """Of nine tenths of the shots; a linear estimate is biased there, and arcsines have the noise of the fringe's side."""
    theta = [0.5, -0.4]
    network = SensorNetwork.star([1, -2], sensing="phase", mean_photons=1e6, squeezing_db=10.0, **changes)
    problem = GaussianProblem(network=network)
    run = {
        one: simulate(network, shots=200, trials=400, seed=4, theta=theta, scheme=name, estimator=one).first
        for one in ("feedback", "linear", "maximum-likelihood")
    }
    built = build(find_scheme("gaussian", name), problem)
    assert isinstance(built, Built)
    wanted = built.mse / 180
    found = run["feedback"]
    assert found.mse == pytest.approx(wanted, abs=4 * found.tally.mse_stderr)
    assert abs(found.tally.bias) < 4 * found.tally.bias_stderr
    assert 0.92 < found.tally.coverage < 0.98
    assert any("first tenth of the shots" in note for note in found.notes)
    assert run["linear"].mse > 100 * found.mse
    if name != "coherent":
        assert run["maximum-likelihood"].mse > 2 * found.mse


def test_feedback_of_one_shot_says_that_no_phase_is_held() -> None:
    """Its intervals hold q too seldom where phases are not small; of two shots the second is read with phases held."""
    network = SensorNetwork.star([1, -2, 0.5], sensing="phase", mean_photons=500, squeezing_db=10.0)
    network = network.replace(phase_reference="free")
    options = {"scheme": "displaced-squeezed-local", "estimator": "feedback", "trials": 400, "theta": [0.3, -0.2, 0.4]}
    one, two = (simulate(network, shots=shots, **options).first for shots in (1, 2))
    assert one.tally.coverage < 0.7
    assert two.tally.coverage > 0.85
    assert any("no phase is held" in note for note in one.notes)
    assert not any("first tenth" in note for note in one.notes)
    assert not any("no phase is held" in note for note in two.notes)


def test_feedback_is_for_those_who_ask_for_it() -> None:
    """Not where nobody does, nor where outcomes have no phase each; one shot alone holds nothing."""
    pair = SensorNetwork.star([1, -1], sensing="phase", mean_photons=100.0, squeezing_db=6.0)
    names = {one.estimator for one in simulate(pair, shots=10, trials=20).results}
    assert names == {"linear", "maximum-likelihood"}
    meets = simulate(pair, shots=10, trials=20, estimator="feedback")
    assert {one.scheme for one in meets.results} == {"coherent", "bright-in-turn"}
    assert any("no phase each, by which they could be held" in one.reason for one in meets.unavailable)
    single = simulate(pair, shots=1, trials=2000, estimator="feedback", scheme="coherent", theta=[0.0, 0.0]).first
    assert single.mse == pytest.approx(1 / 100, abs=0.003)
