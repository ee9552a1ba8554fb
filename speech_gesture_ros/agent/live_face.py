"""LiveFace: audio messages at any pace in, stamped frames of a face out, at the pace of the ROS clock.

    push ──► LiveAudio ──(as time passes)──► features, face model ──► FaceTimeline ──► frames

For agents without a body; `agent_face` is the same beside gestures. A frame is due `latency_s` after its sound has
come; the sound, played that much later, is then in sync with the face. Between streams the face goes on with a closed
mouth.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.face_timeline import FaceTimeline, TimedFace
from speech_gesture_ros.agent.live_audio import LiveAudio
from speech_gesture_ros.agent.timed_phones import TimedPhones
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.rates import FACE_RATE, SAMPLE_RATE, SAMPLES_PER_FACE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.pipeline.speech_to_face import SpeechToFace

KNOWN_AHEAD_S = 0.5  # by which speech is taken ahead of its time where it is known, for values that are published ahead


class LiveFace:
    """A face in real time; for one thread.

    Args:
        face: Speech to frames.
        config: Time-outs of the audio.
        lead_s: Time between publishing a frame and its stamp, for transport and jitter [s].

    Attributes:
        face: As given.
        timeline: The frames that wait.
        phones: Phones of a speech synthesis, in place of the model.

    Raises:
        ConfigError: If the lead is out of range.
    """

    def __init__(self, face: SpeechToFace, config: AgentConfig | None = None, lead_s: float = 0.02) -> None:
        self.face, self.timeline = face, FaceTimeline(face.stage, lead_s)
        self.phones = TimedPhones()
        self.timeline.overlay = self.phones.overlay
        self.audio = LiveAudio(config or AgentConfig())
        self.audio.ahead_s = KNOWN_AHEAD_S
        self._is_speaking = False

    @property
    def latency_s(self) -> float:
        """Time from the end of a message to the stamps of its last frame [s]."""
        return self.audio.latency_s + self.face.latency_s + self.timeline.lead_s

    def push(self, data: bytes | npt.NDArray[np.generic], fmt: PcmFormat, now_ns: int) -> None:
        """Take one audio message, which arrived at a ROS time [ns].

        Raises:
            InputError: If the data does not agree with the format.
        """
        if not self.audio.is_running:
            self.phones.end_stream()
        self.audio.push(data, fmt, now_ns)
        if self.audio.is_running:
            self.phones.take_sound(now_ns, self.audio.message_begin_s * FACE_RATE)

    def update(self, now_ns: int) -> list[TimedFace]:
        """Return the frames that are complete at a ROS time [ns]; call at least 50 times a second."""
        while self.audio.is_running:
            if not self._is_speaking:
                self.face.begin_stream()
                self.timeline.begin_stream()
                self._is_speaking = True
            chunk = self.audio.take(now_ns)
            if not len(chunk):
                break
            self.timeline.push(self.face.articulate(chunk), self._visible_ns, now_ns)
        self._is_speaking = self.audio.is_running
        return self.timeline.take(now_ns)

    def interrupt(self) -> None:
        """Forget audio that waits: the lips close."""
        self.timeline.interrupt(self.audio.num_taken)
        self.audio.drop_backlog()
        self.phones.clear()

    def _visible_ns(self, index: int) -> int:
        sound_ns = self.audio.clock.to_ns(index * SAMPLES_PER_FACE, SAMPLE_RATE)
        return sound_ns + round((self.audio.message_s + self.latency_s) * NS)
