"""Files that are made when the site is built: written only where they differ, so that Sphinx reads again only what has changed."""

from __future__ import annotations

from pathlib import Path


def write_pages(source: Path, folder: str, pages: dict[str, str]) -> None:
    """Write the pages of a folder that differ from what is there, and delete files that are none of them."""
    for name, text in pages.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
    wanted = {source / name for name in pages}
    for path in (source / folder).rglob("*"):
        if path.is_file() and path not in wanted:
            path.unlink()
