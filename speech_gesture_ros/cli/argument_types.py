"""Types of command-line arguments: numbers within bounds; an argument out of bounds is refused in one line."""

from __future__ import annotations

import argparse
import math


def positive(text: str) -> float:
    """A finite number above 0.

    Raises:
        argparse.ArgumentTypeError: If it is not.
    """
    value = _number(text)
    if not 0.0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} must be a finite number above 0")
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


def port(text: str) -> int:
    """A port number, 1 to 65535.

    Raises:
        argparse.ArgumentTypeError: If it is not.
    """
    value = _whole(text, 1)
    if value > 65535:
        raise argparse.ArgumentTypeError(f"{text} must be a port number, 1 to 65535")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def _whole(text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if value < least:
        raise argparse.ArgumentTypeError(f"{text} must be at least {least}")
    return value
