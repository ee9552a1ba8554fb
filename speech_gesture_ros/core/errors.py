"""Errors of this package; each names the thing, its value, the bound and the remedy, in one line."""

from __future__ import annotations


class SpeechGestureError(Exception):
    """Base class of the errors of this package."""


class InputError(SpeechGestureError):
    """A value given by the user is not accepted.

    Attributes:
        thing: Name of what was given ("sample rate", "joint 'elbow'").
        value: Its value.
        bound: Accepted values.
        remedy: Instruction that corrects it.
    """

    def __init__(self, thing: str, value: object, bound: str, remedy: str) -> None:
        self.thing = thing
        self.value = value
        self.bound = bound
        self.remedy = remedy
        super().__init__(f"{thing} is {value!r}, must be {bound}. {remedy}")


class ConfigError(InputError):
    """A configuration file or parameter has a wrong key, type or value."""


class BundleError(InputError):
    """A model bundle is incomplete, damaged, or of another format or architecture."""


class RobotError(InputError):
    """A robot description cannot be used."""


class MissingDependencyError(SpeechGestureError):
    """An optional package that the call needs is not installed."""

    def __init__(self, package: str, purpose: str, remedy: str) -> None:
        self.package = package
        self.purpose = purpose
        self.remedy = remedy
        super().__init__(f"{purpose} needs {package}, which is not installed. {remedy}")
