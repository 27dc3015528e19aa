"""Arguments as users have them, and one sentence for those that cannot be meant."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from networks import InputError, Link, Mode, SensorNetwork, parse_exact_vector
from protocols import (
    ESTIMATORS,
    Problem,
    best_protocols,
    bounds_table,
    candidates,
    enumerate_protocols,
    measured_shares,
    privacy_report,
    private_design,
    rank_plans,
    simulate,
    simulate_function,
    simulate_targets,
)

NETWORK = SensorNetwork.star([1, 1], sensing="phase", photons=2)
SQUEEZED = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0)


@pytest.mark.parametrize("question", [rank_plans, candidates, measured_shares])
def test_a_network_is_taken_where_a_problem_is(question: Callable[..., object]) -> None:
    assert question(NETWORK) == question(Problem.of(NETWORK))


def test_functions_are_taken_as_coefficients() -> None:
    report = privacy_report(NETWORK, sensitive=[[1, -1]], targets=[[1, 0], ("1/2", 1)])
    assert report.row("(1, -1)").direction
    assert report.targets is not None
    assert private_design(SQUEEZED, hide=[([1, -1], 1e3)]).leaks
    with pytest.raises(InputError, match=r"sensitive 1: alpha\[1\] .*'x'"):
        privacy_report(NETWORK, sensitive=[[1, "x"]])
    with pytest.raises(InputError, match="hidden 1: alpha must be a list of numbers, got 1"):
        private_design(SQUEEZED, hide=[(1, 0.5)])


@pytest.mark.parametrize("alone", [NETWORK, 3, np.array(3), None], ids=["network", "int", "0-d", "None"])
def test_coefficients_are_a_list(alone: Any) -> None:
    for question in (
        parse_exact_vector,
        bounds_table,
        lambda f: enumerate_protocols(f, 2, 1),
        lambda f: best_protocols(f, 2, 1),
    ):
        with pytest.raises(InputError, match="must be a list of numbers, got "):
            question(alone)
    with pytest.raises(
        InputError, match=r"functions must be a list of functions, got |alpha must be a list of numbers"
    ):
        simulate_targets(NETWORK, alone)


def test_parameters_and_weights_are_lists() -> None:
    for alone in (0.5, np.array(0.5)):
        with pytest.raises(InputError, match="theta must be a list of 2 values, one a sensor, got "):
            simulate(NETWORK, theta=alone, shots=10, trials=10)
        with pytest.raises(InputError, match="weights must be positive numbers, got "):
            simulate_targets(NETWORK, [[1, 0], [0, 1]], alone)


def test_limits_are_limits() -> None:
    for limits in (3, [1, 1], np.array([1, 2]), 0):
        with pytest.raises(TypeError, match="limits must be a Limits, got "):
            enumerate_protocols([1, 1], 2, 1, limits=limits)


def test_a_reference_out_of_reach_is_said_to_be_so() -> None:
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    apart = pair.replace(modes=(*pair.modes, Mode(id="ref", role="reference")))
    with pytest.raises(
        InputError, match=r"^no chain of edges joins the sensors to the reference 'ref', and without a reference"
    ):
        simulate_function(apart, "theta1*theta2", shots=1000, trials=10, theta=[0.1, 0.2])
    with pytest.raises(InputError, match=r"^without a reference"):
        simulate_function(pair, "theta1*theta2", shots=1000, trials=10, theta=[0.1, 0.2])
    joined = apart.replace(links=(*apart.links, Link(ends=("s2", "ref"))))
    assert simulate_function(joined, "theta1*theta2", shots=1000, trials=10, theta=[0.1, 0.2]).tally.trials == 10


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=repr)
def test_estimators_are_equal_by_class_and_fields(estimator: Any) -> None:
    for same in (pickle.loads(pickle.dumps(estimator)), copy.deepcopy(estimator), type(estimator)()):
        assert same == estimator
        assert hash(same) == hash(estimator)
    assert [other for other in ESTIMATORS if other == estimator] == [estimator]
