"""XML as a tree, with limits: no declarations of entities, no deep nesting."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from networks.errors import InputError

DEEPEST_XML = 40
"""Levels of nesting in an XML file."""


class _Builder(ElementTree.TreeBuilder):
    """A tree that does not grow too deep."""

    depth = 0

    def start(self, tag: str, attrs: dict[str, str]) -> ElementTree.Element:
        self.depth += 1
        if self.depth > DEEPEST_XML:
            raise InputError([f"nested deeper than {DEEPEST_XML} levels"])
        return super().start(tag, attrs)

    def end(self, tag: str) -> ElementTree.Element:
        self.depth -= 1
        return super().end(tag)


def parse_xml(text: str) -> ElementTree.Element:
    """The root of an XML text.

    Raises
    ------
    InputError
        For what is no XML, declares a DOCTYPE or entities, or is nested too deep.
    """
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise InputError(["XML with DOCTYPE or ENTITY declarations is refused; remove them"])
    builder = _Builder()
    parser = ElementTree.XMLParser(target=builder)
    try:
        parser.feed(text)
        root: ElementTree.Element | None = parser.close()
    except ElementTree.ParseError as error:
        raise InputError([f"not valid XML: {error}"]) from None
    except InputError:
        raise
    except ValueError:
        # Lone surrogates, and characters that the declared encoding does not have.
        raise InputError(["not valid XML: it has characters that are no text"]) from None
    if root is None:
        raise InputError(["not valid XML: it is empty"])
    return root


def local_name(element: ElementTree.Element) -> str:
    """The tag without its namespace."""
    return str(element.tag).rpartition("}")[2]
