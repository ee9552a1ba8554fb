"""What to build a pipeline or an agent from."""

from __future__ import annotations

from dataclasses import dataclass, field

from speech_gesture_ros.core.errors import ConfigError

MAX_LOOK_AHEAD_S = 1.0
MAX_TOLERANCE = 3.2  # [rad]


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
        interface: How the robot is told to move, one of `core.commands.INTERFACES`; "" for what its profile says.
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


@dataclass(frozen=True)
class AgentConfig:
    """Speech to published windows, in real time.

    Attributes:
        pipeline: Speech to robot configurations.
        lead_s: How long before it is performed a knot is published: room for transport and jitter [s].
        audio_timeout_s: Missing audio is replaced by silence after this long [s].
        idle_timeout_s: Without audio for this long the robot, at rest by then, is left alone [s].
        joint_timeout_s: Older joint states are stale: the robot is left alone until they return [s].
        tracking_tolerance: How far a joint may be from where it was told to be [rad, m]; 0: as far as it likes.
        max_backlog_s: Audio that may wait to be performed, for sources faster than real time [s].
    """

    pipeline: PipelineConfig = field(default_factory=PipelineConfig)
    lead_s: float = 0.1
    audio_timeout_s: float = 0.25
    idle_timeout_s: float = 8.0
    joint_timeout_s: float = 0.5
    tracking_tolerance: float = 0.35
    max_backlog_s: float = 60.0

    def __post_init__(self) -> None:
        for name, low, high in (("lead_s", 0.02, 1.0), ("audio_timeout_s", 0.05, 5.0),
                                ("idle_timeout_s", 1.0, 3600.0), ("joint_timeout_s", 0.05, 5.0),
                                ("max_backlog_s", 1.0, 600.0)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigError(name, value, f"{low} to {high} s", "Choose a value in that range.")
        if not 0.0 <= self.tracking_tolerance <= MAX_TOLERANCE:
            raise ConfigError("tracking_tolerance", self.tracking_tolerance, f"0 to {MAX_TOLERANCE} rad",
                              "0.35 suits most robots; more for those whose servos trail far behind.")
