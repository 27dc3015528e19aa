"""Checking a whole document of ``psn enumerate``: every protocol in it, what is said of each, and the certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from networks import InputError
from networks.errors import short_repr
from networks.values import Value
from protocols.conditions import CheckReport, Condition
from protocols.documents.printed import Printed
from protocols.schemes.protocol_checks import check_protocol
from protocols.wmatrix.certificate import verify_minimum

_PROTOCOL = ("alpha", "photons", "passes", "columns", "repeats")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumerationCheck(Value, Printed):
    """The reports of all protocols of a document, and of its certificate; ``valid`` when every one is.

    Attributes
    ----------
    protocols : tuple of CheckReport
    certificate : CheckReport or None
        None where the document holds none.
    """

    DOCUMENT = ("valid", "protocols", "certificate")

    protocols: tuple[CheckReport, ...]
    certificate: CheckReport | None

    @property
    def valid(self) -> bool:
        """Whether all are valid."""
        return all(report.valid for report in (*self.protocols, *filter(None, [self.certificate])))


def check_enumeration(document: Mapping[str, Any]) -> EnumerationCheck:
    """Check every protocol in a document that ``psn enumerate --json`` printed, and the certificate where there is one.

    Parameters
    ----------
    document : mapping
        With ``protocols``, a list of objects, and perhaps ``certificate``.

    Returns
    -------
    EnumerationCheck

    Raises
    ------
    InputError
        Listing every part that is missing or misshapen, and when no protocol is in it.

    Examples
    --------
    >>> from protocols import best_protocols
    >>> best = best_protocols([1, 1, -1], photons=2, passes=3)
    >>> check_enumeration(best.to_dict()).valid
    True
    """
    listed, certificate = document["protocols"], document.get("certificate")
    if not isinstance(listed, list | tuple) or not all(isinstance(one, Mapping) for one in listed):
        raise InputError(
            [f"protocols must be a list of objects, as psn enumerate prints them, got {short_repr(listed)}"]
        )
    if not listed:
        raise InputError(["there is no protocol in this document: psn enumerate listed none"])
    if certificate is not None and not isinstance(certificate, Mapping):
        raise InputError([f"certificate must be an object or null, got {short_repr(certificate)}"])
    reports, faults = [], []
    for number, one in enumerate(listed, 1):
        try:
            report = check_protocol({key: one[key] for key in _PROTOCOL if key in one})
        except InputError as error:
            faults += [f"protocol {number}: {fault}" for fault in error.faults]
        else:
            reports.append(_with_what_is_said(report, one))
    proved = None
    if certificate is not None:
        try:
            proved = _of_these(verify_minimum(certificate), certificate, listed, reports)
        except InputError as error:
            faults += [f"certificate: {fault}" for fault in error.faults]
    if faults:
        raise InputError(faults)
    return EnumerationCheck(protocols=tuple(reports), certificate=proved)


def _with_what_is_said(report: CheckReport, document: Mapping[str, Any]) -> CheckReport:
    """The report, with the numbers of modes that the document states beside the protocol among its conditions."""
    stated = document.get("modes_per_pass")
    if stated is None:
        return report
    counted = list(report.modes_per_pass)
    condition = Condition(
        name="modes per pass as stated",
        equation="Sec. V",
        holds=list(stated) == counted if isinstance(stated, list | tuple) else False,
        witness=f"counted {short_repr(counted)}, stated {short_repr(stated)}",
    )
    return replace(report, conditions=(*report.conditions, condition))


def _of_these(
    proved: CheckReport, certificate: Mapping[str, Any], listed: Any, reports: list[CheckReport]
) -> CheckReport:
    """The report of a certificate, which has to be about the protocols beside it and about as many modes as they occupy."""
    problem = [str(certificate.get(key)) for key in _PROTOCOL[:3]]
    others = [n for n, one in enumerate(listed, 1) if [str(one.get(key)) for key in _PROTOCOL[:3]] != problem]
    least = certificate.get("least_modes")
    wider = [n for n, report in enumerate(reports, 1) if max(report.modes_per_pass, default=0) != least]
    said = [
        *(f"protocol {n} is of another function, N or M" for n in others[:3]),
        *(f"protocol {n} occupies {max(reports[n - 1].modes_per_pass, default=0)} modes" for n in wider[:3]),
    ]
    condition = Condition(
        name="certificate of these protocols",
        equation="Sec. V",
        holds=not said,
        witness="; ".join(said) or f"all {len(listed)} occupy {least} modes in their widest pass",
    )
    return replace(proved, conditions=(*proved.conditions, condition))
