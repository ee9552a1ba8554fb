"""The shipped robot: its file, and its description."""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pinocchio as pin
import pytest

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.retargeting.ik import HARD_MARGIN_M, DifferentialIk
from speech_gesture_ros.robot.urdf import load_urdf

URDF = resolve("demo_humanoid.urdf", "config/robots")
SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "build_demo_humanoid.py"


def test_the_file_is_what_its_script_writes() -> None:
    spec = importlib.util.spec_from_file_location("build", SCRIPT)
    build = importlib.util.module_from_spec(spec)
    sys.modules["build"] = build  # dataclasses look up their module
    try:
        spec.loader.exec_module(build)
        assert build.urdf() == URDF.read_text(encoding="utf-8")
    finally:
        del sys.modules["build"]


def test_inertias_are_those_of_real_bodies() -> None:
    model = pin.buildModelFromUrdf(str(URDF))
    for name, inertia in zip(model.names[1:], list(model.inertias)[1:]):
        moments = np.linalg.eigvalsh(inertia.inertia)
        assert moments.min() > 0, name
        assert moments[2] <= moments[0] + moments[1], name  # the triangle inequality of rigid bodies
    assert 25.0 < sum(i.mass for i in list(model.inertias)[1:]) < 40.0


def test_mujoco_reads_it() -> None:
    mujoco = pytest.importorskip("mujoco")
    model = mujoco.MjModel.from_xml_path(str(URDF))
    assert model.nq == 20


def test_gazebo_reads_it() -> None:
    name = ctypes.util.find_library("sdformat12")
    if name is None:
        pytest.skip("no libsdformat12: apt install libsdformat12-12")
    assert ctypes.CDLL(name).cmdCheck(str(URDF).encode()) == 0


def test_every_joint_has_stated_limits() -> None:
    for joint in load_urdf(URDF).joints:
        if joint.is_movable:
            assert joint.lower < 0.5 * joint.upper + 0.5 * joint.lower < joint.upper
            assert 3.0 <= joint.velocity <= 6.0


def test_all_twenty_joints_are_found_in_their_groups(demo) -> None:
    assert {name: len(joints) for name, joints in demo.groups.items()} == {
        "torso": 3, "head": 3, "left_arm": 7, "right_arm": 7}
    assert demo.groups["left_arm"][0] == "left_shoulder_pitch"
    assert demo.groups["right_arm"][-1] == "right_wrist_roll"


def test_the_body_parts_are_the_right_links(demo) -> None:
    body = demo.body
    assert (body.base, body.torso, body.head) == ("base_link", "torso", "head")
    assert (body.left_arm.shoulder, body.left_arm.elbow, body.left_arm.wrist, body.left_arm.hand) == (
        "left_upper_arm", "left_forearm", "left_wrist", "left_fingers")
    assert body.right_arm.elbow == "right_forearm"


def test_nothing_had_to_be_replaced_or_guessed(demo) -> None:
    assert not [note for note in demo.notes if "rest pose" not in note and "NOT checked" not in note]


def test_only_parts_built_into_each_other_are_not_checked_and_are_named(demo) -> None:
    note = next(note for note in demo.notes if "NOT checked" in note)
    assert set(note.split(": ")[1].split("; ")) == {
        "pelvis and torso", "neck_yaw_link and head", "left_shoulder and left_upper_arm",
        "right_shoulder and right_upper_arm", "left_cuff and left_hand", "right_cuff and right_hand"}


def test_the_rest_pose_is_symmetric_hanging_and_clear(demo) -> None:
    rest = dict(zip(demo.joint_names, demo.rest_q))
    for joint in ("shoulder_pitch", "elbow", "wrist_pitch"):
        assert rest[f"left_{joint}"] == pytest.approx(rest[f"right_{joint}"], abs=1e-9)
    assert rest["left_shoulder_roll"] == pytest.approx(-rest["right_shoulder_roll"], abs=1e-9)
    assert -0.8 < rest["left_elbow"] < -0.2
    ik = DifferentialIk(demo)
    assert ik.clearance() > HARD_MARGIN_M
    upper_arm = ik.robot_directions.directions()[0][list(ik.robot_directions.names).index("left_upper_arm")]
    assert upper_arm[2] < -0.95


def test_hands_may_meet_but_not_the_body_or_each_other(demo) -> None:
    links = {frozenset((demo.capsules[a].link, demo.capsules[b].link)) for a, b in demo.collision_pairs}
    for one, other in (("left_hand", "right_hand"), ("left_fingers", "torso"), ("left_forearm", "pelvis"),
                       ("left_hand", "head"), ("left_cuff", "right_cuff"), ("left_upper_arm", "torso")):
        assert frozenset((one, other)) in links
