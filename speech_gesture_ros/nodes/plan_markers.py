"""Planned motion of the robot, for RViz and Foxglove: the paths of both wrists in the window that was sent last."""

from __future__ import annotations

import numpy as np
from geometry_msgs.msg import Point
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import RobotDescription

COLOUR = ColorRGBA(r=0.95, g=0.45, b=0.1, a=0.9)
WIDTH_M = 0.008
STRIDE = 2  # of the knots, which are 20 ms apart


class PlanWriter:
    """Converts windows to markers; used by one thread at a time.

    Args:
        description: The robot; of arms that it does not have there are no markers.
    """

    def __init__(self, description: RobotDescription) -> None:
        body = description.body
        self._wrists = [arm.wrist for arm in (body.left_arm, body.right_arm) if arm is not None]
        self._kinematics = description.kinematics()
        self._points = self._kinematics.model.points(self._wrists, np.zeros((len(self._wrists), 3)))
        header = Header(frame_id=description.model.urdf.root)
        self._markers = [Marker(header=header, ns="plan", id=k, type=Marker.LINE_STRIP, color=COLOUR)
                         for k in range(len(self._wrists))]
        for marker in self._markers:
            marker.scale.x = WIDTH_M
            marker.pose.orientation.w = 1.0

    def message(self, window: Window) -> MarkerArray:
        """Return the message for a window, in the robot's root link; valid until the next call."""
        paths: list[list[Point]] = [[] for _ in self._wrists]
        for q in [*window.positions[:-1:STRIDE], window.positions[-1]]:
            self._kinematics.update(q)
            for path, (x, y, z) in zip(paths, self._kinematics.positions(self._points).tolist()):
                path.append(Point(x=x, y=y, z=z))
        for marker, path in zip(self._markers, paths):
            marker.points = path
        return MarkerArray(markers=self._markers)
