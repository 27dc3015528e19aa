"""Which scheme a privacy report keeps, and whether what it says about the choice is true."""

import numpy as np
import pytest

from networks import SensorNetwork
from photonics import branch_state, qfi_matrix
from protocols import privacy_report
from protocols.problem import Problem
from protocols.ranking.candidates import rank_plans
from protocols.schemes import find_scheme
from protocols.schemes.scheme import plan_of


def star(alpha, photons, **more):
    return SensorNetwork.star(alpha, sensing="phase", photons=photons, **more)


@pytest.mark.parametrize(("alpha", "photons"), [([1, 1, 1, 1], 8), ([2, 1, -1], 6)])
def test_privacy_is_bought_where_the_chosen_scheme_reveals_more(alpha, photons):
    network = star(alpha, photons)
    report, chosen = privacy_report(network), rank_plans(network).built[0]
    assert report.scheme == "noon"
    assert report.privacy == pytest.approx(1)
    assert report.mse == pytest.approx(chosen.mse)
    other = privacy_report(network, scheme=chosen.plan.scheme)
    assert other.privacy < 0.99
    said = f"{chosen.plan.scheme} has the same error with less effort and reveals more than q: noon buys privacy"
    assert said in report.notes


@pytest.mark.parametrize(
    ("alpha", "photons", "fewer", "first", "second"),
    [([1, 1, -1], 5, 4, [2, 2, 0, 0], [0, 0, 2, 2]), ([1, 1], 3, 2, [1, 1, 0], [0, 0, 2])],
)
def test_private_light_of_fewer_photons_is_what_the_note_says(alpha, photons, fewer, first, second):
    """By the Fisher matrix of the two strings written out; no scheme of all photons is private, and columns of fewer are."""
    names = [f"s{j}" for j in range(1, len(alpha) + 1)]
    information = qfi_matrix(branch_state([*names, "ref"], first, second), modes=tuple(names))
    a = np.array(alpha, dtype=float)
    assert np.allclose(information, information[0, 0] * np.outer(a, a))
    mse = 1 / information[0, 0]
    network = star(alpha, photons)
    report = privacy_report(network)
    assert report.scheme == "noon"
    assert report.mse == pytest.approx(mse, rel=1e-9)
    assert report.privacy == pytest.approx(1)
    for candidate in rank_plans(network).built:
        private = privacy_report(network, scheme=candidate.plan.scheme).privacy > 0.99
        assert private == (candidate.plan.scheme == "noon")
        if private:
            assert candidate.as_built.photon_protocol.photons == fewer


def test_superposed_strings_say_with_how_many_photons_they_would_be_better():
    network = star([1, 1, -1, -1], 8, transmissivity=0.5, parameters="snapshot")
    plan = plan_of(find_scheme("phase", "multimode-noon"), Problem.of(network))
    at = {n: (4 * 0.5 ** (-n / 2) / (2 * n)) ** 2 for n in range(1, 9)}
    best = min(at, key=lambda n: at[n])
    assert plan.predicted_mse == pytest.approx(at[8])
    assert f"all 8 photons are sent; with these losses {best} would reach {at[best]:.7g}" in plan.notes
