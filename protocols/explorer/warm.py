"""Loads what work beside the server needs, and runs each kind of it once, so that its compiled parts are there.

Imported by the process that others are forked from (``jobs``); it starts no threads.
"""

from __future__ import annotations

from protocols.explorer import actions, answers
from protocols.explorer.documents import check

__all__ = ["actions", "warm"]

SMALL = (
    {"sensing": "phase", "photons": 2},
    {"sensing": "phase", "mean_photons": 2, "squeezing_db": 3},
    {"sensing": "displacement", "mean_photons": 2},
)
"""Budgets of a network of each kind."""


def warm() -> None:
    """Design a small network of each kind."""
    for graph in SMALL:
        coupling = "displacement" if graph["sensing"] == "displacement" else "mach-zehnder"
        nodes = [{"id": name, "coupling": coupling, "alpha": alpha} for name, alpha in (("a", "1"), ("b", "-1"))]
        edges = [{"source": "a", "target": "b", "loss_db": 1}]
        checked = check({"graph": {"name": "warm", **graph}, "nodes": nodes, "edges": edges})
        assert checked.network is not None, checked.faults
        answers.exact(checked.network, checked.content)


warm()
