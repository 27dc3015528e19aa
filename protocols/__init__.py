"""Which plan measures q best, how good any plan can be, and how good each is: bounds, protocols, checks and designs.

Names below load their module when first used, so that ``import protocols`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from protocols.bounds import BoundsTable, bounds_table
    from protocols.check import CheckReport, Condition, check_protocol
    from protocols.designing import Candidate, Design, design
    from protocols.enumeration import Enumeration, enumerate_protocols
    from protocols.photon_protocol import PhotonProtocol
    from protocols.problem import Problem
    from protocols.wmatrix.columns import WMatrix
    from protocols.wmatrix.walk import enumerate_batches

_HOME = {
    "bounds": ("BoundsTable", "bounds_table"),
    "check": ("CheckReport", "Condition", "check_protocol"),
    "designing": ("Candidate", "Design", "design"),
    "enumeration": ("Enumeration", "enumerate_protocols"),
    "photon_protocol": ("PhotonProtocol",),
    "problem": ("Problem",),
    "wmatrix.columns": ("WMatrix",),
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
    "PhotonProtocol",
    "Problem",
    "WMatrix",
    "bounds_table",
    "check_protocol",
    "design",
    "enumerate_batches",
    "enumerate_protocols",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'protocols' has no attribute {name!r}")
    return getattr(importlib.import_module(f"protocols.{_MODULE_OF[name]}"), name)
