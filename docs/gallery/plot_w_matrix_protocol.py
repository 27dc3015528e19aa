r"""
A photon protocol as a matrix
=============================

Three passes of five photons for :math:`\alpha = (3, 2, -1)`: each column is the string of one pass, photons of the
first branch positive (red) and of the second negative (blue), so that the columns sum to
:math:`NM\alpha/\Vert\alpha\Vert_{\mathcal P} = (9, 6, -3)`. This is the protocol that occupies the fewest modes in a
pass.
"""

from protocols import best_protocols

best = best_protocols([3, 2, -1], photons=5, passes=3, objective="modes")
drawing = best.plot()

protocol = best.choices[0].protocol
sums = [sum(r * column[j] for column, r in zip(protocol.columns, protocol.repeats, strict=True)) for j in range(3)]
assert sums == [9, 6, -3]
assert max(protocol.modes_per_pass) == 3
