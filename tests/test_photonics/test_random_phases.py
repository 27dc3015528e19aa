"""Differences of photocurrents behind optics in front of which phases are random: averages of the engine's moments over phases."""

import math

import numpy as np
import pytest

from photonics import (
    BeamSplitter,
    Circuit,
    Detectors,
    Displace,
    IntensityDifference,
    Loss,
    PhaseShift,
    RandomPhases,
    Sense,
    Squeeze,
    measure,
)
from photonics.adapters.sf_readouts import ending_of

MODES = ("a", "b", "c")
DETECTORS = Detectors(efficiency=0.8, visibility=0.9, dark_counts=0.1, electronic_noise=0.1)


def random_circuits(seed, size=3.0):
    """Operations in front of the random phases and beam splitters behind them: any Gaussian light, no symmetry."""
    rng = np.random.default_rng(seed)

    def splitter(first, second):
        theta, phi = rng.uniform(0, 3, 2).tolist()
        return BeamSplitter(first=first, second=second, theta_rad=theta, phi_rad=phi)

    front = [Squeeze(mode=m, r=rng.uniform(0, 0.8), angle_rad=rng.uniform(0, 6)) for m in MODES]
    front += [splitter("a", "b"), splitter("b", "c")]
    front += [Displace(mode=m, x=size * rng.normal(), p=size * rng.normal()) for m in MODES]
    front += [Loss(mode=m, transmissivity=rng.uniform(0.5, 1)) for m in MODES]
    front += [Sense(modes=("a", "b"), generator="number")]
    return front, [splitter("a", "b"), splitter("c", "b"), splitter("a", "c")]


def outcomes(front, between, back, theta, phases=None):
    read = IntensityDifference(pairs=(("b", "c"),), angles_rad=0.7, detectors=DETECTORS, random_phases=phases)
    return measure(Circuit(modes=MODES, operations=(*front, *between, *back)), read, theta)


@pytest.mark.parametrize("seed", range(3))
def test_moments_are_averages_of_the_engine_over_phases(seed):
    """By Gauss-Hermite quadrature, whose nodes are exact for the powers of phases that count here."""
    front, back = random_circuits(seed)
    sigmas, theta = (0.4, 0.0, 0.9), [0.3, -0.2]
    found = outcomes(front, (), back, theta, RandomPhases(modes=MODES, sigmas_rad=sigmas, splitters=tuple(back)))
    nodes, weights = np.polynomial.hermite_e.hermegauss(14)
    weights = weights / weights.sum()
    mean, second, slopes = 0.0, 0.0, np.zeros(2)
    for x, v in zip(nodes, weights, strict=True):
        for y, w in zip(nodes, weights, strict=True):
            shifts = [PhaseShift(mode="a", angle_rad=0.4 * x), PhaseShift(mode="c", angle_rad=0.9 * y)]
            one = outcomes(front, shifts, back, theta)
            mean += v * w * one.mean[0]
            second += v * w * (one.covariance[0, 0] + one.mean[0] ** 2)
            slopes += v * w * one.jacobian[0]
    assert found.mean[0] == pytest.approx(mean, rel=1e-8)
    assert found.covariance[0, 0] == pytest.approx(second - mean**2, rel=1e-7)
    assert found.jacobian[0] == pytest.approx(slopes, rel=1e-8)
    drawn = found.normal_sample(20_000, np.random.default_rng(1))[:, 0]
    assert drawn.var() == pytest.approx(found.covariance[0, 0], rel=5 * math.sqrt(2 / 20_000))


def test_small_phases_are_steady_phases():
    front, back = random_circuits(7)
    steady = outcomes(front, (), back, [0.0, 0.0])
    for sigmas, tolerance in (((0.0,) * 3, 0.0), ((1e-9,) * 3, 1e-12)):
        phases = RandomPhases(modes=MODES, sigmas_rad=sigmas, splitters=tuple(back))
        near = outcomes(front, (), back, [0.0, 0.0], phases)
        assert near.covariance[0, 0] == pytest.approx(steady.covariance[0, 0], rel=tolerance or 1e-15)
        assert near.jacobian[0] == pytest.approx(steady.jacobian[0], rel=tolerance or 1e-15)
        assert (near.photocurrents is None) is (tolerance > 0)


@pytest.mark.parametrize("size", [1.0, 1e-6])
@pytest.mark.parametrize("angle", [0.0, math.pi / 2])
def test_one_pair_without_optics_has_the_random_angle_of_both(angle, size):
    """Two phases in front of nothing are the angle between them, of bright light and of small ones too."""
    light = [Squeeze(mode="b", r=0.7), Displace(mode="a", x=2e6), Displace(mode="b", x=1e6, p=3e5)]
    circuit = Circuit(modes=("a", "b"), operations=tuple(light))
    phases = RandomPhases(modes=("a", "b"), sigmas_rad=(0.3 * size, 0.4 * size))
    both = measure(circuit, IntensityDifference(pairs=(("a", "b"),), angles_rad=angle, random_phases=phases))
    jitter = Detectors(phase_jitter_rad=0.5 * size)
    single = measure(circuit, IntensityDifference(pairs=(("a", "b"),), angles_rad=angle, detectors=jitter))
    assert both.mean == pytest.approx(single.mean, rel=1e-12)
    assert both.covariance == pytest.approx(single.covariance, rel=1e-12)


def test_what_is_left_out_of_a_program_is_named():
    phases = RandomPhases(modes=("a", "b"), sigmas_rad=(0.3, 0.0))
    ending = ending_of(
        IntensityDifference(pairs=(("a", "b"),), random_phases=phases), Circuit(modes=("a", "b"), operations=())
    )
    assert ending.left_out == ("random phase behind the sensing (rms, in rad) 0.3: a",)


def test_random_phases_that_are_not_worked_out_are_refused():
    phases = RandomPhases(modes=("a", "b"), sigmas_rad=(0.3, 0.1))
    with pytest.raises(ValueError, match="for one pair, got 2"):
        IntensityDifference(pairs=(("a", "b"), ("c", "d")), random_phases=phases)
    with pytest.raises(ValueError, match="not both"):
        IntensityDifference(pairs=(("a", "b"),), detectors=Detectors(phase_jitter_rad=0.1), random_phases=phases)
    with pytest.raises(ValueError, match=r"a number each.*from 0 to pi"):
        RandomPhases(modes=("a", "a"), sigmas_rad=(4.0,))
    with pytest.raises(ValueError, match="got 'z'"):
        outcomes(
            *random_circuits(0)[:1], (), random_circuits(0)[1], [0, 0], RandomPhases(modes=("z",), sigmas_rad=(0.1,))
        )
