"""Speech as a network detects it, and the memory of it that the stroke process decides by.

input frame      n-3   n-2   n-1    n        the accent of frame n - 3 and the voice of frame n - 1 are known
pose frame   k .......................       n = k + look-ahead
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE

Floats = npt.NDArray[np.float64]

VOICE_LAG = 1  # [pose frames] from a frame to the input frame at which it is known whether someone speaks in it
ACCENT_LAG = 3  # the same for accents
RISE = 1  # [pose frames] from the rise of the probability of an accent over the threshold to its peak
VOICE = 0.5  # probability from which someone speaks
ANTICIPATION = 6  # [pose frames] by which the hands start before the voice, where the look-ahead allows it
LEVEL_SHARE = 0.04  # of a new frame in the mean level: a second
LEVEL_STEPS = 16  # to which the mean level is rounded
KEPT_VOICE = 64  # frames
KEPT_ACCENTS = 8
NEVER = -(10**6)  # [pose frames]


@dataclass(frozen=True)
class SpeechCues:
    """Speech detected up to each of T consecutive input frames.

    Attributes:
        voice: (T,) probability that someone spoke `VOICE_LAG` frames before.
        accent: (T,) probability of an accent `ACCENT_LAG` frames before, over the one from which an accent counts.
        level: (T,) loudness of the voice `VOICE_LAG` frames before, about -1 to 1; 0 without voice.
    """

    voice: Floats
    accent: Floats
    level: Floats

    def __len__(self) -> int:
        return len(self.voice)


@dataclass
class SpeechMemory:
    """Speech of one stream, as far as the process needs it.

    Attributes:
        frames: Input frames detected so far.
        accents_s: Latest accents [s].
        unread_s: Latest accents that were not asked for yet [s].
        mean_level: Running mean of the level.
        last_voice: Latest pose frame at which someone spoke or was about to.
    """

    frames: int = 0
    accents_s: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT_ACCENTS))
    unread_s: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT_ACCENTS))
    mean_level: float = 0.0
    last_voice: int = NEVER
    _voice: deque[bool] = field(default_factory=lambda: deque(maxlen=KEPT_VOICE))
    _accent: float = 0.0

    def add(self, voice: float, accent: float, level: float) -> None:
        """Add an input frame; an accent is known when its probability rises over the threshold, before its peak."""
        if accent >= 1.0 > self._accent:
            self.accents_s.append((self.frames + RISE - ACCENT_LAG) / POSE_RATE)
            self.unread_s.append(self.accents_s[-1])
        self._accent = accent
        self._voice.append(voice > VOICE)
        self.mean_level += LEVEL_SHARE * (level - self.mean_level)
        self.frames += 1

    def is_speech(self, frame: int) -> bool:
        """Return whether someone speaks at a pose frame, or begins to within the anticipation."""
        newest = self.frames - 1 - VOICE_LAG  # newest frame of which the voice is known
        offset = newest - (len(self._voice) - 1)
        first, last = max(0, min(frame, newest) - offset), min(frame + ANTICIPATION, newest) - offset
        speaks = any(self._voice[i] for i in range(first, last + 1))
        if speaks:
            self.last_voice = frame
        return speaks

    def quiet_s(self, frame: int) -> float:
        """Return the time since someone spoke [s]."""
        return (frame - self.last_voice) / POSE_RATE

    @property
    def fingerprint(self) -> int:
        """A number that differs between voices: the mean level of the last second, rounded."""
        return int(LEVEL_STEPS * (self.mean_level + 2.0)) % 2**16
