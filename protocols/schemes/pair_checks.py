"""Is a protocol of N00N pairs and times optimal? The conditions of the papers for controls at any time, each with its witness.

Exact in rationals, and again on the states that the native engine goes through: the times are cut into equal passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from networks import InputError, LinearFunction
from networks.errors import short_repr
from networks.exact import parse_exact_vector
from networks.files.spelling import misspelling_of
from protocols.conditions import CheckReport, Condition, Switch
from protocols.problem import LARGEST_SIMULATED_CELLS, require_simulable
from protocols.schemes.weight_conditions import (
    bound_condition,
    fisher_condition,
    mse_of_weights,
    not_simulated,
    simulated_conditions,
    target_condition,
)
from protocols.theory.phase import exact_target, phase_bound
from protocols.theory.photon_pairs import REFERENCE, PairProtocol
from protocols.wmatrix.integers import coefficient_list, count_faults, plain_int, plain_list
from protocols.wmatrix.protocol import PhotonProtocol

_KEYS = ("alpha", "photons", "passes", "pairs", "times")


def check_pairs(protocol: PairProtocol) -> CheckReport:
    """Check pairs and times: signs (26), times (33), target (32), simulated states, (24), (12), two modes at a time.

    Parameters
    ----------
    protocol : PairProtocol

    Raises
    ------
    InputError
        When there are too many pairs to simulate; a protocol that is merely wrong gives a report that is not valid.

    Examples
    --------
    >>> from protocols.theory.photon_pairs import pair_protocol
    >>> report = check_pairs(pair_protocol(LinearFunction([3, -1, "1/2"]), photons=2, passes=1))
    >>> report.valid, report.mse
    (True, Fraction(49, 16))
    """
    function, photons, passes = protocol.function, protocol.photons, protocol.passes
    bound = phase_bound(function, photons, passes)
    weights = protocol.phase_weights()
    signs, times = _signs(protocol), _times(protocol)
    conditions = [
        signs,
        times,
        target_condition("w", weights, exact_target(function, photons, passes)),
    ]
    modes = (2,) * len(protocol.pairs)
    if not (signs.holds and times.holds):
        names = (
            ("branches as in Lemma 1", "(26)"),
            ("relative phase kept", "Lemma 5"),
            ("Fisher matrix", "(24)"),
            ("reaches the bound", "(12)"),
        )
        conditions += not_simulated(names)
        return CheckReport(
            conditions=tuple(conditions), qfi_matrix=None, mse=None, bound=bound, modes_per_pass=modes, subject="pairs"
        )
    mse = mse_of_weights(function, weights)
    conditions += [
        *simulated_conditions(_in_equal_passes(protocol)),
        fisher_condition(function, photons, passes, weights, "w w^T"),
        bound_condition(mse, bound),
    ]
    return CheckReport(
        conditions=tuple(conditions),
        qfi_matrix=tuple(tuple(_whole_or_float(a * b) for b in weights) for a in weights),
        mse=mse,
        bound=bound,
        modes_per_pass=modes,
        subject="pairs",
        switches=_switches(protocol),
    )


def _signs(protocol: PairProtocol) -> Condition:
    alpha = protocol.function.alpha
    faults = []
    for number, (first, second) in enumerate(protocol.pairs, 1):
        if alpha[first - 1] <= 0:
            faults.append(f"pair {number}: the coefficient of sensor {first} is {alpha[first - 1]}, not positive")
        if second is not None and alpha[second - 1] >= 0:
            faults.append(f"pair {number}: the coefficient of sensor {second} is {alpha[second - 1]}, not negative")
    return Condition(
        name="pairs of a positive and a negative mode or the reference",
        equation="(26), (27)",
        holds=not faults,
        witness="; ".join(faults[:3]) or f"all {len(protocol.pairs)}, for the oriented function",
    )


def _times(protocol: PairProtocol) -> Condition:
    total = sum(protocol.times, Fraction(0))
    wrong = [n for n, time in enumerate(protocol.times, 1) if time <= 0]
    return Condition(
        name="times fill the passes",
        equation="(33)",
        holds=not wrong and total == protocol.passes,
        witness=f"sum of times = {total}, t = M = {protocol.passes}"
        + (
            f"; time {wrong[0]} is {protocol.times[wrong[0] - 1]}"
            if wrong
            else ""
            if protocol.least_passes is None
            else f"; equal passes would do when M is a multiple of {protocol.least_passes}"
        ),
    )


def _in_equal_passes(protocol: PairProtocol) -> PhotonProtocol:
    """The same pairs as columns of W, in equal passes; where these are too many, one pass a pair.

    One pass a pair goes through the same states and controls, with other angles.
    """
    slots, modes = protocol.least_passes, len(protocol.function) + 1
    if slots is not None and slots * modes <= LARGEST_SIMULATED_CELLS:
        repeats = [int(time * slots / protocol.passes) for time in protocol.times]
    else:
        repeats = [1 for _ in protocol.times]
    require_simulable(sum(repeats), modes)
    columns = []
    for first, second in protocol.pairs:
        column = [0] * len(protocol.function)
        column[first - 1] = protocol.photons
        if second is not None:
            column[second - 1] = -protocol.photons
        columns.append(tuple(column))
    return PhotonProtocol(
        function=protocol.function,
        photons=protocol.photons,
        passes=sum(repeats),
        columns=tuple(columns),
        repeats=tuple(repeats),
    )


def _switches(protocol: PairProtocol) -> tuple[Switch, ...]:
    """After each pair but the last: N photons in one mode of either branch stay N photons in one mode."""
    after, switches = Fraction(0), []
    for time in protocol.times[:-1]:
        after += time
        switches.append(Switch(after_pass=after, passive=True))
    return tuple(switches)


def _whole_or_float(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def pair_protocol_from(document: Mapping[str, Any]) -> PairProtocol:
    """From the document of ``psn check``: alpha, photons, passes, pairs as [1, 3] or [2, "ref"], sensors from 1, and times.

    Parameters
    ----------
    document : mapping
        alpha, shape (d,), is turned when it is not oriented; times, as many as pairs, are exact numbers in units of a pass.

    Raises
    ------
    InputError
        Listing every missing or misshapen part.

    Examples
    --------
    >>> document = {"alpha": [1, -1], "photons": 2, "passes": 1, "pairs": [[1, 2]], "times": ["1"]}
    >>> pair_protocol_from(document).phase_weights()
    (Fraction(2, 1), Fraction(-2, 1))
    """
    faults = [
        f"{key!r} is missing; a protocol of pairs has alpha, photons, passes, pairs and times"
        for key in _KEYS
        if key not in document
    ]
    faults += [fault for key in document if key not in _KEYS if (fault := misspelling_of(key, _KEYS, "the protocol"))]
    if faults:
        raise InputError(faults)
    function: LinearFunction | None = None
    times: tuple[Fraction, ...] = ()
    alpha = coefficient_list(document["alpha"])
    given, spans = (plain_list(document[key]) for key in ("pairs", "times"))
    try:
        if not isinstance(alpha, list | tuple):
            raise InputError([f"alpha must be a list, got {short_repr(alpha)}"])
        function = LinearFunction(alpha).orient().function
    except InputError as error:
        faults.extend(error.faults)
    photons, passes = plain_int(document["photons"]), plain_int(document["passes"])
    faults += count_faults(photons, passes)
    try:
        if not isinstance(spans, list | tuple):
            raise InputError([f"times must be a list, got {short_repr(spans)}"])
        times = parse_exact_vector(spans, what="times")
    except InputError as error:
        faults.extend(error.faults)
    pairs = _pairs_of(given, function, faults)
    if isinstance(given, list | tuple) and isinstance(spans, list | tuple) and len(given) != len(spans):
        faults.append(f"times must have one entry a pair, got {len(spans)} for {len(given)} pairs")
    if faults:
        raise InputError(faults)
    assert function is not None
    return PairProtocol(function=function, photons=photons, passes=passes, pairs=pairs, times=times)


def _pairs_of(given: Any, function: LinearFunction | None, faults: list[str]) -> tuple[tuple[int, int | None], ...]:
    if not isinstance(given, list | tuple) or not given:
        faults.append(f"pairs must be a list of pairs such as [1, 3] or [2, {REFERENCE!r}], got {short_repr(given)}")
        return ()
    sensors = range(1, 1 + (len(function) if function is not None else 10**9))
    pairs: list[tuple[int, int | None]] = []
    for number, entry in enumerate(given, 1):
        pair = [plain_int(mode) for mode in entry] if isinstance(entry, list | tuple) else []
        known = [mode for mode in pair if isinstance(mode, int) and not isinstance(mode, bool) and mode in sensors]
        if len(pair) == 2 and (known == pair or (pair[1] == REFERENCE and known == pair[:1])):
            pairs.append((known[0], known[1] if len(known) == 2 else None))
            continue
        among = f"from 1 to {len(sensors)}" if function is not None else "numbered from 1"
        faults.append(
            f"pair {number} must be two sensors {among}, or a sensor and {REFERENCE!r}, got {short_repr(entry)}"
        )
    return tuple(pairs)
