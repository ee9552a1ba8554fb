"""Reader of untrusted XML, URDF, SRDF or MJCF: large or deep documents and entities are refused."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from speech_gesture_ros.core.errors import RobotError

MAX_BYTES = 2_000_000  # the largest real description found has 0.2 MB
SPACE = "\ufeff \t\r\n"  # byte order mark and white space before XML text
MAX_DEPTH = 40  # nested XML elements; the deepest real file found has 7


def read_xml(source: str | Path, kind: str) -> tuple[str, ET.Element]:
    """Return the text and its root element.

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
    return text, _parse(text, kind)


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


def _parse(text: str, kind: str) -> ET.Element:
    parser = ET.XMLParser(target=_ShallowTree(kind))
    try:
        parser.feed(text)
        root: ET.Element = parser.close()
    except (ET.ParseError, ValueError) as error:
        raise RobotError(kind, str(error), "well-formed XML", "Correct the line it names.") from None
    return root


class _ShallowTree(ET.TreeBuilder):
    """Builder of an XML tree that refuses deeply nested elements."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind, self._depth = kind, 0

    def start(self, tag: str, attrs: dict[str, str]) -> ET.Element:
        """Open an element."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise RobotError(f"depth of the {self._kind}", f"over {MAX_DEPTH}",
                             f"at most {MAX_DEPTH} elements inside each other", f"Give a {self._kind}.")
        return super().start(tag, attrs)

    def end(self, tag: str) -> ET.Element:
        """Close an element."""
        self._depth -= 1
        return super().end(tag)
