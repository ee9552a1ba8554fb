"""Audit of configurations on meshes, check of the rest pose, and the verdict that follows."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.evaluation.robot_check import RobotCheck
from speech_gesture_ros.evaluation.robot_likeness import LIMBS, Likeness
from speech_gesture_ros.evaluation.robot_mesh_audit import MeshAudit, MeshAuditor, PairDepth
from speech_gesture_ros.evaluation.robot_rest_check import RestCheck, check_rest
from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.model import load_model
from speech_gesture_ros.robot.primitives import box_triangles

DEMO = Path("config/robots/demo_humanoid.urdf").resolve()


def write_obj(path: Path, size: tuple[float, float, float]) -> None:
    """Write a box as a mesh."""
    corners = box_triangles(np.array(size)).reshape(-1, 3)
    lines = [f"v {x} {y} {z}" for x, y, z in corners] + [f"f {i} {i + 1} {i + 2}" for i in range(1, len(corners), 3)]
    path.write_text("\n".join(lines))


@pytest.fixture
def boxes(tmp_path: Path) -> RobotDescription:
    """The demo humanoid with one mesh on its chest and one on each hand."""
    demo = describe_robot(DEMO)
    text = re.sub("<collision.*?</collision>", "", demo.model.urdf.text, flags=re.DOTALL)
    write_obj(tmp_path / "chest.obj", (0.2, 0.2, 0.3))
    write_obj(tmp_path / "hand.obj", (0.06, 0.06, 0.06))
    for link, mesh in ((demo.body.torso, "chest"), (demo.body.left_arm.wrist, "hand"),
                       (demo.body.right_arm.wrist, "hand")):
        shape = f'<collision><geometry><mesh filename="{mesh}.obj"/></geometry></collision>'
        text = re.sub(rf'<link name="{link}"\s*(/>|>)', lambda m, s=shape, n=link: f'<link name="{n}">{s}' + (
            "</link>" if m[1] == "/>" else ""), text)
    (tmp_path / "robot.urdf").write_text(text)
    return describe_robot(tmp_path / "robot.urdf")


@pytest.mark.slow
def test_arms_at_rest_are_clear(boxes: RobotDescription) -> None:
    auditor = MeshAuditor(boxes)
    auditor.add(np.repeat(boxes.rest_q[None], 3, axis=0))
    audit = auditor.result()
    assert (audit.meshes, audit.frames, audit.deep_frames, audit.pairs) == (3, 3, 0, ())


@pytest.mark.slow
def test_hands_in_one_another_are_found_with_their_depth(boxes: RobotDescription) -> None:
    random, auditor = np.random.default_rng(1), MeshAuditor(boxes)
    auditor.add(random.uniform(boxes.limits.lower, boxes.limits.upper, (1500, len(boxes.joint_names))))
    audit = auditor.result()
    assert audit.deep_frames > 0
    assert audit.share == audit.deep_frames / 1500
    assert 0.002 < audit.depth_m < 0.2
    links = {boxes.body.torso, boxes.body.left_arm.wrist, boxes.body.right_arm.wrist}
    assert all(set(pair.links) <= links for pair in audit.pairs)


@pytest.mark.slow
def test_the_demo_humanoid_hangs_its_arms_and_raised_arms_are_noticed(boxes: RobotDescription) -> None:
    assert check_rest(boxes).hangs
    raised = boxes.rest_q.copy()
    pitch = [i for i, name in enumerate(boxes.joint_names) if "shoulder_pitch" in name]
    raised[pitch] = boxes.limits.lower[pitch]
    assert not check_rest(dataclasses.replace(boxes, rest_q=raised)).hangs


def test_a_part_that_touches_in_every_pose_is_no_obstacle_for_hanging_arms(boxes: RobotDescription) -> None:
    """The case of a cap around the shoulder."""
    joint = next(j for j in boxes.model.urdf.joints if j.child == boxes.body.left_arm.elbow)
    upper_arm = joint.parent
    text = boxes.model.urdf.text
    cap = '<collision><geometry><sphere radius="{}"/></geometry></collision>'
    for link, radius in ((upper_arm, 0.06), (boxes.body.torso, 0.3)):
        text = re.sub(rf'<link name="{link}">', f'<link name="{link}">{cap.format(radius)}', text)
    capped = dataclasses.replace(boxes, model=load_model(text))
    assert check_rest(capped).obstacle == ""
    raised = boxes.rest_q.copy()
    for i, name in enumerate(boxes.joint_names):
        if "shoulder_pitch" in name:
            raised[i] = boxes.limits.lower[i]
    assert not check_rest(dataclasses.replace(capped, rest_q=raised)).hangs


def check(limbs: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0), warnings: tuple[str, ...] = (), joints: int = 7,
          rest: RestCheck | None = None, audit: MeshAudit | None = None) -> RobotCheck:
    """Result of a check without faults."""
    likeness = Likeness(float(np.median(limbs)), 2.0, dict(zip(LIMBS, limbs)), 0.9, 0.0, 1.0, 1.0, 60.0)
    return RobotCheck("r", (joints, joints), 2, 0, 1.0, likeness, {"speech": likeness}, {}, 0.02, (0.2, 0.4), (),
                      warnings, rest or RestCheck((5.0, 5.0), (0.0, 0.0), ""), audit)


def test_the_worst_limb_decides() -> None:
    """The case of Poppy: upper arms 51 degrees off, forearms 1."""
    assert check().passes
    assert check((51.0, 1.0, 1.0, 1.0)).failures() == [
        "direction error of left upper arm 51.0 deg, at most 10 for arms of 7 joints"]


@pytest.mark.parametrize(("joints", "bound"), [(3, 45.0), (4, 20.0), (5, 20.0), (6, 10.0), (7, 10.0)])
def test_the_bound_depends_on_the_joints_of_an_arm(joints: int, bound: float) -> None:
    assert check((bound - 0.1, 0.0, 0.0, 0.0), joints=joints).passes
    assert not check((bound + 0.1, 0.0, 0.0, 0.0), joints=joints).passes


def test_a_robot_with_warnings_or_unexplained_raised_arms_does_not_pass() -> None:
    assert check(warnings=("self-collision NOT checked between a and b",)).failures() == [
        "self-collision NOT checked between a and b"]
    assert "nothing is in the way" in check(rest=RestCheck((80.0, 5.0), (0.0, 0.0), "")).failures()[0]
    assert check(rest=RestCheck((80.0, 5.0), (0.0, 0.0), "base and arm")).passes
    assert check(rest=RestCheck((80.0, 80.0), (60.0, 60.0), "")).passes


def test_meshes_in_one_another_fail_with_share_depth_and_pair() -> None:
    audit = MeshAudit("collision", 9, 0, 1000, 128, 0.032, (PairDepth(("torso", "shoulder"), 128, 0.032),), ())
    assert check(audit=audit).failures() == [
        "meshes: 13 % of frames deeper than 2 mm, up to 32 mm, most often torso and shoulder"]
