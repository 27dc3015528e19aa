"""The schemes a design chooses from, one a file: light, how it is kept and read out. The registry names them."""

from __future__ import annotations

from protocols.schemes.plan import Part, Plan, Unavailable
from protocols.schemes.registry import SCHEMES, choose_schemes, find_scheme, schemes_of
from protocols.schemes.scheme import AnyScheme, DisplacementScheme, GaussianScheme, PhaseScheme, Scheme

__all__ = [
    "SCHEMES",
    "AnyScheme",
    "DisplacementScheme",
    "GaussianScheme",
    "Part",
    "PhaseScheme",
    "Plan",
    "Scheme",
    "Unavailable",
    "choose_schemes",
    "find_scheme",
    "schemes_of",
]
