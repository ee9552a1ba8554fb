"""Bundle of the architecture "kucherenko2019": published weights, or weights trained by the user."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.bundle_checks import check_weights
from speech_gesture_ros.networks.bundle_files import (
    BundleFiles,
    manifest_from_files,
    read_bundle,
    skeleton_from_files,
    tensor_from_files,
    write_bundle,
)
from speech_gesture_ros.networks.kucherenko.network_config import KucherenkoConfig, parameter_shapes

ARCHITECTURE = "kucherenko2019"

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class KucherenkoBundle:
    """A trained model in memory.

    Attributes:
        name: Name of the model.
        config: Sizes and conventions; its `columns` are the F features meant below.
        skeleton: Skeleton of the poses: the canonical one.
        feature_mean: (F,) over the 50 ms frames of the training data; target of "running" normalisation.
        feature_std: (F,) the same.
        silence: (F,) padding frame before and after a recording.
        pose_mean: (D,) added to the decoder's output times `pose_scale` [cm].
        pose_scale: (D,) [cm].
        weights: Parameters, see `network_config.parameter_shapes`.
        card: Text of the model card.
    """

    name: str
    config: KucherenkoConfig
    skeleton: Skeleton
    feature_mean: Vector
    feature_std: Vector
    silence: Vector
    pose_mean: Vector
    pose_scale: Vector
    weights: Mapping[str, npt.ArrayLike] = field(repr=False)
    card: str = field(repr=False, default="")


@dataclass(frozen=True)
class _Manifest:
    """Content of bundle.yaml besides format, architecture and checksums."""

    name: str
    network: KucherenkoConfig


def save_bundle(bundle: KucherenkoBundle, folder: Path) -> None:
    """Write a bundle; files of an older one in that folder are replaced.

    Raises:
        BundleError: If a parameter is missing, superfluous or of another shape.
    """
    check_weights(bundle.weights, parameter_shapes(bundle.config, len(bundle.skeleton)))
    statistics = {name: getattr(bundle, name)
                  for name in ("feature_mean", "feature_std", "silence", "pose_mean", "pose_scale")}
    manifest = _Manifest(bundle.name, bundle.config)
    write_bundle(folder, ARCHITECTURE, dataclasses.asdict(manifest),
                 {"weights": bundle.weights, "statistics": statistics}, bundle.skeleton, bundle.card)


def load_bundle(folder: Path) -> KucherenkoBundle:
    """Read a bundle and check that it is complete.

    Raises:
        BundleError: If a file is missing or damaged, or a tensor does not have the shape that its network needs.
    """
    return bundle_from_files(read_bundle(folder, ARCHITECTURE))


def bundle_from_files(files: BundleFiles) -> KucherenkoBundle:
    """Convert files that were read to a bundle; see `load_bundle`."""
    manifest = manifest_from_files(files, _Manifest)
    config, joints = manifest.network, len(skeleton_from_files(files))
    weights = files.tensors.get("weights", {})
    check_weights(weights, parameter_shapes(config, joints))
    feature, pose = (len(config.columns),), (config.pose_size(joints),)
    shapes = {"feature_mean": feature, "feature_std": feature, "silence": feature, "pose_mean": pose,
              "pose_scale": pose}  # the deviation of a feature may be 0
    statistics = {name: tensor_from_files(files, "statistics", name, shape) for name, shape in shapes.items()}
    return KucherenkoBundle(name=manifest.name, config=config, skeleton=skeleton_from_files(files), weights=weights,
                            card=files.card, **statistics)
