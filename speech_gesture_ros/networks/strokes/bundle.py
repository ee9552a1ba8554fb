"""Bundle of the stroke model, architecture "strokes": laws, gesture templates, network sizes, statistics, weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import BundleError
from speech_gesture_ros.core.rates import FEATURE_RATE, POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.bundle_checks import check_stream
from speech_gesture_ros.networks.bundle_files import (
    RETRAIN,
    BundleFiles,
    manifest_from_files,
    read_bundle,
    skeleton_from_files,
    statistics_from_files,
    write_bundle,
)
from speech_gesture_ros.networks.strokes.laws import StrokeLaws
from speech_gesture_ros.networks.strokes.network_config import STATE_SIZE, StrokeNetworkConfig
from speech_gesture_ros.networks.strokes.templates import GestureTemplate

ARCHITECTURE = "strokes"
FEATURE_SET = "prosodic_mel"

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class StrokeBundle:
    """A trained stroke model in memory.

    Attributes:
        name: Name of the model.
        network: Sizes of the networks.
        laws: Laws of the strokes at activity 1.
        templates: Gestures that the strokes visit.
        accent_threshold: Probability from which an accent counts.
        skeleton: Skeleton of the poses.
        feature_names: Columns of the features that it takes.
        feature_mean: (F,) over the training data.
        feature_std: (F,) over the training data.
        silence: (F,) one frame of digital silence.
        state_mean: (STATE_SIZE,) of the strokes' state and velocity over the training data.
        state_std: (STATE_SIZE,) over the training data.
        weights: Parameters of both networks, see `numpy_network.parameter_shapes`.
        held_out_speakers: Speakers of the training's recordings that were not trained on.
        card: Text of the model card.
    """

    name: str
    network: StrokeNetworkConfig
    laws: StrokeLaws
    templates: tuple[GestureTemplate, ...]
    accent_threshold: float
    skeleton: Skeleton
    feature_names: tuple[str, ...]
    feature_mean: Vector
    feature_std: Vector
    silence: Vector
    state_mean: Vector
    state_std: Vector
    weights: Mapping[str, npt.ArrayLike] = field(repr=False)
    held_out_speakers: tuple[str, ...] = ()
    card: str = field(repr=False, default="")


@dataclass(frozen=True)
class _StrokeManifest:
    """Content of bundle.yaml besides format, architecture and checksums."""

    name: str
    skeleton: str
    feature_names: tuple[str, ...]
    feature_rate_hz: int
    pose_rate_hz: int
    accent_threshold: float
    network: StrokeNetworkConfig
    laws: StrokeLaws
    templates: tuple[GestureTemplate, ...]
    held_out_speakers: tuple[str, ...] = ()


_STATISTICS = ("feature_mean", "feature_std", "silence", "state_mean", "state_std")


def save_stroke_bundle(bundle: StrokeBundle, folder: Path) -> None:
    """Write a bundle; files of an older one in that folder are replaced."""
    manifest = _StrokeManifest(
        name=bundle.name, skeleton=bundle.skeleton.name, feature_names=bundle.feature_names,
        feature_rate_hz=FEATURE_RATE, pose_rate_hz=POSE_RATE, accent_threshold=bundle.accent_threshold,
        network=bundle.network, laws=bundle.laws, templates=bundle.templates,
        held_out_speakers=bundle.held_out_speakers,
    )
    statistics = {name: getattr(bundle, name) for name in _STATISTICS}
    write_bundle(folder, ARCHITECTURE, dataclasses.asdict(manifest),
                 {"weights": bundle.weights, "statistics": statistics}, bundle.skeleton, bundle.card)


def load_stroke_bundle(folder: Path) -> StrokeBundle:
    """Read a bundle and check that it is complete.

    Raises:
        BundleError: If a file is missing or damaged, or the bundle was made for other rates.
    """
    return stroke_bundle_from_files(read_bundle(folder, ARCHITECTURE))


def stroke_bundle_from_files(files: BundleFiles, *, skeleton: str | None = None) -> StrokeBundle:
    """Convert files that were read to a bundle.

    Args:
        files: Of the bundle's folder.
        skeleton: Name of the skeleton that is expected; None accepts any.

    Raises:
        BundleError: If the files do not fit each other or this package.
    """
    manifest = manifest_from_files(files, _StrokeManifest)
    suffix = f"of bundle {str(files.folder)!r}"
    check_stream(manifest, files.folder, skeleton)
    if not manifest.templates:
        raise BundleError(f"number of templates {suffix}", 0, "at least 1", RETRAIN)
    if not 0.0 < manifest.accent_threshold < 1.0:
        raise BundleError(f"accent_threshold {suffix}", manifest.accent_threshold, "above 0, below 1", RETRAIN)
    features, state = (len(manifest.feature_names),), (STATE_SIZE,)
    statistics = statistics_from_files(files, feature_mean=features, feature_std=features, silence=features,
                                       state_mean=state, state_std=state)
    return StrokeBundle(
        name=manifest.name, network=manifest.network, laws=manifest.laws, templates=manifest.templates,
        accent_threshold=manifest.accent_threshold, skeleton=skeleton_from_files(files),
        feature_names=manifest.feature_names, weights=files.tensors.get("weights", {}),
        held_out_speakers=manifest.held_out_speakers, card=files.card, **statistics,
    )
