"""What imperfect and failing links do to superposed strings.

n photons on a link add tau^n to the survival of their branch. A random phase of variance s^2 on a lane with n photons turns its
branch by n times as much. With pi_j the populations that are left behind all losses, g_j = c_j/pi_j and Var = sum c_j^2/pi_j, the
variances V_j of the branches let the error grow by sum V_j pi_j (pi_j + (1 + pi_j) g_j^2/Var) at most, to leading order
(docs/theory/theory.md, section 7): for two branches this is V_A + V_B, exactly e^(V_A + V_B) times the error.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from protocols.layout.layout import MAX_FACTOR, require_factor
from protocols.layout.photon.link_robustness import LinkRobustness, TraversalGrowth
from protocols.layout.photon.routes import Routes
from protocols.layout.strings.layout import StringLayout, StringSearch, mse_of_turns

LEAST = 1e-300
"""Populations below it are below what floating point holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StringRobustness(LinkRobustness):
    """Sensitivities of the links in use, and what is left without each.

    Attributes
    ----------
    factor : float > 1
        By how much the tolerance lets the error grow.
    phase_tolerance_rad : float
        Standard deviation of the phase of every lane that does so, or does less with more than two branches; infinite without
        links in use.
    failures : tuple of LinkFailure, or None
        The same superpositions from the same nodes without each link in use; None in large networks.
    links : tuple of LinkSensitivity
    """


def phase_growth(turn: StringLayout) -> tuple[float, ...]:
    """By how much the error grows for 1 rad^2 of phase variance of each branch, at most and to leading order.

    Parameters
    ----------
    turn : StringLayout

    Returns
    -------
    (K,) floats

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.layout.strings.layouts import string_layouts
    >>> star = SensorNetwork.star([1, -1], sensing="phase", photons=2)
    >>> [round(x, 12) for x in phase_growth(string_layouts(star, "multimode-noon").turns[0])]
    [1.0, 1.0]
    """
    if turn.is_limited:
        logs = [math.log(max(p, LEAST)) + log for p, log in zip(turn.populations, turn.log_survival, strict=True)]
    else:
        # Populations ~ |c_j| e_j^(-n/2) leave |c_j| e_j^(n/2).
        logs = [math.log(abs(c)) + log / 2 for c, log in zip(turn.coefficients, turn.log_survival, strict=True)]
    top = max(logs)
    sizes = [math.exp(log - top) for log in logs]
    left = [size / math.fsum(sizes) for size in sizes]
    squares = [float(c) ** 2 for c in turn.coefficients]
    # A branch of which nothing is left carries all of the variance; the limit of pi (1 + pi) g^2/Var for it is 1.
    terms = [c / pi if pi else math.inf for c, pi in zip(squares, left, strict=True)]
    largest = max(terms)
    if math.isinf(largest):
        dark = sum(map(math.isinf, terms))
        return tuple(1 / dark if math.isinf(term) else pi * pi for term, pi in zip(terms, left, strict=True))
    # In units of the largest, so that their sum is no larger than numbers go.
    terms = [term / largest for term in terms]
    whole = math.fsum(terms)
    return tuple(pi * pi + (1 + pi) * term / whole for pi, term in zip(left, terms, strict=True))


def string_robustness(
    search: StringSearch,
    turns: Sequence[StringLayout],
    *,
    factor: float = MAX_FACTOR,
) -> StringRobustness:
    """Sensitivities, the phase tolerance, and the error from the same nodes without each link.

    Parameters
    ----------
    search : StringSearch
        That found them.
    turns : sequence of StringLayout
        With their shares of the shots.
    factor : float > 1
        By how much the tolerance lets the error grow.

    Raises
    ------
    InputError
        For a factor that is not above 1.
    """
    require_factor(factor)
    return StringRobustness.of_traversals(
        _growths(turns),
        mse_of_turns(turns),
        factor=factor,
        work=len(search.routes.names) * len(turns),
        mse_without=lambda edge: _mse_without(search, turns, edge),
    )


def _growths(turns: Sequence[StringLayout]) -> Iterator[TraversalGrowth]:
    for turn in turns:
        growth = phase_growth(turn)
        # What each branch adds to the error: its population, where that is the best.
        added = [w * (w / p) if p else 0.0 for w, p in zip(turn.wanted, turn.populations, strict=True)]
        for move in turn.preparation.moves:
            lost = math.fsum(n * part for n, part in zip(move.photons, added, strict=True)) / math.fsum(added)
            yield TraversalGrowth(
                edge=move.edge,
                per_phase2=turn.share * math.fsum(n * n * one for n, one in zip(move.photons, growth, strict=True)),
                per_loss=turn.share * lost / move.transmissivity,
            )


def _mse_without(search: StringSearch, turns: Sequence[StringLayout], edge: tuple[str, str]) -> float:
    """Of the same superpositions from the same nodes; other pairs and references do not step in."""
    without = search.along(Routes(paths=search.routes.paths.without(edge)))
    return mse_of_turns(without.only_from(turn.root).best(turn.terms) for turn in turns)
