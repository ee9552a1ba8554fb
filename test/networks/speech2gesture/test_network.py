"""Shapes of the paper, input of the discriminator, and the published size of the default."""

from __future__ import annotations

import pytest
import torch

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.networks.speech2gesture.network import Discriminator, Generator
from speech_gesture_ros.networks.speech2gesture.network_config import Speech2GestureConfig

TINY = Speech2GestureConfig(encoder_channels=(4, 6, 8), channels=16, decoder_layers=2, discriminator_channels=8)


def test_a_window_of_features_gives_a_window_of_motion() -> None:
    network = Generator(TINY).eval()
    log_mel = torch.randn(2, 418, 64)
    assert network.encoder(log_mel[:, None]).shape == (2, 16, 51, 1)  # all remaining bands in one kernel
    assert network(log_mel).shape == (2, 64, 96)


def test_every_frame_depends_on_the_whole_window() -> None:
    """The lowest level of the UNet has two frames: the first second has an effect on the last frame."""
    torch.manual_seed(0)
    network = Generator(TINY).eval()
    log_mel = torch.randn(1, 418, 64, requires_grad=True)
    network(log_mel)[0, -1].sum().backward()
    assert log_mel.grad[0, :100].abs().max() > 0


def test_default_has_the_published_size() -> None:
    network = Generator(Speech2GestureConfig())
    assert network.encoder[6][0].convolution.weight.shape == (256, 256, 3, 3)
    assert network.encoder[7][0].weight.shape == (256, 256, 3, 8)
    assert network.downs[4][0].convolution.weight.shape == (256, 256, 4)
    assert len(network.decoder) == 4
    assert network.keypoints.weight.shape == (96, 256, 1)
    discriminator = Discriminator(Speech2GestureConfig())
    shapes = [tuple(p.shape) for p in discriminator.parameters() if p.dim() == 3]
    assert shapes == [(64, 96, 4), (128, 64, 4), (256, 128, 4), (1, 256, 4)]


def test_the_discriminator_depends_on_motion_and_not_on_a_constant_offset() -> None:
    torch.manual_seed(0)
    judge = Discriminator(TINY).eval()
    motion = torch.randn(3, 64, 96)
    scores = judge(motion)
    assert scores.shape == (3, 16)
    torch.testing.assert_close(judge(motion + torch.randn(3, 1, 96)), scores, atol=1e-4, rtol=1e-4)
    assert (judge(motion.flip(1)) - scores).abs().max() > 1e-3


def test_sizes_must_be_positive() -> None:
    with pytest.raises(ConfigError, match="encoder_channels is 0"):
        Speech2GestureConfig(encoder_channels=(4, 0, 8))
