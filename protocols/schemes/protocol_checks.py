"""Is it really an optimal protocol? Every condition of the papers, one by one, with a verdict and a witness.

Nothing here comes from the search that gave a protocol: the conditions are recomputed from its columns in exact integers,
and again from the states that the native engine goes through.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from protocols.conditions import CheckReport, Condition
from protocols.problem import divisibility, is_whole, require_simulable
from protocols.schemes.pair_checks import check_pairs, pair_protocol_from
from protocols.schemes.weight_conditions import (
    bound_condition,
    fisher_condition,
    mse_of_weights,
    not_simulated,
    simulated_conditions,
    target_condition,
    vector,
)
from protocols.theory.entanglement import phase_modes_bound, published_phase_modes_bound
from protocols.theory.phase import phase_bound
from protocols.theory.photon_pairs import PairProtocol
from protocols.wmatrix.columns import WMatrix
from protocols.wmatrix.protocol import PhotonProtocol


def check_protocol(protocol: PhotonProtocol | PairProtocol | Mapping[str, Any]) -> CheckReport:
    """Check a photon protocol against every condition: (27), (33), (34), (32), Lemma 1, Lemma 5, (24), (12), section V.

    Parameters
    ----------
    protocol : PhotonProtocol, PairProtocol or mapping
        A mapping has alpha, photons, passes, columns (of the oriented function) and repeats; or, with controls at any time, pairs
        and times in place of the last two.

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
    if isinstance(protocol, PairProtocol):
        return check_pairs(protocol)
    if not isinstance(protocol, PhotonProtocol):
        if "pairs" in protocol:
            return check_pairs(pair_protocol_from(protocol))
        protocol = PhotonProtocol.from_mapping(protocol)
    require_simulable(protocol.passes, len(protocol.function) + 1)
    columns = _columns_in_w(protocol)
    repeats = _repeats(protocol)
    weights = protocol.phase_weights()
    conditions = [
        columns,
        repeats,
        _integer_target(protocol),
        target_condition("W r", weights, protocol.target()),
    ]
    bound = phase_bound(protocol.function, protocol.photons, protocol.passes)
    modes = protocol.modes_per_pass if repeats.holds else ()
    if not (columns.holds and repeats.holds):
        conditions += not_simulated(
            (
                ("branches as in Lemma 1", "(26)"),
                ("relative phase kept", "Lemma 5"),
                ("Fisher matrix", "(24)"),
                ("reaches the bound", "(12)"),
                ("modes per pass", "Sec. V"),
            )
        )
        return CheckReport(conditions=tuple(conditions), qfi_matrix=None, mse=None, bound=bound, modes_per_pass=modes)
    mse = mse_of_weights(protocol.function, weights)
    conditions += [
        *simulated_conditions(protocol),
        fisher_condition(protocol.function, protocol.photons, protocol.passes, weights, "(W r)(W r)^T"),
        bound_condition(mse, bound),
        _modes_condition(protocol),
    ]
    matrix = tuple(tuple(a * b for b in weights) for a in weights)
    return CheckReport(
        conditions=tuple(conditions),
        qfi_matrix=matrix,
        mse=mse,
        bound=bound,
        modes_per_pass=modes,
        switches=protocol.controls(),
    )


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
    why = f"N M alpha/||alpha||_P = {vector(target)}"
    if not whole:
        why = divisibility(protocol.function, protocol.photons, protocol.passes).fault()
    return Condition(name="integer target", equation="(34)", holds=whole, witness=why)


def _modes_condition(protocol: PhotonProtocol) -> Condition:
    widest = max(protocol.modes_per_pass)
    bound = phase_modes_bound(protocol.function, protocol.passes)
    published = published_phase_modes_bound(protocol.function, protocol.passes)
    witness = f"at most {widest} modes in a pass, proved bound {bound}"
    if widest < published:
        witness += f" (the published bound, {published}, does not hold here)"
    return Condition(name="modes per pass", equation="Sec. V, corrected", holds=widest >= bound, witness=witness)
