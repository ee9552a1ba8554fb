"""Training of the face: tracks, batches, loss and a few steps, without a speech synthesis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.face_channels import ARTICULATOR_COLUMNS, ARTICULATOR_INDEX, VISEMES
from speech_gesture_ros.datasets.timed_speech.timed_speech import TimedSpeech, Voice
from speech_gesture_ros.datasets.transcribed_speech import TranscribedClip
from speech_gesture_ros.face.dominance import TimedPhone
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.networks.face.bundle import load_face_bundle, save_face_bundle
from speech_gesture_ros.networks.face.network_config import LOOK_AHEADS, FaceNetworkConfig
from speech_gesture_ros.networks.face.torch_network import FaceNetwork
from speech_gesture_ros.training.face.batches import FaceBatch, FaceSampler, speaker_weights, vary_voice
from speech_gesture_ros.training.face.learner import face_loss
from speech_gesture_ros.training.face.recorded_speech import RecordedSpeech, labelled
from speech_gesture_ros.training.face.room import add_room
from speech_gesture_ros.training.face.run_config import FaceRunConfig, FaceSpeechConfig, load_face_config
from speech_gesture_ros.training.face.tracks import PHONES, FaceTrack, make_speech_track
from speech_gesture_ros.training.face.train import train_network


def spoken(seconds: float = 4.0) -> TimedSpeech:
    """Noise in the vowels, silence in the m's between them."""
    rng, names = np.random.default_rng(3), ("aa", "m", "iy", "m")
    phones = tuple(TimedPhone(names[i % 4], 0.5 + 0.12 * i, 0.62 + 0.12 * i) for i in range(int((seconds - 1) / 0.12)))
    samples = 0.001 * rng.standard_normal(int(16_000 * seconds))
    for phone in phones:
        part = slice(int(16_000 * phone.start_s), int(16_000 * phone.end_s))
        samples[part] *= 1.0 if phone.name == "m" else 200.0
    return TimedSpeech(samples.astype(np.float32), phones, Voice("flite", "awb"))


@pytest.fixture(scope="module")
def track() -> FaceTrack:
    return make_speech_track(spoken(), "flite_awb", 2, [], np.random.default_rng(0))


def test_a_track_has_features_targets_and_phones_of_the_same_frames(track: FaceTrack) -> None:
    assert track.features.shape == (2, 200, 2 * len(FEATURE_NAMES))
    assert (track.targets.shape, track.phones.shape) == ((200, 25), (200,))
    frame = int((0.5 + 0.12 + 0.06) * 50)  # in the first m
    assert PHONES[track.phones[frame]] == "m"
    assert track.targets[frame, ARTICULATOR_COLUMNS.start + ARTICULATOR_INDEX["close"]] == 1.0
    assert VISEMES[int(track.targets[frame, :15].argmax())] == "PP"
    energy = track.features[0, :, len(FEATURE_NAMES) + FEATURE_NAMES.index("energy")].astype(np.float32)
    vowels = np.isin(track.phones, [PHONES.index("aa"), PHONES.index("iy")])
    assert energy[vowels].mean() > energy[~vowels].mean() + 0.5


def test_batches_are_functions_of_seed_and_number(track: FaceTrack) -> None:
    sampler = FaceSampler([track], 1)
    one, again, other = (sampler.draw(index, 6, 50) for index in (3, 3, 4))
    assert torch.equal(one.frames, again.frames)
    assert not torch.equal(one.frames, other.frames)
    assert one.frames.shape == (6, 50, 2 * len(FEATURE_NAMES))
    assert set(one.look_ahead.tolist()) <= set(range(len(LOOK_AHEADS)))


def test_voices_share_the_sequences_and_espeak_has_its_part(track: FaceTrack) -> None:
    def of(speaker: str) -> FaceTrack:
        return FaceTrack(speaker, track.features, track.targets, track.weights, track.phones)

    weights = speaker_weights([of("espeak"), of("espeak"), of("flite_awb"), of("flite_slt"), of(""), of("recorded")])
    assert weights.sum() == pytest.approx(1.0)
    assert weights[:2].sum() == pytest.approx(0.38)
    assert weights[2] == pytest.approx(weights[3])
    assert weights[4] == pytest.approx(0.12)


def test_another_voice_has_another_spectrum_and_the_same_voicing(track: FaceTrack) -> None:
    features = track.features[0].astype(np.float32).reshape(-1, len(FEATURE_NAMES))
    varied = vary_voice(features, np.random.default_rng(5))
    column = FEATURE_NAMES.index("voicing")
    np.testing.assert_array_equal(varied[:, column], features[:, column])
    assert np.abs(varied[:, :40] - features[:, :40]).mean() > 0.05


def test_a_room_keeps_length_and_level(rng: np.random.Generator) -> None:
    sound = spoken().samples
    wet = add_room(sound, rng)
    assert len(wet) == len(sound)
    assert float(np.abs(wet).max()) == pytest.approx(float(np.abs(sound).max()), rel=1e-3)
    assert not np.allclose(wet, sound, atol=1e-3)


def test_the_loss_takes_the_target_that_is_a_look_ahead_before() -> None:
    """A network whose output is the input of that step has no error if it is late by exactly its look-ahead."""
    class Late(torch.nn.Module):
        def forward(self, frames: torch.Tensor, look_ahead: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            out = torch.stack([f.roll(LOOK_AHEADS[int(i)], 0) for f, i in zip(frames, look_ahead)])
            return torch.logit(out.clamp(1e-4, 1 - 1e-4)), torch.zeros(*frames.shape[:2], len(PHONES))

    rng = np.random.default_rng(1)
    targets = torch.from_numpy(rng.random((3, 60, 25)).astype(np.float32))
    phones = torch.full((3, 60), -1)
    phones[0] = 0
    batch = FaceBatch(targets, targets, torch.ones(3, 25), phones, torch.tensor([0, 1, 2]))
    right = face_loss(Late(), batch)
    wrong = face_loss(Late(), FaceBatch(targets.roll(1, 1), targets, torch.ones(3, 25), phones, batch.look_ahead))
    assert float(right) < float(wrong) - 1.0


def test_unknown_channels_have_no_gradient(track: FaceTrack) -> None:
    sizes = FaceNetworkConfig(len(FEATURE_NAMES), 8, (1, 2))
    network = FaceNetwork(sizes, torch.zeros(45), torch.ones(45), len(PHONES))
    jaw = ARTICULATOR_COLUMNS.start + ARTICULATOR_INDEX["jaw"]
    weights = np.zeros(25, np.float32)
    weights[jaw] = 1.0
    recorded = FaceTrack("recorded", track.features, track.targets, weights, np.full(len(track), -1, np.int16))
    batch = FaceSampler([recorded], 1).draw(0, 4, 60)
    loss = face_loss(network, batch)
    loss.backward()
    used = network.head.weight.grad.abs().sum(dim=1) > 0
    assert used.nonzero().flatten().tolist() == [jaw]
    assert bool(torch.isfinite(loss))


def test_recorded_speech_gets_phones_of_its_text_or_the_output_of_the_network(track: FaceTrack) -> None:
    """A listener that is sure of each phone; the text of one clip is known, the rest is not."""
    sure = np.where(np.arange(len(PHONES)) == np.asarray(track.phones)[:, None], 0.0, -8.0)
    output = np.full((len(track), 25), 0.25, np.float32)

    class Sure:
        def listen(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return output, sure

    unlabelled = FaceTrack("someone", track.features, np.zeros_like(track.targets), track.weights,
                           np.full(len(track), -1, np.int16))
    text = " ".join(["ma mi"] * 2)  # from the first m on
    start = spoken().phones[1].start_s
    clip = TranscribedClip(start, start + 8 * 0.12, text)
    words = [("m", "aa"), ("m", "iy")] * 2
    result = labelled(RecordedSpeech(unlabelled, (clip,), "en-us"), Sure(), words_of=lambda text, language: words)
    inside = slice(round(50 * start) + 1, round(50 * (start + 8 * 0.12)) - 1)
    assert (result.phones[inside] == -1).sum() == 0
    close = ARTICULATOR_COLUMNS.start + ARTICULATOR_INDEX["close"]
    assert result.targets[inside, close].max() == 1.0
    assert result.phones[150:].max() == -1
    np.testing.assert_array_equal(result.targets[150:], np.float16(0.25))


@pytest.mark.slow
def test_a_few_steps_make_a_bundle_that_detects_closed_lips(track: FaceTrack, tmp_path: Path) -> None:
    config = FaceRunConfig(name="tiny", speech=FaceSpeechConfig(("en-us",)), network={"channels": 16}, steps=150,
                           batch=4, frames=80, warm_up_steps=10, average=0.9, tensorboard=False, accelerator="cpu",
                           learning_rate=5e-3)
    bundle, _ = train_network(config, [track], tmp_path / "bundle")
    save_face_bundle(bundle, tmp_path / "bundle")
    read = load_face_bundle(tmp_path / "bundle")
    from speech_gesture_ros.core.chunks import FeatureChunk
    from speech_gesture_ros.features.prosodic_mel import compute_prosodic_mel
    from speech_gesture_ros.networks.face.model_stage import FaceModelStage

    stage = FaceModelStage(read, 0.04)
    out = stage.push(FeatureChunk(0, compute_prosodic_mel(spoken().samples))).values
    close = out[:, ARTICULATOR_COLUMNS.start + ARTICULATOR_INDEX["close"]]
    closed, open_ = (track.phones[:len(close)] == PHONES.index(name) for name in ("m", "aa"))
    assert close[closed].mean() > close[open_].mean() + 0.2


def test_the_configuration_keeps_test_voices_out() -> None:
    config = load_face_config(resolve("face", "config/training"))
    assert "rms" not in config.speech.flite_voices
    assert "1114_3_15" not in config.speech.recorded
    assert not any("joe" in name for name in config.speech.kokoro_voices)
    assert len(set(config.speech.kokoro_voices)) >= 30
    assert set(config.recordings.with_text).isdisjoint(config.recordings.without_text)
