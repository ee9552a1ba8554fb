"""Network of Speech2Face: the paper's sizes, shapes of any size, spectrogram, damaged bundles."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.errors import BundleError, ConfigError, InputError
from speech_gesture_ros.networks.speech2face.bundle import (
    DECODER,
    ENCODER,
    RECOGNISER,
    Speech2FaceBundle,
    VoiceToFace,
    load_speech2face,
    save_speech2face,
)
from speech_gesture_ros.networks.speech2face.network import FaceDecoder, FaceRecogniser, VoiceEncoder
from speech_gesture_ros.networks.speech2face.network_config import PAPER, Speech2FaceConfig
from speech_gesture_ros.networks.speech2face.voice_spectrogram import num_frames, voice_spectrogram

TINY = Speech2FaceConfig(0.6, (2, 2, 2, 2, 2, 4, 4, 4, 4), 2, True, 8, 6, 5)


def tiny_bundle() -> Speech2FaceBundle:
    torch.manual_seed(0)
    parts = {ENCODER: VoiceEncoder(TINY), DECODER: FaceDecoder(TINY, 2, True),
             RECOGNISER: FaceRecogniser(TINY, 2, 1).features}
    weights = {f"{prefix}{name}": value.numpy() for prefix, module in parts.items()
               for name, value in module.state_dict().items() if not name.endswith("num_batches_tracked")}
    return Speech2FaceBundle("tiny", TINY, ("a", "b"), True, np.zeros(2, np.float32), np.ones(2, np.float32),
                             np.zeros(2, np.float32), np.ones(2, np.float32), weights, "# tiny")


def test_sizes_of_the_paper() -> None:
    assert num_frames(PAPER.seconds) == 598
    with torch.device("meta"):
        encoder = VoiceEncoder(PAPER)
        feature = encoder(torch.zeros(2, 2, 598, 257))
    assert feature.shape == (2, 4096)
    parameters = sum(value.numel() for value in encoder.parameters())
    assert 135e6 < parameters < 165e6, "about 148 million in the paper"


def test_spectrogram_is_compressed_and_repeats_short_voices() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 16_000)
    spectrogram = voice_spectrogram(tone, 1.0)
    assert spectrogram.shape == (2, num_frames(1.0), 257)
    magnitude = np.hypot(*np.abs(spectrogram) ** (1 / 0.3))
    assert (magnitude.argmax(axis=1) == 32).all(), "1 kHz is bin 32 of 512 points at 16 kHz"
    assert magnitude.max() == pytest.approx(100, rel=0.02), "half the sum of the Hann window"
    np.testing.assert_allclose(voice_spectrogram(np.tile(tone, 2), 1.0), spectrogram, atol=1e-5)


@pytest.mark.parametrize("samples", [np.zeros(10), np.full(1000, np.nan), np.zeros((2, 1000))])
def test_unusable_sound_is_refused(samples: np.ndarray) -> None:
    with pytest.raises(InputError, match="voice"):
        voice_spectrogram(samples, 1.0)


def test_bundle_is_read_as_written_and_gives_the_same_face(tmp_path: Path) -> None:
    bundle = tiny_bundle()
    save_speech2face(bundle, tmp_path)
    voice = np.random.default_rng(0).normal(0, 0.1, 12_000)
    results = []
    for model in (VoiceToFace(bundle), VoiceToFace(load_speech2face(tmp_path))):
        axes, picture = model.face(model.feature(voice))
        results.append((axes, picture))
        assert set(axes) == {"a", "b"}
        assert picture.shape == (64, 64, 3)
        assert model.feature_of_faces(np.zeros((3, 2))).shape == (3, 6)
    assert results[0][0] == results[1][0]
    np.testing.assert_array_equal(results[0][1], results[1][1])


def test_damaged_bundles_are_refused(tmp_path: Path) -> None:
    bundle = tiny_bundle()
    save_speech2face(dataclasses.replace(bundle, std=np.array([1, 0], np.float32)), tmp_path / "std")
    with pytest.raises(BundleError, match="std"):
        load_speech2face(tmp_path / "std")
    missing = {name: value for name, value in bundle.weights.items() if name != "decoder.first.weight"}
    with pytest.raises(BundleError, match=r"first\.weight"):
        VoiceToFace(dataclasses.replace(bundle, weights=missing))


@pytest.mark.parametrize("sizes", [{"seconds": 0.1}, {"channels": (4, 4)}, {"first_stride": 3}, {"feature": 0},
                                   {"channels": (0, 2, 2, 2, 2, 4, 4, 4, 4)}])
def test_sizes_out_of_bounds_are_refused(sizes: dict) -> None:
    with pytest.raises(ConfigError):
        Speech2FaceConfig(**sizes)
