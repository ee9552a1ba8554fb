from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.errors import BundleError, ConfigError
from speech_gesture_ros.networks.kucherenko.bundle import KucherenkoBundle, load_bundle, save_bundle
from speech_gesture_ros.networks.kucherenko.network_config import KucherenkoConfig
from speech_gesture_ros.networks.model_registry import open_model

Make = Callable[..., KucherenkoBundle]


@pytest.mark.parametrize("parts", [{}, {"representation": 0}, {"output": "published", "values_per_joint": 3,
                                                               "gru": "keras2", "normalisation": "running"}])
def test_a_saved_bundle_is_loaded_unchanged(make_bundle: Make, tmp_path: Path, parts: dict[str, object]) -> None:
    bundle = make_bundle(**parts)
    save_bundle(bundle, tmp_path)
    found = load_bundle(tmp_path)
    assert (found.name, found.config, found.card) == (bundle.name, bundle.config, bundle.card)
    for name in ("feature_mean", "feature_std", "silence", "pose_mean", "pose_scale"):
        np.testing.assert_array_equal(getattr(found, name), getattr(bundle, name))
    assert set(found.weights) == set(bundle.weights)
    for name, value in bundle.weights.items():
        np.testing.assert_array_equal(found.weights[name], value)


def test_transposed_arrays_are_saved_in_their_logical_order(make_bundle: Make, tmp_path: Path) -> None:
    """Kernels of Keras are transposed: `.T` is a view with another memory order."""
    bundle = make_bundle()
    turned = {name: np.asfortranarray(value) for name, value in bundle.weights.items()}
    save_bundle(dataclasses.replace(bundle, weights=turned), tmp_path)
    for name, value in load_bundle(tmp_path).weights.items():
        np.testing.assert_array_equal(value, bundle.weights[name])


def test_a_missing_parameter_is_named(make_bundle: Make, tmp_path: Path) -> None:
    bundle = make_bundle()
    fewer = {name: value for name, value in bundle.weights.items() if name != "gru.bias_hh"}
    with pytest.raises(BundleError, match=r"gru\.bias_hh"):
        save_bundle(dataclasses.replace(bundle, weights=fewer), tmp_path)


def test_the_registry_opens_it(make_bundle: Make, tmp_path: Path) -> None:
    save_bundle(make_bundle(), tmp_path)
    stage = open_model(tmp_path, look_ahead_s=0.1, seed=0, device="auto")
    assert (stage.name, stage.capabilities.feature_set, stage.skeleton.name) == ("tiny", "kucherenko2019", "upper_body")


@pytest.mark.parametrize(("field", "value"), [("gru", "lstm"), ("output", "bvh"), ("hidden", 0), ("columns", ()),
                                              ("values_per_joint", 4), ("feature_names", ("something else",))])
def test_impossible_configurations_are_refused(field: str, value: object) -> None:
    with pytest.raises(ConfigError):
        KucherenkoConfig(**{"columns": ("energy",), field: value})
