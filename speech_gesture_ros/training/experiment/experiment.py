"""An experiment: several models trained, run on the test clips and measured, as the rows of one table.

    rows: name, training configuration, overrides  ─► OUT/models/<row>-<hash>      the bundle, reused if it exists
                                                      OUT/rows/<row>-<hash>.json   its metrics, likewise
    controls: ground truth, mean pose, other speech ─► OUT/table.md, OUT/results.json

The hash is of everything that a row depends on, data included: after a change only the rows that it affects are trained
again.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from speech_gesture_ros.core.atomic_files import atomic_write
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.datasets.prepared import Corpus, open_corpus
from speech_gesture_ros.training.engine.progress import progress_bar
from speech_gesture_ros.training.experiment.bundle_motion import generate_motion
from speech_gesture_ros.training.experiment.experiment_config import ExperimentConfig, RowConfig, effective_config
from speech_gesture_ros.training.experiment.metrics_table import (
    Motions,
    RowMetrics,
    measure_motions,
    metrics_table,
    recorded_motions,
)
from speech_gesture_ros.training.train import train

GROUND_TRUTH, MEAN_POSE, OTHER_SPEECH = "ground truth", "static mean pose", "other speech"


@dataclass(frozen=True)
class ExperimentResult:
    """Results of an experiment.

    Attributes:
        metrics: Row name to its metrics, one for each seed.
        text: The table as Markdown.
        folder: Folder of models, metrics and table.
    """

    metrics: dict[str, list[RowMetrics]]
    text: str
    folder: Path


def run_experiment(config: ExperimentConfig, data: Path, out: Path, *, cache: Path = Path("runs/cache")
                   ) -> ExperimentResult:
    """Train, run and measure every row; finished rows are reused.

    Args:
        config: The experiment.
        data: Prepared corpus with test clips.
        out: Folder for models, metrics and tables.
        cache: Folder of cached features and tracks.

    Raises:
        ConfigError: If a row's configuration or the corpus cannot be used.
        MissingDependencyError: If tqdm is not installed.
    """
    corpus = open_corpus(data)
    clips = [shortened(clip, config.longest_s) for clip in corpus.clips("test") if clip.joint_xyz is not None]
    if len(clips) < 2:
        raise ConfigError("test clips with motion", len(clips), "at least 2", "Prepare more, or split otherwise.")
    recorded = recorded_motions(clips)
    joints = tuple(corpus.skeleton.index[name] for name in config.joints or corpus.skeleton.names[1:])
    metrics = {GROUND_TRUTH: [measure_motions(recorded, recorded, joints)],
               MEAN_POSE: [measure_motions(static(mean_pose(corpus), recorded), recorded, joints)]}
    jobs = [(row, seed) for row in config.rows for seed in config.seeds]
    for row, seed in progress_bar(jobs, desc=config.name, unit="row"):
        for name, entry in _row_metrics(config, row, seed, corpus, clips, recorded, joints, out, cache).items():
            metrics.setdefault(name, []).append(entry)
    about = f"{len(clips)} test clips, {sum(clip.seconds for clip in clips) / 60:.1f} min, of {corpus.name}"
    text = f"# {config.name}\n\n{about}; {len(config.seeds)} seed(s).\n\n{metrics_table(metrics)}\n"
    _write(out / "table.md", text)
    _write(out / "results.json", json.dumps(
        {name: [dataclasses.asdict(entry) for entry in entries] for name, entries in metrics.items()}, indent=1))
    return ExperimentResult(metrics, text, out)


def _row_metrics(config: ExperimentConfig, row: RowConfig, seed: int, corpus: Corpus, clips: Sequence[Clip],
                 recorded: Motions, joints: tuple[int, ...], out: Path, cache: Path) -> dict[str, RowMetrics]:
    """Return the metrics of a row with one seed, and those of its control if it has one, by name."""
    effective = effective_config(config, row, seed)
    is_control = row.name == config.control_row
    path = out / "rows" / f"{_slug(row.name)}-{_hash(effective, row, corpus, config, is_control)}.json"
    if path.is_file():
        return {name: RowMetrics(**entry) for name, entry in json.loads(path.read_text("utf-8")).items()}
    name = f"{_slug(str(effective.get('name', row.name)))}-{_hash(effective, corpus)}"
    bundle = _train_if_missing(effective, corpus.folder, out / "models" / name, cache)
    sounds = progress_bar([clip.samples for clip in clips], desc=f"{row.name}: test clips", unit="clip", leave=False)
    motions = [generate_motion(bundle, samples, generation=row.generation, look_ahead_s=row.look_ahead_s, seed=seed,
                               post_processing=row.post_processing) for samples in sounds]
    entries = {row.name: measure_motions(motions, recorded, joints)}
    if is_control:
        entries[OTHER_SPEECH] = measure_motions(rotated(motions), recorded, joints)
    _write(path, json.dumps({name: dataclasses.asdict(entry) for name, entry in entries.items()}))
    return entries


def shortened(clip: Clip, longest_s: float) -> Clip:
    """Return the beginning of a clip, and of its motion."""
    frames = min(clip.num_frames, int(longest_s * POSE_RATE))
    assert clip.joint_xyz is not None
    return dataclasses.replace(clip, samples=clip.samples[:frames * SAMPLES_PER_POSE],
                               joint_xyz=clip.joint_xyz[:frames])


def mean_pose(corpus: Corpus) -> npt.NDArray[np.float64]:
    """Return (J, 3) the mean over the training clips [m]."""
    total, count = np.zeros((len(corpus.skeleton), 3)), 0
    for clip in corpus.clips("train"):
        if clip.joint_xyz is not None:
            total += clip.joint_xyz.sum(axis=0, dtype=np.float64)
            count += len(clip.joint_xyz)
    return total / max(1, count)


def static(pose: npt.NDArray[np.float64], recorded: Motions) -> Motions:
    """Return one pose for the duration of each recorded motion."""
    return [np.repeat(pose[None], len(motion), axis=0) for motion in recorded]


def rotated(motions: Motions) -> Motions:
    """Return for each clip the motion that was generated for the speech of the next."""
    return [*motions[1:], motions[0]]


def _train_if_missing(effective: dict[str, Any], data: Path, folder: Path, cache: Path) -> Path:
    if not (folder / "bundle.yaml").is_file():
        path = folder.with_name(f"{folder.name}.yaml")
        _write(path, yaml.safe_dump(effective, sort_keys=False))
        train(path, folder, data=data, resume=True, cache=cache)
    return folder


def _hash(*parts: object) -> str:
    """Return a short name for everything that a result depends on."""
    plain = [part.manifest if isinstance(part, Corpus) else part for part in parts]
    text = json.dumps(plain, sort_keys=True, default=dataclasses.asdict)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _slug(name: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as file:
        file.write(text.encode())
