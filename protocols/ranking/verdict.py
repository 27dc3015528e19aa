"""Whether entanglement between the sites pays, as built, against the best scheme without it; and what would change the answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from networks import InputError
from networks.modes import Link
from networks.values import Value
from protocols.built.build import build
from protocols.built.built import Built
from protocols.built.link_loss import error_with_link_loss
from protocols.documents.printed import Printed
from protocols.problem import DisplacementProblem, PhaseProblem
from protocols.schemes.scheme import AnyScheme
from protocols.theory.equal_errors import SAME

MAX_TURNED = 20
"""Nodes of a network up to which every loss of links tried is laid out anew; in larger ones layouts stay as they are."""
MOST_TIMES = 64.0
"""Losses of links are looked at up to so many times theirs in dB."""
MOST_DB = 60.0
"""The same for links without loss, in dB each."""
TURN_DIGITS = 1e-4
"""Relative accuracy of the loss at which the order turns."""

LEAST_LOG_GAIN = 10.0
"""Logarithms of factors are looked at up to this size: beyond it one of the two has no light left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurningPoint(Value, Printed):
    """Where the best scheme with entanglement between sites and the best without have the same error.

    Attributes
    ----------
    what : "link_loss_times" or "link_loss_db"
        Every loss of a link in dB, times this; or the loss of every link, where none loses anything now.
    value : float >= 0
    pays_below : bool
        Whether entanglement pays below it and not above.
    """

    what: str
    value: float
    pays_below: bool = True

    @property
    def words(self) -> str:
        """As part of a sentence."""
        if self.what == "link_loss_times":
            return f"{self.value:.3g} times their loss in dB"
        return f"{self.value:.3g} dB each"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntanglementVerdict(Value, Printed):
    """Whether light that is entangled between sites has the lower error, all schemes as built under the limits of the network.

    Attributes
    ----------
    entanglement_pays : bool or None
        None where one of the two kinds has no scheme.
    factor : float or None
        Error of the best scheme without entanglement between sites over that of the best with it.
    compared_with : str or None
        The best without.
    best_entangled : str or None
        The best with.
    because : str
        What is held equal.
    turns_at : TurningPoint or None
        The loss of links at which the answer changes; None where it does not up to MOST_TIMES or MOST_DB, or was not sought.
    sought : bool
        Whether the turning point was looked for; not where there is none, as no link loses anything and it does not pay even so.
    """

    entanglement_pays: bool | None
    factor: float | None
    compared_with: str | None
    best_entangled: str | None
    because: str
    turns_at: TurningPoint | None = None
    sought: bool = False

    @property
    def sentence(self) -> str:
        """What people read first."""
        if self.factor is None:
            return f"Whether entanglement between the sites pays cannot be said: {self.because}."
        if self.entanglement_pays:
            first = (
                f"Entanglement between the sites pays here: the mean squared error of {self.best_entangled} is "
                f"{self.factor:.4g} times lower than that of {self.compared_with}, the best scheme without it"
            )
        else:
            worse = 1 / self.factor if self.factor else math.inf
            size = "as large as" if worse <= 1 + SAME else f"{worse:.4g} times"
            first = (
                f"Entanglement between the sites does not pay here: the mean squared error of {self.best_entangled}, the best "
                f"scheme with it, is {size} that of {self.compared_with}, which has none"
            )
        return f"{first}; {self.because}.{self._change}"

    @property
    def _change(self) -> str:
        if not self.sought:
            return ""
        if self.turns_at is None:
            return "" if self.entanglement_pays else " Links without loss would not change that."
        if self.entanglement_pays:
            return f" It stops paying where links lose {self.turns_at.words}."
        return f" It would pay where links lose less than {self.turns_at.words}."


def entanglement_verdict(
    problem: PhaseProblem | DisplacementProblem,
    ranked: Sequence[Built],
    schemes: Sequence[AnyScheme],
    *,
    sources: Sequence[str] | None = None,
    squeezers: int | None = None,
    seek_turning: bool = True,
) -> EntanglementVerdict:
    """The verdict on ranked schemes, with the loss of links at which it changes.

    Parameters
    ----------
    problem : Problem
    ranked : sequence of Built
        All schemes that apply, least error first.
    schemes : sequence of Scheme
        All that were looked at.
    sources, squeezers
        As the schemes were built with.
    seek_turning : bool
        Whether the loss of links is looked for, which builds schemes some twenty times more.

    Examples
    --------
    >>> from networks import SensorNetwork
    >>> from protocols.design import design
    >>> verdict = design(SensorNetwork.star([1, 1], sensing="displacement", mean_photons=2.0)).verdict
    >>> verdict.entanglement_pays, round(verdict.factor, 4), verdict.compared_with
    (True, 1.6984, 'separable-squeezed')
    """
    entangled = next((one for one in ranked if one.as_built.modes_between_sites), None)
    separate = next((one for one in ranked if not one.as_built.modes_between_sites), None)
    if entangled is None or separate is None:
        kind = "with" if entangled is None else "without"
        return EntanglementVerdict(
            entanglement_pays=None,
            factor=None,
            compared_with=None if separate is None else separate.plan.scheme,
            best_entangled=None if entangled is None else entangled.plan.scheme,
            because=f"no scheme {kind} it applies",
        )
    factor = separate.mse / entangled.mse if entangled.mse < math.inf else 0.0
    pays = factor > 1 + SAME
    # Where it does not pay and no link loses anything, links have nothing that could be taken from them.
    could_turn = problem.has_lossy_links or (pays and bool(problem.network.links))
    is_sought = seek_turning and could_turn and 0 < factor < math.inf
    verdict = EntanglementVerdict(
        entanglement_pays=pays,
        factor=factor,
        compared_with=separate.plan.scheme,
        best_entangled=entangled.plan.scheme,
        because=_held_equal(problem, entangled, separate),
        sought=is_sought,
    )
    if not is_sought:
        return verdict
    by_name = {scheme.name: scheme for scheme in schemes}
    using_links = [one for one in ranked if one.as_built.modes_between_sites]
    anew = len(problem.names) <= MAX_TURNED

    def gain(loss: float) -> float:
        """Logarithm of the factor with another loss of links."""
        if anew:
            other = _with_links(problem, loss)
            made = (build(by_name[one.plan.scheme], other, sources=sources, squeezers=squeezers) for one in using_links)
            errors = [built.mse for built in made if isinstance(built, Built)]
        else:
            known = (error_with_link_loss(one, problem, loss) for one in using_links)
            errors = [error for error in known if error is not None]
        least = min(errors, default=math.inf)
        return math.log(separate.mse / least) if least < math.inf else -math.inf

    now, most = (1.0, MOST_TIMES) if problem.has_lossy_links else (0.0, MOST_DB)
    place = _crossing(gain, now, most) if pays else _crossing(gain, 0.0, now)
    what = "link_loss_times" if problem.has_lossy_links else "link_loss_db"
    return verdict if place is None else replace(verdict, turns_at=TurningPoint(what=what, value=place))


def _held_equal(problem: PhaseProblem | DisplacementProblem, *compared: Built) -> str:
    """What both have the same of."""
    if isinstance(problem, PhaseProblem):
        averages = [one.plan.scheme for one in compared if one.as_built.mean_photons is not None]
        if averages:
            return (
                f"both with N = {problem.photons} photons in a shot, as prepared: at the most, and on average "
                f"for {' and '.join(averages)}"
            )
        return f"both with N = {problem.photons} photons in a shot at the most, as prepared"
    return f"both with nbar = {problem.mean_photons:g} photons on average in a shot, as prepared"


def _with_links(problem: PhaseProblem | DisplacementProblem, loss: float) -> PhaseProblem | DisplacementProblem:
    """The problem with every loss of a link in dB times ``loss``, or links of so many dB where none has a loss."""
    lossy = problem.has_lossy_links

    def changed(link: Link) -> Link:
        return replace(link, transmissivity=link.transmissivity**loss if lossy else 10 ** (-loss / 10))

    return replace(problem, network=problem.network.replace(links=tuple(map(changed, problem.network.links))))


def _crossing(gain: Callable[[float], float], low: float, high: float) -> float | None:
    """Where a gain falls to nothing between two losses: it does not rise with loss. None where it does not change sign."""
    from scipy.optimize import brentq

    def bounded(loss: float) -> float:
        try:
            return max(-LEAST_LOG_GAIN, min(LEAST_LOG_GAIN, gain(loss))) - SAME
        except InputError:
            # So lossy that nothing arrives within floating point.
            return -LEAST_LOG_GAIN

    if bounded(low) <= 0 or bounded(high) > 0:
        return None
    # Twice as far each time from where it pays, so that small losses are found as precisely as large ones.
    step = max((high - low) / 64, 1e-6)
    while low + step < high and bounded(low + step) > 0:
        low, step = low + step, step * 2
    high = min(high, low + step)
    return float(brentq(bounded, low, high, rtol=TURN_DIGITS, xtol=TURN_DIGITS * high))
