"""Whether a document is a record of a job: every field of the right kind, so that a record made or changed elsewhere is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from networks.errors import short_repr
from photonics.adapters.cloud_hosts import place_faults
from photonics.adapters.xanadu_cloud import FINISHED

OPEN = ("submitting", "refused")
"""Not known to be on the cloud."""
FORGOTTEN = "forgotten"
"""Given up by its owner before anyone knew whether the cloud has it."""
STATES = (*OPEN, "submitted", *FINISHED, FORGOTTEN)
ENDED = (*FINISHED, FORGOTTEN)
"""Nothing is asked about such a job any more."""
MAX_RECORDED_SHOTS = 10**9
"""In a record of a job."""
LARGEST_THETA = 1e6
"""Size of a phase in a job, in rad."""


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 200 and value.isprintable()


def _is_integer(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_number(value: Any, size: float = math.inf) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(float(value)) and abs(value) <= size
    except OverflowError:
        return False


def _is_numbers(value: Any, size: float = math.inf) -> bool:
    return isinstance(value, list) and all(_is_number(item, size) for item in value)


def _is_estimate(value: Any) -> bool:
    """A number, or null where it is not finite."""
    return value is None or _is_number(value)


def _is_interval(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_estimate, value))


def _is_step(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_text, value))


def _is_clock(value: Any) -> bool:
    """Null, or this boot of a machine and seconds since."""
    if value is None:
        return True
    return (
        isinstance(value, list)
        and len(value) == 2
        and (value[0] is None or _is_text(value[0]))
        and _is_number(value[1])
    )


_FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "id": (
        lambda v: isinstance(v, str) and re.fullmatch("[0-9a-f]{2,40}", v) is not None,
        "the hexadecimal name of its file",
    ),
    "name": (lambda v: isinstance(v, str) and re.fullmatch(r"\w{1,100}", v, re.ASCII) is not None, "a name"),
    "state": (lambda v: v in STATES, f"one of {', '.join(STATES)}"),
    "target": (
        lambda v: isinstance(v, str) and re.fullmatch(r"\w{1,60}", v, re.ASCII) is not None,
        "the name of a device",
    ),
    "host": (lambda v: isinstance(v, str) and not place_faults(v, 443, tls=True), "a host"),
    "port": (lambda v: _is_integer(v, 1, 65535), "a port"),
    "network": (lambda v: isinstance(v, dict), "an object"),
    "theta": (lambda v: _is_numbers(v, LARGEST_THETA), "a list of phases"),
    "shots": (lambda v: _is_integer(v, 1, MAX_RECORDED_SHOTS), f"an integer from 1 to {MAX_RECORDED_SHOTS}"),
    "specification": (lambda v: isinstance(v, dict), "an object"),
    "certificate": (lambda v: isinstance(v, dict), "an object"),
    "history": (
        lambda v: isinstance(v, list) and bool(v) and all(map(_is_step, v)),
        "a list of times and states",
    ),
}
_OPTIONAL: dict[str, tuple[Callable[[Any], bool], str]] = {
    "tls": (lambda v: isinstance(v, bool), "true or false"),
    "details": (
        lambda v: isinstance(v, dict) and isinstance(v.get("status", ""), str),
        "what the cloud said of the job",
    ),
    "reason": (lambda v: v is None or isinstance(v, str), "a text"),
    "clock": (_is_clock, "a boot and the seconds since"),
}
_ESTIMATE: dict[str, Callable[[Any], bool]] = {
    "q": _is_estimate,
    "stderr": _is_estimate,
    "interval_95": _is_interval,
    "bayes_q": _is_estimate,
    "bayes_interval_95": _is_interval,
    "fit": _is_estimate,
}
"""Fields of ``PairEstimate`` that are shown as numbers; the names of all are compared with it."""


def record_faults(document: Any, stem: str) -> list[str]:
    """What is wrong with a record.

    Parameters
    ----------
    document : JSON value
    stem : str
        The name of its file without the ending.
    """
    if not isinstance(document, dict):
        return ["it is no object"]
    faults = [f"{key} is missing" for key in _FIELDS if key not in document]
    for key, (is_right, what) in (_FIELDS | _OPTIONAL).items():
        if key in document and not is_right(document[key]):
            faults.append(f"{key} is not {what}: {short_repr(document[key])}")
    if faults:
        return faults
    if document["id"] != stem:
        faults.append(f"its id is {document['id']}, not that of its file")
    if document.get("tls") is False:
        faults += place_faults(document["host"], document["port"], tls=False)
    job_id = document.get("job_id")
    needs_id = document["state"] in ("submitted", *FINISHED)
    if (needs_id or job_id is not None) and not (
        isinstance(job_id, str) and re.fullmatch(r"[\w-]{1,128}", job_id, re.ASCII)
    ):
        faults.append("job_id is no id of a job")
    if document["state"] == "complete":
        faults += _result_faults(document.get("predicted"), document.get("estimate"))
    return faults


def _result_faults(predicted: Any, estimate: Any) -> list[str]:
    from dataclasses import fields

    from protocols.hardware.pair_estimate import PairEstimate

    faults = []
    if not isinstance(predicted, dict) or not all(_is_estimate(predicted.get(key, "")) for key in ("q", "stderr")):
        faults.append("predicted has no q and stderr")
    if estimate is None:
        return faults
    names = {field.name for field in fields(PairEstimate)}
    if not isinstance(estimate, dict) or estimate.keys() != names:
        return [*faults, "estimate is none"]
    return faults + [
        f"estimate: {key} is {short_repr(estimate[key])}"
        for key, right in _ESTIMATE.items()
        if not right(estimate[key])
    ]
