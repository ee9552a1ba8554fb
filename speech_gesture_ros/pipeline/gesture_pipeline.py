"""Speech to robot configurations: all stages as one.

    AudioChunk ─┬─► VoiceActivityStage ───────┐
                └─► FeatureBank ─┬─► model ──► PerformanceStage ─► RetargetStage ─► Motion
                                 └─► face model ─► articulation, if there is a face

The pipeline is a stage itself; its latency is the sum of the latencies. A further model on the same stream is opened
beside the first: the feature bank computes a feature set that both take once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.voice_activity import VoiceActivityStage
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.chunks import (
    ActivityChunk,
    ArticulationChunk,
    AudioChunk,
    JointChunk,
    PoseChunk,
    concatenate,
)
from speech_gesture_ros.core.controls import MAX_SCALE, GestureControls
from speech_gesture_ros.core.hand_shapes import HandShape
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.features.feature_bank import FeatureBank
from speech_gesture_ros.networks.face.bundle import load_face_bundle
from speech_gesture_ros.networks.face.model_stage import FaceModelStage
from speech_gesture_ros.networks.model import AccentModel, HandShapingModel, HoldingModel
from speech_gesture_ros.networks.model_registry import open_model
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.pipeline.telemetry import Telemetry
from speech_gesture_ros.pose.gesture_requests import GestureRequest
from speech_gesture_ros.pose.performance_stage import PerformanceStage
from speech_gesture_ros.pose.requested_gestures import GestureTiming
from speech_gesture_ros.retargeting import FingerStage, RetargetReport, RetargetStage, load_robot
from speech_gesture_ros.robot.description import RobotDescription

MAX_ANTICIPATION_S = 0.24  # human hands start 0.2 to 0.3 s before the voice


@dataclass(frozen=True)
class Motion:
    """Motion of human and robot, frame for frame, and what the mouth says.

    Attributes:
        poses: Of the human.
        joints: Of the robot.
        hand_shapes: (T, 2) `HandShape` of left and right hand.
        articulation: Of the face, at its own rate and with its own latency; None without a face.
    """

    poses: PoseChunk
    joints: JointChunk
    hand_shapes: npt.NDArray[np.int8]
    articulation: ArticulationChunk | None = None


class GesturePipeline:
    """16 kHz speech in, human and robot motion out.

    Attributes:
        model: Speech to human poses.
        face: Speech to articulation; None without a face.
        description: The robot.
        skeleton: The human skeleton of the poses.
        telemetry: Compute time of each stage.
        is_finite: False if the model has returned NaN or infinity since the last reset, which it then needs.
    """

    def __init__(self, config: PipelineConfig, description: RobotDescription | None = None,
                 telemetry: Telemetry | None = None) -> None:
        self.telemetry = telemetry or Telemetry()
        self.is_finite = True
        self.model = open_model(resolve(config.model, "models"), look_ahead_s=config.look_ahead_s, seed=config.seed,
                                 device=config.device)
        self.face: FaceModelStage | None = None
        if config.face is not None:
            self.face = FaceModelStage(load_face_bundle(resolve(config.face.model, "models")), config.face.look_ahead_s)
        self._features = FeatureBank([model.feature_set for model in (self.model.capabilities, self.face) if model])
        self.description = description or load_robot(config)
        self.skeleton: Skeleton = self.model.skeleton
        self._activity, self._is_silenced = VoiceActivityStage(), False
        # Hands rise before the voice as early as the look-ahead of the model allows without more latency.
        anticipation_s = min(MAX_ANTICIPATION_S, config.look_ahead_s)
        self._performance = PerformanceStage(self.skeleton, seed=config.seed, anticipation_s=anticipation_s)
        self._retarget = RetargetStage(self.description, self.skeleton)
        self._fingers = FingerStage(self.description)
        self.set_controls(GestureControls())
        self._performance.reset()  # without a ramp

    @property
    def latency_s(self) -> float:
        """Algorithmic delay of poses and joints [s]."""
        poses_s = self._features.latency_s(self.model.capabilities.feature_set) + self.model.latency_s
        return self._performance.total_latency_s(poses_s, self._activity.latency_s) + self._retarget.latency_s

    @property
    def face_latency_s(self) -> float:
        """Algorithmic delay of the articulation [s]; 0 without a face."""
        return self._features.latency_s(self.face.feature_set) + self.face.latency_s if self.face else 0.0

    @property
    def retarget_report(self) -> RetargetReport:
        """Counts of the retargeting since the stream began."""
        return self._retarget.report

    def set_controls(self, controls: GestureControls) -> None:
        """Apply controls from the next pose on; a model without the control activity makes smaller gestures instead."""
        self.model.set_controls(controls)
        amplitude = controls.amplitude * self.description.gesture_size
        if "activity" not in self.model.capabilities.controls:
            amplitude *= controls.activity
        self._performance.set_controls(replace(controls, amplitude=min(amplitude, MAX_SCALE)))

    def state_speech(self, is_speech: bool | None) -> None:
        """State whether someone speaks in the next samples; None: the sound decides. It stays at a reset.

        Without speech, as stated, all stages take the samples as silence. With speech the hands stay
        raised, also where the voice is too quiet to be detected; strokes still come from the voice alone.
        """
        self._activity.state_speech(is_speech)
        self._is_silenced = is_speech is False

    def request(self, request: GestureRequest, stroke: float | None = None) -> GestureTiming:
        """Plan a gesture over the motion, with its stroke at a pose frame: see `PerformanceStage.request`."""
        return self._performance.request(request, stroke)

    def take_accents(self) -> list[float]:
        """Return the times in the stream of accents of the voice since the last call [s]; none without such a model."""
        if not self.model.capabilities.has_accents:
            return []
        return cast(AccentModel, self.model).take_accents()

    def hold_back(self, frames: int) -> None:
        """Keep back the poses of the last samples, that many pose frames: they were known ahead of their time.

        The model sees that much more of the future; a push without samples returns what is kept back no longer. No
        effect with a model that cannot do so (`ModelCapabilities.can_hold_back`).
        """
        if self.model.capabilities.can_hold_back:
            cast(HoldingModel, self.model).hold_back(frames)
            self._performance.hold_back(frames)

    def push(self, chunk: AudioChunk) -> Motion:
        """Feed consecutive 16 kHz samples; return the motion they complete."""
        if self._is_silenced:
            chunk = AudioChunk(chunk.start_index, np.zeros_like(chunk.values))
        with self.telemetry.measure("voice_activity"):
            activity = self._activity.push(chunk)
        with self.telemetry.measure("features"):
            features = self._features.push(chunk)
        with self.telemetry.measure("network"):
            poses = self.model.push(features[self.model.capabilities.feature_set])
        self.is_finite &= bool(np.isfinite(poses.values).all())
        if self.face is None:
            return self._perform(poses, activity)
        with self.telemetry.measure("face_network"):
            articulation = self.face.push(features[self.face.feature_set])
        return replace(self._perform(poses, activity), articulation=articulation)

    def flush(self) -> Motion:
        """Return the remaining motion, as if silence followed."""
        self.hold_back(0)
        features = self._features.flush()
        poses = concatenate([self.model.push(features[self.model.capabilities.feature_set]), self.model.flush()])
        parts = [self._perform(poses, self._activity.flush()), self._move(self._performance.flush())]
        if self.face is None:
            return join_motions(parts)
        articulation = concatenate([self.face.push(features[self.face.feature_set]), self.face.flush()])
        return replace(join_motions(parts), articulation=articulation)

    def reset(self) -> None:
        """Return to the state of a new pipeline; the random draws of a model may go on (`Stage.reset` of the model)."""
        self.is_finite = True
        for stage in (self._activity, self._features, self.model, self._performance, self._retarget,
                      self._fingers):
            stage.reset()
        if self.face is not None:
            self.face.reset()

    def _perform(self, poses: PoseChunk, activity: ActivityChunk) -> Motion:
        with self.telemetry.measure("pose"):
            performed = self._performance.push(poses, activity)
        return self._move(performed)

    def _move(self, poses: PoseChunk) -> Motion:
        with self.telemetry.measure("retargeting"):
            shapes = self._hand_shapes(len(poses))
            return Motion(poses, self._fingers.push(self._retarget.push(poses), shapes), shapes)

    def _hand_shapes(self, count: int) -> npt.NDArray[np.int8]:
        """Return the (count, 2) hand shapes of the performed poses: of requests, else of the model, else at rest."""
        requested = self._performance.requested_shapes
        drawn = np.full((count, 2), HandShape.REST, np.int8)
        if self.model.capabilities.has_hand_shapes:
            drawn = cast(HandShapingModel, self.model).take_hand_shapes(count)
        return np.where(requested >= 0, requested, drawn)


def join_motions(parts: Sequence[Motion]) -> Motion:
    """Return the motion of consecutive parts, without articulation."""
    return Motion(concatenate([p.poses for p in parts]), concatenate([p.joints for p in parts]),
                  np.concatenate([p.hand_shapes for p in parts]))
