"""A synthetic corpus of a minute: bursts of a voice, and an arm that rises with each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs torch (pip install '.[train]')")
pytest.importorskip("pytorch_lightning", reason="needs pytorch-lightning (pip install '.[train]')")

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.datasets.prepared import write_corpus

SECONDS = 10


def make_clip(name: str, split: str, seed: int) -> Clip:
    """Each burst lifts the right forearm by 1.2 rad; each speaker has another tone."""
    rng = np.random.default_rng(seed)
    times = np.arange(0.6, SECONDS - 0.6, 1.0) + rng.uniform(-0.2, 0.2, SECONDS - 1)
    t = np.arange(SECONDS * 16_000) / 16_000
    loud = np.exp(-0.5 * ((t[:, None] - times) / 0.12) ** 2).sum(axis=1)
    tone = sum(np.sin(2 * np.pi * k * (120 + 30 * seed) * t) / k for k in range(1, 8))
    samples = 0.2 * loud * tone + 1e-3 * rng.normal(size=len(t))
    skeleton = load_skeleton()
    frames = np.arange(SECONDS * 25) / 25
    rise = 1.2 * np.exp(-0.5 * ((frames[:, None] - times) / 0.2) ** 2).sum(axis=1)
    bones = np.repeat(skeleton.offsets[None], len(frames), axis=0)
    for part in ("wrist", "hand", "thumb"):
        bone = skeleton.index[f"right_{part}"]
        x, y, z = skeleton.offsets[bone]
        bones[:, bone] = np.stack([x * np.cos(rise) - z * np.sin(rise), np.full_like(rise, y),
                                   x * np.sin(rise) + z * np.cos(rise)], axis=1)
    return Clip(name, name, split, samples.astype(np.float32), skeleton.xyz_from_bones(bones).astype(np.float32))


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    splits = ("train", "train", "train", "validation", "test", "test")
    write_corpus(folder, (make_clip(f"speaker_{i}", split, i) for i, split in enumerate(splits)))
    return folder
