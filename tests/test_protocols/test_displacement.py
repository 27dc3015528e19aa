"""Closed forms of squeezed displacement sensing against simulated networks, with loss and several passes."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from networks import SensorNetwork
from protocols import design
from protocols.displacement import displacement_gain, entangled_mse


@given(
    st.lists(st.tuples(st.integers(-4, 4), st.floats(0.05, 1.0)), min_size=1, max_size=5).filter(
        lambda v: any(a for a, _ in v)
    ),
    st.floats(0.01, 30),
    st.integers(1, 4),
)
@settings(deadline=None, max_examples=40)
def test_every_check_of_a_squeezed_design_holds_but_the_lossless_bound(sensors, nbar, passes):
    alpha, eta = [a for a, _ in sensors], [t for _, t in sensors]
    network = SensorNetwork.star(alpha, sensing="displacement", mean_photons=nbar, passes=passes, transmissivity=eta)
    found = design(network)
    for candidate in found.candidates:
        failed = [c.name for c in candidate.checks if not c.holds]
        assert failed in ([], ["reaches the bound of all probes"])
        assert candidate.ratio >= 1 - 1e-9
        if network.is_lossless and candidate.plan.scheme == "entangled-squeezed":
            assert failed == []


@pytest.mark.parametrize("eta", [1.0, 0.735, 0.2])
def test_loss_after_sensing_adds_its_vacuum(eta):
    r = math.asinh(math.sqrt(2.0))
    assert entangled_mse([1, -2], [eta, eta], r, 1) == pytest.approx(5 * (math.exp(-2 * r) + (1 - eta) / eta))


def test_gain_is_the_squeezing_of_the_vacuum():
    for nbar in (0.0, 0.3, 7.0, 1e6):
        assert displacement_gain(nbar) == pytest.approx(math.exp(2 * math.asinh(math.sqrt(nbar))))
