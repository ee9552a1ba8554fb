"""GestureStage: feature frames in, human poses out, as fast as they come and `look_ahead_s` later.

    features  |f f f f|f f f f|f f f f|f f f f|         four a pose frame; up to three wait for the next push
    input         0       1       2       3
    poses         .       .       0       1             look-ahead of two pose frames

The stage adds to the network what a stream needs: frames that wait, codes, the silence that follows the end. A flush
lets the silence of the bundle follow, so every complete input frame gets its pose: T features give T // 4 poses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from speech_gesture_ros.core.chunks import FeatureChunk, PoseChunk
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import FEATURES_PER_POSE, POSE_RATE
from speech_gesture_ros.networks.bundle import Bundle, build_network
from speech_gesture_ros.networks.code_sampler import CodeFrames, CodeSampler
from speech_gesture_ros.networks.config import MAX_LOOK_AHEAD
from speech_gesture_ros.networks.device import pick_device
from speech_gesture_ros.networks.speech_encoder import CodeTensors, SpeechState, poses_before

Frames = npt.NDArray[np.float32]
_LONGEST_STEP = 1024  # input frames at once: bounds the memory of a flood


@dataclass
class _State:
    pending: Frames
    network: SpeechState
    poses: int = 0


class GestureStage:
    """FeatureChunk (T, F) at 100 Hz to PoseChunk (K, J, 3) [m] at 25 Hz.

    Args:
        bundle: The model.
        look_ahead_s: Future speech a pose may use [s], 0 to 1; rounded to pose frames.
        seed: Which gestures are chosen.
        device: "auto", "cpu", "cuda" or "cuda:<n>".
        code_weights: Relative frequency of each code; None takes all alike.

    Raises:
        ConfigError: If the look-ahead is out of range or the device does not work.
    """

    def __init__(self, bundle: Bundle, look_ahead_s: float = 0.4, seed: int = 0, device: str = "auto",
                 code_weights: npt.NDArray[np.floating] | None = None) -> None:
        if not 0.0 <= look_ahead_s <= MAX_LOOK_AHEAD / POSE_RATE:
            raise ConfigError("look_ahead_s", look_ahead_s, f"0 to {MAX_LOOK_AHEAD / POSE_RATE} s",
                              "0.4 is a good start; less makes strokes come late and small.")
        torch.set_num_threads(1)  # a second thread makes a step of this size slower, and far slower on busy cores
        self.device, self.device_reason = pick_device(device)
        self.look_ahead = round(look_ahead_s * POSE_RATE)
        self._silence = bundle.silence
        self._num_features = len(bundle.feature_names)
        self._network = build_network(bundle).to(self.device).eval()
        self._codes = CodeSampler(bundle.codes, seed, code_weights)
        self.reset()
        self._warm_up()

    @property
    def latency_s(self) -> float:
        """A pose needs the features up to the end of the input frame `look_ahead` after its own [s]."""
        return (self.look_ahead + 1) / POSE_RATE

    def reset(self) -> None:
        """Forget everything."""
        with torch.inference_mode():
            network = self._network.initial_state()
        self._state = _State(np.empty((0, self._num_features), np.float32), network)
        self._codes.reset()

    def push(self, chunk: FeatureChunk) -> PoseChunk:
        """Feed consecutive feature frames; return the poses that they complete. NaN counts as an average value.

        Raises:
            ConfigError: If the frames have another number of columns than the model was trained on.
        """
        values = np.asarray(chunk.values, dtype=np.float32)
        if values.ndim != 2 or values.shape[1] != self._num_features:
            raise ConfigError("shape of the feature frames", values.shape, f"(T, {self._num_features})",
                              "Use the FeatureStage that the bundle names.")
        known = np.concatenate([self._state.pending, values])
        complete = len(known) // FEATURES_PER_POSE * FEATURES_PER_POSE
        self._state.pending = known[complete:].copy()
        return self._advance(known[:complete].reshape(-1, FEATURES_PER_POSE * self._num_features))

    def flush(self) -> PoseChunk:
        """The last poses, as if silence followed. Frames that fill no pose frame are dropped."""
        waiting = self._state.network.seen - poses_before(self._state.network.seen, self.look_ahead)
        silence = np.tile(self._silence, (self.look_ahead, FEATURES_PER_POSE)).astype(np.float32)
        poses = self._advance(silence)
        # A stream shorter than the look-ahead: only its own frames get poses.
        return PoseChunk(poses.start_index, poses.values[:waiting])

    def _advance(self, frames: Frames) -> PoseChunk:
        start = self._state.poses
        parts = [self._step(frames[i:i + _LONGEST_STEP]) for i in range(0, len(frames), _LONGEST_STEP)]
        empty = np.empty((0, len(self._network.motion_decoder.chain.parents), 3), np.float32)
        values = parts[0] if len(parts) == 1 else np.concatenate([empty, *parts])
        self._state.poses += len(values)
        return PoseChunk(start, values)

    def _step(self, frames: Frames) -> Frames:
        seen = self._state.network.seen
        count = poses_before(seen + len(frames), self.look_ahead) - poses_before(seen, self.look_ahead)
        with torch.inference_mode():
            codes = codes_to_tensors(self._codes.take(count), self.device)
            heard = torch.from_numpy(frames).to(self.device)[None]
            joint_xyz, self._state.network = self._network.step(heard, codes, self._state.network, self.look_ahead)
            return np.asarray(joint_xyz[0].cpu().numpy(), dtype=np.float32)

    def _warm_up(self) -> None:
        """First calls allocate and choose kernels; do that now, not on the first word."""
        hop = np.tile(self._silence, (5, 1)).astype(np.float32)  # 50 ms: one or two pose frames by turns
        for i in range(2 * MAX_LOOK_AHEAD):
            self.push(FeatureChunk(5 * i, hop))
        self.reset()


def codes_to_tensors(codes: CodeFrames, device: torch.device) -> CodeTensors:
    """A batch of one from K frames of codes."""
    arrays = (codes.code, codes.next_code, codes.phase, codes.remaining)
    return CodeTensors(*(torch.from_numpy(a).to(device)[None] for a in arrays))
