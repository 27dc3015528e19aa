from .drawing import draw_network as draw_network
from .errors import InputError as InputError
from .exact import parse_exact as parse_exact, parse_exact_vector as parse_exact_vector
from .files.graphs import from_graph as from_graph, to_graph as to_graph
from .files.load import load_network as load_network, load_topology as load_topology, save_network as save_network
from .files.placing import PlacedNetwork as PlacedNetwork, place_sensors as place_sensors
from .files.tables import network_from_tables as network_from_tables
from .files.topology import Topology as Topology, TopologyEdge as TopologyEdge, TopologyNode as TopologyNode
from .function import LinearFunction as LinearFunction, Orientation as Orientation
from .irrational import Irrational as Irrational
from .laboratory import Bench as Bench, Laboratory as Laboratory, PhaseReference as PhaseReference
from .modes import (
    Link as Link,
    Mode as Mode,
    ModeId as ModeId,
    NetworkParts as NetworkParts,
    Scalar as Scalar,
    Sensing as Sensing,
)
from .nearest import (
    NearestRational as NearestRational,
    least_rational as least_rational,
    nearest_rational as nearest_rational,
)
from .pictures import Drawing as Drawing
from .sensor_network import SensorNetwork as SensorNetwork
