"""Compiled inner loops of counting, in residues modulo primes below 2^31. Imported only when a count is large.

Nothing here decides anything: ``counting.py`` chooses the method, the primes and the limits.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Integers = NDArray[np.int64]


@njit(cache=True)
def fixed_tables(
    rows: Integers, lengths: Integers, first: Integers, held: int, roots: Integers, inverses: Integers, p: int
) -> int:
    """Sum over the cycles' roots of unity z_i of prod z_i prod_rows [y^row] prod_i 1/(1 - z_i y^length_i), modulo p.

    Cycles of one length (``first`` marks where a group starts) are alike, so only non-increasing choices are visited, each
    weighted by its orderings; with ``held`` = 1 the first cycle keeps the root 1. A depth-first walk keeps the series of all
    cycles chosen so far; ``rows`` ascend.
    """
    count, order, top = len(lengths), len(roots), rows[-1]
    series = np.zeros((count + 1, top + 1), np.int64)
    series[0, 0] = 1
    index = np.zeros(count + 1, np.int64)
    weight = np.ones(count + 1, np.int64)
    equal = np.zeros(count + 1, np.int64)
    place = np.zeros(count + 1, np.int64)
    total, depth = 0, 0
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
            series[depth + 1, y] = series[depth, y]
        for y in range(length, top + 1):
            series[depth + 1, y] = (series[depth, y] + z * series[depth + 1, y - length]) % p
        if first[depth]:
            equal[depth] = 1
            place[depth] = 1
        else:
            place[depth] = place[depth - 1] + 1
            equal[depth] = equal[depth - 1] + 1 if index[depth] == index[depth - 1] else 1
        weight[depth + 1] = weight[depth] * z % p * place[depth] % p * inverses[equal[depth]] % p
        if depth == count - 1:
            value = weight[count]
            for row in rows:
                value = value * series[count, row] % p
            total += value
            continue
        depth += 1
        index[depth] = -1
    return total % p


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
    ways = np.zeros((2, photons + 1, widest + 1), np.int64)
    moved = np.zeros((photons + 1, widest + 1), np.int64)
    for point in range(points):
        for side in range(2):
            table = ways[side]
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
                total = (total + ways[0, photons, u] * ways[1, photons, v]) % p
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
