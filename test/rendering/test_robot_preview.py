"""Previews: sheet of poses and film with speech, also for a robot without shapes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from speech_gesture_ros.cli.main import main
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.robot_poses import human_poses, settled_poses
from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

DEMO = Path("config/robots/demo_humanoid.urdf").resolve()


def bare(urdf: str) -> str:
    """The same URDF without shapes."""
    return re.sub(r"<(visual|collision)\b.*?</\1>", "", urdf, flags=re.DOTALL)


def test_the_robot_reaches_each_pose(description: RobotDescription, skeleton: Skeleton) -> None:
    poses = {p.name: p for p in settled_poses(description, skeleton)}
    assert list(poses) == list(human_poses(skeleton))
    np.testing.assert_array_equal(poses["at rest"].q, description.rest_q)
    neck = description.joint_names.index("neck_yaw")
    assert poses["looking aside"].q[neck] - poses["ready"].q[neck] > 0.4
    elbow = description.joint_names.index("left_elbow")
    assert poses["at rest"].q[elbow] - poses["up"].q[elbow] > 0.5  # bends to negative angles


def test_a_robot_without_shapes_gets_shapes_for_torso_head_and_arms() -> None:
    robot = MujocoRobot(describe_robot(bare(DEMO.read_text(encoding="utf-8"))))
    shown = {robot.model.body(robot.model.geom_bodyid[g]).name for g in range(robot.model.ngeom)
            if robot.model.geom_group[g] <= 2}
    assert {"torso", "head", "left_fingers", "right_upper_arm", "left_forearm"} <= shown
    assert robot.self_contacts(robot.description.rest_q) == []


@pytest.mark.slow
def test_a_sheet_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "deep" / "demo.png"
    assert main(["robot", "preview", str(DEMO), "--out", str(path)]) == 0
    assert str(path) in capsys.readouterr().out
    picture = np.asarray(Image.open(path))
    assert picture.shape[1] > 1000
    assert picture.std() > 20


@pytest.mark.slow
def test_a_film_has_the_given_length(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    path = tmp_path / "demo.mp4"
    assert main(["robot", "preview", str(DEMO), "--out", str(path), "--seconds", "2"]) == 0
    with av.open(str(path)) as film:
        assert sum(1 for _ in film.decode(video=0)) == 50
        assert film.streams.audio


def test_another_kind_of_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["robot", "preview", str(DEMO), "--out", str(tmp_path / "demo.gif")]) == 2
    assert ".mp4" in capsys.readouterr().err
