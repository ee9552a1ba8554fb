"""NumPy and torch compute the same; look-aheads; a bundle is read as it was written, and wrong ones are refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from small_face import small_face_bundle

from speech_gesture_ros.core.chunks import FeatureChunk
from speech_gesture_ros.core.errors import BundleError, ConfigError
from speech_gesture_ros.core.face_channels import PROSODY_COLUMNS, VISEME_COLUMNS
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.networks.face.bundle import load_face_bundle, save_face_bundle
from speech_gesture_ros.networks.face.model_stage import FaceModelStage
from speech_gesture_ros.networks.face.network_config import FaceNetworkConfig, look_ahead_frames
from speech_gesture_ros.networks.face.numpy_network import NumpyFaceNetwork
from speech_gesture_ros.networks.face.torch_network import FaceNetwork

FEATURES = len(FEATURE_NAMES)


@pytest.mark.parametrize("look_ahead", [0, 1, 2])
def test_numpy_and_torch_compute_the_same_in_any_chunks(look_ahead: int) -> None:
    bundle = small_face_bundle()
    network = FaceNetwork(bundle.network, torch.from_numpy(bundle.feature_mean), torch.from_numpy(bundle.feature_std))
    network.load_state_dict({name: torch.as_tensor(value) for name, value in bundle.weights.items()}, strict=False)
    frames = np.random.default_rng(1).normal(size=(90, 2 * FEATURES)).astype(np.float32)
    frames[7] = np.nan
    with torch.inference_mode():
        logits = network.eval()(torch.from_numpy(frames)[None], torch.tensor([look_ahead]))[0][0]
    made = NumpyFaceNetwork(bundle.network, bundle.feature_mean, bundle.feature_std, bundle.weights, look_ahead)
    out = np.concatenate([made.push(frames[a:b]) for a, b in ((0, 1), (1, 1), (1, 40), (40, 90))])
    np.testing.assert_allclose(out[:, VISEME_COLUMNS], torch.softmax(logits[:, :15], dim=1).numpy(), atol=1e-5)
    np.testing.assert_allclose(out[:, 15:], torch.sigmoid(logits[:, 15:]).numpy(), atol=1e-5)


def test_a_frame_depends_on_speech_up_to_its_look_ahead_and_no_further() -> None:
    features = np.random.default_rng(2).normal(size=(120, FEATURES)).astype(np.float32)
    other = features.copy()
    other[80:] = 0.0  # from 0.8 s on
    for look_ahead_s, first_changed in ((0.0, 40), (0.04, 38), (0.08, 36)):
        stages = [FaceModelStage(small_face_bundle(), look_ahead_s) for _ in range(2)]
        out, changed = (np.concatenate([s.push(FeatureChunk(0, f)).values, s.flush().values])[:, :15]
                        for s, f in zip(stages, (features, other)))
        differs = np.abs(out - changed).max(axis=1) > 1e-6
        assert int(np.flatnonzero(differs)[0]) == first_changed
        assert len(out) == 60


def test_loudness_and_pitch_are_those_of_the_frame_whatever_the_look_ahead() -> None:
    features = np.zeros((60, FEATURES), np.float32)
    features[:, FEATURE_NAMES.index("energy")] = -0.5
    features[20, FEATURE_NAMES.index("energy")] = 1.0  # 0.2 s: face frame 10
    features[30, FEATURE_NAMES.index("f0")] = 1.0  # 0.3 s: face frame 15
    for look_ahead_s in (0.0, 0.04, 0.08):
        stage = FaceModelStage(small_face_bundle(), look_ahead_s)
        out = np.concatenate([stage.push(FeatureChunk(0, features)).values, stage.flush().values])[:, PROSODY_COLUMNS]
        assert int(out[:, 0].argmax()) == 10
        assert (int(out[:, 1].argmax()), out[15, 1], out[0, 1]) == (15, 1.0, 0.5)


@pytest.mark.parametrize("look_ahead_s", [0.02, 0.05, -0.04, 1.0, float("nan")])
def test_another_look_ahead_is_refused(look_ahead_s: float) -> None:
    with pytest.raises(ConfigError, match=r"0, 0.04, 0.08"):
        look_ahead_frames(look_ahead_s)


def test_a_bundle_is_read_as_it_was_written_and_has_no_skeleton(tmp_path: Path) -> None:
    bundle = small_face_bundle()
    save_face_bundle(bundle, tmp_path)
    read = load_face_bundle(tmp_path)
    assert (read.network, read.feature_names, read.voices) == (bundle.network, bundle.feature_names, bundle.voices)
    for name, value in bundle.weights.items():
        np.testing.assert_array_equal(read.weights[name], value)
    assert not (tmp_path / "skeleton.yaml").exists()


@pytest.mark.parametrize(("change", "message"), [
    ({"feature_names": ("a", "b")}, "num_features"),
    ({"feature_std": np.zeros(FEATURES, np.float32)}, "feature_std"),
    ({"silence": np.zeros(3, np.float32)}, "silence"),
])
def test_a_bundle_that_does_not_fit_is_refused(change: dict, message: str, tmp_path: Path) -> None:
    save_face_bundle(dataclasses.replace(small_face_bundle(), **change), tmp_path)
    with pytest.raises(BundleError, match=message):
        load_face_bundle(tmp_path)


def test_weights_of_another_network_are_refused() -> None:
    bundle = dataclasses.replace(small_face_bundle(), network=FaceNetworkConfig(FEATURES, channels=9))
    with pytest.raises(BundleError, match="weights are not this network's"):
        FaceModelStage(bundle)


def test_features_of_another_width_are_refused() -> None:
    with pytest.raises(ConfigError, match="prosodic_mel"):
        FaceModelStage(small_face_bundle()).push(FeatureChunk(0, np.zeros((4, 3), np.float32)))
