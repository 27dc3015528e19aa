"""Limits of the light at sensors (``mean_photons_max``) for photons that come along links."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from networks.values import Value
from protocols.layout.photon.routes import Strings, Transport
from protocols.problem import PhaseProblem
from protocols.theory.light_limits import LightLimit


@dataclass(frozen=True, kw_only=True)
class NodeLight(Value):
    """What may be at the nodes, on average in a pass: where light is sensed, behind the losses on its way there.

    Attributes
    ----------
    sites : tuple of tuples
        Of each sensor with a limit, the names of its modes with what arrives there of a photon beside the links.
    most : tuple of float
        The limit of each.
    """

    sites: tuple[tuple[tuple[str, float], ...], ...] = ()
    most: tuple[float, ...] = ()

    @staticmethod
    def of(problem: PhaseProblem) -> NodeLight:
        """The limits of a problem.

        Parameters
        ----------
        problem : PhaseProblem
        """
        names, losses = problem.sensor_modes, problem.losses_of
        limited = [
            (tuple((names[k], losses[names[k]].before) for k in site), most)
            for site, most in zip(problem.sites, problem.light_caps, strict=True)
            if most < math.inf
        ]
        return NodeLight(sites=tuple(site for site, _ in limited), most=tuple(most for _, most in limited))

    def limits(self, strings: Strings, arriving: Mapping[str, float] | None = None) -> tuple[LightLimit, ...]:
        """What a superposition of strings has to keep to.

        Parameters
        ----------
        strings : tuple of mappings of names to ints
            Photons at the nodes in each.
        arriving : mapping of names to floats, optional
            What the links leave of a photon on its way to each node, in the first pass. When left out, no loss on the way counts,
            as behind a control between passes: there is no more light than that.
        """
        found = []
        for modes, most in zip(self.sites, self.most, strict=True):
            kept = [(name, 1.0 if arriving is None else before * arriving.get(name, 1.0)) for name, before in modes]
            light = tuple(math.fsum(string.get(name, 0) * one for name, one in kept) for string in strings)
            if any(light):
                found.append(LightLimit(light=light, most=most))
        return tuple(found)


def arriving(root: str, preparation: Transport) -> dict[str, float]:
    """What links leave of a photon on its way from the root to each node: the branches go over one tree.

    Parameters
    ----------
    root : str
    preparation : Transport
        From this root.
    """
    through = {root: 1.0}
    for move in preparation.moves:
        here, there = move.edge
        through[there] = through[here] * move.transmissivity
    return through
