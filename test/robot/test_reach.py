"""Pairs that are not checked because they cannot touch never come near each other, in any configuration."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
import pytest

from speech_gesture_ros.robot.collision import CapsulePairs
from speech_gesture_ros.robot.description import Capsule, JointLimits
from speech_gesture_ros.robot.kinematic_model import KinematicModel
from speech_gesture_ros.robot.reach import BEYOND_M, touchable
from speech_gesture_ros.robot.urdf import load_urdf

CRANE = """<robot name="crane"><link name="base"/><link name="mast"/><link name="boom"/><link name="hook"/>
<joint name="turn" type="revolute"><parent link="base"/><child link="mast"/><axis xyz="0 0 1"/><origin xyz="0 0 1"/>
<limit lower="-3" upper="3" velocity="1" effort="1"/></joint>
<joint name="lift" type="revolute"><parent link="mast"/><child link="boom"/><axis xyz="0 1 0"/>
<limit lower="-3" upper="3" velocity="1" effort="1"/></joint>
<joint name="slide" type="prismatic"><parent link="boom"/><child link="hook"/><axis xyz="1 0 0"/>
<limit lower="0" upper="0.3" velocity="1" effort="1"/></joint></robot>"""


def crane(distance: float, travel: float) -> tuple[KinematicModel, JointLimits, tuple[Capsule, ...]]:
    """A hook of 0.1 m on a sliding boom, and a ball beside it on the ground."""
    model = KinematicModel(load_urdf(CRANE), ("turn", "lift", "slide"))
    bounds, fast = np.array([3.0, 3.0, travel]), np.ones(3)
    limits = JointLimits(np.array([-3.0, -3.0, 0.0]), bounds, fast, fast, fast)
    ball = Capsule("base", (distance, 0.0, 1.0), (distance, 0.0, 1.0), 0.05)
    return model, limits, (ball, Capsule("hook", (0.0, 0.0, 0.0), (0.1, 0.0, 0.0), 0.02))


def test_a_part_beyond_reach_is_distinguished_from_one_that_the_sliding_joint_reaches() -> None:
    reach = 0.3 + 0.1 + 0.02 + 0.05
    for distance, travel, can_touch in ((reach + BEYOND_M + 0.01, 0.3, False), (reach + BEYOND_M - 0.01, 0.3, True),
                                        (reach - 0.15, 0.1, False), (reach - 0.15, 0.3, True)):
        assert bool(touchable(*crane(distance, travel), [(0, 1)])) is can_touch, (distance, travel)


def test_pairs_out_of_reach_stay_apart_in_thousands_of_configurations(demo) -> None:
    kinematics, rng = demo.kinematics(), np.random.default_rng(0)
    small = tuple(dataclasses.replace(c, radius=0.3 * c.radius) for c in demo.capsules)
    bodies = [kinematics.model.body(c.link) for c in small]
    pairs = [(i, j) for i, j in combinations(range(len(small)), 2) if bodies[i] != bodies[j]]
    left = touchable(kinematics.model, demo.limits, small, pairs)
    excluded = sorted(set(pairs) - set(left))
    assert excluded
    assert set(demo.collision_pairs) & set(left)
    checked = CapsulePairs(kinematics, small, excluded)
    for _ in range(2000):
        kinematics.update(np.where(rng.random(len(demo.limits)) < 0.5, rng.uniform(demo.limits.lower,
                          demo.limits.upper), rng.choice([demo.limits.lower, demo.limits.upper])))
        assert checked.smallest_clearance() > BEYOND_M


def swinging(radius: float) -> tuple[KinematicModel, JointLimits, tuple[Capsule, ...]]:
    """A rail of 2 m along x, and an arm of 0.1 m that turns about a point 0.5 m beside it, at x = 1.5 m."""
    text = """<robot name="swing"><link name="base"/><link name="arm"/><joint name="turn" type="revolute">
      <parent link="base"/><child link="arm"/><axis xyz="0 0 1"/><origin xyz="1.5 0.5 0"/>
      <limit lower="-3" upper="3" velocity="1" effort="1"/></joint></robot>"""
    one = np.ones(1)
    limits = JointLimits(-3.0 * one, 3.0 * one, one, one, one)
    return KinematicModel(load_urdf(text), ("turn",)), limits, (
        Capsule("base", (0.0, 0.0, 0.0), (2.0, 0.0, 0.0), radius),
        Capsule("arm", (0.0, 0.0, 0.0), (0.1, 0.0, 0.0), 0.05))


@pytest.mark.parametrize("pair", [(0, 1), (1, 0)])
@pytest.mark.parametrize(("beyond", "can_touch"), [(-0.001, True), (0.001, False)])
def test_the_gap_to_a_part_that_stands_still_is_measured_from_its_nearest_point(pair, beyond, can_touch) -> None:
    radius = 0.5 - 0.1 - 0.05 - BEYOND_M - beyond
    assert bool(touchable(*swinging(radius), [pair])) is can_touch


def two_arms(half_width: float) -> tuple[KinematicModel, JointLimits, tuple[Capsule, ...]]:
    """Two arms of 0.3 m that turn about points so far to each side."""
    text = '<robot name="two"><link name="base"/>' + "".join(
        f"""<link name="{s}"/><joint name="{s}_turn" type="revolute"><parent link="base"/><child link="{s}"/>
      <axis xyz="0 0 1"/><origin xyz="0 {y} 0"/><limit lower="-3" upper="3" velocity="1" effort="1"/></joint>"""
        for s, y in (("left", half_width), ("right", -half_width))) + "</robot>"
    two = np.ones(2)
    limits = JointLimits(-3.0 * two, 3.0 * two, two, two, two)
    return KinematicModel(load_urdf(text), ("left_turn", "right_turn")), limits, tuple(
        Capsule(s, (0.0, 0.0, 0.0), (0.3, 0.0, 0.0), 0.05) for s in ("left", "right"))


@pytest.mark.parametrize(("beyond", "can_touch"), [(-0.001, True), (0.001, False)])
def test_the_gap_between_two_arms_is_their_distance_less_both_reaches(beyond, can_touch) -> None:
    half_width = (2 * 0.3 + 2 * 0.05 + BEYOND_M + beyond) / 2
    assert bool(touchable(*two_arms(half_width), [(0, 1)])) is can_touch
