"""What measurements share: which modes, of what light, and how many shots."""

from __future__ import annotations

from photonics.output import FockOutput, GaussianOutput, Output
from photonics.values import is_whole, plain


def measured_modes(output: Output, modes: tuple[str, ...] | None) -> tuple[str, ...]:
    """The modes a measurement looks at, all when not named; raises ValueError for unknown or repeated ones."""
    if modes is None:
        return output.modes
    unknown = [mode for mode in modes if mode not in output.modes]
    if unknown or len(set(modes)) < len(modes) or not modes:
        raise ValueError(f"modes must be different modes among {output.modes}, got {modes}")
    return tuple(modes)


def require_fock(output: Output, what: str) -> FockOutput:
    """The output, when it is of photon number."""
    if isinstance(output, FockOutput):
        return output
    raise TypeError(f"{what} is for states of photon number, not for Gaussian ones")


def require_gaussian(output: Output, what: str) -> GaussianOutput:
    """The output, when it is Gaussian, or of Gaussian light with random phases."""
    if isinstance(output, GaussianOutput):
        return output
    raise TypeError(f"{what} is for Gaussian states here, not for states of photon number")


def require_more_than_moments(output: GaussianOutput, what: str) -> GaussianOutput:
    """The output, when its moments say everything about it: the light has had no random phase."""
    if output.only_moments:
        raise TypeError(
            f"{what} needs a Gaussian state, and random phases (PhaseDiffusion) leave none; homodyne detection needs moments "
            "only, and takes a random angle of its own as phase_jitter_rad of its detectors"
        )
    return output


def require_whole(output: FockOutput, what: str) -> FockOutput:
    """The output, when all its strings are known."""
    if output.elsewhere:
        raise ValueError(f"{what} needs the whole output, not only the surviving branches")
    return output


def require_shots(shots: int) -> int:
    """A number of shots as a plain int; raises ValueError for anything else."""
    shots = plain(shots)
    if not is_whole(shots) or shots < 1:
        raise ValueError(f"shots must be a positive integer, got {shots!r}")
    return shots
