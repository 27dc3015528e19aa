"""Text of others on a terminal or in a file: signs that steer terminals are written out, so that text stays text."""

from __future__ import annotations

import unicodedata

_STEERING = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories of control, format (right-to-left overrides among them) and surrogate signs, and of line separators."""
_JOINERS = "\u200c\u200d"
"""Format signs that names in Persian, Hindi and others are spelt with."""


def printable(text: str, *, keep: str = "") -> str:
    r"""A text with every control sign written as an escape, such as ``\x1b``; nothing else changes.

    Parameters
    ----------
    text : str
    keep : str
        Signs that stay all the same, such as line breaks.

    Returns
    -------
    str

    Examples
    --------
    >>> print(printable("sensor\x1b[2J\u202e"), printable("Bücken"))
    sensor\x1b[2J\u202e Bücken
    """
    if text.isprintable():
        return text
    return "".join(
        sign.encode("unicode_escape").decode() if _steers(sign) and sign not in keep else sign for sign in text
    )


def _steers(sign: str) -> bool:
    return unicodedata.category(sign) in _STEERING and sign not in _JOINERS
