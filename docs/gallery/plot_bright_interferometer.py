r"""
A bright interferometer with squeezed light
===========================================

A Mach-Zehnder interferometer under :math:`10^6` photons that loses a tenth of its light. Squeezed vacuum in its dark
port takes the error from the shot noise :math:`1/(\eta\bar n)` towards :math:`(1 - \eta)/(\eta\bar n)`, which is left
of the vacuum that comes in where light is lost: more than 10 dB gains little here.
"""

from networks import Mode, SensorNetwork
from protocols import error_curves

eta, photons = 0.9, 1e6
sensor = Mode(id="interferometer", coupling="mach-zehnder", alpha=1, arms=2, transmissivity=eta)
network = SensorNetwork(
    name="one interferometer", sensing="phase", mean_photons=photons, squeezing_db=6.0, modes=(sensor,)
)
schemes = ["bright-local-squeezing", "coherent"]
curves = error_curves(network, "squeezing_db", start=0, stop=15, points=16, schemes=schemes)
drawing = curves.plot()
drawing.axes.axhline((1 - eta) / eta / photons, color="black", linewidth=0.8)
drawing.axes.annotate("(1 - η)/(ηn)", (0, (1 - eta) / eta / photons), (0, 4), textcoords="offset points", fontsize=8)

errors = {name: curve.errors for curve in curves.curves for name in curve.names}
for decibels, error in zip(curves.values, errors["bright-local-squeezing"], strict=True):
    closed_form = ((1 - eta) / eta + 10 ** (-decibels / 10)) / photons
    assert abs(error / closed_form - 1) < 1e-3
