"""What is said about a result, before anyone decides how it looks: a title, sentences, tables, pictures. Nothing is computed here.

Each type of result has one function that makes its view; ``rendering`` draws views on terminals, in notebooks and in files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from protocols.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNITS = {"phase": "rad^2", "displacement": "vacuum variances"}
"""Of a mean squared error of q, by what is sensed."""
ROOT_UNITS = {"phase": "rad", "displacement": "standard deviations of the vacuum"}
"""Of q itself, its bias and its root mean squared error."""
INFORMATION_UNITS = {"phase": "1/rad^2", "displacement": "1/vacuum variance"}
"""Of Fisher information."""
Tone = Literal["plain", "strong", "note", "warning"]
"""How much a sentence matters: it is simply said, it is a result, it is an aside, or it must not be missed."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence on a line of its own.

    Parameters
    ----------
    text : str
    tone : {"plain", "strong", "note", "warning"}
        How much it matters.
    """

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Heading:
    """What the parts below it are about.

    Parameters
    ----------
    text : str
    """

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One of a list.

    Parameters
    ----------
    text : str
        May begin with blanks that put numbers below each other where letters are equally wide.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds, and what shows it.

    Parameters
    ----------
    holds : bool
    text : str
        The condition, and its witness.
    """

    holds: bool
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure for whoever can show one.

    Parameters
    ----------
    file : str
        Its name beside the text that refers to it.
    caption : str
    draw : function without arguments
        Makes the matplotlib figure; called only when it is shown.
    """

    file: str
    caption: str
    draw: Callable[[], Figure] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Gap:
    """An empty line where lines are all there is to keep things apart."""


Part = Line | Heading | Item | Verdict | Table | Picture | Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The description of a result for people, from which every rendering is made.

    Attributes
    ----------
    title : str
        What the result is of.
    parts : tuple of Line, Heading, Item, Verdict, Table, Picture and Gap
        In the order in which they are read.
    summary : tuple of str
        What matters, in a few short lines with units: the repr.
    titled : bool
        Whether a terminal shows the title too; some results say as much in their first line.

    Examples
    --------
    >>> view = View(title="two sensors", parts=(Line("MSE 0.5"), Item("light: |2, 0> + |0, 2>")), summary=("MSE 0.5 rad^2",))
    >>> from protocols.reports.rendering import plain_text
    >>> print(plain_text(view), end="")
    two sensors
    MSE 0.5
      light: |2, 0> + |0, 2>
    """

    title: str
    parts: tuple[Part, ...] = ()
    summary: tuple[str, ...] = ()
    titled: bool = True
