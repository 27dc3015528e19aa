"""The rows of the table of bounds: each kind of probe with the least error it can have (BEGG Sec. III and Table 1), corrected.

Pure Python; nothing heavy is imported, so that ``psn bounds`` answers at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from networks import LinearFunction
from networks.arms import function_by_arms
from networks.values import Value
from protocols.theory.displacement import best_separable_split, displacement_bound
from protocols.theory.integer_split import IntegerSplit, best_integer_split
from protocols.theory.phase import gaussian_bound, phase_bound

SEPARABLE, IN_TURN, COHERENT, FREE, GAUSSIAN, ANY_OF_MEAN, ENTANGLED = (
    "separable",
    "separable-in-turn",
    "coherent",
    "coherent-free-reference",
    "gaussian",
    "any-of-mean",
    "entangled",
)
"""Kinds of probes, as ``--json`` names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRow(Value):
    """The least mean squared error of q in one shot with one kind of probe.

    Attributes
    ----------
    sensing : str
        "qubit", "phase" or "displacement".
    probes : str
        "separable" (one product probe in every shot), "separable-in-turn" (one site after the other over the shots), "coherent"
        (coherent light, the reference paid for), "coherent-free-reference", "gaussian" (pure Gaussian light of a mean photon
        number), "any-of-mean" (all light of a mean photon number) or "entangled" (all probes; of phases with exactly N photons).
    mse, published_mse : float or None
        The correct value at these resources, and the paper's expression; None when the resource was not given or, as ``note`` says,
        the probe cannot be used.
    equation, note : str
        Where BEGG has it, and what to know about it.
    allocation : tuple of float or None
        Separable probes: the photons of each mode that reach (phase: approach, see ``note``) the bound.
    beta : tuple of Fraction or None
        Entangled probes: the minimax vector beta* of (9), for the oriented function.
    gain : float or None
        Entangled probes: the error of the best strategy without entanglement between sites over this one.
    gain_over : str or None
        The ``probes`` of that strategy.
    """

    sensing: str
    probes: str
    mse: float | None
    published_mse: float | None
    equation: str
    note: str
    allocation: tuple[float, ...] | None = None
    beta: tuple[Fraction, ...] | None = None
    gain: float | None = None
    gain_over: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Value):
    """What is at hand, besides the function.

    Attributes
    ----------
    photons : int or None
        N.
    mean_photons : float or None
        nbar.
    passes : int >= 1
        M = t.
    parameters : "static" or "snapshot"
        Whether theta stays put over the shots, so that sites may take turns.
    arms : (d,) 1 or 2
        Of every phase sensor.
    phase_reference : "paid" or "free"
    """

    photons: int | None
    mean_photons: float | None
    passes: int
    parameters: str
    arms: tuple[int, ...]
    phase_reference: str

    @property
    def two_arms(self) -> bool:
        """Whether a sensor has two arms."""
        return 2 in self.arms

    @property
    def all_two_arms(self) -> bool:
        """Whether all of them do."""
        return 1 not in self.arms

    @property
    def turns(self) -> bool:
        """Whether sites may take turns over the shots."""
        return self.parameters == "static"


def bound_rows(function: LinearFunction, setting: Setting) -> tuple[BoundRow, ...]:
    """All rows, qubits first, then phases, then displacements; the bound of all probes is the last of each.

    Parameters
    ----------
    function : LinearFunction
        Oriented.
    setting : Setting
    """
    return (
        *_qubit_rows(function, setting.passes),
        *(
            _open_phase_rows(function, setting)
            if setting.photons is None
            else _phase_rows(function, setting, setting.photons)
        ),
        *_displacement_rows(function, setting),
    )


# --- qubits -------------------------------------------------------------------------------------------------


def _qubit_rows(f: LinearFunction, t: int) -> tuple[BoundRow, ...]:
    largest = max(abs(a) for a in f.alpha)
    # beta* = 1/alpha_j on one of the largest coefficients; the first of them is taken.
    first = next(j for j, a in enumerate(f.alpha) if abs(a) == largest)
    beta = tuple(1 / a if j == first else Fraction(0) for j, a in enumerate(f.alpha))
    separable, entangled = float(f.norm_2_squared / t**2), float(largest**2 / t**2)

    def row(probes: str, mse: float, note: str) -> BoundRow:
        return BoundRow(sensing="qubit", probes=probes, mse=mse, published_mse=mse, equation="Table 1", note=note)

    bound = row(ENTANGLED, entangled, "||alpha||_inf^2/t^2")
    return (
        row(SEPARABLE, separable, "||alpha||_2^2/t^2; turns do not help, an idle qubit saves nothing"),
        replace(bound, beta=beta, gain=separable / entangled, gain_over=SEPARABLE),
    )


# --- phases -------------------------------------------------------------------------------------------------

_PHASE_EQUATIONS = {
    SEPARABLE: "(16)",
    IN_TURN: "",
    COHERENT: "",
    FREE: "",
    GAUSSIAN: "",
    ANY_OF_MEAN: "(11)",
    ENTANGLED: "(12), (14)",
}


def _phase_beta(f: LinearFunction, arms: Sequence[int]) -> tuple[Fraction, ...]:
    """beta* of (9) over the sensors: as printed on one arm; sign(alpha_j) of arm differences, whose arm a or b it is on."""
    side, sign = _larger_side(f, arms)
    return tuple(
        Fraction((a > 0) - (a < 0)) / side if n == 2 or sign * a > 0 else Fraction(0)
        for a, n in zip(f.alpha, arms, strict=True)
    )


def _larger_side(f: LinearFunction, arms: Sequence[int]) -> tuple[Fraction, int]:
    """max(||.||_P, ||.||_Nn) over all arms, ||alpha||_1 of sensors with two and the larger side of the others; and which it is."""
    turned = function_by_arms(f, arms).orient()
    return turned.function.norm_positive, -1 if turned.flipped else 1


def _phase_row(probes: str, mse: Fraction | float | None, note: str) -> BoundRow:
    return BoundRow(
        sensing="phase",
        probes=probes,
        mse=None if mse is None else float(mse),
        published_mse=None,
        equation=_PHASE_EQUATIONS[probes],
        note=note,
    )


def _open_phase_rows(f: LinearFunction, setting: Setting) -> tuple[BoundRow, ...]:
    """Without N; coherent light, whose photons are counted on average anyway, takes nbar."""
    needs = "needs the photon number N"
    nbar = setting.mean_photons
    paid, free = (
        (_phase_row(COHERENT, None, needs), _phase_row(FREE, None, needs))
        if nbar is None
        else _coherent_rows(f, setting, nbar, "nbar")
    )
    return (
        _phase_row(SEPARABLE, None, needs),
        _phase_row(IN_TURN, None, needs),
        paid,
        free,
        *_mean_rows(f, setting),
        replace(_phase_row(ENTANGLED, None, needs), beta=_phase_beta(f, setting.arms)),
    )


def _coherent_rows(f: LinearFunction, setting: Setting, photons: float, symbol: str) -> tuple[BoundRow, BoundRow]:
    """With the reference paid for, and with one that is not counted."""
    side, _ = _larger_side(f, setting.arms)
    whole = _total(function_by_arms(f, setting.arms))
    resource = photons * setting.passes**2
    notes = _coherent_notes(setting, symbol)
    return (
        _phase_row(COHERENT, float(side**2) / resource, notes[COHERENT]),
        _phase_row(FREE, float(whole**2) / (4 * resource), notes[FREE]),
    )


def _mean_rows(f: LinearFunction, setting: Setting) -> tuple[BoundRow, ...]:
    """Light of nbar photons on average: a bound where it is Gaussian, and none beyond (docs/theory/theory.md, section 2)."""
    nbar, t = setting.mean_photons, setting.passes
    if nbar is None:
        return ()
    side, _ = _larger_side(f, setting.arms)
    gaussian = gaussian_bound(function_by_arms(f, setting.arms), nbar, t)
    norm = "(A + 2 B)" if setting.two_arms and not setting.all_two_arms else "||alpha||_1"
    share = 2 if setting.all_two_arms else 8
    who = ", A = ||alpha||_1 of sensors with one arm and B of those with two" if norm == "(A + 2 B)" else ""
    reach = (
        "a squeezed vacuum at one site after the other, read against a strong reference that is not counted, reaches it"
        if setting.turns and not setting.two_arms
        else "not reached by any known light"
        if setting.two_arms
        else "one squeezed vacuum split over the sites, read against a strong reference that is not counted, reaches it where all "
        "coefficients have one sign"
    )
    number = f"{float(side / t) ** 2 / nbar**2:.6g}"
    return (
        _phase_row(
            GAUSSIAN,
            gaussian,
            f"{norm}^2/({share} nbar (nbar + 1) t^2){who}; pure Gaussian light of nbar photons in every shot, those of a reference "
            f"counted or not; {reach}; (12), which is for exactly N photons, would be {number} at N = nbar",
        ),
        _phase_row(
            ANY_OF_MEAN,
            0.0,
            "no bound: states (11), with a nbar photons in one of a cases and none in the others, have the mean nbar and any "
            "variance, (a - 1) nbar^2; of any two phases they overlap by (1 - 2/a)^2 or more, so that nothing is seen before "
            "some a shots",
        ),
    )


def _phase_rows(f: LinearFunction, setting: Setting, photons: int) -> tuple[BoundRow, ...]:
    t, total = setting.passes, _total(f)
    side, _ = _larger_side(f, setting.arms)
    entangled = (side / (photons * t)) ** 2 if setting.two_arms else phase_bound(f, photons, t)
    in_turn = (total / (photons * t)) ** 2 if setting.turns else None
    split = best_integer_split(f, photons)
    gain = _phase_gain(f, in_turn, None if split is None else split.variance / t**2, entangled, photons)
    notes = _phase_notes(f, setting, photons)
    return (
        _product_row(f, setting, photons, split),
        _phase_row(IN_TURN, in_turn, notes[IN_TURN]),
        *_coherent_rows(f, setting, photons, "N"),
        *_mean_rows(f, setting),
        replace(
            _phase_row(ENTANGLED, entangled, f"{notes[ENTANGLED]}; {gain.note}"),
            published_mse=float(entangled),
            beta=_phase_beta(f, setting.arms),
            gain=gain.value,
            gain_over=gain.over,
        ),
    )


def _phase_notes(f: LinearFunction, setting: Setting, photons: int) -> dict[str, str]:
    """What sites in turn and all probes of exactly N photons need, and where coherent light lies below."""
    mixed = setting.two_arms and not setting.all_two_arms
    if mixed:
        arm = "both arms, or of one and its own reference arm"
        turns = f"||alpha||_1^2/(N t)^2; sites in turn over the shots, N00N states of {arm}"
        bound = (
            "(A + max(P, Nn))^2/(N t)^2, for exactly N photons, reference photons counted; A = ||alpha||_1 of sensors with two "
            "arms, P and Nn of the others (docs/theory/arms.md); what two arms have in common is unknown"
        )
    else:
        arm = "its two arms" if setting.two_arms else "its own reference arm"
        turns = (
            f"||alpha||_1^2/(N t)^2; sites in turn over the shots, all N photons as a N00N state of one site and {arm}"
        )
        if setting.two_arms:
            bound = "||alpha||_1^2/(N t)^2, for exactly N photons, no reference is needed, and coherent light stays above it"
        else:
            crossing = 4 * f.norm_positive**2 / _total(f) ** 2
            below = f"lies below it for N < {_number(crossing)}" if crossing > 1 else "stays above it"
            bound = (
                "max(||alpha||_P, ||alpha||_Nn)^2/(N t)^2, for exactly N photons, reference photons counted; coherent light with a "
                f"free reference {below}" + (", as here" if photons < crossing else "")
            )
    return {IN_TURN: turns if setting.turns else "no turns: every shot has to tell q (snapshot)", ENTANGLED: bound}


def _coherent_notes(setting: Setting, symbol: str) -> dict[str, str]:
    """Which of the two rows of coherent light is the one to compare with; its photons are N or nbar."""
    is_free = setting.phase_reference == "free"
    light = f"coherent light, {symbol} photons on average"
    if setting.all_two_arms:
        return {
            COHERENT: f"||alpha||_1^2/({symbol} t^2); {light}",
            FREE: "an outer reference tells coherent light nothing more about the difference of two arms",
        }
    side, whole = ("(A + max(P, Nn))", "(2 A + P + Nn)") if setting.two_arms else ("||alpha||_P", "||alpha||_1")
    # Of sensors with one arm alone the row after it is the one to compare with.
    compare = " though here it is free: compare the next row" if is_free and not setting.two_arms else ""
    at_hand = ", as in this setting" if is_free else ": not comparable where references are paid for"
    return {
        COHERENT: f"{side}^2/({symbol} t^2); {light}, the common reference counted{compare}",
        FREE: f"{whole}^2/(4 {symbol} t^2); {light} at the sensors, a strong reference not counted{at_hand}",
    }


@dataclass(frozen=True, slots=True)
class _Gain:
    value: float | None
    over: str | None
    note: str


def _phase_gain(
    f: LinearFunction, in_turn: Fraction | None, product: Fraction | None, entangled: Fraction, photons: int
) -> _Gain:
    """Against the best light of exactly N photons without entanglement between sites: (16) is never below sites in turn.

    Coherent light, whose N is a mean, is not ranked with exact N; its error is N times the bound, and where that is less than the
    baseline the note says so.
    """
    coherent = (
        f"coherent light, with N an average, has only {photons} times this bound"
        if photons > 1
        else "coherent light, with N an average, is as good as this bound"
    )
    if in_turn is not None:
        baseline, over, note = in_turn, IN_TURN, "gain over sites in turn"
    elif product is not None:
        baseline, over, note = product, SEPARABLE, "gain over the best whole-photon product state"
    else:
        sites = int(f.norm(0))
        note = (
            f"no gain: no product state of N = {photons} photons has light at {sites} sites in every shot; {coherent}"
        )
        return _Gain(None, None, note)
    if photons < baseline / entangled:
        note += f"; {coherent}"
    return _Gain(float(baseline / entangled), over, note)


def _product_row(f: LinearFunction, setting: Setting, photons: int, split: IntegerSplit | None) -> BoundRow:
    resource = photons * setting.passes
    powers = [float(abs(a)) ** (2 / 3) for a in f.alpha]
    separable = (float(f.norm(Fraction(2, 3))) / resource) ** 2
    published = math.fsum(p ** (2 / 3) for p in powers) ** 3 / resource**2
    note = "||alpha||_{2/3}^2/(N t)^2; one product probe in every shot, nothing else"
    if setting.two_arms:
        note += "; both arms are one site" + (
            " (counted as two, it would be 8 times this)" if setting.all_two_arms else ""
        )
    elif not math.isclose(published, separable):
        note += "; published with alpha' = alpha^(2/3) in place of alpha"
    if split is None:
        few = f"N = {photons} is fewer than the {int(f.norm(0))} sensors with non-zero coefficients"
        note += f"; no product state reaches it: {few}"
    else:
        note += f"; with whole photons {split.mse_at(setting.passes):.6g} at {listed(split.photons)}"
    return replace(
        _phase_row(SEPARABLE, separable, note),
        published_mse=None if setting.two_arms else published,
        allocation=tuple(photons * p / math.fsum(powers) for p in powers),
    )


# --- displacements ------------------------------------------------------------------------------------------

_DISPLACEMENT_EQUATIONS = {SEPARABLE: "(18)", IN_TURN: "", COHERENT: "", ENTANGLED: "(15)"}
_EXACT = (
    "exact at this nbar; {} is its leading term with a remainder; Table 1 prints that term alone, which exceeds it and so is no "
    "lower bound"
)
_TRADEOFF = "with at most k entangled modes: see the trade-off (not in CSV)"


def _displacement_row(probes: str, mse: float | None, note: str) -> BoundRow:
    return BoundRow(
        sensing="displacement",
        probes=probes,
        mse=mse,
        published_mse=None,
        equation=_DISPLACEMENT_EQUATIONS[probes],
        note=note,
    )


def _displacement_rows(f: LinearFunction, setting: Setting) -> tuple[BoundRow, ...]:
    nbar, t = setting.mean_photons, setting.passes
    square = f.norm_2_squared
    beta = tuple(a / square for a in f.alpha)
    if nbar is None:
        *others, last = (
            _displacement_row(probes, None, "needs the mean photon number nbar") for probes in _DISPLACEMENT_EQUATIONS
        )
        return (*others, replace(last, beta=beta))
    split = best_separable_split([float(a) for a in f.alpha], nbar)
    separable, entangled = split.variance / t**2, displacement_bound(f, nbar, t)
    leading = 4 * nbar * t**2
    turns = "equal to the row above: the information of a site is concave in its photons, so turns do not help"
    return (
        replace(
            _displacement_row(
                SEPARABLE,
                separable,
                f"{_EXACT.format('(18)')}; photons {listed([f'{n:.4g}' for n in split.mean_photons])}",
            ),
            published_mse=float(_total(f) ** 2) / leading,
            allocation=split.mean_photons,
        ),
        _displacement_row(IN_TURN, separable, turns)
        if setting.turns
        else _displacement_row(IN_TURN, None, "no turns: every shot has to tell q (snapshot)"),
        _displacement_row(
            COHERENT,
            float(square) / t**2,
            "||alpha||_2^2/t^2; coherent light of any nbar, as the vacuum; local oscillators are not counted",
        ),
        replace(
            _displacement_row(ENTANGLED, entangled, f"{_EXACT.format('(15)')}; {_TRADEOFF}"),
            published_mse=float(square) / leading,
            beta=beta,
            gain=separable / entangled,
            gain_over=SEPARABLE,
        ),
    )


def _total(f: LinearFunction) -> Fraction:
    """||alpha||_1, exactly."""
    return f.restricted_norm(range(len(f)))


def listed(values: Sequence[int | str], most: int = 6) -> str:
    """The first of some values, in brackets.

    Parameters
    ----------
    values : sequence of int or str
    most : int >= 1
        How many of them.
    """
    return "(" + ", ".join(map(str, values[:most])) + (", ..." if len(values) > most else "") + ")"


def _number(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"{float(value):.4g}"
