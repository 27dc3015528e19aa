"""The error of turns with fewer photons, as built and with the detectors of the network, in closed form and without circuits.

For the search of the best number of photons only, which asks for some thirty of them; what is found is built. Schemes of N00N
states of two modes: sites in turn, pairs in turn along the links, and a state for each sensor. What does not depend on the number
is worked out once, and all pairs of modes together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from photonics.conventions import Integer, Real
from protocols.layout.photon.layout import references_tried
from protocols.layout.photon.layouts import MAX_NODES
from protocols.layout.strings.layout import best_photons_of, log_errors_of
from protocols.layout.strings.layouts import string_search
from protocols.layout.strings.pairing import Pairing
from protocols.problem import PhaseProblem
from protocols.schemes.noon_in_turn import NoonInTurn
from protocols.schemes.pairs_in_turn import PairsInTurn
from protocols.schemes.scheme import AnyScheme
from protocols.schemes.separable_phase import SeparablePhase, photons_of_sites
from protocols.schemes.two_modes import own_arm
from protocols.theory.detected_pairs import detected_pair_mses
from protocols.theory.sums import error_sum
from protocols.theory.two_branches import LARGEST_LOG


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What at most n photons reach.

    Attributes
    ----------
    mse : float
        In one shot; infinite where the scheme does not apply.
    photons : int
        As many are sent of them in a shot: with as many at hand, or up to n, it is the same light.
    """

    mse: float
    photons: int


def error_of_photons(
    scheme: AnyScheme, problem: PhaseProblem, sources: Sequence[str] | None
) -> Callable[[int], Sent] | None:
    """What a scheme reaches with at most n <= N photons, as a function of n; None for schemes that have to be built for it.

    Parameters
    ----------
    scheme : Scheme
    problem : PhaseProblem
        With N photons.
    sources
        As in ``build``.
    """
    if any(most < math.inf for most in problem.light_caps):
        # Limits of the light change the populations.
        return None
    kind = type(scheme)
    if kind is NoonInTurn:
        return _sites_in_turn(problem)
    if kind is SeparablePhase:
        return _separate_sites(problem)
    if kind is PairsInTurn and len(problem.names) <= MAX_NODES:
        return _pairs_in_turn(problem, sources)
    return None


def _pairs_in_turn(problem: PhaseProblem, sources: Sequence[str] | None) -> Callable[[int], Sent]:
    search, (references, _) = string_search(problem, roots=sources), references_tried(problem)
    pairing = Pairing(problem=problem, search=search, references=references)
    detectors = _Detectors.of(problem, pairing.ends)

    def sent(photons: int) -> Sent:
        pairs, reached = pairing.with_photons(photons), pairing.many.at(photons)
        places = np.array(pairs.places)
        counts, weights = reached.photons[places], np.array([float(c) for c in pairs.weights])
        errors = weights**2 * detectors.some(places).errors(counts, reached.log_photon[places])
        return _in_turn(errors, np.log(weights) + reached.log_errors[places], counts)

    return sent


def _sites_in_turn(problem: PhaseProblem) -> Callable[[int], Sent]:
    sites, task = _Sites.of(problem), problem.task
    survive = [task.probe_transmissivity(probe) for probe in task.own_probes if problem.alpha[probe[0]]]
    rates = -problem.passes * np.log(np.array(survive)) / 2
    logs = np.log(np.abs(sites.alpha))
    most = best_photons_of(np.zeros(2), rates, problem.photons)

    def sent(photons: int) -> Sent:
        # The error of each falls up to its best number and rises from there.
        counts = np.minimum(most, photons)
        return _in_turn(sites.errors(counts), logs + log_errors_of(np.zeros(2), rates, counts), counts)

    return sent


def _separate_sites(problem: PhaseProblem) -> Callable[[int], Sent]:
    sites = _Sites.of(problem)
    used = [k for k, probe in enumerate(problem.task.own_probes) if problem.alpha[probe[0]]]

    def sent(photons: int) -> Sent:
        split = photons_of_sites(problem, photons)
        if split is None:
            return Sent(mse=math.inf, photons=photons)
        errors = sites.errors(np.array([split[k] for k in used]))
        return Sent(mse=error_sum(errors.tolist()), photons=sum(split))

    return sent


def _in_turn(errors: Real, log_errors: Real, photons: Integer) -> Sent:
    """Turns with shares of the shots along errors without noise of detectors; errors are those when all shots are their own."""
    if not np.isfinite(log_errors).all():
        # No light reaches some turn.
        return Sent(mse=math.inf, photons=int(photons.max()))
    sizes = np.exp(log_errors - log_errors.max())
    # A share that is nothing beside the others is that of an error that is nothing beside theirs.
    some = sizes > 0
    with np.errstate(over="ignore"):
        terms = errors[some] / sizes[some] * sizes.sum()
    return Sent(mse=error_sum(terms.tolist()), photons=int(photons.max()))


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Detectors:
    """Those of both modes of many pairs, (P,) each."""

    visibility: Real
    jitter: Real
    """Variance of the difference of both phases."""
    dark_counts: Real
    passes: int

    @classmethod
    def of(cls, problem: PhaseProblem, pairs: Sequence[tuple[str, str]]) -> _Detectors:
        """Of modes, or arms of the sensors."""
        each = {
            mode: problem.bench_of.get(mode, problem.arm_bench)
            for mode in dict.fromkeys(m for two in pairs for m in two)
        }
        known = {mode: (one.visibility, one.phase_jitter_rad**2, one.dark_counts) for mode, one in each.items()}
        both = np.array([[known[mode] for mode in two] for two in pairs])
        return cls(
            visibility=np.sqrt(both[:, :, 0].prod(axis=1)),
            jitter=both[:, :, 1].sum(axis=1),
            dark_counts=both[:, :, 2].sum(axis=1),
            passes=problem.passes,
        )

    def some(self, places: Integer) -> _Detectors:
        """Of some of the pairs."""
        return _Detectors(
            visibility=self.visibility[places],
            jitter=self.jitter[places],
            dark_counts=self.dark_counts[places],
            passes=self.passes,
        )

    def errors(self, photons: Integer, log_photon: Real) -> Real:
        """(P,) of theta_1 - theta_2, from (P,) photons of which each survives with (P, 2), with the best populations for that."""
        odds = np.clip(photons * (log_photon[:, 0] - log_photon[:, 1]) / 2, -LARGEST_LOG, LARGEST_LOG)
        return detected_pair_mses(
            photons,
            self.passes,
            1 / (1 + np.exp(np.stack([odds, -odds], axis=1))),
            np.exp(log_photon),
            contrast=self.visibility * np.exp(-self.jitter * photons.astype(float) ** 2 / 2),
            dark_counts=self.dark_counts,
        )


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Sites:
    """Every sensor that q depends on, and its other mode, of S sites."""

    alpha: Real
    log_photon: Real
    """(S, 2)"""
    detectors: _Detectors

    @classmethod
    def of(cls, problem: PhaseProblem) -> _Sites:
        """As ``own_part`` pairs them."""
        names, passes = problem.sensor_modes, problem.passes
        arm, own = (
            problem.arm_losses.log_photon(passes),
            {m: one.log_photon(passes) for m, one in problem.losses_of.items()},
        )
        probes = [probe for probe in problem.task.own_probes if problem.alpha[probe[0]]]
        pairs = [(names[j], own_arm(problem, j) if other is None else names[other]) for j, other in probes]
        return cls(
            alpha=np.array([problem.alpha[j] for j, _ in probes]),
            log_photon=np.array([[own[names[j]], arm if other is None else own[names[other]]] for j, other in probes]),
            detectors=_Detectors.of(problem, pairs),
        )

    def errors(self, photons: Integer) -> Real:
        """(S,) of alpha_j theta_j when all shots are its own."""
        return self.alpha**2 * self.detectors.errors(photons, self.log_photon)
