"""Devices of Xanadu's kind: feasibility, plans, compiled programs, estimates from counts."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from networks import InputError, SensorNetwork, save_network
from photonics.adapters.x_series import (
    compile_x,
    light_difference,
    light_matrix,
    program_light,
    read_program,
    x_program,
)
from photonics.pairs.counts import pair_counts
from photonics.pairs.samples import sample_pairs
from protocols.hardware.compiling import compile_plan
from protocols.hardware.devices import (
    DEVICES,
    DeviceCertificate,
    device_from_documents,
    find_device,
    load_device,
    x_layout,
)
from protocols.hardware.feasibility import can_run
from protocols.hardware.pair_estimate import estimate_pairs
from protocols.hardware.pair_plan import pair_plan
from protocols.hardware.two_photons import two_photon_circuit

X8 = DEVICES["X8"]


def with_losses(eta, dark=0.0, device=X8):
    certificate = DeviceCertificate(transmissivity=(eta,) * device.modes, dark_counts=(dark,) * device.modes)
    return dataclasses.replace(device, certificate=certificate)


def differential(alpha=(1, -1), photons=2):
    return SensorNetwork.star(list(alpha), sensing="phase", photons=photons)


# --- devices -------------------------------------------------------------------------------------------------


def test_devices_go_through_their_documents(tmp_path):
    path = tmp_path / "mine.json"
    for name in ("X8", "X12"):
        device = DEVICES[name]
        document = {"specification": device.specification(), "certificate": device.certificate.to_dict()}
        path.write_text(json.dumps(document))
        result = load_device(path)
        assert dataclasses.replace(result, name=device.name, source=device.source) == device
        assert find_device(str(path)) == result
        assert find_device(device.target.lower()) is device


def test_faulty_documents_are_explained(tmp_path):
    with pytest.raises(InputError, match="no device 'X9'; known are X8, X12, Borealis"):
        find_device("X9")
    spec, certificate = X8.specification(), X8.certificate.to_dict()
    with pytest.raises(InputError, match="'layout' is missing"):
        device_from_documents({k: v for k, v in spec.items() if k != "layout"}, certificate, source="")
    with pytest.raises(InputError, match="even integer from 4 to 32, got 7"):
        device_from_documents({**spec, "modes": 7}, certificate, source="")
    broken = {
        **spec,
        "layout": x_layout(4, "X8_01").replace("[0, 4]", "[0, 5]"),
        "gate_parameters": {**spec["gate_parameters"], "squeezing_amplitude_2": ["big"]},
        "compiler": "Xunitary",
        "max_shots": 0,
    }
    with pytest.raises(InputError) as caught:
        device_from_documents(broken, {"transmissivity": [2.0] * 8}, source="")
    assert len(caught.value.faults) == 5
    with pytest.raises(InputError, match="certificate: it is missing"):
        device_from_documents(spec, None, source="")
    (tmp_path / "x.json").write_text("[1, 2")
    with pytest.raises(InputError, match="not valid JSON"):
        load_device(tmp_path / "x.json")


def test_every_reason_why_not():
    too_many = SensorNetwork.star([1, 2, 3, 4, 5], sensing="phase", photons=15, passes=2)
    reasons = can_run(too_many, X8).reasons
    assert any("5 sensors and the reference" in r or "6 sensors and the reference" in r for r in reasons)
    assert any("M = 2 passes" in r for r in reasons)
    assert can_run(differential(), X8).can_run
    assert can_run(SensorNetwork.star([1, 2], sensing="phase", photons=3), X8).can_run
    squeezed = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0)
    assert "no displacement gate and no homodyne" in can_run(squeezed, X8).reasons[0]
    assert "delay loops" in can_run(differential(), DEVICES["Borealis"]).reasons[0]
    dark = dataclasses.replace(X8, squeezing=(0.0,))
    assert "no squeezing value but 0" in can_run(differential(), dark).reasons[0]
    with pytest.raises(InputError, match="Borealis: its pulses pass delay loops"):
        pair_plan(differential(), DEVICES["Borealis"])


# --- plans ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [(1, -1), (1, 2, -3), (3, -1, -1, -1), (1, 2)])
def test_the_interferometer_turns_phases_into_phi(alpha):
    """At equal phases within the groups a and b alone hold light, and their block is that of the two-mode model."""
    network = differential(alpha, photons=sum(abs(a) for a in alpha))
    plan = pair_plan(network, with_losses(0.8))
    a, b = plan.outputs
    theta = [0.3 if x > 0 else -0.1 for x in alpha]
    unitary = plan.unitary(theta)
    assert abs(unitary @ unitary.conj().T - np.eye(4)).max() < 1e-12
    phi = plan.phi(theta) + plan.bias_rad
    light = plan.light

    def mixer(angle):
        return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])

    block = mixer(light.second_rad) @ np.diag(np.exp([-0.5j * phi, 0.5j * phi])) @ mixer(light.first_rad)
    wanted = light_matrix(light.squeezing, block)
    result = light_matrix(plan.squeezing(), unitary)
    assert light_difference(result[np.ix_([a, b], [a, b])], wanted) < 1e-12
    assert abs(np.delete(np.delete(result, [a, b], 0), [a, b], 1)).max() < 1e-12
    # q follows phi.
    assert plan.scale * plan.phi(theta) == pytest.approx(sum(x * t for x, t in zip(alpha, theta, strict=True)))


def test_plans_say_whether_there_is_an_advantage():
    verdicts = [pair_plan(differential(), with_losses(eta)).verdict for eta in (0.9, 0.7, 0.35)]
    assert "even of light without loss" in verdicts[0]
    assert "at the same losses, but not" in verdicts[1]
    assert "no quantum advantage" in verdicts[2]
    ideal = pair_plan(differential(), with_losses(1.0))
    assert ideal.information == pytest.approx(ideal.quantum_information, rel=1e-3)
    assert ideal.information / ideal.shot_noise_lossless == pytest.approx(4.76, abs=0.01)
    assert ideal.lost_weight < 1e-6


def test_the_bias_is_the_best_of_a_fine_grid():
    plan = pair_plan(differential(), with_losses(0.75))
    grid = np.linspace(0.02, plan.window_rad - 0.02, 40)
    best = max(
        pair_counts(plan.light, phi, transmissivity=(0.75,) * 4, largest_lost_weight=1e-5).information for phi in grid
    )
    assert plan.information > 0.995 * best


# --- compiled programs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("compiler", ["Xunitary", "Xcov", "Xstrict"])
def test_compiled_light_is_the_wanted_one(compiler):
    rng = np.random.default_rng(4)
    # One device after another in one process.
    for name in ("X8", "X12", "X8"):
        plan = pair_plan(differential((1, 2, -3), 3), with_losses(0.8, device=DEVICES[name]))
        for _ in range(2):
            theta = rng.uniform(-1, 1, 3).tolist()
            made = compile_plan(plan, theta, compiler=compiler, shots=77)
            assert made.difference < 1e-8
            again = read_program(made.blackbird)
            squeezing, unitary = program_light(again)
            wanted = light_matrix(plan.squeezing(), plan.unitary(theta))
            assert light_difference(light_matrix(squeezing, unitary), wanted) < 1e-8
            assert again.run_options["shots"] == 77
            assert f"target {plan.device.target}" in made.blackbird


def test_xcov_gives_the_conjugate():
    """Pinned: counts cannot tell, but the phases of the program are those of the conjugate."""
    from scipy.stats import unitary_group

    unitary = unitary_group.rvs(4, random_state=np.random.default_rng(5))
    wanted = light_matrix((1.0, 0.0, 1.0, 0.0), unitary)
    program = compile_x(x_program((1.0, 0.0, 1.0, 0.0), unitary), X8.specification(), None, "Xcov")
    result = light_matrix(*program_light(program))

    def apart(one, other):
        overlap = np.vdot(one, other)
        return abs(one * overlap / abs(overlap) - other).max()

    assert apart(result, wanted) > 0.1
    assert apart(result, wanted.conj()) < 1e-8


def test_random_unitaries_compile_to_themselves():
    from scipy.stats import unitary_group

    for name in ("X8", "X12"):
        device = DEVICES[name]
        unitary = unitary_group.rvs(device.pairs, random_state=np.random.default_rng(1))
        squeezing = (1.0,) * 2 + (0.0,) * (device.pairs - 2)
        program = compile_x(x_program(squeezing, unitary), device.specification(), None, "Xunitary")
        result, compiled = program_light(program)
        assert result == squeezing
        assert abs(compiled - unitary).max() < 1e-8


def test_refusals_are_about_the_users_network():
    plan = pair_plan(differential(), with_losses(0.8))
    with pytest.raises(InputError) as caught:
        compile_plan(plan, [0.1, 0.2], compiler="Xfast", shots=0)
    assert len(caught.value.faults) == 2
    # A device that offers other squeezing than the plan was made for.
    spec = X8.specification()
    spec["gate_parameters"] = {**spec["gate_parameters"], "squeezing_amplitude_0": [0.0]}
    with pytest.raises(InputError, match=r"the compiler Xunitary refuses the program of this network.*invalid value 1"):
        compile_plan(plan, [0.1, 0.2], specification=spec)
    with pytest.raises(ValueError, match="not a Blackbird program"):
        read_program("target nonsense {")
    with pytest.raises(InputError, match="theta must have 2 finite values"):
        plan.unitary([0.1, math.inf])


# --- estimates -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("eta", [1.0, 0.8, 0.3])
@pytest.mark.parametrize("squeezing", [0.5, pytest.param(1.0, marks=pytest.mark.long)])
def test_estimates_reach_the_information_of_the_counts(squeezing, eta):
    """24 estimates from 2,000 shots: mean within four sigma, spread within 58 % (about four sigma of it).

    The tables of weaker light are smaller; the device's own squeezing is 1.
    """
    theta = [0.04, -0.05]
    plan = pair_plan(differential(), dataclasses.replace(with_losses(eta, dark=1e-3), squeezing=(0.0, squeezing)))
    rng, shots, scaled = np.random.default_rng(11), 2000, []
    certificate = plan.device.certificate
    for _ in range(24):
        samples = sample_pairs(
            plan.squeezing(),
            plan.unitary(theta),
            shots,
            rng,
            transmissivity=certificate.transmissivity,
            dark_counts=certificate.dark_counts,
        )
        result = estimate_pairs(plan, samples)
        assert not result.at_edge
        assert result.fit > 1e-5
        assert result.bayes_q == pytest.approx(result.q, abs=result.stderr)
        assert result.stderr == pytest.approx(plan.scale / math.sqrt(plan.information * shots), rel=0.25)
        scaled.append((result.q - 0.09) / result.stderr)
    assert abs(np.mean(scaled)) < 4 / math.sqrt(24)
    assert 0.42 < np.std(scaled) < 1.58


def test_a_plan_draws_the_counts_of_its_device():
    """The numbers of ``sample_pairs`` with the certificate; not for light that goes to the sensors, which loses there as well."""
    plan, theta = pair_plan(differential(), with_losses(0.7, dark=1e-3)), [0.04, -0.05]
    expected = sample_pairs(
        plan.squeezing(),
        plan.unitary(theta),
        500,
        np.random.default_rng(3),
        transmissivity=(0.7,) * 8,
        dark_counts=(1e-3,) * 8,
    )
    assert (plan.sample(theta, 500, np.random.default_rng(3)) == expected).all()
    away = dataclasses.replace(plan, arms=(0.9, 0.9))
    with pytest.raises(InputError, match="make the plan without with_sensors"):
        away.sample(theta, 500, np.random.default_rng(3))


def test_counts_that_do_not_fit_are_reported():
    plan = pair_plan(differential(), with_losses(0.9))
    wrong = sample_pairs(
        plan.squeezing(),
        plan.unitary([0.0, 0.0]),
        5000,
        np.random.default_rng(0),
        transmissivity=(0.5,) * 8,
    )
    assert estimate_pairs(plan, wrong).fit < 1e-6
    with pytest.raises(InputError, match=r"integers of shape \(shots, 8\)"):
        estimate_pairs(plan, np.zeros((5, 6), dtype=int))
    with pytest.raises(InputError, match="must not be negative"):
        estimate_pairs(plan, -np.ones((5, 8), dtype=int))
    with pytest.raises(InputError, match="no shot is within"):
        estimate_pairs(plan, np.full((5, 8), 500))


def test_little_light_is_estimated_all_the_same():
    """r = 0.05: nearly every shot is dark; the coarse search must see the others."""
    weak = dataclasses.replace(with_losses(0.5), squeezing=(0.0, 0.05))
    plan = pair_plan(differential(), weak)
    samples = sample_pairs(
        plan.squeezing(), plan.unitary([0.15, -0.15]), 10**6, np.random.default_rng(1), transmissivity=(0.5,) * 8
    )
    result = estimate_pairs(plan, samples)
    assert abs(result.q - 0.3) < 5 * result.stderr
    assert not result.at_edge


def test_unequal_losses_and_hopeless_devices():
    def losses(*eta):
        return dataclasses.replace(X8, certificate=DeviceCertificate(transmissivity=eta * 4, dark_counts=(0.0,) * 8))

    # Separate photons use the better output: 0.8 of N, not the mean of 0.8 and 0.5.
    plan = pair_plan(differential(), losses(0.8, 0.5))
    assert plan.shot_noise_same_loss == pytest.approx(0.8 * plan.light.mean_photons)
    # Room for phases of both signs.
    tilted = pair_plan(differential(), losses(1.0, 0.7))
    assert tilted.q_range[0] < -0.2
    assert tilted.q_range[1] > 0.2
    with pytest.raises(InputError, match="transmission to its detectors is below numerical precision"):
        pair_plan(differential(), with_losses(0.0))
    strong = dataclasses.replace(with_losses(0.8), squeezing=(0.0, 1.0, 1.5))
    assert max(pair_plan(differential(), strong).light.squeezing) == 1.0
    with pytest.raises(InputError, match="too strong for exact counting"):
        pair_plan(differential(), dataclasses.replace(strong, squeezing=(0.0, 3.0)))
    # The output mode that sees most, although it sees it on one side only.
    uneven = [0.5] * 8
    uneven[0], uneven[4] = 1.0, 0.2
    device = dataclasses.replace(
        X8, certificate=DeviceCertificate(transmissivity=tuple(uneven), dark_counts=(0.0,) * 8)
    )
    assert pair_plan(differential((1, 1, -2), 4), device).information > 2.7


def test_impossible_counts_refute_the_model():
    plan = pair_plan(differential(), dataclasses.replace(with_losses(1.0), squeezing=(0.0, 0.1)))
    samples = sample_pairs(plan.squeezing(), plan.unitary([0.0, 0.0]), 10_000, np.random.default_rng(1))
    assert estimate_pairs(plan, samples).fit > 1e-4
    samples[:20] = 0
    samples[:20, plan.outputs[0]] = 1
    assert estimate_pairs(plan, samples).fit == 0.0


def test_layouts_in_another_order_or_with_other_parameters():
    spec, certificate = X8.specification(), X8.certificate.to_dict()
    lines = spec["layout"].splitlines()
    meshes = [k for k, line in enumerate(lines) if line.startswith("MZgate")]
    # Two gates that share no mode may change places, two that do may not.
    swapped = list(lines)
    swapped[meshes[0]], swapped[meshes[1]] = swapped[meshes[1]], swapped[meshes[0]]
    assert device_from_documents({**spec, "layout": "\n".join(swapped)}, certificate, source="").pairs == 4
    swapped = list(lines)
    swapped[meshes[0]], swapped[meshes[2]] = swapped[meshes[2]], swapped[meshes[0]]
    with pytest.raises(InputError, match="not that of an X device"):
        device_from_documents({**spec, "layout": "\n".join(swapped)}, certificate, source="")
    # Idlers with phases of their own are another device.
    own = list(lines)
    own[meshes[6]] = own[meshes[6]].replace("{phase_0}", "{idler_phase}")
    with pytest.raises(InputError, match="not that of an X device"):
        device_from_documents({**spec, "layout": "\n".join(own)}, certificate, source="")


# --- two photons on Perceval ---------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [(1, -1), (1, 2, -3), (1, 2), (2, 0, -1, -1)])
@pytest.mark.parametrize("eta", [1.0, 0.7])
def test_two_photons_on_perceval_and_natively(alpha, eta):
    """Coincidences cos^2(phi) at equal phases in a group; F = 4 eta^2 at the best bias; Perceval and the native engine agree."""
    from photonics import PhotonCounting, measure
    from photonics.adapters.perceval import perceval_probabilities

    network = differential(alpha, photons=2)
    circuit = two_photon_circuit(network, transmissivity=eta, bias_rad=0.2)
    theta = [0.3 if x > 0 else -0.1 if x < 0 else 0.7 for x in alpha]
    balanced = sum(alpha) == 0
    phi = 0.2 + (0.4 if balanced else 0.3)
    result = perceval_probabilities(circuit, theta)
    native = measure(circuit, PhotonCounting(), theta)
    for label, probability in zip(native.labels.tolist(), native.probabilities, strict=True):
        assert result.get(tuple(label), 0.0) == pytest.approx(float(probability), abs=1e-12)
    both = [k for k, mode in enumerate(circuit.modes) if circuit.operations[0].state.occupations[0][k]]
    pair = tuple(int(k in both) for k in range(len(circuit.modes)))
    assert result[pair] == pytest.approx(eta**2 * math.cos(phi) ** 2, abs=1e-12)
    # Information on q: along alpha, other directions do not matter at equal phases.
    scale = max(sum(x for x in alpha if x > 0), -sum(x for x in alpha if x < 0))
    direction = np.array([x / sum(y * y for y in alpha) for x in alpha]) * scale
    if balanced and len(alpha) == 2:
        assert float(direction @ native.fisher_matrix() @ direction) == pytest.approx(4 * eta**2, rel=0.3)


def test_two_photons_refuse_what_they_cannot_sense():
    with pytest.raises(InputError, match="not displacements"):
        two_photon_circuit(SensorNetwork.star([1, 1], sensing="displacement", mean_photons=1.0))
    with pytest.raises(InputError, match="mean_photons alone; give photons: 2"):
        two_photon_circuit(SensorNetwork.star([1, -1], sensing="phase", mean_photons=2.0, arms=2))
    with pytest.raises(InputError, match=r"must be in \(0, 1\]"):
        two_photon_circuit(differential(), transmissivity=0.0)


# --- the command ---------------------------------------------------------------------------------------------


def test_the_command_from_devices_to_an_estimate(psn, tmp_path):
    network = tmp_path / "n.json"
    save_network(differential(), network)
    code, out, err = psn("hardware", "devices", network, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert [one["name"] for one in document["devices"]] == ["X8", "X12", "Borealis"]
    assert [one["can_run"] for one in document["feasibility"]] == [True, True, False]
    assert "closed in January 2026" in document["note"]
    program, figure = tmp_path / "p.xbb", tmp_path / "p.png"
    code, out, err = psn(
        "hardware",
        "compile",
        network,
        "--device",
        "X8",
        "--theta",
        "0.1,-0.1",
        "--out",
        program,
        "--out",
        figure,
        "--json",
    )
    assert (code, err) == (0, "")
    assert json.loads(out)["difference"] < 1e-8
    assert program.read_text() == json.loads(out)["blackbird"]
    assert figure.read_bytes().startswith(b"\x89PNG")
    counts = tmp_path / "counts.npy"
    arguments = ["hardware", "sample", network, "--device", "X8", "--theta", "0.1,-0.1", "--shots", 20_000]
    code, out, err = psn(*arguments, "--out", counts, "--json")
    assert (code, err) == (0, "")
    drawn = json.loads(out)
    assert abs(drawn["estimate"]["q"] - 0.2) < 5 * drawn["estimate"]["stderr"]
    code, out, _ = psn("hardware", "estimate", network, counts, "--device", "X8", "--json")
    assert json.loads(out)["estimate"] == drawn["estimate"]
    code, out, _ = psn("hardware", "estimate", network, counts, "--device", "X8")
    assert "there is no quantum advantage on this device" in " ".join(out.split())


def test_the_command_lists_every_fault(psn, tmp_path):
    network = tmp_path / "n.json"
    save_network(differential(), network)
    code, out, err = psn(
        "hardware", "compile", network, "--device", "X9", "--theta", "0.1,x", "--out", tmp_path / "a.txt"
    )
    assert (code, out) == (2, "")
    for fault in ("no device 'X9'", "'x' is no finite number", "must end in one of .xbb"):
        assert fault in err
    code, out, err = psn("hardware", "sample", network, "--device", "X8", "--shots", 10**9, "--seed", -1)
    assert (code, out) == (2, "")
    assert "--shots must be from 1 to 1000000 for X8" in err
    assert "--seed must not be negative" in err
    code, out, err = psn("hardware", "estimate", network, tmp_path / "none.npy", "--device", "X8")
    assert (code, out) == (2, "")
    assert "there is no file" in err


def test_what_two_photons_do_not_use_of_a_network_is_said(psn, tmp_path):
    network = tmp_path / "n.json"
    pair = SensorNetwork.chain([1, -1], sensing="phase", photons=4, passes=3, transmissivity=[0.9, 1.0])
    save_network(pair, network)
    code, printed, _ = psn("hardware", "perceval", network, "--json")
    assert code == 0
    n, m = json.loads(printed)["notes"]
    assert n == "N = 4 of the network is not used: two photons enter"
    assert m == "M = 3 of the network is not used: the phases act once"
    code, printed, _ = psn("hardware", "perceval", network)
    assert "note: N = 4 of the network is not used" in printed
    save_network(pair.replace(photons=2, passes=1).with_transmissivity(1.0), network)
    assert json.loads(psn("hardware", "perceval", network, "--json")[1])["notes"] == []


@pytest.mark.parametrize(
    ("alpha", "said"),
    [
        ([1, 1, 1, 1, 1], "5 sensors and the reference need 6 signal modes, but the device has 4"),
        ([1, -1, 1, -1, 1, -1], "6 sensors need 6 signal modes, but the device has 4"),
    ],
)
def test_a_reference_is_counted_once(alpha, said):
    network = SensorNetwork.star(alpha, sensing="phase", photons=2)
    assert said in can_run(network, DEVICES["X8"]).reasons


def test_two_photons_from_the_command(psn, tmp_path):
    from photonics.adapters.perceval import import_perceval

    network, out = tmp_path / "n.json", tmp_path / "c.pcvl"
    save_network(differential(), network)
    code, printed, err = psn("hardware", "perceval", network, "--theta", "0.3,-0.1", "--out", out, "--json")
    assert (code, err) == (0, "")
    document = json.loads(printed)
    assert document["difference_to_native"] < 1e-12
    assert document["input"] == [1, 1]
    result = {tuple(row["counts"]): row["probability"] for row in document["probabilities"]}
    assert result[1, 1] == pytest.approx(math.cos(0.4) ** 2)
    pcvl = import_perceval()
    processor = pcvl.Processor("SLOS", pcvl.serialization.deserialize_file(str(out)))
    processor.min_detected_photons_filter(0)
    processor.with_input(pcvl.BasicState(document["input"]))
    assert float(processor.probs()["results"][pcvl.BasicState([1, 1])]) == pytest.approx(math.cos(0.4) ** 2, abs=1e-9)
    code, printed, err = psn("hardware", "perceval", network, "--theta", "0.3", "--out", tmp_path / "c.txt")
    assert (code, printed) == (2, "")
    assert "2 faults" in err
