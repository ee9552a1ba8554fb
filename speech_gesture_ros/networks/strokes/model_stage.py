"""StrokeStage: feature frames in, human poses out, `look_ahead_s` later.

    features ─► CueEncoder ─► StrokeProcess ─► StrokeDecoder ─► poses
    (SpeechE)     voice, accents    seeded draws      (MotionD)

A reset begins a new stream with the hands at rest, and the draws go on: two replies do not begin with the same
gestures. A new stage with the same seed and input reproduces a run. A flush appends the bundle's silence, so that every
complete input frame gets its pose: T features give T // 4 poses.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import FeatureChunk, PoseChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.bundle_files import BundleFiles
from speech_gesture_ros.networks.input_frames import InputFrames
from speech_gesture_ros.networks.model import ModelCapabilities
from speech_gesture_ros.networks.strokes.bundle import FEATURE_SET, StrokeBundle, stroke_bundle_from_files
from speech_gesture_ros.networks.strokes.numpy_network import NumpyCueEncoder, NumpyStrokeDecoder, check_parameters
from speech_gesture_ros.networks.strokes.stroke_process import StrokeProcess

Frames = npt.NDArray[np.float32]

MAX_LOOK_AHEAD_FRAMES = POSE_RATE  # one second
CAPABILITIES = ModelCapabilities(FEATURE_SET, look_ahead_range_s=(0.0, MAX_LOOK_AHEAD_FRAMES / POSE_RATE),
                                 controls=frozenset({"activity", "handedness", "styles", "accent_lock"}),
                                 can_hold_back=True, has_hand_shapes=True, has_accents=True)
_MAX_STEP_FRAMES = 1024  # [input frames] of one network step: bounds memory for long chunks


class StrokeStage:
    """FeatureChunk (T, F) at 100 Hz to PoseChunk (K, J, 3) [m] at 25 Hz.

    Args:
        bundle: The model.
        look_ahead_s: Future speech a pose may use [s], 0 to 1; rounded to pose frames.
        seed: Seed of the draws.
        device: "auto", "cpu", "cuda" or "cuda:<n>"; the networks are small and run on the CPU in any case.

    Raises:
        ConfigError: If the look-ahead is out of range or the device has another name.
        BundleError: If the bundle's weights do not fit its networks.
    """

    capabilities = CAPABILITIES

    def __init__(self, bundle: StrokeBundle, look_ahead_s: float = 0.4, seed: int = 0, device: str = "auto") -> None:
        self.capabilities.check_look_ahead(look_ahead_s)
        if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", device):
            raise ConfigError("device", device, "'auto', 'cpu', 'cuda' or 'cuda:<n>'", "Check the spelling.")
        check_parameters(bundle.weights, bundle.network, len(bundle.skeleton))  # before memory is used
        self.look_ahead = round(look_ahead_s * POSE_RATE)
        self.name = bundle.name
        self.device = "cpu (chosen)" if device == "cpu" else "cpu (the networks are too small for a GPU)"
        self.skeleton: Skeleton = bundle.skeleton
        self._frames = InputFrames(bundle.silence)
        self._encoder = NumpyCueEncoder(bundle.network, bundle.feature_mean, bundle.feature_std,
                                        bundle.accent_threshold, bundle.weights)
        families = tuple(sorted({template.family for template in bundle.templates}))
        self.capabilities = replace(self.capabilities, families=families)
        self._process = StrokeProcess(bundle.laws, bundle.templates, seed, self.look_ahead)
        self._decoder = NumpyStrokeDecoder(bundle.skeleton, bundle.state_mean, bundle.state_std, bundle.weights)
        self.reset()

    @property
    def latency_s(self) -> float:
        """A pose needs the features up to the end of the input frame `look_ahead` after its own [s]."""
        return (self.look_ahead + 1) / POSE_RATE

    def reset(self) -> None:
        """Begin a new stream with the hands at rest; the controls stay, and the draws go on."""
        self._frames.reset()
        self._num_inputs = self._num_poses = 0
        self._encoder.reset()
        self._process.reset()
        self._shapes = np.empty((0, 2), np.int8)  # of poses that were returned, not taken yet

    def set_controls(self, controls: GestureControls) -> None:
        """Apply activity and accent lock from the next stroke on; handedness and styles from the next phrase on.

        Raises:
            ConfigError: If a style is no family of the model's gestures.
        """
        self._process.set_controls(controls)

    def hold_back(self, frames: int) -> None:
        """Keep back poses, so that they use speech that is known ahead (`networks.model.HoldingModel`)."""
        self._process.held = frames

    def take_hand_shapes(self, count: int) -> npt.NDArray[np.int8]:
        """Return the (count, 2) `HandShape` of the next poses (`networks.model.HandShapingModel`)."""
        taken, self._shapes = self._shapes[:count], self._shapes[count:]
        return taken

    def take_accents(self) -> list[float]:
        """Return the accents that were detected since the last call [s] (`networks.model.AccentModel`)."""
        return self._process.take_accents()

    def push(self, chunk: FeatureChunk) -> PoseChunk:
        """Feed consecutive feature frames; return the poses that they complete. NaN counts as an average value.

        Raises:
            ConfigError: If the frames have another number of columns than the model was trained on.
        """
        return self._advance(self._frames.push(chunk))

    def flush(self) -> PoseChunk:
        """Return the last poses, as if silence followed. Frames that fill no pose frame are dropped."""
        waiting = self._num_inputs - self._num_poses
        self.hold_back(0)
        poses = self._advance(self._frames.silence(self.look_ahead))
        # A stream shorter than the look-ahead: only its own frames get poses.
        return PoseChunk(poses.start_index, poses.values[:waiting])

    def _advance(self, frames: Frames) -> PoseChunk:
        start = self._num_poses
        parts = [np.empty((0, len(self.skeleton), 3), np.float32)]
        for first in range(0, max(1, len(frames)), _MAX_STEP_FRAMES):
            strokes = self._process.push(self._encoder.push(frames[first:first + _MAX_STEP_FRAMES]))
            if len(strokes):
                self._shapes = np.concatenate([self._shapes, strokes.shapes])
                parts.append(self._decoder.decode(np.concatenate([strokes.state, strokes.velocity], axis=1)))
        values = parts[-1] if len(parts) == 2 else np.concatenate(parts)
        self._num_inputs += len(frames)
        self._num_poses += len(values)
        return PoseChunk(start, values)


def open_stage(files: BundleFiles, *, look_ahead_s: float, seed: int, device: str) -> StrokeStage:
    """Open the stroke model for `networks.model_registry`."""
    bundle = stroke_bundle_from_files(files, skeleton="upper_body")
    return StrokeStage(bundle, look_ahead_s=look_ahead_s, seed=seed, device=device)
