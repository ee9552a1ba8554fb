"""Training on composed motion, from recordings to a bundle, on a synthetic data folder."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import yaml

from speech_gesture_ros.core.chunks import FeatureChunk
from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.datasets.speech_recordings import list_recordings
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES, compute_prosodic_mel
from speech_gesture_ros.networks.speech_to_motion.bundle import load_bundle
from speech_gesture_ros.networks.speech_to_motion.model_stage import SpeechToMotionStage
from speech_gesture_ros.training.train import train

soundfile = pytest.importorskip("soundfile", reason="needs soundfile (pip install '.[train]')")


def syllables(seconds: float, pitch: float, seed: int) -> np.ndarray:
    """Synthetic speech at 16 kHz: voiced bursts of changing pitch and loudness."""
    rng = np.random.default_rng(seed)
    out = []
    while sum(map(len, out)) < seconds * 16_000:
        time = np.arange(int(16_000 * rng.uniform(0.12, 0.3))) / 16_000
        tone = sum(np.sin(2 * np.pi * k * pitch * rng.uniform(0.98, 1.02) * time) / k for k in range(1, 25))
        out += [rng.uniform(0.03, 0.2) * tone * np.hanning(len(time)), np.zeros(int(16_000 * rng.uniform(0.02, 0.1)))]
    return np.concatenate(out).astype(np.float32)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    hours = tmp_path / "data" / "speech" / "hours"
    hours.mkdir(parents=True)
    with (hours / "manifest.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["path", "source", "licence", "speaker", "language", "style", "native_sample_rate", "seconds"])
        for i, pitch in enumerate((110, 180, 140)):
            sound = syllables(12, pitch, i)
            soundfile.write(hours / f"{i}.wav", sound, 16_000)
            table.writerow([f"{i}.wav", "toy", "CC0-1.0", f"speaker {i}", "none", "read", 16_000, len(sound) / 16_000])
    monkeypatch.setenv("SPEECH_GESTURE_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def write_config(folder: Path, **changes: object) -> Path:
    config = {
        "name": "toy", "seed": 3, "steps": 4, "decoder_steps": 4, "batch": 2, "frames": 96, "threads": 1, "workers": 1,
        "corpus": {"held_out_speakers": ["speaker 2"], "motions": 1, "augmented_versions": 1,
                   "non_speech_minutes": 1.0},
        "network": {"channels": 16, "dilations": [1, 2], "look_ahead_channels": 4, "hidden": 16, "z_size": 8},
        **changes}
    path = folder / "toy.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


@pytest.mark.slow
def test_training_on_recordings_gives_a_bundle_that_runs(data: Path, tmp_path: Path) -> None:
    out = train(write_config(tmp_path), tmp_path / "models" / "toy", cache=tmp_path / "cache")
    bundle = load_bundle(out, feature_names=FEATURE_NAMES, skeleton="upper_body")
    assert "speaker 2" in bundle.card.split("Held out (")[1].split("##")[0]
    assert "| toy | CC0-1.0 | none |" in bundle.card
    assert "## Acceptance" in bundle.card
    assert "## Beside people" in bundle.card
    assert "reachy2_emotions (Pollen Robotics, Apache-2.0)" in bundle.card
    assert bundle.held_out_speakers == ("speaker 2",)
    assert "| composed motion | 1.00 | 1.00 | 0.0 |" in bundle.card
    features = compute_prosodic_mel(syllables(2, 150, 9))
    assert np.isfinite(SpeechToMotionStage(bundle, device="cpu").push(FeatureChunk(0, features)).values).all()
    prepared = sorted((tmp_path / "cache").rglob("*.npz"))
    assert [p.stem for p in prepared] == ["0", "1", "2", "calm_000", "calm_001"]


def test_an_unknown_speaker_to_hold_out_is_refused(data: Path, tmp_path: Path) -> None:
    config = write_config(tmp_path, corpus={"held_out_speakers": ["unknown"]})
    with pytest.raises(ConfigError, match=r"held_out_speakers is \['unknown'\], must be speakers of the corpus"):
        train(config, tmp_path / "out", cache=tmp_path / "cache")


def test_a_misspelt_key_of_the_configuration_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"toy\.yaml: key is 'step'"):
        train(write_config(tmp_path, step=3), tmp_path / "out")


def test_an_error_without_data_names_the_variable_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPEECH_GESTURE_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"recorded speech is .*Set SPEECH_GESTURE_DATA"):
        train(write_config(tmp_path), tmp_path / "out", cache=tmp_path / "cache")


def test_recordings_are_listed_in_the_order_of_the_manifest(data: Path) -> None:
    assert [r.name for r in list_recordings(data)] == ["0", "1", "2"]
