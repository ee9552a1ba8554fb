"""Speech2Face on synthetic people: the voice determines their faces, but for one axis that no voice shows."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.cli.main import main
from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.evaluation.retrieval import chance_at, recall_at, recall_table
from speech_gesture_ros.networks.speech2face.bundle import VoiceToFace, load_speech2face
from speech_gesture_ros.networks.speech2face.network_config import Speech2FaceConfig
from speech_gesture_ros.training.speech2face.learners import FaceFeatureLearner, VoiceLearner, distillation
from speech_gesture_ros.training.speech2face.pairs import read_people, split_people
from speech_gesture_ros.training.speech2face.run_config import Speech2FaceRunConfig
from speech_gesture_ros.training.speech2face.synthetic_voices import (
    AXES,
    draw_face,
    synthesise,
    write_synthetic_people,
)
from speech_gesture_ros.training.speech2face.train import train_speech2face
from speech_gesture_ros.training.train import train

TINY = Speech2FaceConfig(0.6, (4, 4, 4, 4, 4, 8, 8, 8, 8), 2, True, 32, 8, 16)
CONFIG = Speech2FaceRunConfig("tiny", network=TINY, face_steps=30, steps=4, batch=4, tensorboard=False)


def spectrum_db(axes: list[float], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    sound = synthesise(np.array(axes), 3.0, np.random.default_rng(seed))
    spectrum = np.abs(np.fft.rfft(sound)) ** 2
    smooth = np.convolve(spectrum, np.ones(300) / 300, mode="same")
    return np.fft.rfftfreq(len(sound), 1 / 16_000), 10 * np.log10(smooth)


def test_longer_tract_has_lower_resonances() -> None:
    """The centre of the spectrum from 300 Hz to 5 kHz falls as the tract grows, with the same vowels."""
    centres = []
    for length in (-1.0, 0.0, 1.0):
        frequency, level = spectrum_db([length, 0.0, -1.0, 0.0])
        band = (frequency > 300) & (frequency < 5000)
        power = 10 ** (level[band] / 10)
        centres.append(float((frequency[band] * np.sqrt(power)).sum() / np.sqrt(power).sum()))
    assert centres[0] > 1.03 * centres[1] > 1.03**2 * centres[2]


def test_pitch_is_the_one_asked_for() -> None:
    for axis, expected in ((-1.0, 85.0), (1.0, 280.0)):
        sound = synthesise(np.array([0.0, axis, -1.0, 0.0]), 3.0, np.random.default_rng(1))
        pieces = np.stack([sound[k:k + 2048] for k in range(0, len(sound) - 2048, 1024)]) * np.hanning(2048)
        cepstrum = np.fft.irfft(np.log(np.abs(np.fft.rfft(pieces)) + 1e-6)).mean(axis=0)
        lags = np.arange(40, 320)
        period = lags[np.argmax(cepstrum[lags])]
        assert 16_000 / period == pytest.approx(expected, rel=0.35)


def test_unrelated_axis_does_not_change_the_voice_but_the_face() -> None:
    first, second = (synthesise(np.array([0.2, 0.1, 0.0, x]), 1.0, np.random.default_rng(2)) for x in (-1.0, 1.0))
    np.testing.assert_array_equal(first, second)
    faces = [draw_face(np.array([0.0, 0.0, 0.0, x])).astype(int) for x in (-1.0, 1.0)]
    assert np.abs(faces[0] - faces[1]).max() > 30


def test_people_are_read_as_written_and_split_by_person(tmp_path: Path) -> None:
    write_synthetic_people(tmp_path, 6, 2, 0.6, 0)
    people, axes = read_people(tmp_path)
    assert axes == AXES
    assert [len(p.voices) for p in people] == [2] * 6
    assert people[0].picture is not None
    known, unknown = split_people(people, 0.3, 0)
    assert len(unknown) == 2
    assert {p.name for p in known} | {p.name for p in unknown} == {p.name for p in people}
    assert not {p.name for p in known} & {p.name for p in unknown}


@pytest.mark.parametrize(("content", "message"), [
    ({"identity": np.array([np.nan] * 4), "axes": np.array(AXES)}, "finite"),
    ({"axes": np.array([])}, "identity"), ({"identity": np.zeros(3), "axes": np.array(AXES)}, "identity"),
    ({"identity": np.zeros(4), "axes": np.array(AXES), "picture": np.zeros((8, 8, 3), np.uint8)}, "picture")])
def test_wrong_face_is_refused(tmp_path: Path, content: dict, message: str) -> None:
    write_synthetic_people(tmp_path, 4, 1, 0.6, 0)
    np.savez(tmp_path / "person00001" / "face.npz", **content)
    with pytest.raises(InputError, match=message):
        read_people(tmp_path)


def test_people_of_several_kinds_are_refused(tmp_path: Path) -> None:
    write_synthetic_people(tmp_path, 4, 1, 0.6, 0)
    np.savez(tmp_path / "person00001" / "face.npz", feature=np.zeros(7))
    with pytest.raises(ConfigError, match="one kind"):
        read_people(tmp_path)


def test_too_few_people_are_refused(tmp_path: Path) -> None:
    write_synthetic_people(tmp_path, 3, 1, 0.6, 0)
    with pytest.raises(ConfigError, match="4 or more"):
        read_people(tmp_path)


def test_recall_counts_the_rank_of_the_own_face() -> None:
    gallery = np.eye(10)
    queries = gallery[[3, 5]] + 0.1 * gallery[[4, 4]]
    assert recall_at(queries, gallery, [3, 5]) == {1: 1.0, 2: 1.0, 5: 1.0, 10: 1.0}
    assert recall_at(queries, gallery, [4, 0], (1, 2, 10)) == {1: 0.0, 2: 0.5, 10: 1.0}
    assert recall_at(np.ones((1, 4)), np.ones((4, 4)), [2], (1, 2)) == {1: 0.0, 2: 1.0}, "equal ones count half"
    assert chance_at(4) == {1: 0.25, 2: 0.5, 5: 1.0, 10: 1.0}
    assert recall_table({"a": {1: 0.123}}).splitlines()[-1] == "| a | 12.3 |"


def test_loss_is_least_for_the_own_feature_and_the_faces_are_frozen() -> None:
    torch.manual_seed(0)
    learner = VoiceLearner(CONFIG, FaceFeatureLearner(CONFIG, 4, 4, False, 5))
    face = torch.randn(6, TINY.feature)
    same, scaled, other = (float(learner.loss(voice, face)) for voice in (face, 1.3 * face, -face))
    assert same < scaled < other
    assert not any(value.requires_grad for value in learner.recogniser.parameters())
    assert not any(value.requires_grad for value in learner.decoder.parameters())


def test_distillation_is_the_entropy_for_equal_logits() -> None:
    logits = torch.tensor([[2.0, 0.0, -1.0]])
    shares = torch.softmax(logits / 2, dim=1)
    torch.testing.assert_close(distillation(logits, logits, 2.0), -(shares * shares.log()).sum())
    assert distillation(logits, -logits, 2.0) > distillation(logits, logits, 2.0)


def test_features_of_another_recogniser_need_no_axes(tmp_path: Path) -> None:
    write_synthetic_people(tmp_path / "people", 6, 1, 0.6, 0)
    for number, place in enumerate(sorted((tmp_path / "people").iterdir())):
        np.savez(place / "face.npz", feature=np.random.default_rng(number).normal(size=9))
    (tmp_path / "c.yaml").write_text(yaml.safe_dump({
        "model": "speech2face", "name": "t", "network": dataclasses.asdict(TINY) | {"channels": list(TINY.channels)},
        "face_steps": 2, "steps": 2, "batch": 2, "tensorboard": False}))
    out = train(tmp_path / "c.yaml", tmp_path / "out", data=tmp_path / "people")
    bundle = load_speech2face(out)
    assert (bundle.axes, bundle.has_pictures, len(bundle.face_mean)) == ((), False, 9)
    assert VoiceToFace(bundle).feature(np.random.default_rng(0).normal(size=9000)).shape == (TINY.feature,)


@pytest.mark.slow
def test_commands_from_pairs_to_axes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = tmp_path / "people"
    assert main(["avatar", "voice-pairs", str(people), "--people", "6", "--voices", "1", "--seconds", "0.8"]) == 0
    (tmp_path / "c.yaml").write_text(yaml.safe_dump({
        "model": "speech2face", "name": "t", "network": dataclasses.asdict(TINY) | {"channels": list(TINY.channels)},
        "face_steps": 3, "steps": 2, "batch": 2, "tensorboard": False}))
    bundle = tmp_path / "bundle"
    assert main(["avatar", "train-voice", str(people), "--out", str(bundle), "--config", str(tmp_path / "c.yaml")]) == 0
    assert "| chance |" in (bundle / "MODEL_CARD.md").read_text()
    capsys.readouterr()
    assert main(["avatar", "evaluate-voice", str(bundle), str(people)]) == 0
    table = capsys.readouterr().out
    assert "6 voices of 6 people" in table
    assert "| tract_length |" in table
    voice = next((people / "person00000").glob("*.wav"))
    outputs = [str(tmp_path / name) for name in ("a.json", "a.png")]
    assert main(["avatar", "apply-voice", str(bundle), str(voice), "--out", *outputs]) == 0
    assert set(yaml.safe_load((tmp_path / "a.json").read_text())) == set(AXES)
    from PIL import Image

    assert Image.open(tmp_path / "a.png").size == (64, 64)


@pytest.mark.slow
def test_network_learns_what_the_voice_determines(tmp_path: Path) -> None:
    """The length of the tract is learned for people never trained on; the axis that no voice shows is not."""
    write_synthetic_people(tmp_path / "people", 40, 2, 1.0, 1)
    config = dataclasses.replace(CONFIG, face_steps=300, steps=150, batch=8, learning_rate=3e-3)
    out = train_speech2face(config, tmp_path / "people", tmp_path / "out")
    write_synthetic_people(tmp_path / "others", 16, 2, 1.0, 2)
    people, _ = read_people(tmp_path / "others")
    model = VoiceToFace(load_speech2face(out))
    made = np.array([list(model.face(model.feature(load_mono_16k(p.voices[0])))[0].values()) for p in people])
    true = np.stack([p.axes for p in people])
    tract, unrelated = (np.corrcoef(made[:, k], true[:, k])[0, 1] for k in (0, 3))
    assert tract > 0.6
    assert tract > abs(unrelated) + 0.2
