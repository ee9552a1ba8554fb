"""Small networks of either kind, with untrained weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.kucherenko.bundle import KucherenkoBundle
from speech_gesture_ros.networks.kucherenko.network_config import KucherenkoConfig, parameter_shapes

COLUMNS = ("mfcc_00", "mfcc_01", "energy", "pitch")


@pytest.fixture
def make_bundle() -> Callable[..., KucherenkoBundle]:
    """A bundle from parts of its configuration."""

    def make(**parts: object) -> KucherenkoBundle:
        config = KucherenkoConfig(**{"columns": COLUMNS, "past": 4, "future": 4, "dense": (8, 7), "hidden": 6,
                                     "representation": 5, **parts})
        rng, skeleton = np.random.default_rng(7), load_skeleton()
        pose, features = config.pose_size(len(skeleton)), len(config.columns)
        weights = {name: rng.normal(0, 0.5, shape).astype(np.float32)
                   for name, shape in parameter_shapes(config, len(skeleton)).items()}
        weights |= {name: np.abs(value) + 0.3 for name, value in weights.items() if name.endswith("running_var")}
        return KucherenkoBundle(
            name="tiny", config=config, skeleton=skeleton, feature_mean=np.zeros(features, np.float32),
            feature_std=np.ones(features, np.float32), silence=np.full(features, -1.0, np.float32),
            pose_mean=rng.normal(0, 20, pose).astype(np.float32),
            pose_scale=rng.uniform(5, 20, pose).astype(np.float32), weights=weights, card="# Model card: tiny\n")

    return make


@pytest.fixture
def features() -> np.ndarray:
    """(101, 4): a second of feature frames, and one that fills no pose."""
    rng = np.random.default_rng(3)
    return np.cumsum(rng.normal(0, 0.3, (101, len(COLUMNS))), axis=0).astype(np.float32)


@pytest.fixture(scope="session")
def published_folder(data_folder: Path) -> Path:
    """The authors' files."""
    pytest.importorskip("h5py", reason="needs h5py (pip install '.[published]')")
    folder = data_folder / "kucherenko"
    if not (folder / "models").is_dir():
        pytest.skip(f"no published weights at {folder}: put the models/ of the authors' demo repository there")
    return folder
