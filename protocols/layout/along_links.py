"""Light along links without the rest of a design: every kind of layout that a problem allows, and the one of the least error.

Designs lay each scheme out by itself (``protocols.built``) and draw the layout of the scheme they choose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from networks import SensorNetwork
from protocols.layout.alternatives import best_of
from protocols.layout.layout import Layouts
from protocols.layout.photon.layouts import MAX_NODES, PhotonLayouts, photon_layouts
from protocols.layout.squeezed.layouts import squeezed_layouts
from protocols.layout.strings.layouts import SCHEMES as STRING_SCHEMES, StringLayouts, string_layouts
from protocols.problem import DisplacementProblem, GaussianProblem, Problem
from protocols.schemes.registry import find_scheme
from protocols.theory.equal_errors import ranked


def along_links(
    problem: SensorNetwork | Problem,
    *,
    sources: Sequence[str] | None = None,
    squeezers: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Layouts | None:
    """Lay the light of a problem out along its links, with their losses, and take the layout of the least error.

    Phases: columns of W with exactly N photons where they exist, superposed strings and pairs in turn with up to N. Displacements:
    as many squeezers as help. Light without entanglement between sites needs no links and is not looked at, so the scheme that
    ``design`` chooses may be another one.

    Parameters
    ----------
    problem : SensorNetwork or Problem
    sources : names of the nodes where light may start; any node when left out.
    squeezers : int >= 1, optional
        Displacements: at most so many.
    progress : called with a few words before each longer step.

    Returns
    -------
    SqueezedLayouts, PhotonLayouts, StringLayouts or None
        Of several kinds that of the least error with all losses, and of equal ones that with the fewest modes entangled, mode
        switches and steps; its alternatives are those of all kinds.
        None when the transmission of the sensors is below numerical precision, when the limits of the laboratory leave no squeezer
        that helps, or for photons in very large networks.

    Raises
    ------
    InputError
        For sources that are no nodes or do not reach all sensors.

    Examples
    --------
    >>> layouts = along_links(SensorNetwork.chain([1, -1], sensing="phase", photons=2))
    >>> layouts.mse, layouts.roots, [(step.edge, step.words) for step in layouts.steps]
    (0.25, ('s1',), [(('s1', 's2'), '2 photons of branch B')])

    Half an integer column, so photons in turn:

    >>> layouts = along_links(SensorNetwork.chain([1, 1, -2], sensing="phase", photons=3))
    >>> layouts.scheme, round(layouts.mse, 12)
    ('pairs-in-turn', 0.444444444444)
    """
    made = Problem.of(problem)
    if isinstance(made, DisplacementProblem):
        return squeezed_layouts(made, roots=sources, squeezers=squeezers, progress=progress)
    if isinstance(made, GaussianProblem) or len(made.names) > MAX_NODES:
        # Light that depends on its scheme is laid out with it (``built``).
        return None
    if progress is not None:
        progress("laying out the photons along the links")
    layouts: list[PhotonLayouts | StringLayouts] = []
    if made.divisibility.holds:
        layouts.append(photon_layouts(made, roots=sources))
    applicable = (name for name in STRING_SCHEMES if find_scheme("phase", name).why_not(made) is None)
    layouts += [string_layouts(made, name, roots=sources) for name in applicable]
    best, *_ = ranked(layouts, error=lambda one: one.mse, effort=lambda one: one.effort)
    return replace(best, alternatives=best_of(row for one in layouts for row in one.alternatives))


def why_not(problem: SensorNetwork | Problem) -> str:
    """Why ``along_links`` gives None for this problem, in words.

    >>> why_not(SensorNetwork.chain([1, 1], sensing="displacement", mean_photons=1.0))
    'the transmission of the sensors is below numerical precision, so there is no layout along the links'
    """
    made = Problem.of(problem)
    if isinstance(made, DisplacementProblem):
        if made.has_laboratory and any(made.readout.weights):
            return "no squeezer is at hand that does any good, so there is no layout along the links"
        return "the transmission of the sensors is below numerical precision, so there is no layout along the links"
    if isinstance(made, GaussianProblem):
        return "no squeezed light does any good here, so there is no layout along the links"
    return f"photons are laid out along links of up to {MAX_NODES} nodes"
