"""Light of the kind whose budget a design does not rank: exact photon numbers beside Gaussian light, and the other way round.

A mean photon number and an exact one are never ranked together. The other kind is built all the same, with as many photons, and
listed apart: what somebody would have who can make that light.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from networks import InputError, SensorNetwork
from networks.values import Value
from protocols.built.build import build
from protocols.built.built import Built
from protocols.built.gaussian import light_error
from protocols.documents.printed import Printed
from protocols.problem import GaussianProblem, PhaseProblem, Problem
from protocols.schemes.gaussian import PhaseLightScheme
from protocols.schemes.photon import LARGEST_SIMULATED_PHOTONS
from protocols.schemes.registry import schemes_of
from protocols.theory.equal_errors import ranked

MAX_OTHER = 20
"""Nodes of a network up to which light of the other kind is looked at."""
MOST_PHOTONS = 1000
"""Exact photon numbers are looked at up to here: nobody has states of more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLight(Value, Printed):
    """A scheme of the other kind of light as it would be built.

    Attributes
    ----------
    scheme, title : str
    light : str
        Its photons in a shot: exactly so many, or so many on average.
    mse : float
        Mean squared error of q in one shot as built; of its own kind of budget, so not to be ranked with the others.
    modes_entangled : int
        Between sites.
    """

    scheme: str
    title: str
    light: str
    mse: float
    modes_entangled: int


@lru_cache(maxsize=32)
def other_light(
    network: SensorNetwork, sources: tuple[str, ...] | None = None, squeezers: int | None = None
) -> tuple[OtherLight, ...]:
    """The other kind of light for phases, least error first; none for displacements and in networks of many nodes.

    Exactly N photons stand beside nbar = N on average, or beside the mean photon number that the network gives, too.

    Parameters
    ----------
    network : SensorNetwork
    sources, squeezers
        As in ``design``.

    Examples
    --------
    >>> pair = SensorNetwork.chain([1, -1], sensing="phase", photons=2, arms=2)
    >>> for one in other_light(pair)[:2]:
    ...     print(one.scheme, round(one.mse, 4), one.light)
    twin-squeezed 0.5 2 on average
    bright-in-turn 1.382 2 on average
    """
    if network.sensing != "phase" or len(network.modes) > MAX_OTHER:
        return ()
    here = Problem.of(network)
    try:
        if isinstance(here, PhaseProblem):
            rows = _gaussian(network, here.photons, sources, squeezers)
        else:
            rows = _photons(network, math.floor(here.budget), sources)
    except InputError:
        # The file says things of one kind of light that the other does not have.
        return ()
    return tuple(ranked(rows, error=lambda row: row.mse, effort=lambda row: row.modes_entangled))


def _gaussian(
    network: SensorNetwork, photons: int, sources: Sequence[str] | None, squeezers: int | None
) -> list[OtherLight]:
    mean = float(photons) if network.mean_photons is None else network.mean_photons
    problem = GaussianProblem(network=network.replace(photons=None, mean_photons=mean))
    rows = []
    for scheme in schemes_of("gaussian").values():
        found = light_error(scheme, problem, sources=problem.places(sources), squeezers=squeezers)
        # Coherent light that pays for its reference is ranked with photon states as it is.
        if found is not None and math.isfinite(found[1]):
            rows.append(
                OtherLight(
                    scheme=scheme.name,
                    title=scheme.title_for(problem) if isinstance(scheme, PhaseLightScheme) else scheme.title,
                    light=f"{mean:g} on average",
                    mse=found[1],
                    modes_entangled=found[0],
                )
            )
    return rows


def _photons(network: SensorNetwork, photons: int, sources: Sequence[str] | None) -> list[OtherLight]:
    if not 1 <= photons <= MOST_PHOTONS or photons * network.passes > LARGEST_SIMULATED_PHOTONS:
        return []
    exact = network.replace(photons=photons, mean_photons=None, phase_reference="paid")
    rows = []
    for scheme in schemes_of("phase").values():
        built = build(scheme, exact, sources=sources)
        if isinstance(built, Built) and built.as_built.mean_photons is None and math.isfinite(built.mse):
            rows.append(
                OtherLight(
                    scheme=scheme.name,
                    title=scheme.title,
                    light=f"exactly {photons}",
                    mse=built.mse,
                    modes_entangled=built.as_built.modes_between_sites,
                )
            )
    return rows
