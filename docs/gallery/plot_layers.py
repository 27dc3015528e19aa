"""
A layout as a circuit
=====================

The same light in the order of time: a line for each node, an arrow for each beam splitter, sensing at the end. Links
that do not meet are used at the same time, so that the four beam splitters take three layers.
"""

from networks import Link, SensorNetwork
from protocols import design

plain = SensorNetwork.chain([1, 1, 2, 1, 1], sensing="displacement", mean_photons=3.0, name="five fields on a line")
network = plain.replace(links=tuple(Link(ends=link.ends, transmissivity=0.97) for link in plain.links))
result = design(network)
drawing = result.plot("layers")

assert len(result.physical.steps) == 4
assert len({step.layer for step in result.physical.steps}) == 3
