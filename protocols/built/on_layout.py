"""Errors of schemes as they are laid out when one thing of the laboratory is other than it is: nodes, trees and paths stay.

Photons, populations, shares of the shots and splitters are as good as they can be all the same, in closed forms. All paths get
longer alike when every link's loss in dB is multiplied by one number, and other changes leave them, so the best paths stay so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from networks import Bench
from protocols.built.build import build, photons_sent, search_photons
from protocols.built.built import Built
from protocols.built.changes import LOSSES_TIMES, Change
from protocols.built.detected_turns import error_of_photons
from protocols.built.gaussian import light_error
from protocols.built.photons import best_column_photons
from protocols.built.squeezed import Way, limits_with, nearest_squeezers, squeezers_in_turn
from protocols.layout.photon.layout import with_reference
from protocols.layout.photon.layouts import PhotonLayouts
from protocols.layout.photon.routes import Transport
from protocols.layout.squeezed.layouts import SqueezedLayouts
from protocols.layout.squeezed.trees import Tree
from protocols.layout.strings.layout import string_error
from protocols.layout.strings.layouts import StringLayouts
from protocols.problem import AnyProblem, DisplacementProblem, GaussianProblem, PhaseProblem
from protocols.schemes.coherent_displacement import CoherentDisplacement
from protocols.schemes.photon import branch_log_survival
from protocols.schemes.scheme import AnyScheme, error_of
from protocols.schemes.separable_squeezed import SeparableSqueezed
from protocols.schemes.squeezed_in_turn import SqueezedInTurn
from protocols.theory.equal_errors import same_error
from protocols.theory.limits.local import best_local_squeezing
from protocols.theory.limits.places import fitted_photons
from protocols.theory.limits.readout import HomodyneReadout, readout_of_benches
from protocols.theory.limits.several_in_turn import best_squeezers_in_turn
from protocols.theory.limits.shared import SharedLight
from protocols.theory.limits.squeezers import SqueezerLimits
from protocols.theory.phase import two_branch_mse
from protocols.theory.sums import error_sum
from protocols.theory.turns import best_photons

MAX_SEARCHED = 20
"""Nodes of a network up to which the best number of photons is looked for again behind noisy detectors."""
PHOTON_TIMES = (0.25, 0.5, 1.0, 2.0, 4.0)
"""In larger ones the best of so many times those that are sent now counts."""
PER_DB = math.log(10) / 10
"""Of the logarithm of a transmissivity."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Changed:
    """A problem in which one thing is other than it is, and the errors of its layouts then.

    Parameters
    ----------
    problem : Problem
        As it is.
    change : Change
    sources, squeezers
        As in ``build``.

    Examples
    --------
    >>> from networks import Link, SensorNetwork
    >>> from protocols.problem import Problem
    >>> from protocols.schemes import find_scheme
    >>> chain = SensorNetwork.chain([1, -1], sensing="phase", photons=2)
    >>> half = chain.replace(links=(Link(ends=("s1", "s2"), transmissivity=0.5),))
    >>> noon = find_scheme("phase", "noon")
    >>> twice = Changed(problem=Problem.of(half), change=Change(what="link_loss_times", value=2.0))
    >>> round(build(noon, half).mse, 6), round(twice.error_on_layout(noon, build(noon, half)), 6)
    (0.5625, 1.5625)
    """

    problem: AnyProblem
    change: Change
    sources: Sequence[str] | None = None
    squeezers: int | None = None

    @cached_property
    def then(self) -> AnyProblem:
        """The problem with the change."""
        return self.change.of_problem(self.problem)

    def error_anew(self, scheme: AnyScheme, sources: Sequence[str] | None = None) -> float:
        """The error of a scheme that is built anew, infinite where it does not apply then.

        Parameters
        ----------
        scheme : Scheme
        sources : names of nodes, optional
            Instead of those of this problem.
        """
        built = self.built_anew(scheme, sources)
        return math.inf if built is None else built.mse

    def built_anew(self, scheme: AnyScheme, sources: Sequence[str] | None = None) -> Built | None:
        """A scheme that is built anew, None where it does not apply then.

        Parameters
        ----------
        scheme : Scheme
        sources : names of nodes, optional
            Instead of those of this problem.
        """
        places = self.sources if sources is None else sources
        made = build(scheme, self.then, sources=places, squeezers=self.squeezers)
        return made if isinstance(made, Built) else None

    def entangled_anew(self, scheme: AnyScheme) -> tuple[int, float] | None:
        """Modes entangled between sites, and the error, of a scheme that is built anew; None where it does not apply then.

        Parameters
        ----------
        scheme : Scheme
        """
        if isinstance(self.then, GaussianProblem):
            return light_error(scheme, self.then, sources=self.sources, squeezers=self.squeezers)
        made = self.built_anew(scheme)
        return None if made is None else (made.as_built.modes_between_sites, made.mse)

    def error_on_layout(self, scheme: AnyScheme, built: Built) -> float:
        """Mean squared error of q in one shot of a scheme as it is laid out now.

        Detectors with visibility, jitter and dark counts, and photons that sensors limit, have no closed form: then light is laid
        out from the nodes where it starts now. What needs no links is as good as it can be.

        Parameters
        ----------
        scheme : Scheme
        built : Built
            Of this scheme, for ``problem``.

        Raises
        ------
        InputError
            Where next to nothing arrives, beyond what a network can say.
        """
        layout = built.layout
        if isinstance(self.problem, DisplacementProblem):
            if isinstance(layout, SqueezedLayouts):
                return _squeezed(layout, self.problem, self._light)
            # A snapshot allows turns only where the squeezer is best left at one sensor.
            turns = isinstance(scheme, SqueezedInTurn) and self.problem.network.parameters == "snapshot"
            known = None if turns else _separate(scheme, self._light)
            return self.error_anew(scheme) if known is None else known
        problem = self.then
        if isinstance(problem, GaussianProblem):
            found = light_error(scheme, problem, sources=built.starts_at or self.sources, squeezers=self.squeezers)
            return math.inf if found is None else found[1]
        assert isinstance(problem, PhaseProblem), "a change does not change what is sensed"
        if problem.has_noisy_detectors or any(bench.mean_photons_max < math.inf for bench in problem.benches):
            known = _detected(scheme, problem, built) if problem.has_noisy_detectors else None
            return self.error_anew(scheme, built.starts_at) if known is None else known
        if isinstance(layout, PhotonLayouts):
            return _columns(layout, problem, self._lost_on_links)
        if isinstance(layout, StringLayouts):
            return _strings(layout, problem, self._lost_on_links)
        assert isinstance(self.problem, PhaseProblem), "a change does not change what is sensed"
        form = error_of(scheme, self.problem.task)
        if form is not None and same_error(form, built.mse):
            # What is built is the closed form; plans of many sensors take long to make.
            there = error_of(scheme, problem.task)
            return math.inf if there is None else there
        return self.error_anew(scheme)

    @cached_property
    def _lost_on_links(self) -> dict[frozenset[str], float]:
        """Logarithms of the transmissivities of all links with the change."""
        links = self.then.task.links
        return {frozenset((link.first, link.second)): math.log(link.transmissivity) for link in links}

    @cached_property
    def _light(self) -> _SqueezedLight:
        """What squeezed light meets, without a network made of it: of 200 nodes that takes longer than all the rest."""
        problem, change = self.problem, self.change
        assert isinstance(problem, DisplacementProblem), "squeezed light is for displacements"
        limits, escape = limits_with(problem, self.squeezers), problem.squeezer_efficiency
        readout = problem.readout
        attribute = LOSSES_TIMES.get(change.what, change.what)
        if attribute == "squeezing_db":
            limits = replace(limits, squeezing_db=change.value)
        elif attribute == "squeezer_efficiency":
            times = change.what in LOSSES_TIMES
            escape = {name: eta**change.value if times else change.value for name, eta in escape.items()}
        elif attribute in ("detector_efficiency", "transmissivity"):
            benches = [self._bench(problem.benches[k], attribute) for k in problem.task.sensors]
            readout = readout_of_benches(problem.alpha, benches, problem.passes)
        ways = nearest_squeezers(problem, self.sources)
        if attribute == "squeezer_efficiency" or attribute.startswith("link_loss"):
            at_home = all(way.place == sensor for way, sensor in zip(ways, problem.sensor_modes, strict=False))
            if not at_home or len(set(escape.values())) > 1:
                # Light of single sensors may then come better from elsewhere.
                assert isinstance(self.then, DisplacementProblem), "a change does not change what is sensed"
                ways = nearest_squeezers(self.then, self.sources)
        turns = squeezers_in_turn(problem, self.squeezers)
        return _SqueezedLight(readout=readout, limits=limits, escape=escape, ways=ways, in_turn=turns, change=change)

    def _bench(self, bench: Bench, attribute: str) -> Bench:
        values: dict[str, Any] = {attribute: self.change.value}
        if self.change.what in LOSSES_TIMES:
            values = {attribute: getattr(bench, attribute) ** self.change.value}
        return replace(bench, **values)


# --- photons -------------------------------------------------------------------------------------------------


def _columns(layout: PhotonLayouts, problem: PhaseProblem, lost: Mapping[frozenset[str], float]) -> float:
    """Two branches; of one column as many photons as are best, which go the same ways; of several those that are sent now."""
    best = layout.best
    protocol = best.protocol
    used = with_reference(problem.with_budget(protocol.photons, problem.passes), best.reference)
    columns = [column for column, times in zip(protocol.columns, protocol.repeats, strict=True) if times]
    links = _on_links(best.transports, lost)
    first, second = (a + b for a, b in zip(branch_log_survival(used, columns[0], columns[-1]), links, strict=True))
    photons = protocol.photons
    if len(protocol.columns) == 1:
        photons = best_column_photons(problem, protocol, (first, second))
    scale = photons / protocol.photons
    return two_branch_mse(problem.bound * (problem.photons / photons) ** 2, first * scale, second * scale)


def _strings(layout: StringLayouts, problem: PhaseProblem, lost: Mapping[frozenset[str], float]) -> float:
    """Superposed strings, each turn with as many photons as are best for it and the best populations."""
    root, passes = 0.0, problem.passes
    for turn in layout.turns:
        links = _on_links((turn.preparation,), lost)
        rates = [
            log / turn.photons + problem.losses_of[node].log_photon(passes)
            for log, node in zip(links, turn.nodes, strict=True)
        ]
        weights = [abs(float(c)) for c in turn.coefficients]
        terms = [(math.log(weight), -rate / 2) for weight, rate in zip(weights, rates, strict=True)]
        photons = best_photons(terms, problem.photons)
        root += string_error(weights, [photons * rate for rate in rates], photons * passes)
    return root * root


def _on_links(transports: Iterable[Transport], lost: Mapping[frozenset[str], float]) -> list[float]:
    """Logarithms of the survival of every branch on the links; what joins both arms of a sensor loses nothing."""
    transports = tuple(transports)
    moves = [move for transport in transports for move in transport.moves]
    logs = [lost.get(frozenset(move.edge), 0.0) for move in moves]
    branches = range(len(transports[0].log_survival))
    return [math.fsum(move.photons[k] * one for move, one in zip(moves, logs, strict=True)) for k in branches]


def _detected(scheme: AnyScheme, problem: PhaseProblem, built: Built) -> float | None:
    """With the detectors of the network, from the nodes where light starts now; None for schemes that have to be built."""
    sent = error_of_photons(scheme, problem, built.starts_at)
    if sent is None:
        return None

    @cache
    def error(photons: int) -> float:
        return sent(photons).mse

    now = photons_sent(built.as_built)
    if len(problem.names) > MAX_SEARCHED:
        return min(error(min(max(round(now * times), 1), problem.photons)) for times in PHOTON_TIMES)
    return error(search_photons(problem.photons, error, near=now))


# --- squeezed light ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _SqueezedLight:
    """What squeezed light meets after a change."""

    readout: HomodyneReadout
    limits: SqueezerLimits
    escape: Mapping[str, float]
    ways: Sequence[Way]
    in_turn: int
    change: Change

    def arriving(self, tree: Tree) -> list[float]:
        """The transmissivity from the root of a tree to each of its sensors."""
        what, value = self.change.what, self.change.value
        if what == "link_loss_times":
            return [float(through**value) for _, through in tree.arrives]
        if what == "link_loss_db":
            links = _links_to(tree)
            return [math.exp(-value * PER_DB * links[name]) for name, _ in tree.arrives]
        return [through for _, through in tree.arrives]


def _squeezed(layout: SqueezedLayouts, problem: DisplacementProblem, light: _SqueezedLight) -> float:
    """The trees with the best photons and splitters; sensors that none of them reaches have vacuum."""
    place = {name: k for k, name in enumerate(problem.sensor_modes)}
    dark, lights = set(place.values()), []
    for source in layout.shown.sources:
        sensors = [place[name] for name, _ in source.tree.arrives]
        dark -= set(sensors)
        root = source.tree.root
        lights.append(SharedLight.over(light.readout.some(sensors), light.arriving(source.tree), light.escape[root]))
    photons = fitted_photons(lights, light.limits)
    errors = [one.mse(one.best_sent(n), n) for one, n in zip(lights, photons, strict=True)]
    return error_sum([*errors, light.readout.some(sorted(dark)).vacuum_mse])


def _separate(scheme: AnyScheme, light: _SqueezedLight) -> float | None:
    """Light that sensors do not share, in closed form; None for other schemes."""
    if isinstance(scheme, CoherentDisplacement):
        return light.readout.vacuum_mse
    if not isinstance(scheme, SeparableSqueezed | SqueezedInTurn):
        return None
    if not light.ways or light.limits.squeezers == 0:
        return light.readout.vacuum_mse
    arrives = [way.through for way in light.ways]
    escape = [light.escape[way.place] for way in light.ways]
    if isinstance(scheme, SeparableSqueezed):
        return best_local_squeezing(light.readout, light.limits, arrives, escape).mse
    return best_squeezers_in_turn(light.readout, light.limits, light.in_turn, arrives, escape).mse


def _links_to(tree: Tree) -> dict[str, int]:
    """How many links lead from the root to each node."""
    links = {tree.root: 0}
    for node, parent, _ in tree.parents:
        links[node] = links[parent] + 1
    return links
