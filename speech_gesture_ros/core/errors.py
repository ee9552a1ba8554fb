"""Errors of this package: each names the thing, the value it had, the bound, and the remedy."""

from __future__ import annotations


class SpeechGestureError(Exception):
    """Base of every error this package raises on purpose."""


class InputError(SpeechGestureError):
    """Something given by the user is outside what can be accepted.

    Attributes:
        thing: What was given, in the user's words ("sample rate", "joint 'elbow'").
        value: The value it had.
        bound: What would have been accepted.
        remedy: What to do about it.
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
    """A model bundle is incomplete, damaged, or made for something else."""


class RobotError(InputError):
    """A robot description cannot be used as it stands."""


class MissingDependencyError(SpeechGestureError):
    """An optional package is needed for what was asked and is not installed."""

    def __init__(self, package: str, purpose: str, remedy: str) -> None:
        self.package = package
        self.purpose = purpose
        self.remedy = remedy
        super().__init__(f"{purpose} needs {package}, which is not installed. {remedy}")
