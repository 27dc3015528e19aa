"""XML as a tree, with limits: no declarations of entities, no deep nesting."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from networks.errors import InputError

DEEPEST_XML = 40
"""Levels of nesting in an XML file."""
_CHUNK = 2**16


def parse_xml(text: str) -> ElementTree.Element:
    """The root of an XML text.

    Raises
    ------
    InputError
        For what is no XML, declares a DOCTYPE or entities, or is nested too deep.
    """
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise InputError(["XML with DOCTYPE or ENTITY declarations is refused; remove them"])
    parser = ElementTree.XMLPullParser(events=("start", "end"))
    root: ElementTree.Element | None = None
    depth = 0
    try:
        for start in range(0, len(text), _CHUNK):
            parser.feed(text[start : start + _CHUNK])
            for event, element in parser.read_events():
                root = element if root is None else root
                depth += 1 if event == "start" else -1
                if depth > DEEPEST_XML:
                    raise InputError([f"nested deeper than {DEEPEST_XML} levels"])
        parser.close()
    except ElementTree.ParseError as error:
        raise InputError([f"not valid XML: {error}"]) from None
    except (ValueError, UnicodeError):
        # Lone surrogates, and characters that the declared encoding does not have.
        raise InputError(["not valid XML: it has characters that are no text"]) from None
    if root is None:
        raise InputError(["not valid XML: it is empty"])
    return root


def local_name(element: ElementTree.Element) -> str:
    """The tag without its namespace."""
    return str(element.tag).rpartition("}")[2]
