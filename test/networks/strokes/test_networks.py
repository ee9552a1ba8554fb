"""NumPy and torch compute the same; a bundle is read as it was written, and wrong ones are refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.errors import BundleError, ConfigError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.strokes.bundle import StrokeBundle, load_stroke_bundle, save_stroke_bundle
from speech_gesture_ros.networks.strokes.network_config import STATE_SIZE, StrokeNetworkConfig
from speech_gesture_ros.networks.strokes.numpy_network import NumpyCueEncoder, NumpyStrokeDecoder, check_parameters
from speech_gesture_ros.networks.strokes.torch_network import CueEncoder, StrokeDecoder


def weights_of(bundle: StrokeBundle, prefix: str) -> dict[str, torch.Tensor]:
    return {name[len(prefix):]: torch.as_tensor(value) for name, value in bundle.weights.items()
            if name.startswith(prefix)}


def test_the_encoder_detects_the_same_in_numpy_and_torch_in_any_chunks(bundle: StrokeBundle,
                                                                     features: np.ndarray) -> None:
    network = CueEncoder(bundle.network, torch.zeros(45), torch.ones(45)).eval()
    network.load_state_dict(weights_of(bundle, "speech_encoder."))
    frames = features[:400].reshape(100, -1).copy()
    frames[3] = np.nan
    with torch.inference_mode():
        expected = network(torch.from_numpy(frames)[None])[0].numpy()
    encoder = NumpyCueEncoder(bundle.network, bundle.feature_mean, bundle.feature_std, 0.5, bundle.weights)
    parts = [encoder.push(frames[a:b]) for a, b in ((0, 1), (1, 1), (1, 40), (40, 100))]
    np.testing.assert_allclose(np.concatenate([p.level for p in parts]), expected[:, 2], atol=1e-5)
    np.testing.assert_allclose(np.concatenate([p.voice for p in parts]), 1 / (1 + np.exp(-expected[:, 0])), atol=1e-5)
    np.testing.assert_allclose(np.concatenate([p.accent for p in parts]), 2 / (1 + np.exp(-expected[:, 1])), atol=1e-5)


def test_the_decoder_poses_the_same_in_numpy_and_torch(bundle: StrokeBundle, rng: np.random.Generator) -> None:
    network = StrokeDecoder(bundle.network, load_skeleton(), torch.zeros(STATE_SIZE), torch.ones(STATE_SIZE))
    network.load_state_dict(weights_of(bundle, "motion_decoder."))
    z = rng.normal(size=(20, STATE_SIZE)).astype(np.float32)
    made = NumpyStrokeDecoder(bundle.skeleton, bundle.state_mean, bundle.state_std, bundle.weights).decode(z)
    with torch.inference_mode():
        np.testing.assert_allclose(made, network(torch.from_numpy(z)).numpy(), atol=1e-5)
    lengths = np.linalg.norm(bundle.skeleton.bones_from_xyz(made), axis=-1)
    np.testing.assert_allclose(lengths, np.broadcast_to(bundle.skeleton.bone_lengths, lengths.shape), atol=1e-5)


def test_a_bundle_is_read_as_it_was_written(bundle: StrokeBundle, tmp_path: Path) -> None:
    save_stroke_bundle(bundle, tmp_path)
    read = load_stroke_bundle(tmp_path)
    assert (read.laws, read.templates, read.network, read.held_out_speakers) == (
        bundle.laws, bundle.templates, bundle.network, bundle.held_out_speakers)
    for name, value in bundle.weights.items():
        np.testing.assert_array_equal(read.weights[name], value)


@pytest.mark.parametrize(("change", "message"), [
    ({"accent_threshold": 0.0}, "accent_threshold"),
    ({"templates": ()}, "templates"),
    ({"feature_names": ("a", "b")}, "num_features"),
    ({"state_std": np.zeros(STATE_SIZE, np.float32)}, "state_std"),
])
def test_a_bundle_that_does_not_fit_is_refused(bundle: StrokeBundle, tmp_path: Path, change, message: str) -> None:
    save_stroke_bundle(dataclasses.replace(bundle, **change), tmp_path)
    with pytest.raises(BundleError, match=message):
        load_stroke_bundle(tmp_path)


def test_weights_of_another_size_are_refused(bundle: StrokeBundle) -> None:
    with pytest.raises(BundleError, match="motion_decoder"):
        check_parameters(bundle.weights, dataclasses.replace(bundle.network, decoder_hidden=13), 17)


@pytest.mark.parametrize("sizes", [{"channels": 0}, {"decoder_hidden": 10**6}, {"dilations": (0,)}])
def test_impossible_sizes_are_refused(sizes) -> None:
    with pytest.raises(ConfigError):
        StrokeNetworkConfig(45, **sizes)
