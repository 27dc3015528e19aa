"""Draw the rooms of the house and which imports which, from the code.

The drawing is docs/reference/architecture.svg, the table is in architecture.md beside it.

python docs/draw_architecture.py            writes both
python docs/draw_architecture.py --check    says whether they are up to date (exit code 1 when not)
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import grimp
import networkx as nx

ROOT = Path(__file__).parents[1]
PAGE, DRAWING = ROOT / "docs" / "reference" / "architecture.md", ROOT / "docs" / "reference" / "architecture.svg"
LEAVES = ("networks", "photonics")
BOX, GAP, FLOOR = 150, 18, 74


def floors() -> list[list[str]]:
    """Rooms by floor, highest first: the layers of the import contract, and the two leaves at the bottom."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    inside = next(contract for contract in contracts if contract["name"].startswith("inside protocols"))
    return [[room.strip() for room in layer.split("|")] for layer in inside["layers"]] + [list(LEAVES)]


def room_of(module: str, rooms: list[str]) -> str | None:
    """The room that a module is in; None for the package protocols itself, which only lists names."""
    return next((room for room in rooms if module == room or module.startswith(room + ".")), None)


def arrows(rooms: list[str]) -> dict[str, list[str]]:
    """For each room the other rooms it imports, nearest floor first."""
    graph = grimp.build_graph("networks", "photonics", "protocols")
    result: dict[str, set[str]] = {room: set() for room in rooms}
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            here, there = room_of(module, rooms), room_of(imported, rooms)
            if here and there and here != there:
                result[here].add(there)
    return {room: sorted(result[room], key=rooms.index) for room in rooms}


def purpose(room: str) -> str:
    """The first sentence of a room's docstring."""
    path = ROOT / room.replace(".", "/")
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = ast.get_docstring(ast.parse(source.read_text())) or ""
    return " ".join(text.split("\n\n")[0].split())


def table(rooms: list[str], edges: dict[str, list[str]]) -> str:
    """The rooms as Markdown, highest floor first."""
    rows = [
        f"| `{room}` | {purpose(room)} | {', '.join(f'`{short(other)}`' for other in edges[room]) or 'nothing of ours'} |"
        for room in rooms
    ]
    return "\n".join(["| room | what belongs in it | imports |", "| --- | --- | --- |", *rows])


def short(room: str) -> str:
    """A room's name without the package that most are in."""
    return room.removeprefix("protocols.")


def drawing(rows: list[list[str]], edges: dict[str, list[str]]) -> str:
    """The floors as SVG; arrows that follow from others are left out, so that one can see the way down."""
    needed = nx.transitive_reduction(nx.DiGraph(edges))
    edges = {room: [other for other in others if needed.has_edge(room, other)] for room, others in edges.items()}
    wide = max(len(row) for row in rows) * (BOX + GAP) + 340
    place = {}
    for floor, row in enumerate(rows):
        left = (wide - len(row) * (BOX + GAP) + GAP) / 2
        for k, room in enumerate(row):
            place[room] = (left + k * (BOX + GAP), 12 + floor * FLOOR)
    lines = []
    for room, others in edges.items():
        for k, other in enumerate(others):
            (x, y), (u, v) = place[room], place[other]
            start, end = x + BOX * (k + 1) / (len(others) + 1), u + BOX / 2
            # Long arrows bow outwards, so that they do not run through the rooms between.
            bow = (1 if (rows_between(rows, room, other) + k) % 2 else -1) * 26 * (rows_between(rows, room, other) - 1)
            lines.append(
                f'<path d="M {start:.0f} {y + 34} C {start + bow:.0f} {y + 70} {end + bow:.0f} {v - 30} {end:.0f} {v - 3}"/>'
            )
    boxes = [
        f'<rect x="{x:.0f}" y="{y}" width="{BOX}" height="34" rx="5"/>'
        f'<text x="{x + BOX / 2:.0f}" y="{y + 22}">{short(room)}</text>'
        for room, (x, y) in place.items()
    ]
    tall = 24 + len(rows) * FLOOR
    style = (
        "rect{fill:#eef3f8;stroke:#3b6ea5}text{font:14px sans-serif;text-anchor:middle;fill:#1c2733}"
        "path{fill:none;stroke:#8a98a8;stroke-width:1;marker-end:url(#tip)}"
    )
    tip = (
        '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<polygon points="0,0 8,4 0,8" fill="#8a98a8"/></marker>'
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {tall}" role="img">'
    title = "<title>The rooms of the house: arrows run from a room to those that it imports, the nearest ones</title>"
    return "\n".join(
        [
            head,
            title,
            f"<style>{style}</style><defs>{tip}</defs>",
            '<rect width="100%" height="100%" style="fill:#fff;stroke:none"/>',
            *lines,
            *boxes,
            "</svg>\n",
        ]
    )


def rows_between(rows: list[list[str]], room: str, other: str) -> int:
    """How many floors an arrow goes down."""
    floor = {name: number for number, row in enumerate(rows) for name in row}
    return abs(floor[other] - floor[room])


def page(text: str, generated: str) -> str:
    """The page with what stands between the two marks made anew."""
    marked = re.compile(r"(<!-- rooms: made by docs/draw_architecture.py -->\n).*?(\n<!-- end of rooms -->)", re.DOTALL)
    assert marked.search(text), "docs/reference/architecture.md has lost its marks"
    return marked.sub(lambda m: m[1] + generated + m[2], text)


def main(check: bool) -> int:
    """Write both files, or compare them."""
    rows = floors()
    rooms = [room for row in rows for room in row]
    edges = arrows(rooms)
    wanted = {PAGE: page(PAGE.read_text(), table(rooms, edges)), DRAWING: drawing(rows, edges)}
    old = [path.name for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if check:
        print(f"out of date: {', '.join(old)}; run python docs/draw_architecture.py" if old else "up to date")
        return int(bool(old))
    for path, text in wanted.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
