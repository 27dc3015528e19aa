"""Sensors with two arms: the network of arms, bounds of mixed networks, schemes, losses, privacy and simulation."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from drawn import seeds
from scipy.optimize import minimize

from networks import InputError, LinearFunction, Link, Mode, SensorNetwork
from networks.arms import by_arms
from photonics import PhotonCounting, get_engine
from protocols import bounds_table, design, privacy_report, simulate, simulate_function, simulate_targets
from protocols.built.build import build
from protocols.built.built import Built
from protocols.built.changes import Change
from protocols.built.on_layout import Changed
from protocols.preparation.experiment import photon_experiments
from protocols.problem import PhaseProblem
from protocols.ranking.candidates import candidates
from protocols.schemes import find_scheme
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.readouts import measured_mse
from protocols.schemes.registry import choose_schemes
from protocols.schemes.scheme import plan_of

SCHEMES = ("noon", "noon-in-turn", "multimode-noon", "separable-phase")


def pair(alpha=(1, 1), photons=2, **options):
    return SensorNetwork.star(alpha, sensing="phase", photons=photons, **({"arms": 2} | options))


def errors(network):
    return {one.plan.scheme: one for one in candidates(network).ranked}


def least(cost, count):
    """The least of a function of shares that sum to 1."""
    found = [
        minimize(
            lambda x: cost(np.exp(x) / np.exp(x).sum()),
            np.random.default_rng(seed).normal(size=count),
            method="Nelder-Mead",
            options={"maxfev": 20000, "maxiter": 20000, "xatol": 1e-10, "fatol": 1e-13},
        ).fun
        for seed in range(6)
    ]
    return min(found)


# --- the network of arms -----------------------------------------------------------------------------------------


def test_arms_are_modes_of_the_node():
    network = SensorNetwork.chain(
        [1, 2], sensing="phase", photons=2, arms=[2, 1], transmissivity=[0.9, 0.8], detector_efficiency=[0.7, 0.6]
    )
    problem = PhaseProblem(network=network)
    assert problem.names == ("s1 a", "s1 b", "s2", "ref")
    assert problem.alpha == (1, -1, 2)
    assert problem.sites == ((0, 1), (2,))
    assert problem.site_names == ("s1", "s2")
    assert [bench.detector_efficiency for bench in problem.benches] == [0.7, 0.7, 0.6, 1]
    assert [link.ends for link in problem.by_arms.links] == [("s1 a", "s1 b"), ("s1 a", "s2"), ("s2", "ref")]
    assert problem.phases([0.4, 0.3]) == (0.2, -0.2, 0.3)
    assert problem.network is network
    assert by_arms(SensorNetwork.chain([1, -1], sensing="phase", photons=2)).sensors[0].id == "s1"


def test_the_name_of_an_arm_may_not_be_taken():
    modes = (Mode(id="s", coupling="mach-zehnder", alpha=1, arms=2), Mode(id="s b", role="ancilla"))
    network = SensorNetwork(sensing="phase", modes=modes, links=(Link(ends=("s", "s b")),), photons=2)
    with pytest.raises(InputError, match="node 's b' has the name of an arm"):
        design(network)


@pytest.mark.parametrize("photons", [1, 2, 5])
def test_photons_in_one_arm_or_the_other_turn_by_n_theta(photons):
    problem = PhaseProblem(network=pair(photons=photons))
    plan = plan_of(find_scheme("phase", "noon-in-turn"), problem)
    theta = (0.37, -0.21)
    phases = problem.phases(theta)
    for part, own in zip(plan.parts, theta, strict=True):
        state = get_engine("native").run(part.circuit, [phases[j] for j in part.sensors])
        amplitude = {tuple(row): a for row, a in zip(state.occupations.tolist(), state.amplitudes, strict=True)}
        relative = np.angle(amplitude[photons, 0] / amplitude[0, photons])
        assert relative == pytest.approx(-photons * own, abs=1e-12)


# --- bounds ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alpha", "arms", "side"),
    [
        ((1, 1), (2, 2), 2),
        ((1, -1), (2, 2), 2),
        ((2, -1), (2, 2), 3),
        ((1, 1), (1, 2), 2),
        ((1, -2, 3), (1, 1, 2), 5),
        ((-1, 2, -3, "1/2"), (1, 2, 1, 1), 6),
        ((0, 1, 2), (2, 1, 1), 3),
    ],
)
def test_bounds_of_mixed_networks(alpha, arms, side):
    photons, passes = 3, 2
    table = bounds_table(alpha, photons=photons, passes=passes, arms=arms)
    size = sum(abs(Fraction(a)) for a in alpha)
    assert table.row("phase", "entangled").mse == pytest.approx(side**2 / 36)
    assert table.row("phase", "coherent").mse == pytest.approx(side**2 / 12)
    # Both arms are one site: with the coefficients as they are.
    assert table.row("phase", "separable-in-turn").mse == pytest.approx(size**2 / 36)
    assert table.row("phase", "separable").mse == pytest.approx(
        sum(abs(float(Fraction(a))) ** (2 / 3) for a in alpha) ** 3 / 36
    )
    two = sum(abs(Fraction(a)) for a, n in zip(alpha, arms, strict=True) if n == 2)
    assert table.row("phase", "coherent-free-reference").mse == pytest.approx((size + two) ** 2 / 48)
    beta = table.row("phase", "entangled").beta
    turned = LinearFunction(alpha).orient().function
    assert abs(sum(b * a for a, b in zip(turned.alpha, beta, strict=True))) == 1
    star = SensorNetwork.star(alpha, sensing="phase", photons=photons, passes=passes, arms=arms)
    problem = PhaseProblem(network=star)
    assert problem.bound == pytest.approx(side**2 / 36)
    assert problem.bounds.row("phase", "entangled") == table.row("phase", "entangled")


def test_the_bound_of_a_mixed_network_is_that_of_an_unknown_common_phase():
    """One sensor with one arm, one with two, N = 1: (1 + 1)^2 with the common phase unknown, (3/2)^2 with it known."""
    # Strings: the photon in the sensor, in arm a, in arm b, in the reference.
    of_arms = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=float)
    known = of_arms @ np.array([[1, 0], [0, 0.5], [0, -0.5]])

    def mse(generators, function):
        def cost(shares):
            mean = shares @ generators
            information = 4 * ((generators.T * shares) @ generators - np.outer(mean, mean))
            return function @ np.linalg.pinv(information + 1e-12 * np.eye(len(function))) @ function

        return least(cost, 4)

    assert mse(of_arms, np.array([1.0, 1, -1])) == pytest.approx(4, rel=1e-4)
    assert mse(known, np.array([1.0, 1])) == pytest.approx(2.25, rel=1e-4)
    assert bounds_table([1, 1], photons=1, arms=[1, 2]).row("phase", "entangled").mse == 4
    # max(P, Nn, A + (P + Nn)/2)^2 of docs/theory/theory.md, where P decides.
    assert mse(known, np.array([4.0, 1])) == pytest.approx(16, rel=1e-4)
    assert mse(of_arms, np.array([4.0, 1, -1])) == pytest.approx(25, rel=1e-4)


@pytest.mark.parametrize("arms", [0, True, "2", [], [1, 3], [2, 2, 2], [1.0, 2]])
def test_arms_that_cannot_be(arms):
    with pytest.raises(InputError, match="arms must be"):
        bounds_table([1, 1], photons=1, arms=arms)


def test_arms_on_the_command_line(psn):
    code, out, err = psn("bounds", "--alpha", "1,1", "--photons", 1, "--arms", "1,2", "--json")
    assert (code, err) == (0, "")
    assert '"arms": [1, 2]' in " ".join(out.split())
    for wrong in ("x", "1,2,2", "2.0", ""):
        code, out, err = psn("bounds", "--alpha", "1,1", "--arms", wrong)
        assert (code, out) == (2, "")
        assert "arms must be" in err


# --- schemes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [(1, 1), (1, -1), (2, -1), (1, "1/2", -3)])
@pytest.mark.parametrize("passes", [1, 2])
def test_schemes_reach_what_is_said_by_the_generators_of_arm_differences(alpha, passes):
    """Variances of (n_a - n_b)/2 straight from the strings of a plan, and of the arms; nothing of the engine is used."""
    problem = PhaseProblem(network=pair(alpha, photons=18, passes=passes))
    size = float(sum(abs(Fraction(a)) for a in alpha))
    bound = (size / (18 * passes)) ** 2
    assert problem.bound == pytest.approx(bound)
    for name in SCHEMES:
        plan = plan_of(find_scheme("phase", name), problem)
        assert isinstance(plan, Plan)
        total = 0.0
        for part in plan.parts:
            state = part.circuit.operations[0].state
            shares = np.abs(state.amplitudes) ** 2
            own = [part.circuit.modes.index(problem.sensor_modes[j]) for j in part.sensors]
            counts = passes * state.occupations[:, own].astype(float)
            # The common phases of both arms unknown, then known.
            mean = shares @ counts
            of_arms = 4 * ((counts.T * shares) @ counts - np.outer(mean, mean))
            own_function = np.array(part.coefficients_of(problem.alpha))
            first = own_function @ np.linalg.pinv(of_arms, rcond=1e-10) @ own_function / part.share
            sites = sorted({problem.site_of[problem.sensor_modes[j]] for j in part.sensors})
            # phi_a = theta/2, phi_b = -theta/2.
            names = [problem.sensor_modes[j] for j in part.sensors]
            signs = [0.5 if name.endswith(" a") else -0.5 for name in names]
            half = np.array(
                [[x * (problem.site_of[name] == site) for site in sites] for x, name in zip(signs, names, strict=True)]
            )
            of_theta, of_q = half.T @ of_arms @ half, half.T @ own_function
            second = of_q @ np.linalg.pinv(of_theta, rcond=1e-10) @ of_q / part.share
            assert first == pytest.approx(second, rel=1e-9)
            total += first
        assert plan.predicted_mse == pytest.approx(total, rel=1e-9)
        if name != "separable-phase":
            assert total == pytest.approx(bound, rel=1e-9)


def test_separable_light_counts_sites_and_not_arms():
    plan = plan_of(find_scheme("phase", "separable-phase"), PhaseProblem(network=pair((1, 1), photons=2)))
    assert plan.predicted_mse == 2
    assert [part.circuit.modes for part in plan.parts] == [("s1 a", "s1 b"), ("s2 a", "s2 b")]
    assert plan_of(
        find_scheme("phase", "separable-phase"), PhaseProblem(network=pair((1, 1), photons=1))
    ) == Unavailable(scheme="separable-phase", reason="N = 1 is fewer than the 2 sensors with non-zero coefficients")


def test_every_scheme_works_or_says_why_not_in_one_sentence():
    for network in (pair(), pair(photons=3), pair((1, 2), photons=4, arms=[1, 2]), pair((1, 2), passes=3, photons=2)):
        problem = PhaseProblem(network=network)
        for scheme in choose_schemes("phase", None):
            plan = plan_of(scheme, problem)
            assert isinstance(plan, Plan) or len(plan.reason) > 20
        assert all(condition.holds for one in candidates(network).ranked for condition in one.checks)
    reason = plan_of(find_scheme("phase", "pairs-in-turn"), PhaseProblem(network=pair())).reason
    assert "pairs in turn are noon-in-turn here" in reason


def test_entanglement_is_counted_by_sites():
    found = errors(pair((1, 1, -1), photons=3))
    assert {name: one.plan.modes_between_sites for name, one in found.items()} == {
        "noon-in-turn": 0,
        "coherent": 0,
        "separable-phase": 0,
        "noon": 3,
        "multimode-noon": 3,
    }
    assert found["noon"].plan.modes_per_pass == (6,)
    alone = errors(pair((3,), photons=2))
    assert {one.plan.modes_between_sites for one in alone.values()} == {0}
    mixed = errors(pair((1, 2), photons=4, arms=[1, 2]))
    # Both arms of s2, then s1 and the reference.
    assert [part.circuit.modes for part in mixed["pairs-in-turn"].plan.parts] == [("s2 a", "s2 b"), ("s1", "ref")]
    assert mixed["pairs-in-turn"].plan.modes_between_sites == 2
    assert mixed["multimode-noon"].plan.modes_between_sites == 3


@pytest.mark.parametrize("alpha", [(1, 1), (2, -1), (1, 3, -2)])
def test_entanglement_gains_nothing_for_static_arm_differences_and_does_for_snapshots(alpha):
    photons = 2 * sum(abs(a) for a in alpha)
    static = design(pair(alpha, photons=photons)).verdict
    assert (static.entanglement_pays, static.compared_with) == (False, "noon-in-turn")
    assert static.factor == pytest.approx(1, abs=1e-9)
    snapshot = design(pair(alpha, photons=photons, parameters="snapshot"))
    split = {one.plan.scheme: one.mse for one in snapshot.candidates}
    assert snapshot.verdict.entanglement_pays
    assert snapshot.verdict.factor == pytest.approx(
        min(split["separable-phase"], split["coherent"]) * photons**2 / sum(abs(a) for a in alpha) ** 2
    )
    assert snapshot.verdict.factor > 1.5


# --- as built ----------------------------------------------------------------------------------------------------


def random_star(seed):
    """Two or three interferometers at a hub, with losses everywhere; what arrives of a photon from each node at each site."""
    rng = np.random.default_rng(seed)
    d = int(rng.integers(2, 4))
    alpha = [int(a) * int(s) for a, s in zip(rng.integers(1, 4, d), rng.choice([-1, 1], d), strict=True)]
    eta, before, detected, link = (rng.uniform(0.7, 1.0, d) for _ in range(4))
    passes = int(rng.integers(1, 3))
    modes = [
        Mode(
            id=f"s{j}",
            coupling="mach-zehnder",
            alpha=alpha[j],
            arms=2,
            transmissivity=float(eta[j]),
            transmissivity_before=float(before[j]),
            detector_efficiency=float(detected[j]),
        )
        for j in range(d)
    ]
    network = SensorNetwork(
        sensing="phase",
        modes=(*modes, Mode(id="hub", role="ancilla")),
        links=tuple(Link(ends=("hub", f"s{j}"), transmissivity=float(link[j])) for j in range(d)),
        photons=int(2 * sum(map(abs, alpha))),
        passes=passes,
    )
    own = before * eta**passes * detected
    from_hub = link * own
    roots = [from_hub, *(np.where(np.arange(d) == k, own, link[k] * from_hub) for k in range(d))]
    return network, np.abs(alpha), passes, own, roots


@seeds(6)
def test_as_built_against_independent_losses(seed):
    """Closed forms of what arrives along paths that are worked out here: both arms of a site lose alike."""
    network, a, passes, own, roots = random_star(seed)
    photons, size = network.photons, a.sum()
    found = {one.plan.scheme: one.mse for one in candidates(network).ranked}
    noon = min(
        (size / (n * passes)) ** 2 / np.prod(at ** (n * a / size))
        for at in roots
        for n in range(1, photons + 1)
        if not (n * a % size).any()
    )
    assert found["noon"] == pytest.approx(noon, rel=1e-9)
    turn = sum(
        min(c / (n * passes) * at ** (-n / 2) for n in range(1, photons + 1)) for c, at in zip(a, own, strict=True)
    )
    assert found["noon-in-turn"] == pytest.approx(turn**2, rel=1e-9)
    strings = min(
        (np.sum(2 * a * at ** (-n / 2)) / (2 * n * passes)) ** 2 for at in roots for n in range(1, photons + 1)
    )
    assert found["multimode-noon"] == pytest.approx(strings, rel=1e-9)
    split = min(
        sum((c / (n * passes)) ** 2 / at**n for c, n, at in zip(a, counts, own, strict=True))
        for counts in itertools.product(range(1, photons + 1), repeat=len(a))
        if sum(counts) <= photons
    )
    assert found["separable-phase"] == pytest.approx(split, rel=1e-9)
    assert found["coherent"] == pytest.approx(np.sum(a / np.sqrt(own)) ** 2 / (photons * passes**2), rel=1e-9)


def test_jitter_is_that_of_the_arm_difference_and_visibility_a_factor_of_its_fringe():
    sigma, visibility, photons = 0.2, 0.9, 3
    noisy = errors(pair((1, 1), photons=photons, phase_jitter_rad=sigma))["noon-in-turn"]
    n = min(range(1, photons + 1), key=lambda n: math.exp(n * n * sigma**2) / n**2)
    assert noisy.mse == pytest.approx(4 * math.exp(n * n * sigma**2) / n**2, rel=1e-9)
    assert errors(pair((1, 1), photons=photons, visibility=visibility))["noon-in-turn"].mse == pytest.approx(
        4 / photons**2 / visibility**2, rel=1e-9
    )


def test_sources_are_nodes():
    network = pair((1, 1), photons=2, parameters="snapshot").with_laboratory(link_loss_db=3)
    at_node = build(find_scheme("phase", "noon"), network, sources=["s1"])
    assert isinstance(at_node, Built)
    assert at_node.layout.best.root == "s1 a"
    # One photon crosses two links.
    assert at_node.mse == pytest.approx(10**0.6, rel=1e-9)
    assert build(find_scheme("phase", "noon"), network, sources=["s1 b"]).mse == pytest.approx(at_node.mse)
    with pytest.raises(InputError, match="s9"):
        design(network, sources=["s9"])


def test_what_joins_both_arms_is_no_link():
    problem = PhaseProblem(network=pair((1, 1), photons=2, parameters="snapshot"))
    changed = Changed(problem=problem, change=Change(what="link_loss_db", value=1.0))
    for name in ("noon", "multimode-noon"):
        scheme = find_scheme("phase", name)
        lossy = build(scheme, problem.network.with_laboratory(link_loss_db=1))
        assert changed.error_on_layout(scheme, build(scheme, problem)) == pytest.approx(lossy.mse, rel=1e-9)
    # From the hub both photons of a branch cross a link of 3.01 dB half, from a sensor one crosses two of them.
    turns = {point.what: point.value for point in design(problem).verdict.turning_points}
    assert turns["link_loss_db"] == pytest.approx(10 * math.log10(2) / 2, rel=1e-3)


# --- privacy, simulation, hardware -------------------------------------------------------------------------------


def test_privacy_is_of_sites():
    report = privacy_report(pair((2, -1), photons=3), targets=[[1, 0], [0, 1]])
    assert report.scheme == "noon"
    assert report.privacy == pytest.approx(1)
    assert report.information == pytest.approx(np.array([[4, -2], [-2, 1]]))
    assert report.row("theta of s1").nuisance_aware_qfi == 0
    alone = privacy_report(pair((2, -1), photons=3), scheme="noon-in-turn")
    # N^2 in a share 2/3, and 1/3, of the shots.
    assert alone.information == pytest.approx(np.diag([6, 3]))
    with pytest.raises(InputError, match="there is no sensor 's1 a'"):
        privacy_report(pair(), colluding=["s1 a"])


@pytest.mark.parametrize("scheme", ["noon", "noon-in-turn", "separable-phase"])
def test_simulated_arm_differences_have_the_error_that_is_predicted(scheme):
    result = simulate(pair((1, -2), photons=3), scheme=scheme, estimator="robust", shots=600, trials=1500, seed=3).first
    assert len(result.theta) == 2
    assert abs(result.mse - result.predicted_mse) < 4 * result.tally.mse_stderr


def test_superposed_strings_of_arms_are_estimated_near_their_bound():
    result = simulate(pair((1, -2), photons=3), scheme="multimode-noon", shots=600, trials=1500, seed=3).first
    assert abs(result.mse - 1 / 600) < 4 * result.tally.mse_stderr


def test_what_is_refused_says_so(psn, tmp_path):
    from networks import save_network

    path = tmp_path / "two.json"
    save_network(pair(), path)
    code, _, err = psn("hardware", "compile", path, "--device", "X8")
    assert code == 2
    assert "sensors with two arms have no program there" in err
    code, _, err = psn("simulate", path, "--target", "1,0,0", "--shots", 100, "--trials", 10)
    assert code == 2
    assert "has 3 coefficients, the network has 2 sensors" in err


@pytest.mark.parametrize("arms", [2, [2, 1]])
def test_several_functions_of_arm_differences_have_their_errors(arms):
    """Populations of "all photons in one arm" ~ sqrt A_j: (sum sqrt A_j)^2/(4 N^2), the reference of one-armed sensors included."""
    network = SensorNetwork.star([1, 1], sensing="phase", photons=3, arms=arms)
    result = simulate_targets(network, [[1, 0], [1, 2]], shots=2000, trials=3000, seed=1)
    roots = 2 * (math.sqrt(2) + 2) if arms == 2 else 2 * math.sqrt(2) + 2 + 2
    assert result.joint_bound * 2000 == pytest.approx(roots**2 / 36, rel=1e-12)
    for tally, bound in zip(result.joint, result.theory.errors, strict=True):
        assert abs(tally.mse - bound / 2000) < 4 * tally.mse_stderr
    # In turn each function has ||alpha||_1 of two arms, ||alpha||_P of arms and reference otherwise.
    singles = (1.0, 3.0)
    assert result.turns_bound * 2000 == pytest.approx(sum(singles) ** 2 / 9, rel=1e-3)
    for tally, single, count in zip(result.turns, singles, result.turn_shots, strict=True):
        assert abs(tally.mse - single**2 / 9 / count) < 4 * tally.mse_stderr


@pytest.mark.parametrize(
    ("arms", "function", "gradient"),
    [(2, "s1**2 + sin(s2)", (1.0, math.cos(0.3))), ([2, 1], "s2**2 - s1*s2", (0.3, -1.1))],
)
def test_functions_that_are_not_linear_of_arm_differences(arms, function, gradient):
    """After the pilot stage the gradient costs ||gradient||_1^2/N^2 a shot: here the one-armed sensor adds to the larger side."""
    network = SensorNetwork.star([1, 1], sensing="phase", photons=3, arms=arms)
    result = simulate_function(network, function, theta=[0.5, -0.3], shots=40_000, trials=600, seed=2)
    least = (abs(gradient[0]) + abs(gradient[1])) ** 2 / 9
    assert result.bound * 40_000 == pytest.approx(least, rel=1e-9)
    document = result.to_dict()
    second = 40_000 - document["resources"]["rough_shots"]
    assert document["gradient"] == pytest.approx(gradient, rel=1e-9)
    # What the pilot leaves of second order is small beside it.
    assert result.tally.mse == pytest.approx(least / second, rel=0.02, abs=4 * result.tally.mse_stderr)


def test_a_pair_over_two_interferometers_is_proposed_with_its_circuit_and_read_out_at_the_sites():
    """The state of the experiments with local references: both photons in arms a, or both in arms b."""
    network = pair(("1/2", "1/2"), photons=2, parameters="snapshot")
    chosen = candidates(network).best
    assert chosen.plan.scheme == "noon"
    assert chosen.plan.probes == ("1 x (|1 in s1 a, 1 in s2 a> + |1 in s1 b, 1 in s2 b>)/sqrt 2",)
    assert [made.source for made in chosen.made] == ["squeezers"]
    problem = PhaseProblem(network=network)
    for theta in ([0.3, 0.1], [1.1, -2.0]):
        (experiment,) = photon_experiments(chosen.plan, problem, problem.phases(theta), "squeezers")
        # Counting behind one beam splitter at each site loses nothing.
        error = measured_mse(experiment.circuit, problem.phases(theta), PhotonCounting(), experiment.coefficients)
        assert error == pytest.approx(0.25, rel=1e-9)
    assert "between both arms at every site" in chosen.plan.measurement


@pytest.mark.parametrize("alpha", [(1, 1), (2, -1), (1, 1, 2)])
def test_the_parity_at_all_sites_loses_nothing(alpha):
    from dataclasses import replace

    from photonics import BeamSplitter, PhaseShift

    photons = sum(map(abs, alpha))
    problem = PhaseProblem(network=pair(alpha, photons=photons, transmissivity=0.9))
    plan = plan_of(find_scheme("phase", "noon"), problem)
    (part,) = plan.parts
    arms = [[problem.sensor_modes[j] for j in site] for site in problem.sites]
    readout = (
        PhaseShift(mode=arms[0][0], angle_rad=math.pi / 2 / abs(alpha[0])),
        *(BeamSplitter(first=a, second=b, theta_rad=math.pi / 4) for a, b in arms),
    )
    circuit = replace(part.circuit, operations=(*part.circuit.operations, *readout))
    theta = [0.0] * len(problem.alpha)
    assert measured_mse(circuit, theta, PhotonCounting(), problem.alpha) == pytest.approx(plan.predicted_mse, rel=1e-9)


# --- the page ----------------------------------------------------------------------------------------------------


def test_the_table_of_the_page_is_that_of_the_bounds():
    page = (Path(__file__).parents[2] / "docs" / "theory" / "arms.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == 7
    for alpha, arms, *values in rows:
        table = bounds_table(alpha.split(", "), photons=1, arms=[int(n) for n in arms.split(", ")])
        kinds = ("entangled", "separable-in-turn", "separable", "coherent")
        assert [float(x) for x in values] == pytest.approx([table.row("phase", kind).mse for kind in kinds], rel=1e-5)


def test_what_the_page_says_of_gains():
    """Static and snapshot arm differences of alpha = (1, 1), with N = 2, and one-armed (1, -1) with N = 8."""
    snapshot = errors(pair(parameters="snapshot"))
    assert (snapshot["noon"].mse, snapshot["separable-phase"].mse) == pytest.approx((1, 2))
    one_armed = design(pair((1, -1), photons=8, arms=1)).verdict
    assert (one_armed.entanglement_pays, one_armed.compared_with) == (True, "noon-in-turn")
    assert one_armed.factor == pytest.approx(4)
    report = privacy_report(pair(), scheme="noon-in-turn")
    assert report.row("theta of s1").nuisance_aware_qfi > 0.1
    assert privacy_report(pair()).scheme == "noon"
