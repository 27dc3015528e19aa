from .adapters.imported import ImportedCircuit as ImportedCircuit
from .adapters.perceval_reading import from_perceval as from_perceval
from .adapters.qutip import from_qutip as from_qutip, to_qutip as to_qutip
from .adapters.sf_import import import_strawberryfields as import_strawberryfields
from .adapters.sf_program import ExportedProgram as ExportedProgram
from .adapters.sf_reading import from_strawberryfields as from_strawberryfields
from .circuits.circuit import (
    BeamSplitter as BeamSplitter,
    Channel as Channel,
    Circuit as Circuit,
    Displace as Displace,
    Interferometer as Interferometer,
    Loss as Loss,
    NumberControl as NumberControl,
    Occupation as Occupation,
    Operation as Operation,
    PhaseDiffusion as PhaseDiffusion,
    PhaseShift as PhaseShift,
    PrepareFock as PrepareFock,
    Sense as Sense,
    Squeeze as Squeeze,
    with_channels as with_channels,
)
from .circuits.documents import circuit_document as circuit_document, circuit_from_document as circuit_from_document
from .circuits.drawing import draw_circuit as draw_circuit
from .circuits.meshes import Mesh as Mesh, MeshElement as MeshElement, UnitaryError as UnitaryError, mesh as mesh
from .circuits.parameters import (
    Parameter as Parameter,
    Phase as Phase,
    Shift as Shift,
    Transmissivity as Transmissivity,
)
from .circuits.pictures import CircuitDrawing as CircuitDrawing
from .conventions import squeezing_db as squeezing_db, squeezing_for as squeezing_for
from .engines import Engine as Engine, get_engine as get_engine
from .engines.compare import EngineComparison as EngineComparison, compare_engines as compare_engines
from .engines.cutoff import Cutoff as Cutoff, Truncation as Truncation
from .engines.native_batch import qfi_matrices as qfi_matrices
from .fisher import (
    Conditioning as Conditioning,
    NuisanceAwareInformation as NuisanceAwareInformation,
    classical_fisher as classical_fisher,
    conditioning as conditioning,
    directional_qfi as directional_qfi,
    estimable_functions as estimable_functions,
    gaussian_classical_fisher as gaussian_classical_fisher,
    gaussian_qfi_matrices as gaussian_qfi_matrices,
    gaussian_qfi_matrix as gaussian_qfi_matrix,
    mixed_qfi_matrix as mixed_qfi_matrix,
    nuisance_aware_information as nuisance_aware_information,
    nuisance_aware_informations as nuisance_aware_informations,
    pure_qfi_matrix as pure_qfi_matrix,
    qfi_matrix as qfi_matrix,
)
from .fisher.slopes import LowRank as LowRank
from .limits import (
    CircuitTooLargeError as CircuitTooLargeError,
    DivergentFisherInformationError as DivergentFisherInformationError,
    PrecisionError as PrecisionError,
)
from .measurements import (
    BranchProjection as BranchProjection,
    Detectors as Detectors,
    DiscreteOutcomes as DiscreteOutcomes,
    GaussianOutcomes as GaussianOutcomes,
    Homodyne as Homodyne,
    IntensityDifference as IntensityDifference,
    Interference as Interference,
    JitteredOutcomes as JitteredOutcomes,
    Measurement as Measurement,
    MomentOutcomes as MomentOutcomes,
    Moments as Moments,
    Observable as Observable,
    Outcomes as Outcomes,
    Parities as Parities,
    Parity as Parity,
    Photocurrents as Photocurrents,
    PhotonCounting as PhotonCounting,
    PhotonNumber as PhotonNumber,
    Quadrature as Quadrature,
    RandomPhases as RandomPhases,
    StringProjection as StringProjection,
    ThresholdDetection as ThresholdDetection,
    measure as measure,
)
from .measurements.saturation import (
    BestAngles as BestAngles,
    Saturation as Saturation,
    best_homodyne_angles as best_homodyne_angles,
    saturation as saturation,
)
from .output import (
    Block as Block,
    FockOutput as FockOutput,
    GaussianOutput as GaussianOutput,
    Output as Output,
    Populations as Populations,
    output_of as output_of,
)
from .pairs.counts import PairCounts as PairCounts, PairLight as PairLight, pair_counts as pair_counts
from .pairs.samples import sample_pairs as sample_pairs
from .states.fock import FockDensity as FockDensity, FockState as FockState
from .states.gaussian import GaussianState as GaussianState, number_covariance as number_covariance
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
