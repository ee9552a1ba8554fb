"""Motion of a robot that follows the windows: planner, an unreliable network and the controller's rules together."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.control.gate import validate_window
from speech_gesture_ros.control.plan import Plan
from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.robot.description import BodyLinks, JointLimits, RobotDescription
from speech_gesture_ros.robot.model import load_model
from speech_gesture_ros.simulators.joint_trajectory_controller import (
    JointTrajectoryController,
    Trajectory,
    TrajectoryPoint,
)

MODEL = load_model('<robot name="bare"><link name="base"/></robot>')  # no test here needs its links

KNOT_NS = NS // KNOT_RATE
CYCLE_NS = NS // 500
DELAY_NS = 20_000_000  # longest transport time for which windows are made
EPOCH_NS = 10 * NS  # of knot 0
LEAD_KNOTS = 14  # knots by which frames are early: two hops, the interpolation and the frozen knots
NAMES = ("a", "b", "c")


def trajectory(plan: Plan) -> Trajectory:
    points = tuple(TrajectoryPoint(k * KNOT_NS, p, v) for k, (p, v) in enumerate(zip(plan.positions, plan.velocities)))
    return Trajectory(EPOCH_NS + plan.start_index * KNOT_NS, NAMES, points)


def simulate(frames: np.ndarray, limits: JointLimits, rng: np.random.Generator, drop: float,
            stall: float) -> tuple[np.ndarray, list[str]]:
    """Stream frames at 20 Hz with delays of up to 20 ms; return the commands (T, 3) at 500 Hz and the faults.

    A stalled input gives no frames for some time and then all of them.
    """
    description = RobotDescription("test", MODEL, NAMES, limits, np.zeros(3), {"all": NAMES},
                                   BodyLinks("base", "base", None, None, None))
    planner, robot = MotionPlanner(description), JointTrajectoryController(NAMES, start=np.zeros(3))
    planner.seed(np.zeros(3))
    faults: list[str | None] = []
    commands, in_flight, previous = [], [], None
    frame, stalled_until, is_lost = 0, 0.0, False
    for cycle in range(int(len(frames) / 25 * 500)):
        now_ns = EPOCH_NS - LEAD_KNOTS * KNOT_NS + cycle * CYCLE_NS
        if cycle % 25 == 0:  # 20 times a second
            now = (now_ns - EPOCH_NS) / KNOT_NS
            if rng.random() < stall:
                stalled_until = now + rng.uniform(5, 60)
            count = int((now + LEAD_KNOTS) / 2) - frame if now >= stalled_until else 0
            planner.push(JointChunk(frame, frames[frame:frame + count]))
            frame += count
            window = planner.plan(now)
            faults.append(validate_window(window, limits, previous))
            previous = window
            is_lost = rng.random() < drop and not is_lost  # never two in a row
            if not is_lost:
                in_flight.append((now_ns + int(rng.uniform(0, DELAY_NS)), trajectory(window)))
        while in_flight and in_flight[0][0] <= now_ns:
            faults.append(robot.accept(in_flight.pop(0)[1], now_ns))
        commands.append(robot.sample(now_ns)[0])
    return np.array(commands), [fault for fault in faults if fault]


def peak_acceleration(commands: np.ndarray) -> np.ndarray:
    return np.abs(np.diff(commands, n=2, axis=0)).max(axis=0) * 500**2


def speech_like(rng: np.random.Generator, count: int) -> np.ndarray:
    t = np.arange(count)[:, None] / 25
    return sum(rng.uniform(0.05, 0.4) * np.sin(2 * np.pi * f * t + rng.uniform(0, 6, 3)) for f in (0.4, 0.9, 1.7))


@pytest.mark.parametrize("seed", range(8))
def test_delays_and_stalls_leave_the_command_within_its_limits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    limits = JointLimits(*(np.full(3, x) for x in (-0.6, 0.6, 2.0, 12.0, 150.0)))
    commands, faults = simulate(speech_like(rng, 100), limits, rng, drop=0.0, stall=0.05)
    assert faults == []
    assert np.all(np.abs(commands) <= 0.6)
    assert np.all(np.abs(np.diff(commands, axis=0)) * 500 <= 2.0 * (1 + 1e-6))
    assert np.all(peak_acceleration(commands) <= 12.0 * (1 + 1e-3))


@pytest.mark.parametrize("seed", range(3))
def test_single_lost_messages_leave_the_acceleration_within_its_limit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    limits = JointLimits(*(np.full(3, x) for x in (-0.6, 0.6, 2.0, 12.0, 150.0)))
    commands, faults = simulate(speech_like(rng, 100), limits, rng, drop=0.2, stall=0.0)
    assert faults == []
    assert np.all(peak_acceleration(commands) <= 12.0 * (1 + 1e-3))
