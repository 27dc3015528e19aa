"""The error of turns with fewer photons, as built and with the detectors of the network, in closed form and without circuits.

For the search of the best number of photons only, which asks for some twenty of them; what is found is built. Schemes of N00N
states of two modes: sites in turn, pairs in turn along the links, and a state for each sensor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from protocols.layout.photon.layout import references_tried
from protocols.layout.photon.layouts import MAX_NODES
from protocols.layout.strings.layout import Arriving, best_populations, shares_of
from protocols.layout.strings.layouts import string_search
from protocols.layout.strings.pairing import pairs_along
from protocols.problem import PhaseProblem
from protocols.schemes.noon_in_turn import NoonInTurn
from protocols.schemes.pairs_in_turn import PairsInTurn
from protocols.schemes.scheme import AnyScheme
from protocols.schemes.separable_phase import SeparablePhase, photons_of_sites
from protocols.schemes.two_modes import own_arm
from protocols.theory.detected_pairs import detected_pair_mse
from protocols.theory.sums import error_sum
from protocols.theory.turns import site_turns
from protocols.theory.two_branches import best_branch_weights


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
        return lambda photons: _sites_in_turn(problem, photons)
    if kind is SeparablePhase:
        return lambda photons: _separate_sites(problem, photons)
    if kind is PairsInTurn and len(problem.names) <= MAX_NODES:
        search, (references, _) = string_search(problem, roots=sources), references_tried(problem)

        def pairs(photons: int) -> Sent:
            smaller = search.with_photons(photons)
            terms = pairs_along(problem, smaller, references).coefficients
            turns = [smaller.nearest(pair) for pair in terms]
            shares = shares_of([turn.log_error for turn in turns])
            errors = [_pair_error(problem, pair, turn) for pair, turn in zip(terms, turns, strict=True)]
            return Sent(
                # A share that is nothing beside the others is that of an error that is nothing beside theirs.
                mse=error_sum(error / share for error, share in zip(errors, shares, strict=True) if share),
                photons=max(turn.photons for turn in turns),
            )

        return pairs
    return None


def _sites_in_turn(problem: PhaseProblem, photons: int) -> Sent:
    turns = site_turns(replace(problem.task, photons=photons))
    errors = (_site_error(problem, (turn.mode, turn.other), turn.photons) / turn.share for turn in turns)
    return Sent(mse=error_sum(errors), photons=max(turn.photons for turn in turns))


def _separate_sites(problem: PhaseProblem, photons: int) -> Sent:
    split = photons_of_sites(problem, photons)
    if split is None:
        return Sent(mse=math.inf, photons=photons)
    shared = zip(split, problem.task.own_probes, strict=True)
    errors = (_site_error(problem, probe, own) for own, probe in shared if own)
    return Sent(mse=error_sum(errors), photons=sum(split))


def _site_error(problem: PhaseProblem, probe: tuple[int, int | None], photons: int) -> float:
    """Of alpha_j theta_j when all shots are its own, the light of a sensor and its arm as ``own_part`` makes it."""
    sensor, other = probe
    first = problem.sensor_modes[sensor]
    second = own_arm(problem, sensor) if other is None else problem.sensor_modes[other]
    losses = (problem.losses_of[first], problem.arm_losses if other is None else problem.losses_of[second])
    logs = [one.log_photon(problem.passes) for one in losses]
    populations = best_branch_weights(*(photons * log for log in logs))
    return problem.alpha[sensor] ** 2 * _detected(problem, (first, second), photons, populations, logs)


def _pair_error(problem: PhaseProblem, pair: Mapping[str, Fraction], turn: Arriving) -> float:
    """Of c (theta_i - theta_k) when all shots are its own, the light as ``string_part`` makes it."""
    weights = [abs(float(c)) for c in pair.values()]
    first, second = best_populations(weights, [turn.photons * log for log in turn.log_photon])
    return weights[0] ** 2 * _detected(problem, tuple(pair), turn.photons, (first, second), turn.log_photon)


def _detected(
    problem: PhaseProblem,
    modes: Sequence[str],
    photons: int,
    populations: tuple[float, float],
    log_survival: Iterable[float],
) -> float:
    benches = [problem.bench_of.get(mode) or problem.arm_bench for mode in modes]
    jitter = math.fsum(bench.phase_jitter_rad**2 for bench in benches)
    first, second = map(math.exp, log_survival)
    return detected_pair_mse(
        photons,
        problem.passes,
        populations,
        (first, second),
        contrast=math.sqrt(math.prod(bench.visibility for bench in benches)) * math.exp(-jitter * photons**2 / 2),
        dark_counts=math.fsum(bench.dark_counts for bench in benches),
    )
