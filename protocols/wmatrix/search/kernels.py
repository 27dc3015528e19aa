"""Compiled inner loops: counting in residues modulo primes, and packing rows into blocks. Imported when needed.

Nothing here decides anything: ``counting.py`` chooses the method, the primes and the limits, ``blocks.py`` and
``block_bounds.py`` what to pack.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
FEW = 10
"""Sets of which all choices are tried; of more, subsets of the pool."""


@njit(cache=True)
def _reduced(x: float, p: float, inverse: float) -> float:
    """x modulo p for whole numbers in floating point, x below 2^51: exact, for the quotient is off by one at most."""
    r = x - np.floor(x * inverse) * p
    r = r + p if r < 0 else r
    return float(r - p if r >= p else r)


@njit(cache=True, error_model="numpy")
def fixed_tables(
    rows: Integers, lengths: Integers, first: Integers, held: int, roots: Floats, inverses: Floats, primes: Floats
) -> Floats:
    """Sum over the cycles' roots of unity z_i of prod z_i prod_rows [y^row] prod_i 1/(1 - z_i y^length_i), modulo each prime.

    Cycles of one length (``first`` marks where a group starts) are alike, so only non-increasing choices are visited, each
    weighted by its orderings; with ``held`` = 1 the first cycle keeps the root 1. A depth-first walk keeps the series of all
    cycles chosen so far; ``rows`` ascend. ``roots`` (order, primes) and ``inverses`` (M + 1, primes) hold whole numbers below
    primes of 25 bits, so that products are exact in floating point and all primes go side by side.
    """
    count, order, top, lanes = len(lengths), roots.shape[0], rows[-1], len(primes)
    series = np.zeros((count + 1, top + 1, lanes))
    series[0, 0, :] = 1.0
    index = np.zeros(count + 1, np.int64)
    weight = np.ones((count + 1, lanes))
    equal = np.zeros(count + 1, np.int64)
    place = np.zeros(count + 1, np.int64)
    value = np.empty(lanes)
    total = np.zeros(lanes)
    by = 1.0 / primes
    depth = 0
    index[0] = -1
    while depth >= 0:
        index[depth] += 1
        bound = order if first[depth] else index[depth - 1] + 1
        if held and depth == 0:
            bound = 1
        if index[depth] >= bound:
            depth -= 1
            continue
        z, length = roots[index[depth]], lengths[depth]
        for y in range(min(length, top + 1)):
            for k in range(lanes):
                series[depth + 1, y, k] = series[depth, y, k]
        for y in range(length, top + 1):
            for k in range(lanes):
                x = series[depth, y, k] + z[k] * series[depth + 1, y - length, k]
                series[depth + 1, y, k] = _reduced(x, primes[k], by[k])
        if first[depth]:
            equal[depth] = 1
            place[depth] = 1
        else:
            place[depth] = place[depth - 1] + 1
            equal[depth] = equal[depth - 1] + 1 if index[depth] == index[depth - 1] else 1
        for k in range(lanes):
            x = _reduced(weight[depth, k] * z[k], primes[k], by[k])
            x = _reduced(x * place[depth], primes[k], by[k])
            weight[depth + 1, k] = _reduced(x * inverses[equal[depth], k], primes[k], by[k])
        if depth == count - 1:
            for k in range(lanes):
                value[k] = weight[count, k]
            for row in rows:
                for k in range(lanes):
                    value[k] = _reduced(value[k] * series[count, row, k], primes[k], by[k])
            for k in range(lanes):
                total[k] = _reduced(total[k] + value[k], primes[k], by[k])
            continue
        depth += 1
        index[depth] = -1
    return total


@njit(cache=True)
def _next_point(digits: Integers, values: Integers, orders: Integers, roots: Integers, p: int) -> None:
    """Move to the next point of the grid: its digits, and the roots' powers that they stand for."""
    for v in range(len(orders) - 1, -1, -1):
        digits[v] += 1
        values[v] = values[v] * roots[v] % p
        if digits[v] < orders[v]:
            return
        digits[v] = 0
        values[v] = 1


@njit(cache=True)
def column_sums(orders: Integers, roots: Integers, left: int, photons: int, cap: int, most: int, p: int) -> Integers:
    """At every point of a grid of roots of unity, the sum over allowed columns of the product of root^photons, modulo p.

    Variable v takes the powers of roots[v]; the first ``left`` belong to the left rows and the last row of each side has the
    value 1. A column holds ``photons`` on each side, at most ``cap`` in a row, and occupies at most ``most`` rows in all.
    """
    variables = len(orders)
    points = 1
    for order in orders:
        points *= order
    out = np.zeros(points, np.int64)
    digits = np.zeros(variables, np.int64)
    values = np.ones(variables, np.int64)
    widest = most
    fillings = np.zeros((2, photons + 1, widest + 1), np.int64)
    moved = np.zeros((photons + 1, widest + 1), np.int64)
    for point in range(points):
        for side in range(2):
            table = fillings[side]
            table[:] = 0
            table[0, 0] = 1
            start, stop = (0, left) if side == 0 else (left, variables)
            for v in range(start, stop + 1):
                y = values[v] if v < stop else 1
                power = 1
                for _ in range(cap + 1):
                    power = power * y % p
                # moved[n, u]: this row holds c >= 1 of the n photons, by its geometric series cut at ``cap``.
                for n in range(photons + 1):
                    for u in range(widest + 1):
                        value = 0
                        if n >= 1 and u >= 1:
                            value = y * (moved[n - 1, u] + table[n - 1, u - 1]) % p
                            if n >= cap + 1:
                                value = (value - power * table[n - cap - 1, u - 1]) % p
                        moved[n, u] = value
                for n in range(photons + 1):
                    for u in range(widest + 1):
                        table[n, u] = (table[n, u] + moved[n, u]) % p
        total = 0
        for u in range(1, widest):
            for v in range(1, widest - u + 1):
                total = (total + fillings[0, photons, u] * fillings[1, photons, v]) % p
        out[point] = total
        _next_point(digits, values, orders, roots, p)
    return out


@njit(cache=True)
def listed_column_sums(orders: Integers, roots: Integers, columns: Integers, p: int) -> Integers:
    """At every point of a grid of roots of unity, the sum over these columns (C, variables) of the product of root^photons."""
    variables = len(orders)
    points, most = 1, 0
    for order in orders:
        points *= order
    for column in columns:
        for x in column:
            most = max(most, x)
    out = np.zeros(points, np.int64)
    digits = np.zeros(variables, np.int64)
    values = np.ones(variables, np.int64)
    powers = np.ones((variables, most + 1), np.int64)
    for point in range(points):
        for v in range(variables):
            for x in range(1, most + 1):
                powers[v, x] = powers[v, x - 1] * values[v] % p
        total = 0
        for column in columns:
            value = 1
            for v in range(variables):
                value = value * powers[v, column[v]] % p
            total += value
        out[point] = total % p
        _next_point(digits, values, orders, roots, p)
    return out


@njit(cache=True)
def newton(
    orders: Integers, roots: Integers, once: Integers, passes: int, inverses: Integers, p: int
) -> tuple[int, int]:
    """The sums over the grid of prod y_v times (multisets, sequences) of ``passes`` columns, modulo p.

    Multisets by Newton's identity m H_m = sum_k p_k H_{m-k}, where p_k at a point is the column sum at its k-th power.
    """
    variables, points = len(orders), len(once)
    digits = np.zeros(variables, np.int64)
    steps = np.ones(variables, np.int64)
    for v in range(variables - 2, -1, -1):
        steps[v] = steps[v + 1] * orders[v + 1]
    sums = np.zeros(passes + 1, np.int64)
    complete = np.zeros(passes + 1, np.int64)
    values = np.ones(variables, np.int64)
    unordered, ordered = 0, 0
    for _point in range(points):
        for k in range(1, passes + 1):
            where = 0
            for v in range(variables):
                where += k * digits[v] % orders[v] * steps[v]
            sums[k] = once[where]
        complete[0] = 1
        for m in range(1, passes + 1):
            total = 0
            for k in range(1, m + 1):
                total = (total + sums[k] * complete[m - k]) % p
            complete[m] = total * inverses[m] % p
        sequence, weight = 1, 1
        for _ in range(passes):
            sequence = sequence * sums[1] % p
        for v in range(variables):
            weight = weight * values[v] % p
        unordered = (unordered + weight * complete[passes]) % p
        ordered = (ordered + weight * sequence) % p
        _next_point(digits, values, orders, roots, p)
    return unordered, ordered


@njit(cache=True)
def _best_of_few(sets: Integers) -> Integers:
    """The most disjoint ones of a few sets of bits, over all their choices."""
    n = len(sets)
    union = np.zeros(1 << n, np.int64)
    best, most = 0, 0
    for choice in range(1, 1 << n):
        low = 0
        while not choice >> low & 1:
            low += 1
        before = union[choice & (choice - 1)]
        if before < 0 or before & sets[low]:
            union[choice] = -1
            continue
        union[choice] = before | sets[low]
        count = 0
        for k in range(n):
            count += choice >> k & 1
        if count > most:
            best, most = choice, count
    out = np.empty(most, np.int64)
    m = 0
    for k in range(n):
        if best >> k & 1:
            out[m] = sets[k]
            m += 1
    return out


@njit(cache=True)
def pack_blocks(
    rows: Integers,
    photons: int,
    base: int,
    fixed_rows: int,
    fixed_sum: int,
    candidates: int,
    top: int,
    least_wide: int,
    of_columns: int,
) -> tuple[Integers, int]:
    """The most disjoint subsets of a pool (p,) that are blocks in themselves, as bits, and of how many that were met.

    With fixed rows, one subset is enough.

    A subset of s rows with sum N m is taken when its cells beyond the base, s + m - 1 - base m, are from 0 to top m, see
    ``blocks``.
    """
    p = len(rows)
    size = 1 << p
    # Residues of all subsets' sums; what a subset holds is worked out for the few that are zero.
    residues = np.empty(size, np.int64)
    residues[0] = fixed_sum % photons
    zero = np.empty(candidates, np.int64)
    lowest = np.empty(candidates, np.int64)
    met = 0
    for bit in range(p):
        row = rows[bit] % photons
        for mask in range(1 << bit):
            residue = residues[mask] + row
            if residue >= photons:
                residue -= photons
            residues[mask | (1 << bit)] = residue
    for mask in range(1, size):
        if residues[mask] == 0 and met < candidates:
            count, total = fixed_rows, fixed_sum
            for bit in range(p):
                if mask >> bit & 1:
                    count += 1
                    total += rows[bit]
            columns = total // photons
            wide = count + columns - 1 - base * columns
            if 0 <= wide <= top * columns and wide * of_columns >= least_wide * columns:
                zero[met] = mask
                lowest[met] = mask & -mask
                met += 1
    if fixed_rows:
        return zero[: min(met, 1)], met
    if met < 2:
        return zero[:met], met
    if met <= FEW:
        return _best_of_few(zero[:met]), met
    # Candidates by their lowest bit, then the best packing of every subset of the pool.
    order = np.argsort(lowest[:met])
    start = np.zeros(p + 1, np.int64)
    for bit in range(p):
        start[bit + 1] = start[bit]
        while start[bit + 1] < met and lowest[order[start[bit + 1]]] == 1 << bit:
            start[bit + 1] += 1
    best = np.zeros(size, np.int8)
    choice = np.zeros(size, np.int64)
    for mask in range(1, size):
        bit = 0
        while not mask >> bit & 1:
            bit += 1
        value, chosen = best[mask & (mask - 1)], 0
        for k in range(start[bit], start[bit + 1]):
            block = zero[order[k]]
            if block & ~mask == 0 and best[mask ^ block] + 1 > value:
                value, chosen = best[mask ^ block] + 1, block
        best[mask], choice[mask] = value, chosen
    out = np.empty(best[size - 1], np.int64)
    mask, n = size - 1, 0
    while mask:
        if choice[mask]:
            out[n] = choice[mask]
            n += 1
            mask ^= choice[mask]
        else:
            mask &= mask - 1
    return out, met


@njit(cache=True)
def most_zero_sums(residues: Integers, photons: int) -> int:
    """The most disjoint subsets with sums divisible by N, over all subsets of the rows (p,): 2^p p steps, 9 bytes each 2^p.

    Rows are laid out one after another; a block ends wherever the sum so far is a multiple of N. Best over all orders.
    """
    p = len(residues)
    sums = np.zeros(1 << p, np.int64)
    best = np.zeros(1 << p, np.int8)
    for bit in range(p):
        for mask in range(1 << bit):
            sums[mask | (1 << bit)] = (sums[mask] + residues[bit]) % photons
    for mask in range(1, 1 << p):
        reached, rest = 0, mask
        while rest:
            low = rest & -rest
            reached = max(reached, best[mask ^ low])
            rest ^= low
        best[mask] = reached + (1 if sums[mask] == 0 else 0)
    return int(best[(1 << p) - 1])


@njit(cache=True)
def light_blocks(residues: Integers, weights: Integers, photons: int, enough: int) -> tuple[int, Integers, Integers]:
    """The least weight of a non-empty set of rows with a sum divisible by N, and sets that weigh less than ``enough``.

    Rows are added one by one; for every residue the lightest set so far is kept, and each row may close one set, the lightest
    that it is the last of. Returns the least weight (2^61 and more when there is no set), the members of all
    sets one after another, and where each starts, with the end of the last.
    """
    rows = len(residues)
    never = np.iinfo(np.int64).max // 4
    light = np.full(photons, never, np.int64)
    moved = np.empty(photons, np.int64)
    # joined[j, x]: the lightest set of the rows up to j with residue x has row j.
    joined = np.zeros((rows, photons), np.int8)
    lightest = never
    members = np.empty(rows * 8, np.int64)
    starts = np.zeros(rows + 1, np.int64)
    sets, used = 0, 0
    for j in range(rows):
        r, w = residues[j], weights[j]
        # The lightest set that row j closes: alone, or with the lightest set of the residue that it completes.
        before = (photons - r) % photons
        closed = w if r == 0 else light[before] + w
        lightest = min(lightest, closed)
        if closed < enough:
            length = 0
            x, k = before, j - 1
            start = used
            if used < len(members):
                members[used] = j
                length = 1
            fits = length == 1
            while fits and r != 0 and x != 0:
                while joined[k, x] == 0:
                    k -= 1
                if start + length >= len(members):
                    fits = False
                    break
                members[start + length] = k
                length += 1
                x = (x - residues[k]) % photons
                k -= 1
            if fits:
                used = start + length
                sets += 1
                starts[sets] = used
        for x in range(photons):
            moved[x] = light[x]
        for x in range(photons):
            value = w if x == r else light[(x - r) % photons] + w
            if x != 0 and value < moved[x]:
                moved[x] = value
                joined[j, x] = 1
        for x in range(photons):
            light[x] = moved[x]
    return lightest, members[:used], starts[: sets + 1]


@njit(cache=True)
def small_blocks(
    rows: Integers, photons: int, base: int, top: int, largest: int, most: int
) -> tuple[Integers, Integers]:
    """Sets of up to ``largest`` rows that are blocks, see ``pack_blocks``, at most so many: members (sets, largest), sizes."""
    n = len(rows)
    members = np.full((most, largest), -1, np.int64)
    sizes = np.zeros(most, np.int64)
    sets = 0
    chosen = np.zeros(largest + 1, np.int64)
    sums = np.zeros(largest + 1, np.int64)
    depth = 0
    chosen[0] = -1
    while depth >= 0 and sets < most:
        chosen[depth] += 1
        if chosen[depth] >= n:
            depth -= 1
            continue
        total = sums[depth] + rows[chosen[depth]]
        if total % photons == 0:
            columns = total // photons
            wide = depth + 1 + columns - 1 - base * columns
            if 0 <= wide <= top * columns:
                for k in range(depth + 1):
                    members[sets, k] = chosen[k]
                sizes[sets] = depth + 1
                sets += 1
        if depth + 1 < largest:
            sums[depth + 1] = total
            chosen[depth + 1] = chosen[depth]
            depth += 1
    return members[:sets], sizes[:sets]


@njit(cache=True)
def cover_rows(
    rows_count: int, members: Integers, sizes: Integers, spare: int, start: Integers, order: Integers, nodes: int
) -> Integers:
    """Disjoint sets that leave at most ``spare`` rows over, by their numbers; none when none were found in so many nodes.

    The row with the fewest sets left is covered by each of them in turn, then left over (Knuth's algorithm X with spare rows).
    ``order[start[r]: start[r + 1]]`` are the sets of row r.
    """
    used = np.zeros(rows_count, np.int8)
    blocked = np.zeros(len(sizes), np.int64)
    picked = np.full(rows_count + 1, -1, np.int64)
    row_at = np.zeros(rows_count + 1, np.int64)
    place = np.zeros(rows_count + 1, np.int64)
    free, left_over, depth, enter = rows_count, 0, 0, True
    while depth >= 0 and nodes > 0:
        if enter:
            if free == 0:
                break
            nodes -= 1
            fewest, best = np.iinfo(np.int64).max, -1
            for r in range(rows_count):
                if not used[r]:
                    options = 0
                    for k in range(start[r], start[r + 1]):
                        if blocked[order[k]] == 0:
                            options += 1
                    if options < fewest:
                        fewest, best = options, r
            row_at[depth] = best
            place[depth] = start[best]
        else:
            # Undo the choice of this depth.
            r = row_at[depth]
            if picked[depth] >= 0:
                for j in range(sizes[picked[depth]]):
                    member = members[picked[depth], j]
                    used[member] = 0
                    free += 1
                    for k in range(start[member], start[member + 1]):
                        blocked[order[k]] -= 1
                place[depth] += 1
            else:
                used[r] = 0
                free += 1
                left_over -= 1
                for k in range(start[r], start[r + 1]):
                    blocked[order[k]] -= 1
                depth -= 1
                continue
        r = row_at[depth]
        while place[depth] < start[r + 1] and blocked[order[place[depth]]] != 0:
            place[depth] += 1
        if place[depth] < start[r + 1]:
            picked[depth] = order[place[depth]]
            for j in range(sizes[picked[depth]]):
                member = members[picked[depth], j]
                used[member] = 1
                free -= 1
                for k in range(start[member], start[member + 1]):
                    blocked[order[k]] += 1
        elif left_over < spare:
            picked[depth] = -1
            used[r] = 1
            free -= 1
            left_over += 1
            for k in range(start[r], start[r + 1]):
                blocked[order[k]] += 1
        else:
            depth -= 1
            enter = False
            continue
        depth += 1
        enter = True
    if free:
        return picked[:0]
    out = picked[:depth]
    return out[out >= 0]


@njit(cache=True)
def split_exactly(rows: Integers, photons: int, limit: int, work: int) -> tuple[int, Integers]:
    """Whether the rows (p,) split into blocks of s rows and m columns with s <= m (limit - 1) + 1: 1, 0, or -1 after so much work.

    Also the blocks as bits. Rows are covered from the first on, so that every union of blocks is met once; 17 bytes each 2^p.
    """
    p = len(rows)
    size = 1 << p
    sums = np.zeros(size, np.int64)
    count = np.zeros(size, np.int8)
    total = 0
    for bit in range(p):
        for mask in range(1 << bit):
            sums[mask | (1 << bit)] = sums[mask] + rows[bit]
            count[mask | (1 << bit)] = count[mask] + 1
    # Blocks by their lowest row: counted, then listed.
    start = np.zeros(p + 2, np.int64)
    for mask in range(1, size):
        if sums[mask] % photons == 0 and count[mask] <= sums[mask] // photons * (limit - 1) + 1:
            low = 0
            while not mask >> low & 1:
                low += 1
            start[low + 1] += 1
            total += 1
        else:
            count[mask] = -1
    for low in range(p):
        start[low + 1] += start[low]
    place = start.copy()
    blocks = np.empty(total, np.int64)
    for mask in range(1, size):
        if count[mask] > 0:
            low = 0
            while not mask >> low & 1:
                low += 1
            blocks[place[low]] = mask
            place[low] += 1
    last = np.zeros(size, np.int64)
    for mask in range(size - 1):
        if mask and last[mask] == 0:
            continue
        low = 0
        while mask >> low & 1:
            low += 1
        work -= start[low + 1] - start[low]
        if work < 0:
            return -1, blocks[:0]
        for k in range(start[low], start[low + 1]):
            if blocks[k] & mask == 0:
                last[mask | blocks[k]] = blocks[k]
        if last[size - 1]:
            break
    if last[size - 1] == 0:
        return 0, blocks[:0]
    out = np.empty(p, np.int64)
    mask, n = size - 1, 0
    while mask:
        out[n] = last[mask]
        mask ^= last[mask]
        n += 1
    return 1, out[:n]
