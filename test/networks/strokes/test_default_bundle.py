"""The shipped default model is complete, small and described, and rests without speech."""

from __future__ import annotations

import numpy as np

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.chunks import FeatureChunk
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.networks.strokes.bundle import load_stroke_bundle
from speech_gesture_ros.networks.strokes.model_stage import StrokeStage


def test_the_default_bundle_is_complete_small_and_described() -> None:
    folder = resolve("default", "models")
    bundle = load_stroke_bundle(folder)
    assert bundle.feature_names == FEATURE_NAMES
    assert sum(p.stat().st_size for p in folder.rglob("*")) <= 5 * 2**20
    for heading in ("Training data", "Training", "Acceptance", "Beside people", "Held out", "Limits"):
        assert heading in bundle.card
    poses = StrokeStage(bundle).push(FeatureChunk(0, np.tile(bundle.silence, (200, 1)))).values
    wrists = [bundle.skeleton.index[f"{side}_wrist"] for side in ("left", "right")]
    chest = poses[:, bundle.skeleton.index["chest"]]
    speed = np.linalg.norm(np.diff(poses[15:, wrists] - chest[15:, None], axis=0), axis=-1).mean() * 25
    assert speed < 0.1, "the default model gestures in silence"
