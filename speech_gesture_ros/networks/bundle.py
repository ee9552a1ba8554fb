"""A model bundle: everything needed to run a trained model, in a folder that can be read without trusting it.

    models/default/
        bundle.yaml             format, features, rates, network, codes, checksums
        weights.safetensors     parameters of the network
        statistics.safetensors  mean and spread of the features, and what silence looks like
        skeleton.yaml           whose joints come out
        MODEL_CARD.md           data, licences, training, figures

Nothing in it is code and nothing is unpickled. Each error says which file, what it has and what it should have.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from speech_gesture_ros.core.config import from_mapping, load_yaml
from speech_gesture_ros.core.errors import BundleError, ConfigError
from speech_gesture_ros.core.rates import FEATURE_RATE, POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.code_sampler import CodeProcess
from speech_gesture_ros.networks.config import MAX_LOOK_AHEAD, NetworkConfig

FORMAT_VERSION = 1
MANIFEST, WEIGHTS, STATISTICS, SKELETON, CARD = (
    "bundle.yaml", "weights.safetensors", "statistics.safetensors", "skeleton.yaml", "MODEL_CARD.md")
RETRAIN = "Take a bundle that fits, or train one: speech-gesture train."

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Bundle:
    """A trained model in memory.

    Attributes:
        name: Name of the model.
        network: Sizes of the network.
        codes: The process its gesture codes come from.
        skeleton: Whose joints it moves.
        feature_names: Columns of the features it hears.
        feature_mean: (F,) over the training data.
        feature_std: (F,) over the training data.
        silence: (F,) one frame of digital silence.
        weights: Parameters, under the names that `GestureNetwork.state_dict` gives them.
        card: Text of the model card.
    """

    name: str
    network: NetworkConfig
    codes: CodeProcess
    skeleton: Skeleton
    feature_names: tuple[str, ...]
    feature_mean: Vector
    feature_std: Vector
    silence: Vector
    weights: Mapping[str, npt.ArrayLike] = field(repr=False)
    card: str = field(repr=False, default="")


@dataclass(frozen=True)
class _Manifest:
    """What bundle.yaml holds."""

    format_version: int
    name: str
    skeleton: str
    feature_names: tuple[str, ...]
    feature_rate_hz: int
    pose_rate_hz: int
    max_look_ahead: int
    network: NetworkConfig
    codes: CodeProcess
    sha256: dict[str, str]


def save_bundle(bundle: Bundle, folder: Path) -> None:
    """Write a bundle; files of an older one in that folder are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: np.array(value, dtype=np.float32) for name, value in bundle.weights.items()},
              str(folder / WEIGHTS))
    save_file({"feature_mean": bundle.feature_mean, "feature_std": bundle.feature_std, "silence": bundle.silence},
              str(folder / STATISTICS))
    _write_yaml(folder / SKELETON, dataclasses.asdict(bundle.skeleton))
    (folder / CARD).write_text(bundle.card, encoding="utf-8")
    manifest = _Manifest(
        format_version=FORMAT_VERSION, name=bundle.name, skeleton=bundle.skeleton.name,
        feature_names=bundle.feature_names, feature_rate_hz=FEATURE_RATE, pose_rate_hz=POSE_RATE,
        max_look_ahead=MAX_LOOK_AHEAD, network=bundle.network, codes=bundle.codes,
        sha256={name: _sha256(folder / name) for name in (WEIGHTS, STATISTICS, SKELETON)},
    )
    _write_yaml(folder / MANIFEST, dataclasses.asdict(manifest))


def load_bundle(folder: Path, *, feature_names: tuple[str, ...] | None = None,
                skeleton: str | None = None) -> Bundle:
    """Read a bundle and check that it is whole.

    Args:
        folder: Where it lies.
        feature_names: Columns of the features it will be given; None accepts any.
        skeleton: Name of the skeleton that is expected; None accepts any.

    Raises:
        BundleError: If a file is missing or damaged, or the bundle was made for other features, rates or another
            skeleton.
    """
    for name in (MANIFEST, WEIGHTS, STATISTICS, SKELETON, CARD):
        if not (folder / name).is_file():
            raise BundleError(f"file {name} of bundle {str(folder)!r}", None, "present", "Copy the bundle again.")
    manifest = _read_manifest(folder)
    for name in (WEIGHTS, STATISTICS, SKELETON):
        found = _sha256(folder / name)
        if found != manifest.sha256.get(name):
            raise BundleError(f"sha256 of {folder / name}", found, f"{manifest.sha256.get(name)} as in {MANIFEST}",
                              "The file is damaged or from another bundle: copy the bundle again.")
    _check_fit(manifest, folder, feature_names, skeleton)
    statistics = _load_tensors(folder / STATISTICS)
    mean, std, silence = (_vector(statistics, name, manifest, folder)
                          for name in ("feature_mean", "feature_std", "silence"))
    if not np.all(std > 0):
        raise BundleError(f"feature_std in {folder / STATISTICS}", float(std.min()), "above 0", RETRAIN)
    return Bundle(
        name=manifest.name, network=manifest.network, codes=manifest.codes,
        skeleton=from_mapping(Skeleton, load_yaml(folder / SKELETON), str(folder / SKELETON)),
        feature_names=manifest.feature_names, feature_mean=mean, feature_std=std, silence=silence,
        weights=_load_tensors(folder / WEIGHTS), card=(folder / CARD).read_text(encoding="utf-8"),
    )


def _read_manifest(folder: Path) -> _Manifest:
    path = folder / MANIFEST
    try:
        data = load_yaml(path)
        version = data.get("format_version")
        if version != FORMAT_VERSION:
            raise BundleError(f"format_version in {path}", version, str(FORMAT_VERSION), RETRAIN)
        return from_mapping(_Manifest, data, str(path))
    except ConfigError as error:
        raise BundleError(error.thing, error.value, error.bound, "The bundle is damaged: copy it again.") from error


def _check_fit(manifest: _Manifest, folder: Path, feature_names: tuple[str, ...] | None,
               skeleton: str | None) -> None:
    where = f"of bundle {str(folder)!r}"
    if feature_names is not None and manifest.feature_names != feature_names:
        odd = sorted(set(manifest.feature_names) ^ set(feature_names)) or "their order"
        raise BundleError(f"features {where}", f"{len(manifest.feature_names)} columns, different: {odd}",
                          f"the {len(feature_names)} of the feature stage", RETRAIN)
    if skeleton is not None and manifest.skeleton != skeleton:
        raise BundleError(f"skeleton {where}", manifest.skeleton, repr(skeleton), RETRAIN)
    rates = (manifest.feature_rate_hz, manifest.pose_rate_hz)
    if rates != (FEATURE_RATE, POSE_RATE):
        raise BundleError(f"rates {where}", rates, f"{(FEATURE_RATE, POSE_RATE)} Hz", RETRAIN)
    if manifest.network.num_features != len(manifest.feature_names):
        raise BundleError(f"num_features {where}", manifest.network.num_features,
                          f"{len(manifest.feature_names)} as there are feature_names", RETRAIN)
    if manifest.network.num_codes != len(manifest.codes.names):
        raise BundleError(f"num_codes {where}", manifest.network.num_codes,
                          f"{len(manifest.codes.names)} as there are code names", RETRAIN)


def _vector(tensors: dict[str, npt.NDArray[np.generic]], name: str, manifest: _Manifest, folder: Path) -> Vector:
    shape = (len(manifest.feature_names),)
    tensor = tensors.get(name)
    if tensor is None or tensor.shape != shape:
        raise BundleError(f"{name} in {folder / STATISTICS}", None if tensor is None else tensor.shape,
                          f"of shape {shape}", "The bundle is damaged: copy it again.")
    return np.asarray(tensor, dtype=np.float32)


def _load_tensors(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    try:
        return dict(load_file(str(path)))
    except SafetensorError as error:
        raise BundleError(str(path), str(error), "a safetensors file", "Copy the bundle again.") from error


def _write_yaml(path: Path, data: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(_plain(data), sort_keys=False, allow_unicode=True, width=110), encoding="utf-8")


def _plain(value: Any) -> Any:
    """Tuples as lists: what YAML can say without tags."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, (list, tuple)) else value


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
