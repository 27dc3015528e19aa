"""Photon protocols in words: checks, certificates, enumerations, the best ones and samples. Nothing is computed here."""

from __future__ import annotations

from protocols.conditions import CheckReport
from protocols.reports.rendering import joined
from protocols.reports.summaries import controls_sentence, run_lengths, vector, verdicts
from protocols.reports.view import Item, Line, Part, View
from protocols.schemes.enumeration_check import EnumerationCheck
from protocols.tables import cell
from protocols.wmatrix.certificate import Certificate
from protocols.wmatrix.enumeration import Enumeration
from protocols.wmatrix.objectives import OBJECTIVES, Best, Sample
from protocols.wmatrix.otherwise import columns_mse
from protocols.wmatrix.protocol import PhotonProtocol
from protocols.wmatrix.task import PhotonTask

_UNDECIDED = "undecided (search limit reached)"


def check_view(report: CheckReport) -> View:
    """The verdict on a protocol, or on a certificate of fewest modes, and every condition."""
    of_certificate = report.subject == "certificate"
    parts: list[Part] = [*verdicts(report.conditions)]
    numbers = f"MSE {cell(None if report.mse is None else float(report.mse))}, bound {cell(float(report.bound))}"
    if of_certificate:
        title = "Conditions of a certificate of fewest modes"
        valid = "valid: no protocol that meets these conditions occupies fewer modes in its widest pass"
    else:
        title = "Conditions of an optimal photon protocol"
        valid = "valid: an optimal protocol"
        each = "modes at a time" if report.subject == "pairs" else "modes per pass"
        parts.append(Line(f"{numbers}, {each} {run_lengths(report.modes_per_pass) or '-'}"))
        if report.switches:
            parts.append(Line(f"switches: {controls_sentence(len(report.switches), report.switches)}"))
    verdict = valid if report.valid else "NOT valid"
    failed = [f"fails: {c.name}, {c.equation}" for c in report.conditions if not c.holds][:4]
    return View(title=title, parts=(*parts, Line(verdict, "strong")), summary=(verdict, numbers, *failed))


def enumeration_check_view(check: EnumerationCheck) -> View:
    """The conditions of every protocol of a document, and of its certificate."""
    parts: list[Part] = []
    for number, report in enumerate(check.protocols, 1):
        view = check_view(report)
        parts += [Line(f"Protocol {number} of {len(check.protocols)}", "strong"), *view.parts]
    if check.certificate is not None:
        view = check_view(check.certificate)
        parts += [Line(view.title, "strong"), *view.parts]
    bad = sum(not report.valid for report in check.protocols)
    verdict = "all protocols are valid" if not bad else f"{bad} of {len(check.protocols)} protocols are NOT valid"
    if check.certificate is not None:
        verdict += f"; the certificate is {'valid' if check.certificate.valid else 'NOT valid'}"
    return View(title="Protocols of an enumeration", parts=(*parts, Line(verdict, "strong")), summary=(verdict,))


_OTHERWISE = {
    "multimode-noon": "by superposed strings (multimode-noon)",
    "pairs-in-turn": "for static parameters, by N00N pairs in turn (pairs-in-turn)",
}


def _otherwise(result: Enumeration | Best) -> list[Line]:
    """What reaches the bound where no columns do, and the nearest functions that have columns."""
    names = result.reached_otherwise
    limited = "" if result.task.limits.are_none else ", within these limits"
    every = "" if result.task.target is not None else " at every N and M"
    lines: list[str] = []
    if names:
        lines.append(
            f"this is about single probes of two strings made of these columns; the bound (12) is reached{every}{limited} "
            f"{' and, '.join(_OTHERWISE[name] for name in names)} (docs/theory/theory.md, section 4)"
        )
    for near in result.nearest_columns if isinstance(result, Enumeration) else ():
        bias = " ".join(f"{float(error):+.3g} theta_{j}" for j, error in enumerate(near.errors, 1) if error)
        some = bias if len(near.errors) <= 8 else f"at most {near.bias_per_rad:.3g} times the sum of |theta_j|"
        text = (
            f"nearest function of this ||alpha||_P with columns at N M = {near.product}: alpha' = {float(near.scale):.6g} times "
            f"{vector(near.weights)}; MSE {columns_mse(near):.6g} of alpha' . theta, which is (12) for alpha'; "
        )
        if near.is_given:
            lines.append(f"{text}alpha' is alpha, so there is no bias")
        else:
            lines.append(f"{text}as an estimate of q it is biased by (alpha' - alpha) . theta = {some}")
    return [Line(text) for text in lines]


def enumeration_view(result: Enumeration) -> View:
    """What exists, and the listed protocols."""
    task = result.task
    parts: list[Part] = []
    if task.flipped:
        parts.append(Line("||alpha||_P < ||alpha||_Nn: columns below are for -q"))
    parts.append(Line(f"|W| = {task.matrix.size} columns"))
    title = _title("Optimal photon protocols", task)
    if task.target is None:
        none = f"no column protocol exists: {task.divisibility.fault()}"
        return View(title=title, parts=(*parts, Line(none), *_otherwise(result)), summary=(none,), titled=False)
    exists = {True: "yes", False: "no, within these limits", None: _UNDECIDED}[result.exists]
    known = [f"exists: {exists}"]
    if result.count is not None:
        how = f" (by {result.count_method})" if result.count_method else ""
        ordered = "" if result.ordered_count is None else f", {result.ordered_count} as sequences of passes"
        known.append(f"protocols: {result.count} unordered{ordered}{how}")
    if result.minimum_modes is not None:
        proof = "proved least" if result.minimum_modes_decided else "least found, not proved"
        bound = f"proved lower bound {result.lower_bound_modes}"
        known.append(f"least modes per pass, without --max-modes: {result.minimum_modes} ({proof}); {bound}")
    parts += [Line(text) for text in (f"target N M alpha/||alpha||_P = {vector(task.target)}", *known)]
    parts += _otherwise(result)
    parts += [Item(f"{number:>2}.  {protocol_line(p)}") for number, p in enumerate(result.protocols, 1)]
    shown = f"({len(result.protocols)} shown, there are more; raise --limit, or --count them)"
    if not result.complete and result.protocols:
        parts.append(Line(shown))
    return View(title=title, parts=tuple(parts), summary=(*known, f"{len(result.protocols)} listed"), titled=False)


def best_view(best: Best) -> View:
    """The best protocols by an objective, each with what is proved."""
    parts: list[Part] = [Line(OBJECTIVES[best.objective], "strong")]
    if not best.choices:
        parts.append(Line("no column protocol exists within these limits" if best.exists is False else _UNDECIDED))
        parts += _otherwise(best)
    costs = []
    for choice in best.choices:
        protocol = choice.protocol
        proof = "proved best" if choice.decided else f"best found; proved: at least {choice.lower_bound}"
        costs.append(
            f"{max(protocol.modes_per_pass)} modes in the widest pass, {sum(protocol.modes_per_pass)} over all passes, "
            f"{protocol.switches} {'switch' if protocol.switches == 1 else 'switches'} ({proof})"
        )
        parts += [Line(costs[-1]), Item(f"     {protocol_line(protocol)}")]
    if best.choices and not best.complete:
        parts.append(Line("a search limit was reached: there may be better ones"))
    if best.certificate is not None:
        parts.append(Line("--json has the certificate; psn check checks it", "note"))
    title = _title("Best photon protocols", best.task)
    return View(title=title, parts=tuple(parts), summary=(OBJECTIVES[best.objective], *costs[:4]), titled=False)


def sample_view(drawn: Sample) -> View:
    """The drawn protocols with their places."""
    head = f"drawn with equal probability from {drawn.count} protocols; place in canonical order, from 0"
    items = [Item(f"{place:>8}  {protocol_line(p)}") for place, p in zip(drawn.places, drawn.protocols, strict=True)]
    size = f"{len(drawn.protocols)} of {drawn.count} protocols"
    return View(
        title=_title("Sample of photon protocols", drawn.task),
        parts=(Line(head), *items),
        summary=(size,),
        titled=False,
    )


def protocol_view(protocol: PhotonProtocol) -> View:
    """The columns with their repeats."""
    uses = zip(protocol.columns, protocol.repeats, strict=True)
    switches = controls_sentence(protocol.switches, protocol.controls())
    modes = f"modes per pass {run_lengths(protocol.modes_per_pass)}, mode switches: {switches}"
    return View(
        title=_title("Photon protocol", protocol.task),
        parts=(*(Item(f"{times} x {vector(column)}") for column, times in uses), Line(modes)),
        summary=(f"{len(protocol.columns)} different columns; {modes}",),
    )


def certificate_view(certificate: Certificate) -> View:
    """The protocol, and by what it is proved to occupy the fewest modes."""
    inner = protocol_view(certificate.protocol)
    proved = f"fewest modes in the widest pass: {certificate.least_modes}, proved by {certificate.method}"
    cap = certificate.max_photons_per_mode
    limit = () if cap is None else (f"with at most {cap} photons per mode",)
    return View(
        title=_title("Certificate of fewest modes", certificate.protocol.task),
        parts=(*inner.parts, *(Line(text) for text in (proved, *limit))),
        summary=(joined(("least modes", certificate.least_modes, "")) + f", proved by {certificate.method}", *limit),
    )


def task_view(task: PhotonTask) -> View:
    """The function, N and M, and whether protocols can exist."""
    target = "none: " + task.divisibility.fault() if task.target is None else vector(task.target)
    limits = "no limits" if task.limits.are_none else repr(task.limits)
    lines = (f"target N M alpha/||alpha||_P = {target}", f"limits of every pass: {limits}")
    return View(title=_title("Photon task", task), parts=tuple(map(Line, lines)), summary=lines)


def protocol_line(protocol: PhotonProtocol) -> str:
    """Columns with their repeats, the modes of the passes, and the switches, the passive ones among them."""
    parts = [f"{times} x {vector(column)}" for column, times in zip(protocol.columns, protocol.repeats, strict=True)]
    return "  +  ".join(parts) + f"   [modes {run_lengths(protocol.modes_per_pass)}{_passive(protocol)}]"


def _passive(protocol: PhotonProtocol) -> str:
    """How many switches there are, and how many of them a permutation of modes does."""
    controls = protocol.controls()
    passive = sum(control.passive for control in controls)
    if not controls:
        return ""
    if len(controls) == 1:
        return f"; 1 switch, {'passive' if passive else 'not passive'}"
    return f"; {len(controls)} switches, {passive or 'none'} passive"


def _title(what: str, task: PhotonTask) -> str:
    return f"{what} of q = alpha . theta, alpha = {vector(task.function.alpha)}, N = {task.photons}, M = {task.passes}"
