"""Bundle of the face model, architecture "face": sizes, statistics, weights; no skeleton."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import BundleError
from speech_gesture_ros.core.face_channels import ARTICULATORS, VISEMES
from speech_gesture_ros.core.rates import FACE_RATE, FEATURE_RATE
from speech_gesture_ros.networks.bundle_checks import check_features
from speech_gesture_ros.networks.bundle_files import (
    RETRAIN,
    manifest_from_files,
    read_bundle,
    statistics_from_files,
    write_bundle,
)
from speech_gesture_ros.networks.face.network_config import FaceNetworkConfig

ARCHITECTURE = "face"
FEATURE_SET = "prosodic_mel"
CHANNELS = (*VISEMES, *ARTICULATORS)

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FaceBundle:
    """A trained face model in memory.

    Attributes:
        name: Name of the model.
        network: Sizes of the network.
        feature_names: Columns of the features that it takes.
        feature_mean: (F,) over the training data.
        feature_std: (F,) over the training data, positive.
        silence: (F,) one frame of digital silence.
        weights: Parameters, see `numpy_network.parameter_shapes`.
        voices: Voices that it was trained on.
        card: Text of the model card.
    """

    name: str
    network: FaceNetworkConfig
    feature_names: tuple[str, ...]
    feature_mean: Vector
    feature_std: Vector
    silence: Vector
    weights: Mapping[str, npt.ArrayLike] = field(repr=False)
    voices: tuple[str, ...] = ()
    card: str = field(repr=False, default="")


@dataclass(frozen=True)
class _FaceManifest:
    """Content of bundle.yaml besides format, architecture and checksums."""

    name: str
    feature_names: tuple[str, ...]
    channels: tuple[str, ...]
    feature_rate_hz: int
    face_rate_hz: int
    network: FaceNetworkConfig
    voices: tuple[str, ...] = ()


def save_face_bundle(bundle: FaceBundle, folder: Path) -> None:
    """Write a bundle; files of an older one in that folder are replaced."""
    manifest = _FaceManifest(bundle.name, bundle.feature_names, CHANNELS, FEATURE_RATE, FACE_RATE, bundle.network,
                             bundle.voices)
    statistics = {name: getattr(bundle, name) for name in ("feature_mean", "feature_std", "silence")}
    write_bundle(folder, ARCHITECTURE, dataclasses.asdict(manifest),
                 {"weights": bundle.weights, "statistics": statistics}, None, bundle.card)


def load_face_bundle(folder: Path) -> FaceBundle:
    """Read a bundle and check that it is complete.

    Raises:
        BundleError: If a file is missing or damaged, or the bundle was made for other rates or channels.
    """
    files = read_bundle(folder, ARCHITECTURE)
    manifest = manifest_from_files(files, _FaceManifest)
    suffix = f"of bundle {str(files.folder)!r}"
    check_features(manifest, files.folder, manifest.face_rate_hz, FACE_RATE)
    if manifest.channels != CHANNELS:
        raise BundleError(f"channels {suffix}", manifest.channels, f"{CHANNELS}", RETRAIN)
    shape = (len(manifest.feature_names),)
    statistics = statistics_from_files(files, feature_mean=shape, feature_std=shape, silence=shape)
    return FaceBundle(manifest.name, manifest.network, manifest.feature_names, **statistics,
                      weights=files.tensors.get("weights", {}), voices=manifest.voices, card=files.card)
