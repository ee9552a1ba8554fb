"""Reader of untrusted XML, URDF, SRDF or MJCF: large or deep documents and entities are refused.

Namespaces have no meaning in these formats, but files have them: a default one on the root element, elements of other
tools (`<sensor:camera>`), often with a prefix that is declared nowhere. The prefix of the root element and all `xmlns`
declarations are removed; elements and attributes with another prefix are left out.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from xml.parsers import expat

from speech_gesture_ros.core.errors import RobotError

MAX_BYTES = 2_000_000  # the largest real description found has 0.2 MB
SPACE = "\ufeff \t\r\n"  # byte order mark and white space before XML text
MAX_DEPTH = 40  # nested XML elements; the deepest real file found has 7


def read_xml(source: str | Path, kind: str) -> tuple[str, ET.Element]:
    """Return the text and its root element, both without namespaces.

    Args:
        source: XML text (anything that starts with "<"), or a path.
        kind: Format for error messages: "URDF", "SRDF".

    Raises:
        RobotError: If it cannot be read, is too large or too deep, is not XML, or declares entities.
    """
    text = _read(source, kind)
    if len(text) > MAX_BYTES:
        raise RobotError(f"size of the {kind}", f"{len(text)} characters", f"at most {MAX_BYTES}",
                         "Give the description of one robot.")
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise RobotError(kind, "a document type or entity declaration", "plain XML without DTD",
                         "Expand the file first, and remove <!DOCTYPE ...>.")
    builder = _TreeWithoutNamespaces(kind)
    try:
        root = builder.parse(text)
    except (expat.ExpatError, ValueError) as error:
        raise RobotError(kind, str(error), "well-formed XML", "Correct the line it names.") from None
    return ET.tostring(root, encoding="unicode") if builder.has_changed else text, root


def is_xml_text(source: str | Path) -> bool:
    """Return whether a source is XML text rather than a path."""
    return isinstance(source, str) and source.lstrip(SPACE).startswith("<")


def _read(source: str | Path, kind: str) -> str:
    if is_xml_text(source):
        return str(source).lstrip(SPACE)
    path = Path(source)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RobotError(f"size of {path}", path.stat().st_size, f"at most {MAX_BYTES} bytes",
                             "Give the description of one robot.")
        return path.read_text(encoding="utf-8-sig").lstrip()
    except UnicodeDecodeError as error:
        raise RobotError(f"{kind} {path}", str(error), "UTF-8 text", "Convert it.") from None
    except (OSError, ValueError) as error:
        raise RobotError(kind, str(source)[:200], "XML text or the path of a readable file", str(error)) from None


class _TreeWithoutNamespaces:
    """Builder of an XML tree that refuses deeply nested elements and removes namespaces.

    Attributes:
        has_changed: True if the document had any.
    """

    def __init__(self, kind: str) -> None:
        self.has_changed = False
        self._kind, self._depth, self._left_out = kind, 0, 0  # depth below an element that is left out
        self._prefix: str | None = None  # of the root element, with its colon
        self._builder = ET.TreeBuilder()

    def parse(self, text: str) -> ET.Element:
        """Return the root element of a document."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.Parse(text, True)
        return self._builder.close()

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise RobotError(f"depth of the {self._kind}", f"over {MAX_DEPTH}",
                             f"at most {MAX_DEPTH} elements inside each other", f"Give a {self._kind}.")
        if self._prefix is None:
            self._prefix = tag[:tag.find(":") + 1]
        name = tag.removeprefix(self._prefix)
        kept = {key: value for key, value in attributes.items() if ":" not in key and key != "xmlns"}
        self.has_changed |= name != tag or ":" in name or kept != attributes
        if self._left_out or ":" in name:
            self._left_out += 1
            return
        self._builder.start(name, kept)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if self._left_out:
            self._left_out -= 1
            return
        self._builder.end(tag.removeprefix(self._prefix or ""))

    def _data(self, text: str) -> None:
        if not self._left_out:
            self._builder.data(text)
