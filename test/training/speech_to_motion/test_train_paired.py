"""Training on paired data, from clips to a bundle, on a synthetic minute."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

pytest.importorskip("pytorch_lightning", reason="needs pytorch-lightning (pip install '.[train]')")

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.datasets.prepared import Corpus, open_corpus, write_corpus
from speech_gesture_ros.networks.speech_to_motion.bundle import load_bundle
from speech_gesture_ros.pipeline.speech_to_pose import SpeechToPose
from speech_gesture_ros.training.speech_to_motion.run_config import load_paired_config
from speech_gesture_ros.training.train import train

SKELETON = load_skeleton()
WAYS = ("right", (0.2, 0.0, 1.0)), ("right", (0.1, -1.0, 0.0)), ("left", (0.6, 0.0, 0.8)), ("left", (0.1, 1.0, 0.0))


def make_clip(name: str, split: str, seed: int, seconds: float = 14.0) -> Clip:
    """Bursts of voice, and with each burst one of four gestures: the arm is up during the burst."""
    rng = np.random.default_rng(seed)
    frames = round(seconds * 25)
    samples, directions = np.zeros(frames * 640), np.repeat(SKELETON.offsets[None], frames, axis=0).astype(np.float64)
    begin = 10
    while begin + 45 < frames:
        count = int(rng.integers(25, 40))
        time = np.arange(count * 640) / 16_000
        pitch = rng.uniform(100, 220) * (1 + 0.1 * np.sin(2 * np.pi * 3 * time))
        tone = sum(np.sin(k * 2 * np.pi * np.cumsum(pitch) / 16_000) / k for k in range(1, 12))
        samples[begin * 640:(begin + count) * 640] += 0.1 * tone * np.sin(np.pi * np.arange(len(time)) / len(time))
        side, way = WAYS[rng.integers(len(WAYS))]
        share = np.sin(np.pi * np.arange(count) / count) ** 2
        for part in ("wrist", "hand"):
            joint = SKELETON.index[f"{side}_{part}"]
            down = SKELETON.offsets[joint] / SKELETON.bone_lengths[joint]
            bone = down + share[:, None] * (np.array(way) - down)
            bone *= SKELETON.bone_lengths[joint] / np.linalg.norm(bone, axis=1, keepdims=True)
            directions[begin:begin + count, joint] = bone
        begin += count + int(rng.integers(4, 12))
    return Clip(name, f"speaker of {split}", split, samples.astype(np.float32),
                SKELETON.xyz_from_bones(directions).astype(np.float32))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    clips = [make_clip(f"train_{i}", "train", i) for i in range(4)]
    clips += [make_clip("short", "train", 8, seconds=2.0), make_clip("validation_0", "validation", 11),
              make_clip("test_0", "test", 12)]
    return write_corpus(tmp_path_factory.mktemp("data") / "toy", clips)


def write_config(folder: Path, **changes: object) -> Path:
    config = {
        "name": "toy", "codes": {"count": 6, "segment_s": [0.8, 2.0]}, "augmented_versions": 1, "steps": 120,
        "batch": 8, "frames": 75, "decoder_steps": 60, "learning_rate": 0.003, "warm_up_steps": 10, "average": 0.95,
        "workers": 1,
        "validate_every_steps": 40, "validation_batches": 2, "tensorboard": False, "dropout": 0.05,
        "network": {"channels": 32, "dilations": [1, 2, 4], "look_ahead_channels": 6, "hidden": 48, "code_size": 6,
                    "z_size": 8, "decoder_hidden": 32}, **changes}
    path = folder / "toy.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


@pytest.mark.slow
def test_a_bundle_trained_on_paired_data_moves_with_the_voice(corpus: Corpus, tmp_path: Path) -> None:
    out = train(write_config(tmp_path), tmp_path / "runs" / "toy", data=corpus.folder, cache=tmp_path / "cache")
    bundle = load_bundle(out)
    assert bundle.held_out_speakers == ("speaker of test",)
    assert len(bundle.codes.names) == 6
    assert not bundle.codes.mirrored
    loss = float(bundle.card.split("lowest validation loss, ")[1].split(".\n")[0])
    assert loss < 0.4, "over 2 before training"
    usual = next(line for line in bundle.card.splitlines() if line.startswith("| 0.40 |")).split("|")
    assert float(usual[3]) > 0.6, "correlation of the wrists, on a held-out clip"

    clip = corpus.clip("test_0")
    poses = SpeechToPose(out, device="cpu").perform(clip.samples)
    assert poses.shape == clip.joint_xyz.shape
    sides = [SKELETON.index[f"{side}_wrist"] for side in ("left", "right")]
    lift = np.abs(poses[:, sides] - np.median(clip.joint_xyz[:, sides], axis=0)).max(axis=(1, 2))
    voice = np.abs(clip.samples).reshape(-1, 640).max(axis=1)
    assert lift[voice > 0.1].mean() > 1.5 * lift[voice < 0.01].mean(), "hands are not up during the bursts"


@pytest.mark.slow
def test_paired_training_is_resumed(corpus: Corpus, tmp_path: Path) -> None:
    short = {"steps": 4, "decoder_steps": 2, "validate_every_steps": 0, "checkpoint_s": 0.0}
    whole = train(write_config(tmp_path, **short), tmp_path / "a" / "toy", data=corpus.folder, cache=tmp_path)
    config = write_config(tmp_path, **short)
    train(config, tmp_path / "b" / "toy", data=corpus.folder, cache=tmp_path)
    again = train(config, tmp_path / "b" / "toy", data=corpus.folder, cache=tmp_path, resume=True)
    expected, found = (load_bundle(folder) for folder in (whole, again))
    assert expected.codes == found.codes
    for name, value in expected.weights.items():
        np.testing.assert_array_equal(found.weights[name], value)


@pytest.mark.parametrize("name", ["paired", "tiny"])
def test_shipped_configurations_are_valid(name: str) -> None:
    config = load_paired_config(resolve(name, "config/training"))
    assert config.name == name
    assert config.codes.count >= 8


def test_clips_too_short_for_a_sequence_are_named(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="frames is 800, must be at most 350, the longest train clip"):
        train(write_config(tmp_path, frames=800), tmp_path / "out", data=corpus.folder, cache=tmp_path)


def test_a_folder_without_a_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"must be a folder with corpus\.yaml"):
        train(write_config(tmp_path), tmp_path / "out", data=tmp_path)


@pytest.mark.parametrize(("changes", "data", "message"), [
    ({}, None, "--data is None, must be a prepared corpus"),
    ({"model": "kucherenko2019"}, None, "--data is None, must be a prepared corpus"),
    ({"model": "gpt"}, None, "model is 'gpt', must be one of"),
    ({"corpus": {}}, ".", "key is 'corpus', must be left out"),
    ({"codes": {"count": 1}}, ".", "codes: count is 1, must be 2 to 255"),
    ({"step": 1}, ".", "key is 'step', must be one of"),
])
def test_wrong_configurations_are_named(changes: dict[str, object], data: str | None, message: str,
                                        tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        train(write_config(tmp_path, **changes), tmp_path / "out", data=None if data is None else Path(data))


def test_the_default_model_takes_no_paired_data(tmp_path: Path, corpus: Corpus) -> None:
    default = resolve("default", "config/training")
    with pytest.raises(ConfigError, match=r"must be left out with default\.yaml"):
        train(default, tmp_path / "out", data=open_corpus(corpus.folder).folder)
