"""
A simulated experiment reaches its bound
========================================

The mean squared error of :math:`q` over 400 simulated experiments, against the shots of each. Maximum likelihood from
N00N states of three photons comes down to the quantum Cramér-Rao bound once there are shots enough to tell the
fringes apart; coherent light of the same number of photons runs along its own line above.
"""

import matplotlib.pyplot as plt

from networks import SensorNetwork
from protocols import simulate

network = SensorNetwork.star([1, 1, 1], sensing="phase", photons=3, name="sum of three phases")
shots = [10, 30, 100, 300, 1000]
figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
for scheme, colour in (("noon", "#0072b2"), ("coherent", "#555555")):
    runs = [
        simulate(network, scheme=scheme, estimator="maximum-likelihood", shots=n, trials=400, seed=7).first
        for n in shots
    ]
    spread = [2 * run.tally.mse_stderr for run in runs]
    axes.errorbar(shots, [run.mse for run in runs], yerr=spread, fmt="o", color=colour, label=f"{scheme}, simulated")
    axes.plot(shots, [run.probe_bound for run in runs], color=colour, label=f"{scheme}, quantum Cramér-Rao bound")
    last = runs[-1]
    assert abs(last.mse - last.probe_bound) < 5 * last.tally.mse_stderr
axes.set(xscale="log", yscale="log", xlabel="shots of an experiment", ylabel="mean squared error of q (rad²)")
axes.grid(color="#e5e5e5")
axes.legend(fontsize=8)
