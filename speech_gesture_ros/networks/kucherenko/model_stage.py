"""KucherenkoStage: feature frames in, canonical poses out, with as much of the 1.5 s of future as one waits for.

    window of frame n     n-30 ..... n ..... n+J | n+J-1 .. n+J-2 ..         50 ms apart
                          known              known  not known yet: the known ones, mirrored

- The network runs for every 10 ms: five grids of 20 Hz. A pose is the mean over five neighbours, one of each grid,
  for the model reads 12 ms of every 50 and one grid alone hears another speech than the next.
- Features of a speaker are moved to the training data's mean and variance while they speak, where the bundle says so.
- Before the first frame, and after a flush, stands the bundle's silence.
- No smoothing comes after: what the authors use (Savitzky-Golay over 9 frames) waits 0.2 s, which is better spent on
  look-ahead, and the mean over the grids and the smoother of `pose` have done the work.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import FeatureChunk, PoseChunk
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import FEATURE_RATE, FEATURES_PER_POSE
from speech_gesture_ros.networks.bundle_files import BundleFiles
from speech_gesture_ros.networks.kucherenko.bundle import KucherenkoBundle, bundle_from_files
from speech_gesture_ros.networks.kucherenko.frames import PHASES, make_frames
from speech_gesture_ros.networks.kucherenko.joints import from_canonical, from_published
from speech_gesture_ros.networks.kucherenko.network_config import FRAME_RATE, KucherenkoConfig
from speech_gesture_ros.networks.kucherenko.normalisation import RunningNormalisation
from speech_gesture_ros.networks.kucherenko.numpy_network import KucherenkoNetwork

Rows = npt.NDArray[np.float32]

MAX_LOOK_AHEAD_S = 1.5
_HALF = PHASES // 2  # neighbours of a pose on either side
_MOST_WINDOWS = 64  # at once: bounds memory
_EXTREME = 20.0  # [standard deviations] where a feature is cut off before anything is learned from it


@dataclass
class _State:
    """What later poses need.

    Attributes:
        rows: (<= 4, F) feature frames that do not fill a frame of 50 ms yet.
        gates: (T, 3 H) what frames from `first_gate` on give to the network.
        first_gate: Index of the first.
        positions: (T, J, 3) of windows from `first_position` on [cm].
        first_position: Index of the first.
        heard: Feature frames so far.
        poses: Poses given out so far.
    """

    rows: Rows
    gates: Rows = field(repr=False)
    first_gate: int
    positions: Rows = field(repr=False)
    first_position: int = 0
    heard: int = 0
    poses: int = 0


class KucherenkoStage:
    """FeatureChunk (T, F) at 100 Hz to PoseChunk (K, J, 3) [m] at 25 Hz, T // 4 poses in all.

    Args:
        bundle: The model.
        look_ahead_s: Future speech known to a pose [s], 0 to 1.5; rounded to 50 ms and cut to what the model uses.

    Attributes:
        name: Of the model.
        feature_set: In `features.sets`.
        skeleton: Whose joints come out.
        device_reason: Where it runs, and why.

    Raises:
        ConfigError: If the look-ahead is out of range.
    """

    def __init__(self, bundle: KucherenkoBundle, look_ahead_s: float = 0.4) -> None:
        if not 0.0 <= look_ahead_s <= MAX_LOOK_AHEAD_S:
            raise ConfigError("look_ahead_s", look_ahead_s, f"0 to {MAX_LOOK_AHEAD_S} s",
                              "The model was trained with 1.5; 0.4 is a fair compromise.")
        self.name, self.skeleton, self.feature_set = bundle.name, bundle.skeleton, bundle.config.feature_set
        self.device_reason = "the CPU: small enough, and runs in NumPy"
        self._config: KucherenkoConfig = bundle.config
        self._bundle = bundle
        self._picked = [bundle.config.all_features.index(name) for name in bundle.config.columns]
        self._num_features = len(bundle.config.all_features)
        self._network = KucherenkoNetwork(bundle)
        self._ahead = min(round(look_ahead_s * FRAME_RATE), bundle.config.future)
        self._offsets = PHASES * window_frames(bundle.config, self._ahead)
        self._normalisation = self._make_normalisation()
        self._silent_gate = self._network.embed(bundle.silence[None])
        self.reset()

    @property
    def latency_s(self) -> float:
        """A pose needs the neighbour two frames on, that one's future, and the 50 ms of its last frame [s]."""
        return (_HALF + PHASES * self._ahead + PHASES) / FEATURE_RATE

    def reset(self) -> None:
        """Forget everything."""
        past = PHASES * self._config.past
        joints = self._config.pose_size(len(self.skeleton)) // self._config.values_per_joint
        self._state = _State(rows=np.empty((0, len(self._picked)), np.float32),
                             gates=np.repeat(self._silent_gate, past, axis=0), first_gate=-past,
                             positions=np.empty((0, joints, 3), np.float32))
        if self._normalisation:
            self._normalisation.reset()

    def push(self, chunk: FeatureChunk) -> PoseChunk:
        """Feed consecutive feature frames; return the poses that they complete. NaN counts as an average value.

        Raises:
            ConfigError: If the frames have another number of columns than the feature set.
        """
        values = np.asarray(chunk.values, dtype=np.float32)
        if values.ndim != 2 or values.shape[1] != self._num_features:
            raise ConfigError("shape of the feature frames", values.shape, f"(T, {self._num_features})",
                              "Use the feature set that the bundle names.")
        self._state.heard += len(values)
        self._listen(self._repaired(values[:, self._picked]))
        return self._perform(last=None)

    def flush(self) -> PoseChunk:
        """The last poses, as if silence followed."""
        state = self._state
        poses = state.heard // FEATURES_PER_POSE
        if state.heard:
            self._listen(np.repeat(state.rows[-1:], PHASES - 1, axis=0))  # the last frames of 50 ms stand still
        silence = PHASES * self._ahead + _HALF
        state.gates = np.concatenate([state.gates, np.repeat(self._silent_gate, silence, axis=0)])
        return self._perform(last=poses)

    def _repaired(self, rows: Rows) -> Rows:
        mean, reach = self._bundle.feature_mean, _EXTREME * self._bundle.feature_std
        finite = np.where(np.isfinite(rows), rows, mean)
        if self._normalisation is None:  # as they are: statistics may be those of another scale
            return np.asarray(np.minimum(np.maximum(finite, -1e4), 1e4))
        return np.asarray(np.minimum(np.maximum(finite, mean - reach), mean + reach))

    def _listen(self, rows: Rows) -> None:
        """Feature frames to gate inputs of the frames of 50 ms that they complete."""
        state = self._state
        known = np.concatenate([state.rows, rows])
        frames = make_frames(known, self._config.columns, self._config.frames)
        state.rows = known[len(frames):]
        if not len(frames):
            return
        normal = self._normalisation.apply(frames) if self._normalisation else frames
        state.gates = np.concatenate([state.gates, self._network.embed(normal)])

    def _perform(self, last: int | None) -> PoseChunk:
        """All poses whose windows are known; with `last`, as many as to make that many in all."""
        state = self._state
        stop = max(0, state.first_gate + len(state.gates) - PHASES * self._ahead)  # windows known up to here
        begin = state.first_position + len(state.positions)
        parts = [state.positions, *(self._windows(i, min(i + _MOST_WINDOWS, stop))
                                    for i in range(begin, stop, _MOST_WINDOWS))]
        state.positions = np.concatenate(parts)
        count = max(0, (state.first_position + len(state.positions) - 1 - _HALF) // FEATURES_PER_POSE + 1)
        count = min(count, last) if last is not None else count
        start, state.poses = state.poses, max(state.poses, count)
        poses = np.arange(start, state.poses)
        joint_xyz = self._joints(self._mean_of_phases(poses))
        self._forget()
        return PoseChunk(start, joint_xyz.astype(np.float32))

    def _windows(self, begin: int, stop: int) -> Rows:
        """Positions (stop - begin, J, 3) [cm] of the windows around these frames."""
        picked = np.arange(begin, stop) + self._offsets[:, None] - self._state.first_gate
        return self._network.decode(self._network.encode(self._state.gates[picked]))

    def _mean_of_phases(self, poses: npt.NDArray[np.int64]) -> Rows:
        """One neighbour of each grid: (K, J, 3). Before the first frame there are none."""
        frames = FEATURES_PER_POSE * poses[:, None] + np.arange(-_HALF, _HALF + 1)
        picked = np.maximum(frames, 0) - self._state.first_position
        return np.asarray(self._state.positions[picked].mean(axis=1))

    def _joints(self, positions: Rows) -> npt.NDArray[np.float64]:
        if self._config.output == "published":
            return from_published(positions, self.skeleton)
        return from_canonical(positions, self.skeleton)

    def _forget(self) -> None:
        """Drop what no later window and no later pose looks at."""
        state = self._state
        begin = state.first_position + len(state.positions)  # the next window
        drop = max(0, begin - PHASES * self._config.past - state.first_gate)
        state.gates, state.first_gate = state.gates[drop:].copy(), state.first_gate + drop
        drop = max(0, FEATURES_PER_POSE * state.poses - _HALF - state.first_position)
        drop = min(drop, len(state.positions))
        state.positions, state.first_position = state.positions[drop:].copy(), state.first_position + drop

    def _make_normalisation(self) -> RunningNormalisation | None:
        if self._config.normalisation == "fixed":
            return None
        columns = self._config.columns
        energy = columns.index("energy") if "energy" in columns else None
        return RunningNormalisation(self._bundle.feature_mean, self._bundle.feature_std, energy)


def window_frames(config: KucherenkoConfig, ahead: int) -> npt.NDArray[np.int64]:
    """Which frames a window is made of, relative to its middle, when `ahead` frames of the future are known.

    Args:
        config: Sizes.
        ahead: 0 to `config.future`.

    Returns:
        (past + 1 + future,): -past .. ahead, then back again.
    """
    wanted = np.arange(-config.past, config.future + 1)
    mirrored = 2 * ahead - wanted
    return np.where(wanted <= ahead, wanted, np.maximum(mirrored, -config.past))


def open_stage(files: BundleFiles, *, look_ahead_s: float, seed: int, device: str) -> KucherenkoStage:
    """As `networks.model_registry` opens it. The model leaves no choice to a seed, and runs on the CPU everywhere."""
    del seed, device
    return KucherenkoStage(bundle_from_files(files), look_ahead_s)
