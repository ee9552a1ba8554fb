"""Bundle of the architecture "speech_to_motion": network sizes, codes, feature statistics, weights."""

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
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeProcess
from speech_gesture_ros.networks.speech_to_motion.network_config import MAX_LOOK_AHEAD, SpeechToMotionConfig

ARCHITECTURE = "speech_to_motion"
FEATURE_SET = "prosodic_mel"

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class SpeechToMotionBundle:
    """A trained model in memory.

    Attributes:
        name: Name of the model.
        network: Sizes of the network.
        codes: Process that its gesture codes are drawn from.
        skeleton: Skeleton of the poses.
        feature_names: Columns of the features that it takes.
        feature_mean: (F,) over the training data.
        feature_std: (F,) over the training data.
        silence: (F,) one frame of digital silence.
        held_out_speakers: Speakers of the training's recordings that were not trained on.
        weights: Parameters, under the names of `SpeechToMotionNetwork.state_dict`.
        card: Text of the model card.
    """

    name: str
    network: SpeechToMotionConfig
    codes: CodeProcess
    skeleton: Skeleton
    feature_names: tuple[str, ...]
    feature_mean: Vector
    feature_std: Vector
    silence: Vector
    weights: Mapping[str, npt.ArrayLike] = field(repr=False)
    card: str = field(repr=False, default="")
    held_out_speakers: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Manifest:
    """Content of bundle.yaml besides format, architecture and checksums."""

    name: str
    skeleton: str
    feature_names: tuple[str, ...]
    feature_rate_hz: int
    pose_rate_hz: int
    max_look_ahead: int
    network: SpeechToMotionConfig
    codes: CodeProcess
    held_out_speakers: tuple[str, ...] = ()


def save_bundle(bundle: SpeechToMotionBundle, folder: Path) -> None:
    """Write a bundle; files of an older one in that folder are replaced."""
    manifest = _Manifest(
        name=bundle.name, skeleton=bundle.skeleton.name, feature_names=bundle.feature_names,
        feature_rate_hz=FEATURE_RATE, pose_rate_hz=POSE_RATE, max_look_ahead=MAX_LOOK_AHEAD,
        network=bundle.network, codes=bundle.codes, held_out_speakers=bundle.held_out_speakers,
    )
    statistics = {"feature_mean": bundle.feature_mean, "feature_std": bundle.feature_std, "silence": bundle.silence}
    write_bundle(folder, ARCHITECTURE, dataclasses.asdict(manifest),
                 {"weights": bundle.weights, "statistics": statistics}, bundle.skeleton, bundle.card)


def load_bundle(folder: Path, *, feature_names: tuple[str, ...] | None = None,
                skeleton: str | None = None) -> SpeechToMotionBundle:
    """Read a bundle and check that it is complete.

    Args:
        folder: Folder of the bundle.
        feature_names: Columns of the features that it will be given; None accepts any.
        skeleton: Name of the skeleton that is expected; None accepts any.

    Raises:
        BundleError: If a file is missing or damaged, or the bundle was made for other features, rates or another
            skeleton.
    """
    return bundle_from_files(read_bundle(folder, ARCHITECTURE), feature_names=feature_names, skeleton=skeleton)


def bundle_from_files(files: BundleFiles, *, feature_names: tuple[str, ...] | None = None,
                      skeleton: str | None = None) -> SpeechToMotionBundle:
    """Convert files that were read to a bundle; see `load_bundle`."""
    manifest = manifest_from_files(files, _Manifest)
    _check_fit(manifest, files, feature_names, skeleton)
    shape = (len(manifest.feature_names),)
    statistics = statistics_from_files(files, feature_mean=shape, feature_std=shape, silence=shape)
    return SpeechToMotionBundle(
        name=manifest.name, network=manifest.network, codes=manifest.codes, skeleton=skeleton_from_files(files),
        feature_names=manifest.feature_names, weights=files.tensors.get("weights", {}),
        held_out_speakers=manifest.held_out_speakers, card=files.card, **statistics,
    )


def _check_fit(manifest: _Manifest, files: BundleFiles, feature_names: tuple[str, ...] | None,
               skeleton: str | None) -> None:
    suffix = f"of bundle {str(files.folder)!r}"
    if feature_names is not None and manifest.feature_names != feature_names:
        odd = sorted(set(manifest.feature_names) ^ set(feature_names)) or "their order"
        raise BundleError(f"features {suffix}", f"{len(manifest.feature_names)} columns, different: {odd}",
                          f"the {len(feature_names)} of the feature stage", RETRAIN)
    check_stream(manifest, files.folder, skeleton)
    if manifest.network.variations not in (0, len(manifest.codes.variations)):
        raise BundleError(f"variations {suffix}", manifest.network.variations,
                          f"{len(manifest.codes.variations)} as the codes have, or 0", RETRAIN)
    if manifest.network.num_codes != len(manifest.codes.names):
        raise BundleError(f"num_codes {suffix}", manifest.network.num_codes,
                          f"{len(manifest.codes.names)}, the number of code names", RETRAIN)
