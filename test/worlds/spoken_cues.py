"""SpeechCues of a person who speaks with pauses, as the speech encoder of the stroke model would give it."""

from __future__ import annotations

import numpy as np

from speech_gesture_ros.networks.strokes.cues import SpeechCues


def talk(seconds: float, seed: int = 0, voice: float = 1.0) -> SpeechCues:
    """SpeechCues of speech with an accent every second on average and a pause of a second in every five."""
    rng = np.random.default_rng(seed)
    count = round(25 * seconds)
    speaks = voice * (np.arange(count) % 125 >= 25)
    times = np.cumsum(rng.integers(16, 32, count // 16 + 1))
    accent = np.zeros(count)
    accent[times[times < count]] = 1.5
    accent *= speaks > 0
    return SpeechCues(speaks.astype(np.float64), accent, 0.5 * speaks * np.sin(np.arange(count) / (3 + seed)))
