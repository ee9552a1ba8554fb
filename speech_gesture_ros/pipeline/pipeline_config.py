"""Configuration of a pipeline: model, robot, look-ahead, seed, device."""

from __future__ import annotations

from dataclasses import dataclass, field

from speech_gesture_ros.core.errors import ConfigError

MAX_LOOK_AHEAD_S = 1.0


@dataclass(frozen=True)
class PipelineConfig:
    """Speech to robot configurations.

    Attributes:
        model: Bundle: a name in models/, or a folder.
        robot: Robot: a name in config/robots/, or the path of a URDF.
        robot_xml: The URDF itself, when it came on a topic; overrides `robot` as the source.
        profile: Robot profile: a name in config/robots/, or a path; None takes the one shipped for a robot that is
            called as its URDF calls it, if any; "none" takes none.
        joint_limits: Path of a `joint_limits` YAML (ros2_control, MoveIt), asked before the URDF.
        srdf: Path of an SRDF with pairs of links that may touch; None takes the one beside the URDF, if any.
        interface: How the robot is told to move, one of `robot.commands.INTERFACES`; "" for what its profile says.
        low_level_speed: How fast joints may be that are told past the robot's own safety [rad/s]; 0: not allowed.
        look_ahead_s: Future speech the network may wait for [s], 0 to 1.
        seed: Which gestures are chosen: same seed and speech, same motion.
        device: "auto", "cpu", "cuda" or "cuda:<n>".
    """

    model: str = "default"
    robot: str = "demo_humanoid"
    robot_xml: str | None = field(default=None, repr=False)
    profile: str | None = None
    joint_limits: str | None = None
    srdf: str | None = None
    interface: str = ""
    low_level_speed: float = 0.0
    look_ahead_s: float = 0.4
    seed: int = 0
    device: str = "auto"

    def __post_init__(self) -> None:
        if not 0.0 <= self.look_ahead_s <= MAX_LOOK_AHEAD_S:
            raise ConfigError("look_ahead_s", self.look_ahead_s, f"0 to {MAX_LOOK_AHEAD_S} s",
                              "0.4 is a good start; less makes strokes come late and small.")
