"""`speech-gesture evaluate BUNDLE DATA`: a model against recorded speech and motion; table, plots, HTML page."""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from speech_gesture_ros.core.errors import ConfigError

if TYPE_CHECKING:
    from speech_gesture_ros.datasets.prepared import Corpus
    from speech_gesture_ros.evaluation.metrics.speech_match import SpeechMatcher
    from speech_gesture_ros.evaluation.paired_clips import Example, Frames
    from speech_gesture_ros.evaluation.paired_judge import Figures
    from speech_gesture_ros.training.fgd_extractor import FgdExtractor

MATCHER_MINUTES = 40.0  # of the training split; more does not make three components better
_TARGET = re.compile(r"\s*([A-Za-z0-9_.]+)\s*(>=|<=)\s*(-?[0-9.eE+-]+)\s*")


def add_paired_arguments(parser: argparse.ArgumentParser) -> None:
    """Options that only count with DATA."""
    group = parser.add_argument_group("with DATA")
    group.add_argument("--seeds", type=int, default=3, help="performances of each clip (%(default)s)")
    group.add_argument("--clips", type=int, help="only so many test clips (all)")
    group.add_argument("--split", default="test", help="whose clips are performed (%(default)s)")
    group.add_argument("--extractor", type=Path, help="FGD extractor of an earlier evaluation (a new one is trained)")
    group.add_argument("--robot-clips", type=int, default=2, help="performed by the robot, 0: none (%(default)s)")
    group.add_argument("--target", action="append", default=[], metavar="FIGURE>=X",
                       help="exit with 1 if the bundle misses it, such as 'apex_excess>=1.1'; repeat for more")


def run_paired(args: argparse.Namespace) -> int:
    """Evaluate; 1 if a target is missed."""
    from tqdm import tqdm

    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.datasets.prepared import open_corpus
    from speech_gesture_ros.evaluation import paired
    from speech_gesture_ros.evaluation.paired_clips import FPS
    from speech_gesture_ros.evaluation.paired_judge import Judge
    from speech_gesture_ros.evaluation.paired_table import as_text, footnotes, table_rows
    from speech_gesture_ros.pipeline.speech_to_pose import SpeechToPose

    targets = parse_targets(args.target)
    corpus = open_corpus(args.data)
    folder = resolve(args.bundle, "models")
    out = args.out or Path("evaluation") / folder.name
    out.mkdir(parents=True, exist_ok=True)
    models = {seed: SpeechToPose(folder, args.look_ahead, args.seed + seed, args.device)
              for seed in range(check_at_least("--seeds", args.seeds, 1))}
    examples = read_examples(corpus, args.split, args.clips)
    recorded = recorded_motions(corpus, "train") or {e.name: e.truth for e in examples}
    extractor = find_extractor(args.extractor, list(recorded.values()), out)
    matcher = fit_matcher(corpus, recorded, MATCHER_MINUTES)
    judge = Judge(corpus.skeleton, extractor.windows if extractor else None, extractor, matcher)
    mean_pose = np.concatenate([m.reshape(len(m), -1) for m in recorded.values()]).mean(axis=0).reshape(-1, 3)
    rows, motions = paired.evaluate_paired(
        examples, lambda example, seed: models[seed].perform(example.samples), judge, mean_pose, seeds=args.seeds,
        progress=lambda jobs: tqdm(jobs, desc="performing", unit="clip"))
    add_robot(rows, motions, corpus, args)
    facts = {
        "bundle": f"{folder.name}, {models[0].model.name}, look-ahead {args.look_ahead:g} s, {args.seeds} seed(s)",
        "data": f"{corpus.name}, split {args.split}: {len(examples)} clips, "
                f"{sum(len(e.truth) for e in examples) / FPS / 60:.1f} min",
        "motion": "as the model makes it, before smoothing and idle motion of the performance",
        "FGD extractor": f"sha256 {extractor.sha256[:16]}, loss {extractor.loss:.3f}" if extractor else
                         "none: too little recorded motion in the training split",
        "speech matcher": f"training correlations {', '.join(f'{c:.2f}' for c in matcher.correlations)}" if matcher else
                          "none: less than a minute in the training split",
        "robot": f"{args.robot}, first {args.robot_clips} clips" if args.robot_clips else "not rehearsed",
    }
    lines, notes = table_rows(rows), footnotes(rows)
    failed = paired.missed(rows[paired.BUNDLE], targets)
    notes += [f"target {name} {sense} {bound:g}: {'MISSED' if failed[name] else 'met'}"
              for name, (sense, bound) in targets.items()]
    write_report(out, facts, rows, lines, notes, examples, motions, corpus)
    print(as_text(lines))
    print("\n" + "\n".join(notes))
    print(f"\nwritten to {out}: table.md, table.json, report.html, plots")
    return int(any(failed.values()))


def parse_targets(texts: Sequence[str]) -> dict[str, tuple[str, float]]:
    """Figures and bounds from such as "apex_excess>=1.1".

    Raises:
        ConfigError: If a text is none, or names no figure.
    """
    from speech_gesture_ros.evaluation.paired_table import COLUMNS

    known = {c.name for c in COLUMNS}
    targets = {}
    for text in texts:
        found = _TARGET.fullmatch(text)
        if not found or found[1] not in known:
            raise ConfigError("--target", text, "FIGURE>=NUMBER or FIGURE<=NUMBER",
                              f"Figures: {', '.join(sorted(known))}.")
        targets[found[1]] = (found[2], float(found[3]))
    return targets


def check_at_least(name: str, value: int, least: int) -> int:
    """The value.

    Raises:
        ConfigError: If it is less.
    """
    if value < least:
        raise ConfigError(name, value, f"at least {least}", "Give more.")
    return value


def read_examples(corpus: Corpus, split: str, count: int | None) -> list[Example]:
    """The clips to perform, with recorded motion.

    Raises:
        ConfigError: If the split has none.
    """
    from tqdm import tqdm

    from speech_gesture_ros.evaluation.paired_clips import SHORTEST_FRAMES, make_example
    from speech_gesture_ros.evaluation.recorded_motion import recorded_motion

    names = list(corpus.names(split))
    if count is not None and count < len(names):  # spread over the list: neighbours are of one speaker
        names = [names[i] for i in np.linspace(0, len(names) - 1, check_at_least("--clips", count, 1)).astype(int)]
    examples = []
    for name in tqdm(names, desc="listening", unit="clip"):
        clip = corpus.clip(name)
        motion = recorded_motion(clip, corpus.skeleton)
        if motion is not None and len(motion) >= SHORTEST_FRAMES:
            examples.append(make_example(name, clip.samples, motion))
    if not examples:
        raise ConfigError(f"clips of split {split!r} of {corpus.folder}", len(names), "one of 2 s or more with motion",
                          "Choose another split with --split.")
    return examples


def recorded_motions(corpus: Corpus, split: str) -> dict[str, Frames]:
    """Recorded motion of a split by clip."""
    from speech_gesture_ros.evaluation.paired_clips import SHORTEST_FRAMES
    from speech_gesture_ros.evaluation.recorded_motion import recorded_motion

    motions = {clip.name: recorded_motion(clip, corpus.skeleton) for clip in corpus.clips(split)}
    return {name: m for name, m in motions.items() if m is not None and len(m) >= SHORTEST_FRAMES}


def find_extractor(path: Path | None, recorded: list[Frames], out: Path) -> FgdExtractor | None:
    """Read the extractor, or train one on recorded motion and keep it; None if there is too little motion."""
    from speech_gesture_ros.core.errors import InputError
    from speech_gesture_ros.evaluation.paired_clips import FPS
    from speech_gesture_ros.training.fgd_extractor import load_extractor, train_extractor

    if path is not None:
        return load_extractor(path)
    print("training the FGD extractor on recorded motion")
    try:
        extractor = train_extractor(recorded, FPS)
    except InputError:
        return None
    extractor.save(out / "fgd_extractor.safetensors")
    return extractor


def fit_matcher(corpus: Corpus, recorded: dict[str, Frames], minutes: float) -> SpeechMatcher | None:
    """Fit the speech matcher to recorded pairs of the training split; None if there is too little."""
    from tqdm import tqdm

    from speech_gesture_ros.core.errors import InputError
    from speech_gesture_ros.evaluation.metrics.speech_match import SpeechMatcher, motion_features, sound_features
    from speech_gesture_ros.evaluation.paired_clips import FPS

    names = [name for name in corpus.names("train") if name in recorded]
    pairs, frames = [], 0.0
    for name in tqdm(names, desc="fitting the speech matcher", unit="clip"):
        sound = sound_features(corpus.clip(name).samples)
        count = min(len(sound), len(recorded[name]))
        pairs.append((sound[:count], motion_features(recorded[name][:count], corpus.skeleton)))
        frames += count
        if frames > minutes * 60 * FPS:
            break
    try:
        return SpeechMatcher.fit(pairs)
    except InputError:
        return None


def add_robot(rows: dict[str, Figures], motions: dict[str, list[Frames]], corpus: Corpus,
              args: argparse.Namespace) -> None:
    """Add the robot's figures to the rows of the bundle and of the recording."""
    if args.robot_clips < 1:
        return
    from tqdm import tqdm

    from speech_gesture_ros.cli.pipeline_options import pipeline_config
    from speech_gesture_ros.evaluation.paired import BUNDLE, RECORDED
    from speech_gesture_ros.evaluation.robot_motion import robot_figures
    from speech_gesture_ros.retargeting import load_robot

    robot = load_robot(pipeline_config(args))
    for name in tqdm((BUNDLE, RECORDED), desc="rehearsing on the robot", unit="row"):
        rows[name] |= robot_figures(motions[name][:args.robot_clips], robot, corpus.skeleton)


def write_report(out: Path, facts: dict[str, str], rows: dict[str, Figures], lines: list[list[str]], notes: list[str],
                 examples: Sequence[Example], motions: dict[str, list[Frames]], corpus: Corpus) -> None:
    """table.md, table.json, the plots and report.html."""
    from speech_gesture_ros.evaluation.html_report import html_report
    from speech_gesture_ros.evaluation.paired_curves import evaluation_curves
    from speech_gesture_ros.evaluation.paired_table import as_markdown
    from speech_gesture_ros.rendering.evaluation_plots import draw_evaluation

    title = f"{facts['bundle'].partition(',')[0]} on {corpus.name}"
    listed = "\n".join(f"- {name}: {value}" for name, value in facts.items())
    below = "\n".join(f"- {note}" for note in notes)
    (out / "table.md").write_text(f"# {title}\n\n{listed}\n\n{as_markdown(lines)}\n\n{below}\n", encoding="utf-8")
    content = {"facts": facts, "rows": {name: plain(figures) for name, figures in rows.items()}}
    (out / "table.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    pictures = draw_evaluation(evaluation_curves(examples, motions, corpus.skeleton), corpus.skeleton)
    for name, picture in pictures.items():
        (out / name).write_bytes(picture)
    (out / "report.html").write_text(html_report(title, facts, lines, notes, pictures), encoding="utf-8")


def plain(figures: Figures) -> dict[str, Any]:
    """For JSON: what could not be measured is null."""
    return {name: value if math.isfinite(value) else None for name, value in figures.items()}
