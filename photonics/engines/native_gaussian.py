"""The native engine for Gaussian circuits: moments and their exact derivatives. O(m) an operation, O(m + d) with phases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photonics.circuits.circuit import (
    BeamSplitter,
    Circuit,
    Displace,
    Interferometer,
    Loss,
    Operation,
    PhaseDiffusion,
    PhaseShift,
    Sense,
    Squeeze,
)
from photonics.conventions import Complex, Real
from photonics.fisher.gaussian import gaussian_qfi_matrix
from photonics.fisher.slopes import LowRank, rotations
from photonics.output import GaussianOutput
from photonics.states.gaussian import GaussianState


@dataclass(eq=False)
class Moments:
    """Mean (2m,), covariance (2m, 2m), and their derivatives: (2m, d), and of low rank or None while all zero.

    ``local`` says that the last two columns of ``left`` still lie in each parameter's own mode, as after single-mode
    operations; then the next pass adds to them instead of making the rank grow.
    """

    mean: Real
    covariance: Real
    mean_derivatives: Real
    slopes: LowRank | None = None
    local: bool = False


def run_moments(circuit: Circuit, theta: Sequence[float]) -> Moments:
    """The output moments with their derivatives."""
    size = 2 * len(circuit.modes)
    moments = Moments(np.zeros(size), np.eye(size), np.zeros((size, circuit.parameters)))
    for op in circuit.operations:
        _apply(op, moments, circuit, np.asarray(theta, dtype=float))
    return moments


def output(circuit: Circuit, theta: Sequence[float]) -> GaussianOutput:
    """What leaves the circuit."""
    found = run_moments(circuit, theta)
    return GaussianOutput(circuit.modes, found.mean, found.covariance, found.mean_derivatives, found.slopes)


def run(circuit: Circuit, theta: Sequence[float]) -> GaussianState:
    """The output state."""
    moments = run_moments(circuit, theta)
    return GaussianState(circuit.modes, moments.mean, moments.covariance)


def qfi(circuit: Circuit, theta: Sequence[float]) -> Real:
    """(d, d) quantum Fisher information matrix of the output state."""
    moments = run_moments(circuit, theta)
    return gaussian_qfi_matrix(moments.covariance, moments.mean_derivatives, moments.slopes)


def _apply(op: Operation, moments: Moments, circuit: Circuit, theta: Real) -> None:
    place, count = circuit.place, len(circuit.modes)
    if isinstance(op, Squeeze):
        # diag(e^-r, e^r) between rotations by half the angle; cosh r - sinh r would lose the digits of e^-r.
        squeezed, stretched = math.exp(-op.r), math.exp(op.r)
        cos, sin = math.cos(op.angle_rad / 2), math.sin(op.angle_rad / 2)
        turned = np.array([[cos, -sin], [sin, cos]])
        k = place[op.mode]
        _transform(moments, [k, k + count], turned @ np.diag([squeezed, stretched]) @ turned.T)
    elif isinstance(op, PhaseShift):
        k = place[op.mode]
        cos, sin = math.cos(op.angle_rad), math.sin(op.angle_rad)
        _transform(moments, [k, k + count], np.array([[cos, -sin], [sin, cos]]))
    elif isinstance(op, BeamSplitter):
        a, b = place[op.first], place[op.second]
        cos, sin = math.cos(op.theta_rad), math.sin(op.theta_rad)
        unitary = np.array([[cos, -np.exp(-1j * op.phi_rad) * sin], [np.exp(1j * op.phi_rad) * sin, cos]])
        _passive(moments, [a, b], unitary)
    elif isinstance(op, Interferometer):
        _passive(moments, [place[mode] for mode in op.modes], np.array(op.unitary))
    elif isinstance(op, Displace):
        k = place[op.mode]
        moments.mean[k] += op.x
        moments.mean[k + count] += op.p
    elif isinstance(op, Loss):
        k = place[op.mode]
        both = [k, k + count]
        _transform(moments, both, math.sqrt(op.transmissivity) * np.eye(2))
        moments.covariance[both, both] += (1 - op.transmissivity) * (2 * op.background_photons + 1)
    elif isinstance(op, Sense):
        _sense(op, moments, [place[mode] for mode in op.modes], theta)
    elif not (isinstance(op, PhaseDiffusion) and not op.sigma_rad):
        raise TypeError(f"{type(op).__name__} does not keep states Gaussian; the native Gaussian engine cannot run it")


def _sense(op: Sense, moments: Moments, at: list[int], theta: Real) -> None:
    if op.generator == "momentum":
        moments.mean[at] += theta
        moments.mean_derivatives[at, range(len(at))] += 1.0
        return
    count = len(moments.mean) // 2
    for k, angle in zip(at, theta, strict=True):
        cos, sin = math.cos(angle), math.sin(angle)
        _transform(moments, [k, k + count], np.array([[cos, sin], [-sin, cos]]))
    means, turned = rotations(moments.mean, moments.covariance, at)
    moments.mean_derivatives += means
    moments.slopes = turned if moments.slopes is None else _added(moments, turned, at)
    # A full matrix (see _added) has no columns of the last pass to add to.
    moments.local = moments.slopes.left.shape[2] < len(moments.mean)


def _added(moments: Moments, turned: LowRank, at: list[int]) -> LowRank:
    """The derivatives so far and those of one more pass, by the same parameters."""
    before = moments.slopes
    assert before is not None
    left, right, every = before.left, before.right, np.arange(len(at))
    if moments.local:
        # left = E C with E the unit vectors of the mode: E C K^T = E (K C^T)^T, which adds to the new pass.
        count = len(moments.mean) // 2
        own = left[every[:, None], np.column_stack([at, np.add(at, count)]), -2:]
        right[:, :, -2:] = right[:, :, -2:] @ own.swapaxes(1, 2) + turned.right
        left[:, :, -2:] = turned.left
        return before
    both = LowRank(np.concatenate([left, turned.left], axis=2), np.concatenate([right, turned.right], axis=2))
    size = len(moments.mean)
    if both.left.shape[2] < size:
        return both
    # As many columns as a full matrix has: the full matrix it is.
    return LowRank(np.broadcast_to(np.eye(size), (len(at), size, size)).copy(), both.dense() / 2)


def _passive(moments: Moments, at: list[int], unitary: Complex) -> None:
    """a -> U a on these modes."""
    count = len(moments.mean) // 2
    symplectic = np.block([[unitary.real, -unitary.imag], [unitary.imag, unitary.real]])
    _transform(moments, [*at, *(k + count for k in at)], symplectic)
    moments.local = False


def _transform(moments: Moments, rows: list[int], matrix: Real) -> None:
    moments.mean[rows] = matrix @ moments.mean[rows]
    moments.mean_derivatives[rows] = matrix @ moments.mean_derivatives[rows]
    moments.covariance[rows] = matrix @ moments.covariance[rows]
    moments.covariance[:, rows] = moments.covariance[:, rows] @ matrix.T
    if moments.slopes is not None:
        for part in (moments.slopes.left, moments.slopes.right):
            part[:, rows] = matrix @ part[:, rows]
