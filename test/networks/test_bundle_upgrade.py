"""A bundle of format 2 is converted to the present format and gives the same poses."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file, save_file
from small_bundle import write_small_bundle

from speech_gesture_ros.cli.main import main
from speech_gesture_ros.core.chunks import FeatureChunk
from speech_gesture_ros.core.errors import BundleError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.bundle_files import read_bundle, write_bundle
from speech_gesture_ros.networks.bundle_upgrade import PARAMETERS, SETTINGS, upgrade_bundle
from speech_gesture_ros.networks.model_registry import open_model


@pytest.fixture
def present(tmp_path: Path) -> Path:
    """A bundle of the present format."""
    return write_small_bundle(tmp_path / "present", conditioning_hidden=8)


def write_format_2(present: Path, folder: Path) -> None:
    """The model as it was in format 2."""
    weights = load_file(str(present / "weights.safetensors"))
    for old, new in PARAMETERS.items():
        for name in [name for name in weights if name.startswith(f"{new}.")]:
            weights[old + name.removeprefix(new)] = weights.pop(name)
    files = read_bundle(present)
    write_bundle(folder, files.architecture, files.manifest, {**files.tensors, "weights": {}}, files.skeleton,
                 files.card)
    save_file(weights, str(folder / "weights.safetensors"))
    manifest = yaml.safe_load((folder / "bundle.yaml").read_text())
    manifest["format_version"] = 2
    manifest["sha256"]["weights.safetensors"] = hashlib.sha256(
        (folder / "weights.safetensors").read_bytes()).hexdigest()
    for group, names in SETTINGS.items():
        for old, new in names.items():
            manifest[group][old] = manifest[group].pop(new)
    (folder / "bundle.yaml").write_text(yaml.safe_dump(manifest))


def motion(folder: Path) -> np.ndarray:
    features = np.random.default_rng(1).normal(0, 1, (300, 45)).astype(np.float32)
    return open_model(folder, look_ahead_s=0.4, seed=5, device="cpu").push(FeatureChunk(0, features)).values


def test_a_converted_bundle_gives_the_same_poses_bit_for_bit(present: Path, tmp_path: Path) -> None:
    write_format_2(present, tmp_path / "old")
    before = {path.name: path.read_bytes() for path in (tmp_path / "old").iterdir()}
    assert upgrade_bundle(tmp_path / "old", tmp_path / "new") == tmp_path / "new"
    np.testing.assert_array_equal(motion(tmp_path / "new"), motion(present))
    assert {path.name: path.read_bytes() for path in (tmp_path / "old").iterdir()} == before
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == sorted(before)


def test_an_old_bundle_is_refused_with_the_command_that_converts_it(
        present: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_format_2(present, tmp_path / "old")
    with pytest.raises(BundleError, match=rf"is 2, must be 3\. Convert it: speech-gesture upgrade-bundle {tmp_path}"):
        open_model(tmp_path / "old", look_ahead_s=0.4, seed=0, device="cpu")
    assert main(["upgrade-bundle", str(tmp_path / "old")]) == 0
    assert str(tmp_path / "old") in capsys.readouterr().out
    np.testing.assert_array_equal(motion(tmp_path / "old"), motion(present))


def test_a_bundle_of_the_present_format_is_left_alone(present: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"is 3, must be 2\. It needs no conversion"):
        upgrade_bundle(present, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_only_the_version_of_other_architectures_changes(tmp_path: Path) -> None:
    write_bundle(tmp_path, "any", {"codes": {"postures": 1}}, {"weights": {"speech_encoder.out.weight": np.ones(2)}},
                 load_skeleton(), "# any\n")
    manifest = yaml.safe_load((tmp_path / "bundle.yaml").read_text())
    (tmp_path / "bundle.yaml").write_text(yaml.safe_dump({**manifest, "format_version": 2}))
    upgrade_bundle(tmp_path)
    files = read_bundle(tmp_path)
    assert (files.architecture, files.manifest) == ("any", {"codes": {"postures": 1}})
    assert set(files.tensors["weights"]) == {"speech_encoder.out.weight"}
