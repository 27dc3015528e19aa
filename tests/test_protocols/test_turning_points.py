"""What would change the verdict: errors on layouts as they are, turning points tested on both sides, and what is said of them."""

from __future__ import annotations

import math
import random

import pytest

from networks import InputError, Link, Mode, SensorNetwork
from protocols import design
from protocols.built.build import build
from protocols.built.built import Built
from protocols.built.changes import Change
from protocols.built.on_layout import Changed
from protocols.problem import Problem
from protocols.ranking import turning
from protocols.ranking.candidates import rank_plans
from protocols.ranking.verdict import entanglement_verdict
from protocols.schemes.registry import choose_schemes, schemes_of


def laboratory(seed: int, sensing: str, **changes: object) -> SensorNetwork:
    """Two or three sensors around a hub with everything lossy and limited at random; no noise of photon detectors."""
    draw = random.Random(seed)

    def some(low: float, high: float) -> float | None:
        return draw.uniform(low, high) if draw.random() < 0.6 else None

    squeezed = sensing == "displacement"
    count = draw.randint(2, 3)
    modes = [
        Mode(
            id=f"s{j}",
            coupling="displacement" if squeezed else "mach-zehnder",
            alpha=draw.choice([-2, -1, 1, 2]),
            transmissivity=draw.uniform(0.6, 1.0),
            transmissivity_before=some(0.6, 1.0),
            detector_efficiency=some(0.6, 1.0),
            squeezer_efficiency=some(0.7, 1.0) if squeezed else None,
            squeezer=draw.random() < 0.7 if squeezed else None,
            mean_photons_max=some(0.05, 2.0) if squeezed else None,
        )
        for j in range(count)
    ]
    modes.append(Mode(id="hub", role="ancilla" if squeezed else "reference", transmissivity=0.97))
    links = [Link(ends=("hub", f"s{j}"), transmissivity=draw.uniform(0.5, 1.0)) for j in range(count)]
    if squeezed:
        own = {
            "mean_photons": draw.uniform(0.2, 5.0),
            "squeezing_db": some(1.0, 12.0),
            "squeezers": draw.choice([None, 1, 2]),
            "phase_jitter_rad": some(0.0, 0.2),
        }
    else:
        own = {"photons": draw.randint(1, 4), "passes": draw.randint(1, 2)}
    return SensorNetwork(sensing=sensing, modes=modes, links=links, **{**own, **changes})


NOW = ("link_loss_times", "detector_loss_times", "loss_times")


@pytest.mark.parametrize("sensing", ["phase", "displacement"])
@pytest.mark.parametrize("seed", range(5))
def test_layouts_as_they_are_have_their_error_and_none_is_better_than_anew(seed: int, sensing: str) -> None:
    problem = Problem.of(laboratory(seed, sensing))
    changes = [(what, times) for what in NOW for times in (1.0, 1.6)] + [("detector_efficiency", 0.7)]
    changes += [("transmissivity", 0.7), ("link_loss_times", 0.3)]
    if sensing == "displacement":
        changes += [("squeezing_db", 4.0), ("squeezer_efficiency", 0.8), ("squeezer_loss_times", 1.0)]
    for name, scheme in schemes_of(sensing).items():
        built = build(scheme, problem)
        if not isinstance(built, Built):
            continue
        for what, value in changes:
            changed = Changed(problem=problem, change=Change(what=what, value=value))
            error, case = changed.error_on_layout(scheme, built), (name, what, value)
            if value == 1.0:
                assert error == pytest.approx(built.mse, rel=1e-9), case
            anew = changed.error_anew(scheme)
            if built.layout is None:
                assert error == pytest.approx(anew, rel=1e-9), case
            elif name != "w-matrix":
                # Columns of fewer photons are looked for one after the other, and may be missed.
                assert error >= anew * (1 - 1e-9), case


def order(network: SensorNetwork, point: turning.TurningPoint, factor: float) -> bool:
    """Whether the best scheme with entanglement between sites is better than the best without, everything built anew."""
    there = Change(what=point.what, value=point.value * factor).of_network(network)
    return rank_plans(there).built[0].as_built.modes_between_sites > 0


CASES = [
    SensorNetwork.chain([1, -1], sensing="phase", photons=2),
    SensorNetwork.star([1, 2, -1], sensing="phase", photons=2, transmissivity=[0.9, 0.8, 1.0]),
    SensorNetwork.star([1, 1, 1], sensing="displacement", mean_photons=2.0),
    SensorNetwork.star([1, 1], sensing="displacement", mean_photons=4.0, squeezing_db=5.0).with_laboratory(
        link_loss_db=0.2
    ),
    SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0, squeezer_efficiency=[0.9, 0.95], squeezers=1),
    *(laboratory(seed, "displacement") for seed in range(4)),
]


@pytest.mark.parametrize("network", CASES, ids=str)
def test_the_order_differs_on_both_sides_of_every_turning_point(network: SensorNetwork) -> None:
    result = design(network)
    for point in result.verdict.turning_points:
        assert order(network, point, 0.99) == point.pays_below, point
        assert order(network, point, 1.01) != point.pays_below, point
    for axis in result.verdict.axes:
        assert axis.is_laid_out_anew
        assert axis.now in axis.looked_at
        if not axis.turning_points:
            # Said not to turn: at the ends, and in the middle of what was looked at, the order is that of now.
            for value in (axis.looked_at[0], axis.looked_at[len(axis.looked_at) // 2], axis.looked_at[-1]):
                there = Change(what=axis.what, value=value).of_network(network)
                ranked = rank_plans(there).built
                verdict = entanglement_verdict(
                    Problem.of(there), ranked, choose_schemes(network.sensing, None), seek_turning=False
                )
                # Vacuum alone is no light that sites could share.
                if verdict.entanglement_pays is not None:
                    assert verdict.entanglement_pays == result.verdict.entanglement_pays, (axis.what, value)


def test_squeezing_at_which_photons_begin_to_limit_local_squeezers() -> None:
    """Lossless links: one squeezer of n/d photons' dB equals one of it at each of d sensors, which then use all n photons."""
    network = SensorNetwork.star([1, 1, 1, 1], sensing="displacement", mean_photons=2.5)
    verdict = design(network).verdict
    db = 20 * math.log10(math.e) * math.asinh(math.sqrt(2.5 / 4))
    (point,) = [point for point in verdict.turning_points if point.what == "squeezing_db"]
    assert point.value == pytest.approx(db, rel=1e-3)
    assert not point.pays_below
    assert f"; or where squeezers give less than {db:.3g} dB." in verdict.sentence
    assert "photons are what is held equal" in verdict.because


def test_with_a_cap_squeezing_is_held_equal() -> None:
    network = SensorNetwork.star([1, 1, 1, 1], sensing="displacement", mean_photons=8.0, squeezing_db=5.0)
    verdict = design(network).verdict
    assert verdict.entanglement_pays is False
    assert verdict.because.startswith("dB are what is held equal under the limits of nbar = 8 photons")
    assert "entangled-squeezed: 0.3696 photons in 1 squeezer of 5 dB" in verdict.because
    assert "separable-squeezed: 1.479 photons in 4 squeezers of at most 5 dB" in verdict.because


def test_photons_that_are_not_sent_are_not_said_to_be_equal() -> None:
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=8, transmissivity=0.5)
    verdict = design(pair).verdict
    assert verdict.because.startswith("the limit on photons is what is held equal, N = 8 in a shot, as prepared")
    assert "sends 8" not in verdict.because.split(" and ")[0]
    whole = design(SensorNetwork.chain([1, -1], sensing="phase", photons=2), schemes=["noon", "noon-in-turn"]).verdict
    assert whole.because == "photons are what is held equal, N = 2 in a shot, as prepared"


def test_light_without_entanglement_that_needs_links_loses_on_them_too() -> None:
    """All squeezers in a hub: its links cost the light of single sensors just as much, so more loss does not turn the order."""
    modes = [
        *(Mode(id=name, coupling="displacement", alpha=1, squeezer=False) for name in "abcd"),
        Mode(id="hub", role="ancilla"),
    ]
    links = [Link(ends=("hub", name), transmissivity=0.8) for name in "abcd"]
    network = SensorNetwork(sensing="displacement", modes=modes, links=links, mean_photons=2.0)
    verdict = design(network).verdict
    assert verdict.entanglement_pays is True
    assert not [point for point in verdict.turning_points if point.what == "link_loss_times"]
    assert "links that lose 0 to 64 times their loss in dB" in verdict.sentence


def test_losses_that_differ_are_multiplied_and_equal_ones_are_set() -> None:
    network = SensorNetwork.star(
        [1, -1], sensing="displacement", mean_photons=2.0, detector_efficiency=[0.9, 0.8], transmissivity=0.7
    )
    axes = {axis.what: axis for axis in design(network).verdict.axes}
    assert set(axes) == {"link_loss_db", "squeezing_db", "squeezer_efficiency", "detector_loss_times", "transmissivity"}
    assert (axes["transmissivity"].now, axes["detector_loss_times"].now) == (0.7, 1.0)
    document = axes["transmissivity"].to_dict()
    assert document == {
        "what": "transmissivity",
        "now": 0.7,
        "from": 0.05,
        "to": 1.0,
        "values": 10,
        "layouts": "anew at ends and turning points",
    }


def test_large_networks_keep_their_layouts_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    count = turning.MAX_TURNED
    network = SensorNetwork.star([1] * count, sensing="displacement", mean_photons=3.0).with_laboratory(
        link_loss_db=0.1
    )
    ranked = rank_plans(network).built

    def never(*_: object) -> float:
        raise AssertionError("nothing is built anew")

    monkeypatch.setattr(Changed, "built_anew", never)
    schemes = choose_schemes("displacement", None)
    verdict = entanglement_verdict(Problem.of(network), ranked, schemes)
    assert verdict.turning_points
    assert "Layouts are kept as they are in these comparisons." in verdict.sentence
    assert verdict.to_dict()["looked_at"][0]["layouts"] == "as they are"
    for point in verdict.turning_points:
        for factor, below in ((0.999, True), (1.001, False)):
            changed = Changed(problem=Problem.of(network), change=Change(what=point.what, value=point.value * factor))
            errors = {
                one.plan.scheme: changed.error_on_layout(schemes_of("displacement")[one.plan.scheme], one)
                for one in ranked
            }
            shared = errors.pop("entangled-squeezed")
            assert (shared < min(errors.values()) * (1 - 1e-9)) == (point.pays_below == below)


def test_the_document_of_a_verdict_has_the_fields_of_the_interface() -> None:
    document = design(SensorNetwork.chain([1, -1], sensing="phase", photons=2)).to_dict()["verdict"]
    assert {"entanglement_pays", "factor", "compared_with", "because"} <= set(document)
    assert isinstance(document["turning_points"], list)
    assert set(document["turning_points"][0]) == {"what", "value", "pays_below"}
    assert document["sentence"].startswith("Entanglement between the sites ")


def test_changes_of_networks() -> None:
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2, detector_efficiency=[0.9, 0.8])
    benches = Change(what="detector_loss_times", value=2.0).of_network(pair).laboratory.benches
    assert [bench.detector_efficiency for bench in benches] == pytest.approx([0.81, 0.64])
    shared = pair.with_laboratory(detector_efficiency=0.9)
    assert Change(what="detector_loss_times", value=2.0).of_network(shared).detector_efficiency == pytest.approx(0.81)
    assert Change(what="transmissivity", value=0.6).of_network(pair).modes[0].transmissivity == 0.6
    with pytest.raises(InputError):
        Change(what="link_loss_db", value=1e6).of_network(pair)


def one_squeezer_in_a_hub(loss_db: float) -> SensorNetwork:
    modes = [Mode(id=name, coupling="displacement", alpha=1, squeezer=False) for name in "ab"]
    modes.append(Mode(id="hub", role="ancilla"))
    links = [Link(ends=("hub", name), transmissivity=10 ** (-loss_db / 10)) for name in "ab"]
    return SensorNetwork(sensing="displacement", modes=modes, links=links, mean_photons=2.0, squeezers=1)


def faded_at() -> float:
    """dB at which 2 (1 - T k), both at once, is 1 % below 2 (1 - T k)/(1 - T k/2), each in half of the shots."""
    k = 1 - (math.sqrt(3) - math.sqrt(2)) ** 2
    return -10 * math.log10(0.02 / 1.01 / k)


def test_a_gain_that_only_fades_is_said_to_fade() -> None:
    verdict = design(one_squeezer_in_a_hub(1.5)).verdict
    (fading,) = verdict.fading
    (point,) = verdict.turning_points
    assert (fading.what, fading.pays_below, fading.turning_point) == ("link_loss_times", True, point.value)
    assert fading.value == pytest.approx(faded_at() / 1.5, rel=1e-3)
    # At the turning point the gain is 1e-9: T k/2.
    assert point.value == pytest.approx(-10 * math.log10(2e-9 / 0.89898) / 1.5, rel=1e-3)
    assert f"The gain fades to less than 1 % where links lose more than {fading.value:.3g} times" in verdict.sentence
    assert "It stops paying" not in verdict.sentence
    assert verdict.to_dict()["fading"][0]["value"] == fading.value


def test_where_entanglement_would_pay_a_gain_of_next_to_nothing_does_not_count() -> None:
    verdict = design(one_squeezer_in_a_hub(100.0)).verdict
    assert verdict.entanglement_pays is False
    (fading,) = verdict.fading
    assert fading.value == pytest.approx(faded_at() / 100, rel=1e-3)
    said = f"It would pay, by more than 1 %, where links lose less than {fading.value:.3g} times their loss in dB"
    assert said in verdict.sentence


@pytest.mark.parametrize("loss_db", [1.0, 6.0])
def test_an_order_that_turns_is_said_to_turn(loss_db: float) -> None:
    """Both photons over the link, (1 + 1/T)^2/16, or sites in turn, 1: equal at T = 1/3, and the other is better behind it."""
    chain = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    pair = chain.replace(links=(Link(ends=("s1", "s2"), transmissivity=10 ** (-loss_db / 10)),))
    verdict = design(pair, schemes=["noon", "noon-in-turn"]).verdict
    times = 10 * math.log10(3) / loss_db
    (point,) = [point for point in verdict.turning_points if point.what == "link_loss_times"]
    assert point.value == pytest.approx(times, rel=1e-3)
    assert [one for one in verdict.fading if one.what == "link_loss_times"] == []
    head = "It stops paying where links lose more" if loss_db == 1 else "It would pay where links lose less"
    assert f"{head} than {times:.3g} times their loss in dB" in verdict.sentence


def test_links_that_let_next_to_nothing_through_under_limits_of_light():
    """64 times 60 dB: what arrives has no square in floating point (found by fuzzing)."""
    modes = [Mode(id=name, coupling="displacement", alpha=1) for name in ("s1", "s2")]
    modes.append(Mode(id="s3", coupling="displacement", alpha=1, transmissivity=0.9, mean_photons_max=0.25))
    links = [Link(ends=("s1", "s2"), transmissivity=1e-6), Link(ends=("s2", "s3"))]
    network = SensorNetwork(
        sensing="displacement", modes=modes, links=links, mean_photons=1.0, parameters="snapshot", squeezers=1
    )
    verdict = design(network, sources=["s1"]).verdict
    assert verdict.factor > 0
    assert "link_loss_times" in {axis.what for axis in verdict.axes}
