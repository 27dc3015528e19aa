"""What every result can do: be printed as a document, be kept in a file, show itself, be drawn, become a table."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from protocols.documents.printed import Printed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from networks import Drawing

Format = Literal["terminal", "plain", "markdown", "html"]
"""How a result is shown: with colours and as wide as the terminal, or as text to keep."""

MAX_CALL = 1000
"""Characters up to which a value is printed as the call that makes it."""


class Result(Printed):
    """A result of a public function. Its classes are dataclasses with ``repr=False``, so that the repr is the one here.

    Examples
    --------
    >>> from protocols import bounds_table
    >>> print(repr(bounds_table([1, 1], photons=2)))
    <BoundsTable: lower bounds on the mean squared error of q, alpha = (1, 1), N = 2, M = 1, static parameters
      qubit: MSE at least 1, gain by entanglement 2 over separable probes
      phase: MSE at least 1 rad^2, gain by entanglement 1 over separable-in-turn probes>
    """

    __slots__ = ()
    PRINTS_AS_CALL: ClassVar[bool] = False
    """Whether a value that is short enough is printed as the call that makes it."""

    def save(self, path: str | Path) -> None:
        """Keep it in a file; see ``protocols.save``."""
        from protocols.documents.files import save

        save(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The result of this class that ``save`` kept in a file; see ``protocols.load``."""
        from protocols.documents.files import load_as

        return load_as(path, cls)

    def plot(
        self, kind: str | None = None, *, ax: Axes | None = None, width_cm: float | None = None, **options: Any
    ) -> Drawing:
        """Draw it; see ``protocols.plot``, and docs/how-to/results.md for what each class can be drawn as.

        Parameters
        ----------
        kind : str, optional
            What to draw of it; the first that its class has when left out.
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure when left out.
        width_cm : float, optional
            Of the new figure, from 3 to 200.
        options
            Of the kind, such as ``sensing`` of a table of bounds or ``network`` of layouts.

        Returns
        -------
        Drawing
            ``figure, axes``; a notebook shows it.

        Raises
        ------
        InputError
            For another kind, options that it does not have, and results of which nothing can be drawn.
        """
        drawing: Drawing = _showing().plot(self, kind, ax=ax, width_cm=width_cm, **options)
        return drawing

    def to_pandas(self) -> pd.DataFrame:
        """Its table as a pandas frame, units in ``frame.attrs["units"]``; see ``protocols.to_pandas``.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        InputError
            For a result that has no table.
        ImportError
            Naming the extra, when pandas is not there.
        """
        frame: pd.DataFrame = _showing().to_pandas(self)
        return frame

    def show(self, format: Format = "terminal") -> None:
        """Show it; see ``protocols.show``."""
        _showing().show(self, format)

    def __repr__(self) -> str:
        if self.PRINTS_AS_CALL and len(call := _call(self)) <= MAX_CALL:
            return call
        text: str = _showing().short(self)
        return text

    def _repr_html_(self) -> str:
        """What a notebook shows: the text, and the picture that says most."""
        text: str = _showing().to_notebook(self)
        return text


def _call(value: Any) -> str:
    """As dataclasses print themselves."""
    fields = (field.name for field in dataclasses.fields(value) if field.repr)
    return f"{type(value).__qualname__}({', '.join(f'{name}={getattr(value, name)!r}' for name in fields)})"


def _showing() -> Any:
    """The room that shows results. It lies above all rooms with results, which lie above this one: so it is found by name, when
    a result is shown, and imports still run downhill.
    """
    return importlib.import_module("protocols.reports.showing")
