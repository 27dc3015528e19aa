"""The native engine for Gaussian circuits: moments and their exact derivatives. O(m) an operation, O(m + d) with phases."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from photonics.circuits.circuit import (
    BeamSplitter,
    Circuit,
    Displace,
    Interferometer,
    Loss,
    PhaseDiffusion,
    PhaseShift,
    Sense,
    Squeeze,
)
from photonics.circuits.dispatch import OperationTable
from photonics.conventions import Complex, Real, read_only
from photonics.fisher.gaussian import gaussian_qfi_matrix
from photonics.fisher.slopes import LowRank, rotation_factors
from photonics.output import GaussianOutput
from photonics.states.gaussian import GaussianState


@dataclass(eq=False)
class Moments:
    """Mean (2m,), covariance (2m, 2m), and their derivatives: (2m, d), and of low rank or None while all zero.

    Operations work on them in place. ``left`` and ``right`` are the factors of ``LowRank``. ``local`` says that the last two
    columns of ``left`` still lie in each parameter's own mode, as after single-mode operations; then the next pass adds to
    them instead of making the rank grow. ``averaging`` lets random phases act, on mean and covariance;
    derivatives of the covariance are then left out. ``incoherent`` (2, 2m) is that of ``GaussianOutput``, where it is followed.
    """

    mean: Real
    covariance: Real
    mean_derivatives: Real
    left: Real | None = None
    right: Real | None = None
    local: bool = False
    averaging: bool = False
    incoherent: Real | None = None

    def slopes(self) -> LowRank | None:
        """The derivatives of the covariance, when no operation is left to come."""
        if self.left is None or self.right is None or self.averaging:
            return None
        return LowRank(read_only(self.left), read_only(self.right))


def run_moments(
    circuit: Circuit, theta: Sequence[float], *, averaging: bool = False, with_rounding: bool = False
) -> Moments:
    """The output moments with their derivatives; ``averaging`` over random phases, those of means alone.

    ``with_rounding`` follows what their rounding is relative to.
    """
    size = 2 * len(circuit.modes)
    moments = Moments(np.zeros(size), np.eye(size), np.zeros((size, circuit.parameters)), averaging=averaging)
    if with_rounding:
        moments.incoherent = np.repeat([[0.0], [1.0]], size, axis=1)
    angles = np.asarray(theta, dtype=float)
    for op in circuit.operations:
        apply(op, moments, circuit.place, angles)
    return moments


def output(circuit: Circuit, theta: Sequence[float]) -> GaussianOutput:
    """What leaves the circuit.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.

    Returns
    -------
    GaussianOutput
    """
    return _as_output(circuit, run_moments(circuit, theta, with_rounding=True))


def averaged(circuit: Circuit, theta: Sequence[float]) -> GaussianOutput:
    """Mean and covariance, exact, of Gaussian light that random phases have left in a mixture of Gaussian states.

    A random phase takes <a> of its mode to exp(-sigma^2/2) of itself, <a^2> to exp(-2 sigma^2), and leaves <a^dagger a>; all else
    acts on moments as without it.

    Parameters
    ----------
    circuit : Circuit
        Gaussian but for its random phases.
    theta : (d,) floats
        Values of its parameters.

    Returns
    -------
    GaussianOutput
        With ``only_moments``.

    Examples
    --------
    >>> from photonics import Displace, PhaseDiffusion
    >>> bright = (Displace(mode="a", x=2.0), PhaseDiffusion(mode="a", sigma_rad=0.5))
    >>> light = averaged(Circuit(modes=("a",), operations=bright), [])
    >>> light.mean.round(9).tolist(), round(2 * math.exp(-0.125), 9)
    ([1.764993805, 0.0], 1.764993805)
    """
    return _as_output(circuit, run_moments(circuit, theta, averaging=True, with_rounding=True))


def _as_output(circuit: Circuit, moments: Moments) -> GaussianOutput:
    mean, covariance, derivatives = map(read_only, (moments.mean, moments.covariance, moments.mean_derivatives))
    pure = circuit.is_pure and not moments.averaging
    incoherent = None if moments.incoherent is None else read_only(moments.incoherent)
    return GaussianOutput(
        circuit.modes, mean, covariance, derivatives, moments.slopes(), pure, moments.averaging, incoherent
    )


def run(circuit: Circuit, theta: Sequence[float]) -> GaussianState:
    """The output state.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.

    Returns
    -------
    GaussianState
    """
    moments = run_moments(circuit, theta)
    return GaussianState(circuit.modes, moments.mean, moments.covariance)


def qfi(circuit: Circuit, theta: Sequence[float]) -> Real:
    """(d, d) quantum Fisher information matrix of the output state.

    Parameters
    ----------
    circuit : Circuit
    theta : (d,) floats
        Values of its parameters.

    Returns
    -------
    (d, d) floats
    """
    moments = run_moments(circuit, theta)
    return gaussian_qfi_matrix(moments.covariance, moments.mean_derivatives, moments.slopes())


# --- what this engine can do ---------------------------------------------------------------------------------

apply: OperationTable[[Moments, Mapping[str, int], Real], None] = OperationTable("the native Gaussian engine")
"""Each operation on the moments, given the index of each mode and the parameters."""


@apply.of(Squeeze)
def _squeeze(op: Squeeze, moments: Moments, place: Mapping[str, int], theta: Real) -> None:
    # diag(e^-r, e^r) between rotations by half the angle; cosh r - sinh r would lose the digits of e^-r.
    squeezed, stretched = math.exp(-op.r), math.exp(op.r)
    cos, sin = math.cos(op.angle_rad / 2), math.sin(op.angle_rad / 2)
    turned = np.array([[cos, -sin], [sin, cos]])
    _transform(moments, _quadratures(moments, place[op.mode]), turned @ np.diag([squeezed, stretched]) @ turned.T)


@apply.of(PhaseShift)
def _shift_phase(op: PhaseShift, moments: Moments, place: Mapping[str, int], theta: Real) -> None:
    cos, sin = math.cos(op.angle_rad), math.sin(op.angle_rad)
    _transform(moments, _quadratures(moments, place[op.mode]), np.array([[cos, -sin], [sin, cos]]))


@apply.of(BeamSplitter)
def _split(op: BeamSplitter, moments: Moments, place: Mapping[str, int], theta: Real) -> None:
    cos, sin = math.cos(op.theta_rad), math.sin(op.theta_rad)
    unitary = np.array([[cos, -np.exp(-1j * op.phi_rad) * sin], [np.exp(1j * op.phi_rad) * sin, cos]])
    _passive(moments, [place[op.first], place[op.second]], unitary)


@apply.of(Interferometer)
def _interfere(op: Interferometer, moments: Moments, place: Mapping[str, int], theta: Real) -> None:
    _passive(moments, [place[mode] for mode in op.modes], np.array(op.unitary))


@apply.of(Displace)
def _displace(op: Displace, moments: Moments, place: Mapping[str, int], theta: Real) -> None:
    both = _quadratures(moments, place[op.mode])
    moments.mean[both] += (op.x, op.p)
    if moments.incoherent is not None:
        moments.incoherent[0, both] += (op.x * op.x, op.p * op.p)


@apply.of(Loss)
def _lose(op: Loss, moments: Moments, place: Mapping[str, int], theta: Real) -> None:
    both = _quadratures(moments, place[op.mode])
    if not op.background_photons and _are_vacuum(moments, both):
        moments.mean[both] *= math.sqrt(op.transmissivity)
        moments.mean_derivatives[both] *= math.sqrt(op.transmissivity)
        if moments.incoherent is not None:
            moments.incoherent[0, both] *= op.transmissivity
        return
    _transform(moments, both, math.sqrt(op.transmissivity) * np.eye(2))
    entering = (1 - op.transmissivity) * (2 * op.background_photons + 1)
    moments.covariance[both, both] += entering
    if moments.incoherent is not None:
        moments.incoherent[1, both] += entering


@apply.of(PhaseDiffusion)
def _diffuse(op: PhaseDiffusion, moments: Moments, place: Mapping[str, int], theta: Real) -> None:
    if not op.sigma_rad:
        return
    if not moments.averaging:
        raise TypeError(
            "a random phase does not keep states Gaussian; the native Gaussian engine gives its moments alone"
        )
    both = np.array(_quadratures(moments, place[op.mode]))
    rest = np.setdiff1d(np.arange(len(moments.mean)), both)
    # <cos>, 1 - <cos 2 delta> and <cos> <cos> of the normal angle delta.
    contrast = math.exp(-(op.sigma_rad**2) / 2)
    lost = -math.expm1(-2 * op.sigma_rad**2)
    if moments.incoherent is not None:
        moments.incoherent[:, both] = moments.incoherent[:, both].sum(axis=1, keepdims=True)
        moments.incoherent[1, both] += lost * moments.incoherent[0, both]
    mean = moments.mean[both].copy()
    moments.mean[both] *= contrast
    moments.mean_derivatives[both] *= contrast
    moments.covariance[np.ix_(both, rest)] *= contrast
    moments.covariance[np.ix_(rest, both)] *= contrast
    own = moments.covariance[np.ix_(both, both)]
    # What turns with twice the angle falls: the traceless part of the covariance and of the square of the mean.
    uneven = own - np.trace(own) / 2 * np.eye(2)
    bright = np.outer(mean, mean)
    spread = lost * (np.dot(mean, mean) / 2 * np.eye(2) - bright) - math.expm1(-(op.sigma_rad**2)) * bright
    moments.covariance[np.ix_(both, both)] = own - lost * uneven + spread


@apply.of(Sense)
def _sense(op: Sense, moments: Moments, place: Mapping[str, int], theta: Real) -> None:
    at = [place[mode] for mode in op.modes]
    if op.generator == "momentum":
        moments.mean[at] += theta
        if moments.incoherent is not None:
            moments.incoherent[0, at] += theta * theta
        moments.mean_derivatives[at, range(len(at))] += 1.0
        return
    count = len(moments.mean) // 2
    if _are_vacuum(moments, [*at, *(k + count for k in at)]):
        # Coherent light: only its means turn.
        x, p = np.array(at), np.array(at) + count
        cosines, sines = np.cos(theta)[:, None], np.sin(theta)[:, None]
        for values in (moments.mean[:, None], moments.mean_derivatives):
            turned = cosines * values[x] + sines * values[p]
            values[p] = cosines * values[p] - sines * values[x]
            values[x] = turned
        if moments.incoherent is not None:
            across = sines[:, 0] ** 2 * (moments.incoherent[0, p] - moments.incoherent[0, x])
            moments.incoherent[0, x] += across
            moments.incoherent[0, p] -= across
        own = np.arange(len(at))
        moments.mean_derivatives[x, own] += moments.mean[p]
        moments.mean_derivatives[p, own] -= moments.mean[x]
        return
    for k, angle in zip(at, theta, strict=True):
        cos, sin = math.cos(angle), math.sin(angle)
        _transform(moments, _quadratures(moments, k), np.array([[cos, sin], [-sin, cos]]))
    if moments.averaging:
        x, p = np.array(at), np.array(at) + len(moments.mean) // 2
        moments.mean_derivatives[x, range(len(at))] += moments.mean[p]
        moments.mean_derivatives[p, range(len(at))] -= moments.mean[x]
        return
    means, left, right = rotation_factors(moments.mean, moments.covariance, at)
    moments.mean_derivatives += means
    _add_slopes(moments, left, right, at)
    # A full matrix has no columns of the last pass to add to.
    moments.local = moments.left is not None and moments.left.shape[2] < len(moments.mean)


def _add_slopes(moments: Moments, left: Real, right: Real, at: list[int]) -> None:
    """The derivatives by one more pass, added to those so far, by the same parameters."""
    if moments.left is None or moments.right is None:
        moments.left, moments.right = left, right
        return
    size = len(moments.mean)
    if moments.local:
        # left = E C with E the unit vectors of the mode: E C K^T = E (K C^T)^T, which adds to the new pass.
        every = np.arange(len(at))
        own = moments.left[every[:, None], np.column_stack([at, np.add(at, size // 2)]), -2:]
        moments.right[:, :, -2:] = moments.right[:, :, -2:] @ own.swapaxes(1, 2) + right
        moments.left[:, :, -2:] = left
        return
    moments.left = np.concatenate([moments.left, left], axis=2)
    moments.right = np.concatenate([moments.right, right], axis=2)
    if moments.left.shape[2] >= size:
        # As many columns as a full matrix has: the full matrix it is.
        half = LowRank(moments.left, moments.right).dense() / 2
        moments.left, moments.right = np.broadcast_to(np.eye(size), (len(at), size, size)).copy(), half


# --- in place on the moments ---------------------------------------------------------------------------------


def _quadratures(moments: Moments, k: int) -> list[int]:
    """The rows of x and p of mode k."""
    return [k, k + len(moments.mean) // 2]


def _are_vacuum(moments: Moments, rows: list[int]) -> bool:
    """Whether these quadratures are those of the vacuum but for their means, to the last bit, and no covariance has slopes."""
    if moments.left is not None:
        return False
    own = moments.covariance[rows]
    return np.count_nonzero(own) == len(rows) and bool((own[np.arange(len(rows)), rows] == 1).all())


def _passive(moments: Moments, at: list[int], unitary: Complex) -> None:
    """a -> U a on these modes."""
    count = len(moments.mean) // 2
    symplectic = np.block([[unitary.real, -unitary.imag], [unitary.imag, unitary.real]])
    _transform(moments, [*at, *(k + count for k in at)], symplectic)
    moments.local = False


def _transform(moments: Moments, rows: list[int], matrix: Real) -> None:
    moments.mean[rows] = matrix @ moments.mean[rows]
    if moments.incoherent is not None:
        moments.incoherent[:, rows] = moments.incoherent[:, rows] @ (matrix * matrix).T
    moments.mean_derivatives[rows] = matrix @ moments.mean_derivatives[rows]
    moments.covariance[rows] = matrix @ moments.covariance[rows]
    moments.covariance[:, rows] = moments.covariance[:, rows] @ matrix.T
    for part in (moments.left, moments.right):
        if part is not None:
            part[:, rows] = matrix @ part[:, rows]
