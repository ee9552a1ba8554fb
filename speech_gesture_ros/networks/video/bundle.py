"""Bundle of a network that draws a person, architecture "video": sizes, background, measures of the person, weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import BundleError
from speech_gesture_ros.core.person_keypoints import NUM_PERSON_POINTS
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.networks.bundle_files import (
    COPY_AGAIN,
    RETRAIN,
    manifest_from_files,
    read_bundle,
    statistics_from_files,
    write_bundle,
)
from speech_gesture_ros.networks.video.network_config import VideoNetworkConfig

ARCHITECTURE = "video"
LAYOUT = "openpose_137"  # of the keypoints: `core.person_keypoints`

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class VideoBundle:
    """A trained network in memory.

    Attributes:
        name: Name of the model.
        network: Sizes.
        background: (S, S, 3) picture without the person, as far as the film shows it, in [0, 1].
        person: (137, 3) median keypoints of the film: x, y [pixels] and the share of pictures in which each is known.
        lengths: (137,) long distance of each keypoint to its parent in the film [pixels], 0 where unknown: see
            `rendering.person_fit`.
        weights: Parameters of the generator, under the names of its `state_dict`.
        card: Text of the model card.
    """

    name: str
    network: VideoNetworkConfig
    background: Array = field(repr=False)
    person: Array = field(repr=False)
    lengths: Array = field(repr=False)
    weights: Mapping[str, npt.ArrayLike] = field(repr=False)
    card: str = field(repr=False, default="")


@dataclass(frozen=True)
class _VideoManifest:
    """Content of bundle.yaml besides format, architecture and checksums."""

    name: str
    layout: str
    rate_hz: int
    network: VideoNetworkConfig


def save_video_bundle(bundle: VideoBundle, folder: Path) -> None:
    """Write a bundle; files of an older one in that folder are replaced."""
    manifest = _VideoManifest(bundle.name, LAYOUT, POSE_RATE, bundle.network)
    statistics = {name: getattr(bundle, name) for name in ("background", "person", "lengths")}
    write_bundle(folder, ARCHITECTURE, dataclasses.asdict(manifest),
                 {"weights": bundle.weights, "statistics": statistics}, None, bundle.card)


def load_video_bundle(folder: Path) -> VideoBundle:
    """Read a bundle and check that it is complete.

    Raises:
        BundleError: If a file is missing or damaged, or the bundle was made for another rate or layout.
    """
    files = read_bundle(folder, ARCHITECTURE)
    manifest = manifest_from_files(files, _VideoManifest)
    suffix = f"of bundle {str(files.folder)!r}"
    if (manifest.layout, manifest.rate_hz) != (LAYOUT, POSE_RATE):
        raise BundleError(f"layout and rate {suffix}", (manifest.layout, manifest.rate_hz), str((LAYOUT, POSE_RATE)),
                          RETRAIN)
    size = manifest.network.size
    statistics = statistics_from_files(files, background=(size, size, 3), person=(NUM_PERSON_POINTS, 3),
                                       lengths=(NUM_PERSON_POINTS,))
    if statistics["background"].min() < 0 or statistics["background"].max() > 1:
        raise BundleError(f"background {suffix}", (float(statistics["background"].min()),
                                                   float(statistics["background"].max())), "0 to 1", COPY_AGAIN)
    return VideoBundle(manifest.name, manifest.network, **statistics, weights=files.tensors.get("weights", {}),
                       card=files.card)
