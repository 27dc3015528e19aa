"""What a sensor network must satisfy. Every rule looks at the whole network and names each fault with its remedy."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from networks.errors import InputError, short_repr
from networks.exact import LARGEST, SMALLEST, parse_exact
from networks.modes import Link, Mode, NetworkParts, is_mode_id
from networks.reach import reachable

ROLES = ("sensor", "reference", "ancilla")
COUPLINGS = ("mach-zehnder", "displacement")
SENSINGS = ("phase", "displacement")
PARAMETERS = ("static", "snapshot")
LARGEST_COUNT = 10**30
"""N, and M."""
LARGEST_MEAN_PHOTONS = 1e6
"""Squeezing of 66 dB, far beyond any light; above it double precision no longer holds the squeezed quadratures."""
LONGEST_NAME = 1000
"""Characters of a name or an id."""
LONGEST_INTEGER = 4000
"""Digits of an integer that an attribute holds."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def network_faults(network: NetworkParts) -> list[str]:
    """Every fault of ``network``, in reading order; empty when it is sound."""
    if strange := list(_kind_faults(network.modes, network.links)):
        return strange
    # What concerns the network as a whole can only be asked of one whose parts make sense.
    return part_faults(network) or whole_faults(network)


def _kind_faults(modes: object, links: object) -> Iterator[str]:
    """Modes and links that are none, or stand in a set, which has no order."""
    for what, kind, parts in (("modes", Mode, modes), ("links", Link, links)):
        if not isinstance(parts, tuple):
            yield f"{what} must be a sequence of {kind.__name__} values, got {short_repr(parts)}"
            continue
        for part in parts:
            ends: object = part.ends if isinstance(part, Link) else ("", "")
            if not isinstance(part, kind):
                yield f"{what} must be {kind.__name__} values, got {short_repr(part)}"
            elif not isinstance(ends, tuple) or len(ends) != 2:
                yield f"the ends of a link must be two node ids, got {short_repr(ends)}"


def part_faults(network: NetworkParts) -> list[str]:
    """Faults of single parts: budget, ids, modes, links, couplings."""
    faults = [*_budget_faults(network), *_name_faults(network)]
    for mode in network.modes:
        faults.extend(_mode_faults(mode))
    return [*faults, *_link_faults(network), *_coupling_faults(network), *_extra_faults(network)]


def whole_faults(network: NetworkParts) -> list[str]:
    """Faults of the whole: what the function needs, and whether the graph hangs together."""
    return list(_function_faults(network)) or list(_reach_faults(network))


def transmissivity_fault(value: object, where: str) -> str | None:
    """What is wrong with a transmissivity, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        return f"{where}: transmissivity must be a number in (0, 1], got {short_repr(value)}"
    return None


def extra_fault(name: object, value: object) -> str | None:
    """What is wrong with an attribute that is not ours, or None: files must be able to hold it."""
    if not isinstance(name, str):
        return f"an attribute must have a text as its name, got {short_repr(name)}"
    if len(name) > LONGEST_NAME:
        return f"attribute {short_repr(name)} has a name of more than {LONGEST_NAME} characters"
    if not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
        return f"attribute {short_repr(name)} must be text, a finite number or true/false, got {short_repr(value)}"
    if isinstance(value, int) and value.bit_length() > LONGEST_INTEGER * math.log2(10):
        return f"attribute {short_repr(name)} must have at most {LONGEST_INTEGER} digits"
    if _SURROGATE.search(name) or (isinstance(value, str) and _SURROGATE.search(value)):
        return f"attribute {short_repr(name)} has characters that are no text"
    return None


def count_fault(name: str, value: object) -> str | None:
    """What is wrong with N or M given by themselves, in one sentence; None when it is an integer from 1 to 1e30."""
    if not isinstance(value, bool) and isinstance(value, int) and 1 <= value <= LARGEST_COUNT:
        return None
    return f"{name} must be a positive integer of at most 1e30, got {short_repr(value)}"


def parameters_fault(value: object) -> str | None:
    """What is wrong with the word for how long the parameters stay put, or None."""
    if isinstance(value, str) and value in PARAMETERS:
        return None
    return (
        "parameters must be 'static' (they stay put over the shots, probes may take turns) or 'snapshot' (every shot has to "
        f"tell q by itself), got {short_repr(value)}"
    )


def _budget_faults(network: NetworkParts) -> Iterator[str]:
    if not isinstance(network.sensing, str) or network.sensing not in SENSINGS:
        yield f"sensing must be 'phase' or 'displacement', got {short_repr(network.sensing)}"
    yield from _count_faults("passes", network.passes)
    if fault := parameters_fault(network.parameters):
        yield fault
    if network.sensing == "phase":
        if network.photons is None:
            yield "phase sensing needs photons, the exact photon number N of a shot; add e.g. photons: 4"
        else:
            yield from _count_faults("photons", network.photons)
        if network.mean_photons is not None:
            yield "phase sensing takes photons, not mean_photons; remove mean_photons"
    elif network.sensing == "displacement":
        nbar = network.mean_photons
        if nbar is None:
            yield "displacement sensing needs mean_photons, the mean photon number of a shot; add e.g. mean_photons: 2.5"
        elif isinstance(nbar, bool) or not isinstance(nbar, int | float) or not 1e-9 <= nbar <= LARGEST_MEAN_PHOTONS:
            yield f"mean_photons must be a number between 1e-9 and {LARGEST_MEAN_PHOTONS:g}, got {short_repr(nbar)}"
        if network.photons is not None:
            yield "displacement sensing takes mean_photons, not photons; remove photons"


def _count_faults(name: str, value: object) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        yield f"{name} must be a positive integer, got {short_repr(value)}"
    elif value > LARGEST_COUNT:
        yield f"{name} must be at most 1e30, got {short_repr(value)}"


def _name_faults(network: NetworkParts) -> Iterator[str]:
    if not isinstance(network.name, str) or not network.name.isprintable():
        yield f"the name must be printable text, got {short_repr(network.name)}"
    elif len(network.name) > LONGEST_NAME:
        yield f"the name must have at most {LONGEST_NAME} characters, got {len(network.name)}"
    if not network.modes:
        yield "a network needs at least one sensor, got no nodes"
    for mode in network.modes:
        if isinstance(mode.id, str) and not mode.id.isprintable():
            yield f"a node id must be printable text, got {short_repr(mode.id)}"
        if not is_mode_id(mode.id) or mode.id == "":
            yield f"a node id must be a non-empty string or an integer, got {short_repr(mode.id)}"
        elif len(mode.id) > LONGEST_NAME if isinstance(mode.id, str) else mode.id.bit_length() > LONGEST_NAME * 3:
            yield f"a node id must have at most {LONGEST_NAME} characters, got {short_repr(mode.id)}"
    # 1 and "1" differ in Python but not in a file or a figure, so they count as the same name.
    for name, times in Counter(str(mode.id) for mode in network.modes).items():
        if times > 1:
            yield f"node id {short_repr(name)} is given {times} times; every node needs its own"


def _mode_faults(mode: Mode) -> Iterator[str]:
    where = f"node {short_repr(mode.id)}"
    if mode.role not in ROLES:
        yield f"{where}: role must be one of {', '.join(ROLES)}, got {short_repr(mode.role)}"
    fault = transmissivity_fault(mode.transmissivity, where)
    if fault:
        yield fault
    if mode.role == "sensor":
        if mode.coupling is None:
            yield f"{where}: a sensor needs a coupling, 'mach-zehnder' (phase) or 'displacement'"
        elif mode.coupling not in COUPLINGS:
            yield f"{where}: coupling must be one of {', '.join(COUPLINGS)}, got {short_repr(mode.coupling)}"
        alpha: object = mode.alpha
        if alpha is None:
            yield f"{where}: a sensor needs alpha, its coefficient in q (0 if q does not depend on it)"
        elif not isinstance(alpha, Fraction):
            yield from _unread_alpha(alpha, where)
        elif alpha and not SMALLEST <= abs(alpha) <= LARGEST:
            yield f"{where}: alpha must be 0 or between 1e-100 and 1e100 in size; rescale all coefficients"
    elif mode.role in ROLES:
        if mode.coupling is not None:
            yield f"{where}: only sensors have a coupling, this is a {mode.role}; remove coupling or make it a sensor"
        if mode.alpha:
            yield f"{where}: only sensors have alpha, this is a {mode.role}; remove alpha or make it a sensor"


def _unread_alpha(alpha: object, where: str) -> tuple[str, ...]:
    """What parse_exact said of it when the mode was made."""
    try:
        parse_exact(alpha, what=f"{where}: alpha")
    except InputError as error:
        return error.faults
    return ()


def _link_faults(network: NetworkParts) -> Iterator[str]:
    known = {mode.id for mode in network.modes}
    seen: set[frozenset[object]] = set()
    for link in network.links:
        a, b = link.ends
        where = f"edge {short_repr(a)} - {short_repr(b)}"
        missing = [end for end in link.ends if end not in known]
        if missing:
            yield f"{where}: there is no node {' or '.join(short_repr(end) for end in missing)}"
        if a == b:
            yield f"{where}: a beam splitter joins two different modes"
        elif frozenset(link.ends) in seen:
            yield f"{where}: given more than once; one edge stands for one link"
        seen.add(frozenset(link.ends))
        fault = transmissivity_fault(link.transmissivity, where)
        if fault:
            yield fault


_OWN = {
    "graph": frozenset({"name", "sensing", "photons", "mean_photons", "passes", "parameters"}),
    "node": frozenset({"id", "role", "coupling", "alpha", "transmissivity"}),
    "edge": frozenset({"source", "target", "transmissivity", "loss_db", "loss_db_per_km"}),
}
"""What a file would read as a field: no extra attribute may be called so."""


def _extra_faults(network: NetworkParts) -> Iterator[str]:
    for where, place, extra in (
        ("graph", "graph", network.extra),
        *((f"node {short_repr(mode.id)}", "node", mode.extra) for mode in network.modes),
        *((f"edge {' - '.join(map(short_repr, link.ends))}", "edge", link.extra) for link in network.links),
    ):
        if not extra:
            continue
        pairs: object = extra
        if not isinstance(pairs, tuple) or not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
            yield f"{where}: extra must be pairs of a name and a value, got {short_repr(pairs)}"
            continue
        for name, value in extra:
            if name in _OWN[place]:
                # Written to a file it would be read as the part's own.
                instead = "the link's transmissivity" if place == "edge" else "the field of this name"
                yield f"{where}: extra may not hold {short_repr(name)}; give {instead} instead"
            elif fault := extra_fault(name, value):
                yield f"{where}: {fault}"
        for name, times in Counter(name for name, _ in extra).items():
            if times > 1:
                yield f"{where}: extra holds {short_repr(name)} {times} times"


def _coupling_faults(network: NetworkParts) -> Iterator[str]:
    wanted = {"phase": "mach-zehnder", "displacement": "displacement"}.get(str(network.sensing))
    wrong = [m for m in network.modes if m.role == "sensor" and m.coupling in COUPLINGS and m.coupling != wanted]
    if wanted and wrong:
        names = ", ".join(repr(mode.id) for mode in wrong[:8]) + (" ..." if len(wrong) > 8 else "")
        yield (
            f"{network.sensing} sensing needs coupling '{wanted}' at every sensor, but {names} "
            f"{'has' if len(wrong) == 1 else 'have'} another; couplings cannot be mixed in one network"
        )


def _function_faults(network: NetworkParts) -> Iterator[str]:
    sensors = [mode for mode in network.modes if mode.role == "sensor"]
    if not sensors:
        yield "a network needs at least one sensor; give a node the role 'sensor'"
        return
    total = sum((mode.alpha for mode in sensors if mode.alpha is not None), Fraction(0))
    if not any(mode.alpha for mode in sensors):
        yield "alpha is zero at every sensor; give at least one sensor a non-zero alpha"
    elif network.sensing == "phase" and total and not any(m.role in ("reference", "ancilla") for m in network.modes):
        yield (
            f"phase sensing of an unbalanced function (the coefficients sum to {short_repr(str(total))[1:-1]}) needs a mode that "
            "carries no phase; add a node with role 'reference' (an ancilla serves as well)"
        )


def _reach_faults(network: NetworkParts) -> Iterator[str]:
    """Sensors, and a needed reference, must be joined by links: entangled light has to reach them all."""
    needed = [mode.id for mode in network.modes if mode.role == "sensor"]
    # Where there is no reference, an ancilla holds its photons (SensorNetwork.reference).
    role = "reference" if any(mode.role == "reference" for mode in network.modes) else "ancilla"
    references = [mode.id for mode in network.modes if mode.role == role]
    reached = reachable(network, needed[0])
    lost = [node for node in needed if node not in reached]
    if lost:
        names = ", ".join(repr(node) for node in lost[:8]) + (" ..." if len(lost) > 8 else "")
        yield f"no chain of edges joins {needed[0]!r} to {names}; add edges so that all sensors are connected"
    unbalanced = sum(mode.alpha for mode in network.modes if mode.alpha) != 0
    if network.sensing == "phase" and unbalanced and not any(node in reached for node in references):
        yield f"no chain of edges joins the sensors to the {role} {references[0]!r}; add an edge"
