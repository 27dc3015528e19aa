"""Attributes that look as if they said one of ours under another name or in another unit: faults that name the right one.

What looks like none of ours is kept and not used.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache

from networks.files.known import Place, home_of, known_names
from networks.laboratory import ATTRIBUTES

_LENGTH = frozenset({"length", "distance", "dist", "len"})
_LOSS = frozenset({"loss", "losses", "attenuation", "atten", "attn", "att", "damping"})
_SHARE = frozenset(
    {
        "transmissivity",
        "transmission",
        "transmittance",
        "transmittivity",
        "transmissivities",
        "transmitted",
        "throughput",
    }
    | {"efficiency", "efficiencies", "eff", "eta", "tau", "t"}
)
_EFFICIENCY = frozenset({"efficiency", "efficiencies", "eff", "eta"})
_UNITS = {
    **dict.fromkeys(("km", "kms", "kilometre", "kilometres", "kilometer", "kilometers"), "km"),
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), "m"),
    **dict.fromkeys(("mi", "mile", "miles", "ft", "feet", "nm", "cm", "mm"), "other"),
    **dict.fromkeys(("db", "dbs", "decibel", "decibels"), "db"),
    **dict.fromkeys(("percent", "pct", "%"), "%"),
    **dict.fromkeys(("rad", "rads", "radian", "radians"), "rad"),
    **dict.fromkeys(("deg", "degs", "degree", "degrees"), "deg"),
    **dict.fromkeys(("mrad", "mrads", "milliradian", "milliradians", "urad"), "mrad"),
}
_RATE = frozenset({"coef", "coeff", "coefficient", "rate", "constant"})
_FILLERS = frozenset(
    re.findall(
        r"\w+",
        "link edge span fibre fiber cable path route channel line optical total insertion propagation splice connector excess "
        "power energy physical great circle in of the per value factor ratio avg average estimated measured nominal typical",
    )
)


@cache
def _words(key: str) -> tuple[str, ...]:
    """Words and units of a name: 'Length (km)', 'lossDb', 'attenuation_dB/km', 'NSqueezers'."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", key.replace("dB", "Db"))
    return tuple(re.findall(r"[a-z]+|%", parted.lower()))


@cache
def respelt(key: str) -> str:
    """A name with words that are nearly those of a loss or a length put right: etta, efficency, lenght."""
    return " ".join(map(_respelt_word, _words(key))) if len(key) <= 60 else key


def _respelt_word(word: str) -> str:
    once = re.sub(r"(.)\1+", r"\1", word)
    if once in ("eta", "tau"):
        return once
    long = [known for known in sorted(_LENGTH | _LOSS | _SHARE) if len(known) >= 6]
    return "length" if word == "lenght" else next(iter(get_close_matches(word, long, n=1, cutoff=0.9)), word)


def look_alike(key: str, place: Place) -> str | None:
    """What an attribute that is not ours should have been, when its name says something of ours otherwise; None for others.

    >>> look_alike("Length (km)", "edge")
    "did you mean 'distance_km', in kilometres?"
    >>> look_alike("distance_m", "edge")
    "metres are not read; give 'distance_km', in kilometres: the metres divided by 1000"
    >>> look_alike("dark_count_rate", "node")
    "did you mean 'dark_counts', the mean number per detector and shot? A rate is multiplied by the duration of a shot"
    >>> look_alike("colour", "edge") is None
    True
    """
    if len(key) > 60:
        return None
    if place == "graph" and (meant := _budget(key)):
        return meant
    words = _words(key)
    if place != "edge" and (meant := _of_laboratory(words, place)):
        return meant
    if not words or not all(word in _LENGTH | _LOSS | _SHARE | _RATE | _FILLERS or word in _UNITS for word in words):
        return None
    units = {_UNITS[word] for word in words if word in _UNITS}
    asked = set(words)
    if "db" in units and units & {"km", "m", "other"}:
        return _rate(units, place)
    if asked & _LOSS:
        return _rate(units, place) if asked & _RATE and not units else _loss(units, place)
    if asked & _SHARE:
        if words == ("t",) and place == "graph":
            return None
        return _share(units, place, is_efficiency=bool(asked & _EFFICIENCY))
    if units == {"db"}:
        return _loss(units, place)
    if asked & _LENGTH or units & {"km", "other"} or (words == ("m",) and place == "edge"):
        return _length(units, place)
    return None


def _budget(key: str) -> str | None:
    plain = "_".join(_words(key))
    if plain in ("hbar", "h_bar"):
        return "files hold no hbar: nothing in them is in units of it; remove it"
    if plain in ("nbar", "n_bar", "mean_n", "mean_photon_number", "average_photons", "mean_photon"):
        return "did you mean 'mean_photons', the mean photon number of a shot?"
    if plain in ("photon_number", "number_of_photons", "n_photons", "num_photons"):
        return "did you mean 'photons', the exact photon number of a shot?"
    return None


# --- of the laboratory -----------------------------------------------------------------------------------------------

_SHARES = "efficiency|efficiencies|eff|eta"
_SENT = "transmissivity|transmission|transmittance|transmittivity|throughput"
_MANY = "n|num|nr|number of|no of|max|maximum|max number of|available"
_NOISE = "jitter|noise|fluctuations?|diffusion|rms|std|sigma|instability"
_AT = "before|in|input|pre"
_AFTER = "after|out|output|post"
_PLACED = "sensing|sensor"
_LOSSES = "loss|losses"
_OF_LABORATORY: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (names, re.compile("|".join(patterns)))
    for names, patterns in (
        (
            ("detector_efficiency",),
            (
                f"(detectors?|detection|det|quantum|homodyne|photodiode|apd|snspd|pd)( quantum| detection)? ({_SHARES})",
                f"eta (d|det|detector|detection)|qe|pde|(detectors?|detection) ({_LOSSES})",
            ),
        ),
        (
            ("squeezer_efficiency",),
            (
                f"(squeezers?|squeezing|escape|opo|opa|cavity)( escape)? ({_SHARES})",
                f"eta (esc|escape|sq|sqz|squeezer|squeezing|opo)|(squeezer|escape|opo) ({_LOSSES})",
            ),
        ),
        (
            ("dark_counts",),
            (
                "dark ?counts?( (rates?|prob|probability|number|hz|per (shot|second|detector|pulse)))*|dcr|dark rates?|darks",
            ),
        ),
        (
            ("visibility",),
            (
                "(fringe|interference|interferometer|interferometric|hom|hong ou mandel|homodyne|noon|two photon|mode|photon) "
                "(visibility|contrast)",
                "visibilities|contrast|(mode|homodyne|interference) (matching|overlap)|mode matching efficiency",
            ),
        ),
        (
            ("electronic_noise",),
            (
                "(electronics?|electrical|electric|dark|thermal|amplifier|read ?out|detectors?) noise"
                "( (variance|power|level|floor))?",
                "((electronic|dark|shot) noise )?clearance",
            ),
        ),
        (
            ("phase_jitter_rad",),
            (
                f"(rms )?(phase|lock|locking|lo|angle|quadrature) ({_NOISE})( (rms|std|sigma|variance))?",
                "jitter( rms)?|rms jitter|sigma (phi|phase)|(phi|phase) sigma",
            ),
        ),
        (
            ("squeezers",),
            (
                f"({_MANY}) (squeezers|squeezed (light |vacuum )?(sources|states|vacua|modes)|opos)",
                "squeezers? (count|number|max)|opos",
            ),
        ),
        (
            ("squeezing_db",),
            (
                "((max|maximum|initial|available|pure|input) )?(squeezing|sqz)"
                "( (levels?|limit|max|parameter|factor|strength|degree|amount|r))?",
                "(squeezers?|squeezed) (levels?|limit|parameter|factor|strength|amount|r)",
            ),
        ),
        (
            ("mean_photons_max",),
            (
                "(max|maximum) (mean )?photons?( number)?|(mean )?photons? (number )?(max|maximum|limit|cap)",
                "(light|photon) (limit|cap)",
            ),
        ),
        (("arms",), ("(n|num|nr|number of|no of) arms?|arms? (count|number)|interferometer arms?",)),
        (
            ("phase_reference",),
            ("local oscillator|phase ref|ref phase|(free|paid) reference|reference (free|paid|kind|light)",),
        ),
        (
            ("transmissivity_before",),
            (
                f"({_SENT}|{_SHARES}) ({_AT})( ({_PLACED}))?",
                f"(pre|input|source|coupling|injection|before) ({_SENT}|{_SHARES})",
            ),
        ),
        (
            ("loss_before_db", "transmissivity_before"),
            (f"({_LOSSES}) ({_AT})( ({_PLACED}))?|(pre|input|source|coupling|injection|before) ({_LOSSES})",),
        ),
        (
            ("transmissivity",),
            (f"({_SENT}|{_SHARES}) ({_AFTER})( ({_PLACED}))?|(post|output|after) ({_SENT}|{_SHARES})",),
        ),
        (
            ("loss_db", "transmissivity"),
            (f"({_LOSSES}) ({_AFTER})( ({_PLACED}))?|(post|output|after) ({_LOSSES})",),
        ),
    )
)
"""The attributes that a name may mean, and such names in words without their units."""
_ANGLES = {"deg": "degrees are not read; multiply them by pi/180", "mrad": "divide milliradians by 1000"}
_MEANING = {
    "dark_counts": "the mean number per detector and shot",
    "visibility": "the factor of a fringe, in (0, 1]",
    "electronic_noise": "the variance in units of the vacuum's",
    "phase_jitter_rad": "rms in radians",
    "squeezers": "how many there are at most",
    "squeezing_db": "in dB",
    "mean_photons_max": "the most light that may pass a sensor in a pass",
    "arms": "1 or 2, of a mach-zehnder sensor",
    "phase_reference": "'paid' or 'free'",
    "loss_db": "in dB, after the sensing",
    "loss_before_db": "in dB, before the sensing",
    "transmissivity": "a share in (0, 1], after the sensing",
    "transmissivity_before": "a share in (0, 1], before the sensing",
}


def _of_laboratory(words: tuple[str, ...], place: Place) -> str | None:
    """What a name of something in a laboratory should have been, with the unit where it is another one."""
    units = {_UNITS[word] for word in words if word in _UNITS and word != "m"}
    plain = " ".join(word for word in words if word not in _UNITS or word == "m")
    if units == {"db"} and plain in ("squeezer", "squeezers"):
        names: tuple[str, ...] | None = ("squeezing_db",)
    elif plain.replace(" ", "_") in ATTRIBUTES:
        # One of ours with a unit; without it, it would have been known, or stands in the wrong place.
        names = (plain.replace(" ", "_"),) if units else None
    else:
        names = next((names for names, pattern in _OF_LABORATORY if pattern.fullmatch(plain)), None)
    if names is None:
        return None
    meant = " or ".join(f"'{name}', {_MEANING.get(name, 'a share in (0, 1]')}" for name in names)
    elsewhere = (
        ""
        if any(name in known_names(place) for name in names)
        else f", of {(home_of(names[0]) or '').replace('graph', 'the graph')}"
    )
    return f"did you mean {meant}{elsewhere}?{_converted(names[0], words, units)}"


def _converted(name: str, words: tuple[str, ...], units: set[str]) -> str:
    """How a value in another unit is made one of ours."""
    if name == "squeezing_db":
        return "" if units == {"db"} else " A squeezing parameter r is 20 r/ln(10) = 8.686 r dB"
    if name == "phase_jitter_rad":
        return "".join(f" {said.capitalize()}" for unit, said in _ANGLES.items() if unit in units)
    if name == "dark_counts":
        return (
            " A rate is multiplied by the duration of a shot"
            if {"rate", "rates", "dcr", "hz", "second"} & set(words)
            else ""
        )
    if name == "electronic_noise":
        return " A clearance of x dB is 10^(-x/10)" if "clearance" in words or "db" in units else ""
    if name == "visibility" and {"matching", "overlap"} & set(words):
        return " An efficiency of mode matching is its square"
    if "%" in units:
        return " x percent are x/100"
    if {"loss", "losses"} & set(words) and not name.startswith("loss"):
        return " A loss of x dB is 10^(-x/10), of x percent 1 - x/100"
    return " x dB are 10^(-x/10)" if "db" in units and not name.startswith("loss") else ""


# --- losses and lengths ----------------------------------------------------------------------------------------------


def _length(units: set[str], place: Place) -> str:
    if place != "edge":
        return "lengths belong to an edge: 'distance_km', in kilometres; remove it or give it another name"
    if "m" in units:
        return "metres are not read; give 'distance_km', in kilometres: the metres divided by 1000"
    if "other" in units:
        return "this unit is not read; give 'distance_km', in kilometres"
    return "did you mean 'distance_km', in kilometres?"


def _rate(units: set[str], place: Place) -> str:
    if place == "node":
        return "losses per length belong to graph or an edge: 'loss_db_per_km', in dB/km"
    if units & {"m", "other"}:
        return "this unit is not read; give 'loss_db_per_km', in dB/km (1 dB/m is 1000 dB/km)"
    return "did you mean 'loss_db_per_km', in dB/km?"


def _loss(units: set[str], place: Place) -> str:
    if place == "graph":
        return (
            "did you mean 'transmissivity' (a share in (0, 1]) or 'loss_db' (in dB) of a node or an edge, 'loss_before_db' (in dB) "
            "or 'loss_db_per_km' (in dB/km)?"
        )
    percent = " A loss of x percent is 1 - x/100" if "%" in units else ""
    if place == "node":
        in_db = "'loss_db' (in dB, after the sensing) or 'loss_before_db' (in dB, before it)"
        shares = "'transmissivity' (a share in (0, 1], after the sensing) or 'transmissivity_before'"
        if "db" in units or "%" in units:
            return f"did you mean {in_db if 'db' in units else shares}?{percent}"
        return f"did you mean {in_db}, or as shares 'transmissivity' or 'transmissivity_before'?"
    if "db" in units:
        return "did you mean 'loss_db', in dB?"
    if "%" in units:
        return f"did you mean 'transmissivity', a share in (0, 1]?{percent}"
    return "did you mean 'loss_db' (in dB), 'loss_db_per_km' (in dB/km) or 'transmissivity' (a share in (0, 1])?"


def _share(units: set[str], place: Place, *, is_efficiency: bool) -> str:
    if "db" in units:
        return _loss(units, place)
    percent = " x percent are x/100" if "%" in units else ""
    if place == "edge":
        return f"did you mean 'transmissivity', a share in (0, 1]?{percent}"
    of = " of a node or an edge" if place == "graph" else ""
    if is_efficiency:
        names = f"'detector_efficiency', 'squeezer_efficiency' or 'transmissivity'{of}, each"
    else:
        names = f"'transmissivity'{of} (after the sensing) or 'transmissivity_before' (before it),"
    return f"did you mean {names} a share in (0, 1]?{percent}"
