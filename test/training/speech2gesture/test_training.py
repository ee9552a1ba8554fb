"""Training on synthetic data: the network learns what the sound determines, the adversary restores what L1 averages.

The data have the ambiguity of human motion: the sound has a rhythm, and both hands beat with it, outward or inward,
large or small, which the sound does not determine. L1 has its minimum at motionless hands.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import yaml

from speech_gesture_ros.cli.main import main
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.keypoints import keypoints_from_pose
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.datasets.prepared import write_corpus
from speech_gesture_ros.networks.bundle_files import read_bundle
from speech_gesture_ros.networks.speech2gesture.network_config import Speech2GestureConfig
from speech_gesture_ros.pipeline.speech_to_pose import SpeechToPose
from speech_gesture_ros.training.engine.fit import fit
from speech_gesture_ros.training.experiment.experiment_config import load_experiment
from speech_gesture_ros.training.speech2gesture.learner import Speech2GestureLearner
from speech_gesture_ros.training.speech2gesture.run_config import (
    Speech2GestureRunConfig,
    load_run_config,
)
from speech_gesture_ros.training.train import train

TINY = Speech2GestureConfig(encoder_channels=(2, 4, 4), channels=16, decoder_layers=2, discriminator_channels=16)
BATCH = 6
RHYTHM_HZ = 0.7


def draw(index: int, *, audible: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """A batch of sound and motion; side and size of the hands' motion are drawn, and added to the sound if audible."""
    rng = np.random.default_rng([7, index])
    phase = rng.uniform(0, 2 * np.pi, (BATCH, 1, 1))
    side = rng.normal(size=(BATCH, 1, 1))
    sound = 2 * np.sin(2 * np.pi * RHYTHM_HZ * np.arange(418)[:, None] / 100 + phase)
    sound = sound + 0.3 * rng.normal(size=(BATCH, 418, 64)) + (2 * side if audible else 0)
    beat = np.sin(2 * np.pi * RHYTHM_HZ * np.arange(64)[:, None] / 15 + phase)
    motion = 1.4 * side * beat * np.linspace(-1, 1, 96)
    return torch.from_numpy(sound.astype(np.float32)), torch.from_numpy(motion.astype(np.float32))


def trained(folder: Path, *, gan_weight: float, audible: bool, steps: int) -> torch.nn.Module:
    config = Speech2GestureRunConfig("toy", network=TINY, gan_weight=gan_weight, learning_rate=1e-3, steps=steps,
                                     tensorboard=False)
    torch.manual_seed(0)
    module = Speech2GestureLearner(config)
    fit(module, lambda index: draw(index, audible=audible), None, out=folder / "toy", config=config.fit_config())
    return module.generator.eval()


@cache
def held_out() -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [draw(10**6 + i, audible=False) for i in range(3)]


def speed(motion: torch.Tensor) -> float:
    return float((motion[:, 1:] - motion[:, :-1]).norm(dim=-1).mean())


def variance(motion: torch.Tensor) -> float:
    return float(motion.var(dim=1).mean())


@torch.no_grad()
def generated_and_real(network: torch.nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.cat([network(sound) for sound, _ in held_out()]), torch.cat([motion for _, motion in held_out()])


@pytest.mark.slow
def test_the_adversary_restores_motion_that_l1_averages_away(tmp_path: Path) -> None:
    averaged, real = generated_and_real(trained(tmp_path / "l1", gan_weight=0.0, audible=False, steps=150))
    adversarial, _ = generated_and_real(trained(tmp_path / "gan", gan_weight=1.0, audible=False, steps=600))
    assert variance(averaged) < 0.05 * variance(real), "L1 did not average the motion: the data cannot show the effect"
    assert variance(adversarial) > 0.12 * variance(real)
    assert variance(adversarial) > 5 * variance(averaged)
    assert abs(speed(adversarial) / speed(real) - 1) < abs(speed(averaged) / speed(real) - 1) - 0.3
    # As in the paper, L1 itself prefers the motionless one.
    assert (averaged - real).abs().mean() < (adversarial - real).abs().mean()


@pytest.mark.slow
def test_motion_that_the_sound_determines_is_learned(tmp_path: Path) -> None:
    network = trained(tmp_path, gan_weight=0.0, audible=True, steps=150)
    sound, motion = draw(10**6, audible=True)
    with torch.no_grad():
        error = float((network(sound) - motion).abs().mean())
    assert error < 0.55 * float(motion.abs().mean()), "hardly better than no motion"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle trained for a few steps on a corpus of one speaker."""
    folder = tmp_path_factory.mktemp("s2g")
    rest = load_skeleton().rest_xyz
    clips = []
    for i in range(3):
        noise = 0.1 * np.random.default_rng(i).normal(size=8 * 16000).clip(-3, 3).astype(np.float32)
        samples = noise * (np.sin(np.arange(8 * 16000) / 3000) > 0)
        keypoints = keypoints_from_pose(np.repeat(rest[None], 120, axis=0), load_skeleton())
        keypoints[:, 1:, 1] -= 0.1 * (1 + np.sin(3 * np.arange(120) / 15 + i))[:, None]
        pixels = np.concatenate([400 * keypoints + 500, np.ones((120, 49, 1))], axis=-1).astype(np.float32)
        clips.append(Clip(f"talk{i}", "anna", "test" if i == 2 else "train", samples.astype(np.float32), None, pixels))
    write_corpus(folder / "corpus", clips)
    (folder / "tiny.yaml").write_text(yaml.safe_dump({
        "model": "speech2gesture", "name": "tiny", "steps": 3, "batch": 2, "tensorboard": False,
        "network": {"encoder_channels": [2, 2, 4], "channels": 8, "decoder_layers": 1, "discriminator_channels": 4}}))
    return train(folder / "tiny.yaml", folder / "bundle", data=folder / "corpus")


def test_training_gives_a_bundle_that_runs(bundle: Path) -> None:
    motion = SpeechToPose(bundle, look_ahead_s=0.4, device="cpu").perform(np.zeros(16000 * 2))
    assert motion.shape == (50, 17, 3)
    assert np.isfinite(motion).all()


@pytest.mark.slow
def test_its_keypoints_are_rendered_as_a_film(bundle: Path, tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    soundfile.write(tmp_path / "talk.wav", 0.1 * np.sin(np.arange(16000) / 9), 16000)
    film = tmp_path / "talk.keypoints.mp4"
    assert main(["generate", "--model", str(bundle), str(tmp_path / "talk.wav"), "--out", str(film)]) == 0
    with av.open(str(film)) as pictures:
        assert sum(1 for _ in pictures.decode(video=0)) == 25


def test_the_card_has_the_rows_of_the_paper(bundle: Path) -> None:
    card = (bundle / "MODEL_CARD.md").read_text()
    for row in ("median pose", "random clip", "nearest neighbour", "this model (L1 and adversary)"):
        assert f"| {row} |" in card
    assert "| median pose | " in card.split("wrist variance")[1]


def test_an_interrupted_run_is_resumed_to_the_same_weights(bundle: Path, tmp_path: Path) -> None:
    config = yaml.safe_load((bundle.parent / "tiny.yaml").read_text())
    path, corpus = tmp_path / "tiny.yaml", bundle.parent / "corpus"
    for steps, resume in ((2, False), (3, True)):
        path.write_text(yaml.safe_dump({**config, "steps": steps}))
        train(path, tmp_path / "bundle", data=corpus, resume=resume)
    whole, resumed = (read_bundle(folder).tensors["weights"] for folder in (bundle, tmp_path / "bundle"))
    for name, value in whole.items():
        np.testing.assert_allclose(resumed[name], value, atol=1e-6, err_msg=name)


def test_an_error_without_data_names_the_command_that_makes_some(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text("model: speech2gesture\nname: tiny\n")
    with pytest.raises(ConfigError, match="speech-gesture data"):
        train(tmp_path / "tiny.yaml", tmp_path / "bundle", data=None)


@pytest.mark.parametrize(("key", "value"), [("gan_weight", -1.0), ("steps", 0), ("learning_rate", 0.0),
                                            ("lambda", 1.0)])
def test_wrong_configurations_are_refused(tmp_path: Path, key: str, value: object) -> None:
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump({"model": "speech2gesture", "name": "tiny", key: value}))
    with pytest.raises(ConfigError, match=key):
        train(tmp_path / "tiny.yaml", tmp_path / "bundle", data=tmp_path)


def test_shipped_configurations_can_be_read() -> None:
    paper = load_run_config(resolve("speech2gesture", "config/training"))
    assert paper.network == Speech2GestureConfig()
    assert (paper.gan_weight, paper.learning_rate, paper.batch, paper.steps) == (1.0, 1e-4, 32, 90_000)
    load_run_config(resolve("speech2gesture_small", "config/training"))
    rows = load_experiment(resolve("speech2gesture", "config/experiments")).rows
    assert [row.overrides.get("gan_weight", 1.0) for row in rows] == [0.0, 1.0]
