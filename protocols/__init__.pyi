from .built.built import Built as Built
from .citing.citations import Citation as Citation, Citations as Citations, cite as cite, cite_file as cite_file
from .citing.references import REFERENCES as REFERENCES, Reference as Reference
from .conditions import (
    CheckReport as CheckReport,
    Condition as Condition,
    NoProtocolError as NoProtocolError,
    Switch as Switch,
)
from .design import Design as Design, design as design
from .documents.files import load as load, save as save
from .documents.printed import Entry as Entry, Inline as Inline, Printed as Printed
from .documents.result import Result as Result
from .estimation.analytic import FunctionSimulation as FunctionSimulation, simulate_function as simulate_function
from .estimation.estimators.estimator import (
    DisplacementEstimator as DisplacementEstimator,
    Estimator as Estimator,
    LightEstimator as LightEstimator,
    PhaseEstimator as PhaseEstimator,
)
from .estimation.estimators.robust_exact import (
    BestSchedule as BestSchedule,
    best_guaranteed_schedule as best_guaranteed_schedule,
    best_schedule as best_schedule,
    guaranteed_mse as guaranteed_mse,
    robust_mse as robust_mse,
)
from .estimation.fringes import (
    Draw as Draw,
    Fringe as Fringe,
    PhaseEstimates as PhaseEstimates,
    StageProbabilities as StageProbabilities,
)
from .estimation.light_readings import Fringes as Fringes, LightEstimates as LightEstimates, Readings as Readings
from .estimation.light_samplers import Sampler as Sampler
from .estimation.measured_phase import MeasuredPhase as MeasuredPhase
from .estimation.quadratures import QuadratureEstimates as QuadratureEstimates, QuadratureMoments as QuadratureMoments
from .estimation.registry import (
    ESTIMATORS as ESTIMATORS,
    choose_estimators as choose_estimators,
    estimators_of as estimators_of,
    find_estimator as find_estimator,
)
from .estimation.resources import Resources as Resources, StageUse as StageUse
from .estimation.schedules import (
    Schedule as Schedule,
    even_schedule as even_schedule,
    linear_schedule as linear_schedule,
    robust_schedule as robust_schedule,
)
from .estimation.several import TargetsSimulation as TargetsSimulation, simulate_targets as simulate_targets
from .estimation.simulation import Estimated as Estimated, Simulation as Simulation, simulate as simulate
from .estimation.tally import Errors as Errors, Tally as Tally
from .estimation.turned_noise import TurnedNoise as TurnedNoise
from .hardware.candidates import hardware_table as hardware_table
from .hardware.compiling import Compiled as Compiled, compile_plan as compile_plan
from .hardware.devices import (
    DEVICES as DEVICES,
    Device as Device,
    DeviceCertificate as DeviceCertificate,
    TimeBinDevice as TimeBinDevice,
    XSeriesDevice as XSeriesDevice,
    find_device as find_device,
    load_device as load_device,
)
from .hardware.feasibility import Feasibility as Feasibility, can_run as can_run
from .hardware.pair_estimate import PairEstimate as PairEstimate, estimate_pairs as estimate_pairs
from .hardware.pair_plan import PairPlan as PairPlan, pair_plan as pair_plan
from .hardware.table import HardwareRow as HardwareRow, HardwareTable as HardwareTable, Place as Place
from .hardware.two_photons import (
    TwoPhotonPlan as TwoPhotonPlan,
    two_photon_circuit as two_photon_circuit,
    two_photon_plan as two_photon_plan,
)
from .layout.along_links import along_links as along_links
from .layout.alternatives import Alternative as Alternative
from .layout.layout import (
    Layouts as Layouts,
    LinkFailure as LinkFailure,
    Robustness as Robustness,
    Section as Section,
    Step as Step,
)
from .layout.photon.layout import PhotonLayout as PhotonLayout
from .layout.photon.layouts import PhotonLayouts as PhotonLayouts, photon_layouts as photon_layouts
from .layout.photon.link_robustness import LinkSensitivity as LinkSensitivity
from .layout.photon.robustness import PhotonRobustness as PhotonRobustness
from .layout.photon.routes import Move as Move, Transport as Transport
from .layout.squeezed.beam_splitters import Element as Element, TreeLayout as TreeLayout
from .layout.squeezed.forests import Forest as Forest, SourceTree as SourceTree
from .layout.squeezed.layouts import SqueezedLayouts as SqueezedLayouts, squeezed_layouts as squeezed_layouts
from .layout.squeezed.robustness import (
    ElementSensitivity as ElementSensitivity,
    SqueezedRobustness as SqueezedRobustness,
)
from .layout.squeezed.spread import Spread as Spread
from .layout.squeezed.trees import Tree as Tree
from .layout.strings.layout import StringLayout as StringLayout
from .layout.strings.layouts import StringLayouts as StringLayouts, string_layouts as string_layouts
from .layout.strings.robustness import StringRobustness as StringRobustness
from .layout.unitaries import network_mesh as network_mesh
from .loss.crossing import Overtaking as Overtaking
from .loss.mixes import BestMix as BestMix, ProbeShare as ProbeShare, best_mix as best_mix
from .loss.optimum import Optimum as Optimum, best_states as best_states
from .loss.report import LossReport as LossReport, LossRow as LossRow, loss_report as loss_report
from .preparation.prepare import preparations as preparations
from .preparation.recipe import (
    Found as Found,
    LightRecipe as LightRecipe,
    Preparation as Preparation,
    Splitter as Splitter,
)
from .privacy.hiding import PrivateDesign as PrivateDesign, private_design as private_design
from .privacy.report import (
    DirectionRow as DirectionRow,
    PrivacyReport as PrivacyReport,
    Variant as Variant,
    privacy_report as privacy_report,
)
from .problem import (
    DisplacementProblem as DisplacementProblem,
    Divisibility as Divisibility,
    GaussianProblem as GaussianProblem,
    PhaseProblem as PhaseProblem,
    Problem as Problem,
)
from .ranking.candidates import (
    Candidate as Candidate,
    Candidates as Candidates,
    RankedPlans as RankedPlans,
    candidates as candidates,
    rank_plans as rank_plans,
)
from .ranking.fading import Fading as Fading
from .ranking.other_light import OtherLight as OtherLight
from .ranking.turning import TurningPoint as TurningPoint, VerdictAxis as VerdictAxis
from .ranking.verdict import EntanglementVerdict as EntanglementVerdict
from .reports.bounds_figure import draw_comparison as draw_comparison
from .reports.curve_figures import draw_curves as draw_curves
from .reports.dot_figures import (
    draw_bounds as draw_bounds,
    draw_coverage as draw_coverage,
    draw_loss as draw_loss,
    draw_simulation as draw_simulation,
    draw_tradeoff as draw_tradeoff,
)
from .reports.figures import draw_information as draw_information
from .reports.layout_figures import draw_layers as draw_layers, draw_layout as draw_layout
from .reports.mesh_figures import draw_mesh as draw_mesh
from .reports.plotting import draw_duality as draw_duality, draw_privacy as draw_privacy
from .reports.protocol_figures import draw_protocol as draw_protocol
from .reports.showing import (
    plot as plot,
    show as show,
    to_html as to_html,
    to_markdown as to_markdown,
    to_pandas as to_pandas,
)
from .reports.sweep_figures import draw_sweep as draw_sweep
from .reports.view import (
    Gap as Gap,
    Heading as Heading,
    Item as Item,
    Line as Line,
    Picture as Picture,
    Verdict as Verdict,
    View as View,
)
from .schemes.evaluation import Evaluation as Evaluation
from .schemes.measurements import MeasuredShare as MeasuredShare, measured_shares as measured_shares
from .schemes.plan import (
    Interference as Interference,
    Part as Part,
    Plan as Plan,
    Unavailable as Unavailable,
)
from .schemes.protocol_checks import check_protocol as check_protocol
from .schemes.readouts import Readout as Readout, fixed_readout as fixed_readout
from .schemes.registry import (
    SCHEMES as SCHEMES,
    choose_schemes as choose_schemes,
    find_scheme as find_scheme,
    schemes_of as schemes_of,
)
from .schemes.scheme import (
    AnyScheme as AnyScheme,
    DisplacementScheme as DisplacementScheme,
    GaussianScheme as GaussianScheme,
    PhaseScheme as PhaseScheme,
    Scheme as Scheme,
)
from .schemes.stages import Stage as Stage, StagedPhase as StagedPhase
from .starting.examples import (
    Example as Example,
    copy_example as copy_example,
    example_network as example_network,
    shipped_examples as shipped_examples,
)
from .starting.templates import (
    TEMPLATES as TEMPLATES,
    NetworkDocument as NetworkDocument,
    Template as Template,
    template_network as template_network,
    template_text as template_text,
)
from .sweeps.curves import Curve as Curve, Curves as Curves, error_curves as error_curves
from .sweeps.photons_needed import photons_needed as photons_needed
from .sweeps.reading import read_spec as read_spec
from .sweeps.results import (
    SweepCurve as SweepCurve,
    SweepReport as SweepReport,
    load_results as load_results,
    sweep_report as sweep_report,
)
from .sweeps.running import Progress as Progress, SweepOutcome as SweepOutcome, run_sweep as run_sweep
from .sweeps.spec import SweepSpec as SweepSpec
from .tables import Table as Table
from .theory.bound_rows import BoundRow as BoundRow
from .theory.bounds import BoundsTable as BoundsTable, bounds_table as bounds_table
from .theory.directions import Directions as Directions
from .theory.displacement import PhotonSplit as PhotonSplit
from .theory.duality import Duality as Duality, PhotonicCap as PhotonicCap, duality as duality
from .theory.entanglement import EntanglementRow as EntanglementRow
from .theory.joint_targets import JointTargets as JointTargets
from .theory.mode_losses import ModeLosses as ModeLosses
from .theory.photon_pairs import PairProtocol as PairProtocol, pair_protocol as pair_protocol
from .theory.reachable import RegionSide as RegionSide
from .theory.task import (
    DisplacementTask as DisplacementTask,
    GaussianTask as GaussianTask,
    PhaseTask as PhaseTask,
    Task as Task,
    TaskLink as TaskLink,
)
from .theory.tradeoff import EntangledGroup as EntangledGroup, TradeoffRow as TradeoffRow
from .theory.two_branches import LossySplit as LossySplit
from .wmatrix.certificate import Certificate as Certificate, verify_minimum as verify_minimum
from .wmatrix.columns import WMatrix as WMatrix
from .wmatrix.enumeration import Enumeration as Enumeration, enumerate_protocols as enumerate_protocols
from .wmatrix.limits import (
    Connected as Connected,
    Limits as Limits,
    Predicate as Predicate,
    connected_supports as connected_supports,
)
from .wmatrix.margins import Margins as Margins
from .wmatrix.objectives import (
    Best as Best,
    Choice as Choice,
    Sample as Sample,
    best_protocols as best_protocols,
    sample_protocols as sample_protocols,
)
from .wmatrix.protocol import PhotonProtocol as PhotonProtocol
from .wmatrix.search.block_bounds import BlockBound as BlockBound
from .wmatrix.search.least import LeastModes as LeastModes
from .wmatrix.search.tables import SearchLimitError as SearchLimitError
from .wmatrix.search.walk import enumerate_batches as enumerate_batches
from .wmatrix.streaming import Damage as Damage, Written as Written, write_protocols as write_protocols
from .wmatrix.task import PhotonTask as PhotonTask
