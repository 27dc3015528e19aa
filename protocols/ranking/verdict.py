"""Whether entanglement between the sites pays, as built, against the best scheme without it; and what would change the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from networks.values import Value
from photonics.conventions import squeezing_db
from protocols.built.build import photons_sent
from protocols.built.built import Built
from protocols.built.changes import What
from protocols.documents.printed import Entry, Printed
from protocols.layout.layout import counted
from protocols.problem import AnyProblem, DisplacementProblem, GaussianProblem
from protocols.ranking.fading import Fading, fadings
from protocols.ranking.turning import TurningPoint, VerdictAxis, turning_axes
from protocols.schemes.plan import Plan, Unavailable
from protocols.schemes.scheme import AnyScheme
from protocols.schemes.twin_squeezed import TwinSqueezed
from protocols.theory.equal_errors import SAME, same_error, times


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
    axes : tuple of VerdictAxis
        What was changed, where it was looked at, and the turning points; empty where they were not sought.
    fading : tuple of Fading
        Of the turning points those behind which both kinds have the same error, with where the gain has faded before them.
    """

    DOCUMENT = (
        "entanglement_pays",
        "factor",
        "compared_with",
        "best_entangled",
        "because",
        "turning_points",
        "fading",
        Entry("looked_at", of="axes"),
        "sentence",
    )

    entanglement_pays: bool | None
    factor: float | None
    compared_with: str | None
    best_entangled: str | None
    because: str
    axes: tuple[VerdictAxis, ...] = ()
    fading: tuple[Fading, ...] = ()

    @property
    def turning_points(self) -> tuple[TurningPoint, ...]:
        """Those of all axes, one axis after the other."""
        return tuple(point for axis in self.axes for point in axis.turning_points)

    @property
    def sentence(self) -> str:
        """What people read first."""
        if self.factor is None:
            return f"Whether entanglement between the sites pays cannot be said: {self.because}."
        if self.entanglement_pays:
            gain = self.factor - 1
            size = f"{self.factor:.4g} times" if gain >= SMALL_GAIN else f"only {100 * gain:.2g} %"
            first = (
                f"Entanglement between the sites pays here: the mean squared error of {self.best_entangled} is "
                f"{size} lower than that of {self.compared_with}, the best scheme without it"
            )
        else:
            worse = 1 / self.factor if self.factor else math.inf
            size = "as large as that of" if worse <= 1 + SAME else f"{times(worse)} times that of"
            size = size if math.isfinite(worse) else "infinite, beside"
            first = (
                f"Entanglement between the sites does not pay here: the mean squared error of {self.best_entangled}, the best "
                f"scheme with it, is {size} {self.compared_with}, which has none"
            )
        return f"{first}; {self.because}.{self._change}"

    @property
    def _change(self) -> str:
        """What would change it, and where that was looked for in vain."""
        faded = {(one.what, one.turning_point): one for one in self.fading}
        found = [one for axis in self.axes for one in _conditions(axis, faded)]
        turns = [words for words, fades in found if not fades]
        fades = [words for words, fades in found if fades]
        stays = [axis for axis in self.axes if not axis.turning_points]
        text = ""
        if turns:
            text += f" {'It stops paying' if self.entanglement_pays else 'It would pay'} {'; or '.join(turns)}."
        if fades:
            what = "The gain fades to less than 1 %" if self.entanglement_pays else "It would pay, by more than 1 %,"
            text += f" {what} {'; or '.join(fades)}."
        if stays:
            counts = ", ".join(str(len(axis.looked_at)) for axis in stays)
            each = " of each" if len(stays) > 1 else ""
            text += (
                f" The verdict stays the same for {'; '.join(map(_range, stays))} (values looked at{each}: {counts})."
            )
        if self.axes and not self.axes[0].is_laid_out_anew:
            text += " Layouts are kept as they are in these comparisons."
        return text


SMALL_GAIN = 1e-3
"""Gains below it are told in percent."""
NEAR = 1.5
"""How far above the best scheme without entanglement twin squeezed vacua are left out where turning points are sought: counts of
lossy light take long to work out."""

_SUBJECTS = {
    "link_loss_times": "links",
    "squeezer_loss_times": "squeezers",
    "detector_loss_times": "detectors",
    "loss_times": "modes",
}
_CONDITIONS = {
    "link_loss_db": ("links lose", "dB each"),
    "squeezing_db": ("squeezers give", "dB"),
    "squeezer_efficiency": ("the efficiency of squeezers is", ""),
    "detector_efficiency": ("the efficiency of detectors is", ""),
    "transmissivity": ("the transmissivity of modes is", ""),
    **{what: (f"{who} lose", "times their loss in dB") for what, who in _SUBJECTS.items()},
}
_RANGES = {
    "link_loss_db": ("links that lose", " dB each"),
    "squeezing_db": ("squeezers of", " dB"),
    "squeezer_efficiency": ("efficiencies of squeezers from", ""),
    "detector_efficiency": ("efficiencies of detectors from", ""),
    "transmissivity": ("transmissivities of modes from", ""),
    **{what: (f"{who} that lose", " times their loss in dB") for what, who in _SUBJECTS.items()},
}


def _conditions(axis: VerdictAxis, faded: Mapping[tuple[What, float], Fading]) -> list[tuple[str, bool]]:
    """Where the answer is another one, away from what the value is now; at a second turning point it turns back.

    With whether the gain only fades towards it: then the place is where it has.
    """
    below = sorted((point.value for point in axis.turning_points if point.value < axis.now), reverse=True)
    above = sorted(point.value for point in axis.turning_points if point.value >= axis.now)
    head, unit = _CONDITIONS[axis.what]
    words = []
    for places, first, back in ((below, "less", "more"), (above, "more", "less")):
        if places:
            # Of further ones only --json tells.
            and_back = f" but {back} than {places[1]:.3g}" if len(places) > 1 else ""
            fading = faded.get((axis.what, places[0]))
            place = places[0] if fading is None else fading.value
            words.append((f"where {head} {first} than {place:.3g}{and_back} {unit}".rstrip(), fading is not None))
    return words


def _range(axis: VerdictAxis) -> str:
    head, unit = _RANGES[axis.what]
    return f"{head} {axis.looked_at[0]:.3g} to {axis.looked_at[-1]:.3g}{unit}"


def entanglement_verdict(
    problem: AnyProblem,
    ranked: Sequence[Built],
    schemes: Sequence[AnyScheme],
    *,
    unavailable: Sequence[Unavailable] = (),
    sources: Sequence[str] | None = None,
    squeezers: int | None = None,
    seek_turning: bool = True,
) -> EntanglementVerdict:
    """The verdict on ranked schemes, with what would change it.

    Parameters
    ----------
    problem : Problem
    ranked : sequence of Built
        All schemes that apply, least error first.
    schemes : sequence of Scheme
        All that were looked at.
    unavailable : sequence of Unavailable
        Of those that do not apply; one that is beyond the engine alone leaves the question open.
    sources, squeezers
        As the schemes were built with.
    seek_turning : bool
        Whether turning points are looked for, which takes some sixty evaluations of all schemes, most of them closed forms.

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
    beyond = [one.scheme for one in unavailable if one.is_beyond_engine]
    if entangled is None or separate is None or beyond:
        kind = "with" if entangled is None else "without"
        return EntanglementVerdict(
            entanglement_pays=None,
            factor=None,
            compared_with=None if separate is None else separate.plan.scheme,
            best_entangled=None if entangled is None else entangled.plan.scheme,
            because=f"the light of {', '.join(beyond)} is beyond the engine"
            if beyond
            else f"no scheme {kind} it applies",
        )
    factor = separate.mse / entangled.mse if entangled.mse < math.inf else 0.0
    verdict = EntanglementVerdict(
        entanglement_pays=factor > 1 + SAME,
        factor=factor,
        compared_with=separate.plan.scheme,
        best_entangled=entangled.plan.scheme,
        because=_held_equal(problem, entangled, separate),
    )
    if not seek_turning or not 0 < factor < math.inf:
        return verdict
    near = [one for one in ranked if one.plan.scheme != TwinSqueezed.name or one.mse <= separate.mse * NEAR]
    names = {one.plan.scheme for one in near}
    looked_at = [scheme for scheme in schemes if scheme.name != TwinSqueezed.name or scheme.name in names]
    axes = turning_axes(problem, near, looked_at, sources=sources, squeezers=squeezers)
    faded = fadings(problem, near, looked_at, axes, sources=sources, squeezers=squeezers)
    return replace(verdict, axes=axes, fading=faded)


def _held_equal(problem: AnyProblem, entangled: Built, separate: Built) -> str:
    """What both have the same of: photons, dB or squeezers."""
    if isinstance(problem, DisplacementProblem | GaussianProblem):
        return _squeezing_held_equal(problem, entangled.as_built, separate.as_built)
    plans = [entangled.as_built, separate.as_built]
    averages = [plan.scheme for plan in plans if plan.mean_photons is not None]
    mean = f", on average for {' and '.join(averages)}" if averages else ""
    limit = f"N = {problem.photons} in a shot, as prepared{mean}"
    sent = [_photons_sent(plan) for plan in plans]
    if all(same_error(photons, problem.photons) for photons in sent):
        return f"photons are what is held equal, {limit}"
    used = " and ".join(f"{plan.scheme} sends {photons:g}" for plan, photons in zip(plans, sent, strict=True))
    return f"the limit on photons is what is held equal, {limit}, of which {used}, as more would do harm"


def _photons_sent(plan: Plan) -> float:
    """In a shot; in turns the most of any."""
    return photons_sent(plan) if plan.mean_photons is None else plan.mean_photons


@dataclass(frozen=True, slots=True)
class _Squeezing:
    """What a plan has at work in a shot."""

    photons: float
    squeezers: int
    db: float

    @classmethod
    def of(cls, plan: Plan) -> _Squeezing:
        """Of squeezers in turn as many as their shares of the shots add up to, with the most light that one has."""
        from photonics import Squeeze

        rs = [[abs(op.r) for op in part.circuit.operations if isinstance(op, Squeeze) and op.r] for part in plan.parts]
        lit = [(part.share, own) for part, own in zip(plan.parts, rs, strict=True) if own]
        photons = [math.fsum(math.sinh(r) ** 2 for r in own) for _, own in lit]
        count, light = sum(len(own) for _, own in lit), math.fsum(photons)
        if plan.takes_turns and lit:
            count = math.ceil(math.fsum(share * len(own) for share, own in lit) - 1e-9)
            light = count * max(photons)
        return cls(
            photons=light, squeezers=count, db=squeezing_db(max((r for _, own in lit for r in own), default=0.0))
        )

    @property
    def words(self) -> str:
        if not self.squeezers:
            return "no squeezer"
        most = "of" if self.squeezers == 1 else "of at most"
        return f"{self.photons:.4g} photons in {counted(self.squeezers, 'squeezer')} {most} {self.db:.4g} dB"


def _squeezing_held_equal(problem: DisplacementProblem | GaussianProblem, entangled: Plan, separate: Plan) -> str:
    one, other = _Squeezing.of(entangled), _Squeezing.of(separate)
    limits = [f"nbar = {problem.mean_photons:g} photons on average in a shot, as prepared"]
    if problem.laboratory.squeezing_db < math.inf:
        limits.append(f"{problem.laboratory.squeezing_db:g} dB a squeezer")
    if problem.laboratory.squeezers is not None:
        limits.append(counted(problem.laboratory.squeezers, "squeezer"))
    equal = [
        name
        for name, same in (
            ("photons", same_error(one.photons, other.photons)),
            ("dB", same_error(one.db, other.db)),
            ("the number of squeezers", one.squeezers == other.squeezers),
        )
        if same
    ]
    verb = "are" if len(equal) > 1 or equal[:1] in (["photons"], ["dB"]) else "is"
    names = f"{equal[0]}, {equal[1]} and {equal[2]}" if len(equal) == 3 else " and ".join(equal)
    held = f"{names} {verb} what is held equal" if equal else "photons, dB and squeezers all differ"
    under = f"{held} under the limits of {', '.join(limits)}"
    if one == other:
        return f"{under} (both use {one.words})"
    return f"{under} ({entangled.scheme}: {one.words}; {separate.scheme}: {other.words})"
