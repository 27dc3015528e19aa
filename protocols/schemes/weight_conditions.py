"""Conditions on a state of two branches with the relative phase w . theta: exact ones on w, and those on simulated states.

What checks of columns of W and of pairs have in common.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from fractions import Fraction

from networks import LinearFunction, SensorNetwork
from protocols.conditions import AGREE, Condition
from protocols.problem import PhaseProblem
from protocols.wmatrix.protocol import PhotonProtocol

# --- exact conditions ---------------------------------------------------------------------------------------


def mse_of_weights(function: LinearFunction, weights: Sequence[Fraction | int]) -> Fraction | float:
    """a^T F^+ a for F = w w^T: (alpha_j/w_j)^2 when alpha is a multiple of w, infinite otherwise.

    Parameters
    ----------
    function : LinearFunction
        d coefficients.
    weights : (d,) ints or Fractions

    Examples
    --------
    >>> mse_of_weights(LinearFunction([1, 2]), (2, 4)), mse_of_weights(LinearFunction([1, 2]), (2, 3))
    (Fraction(1, 4), inf)
    """
    ratios = {a / w if w else None for a, w in zip(function.alpha, weights, strict=True) if a or w}
    if len(ratios) > 1 or None in ratios:
        return math.inf
    ratio = next(iter(ratios))
    assert ratio is not None
    return ratio**2


def target_condition(what: str, weights: Sequence[Fraction | int], target: Sequence[Fraction]) -> Condition:
    """w = N M alpha/||alpha||_P, (32).

    Parameters
    ----------
    what : str
        The weights as the witness calls them.
    weights, target : (d,) ints or Fractions
    """
    wrong = [j for j, (w, b) in enumerate(zip(weights, target, strict=True)) if w != b]
    witness = f"{what} = {vector(weights)}"
    if wrong:
        j = wrong[0]
        witness = f"{what} differs at sensor {j + 1}: {weights[j]} instead of {target[j]} ({len(wrong)} in all)"
    return Condition(name=f"{what} meets the target", equation="(32)", holds=not wrong, witness=witness)


def bound_condition(mse: Fraction | float, bound: Fraction) -> Condition:
    """The error is the bound (12).

    Parameters
    ----------
    mse : Fraction or float
    bound : Fraction
    """
    return Condition(
        name="reaches the bound",
        equation="(12)",
        holds=mse == bound,
        witness=f"MSE {float(mse):.10g}, bound {float(bound):.10g}",
    )


def not_simulated(names: Sequence[tuple[str, str]]) -> list[Condition]:
    """Conditions that cannot be looked at, because there is no such state.

    Parameters
    ----------
    names : sequence of (str, str)
        Their names and equations.
    """
    reason = "not simulated: there is no such state, see the conditions above"
    return [Condition(name=name, equation=equation, holds=False, witness=reason) for name, equation in names]


def fisher_condition(
    function: LinearFunction, photons: int, passes: int, weights: Sequence[Fraction | int], matrix: str
) -> Condition:
    """sum over i in P of F_ij = N^2 t^2 alpha_j/||alpha||_P, with F = w w^T, (92), exactly.

    Parameters
    ----------
    function : LinearFunction
        Oriented, d coefficients.
    photons, passes : int >= 1
        N and M.
    weights : (d,) ints or Fractions
    matrix : str
        How the witness writes F.
    """
    row = sum(weights[i] for i in function.positive)
    scale = Fraction((photons * passes) ** 2) / function.norm_positive
    wrong = [j for j, a in enumerate(function.alpha) if row * weights[j] != scale * a]
    witness = f"holds at all {len(weights)} sensors, F = {matrix}"
    if wrong:
        j = wrong[0]
        witness = f"sensor {j + 1}: {row * weights[j]} instead of {scale * function.alpha[j]}"
    return Condition(name="Fisher matrix", equation="(24)", holds=not wrong, witness=witness)


# --- conditions on the states -------------------------------------------------------------------------------


def simulated_conditions(protocol: PhotonProtocol) -> list[Condition]:
    """Lemma 1, Lemma 5 and the Fisher matrix on the states that the native engine goes through.

    Parameters
    ----------
    protocol : PhotonProtocol
        Whose columns belong to W and whose repeats fill its passes.
    """
    import numpy as np

    from photonics.engines import native_fock
    from protocols.schemes.photon import photon_circuit

    weights = protocol.phase_weights()
    circuit = photon_circuit(_bare_problem(protocol), protocol.pass_columns())
    positive = list(protocol.function.positive)
    fault = None
    for number, block in enumerate(native_fock.blocks_before_passes(circuit, [0.0] * len(weights)), 1):
        inside = block.occupations[:, positive].sum(axis=1)
        whole = block.occupations.sum(axis=1)
        balanced = bool((abs(np.abs(block.amplitudes) ** 2 - 0.5) < 1e-12).all())
        if not (
            len(inside) == 2
            and {*inside.tolist()} == {0, protocol.photons}
            and {*whole.tolist()} == {protocol.photons}
            and balanced
        ):
            fault = f"pass {number}: photons in positive modes {inside.tolist()}, in all {whole.tolist()}"
            break
    lemma_1 = Condition(
        name="branches as in Lemma 1",
        equation="(26)",
        holds=fault is None,
        witness=fault or "in every pass: N photons in positive modes in one branch, none in the other",
    )
    # Angles in no special relation, small enough that a single misplaced photon shows and the phase stays near a turn.
    theta = [((j + 1) * math.sqrt(2) % 1.0 + 0.1) / (protocol.photons * protocol.passes) for j in range(len(weights))]
    block = native_fock.run_pure(circuit, theta)
    first = int(np.argmax(block.occupations[:, positive].sum(axis=1)))
    turned = cmath.phase(block.amplitudes[1 - first] / block.amplitudes[first])
    expected = math.fsum(w * t for w, t in zip(weights, theta, strict=True))
    off = abs(cmath.phase(cmath.exp(1j * (turned - expected))))
    lemma_5 = Condition(
        name="relative phase kept",
        equation="Lemma 5, (31)",
        holds=off < AGREE,
        witness=f"after all passes and controls the phase is (W r) . theta to {off:.1e} rad",
    )
    exact = np.outer(np.array(weights, dtype=float), np.array(weights, dtype=float))
    scale = max(1.0, float(np.abs(exact).max()))
    apart = float(np.abs(native_fock.qfi(circuit, theta) - exact).max()) / scale
    fisher = Condition(
        name="simulated Fisher matrix",
        equation="(74)-(76), (92)",
        holds=apart < AGREE,
        witness=f"native engine and (W r)(W r)^T differ by {apart:.1e} of the largest entry",
    )
    return [lemma_1, lemma_5, fisher]


def _bare_problem(protocol: PhotonProtocol) -> PhaseProblem:
    """A lossless star with a reference: enough network to run the protocol on."""
    network = SensorNetwork.star(protocol.function, sensing="phase", photons=protocol.photons, passes=protocol.passes)
    return PhaseProblem(network=network)


def vector(values: Sequence[Fraction | int]) -> str:
    """The first eight of some numbers, in brackets.

    Parameters
    ----------
    values : sequence of int or Fraction
    """
    return "(" + ", ".join(str(v) for v in values[:8]) + (", ..." if len(values) > 8 else "") + ")"
