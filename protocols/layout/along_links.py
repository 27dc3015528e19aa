"""The one entry point for light along links: it chooses the kind of layout that a problem needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from networks import SensorNetwork
from protocols.layout.alternatives import Alternative
from protocols.layout.layout import Layouts
from protocols.layout.photon.layouts import MAX_NODES, photon_layouts
from protocols.layout.squeezed.layouts import squeezed_layouts
from protocols.problem import DisplacementProblem, Problem
from protocols.schemes.plan import Plan


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
        For phases: their protocols are laid out beside those found here, and plans with a state for each sensor compared.
    sources : names of the nodes where light may start; any node when left out.
    squeezers : int >= 1, optional
        Displacements: at most so many.
    progress : called with a few words before each longer step.

    Returns
    -------
    SqueezedLayouts, PhotonLayouts or None
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
    """
    made = Problem.of(problem)
    if isinstance(made, DisplacementProblem):
        return squeezed_layouts(made, roots=sources, squeezers=squeezers, progress=progress)
    if len(made.names) > MAX_NODES or not made.divisibility.holds:
        return None
    if progress is not None:
        progress("laying out the photons along the links")
    known = [plan.photon_protocol for plan in plans if plan.photon_protocol is not None]
    separate = [_separate(plan) for plan in plans if plan.photon_protocol is None]
    return photon_layouts(made, roots=sources, known=known, others=separate)


def why_not(problem: SensorNetwork | Problem) -> str:
    """Why ``along_links`` gives None for this problem, in words.

    >>> why_not(SensorNetwork.chain([1, 1], sensing="displacement", mean_photons=1.0))
    'the transmission of the sensors is below numerical precision, so there is no layout along the links'
    """
    made = Problem.of(problem)
    if isinstance(made, DisplacementProblem):
        return "the transmission of the sensors is below numerical precision, so there is no layout along the links"
    if len(made.names) <= MAX_NODES:
        return "protocols of columns are laid out along the links, and none exists at this N M"
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
