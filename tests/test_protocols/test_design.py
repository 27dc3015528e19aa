"""The main job on both engines: candidates, ranking, refusals, and what is written."""

import dataclasses
import json
import math
import re
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st

from networks import InputError, Link, Mode, SensorNetwork, load_network
from networks.files.node_link import network_from_json
from photonics import CircuitTooLargeError, PrecisionError
from protocols import NoProtocolError, check_protocol, design, simulate, template_network
from protocols.built.build import build
from protocols.built.light import with_populations
from protocols.problem import Problem, kind_of
from protocols.ranking.candidates import Candidates, candidates, rank_plans
from protocols.ranking.plan_checks import _closed_form
from protocols.reports.design_folder import write_design
from protocols.schemes import SCHEMES, find_scheme
from protocols.schemes.coherent_phase import CoherentPhase
from protocols.schemes.evaluation import evaluate, probe_value
from protocols.schemes.readouts import detected_mse
from protocols.schemes.scheme import PhaseScheme
from protocols.theory.displacement import displacement_gain
from protocols.theory.equal_errors import ranked

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL_EXAMPLES = [path for path in sorted(EXAMPLES.glob("*.json")) if len(load_network(path).sensors) <= 40]


def checks(candidate):
    return {c.name: c.holds for c in candidate.checks}


@pytest.mark.parametrize("engine", ["native", "strawberryfields"])
@pytest.mark.parametrize(
    "network",
    [
        SensorNetwork.chain([1, -1], sensing="phase", photons=2),
        SensorNetwork.star([2, -1], sensing="phase", photons=2, passes=2, transmissivity=[0.9, 0.8]),
        SensorNetwork.complete([1, 2, 0], sensing="phase", photons=3, passes=2),
        SensorNetwork.star([1, -2, 0, "1/2"], sensing="displacement", mean_photons=1.5, passes=2),
        SensorNetwork.star([1, 1], sensing="displacement", mean_photons=0.5, transmissivity=[0.9, 0.3]),
    ],
    ids=str,
)
def test_all_candidates_agree_with_their_closed_forms_on_both_engines(network, engine):
    result = candidates(network, engine=engine)
    for candidate in result.ranked:
        verdicts = checks(candidate)
        assert verdicts["simulation agrees with the closed form"]
        assert verdicts.get("engines agree", True)
        assert candidate.failed == ()
        assert candidate.evaluation.engine == engine
    assert result.best.mse == min(candidate.mse for candidate in result.ranked)
    if network.is_lossless:
        assert result.best.ratio == pytest.approx(1, rel=1e-12)


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.floats(0.3, 1.0)), min_size=1, max_size=4).filter(
        lambda v: any(a for a, _ in v)
    ),
    st.integers(1, 3),
    st.integers(1, 3),
)
@examples(40)
def test_lossy_phase_designs_match_the_two_branch_closed_form(sensors, times, passes):
    alpha = [a for a, _ in sensors]
    norm = max(sum(a for a in alpha if a > 0), -sum(a for a in alpha if a < 0))
    network = SensorNetwork.star(
        alpha, sensing="phase", photons=times * norm, passes=passes, transmissivity=[t for _, t in sensors]
    )
    problem = Problem.of(network)
    # Those whose two branches have the photons of a protocol.
    result = candidates(problem, ("noon", "w-matrix"))
    assert {"noon"} <= {c.plan.scheme for c in result.ranked}
    assert all(c.plan.photon_protocol is not None for c in result.ranked)
    # (1/F)(sqrt A + sqrt B)^2/(4 A B) with A = prod eta_j^{total photons of branch A}; the reference is lossless.

    def with_all(photons: int) -> float:
        """The error with n photons, of which a share |alpha_j|/||alpha||_P goes to each sensor."""
        branch = [1.0, 1.0]
        for a, eta in sensors:
            branch[0 if (a > 0) == (sum(alpha) >= 0) else 1] *= eta ** (photons / norm * passes * abs(a))
        both = (branch[0] ** 0.5 + branch[1] ** 0.5) ** 2 / (4 * branch[0] * branch[1])
        return (norm / (photons * passes)) ** 2 * both

    for candidate in result.ranked:
        # As many photons as are best of those that the scheme's columns allow: one column needs whole numbers in every pass.
        sent = candidate.plan.photon_protocol.photons
        step = problem.divisibility.least_product
        if len(candidate.built.layout.best.protocol.columns) > 1:
            step //= math.gcd(step, passes)
        allowed = range(step, times * norm + 1, step)
        assert sent in allowed
        assert candidate.evaluation.mse == pytest.approx(with_all(sent), rel=1e-9)
        assert candidate.mse == pytest.approx(min(map(with_all, allowed)), rel=1e-9)


@pytest.mark.parametrize(
    ("photons", "eta", "mse"), [(20, 0.1, 6.25e16), (100, 0.7, 7.729e10), (10, 0.1, 25000500.0025)]
)
def test_very_unequal_branches_keep_their_digits(photons, eta, mse):
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=photons, transmissivity=[eta, 1])
    problem, noon = Problem.of(network), find_scheme("phase", "noon")
    with_all = build(noon, problem, fewer=False)
    assert with_all.mse == pytest.approx(mse, rel=1e-4)
    assert evaluate(with_all.as_built, problem).mse == pytest.approx(mse, rel=1e-4)
    # Built is what fewer photons do better: (1 + eta^(-n/2))^2/(4 n^2).
    built = next(c for c in candidates(network).ranked if c.plan.scheme == "noon")
    least = min((1 + eta ** (-n / 2)) ** 2 / (4 * n**2) for n in range(1, photons + 1))
    assert built.mse == pytest.approx(least, rel=1e-12)
    assert built.failed == ()


def test_light_that_hardly_arrives_is_sent_a_few_photons_at_a_time(tmp_path):
    network = SensorNetwork.star([1, 1], sensing="phase", photons=4000, transmissivity=0.5)
    result = design(network)
    # Coherent light sends all of them, each for itself.
    assert result.chosen.plan.scheme == "coherent"
    assert result.chosen.mse == pytest.approx((2 * math.sqrt(2) + 2) ** 2 / 16000)
    # Separate sensors are sent as many photons as do good, four each at this loss; the rest stays at home.
    assert result.candidates[1].plan.scheme == "separable-phase"
    by_name = {c.plan.scheme: c for c in result.candidates}
    assert by_name["separable-phase"].mse == pytest.approx(2 * 25 / 64)
    # All others send four as well, one sensor after the other or together, and all other photons of a shot stay at home.
    fours = {"noon-in-turn", "pairs-in-turn", "multimode-noon", "noon"}
    assert by_name.keys() == {"coherent", "separable-phase", *fours}
    for name in fours:
        assert by_name[name].mse == pytest.approx((2 * 5 / 8) ** 2), name
        assert "4 of 4000 photons at a time; with these losses more would increase the error" in "".join(
            by_name[name].plan.notes
        ), name
    assert all(c.failed == () for c in result.candidates)
    # With all photons none of them would arrive.
    for name in ("noon", "multimode-noon"):
        assert build(find_scheme("phase", name), network, fewer=False).mse == math.inf
    write_design(result, tmp_path)
    assert json.loads((tmp_path / "design.json").read_text())["candidates"][-1]["mse"] == pytest.approx(1.5625)


def test_what_is_too_much_is_refused():
    with pytest.raises(InputError, match="too many to simulate"):
        design(SensorNetwork.chain([1, -1], sensing="phase", photons=2, passes=10**7))
    with pytest.raises(InputError, match="photons in all passes together"):
        design(SensorNetwork.chain([1, -1], sensing="phase", photons=10**20))


def test_flipped_functions_are_designed_for_minus_q_and_say_so():
    network = SensorNetwork.star([1, -3], sensing="phase", photons=3)
    result = design(network)
    assert any("written for -q" in note for note in result.notes)
    assert result.to_dict()["bounds"]["function"]["flipped"] is True
    mirrored = design(SensorNetwork.star([-1, 3], sensing="phase", photons=3))
    assert result.chosen.mse == mirrored.chosen.mse


def test_the_reference_that_light_can_reach_is_used():
    made = SensorNetwork.star([1], sensing="phase", photons=1)
    apart = Mode(id="apart", role="reference", transmissivity=0.5)
    dim = Mode(id="dim", role="reference", transmissivity=0.5)
    both = made.replace(
        modes=(*made.sensors, apart, dim, made.references[0]), links=(*made.links, Link(ends=("s1", "dim")))
    )
    result = design(both)
    assert result.chosen.mse == 1.0
    assert any(note == "of 3 references the candidates use ref" for note in result.notes)
    # Light that goes along the links ends there, too.
    laid = design(both, schemes=["noon"])
    assert laid.physical.reference == "ref"
    assert any(note == "of 3 references the candidates use ref, the layout along the links ref" for note in laid.notes)
    assert any("apart, dim does not count" in note for note in result.notes)


def test_conditions_of_the_protocol_itself_are_named_so_under_loss():
    result = candidates(SensorNetwork.star([1, 1], sensing="phase", photons=2, transmissivity=0.5))
    noon = next(c for c in result.ranked if c.plan.scheme == "noon")
    names = [c.name for c in noon.checks]
    assert "reaches the bound, without loss" in names
    assert "reaches the bound" not in names


def kind_of_true_reason(why, candidates):
    """What kind of reason this sentence gives, after every name and number in it was compared with the candidates."""
    first, *others = candidates
    ours = efforts(first)
    assert all(c.mse >= first.mse * (1 - 1e-9) for c in others)
    ties = [c for c in others if c.mse <= first.mse * (1 + 1e-9)]
    if not others:
        assert "only" in why
        return "only"
    if not ties:
        ratio, name = re.search(r"([\d.e+]+) times below ([\w-]+)", why).groups()
        second = min(others, key=lambda c: c.mse)
        assert name in {c.plan.scheme for c in others if c.mse <= second.mse * (1 + 1e-9)}
        assert float(ratio) == pytest.approx(second.mse / first.mse, rel=6e-4)
        return "lower"
    named = re.search(r"ties with ((?:[\w-]+, )*[\w-]+) in", why).group(1).split(", ")
    assert named == [c.plan.scheme for c in ties]
    rival = ties[0]
    theirs = efforts(rival)
    if why.endswith("needs no entanglement between sites"):
        assert ours["modes"] == 0 < theirs["modes"]
        return "none"
    fewer = re.search(r"fewer (modes|controls|elements).*? than ([\w-]+) \((\d+) instead of (\d+)\)", why)
    if fewer is None:
        numbers = re.search(
            r"as many modes.*?\((\d+)\), controls \((\d+)\) and elements \((\d+)\); it is", why
        ).groups()
        assert dict(zip(ours, map(int, numbers), strict=True)) == ours == theirs
        assert first.plan.scheme < rival.plan.scheme
        return "equal"
    what, name, mine, other = fewer.groups()
    assert name == rival.plan.scheme
    assert (int(mine), int(other)) == (ours[what], theirs[what])
    assert int(mine) < int(other)
    # Each decides where those before it are equal.
    for earlier in list(ours)[: list(ours).index(what)]:
        assert ours[earlier] == theirs[earlier]
    return what


def efforts(candidate):
    """What decides between equal errors, in this order."""
    plan = candidate.plan
    modes = max(plan.modes_per_pass) if plan.entangles and max(plan.modes_per_pass) > 1 else 0
    return {"modes": modes, "controls": plan.controls, "elements": plan.elements}


def test_efforts_are_counted_from_the_light():
    """Two sensors of one sign and two passes: N00N states at a site are not entangled between sites; strings are elements."""
    result = candidates(SensorNetwork.star([1, 1], sensing="phase", photons=2, passes=2))
    counted = {c.plan.scheme: tuple(efforts(c).values()) for c in result.ranked}
    assert counted == {
        "noon-in-turn": (0, 0, 4),
        "pairs-in-turn": (2, 0, 4),
        "w-matrix": (2, 1, 3),
        "noon": (3, 0, 2),
        "multimode-noon": (3, 0, 3),
        "separable-phase": (0, 0, 4),
        "coherent": (0, 0, 3),
    }
    for scheme in SCHEMES:
        plan = next((c.plan for c in result.ranked if c.plan.scheme == scheme.name), None)
        assert plan is None or plan.entangles is scheme.entangles


@pytest.mark.parametrize(
    ("network", "kind"),
    [
        (SensorNetwork.star([1, 1], sensing="phase", photons=1, parameters="snapshot"), "none"),
        (SensorNetwork.star([1, 1], sensing="phase", photons=2), "none"),
        # Here the separable scheme is below the entangled one, by many orders.
        (SensorNetwork.star([1, 1], sensing="phase", photons=200, transmissivity=0.5), "lower"),
        (SensorNetwork.star([1, 1], sensing="phase", photons=200, transmissivity=0.5, parameters="snapshot"), "lower"),
        (SensorNetwork.star([1, 1, -2], sensing="displacement", mean_photons=1.5), "lower"),
        (SensorNetwork.star([0, 1, 1], sensing="phase", photons=2, passes=2, parameters="snapshot"), "modes"),
        (SensorNetwork.star([1, -1, 2], sensing="phase", photons=3, passes=2), "modes"),
        (SensorNetwork.star([1, 1, -1, -1], sensing="phase", photons=2, parameters="snapshot"), "elements"),
        (SensorNetwork.chain([1, -1], sensing="phase", photons=2, passes=2), "equal"),
        (SensorNetwork.star([0, 0, 1], sensing="phase", photons=1, passes=2), "equal"),
        (SensorNetwork.star([1], sensing="displacement", mean_photons=0.5), "equal"),
    ],
    ids=str,
)
def test_the_reason_of_the_choice_is_true(network, kind):
    result = candidates(network)
    assert kind_of_true_reason(result.why, result.ranked) == kind
    # What the reason is about is also what the document says, and what the light does.
    for c in result.ranked:
        row = c.to_dict()
        assert (row["scheme"], row["controls"]) == (c.plan.scheme, c.plan.controls)
        assert row["mse"] == pytest.approx(c.evaluation.mse, rel=1e-9)


@pytest.mark.parametrize("path", SMALL_EXAMPLES, ids=lambda path: path.stem)
def test_the_reason_is_true_in_every_example(path):
    result = candidates(load_network(path))
    kind_of_true_reason(result.why, result.ranked)


@cache
def three_candidates(schemes):
    return candidates(SensorNetwork.star([0, 1, 1], sensing="phase", photons=2, passes=2), schemes=schemes).ranked


@given(
    st.lists(
        st.tuples(st.sampled_from([1.0, 1 + 1e-11, 1.5, 40.0]), st.integers(1, 3), st.integers(0, 2)),
        min_size=3,
        max_size=3,
    )
)
@examples(60)
def test_the_reason_is_true_whatever_the_schemes_cost(costs):
    """Three candidates with any errors, modes and controls, in the order of the ranking."""
    three = ("noon", "w-matrix", "pairs-in-turn")
    made = three_candidates(three)
    changed = [
        replace(
            c,
            built=replace(
                c.built, as_built=replace(c.plan, predicted_mse=mse, modes_per_pass=(modes, 1), controls=controls)
            ),
        )
        for c, (mse, modes, controls) in zip(made, costs, strict=True)
    ]
    best = min(c.mse for c in changed)
    changed.sort(key=lambda c: (best if c.mse < best * (1 + 1e-9) else c.mse, *efforts(c).values(), c.plan.scheme))
    first, second = changed[:2]
    fewer = (what for what, count in efforts(first).items() if count < efforts(second)[what])
    expected = "lower" if second.mse > 1.1 * best else next(fewer, "equal")
    if expected == "modes" and not efforts(first)["modes"]:
        expected = "none"
    assert kind_of_true_reason(Candidates(ranked=tuple(changed), unavailable=()).why, changed) == expected


@pytest.mark.parametrize(
    "network",
    [
        SensorNetwork.chain([1, -1], sensing="phase", photons=2),
        SensorNetwork.star([1, 1], sensing="phase", photons=2, passes=2),
        SensorNetwork.star([1], sensing="phase", photons=1),
        SensorNetwork.star([1, 2], sensing="displacement", mean_photons=0.5, squeezers=0),
    ],
    ids=str,
)
def test_what_is_chosen_does_not_depend_on_the_order_of_the_schemes(network):
    """Ties are ordered by modes, controls, elements and then the name, in whatever order schemes are passed."""
    names = [scheme.name for scheme in SCHEMES if scheme.kind == kind_of(network)]
    rankings = []
    for order in (names, names[::-1], names[2:] + names[:2]):
        plans = rank_plans(network, order).plans
        rankings.append([plan.scheme for plan in plans])
        for one, other in pairwise(plans):
            if other.predicted_mse <= one.predicted_mse * (1 + 1e-9):
                effort = [(p.modes_between_sites, p.controls, p.elements, p.scheme) for p in (one, other)]
                assert effort[0] < effort[1]
    assert rankings[0] == rankings[1] == rankings[2]


def test_errors_of_zero_and_infinite_ones_tie_among_themselves():
    """Nothing is within 1e-9 of 0 but 0; infinite errors are equal, and last. What is no number has no place."""
    errors = {"d": 0.0, "b": 0.0, "c": 1e-300, "f": math.inf, "e": math.inf, "a": 1.0}
    assert ranked(errors, error=errors.__getitem__, effort=str) == ["b", "d", "c", "a", "e", "f"]
    with pytest.raises(AssertionError, match="nan"):
        ranked([1.0, math.nan], error=float, effort=str)


def error_with_populations(network, first):
    """Of a N00N state with this population of its first string, with the detectors of the network."""
    problem = Problem.of(network)
    (part,) = build(find_scheme("phase", "noon"), problem, fewer=False).as_built.parts
    strings = [tuple(row) for row in part.circuit.operations[0].state.occupations.tolist()]
    changed = with_populations(part, dict(zip(strings, (first, 1 - first), strict=True)))
    detectors = problem.detectors(part.circuit.modes)
    return detected_mse(changed, [probe_value(j) for j in part.sensors], part.coefficients_of(problem.alpha), detectors)


@pytest.mark.parametrize(("dark_counts", "excess"), [(0.0, 0.0), (0.2, 0.0081), (1.0, 0.0817)])
def test_populations_that_are_best_for_the_losses_alone_are_said_to_be_that(dark_counts, excess):
    """With dark counts and unequal losses others are better; docs/how-to/along-links.md has these numbers."""
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=2, transmissivity=[0.9, 0.6], visibility=0.9)
    network = network.with_laboratory(dark_counts=dark_counts)
    result = design(network, schemes=["noon"])
    assert any("populations of its strings are the best for the losses" in note for note in result.notes)
    best = min(error_with_populations(network, p) for p in np.linspace(0.3, 0.7, 81))
    assert result.chosen.mse / best - 1 == pytest.approx(excess, abs=2e-4)
    quiet = design(network.with_laboratory(visibility=1.0, dark_counts=0.0), schemes=["noon"])
    assert not any("populations" in note for note in quiet.notes)


@pytest.mark.parametrize("nbar", [1e3, 1e4, 5e4])
def test_strong_squeezing_on_strawberry_fields_is_compared_as_far_as_it_goes(nbar):
    result = candidates(
        SensorNetwork.star([1, 2], sensing="displacement", mean_photons=nbar), engine="strawberryfields"
    )
    assert all(c.failed == () for c in result.ranked)


def test_uneven_functions_of_many_sensors_under_strong_squeezing():
    result = candidates(SensorNetwork.star([4] + [1] * 99, sensing="displacement", mean_photons=1e6))
    assert result.best.failed == ()
    with pytest.raises(PrecisionError, match="use the native engine"):
        design(SensorNetwork.star([1, 2], sensing="displacement", mean_photons=1e6), engine="strawberryfields")


def test_lossy_links_count_in_every_candidate_that_uses_them():
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    lossy = network.replace(links=(Link(ends=("s1", "s2"), transmissivity=0.5),))
    result = design(lossy)
    # Two photons over the link, (1 + 1/T)^2/16; coherent light and sites in turn use no link.
    noon = next(c for c in result.candidates if c.plan.scheme == "noon")
    assert noon.built.layout.mse == noon.mse == pytest.approx((0.5**-1 + 1) ** 2 / 16)
    assert noon.built.ideal_mse == pytest.approx(0.25)
    assert next(c.mse for c in result.candidates if c.plan.scheme == "coherent") == pytest.approx(0.5)
    assert design(lossy, schemes=["noon"]).physical == noon.built.layout
    assert not any("do not count" in note for note in design(lossy, schemes=["noon"]).notes)
    assert next(c.mse for c in result.candidates if c.plan.scheme == "noon-in-turn") == pytest.approx(1.0)
    squeezed = SensorNetwork.chain([1, -1], sensing="displacement", mean_photons=2.0)
    lossy = squeezed.replace(links=(Link(ends=("s1", "s2"), transmissivity=0.5),))
    result = design(lossy, squeezers=1)
    # One squeezed vacuum to one of two sensors, 1 - T + (1 + T)/f, against its error without loss, 2/f; vacuum has 2.
    f = displacement_gain(2.0)
    shared = next(c for c in result.candidates if c.plan.scheme == "entangled-squeezed")
    assert shared.mse == pytest.approx(0.5 + 1.5 / f)
    assert shared.built.ideal_mse == pytest.approx(2 / f)
    # A squeezer at each sensor needs no link, which is said.
    result = design(lossy)
    assert result.chosen.plan.scheme == "separable-squeezed"
    assert result.physical is None
    assert any("so the losses of 1 link do not count for it" in note for note in result.notes)


@pytest.mark.parametrize(
    ("alpha", "photons", "mse"),
    [
        ([1, 1], 1, 4),
        ([1, 1, -1], 5, 0.16),
        (["sqrt(2)", 1, -1], 3, 0.6476030138606877),
        ([1] * 4, 2, 4),
        ([1] * 3, 100, 9e-4),
    ],
)
@pytest.mark.parametrize("parameters", ["static", "snapshot"])
def test_the_bound_is_reached_where_no_columns_exist(alpha, photons, mse, parameters):
    result = candidates(SensorNetwork.star(alpha, sensing="phase", photons=photons, parameters=parameters))
    assert result.best.mse == pytest.approx(mse, rel=1e-12)
    assert result.best.evaluation.mse == pytest.approx(mse, rel=1e-9)
    # One photon at a time is as good as coherent light, to which the bound does not apply.
    first = result.ranked[photons == 1]
    assert (result.best.plan.scheme == "coherent") == (photons == 1)
    assert first.ratio == pytest.approx(1, rel=1e-12)
    # Columns of fewer photons, where there are any, are another candidate, and no better.
    columns = [c for c in result.ranked if c.plan.scheme in ("noon", "w-matrix")]
    assert all(c.plan.photon_protocol.photons < photons and c.ratio > 1 + 1e-9 for c in columns)


@pytest.mark.parametrize(("photons", "passes", "sent"), [(7, 1, 6), (7, 2, 6), (100, 1, 100), (3, 1, 2)])
def test_columns_have_as_many_photons_as_they_can(photons, passes, sent):
    """Of (1, 1) with one column an even number: (||alpha||_P/(n M))^2 by the engine, below N; the bound is of N."""
    network = SensorNetwork.star([1, 1], sensing="phase", photons=photons, passes=passes)
    noon = next(c for c in candidates(network).ranked if c.plan.scheme == "noon")
    assert noon.plan.photon_protocol.photons == sent
    assert noon.evaluation.mse == pytest.approx((2 / (sent * passes)) ** 2, rel=1e-9)
    assert noon.mse == pytest.approx(noon.evaluation.mse, rel=1e-9)
    assert noon.ratio == pytest.approx((photons / sent) ** 2, rel=1e-9)
    assert not noon.failed
    assert any(f"{sent} of {photons} photons are sent" in note for note in noon.plan.notes) == (sent < photons)


def test_columns_that_cannot_be_are_refused_with_the_remedy_where_nothing_else_is_wanted():
    with pytest.raises(NoProtocolError, match="multiple of 3"):
        design(SensorNetwork.star([1, 1, 1], sensing="phase", photons=2), schemes=["noon", "w-matrix"])


def test_circuits_too_large_for_strawberry_fields_are_refused():
    network = SensorNetwork.star([1] * 12, sensing="phase", photons=12)
    with pytest.raises(CircuitTooLargeError, match="use the native engine"):
        design(network, engine="strawberryfields")
    assert candidates(network).best.ratio == pytest.approx(1)


def test_documents_hold_what_the_interface_promises(tmp_path):
    network = SensorNetwork.star([3, -1, 1], sensing="phase", photons=4, passes=2)
    result = design(network)
    paths = write_design(result, tmp_path / "deep" / "out")
    assert sorted(path.name for path in paths) == [
        "bounds.png",
        # One of each pair, which take turns.
        "circuit_1.json",
        "circuit_2.json",
        "design.json",
        "layers.png",
        "layout.png",
        "network.png",
        "report.md",
    ]
    document = json.loads(paths[0].read_text())
    assert len(document["physical"]["turns"]) == 2
    assert network_from_json(json.dumps(document["network"])) == network
    for candidate in document["candidates"]:
        assert {"scheme", "mse", "bound", "ratio", "probes", "modes_per_pass", "checks", "engine"} <= candidate.keys()
        if candidate["protocol"]:
            assert check_protocol(candidate["protocol"]).valid
    assert document["chosen"] == document["candidates"][0]["scheme"]
    report = (tmp_path / "deep" / "out" / "report.md").read_text()
    assert "## Build " + document["chosen"] in report
    assert document["verdict"]["compared_with"] in report
    for name in ("network.png", "bounds.png", "layout.png", "layers.png"):
        assert (tmp_path / "deep" / "out" / name).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("sensors", [200, pytest.param(1000, marks=pytest.mark.long)])
def test_many_sensors_and_a_million_photons(sensors):
    alpha = [(j % 7) - 2 for j in range(sensors)]
    norm = sum(a for a in alpha if a > 0)
    result = candidates(SensorNetwork.star(alpha, sensing="phase", photons=norm * (10**6 // norm)))
    noon = next(c for c in result.ranked if c.plan.scheme == "noon")
    assert all(condition.holds for condition in noon.checks)
    assert noon.mse == pytest.approx((1 / (10**6 // norm)) ** 2, rel=1e-12)


def test_two_hundred_lossy_squeezed_modes():
    alpha = [((7 * j) % 11) - 4 or 1 for j in range(200)]
    eta = [0.5 + 0.4 * (j % 5) / 5 for j in range(200)]
    result = candidates(SensorNetwork.star(alpha, sensing="displacement", mean_photons=50.0, transmissivity=eta))
    assert result.best.plan.scheme == "entangled-squeezed"
    assert checks(result.best)["homodyne loses nothing"]
    assert math.isfinite(result.best.mse)


def test_an_ancilla_as_reference_is_as_good_as_a_reference():
    sensors = [Mode(id=k, coupling="mach-zehnder", alpha=Fraction(1)) for k in "ab"]
    hub = Mode(id="hub", role="ancilla", transmissivity=0.9)
    links = tuple(Link(ends=("hub", k)) for k in "ab")
    ancilla = SensorNetwork(sensing="phase", photons=2, modes=(*sensors, hub), links=links)
    roles = tuple(dataclasses.replace(m, role="reference") if m.role == "ancilla" else m for m in ancilla.modes)
    reference = ancilla.replace(modes=roles)
    ours, theirs = design(ancilla), design(reference)
    assert [(c.plan.scheme, c.mse) for c in ours.candidates] == [(c.plan.scheme, c.mse) for c in theirs.candidates]
    assert [c.built.layout and c.built.layout.mse for c in ours.candidates] == [
        c.built.layout and c.built.layout.mse for c in theirs.candidates
    ]
    assert sum(c.built.layout is not None for c in ours.candidates) == 3
    assert "no node has the role reference: the ancilla hub holds its photons" in ours.notes
    assert not any("no node has the role" in note for note in theirs.notes)
    bounds = [simulate(network, shots=20, trials=5).first.probe_bound for network in (ancilla, reference)]
    assert bounds[0] == bounds[1]


class Beams(PhaseScheme):
    """Light with N photons on average, of a user's own."""

    name, title, entangles = "beams", "coherent light under another name", False

    def plan(self, problem):
        return dataclasses.replace(CoherentPhase().plan(problem), scheme=self.name)


def test_light_whose_budget_the_file_does_not_give_stands_apart():
    network = SensorNetwork.star([1, 1], sensing="phase", photons=4)
    schemes = ["noon", "coherent", Beams()]
    apart = design(network, schemes=schemes)
    assert [c.plan.scheme for c in apart.candidates] == ["noon", "coherent"]
    (other,) = apart.other_light
    assert (other.plan.scheme, other.mse, other.bound, other.ratio) == ("beams", 1.0, None, None)
    document = apart.to_dict()
    assert [one["scheme"] for one in document["other_light"]] == ["beams"]
    others = design(network).to_dict()["other_light"]
    assert {one["light"] for one in others} == {"4 on average"}
    assert [one["mse"] for one in others] == sorted(one["mse"] for one in others)
    # A mean photon number of the file changes nothing: it and an exact one are never ranked together.
    both = design(network.replace(mean_photons=8.0), schemes=schemes)
    assert [(c.plan.scheme, c.mse) for c in both.candidates] == [(c.plan.scheme, c.mse) for c in apart.candidates]
    with pytest.raises(NoProtocolError, match="beams has N photons on average"):
        design(network, schemes=[Beams()])


def test_candidates_say_what_they_need_and_where_their_error_is_worked_out():
    network = SensorNetwork.star([1, 1, -1], sensing="displacement", mean_photons=4.0, squeezing_db=6.0, squeezers=2)
    needs = {c.plan.scheme: c.needs for c in design(network).candidates}
    photons = (10 ** (6 / 20) - 10 ** (-6 / 20)) ** 2 / 4
    local = "a homodyne detector with a local oscillator, which is not counted, at each of 3 sensors"
    assert needs["separable-squeezed"] == (
        "2 squeezers: 6 dB at s1, 6 dB at s2",
        f"{2 * photons:.6g} photons on average in a shot, 0 without the squeezed ones",
        local,
    )
    assert needs["squeezed-in-turn"][0] == "2 squeezers, moved over the shots: 6 dB at s1, 6 dB at s2, 6 dB at s3"
    assert needs["squeezed-in-turn"][1] == needs["separable-squeezed"][1]
    assert needs["coherent"] == ("0 photons on average in a shot, none of them squeezed", local)
    phases = SensorNetwork.star([1, 1], sensing="phase", photons=3)
    told = {row["scheme"]: row for row in design(phases).to_dict()["candidates"]}
    assert told["noon"]["needs"] == [
        "exactly 2 photons in a shot, none of them squeezed (N = 3 are allowed)",
        "the reference ref, whose light is counted",
    ]
    assert told["noon-in-turn"]["needs"][1] == "a reference arm, whose light is counted, beside each of s1, s2"
    assert told["coherent"]["needs"][0] == "3 photons on average in a shot, none of them squeezed"
    assert told["coherent"]["working_point"] == {"s1": 0.0, "s2": 0.0}
    # The error of the stated measurement there, by the Fisher matrix of its outcomes.
    assert told["noon"]["working_point"] == pytest.approx({"s1": probe_value(0), "s2": probe_value(1)})
    assert told["coherent"]["bound"] is None
    assert told["coherent"]["ratio"] is None


@pytest.mark.parametrize(("sensing", "scheme"), [("phase", "bright-in-turn"), ("displacement", "squeezed-in-turn")])
def test_squeezed_light_that_comes_from_a_hub_is_said_to_lose_on_its_way(sensing, scheme):
    network = template_network("fibre-star", sensors=3, sensing=sensing)
    result = design(network, schemes=[scheme])
    assert result.chosen.needs[0] == "1 squeezer, its light sent to the sensors in turn: 10 dB at hub"
    (note,) = [note for note in result.notes if "links" in note]
    assert note == (
        f"{scheme} needs no beam splitters along the links, but its squeezed light goes over them (from hub to s1, s2, s3), "
        "and their losses count"
    )
    # They do.
    longer = network.replace(links=tuple(replace(link, transmissivity=0.4) for link in network.links))
    assert design(longer, schemes=[scheme]).chosen.mse > 1.5 * result.chosen.mse


def test_candidates_are_had_by_name_and_others_are_refused_with_the_reason():
    result = design(SensorNetwork.star([1, 1, 1], sensing="phase", photons=2))
    for one in result.candidates:
        assert result.candidate(one.scheme) is one
        assert one.scheme == one.plan.scheme
    with pytest.raises(InputError, match=r"separable-phase is not applicable to this network: N = 2 is fewer than"):
        result.candidate("separable-phase")
    with pytest.raises(InputError, match=r"'squeezed' is no candidate of this design; candidates are .*noon-in-turn"):
        result.candidate("squeezed")


def test_information_lost_in_the_rounding_of_a_fisher_matrix_is_named():
    """A reference behind 30 dB, six photons: of alpha = (1/1000, -1, 1) its part is 1e-14 of the matrix, which calls it zero."""
    network = SensorNetwork.star(["1/1000", -1, 1], sensing="phase", photons=6)
    modes = tuple(replace(mode, transmissivity=9e-4 if mode.role == "reference" else 0.9) for mode in network.modes)
    dim = network.replace(modes=modes)
    problem = Problem.of(dim)
    plan = find_scheme("phase", "multimode-noon").plan(problem)
    evaluation = evaluate(plan, problem)
    assert math.isinf(evaluation.mse)
    # Errors of superposed strings, theory.md section 7, with 60 digits: the closed form is the one to trust.
    with localcontext() as context:
        context.prec = 60
        eta = [Decimal("0.9"), Decimal("0.9"), Decimal("0.9"), Decimal("9e-4")]
        sizes = [Decimal("0.001"), Decimal(1), Decimal(1), Decimal("0.001")]
        exact = (sum(a / e**3 for a, e in zip(sizes, eta, strict=True)) / 12) ** 2
    assert plan.predicted_mse == pytest.approx(float(exact), rel=1e-12)
    condition = _closed_form(plan, problem, evaluation)
    assert condition.holds
    assert "lost in the rounding" in condition.witness
    # An infinite error that the matrix could have told apart is no rounding.
    assert not _closed_form(replace(plan, predicted_mse=10.0), problem, evaluation).holds
