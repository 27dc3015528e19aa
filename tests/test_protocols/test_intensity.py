"""Bright interferometers read by intensity differences: errors beside the engine's, light beside random light and other optima."""

import math

import numpy as np
import pytest
from drawn import seeds

from networks import InputError
from photonics import (
    BeamSplitter,
    Circuit,
    Detectors,
    Displace,
    IntensityDifference,
    Loss,
    Sense,
    Squeeze,
    get_engine,
)
from protocols.theory.limits.bright import best_bright_in_turn, best_bright_local, best_bright_shared
from protocols.theory.limits.intensity import intensity_readout
from protocols.theory.limits.phase_light import best_in_turn, best_local, best_shared
from protocols.theory.limits.readout import homodyne_readout
from protocols.theory.limits.squeezers import SqueezerLimits

NATIVE = get_engine("native")


def test_reference_values_of_one_interferometer():
    """PHYSICS.md, section 9."""
    one, n = intensity_readout([1.0]), math.sinh(0.6) ** 2
    assert one.mse([2.0], [[1.0]], [n]) == pytest.approx(0.396273826, abs=1e-9)
    assert one.mse([4.0], [[1.0]], [n]) == pytest.approx(0.124605011, abs=1e-9)
    # GEO600: eta 0.62 and 10 dB, in the bright limit.
    bright = intensity_readout([1.0], transmissivity=0.62).mse([1e12], [[1.0]], [math.sinh(math.log(10) / 2) ** 2])
    assert 1e12 * bright == pytest.approx(0.712903226, abs=1e-9)


@pytest.mark.parametrize(("eta", "wanted"), [(1.0, 18.7802), (0.7, 8.049026084)])
def test_reference_values_of_three_nodes(eta, wanted):
    a, u, n = np.array([3, 2, 2.5]), np.array([0.6, -0.5, 0.6245]), math.sinh(0.9) ** 2
    u /= np.linalg.norm(u)

    # All errors of alpha . theta together are the moment matrix.
    def error(alpha):
        return intensity_readout(alpha, transmissivity=eta).mse(a**2, [u], [n])

    base = np.eye(3)
    inverse = np.array(
        [[(error(base[j] + base[k]) - error(base[j] - base[k])) / 4 for k in range(3)] for j in range(3)]
    )
    assert np.linalg.inv(inverse)[0, 0] == pytest.approx(wanted, rel=1e-5 if eta == 1 else 1e-9)


@seeds(12)
def test_errors_are_those_of_the_engine(seed):
    """Two squeezers through lossy splitters, losses, passes and every number of the detectors, in nodes of their own arms."""
    rng = np.random.default_rng(seed)
    alpha, passes = rng.normal(size=2), int(rng.integers(1, 3))
    coherent, squeezed = rng.uniform(3, 9, 2), rng.uniform(0, 1.0, 2)
    angle, way = rng.uniform(0.2, 1.3), rng.uniform(0.4, 1, 2)
    lab = {
        "transmissivity": rng.uniform(0.5, 1, 2),
        "transmissivity_before": rng.uniform(0.5, 1, 2),
        "detector_efficiency": rng.uniform(0.5, 1, 2),
        "visibility": rng.uniform(0.8, 1, 2),
        "dark_counts": rng.uniform(0, 0.2, 2),
        "electronic_noise": rng.uniform(0, 0.2, 2),
        "phase_jitter_rad": rng.uniform(0, 0.1, 2) * (seed % 2),
    }
    c, s = math.cos(angle), math.sin(angle)
    amplitudes = np.array([[c, s], [-s, c]]) * np.sqrt(way)
    names = ("a0", "b0", "a1", "b1")
    operations = [Squeeze(mode=f"b{k}", r=math.asinh(math.sqrt(n))) for k, n in enumerate(squeezed)]
    operations.append(BeamSplitter(first="b0", second="b1", theta_rad=angle))
    operations += [Loss(mode=f"b{j}", transmissivity=float(way[j])) for j in range(2)]
    operations += [Displace(mode=f"a{j}", x=2 * math.sqrt(coherent[j])) for j in range(2)]
    operations += [
        Loss(mode=f"{port}{j}", transmissivity=float(lab["transmissivity_before"][j]))
        for j in range(2)
        for port in "ab"
    ]
    operations += [
        BeamSplitter(first=f"a{j}", second=f"b{j}", theta_rad=math.pi / 4, phi_rad=math.pi / 2) for j in range(2)
    ]
    for _ in range(passes):
        operations.append(Sense(modes=names, generator="number"))
        operations += [
            Loss(mode=f"{port}{j}", transmissivity=float(lab["transmissivity"][j])) for j in range(2) for port in "ab"
        ]
    circuit = Circuit(modes=names, operations=tuple(operations))
    detectors = Detectors(
        efficiency=tuple(lab["detector_efficiency"]),
        visibility=tuple(lab["visibility"]),
        dark_counts=tuple(lab["dark_counts"]),
        electronic_noise=tuple(lab["electronic_noise"]),
        phase_jitter_rad=tuple(lab["phase_jitter_rad"]),
    )
    output = NATIVE.output(circuit, [0.0] * 4)
    readout = IntensityDifference.mid_fringe(output, (("a0", "b0"), ("a1", "b1")), detectors)
    outcomes = readout.outcomes(output)
    # theta_j is the difference of both arms.
    differences = np.array([[0.5, 0], [-0.5, 0], [0, 0.5], [0, -0.5]])
    information = differences.T @ outcomes.moment_matrix() @ differences
    wanted = alpha @ np.linalg.solve(information, alpha)
    found = intensity_readout(alpha, passes=passes, **lab).mse(coherent, amplitudes, squeezed)
    assert found == pytest.approx(wanted, rel=1e-9)


def random_laboratory(rng, count, photons, *, caps):
    return intensity_readout(
        rng.normal(size=count),
        transmissivity=rng.uniform(0.3, 1, count),
        detector_efficiency=rng.uniform(0.5, 1, count),
        phase_jitter_rad=rng.choice([0.0, 0.02, 0.1]),
        mean_photons_max=rng.uniform(0.1, 0.8) * photons if caps else math.inf,
    )


def entering(light):
    """Photons at every port, those of the dark port included."""
    dark = sum(np.array(v) ** 2 * n for v, n in zip(light.amplitudes, light.squeezed_photons, strict=True))
    return np.array(light.coherent_photons) + dark


def against_random_light(seed, choices, within=1e-9):
    rng = np.random.default_rng(seed)
    count, photons = int(rng.integers(1, 6)), float(10 ** rng.uniform(-0.5, 3))
    readout = random_laboratory(rng, count, photons, caps=seed % 2 == 1)
    limits = SqueezerLimits(mean_photons=math.inf, squeezing_db=rng.uniform(1, 15))
    through, escape = rng.uniform(0.2, 1, count), 0.9
    shared = best_shared(readout, limits, photons, through, escape)
    local = best_local(readout, limits, photons, through, [escape] * count)
    top, caps = min(limits.most_photons, photons), np.array(readout.light_caps)
    signs = np.sign(readout.alpha)
    for light in (shared, local):
        # At an end, where a site has no coherent light, the search slows down.
        assert light.slope < 1e-4 or min(light.coherent_photons) < 1e-6 * photons
        assert (entering(light) <= caps * (1 + 2e-6)).all()
        assert max(light.squeezed_photons) <= top * (1 + 1e-9)
        assert sum(light.coherent_photons) + sum(light.squeezed_photons) <= photons * (1 + 1e-9)
    for kind, light in (("shared", shared), ("local", local)):
        n = top * rng.random((choices, 1 if kind == "shared" else count)) ** 3
        n = n if kind == "shared" else n * rng.dirichlet(np.ones(count), choices)
        coherent = rng.dirichlet(np.full(count, rng.choice([0.5, 3.0])), choices) * (photons - n.sum(axis=1))[:, None]
        if kind == "shared":
            u = np.abs(rng.normal(size=(choices, count)))
            u *= signs / np.linalg.norm(u, axis=1)[:, None]
            v = (u * np.sqrt(escape * through))[:, None, :]
        else:
            v = np.broadcast_to(np.diag(np.sqrt(escape * through)), (choices, count, count))
        coherent = np.minimum(coherent, caps - (v**2 * n[..., None]).sum(axis=1))
        fits = (coherent > 0).all(axis=1)
        errors = readout.errors(coherent[fits], v[fits], n[fits])
        assert errors.min(initial=math.inf) >= light.mse * (1 - within)


@seeds(8)
def test_no_random_light_is_better(seed):
    against_random_light(seed, 2000)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8, 108))
def test_no_random_light_of_many_is_better(seed):
    against_random_light(seed, 10_000)


def test_much_light_is_a_displacement_network():
    """The error goes to that of ``bright`` as one over the coherent photons."""
    alpha, eta, limits = [1.0, -2.0, 0.5], 0.8, SqueezerLimits(mean_photons=math.inf, squeezing_db=8.0)
    readout, homodyne = intensity_readout(alpha, transmissivity=eta), homodyne_readout(alpha, transmissivity=eta)
    for exact, bright in (
        (best_shared, best_bright_shared),
        (best_local, best_bright_local),
        (best_in_turn, best_bright_in_turn),
    ):
        far = []
        for photons in (1e3, 1e4, 1e5):
            wanted = bright(homodyne, limits, photons).mse
            far.append(exact(readout, limits, photons).mse / wanted - 1)
        assert 0 < far[2] < far[1] / 8 < far[0] / 64


def test_with_a_cap_of_squeezing_a_squeezer_at_each_site_is_as_good_as_one_shared_in_bright_light():
    limits = SqueezerLimits(mean_photons=math.inf, squeezing_db=5.0)
    readout = intensity_readout([1.0, 1.0])
    shared, local = (best(readout, limits, 1e8).mse for best in (best_shared, best_local))
    assert local == pytest.approx(shared, rel=1e-6)


def test_what_cannot_be_seen_is_refused():
    with pytest.raises(InputError, match="detector_efficiency must be in"):
        intensity_readout([1.0], detector_efficiency=2.0, dark_counts=-1.0)
    assert intensity_readout([1.0]).mse([0.0]) == math.inf
    assert intensity_readout([1.0, 0.0]).mse([4.0, 0.0]) == pytest.approx(0.25)


@pytest.mark.parametrize("seed", range(3))
def test_derivatives_are_those_of_the_errors(seed):
    """Those of two squeezers that serve three sites beside differences of the errors themselves."""
    rng = np.random.default_rng(seed)
    readout = random_laboratory(rng, 3, 30.0, caps=False)
    coherent, v, r, served = rng.uniform(3, 9, 3), rng.normal(size=3), rng.uniform(0.1, 1.2, 2), np.array([0, 1, 0])

    def error(z):
        rows = np.zeros((2, 3))
        rows[served, range(3)] = z[3:6]
        return readout.mse(z[:3], rows.tolist(), np.sinh(z[6:]) ** 2)

    value, *slopes = readout.with_slopes(coherent, v, np.sinh(r) ** 2, served)
    z, h = np.concatenate((coherent, v, r)), 1e-5
    assert value == pytest.approx(error(z), rel=1e-12)
    numeric = [(error(z + h * e) - error(z - h * e)) / (2 * h) for e in np.eye(8)]
    assert np.concatenate(slopes) == pytest.approx(np.array(numeric), rel=1e-6, abs=1e-8 * value)
