"""A page with nodes, links and labels of a network, all in points, on which nothing covers a name. Drawings are made on it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from networks.labels import Box, Page, Point, Segment, apart, around, beside
from networks.pictures import drawing_on, glyphs_may_be_missing, size_of

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POINTS_PER_CM = 72 / 2.54
CROWDED = 40
"""Nodes above which they are dots, and links have no words."""
TALLEST = 1.4
"""Height of the nodes of a picture over its width, at most, where coordinates do not say it."""
_LINE = 1.2
"""Distance of lines of text, over the size of the font."""
_FINER = 4
_TRIES = ((1.0, 8.0), (1.0, 7.0), (1.35, 7.0), (1.35, 6.0), (1.8, 6.0), (2.5, 6.0))
_CROWDED_TRIES = ((1.0, 5.0), (1.35, 5.0), (1.8, 4.5))
"""By how much a page is higher than wanted, and the size of its font, until every label has room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A node that is to be drawn.

    Attributes
    ----------
    node : its id
    text : str
        Its name and what stands below it, in lines; empty for a node without a label.
    wide : float >= 1
        How much wider than its symbol what is drawn around it is.
    """

    node: Hashable
    text: str
    wide: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A link that is to be drawn.

    Attributes
    ----------
    ends : pair of ids
    texts : tuple of str
        What stands beside it, in forms to choose from, best first; none for a link without words.
    gap : float
        Points between the link and its words, where more than a line is drawn.
    """

    ends: tuple[Hashable, Hashable]
    texts: tuple[str, ...] = ()
    gap: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A text and where it stands, in points."""

    text: str
    box: Box

    @property
    def middle(self) -> Point:
        """The middle of its box."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """Where everything of a network stands, in points from the lower left corner.

    Attributes
    ----------
    width, height : float
    places : mapping of ids to points
    radius : float
        Of the symbols of nodes.
    size : float
        Of the font.
    names, words : tuples of Label
        Of nodes and of links.
    missing : int
        Labels for which there was no room.
    """

    width: float
    height: float
    places: Mapping[Hashable, Point]
    radius: float
    size: float
    names: tuple[Label, ...]
    words: tuple[Label, ...]
    missing: int


def arrange(
    places: Mapping[Hashable, Point],
    spots: Sequence[Spot],
    wires: Sequence[Wire],
    *,
    width_cm: float | None = None,
    to_scale: bool = False,
) -> Arranged:
    """Fit nodes on a page of a width and give every label a place of its own, on a higher page where it takes one.

    Parameters
    ----------
    places : mapping of ids to points in any unit
    spots : of all nodes
    wires : links
    width_cm : float, optional
        As wide as the nodes need when left out.
    to_scale : bool
        Whether both directions have one scale.
    """
    best: Arranged | None = None
    for grown, size in _CROWDED_TRIES if len(spots) > CROWDED else _TRIES:
        tried = _arranged(places, spots, wires, width_cm=width_cm, to_scale=to_scale, grown=grown, size=size)
        if best is None or tried.missing < best.missing:
            best = tried
        if not best.missing:
            break
    assert best is not None, "there are pages to try"
    return best


def _arranged(
    places: Mapping[Hashable, Point],
    spots: Sequence[Spot],
    wires: Sequence[Wire],
    *,
    width_cm: float | None,
    to_scale: bool,
    grown: float,
    size: float,
) -> Arranged:
    count = len(spots)
    width = POINTS_PER_CM * (width_cm or (15.0 if count <= 15 else 18.0 if count <= CROWDED else 26.0))
    if width_cm is None:
        width *= math.sqrt(grown)
    if count > CROWDED:
        radius = 2.8 if count <= 300 else 1.6
    else:
        radius = (15.0 if count <= 12 else 11.0) * min(1.0, max(0.62, width / 400.0))
    sizes = [text_size(spot.text, size) if spot.text else (0.0, 0.0) for spot in spots]
    broadest, highest = max(w for w, _ in sizes), max(h for _, h in sizes)
    x = [places[spot.node][0] for spot in spots]
    y = [places[spot.node][1] for spot in spots]
    span_x, span_y = max(x) - min(x), max(y) - min(y)
    most = max(spot.wide for spot in spots) * radius
    beside_it = broadest / 2 if not span_y else broadest + 4
    inset = (most + min(beside_it, 0.25 * width), most + highest + 6.0 + (0 if span_y else 1.5 * size))
    room = max(width - 2 * inset[0], 0.3 * width)
    high = _height(room, span_x, span_y, grown, to_scale=to_scale, least=2.6 * (most + highest))
    scale_x = room / span_x if span_x else 0.0
    scale_y = high / span_y if span_y else 0.0
    if to_scale and span_x and span_y:
        scale_x = min(scale_x, scale_y)
        scale_y = min(scale_y, 1.5 * scale_x)
    height = scale_y * span_y + 2 * inset[1] * min(grown, 1.5)
    middle = (max(x) + min(x)) / 2, (max(y) + min(y)) / 2
    at = [
        (width / 2 + scale_x * (a - middle[0]), height / 2 + scale_y * (b - middle[1]))
        for a, b in zip(x, y, strict=True)
    ]
    number = {spot.node: k for k, spot in enumerate(spots)}
    pairs = [(number[wire.ends[0]], number[wire.ends[1]]) for wire in wires]
    at = apart(at, pairs, 2.5 * radius, clear_of_links=count <= CROWDED)
    at, height = _inside(at, most + 5.0, width, height)
    return _labelled(at, spots, sizes, wires, pairs, Page(width=width, height=height), radius, size)


def _height(room: float, span_x: float, span_y: float, grown: float, *, to_scale: bool, least: float) -> float:
    if not span_y:
        return 0.0
    natural = room * span_y / span_x if span_x else 0.8 * room
    if to_scale:
        return min(natural * grown, 2.0 * room)
    return max(min(natural, TALLEST * room), min(least, 0.8 * room)) * grown


def _inside(at: list[Point], margin: float, width: float, height: float) -> tuple[list[Point], float]:
    """Nodes that were pushed over the edge come back; the page grows for those above and below."""
    low, high = min(y for _, y in at) - margin, max(y for _, y in at) + margin
    up = max(0.0, -low)
    return [(min(max(x, margin), width - margin), y + up) for x, y in at], max(height, high) + up


def _labelled(
    at: Sequence[Point],
    spots: Sequence[Spot],
    sizes: Sequence[tuple[float, float]],
    wires: Sequence[Wire],
    pairs: Sequence[tuple[int, int]],
    page: Page,
    radius: float,
    size: float,
) -> Arranged:
    towards: list[list[float]] = [[] for _ in spots]
    segments: list[Segment] = []
    for a, b in pairs:
        segments.append((at[a], at[b]))
        page.add_line(segments[-1])
        angle = math.atan2(at[b][1] - at[a][1], at[b][0] - at[a][0])
        towards[a].append(angle)
        towards[b].append(angle + math.pi)
    for (x, y), spot in zip(at, spots, strict=True):
        wide = radius * spot.wide + 0.5
        page.add_box((x - wide, y - radius - 0.5, x + wide, y + radius + 0.5))
    names, words, missing = [], [], 0
    # Names of a straight chain stand in one line below it.
    in_line = max(y for _, y in at) - min(y for _, y in at) < 1e-6
    # Those with the least room around them first.
    for k in sorted(range(len(spots)), key=lambda k: -len(towards[k])):
        spot = spots[k]
        if spot.text:
            reach = radius * (1 + (spot.wide - 1) / 2)
            way = (0.0, -1.0) if in_line else _away(towards[k])
            box = page.place(around(at[k], reach, sizes[k], way))
            if box is None:
                missing += 1
            else:
                names.append(Label(text=spot.text, box=box))
    for wire, segment in zip(wires, segments, strict=True):
        if not wire.texts:
            continue
        seen = math.dist(*segment) - 2 * radius
        # Words as wide as what is seen of their link would seem to be of the next one.
        for text in sorted(wire.texts, key=lambda text: max(0.0, text_size(text, size - 1)[0] - seen)):
            box = page.place(beside(segment, text_size(text, size - 1), wire.gap), over_lines=False)
            if box is not None:
                words.append(Label(text=text, box=box))
                break
        else:
            missing += 1
    places = {spot.node: place for spot, place in zip(spots, at, strict=True)}
    return Arranged(
        width=page.width,
        height=page.height,
        places=places,
        radius=radius,
        size=size,
        names=tuple(names),
        words=tuple(words),
        missing=missing,
    )


def _away(angles: Sequence[float]) -> Point:
    """The middle of the largest angle without links, the lower one of equals."""
    if not angles:
        return 0.0, -1.0
    turned = sorted(angle % (2 * math.pi) for angle in angles)
    gaps = [
        (after - before, (before + after) / 2)
        for before, after in zip(turned, [*turned[1:], turned[0] + 2 * math.pi], strict=True)
    ]
    widest = max(gap for gap, _ in gaps)
    return min(
        ((math.cos(m), math.sin(m)) for gap, m in gaps if gap > widest - 1e-6),
        key=lambda way: (round(way[1], 6), way[0]),
    )


@lru_cache(maxsize=4096)
def text_size(text: str, size: float) -> tuple[float, float]:
    """Width and height in points of a text of lines, as matplotlib draws it in a box of its own.

    Parameters
    ----------
    text : str
    size : float
        Of the font.
    """
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.font_manager import FontProperties

    # Finer than the screen, so that hinting does not change widths.
    renderer: Any = RendererAgg(10, 10, 72 * _FINER)  # type: ignore[no-untyped-call]  # of matplotlib
    lines = text.split("\n")
    with glyphs_may_be_missing():
        widths = [
            renderer.get_text_width_height_descent(line, FontProperties(size=size), ismath=False)[0] for line in lines
        ]
    return max(widths) / _FINER * 1.03 + 1.5, len(lines) * _LINE * size + 1.0


def page_figure(
    width: float,
    height: float,
    title: str,
    handles: Sequence[Artist],
    footer: Sequence[str] = (),
    *,
    left: float = 0.0,
    below: float = 0.0,
    ax: Axes | None = None,
) -> Paper:
    """Axes in points with a title above, and a legend and remarks below: of a new figure, or on axes that are given.

    Parameters
    ----------
    width, height : float
        Of the figure, and of the axes.
    title : str
        In lines.
    handles : of the legend, each with a label
    footer : sentences
    left, below : float
        What ticks of the axes take.
    ax : matplotlib.axes.Axes, optional
        Everything is drawn on these, all of it smaller where they have not the room.
    """
    from matplotlib.figure import Figure

    titles = wrapped(title, 9.0, width - 12)
    remarks = [line for sentence in footer for line in wrapped(sentence, 7.0, width - 16)]
    entries = [text_size(str(handle.get_label()), 8.0)[0] + 38.0 for handle in handles]
    columns = max(1, min(len(handles), int(width // max(entries)))) if entries else 1
    rows = -(-len(handles) // columns)
    top, legend, bottom = 12.5 * len(titles) + 6, 13.0 * rows + (6 if rows else 0), 9.5 * len(remarks) + 5
    if ax is not None:
        return _page_on(ax, (width, height, below + legend + bottom), titles, handles, remarks, columns, bottom)
    whole = top + height + below + legend + bottom
    figure = Figure(figsize=(width / 72, whole / 72))
    axes = figure.add_axes((left / width, (below + legend + bottom) / whole, 1.0 - left / width, height / whole))
    axes.set_xlim(0, width - left)
    axes.set_ylim(0, height)
    said: dict[str, Any] = {"ha": "center", "va": "top", "parse_math": False, "linespacing": 1.2}
    figure.text(0.5, 1 - 4 / whole, "\n".join(titles), fontsize=9, **said)
    if handles:
        _legend(figure, handles, (0.5, bottom / whole), columns, 8.0)
    if remarks:
        figure.text(0.5, bottom / whole, "\n".join(remarks), fontsize=7, color="#444444", **said)
    return Paper(figure, axes, 1.0)


class Paper(NamedTuple):
    """A page to draw on.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
    axes : matplotlib.axes.Axes
        In points.
    scale : float
        By what sizes of fonts, symbols and lines are multiplied, so that all is as large beside the page as it was arranged.
    """

    figure: Figure
    axes: Axes
    scale: float


def _page_on(
    ax: Axes,
    size: tuple[float, float, float],
    titles: Sequence[str],
    handles: Sequence[Artist],
    remarks: Sequence[str],
    columns: int,
    bottom: float,
) -> Paper:
    """The page inside of axes, its legend and remarks below the nodes, in one scale."""
    width, height, under = size
    room = size_of(ax)
    scale = min(room[0] / width, room[1] / (height + under))
    fonts = min(1.0, scale)
    ax.set_xlim(0, width)
    ax.set_ylim(-under, height)
    ax.set_aspect("equal", adjustable="box")
    ax.set_title("\n".join(titles), fontsize=9 * max(0.7, fonts), parse_math=False)
    if handles:
        _legend(ax, handles, (0.5, bottom / (height + under)), columns, 8 * fonts)
    if remarks:
        said: dict[str, Any] = {"ha": "center", "va": "top", "parse_math": False, "linespacing": 1.2}
        ax.text(width / 2, bottom - under, "\n".join(remarks), fontsize=7 * fonts, color="#444444", **said)
    return Paper(drawing_on(ax).figure, ax, fonts)


def _legend(on: Figure | Axes, handles: Sequence[Artist], at: Point, columns: int, size: float) -> None:
    drawn = on.legend(
        handles=list(handles),
        loc="lower center",
        bbox_to_anchor=at,
        ncols=columns,
        frameon=False,
        fontsize=size,
        borderpad=0.1,
        labelspacing=0.35,
        columnspacing=1.2,
        handletextpad=0.6,
    )
    for text in drawn.get_texts():
        # Dollar signs in names are no formulas.
        text.set_parse_math(False)


def wrapped(text: str, size: float, width: float) -> list[str]:
    """The lines of a text that is at most so wide, in points, as far as its words allow.

    Parameters
    ----------
    text : str
    size, width : float
    """
    lines = []
    for line in text.split("\n"):
        wide = text_size(line, size)[0]
        most = max(1, len(line)) if wide <= width else max(8, int(len(line) * width / wide) - 1)
        # Lines break between items, not within them.
        items = line.replace(", ", ",\0").replace(" ", "\N{NO-BREAK SPACE}").replace(",\0", ", ")
        if any(text_size(item, size)[0] > width for item in items.split(", ")):
            items = line
        lines += textwrap.wrap(items, most, break_long_words=True, break_on_hyphens=False) or [""]
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def write_labels(axes: Axes, labels: Sequence[Label], size: float, **style: Any) -> None:
    """Labels at their places, on white where lines run below them."""
    for label in labels:
        axes.text(
            *label.middle,
            label.text,
            fontsize=size,
            ha="center",
            va="center",
            linespacing=1.15,
            parse_math=False,
            **{
                "zorder": 6,
                "bbox": {"boxstyle": "square,pad=0.02", "facecolor": "white", "edgecolor": "none", "alpha": 0.75},
                **style,
            },
        )
