"""Figures of commands, written whole to a file in the format that its name asks for."""

from __future__ import annotations

import itertools
import math
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
from protocols.theory.duality import Duality, displacement_frontier, photonic_region
from protocols.theory.reachable import RegionSide, photonic_side

SUFFIXES = (".svg", ".pdf", ".png")
CURVE_POINTS = 65
"""On each side of a curved region."""


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
    built = rank_plans(problem).built[0]
    whole = network_information(built.as_built, problem)
    return figures.draw_information(network, whole, f"Fisher matrix of {built.as_built.scheme}, MSE {built.mse:.4g}")


KINDS: dict[str, Callable[[SensorNetwork], Any]] = {
    "fisher": _information,
    "photons": lambda network: figures.draw_curves(network, photon_curves(network)),
    "transmissivity": lambda network: figures.draw_curves(network, transmissivity_curves(network)),
}
"""What can be drawn, by name."""


def duality_figure(result: Duality) -> Any:
    """The regions of qubits and photons with the published line, and what no state goes beyond where more may be reached."""
    w, v = result.directions.vectors
    several = "" if result.passes == 1 else f", M = {result.passes}"
    exactly = "exact" if result.lower.exact else "at least"
    regions = [(f"{len(w)} qubits{several}, {exactly}", closed_region(result.region))]
    sides = [("qubits", result.lower)]
    if result.photonic_lower is not None:
        exactly = "exact at the dots" if result.photonic_lower.exact else "at least"
        label = f"N = {result.photons} photons, M = {result.passes}, {exactly}"
        regions.append((label, closed_region(result.photonic_region)))
        sides.append(("photons", result.photonic_lower))
    limits = [(f"no state of {light} lies below", _limit_curve(side)) for light, side in sides if not side.exact]
    title = f"w along {_short(w)}, v along {_short(v)}"
    return figures.draw_region(title, ("F(w)", "F(v)"), regions, published=float(result.published_cap), limits=limits)


def closed_region(corners: Sequence[tuple[Fraction | float, Fraction | float]]) -> list[tuple[float, float]]:
    """The corners of a region all around it, from the origin, where a state that is no superposition is."""
    return [(0.0, 0.0), *((float(x), float(y)) for x, y in corners), (0.0, 0.0)]


def _limit_curve(side: RegionSide) -> list[tuple[float, float]]:
    """Points of a side's limit, which is straight in the roots of both informations."""
    roots = [(math.sqrt(x), math.sqrt(y)) for x, y in side.limit]
    points = [roots[0]]
    for (a, b), (c, d) in itertools.pairwise(roots):
        points += [(a + (c - a) * k / CURVE_POINTS, b + (d - b) * k / CURVE_POINTS) for k in range(1, CURVE_POINTS + 1)]
    return [(x * x, y * y) for x, y in points]


def privacy_figure(report: PrivacyReport) -> Any:
    """What any light can know of q and of the most exposed parameter's part across it, with the network's own place."""
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
        region = closed_region(photonic_region(directions, problem.photons, problem.passes, reference=reference))
        light = f"N = {problem.photons} photons, M = {problem.passes}, no loss"
        exact = photonic_side(directions, problem.photons, problem.passes, reference=reference).exact
        label = f"any light of {light}" if exact else f"light of {light}: at least"
    else:
        # A lossy mode may know less of both than any light without loss: its place then lies below this region.
        sides = displacement_frontier(problem.mean_photons, problem.passes, CURVE_POINTS).region
        region = [*sides, sides[0]]
        controls = ", no controls" if problem.passes > 1 else ""
        label = f"any light of {problem.mean_photons:g} photons on average, no loss{controls}"
    return figures.draw_region(
        f"{network.name}\n{network.summary}\n{report.scheme}",
        ("information on q (unit direction)", f"on theta of {problem.sensor_modes[exposed]}, the part across q"),
        [(label, region)],
        point=(along, aside),
    )


def _short(vector: Sequence[int]) -> str:
    return "(" + ", ".join(map(str, vector[:6])) + (", ..." if len(vector) > 6 else "") + ")"
