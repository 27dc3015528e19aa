"""Parities as moments, and what is left of bright light that has cancelled: beside two outcomes, counts and sixty digits."""

import math

import mpmath
import numpy as np
import pytest

from photonics import (
    BeamSplitter,
    Circuit,
    Detectors,
    Displace,
    GaussianState,
    Loss,
    Moments,
    Parities,
    Parity,
    PhaseShift,
    PhotonCounting,
    PhotonNumber,
    PrecisionError,
    Quadrature,
    Sense,
    Squeeze,
    get_engine,
    measure,
    nuisance_aware_information,
)

BALANCED = math.pi / 4
ACROSS = np.array([[0.5], [-0.5]])


def random_circuit(seed):
    """Three modes of squeezed, displaced and lossy light, two parameters."""
    rng = np.random.default_rng(seed)
    steps = [Squeeze(mode=m, r=float(rng.uniform(-0.4, 0.4)), angle_rad=float(rng.uniform(0, 3))) for m in "abc"]
    steps += [Displace(mode=m, x=float(rng.normal()), p=float(rng.normal())) for m in "ab"]
    steps.append(BeamSplitter(first="a", second="b", theta_rad=float(rng.uniform(0.3, 1.2))))
    steps.append(BeamSplitter(first="b", second="c", theta_rad=float(rng.uniform(0.3, 1.2))))
    steps.append(Sense(modes=("a", "b"), generator="number"))
    steps += [Loss(mode=m, transmissivity=float(rng.uniform(0.6, 1))) for m in "abc"]
    steps.append(BeamSplitter(first="a", second="b", theta_rad=float(rng.uniform(0.3, 1.2))))
    return Circuit(modes=("a", "b", "c"), operations=tuple(steps)), rng.normal(size=2)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("port", ["a", ("a", "b"), ("a", "b", "c")])
def test_error_propagation_of_one_parity_is_the_information_of_its_two_outcomes(seed, port):
    circuit, theta = random_circuit(seed)
    modes = (port,) if isinstance(port, str) else port
    dark = 0.03
    moments = measure(circuit, Parities(ports=(port,), detectors=Detectors(efficiency=0.8, dark_counts=dark)), theta)
    both = Parity(modes=modes, detectors=Detectors(efficiency=0.8, dark_counts=dark / len(modes)))
    outcomes = measure(circuit, both, theta)
    assert moments.mean.item() == pytest.approx(outcomes.probability(1) - outcomes.probability(-1), rel=1e-12)
    assert moments.moment_matrix() == pytest.approx(outcomes.fisher_matrix(), rel=1e-10, abs=1e-13)
    assert moments.names == ("+".join(modes),)


@pytest.mark.parametrize("seed", range(3))
def test_parities_together_have_the_moments_of_the_counts(seed):
    circuit, theta = random_circuit(seed)
    detectors = Detectors(efficiency=(0.8, 0.9), dark_counts=(0.02, 0.01))
    found = measure(circuit, Parities(ports=(("a", "c"), "b"), detectors=detectors), theta)
    # Dark counts of the first port are those of one of its detectors.
    each = Detectors(efficiency=(0.8, 0.9, 0.8), dark_counts=(0.02, 0.01, 0.0))
    counts = measure(circuit, PhotonCounting(detectors=each, largest_lost_weight=1e-7), theta)
    a, b, c = counts.labels.T
    signs = np.array([1 - 2 * ((a + c) % 2), 1 - 2 * (b % 2)], dtype=float)
    p = counts.probabilities
    mean = signs @ p
    assert found.mean == pytest.approx(mean, abs=1e-6)
    assert found.covariance == pytest.approx((signs * p) @ signs.T - np.outer(mean, mean), abs=1e-6)
    assert found.jacobian == pytest.approx(signs @ counts.jacobian, abs=1e-5)
    # Never more than the light has.
    quantum = nuisance_aware_information(get_engine("native").qfi(circuit, theta), [1.0, 0.5]).qfi
    assert nuisance_aware_information(found.moment_matrix(), [1.0, 0.5]).qfi <= quantum * (1 + 1e-9)


def test_parities_of_separate_nodes_tell_of_theirs_alone():
    steps, modes = [], ("a", "b", "c", "d")
    steps += [Squeeze(mode=mode, r=0.7) for mode in modes]
    steps.append(Sense(modes=modes, generator="number"))
    steps += [BeamSplitter(first=x, second=y, theta_rad=BALANCED) for x, y in ("ab", "cd")]
    circuit = Circuit(modes=modes, operations=tuple(steps))
    outcomes = measure(circuit, Parities(ports=("a", "c")), [0.1, -0.1, 0.2, -0.2])
    assert outcomes.covariance[0, 1] == 0.0
    across = np.kron(np.eye(2), ACROSS)
    n = 2 * math.sinh(0.7) ** 2
    sines, cosines = np.sin([0.2, 0.4]) ** 2, np.cos([0.2, 0.4]) ** 2
    wanted = n * (n + 2) * cosines / (1 + n * (n + 2) * sines) ** 2
    assert outcomes.moment_matrix(across) == pytest.approx(np.diag(wanted), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("photons", [0.5, 20.0, 200.0])
def test_a_two_mode_squeezed_vacuum_by_parity_reaches_n_times_n_plus_two(photons):
    """At theta -> 0, where the parity becomes certain; at theta = 0 itself the two outcomes have the limit."""
    r = math.asinh(math.sqrt(photons / 2))
    two_mode = (
        Squeeze(mode="a", r=r),
        Squeeze(mode="b", r=-r),
        BeamSplitter(first="a", second="b", theta_rad=BALANCED),
    )
    # Its first beam splitter in the interferometer, the arms with their phases, the second one.
    steps = (
        *two_mode,
        BeamSplitter(first="a", second="b", theta_rad=BALANCED, phi_rad=math.pi / 2),
        PhaseShift(mode="b", angle_rad=math.pi / 2),
        Sense(modes=("a", "b"), generator="number"),
        BeamSplitter(first="a", second="b", theta_rad=BALANCED, phi_rad=math.pi / 2),
    )
    circuit = Circuit(modes=("a", "b"), operations=steps)
    wanted = photons * (photons + 2)
    step = 0.1 / (photons + 2)
    quantum = (ACROSS.T @ get_engine("native").qfi(circuit, [0.0, 0.0]) @ ACROSS).item()
    assert quantum == pytest.approx(wanted, rel=1e-6)

    def information(theta):
        outcomes = measure(circuit, Parities(ports=("a",)), [theta / 2, -theta / 2])
        return outcomes.moment_matrix(ACROSS).item()

    def even(theta):
        return measure(circuit, Parity(modes=("a",)), [theta / 2, -theta / 2]).probability(1)

    # The dark fringe, where the parity is certain.
    zero = max((-math.pi / 2, 0.0, math.pi / 2), key=even)
    form = wanted * math.cos(step) ** 2 / (1 + wanted * math.sin(step) ** 2) ** 2
    assert information(zero + step) == pytest.approx(form, rel=2e-6)
    if photons < 1:
        assert information(zero + step / 100) == pytest.approx(wanted, rel=1e-5)
    with pytest.raises(PrecisionError, match=r"is certain but for .*Parity, whose Fisher matrix takes the limit"):
        information(zero)


def test_parities_that_cannot_be_are_refused():
    light = GaussianState.vacuum(["a", "b"])
    for ports in ((), ("a", "a"), ("a", ("b", "a")), ((),)):
        with pytest.raises(ValueError, match="no mode in two of them"):
            Parities(ports=ports)
    with pytest.raises(ValueError, match=r"among \('a', 'b'\), got 'c'"):
        measure(light, Parities(ports=("c",)))
    with pytest.raises(PrecisionError, match="parity of b is certain"):
        measure(light, Parities(ports=("b",)))


# --- counting both ports -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("amplitude", "wanted"), [(math.sqrt(2), 7.045561629135), (2.0, 13.685795474608)])
@pytest.mark.parametrize("phase", [0.2, 0.9, 1.5, 2.6])
def test_counting_both_ports_has_all_of_coherent_and_squeezed_light_at_every_phase(amplitude, wanted, phase):
    """PHYSICS.md section 9: a^2 e^{2r} + sinh^2 r, r = 0.6."""
    steps = (
        Displace(mode="a", x=2 * amplitude),
        Squeeze(mode="b", r=-0.6),
        BeamSplitter(first="a", second="b", theta_rad=BALANCED),
        Sense(modes=("a", "b"), generator="number"),
        BeamSplitter(first="a", second="b", theta_rad=BALANCED),
    )
    circuit = Circuit(modes=("a", "b"), operations=steps)
    outcomes = measure(circuit, PhotonCounting(largest_lost_weight=1e-10), [phase / 2, -phase / 2])
    counted = outcomes.fisher_matrix(ACROSS).item()
    assert counted == pytest.approx(wanted, rel=2e-6)
    assert wanted == pytest.approx(amplitude**2 * math.exp(1.2) + math.sinh(0.6) ** 2, abs=1e-11)
    # Lower when linear estimates of the numbers are all that is made of them.
    moments = measure(circuit, Moments([PhotonNumber("a"), PhotonNumber("b")]), [phase / 2, -phase / 2])
    assert moments.moment_matrix(ACROSS).item() < counted


# --- rounding, against sixty digits -------------------------------------------------------------------------------


def interferometer(amplitude, r, theta, bias, angles, phi_rad):
    """A circuit whose port is nearly dark, and its moments to sixty digits."""
    first, second = angles
    steps = (
        Displace(mode="a", x=2 * amplitude),
        Squeeze(mode="b", r=r),
        BeamSplitter(first="a", second="b", theta_rad=first, phi_rad=phi_rad),
        PhaseShift(mode="a", angle_rad=-bias),
        Sense(modes=("a", "b"), generator="number"),
        BeamSplitter(first="a", second="b", theta_rad=second, phi_rad=phi_rad),
    )
    circuit = Circuit(modes=("a", "b"), operations=steps)

    def splitter(angle):
        c, s, e = mpmath.cos(angle), mpmath.sin(angle), mpmath.expj(phi_rad)
        return mpmath.matrix([[c, -s / e], [s * e, c]])

    turned = mpmath.diag([mpmath.expj(-mpmath.mpf(theta / 2) - bias), mpmath.expj(mpmath.mpf(theta / 2))])
    unitary = splitter(mpmath.mpf(second)) * turned * splitter(mpmath.mpf(first))
    whole = mpmath.matrix(4, 4)
    for i in range(2):
        for j in range(2):
            u = unitary[i, j]
            whole[i, j], whole[i, j + 2], whole[i + 2, j], whole[i + 2, j + 2] = u.real, -u.imag, u.imag, u.real
    mean = whole * mpmath.matrix([2 * mpmath.mpf(amplitude), 0, 0, 0])
    squeezed = mpmath.exp(-2 * mpmath.mpf(r))
    return circuit, mean, whole * mpmath.diag([1, squeezed, 1, 1 / squeezed]) * whole.T


SETUPS = [
    (0.0, (BALANCED, BALANCED), math.pi / 2),
    (0.3, (BALANCED, BALANCED), 0.0),
    (0.0, (0.3, -0.3), 0.0),
    (0.3, (0.3, 0.3 - math.pi / 2), 1.0),
]


@pytest.mark.parametrize("decade", range(0, 21, 2))
@pytest.mark.parametrize(("bias", "angles", "phi_rad"), SETUPS)
@pytest.mark.parametrize("fringe", ["dark", "middle"])
def test_moments_keep_what_they_state_or_are_refused(decade, bias, angles, phi_rad, fringe):
    """Nine digits where light has not cancelled, and in dark ports too up to 10^12 photons; no error is larger than stated."""
    amplitude, r = 10 ** (decade / 2), 0.9
    theta = 1 / amplitude - bias if fringe == "dark" else 1.1
    with mpmath.workdps(60):
        circuit, mean, covariance = interferometer(amplitude, r, theta, bias, angles, phi_rad)
        port = min((0, 1), key=lambda k: abs(mean[k]) + abs(mean[k + 2]))
        x, p, xx, pp, xp = (
            mean[port],
            mean[port + 2],
            *(covariance[port + a, port + b] for a, b in ((0, 0), (2, 2), (0, 2))),
        )
        number = (xx + pp + x * x + p * p) / 4 - mpmath.mpf(1) / 2
        variance = ((xx**2 + pp**2 + 2 * xp**2) / 2 - 1 + x * x * xx + p * p * pp + 2 * x * p * xp) / 4
        area = xx * pp - xp**2
        parity = mpmath.exp(-(x * x * pp + p * p * xx - 2 * x * p * xp) / (2 * area)) / mpmath.sqrt(area)
        at = [theta / 2, -theta / 2]
        for reading, wanted, spread in (
            (Moments([PhotonNumber("ab"[port])]), number, variance),
            (Parities(ports=("ab"[port],)), parity, 1 - parity**2),
        ):
            try:
                found = measure(circuit, reading, at)
            except PrecisionError:
                # Only the dark ports of the brightest light.
                assert fringe == "dark"
                assert decade >= 18
                continue
            off = abs(found.mean[0] - wanted) / mpmath.sqrt(spread)
            lost = abs(found.covariance[0, 0] / spread - 1)
            assert off <= found.mean_rounding + 1e-300
            assert lost <= found.variance_rounding + 2e-16
            if decade <= 12:
                assert max(off, lost) < 1e-9


def test_squeezing_that_is_undone_loses_digits_and_says_so():
    """Two opposite squeezers: the vacuum again, of which rounding of e^{2r} is left."""
    for r in (1.0, 2.5, 4.0):
        steps = (
            Squeeze(mode="a", r=r, angle_rad=0.3),
            Displace(mode="a", x=3.0),
            Squeeze(mode="a", r=-r, angle_rad=0.3),
        )
        outcomes = measure(Circuit(modes=("a",), operations=steps), Moments([PhotonNumber("a")]))
        with mpmath.workdps(60):
            c, s = mpmath.cos(mpmath.mpf(0.15)), mpmath.sin(mpmath.mpf(0.15))
            x, p = 3 * c * mpmath.exp(mpmath.mpf(r)), -3 * s * mpmath.exp(-mpmath.mpf(r))
            photons = (x * x + p * p) / 4
        # Coherent light: its variance is its photon number.
        lost = abs(outcomes.covariance.item() / photons - 1)
        assert lost <= outcomes.variance_rounding < 1e-14 * math.exp(4 * r)
    steps = (
        Squeeze(mode="a", r=9.0, angle_rad=0.3),
        Squeeze(mode="a", r=-9.0, angle_rad=0.3),
        Displace(mode="a", x=1.0),
    )
    with pytest.raises(PrecisionError, match="less squeezing"):
        measure(Circuit(modes=("a",), operations=steps), Moments([PhotonNumber("a")]))


def test_squeezing_along_a_quadrature_keeps_all_digits():
    """Sixty dB, where e^{2r} and e^{-2r} stand in one mode but nothing cancels."""
    r = 6.9
    circuit = Circuit(modes=("a",), operations=(Squeeze(mode="a", r=r), Displace(mode="a", x=1e3)))
    outcomes = measure(circuit, Moments([Quadrature("a")]))
    assert outcomes.covariance.item() == pytest.approx(math.exp(-2 * r), rel=1e-13)
    assert outcomes.variance_rounding < 1e-14
    askew = Circuit(modes=("a",), operations=(Squeeze(mode="a", r=r, angle_rad=0.6),))
    with pytest.raises(PrecisionError, match="less squeezing"):
        measure(askew, Moments([Quadrature("a", 0.3)]))


def test_what_light_would_be_without_interference_is_followed_through_every_operation():
    """Energy is kept by passive ones, and a mean that has cancelled is remembered."""
    steps = (
        Displace(mode="a", x=3.0, p=4.0),
        BeamSplitter(first="a", second="b", theta_rad=0.4, phi_rad=0.7),
        Sense(modes=("a", "b"), generator="number"),
        PhaseShift(mode="a", angle_rad=1.1),
    )
    light = get_engine("native").output(Circuit(modes=("a", "b"), operations=steps), [0.3, 0.9])
    assert light.incoherent[0].sum() == pytest.approx(25.0, rel=1e-12)
    assert light.incoherent[1] == pytest.approx(np.ones(4), rel=1e-12)
    lossy = (*steps, Loss(mode="a", transmissivity=0.5), Squeeze(mode="b", r=0.5), Loss(mode="b", transmissivity=0.25))
    later = get_engine("native").output(Circuit(modes=("a", "b"), operations=lossy), [0.3, 0.9])
    assert later.incoherent[0, [0, 2]] == pytest.approx(light.incoherent[0, [0, 2]] / 2, rel=1e-12)
    assert later.incoherent[1] == pytest.approx([1.0, math.exp(-1) / 4 + 0.75, 1.0, math.exp(1) / 4 + 0.75], rel=1e-12)
    # Both arms again in one port: the other is dark but not to the last digit.
    dark = (Displace(mode="a", x=1e8), *(BeamSplitter(first="a", second="b", theta_rad=BALANCED) for _ in range(2)))
    port = get_engine("native").output(Circuit(modes=("a", "b"), operations=dark), [])
    assert abs(port.mean[0]) < 1e-7
    assert math.sqrt(port.incoherent[0, 0]) == pytest.approx(1e8 / math.sqrt(2), rel=1e-12)
    assert port.quadratures(("b",)).incoherent.shape == (2, 2)
