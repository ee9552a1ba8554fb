"""Pose frames in, robot configurations out: one step of inverse kinematics a frame, no delay."""

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
    """Where the stream is, and how many frames were unusable so far (NaN, bones without length): `q` was held."""

    next_index: int = 0
    unusable_frames: int = 0


class RetargetStage:
    """Moves a robot as a human moves; starts at the robot's rest pose.

    Attributes:
        state: Position on the stream and counter of frames that could not be used.
        latency_s: 0: frame n in, frame n out.
    """

    latency_s = 0.0

    def __init__(self, description: RobotDescription, skeleton: Skeleton, weights: Weights | None = None) -> None:
        self._human = HumanDirections(skeleton)
        self._ik = DifferentialIk(description, weights)
        self.state = RetargetState()

    @property
    def halved_steps(self) -> int:
        """How often a step was shortened since the start because parts of the robot came too close."""
        return self._ik.state.counts.halved

    @property
    def failed_steps(self) -> int:
        """How often the solver found nothing since the start; `q` was held."""
        return self._ik.state.counts.failed

    def push(self, chunk: PoseChunk) -> JointChunk:
        """(T, J, 3) skeleton joint positions [m] to (T, N) configurations in the order of `joint_names`."""
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
        """Nothing is held back."""
        return JointChunk(self.state.next_index, np.empty((0, len(self._ik.description.joint_names))))

    def reset(self) -> None:
        """Back to the rest pose."""
        self.state = RetargetState()
        self._ik.reset()
