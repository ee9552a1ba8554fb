"""Parameters of a face: alone in face_node, or with gestures in gesture_node."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.controls import parse_styles
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.face.channel_map import FaceChannelMap, jaw_map, load_channel_map
from speech_gesture_ros.face.converters.vmc import NAME_SETS
from speech_gesture_ros.face.style import STYLES, FaceStyle, blend_styles
from speech_gesture_ros.face.upper_face import MAX_BLINKS, MAX_MOVEMENT, UpperFaceControls
from speech_gesture_ros.nodes.audio_settings import AudioInputSettings
from speech_gesture_ros.nodes.parameters import PARAMETER_REMEDY, parameter
from speech_gesture_ros.pipeline.face_config import FaceConfig

MODEL_TEXT = "Bundle of a face model: a name in models/, a path, or package://speech_gesture_ros/..."
LEAD_TEXT = "Time by which frames are published ahead of their stamp [s], for transport and jitter."
STYLE_TEXT = (f"Blend of styles, such as 'shout:1, usual:2', of {', '.join(STYLES)}; empty for the usual one.")
BLINKS_TEXT = "Factor of the frequency of blinks; 0 is none."
MOVEMENT_TEXT = "Factor of the movements of brows and gaze; 0 is none."

CHANNELS_TEXT = ("Joints of the robot's face: names in config/faces or paths of YAML files, separated by commas; empty "
                 "for none.")
JAW_TEXT = "Joint of a jaw that follows the mouth; empty for none."
ANGLE_TEXT = "Position of the open jaw, 0 is closed [rad]."
TOPIC_TEXT = "Topic of the jaw's controller (trajectory_msgs/JointTrajectory)."
MAX_MAPS = 8
TARGET_NAMES = ("vmc", "live_link", "openxr", "reachy", "pal", "nao", "icub", "furhat")


def channel_maps(names: str, jaw_joint: str, jaw_angle: float, jaw_topic: str) -> list[FaceChannelMap]:
    """Return the joints of a robot's face.

    Args:
        names: Maps, separated by commas; "" for none.
        jaw_joint: Joint of a jaw; "" for none.
        jaw_angle: Position of the open jaw [rad].
        jaw_topic: Topic of its controller.

    Raises:
        ConfigError: If a map cannot be read, or there are too many.
    """
    references = [name.strip() for name in names.split(",") if name.strip()]
    if len(references) > MAX_MAPS:
        raise ConfigError("number of face channel files", len(references), f"at most {MAX_MAPS}", PARAMETER_REMEDY)
    maps = [load_channel_map(reference) for reference in references]
    return [*maps, jaw_map(jaw_joint, jaw_angle, jaw_topic)] if jaw_joint.strip() else maps


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
    blinks: float = parameter(1.0, BLINKS_TEXT, low=0.0, high=MAX_BLINKS)
    movement: float = parameter(1.0, MOVEMENT_TEXT, low=0.0, high=MAX_MOVEMENT)
    frame_id: str = parameter("face", "frame_id of the messages: the name of the face or the agent.")
    channels: str = parameter("", CHANNELS_TEXT)
    jaw_joint: str = parameter("", JAW_TEXT, name="jaw.joint")
    jaw_open_angle: float = parameter(0.35, ANGLE_TEXT, name="jaw.open_angle", low=-3.2, high=3.2)
    jaw_topic: str = parameter("jaw_controller/joint_trajectory", TOPIC_TEXT, name="jaw.topic")

    @property
    def upper_face(self) -> UpperFaceControls:
        """Liveliness of blinks, brows and gaze."""
        return UpperFaceControls(self.blinks, self.movement, self.movement)

    @property
    def channel_maps(self) -> list[FaceChannelMap]:
        """Joints of the robot's face."""
        return channel_maps(self.channels, self.jaw_joint, self.jaw_open_angle, self.jaw_topic)


@dataclass(frozen=True)
class FaceConverterSettings:
    """Parameters of face_converter."""

    target: str = parameter("vmc", "Form in which the face is sent: VRM over VMC, Live Link Face, OpenXR visemes, "
                            "Reachy Mini (UDP); PAL, NAO, iCub, Furhat (topics).", choices=TARGET_NAMES)
    host: str = parameter("127.0.0.1", "Host that receives UDP.")
    port: int = parameter(0, "Port that receives UDP; 0: the usual one of the target.", low=0, high=65535)
    expression_names: str = parameter("vrm1", "Names of VMC's expressions: of VRM 1.0, of VRM 0, or the 52 of ARKit "
                                      "(perfect sync).", choices=NAME_SETS)
    avatar_file: str = parameter("", "VRM file (.vrm) of the avatar that the receiver of VMC shows, for the positions "
                                 "of its bones; empty: those of a human.")
    subject: str = parameter("speech_gesture", "Name under which the face appears in Live Link.")


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
    face_blinks: float = parameter(1.0, BLINKS_TEXT, name="face.blinks", low=0.0, high=MAX_BLINKS)
    face_movement: float = parameter(1.0, MOVEMENT_TEXT, name="face.movement", low=0.0, high=MAX_MOVEMENT)
    face_frame_id: str = parameter("face", "frame_id of the face's messages: the name of the face or the agent.",
                                   name="face.frame_id")
    face_channels: str = parameter("", CHANNELS_TEXT, name="face.channels")
    face_jaw_joint: str = parameter("", JAW_TEXT, name="face.jaw.joint")
    face_jaw_open_angle: float = parameter(0.35, ANGLE_TEXT, name="face.jaw.open_angle", low=-3.2, high=3.2)
    face_jaw_topic: str = parameter("jaw_controller/joint_trajectory", TOPIC_TEXT, name="face.jaw.topic")

    @property
    def channel_maps(self) -> list[FaceChannelMap]:
        """Joints of the robot's face."""
        return channel_maps(self.face_channels, self.face_jaw_joint, self.face_jaw_open_angle,
                            self.face_jaw_topic)

    @property
    def face_config(self) -> FaceConfig | None:
        """Configuration of the face; None if it is not enabled."""
        if not self.face_enabled:
            return None
        return FaceConfig(self.face_model, self.face_look_ahead_s, self.face_seed, self.face_lead_s,
                          face_style(self.face_style),
                          UpperFaceControls(self.face_blinks, self.face_movement, self.face_movement))
