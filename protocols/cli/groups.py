"""Groups of commands: each word of the command line is one module, imported when that word is said.

The module ``protocols.cli.<word>`` holds the options of the command and its action, as the one command of a ``typer.Typer`` named
``app``. What a module imports at its top must be cheap, because ``psn --help`` imports all of them; what computes is imported
inside the action.
"""

from __future__ import annotations

import importlib
import inspect
import os
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any, ClassVar

from typer.core import TyperGroup
from typer.main import get_command

if TYPE_CHECKING:
    # typer has no public name for these two.
    from typer._click import Command, Context


class LazyGroup(TyperGroup):
    """A group whose commands are the modules of a package; a subclass says which, for ``typer.Typer(cls=...)``.

    Examples
    --------
    >>> class Two(LazyGroup):
    ...     package, words = "protocols.cli", ("bounds", "check")
    >>> list(Two(name="two").commands), Two(name="two").commands["check"].name
    (['bounds', 'check'], 'check')
    """

    package: ClassVar[str]
    words: ClassVar[tuple[str, ...]]
    """The commands in the order of the help; the module of a word has its name."""
    otherwise: ClassVar[str | None] = None
    """The command that is meant where the first word is none of ``words``."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Imported(self.package, self.words)

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        if self.otherwise is not None and args[0] not in self.commands and not self._is_misspelt(args[0]):
            args = [self.otherwise, *args]
        return super().resolve_command(ctx, args)

    def _is_misspelt(self, word: str) -> bool:
        """Whether a first word looks like a command and is no file: then the command it may mean is named."""
        from difflib import get_close_matches

        return bool(get_close_matches(word, self.words)) and not os.path.exists(word)


class _Imported(MutableMapping[str, "Command"]):
    """Commands by their words; a module is imported when its command is looked at, not when words are listed or compared."""

    def __init__(self, package: str, words: tuple[str, ...]) -> None:
        self._package = package
        self._commands: dict[str, Command | None] = dict.fromkeys(words)

    def __getitem__(self, word: str) -> Command:
        command = self._commands[word]
        if command is None:
            command = get_command(importlib.import_module(f"{self._package}.{word}").app)
            command.help = _unwrapped(command.help or "")
            self._commands[word] = command
        return command

    def __contains__(self, word: object) -> bool:
        return word in self._commands

    def __iter__(self) -> Iterator[str]:
        return iter(self._commands)

    def __len__(self) -> int:
        return len(self._commands)

    def __setitem__(self, word: str, command: Command) -> None:
        self._commands[word] = command

    def __delitem__(self, word: str) -> None:
        del self._commands[word]


def _unwrapped(text: str) -> str:
    """A docstring with one line a paragraph: typer keeps its line breaks, which fit no terminal."""
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in inspect.cleandoc(text).split("\n\n"))
