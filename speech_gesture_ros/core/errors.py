"""Errors of this package; each names the thing, its value, the bound and the remedy, in one line of bounded length."""

from __future__ import annotations

import reprlib

MAX_VALUE_LENGTH = 300  # characters of a value in a message
MAX_TEXT_LENGTH = 1000  # characters of each other part
MAX_INTEGER_BITS = 512  # of an integer that is written in full


class SpeechGestureError(Exception):
    """Base class of the errors of this package."""


class InputError(SpeechGestureError):
    """A value given by the user is not accepted.

    Attributes:
        thing: Name of what was given ("sample rate", "joint 'elbow'").
        value: Its value; a long one is shortened in the message.
        bound: Accepted values.
        remedy: Instruction that corrects it.
    """

    def __init__(self, thing: str, value: object, bound: str, remedy: str) -> None:
        self.thing = thing
        self.value = value
        self.bound = bound
        self.remedy = remedy
        super().__init__(f"{_one_line(thing)} is {shown(value)}, must be {_one_line(bound)}. {_one_line(remedy)}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, object, str, str]]:
        """Return what a process needs that receives the error from another one."""
        return type(self), (self.thing, self.value, self.bound, self.remedy)


class ConfigError(InputError):
    """A configuration file or parameter has a wrong key, type or value."""


class BundleError(InputError):
    """A model bundle is incomplete, damaged, or of another format or architecture."""


class RobotError(InputError):
    """A robot description cannot be used."""


class OutputError(SpeechGestureError):
    """A file or folder for results cannot be written.

    Attributes:
        path: As the user gave it.
        reason: Reason, as the operating system states it.
        remedy: Instruction that corrects it.
    """

    def __init__(self, path: object, reason: str, remedy: str) -> None:
        self.path = path
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"output {shown(str(path))} cannot be written: {_one_line(reason)}. {remedy}")

    def __reduce__(self) -> tuple[type[OutputError], tuple[object, str, str]]:
        """Return what a process needs that receives the error from another one."""
        return type(self), (self.path, self.reason, self.remedy)


class MissingDependencyError(SpeechGestureError):
    """An optional package that the call needs is not installed."""

    def __init__(self, package: str, purpose: str, remedy: str) -> None:
        self.package = package
        self.purpose = purpose
        self.remedy = remedy
        super().__init__(f"{purpose} needs {package}, which is not installed. {remedy}")


def shown(value: object) -> str:
    """Return a value as it stands in a message: its `repr`, shortened without computing all of it."""
    text = _one_line(_SHORTENED.repr(value))
    return text if len(text) <= MAX_VALUE_LENGTH else f"{text[:MAX_VALUE_LENGTH // 2]}...{text[-20:]}"


class _Shortened(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxother = 4, MAX_VALUE_LENGTH
        self.maxstring = MAX_VALUE_LENGTH - 10
        self.maxtuple = self.maxlist = self.maxset = self.maxfrozenset = self.maxdict = 50

    def repr_int(self, x: int, level: int) -> str:
        del level
        return repr(x) if x.bit_length() <= MAX_INTEGER_BITS else f"an integer of {x.bit_length()} bits"


_SHORTENED = _Shortened()


def _one_line(text: str) -> str:
    joined = " ".join(line.strip() for line in text.splitlines()) if "\n" in text or "\r" in text else text
    return joined if len(joined) <= MAX_TEXT_LENGTH else f"{joined[:MAX_TEXT_LENGTH - 200]}...{joined[-100:]}"
