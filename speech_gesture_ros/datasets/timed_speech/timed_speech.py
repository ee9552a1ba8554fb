"""Sound with its phones, and synthesis by any of the engines.

    Voice("flite", "awb")  + text ─► TimedSpeech: 16 kHz samples, TimedPhone, TimedPhone ...

The engines are programs, called as such: espeak-ng (GPL-3), flite and festival (licences like BSD). Sound that they
make is not covered by their licences. Debian: apt-get install espeak-ng flite festival festvox-kdlpc16k
festvox-us-slt-hts.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.datasets.timed_speech.label_offset import moved
from speech_gesture_ros.face.dominance import TimedPhone

Samples = npt.NDArray[np.float32]

ENGINES = ("espeak", "flite", "festival", "piper", "kokoro")


@dataclass(frozen=True)
class Voice:
    """A voice of a speech synthesis.

    Attributes:
        engine: "espeak", "flite", "festival", "piper" or "kokoro".
        name: Of the voice in that engine; of espeak "language+variant", such as "de+f2".
        speaker: The person recorded for it; voices of one person in two engines have the same. Empty: the name.
    """

    engine: str
    name: str
    speaker: str = ""

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise ConfigError("speech synthesis", self.engine, f"one of {', '.join(ENGINES)}", "Check the spelling.")

    @property
    def full_name(self) -> str:
        """Engine and name, valid as a file name."""
        return f"{self.engine}_{self.name.replace('+', '_')}"

    @property
    def language(self) -> str:
        """Language of the texts that it speaks, such as "en"."""
        return self.name.split("+")[0].split("-")[0] if self.engine == "espeak" else "en"


@dataclass(frozen=True)
class SpeakingManner:
    """Manner of speaking, relative to the voice's own.

    Attributes:
        duration: Factor of the durations.
        pitch: Factor of the pitch.
    """

    duration: float = 1.0
    pitch: float = 1.0


@dataclass(frozen=True)
class TimedSpeech:
    """Synthesised speech.

    Attributes:
        samples: (N,) mono at 16 kHz in [-1, 1].
        phones: In the order of time.
        voice: Its voice.
    """

    samples: Samples
    phones: tuple[TimedPhone, ...]
    voice: Voice


def synthesise(voice: Voice, text: str, manner: SpeakingManner | None = None) -> TimedSpeech:
    """Synthesise a text; phones that the engine states early are moved (`label_offset`).

    Raises:
        ConfigError: If the voice is unknown, or its engine failed.
        MissingDependencyError: If the engine is not installed.
    """
    engine = import_module(f"speech_gesture_ros.datasets.timed_speech.{voice.engine}")
    samples, phones = engine.speak(voice.name, text, manner or SpeakingManner())
    return TimedSpeech(samples, tuple(moved(phones, voice.full_name)), voice)


def resampled(speech: TimedSpeech, factor: float) -> TimedSpeech:
    """Return the speech `factor` times as fast: with shorter times, higher pitch and a shorter vocal tract."""
    count = round(len(speech.samples) / factor)
    places = np.arange(count) * factor
    samples = np.interp(places, np.arange(len(speech.samples)), speech.samples).astype(np.float32)
    phones = tuple(TimedPhone(p.name, p.start_s / factor, p.end_s / factor) for p in speech.phones)
    return TimedSpeech(samples, phones, speech.voice)
