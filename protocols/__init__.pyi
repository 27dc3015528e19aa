from .conditions import CheckReport as CheckReport, Condition as Condition, NoProtocolError as NoProtocolError
from .design import Design as Design, design as design
from .estimation.analytic import FunctionSimulation as FunctionSimulation, simulate_function as simulate_function
from .estimation.estimators.robust_exact import (
    best_guaranteed_schedule as best_guaranteed_schedule,
    best_schedule as best_schedule,
    guaranteed_mse as guaranteed_mse,
    robust_mse as robust_mse,
)
from .estimation.schedules import Schedule as Schedule, linear_schedule as linear_schedule
from .estimation.several import TargetsSimulation as TargetsSimulation, simulate_targets as simulate_targets
from .estimation.simulation import Simulation as Simulation, simulate as simulate
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
from .layout.photon.robustness import LinkSensitivity as LinkSensitivity, PhotonRobustness as PhotonRobustness
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
from .layout.unitaries import network_mesh as network_mesh
from .loss.report import LossReport as LossReport, loss_report as loss_report
from .privacy.hiding import private_design as private_design
from .privacy.report import privacy_report as privacy_report
from .problem import Divisibility as Divisibility, Problem as Problem
from .ranking.candidates import Candidate as Candidate
from .schemes.protocol_checks import check_protocol as check_protocol
from .sweeps.results import load_results as load_results, sweep_report as sweep_report
from .sweeps.running import run_sweep as run_sweep
from .sweeps.spec import SweepSpec as SweepSpec, read_spec as read_spec
from .theory.bounds import BoundsTable as BoundsTable, bounds_table as bounds_table
from .theory.duality import duality as duality
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
from .wmatrix.search.tables import SearchLimitError as SearchLimitError
from .wmatrix.search.walk import enumerate_batches as enumerate_batches
from .wmatrix.streaming import Written as Written, write_protocols as write_protocols
from .wmatrix.task import PhotonTask as PhotonTask
