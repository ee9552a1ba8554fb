"""Bundles are loaded as they were saved, and every kind of damage is reported."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file, save_file

from speech_gesture_ros.core.chunks import FeatureChunk
from speech_gesture_ros.core.errors import BundleError
from speech_gesture_ros.networks.speech_to_motion.bundle import SpeechToMotionBundle, load_bundle, save_bundle
from speech_gesture_ros.networks.speech_to_motion.device_network import build_network
from speech_gesture_ros.networks.speech_to_motion.model_stage import SpeechToMotionStage


@pytest.fixture
def folder(bundle: SpeechToMotionBundle, tmp_path: Path) -> Path:
    save_bundle(bundle, tmp_path / "tiny")
    return tmp_path / "tiny"


def edit(folder: Path, **changes: object) -> None:
    path = folder / "bundle.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **changes}))


def test_a_bundle_is_loaded_as_it_was_saved(bundle: SpeechToMotionBundle, folder: Path, features: np.ndarray) -> None:
    again = load_bundle(folder, feature_names=bundle.feature_names, skeleton="upper_body")
    assert (again.name, again.network, again.codes, again.card) == (
        bundle.name, bundle.network, bundle.codes, bundle.card)
    assert again.skeleton == bundle.skeleton
    motions = [SpeechToMotionStage(b, device="cpu").push(FeatureChunk(0, features)).values for b in (bundle, again)]
    np.testing.assert_array_equal(*motions)


def test_nothing_in_a_bundle_is_a_pickle(folder: Path) -> None:
    assert sorted(p.name for p in folder.iterdir()) == [
        "MODEL_CARD.md", "bundle.yaml", "skeleton.yaml", "statistics.safetensors", "weights.safetensors"]
    assert "!!python" not in (folder / "bundle.yaml").read_text()


@pytest.mark.parametrize("name", ["MODEL_CARD.md", "bundle.yaml", "skeleton.yaml", "statistics.safetensors",
                                  "weights.safetensors"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(BundleError, match=f"file {name} of bundle .* must be present"):
        load_bundle(folder)


@pytest.mark.parametrize("name", ["weights.safetensors", "statistics.safetensors", "skeleton.yaml"])
def test_a_damaged_file_is_found_by_its_checksum(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[-3] ^= 1
    (folder / name).write_bytes(bytes(data))
    with pytest.raises(BundleError, match=f"sha256 of .*{name} is .*copy the bundle again"):
        load_bundle(folder)


def test_other_features_are_refused(folder: Path) -> None:
    with pytest.raises(BundleError, match=r"features of bundle .*feature_4.*must be the 5 of the feature stage"):
        load_bundle(folder, feature_names=("feature_0", "feature_1", "feature_2", "feature_3", "pitch"))


def test_another_skeleton_is_refused(folder: Path) -> None:
    with pytest.raises(BundleError, match=r"skeleton of bundle .* is 'upper_body', must be 'whole_body'"):
        load_bundle(folder, skeleton="whole_body")


@pytest.mark.parametrize(("changes", "message"), [
    ({"format_version": 99}, "format_version in .* is 99, must be 3"),
    ({"format_version": 2}, r"format_version in .* is 2, must be 3\. Convert it: speech-gesture upgrade-bundle .*tiny"),
    ({"pose_rate_hz": 20}, r"rates of bundle .* is \(100, 20\)"),
    ({"colour": "red"}, "key is 'colour'"),
    ({"feature_names": ["a"]}, "num_features of bundle .* is 5, must be 1"),
    ({"codes": {"names": ["a", "b", "c", "d"]}}, "num_codes of bundle .* is 6, must be 4"),
], ids=["version", "older version", "rate", "unknown key", "features", "codes"])
def test_a_manifest_that_does_not_fit_is_refused(folder: Path, changes: dict[str, object], message: str) -> None:
    edit(folder, **changes)
    with pytest.raises(BundleError, match=message):
        load_bundle(folder)


def test_weights_of_another_network_are_refused(folder: Path) -> None:
    weights = load_file(str(folder / "weights.safetensors"))
    weights.pop("speech_encoder.embed.weight")
    save_file(weights, str(folder / "weights.safetensors"))
    manifest = yaml.safe_load((folder / "bundle.yaml").read_text())
    checksum = hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest()
    edit(folder, sha256={**manifest["sha256"], "weights.safetensors": checksum})
    for build in (build_network, lambda bundle: SpeechToMotionStage(bundle, device="cpu")):
        with pytest.raises(BundleError, match=r"'speech_encoder.embed.weight' of the weights is None, must be "
                                              r"of shape \(16, 20\)"):
            build(load_bundle(folder))
