"""The capsule-distance engine against pinocchio's own reading of a URDF and coal: two implementations, one result."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET
from pathlib import Path

import coal
import numpy as np
import pinocchio as pin
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.robot.collision import CapsulePairs
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.link_poses import locked_position
from speech_gesture_ros.robot.model import load_model

AGREEMENT = 1e-6  # of the size of the robot: coal iterates to this
REAL = ("g1/g1_29dof_rev_1_0.urdf", "tiago_pro/tiago_pro.urdf", "baxter/baxter.urdf")


def bare_urdf(urdf: str) -> str:
    """Links and joints of a URDF alone, as pinocchio parses them without complaint."""
    bare = ET.Element("robot", name="robot")
    for element in ET.fromstring(urdf):
        if element.tag == "link":
            ET.SubElement(bare, "link", name=element.get("name", ""))
        elif element.tag == "joint":
            joint = ET.SubElement(bare, "joint", name=element.get("name", ""), type=element.get("type", ""))
            joint.extend(e for tag in ("parent", "child", "origin", "axis") for e in element.findall(tag)[:1])
            ET.SubElement(joint, "limit", lower="-1", upper="1", effort="1", velocity="1")
    return ET.tostring(bare, encoding="unicode")


class Reference:
    """Distances by pinocchio's URDF parser, with all joints of the robot, and coal's shapes."""

    def __init__(self, description: RobotDescription) -> None:
        self._pairs, self._names = description.collision_pairs, description.joint_names
        self._model = pin.buildModelFromXML(bare_urdf(description.model.urdf.text))
        self._data = self._model.createData()
        self._locked = {j.name: locked_position(j) for j in description.model.urdf.joints
                        if j.kind in ("revolute", "prismatic")}
        self._capsules = [self._place(c) for c in description.capsules]

    def _place(self, capsule) -> tuple[int, pin.SE3, object]:
        start, stop = np.array(capsule.start), np.array(capsule.stop)
        along, length = stop - start, float(np.linalg.norm(stop - start))
        turn = pin.Quaternion.FromTwoVectors(np.eye(3)[2], along / length if length else np.eye(3)[2])
        frame = self._model.getFrameId(capsule.link, pin.FrameType.BODY)
        shape = coal.Capsule(capsule.radius, length) if length else coal.Sphere(capsule.radius)
        return frame, pin.SE3(turn.toRotationMatrix(), 0.5 * (start + stop)), shape

    def distances(self, q: np.ndarray) -> np.ndarray:
        full = pin.neutral(self._model)
        for name, value in {**self._locked, **dict(zip(self._names, q))}.items():
            joint = self._model.joints[self._model.getJointId(name)]
            full[joint.idx_q:joint.idx_q + joint.nq] = value if joint.nq == 1 else (np.cos(value), np.sin(value))
        pin.framesForwardKinematics(self._model, self._data, full)
        placed = [(shape, coal.Transform3s(at.rotation, at.translation)) for frame, local, shape in self._capsules
                  for at in [self._data.oMf[frame] * local]]
        found = []
        for first, second in self._pairs:
            result = coal.DistanceResult()
            coal.distance(*placed[first], *placed[second], coal.DistanceRequest(), result)
            found.append(result.min_distance)
        return np.array(found)


def check_agreement(description: RobotDescription, seed: int, configurations: int) -> None:
    rng, reference = np.random.default_rng(seed), Reference(description)
    kinematics = description.kinematics()
    pairs = CapsulePairs(kinematics, description.capsules, description.collision_pairs)
    every = np.arange(len(pairs))
    for _ in range(configurations):
        q = rng.uniform(description.limits.lower, description.limits.upper)
        kinematics.update(q)
        expected, near = reference.distances(q), pairs.near(1e6)
        size = 1.0 + max(np.abs(near.first).max(), np.abs(near.second).max())
        np.testing.assert_allclose(pairs.clearances(), expected, rtol=0, atol=AGREEMENT * size)
        in_parts = [pairs.clearances(part) for part in np.array_split(every, 1 + len(every) // 90)]
        np.testing.assert_allclose(np.concatenate(in_parts), expected, rtol=0, atol=AGREEMENT * size)
        assert np.all(expected[near.pair] <= near.clearance + AGREEMENT * size)  # smoothed between parallel segments
        assert np.median(np.abs(expected[near.pair] - near.clearance)) <= AGREEMENT * size


def test_distances_on_the_demo_humanoid_agree(demo) -> None:
    check_agreement(demo, 0, 20)


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_distances_on_a_real_robot_agree(data_folder: Path, name: str) -> None:
    check_agreement(describe_robot(data_folder / "robots" / name), 1, 5)


@pytest.mark.slow
def test_distances_on_random_robots_agree_with_locked_joints_included(random_robot) -> None:
    compared = 0
    for seed in range(40):
        try:
            robot = describe_robot(random_robot(seed, 3 + seed % 6).urdf)
        except InputError:
            continue
        if robot.collision_pairs:
            check_agreement(robot, seed, 5)
            compared += 1
        if compared >= 5:
            return
    assert compared


def test_a_wrong_model_would_be_noticed(demo) -> None:
    """An upper arm that is 1 mm longer."""
    longer = demo.model.urdf.text.replace('<origin xyz="0 0 -0.28"', '<origin xyz="0 0 -0.281"')
    reference = Reference(dataclasses.replace(demo, model=load_model(longer)))
    pairs = CapsulePairs(demo.kinematics(), demo.capsules, demo.collision_pairs)
    error = np.abs(pairs.clearances() - reference.distances(np.zeros(len(demo.joint_names))))
    assert error.max() > 1e-4
