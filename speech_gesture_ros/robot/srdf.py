"""Pairs of links that may touch according to an SRDF: `<disable_collisions link1= link2=>`; the rest is ignored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.robot.robot_xml import read_xml


@dataclass(frozen=True)
class AllowedContacts:
    """Pairs of links that need not be kept apart.

    Attributes:
        pairs: Unordered pairs of link names.
        links: Links whose pairs are all allowed, except those in `checked`.
        checked: Pairs that are kept apart nevertheless.
    """

    pairs: frozenset[frozenset[str]] = frozenset()
    links: frozenset[str] = frozenset()
    checked: frozenset[frozenset[str]] = frozenset()

    def allows(self, link: str, other: str) -> bool:
        """Return whether two links may touch."""
        pair = frozenset((link, other))
        return pair in self.pairs or (bool(self.links & pair) and pair not in self.checked)


def load_srdf(source: str | Path) -> AllowedContacts:
    """Read an SRDF.

    Args:
        source: XML text (anything that starts with "<"), or a path.

    Raises:
        RobotError: If it cannot be read, is not an SRDF, or a pair lacks a link.
    """
    _, root = read_xml(source, "SRDF")
    if root.tag != "robot":
        raise RobotError("root element of the SRDF", root.tag, "'robot'", "Give an SRDF.")

    def pairs(tag: str) -> frozenset[frozenset[str]]:
        ends = [(element.get("link1"), element.get("link2")) for element in root.findall(tag)]
        if not all(a and b for a, b in ends):
            raise RobotError(f"{tag} in the SRDF", next(e for e in ends if not all(e)), "link1 and link2",
                             "Name both links.")
        return frozenset(frozenset((str(a), str(b))) for a, b in ends)

    links = frozenset(str(e.get("link")) for e in root.findall("disable_default_collisions") if e.get("link"))
    return AllowedContacts(pairs("disable_collisions"), links, pairs("enable_collisions"))
