"""Every example runs, and prints and does what its description states."""

from __future__ import annotations

import dataclasses
import re
import runpy
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from speech_gesture_ros import RobotConfig, load_robot
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.window import Window

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TIMEOUT_S = 20.0


def run(name: str, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """Run an example as `python examples/NAME ARGUMENTS` does."""
    monkeypatch.setattr("sys.argv", [str(EXAMPLES / name), *arguments])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")


def test_all_examples_are_tested_and_short() -> None:
    source = Path(__file__).read_text()
    examples = sorted(EXAMPLES.glob("*.py"))
    assert len(examples) == 5
    for path in examples:
        assert f'"{path.name}"' in source, f"{path.name} has no test"
        assert 20 <= len(path.read_text().splitlines()) <= 70


def test_speech_to_poses_writes_poses_and_joint_angles(monkeypatch, tmp_path, capsys) -> None:
    sound, out = tmp_path / "speech.wav", tmp_path / "motion.npz"
    import soundfile

    t = np.arange(3 * 22_050) / 22_050
    soundfile.write(sound, 0.3 * np.sin(2 * np.pi * 140 * t) * (np.sin(2 * np.pi * 2 * t) > 0), 22_050)
    run("1_speech_to_poses.py", monkeypatch, str(sound), str(out))
    motion = np.load(out)
    assert motion["joint_xyz"].shape == (3 * POSE_RATE, len(motion["skeleton_joints"]), 3)
    assert motion["q"].shape == (3 * POSE_RATE, len(motion["joint_names"]))
    assert np.isfinite(motion["q"]).all()
    assert f"3.0 s of motion in {out}" in capsys.readouterr().out


def test_urdf_to_joint_angles_bends_the_right_elbow_only(monkeypatch, capsys) -> None:
    run("2_urdf_to_joint_angles.py", monkeypatch)
    angles = {name: (float(angle), float(rest)) for name, angle, rest in
              re.findall(r"^ +(\w+) +(-?[\d.]+) deg +\(at rest +(-?[\d.]+)\)$", capsys.readouterr().out, re.M)}
    assert len(angles) == 20
    assert abs(angles["right_elbow"][0]) > 60
    assert abs(angles["left_elbow"][0]) < 30


def test_gesture_request_is_performed_within_the_limits_of_the_controllers(monkeypatch, capsys) -> None:
    run("3_gesture_request.py", monkeypatch, '{"gesture": "nod", "delay": 2.0}')
    out = capsys.readouterr().out
    statuses = re.findall(r"nod: (\w+)", out)
    assert statuses == ["waiting", "accepted", "started", "done"]
    assert "0 windows rejected" in out
    assert float(re.search(r"fastest joint ([\d.]+) rad/s", out)[1]) > 0.5


def test_custom_stage_slows_the_robot(monkeypatch, capsys) -> None:
    run("4_custom_stage.py", monkeypatch)
    without, with_stage = (float(speed) for speed in re.findall(r"stage: ([\d.]+) rad/s", capsys.readouterr().out))
    assert 0 < with_stage < 0.9 * without


def test_custom_stage_gives_the_same_motion_for_any_chunking() -> None:
    from speech_gesture_ros import PoseChunk

    poses = np.random.default_rng(0).normal(size=(20, 17, 3))
    make = runpy.run_path(str(EXAMPLES / "4_custom_stage.py"))["CalmStage"]
    whole, stage = make(0.3).push(PoseChunk(0, poses)).values, make(0.3)
    parts = [stage.push(PoseChunk(i, poses[i:i + 3])).values for i in range(0, 20, 3)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.ros
def test_command_interface_sends_degrees() -> None:
    pytest.importorskip("rclpy")
    from speech_gesture_ros.nodes.outputs.choice import make_outputs
    from speech_gesture_ros.nodes.outputs.measured_joints import MeasuredJoints
    from speech_gesture_ros.robot.command_interfaces import register_interface

    register_interface(runpy.run_path(str(EXAMPLES / "5_command_interface.py"))["INTERFACE"])
    robot = load_robot(RobotConfig(interface="degrees"))
    head_only = {group: "none" for group in robot.groups if group != "head"}
    robot = dataclasses.replace(robot, commands=dataclasses.replace(robot.commands, groups=head_only))
    node = RecordingNode()
    (output,) = make_outputs(node, robot, MeasuredJoints(), time.monotonic_ns)
    try:
        output.activate()
        positions = np.full((5, len(robot.joint_names)), 0.5)
        window = Window(0, time.monotonic_ns(), positions, np.zeros_like(positions))
        end = time.monotonic() + TIMEOUT_S
        while not node.has_published.wait(0.02) and time.monotonic() < end:
            output.send(window)
    finally:
        output.close()
    assert node.topics == ["head/degrees"]
    assert node.messages[0].data.tolist() == [28.6] * len(robot.groups["head"])


class RecordingNode:
    """The calls of a node that an output with one publisher needs."""

    def __init__(self) -> None:
        self.topics: list[str] = []
        self.messages: list = []
        self.has_published = threading.Event()

    def get_namespace(self) -> str:
        return "/"

    def resolve_topic_name(self, topic: str) -> str:
        return f"/{topic.removeprefix('/')}"

    def create_publisher(self, kind: type, topic: str, qos: object) -> SimpleNamespace:
        self.topics.append(topic)
        return SimpleNamespace(publish=self.publish, get_subscription_count=lambda: 1, topic_name=topic)

    def publish(self, message: object) -> None:
        self.messages.append(message)
        self.has_published.set()

    def destroy_publisher(self, publisher: object) -> None:
        pass
