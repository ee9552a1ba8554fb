"""Acceptance criteria are measured of the motion that the robot would follow, and the tables mark those not met."""

from __future__ import annotations

import csv
import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import BundleError, InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.speech_recordings import surround_with_silence
from speech_gesture_ros.evaluation.acceptance.measure import measure_acceptance
from speech_gesture_ros.evaluation.acceptance.motion import (
    FORMER_DISTANCE,
    human_criteria,
    mean_correlation,
    motion_in_speech,
)
from speech_gesture_ros.evaluation.acceptance.results import (
    Acceptance,
    Criterion,
    acceptance_sections,
    acceptance_table,
    human_table,
)
from speech_gesture_ros.evaluation.acceptance.speech import changed_sounds
from speech_gesture_ros.evaluation.acceptance.trials import Performer, Trial
from speech_gesture_ros.evaluation.metrics.motion_metrics import LIKE_PEOPLE
from speech_gesture_ros.networks.strokes.bundle import load_stroke_bundle, save_stroke_bundle

DEFAULT = resolve("default", "models")


def voice(seconds: float) -> np.ndarray:
    """Voiced bursts at 16 kHz."""
    time = np.arange(round(16_000 * seconds)) / 16_000
    tone = sum(np.sin(2 * np.pi * 140 * k * time) / k for k in range(1, 20))
    return (0.1 * tone * np.clip(np.sin(2 * np.pi * 2 * time), 0, 1) ** 2).astype(np.float32)


def test_behind_the_voice_gate_the_hands_rest_in_silence() -> None:
    moved = Performer(DEFAULT, 0).perform(np.zeros(16_000 * 4, np.float32))
    assert moved.shape == (100, 17, 3)
    assert np.linalg.norm(np.diff(moved[50:], axis=0), axis=-1).max() * 25 < 0.05


def test_recordings_are_surrounded_with_silence() -> None:
    padded = surround_with_silence(np.ones(16_123, np.float32))
    assert len(padded) % 640 == 0
    assert not padded[:16_000].any()
    assert not padded[-32_000:].any()
    assert padded.sum() == 16_123


def test_each_change_of_sound_is_what_its_name_states() -> None:
    sound, changes = voice(2.0), changed_sounds()
    assert np.abs(changes["10 dB louder"](sound)).max() == pytest.approx(
        min(1.0, np.abs(sound).max() * math.sqrt(10)), rel=1e-3)
    spectrum = np.abs(np.fft.rfft(changes["3.6 kHz low-pass"](sound)))
    assert spectrum[2 * 5000:].max() < 0.01 * spectrum.max()
    noise = changes["noise at 10 dB"](sound) - sound
    assert 0.05 < np.std(noise) / np.std(sound) < 0.6


@pytest.mark.slow
def test_only_the_time_of_speech_is_compared_with_people(speech: np.ndarray) -> None:
    trial = Trial.of(surround_with_silence(speech.astype(np.float32), 60.0), seed=1)
    motion = Performer(DEFAULT, trial.seed).perform(trial.samples)
    clip = motion_in_speech([trial], [motion], load_skeleton()).clips[0]
    assert len(clip.joint_xyz) < len(motion) - 25
    spoken = np.flatnonzero(trial.accents.speech)
    assert len(clip.joint_xyz) >= spoken[-1] - spoken[0]
    assert clip.speech is not None
    assert clip.speech.is_speech[12]
    names = [c.name for c in human_criteria(motion_in_speech([trial], [motion], load_skeleton()))]
    assert len(names) == len(set(names)) == len(FORMER_DISTANCE) + 3


def test_equal_motions_correlate_and_unrelated_ones_do_not(rng: np.random.Generator) -> None:
    skeleton = load_skeleton()
    noise = rng.normal(0, 0.1, (3, 400, 17, 3))
    assert mean_correlation([noise[0], noise[0]], skeleton) == pytest.approx(1.0)
    assert abs(mean_correlation(list(noise), skeleton)) < 0.1


def write_data(folder: Path, speaker: str) -> Path:
    soundfile = pytest.importorskip("soundfile", reason="needs soundfile (pip install '.[train]')")
    hours = folder / "speech" / "hours"
    hours.mkdir(parents=True)
    soundfile.write(hours / "0.wav", voice(14.0), 16_000)
    with (hours / "manifest.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["path", "source", "licence", "speaker", "language", "style", "native_sample_rate", "seconds"])
        table.writerow(["0.wav", "toy", "CC0-1.0", speaker, "none", "read", 16_000, 14.0])
    return folder


@pytest.mark.slow
def test_every_criterion_is_measured(tmp_path: Path) -> None:
    save_stroke_bundle(dataclasses.replace(load_stroke_bundle(DEFAULT), held_out_speakers=("ada",)), tmp_path / "toy")
    acceptance = measure_acceptance(tmp_path / "toy", write_data(tmp_path / "data", "ada"))
    criteria = {c.name: c for c in acceptance.criteria}
    assert criteria["same seed, same sound: largest difference [m]"].value == 0.0
    assert criteria["wrist speed in silence [m/s]"].met
    unknown = {c.name for c in acceptance.criteria if not math.isfinite(c.value)}
    assert unknown <= {"distinct end places in 60 strokes", "different voices, one seed: wrist r"}, "one short voice"
    assert {m.name for m in LIKE_PEOPLE} == set(acceptance.human)
    assert (acceptance.speakers, round(acceptance.minutes, 2)) == (1, round(17 / 60, 2))


def test_unknown_speakers_and_other_models_are_refused(tmp_path: Path) -> None:
    from small_bundle import write_small_bundle

    data = write_data(tmp_path / "data", "grace")
    with pytest.raises(InputError, match="held-out"):
        measure_acceptance(DEFAULT, data)
    with pytest.raises(BundleError, match="architecture"):
        measure_acceptance(write_small_bundle(tmp_path / "other"), data)


def test_tables_mark_the_criteria_that_are_not_met() -> None:
    criteria = (Criterion("good", 0.9, 0.85), Criterion("bad", 0.2, 0.3, 0.4, "chance 0.1"),
                Criterion("unknown", math.nan, 0.0))
    human = {m.name: m.human.typical for m in LIKE_PEOPLE} | {LIKE_PEOPLE[0].name: 99.0}
    acceptance = Acceptance(criteria, human, 1.5, 2)
    lines = acceptance_table(acceptance).splitlines()
    assert lines[-3:] == ["| good | 0.900 | at least 0.85 | yes |",
                          "| bad | 0.200 (chance 0.1) | 0.3 to 0.4 | **no** |",
                          "| unknown | nan | at least 0 | **no** |"]
    assert not acceptance.met
    people = human_table(acceptance).splitlines()
    assert people[2].endswith("**no** |")
    assert all(line.endswith("| yes |") for line in people[3:])
    assert human_table(acceptance) in acceptance_sections(acceptance)


@pytest.mark.slow
def test_film_strips_are_drawn_for_the_voices_held_out(tmp_path: Path) -> None:
    from speech_gesture_ros.evaluation.acceptance.film_strips import draw_voices

    save_stroke_bundle(dataclasses.replace(load_stroke_bundle(DEFAULT), held_out_speakers=("ada",)), tmp_path / "toy")
    paths = draw_voices(tmp_path / "toy", write_data(tmp_path / "data", "ada"), tmp_path / "out")
    assert [p.name for p in paths] == ["strip_ada.png", "styles.png"]
    assert min(p.stat().st_size for p in paths) > 5_000
