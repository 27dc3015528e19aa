"""What reaches (12) where no column protocol exists, as psn enumerate says: superposed strings, and N00N pairs in turn."""

import json

import numpy as np
import pytest
from hypothesis import given, strategies as st

from networks import LinearFunction, parse_exact
from photonics import FockState, branch_state, nuisance_aware_information, qfi_matrix

COEFFICIENTS = st.lists(
    st.one_of(st.just(0.0), st.floats(0.05, 3), st.floats(-3, -0.05)), min_size=1, max_size=5
).filter(any)


def oriented(alpha):
    alpha = np.array(alpha)
    return alpha if alpha.clip(0).sum() >= (-alpha).clip(0).sum() else -alpha


def superposed(alpha, photons):
    """Fisher matrix of all N photons in one of the modes, the reference last, from the engine."""
    weights = np.append(np.abs(alpha), alpha.sum())
    modes = tuple(f"m{j}" for j in range(len(weights)))
    strings = photons * np.eye(len(weights), dtype=int)[weights > 1e-12]
    amplitudes = np.sqrt(weights[weights > 1e-12] / weights[weights > 1e-12].sum())
    return qfi_matrix(FockState(modes, strings, amplitudes), modes=modes[:-1])


def in_turn(alpha, photons):
    """Shares of the shots times N^2 e e^T, summed over pairs of a positive sensor with a negative one or the reference."""
    left = {j: a for j, a in enumerate(alpha) if a > 0}
    right = {j: -a for j, a in enumerate(alpha) if a < 0} | {len(alpha): alpha.sum()}
    total, information = sum(left.values()), np.zeros((len(alpha) + 1,) * 2)
    while left and right:
        (i, a), (j, b) = next(iter(left.items())), next(iter(right.items()))
        step = min(a, b)
        direction = np.eye(len(alpha) + 1)[i] - np.eye(len(alpha) + 1)[j]
        information += step / total * photons**2 * np.outer(direction, direction)
        for side, key in ((left, i), (right, j)):
            side[key] -= step
            if side[key] <= 1e-12:
                del side[key]
    return information[:-1, :-1]


@pytest.mark.parametrize("light", [superposed, in_turn])
@given(alpha=COEFFICIENTS, photons=st.integers(1, 6))
def test_the_bound_is_reached_for_every_real_function_and_photon_number(light, alpha, photons):
    alpha = oriented(alpha)
    bound = (alpha.clip(0).sum() / photons) ** 2
    mse = nuisance_aware_information(light(alpha, photons), alpha).mse
    assert mse == pytest.approx(bound, rel=1e-6)


@pytest.mark.parametrize(
    ("alpha", "photons", "mse"),
    [([1, 1], 1, 4), ([1, 1, -1], 5, 0.16), ([2**0.5, 1, -1], 3, 0.6476030138606877), ([1, 1, 1, 1], 2, 4)],
)
def test_published_and_reference_values(alpha, photons, mse):
    for light in (superposed, in_turn):
        found = nuisance_aware_information(light(np.array(alpha), photons), alpha).mse
        assert found == pytest.approx(mse, rel=1e-12)


def test_where_no_column_protocol_exists_the_command_says_what_reaches_the_bound(psn):
    code, out, _ = psn("enumerate", "--alpha", "1,1,1", "--photons", 100, "--passes", 1)
    words = " ".join(out.split())
    assert code == 0
    assert "no column protocol exists" in words
    assert (
        "is reached at every N and M by superposed strings (multimode-noon) and, for static parameters, by N00N pairs in turn"
        in words
    )
    assert "alpha' is alpha, so there is no bias" in words


def document(psn, *options):
    code, out, err = psn("enumerate", *options, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


@pytest.mark.parametrize(
    ("options", "schemes"),
    [
        (("--alpha", "1,1,1", "--photons", 100, "--passes", 1), ["multimode-noon", "pairs-in-turn"]),
        (("--alpha", "sqrt(2),1,-1", "--photons", 3, "--passes", 1), ["multimode-noon", "pairs-in-turn"]),
        # The columns that there are occupy three modes; a pair occupies two, of which one is always the reference here.
        (("--alpha", "1,2,3", "--photons", 6, "--passes", 2, "--max-modes", 2), ["pairs-in-turn"]),
        (("--alpha", "1,1,1", "--photons", 4, "--passes", 1, "--forbid", "1,ref"), []),
        (("--alpha", "1,1,1", "--photons", 4, "--passes", 1, "--max-photons-per-mode", 3), []),
        (("--alpha", "1,1,1", "--photons", 4, "--passes", 1, "--max-modes", 3), ["pairs-in-turn"]),
        # Columns exist: nothing is reached otherwise.
        (("--alpha", "1,1,1", "--photons", 3, "--passes", 1), []),
    ],
)
def test_schemes_that_reach_the_bound_within_the_limits_are_named(psn, options, schemes):
    assert document(psn, *options)["reached_otherwise"] == schemes
    out = psn("enumerate", *options)[1]
    for name in ("multimode-noon", "pairs-in-turn"):
        assert (name in out) == (name in schemes)


def test_the_best_of_no_columns_is_reached_otherwise(psn):
    """--objective says so too; where (34) fails there is nothing to rank, draw or write, and the message names both schemes."""
    limited = ("--alpha", "1,2,3", "--photons", 6, "--passes", 2, "--max-modes", 2)
    found = document(psn, *limited, "--objective", "modes")
    assert (found["exists"], found["protocols"], found["reached_otherwise"]) == (False, [], ["pairs-in-turn"])
    words = " ".join(psn("enumerate", *limited, "--objective", "modes")[1].split())
    assert "no column protocol exists within these limits" in words
    assert "by N00N pairs in turn (pairs-in-turn)" in words
    assert "multimode-noon" not in words
    found = document(psn, "--alpha", "1,1,1", "--photons", 3, "--passes", 1, "--objective", "modes")
    assert (found["exists"], found["reached_otherwise"]) == (True, [])
    for option in (("--objective", "modes"), ("--sample", 2)):
        code, out, err = psn("enumerate", "--alpha", "1,1,-1", "--photons", 5, "--passes", 1, *option)
        assert (code, out) == (2, "")
        assert err.startswith("psn: no column protocol exists: N M alpha/||alpha||_P must be integer (BEGG (34))")
        assert "by superposed strings (multimode-noon) and, for static parameters, by N00N pairs in turn" in err


@pytest.mark.parametrize(
    ("alpha", "photons", "passes"), [("sqrt(2),1,-1", 3, 1), ("-3,-1,1/2", 4, 1), ("1,1,1", 100, 2)]
)
def test_nearest_columns_have_the_bound_of_their_function_on_the_engine_and_their_bias(psn, alpha, photons, passes):
    found = document(psn, "--alpha", alpha, "--photons", photons, "--passes", passes)
    function = LinearFunction.from_text(alpha).orient().function
    wanted = np.array([float(a) for a in function.alpha])
    assert found["nearest_columns"]
    words = " ".join(psn("enumerate", "--alpha", alpha, "--photons", photons, "--passes", passes)[1].split())
    for one in found["nearest_columns"]:
        weights = np.array(one["weights"])
        # alpha' is a number times the weights, with the ||alpha||_P of alpha.
        scale = wanted.clip(0).sum() / weights.clip(0).sum()
        assert float(parse_exact(one["scale"])) == pytest.approx(scale, rel=1e-12)
        assert one["errors"] == pytest.approx((scale * weights - wanted).tolist(), abs=1e-12)
        assert one["bias_per_rad"] == pytest.approx(np.abs(scale * weights - wanted).max())
        assert one["relative_error"] == pytest.approx(one["bias_per_rad"] / np.abs(wanted).max())
        # The N00N state of these columns with all N M photon passes in one pass, by the engine.
        column = tuple(one["weights"])
        state = branch_state(
            "abcr",
            (*(max(w, 0) for w in column), 0),
            (*(max(-w, 0) for w in column), one["product"] + sum(w for w in column if w < 0)),
        )
        information = qfi_matrix(state, modes="abc")
        assert nuisance_aware_information(information, (scale * weights).tolist()).mse == pytest.approx(
            one["mse"], rel=1e-9
        )
        assert f"{one['mse']:.6g} of alpha' . theta" in words
    first, *others = found["nearest_columns"]
    assert first["product"] == photons * passes
    assert all(first["relative_error"] > 0.01 >= other["relative_error"] for other in others)


def test_functions_with_columns_have_no_nearest_ones(psn):
    assert document(psn, "--alpha", "1,1,1", "--photons", 3, "--passes", 1)["nearest_columns"] == []


def test_switches_and_the_passive_ones_among_them_are_said(psn):
    """(1, 0, -1) then (0, 1, 0) of one photon: a permutation; (4, 0, -4) then (2, 2, 0): not, photon numbers change."""
    passive = document(psn, "--alpha", "1,1,-1", "--photons", 1, "--passes", 2)["protocols"]
    assert [(p["switches"], p["passive_switches"]) for p in passive] == [(1, 1), (1, 1)]
    other = document(psn, "--alpha", "3,1,-2", "--photons", 4, "--passes", 2)["protocols"]
    by_columns = {tuple(map(tuple, p["columns"])): (p["switches"], p["passive_switches"]) for p in other}
    assert by_columns[(4, 0, -4), (2, 2, 0)] == (1, 0)
    assert by_columns[((3, 1, -2),)] == (0, 0)
    assert "1 switch, passive]" in psn("enumerate", "--alpha", "1,1,-1", "--photons", 1, "--passes", 2)[1]
    assert "1 switch, not passive]" in psn("enumerate", "--alpha", "3,1,-2", "--photons", 4, "--passes", 2)[1]
    three = psn("enumerate", "--alpha", "1,2,5,-1,-3,-2", "--photons", 8, "--passes", 4, "--objective", "pareto")[1]
    assert "2 switches, 1 passive]" in " ".join(three.split())
    best = document(psn, "--alpha", "1,1,-1", "--photons", 1, "--passes", 2, "--objective", "modes")["protocols"]
    assert [(p["switches"], p["passive_switches"]) for p in best] == [(1, 1)]
