"""Every row of docs/theory/corrections.md: its counterexample computed here, and the numbers of the row compared with it.

What a row says of the papers is written out here from the papers; nothing is taken from protocols/theory. Photon states and
Gaussian states are sums over a few strings or small covariance matrices in numpy, and our engines where light goes through a
circuit. ``row`` is the row that names the test; ``row.states(value)`` fails when no number of its counterexample is that value.
"""

import ast
import itertools
import math
import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from oracles import columns_of_w
from scipy.optimize import linprog, minimize_scalar

from photonics import (
    BeamSplitter,
    Circuit,
    FockState,
    NumberControl,
    PrepareFock,
    Sense,
    Squeeze,
    branch_state,
    get_engine,
    nuisance_aware_information,
    qfi_matrix,
    split_squeezed_vacuum,
)
from protocols import WMatrix, bounds_table

NATIVE = get_engine("native")
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "theory" / "corrections.md").read_text()
KINDS = {"false", "true but weak", "misprint", "ours is sharper"}
NUMBER = re.compile(r"(?<![\w.^])-?\d+(?:\.\d+)?(?:/\d+)?(?![\w^]|\.\d)")


@dataclass(frozen=True)
class Row:
    where: str
    kind: str
    printed: str
    holds: str
    counterexample: str
    test: str

    def states(self, *values: float) -> None:
        """Each value is a number of the counterexample, to the digits given there."""
        texts = NUMBER.findall(self.counterexample)
        for value in values:
            assert any(_rounds_to(text, value) for text in texts), (value, self.counterexample)


def _rounds_to(text: str, value: float) -> bool:
    if "/" in text or "." not in text:
        return math.isclose(float(Fraction(text)), value, rel_tol=1e-9, abs_tol=1e-9)
    half = 0.5 * 10 ** -len(text.split(".")[1])
    return abs(float(text) - value) <= half * (1 + 1e-6)


ROWS = [
    Row(*cells)
    for line in PAGE.splitlines()
    if line.startswith("| ") and len(cells := [cell.strip() for cell in line.strip("| ").split(" | ")]) == 6
    if cells[0] not in ("where", "---")
]


def names_of(row: Row) -> list[str]:
    return re.findall(r"`(test_\w+)`", row.test)


@pytest.fixture
def row(request: pytest.FixtureRequest) -> Row:
    (named,) = [r for r in ROWS if request.node.originalname in names_of(r)]
    return named


def test_every_row_has_a_test_and_every_test_a_row() -> None:
    assert len(ROWS) > 30
    for named in ROWS:
        assert names_of(named), named.where
        assert named.kind in KINDS, named.where
        assert all((named.where, named.printed, named.holds, named.counterexample)), named.where
    tests = {
        node.name
        for node in ast.parse(Path(__file__).read_text()).body
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and "row" in [a.arg for a in node.args.args]
    }
    counts = Counter(name for named in ROWS for name in names_of(named))
    assert set(counts) == tests
    assert max(counts.values()) == 1
    # Tables of the page have rows of six cells only: a cell with a bar in it would drop its row from ROWS.
    assert len(ROWS) == sum(line.startswith("| ") for line in PAGE.splitlines()) - 2 * PAGE.count("| where |")


# --- What the tests compute with -------------------------------------------------------------------------------------


def fisher(populations: dict[tuple[int, ...], float], sensors: int) -> np.ndarray:
    """4 Cov(n_i, n_j) of a pure state whose strings of photon numbers have these populations, sensors first."""
    strings, p = np.array(list(populations), dtype=float)[:, :sensors], np.array(list(populations.values()))
    assert p.sum() == pytest.approx(1)
    mean = p @ strings
    return 4 * (np.einsum("s,si,sj->ij", p, strings, strings) - np.outer(mean, mean))


def mse(information: np.ndarray, alpha) -> float:
    """alpha^T F^+ alpha, infinite where alpha is not in the range of F."""
    alpha = np.asarray(alpha, dtype=float)
    inverse = np.linalg.pinv(information, rcond=1e-12, hermitian=True)
    if not np.allclose(information @ inverse @ alpha, alpha, atol=1e-9):
        return math.inf
    return float(alpha @ inverse @ alpha)


def norm(alpha, p: float) -> float:
    """(sum |alpha_j|^p)^(1/p)."""
    return float((np.abs(np.asarray(alpha, dtype=float)) ** p).sum() ** (1 / p))


def published_16(alpha, photons: int, prime: bool = False) -> float:
    """||alpha||_{2/3}^2/N^2, or with alpha' = alpha^(2/3) as printed."""
    alpha = np.abs(np.asarray(alpha, dtype=float))
    return norm(alpha ** (2 / 3) if prime else alpha, 2 / 3) ** 2 / photons**2


def bound_12(alpha, photons: int) -> float:
    alpha = np.asarray(alpha, dtype=float)
    return max(alpha[alpha > 0].sum(), -alpha[alpha < 0].sum()) ** 2 / photons**2


def gain_of(nbar: float) -> float:
    """4 Var p of squeezed vacuum with nbar photons, e^{2r}."""
    return math.exp(2 * math.asinh(math.sqrt(nbar)))


def sites_in_turn(alpha, photons: int) -> np.ndarray:
    """A shot's share of the information: a N00N state of site j and its reference arm in |alpha_j|/||alpha||_1 of the shots."""
    alpha = np.asarray(alpha, dtype=float)
    total = np.zeros((len(alpha), len(alpha)))
    for j, share in enumerate(np.abs(alpha) / np.abs(alpha).sum()):
        site = [0] * len(alpha)
        site[j] = photons
        total += share * fisher({(*site, 0): 0.5, (*[0] * len(alpha), photons): 0.5}, len(alpha))
    return total


def best_product(alpha, photons: int) -> float:
    """One product probe in every shot: the best whole split of the photons over N00N states of the sites, by trying all."""
    used = [a for a in alpha if a]
    splits = itertools.product(range(1, photons + 1), repeat=len(used))
    return min(sum(a**2 / n**2 for a, n in zip(used, split, strict=True)) for split in splits if sum(split) == photons)


# --- BEGG Sec. III: bounds -------------------------------------------------------------------------------------------


def test_sites_in_turn_reach_below_16(row) -> None:
    alpha, photons = [1, 1, 1, 1], 4
    in_turn = mse(sites_in_turn(alpha, photons), alpha)
    assert in_turn == pytest.approx(bound_12(alpha, photons)) == pytest.approx(1)
    assert published_16(alpha, photons) == pytest.approx(best_product(alpha, photons)) == pytest.approx(4)
    row.states(in_turn, published_16(alpha, photons))
    # No averaging of information matrices, just counts: fringes at mid-slope, an estimate of each phase, their sum.
    rng = np.random.default_rng(16)
    shots, trials, theta = 1000, 4000, np.array([0.01, -0.02, 0.03, 0.0])
    counts = rng.binomial(shots, (1 + np.sin(photons * theta)) / 2, size=(trials, 4))
    q = (np.arcsin(2 * counts / shots - 1) / photons).sum(axis=1)
    error = np.mean((q - theta.sum()) ** 2) * 4 * shots
    assert error == pytest.approx(1, abs=5 * math.sqrt(2 / trials))
    # Whatever the signs: ||alpha||_1^2/N^2, at most 4 times (12), and (12) itself for one sign.
    for _ in range(50):
        coefficients = rng.normal(size=rng.integers(1, 6))
        reached = mse(sites_in_turn(coefficients, 3), coefficients)
        assert reached == pytest.approx(norm(coefficients, 1) ** 2 / 9)
        assert 1 - 1e-9 <= reached / bound_12(coefficients, 3) <= 4 + 1e-9
        positive = np.abs(coefficients)
        assert mse(sites_in_turn(positive, 3), positive) == pytest.approx(bound_12(positive, 3))


def test_the_gain_depends_on_signs(row) -> None:
    photons, alpha = 2, (1, -1)
    pair = fisher({(photons, 0): 0.5, (0, photons): 0.5}, 2)
    assert mse(pair, alpha) == pytest.approx(bound_12(alpha, photons))
    over_16 = best_product(alpha, photons) / mse(pair, alpha)
    in_turn = mse(sites_in_turn(alpha, photons), alpha) / mse(pair, alpha)
    assert over_16 == pytest.approx(published_16(alpha, photons) / bound_12(alpha, photons))
    # Both norms are those of (1, 1), whose gain over one product probe is d = 2, and over sites in turn 1.
    assert all(norm(alpha, p) == norm((1, 1), p) for p in (2 / 3, 1))
    same_signs = published_16((1, 1), photons) / bound_12((1, 1), photons)
    assert over_16 > 2
    row.states(over_16, in_turn, same_signs)


def test_16_has_no_prime(row) -> None:
    tenths, photons = (0.1, 0.2), 30
    reached = best_product(tenths, photons)
    printed, meant = published_16(tenths, photons, prime=True), published_16(tenths, photons)
    assert meant <= reached < 1.01 * meant
    assert reached < 0.29 * printed
    row.states(printed * photons**2, meant * photons**2)
    # At (1, 2) the printed value is true, but weak.
    assert published_16((1, 2), photons, prime=True) < best_product((1, 2), photons) / 1.3
    # The table of the package answers with the norm of alpha.
    separable = bounds_table(["1/10", "1/5"], photons=photons).row("phase", "separable")
    assert separable.mse == pytest.approx(meant)


def test_17_is_of_magnitudes(row) -> None:
    alpha = np.array([1.0, -1.0])
    printed = (alpha**1).sum() ** 1
    assert printed == 0
    assert norm(alpha, 1) == 2
    row.states(printed, norm(alpha, 1))


def test_what_fails_for_small_p_is_the_triangle_inequality(row) -> None:
    p, rng = 2 / 3, np.random.default_rng(17)
    for _ in range(20):
        v, factor = rng.normal(size=4), rng.normal()
        assert norm(factor * v, p) == pytest.approx(abs(factor) * norm(v, p))
    whole, parts = norm((1, 1), p), norm((1, 0), p) + norm((0, 1), p)
    assert whole > parts
    row.states(whole, parts)


def test_norms_of_balanced_functions(row) -> None:
    alpha = np.array([1.0, 1.0, -1.0, -1.0])
    positive = alpha[alpha > 0].sum() ** 2
    assert positive == norm(alpha, 1) ** 2 / 4
    row.states(positive, norm(alpha, 1) / 2)
    # And it is what (12) gives at N = 1, reached by one photon over all four modes.
    photon = np.eye(4)
    assert mse(fisher({tuple(e): 0.25 for e in photon.astype(int)}, 4), alpha) == pytest.approx(positive)


def test_table_1_displacement_is_beaten_at_finite_photon_number(row) -> None:
    circuit = Circuit(
        modes=("a",), operations=(Squeeze(mode="a", r=math.asinh(1.0)), Sense(modes=("a",), generator="momentum"))
    )
    reached = nuisance_aware_information(NATIVE.qfi(circuit, [0.0]), [1]).mse
    assert reached == pytest.approx(1 / gain_of(1.0)) == pytest.approx((math.sqrt(2) - 1) ** 2)
    assert reached < 1 / 4
    row.states(reached, 1 / 4)
    entangled = bounds_table([1], mean_photons=1.0).row("displacement", "entangled")
    assert entangled.mse == pytest.approx(reached)


def test_light_with_a_mean_photon_number_is_not_bound_by_12() -> None:
    counts = np.arange(60)
    poisson = np.exp(-1.0 - np.array([math.lgamma(n + 1) for n in counts]))
    assert mse(
        fisher({(int(n),): p / poisson.sum() for n, p in zip(counts, poisson, strict=True)}, 1), [1]
    ) == pytest.approx(1 / 4)
    assert bound_12([1], 1) == 1
    # (11): mean n, and a variance that grows without limit.
    for a, n in ((3, 2), (50, 2)):
        assert fisher({(0,): (a - 1) / a, (a * n,): 1 / a}, 1)[0, 0] == pytest.approx(4 * (a - 1) * n**2)


def separable_displacement(alpha, nbar: float) -> float:
    """min of sum alpha_j^2/f(n_j) over n_1 + n_2 = nbar, by search."""
    first, second = alpha

    def of(share: float) -> float:
        return first**2 / gain_of(share * nbar) + second**2 / gain_of((1 - share) * nbar)

    return float(minimize_scalar(of, bounds=(0, 1), method="bounded", options={"xatol": 1e-12}).fun)


def test_15_18_and_73_hold_with_their_remainders(row) -> None:
    # The remainders d/nbar^2 and 1/nbar^2 times bounded numbers are all that lies between the printed and the exact bounds.
    for nbar in (1.0, 3.0, 10.0, 100.0, 1e4):
        for alpha in ((1.0, 1.0), (3.0, -1.0)):
            square, total = norm(alpha, 2) ** 2, norm(alpha, 1) ** 2
            below_15 = square / (4 * nbar) - square / gain_of(nbar)
            assert 0 < below_15 <= 2 * square / (8 * nbar**2)
            below_18 = total / (4 * nbar) - separable_displacement(alpha, nbar)
            assert 0 < below_18 <= 3 * total / nbar**2
    # The exact value is reached, for mixed signs too, by one squeezed vacuum split along alpha.
    nbar, modes = 3.0, ("a", "b")
    light = split_squeezed_vacuum(modes, [3.0, -1.0], math.asinh(math.sqrt(nbar)))
    circuit = Circuit(modes=modes, operations=(*light, Sense(modes=modes, generator="momentum")))
    reached = mse(NATIVE.qfi(circuit, [0.0, 0.0]), [3, -1])
    assert reached == pytest.approx(10 / gain_of(nbar))
    row.states(reached, 10 / (4 * nbar), separable_displacement((3.0, -1.0), nbar), 16 / (4 * nbar))


# --- BEGG Sec. IV and appendix A: which light is optimal -------------------------------------------------------------


def test_one_probe_of_superposed_strings_reaches_12_for_real_coefficients(row) -> None:
    def superposed(alpha, photons: int) -> float:
        alpha = np.asarray(alpha, dtype=float)
        alpha = alpha if alpha[alpha > 0].sum() >= -alpha[alpha < 0].sum() else -alpha
        shares = np.abs(alpha) / (2 * alpha[alpha > 0].sum())
        strings = {tuple(int(photons) * e): c for e, c in zip(np.eye(len(alpha) + 1, dtype=int), shares, strict=False)}
        strings[(*[0] * len(alpha), photons)] = 1 - shares.sum()
        return mse(fisher(strings, len(alpha)), alpha)

    reached = superposed((math.sqrt(2), 1, -1), 3)
    assert reached == pytest.approx(bound_12((math.sqrt(2), 1, -1), 3))
    row.states(reached)
    rng = np.random.default_rng(34)
    for _ in range(50):
        alpha, photons = rng.normal(size=rng.integers(1, 6)), int(rng.integers(1, 8))
        assert superposed(alpha, photons) == pytest.approx(bound_12(alpha, photons))


def test_large_n_does_not_make_34_hold(row) -> None:
    alpha = (Fraction(1), Fraction(1), Fraction(1))
    for photons, passes in ((100, 1), (10**6, 1), (1, 10**6), (10**30, 1)):
        right_side = [photons * passes * a / sum(alpha) for a in alpha]
        assert all(entry.denominator == 3 for entry in right_side)
    row.states(100, 100 / 3)
    # At N = 4, M = 1, by trying all: no column of W is optimal, and at N = 3 one is.
    optimal = {
        photons: [
            w
            for w in columns_of_w((1, 1, 1), photons)
            if mse(fisher({(*w, 0): 0.5, (0, 0, 0, photons): 0.5}, 3), (1, 1, 1))
            < bound_12((1, 1, 1), photons) * (1 + 1e-9)
        ]
        for photons in (3, 4)
    }
    assert optimal == {3: [(1, 1, 1)], 4: []}


def test_branches_of_optimal_probes_may_be_superpositions(row) -> None:
    state = FockState.from_terms("abr", {(1, 0, 0): 0.5, (0, 1, 0): 0.5, (0, 0, 1): math.sqrt(0.5)})
    information = qfi_matrix(state, modes=("a", "b"))
    assert information == pytest.approx(fisher({(1, 0, 0): 0.25, (0, 1, 0): 0.25, (0, 0, 1): 0.5}, 2))
    # (24) with alpha = (1, 1), N = 1, t = 1: sum over i of F_ij = alpha_j/||alpha||_P = 1/2.
    assert information.sum(axis=0) == pytest.approx([0.5, 0.5])
    assert np.linalg.matrix_rank(information) == 2
    reached = mse(information, [1, 1])
    assert reached == pytest.approx(bound_12((1, 1), 1))
    row.states(1 / 2, reached)
    # Single strings: one photon in a, or in b, against the reference determines one of the two phases only.
    assert mse(fisher({(1, 0, 0): 0.5, (0, 0, 1): 0.5}, 2), [1, 1]) == math.inf


def spread(beta, photons: int) -> float:
    """Largest less smallest eigenvalue of beta . n on N photons over the sensors and a reference."""
    strings = (
        s for s in itertools.product(range(photons + 1), repeat=len(beta)) if sum(s) <= photons
    )  # what is left of N is in the reference
    values = [float(np.dot(beta, s)) for s in strings]
    return max(values) - min(values)


def least_spread(alpha) -> float:
    """min of max(beta, 0) - min(beta, 0) subject to alpha . beta = 1: a linear program in (beta, top, bottom)."""
    d = len(alpha)
    bounded = np.vstack([np.hstack([np.eye(d), -np.ones((d, 1)), np.zeros((d, 1))]),
                         np.hstack([-np.eye(d), np.zeros((d, 1)), np.ones((d, 1))])])  # fmt: skip
    result = linprog(
        [0.0] * d + [1.0, -1.0],
        A_ub=bounded,
        b_ub=np.zeros(2 * d),
        A_eq=[[*alpha, 0.0, 0.0]],
        b_eq=[1.0],
        bounds=[(None, None)] * d + [(0, None), (None, 0)],
    )
    return float(result.fun)


@pytest.mark.parametrize(
    ("alpha", "solutions"),
    [
        ((1, 0), [(1, 0), (1, 0.5), (1, 1)]),
        ((1, -1), [(1, 0), (0, -1), (0.5, -0.5)]),
        ((1, -1, 0), [(0.5, -0.5, -0.5), (0.5, -0.5, 0.5), (1, 0, 1)]),
    ],
)
def test_the_minimax_vector_is_not_unique(row, alpha, solutions) -> None:
    for beta in solutions:
        assert np.dot(alpha, beta) == 1
        assert spread(beta, 2) == pytest.approx(2 * least_spread(alpha))
    # Lemma 3 has one value for all of P = {alpha_j >= 0}, Lemma 2 none below 0 there: each set has a solution without.
    assert len({beta[1:] for beta in solutions}) == 3
    row.states(*solutions[0], *solutions[-1])


def test_the_least_component_is_a_minimum(row) -> None:
    beta, photons = (0.5, -0.5), 2
    as_printed = photons * (max(*beta, 0) - max(min(beta), 0))
    assert spread(beta, photons) == photons * (max(*beta, 0) - min(*beta, 0)) == 2
    row.states(as_printed, spread(beta, photons), *beta)


def test_sums_over_negative_coefficients_are_of_magnitudes(row) -> None:
    alpha, photons = (1, -3), 3
    printed = photons**2 / max(1, -3) ** 2
    seminorm = (photons * least_spread(alpha)) ** 2
    assert seminorm == pytest.approx(photons**2 / max(1, 3) ** 2)
    assert 1 / seminorm == pytest.approx(bound_12(alpha, photons))
    row.states(printed, seminorm)


def test_w_has_no_negative_occupation(row) -> None:
    as_printed = [w for w in itertools.product(range(-2, 3), repeat=2) if abs(w[0]) + abs(w[1]) == 2 and w[0] >= 0]
    assert (1, -1) in as_printed
    with pytest.raises(ValueError, match="negative"):
        branch_state(("a", "b"), (1, -1), (0, 2))
    assert list(WMatrix([1, 0], 2)) == columns_of_w((1, 0), 2) == [(2, 0)]
    # No solution of (32) and (33) uses the others, so nothing that follows from (27) changes.
    for passes in (1, 2, 3):
        solutions = [
            choice
            for choice in itertools.combinations_with_replacement(as_printed, passes)
            if tuple(map(sum, zip(*choice, strict=True))) == (2 * passes, 0)
        ]
        assert solutions == [((2, 0),) * passes]
    row.states(1, -1)


def test_103_does_not_imply_114(row) -> None:
    # One photon in sensor or reference, exchanged between two passes: P(2) = 1 - P(1).
    p1 = np.array([1.0, 0.0])
    p2, weights = 1 - p1, np.array([0.5, 0.5])

    def covariance(a: np.ndarray, b: np.ndarray) -> float:
        return float(weights @ (a * b) - (weights @ a) * (weights @ b))

    assert covariance(p1, p2) ** 2 == covariance(p1, p1) * covariance(p2, p2)  # (103)
    assert covariance(p1, p1) == covariance(p2, p2) == 1 / 4  # (104), N = 1
    information = 4 * sum(covariance(a, b) for a in (p1, p2) for b in (p1, p2))
    modes = ("s", "r")
    sense = Sense(modes=("s",), generator="number")
    switch = NumberControl(moves=(((1, 0), (0, 1)), ((0, 1), (1, 0))))
    start = PrepareFock(state=branch_state(modes, (1, 0), (0, 1)))
    simulated = NATIVE.qfi(Circuit(modes=modes, operations=(start, sense, switch, sense)), [0.3])
    assert simulated[0, 0] == pytest.approx(information, abs=1e-12)
    row.states(information, (1 * 2) ** 2, covariance(p1, p2))


def test_pi_squared_is_an_asymptote(row) -> None:
    # Covariant measurement, uniform prior: Holevo variance 1/|<e^{i phi}>|^2 - 1, |<e^{i phi}>| at most the largest
    # eigenvalue of the matrix with 1/2 beside the diagonal.
    def least(n: int) -> float:
        beside = np.diag(np.full(n, 0.5), 1)
        return 1 / np.linalg.eigvalsh(beside + beside.T)[-1] ** 2 - 1

    for n in (1, 2, 3, 10, 100):
        assert least(n) == pytest.approx(math.tan(math.pi / (n + 2)) ** 2)
    row.states(least(1), 4 * least(2), math.pi**2)
    assert 1e6 * least(1000) == pytest.approx(math.pi**2, rel=5e-3)
    assert all(n**2 * least(n) < math.pi**2 for n in (1, 2, 3, 10, 100, 1000))


# --- BEGG Sec. V, Table 1: entanglement ------------------------------------------------------------------------------


def test_two_modes_suffice_with_mixed_signs(row) -> None:
    # (1, 1, -1), N = 1, M = 2: the pair (a, c), then (b, reference).
    modes = ("a", "b", "c", "r")
    sense = Sense(modes=("a", "b", "c"), generator="number")
    start = PrepareFock(state=branch_state(modes, (1, 0, 0, 0), (0, 0, 1, 0)))
    switch = NumberControl(moves=(((1, 0, 0, 0), (0, 1, 0, 0)), ((0, 0, 1, 0), (0, 0, 0, 1))))
    information = NATIVE.qfi(Circuit(modes=modes, operations=(start, sense, switch, sense)), [0.1, 0.2, 0.3])
    assert mse(information, (1, 1, -1)) == pytest.approx(bound_12((1, 1, -1), 1) / 2**2) == pytest.approx(1)
    assert mse(fisher({(2, 0): 0.5, (0, 2): 0.5}, 2), (1, -1)) == pytest.approx(bound_12((1, -1), 2))
    published = [math.ceil(Fraction(coefficients, passes)) + 1 for coefficients, passes in ((3, 2), (2, 1))]
    assert published == [3, 3]
    row.states(2, *published)
    # With coefficients of one sign the printed bound is the proven one: the reference is occupied in every pass.
    rng = np.random.default_rng(5)
    for _ in range(200):
        alpha, passes = rng.integers(1, 9, size=rng.integers(1, 6)), int(rng.integers(1, 9))
        cells = sum(math.ceil(Fraction(passes * int(a), int(alpha.sum()))) for a in alpha)
        assert math.ceil(Fraction(cells + passes, passes)) >= math.ceil(Fraction(len(alpha), passes)) + 1


def test_times_of_the_phase_schedule(row) -> None:
    # (1, -1): N00N pairs with the reference, half of the time each, as printed; t = 2.
    n = 3
    modes = ("a", "b", "r")
    sense = Sense(modes=("a", "b"), generator="number")
    switch = NumberControl(moves=(((n, 0, 0), (0, 0, n)), ((0, 0, n), (0, n, 0))))
    start = PrepareFock(state=branch_state(modes, (n, 0, 0), (0, 0, n)))
    published = NATIVE.qfi(Circuit(modes=modes, operations=(start, sense, switch, sense)), [0.1, 0.2])
    pair = PrepareFock(state=branch_state(modes, (n, 0, 0), (0, n, 0)))
    corrected = NATIVE.qfi(Circuit(modes=modes, operations=(pair, sense, sense)), [0.1, 0.2])
    unit = bound_12((1, -1), n) / 2**2
    assert mse(corrected, [1, -1]) == pytest.approx(unit)
    row.states(mse(published, [1, -1]) / unit, mse(corrected, [1, -1]) / unit)


def test_one_displaced_mode_at_a_time_gives_the_separable_value(row) -> None:
    # One squeezed mode sensed at sensor 1, moved to sensor 2, sensed there: alpha = (1, 1), t = 2.
    nbar = 400.0
    swap = BeamSplitter(first="a", second="b", theta_rad=math.pi / 2)
    sense = Sense(modes=("a", "b"), generator="momentum")
    circuit = Circuit(
        modes=("a", "b"), operations=(Squeeze(mode="a", r=math.asinh(math.sqrt(nbar))), sense, swap, sense)
    )
    # The mode that was swapped in carries vacuum and learns a little as well, so only the leading order is compared; the
    # sign that the swap gives one mode is undone by reading -theta_2.
    sequential = min(mse(NATIVE.qfi(circuit, [0.0, 0.0]), [1, sign]) for sign in (1, -1))
    separable, entangled = 2**2 / (4 * nbar * 2**2), 2 / (4 * nbar * 2**2)
    assert sequential == pytest.approx(separable, rel=0.01)
    row.states(round(sequential / entangled), separable / entangled)


def test_the_counting_bound_of_displacements_is_weak(row) -> None:
    # alpha = (1, 1), M = 2: the printed bound allows k = 1. Along u = alpha/||alpha||_2 the error is at least
    # ||alpha||_2^2/F(u), and F(u) at most (sum over the passes of sqrt(4 Var(u . p)))^2 by Cauchy and Schwarz, whatever the
    # controls. A product over the sensors has 4 Var(u . p) = sum of u_j^2 4 Var(p_j), each at most f(n_j).
    assert math.ceil(2 / 2) == 1
    nbar, passes = 1e6, 2
    unit = 2 / (4 * nbar * passes**2)
    shares = np.linspace(0, 1, 1001)
    product = max((gain_of(s * nbar) + gain_of((1 - s) * nbar)) / 2 for s in shares)
    floor = 2 / (passes**2 * product) / unit
    # And light that reaches it: two squeezed modes, exchanged between the passes, so that each senses both parameters.
    exchanged = 1 / (2 * gain_of(nbar / 2)) / unit
    assert floor <= exchanged == pytest.approx(floor, rel=1e-5)
    split = 2 / (passes**2 * gain_of(nbar)) / unit
    row.states(round(floor, 4), round(split, 4))


def test_the_qubit_bound_is_weak(row) -> None:
    # Qubit 1 has the largest coefficient. F e_1 = t^2 alpha/alpha_1 needs <Z_1 Z_j>, at most 1 in a pass, to add up to
    # M alpha_j/alpha_1 over the passes, so qubit j shares its entangled block in that many passes at least.
    alpha, passes = (Fraction(1), Fraction(34, 100), Fraction(34, 100), Fraction(3, 10)), 3
    printed = max(math.ceil(sum(alpha)), math.ceil(Fraction(len(alpha), passes)))
    needed = [math.ceil(passes * a) for a in alpha[1:]]

    def possible(k: int) -> bool:
        partners = [c for size in range(k) for c in itertools.combinations(range(3), size)]
        return any(
            all(sum(j in choice for choice in chosen) >= needed[j] for j in range(3))
            for chosen in itertools.combinations_with_replacement(partners, passes)
        )

    least = min(k for k in range(1, 5) if possible(k))
    assert least == math.ceil(sum(math.ceil(passes * a) for a in alpha) / passes)
    row.states(least, printed)
    rng = np.random.default_rng(9)
    for _ in range(300):
        some = [Fraction(int(a), 20) for a in rng.integers(1, 21, size=rng.integers(1, 7))]
        m, largest = int(rng.integers(1, 9)), max(some)
        counted = math.ceil(Fraction(sum(math.ceil(m * a / largest) for a in some), m))
        assert counted >= max(math.ceil(sum(some) / largest), math.ceil(Fraction(len(some), m)))


# --- BEGG appendices B and F: displacements --------------------------------------------------------------------------


def test_the_sign_of_the_root_in_59(row) -> None:
    nbar = 1.0
    a = 2 * nbar + 1
    printed = (-8 * a + math.sqrt(64 * a**2 - 64)) / -32
    meant = (-8 * a - math.sqrt(64 * a**2 - 64)) / -32
    assert 4 * meant == pytest.approx(gain_of(nbar))
    assert 4 * printed == pytest.approx(1 / gain_of(nbar))
    assert all(-16 * xi**2 + (16 * nbar + 8) * xi - 1 == pytest.approx(0, abs=1e-12) for xi in (printed, meant))
    row.states(printed, meant)


def test_the_second_and_third_expression_of_68(row) -> None:
    r, beta = 1.0, np.array([1.0, -1.0])
    # p of a two-mode squeezed vacuum, vacuum variance 1/4: anti-squeezed in p_1 - p_2.
    covariance = np.array([[math.cosh(2 * r), -math.sinh(2 * r)], [-math.sinh(2 * r), math.cosh(2 * r)]]) / 4
    deviations = np.sqrt(np.diag(covariance))
    first = beta @ covariance @ beta
    second = sum(beta[i] * beta[j] * deviations[i] * deviations[j] for i in range(2) for j in range(2))
    third = (beta @ deviations) ** 2
    last = beta @ beta * (deviations @ deviations)
    row.states(first, second)
    assert second == pytest.approx(third, abs=1e-12)
    assert third < first <= (np.abs(beta) @ deviations) ** 2 + 1e-12
    assert first <= last
    # With magnitudes the chain holds for random covariances, and its ends hold as printed.
    rng = np.random.default_rng(68)
    for _ in range(100):
        half, vector = rng.normal(size=(3, 3)), rng.normal(size=3)
        matrix = half @ half.T
        spreads = np.sqrt(np.diag(matrix))
        assert vector @ matrix @ vector <= (np.abs(vector) @ spreads) ** 2 * (1 + 1e-12)
        assert (np.abs(vector) @ spreads) ** 2 <= vector @ vector * np.trace(matrix) * (1 + 1e-12)


def test_the_sum_of_the_fisher_matrix_exceeds_120(row) -> None:
    nbar, modes = 10.0, ("a", "b")
    light = split_squeezed_vacuum(modes, [1.0, 1.0], math.asinh(math.sqrt(nbar)))
    circuit = Circuit(modes=modes, operations=(*light, Sense(modes=modes, generator="momentum")))
    information = NATIVE.qfi(circuit, [0.0, 0.0])
    # By hand: 4 Var(p_1 + p_2) is twice that of the squeezed mode (p_1 + p_2)/sqrt 2.
    assert information.sum() == pytest.approx(2 * gain_of(nbar))
    assert np.trace(information) <= 4 * (nbar + 1)
    row.states(information.sum(), 4 * (nbar - 1), np.trace(information), 4 * (nbar + 1))
    # Neither reading of the left side is below what is printed.
    assert min(information.sum(), np.trace(information)) > 4 * (nbar - 1)


# --- Farokhi ---------------------------------------------------------------------------------------------------------


def qubit_fisher(amplitudes: dict[str, complex]) -> np.ndarray:
    """(5) from the state: <Z_i Z_j> - <Z_i><Z_j>, Z = +1 on 0."""
    signs = np.array([[1 - 2 * int(bit) for bit in string] for string in amplitudes], dtype=float)
    p = np.abs(np.array(list(amplitudes.values()))) ** 2
    assert p.sum() == pytest.approx(1)
    mean = p @ signs
    return np.einsum("s,si,sj->ij", p, signs, signs) - np.outer(mean, mean)


def ghz(pattern) -> np.ndarray:
    """F of (|s> + |not s>)/sqrt 2, s_j = (1 - z_j)/2."""
    s = "".join("0" if z > 0 else "1" for z in pattern)
    return qubit_fisher({s: math.sqrt(0.5), s.translate(str.maketrans("01", "10")): math.sqrt(0.5)})


def plus(count: int) -> np.ndarray:
    return qubit_fisher({"".join(bits): 2 ** (-count / 2) for bits in itertools.product("01", repeat=count)})


def unit(*entries: float) -> np.ndarray:
    return np.array(entries) / np.linalg.norm(entries)


def along(information: np.ndarray, direction: np.ndarray) -> float:
    return float(direction @ information @ direction)


def cap(w: np.ndarray, v: np.ndarray) -> float:
    return max((w @ z) ** 2 + (v @ z) ** 2 for z in itertools.product([1, -1], repeat=len(w)))


def random_qubits(count: int, rng: np.random.Generator) -> np.ndarray:
    amplitudes = rng.normal(size=2**count) + 1j * rng.normal(size=2**count)
    amplitudes /= np.linalg.norm(amplitudes)
    return qubit_fisher({format(k, f"0{count}b"): a for k, a in enumerate(amplitudes)})


def test_qubits_here_are_the_photons_of_the_package() -> None:
    """n = (1 - Z)/2 of a mode with at most one photon has the Fisher information of (5)."""
    state = FockState.from_terms("abc", {(0, 0, 0): math.sqrt(0.5), (1, 1, 1): math.sqrt(0.5)})
    assert qfi_matrix(state) == pytest.approx(ghz((1, 1, 1)))


def test_ghz_does_not_saturate_7_for_all_directions(row) -> None:
    w, v = unit(1, -1, 0), unit(1, 1, -2)
    best = max(along(ghz(z), w) + along(ghz(z), v) for z in itertools.product([1, -1], repeat=3))
    printed = ghz((1, 1, 1))
    assert best == pytest.approx(cap(w, v))
    row.states(along(printed, w) + along(printed, v), best, 3)
    rng = np.random.default_rng(7)
    for _ in range(200):
        information = random_qubits(3, rng)
        assert along(information, w) + along(information, v) <= best + 1e-9
    # It does where (1, 1, 1) lies in the plane of the two.
    assert along(printed, unit(1, 1, 1)) + along(printed, v) == pytest.approx(3)


def test_the_cap_is_lower_than_7(row) -> None:
    rng = np.random.default_rng(77)
    for _ in range(30):
        count = int(rng.integers(2, 5))
        w, v = np.linalg.qr(rng.normal(size=(count, 2)))[0].T
        assert cap(w, v) <= count + 1e-9
        z = max(itertools.product([1, -1], repeat=count), key=lambda s: (w @ s) ** 2 + (v @ s) ** 2)
        assert along(ghz(z), w) + along(ghz(z), v) == pytest.approx(cap(w, v))
        information = random_qubits(count, rng)
        assert along(information, w) + along(information, v) <= cap(w, v) + 1e-9
    w, v = unit(1, 2), unit(2, -1)
    assert cap(w, v) == pytest.approx(2)
    row.states(cap(unit(1, 0, 0), unit(0, 1, 0)), 3)


def test_information_is_left_in_independent_directions(row) -> None:
    information = ghz((1, 1, 1))
    assert along(information, unit(1, 1, 1)) == pytest.approx(3)
    left = along(information, unit(1, 0, 0))
    row.states(left, along(information, unit(1, 1, 0)))
    assert along(information, unit(1, -1, 0)) == pytest.approx(0)


def test_two_independent_directions_are_not_conserved(row) -> None:
    w, e_1 = unit(1, 1), unit(1, 0)
    entangled, product = (along(f, w) + along(f, e_1) for f in (ghz((1, 1)), plus(2)))
    row.states(entangled, product)
    # Orthogonal ones are: every equatorial two-qubit state has the same sum.
    rng = np.random.default_rng(2)
    for _ in range(50):
        phi, angle = rng.uniform(0, 2 * math.pi, 2)
        c, s = math.cos(phi) / math.sqrt(2), math.sin(phi) / math.sqrt(2)
        information = qubit_fisher({"00": c, "11": c, "01": s, "10": s})
        turned = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        assert along(information, turned[0]) + along(information, turned[1]) == pytest.approx(2)


def test_heisenberg_scaling_in_two_directions_at_once(row) -> None:
    information = qubit_fisher({"0000": 0.5, "1111": 0.5, "0011": 0.5, "1100": 0.5})
    w, v = unit(1, 1, 1, 1), unit(1, 1, -1, -1)
    row.states(along(information, w), along(information, v))
    # N/2 in both for every even N: scaling is with N in both.
    for count in (2, 6, 8):
        half = count // 2
        strings = ("0" * count, "1" * count, "0" * half + "1" * half, "1" * half + "0" * half)
        both = qubit_fisher(dict.fromkeys(strings, 0.5))
        for direction in (np.ones(count), np.repeat([1.0, -1.0], half)):
            assert along(both, unit(*direction)) == pytest.approx(count / 2)


def test_the_trace_is_at_most_n(row) -> None:
    row.states(float(np.trace(qubit_fisher({"00": 1.0}))))
    rng = np.random.default_rng(4)
    assert all(np.trace(random_qubits(3, rng)) < 3 for _ in range(50))
    assert np.trace(ghz((1, 1, 1))) == pytest.approx(3)


def test_the_most_along_unequal_weights(row) -> None:
    w, v = unit(1, 2), unit(2, -1)
    signs = list(itertools.product([1, -1], repeat=2))
    most = max(along(ghz(z), w) for z in signs)
    assert most == pytest.approx(norm(w, 1) ** 2) == pytest.approx(9 / 5)
    rng = np.random.default_rng(6)
    assert all(along(random_qubits(2, rng), w) <= most + 1e-9 for _ in range(200))
    # The light that is best along w leaves something along v: it is not private.
    left = along(ghz(max(signs, key=lambda z: w @ np.array(z))), v)
    row.states(most, left)
    # Equal magnitudes: N, and nothing along any orthogonal direction.
    assert along(ghz((1, -1)), unit(1, -1)) == pytest.approx(2)
    assert along(ghz((1, -1)), unit(1, 1)) == pytest.approx(0)


def test_the_frontier_is_a_polygon(row) -> None:
    w, v = unit(1, 1, 1), unit(1, -1, 0)
    assert cap(w, v) == pytest.approx(3)
    corner = max(((w @ z) ** 2, (v @ z) ** 2) for z in itertools.product([1, -1], repeat=3) if abs(v @ z) > 1)
    assert corner == pytest.approx((1 / 3, 2))
    # The line from (3, 0) to that corner and the level F(v) = 2 bound all states, by their z alone.
    slope = 2 / (3 - 1 / 3)
    for z in itertools.product([1, -1], repeat=3):
        assert (v @ z) ** 2 <= min(2, slope * (3 - (w @ z) ** 2)) + 1e-9
    rng = np.random.default_rng(3)
    for _ in range(200):
        information = random_qubits(3, rng)
        assert along(information, v) <= min(2, slope * (3 - along(information, w))) + 1e-9
    singlet = qubit_fisher({"010": math.sqrt(0.5), "100": math.sqrt(0.5)})
    assert (along(singlet, w), along(singlet, v)) == pytest.approx((0, 2), abs=1e-12)
    row.states(0, 2, 1 / 3, 3)


def test_the_norm_of_v_j(row) -> None:
    w = unit(1, 2)
    remainder = np.array([1.0, 0.0]) - w[0] * w
    length, printed = float(np.linalg.norm(remainder)), math.sqrt(1 - 1 / 2)
    assert length == pytest.approx(math.sqrt(1 - w[0] ** 2))
    row.states(length, printed)
    equal = unit(1, 1)
    assert np.linalg.norm(np.array([1.0, 0.0]) - equal[0] * equal) == pytest.approx(printed)


def test_product_probes_can_reach_the_frontier(row) -> None:
    w, v = unit(1, 0, 0), unit(0, 1, 0)
    reached = (along(plus(3), w), along(plus(3), v))
    assert reached == pytest.approx((1, 1))
    rng = np.random.default_rng(1)
    assert all(max(along(f, w), along(f, v)) <= 1 for f in (random_qubits(3, rng) for _ in range(100)))
    row.states(*reached)


def test_6_is_weak_when_the_other_parameters_are_unknown(row) -> None:
    c = 0.6
    weights = {"00": (1 + c) / 4, "11": (1 + c) / 4, "01": (1 - c) / 4, "10": (1 - c) / 4}
    information = qubit_fisher({string: math.sqrt(p) for string, p in weights.items()})
    assert information == pytest.approx(np.array([[1, c], [c, 1]]))
    w = unit(1, 0)
    row.states(1 / along(information, w), mse(information, w))
    assert mse(information, w) == pytest.approx(1 / (1 - c**2))
    assert mse(ghz((1, 1)), w) == math.inf


# --- Cited by BEGG ---------------------------------------------------------------------------------------------------


def test_stage_errors_below_half_a_turn_can_mislead(row) -> None:
    def second_stage(phase: float, errors: tuple[float, float]) -> float:
        """Angle of the first stage, then the half of the second stage's angle that is nearest to it."""
        first = phase + errors[0]
        halves = [(2 * phase + errors[1]) / 2 + k * math.pi for k in range(-4, 5)]
        return min(halves, key=lambda angle: abs(angle - first))

    wrong = second_stage(0.0, (0.45 * math.pi, -0.45 * math.pi))
    assert abs(wrong) > math.pi / 2
    row.states(0.45, -0.45, wrong / math.pi)
    rng = np.random.default_rng(3)
    for errors in rng.uniform(-math.pi / 3, math.pi / 3, (2000, 2)):
        assert second_stage(0.0, tuple(errors)) == pytest.approx(errors[1] / 2)
