"""Voice encoder, face decoder and, in training only, the face recogniser of Speech2Face.

    (B, 2, T, 257) spectrogram ─► nine convolutions, halved in time in between ─► mean over time ─► two dense ─► feature
    feature ─► first layer ─► axes of the identity (K), and 64 x 64 picture if the data have pictures
    axes, or a feature of one's own recogniser ─► feature, classes

Oh et al., "Speech2Face: Learning the face behind a voice" (CVPR 2019): 4 x 4 convolutions with ReLU and batch
normalisation, pooling in time only, stride 2 in the last two. The recogniser stands in the place of VGG-Face, whose
weights are not for every use; the decoder gives the axes of an avatar in the place of a normalised face.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from speech_gesture_ros.networks.speech2face.network_config import PICTURE, Speech2FaceConfig
from speech_gesture_ros.networks.speech2face.voice_spectrogram import NUM_BINS

KERNEL = 4
POOLED = (2, 3, 4, 5)  # convolutions that are followed by a maximum over two frames
STRIDED = (7, 8)  # convolutions with stride 2
_FIRST_SIDE, _PICTURE_CHANNELS = 4, (64, 32, 16, 8)


class VoiceEncoder(nn.Module):
    """Spectrogram to face feature."""

    def __init__(self, config: Speech2FaceConfig) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        self._has_magnitude = config.magnitude
        inputs, bins = 2 + config.magnitude, NUM_BINS
        for i, outputs in enumerate(config.channels):
            stride = 2 if i in STRIDED else config.first_stride if i == 0 else 1
            layers += [nn.ZeroPad2d((1, 2, 1, 2)), nn.Conv2d(inputs, outputs, KERNEL, stride),
                       nn.ReLU(), nn.BatchNorm2d(outputs)]
            inputs, bins = outputs, -(-bins // stride)
            if i in POOLED:
                layers.append(nn.MaxPool2d((2, 1), ceil_mode=True))
        self.convolutions = nn.Sequential(*layers)
        self.dense = nn.Sequential(nn.Linear(inputs * bins, config.dense), nn.ReLU(),
                                   nn.Linear(config.dense, config.feature))

    def forward(self, spectrogram: Tensor) -> Tensor:
        """Compute the (B, F) features of (B, 2, T, 257) spectrograms."""
        if self._has_magnitude:
            magnitude = torch.hypot(spectrogram[:, :1], spectrogram[:, 1:])
            spectrogram = torch.cat([spectrogram, magnitude], dim=1)
        over_time = self.convolutions(spectrogram).mean(dim=2)
        feature: Tensor = self.dense(over_time.flatten(1))
        return feature


class FaceDecoder(nn.Module):
    """Face feature to axes of the identity and, if the data have them, a picture.

    Args:
        config: Sizes.
        num_axes: Axes of the identity; 0 for none.
        has_pictures: True if there is a picture.
    """

    def __init__(self, config: Speech2FaceConfig, num_axes: int, has_pictures: bool) -> None:
        super().__init__()
        self.first = nn.Linear(config.feature, config.decoder)
        self.axes = nn.Linear(config.decoder, num_axes) if num_axes else None
        self.picture = _picture_decoder(config.decoder) if has_pictures else None

    def forward(self, feature: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Compute (B, K) axes and (B, 3, 64, 64) pictures in [0, 1] of (B, F) features."""
        hidden = functional.relu(self.first(feature))
        return (None if self.axes is None else self.axes(hidden),
                None if self.picture is None else self.picture(hidden))


class FaceRecogniser(nn.Module):
    """Faces to features and to the identities of the training; used in training only.

    Args:
        config: Sizes.
        num_inputs: Length of what describes a face: axes, or a feature of the data.
        num_people: Identities of the training.
    """

    def __init__(self, config: Speech2FaceConfig, num_inputs: int, num_people: int) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Linear(num_inputs, config.decoder), nn.ReLU(),
                                      nn.Linear(config.decoder, config.feature))
        self.people = nn.Linear(config.feature, num_people)

    def forward(self, face: Tensor) -> Tensor:
        """Compute the (B, F) features of (B, N) faces."""
        feature: Tensor = self.features(face)
        return feature


def _picture_decoder(width: int) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Linear(width, _PICTURE_CHANNELS[0] * _FIRST_SIDE**2),
                               nn.Unflatten(1, (_PICTURE_CHANNELS[0], _FIRST_SIDE, _FIRST_SIDE)), nn.ReLU()]
    side, inputs = _FIRST_SIDE, _PICTURE_CHANNELS[0]
    for outputs in (*_PICTURE_CHANNELS[1:], 3):
        layers += [nn.ConvTranspose2d(inputs, outputs, 4, 2, 1), nn.ReLU() if outputs != 3 else nn.Sigmoid()]
        side, inputs = 2 * side, outputs
    assert side == PICTURE
    return nn.Sequential(*layers)
