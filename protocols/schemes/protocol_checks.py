"""Is it really an optimal protocol? Every condition of the papers, one by one, with a verdict and a witness.

Nothing here comes from the search that gave a protocol: the conditions are recomputed from its columns in exact integers,
and again from the states that the native engine goes through.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from networks import SensorNetwork
from protocols.conditions import AGREE, CheckReport, Condition
from protocols.problem import PhaseProblem, divisibility, is_whole, require_simulable
from protocols.theory.entanglement import phase_modes_bound, published_phase_modes_bound
from protocols.theory.phase import phase_bound
from protocols.wmatrix.columns import WMatrix
from protocols.wmatrix.protocol import PhotonProtocol


def check_protocol(protocol: PhotonProtocol | Mapping[str, Any]) -> CheckReport:
    """Check a photon protocol against every condition: (27), (33), (34), (32), Lemma 1, Lemma 5, (24), (12), section V.

    Parameters
    ----------
    protocol : PhotonProtocol or mapping
        A mapping has alpha, photons, passes, columns (of the oriented function) and repeats.

    Raises
    ------
    InputError
        When a mapping is misshapen or has too many passes; a protocol that is merely wrong gives a report that is not
        valid.

    Examples
    --------
    >>> report = check_protocol({"alpha": [1, 1], "photons": 2, "passes": 1, "columns": [[1, 1]], "repeats": [1]})
    >>> report.valid, report.mse, report.modes_per_pass
    (True, Fraction(1, 1), (3,))
    """
    if not isinstance(protocol, PhotonProtocol):
        protocol = PhotonProtocol.from_mapping(protocol)
    require_simulable(protocol.passes, len(protocol.function) + 1)
    columns = _columns_in_w(protocol)
    repeats = _repeats(protocol)
    conditions = [columns, repeats, _integer_target(protocol), _meets_target(protocol)]
    bound = phase_bound(protocol.function, protocol.photons, protocol.passes)
    modes = protocol.modes_per_pass if repeats.holds else ()
    if not (columns.holds and repeats.holds):
        reason = "not simulated: there is no such state, see the conditions above"
        names = [
            ("branches as in Lemma 1", "(26)"),
            ("relative phase kept", "Lemma 5"),
            ("Fisher matrix", "(24)"),
            ("reaches the bound", "(12)"),
            ("modes per pass", "Sec. V"),
        ]
        conditions += [Condition(name=n, equation=e, holds=False, witness=reason) for n, e in names]
        return CheckReport(conditions=tuple(conditions), qfi_matrix=None, mse=None, bound=bound, modes_per_pass=modes)
    weights = protocol.phase_weights()
    mse = _mse(protocol, weights)
    conditions += [
        *_simulated(protocol, weights),
        _fisher_condition(protocol, weights),
        Condition(
            name="reaches the bound",
            equation="(12)",
            holds=mse == bound,
            witness=f"MSE {float(mse):.10g}, bound {float(bound):.10g}",
        ),
        _modes_condition(protocol),
    ]
    matrix = tuple(tuple(a * b for b in weights) for a in weights)
    return CheckReport(conditions=tuple(conditions), qfi_matrix=matrix, mse=mse, bound=bound, modes_per_pass=modes)


# --- exact conditions ---------------------------------------------------------------------------------------


def _columns_in_w(protocol: PhotonProtocol) -> Condition:
    w = WMatrix(protocol.function, protocol.photons)
    faults = [
        f"column {n} {column}: {fault}" for n, column in enumerate(protocol.columns, 1) for fault in w.faults_of(column)
    ]
    if faults and protocol.flipped:
        faults.append("columns are of the oriented function -q, because ||alpha||_P < ||alpha||_Nn")
    first = "; ".join(faults[:3]) + (f"; {faults[-1]}" if len(faults) > 3 else "")
    return Condition(
        name="columns belong to W",
        equation="(27)",
        holds=not faults,
        witness=first or f"every column holds N = {protocol.photons} photons in each branch",
    )


def _repeats(protocol: PhotonProtocol) -> Condition:
    total = sum(protocol.repeats)
    negative = [r for r in protocol.repeats if r < 0]
    return Condition(
        name="repeats fill the passes",
        equation="(33)",
        holds=not negative and total == protocol.passes,
        witness=f"sum of r = {total}, M = {protocol.passes}" + (f"; negative: {negative[0]}" if negative else ""),
    )


def _integer_target(protocol: PhotonProtocol) -> Condition:
    target = protocol.target()
    whole = all(map(is_whole, target))
    why = f"N M alpha/||alpha||_P = {_vector(target)}"
    if not whole:
        why = divisibility(protocol.function, protocol.photons, protocol.passes).fault()
    return Condition(name="integer target", equation="(34)", holds=whole, witness=why)


def _meets_target(protocol: PhotonProtocol) -> Condition:
    weights, target = protocol.phase_weights(), protocol.target()
    wrong = [j for j, (w, b) in enumerate(zip(weights, target, strict=True)) if w != b]
    witness = f"W r = {_vector(weights)}"
    if wrong:
        witness = f"W r differs at sensor {wrong[0] + 1}: {weights[wrong[0]]} instead of {target[wrong[0]]} ({len(wrong)} in all)"
    return Condition(name="W r meets the target", equation="(32)", holds=not wrong, witness=witness)


def _mse(protocol: PhotonProtocol, weights: tuple[int, ...]) -> Fraction | float:
    """a^T F^+ a for F = w w^T: (alpha_j/w_j)^2 when alpha is a multiple of w, infinite otherwise."""
    ratios = {a / w if w else None for a, w in zip(protocol.function.alpha, weights, strict=True) if a or w}
    if len(ratios) > 1 or None in ratios:
        return math.inf
    ratio = next(iter(ratios))
    assert ratio is not None
    return ratio**2


def _fisher_condition(protocol: PhotonProtocol, weights: tuple[int, ...]) -> Condition:
    """sum over i in P of F_ij = N^2 t^2 alpha_j/||alpha||_P, with F = (W r)(W r)^T in integers, (92)."""
    row = sum(weights[i] for i in protocol.function.positive)
    scale = Fraction((protocol.photons * protocol.passes) ** 2) / protocol.function.norm_positive
    wrong = [j for j, a in enumerate(protocol.function.alpha) if row * weights[j] != scale * a]
    witness = f"holds at all {len(weights)} sensors, F = (W r)(W r)^T"
    if wrong:
        j = wrong[0]
        witness = f"sensor {j + 1}: {row * weights[j]} instead of {scale * protocol.function.alpha[j]}"
    return Condition(name="Fisher matrix", equation="(24)", holds=not wrong, witness=witness)


def _modes_condition(protocol: PhotonProtocol) -> Condition:
    widest = max(protocol.modes_per_pass)
    bound = phase_modes_bound(protocol.function, protocol.passes)
    published = published_phase_modes_bound(protocol.function, protocol.passes)
    witness = f"at most {widest} modes in a pass, proved bound {bound}"
    if widest < published:
        witness += f" (the published bound, {published}, does not hold here)"
    return Condition(name="modes per pass", equation="Sec. V, corrected", holds=widest >= bound, witness=witness)


# --- conditions on the states -------------------------------------------------------------------------------


def _simulated(protocol: PhotonProtocol, weights: tuple[int, ...]) -> list[Condition]:
    """Lemma 1, Lemma 5 and the Fisher matrix on the states that the native engine goes through."""
    import numpy as np

    from photonics.engines import native_fock
    from protocols.schemes.photon import photon_circuit

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


def _vector(values: tuple[Fraction, ...] | tuple[int, ...]) -> str:
    return "(" + ", ".join(str(v) for v in values[:8]) + (", ..." if len(values) > 8 else "") + ")"
