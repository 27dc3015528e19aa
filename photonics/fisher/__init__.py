"""Fisher information, quantum and classical, from states, moments and outcomes with their derivatives.

All matrices are for one shot and are (d, d) float arrays. Circuits are not known here: the engines supply the derivatives.
"""

from photonics.fisher.classical import classical_fisher, gaussian_classical_fisher
from photonics.fisher.fock import mixed_qfi_matrix, pure_qfi_matrix
from photonics.fisher.functions import (
    Conditioning,
    NuisanceAwareInformation,
    conditioning,
    directional_qfi,
    estimable_functions,
    nuisance_aware_information,
    nuisance_aware_informations,
)
from photonics.fisher.gaussian import gaussian_qfi_matrices, gaussian_qfi_matrix
from photonics.fisher.quantum import qfi_matrix

__all__ = [
    "Conditioning",
    "NuisanceAwareInformation",
    "classical_fisher",
    "conditioning",
    "directional_qfi",
    "estimable_functions",
    "gaussian_classical_fisher",
    "gaussian_qfi_matrices",
    "gaussian_qfi_matrix",
    "mixed_qfi_matrix",
    "nuisance_aware_information",
    "nuisance_aware_informations",
    "pure_qfi_matrix",
    "qfi_matrix",
]
