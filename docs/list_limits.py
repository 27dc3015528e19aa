"""List every constant that limits what a user can ask for: the table of docs/reference/limits.md, from the code.

    python docs/list_limits.py            writes the page
    python docs/list_limits.py --check    says whether it is up to date (exit code 1 when not)

A limit is a constant of a module whose name begins with MAX_, LARGEST_, LEAST_, SMALLEST_ or DEEPEST_, or ends in STEPS or
LIMIT; what it limits stands in the text under it.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "limits.md"
NAME = re.compile(r"(MAX|LARGEST|LEAST|SMALLEST|DEEPEST)(_|$)|(\w+_)?(STEPS|LIMIT)$|CROWDED$")


@dataclass(frozen=True, kw_only=True)
class LimitConstant:
    """A constant, where it is, its value as written, and what it limits."""

    module: str
    name: str
    value: str
    text: str


def limits() -> list[LimitConstant]:
    """All limits, by module."""
    result = []
    for package in ("networks", "photonics", "protocols"):
        for path in sorted((ROOT / package).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            body = ast.parse(path.read_text()).body
            for node, following in zip(body, [*body[1:], None], strict=True):
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    name = node.targets[0].id
                elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    name = node.target.id
                else:
                    continue
                if NAME.match(name) and node.value is not None:
                    text = following.value.value if is_text(following) else ""
                    value = ast.unparse(node.value)
                    result.append(LimitConstant(module=module, name=name, value=value, text=" ".join(text.split())))
    return result


def is_text(node: ast.stmt | None) -> bool:
    """Whether a statement is a text under a constant."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def page() -> str:
    """The whole page."""
    lines = [
        "# Limits",
        "",
        "What is refused, left undecided or left out beyond a number, so that nothing runs for hours or out of memory without a",
        "word. A search that reaches a limit says so, and what it has not decided is undecided. Limits are constants of the",
        "modules; this table is made from them by `python docs/list_limits.py`.",
        "",
        "| limit | value | what it limits |",
        "| --- | --- | --- |",
    ]
    module = ""
    for limit in limits():
        if limit.module != module:
            module = limit.module
            lines.append(f"| **{module}** | | |")
        value = f"{int(limit.value):,}" if limit.value.isdigit() else limit.value.replace(" ** ", "^")
        lines.append(f"| `{limit.name}` | {value} | {limit.text.replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


def main(check: bool) -> int:
    """Write the page, or compare it."""
    text = page()
    if check:
        same = PAGE.exists() and PAGE.read_text() == text
        print("up to date" if same else "out of date: docs/reference/limits.md; run python docs/list_limits.py")
        return int(not same)
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
