"""Where squeezers of phase sensors stand that share light: the places worth a search for one, for each sign, or for several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocols.layout.paths import Paths
from protocols.layout.squeezed.trees import Tree, pruned_tree
from protocols.problem import GaussianProblem
from protocols.schemes.gaussian import Supply
from protocols.theory.equal_errors import SAME

if TYPE_CHECKING:
    from photonics.conventions import Real
    from protocols.theory.limits.squeezers import SqueezerLimits

MAX_ROOTS = 3
"""Places of a shared squeezer whose light is searched for; the best by the light that arrives."""
NEAR = 1.05
"""How much worse than the best of all a place may look to be among them."""
FAINTEST = 1e-30
"""Share of the light that is left of which places are compared; less is as little."""
MAX_EXCHANGES = 100
"""Times that a place of several squeezers is exchanged for a better one."""


def roots_of(
    problem: GaussianProblem,
    limits: SqueezerLimits,
    sources: Sequence[str] | None,
    sites: Sequence[int] | None = None,
    *,
    paths: Paths | None = None,
) -> list[Supply]:
    """The places of a shared squeezer that are worth a search, those from which most of what counts arrives first.

    They are compared by the error of bright light with so much squeezing at most, sum alpha_j^2 V_j/A_j, V_j = 1/eta_j - E_j (1 -
    e^{-2r}) with what is lost behind the sensing, and A_j the best coherent light that the sites may have.

    Parameters
    ----------
    problem : GaussianProblem
    limits : SqueezerLimits
    sources : names of nodes where it may stand, or None
    sites : places of sensors, optional
        That it serves; all that q depends on when left out.
    paths : Paths, optional
        The ways that there are; those over all links when left out.
    """
    import numpy as np

    used = [j for j, a in enumerate(problem.site_alpha) if a] if sites is None else list(sites)
    view = _View.of(problem, limits, sources, used, paths)
    if view is None:
        return []
    looks = view.errors.sum(axis=1)
    order = np.argsort(looks, kind="stable")
    best = looks[order[0]]
    found: list[Supply] = []
    for row in order[:MAX_ROOTS]:
        if not math.isfinite(looks[row]) or looks[row] > NEAR * best:
            break
        if found and looks[row] == best:
            continue
        arrives = np.zeros(len(problem.sites))
        arrives[used] = view.through[row]
        count = len(problem.sites)
        found.append(
            Supply(
                arrives=tuple(arrives.tolist()),
                efficiency=(float(view.escape[row]),) * count,
                places=(view.places[row],) * count,
            )
        )
    return found


def by_sign(problem: GaussianProblem, limits: SqueezerLimits, sources: Sequence[str] | None) -> list[Supply]:
    """A squeezer for each sign of the coefficients, each at its best place; none where their trees would share a node.

    Parameters
    ----------
    problem : GaussianProblem
    limits : SqueezerLimits
    sources : names of nodes where they may stand, or None
    """
    halves: list[tuple[Supply, list[int]]] = []
    for sign in (1, -1):
        sites = [j for j, a in enumerate(problem.site_alpha) if a * sign > 0]
        taken = {place for half, _ in halves for place in half.places}
        found = [one for one in roots_of(problem, limits, sources, sites) if one.places[0] not in taken]
        if not found:
            return []
        halves.append((found[0], sites))
    (first, _), (second, others) = halves
    if _share_nodes(problem, [(half.places[0], sites) for half, sites in halves]):
        return []
    chosen = [second if j in set(others) else first for j in range(len(problem.sites))]
    return [
        Supply(
            arrives=tuple(one.arrives[j] for j, one in enumerate(chosen)),
            efficiency=tuple(one.efficiency[j] for j, one in enumerate(chosen)),
            places=tuple(one.places[j] for j, one in enumerate(chosen)),
            by_sign=True,
        )
    ]


def in_groups(problem: GaussianProblem, limits: SqueezerLimits, sources: Sequence[str] | None) -> list[Supply]:
    """As many squeezers as there are, each for the sites that it reaches with the least loss; none where one does as well.

    That is without loss on the way, and with a squeezer for every site. Of all places those are taken that together look best in
    the measure of ``roots_of``: one after the other, then exchanged while that helps. The best way to a site leads through nodes
    for which the same place is the best, so that the trees of several share no nodes, but for ties.

    Parameters
    ----------
    problem : GaussianProblem
    limits : SqueezerLimits
    sources : names of nodes where they may stand, or None
    """
    import numpy as np

    used = [j for j, a in enumerate(problem.site_alpha) if a]
    if limits.squeezers is None or not 2 <= limits.squeezers < len(used) or not problem.has_lossy_links:
        return []
    view = _View.of(problem, limits, sources, used, None)
    if view is None:
        return []
    errors, count = view.errors_of_each, min(limits.squeezers, len(view.places))
    chosen: list[int] = []
    for _ in range(count):
        least = np.minimum(errors, errors[chosen].min(axis=0)) if chosen else errors
        chosen.append(int(np.argmin(least.sum(axis=1))))
    for _ in range(MAX_EXCHANGES):
        best, better = float(errors[chosen].min(axis=0).sum()) * (1 - SAME), None
        for left_out in chosen:
            others = [place for place in chosen if place != left_out]
            least = np.minimum(errors, errors[others].min(axis=0)).sum(axis=1) if others else errors.sum(axis=1)
            if least.min() < best:
                best, better = float(least.min()), [*others, int(np.argmin(least))]
        if better is None:
            break
        chosen = better
    served = np.argmax((view.escape[:, None] * view.through)[chosen], axis=0)
    groups = [[used[k] for k in np.flatnonzero(served == place)] for place in range(len(chosen))]
    reached = view.through[chosen][served, np.arange(len(used))]
    if not reached.all() or sum(map(bool, groups)) < 2:
        return []
    if _share_nodes(problem, [(view.places[place], own) for place, own in zip(chosen, groups, strict=True) if own]):
        return []
    arrives, own = np.zeros(len(problem.sites)), np.zeros(len(problem.sites), dtype=int)
    arrives[used], own[used] = reached, served
    return [
        Supply(
            arrives=tuple(arrives.tolist()),
            efficiency=tuple(float(view.escape[chosen[k]]) for k in own),
            places=tuple(view.places[chosen[k]] for k in own),
            groups=tuple(own.tolist()),
        )
    ]


def tree_of(problem: GaussianProblem, place: str, sites: Sequence[int], weights: Real) -> Tree:
    """The best paths from a place to sites.

    Parameters
    ----------
    problem : GaussianProblem
    place : str
    sites : places of sensors
    weights : (sites,) floats
    """
    paths = Paths.of(problem.task)
    ends, start = [paths.place[problem.entrances[j]] for j in sites], paths.place[place]
    return pruned_tree(paths, ends, weights, paths.best_from([start]).before[0], start)


def _share_nodes(problem: GaussianProblem, trees: Sequence[tuple[str, Sequence[int]]]) -> bool:
    """Whether the light of two places would mix on its way to their sites."""
    import numpy as np

    nodes = [set(tree_of(problem, place, sites, np.ones(len(sites))).nodes) for place, sites in trees]
    return sum(map(len, nodes)) > len(set().union(*nodes))


@dataclass(frozen=True, eq=False, kw_only=True)
class _View:
    """Places where squeezers may stand, as some sites see them.

    Attributes
    ----------
    places : list of str
    through : (places, sites) floats
        Of the light on its way.
    escape : (places,) floats
    errors : (places, sites) floats
        What each site adds to the error of bright light, the coherent light as is best for this place; infinite where it is not
        reached.
    errors_of_each : (places, sites) floats
        The same, the coherent light as is best where each site has a squeezer in its best place.
    """

    places: list[str]
    through: Real
    escape: Real
    errors: Real
    errors_of_each: Real

    @classmethod
    def of(
        cls,
        problem: GaussianProblem,
        limits: SqueezerLimits,
        sources: Sequence[str] | None,
        used: Sequence[int],
        paths: Paths | None,
    ) -> _View | None:
        """None without a place."""
        import numpy as np

        from protocols.theory.limits.bright import split_coherent

        allowed = None if sources is None else set(map(str, sources))
        places = [name for name in problem.squeezer_places if allowed is None or name in allowed]
        if not places:
            return None
        paths = paths or Paths.of(problem.task)
        # Among places that are as good sensors come first.
        places.sort(key=lambda name: name not in problem.entrances)
        ends = [paths.place[problem.entrances[j]] for j in used]
        starts = [paths.place[name] for name in places]
        through = np.exp(-paths.best_from(ends).lengths[:, starts].T)
        escape = np.array([problem.squeezer_efficiency[name] for name in places])
        photons = min(limits.most_photons, problem.mean_photons / 2)
        less = 1 - 1 / (math.sqrt(photons) + math.sqrt(photons + 1)) ** 2
        alpha = np.abs([problem.site_alpha[j] for j in used])
        if problem.has_free_reference:
            # Beside interferometers sensors with one arm and a free reference need a half of the light.
            alpha = alpha * [0.5 * len(problem.sites[j]) for j in used]
        benches = [problem.site_benches[j] for j in used]
        kept = [one.transmissivity**problem.passes * one.detector_efficiency * one.visibility**2 for one in benches]
        kept = [eta * one.transmissivity_before for eta, one in zip(kept, benches, strict=True)]
        noise = 1 / np.maximum(kept, FAINTEST) - escape[:, None] * through * less
        tops = [one.mean_photons_max / one.transmissivity_before for one in benches]
        sizes = alpha**2 * noise
        least = sizes.min(axis=0)
        shares = [split_coherent(row.tolist(), problem.mean_photons, tops) for row in (*sizes, least)]
        coherent = np.maximum(np.array(shares), FAINTEST)
        return cls(
            places=places,
            through=through,
            escape=escape,
            errors=np.where(through > 0, sizes / coherent[:-1], np.inf),
            errors_of_each=np.where(through > 0, sizes / coherent[-1], np.inf),
        )
