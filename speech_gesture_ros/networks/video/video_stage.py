"""VideoStage: pictures of keypoints in, pictures of the person out, frame by frame; each picture needs the one before.

keypoint picture k ──┐
keypoint picture k-1 ┼─► PersonGenerator ─► picture k ─► PictureChunk 25 Hz
picture k-1 ─────────┘
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from speech_gesture_ros.core.chunks import PictureChunk
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.networks.bundle_checks import check_weights
from speech_gesture_ros.networks.device import pick_device
from speech_gesture_ros.networks.video.bundle import VideoBundle
from speech_gesture_ros.networks.video.network import PersonGenerator


class VideoStage:
    """PictureChunk (T, S, S, 3) of keypoints to PictureChunk (T, S, S, 3) of the person.

    Args:
        bundle: The model.
        device: "auto", "cpu", "cuda" or "cuda:<n>".

    Raises:
        BundleError: If the bundle's weights do not fit its network.
        ConfigError: If the device does not work.
    """

    latency_s = 1.0 / POSE_RATE  # a picture needs its own keypoints

    def __init__(self, bundle: VideoBundle, device: str = "cpu") -> None:
        self.name, self.size = bundle.name, bundle.network.size
        self._device, _ = pick_device(device)
        background = torch.from_numpy(np.ascontiguousarray(bundle.background.transpose(2, 0, 1))) * 2.0 - 1.0
        network = PersonGenerator(bundle.network)
        check_weights(bundle.weights, {name: tuple(value.shape) for name, value in network.state_dict().items()})
        network.load_state_dict({name: torch.as_tensor(np.asarray(value)) for name, value in bundle.weights.items()})
        self._network = network.to(self._device).eval()
        self._background = background[None].to(self._device)
        self.reset()

    def reset(self) -> None:
        """Begin a new film, before which the background is seen."""
        self._picture = self._background
        self._before: Tensor | None = None
        self._count = 0

    @torch.inference_mode()
    def push(self, chunk: PictureChunk) -> PictureChunk:
        """Draw the pictures of consecutive keypoint pictures. NaN counts as black.

        Raises:
            InputError: If the pictures have another size than the model's.
        """
        values = np.asarray(chunk.values, dtype=np.float32)
        if values.shape[1:] != (self.size, self.size, 3):
            raise InputError("shape of the keypoint pictures", values.shape, f"(T, {self.size}, {self.size}, 3)",
                             "Draw them in the size of the bundle.")
        out = np.empty((len(values), self.size, self.size, 3), dtype=np.float32)
        for k, value in enumerate(values):
            clean = np.clip(np.nan_to_num(value, nan=0.0), 0.0, 1.0).transpose(2, 0, 1)
            keypoints = (torch.from_numpy(np.ascontiguousarray(clean)) * 2.0 - 1.0)[None].to(self._device)
            before = keypoints if self._before is None else self._before
            self._picture = self._network(keypoints, before, self._picture, self._background)
            self._before = keypoints
            out[k] = (self._picture[0].permute(1, 2, 0).cpu().numpy() + 1.0) / 2.0
        start, self._count = self._count, self._count + len(values)
        return PictureChunk(start, out)

    def flush(self) -> PictureChunk:
        """Return nothing: every picture is complete with its keypoints."""
        return PictureChunk(self._count, np.empty((0, self.size, self.size, 3), np.float32))
