"""Which schemes run on a device or on Perceval, with which error there: against engines that the table does not use."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
from drawn import seeds

from networks import Link, Mode, SensorNetwork, load_network, save_network
from photonics import (
    BeamSplitter,
    Circuit,
    Interferometer,
    Loss,
    PhaseShift,
    PhotonCounting,
    Sense,
    Squeeze,
    measure,
    nuisance_aware_information,
)
from photonics.adapters.perceval import perceval_probabilities
from photonics.adapters.x_series import compile_x, program_light, read_program
from photonics.pairs.counts import PairLight, pair_counts
from protocols import hardware_table
from protocols.built.build import build
from protocols.built.built import Built
from protocols.hardware import candidates as making
from protocols.hardware.compiling import compile_plan
from protocols.hardware.devices import DEVICES, DeviceCertificate, find_device
from protocols.hardware.missing import missing_on
from protocols.hardware.pair_plan import made_up_for, pair_plan
from protocols.hardware.photon_experiments import runs_of
from protocols.hardware.round_trips import round_trip
from protocols.hardware.two_photons import two_photon_plan
from protocols.problem import PhaseProblem, Problem
from protocols.reports.rendering import plain_text
from protocols.reports.showing import view_of
from protocols.schemes.registry import find_scheme, schemes_of
from protocols.tables import Table

X8 = DEVICES["X8"]
ROOT = Path(__file__).parents[2]


def lossy(alpha, photons, seed, **graph):
    """A star with random losses of links and modes, before the sensing and at the detectors."""
    rng = np.random.default_rng(seed)
    network = SensorNetwork.star(list(alpha), sensing="phase", photons=photons, **graph)
    modes = [
        dataclasses.replace(
            mode,
            transmissivity=float(rng.uniform(0.5, 1)),
            transmissivity_before=float(rng.uniform(0.7, 1)),
            detector_efficiency=float(rng.uniform(0.6, 1)),
        )
        for mode in network.modes
    ]
    links = [Link(ends=link.ends, transmissivity=float(rng.uniform(0.5, 1))) for link in network.links]
    return network.replace(modes=tuple(modes), links=tuple(links))


def weak(eta, dark=0.0, r=0.3):
    """X8 with weak squeezing, so that engines with cutoffs can follow."""
    transmissivity = tuple(eta) if isinstance(eta, tuple) else (eta,) * 8
    certificate = DeviceCertificate(transmissivity=transmissivity, dark_counts=(dark,) * 8)
    return dataclasses.replace(X8, squeezing=(0.0, r), certificate=certificate)


def perceval_mse(circuit, theta, coefficients, step=1e-4):
    """From the probabilities of Perceval alone, by central differences."""
    theta = list(theta)
    now = perceval_probabilities(circuit, theta)
    slopes = []
    for j in range(len(theta)):
        there, back = (
            perceval_probabilities(circuit, [t + sign * step * (k == j) for k, t in enumerate(theta)])
            for sign in (1, -1)
        )
        slopes.append({s: (there.get(s, 0.0) - back.get(s, 0.0)) / (2 * step) for s in {*there, *back}})
    information = np.array(
        [[sum(a.get(s, 0.0) * b.get(s, 0.0) / p for s, p in now.items() if p > 1e-12) for b in slopes] for a in slopes]
    )
    return nuisance_aware_information(np.where(abs(information) < 1e-7, 0.0, information), coefficients).mse


# --- Perceval ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("alpha", "photons"), [((1, -1), 1), ((1, 1), 1), ((1, -1), 2), ((1, 1), 2)])
@pytest.mark.parametrize("transmissivity", [None, 0.7])
def test_errors_on_perceval_are_those_of_its_own_counts(alpha, photons, transmissivity):
    """Every scheme whose light enters as single photons, with all losses of the file, from Perceval's probabilities alone."""
    problem = Problem.of(lossy(alpha, photons, seed=sum(alpha) + 7 * photons))
    table = hardware_table(problem, X8, transmissivity=transmissivity)
    looked_at = 0
    for row in table.rows[:-2]:
        place = row.places[1]
        if not place.runs or place.only_simulated:
            continue
        runs = runs_of(build(find_scheme("phase", row.scheme), problem), problem, [0.0] * len(alpha))
        errors = []
        for one in runs.experiments:
            operations = one.circuit.operations
            if transmissivity is not None:
                operations += tuple(Loss(mode=mode, transmissivity=transmissivity) for mode in one.circuit.modes)
            circuit = Circuit(modes=one.circuit.modes, operations=operations)
            errors.append(perceval_mse(circuit, [0.0] * len(one.sensors), one.coefficients))
        whole = sum(map(math.sqrt, errors)) ** 2 if runs.plan.takes_turns else sum(errors)
        assert place.mse == pytest.approx(whole, rel=1e-5)
        looked_at += 1
    assert looked_at >= 3


@seeds(6)
def test_no_experiment_is_better_than_its_scheme_as_built(seed):
    """One photon loses nothing by its preparation; of two some attempts fail or are attenuated."""
    rng = np.random.default_rng(seed)
    alpha = [[1, -1], [1, 2], [1, 1, -1]][seed % 3]
    problem = Problem.of(lossy(alpha, int(rng.integers(1, 3)), seed))
    table = hardware_table(problem, X8)
    for row in table.rows[:-2]:
        there = row.places[1].mse
        if there is None:
            continue
        assert there >= row.mse * (1 - 1e-9)
        if problem.photons == 1:
            assert there == pytest.approx(row.mse, rel=1e-9)


def test_a_processor_that_loses_nothing_is_one_whose_losses_are_unknown():
    problem = Problem.of(lossy((1, -1), 2, seed=3))
    unknown, ideal, half = (hardware_table(problem, X8, transmissivity=t) for t in (None, 1.0, 0.5))
    for one, other, worse in zip(unknown.rows, ideal.rows, half.rows, strict=True):
        assert one.places[1].mse == other.places[1].mse
        if one.places[1].mse is not None and not one.places[1].only_simulated:
            # Both photons have to arrive, twice one does not happen.
            assert worse.places[1].mse > 1.99 * one.places[1].mse
    assert "no losses of a photon processor are known here" in unknown.notes[0]
    assert not any("processor" in note for note in ideal.notes)


def test_light_of_squeezers_behind_losses_has_no_error():
    """Four photons of which two are lost pass for two; without loss there is an error, at most that of one shot over its chance."""
    alpha = [1, 1, -1, -1]
    clean = hardware_table(SensorNetwork.star(alpha, sensing="phase", photons=2), X8, schemes=["multimode-noon"])
    place = clean.rows[0].places[1]
    assert (place.runs, place.only_simulated) == (True, True)
    assert place.mse == pytest.approx(clean.rows[0].mse * 27 / 8)
    behind = hardware_table(lossy(alpha, 2, 1), X8, schemes=["multimode-noon"])
    place = behind.rows[0].places[1]
    assert place.runs
    assert place.mse is None
    assert "four photons of which two are lost pass for the two wanted" in place.notes[1]
    processor = hardware_table(clean.network, X8, schemes=["multimode-noon"], transmissivity=0.9)
    assert processor.rows[0].places[1].mse is None


@pytest.mark.parametrize("alpha", [(1, -1), (1, 1), (2, -1, -1), (1, 2)])
def test_two_photons_measure_q_whatever_the_sensors_lose(alpha):
    """By Perceval's counts; without the shares that make up for the losses the other combinations would be in it."""
    problem = Problem.of(lossy(alpha, 2, seed=len(alpha)))
    plan = two_photon_plan(problem, transmissivity=0.9)
    assert plan.mse == pytest.approx(perceval_mse(plan.circuit, [0.0] * len(alpha), problem.alpha), rel=1e-5)
    ideal = two_photon_plan(SensorNetwork.star(list(alpha), sensing="phase", photons=2))
    assert ideal.mse == pytest.approx(ideal.ideal_mse)
    assert plan.ideal_mse == ideal.ideal_mse < plan.mse < math.inf


# --- X series ------------------------------------------------------------------------------------------------


def two_mode_squeezer(a, b, r):
    """Squeezers in opposite phases on a balanced beam splitter."""
    return (
        Squeeze(mode=a, r=r, angle_rad=math.pi),
        Squeeze(mode=b, r=r),
        BeamSplitter(first=a, second=b, theta_rad=math.pi / 4),
    )


def counts_of(modes, operations, read):
    circuit = Circuit(modes=modes, operations=tuple(operations))
    return measure(circuit, PhotonCounting(modes=read, largest_lost_weight=1e-6), [0.0] * len(circuit.sensing_modes))


@pytest.mark.parametrize(
    ("arms", "first_rad", "squeezing"),
    [((0.8, 0.5), 0.0, (0.25, 0.25)), ((0.5, 0.9), 0.7, (0.3, 0.0)), ((0.9, 0.0), 0.4, (0.3, 0.2))],
)
def test_counts_behind_arms_that_lose_unlike(arms, first_rad, squeezing):
    """The table of counts against the Gaussian engine, and its derivatives against differences."""
    light, phi, modes = PairLight(squeezing=squeezing, first_rad=first_rad), 0.6, ("s1", "s2", "i1", "i2")
    behind = (0.9, 0.8, 0.7, 1.0)
    operations = [*two_mode_squeezer("s1", "i1", squeezing[0]), *two_mode_squeezer("s2", "i2", squeezing[1])]
    for side in "si":
        operations.append(BeamSplitter(first=f"{side}1", second=f"{side}2", theta_rad=first_rad))
        operations += [PhaseShift(mode=f"{side}1", angle_rad=-phi / 2), PhaseShift(mode=f"{side}2", angle_rad=phi / 2)]
        operations += [Loss(mode=f"{side}{k + 1}", transmissivity=arms[k]) for k in (0, 1)]
        operations.append(BeamSplitter(first=f"{side}1", second=f"{side}2", theta_rad=light.second_rad))
    operations += [Loss(mode=mode, transmissivity=eta) for mode, eta in zip(modes, behind, strict=True)]
    outcomes = counts_of(modes, operations, modes)

    def table(at):
        return pair_counts(light, at, arms=arms, transmissivity=behind, largest_lost_weight=1e-9)

    now, step = table(phi), 1e-5
    for label, p in zip(outcomes.labels.tolist(), outcomes.probabilities, strict=True):
        assert now.probabilities[tuple(label)] == pytest.approx(p, abs=1e-7)
    there, back = table(phi + step), table(phi - step)
    assert np.allclose((there.probabilities - back.probabilities) / (2 * step), now.slopes, atol=1e-9)
    assert np.allclose((there.slopes - back.slopes) / (2 * step), now.curves, atol=1e-9)


def test_arms_that_lose_alike_lose_behind():
    light = PairLight(squeezing=(1.0, 1.0))
    alike = pair_counts(light, 0.5, arms=(0.7, 0.7), transmissivity=(0.5,) * 4, largest_lost_weight=1e-4)
    behind = pair_counts(light, 0.5, transmissivity=(0.35,) * 4, largest_lost_weight=1e-4)
    nearly = pair_counts(light, 0.5, arms=(0.7, 0.7 - 1e-9), transmissivity=(0.5,) * 4, largest_lost_weight=1e-4)
    assert alike.information == pytest.approx(behind.information, rel=1e-12)
    assert nearly.information == pytest.approx(behind.information, rel=1e-6)
    with pytest.raises(ValueError, match=r"arms must be in \[0, 1\], got 1.2"):
        pair_counts(light, 0.5, arms=(1.2, 0.5))


@pytest.mark.parametrize("alpha", [(1, -1), (1, 1), (1, -2)])
def test_the_error_on_the_device_is_that_of_the_compiled_program(alpha):
    """Blackbird text read back, its gates in the Gaussian engine, the certificate's losses, and counts at three phases."""
    device = weak((0.9, 0.6, 0.8, 0.7, 0.5, 0.9, 0.8, 0.6))
    network = SensorNetwork.star(list(alpha), sensing="phase", photons=2)
    row = next(row for row in hardware_table(network, device).rows if row.scheme == "squeezed-pairs")
    plan = pair_plan(network, device)
    signal, idler = tuple(f"s{k}" for k in range(4)), tuple(f"i{k}" for k in range(4))
    step = 1e-3

    def counted(shift):
        theta = [shift * (1 if a > 0 else -1) for a in alpha]
        squeezing, unitary = program_light(read_program(compile_plan(plan, theta).blackbird))
        rows = tuple(map(tuple, unitary.tolist()))
        operations = [op for k, r in enumerate(squeezing) if r for op in two_mode_squeezer(signal[k], idler[k], r)]
        operations += [Interferometer(modes=side, unitary=rows) for side in (signal, idler)]
        operations += [
            Loss(mode=mode, transmissivity=eta)
            for mode, eta in zip(signal + idler, device.certificate.transmissivity, strict=True)
        ]
        a, b = plan.outputs
        outcomes = counts_of(signal + idler, operations, (signal[a], signal[b], idler[a], idler[b]))
        return plan.phi(theta), dict(zip(map(tuple, outcomes.labels.tolist()), outcomes.probabilities, strict=True))

    (_, now), (high, there), (low, back) = counted(0.0), counted(step), counted(-step)
    information = sum(
        ((there.get(s, 0.0) - back.get(s, 0.0)) / (high - low)) ** 2 / p for s, p in now.items() if p > 1e-10
    )
    assert row.places[0].runs
    assert row.places[0].mse == pytest.approx(plan.scale**2 / information, rel=2e-3)
    assert row.places[0].difference < 1e-8


def test_squeezed_pairs_measure_q_whatever_links_and_sensors_lose():
    """Signal and idler along the links to lossy sensors and back, in the Gaussian engine: information on q, none on the rest."""
    problem = Problem.of(lossy((1, 2), 3, seed=5))
    device = weak(0.8)
    plan, trip = pair_plan(problem, device, with_sensors=True), round_trip(problem)
    assert plan.arms[0] != plan.arms[1]
    used = len(trip.modes)
    rows = tuple(tuple(complex(x) for x in row) for row in plan.split[:used, :used])
    back = tuple(tuple(complex(x) for x in row) for row in plan.split.T[:used, :used])
    sides = [tuple(f"{side}{mode}" for mode in trip.modes) for side in "si"]
    a, b = plan.outputs
    operations = [
        op
        for k, r in zip((a, b), plan.light.squeezing, strict=True)
        if r
        for op in two_mode_squeezer(sides[0][k], sides[1][k], r)
    ]
    for side in sides:
        operations.append(BeamSplitter(first=side[a], second=side[b], theta_rad=plan.light.first_rad))
        operations.append(Interferometer(modes=side, unitary=rows))
    for side in sides:
        operations += [Loss(mode=m, transmissivity=way) for m, way in zip(side, trip.one_way, strict=True)]
    operations.append(Sense(modes=(*sides[0][:2], *sides[1][:2]), generator="number"))
    for side in sides:
        shares = plan.shares[:used]
        operations += [
            PhaseShift(mode=m, angle_rad=-math.copysign(plan.bias_rad / 2, share))
            for m, share in zip(side, shares, strict=True)
        ]
        operations += [
            Loss(mode=m, transmissivity=way * own) for m, way, own in zip(side, trip.one_way, trip.sensors, strict=True)
        ]
        operations.append(Interferometer(modes=side, unitary=back))
        operations.append(BeamSplitter(first=side[a], second=side[b], theta_rad=plan.light.second_rad))
        operations += [Loss(mode=m, transmissivity=0.8) for m in side]
    outcomes = counts_of((*sides[0], *sides[1]), operations, (sides[0][a], sides[0][b], sides[1][a], sides[1][b]))
    both = np.vstack([np.eye(2), np.eye(2)])
    information = both.T @ outcomes.fisher_matrix() @ both
    alpha = np.array([1.0, 2.0])
    # Along a change of q alone, q = alpha . theta with both phases alike, and across it.
    along, across = np.array([1.0, 1.0]) / 3, np.array([2.0, -1.0])
    assert 1 / (along @ information @ along) == pytest.approx(plan.mse, rel=2e-3)
    assert across @ information @ across < 1e-6 * (along @ information @ along) * (alpha @ alpha)
    row = hardware_table(problem, device, schemes=["coherent"]).rows[1]
    assert row.places[0].mse == plan.mse
    assert "of links and sensors of the file" in row.places[0].losses


def test_shares_make_up_for_what_sensors_lose():
    shares, (first, second) = made_up_for([0.25, 0.75, -1.0], [0.5, 0.9, 0.3])
    weights = [p * math.sqrt(eta) for p, eta in zip(shares, [0.5, 0.9, 0.3], strict=True)]
    assert weights[1] / weights[0] == pytest.approx(3)
    assert (first, second) == (pytest.approx((weights[0] + weights[1]) ** 2), pytest.approx(0.3))
    assert made_up_for([0.25, 0.75, -1.0], [0.5] * 3) == ([0.25, 0.75, -1.0], (0.5, 0.5))


def test_light_starts_where_the_least_is_lost():
    """By brute force over all nodes of a ring."""
    network = SensorNetwork.star([1, 2, -1], sensing="phase", photons=2)
    links = [Link(ends=link.ends, transmissivity=t) for link, t in zip(network.links, (0.9, 0.4, 0.7), strict=True)]
    problem = Problem.of(network.replace(links=tuple(links)))
    trip = round_trip(problem)
    own = dict(
        zip((link.ends[1] if link.ends[0] == "ref" else link.ends[0] for link in links), (0.9, 0.4, 0.7), strict=True)
    )

    def way(start, mode):
        return 1.0 if start == mode else own.get(start, 1.0) * own.get(mode, 1.0)

    weights = dict(zip([*problem.sensor_modes, "ref"], (1, 2, 1, 2), strict=True))
    cost = {start: sum(w / way(start, mode) for mode, w in weights.items()) for start in weights}
    assert trip.start == min(cost, key=cost.get)
    assert trip.one_way == pytest.approx(tuple(way(trip.start, mode) for mode in trip.modes))


def test_light_passes_the_links_twice():
    """Two sensors with a hub in the middle, T each: 4 T^4 for two photons; pairs as on a chip that keeps T^2 as much."""
    modes = [Mode(id=name, coupling="mach-zehnder", alpha=a) for name, a in (("a", 1), ("b", -1))]
    links = tuple(Link(ends=("hub", name), transmissivity=0.8) for name in "ab")
    hub = SensorNetwork(sensing="phase", modes=(*modes, Mode(id="hub", role="ancilla")), links=links, photons=2)
    assert round_trip(Problem.of(hub)).start == "hub"
    assert two_photon_plan(hub).mse == pytest.approx(0.25 / 0.8**4, rel=1e-9)
    there = pair_plan(hub, weak(0.9), with_sensors=True)
    chip = pair_plan(SensorNetwork.chain([1, -1], sensing="phase", photons=2), weak(0.9 * 0.8**2))
    assert there.mse == pytest.approx(chip.mse, rel=1e-9)
    assert pair_plan(hub, weak(0.9)).mse < there.mse


# --- why not -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["entangled-squeezed", "separable-squeezed", "coherent"])
def test_the_compiler_refuses_what_is_said_to_be_missing(name):
    """Strawberry Fields' own answer to the gates that the reasons name."""
    import strawberryfields as sf

    network = SensorNetwork.star([1, -1], sensing="displacement", mean_photons=1.0)
    problem = Problem.of(network)
    plan = find_scheme("displacement", name).plan(problem)
    reasons = "; ".join(missing_on(X8, plan, problem))
    assert "no displacement gate" in reasons
    assert "homodyne" in reasons
    assert ("squeezed vacuum of single modes" in reasons) == (name != "coherent")
    program = sf.Program(8)
    with program.context as q:
        if name != "coherent":
            sf.ops.Sgate(1.0) | q[0]
        sf.ops.Dgate(0.1) | q[0]
        sf.ops.MeasureFock() | q
    with pytest.raises(ValueError, match=r"Dgate|Sgate|primitive|topology|compil"):
        compile_x(program, X8.specification(), None, "Xunitary")


def test_photon_numbers_are_refused_by_the_compiler():
    import strawberryfields as sf

    program = sf.Program(8)
    with program.context as q:
        sf.ops.Fock(1) | q[0]
        sf.ops.MeasureFock() | q
    with pytest.raises(ValueError, match=r"Fock"):
        compile_x(program, X8.specification(), None, "Xunitary")


def test_every_reason_is_read_off_the_plan():
    network = SensorNetwork.star([1, 2, 3, 4], sensing="phase", photons=10, passes=2)
    table = hardware_table(network, X8)
    assert {row.scheme: row.runs_on for row in table.rows if row.runs_on} == {"two-photons": ("Perceval",)}
    assert all(place.reasons for row in table.rows for place in row.places if not place.runs)
    entangled = next(row for row in table.rows if row.scheme == "noon")
    said = "; ".join(entangled.places[0].reasons)
    assert "exactly 10 photons" in said
    assert "M = 2" in said
    assert "modes: 5" in said
    assert "a state of this plan has 10" in entangled.places[1].reasons[0]


def test_the_device_is_the_smallest_that_is_large_enough():
    assert hardware_table(SensorNetwork.star([1, -1], sensing="phase", photons=1)).device.name == "X8"
    five = SensorNetwork.star([1, 1, 1, 1, -4], sensing="phase", photons=1)
    assert hardware_table(five).device.name == "X12"
    table = hardware_table(five, X8)
    (reason,) = table.rows[-2].places[0].reasons
    assert reason == "5 sensors need 5 signal modes, but the device has 4"
    borealis = hardware_table(SensorNetwork.star([1, -1], sensing="phase", photons=1), DEVICES["Borealis"])
    assert all("delay loops" in row.places[0].reasons[0] for row in borealis.rows)
    assert {row.places[0].machine for row in borealis.rows} == {"time-bin"}


def test_what_was_not_tried_is_no_refusal(monkeypatch):
    def absent(*_, **__):
        raise ImportError("Perceval is not installed; pip install 'photonic-sensor-networks[perceval]'")

    monkeypatch.setattr(making, "run_on_perceval", absent)
    monkeypatch.setattr(making, "native_difference", absent)
    monkeypatch.setattr(making, "compile_plan", absent)
    table = hardware_table(SensorNetwork.star([1, -1], sensing="phase", photons=2), X8)
    assert not any(place.runs for row in table.rows for place in row.places)
    untried = [place for row in table.rows for place in row.places if place.runs is None]
    assert len(untried) == 7
    assert untried[0].reasons[0].startswith("not tried: Perceval is not installed")
    assert table.sentence == "Of these 8 schemes none runs on X8, 1 not tried; none runs on Perceval, 6 not tried."
    assert "not tried" in plain_text(view_of(table))


def test_what_disagrees_does_not_run(monkeypatch):
    monkeypatch.setattr(making, "native_difference", lambda *_: 1e-3)
    table = hardware_table(SensorNetwork.star([1, -1], sensing="phase", photons=2), X8, schemes=["coherent"])
    place = table.rows[-1].places[1]
    assert place.runs is False
    assert "by 0.001" in place.reasons[0]


# --- what is said --------------------------------------------------------------------------------------------


def test_the_first_sentence_is_that_of_the_rows():
    network = SensorNetwork.star([1, -1], sensing="phase", photons=2)
    table = hardware_table(network, X8)
    on_device, on_perceval = table.running_on(0), table.running_on(1)
    assert [row.scheme for row, _ in on_device] == ["squeezed-pairs"]
    assert len(on_perceval) == 6
    assert on_perceval[0][1].mse == pytest.approx(min(place.mse for _, place in on_perceval), rel=1e-9)
    mse = on_device[0][1].mse
    assert table.sentence == (
        f"Of these 8 schemes 1 runs on X8: squeezed-pairs, with MSE {mse:.4g} rad^2 per shot (without loss 0.362); "
        "6 run on Perceval: the best multimode-noon, with MSE 0.25 rad^2 per attempt (without loss 0.25)."
    )
    assert repr(table).startswith("<HardwareTable: ")
    nowhere = hardware_table(SensorNetwork.star([1, -1], sensing="displacement", mean_photons=1.0))
    assert nowhere.sentence.startswith(
        "None of these 6 schemes runs on X8 or on Perceval; entangled-squeezed, the best as built"
    )
    assert not any(row.runs_on for row in nowhere.rows)


def test_every_error_on_a_machine_says_what_it_is_for():
    """On Perceval the two photons are counted per shot, the schemes whose light has to be made first per attempt."""
    table = hardware_table(SensorNetwork.star([1, -1], sensing="phase", photons=2), X8)
    (shown,) = [part for part in view_of(table).parts if isinstance(part, Table)]
    assert "per attempt" not in shown.title
    units = set()
    for row, cells in zip(table.rows, shown.rows, strict=True):
        for place, text in zip(row.places, cells[2:4], strict=True):
            if place.mse is not None:
                assert text == f"{place.mse:.7g} per {place.per}"
                units.add((place.name, place.per))
    assert units == {("X8", "shot"), ("Perceval", "attempt"), ("Perceval", "shot")}


def test_the_view_has_every_scheme_and_every_reason():
    table = hardware_table(lossy((1, 1), 2, 2), X8)
    text = " ".join(plain_text(view_of(table)).split())
    assert text.index(table.sentence) < text.index("Mean squared error of q in rad^2")
    for row in table.rows:
        assert row.scheme in text
        for place in row.places:
            assert all(reason in text for reason in place.reasons)
            assert all(note in text for note in place.notes if place.runs)
    noisy = hardware_table(
        SensorNetwork.star([1, -1], sensing="phase", photons=2, visibility=0.9, dark_counts=1e-3), X8
    )
    assert noisy.notes[-1].startswith("visibility, dark_counts of the file: in the errors as built, not in those")


def test_a_device_whose_losses_are_not_stated(psn, tmp_path):
    """It runs, with an error that is not known; commands that need the losses still say that they are missing."""
    network, device = tmp_path / "n.json", tmp_path / "d.json"
    save_network(SensorNetwork.star([1, -1], sensing="phase", photons=2), network)
    for document in (
        {"specification": X8.specification()},
        {"specification": X8.specification(), "certificate": {"dark_counts": [0.0] * 8}},
    ):
        device.write_text(json.dumps(document))
        code, printed, _ = psn("hardware", "candidates", network, "--device", device, "--json")
        assert code == 0
        result = json.loads(printed)
        assert result["device_losses_known"] is False
        pairs = result["hardware"][-2]
        assert pairs["runs_on"] == ["X8_01"]
        assert pairs["places"][0]["mse"] is None
        assert pairs["places"][0]["losses"] == "the device's file states no transmissivity"
        assert pairs["ideal_mse"] > 0
        assert "with an error that is not known" in result["sentence"]
        code, _, errors = psn("hardware", "compile", network, "--device", device)
        assert code == 2
        assert "certificate" in errors
    assert not find_device(str(device), certified=False).certificate.known


def test_every_fault_of_the_command_at_once(psn, tmp_path):
    network, device = tmp_path / "n.json", tmp_path / "d.json"
    save_network(SensorNetwork.star([1, -1], sensing="phase", photons=2), network)
    code, printed, errors = psn(
        "hardware", "candidates", network, "--device", "X9", "--transmissivity", "1.5", "--json"
    )
    assert (code, printed) == (2, "")
    assert "there is no device 'X9'; known are X8, X12, Borealis" in errors
    assert "--transmissivity must be in (0, 1], got 1.5" in errors
    broken = {"specification": {**X8.specification(), "max_shots": 0}, "certificate": {"transmissivity": [2.0] * 8}}
    device.write_text(json.dumps(broken))
    code, printed, errors = psn("hardware", "candidates", "nowhere.json", "--device", device)
    assert (code, printed) == (2, "")
    assert "nowhere.json" in errors
    assert "max_shots must be a positive integer" in errors
    assert "transmissivity must be 8 numbers from 0 to 1" in errors
    device.write_text(json.dumps({"specification": X8.specification(), "certificate": [1]}))
    code, _, errors = psn("hardware", "candidates", network, "--device", device)
    assert code == 2
    assert "certificate: it is missing" in errors


def test_the_command_and_perceval_say_the_same(psn, tmp_path):
    """The error of a row is that of the experiment that psn hardware perceval --scheme writes, detectors and links in it."""
    path = tmp_path / "n.json"
    save_network(lossy((1, -1), 2, 4), path)
    code, printed, _ = psn("hardware", "candidates", path, "--json")
    assert code == 0
    rows = {row["scheme"]: row for row in json.loads(printed)["hardware"]}
    for scheme in ("noon", "noon-in-turn"):
        code, printed, _ = psn("hardware", "perceval", path, "--scheme", scheme, "--json")
        assert code == 0
        assert json.loads(printed)["mse_per_attempt"] == pytest.approx(rows[scheme]["places"][1]["mse"], rel=1e-9)


def test_fewer_photons_are_sent_where_losses_make_them_a_burden():
    """N = 8 has no recipe, but as built one or two photons are sent, which have."""
    network = lossy((1, -1), 8, 0)
    modes = tuple(dataclasses.replace(mode, transmissivity=0.15) for mode in network.modes)
    problem = PhaseProblem(network=network.replace(modes=modes))
    built = build(find_scheme("phase", "noon"), problem)
    assert isinstance(built, Built)
    assert built.as_built.parts[0].photons <= 2 < built.plan.parts[0].photons
    table = hardware_table(problem, X8, schemes=["noon"])
    assert table.rows[0].places[1].runs
    assert table.rows[0].places[1].mse >= table.rows[0].mse * (1 - 1e-9)


def test_all_schemes_of_both_kinds_have_a_row():
    for sensing, more in (("phase", {"photons": 4}), ("displacement", {"mean_photons": 2.0})):
        network = SensorNetwork.star([1, 1, -1, -1], sensing=sensing, **more)
        rows = [row.scheme for row in hardware_table(network, X8).rows]
        available = [name for name, scheme in schemes_of(sensing).items() if isinstance(build(scheme, network), Built)]
        assert sorted(rows[:-2]) == sorted(available)
        assert rows[-2:] == ["squeezed-pairs", "two-photons"]


def test_the_example_that_docs_show():
    page = " ".join((ROOT / "docs" / "how-to" / "hardware.md").read_text().split())
    table = hardware_table(load_network(ROOT / "examples" / "gradient_pair.json"), X8)
    assert table.sentence in page
    for row in table.rows:
        places = ["no" if place.mse is None else f"{place.mse:.7g} per {place.per}" for place in row.places]
        built = "-" if row.mse is None else f"{row.mse:.7g}"
        assert " ".join([row.scheme, built, *places, f"{row.ideal_mse:.7g}"]) in page
