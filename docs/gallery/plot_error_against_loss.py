"""
Error against the loss of the links, and where the order turns
==============================================================

Four displacement sensors on a line of fibres. One squeezer whose light is shared over the links does better than a
squeezer at each sensor, as long as the links lose little; the design says up to how much, and the curves cross there.
"""

from networks import SensorNetwork
from protocols import design, error_curves

network = SensorNetwork.chain(
    ["1/4"] * 4, sensing="displacement", mean_photons=4.0, squeezing_db=10, name="average of four fields"
)
verdict = design(network).verdict
turning = next(point for point in verdict.turning_points if point.what == "link_loss_db").value
schemes = ["entangled-squeezed", "separable-squeezed", "coherent"]
curves = error_curves(network, "link_loss_db", start=0, stop=3, points=13, schemes=schemes)
drawing = curves.plot()
drawing.axes.axvline(turning, color="black", linewidth=0.8)
drawing.axes.annotate(
    f"{turning:.2f} dB", (turning, drawing.axes.get_ylim()[1]), (4, -10), textcoords="offset points", fontsize=8
)

assert abs(turning - 0.78) < 0.005
errors = {name: curve.errors for curve in curves.curves for name in curve.names}
for loss, shared, local in zip(curves.values, errors["entangled-squeezed"], errors["separable-squeezed"], strict=True):
    assert (shared < local) == (loss < turning)
