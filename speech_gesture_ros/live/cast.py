"""Everything that performs on the page, made from one configuration: two agents with one robot, face and avatar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.agent.agent_config import AgentConfig, live_speaker_config
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.live.avatar_body import AvatarBody
from speech_gesture_ros.live.stage_set import StageSet
from speech_gesture_ros.pipeline.face_config import FaceConfig
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig

AVATAR = "avatar/avatar.glb"  # in models/


@dataclass(frozen=True)
class Cast:
    """Performers of one session.

    Attributes:
        agent: For recordings.
        microphone_agent: For a voice that cannot be delayed, with the same robot.
        stage_set: What is drawn.
    """

    agent: Agent
    microphone_agent: Agent
    stage_set: StageSet


def make_cast(config: PipelineConfig, avatar: str | Path = AVATAR, mesh_folders: Iterable[Path] = ()) -> Cast:
    """Make the performers.

    Args:
        config: Of the pipeline; a face is added, and the agent of the microphone uses no look-ahead.
        avatar: GLB file, or a name in models.
        mesh_folders: Folders that may contain the meshes of the robot.

    Raises:
        SpeechGestureError: If model, robot or avatar cannot be used.
    """
    config = replace(config, face=FaceConfig(seed=config.seed))
    agent = Agent(AgentConfig(pipeline=config))
    live = live_speaker_config(config)
    microphone_agent = Agent(live, pipeline=GesturePipeline(live.pipeline, description=agent.description))
    skeleton = agent.pipeline.skeleton
    body = AvatarBody(resolve(avatar, "models"), skeleton)
    stage_set = StageSet(agent.description, skeleton, body, agent.pipeline.model.capabilities.families,
                         list(mesh_folders))
    return Cast(agent, microphone_agent, stage_set)
