"""Configuration of an agent: a pipeline, time-outs and tolerances; and the one with the least latency."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from speech_gesture_ros.control.servo_lag import LONGEST_S
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig

MAX_TOLERANCE = 3.2  # [rad]


@dataclass(frozen=True)
class AgentConfig:
    """Speech to published windows, in real time.

    Attributes:
        pipeline: Speech to robot configurations.
        lead_s: Time between publishing a knot and performing it, for transport and jitter [s].
        robot_lag_s: Time by which the robot's joints follow their commands; voice and face are delayed by as much, so
            that they are in time with the robot [s].
        smooth_targets: Whether the robot's targets are smoothed over three frames, with 40 ms more latency.
        audio_timeout_s: Missing audio is replaced by silence after this long [s].
        idle_timeout_s: A stream without audio for this long ends, and the robot, at rest by then, is released [s].
        joint_timeout_s: Older joint states are stale: the robot is released until they return [s].
        tracking_tolerance: Largest distance of a joint from its commands [rad, m]; 0: unlimited.
        max_backlog_s: Audio that may wait to be performed, for sources faster than real time [s].
    """

    pipeline: PipelineConfig = field(default_factory=PipelineConfig)
    lead_s: float = 0.1
    robot_lag_s: float = 0.0
    smooth_targets: bool = True
    audio_timeout_s: float = 0.25
    idle_timeout_s: float = 8.0
    joint_timeout_s: float = 0.5
    tracking_tolerance: float = 0.35
    max_backlog_s: float = 60.0

    def __post_init__(self) -> None:
        for name, low, high in (("lead_s", 0.02, 1.0), ("robot_lag_s", 0.0, LONGEST_S),
                                ("audio_timeout_s", 0.05, 5.0),
                                ("idle_timeout_s", 1.0, 3600.0), ("joint_timeout_s", 0.05, 5.0),
                                ("max_backlog_s", 1.0, 600.0)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigError(name, value, f"{low} to {high} s", "Choose a value in that range.")
        if not 0.0 <= self.tracking_tolerance <= MAX_TOLERANCE:
            raise ConfigError("tracking_tolerance", self.tracking_tolerance, f"0 to {MAX_TOLERANCE} rad",
                              "0.35 suits most robots; use more if its servos lag far behind.")


def live_speaker_config(pipeline: PipelineConfig) -> AgentConfig:
    """Return the configuration for a voice that cannot be delayed: 0.2 s from sound to gesture, with 20 ms messages.

    The same values are in config/nodes/live_speaker.yaml.
    """
    return AgentConfig(pipeline=replace(pipeline, look_ahead_s=0.0), lead_s=0.05, smooth_targets=False)
