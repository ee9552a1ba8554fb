"""Sizes of the default network: every number that shapes its weights, and no other."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import FEATURES_PER_POSE
from speech_gesture_ros.networks.network_sizes import MAX_DILATION, check_dilations

MAX_LOOK_AHEAD = 25  # [pose frames] one second


@dataclass(frozen=True)
class SpeechToMotionConfig:
    """Sizes of SpeechE and MotionD.

    Attributes:
        num_features: Columns of a feature frame.
        num_codes: Gesture codes to choose from.
        channels: Width of the causal convolutions that encode speech.
        dilations: Their dilations [pose frames]; kernels have three taps.
        look_ahead_channels: Channels of the look-ahead kernel, which covers the frames from now to the look-ahead.
        look_ahead_past: Frames before now that the kernel covers besides.
        hidden: Units of the recurrent layer.
        code_size: Size of a code's embedding.
        z_size: Dimensions of the motion representation z.
        decoder_hidden: Width of MotionD.
        accent_lags: Lags at which the event head detects accents and speech [pose frames].
        variations: Columns of a segment's variation that the network takes; 0 if its codes have none.
        conditioning_hidden: Width of the hidden layer for code, variation, phase and activity; 0 for none. Networks
            without it do not take the activity.
        smoothing: Causal filter on z, newest frame last; sums to one.
    """

    num_features: int
    num_codes: int
    channels: int = 128
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16)
    look_ahead_channels: int = 16
    look_ahead_past: int = 4
    hidden: int = 224
    code_size: int = 16
    z_size: int = 32
    decoder_hidden: int = 128
    accent_lags: tuple[int, ...] = (1, 3, 6, 10)
    variations: int = 0
    conditioning_hidden: int = 0
    smoothing: tuple[float, ...] = (0.125, 0.375, 0.375, 0.125)

    def __post_init__(self) -> None:
        for name in ("num_features", "num_codes", "channels", "look_ahead_channels", "hidden", "code_size", "z_size"):
            if getattr(self, name) < 1:
                raise ConfigError(name, getattr(self, name), "at least 1", "Correct the network's configuration.")
        if min(self.variations, self.conditioning_hidden) < 0 or (self.variations and not self.conditioning_hidden):
            raise ConfigError("conditioning_hidden", self.conditioning_hidden,
                              "at least 1 with variations, else 0 or more", "Give the layer a width.")
        check_dilations(self.dilations)
        if not 0 <= self.look_ahead_past <= MAX_DILATION:
            raise ConfigError("look_ahead_past", self.look_ahead_past, f"0 to {MAX_DILATION}", "Use fewer frames.")
        if not 1 <= len(self.smoothing) <= MAX_DILATION:
            raise ConfigError("length of smoothing", len(self.smoothing), f"1 to {MAX_DILATION}", "Use fewer frames.")
        if abs(sum(self.smoothing) - 1.0) > 1e-6:
            raise ConfigError("smoothing", self.smoothing, "weights that sum to 1", "Divide them by their sum.")
        if not self.accent_lags or not all(0 <= lag <= MAX_LOOK_AHEAD for lag in self.accent_lags):
            raise ConfigError("accent_lags", self.accent_lags, f"0 to {MAX_LOOK_AHEAD}", "Use shorter lags.")

    @property
    def frame_size(self) -> int:
        """Features of one pose frame."""
        return self.num_features * FEATURES_PER_POSE

    @property
    def conditioning_size(self) -> int:
        """Columns of the conditioning: two embeddings, four waves of phase, two of time left, variation, activity."""
        return 2 * self.code_size + 6 + self.variations + (1 if self.conditioning_hidden else 0)

    @property
    def history(self) -> int:
        """Encoded frames to keep: the longest look-ahead and the frames before now that the kernel covers."""
        return MAX_LOOK_AHEAD + self.look_ahead_past


def num_poses(num_frames: int, look_ahead: int) -> int:
    """Return how many pose frames `num_frames` input frames complete at a look-ahead [pose frames]."""
    return max(0, num_frames - look_ahead)
