r"""
How much entanglement is worth it?
==================================

The least error of four displacements when at most :math:`k` modes may be entangled in a pass. To leading order it is
the square of the :math:`k`-support norm of :math:`\alpha`: from :math:`\Vert\alpha\Vert_1^2` without entanglement
down to :math:`\Vert\alpha\Vert_2^2`. Groups that take turns over the shots do better than one probe of disjoint
groups.
"""

from protocols import bounds_table

table = bounds_table([3, -1, "1/2", 2])
drawing = table.plot("tradeoff")

in_turn = [float(row.norm_squared) for row in table.tradeoff]
assert in_turn[0] == 6.5**2
assert in_turn[-1] == 9 + 1 + 0.25 + 4
assert in_turn == sorted(in_turn, reverse=True)
