"""``psn plot``: one figure of a network, written whole to a file in the format that its name asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from networks import InputError, SensorNetwork
from networks.files import write_whole
from protocols import figures
from protocols.curves import photon_curves, transmissivity_curves
from protocols.designing import design

SUFFIXES = (".svg", ".pdf", ".png")


def plot(network: SensorNetwork, kind: str, path: Path) -> Path:
    """Draw ``kind`` (a key of KINDS) and write it to ``path``, whose ending picks SVG, PDF or PNG.

    Raises
    ------
    InputError
        For another ending, an unknown kind, or a file that cannot be written, before anything is computed where possible.
    """
    faults = []
    if kind not in KINDS:
        faults.append(f"there is no plot {kind!r}; known are {', '.join(KINDS)}")
    if path.suffix not in SUFFIXES:
        faults.append(f"--out must end in one of {', '.join(SUFFIXES)}, got {str(path)!r}")
    if not path.absolute().parent.is_dir():
        faults.append(f"--out: there is no folder {str(path.parent)!r}")
    elif path.is_dir():
        faults.append(f"--out: {str(path)!r} is a folder")
    if faults:
        raise InputError(faults)
    write_whole(path, figures.saved(KINDS[kind](network), path.suffix))
    return path


def _information(network: SensorNetwork) -> Any:
    import numpy as np

    chosen = design(network).chosen
    size = len(network.sensors)
    whole = np.zeros((size, size))
    for part, information in zip(chosen.plan.parts, chosen.evaluation.informations, strict=True):
        whole[np.ix_(part.sensors, part.sensors)] += information
    return figures.draw_information(network, whole, f"Fisher matrix of {chosen.plan.scheme}, MSE {chosen.mse:.4g}")


KINDS: dict[str, Callable[[SensorNetwork], Any]] = {
    "fisher": _information,
    "photons": lambda network: figures.draw_curves(network, photon_curves(network)),
    "transmissivity": lambda network: figures.draw_curves(network, transmissivity_curves(network)),
}
"""What can be drawn, by name."""
