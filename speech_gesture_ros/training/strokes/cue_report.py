"""Quality of the speech encoder on recordings: what it detects beside what is found in the whole recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.networks.strokes.bundle import StrokeBundle
from speech_gesture_ros.networks.strokes.cues import ACCENT_LAG, RISE, VOICE, VOICE_LAG, SpeechCues
from speech_gesture_ros.networks.strokes.numpy_network import NumpyCueEncoder
from speech_gesture_ros.training.strokes.tracks import CueTrack

TOLERANCE_S = 0.1  # of an accent that is found
THRESHOLDS = np.linspace(0.2, 0.8, 13)
MOST_TRACKS = 40  # from which the threshold is chosen
DETECTED_SHARE = 1.25  # of the accents that are to be detected: an accent that is missed costs more than a false one


@dataclass(frozen=True)
class CueQuality:
    """Quality on recordings.

    Attributes:
        recall: Share of the accents that are detected within `TOLERANCE_S`.
        precision: Share of the detected accents that are accents.
        voice: Share of the frames with speech in which a voice is detected.
        false_voice: Share of the frames of sounds without speech in which a voice is detected.
        level_r: Correlation of the level in speech.
    """

    recall: float
    precision: float
    voice: float
    false_voice: float
    level_r: float


def measure_cues(bundle: StrokeBundle, tracks: Sequence[CueTrack]) -> CueQuality:
    """Measure the clean sound of the tracks."""
    found = known = detected_accents = 0
    voice, false_voice, level, true_level = [], [], [], []
    for track in tracks:
        cues = detect_cues(bundle, track)
        talks = track.voice[:-VOICE_LAG] > VOICE
        detects = cues.voice[VOICE_LAG:] > VOICE
        if not track.speaker:
            false_voice.append(detects)
            continue
        voice.append(detects[talks])
        level.append(cues.level[VOICE_LAG:][talks])
        true_level.append(track.level[:-VOICE_LAG][talks].astype(np.float64))
        times = accents_detected(cues)
        detected_accents += len(times)
        known += len(track.accent_times_s)
        found += sum(len(times) > 0 and float(np.abs(times - t).min()) <= TOLERANCE_S for t in track.accent_times_s)
    levels = (np.concatenate(level), np.concatenate(true_level))
    return CueQuality(found / max(known, 1), found / max(detected_accents, 1), float(np.concatenate(voice).mean()),
                          float(np.concatenate(false_voice).mean()) if false_voice else float("nan"),
                          float(np.corrcoef(*levels)[0, 1]))


def accent_threshold(bundle: StrokeBundle, tracks: Sequence[CueTrack]) -> float:
    """Return the probability from which `DETECTED_SHARE` as many accents are detected as there are."""
    spoken = [t for t in tracks if t.speaker]
    spoken = spoken[::max(1, len(spoken) // MOST_TRACKS)]
    wanted = DETECTED_SHARE * sum(len(t.accent_times_s) for t in spoken)
    detected = [detect_cues(bundle, t) for t in spoken]
    counts = [sum(len(accents_detected(SpeechCues(h.voice, h.accent * bundle.accent_threshold / threshold, h.level)))
                  for h in detected) for threshold in THRESHOLDS]
    return float(THRESHOLDS[int(np.argmin(np.abs(np.array(counts) - wanted)))])


def detect_cues(bundle: StrokeBundle, track: CueTrack) -> SpeechCues:
    """Return the cues of the clean sound of a track."""
    encoder = NumpyCueEncoder(bundle.network, bundle.feature_mean, bundle.feature_std, bundle.accent_threshold,
                           bundle.weights)
    return encoder.push(track.features[0].astype(np.float32).reshape(len(track), -1))


def accents_detected(cues: SpeechCues) -> npt.NDArray[np.float64]:
    """Return (A,) times of the accents [s]: where their probability rises, as `SpeechMemory` finds them."""
    above = cues.accent >= 1.0
    return (np.flatnonzero(above[1:] & ~above[:-1]) + 1 + RISE - ACCENT_LAG) / POSE_RATE
