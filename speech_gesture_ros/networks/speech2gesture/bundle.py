"""Bundle of a Speech2Gesture model: sizes, speaker, keypoint statistics, weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import BundleError
from speech_gesture_ros.core.keypoints import KEYPOINT_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.bundle_files import (
    RETRAIN,
    BundleFiles,
    manifest_from_files,
    skeleton_from_files,
    statistics_from_files,
    write_bundle,
)
from speech_gesture_ros.networks.speech2gesture.network_config import NUM_MOVING, Speech2GestureConfig

ARCHITECTURE = "speech2gesture"
FEATURE_SET = "log_mel64"

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class KeypointStatistics:
    """Mean and standard deviation of the keypoints of a speaker, without the base.

    Attributes:
        mean: (48, 2) mean position relative to the base [m], on a body with the canonical skeleton's shoulder width.
        std: (48, 2) standard deviation [m].
    """

    mean: Array
    std: Array

    def normalise(self, keypoints: npt.NDArray[np.floating]) -> Array:
        """(..., 48, 2) [m] to units of the standard deviation."""
        return np.asarray((keypoints - self.mean) / self.std, dtype=np.float32)

    def restore(self, normalised: npt.NDArray[np.floating]) -> Array:
        """The inverse of `normalise`."""
        return np.asarray(normalised * self.std + self.mean, dtype=np.float32)


@dataclass(frozen=True)
class Speech2GestureBundle:
    """A trained model in memory.

    Attributes:
        name: Name of the model.
        speaker: Speaker that it was trained on.
        network: Sizes.
        statistics: Of that speaker's keypoints.
        skeleton: The canonical one, to which keypoints are lifted.
        weights: Parameters of the generator, under the names of its `state_dict`.
        card: Text of the model card.
    """

    name: str
    speaker: str
    network: Speech2GestureConfig
    statistics: KeypointStatistics
    skeleton: Skeleton
    weights: Mapping[str, npt.ArrayLike] = field(repr=False)
    card: str = field(repr=False, default="")


@dataclass(frozen=True)
class _Manifest:
    """Content of bundle.yaml besides format, architecture and checksums."""

    name: str
    speaker: str
    feature_set: str
    keypoint_rate_hz: int
    network: Speech2GestureConfig


def save_bundle(bundle: Speech2GestureBundle, folder: Path) -> None:
    """Write a bundle; files of an older one in that folder are replaced."""
    manifest = _Manifest(bundle.name, bundle.speaker, FEATURE_SET, KEYPOINT_RATE, bundle.network)
    statistics = {"keypoint_mean": bundle.statistics.mean, "keypoint_std": bundle.statistics.std}
    write_bundle(folder, ARCHITECTURE, dataclasses.asdict(manifest),
                 {"weights": bundle.weights, "statistics": statistics}, bundle.skeleton, bundle.card)


def bundle_from_files(files: BundleFiles) -> Speech2GestureBundle:
    """Convert files that were read to a bundle.

    Raises:
        BundleError: If they do not fit this package.
    """
    suffix = f"of bundle {str(files.folder)!r}"
    manifest = manifest_from_files(files, _Manifest)
    if (manifest.feature_set, manifest.keypoint_rate_hz) != (FEATURE_SET, KEYPOINT_RATE):
        raise BundleError(f"features and rate {suffix}", (manifest.feature_set, manifest.keypoint_rate_hz),
                          str((FEATURE_SET, KEYPOINT_RATE)), RETRAIN)
    shape = (NUM_MOVING, 2)
    mean, std = statistics_from_files(files, keypoint_mean=shape, keypoint_std=shape).values()
    return Speech2GestureBundle(manifest.name, manifest.speaker, manifest.network, KeypointStatistics(mean, std),
                                skeleton_from_files(files), files.tensors.get("weights", {}), files.card)
