"""An experiment trains, runs and measures every row, prints them all, and reuses finished rows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs torch (pip install '.[train]')")
pytest.importorskip("pytorch_lightning", reason="needs pytorch-lightning (pip install '.[train]')")

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.datasets.prepared import write_corpus
from speech_gesture_ros.training.experiment import experiment
from speech_gesture_ros.training.experiment.experiment import run_experiment
from speech_gesture_ros.training.experiment.experiment_config import (
    ExperimentConfig,
    RowConfig,
    effective_config,
    load_experiment,
)
from speech_gesture_ros.training.experiment.metrics_table import measure_motions

CONFIG = """
name: tiny
overrides:
  kucherenko2019:
    features: prosody
    representation: {size: 4, batch: 8, steps: 6, patience: 0}
    speech: {past: 2, future: 2, layers: 1, width: 4, hidden: 4, batch: 8, steps: 4, patience: 0}
    noisy_copies: false
    validate_every_steps: 2
    tensorboard: false
seeds: [1, 2]
joints: [left_wrist, right_wrist]
rows:
  - {name: plain, train: kucherenko2019, generation: offline}
  - {name: smoothed, train: kucherenko2019, generation: offline, post_processing: [one_euro]}
  - {name: direct, train: kucherenko2019_direct}
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Four clips of two seconds: noise, and arms that swing."""
    skeleton, t = load_skeleton(), np.arange(50) / 25
    clips = []
    for i, split in enumerate(("train", "validation", "test", "test")):
        turn = 0.6 * np.sin(2 * np.pi * (0.5 + 0.2 * i) * t)
        motion = np.repeat(skeleton.rest_xyz[None], 50, axis=0)
        x, y = motion[..., 0].copy(), motion[..., 1].copy()
        motion[..., 0] = x * np.cos(turn)[:, None] - y * np.sin(turn)[:, None]
        motion[..., 1] = x * np.sin(turn)[:, None] + y * np.cos(turn)[:, None]
        sound = np.random.default_rng(i).normal(0, 0.05, 32_000).astype(np.float32)
        clips.append(Clip(f"clip{i}", f"speaker{i}", split, sound, motion.astype(np.float32)))
    write_corpus(tmp_path / "corpus", clips)
    return tmp_path / "corpus"


@pytest.mark.slow
def test_every_row_is_in_the_table_and_trained_once(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    from speech_gesture_ros.cli.main import main

    path, out = tmp_path / "tiny.yaml", tmp_path / "out"
    path.write_text(CONFIG)
    call = ["experiment", str(path), "--data", str(corpus), "--out", str(out), "--cache", str(tmp_path / "cache")]
    assert main(call) == 0
    printed = capsys.readouterr().out
    for name in ("ground truth", "static mean pose", "plain", "other speech", "smoothed", "direct"):
        assert f"| {name} |" in printed
    assert (out / "table.md").read_text() in printed
    assert (out / "speeds.png").read_bytes()[:4] == b"\x89PNG"
    results = json.loads((out / "results.json").read_text())
    assert [len(entries) for entries in results.values()] == [1, 1, 2, 2, 2, 2]
    truth, still, plain, smoothed = (results[n][0] for n in ("ground truth", "static mean pose", "plain", "smoothed"))
    assert (truth["ape_cm"], truth["hellinger"], truth["variance"]) == pytest.approx((0, 0, 1))
    assert (still["acceleration"], still["jerk"], still["variance"]) == pytest.approx((0, 0, 0))
    assert still["ape_cm"] > 1.0
    assert smoothed["jerk"] < 0.5 * plain["jerk"]
    models = [p for p in (out / "models").iterdir() if (p / "bundle.yaml").is_file()]
    assert len(models) == 4  # smoothing needs no other training; two seeds

    monkeypatch.setattr(experiment, "train", None)
    monkeypatch.setattr(experiment, "generate_motion", None)
    assert main(call) == 0
    assert capsys.readouterr().out == printed


@pytest.mark.slow
def test_a_change_trains_only_the_rows_that_it_affects(corpus: Path, tmp_path: Path,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tiny.yaml"
    path.write_text(CONFIG.replace("[1, 2]", "[1]"))
    run_experiment(load_experiment(path), corpus, tmp_path / "out", cache=tmp_path)
    made: list[str] = []
    original = experiment.train

    def train(config_path: Path, out: Path, **options: object) -> Path:
        made.append(out.name)
        return original(config_path, out, **options)

    monkeypatch.setattr(experiment, "train", train)
    path.write_text(CONFIG.replace("[1, 2]", "[1]").replace("train: kucherenko2019_direct}",
                                                           "train: kucherenko2019_direct, overrides: {seed: 9}}"))
    run_experiment(load_experiment(path), corpus, tmp_path / "out", cache=tmp_path)
    assert made == []  # the seeds of the experiment override it
    path.write_text(CONFIG.replace("[1, 2]", "[1]").replace("train: kucherenko2019_direct}",
                                                           "train: kucherenko2019_direct, overrides: {name: other}}"))
    run_experiment(load_experiment(path), corpus, tmp_path / "out", cache=tmp_path)
    assert [name.partition("-")[0] for name in made] == ["other"]


def test_overrides_are_merged_and_null_is_not_overridden() -> None:
    config = ExperimentConfig("x", (RowConfig("a", "kucherenko2019"),), overrides={
        "kucherenko2019": {"representation": {"size": 5}, "speech": {"steps": 7}}})
    row = RowConfig("a", "kucherenko2019", overrides={"speech": {"batch": 3}})
    merged = effective_config(config, row, seed=4)
    assert (merged["representation"]["size"], merged["representation"]["noise"]) == (5, 0.05)
    assert (merged["speech"]["steps"], merged["speech"]["batch"], merged["seed"]) == (7, 3, 4)
    assert effective_config(config, RowConfig("b", "kucherenko2019_direct"), 4)["representation"] is None


@pytest.mark.parametrize("variant", ["", "_long", "_features", "_sizes"])
def test_shipped_experiments_are_valid(variant: str) -> None:
    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.core.yaml_config import from_mapping
    from speech_gesture_ros.training.kucherenko.run_config import KucherenkoRunConfig

    config = load_experiment(resolve(f"kucherenko2019{variant}", "config/experiments"))
    for row in config.rows:
        from_mapping(KucherenkoRunConfig, effective_config(config, row, 1))


def test_metrics_against_a_hand_computed_case() -> None:
    """A joint that moves 1 cm, then 3 cm, then not, against one that does not move: the units of the paper."""
    moving = np.zeros((5, 1, 3))
    moving[:, 0, 0] = (0.0, 0.01, 0.04, 0.04, 0.04)
    metrics = measure_motions([moving], [np.zeros((5, 1, 3))], (0,))
    assert metrics.ape_cm == pytest.approx((0 + 1 + 4 + 4 + 4) / 5)
    assert metrics.acceleration == pytest.approx((2 + 3 + 0) / 3)
    assert metrics.jerk == pytest.approx((5 + 3) / 2)
    assert metrics.acceleration_m_s2 == pytest.approx(metrics.acceleration * 400 / 100)
    assert metrics.jerk_m_s3 == pytest.approx(metrics.jerk * 8000 / 100)
    assert metrics.hellinger == pytest.approx(np.sqrt(1 - np.sqrt(0.5)))


def test_wrong_configurations_are_named(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="twice"):
        ExperimentConfig("x", (RowConfig("a", "kucherenko2019"), RowConfig("a", "kucherenko2019")))
    with pytest.raises(ConfigError, match="live or offline"):
        RowConfig("a", "kucherenko2019", generation="lve")
    with pytest.raises(ConfigError, match="other_speech"):
        ExperimentConfig("x", (RowConfig("a", "kucherenko2019"),), other_speech="b")
