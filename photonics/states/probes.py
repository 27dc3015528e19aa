"""Probe states and how to make them: two-branch photon states, and squeezed vacuum through a beam-splitter array."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from photonics.circuits.circuit import BeamSplitter, Operation, Squeeze
from photonics.states.fock import FockState
from photonics.states.strings import occupation_rows


def branch_state(
    modes: Sequence[str],
    first: Sequence[int],
    second: Sequence[int],
    *,
    phase_rad: float = 0.0,
    weights: tuple[float, float] = (0.5, 0.5),
) -> FockState:
    """sqrt(w) |first> + e^{i phase} sqrt(w') |second>, w + w' = 1: the two-branch probes of Lemma 1, BEGG (26), (29).

    Parameters
    ----------
    modes : sequence of str, length m
    first, second : sequences of int, length m
        Two different strings of photon numbers.
    phase_rad : float
    weights : pair of floats
        w and w', not negative, with sum 1.

    Returns
    -------
    FockState

    Raises
    ------
    ValueError
        For strings of another length or weights that do not sum to 1.

    Examples
    --------
    >>> branch_state(["a", "ref"], [3, 0], [0, 3]).photon_number().round(12).tolist()
    [1.5, 1.5]
    """
    if not len(first) == len(second) == len(modes):
        raise ValueError(f"both strings must have {len(modes)} photon numbers, got {len(first)} and {len(second)}")
    if min(weights) < 0 or abs(sum(weights) - 1) > 1e-12:
        raise ValueError(f"the weights of the branches must not be negative and sum to 1, got {weights}")
    turn = complex(math.cos(phase_rad), math.sin(phase_rad))
    amplitudes = np.array([math.sqrt(weights[0]), math.sqrt(weights[1]) * turn])
    return FockState(tuple(modes), occupation_rows([list(first), list(second)]), amplitudes)


def omega_branches(omega: Sequence[int], photons: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The two occupation strings of |psi(omega)>, BEGG (29), over the sensors and one reference mode after them.

    The first holds the positive part of omega, the second the negative part and, in the reference, the photons left.

    Parameters
    ----------
    omega : (d,) integers
    photons : int
        N.

    Returns
    -------
    (d + 1,) integers, (d + 1,) integers

    Raises
    ------
    ValueError
        When omega does not hold N photons.

    Examples
    --------
    >>> omega_branches([2, 0, -1], 2)
    ((2, 0, 0, 0), (0, 0, 1, 1))
    """
    first = tuple(max(w, 0) for w in omega)
    second = tuple(max(-w, 0) for w in omega)
    if sum(first) != photons or sum(second) > photons:
        raise ValueError(
            f"omega must hold {photons} photons in its positive part and at most {photons} in its negative part, "
            f"got {sum(first)} and {sum(second)}"
        )
    return (*first, 0), (*second, photons - sum(second))


def noon_state(modes: Sequence[str], photons: int, *, weights: tuple[float, float] = (0.5, 0.5)) -> FockState:
    """sqrt(w) |N, 0> + sqrt(w') |0, N> on two modes, w + w' = 1.

    Parameters
    ----------
    modes : two names
    photons : int, at least 1
        N.
    weights : pair of floats
        w and w', not negative, with sum 1.

    Returns
    -------
    FockState

    Raises
    ------
    ValueError
        For other than two modes, weights that do not sum to 1, or more photons than 64-bit integers hold.

    Examples
    --------
    >>> round(noon_state(["a", "b"], 4).number_covariance()[0, 1].item(), 12)
    -4.0
    """
    if len(modes) != 2:
        raise ValueError(f"a N00N state has two modes, got {len(modes)}; see branch_state for more")
    return branch_state(modes, (photons, 0), (0, photons), weights=weights)


def split_amplitudes(modes: Sequence[str], amplitudes: Sequence[float]) -> tuple[BeamSplitter, ...]:
    """Beam splitters that spread the light of the first mode with non-zero amplitude over ``modes``.

    A chain between modes next to each other (those of amplitude zero left out): cos(theta_j) of the light that arrives
    stays in mode j, the rest goes on. The first column of the array is ``amplitudes``/|amplitudes|, signs included.

    Parameters
    ----------
    modes : sequence of str, length m
    amplitudes : (m,) floats
        Not all zero; only their ratios count.

    Returns
    -------
    tuple of BeamSplitter
        One fewer than amplitudes that are not zero.

    Raises
    ------
    ValueError
        For another number of amplitudes, or none that is not zero.

    Examples
    --------
    >>> [round(bs.theta_rad, 6) for bs in split_amplitudes(["a", "b", "c"], [1.0, -1.0, 1.0])]
    [0.955317, 2.356194]
    """
    if len(modes) != len(amplitudes):
        raise ValueError(f"there must be one amplitude a mode, got {len(amplitudes)} for {len(modes)} modes")
    used = [(mode, float(u)) for mode, u in zip(modes, amplitudes, strict=True) if u]
    if not used:
        raise ValueError("at least one amplitude must not be zero")
    splitters = []
    for place, ((here, u), (there, following)) in enumerate(itertools.pairwise(used)):
        rest = math.sqrt(math.fsum(v * v for _, v in used[place + 1 :]))
        # The last splitter sets the sign of the last mode; before that what goes on is positive.
        onward = following if place == len(used) - 2 else rest
        splitters.append(BeamSplitter(first=here, second=there, theta_rad=math.atan2(onward, u)))
    return tuple(splitters)


def split_squeezed_vacuum(modes: Sequence[str], amplitudes: Sequence[float], r: float) -> tuple[Operation, ...]:
    """One squeezed vacuum, Var x = exp(-2r), spread over ``modes`` with these amplitudes (docs/theory/theory.md, section 6).

    Parameters
    ----------
    modes : sequence of str, length m
    amplitudes : (m,) floats
        Not all zero; only their ratios count.
    r : float
        Squeezing of the source, on the first mode whose amplitude is not zero.

    Returns
    -------
    tuple of operations
        A Squeeze and the beam splitters of ``split_amplitudes``.

    Examples
    --------
    >>> [type(op).__name__ for op in split_squeezed_vacuum(["a", "b"], [1.0, 1.0], 0.5)]
    ['Squeeze', 'BeamSplitter']
    """
    if len(modes) == len(amplitudes) and sum(1 for u in amplitudes if u) == 1:
        # One mode: no array, and its sign does not matter to a squeezed vacuum.
        lone = next(mode for mode, u in zip(modes, amplitudes, strict=True) if u)
        return (Squeeze(mode=lone, r=r),)
    source = next(mode for mode, u in zip(modes, amplitudes, strict=True) if u)
    return (Squeeze(mode=source, r=r), *split_amplitudes(modes, amplitudes))
