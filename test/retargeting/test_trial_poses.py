"""Start configuration of the arms: the branch that reaches human poses best."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.retargeting.hands import thumbs_of_hanging_arms
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.trial_poses import best_start, standing_human
from speech_gesture_ros.robot.description import RobotDescription


def error_deg(description: RobotDescription, start: np.ndarray, human: np.ndarray) -> float:
    """Mean error of arms and forearms after eight seconds in one pose."""
    ik = DifferentialIk(dataclasses.replace(description, rest_q=start, collision_pairs=()))
    for _ in range(200):
        ik.step(human)
    directions, _ = ik.robot_directions.directions()
    cosines = (directions * ik.robot_directions.targets(human)).sum(axis=1)
    arms = [i for i, name in enumerate(ik.robot_directions.names) if name.endswith("arm")]
    return float(np.degrees(np.arccos(np.clip(cosines[arms], -1, 1))).mean())


def test_zero_is_kept_if_its_errors_are_small() -> None:
    demo = describe_robot(Path("config/robots/demo_humanoid.urdf").resolve())
    zero = np.clip(np.zeros(len(demo.joint_names)), demo.limits.lower, demo.limits.upper)
    start = best_start(dataclasses.replace(demo, rest_q=zero))
    np.testing.assert_array_equal(start, zero)


def test_thumbs_and_start_do_not_depend_on_the_speed_limits() -> None:
    demo = describe_robot(Path("config/robots/demo_humanoid.urdf").resolve())
    crawl = np.full(len(demo.joint_names), 0.02)
    slow = dataclasses.replace(demo, limits=dataclasses.replace(demo.limits, velocity=crawl, acceleration=crawl))
    found = [thumbs_of_hanging_arms(robot) for robot in (demo, slow)]
    for side in ("left", "right"):
        np.testing.assert_array_equal(found[0][side], found[1][side])
    aside = 0.5 * (demo.limits.lower + demo.limits.upper)
    starts = [best_start(dataclasses.replace(robot, rest_q=aside)) for robot in (demo, slow)]
    np.testing.assert_array_equal(*starts)


@pytest.mark.slow
@pytest.mark.parametrize("side", ["left", "right"])
def test_an_arm_in_a_corner_gets_a_better_start(side: str) -> None:
    demo = describe_robot(Path("config/robots/demo_humanoid.urdf").resolve())
    human = standing_human(20, 35, 5, 45)
    arm = demo.indices(demo.groups[f"{side}_arm"])
    random = np.random.default_rng(3)
    corners = []
    for _ in range(40):
        q = demo.rest_q.copy()
        q[arm] = np.where(random.random(len(arm)) < 0.5, demo.limits.lower[arm], demo.limits.upper[arm])
        corners.append((error_deg(demo, q, human), q))
    worst, corner = max(corners, key=lambda c: c[0])
    found = best_start(dataclasses.replace(demo, rest_q=corner))
    assert worst > 8.0, "no corner caught the arm: the test shows nothing"
    assert error_deg(demo, found, human) < 3.0
    other = demo.indices(demo.groups["right_arm" if side == "left" else "left_arm"])
    np.testing.assert_array_equal(found[other], corner[other])


def test_a_standing_human_is_upright_and_symmetric() -> None:
    human = standing_human(12, 8, 20, 5)
    np.testing.assert_allclose(np.linalg.norm(human, axis=1), 1.0)
    left, right = human[4:8], human[8:12]
    np.testing.assert_allclose(left * (1, -1, 1), right)
