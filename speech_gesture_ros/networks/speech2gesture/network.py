"""The generator hears a window of log-mel and moves 48 keypoints; the discriminator judges motion, not poses.

    (B, 418, 64) log-mel
      ─► 2-D blocks 64 64↓ 128 128↓ 256 256↓ 256, then (3, 8) over all bands that are left ─► (B, 256, 51)
      ─► stretched to 64 frames ─► 1-D UNet: five times ↓, then doubled and added to what lay there
      ─► four convolutions ─► 1 x 1 ─► (B, 64, 96) normalised x, y of 48 keypoints

    (B, 63, 96) differences of frames ─► three convolutions ─► (B, 16) is each stretch real?

After Ginosar et al., CVPR 2019 (arXiv 1906.04160), sections 4.1 to 4.3 and the sizes of their published code. A block
is a convolution of 3 (or of 4 with stride 2: ↓), batch normalisation and a leaky ReLU of 0.2; edges are zeros.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from speech_gesture_ros.networks.speech2gesture.network_config import (
    FRAMES,
    NUM_DOWNS,
    NUM_MOVING,
    Speech2GestureConfig,
)

SLOPE = 0.2


class Generator(nn.Module):
    """(B, 418, 64) log-mel to (B, 64, 96) normalised keypoints: x and y of the first, of the second, ..."""

    def __init__(self, config: Speech2GestureConfig) -> None:
        super().__init__()
        first, second, third = config.encoder_channels
        width = config.channels
        self.encoder = nn.Sequential(
            _Block(2, 1, first), _Block(2, first, first, down=True),
            _Block(2, first, second), _Block(2, second, second, down=True),
            _Block(2, second, third), _Block(2, third, third, down=True),
            _Block(2, third, third), _Block(2, third, width, kernel=(3, 8)),
        )
        self.before = nn.Sequential(_Block(1, width, width), _Block(1, width, width))
        self.downs = nn.ModuleList(_Block(1, width, width, down=True) for _ in range(NUM_DOWNS))
        self.ups = nn.ModuleList(_Block(1, width, width) for _ in range(NUM_DOWNS))
        self.decoder = nn.Sequential(*(_Block(1, width, width) for _ in range(config.decoder_layers)))
        self.keypoints = nn.Conv1d(width, 2 * NUM_MOVING, 1)
        nn.init.xavier_uniform_(self.keypoints.weight)
        nn.init.zeros_(self.keypoints.bias)

    def forward(self, log_mel: Tensor) -> Tensor:
        """All windows at once."""
        heard = self.encoder(log_mel[:, None])[..., 0]
        levels = [self.before(functional.interpolate(heard, size=FRAMES, mode="linear", align_corners=False))]
        for down in self.downs:
            levels.append(down(levels[-1]))
        motion = levels.pop()
        for up in self.ups:
            motion = up(torch.repeat_interleave(motion, 2, dim=2) + levels.pop())
        frames: Tensor = self.keypoints(self.decoder(motion)).transpose(1, 2)
        return frames


class Discriminator(nn.Module):
    """(B, T, 96) normalised keypoints to (B, about T / 4) scores of their motion: 1 real, 0 made."""

    def __init__(self, config: Speech2GestureConfig) -> None:
        super().__init__()
        width = config.discriminator_channels
        self.layers = nn.Sequential(
            _Same(_convolution(1, 2 * NUM_MOVING, width, 4, 2), (4,), 2), nn.LeakyReLU(SLOPE),
            _Block(1, width, 2 * width, down=True),
            _Block(1, 2 * width, 4 * width, kernel=(4,), same=True),
            _Same(_convolution(1, 4 * width, 1, 4, 1), (4,), 1),
        )

    def forward(self, keypoints: Tensor) -> Tensor:
        """Scores of overlapping stretches of the motion; where the person is makes no difference."""
        motion = keypoints[:, 1:] - keypoints[:, :-1]
        scores: Tensor = self.layers(motion.transpose(1, 2))[:, 0]
        return scores


class _Same(nn.Module):
    """Zeros around the input so that a convolution gives ceil(length / stride), one more zero at the end if odd."""

    def __init__(self, convolution: nn.Module, kernel: tuple[int, ...], stride: int) -> None:
        super().__init__()
        self.convolution, self.kernel, self.stride = convolution, kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        pads: list[int] = []
        for length, kernel in zip(reversed(x.shape[2:]), reversed(self.kernel)):
            missing = max(0, (-(-length // self.stride) - 1) * self.stride + kernel - length)
            pads += [missing // 2, missing - missing // 2]
        result: Tensor = self.convolution(functional.pad(x, pads))
        return result


class _Block(nn.Sequential):
    """Convolution, batch normalisation, leaky ReLU. A kernel that is given takes no zeros at the edges."""

    def __init__(self, dimensions: int, inputs: int, outputs: int, *, down: bool = False,
                 kernel: tuple[int, ...] | None = None, same: bool = False) -> None:
        stride = 2 if down else 1
        sizes = kernel or (4 if down else 3,) * dimensions
        convolution = _convolution(dimensions, inputs, outputs, sizes, stride)
        norm: nn.Module = (nn.BatchNorm1d if dimensions == 1 else nn.BatchNorm2d)(outputs)
        super().__init__(_Same(convolution, sizes, stride) if same or kernel is None else convolution, norm,
                         nn.LeakyReLU(SLOPE))


def _convolution(dimensions: int, inputs: int, outputs: int, kernel: Any, stride: int) -> nn.Module:
    """Weights after Glorot and Bengio, no bias at first."""
    layer: Any = (nn.Conv1d if dimensions == 1 else nn.Conv2d)(inputs, outputs, kernel, stride)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    result: nn.Module = layer
    return result
