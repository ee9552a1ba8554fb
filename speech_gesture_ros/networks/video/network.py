r"""Generator: keypoints of two frames and the picture before to the picture. Critic: whether two pictures are recorded.

    keypoints k, keypoints k - 1, picture k - 1 ─► packed 2 x 2 ─► U-Net with skips ─┬─► person (3) ─┐
                                                                                     └─► mask (1) ───┼─► picture k
    background, fixed ──────────────────────────────────────────────────────────────────────────────┘

    picture = mask x person + (1 - mask) x background

The picture before as a condition is what makes a film steady; keypoints of two frames and the critic of two pictures
are those of Chan et al., "Everybody Dance Now" (ICCV 2019). The U-Net and the critic of patches follow Isola et al.
(CVPR 2017), the mask over a fixed background Balakrishnan et al. (CVPR 2018). Values of pictures are in [-1, 1].
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional

from speech_gesture_ros.networks.video.network_config import NORM_GROUPS, PACKING, VideoNetworkConfig

LEAKY_SLOPE = 0.2
COLOURS = 3
MASK_BIAS = -2.0  # of the mask before training: mostly background


class PersonGenerator(nn.Module):
    """Pictures of a person.

    Args:
        config: Sizes.
    """

    def __init__(self, config: VideoNetworkConfig) -> None:
        super().__init__()
        widths = config.channels
        self.entry = _Block(3 * COLOURS * PACKING**2, widths[0])
        self.downs = nn.ModuleList(_Block(a, b, stride=2) for a, b in itertools.pairwise(widths))
        self.middle = nn.Sequential(_Residual(widths[-1]), _Residual(widths[-1]))
        self.ups = nn.ModuleList(_Block(a + b, b) for a, b in zip(widths[:0:-1], widths[-2::-1]))
        self.exit = nn.Conv2d(widths[0], (COLOURS + 1) * PACKING**2, 3, padding=1)
        nn.init.normal_(self.exit.weight, std=0.02)
        nn.init.zeros_(self.exit.bias)
        with torch.no_grad():
            self.exit.bias[COLOURS * PACKING**2:] = MASK_BIAS
        self.to(memory_format=torch.channels_last)  # a fifth faster on processors

    def forward(self, keypoints: Tensor, before: Tensor, picture_before: Tensor, background: Tensor) -> Tensor:
        """Draw the next picture, or a piece of it.

        Args:
            keypoints: (B, 3, H, W) picture of the keypoints; H and W are multiples of `config.step`.
            before: (B, 3, H, W) that of the frame before.
            picture_before: (B, 3, H, W) the picture before; the background at the begin of a film.
            background: (B or 1, 3, H, W) picture that is shown where the mask is 0.

        Returns:
            (B, 3, H, W) picture in [-1, 1].
        """
        encoded = self.entry(functional.pixel_unshuffle(
            torch.cat([keypoints + 1, before + 1, picture_before - background], dim=1), PACKING))  # 0 where nothing is
        levels = [encoded]
        for down in self.downs:
            levels.append(down(levels[-1]))
        drawn = self.middle(levels.pop())
        for up in self.ups:
            finer = levels.pop()
            drawn = up(torch.cat([functional.interpolate(drawn, size=finer.shape[2:], mode="nearest"), finer], dim=1))
        out = functional.pixel_shuffle(self.exit(drawn).float(), PACKING)
        person, mask = torch.tanh(out[:, :COLOURS]), torch.sigmoid(out[:, COLOURS:])
        picture: Tensor = mask * person + (1.0 - mask) * background
        return picture


class PictureCritic(nn.Module):
    """Two pictures with their keypoints to scores of patches, 1 recorded and 0 generated, and the layers before."""

    def __init__(self, config: VideoNetworkConfig) -> None:
        super().__init__()
        width = config.critic_channels
        sizes = (4 * COLOURS * PACKING**2, width, 2 * width, 4 * width)
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, 4, stride=2, padding=1), nn.LeakyReLU(LEAKY_SLOPE))
            for a, b in itertools.pairwise(sizes))
        self.scores = nn.Conv2d(sizes[-1], 1, 3, padding=1)

    def forward(self, keypoints: Tensor, pictures: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Compute the scores (B, 1, S / 16, S / 16) of (B, 6, S, S) keypoints and (B, 6, S, S) pictures."""
        x = functional.pixel_unshuffle(torch.cat([keypoints, pictures], dim=1), PACKING)
        features = []
        for layer in self.layers:
            x = layer(x)
            features.append(x)
        return self.scores(x), features


class _Block(nn.Sequential):
    """Two convolutions of 3, the first with a stride, each with group normalisation and leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__(nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
                         nn.GroupNorm(NORM_GROUPS, outputs), nn.LeakyReLU(LEAKY_SLOPE),
                         nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
                         nn.GroupNorm(NORM_GROUPS, outputs), nn.LeakyReLU(LEAKY_SLOPE))


class _Residual(nn.Module):
    """A block whose output is added to its input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.block = _Block(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.block(x)
        return out
