r"""
Light along the links
=====================

One squeezed vacuum is prepared at a node, and beam splitters along the links share it out: :math:`R` is the share
that goes over the link. The light starts in the middle, from where no sensor is farther than two lossy links. Colours
are layers: what is in one layer can happen at the same time.
"""

from networks import Link, SensorNetwork
from protocols import design

plain = SensorNetwork.chain([1, 1, 2, 1, 1], sensing="displacement", mean_photons=3.0, name="five fields on a line")
network = plain.replace(links=tuple(Link(ends=link.ends, transmissivity=0.97) for link in plain.links))
result = design(network)
drawing = result.plot("layout")

assert result.chosen.plan.scheme == "entangled-squeezed"
assert result.physical.roots == ("s3",)
assert len(result.physical.steps) == 4
