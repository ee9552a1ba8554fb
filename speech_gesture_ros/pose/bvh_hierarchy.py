"""Reader of the HIERARCHY section of BVH files: joints with their offsets and channels, parents first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

AXIS_INDEX = {"X": 0, "Y": 1, "Z": 2}
END_SUFFIX = "_end"
MAX_JOINTS, MAX_CHANNELS = 2000, 6  # of a skeleton, of a joint
_KINDS = ("position", "rotation")


@dataclass
class BvhJoint:
    """Joint of the hierarchy; the offset is in the file's axes and units."""

    name: str
    parent: int
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    channels: list[str] = field(default_factory=list)
    end_site: bool = False


def parse_hierarchy(lines: list[str]) -> list[BvhJoint]:
    """Read the lines of the section.

    Raises:
        ValueError: If it is not complete or beyond a bound; the message names the line.
    """
    joints: list[BvhJoint] = []
    stack: list[int] = []
    words = _Words(lines)
    for word in words:
        upper = word.upper()
        if upper in ("ROOT", "JOINT", "END"):
            if upper == "ROOT" and joints:
                raise ValueError(f"line {words.line}: a second ROOT; only files with one skeleton can be read")
            if upper != "ROOT" and not stack:
                raise ValueError(f"line {words.line}: {word[:40]} is outside the root")
            if len(joints) >= MAX_JOINTS:
                raise ValueError(f"line {words.line}: there are more than {MAX_JOINTS} joints")
            name = words.rest_of_line() or f"joint{len(joints)}"
            parent = stack[-1] if stack else -1
            end = upper == "END"
            joints.append(BvhJoint(joints[parent].name + END_SUFFIX if end else name, parent, end_site=end))
            stack.append(len(joints) - 1)
        elif upper == "OFFSET":
            joints[words.top(stack)].offset = (words.number(), words.number(), words.number())
        elif upper == "CHANNELS":
            joints[words.top(stack)].channels = [_channel(words) for _ in range(words.count(MAX_CHANNELS))]
        elif word == "}":
            words.top(stack)
            stack.pop()
        elif word != "{" and upper != "HIERARCHY":
            raise ValueError(f"line {words.line}: {word[:40]!r} is not expected here")
    if stack or not joints:
        raise ValueError("the hierarchy has no ROOT" if not joints else f"{len(stack)} brackets are not closed")
    return joints


class _Words:
    """Iterator over the words of lines; `line` is the line number of the last word."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = [line.replace("{", " { ").replace("}", " } ").split() for line in lines]
        self.line = 1
        self._next = 0

    def __iter__(self) -> Iterator[str]:
        while (word := self._take()) is not None:
            yield word

    def _take(self) -> str | None:
        while self.line <= len(self._lines):
            words = self._lines[self.line - 1]
            if self._next < len(words):
                self._next += 1
                return words[self._next - 1]
            self.line, self._next = self.line + 1, 0
        return None

    def word(self) -> str:
        """Return the next word.

        Raises:
            ValueError: If there is none.
        """
        word = self._take()
        if word is None:
            raise ValueError("the hierarchy ends too early")
        return word

    def number(self) -> float:
        """Return the next word as a number."""
        word = self.word()
        try:
            return float(word)
        except ValueError:
            raise ValueError(f"line {self.line}: {word[:40]!r} is not a number") from None

    def count(self, largest: int) -> int:
        """Return the next word as a whole number from 0 to a bound."""
        number = self.number()
        if not 0 <= number <= largest or number != int(number):
            raise ValueError(f"line {self.line}: {number:g} is no number of channels from 0 to {largest}")
        return int(number)

    def rest_of_line(self) -> str:
        """Return the words up to the end of the line or a bracket, as one name."""
        words = self._lines[self.line - 1][self._next:]
        words = words[:words.index("{")] if "{" in words else words
        self._next += len(words)
        return "_".join(words)

    def top(self, stack: list[int]) -> int:
        """Return the innermost open joint."""
        if not stack:
            raise ValueError(f"line {self.line}: no joint is open here")
        return stack[-1]


def _channel(words: _Words) -> str:
    word = words.word()
    if word[:1].upper() not in AXIS_INDEX or word[1:].lower() not in _KINDS:
        raise ValueError(f"line {words.line}: channel {word[:40]!r} is not one of Xposition, ..., Zrotation")
    return word[0].upper() + word[1:].lower()
