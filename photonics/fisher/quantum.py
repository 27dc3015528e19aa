"""``qfi_matrix``: one question to any state. It reads the parameters, and the type of the state picks the algorithm."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from photonics.circuits.parameters import Parameter, Phase, Shift, Transmissivity
from photonics.conventions import Integer, Real
from photonics.fisher.fock import mixed_qfi_matrix, pure_qfi_matrix
from photonics.fisher.gaussian import few_modes_qfi, gaussian_qfi_matrix, pure_phase_qfi_matrix
from photonics.fisher.slopes import LowRank, attenuations, put_rotations
from photonics.states.fock import FockDensity, FockState, weighted_covariance
from photonics.states.gaussian import FEW_MODES, GaussianState
from photonics.states.strings import distinct_rows
from photonics.values import is_whole, plain

State = FockState | FockDensity | GaussianState
Diagonal = Callable[[Integer], ArrayLike]
"""Occupations (T, m) to the eigenvalues of d generators on them, (T, d) or, for one, (T,)."""


def qfi_matrix(
    state: State,
    generators: str | ArrayLike | Diagonal | Sequence[Parameter] = "number",
    *,
    modes: tuple[str, ...] | None = None,
    passes: int = 1,
) -> Real:
    """Quantum Fisher information matrix of parameters that act on ``state`` without controls, BEGG (23), (76), (77).

    ====================  ======================================================================================
    state                 algorithm
    ====================  ======================================================================================
    FockState             F_ij = 4 M^2 Cov(G_i, G_j) over its T strings, O(T d) and the (d, d) product; shifts included,
                          whose quadratures reach one photon more and one less, without any cutoff
    GaussianState, pure   the same covariance from the moments, O(m^2), when all parameters are phases
    GaussianState         Williamson's form, O(m^3) and see ``gaussian_qfi_matrix``
    FockDensity           eigenvectors of its blocks, O(d B^3), a yardstick for small systems
    ====================  ======================================================================================

    Parameters
    ----------
    state : FockState, FockDensity or GaussianState
        The probe, before sensing; with Transmissivity parameters, the state after that loss.
    generators :
        "number": exp(-i theta_j n_j); "momentum": exp(-i theta_j p_j), vacuum variance of p 1/4;
        a (d, m') array A: exp(-i theta_j sum_k A_jk n_k) over ``modes``; a sequence of Phase, Shift and Transmissivity;
        for Fock states also a function from occupations (T, m) to eigenvalues (T, d) of any generators diagonal in them.
    modes : tuple of str
        The mode of each parameter for "number" and "momentum", of each column for an array; all modes if not given.
    passes : int
        M, each of unit time.

    Raises
    ------
    ValueError
        Listing modes that the state does not have, parameters that the kind of state cannot have, wrong shapes, NaN.
    DivergentFisherInformationError
        For the transmissivity of a loss where the true value is infinite.

    Examples
    --------
    A two-photon N00N state reaches N^2 = 4 for the phase difference, and its n^2 (Kerr) generators more:

    >>> noon = FockState.from_terms(["a", "b"], {(2, 0): 2**-0.5, (0, 2): 2**-0.5})
    >>> qfi_matrix(noon).round(12).tolist()
    [[4.0, -4.0], [-4.0, 4.0]]
    >>> qfi_matrix(noon, [[1, -1]]).round(12).tolist(), qfi_matrix(noon, lambda n: n[:, 0] ** 2).round(12).tolist()
    ([[16.0]], [[16.0]])
    >>> qfi_matrix(GaussianState.vacuum(["a"]), [Shift(mode="a"), Phase(mode="a")]).round(12).tolist()
    [[1.0, 0.0], [0.0, 0.0]]

    Displacements of n photons, exact: 2 n + 1.

    >>> qfi_matrix(FockState.from_terms(["a"], {(3,): 1.0}), "momentum").round(12).tolist()
    [[7.0]]
    """
    passes = plain(passes)
    if not is_whole(passes) or passes < 1:
        raise ValueError(f"passes must be a positive integer, got {passes!r}")
    if not isinstance(state, State):
        raise TypeError(
            f"the state must be a FockState, FockDensity or GaussianState, got {type(state).__name__}; "
            "for a circuit use get_engine('native').qfi(circuit, theta)"
        )
    if isinstance(generators, Parameter):
        raise TypeError(f"parameters must be in a sequence, [{generators!r}]")
    if callable(generators):
        if modes is not None:
            raise ValueError("a function of the photon numbers sees all modes; leave out modes=")
        return passes**2 * _fock_qfi(state, _diagonal(state, generators))
    if isinstance(generators, str):
        at = _places(state, generators, modes)
        if generators == "number" and (quick := _number_qfi(state, at)) is not None:
            return passes**2 * quick
        kind = Phase if generators == "number" else Shift
        parameters, combine = tuple(kind(mode=state.modes[k]) for k in at), None
    elif _are_parameters(generators):
        if modes is not None:
            raise ValueError("modes are named by the parameters themselves; leave out modes=")
        parameters, combine = tuple(generators), None  # type: ignore[arg-type]  # looked at just before
    else:
        parameters = tuple(Phase(mode=state.modes[k]) for k in _places(state, "number", modes))
        combine = _weights(generators, len(parameters))  # type: ignore[arg-type]  # what is left is array-like
    _check(state, parameters, passes)
    information = _of_parameters(state, parameters)
    if passes > 1:
        information = passes**2 * information
    return information if combine is None else np.asarray(combine @ information @ combine.T)


def _number_qfi(state: State, at: list[int]) -> Real | None:
    """The phases of these modes where covariances of photon numbers suffice: Fock states, and pure Gaussian ones."""
    if not isinstance(state, GaussianState):
        return _fock_qfi(state, state.occupations[:, at].astype(float))
    if state.symplectic_eigenvalues[-1] - 1 >= 1e-13 + state.rounding:
        return None
    information = pure_phase_qfi_matrix(state.mean, state.covariance)
    return information if at == list(range(len(state.modes))) else np.asarray(information[np.ix_(at, at)])


def _of_parameters(state: State, parameters: tuple[Parameter, ...]) -> Real:
    if isinstance(state, GaussianState):
        return _gaussian_qfi(state, parameters)
    at = [state.modes.index(parameter.mode) for parameter in parameters]
    if isinstance(state, FockState) and any(isinstance(parameter, Shift) for parameter in parameters):
        return _shifted_qfi(state, parameters, at)
    losses = [j for j, parameter in enumerate(parameters) if isinstance(parameter, Transmissivity)]
    if not losses:
        return _fock_qfi(state, state.occupations[:, at].astype(float))
    assert isinstance(state, FockDensity)
    return _lossy_density_qfi(state, parameters, at)


# --- Fock states ---------------------------------------------------------------------------------------------


def _fock_qfi(state: State, values: Real) -> Real:
    """Generators that are diagonal in the photon numbers, with these eigenvalues (T, d)."""
    if isinstance(state, FockState):
        return 4.0 * weighted_covariance(values, state.probabilities())
    assert isinstance(state, FockDensity)
    gaps = values[:, None, :] - values[None, :, :]
    return mixed_qfi_matrix(state.matrix, -1j * np.moveaxis(gaps * state.matrix[:, :, None], 2, 0))


def _shifted_qfi(state: FockState, parameters: tuple[Parameter, ...], at: list[int]) -> Real:
    """Derivatives -i G|psi> of a pure state, exact: -i n for phases, (e^{i phi} a^dagger - e^{-i phi} a)/2 for shifts."""
    strings = state.occupations
    shifted = sorted({k for k, parameter in zip(at, parameters, strict=True) if isinstance(parameter, Shift)})
    steps = np.eye(len(state.modes), dtype=np.int64)[shifted]
    near = np.concatenate([strings, *(strings + step for step in steps), *(strings - step for step in steps)])
    known, which = distinct_rows(near[(near >= 0).all(axis=1)])
    place = np.full(len(near), -1)
    place[(near >= 0).all(axis=1)] = which
    rows = place.reshape(-1, len(strings))
    amplitudes = np.zeros(len(known), dtype=complex)
    amplitudes[rows[0]] = state.amplitudes
    slopes = np.zeros((len(known), len(parameters)), dtype=complex)
    for j, (parameter, k) in enumerate(zip(parameters, at, strict=True)):
        n = strings[:, k]
        if not isinstance(parameter, Shift):
            slopes[rows[0], j] = -1j * n * state.amplitudes
            continue
        up, down = rows[1 + shifted.index(k)], rows[1 + len(shifted) + shifted.index(k)]
        turn = np.exp(1j * parameter.angle_rad) / 2
        slopes[up, j] += turn * np.sqrt(n + 1) * state.amplitudes
        slopes[down[n > 0], j] -= turn.conjugate() * np.sqrt(n[n > 0]) * state.amplitudes[n > 0]
    return pure_qfi_matrix(amplitudes, slopes)


def _lossy_density_qfi(state: FockDensity, parameters: tuple[Parameter, ...], at: list[int]) -> Real:
    """Phases and transmissivities: eta d rho/d eta = (n rho + rho n)/2 - a rho a^dagger."""
    rows = [tuple(row) for row in state.occupations.tolist()]
    place = {row: index for index, row in enumerate(rows)}
    slopes = []
    for parameter, k in zip(parameters, at, strict=True):
        n = state.occupations[:, k].astype(float)
        if isinstance(parameter, Transmissivity):
            lower = np.zeros((len(rows), len(rows)))
            for index, row in enumerate(rows):
                below = (*row[:k], row[k] - 1, *row[k + 1 :])
                if row[k] and below in place:
                    lower[place[below], index] = math.sqrt(row[k])
                elif row[k]:
                    # The photon is lost into a string without weight: the derivative there is not zero but rho is.
                    return _no_room(parameter.mode)
            slope = (n[:, None] + n[None, :]) * state.matrix / 2 - lower @ state.matrix @ lower.T
            slopes.append(slope / parameter.at)
        else:
            slopes.append(-1j * (n[:, None] - n[None, :]) * state.matrix)
    return mixed_qfi_matrix(state.matrix, np.array(slopes))


def _no_room(mode: str) -> Real:
    from photonics.limits import DivergentFisherInformationError

    raise DivergentFisherInformationError(
        f"a photon lost in {mode!r} leads to a string of probability zero: the information on that transmissivity diverges"
    )


# --- Gaussian states -----------------------------------------------------------------------------------------


def _gaussian_qfi(state: GaussianState, parameters: tuple[Parameter, ...]) -> Real:
    place = {mode: index for index, mode in enumerate(state.modes)}
    at = [place[parameter.mode] for parameter in parameters]
    mean, covariance, count = state.mean, state.covariance, len(state.modes)
    phases = [j for j, parameter in enumerate(parameters) if isinstance(parameter, Phase)]
    if len(phases) == len(parameters) and (quick := _number_qfi(state, at)) is not None:
        return quick
    means = np.zeros((2 * count, len(at)))
    left, right = np.zeros((2, len(at), 2 * count, 2))
    if phases:
        put_rotations((means, left, right), mean, covariance, [at[j] for j in phases], phases)
    losses = [(j, p) for j, p in enumerate(parameters) if isinstance(p, Transmissivity)]
    if losses:
        some = [j for j, _ in losses]
        etas, backgrounds = [p.at for _, p in losses], [p.background_photons for _, p in losses]
        means[:, some], lost = attenuations(mean, covariance, [at[j] for j in some], etas, backgrounds)
        left[some], right[some] = lost.left, lost.right
    for j, parameter in enumerate(parameters):
        if isinstance(parameter, Shift):
            means[at[j], j], means[at[j] + count, j] = math.cos(parameter.angle_rad), math.sin(parameter.angle_rad)
    if count <= FEW_MODES:
        factors = (left[None], right[None])
        return np.asarray(few_modes_qfi(covariance[None], means[None], factors, state.normal_modes)[0])
    return gaussian_qfi_matrix(covariance, means, LowRank(left, right))


# --- what was given ------------------------------------------------------------------------------------------


def _places(state: State, generator: str, modes: tuple[str, ...] | None) -> list[int]:
    if generator not in ("number", "momentum"):
        raise ValueError(f"generators must be 'number', 'momentum', an array or parameters, got {generator!r}")
    if modes is None:
        return list(range(len(state.modes)))
    place = {mode: index for index, mode in enumerate(state.modes)}
    if not all(mode in place for mode in modes) or len(set(modes)) < len(modes):
        raise ValueError(f"modes must be different modes of the state {state.modes}, got {tuple(modes)}")
    return [place[mode] for mode in modes]


def _are_parameters(generators: Any) -> bool:
    return isinstance(generators, Sequence) and any(isinstance(item, Parameter) for item in generators)


def _weights(generators: ArrayLike, count: int) -> Real:
    weights = np.asarray(generators, dtype=float)
    if weights.ndim != 2 or weights.shape[1] != count or not np.isfinite(weights).all():
        raise ValueError(f"an array of generators must have finite entries and shape (d, {count}), got {weights.shape}")
    return weights


def _diagonal(state: State, generators: Diagonal) -> Real:
    if isinstance(state, GaussianState):
        raise TypeError("a function of the photon numbers is for Fock states; give Phase and Shift to a GaussianState")
    values = np.asarray(generators(state.occupations), dtype=float)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or len(values) != len(state.occupations) or not np.isfinite(values).all():
        raise ValueError(
            f"the generators must give finite eigenvalues of shape ({len(state.occupations)}, d), got {values.shape}"
        )
    return values


def _check(state: State, parameters: tuple[object, ...], passes: int) -> None:
    faults = []
    for j, parameter in enumerate(parameters, 1):
        where = f"parameter {j}"
        if not isinstance(parameter, Parameter):
            faults.append(f"{where} must be a Phase, Shift or Transmissivity, got {parameter!r}")
            continue
        if parameter.mode not in state.modes:
            faults.append(f"{where}: there is no mode {parameter.mode!r} among {state.modes}")
        if isinstance(parameter, Shift):
            if isinstance(state, FockDensity):
                faults.append(
                    f"{where}: a FockDensity senses phases here; give a FockState or a GaussianState for a Shift, or the "
                    "circuit to an engine"
                )
            if not math.isfinite(parameter.angle_rad):
                faults.append(f"{where}: angle_rad must be finite, got {parameter.angle_rad}")
        if isinstance(parameter, Transmissivity):
            faults += [f"{where}: {fault}" for fault in _loss_faults(state, parameter, passes)]
    if faults:
        raise ValueError("; ".join(faults))


def _loss_faults(state: State, parameter: Transmissivity, passes: int) -> list[str]:
    faults = []
    if not 0 < parameter.at <= 1:
        faults.append(f"the transmissivity must be in (0, 1], got {parameter.at}")
    if not 0 <= parameter.background_photons < math.inf:
        faults.append(f"background_photons must be a finite number from 0 on, got {parameter.background_photons}")
    if isinstance(state, FockState):
        faults.append("a pure FockState has been through no loss; give the FockDensity after it")
    elif parameter.background_photons and isinstance(state, FockDensity):
        faults.append("a thermal background is for Gaussian states")
    if passes != 1:
        faults.append(f"a transmissivity is sensed once, passes must be 1, got {passes}")
    return faults
