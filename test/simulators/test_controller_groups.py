"""All controllers as one give each joint the command of its own controller."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.robot.description import BodyLinks, JointLimits, RobotDescription
from speech_gesture_ros.robot.model import load_model
from speech_gesture_ros.simulators.controller_groups import ControllerGroups

MODEL = load_model('<robot name="bare"><link name="base"/></robot>')  # no test here needs its links


@pytest.fixture
def groups() -> ControllerGroups:
    ones = np.ones(3)
    limits = JointLimits(-ones, ones, ones, ones, ones)
    description = RobotDescription("three", MODEL, ("a", "b", "c"), limits, np.array([0.1, 0.2, 0.3]),
                                   {"outer": ("c", "a"), "middle": ("b",)}, BodyLinks("base", "base", None, None, None))
    return ControllerGroups(description)


def test_without_a_window_the_rest_pose_is_held(groups: ControllerGroups) -> None:
    q, dq = groups.sample(NS)
    assert q.tolist() == [0.1, 0.2, 0.3]
    assert dq.tolist() == [0.0, 0.0, 0.0]


def test_each_joint_follows_its_own_column_in_any_group(groups: ControllerGroups) -> None:
    positions = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    assert groups.perform(positions, np.zeros((2, 3)), NS, NS) == []
    end_ns = NS + NS // KNOT_RATE
    np.testing.assert_allclose(groups.sample(end_ns)[0], [0.4, 0.5, 0.6])


def test_every_rejection_is_returned(groups: ControllerGroups) -> None:
    reasons = groups.perform(np.zeros((2, 3)), np.ones((2, 3)), NS, NS)
    assert len(reasons) == 2
    assert all("Velocity of last trajectory point" in reason for reason in reasons)
