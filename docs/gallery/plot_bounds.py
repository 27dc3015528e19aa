r"""
Bounds of all kinds of probes
=============================

No probe of exactly :math:`N` photons estimates :math:`q = \alpha\cdot\theta` with a smaller mean squared error than
:math:`\max(\Vert\alpha\Vert_{\mathcal P}, \Vert\alpha\Vert_{\mathcal N})^2/(NMt)^2`. Product probes do worse, one
shot as good as the other; sites that take turns over the shots are no product probe of one shot, and do better than
those. Coherent and Gaussian light have a mean photon number only, so that their rows are no violation of the row of
exactly :math:`N`. The bar is (16) as printed, with a prime too many.
"""

from protocols import bounds_table

table = bounds_table([3, -1, "1/2"], photons=6, mean_photons=6)
drawing = table.plot()

mse = {row.probes: row.mse for row in table.rows if row.sensing == "phase"}
assert abs(mse["entangled"] - 3.5**2 / 6**2) < 1e-12
assert abs(mse["separable-in-turn"] - 4.5**2 / 6**2) < 1e-12
assert mse["separable"] > mse["separable-in-turn"]
