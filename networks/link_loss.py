"""How much of the light a link keeps, from what people know of it: a transmissivity, dB, or kilometres of fibre."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from networks.rules import shown

LARGEST = 1e9
KEYS = ("transmissivity", "loss_db", "distance_km", "loss_db_per_km")


def link_transmissivity(data: Mapping[str, Any], per_km: Any, where: str, faults: list[str]) -> Any:
    """The transmissivity of a link; ``per_km`` is the graph's loss_db_per_km, None without one. Adds to ``faults``.

    One way only: ``transmissivity``, ``loss_db``, or ``distance_km`` with ``loss_db_per_km`` (of the link or the graph). A
    distance beside one of the first two is information. Whether a transmissivity is in (0, 1] is asked by the rules.

    >>> link_transmissivity({"distance_km": 15, "loss_db_per_km": 0.2}, None, "edge", []) == 10**-0.3
    True
    >>> found = []
    >>> link_transmissivity({"distance_km": 3, "loss_db": 1, "transmissivity": 0.9}, None, "edge a - b", found)
    1.0
    >>> found
    ['edge a - b: transmissivity and loss_db say the same thing twice; give one']
    """
    given = [key for key in KEYS if data.get(key) is not None]
    own = [f"{where}: {fault}" for key in given if key != "transmissivity" and (fault := _fault(key, data[key]))]
    ways = [key for key in ("transmissivity", "loss_db", "loss_db_per_km") if key in given]
    if len(ways) > 1:
        own.append(f"{where}: {' and '.join(ways)} say the same thing twice; give one")
    if "loss_db_per_km" in given and "distance_km" not in given:
        own.append(f"{where}: loss_db_per_km needs distance_km")
    if own:
        faults += own
        return 1.0
    if "transmissivity" in given:
        return data["transmissivity"]
    if "loss_db" in given:
        return 10 ** (-float(data["loss_db"]) / 10)
    if "distance_km" not in given:
        return 1.0
    rate = data.get("loss_db_per_km", per_km)
    if rate is None:
        faults.append(
            f"{where}: distance_km needs loss_db_per_km, on the edge or for the whole graph (0.2 for usual fibre), "
            "or a transmissivity beside it"
        )
        return 1.0
    if _fault("loss_db_per_km", rate):
        # The graph's own value; it is told once, there.
        return 1.0
    return 10 ** (-float(data["distance_km"]) * float(rate) / 10)


def per_km_fault(value: Any) -> str | None:
    """What is wrong with the graph's loss_db_per_km, or None."""
    return None if value is None else _fault("loss_db_per_km", value)


def _fault(key: str, value: Any) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= LARGEST:
        return f"{key} must be a number that is not negative, and at most 1e9, got {shown(value)}"
    return None
