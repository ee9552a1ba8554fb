from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.robot.description import BodyLinks, JointLimits, RobotDescription
from speech_gesture_ros.robot.model import load_model

MODEL = load_model('<robot name="bare"><link name="base"/></robot>')  # no test here needs its links

ONES = np.ones(2)


def limits(**changes: np.ndarray) -> JointLimits:
    values = {"lower": -ONES, "upper": ONES, "velocity": ONES, "acceleration": ONES, "jerk": ONES}
    return JointLimits(**{**values, **changes})


def describe(**changes: object) -> RobotDescription:
    values = {
        "name": "two", "model": MODEL, "joint_names": ("a", "b"), "limits": limits(), "rest_q": np.zeros(2),
        "groups": {"all": ("a", "b")}, "body": BodyLinks("base", "torso", None, None, None),
    }
    return RobotDescription(**{**values, **changes})


def test_limits_and_rest_pose_cannot_be_changed_afterwards() -> None:
    robot = describe()
    for array in (robot.limits.upper, robot.rest_q):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"upper": -2 * ONES}, "lower < upper"),
        ({"velocity": np.array([1.0, 0.0])}, "above 0"),
        ({"jerk": np.array([1.0, np.nan])}, "finite"),
        ({"acceleration": np.ones(3)}, r"must be \(2,\)"),
    ],
)
def test_impossible_limits_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(RobotError, match=message):
        limits(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rest_q": np.array([0.0, 1.5])}, "rest position of b is 1.5"),
        ({"rest_q": np.zeros(3)}, "rest pose of two"),
        ({"groups": {"all": ("a",)}}, "joints in the groups of two"),
        ({"groups": {"x": ("a", "b"), "y": ("b",)}}, "joints in the groups of two"),
    ],
)
def test_an_inconsistent_description_is_refused(changes: dict, message: str) -> None:
    with pytest.raises(RobotError, match=message):
        describe(**changes)


def test_indices_follow_the_order_of_the_description() -> None:
    assert describe().indices(("b", "a")).tolist() == [1, 0]
