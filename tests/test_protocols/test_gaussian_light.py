"""Phases with a mean photon number: every scheme of Gaussian light as built, against engines, closed forms and limits."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from drawn import seeds

from networks import Link, Mode, SensorNetwork
from photonics import BeamSplitter, Interference, Loss, Moments, PhaseShift, PrecisionError, Quadrature, Squeeze
from protocols import design, load, loss_report, save, simulate
from protocols.built.build import build
from protocols.built.built import Built
from protocols.built.gaussian import light_error
from protocols.built.light import too_bright
from protocols.built.phase_squeezers import roots_of
from protocols.problem import GaussianProblem, PhaseProblem, Problem
from protocols.ranking.candidates import candidates, rank_plans
from protocols.ranking.needs import needs_of
from protocols.reports.design_view import design_view
from protocols.reports.programs import programs_of
from protocols.reports.view import Item
from protocols.schemes import find_scheme, schemes_of
from protocols.schemes.plan import Unavailable
from protocols.schemes.readouts import stated_mse
from protocols.tables import Table

QUARTERS = ["1/4"] * 4


def star(alpha, photons, **changes):
    return SensorNetwork.star(alpha, sensing="phase", mean_photons=photons, **changes)


def built(name, network, **options):
    return build(find_scheme("gaussian", name), network, **options)


def test_the_problem_is_chosen_by_the_budget():
    both = SensorNetwork.star([1, 1], sensing="phase", photons=4, mean_photons=4.0)
    assert isinstance(Problem.of(both), PhaseProblem)
    assert isinstance(Problem.of(both.replace(photons=None)), GaussianProblem)


@pytest.mark.parametrize(
    ("name", "alpha", "photons", "wanted"),
    [
        # PHYSICS.md, section 9: squeezed vacuum against a strong reference.
        ("squeezed-vacuum-shared", QUARTERS, 3.0, 1 / 96),
        ("squeezed-vacuum-in-turn", QUARTERS, 3.0, 1 / 96),
        ("squeezed-vacuum-local", QUARTERS, 3.0, 0.023809523809523808),
        ("squeezed-vacuum-in-turn", [1, -2, 0.5], 2.0, 3.5**2 / 48),
        # A squeezer for each sign, 1.5/n_+ and 2/n_- beside each other: sum a^2/(8 n (n + 1)), equal parts of two equal sums.
        ("squeezed-vacuum-shared", [1, -1], 2.0, 2 / (8 * 1 * 2)),
        # Shot noise with free references.
        ("coherent", [1, -2, 0.5], 5.0, 3.5**2 / 20),
    ],
)
def test_closed_forms_with_a_free_reference(name, alpha, photons, wanted):
    assert built(name, star(alpha, photons, phase_reference="free")).mse == pytest.approx(wanted, rel=1e-9)


def test_displaced_squeezed_light_has_the_best_share_of_squeezed_photons():
    """||alpha||_1^2 e^{-2r}/(4 (n - sinh^2 r)) at its least, by trying all r."""
    r = np.linspace(0, math.asinh(math.sqrt(3.0)), 200_001)[:-1]
    wanted = (np.exp(-2 * r) / (4 * (3 - np.sinh(r) ** 2))).min()
    found = built("displaced-squeezed-shared", star(QUARTERS, 3.0, phase_reference="free"))
    assert found.mse == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize(("arms", "wanted"), [(2, 3.5**2 / 5), (None, 2.0**2 / 5)])
def test_coherent_light_pays_for_its_reference(arms, wanted):
    assert built("coherent", star([1, -2, 0.5], 5.0, arms=arms)).mse == pytest.approx(wanted, rel=1e-9)


def test_coherent_light_is_that_of_photon_states_at_the_same_mean():
    lossy = SensorNetwork.star([1, -2, 0.5], sensing="phase", photons=5, transmissivity=0.8)
    theirs = build(find_scheme("phase", "coherent"), lossy)
    ours = built("coherent", lossy.replace(photons=None, mean_photons=5.0))
    assert ours.mse == pytest.approx(theirs.mse, rel=1e-12)


def test_a_gravitational_wave_detector():
    """GEO600, 10 dB through 0.62: n Var = (1 - eta)/eta + e^{-2r} (PHYSICS.md, section 9, and the example of the issue)."""
    one = star([1], 1e16, arms=2, transmissivity=0.62, squeezing_db=10.0)
    assert built("bright-shared-squeezing", one).mse * 1e16 == pytest.approx(0.712903226, abs=1e-8)


@pytest.mark.parametrize("loss", [1.0, 0.8])
def test_three_interferometers_of_mixed_signs(loss):
    """alpha = (1, -2, .5): 3.5^2 ((1 - eta)/eta + e^{-2r})/N_c shared or in turn."""
    db = 20 * 1.2 / math.log(10)
    network = star([1, -2, 0.5], 1e12, arms=2, transmissivity=loss, squeezing_db=db, squeezers=1)
    wanted = {1.0: 1.1112949, 0.8: 4.1737949}[loss]
    for name in ("bright-shared-squeezing", "bright-in-turn"):
        assert built(name, network).mse * 1e12 == pytest.approx(wanted, rel=1e-6)


def test_the_bright_limit_is_reached_as_one_over_the_light():
    """The difference to the displacement network falls as 1/N (PHYSICS.md, section 9)."""
    apart = []
    for photons in (1e4, 1e5, 1e6):
        network = star([1, -2, 0.5], photons, arms=2, squeezing_db=6.0)
        coherent = 3.5**2 * 10**-0.6
        apart.append(built("bright-shared-squeezing", network).mse * photons / coherent - 1)
    assert apart[0] / apart[1] == pytest.approx(10, rel=0.1)
    assert apart[1] / apart[2] == pytest.approx(10, rel=0.1)


def test_squeezed_light_over_lossy_links_comes_from_the_best_place():
    """Two sensors, a squeezer at one: 1 - T + e^{-2r} (1 + T) beside 4 A/alpha^2, with equal light at both (PHYSICS.md)."""
    modes = [Mode(id=name, coupling="mach-zehnder", alpha=1) for name in "ab"]
    pair = SensorNetwork(
        sensing="phase",
        modes=modes,
        links=[Link(ends=("a", "b"), transmissivity=0.6)],
        mean_photons=1e12,
        squeezing_db=10.0,
        phase_reference="free",
    ).with_laboratory(mean_photons_max=1e6)
    # Light that both stand alike, so that the share of each does not follow its noise.
    found = built("displaced-squeezed-shared", pair)
    assert found.mse * 4e6 == pytest.approx(1 - 0.6 + 0.1 * (1 + 0.6), rel=1e-6)
    assert found.starts_at in (("a",), ("b",))


def random_network(rng, arms):
    """Of sensors with one arm or two; with 0 of both kinds in turn."""
    count = int(rng.integers(2, 4))
    names = [f"s{k}" for k in range(count)]

    def some(low, high):
        return float(rng.uniform(low, high))

    modes = [
        Mode(
            id=name,
            coupling="mach-zehnder",
            alpha=float(np.round(rng.uniform(-2, 2), 3)) or 1,
            arms=arms or 1 + k % 2,
            transmissivity=some(0.5, 1),
            transmissivity_before=some(0.6, 1),
            detector_efficiency=some(0.6, 1),
            visibility=some(0.8, 1),
            dark_counts=some(0, 0.3),
            electronic_noise=some(0, 0.2),
            phase_jitter_rad=float(rng.choice([0.0, 0.05])),
            mean_photons_max=float(rng.choice([1.0, 1e9])),
            squeezer_efficiency=some(0.7, 1),
            squeezer=bool(rng.random() < 0.7),
        )
        for k, name in enumerate(names)
    ]
    hub = Mode(id="hub", role="ancilla", squeezer_efficiency=some(0.7, 1))
    links = [Link(ends=("hub", name), transmissivity=some(0.5, 1)) for name in names]
    return SensorNetwork(
        sensing="phase",
        modes=[*modes, hub],
        links=links,
        mean_photons=float(10 ** rng.uniform(0, 3)),
        passes=int(rng.integers(1, 3)),
        phase_reference="paid" if arms == 2 else "free",
        squeezing_db=float(rng.choice([3.0, 9.0])),
        squeezers=[None, 1, 2][int(rng.integers(3))],
    )


@pytest.mark.parametrize("arms", [0, 1, 2])
@seeds(6)
def test_as_built_against_the_engine_and_within_all_limits(arms, seed):
    """Closed forms equal the moments of the outcomes, none is below the quantum limit, and no limit is broken."""
    problem = Problem.of(random_network(np.random.default_rng([seed, arms]), arms))
    found = candidates(problem)
    assert len(found.ranked) >= 3
    for candidate in found.ranked:
        assert candidate.failed == (), candidate.plan.scheme
        assert too_bright(candidate.plan, problem) is None
        squeezers = [[op for op in part.circuit.operations if isinstance(op, Squeeze)] for part in candidate.plan.parts]
        assert all(
            20 * op.r / math.log(10) <= problem.limits.squeezing_db * (1 + 1e-9) for ops in squeezers for op in ops
        )
        if problem.limits.squeezers is not None:
            at_once = sum(part.share * len(ops) for part, ops in zip(candidate.plan.parts, squeezers, strict=True))
            assert at_once <= problem.limits.squeezers + 1e-9
        quick = light_error(find_scheme("gaussian", candidate.plan.scheme), problem, sources=None, squeezers=None)
        assert quick == (candidate.plan.modes_between_sites, pytest.approx(candidate.mse, rel=1e-6))


@pytest.mark.parametrize("arms", [1, 2])
def test_strawberry_fields_agrees(arms):
    network = random_network(np.random.default_rng([77, arms]), arms).replace(mean_photons=6.0)
    found = candidates(Problem.of(network), engine="strawberryfields")
    assert all(candidate.failed == () for candidate in found.ranked)


@pytest.mark.parametrize("arms", [1, 2])
def test_limits_never_help(arms):
    """More loss, a lower cap, fewer squeezers, less light."""
    free = random_network(np.random.default_rng([5, arms]), arms)
    worse = [
        free.with_laboratory(detector_efficiency=0.3),
        free.with_laboratory(squeezing_db=1.0),
        free.with_laboratory(mean_photons_max=0.5),
        free.replace(mean_photons=free.mean_photons / 2),
        free.replace(links=tuple(Link(ends=k.ends, transmissivity=k.transmissivity / 2) for k in free.links)),
    ]
    best = {one.plan.scheme: one.mse for one in rank_plans(free.with_laboratory(detector_efficiency=1.0)).built}
    assert len(best) >= 3
    for network in worse:
        for one in rank_plans(network).built:
            assert one.mse >= best[one.plan.scheme] * (1 - 1e-6), one.plan.scheme


def test_where_schemes_do_not_apply():
    two, one = star([1, 1], 5.0, arms=2), star([1, 1], 5.0)
    mixed = star([1, 1], 5.0, arms=[1, 2])
    reasons = {
        ("bright-shared-squeezing", one.replace(phase_reference="free")): "homodyne",
        ("displaced-squeezed-local", two): "one arm",
        ("displaced-squeezed-local", mixed): "some of these have two; the bright-... schemes",
        ("squeezed-vacuum-shared", one): "local oscillator",
        ("bright-in-turn", two.replace(parameters="snapshot")): "snapshot",
        ("bright-shared-squeezing", two.replace(squeezers=0)): "squeezers: 0",
    }
    for (name, network), word in reasons.items():
        found = built(name, network)
        assert isinstance(found, Unavailable)
        assert word in found.reason
    nowhere = two.with_laboratory(squeezer=False)
    assert "squeezer: false" in built("bright-local-squeezing", nowhere).reason
    assert isinstance(built("coherent", nowhere), Built)


@pytest.mark.parametrize("arms", [None, [1, 2, 1]])
def test_one_armed_sensors_with_a_reference_arm_of_their_own(arms):
    """Theta of one arm is the difference to the other: as for two-armed sensors, of whose light the sensor sees half.

    Coefficients of one sign, or sensors of both kinds: those of both signs that have one arm each meet instead (test_meeting).
    """
    alpha = [1, 2, 0.5] if arms is None else [1, -2, 0.5]
    losses = {"transmissivity": [0.8, 0.9, 0.7], "squeezing_db": 8.0, "squeezers": 1}
    two = star(alpha, 100.0, arms=2, **losses)
    one = star(alpha, 100.0, **({} if arms is None else {"arms": arms}), **losses)
    for name in ("bright-shared-squeezing", "bright-in-turn"):
        assert built(name, one).mse == pytest.approx(built(name, two).mse, rel=1e-7)
    found = candidates(Problem.of(one))
    assert all(candidate.failed == () for candidate in found.ranked)
    own = next(candidate for candidate in found.ranked if candidate.plan.scheme == "bright-shared-squeezing")
    assert any("reference arm" in need for need in own.needs)
    if arms is None:
        capped, twice = one.with_laboratory(mean_photons_max=5.0), two.with_laboratory(mean_photons_max=10.0)
        assert built(name, capped).mse == pytest.approx(built(name, twice).mse, rel=1e-6)
    poor = one.replace(modes=tuple(replace(m, transmissivity=0.1) if m.role == "reference" else m for m in one.modes))
    assert "lose less" in built(name, poor).reason


def test_titles_speak_of_interferometers_where_all_sensors_are_in_one():
    """Of sensors with one arm and a free reference beside interferometers they do not."""
    mixed = star([1, 1], 100.0, arms=[1, 2], phase_reference="free", squeezing_db=6.0)
    pair = design(SensorNetwork.star([1, -1], sensing="phase", photons=2))
    others = {one.scheme: one.title for one in pair.other_light}
    assert others["bright-shared-squeezing"] == "coherent light at every site, one squeezed vacuum over all of them"
    for network, of_all in ((mixed, False), (star([1, 1], 100.0, arms=2), True), (star([1, 1], 100.0), True)):
        titles = {one.plan.scheme: one.plan.title for one in rank_plans(network).built}
        assert titles.pop("coherent") == "coherent light, no squeezing"
        titles.pop("twin-squeezed", None)
        assert titles.keys() == {"bright-shared-squeezing", "bright-local-squeezing", "bright-in-turn"}
        assert all(("interferometer" in title) is of_all for title in titles.values())


def test_a_design_speaks_of_light_and_limits():
    network = star([1, -2, 0.5], 1e4, arms=2, squeezing_db=10.0, squeezers=1, mean_photons_max=2e3)
    result = design(network)
    assert result.chosen.plan.scheme == "bright-shared-squeezing"
    assert result.verdict.entanglement_pays
    assert "1 squeezer" in result.chosen.needs[0]
    assert result.physical is result.chosen.built.layout
    assert result.chosen.bound == pytest.approx(3.5**2 / (2 * 1e4 * (1e4 + 1)))
    circuit = result.physical.circuit(network)
    assert circuit == result.chosen.plan.parts[0].circuit


def test_names_are_those_of_the_interface():
    assert set(schemes_of("gaussian")) == {
        *("coherent", "bright-shared-squeezing", "bright-local-squeezing", "bright-in-turn", "twin-squeezed"),
        *("squeezed-vacuum-shared", "squeezed-vacuum-local", "squeezed-vacuum-in-turn"),
        *("displaced-squeezed-shared", "displaced-squeezed-local"),
    }


def random_light(rng, problem, readout, start=None):
    """Light within all limits: coherent light at the sites, one squeezer anywhere; near some light, or anything."""
    limits, budget, count = problem.limits, problem.mean_photons, len(problem.sites)
    place = problem.squeezer_places[rng.integers(len(problem.squeezer_places))]
    shares, n = rng.dirichlet(np.full(count, 0.7)), float(rng.random() ** 3 * min(limits.most_photons, budget))
    coherent = rng.dirichlet(np.full(count, 0.7)) * (budget - n)
    signs = np.sign(problem.site_alpha) * rng.choice([1, 1, 1, -1], count)
    if start is not None:
        place, light = start
        shares = np.array([v * v for v in light.amplitudes[0]]) / arriving(problem, place)
        shares = shares * np.exp(rng.normal(0, 0.1, count)) + 1e-3 * rng.random(count) + 1e-12
        shares /= shares.sum()
        n = min(light.squeezed_photons[0] * math.exp(rng.normal(0, 0.1)), limits.most_photons, budget)
        coherent = np.array(light.coherent_photons) * np.exp(rng.normal(0, 0.1, count)) + 1e-9
        coherent *= min(1.0, (budget - n) / coherent.sum())
        signs = np.sign(problem.site_alpha)
    amplitudes = signs * np.sqrt(shares * arriving(problem, place))
    dark = amplitudes**2 * n
    if (dark > readout.columns["light_caps"]).any():
        return None
    return np.minimum(coherent, readout.columns["light_caps"] - dark), amplitudes, n


def arriving(problem, place):
    """Of a squeezer at a mode, behind it and along the links, by hand: all nodes are joined by the hub alone."""
    link = {name: k.transmissivity for k in problem.network.links for name in k.ends if name != "hub"}
    own = problem.site_of[place]
    out = [
        (1.0 if own == site else link[site] * link.get(own, 1.0)) * problem.squeezer_efficiency[place]
        for site in problem.site_names
    ]
    return np.array(out)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("arms", "name"), [(1, "displaced-squeezed-shared"), (2, "bright-shared-squeezing")])
def test_no_random_light_is_better_than_a_design(seed, arms, name):
    """500 choices on each of 10 networks with links, escape efficiencies and limits: other places, splits and amounts of light."""
    rng = np.random.default_rng([seed, arms, 500])
    problem = Problem.of(random_network(rng, arms))
    scheme, found = find_scheme("gaussian", name), built(name, problem.network)
    readout = scheme.readout(problem)
    starts = [
        (one.places[0], scheme.best_light(problem, one, problem.limits))
        for one in roots_of(problem, problem.limits, None)
    ]
    errors = []
    while len(errors) < 500:
        start = starts[len(errors) % len(starts)] if len(errors) % 2 else None
        if (light := random_light(rng, problem, readout, start)) is not None:
            errors.append(readout.mse(light[0].tolist(), [light[1].tolist()], [light[2]]))
    assert min(errors) >= found.mse * (1 - 1e-7)
    # Some come close: the choices are not all far from what is best.
    assert min(errors) <= found.mse * 1.05


def test_squeezers_without_limits_beside_a_laser_are_refused_in_words():
    """Without the best scheme the rest would be told as the answer."""
    with pytest.raises(PrecisionError, match="give squeezing_db"):
        design(star([1, -2, 0.5], 1e12, arms=2))


def test_a_laboratory_with_limits_needs_no_digits_of_one_without():
    """10 dB beside 1e20 photons: the light as built is worked out, though without limits there would be too much squeezing."""
    result = design(star([1, -2, 0.5], 1e20, arms=2, transmissivity=0.9, squeezing_db=10.0, squeezers=1))
    assert {"bright-in-turn", "bright-shared-squeezing"} <= {one.plan.scheme for one in result.candidates}
    assert result.chosen.mse * 1e20 == pytest.approx(3.5**2 * (0.1 / 0.9 + 0.1), rel=1e-6)


@pytest.mark.parametrize("limit", [{"mean_photons_max": 5e-324}, {"transmissivity": 1e-100, "visibility": 1e-100}])
@pytest.mark.parametrize("arms", [1, 2])
def test_limits_that_leave_no_light_are_refused_in_words(limit, arms):
    network = star([1, -2], 100.0, arms=arms, squeezing_db=10.0, **({"phase_reference": "free"} if arms == 1 else {}))
    with pytest.raises(ValueError, match="is not applicable"):
        design(network.with_laboratory(**limit))


def test_too_little_light_is_refused_in_words():
    with pytest.raises(ValueError, match="send more light"):
        design(star([1, -2, 0.5], 1e-9, arms=2, transmissivity=0.9, squeezing_db=10.0, squeezers=1))


NOISES = [{"dark_counts": 0.1}, {"phase_jitter_rad": 0.05}, {"visibility": 0.9}, {"electronic_noise": 0.1}]


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("alpha", [[1, -1], [1, -2, 0.5], [2, 0, -1, -1]])
def test_a_free_reference_costs_coherent_light_nothing_behind_the_same_detectors(alpha, noise):
    """Balanced functions: as much as beams that meet, but for the dark counts of these, or jitter to second order."""
    paid = star(alpha, 1e3, **noise)
    with_reference, without = built("coherent", paid).mse, built("coherent", paid.replace(phase_reference="free")).mse
    assert without <= with_reference * (1 + 1e-9)
    if sum(alpha) == 0 and ("visibility" in noise or "electronic_noise" in noise):
        assert without == pytest.approx(with_reference, rel=1e-9)


def test_photocurrents_of_beams_that_meet_have_their_electronic_noise_in_simulations():
    """(1 + noise)/N of a pair; exactly N photons, of which single ones are counted, have none."""
    pair = star([1, -1], 1e4, electronic_noise=0.3)
    run = simulate(pair, shots=50, trials=4000, seed=3, scheme="coherent", estimator="linear", theta=[0.0, 0.0]).first
    assert built("coherent", pair).mse == pytest.approx(1.3e-4, rel=1e-9)
    assert run.mse == pytest.approx(1.3e-4 / 50, abs=4 * run.tally.mse_stderr)
    assert run.tally.mse_stderr < 0.03 * run.mse
    exact = pair.replace(mean_photons=None, photons=10_000)
    assert build(find_scheme("phase", "coherent"), exact).mse == pytest.approx(1e-4, rel=1e-9)


@pytest.mark.parametrize("noise", NOISES)
def test_beams_that_meet_at_noisy_detectors_pass_their_checks(noise):
    (own,) = [one for one in design(star([1, -2, 0.5], 10.0, **noise)).candidates if one.plan.scheme == "coherent"]
    assert own.failed == ()
    assert own.mse > own.built.as_built.predicted_mse


def test_twin_light_of_which_hardly_anything_is_left():
    """A site through which a millionth passes, beside one that has nearly all of what is allowed (found at random)."""
    faint = star([2, 1], 1.0, arms=2, transmissivity=[1e-6, 1.0])
    capped = star(
        [1000, 1, -3],
        1000.0,
        arms=2,
        passes=2,
        squeezing_db=0.5,
        transmissivity=[1e-6, 1e-6, 1.0],
        mean_photons_max=[1e-9, None, 3.0],
    )
    # As much light as counts are worked out for, to the last digit.
    bright = star([2, 0.5], 1e12, arms=2, squeezing_db=3.0, transmissivity=[0.5, 1.0])
    for network in (faint, capped, bright):
        (twin,) = [one for one in design(network).candidates if one.plan.scheme == "twin-squeezed"]
        assert twin.failed == ()
        assert twin.evaluation.mse <= twin.mse < math.inf


def test_shares_of_next_to_no_light_keep_few_digits():
    """1e-9 photons through 1e-6: what a measurement tells of them is known to 1e-5 or so (found at random)."""
    faint = star(["1/1000"], 1e-9, phase_reference="free", transmissivity=1e-6, passes=2)
    assert all(row.share <= 1 or math.isnan(row.share) for row in loss_report(faint).measurements)


# --- imperfect elements ------------------------------------------------------------------------------------------------


def laid_out(name, network):
    """Light of one squeezer as built with its layout; the engine's error of a circuit of it; and where its beam splitters are."""
    network = network.replace(squeezers=1)
    own = built(name, network)
    (part,) = own.plan.parts
    problem, layouts = Problem.of(network), own.layout

    def error_of(operations):
        circuit = replace(part.circuit, operations=tuple(operations))
        return stated_mse(replace(part, circuit=circuit), part.coefficients_of(problem.alpha))

    operations = list(part.circuit.operations)
    assert error_of(operations) == pytest.approx(own.mse, rel=1e-9)
    splitters = [k for k, op in enumerate(operations) if isinstance(op, BeamSplitter)][: len(layouts.layout.elements)]
    return layouts, error_of, operations, splitters


SHARED = [(1, "displaced-squeezed-shared"), (2, "bright-shared-squeezing")]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("arms", "name"), [*SHARED, (3, "bright-shared-squeezing")])
def test_sensitivities_are_the_derivatives_of_the_engines_error(seed, arms, name):
    """Angles to first and second order, phases and transmissivities, under limits that bind, jitter and noise.

    Of 3 arms sensors have one and two, those with one a free reference.
    """
    network = random_network(np.random.default_rng([seed, arms, 6]), min(arms, 2))
    if arms == 3:
        first, *others = network.modes
        network = network.replace(modes=(replace(first, arms=1), *others), phase_reference="free")
    if seed % 2:
        network = network.with_laboratory(phase_jitter_rad=0.1)
    against_the_engine(*laid_out(name, network))


def steady_network(seed):
    """One-armed sensors of one sign, angles that do not jitter: one squeezed vacuum for all."""
    network = random_network(np.random.default_rng([seed, 7]), 1).with_laboratory(phase_jitter_rad=0.0)
    modes = tuple(replace(mode, alpha=abs(mode.alpha) if mode.alpha else mode.alpha) for mode in network.modes)
    return network.replace(modes=modes, mean_photons=min(20.0, network.mean_photons))


@pytest.mark.parametrize("seed", range(5))
def test_sensitivities_of_squeezed_vacuum_are_those_of_the_engines_fisher_matrices(seed):
    """Noise at the angle that the perfect light is read at, sites that differ in all their losses."""
    against_the_engine(*laid_out("squeezed-vacuum-shared", steady_network(seed)))


def against_the_engine(layouts, error_of, operations, splitters):
    """Angles to first and second order, phases and transmissivities, by differences of the errors of whole circuits."""
    mse, h = layouts.mse, 1e-3

    def changed(place, *with_these):
        return error_of([*operations[:place], *with_these, *operations[place + 1 :]])

    assert len(layouts.robustness.elements) == len(splitters) >= 2
    for element, k in zip(layouts.robustness.elements, splitters, strict=True):
        op, loss = operations[k], operations[k + 1]
        up, down, far_up, far_down = (
            changed(k, replace(op, theta_rad=op.theta_rad + d)) for d in (h, -h, 2 * h, -2 * h)
        )
        first = (8 * (up - down) - (far_up - far_down)) / (12 * h)
        second = (16 * (up + down) - (far_up + far_down) - 30 * mse) / (12 * h * h)
        assert first == pytest.approx(element.per_angle, rel=1e-6, abs=1e-8 * mse)
        assert second / 2 == pytest.approx(element.per_angle2, rel=1e-5, abs=1e-6 * mse)
        up, down, far_up, far_down = (
            changed(k, op, PhaseShift(mode=op.second, angle_rad=d)) for d in (h, -h, 2 * h, -2 * h)
        )
        second = (16 * (up + down) - (far_up + far_down) - 30 * mse) / (12 * h * h)
        assert second / 2 == pytest.approx(element.per_phase2, rel=1e-5, abs=1e-6 * mse)
        assert isinstance(loss, Loss)
        up, down = (changed(k + 1, replace(loss, transmissivity=loss.transmissivity + d)) for d in (1e-5, -1e-5))
        assert (up - down) / 2e-5 == pytest.approx(element.per_transmissivity, rel=1e-5, abs=1e-8 * mse)


@pytest.mark.parametrize(("arms", "name"), [*SHARED, (0, "squeezed-vacuum-shared")])
def test_random_imperfect_light_has_the_errors_of_its_circuits(arms, name):
    """The tolerances in all elements at once, 1/sqrt 2 of each: one imperfect circuit after the other through the engine."""
    network = random_network(np.random.default_rng([3, arms, 6]), arms) if arms else steady_network(3)
    layouts, error_of, operations, splitters = laid_out(name, network)
    robust = layouts.robustness
    assert robust.spread.samples == 1000
    rng = np.random.default_rng(0)
    drawn = [(rng.standard_normal(1000), rng.standard_normal(1000), rng.standard_normal(1000)) for _ in splitters]
    errors = []
    for k in range(1000):
        circuit = list(operations)
        for (angle, _, phase), place in reversed(list(zip(drawn, splitters, strict=True))):
            op = circuit[place]
            off = op.theta_rad + angle[k] * robust.angle_tolerance_rad / math.sqrt(2)
            shift = PhaseShift(mode=op.second, angle_rad=phase[k] * robust.phase_tolerance_rad / math.sqrt(2))
            circuit[place : place + 1] = [replace(op, theta_rad=off), shift]
        errors.append(error_of(circuit))
    assert robust.spread.mean == pytest.approx(np.mean(errors), rel=1e-9)
    assert robust.spread.quantile_95 == pytest.approx(np.quantile(errors, 0.95), rel=1e-9)


@pytest.mark.parametrize(("arms", "name"), SHARED)
def test_angles_are_stationary_where_no_limit_binds(arms, name):
    network = star([1, -2, 0.5], 200.0, arms=arms, phase_reference="free" if arms == 1 else "paid", squeezing_db=8.0)
    lossy = network.replace(links=tuple(replace(k, transmissivity=0.8) for k in network.links))
    layouts = built(name, lossy).layout
    for element in layouts.robustness.elements:
        assert abs(element.per_angle) < 1e-6 * layouts.mse
        assert element.per_angle2 > 0
        assert element.per_transmissivity < 0
    # Where angles and phases are small, a tenth more on average, as asked for to leading order.
    spread = built(name, lossy.replace(mean_photons=1e6, squeezing_db=20.0)).layout.robustness.spread
    mse = built(name, lossy.replace(mean_photons=1e6, squeezing_db=20.0)).mse
    assert spread.angle_rad < 0.3
    assert spread.mean / mse == pytest.approx(1.1, abs=4 * spread.mean_stderr / mse + 0.005)


@pytest.mark.parametrize(("arms", "name"), SHARED)
def test_light_without_one_link_is_laid_anew(arms, name):
    """A ring has another way, the best light over which is found; a chain has none."""
    free = "free" if arms == 1 else "paid"
    chain = SensorNetwork.chain([1, -2, 1, 0.5], sensing="phase", mean_photons=100.0, arms=arms, phase_reference=free)
    chain = chain.replace(
        links=tuple(replace(k, transmissivity=0.9) for k in chain.links), squeezing_db=8.0, squeezers=1
    )
    ends = (str(chain.sensors[0].id), str(chain.sensors[-1].id))
    chain = chain.replace(links=tuple(link for link in chain.links if "ref" not in link.ends))
    ring = chain.replace(links=(*chain.links, Link(ends=ends, transmissivity=0.6)))
    laid = built(name, ring)
    (root,) = laid.starts_at
    for failure in laid.layout.robustness.failures:
        left = ring.replace(links=tuple(k for k in ring.links if set(k.ends) != set(failure.edge)))
        assert len(left.links) == len(ring.links) - 1
        assert failure.mse == pytest.approx(built(name, left, sources=[root]).mse, rel=1e-9)
        assert laid.mse < failure.mse < math.inf
    assert [failure.mse for failure in built(name, chain).layout.robustness.failures] == [math.inf] * 3


def test_tolerances_beyond_the_leading_order_are_not_told_as_angles():
    """Hardly squeezed light: errors of a whole turn do not add a tenth."""
    faint = built("bright-shared-squeezing", star([1, -2, 0.5], 1e4, arms=2, squeezing_db=0.01, squeezers=1)).layout
    assert faint.robustness.angle_tolerance_rad > 1
    (section,) = faint.sections()
    (line,) = [line for line in section.lines if "more error" in line]
    assert line == (
        "10% more error: more than 1 rad (rms) in every beam-splitter angle, or more than 1 rad in the phase of every link"
    )
    assert not any("at random" in line for line in section.lines)


def test_light_of_several_squeezers_has_no_such_formulas():
    """For each sign, or (test_several_squeezers) for the sensors near to each."""
    by_sign = built("squeezed-vacuum-shared", star([1, -1], 4.0, phase_reference="free"))
    assert by_sign.layout.robustness is None


def test_people_read_the_names_of_nodes_and_circuits_have_those_of_arms():
    """A squeezer in front of a dark port stands at the node; its light starts there again when a design is made anew."""
    modes = [
        Mode(id=name, coupling="mach-zehnder", alpha=a, arms=2, squeezer=name == "s2")
        for name, a in (("s1", 1), ("s2", -2))
    ]
    links = [Link(ends=("hub", name), transmissivity=0.9) for name in ("s1", "s2")]
    hub = Mode(id="hub", role="ancilla", squeezer=False)
    network = SensorNetwork(
        sensing="phase", modes=[*modes, hub], links=links, mean_photons=1e4, squeezing_db=10.0, squeezers=1
    )
    result = design(network, schemes=["bright-shared-squeezing", "bright-local-squeezing", "twin-squeezed"])
    document, layouts = result.to_dict(), result.physical
    assert document["candidates"][0]["starts_at"] == ["s2"]
    assert document["physical"]["source"]["node"] == "s2"
    assert {name for element in document["physical"]["elements"] for name in element["edge"]} == {"s1", "s2", "hub"}
    text = "\n".join(line for section in layouts.sections() for line in section.lines)
    assert "squeezer at node s2;" in text
    assert "hub - s1" in text
    assert not any(arm in text for arm in ("s1 a", "s2 a"))
    assert {"s1 a", "s2 a", "hub"} <= set(layouts.circuit(network).modes)
    assert layouts.drawn_on(network) is network
    again = built("bright-shared-squeezing", network, sources=layouts.roots)
    assert again.mse == result.chosen.mse
    for candidate in result.candidates:
        known = candidate.built.starts_at
        found = light_error(
            find_scheme("gaussian", candidate.plan.scheme), Problem.of(network), sources=known, squeezers=None
        )
        assert set(known) <= {"s1", "s2"}
        assert found[1] == pytest.approx(candidate.mse, rel=1e-9)


def test_entangled_modes_of_exact_photons_are_left_out_beside_light_of_a_mean():
    bright = design_view(design(star([1, -2], 100.0, arms=2, squeezing_db=6.0)))
    exact = design_view(design(SensorNetwork.star([1, -2], sensing="phase", photons=2)))
    titles = [[part.title for part in view.parts if isinstance(part, Table)] for view in (bright, exact)]
    assert [any("Modes entangled in a pass" in title for title in those) for those in titles] == [False, True]


def test_the_ideal_error_is_said_to_be_without_losses_and_limits():
    """A limit alone makes the difference here: nothing is lost."""
    result = design(star([1, -2], 1e4, arms=2, squeezing_db=3.0))
    ideal = result.chosen.built.ideal_mse
    assert ideal < result.chosen.mse
    parts = design_view(result).parts
    (table,) = [part for part in parts if isinstance(part, Table) and part.title.startswith("Candidates as built")]
    assert table.columns[2] == "ideal"
    assert any(isinstance(part, Item) and f"{ideal:.6g} rad^2 without losses and limits" in part.text for part in parts)


@pytest.mark.parametrize(
    ("name", "network", "words"),
    [
        ("twin-squeezed", star([1, 1], 9.0, arms=2), "two counters of photons at each of 2 sensors"),
        ("bright-local-squeezing", star([1, 1], 9.0, arms=2), "photocurrents"),
        ("displaced-squeezed-shared", star([1, 1], 9.0, phase_reference="free"), "homodyne"),
        ("squeezed-vacuum-local", star([1, 1], 9.0, phase_reference="free"), "homodyne"),
    ],
)
def test_what_must_be_at_hand_is_what_is_measured(name, network, words):
    problem = Problem.of(network)
    needs = needs_of(built(name, network), problem)
    assert words in " ".join(needs)
    assert ("homodyne" in " ".join(needs)) == (words == "homodyne")


BOTH_KINDS = {"coherent", "bright-shared-squeezing", "bright-local-squeezing", "bright-in-turn"}


@pytest.mark.parametrize("name", sorted(BOTH_KINDS))
def test_interferometers_beside_sensors_with_free_references(name):
    """alpha = (1, -1/2), one arm and two: shot noise falls from (1 + 1/2)^2 (or 2.25, the reference paid for) to (1/2 + 1/2)^2."""
    photons = 1e10
    paid = star([1, "-1/2"], photons, arms=[1, 2], squeezing_db=10.0)
    noise = 1.0 if name == "coherent" else 0.1
    assert built(name, paid).mse * photons == pytest.approx(2.25 * noise, rel=1e-4)
    assert built(name, paid.replace(phase_reference="free")).mse * photons == pytest.approx(noise, rel=1e-4)


@seeds(6)
def test_free_references_beside_interferometers_are_never_worse(seed):
    """With all limits; of beams that meet with quiet detectors, as those of a paid reference are ideal."""
    free = random_network(np.random.default_rng([seed, 0]), 0)
    quiet = free.with_laboratory(electronic_noise=0.0, dark_counts=0.0, phase_jitter_rad=0.0, visibility=1.0)
    for name in sorted(BOTH_KINDS):
        network = quiet if name == "coherent" else free
        paid = built(name, network.replace(phase_reference="paid"))
        found = built(name, network)
        assert isinstance(found, Built)
        assert found.mse <= paid.mse * (1 + 1e-9), name


def test_both_kinds_are_kept_written_and_simulated(tmp_path):
    """One squeezed vacuum over an interferometer and a sensor: its joint measurement, with detectors of their own."""
    network = star([1, "-1/2"], 1e4, arms=[1, 2], squeezing_db=10.0, phase_reference="free").with_laboratory(
        detector_efficiency=0.9, visibility=0.98, phase_jitter_rad=0.01, mean_photons_max=4e3
    )
    made = design(network)
    shared = next(one for one in made.candidates if one.plan.scheme == "bright-shared-squeezing")
    (part,) = shared.plan.parts
    assert isinstance(part.measurement, Moments)
    assert [type(one) for one in part.measurement.observables] == [Quadrature, Interference]
    save(made, tmp_path / "design.json")
    assert load(tmp_path / "design.json") == made
    (program,) = programs_of(shared.plan, [part.circuit], Problem.of(network))
    assert not isinstance(program.strawberryfields, str)
    assert {"MeasureHomodyne", "MeasureFock"} <= set(re.findall(r"Measure\w+", program.strawberryfields.blackbird))
    found = simulate(network, scheme="bright-shared-squeezing", shots=200, trials=2000, seed=5, theta=[1e-5, -1e-5])
    assert found.first.mse == pytest.approx(shared.mse / 200, rel=4 * math.sqrt(2 / 2000))


def test_squeezed_vacuum_read_at_angles_that_jitter():
    """Local and in turn the squares of outcomes tell; what sites share does not, and says so. Light beyond a floor is of no use."""
    lab = {"phase_reference": "free", "phase_jitter_rad": 0.1, "detector_efficiency": 0.9}
    network = star([1, 2], 4.0, **lab)
    steady = network.with_laboratory(phase_jitter_rad=0.0)
    assert "steady homodyne angles" in built("squeezed-vacuum-shared", network).reason
    # A squeezer for each sign serves one site each here.
    signs, local = (built(f"squeezed-vacuum-{how}", star([1, -2], 4.0, **lab)) for how in ("shared", "local"))
    assert signs.mse == pytest.approx(local.mse, rel=1e-6)
    assert simulate(star([1, -2], 4.0, **lab), scheme="squeezed-vacuum-shared", shots=9, trials=10).first.scheme
    for name in ("squeezed-vacuum-local", "squeezed-vacuum-in-turn"):
        found = built(name, network)
        assert found.mse > built(name, steady).mse
        assert found.plan.measurement.endswith(
            "from the squares of the outcomes, linear in them, as their angles jitter"
        )
        brighter = [built(name, network.replace(mean_photons=n)).mse for n in (1e3, 1e6, 1e9)]
        assert brighter == sorted(brighter, reverse=True)
        assert brighter[2] == pytest.approx(brighter[1], rel=1e-3)
        for shots in (5, 1000):
            run = simulate(network, scheme=name, shots=shots, trials=4000, seed=7, theta=[1e-3, 2e-3]).first
            assert run.mse == pytest.approx(found.mse / shots, rel=0.15)


def test_hardly_any_light_passes_its_checks():
    """1e-9 photons at a site: the covariance differs from the vacuum's in its last digits."""
    network = star(["1/1000", 0], 1.0, arms=2).with_laboratory(mean_photons_max=1e-9)
    assert all(candidate.failed == () for candidate in candidates(Problem.of(network)).ranked)
