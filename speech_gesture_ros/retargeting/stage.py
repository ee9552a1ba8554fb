"""Retargeting stage: pose frames to robot configurations, one step of inverse kinematics a frame, no delay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from speech_gesture_ros.core.chunks import JointChunk, PoseChunk
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.retargeting.ik import DifferentialIk, Weights
from speech_gesture_ros.retargeting.targets import HumanDirections
from speech_gesture_ros.robot.description import RobotDescription


@dataclass
class RetargetState:
    """Next frame index of the stream, and count of unusable frames (NaN, bones without length); they hold `q`."""

    next_index: int = 0
    unusable_frames: int = 0


@dataclass(frozen=True)
class RetargetReport:
    """Counts since the stream began.

    Attributes:
        unusable_frames: Frames that held the robot: NaN, or bones without length.
        failed_steps: Frames that held the robot because the solver found no solution.
        halved_steps: Times that a step was halved because capsules came too close.
    """

    unusable_frames: int
    failed_steps: int
    halved_steps: int


class RetargetStage:
    """Follows human poses with a robot, from its rest pose on.

    Attributes:
        state: Position on the stream and counter of unusable frames.
        latency_s: 0: frame n in, frame n out.
    """

    latency_s = 0.0

    def __init__(self, description: RobotDescription, skeleton: Skeleton, weights: Weights | None = None) -> None:
        self._human = HumanDirections(skeleton)
        self._ik = DifferentialIk(description, weights)
        self.state = RetargetState()

    @property
    def report(self) -> RetargetReport:
        """Counts since the stream began."""
        counts = self._ik.state.counts
        return RetargetReport(self.state.unusable_frames, counts.failed, counts.halved)

    def push(self, chunk: PoseChunk) -> JointChunk:
        """Return (T, N) configurations [rad] for (T, J, 3) skeleton joint positions [m]."""
        values = np.empty((len(chunk), len(self._ik.description.joint_names)))
        for i, joint_xyz in enumerate(chunk.values):
            directions = self._human.read(joint_xyz)
            if directions is None:
                self.state.unusable_frames += 1
                values[i] = self._ik.state.q
            else:
                values[i] = self._ik.step(directions)
        start = self.state.next_index
        self.state.next_index += len(chunk)
        return JointChunk(start, values)

    def flush(self) -> JointChunk:
        """Return nothing: no frame is held back."""
        return JointChunk(self.state.next_index, np.empty((0, len(self._ik.description.joint_names))))

    def reset(self) -> None:
        """Return to the rest pose."""
        self.state = RetargetState()
        self._ik.reset()
