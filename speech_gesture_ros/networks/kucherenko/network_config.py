"""Sizes and conventions of a network of Kucherenko et al. (2019).

feature frames, 100 Hz   of the feature set
frames of 50 ms          from five feature frames each, one for every 10 ms: see `KucherenkoConfig.frames`
window                   `past` + 1 + `future` of them, 50 ms apart
network                  (dense, norm, ReLU) several times, GRU, its last state, norm, ReLU, dense: z
pose                     tanh(z W + b) * pose_scale + pose_mean
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError

WINDOW_FRAME_RATE = 20  # [Hz] of the 50 ms frames in a window
PUBLISHED_JOINTS = 46
MAX_FRAMES, MAX_WIDTH, MAX_LAYERS = 1000, 2**16, 64  # of a window, of a layer, of the dense layers
_REMEDY = "Correct the network's configuration."

GRU_VARIANTS = ("torch", "keras2")
FRAMES = ("mean", "published")
OUTPUTS = ("canonical", "published")
NORMALISATIONS = ("fixed", "running")


@dataclass(frozen=True)
class KucherenkoConfig:
    """Sizes and conventions.

    Attributes:
        columns: Columns of the feature set that the network takes.
        feature_set: Name of the set in `features.sets`.
        feature_names: All columns of that set in order, if `columns` are only some; empty if they are all.
        past: Frames of 50 ms in a window before the frame of the pose.
        future: Frames after it.
        dense: Widths of the dense layers applied to single frames, with normalisation and ReLU.
        hidden: Units of the gated recurrent unit, of which the last state is used.
        gru: "torch" (logistic gates, reset after the product) or "keras2" (hard sigmoid, reset before the product).
        norm_epsilon: Added to the variances of the normalisations.
        representation: Size of z; 0 for the direct baseline, whose network gives the pose itself.
        frames: Computation of a frame of 50 ms at t from the feature frames at t, t + 10, .. t + 40 ms: the "mean" of
            all five in every column, or "published": the first one in the MFCC columns, the mean in the others.
        normalisation: "fixed" does not change the features; "running" maps each speaker's mean and variance to those
            of the training data.
        output: "canonical" joints of the bundle's skeleton, x forward, y left, z up; "published" the 46 joints of
            the published weights, y up. Both in cm.
        values_per_joint: 3 for positions; 6 if each position is followed by a velocity, which is dropped.
    """

    columns: tuple[str, ...]
    feature_set: str = "kucherenko2019"
    feature_names: tuple[str, ...] = ()
    past: int = 30
    future: int = 30
    dense: tuple[int, ...] = (256, 256, 256)
    hidden: int = 256
    gru: str = "torch"
    norm_epsilon: float = 1e-3
    representation: int = 86
    frames: str = "mean"
    normalisation: str = "fixed"
    output: str = "canonical"
    values_per_joint: int = 6

    def __post_init__(self) -> None:
        for name, choices in (("gru", GRU_VARIANTS), ("frames", FRAMES), ("output", OUTPUTS),
                              ("normalisation", NORMALISATIONS), ("values_per_joint", (3, 6))):
            if getattr(self, name) not in choices:
                raise ConfigError(name, getattr(self, name), f"one of {choices}", _REMEDY)
        for name, smallest, largest in (("past", 0, MAX_FRAMES), ("future", 0, MAX_FRAMES), ("hidden", 1, MAX_WIDTH),
                                        ("representation", 0, MAX_WIDTH)):
            if not smallest <= getattr(self, name) <= largest:
                raise ConfigError(name, getattr(self, name), f"{smallest} to {largest}", _REMEDY)
        if not self.columns or not 1 <= len(self.dense) <= MAX_LAYERS or min(self.dense) < 1:
            raise ConfigError("columns and dense", (len(self.columns), self.dense), "not empty, of positive widths",
                              _REMEDY)
        missing = sorted(set(self.columns) - set(self.all_features))
        if missing:
            raise ConfigError("columns", missing, f"some of {self.all_features}", _REMEDY)

    @property
    def all_features(self) -> tuple[str, ...]:
        """All columns of the feature set, in order."""
        return self.feature_names or self.columns

    @property
    def window(self) -> int:
        """Frames in a window."""
        return self.past + 1 + self.future

    def pose_size(self, num_joints: int) -> int:
        """Numbers in a pose of a skeleton with `num_joints` joints."""
        return self.values_per_joint * (PUBLISHED_JOINTS if self.output == "published" else num_joints)


def parameter_shapes(config: KucherenkoConfig, num_joints: int) -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter, in torch's layout: (outputs, inputs), gates in the order r, z, n.

    "keras2" has the same layout; its only bias per gate is `gru.bias_ih`, and `gru.bias_hh` is 0. Without
    representation there is no decoder: pose = out * pose_scale + pose_mean.
    """
    hidden, pose = config.hidden, config.pose_size(num_joints)
    widths = (len(config.columns), *config.dense)
    shapes: dict[str, tuple[int, ...]] = {
        "gru.weight_ih": (3 * hidden, widths[-1]), "gru.weight_hh": (3 * hidden, hidden),
        "gru.bias_ih": (3 * hidden,), "gru.bias_hh": (3 * hidden,),
    }
    for i, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
        shapes |= {f"dense.{i}.weight": (outputs, inputs), f"dense.{i}.bias": (outputs,)}
        shapes |= _norm_shapes(f"norm.{i}", outputs)
    shapes |= _norm_shapes("gru_norm", hidden)
    size = config.representation or pose
    shapes |= {"out.weight": (size, hidden), "out.bias": (size,)}
    if config.representation:
        shapes |= {"decoder.weight": (pose, size), "decoder.bias": (pose,)}
    return shapes


def _norm_shapes(name: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.{part}": (width,) for part in ("weight", "bias", "running_mean", "running_var")}
