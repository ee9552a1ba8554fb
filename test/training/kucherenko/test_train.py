"""Training of the 2019 model on a minute of bursts and an arm, and the motion of its bundle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.datasets.prepared import open_corpus
from speech_gesture_ros.networks.kucherenko.bundle import load_bundle
from speech_gesture_ros.networks.kucherenko.numpy_network import KucherenkoNetwork
from speech_gesture_ros.pipeline.speech_to_pose import SpeechToPose
from speech_gesture_ros.training.kucherenko.examples import Batches, make_examples
from speech_gesture_ros.training.kucherenko.features import FEATURE_COMBINATIONS, columns, compute_features
from speech_gesture_ros.training.kucherenko.learners import SpeechLearner
from speech_gesture_ros.training.kucherenko.networks import bundle_weights
from speech_gesture_ros.training.kucherenko.offline import generate_offline
from speech_gesture_ros.training.kucherenko.run_config import (
    KucherenkoRunConfig,
    RepresentationConfig,
    SpeechConfig,
)
from speech_gesture_ros.training.kucherenko.train import measure_normalisation, train_autoencoder, train_run
from speech_gesture_ros.training.train import train

SMALL = KucherenkoRunConfig(
    model="kucherenko2019", name="small", features="mfcc+prosody",
    representation=RepresentationConfig(size=12, learning_rate=5e-3, weight_decay=0.01, batch=32, steps=300),
    speech=SpeechConfig(past=8, future=8, layers=1, width=32, hidden=32, dropout=0.0, learning_rate=5e-3, batch=64,
                        steps=250),
    noisy_copies=False, silence_frames=8, validate_every_steps=125, tensorboard=False)


@pytest.fixture(scope="session")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    return train_run(SMALL, folder / "bundle", data=corpus, cache=folder / "cache")


def examples(corpus: Path, split: str) -> object:
    return make_examples(open_corpus(corpus).clips(split), "mfcc+prosody", past=8, future=8, silence_frames=8,
                         noisy_copies=False, seed=0)


def test_windows_are_around_their_poses(corpus: Path) -> None:
    made = examples(corpus, "train")
    clip = next(open_corpus(corpus).clips("train"))
    features = compute_features(clip.samples, "mfcc+prosody")
    (windows, _) = Batches(made, made.vectors, window=17, size=4, seed=0).take(np.array([50]))
    np.testing.assert_array_equal(windows[0], features[42:59])
    silent = Batches(made, made.vectors, window=17, size=4, seed=0).take(np.array([0]))[0][0, :8]
    np.testing.assert_array_equal(silent, np.tile(silent[:1], (8, 1)))
    np.testing.assert_allclose(made.vectors[0, :3], 0, atol=1e-6)


@pytest.mark.parametrize("combination", FEATURE_COMBINATIONS)
def test_combinations_have_the_sizes_of_the_paper(combination: str) -> None:
    sizes = {"mfcc": 26, "prosody": 4, "spectrogram": 64}
    expected = sum(sizes[part] for part in FEATURE_COMBINATIONS[combination])
    assert len(columns(combination)) == expected
    assert compute_features(np.zeros(8000, np.float32), combination).shape == (10, expected)


def test_noisy_copies_have_other_sound_and_the_same_motion(corpus: Path) -> None:
    made = make_examples(open_corpus(corpus).clips("validation"), "mfcc", past=1, future=1, silence_frames=1,
                         noisy_copies=True, seed=0)
    half = len(made) // 2
    np.testing.assert_array_equal(made.vectors[:half], made.vectors[half:])
    assert np.abs(made.features[:half] - made.features[half + 2:2 * half + 2]).max() > 1.0


def test_features_are_computed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from speech_gesture_ros.training.kucherenko import features as module

    sound = np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32)
    first = compute_features(sound, "prosody", tmp_path)
    monkeypatch.setattr(module, "_compute_all", None)  # a second computation fails
    np.testing.assert_array_equal(compute_features(sound, "prosody", tmp_path), first)
    assert compute_features(sound, "mfcc", tmp_path).shape == (10, 26)


@pytest.mark.slow
def test_the_autoencoder_learns(corpus: Path, tmp_path: Path) -> None:
    training, held_out = (examples(corpus, split).vectors for split in ("train", "validation"))
    _, result = train_autoencoder(SMALL, training, held_out, measure_normalisation(training), tmp_path / "out",
                                  resume=False)
    spread = held_out.var(axis=0).mean()  # error of the mean
    assert spread > 1.5
    assert result.best_validation < 0.3 < 0.2 * spread


@pytest.mark.slow
def test_speech_of_a_held_out_speaker_moves_the_arm(trained: Path, corpus: Path) -> None:
    """Half of the wrist's motion is explained, and much less of it by the motion for other speech."""
    bundle, wrist = load_bundle(trained), open_corpus(corpus).skeleton.index["right_wrist"]
    clips = list(open_corpus(corpus).clips("test"))
    generated = [generate_offline(bundle, clip.samples)[:, wrist] for clip in clips]
    own, other = (_explained(motion, clips[0], wrist) for motion in generated)
    assert own > 0.5
    assert other < own - 0.2


@pytest.mark.slow
def test_the_bundle_runs_in_the_pipeline(trained: Path, corpus: Path) -> None:
    clip = next(open_corpus(corpus).clips("test"))
    stage = SpeechToPose(trained, look_ahead_s=0.4)
    motion = stage.perform(clip.samples)
    assert motion.shape == clip.joint_xyz.shape
    wrist = stage.skeleton.index["right_wrist"]
    error = ((motion - clip.joint_xyz)[:, wrist] ** 2).sum() / (
        (clip.joint_xyz - clip.joint_xyz.mean(axis=0))[:, wrist] ** 2).sum()
    assert error < 0.5


@pytest.mark.slow
@pytest.mark.parametrize("representation", [SMALL.representation, None])
def test_numpy_and_torch_give_the_same_motion(representation: RepresentationConfig | None, corpus: Path,
                                              tmp_path: Path) -> None:
    """With weights of a short training, normalisations included."""
    config = replace(SMALL, representation=representation and replace(representation, steps=40),
                     speech=replace(SMALL.speech, layers=2, steps=40), validate_every_steps=0)
    kept: list[SpeechLearner] = []
    from speech_gesture_ros.training.kucherenko import train as module

    original = module.bundle_weights

    def keep(speech: torch.nn.Module, autoencoder: torch.nn.Module | None) -> dict[str, np.ndarray]:
        kept.extend([speech, autoencoder])
        return original(speech, autoencoder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "bundle_weights", keep)
        folder = train_run(config, tmp_path / "bundle", data=corpus, cache=tmp_path)
    bundle = load_bundle(folder)
    network, speech, autoencoder = KucherenkoNetwork(bundle), *kept
    windows = Batches(made := examples(corpus, "test"), made.vectors, window=17, size=50, seed=1)(0)[0]
    with torch.inference_mode():
        z = speech.eval()(windows)
        pose = z if autoencoder is None else autoencoder.eval().decode(z)
    pose = (pose.numpy() * bundle.pose_scale + bundle.pose_mean).reshape(50, -1, 6)[:, :, :3]
    encoded = network.encode(network.embed(windows.numpy()).transpose(1, 0, 2))
    np.testing.assert_allclose(encoded, z.numpy(), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(network.decode(encoded), pose, rtol=1e-5, atol=1e-5)
    assert set(bundle_weights(speech, autoencoder)) == set(bundle.weights)


@pytest.mark.slow
def test_a_run_from_yaml_is_resumed(corpus: Path, tmp_path: Path) -> None:
    """Interrupted after 30 of 60 steps and resumed, a run ends with the weights of one that was not."""
    text = ("model: kucherenko2019\nname: toy\nfeatures: prosody\nrepresentation: null\nnoisy_copies: false\n"
            "speech: {{past: 4, future: 4, layers: 1, width: 8, hidden: 8, batch: 16, steps: {steps}}}\n"
            "validate_every_steps: 0\ntensorboard: false\n")
    path, bundles = tmp_path / "toy.yaml", []
    for name, runs in (("whole", (60,)), ("interrupted", (30, 60))):
        for steps in runs:
            path.write_text(text.format(steps=steps))
            folder = train(path, tmp_path / name, data=corpus, resume=True, cache=tmp_path)
        bundles.append(load_bundle(folder))
    for name, value in bundles[0].weights.items():
        np.testing.assert_array_equal(value, bundles[1].weights[name])
    assert "the direct baseline" in bundles[0].card
    assert "60 steps" in bundles[0].card


def test_wrong_configurations_are_named(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("model: kucherenko2019\nname: wrong\nfeatures: mfc\n")
    with pytest.raises(ConfigError, match="mfcc"):
        train(path, tmp_path / "out", data=tmp_path)
    with pytest.raises(ConfigError, match="prepared corpus"):
        train(path, tmp_path / "out")


def _explained(generated: np.ndarray, clip: Clip, joint: int) -> float:
    """Return the share of the variance of a joint's motion that is explained."""
    from speech_gesture_ros.training.kucherenko.motion import resample

    true = resample(clip.joint_xyz, 25, 20)[:, joint]
    count = min(len(generated), len(true))
    return float(1 - ((generated[:count] - true[:count]) ** 2).sum() / ((true - true.mean(axis=0)) ** 2).sum())
