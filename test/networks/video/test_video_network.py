"""Network that draws a person: bundle, errors, and that each picture depends on the one before."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.chunks import PictureChunk
from speech_gesture_ros.core.errors import BundleError, ConfigError, InputError
from speech_gesture_ros.networks.video.bundle import load_video_bundle, save_video_bundle
from speech_gesture_ros.networks.video.network import PersonGenerator, PictureCritic
from speech_gesture_ros.networks.video.network_config import VideoNetworkConfig
from speech_gesture_ros.networks.video.video_stage import VideoStage

from small_person import SIZE, keypoint_pictures, small_video_bundle


def test_bundle_is_read_as_written(tmp_path: Path) -> None:
    bundle = small_video_bundle()
    save_video_bundle(bundle, tmp_path)
    again = load_video_bundle(tmp_path)
    assert (again.name, again.network, again.card) == (bundle.name, bundle.network, bundle.card)
    for name in ("background", "person", "lengths"):
        np.testing.assert_array_equal(getattr(again, name), getattr(bundle, name))
    drawn, same = (VideoStage(b).push(PictureChunk(0, keypoint_pictures()[:5])).values for b in (bundle, again))
    np.testing.assert_array_equal(drawn, same)
    assert drawn.std() > 0.01


def test_bundle_of_another_size_is_refused(tmp_path: Path) -> None:
    bundle = small_video_bundle()
    save_video_bundle(dataclasses.replace(bundle, background=np.zeros((64, 64, 3), np.float32)), tmp_path)
    with pytest.raises(BundleError, match="background"):
        load_video_bundle(tmp_path)


def test_background_out_of_range_is_refused(tmp_path: Path) -> None:
    bundle = small_video_bundle()
    save_video_bundle(dataclasses.replace(bundle, background=bundle.background + 1), tmp_path)
    with pytest.raises(BundleError, match="0 to 1"):
        load_video_bundle(tmp_path)


def test_weights_of_another_network_are_refused() -> None:
    bundle = small_video_bundle()
    other = dataclasses.replace(bundle, network=VideoNetworkConfig(SIZE, (8, 8), 4))
    with pytest.raises(BundleError, match="parameter"):
        VideoStage(other)


def test_pictures_of_another_size_are_refused() -> None:
    with pytest.raises(InputError, match="shape of the keypoint pictures"):
        VideoStage(small_video_bundle()).push(PictureChunk(0, np.zeros((1, 64, 64, 3), np.float32)))


def test_each_picture_depends_on_the_one_before() -> None:
    pictures = keypoint_pictures()[:4]
    whole = VideoStage(small_video_bundle()).push(PictureChunk(0, pictures)).values
    last_alone = VideoStage(small_video_bundle()).push(PictureChunk(0, pictures[-1:])).values
    assert np.abs(whole[-1] - last_alone[0]).max() > 1e-3


def test_nan_is_black_and_output_is_finite_in_range() -> None:
    pictures = keypoint_pictures()[:3].copy()
    black, broken = pictures.copy(), pictures.copy()
    black[1] = 0.0
    broken[1] = np.nan
    drawn, expected = (VideoStage(small_video_bundle()).push(PictureChunk(0, p)).values for p in (broken, black))
    np.testing.assert_array_equal(drawn, expected)
    assert drawn.min() >= 0
    assert drawn.max() <= 1


def test_mask_of_zero_shows_the_background() -> None:
    config = VideoNetworkConfig(SIZE, (4, 8), 4)
    background = torch.rand(3, SIZE, SIZE) * 2 - 1
    network = PersonGenerator(config)
    with torch.no_grad():
        network.exit.weight.zero_()
        network.exit.bias[12:] = -100.0
    keypoints = torch.rand(2, 3, SIZE, SIZE)
    with torch.inference_mode():
        drawn = network(keypoints, keypoints, keypoints, background[None])
    torch.testing.assert_close(drawn, background.expand(2, -1, -1, -1))


def test_critic_scores_patches() -> None:
    pictures = torch.zeros(1, 6, 64, 64)
    scores, layers = PictureCritic(VideoNetworkConfig(64, (4, 8), 4))(pictures, pictures)
    assert scores.shape == (1, 1, 4, 4)
    assert [layer.shape[1] for layer in layers] == [4, 8, 16]


@pytest.mark.parametrize("sizes", [{"size": 48}, {"size": 1024}, {"channels": (4,)}, {"channels": (6, 8)},
                                   {"critic_channels": 0}])
def test_sizes_out_of_bounds_are_refused(sizes: dict) -> None:
    with pytest.raises(ConfigError):
        VideoNetworkConfig(**sizes)
