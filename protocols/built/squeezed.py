"""One squeezed vacuum, or a few, spread along the links over all sensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from photonics.conventions import squeezing_db, squeezing_for
from protocols.built.built import Built
from protocols.layout.layout import counted
from protocols.layout.squeezed.layouts import SqueezedLayouts, squeezed_layouts
from protocols.problem import DisplacementProblem
from protocols.schemes.plan import Part


def squeezed_as_built(
    built: Built, problem: DisplacementProblem, *, sources: Sequence[str] | None, squeezers: int | None
) -> Built:
    """The best trees of links found, with the beam splitters that the losses make best.

    Parameters
    ----------
    built : Built
        Without its layout.
    problem : DisplacementProblem
    sources, squeezers
        As in ``build``.
    """
    layout = squeezed_layouts(problem, roots=sources, squeezers=squeezers)
    if layout is None:
        return built
    if not problem.has_lossy_links:
        # The same light at the sensors as the plan has, whatever the tree.
        return replace(built, layout=layout)
    part = Part(circuit=layout.circuit(problem), sensors=tuple(range(len(problem.function))))
    as_built = replace(
        built.plan,
        parts=(part,),
        probes=_probes(layout),
        predicted_mse=layout.drawn_mse,
        formula="the error along the links: vacuum of every loss, and e^(-2r) of the light that arrives",
        modes_per_pass=(max(len(source.shares) for source in layout.shown.sources),) * problem.passes,
        notes=(),
    )
    return replace(built, as_built=as_built, layout=layout)


def _probes(layout: SqueezedLayouts) -> tuple[str, ...]:
    return tuple(
        f"squeezed vacuum of {source.mean_photons:.6g} photons ({squeezing_db(squeezing_for(source.mean_photons)):.4g} dB) "
        f"in {source.tree.root}, through {counted(len(source.tree.parents), 'beam splitter')} along links to "
        f"{counted(len(source.shares), 'sensor')}"
        for source in layout.shown.sources
    )
