"""Configuration of a pipeline: model, robot, look-ahead, seed, device."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.pipeline.face_config import FaceConfig
from speech_gesture_ros.retargeting.load_robot import RobotConfig

MAX_LOOK_AHEAD_S = 1.0


@dataclass(frozen=True)
class PipelineConfig(RobotConfig):
    """Speech to robot configurations; the attributes of the robot are those of `RobotConfig`.

    Attributes:
        model: Bundle: a name in models/, or a folder.
        look_ahead_s: Future speech that the model may use [s], 0 to 1.
        seed: Choice of gestures: the same seed and speech give the same motion.
        device: "auto", "cpu", "cuda" or "cuda:<n>".
        face: Of a face that speaks with the gestures; None: no face.
    """

    model: str = "default"
    look_ahead_s: float = 0.12
    seed: int = 0
    device: str = "auto"
    face: FaceConfig | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.look_ahead_s <= MAX_LOOK_AHEAD_S:
            raise ConfigError("look_ahead_s", self.look_ahead_s, f"0 to {MAX_LOOK_AHEAD_S} s",
                              "0.12 is a good value; less makes strokes late and small.")
