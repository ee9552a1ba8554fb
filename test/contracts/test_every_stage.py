"""Rules of every streaming stage, from sound to robot joints (stated in `core/stage.py`).

A new stage is one line in `CASES`.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.chunks import (
    ActivityChunk,
    ArticulationChunk,
    AudioChunk,
    BoneChunk,
    Chunk,
    FaceChunk,
    FeatureChunk,
    JointChunk,
    PictureChunk,
    PoseChunk,
    concatenate,
)
from speech_gesture_ros.core.rates import FACE_RATE, FEATURE_RATE, POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.core.stage import Stage

RATES = {AudioChunk: SAMPLE_RATE, FeatureChunk: FEATURE_RATE, ActivityChunk: POSE_RATE, PoseChunk: POSE_RATE,
         BoneChunk: POSE_RATE, JointChunk: POSE_RATE, ArticulationChunk: FACE_RATE, FaceChunk: FACE_RATE,
         PictureChunk: POSE_RATE}
SOUND_RATE = 44_100  # [Hz] of the raw input of the audio stage


class RawSound(Chunk):
    """(T, 2) float32 frames at `SOUND_RATE`."""


RATES[RawSound] = SOUND_RATE


# -- input of the stages --------------------------------------------------------------------------------------------


@cache
def voice(rate: int) -> np.ndarray:
    """Three seconds of synthetic speech: harmonics with a varying pitch, in syllables, with a pause."""
    t = np.arange(3 * rate) / rate
    pitch = 120 + 30 * np.sin(2 * np.pi * 0.7 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    buzz = sum(np.sin(k * phase) / k for k in range(1, 20))
    syllables = np.clip(np.sin(2 * np.pi * 2.3 * t), 0, 1) * ((t < 1.2) | (t > 1.9))
    return (0.15 * buzz * syllables + 1e-4 * np.random.default_rng(1).normal(size=len(t))).astype(np.float32)


def features() -> np.ndarray:
    from speech_gesture_ros.features.prosodic_mel import compute_prosodic_mel

    return compute_prosodic_mel(voice(SAMPLE_RATE))


def log_mel() -> np.ndarray:
    from speech_gesture_ros.features.log_mel import compute_log_mel

    return compute_log_mel(voice(SAMPLE_RATE))


def poses() -> np.ndarray:
    """Two seconds of arms swinging in front of the body."""
    skeleton = load_skeleton()
    t = np.arange(2 * POSE_RATE)[:, None] / POSE_RATE
    bones = np.repeat(skeleton.offsets[None], len(t), axis=0)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        swing = 0.5 + 0.4 * np.sin(2 * np.pi * (0.9 + 0.2 * sign) * t)
        forearm = np.concatenate([np.cos(swing), -0.3 * sign * np.sin(2 * t), np.sin(swing) - 0.6], axis=1)
        forearm /= np.linalg.norm(forearm, axis=1, keepdims=True)
        for part in ("wrist", "hand"):
            joint = skeleton.index[f"{side}_{part}"]
            bones[:, joint] = forearm * skeleton.bone_lengths[joint]
    return skeleton.xyz_from_bones(bones).astype(np.float32)


def articulation() -> np.ndarray:
    from speech_gesture_ros.face.dominance import TimedPhone, articulate

    names = ("p", "iy", "t", "m", "ay", "f", "uw", "s", "b", "ow")
    phones = [TimedPhone(name, 0.1 * i + 0.2, 0.1 * i + 0.3) for i, name in enumerate(names)]
    return articulate([*phones, *(TimedPhone(p.name, p.start_s + 1.3, p.end_s + 1.3) for p in phones)], 150)


# -- the stages, with the methods of core.stage ------------------------------------------------------------------------


def feature_stage() -> Stage:
    from speech_gesture_ros.features.prosodic_mel import ProsodicMelStage

    return ProsodicMelStage()


def log_mel_stage() -> Stage:
    from speech_gesture_ros.features.log_mel import open_stage

    return open_stage()


def kucherenko_16k_stage() -> Stage:
    from speech_gesture_ros.features.kucherenko_16k import open_stage

    return open_stage()


def voice_activity_stage() -> Stage:
    from speech_gesture_ros.audio.voice_activity import VoiceActivityStage

    return VoiceActivityStage()


@cache
def bundle() -> object:
    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.networks.strokes.bundle import load_stroke_bundle

    return load_stroke_bundle(resolve("default", "models"))


def gesture_stage(look_ahead_s: float) -> Stage:
    from speech_gesture_ros.networks.strokes.model_stage import StrokeStage

    return StrokeStage(bundle(), look_ahead_s=look_ahead_s, seed=3, device="cpu")


def code_stage(look_ahead_s: float) -> Stage:
    from small_bundle import write_small_bundle

    from speech_gesture_ros.networks.speech_to_motion.bundle import load_bundle
    from speech_gesture_ros.networks.speech_to_motion.model_stage import SpeechToMotionStage

    with tempfile.TemporaryDirectory() as folder:
        small = load_bundle(write_small_bundle(Path(folder)))
    return SpeechToMotionStage(small, look_ahead_s=look_ahead_s, seed=3, device="cpu")


@cache
def speech2gesture_bundle() -> object:
    """A tiny network with random weights."""
    import torch

    from speech_gesture_ros.core.keypoints import keypoints_from_pose
    from speech_gesture_ros.networks.speech2gesture.bundle import KeypointStatistics, Speech2GestureBundle
    from speech_gesture_ros.networks.speech2gesture.network import Generator
    from speech_gesture_ros.networks.speech2gesture.network_config import Speech2GestureConfig

    torch.manual_seed(0)
    config, skeleton = Speech2GestureConfig((4, 6, 8), 16, 2, 8), load_skeleton()
    network = Generator(config)
    network.train()(torch.randn(4, 418, 64) * 3 - 6)
    weights = {name: value for name, value in network.state_dict().items() if "num_batches" not in name}
    mean = keypoints_from_pose(skeleton.rest_xyz, skeleton)[1:].astype(np.float32)
    return Speech2GestureBundle("tiny", "test", config, KeypointStatistics(mean, np.full((48, 2), 0.03, np.float32)),
                                skeleton, weights)


def speech2gesture_stage() -> Stage:
    from speech_gesture_ros.networks.speech2gesture.model_stage import Speech2GestureStage

    return Speech2GestureStage(speech2gesture_bundle(), look_ahead_s=0.4, device="cpu")


def kucherenko_feature_stage() -> Stage:
    from speech_gesture_ros.features.kucherenko import open_stage

    return open_stage()


@cache
def kucherenko_features() -> np.ndarray:
    stage = kucherenko_feature_stage()
    return np.concatenate([stage.push(AudioChunk(0, voice(SAMPLE_RATE))).values, stage.flush().values])


def kucherenko_stage(look_ahead_s: float) -> Stage:
    """A small network of the published kind, with random weights."""
    from speech_gesture_ros.features.kucherenko import FEATURE_NAMES
    from speech_gesture_ros.networks.kucherenko.bundle import KucherenkoBundle
    from speech_gesture_ros.networks.kucherenko.model_stage import KucherenkoStage
    from speech_gesture_ros.networks.kucherenko.network_config import KucherenkoConfig, parameter_shapes

    config = KucherenkoConfig(columns=FEATURE_NAMES, dense=(16, 16), hidden=12, gru="keras2", representation=8,
                              frames="published", normalisation="running", output="published", values_per_joint=3)
    rng, pose = np.random.default_rng(2), config.pose_size(17)
    weights = {name: np.abs(rng.normal(0, 0.2, shape)) + (1.0 if name.endswith("running_var") else 0.0)
               for name, shape in parameter_shapes(config, 17).items()}
    mean, std = kucherenko_features().mean(axis=0), kucherenko_features().std(axis=0) + 0.01
    return KucherenkoStage(KucherenkoBundle("tiny", config, load_skeleton(), mean, std, mean - std,
                                            rng.normal(0, 30, pose).astype(np.float32),
                                            np.full(pose, 5, np.float32), weights), look_ahead_s)


def face_model_stage(look_ahead_s: float) -> Stage:
    from small_face import small_face_bundle

    from speech_gesture_ros.networks.face.model_stage import FaceModelStage

    return FaceModelStage(small_face_bundle(), look_ahead_s)


def face_stage() -> Stage:
    from speech_gesture_ros.face.face_stage import FaceStage
    from speech_gesture_ros.face.style import FaceStyle

    return FaceStage(FaceStyle(1.2, 0.8, 0.7), seed=4)


def video_stage() -> Stage:
    from speech_gesture_ros.networks.video.video_stage import VideoStage

    from small_person import small_video_bundle

    return VideoStage(small_video_bundle())


def keypoint_pictures() -> np.ndarray:
    import small_person

    return small_person.keypoint_pictures()


@cache
def description() -> object:
    from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
    from speech_gesture_ros.retargeting import load_robot

    return load_robot(PipelineConfig())


def humanoid_stage() -> Stage:
    from speech_gesture_ros.avatar.gltf_reader import read_avatar
    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.pose.humanoid_rest import humanoid_rest
    from speech_gesture_ros.pose.humanoid_stage import HumanoidStage

    avatar = read_avatar(resolve("avatar", "models") / "avatar.glb")
    return HumanoidStage(load_skeleton(), humanoid_rest(avatar.bones, avatar.joints))


def retarget_stage() -> Stage:
    from speech_gesture_ros.retargeting import RetargetStage

    return RetargetStage(description(), load_skeleton())


class AudioAdapter:
    """Audio stage, which takes bytes as a driver gives them."""

    def __init__(self) -> None:
        from speech_gesture_ros.audio.audio_stage import AudioStage
        from speech_gesture_ros.audio.pcm import PcmFormat

        self._stage = AudioStage(PcmFormat(sample_rate=SOUND_RATE, channels=2, encoding="f32le"))
        self.latency_s = self._stage.latency_s
        self.flush, self.reset = self._stage.flush, self._stage.reset

    def push(self, chunk: RawSound) -> AudioChunk:
        return self._stage.push(np.ascontiguousarray(chunk.values, dtype="<f4").tobytes())


class PerformanceAdapter:
    """Performance stage, which takes two streams; speech lasts from 0.4 s to 1.3 s."""

    def __init__(self) -> None:
        from speech_gesture_ros.pose.performance_stage import PerformanceStage

        self._stage = PerformanceStage(load_skeleton(), seed=5)
        self.latency_s = self._stage.total_latency_s(pose_latency_s=0.0, activity_latency_s=0.0)
        self.flush = self._stage.flush

    def reset(self) -> None:
        self._stage.reset()

    def push(self, chunk: PoseChunk) -> PoseChunk:
        time = np.arange(chunk.start_index, chunk.stop_index) / POSE_RATE
        activity = ((time >= 0.4) & (time < 1.3)).astype(np.float32)
        return self._stage.push(chunk, ActivityChunk(chunk.start_index, activity))


class GesturesAdapter(PerformanceAdapter):
    """The same with smaller amplitude and requested gestures, some of one body part, at fixed frames."""

    REQUESTS = (("nod", 20.0), ("open_palm", 24.5), ("point_left", 47.3), ("shake", 31.0))

    def __init__(self) -> None:
        from speech_gesture_ros.core.controls import GestureControls

        super().__init__()
        self._stage.set_controls(GestureControls(amplitude=0.6))
        self.reset()

    def reset(self) -> None:
        from speech_gesture_ros.pose.gesture_requests import GestureRequest

        self._stage.reset()
        for name, frame in self.REQUESTS:
            self._stage.request(GestureRequest(name), frame)


class PipelineAdapter:
    """The whole pipeline, from speech to robot joints."""

    def __init__(self) -> None:
        from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
        from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig

        self._pipeline = GesturePipeline(PipelineConfig(seed=3, device="cpu"), description())
        self.latency_s = self._pipeline.latency_s
        self.reset = self._pipeline.reset

    def push(self, chunk: AudioChunk) -> JointChunk:
        return self._pipeline.push(chunk).joints

    def flush(self) -> JointChunk:
        return self._pipeline.flush().joints


@dataclass(frozen=True)
class Case:
    """A stage, its input, and the tolerance of equality; `draws_go_on`: a reset does not begin its draws again."""

    make: Callable[[], Stage]
    kind: type[Chunk]
    values: Callable[[], np.ndarray]
    tolerance: float
    step: int = 1  # input frames per push in the measurement of latency; above 1 to save time
    draws_go_on: bool = False


CASES = {
    "audio": Case(AudioAdapter, RawSound, lambda: np.stack([voice(SOUND_RATE)] * 2, axis=1), 1e-6, step=7),
    "voice activity": Case(voice_activity_stage, AudioChunk, lambda: voice(SAMPLE_RATE), 1e-6, step=16),
    "features": Case(feature_stage, AudioChunk, lambda: voice(SAMPLE_RATE), 1e-5, step=16),
    "log-mel features": Case(log_mel_stage, AudioChunk, lambda: voice(SAMPLE_RATE), 1e-5, step=16),
    "features of 2019": Case(kucherenko_16k_stage, AudioChunk, lambda: voice(SAMPLE_RATE), 1e-3, step=16),
    "strokes": Case(lambda: gesture_stage(0.4), FeatureChunk, features, 1e-5, draws_go_on=True),
    "strokes without look-ahead": Case(lambda: gesture_stage(0.0), FeatureChunk, features, 1e-5, draws_go_on=True),
    "codes": Case(lambda: code_stage(0.4), FeatureChunk, features, 1e-5),
    "codes without look-ahead": Case(lambda: code_stage(0.0), FeatureChunk, features, 1e-5),
    "speech2gesture": Case(speech2gesture_stage, FeatureChunk, log_mel, 1e-6),
    "kucherenko features": Case(kucherenko_feature_stage, AudioChunk, lambda: voice(SAMPLE_RATE), 1e-5, step=16),
    "kucherenko network": Case(lambda: kucherenko_stage(0.4), FeatureChunk, kucherenko_features, 1e-5),
    "kucherenko without look-ahead": Case(lambda: kucherenko_stage(0.0), FeatureChunk, kucherenko_features, 1e-5),
    "performance": Case(PerformanceAdapter, PoseChunk, poses, 1e-6),
    "performance with gestures": Case(GesturesAdapter, PoseChunk, poses, 1e-6),
    "face model": Case(lambda: face_model_stage(0.08), FeatureChunk, features, 1e-5),
    "face model without look-ahead": Case(lambda: face_model_stage(0.0), FeatureChunk, features, 1e-5),
    "face": Case(face_stage, ArticulationChunk, articulation, 1e-6),
    "bones of an avatar": Case(humanoid_stage, PoseChunk, poses, 1e-9),
    "video": Case(video_stage, PictureChunk, keypoint_pictures, 1e-6),
    "retargeting": Case(retarget_stage, PoseChunk, poses, 1e-9),
    "pipeline": Case(PipelineAdapter, AudioChunk, lambda: voice(SAMPLE_RATE), 2e-4, step=160, draws_go_on=True),
}


@pytest.fixture(params=CASES.values(), ids=CASES.keys(), scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


def run(stage: Stage, kind: type[Chunk], values: np.ndarray, cuts: list[int]) -> Chunk:
    """Push the values cut at the given indices, flush, and concatenate the output."""
    bounds = [0, *sorted(cuts), len(values)]
    parts = [stage.push(kind(a, values[a:b])) for a, b in itertools.pairwise(bounds)]
    return concatenate([*parts, stage.flush()])


@cache
def offline(make: Callable[[], Stage], kind: type[Chunk], values: Callable[[], np.ndarray]) -> Chunk:
    return run(make(), kind, values(), [])


# -- the rules ---------------------------------------------------------------------------------------------------------


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_any_chunking_gives_the_offline_answer(case: Case, data: st.DataObject) -> None:
    values = case.values()
    cuts = data.draw(st.lists(st.integers(0, len(values)), max_size=25))
    whole = offline(case.make, case.kind, case.values)
    streamed = run(case.make(), case.kind, values, cuts)
    assert (streamed.start_index, streamed.values.shape) == (0, whole.values.shape)
    np.testing.assert_allclose(streamed.values, whole.values, atol=case.tolerance, rtol=0)


def test_output_lasts_as_long_as_input(case: Case) -> None:
    whole = offline(case.make, case.kind, case.values)
    seconds_in = len(case.values()) / RATES[case.kind]
    seconds_out = len(whole) / RATES[type(whole)]
    assert seconds_out == pytest.approx(seconds_in, abs=1.01 / RATES[type(whole)])


def test_later_input_never_changes_earlier_output(case: Case) -> None:
    values = case.values()
    middle = len(values) // 2
    stage = case.make()
    early = stage.push(case.kind(0, values[:middle]))
    other = values.copy()
    other[middle:] = other[middle:][::-1] * 0.3
    expected = run(case.make(), case.kind, other, [])
    assert len(early) > 0
    np.testing.assert_allclose(early.values, expected.values[: len(early)], atol=case.tolerance, rtol=0)


def test_declared_latency_is_the_measured_one(case: Case) -> None:
    """The longest wait for an output frame, over one and a half seconds of input in small steps."""
    values = case.values()
    values = values[: int(1.5 * RATES[case.kind])]
    stage, waits, due = case.make(), [], 0
    for start in range(0, len(values), case.step):
        chunk = case.kind(start, values[start : start + case.step])
        out = stage.push(chunk)
        now = chunk.stop_index / RATES[case.kind]
        waits += [now - k / RATES[type(out)] for k in range(due, out.stop_index)]
        due = out.stop_index
    assert waits, "no output"
    assert max(waits) == pytest.approx(stage.latency_s, abs=1.01 * case.step / RATES[case.kind])


def test_reset_equals_a_new_stage(case: Case) -> None:
    values = case.values()
    stage = case.make()
    stage.push(case.kind(0, values[: len(values) // 3]))
    stage.reset()
    again = run(stage, case.kind, values, [])
    expected = offline(case.make, case.kind, case.values).values
    if case.draws_go_on:  # the same history gives the same motion, and a new stream begins in the same way
        other = case.make()
        other.push(case.kind(0, values[: len(values) // 3]))
        other.reset()
        np.testing.assert_allclose(again.values[0], expected[0], atol=0.05)
        expected = run(other, case.kind, values, []).values
    np.testing.assert_array_equal(again.values, expected)


def test_the_same_input_gives_the_same_output(case: Case) -> None:
    again = run(case.make(), case.kind, case.values(), [])
    np.testing.assert_array_equal(again.values, offline(case.make, case.kind, case.values).values)


def test_an_empty_chunk_gives_nothing_and_changes_nothing(case: Case) -> None:
    values = case.values()
    stage = case.make()
    empty = stage.push(case.kind(0, values[:0]))
    assert len(empty) == 0
    after = run(stage, case.kind, values, [])
    np.testing.assert_array_equal(after.values, offline(case.make, case.kind, case.values).values)


@pytest.mark.parametrize("fault", ["silence", "nan", "infinite", "very large", "an interval of nan"])
def test_for_invalid_input_the_output_is_finite(case: Case, fault: str) -> None:
    values = case.values().copy()
    if fault == "silence":
        values *= 0
    elif fault == "an interval of nan":
        values[len(values) // 3 : len(values) // 2] = np.nan
    else:
        values[:] = {"nan": np.nan, "infinite": np.inf, "very large": 1e30}[fault]
    out = run(case.make(), case.kind, values, [len(values) // 2])
    assert out.values.shape == offline(case.make, case.kind, case.values).values.shape
    assert np.all(np.isfinite(out.values))
