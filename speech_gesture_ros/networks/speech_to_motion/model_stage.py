"""SpeechToMotionStage: feature frames in, human poses out, `look_ahead_s` later.

    features  |f f f f|f f f f|f f f f|f f f f|         four a pose frame; up to three wait for the next push
    input         0       1       2       3
    poses         .       .       0       1             look-ahead of two pose frames

The stage adds to the network what a stream needs: waiting frames, codes, and silence after the end. A flush appends the
bundle's silence, so that every complete input frame gets its pose: T features give T // 4 poses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import FeatureChunk, PoseChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.bundle_files import BundleFiles
from speech_gesture_ros.networks.input_frames import InputFrames
from speech_gesture_ros.networks.model import ModelCapabilities
from speech_gesture_ros.networks.speech_to_motion.bundle import FEATURE_SET, SpeechToMotionBundle, bundle_from_files
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames, CodeSampler
from speech_gesture_ros.networks.speech_to_motion.network_config import MAX_LOOK_AHEAD, num_poses
from speech_gesture_ros.networks.speech_to_motion.numpy_network import NumpyNetwork

Frames = npt.NDArray[np.float32]

CAPABILITIES = ModelCapabilities(FEATURE_SET, look_ahead_range_s=(0.0, MAX_LOOK_AHEAD / POSE_RATE),
                                 controls=frozenset({"activity", "handedness", "styles"}))
_MAX_STEP_FRAMES = 1024  # [input frames] of one network step: bounds memory for long chunks


class _NetworkState(Protocol):
    @property
    def num_frames(self) -> int: ...


class _Network(Protocol):
    """Common interface of `NumpyNetwork` and `DeviceNetwork`."""

    def initial_state(self) -> Any: ...

    def step(self, frames: Frames, codes: CodeFrames, state: Any, look_ahead: int) -> tuple[Frames, Any]: ...


@dataclass
class _State:
    network: _NetworkState
    poses: int = 0


class SpeechToMotionStage:
    """FeatureChunk (T, F) at 100 Hz to PoseChunk (K, J, 3) [m] at 25 Hz.

    Args:
        bundle: The model.
        look_ahead_s: Future speech a pose may use [s], 0 to 1; rounded to pose frames.
        seed: Choice of gestures.
        device: "auto", "cpu", "cuda" or "cuda:<n>".

    Raises:
        ConfigError: If the look-ahead is out of range or the device does not work.
        BundleError: If the bundle's weights do not fit its network.
    """

    capabilities = CAPABILITIES

    def __init__(self, bundle: SpeechToMotionBundle, look_ahead_s: float = 0.4, seed: int = 0,
                 device: str = "auto") -> None:
        self.capabilities.check_look_ahead(look_ahead_s)
        self.look_ahead = round(look_ahead_s * POSE_RATE)
        self.name = bundle.name
        self.skeleton: Skeleton = bundle.skeleton
        self._silence = bundle.silence
        self._frames, self._num_joints = InputFrames(bundle.silence), len(bundle.skeleton)
        self._network, self.device = _network_on(device, bundle)
        families = tuple(sorted(set(bundle.codes.families)))
        self.capabilities = replace(self.capabilities, families=families)
        self._codes = CodeSampler(bundle.codes, seed)
        self.reset()
        self._warm_up()

    @property
    def latency_s(self) -> float:
        """A pose needs the features up to the end of the input frame `look_ahead` after its own [s]."""
        return (self.look_ahead + 1) / POSE_RATE

    def reset(self) -> None:
        """Return to the state of a new stage; the controls stay."""
        self._frames.reset()
        self._state = _State(self._network.initial_state())
        self._codes.reset()

    def set_controls(self, controls: GestureControls) -> None:
        """Apply activity from the next pose on; handedness and styles from the first code that is not announced yet.

        Raises:
            ConfigError: If a style is no family of the model's codes.
        """
        self._codes.set_controls(controls)

    def push(self, chunk: FeatureChunk) -> PoseChunk:
        """Feed consecutive feature frames; return the poses that they complete. NaN counts as an average value.

        Raises:
            ConfigError: If the frames have another number of columns than the model was trained on.
        """
        return self._advance(self._frames.push(chunk))

    def flush(self) -> PoseChunk:
        """Return the last poses, as if silence followed. Frames that fill no pose frame are dropped."""
        num_frames = self._state.network.num_frames
        waiting = num_frames - num_poses(num_frames, self.look_ahead)
        poses = self._advance(self._frames.silence(self.look_ahead))
        # A stream shorter than the look-ahead: only its own frames get poses.
        return PoseChunk(poses.start_index, poses.values[:waiting])

    def _advance(self, frames: Frames) -> PoseChunk:
        start = self._state.poses
        parts = [self._step(frames[i:i + _MAX_STEP_FRAMES]) for i in range(0, len(frames), _MAX_STEP_FRAMES)]
        empty = np.empty((0, self._num_joints, 3), np.float32)
        values = parts[0] if len(parts) == 1 else np.concatenate([empty, *parts])
        self._state.poses += len(values)
        return PoseChunk(start, values)

    def _step(self, frames: Frames) -> Frames:
        before = self._state.network.num_frames
        count = num_poses(before + len(frames), self.look_ahead) - num_poses(before, self.look_ahead)
        codes = self._codes.take(count)
        joint_xyz, self._state.network = self._network.step(frames, codes, self._state.network, self.look_ahead)
        return joint_xyz

    def _warm_up(self) -> None:
        """Run some steps: the first calls allocate memory and choose kernels."""
        hop = np.tile(self._silence, (5, 1)).astype(np.float32)  # 50 ms: one or two pose frames by turns
        for i in range(2 * MAX_LOOK_AHEAD):
            self.push(FeatureChunk(5 * i, hop))
        self.reset()


def open_stage(files: BundleFiles, *, look_ahead_s: float, seed: int, device: str) -> SpeechToMotionStage:
    """Open the architecture "speech_to_motion" for `networks.model_registry`."""
    bundle = bundle_from_files(files, skeleton="upper_body")
    return SpeechToMotionStage(bundle, look_ahead_s=look_ahead_s, seed=seed, device=device)


def _network_on(name: str, bundle: SpeechToMotionBundle) -> tuple[_Network, str]:
    """The network on a device, and `ModelStage.device`. The CPU runs `NumpyNetwork`: "cpu" imports no torch."""
    reason = "chosen"
    if name != "cpu":
        try:
            from speech_gesture_ros.networks.device import pick_device
            from speech_gesture_ros.networks.speech_to_motion.device_network import DeviceNetwork
        except ImportError as error:
            if name != "auto":
                raise MissingDependencyError("torch", f"device {name!r}", "pip install torch, or use 'cpu'") from error
            reason = "torch is not installed"
        else:
            device, reason = pick_device(name)
            if device.type != "cpu":
                return DeviceNetwork(bundle, device), f"{device} ({reason})"
    network = NumpyNetwork(bundle.network, bundle.skeleton, bundle.feature_mean, bundle.feature_std, bundle.weights)
    return network, f"cpu ({reason})"
