"""How light of one and two photons is made: both engines and Perceval give the state and the chances that a recipe promises."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st
from scipy.optimize import minimize

from networks import Mode, SensorNetwork, save_network
from photonics import Circuit, FockDensity, FockState, Loss, PhotonCounting, PrepareFock, get_engine, measure
from protocols import Plan, design, preparations
from protocols.documents.files import load, save
from protocols.preparation.attempts import unattenuated_mse
from protocols.preparation.experiment import photon_experiments
from protocols.preparation.parts import NoRecipeError, part_recipe
from protocols.preparation.prepare import why_no_recipe
from protocols.preparation.two_photons import squeezed_pairs
from protocols.problem import Problem
from protocols.schemes.photon import photon_plan
from protocols.schemes.registry import find_scheme, schemes_of
from protocols.schemes.scheme import plan_of
from protocols.theory.squeezed_pairs import best_pump, more_photons_chance, two_photon_chance
from protocols.wmatrix.protocol import PhotonProtocol

PHASE_SCHEMES = schemes_of("phase")


def problem_of(alpha, photons, *, shape="star", mode=1.0, link=1.0, passes=1):
    """A network whose first sensor and whose links lose light."""
    network = getattr(SensorNetwork, shape)(alpha, sensing="phase", photons=photons, passes=passes)
    modes = tuple(replace(one, transmissivity=mode if k == 0 else 1.0) for k, one in enumerate(network.modes))
    links = tuple(replace(one, transmissivity=link) for one in network.links)
    return Problem.of(network.replace(modes=modes, links=links))


def plans_of(problem, names=PHASE_SCHEMES):
    plans = (plan_of(find_scheme("phase", name), problem) for name in names)
    return [plan for plan in plans if isinstance(plan, Plan)]


def from_vacuum(circuit):
    """The same circuit in photon numbers, so that engines give a Fock state."""
    if isinstance(circuit.operations[0], PrepareFock):
        return circuit
    vacuum = FockState(circuit.modes, np.zeros((1, len(circuit.modes)), dtype=np.int64), np.ones(1, dtype=complex))
    return Circuit(modes=circuit.modes, operations=(PrepareFock(state=vacuum), *circuit.operations))


def chance_and_fidelity(recipe, part, engine="native"):
    """By an engine: how often the photons are where they must be, and then the fidelity with the state of the plan."""
    out = get_engine(engine).run(from_vacuum(recipe.circuit), [])
    target = part.circuit.operations[0].state
    count = len(part.circuit.modes)
    assert recipe.circuit.modes[:count] == part.circuit.modes
    beside = {one.mode: one.photons for one in recipe.found}
    wanted = tuple(beside.get(mode, 0) for mode in recipe.circuit.modes[count:])
    rows = [
        row
        for row, string in enumerate(out.occupations.tolist())
        if sum(string[:count]) == recipe.photons and tuple(string[count:]) == wanted
    ]
    overlap = np.array([target.terms.get(tuple(out.occupations[row][:count].tolist()), 0.0) for row in rows])
    if isinstance(out, FockDensity):
        kept = out.matrix[np.ix_(rows, rows)]
    else:
        kept = np.outer(out.amplitudes[rows], out.amplitudes[rows].conj())
    chance = float(np.trace(kept).real)
    return chance, float((overlap.conj() @ kept @ overlap).real) / chance


# --- the light -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["star", "chain"])
@pytest.mark.parametrize("alpha", [[1, 1], [2, 1, -1], [2, 0, -1], [1, 1, -1, -1]])
@pytest.mark.parametrize("photons", [1, 2])
@pytest.mark.parametrize(("mode", "link"), [(1.0, 1.0), (0.8, 0.9)])
def test_single_photons_make_the_state_of_every_scheme(shape, alpha, photons, mode, link):
    """Fidelity 1 and the promised chance, links that lose light included, from single photons and beam splitters alone."""
    problem = problem_of(alpha, photons, shape=shape, mode=mode, link=link)
    seen = 0
    for plan in plans_of(problem):
        for made in preparations(plan, problem):
            if made.source != "single photons":
                continue
            seen += 1
            for part, recipe in zip(plan.parts, made.parts, strict=True):
                chance, fidelity = chance_and_fidelity(recipe, part)
                assert fidelity == pytest.approx(1, abs=1e-12)
                assert chance == pytest.approx(recipe.success, abs=1e-12)
                if link == 1 and photons == 1:
                    assert recipe.success == 1
                assert len(recipe.starts_from) == part.photons
    assert seen >= 2


@pytest.mark.parametrize(("alpha", "scheme"), [([1, -1], "noon"), ([2, 1], "multimode-noon"), ([1, 1], "noon")])
def test_squeezers_make_two_photons_at_any_pump(alpha, scheme):
    """Post-selected on two photons the state is exact at strong and weak pumps; the chances are those of a squeezed vacuum."""
    problem = problem_of(alpha, 2)
    (plan,) = plans_of(problem, [scheme])
    (part,) = plan.parts
    recipe = part_recipe(part, problem, "squeezers")
    strings = {
        tuple(mode for mode, n in zip(part.circuit.modes, string, strict=True) if n): amplitude.real
        for string, amplitude in part.circuit.operations[0].state.terms.items()
    }
    _, values, best = squeezed_pairs(strings)
    for pump in (0.05, 0.4 * best):
        operations, _, _ = squeezed_pairs(strings, pump)
        made = replace(
            recipe,
            circuit=Circuit(modes=recipe.circuit.modes, operations=operations),
            success=two_photon_chance(values, pump),
        )
        chance, fidelity = chance_and_fidelity(made, part)
        assert fidelity == pytest.approx(1, abs=1e-9)
        assert chance == pytest.approx(made.success, abs=1e-9)
    # At the best pump by the Gaussian state, which no cutoff touches.
    counted = measure(recipe.circuit, PhotonCounting(largest_lost_weight=1e-4), [])
    twos = sum(p for label, p in zip(counted.labels, counted.probabilities, strict=True) if label.sum() == 2)
    assert twos == pytest.approx(recipe.success, abs=2e-5)
    assert recipe.success > two_photon_chance(values, 0.9 * best)
    assert recipe.success > two_photon_chance(values, 1.05 * best)


@examples(40)
@given(weights=st.lists(st.floats(0.05, 1), min_size=1, max_size=6))
def test_the_best_pump_is_best(weights):
    """A bounded search finds no better pump; the chances of no, two and more photons add up to one."""
    values = [w / sum(weights) for w in weights]
    pump = best_pump(values)
    most = two_photon_chance(values, pump)
    grid = np.linspace(1e-6, (1 - 1e-9) / max(values), 2001)
    assert max(two_photon_chance(values, x) for x in grid) <= most + 1e-12
    vacuum = math.prod(math.sqrt(1 - pump * v) for v in values)
    assert vacuum + most + more_photons_chance(values, pump) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 40])
def test_equal_squeezers_have_a_closed_form(count):
    """x = 2 K/(K + 2) and P_2 = K/(K + 2) (K/(K + 2))^{K/2}: 0.1925, 1/4, ..., towards 1/e."""
    values = [1 / count] * count
    assert best_pump(values) == pytest.approx(2 * count / (count + 2))
    share = count / (count + 2)
    assert two_photon_chance(values, best_pump(values)) == pytest.approx(share * share ** (count / 2))


def test_the_experiment_of_kim_et_al():
    """Four phases, two photons (a balanced 2002 state over four modes): squeezers at the modes, no beam splitter, 8/27."""
    problem = problem_of([1, 1, -1, -1], 2)
    (plan,) = plans_of(problem, ["multimode-noon"])
    (made,) = preparations(plan, problem)
    assert made.source == "squeezers"
    assert made.success == pytest.approx(8 / 27)
    assert made.parts[0].splitters == ()
    assert made.mse_per_attempt == pytest.approx(plan.predicted_mse * 27 / 8)
    assert "0 beam splitters; success probability 0.296296" in made.words
    with pytest.raises(NoRecipeError, match="at most two terms"):
        part_recipe(plan.parts[0], problem, "single photons")


@pytest.mark.parametrize("seed", range(4))
def test_no_beam_splitters_make_more_of_two_photons(seed):
    """Two photons and any contraction of modes give product forms: the best chance found is 1/(2 max c^2), none for three."""
    rng = np.random.default_rng(seed)
    c = np.sqrt(np.array([0.3, 0.7]))

    def chance(x):
        # A photon enters in each of two ports and leaves in two modes with amplitudes u, v; the rest is discarded.
        matrix = (x[:4] + 1j * x[4:]).reshape(2, 2)
        matrix = matrix / np.linalg.norm(matrix, 2)
        u, v = matrix[:, 0], matrix[:, 1]
        state = np.array([math.sqrt(2) * u[0] * v[0], u[0] * v[1] + u[1] * v[0], math.sqrt(2) * u[1] * v[1]])
        weight = float(np.vdot(state, state).real)
        wanted = np.array([c[0], 0, c[1]])
        fidelity = max(abs(np.vdot(wanted * np.array([1, 1, phase]), state)) ** 2 for phase in (1, -1)) / weight
        return weight - 200 * (1 - fidelity)

    best = max(
        -minimize(lambda x: -chance(x), rng.normal(size=8), method="Nelder-Mead", options={"maxfev": 6000}).fun
        for _ in range(4)
    )
    assert 1 / (2 * 0.7) - 2e-2 < best < 1 / (2 * 0.7) + 1e-2
    # The quadratic form of a product has rank two at most, that of three terms |2 in j> has three.
    u, v = rng.normal(size=(2, 3)) + 1j * rng.normal(size=(2, 3))
    assert np.linalg.matrix_rank(np.outer(u, v) + np.outer(v, u)) == 2


@pytest.mark.parametrize("mode", [0.5, 0.8])
def test_attenuation_never_pays_per_attempt(mode):
    """The attenuated pair has success 1/(2 max w); balanced pairs reach less error per attempt, as the note says."""
    problem = problem_of([1, -1], 2, mode=mode)
    (plan,) = plans_of(problem, ["pairs-in-turn"])
    made = preparations(plan, problem)[0]
    weights = plan.parts[0].circuit.operations[0].state.probabilities()
    assert made.success == pytest.approx(1 / (2 * max(weights)))
    assert made.mse_per_attempt == pytest.approx(plan.predicted_mse * 2 * max(weights))
    balanced = unattenuated_mse(plan, problem)
    # F = 4 A B w (1 - w) N^2/(A w + B (1 - w)) of two branches with survivals A, B.
    assert balanced == pytest.approx((1 + mode**2) / (2 * mode**2) / 4)
    assert plan.predicted_mse < balanced < made.mse_per_attempt
    assert any(f"{balanced:.6g}" in note for note in made.notes)
    assert any("no photon leaves by" in note for note in made.notes)


def test_strawberry_fields_makes_the_same_light():
    """Single photons on its Fock backend, a tree and a pair along a chain; squeezers on its Gaussian backend."""
    problem = problem_of([1, 1, -1], 1, shape="chain")
    (plan,) = plans_of(problem, ["multimode-noon"])
    recipe = preparations(plan, problem)[0].parts[0]
    chance, fidelity = chance_and_fidelity(recipe, plan.parts[0], "strawberryfields")
    assert (chance, fidelity) == (pytest.approx(1, abs=1e-6), pytest.approx(1, abs=1e-6))
    problem = problem_of([1, -1], 2)
    (plan,) = plans_of(problem, ["noon"])
    for made in preparations(plan, problem):
        if made.source == "single photons":
            chance, fidelity = chance_and_fidelity(made.parts[0], plan.parts[0], "strawberryfields")
            assert (chance, fidelity) == (pytest.approx(1, abs=1e-6), pytest.approx(1, abs=1e-6))
        else:
            states = [get_engine(name).run(made.parts[0].circuit, []) for name in ("native", "strawberryfields")]
            assert np.allclose(states[0].covariance, states[1].covariance, atol=1e-9)


# --- what is said of it --------------------------------------------------------------------------------------


def test_the_first_sentence_and_the_tree():
    """A star of five with one photon: it enters at the hub; each link carries one splitter, the shares are those of the tree."""
    problem = problem_of([1, 1, 1, 1], 1)
    (plan,) = plans_of(problem, ["multimode-noon"])
    made = preparations(plan, problem)
    assert [one.source for one in made] == ["single photons", "squeezers"]
    assert (
        made[0].words == "a single photon that enters at ref, 4 beam splitters along the links; success probability 1"
    )
    assert [round(one.reflectivity, 12) for one in made[0].parts[0].splitters] == [
        round(x, 12) for x in (1 / 8, 1 / 7, 1 / 6, 1 / 5)
    ]
    links = {frozenset((link.first, link.second)) for link in problem.task.links}
    assert {frozenset((one.first, one.second)) for one in made[0].parts[0].splitters} <= links
    assert made[1].success == 0.25
    assert "heralded" in made[1].words


def test_links_that_lose_light_count():
    """One photon arrives with probability 1/sum p_j/T_j; the place of the source makes it largest."""
    problem = problem_of([1, 1], 1, link=0.5)
    (plan,) = plans_of(problem, ["multimode-noon"])
    made = preparations(plan, problem)[0]
    # From the reference, which keeps a half: 1/(1/2 + 1/4/0.5 + 1/4/0.5).
    assert made.parts[0].starts_from == ("ref",)
    assert made.success == pytest.approx(1 / 1.5)
    assert made.mse_per_attempt == pytest.approx(plan.predicted_mse * 1.5)
    assert "the losses of the links on the way are in the success probability" in made.notes
    assert any(isinstance(op, Loss) for op in made.parts[0].circuit.operations)


@pytest.mark.parametrize("scheme", ["pairs-in-turn", "noon-in-turn", "separable-phase"])
def test_the_error_per_attempt_of_several_parts(scheme):
    """Attempts shared out by brute force do not do better than the closed form says."""
    problem = problem_of([3, 1, -1], 2 if scheme != "separable-phase" else 4, mode=0.6)
    (plan,) = plans_of(problem, [scheme])
    assert why_no_recipe(plan) is None
    made = preparations(plan, problem)[0]
    engine = get_engine("native")
    from photonics import nuisance_aware_information

    errors = [
        nuisance_aware_information(
            engine.qfi(part.circuit, [0.1] * len(part.sensors)), part.coefficients_of(problem.alpha)
        ).mse
        / recipe.success
        for part, recipe in zip(plan.parts, made.parts, strict=True)
    ]
    if plan.takes_turns:
        grid = np.random.default_rng(1).dirichlet(np.ones(len(errors)), 4000)
        found = min(sum(v / a for v, a in zip(errors, shares, strict=True)) for shares in grid)
        assert made.mse_per_attempt <= found <= 1.02 * made.mse_per_attempt
    else:
        assert made.mse_per_attempt == pytest.approx(sum(errors))


def test_with_losses_pairs_are_not_certain():
    """Four photons of which two are lost pass for two, so that no error per attempt is claimed for squeezers with losses."""
    problem = problem_of([1, 1], 2, mode=0.8)
    (plan,) = plans_of(problem, ["multimode-noon"])
    (made,) = preparations(plan, problem)
    assert made.mse_per_attempt is None
    assert any("four photons of which two are lost pass for two" in note for note in made.notes)
    # A heralded photon is one photon whatever is lost behind.
    single = problem_of([1, 1], 1, mode=0.8)
    (plan,) = plans_of(single, ["multimode-noon"])
    heralded = preparations(plan, single)[1]
    assert heralded.mse_per_attempt == pytest.approx(4 * plan.predicted_mse)


def test_a_heralded_photon_by_the_engine():
    """The herald finds exactly one photon in a quarter of the attempts, and then one photon is spread over the modes."""
    problem = problem_of([1, -1], 1)
    (plan,) = plans_of(problem, ["noon"])
    recipe = part_recipe(plan.parts[0], problem, "squeezers")
    chance, fidelity = chance_and_fidelity(recipe, plan.parts[0])
    assert chance == pytest.approx(0.25, abs=1e-9)
    assert fidelity == pytest.approx(1, abs=1e-9)


def test_more_photons_have_no_recipe():
    problem = problem_of([1, 1], 3)
    (plan,) = plans_of(problem, ["multimode-noon"])
    assert why_no_recipe(plan) == "recipes are for one and two photons; a state of this plan has 3"
    assert preparations(plan, problem) == ()


def test_designs_say_how_their_light_is_made(tmp_path, psn):
    problem = problem_of([1, -1], 2)
    result = design(problem)
    assert result.chosen.made[0].success == 1
    save(result, tmp_path / "d.json")
    assert load(tmp_path / "d.json") == result
    network = tmp_path / "n.json"
    save_network(problem.network, network)
    code, printed, _ = psn("design", network, "--json")
    assert code == 0
    (best, *_) = json.loads(printed)["candidates"]
    first = best["made"][0]
    assert first["source"] == "single photons"
    assert first["success"] == 1
    assert len(first["parts"][0]["splitters"]) == len(result.chosen.made[0].parts[0].splitters)
    code, printed, _ = psn("design", network)
    words = " ".join(printed.split())
    assert f"made from {first['words']}; MSE per attempt 0.25" in words


# --- counts, and Perceval ------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [[1, -1], [2, 1, -1], [1, 1, 1, 1]])
@pytest.mark.parametrize("photons", [1, 2])
@pytest.mark.parametrize("mode", [1.0, 0.8])
def test_counts_reach_what_is_said_per_attempt(alpha, photons, mode):
    """The classical Fisher information of the counts behind the last beam splitters: nothing is lost, in turn or at once."""
    problem = problem_of(alpha, photons, mode=mode, link=0.9)
    theta = [0.3 / (j + 1) for j in range(len(alpha))]
    for plan in plans_of(problem):
        for made in preparations(plan, problem):
            if made.mse_per_attempt is None:
                continue
            if any((part.circuit.operations[0].state.occupations == 1).sum(axis=1).max() > 1 for part in plan.parts):
                with pytest.raises(NoRecipeError, match="photons in two modes"):
                    photon_experiments(plan, problem, theta, made.source)
                continue
            experiments = photon_experiments(plan, problem, theta, made.source)
            errors = [one.attempt_mse([theta[j] for j in one.sensors]) for one in experiments]
            whole = sum(map(math.sqrt, errors)) ** 2 if plan.takes_turns else sum(errors)
            assert whole == pytest.approx(made.mse_per_attempt, rel=1e-4)


def test_three_terms_read_out_by_a_fourier_transform():
    """Balanced by one reference, K = 3: coincidences reach 9/8 of the quantum limit, never less than it."""
    problem = problem_of([1, 1], 2)
    (plan,) = plans_of(problem, ["multimode-noon"])
    (experiment,) = photon_experiments(plan, problem, [0.3, 0.1], "squeezers")
    error = experiment.attempt_mse([0.3, 0.1]) * experiment.recipe.success
    assert error == pytest.approx(9 / 8 * plan.predicted_mse, rel=1e-6)
    assert not experiment.starts_from_photons


@pytest.mark.parametrize("alpha", [[1, 1, 1], [1, 1, 1, 1], [1, 1, -1, -1], [2, 1, -1]])
def test_four_and_five_terms_are_read_out_without_loss(alpha):
    """The same readout at K = 4 and 5 reaches the quantum limit of q, the other phases unknown, and does not beat it."""
    problem = problem_of(alpha, 2)
    (plan,) = plans_of(problem, ["multimode-noon"])
    theta = [0.4, -0.2, 0.1, 0.3][: len(alpha)]
    (experiment,) = photon_experiments(plan, problem, theta, "squeezers")
    ratio = experiment.attempt_mse(theta) * experiment.recipe.success / plan.predicted_mse
    assert 1 - 1e-9 <= ratio <= 1 + 1e-4


def test_sources_stand_where_links_lead():
    """A reference apart from the sensors is no place for the source, nor a reason to fail."""
    network = SensorNetwork.star([1, -1], sensing="phase", photons=1)
    apart = network.replace(modes=(*network.modes, Mode(id="far", role="ancilla")))
    problem = Problem.of(apart)
    (plan,) = plans_of(problem, ["noon"])
    made = preparations(plan, problem)[0]
    assert made.success == 1
    assert made.parts[0].starts_from != ("far",)


@pytest.mark.parametrize(
    ("alpha", "photons", "mode"), [([2, 1, -1], 1, 0.8), ([1, -1], 2, 0.8), ([1, 1, 1, 1], 2, 1.0)]
)
def test_perceval_counts_the_same(alpha, photons, mode):
    """Its simulator with its own post-selection: probabilities and the share of the shots kept are the native engine's."""
    from photonics.adapters.perceval import import_perceval, perceval_counts
    from protocols.preparation.perceval_run import run_on_perceval

    problem = problem_of(alpha, photons, mode=mode, link=0.9)
    theta = [0.2 * (j + 1) for j in range(len(alpha))]
    pcvl = import_perceval()
    seen = 0
    for plan in plans_of(problem, ["multimode-noon", "pairs-in-turn", "noon-in-turn"]):
        made = preparations(plan, problem)[0]
        for experiment in photon_experiments(plan, problem, theta, made.source):
            run = run_on_perceval(experiment, theta)
            assert run.difference_to_native < 1e-8
            assert sum(p for _, p in run.probabilities) == pytest.approx(1)
            again = perceval_counts(pcvl.Processor("SLOS", pcvl.serialization.deserialize(run.text)))
            assert again.performance == pytest.approx(run.performance, abs=1e-9)
            assert dict(again.probabilities) == pytest.approx(dict(run.probabilities), abs=1e-6)
            if mode == 1 and experiment.starts_from_photons:
                assert run.performance == pytest.approx(experiment.recipe.success)
            seen += 1
    assert seen >= 3


@pytest.mark.parametrize(("alpha", "photons"), [([1, 1, -1], 1), ([1, 1, -1, -1], 2)])
def test_controls_that_are_permutations_are_exported(alpha, photons):
    """Protocols with M = 2 whose control only moves photons: in the counts nothing is lost, and the sensors are all lit."""
    problem = problem_of(alpha, photons, passes=2)
    protocol = PhotonProtocol(
        function=problem.function,
        photons=photons,
        passes=2,
        columns=((1, 0, 0), (0, 1, -1)) if photons == 1 else ((2, 0, -2, 0), (0, 2, 0, -2)),
        repeats=(1, 1),
    )
    plan = photon_plan(problem, protocol, scheme="w-matrix", title="")
    theta = [0.1, 0.2, 0.3, 0.15][: len(alpha)]
    (experiment,) = photon_experiments(plan, problem, theta, "single photons")
    native = get_engine("native")
    assert native.qfi(experiment.circuit, theta) == pytest.approx(native.qfi(plan.parts[0].circuit, theta), abs=1e-12)
    assert experiment.attempt_mse(theta) == pytest.approx(plan.predicted_mse)


def test_controls_that_are_no_permutations_are_refused():
    problem = problem_of([3, 1, -4], 2, passes=2)
    protocol = PhotonProtocol(
        function=problem.function, photons=2, passes=2, columns=((2, 0, -2), (1, 1, -2)), repeats=(1, 1)
    )
    plan = photon_plan(problem, protocol, scheme="w-matrix", title="")
    made = preparations(plan, problem)
    assert any("no recipe for them" in note for note in made[0].notes)
    with pytest.raises(NoRecipeError, match="no permutation of modes"):
        photon_experiments(plan, problem, [0.1, 0.2, 0.3], made[0].source)


def test_the_command(psn, tmp_path):
    from photonics.adapters.perceval import import_perceval

    network, out = tmp_path / "n.json", tmp_path / "e.pcvl"
    save_network(SensorNetwork.star([2, 1, -1], sensing="phase", photons=2), network)
    command = ("hardware", "perceval", network, "--theta", "0.3,0.1,0.2", "--scheme", "pairs-in-turn")
    code, printed, err = psn(*command, "--part", 2, "--out", out, "--json")
    assert (code, err) == (0, "")
    document = json.loads(printed)
    (part,) = document["parts"]
    assert part["difference_to_native"] < 1e-8
    assert part["part"] == 2
    pcvl = import_perceval()
    experiment = pcvl.serialization.deserialize_file(str(out))
    again = pcvl.Processor("SLOS", experiment).probs()["results"]
    for row in part["probabilities"]:
        assert float(again[pcvl.BasicState(row["counts"])]) == pytest.approx(row["probability"], abs=1e-9)
    code, printed, _ = psn(*command, "--json")
    document = json.loads(printed)
    assert len(document["parts"]) == 3
    assert document["mse_per_attempt"] == pytest.approx(2.25)
    code, printed, _ = psn("hardware", "perceval", network, "--scheme", "multimode-noon")
    words = " ".join(printed.split())
    assert code == 0
    assert "made from 4 squeezers of up to 6.74 dB of one pump as pair sources, 0 beam splitters" in words
    assert "simulators only" in words


@pytest.mark.parametrize(
    ("arguments", "faults"),
    [
        (("--scheme", "pairs-in-turn", "--out", "e.pcvl"), ["has 3 states; name the one to write by --part"]),
        (("--scheme", "pairs-in-turn", "--part", 4), ["--part must be from 1 to 3, got 4"]),
        (
            ("--scheme", "multimode-noon", "--source", "photons", "--bias", 0.1),
            ["--transmissivity and --bias do not go with --scheme", "at most two terms with both photons in one mode"],
        ),
        (("--scheme", "noon", "--source", "lamp"), ["--source must be photons or squeezers, got lamp"]),
        (("--scheme", "noone"), ["noone"]),
        (("--part", 1), ["--source and --part go with --scheme"]),
    ],
)
def test_the_command_lists_every_fault(psn, tmp_path, monkeypatch, arguments, faults):
    monkeypatch.chdir(tmp_path)
    network = tmp_path / "n.json"
    save_network(SensorNetwork.star([2, 1, -1], sensing="phase", photons=2), network)
    code, printed, err = psn("hardware", "perceval", network, *arguments)
    assert (code, printed) == (2, "")
    for fault in faults:
        assert fault in " ".join(err.split())


def test_strings_in_two_modes_are_not_exported(psn, tmp_path):
    """The weighted N00N state of (1,1), N = 2, has |1, 1> and |0, 0; 2>: a pair source makes it, no beam splitters here read it.

    Strings of one photon in each of two modes are read out where both have them: a pair over two interferometers.
    """
    network = tmp_path / "n.json"
    save_network(SensorNetwork.star([1, 1], sensing="phase", photons=2), network)
    code, printed, err = psn("hardware", "perceval", network, "--scheme", "noon")
    assert (code, printed) == (2, "")
    assert (
        "noon cannot be exported: a string with its photons in two modes beside one with both in one mode is not read out by beam "
        "splitters here" in " ".join(err.split())
    )
