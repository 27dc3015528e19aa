"""One result of every kind for networks of examples/, made once a process: what the tests of documents and views look at."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import protocols
from networks import LinearFunction, load_network
from protocols.hardware.devices import find_device
from protocols.hardware.pair_plan import pair_plan
from protocols.problem import Problem

EXAMPLES = Path(__file__).parents[1] / "examples"
NETWORKS = sorted(path.stem for path in EXAMPLES.glob("*.json"))
SMALL = ("five_phases", "lossy_phases", "guo_four_nodes", "hong_ou_mandel", "interferometer_array")
"""Phases under photons and under Gaussian light, and displacements; with losses and without."""


def network(name):
    return load_network(EXAMPLES / f"{name}.json")


ALWAYS = (
    "sensor-network",
    "problem",
    "design",
    "candidate",
    "bounds-table",
    "loss-report",
    "privacy-report",
    "private-design",
    "simulation",
    "circuit",
    "layouts",
)
KINDS_OF = dict.fromkeys(SMALL, ALWAYS) | {"lossy_phases": (*ALWAYS, "photon-protocol")}
"""What ``of_network`` has for the small ones, so that tests are collected before anything is made."""


class Made(Mapping[str, object]):
    """Results by kind, each made when it is first looked at: tests are collected by kind, and few processes need all."""

    def __init__(self, makers):
        self._makers = makers
        self._made = {}

    def __getitem__(self, kind):
        if kind not in self._made:
            self._made[kind] = self._makers[kind]()
        return self._made[kind]

    def __iter__(self):
        return iter(self._makers)

    def __len__(self):
        return len(self._makers)


design_of = cache(protocols.design)
"""The design of a network, made once a process."""


@cache
def of_network(name):
    """The results whose input is a network, by kind."""
    given = network(name)
    design = design_of(given)
    found = {
        "sensor-network": lambda: given,
        "problem": lambda: Problem.of(given),
        "design": lambda: design,
        "candidate": lambda: design.chosen,
        "bounds-table": lambda: design.bounds,
        "loss-report": lambda: protocols.loss_report(given),
        "privacy-report": lambda: protocols.privacy_report(given),
        "private-design": lambda: protocols.private_design(given),
        "simulation": lambda: protocols.simulate(given, trials=5),
        "circuit": lambda: design.chosen.plan.parts[0].circuit,
    }
    # The design has a layout where the chosen light needs links.
    layouts = design.physical or protocols.along_links(given)
    if layouts is not None:
        found["layouts"] = lambda: layouts
    if design.chosen.plan.photon_protocol is not None:
        found["photon-protocol"] = lambda: design.chosen.plan.photon_protocol
    if given.is_lossless and len(given.sensors) > 1 and given.sensing == "displacement":
        alpha = [0] * len(given.sensors)
        targets = [LinearFunction([*alpha[:k], 1, *alpha[k + 1 :]]) for k in (0, 1)]
        found["targets-simulation"] = lambda: protocols.simulate_targets(given, targets, shots=4, trials=5)
    return Made(found)


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
        "error-curves": protocols.error_curves(pair, "photons", points=3),
        "pair-plan": pair_plan(pair, find_device("X8")),
    }
