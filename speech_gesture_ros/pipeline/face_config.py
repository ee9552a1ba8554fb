"""Configuration of the face of an agent."""

from __future__ import annotations

from dataclasses import dataclass, field

from speech_gesture_ros.face.style import FaceStyle
from speech_gesture_ros.face.upper_face import UpperFaceControls


@dataclass(frozen=True)
class FaceConfig:
    """Speech to a face, beside the gestures.

    Attributes:
        model: Bundle: a name in models/, or a folder.
        look_ahead_s: Future speech that a frame may use [s]: 0, 0.04 or 0.08. Gestures need more, so it costs nothing.
        seed: Of blinks, brows and gaze.
        lead_s: Time between publishing a frame and its stamp, for transport and jitter [s].
        style: Of speaking.
        upper_face: How lively blinks, brows and gaze are.
    """

    model: str = "face"
    look_ahead_s: float = 0.08
    seed: int = 0
    lead_s: float = 0.02
    style: FaceStyle = field(default_factory=FaceStyle)
    upper_face: UpperFaceControls = field(default_factory=UpperFaceControls)
