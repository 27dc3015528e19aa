"""What measurements share: which modes, and whether an efficiency or a dark count makes sense."""

from __future__ import annotations

import math
from collections.abc import Iterable

from photonics.output import FockOutput, GaussianOutput, Output
from photonics.values import is_real


def measured_modes(output: Output, modes: tuple[str, ...] | None) -> tuple[str, ...]:
    """The modes a measurement looks at, all when not named; raises ValueError for unknown or repeated ones."""
    if modes is None:
        return output.modes
    unknown = [mode for mode in modes if mode not in output.modes]
    if unknown or len(set(modes)) < len(modes) or not modes:
        raise ValueError(f"modes must be different modes among {output.modes}, got {modes}")
    return tuple(modes)


def detector_faults(efficiency: float, dark_counts: float) -> Iterable[str]:
    """What is wrong with these numbers of a detector."""
    if not is_real(efficiency) or not 0 < efficiency <= 1:
        yield f"efficiency must be in (0, 1], got {efficiency}"
    if not is_real(dark_counts) or not 0 <= dark_counts < math.inf:
        yield f"dark_counts must be a finite mean number from 0 on, got {dark_counts}"


def require_detector(efficiency: float, dark_counts: float, *more: str) -> None:
    """Raise ValueError with every fault, those of the detector and ``more``."""
    faults = [*detector_faults(efficiency, dark_counts), *more]
    if faults:
        raise ValueError("; ".join(faults))


def require_fock(output: Output, what: str) -> FockOutput:
    """The output, when it is of photon number."""
    if isinstance(output, FockOutput):
        return output
    raise TypeError(f"{what} is for states of photon number, not for Gaussian ones")


def require_gaussian(output: Output, what: str) -> GaussianOutput:
    """The output, when it is Gaussian."""
    if isinstance(output, GaussianOutput):
        return output
    raise TypeError(f"{what} is for Gaussian states here, not for states of photon number")


def require_whole(output: FockOutput, what: str) -> FockOutput:
    """The output, when all its strings are known."""
    if output.elsewhere:
        raise ValueError(f"{what} needs the whole output, not only the surviving branches")
    return output
