"""The file of `avatar fit --ros-params` is taken by the real nodes, with the values that fit the voice."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")
soundfile = pytest.importorskip("soundfile", reason="needs pip install '.[agent]'")

from small_face import small_face_bundle
from tube_voice import tube_voice

from speech_gesture_ros.cli.main import main
from speech_gesture_ros.face.upper_face import UpperFaceControls
from speech_gesture_ros.networks.face.bundle import save_face_bundle
from speech_gesture_ros.nodes.face_node import FaceNode
from speech_gesture_ros.nodes.face_settings import FaceSettings
from speech_gesture_ros.nodes.gesture_node import SUCCESS, GestureNode
from speech_gesture_ros.nodes.parameters import read
from speech_gesture_ros.nodes.settings import GestureSettings


def test_gesture_node_and_face_node_take_the_idle_activity_of_a_voice(graph, tmp_path: Path, tiny_bundle: Path,
                                                                      caplog: pytest.LogCaptureFixture) -> None:
    speech, params = tmp_path / "a # voice: \n1.wav", tmp_path / "idle.yaml"
    soundfile.write(speech, tube_voice(f0_hz=110.0, tract_cm=17.4), 16_000)
    axes = ["blinks=1", "movement=-0.5"]  # 24 blinks a minute instead of 17; movements times 0.8
    assert main(["avatar", "fit", str(speech), "--set", *axes, "--ros-params", str(params)]) == 0
    save_face_bundle(small_face_bundle(), tmp_path / "face")
    arguments = ["--ros-args", "--params-file", str(params), "-p", f"face.model:={tmp_path / 'face'}",
                 "-p", "face.enabled:=true", "-p", "autostart:=false", "-p", f"model:={tiny_bundle}"]
    with caplog.at_level(logging.WARNING):
        node = graph.add(GestureNode(cli_args=arguments))
        assert node.trigger_configure() == SUCCESS
        face = graph.add(FaceNode(cli_args=["--ros-args", "--params-file", str(params),
                                            "-p", f"model:={tmp_path / 'face'}"]))
    assert "unknown parameter" not in caplog.text
    expected = UpperFaceControls(1.412, 0.8, 0.8)
    settings = read(node, GestureSettings)
    assert settings.amplitude == 0.8
    assert settings.face_config is not None
    assert settings.face_config.upper_face == expected
    assert node.session.runner.agent.face.timeline.stage._upper.controls == expected
    assert read(face, FaceSettings).upper_face == expected
    assert face._stage._upper.controls == expected
