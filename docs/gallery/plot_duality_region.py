r"""
The duality of two functions
============================

All pairs of Fisher information about two orthogonal functions that states of two qubits reach, and those that three
photons in two modes and a reference reach. For unequal weights the qubits reach the published line :math:`F(w) + F(v)
= 2` between 1/5 and 9/5 only, and not all that lies below it: no state of two qubits knows :math:`\theta_1 +
2\theta_2` and nothing of :math:`2\theta_1 - \theta_2`. Three photons can: 5 at most.
"""

from fractions import Fraction

from protocols import duality

result = duality([1, 2], [2, -1], photons=3)
drawing = result.plot()

assert result.region == ((Fraction(1, 5), Fraction(9, 5)), (Fraction(9, 5), Fraction(1, 5)))
assert result.to_dict()["private_cap"] == "0"
assert result.photonic_region[-1] == (5, 0)
