"""Where a gain by entanglement only fades: towards a turning point behind which both kinds of schemes have the same error.

Sought on what ``turning`` finds: there a gain counts as none below 1e-9, which a gain that falls exponentially reaches long after
anybody would still call it one. In networks of up to ``MAX_TURNED`` nodes everything is built anew, in larger ones layouts stay.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from networks import InputError
from networks.values import Value
from protocols.built.built import Built
from protocols.built.changes import Change, What
from protocols.built.on_layout import Changed
from protocols.documents.printed import Printed
from protocols.problem import AnyProblem
from protocols.ranking.turning import MAX_TURNED, TurningPoint, VerdictAxis
from protocols.schemes.scheme import AnyScheme
from protocols.theory.equal_errors import SAME

LEAST_GAIN = 0.01
"""A lower error by less than this share is a gain that has faded."""
NEAR = 0.05
"""A gain that is ``LEAST_GAIN`` within this share of the turning point ends there, it does not fade."""
BEHIND = 0.1
"""Where it is looked at behind a turning point, as a share of the way to the next one or the end of the axis."""
DIGITS = 1e-4
"""Relative accuracy of where a gain has faded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fading(Value, Printed):
    """Where a gain has faded, towards a turning point with equal errors behind it.

    Attributes
    ----------
    what : str
        What is changed, as in ``built.changes.Change``.
    value : float >= 0
        Where the best scheme without entanglement between sites has an error ``LEAST_GAIN`` above the best with it.
    pays_below : bool
        Whether the gain is larger below it, or above.
    turning_point : float >= 0
        Where the gain is below ``equal_errors.SAME``.
    """

    what: What
    value: float
    pays_below: bool
    turning_point: float


def fadings(
    problem: AnyProblem,
    ranked: Sequence[Built],
    schemes: Sequence[AnyScheme],
    axes: Sequence[VerdictAxis],
    *,
    sources: Sequence[str] | None = None,
    squeezers: int | None = None,
) -> tuple[Fading, ...]:
    """The turning points of these axes behind which nothing is lost by entanglement either, with where the gain has faded.

    Parameters
    ----------
    problem : Problem
    ranked : sequence of Built
        All schemes that apply, with and without entanglement between sites among them.
    schemes : sequence of Scheme
        All that were looked at.
    axes : sequence of VerdictAxis
        As ``turning_axes`` finds them.
    sources, squeezers
        As the schemes were built with.

    Examples
    --------
    One squeezer in a hub, for two sensors at once or one after the other: 2 (1 - T k) and that over 1 - T k/2, k = 1 - e^{-2r},
    1 % apart at T k = 0.02/1.01, or 11.05 times 1.5 dB:

    >>> from networks import Link, Mode, SensorNetwork
    >>> from protocols.design import design
    >>> modes = [*(Mode(id=s, coupling="displacement", alpha=1, squeezer=False) for s in "ab"), Mode(id="hub", role="ancilla")]
    >>> links = [Link(ends=("hub", s), transmissivity=10**-0.15) for s in "ab"]
    >>> star = SensorNetwork(sensing="displacement", modes=modes, links=links, mean_photons=2.0, squeezers=1)
    >>> [(one.what, round(one.value, 2)) for one in design(star).verdict.fading]
    [('link_loss_times', 11.05)]
    """
    gains = _Gains(
        problem=problem,
        ranked=ranked,
        schemes={scheme.name: scheme for scheme in schemes},
        sources=sources,
        squeezers=squeezers,
    )
    found = (gains.fading(axis, point) for axis in axes for point in axis.turning_points)
    return tuple(one for one in found if one is not None)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Gains:
    """By how much the best error without entanglement between sites is above the best with it, one thing changed."""

    problem: AnyProblem
    ranked: Sequence[Built]
    schemes: Mapping[str, AnyScheme]
    sources: Sequence[str] | None
    squeezers: int | None
    known: dict[Change, float] = field(default_factory=dict)

    def gain(self, what: What, value: float) -> float:
        """As a share of the lower error, negative where entanglement has the higher one; nan where one kind has no finite error."""
        change = Change(what=what, value=value)
        if change not in self.known:
            try:
                self.known[change] = self._gain(change)
            except InputError:
                # Beyond what a network can say: next to nothing arrives.
                self.known[change] = math.nan
        return self.known[change]

    def _gain(self, change: Change) -> float:
        changed = Changed(problem=self.problem, change=change, sources=self.sources, squeezers=self.squeezers)
        if len(self.problem.names) <= MAX_TURNED:
            found = (changed.entangled_anew(scheme) for scheme in self.schemes.values())
            errors = [one for one in found if one is not None]
        else:
            errors = [
                (one.as_built.modes_between_sites, changed.error_on_layout(self.schemes[one.plan.scheme], one))
                for one in self.ranked
            ]
        entangled = min((error for modes, error in errors if modes), default=math.inf)
        separate = min((error for modes, error in errors if not modes), default=math.inf)
        return separate / entangled - 1 if 0 < entangled < math.inf and separate < math.inf else math.nan

    def fading(self, axis: VerdictAxis, point: TurningPoint) -> Fading | None:
        """None where entanglement has the higher error behind the turning point, or the gain is there until just before it."""
        from scipy.optimize import brentq

        sign = 1 if point.pays_below else -1
        ends = (*(other.value for other in axis.turning_points), axis.looked_at[0], axis.looked_at[-1])
        # Up to the next turning points or the ends of the axis on either side.
        behind = min((v for v in ends if sign * v > sign * point.value), key=lambda v: sign * v, default=None)
        before = max((v for v in ends if sign * v < sign * point.value), key=lambda v: sign * v, default=None)
        if behind is None or before is None:
            return None
        if not abs(self.gain(axis.what, point.value + BEHIND * (behind - point.value))) <= SAME:
            return None
        grid = [v for v in axis.looked_at if sign * before <= sign * v < sign * point.value]
        outer = point.value
        for inner in sorted(grid, reverse=point.pays_below):
            gain = self.gain(axis.what, inner)
            if math.isnan(gain):
                return None
            if gain >= LEAST_GAIN:
                break
            outer = inner
        else:
            return None

        def excess(value: float) -> float:
            gain = self.gain(axis.what, value)
            return -LEAST_GAIN if math.isnan(gain) else gain - LEAST_GAIN

        if excess(outer) >= 0:
            return None
        value = float(brentq(excess, inner, outer, rtol=DIGITS))
        if abs(value - point.value) <= NEAR * point.value:
            return None
        return Fading(what=axis.what, value=value, pays_below=point.pays_below, turning_point=point.value)
