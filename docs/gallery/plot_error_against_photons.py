r"""
Error against the number of photons
===================================

The error of :math:`q = \theta_1 + \theta_2 - \theta_3` where every mode loses a tenth of its light. Without loss the
bound falls as :math:`1/N^2`. With it, superposed strings of more than some twenty photons are lost too often to be
worth making, so that their curves end flat; coherent light falls as :math:`1/N` all the way, and overtakes the last
of them at :math:`N = 85`. A bound that the losses set lies below all of these.
"""

from networks import SensorNetwork
from protocols import error_curves

network = SensorNetwork.star([1, 1, -1], sensing="phase", photons=8, transmissivity=0.9, name="three lossy phases")
schemes = ["noon", "multimode-noon", "coherent"]
curves = error_curves(network, "photons", start=1, stop=128, points=9, schemes=schemes)
drawing = curves.plot()

errors = {name: curve.errors for curve in curves.curves for name in curve.names}
bound = next(curve.errors for curve in curves.curves if "losses of modes" in curve.label)
assert all(error > least for error, least in zip(errors["multimode-noon"], bound, strict=True))
last = errors["noon"][-1]
assert last == errors["noon"][-2]
# Coherent light: ||alpha||_P^2/N without loss, here 4.33/N.
assert 84 < errors["coherent"][0] / last < 85
assert errors["coherent"][-1] < last
