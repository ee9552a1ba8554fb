"""Several trainings side by side, as a paper's table has them: each row trained, performed and measured, and kept.

    rows: name, training configuration, what differs ─► OUT/models/<row>-<hash>      the bundle, reused if it is there
                                                        OUT/rows/<row>-<hash>.json   its figures, likewise
    controls: ground truth, mean pose, other speech  ─► OUT/table.md, OUT/results.json

The hash is of everything a row depends on, data included: a change trains anew what it concerns, and nothing else.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.atomic_files import atomic_write
from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.datasets.prepared import Corpus, open_corpus
from speech_gesture_ros.training.experiment.bundle_motion import perform
from speech_gesture_ros.training.experiment.table import Figures, Motions, measure_motions, table, true_motions
from speech_gesture_ros.training.train import train

_log = logging.getLogger(__name__)
CORRECT = "Correct the experiment's configuration."
GROUND_TRUTH, MEAN_POSE, OTHER_SPEECH = "ground truth", "static mean pose", "other speech"


@dataclass(frozen=True)
class RowConfig:
    """A row of the table.

    Attributes:
        name: As it is printed.
        train: Name in config/training, or a YAML file.
        overrides: Keys of that configuration that differ; mappings are merged.
        performed: "offline" as the paper does (20 Hz, all of the future, kucherenko2019 only) or "live": through the
            run-time pipeline.
        look_ahead_s: Of the run-time pipeline [s].
        post_processing: Steps of `kucherenko.post_processing.STEPS`, after the network.
    """

    name: str
    train: str
    overrides: dict[str, Any] = field(default_factory=dict)
    performed: str = "live"
    look_ahead_s: float = 0.4
    post_processing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.performed not in ("live", "offline"):
            raise ConfigError(f"performed of row {self.name!r}", self.performed, "live or offline", CORRECT)


@dataclass(frozen=True)
class ExperimentConfig:
    """A table.

    Attributes:
        name: Its title.
        rows: What is trained and measured.
        overrides: For every row whose configuration has that `model`: keys that differ, before the row's own.
        seeds: Each row is trained once for each; more than one gives mean and standard deviation.
        other_speech: Row whose motion for other clips is measured as a control; "" for the first.
        joints: Whose speeds the histogram is of; empty for all but the root.
        longest_s: How much of each test clip is used [s].
    """

    name: str
    rows: tuple[RowConfig, ...]
    overrides: dict[str, dict[str, Any]] = field(default_factory=dict)
    seeds: tuple[int, ...] = (0,)
    other_speech: str = ""
    joints: tuple[str, ...] = ()
    longest_s: float = 60.0

    def __post_init__(self) -> None:
        names = [row.name for row in self.rows]
        for thing, values in (("rows", names), ("seeds", self.seeds)):
            if not values or len(set(values)) < len(values):
                raise ConfigError(thing, list(values), "at least one, none twice", CORRECT)
        if self.other_speech and self.other_speech not in names:
            raise ConfigError("other_speech", self.other_speech, f"one of {names}", CORRECT)


@dataclass(frozen=True)
class ExperimentResult:
    """A table filled in.

    Attributes:
        figures: Row name to its figures, one for each seed.
        text: The table as Markdown.
        folder: Where everything lies.
    """

    figures: dict[str, list[Figures]]
    text: str
    folder: Path


def load_experiment(path: Path) -> ExperimentConfig:
    """Read an experiment.

    Raises:
        ConfigError: If the file is missing or has a wrong key or value.
    """
    return from_mapping(ExperimentConfig, load_yaml(path), str(path))


def run_experiment(config: ExperimentConfig, data: Path, out: Path, *, cache: Path = Path("runs/cache")
                   ) -> ExperimentResult:
    """Train, perform and measure every row; what is done already is reused.

    Args:
        config: Which rows.
        data: Prepared corpus with test clips.
        out: Folder for models, figures and tables.
        cache: Given to trainings.

    Raises:
        ConfigError: If a row's configuration or the corpus cannot be used.
        MissingDependencyError: If tqdm is not installed.
    """
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise MissingDependencyError("tqdm", "running experiments", "pip install '.[train]'") from error
    corpus = open_corpus(data)
    clips = [shortened(clip, config.longest_s) for clip in corpus.clips("test") if clip.joint_xyz is not None]
    if len(clips) < 2:
        raise ConfigError("test clips with motion", len(clips), "at least 2", "Prepare more, or split otherwise.")
    truth = true_motions(clips)
    joints = config.joints or corpus.skeleton.names[1:]
    chosen = tuple(corpus.skeleton.index[name] for name in joints)
    figures = {GROUND_TRUTH: [measure_motions(truth, truth, chosen)],
               MEAN_POSE: [measure_motions(static(mean_pose(corpus), truth), truth, chosen)]}
    control = config.other_speech or config.rows[0].name
    jobs = [(row, seed) for row in config.rows for seed in config.seeds]
    for row, seed in tqdm(jobs, desc=config.name, unit="row"):
        effective = effective_config(config, row, seed)
        key = fingerprint(effective, row, corpus, config, row.name == control)
        kept = out / "rows" / f"{_slug(row.name)}-{key}.json"
        if kept.is_file():
            entries = {name: Figures(**entry) for name, entry in json.loads(kept.read_text("utf-8")).items()}
        else:
            folder = _trained(effective, data, out / "models" / _model_name(row, effective, corpus), cache)
            shown = tqdm([clip.samples for clip in clips], desc=f"{row.name}: performing", unit="clip", leave=False)
            motions = [perform(folder, samples, performed=row.performed, look_ahead_s=row.look_ahead_s, seed=seed,
                               post_processing=row.post_processing) for samples in shown]
            entries = {row.name: measure_motions(motions, truth, chosen)}
            if row.name == control:
                entries[OTHER_SPEECH] = measure_motions(moved_on(motions), truth, chosen)
            _write(kept, json.dumps({name: dataclasses.asdict(entry) for name, entry in entries.items()}))
        for name, entry in entries.items():
            figures.setdefault(name, []).append(entry)
    about = f"{len(clips)} test clips, {sum(clip.seconds for clip in clips) / 60:.1f} min, of {corpus.name}"
    text = f"# {config.name}\n\n{about}; {len(config.seeds)} seed(s).\n\n{table(figures)}\n"
    _write(out / "table.md", text)
    _write(out / "results.json", json.dumps(
        {name: [dataclasses.asdict(entry) for entry in entries] for name, entries in figures.items()}, indent=1))
    return ExperimentResult(figures, text, out)


def effective_config(config: ExperimentConfig, row: RowConfig, seed: int) -> dict[str, Any]:
    """The training configuration of a row: its file, what its model has in common, its own overrides, the seed.

    What a file leaves out on purpose (null), the common overrides leave out as well.
    """
    base = load_yaml(resolve(row.train, "config/training"))
    common = config.overrides.get(str(base.get("model", "speech_to_motion")), {})
    common = {key: value for key, value in common.items() if base.get(key, value) is not None}
    return {**merged(merged(base, common), row.overrides), "seed": seed}


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A mapping with changes; mappings within are merged as well."""
    out = dict(base)
    for key, value in changes.items():
        before = out.get(key)
        out[key] = merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return out


def fingerprint(*parts: object) -> str:
    """A short name for everything that a result depends on."""
    plain = [part.manifest if isinstance(part, Corpus) else part for part in parts]
    text = json.dumps(plain, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def shortened(clip: Clip, longest_s: float) -> Clip:
    """The beginning of a clip, and of its motion."""
    frames = min(clip.num_frames, int(longest_s * 25))
    assert clip.joint_xyz is not None
    return dataclasses.replace(clip, samples=clip.samples[:frames * 640], joint_xyz=clip.joint_xyz[:frames])


def mean_pose(corpus: Corpus) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(J, 3) over the training clips [m]."""
    total, count = np.zeros((len(corpus.skeleton), 3)), 0
    for clip in corpus.clips("train"):
        if clip.joint_xyz is not None:
            total += clip.joint_xyz.sum(axis=0, dtype=np.float64)
            count += len(clip.joint_xyz)
    return total / max(1, count)


def static(pose: np.ndarray[Any, np.dtype[np.float64]], truth: Motions) -> Motions:
    """One pose, held for as long as each true motion lasts."""
    return [np.repeat(pose[None], len(motion), axis=0) for motion in truth]


def moved_on(motions: Motions) -> Motions:
    """Each clip gets the motion made for the next one's speech."""
    return [*motions[1:], motions[0]]


def _trained(effective: dict[str, Any], data: Path, folder: Path, cache: Path) -> Path:
    if not (folder / "bundle.yaml").is_file():
        path = folder.with_name(f"{folder.name}.yaml")
        _write(path, yaml.safe_dump(effective, sort_keys=False))
        train(path, folder, data=data, resume=True, cache=cache)
    return folder


def _model_name(row: RowConfig, effective: dict[str, Any], corpus: Corpus) -> str:
    return f"{_slug(str(effective.get('name', row.name)))}-{fingerprint(effective, corpus)}"


def _plain(thing: Any) -> Any:
    return dataclasses.asdict(thing)


def _slug(name: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as file:
        file.write(text.encode())


def speed_histograms(figures: dict[str, list[Figures]]) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """Row name and speed histogram, the mean over its seeds."""
    return {name: np.mean([entry.speeds for entry in entries], axis=0) for name, entries in figures.items()}
