"""SVOX Pico: one voice each of six languages by hidden Markov models (Apache-2.0), which states no phone times.

It is called through py-nanotts (pip install py-nanotts), which has the data of the voices. Phones of the known text can
be found in its speech as in a recording, see `training.face.spoken_text`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError

LANGUAGES = ("en-US", "en-GB", "de-DE", "es-ES", "fr-FR", "it-IT")
FULL_SCALE = 0.6  # of its samples: it speaks at full level and clips a little


def speak(language: str, text: str, duration: float, pitch: float) -> npt.NDArray[np.float32]:
    """Return (N,) samples at 16 kHz of a text.

    Args:
        language: One of `LANGUAGES`.
        text: What is said.
        duration: Factor of the voice's own durations.
        pitch: Factor of its pitch.

    Raises:
        ConfigError: If the language is unknown, or nothing was spoken.
        MissingDependencyError: If py-nanotts is not installed.
    """
    if language not in LANGUAGES:
        raise ConfigError("voice of pico", language, f"one of {', '.join(LANGUAGES)}", "Check the spelling.")
    try:
        from py_nanotts import NanoTTS
    except ImportError as error:
        raise MissingDependencyError("py-nanotts", "this voice", "pip install py-nanotts") from error
    spoken = NanoTTS().speak(text, language, speed=1.0 / duration, pitch=pitch)
    if not spoken:
        raise ConfigError("text for pico", text, "a spoken text", "Leave it out.")
    return (FULL_SCALE / 32768.0 * np.frombuffer(spoken, np.int16)).astype(np.float32)
