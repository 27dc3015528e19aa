"""What holds of every scheme: designs reach (12) with exactly N photons and never pass it, and trials on both engines agree."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st

from networks import LinearFunction, SensorNetwork
from protocols import design, simulate
from protocols.problem import Problem
from protocols.schemes import SCHEMES, find_scheme
from protocols.schemes.plan import Plan
from protocols.schemes.scheme import plan_of

EXACT = ("noon", "w-matrix", "multimode-noon", "pairs-in-turn", "noon-in-turn", "separable-phase")
NUMBER = st.one_of(
    st.just(0),
    st.floats(0.01, 5),
    st.floats(-5, -0.01),
    st.fractions(-4, 4, max_denominator=6),
    st.sampled_from(["sqrt(2)", "-sqrt(3)/2", "pi/4", "-pi", "1 - sqrt(2)"]),
)
ALPHA = st.lists(NUMBER, min_size=1, max_size=4).filter(lambda alpha: any(LinearFunction([1, *alpha]).alpha[1:]))


def sums(alpha):
    """(||alpha||_P, ||alpha||_Nn, ||alpha||_1), from nothing but numpy."""
    values = np.array([float(a) for a in LinearFunction(alpha).alpha])
    return values.clip(0).sum(), (-values).clip(0).sum(), np.abs(values).sum()


# --- designs -------------------------------------------------------------------------------------------------


@given(ALPHA, st.integers(1, 5), st.integers(1, 3), st.sampled_from(["static", "snapshot"]))
@examples(25)
def test_designs_with_exactly_n_photons_reach_the_bound_and_none_passes_it(alpha, photons, passes, parameters):
    """As built over links without loss; coherent light has N as a mean only, and is the one scheme without this bound."""
    result = design(SensorNetwork.star(alpha, sensing="phase", photons=photons, passes=passes, parameters=parameters))
    positive, negative, total = sums(alpha)
    bound = (max(positive, negative) / (photons * passes)) ** 2
    errors = {}
    for candidate in result.candidates:
        name = candidate.plan.scheme
        errors[name] = candidate.mse
        assert not candidate.failed
        assert (candidate.bound is None) == (name == "coherent")
        if name == "coherent":
            continue
        assert name in EXACT
        assert candidate.bound == pytest.approx(bound, rel=1e-12)
        assert candidate.mse >= bound * (1 - 1e-9)
        # The quantum limit of the light by the engine, not the formula that the scheme predicts.
        assert candidate.evaluation.mse >= bound * (1 - 1e-9)
    assert errors["multimode-noon"] == pytest.approx(bound, rel=1e-9)
    assert min(mse for name, mse in errors.items() if name != "coherent") == pytest.approx(bound, rel=1e-9)
    assert result.chosen.mse <= bound * (1 + 1e-9)
    # Turns need a phase that stays put, or only one of them; sites in turn are not entangled with one another.
    several = sum(1 for a in LinearFunction(alpha).alpha if a) > 1
    assert ("noon-in-turn" in errors) == (parameters == "static" or not several)
    if "noon-in-turn" in errors:
        assert errors["noon-in-turn"] == pytest.approx((total / (photons * passes)) ** 2, rel=1e-9)
        if several:
            separate = min(
                mse for name, mse in errors.items() if name in ("coherent", "noon-in-turn", "separable-phase")
            )
            # An honest gain by entanglement between sites: at most 4, and none for one sign.
            assert result.verdict.factor == pytest.approx(separate / bound, rel=1e-9)
            assert separate <= (4 if positive and negative else 1) * bound * (1 + 1e-9)
    if parameters == "static":
        assert errors["pairs-in-turn"] == pytest.approx(bound, rel=1e-9)


# --- trials --------------------------------------------------------------------------------------------------

PHASES = SensorNetwork.star([1, 1], sensing="phase", photons=2, passes=2)
MIXED = SensorNetwork.star([1, Fraction(-1, 2)], sensing="phase", photons=2, passes=2)
DISPLACED = SensorNetwork.star([1, Fraction(-1, 2)], sensing="displacement", mean_photons=1.0, passes=2)


def lossy(network):
    """Unequal losses at every mode, the reference's too."""
    return network.replace(modes=tuple(replace(m, transmissivity=0.95 - 0.05 * k) for k, m in enumerate(network.modes)))


def names(kind):
    return [scheme.name for scheme in SCHEMES if scheme.kind == kind]


@pytest.mark.parametrize(
    ("network", "scheme"),
    [(network, name) for network in (PHASES, lossy(PHASES), lossy(MIXED)) for name in names("phase")]
    + [(network, name) for network in (DISPLACED, lossy(DISPLACED)) for name in names("displacement")],
    ids=str,
)
def test_trials_on_both_engines_have_the_error_of_the_closed_form(network, scheme):
    """Shots are drawn from the outcomes of the simulated light; the errors of 3,000 trials lie within 4 standard errors."""
    problem = Problem.of(network)
    plan = plan_of(find_scheme(problem.kind, scheme), problem)
    assert isinstance(plan, Plan), plan
    # Phases at which no offset of a stage has an outcome of hardly any chance: few of its counts tell less than the bound.
    theta, shots = [0.15, 0.125 if network.function.alpha[1] > 0 else -0.125], 4000
    estimator = "maximum-likelihood" if problem.kind == "phase" else None
    ours, theirs = (
        simulate(
            network, shots=shots, trials=3000, scheme=scheme, estimator=estimator, engine=engine, seed=7, theta=theta
        ).first
        for engine in ("native", "strawberryfields")
    )
    assert theirs.probe_bound == pytest.approx(ours.probe_bound, rel=1e-6)
    assert theirs.mse == pytest.approx(ours.mse, rel=1e-4)
    assert ours.probe_bound == pytest.approx(plan.predicted_mse / shots, rel=2e-3)
    # An estimate of q modulo its period, from finitely many shots: its error is the bound's up to terms of 1/shots.
    assert abs(ours.mse - ours.probe_bound) < 4 * ours.tally.mse_stderr + 0.02 * ours.probe_bound
