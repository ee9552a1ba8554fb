"""Speech to a face: features, the face model and the face stage as one stage; or timed phones in place of the model.

AudioChunk ─► features ─► FaceModelStage ─┐
timed phones ─► articulate ──┴─► ArticulationChunk ─► FaceStage ─► FaceChunk
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import ArticulationChunk, AudioChunk, FaceChunk, FeatureChunk, concatenate
from speech_gesture_ros.core.rates import FACE_RATE, SAMPLE_RATE, SAMPLES_PER_FACE
from speech_gesture_ros.face.dominance import TimedPhone, articulate
from speech_gesture_ros.face.face_stage import FaceStage
from speech_gesture_ros.features.sets import make_feature_stage
from speech_gesture_ros.networks.face.bundle import load_face_bundle
from speech_gesture_ros.networks.face.model_stage import FaceModelStage

TAIL = 20  # frames of silence after the last one that is asked for


@dataclass(frozen=True)
class FaceFrames:
    """Consecutive frames of a face at 50 Hz.

    Attributes:
        articulation: (T, NUM_ARTICULATION) visemes, articulators, prosody.
        shapes: (T, 52) blendshapes.
    """

    articulation: ArticulationChunk
    shapes: FaceChunk


class SpeechToFace:
    """AudioChunk (N,) at 16 kHz to FaceFrames at 50 Hz, N // 320 of them in all, or one more.

    Samples wait until a face frame is complete: the features of its two feature frames are computed at once, which
    takes hardly longer than those of one.

    Args:
        folder: Bundle of the face model.
        look_ahead_s: Future speech that a frame may use: 0, 0.04 or 0.08 s.
        stage: The face stage; its style and expression may be set at any time.

    Raises:
        BundleError: If the bundle cannot be used.
        ConfigError: If the look-ahead is another one.
    """

    def __init__(self, folder: Path, look_ahead_s: float = 0.04, stage: FaceStage | None = None) -> None:
        self.model = FaceModelStage(load_face_bundle(folder), look_ahead_s)
        self.features = make_feature_stage(self.model.feature_set)
        self.stage = stage or FaceStage()
        self.begin_stream()

    @property
    def latency_s(self) -> float:
        """Algorithmic delay of features and model [s]: a face frame is complete with its feature frame."""
        return self.features.latency_s + self.model.latency_s

    def begin_stream(self) -> None:
        """Begin a new stream of sound; the face stage goes on."""
        self.features.reset()
        self.model.reset()
        self._waiting: npt.NDArray[np.floating] = np.empty(0, np.float32)
        self._missing = round(self.features.latency_s * SAMPLE_RATE)  # samples until the next face frame is complete

    def reset(self) -> None:
        """Begin a new stream and a new face; style and expression stay."""
        self.begin_stream()
        self.stage.reset()

    def push(self, chunk: AudioChunk) -> FaceFrames:
        """Feed consecutive 16 kHz samples; return the frames that they complete."""
        return self._shown(self.articulate(chunk))

    def push_features(self, chunk: FeatureChunk) -> FaceFrames:
        """Feed feature frames that were computed elsewhere, for the body's model; return the frames they complete."""
        return self._shown(self.model.push(chunk))

    def articulate(self, chunk: AudioChunk) -> ArticulationChunk:
        """Feed consecutive 16 kHz samples; return the articulation that they complete, without the face stage."""
        self._waiting = np.concatenate([self._waiting, chunk.values])
        self._missing -= len(chunk)
        if self._missing > 0:
            return self._articulation_of(0)
        self._missing = SAMPLES_PER_FACE - (-self._missing) % SAMPLES_PER_FACE
        return self._articulation_of(len(self._waiting))

    def flush(self) -> FaceFrames:
        """Return the remaining frames, as if silence followed."""
        return self._shown(concatenate([self._articulation_of(len(self._waiting)),
                                        self.model.push(self.features.flush()), self.model.flush()]))

    def perform(self, samples: npt.NDArray[np.floating]) -> FaceFrames:
        """Return the frames of a whole recording, (N,) mono at 16 kHz in [-1, 1]."""
        self.reset()
        parts = [self.push(AudioChunk(0, np.asarray(samples, dtype=np.float32))), self.flush()]
        self.reset()
        return FaceFrames(concatenate([p.articulation for p in parts]), concatenate([p.shapes for p in parts]))

    def _articulation_of(self, count: int) -> ArticulationChunk:
        """Take so many of the samples that wait."""
        samples, self._waiting = self._waiting[:count], self._waiting[count:].copy()
        return self.model.push(self.features.push(AudioChunk(0, samples)))

    def _shown(self, articulation: ArticulationChunk) -> FaceFrames:
        return FaceFrames(articulation, self.stage.push(articulation))


def face_of_phones(phones: Sequence[TimedPhone], num_frames: int, stage: FaceStage | None = None) -> FaceFrames:
    """Return the frames of timed phones, as a speech synthesis states them, without the model.

    Args:
        phones: In the order of time.
        num_frames: Frames of the result; frame k is at k / 50 s.
        stage: The face stage, new or reset.

    Raises:
        InputError: If a phone is unknown or its times are wrong.
    """
    articulation = ArticulationChunk(0, articulate(phones, num_frames))
    return FaceFrames(articulation, (stage or FaceStage()).push(articulation))


def face_at(folder: Path, speech: npt.NDArray[np.floating], times_s: npt.NDArray[np.floating],
            stage: FaceStage | None = None) -> npt.NDArray[np.float32]:
    """Return the blendshapes that are visible at some times of a recording, with silence before and after it.

    Args:
        folder: Bundle of the face model.
        speech: (N,) mono at 16 kHz in [-1, 1].
        times_s: (T,) times since the speech began, rising [s].
        stage: The face stage, new or reset.

    Returns:
        (T, 52).
    """
    lead = max(0, int(np.ceil(-float(np.min(times_s, initial=0.0)) * FACE_RATE)))
    count = lead + int(np.ceil(float(np.max(times_s, initial=0.0)) * FACE_RATE)) + TAIL
    samples = SAMPLE_RATE // FACE_RATE
    sound = np.zeros(max(count * samples, lead * samples + len(speech)), dtype=np.float32)
    sound[lead * samples:lead * samples + len(speech)] = speech
    shapes = SpeechToFace(folder, stage=stage).perform(sound).shapes.values
    frame = np.round(np.asarray(times_s) * FACE_RATE).astype(np.int64) + lead
    return np.asarray(shapes[np.clip(frame, 0, len(shapes) - 1)], dtype=np.float32)
