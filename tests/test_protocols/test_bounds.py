"""The bounds table: closed forms, optimality by brute force, what was published beside, and every way to print it."""

import itertools
import json
import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
from drawn import examples
from hypothesis import given, strategies as st
from scipy.optimize import minimize

from networks import InputError, LinearFunction, SensorNetwork
from photonics import Circuit, Displace, FockState, Interferometer, PrepareFock, Sense, Squeeze
from photonics.engines import get_engine
from protocols import bounds_table
from protocols.problem import Problem
from protocols.theory.displacement import best_separable_split, displacement_gain
from protocols.theory.integer_split import best_integer_split

coefficients = st.lists(st.fractions(min_value=-5, max_value=5, max_denominator=5), min_size=1, max_size=5).filter(any)


def test_every_row_for_a_mixed_function():
    table = bounds_table([3, -1, "1/2"], photons=7, mean_photons=2.5, passes=2)
    a = np.array([3, -1, 0.5])
    f = (math.sqrt(2.5) + math.sqrt(3.5)) ** 2
    wanted = {
        ("qubit", "separable"): (np.sum(a**2) / 4, np.sum(a**2) / 4),
        ("qubit", "entangled"): (9 / 4, 9 / 4),
        ("phase", "separable"): (np.sum(abs(a) ** (2 / 3)) ** 3 / 196, np.sum(abs(a) ** (4 / 9)) ** 3 / 196),
        ("phase", "separable-in-turn"): (4.5**2 / 196, None),
        ("phase", "coherent"): (3.5**2 / 28, None),
        ("phase", "coherent-free-reference"): (4.5**2 / 112, None),
        ("phase", "gaussian"): (4.5**2 / (8 * 2.5 * 3.5 * 4), None),
        ("phase", "any-of-mean"): (0.0, None),
        ("phase", "entangled"): (3.5**2 / 196, 3.5**2 / 196),
        ("displacement", "separable"): (None, 4.5**2 / 40),
        ("displacement", "coherent"): (np.sum(a**2) / 4, None),
        ("displacement", "entangled"): (np.sum(a**2) / (4 * f), np.sum(a**2) / 40),
    }
    for key, (mse, published) in wanted.items():
        row = table.row(*key)
        assert mse is None or row.mse == pytest.approx(mse, rel=1e-14)
        assert row.published_mse == (None if published is None else pytest.approx(published, rel=1e-14))
    assert [(r.sensing, r.probes) for r in table.rows] == [
        *(("qubit", probes) for probes in ("separable", "entangled")),
        *(("phase", p) for p in ("separable", "separable-in-turn", "coherent", "coherent-free-reference")),
        *(("phase", p) for p in ("gaussian", "any-of-mean", "entangled")),
        *(("displacement", p) for p in ("separable", "separable-in-turn", "coherent", "entangled")),
    ]
    assert table.row("displacement", "separable-in-turn").mse == table.row("displacement", "separable").mse
    assert table.gain("phase") == pytest.approx(4.5**2 / 3.5**2)
    assert table.row("phase", "entangled").gain_over == "separable-in-turn"
    separable, entangled = (table.row("displacement", p).mse for p in ("separable", "entangled"))
    assert table.gain("displacement") == pytest.approx(separable / entangled)
    assert table.gain("qubit") == pytest.approx(np.sum(a**2) / 9)
    assert {r.gain for r in table.rows if r.probes != "entangled"} == {None}


@given(coefficients, st.integers(1, 50), st.floats(0.01, 100), st.integers(1, 5))
@examples(60)
def test_laws_of_the_table(alpha, photons, nbar, passes):
    table = bounds_table(alpha, photons=photons, mean_photons=nbar, passes=passes)
    for sensing in ("qubit", "phase", "displacement"):
        assert table.gain(sensing) >= 1 - 1e-12
    minus = bounds_table([-a for a in alpha], photons=photons, mean_photons=nbar, passes=passes)
    twice = bounds_table([2 * a for a in alpha], photons=photons, mean_photons=nbar, passes=passes)
    for row, other, scaled in zip(table.rows, minus.rows, twice.rows, strict=True):
        assert row.mse == pytest.approx(other.mse, rel=1e-12)
        assert scaled.mse == pytest.approx(4 * row.mse, rel=1e-9)
    # The asymptotic displacement expressions exceed the exact values: they are not lower bounds.
    assert table.row("displacement", "entangled").published_mse > table.row("displacement", "entangled").mse
    assert table.row("displacement", "separable").published_mse > table.row("displacement", "separable").mse


@given(coefficients)
def test_beta_is_dual_to_alpha_and_has_the_minimax_value(alpha):
    f = LinearFunction(alpha).orient().function
    table = bounds_table(f, photons=1, mean_photons=1.0)
    for sensing in ("qubit", "phase", "displacement"):
        beta = table.row(sensing, "entangled").beta
        assert sum(a * b for a, b in zip(f.alpha, beta, strict=True)) == 1
    beta = table.row("phase", "entangled").beta
    # The spread of beta . n on N = 1 photon with a reference is max(beta, 0) - min(beta, 0), and 1/spread^2 is (12).
    spread = max(*beta, 0) - min(*beta, 0)
    assert float(1 / spread**2) == pytest.approx(table.row("phase", "entangled").mse)


@given(coefficients, st.floats(0.01, 50))
@examples(25)
def test_separable_displacement_split_is_the_convex_optimum(alpha, nbar):
    a = np.array([float(x) for x in alpha])
    split = best_separable_split(list(a), nbar)
    assert sum(split.mean_photons) == pytest.approx(nbar, rel=1e-12)
    assert min(split.mean_photons) >= 0

    def cost(x):
        shares = np.exp(x - x.max())
        return math.log(sum(c * c / displacement_gain(nbar * s / shares.sum()) for c, s in zip(a, shares, strict=True)))

    best = min(minimize(cost, start, method="BFGS").fun for start in (np.zeros(len(a)), np.log(np.abs(a) + 1e-3)))
    assert split.variance <= math.exp(best) * (1 + 1e-9)
    # It is reached by its own allocation, so it cannot lie below the optimum either.
    reached = sum(c * c / displacement_gain(n) for c, n in zip(a, split.mean_photons, strict=True))
    assert split.variance == pytest.approx(reached, rel=1e-12)


@pytest.mark.parametrize("alpha", [(1, 2), (5, 3, 1), (1, 8, "1/3"), (1, 1, 1)])
def test_whole_photon_split_by_brute_force(alpha):
    f = LinearFunction(alpha)
    for photons in range(1, 21):
        splits = [c for c in itertools.product(range(1, photons + 1), repeat=len(f)) if sum(c) == photons]
        result = best_integer_split(f, photons)
        if not splits:
            assert result is None
            continue
        best = min(sum((a / n) ** 2 for a, n in zip(f.alpha, c, strict=True)) for c in splits)
        assert result.variance == best
        assert sum(result.photons) == photons


def test_whole_photon_split_of_many_photons_by_exchange():
    f = LinearFunction([1, 7, "5/3", "1/9"])
    result = best_integer_split(f, 99_991)

    def cost(counts):
        return sum((a / n) ** 2 for a, n in zip(f.alpha, counts, strict=True))

    # A separable convex cost is optimal when moving one photon between any two sensors does not help.
    for i, j in itertools.permutations(range(4), 2):
        moved = list(result.photons)
        moved[i] += 1
        moved[j] -= 1
        assert cost(moved) >= cost(result.photons)


def test_whole_photon_split_of_astronomic_photons_is_quick():
    result = best_integer_split(LinearFunction([1, 1, 3]), 10**19 + 1)
    assert sum(result.photons) == 10**19 + 1
    assert abs(result.photons[0] - result.photons[1]) <= 1


def test_resources_not_given_leave_their_rows_open():
    table = bounds_table([1, 1])
    assert table.row("qubit", "entangled").mse == 1
    assert {row.mse for row in table.rows if row.sensing != "qubit"} == {None}
    assert "needs the photon number" in table.row("phase", "entangled").note
    assert "needs the mean photon number" in table.row("displacement", "coherent").note
    assert table.gain("phase") is None is table.gain("displacement")


def test_faults_are_reported_together():
    with pytest.raises(InputError) as error:
        bounds_table(
            ["x"], photons=0, mean_photons=float("nan"), passes=-1, parameters="fixed", arms=3, phase_reference="none"
        )
    assert len(error.value.faults) == 7
    assert "parameters must be 'static' (they stay put over the shots" in str(error.value)
    with pytest.raises(InputError, match="arms must be 1 or 2, got true"):
        bounds_table([1], arms=True)


def test_every_way_to_print_it():
    table = bounds_table(["1/2", -1], photons=4, mean_photons=1.0)
    document = json.loads(table.to_json())
    assert document["function"] == {
        "alpha": ["1/2", "-1"],
        "norm_positive": "1",
        "norm_negative": "1/2",
        "flipped": True,
        "oriented": ["-1/2", "1"],
    }
    assert [(r["sensing"], r["probes"]) for r in document["rows"]][:2] == [
        ("qubit", "separable"),
        ("qubit", "entangled"),
    ]
    assert len(document["entanglement"]) == 6
    assert document["gain"] == {sensing: table.gain(sensing) for sensing in ("qubit", "phase", "displacement")}
    assert [row["modes"] for row in document["tradeoff"]] == [1, 2]
    frame = table.to_pandas()
    assert list(frame["MSE"]) == [row["mse"] for row in document["rows"]]
    assert list(frame["probes"]) == [row["probes"] for row in document["rows"]]
    lines = table.to_csv().splitlines()
    assert lines[0].startswith("sensing,probes,MSE")
    assert float(lines[4].split(",")[2]) == document["rows"][3]["mse"]
    assert "see the trade-off (not in CSV)" in lines[13]
    assert table.to_latex().count("\\begin{tabular}{llllll}") == 1
    assert "% phase, product probe: ||alpha||_{2/3}^2" in table.to_latex()
    assert "| phase | entangled | 0.0625 | 0.0625 | 2.25 |" in table.to_markdown()
    for text in (table.to_latex(), table.to_markdown()):
        assert "Displacement sensing with at most k entangled modes" in text


def test_exact_input_gives_exact_norms():
    assert bounds_table(["1/3", "1/3", "1/3"], photons=1).row("phase", "entangled").mse == 1.0
    assert bounds_table([Fraction(1, 3)] * 3).row("displacement", "entangled").beta == (1, 1, 1)


# --- who is compared with whom ------------------------------------------------------------------------------


def least(cost, weights):
    """The least of a convex cost of ``weights`` shares that add up to 1."""

    def of(x):
        shares = np.exp(x - x.max())
        return cost(shares / shares.sum())

    starts = (np.zeros(weights), np.linspace(0, 1, weights), np.cos(np.arange(weights)))
    return min(minimize(of, start, method="BFGS", options={"gtol": 1e-11, "maxiter": 4000}).fun for start in starts)


@pytest.mark.parametrize(("alpha", "photons", "passes"), [((1, 1, 1), 3, 1), ((3, -1, "1/2"), 4, 2), ((2, -1), 5, 3)])
def test_sites_in_turn_are_the_best_that_separate_sites_do_over_the_shots(alpha, photons, passes):
    f = LinearFunction(alpha)
    a = np.array([float(x) for x in f.alpha])
    splits = [s for s in itertools.product(range(photons + 1), repeat=len(a)) if sum(s) == photons]
    # All product probes of exactly N photons, mixed over the shots: a site with n photons has (n M)^2 at most.
    information = (np.array(splits, dtype=float) * passes) ** 2
    best = least(lambda shares: np.sum(a**2 / (shares @ information)), len(splits))
    row = bounds_table(f, photons=photons, passes=passes).row("phase", "separable-in-turn")
    assert best == pytest.approx(row.mse, rel=1e-5)
    shares = abs(a) / abs(a).sum()
    assert np.sum(a**2 / (shares * (photons * passes) ** 2)) == pytest.approx(row.mse, rel=1e-12)


@pytest.mark.parametrize("alpha", [(1, 1, 1, 1), (3, -1, "1/2"), (1, -1), (-2, 1)])
@pytest.mark.parametrize("passes", [1, 3])
def test_rows_of_coherent_light_are_what_coherent_light_can_do(alpha, passes):
    photons = 5
    f = LinearFunction(alpha)
    table = bounds_table(f, photons=photons, passes=passes)
    a = np.array([float(x) for x in f.alpha])
    # Coherent light carries 4 n t^2 about the phase of each mode, the reference too; only differences of phases are sensed, so the
    # common phase is unknown unless a strong reference is at hand.
    all_modes = np.append(a, -a.sum()) if not f.is_balanced else a
    paid = least(lambda shares: np.sum(all_modes**2 / (4 * photons * passes**2 * shares)), len(all_modes))
    free = least(lambda shares: np.sum(a**2 / (4 * photons * passes**2 * shares)), len(a))
    assert table.row("phase", "coherent").mse == pytest.approx(paid, rel=1e-9)
    assert table.row("phase", "coherent-free-reference").mse == pytest.approx(free, rel=1e-9)


def test_coherent_light_through_passes_on_the_engine():
    alpha, photons, passes = (1.0, -0.5), 3.0, 2
    free = bounds_table(["1", "-1/2"], photons=3, passes=passes).row("phase", "coherent-free-reference").mse
    shares = np.abs(alpha) / np.sum(np.abs(alpha))
    light = (Displace(mode=mode, x=2 * math.sqrt(photons * s), p=0.0) for mode, s in zip("ab", shares, strict=True))
    sense = Sense(modes=("a", "b"), generator="number")
    information = get_engine("native").qfi(
        Circuit(modes=("a", "b"), operations=(*light, *(sense,) * passes)), [0.3, 0.1]
    )
    assert np.array(alpha) @ np.linalg.inv(information) @ np.array(alpha) == pytest.approx(free)
    # Displacements: coherent light, whatever its mean photon number, is as good as the vacuum.
    kick = Sense(modes=("a",), generator="momentum")
    for x in (0.0, 4.0):
        circuit = Circuit(modes=("a",), operations=(Displace(mode="a", x=x, p=0.0), *(kick,) * passes))
        row = bounds_table([1], mean_photons=4.0, passes=passes).row("displacement", "coherent")
        assert 1 / get_engine("native").qfi(circuit, [0.2])[0, 0] == pytest.approx(row.mse)


@pytest.mark.parametrize(
    ("alpha", "photons", "passes", "options", "gain", "over"),
    [
        ((1, 1, 1, 1), 4, 1, {}, 1, "separable-in-turn"),
        ((1, 1, 1, 1), 4, 1, {"parameters": "snapshot"}, 4, "separable"),
        ((1, 1, -1), 1, 2, {}, 2.25, "separable-in-turn"),
        ((1, -1), 7, 1, {}, 4, "separable-in-turn"),
        ((1, -1), 7, 1, {"arms": 2}, 1, "separable-in-turn"),
        ((3, -1, "1/2"), 6, 1, {"parameters": "snapshot"}, 1.5 / (3.5 / 6) ** 2, "separable"),
        ((1, 1, 1, 1), 3, 1, {"parameters": "snapshot"}, None, None),
    ],
)
def test_the_gain_is_over_the_best_light_without_entanglement_between_sites(
    alpha, photons, passes, options, gain, over
):
    table = bounds_table(alpha, photons=photons, passes=passes, **options)
    bound = table.row("phase", "entangled")
    assert bound.gain == (None if gain is None else pytest.approx(gain))
    assert bound.gain_over == over
    if gain is None:
        assert "no product state of N = 3 photons has light at 4 sites in every shot" in bound.note
    # Coherent light, whose N is a mean, is no baseline of exactly N photons; where it is better than that, the row says so.
    times = table.row("phase", "coherent").mse / bound.mse
    assert times == pytest.approx(photons)
    better = gain is None or times < gain * (1 - 1e-12)
    assert ("coherent light, with N an average" in bound.note) == better
    assert (f"has only {photons} times this bound" in bound.note) == (better and photons > 1)


def test_coherent_light_that_is_better_than_the_baseline_is_told():
    for options, over in (({}, 4), ({"parameters": "snapshot"}, 11.25)):
        bound = bounds_table([1, -1], photons=3, **options).row("phase", "entangled")
        assert bound.gain == pytest.approx(over)
        assert "coherent light, with N an average, has only 3 times this bound" in bound.note
    assert "is as good as this bound" in bounds_table([1, -1], photons=1).row("phase", "entangled").note


@given(coefficients, st.integers(1, 50), st.sampled_from([1, 2]))
@examples(60)
def test_order_of_the_phase_rows(alpha, photons, arms):
    table = bounds_table(alpha, photons=photons, arms=arms)
    mse = {row.probes: row.mse for row in table.rows if row.sensing == "phase"}
    f = LinearFunction(alpha).orient().function
    assert mse["entangled"] <= mse["separable-in-turn"] * (1 + 1e-12)
    assert mse["separable-in-turn"] <= mse["separable"] * (1 + 1e-12)
    assert mse["coherent"] == pytest.approx(photons * mse["entangled"])
    assert 1 - 1e-12 <= table.gain("phase") <= 4 + 1e-12
    if min(f.alpha) >= 0 or arms == 2:
        assert table.gain("phase") == pytest.approx(1)
    crossing = 4 * f.norm_positive**2 / Fraction(f.norm(1)) ** 2
    below = arms == 1 and photons < crossing
    assert (mse["coherent-free-reference"] < mse["entangled"] * (1 - 1e-12)) == below
    assert ("as here" in table.row("phase", "entangled").note) == below
    # Where coherent light of the same mean number is better than the baseline of the gain, the note says so.
    gained = table.gain("phase") > photons * (1 + 1e-12)
    assert ("coherent light, with N an average" in table.row("phase", "entangled").note) == gained


def test_snapshots_have_no_turns():
    table = bounds_table([2, -1], photons=4, mean_photons=2.0, parameters="snapshot")
    for sensing in ("phase", "displacement"):
        row = table.row(sensing, "separable-in-turn")
        assert row.mse is None
        assert "every shot has to tell q" in row.note
    assert {row.mse for row in table.tradeoff} == {None}
    static = bounds_table([2, -1], photons=4, mean_photons=2.0)
    for sensing, probes in (("phase", "separable"), ("phase", "coherent"), ("displacement", "separable")):
        assert table.row(sensing, probes) == static.row(sensing, probes)


@pytest.mark.parametrize(("alpha", "best"), [((1, 1), 4), ((1, -1), 4), ((2, -1), 9)])
@pytest.mark.parametrize("photons", [1, 2])
def test_two_arms_each_are_a_balanced_function(alpha, best, photons):
    table = bounds_table(alpha, photons=photons, arms=2)
    assert table.row("phase", "entangled").mse == table.row("phase", "separable-in-turn").mse == best / photons**2
    assert table.row("phase", "separable").mse == pytest.approx(sum(abs(a) ** (2 / 3) for a in alpha) ** 3 / photons**2)
    assert table.row("phase", "coherent").mse == table.row("phase", "coherent-free-reference").mse == best / photons
    beta = table.row("phase", "entangled").beta
    assert sum(b * a for a, b in zip(LinearFunction(alpha).orient().function.alpha, beta, strict=True)) == 1
    # All states of N photons in four arms: F = Cov of the differences, which the populations decide.
    strings = np.array([s for s in itertools.product(range(photons + 1), repeat=4) if sum(s) == photons], dtype=float)
    difference = strings[:, [0, 2]] - strings[:, [1, 3]]
    a = np.array(alpha, dtype=float)

    def cost(shares):
        information = (difference.T * shares) @ difference - np.outer(shares @ difference, shares @ difference)
        return a @ np.linalg.pinv(information + 1e-12 * np.eye(2)) @ a

    assert least(cost, len(strings)) == pytest.approx(best / photons**2, rel=1e-4)
    # A coherent state in either arm: its variance is n, however it is shared out, and an outer reference changes nothing.
    each = least(lambda shares: np.sum(a**2 / (photons * shares)), 2)
    assert table.row("phase", "coherent").mse == pytest.approx(each, rel=1e-8)


@pytest.mark.parametrize(("reference", "comparable"), [("paid", "coherent"), ("free", "coherent-free-reference")])
def test_the_row_of_coherent_light_to_compare_with_is_named(reference, comparable):
    table = bounds_table([1, 1], photons=2, phase_reference=reference)
    notes = {probes: table.row("phase", probes).note for probes in ("coherent", "coherent-free-reference")}
    assert ("compare the next row" in notes["coherent"]) == (comparable != "coherent")
    assert ("as in this setting" in notes["coherent-free-reference"]) == (comparable == "coherent-free-reference")
    assert ("not comparable" in notes["coherent-free-reference"]) == (comparable == "coherent")


def test_the_parameters_of_a_network_decide_about_turns():
    static = SensorNetwork.star([1, 1, 1, 1], sensing="phase", photons=4)
    assert Problem.of(static).bounds == bounds_table([1, 1, 1, 1], photons=4)
    assert Problem.of(static).bounds.gain("phase") == 1
    snapshot = Problem.of(static.replace(parameters="snapshot"))
    assert snapshot.bounds == bounds_table([1, 1, 1, 1], photons=4, parameters="snapshot")
    assert snapshot.bounds.gain("phase") == pytest.approx(4)


# --- light of a mean photon number in phase sensing -----------------------------------------------------------


def random_gaussian(modes, nbar, rng):
    """Pure Gaussian light of nbar photons in all: squeezed vacua of any share through any unitary, displaced by the rest."""
    shares = rng.dirichlet(np.full(modes + 1, rng.choice([0.2, 1.0])))
    shares *= rng.random() < 0.7 or np.append(np.zeros(modes), 1)
    squeezed = nbar * shares[:modes]
    amplitude = math.sqrt(max(nbar - squeezed.sum(), 0.0))
    unitary = scipy.stats.unitary_group.rvs(modes, random_state=rng) if modes > 1 else np.ones((1, 1))
    n = unitary.conj() @ np.diag(squeezed) @ unitary.T
    m = unitary @ np.diag(np.sqrt(squeezed * (squeezed + 1))) @ unitary.T
    z = rng.standard_normal(modes) + 1j * rng.standard_normal(modes)
    return n, m, amplitude * z / np.linalg.norm(z)


def number_covariance(n, m, z):
    """Of all photon numbers, by Wick's theorem: n_jk = <a_j^dagger a_k>, m_jk = <a_j a_k> of the light less its amplitudes z."""
    bright = 2 * np.real(np.outer(z, z.conj()) * n) + 2 * np.real(np.outer(z.conj(), z.conj()) * m)
    return abs(m) ** 2 + abs(n) ** 2 + bright + np.diag(np.diag(n).real + abs(z) ** 2)


def test_the_covariance_of_photon_numbers_is_that_of_the_engine():
    rng = np.random.default_rng(5)
    for _ in range(5):
        squeezed, z = rng.uniform(0, 2, 2), rng.standard_normal(2)
        unitary = scipy.stats.unitary_group.rvs(2, random_state=rng)
        r = np.arcsinh(np.sqrt(squeezed))
        operations = [Squeeze(mode=mode, r=float(x)) for mode, x in zip("ab", r, strict=True)]
        gate = Interferometer(modes=("a", "b"), unitary=tuple(map(tuple, unitary.tolist())))
        kick = [Displace(mode=mode, x=2 * float(x), p=0.0) for mode, x in zip("ab", z, strict=True)]
        sense = Sense(modes=("a", "b"), generator="number")
        circuit = Circuit(modes=("a", "b"), operations=(*operations, gate, *kick, sense))
        information = get_engine("native").qfi(circuit, [0.3, 0.1])
        n = unitary.conj() @ np.diag(squeezed) @ unitary.T
        # The gate squeezes x: <a a> is negative.
        m = -unitary @ np.diag(np.sqrt(squeezed * (squeezed + 1))) @ unitary.T
        assert information == pytest.approx(4 * number_covariance(n, m, z.astype(complex)), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("alpha", [(1,), (1, 1), (1, -1), (3, -1, "1/2")])
@pytest.mark.parametrize("arms", [1, 2])
def test_no_pure_gaussian_light_is_below_its_bound(alpha, arms):
    """Random light, with a mode more that senses nothing."""
    rng = np.random.default_rng(len(alpha) + 10 * arms)
    a = np.array([float(Fraction(x)) for x in alpha])
    modes = arms * len(a) + 1
    generators = np.zeros((len(a), modes))
    for j in range(len(a)):
        if arms == 2:
            generators[j, 2 * j : 2 * j + 2] = (0.5, -0.5)
        else:
            generators[j, j] = 1
    for nbar in (0.1, 1.0, 7.0):
        bound = bounds_table(alpha, mean_photons=nbar, arms=arms).row("phase", "gaussian").mse
        best = math.inf
        for _ in range(300):
            information = 4 * generators @ number_covariance(*random_gaussian(modes, nbar, rng)) @ generators.T
            if np.linalg.eigvalsh(information)[0] > 1e-9 * np.trace(information):
                best = min(best, a @ np.linalg.solve(information, a))
        assert best >= bound * (1 - 1e-9)


@pytest.mark.parametrize("nbar", [0.2, 3.0])
@pytest.mark.parametrize("passes", [1, 3])
def test_squeezed_vacuum_reaches_the_gaussian_bound(nbar, passes):
    """In turn for every function; split along alpha where all coefficients have one sign."""
    r = math.asinh(math.sqrt(nbar))
    sense = Sense(modes=("a",), generator="number")
    one = get_engine("native").qfi(
        Circuit(modes=("a",), operations=(Squeeze(mode="a", r=r), *(sense,) * passes)), [0.3]
    )[0, 0]
    bound = bounds_table([3, -1, "1/2"], mean_photons=nbar, passes=passes).row("phase", "gaussian").mse
    assert 4.5**2 / one == pytest.approx(bound, rel=1e-9)
    shares = np.array([0.5, 0.25, 0.25])
    n, m = nbar * np.sqrt(np.outer(shares, shares)), math.sqrt(nbar * (nbar + 1)) * np.sqrt(np.outer(shares, shares))
    information = 4 * passes**2 * number_covariance(n.astype(complex), m.astype(complex), np.zeros(3, dtype=complex))
    a = np.array([2.0, 1.0, 1.0])
    row = bounds_table([2, 1, 1], mean_photons=nbar, passes=passes).row("phase", "gaussian")
    assert a @ np.linalg.solve(information, a) == pytest.approx(row.mse, rel=1e-9)
    assert "one sign" in bounds_table([2, 1, 1], mean_photons=nbar, parameters="snapshot").row("phase", "gaussian").note


@pytest.mark.parametrize("times", [2, 5, 40])
def test_state_11_has_any_variance_and_shows_nothing_in_one_shot(times):
    mean = 3
    state = FockState.from_terms(("a",), {(0,): math.sqrt((times - 1) / times), (times * mean,): math.sqrt(1 / times)})
    sense = Sense(modes=("a",), generator="number")
    circuit = Circuit(modes=("a",), operations=(PrepareFock(state=state), sense))
    assert get_engine("native").qfi(circuit, [0.0])[0, 0] == pytest.approx(4 * (times - 1) * mean**2)
    phases = np.exp(1j * times * mean * np.linspace(0, 2 * math.pi, 500))
    overlaps = abs((times - 1) / times + phases / times) ** 2
    assert overlaps.min() == pytest.approx((1 - 2 / times) ** 2, abs=1e-3)
    row = bounds_table([1], mean_photons=mean).row("phase", "any-of-mean")
    assert (row.mse, row.equation) == (0.0, "(11)")


def test_coherent_light_takes_the_mean_photon_number_where_no_exact_one_is_given():
    mean, exact = bounds_table([1, -2], mean_photons=4.0), bounds_table([1, -2], photons=4)
    for probes in ("coherent", "coherent-free-reference"):
        assert mean.row("phase", probes).mse == exact.row("phase", probes).mse
    assert "nbar photons on average" in mean.row("phase", "coherent").note
    assert {row.mse for row in mean.rows if row.probes == "entangled" and row.sensing == "phase"} == {None}
