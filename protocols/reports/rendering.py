"""Views on terminals, as plain text, as Markdown and as HTML: the one place where what is said gets a look."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from networks.printable import printable
from protocols.reports.view import Gap, Heading, Item, Line, Part, Picture, Tone, Verdict, View
from protocols.tables import Table, cell, escaped, markdown_text, table_html, to_markdown, to_rich, wrapped

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH = 100
"""Columns of plain text, where no terminal has a width of its own."""
_STYLES: dict[Tone, str] = {"plain": "", "strong": "bold", "note": "dim", "warning": "bold red"}


def print_view(console: Console, view: View) -> None:
    """A view on a terminal, however narrow: words may go to the next line, numbers are never cut or broken.

    Verdicts are not wrapped: their witnesses are too long for a column.

    Parameters
    ----------
    console : rich.console.Console
    view : View
    """
    from rich.text import Text

    def say(text: str, style: str, indent: str = "") -> None:
        for line in wrapped(text, console.width, indent=indent):
            console.print(Text(line, style=style), soft_wrap=True)

    if view.titled:
        say(printable(view.title), "bold")
    for part in view.parts:
        match part:
            case Line(text, tone):
                say(printable(text, keep="\n"), _STYLES[tone])
            case Heading(text):
                say(printable(text), "bold")
            case Item(text):
                say(f"  {printable(text)}", "")
            case Verdict(holds, text):
                line = Text("  yes  " if holds else "  NO   ", style="" if holds else "bold red")
                console.print(line.append(printable(text), style="default"), soft_wrap=True)
            case Table():
                console.print(to_rich([part]), crop=False)
            case Gap():
                console.print()
            case Picture():
                pass


def plain_text(view: View, *, width: int = PLAIN_WIDTH) -> str:
    """A view as text without colours.

    Parameters
    ----------
    view : View
    width : int
        Columns; longer lines are wrapped.
    """
    from rich.console import Console

    stream = io.StringIO()
    print_view(Console(file=stream, width=width, highlight=False, color_system=None, emoji=False), view)
    return "".join(line.rstrip() + "\n" for line in stream.getvalue().splitlines())


# --- Markdown ------------------------------------------------------------------------------------------------


def markdown(view: View, *, level: int = 1, pictures: bool = False) -> str:
    """A view as Markdown, with tables as GitHub draws them.

    Parameters
    ----------
    view : View
    level : int >= 1
        Of the heading; those inside are one deeper.
    pictures : bool
        Whether to refer to the pictures of the view, for whoever writes their files beside the text.

    Examples
    --------
    >>> print(markdown(View(title="a <b>", parts=(Heading("Light"), Item("|1, 0>"), Item("|0, 1>"), Line("done", "strong")))))
    # a \\<b>
    <BLANKLINE>
    ## Light
    <BLANKLINE>
    - |1, 0>
    - |0, 1>
    <BLANKLINE>
    **done**
    <BLANKLINE>
    """
    blocks = [f"{'#' * level} {markdown_text(view.title)}"] if view.title else []
    for is_list, group in itertools.groupby(view.parts, key=_is_listed):
        if is_list:
            blocks.append("\n".join(f"- {_markdown_item(part)}" for part in group))
        else:
            blocks += [text for part in group if (text := _markdown_block(part, level, pictures))]
    return "\n\n".join(blocks) + "\n"


def _is_listed(part: Part) -> bool:
    return isinstance(part, Item | Verdict)


def _markdown_item(part: Part) -> str:
    if isinstance(part, Verdict):
        return f"{'yes' if part.holds else '**NO**'}: {markdown_text(part.text)}"
    assert isinstance(part, Item)
    return markdown_text(part.text)


def _markdown_block(part: Part, level: int, pictures: bool) -> str:
    match part:
        case Line(text, "plain" | "note"):
            return markdown_text(text)
        case Line(text, _):
            return f"**{markdown_text(text)}**"
        case Heading(text):
            return f"{'#' * (level + 1)} {markdown_text(text)}"
        case Table():
            return to_markdown(part).rstrip("\n")
        case Picture(file, caption, _) if pictures:
            return f"![{markdown_text(caption)}]({file})"
    return ""


# --- HTML ------------------------------------------------------------------------------------------------------


def html_text(view: View, *, picture: str = "") -> str:
    """A view as a piece of HTML for a notebook; every text is escaped, and no style sheet is needed.

    Parameters
    ----------
    view : View
    picture : str
        HTML of an image, below the title.

    Examples
    --------
    >>> html_text(View(title="a <b>", parts=(Line("MSE 1"),)))
    '<div class="psn"><h4>a &lt;b&gt;</h4><p>MSE 1</p></div>'
    """
    return f'<div class="psn">{"".join(_html_blocks(view, picture))}</div>'


def _html_blocks(view: View, picture: str) -> Iterator[str]:
    if view.title:
        yield f"<h4>{escaped(view.title)}</h4>"
    yield picture
    for is_list, group in itertools.groupby(view.parts, key=_is_listed):
        if is_list:
            yield "<ul>" + "".join(f"<li>{_html_item(part)}</li>" for part in group) + "</ul>"
        else:
            yield from map(_html_block, group)


def _html_item(part: Part) -> str:
    if isinstance(part, Verdict):
        return f"{'yes' if part.holds else '<b>NO</b>'}: {escaped(part.text)}"
    assert isinstance(part, Item)
    return escaped(part.text.strip())


def _html_block(part: Part) -> str:
    match part:
        case Line(text, tone):
            inner = escaped(text)
            return f"<p>{f'<small>{inner}</small>' if tone == 'note' else inner if tone == 'plain' else f'<b>{inner}</b>'}</p>"
        case Heading(text):
            return f"<h5>{escaped(text)}</h5>"
        case Table():
            return table_html(part)
    return ""


# --- the short form ----------------------------------------------------------------------------------------------

MAX_REPR = 1200
"""Characters of a repr; a longer one is cut."""
MAX_REPR_LINE = 200
"""Characters of a line of a repr."""


def short_text(name: str, view: View) -> str:
    """The repr of a result: the name of its class, its title, and what matters.

    Parameters
    ----------
    name : str
    view : View

    Examples
    --------
    >>> short_text("Design", View(title="two sensors", summary=("MSE 0.5 rad^2", "bound 0.25 rad^2")))
    '<Design: two sensors\\n  MSE 0.5 rad^2\\n  bound 0.25 rad^2>'
    """
    text = "\n  ".join(cut(printable(line), MAX_REPR_LINE) for line in (f"<{name}: {view.title}", *view.summary))
    return cut(text, MAX_REPR) + ">"


def cut(text: str, length: int) -> str:
    """A text, ending in dots when it is longer.

    >>> cut("abcdef", 6), cut("abcdefg", 6)
    ('abcdef', 'abc...')
    """
    return text if len(text) <= length else text[: length - 3] + "..."


def joined(*parts: tuple[str, float | None, str]) -> str:
    """Numbers that are there, with names and units, for a summary.

    >>> joined(("MSE", 0.25, "rad^2"), ("bound", None, ""), ("ratio", 2.0, ""))
    'MSE 0.25 rad^2, ratio 2'
    """
    return ", ".join(f"{name} {cell(value)} {unit}".rstrip() for name, value, unit in parts if value is not None)
