"""Twin squeezed vacua: counts beside brute-force sums and the engine's, the light of networks beside random light."""

import math

import numpy as np
import pytest
from drawn import seeds
from scipy.interpolate import CubicSpline
from scipy.linalg import expm
from scipy.stats import binom, poisson

from networks import InputError
from photonics import (
    BeamSplitter,
    Circuit,
    Detectors,
    Loss,
    Parity,
    PhotonCounting,
    Sense,
    Squeeze,
    get_engine,
    measure,
    nuisance_aware_information,
)
from protocols.theory.limits.squeezers import SqueezerLimits, photons_of_db
from protocols.theory.limits.twin import (
    JITTERED_COUNTS,
    MAX_COUNTS,
    TAIL,
    counting_information,
    most_countable,
    parity_information,
    twin_information,
    twin_parity_information,
    twin_quantum_information,
)
from protocols.theory.limits.twin_light import TwinNode, best_twin_in_turn, best_twin_local

NATIVE = get_engine("native")
ACROSS = np.array([[0.5], [-0.5]])
NOISY = {"survives": 0.9, "detector_efficiency": 0.8, "visibility": 0.95, "dark_counts": 0.02}


def twin_circuit(photons, survives, *, first_splitter=False, overlap=1.0):
    """The light of the two arms, on the mode of the other arm and beside it, meeting at the second beam splitter."""
    r = math.asinh(math.sqrt(photons / 2))
    modes = ("a", "b") if overlap == 1 else ("a", "b", "a'", "b'")
    steps = [Squeeze(mode="a", r=r), Squeeze(mode="b", r=r)]
    if first_splitter:
        steps.append(BeamSplitter(first="a", second="b", theta_rad=math.pi / 4))
    steps.append(Sense(modes=("a", "b"), generator="number"))
    steps += [Loss(mode=mode, transmissivity=survives) for mode in "ab"]
    if overlap < 1:
        steps.append(BeamSplitter(first="b", second="b'", theta_rad=math.acos(overlap)))
        steps.append(BeamSplitter(first="a'", second="b'", theta_rad=math.pi / 4))
    steps.append(BeamSplitter(first="a", second="b", theta_rad=math.pi / 4))
    return Circuit(modes=modes, operations=tuple(steps))


def brute_force(photons, eta, dark_counts, phase, pairs=40, jitter=0.0):
    """Of counts at one phase, or at phases that are normal around it, by a fine sum."""
    points = np.linspace(-6, 6, 121) if jitter else np.zeros(1)
    weights = np.exp(-(points**2) / 2)
    tables = [
        w * brute_counts(photons, eta, dark_counts, phase + jitter * x, pairs)
        for x, w in zip(points, weights, strict=True)
    ]
    p, slope = sum(tables) / weights.sum()
    kept = p > 1e-25
    return float((slope[kept] ** 2 / p[kept]).sum())


def brute_counts(photons, eta, dark_counts, phase, pairs):
    """Counts of twin Fock states that a beam splitter turns, lost one by one, with dark counts on top: no transform."""
    half, size = photons / 2, 2 * pairs + 1
    ratio = half / (half + 1)
    p, slope = np.zeros((size, size)), np.zeros((size, size))
    for k in range(pairs + 1):
        m = np.arange(k, -k - 1, -1.0)
        raising = np.diag(np.sqrt(k * (k + 1) - m[1:] * (m[1:] + 1)), 1)
        turn = (raising - raising.T) / 2
        # A pair of squeezed vacua is a sum of |k, k>, turned by a quarter.
        amplitudes = expm((phase + math.pi / 2) * turn)[:, k]
        moved = turn @ amplitudes
        at = (np.arange(2 * k, -1, -1), np.arange(2 * k + 1))
        weight = (1 - ratio) * ratio**k
        p[at] += weight * amplitudes**2
        slope[at] += 2 * weight * amplitudes * moved
    seen, sent = np.indices((size, size))
    thin = binom.pmf(seen, sent, eta)
    added = poisson.pmf(seen - sent, dark_counts)
    change = added @ thin
    return np.array([change @ table @ change.T for table in (p, slope)])


@pytest.mark.parametrize("phase", [0.2, 0.9, 1.4])
@pytest.mark.parametrize(("eta", "dark"), [(1.0, 0.0), (0.9, 0.0), (0.6, 0.0), (0.8, 0.05)])
def test_counts_are_those_of_turned_and_lossy_twin_fock_states(eta, dark, phase):
    found = counting_information(1.6, eta, 1.0, dark, phase)
    assert found == pytest.approx(brute_force(1.6, eta, dark, phase), rel=1e-8)


@pytest.mark.parametrize("jitter", [0.05, 0.7])
@pytest.mark.parametrize(("eta", "dark"), [(1.0, 0.0), (0.6, 0.0), (0.8, 0.05)])
def test_counts_at_phases_that_jitter_are_averages(eta, dark, jitter):
    found = counting_information(0.8, eta, 1.0, dark, 1.3, phase_jitter_rad=jitter)
    assert found == pytest.approx(brute_force(0.8, eta, dark, 1.3, pairs=16, jitter=jitter), rel=1e-7)


def test_jitter_only_takes_information_away():
    """In the limit of none continuously; a half of a turn and more leaves next to nothing; sums of more waves are the same."""
    for photons, lab in ((2.0, {}), (5.0, {"survives": 0.9}), (1.0, NOISY)):
        steady = twin_information(photons, **lab).value
        found = [twin_information(photons, phase_jitter_rad=s, **lab).value for s in (1e-7, 0.03, 0.2, 0.8, math.pi)]
        assert found[0] == pytest.approx(steady, rel=1e-6)
        assert (np.diff([steady * (1 + 1e-9), *found]) < 0).all()
        assert found[-1] < 1e-6
    counts = [counting_information(5.0, 0.9, 0.97, 0.01, 1.2, tail, phase_jitter_rad=0.1) for tail in (TAIL, 2 * TAIL)]
    assert counts[0] == pytest.approx(counts[1], rel=1e-8)
    with pytest.raises(InputError, match=f"beyond {JITTERED_COUNTS} photons"):
        twin_information(1.01 * most_countable(phase_jitter_rad=0.1), phase_jitter_rad=0.1)
    with pytest.raises(InputError, match="phase_jitter_rad must be from 0 to pi"):
        twin_information(1.0, phase_jitter_rad=4.0)


@pytest.mark.parametrize("first_splitter", [False, True])
@pytest.mark.parametrize("phase", [0.3, 1.1])
def test_counts_are_those_of_the_engine(phase, first_splitter):
    """A first beam splitter leaves vacua that are squeezed alike as they are."""
    circuit = twin_circuit(0.8, 0.9, first_splitter=first_splitter)
    counters = PhotonCounting(largest_lost_weight=1e-10, detectors=Detectors(efficiency=0.8, dark_counts=0.02))
    outcomes = measure(circuit, counters, [phase / 2, -phase / 2])
    wanted = outcomes.fisher_matrix(ACROSS).item()
    assert counting_information(0.8, 0.72, 1.0, 0.02, phase) == pytest.approx(wanted, rel=1e-7)


def test_visibility_is_overlap_of_the_light_of_the_arms():
    """With the light beside the common mode in modes of its own, whose counts add up; parity of one port too."""
    phase, overlap = 1.1, 0.9
    circuit = twin_circuit(0.3, 0.8, overlap=overlap)
    theta = [phase / 2, -phase / 2]
    table = measure(circuit, PhotonCounting(largest_lost_weight=1e-7), theta)
    ports = table.labels[:, :2] + table.labels[:, 2:]
    distinct, which = np.unique(ports, axis=0, return_inverse=True)
    p, slope = np.zeros(len(distinct)), np.zeros(len(distinct))
    np.add.at(p, which.reshape(-1), table.probabilities)
    np.add.at(slope, which.reshape(-1), (table.jacobian @ ACROSS)[:, 0])
    wanted = float((slope**2 / p).sum())
    assert counting_information(0.3, 0.8, overlap, 0.0, phase) == pytest.approx(wanted, rel=1e-4)
    assert counting_information(0.3, 0.8, 1.0, 0.0, phase) > 1.02 * wanted
    parity = measure(circuit, Parity(modes=("a", "a'"), detectors=Detectors(dark_counts=0.01)), theta)
    # Both modes of the port are seen by one detector here: half of its dark counts each.
    found = parity_information(0.3, 0.8, overlap, 0.02, phase)
    assert found == pytest.approx(parity.fisher_matrix(ACROSS).item(), rel=1e-9)


@pytest.mark.parametrize(("photons", "eta"), [(1.0, 1.0), (20.0, 1.0), (3.0, 0.7), (1e4, 0.9), (0.01, 0.5)])
def test_quantum_information_is_that_of_gaussian_light(photons, eta):
    circuit = twin_circuit(photons, eta)
    matrix = NATIVE.qfi(circuit, [0.1, -0.2])
    wanted = (ACROSS.T @ matrix @ ACROSS).item()
    assert twin_quantum_information(photons, survives=eta) == pytest.approx(wanted, rel=1e-8)
    # The sum of both phases tells nothing of the difference.
    assert nuisance_aware_information(matrix, [1.0, -1.0]).qfi == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize("photons", [0.5, 2.0, 6.0])
def test_without_loss_counting_reaches_n_times_n_plus_two_at_every_phase(photons):
    wanted = photons * (photons + 2)
    for phase in (0.03, 0.4, 1.0, 1.5):
        assert counting_information(photons, 1.0, 1.0, 0.0, phase) == pytest.approx(wanted, rel=1e-6)
    assert twin_information(photons, passes=3).value == pytest.approx(9 * wanted, rel=1e-15)


@pytest.mark.parametrize("photons", [1.0, 20.0, 1e6, 1e20])
def test_parity_reaches_it_at_the_dark_fringe_at_any_brightness(photons):
    """P = 1/sqrt(1 + n (n + 2) sin^2 theta)."""
    wanted = photons * (photons + 2)
    near = 1e-6 / (photons + 2)
    assert parity_information(photons, 1.0, 1.0, 0.0, near) == pytest.approx(wanted, rel=1e-9)
    phase = 0.7 / (photons + 2)
    more = wanted * math.sin(phase) ** 2
    # (dP)^2/(1 - P^2) of it.
    form = wanted * math.cos(phase) ** 2 / (1 + more) ** 2
    assert parity_information(photons, 1.0, 1.0, 0.0, phase) == pytest.approx(form, rel=1e-12)
    assert twin_parity_information(photons).value == wanted


@pytest.mark.parametrize("eta", [1.0, 0.9, 0.5])
def test_parity_is_that_of_the_engine(eta):
    circuit, phase = twin_circuit(3.0, eta), 0.4
    detectors = Detectors(efficiency=0.9, dark_counts=0.03)
    outcomes = measure(circuit, Parity(modes=("a",), detectors=detectors), [phase / 2, -phase / 2])
    wanted = outcomes.fisher_matrix(ACROSS).item()
    assert parity_information(3.0, 0.9 * eta, 1.0, 0.03, phase) == pytest.approx(wanted, rel=1e-9)


@seeds(10)
def test_information_is_ordered_and_the_best_phase_is_best(seed):
    """Parity of one port <= counts of both <= the light that arrives at the detectors <= that behind the sensing."""
    rng = np.random.default_rng(seed)
    photons, survives, efficiency = float(rng.uniform(0.1, 6)), float(rng.uniform(0.5, 1)), float(rng.uniform(0.5, 1))
    visibility, dark = float(rng.uniform(0.8, 1)), float(rng.choice([0.0, 0.03]))
    lab = {"detector_efficiency": efficiency, "visibility": visibility, "dark_counts": dark}
    counted = twin_information(photons, survives=survives, **lab)
    parity = twin_parity_information(photons, survives=survives, **lab)
    eta = survives * efficiency
    for phase in rng.uniform(0, math.pi / 2, 40):
        one = counting_information(photons, eta, visibility, dark, phase)
        assert parity_information(photons, eta, visibility, dark, phase) <= one * (1 + 1e-9)
        assert one <= counted.value * (1 + 1e-6)
        assert parity_information(photons, eta, visibility, dark, phase) <= parity.value * (1 + 1e-6)
    arriving = twin_quantum_information(photons, survives=eta)
    assert parity.value <= counted.value <= arriving * (1 + 1e-9) <= counted.quantum * (1 + 1e-9)
    at = counting_information(photons, eta, visibility, dark, counted.working_point_rad)
    assert counted.value == pytest.approx(at, rel=1e-12)


@pytest.mark.parametrize(("photons", "eta"), [(0.01, 0.9), (4.0, 0.95), (10.0, 0.8)])
def test_what_is_beyond_the_counts_that_are_followed_tells_nothing(photons, eta):
    counted = counting_information(photons, eta, 1.0, 0.0, 1.2)
    assert counting_information(photons, eta, 1.0, 0.0, 1.2, 2 * TAIL) == pytest.approx(counted, rel=1e-8)
    # Fewer of them are counts modulo something: never more than all of them tell.
    assert counting_information(photons, eta, 1.0, 0.0, 1.2, TAIL / 4) <= counted * (1 + 1e-9)


@pytest.mark.parametrize(("survives", "dark"), [(0.999, 0.0), (0.9, 0.0), (0.5, 0.3), (0.1, 2.0)])
def test_more_light_tells_more(survives, dark):
    """What the shares of light take for granted."""
    light = 30 * np.geomspace(0.001, 1, 12)
    known = [twin_information(float(n), survives=survives, dark_counts=dark).value for n in light]
    assert (np.diff(known) > 0).all()
    # 1/F is convex, as prices of photons need to have one answer.
    steps = np.diff(1 / np.array(known)) / np.diff(light)
    assert (np.diff(steps) > 0).all()


def test_the_most_light_is_said():
    most = most_countable(survives=0.8)
    assert twin_information(0.999 * most, survives=0.8).value > 0
    with pytest.raises(InputError, match=rf"at most {most:.4g} .* beyond {MAX_COUNTS} photons .*intensity differences"):
        twin_information(1.01 * most, survives=0.8)
    assert twin_information(1e9).value == pytest.approx(1e18, rel=1e-8)
    assert most_countable(dark_counts=1e4) == 0.0


def test_every_fault_is_named():
    with pytest.raises(InputError) as caught:
        twin_information(-1.0, survives=0.0, passes=0, detector_efficiency=2.0, visibility=math.nan, dark_counts=-1.0)
    assert len(caught.value.faults) == 6
    with pytest.raises(InputError) as caught:
        TwinNode(survives=2.0, most_photons=-1.0)
    assert len(caught.value.faults) == 2
    with pytest.raises(InputError) as caught:
        best_twin_local([0.0], [TwinNode()] * 2, SqueezerLimits(mean_photons=1.0), 0.0)
    assert len(caught.value.faults) == 3


# --- networks --------------------------------------------------------------------------------------------------


def random_network(seed):
    """Nodes with and without losses and limits, and limits of a laboratory that bind or do not."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 5))
    labs = [{}, {"survives": 0.9}, {"survives": 0.7, "dark_counts": 0.01}, {"most_photons": 0.8}, NOISY]
    ideal = seed % 3 == 0
    nodes = [TwinNode(**({} if ideal else labs[int(rng.integers(len(labs)))])) for _ in range(count)]
    photons = float(rng.uniform(1, 5))
    limits = SqueezerLimits(mean_photons=photons, squeezing_db=float(rng.choice([6.0, 9.0, 100.0])))
    return rng, rng.normal(size=count), nodes, limits, photons


def feasible(shares, nodes, limits, photons):
    most = [min(2 * photons_of_db(limits.squeezing_db), node.most_photons) for node in nodes]
    return np.minimum(shares / shares.sum() * photons, most)


@seeds(6)
def test_no_random_shares_of_light_are_better(seed):
    rng, alpha, nodes, limits, photons = random_network(seed)
    best = best_twin_local(alpha, nodes, limits, photons)
    assert math.fsum(best.photons) <= photons * (1 + 1e-12)
    assert best.is_proved == all(node.is_ideal for node in nodes)
    # A thousand on curves through exact points, fifty exactly.
    grid = np.geomspace(1e-3, photons, 60)
    curves = {
        node: CubicSpline(np.log(grid), np.log([node.information(float(n)).value for n in grid])) for node in set(nodes)
    }
    inner = np.array(best.photons)
    trials = rng.dirichlet(np.ones(len(alpha)), 500)
    near = inner * np.exp(rng.normal(size=(500, len(alpha))) * rng.choice([0.01, 0.1, 0.5], (500, 1)))
    for shares in (*trials, *near):
        light = feasible(shares, nodes, limits, photons)
        known = [math.exp(curves[node](math.log(max(n, grid[0])))) for n, node in zip(light, nodes, strict=True)]
        assert math.fsum(alpha**2 / known) >= best.mse * (1 - 1e-5)
    for shares in (*trials[:10], *near[:40]):
        light = feasible(shares, nodes, limits, photons)
        exact = [node.information(float(n)).value for n, node in zip(light, nodes, strict=True)]
        assert math.fsum(alpha**2 / exact) >= best.mse * (1 - 1e-9)
    assert best.slope < 1e-2
    turns = best_twin_in_turn(alpha, nodes, limits, photons)
    for shares in rng.dirichlet(np.ones(len(alpha)), 1000):
        known = [node.information(n).value for n, node in zip(turns.photons, nodes, strict=True)]
        assert math.fsum(alpha**2 / known / shares) >= turns.mse * (1 - 1e-12)


def test_lossless_nodes_have_their_closed_forms():
    limits = SqueezerLimits(mean_photons=9.0)
    even = best_twin_local([2.0, -2.0, 2.0], [TwinNode(passes=2)] * 3, limits, 9.0)
    assert even.photons == pytest.approx([3.0] * 3, rel=1e-9)
    assert [even.mse, even.quantum_mse] == pytest.approx([12 / (4 * 15)] * 2, rel=1e-12)
    turns = best_twin_in_turn([1.0, -2.0, 0.5], [TwinNode()] * 3, limits, 9.0)
    # ||alpha||_1^2/(n (n + 2)), the light of all nodes in each: below the light at all nodes at once.
    assert [turns.mse, turns.quantum_mse] == pytest.approx([3.5**2 / 99] * 2, rel=1e-12)
    assert turns.shares == pytest.approx([2 / 7, 4 / 7, 1 / 7])
    assert turns.mse < best_twin_local([1.0, -2.0, 0.5], [TwinNode()] * 3, limits, 9.0).mse


def test_a_node_that_does_not_count_has_no_light():
    best = best_twin_local([1.0, 0.0], [TwinNode(survives=0.9)] * 2, SqueezerLimits(mean_photons=3.0), 3.0)
    assert best.photons == (3.0, 0.0)
    assert best.mse == pytest.approx(1 / twin_information(3.0, survives=0.9).value, rel=1e-12)


def test_limits_of_squeezers_and_sites():
    nodes = [TwinNode(most_photons=1.0), TwinNode()]
    limits = SqueezerLimits(mean_photons=10.0, squeezing_db=8.0)
    best = best_twin_local([1.0, 1.0], nodes, limits, 10.0)
    assert best.photons == pytest.approx([1.0, 2 * photons_of_db(8.0)])
    assert best.slope == 0.0
    few = SqueezerLimits(mean_photons=10.0, squeezers=3)
    assert best_twin_local([1.0, 1.0], nodes, few, 10.0).mse == math.inf
    assert best_twin_in_turn([1.0, 1.0], nodes, few, 10.0).mse < math.inf
    single = SqueezerLimits(mean_photons=10.0, squeezers=1)
    assert best_twin_in_turn([1.0, 1.0], nodes, single, 10.0).mse == math.inf
    assert best_twin_local([1.0, 1.0], [TwinNode(most_photons=0.0), TwinNode()], limits, 10.0).mse == math.inf


def test_light_beyond_what_is_counted_is_left_out_and_said():
    limits = SqueezerLimits(mean_photons=1e4)
    nodes = [TwinNode(survives=0.3), TwinNode(survives=0.2)]
    best = best_twin_local([1.0, 1.0], nodes, limits, 1e4)
    assert best.is_cut
    assert best.photons == pytest.approx([node.most_counted for node in nodes])
    assert best_twin_in_turn([1.0, 1.0], nodes, limits, 1e4).is_cut
    assert not best_twin_local([1.0, 1.0], nodes, limits, 4.0).is_cut


def test_with_losses_counts_are_read_best_where_they_nearly_agree():
    """Sentences of docs/theory/theory.md: the working point, what counting keeps, and how far parity falls behind."""
    for photons in (1.0, 4.0, 12.0):
        for survives in (0.95, 0.8, 0.6):
            known = twin_information(photons, survives=survives)
            assert known.working_point_rad > math.pi / 4
            assert twin_parity_information(photons, survives=survives).value < known.value / 2
    for survives, share in ((0.95, 0.48), (0.999, 0.98)):
        known = twin_information(20.0, survives=survives)
        assert known.value / known.quantum == pytest.approx(share, abs=0.005)
