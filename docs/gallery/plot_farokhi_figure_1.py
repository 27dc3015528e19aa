r"""
Farokhi's Fig. 1, and what it looks like for three qubits
=========================================================

Left, the published figure: for two qubits, :math:`w = (1, 1)` and :math:`v = (1, -1)`, states
:math:`\cos\phi\,|\Phi^+\rangle + \sin\phi\,|\Psi^+\rangle` run along :math:`F(w) + F(v) = 2`. Its caption says that
for :math:`N > 2` the frontier becomes :math:`F(w) + F(v) = N`. Right, that line and 3,000 random states of three
qubits for :math:`w = (1, -1, 0)`, :math:`v = (1, 1, -2)`: all stay within a polygon whose sum is at most 8/3, since
no vector of signs lies in the plane of :math:`w` and :math:`v`.
"""

import matplotlib.pyplot as plt
import numpy as np

from photonics import bell_family, qubit_qfi_matrix
from protocols import duality

two, three = duality([1, 1], [1, -1]), duality([1, -1, 0], [1, 1, -2])


def informations(state, result):
    """F(w) and F(v) of a state, by its Fisher matrix."""
    return [float(u @ qubit_qfi_matrix(state) @ u) for u in np.array(result.directions.units())]


figure, panels = plt.subplots(1, 2, figsize=(9.5, 4.6), layout="constrained")
rng = np.random.default_rng(0)
bell = np.array([informations(bell_family(phi), two) for phi in np.linspace(0, np.pi / 2, 9)])
# Weights of few strings are what corners are made of.
weights = rng.dirichlet(np.full(8, 0.15), size=3000)
cloud = np.array([informations(np.sqrt(p), three) for p in weights])
panels[0].scatter(*bell.T, color="#009e73", zorder=3, label="superpositions of two Bell states")
panels[1].scatter(*cloud.T, color="#009e73", s=3, label="random states")
for axes, result in zip(panels, (two, three), strict=True):
    axes.plot(*np.array([(0, 0), *result.region, (0, 0)], dtype=float).T, color="#0072b2", label="all states, exact")
    n = float(result.published_cap)
    axes.plot([0, n], [n, 0], "--", color="#8c510a", label=f"published: F(w) + F(v) = {n:g}")
    axes.set(xlabel="F(w)", ylabel="F(v)", title=f"N = {n:g}", aspect="equal")
    axes.legend(fontsize=8)

assert np.allclose(bell.sum(axis=1), 2)
assert cloud.sum(axis=1).max() <= 8 / 3 + 1e-9 < 3
assert float(three.qubit_cap) == 8 / 3
