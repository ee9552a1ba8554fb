"""Parameters of a face: alone in face_node, or with gestures in gesture_node."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.controls import parse_styles
from speech_gesture_ros.face.style import STYLES, FaceStyle, blend_styles
from speech_gesture_ros.nodes.audio_settings import AudioInputSettings
from speech_gesture_ros.nodes.parameters import parameter
from speech_gesture_ros.pipeline.face_config import FaceConfig

MODEL_TEXT = "Bundle of a face model: a name in models/, a path, or package://speech_gesture_ros/..."
LEAD_TEXT = "Time by which frames are published ahead of their stamp [s], for transport and jitter."
STYLE_TEXT = (f"Blend of styles, such as 'shout:1, usual:2', of {', '.join(STYLES)}; empty for the usual one.")


def face_style(text: str) -> FaceStyle:
    """Return the blend of styles of a text such as "shout:1, usual:2"; the usual one for "".

    Raises:
        ConfigError: If the text has another form or names another style.
    """
    return blend_styles(dict(parse_styles(text)) or {"usual": 1.0})


@dataclass(frozen=True)
class FaceSettings(AudioInputSettings):
    """Parameters of face_node."""

    model: str = parameter("face", MODEL_TEXT)
    look_ahead_s: float = parameter(0.04, "Future speech that a frame may use [s]: 0, 0.04 or 0.08.", low=0.0,
                                    high=0.08)
    lead_s: float = parameter(0.02, LEAD_TEXT, low=0.0, high=1.0)
    seed: int = parameter(0, "Seed of blinks, brows and gaze.", low=0, high=2**31 - 1)
    style: str = parameter("", STYLE_TEXT, is_live=True, check=face_style)
    frame_id: str = parameter("face", "frame_id of the messages: the name of the face or the agent.")


@dataclass(frozen=True)
class AgentFaceSettings(AudioInputSettings):
    """Parameters of the face of gesture_node."""

    face_enabled: bool = parameter(False, "Animate a face with the gestures: ~/face/blendshapes, ~/face/visemes.",
                                   name="face.enabled")
    face_model: str = parameter("face", MODEL_TEXT, name="face.model")
    face_look_ahead_s: float = parameter(0.08, "Future speech that a frame may use [s]: 0, 0.04 or 0.08; gestures need "
                                         "more, so that it delays nothing.", name="face.look_ahead_s", low=0.0,
                                         high=0.08)
    face_seed: int = parameter(0, "Seed of blinks, brows and gaze.", name="face.seed", low=0, high=2**31 - 1)
    face_lead_s: float = parameter(0.02, LEAD_TEXT, name="face.lead_s", low=0.0, high=0.2)
    face_style: str = parameter("", STYLE_TEXT, name="face.style", is_live=True, check=face_style)
    face_frame_id: str = parameter("face", "frame_id of the face's messages: the name of the face or the agent.",
                                   name="face.frame_id")

    @property
    def face_config(self) -> FaceConfig | None:
        """Configuration of the face; None if it is not enabled."""
        if not self.face_enabled:
            return None
        return FaceConfig(self.face_model, self.face_look_ahead_s, self.face_seed, self.face_lead_s,
                          face_style(self.face_style))
