"""Closed forms of squeezed displacement sensing against simulated networks, with loss and several passes."""

import math

import pytest
from drawn import examples
from hypothesis import given, strategies as st

from networks import SensorNetwork
from protocols.ranking.candidates import candidates
from protocols.theory.displacement import displacement_gain, entangled_mse


@given(
    st.lists(st.tuples(st.integers(-4, 4), st.floats(0.05, 1.0)), min_size=1, max_size=5).filter(
        lambda v: any(a for a, _ in v)
    ),
    st.floats(0.01, 30),
    st.integers(1, 4),
)
@examples(40)
def test_every_check_of_a_squeezed_design_holds(sensors, nbar, passes):
    alpha, eta = [a for a, _ in sensors], [t for _, t in sensors]
    network = SensorNetwork.star(alpha, sensing="displacement", mean_photons=nbar, passes=passes, transmissivity=eta)
    result = candidates(network)
    for candidate in result.ranked:
        assert candidate.failed == ()
        assert candidate.ratio >= 1 - 1e-9
        if network.is_lossless and candidate.plan.scheme == "entangled-squeezed":
            assert candidate.ratio == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("eta", [1.0, 0.735, 0.2])
def test_loss_after_sensing_adds_its_vacuum(eta):
    r = math.asinh(math.sqrt(2.0))
    assert entangled_mse([1, -2], [eta, eta], r, 1) == pytest.approx(5 * (math.exp(-2 * r) + (1 - eta) / eta))


@pytest.mark.parametrize("nbar", [1e4, 1e6])
def test_strong_squeezing_keeps_its_digits(nbar):
    result = candidates(SensorNetwork.star([1, 2, -3], sensing="displacement", mean_photons=nbar))
    assert result.best.ratio == pytest.approx(1, rel=1e-12)
    assert result.best.failed == ()
    lossy = SensorNetwork.star(
        [10**5, 3, -1], sensing="displacement", mean_photons=1e4, transmissivity=[1.0, 0.5, 1e-6]
    )
    assert candidates(lossy).best.evaluation.mse == pytest.approx(1249995.50, abs=0.01)


def test_gain_is_the_squeezing_of_the_vacuum():
    for nbar in (0.0, 0.3, 7.0, 1e6):
        assert displacement_gain(nbar) == pytest.approx(math.exp(2 * math.asinh(math.sqrt(nbar))))
