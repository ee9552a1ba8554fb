"""A skeleton and a motion of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from speech_gesture_ros.core.skeleton import Skeleton, load_skeleton


@pytest.fixture(scope="session")
def skeleton() -> Skeleton:
    return load_skeleton()


@pytest.fixture(scope="session")
def talking(skeleton: Skeleton) -> npt.NDArray[np.float64]:
    """(200, J, 3) rigid bones that swing smoothly about different axes."""
    rng = np.random.default_rng(5)
    time_s = np.arange(200)[:, None, None] / 25
    swing = rng.normal(size=(1, len(skeleton), 3)) * 0.3 * np.sin(2 * np.pi * time_s * 0.8 + rng.uniform(0, 6, (17, 1)))
    bones = skeleton.offsets + swing * skeleton.bone_lengths[:, None]
    bones[:, 1:] *= (skeleton.bone_lengths[:, None] / np.linalg.norm(bones, axis=-1, keepdims=True).clip(1e-9))[:, 1:]
    bones[:, 0] = 0.0
    return skeleton.xyz_from_bones(bones)
