"""Face of an agent with a body: articulation of its speech in, frames out, on the clock of its gestures and voice.

Frame k of the stream is visible at the ROS time: anchor + k / 50 s + latency of the agent.
"""

from __future__ import annotations

from speech_gesture_ros.agent.face_timeline import FaceTimeline, TimedFace
from speech_gesture_ros.agent.live_audio import LiveAudio
from speech_gesture_ros.agent.timed_phones import TimedPhones
from speech_gesture_ros.core.chunks import ArticulationChunk
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.core.timebase import StreamClock
from speech_gesture_ros.face.face_stage import FaceStage
from speech_gesture_ros.pipeline.face_config import FaceConfig


class AgentFace:
    """The face of one agent.

    Args:
        config: Style, seed and lead.

    Attributes:
        timeline: The frames that wait, and the face stage.
        phones: Phones of a speech synthesis, in place of the model.

    Raises:
        ConfigError: If the lead is out of range.
    """

    def __init__(self, config: FaceConfig) -> None:
        self.timeline = FaceTimeline(FaceStage(config.style, config.seed, config.upper_face), config.lead_s)
        self.phones = TimedPhones()
        self.timeline.overlay = self.phones.overlay

    def begin_stream(self) -> None:
        """Take note of a new stream: its frames are counted from 0."""
        self.timeline.begin_stream()

    def push(self, chunk: ArticulationChunk, clock: StreamClock, latency_ns: int, now_ns: int) -> None:
        """Take consecutive frames of the stream.

        Args:
            chunk: The frames.
            clock: Ties the samples of the stream to ROS time.
            latency_ns: Time from a sound to its performance [ns].
            now_ns: ROS time [ns].
        """
        self.timeline.push(chunk, lambda index: clock.to_ns(index, FACE_RATE) + latency_ns, now_ns)

    def take(self, now_ns: int) -> list[TimedFace]:
        """Return the frames that are due at a ROS time [ns]."""
        return self.timeline.take(now_ns)

    def interrupt(self, num_samples: int = 0) -> None:
        """Forget all speech: the lips close; of the stream's first samples, so many are not performed any more."""
        self.timeline.interrupt(num_samples)
        self.phones.clear()

    def take_sound(self, audio: LiveAudio, now_ns: int, *, is_first: bool) -> None:
        """Tie phones to the audio message taken last, which arrived at a ROS time [ns]; `is_first` of its stream."""
        if is_first:
            self.phones.end_stream()
        if audio.is_running:
            self.phones.take_sound(now_ns, audio.message_begin_s * FACE_RATE)
