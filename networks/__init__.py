"""What is sensed, and which function of it: networks of modes, linear functions, and their files.

Nothing of light is in here, and nothing heavy is imported: networkx and matplotlib load only when asked for.
"""

from networks.drawing import draw_network
from networks.errors import InputError
from networks.exact import parse_exact, parse_exact_vector
from networks.files.graphs import from_graph, to_graph
from networks.files.load import load_network, save_network
from networks.files.tables import network_from_tables
from networks.function import LinearFunction, Orientation
from networks.modes import Link, Mode, ModeId, NetworkParts, Scalar, Sensing
from networks.sensor_network import SensorNetwork

__all__ = [
    "InputError",
    "LinearFunction",
    "Link",
    "Mode",
    "ModeId",
    "NetworkParts",
    "Orientation",
    "Scalar",
    "Sensing",
    "SensorNetwork",
    "draw_network",
    "from_graph",
    "load_network",
    "network_from_tables",
    "parse_exact",
    "parse_exact_vector",
    "save_network",
    "to_graph",
]
