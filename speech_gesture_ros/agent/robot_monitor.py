"""Measured state of the robot: age of its joint states, standstill, tracking error, and the position to engage from.

Positions are taken as the robot reports them. Continuous joints count from their equal angle within one turn.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.control.servo_lag import ServoLag
from speech_gesture_ros.control.tracking_monitor import Deviation, TrackingMonitor
from speech_gesture_ros.control.whole_turns import WholeTurns
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]

STANDSTILL_NS = NS // 5  # a robot that moved by less than `STANDSTILL_RAD` for so long stands still
STANDSTILL_RAD = 0.02
SERVO_ERROR_RAD = 0.05  # a robot this close to the position commanded last holds it, apart from its servos' error


class RobotMonitor:
    """Joint states and controller references of one robot, compared with the windows sent to it.

    Args:
        description: The robot.
        config: Time-outs and tolerances.

    Attributes:
        is_compared: Whether the robot is expected to follow the windows; False in a dry run.
        deviation: Joint that did not follow since `start_tracking`; None if all did.
        lag: Time by which the robot follows the windows, as measured.
    """

    def __init__(self, description: RobotDescription, config: AgentConfig) -> None:
        self._joint_timeout_ns = round(config.joint_timeout_s * NS)
        self._tracking = TrackingMonitor(description.limits, config.tracking_tolerance)
        self.lag = ServoLag()
        self._turns = WholeTurns(description)
        self.is_compared = True
        self.deviation: Deviation | None = None
        self._is_tracking = False
        self._q: Array = description.rest_q
        self._received_ns: int | None = None
        self._anchor, self._anchor_ns = self._q, 0  # within `STANDSTILL_RAD` of this position since this time
        self._reference: tuple[Array, int] | None = None
        self._rest: Array | None = None  # position commanded last, while the robot has not left it
        self._measured_rest: Array | None = None  # position measured first after that

    def observe(self, q: npt.NDArray[np.floating], now_ns: int) -> None:
        """Take a measured position (N,) [rad]; ignored if not finite."""
        if not np.all(np.isfinite(q)):
            return
        reported = np.array(q, dtype=np.float64)
        is_first, self._received_ns = self._received_ns is None, max(now_ns, self._received_ns or 0)
        if not is_first and not self._is_tracking and self._turns.have_jumped(reported, self._q):
            self._turns.choose(reported, self._q)
        if is_first or (not self._is_tracking and self._turns.are_left(reported)):
            self._turns.choose(reported)
        self._q = self._turns.remove(reported)
        if is_first or _distance(self._q, self._anchor) > STANDSTILL_RAD or now_ns < self._anchor_ns:
            self._anchor, self._anchor_ns = self._q, now_ns
        if self._is_tracking and self.is_compared:
            self.deviation = self.deviation or self._tracking.check(self._q, now_ns)
            self.lag.update(*self._tracking.commanded(now_ns), self._q, now_ns)
        if self._rest is not None:
            self._measured_rest = self._q if self._measured_rest is None else self._measured_rest
            if _distance(self._q, self._measured_rest) > STANDSTILL_RAD:
                self._rest = None

    def observe_reference(self, q: npt.NDArray[np.floating], now_ns: int) -> None:
        """Take the positions that the controllers command, (N,) [rad]; NaN for joints whose controller reports none."""
        self._reference = np.array(q, dtype=np.float64), now_ns

    def is_stale(self, now_ns: int) -> bool:
        """Return whether no joint states were received within the time-out."""
        return self._received_ns is None or now_ns - self._received_ns > self._joint_timeout_ns

    @property
    def is_standing(self) -> bool:
        """True if the robot stood still until it was measured last."""
        return self._received_ns is not None and self._received_ns - self._anchor_ns >= STANDSTILL_NS

    def position(self, now_ns: int) -> Array:
        """Return the (N,) position [rad] to engage from.

        It is the controllers' reference where there is a fresh one; else the position commanded last, if the robot is
        still there; else the measured position.
        """
        q = self._q
        if self._rest is not None and _distance(self._rest, q) < SERVO_ERROR_RAD:
            q = self._rest
        if self._reference is not None and now_ns - self._reference[1] < self._joint_timeout_ns:
            reference = self._turns.near(self._reference[0], self._q)
            q = np.where(np.isfinite(reference), reference, q)
        return q

    def offset(self, now_ns: int) -> Deviation | None:
        """Return the joint that is farthest from `position`, if it is beyond the tolerance."""
        return self._tracking.compare(self.position(now_ns), self._q) if self.is_compared else None

    def start_tracking(self, q: Array) -> None:
        """Compare measured positions with the commands from now on; the robot is held at (N,) [rad]."""
        self._tracking.reset(q)
        self._is_tracking, self.deviation, self._rest = True, None, None

    def record(self, window: Window) -> None:
        """Take a window that is sent to the robot."""
        self._tracking.record(window)

    def stop_tracking(self) -> None:
        """Compare no longer."""
        self._is_tracking = False

    def expect_rest(self, q: Array) -> None:
        """Take the (N,) position [rad] at which the robot was commanded to rest; it is there until it moves."""
        self._rest, self._measured_rest = q, None

    def restart(self) -> None:
        """Forget everything received: the clock jumped, or commands are no longer sent, or are again."""
        self.stop_tracking()
        self._received_ns = self._reference = self._rest = None


def _distance(a: Array, b: Array) -> float:
    return float(np.max(np.abs(a - b), initial=0.0))
