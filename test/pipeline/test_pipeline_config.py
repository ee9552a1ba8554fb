from __future__ import annotations

import pytest

from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.retargeting import load_robot


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan")])
def test_a_look_ahead_out_of_range_is_refused(value: float) -> None:
    with pytest.raises(ConfigError, match=r"look_ahead_s is .*0 to 1.0 s"):
        PipelineConfig(look_ahead_s=value)


@pytest.mark.parametrize("name", ["lead_s", "audio_timeout_s", "idle_timeout_s", "joint_timeout_s", "max_backlog_s"])
def test_times_out_of_range_are_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        AgentConfig(**{name: -1.0})


def test_limits_and_srdf_reach_the_robot(tmp_path) -> None:
    (tmp_path / "limits.yaml").write_text("joint_limits: {left_elbow: {has_velocity_limits: true, max_velocity: 0.5}}")
    (tmp_path / "robot.srdf").write_text('<robot name="r"><disable_default_collisions link="torso"/></robot>')
    plain = load_robot(PipelineConfig())
    robot = load_robot(PipelineConfig(joint_limits=str(tmp_path / "limits.yaml"), srdf=str(tmp_path / "robot.srdf")))
    i = robot.joint_names.index("left_elbow")
    assert robot.limits.velocity[i] == pytest.approx(0.45)
    assert plain.limits.velocity[i] > 1.0
    assert len(robot.collision_pairs) < len(plain.collision_pairs)
