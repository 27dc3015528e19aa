"""
Are the error bars right?
=========================

Every estimate comes with an interval that is to hold the true value in 95 % of experiments. Each dot is the share of
400 simulated experiments in which it did, with two standard errors.
"""

from networks import SensorNetwork
from protocols import simulate

network = SensorNetwork.star([1, 1, -1], sensing="displacement", mean_photons=2.0, name="three fields")
result = simulate(network, shots=50, trials=400, seed=1)
drawing = result.plot("coverage")

for one in result.results:
    assert abs(one.tally.coverage - 0.95) < 4 * one.tally.coverage_stderr
