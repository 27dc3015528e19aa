"""Several squeezers in networks of phases, each for the sensors near to it: beside all other places and groups, and the engine."""

import itertools
import math

import numpy as np
import pytest

from networks import Link, Mode, SensorNetwork
from photonics import Squeeze
from protocols.built.build import build
from protocols.built.gaussian import light_error
from protocols.built.phase_squeezers import in_groups
from protocols.layout.paths import Paths
from protocols.problem import Problem
from protocols.ranking.candidates import candidates
from protocols.schemes import find_scheme
from protocols.theory.limits.intensity import intensity_readout
from protocols.theory.limits.phase_light import best_in_groups, best_shared
from protocols.theory.limits.squeezers import SqueezerLimits

LIGHT = {"two arms": "bright-shared-squeezing", "free": "displaced-squeezed-shared", "meet": "bright-shared-squeezing"}


def random_tree(seed, kind, squeezers, *, sensors=5, lossless=False, photons=1e4):
    """Sensors and two hubs, each linked to one that is there already, squeezers of unlike efficiency in all of them."""
    rng = np.random.default_rng(seed)
    arms = 2 if kind == "two arms" else 1
    alpha = np.round(rng.uniform(0.3, 2, sensors), 2) * rng.choice([-1, 1], sensors)
    modes = [
        Mode(
            id=f"s{k}",
            coupling="mach-zehnder",
            alpha=float(a),
            arms=arms,
            transmissivity=float(rng.uniform(0.8, 1)),
            squeezer_efficiency=float(rng.uniform(0.7, 1)),
        )
        for k, a in enumerate(alpha)
    ]
    modes += [Mode(id=name, role="reference" if name == "h0" else "ancilla") for name in ("h0", "h1")]
    order = rng.permutation(len(modes))
    links = [
        Link(
            ends=(modes[order[k]].id, modes[order[rng.integers(k)]].id),
            transmissivity=1.0 if lossless else float(rng.uniform(0.4, 0.95)),
        )
        for k in range(1, len(modes))
    ]
    return SensorNetwork(
        sensing="phase",
        modes=modes,
        links=links,
        mean_photons=photons,
        squeezing_db=8.0,
        squeezers=squeezers,
        phase_reference="free" if kind == "free" else "paid",
    )


def shared(network):
    kind = "free" if network.phase_reference == "free" else "two arms"
    return build(find_scheme("gaussian", LIGHT[kind]), network)


@pytest.mark.parametrize("kind", ["two arms", "free"])
@pytest.mark.parametrize("seed", range(4))
def test_no_other_places_or_groups_are_better(seed, kind):
    """Every pair of places, the sensors with the nearest; at the places that are chosen every partition of the sensors."""
    network = random_tree(seed, kind, 2)
    problem = Problem.of(network)
    scheme, limits, found = find_scheme("gaussian", LIGHT[kind]), problem.limits, shared(network)
    readout, photons = scheme.readout(problem), problem.mean_photons
    paths = Paths.of(problem.task)
    ends = [paths.place[name] for name in problem.entrances]

    def through(place):
        own = np.exp(-paths.best_from([paths.place[place]]).lengths[0, ends])
        return own * problem.squeezer_efficiency[place]

    arriving = {place: through(place) for place in problem.squeezer_places}

    def error(pair, groups):
        reached = np.array([arriving[pair[g]][j] for j, g in enumerate(groups)])
        return best_in_groups(readout, limits, photons, groups, reached).mse

    nearest = {
        pair: [int(arriving[pair[1]][j] > arriving[pair[0]][j]) for j in range(len(ends))]
        for pair in itertools.combinations(problem.squeezer_places, 2)
    }
    errors = {pair: error(pair, groups) for pair, groups in nearest.items() if len(set(groups)) == 2}
    # Places are compared in the limit of bright light, where what is best in it is as good to a thousandth.
    assert found.mse <= min(errors.values()) * (1 + 1e-3)
    (supply,) = in_groups(problem, limits, None)
    pair = tuple(dict.fromkeys(place for _, place in sorted(zip(supply.groups, supply.places, strict=True))))
    assert found.mse == pytest.approx(error(pair, supply.groups), rel=1e-7)
    partitions = itertools.product((0, 1), repeat=len(ends))
    assert min(error(pair, groups) for groups in partitions) >= found.mse * (1 - 1e-7)


@pytest.mark.parametrize("kind", LIGHT)
@pytest.mark.parametrize("seed", range(3))
def test_as_built_against_the_engine(seed, kind):
    network = random_tree(seed, kind, 2, photons=60.0)
    problem = Problem.of(network)
    found = candidates(problem)
    (own,) = [one for one in found.ranked if one.plan.scheme == LIGHT[kind]]
    assert own.failed == ()
    (part,) = own.plan.parts
    assert sum(isinstance(op, Squeeze) for op in part.circuit.operations) == 2
    assert len(own.built.starts_at) == 2
    assert "several squeezed vacua" in own.plan.title or kind == "meet"
    assert any(note.startswith("2 squeezed vacua") for note in own.plan.notes)
    quick = light_error(find_scheme("gaussian", LIGHT[kind]), problem, sources=None, squeezers=None)
    assert quick == (own.plan.modes_between_sites, pytest.approx(own.mse, rel=1e-9))
    assert own.plan.modes_between_sites < 5 + (kind == "meet")


@pytest.mark.parametrize("kind", ["two arms", "free"])
def test_more_squeezers_never_cost_precision(kind):
    """From one for all to one each, which the scheme without entanglement then is too."""
    networks = [random_tree(7, kind, count, photons=1e8) for count in (1, 2, 3, 4)]
    errors = [shared(network).mse for network in networks]
    assert (np.diff(errors) < 0).all()
    local = build(find_scheme("gaussian", LIGHT[kind].replace("shared", "local")), random_tree(7, kind, 5, photons=1e8))
    # Two sensors may have the same place for the best: one squeezer there serves both as well.
    assert local.mse <= errors[-1] * (1 + 1e-6)


def test_one_squeezer_is_enough_without_loss_on_the_way():
    """Or where each site may have its own; in much light several groups are as good as one, never better."""
    for network in (
        random_tree(1, "two arms", 2, lossless=True),
        random_tree(1, "two arms", 5),
        random_tree(1, "free", None),
    ):
        problem = Problem.of(network)
        assert in_groups(problem, problem.limits, None) == []
    rng = np.random.default_rng(4)
    limits = SqueezerLimits(mean_photons=math.inf, squeezing_db=9.0)
    for _ in range(10):
        readout = intensity_readout(rng.normal(size=5), transmissivity=rng.uniform(0.5, 1, 5))
        one = best_shared(readout, limits, 1e9).mse
        for groups in ([0, 0, 1, 1, 1], [0, 1, 2, 1, 0]):
            assert best_in_groups(readout, limits, 1e9, groups).mse == pytest.approx(one, rel=1e-6)


def test_light_of_places_whose_ways_share_a_node_is_not_sent():
    """A hub that both squeezers' light would have to cross: two places at a lossy link each, all sensors behind the hub."""
    names = ["s1", "s2", "s3"]
    modes = [Mode(id=name, coupling="mach-zehnder", alpha=1, arms=2, squeezer=False) for name in names]
    modes += [Mode(id="hub", role="ancilla", squeezer=False), *(Mode(id=p, role="ancilla") for p in ("p1", "p2"))]
    links = [Link(ends=("hub", name), transmissivity=0.9) for name in (*names, "p1", "p2")]
    network = SensorNetwork(sensing="phase", modes=modes, links=links, mean_photons=1e4, squeezing_db=8.0, squeezers=2)
    problem = Problem.of(network)
    assert in_groups(problem, problem.limits, None) == []
    assert len(shared(network).starts_at) == 1
