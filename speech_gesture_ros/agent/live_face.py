"""LiveFace: audio messages at any pace in, stamped frames of a face out, at the pace of the ROS clock.

    push ──► LiveAudio ──(as time passes)──► SpeechToFace ──► frames, each with the time at which it must be visible

Between streams the face goes on with a closed mouth: it blinks, looks around and keeps its expression. A frame is due
`latency_s` after its sound has come; the sound, played that much later, is then in sync with the face.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.live_audio import LiveAudio
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.chunks import ArticulationChunk, FaceChunk
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import NUM_ARTICULATION, PROSODY_COLUMNS, VISEME_COLUMNS, VISEME_INDEX
from speech_gesture_ros.core.rates import FACE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.pipeline.speech_to_face import SpeechToFace

LEAD_RANGE_S = (0.0, 1.0)
FRAME_NS, SAMPLES_PER_FRAME = NS // FACE_RATE, SAMPLE_RATE // FACE_RATE


@dataclass(frozen=True)
class TimedFace:
    """One frame.

    Attributes:
        stamp_ns: ROS time at which it must be visible [ns].
        shapes: (52,) blendshapes.
        visemes: (15,) shares.
    """

    stamp_ns: int
    shapes: npt.NDArray[np.float32]
    visemes: npt.NDArray[np.float32]


class LiveFace:
    """A face in real time; for one thread.

    Args:
        face: Speech to frames.
        config: Time-outs of the audio.
        lead_s: Time between publishing a frame and its stamp, for transport and jitter [s].

    Raises:
        ConfigError: If the lead is out of range.
    """

    def __init__(self, face: SpeechToFace, config: AgentConfig | None = None, lead_s: float = 0.02) -> None:
        if not LEAD_RANGE_S[0] <= lead_s <= LEAD_RANGE_S[1]:
            raise ConfigError("lead_s of the face", lead_s, f"{LEAD_RANGE_S[0]:g} to {LEAD_RANGE_S[1]:g} s",
                              "0.02 is usual.")
        self.face, self._lead_s = face, lead_s
        self._audio = LiveAudio(config or AgentConfig())
        self._is_speaking = False
        self._last_ns = 0  # stamp of the newest frame

    @property
    def latency_s(self) -> float:
        """Time from the end of a message to the stamps of its last frame [s]."""
        return self._audio.latency_s + self.face.latency_s + self._lead_s

    def push(self, data: bytes | npt.NDArray[np.generic], fmt: PcmFormat, now_ns: int) -> None:
        """Take one audio message, which arrived at a ROS time [ns].

        Raises:
            InputError: If the data does not agree with the format.
        """
        self._audio.push(data, fmt, now_ns)

    def update(self, now_ns: int) -> list[TimedFace]:
        """Return the frames that are complete at a ROS time [ns]; call at least 50 times a second."""
        frames: list[TimedFace] = []
        while self._audio.is_running:
            if not self._is_speaking:
                self.face.features.reset()
                self.face.model.reset()
                self._is_speaking = True
            chunk = self._audio.take(now_ns)
            if not len(chunk):
                break
            made = self.face.push(chunk)
            frames += [self._stamped(self._visible_ns(made.articulation.start_index + i), shapes, articulation)
                       for i, (shapes, articulation) in enumerate(zip(made.shapes.values, made.articulation.values))]
        if not self._audio.is_running:
            self._is_speaking = False
            frames += self._at_rest(now_ns)
        return frames

    def _visible_ns(self, index: int) -> int:
        sound_ns = self._audio.clock.to_ns(index * SAMPLES_PER_FRAME, SAMPLE_RATE)
        return sound_ns + round((self._audio.message_s + self.latency_s) * NS)

    def _at_rest(self, now_ns: int) -> list[TimedFace]:
        """Return the frames of a closed mouth up to a time."""
        if now_ns - self._last_ns > NS:  # the first frames, or the clock has jumped
            self._last_ns = now_ns - FRAME_NS
        rest = np.zeros((1, NUM_ARTICULATION), np.float32)
        rest[0, VISEME_INDEX["sil"]], rest[0, PROSODY_COLUMNS.start + 1] = 1.0, 0.5
        frames = []
        while self._last_ns + FRAME_NS <= now_ns + round(self._lead_s * NS):
            shapes: FaceChunk = self.face.stage.push(ArticulationChunk(0, rest))
            frames.append(self._stamped(self._last_ns + FRAME_NS, shapes.values[0], rest[0]))
        return frames

    def _stamped(self, stamp_ns: int, shapes: npt.NDArray[np.float32], articulation: npt.NDArray[np.float32]
                 ) -> TimedFace:
        """Return a frame whose stamp is later than that of the frame before."""
        self._last_ns = max(stamp_ns, self._last_ns + 1) if abs(stamp_ns - self._last_ns) < NS else stamp_ns
        return TimedFace(self._last_ns, shapes, articulation[VISEME_COLUMNS])
