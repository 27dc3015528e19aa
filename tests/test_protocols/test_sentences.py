"""Sentences are tested like numbers: the numbers and names in them against values worked out apart from the printing.

What is looked for is the number or the name in the line that speaks of the thing, not the wording around it.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from rich.console import Console

from networks import LinearFunction, Link, Mode, SensorNetwork, load_network, save_network
from photonics.pairs.counts import pair_counts
from protocols import design, enumerate_protocols, loss_report, private_design
from protocols.built.built import Built
from protocols.hardware.devices import DEVICES, DeviceCertificate
from protocols.hardware.pair_plan import pair_plan
from protocols.layout.photon.layout import lay_out
from protocols.layout.photon.layouts import photon_layouts
from protocols.layout.squeezed.beam_splitters import tree_layout
from protocols.problem import Problem
from protocols.ranking.candidates import rank_plans
from protocols.reports.design_view import design_view
from protocols.reports.showing import show
from protocols.wmatrix.limits import Limits, connected_supports

EXAMPLES = Path(__file__).parents[2] / "examples"
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
Said = Callable[..., list[str]]


@pytest.fixture
def said(psn, monkeypatch, tmp_path) -> Said:
    """Run psn on a network, (lines of its text, its JSON document) by the same options."""

    def run(command: str, network: SensorNetwork, *options: object) -> tuple[list[str], dict]:
        path = tmp_path / "network.json"
        save_network(network, path)
        # Wide enough that no sentence is broken.
        monkeypatch.setenv("COLUMNS", "2000")
        code, out, err = psn(command, path, *options)
        assert (code, err) == (0, "")
        lines = [re.sub(r"\s+", " ", line).strip() for line in out.splitlines()]
        code, out, err = psn(command, path, *options, "--json")
        assert (code, err) == (0, "")
        return lines, json.loads(out)

    return run


def best_built(network: SensorNetwork, **options: object) -> Built:
    """The scheme of the least error as built: what ``design`` chooses."""
    return rank_plans(network, **options).built[0]


def designed(network: SensorNetwork, **options: object) -> tuple[list[str], dict]:
    """What people read of the design of some schemes, without a line broken, and its document."""
    result, text = design(network, **options), io.StringIO()
    show(design_view(result), console=Console(file=text, width=2000))
    return [re.sub(r"\s+", " ", line).strip() for line in text.getvalue().splitlines()], result.to_dict()


def along_links_of(network: SensorNetwork) -> dict[str, object]:
    """Options for one squeezed vacuum, or for columns of W: light whose layout has a source and a tree of links."""
    if network.sensing == "displacement":
        return {"schemes": ["entangled-squeezed"], "squeezers": 1}
    return {"schemes": ["noon", "w-matrix"]}


def line_with(lines: list[str], *words: str) -> str:
    """The one line with all these words."""
    (line,) = (line for line in lines if all(word in line for word in words))
    return line


def numbers(text: str) -> list[float]:
    return [float(n) for n in re.findall(NUMBER, text)]


def ring_with_a_spur(sensing: str) -> SensorNetwork:
    """Four nodes in a ring whose links have losses of their own, and a fifth behind one of them."""
    alpha = [1, 2, -1, 1, -1] if sensing == "displacement" else [1, 1, -2, 1, -1]
    light = {"mean_photons": 2.0} if sensing == "displacement" else {"photons": 3}
    chain = SensorNetwork.chain(alpha, sensing=sensing, **light)
    if sensing == "phase":
        # In a snapshot no pairs take turns, whose layouts have tests of their own: columns of W lose least.
        chain = chain.replace(parameters="snapshot")
    ends = [("s1", "s2", 0.95), ("s2", "s3", 0.9), ("s3", "s4", 0.85), ("s1", "s4", 0.8), ("s4", "s5", 0.9)]
    return chain.replace(links=tuple(Link(ends=(a, b), transmissivity=t) for a, b, t in ends))


def without(network: SensorNetwork, edge: list[str]) -> SensorNetwork:
    return network.replace(links=tuple(k for k in network.links if set(map(str, k.ends)) != set(edge)))


# --- psn design: links that fail ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "network",
    [
        ring_with_a_spur("displacement"),
        ring_with_a_spur("phase"),
        load_network(EXAMPLES / "metro_ring.json"),
        load_network(EXAMPLES / "fibre_phases.json").replace(parameters="snapshot"),
        SensorNetwork.chain([1, -1], sensing="displacement", mean_photons=1.0),
    ],
    ids=lambda network: network.name,
)
def test_the_failure_of_one_link_costs_what_is_said(network):
    options = along_links_of(network)
    lines, document = designed(network, **options)
    physical = document["physical"]
    root, whole = physical["source"]["node"], physical["mse"]
    if network.sensing == "displacement":
        used = [element["edge"] for element in physical["elements"]]
    else:
        used = [link["edge"] for link in physical["robustness"]["links"]]
    assert used
    ratios, cut = {}, []
    for edge in used:
        graph = nx.Graph([link.ends for link in network.links])
        graph.remove_edge(*edge)
        if not nx.is_connected(graph):
            cut.append(set(edge))
        elif network.sensing == "displacement":
            ratios[frozenset(edge)] = tree_layout(Problem.of(without(network, edge)).task, roots=[root]).mse / whole
        else:
            protocol = best_built(network, **options).layout.best.protocol
            sent = without(network, edge).replace(photons=protocol.photons)
            result = lay_out(Problem.of(sent), protocol, roots=[root])
            ratios[frozenset(edge)] = result.mse / whole
    line = line_with(lines, "failure of one link")
    costs = re.search(rf"({NUMBER}) times the error.*?\((\S+) - (\S+)\)", line)
    assert (costs is None) == (not ratios)
    if costs is not None:
        assert float(costs[1]) == pytest.approx(max(ratios.values()), rel=6e-4)
        assert ratios[frozenset(costs.groups()[1:])] == pytest.approx(max(ratios.values()), rel=1e-9)
        # Such a network could not tell the worst from the least.
        assert max(ratios.values()) > 1.01 * min(ratios.values())
    named = re.search(r"cuts.*?\((.*?)\)", line)
    assert [set(pair.split(" - ")) for pair in named[1].split(", ")] == cut if cut else named is None


@pytest.mark.parametrize("sensing", ["displacement", "phase"])
def test_tolerances_and_random_errors_are_those_of_the_document(sensing):
    network = ring_with_a_spur(sensing)
    lines, document = designed(network, **along_links_of(network))
    physical = document["physical"]
    robust, mse = physical["robustness"], physical["mse"]
    printed = numbers(line_with(lines, "% more error"))
    assert printed[0] == pytest.approx(100 * (robust["factor"] - 1))
    if sensing == "phase":
        # e^{-s^2} of the information is left at a variance s^2 of the relative phase, n^2 times that of each lane of n photons.
        moves = [move for stage in (physical["preparation"], *physical["controls"]) for move in stage]
        total = sum(n * n for move in moves for n in move["photons"])
        assert printed[1] == pytest.approx(math.sqrt(math.log(robust["factor"]) / total), rel=6e-3)
        return
    allowed = mse * (robust["factor"] - 1)
    for number, name in zip(printed[1:], ("mse_per_angle_rad2", "mse_per_phase_rad2"), strict=True):
        assert number == pytest.approx(math.sqrt(allowed / sum(e[name] for e in robust["elements"])), rel=6e-3)
    spread = line_with(lines, "at random")
    average, most = re.search(rf"({NUMBER}) times the.*?({NUMBER}) times in 95", spread).groups()
    assert float(average) == pytest.approx(robust["spread"]["mean"] / mse, rel=6e-4)
    assert float(most) == pytest.approx(robust["spread"]["quantile_95"] / mse, rel=6e-4)
    assert 1 < float(average) < float(most)


# --- psn design: the layout --------------------------------------------------------------------------------------


@pytest.mark.parametrize("sensing", ["displacement", "phase"])
def test_what_lossy_links_cost_is_the_ratio_to_links_without_loss(sensing):
    network = ring_with_a_spur(sensing)
    options = along_links_of(network)
    lines, document = designed(network, **options)
    physical = document["physical"]
    clear = network.replace(links=tuple(Link(ends=k.ends) for k in network.links))
    if sensing == "displacement":
        lossless = best_built(clear, **options).mse
    else:
        protocol = best_built(network, **options).layout.best.protocol
        sent = clear.replace(photons=protocol.photons)
        lossless = lay_out(Problem.of(sent), protocol, roots=[physical["source"]["node"]]).mse
    line = line_with(lines, "times that of links without loss")
    mse, ratio = numbers(line)[:2]
    assert mse == pytest.approx(physical["mse"], rel=1e-6)
    assert ratio == pytest.approx(physical["mse"] / lossless, rel=6e-4)
    if sensing == "displacement":
        assert numbers(line)[-1] == pytest.approx(physical["matched_mse"], rel=1e-6)
    assert document["candidates"][0]["mse"] == pytest.approx(mse, rel=1e-6)
    assert document["candidates"][0]["ideal_mse"] == pytest.approx(best_built(clear, **options).mse)
    assert not any("times that of links" in line for line in designed(clear, **options)[0])


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_what_loses_less_than_shared_light_is_chosen_and_named(said, scale):
    """With links this bad a squeezer at each sensor is better, and built; with good ones shared light is."""
    ring = ring_with_a_spur("displacement")
    network = ring.replace(
        links=tuple(Link(ends=k.ends, transmissivity=1.0 if scale == 1 else scale) for k in ring.links)
    )
    lines, document = said("design", network)
    errors = {c["scheme"]: c["mse"] for c in document["candidates"]}
    first, last = sorted((errors["separable-squeezed"], errors["entangled-squeezed"]))
    assert first == min(errors.values())
    verdict = document["verdict"]
    assert verdict["factor"] == pytest.approx(errors["separable-squeezed"] / errors["entangled-squeezed"])
    (line,) = (line for line in lines if line.startswith("Entanglement between the sites"))
    assert numbers(line)[0] == pytest.approx(last / first, rel=6e-4)
    assert ("does not pay" in line) == (scale != 1)
    assert not any("lower error" in line for line in lines)
    if scale == 1:
        assert document["chosen"] == "entangled-squeezed"
        assert document["physical"]["mse"] == pytest.approx(first, rel=1e-12)
        return
    assert document["chosen"] == "separable-squeezed"
    assert document["physical"] is None
    # Shared light alone: its layout names what has a lower error.
    lines, document = designed(network, schemes=["entangled-squeezed"])
    assert document["candidates"][0]["mse"] == last
    best = min(document["physical"]["alternatives"], key=lambda row: row["mse"])
    line = line_with(lines, "lower error")
    assert best["title"] in line
    assert numbers(line)[-1] == pytest.approx(best["mse"], rel=1e-6)
    assert first == pytest.approx(best["mse"])


@pytest.mark.parametrize(
    ("alpha", "edges", "photons", "passes"),
    [
        ([1, 1, -1, -1], [(0, 1), (1, 2), (2, 3)], 2, 2),
        ([1, 1, -1, -1], [(0, 2), (2, 1), (1, 3)], 1, 2),
        ([1, 1, -1, -1], [(0, 1), (1, 2), (2, 3)], 1, 2),
        ([1, 0, -1], [(0, 1), (1, 2)], 1, 1),
        ([2, 0, -1, -1], [(0, 1), (1, 2), (1, 3)], 2, 2),
    ],
)
def test_whether_links_join_the_modes_of_every_pass(alpha, edges, photons, passes):
    names = [f"s{j + 1}" for j in range(len(alpha))]
    chain = SensorNetwork.chain(alpha, sensing="phase", photons=photons, passes=passes)
    network = chain.replace(links=tuple(Link(ends=(names[a], names[b])) for a, b in edges))
    layouts = photon_layouts(network)
    lines = list(layouts.sections()[0].lines)
    graph = nx.Graph(edges)

    def joined(columns: list[list[int]]) -> bool:
        return all(nx.is_connected(graph.subgraph([j for j, w in enumerate(c) if w])) for c in columns)

    everything = enumerate_protocols(LinearFunction(alpha), photons, passes, limit=100_000)
    assert everything.complete
    possible = any(joined([list(c) for c in p.columns]) for p in everything.protocols)
    line = line_with(lines, "join", "pass")
    assert joined([list(c) for c in layouts.best.protocol.columns]) == possible
    assert line.startswith("in every pass links join") == possible
    assert line.startswith("no optimal protocol of columns has") != possible
    allows = connected_supports(graph, tuple(range(len(alpha))))
    limited = enumerate_protocols(LinearFunction(alpha), photons, passes, limits=Limits(allows=allows))
    assert limited.exists == possible


# --- psn design: notes -------------------------------------------------------------------------------------------


def test_losses_that_do_not_count_do_not_count(said):
    """Darkening a node that the note names changes nothing; darkening any other node does."""
    star = SensorNetwork.star([1, -1], sensing="phase", photons=2)
    reference, relay = star.references[0], Mode(id="way", role="ancilla", transmissivity=0.7)
    aside = Mode(id="aside", role="ancilla", transmissivity=0.6)
    links = (Link(ends=("s1", "way")), Link(ends=("way", "s2")), Link(ends=("s1", "ref")), Link(ends=("s2", "aside")))
    network = star.replace(modes=(*star.sensors, reference, relay, aside), links=links)
    lines, document = said("design", network)
    named = {
        name: line
        for line in lines
        if "does not count" in line
        for name in ("s1", "s2", "way", "aside")
        if name in line
    }
    assert set(named) == {"way", "aside"}
    assert "passes" in named["way"]
    assert "no light" in named["aside"]
    (turn,) = document["physical"]["turns"]
    moved = {end for move in turn["preparation"] for end in move["edge"]}
    assert ("way" in moved, "aside" in moved) == (True, False)

    def errors(changed: str | None) -> tuple[float, float]:
        modes = tuple(replace(mode, transmissivity=0.3) if str(mode.id) == changed else mode for mode in network.modes)
        made = best_built(network.replace(modes=modes), schemes=["noon"])
        return made.mse, made.layout.mse

    whole = errors(None)
    for mode in network.modes:
        changes = errors(str(mode.id)) != whole
        assert changes == (mode.role == "sensor")


def test_the_reference_in_use_is_named_and_lossy_links_are_counted():
    star = SensorNetwork.star([1, 2], sensing="phase", photons=3)
    spare = Mode(id="spare", role="reference", transmissivity=0.9)
    links = (
        *(Link(ends=k.ends, transmissivity=0.9) for k in star.links),
        Link(ends=("s1", "spare"), transmissivity=0.5),
    )
    network = star.replace(modes=(*star.modes, spare), links=links)
    lines, document = designed(network, schemes=["noon"])
    line = line_with(lines, "references", "use")
    assert numbers(line)[0] == len(network.references) == 2
    in_use = re.search(r"candidates use (\S+?),", line)[1]
    along = re.search(r"links (\S+)$", line)[1]
    assert along == document["physical"]["reference"]

    def alone(name: str) -> float:
        """The error with one reference only."""
        modes = tuple(m for m in network.modes if m.role == "sensor" or str(m.id) == name)
        joined = {name, "s1", "s2"}
        kept = tuple(k for k in links if set(map(str, k.ends)) <= joined)
        return best_built(network.replace(modes=modes, links=kept), schemes=["noon"]).mse

    # The spare one joins one sensor only, so light cannot go without the other.
    assert in_use == along == "ref"
    assert document["candidates"][0]["mse"] == document["physical"]["mse"] == alone("ref")
    assert document["candidates"][0]["mse"] > document["candidates"][0]["ideal_mse"]
    darker = tuple(replace(m, transmissivity=0.2) if str(m.id) == "spare" else m for m in network.modes)
    assert best_built(network.replace(modes=darker), schemes=["noon"]).mse == alone("ref")
    # What is made at the sensors knows of no links, and the note counts those that lose.
    lines, document = designed(network, schemes=["noon-in-turn"])
    note = line_with(lines, "noon-in-turn needs no links")
    assert f"losses of {sum(k.transmissivity < 1 for k in links)} links do not count for it" in note
    assert document["physical"] is None


@pytest.mark.parametrize(("alpha", "turned"), [([1, -3], True), ([3, -1], False), ([1, -1], False)])
@pytest.mark.parametrize("eta", [1.0, 0.9])
def test_what_photon_schemes_send_and_for_which_sign(said, alpha, turned, eta):
    network = SensorNetwork.star(alpha, sensing="phase", photons=3, transmissivity=eta)
    lines, document = said("design", network)
    assert any("-q" in line for line in lines) == turned
    best = next(c for c in document["candidates"] if c["protocol"] is not None)
    assert sum(best["protocol"]["columns"][0][j] * a for j, a in enumerate(alpha)) * (-1 if turned else 1) > 0
    sent = line_with(lines, "photon schemes send")
    assert ("exactly N" in sent) == (eta == 1)
    assert ("at most N" in sent) == (eta < 1)


# --- psn loss ----------------------------------------------------------------------------------------------------


LOSSY = SensorNetwork.star([1, 2, -1], sensing="phase", photons=3, transmissivity=[0.9, 0.8, 0.95])
DIM = SensorNetwork.star([1, 1], sensing="phase", photons=12, transmissivity=[0.6, 0.5])


def two_branch_mse(network: SensorNetwork, photons: int) -> float:
    """(norm/(N M))^2 (sqrt A + sqrt B)^2/(4 A B): one branch in the positive modes, one in the others and the reference."""
    alpha = [float(a) for a in network.function.alpha]
    positive, negative = (sum(max(0.0, sign * a) for a in alpha) for sign in (1, -1))
    norm = max(positive, negative)
    survival = [1.0, 1.0]
    for a, mode in zip(alpha, network.sensors, strict=True):
        survival[0 if a > 0 else 1] *= mode.transmissivity ** (network.passes * abs(a) * photons / norm)
    balance = abs(positive - negative) * photons / norm
    survival[1 if positive > negative else 0] *= network.references[0].transmissivity ** (network.passes * balance)
    a, b = survival
    return (norm / (photons * network.passes)) ** 2 * (math.sqrt(a) + math.sqrt(b)) ** 2 / (4 * a * b)


@pytest.mark.parametrize("network", [LOSSY, DIM, DIM.replace(passes=2)], ids=str)
def test_the_line_of_bounds_and_the_most_useful_number_of_photons(said, network):
    lines, document = said("loss", network)
    line = line_with(lines, "shot noise", "bound without loss")
    printed = dict(zip(("shot noise", "lossless", "loss"), numbers(line.replace("rad^2", "")), strict=False))
    alpha = [abs(float(a)) for a in network.function.alpha]
    eta, total = [m.transmissivity for m in network.sensors], abs(float(sum(network.function.alpha)))
    n, m = network.photons, network.passes
    noise = (sum(a * t ** (-m / 2) for a, t in zip(alpha, eta, strict=True)) + total) ** 2 / (4 * n * m**2)
    assert printed["shot noise"] == pytest.approx(noise, rel=1e-6)
    positive = sum(max(0.0, float(a)) for a in network.function.alpha)
    assert printed["lossless"] == pytest.approx((positive / (n * m)) ** 2, rel=1e-6)
    if m == 1:
        limit = sum(a * math.sqrt((1 - t) / t) for a, t in zip(alpha, eta, strict=True)) ** 2 / (4 * n)
        assert printed["loss"] == pytest.approx(limit, rel=1e-6)
    step = int(positive)
    by_photons = {k * step: two_branch_mse(network, k * step) for k in range(1, 200)}
    best = min(by_photons, key=by_photons.__getitem__)
    (line,) = (line for line in lines if re.search(r"N = \d+", line) and ("harm" in line or "increase" in line))
    assert int(re.search(r"N = (\d+)", line)[1]) == best == document["best_photons"]
    assert two_branch_mse(network, best + step) > by_photons[best]


@pytest.mark.parametrize(
    "network",
    [
        SensorNetwork.chain([1, -1], sensing="phase", photons=2, transmissivity=[0.9, 0.8]),
        DIM,
        SensorNetwork.star([1, -1], sensing="phase", photons=2, transmissivity=0.4),
    ],
    ids=str,
)
def test_schemes_meet_the_shot_noise_where_it_is_said(said, network):
    """At the printed factor on every transmissivity, or share of the losses in dB, a report finds the scheme on the shot noise."""
    lines, document = said("loss", network)
    seen = 0
    for row in document["schemes"]:
        line = next(line for line in lines if line.startswith(f"{row['scheme']} {row['mse']:.7g}"))
        place = {"crosses_at": lambda t, x: t * x, "needs_share": lambda t, x: t**x}
        for name, change in place.items():
            value = row[name]
            if value is None:
                continue
            seen += 1
            assert f" {value:.4g} " in line + " "
            # Nodes and references alike.
            modes = tuple(replace(mode, transmissivity=change(mode.transmissivity, value)) for mode in network.modes)
            moved = loss_report(network.replace(modes=modes))
            again = next(r for r in moved.rows if r.scheme == row["scheme"])
            assert again.over_shot_noise == pytest.approx(1, abs=1e-6)
            assert (row["over_shot_noise"] < 1) == (name == "crosses_at")
    assert seen >= 2


def test_photons_that_separate_states_use_and_probes_of_the_best_mix(said):
    lines, document = said("loss", DIM)
    row = next(r for r in document["schemes"] if "photons used" in r["note"])
    used, given = map(int, re.findall(r"\d+", row["note"])[:2])
    assert given == 12

    def sensor(eta: float, photons: int) -> float:
        return (math.sqrt(eta**photons) + 1) ** 2 / (4 * eta**photons * photons**2)

    best = {
        total: min(sensor(0.6, n) + sensor(0.5, total - n) for n in range(1, total)) for total in range(2, given + 1)
    }
    least = min(best.values())
    assert row["mse"] == pytest.approx(least, rel=1e-9)
    assert used == min(total for total, mse in best.items() if mse < least * (1 + 1e-12))
    assert any(row["note"] in line for line in lines)
    mix = document["best_mix"]
    note = next(r["note"] for r in document["schemes"] if "mix" in r["scheme"])
    assert note == ("one probe" if len(mix["probes"]) == 1 else f"{len(mix['probes'])} probes in turn over the shots")
    shares = [float(m[1]) for line in lines if (m := re.match(r"([\d.]+)% of the shots", line))]
    assert shares == pytest.approx([100 * p["share"] for p in mix["probes"]], abs=0.006)
    assert sum(p["share"] for p in mix["probes"]) == pytest.approx(1)


def test_what_is_proved_of_the_best_states_is_below_every_row(said):
    lines, document = said("loss", LOSSY)
    proved = float(re.search(rf"at least ({NUMBER})", line_with(lines, "at least"))[1])
    assert proved == pytest.approx(document["best_states"]["lower_bound"], rel=6e-6)
    # As any N photons: the bound by loss, and that without loss.
    alpha, eta = [1, 2, 1], [0.9, 0.8, 0.95]
    slack = sum(a * math.sqrt((1 - t) / t) for a, t in zip(alpha, eta, strict=True))
    assert proved > max(slack**2 / 12, 1.0)
    assert all(proved <= row["mse"] * (1 + 1e-5) for row in document["schemes"])


# --- psn simulate ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "least"),
    [
        (SensorNetwork.star([1, 2, -1], sensing="phase", photons=6, transmissivity=0.95), 3),
        (SensorNetwork.chain([1, -1], sensing="phase", photons=2), 1),
    ],
)
def test_numbers_of_a_simulation_that_are_ratios(said, network, least):
    lines, document = said("simulate", network, "--shots", 60, "--trials", 40, "--scheme", "noon")
    norm = float(network.function.norm_positive)
    for result in document["results"]:
        rows = [line for line in lines if line.startswith(f"{result['scheme']} {result['estimator']} ")]
        # The first table has the error, and what it is over the bounds; the second has bias and coverage.
        errors = rows[0].split()[3:]
        assert float(errors[0]) == pytest.approx(result["mse"] / result["bound"], rel=6e-4)
        assert float(errors[1]) == pytest.approx(result["mse"] / result["probe_bound"], rel=6e-4)
        n = result["resources"]["photon_passes"]
        if result["estimator"] in ("maximum-likelihood", "parity"):
            assert errors[2] == "-"
        else:
            assert float(errors[2]) == pytest.approx(n * math.sqrt(result["mse"]) / (math.pi * norm), rel=6e-4)
        stages = result["resources"]["stages"]
        assert n == sum(s["shots"] * s["photons"] * s["passes"] for s in stages)
        bound = (norm / (network.photons * network.passes)) ** 2 / 60
        assert result["bound"] == pytest.approx(bound, rel=1e-9)
    robust = next(r for r in document["results"] if r["estimator"] == "robust")
    published = (10.7 * math.pi * norm / robust["resources"]["photon_passes"]) ** 2
    # The third table, of estimates that need no prior knowledge: Holevo variance, the least, what is guaranteed, as published.
    rows = [line.split()[2:] for line in lines if line.startswith("noon robust ")]
    holevo, floor, guaranteed, printed = map(float, rows[2])
    assert holevo == pytest.approx(robust["holevo_variance"], rel=1e-6)
    passes = robust["resources"]["photon_passes"] / least
    assert floor == pytest.approx((norm / least * math.tan(math.pi / (passes + 2))) ** 2, rel=1e-6)
    assert guaranteed == pytest.approx(robust["guaranteed_mse"], rel=1e-6)
    assert robust["predicted_mse"] <= guaranteed
    assert printed == pytest.approx(published, rel=1e-6)
    used = re.search(r"([\d,]+) of ([\d,]+)$", [line for line in lines if line.startswith("noon robust ")][1])
    assert int(used[1]) == robust["resources"]["photon_passes"]
    assert int(used[2]) == 60 * network.photons * network.passes
    # q is known modulo 2 pi norm/L: the phase that N M/L = the largest gain multiplies.
    printed = numbers(line_with(lines, "modulo", "errors").replace("2 pi", str(2 * math.pi)))
    assert any(value == pytest.approx(2 * math.pi * norm / least, rel=1e-5) for value in printed)


@pytest.mark.parametrize(("eta", "few"), [(0.3, True), (0.95, False)])
def test_a_stage_where_little_arrives_is_said_with_its_shots(said, eta, few):
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=4, transmissivity=eta)
    lines, document = said(
        "simulate", network, "--shots", 60, "--trials", 30, "--scheme", "noon", "--estimator", "robust"
    )
    (result,) = document["results"]
    # Both branches have all photons of a stage in one lossy mode.
    arriving = [s["shots"] * eta ** (s["photons"] * s["passes"]) for s in result["resources"]["stages"]]
    printed = [line for line in lines if "arrive on average" in line]
    assert bool(printed) == few
    if few:
        seen = float(re.search(rf"({NUMBER}) shots arrive", printed[0])[1])
        assert seen == pytest.approx(min(arriving), rel=0.06)
        assert "noon, robust" in printed[0]


def test_the_stage_where_least_arrives_is_sought_in_every_sensor(said):
    """N00N states of n photons beside a lossless arm of their own arrive with eta^(n/2), their branches weighed for that."""
    eta = [0.9, 0.002]
    network = SensorNetwork.star([1, 1], sensing="phase", photons=8, transmissivity=eta)
    options = ("--shots", 60, "--trials", 30, "--scheme", "separable-phase", "--estimator", "robust")
    lines, document = said("simulate", network, *options)
    stages, sensor, arriving = document["results"][0]["resources"]["stages"], -1, []
    for stage in stages:
        # Every sensor begins with a gain of one.
        sensor += stage["gain"] == 1
        arriving.append(stage["shots"] * eta[sensor] ** (stage["photons"] * stage["passes"] / 2))
    assert sensor == 1
    seen = float(re.search(rf"({NUMBER}) shots arrive", line_with(lines, "arrive on average"))[1])
    assert seen == pytest.approx(min(arriving), rel=0.06)


@pytest.mark.parametrize(("photons", "passes"), [(9, 1), (6, 1), (3, 2), (3, 3)])
def test_photon_passes_of_the_largest_stage_and_of_all(said, photons, passes):
    network = SensorNetwork.star([1, 2, -1], sensing="phase", photons=photons, passes=passes)
    lines, document = said(
        "simulate", network, "--shots", 60, "--trials", 5, "--scheme", "noon", "--estimator", "robust"
    )
    largest = max(s["photons"] * s["passes"] for s in document["results"][0]["resources"]["stages"])
    printed = [line for line in lines if "largest stage" in line]
    assert bool(printed) == (largest < photons * passes)
    if printed:
        assert re.search(r"has (\d+) of N M = (\d+)", printed[0]).groups() == (str(largest), str(photons * passes))


@pytest.mark.parametrize("eta", [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
def test_the_verdict_on_a_device_follows_from_its_numbers(eta):
    """Two pairs with r = 0.5 have 4 sinh^2(0.5) photons; separate photons tell one unit each, times what arrives."""
    certificate = DeviceCertificate(transmissivity=(eta,) * 8, dark_counts=(0.0,) * 8)
    device = replace(DEVICES["X8"], certificate=certificate, squeezing=(0.0, 0.5))
    plan = pair_plan(SensorNetwork.chain([1, -1], sensing="phase", photons=2), device)
    photons = 4 * math.sinh(0.5) ** 2 * sum(r > 0 for r in plan.squeezing()) / 2
    information = pair_counts(
        plan.light, plan.bias_rad, transmissivity=(eta,) * 4, dark_counts=(0.0,) * 4, largest_lost_weight=1e-7
    ).information
    assert plan.information == pytest.approx(information, rel=1e-4)
    beats = (information > photons, information > eta * photons)
    sentence = plan.verdict
    assert ("even of light without loss" in sentence) == beats[0]
    assert ("no quantum advantage" in sentence) == (not beats[1])
    assert ("at the same losses, but not" in sentence) == (beats[1] and not beats[0])


def test_a_function_that_is_simulated_has_its_value_and_gradient(said):
    network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0)
    theta = (0.3, -0.2)
    lines, document = said(
        "simulate", network, "--shots", 50, "--trials", 30, "--function", "theta1^2*theta2", "--theta", "0.3,-0.2"
    )
    line = line_with(lines, "gradient (")
    value = float(re.search(rf"= ({NUMBER}) at", line)[1])
    assert value == pytest.approx(theta[0] ** 2 * theta[1], rel=1e-5)
    slope = numbers(line.rsplit("gradient", 1)[1])
    assert slope == pytest.approx([2 * theta[0] * theta[1], theta[0] ** 2], rel=6e-4)
    rough = numbers(line_with(lines, "trials of"))
    assert rough[:3] == [30, 50, document["resources"]["rough_shots"]]
    # f - f(rough) - gradient . (theta - rough) is left out; the bound is that of the gradient: |g|^2 over the light's gain.
    gain = (math.sqrt(2.0) + math.sqrt(3.0)) ** 2
    bound = (slope[0] ** 2 + slope[1] ** 2) / gain / 50
    printed = numbers(line_with(lines, "bound", "linear"))
    assert printed[0] == pytest.approx(document["bound"], rel=1e-6) == pytest.approx(bound, rel=1e-3)
    assert printed[1:] == pytest.approx([document["second_order"], document["second_order"] ** 2], rel=0.06)


def test_weighted_sums_of_several_functions(said):
    network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0)
    targets = ("--target", "1,0", "--target", "1,2", "--weights", "1,3")
    lines, document = said("simulate", network, "--shots", 60, "--trials", 50, *targets)
    joint, joint_theory, turns, turns_theory = numbers(line_with(lines, "weighted sums"))
    rows = document["targets"]
    assert joint == pytest.approx(sum(row["weight"] * row["joint_mse"] for row in rows), rel=1e-6)
    assert turns == pytest.approx(sum(row["weight"] * row["turns_mse"] for row in rows), rel=1e-6)
    # In turns each function has the light to itself for n of the 60 shots: w |alpha|^2/(gain n).
    gain = (math.sqrt(2.0) + math.sqrt(3.0)) ** 2
    assert turns_theory == pytest.approx(
        min(1 / (gain * n) + 3 * 5 / (gain * (60 - n)) for n in range(1, 60)), rel=1e-6
    )
    assert joint_theory <= turns_theory


# --- psn privacy -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "scheme"),
    [
        (SensorNetwork.star([1, 2, -1], sensing="phase", photons=3, transmissivity=0.9), "noon"),
        (SensorNetwork.star([1, 1, -2], sensing="displacement", mean_photons=1.5), "entangled-squeezed"),
        (SensorNetwork.star([0, 1, 1], sensing="phase", photons=2, passes=2), "w-matrix"),
        (SensorNetwork.star([0, 1, 1], sensing="phase", photons=2), "separable-phase"),
    ],
)
def test_what_a_privacy_report_says_follows_from_its_fisher_matrix(said, network, scheme):
    lines, document = said("privacy", network, "--scheme", scheme, "--colluding", "s1")
    a = np.array([float(x) for x in network.function.alpha])
    information = np.array(document["qfi_matrix"])
    privacy = a @ information @ a / (a @ a) / np.trace(information)
    (mse,) = numbers(line_with(lines, "scheme", scheme, "mean squared error").split("error", 1)[1])[:1]
    line = line_with(lines, f"{scheme} reveals")
    assert numbers(line.split("privacy", 1)[1])[0] == pytest.approx(privacy, rel=1e-6)
    assert ("q and nothing else: privacy" in line) == (privacy > 1 - 1e-9)
    assert mse == pytest.approx(a @ np.linalg.pinv(information, rcond=1e-9) @ a, rel=1e-6)
    rank = np.linalg.matrix_rank(information, tol=1e-9 * np.trace(information))
    assert numbers(line_with(lines, "combinations of the parameters can be estimated"))[:2] == [rank, len(a)]
    only = [line for line in lines if line.startswith("only along")]
    assert len(only) == int(rank == 1)
    if only:
        top = np.linalg.eigh(information)[1][:, -1]
        assert numbers(only[0]) == pytest.approx((top * np.sign(top @ a)).tolist(), abs=6e-4)
    assert numbers(line_with(lines, "colluders know"))[:2] == [1, len(a)]


@pytest.mark.parametrize("least", [0.8, 0.85])
def test_the_price_of_a_private_design_is_over_the_best_without_the_constraint(said, least):
    network = SensorNetwork.star([1, 1, -1], sensing="displacement", mean_photons=2.0, passes=2)
    lines, document = said("privacy", network, "--at-least", least)
    line = line_with(lines, "best:")
    name, mse, price = re.search(rf"best: (.+?), MSE ({NUMBER}), ({NUMBER}) times", line).groups()
    private = private_design(network, at_least=least)
    assert name == private.scheme == document["private_design"]["scheme"]
    assert float(mse) == pytest.approx(private.mse, rel=1e-6)
    assert float(price) == pytest.approx(private.mse / best_built(network).mse, rel=6e-4)
    for scheme, error, privacy, meets in private.considered:
        row = next(line for line in lines if line.startswith(f"{scheme} ") and f"{error:.7g}" in line)
        assert row.split()[-1] == ("yes" if meets else "no")
        assert meets == (privacy >= least * (1 - 1e-9))
    assert private.mse == min(error for _, error, _, meets in private.considered if meets)


# --- what a laboratory that was new to the program found false ----------------------------------------------------


def lab(sensing: str, alpha: list[object], *, loss_db: float = 1.0, **limits: object) -> SensorNetwork:
    """A chain with lossy links, everywhere with these limits."""
    budget = {"photons": limits.pop("photons")} if "photons" in limits else {"mean_photons": 4.0}
    return SensorNetwork.chain(alpha, sensing=sensing, **budget).with_laboratory(link_loss_db=loss_db, **limits)


def test_several_squeezers_are_not_called_one(said):
    alpha = ["1/2", "-1/3", 1, 2, -1]
    lines, document = said("design", lab("displacement", alpha, squeezers=2, squeezing_db=7.0))
    chosen = document["candidates"][0]
    assert chosen["scheme"] == "entangled-squeezed"
    assert len(chosen["starts_at"]) == 2
    build = line_with(lines, "Build entangled-squeezed")
    assert "2 squeezed vacua" in build
    assert "one squeezed vacuum" not in build
    alone, _ = said("design", lab("displacement", alpha, squeezers=1, squeezing_db=7.0))
    assert "one squeezed vacuum" in line_with(alone, "Build entangled-squeezed")


def test_where_no_squeezer_helps_the_light_to_build_is_coherent(said):
    lines, document = said("design", lab("displacement", [3, -4], squeezers=0))
    assert {c["mse"] for c in document["candidates"]} == {25.0}
    assert document["chosen"] == "coherent"
    assert any(line.startswith("Build coherent") for line in lines)


def test_a_split_that_breaks_a_limit_of_light_is_said_to_break_it(said):
    network = SensorNetwork.chain([1, 1], sensing="displacement", mean_photons=4.0)
    modes = tuple(replace(mode, mean_photons_max=most) for mode, most in zip(network.modes, (0.1, 0.3), strict=True))
    network = network.replace(modes=modes).with_laboratory(link_loss_db=1.0, squeezing_db=12.0)
    lines, document = said("design", network)
    # Equal amplitudes at both sensors, as without loss: the far one would get more than it may.
    photons, through = 0.3 + 0.1 / 10**-0.1, 10**-0.1
    noise = 1 + 2 * photons - 2 * math.sqrt(photons * (photons + 1))
    share = 1 / (1 + 1 / through)
    assert photons * share > 0.1
    line = line_with(lines, "times that of links without loss")
    assert numbers(line)[-1] == pytest.approx(2 - (1 - noise) * 4 * share, rel=1e-6)
    assert numbers(line)[-1] < document["candidates"][0]["mse"]
    assert "which mean_photons_max forbids" in line
    free, _ = said("design", network.replace(modes=tuple(replace(mode, mean_photons_max=None) for mode in modes)))
    assert not any("forbids" in one for one in free)
    # Without loss n photons at 0.1 and 0.3, of 0.4 in the squeezer; 2 - (1 - e^{-2r}) (sum of the amplitudes)^2.
    lossless = 2 - (1 - (math.sqrt(1.4) - math.sqrt(0.4)) ** 2) * (0.5 + math.sqrt(0.75)) ** 2
    assert numbers(line)[1] == pytest.approx(document["candidates"][0]["mse"] / lossless, rel=6e-4)


def test_what_lossy_links_cost_photons_is_the_ratio_to_links_without_loss_under_the_same_limits(said):
    """One sensor of (1, -1) stands little light: without limits at the other end of the comparison the ratio would be larger."""
    chain = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    dim = tuple(replace(mode, mean_photons_max=most) for mode, most in zip(chain.modes, (0.4, None), strict=True))
    limited = chain.replace(modes=dim)
    lines, document = said("design", limited.with_laboratory(link_loss_db=0.5))
    chosen = document["candidates"][0]
    assert chosen["scheme"] in ("noon", "multimode-noon", "pairs-in-turn")
    # Without loss p = 0.4/2 and 1 - p at best: sum w^2/p/N^2.
    lossless = (0.25 / 0.2 + 0.25 / 0.8) / 4
    assert min(c["mse"] for c in said("design", limited)[1]["candidates"]) == pytest.approx(lossless)
    ratio = numbers(line_with(lines, "times that of links without loss"))[1]
    assert ratio == pytest.approx(chosen["mse"] / lossless, rel=6e-4)


@pytest.mark.parametrize("alpha", [[1, -1], [1, -2, 1]])
def test_errors_of_layouts_say_which_noise_they_leave_out(said, alpha):
    """The layout is chosen by losses; with a fringe of 95 % the error as built is higher, by 1/.95^2."""
    quiet, before = said("design", lab("phase", alpha, photons=2, loss_db=0.2))
    lines, document = said("design", lab("phase", alpha, photons=2, loss_db=0.2, visibility=0.95))
    best = next(c["mse"] for c in document["candidates"] if c["scheme"] == document["chosen"])
    assert best == pytest.approx(document["physical"]["mse"] / 0.95**2)
    assert numbers(line_with(lines, "Errors of layouts"))[0] == pytest.approx(best, rel=1e-6)
    assert before["candidates"][0]["mse"] == pytest.approx(before["physical"]["mse"])
    assert not any("Errors of layouts" in line for line in quiet)


def test_what_simulated_errors_are_divided_by_has_the_noise_of_detectors(said):
    for noise in (0.0, 0.5):
        network = lab("displacement", [1, 1], squeezing_db=6.0, electronic_noise=noise)
        lines, document = said("simulate", network, "--shots", 10, "--trials", 10, "--seed", 1)
        row = next(r for r in document["results"] if r["scheme"] == "coherent")
        assert row["probe_bound"] == pytest.approx(2 * (1 + noise) / 10)
        line = line_with(lines, "MSE/QCRB:")
        assert ("noise of its detectors" in line) == bool(noise)
        assert ("quantum Cramer-Rao bound of this probe" in line) == (not noise)


def test_a_node_is_named_once_as_the_place_of_the_light(said):
    network = SensorNetwork.chain([1, 1], sensing="displacement", mean_photons=2.0)
    first, second = network.modes
    network = network.replace(modes=(first, replace(second, squeezer=False))).with_laboratory(
        link_loss_db=1.0, squeezers=1
    )
    lines, _ = said("loss", network)
    assert not any("light made at s1, s1" in line for line in lines)
    assert any(re.search("light made at s1; for parameters that stay put", line) for line in lines)


@pytest.mark.parametrize(
    ("parameters", "limits", "reached", "here"),
    [
        ("static", {}, True, False),
        ("static", {"visibility": 0.9}, False, True),
        ("static", {"transmissivity": 0.8}, False, True),
        ("static", {"mean_photons_max": 0.5}, False, True),
        ("snapshot", {}, False, False),
        ("snapshot", {"visibility": 0.9}, False, False),
    ],
)
def test_what_turns_reach_is_said_where_it_is_true(said, parameters, limits, reached, here):
    """||alpha||_1^2/(N t)^2 is the error of sites in turn without any loss, noise or limit alone; snapshots allow no turns."""
    network = SensorNetwork.chain([1, -1], sensing="phase", photons=2, parameters=parameters).with_laboratory(arms=2)
    _, document = said("design", network.with_laboratory(**limits))
    candidates = {one["scheme"]: one for one in document["candidates"]}
    notes = candidates["separable-phase"]["notes"]
    assert any("in repeated shots, giving all N photons" in note for note in notes) == reached
    assert any("noon-in-turn has the error of that here" in note for note in notes) == here
    assert ("noon-in-turn" in candidates) == (parameters == "static")
    if parameters == "static":
        assert (candidates["noon-in-turn"]["mse"] == pytest.approx(4 / 2**2, rel=1e-9)) == reached


def test_infinite_errors_are_said_in_words(said):
    network = lab("phase", [1, -1], photons=1, dark_counts=1e6)
    lines, document = said("design", network)
    assert document["candidates"][1]["mse"] is None
    assert not any(re.search(r"\binf times", line) for line in lines)
    assert "is infinite" in line_with(lines, "Entanglement between the sites")


@pytest.mark.parametrize("scheme", ["squeezed-in-turn", "separable-squeezed"])
def test_light_that_goes_to_one_sensor_at_a_time_is_not_said_to_need_no_links(scheme):
    """One squeezer in a hub: its light goes along links whose losses count, so the note must not say that they do not."""
    network = SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0)
    bare = network.replace(
        modes=tuple(replace(mode, squeezer=mode.role != "sensor") for mode in network.modes),
        links=tuple(replace(link, transmissivity=0.8) for link in network.links),
    )
    lines, document = designed(bare, schemes=[scheme])
    place = str(bare.modes[-1].id)
    line_with(lines, f"{scheme} needs no beam splitters", f"from {place} to ", "their losses count")
    assert not any("needs no links" in line or "do not count" in line for line in lines)
    clear = bare.replace(links=tuple(replace(link, transmissivity=1.0) for link in bare.links))
    assert document["candidates"][0]["mse"] > design(clear, schemes=[scheme]).chosen.mse * 1.01
    lines, _ = designed(bare, schemes=["coherent"])
    line_with(lines, "coherent needs no links", "do not count for it")
