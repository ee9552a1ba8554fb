"""A robot is checked with motions; what must not happen is counted."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.cli import robot as command
from speech_gesture_ros.cli.main import main
from speech_gesture_ros.core.robot import RobotDescription
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.robot_check import check_robot, extreme_motion, follow
from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.retargeting.hands import find_thumbs
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.profile import load_profile

DEMO = Path("config/robots/demo_humanoid.urdf").resolve()


@pytest.fixture(scope="module")
def demo() -> RobotDescription:
    return describe_robot(DEMO)


def waving(seconds: float = 6.0) -> np.ndarray:
    """(T, J, 3) a human who raises and lowers the forearms, at a talker's pace."""
    skeleton = load_skeleton()
    times = np.arange(round(seconds * 25)) / 25
    out = []
    for t in times:
        bones = skeleton.offsets.copy()
        for side, sign in (("left", 1.0), ("right", -1.0)):
            rise = 0.3 + 0.5 * np.sin(2 * np.pi * 0.8 * t)
            forearm = np.array([np.cos(rise), 0.1 * sign, np.sin(rise)])
            for name in ("wrist", "hand"):
                place = skeleton.index[f"{side}_{name}"]
                bones[place] = skeleton.bone_lengths[place] * forearm / np.linalg.norm(forearm)
            place = skeleton.index[f"{side}_thumb"]
            bones[place] = skeleton.bone_lengths[place] * np.array([-np.sin(rise), -0.2 * sign, np.cos(rise)])
        out.append(skeleton.xyz_from_bones(bones))
    return np.array(out, dtype=np.float32)


def test_extreme_motion_is_a_body_and_goes_far() -> None:
    skeleton = load_skeleton()
    motion = extreme_motion(skeleton)
    lengths = np.linalg.norm(skeleton.bones_from_xyz(motion), axis=-1)
    np.testing.assert_allclose(lengths, np.broadcast_to(skeleton.bone_lengths, lengths.shape), atol=1e-5)
    reach = motion[:, skeleton.index["left_wrist"], 2]
    assert np.ptp(reach) > 0.8, "the hands do not go from low to high"
    assert np.linalg.norm(np.diff(motion, axis=0), axis=-1).max() * 25 > 2.0


@pytest.mark.slow
def test_the_demo_robot_is_well(demo: RobotDescription) -> None:
    check = check_robot(demo, load_skeleton(), [waving()])
    assert check.faults == dict.fromkeys(check.faults, 0)
    assert check.speech.error_deg < 2.0
    assert check.speech.timing > 0.98
    assert check.speech.size == pytest.approx(1.0, abs=0.1)
    assert check.is_well
    assert "well" in command.row(check)


def test_a_slow_robot_is_seen_to_be_late(demo: RobotDescription) -> None:
    slow = dataclasses.replace(demo, limits=dataclasses.replace(demo.limits, velocity=0.1 * demo.limits.velocity))
    likeness = [follow(d, DifferentialIk(d, find_thumbs(d)), load_skeleton(), waving())[1] for d in (demo, slow)]
    assert likeness[0].timing > 0.98 > 0.9 > likeness[1].timing
    assert likeness[1].error_deg > 5 + likeness[0].error_deg


def test_inspect_prints_every_joint_and_note(demo: RobotDescription, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["robot", "inspect", str(DEMO)]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in demo.joint_names)
    assert all(note in printed for note in demo.notes)


def test_the_profile_written_is_a_profile_that_changes_nothing(demo: RobotDescription, tmp_path: Path) -> None:
    path = tmp_path / "profiles" / "demo.yaml"
    assert main(["robot", "profile", str(DEMO), "--out", str(path)]) == 0
    again = describe_robot(DEMO, load_profile(path))
    np.testing.assert_allclose(again.rest_q, demo.rest_q, atol=5e-4)
    assert (again.topics, again.groups) == (demo.topics, demo.groups)
    np.testing.assert_array_equal(again.limits.upper, demo.limits.upper)


def test_a_urdf_without_arms_fails_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "stick.urdf"
    path.write_text('<robot name="stick"><link name="base"/></robot>')
    assert main(["robot", "check", str(path), "--minutes", "0.01"]) == 1
    assert "arms of stick" in capsys.readouterr().out
