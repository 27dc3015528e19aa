"""What light does: states, circuits, the engines that run them, and the Fisher information they carry.

Conventions (units, signs, orders) are in ``photonics.conventions``. Names below load their module when first used, so
that ``import photonics`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from photonics.circuit import (
        BeamSplitter,
        Circuit,
        Displace,
        Interferometer,
        Loss,
        NumberControl,
        PhaseDiffusion,
        PhaseShift,
        PrepareFock,
        Sense,
        Squeeze,
        with_channels,
    )
    from photonics.circuit_files import circuit_document, circuit_from_document
    from photonics.engines import get_engine
    from photonics.fisher import (
        classical_fisher,
        conditioning,
        directional_qfi,
        gaussian_classical_fisher,
        nuisance_aware_information,
        qfi_matrix,
    )
    from photonics.fock import FockDensity, FockState
    from photonics.gaussian import GaussianState
    from photonics.limits import CircuitTooLargeError, DivergentFisherInformationError, PrecisionError
    from photonics.measurements import (
        BranchProjection,
        DiscreteOutcomes,
        GaussianOutcomes,
        Homodyne,
        Parity,
        PhotonCounting,
        ThresholdDetection,
        measure,
    )
    from photonics.measurements.saturation import best_homodyne_angles, saturation
    from photonics.parameters import Phase, Shift, Transmissivity
    from photonics.probes import branch_state, noon_state, split_amplitudes, split_squeezed_vacuum
    from photonics.qubits import (
        QubitState,
        SymmetricState,
        bell_family,
        dicke_state,
        ghz_state,
        product_state,
        qubit_qfi_matrix,
        random_qubit_state,
    )

_HOME = {
    "circuit": (
        "BeamSplitter",
        "Circuit",
        "Displace",
        "Interferometer",
        "Loss",
        "NumberControl",
        "PhaseDiffusion",
        "PhaseShift",
        "PrepareFock",
        "Sense",
        "Squeeze",
        "with_channels",
    ),
    "circuit_files": (
        "circuit_document",
        "circuit_from_document",
    ),
    "engines": ("get_engine",),
    "fisher": (
        "classical_fisher",
        "conditioning",
        "directional_qfi",
        "gaussian_classical_fisher",
        "nuisance_aware_information",
        "qfi_matrix",
    ),
    "fock": (
        "FockDensity",
        "FockState",
    ),
    "gaussian": ("GaussianState",),
    "limits": (
        "CircuitTooLargeError",
        "DivergentFisherInformationError",
        "PrecisionError",
    ),
    "measurements": (
        "BranchProjection",
        "DiscreteOutcomes",
        "GaussianOutcomes",
        "Homodyne",
        "Parity",
        "PhotonCounting",
        "ThresholdDetection",
        "measure",
    ),
    "measurements.saturation": (
        "best_homodyne_angles",
        "saturation",
    ),
    "parameters": (
        "Phase",
        "Shift",
        "Transmissivity",
    ),
    "probes": (
        "branch_state",
        "noon_state",
        "split_amplitudes",
        "split_squeezed_vacuum",
    ),
    "qubits": (
        "QubitState",
        "SymmetricState",
        "bell_family",
        "dicke_state",
        "ghz_state",
        "product_state",
        "qubit_qfi_matrix",
        "random_qubit_state",
    ),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "BeamSplitter",
    "BranchProjection",
    "Circuit",
    "CircuitTooLargeError",
    "DiscreteOutcomes",
    "Displace",
    "DivergentFisherInformationError",
    "FockDensity",
    "FockState",
    "GaussianOutcomes",
    "GaussianState",
    "Homodyne",
    "Interferometer",
    "Loss",
    "NumberControl",
    "Parity",
    "Phase",
    "PhaseDiffusion",
    "PhaseShift",
    "PhotonCounting",
    "PrecisionError",
    "PrepareFock",
    "QubitState",
    "Sense",
    "Shift",
    "Squeeze",
    "SymmetricState",
    "ThresholdDetection",
    "Transmissivity",
    "bell_family",
    "best_homodyne_angles",
    "branch_state",
    "circuit_document",
    "circuit_from_document",
    "classical_fisher",
    "conditioning",
    "dicke_state",
    "directional_qfi",
    "gaussian_classical_fisher",
    "get_engine",
    "ghz_state",
    "measure",
    "noon_state",
    "nuisance_aware_information",
    "product_state",
    "qfi_matrix",
    "qubit_qfi_matrix",
    "random_qubit_state",
    "saturation",
    "split_amplitudes",
    "split_squeezed_vacuum",
    "with_channels",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'photonics' has no attribute {name!r}")
    return getattr(importlib.import_module(f"photonics.{_MODULE_OF[name]}"), name)
