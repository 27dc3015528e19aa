"""What a sensor network must satisfy. Every rule looks at the whole network and names each fault with its remedy."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from networks.errors import InputError, short_repr
from networks.exact import LARGEST, SMALLEST, parse_exact
from networks.laboratory import (
    ATTRIBUTES,
    LARGEST_LIGHT,
    LEAST_LINK_SHARE,
    LEAST_SHARE,
    LOSSES_DB,
    OF_GRAPH,
    OF_NODE,
    least_hint,
)
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
    return [
        *faults,
        *_link_faults(network),
        *_coupling_faults(network),
        *_laboratory_faults(network),
        *_extra_faults(network),
    ]


def whole_faults(network: NetworkParts) -> list[str]:
    """Faults of the whole: what the function needs, and whether the graph hangs together."""
    return list(_function_faults(network)) or list(_reach_faults(network))


def transmissivity_fault(value: object, where: str, *, least: float) -> str | None:
    """What is wrong with a transmissivity, or None; ``least`` is the smallest there."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{where}: transmissivity must be a number in (0, 1], got {short_repr(value)}"
    if not least <= value <= 1:
        hint = least_hint(value, least)
        return f"{where}: transmissivity must be a number in (0, 1], got {short_repr(value)}{hint}"
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
        if network.photons is None and network.mean_photons is None:
            yield (
                "phase sensing needs photons, the exact photon number N of a shot, or mean_photons, for Gaussian and coherent "
                "light, or both; add e.g. photons: 4"
            )
        if network.photons is not None:
            yield from _count_faults("photons", network.photons)
        if network.mean_photons is not None:
            # Coherent light may be as bright as a laser.
            yield from _mean_faults(network.mean_photons, LARGEST_LIGHT)
    elif network.sensing == "displacement":
        if network.mean_photons is None:
            yield "displacement sensing needs mean_photons, the mean photon number of a shot; add e.g. mean_photons: 2.5"
        else:
            yield from _mean_faults(network.mean_photons, LARGEST_MEAN_PHOTONS)
        if network.photons is not None:
            yield "displacement sensing takes mean_photons, not photons; remove photons"


def _mean_faults(value: object, most: float) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1e-9 <= value <= most:
        yield f"mean_photons must be a number between 1e-9 and {most:g}, got {short_repr(value)}"


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
    fault = transmissivity_fault(mode.transmissivity, where, least=LEAST_SHARE)
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
        fault = transmissivity_fault(link.transmissivity, where, least=LEAST_LINK_SHARE)
        if fault:
            yield fault


_OWN = {
    "graph": frozenset(
        {"name", "sensing", "photons", "mean_photons", "passes", "parameters", "loss_before_db", *OF_GRAPH}
    ),
    "node": frozenset({"id", "role", "coupling", "alpha", "transmissivity", *LOSSES_DB, *OF_NODE}),
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


def _laboratory_faults(network: NetworkParts) -> Iterator[str]:
    """Values out of range, attributes where they mean nothing, and what contradicts each other."""
    for name in OF_GRAPH:
        if fault := ATTRIBUTES[name].fault(getattr(network, name), "graph"):
            yield fault
    reference: object = network.phase_reference
    if reference is None:
        yield "graph: phase_reference must be 'paid' or 'free', got nothing"
    for mode in network.modes:
        where = f"node {short_repr(mode.id)}"
        for name in OF_NODE:
            if fault := ATTRIBUTES[name].fault(getattr(mode, name), where):
                yield fault
        yield from _sensor_only_faults(mode, where)
    if network.phase_reference == "free":
        yield from unused_reference_faults(network, "free")
    count: object = network.squeezers
    if isinstance(count, int) and count > 0 and network.modes and all(m.squeezer is False for m in network.modes):
        yield (
            f"squeezers: {short_repr(count)} may be used, but squeezer is false at every node; allow one at a node (squeezer: "
            "true, or leave it out there), or give squeezers: 0"
        )


def _sensor_only_faults(mode: Mode, where: str) -> Iterator[str]:
    if mode.arms is not None and mode.role in ROLES and mode.coupling in (*COUPLINGS, None):
        if mode.role != "sensor":
            yield f"{where}: only sensors have arms, this is a {mode.role}; remove arms"
        elif mode.coupling == "displacement":
            yield f"{where}: only mach-zehnder sensors have arms, this one has the coupling 'displacement'; remove arms"
    if mode.mean_photons_max is None or mode.role not in ROLES:
        return
    if mode.role != "sensor":
        yield f"{where}: only sensors have mean_photons_max, this is a {mode.role}; remove it"
    elif mode.mean_photons_max == 0 and mode.alpha:
        yield (
            f"{where}: no light may pass (mean_photons_max: 0), so its parameter cannot be sensed, but q depends on it; give a "
            "limit above 0, or alpha: 0"
        )


def unused_reference_faults(network: NetworkParts, word: str) -> Iterator[str]:
    """What is wrong with saying what a phase reference costs, where no sensor has one.

    Parameters
    ----------
    network : NetworkParts
    word : "paid" or "free"
        What is said; a file may say "paid" although that is what holds without a word.
    """
    sensors = [mode for mode in network.modes if mode.role == "sensor"]
    if network.sensing == "displacement":
        yield (
            f"phase_reference: {word} is for phase sensing; local oscillators of displacement sensing never count in mean_photons; "
            "remove phase_reference"
        )
    elif sensors and all(mode.arms == 2 for mode in sensors):
        yield (
            f"phase_reference: {word} is for light at sensors with one arm, and here every sensor has two, which need no "
            "reference; remove phase_reference, or give arms: 1 to the sensors that have one"
        )


def is_reference_needed(network: NetworkParts) -> bool:
    """Whether probes need a mode that carries no phase: the coefficients of the one-armed sensors do not sum to zero.

    A local oscillator at every site serves as well, for light that is not of exactly N photons.
    """
    if network.sensing != "phase" or (network.phase_reference == "free" and network.photons is None):
        return False
    return bool(_one_armed_sum(network))


def _one_armed_sum(network: NetworkParts) -> Fraction:
    sensors = (mode for mode in network.modes if mode.role == "sensor" and mode.arms != 2)
    return sum((mode.alpha for mode in sensors if mode.alpha is not None), Fraction(0))


def _function_faults(network: NetworkParts) -> Iterator[str]:
    sensors = [mode for mode in network.modes if mode.role == "sensor"]
    if not sensors:
        yield "a network needs at least one sensor; give a node the role 'sensor'"
        return
    if not any(mode.alpha for mode in sensors):
        yield "alpha is zero at every sensor; give at least one sensor a non-zero alpha"
    elif is_reference_needed(network) and not any(m.role in ("reference", "ancilla") for m in network.modes):
        total = short_repr(str(_one_armed_sum(network)))[1:-1]
        some = " of sensors with one arm" if any(mode.arms == 2 for mode in sensors) else ""
        yield (
            f"phase sensing of an unbalanced function (the coefficients{some} sum to {total}) needs a mode that "
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
    if is_reference_needed(network) and not any(node in reached for node in references):
        yield f"no chain of edges joins the sensors to the {role} {references[0]!r}; add an edge"
