"""Speech in, safe joint trajectories for any humanoid out.

The public API is the names in ``__all__``, and the parameters, topics and services of the nodes; everything else may
change. A name is imported when it is first used, so that ``import speech_gesture_ros`` stays fast.

    speech ──► GesturePipeline ──► human poses and robot joints            offline, or in a program of your own
    speech ──► Agent ──► windows and poses with their times                in real time, with joint states of the robot
    URDF ──► load_robot ──► RobotDescription ──► RetargetStage             human poses to robot joints only

Examples that run are in ``examples/``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from speech_gesture_ros.agent.agent import Agent
    from speech_gesture_ros.agent.agent_config import AgentConfig
    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.audio.pcm import PcmFormat
    from speech_gesture_ros.core.chunks import AudioChunk, PoseChunk
    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
    from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
    from speech_gesture_ros.retargeting.load_robot import RobotConfig, load_robot
    from speech_gesture_ros.retargeting.stage import RetargetStage

_MODULES = {
    "Agent": "agent.agent",
    "AgentConfig": "agent.agent_config",
    "AudioChunk": "core.chunks",
    "GesturePipeline": "pipeline.gesture_pipeline",
    "PcmFormat": "audio.pcm",
    "PipelineConfig": "pipeline.pipeline_config",
    "PoseChunk": "core.chunks",
    "RetargetStage": "retargeting.stage",
    "RobotConfig": "retargeting.load_robot",
    "load_mono_16k": "audio.files",
    "load_robot": "retargeting.load_robot",
    "load_skeleton": "core.skeleton",
}

__all__ = [
    "Agent",
    "AgentConfig",
    "AudioChunk",
    "GesturePipeline",
    "PcmFormat",
    "PipelineConfig",
    "PoseChunk",
    "RetargetStage",
    "RobotConfig",
    "load_mono_16k",
    "load_robot",
    "load_skeleton",
]


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
