"""Do the skeleton, rates, features and weights of a bundle fit this package and its network?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import BundleError
from speech_gesture_ros.core.rates import FEATURE_RATE, POSE_RATE
from speech_gesture_ros.networks.bundle_files import RETRAIN


class _NetworkSizes(Protocol):
    @property
    def num_features(self) -> int: ...


class _FeatureManifest(Protocol):
    """Part of the manifest that all networks for a stream of features have."""

    @property
    def feature_names(self) -> tuple[str, ...]: ...

    @property
    def feature_rate_hz(self) -> int: ...

    @property
    def network(self) -> _NetworkSizes: ...


class _StreamManifest(_FeatureManifest, Protocol):
    """Part of the manifest that all networks for poses have."""

    @property
    def skeleton(self) -> str: ...

    @property
    def pose_rate_hz(self) -> int: ...


def check_stream(manifest: _StreamManifest, folder: Path, skeleton: str | None) -> None:
    """Compare skeleton, rates and number of features of a bundle with what is expected.

    Args:
        manifest: Of the bundle.
        folder: Of the bundle, for the message.
        skeleton: Name of the skeleton that is expected; None accepts any.

    Raises:
        BundleError: If one differs.
    """
    suffix = f"of bundle {str(folder)!r}"
    if skeleton is not None and manifest.skeleton != skeleton:
        raise BundleError(f"skeleton {suffix}", manifest.skeleton, repr(skeleton), RETRAIN)
    check_features(manifest, folder, manifest.pose_rate_hz, POSE_RATE)


def check_features(manifest: _FeatureManifest, folder: Path, output_rate_hz: int, expected_hz: int) -> None:
    """Compare rates and number of features of a bundle with what is expected.

    Args:
        manifest: Of the bundle.
        folder: Of the bundle, for the message.
        output_rate_hz: Rate of its outputs [Hz].
        expected_hz: Rate of the outputs in this package [Hz].

    Raises:
        BundleError: If one differs.
    """
    suffix = f"of bundle {str(folder)!r}"
    rates = (manifest.feature_rate_hz, output_rate_hz)
    if rates != (FEATURE_RATE, expected_hz):
        raise BundleError(f"rates {suffix}", rates, f"{(FEATURE_RATE, expected_hz)} Hz", RETRAIN)
    if manifest.network.num_features != len(manifest.feature_names):
        raise BundleError(f"num_features {suffix}", manifest.network.num_features,
                          f"{len(manifest.feature_names)}, the number of feature_names", RETRAIN)


def check_weights(weights: Mapping[str, npt.ArrayLike], expected: Mapping[str, tuple[int, ...]]) -> None:
    """Compare the names and shapes of parameters with those of a network.

    Raises:
        BundleError: If a parameter is missing, superfluous, or of another shape.
    """
    found = {name: np.shape(value) for name, value in weights.items()}
    odd = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))
    if odd:
        raise BundleError(f"parameter {odd[0]!r} of the weights", found.get(odd[0]),
                          f"of shape {expected.get(odd[0])}",
                          f"{len(odd)} differ: the weights are not this network's. Copy the bundle again.")
