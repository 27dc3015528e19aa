"""Beam-splitter arrays have the wanted first column, signs and zeros included; the squeezed network's information."""

import itertools
import math

import numpy as np
import pytest
from drawn import examples
from hypothesis import assume, given, strategies as st

from photonics import BeamSplitter, Circuit, Displace, Loss, Sense, get_engine, split_amplitudes, split_squeezed_vacuum

NATIVE = get_engine("native")
vectors = st.lists(st.sampled_from([-3.0, -1.0, -0.25, 0.0, 0.5, 1.0, 2.0]), min_size=1, max_size=6)


@given(vectors)
def test_coherent_light_leaves_the_array_along_the_amplitudes(amplitudes):
    assume(sum(1 for u in amplitudes if u) > 1)
    modes = tuple(f"m{k}" for k in range(len(amplitudes)))
    source = next(k for k, u in enumerate(amplitudes) if u)
    operations = (Displace(mode=modes[source], x=1.0), *split_amplitudes(modes, amplitudes))
    mean = NATIVE.run(Circuit(modes=modes, operations=operations), []).mean[: len(modes)]
    assert mean == pytest.approx(np.array(amplitudes) / np.linalg.norm(amplitudes), abs=1e-12)


@given(vectors.filter(any), st.floats(0.0, 3.0))
@examples(100)
def test_split_squeezed_vacuum_senses_the_function_at_the_exact_bound(amplitudes, r):
    modes = tuple(f"m{k}" for k in range(len(amplitudes)))
    operations = (*split_squeezed_vacuum(modes, amplitudes, r), Sense(modes=modes, generator="momentum"))
    information = NATIVE.qfi(Circuit(modes=modes, operations=operations), [0.0] * len(modes))
    u = np.array(amplitudes) / np.linalg.norm(amplitudes)
    expected = np.eye(len(u)) + (math.exp(2 * r) - 1) * np.outer(u, u)
    assert information == pytest.approx(expected, rel=1e-9, abs=1e-9 * math.exp(2 * r))


def test_phase_information_of_a_split_squeezed_vacuum():
    # docs/theory/theory.md, section 6: F_jk = 4 [p_j p_k (2 nbar^2 + nbar) + delta_jk p_j nbar].
    powers, nbar = np.array([0.5, 0.3, 0.2]), 1.7
    operations = split_squeezed_vacuum("abc", np.sqrt(powers), math.asinh(math.sqrt(nbar)))
    circuit = Circuit(modes=tuple("abc"), operations=(*operations, Sense(modes=tuple("abc"), generator="number")))
    expected = 4 * (np.outer(powers, powers) * (2 * nbar**2 + nbar) + np.diag(powers) * nbar)
    assert NATIVE.qfi(circuit, [0.1, 0.2, 0.3]) == pytest.approx(expected, rel=1e-9)


def test_an_array_without_light_is_refused():
    with pytest.raises(ValueError, match="not be zero"):
        split_amplitudes("ab", [0.0, 0.0])


def test_many_lossy_phases_at_once_agree_with_few_at_a_time():
    # The whole matrix takes the shortcut for derivatives of few rows; pairs of parameters on five modes do not.
    modes = tuple(f"m{k}" for k in range(24))
    light = split_squeezed_vacuum(modes, [1.0 + k % 3 for k in range(24)], 1.2)
    losses = tuple(Loss(mode=mode, transmissivity=0.5 + k / 50) for k, mode in enumerate(modes))
    mix = BeamSplitter(first="m3", second="m20", theta_rad=0.7)
    coherent = (Displace(mode="m3", x=1.0), Displace(mode="m20", p=0.5))
    theta = [0.01 * k for k in range(24)]

    def information(*last):
        sense = Sense(modes=modes, generator="number")
        return NATIVE.qfi(Circuit(modes=modes, operations=(*light, *coherent, sense, *losses, *last)), theta)

    whole = information()
    # A beam splitter after sensing and loss changes nothing but spreads each derivative over more rows.
    assert information(mix) == pytest.approx(whole, rel=1e-9, abs=1e-9)
    spread = tuple(BeamSplitter(first=a, second=b, theta_rad=0.4) for a, b in itertools.pairwise(modes))
    assert information(*spread) == pytest.approx(whole, rel=1e-9, abs=1e-9)
