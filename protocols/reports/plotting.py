"""Figures of commands, written whole to a file in the format that its name asks for."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from networks import InputError, SensorNetwork
from networks.files.text import write_whole
from protocols.loss.curves import photon_curves, transmissivity_curves
from protocols.privacy.report import PrivacyReport, network_information
from protocols.problem import PhaseProblem, Problem
from protocols.ranking.candidates import rank_plans
from protocols.reports import figures
from protocols.theory.directions import Directions
from protocols.theory.duality import Duality, displacement_frontier, photonic_frontier

SUFFIXES = (".svg", ".pdf", ".png")


def plot(network: SensorNetwork, kind: str, path: Path) -> Path:
    """Draw ``kind`` (a key of KINDS) and write it to ``path``, whose ending picks SVG, PDF or PNG.

    Raises
    ------
    InputError
        For another ending, an unknown kind, or a file that cannot be written, before anything is computed where possible.
    """
    faults = path_faults(path)
    if kind not in KINDS:
        faults.insert(0, f"there is no plot {kind!r}; known are {', '.join(KINDS)}")
    if faults:
        raise InputError(faults)
    return write_figure(KINDS[kind](network), path)


def write_figure(figure: Any, path: Path) -> Path:
    """Write a figure whole, in the format of the path's ending."""
    write_whole(path, figures.saved(figure, path.suffix))
    return path


def path_faults(path: Path) -> list[str]:
    """What keeps a figure from being written there."""
    return out_faults(path, SUFFIXES)


def out_faults(path: Path, suffixes: Sequence[str]) -> list[str]:
    """What keeps a file of one of these kinds from being written there."""
    if path == Path():
        return ["--out must name a file, got nothing"]
    faults = []
    if path.suffix not in suffixes:
        faults.append(f"--out must end in one of {', '.join(suffixes)}, got {str(path)!r}")
    if not path.absolute().parent.is_dir():
        faults.append(f"--out: there is no folder {str(path.parent)!r}")
    elif path.is_dir():
        faults.append(f"--out: {str(path)!r} is a folder")
    return faults


def new_file_faults(paths: Sequence[Path], suffixes: Sequence[str]) -> list[str]:
    """What keeps new files of these kinds from being written there; what exists is not written over."""
    faults = []
    for path in paths:
        faults += out_faults(path, suffixes)
        if path.is_file():
            faults.append(f"--out: {str(path)!r} exists already; remove it or name another file")
        elif path.absolute().parent.is_dir() and not os.access(path.absolute().parent, os.W_OK):
            faults.append(f"--out: no permission to write in {str(path.parent)!r}")
    if len({path.resolve() for path in paths}) < len(paths):
        faults.append("--out names a file twice")
    return faults


def _information(network: SensorNetwork) -> Any:
    problem = Problem.of(network)
    plan = rank_plans(problem).best
    whole = network_information(plan, problem)
    return figures.draw_information(network, whole, f"Fisher matrix of {plan.scheme}, MSE {plan.predicted_mse:.4g}")


KINDS: dict[str, Callable[[SensorNetwork], Any]] = {
    "fisher": _information,
    "photons": lambda network: figures.draw_curves(network, photon_curves(network)),
    "transmissivity": lambda network: figures.draw_curves(network, transmissivity_curves(network)),
}
"""What can be drawn, by name."""


def duality_figure(result: Duality) -> Any:
    """The qubits' exact limit with the published line, and the photons' frontier when there is one."""
    w, v = result.directions.vectors
    regions = [(f"{len(w)} qubits, exact", [(float(x), float(y)) for x, y in result.region])]
    if result.photonic is not None:
        label = f"N = {result.photons} photons, M = {result.passes}, exact at the dots"
        regions.append((label, closed_frontier(result.photonic_frontier)))
    title = f"w along {_short(w)}, v along {_short(v)}"
    return figures.draw_region(title, ("F(w)", "F(v)"), regions, published=float(result.published_cap))


def closed_frontier(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A frontier with its ends carried to the axes: a limit, below which not everything can be reached."""
    return [(0.0, points[0][1]), *points, (points[-1][0], 0.0)]


def privacy_figure(report: PrivacyReport) -> Any:
    """The frontier between q and the part of the most exposed parameter across it, with the network's own place on it."""
    import numpy as np

    problem = Problem.of(report.network)
    network, a = report.network, report.network.function.alpha
    square = sum((x * x for x in a), Fraction(0))
    if len(a) == 1:
        raise InputError(["a network of one parameter has no direction across q to draw"])
    others = [j for j in range(len(a)) if a[j] ** 2 != square]
    exposed = max(others, key=lambda j: report.information[j, j] * float(1 - a[j] ** 2 / square))
    across = [Fraction(int(j == exposed)) - a[exposed] * x / square for j, x in enumerate(a)]
    directions = Directions.of([a, across])
    along, aside = (float(u @ report.information @ u) for u in np.array(directions.units()))
    if isinstance(problem, PhaseProblem):
        reference = problem.reference is not None
        frontier = photonic_frontier(directions, problem.photons, problem.passes, reference=reference)
        label = f"any light of N = {problem.photons} photons, M = {problem.passes}, no loss"
    else:
        frontier = displacement_frontier(problem.mean_photons, problem.passes).most
        label = f"any light of {problem.mean_photons:g} photons on average, no loss"
    return figures.draw_region(
        f"{network.name}\n{network.summary}\n{report.scheme}",
        ("information on q (unit direction)", f"on theta of {problem.sensor_modes[exposed]}, the part across q"),
        [(label, closed_frontier(sorted(frontier)))],
        point=(along, aside),
    )


def _short(vector: Sequence[int]) -> str:
    return "(" + ", ".join(map(str, vector[:6])) + (", ..." if len(vector) > 6 else "") + ")"
