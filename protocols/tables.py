"""Turning results into tables and documents: JSON, Markdown, LaTeX, HTML, CSV, pandas, rich. No results are computed here."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from networks.printable import printable
from networks.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Value):
    """A table as title, columns and rows; functions of this module write it as Markdown, LaTeX, CSV and so on.

    Attributes
    ----------
    title : str
    columns : tuple of str
        A last column "note" becomes comments or footnotes.
    rows : tuple of tuples
        Cells: text, numbers or None.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@contextmanager
def all_digits() -> Iterator[None]:
    """Integers of any length may be written inside: counts of protocols have thousands of digits, where Python stops at 4300.

    That limit guards against text from outside; what is written here was computed here.

    Examples
    --------
    >>> with all_digits():
    ...     len(str(10**5000))
    5001
    """
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(before)


def cell(value: object) -> str:
    """A cell as people read it: seven digits, exact integers, a dash for what is not there.

    Parameters
    ----------
    value : text, number or None

    Examples
    --------
    >>> cell(None), cell(0.25), cell(3)
    ('-', '0.25', '3')
    """
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.7g}"
    with all_digits():
        return str(value)


def with_error(value: float, stderr: float) -> str:
    """A value with the uncertainty of its last two digits in brackets.

    Parameters
    ----------
    value, stderr : float
        A standard error that is not positive and finite is left out.

    Examples
    --------
    >>> with_error(0.0052312, 0.000078), with_error(1234.5, 67.0), with_error(-0.0001, 0.02)
    ('0.005231(78)', '1234(67)', '-0.000(20)')
    >>> with_error(1.5e-9, 2e-11), with_error(0.5, math.nan), with_error(0.00035, 0.000996)
    ('1.500(20)e-09', '0.5', '0.0003(10)')
    """
    if not (math.isfinite(stderr) and stderr > 0):
        return f"{value:.4g}"
    size = max(abs(value), stderr)
    exponent = math.floor(math.log10(size)) if not 1e-4 <= size < 1e7 else 0
    digits = max(0, 1 - math.floor(math.log10(stderr / 10**exponent)))
    if digits and round(stderr / 10**exponent * 10**digits) == 100:
        digits -= 1
    uncertain = round(stderr / 10**exponent * 10**digits)
    return f"{value / 10**exponent:.{digits}f}({uncertain})" + (f"e{exponent:+03d}" if exponent else "")


def to_json(document: object) -> str:
    """Exactly one JSON document; Fractions as strings, infinite numbers as null.

    Parameters
    ----------
    document : dicts, lists, tuples, Fractions, text, numbers and None
    """
    with all_digits():
        return json.dumps(_plain(document), allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def to_markdown(table: Table) -> str:
    """A Markdown table under its title.

    Parameters
    ----------
    table : Table
    """

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(text.replace("|", "\\|") for text in cells) + " |"

    def text(value: object) -> str:
        return markdown_text(value) if isinstance(value, str) else cell(value)

    body = [line([text(value) for value in row]) for row in table.rows]
    return "\n".join(
        [
            f"**{markdown_text(table.title)}**",
            "",
            line([text(name) for name in table.columns]),
            line(["---"] * len(table.columns)),
            *body,
            "",
        ]
    )


_MARKDOWN = re.compile(
    r"""[\\`*<\[\]~$]            # code, emphasis, HTML, links and images, strike-through, formulas
    | &(?=[#\w])                # names of signs
    | _(?![^\W_])              # what could end emphasis; without an end there is none
    | (?<=\w):(?=//)            # addresses, which some readers make links of
    | (?<=\bwww)\.
    | ^[#>+=-](?=[\s#>+=-]|$)   # headings, quotations, lists at the beginning
    | (?:(?<=^\d)|(?<=^\d\d)|(?<=^\d\d\d))[.)](?=\s|$)""",
    re.VERBOSE,
)


def markdown_text(text: str) -> str:
    """A text as Markdown has it, on one line: no sign of it is read as anything but itself.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> print(markdown_text("![x](http://example.org/a.png) <b> node_1 _b_"))
    !\\[x\\](http\\://example.org/a.png) \\<b> node_1 _b\\_
    """
    return _MARKDOWN.sub(lambda sign: "\\" + sign[0], printable(" ".join(text.split())))


_LATEX = {"_": r"\_", "^": r"\^{}", "%": r"\%", "&": r"\&", "#": r"\#", "{": r"\{", "}": r"\}", "$": r"\$"}
_LATEX |= {"\\": r"\textbackslash{}", "~": r"\~{}"}


def one_line(text: str) -> str:
    """A text without line breaks and control signs: a comment that ended early would let the rest be read as commands.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> one_line("a\\n b\\x1b")
    'a b\\\\x1b'
    """
    return printable(" ".join(text.split()))


def to_latex(table: Table) -> str:
    """A LaTeX tabular, no package needed; its title, and a last column "note", are comments above it.

    Parameters
    ----------
    table : Table
    """

    def line(cells: Sequence[str]) -> str:
        return " & ".join("".join(_LATEX.get(sign, sign) for sign in one_line(text)) for text in cells) + r" \\"

    noted = table.columns[-1:] == ("note",)
    columns = table.columns[:-1] if noted else table.columns
    notes = [f"% {one_line(f'{row[0]}, {row[1]}: {row[-1]}')}" for row in table.rows if noted and row[-1]]
    body = [line([cell(value) for value in row[: len(columns)]]) for row in table.rows]
    head = [r"\begin{tabular}{" + "l" * len(columns) + "}", r"\hline", line(columns), r"\hline"]
    return "\n".join([f"% {one_line(table.title)}", *notes, *head, *body, r"\hline", r"\end{tabular}", ""])


def escaped(text: str) -> str:
    """A text as HTML has it.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> escaped("<b> & c")
    '&lt;b&gt; &amp; c'
    """
    # Its table of entities is not needed to answer ``psn bounds``.
    from html import escape

    return escape(printable(text, keep="\n\t"))


def table_html(table: Table) -> str:
    """An HTML table under its title, every text escaped; numbers stand at the right.

    Parameters
    ----------
    table : Table

    Examples
    --------
    >>> table_html(Table(title="a < b", columns=("n",), rows=((1,),)))
    '<table><caption>a &lt; b</caption><thead><tr><th>n</th></tr></thead><tbody><tr><td align="right">1</td></tr></tbody></table>'
    """

    def column(value: object) -> str:
        side = ' align="right"' if isinstance(value, int | float) else ""
        return f"<td{side}>{escaped(cell(value))}</td>"

    head = "".join(f"<th>{escaped(name)}</th>" for name in table.columns)
    body = "".join(f"<tr>{''.join(map(column, row))}</tr>" for row in table.rows)
    caption = f"<caption>{escaped(table.title)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def to_csv(table: Table) -> str:
    """Comma-separated values with full precision and a header line.

    Parameters
    ----------
    table : Table
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.columns)
    with all_digits():
        writer.writerows(["" if value is None else value for value in row] for row in table.rows)
    return stream.getvalue()


def to_pandas(table: Table) -> Any:
    """A pandas DataFrame.

    Parameters
    ----------
    table : Table

    Raises
    ------
    ImportError
        Naming the extra, when pandas is not there.
    """
    try:
        import pandas
    except ImportError:
        raise ImportError("pandas is not installed; pip install 'photonic-sensor-networks[pandas]'") from None
    return pandas.DataFrame([list(row) for row in table.rows], columns=list(table.columns))


def to_rich(tables: Sequence[Table]) -> Any:
    """rich tables, one below the other; a last column "note" becomes footnotes, which fit into narrow terminals.

    Numbers are never cut or broken: where the columns do not fit side by side, each row becomes a list of "column: value". Print it
    with ``crop=False``, so that a number longer than the terminal is wide is left whole as well.

    Parameters
    ----------
    tables : sequence of Table
    """
    from rich.console import Group

    return Group(*(_Fitted(table) for table in tables))


class _Fitted:
    """A table that looks at the width it is given before it takes a shape."""

    def __init__(self, table: Table) -> None:
        noted = table.columns[-1:] == ("note",)
        self.title = printable(table.title)
        self.columns = tuple(printable(column) for column in (table.columns[:-1] if noted else table.columns))
        self.notes: list[str] = []
        self.rows: list[list[str]] = []
        for row in table.rows:
            cells = [printable(cell(value)) for value in row]
            if noted:
                note = cells.pop()
                if note and note not in self.notes:
                    self.notes.append(note)
                cells.append(f"[{self.notes.index(note) + 1}]" if note else "")
            self.rows.append(cells)
        self.numbers = {
            i for i in range(len(self.columns)) if any(isinstance(row[i], int | float) for row in table.rows)
        }
        if noted:
            self.columns = (*self.columns, "")

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        from rich.text import Text

        width = options.max_width

        def lines(text: str, style: str, indent: str = "") -> Iterator[Any]:
            for line in wrapped(text, width, indent=indent):
                yield Text(line, style=style, no_wrap=True, overflow="ignore")

        yield from lines(self.title, "italic")
        widths = _fitting(self.columns, self.rows, width)
        if widths is None:
            for row in self.rows:
                yield Text()
                for column, text in zip(self.columns, row, strict=True):
                    if column or text:
                        yield from lines(f"{column or 'note'}: {text}", "", "  ")
            yield Text()
        else:
            yield self._side_by_side(widths)
        for number, note in enumerate(self.notes, 1):
            yield from lines(f"  [{number}] {note}", "dim")
        yield Text()

    def _side_by_side(self, widths: Sequence[int]) -> Any:
        from rich.box import SIMPLE_HEAD
        from rich.table import Table as RichTable
        from rich.text import Text

        out = RichTable(header_style="bold", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
        for index, (column, width) in enumerate(zip(self.columns, widths, strict=True)):
            side: Literal["right", "left"] = "right" if index in self.numbers else "left"
            out.add_column(Text("\n".join(wrapped(column, width))), justify=side, width=width)
        for row in self.rows:
            out.add_row(*(Text("\n".join(wrapped(text, width))) for text, width in zip(row, widths, strict=True)))
        return out


def _fitting(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """Widths of columns that stand side by side without a broken number, None when the terminal is too narrow for it."""
    from rich.cells import cell_len

    texts = list(zip(columns, *rows, strict=True))
    least = [max(1, *(cell_len(piece.strip()) for text in column for piece in _BREAKS.split(text))) for column in texts]
    widths = [max(1, *map(cell_len, column)) for column in texts]
    # One blank on each side of a column and between two of them.
    spare = width - 2 * len(columns)
    if sum(least) > spare:
        return None
    while sum(widths) > spare:
        # The widest gives way first, as far as its longest word allows.
        index = max((i for i in range(len(widths)) if widths[i] > least[i]), key=lambda i: widths[i])
        widths[index] -= 1
    return widths


_BREAKS = re.compile(r"(?<=\s)(?=\S)|(?<=[^\W\d][-_/])(?=[^\W\d])")
"""Where a text may go on in the next line: before a word, and inside a name between a sign and a letter. Never inside a number."""


def wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    """Lines of a text, broken between words and inside hyphenated names, never inside a number.

    Parameters
    ----------
    text : str
    width : int
        Columns of the terminal. A word that is longer stands on a line of its own, whole.
    indent : str
        Before all lines but the first.

    Examples
    --------
    >>> wrapped("MSE 2.040816e-08 rad^2, ratio 1", 14)
    ['MSE', '2.040816e-08', 'rad^2, ratio 1']
    >>> wrapped("north-by-north-west", 10), wrapped("1.5e-08", 3)
    (['north-by-', 'north-west'], ['1.5e-08'])
    """
    from rich.cells import cell_len

    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in _BREAKS.split(paragraph):
            # Blanks between words need no room at the end of a line.
            if line.strip() and cell_len(line + piece.rstrip()) > width:
                lines.append(line.rstrip())
                line = indent
            line += piece
        lines.append(line.rstrip())
    return lines
