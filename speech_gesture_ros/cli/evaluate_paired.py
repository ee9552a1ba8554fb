"""`speech-gesture evaluate BUNDLE DATA`: a model compared with recorded speech and motion; table, plots, HTML page."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from speech_gesture_ros.cli.argument_types import count, count_or_none, count_up_to
from speech_gesture_ros.core.outputs import locked_folder

if TYPE_CHECKING:
    from speech_gesture_ros.datasets.prepared import Corpus
    from speech_gesture_ros.evaluation.metrics.motion_clip import Frames
    from speech_gesture_ros.evaluation.metrics.registry import Values
    from speech_gesture_ros.training.fgd_extractor import FgdExtractor


def add_paired_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that count only with DATA."""
    group = parser.add_argument_group("with DATA")
    group.add_argument("--seeds", type=count_up_to(1000), default=3, help="performances of each clip (%(default)s)")
    group.add_argument("--clips", type=count, help="largest number of test clips (all)")
    group.add_argument("--split", default="test", help="split of the clips (%(default)s)")
    group.add_argument("--extractor", type=Path, help="FGD extractor of an earlier evaluation (a new one is trained)")
    group.add_argument("--robot-clips", type=count_or_none, default=2,
                       help="number of clips simulated on the robot (%(default)s)")
    group.add_argument("--target", action="append", default=[], metavar="METRIC>=X",
                       help="exit with 1 if the bundle misses it, such as 'apex_excess>=1.1'; may be repeated")


def run_paired(args: argparse.Namespace) -> int:
    """Evaluate; 1 if a target is missed."""
    from speech_gesture_ros.core.assets import resolve

    with locked_folder(args.out or Path("evaluation") / resolve(args.bundle, "models").name) as out:
        return _run_in(out, args)


def _run_in(out: Path, args: argparse.Namespace) -> int:
    """Evaluate, and write into a folder."""
    from tqdm import tqdm

    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.core.rates import POSE_RATE
    from speech_gesture_ros.datasets.prepared import open_corpus
    from speech_gesture_ros.evaluation import paired, paired_corpus
    from speech_gesture_ros.evaluation.metric_table import as_text, footnotes, table_lines
    from speech_gesture_ros.evaluation.metrics.motion_clip import MotionReference
    from speech_gesture_ros.evaluation.paired_report import PairedReport
    from speech_gesture_ros.evaluation.targets import parse_target, target_lines
    from speech_gesture_ros.pipeline.speech_to_pose import SpeechToPose

    targets = [parse_target(text, paired.BUNDLE) for text in args.target]
    corpus = open_corpus(args.data)
    folder = resolve(args.bundle, "models")
    models = [SpeechToPose(folder, args.look_ahead, args.seed + seed, args.device) for seed in range(args.seeds)]
    clips = paired_corpus.read_clips(corpus, args.split, args.clips, _progress)
    recorded = paired_corpus.recorded_motions(corpus, "train") or {clip.name: clip.recorded for clip in clips}
    extractor = find_extractor(args.extractor, list(recorded.values()), out)
    matcher = paired_corpus.fit_matcher(corpus, recorded, _progress)
    reference = MotionReference(windows=extractor.windows if extractor else None, encode=extractor, matcher=matcher)
    rows, motions = paired.evaluate_paired(
        clips, lambda clip, seed: models[seed].perform(clip.samples), corpus.skeleton, reference,
        paired_corpus.mean_pose(recorded), seeds=args.seeds,
        progress=lambda jobs: tqdm(jobs, desc="performing", unit="clip"))
    add_robot(rows, motions, corpus, args)
    facts = {
        "bundle": f"{folder.name}, {models[0].model.name}, look-ahead {args.look_ahead:g} s, {args.seeds} seed(s)",
        "data": f"{corpus.name}, split {args.split}: {len(clips)} clips, "
                f"{sum(len(clip.recorded) for clip in clips) / POSE_RATE / 60:.1f} min",
        "motion": "output of the model, before smoothing and idle motion",
        "FGD extractor": f"sha256 {extractor.sha256[:16]}, loss {extractor.loss:.3f}" if extractor else
                         "none: too little recorded motion in the training split",
        "speech matcher": f"training correlations {', '.join(f'{c:.2f}' for c in matcher.correlations)}" if matcher else
                          "none: less than a minute in the training split",
        "robot": f"{args.robot}, first {args.robot_clips} clips" if args.robot_clips else "not simulated",
    }
    lines = table_lines(rows, show_all=args.all, also=[target.metric for target in targets])
    notes = [*footnotes(lines), *paired.notes(rows), *target_lines(targets, rows)]
    PairedReport(f"{folder.name} on {corpus.name}", facts, rows, lines, notes).write(out, clips, motions,
                                                                                    corpus.skeleton)
    print("\n".join([as_text(lines), "", *notes, "", f"written to {out}: table.md, table.json, report.html, plots"]))
    return int(not all(target.is_met(rows) for target in targets))


def find_extractor(path: Path | None, recorded: list[Frames], out: Path) -> FgdExtractor | None:
    """Read the extractor, or train one on recorded motion and save it; None if there is too little motion."""
    from speech_gesture_ros.core.errors import InputError
    from speech_gesture_ros.core.rates import POSE_RATE
    from speech_gesture_ros.training.fgd_extractor import load_extractor, train_extractor

    if path is not None:
        return load_extractor(path)
    print("training the FGD extractor on recorded motion")
    try:
        extractor = train_extractor(recorded, POSE_RATE)
    except InputError:
        return None
    extractor.save(out / "fgd_extractor.safetensors")
    return extractor


def add_robot(rows: dict[str, Values], motions: dict[str, list[Frames]], corpus: Corpus,
              args: argparse.Namespace) -> None:
    """Add the metrics of the robot to the rows of the bundle and of the recording."""
    if args.robot_clips < 1:
        return
    from tqdm import tqdm

    from speech_gesture_ros.cli.pipeline_options import pipeline_config
    from speech_gesture_ros.evaluation.metrics.registry import measure_robot
    from speech_gesture_ros.evaluation.paired import BUNDLE, RECORDED
    from speech_gesture_ros.evaluation.robot_run import RobotRunner, combine
    from speech_gesture_ros.retargeting import load_robot

    runner = RobotRunner(load_robot(pipeline_config(args)), corpus.skeleton)
    for name in tqdm((BUNDLE, RECORDED), desc="simulating the robot", unit="row"):
        rows[name] |= measure_robot(combine([runner.run(motion) for motion in motions[name][:args.robot_clips]]))


def _progress(names: Sequence[str], step: str) -> Iterable[str]:
    from tqdm import tqdm

    yield from tqdm(names, desc=step, unit="clip")
