"""Qubit probes: Fisher matrices against general formulas and against the same states as photons on two rails."""

import math

import numpy as np
import pytest
from drawn import examples
from hypothesis import given, strategies as st

from photonics import (
    Circuit,
    PrepareFock,
    QubitState,
    Sense,
    SymmetricState,
    bell_family,
    dicke_state,
    get_engine,
    ghz_state,
    product_state,
    qubit_qfi_matrix,
    random_qubit_state,
)
from photonics.engines.compare import compare_engines

Z = np.diag([1.0, -1.0])


def sigma(qubit, count):
    out = np.eye(1)
    for k in range(count):
        out = np.kron(out, Z if k == qubit else np.eye(2))
    return out


def by_equation_5(vector):
    """<Z_i Z_j> - <Z_i><Z_j> with dense operators."""
    count = int(math.log2(len(vector)))
    ops = [sigma(k, count) for k in range(count)]
    mean = [np.vdot(vector, op @ vector).real for op in ops]
    return np.array(
        [
            [np.vdot(vector, a @ b @ vector).real - mean[i] * mean[j] for j, b in enumerate(ops)]
            for i, a in enumerate(ops)
        ]
    )


def by_the_spectrum(rho):
    count = int(math.log2(len(rho)))
    p, v = np.linalg.eigh(rho)
    out = np.zeros((count, count))
    slopes = [v.conj().T @ (-0.5j * (sigma(k, count) @ rho - rho @ sigma(k, count))) @ v for k in range(count)]
    total = p[:, None] + p[None, :]
    for i, a in enumerate(slopes):
        for j, b in enumerate(slopes):
            terms = np.divide((a.conj() * b).real, total, out=np.zeros_like(total), where=total > 1e-12)
            out[i, j] = 2 * terms.sum()
    return out


@given(st.integers(0, 10**6), st.integers(1, 5))
@examples(20)
def test_pure_and_mixed_states_against_dense_operators(seed, qubits):
    rng = np.random.default_rng(seed)
    state = random_qubit_state(qubits, rng)
    vector = state.vector()
    expected = by_equation_5(vector)
    assert qubit_qfi_matrix(state) == pytest.approx(expected, abs=1e-10)
    assert qubit_qfi_matrix(vector) == pytest.approx(expected, abs=1e-10)
    if qubits <= 3:
        other = random_qubit_state(qubits, rng).vector()
        rho = 0.6 * np.outer(vector, vector.conj()) + 0.4 * np.outer(other, other.conj())
        assert qubit_qfi_matrix(rho) == pytest.approx(by_the_spectrum(rho), abs=1e-8)
        pure = np.outer(vector, vector.conj())
        assert qubit_qfi_matrix(pure) == pytest.approx(expected, abs=1e-8)


@given(st.integers(0, 10**6), st.integers(1, 4))
@examples(15)
def test_the_same_state_on_two_rails(seed, qubits):
    state = random_qubit_state(qubits, np.random.default_rng(seed))
    rails = state.dual_rail()
    sense = Sense(modes=tuple(f"q{k}.1" for k in range(1, qubits + 1)), generator="number")
    circuit = Circuit(modes=rails.modes, operations=(PrepareFock(state=rails), sense))
    result = get_engine("native").qfi(circuit, [0.1] * qubits)
    assert result == pytest.approx(qubit_qfi_matrix(state), abs=1e-10)


def test_both_engines_run_a_probe_on_rails():
    rails = ghz_state(2, (1, -1)).dual_rail()
    sense = Sense(modes=("q1.1", "q2.1"), generator="number")
    circuit = Circuit(modes=rails.modes, operations=(PrepareFock(state=rails), sense))
    assert compare_engines(circuit, [0.2, 0.3]).largest < 1e-9


@pytest.mark.parametrize("state", [dicke_state(5, 2), dicke_state(4, 1), product_state(5), dicke_state(3, 0)])
def test_symmetric_states_against_their_bit_strings(state):
    assert qubit_qfi_matrix(state) == pytest.approx(qubit_qfi_matrix(state.as_strings()), abs=1e-12)


def test_the_library_of_probes():
    assert qubit_qfi_matrix(product_state(7)) == pytest.approx(np.eye(7), abs=1e-12)
    signs = (1, -1, 1, 1)
    assert qubit_qfi_matrix(ghz_state(4, signs)) == pytest.approx(np.outer(signs, signs))
    c = math.cos(0.8)
    assert qubit_qfi_matrix(bell_family(0.4)) == pytest.approx(np.array([[1, c], [c, 1]]))
    # Any N: the memory is that of the matrix.
    assert qubit_qfi_matrix(ghz_state(500)).sum() == pytest.approx(500**2)
    assert qubit_qfi_matrix(dicke_state(500, 250)).sum() == pytest.approx(0, abs=1e-9)


def test_bad_states_list_every_fault():
    with pytest.raises(ValueError, match="bits must be 0 or 1; the squared amplitudes must sum to 1, got 4"):
        QubitState(np.array([[0, 2]]), np.array([2.0]))
    with pytest.raises(ValueError, match="given once"):
        QubitState.from_vector([1, 0, 0, 0]).__class__(np.array([[0], [0]]), np.array([0.6, 0.8]))
    rho = np.array([[1.2, 0.3], [0.1, -0.3]])
    with pytest.raises(ValueError, match=r"Hermitian; .*trace 1, got 0\.9; .*smallest eigenvalue"):
        qubit_qfi_matrix(rho)
    with pytest.raises(ValueError, match=r"2\^N entries"):
        qubit_qfi_matrix(np.ones(3) / math.sqrt(3))
    with pytest.raises(ValueError, match="at least two"):
        SymmetricState(amplitudes=(1.0,))
    with pytest.raises(ValueError, match="1 or -1"):
        ghz_state(2, (1, 0))


def test_numbers_that_are_no_bits_or_signs_are_not_rounded():
    with pytest.raises(ValueError, match="bits must be 0 or 1"):
        QubitState(np.array([[0.9, 0.2]]), np.array([1.0]))
    with pytest.raises(ValueError, match="1 or -1"):
        ghz_state(2, (1.5, -1.7))
    with pytest.raises(ValueError, match="whole number"):
        dicke_state(4, 1.5)
