"""Feature extractor of the Frechet gesture distance: a 1-D convolutional autoencoder of recorded motion.

    (50, D) ─ conv 128 k3 ─ 64 k3 ─ 64 k4 s2 ─ 32 k3 ─ 256 ─ 128 ─► z in R^32 ─► mirrored ─► (50, D)

Loss: L1 of the pose + L1 of the frame difference; Adam 5e-4 (0.5, 0.999), batch 64 (Yoon et al. 2020, as in GENEA's
evaluation). Trained on recorded motion of the training split only, then frozen; its hash is reported with every value,
because values of different extractors cannot be compared. It has its own short loop instead of `engine.fit`: an
evaluation then needs no Lightning and writes no checkpoints.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import save
from torch import Tensor, nn

from speech_gesture_ros.core.atomic_files import atomic_write
from speech_gesture_ros.core.errors import BundleError, InputError
from speech_gesture_ros.evaluation.metrics.frechet import GestureWindows
from speech_gesture_ros.networks.bundle_files import load_tensors

Z_SIZE = 32
BATCH_WINDOWS = 64
MIN_WINDOWS = 8
MAX_WINDOW = 10_000  # frames
WINDOWS_AT_ONCE = 512  # in inference
MAX_LOSS_WINDOWS = 2048  # of the loss that is reported
LEARNING_RATE, ADAM_BETAS = 5e-4, (0.5, 0.999)
Floats = npt.NDArray[np.float64]


class _Autoencoder(nn.Module):
    """Autoencoder of (B, D, window) through R^32."""

    def __init__(self, dims: int, window: int) -> None:
        super().__init__()
        short = (window - 4 - 4) // 2 + 1 - 2
        if short < 1:
            raise InputError("frames a window", window, "at least 12", "Use longer windows.")
        self.conv = nn.Sequential(
            _block(nn.Conv1d(dims, 128, 3)), _block(nn.Conv1d(128, 64, 3)), _block(nn.Conv1d(64, 64, 4, stride=2)),
            nn.Conv1d(64, 32, 3),
        )
        self.narrow = nn.Sequential(
            nn.Flatten(), _dense(32 * short, 256), _dense(256, 128), nn.Linear(128, Z_SIZE),
        )
        odd = (window - 4 - 4) % 2  # the stride drops a frame of an odd length
        self.widen = nn.Sequential(_dense(Z_SIZE, 128), _dense(128, 256), nn.Linear(256, 32 * short))
        self.unconv = nn.Sequential(
            nn.Unflatten(1, (32, short)), _block(nn.ConvTranspose1d(32, 64, 3)),
            _block(nn.ConvTranspose1d(64, 64, 4, stride=2, output_padding=odd)),
            _block(nn.ConvTranspose1d(64, 128, 3)), nn.ConvTranspose1d(128, dims, 3),
        )

    def encode(self, windows: Tensor) -> Tensor:
        encoded: Tensor = self.narrow(self.conv(windows))
        return encoded

    def forward(self, windows: Tensor) -> Tensor:
        decoded: Tensor = self.unconv(self.widen(self.encode(windows)))
        return decoded


@dataclass(frozen=True)
class FgdExtractor:
    """A frozen extractor.

    Attributes:
        windows: Conversion of motion to its input.
        network: The autoencoder, in evaluation mode.
        loss: L1 loss at the end of training.
    """

    windows: GestureWindows
    network: _Autoencoder
    loss: float

    def __call__(self, windows: Floats) -> Floats:
        """Return (N, 32) features of (N, window, D) standardised windows."""
        with torch.inference_mode():
            parts = [self.network.encode(_to_tensor(windows[i:i + WINDOWS_AT_ONCE]))
                     for i in range(0, len(windows), WINDOWS_AT_ONCE)]
        return np.asarray(torch.cat(parts).numpy(), dtype=np.float64)

    def tensors(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return weights and statistics by name."""
        state = {f"network.{name}": value.numpy() for name, value in self.network.state_dict().items()}
        return {**state, "mean": self.windows.mean, "spread": self.windows.spread,
                "length": np.array([self.windows.length]), "loss": np.array([self.loss])}

    @property
    def sha256(self) -> str:
        """Hash of weights and statistics."""
        digest = hashlib.sha256()
        for name, value in sorted(self.tensors().items()):
            digest.update(name.encode() + np.ascontiguousarray(value).tobytes())
        return digest.hexdigest()

    def save(self, path: Path) -> None:
        """Write a safetensors file."""
        with atomic_write(path) as file:
            file.write(save({name: np.ascontiguousarray(value) for name, value in self.tensors().items()}))


def load_extractor(path: Path) -> FgdExtractor:
    """Read an extractor.

    Raises:
        BundleError: If the file is missing or not an extractor.
    """
    try:
        tensors: dict[str, Any] = {**load_tensors(path)}
        windows = GestureWindows(tensors["mean"], tensors["spread"], int(tensors["length"][0]))
        if windows.length > MAX_WINDOW:
            raise ValueError(f"{windows.length} frames a window")
        with torch.device("meta"):  # shapes without memory
            shapes = _Autoencoder(len(windows.mean), windows.length).state_dict()
        if any(tensors[f"network.{name}"].shape != tuple(value.shape) for name, value in shapes.items() if value.ndim):
            raise ValueError("its tensors have other shapes")
        network = _Autoencoder(len(windows.mean), windows.length)
        network.load_state_dict({name.removeprefix("network."): torch.from_numpy(value)
                                 for name, value in tensors.items() if name.startswith("network.")})
        return FgdExtractor(windows, network.eval(), float(tensors["loss"][0]))
    except (InputError, LookupError, RuntimeError, ValueError, TypeError) as error:
        raise BundleError("FGD extractor", str(path), f"a safetensors file that evaluate wrote ({error})",
                          "Leave the option out: one is trained.") from error


def train_extractor(motions: list[npt.NDArray[np.floating]], fps: float, *, epochs: int = 50, most_steps: int = 1000,
                    seed: int = 0) -> FgdExtractor:
    """Train on recorded motion.

    Args:
        motions: Each (T, J, 3) [m].
        fps: Frames a second [Hz].
        epochs: Passes over all windows.
        most_steps: Largest number of batches.
        seed: Seed of weights and order; the same on the same machine gives the same extractor.

    Raises:
        InputError: If the motions give fewer than 8 windows of 2 s.
    """
    windows = GestureWindows.of(motions, fps)
    rows = windows.cut(motions)
    if len(rows) < MIN_WINDOWS:
        raise InputError("windows to train the FGD extractor on", len(rows), f"at least {MIN_WINDOWS}",
                         "Give more or longer clips in the training split.")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _Autoencoder(rows.shape[2], windows.length).train()
        optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, betas=ADAM_BETAS)
        data = _to_tensor(rows)
        steps = min(most_steps, epochs * -(-len(rows) // BATCH_WINDOWS))
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(rows), generator=generator)
        position = 0
        for _ in range(steps):
            if position + min(BATCH_WINDOWS, len(rows)) > len(rows):
                order, position = torch.randperm(len(rows), generator=generator), 0
            batch = data[order[position:position + BATCH_WINDOWS]]
            position += BATCH_WINDOWS
            optimiser.zero_grad()
            loss = _loss(network(batch), batch)
            loss.backward()
            optimiser.step()
        network.eval()
        with torch.inference_mode():
            final = float(_loss(network(data[:MAX_LOSS_WINDOWS]), data[:MAX_LOSS_WINDOWS]))
    return FgdExtractor(windows, network, final)


def _loss(output: Tensor, target: Tensor) -> Tensor:
    return (output - target).abs().mean() + (output.diff(dim=2) - target.diff(dim=2)).abs().mean()


def _to_tensor(windows: Floats) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(windows.transpose(0, 2, 1), dtype=np.float32))


def _block(layer: nn.Conv1d | nn.ConvTranspose1d) -> nn.Sequential:
    return nn.Sequential(layer, nn.BatchNorm1d(layer.out_channels), nn.LeakyReLU(0.2))


def _dense(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.LeakyReLU(0.2))
