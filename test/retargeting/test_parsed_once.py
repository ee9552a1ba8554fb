"""A robot is parsed once and has one kinematic model, from its URDF to a pipeline and a planner that are ready."""

from __future__ import annotations

import pinocchio as pin
import pytest

from speech_gesture_ros.control import MotionPlanner
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.retargeting import load_robot
from speech_gesture_ros.robot import urdf


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """URDFs parsed and pinocchio models built from now on."""
    found = {"urdf": 0, "model": 0}
    read_xml, model = urdf.read_xml, pin.Model

    def read(*args):
        found["urdf"] += 1
        return read_xml(*args)

    def build():
        found["model"] += 1
        return model()

    monkeypatch.setattr(urdf, "read_xml", read)
    monkeypatch.setattr(pin, "Model", build)
    return found


def test_from_the_urdf_to_a_ready_pipeline_it_is_parsed_once_and_modelled_once(counts) -> None:
    config = PipelineConfig(device="cpu")
    description = load_robot(config)
    assert counts == {"urdf": 1, "model": 1}
    GesturePipeline(config, description)
    MotionPlanner(description)
    assert counts == {"urdf": 1, "model": 1}


def test_a_second_robot_would_be_counted(counts) -> None:
    load_robot(PipelineConfig())
    load_robot(PipelineConfig(profile="none"))
    assert counts == {"urdf": 2, "model": 2}
