"""Types of command-line arguments: numbers within bounds, paths of results; others are refused in one line."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path

from speech_gesture_ros.core.errors import OutputError
from speech_gesture_ros.core.outputs import check_output_file, check_output_folder

MAX_NUMBER = 1e9
MAX_WHOLE = 2**31


def positive(text: str) -> float:
    """A finite number above 0, at most `MAX_NUMBER`.

    Raises:
        argparse.ArgumentTypeError: If it is not.
    """
    value = _number(text)
    if not 0.0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} must be a finite number above 0")
    if value > MAX_NUMBER:
        raise argparse.ArgumentTypeError(f"{text} must be at most {MAX_NUMBER:g}")
    return value


def count(text: str) -> int:
    """A whole number of 1 or more.

    Raises:
        argparse.ArgumentTypeError: If it is not.
    """
    return _whole(text, 1)


def count_or_none(text: str) -> int:
    """A whole number of 0 or more.

    Raises:
        argparse.ArgumentTypeError: If it is not.
    """
    return _whole(text, 0)


def count_up_to(most: int) -> Callable[[str], int]:
    """Return the type of whole numbers from 1 to a bound."""

    def number(text: str) -> int:
        value = _whole(text, 1)
        if value > most:
            raise argparse.ArgumentTypeError(f"{text} must be at most {most}")
        return value

    return number


def port(text: str) -> int:
    """A port number, 1 to 65535.

    Raises:
        argparse.ArgumentTypeError: If it is not.
    """
    value = _whole(text, 1)
    if value > 65535:
        raise argparse.ArgumentTypeError(f"{text} must be a port number, 1 to 65535")
    return value


def within(least: float, most: float) -> Callable[[str], float]:
    """Return the type of numbers from one bound to another."""

    def number(text: str) -> float:
        value = _number(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} must be from {least:g} to {most:g}")
        return value

    return number


def output_file(text: str) -> Path:
    """A file that can be written; nothing is made yet.

    Raises:
        argparse.ArgumentTypeError: If it cannot.
    """
    return _output(text, check_output_file)


def output_folder(text: str) -> Path:
    """A folder that can be made and written; nothing is made yet.

    Raises:
        argparse.ArgumentTypeError: If it cannot.
    """
    return _output(text, check_output_folder)


def _output(text: str, check: Callable[[Path], None]) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("an empty path must be the path of the output")
    try:
        check(Path(text))
    except OutputError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return Path(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number") from None


def _whole(text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number") from None
    if not least <= value < MAX_WHOLE:
        raise argparse.ArgumentTypeError(f"{text[:40]} must be at least {least} and below {MAX_WHOLE}")
    return value
