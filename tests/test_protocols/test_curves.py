"""Errors as built along an axis: what is drawn is what designs of the same networks say, and the place of the network is marked."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from networks import InputError, Link, SensorNetwork
from networks.benches import IN_DB
from protocols import Curves, error_curves
from protocols.built.uses import AS_BUILT
from protocols.problem import Problem
from protocols.ranking.candidates import rank_plans
from protocols.sweeps.axes import IN_WORDS, NUMERIC, RANGES
from protocols.sweeps.curves import AXES, curve_axes

PHASES = SensorNetwork.star([1, 1], sensing="phase", photons=2, transmissivity=0.9).with_laboratory(
    visibility=0.97, detector_efficiency=0.9
)
SQUEEZED = SensorNetwork.star([1, -2, 1], sensing="displacement", mean_photons=2.0, transmissivity=0.9).with_laboratory(
    squeezing_db=8.0, detector_efficiency=0.9
)


def with_links(network: SensorNetwork, *shares: float) -> SensorNetwork:
    links = (Link(ends=link.ends, transmissivity=share) for link, share in zip(network.links, shares, strict=True))
    return network.replace(links=tuple(links))


NETWORKS = {"phase": with_links(PHASES, 0.8, 0.8), "displacement": with_links(SQUEEZED, 0.7, 0.7, 0.7)}


def errors_of(curves: Curves) -> dict[str, list[float | None]]:
    return {name: list(curve.errors) for curve in curves.curves for name in curve.names if curve.kind != "bound"}


def designed(network: SensorNetwork) -> dict[str, float]:
    return {c.plan.scheme: c.mse for c in rank_plans(network).built}


def changed(network: SensorNetwork, axis: str, value: float) -> SensorNetwork:
    """The same network with one thing changed, by the fields of networks alone."""
    if axis == "link_loss_db":
        return network.replace(links=tuple(replace(k, transmissivity=10 ** (-value / 10)) for k in network.links))
    if axis == "link_loss_times":
        return network.replace(links=tuple(replace(k, transmissivity=k.transmissivity**value) for k in network.links))
    if axis in ("photons", "mean_photons", "passes", "transmissivity"):
        return network.replace(**{axis: value})
    return network.with_laboratory(**{axis: value})


@pytest.mark.parametrize(
    ("sensing", "axis", "values"),
    [
        ("phase", "photons", (1, 3)),
        ("phase", "link_loss_db", (0.0, 6.0)),
        ("phase", "visibility", (0.8, 1.0)),
        ("displacement", "mean_photons", (0.5, 8.0)),
        ("displacement", "squeezing_db", (0.0, 12.0)),
        ("displacement", "squeezers", (1, 3)),
        ("displacement", "link_loss_times", (0.0, 3.0)),
        ("displacement", "detector_efficiency", (0.5, 1.0)),
    ],
)
def test_curves_are_the_errors_of_designs(sensing: str, axis: str, values: tuple[float, float]) -> None:
    network = NETWORKS[sensing]
    curves = error_curves(network, axis, start=values[0], stop=values[1], points=2)
    drawn = errors_of(curves)
    for value in values:
        place = curves.values.index(value)
        expected = designed(changed(network, axis, value))
        there = {name: errors[place] for name, errors in drawn.items() if errors[place] is not None}
        assert there == pytest.approx(expected, rel=1e-12)
    bound = next(curve for curve in curves.curves if curve.names[0].startswith("bound of all probes"))
    table = Problem.of(changed(network, axis, values[0])).bounds
    assert bound.errors[0] == pytest.approx(table.row(sensing, "entangled").mse, rel=1e-12)
    assert (curves.axis_label, curves.unit) == (IN_WORDS[axis], "rad2" if sensing == "phase" else "vac2")


@pytest.mark.parametrize("sensing", NETWORKS)
def test_every_axis_can_be_drawn_and_changes_something(sensing: str) -> None:
    network = NETWORKS[sensing]
    axes = curve_axes(network)
    used = {IN_DB.get(name, name) for name in axes}
    assert used >= AS_BUILT[network.sensing] & set(RANGES)
    for axis in axes:
        curves = error_curves(network, axis, points=2)
        errors = [e for curve in curves.curves if curve.kind != "bound" for e in curve.errors]
        assert any(e is not None for e in errors)
        assert any(len(set(curve.errors)) > 1 for curve in curves.curves), axis


@pytest.mark.parametrize(
    ("sensing", "axis", "here"),
    [
        ("phase", "photons", (2.0,)),
        ("phase", "visibility", (0.97,)),
        ("phase", "loss_db", (0.0, 0.45757490560675115)),
        ("phase", "link_loss_times", (1.0,)),
        ("displacement", "squeezing_db", (8.0,)),
        ("displacement", "squeezers", ()),
        ("displacement", "mean_photons_max", ()),
        ("displacement", "mean_photons", (2.0,)),
    ],
)
def test_the_place_of_the_network_is_on_the_axis(sensing: str, axis: str, here: tuple[float, ...]) -> None:
    network = NETWORKS[sensing]
    curves = error_curves(network, axis, points=2)
    assert curves.here == pytest.approx(here)
    if len(here) == 2:
        # Of sensors and references, and this reference loses nothing: no point of the axis is the network.
        return
    for value in curves.here:
        drawn = errors_of(curves)
        place = curves.values.index(value)
        there = {name: errors[place] for name, errors in drawn.items() if errors[place] is not None}
        assert there == pytest.approx(designed(network), rel=1e-12)


def test_parts_that_differ_have_a_range() -> None:
    network = with_links(PHASES, 0.5, 0.1)
    curves = error_curves(network, "link_loss_db", points=2)
    assert curves.here == pytest.approx((10 * math.log10(2), 10.0))
    assert len(curves.values) == 2


def test_curves_over_photons_have_columns_where_they_exist_and_the_others_at_every_number() -> None:
    network = SensorNetwork.star([1, 1, 1], sensing="phase", photons=4, passes=2, transmissivity=0.9)
    curves = error_curves(network, "photons", stop=12)
    errors = {name: dict(zip(curves.values, e, strict=True)) for name, e in errors_of(curves).items()}
    assert set(curves.values) == set(range(1, 13))
    for name in ("noon", "w-matrix"):
        # Of other numbers as many are sent as columns exist for.
        assert {n for n, e in errors[name].items() if e is not None} == set(range(3, 13))
        assert errors[name][5.0] == errors[name][4.0] == errors[name][3.0] > errors[name][6.0]
    for name in ("pairs-in-turn", "multimode-noon", "noon-in-turn"):
        assert None not in errors[name].values()
    # A column of one pass needs N alpha/3, several columns N M alpha/3; M = 3 tells the two apart.
    more = error_curves(network.replace(passes=3), "photons", stop=6)
    errors = {name: dict(zip(more.values, e, strict=True)) for name, e in errors_of(more).items()}
    assert errors["w-matrix"][4.0] < errors["w-matrix"][3.0]
    assert errors["noon"][4.0] == errors["noon"][3.0] > errors["noon"][6.0]
    # On a coarse axis the columns are looked for as well.
    assert {60.0, 120.0, 300.0} & set(error_curves(network, "photons", stop=300, points=4).values)


def test_schemes_without_a_curve() -> None:
    network = SensorNetwork.star(["sqrt(2)", 1], sensing="phase", photons=4, transmissivity=0.9)
    assert not {"noon", "w-matrix"} & errors_of(error_curves(network, "photons", stop=3)).keys()
    with pytest.raises(InputError, match=r"noon is not applicable"):
        error_curves(network, "photons", stop=3, schemes=["noon", "w-matrix"])
    snapshot = SensorNetwork.star([1, 2], sensing="phase", photons=4, parameters="snapshot")
    assert not any("in-turn" in name for name in errors_of(error_curves(snapshot, "photons", stop=3)))
    with pytest.raises(InputError, match=r"'noon-in-turn' is applicable nowhere on this axis: .*snapshot"):
        error_curves(snapshot, "photons", stop=3, schemes=["coherent", "noon-in-turn"])


@pytest.mark.parametrize(
    ("axis", "given", "fault"),
    [
        ("squeezing_db", {}, "do not depend on 'squeezing_db'; known are photons, "),
        ("arms", {}, "do not depend on 'arms'"),
        ("visibility", {"start": 0.9, "stop": 0.5}, "visibility: start must be below stop, got 0.9 and 0.5"),
        ("visibility", {"stop": 2.0}, "visibility must be a number in"),
        ("visibility", {"points": 1}, "points must be an integer from 2 to 1000, got 1"),
        ("photons", {"start": -3.0, "stop": 5.0}, "photons must be integers from 1"),
        ("link_loss_db", {"start": math.nan}, "start must be below stop"),
    ],
)
def test_axes_that_cannot_be_drawn(axis: str, given: dict[str, Any], fault: str) -> None:
    with pytest.raises(InputError) as error:
        error_curves(NETWORKS["phase"], axis, **given)
    assert fault in str(error.value)


@pytest.mark.parametrize(
    ("network", "axis", "ends"),
    [
        (SensorNetwork.star([1, -1], sensing="phase", mean_photons=1e-9), "mean_photons", (1e-9, 2e-8)),
        (SensorNetwork.star([1, -1], sensing="phase", mean_photons=1e30), "mean_photons", (5e28, 1e30)),
        (SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1e6), "mean_photons", (5e4, 1e6)),
        (SensorNetwork.star([1, -1], sensing="phase", mean_photons=9.0, squeezing_db=80.0), "squeezing_db", (0, 100)),
        (
            SensorNetwork.star([1, -1], sensing="phase", mean_photons=9.0).with_laboratory(dark_counts=9e5),
            "dark_counts",
            (1e-6, 1e6),
        ),
        (SensorNetwork.star([1, -1], sensing="phase", mean_photons=9.0, transmissivity=1e-90), "loss_db", (0, 1000)),
    ],
)
def test_usual_ends_stay_within_what_values_may_be(
    network: SensorNetwork, axis: str, ends: tuple[float, float]
) -> None:
    """Nobody gave these ends: that they are wrong was said to users who had given none."""
    curves = error_curves(network, axis, points=3, schemes=["coherent"])
    assert (curves.values[0], curves.values[-1]) == pytest.approx(ends)


def test_names_of_axes_are_those_of_sweeps_and_all_have_words() -> None:
    assert set(AXES) == set(RANGES) - {"shots"}
    assert set(IN_WORDS) == {*NUMERIC, *IN_DB}


def test_curves_are_had_by_every_name_that_they_have() -> None:
    curves = error_curves(NETWORKS["displacement"], "mean_photons", start=1.0, stop=4.0, points=3)
    for curve in curves.curves:
        for name in curve.names:
            assert curves.curve(name) is curve
    with pytest.raises(InputError, match=r"there is no curve 'noon'; there are .*entangled-squeezed"):
        curves.curve("noon")
