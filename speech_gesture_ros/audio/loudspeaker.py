"""Playback on the sound card of this machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.resampler import resample
from speech_gesture_ros.audio.sound_card import open_supported, sounddevice_module
from speech_gesture_ros.core.errors import InputError


def play(samples: npt.NDArray[np.floating], sample_rate: int) -> None:
    """Start playing (N,) samples, resampled to a rate that the card supports, and return.

    Raises:
        MissingDependencyError: If sounddevice or PortAudio is not installed.
        InputError: If there is no card that plays.
    """
    sounddevice = sounddevice_module()

    def start(rate: int, _channels: int) -> None:
        sounddevice.play(samples if rate == sample_rate else resample(samples, sample_rate, rate), rate)

    try:
        open_supported(sample_rate, (1,), start)
    except (sounddevice.PortAudioError, ValueError) as error:
        raise InputError("loudspeaker", "the default device", "a device that plays",
                         f"Check the sound settings of the system. ({error})") from error
