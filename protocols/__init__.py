"""Which plan measures q best, how good any plan can be, and how good each is: bounds, protocols, checks and designs.

Names below load their module when first used, so that ``import protocols`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from protocols.bounds import BoundsTable, bounds_table
    from protocols.check import CheckReport, Condition, check_protocol
    from protocols.choosing import best_protocols, sample_protocols
    from protocols.designing import Candidate, Design, design
    from protocols.enumeration import Enumeration, enumerate_protocols
    from protocols.estimation.analytic import FunctionSimulation, simulate_function
    from protocols.estimation.robust_exact import best_guaranteed_schedule, best_schedule, guaranteed_mse, robust_mse
    from protocols.estimation.schedules import Schedule, linear_schedule
    from protocols.estimation.several import TargetsSimulation, simulate_targets
    from protocols.estimation.simulation import Simulation, simulate
    from protocols.layout.choices import SqueezedLayouts, squeezed_layouts
    from protocols.layout.photons import PhotonLayouts, photon_layouts
    from protocols.layout.unitaries import network_mesh
    from protocols.loss_comparison import LossReport, loss_report
    from protocols.minimum import verify_minimum
    from protocols.photon_protocol import PhotonProtocol
    from protocols.privacy.duality import duality
    from protocols.privacy.hiding import private_design
    from protocols.privacy.report import privacy_report
    from protocols.problem import Problem
    from protocols.streaming import write_protocols
    from protocols.sweeps.results import load_results, sweep_report
    from protocols.sweeps.running import run_sweep
    from protocols.sweeps.spec import SweepSpec, read_spec
    from protocols.wmatrix.columns import WMatrix
    from protocols.wmatrix.limits import Limits, connected_supports
    from protocols.wmatrix.walk import enumerate_batches

_HOME = {
    "bounds": ("BoundsTable", "bounds_table"),
    "check": ("CheckReport", "Condition", "check_protocol"),
    "choosing": ("best_protocols", "sample_protocols"),
    "designing": ("Candidate", "Design", "design"),
    "enumeration": ("Enumeration", "enumerate_protocols"),
    "estimation.analytic": ("FunctionSimulation", "simulate_function"),
    "estimation.robust_exact": ("best_guaranteed_schedule", "best_schedule", "guaranteed_mse", "robust_mse"),
    "estimation.schedules": ("Schedule", "linear_schedule"),
    "estimation.several": ("TargetsSimulation", "simulate_targets"),
    "estimation.simulation": ("Simulation", "simulate"),
    "layout.choices": ("SqueezedLayouts", "squeezed_layouts"),
    "layout.photons": ("PhotonLayouts", "photon_layouts"),
    "layout.unitaries": ("network_mesh",),
    "loss_comparison": ("LossReport", "loss_report"),
    "minimum": ("verify_minimum",),
    "photon_protocol": ("PhotonProtocol",),
    "privacy.duality": ("duality",),
    "privacy.hiding": ("private_design",),
    "privacy.report": ("privacy_report",),
    "problem": ("Problem",),
    "streaming": ("write_protocols",),
    "sweeps.results": ("load_results", "sweep_report"),
    "sweeps.running": ("run_sweep",),
    "sweeps.spec": ("SweepSpec", "read_spec"),
    "wmatrix.columns": ("WMatrix",),
    "wmatrix.limits": ("Limits", "connected_supports"),
    "wmatrix.walk": ("enumerate_batches",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "BoundsTable",
    "Candidate",
    "CheckReport",
    "Condition",
    "Design",
    "Enumeration",
    "FunctionSimulation",
    "Limits",
    "LossReport",
    "PhotonLayouts",
    "PhotonProtocol",
    "Problem",
    "Schedule",
    "Simulation",
    "SqueezedLayouts",
    "SweepSpec",
    "TargetsSimulation",
    "WMatrix",
    "best_guaranteed_schedule",
    "best_protocols",
    "best_schedule",
    "bounds_table",
    "check_protocol",
    "connected_supports",
    "design",
    "duality",
    "enumerate_batches",
    "enumerate_protocols",
    "guaranteed_mse",
    "linear_schedule",
    "load_results",
    "loss_report",
    "network_mesh",
    "photon_layouts",
    "privacy_report",
    "private_design",
    "read_spec",
    "robust_mse",
    "run_sweep",
    "sample_protocols",
    "simulate",
    "simulate_function",
    "simulate_targets",
    "squeezed_layouts",
    "sweep_report",
    "verify_minimum",
    "write_protocols",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'protocols' has no attribute {name!r}")
    return getattr(importlib.import_module(f"protocols.{_MODULE_OF[name]}"), name)
