"""Rehearse many recorded speakers, silence, noise and music on an ideal robot, and hold the figures against targets."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from speech_gesture_ros.cli.pipeline_options import add_pipeline_options, pipeline_config

HELP = "how well gestures follow the voice, and how safely, over many speakers"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the evaluation."""
    parser.add_argument("audio", type=Path, nargs="*", help="sound files; without any, speakers of the data folder")
    parser.add_argument("--data", type=Path, help="data folder ($SPEECH_GESTURE_DATA, or ../shared/data)")
    parser.add_argument("--speakers", type=int, default=12, help="how many (%(default)s)")
    parser.add_argument("--seconds", type=float, default=60.0, help="most that is used of a recording (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("bench/evaluation.json"), help="(%(default)s)")
    add_pipeline_options(parser)


def run(args: argparse.Namespace) -> int:
    """Evaluate, write the report, print the targets; 1 if one is missed."""
    from tqdm import tqdm

    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.evaluation.rehearsal import rehearse
    from speech_gesture_ros.evaluation.signals import calm_signals
    from speech_gesture_ros.evaluation.speakers import Recording, data_folder, evaluate_speakers, pick_recordings
    from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline

    recordings = [Recording(path, path.stem, "", 0.0) for path in args.audio] or pick_recordings(
        args.data or data_folder(), args.speakers)
    pipeline = GesturePipeline(pipeline_config(args))
    result = evaluate_speakers(
        partial(rehearse, pipeline), recordings, load_mono_16k, calm=calm_signals(), longest_s=args.seconds,
        skeleton=pipeline.skeleton, out=args.out, progress=partial(tqdm, unit="recording"))
    _print(result)
    print(f"written to {args.out}")
    return int(any(target["met"] is False for target in result["targets"].values()))


def _print(result: dict[str, Any]) -> None:
    for name, value in result["pooled"].items():
        print(f"  {name:<24} {'-' if value is None else format(value, '.3g')}")
    for name, calm in result["calm"].items():
        print(f"  wrist speed in {name:<9} {calm['wrist_speed']:.4f} m/s")
    for name, target in result["targets"].items():
        word = {True: "met", False: "MISSED", None: "unknown"}[target["met"]]
        print(f"{word:<8} {name} {target['value']} ({target['bound']})")
