"""SpeechToMotionStage: feature frames in, human poses out, as fast as they come and `look_ahead_s` later.

    features  |f f f f|f f f f|f f f f|f f f f|         four a pose frame; up to three wait for the next push
    input         0       1       2       3
    poses         .       .       0       1             look-ahead of two pose frames

The stage adds to the network what a stream needs: frames that wait, codes, the silence that follows the end. A flush
lets the silence of the bundle follow, so every complete input frame gets its pose: T features give T // 4 poses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import FeatureChunk, PoseChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError
from speech_gesture_ros.core.rates import FEATURES_PER_POSE, POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.bundle_files import BundleFiles
from speech_gesture_ros.networks.speech_to_motion.bundle import FEATURE_SET, SpeechToMotionBundle, bundle_from_files
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames, CodeSampler
from speech_gesture_ros.networks.speech_to_motion.network_config import MAX_LOOK_AHEAD, poses_before
from speech_gesture_ros.networks.speech_to_motion.numpy_network import NumpyNetwork

Frames = npt.NDArray[np.float32]
_LONGEST_STEP = 1024  # input frames at once: bounds the memory of a flood


class _NetworkState(Protocol):
    @property
    def seen(self) -> int: ...


class _Network(Protocol):
    """What `NumpyNetwork` and `DeviceNetwork` have in common."""

    def initial_state(self) -> Any: ...

    def step(self, frames: Frames, codes: CodeFrames, state: Any, look_ahead: int) -> tuple[Frames, Any]: ...


@dataclass
class _State:
    pending: Frames
    network: _NetworkState
    poses: int = 0


class SpeechToMotionStage:
    """FeatureChunk (T, F) at 100 Hz to PoseChunk (K, J, 3) [m] at 25 Hz.

    Args:
        bundle: The model.
        look_ahead_s: Future speech a pose may use [s], 0 to 1; rounded to pose frames.
        seed: Which gestures are chosen.
        device: "auto", "cpu", "cuda" or "cuda:<n>".
        code_weights: Relative frequency of each code; None takes all alike.

    Raises:
        ConfigError: If the look-ahead is out of range or the device does not work.
        BundleError: If the bundle's weights do not fit its network.
    """

    def __init__(self, bundle: SpeechToMotionBundle, look_ahead_s: float = 0.4, seed: int = 0, device: str = "auto",
                 code_weights: npt.NDArray[np.floating] | None = None) -> None:
        if not 0.0 <= look_ahead_s <= MAX_LOOK_AHEAD / POSE_RATE:
            raise ConfigError("look_ahead_s", look_ahead_s, f"0 to {MAX_LOOK_AHEAD / POSE_RATE} s",
                              "0.4 is a good start; less makes strokes come late and small.")
        self.look_ahead = round(look_ahead_s * POSE_RATE)
        self.name, self.feature_set = bundle.name, FEATURE_SET
        self.skeleton: Skeleton = bundle.skeleton
        self._silence = bundle.silence
        self._num_features, self._num_joints = len(bundle.feature_names), len(bundle.skeleton)
        self._network, self.device_reason = _network_on(device, bundle)
        self._codes = CodeSampler(bundle.codes, seed, code_weights)
        self.reset()
        self._warm_up()

    @property
    def latency_s(self) -> float:
        """A pose needs the features up to the end of the input frame `look_ahead` after its own [s]."""
        return (self.look_ahead + 1) / POSE_RATE

    def reset(self) -> None:
        """Forget everything."""
        self._state = _State(np.empty((0, self._num_features), np.float32), self._network.initial_state())
        self._codes.reset()

    def set_controls(self, controls: GestureControls) -> None:
        """Gesture by a user's wishes from the next pose on: activity at once, codes once they are not announced yet.

        A reset keeps the wishes.

        Raises:
            ConfigError: If a style is no family of the model's codes.
        """
        self._codes.set_controls(controls)

    def push(self, chunk: FeatureChunk) -> PoseChunk:
        """Feed consecutive feature frames; return the poses that they complete. NaN counts as an average value.

        Raises:
            ConfigError: If the frames have another number of columns than the model was trained on.
        """
        values = np.asarray(chunk.values, dtype=np.float32)
        if values.ndim != 2 or values.shape[1] != self._num_features:
            raise ConfigError("shape of the feature frames", values.shape, f"(T, {self._num_features})",
                              "Use the ProsodicMelStage that the bundle names.")
        known = np.concatenate([self._state.pending, values])
        complete = len(known) // FEATURES_PER_POSE * FEATURES_PER_POSE
        self._state.pending = known[complete:].copy()
        return self._advance(known[:complete].reshape(-1, FEATURES_PER_POSE * self._num_features))

    def flush(self) -> PoseChunk:
        """The last poses, as if silence followed. Frames that fill no pose frame are dropped."""
        seen = self._state.network.seen
        waiting = seen - poses_before(seen, self.look_ahead)
        silence = np.tile(self._silence, (self.look_ahead, FEATURES_PER_POSE)).astype(np.float32)
        poses = self._advance(silence)
        # A stream shorter than the look-ahead: only its own frames get poses.
        return PoseChunk(poses.start_index, poses.values[:waiting])

    def _advance(self, frames: Frames) -> PoseChunk:
        start = self._state.poses
        parts = [self._step(frames[i:i + _LONGEST_STEP]) for i in range(0, len(frames), _LONGEST_STEP)]
        empty = np.empty((0, self._num_joints, 3), np.float32)
        values = parts[0] if len(parts) == 1 else np.concatenate([empty, *parts])
        self._state.poses += len(values)
        return PoseChunk(start, values)

    def _step(self, frames: Frames) -> Frames:
        seen = self._state.network.seen
        count = poses_before(seen + len(frames), self.look_ahead) - poses_before(seen, self.look_ahead)
        codes = self._codes.take(count)
        joint_xyz, self._state.network = self._network.step(frames, codes, self._state.network, self.look_ahead)
        return joint_xyz

    def _warm_up(self) -> None:
        """First calls allocate and choose kernels; do that now, not on the first word."""
        hop = np.tile(self._silence, (5, 1)).astype(np.float32)  # 50 ms: one or two pose frames by turns
        for i in range(2 * MAX_LOOK_AHEAD):
            self.push(FeatureChunk(5 * i, hop))
        self.reset()


def open_stage(files: BundleFiles, *, look_ahead_s: float, seed: int, device: str) -> SpeechToMotionStage:
    """Our own model, as `networks.model_registry.open_model` opens it."""
    bundle = bundle_from_files(files, skeleton="upper_body")
    return SpeechToMotionStage(bundle, look_ahead_s=look_ahead_s, seed=seed, device=device)


def _network_on(name: str, bundle: SpeechToMotionBundle) -> tuple[_Network, str]:
    """The network on a device, and why there. On a CPU it is NumPy's: torch is not even imported for "cpu"."""
    reason = "the CPU was asked for"
    if name != "cpu":
        try:
            from speech_gesture_ros.networks.device import pick_device
            from speech_gesture_ros.networks.speech_to_motion.device_network import DeviceNetwork
        except ImportError as error:
            if name != "auto":
                raise MissingDependencyError("torch", f"device {name!r}", "pip install torch, or use 'cpu'") from error
            reason = "the CPU: torch is not installed"
        else:
            device, reason = pick_device(name)
            if device.type != "cpu":
                return DeviceNetwork(bundle, device), reason
    return NumpyNetwork(bundle.network, bundle.skeleton, bundle.feature_mean, bundle.feature_std,
                        bundle.weights), reason
