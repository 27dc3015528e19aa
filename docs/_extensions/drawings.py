"""Pictures of the gallery: the ``Drawing`` of a script, which belongs to no window, is saved as sphinx-gallery saves figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict
from weakref import WeakSet

from matplotlib.figure import Figure

import networks
import photonics

DPI = 150
_SAVED: WeakSet[Figure] = WeakSet()


class BlockVariables(TypedDict):
    """What sphinx-gallery hands to what collects images; there is more."""

    example_globals: dict[str, Any]
    image_path_iterator: Iterator[str]


def save_drawings(block: object, block_vars: BlockVariables, gallery_conf: dict[str, Any], **_: object) -> str:
    """Save the drawings that a block of a script has made, and give the text that shows them."""
    from sphinx_gallery.scrapers import figure_rst

    paths = []
    for value in block_vars["example_globals"].values():
        if not isinstance(value, networks.Drawing | photonics.CircuitDrawing) or value.figure in _SAVED:
            continue
        # Figures of pyplot are collected by sphinx-gallery itself.
        if value.figure.canvas.manager is None:
            paths.append(next(block_vars["image_path_iterator"]))
            value.figure.savefig(paths[-1], dpi=DPI, facecolor="white")
            _SAVED.add(value.figure)
    text: str = figure_rst(paths, gallery_conf["src_dir"])
    return text


def _get_sg_image_scraper() -> Any:
    """By this name sphinx-gallery finds it, as ``image_scrapers`` of conf.py names this module."""
    return save_drawings
