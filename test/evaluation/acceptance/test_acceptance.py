"""Acceptance criteria are measured of the motion that the node would produce, and the tables mark those not met."""

from __future__ import annotations

import csv
import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.speech_recordings import surround_with_silence
from speech_gesture_ros.evaluation.acceptance.measure import measure_acceptance
from speech_gesture_ros.evaluation.acceptance.motion import mirror_codes
from speech_gesture_ros.evaluation.acceptance.results import (
    Acceptance,
    Criterion,
    acceptance_sections,
    acceptance_table,
    human_table,
)
from speech_gesture_ros.evaluation.acceptance.speech import changed_sounds
from speech_gesture_ros.evaluation.acceptance.trials import OfflineModel, generate_gated
from speech_gesture_ros.evaluation.metrics.motion_metrics import LIKE_PEOPLE
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES, NUM_FEATURES
from speech_gesture_ros.networks.speech_to_motion.bundle import SpeechToMotionBundle, save_bundle
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeProcess
from speech_gesture_ros.networks.speech_to_motion.network_config import SpeechToMotionConfig
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.pipeline.speech_to_pose import SpeechToPose
from speech_gesture_ros.training.composition.composer import CODE_PROCESS, COMPOSED_REFERENCE


@pytest.fixture(scope="module")
def bundle() -> SpeechToMotionBundle:
    """An untrained network with the codes of the composed motion."""
    config = SpeechToMotionConfig(NUM_FEATURES, len(CODE_PROCESS.names), channels=16, dilations=(1, 2),
                                  look_ahead_channels=4, hidden=16, code_size=4, z_size=8, decoder_hidden=16,
                                  variations=len(CODE_PROCESS.variations), conditioning_hidden=8)
    torch.manual_seed(0)
    network = SpeechToMotionNetwork(config, load_skeleton(), torch.zeros(NUM_FEATURES), torch.ones(NUM_FEATURES))
    nothing = np.zeros(NUM_FEATURES, np.float32)
    return SpeechToMotionBundle("toy", config, CODE_PROCESS, load_skeleton(), FEATURE_NAMES, nothing, nothing + 1,
                                nothing - 1, network.state_dict(), held_out_speakers=("ada",))


def voice(seconds: float) -> np.ndarray:
    """Voiced bursts at 16 kHz."""
    time = np.arange(round(16_000 * seconds)) / 16_000
    tone = sum(np.sin(2 * np.pi * 140 * k * time) / k for k in range(1, 20))
    return (0.1 * tone * np.clip(np.sin(2 * np.pi * 2 * time), 0, 1) ** 2).astype(np.float32)


def test_the_offline_model_generates_the_motion_of_the_node(bundle: SpeechToMotionBundle, tmp_path: Path) -> None:
    save_bundle(bundle, tmp_path / "toy")
    trial = OfflineModel(bundle).trial(voice(6.0), seed=3)
    np.testing.assert_allclose(OfflineModel(bundle).generate(trial.samples, trial.codes),
                               SpeechToPose(tmp_path / "toy", 0.4, 3, "cpu").perform(trial.samples), atol=1e-5)


def test_behind_the_voice_gate_the_hands_rest_in_silence(bundle: SpeechToMotionBundle) -> None:
    moved = generate_gated(bundle, np.zeros(16_000 * 4, np.float32))
    assert moved.shape[1:] == (17, 3)
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
    np.testing.assert_array_equal(changes["20 ms later"](sound)[320:], sound[:-320])
    np.testing.assert_array_equal(changes["20 ms earlier"](sound)[:-320], sound[320:])
    spectrum = np.abs(np.fft.rfft(changes["3.6 kHz low-pass"](sound)))
    assert spectrum[2 * 5000:].max() < 0.01 * spectrum.max()
    noise = changes["noise at 10 dB"](sound) - sound
    assert 0.05 < np.std(noise) / np.std(sound) < 0.6


def test_mirroring_codes_twice_gives_them_back(bundle: SpeechToMotionBundle) -> None:
    codes = OfflineModel(bundle).draw_codes(500, 1)
    once = mirror_codes(codes, COMPOSED_REFERENCE)
    twice = mirror_codes(once, COMPOSED_REFERENCE)
    assert np.all(once.code // 2 == codes.code // 2)
    assert not np.any(once.code == codes.code)
    for name in ("code", "next_code", "phase", "remaining", "variation", "activity"):
        np.testing.assert_array_equal(getattr(twice, name), getattr(codes, name))


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
def test_every_criterion_is_measured_and_an_untrained_network_meets_few(bundle: SpeechToMotionBundle,
                                                                        tmp_path: Path) -> None:
    save_bundle(bundle, tmp_path / "toy")
    acceptance = measure_acceptance(tmp_path / "toy", write_data(tmp_path / "data", "ada"), COMPOSED_REFERENCE)
    criteria = {c.name: c for c in acceptance.criteria}
    assert criteria["same seed, same sound: largest difference [m]"].value == 0.0
    assert not criteria["wrist r with the reference"].met
    assert not acceptance.met
    assert {m.name for m in LIKE_PEOPLE} == set(acceptance.human)
    assert (acceptance.speakers, round(acceptance.minutes, 2)) == (1, round(17 / 60, 2))


def test_a_bundle_with_other_codes_or_unknown_speakers_is_refused(bundle: SpeechToMotionBundle, tmp_path: Path) -> None:
    data = write_data(tmp_path / "data", "grace")
    save_bundle(bundle, tmp_path / "toy")
    with pytest.raises(InputError, match="held-out"):
        measure_acceptance(tmp_path / "toy", data, COMPOSED_REFERENCE)
    process = CodeProcess(CODE_PROCESS.names, variations=CODE_PROCESS.variations)
    save_bundle(dataclasses.replace(bundle, codes=process), tmp_path / "other")
    with pytest.raises(InputError, match="composed motion"):
        measure_acceptance(tmp_path / "other", data, COMPOSED_REFERENCE)


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
