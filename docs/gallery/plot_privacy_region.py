r"""
What can be known of q, and of one phase across it
==================================================

Light that knows most of :math:`q = \theta_1 + 2\theta_2` (right) knows something of the part of :math:`\theta_1`
across :math:`q` as well. The star is this network: a N00N state weighted by the coefficients, which knows nothing but
:math:`q`, on the lower edge; three photons in mode 2 alone would know more of :math:`q` and give :math:`\theta_2`
away.
"""

from networks import SensorNetwork
from protocols import privacy_report

network = SensorNetwork.star([1, 2], sensing="phase", photons=3, name="a weighted sum of two phases")
report = privacy_report(network, scheme="noon")
drawing = report.plot()

assert abs(report.privacy - 1) < 1e-12
# Three photons in mode 2: Fisher information 9 of its phase, 36/5 of it along q.
assert abs(max(drawing.axes.lines[0].get_xdata()) - 36 / 5) < 1e-9
along, across = drawing.axes.collections[-1].get_offsets()[0]
assert abs(along - 5) < 1e-9
assert abs(across) < 1e-9
