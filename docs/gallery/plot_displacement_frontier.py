r"""
Squeezed light never keeps all of a secret
==========================================

For displacements the frontier is curved: at a finite photon number light that senses :math:`q` reacts to the
displacements across :math:`q` as well, though little. The star is one squeezed vacuum shared by three sensors,
:math:`\bar n = 2`.
"""

from networks import SensorNetwork
from protocols import privacy_report

network = SensorNetwork.star(["1/3"] * 3, sensing="displacement", mean_photons=2.0, name="average of three fields")
report = privacy_report(network, scheme="entangled-squeezed")
drawing = report.plot()

along, across = drawing.axes.collections[-1].get_offsets()[0]
# (sqrt(n) + sqrt(n + 1))^2 along q; across it a vacuum, whose information is 1.
assert abs(along - (2**0.5 + 3**0.5) ** 2) < 1e-9
assert abs(across - 1) < 1e-9
assert 0.8 < report.privacy < 0.9
