from __future__ import annotations

import numpy as np
import pinocchio as pin
import pytest

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.robot.kinematic_model import join
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.model import load_model


@pytest.fixture
def moved(demo, rng) -> tuple[Kinematics, np.ndarray]:
    kinematics = demo.kinematics()
    q = rng.uniform(demo.limits.lower, demo.limits.upper)
    kinematics.update(q)
    return kinematics, q


def test_links_are_where_pinocchio_reads_them_from_the_urdf(demo, moved) -> None:
    kinematics, q = moved
    model = pin.buildModelFromUrdf(str(resolve("demo_humanoid.urdf", "config/robots")))
    data = model.createData()
    full = np.zeros(model.nq)
    for name, value in zip(demo.joint_names, q):
        full[model.joints[model.getJointId(name)].idx_q] = value
    pin.framesForwardKinematics(model, data, full)
    links = ["left_fingers", "right_thumb", "head", "pelvis", "torso"]
    found = kinematics.origins(*links)
    for link, position in zip(links, found):
        pose = data.oMf[model.getFrameId(link)]
        np.testing.assert_allclose(position, pose.translation, atol=1e-12)
        np.testing.assert_allclose(kinematics.rotation(link), pose.rotation, atol=1e-12)


def test_jacobians_are_the_derivatives(moved) -> None:
    kinematics, q = moved
    offset = np.array([[0.01, 0.02, -0.05], [0.1, 0.0, 0.0]])
    points, axes = (make(["left_fingers", "head"], offset) for make in (kinematics.model.points, kinematics.model.axes))
    by_position, by_direction = (kinematics.motions(kinematics.positions(p), p) for p in (points, axes))
    for k in range(len(q)):
        ends = []
        for sign in (1, -1):
            kinematics.update(q + sign * 1e-6 * np.eye(len(q))[k])
            ends.append((kinematics.positions(points), kinematics.positions(axes)))
        np.testing.assert_allclose(by_position[:, :, k], (ends[0][0] - ends[1][0]) / 2e-6, atol=1e-8)
        np.testing.assert_allclose(by_direction[:, :, k], (ends[0][1] - ends[1][1]) / 2e-6, atol=1e-8)


def test_the_effort_of_a_force_at_a_joint_is_the_motion_along_the_force(moved, rng) -> None:
    kinematics, _ = moved
    points = kinematics.model.points(["left_fingers", "head", "right_thumb"], rng.normal(size=(3, 3)))
    positions, forces = kinematics.positions(points), rng.normal(size=(3, 3))
    along = np.einsum("pc,pcn->pn", forces, kinematics.motions(positions, points))
    np.testing.assert_allclose(kinematics.efforts(positions, forces) * points.moved_by, along, atol=1e-12)


def test_joined_vectors_have_the_positions_of_the_separate_ones(moved) -> None:
    kinematics, _ = moved
    parts = [make(["head", "left_fingers"], np.eye(3)[:2]) for make in (kinematics.model.points, kinematics.model.axes)]
    together = kinematics.positions(join(*parts))
    np.testing.assert_array_equal(together, np.concatenate([kinematics.positions(p) for p in parts]))


def test_locked_joints_are_at_the_position_nearest_to_zero_inside_their_limits() -> None:
    body = "".join(f'<link name="{n}"/>' for n in "abc")
    joints = ('<joint name="knee" type="revolute"><parent link="a"/><child link="b"/><axis xyz="0 1 0"/>'
              '<limit lower="0.5" upper="1"/></joint><joint name="tip" type="fixed"><parent link="b"/><child link="c"/>'
              '<origin xyz="1 0 0"/></joint>')
    kinematics = load_model(f'<robot name="r">{body}{joints}</robot>').kinematics(())
    tip = kinematics.origins("c")[0]
    np.testing.assert_allclose(tip, [np.cos(0.5), 0, -np.sin(0.5)], atol=1e-12)


def test_joints_given_children_first_are_refused(demo) -> None:
    with pytest.raises(ValueError, match="parents first"):
        demo.model.kinematics(("left_elbow", "left_shoulder_pitch"))


def test_a_robot_with_one_joint_has_poses_and_motions() -> None:
    text = """<robot name="one"><link name="base"/><link name="arm"/><joint name="turn" type="revolute">
      <parent link="base"/><child link="arm"/><axis xyz="0 0 1"/><limit lower="-2" upper="2" velocity="1" effort="1"/>
      </joint></robot>"""
    kinematics = load_model(text).kinematics(("turn",))
    kinematics.update(np.array([np.pi / 2]))
    tip = kinematics.model.points(["arm"], np.array([[0.5, 0.0, 0.0]]))
    position = kinematics.positions(tip)
    np.testing.assert_allclose(position, [[0.0, 0.5, 0.0]], atol=1e-12)
    np.testing.assert_allclose(kinematics.motions(position, tip)[0], [[-0.5], [0.0], [0.0]], atol=1e-12)
