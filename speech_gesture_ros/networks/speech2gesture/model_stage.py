r"""Speech2GestureStage: a network with windows of 4.2 s, in a stream; each pose is a mean over three windows.

    window n      |--------------------------------------|          4.2 s of sound, 64 frames of motion
    window n+1        |--------------------------------------|
    window n+2            |--------------------------------------|
    poses of a hop                           .hhhh.                 as late in the window as the look-ahead allows

The weight of a window rises and falls smoothly (sin^2) from its first pose in use to its last. So motion is continuous,
and the effects of window edges do not appear at the rate of the hops. Windows lie at fixed places of the stream: chunks
make no difference. Keypoints are averaged and resampled from 15 to 25 Hz in the image, then lifted. Digital silence
precedes and follows the stream. In silence the output is what the network learned for silence; the rest pose is blended
in later, by `pose.performance_stage`.

The hop is a third of what the look-ahead allows: 4 poses at 0.4 s. Each costs one run of the network.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from speech_gesture_ros.core.chunks import FeatureChunk, PoseChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.keypoints import KEYPOINT_RATE, NUM_KEYPOINTS
from speech_gesture_ros.core.rates import FEATURE_RATE, FEATURES_PER_POSE, POSE_RATE
from speech_gesture_ros.networks.bundle_checks import check_weights
from speech_gesture_ros.networks.bundle_files import BundleFiles
from speech_gesture_ros.networks.device import pick_device
from speech_gesture_ros.networks.model import ModelCapabilities
from speech_gesture_ros.networks.speech2gesture.bundle import FEATURE_SET, Speech2GestureBundle, bundle_from_files
from speech_gesture_ros.networks.speech2gesture.lifting import ArmLifter
from speech_gesture_ros.networks.speech2gesture.network import Generator
from speech_gesture_ros.networks.speech2gesture.network_config import (
    LOG_MEL_MAX,
    LOG_MEL_MIN,
    NUM_BANDS,
    NUM_MOVING,
    WINDOW_FEATURES,
    WINDOW_KEYPOINTS,
)

Frames = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

CAPABILITIES = ModelCapabilities(FEATURE_SET, look_ahead_range_s=(0.0, 2.0), has_keypoints=True)
OVERLAP = 3  # windows averaged in a pose
MAX_HOP = 8  # [poses] longer hops would hardly be cheaper
_LAST_POSE = (WINDOW_KEYPOINTS - 1) * POSE_RATE // KEYPOINT_RATE  # of a window, from its start


@dataclass
class _State:
    features: Frames  # from the first frame of the next window
    windows: tuple[Floats, ...] = ()  # (64, 48, 2) normalised keypoints of the latest windows, newest first
    received: int = 0  # feature frames
    poses: int = 0


class Speech2GestureStage:
    """FeatureChunk (T, 64) at 100 Hz to PoseChunk (T // 4, J, 3) [m] at 25 Hz.

    Args:
        bundle: The model.
        look_ahead_s: Future speech a pose may use [s], 0 to 2.
        device: "auto", "cpu", "cuda" or "cuda:<n>".

    Attributes:
        hop: Poses between the starts of two windows.

    Raises:
        ConfigError: If the look-ahead is out of range or the device does not work.
        BundleError: If the bundle's weights do not fit its network.
    """

    capabilities = CAPABILITIES

    def __init__(self, bundle: Speech2GestureBundle, look_ahead_s: float = 0.4, device: str = "auto") -> None:
        self.capabilities.check_look_ahead(look_ahead_s)
        self.name, self.skeleton = bundle.name, bundle.skeleton
        latency_s = look_ahead_s + 1 / POSE_RATE
        self._first = math.ceil((WINDOW_FEATURES / FEATURE_RATE - latency_s) * POSE_RATE - 1e-6)  # pose of a window
        span = _LAST_POSE + 1 - self._first
        self.hop = min(MAX_HOP, max(1, span // OVERLAP))
        self._num_windows = min(OVERLAP, span // self.hop)
        poses = np.arange(self._num_windows * self.hop)
        self._rows = _resampling(self._first + poses).reshape(self._num_windows, self.hop, WINDOW_KEYPOINTS)
        self._weights = np.sin(np.pi * (poses + 0.5) / len(poses)).reshape(self._num_windows, self.hop) ** 2
        self._statistics = bundle.statistics
        self._lifter = ArmLifter(bundle.skeleton)
        self._device, reason = pick_device(device)
        self.device = f"{self._device} ({reason})"
        self._network = _load(bundle).to(self._device)
        self.reset()
        self._run(self._state.features)  # the first call allocates memory and chooses kernels

    @property
    def latency_s(self) -> float:
        """The first pose of a hop needs the end of its window [s]."""
        return WINDOW_FEATURES / FEATURE_RATE - self._first / POSE_RATE

    def reset(self) -> None:
        """Return to the state of a new stage."""
        before = np.full((self._first * FEATURES_PER_POSE, NUM_BANDS), LOG_MEL_MIN, np.float32)
        self._state = _State(before)
        self._lifter.reset()

    def set_controls(self, controls: GestureControls) -> None:
        """Do nothing: the model has no controls."""

    def push(self, chunk: FeatureChunk) -> PoseChunk:
        """Feed consecutive feature frames; return the poses that they complete. NaN counts as silence.

        Raises:
            ConfigError: If the frames are not the 64 bands of "log_mel64".
        """
        values = np.asarray(chunk.values, dtype=np.float32)
        if values.ndim != 2 or values.shape[1] != NUM_BANDS:
            raise ConfigError("shape of the feature frames", values.shape, f"(T, {NUM_BANDS})",
                              "Use the feature set that the model names.")
        self._state.received += len(values)
        return self._advance(np.clip(np.nan_to_num(values, nan=LOG_MEL_MIN), LOG_MEL_MIN, LOG_MEL_MAX))

    def flush(self) -> PoseChunk:
        """Return the last poses, as if silence followed. Frames that fill no pose frame are dropped."""
        remaining = self._state.received // FEATURES_PER_POSE - self._state.poses
        hops = -(-remaining // self.hop)
        needed = WINDOW_FEATURES + (hops - 1) * self.hop * FEATURES_PER_POSE if hops > 0 else 0
        missing = max(0, needed - len(self._state.features))
        poses = self._advance(np.full((missing, NUM_BANDS), LOG_MEL_MIN, np.float32))
        return PoseChunk(poses.start_index, poses.values[:max(0, remaining)])

    def keypoints(self, features: Frames) -> Frames:
        """Return the keypoints of a whole recording, before lifting.

        Args:
            features: (T, 64) of the recording.

        Returns:
            (T // 4, 49, 2) at 25 Hz, relative to the base [m].
        """
        self.reset()
        ending = np.full((WINDOW_FEATURES + self.hop * FEATURES_PER_POSE, NUM_BANDS), LOG_MEL_MIN, np.float32)
        keypoints = self._keypoints(np.concatenate([features, ending]))
        self.reset()
        return keypoints[:len(features) // FEATURES_PER_POSE]

    def _advance(self, features: Frames) -> PoseChunk:
        start = self._state.poses
        poses = self._lifter.lift(self._keypoints(features))
        self._state.poses += len(poses)
        return PoseChunk(start, poses)

    def _keypoints(self, features: Frames) -> Frames:
        """Keypoints (K, 49, 2) [m] of the windows that the features complete."""
        state = self._state
        known = np.concatenate([state.features, features])
        step, start, hops = self.hop * FEATURES_PER_POSE, 0, []
        while len(known) - start >= WINDOW_FEATURES:
            newest = self._run(known[start:start + WINDOW_FEATURES])
            state.windows = (newest, *state.windows)[:self._num_windows]
            hops.append(self._mean(state.windows))
            start += step
        state.features = known[start:].copy()
        keypoints = np.zeros((len(hops) * self.hop, NUM_KEYPOINTS, 2), np.float32)
        if hops:
            keypoints[:, 1:] = self._statistics.restore(np.concatenate(hops))
        return keypoints

    def _mean(self, windows: tuple[Floats, ...]) -> Floats:
        """(hop, 48, 2) weighted mean of the windows' keypoints for this hop; at the start there are fewer windows."""
        weights = self._weights[:len(windows)] / self._weights[:len(windows)].sum(axis=0)
        parts = [weight[:, None] * rows @ frames.reshape(WINDOW_KEYPOINTS, -1)
                 for weight, rows, frames in zip(weights, self._rows, windows)]
        return np.asarray(np.sum(parts, axis=0)).reshape(self.hop, NUM_MOVING, 2)

    def _run(self, window: Frames) -> Floats:
        """(418, 64) log-mel to (64, 48, 2) normalised keypoints; one window at a time, so that chunks do not matter."""
        batch = np.full((1, WINDOW_FEATURES, NUM_BANDS), LOG_MEL_MIN, np.float32)
        batch[0, :len(window)] = window[:WINDOW_FEATURES]
        with torch.inference_mode():
            keypoints = self._network(torch.from_numpy(batch).to(self._device))[0].cpu().numpy()
        return np.asarray(keypoints, dtype=np.float64).reshape(WINDOW_KEYPOINTS, NUM_MOVING, 2)


def open_stage(files: BundleFiles, *, look_ahead_s: float, seed: int, device: str) -> Speech2GestureStage:
    """Open Speech2Gesture for `networks.model_registry`; nothing is drawn at random, so the seed is not used."""
    del seed
    return Speech2GestureStage(bundle_from_files(files), look_ahead_s=look_ahead_s, device=device)


def _load(bundle: Speech2GestureBundle) -> Generator:
    with torch.device("meta"):  # shapes without memory
        expected = {name: tuple(value.shape) for name, value in Generator(bundle.network).state_dict().items()}
    check_weights(bundle.weights, {n: shape for n, shape in expected.items() if not n.endswith("num_batches_tracked")})
    network: Generator = Generator(bundle.network).eval()
    counters = {name: value for name, value in network.state_dict().items() if name.endswith("num_batches_tracked")}
    network.load_state_dict({**counters, **{n: torch.from_numpy(np.asarray(w)) for n, w in bundle.weights.items()}})
    return network


def _resampling(poses: npt.NDArray[np.integer]) -> Floats:
    """(K,) pose frames of a window to (K, 64) weights of its keypoint frames: cubic interpolation."""
    position = poses * (KEYPOINT_RATE / POSE_RATE)
    frame = np.minimum(position.astype(int), WINDOW_KEYPOINTS - 2)
    t = position - frame
    # Catmull and Rom, 1974: slopes from the neighbours.
    weights = np.stack([-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3], 1) / 2
    rows = np.zeros((len(poses), WINDOW_KEYPOINTS))
    for tap in range(4):
        np.add.at(rows, (np.arange(len(poses)), np.clip(frame - 1 + tap, 0, WINDOW_KEYPOINTS - 1)), weights[:, tap])
    return rows
