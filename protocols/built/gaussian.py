"""Gaussian light for phases as it is built: squeezed light along the links, coherent light at each site, all limits and losses."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from protocols.built.built import Built
from protocols.built.light import dimmed, too_bright
from protocols.built.measured import counted_error
from protocols.built.phase_squeezers import by_sign, in_groups, roots_of, tree_of
from protocols.built.squeezed import limits_with, nearest_squeezers
from protocols.layout.layout import LinkFailure
from protocols.layout.paths import Paths
from protocols.layout.squeezed.beam_splitters import TreeLayout, elements_of, forest_operations
from protocols.layout.squeezed.forests import Forest, SourceTree
from protocols.layout.squeezed.phase_robustness import PhaseLightRobustness, phase_light_robustness
from protocols.layout.squeezed.phases import PhaseLightLayouts
from protocols.layout.squeezed.robustness import MAX_FAILURES
from protocols.problem import GaussianProblem
from protocols.schemes.bright import Bright
from protocols.schemes.coherent_gaussian import CoherentGaussian
from protocols.schemes.gaussian import PhaseLightScheme, Prepare, Supply, entangled_sites
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.readouts import stated_mse
from protocols.schemes.scheme import AnyScheme, plan_of
from protocols.schemes.squeezed_vacuum import SqueezedVacuumShared
from protocols.schemes.twin_squeezed import TwinSqueezed
from protocols.theory.equal_errors import SAME
from protocols.theory.limits.vacuum_readout import SqueezedVacuumReadout
from protocols.theory.sums import error_sum

if TYPE_CHECKING:
    from photonics.circuits.circuit import Operation
    from protocols.theory.limits.phase_light import PhaseLight
    from protocols.theory.limits.squeezers import SqueezerLimits

NO_SQUEEZER = (
    "no squeezer may be used here (squeezers: 0, or squeezer: false everywhere); the scheme coherent is for that"
)
WAYS_SHARED = (
    "coefficients of both signs are served best by a squeezer each, but their ways along the links would share nodes, where their "
    "light would mix: one squeezer serves all"
)
NO_WAY = "no place where a squeezer may stand reaches every sensor along the links; add links or places"


def gaussian_as_built(
    scheme: AnyScheme, problem: GaussianProblem, *, sources: Sequence[str] | None, squeezers: int | None
) -> Built | Unavailable:
    """A scheme of Gaussian light with its squeezed light along the links, or why there is none.

    Parameters
    ----------
    scheme : Scheme
        Of kind "gaussian".
    problem : GaussianProblem
    sources, squeezers
        As in ``build``.

    Examples
    --------
    Two interferometers and a squeezer between them, of whose light half arrives:

    >>> from networks import Link, SensorNetwork
    >>> from protocols.schemes import find_scheme
    >>> star = SensorNetwork.star([1, -1], sensing="phase", mean_photons=1e6, arms=2, squeezing_db=10.0)
    >>> half = star.replace(links=tuple(Link(ends=link.ends, transmissivity=0.5) for link in star.links))
    >>> shared = find_scheme("gaussian", "bright-shared-squeezing")
    >>> built = gaussian_as_built(shared, GaussianProblem(network=half), sources=["ref"], squeezers=None)
    >>> round(built.mse * 1e6, 3), built.starts_at
    (2.2, ('ref',))
    """
    ways = scheme.ways(problem) if isinstance(scheme, Bright) else ((scheme, problem),)
    made = [_one_way(*way, sources=sources, squeezers=squeezers) for way in ways]
    return min(made, key=lambda one: _worth(one.mse, one is made[0]) if isinstance(one, Built) else math.inf)


def _worth(mse: float, is_first: bool) -> float:
    """Of ways that are as good the first counts."""
    return mse if is_first else mse * (1 + SAME)


def _one_way(
    scheme: AnyScheme, problem: GaussianProblem, *, sources: Sequence[str] | None, squeezers: int | None
) -> Built | Unavailable:
    """As ``gaussian_as_built``, the light sent as the scheme itself says."""
    from photonics import Squeeze

    limits, sources = limits_with(problem, squeezers), problem.places(sources)
    if isinstance(scheme, TwinSqueezed):
        twins = scheme.made(problem, limits)
        if not isinstance(twins, Plan):
            return twins
        used = [problem.site_names[j] for j, a in enumerate(problem.site_alpha) if a]
        return _built(scheme, problem, twins, made_at=tuple(name for name in used for _ in range(2)))
    if not isinstance(scheme, PhaseLightScheme):
        plan = plan_of(scheme, problem)
        if not isinstance(plan, Plan):
            return plan
        built = _built(scheme, problem, plan)
        if not isinstance(scheme, CoherentGaussian):
            return _of_a_users_own(built, scheme, problem)
        return _coherent(built, problem) if plan.interference else built
    if (reason := scheme.why_not(problem)) is not None:
        return scheme.unavailable(reason)
    supplies = _supplies(scheme, problem, limits, sources)
    if isinstance(supplies, str):
        return scheme.unavailable(supplies)
    if scheme.sharing == "shared":
        return _shared(scheme, problem, limits, supplies)
    (supply,) = supplies
    made = made_plan(scheme, problem, supply, limits)
    if isinstance(made, Unavailable):
        return made
    lit = {op.mode for part in made.parts for op in part.circuit.operations if isinstance(op, Squeeze)}
    places = [
        problem.site_of[place]
        for place, mode, a in zip(supply.places, problem.entrances, problem.site_alpha, strict=True)
        if a and mode in lit
    ]
    return _built(scheme, problem, made, made_at=tuple(places))


def _built(
    scheme: AnyScheme,
    problem: GaussianProblem,
    made: Plan,
    layout: PhaseLightLayouts | None = None,
    made_at: tuple[str, ...] | None = None,
) -> Built:
    """With the error of the same scheme without losses and limits; the plan of Gaussian light is that as built."""
    ideal = made.predicted_mse
    if problem.ideal is not problem:
        found = light_error(scheme, problem.ideal, sources=None, squeezers=None)
        assert found is not None, "light that is lost can be had without loss"
        ideal = found[1]
    return Built(plan=made, as_built=made, ideal_mse=ideal, layout=layout, made_at=made_at)


def light_error(
    scheme: AnyScheme, problem: GaussianProblem, *, sources: Sequence[str] | None, squeezers: int | None
) -> tuple[int, float] | None:
    """Sites that the light is entangled between, and the error as built, without the circuits; None where there is no such light.

    Parameters
    ----------
    scheme : Scheme
        Of kind "gaussian".
    problem : GaussianProblem
    sources, squeezers
        As in ``build``.
    """
    ways = scheme.ways(problem) if isinstance(scheme, Bright) else ((scheme, problem),)
    errors = [_error_of_way(*way, sources=sources, squeezers=squeezers) for way in ways]
    found = [one for one in errors if one is not None]
    return min(found, key=lambda one: _worth(one[1], one is errors[0]), default=None)


def _error_of_way(
    scheme: AnyScheme, problem: GaussianProblem, *, sources: Sequence[str] | None, squeezers: int | None
) -> tuple[int, float] | None:
    """As ``light_error``, the light sent as the scheme itself says."""
    from networks import InputError

    if isinstance(scheme, CoherentGaussian) and (alone := scheme.light_of(problem)) is not None:
        return 0, alone.best_light(problem, Supply.at_sites(problem), problem.limits).mse
    if isinstance(scheme, TwinSqueezed):
        try:
            twins = scheme.best_within(problem, limits_with(problem, squeezers))
        except InputError:
            return None
        return None if twins is None else (0, twins.mse)
    if not isinstance(scheme, PhaseLightScheme):
        plan = plan_of(scheme, problem)
        if not isinstance(plan, Plan):
            return None
        own = Built(plan=plan, as_built=plan, ideal_mse=plan.predicted_mse)
        made = _coherent(own, problem) if plan.interference else _of_a_users_own(own, scheme, problem)
        return (made.as_built.modes_between_sites, made.mse) if isinstance(made, Built) else None
    limits = limits_with(problem, squeezers)
    supplies = _supplies(scheme, problem, limits, problem.places(sources))
    if isinstance(supplies, str) or scheme.why_not(problem) is not None:
        return None
    found = []
    for supply in supplies:
        try:
            light = scheme.best_light(problem, supply, limits)
        except InputError:
            # No light within these limits tells q.
            continue
        if math.isfinite(light.mse):
            used = [j for j, a in enumerate(problem.site_alpha) if a]
            found.append((entangled_sites(light, used) if scheme.entangles else 1, light.mse))
    if not found:
        return None
    sites, mse = min(found, key=lambda one: one[1])
    return (sites if sites > 1 else 0), mse


def _supplies(
    scheme: PhaseLightScheme, problem: GaussianProblem, limits: SqueezerLimits, sources: Sequence[str] | None
) -> list[Supply] | str:
    """From where squeezed light may come: the best places of one for all, or those of the sites; why from nowhere."""
    if limits.squeezers == 0:
        return NO_SQUEEZER
    if scheme.sharing == "shared":
        supplies = roots_of(problem, limits, sources)
        if isinstance(scheme, SqueezedVacuumShared) and limits.squeezers != 1 and scheme.splits_by_sign(problem):
            supplies += by_sign(problem, limits, sources)
        if scheme.is_linear:
            supplies += in_groups(problem, limits, sources)
        return supplies or (NO_WAY if problem.squeezer_places else NO_SQUEEZER)
    ways = nearest_squeezers(problem, sources, problem.entrances)
    if not ways:
        return NO_SQUEEZER
    return [
        Supply(
            arrives=tuple(way.through for way in ways),
            efficiency=tuple(problem.squeezer_efficiency[way.place] for way in ways),
            places=tuple(way.place for way in ways),
        )
    ]


def made_plan(
    scheme: PhaseLightScheme,
    problem: GaussianProblem,
    supply: Supply,
    limits: SqueezerLimits,
    prepare: Prepare | None = None,
) -> Plan | Unavailable:
    """``scheme.made`` with what ``plan_of`` adds.

    Parameters
    ----------
    scheme : PhaseLightScheme
    problem : GaussianProblem
    supply, limits, prepare
        As of ``PhaseLightScheme.made``.
    """
    made = scheme.made(problem, supply, limits, prepare)
    return replace(made, entangles=scheme.entangles) if isinstance(made, Plan) else made


def _coherent(built: Built, problem: GaussianProblem) -> Built:
    """Beams that meet, within what sensors stand, and as the detectors see them."""
    as_built = dimmed(built.as_built, problem) if problem.has_light_limits else built.as_built
    if not problem.has_noisy_detectors:
        return replace(built, as_built=as_built)
    return replace(built, as_built=as_built, measured_mse=counted_error(as_built, problem))


def _of_a_users_own(built: Built, scheme: AnyScheme, problem: GaussianProblem) -> Built | Unavailable:
    """The light of its own plan, at its sensors: how to lay it out is not known."""
    if (reason := too_bright(built.plan, problem)) is not None:
        return scheme.unavailable(reason)
    if any(part.measurement is None for part in built.plan.parts):
        return built
    errors = [stated_mse(part, part.coefficients_of(problem.alpha)) / part.share for part in built.plan.parts]
    return replace(built, measured_mse=error_sum(errors))


def _shared(
    scheme: PhaseLightScheme,
    problem: GaussianProblem,
    limits: SqueezerLimits,
    supplies: Sequence[Supply],
) -> Built | Unavailable:
    best: tuple[Plan, _Laid] | None = None
    reasons: list[Unavailable] = []
    for supply in supplies:
        laid = _Laid(problem, supply)
        made = made_plan(scheme, problem, supply, limits, laid.prepare)
        if isinstance(made, Unavailable):
            reasons.append(made)
        elif best is None or made.predicted_mse < best[0].predicted_mse * (1 - SAME):
            best = made, laid
    if best is None:
        return reasons[0]
    made, laid = best
    both = isinstance(scheme, SqueezedVacuumShared) and limits.squeezers != 1 and scheme.splits_by_sign(problem)
    if both and not any(supply.by_sign for supply in supplies):
        made = replace(made, notes=(*made.notes, WAYS_SHARED))
    if laid.forest is None:
        # No squeezed light does any good: there is nothing to lay out.
        return _built(scheme, problem, made, made_at=())
    return _built(scheme, problem, made, layout=laid.layouts(scheme, made, limits))


class _Laid:
    """A shared squeezed vacuum along the tree of one root, as far as its light goes."""

    def __init__(self, problem: GaussianProblem, supply: Supply) -> None:
        self.problem, self.supply = problem, supply
        self.forest: Forest | None = None
        self.light: PhaseLight | None = None

    def prepare(self, light: PhaseLight) -> tuple[tuple[str, ...], tuple[Operation, ...]]:
        """The nodes beside the sites, and squeezers and beam splitters with the losses of links."""
        trees = [
            tree
            for row, photons in zip(light.amplitudes, light.squeezed_photons, strict=True)
            if photons and (tree := self._tree(row, photons)) is not None
        ]
        if not trees:
            return (), ()
        self.forest, self.light = Forest(sources=tuple(trees), mse=light.mse), light
        problem = self.problem
        lit = {problem.sensor_modes[k] for j, a in enumerate(problem.site_alpha) if a for k in problem.sites[j]}
        return tuple(name for name in self.forest.nodes if name not in lit), forest_operations(self.forest)

    def _tree(self, row: Sequence[float], photons: float) -> SourceTree | None:
        """The tree of one squeezer; None where its light goes nowhere."""
        import numpy as np

        problem, supply = self.problem, self.supply
        served = [j for j, v in enumerate(row) if v and problem.site_alpha[j]]
        if not served:
            return None
        tree = tree_of(problem, supply.places[served[0]], served, np.array([row[j] for j in served]))
        arrives = [t for _, t in tree.arrives]
        sent = [row[j] ** 2 / t for j, t in zip(served, arrives, strict=True)]
        total = math.fsum(sent)
        shares = tuple(
            (name, math.copysign(s / total, row[j])) for (name, _), s, j in zip(tree.arrives, sent, served, strict=True)
        )
        efficiency = supply.efficiency[served[0]]
        return SourceTree(tree=tree, mean_photons=photons, shares=shares, efficiency=efficiency)

    def layouts(self, scheme: PhaseLightScheme, made: Plan, limits: SqueezerLimits) -> PhaseLightLayouts:
        """What is drawn and written, with the names of nodes where circuits have those of arms."""
        assert self.forest is not None
        assert self.light is not None
        site_of = self.problem.site_of
        named = Forest(
            sources=tuple(
                replace(
                    one,
                    tree=one.tree.named(site_of),
                    shares=tuple((site_of[name], share) for name, share in one.shares),
                )
                for one in self.forest.sources
            ),
            mse=self.forest.mse,
        )
        source = named.sources[0]
        ones = (1.0,) * len(self.problem.sites)
        lossless = (
            self.light
            if all(t == 1 for one in self.forest.sources for _, t in one.tree.arrives)
            else scheme.best_light(
                self.problem,
                replace(self.supply, arrives=ones),
                limits,
            )
        )
        layout = TreeLayout(
            tree=source.tree,
            elements=elements_of(source.tree, dict(source.shares)),
            shares=source.shares,
            mean_photons=source.mean_photons,
            mse=made.predicted_mse,
            matched_mse=self._matched(scheme, lossless),
            lossless_mse=lossless.mse,
        )
        return PhaseLightLayouts(
            layout=layout,
            robustness=self._robustness(scheme, layout, limits),
            forests=(named,),
            alternatives=(),
            shown=named,
            light=made.parts[0].circuit,
        )

    def _robustness(
        self, scheme: PhaseLightScheme, layout: TreeLayout, limits: SqueezerLimits
    ) -> PhaseLightRobustness | None:
        """What imperfect and failing elements do to one squeezed vacuum."""
        assert self.light is not None
        readout = scheme.readout(self.problem)
        # Squares of outcomes at random angles are worked out for a site alone, which has no elements.
        is_blurred = isinstance(readout, SqueezedVacuumReadout) and any(readout.phase_jitter_rad)
        if len(self.light.squeezed_photons) != 1 or is_blurred:
            return None
        edges = [element.edge for element in layout.elements]
        failures = [self._failure(scheme, limits, edge) for edge in edges] if len(edges) <= MAX_FAILURES else None
        return phase_light_robustness(readout, self.light, layout, self.problem.site_names, failures)

    def _failure(self, scheme: PhaseLightScheme, limits: SqueezerLimits, edge: tuple[str, str]) -> LinkFailure:
        """The best light without one link, the squeezer where it is."""
        from networks import InputError

        task, site_of = self.problem.task, self.problem.site_of
        links = tuple(link for link in task.links if {site_of[link.first], site_of[link.second]} != set(edge))
        paths = Paths.of(replace(task, links=links))
        mse = math.inf
        # No place is left where a sensor is cut off.
        for supply in roots_of(self.problem, limits, self.supply.places, paths=paths):
            with contextlib.suppress(InputError):
                # What is refused tells nothing of q.
                mse = min(mse, scheme.best_light(self.problem, supply, limits).mse)
        return LinkFailure(edge=edge, mse=mse)

    def _matched(self, scheme: PhaseLightScheme, lossless: PhaseLight) -> float:
        """The error where the amplitudes that arrive are along those that are best without loss of links."""
        assert self.light is not None
        supply, rows = self.supply, []
        for wanted in lossless.amplitudes:
            spent = math.fsum(v * v / t if t else math.inf for v, t in zip(wanted, supply.arrives, strict=True) if v)
            used = next((j for j, v in enumerate(wanted) if v), 0)
            rows.append([v * math.sqrt(supply.efficiency[used] / spent) if v else 0.0 for v in wanted])
        return scheme.readout(self.problem).mse(self.light.coherent_photons, rows, self.light.squeezed_photons)
