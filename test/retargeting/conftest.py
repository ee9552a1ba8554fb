"""Human motion for tests: smooth and seeded, by forward kinematics; inside or outside human reach."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton

Motion = Callable[..., np.ndarray]


def turns(axis: str, angles: np.ndarray) -> np.ndarray:
    """Return (T, 3, 3) rotations about x, y or z."""
    c, s, one, zero = np.cos(angles), np.sin(angles), np.ones_like(angles), np.zeros_like(angles)
    rows = {"x": [[one, zero, zero], [zero, c, -s], [zero, s, c]],
            "y": [[c, zero, s], [zero, one, zero], [-s, zero, c]],
            "z": [[c, -s, zero], [s, c, zero], [zero, zero, one]]}[axis]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


def wander(rng: np.random.Generator, frames: int, low: float, high: float, fastest_hz: float = 1.0) -> np.ndarray:
    """Return (T,) a smooth value between two bounds, never at rest."""
    t = np.arange(frames) / POSE_RATE
    waves = [rng.normal() * np.sin(2 * np.pi * f * t + rng.uniform(0, 6.28)) for f in rng.uniform(0.1, fastest_hz, 6)]
    return low + (high - low) * 0.5 * (1 + np.tanh(np.sum(waves, axis=0) / 2.5))


def talking_human(skeleton: Skeleton, seed: int, frames: int) -> np.ndarray:
    """Return (T, J, 3) random gestures inside the reach of a human."""
    rng = np.random.default_rng(seed)

    def angle(low: float, high: float) -> np.ndarray:
        return wander(rng, frames, low, high)

    torso = turns("z", angle(-0.3, 0.3)) @ turns("x", angle(-0.1, 0.1)) @ turns("y", angle(-0.1, 0.25))
    head = torso @ turns("z", angle(-0.5, 0.5)) @ turns("y", angle(-0.25, 0.3)) @ turns("x", angle(-0.15, 0.15))
    frame = dict.fromkeys(("spine2", "chest", "neck", "left_shoulder", "right_shoulder"), torso)
    frame |= {"head": head, "nose": head}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        upper = torso @ turns("y", angle(-1.2, 0.2)) @ turns("x", sign * angle(0.1, 0.7))
        upper = upper @ turns("z", -sign * angle(-0.3, 0.9))
        fore = upper @ turns("y", -angle(0.15, 1.9))
        hand = fore @ turns("z", sign * angle(-1.0, 1.0)) @ turns("y", angle(-0.3, 0.3)) @ turns("x", angle(-0.5, 0.5))
        frame |= {f"{side}_elbow": upper, f"{side}_wrist": fore, f"{side}_hand": hand, f"{side}_thumb": hand}
    bones = np.repeat(skeleton.offsets[None], frames, axis=0)
    for name, rotation in frame.items():
        bones[:, skeleton.index[name]] = rotation @ skeleton.offsets[skeleton.index[name]]
    return skeleton.xyz_from_bones(bones)


def wild_human(skeleton: Skeleton, seed: int, frames: int) -> np.ndarray:
    """Return (T, J, 3) fast motion with hands through the belly, the head and each other."""
    rng = np.random.default_rng(seed)
    bones = np.repeat(skeleton.offsets[None], frames, axis=0)
    for side in ("left", "right"):
        for part in ("elbow", "wrist", "hand", "thumb"):
            towards = np.stack([wander(rng, frames, -1.0, 1.0, 2.0) for _ in range(3)], axis=1)
            joint = skeleton.index[f"{side}_{part}"]
            bones[:, joint] = towards / np.linalg.norm(towards, axis=1, keepdims=True) * skeleton.bone_lengths[joint]
    return skeleton.xyz_from_bones(bones)


@pytest.fixture(scope="session")
def talking(skeleton: Skeleton) -> Motion:
    return lambda seed=0, frames=250: talking_human(skeleton, seed, frames)


@pytest.fixture(scope="session")
def wild(skeleton: Skeleton) -> Motion:
    return lambda seed=0, frames=250: wild_human(skeleton, seed, frames)
