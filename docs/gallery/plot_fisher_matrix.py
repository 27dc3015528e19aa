r"""
The Fisher matrix of an optimal probe
=====================================

A N00N state weighted by the coefficients, :math:`N = 12` photons for :math:`\alpha = (3, 2, 1, -4)`, has a Fisher
matrix of rank one along :math:`\alpha`: all that it knows is :math:`q`. Its error meets the bound
:math:`\Vert\alpha\Vert_{\mathcal P}^2/N^2 = 1/4`.
"""

import numpy as np

from networks import SensorNetwork
from protocols import privacy_report

alpha = [3, 2, 1, -4]
network = SensorNetwork.star(alpha, sensing="phase", photons=12, name="a weighted difference of four phases")
report = privacy_report(network, scheme="noon")
drawing = report.plot("fisher")

expected = 144 / 36 * np.outer(alpha, alpha)
assert np.allclose(report.information, expected)
assert np.isclose(alpha @ np.linalg.pinv(report.information) @ alpha, 1 / 4)
