"""States of photon number to and from QuTiP (extra ``qutip``): its kets and density matrices over one space of levels a mode."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from photonics.adapters.imported import mode_names
from photonics.limits import CircuitTooLargeError
from photonics.states.fock import NORM_TOLERANCE, FockDensity, FockState
from photonics.values import is_whole, plain

LARGEST_DIMENSION = 2**22
"""Of QuTiP's space, the product of the levels of all modes."""


def import_qutip() -> Any:
    """The qutip module, or an ImportError that names the extra which brings it."""
    try:
        import qutip
    except ModuleNotFoundError:
        raise ImportError("QuTiP is not installed; pip install 'photonic-sensor-networks[qutip]'") from None
    return qutip


def to_qutip(state: FockState | FockDensity, *, levels: int | Sequence[int] | None = None) -> Any:
    """A state of photon number as a sparse ``qutip.Qobj``: a ket, or a density matrix of a mixed one.

    Parameters
    ----------
    state : FockState or FockDensity
    levels : int or (m,) ints, optional
        Levels of each mode, photon numbers 0 to levels - 1; as few as the state needs, at least 2, when not given.

    Returns
    -------
    qutip.Qobj
        With dims [levels, ...], the first mode first, as ``qutip.tensor`` orders them.

    Raises
    ------
    TypeError
        For a state that has no photon numbers to write down, such as a GaussianState.
    ValueError
        For levels that do not hold the state.
    CircuitTooLargeError
        For a space of more than 2^22 dimensions.
    ImportError
        Without the extra ``qutip``.

    Examples
    --------
    >>> noon = FockState.from_terms(["a", "b"], {(2, 0): 2**-0.5, (0, 2): 2**-0.5})
    >>> ket = to_qutip(noon)
    >>> ket.dims[0], round(float(abs(ket[2, 0])), 12)
    ([3, 3], 0.707106781187)
    """
    if not isinstance(state, FockState | FockDensity):
        raise TypeError(
            f"a FockState or FockDensity is written to QuTiP, got {type(state).__name__}; of Gaussian states give "
            "QuTiP the operations (squeeze, displace) with as many levels as you want"
        )
    needed = np.maximum(state.occupations.max(axis=0, initial=0) + 1, 2).tolist()
    dims = needed if levels is None else _levels(levels, needed)
    size = math.prod(dims)
    if size > LARGEST_DIMENSION:
        raise CircuitTooLargeError(f"QuTiP's space would have {size} dimensions; at most {LARGEST_DIMENSION} are made")
    qutip = import_qutip()
    from scipy.sparse import csr_array

    places = np.ravel_multi_index(tuple(state.occupations.T), tuple(dims))
    if isinstance(state, FockState):
        ket = csr_array((state.amplitudes, (places, np.zeros_like(places))), shape=(size, 1))
        return qutip.Qobj(ket, dims=[dims, [1] * len(dims)])
    rows, columns = np.nonzero(state.matrix)
    entries = (state.matrix[rows, columns], (places[rows], places[columns]))
    return qutip.Qobj(csr_array(entries, shape=(size, size)), dims=[dims, dims])


def _levels(given: int | Sequence[int], needed: Sequence[int]) -> list[int]:
    each = plain(given)
    levels = [each] * len(needed) if is_whole(each) else list(each) if isinstance(each, tuple) else []
    if len(levels) != len(needed) or not all(is_whole(one) for one in levels):
        raise ValueError(f"levels must be an integer, or one for each of the {len(needed)} modes, got {given!r}")
    if any(one < least for one, least in zip(levels, needed, strict=True)):
        raise ValueError(
            f"levels must be at least {', '.join(map(str, needed))} for the photons of this state, got {given!r}"
        )
    return levels


def from_qutip(state: Any, *, modes: Iterable[str] | None = None) -> FockState | FockDensity:
    """A ket or density matrix of QuTiP as a state of photon number; its levels are photon numbers 0, 1, ...

    What QuTiP cut off is not known here. Nothing is normalised: ``state.unit()`` does.

    Parameters
    ----------
    state : qutip.Qobj
        A ket or an operator over one or several spaces (``dims``), one a mode.
    modes : (m,) str, optional
        Names of its modes; m0, m1, ... when not given.

    Returns
    -------
    FockState
        Of a ket.
    FockDensity
        Of an operator, over the strings of photon numbers that occur in it.

    Raises
    ------
    TypeError
        For what is neither.
    ValueError
        For a state that is not normalised, or an operator that is no density matrix.
    ImportError
        Without the extra ``qutip``.

    Examples
    --------
    >>> qutip = import_qutip()
    >>> one = from_qutip(qutip.tensor(qutip.basis(3, 1), qutip.basis(2, 0)), modes=["a", "b"])
    >>> one.terms
    {(1, 0): (1+0j)}
    """
    qutip = import_qutip()
    if not isinstance(state, qutip.Qobj) or not (state.isket or state.isoper):
        what = getattr(state, "type", type(state).__name__)
        raise TypeError(f"a ket or a density matrix of QuTiP is read, got {what}")
    dims = state.dims[0]
    if state.isoper and state.dims[1] != dims:
        raise ValueError(f"a density matrix has the same dims on both sides, got {state.dims}")
    if not all(is_whole(one) for one in dims):
        raise ValueError(f"one space a mode is read, dims such as [3, 3], got {dims}")
    names = mode_names(modes, len(dims), "m")
    table = state.to("CSR").data.as_scipy().tocoo()
    kept = table.data != 0
    rows, columns, values = table.row[kept], table.col[kept], table.data[kept]
    if state.isket:
        norm = float(np.sum(np.abs(values) ** 2))
        if not abs(norm - 1) <= NORM_TOLERANCE:
            raise ValueError(f"the squared amplitudes must sum to 1, got {norm:.12g}; state.unit() normalises")
        return FockState(names, np.stack(np.unravel_index(rows, dims), axis=1), values)
    places = np.unique(np.concatenate([rows, columns]))
    matrix = np.zeros((len(places), len(places)), dtype=complex)
    matrix[np.searchsorted(places, rows), np.searchsorted(places, columns)] = values
    _require_density(matrix)
    return FockDensity(names, np.stack(np.unravel_index(places, dims), axis=1), matrix)


def _require_density(matrix: Any) -> None:
    """Raise unless it is Hermitian, of trace 1 and without negative probabilities."""
    if not len(matrix) or not np.allclose(matrix, matrix.conj().T, atol=1e-10, rtol=0):
        raise ValueError("a density matrix must be Hermitian and not zero")
    trace, least = float(np.trace(matrix).real), float(np.linalg.eigvalsh(matrix)[0])
    if abs(trace - 1) > NORM_TOLERANCE:
        raise ValueError(f"a density matrix must have trace 1, got {trace:.12g}; state.unit() normalises")
    if least < -1e-9:
        raise ValueError(f"a density matrix has no negative eigenvalues, got {least:.6g}")
