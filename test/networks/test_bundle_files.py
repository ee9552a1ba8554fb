"""Hostile bundles: refused by their size or content before memory is used, whatever their checksums state."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from safetensors.numpy import save, save_file
from small_bundle import write_small_bundle

from speech_gesture_ros.core.errors import BundleError, OutputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks import bundle_files
from speech_gesture_ros.networks.bundle_files import load_tensors, read_bundle, write_bundle
from speech_gesture_ros.networks.model_registry import open_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bundle with two small tensors."""
    write_bundle(tmp_path / "tiny", "speech_to_motion", {"name": "tiny"},
                 {"weights": {"w": np.ones((2, 3))}, "statistics": {"mean": np.zeros(3)}}, load_skeleton(), "# Card\n")
    return tmp_path / "tiny"


def change(folder: Path, name: str, edit: Callable[[Path], object]) -> None:
    """Change a file, and its checksum in the manifest."""
    edit(folder / name)
    manifest = yaml.safe_load((folder / "bundle.yaml").read_text())
    manifest["sha256"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "bundle.yaml").write_text(yaml.safe_dump(manifest))


def make_sparse(path: Path) -> None:
    with path.open("ab") as file:
        file.truncate(2**40)


@pytest.mark.parametrize("name", ["weights.safetensors", "bundle.yaml", "skeleton.yaml", "MODEL_CARD.md"])
def test_a_sparse_file_is_refused_by_its_size(folder: Path, name: str) -> None:
    make_sparse(folder / name)
    with pytest.raises(BundleError, match=rf"size of .*{name} is '1048576.0 MiB', must be at most"):
        read_bundle(folder)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["weights", "statistics"])
def test_values_that_are_not_finite_are_refused(folder: Path, name: str, value: float) -> None:
    change(folder, f"{name}.safetensors", lambda path: save_file({"x": np.array([1.0, value], np.float32)}, str(path)))
    with pytest.raises(BundleError, match=rf"tensor 'x' of .*{name}.safetensors is 'NaN, infinity"):
        read_bundle(folder)


def test_values_beyond_float32_are_refused(tmp_path: Path) -> None:
    save_file({"x": np.array([1e300])}, str(tmp_path / "t.safetensors"))
    with pytest.raises(BundleError, match="must be finite numbers"):
        load_tensors(tmp_path / "t.safetensors")


def header(**tensors: object) -> bytes:
    text = json.dumps(tensors).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize("content", [
    b"", b"\xff" * 8, b"\xff" * 100,
    header(x={"dtype": "F32", "shape": [10**9, 10**9], "data_offsets": [0, 8]}) + bytes(8),
    header(x={"dtype": "F32", "shape": [2], "data_offsets": [0, 10**15]}) + bytes(8),
    header(x={"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}) + bytes(4),
    header(x={"dtype": "F8_E4M3", "shape": [2], "data_offsets": [0, 2]}) + bytes(2),
    header(x={"dtype": "BOOL", "shape": [2], "data_offsets": [0, 2]}) + bytes(2),
    header(x={"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}) + bytes(4),
])
def test_hostile_headers_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.safetensors").write_bytes(content)
    with pytest.raises(BundleError, match=r"t\.safetensors"):
        load_tensors(tmp_path / "t.safetensors")


def test_an_alias_bomb_in_the_manifest_is_refused(folder: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    (folder / "bundle.yaml").write_text((folder / "bundle.yaml").read_text() + "\n".join(lines))
    with pytest.raises(BundleError, match="aliases add more than"):
        read_bundle(folder)


@pytest.mark.parametrize("changes", [
    {"hidden": 10**9}, {"channels": 10**9, "decoder_hidden": 10**9}, {"dilations": [1, 10**9]},
    {"dilations": [1] * 10**4}, {"look_ahead_past": 10**9}, {"accent_lags": [-1]}, {"accent_lags": []},
    {"num_codes": 10**12}])
def test_sizes_that_the_weights_do_not_have_are_refused(tmp_path: Path, changes: dict) -> None:
    source = read_bundle(write_small_bundle(tmp_path / "source"))
    network = {**source.manifest["network"], **changes}
    write_bundle(tmp_path / "b", source.architecture, {**source.manifest, "network": network}, source.tensors,
                 source.skeleton, source.card)
    for device in ("cpu", "auto"):
        with pytest.raises(BundleError):
            open_model(tmp_path / "b", look_ahead_s=0.4, seed=0, device=device)


def test_a_network_that_is_not_finite_is_not_written(folder: Path) -> None:
    with pytest.raises(BundleError, match=r"tensor 'w' of .*weights.safetensors is 'NaN"):
        write_bundle(folder, "speech_to_motion", {}, {"weights": {"w": np.array([1.0, np.nan])}}, load_skeleton(), "x")
    assert read_bundle(folder).manifest["name"] == "tiny"


@pytest.mark.parametrize("failing_file", [1, 2])
def test_a_failed_write_leaves_the_bundle_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch,
                                                    failing_file: int) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    saved = []

    def full_disk(arrays: dict) -> bytes:
        saved.append(arrays)
        if len(saved) == failing_file:
            raise OSError(28, "No space left on device")
        return save(arrays)

    monkeypatch.setattr(bundle_files, "save", full_disk)
    new = {"weights": {"w": np.ones(2)}, "statistics": {"mean": np.ones(2)}}
    with pytest.raises(OutputError, match="No space left"):
        write_bundle(folder, "speech_to_motion", {"name": "new"}, new, load_skeleton(), "x")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
