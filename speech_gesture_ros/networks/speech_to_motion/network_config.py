"""How big the gesture network is: every number that shapes its weights, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import FEATURES_PER_POSE

MAX_LOOK_AHEAD = 25  # pose frames: one second
EXTREME = 6.0  # [standard deviations] where a normalised feature is cut off: bursts, clipping, damaged input


@dataclass(frozen=True)
class SpeechToMotionConfig:
    """Sizes of SpeechE and MotionD.

    Attributes:
        num_features: Columns of a feature frame.
        num_codes: Gesture codes to choose from.
        channels: Width of the causal convolutions that listen.
        dilations: Their dilations [pose frames]; kernels have three taps.
        foresight: Channels that are shown on the way from now to the look-ahead.
        foresight_past: Frames before now that are shown with them.
        hidden: Units of the recurrent layer that moves.
        code_size: Size of a code's embedding.
        z_size: Dimensions of the motion representation z.
        decoder_hidden: Width of MotionD.
        accent_lags: How long after a frame the accent head speaks about it [pose frames].
        variations: Columns of a segment's variation that the network is told; 0 if its codes have none.
        plan_hidden: Width of the layer in which code, variation, phase and activity meet; 0 for none. Networks without
            it are not told the activity.
        smoothing: Causal filter on z, newest frame last; sums to one.
    """

    num_features: int
    num_codes: int
    channels: int = 128
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16)
    foresight: int = 16
    foresight_past: int = 4
    hidden: int = 224
    code_size: int = 16
    z_size: int = 32
    decoder_hidden: int = 128
    accent_lags: tuple[int, ...] = (1, 3, 6, 10)
    variations: int = 0
    plan_hidden: int = 0
    smoothing: tuple[float, ...] = (0.125, 0.375, 0.375, 0.125)

    def __post_init__(self) -> None:
        for name in ("num_features", "num_codes", "channels", "foresight", "hidden", "code_size", "z_size"):
            if getattr(self, name) < 1:
                raise ConfigError(name, getattr(self, name), "at least 1", "Correct the network's configuration.")
        if min(self.variations, self.plan_hidden) < 0 or (self.variations and not self.plan_hidden):
            raise ConfigError("plan_hidden", self.plan_hidden, "at least 1 with variations, else 0 or more",
                              "Give the layer a width.")
        if abs(sum(self.smoothing) - 1.0) > 1e-6:
            raise ConfigError("smoothing", self.smoothing, "weights that sum to 1", "Divide them by their sum.")
        if max(self.accent_lags) > MAX_LOOK_AHEAD:
            raise ConfigError("accent_lags", self.accent_lags, f"at most {MAX_LOOK_AHEAD}", "Use shorter lags.")

    @property
    def frame_size(self) -> int:
        """Features that belong to one pose frame."""
        return self.num_features * FEATURES_PER_POSE

    @property
    def plan_size(self) -> int:
        """What a pose frame's codes are told as: two embeddings, four waves of phase, two of time left, and wishes."""
        return 2 * self.code_size + 6 + self.variations + (1 if self.plan_hidden else 0)

    @property
    def history(self) -> int:
        """Heard frames to keep: enough for the longest look-ahead and what lies before it."""
        return MAX_LOOK_AHEAD + self.foresight_past


def poses_before(seen: int, look_ahead: int) -> int:
    """Pose frames that `seen` input frames complete at a look-ahead: output waits, it is never made up."""
    return max(0, seen - look_ahead)
