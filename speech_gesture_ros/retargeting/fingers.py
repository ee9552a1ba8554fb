"""FingerStage: hand shapes to the finger joints of a robot, frame by frame, without delay.

joints ────────────────────────────────────────────────────► joints, with fingers
shapes of both hands ─► closure ─► first-order smoothing ─┘
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.core.hand_shapes import SmoothClosures
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.fingers import finger_joints


class FingerStage:
    """Sets the finger joints of a robot by the shapes of its hands; a robot without them is left as it is."""

    def __init__(self, description: RobotDescription) -> None:
        joints = finger_joints(description)
        self._columns = [j.index for j in joints]
        self._sides, self._fingers = [j.side for j in joints], [j.finger for j in joints]
        self._straight = np.array([j.straight for j in joints])
        self._range = np.array([j.closed for j in joints]) - self._straight
        self._closures = SmoothClosures()

    @property
    def has_joints(self) -> bool:
        """True if the robot has finger joints that are commanded."""
        return bool(self._columns)

    def reset(self) -> None:
        """Return to hands at rest."""
        self._closures.reset()

    def push(self, chunk: JointChunk, shapes: npt.NDArray[np.integer]) -> JointChunk:
        """Return (T, N) configurations with the fingers at the (T, 2) `HandShape` of left and right hand."""
        if not self._columns:
            return chunk
        values = np.array(chunk.values)
        for row, shape in zip(values, shapes):
            closure = self._closures.step(shape)[self._sides, self._fingers]
            row[self._columns] = self._straight + closure * self._range
        return JointChunk(chunk.start_index, values)
