"""Commands that joint_trajectory_controller makes of the windows, by its published rules, with an unreliable network.

    frames ─► planner ─20 Hz─► window ─► late, lost, unsynchronised ─► controller ─500 Hz─► commands ─► audit
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from speech_gesture_ros.control.gate import validate_window
from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.core.chunks import JointChunk, PoseChunk
from speech_gesture_ros.core.rates import KNOT_RATE, POSE_RATE
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.retargeting import RetargetStage, describe_robot, load_profile
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.joint_trajectory_controller import (
    ControllerParameters,
    JointTrajectoryController,
    Trajectory,
    TrajectoryPoint,
)

pytestmark = pytest.mark.slow

KNOT_NS, CYCLE_RATE = NS // KNOT_RATE, 500
EPOCH_NS = 10 * NS  # of knot 0
WINDOW_S = 0.05  # period of windows
FRAME_KNOTS, SPLINE_KNOTS = 2, 6  # delay of whole frames and of the spline [knots]
PLANT_LAG_S = 0.08  # lag of the measured positions behind the commands

# Settings that docs/controllers.md recommends, by distribution.
MODES = {
    "humble": ControllerParameters(allow_nonzero_velocity_at_trajectory_end=True),
    "humble, open_loop_control": ControllerParameters(allow_nonzero_velocity_at_trajectory_end=True,
                                                      interpolate_from_desired_state=True),
    "jazzy to rolling": ControllerParameters(),
    "partial joints": ControllerParameters(allow_partial_joints_goal=True, interpolate_from_desired_state=True),
}
REPLACING = ControllerParameters(allow_trajectory_replacement=True)  # not recommended


@dataclass(frozen=True)
class Network:
    """Transport of messages.

    Attributes:
        publish_s: Longest delay of making a window [s].
        delay_s: Shortest and longest transport time [s]; the order is kept.
        drop: Share of windows that are lost.
        most_in_a_row: Most consecutive windows that are lost.
    """

    publish_s: float = 0.0
    delay_s: tuple[float, float] = (0.001, 0.001)
    drop: float = 0.0
    most_in_a_row: int = 0

    @property
    def lead_s(self) -> float:
        """Parameter lead_s for this network."""
        return WINDOW_S * (1 + self.most_in_a_row) + self.publish_s + self.delay_s[1]


NETWORKS = {
    "good": Network(),
    "jitter": Network(publish_s=0.02, delay_s=(0.001, 0.02)),
    "slow": Network(publish_s=0.01, delay_s=(0.04, 0.08)),
    "lossy": Network(publish_s=0.01, delay_s=(0.001, 0.01), drop=0.3, most_in_a_row=1),
    "very lossy": Network(delay_s=(0.001, 0.01), drop=0.5, most_in_a_row=2),
}


def stream(robot: RobotDescription, frames: np.ndarray, params: ControllerParameters, network: Network, seed: int
           ) -> tuple[np.ndarray, list[str]]:
    """Return commands (T, N) at `CYCLE_RATE` [rad], and the refusals of gate and controller."""
    rng = np.random.default_rng(seed)
    planner = MotionPlanner(robot)
    controller = JointTrajectoryController(robot.joint_names, params, start=robot.rest_q)
    planner.seed(robot.rest_q)
    faults: list[str | None] = []
    lead = int(np.ceil(network.lead_s * KNOT_RATE)) + FRAME_KNOTS + SPLINE_KNOTS
    commands, in_flight, previous, frame, lost = [], [], None, 0, 0
    measured, speed, due_ns = robot.rest_q.copy(), np.zeros(len(robot.rest_q)), -(10**18)
    for cycle in range(int((len(frames) / POSE_RATE + 1.0) * CYCLE_RATE)):
        now_ns = EPOCH_NS - lead * KNOT_NS + cycle * NS // CYCLE_RATE
        if cycle % (CYCLE_RATE // 20) == 0:
            due_ns = now_ns + int(rng.uniform(0, network.publish_s) * NS)
        if due_ns is not None and now_ns >= due_ns:
            due_ns, now = None, (now_ns - EPOCH_NS) / KNOT_NS
            count = min(max(0, int((now + lead) / 2) - frame), len(frames) - frame)
            planner.push(JointChunk(frame, frames[frame:frame + count]))
            frame += count
            window = planner.plan(now)
            faults.append(validate_window(window, robot.limits, previous))
            previous = window
            lost = lost + 1 if rng.random() < network.drop and lost < network.most_in_a_row else 0
            if not lost:
                points = tuple(TrajectoryPoint(k * KNOT_NS, p, v)
                               for k, (p, v) in enumerate(zip(window.positions, window.velocities)))
                arrival_ns = max(now_ns + int(rng.uniform(*network.delay_s) * NS), in_flight[-1][0] if in_flight else 0)
                stamp_ns = EPOCH_NS + window.start_index * KNOT_NS
                in_flight.append((arrival_ns, Trajectory(stamp_ns, robot.joint_names, points)))
        while in_flight and in_flight[0][0] <= now_ns:
            faults.append(controller.accept(in_flight.pop(0)[1], now_ns))
        position, _ = controller.sample(now_ns, (measured, speed))
        speed = (position - measured) / PLANT_LAG_S
        measured = measured + speed / CYCLE_RATE
        commands.append(position)
    # A window that arrives after its own end is refused, correctly: the robot rests there already.
    return np.array(commands), [fault for fault in faults if fault and "ends in the past" not in fault]


def beyond(commands: np.ndarray, robot: RobotDescription) -> dict[str, float]:
    """Return the largest share of each limit that commands reach, at the controller's rate; 1 is the limit."""
    limits = robot.limits
    middle, half = (limits.lower + limits.upper) / 2, (limits.upper - limits.lower) / 2
    return {
        "position": float((np.abs(commands - middle) / half).max()),
        "velocity": float((np.abs(np.diff(commands, axis=0)) * CYCLE_RATE / limits.velocity).max()),
        "acceleration": float((np.abs(np.diff(commands, n=2, axis=0)) * CYCLE_RATE**2 / limits.acceleration).max()),
    }


def lively(robot: RobotDescription, seconds: float = 4.0) -> np.ndarray:
    """(T, N) retargeted motion of a person who waves both arms as fast as people can, and then jumps."""
    skeleton = load_skeleton()
    motion = []
    for t in np.arange(round(seconds * POSE_RATE)) / POSE_RATE:
        bones = skeleton.offsets.copy()
        for side, sign in (("left", 1.0), ("right", -1.0)):
            rise = 0.3 + 0.9 * np.sin(2 * np.pi * (1.3 if side == "left" else 0.9) * t) + (t > 0.7 * seconds)
            wrist, elbow = skeleton.index[f"{side}_wrist"], skeleton.index[f"{side}_elbow"]
            bones[wrist] = skeleton.bone_lengths[wrist] * np.array([np.cos(rise), 0.0, np.sin(rise)])
            lift = 0.5 + 0.4 * np.sin(2 * np.pi * 0.5 * t)
            bones[elbow] = skeleton.bone_lengths[elbow] * np.array([0.0, sign * np.sin(lift), -np.cos(lift)])
        motion.append(skeleton.xyz_from_bones(bones))
    return RetargetStage(robot, skeleton).push(PoseChunk(0, np.array(motion))).values


@pytest.fixture(scope="module")
def robots(random_robot) -> dict[str, tuple[RobotDescription, np.ndarray]]:
    """Robots, each with its motion."""
    from speech_gesture_ros.core.assets import resolve

    demo = describe_robot(resolve("demo_humanoid.urdf", "config/robots"), load_profile("demo_humanoid"))
    random = describe_robot(random_robot(17, 7).urdf)
    return {name: (robot, lively(robot)) for name, robot in (("demo", demo), ("random", random))}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["demo", "random"])
def test_commands_stay_within_the_limits_with_all_recommended_settings(robots, name, mode, network) -> None:
    robot, frames = robots[name]
    commands, faults = stream(robot, frames, MODES[mode], NETWORKS[network], seed=3)
    assert faults == []
    shares = beyond(commands, robot)
    assert max(shares.values()) <= 1 + 1e-3, shares
    assert np.ptp(commands, axis=0).max() > 0.3  # the motion is large enough for this test


def test_with_allow_trajectory_replacement_commands_exceed_the_limits(robots) -> None:
    """The reason for the node's warning: windows that begin in the past are replayed late."""
    robot, frames = robots["demo"]
    commands, _ = stream(robot, frames, REPLACING, NETWORKS["jitter"], seed=3)
    assert beyond(commands, robot)["acceleration"] > 2.0


def test_when_messages_end_the_robot_comes_to_rest_within_its_limits(robots) -> None:
    """The node ends at full speed: the tail of the last window brakes."""
    robot, frames = robots["demo"]
    for seed in range(5):
        cut = frames[:int(np.random.default_rng(seed).integers(20, 60))]
        commands, faults = stream(robot, cut, MODES["jazzy to rolling"], NETWORKS["jitter"], seed)
        assert faults == []
        assert max(beyond(commands, robot).values()) <= 1 + 1e-3
        np.testing.assert_allclose(commands[-1], commands[-50], rtol=0, atol=1e-12)
