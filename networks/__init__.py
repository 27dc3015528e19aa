"""What is sensed, and which function of it: networks of modes, linear functions, and their files.

Nothing of light is in here, and nothing heavy is imported: networkx and matplotlib load only when asked for.
"""

from networks.errors import InputError
from networks.exact import parse_exact, parse_exact_vector
from networks.files.graphs import from_graph, to_graph
from networks.files.load import load_network, save_network
from networks.function import LinearFunction, Orientation
from networks.modes import Link, Mode
from networks.sensor_network import SensorNetwork

__all__ = [
    "InputError",
    "LinearFunction",
    "Link",
    "Mode",
    "Orientation",
    "SensorNetwork",
    "from_graph",
    "load_network",
    "parse_exact",
    "parse_exact_vector",
    "save_network",
    "to_graph",
]
