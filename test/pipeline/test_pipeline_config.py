from __future__ import annotations

import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.pipeline.config import AgentConfig, PipelineConfig


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan")])
def test_a_look_ahead_out_of_range_is_refused(value: float) -> None:
    with pytest.raises(ConfigError, match=r"look_ahead_s is .*0 to 1.0 s"):
        PipelineConfig(look_ahead_s=value)


@pytest.mark.parametrize("name", ["lead_s", "audio_timeout_s", "idle_timeout_s", "joint_timeout_s", "max_backlog_s"])
def test_times_out_of_range_are_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        AgentConfig(**{name: -1.0})
