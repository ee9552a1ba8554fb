r"""A model that hears 4.2 s at once, in a stream: every hop a window, and a pose is a mean of what three windows say.

    window n      |--------------------------------------|          4.2 s of sound, 64 frames of motion
    window n+1        |--------------------------------------|
    window n+2            |--------------------------------------|
    made of them                             .hhhh.                 as late in the window as the look-ahead allows

The weight of a window rises and falls smoothly (sin^2) from its first pose in use to its last. So motion never jumps,
and what a window says because an edge is near hardly beats with the hops. Windows lie at fixed places of the stream:
chunks make no difference. Keypoints are faded and brought from 15 to 25 Hz in the picture, then lifted. Before the
stream and after its end lies digital silence. In silence the network says what it learned for silence; rest is the
business of whoever performs the poses.

The hop is a third of what the look-ahead allows: 4 poses at 0.4 s. Each costs one run of the network.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from speech_gesture_ros.core.chunks import FeatureChunk, PoseChunk
from speech_gesture_ros.core.errors import BundleError, ConfigError
from speech_gesture_ros.core.keypoints import KEYPOINT_RATE, NUM_KEYPOINTS
from speech_gesture_ros.core.rates import FEATURE_RATE, FEATURES_PER_POSE, POSE_RATE
from speech_gesture_ros.networks.bundle_files import RETRAIN, BundleFiles
from speech_gesture_ros.networks.device import pick_device
from speech_gesture_ros.networks.speech2gesture.bundle import FEATURE_SET, Speech2GestureBundle, bundle_from_files
from speech_gesture_ros.networks.speech2gesture.lifting import ArmLifter
from speech_gesture_ros.networks.speech2gesture.network import Generator
from speech_gesture_ros.networks.speech2gesture.network_config import (
    AUDIO_FRAMES,
    FRAMES,
    LOUDEST,
    NUM_BANDS,
    NUM_MOVING,
    SILENCE,
)

Frames = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

LONGEST_LOOK_AHEAD_S = 2.0
OVERLAP = 3  # windows that have a say in a pose
LONGEST_HOP = 8  # poses: more would not be cheaper by much
_LAST_POSE = (FRAMES - 1) * POSE_RATE // KEYPOINT_RATE  # of a window, from its start


@dataclass
class _State:
    features: Frames  # from the first frame that the next window hears
    said: tuple[Floats, ...] = ()  # (64, 48, 2) what the latest windows said, newest first
    received: int = 0  # feature frames
    poses: int = 0


class Speech2GestureStage:
    """FeatureChunk (T, 64) at 100 Hz to PoseChunk (T // 4, J, 3) [m] at 25 Hz. The same for every seed.

    Args:
        bundle: The model.
        look_ahead_s: Future speech a pose may use [s], 0 to 2.
        device: "auto", "cpu", "cuda" or "cuda:<n>".

    Attributes:
        hop: Poses between two windows.

    Raises:
        ConfigError: If the look-ahead is out of range or the device does not work.
        BundleError: If the bundle's weights do not fit its network.
    """

    def __init__(self, bundle: Speech2GestureBundle, look_ahead_s: float = 0.4, device: str = "auto") -> None:
        if not 0.0 <= look_ahead_s <= LONGEST_LOOK_AHEAD_S:
            raise ConfigError("look_ahead_s", look_ahead_s, f"0 to {LONGEST_LOOK_AHEAD_S} s",
                              "0.4 is a good start; less makes more windows and costs compute.")
        self.name, self.feature_set, self.skeleton = bundle.name, FEATURE_SET, bundle.skeleton
        latency_s = look_ahead_s + 1 / POSE_RATE
        self._first = math.ceil((AUDIO_FRAMES / FEATURE_RATE - latency_s) * POSE_RATE - 1e-6)  # pose of a window
        span = _LAST_POSE + 1 - self._first
        self.hop = min(LONGEST_HOP, max(1, span // OVERLAP))
        self._windows = min(OVERLAP, span // self.hop)
        places = np.arange(self._windows * self.hop)
        self._rows = _resampling(self._first + places).reshape(self._windows, self.hop, FRAMES)
        self._weights = np.sin(np.pi * (places + 0.5) / len(places)).reshape(self._windows, self.hop) ** 2
        self._statistics = bundle.statistics
        self._lifter = ArmLifter(bundle.skeleton)
        self._device, self.device_reason = pick_device(device)
        self._network = _load(bundle).to(self._device)
        self.reset()
        self._say(self._state.features)  # first calls allocate and choose kernels; not on the first word

    @property
    def latency_s(self) -> float:
        """The first pose of a hop waits for the end of its window [s]."""
        return AUDIO_FRAMES / FEATURE_RATE - self._first / POSE_RATE

    def reset(self) -> None:
        """Forget everything."""
        before = np.full((self._first * FEATURES_PER_POSE, NUM_BANDS), SILENCE, np.float32)
        self._state = _State(before)
        self._lifter.reset()

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
        return self._advance(np.clip(np.nan_to_num(values, nan=SILENCE), SILENCE, LOUDEST))

    def flush(self) -> PoseChunk:
        """The last poses, as if silence followed. Frames that fill no pose frame are dropped."""
        wanted = self._state.received // FEATURES_PER_POSE - self._state.poses
        hops = -(-wanted // self.hop)
        needed = AUDIO_FRAMES + (hops - 1) * self.hop * FEATURES_PER_POSE if hops > 0 else 0
        missing = max(0, needed - len(self._state.features))
        poses = self._advance(np.full((missing, NUM_BANDS), SILENCE, np.float32))
        return PoseChunk(poses.start_index, poses.values[:max(0, wanted)])

    def keypoints(self, features: Frames) -> Frames:
        """What is seen before it is lifted: the keypoints of a whole recording.

        Args:
            features: (T, 64) of all of it.

        Returns:
            (T // 4, 49, 2) at 25 Hz, relative to the base [m].
        """
        self.reset()
        ending = np.full((AUDIO_FRAMES + self.hop * FEATURES_PER_POSE, NUM_BANDS), SILENCE, np.float32)
        seen = self._watch(np.concatenate([features, ending]))
        self.reset()
        return seen[:len(features) // FEATURES_PER_POSE]

    def _advance(self, features: Frames) -> PoseChunk:
        start = self._state.poses
        poses = self._lifter.lift(self._watch(features))
        self._state.poses += len(poses)
        return PoseChunk(start, poses)

    def _watch(self, features: Frames) -> Frames:
        """Keypoints (K, 49, 2) of the windows that the features complete."""
        state = self._state
        known = np.concatenate([state.features, features])
        step, start, seen = self.hop * FEATURES_PER_POSE, 0, []
        while len(known) - start >= AUDIO_FRAMES:
            newest = self._say(known[start:start + AUDIO_FRAMES])
            state.said = (newest, *state.said)[:self._windows]
            seen.append(self._mean(state.said))
            start += step
        state.features = known[start:].copy()
        keypoints = np.zeros((len(seen) * self.hop, NUM_KEYPOINTS, 2), np.float32)
        if seen:
            keypoints[:, 1:] = self._statistics.restore(np.concatenate(seen))
        return keypoints

    def _mean(self, said: tuple[Floats, ...]) -> Floats:
        """(hop, 48, 2) of what the latest windows say of the poses of this hop; at the start there are fewer."""
        weights = self._weights[:len(said)] / self._weights[:len(said)].sum(axis=0)
        parts = [weight[:, None] * rows @ frames.reshape(FRAMES, -1)
                 for weight, rows, frames in zip(weights, self._rows, said)]
        return np.asarray(np.sum(parts, axis=0)).reshape(self.hop, NUM_MOVING, 2)

    def _say(self, window: Frames) -> Floats:
        """(418, 64) log-mel to (64, 48, 2) normalised keypoints; one window at a time, so that chunks do not matter."""
        heard = np.full((1, AUDIO_FRAMES, NUM_BANDS), SILENCE, np.float32)
        heard[0, :len(window)] = window[:AUDIO_FRAMES]
        with torch.inference_mode():
            said = self._network(torch.from_numpy(heard).to(self._device))[0].cpu().numpy()
        return np.asarray(said, dtype=np.float64).reshape(FRAMES, NUM_MOVING, 2)


def open_stage(files: BundleFiles, *, look_ahead_s: float, seed: int, device: str) -> Speech2GestureStage:
    """Open Speech2Gesture for `networks.model_registry`; nothing is drawn at random, so the seed is not used."""
    del seed
    return Speech2GestureStage(bundle_from_files(files), look_ahead_s=look_ahead_s, device=device)


def _load(bundle: Speech2GestureBundle) -> Generator:
    network: Generator = Generator(bundle.network).eval()
    counters = {name: value for name, value in network.state_dict().items() if name.endswith("num_batches_tracked")}
    weights = {name: torch.from_numpy(np.asarray(value)) for name, value in bundle.weights.items()}
    try:
        network.load_state_dict({**counters, **weights})
    except RuntimeError as error:
        raise BundleError(f"weights of bundle {bundle.name!r}", str(error).splitlines()[-1].strip(),
                          "those of its network", RETRAIN) from error
    return network


def _resampling(poses: npt.NDArray[np.integer]) -> Floats:
    """(K,) pose frames of a window to (K, 64) weights of its keypoint frames: cubic, through every one of them."""
    place = poses * (KEYPOINT_RATE / POSE_RATE)
    frame = np.minimum(place.astype(int), FRAMES - 2)
    t = place - frame
    # Catmull and Rom, 1974: slopes from the neighbours.
    weights = np.stack([-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3], 1) / 2
    rows = np.zeros((len(poses), FRAMES))
    for tap in range(4):
        np.add.at(rows, (np.arange(len(poses)), np.clip(frame - 1 + tap, 0, FRAMES - 1)), weights[:, tap])
    return rows
