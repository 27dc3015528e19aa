"""A certificate that no protocol occupies fewer modes in its widest pass, and its check.

The check shares nothing with the search: it works the row sums out of alpha again, adds up the protocol, and goes through the
proof's numbers one by one, or, where the proof is an exhausted search, searches again by columns instead of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm
from typing import Any

import numpy as np

from networks import InputError
from networks.errors import short_repr
from protocols.conditions import CheckReport, Condition
from protocols.documents.printed import Entry, Inline
from protocols.documents.result import Result
from protocols.theory.phase import phase_bound
from protocols.wmatrix.integers import plain_int
from protocols.wmatrix.margins import LARGEST_TABLE_CELLS
from protocols.wmatrix.protocol import PhotonProtocol
from protocols.wmatrix.search.block_bounds import BlockBound
from protocols.wmatrix.search.least import LeastModes
from protocols.wmatrix.task import PhotonTask

LARGEST_RECHECK = 1_000_000_000
"""Rows times N that the check of weights goes through, some seconds."""
LARGEST_RESIDUES = 5_000_000
"""N up to which it goes through them, 160 MB."""
LARGEST_SPLIT = 16
"""Rows of one side that are split anew in all ways."""
LARGEST_SUBSETS = 22
"""Rows of which all subsets are gone through, 32 MB."""
LARGEST_SEARCH = 3_000_000
"""Steps that the second search takes before it gives up, some seconds."""
DEEPEST_SEARCH = 200
"""Modes and passes up to which it is begun."""
_PROOFS = ("rows", "cells", "photons", "exhausted")


def _proof(certificate: Certificate) -> dict[str, object]:
    sides = {} if certificate.blocks is None else dict(zip(("left", "right"), certificate.blocks, strict=True))
    return {"method": certificate.method, **sides}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Certificate(Result):
    """That no protocol for the same W r = N M alpha/||alpha||_P occupies fewer modes in its widest pass than this one.

    Parameters
    ----------
    protocol : PhotonProtocol
        One with ``least_modes`` in its widest pass.
    least_modes : int
        k, the reference included where it holds photons.
    max_photons_per_mode : int, optional
        The limit under which it is the least, None without one.
    method : str
        What proves it: rows (section 5 of docs/theory/theory.md), cells, photons (in a mode) or exhausted (every smaller k was
        searched to the end).
    blocks : pair of BlockBound, optional
        For cells: the most blocks of the left and of the right side, with what proves them.
    """

    PRINTS_AS_CALL = True
    DOCUMENT = (
        Inline("protocol"),
        "max_photons_per_mode",
        "least_modes",
        Entry("proof", of=_proof),
    )

    protocol: PhotonProtocol
    least_modes: int
    max_photons_per_mode: int | None
    method: str
    blocks: tuple[BlockBound, BlockBound] | None

    @classmethod
    def of(cls, task: PhotonTask, least: LeastModes) -> Certificate | None:
        """What proves that ``least`` is least; None when it is not proved, or when limits name modes.

        Examples
        --------
        >>> from protocols.wmatrix.search.least import least_modes
        >>> task = PhotonTask(function=[1, 2, 4], photons=7, passes=2)
        >>> certificate = Certificate.of(task, least_modes(task))
        >>> certificate.least_modes, certificate.method
        (3, 'rows')
        """
        if not least.decided or least.columns is None or least.modes is None or task.limits.name_modes:
            return None
        return cls(
            protocol=PhotonProtocol.from_columns(task, least.columns),
            least_modes=least.modes,
            max_photons_per_mode=task.limits.photons_per_mode,
            method=least.proof,
            blocks=least.blocks,
        )


def verify_minimum(document: Certificate | Mapping[str, Any]) -> CheckReport:
    """Check a certificate: the protocol, how many modes it occupies, and the proof that no protocol occupies fewer.

    Parameters
    ----------
    document : Certificate or mapping
        As ``best_protocols`` gives it, or its document from a file.

    Returns
    -------
    CheckReport
        A condition that the effort did not suffice to check does not hold, and its witness says "undecided".

    Raises
    ------
    InputError
        When parts are missing or misshapen.

    Examples
    --------
    >>> from protocols import best_protocols
    >>> certificate = best_protocols([1, 2, 4], photons=7, passes=2).certificate
    >>> verify_minimum(certificate).valid
    True
    >>> verify_minimum({**certificate.to_dict(), "least_modes": 2}).valid
    False
    """
    given: Mapping[str, Any] = document.to_dict() if isinstance(document, Certificate) else document
    claimed, cap, proof = (plain_int(given.get(key)) for key in ("least_modes", "max_photons_per_mode", "proof"))
    faults = []
    if not _is_count(claimed):
        faults.append(f"least_modes must be a positive integer, got {short_repr(claimed)}")
    if cap is not None and not _is_count(cap):
        faults.append(f"max_photons_per_mode must be null or a positive integer, got {short_repr(cap)}")
    if not isinstance(proof, Mapping) or proof.get("method") not in _PROOFS:
        faults.append(f"proof must be an object whose method is one of {', '.join(_PROOFS)}, got {short_repr(proof)}")
    try:
        own = ("least_modes", "max_photons_per_mode", "proof")
        protocol = PhotonProtocol.from_mapping({key: value for key, value in given.items() if key not in own})
    except InputError as error:
        faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    assert isinstance(proof, Mapping)
    assert isinstance(claimed, int)
    if protocol.passes * (len(protocol.function) + 1) > LARGEST_TABLE_CELLS:
        raise InputError([f"a certificate is checked up to {LARGEST_TABLE_CELLS} modes times passes"])
    target = protocol.target()
    sides = _sides(target, protocol.photons * protocol.passes)
    conditions = _protocol_conditions(protocol, target, claimed, cap)
    if all(condition.holds for condition in conditions):
        conditions.append(_proof_condition(proof, sides, protocol, claimed, cap))
    return CheckReport(
        conditions=tuple(conditions),
        qfi_matrix=None,
        mse=None,
        bound=phase_bound(protocol.function, protocol.photons, protocol.passes),
        modes_per_pass=protocol.modes_per_pass if conditions[1].holds else (),
        subject="certificate",
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _sides(target: tuple[Fraction, ...], total: int) -> tuple[list[Fraction], list[Fraction]]:
    """Row sums of both tables: positive modes; negative ones and what the reference gets."""
    right = [-b for b in target if b < 0]
    reference = total - sum(right, Fraction(0))
    return [b for b in target if b > 0], right + ([reference] if reference else [])


def _protocol_conditions(
    protocol: PhotonProtocol, target: tuple[Fraction, ...], claimed: int, cap: int | None
) -> list[Condition]:
    photons = protocol.photons
    in_w = [
        all(w * a > 0 or w == 0 for w, a in zip(column, protocol.function.alpha, strict=True))
        and sum(w for w in column if w > 0) == photons
        and -sum(w for w in column if w < 0) <= photons
        for column in protocol.columns
    ]
    sums = [sum(c[j] * r for c, r in zip(protocol.columns, protocol.repeats, strict=True)) for j in range(len(target))]
    repeats = min(protocol.repeats) >= 1 and sum(protocol.repeats) == protocol.passes
    widest = max(protocol.modes_of(column) for column in protocol.columns)
    fullest = max(max(*map(abs, c), photons + sum(w for w in c if w < 0)) for c in protocol.columns)
    return [
        Condition(name="columns belong to W", equation="(27)", holds=all(in_w), witness=f"{in_w.count(False)} do not"),
        Condition(
            name="repeats fill the passes",
            equation="(33)",
            holds=repeats,
            witness=f"sum of r = {sum(protocol.repeats)}",
        ),
        Condition(
            name="W r meets the target", equation="(32)", holds=sums == list(target), witness=f"W r = {sums[:8]}"
        ),
        Condition(
            name="modes of the widest pass",
            equation="Sec. V",
            holds=widest == claimed,
            witness=f"{widest} modes, claimed {claimed}",
        ),
        Condition(
            name="photons per mode",
            equation="limit",
            holds=cap is None or fullest <= cap,
            witness=f"at most {fullest}, allowed {'any number' if cap is None else cap}",
        ),
    ]


# --- the proof ----------------------------------------------------------------------------------------------


def _proof_condition(
    proof: Mapping[str, Any],
    sides: tuple[list[Fraction], list[Fraction]],
    protocol: PhotonProtocol,
    claimed: int,
    cap: int | None,
) -> Condition:
    method = proof["method"]
    photons, passes = protocol.photons, protocol.passes
    if claimed == 2:
        return _minimum(True, "every pass occupies a mode on each side")
    if method == "rows":
        occupied = sum(ceil(b / photons) for rows in sides for b in rows)
        return _minimum(-(-occupied // passes) >= claimed, f"rows occupy at least {occupied} cells in {passes} passes")
    if method == "photons":
        least = 2 * -(-photons // (cap or photons))
        return _minimum(least >= claimed, f"each side needs {least // 2} modes for {photons} photons")
    rows = tuple([int(b) for b in side] for side in sides)
    if method == "cells":
        blocks = []
        for name, side in zip(("left", "right"), rows, strict=True):
            verdict = _check_blocks(proof.get(name), side, photons)
            if isinstance(verdict, str):
                return _minimum(False, f"{name} side: {verdict}")
            blocks.append(verdict)
        cells = sum(map(len, rows)) + 2 * passes - sum(blocks)
        return _minimum(
            -(-cells // passes) >= claimed,
            f"at most {blocks[0]} and {blocks[1]} blocks, so at least {cells} occupied cells in {passes} passes",
        )
    if min(map(len, rows)) == 1 and max(map(len, rows)) <= LARGEST_SPLIT and cap is None:
        one = _splits(max(rows, key=len), photons, claimed - 2)
        return _minimum(
            not one, f"the only row of one side is in every pass; the others {'do' if one else 'do not'} split for it"
        )
    exists = _search_by_columns(rows[0], rows[1], photons, passes, claimed - 1, cap)
    if exists is None:
        return _minimum(
            False, f"undecided: the second search for {claimed - 1} modes takes more than {LARGEST_SEARCH} steps"
        )
    return _minimum(
        not exists, f"searched again by columns: {'a' if exists else 'no'} protocol with {claimed - 1} modes"
    )


def _minimum(holds: bool, witness: str) -> Condition:
    return Condition(name="no protocol occupies fewer", equation="proof", holds=holds, witness=witness)


def _check_blocks(bound: object, rows: list[int], photons: int) -> int | str:
    """The number of blocks that is proved to be the most, or what is wrong with the proof."""
    if not isinstance(bound, Mapping):
        return "the proof by cells needs a bound on the blocks"
    method, whole, blocks = bound.get("method"), bound.get("whole"), bound.get("blocks")
    if not (_is_count(blocks) and _is_count(whole)):
        return "blocks and whole must be integers"
    assert isinstance(whole, int)
    assert isinstance(blocks, int)
    if method == "columns":
        if any(b % whole for b in rows):
            return f"not all rows are multiples of {whole}"
        proved = sum(rows) // lcm(whole, photons)
    elif method == "weights":
        weights = bound.get("weights")
        if not isinstance(weights, list | tuple) or len(weights) != len(rows):
            return "there must be one weight a row"
        if not all(isinstance(w, int) and w >= 0 for w in weights):
            return "weights must be integers, none negative"
        least = _lightest(rows, list(weights), photons, whole)
        if least is None or least < whole:
            return f"a block weighs {least}, less than {whole}" if least is not None else "undecided: too many sums"
        proved = sum(weights) // whole
    elif method == "subsets":
        most = _most_by_subsets(rows, photons)
        if most is None:
            return "undecided: too many subsets"
        proved = most
    else:
        return f"unknown method {short_repr(method)}"
    return blocks if proved <= blocks else f"{proved} blocks are not excluded, {blocks} claimed"


def _lightest(rows: list[int], weights: list[int], photons: int, whole: int) -> int | None:
    """A weight that every non-empty set of rows with a sum divisible by N has at least, None when that takes too many sums.

    The least weight itself, unless one of two quick ways shows that it is at least ``whole``.
    """
    quick = _quickly_lightest(rows, weights, photons)
    if quick >= whole:
        return quick
    if len(rows) * photons <= LARGEST_RECHECK and photons <= LARGEST_RESIDUES and sum(weights) < 2**61:
        never = sum(weights) + 1
        light = np.full(photons, never, dtype=np.int64)
        for b, w in zip(rows, weights, strict=True):
            moved = np.roll(light, b % photons) + w
            moved[b % photons] = min(moved[b % photons], w)
            light = np.minimum(light, moved)
        return int(light[0])
    return None


def _quickly_lightest(rows: list[int], weights: list[int], photons: int) -> int:
    """A weight that every block has at least: by the rows' photons, or by telling blocks of one row, two and more apart."""
    if all(w >= min(b, photons) for b, w in zip(rows, weights, strict=True)):
        # Weights no less than the rows themselves: a block holds N photons or a row that holds as many.
        return photons
    by_residue: dict[int, list[int]] = {}
    for b, w in zip(rows, weights, strict=True):
        by_residue.setdefault(b % photons, []).append(w)
    lightest = 3 * min(weights)
    for residue, own in by_residue.items():
        other = by_residue.get(-residue % photons, [])
        if residue == 0:
            lightest = min(lightest, *own)
        elif other is own and len(own) > 1:
            lightest = min(lightest, sum(sorted(own)[:2]))
        elif other and other is not own:
            lightest = min(lightest, min(own) + min(other))
    return lightest


def _most_by_subsets(rows: list[int], photons: int) -> int | None:
    """The most disjoint sets of rows with sums divisible by N, over the sets that hold the first row not used yet."""
    alone = sum(1 for b in rows if b % photons == 0)
    rest = [b % photons for b in rows if b % photons]
    if len(rest) > LARGEST_SUBSETS:
        return None
    zero = np.flatnonzero(_subset_sums(rest) % photons == 0)[1:].tolist()
    by_lowest: dict[int, list[int]] = {}
    for mask in sorted(zero, key=int.bit_count):
        kept = by_lowest.setdefault(mask & -mask, [])
        # A set with a smaller one inside, both with the lowest row, is never better.
        if not any(small & ~mask == 0 for small in kept):
            kept.append(mask)
    known: dict[int, int] = {0: 0}

    def most(free: int) -> int:
        if free not in known:
            low = free & -free
            best = most(free ^ low)
            for mask in by_lowest.get(low, ()):
                if mask & ~free == 0:
                    best = max(best, 1 + most(free ^ mask))
            known[free] = best
        return known[free]

    return alone + most((1 << len(rest)) - 1)


def _subset_sums(rows: list[int]) -> np.ndarray[Any, np.dtype[Any]]:
    """The sum of every set of rows, sets as bits; Python's integers where machine words do not hold them."""
    sums = np.zeros(1, dtype=np.int64 if sum(rows) < 2**62 else object)
    for b in rows:
        sums = np.concatenate([sums, sums + b])
    return sums


def _splits(rows: list[int], photons: int, limit: int) -> bool:
    """Whether rows split into sets of s rows with sum N m and s <= m (limit - 1) + 1.

    Exactly then columns of at most ``limit`` cells can take them: the rows and columns that occupied cells link are such a set,
    for s + m - 1 cells link them and at most m times the limit are there.
    """
    sums = _subset_sums(rows)
    sets: dict[int, list[int]] = {}
    for mask in range(1, len(sums)):
        columns, left = divmod(int(sums[mask]), photons)
        if not left and mask.bit_count() <= columns * (limit - 1) + 1:
            sets.setdefault(mask & -mask, []).append(mask)
    failed: set[int] = set()

    def split(free: int) -> bool:
        if not free:
            return True
        if free in failed:
            return False
        if any(mask & ~free == 0 and split(free ^ mask) for mask in sets.get(free & -free, ())):
            return True
        failed.add(free)
        return False

    return split((1 << len(rows)) - 1)


def _search_by_columns(
    left: list[int], right: list[int], photons: int, passes: int, modes: int, cap: int | None
) -> bool | None:
    """Whether columns of at most so many modes can take all rows, one column after another; None when it takes too long.

    The row with most photons left has to be in some column, so the next column may be one that has it.
    """
    if max(len(left) + len(right), passes) > DEEPEST_SEARCH:
        return None
    seen: set[tuple[tuple[int, ...], tuple[int, ...]]] = set()
    most = photons if cap is None else cap
    steps = 0

    def fills(rows: tuple[int, ...], left_to_place: int, used: int) -> Iterator[tuple[int, ...]]:
        """Ways to take so many photons from at most ``used`` of these rows, by row."""
        nonlocal steps
        if not rows:
            if left_to_place == 0:
                yield ()
            return
        # What the rows behind cannot take, this one must.
        least = max(0, left_to_place - sum(min(most, row) for row in rows[1:]))
        for x in range(min(most, rows[0], left_to_place) if used else 0, least - 1, -1):
            steps += 1
            if steps > LARGEST_SEARCH:
                raise _TooLongError
            for others in fills(rows[1:], left_to_place - x, used - (x > 0)):
                yield (x, *others)

    def search(ours: tuple[int, ...], theirs: tuple[int, ...], columns: int) -> bool:
        if columns == 0:
            return True
        key = (ours, theirs)
        if key in seen:
            return False
        seen.add(key)
        for a in fills(ours, photons, modes - 1):
            if not a[0]:
                continue
            held = sum(1 for x in a if x)
            for b in fills(theirs, photons, modes - held):
                if search(
                    tuple(sorted((r - x for r, x in zip(ours, a, strict=True) if r > x), reverse=True)),
                    tuple(sorted((r - x for r, x in zip(theirs, b, strict=True) if r > x), reverse=True)),
                    columns - 1,
                ):
                    return True
        return False

    try:
        return search(tuple(sorted(left, reverse=True)), tuple(sorted(right, reverse=True)), passes)
    except _TooLongError:
        return None


class _TooLongError(Exception):
    """The second search has taken all its steps."""
