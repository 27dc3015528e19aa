r"""
Table 1 of Bringewatt et al., drawn
===================================

The least mean squared error of the average of :math:`d` parameters in one shot, for the three kinds of sensing of the
paper: qubits, phases under :math:`N = 12` photons, displacements under :math:`\bar n = 2` photons on average. Dashed
is what Table 1 says, solid what holds at these resources. For displacements the table keeps the leading order in
:math:`\bar n` alone, and lies above what is reached. Of phases it leaves out sites that take turns over the shots
(dots), which reach the bound of entangled probes without any entanglement between sites.
"""

import matplotlib.pyplot as plt
import numpy as np

from protocols import bounds_table

photons, mean_photons, sizes = 12, 2.0, np.arange(1, 13)
tables = [bounds_table([f"1/{d}"] * d, photons=photons, mean_photons=mean_photons) for d in sizes]
# What Table 1 says of d coefficients 1/d, M = 1: squares of norms over resources.
printed = {
    ("qubit", "separable"): 1 / sizes,
    ("qubit", "entangled"): 1 / sizes**2,
    ("phase", "separable"): sizes / photons**2,
    ("phase", "entangled"): 1 / photons**2 + 0 * sizes,
    ("displacement", "separable"): 1 / (4 * mean_photons) + 0 * sizes,
    ("displacement", "entangled"): 1 / (4 * mean_photons * sizes),
}


def exact(sensing, probes):
    """The bound at these resources, for each number of parameters."""
    return np.array([r.mse for t in tables for r in t.rows if (r.sensing, r.probes) == (sensing, probes)])


figure, panels = plt.subplots(1, 3, figsize=(9.5, 3.4), layout="constrained")
axes_of = dict(zip(("qubit", "phase", "displacement"), panels, strict=True))
for (sensing, probes), errors in printed.items():
    colour = {"separable": "#d55e00", "entangled": "#0072b2"}[probes]
    axes_of[sensing].plot(sizes, exact(sensing, probes), color=colour, label=probes)
    axes_of[sensing].plot(sizes, errors, "--", color=colour, label="as in Table 1")
axes_of["phase"].plot(sizes, exact("phase", "separable-in-turn"), "o", color="#009e73", label="sites in turn")
for sensing, axes in axes_of.items():
    axes.set(yscale="log", title=sensing, xlabel="parameters d", xticks=sizes[1::2])
    axes.grid(color="#e5e5e5")
panels[0].set_ylabel("least mean squared error of the average\n(rad², rad², vacuum variances)")
panels[1].legend(fontsize=8)

for sensing in ("qubit", "phase"):
    assert np.allclose(exact(sensing, "separable"), printed[sensing, "separable"])
    assert np.allclose(exact(sensing, "entangled"), printed[sensing, "entangled"])
assert np.allclose(exact("phase", "separable-in-turn"), exact("phase", "entangled"))
assert all(exact("displacement", "entangled") < printed["displacement", "entangled"])
