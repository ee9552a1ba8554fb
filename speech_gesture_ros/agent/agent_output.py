"""Output of one update of an agent, with the times at which it is performed."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.agent.face_timeline import TimedFace
from speech_gesture_ros.core.hand_shapes import HandShape
from speech_gesture_ros.core.window import Window


@dataclass(frozen=True)
class TimedPose:
    """Human pose of one frame.

    Attributes:
        stamp_ns: ROS time at which the pose is performed [ns]: the robot makes it, ~/audio_out plays its sound.
        joint_xyz: (J, 3) positions of the skeleton's joints [m].
        hand_shapes: (2,) `HandShape` of left and right hand.
    """

    stamp_ns: int
    joint_xyz: npt.NDArray[np.floating]
    hand_shapes: tuple[int, int] = (HandShape.REST, HandShape.REST)


@dataclass(frozen=True)
class AgentOutput:
    """Everything that was made since the last update.

    Attributes:
        window: Window to be sent to the robot now; None if there is no new one.
        poses: Human poses at 25 Hz, oldest first, none left out.
        faces: Frames of the face that are due, oldest first.
    """

    window: Window | None = None
    poses: tuple[TimedPose, ...] = ()
    faces: tuple[TimedFace, ...] = ()


class WindowDelivery(enum.Enum):
    """Result of handing a window to the outputs."""

    FOLLOWED = enum.auto()
    PARTLY = enum.auto()  # a part of the robot does not follow it
    LATE = enum.auto()  # nothing was sent: it would have arrived too late
    PARTLY_LATE = enum.auto()  # it was too late for a part of the robot
