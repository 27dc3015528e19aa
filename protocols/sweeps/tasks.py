"""What a worker does: simulate or design points, as plain rows. It knows nothing of files, and never raises for one point."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from networks import InputError, SensorNetwork
from protocols.estimation.simulation import Estimated, simulate
from protocols.sweeps.axes import OF_LABORATORY, OF_TRIALS
from protocols.sweeps.designs import design_columns
from protocols.sweeps.spec import DESIGN, network_of, point_at, task_id_of

OK, UNAVAILABLE, FAILED = "ok", "unavailable", "failed"
"""A row has numbers; has none because this scheme and estimator do not exist there; or has an error."""
UNITS = {"phase": ("rad", "rad2"), "displacement": ("vac", "vac2")}
"""Units of q and of its squared errors: radian, or the vacuum's standard deviation of x."""


def same(payload: dict[str, Any]) -> dict[str, Any]:
    """What all groups of points need, as a task of its own: workers then hold it once."""
    return payload


def run_points(payload: dict[str, Any], ranges: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """Rows of the points with numbers in these ranges, ends left out. Schedulers keep what they are sent, so that is little."""
    from threadpoolctl import threadpool_limits

    # Sums in another order round differently, so the same rows everywhere need the same number of threads.
    with threadpool_limits(limits=1):
        return [run_point(payload, number) for first, end in ranges for number in range(first, end)]


def run_point(payload: dict[str, Any], number: int) -> dict[str, Any]:
    """One row; an error of any kind becomes a row that holds it."""
    start = time.perf_counter()
    point, settings = point_at(payload["axes"], number), payload["settings"]
    task = task_id_of(point, payload["network_ids"], settings)
    row: dict[str, Any] = {**start_of_row(point, number, task, settings), "status": OK, "message": ""}
    try:
        changes = tuple(sorted((name, value) for name, value in point.items() if name not in CHOICES))
        network = network_at(payload["networks"][point["network"]], changes)
        row |= _network_columns(network, point)
        if settings.get("task") == DESIGN:
            schemes = tuple(payload["schemes"].get(name, name) for name in settings["schemes"])
            row |= design_columns(network, schemes, point["scheme"], UNITS[network.sensing][1])
        else:
            row |= _simulated_columns(network, point, payload)
    except InputError as error:
        row |= {"status": UNAVAILABLE, "message": "; ".join(error.faults)}
    except Exception as error:  # noqa: BLE001 - whatever a point does, the others go on and its row says so
        row |= {"status": FAILED, "message": f"{type(error).__name__}: {error}"}
    return {**row, "elapsed_s": time.perf_counter() - start}


CHOICES = ("scheme", *OF_TRIALS)
"""Axes that leave the network as it is."""


def start_of_row(point: dict[str, Any], number: int, task: str, settings: dict[str, Any]) -> dict[str, Any]:
    """What a row says of its point whatever comes of it, the network aside."""
    told = (name for name in (*OF_LABORATORY, *CHOICES) if name in point)
    trials = {"trials": settings["trials"]} if "trials" in settings else {}
    return {"task": number, "id": task, **{name: point[name] for name in told}, **trials}


@lru_cache(maxsize=64)
def network_at(text: str, changes: tuple[tuple[str, Any], ...]) -> SensorNetwork:
    """The network of a point, kept for the points beside it that have the same one."""
    return network_of(text, dict(changes))


def _simulated_columns(network: SensorNetwork, point: dict[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
    settings = payload["settings"]
    theta = settings["theta"]
    result = simulate(
        network,
        shots=point["shots"],
        trials=settings["trials"],
        seed=settings["seed"],
        # Objects of the caller's own come with the payload, by name.
        scheme=payload["schemes"].get(point["scheme"], point["scheme"]),
        estimator=payload["estimators"].get(point["estimator"], point["estimator"]),
        theta=tuple(theta) if isinstance(theta, list) else theta,
        engine=settings["engine"],
        order=settings["stages"],
    )
    return _result_columns(network, result.first)


def _network_columns(network: SensorNetwork, point: dict[str, Any]) -> dict[str, Any]:
    return {
        "network": network.name,
        "alpha": ",".join(str(a) for a in network.function.alpha),
        "photons_per_shot": network.photons,
        "mean_photons_per_shot": network.mean_photons,
        "passes": network.passes,
        "transmissivity": point.get("transmissivity"),
    }


def _result_columns(network: SensorNetwork, result: Estimated) -> dict[str, Any]:
    q, squared = UNITS[network.sensing]
    tally = result.tally
    return {
        f"mse_{squared}": tally.mse,
        f"mse_stderr_{squared}": tally.mse_stderr,
        f"predicted_mse_{squared}": result.predicted_mse,
        f"bound_{squared}": result.bound,
        f"probe_bound_{squared}": result.probe_bound,
        f"floor_{squared}": result.floor,
        f"shot_noise_{squared}": result.shot_noise,
        f"loss_bound_{squared}": result.loss_bound,
        f"bias_{q}": tally.bias,
        f"bias_stderr_{q}": tally.bias_stderr,
        f"period_{q}": result.period,
        "overhead": result.overhead,
        "coverage": tally.coverage,
        "coverage_stderr": tally.coverage_stderr,
        "mistaken_fringe": result.fringe_error_share,
        "photons_total": result.resources.photons,
        "photon_passes_total": result.resources.photon_passes,
        "photons_unused": result.resources.photons_unused,
        "photon_passes_unused": result.resources.photon_passes_unused,
    }
