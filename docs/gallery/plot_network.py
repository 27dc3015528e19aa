r"""
A network of sensors
====================

Four phases at the ends of fibres that meet in one exchange. Circles are sensors with their coefficients in :math:`q =
\alpha\cdot\theta`, the square is the mode of the phase reference; beside nodes and links stands what is lost there.
"""

from networks import Link, Mode, SensorNetwork

alpha = {"north": 1, "east": 1, "south": -1, "west": "1/2"}
loss_db = {"north": 0.4, "east": 0.8, "south": 1.2, "west": 0.6}
sensors = [Mode(id=name, coupling="mach-zehnder", alpha=a, transmissivity=0.95) for name, a in alpha.items()]
links = [
    Link(ends=("exchange", name), transmissivity=10 ** (-loss / 10), extra={"distance_km": 2 * loss / 0.4})
    for name, loss in loss_db.items()
]
network = SensorNetwork(
    name="four phases on fibres",
    sensing="phase",
    photons=4,
    modes=(*sensors, Mode(id="exchange", role="reference")),
    links=links,
    detector_efficiency=0.9,
)
drawing = network.plot()

# The positive coefficients sum to 5/2, the negative ones to -1: the reference is needed.
assert sum(mode.alpha for mode in network.sensors) == 3 / 2
