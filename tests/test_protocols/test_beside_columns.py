"""What reaches (12) where no column protocol exists, as psn enumerate says: superposed strings, and N00N pairs in turn."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from photonics import FockState, nuisance_aware_information, qfi_matrix

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
        "is reached at every N and M by superposed strings and, for static parameters, by N00N pairs in turn" in words
    )
