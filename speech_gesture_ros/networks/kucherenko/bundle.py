"""The bundle of a Kucherenko network, published or trained by the user, architecture "kucherenko2019"."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.bundle_files import (
    BundleFiles,
    check_weights,
    manifest_of,
    read_bundle,
    tensor_of,
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
        skeleton: Whose joints come out: the canonical one.
        feature_mean: (F,) over the training data's 50 ms frames; what "running" normalisation moves a speaker to.
        feature_std: (F,) the same.
        silence: (F,) the frame that stands before and after a recording.
        pose_mean: (D,) added to the decoder's output times `pose_scale` [cm].
        pose_scale: (D,) [cm].
        weights: Parameters, see `config.parameter_shapes`.
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
    """What bundle.yaml holds beside format, architecture and checksums."""

    name: str
    network: KucherenkoConfig


def save_bundle(bundle: KucherenkoBundle, folder: Path) -> None:
    """Write a bundle; files of an older one in that folder are replaced.

    Raises:
        BundleError: If a parameter is missing, too many or of another shape.
    """
    check_weights(bundle.weights, parameter_shapes(bundle.config, len(bundle.skeleton)))
    statistics = {name: getattr(bundle, name)
                  for name in ("feature_mean", "feature_std", "silence", "pose_mean", "pose_scale")}
    manifest = _Manifest(bundle.name, bundle.config)
    write_bundle(folder, ARCHITECTURE, dataclasses.asdict(manifest),
                 {"weights": bundle.weights, "statistics": statistics}, bundle.skeleton, bundle.card)


def load_bundle(folder: Path) -> KucherenkoBundle:
    """Read a bundle and check that it is whole.

    Raises:
        BundleError: If a file is missing or damaged, or a tensor has another shape than its network asks for.
    """
    return bundle_from_files(read_bundle(folder, ARCHITECTURE))


def bundle_from_files(files: BundleFiles) -> KucherenkoBundle:
    """The model in files that were read; see `load_bundle`."""
    manifest = manifest_of(files, _Manifest)
    config, joints = manifest.network, len(files.skeleton)
    weights = files.tensors.get("weights", {})
    check_weights(weights, parameter_shapes(config, joints))
    heard, pose = (len(config.columns),), (config.pose_size(joints),)
    shapes = {"feature_mean": heard, "feature_std": heard, "silence": heard, "pose_mean": pose, "pose_scale": pose}
    statistics = {name: tensor_of(files, "statistics", name, shape) for name, shape in shapes.items()}
    return KucherenkoBundle(name=manifest.name, config=config, skeleton=files.skeleton, weights=weights,
                            card=files.card, **statistics)
