"""Robots that follow the agent on the page: the simulated one in real time, and an ideal one in counted time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.ideal_robot import IdealRobot
from speech_gesture_ros.simulators.simulated_robot import SimulatedRobot

STATE_RATE = 100.0  # joint states of the simulation per second [Hz]
Vector = npt.NDArray[np.float64]


class RobotBody(Protocol):
    """A robot that follows windows."""

    def follow(self, window: Window, now_ns: int) -> None:
        """Take a window that arrives at a time [ns]."""
        ...

    def measured(self, now_ns: int) -> tuple[Vector, int]:
        """Return the positions (N,) measured last, and their time [ns]."""
        ...

    def close(self) -> None:
        """End the robot."""
        ...


class PhysicalBody:
    """The robot of the ROS simulation: servos and physics in real time, in a thread of its own.

    Args:
        description: The robot.
        clock: Returns the time [ns].
    """

    def __init__(self, description: RobotDescription, clock: Callable[[], int]) -> None:
        self._state: tuple[Vector, int] = (np.array(description.rest_q), clock())
        self._simulation = SimulatedRobot(description, clock, self._observe, STATE_RATE)
        self._simulation.start()

    def follow(self, window: Window, now_ns: int) -> None:
        """Send every controller its part of a window."""
        del now_ns
        self._simulation.perform(window.positions, window.velocities, window.stamp_ns)

    def measured(self, now_ns: int) -> tuple[Vector, int]:
        """Return the joint state that was reported last."""
        del now_ns
        return self._state

    def close(self) -> None:
        """End the simulation."""
        self._simulation.stop()

    def _observe(self, q: Vector, dq: Vector, time_ns: int) -> None:
        del dq
        self._state = np.array(q), time_ns


class CountedBody:
    """A robot that follows its commands exactly, at the times of its calls."""

    def __init__(self, description: RobotDescription) -> None:
        self._robot = IdealRobot(description)

    def follow(self, window: Window, now_ns: int) -> None:
        """Send every controller its part of a window."""
        self._robot.follow(window, now_ns)

    def measured(self, now_ns: int) -> tuple[Vector, int]:
        """Return the positions at a time."""
        return self._robot.step(now_ns), now_ns

    def close(self) -> None:
        """Do nothing: there is no thread."""
