"""Generator: a window of log-mel to the motion of 48 keypoints. Discriminator: motion, not poses, to scores.

    (B, 418, 64) log-mel
      ─► 2-D blocks 64 64↓ 128 128↓ 256 256↓ 256, then (3, 8) over all remaining bands ─► (B, 256, 51)
      ─► resampled to 64 frames ─► 1-D UNet: five times ↓, then doubled and added to the level above
      ─► four convolutions ─► 1 x 1 ─► (B, 64, 96) normalised x, y of 48 keypoints

    (B, 63, 96) differences of frames ─► three convolutions ─► (B, 16) score of each stretch

After Ginosar et al., CVPR 2019 (arXiv 1906.04160), sections 4.1 to 4.3 and the sizes of their published code. A block
is a convolution of 3 (or of 4 with stride 2: ↓), batch normalisation and a leaky ReLU of 0.2; edges are zeros.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from speech_gesture_ros.networks.speech2gesture.network_config import (
    NUM_DOWNS,
    NUM_MOVING,
    WINDOW_KEYPOINTS,
    Speech2GestureConfig,
)

LEAKY_SLOPE = 0.2  # of the leaky ReLU


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
        """Generate the keypoints of a batch of windows."""
        encoded = self.encoder(log_mel[:, None])[..., 0]
        resampled = functional.interpolate(encoded, size=WINDOW_KEYPOINTS, mode="linear", align_corners=False)
        levels = [self.before(resampled)]
        for down in self.downs:
            levels.append(down(levels[-1]))
        motion = levels.pop()
        for up in self.ups:
            motion = up(torch.repeat_interleave(motion, 2, dim=2) + levels.pop())
        frames: Tensor = self.keypoints(self.decoder(motion)).transpose(1, 2)
        return frames


class Discriminator(nn.Module):
    """(B, T, 96) normalised keypoints to (B, about T / 4) scores of their motion: 1 recorded, 0 generated."""

    def __init__(self, config: Speech2GestureConfig) -> None:
        super().__init__()
        width = config.discriminator_channels
        self.layers = nn.Sequential(
            _Same(_convolution(1, 2 * NUM_MOVING, width, 4, 2), (4,), 2), nn.LeakyReLU(LEAKY_SLOPE),
            _Block(1, width, 2 * width, down=True),
            _Block(1, 2 * width, 4 * width, kernel=(4,), same=True),
            _Same(_convolution(1, 4 * width, 1, 4, 1), (4,), 1),
        )

    def forward(self, keypoints: Tensor) -> Tensor:
        """Compute the scores of overlapping stretches of the motion; a constant offset has no effect."""
        motion = keypoints[:, 1:] - keypoints[:, :-1]
        scores: Tensor = self.layers(motion.transpose(1, 2))[:, 0]
        return scores


class _Same(nn.Module):
    """Zero padding for an output of ceil(length / stride); an odd number of zeros has one more at the end."""

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
    """Convolution, batch normalisation, leaky ReLU; no padding if a kernel is given, except with `same`."""

    def __init__(self, dimensions: int, inputs: int, outputs: int, *, down: bool = False,
                 kernel: tuple[int, ...] | None = None, same: bool = False) -> None:
        stride = 2 if down else 1
        sizes = kernel or (4 if down else 3,) * dimensions
        convolution = _convolution(dimensions, inputs, outputs, sizes, stride)
        norm: nn.Module = (nn.BatchNorm1d if dimensions == 1 else nn.BatchNorm2d)(outputs)
        super().__init__(_Same(convolution, sizes, stride) if same or kernel is None else convolution, norm,
                         nn.LeakyReLU(LEAKY_SLOPE))


def _convolution(dimensions: int, inputs: int, outputs: int, kernel: Any, stride: int) -> nn.Module:
    """A convolution with weights after Glorot and Bengio (2010) and zero bias."""
    layer: Any = (nn.Conv1d if dimensions == 1 else nn.Conv2d)(inputs, outputs, kernel, stride)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    result: nn.Module = layer
    return result
