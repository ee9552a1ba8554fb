"""Bundles are read and opened by their architecture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.chunks import FeatureChunk
from speech_gesture_ros.core.errors import BundleError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.bundle_files import read_bundle, write_bundle
from speech_gesture_ros.networks.model_registry import open_model


def test_the_default_model_opens_and_moves() -> None:
    model = open_model(resolve("default", "models"), look_ahead_s=0.4, seed=1, device="cpu")
    assert (model.name, model.skeleton.name) == ("default", "upper_body")
    assert model.capabilities.feature_set == "prosodic_mel"
    assert model.device == "cpu (chosen)"
    poses = model.push(FeatureChunk(0, np.zeros((100, 45), np.float32))).values
    assert poses.shape == (15, 17, 3)
    assert np.isfinite(poses).all()


def test_an_unknown_architecture_is_named(tmp_path: Path) -> None:
    write_bundle(tmp_path / "odd", "unknown", {}, {"weights": {}}, load_skeleton(), "# odd\n")
    with pytest.raises(BundleError, match=r"architecture of bundle .*odd' is 'unknown', must be one of \['kuch"):
        open_model(tmp_path / "odd", look_ahead_s=0.4, seed=0, device="cpu")


def test_another_architecture_than_the_expected_one_is_refused(tmp_path: Path) -> None:
    write_bundle(tmp_path / "odd", "unknown", {}, {}, load_skeleton(), "# odd\n")
    assert read_bundle(tmp_path / "odd").architecture == "unknown"
    with pytest.raises(BundleError, match=r"architecture of bundle .* is 'unknown', must be 'speech_to_motion'"):
        read_bundle(tmp_path / "odd", "speech_to_motion")


def test_files_are_read_as_they_were_written(tmp_path: Path) -> None:
    weights = {"a": np.arange(6.0).reshape(2, 3), "b": np.ones(1)}
    write_bundle(tmp_path / "x", "any", {"sizes": (1, 2), "deep": {"k": (3.5,)}}, {"weights": weights, "more": {}},
                 load_skeleton(), "# x\n")
    files = read_bundle(tmp_path / "x")
    assert files.manifest == {"sizes": [1, 2], "deep": {"k": [3.5]}}
    assert set(files.tensors) == {"weights", "more"}
    np.testing.assert_array_equal(files.tensors["weights"]["a"], weights["a"])
    assert (files.skeleton, files.card) == (load_skeleton(), "# x\n")


@pytest.mark.parametrize("text", ["format_version: 3\n", "format_version: 3\narchitecture: any\nsha256: {../x: a}\n"])
def test_an_incomplete_manifest_is_refused(tmp_path: Path, text: str) -> None:
    write_bundle(tmp_path / "x", "any", {}, {}, load_skeleton(), "# x\n")
    (tmp_path / "x" / "bundle.yaml").write_text(text)
    with pytest.raises(BundleError, match=r"content of .*bundle\.yaml"):
        read_bundle(tmp_path / "x")
