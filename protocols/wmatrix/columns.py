"""W itself, BEGG (27): the vectors omega that one pass may use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb
from random import Random
from typing import TYPE_CHECKING

from networks import InputError, LinearFunction
from protocols.wmatrix.integers import check_counts, plain_int

if TYPE_CHECKING:
    from scipy.sparse import csc_array

LARGEST_MATRIX_ENTRIES = 20_000_000
"""Entries of W, and cells of either side of it, when the whole matrix is made."""


@dataclass(frozen=True, init=False, repr=False)
class WMatrix:
    """The matrix W of an oriented function and N photons: one column for each omega that a pass may use.

    W = {omega in Z^d: sum over P = N, sum of |omega_j| over Nn <= N, omega_j alpha_j >= 0}, BEGG (27), and omega_j = 0
    where alpha_j = 0; as printed, (27) allows negative occupations there. It behaves as a sequence of its columns without
    holding them; ``PhotonTask.matrix`` is that of a task.

    Parameters
    ----------
    function : LinearFunction or sequence of int, Fraction or str, length d
        Oriented, or it is turned: ``flipped`` says so, and the columns are those of the oriented function.
    photons : int
        N, from 1 to 1e30.

    Raises
    ------
    InputError
        When the function or N makes no sense.

    Examples
    --------
    >>> W = WMatrix([2, -1], 2)
    >>> len(W), list(W)
    (3, [(2, -2), (2, -1), (2, 0)])
    >>> (2, -1) in W, (1, -1) in W
    (True, False)
    """

    function: LinearFunction
    photons: int
    flipped: bool

    def __init__(self, function: LinearFunction | Sequence[object], photons: int) -> None:
        photons = plain_int(photons)
        check_counts(photons, 1)
        given = function if isinstance(function, LinearFunction) else LinearFunction(function)
        turned = given.orient()
        for name, value in (("function", turned.function), ("photons", photons), ("flipped", turned.flipped)):
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"WMatrix({-self.function if self.flipped else self.function!r}, {self.photons})"

    @property
    def size(self) -> int:
        """|W| = C(N + p - 1, p - 1) C(N + q, q) for p positive and q negative coefficients, exactly."""
        p, q = len(self.function.positive), len(self.function.negative)
        return comb(self.photons + p - 1, p - 1) * comb(self.photons + q, q)

    def __len__(self) -> int:
        return self.size

    def __contains__(self, omega: object) -> bool:
        return isinstance(omega, tuple) and not self.faults_of(omega)

    def faults_of(self, omega: Sequence[int]) -> list[str]:
        """Which conditions of (27) a vector breaks, in words.

        Parameters
        ----------
        omega : sequence of int, shape (d,)

        Returns
        -------
        list of str
            Empty when it is a column of W.
        """
        f = self.function
        if len(omega) != len(f):
            return [f"has {len(omega)} entries for {len(f)} sensors"]
        faults = [
            f"omega_{j + 1} = {w} where alpha_{j + 1} = {a}"
            for j, (w, a) in enumerate(zip(omega, f.alpha, strict=True))
            if (w and not a) or w * a < 0
        ]
        positive = sum(w for w, a in zip(omega, f.alpha, strict=True) if a > 0)
        negative = sum(-w for w, a in zip(omega, f.alpha, strict=True) if a < 0)
        if positive != self.photons:
            faults.append(f"the positive modes hold {positive} photons, not N = {self.photons}")
        if negative > self.photons:
            faults.append(f"the negative modes hold {negative} photons, more than N = {self.photons}")
        return faults

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        """Every column, largest first: by the positive modes in order, then by the negative ones."""
        positive, negative = self.function.positive, self.function.negative
        for first in compositions(self.photons, len(positive)):
            # The last part of the second composition is the reference's share.
            for second in compositions(self.photons, len(negative) + 1):
                out = [0] * len(self.function)
                for j, w in zip(positive, first, strict=True):
                    out[j] = w
                for j, w in zip(negative, second, strict=False):
                    out[j] = -w
                yield tuple(out)

    def rank(self, omega: Sequence[int]) -> int:
        """The place of a column in the order of iteration, from 0 to |W| - 1.

        Parameters
        ----------
        omega : sequence of int, shape (d,)

        Raises
        ------
        InputError
            When it is no column of W, with every condition that it breaks.

        Examples
        --------
        >>> W = WMatrix([1, 1, -1], 3)
        >>> [W.rank(W.unrank(k)) for k in (0, 7, 15)]
        [0, 7, 15]
        """
        faults = self.faults_of(omega)
        if faults:
            raise InputError([f"{tuple(omega)} is no column of W: {fault}" for fault in faults])
        first = [omega[j] for j in self.function.positive]
        second = [-omega[j] for j in self.function.negative]
        second.append(self.photons - sum(second))
        return _rank(first) * self._right_size + _rank(second)

    def unrank(self, place: int) -> tuple[int, ...]:
        """The column at a place of the order of iteration, without going through those before it; O(d log N) binomials.

        Parameters
        ----------
        place : int
            From 0 to |W| - 1.

        Returns
        -------
        tuple of int, shape (d,)

        Raises
        ------
        InputError
            For any other place.
        """
        if not 0 <= place < self.size:
            raise InputError([f"place must be between 0 and |W| - 1 = {self.size - 1}, got {place}"])
        out = [0] * len(self.function)
        first, second = divmod(place, self._right_size)
        for j, w in zip(self.function.positive, _unrank(first, self.photons, len(self.function.positive)), strict=True):
            out[j] = w
        parts = len(self.function.negative) + 1
        for j, w in zip(self.function.negative, _unrank(second, self.photons, parts), strict=False):
            out[j] = -w
        return tuple(out)

    def random_column(self, generator: Random) -> tuple[int, ...]:
        """A column drawn with equal probability from all of them.

        Parameters
        ----------
        generator : random.Random
            Python's, for |W| may be larger than any machine integer.

        Examples
        --------
        >>> WMatrix([1, 1, -1], 3).random_column(Random(7)) in WMatrix([1, 1, -1], 3)
        True
        """
        return self.unrank(generator.randrange(self.size))

    @property
    def _right_size(self) -> int:
        q = len(self.function.negative)
        return comb(self.photons + q, q)

    def matrix(self) -> csc_array:
        """W as a sparse matrix (d, |W|) of 64-bit integers, columns in the order of iteration.

        Raises
        ------
        InputError
            When it has more than LARGEST_MATRIX_ENTRIES entries that are not zero, or either side alone has as many cells.

        Examples
        --------
        >>> WMatrix([2, -1], 2).matrix().toarray().tolist()
        [[2, 2, 2], [-2, -1, 0]]
        """
        import numpy as np
        from scipy import sparse

        positive, negative = self.function.positive, self.function.negative
        entries = self._entries()
        sides = self.size // self._right_size * len(positive) + self._right_size * (len(negative) + 1)
        if max(entries, sides) > LARGEST_MATRIX_ENTRIES or self.photons >= 2**63:
            raise InputError(
                [
                    f"W has {entries} entries that are not zero and its sides have {sides} cells, more than "
                    f"{LARGEST_MATRIX_ENTRIES}; iterate over its columns, or take some by unrank or random_column"
                ]
            )
        first = np.array(list(compositions(self.photons, len(positive))), dtype=np.int64).T
        # The last part of the second composition is the reference's share.
        second = -np.array(list(compositions(self.photons, len(negative) + 1)), dtype=np.int64).T[:-1]
        # Every choice for the positive modes meets every choice for the negative ones.
        upper = sparse.kron(sparse.csc_array(first), np.ones((1, second.shape[1]), dtype=np.int64), format="csr")
        lower = sparse.kron(np.ones((1, first.shape[1]), dtype=np.int64), sparse.csc_array(second), format="csr")
        empty = sparse.csr_array((len(self.function) - len(positive) - len(negative), self.size), dtype=np.int64)
        rows = sparse.vstack([upper, lower, empty], format="csr")
        zeros = [j for j, a in enumerate(self.function.alpha) if not a]
        order = np.argsort([*positive, *negative, *zeros])
        return sparse.csc_array(rows[order])

    def _entries(self) -> int:
        """Entries of W that are not zero: a mode is empty in as many columns as the others can hold all photons alone."""
        n, p, q = self.photons, len(self.function.positive), len(self.function.negative)
        left = p * (comb(n + p - 1, n) - (comb(n + p - 2, n) if p > 1 else 0))
        right = q * (comb(n + q, n) - comb(n + q - 1, n))
        return left * comb(n + q, n) + right * comb(n + p - 1, n)


def _rank(parts: Sequence[int]) -> int:
    """How many compositions of the same total into as many parts come before this one, largest first."""
    place, total = 0, sum(parts)
    for taken, behind in zip(parts, range(len(parts) - 1, 0, -1), strict=False):
        # Those with a larger part here: what they leave, 0 ... total - taken - 1, goes to the parts behind.
        place += comb(total - taken + behind - 1, behind)
        total -= taken
    return place


def _unrank(place: int, total: int, parts: int) -> list[int]:
    """The composition at a place of that order."""
    out = []
    for behind in range(parts - 1, 0, -1):
        # The part is as large as possible: what it leaves behind is the least with more than ``place`` compositions up to it.
        left, high = 0, total
        while left < high:
            middle = (left + high) // 2
            if comb(middle + behind, behind) > place:
                high = middle
            else:
                left = middle + 1
        place -= comb(left + behind - 1, behind)
        out.append(total - left)
        total = left
    return [*out, total]


def compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to write ``total`` as ``parts`` ordered non-negative integers, largest first."""
    if parts == 1:
        yield (total,)
        return
    parts_now = [total] + [0] * (parts - 1)
    while True:
        yield tuple(parts_now)
        # Take one from the last part before the end that has any, and put all that follows it right after.
        place = parts - 2
        while place >= 0 and not parts_now[place]:
            place -= 1
        if place < 0:
            return
        tail = parts_now[-1]
        parts_now[-1] = 0
        parts_now[place] -= 1
        parts_now[place + 1] = tail + 1
