"""Check of a robot with the standard motions: faults are counted, direction, size and timing measured."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.cli import robot_check as command
from speech_gesture_ros.cli.main import main
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.robot_check import check_robot
from speech_gesture_ros.evaluation.robot_likeness import LIMBS, LikenessMeter, pool_likeness
from speech_gesture_ros.evaluation.robot_motions import (
    JOIN_S,
    StandardMotions,
    extreme_motion,
    join,
    standard_motions,
)
from speech_gesture_ros.evaluation.robot_run import retarget_motion
from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.notes import join_notes
from speech_gesture_ros.robot.profile import load_profile

DEMO = Path("config/robots/demo_humanoid.urdf").resolve()


@pytest.fixture(scope="module")
def demo() -> RobotDescription:
    return describe_robot(DEMO)


def waving(seconds: float = 6.0) -> np.ndarray:
    """(T, J, 3) a human who raises and lowers the forearms as fast as people who talk."""
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


def test_extreme_motion_keeps_the_bone_lengths_and_reaches_far() -> None:
    skeleton = load_skeleton()
    motion = extreme_motion(skeleton)
    lengths = np.linalg.norm(skeleton.bones_from_xyz(motion), axis=-1)
    np.testing.assert_allclose(lengths, np.broadcast_to(skeleton.bone_lengths, lengths.shape), atol=1e-5)
    reach = motion[:, skeleton.index["left_wrist"], 2]
    assert np.ptp(reach) > 0.8, "the hands do not go from low to high"
    assert np.linalg.norm(np.diff(motion, axis=0), axis=-1).max() * 25 > 2.0


def test_motions_are_joined_without_a_jump() -> None:
    skeleton = load_skeleton()
    parts = [waving(2.0), skeleton.mirror(extreme_motion(skeleton)), waving(1.0)]
    joined = join(parts, skeleton)
    assert len(joined) == sum(map(len, parts)) + 2 * (round(JOIN_S * 25) - 1)
    np.testing.assert_array_equal(joined[:50], parts[0])
    np.testing.assert_array_equal(joined[-25:], parts[2])
    fastest = max(np.linalg.norm(np.diff(p, axis=0), axis=-1).max() for p in parts)
    assert np.linalg.norm(np.diff(joined, axis=0), axis=-1).max() <= fastest + 1e-6
    lengths = np.linalg.norm(skeleton.bones_from_xyz(joined[50:-25]), axis=-1)
    np.testing.assert_allclose(lengths, np.broadcast_to(skeleton.bone_lengths, lengths.shape), atol=1e-5)


def test_without_data_the_set_is_the_demo_speech_with_notes(tmp_path: Path) -> None:
    motions = standard_motions(0.02, tmp_path, load_skeleton())
    assert list(motions.kinds) == ["speech", "extremes"]
    assert sum(str(tmp_path) in note and "SPEECH_GESTURE_DATA" in note for note in motions.notes) == 2


@pytest.mark.slow
def test_the_demo_robot_passes(demo: RobotDescription) -> None:
    skeleton = load_skeleton()
    check = check_robot(demo, skeleton, StandardMotions({"speech": waving(6.0), "extremes": extreme_motion(skeleton)}))
    assert check.faults == dict.fromkeys(check.faults, 0)
    assert check.likeness.error_deg < 2.0
    assert check.likeness.timing > 0.95
    assert check.likeness.amplitude == pytest.approx(1.0, abs=0.1)
    assert check.likeness == check.kinds["speech"]
    assert check.passes
    assert command.row(check).endswith("pass")
    assert any("speech" in line for line in command.details(check))


def test_lag_and_reduced_amplitude_are_measured(demo: RobotDescription) -> None:
    skeleton, motion = load_skeleton(), waving(10.0)
    q, _ = retarget_motion(DifferentialIk(demo), skeleton, motion)

    def measured(performed: np.ndarray):
        return pool_likeness([LikenessMeter(demo, skeleton).compare(motion, performed)])

    same, late = measured(q), measured(np.concatenate([q[:2], q[:-2]]))
    small = measured(q[100] + 0.5 * (q - q[100]))
    assert same.timing > 0.98
    assert same.lag_s == pytest.approx(0.0, abs=0.005)
    assert late.lag_s == pytest.approx(0.08, abs=0.01)
    assert late.timing < 0.9
    assert set(late.limbs_deg) == set(LIMBS)
    assert late.error_p95_deg > 5 + same.error_p95_deg
    assert small.amplitude == pytest.approx(0.5 * same.amplitude, rel=0.1)
    assert small.timing > 0.95


def test_likeness_of_too_short_a_motion_is_nan(demo: RobotDescription) -> None:
    entry = LikenessMeter(demo, load_skeleton()).compare(waving(1.0), np.zeros((25, len(demo.joint_names))))
    assert np.isnan(pool_likeness([entry]).error_deg)
    assert pool_likeness([entry]).seconds == 0.0


def test_a_slow_robot_has_a_lower_timing_correlation_and_larger_errors(demo: RobotDescription) -> None:
    slow = dataclasses.replace(demo, limits=dataclasses.replace(demo.limits, velocity=0.1 * demo.limits.velocity))
    found = []
    for robot in (demo, slow):
        q, _ = retarget_motion(DifferentialIk(robot), load_skeleton(), waving(8.0))
        found.append(pool_likeness([LikenessMeter(robot, load_skeleton()).compare(waving(8.0), q)]))
    assert found[0].timing > 0.98 > 0.9 > found[1].timing
    assert found[1].error_deg > 5 + found[0].error_deg


def test_inspect_prints_every_joint_and_note(demo: RobotDescription, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["robot", "inspect", str(DEMO)]) == 0
    printed = " ".join(capsys.readouterr().out.split())  # long notes are wrapped
    assert all(name in printed for name in demo.joint_names)
    assert all(note in printed for note in join_notes(demo.notes, demo.groups))


@pytest.mark.slow
def test_the_written_profile_changes_nothing(demo: RobotDescription, tmp_path: Path) -> None:
    path = tmp_path / "profiles" / "demo.yaml"
    assert main(["robot", "profile", str(DEMO), "--out", str(path)]) == 0
    again = describe_robot(DEMO, load_profile(path))
    np.testing.assert_allclose(again.rest_q, demo.rest_q, atol=5e-4)
    assert (again.topics, again.groups) == (demo.topics, demo.groups)
    np.testing.assert_array_equal(again.limits.upper, demo.limits.upper)


@pytest.mark.parametrize("name", ["1e3", "yes", "left: elbow", "null", "0x10", "#j", "ä b", "a'b", "- x"])
def test_the_written_profile_can_be_read_whatever_the_names(demo: RobotDescription, tmp_path: Path, name: str) -> None:
    first = demo.joint_names[0]
    text = demo.model.urdf.text.replace(f'"{first}"', f'"{name}"')
    urdf, path = tmp_path / "robot.urdf", tmp_path / "profile.yaml"
    urdf.write_text(text.replace('<robot name="', f'<robot name="{name} '), encoding="utf-8")
    assert main(["robot", "profile", str(urdf), "--profile", "none", "--out", str(path)]) == 0
    profile = load_profile(path)
    assert name in profile.rest_pose
    assert profile.name.startswith(name)


@pytest.mark.slow
def test_a_robot_that_cannot_be_described_is_wrong_input_named_on_stderr(tmp_path: Path,
                                                                         capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "stick.urdf", tmp_path / "checks.json"
    path.write_text('<robot name="stick"><link name="base"/></robot>')
    robots = [str(path), str(tmp_path / "nope.urdf")]
    assert main(["robot", "check", *robots, "--minutes", "0.01", "--out", str(out)]) == 2
    printed = capsys.readouterr()
    lines = [line for line in printed.err.splitlines() if line.startswith("speech-gesture: ")]
    assert ["arms of stick" in lines[0], "nope.urdf" in lines[1], len(lines)] == [True, True, 2]
    assert printed.out == ""
    assert [check["passes"] for check in json.loads(out.read_text())] == [False, False]
