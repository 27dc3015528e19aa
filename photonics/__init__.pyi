from .circuits.circuit import (
    BeamSplitter as BeamSplitter,
    Circuit as Circuit,
    Displace as Displace,
    Interferometer as Interferometer,
    Loss as Loss,
    NumberControl as NumberControl,
    PhaseDiffusion as PhaseDiffusion,
    PhaseShift as PhaseShift,
    PrepareFock as PrepareFock,
    Sense as Sense,
    Squeeze as Squeeze,
    with_channels as with_channels,
)
from .circuits.documents import circuit_document as circuit_document, circuit_from_document as circuit_from_document
from .circuits.parameters import Phase as Phase, Shift as Shift, Transmissivity as Transmissivity
from .engines import get_engine as get_engine
from .fisher import (
    classical_fisher as classical_fisher,
    conditioning as conditioning,
    directional_qfi as directional_qfi,
    gaussian_classical_fisher as gaussian_classical_fisher,
    nuisance_aware_information as nuisance_aware_information,
    qfi_matrix as qfi_matrix,
)
from .limits import (
    CircuitTooLargeError as CircuitTooLargeError,
    DivergentFisherInformationError as DivergentFisherInformationError,
    PrecisionError as PrecisionError,
)
from .measurements import (
    BranchProjection as BranchProjection,
    DiscreteOutcomes as DiscreteOutcomes,
    GaussianOutcomes as GaussianOutcomes,
    Homodyne as Homodyne,
    Parity as Parity,
    PhotonCounting as PhotonCounting,
    ThresholdDetection as ThresholdDetection,
    measure as measure,
)
from .measurements.saturation import best_homodyne_angles as best_homodyne_angles, saturation as saturation
from .states.fock import FockDensity as FockDensity, FockState as FockState
from .states.gaussian import GaussianState as GaussianState
from .states.probes import (
    branch_state as branch_state,
    noon_state as noon_state,
    split_amplitudes as split_amplitudes,
    split_squeezed_vacuum as split_squeezed_vacuum,
)
from .states.qubits import (
    QubitState as QubitState,
    SymmetricState as SymmetricState,
    bell_family as bell_family,
    dicke_state as dicke_state,
    ghz_state as ghz_state,
    product_state as product_state,
    qubit_qfi_matrix as qubit_qfi_matrix,
    random_qubit_state as random_qubit_state,
)
