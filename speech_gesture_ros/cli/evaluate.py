"""Measure a model: in closed loop on many speakers, against its acceptance criteria, or against recorded motion.

speech-gesture evaluate                 closed-loop simulation on a robot: timing and faults
speech-gesture evaluate BUNDLE          acceptance criteria of a stroke model, such as the default one
speech-gesture evaluate BUNDLE DATA     every metric beside its controls, on a prepared corpus
"""

from __future__ import annotations

import argparse
import json
import math
from functools import partial
from pathlib import Path

from speech_gesture_ros.cli.argument_types import count, output_folder, positive
from speech_gesture_ros.cli.evaluate_paired import add_paired_arguments, run_paired
from speech_gesture_ros.cli.pipeline_options import add_pipeline_options, pipeline_config
from speech_gesture_ros.core.atomic_files import write_text
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.outputs import locked_folder

HELP = "measure the gestures of a model, beside controls"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the evaluation."""
    parser.add_argument("bundle", nargs="?", help="name in models, or a bundle folder; alone: acceptance criteria")
    parser.add_argument("data", nargs="?", type=Path, help="prepared corpus: every metric beside its controls")
    parser.add_argument("--out", type=output_folder, help="folder of the report (evaluation)")
    parser.add_argument("--all", action="store_true", help="show all metrics, not only those that prove something")
    group = parser.add_argument_group("without BUNDLE, or with --audio: closed-loop simulation")
    group.add_argument("--audio", nargs="+", type=Path, default=[], help="sound files (speakers of the data folder)")
    group.add_argument("--speakers", type=count, default=12, help="number of speakers (%(default)s)")
    group.add_argument("--longest", type=positive, default=60.0, help="length used of each recording [s] (%(default)s)")
    alone = parser.add_argument_group("BUNDLE without DATA: acceptance, on speakers held out of its training")
    alone.add_argument("--minutes", type=positive, default=math.inf, help="longest speech to use [min] (all)")
    add_paired_arguments(parser)
    add_pipeline_options(parser)


def run(args: argparse.Namespace) -> int:
    """Evaluate; 1 if a target or criterion is missed."""
    if args.bundle is not None:
        args.model = args.bundle
    if args.data is not None:
        return run_paired(args)
    if args.bundle is not None and not args.audio:
        return run_acceptance(args)
    return run_closed_loop(args)


def run_closed_loop(args: argparse.Namespace) -> int:
    """Simulate recordings of many speakers, and sounds without speech, on the robot."""
    from tqdm import tqdm

    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.datasets.speech_recordings import SpeechRecording, data_folder
    from speech_gesture_ros.evaluation.closed_loop import simulate_speech
    from speech_gesture_ros.evaluation.metric_table import as_text, footnotes, table_lines
    from speech_gesture_ros.evaluation.signals import sounds_without_speech
    from speech_gesture_ros.evaluation.speaker_selection import pick_recordings
    from speech_gesture_ros.evaluation.speech_evaluation import TARGETS, evaluate_speech
    from speech_gesture_ros.evaluation.targets import target_lines
    from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline

    recordings = ([SpeechRecording(path.stem, path, path.stem, "", "", "unknown", 0.0) for path in args.audio]
                  or pick_recordings(data_folder(), args.speakers))
    sounds = {recording.path: load_mono_16k(recording.path) for recording in recordings}
    pipeline = GesturePipeline(pipeline_config(args))
    out = args.out or Path("evaluation")
    with locked_folder(out):
        evaluation = evaluate_speech(partial(simulate_speech, pipeline), recordings, sounds.__getitem__,
                                     pipeline.skeleton, without_speech=sounds_without_speech(), longest_s=args.longest,
                                     progress=lambda jobs: tqdm(jobs, desc="simulating", unit="sound"))
        write_text(out / "report.json", json.dumps(evaluation.as_dict(), indent=2) + "\n")
    rows = evaluation.rows()
    lines = table_lines(rows, show_all=args.all, also=[target.metric for target in TARGETS])
    print("\n".join([as_text(lines), "", *footnotes(lines), "", *target_lines(TARGETS, rows), "",
                     f"written to {out / 'report.json'}, with each recording and sound"]))
    return int(not all(target.is_met(rows) for target in TARGETS))


def run_acceptance(args: argparse.Namespace) -> int:
    """Measure the acceptance criteria of a stroke model, such as the default one, on speakers held out of its training.

    Raises:
        ConfigError: If there is no data folder.
    """
    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.datasets.speech_recordings import DATA_VARIABLE, data_folder
    from speech_gesture_ros.evaluation.acceptance.film_strips import draw_voices
    from speech_gesture_ros.evaluation.acceptance.measure import measure_acceptance
    from speech_gesture_ros.evaluation.acceptance.results import acceptance_table, human_table

    data = data_folder()
    if not data.is_dir():
        raise ConfigError("data folder", str(data), "an existing folder", f"Set {DATA_VARIABLE} to it, or give a "
                          "prepared corpus: speech-gesture evaluate BUNDLE DATA.")
    result = measure_acceptance(resolve(args.bundle, "models"), data, limit_s=60.0 * args.minutes)
    tables = f"{acceptance_table(result)}\n\n{human_table(result)}\n"
    print(tables)
    if args.out is not None:
        write_text(args.out / "acceptance.md", tables)
        strips = draw_voices(resolve(args.bundle, "models"), data, args.out)
        print(f"written to {args.out / 'acceptance.md'} and {len(strips)} pictures")
    return int(not result.met)
