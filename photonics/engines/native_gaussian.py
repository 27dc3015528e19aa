"""The native engine for Gaussian circuits: moments and their exact derivatives. O(m) an operation, O(m d) with phases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photonics.circuit import BeamSplitter, Circuit, Displace, Loss, Operation, PhaseShift, Sense, Squeeze
from photonics.conventions import Real
from photonics.fisher import gaussian_qfi_matrix, rotation_derivatives
from photonics.gaussian import GaussianState


@dataclass(eq=False)
class Moments:
    """Mean (2m,), covariance (2m, 2m) and derivatives (2m, d) and (d, 2m, 2m); the last None while all zero."""

    mean: Real
    covariance: Real
    mean_derivatives: Real
    covariance_derivatives: Real | None


def run_moments(circuit: Circuit, theta: Sequence[float]) -> Moments:
    """The output moments with their derivatives."""
    size = 2 * len(circuit.modes)
    moments = Moments(np.zeros(size), np.eye(size), np.zeros((size, circuit.parameters)), None)
    for op in circuit.operations:
        _apply(op, moments, circuit, np.asarray(theta, dtype=float))
    return moments


def run(circuit: Circuit, theta: Sequence[float]) -> GaussianState:
    """The output state."""
    moments = run_moments(circuit, theta)
    return GaussianState(circuit.modes, moments.mean, moments.covariance)


def qfi(circuit: Circuit, theta: Sequence[float]) -> Real:
    """(d, d) quantum Fisher information matrix of the output state."""
    moments = run_moments(circuit, theta)
    return gaussian_qfi_matrix(moments.covariance, moments.mean_derivatives, moments.covariance_derivatives)


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
        symplectic = np.block([[unitary.real, -unitary.imag], [unitary.imag, unitary.real]])
        _transform(moments, [a, b, a + count, b + count], symplectic)
    elif isinstance(op, Displace):
        k = place[op.mode]
        moments.mean[k] += op.x
        moments.mean[k + count] += op.p
    elif isinstance(op, Loss):
        k = place[op.mode]
        both = [k, k + count]
        _transform(moments, both, math.sqrt(op.transmissivity) * np.eye(2))
        moments.covariance[both, both] += 1 - op.transmissivity
    elif isinstance(op, Sense):
        _sense(op, moments, [place[mode] for mode in op.modes], theta)
    else:
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
    means, covariances = rotation_derivatives(moments.mean, moments.covariance, at)
    moments.mean_derivatives += means
    before = moments.covariance_derivatives
    moments.covariance_derivatives = covariances if before is None else before + covariances


def _transform(moments: Moments, rows: list[int], matrix: Real) -> None:
    moments.mean[rows] = matrix @ moments.mean[rows]
    moments.mean_derivatives[rows] = matrix @ moments.mean_derivatives[rows]
    moments.covariance[rows] = matrix @ moments.covariance[rows]
    moments.covariance[:, rows] = moments.covariance[:, rows] @ matrix.T
    derivatives = moments.covariance_derivatives
    if derivatives is not None:
        derivatives[:, rows] = matrix @ derivatives[:, rows]
        derivatives[:, :, rows] = derivatives[:, :, rows] @ matrix.T
