"""The schemes that every command knows, by name, and how one is chosen. To add one, write its file and name it here."""

from __future__ import annotations

from collections.abc import Sequence

from protocols.problem import AnyProblem, Kind, PhaseProblem
from protocols.schemes.bright import BrightInTurn, BrightLocal, BrightShared
from protocols.schemes.coherent_displacement import CoherentDisplacement
from protocols.schemes.coherent_gaussian import CoherentGaussian
from protocols.schemes.coherent_phase import CoherentPhase
from protocols.schemes.displaced_squeezed import DisplacedLocal, DisplacedShared
from protocols.schemes.entangled_squeezed import EntangledSqueezed
from protocols.schemes.multimode_noon import MultimodeNoon
from protocols.schemes.named import choose
from protocols.schemes.noon import Noon
from protocols.schemes.noon_in_turn import NoonInTurn
from protocols.schemes.pairs_in_turn import PairsInTurn
from protocols.schemes.photon import column_photons
from protocols.schemes.scheme import AnyScheme, Scheme
from protocols.schemes.separable_phase import SeparablePhase
from protocols.schemes.separable_squeezed import SeparableSqueezed
from protocols.schemes.squeezed_in_turn import SqueezedInTurn
from protocols.schemes.squeezed_vacuum import SqueezedVacuumInTurn, SqueezedVacuumLocal, SqueezedVacuumShared
from protocols.schemes.twin_squeezed import TwinSqueezed
from protocols.schemes.w_matrix import WMatrix

SCHEMES: tuple[AnyScheme, ...] = (
    Noon(),
    WMatrix(),
    PairsInTurn(),
    MultimodeNoon(),
    NoonInTurn(),
    SeparablePhase(),
    CoherentPhase(),
    BrightShared(),
    BrightLocal(),
    BrightInTurn(),
    TwinSqueezed(),
    DisplacedShared(),
    DisplacedLocal(),
    SqueezedVacuumShared(),
    SqueezedVacuumLocal(),
    SqueezedVacuumInTurn(),
    CoherentGaussian(),
    EntangledSqueezed(),
    SeparableSqueezed(),
    SqueezedInTurn(),
    CoherentDisplacement(),
)
"""In the order in which results list them."""


def schemes_of(problems: Kind) -> dict[str, AnyScheme]:
    """The registered schemes for one kind of problem, by name.

    Parameters
    ----------
    problems : "phase" (exactly N photons), "gaussian" (phases with a mean photon number) or "displacement"

    Examples
    --------
    >>> list(schemes_of("displacement"))
    ['entangled-squeezed', 'separable-squeezed', 'squeezed-in-turn', 'coherent']
    """
    return {scheme.name: scheme for scheme in SCHEMES if scheme.kind == problems}


def choose_schemes(problems: Kind, wanted: Sequence[str | AnyScheme] | None = None) -> tuple[AnyScheme, ...]:
    """The schemes that a caller wants, by name or as objects of their own; all registered ones when nothing is said.

    Parameters
    ----------
    problems : "phase", "gaussian" or "displacement"
    wanted : names of registered schemes, or ``Scheme`` objects

    Raises
    ------
    InputError
        Listing every name that is not known, and every scheme that is for another kind of problem.
    """
    return choose("scheme", Scheme, schemes_of(problems), problems, wanted)


def find_scheme(problems: Kind, wanted: str | AnyScheme) -> AnyScheme:
    """One scheme, by name or as an object.

    Parameters
    ----------
    problems : "phase", "gaussian" or "displacement"
    wanted : name of a registered scheme, or a ``Scheme`` object

    Raises
    ------
    InputError
        For a name that is not known, and a scheme for another kind of problem.

    Examples
    --------
    >>> find_scheme("phase", "noon")
    Noon()
    """
    (scheme,) = choose_schemes(problems, [wanted])
    return scheme


def all_photons_first(schemes: Sequence[AnyScheme], problem: AnyProblem) -> tuple[AnyScheme, ...]:
    """In their order, but those of columns behind the others where columns exist for fewer photons than there are.

    Parameters
    ----------
    schemes : sequence of Scheme
    problem : Problem

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.problem import Problem
    >>> star = Problem.of(SensorNetwork.star([1, 1], sensing="phase", photons=7))
    >>> [scheme.name for scheme in all_photons_first((Noon(), PairsInTurn()), star)]
    ['pairs-in-turn', 'noon']
    """

    def has_fewer(scheme: AnyScheme) -> bool:
        if not isinstance(problem, PhaseProblem) or not isinstance(scheme, Noon | WMatrix):
            return False
        passes = problem.passes if isinstance(scheme, WMatrix) else 1
        return 0 < column_photons(problem.function, problem.photons, passes) < problem.photons

    return tuple(sorted(schemes, key=has_fewer))
