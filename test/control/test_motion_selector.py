"""Choices of the motion selector after a stop and after a new seed, before a wall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from speech_gesture_ros.control.motion_selector import MotionSelector
from speech_gesture_ros.control.safety_report import SafetyReport
from speech_gesture_ros.robot.description import BodyLinks, Capsule, JointLimits, RobotDescription
from speech_gesture_ros.robot.model import load_model

SLIDE = """<robot name="slide"><link name="base"/><link name="ball"/>
  <joint name="x" type="prismatic"><parent link="base"/><child link="ball"/><axis xyz="1 0 0"/>
    <limit lower="-1" upper="1" velocity="2" effort="1"/></joint></robot>"""
LIMITS = JointLimits(*(np.full(1, x) for x in (-1.0, 1.0, 2.0, 10.0, 150.0)))
WALL, BALL = Capsule("base", (0, -0.3, 0), (0, 0.3, 0), 0.02), Capsule("ball", (0, 0, 0), (0, 0, 0), 0.03)
ROBOT = RobotDescription("slide", load_model(SLIDE), ("x",), LIMITS, np.array([-0.5]), {"all": ("x",)},
                         BodyLinks("base", "base", None, None, None), (WALL, BALL), ((0, 1),),
                         clearance_poses=(np.array([-0.5]),))
BEHIND_THE_WALL = np.array([[0.3], [0.0], [0.0]])
BEGIN = np.array([-0.3])


def in_recovery() -> tuple[MotionSelector, SafetyReport]:
    """A selector that could not follow its target and is on its way to the clearance pose, well before the wall."""
    report = SafetyReport()
    selector = MotionSelector(ROBOT, report)
    selector.seed(BEGIN)
    for _ in range(500):
        selector.advance(selector.select(BEHIND_THE_WALL, BEHIND_THE_WALL))
        if report.recovery_knots == 30:
            return selector, report
    pytest.fail("no recovery")


def stop_and_resume(selector: MotionSelector) -> None:
    selector.brake()
    while not selector.failsafe.is_at_rest:
        selector.advance(selector.select(BEHIND_THE_WALL, BEHIND_THE_WALL))
    selector.resume()


def seed(selector: MotionSelector) -> None:
    selector.seed(BEGIN)


@pytest.mark.parametrize("begin_again", [stop_and_resume, seed])
def test_the_recovery_ends_with(begin_again: Callable[[MotionSelector], None]) -> None:
    selector, report = in_recovery()
    begin_again(selector)
    before = replace(report)
    selector.advance(selector.select(BEHIND_THE_WALL, BEHIND_THE_WALL))
    assert (report.recovery_knots, report.collision_brakes) == (before.recovery_knots, before.collision_brakes)


def test_a_resume_before_the_first_seed_is_ignored() -> None:
    selector = MotionSelector(ROBOT, SafetyReport())
    selector.resume()
    assert not selector.is_braking
