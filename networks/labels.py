"""Places of labels on a page in points, so that none covers another, a node or a line. Plain geometry; nothing is drawn here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""
Point = tuple[float, float]
Segment = tuple[Point, Point]
CELL = 40.0
"""Points of a cell of the grid in which neighbours are looked up."""


def overlaps(one: Box, other: Box) -> bool:
    """Whether two boxes have a common inside.

    Examples
    --------
    >>> overlaps((0, 0, 2, 1), (1, 0, 3, 1)), overlaps((0, 0, 2, 1), (2, 0, 3, 1))
    (True, False)
    """
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def crosses(segment: Segment, box: Box) -> bool:
    """Whether a segment has a part inside a box.

    Examples
    --------
    >>> crosses(((0, 0), (4, 4)), (1, 1, 2, 2)), crosses(((0, 0), (4, 4)), (3, 0, 4, 1))
    (True, False)
    """
    (x1, y1), (x2, y2) = segment
    enter, leave = 0.0, 1.0
    for start, step, low, high in ((x1, x2 - x1, box[0], box[2]), (y1, y2 - y1, box[1], box[3])):
        if step == 0:
            if not low < start < high:
                return False
            continue
        ends = sorted(((low - start) / step, (high - start) / step))
        enter, leave = max(enter, ends[0]), min(leave, ends[1])
    return enter < leave


@dataclass(slots=True)
class Page:
    """What is on a page so far: boxes that nothing may cover, and lines that labels had better not cover."""

    width: float
    height: float
    _boxes: dict[tuple[int, int], list[Box]] = field(default_factory=dict)
    _lines: dict[tuple[int, int], list[Segment]] = field(default_factory=dict)

    def add_box(self, box: Box) -> None:
        """Nothing else may be there."""
        for cell in _cells(box):
            self._boxes.setdefault(cell, []).append(box)

    def add_line(self, segment: Segment) -> None:
        """A link, or an arrow."""
        (x1, y1), (x2, y2) = segment
        pieces = max(1, math.ceil(math.hypot(x2 - x1, y2 - y1) / CELL))
        seen = set()
        for k in range(pieces):
            a, b = k / pieces, (k + 1) / pieces
            xs = sorted((x1 + a * (x2 - x1), x1 + b * (x2 - x1)))
            ys = sorted((y1 + a * (y2 - y1), y1 + b * (y2 - y1)))
            seen |= set(_cells((xs[0], ys[0], xs[1], ys[1])))
        for cell in seen:
            self._lines.setdefault(cell, []).append(segment)

    def is_free(self, box: Box) -> bool:
        """Whether a box is on the page and covers no other."""
        if box[0] < 0 or box[1] < 0 or box[2] > self.width or box[3] > self.height:
            return False
        return not any(overlaps(box, other) for cell in _cells(box) for other in self._boxes.get(cell, ()))

    def lines_under(self, box: Box) -> int:
        """How many lines run through a box."""
        near = {line for cell in _cells(box) for line in self._lines.get(cell, ())}
        return sum(crosses(line, box) for line in near)

    def place(self, boxes: Iterable[Box], *, over_lines: bool = True) -> Box | None:
        """The first box that is free and has the fewest lines under it, taken from now on; None where none is free.

        Parameters
        ----------
        boxes : iterable of Box
            Best first.
        over_lines : bool
            Whether a box with a line under it will do.
        """
        best, fewest = None, math.inf
        for box in boxes:
            if self.is_free(box) and (lines := self.lines_under(box)) < fewest:
                best, fewest = box, lines
                if not lines:
                    break
        if best is None or (fewest and not over_lines):
            return None
        self.add_box(best)
        return best


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    for i in range(math.floor(box[0] / CELL), math.floor(box[2] / CELL) + 1):
        for j in range(math.floor(box[1] / CELL), math.floor(box[3] / CELL) + 1):
            yield i, j


def around(at: Point, radius: float, size: Point, away: Point = (0.0, -1.0)) -> Iterator[Box]:
    """Boxes of a size beside a node, nearest first, those on the side ``away`` from its links first.

    Parameters
    ----------
    at : Point
    radius : float
        Of the node.
    size : width and height
    away : direction
    """
    w, h = size
    angle = math.atan2(away[1], away[0])
    turns = [angle + sign * k * math.pi / 8 for k in range(9) for sign in ((1, -1) if 0 < k < 8 else (1,))]
    for gap in (2.0, 5.0, 9.0, 14.0):
        for turn in turns:
            c, s = math.cos(turn), math.sin(turn)
            # The box touches a circle around the node with the side, or corner, that is nearest to it.
            x = at[0] + (radius + gap) * c + max(-1.0, min(1.0, 1.6 * c)) * w / 2
            y = at[1] + (radius + gap) * s + max(-1.0, min(1.0, 1.6 * s)) * h / 2
            yield x - w / 2, y - h / 2, x + w / 2, y + h / 2


def beside(segment: Segment, size: Point, gap: float = 2.0) -> Iterator[Box]:
    """Boxes of a size on both sides of a line, the middle first; none of them touches it.

    Parameters
    ----------
    segment : Segment
    size : width and height
    gap : float
        Between line and box.
    """
    (x1, y1), (x2, y2) = segment
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    nx, ny = -(y2 - y1) / length, (x2 - x1) / length
    if ny < 0 or (ny == 0 and nx < 0):
        nx, ny = -nx, -ny
    w, h = size
    reach = abs(nx) * w / 2 + abs(ny) * h / 2 + gap
    for further in (0.0, 4.0, 9.0, 14.0):
        for share in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74):
            for side in (1, -1):
                x = x1 + share * (x2 - x1) + side * (reach + further) * nx
                y = y1 + share * (y2 - y1) + side * (reach + further) * ny
                yield x - w / 2, y - h / 2, x + w / 2, y + h / 2


def broken(text: str, most: int) -> str:
    """A text on lines of about so many characters, broken after separators where it has any; nothing is left out.

    Examples
    --------
    >>> broken("measurement-station-07-north", 16)
    'measurement-\\nstation-07-north'
    """
    lines: list[str] = []
    rest = text
    while len(rest) > most:
        cuts = [k + 1 for k in range(len(rest) - 1) if not rest[k].isalnum()]
        pieces = -(-len(rest) // most)
        aim = len(rest) / pieces
        fit = [k for k in cuts if k <= most] or ([most] if len(rest) > 1.5 * most else [])
        if not fit:
            break
        cut = min(fit, key=lambda k: abs(k - aim))
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:]
    return "\n".join([*lines, rest])


def apart(
    places: Sequence[Point], links: Sequence[tuple[int, int]], gap: float, *, clear_of_links: bool = True
) -> list[Point]:
    """Points moved as little as it takes for all to be ``gap`` apart, and half of it from the links of others.

    Parameters
    ----------
    places : n points
    links : pairs of their numbers
    gap : float
    clear_of_links : bool
        Whether nodes leave the lines of links that are not theirs.
    """
    moved = [list(place) for place in places]
    for _ in range(30):
        still = _push(moved, gap)
        if clear_of_links:
            still = _clear(moved, links, 0.62 * gap) and still
        if still:
            break
    return [(x, y) for x, y in moved]


def _push(moved: list[list[float]], gap: float) -> bool:
    cells: dict[tuple[int, int], list[int]] = {}
    for k, (x, y) in enumerate(moved):
        cells.setdefault((math.floor(x / gap), math.floor(y / gap)), []).append(k)
    still = True
    for k, (x, y) in enumerate([tuple(place) for place in moved]):
        i, j = math.floor(x / gap), math.floor(y / gap)
        for other in (n for a in (-1, 0, 1) for b in (-1, 0, 1) for n in cells.get((i + a, j + b), ()) if n > k):
            dx, dy = moved[other][0] - moved[k][0], moved[other][1] - moved[k][1]
            distance = math.hypot(dx, dy)
            if distance >= gap * 0.999:
                continue
            still = False
            if distance < 1e-9:
                # At one place, as both arms of a sensor with coordinates are: one above the other.
                dx, dy, distance = 0.0, -1.0, 0.0
            else:
                dx, dy = dx / distance, dy / distance
            half = (gap - distance) / 2
            moved[k][0] -= half * dx
            moved[k][1] -= half * dy
            moved[other][0] += half * dx
            moved[other][1] += half * dy
    return still


def _clear(moved: list[list[float]], links: Sequence[tuple[int, int]], gap: float) -> bool:
    still = True
    for a, b in links:
        (x1, y1), (x2, y2) = moved[a], moved[b]
        dx, dy = x2 - x1, y2 - y1
        square = dx * dx + dy * dy
        if not square:
            continue
        for k, place in enumerate(moved):
            if k in (a, b):
                continue
            share = ((place[0] - x1) * dx + (place[1] - y1) * dy) / square
            if not 0 < share < 1:
                continue
            away = (place[0] - x1) * -dy + (place[1] - y1) * dx
            distance = abs(away) / math.sqrt(square)
            if distance < gap:
                side = -1.0 if away < 0 else 1.0
                step = (gap - distance) * side / math.sqrt(square)
                place[0] += -dy * step
                place[1] += dx * step
                still = False
    return still
