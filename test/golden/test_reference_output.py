"""Reference output: joints of the demo humanoid for the shipped speech and model.

A difference is either a mistake or a decision. For a decision, write the reference again and say why in the commit:

    python test/golden/test_reference_output.py
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.assets import resolve, share_folder
from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig

REFERENCE = Path(__file__).with_name("demo_humanoid_speech.npz")
EVERY = 5  # pose frames between two that are kept
TOLERANCE = 0.02  # [rad] other processors round differently, and inverse kinematics passes that on


def perform() -> np.ndarray:
    """(T, N) joints of the demo humanoid for the shipped speech [rad], every fifth frame."""
    samples = load_mono_16k(share_folder() / "config" / "demo" / "speech.flac")
    pipeline = GesturePipeline(PipelineConfig(seed=7, device="cpu"))
    parts = [pipeline.push(AudioChunk(k, samples[k : k + 800])).joints.values for k in range(0, len(samples), 800)]
    return np.concatenate([*parts, pipeline.flush().joints.values])[::EVERY]


def checksum() -> str:
    """Of the model's weights."""
    return hashlib.sha256((resolve("default", "models") / "weights.safetensors").read_bytes()).hexdigest()


def test_the_shipped_speech_moves_the_demo_humanoid_as_it_did() -> None:
    reference = np.load(REFERENCE)
    assert str(reference["weights_sha256"]) == checksum(), f"the model is another one: python {Path(__file__).name}"
    q = perform()
    assert q.shape == reference["q"].shape
    assert np.ptp(reference["q"], axis=0).max() > 0.5, "the reference hardly moves"
    np.testing.assert_allclose(q, reference["q"], atol=TOLERANCE, rtol=0)


if __name__ == "__main__":
    np.savez_compressed(REFERENCE, q=perform().astype(np.float32), weights_sha256=checksum())
