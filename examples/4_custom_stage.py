"""A stage of your own between model and robot: python examples/4_custom_stage.py [speech.wav].

A stage has push, flush, reset and latency_s (`speech_gesture_ros.core.stage`). It must give the same output for any
chunking, so everything that it keeps between chunks is its state.
"""

import sys

import numpy as np

from speech_gesture_ros import AudioChunk, PoseChunk, RetargetStage, RobotConfig, load_mono_16k, load_robot
from speech_gesture_ros.core.assets import resolve, share_folder
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.pipeline.speech_to_pose import SpeechToPose


class CalmStage:
    """First-order low-pass filter of all joint positions.

    Args:
        time_s: Time constant [s].
    """

    latency_s = 0.0  # output frame n needs no input after frame n

    def __init__(self, time_s: float) -> None:
        self._share = 1.0 - np.exp(-1.0 / (time_s * POSE_RATE))
        self.reset()

    def push(self, chunk: PoseChunk) -> PoseChunk:
        """Return (T, J, 3) filtered poses [m] for (T, J, 3) poses [m]."""
        poses = np.empty_like(chunk.values)
        for i, pose in enumerate(chunk.values):
            self._pose = pose if self._pose is None else self._pose + self._share * (pose - self._pose)
            poses[i] = self._pose
        return PoseChunk(chunk.start_index, poses)

    def flush(self) -> PoseChunk:
        """Return no frames: none are kept."""
        return PoseChunk(0, np.zeros((0, 0, 3)))

    def reset(self) -> None:
        """Forget the stream."""
        self._pose: np.ndarray | None = None


def main(speech: str) -> None:
    """Print how fast the robot's joints move with and without the stage."""
    robot, samples = load_robot(RobotConfig()), load_mono_16k(speech)[:10 * SAMPLE_RATE]
    speech_to_pose = SpeechToPose(resolve("default", "models"))
    poses = speech_to_pose.push(AudioChunk(0, samples))
    for name, chunk in (("without", poses), ("with", CalmStage(0.3).push(poses))):
        q = RetargetStage(robot, speech_to_pose.skeleton).push(chunk).values
        print(f"{name} the stage: {np.abs(np.diff(q, axis=0)).mean() * POSE_RATE:.3f} rad/s, mean of all joints")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else str(share_folder() / "config" / "demo" / "speech.flac"))
