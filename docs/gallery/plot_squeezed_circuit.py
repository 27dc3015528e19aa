"""
A circuit of squeezed light
===========================

One squeezer and three beam splitters make the light that senses the average of four displacements: a line for each
mode, time from left to right, numbers below beam splitters are their transmissivities. Dots are the modes that meet;
a line between them crosses others without touching.
"""

from networks import SensorNetwork
from protocols import design

network = SensorNetwork.star(
    ["1/4"] * 4, sensing="displacement", mean_photons=1.0, transmissivity=0.9, name="average of four fields"
)
result = design(network, schemes=["entangled-squeezed"])
circuit = result.chosen.plan.parts[0].circuit
drawing = circuit.plot()

assert len(circuit.modes) == 4
names = [type(operation).__name__ for operation in circuit.operations]
assert names.count("Squeeze") == 1
