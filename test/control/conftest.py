"""Small robots for the tests of control: joints without geometry, and two arms that can collide."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import BodyLinks, Capsule, JointLimits, RobotDescription
from speech_gesture_ros.robot.model import load_model

MODEL = load_model('<robot name="bare"><link name="base"/></robot>')  # no test here needs its links

BODY = BodyLinks(base="base", torso="base", head=None, left_arm=None, right_arm=None)


def uniform_limits(n: int, reach: float = 1.5, velocity: float = 2.5, acceleration: float = 15.0,
                   jerk: float = 200.0) -> JointLimits:
    return JointLimits(*(np.full(n, value) for value in (-reach, reach, velocity, acceleration, jerk)))


def robot_with(limits: JointLimits) -> RobotDescription:
    names = tuple(f"joint_{i}" for i in range(len(limits)))
    return RobotDescription("test", MODEL, names, limits, (limits.lower + limits.upper) / 2, {"all": names}, BODY)


def drawn_limits(rng: np.random.Generator, n: int) -> JointLimits:
    lower = rng.uniform(-3, 1, n)
    upper = lower + 10.0 ** rng.uniform(-2, 0.8, n)
    velocity, acceleration, jerk = (10.0 ** rng.uniform(low, high, n) for low, high in ((-2, 1), (-1, 2), (0, 4)))
    return JointLimits(lower, upper, velocity, acceleration, jerk)


SWINGING_ARMS = """<robot name="two_arms"><link name="base"/>""" + "".join(
    f"""<link name="{side}"/><joint name="{side}_swing" type="{kind}"><parent link="base"/><child link="{side}"/>
    <origin xyz="0 {y} 0"/><axis xyz="1 0 0"/><limit lower="-3" upper="3" velocity="3" effort="1"/></joint>"""
    for side, y, kind in (("left", 0.2, "revolute"), ("right", -0.2, "continuous"))) + "</robot>"


@pytest.fixture(scope="session")
def make_limits() -> Callable[..., JointLimits]:
    """The same limits for each of n joints."""
    return uniform_limits


@pytest.fixture(scope="session")
def random_limits() -> Callable[[np.random.Generator, int], JointLimits]:
    """Limits of n joints over several orders of magnitude."""
    return drawn_limits


@pytest.fixture(scope="session")
def make_robot() -> Callable[[JointLimits], RobotDescription]:
    """A robot with these limits and without geometry."""
    return robot_with


@pytest.fixture(scope="session")
def two_arms() -> RobotDescription:
    """Two bars of 0.5 m, 0.4 m apart, that swing in one plane: at 0 they hang; both swung inwards, they collide."""
    names = ("left_swing", "right_swing")
    bars = tuple(Capsule(side, (0, 0, 0), (0, 0, -0.5), 0.03) for side in ("left", "right"))
    return RobotDescription("two_arms", load_model(SWINGING_ARMS), names, uniform_limits(2, reach=2.0), np.zeros(2),
                            {"all": names}, BODY, bars, ((0, 1),))


def windows_of_a_fast_motion(robot: RobotDescription) -> list[tuple[int, Window]]:
    planner = MotionPlanner(robot)
    planner.seed(np.zeros(2))
    frames = np.sin(np.arange(150)[:, None] * np.array([0.3, 0.2]))
    made = []
    for k in range(0, 150, 2):
        planner.push(JointChunk(k, frames[k:k + 2]))
        plan = planner.plan(2 * k - 25)
        begin_ns = 7 * NS
        stamp_ns = begin_ns + plan.start_index * NS // KNOT_RATE
        window = Window(plan.start_index, stamp_ns, plan.positions, plan.velocities, plan.brakes)
        made.append((begin_ns + (2 * k - 25) * NS // KNOT_RATE, window))
    return made


@pytest.fixture(scope="session")
def make_published() -> Callable[[RobotDescription], list[tuple[int, Window]]]:
    """Six seconds of a fast motion of two joints: windows, half a second ahead, each with its publishing time [ns]."""
    return windows_of_a_fast_motion


@pytest.fixture(scope="session")
def published() -> list[tuple[int, Window]]:
    """The same of a robot with uniform limits."""
    return windows_of_a_fast_motion(robot_with(uniform_limits(2)))
