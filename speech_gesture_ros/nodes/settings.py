"""Parameters of every node: names, units, defaults, bounds, descriptions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from speech_gesture_ros.agent.agent_config import MAX_TOLERANCE, AgentConfig
from speech_gesture_ros.audio.pcm import MAX_CHANNELS, MAX_SAMPLE_RATE, MIN_SAMPLE_RATE
from speech_gesture_ros.control.servo_lag import LONGEST_S
from speech_gesture_ros.core.controls import MAX_SCALE, USUAL_ACCENT_LOCK, GestureControls, parse_styles
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.nodes.audio_settings import AudioInputSettings
from speech_gesture_ros.nodes.face_settings import AgentFaceSettings, FaceConverterSettings, FaceSettings
from speech_gesture_ros.nodes.parameters import PARAMETER_REMEDY, parameter
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.robot.command_interfaces import command_interface
from speech_gesture_ros.robot.command_interfaces.shipped import SHIPPED_INTERFACES
from speech_gesture_ros.robot.topic_names import check_optional_topic, check_prefix

SENT_AUDIO_TYPES = (
    "std_msgs/msg/Int16MultiArray",
    "std_msgs/msg/Float32MultiArray",
    "std_msgs/msg/UInt8MultiArray",
    "audio_common_msgs/msg/AudioStamped",
    "audio_common_msgs/msg/AudioData",
)
ROBOT_TEXT = ("Robot: a name in config/robots, the path of a URDF or MJCF file, or 'topic' for the text on "
              "robot_description.")


def _check_interface(name: str) -> None:
    """Raise `ConfigError` for the name of an interface that is not registered; "" is allowed."""
    if name:
        command_interface(name)


@dataclass(frozen=True)
class GestureSettings(AgentFaceSettings):
    """Parameters of gesture_node."""

    model: str = parameter("default", "Model bundle: a name in models/, a path, or package://speech_gesture_ros/...")
    robot: str = parameter("demo_humanoid", ROBOT_TEXT)
    profile: str = parameter("", "Robot profile (YAML); empty for the one shipped under the robot's name, if any.")
    joint_limits: str = parameter("", "joint_limits YAML of ros2_control or MoveIt, with priority over the URDF; empty "
                                  "for none.")
    srdf: str = parameter("", "SRDF with pairs of links that may touch; empty for the one beside the URDF, if any.")
    command_interface: str = parameter(
        "", "Command interface of all groups, in place of the profile's: "
        f"{', '.join(interface.name for interface in SHIPPED_INTERFACES)}, or one that another package adds; "
        "empty for the profile's (docs/controllers.md).", name="commands.interface", check=_check_interface)
    topic_prefix: str = parameter(
        "", "Text before the relative topics of commands and motor states, such as robot1/, or / for topics outside "
        "the node's namespace; empty: in the node's namespace.", name="commands.prefix", check=check_prefix)
    allow_low_level: bool = parameter(False, "Allow commands that bypass the robot's own safety: unitree_arm_sdk, "
                                      "booster_low_cmd.", name="commands.allow_low_level")
    low_level_speed: float = parameter(0.5, "Speed limit of joints in such commands [rad/s].",
                                       name="commands.low_level_speed", low=0.05, high=3.0)
    device: str = parameter("auto", "Device of the network: auto, cpu, cuda, cuda:1, ...")
    look_ahead_s: float = parameter(0.12, "Future speech that the network waits for [s]; 0 adds no delay and "
                                    "makes gestures smaller and later.", low=0.0, high=1.0)
    seed: int = parameter(0, "Seed of the choice of gestures: same seed and speech, same motion.", low=0,
                          high=2**31 - 1)
    activity: float = parameter(1.0, "Amount of gestures: 0 rest, 0.5 calm, 1 lively. Models without this input "
                                "make smaller gestures instead.", low=0.0, high=MAX_SCALE, is_live=True)
    amplitude: float = parameter(1.0, "Size of arm gestures relative to the rest pose: 0.5 is half as large.",
                                 low=0.0, high=MAX_SCALE, is_live=True)
    handedness: float = parameter(0.0, "Preferred hand: -1 left, 0 both alike, 1 right; for models with this "
                                  "input.", low=-1.0, high=1.0, is_live=True)
    styles: str = parameter("", "Weights of the model's gesture families, such as 'beat:1, open:0.5'; others "
                            "keep 1. For models with families.", is_live=True, check=parse_styles)
    accent_lock: float = parameter(USUAL_ACCENT_LOCK, "How many strokes wait for an accent of the voice, 0: as few "
                                   "as people's, 1: all. For models with this input.",
                                   low=0.0, high=1.0, is_live=True)
    lead_s: float = parameter(0.1, "Time by which windows are published ahead of their stamp [s], for transport and "
                              "jitter.", low=0.02, high=1.0)
    robot_lag_s: float = parameter(0.0, "Time by which the robot's joints follow their commands [s]; ~/audio_out and "
                                   "the face are delayed by as much. The diagnostics state it as measured.", low=0.0,
                                   high=LONGEST_S)
    smooth_targets: bool = parameter(True, "Smooth the robot's targets over three frames; false: 40 ms less latency, "
                                     "less smooth on slow joints.")
    idle_timeout_s: float = parameter(8.0, "Without audio for this long the robot, at rest by then, is released "
                                      "[s].", low=1.0, high=3600.0)
    joint_timeout_s: float = parameter(0.5, "Older joint states are stale: the robot is released until they return "
                                       "[s].", low=0.05, high=5.0)
    tracking_tolerance: float = parameter(0.35, "Tracking error of a joint at which the robot is released [rad, m]; "
                                          "0: not checked.", low=0.0, high=MAX_TOLERANCE)
    lock_topic: str = parameter("~/lock", "Topic (std_msgs/Bool) that inhibits motion while it is true; empty for "
                                "none.", name="lock.topic", check=check_optional_topic)
    lock_timeout_s: float = parameter(0.0, "Without a message for this long the lock counts as true, as in twist_mux "
                                      "[s]; 0: the last message counts.", name="lock.timeout_s", low=0.0, high=60.0)
    audio_timeout_s: float = parameter(0.25, "Missing audio is replaced by silence after this long [s].",
                                       name="audio.timeout_s", low=0.05, high=5.0)
    audio_max_backlog_s: float = parameter(60.0, "Largest backlog of audio, for sources that are faster than real "
                                           "time [s].", name="audio.max_backlog_s", low=1.0, high=600.0)
    skeleton_frame: str = parameter("", "Frame of ~/skeleton; empty for the robot's base link.",
                                    name="skeleton.frame_id")
    dry_run: bool = parameter(False, "Compute everything, send nothing to the robot.", is_live=True)
    autostart: bool = parameter(True, "Configure and activate at start-up.")

    @property
    def controls(self) -> GestureControls:
        """Parameters of gestures that may change at run time."""
        return GestureControls(self.activity, self.amplitude, self.handedness, parse_styles(self.styles),
                               self.accent_lock)

    def agent_config(self, robot_xml: str | None = None) -> AgentConfig:
        """Return the configuration of the agent.

        Args:
            robot_xml: URDF from a topic; None for the robot that the parameters name.
        """
        pipeline = PipelineConfig(
            model=self.model, robot="robot_description" if robot_xml else self.robot, robot_xml=robot_xml,
            profile=self.profile or None, joint_limits=self.joint_limits or None, srdf=self.srdf or None,
            interface=self.command_interface, topic_prefix=self.topic_prefix,
            low_level_speed=self.low_level_speed if self.allow_low_level else 0.0,
            look_ahead_s=self.look_ahead_s, seed=self.seed, device=self.device, face=self.face_config,
        )
        return AgentConfig(
            pipeline=pipeline, lead_s=self.lead_s, robot_lag_s=self.robot_lag_s,
            smooth_targets=self.smooth_targets,
            audio_timeout_s=self.audio_timeout_s, idle_timeout_s=self.idle_timeout_s,
            joint_timeout_s=self.joint_timeout_s, max_backlog_s=self.audio_max_backlog_s,
            tracking_tolerance=self.tracking_tolerance,
        )


@dataclass(frozen=True)
class AudioFileSettings:
    """Parameters of audio_file_node."""

    path: str = parameter("", "Sound file: wav, flac, ogg or mp3.")
    type: str = parameter("std_msgs/msg/Int16MultiArray", "Message type that is published.", choices=SENT_AUDIO_TYPES)
    chunk_ms: int = parameter(20, "Length of one message [ms].", low=1, high=1000)
    loop: bool = parameter(False, "Start again at the end of the file.")
    subscribers: int = parameter(1, "Number of subscribers to wait for before the first sample.", low=0, high=100)
    start_delay_s: float = parameter(0.5, "Silence published before the first sample [s].", low=0.0, high=60.0)


@dataclass(frozen=True)
class MicrophoneSettings:
    """Parameters of microphone_node."""

    device: str = parameter("", "Part of the name, or the number, of the input device; empty for the system's default.")
    type: str = parameter("std_msgs/msg/Int16MultiArray", "Message type that is published.", choices=SENT_AUDIO_TYPES)
    sample_rate: int = parameter(16000, "Sample rate [Hz].", low=MIN_SAMPLE_RATE, high=MAX_SAMPLE_RATE)
    channels: int = parameter(1, "Channels.", low=1, high=MAX_CHANNELS)
    chunk_ms: int = parameter(20, "Length of one message [ms].", low=1, high=1000)


@dataclass(frozen=True)
class MujocoSettings:
    """Parameters of mujoco_node."""

    robot: str = parameter("demo_humanoid", ROBOT_TEXT.replace(", or 'topic' for the text on robot_description", ""))
    profile: str = parameter("", "Robot profile (YAML); empty for the one shipped under the robot's name, if any.")
    state_rate_hz: float = parameter(100.0, "Rate of joint_states [Hz].", low=1.0, high=500.0)


@dataclass(frozen=True)
class RecorderSettings:
    """Parameters of recorder_node."""

    path: str = parameter("", "Folder of the bag to write; must not exist.")
    poll_s: float = parameter(0.1, "Period of the search for new topics [s].", low=0.02, high=10.0)


def _check_id(text: str) -> None:
    """Raise `ConfigError` for an identifier that cannot be part of a topic and a frame."""
    if not re.fullmatch(r"[A-Za-z]\w*", text, re.ASCII):
        raise ConfigError("id of the body", text, "a letter, then letters, digits and _", PARAMETER_REMEDY)


@dataclass(frozen=True)
class BodySettings:
    """Parameters of body_node."""

    id: str = parameter("performed", "Identifier of the body, at the end of frames and joints; each robot has another.",
                        check=_check_id)
    frames: str = parameter("all", "Frames on /tf: all; body alone, where robot_state_publisher publishes the parts "
                            "from a URDF of human_description; or none.", choices=("all", "body", "none"))
    joint_states: bool = parameter(True, "Publish the joint angles of REP-155 on /humans/bodies/<id>/joint_states.")
    tracked: bool = parameter(False, "Publish the identifier on /humans/bodies/tracked; needs hri_msgs. Not beside a "
                              "node that detects people.")


@dataclass(frozen=True)
class AudioProbeSettings(AudioInputSettings):
    """Parameters of audio_probe."""

    seconds: float = parameter(5.0, "Time after which the probe logs its result and ends [s].", low=0.5, high=3600.0)


NODE_SETTINGS: dict[str, type] = {
    "gesture_node": GestureSettings,
    "audio_file_node": AudioFileSettings,
    "microphone_node": MicrophoneSettings,
    "mujoco_node": MujocoSettings,
    "recorder_node": RecorderSettings,
    "face_node": FaceSettings,
    "face_converter": FaceConverterSettings,
    "body_node": BodySettings,
    "audio_probe": AudioProbeSettings,
}
