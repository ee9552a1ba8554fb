"""FaceModelStage: feature frames in, articulation out, `look_ahead_s` later.

    features 100 Hz ─► pairs ─► network ─► visemes, articulators ─┐
                         └────► energy, pitch ─► prosody ─────────┴─► ArticulationChunk 50 Hz

Face frame k takes the feature frames 2 k - 1 and 2 k, so that it is complete as soon as its own feature frame is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import ArticulationChunk, FeatureChunk
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import NUM_ARTICULATION, PROSODY_COLUMNS, VISEME_INDEX
from speech_gesture_ros.core.rates import FACE_RATE, FEATURE_RATE, FEATURES_PER_FACE
from speech_gesture_ros.networks.face.bundle import FEATURE_SET, FaceBundle
from speech_gesture_ros.networks.face.network_config import LOOK_AHEADS, look_ahead_frames
from speech_gesture_ros.networks.face.numpy_network import NumpyFaceNetwork

Frames = npt.NDArray[np.float32]

# Energy relative to the voice's level [20 dB] and pitch [half octaves] where loudness and pitch are 0, and 1.
PROSODY_FROM, PROSODY_TO = np.array([-0.5, -1.0], np.float32), np.array([1.0, 1.0], np.float32)
PROSODY_UNKNOWN = np.array([0.0, 0.5], np.float32)  # for NaN
SILENT_FRAMES = 80  # that the network has received when a stream begins: more than it remembers
_MAX_STEP_FRAMES = 1024  # of one network step: bounds memory for long chunks


class FaceModelStage:
    """FeatureChunk (T, F) at 100 Hz to ArticulationChunk (K, NUM_ARTICULATION) at 50 Hz.

    Args:
        bundle: The model.
        look_ahead_s: Future speech that a frame may use: 0, 0.04 or 0.08 s.

    Raises:
        ConfigError: If the look-ahead is another one.
        BundleError: If the bundle's weights do not fit its network.
    """

    feature_set = FEATURE_SET

    def __init__(self, bundle: FaceBundle, look_ahead_s: float = 0.04) -> None:
        self.look_ahead = look_ahead_frames(look_ahead_s)
        self.name = bundle.name
        self._network = NumpyFaceNetwork(bundle.network, bundle.feature_mean, bundle.feature_std, bundle.weights,
                                         LOOK_AHEADS.index(self.look_ahead))
        self._silence = bundle.silence
        self._prosody_columns = np.array([bundle.feature_names.index(name) for name in ("energy", "f0")])
        self.reset()

    @property
    def latency_s(self) -> float:
        """A frame needs its own feature frame and those of the look-ahead [s]."""
        return 1.0 / FEATURE_RATE + self.look_ahead / FACE_RATE

    def reset(self) -> None:
        """Begin a new stream, which silence precedes."""
        self._network.reset()
        self._network.push(np.tile(self._silence, (SILENT_FRAMES, FEATURES_PER_FACE)))
        self._pending = self._silence[None].copy()  # the feature frame before the first
        self._prosody = np.empty((0, 2), np.float32)  # of frames that wait for their look-ahead
        self._num_inputs = self._num_outputs = 0

    def push(self, chunk: FeatureChunk) -> ArticulationChunk:
        """Feed consecutive feature frames; return the articulation that they complete. NaN counts as a usual value.

        Raises:
            ConfigError: If the frames have another number of columns than the model was trained on.
        """
        values = np.asarray(chunk.values, dtype=np.float32)
        if values.ndim != 2 or values.shape[1] != len(self._silence):
            raise ConfigError("shape of the feature frames", values.shape, f"(T, {len(self._silence)})",
                              f"Use the feature set {FEATURE_SET!r}.")
        known = np.concatenate([self._pending, values])
        complete = len(known) // FEATURES_PER_FACE * FEATURES_PER_FACE
        self._pending = known[complete:].copy()
        return self._advance(known[:complete])

    def flush(self) -> ArticulationChunk:
        """Return the last frames, as if silence followed."""
        waiting = self._num_inputs - self._num_outputs
        out = self._advance(np.tile(self._silence, (FEATURES_PER_FACE * self.look_ahead, 1)))
        return ArticulationChunk(out.start_index, out.values[:waiting])

    def _advance(self, features: Frames) -> ArticulationChunk:
        count = len(features) // FEATURES_PER_FACE
        if not count:
            return ArticulationChunk(self._num_outputs, np.empty((0, NUM_ARTICULATION), np.float32))
        frames = features.reshape(count, FEATURES_PER_FACE * len(self._silence))
        outputs = [self._network.push(frames[i:i + _MAX_STEP_FRAMES]) for i in range(0, count, _MAX_STEP_FRAMES)]
        made = np.concatenate(outputs)
        early = min(max(self.look_ahead - self._num_inputs, 0), count)  # of frames before the stream
        made = made[early:]
        self._prosody = np.concatenate([self._prosody, self._prosody_of(features[FEATURES_PER_FACE - 1::2])])
        self._num_inputs += count
        prosody, self._prosody = self._prosody[:len(made)], self._prosody[len(made):].copy()
        out = np.empty((len(made), NUM_ARTICULATION), np.float32)
        out[:, :PROSODY_COLUMNS.start] = made
        voice = 1.0 - made[:, VISEME_INDEX["sil"]]
        out[:, PROSODY_COLUMNS.start] = prosody[:, 0] * voice
        out[:, PROSODY_COLUMNS.start + 1] = prosody[:, 1]
        start, self._num_outputs = self._num_outputs, self._num_outputs + len(made)
        return ArticulationChunk(start, out)

    def _prosody_of(self, rows: Frames) -> Frames:
        """Return loudness and pitch (T, 2) of feature frames (T, F)."""
        shares = (rows[:, self._prosody_columns] - PROSODY_FROM) / (PROSODY_TO - PROSODY_FROM)
        return np.where(np.isnan(shares), PROSODY_UNKNOWN, shares).clip(0.0, 1.0)
