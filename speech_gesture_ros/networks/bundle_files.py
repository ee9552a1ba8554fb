"""Bundle on disk: everything needed to run a trained model, in a folder that is safe to read.

    models/default/
        bundle.yaml             format, architecture, settings of the architecture, checksums
        weights.safetensors     parameters of the network
        statistics.safetensors  statistics of the training data (an architecture may have further tensor files)
        skeleton.yaml           skeleton of the poses; a face has none
        MODEL_CARD.md           data, licences, training, results

It contains no code, and nothing is unpickled. Each error names the file, its content and the expected content.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import yaml
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from speech_gesture_ros.core.atomic_files import TEMPORARY_PREFIX
from speech_gesture_ros.core.bounded_files import MIB, check_size, read_bounded, sha256_of
from speech_gesture_ros.core.errors import BundleError, ConfigError, InputError
from speech_gesture_ros.core.outputs import check_output_folder, output_errors
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml

FORMAT_VERSION = 3
MAX_FILE_BYTES, MAX_CARD_BYTES = 512 * MIB, MIB
MANIFEST, SKELETON, CARD = "bundle.yaml", "skeleton.yaml", "MODEL_CARD.md"
COPY_AGAIN = "The bundle is damaged: copy it again."
RETRAIN = "Use a bundle that fits, or train one: speech-gesture train."

Tensors = dict[str, npt.NDArray[np.generic]]
M = TypeVar("M")


@dataclass(frozen=True)
class BundleFiles:
    """Content of a bundle's folder, checked against its checksums, not yet interpreted.

    Attributes:
        folder: Folder that it was read from.
        architecture: Name of the module that interprets it, see `networks.model_registry`.
        manifest: The architecture's own part of bundle.yaml.
        tensors: Name of each tensor file to its tensors: "weights", "statistics" ...
        skeleton: Skeleton of the poses; None for a face.
        card: Text of the model card.
    """

    folder: Path
    architecture: str
    manifest: dict[str, Any]
    tensors: dict[str, Tensors] = field(repr=False)
    skeleton: Skeleton | None
    card: str = field(repr=False)


def write_bundle(folder: Path, architecture: str, manifest: Mapping[str, Any],
                 tensors: Mapping[str, Mapping[str, npt.ArrayLike]], skeleton: Skeleton | None, card: str) -> None:
    """Write a bundle; files of an older one in that folder are replaced once all of the new one are written.

    Args:
        folder: Made if it does not exist.
        architecture: Name in `networks.model_registry`.
        manifest: Settings of the architecture: plain values, lists, mappings.
        tensors: File name without suffix to tensors by name; saved as float32.
        skeleton: Skeleton of the poses; None for a face.
        card: Text of the model card.

    Raises:
        BundleError: If a value is not finite.
        OutputError: If the folder cannot be written.
    """
    check_output_folder(folder)
    with output_errors(folder, any_file=True):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=TEMPORARY_PREFIX, dir=folder) as temporary:
            beside = Path(temporary)
            for name, group in tensors.items():
                arrays = {key: np.array(value, dtype=np.float32, order="C") for key, value in group.items()}
                _check_finite(arrays, folder / f"{name}.safetensors")
                (beside / f"{name}.safetensors").write_bytes(save(arrays))  # `save_file`: readable by its owner only
            names = [f"{name}.safetensors" for name in tensors]
            if skeleton is not None:
                _write_yaml(beside / SKELETON, dataclasses.asdict(skeleton))
                names.insert(0, SKELETON)
            (beside / CARD).write_text(card, encoding="utf-8")
            _write_yaml(beside / MANIFEST, {
                "format_version": FORMAT_VERSION, "architecture": architecture, **manifest,
                "sha256": {name: sha256_of(beside / name) for name in names},
            })
            for name in (*names, CARD, MANIFEST):  # the checksums last
                (beside / name).replace(folder / name)


def read_bundle(folder: Path, architecture: str | None = None, *, format_version: int = FORMAT_VERSION) -> BundleFiles:
    """Read a bundle and check that it is complete.

    Args:
        folder: Folder of the bundle.
        architecture: Expected architecture; None accepts any.
        format_version: Expected format.

    Raises:
        BundleError: If a file is missing, too large or damaged, or the bundle has another format or architecture.
    """
    try:
        return _read_files(folder, architecture, format_version)
    except BundleError:
        raise
    except InputError as error:
        raise BundleError(error.thing, error.value, error.bound, f"{COPY_AGAIN} ({error.remedy})") from error


def _read_files(folder: Path, architecture: str | None, format_version: int) -> BundleFiles:
    manifest = _read_manifest(folder, format_version)
    sha256 = manifest.pop("sha256")
    for name in (*sha256, CARD):
        if not (folder / name).is_file():
            raise BundleError(f"file {name} of bundle {str(folder)!r}", None, "present", "Copy the bundle again.")
    for name, expected in sha256.items():
        check_size(folder / name, MAX_FILE_BYTES, "file of a bundle")
        found = sha256_of(folder / name)
        if found != expected:
            raise BundleError(f"sha256 of {folder / name}", found, f"{expected} as in {MANIFEST}",
                              "The file is damaged or from another bundle: copy the bundle again.")
    found_architecture = str(manifest.pop("architecture"))
    if architecture not in (None, found_architecture):
        raise BundleError(f"architecture of bundle {str(folder)!r}", found_architecture, repr(architecture), RETRAIN)
    tensors = {Path(name).stem: load_tensors(folder / name) for name in sha256 if name.endswith(".safetensors")}
    skeleton = (from_mapping(Skeleton, load_yaml(folder / SKELETON), str(folder / SKELETON)) if SKELETON in sha256
                else None)
    card = read_bounded(folder / CARD, MAX_CARD_BYTES, "model card").decode("utf-8", errors="replace")
    return BundleFiles(folder, found_architecture, manifest, tensors, skeleton, card)


def skeleton_from_files(files: BundleFiles) -> Skeleton:
    """Return the skeleton of the poses of a bundle.

    Raises:
        BundleError: If it has none.
    """
    if files.skeleton is None:
        raise BundleError(f"file {SKELETON} of bundle {str(files.folder)!r}", None, "present", COPY_AGAIN)
    return files.skeleton


def load_tensors(path: Path) -> Tensors:
    """Read a safetensors file.

    Raises:
        BundleError: If it is none, larger than `MAX_FILE_BYTES`, or a value is not finite as float32.
    """
    try:
        check_size(path, MAX_FILE_BYTES, "safetensors file")
        tensors = dict(load_file(str(path)))
    except InputError as error:
        raise BundleError(error.thing, error.value, error.bound, COPY_AGAIN) from error
    except (SafetensorError, OSError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(str(path), str(error), "a safetensors file", COPY_AGAIN) from error
    _check_finite(tensors, path)
    return tensors


def _check_finite(tensors: Mapping[str, npt.NDArray[np.generic]], path: Path) -> None:
    """Refuse values that are not finite as float32."""
    for name, tensor in tensors.items():
        if tensor.dtype.kind not in "fiu" or not np.all(np.abs(tensor) <= np.finfo(np.float32).max):  # false for NaN
            raise BundleError(f"tensor {name!r} of {path}", "NaN, infinity, or of another type", "finite numbers",
                              RETRAIN)


def tensor_from_files(files: BundleFiles, group: str, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Return one tensor of a bundle as float32.

    Raises:
        BundleError: If it is missing or has another shape.
    """
    tensor = files.tensors.get(group, {}).get(name)
    if tensor is None or tensor.shape != shape:
        raise BundleError(f"{name} in {files.folder / group}.safetensors", None if tensor is None else tensor.shape,
                          f"of shape {shape}", COPY_AGAIN)
    return np.asarray(tensor, dtype=np.float32)


def statistics_from_files(files: BundleFiles, **shapes: tuple[int, ...]) -> dict[str, npt.NDArray[np.float32]]:
    """Return tensors of a bundle's statistics, by name, each of the shape given for it.

    Raises:
        BundleError: If one is missing or has another shape, or a standard deviation (name in `std`) is not above 0.
    """
    statistics = {name: tensor_from_files(files, "statistics", name, shape) for name, shape in shapes.items()}
    for name, values in statistics.items():
        if name.endswith("std") and not np.all(values > 0):
            raise BundleError(f"{name} of bundle {str(files.folder)!r}", float(values.min()), "above 0", RETRAIN)
    return statistics


def manifest_from_files(files: BundleFiles, cls: type[M]) -> M:
    """Return the architecture's own part of bundle.yaml as a dataclass.

    Raises:
        BundleError: If a key is unknown or missing, or a value of the wrong type.
    """
    try:
        return from_mapping(cls, files.manifest, f"bundle {str(files.folder)!r}")
    except ConfigError as error:
        raise BundleError(error.thing, error.value, error.bound, COPY_AGAIN) from error


def _read_manifest(folder: Path, format_version: int) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(f"file {MANIFEST} of bundle {str(folder)!r}", None, "present", "Copy the bundle again.")
    manifest = load_yaml(path)
    version = manifest.pop("format_version", None)
    if version != format_version:
        remedies = {FORMAT_VERSION - 1: f"Convert it: speech-gesture upgrade-bundle {folder}",
                    FORMAT_VERSION: "It needs no conversion."}
        remedy = remedies.get(version, RETRAIN) if isinstance(version, int) else RETRAIN
        raise BundleError(f"format_version in {path}", version, str(format_version), remedy)
    sha256 = manifest.get("sha256")
    names_files = isinstance(sha256, dict) and all(Path(str(name)).name == name for name in sha256)
    if not (names_files and "architecture" in manifest):
        raise BundleError(f"content of {path}", sorted(manifest), "architecture, and sha256 of the files beside it",
                          COPY_AGAIN)
    return manifest


def _write_yaml(path: Path, data: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(_plain(data), sort_keys=False, allow_unicode=True, width=110), encoding="utf-8")


def _plain(value: Any) -> Any:
    """Tuples as lists, for YAML without tags."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, (list, tuple)) else value
