"""Interface of all models: speech features at 100 Hz in, poses of the canonical skeleton at 25 Hz out.

A model is a stage (`core.stage`) that states by value, in `capabilities`, what it needs and what it can do. Code that
uses a model checks these values and never the model's class or methods.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import FeatureChunk, PoseChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.core.stage import Stage


@dataclass(frozen=True)
class ModelCapabilities:
    """Properties of a model that its users depend on.

    Attributes:
        feature_set: Features that it takes, by their name in `features.sets`.
        look_ahead_range_s: Smallest and largest look-ahead [s].
        controls: Fields of `GestureControls` that the model applies; the others have no effect on it.
        has_keypoints: True for a `KeypointModel`.
        can_hold_back: True for a `HoldingModel`.
        has_hand_shapes: True for a `HandShapingModel`.
        has_accents: True for an `AccentModel`.
        families: Families of gestures that `styles` of the controls weight.
    """

    feature_set: str
    look_ahead_range_s: tuple[float, float]
    controls: frozenset[str] = frozenset()
    has_keypoints: bool = False
    can_hold_back: bool = False
    has_hand_shapes: bool = False
    has_accents: bool = False
    families: tuple[str, ...] = ()

    def check_look_ahead(self, look_ahead_s: float) -> None:
        """Refuse a look-ahead [s] that the model does not accept.

        Raises:
            ConfigError: If it is out of range.
        """
        low, high = self.look_ahead_range_s
        if not low <= look_ahead_s <= high:
            raise ConfigError("look_ahead_s", look_ahead_s, f"{low:g} to {high:g} s",
                              "0.4 is usual; less gives worse timing, more gives more latency.")


class ModelStage(Stage[FeatureChunk, PoseChunk], Protocol):
    """An opened model: FeatureChunk (T, F) to PoseChunk (K, J, 3) [m], T // 4 poses for T frames."""

    @property
    def name(self) -> str:
        """Name of the model."""
        ...

    @property
    def capabilities(self) -> ModelCapabilities:
        """Properties that users of the model depend on."""
        ...

    @property
    def skeleton(self) -> Skeleton:
        """Skeleton of the poses: the canonical one."""
        ...

    @property
    def device(self) -> str:
        """Device that it runs on, with the reason, as text for logs."""
        ...

    def set_controls(self, controls: GestureControls) -> None:
        """Apply the controls that `capabilities` names, from the next pose on; a reset keeps them.

        Raises:
            ConfigError: If a style is unknown to the model.
        """
        ...


class KeypointModel(ModelStage, Protocol):
    """A model that predicts image keypoints and lifts them to poses."""

    def keypoints(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Features (T, F) of a whole recording to keypoints (T // 4, 49, 2) at 25 Hz, relative to the base [m]."""
        ...


class HoldingModel(ModelStage, Protocol):
    """A model that uses speech which is known ahead: it takes the features at once and returns the poses in time."""

    def hold_back(self, frames: int) -> None:
        """Keep back the poses of the last features, as many pose frames of them as are ahead of their time.

        From the next push on, as if the look-ahead were that much longer; 0 after a reset. A push without features
        returns the poses that are kept back no longer.
        """
        ...


class HandShapingModel(ModelStage, Protocol):
    """A model that draws how the fingers are held."""

    def take_hand_shapes(self, count: int) -> npt.NDArray[np.int8]:
        """Return (count, 2) `HandShape` of left and right hand of the next poses of the stream, and forget them."""
        ...


class AccentModel(ModelStage, Protocol):
    """A model that detects the accents of the voice."""

    def take_accents(self) -> list[float]:
        """Return the times in the stream of the accents that were detected since the last call, and forget them [s]."""
        ...
