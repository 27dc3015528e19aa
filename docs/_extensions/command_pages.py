"""Pages of the command line: one for each command of ``psn``, made from the very options that the command takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plain_text import escaped as escaped_signs
from sphinx.application import Sphinx
from written import write_pages

# typer has no public name for its commands.
Command = Any


def commands() -> Iterator[tuple[tuple[str, ...], Command]]:
    """Every command and group with its words, ``psn`` first, groups before what is in them."""
    from typer.main import get_command

    from protocols.cli.app import app

    yield from _below(("psn",), get_command(app))


def _below(words: tuple[str, ...], command: Command) -> Iterator[tuple[tuple[str, ...], Command]]:
    yield words, command
    for word, inner in getattr(command, "commands", {}).items():
        yield from _below((*words, word), inner)


def usage(words: tuple[str, ...], command: Command) -> str:
    """The usage line of help."""
    context = command.make_context(" ".join(words), [], resilient_parsing=True)
    return " ".join([" ".join(words), *command.collect_usage_pieces(context)])


def escaped(text: str) -> str:
    """Text of help, in which options are literals that no line breaks."""
    return escaped_signs(re.sub(r"(?<![\w`-])--[a-z][a-z-]*", r"``\g<0>``", text))


def page_of(words: tuple[str, ...]) -> str:
    """The document of a command's page."""
    return f"reference/cli/{'-'.join(words)}"


def page(words: tuple[str, ...], command: Command) -> str:
    """The page of a command: what it does, its usage, its arguments and options."""
    title = " ".join(words)
    lines = [title, "=" * len(title), ""]
    for paragraph in (command.help or "").split("\n\n"):
        lines += [escaped(" ".join(paragraph.split())), ""]
    lines += [".. code-block:: text", "", f"   {usage(words, command)}", "", f".. program:: {title}", ""]
    context = command.make_context(title, [], resilient_parsing=True)
    for heading, kind in (("Arguments", "argument"), ("Options", "option")):
        parameters = [parameter for parameter in command.get_params(context) if parameter.param_type_name == kind]
        # What help hides has no record.
        records = [record for parameter in parameters if (record := parameter.get_help_record(context))]
        if records:
            lines += [f".. rubric:: {heading}", ""]
        for record in records:
            lines += entry(record)
    inside = list(getattr(command, "commands", {}).items())
    if inside:
        lines += [".. rubric:: Commands", "", ".. list-table::", "   :widths: 20 80", ""]
        for word, inner in inside:
            about = (inner.help or "").split("\n\n")[0]
            lines += [
                f"   * - :doc:`{title} {word} </{page_of((*words, word))}>`",
                f"     - {escaped(' '.join(about.split()))}",
            ]
        lines += ["", ".. toctree::", "   :hidden:", ""]
        lines += [f"   {title} {word} </{page_of((*words, word))}>" for word, _ in inside]
        lines.append("")
    if command.epilog:
        head, _, example = command.epilog.partition("Example: ")
        lines += [escaped(head), "", ".. rubric:: Example", "", ".. code-block:: console", "", f"   $ {example}", ""]
    return "\n".join(lines)


def entry(record: tuple[str, str]) -> list[str]:
    """One argument or option as help says it: its names and what it takes, and what it means."""
    names, about = record
    return [f".. option:: {names.replace(' / ', ', ')}", "", f"   {escaped(' '.join(about.split()))}", ""]


def pages() -> dict[str, str]:
    """All pages, by document name."""
    return {page_of(words): page(words, command) for words, command in commands()}


def write(app: Sphinx) -> None:
    """Write what has changed, and delete pages of commands that are gone."""
    write_pages(Path(app.srcdir), "reference/cli", {f"{name}.rst": text for name, text in pages().items()})


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
