"""SpeechCues that the speech encoder learns: voice, accents and level of a recording, found in the whole recording."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.evaluation.accents import Accents
from speech_gesture_ros.networks.strokes.cues import ACCENT_LAG, VOICE_LAG, SpeechCues
from speech_gesture_ros.training.speech_to_motion.tracks import accent_track

Floats = npt.NDArray[np.float64]

LEVEL_RANGE_DB, LEVEL_SCALE_DB = (-30.0, 20.0), 8.0
ACCENT_COUNTS_FROM = 0.4  # size of the accent, 0 to 1


def level_track(accents: Accents) -> Floats:
    """Return (T,) the loudness of the voice compressed to [-1, 1], 0 without speech."""
    return np.asarray(np.tanh(np.clip(accents.level_db, *LEVEL_RANGE_DB) / LEVEL_SCALE_DB) * accents.speech)


def ideal_cues(accents: Accents, look_ahead: int) -> SpeechCues:
    """Return the cues of T input frames of speech and `look_ahead` of silence, without an error."""
    silence = np.zeros(look_ahead)
    voice, accent, level = (np.concatenate([track, silence]) for track in
                            (accents.speech.astype(np.float64),
                             accent_track(accents).astype(np.float64) / ACCENT_COUNTS_FROM, level_track(accents)))
    return SpeechCues(_late(voice, VOICE_LAG), _late(accent, ACCENT_LAG), _late(level, VOICE_LAG))


def _late(values: Floats, frames: int) -> Floats:
    """Return the values `frames` later, with zeros before."""
    return np.concatenate([np.zeros(frames), values[:len(values) - frames]]) if frames < len(values) else 0.0 * values
