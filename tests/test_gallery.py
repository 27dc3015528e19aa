"""Scripts of the gallery run, and what they draw is what they drew before, number by number.

After a change that is meant: ``pytest tests/test_gallery.py --record-golden`` writes the file anew, and git shows what changed.
"""

from __future__ import annotations

import ast
import json
import runpy
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

GALLERY = Path(__file__).parents[1] / "docs" / "gallery"
SCRIPTS = sorted(GALLERY.glob("plot_*.py"))
KEPT = Path(__file__).parent / "golden" / "gallery.json"
MOST = 60
"""Numbers of an artist that are kept one by one; of more, what they sum up to."""
TOLERANCE = 1e-5
"""Of numbers, relative: those of simulations and of labels are rounded a little otherwise elsewhere."""


def numbers_of(values: Any) -> dict[str, Any]:
    """An array as few numbers that change when one of it does."""
    array = np.asarray(values, dtype=float)
    flat = array[np.isfinite(array)].ravel()
    if flat.size <= MOST:
        return {"shape": list(array.shape), "values": [float(f"{v:.7g}") for v in flat]}
    weights = np.cos(np.arange(flat.size))
    sums = [flat.min(), flat.max(), flat.sum(), (flat**2).sum(), (np.abs(flat) * (2 + weights)).sum()]
    return {"shape": list(array.shape), "sums": [float(f"{v:.7g}") for v in sums]}


def drawn(figure: Figure) -> list[dict[str, Any]]:
    """What the axes of a figure show: its data, axis by axis."""
    shown = []
    for axes in figure.axes:
        lines = [c.get_segments() for c in axes.collections if isinstance(c, LineCollection)]
        dots = [c.get_offsets() for c in axes.collections if isinstance(c, PathCollection)]
        bars = [p.get_bbox().get_points() for p in axes.patches if isinstance(p, Rectangle)]
        shown.append(
            {
                "axes": [axes.get_xlabel(), axes.get_ylabel(), axes.get_xscale(), axes.get_yscale()],
                "lines": [numbers_of(line.get_xydata()) for line in axes.get_lines()],
                "segments": [numbers_of(np.concatenate(one)) for one in lines if one],
                "dots": [numbers_of(one) for one in dots],
                "bars": [numbers_of(one) for one in bars],
                "images": [numbers_of(image.get_array()) for image in axes.images],
                "texts": [text.get_text() for text in axes.texts],
            }
        )
    return shown


def figure_of(script: Path) -> Figure:
    """The one figure that a script draws."""
    plt.close("all")
    made = runpy.run_path(str(script))
    figure = made["drawing"].figure if "drawing" in made else made["figure"]
    assert isinstance(figure, Figure)
    # A figure of pyplot would be shown twice beside a drawing.
    assert len(plt.get_fignums()) == ("drawing" not in made)
    plt.close("all")
    return figure


def same(kept: Any, now: Any) -> bool:
    """Whether two documents are equal, their numbers nearly."""
    if isinstance(kept, dict) and isinstance(now, dict):
        return kept.keys() == now.keys() and all(same(kept[key], now[key]) for key in kept)
    if isinstance(kept, list) and isinstance(now, list):
        numeric = all(isinstance(v, float) for v in (*kept, *now))
        if numeric and len(kept) == len(now):
            size = max((abs(v) for v in kept), default=0.0)
            return all(abs(a - b) <= TOLERANCE * max(abs(a), 1e-3 * size) for a, b in zip(kept, now, strict=True))
        return len(kept) == len(now) and all(map(same, kept, now))
    return bool(kept == now)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_draws_what_it_drew(script: Path, request: pytest.FixtureRequest) -> None:
    figure = figure_of(script)
    figure.draw_without_rendering()
    now = json.loads(json.dumps(drawn(figure)))
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    if request.config.getoption("--record-golden"):
        kept = {name: value for name, value in kept.items() if (GALLERY / f"{name}.py").exists()}
        if script.stem not in kept or not same(kept[script.stem], now):
            kept[script.stem] = now
        KEPT.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n")
        return
    for k, (before, after) in enumerate(zip(kept[script.stem], now, strict=True)):
        wrong = [
            f"{name}: {before[name]} is now {after[name]}" for name in before if not same(before[name], after[name])
        ]
        assert not wrong, f"{script.stem}, axes {k}: " + "; ".join(wrong)


def test_numbers_that_change_are_seen() -> None:
    many = np.linspace(1.0, 2.0, 500)
    other = many.copy()
    other[200] *= 1.05
    assert same(numbers_of(many), numbers_of(many * (1 + 1e-9)))
    assert not same(numbers_of(many), numbers_of(other))
    assert not same(numbers_of(many), numbers_of(many[::-1]))
    assert not same(numbers_of([1.0, 2.0]), numbers_of([1.0, 2.1]))
    assert not same({"texts": ["a"]}, {"texts": ["b"]})


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_has_a_title_few_lines_and_an_assertion(script: Path) -> None:
    tree = ast.parse(script.read_text())
    title, line, *_ = (ast.get_docstring(tree) or "").splitlines()
    assert line == "=" * len(title)
    code = [text for text in script.read_text().partition('"""\n\n')[2].splitlines() if text.strip()]
    assert len(code) <= 50
    assert any(isinstance(node, ast.Assert) for node in ast.walk(tree))


def test_the_file_of_data_is_of_these_scripts() -> None:
    assert sorted(json.loads(KEPT.read_text())) == [script.stem for script in SCRIPTS]
