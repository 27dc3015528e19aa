"""The schemes a design chooses from. Each looks at a problem and gives a plan, or says why it cannot.

To add one, write a function ``Problem -> Plan | Unavailable`` in a module here and name it in SCHEMES.
"""

from __future__ import annotations

from collections.abc import Callable

from protocols.problem import Problem
from protocols.schemes import photon, squeezed
from protocols.schemes.plan import Part, Plan, Unavailable

Scheme = Callable[[Problem], Plan | Unavailable]

SCHEMES: dict[str, dict[str, Scheme]] = {
    "phase": {
        "noon": photon.noon,
        "w-matrix": photon.w_matrix,
        "separable-phase": photon.separable,
    },
    "displacement": {
        "entangled-squeezed": squeezed.entangled,
        "separable-squeezed": squeezed.separable,
    },
}
"""By what is sensed, then by name."""

__all__ = ["SCHEMES", "Part", "Plan", "Scheme", "Unavailable"]
