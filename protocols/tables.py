"""Turning results into tables and documents: JSON, Markdown, LaTeX, HTML, CSV, pandas, rich. No results are computed here."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

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
    return f"{value:.7g}" if isinstance(value, float) else str(value)


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

    noted = table.columns[-1] == "note"
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

    Parameters
    ----------
    tables : sequence of Table
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Group
    from rich.table import Table as RichTable
    from rich.text import Text

    parts: list[Any] = []
    for table in tables:
        noted = table.columns[-1] == "note"
        columns = table.columns[:-1] if noted else table.columns
        notes: list[str] = []
        out = RichTable(header_style="bold", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
        # Long texts in the first column may wrap, so that numbers need not.
        wraps = any(len(cell(row[0])) > 28 for row in table.rows)
        numbers = {i for i in range(len(columns)) if any(isinstance(row[i], int | float) for row in table.rows)}
        for index, column in enumerate(columns):
            unbroken = index in numbers or (index == 0 and not wraps)
            out.add_column(
                Text(printable(column)),
                justify="right" if index in numbers else "left",
                overflow="fold",
                no_wrap=unbroken,
            )
        if noted:
            out.add_column("")
        for row in table.rows:
            cells = [cell(value) for value in row]
            if noted:
                note = cells.pop()
                if note and note not in notes:
                    notes.append(note)
                cells.append(f"[{notes.index(note) + 1}]" if note else "")
            out.add_row(*(Text(printable(text)) for text in cells))
        parts += [
            Text(printable(table.title), style="italic"),
            out,
            *(Text(f"  [{number}] {printable(note)}", style="dim") for number, note in enumerate(notes, 1)),
            Text(),
        ]
    return Group(*parts)
