"""One result of every kind for networks of examples/, made once a process: what the tests of documents and views look at."""

from functools import cache
from pathlib import Path

import protocols
from networks import LinearFunction, load_network
from protocols.hardware.devices import find_device
from protocols.hardware.pair_plan import pair_plan
from protocols.problem import Problem
from protocols.theory.task import PhaseTask

EXAMPLES = Path(__file__).parents[1] / "examples"
NETWORKS = sorted(path.stem for path in EXAMPLES.glob("*.json"))
SMALL = ("five_phases", "lossy_phases", "guo_four_nodes", "hong_ou_mandel")
"""Phases and displacements, with losses and without."""


def network(name):
    return load_network(EXAMPLES / f"{name}.json")


@cache
def of_network(name):
    """The results whose input is a network, by kind."""
    given = network(name)
    design = protocols.design(given)
    found = {
        "sensor-network": given,
        "problem": Problem.of(given),
        "design": design,
        "candidate": design.chosen,
        "bounds-table": design.bounds,
        "loss-report": protocols.loss_report(given),
        "privacy-report": protocols.privacy_report(given),
        "private-design": protocols.private_design(given),
        "simulation": protocols.simulate(given, trials=5),
        "circuit": design.chosen.plan.parts[0].circuit,
    }
    if design.physical is not None:
        found["layouts"] = design.physical
    if design.chosen.plan.photon_protocol is not None:
        found["photon-protocol"] = design.chosen.plan.photon_protocol
    if given.is_lossless and len(given.sensors) > 1 and not isinstance(Problem.of(given).task, PhaseTask):
        alpha = [0] * len(given.sensors)
        targets = [LinearFunction([*alpha[:k], 1, *alpha[k + 1 :]]) for k in (0, 1)]
        found["targets-simulation"] = protocols.simulate_targets(given, targets, shots=4, trials=5)
    return found


@cache
def without_network():
    """The others, by kind."""
    limits = protocols.Limits(modes=3, allows=protocols.Connected(links=((0, 1), (1, 2), (2, 3))))
    best = protocols.best_protocols([3, 1, -2], photons=4, passes=2)
    assert best.certificate is not None
    pair = network("gradient_pair")
    return {
        "duality": protocols.duality([1, -1, 0], [1, 1, -2], photons=2),
        "enumeration": protocols.enumerate_protocols([3, 1, -2], photons=4, passes=2),
        "none-exists": protocols.enumerate_protocols([1, 1, 1], photons=100, passes=1),
        "best-protocols": best,
        "sample": protocols.sample_protocols([3, 1, -2], photons=4, passes=2, size=2),
        "certificate": best.certificate,
        "check-report": protocols.check_protocol(best.choices[0].protocol.to_dict()),
        "certificate-check": protocols.verify_minimum(best.certificate),
        "photon-task": protocols.PhotonTask(function=[3, 1, -2], photons=4, passes=2, limits=limits),
        "function-simulation": protocols.simulate_function(pair, "sin(left - right)", shots=60, trials=5),
        "pair-plan": pair_plan(pair, find_device("X8")),
    }
