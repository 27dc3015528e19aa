"""What the commands of ``psn hardware`` that take a network and a device share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from networks import InputError
from protocols.cli.terminal import given_network, given_numbers

if TYPE_CHECKING:
    from networks import SensorNetwork
    from protocols.cli.terminal import Uses
    from protocols.hardware.pair_plan import PairPlan


def network_and_theta(
    network: str, theta: str | None, faults: list[str], used: Uses = ("arms",)
) -> tuple[SensorNetwork | None, list[float] | None]:
    """The network and one phase a sensor, zeros when none are given; what is wrong is added to ``faults``.

    ``used`` is as in ``read_network``.
    """
    given = given_network(network, faults, used)
    values = given_numbers("--theta", theta, faults)
    if theta is None and given is not None:
        values = [0.0] * len(given.sensors)
    if given is not None and values is not None and len(values) != len(given.sensors):
        faults.append(f"--theta must have {len(given.sensors)} phases, one a sensor, got {len(values)}")
        values = None
    return given, values


def plan_of(
    network: str,
    device: str,
    theta: str | None = None,
    *,
    shots: int = 1,
    seed: int = 0,
    out: Sequence[str] = (),
    endings: Sequence[str] = (),
) -> tuple[PairPlan, list[float]]:
    """The plan of a network for a device, and theta in rad (zeros when not given).

    Raises
    ------
    InputError
        Listing every fault of the options: the files to write (with one of these endings) among them.
    """
    from protocols.hardware.devices import find_device
    from protocols.hardware.feasibility import can_run
    from protocols.hardware.pair_plan import pair_plan
    from protocols.reports.plotting import new_file_faults

    faults: list[str] = []
    given, values = network_and_theta(network, theta, faults)
    chosen = None
    try:
        chosen = find_device(device)
    except InputError as error:
        faults += error.faults
    if chosen is not None and not 1 <= shots <= chosen.most_shots:
        faults.append(f"--shots must be from 1 to {chosen.most_shots} for {chosen.name}, got {shots}")
    if seed < 0:
        faults.append(f"--seed must not be negative, got {seed}")
    faults += new_file_faults([Path(one) for one in out], endings)
    if given is not None and chosen is not None:
        faults += [f"{chosen.name}: {reason}" for reason in can_run(given, chosen).reasons]
    if faults or given is None or chosen is None or values is None:
        raise InputError(faults)
    return pair_plan(given, chosen), values
