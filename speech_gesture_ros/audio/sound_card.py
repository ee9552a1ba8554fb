"""Access to sound cards through PortAudio: the module, and a sample rate that a card supports.

Many cards know 44.1 and 48 kHz only, and some record with two channels only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from speech_gesture_ros.core.errors import MissingDependencyError

log = logging.getLogger(__name__)

CARD_RATES = (48_000, 44_100, 96_000, 192_000, 88_200, 32_000, 24_000, 22_050, 16_000, 11_025, 8_000)  # [Hz], by use

Stream = TypeVar("Stream")


def sounddevice_module() -> Any:
    """Return the module sounddevice.

    Raises:
        MissingDependencyError: If sounddevice or PortAudio is not installed.
    """
    try:
        import sounddevice
    except ImportError as error:
        raise MissingDependencyError("sounddevice", "A sound card", "Run: pip install sounddevice") from error
    except OSError as error:  # the package is installed, PortAudio is missing
        raise MissingDependencyError("PortAudio", "A sound card", "Run: sudo apt install libportaudio2") from error
    return sounddevice


def open_supported(sample_rate: int, channels: tuple[int, ...], start: Callable[[int, int], Stream]) -> tuple[
        Stream, int, int]:
    """Start a stream at the requested sample rate, or at the first of `CARD_RATES` that the card supports.

    Args:
        sample_rate: Requested [Hz].
        channels: Requested number, and others that are acceptable.
        start: Opens and starts a stream at a rate and a number of channels.

    Returns:
        The stream, its sample rate and its channels.

    Raises:
        Exception: The error of the first attempt, if the card supports none, or has no such device (ValueError).
    """
    refused = sounddevice_module().PortAudioError
    first: Exception | None = None
    rates = (sample_rate, *(rate for rate in CARD_RATES if rate != sample_rate))
    for number in channels:
        for rate in rates:
            try:
                stream = start(rate, number)
            except refused as error:
                first = first or error
                continue
            if first is not None:
                log.info("the sound card runs at %d Hz with %d channel(s): resampled", rate, number)
            return stream, rate, number
    raise first or ValueError("no number of channels is acceptable")
