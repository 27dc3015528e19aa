"""Plans as they are built: errors along lossy links by closed form, by the circuits with every link, and by another engine."""

from __future__ import annotations

import math
import random

import pytest
from drawn import seeds

from networks import Link, Mode, SensorNetwork
from photonics import get_engine, nuisance_aware_information
from protocols import design, privacy_report, simulate
from protocols.built.build import DISPLACED, build, plan_as_built
from protocols.built.built import Built
from protocols.built.changes import Change
from protocols.built.on_layout import Changed
from protocols.problem import Problem
from protocols.schemes.evaluation import evaluate, probe_theta
from protocols.schemes.registry import find_scheme, schemes_of


def hub(alpha, sensing, *, link, eta=1.0, **budget):
    """Sensors around an ancilla, or a reference, each behind a link."""
    coupling = "mach-zehnder" if sensing == "phase" else "displacement"
    role = "reference" if sensing == "phase" else "ancilla"
    sensors = [Mode(id=f"s{j}", coupling=coupling, alpha=a, transmissivity=eta) for j, a in enumerate(alpha, 1)]
    links = [Link(ends=("hub", sensor.id), transmissivity=link) for sensor in sensors]
    return SensorNetwork(sensing=sensing, modes=[*sensors, Mode(id="hub", role=role)], links=links, **budget)


def random_network(seed: int) -> SensorNetwork:
    """A small connected network with random losses everywhere, with a reference for phases."""
    draw = random.Random(seed)
    sensing = draw.choice(["phase", "displacement"])
    count = draw.randint(2, 4)
    coupling = "mach-zehnder" if sensing == "phase" else "displacement"
    modes = [
        Mode(
            id=f"s{j}",
            coupling=coupling,
            alpha=draw.choice([-2, -1, 1, 2, 3]),
            transmissivity=draw.choice([1.0, 0.9, 0.6]),
        )
        for j in range(count)
    ]
    modes.append(Mode(id="hub", role="reference" if sensing == "phase" else "ancilla", transmissivity=0.95))
    links = [
        Link(ends=(modes[j].id, modes[draw.randrange(j)].id), transmissivity=draw.uniform(0.3, 1.0))
        for j in range(1, count + 1)
    ]
    budget = {"photons": draw.randint(1, 4)} if sensing == "phase" else {"mean_photons": draw.uniform(0.2, 5.0)}
    return SensorNetwork(sensing=sensing, modes=modes, links=links, passes=draw.randint(1, 2), **budget)


def all_built(network: SensorNetwork) -> dict[str, Built]:
    made = {name: build(scheme, network) for name, scheme in schemes_of(network.sensing).items()}
    return {name: built for name, built in made.items() if isinstance(built, Built)}


@seeds(24)
def test_the_error_as_built_is_that_of_the_circuit_with_every_link(seed: int) -> None:
    network = random_network(seed)
    problem = Problem.of(network)
    for name, built in all_built(network).items():
        assert built.mse >= built.ideal_mse * (1 - 1e-9), name
        assert evaluate(built.as_built, problem).mse == pytest.approx(built.mse, rel=1e-9), name
        if built.layout is None:
            continue
        # The circuits of the layout have each link traversal by itself; their parts take the same turns.
        errors = []
        for part, whole, theta in zip(
            built.as_built.parts, built.layout.circuits(problem), probe_theta(built.as_built), strict=True
        ):
            information = get_engine("native").qfi(whole, theta)
            errors.append(nuisance_aware_information(information, part.coefficients_of(problem.alpha)).mse / part.share)
        assert math.fsum(errors) == pytest.approx(built.mse, rel=1e-9), name


@seeds(16)
def test_errors_of_a_layout_with_other_losses_of_links(seed: int) -> None:
    """Laid out anew with those losses nothing is worse; where the layout stays the best it has that very error."""
    network = random_network(seed)
    problem = Problem.of(network)
    schemes, built_now = schemes_of(network.sensing), all_built(network)
    now = Changed(problem=problem, change=Change(what="link_loss_times", value=1.0))
    for name, built in built_now.items():
        assert now.error_on_layout(schemes[name], built) == pytest.approx(built.mse, rel=1e-9), name
    twice = network.replace(links=tuple(Link(ends=k.ends, transmissivity=k.transmissivity**2) for k in network.links))
    anew = all_built(twice)
    lossier = Changed(problem=problem, change=Change(what="link_loss_times", value=2.0))
    for name, built in built_now.items():
        assert lossier.error_on_layout(schemes[name], built) >= anew[name].mse * (1 - 1e-9), name


def test_errors_of_a_layout_whose_links_begin_to_lose() -> None:
    network = SensorNetwork.chain([1, -2, 1], sensing="phase", photons=2)
    lossy = network.replace(links=tuple(Link(ends=k.ends, transmissivity=10**-0.1) for k in network.links))
    one_db, anew = Change(what="link_loss_db", value=1.0), all_built(lossy)
    changed = Changed(problem=Problem.of(network), change=one_db)
    for name, built in all_built(network).items():
        scheme = schemes_of("phase")[name]
        assert changed.error_on_layout(scheme, built) >= anew[name].mse * (1 - 1e-9), name
    displaced = network.replace(
        sensing="displacement",
        photons=None,
        mean_photons=3.0,
        modes=tuple(Mode(id=m.id, coupling="displacement", alpha=m.alpha) for m in network.modes),
    )
    (built,) = [one for name, one in all_built(displaced).items() if name == "entangled-squeezed"]
    lossy = displaced.replace(links=lossy.links)
    changed = Changed(problem=Problem.of(displaced), change=one_db)
    scheme = schemes_of("displacement")["entangled-squeezed"]
    assert changed.error_on_layout(scheme, built) >= all_built(lossy)["entangled-squeezed"].mse


@seeds(8)
def test_more_loss_on_links_never_helps(seed: int) -> None:
    network = random_network(seed)
    lossier = network.replace(
        links=tuple(Link(ends=k.ends, transmissivity=k.transmissivity * 0.7) for k in network.links)
    )
    before, after = all_built(network), all_built(lossier)
    for name, built in before.items():
        assert after[name].mse >= built.mse * (1 - 1e-9), name


def test_one_squeezed_vacuum_over_a_link() -> None:
    """To one of two sensors: 1 - T + e^(-2r) (1 + T) for alpha = (1, 1) and the best splitter."""
    r, through = 0.8, 0.55
    pair = SensorNetwork.chain([1, 1], sensing="displacement", mean_photons=math.sinh(r) ** 2)
    lossy = pair.replace(links=(Link(ends=("s1", "s2"), transmissivity=through),))
    built = build(schemes_of("displacement")["entangled-squeezed"], lossy, squeezers=1)
    assert isinstance(built, Built)
    assert built.mse == pytest.approx(1 - through + math.exp(-2 * r) * (1 + through), rel=1e-12)


def test_photons_are_not_sent_where_they_are_a_burden() -> None:
    """Four sensors behind 5 dB each and N = 8: all photons have 10304, which no one would build."""
    network = hub(["1/4"] * 4, "phase", link=10**-0.5, eta=0.9, photons=8)
    result = design(network)
    assert result.chosen.mse == min(candidate.mse for candidate in result.candidates) < 1
    noon = next(c for c in result.candidates if c.plan.scheme == "noon")
    assert noon.plan.parts[0].photons == 4
    assert any("4 of 8 photons at a time" in note for note in noon.plan.notes)
    with_all = build(schemes_of("phase")["noon"], network, fewer=False)
    assert isinstance(with_all, Built)
    assert noon.mse < with_all.mse / 10
    assert result.verdict.entanglement_pays is False
    assert result.verdict.compared_with == "noon-in-turn"


def test_the_verdict_turns_where_the_closed_forms_cross() -> None:
    """(1, -1), N = 2: two photons over the link, (1 + 1/T)^2/16, or sites in turn, 1: equal at T = 1/3."""
    pair, photons = SensorNetwork.chain([1, -1], sensing="phase", photons=2), ["noon", "noon-in-turn"]
    verdict = design(pair, schemes=photons).verdict
    assert (verdict.entanglement_pays, verdict.compared_with) == (True, "noon-in-turn")
    assert verdict.factor == pytest.approx(4.0)
    assert on_links(verdict) == ("link_loss_db", pytest.approx(10 * math.log10(3), rel=2e-4))
    half = pair.replace(links=(Link(ends=("s1", "s2"), transmissivity=0.5),))
    expected = pytest.approx(math.log(3) / math.log(2), rel=2e-4)
    assert on_links(design(half, schemes=photons).verdict) == ("link_loss_times", expected)
    dark = design(pair.replace(links=(Link(ends=("s1", "s2"), transmissivity=0.2),)), schemes=photons).verdict
    assert dark.entanglement_pays is False
    assert dark.factor == pytest.approx(16 / 36)
    assert on_links(dark)[1] == pytest.approx(math.log(3) / math.log(5), rel=2e-4)
    assert "It would pay where links lose less than 0.683 times their loss in dB" in dark.sentence


def on_links(verdict):
    """The one turning point of the losses of links."""
    (point,) = [point for point in verdict.turning_points if point.what.startswith("link_loss")]
    assert point.pays_below
    return point.what, point.value


def test_static_phases_of_one_sign_gain_nothing_and_no_losses_would_change_it() -> None:
    verdict = design(SensorNetwork.star([1, 1], sensing="phase", photons=2)).verdict
    assert verdict.entanglement_pays is False
    assert verdict.factor == pytest.approx(1.0)
    assert verdict.turning_points == ()
    assert "where" not in verdict.sentence
    assert "The verdict stays the same for links that lose 0 to 60 dB each; " in verdict.sentence


def test_a_verdict_needs_both_kinds_of_schemes() -> None:
    verdict = design(SensorNetwork.chain([1, -1], sensing="phase", photons=2), schemes=["noon"]).verdict
    assert (verdict.entanglement_pays, verdict.factor, verdict.best_entangled) == (None, None, "noon")
    assert "cannot be said" in verdict.sentence


def test_everything_speaks_of_the_same_light() -> None:
    """The ranked table, the choice, its layout, and the light that privacy reports and simulations take."""
    network = hub([1, -1], "phase", link=0.8, photons=4)
    result = design(network)
    chosen = result.chosen
    assert result.physical is chosen.built.layout
    assert result.to_dict()["candidates"][0]["starts_at"] == (
        None if result.physical is None else list(result.physical.roots)
    )
    simulated = simulate(network, scheme=chosen.plan.scheme, shots=4000, trials=400, seed=3).first
    scheme = schemes_of("phase")[chosen.plan.scheme]
    assert plan_as_built(scheme, Problem.of(network)) == chosen.plan
    assert simulated.tally.mse * 4000 == pytest.approx(chosen.mse, rel=0.8)
    assert privacy_report(network, scheme=chosen.plan.scheme).mse == chosen.mse


@pytest.mark.parametrize("scheme", ["entangled-squeezed", "separable-squeezed"])
def test_simulated_displacements_have_the_error_as_built(scheme: str) -> None:
    network = hub([1, -2, 1], "displacement", link=0.7, eta=0.8, mean_photons=2.0, passes=2)
    built = all_built(network)[scheme]
    tally = simulate(network, scheme=scheme, shots=50, trials=4000, seed=5).first.tally
    assert abs(tally.mse * 50 - built.mse) < 4 * tally.mse_stderr * 50


def test_superposed_strings_have_the_error_as_built_when_simulated() -> None:
    network = hub([1, 2, -1], "phase", link=0.8, eta=0.9, photons=3)
    built = all_built(network)["multimode-noon"]
    tally = simulate(network, scheme="multimode-noon", shots=4000, trials=1000, seed=5).first.tally
    assert abs(tally.mse * 4000 - built.mse) < 4 * tally.mse_stderr * 4000 + 0.02 * built.mse


def test_every_scheme_of_displacements_has_its_builder() -> None:
    assert set(DISPLACED) == set(schemes_of("displacement"))


@pytest.mark.parametrize("scheme", ["noon", "pairs-in-turn", "multimode-noon", "noon-in-turn", "separable-phase"])
def test_of_photons_that_detectors_make_fewer_one_note_tells(scheme: str) -> None:
    """Jitter asks for fewer photons, and the losses of one sensor for still fewer there: one note says how many of all."""
    star = SensorNetwork.star([1, 1], sensing="phase", photons=12, transmissivity=[0.95, 0.3], phase_jitter_rad=0.2)
    built = build(find_scheme("phase", scheme), star)
    assert isinstance(built, Built)
    photons = [part.photons for part in built.as_built.parts]
    used = sorted(set(photons)) if built.as_built.takes_turns else [sum(photons)]
    # Turns differ: in some the losses alone leave fewer of the photons that the detectors leave.
    assert len(used) == (2 if scheme in ("noon-in-turn", "pairs-in-turn") else 1)
    notes = [note for note in built.as_built.notes if "photons at a time" in note]
    told = f"{', '.join(map(str, used))} of 12 photons at a time; with these losses and detectors more would increase the error"
    assert notes == [told]
