"""The one entry point for light along links: it chooses the kind of layout that a problem needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from networks import SensorNetwork
from protocols.layout.alternatives import Alternative, best_of
from protocols.layout.layout import Layouts
from protocols.layout.photon.layouts import MAX_NODES, PhotonLayouts, photon_layouts
from protocols.layout.squeezed.layouts import squeezed_layouts
from protocols.layout.strings.layouts import SCHEMES as STRING_SCHEMES, StringLayouts, string_layouts
from protocols.problem import DisplacementProblem, PhaseProblem, Problem
from protocols.schemes.plan import Plan
from protocols.schemes.registry import find_scheme
from protocols.theory.equal_errors import ranked

COLUMNS = "columns"
"""Protocols of columns, whatever their scheme."""


def along_links(
    problem: SensorNetwork | Problem,
    *,
    plans: Sequence[Plan] = (),
    sources: Sequence[str] | None = None,
    squeezers: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Layouts | None:
    """Lay the light of a problem out along its links, with their losses.

    Parameters
    ----------
    problem : SensorNetwork or Problem
    plans : plans of this problem, best first
        For phases: their schemes are laid out, all others too when none of them uses links; columns of W wherever they exist.
        Plans without entanglement between sites need no links; those of exactly N photons are compared.
    sources : names of the nodes where light may start; any node when left out.
    squeezers : int >= 1, optional
        Displacements: at most so many.
    progress : called with a few words before each longer step.

    Returns
    -------
    SqueezedLayouts, PhotonLayouts, StringLayouts or None
        Of several kinds that of the least error with all losses; of equal ones that of the first plan.
        None when the transmission of the sensors is below numerical precision, or for photons in very large networks;
        ``why_not`` says which.

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
    if len(made.names) > MAX_NODES:
        return None
    if progress is not None:
        progress("laying out the photons along the links")
    known = [plan.photon_protocol for plan in plans if plan.photon_protocol is not None]
    kinds = _kinds(made, plans)
    layouts: list[PhotonLayouts | StringLayouts] = []
    for kind in kinds:
        if kind == COLUMNS:
            layouts.append(photon_layouts(made, roots=sources, known=known))
        else:
            layouts.append(string_layouts(made, kind, roots=sources))
    best, *_ = ranked(layouts, error=lambda one: one.mse, effort=lambda one: _effort(one, plans))
    rows = [row for one in layouts for row in one.alternatives]
    # Light of N photons on average is no alternative to layouts for exactly N: at N = 1 it would replace them all.
    apart = [_separate(plan) for plan in plans if not plan.entangles and plan.mean_photons is None]
    return replace(best, alternatives=best_of([*rows, *apart]))


def _kinds(problem: PhaseProblem, plans: Sequence[Plan]) -> list[str]:
    """What is laid out: the schemes of these plans, or all where none of them uses links; columns wherever they exist."""
    asked = [plan.scheme for plan in plans if plan.scheme in STRING_SCHEMES]
    if not asked and not any(plan.photon_protocol is not None for plan in plans):
        asked = [name for name in STRING_SCHEMES if find_scheme("phase", name).why_not(problem) is None]
    return [*([COLUMNS] if problem.divisibility.holds else []), *asked]


def _effort(layouts: PhotonLayouts | StringLayouts, plans: Sequence[Plan]) -> tuple[int, ...]:
    """What decides between equal errors: the order of the plans; then modes entangled, switches, link traversals, time steps."""
    if isinstance(layouts, StringLayouts):
        places = [place for place, plan in enumerate(plans) if plan.scheme == layouts.scheme]
    else:
        places = [place for place, plan in enumerate(plans) if plan.photon_protocol is not None]
    return min(places, default=len(plans)), *layouts.effort


def why_not(problem: SensorNetwork | Problem) -> str:
    """Why ``along_links`` gives None for this problem, in words.

    >>> why_not(SensorNetwork.chain([1, 1], sensing="displacement", mean_photons=1.0))
    'the transmission of the sensors is below numerical precision, so there is no layout along the links'
    """
    made = Problem.of(problem)
    if isinstance(made, DisplacementProblem):
        return "the transmission of the sensors is below numerical precision, so there is no layout along the links"
    return f"photons are laid out along links of up to {MAX_NODES} nodes"


def _separate(plan: Plan) -> Alternative:
    """A state for each sensor, made where it is used."""
    return Alternative(
        title=plan.title,
        mse=plan.predicted_mse,
        elements=0,
        depth=0,
        sources=len(plan.parts),
        entangled_modes=max(plan.modes_per_pass),
        switches=plan.controls,
    )
