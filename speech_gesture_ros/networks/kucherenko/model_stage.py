"""KucherenkoStage: feature frames in, canonical poses out, with a look-ahead of up to 1.5 s.

    window of frame n     n-30 ..... n ..... n+J | n+J-1 .. n+J-2 ..         50 ms apart
                          received   received      beyond the look-ahead: the received ones, mirrored

- The network runs for every 10 ms: five grids of 20 Hz. A pose is the mean over five neighbours, one of each grid,
  because the model uses 12 ms of every 50, so that the grids differ in the speech that they use.
- If the bundle asks for it, features are mapped to the training data's mean and variance (`normalisation`).
- Before the first frame, and after a flush, the input is the bundle's silence.
- The authors' last step, a Savitzky-Golay filter over 9 frames, is left out: it needs 0.2 s that are of more use as
  look-ahead, and the mean over the grids and the interpolation of `control` have the same effect.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import FeatureChunk, PoseChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import FEATURE_RATE, FEATURES_PER_POSE
from speech_gesture_ros.networks.bundle_files import BundleFiles
from speech_gesture_ros.networks.kucherenko.bundle import KucherenkoBundle, bundle_from_files
from speech_gesture_ros.networks.kucherenko.frames import NUM_PHASES, make_frames
from speech_gesture_ros.networks.kucherenko.joints import from_canonical, from_published
from speech_gesture_ros.networks.kucherenko.network_config import WINDOW_FRAME_RATE, KucherenkoConfig
from speech_gesture_ros.networks.kucherenko.normalisation import RunningNormalisation
from speech_gesture_ros.networks.kucherenko.numpy_network import KucherenkoNetwork
from speech_gesture_ros.networks.model import ModelCapabilities

Rows = npt.NDArray[np.float32]

MAX_LOOK_AHEAD_S = 1.5  # the network's window ends there
_NEIGHBOURS = NUM_PHASES // 2  # frames averaged on either side of a pose
_MAX_WINDOWS = 64  # computed at once: bounds memory
_MAX_DEVIATION = 20.0  # [standard deviations] where a feature is clipped before the normalisation


@dataclass
class _State:
    """State needed for later poses.

    Attributes:
        rows: (<= 4, F) feature frames that do not fill a frame of 50 ms yet.
        gates: (T, 3 H) gate inputs of the frames from `first_gate` on.
        first_gate: Index of the first.
        positions: (T, J, 3) of windows from `first_position` on [cm].
        first_position: Index of the first.
        received: Feature frames so far.
        poses: Poses returned so far.
    """

    rows: Rows
    gates: Rows = field(repr=False)
    first_gate: int
    positions: Rows = field(repr=False)
    first_position: int = 0
    received: int = 0
    poses: int = 0


class KucherenkoStage:
    """FeatureChunk (T, F) at 100 Hz to PoseChunk (K, J, 3) [m] at 25 Hz, T // 4 poses in all.

    Args:
        bundle: The model.
        look_ahead_s: Future speech that a pose may use [s], 0 to 1.5; rounded to 50 ms, at most the model's `future`.

    Attributes:
        name: Name of the model.
        capabilities: See `networks.model`.
        skeleton: Skeleton of the poses.
        device: Device that it runs on, with the reason.

    Raises:
        ConfigError: If the look-ahead is out of range.
    """

    def __init__(self, bundle: KucherenkoBundle, look_ahead_s: float = 0.4) -> None:
        self.capabilities = ModelCapabilities(bundle.config.feature_set, look_ahead_range_s=(0.0, MAX_LOOK_AHEAD_S))
        self.capabilities.check_look_ahead(look_ahead_s)
        self.name, self.skeleton = bundle.name, bundle.skeleton
        self.device = "cpu (this model runs in NumPy)"
        self._config: KucherenkoConfig = bundle.config
        self._bundle = bundle
        self._selected = [bundle.config.all_features.index(name) for name in bundle.config.columns]
        self._num_features = len(bundle.config.all_features)
        self._network = KucherenkoNetwork(bundle)
        self._ahead = min(round(look_ahead_s * WINDOW_FRAME_RATE), bundle.config.future)
        self._offsets = NUM_PHASES * window_frames(bundle.config, self._ahead)
        self._normalisation = self._make_normalisation()
        self._silent_gate = self._network.embed(bundle.silence[None])
        self.reset()

    @property
    def latency_s(self) -> float:
        """A pose needs the neighbour two frames later, its look-ahead, and the 50 ms of the last frame [s]."""
        return (_NEIGHBOURS + NUM_PHASES * self._ahead + NUM_PHASES) / FEATURE_RATE

    def reset(self) -> None:
        """Return to the state of a new stage."""
        past = NUM_PHASES * self._config.past
        joints = self._config.pose_size(len(self.skeleton)) // self._config.values_per_joint
        self._state = _State(rows=np.empty((0, len(self._selected)), np.float32),
                             gates=np.repeat(self._silent_gate, past, axis=0), first_gate=-past,
                             positions=np.empty((0, joints, 3), np.float32))
        if self._normalisation:
            self._normalisation.reset()

    def set_controls(self, controls: GestureControls) -> None:
        """Do nothing: the model has no controls."""

    def push(self, chunk: FeatureChunk) -> PoseChunk:
        """Feed consecutive feature frames; return the poses that they complete. NaN counts as an average value.

        Raises:
            ConfigError: If the frames have another number of columns than the feature set.
        """
        values = np.asarray(chunk.values, dtype=np.float32)
        if values.ndim != 2 or values.shape[1] != self._num_features:
            raise ConfigError("shape of the feature frames", values.shape, f"(T, {self._num_features})",
                              "Use the feature set that the bundle names.")
        self._state.received += len(values)
        self._embed(self._repaired(values[:, self._selected]))
        return self._poses(last=None)

    def flush(self) -> PoseChunk:
        """Return the last poses, as if silence followed."""
        state = self._state
        poses = state.received // FEATURES_PER_POSE
        if state.received:
            self._embed(np.repeat(state.rows[-1:], NUM_PHASES - 1, axis=0))  # the last feature frame is repeated
        silence = NUM_PHASES * self._ahead + _NEIGHBOURS
        state.gates = np.concatenate([state.gates, np.repeat(self._silent_gate, silence, axis=0)])
        return self._poses(last=poses)

    def _repaired(self, rows: Rows) -> Rows:
        mean, limit = self._bundle.feature_mean, _MAX_DEVIATION * self._bundle.feature_std
        finite = np.where(np.isfinite(rows), rows, mean)
        if self._normalisation is None:  # the statistics may have another scale
            return np.asarray(np.minimum(np.maximum(finite, -1e4), 1e4))
        return np.asarray(np.minimum(np.maximum(finite, mean - limit), mean + limit))

    def _embed(self, rows: Rows) -> None:
        """Add the gate inputs of the frames of 50 ms that the feature frames complete."""
        state = self._state
        known = np.concatenate([state.rows, rows])
        frames = make_frames(known, self._config.columns, self._config.frames)
        state.rows = known[len(frames):]
        if not len(frames):
            return
        normal = self._normalisation.apply(frames) if self._normalisation else frames
        state.gates = np.concatenate([state.gates, self._network.embed(normal)])

    def _poses(self, last: int | None) -> PoseChunk:
        """All poses whose windows are complete; with `last`, at most that many since the start of the stream."""
        state = self._state
        stop = max(0, state.first_gate + len(state.gates) - NUM_PHASES * self._ahead)  # first incomplete window
        begin = state.first_position + len(state.positions)
        parts = [state.positions, *(self._windows(i, min(i + _MAX_WINDOWS, stop))
                                    for i in range(begin, stop, _MAX_WINDOWS))]
        state.positions = np.concatenate(parts)
        count = max(0, (state.first_position + len(state.positions) - 1 - _NEIGHBOURS) // FEATURES_PER_POSE + 1)
        count = min(count, last) if last is not None else count
        start, state.poses = state.poses, max(state.poses, count)
        poses = np.arange(start, state.poses)
        joint_xyz = self._joints(self._mean_of_phases(poses))
        self._forget()
        return PoseChunk(start, joint_xyz.astype(np.float32))

    def _windows(self, begin: int, stop: int) -> Rows:
        """Positions (stop - begin, J, 3) [cm] of the windows around these frames."""
        index = np.arange(begin, stop) + self._offsets[:, None] - self._state.first_gate
        return self._network.decode(self._network.encode(self._state.gates[index]))

    def _mean_of_phases(self, poses: npt.NDArray[np.int64]) -> Rows:
        """Mean over one neighbour of each grid, (K, J, 3) [cm]; the first frame stands for those before it."""
        frames = FEATURES_PER_POSE * poses[:, None] + np.arange(-_NEIGHBOURS, _NEIGHBOURS + 1)
        index = np.maximum(frames, 0) - self._state.first_position
        return np.asarray(self._state.positions[index].mean(axis=1))

    def _joints(self, positions: Rows) -> npt.NDArray[np.float64]:
        if self._config.output == "published":
            return from_published(positions, self.skeleton)
        return from_canonical(positions, self.skeleton)

    def _forget(self) -> None:
        """Drop what no later window and no later pose needs."""
        state = self._state
        begin = state.first_position + len(state.positions)  # the next window
        drop = max(0, begin - NUM_PHASES * self._config.past - state.first_gate)
        state.gates, state.first_gate = state.gates[drop:].copy(), state.first_gate + drop
        drop = max(0, FEATURES_PER_POSE * state.poses - _NEIGHBOURS - state.first_position)
        drop = min(drop, len(state.positions))
        state.positions, state.first_position = state.positions[drop:].copy(), state.first_position + drop

    def _make_normalisation(self) -> RunningNormalisation | None:
        if self._config.normalisation == "fixed":
            return None
        columns = self._config.columns
        energy = columns.index("energy") if "energy" in columns else None
        return RunningNormalisation(self._bundle.feature_mean, self._bundle.feature_std, energy)


def window_frames(config: KucherenkoConfig, ahead: int) -> npt.NDArray[np.int64]:
    """Frames of a window, relative to its middle, with a look-ahead of `ahead` frames.

    Args:
        config: Sizes.
        ahead: 0 to `config.future`.

    Returns:
        (past + 1 + future,): -past .. ahead, then back again.
    """
    frames = np.arange(-config.past, config.future + 1)
    mirrored = 2 * ahead - frames
    return np.where(frames <= ahead, frames, np.maximum(mirrored, -config.past))


def open_stage(files: BundleFiles, *, look_ahead_s: float, seed: int, device: str) -> KucherenkoStage:
    """Open a Kucherenko network for `networks.model_registry`; it has no seed and always runs on the CPU."""
    del seed, device
    return KucherenkoStage(bundle_from_files(files), look_ahead_s)
