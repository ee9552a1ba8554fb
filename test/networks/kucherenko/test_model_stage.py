from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from speech_gesture_ros.core.chunks import FeatureChunk, concatenate
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.networks.kucherenko.bundle import KucherenkoBundle
from speech_gesture_ros.networks.kucherenko.frames import make_frames
from speech_gesture_ros.networks.kucherenko.joints import from_canonical, from_published
from speech_gesture_ros.networks.kucherenko.model_stage import KucherenkoStage, window_frames
from speech_gesture_ros.networks.kucherenko.network_config import KucherenkoConfig
from speech_gesture_ros.networks.kucherenko.numpy_network import KucherenkoNetwork

Make = Callable[..., KucherenkoBundle]


def perform(stage: KucherenkoStage, features: np.ndarray, step: int) -> np.ndarray:
    chunks = [stage.push(FeatureChunk(i, features[i:i + step])) for i in range(0, len(features), step)]
    return concatenate([*chunks, stage.flush()]).values


def poses_by_hand(bundle: KucherenkoBundle, features: np.ndarray, ahead: int) -> np.ndarray:
    """Poses after the description, window by window, without state."""
    network, config = KucherenkoNetwork(bundle), bundle.config
    frames = make_frames(np.concatenate([features, np.repeat(features[-1:], 4, axis=0)]), config.columns, config.frames)

    def frame(n: int) -> np.ndarray:
        return frames[n] if 0 <= n < len(frames) else bundle.silence

    def positions(n: int) -> np.ndarray:
        past = [frame(n + 5 * k) for k in range(-config.past, ahead + 1)]
        mirrored = [frame(n + 5 * max(2 * ahead - k, -config.past)) for k in range(ahead + 1, config.future + 1)]
        return network.decode(network.encode(network.embed(np.array(past + mirrored))[:, None]))[0]

    means = [np.mean([positions(max(0, 4 * k + i)) for i in range(-2, 3)], axis=0) for k in range(len(features) // 4)]
    convert = from_published if config.output == "published" else from_canonical
    return convert(np.array(means), bundle.skeleton)


@pytest.mark.parametrize(("ahead_s", "ahead"), [(0.0, 0), (0.1, 2), (0.2, 4), (1.5, 4)])
@pytest.mark.parametrize("output", ["canonical", "published"])
def test_the_stream_equals_the_evaluation_of_single_windows(make_bundle: Make, features: np.ndarray, ahead_s: float,
                                                   ahead: int, output: str) -> None:
    bundle = make_bundle(output=output, frames="published" if output == "published" else "mean")
    expected = poses_by_hand(bundle, features, ahead)
    for step in (1, 7, 101):
        found = perform(KucherenkoStage(bundle, ahead_s), features, step)
        assert found.shape == (25, 17, 3)
        np.testing.assert_allclose(found, expected, atol=1e-5, rtol=0)


def test_bones_have_the_lengths_of_the_skeleton(make_bundle: Make, features: np.ndarray) -> None:
    bundle = make_bundle()
    bones = bundle.skeleton.bones_from_xyz(perform(KucherenkoStage(bundle), features, 10))
    lengths = np.linalg.norm(bones, axis=-1)
    np.testing.assert_allclose(lengths, np.tile(bundle.skeleton.bone_lengths, (25, 1)), atol=1e-5)


def test_frames_beyond_the_look_ahead_are_the_past_mirrored() -> None:
    config = KucherenkoConfig(columns=("energy",), past=3, future=3)
    assert window_frames(config, 0).tolist() == [-3, -2, -1, 0, -1, -2, -3]
    assert window_frames(config, 1).tolist() == [-3, -2, -1, 0, 1, 0, -1]
    assert window_frames(config, 3).tolist() == [-3, -2, -1, 0, 1, 2, 3]
    longer = dataclasses.replace(config, past=1)
    assert window_frames(longer, 0).tolist() == [-1, 0, -1, -1, -1]  # never before the window


def test_columns_are_selected_by_name(make_bundle: Make, features: np.ndarray) -> None:
    bundle = make_bundle()
    names = ("pitch", "something else", *bundle.config.columns[:3])
    wide = np.concatenate([features[:, 3:], 9 * np.ones((101, 1), np.float32), features[:, :3]], axis=1)
    other = dataclasses.replace(bundle, config=dataclasses.replace(bundle.config, feature_names=names))
    np.testing.assert_array_equal(perform(KucherenkoStage(other), wide, 20),
                                  perform(KucherenkoStage(bundle), features, 20))


def test_another_speaker_gives_similar_motion_once_the_statistics_are_known(make_bundle: Make) -> None:
    """Features of another gain and range: the running normalisation removes both within 15 s."""
    bundle = make_bundle(normalisation="running")
    rng = np.random.default_rng(0)
    usual = rng.normal(0, 1, (4000, 4)).astype(np.float32)
    usual[:, 2] = np.abs(usual[:, 2])  # energy: above 0, so that all frames count
    other = 1.7 * usual + np.float32([1.5, -2.0, 0.5, 1.0])
    fixed = make_bundle(normalisation="fixed")

    def difference(which: KucherenkoBundle) -> float:
        a, b = (perform(KucherenkoStage(which), values, 500)[375:] for values in (usual, other))
        return float(np.linalg.norm(a - b, axis=-1).mean())

    assert difference(bundle) < 0.35 * difference(fixed)


def test_look_ahead_and_shape_are_checked(make_bundle: Make) -> None:
    with pytest.raises(ConfigError, match="look_ahead_s"):
        KucherenkoStage(make_bundle(), 2.0)
    with pytest.raises(ConfigError, match="feature frames"):
        KucherenkoStage(make_bundle()).push(FeatureChunk(0, np.zeros((3, 9), np.float32)))
