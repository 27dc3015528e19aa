"""List the literature: the entries of docs/bibliography.md, from the table in protocols/citing/references.py.

    python docs/list_references.py            writes them into the page
    python docs/list_references.py --check    says whether they are up to date (exit code 1 when not)

What stands above the first heading of a section is the page's own.
"""

from __future__ import annotations

import re
import sys
import textwrap
from itertools import groupby
from pathlib import Path

from protocols.citing.references import REFERENCES

PAGE = Path(__file__).parent / "bibliography.md"
MARKS = re.compile(
    r"(<!-- references: made by docs/list_references.py -->\n).*?(<!-- end of references -->)", re.DOTALL
)


def entries() -> str:
    """All sections."""
    lines = []
    for section, references in groupby(REFERENCES, key=lambda reference: reference.section):
        lines += ["", f"## {section}", ""]
        for reference in references:
            lines += textwrap.wrap(
                f"- {reference.markdown}", 132, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
            )
    return "\n".join(lines) + "\n\n"


def main(check: bool) -> int:
    """Write the page, or compare it."""
    old = PAGE.read_text()
    assert MARKS.search(old), "docs/bibliography.md has lost its marks"
    text = MARKS.sub(lambda marks: marks[1] + entries() + marks[2], old)
    if check:
        print("up to date" if text == old else "out of date: docs/bibliography.md; run python docs/list_references.py")
        return int(text != old)
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
