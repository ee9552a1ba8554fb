"""A small robot for tests: pedestal, pan of the torso, two arms of two joints, a visible and an invisible hand."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.robot.description import ArmLinks, BodyLinks, Capsule, JointLimits, RobotDescription
from speech_gesture_ros.robot.model import load_model


def _link(name: str, visual: str, mass: float = 1.0) -> str:
    return f"""<link name="{name}"><inertial><mass value="{mass}"/><origin xyz="0 0 -0.1"/>
      <inertia ixx="0.01" iyy="0.01" izz="0.01" ixy="0" ixz="0" iyz="0"/></inertial>{visual}</link>"""


def _cylinder(length: float) -> str:
    return (f'<visual><origin xyz="0 0 {-length / 2}"/><geometry><cylinder radius="0.04" length="{length}"/>'
            "</geometry></visual>")


def _joint(name: str, parent: str, child: str, xyz: str, axis: str, kind: str = "revolute") -> str:
    return f"""<joint name="{name}" type="{kind}"><parent link="{parent}"/><child link="{child}"/>
      <origin xyz="{xyz}"/><axis xyz="{axis}"/><limit lower="-2.5" upper="2.5" velocity="4" effort="50"/></joint>"""


def toy_urdf() -> str:
    missing_mesh = '<visual><geometry><mesh filename="package://nowhere/hand.dae"/></geometry></visual>'
    parts = [_link("base", '<visual><geometry><box size="0.3 0.3 0.2"/></geometry></visual>'),
             _link("torso", '<visual><origin xyz="0 0 0.25"/><geometry><box size="0.2 0.3 0.5"/></geometry></visual>',
                   mass=8.0),
             _joint("torso_yaw", "base", "torso", "0 0 0.1", "0 0 1")]
    for side, y in (("left", 0.25), ("right", -0.25)):
        parts += [_link(f"{side}_upper_arm", _cylinder(0.3)), _link(f"{side}_forearm", _cylinder(0.25)),
                  _link(f"{side}_hand", missing_mesh, mass=0.3),
                  _joint(f"{side}_shoulder", "torso", f"{side}_upper_arm", f"0 {y} 0.45", "0 1 0"),
                  _joint(f"{side}_elbow", f"{side}_upper_arm", f"{side}_forearm", "0 0 -0.3", "0 1 0"),
                  _joint(f"{side}_finger", f"{side}_forearm", f"{side}_hand", "0 0 -0.25", "1 0 0")]
    return f'<robot name="toy">{"".join(parts)}</robot>'


@pytest.fixture(scope="session")
def toy() -> RobotDescription:
    names = ("torso_yaw", "left_shoulder", "left_elbow", "right_shoulder", "right_elbow")
    limits = JointLimits(lower=np.full(5, -2.4), upper=np.full(5, 2.4), velocity=np.full(5, 4.0),
                         acceleration=np.full(5, 20.0), jerk=np.full(5, 400.0))
    arms = {side: ArmLinks(f"{side}_upper_arm", f"{side}_forearm", f"{side}_hand") for side in ("left", "right")}
    capsules = (Capsule("torso", (0.0, 0.0, 0.05), (0.0, 0.0, 0.45), 0.14),
                Capsule("left_forearm", (0.0, 0.0, 0.0), (0.0, 0.0, -0.25), 0.04),
                Capsule("right_forearm", (0.0, 0.0, 0.0), (0.0, 0.0, -0.25), 0.04),
                Capsule("left_hand", (0.0, 0.0, -0.05), (0.0, 0.0, -0.05), 0.05))
    return RobotDescription(
        name="toy", model=load_model(toy_urdf()), joint_names=names, limits=limits,
        rest_q=np.array([0.0, 0.1, -0.3, 0.1, -0.3]),
        groups={"torso": names[:1], "left_arm": names[1:3], "right_arm": names[3:]},
        body=BodyLinks(base="base", torso="torso", head=None, left_arm=arms["left"], right_arm=arms["right"]),
        capsules=capsules, collision_pairs=((1, 2), (0, 1), (0, 2)))
