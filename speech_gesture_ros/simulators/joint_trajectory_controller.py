"""Rules of ros2_controllers' joint_trajectory_controller, without ROS.

    accept(trajectory) ──► a reason to reject it as a whole, or it replaces the present trajectory
    sample(now)        ──► positions and velocities commanded in this cycle

    stamp 0      first sampled at this cycle: the trajectory begins now   ┐  until its first point: bridged from the
    stamp ahead  begins then                                              ┘  start state, measured or last commanded
    stamp past   sampled at the present time: no bridge from the state of the robot

Sources: joint_trajectory_controller.cpp, trajectory.cpp and userdoc.rst of ros2_controllers, branches humble, jazzy,
kilted and master (August 2026). Not emulated: tolerances, the action, effort, wrap-around of continuous joints.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.timebase import NS

Array = npt.NDArray[np.float64]

ZERO_VELOCITY = 1.1920929e-07  # float epsilon: a last velocity above it counts as motion


@dataclass(frozen=True)
class TrajectoryPoint:
    """One point; velocities and accelerations may be empty.

    Attributes:
        time_from_start_ns: Time since the start of the trajectory [ns].
        positions: (N,) in the order of the trajectory's joint names [rad].
        velocities: (N,) or empty [rad/s].
        accelerations: (N,) or empty [rad/s²].
        effort: Must be empty.
    """

    time_from_start_ns: int
    positions: Sequence[float] | Array
    velocities: Sequence[float] | Array = ()
    accelerations: Sequence[float] | Array = ()
    effort: Sequence[float] | Array = ()


@dataclass(frozen=True)
class Trajectory:
    """Equivalent of trajectory_msgs/JointTrajectory; a stamp of 0 means now."""

    stamp_ns: int
    joint_names: tuple[str, ...]
    points: tuple[TrajectoryPoint, ...]


@dataclass(frozen=True)
class ControllerParameters:
    """Parameters of the controller, with its names and its defaults since Jazzy.

    Attributes:
        allow_partial_joints_goal: Accept trajectories for some of the joints; the others stay.
        allow_nonzero_velocity_at_trajectory_end: Accept a last point in motion (Humble: true).
        interpolate_from_desired_state: Bridge from the last command, not the measured state (Humble:
            ``open_loop_control``).
        allow_trajectory_replacement: As in ros2_controllers after 6.9.0: a stamp not in the future is moved to now.
    """

    allow_partial_joints_goal: bool = False
    allow_nonzero_velocity_at_trajectory_end: bool = False
    interpolate_from_desired_state: bool = False
    allow_trajectory_replacement: bool = False


class _Path:
    """Active trajectory in ROS time: rows (K, 3, N) of its points, NaN for missing values."""

    def __init__(self, times_ns: list[int], rows: Array) -> None:
        self._times_ns, self._rows = times_ns, rows
        self._segment = -1
        self._scale: Array = np.ones((3, 1))
        self._polynomial = np.zeros((6, 0))

    def at(self, now_ns: int) -> Array:
        """Return (3, N) position, velocity, acceleration; at rest before the first point and after the last."""
        times = self._times_ns
        if not times[0] <= now_ns < times[-1]:
            edge = self._rows[0 if now_ns < times[0] else -1][0]
            return np.stack([edge, np.zeros_like(edge), np.zeros_like(edge)])
        i = bisect.bisect_right(times, now_ns) - 1
        duration_s = (times[i + 1] - times[i]) / NS
        if i != self._segment:
            self._segment, self._scale = i, np.array([[1.0], [duration_s], [duration_s**2]])
            self._polynomial = _coefficients(self._rows[i] * self._scale, self._rows[i + 1] * self._scale)
        state: Array = _powers((now_ns - times[i]) / NS / duration_s) @ self._polynomial
        return state / self._scale


class JointTrajectoryController:
    """One controller of N joints.

    Args:
        joint_names: Its joints.
        params: Its parameters.
        start: (N,) position that it holds before the first trajectory [rad].
    """

    def __init__(self, joint_names: tuple[str, ...], params: ControllerParameters | None = None,
                 start: Sequence[float] | Array | None = None) -> None:
        self.joint_names = joint_names
        self.params = params or ControllerParameters()
        self._command = np.zeros((3, len(joint_names)))
        if start is not None:
            self._command[0] = start
        self._active: Trajectory | None = None
        self._path: _Path | None = None  # None: to be made at the next sample

    def accept(self, trajectory: Trajectory, now_ns: int) -> str | None:
        """Accept a trajectory, or return the reason for a rejection, after which nothing has changed."""
        reason = self._fault(trajectory, now_ns)
        if reason is None and trajectory.points:
            self._active, self._path = trajectory, None
        return reason

    def sample(self, now_ns: int, measured: tuple[Array, Array] | None = None) -> tuple[Array, Array]:
        """Return the command of the cycle at `now_ns`.

        Args:
            now_ns: ROS time of the cycle [ns].
            measured: (N,) positions and velocities of the robot; None: equal to the last command.

        Returns:
            (N,) positions [rad] and velocities [rad/s].
        """
        if self._active is not None and self._path is None:
            self._path = self._make_path(self._active, now_ns, measured)
        if self._path is not None:
            self._command = self._path.at(now_ns)
        return self._command[0].copy(), self._command[1].copy()

    # -- rejection -------------------------------------------------------------------------------------------------

    def _fault(self, trajectory: Trajectory, now_ns: int) -> str | None:
        names, points = trajectory.joint_names, trajectory.points
        if len(names) != len(self.joint_names) and not self.params.allow_partial_joints_goal:
            return (f"Joints on incoming trajectory don't match the controller joints: {len(names)} instead of "
                    f"{len(self.joint_names)}.")
        if not names:
            return "Empty joint names on incoming trajectory."
        if len(set(names)) != len(names):
            return "Duplicate joint names on incoming trajectory."
        for name in names:
            if name not in self.joint_names:
                return f"Incoming joint {name} doesn't match the controller's joints."
        if not points:
            return "Empty trajectory received."
        end_ns = trajectory.stamp_ns + points[-1].time_from_start_ns
        if trajectory.stamp_ns != 0 and end_ns < now_ns:
            return f"Received trajectory with non-zero start time that ends in the past, by {(now_ns - end_ns) / NS} s."
        if not self.params.allow_nonzero_velocity_at_trajectory_end:
            for name, velocity in zip(names, points[-1].velocities):
                if abs(velocity) > ZERO_VELOCITY:
                    return f"Velocity of last trajectory point of joint {name} is not zero: {velocity}."
        return next(filter(None, (self._point_fault(i, points, len(names)) for i in range(len(points)))), None)

    @staticmethod
    def _point_fault(i: int, points: tuple[TrajectoryPoint, ...], count: int) -> str | None:
        point = points[i]
        if i > 0 and point.time_from_start_ns <= points[i - 1].time_from_start_ns:
            return (f"Time between points {i - 1} and {i} is not strictly increasing: "
                    f"{points[i - 1].time_from_start_ns / NS} and {point.time_from_start_ns / NS} s.")
        sizes = {"positions": len(point.positions), "velocities": len(point.velocities),
                 "accelerations": len(point.accelerations)}
        for field, size in sizes.items():
            if size != count and (size != 0 or field == "positions"):
                return f"Mismatch between joint_names size ({count}) and {field} ({size}) at point #{i}."
        if len(point.effort):
            return f"Trajectories with effort fields are not supported, at point #{i}."
        return None

    # -- sampling --------------------------------------------------------------------------------------------------

    def _make_path(self, trajectory: Trajectory, now_ns: int, measured: tuple[Array, Array] | None) -> _Path:
        """Return the points in ROS time, with the start state before them if there is time to bridge."""
        start_ns = trajectory.stamp_ns
        if start_ns == 0 or (self.params.allow_trajectory_replacement and start_ns < now_ns):
            start_ns = now_ns
        start = self._command.copy()
        if measured is not None and not self.params.interpolate_from_desired_state:
            start = np.stack([measured[0], measured[1], np.full(len(self.joint_names), np.nan)])
        columns = [self.joint_names.index(name) for name in trajectory.joint_names]
        times = [start_ns + point.time_from_start_ns for point in trajectory.points]
        rows = self._rows(trajectory.points, columns, start)
        if times[0] > now_ns:
            times, rows = [now_ns, *times], np.concatenate([start[None], rows])
        return _Path(times, rows)

    @staticmethod
    def _rows(points: tuple[TrajectoryPoint, ...], columns: list[int], start: Array) -> Array:
        """Return (P, 3, N) of all points; joints that they do not name stay at rest at their start position."""
        rows = np.zeros((len(points), 3, start.shape[1]))
        rows[:, 0] = start[0]
        unknown = [np.nan] * len(columns)
        for kind, field in enumerate(("positions", "velocities", "accelerations")):
            given = [getattr(point, field) for point in points]
            rows[:, kind, columns] = [values if len(values) else unknown for values in given]
        return rows


def _powers(t: float) -> Array:
    """Return (3, 6) values, first and second derivatives of 1, t, t², ... t⁵."""
    return np.array([[1, t, t**2, t**3, t**4, t**5],
                     [0, 1, 2 * t, 3 * t**2, 4 * t**3, 5 * t**4],
                     [0, 0, 2, 6 * t, 12 * t**2, 20 * t**3]], dtype=np.float64)


# Coefficients over [0, 1] of the polynomial of degree 2n - 1 from n derivatives at both ends: linear, cubic, quintic.
_FROM_ENDS = {n: np.linalg.inv(np.concatenate([_powers(0.0)[:n, :2 * n], _powers(1.0)[:n, :2 * n]])) for n in (1, 2, 3)}


def _coefficients(first: Array, last: Array) -> Array:
    """Return (6, N) coefficients over [0, 1] of each joint's polynomial; its ends (3, N) determine the degree."""
    has_velocity = np.isfinite(first[1]) & np.isfinite(last[1])
    has_acceleration = has_velocity & np.isfinite(first[2]) & np.isfinite(last[2])
    given = 1 + has_velocity.astype(int) + has_acceleration.astype(int)
    result = np.zeros((6, len(given)))
    for n, from_ends in _FROM_ENDS.items():
        joints = given == n
        if joints.any():
            result[:2 * n, joints] = from_ends @ np.concatenate([first[:n, joints], last[:n, joints]])
    return result
