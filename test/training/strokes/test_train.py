"""Training of the stroke model: tracks, both networks, the cues report, and a whole run on toy speech."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import yaml

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.strokes.bundle import load_stroke_bundle
from speech_gesture_ros.networks.strokes.channels import NUM_CHANNELS
from speech_gesture_ros.networks.strokes.cues import ACCENT_LAG, SpeechCues

pytest.importorskip("pytorch_lightning", reason="needs pip install '.[train]'")
sf = pytest.importorskip("soundfile")

from speech_gesture_ros.training.engine.track_files import load_track, save_track
from speech_gesture_ros.training.strokes.batches import CueSampler, StateSampler
from speech_gesture_ros.training.strokes.body_pose import pose_body
from speech_gesture_ros.training.strokes.cue_report import accents_detected
from speech_gesture_ros.training.strokes.run_config import RecordedSpeechConfig
from speech_gesture_ros.training.strokes.tracks import (
    CueTrack,
    limit_speakers,
    make_cue_track,
    make_track_without_speech,
)
from speech_gesture_ros.training.strokes.train import train


@pytest.fixture(scope="module")
def track(speech: np.ndarray) -> CueTrack:
    config = RecordedSpeechConfig(held_out_speakers=(), augmented_versions=1)
    return make_cue_track(speech[:16_000 * 20].astype(np.float32), "ada", config, [], np.random.default_rng(0))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, speech: np.ndarray) -> Path:
    """Three speakers with 16 s each."""
    folder = tmp_path_factory.mktemp("data")
    hours = folder / "speech" / "hours"
    hours.mkdir(parents=True)
    rows = []
    for k, speaker in enumerate(("ada", "ben", "cleo")):
        sf.write(hours / f"{speaker}.flac", np.roll(speech, -k * 60_000)[:16_000 * 16], 16_000)
        rows.append((f"{speaker}.flac", speaker, "made here", "CC0-1.0", "en", 16.0))
    with (hours / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("path", "speaker", "source", "licence", "language", "seconds"), *rows])
    return folder


def write_config(folder: Path, **changes: object) -> Path:
    content = {"name": "toy", "model": "strokes", "seed": 2, "workers": 1, "composed_minutes": 0.5, "frames": 100,
               "speech": {"held_out_speakers": ["cleo"], "augmented_versions": 1, "non_speech_minutes": 1.0},
               "network": {"channels": 12, "dilations": [1, 2], "decoder_hidden": 16},
               "encoder": {"steps": 20, "batch": 4}, "decoder": {"steps": 30, "batch": 64}, **changes}
    path = folder / "toy.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_a_track_holds_what_is_to_be_detected(track: CueTrack, tmp_path: Path) -> None:
    assert track.features.shape == (2, 4 * len(track), 45)
    assert 0.3 < track.voice.mean() < 1.0
    assert len(track.accent_times_s) > 5
    near = [track.accent[int(t * 25):int(t * 25) + 2].max() for t in track.accent_times_s]
    assert min(near) > 0.0
    assert not track.level[track.voice == 0].any()
    save_track(track, tmp_path / "t.npz")
    np.testing.assert_array_equal(load_track(CueTrack, tmp_path / "t.npz").accent, track.accent)


def test_a_track_without_speech_has_none() -> None:
    config = RecordedSpeechConfig(held_out_speakers=(), augmented_versions=1)
    silent = make_track_without_speech(config, [], np.random.default_rng(0))
    assert not silent.voice.any()
    assert not silent.accent.any()


def test_long_speakers_are_limited() -> None:
    from speech_gesture_ros.datasets.speech_recordings import SpeechRecording

    recordings = [SpeechRecording(str(i), Path("x"), speaker, "s", "l", "en", 50.0)
                  for i, speaker in enumerate("aaabaa")]
    assert [r.name for r in limit_speakers(recordings, 1.5)] == ["0", "1", "3"]


def test_batches_are_functions_of_their_number(track: CueTrack) -> None:
    one, again, other = (CueSampler([track], 5).draw(i, 3, 50) for i in (7, 7, 8))
    assert one.frames.shape == (3, 50, 180)
    np.testing.assert_array_equal(one.frames, again.frames)
    assert not np.array_equal(one.frames, other.frames)


def test_poses_of_a_batch_are_exact(rng: np.random.Generator) -> None:
    states = rng.normal(0, 0.1, (100, 2 * NUM_CHANNELS)).astype(np.float32)
    batch = StateSampler(states, load_skeleton(), 1).draw(3, 16)
    z = batch.z.numpy()
    np.testing.assert_array_equal(batch.joint_xyz, pose_body(load_skeleton(), z[:, :NUM_CHANNELS], z[:, NUM_CHANNELS:]))


def test_accents_are_rises_of_their_probability() -> None:
    accent = np.zeros(50)
    accent[[10, 11, 12, 30]] = 0.8, 1.6, 1.1, 0.9
    times = accents_detected(SpeechCues(np.ones(50), accent, np.zeros(50)))
    np.testing.assert_allclose(times, [(12 - ACCENT_LAG) / 25])


@pytest.mark.slow
def test_a_run_makes_a_bundle_and_a_resumed_one_the_same(data: Path, tmp_path: Path) -> None:
    config = write_config(tmp_path, checkpoint_s=0.0)
    bundle = load_stroke_bundle(train(config, tmp_path / "a" / "toy", data=data, cache=tmp_path / "cache"))
    assert bundle.held_out_speakers == ("cleo",)
    for heading in ("Training data", "Speech encoder", "Acceptance", "Beside people", "Limits"):
        assert heading in bundle.card
    again = load_stroke_bundle(train(config, tmp_path / "a" / "toy", data=data, cache=tmp_path / "cache", resume=True))
    for name, value in bundle.weights.items():
        np.testing.assert_array_equal(again.weights[name], value)


def test_unknown_held_out_speakers_are_named(data: Path, tmp_path: Path) -> None:
    config = write_config(tmp_path, speech={"held_out_speakers": ["zoe"]})
    with pytest.raises(ConfigError, match="zoe"):
        train(config, tmp_path / "out", data=data, cache=tmp_path)
