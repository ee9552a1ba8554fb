"""Contacts that a surplus of capsules could hide: arms may hang beside a trunk with corners, and nothing is hidden."""

from __future__ import annotations

import numpy as np
import pytest
from triangles import box

from speech_gesture_ros.robot.capsule_surplus import MARGIN_M, pair_surplus
from speech_gesture_ros.robot.capsules import FittedCapsule
from speech_gesture_ros.robot.collision import CapsulePairs
from speech_gesture_ros.robot.description import JointLimits, capsule_between
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.mesh_capsules import enclosing_pieces
from speech_gesture_ros.robot.model import load_model
from speech_gesture_ros.robot.surface_pairs import SurfacePairs

ARM = """<robot name="r"><link name="trunk"/><link name="shoulder"/><link name="upper"/>
<joint name="pitch" type="revolute"><parent link="trunk"/><child link="shoulder"/><origin xyz="0 {y} 0.15"/>
<axis xyz="0 1 0"/><limit lower="-2.5" upper="1.5" velocity="3" effort="1"/></joint>
<joint name="roll" type="revolute"><parent link="shoulder"/><child link="upper"/><axis xyz="1 0 0"/>
<limit lower="-1" upper="2.5" velocity="3" effort="1"/></joint></robot>"""
TRUNK, UPPER_ARM = (0.2, 0.3, 0.4), (0.06, 0.06, 0.3)
HANGING, SPREAD = np.array([0.0, 0.17]), np.array([0.0, 0.6])
LIMITS = JointLimits(np.array([-2.5, -1.0]), np.array([1.5, 2.5]), *3 * (np.ones(2),))
DEEP_M = 0.002  # less is within the accuracy of meshes


class Robot:
    """A trunk and an upper arm, both boxes, whose shoulder is beside the trunk [m].

    Attributes:
        fitted: Capsules of the trunk, then those of the arm.
        pairs: Of each of the trunk with each of the arm.
    """

    def __init__(self, shoulder_y: float, trunk: tuple[float, float, float] = TRUNK) -> None:
        self.kinematics: Kinematics = load_model(ARM.format(y=shoulder_y)).kinematics(("pitch", "roll"))
        parts = (("trunk", box(trunk)), ("upper", box(UPPER_ARM) - [0.0, 0.0, 0.15]))
        self.fitted = [FittedCapsule(capsule_between(link, *capsule), piece) for link, surface in parts
                       for capsule, piece in enclosing_pieces(surface)]
        count = sum(f.capsule.link == "trunk" for f in self.fitted)
        self.pairs = [(i, j) for i in range(count) for j in range(count, len(self.fitted))]

    def surplus(self, *about: np.ndarray) -> dict[tuple[int, int], float]:
        return pair_surplus(self.kinematics, self.fitted, self.pairs, LIMITS, about or (HANGING, SPREAD))

    def clearances(self, q: np.ndarray, surplus: dict[tuple[int, int], float]) -> np.ndarray:
        checked = CapsulePairs(self.kinematics, [f.capsule for f in self.fitted], self.pairs, surplus)
        self.kinematics.update(q)
        return checked.clearances()

    def surfaces(self) -> SurfacePairs:
        return SurfacePairs(self.kinematics, [(f.capsule.link, f.surface) for f in self.fitted], self.pairs)


@pytest.mark.slow
@pytest.mark.parametrize("shoulder_y", [0.185, 0.2, 0.25])
@pytest.mark.parametrize("trunk", [TRUNK, (0.3, 0.3, 0.25)], ids=["high", "deep"])
def test_no_configuration_that_counts_as_clear_has_surfaces_in_one_another(shoulder_y, trunk) -> None:
    robot = Robot(shoulder_y, trunk)
    surplus, surfaces = robot.surplus(), robot.surfaces()
    checked = CapsulePairs(robot.kinematics, [f.capsule for f in robot.fitted], robot.pairs, surplus)
    crossing = 0
    for pitch in np.linspace(LIMITS.lower[0], LIMITS.upper[0], 41):
        for roll in np.linspace(LIMITS.lower[1], LIMITS.upper[1], 41):
            surfaces.update(np.array([pitch, roll]))
            touching = surfaces.touching()
            crossing += bool(touching)
            is_clear = checked.clearances() >= MARGIN_M
            assert all(surfaces.depth(pair) < DEEP_M for pair in touching if is_clear[pair])
    assert 100 < crossing < 1600
    assert surplus


def test_an_arm_that_hangs_clear_of_the_trunk_is_clear_although_its_capsule_is_not() -> None:
    robot = Robot(0.22)
    surplus = robot.surplus()
    assert robot.clearances(HANGING, {}).min() < MARGIN_M
    assert robot.clearances(HANGING, surplus).min() >= MARGIN_M
    assert all(0 < value < 0.2 for value in surplus.values())


def test_capsules_that_are_apart_in_usual_configurations_keep_all_of_themselves() -> None:
    robot = Robot(0.6)
    assert robot.clearances(HANGING, {}).min() > 0.2
    assert robot.surplus() == {}


def test_parts_that_are_in_one_another_everywhere_keep_all_of_their_capsules() -> None:
    robot = Robot(0.0, (0.05, 0.05, 0.5))  # thinner than the arm
    assert robot.clearances(HANGING, {}).min() < 0
    assert robot.surplus() == {}


def test_an_arm_inside_the_trunk_is_in_contact_although_no_surfaces_cross() -> None:
    robot = Robot(0.0)
    (inside := robot.surfaces()).update(HANGING)
    assert inside.touching() == []
    for q in (HANGING, SPREAD):
        assert robot.clearances(q, robot.surplus()).min() < MARGIN_M


def test_the_surplus_is_the_same_each_time() -> None:
    assert Robot(0.2).surplus() == Robot(0.2).surplus()
