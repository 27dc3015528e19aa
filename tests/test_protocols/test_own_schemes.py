"""Schemes and estimators of a user's own that break their word: one sentence that names them, and nothing lost in silence."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from networks import InputError, SensorNetwork
from protocols import (
    DisplacementScheme,
    Draw,
    Fringe,
    PhaseEstimates,
    PhaseEstimator,
    PhaseProblem,
    PhaseScheme,
    Plan,
    Problem,
    Schedule,
    Unavailable,
    design,
    error_curves,
    find_scheme,
    loss_report,
    privacy_report,
    simulate,
)
from protocols.schemes.scheme import plan_of
from protocols.theory.equal_errors import ranked
from protocols.theory.task import PhaseTask

NETWORK = SensorNetwork.star([1, 1], sensing="phase", photons=2, transmissivity=0.9)


def registered(problem: PhaseProblem, name: str = "noon") -> Plan:
    plan = find_scheme("phase", name).plan(problem)
    assert isinstance(plan, Plan)
    return plan


class Own(PhaseScheme):
    """Gives whatever it is made with."""

    name, title = "own", "a scheme under test"

    def __init__(self, give: Callable[[PhaseProblem], Any], error: Any = None) -> None:
        self.give, self.error = give, error

    def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
        given: Plan | Unavailable = self.give(problem)
        return given

    def mse(self, task: PhaseTask) -> float | None:
        given: float | None = self.error
        return given


def own_noon(problem: PhaseProblem) -> Plan:
    return replace(registered(problem), scheme="own")


USES: dict[str, Callable[[PhaseScheme], object]] = {
    "design": lambda scheme: design(NETWORK, schemes=["noon", scheme]),
    "loss_report": lambda scheme: loss_report(NETWORK, schemes=["noon", scheme]),
    "privacy_report": lambda scheme: privacy_report(NETWORK, scheme=scheme),
    "simulate": lambda scheme: simulate(NETWORK, schemes=["noon", scheme], shots=20, trials=10),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_what_is_no_plan_is_named(use: Callable[[PhaseScheme], object]) -> None:
    with pytest.raises(TypeError, match="`plan` of the scheme 'own' must give a Plan or an Unavailable, got NoneType"):
        use(Own(lambda problem: None))
    with pytest.raises(InputError, match="the scheme 'own' gives a plan of 'noon'"):
        use(Own(registered))


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("error", [math.nan, -1.0, "0.5"])
def test_a_predicted_error_is_a_number(use: Callable[[PhaseScheme], object], error: Any) -> None:
    with pytest.raises(InputError, match=f"`predicted_mse` of the scheme 'own' must be a number >= 0, got '?{error}"):
        use(Own(lambda problem: replace(own_noon(problem), predicted_mse=error)))


@pytest.mark.parametrize("error", [math.nan, -1.0, "0.5"])
def test_a_closed_form_gives_a_number(error: Any) -> None:
    with pytest.raises(InputError, match=f"`mse` of the scheme 'own' must be a number >= 0, got '?{error}"):
        loss_report(NETWORK, schemes=["noon", Own(own_noon, error)])


def test_own_schemes_have_curves_and_what_is_named_is_not_missing_in_silence() -> None:
    scheme = Own(own_noon)
    curves = error_curves(NETWORK, "transmissivity", start=0.5, stop=1.0, points=3, schemes=["noon", scheme])
    (both,) = [curve for curve in curves.curves if "noon" in curve.names]
    assert both.names == ("noon", "own")
    never = Own(lambda problem: scheme.unavailable("it is under test"))
    with pytest.raises(InputError, match="the scheme 'own' is applicable nowhere on this axis: it is under test"):
        error_curves(NETWORK, "transmissivity", points=2, schemes=["noon", never])


def test_several_circuits_need_stages_of_their_own() -> None:
    scheme = Own(lambda problem: replace(registered(problem, "separable-phase"), scheme="own"))
    result = simulate(NETWORK, schemes=["noon", scheme], shots=20, trials=10)
    assert [reason.reason for reason in result.unavailable if reason.scheme == "own"] == [
        "its plan is not one circuit that names two branches, so it needs stages of its own (`PhaseScheme.stages`)"
    ]
    # Everything else takes it.
    assert "own" in [candidate.plan.scheme for candidate in design(NETWORK, schemes=["noon", scheme]).candidates]


def test_a_scheme_needs_a_name_and_schemes_a_list() -> None:
    class Nameless(PhaseScheme):
        def plan(self, problem: PhaseProblem) -> Plan | Unavailable:
            return registered(problem)

    with pytest.raises(InputError, match=r"the scheme Nameless\(\) needs name and title, as text, in its class"):
        design(NETWORK, schemes=[Nameless()])
    for alone in ("noon", Own(own_noon), 5):
        with pytest.raises(InputError, match=r"^schemes must be a list of names and Scheme objects, got [^\n]+$"):
            design(NETWORK, schemes=alone)
    with pytest.raises(InputError, match="a scheme is a name or a Scheme, got nothing"):
        design(NETWORK, schemes=[None])


class OwnEstimator(PhaseEstimator):
    """Gives whatever it is made with."""

    name, title = "own", "an estimator under test"

    def __init__(self, give: Callable[[int], Any]) -> None:
        self.give = give

    def estimate(self, draw: Draw, fringes: Sequence[Fringe], schedule: Schedule) -> PhaseEstimates:
        plus, _ = draw(0, 0.0, 1)
        given: PhaseEstimates = self.give(len(plus))
        return given


@pytest.mark.parametrize(
    ("give", "error", "message"),
    [
        (lambda trials: None, TypeError, "the estimator 'own' must give PhaseEstimates, got NoneType"),
        (
            lambda trials: PhaseEstimates(phase=np.zeros(1), half_width=np.ones(1)),
            InputError,
            r"the estimator 'own' must give `phase` of shape \(10,\), one a trial, got \(1,\)",
        ),
        (
            lambda trials: PhaseEstimates(
                phase=np.array([math.nan] + [0.0] * (trials - 1)), half_width=np.ones(trials)
            ),
            InputError,
            "the estimator 'own' gave a `phase` that is no number in 1 of 10 trials",
        ),
        (
            lambda trials: PhaseEstimates(phase=np.zeros(trials), half_width=np.full(trials, math.nan)),
            InputError,
            "the estimator 'own' gave a `half_width` that is no number in 10 of 10 trials",
        ),
    ],
)
def test_estimates_are_one_number_a_trial(give: Callable[[int], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        simulate(NETWORK, scheme="noon", estimator=OwnEstimator(give), shots=20, trials=10)


def test_equal_items_stay_in_the_order_given_whatever_rounding_says() -> None:
    for errors in ((1.0, 1.0 + 1e-13), (1.0 + 1e-13, 1.0)):
        items = list(zip(errors, "ab", strict=True))
        assert [name for _, name in ranked(items, lambda item: item[0], lambda item: 0)] == ["a", "b"]
    # One sensor: both schemes are one squeezed vacuum, and (15) and (16) differ in the last digit here.
    network = SensorNetwork.chain([-1], sensing="displacement", mean_photons=2.0, passes=2)
    assert [candidate.plan.scheme for candidate in design(network).candidates] == [
        "entangled-squeezed",
        "separable-squeezed",
        "squeezed-in-turn",
        "coherent",
    ]


def test_light_left_out_because_of_losses_is_not_blamed_on_doubling() -> None:
    sensors = SensorNetwork.star([2], sensing="phase", photons=7, transmissivity=0.5)
    lossy = sensors.replace(
        modes=tuple(replace(m, transmissivity=1e-3) if m.role == "reference" else m for m in sensors.modes)
    )
    split = Problem.of(lossy).task.separable_split
    assert split is not None
    assert sum(split.photons) == 1
    for estimator in ("adaptive", "maximum-likelihood"):
        result = simulate(lossy, scheme="separable-phase", estimator=estimator, shots=200, trials=10)
        assert not any("largest stage" in note for note in result.first.notes)
    ideal = simulate(sensors.with_transmissivity(1.0), scheme="noon", estimator="robust", shots=1000, trials=10)
    assert any("the largest stage has 4 of N M = 7 photon passes" in note for note in ideal.first.notes)


class Dim(DisplacementScheme):
    """One squeezed vacuum of half of the photons over all sensors."""

    name, title = "dim", "half of the light"

    def plan(self, problem):
        half = find_scheme("displacement", "entangled-squeezed").plan(
            problem.with_budget(problem.mean_photons / 2, problem.passes)
        )
        return replace(half, scheme=self.name, mean_photons=problem.mean_photons / 2, reaches_bound=False)


def test_squeezed_light_of_ones_own_is_built_as_it_is_planned():
    """Not with our layout and all photons; with the detectors of the laboratory; links are said not to count."""
    star = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0)
    lossy = star.replace(links=tuple(replace(link, transmissivity=0.5) for link in star.links))
    planned = plan_of(Dim(), Problem.of(lossy))
    result = design(lossy, schemes=[Dim(), "coherent"])
    dim = result.chosen
    assert dim.plan.parts == planned.parts
    assert dim.mse == pytest.approx(2 / (3 + 2 * 2**0.5), rel=1e-12)
    assert any("no layout along links is known for dim, a scheme of your own" in note for note in result.notes)
    noisy = design(star.with_laboratory(electronic_noise=0.1), schemes=[Dim()]).chosen
    assert noisy.mse == pytest.approx(dim.mse + 2 * 0.1, rel=1e-9)
