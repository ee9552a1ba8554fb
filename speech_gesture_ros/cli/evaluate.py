"""Judge a model: against recorded motion (BUNDLE DATA), against its targets (BUNDLE), or rehearsed on many voices."""

from __future__ import annotations

import argparse
import math
from functools import partial
from pathlib import Path
from typing import Any

from speech_gesture_ros.cli.evaluate_paired import add_paired_arguments, run_paired
from speech_gesture_ros.cli.pipeline_options import add_pipeline_options, pipeline_config
from speech_gesture_ros.core.errors import ConfigError

HELP = "how good a model's gestures are, beside controls that should be worse"
REPORT = Path("evaluation/report.json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the evaluation."""
    parser.add_argument("bundle", nargs="?", help="model: name in models, or a bundle folder; alone: its targets")
    parser.add_argument("data", nargs="?", type=Path, help="prepared corpus: one table, plots and an HTML report")
    parser.add_argument("--out", type=Path, help="folder of a report; JSON file of a rehearsal (evaluation/...)")
    group = parser.add_argument_group("without DATA: rehearsal on recorded speakers of the data folder")
    group.add_argument("--audio", nargs="+", type=Path, default=[], help="own sound files instead")
    group.add_argument("--speakers", type=int, default=12, help="how many of the data folder (%(default)s)")
    group.add_argument("--longest", type=float, default=60.0, help="used of each recording [s] (%(default)s)")
    alone = parser.add_argument_group("BUNDLE alone: its promises, on speakers of the data folder that it never heard")
    alone.add_argument("--minutes", type=float, default=math.inf, help="speech to use at most [min] (all)")
    add_paired_arguments(parser)
    add_pipeline_options(parser)


def run(args: argparse.Namespace) -> int:
    """Evaluate; 1 if a target is missed."""
    if args.bundle is not None:
        args.model = args.bundle
    if args.data is not None:
        return run_paired(args)
    if args.bundle is not None and not args.audio:
        return run_acceptance(args)
    return run_rehearsal(args)


def run_rehearsal(args: argparse.Namespace) -> int:
    """Rehearse recordings of many speakers, and sounds that are no speech, on the robot."""
    from tqdm import tqdm

    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.datasets.speech_recordings import SpeechRecording, data_folder
    from speech_gesture_ros.evaluation.closed_loop import simulate_speech
    from speech_gesture_ros.evaluation.signals import calm_signals
    from speech_gesture_ros.evaluation.speakers import evaluate_speakers, pick_recordings
    from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline

    recordings = ([SpeechRecording(path.stem, path, path.stem, "", "", "unknown", 0.0) for path in args.audio]
                  or pick_recordings(data_folder(), args.speakers))
    pipeline = GesturePipeline(pipeline_config(args))
    out = args.out or REPORT
    result = evaluate_speakers(partial(simulate_speech, pipeline), recordings, load_mono_16k, calm=calm_signals(),
                               longest_s=args.longest, skeleton=pipeline.skeleton, out=out,
                               progress=lambda jobs: tqdm(jobs, desc="rehearsing", unit="sound"))
    print(format_result(result))
    print(f"\nwritten to {out}")
    return int(any(target["met"] is False for target in result["targets"].values()))


def run_acceptance(args: argparse.Namespace) -> int:
    """Measure the acceptance criteria of a bundle trained on composed motion, on speakers held out of its training.

    Raises:
        ConfigError: If there is no data folder.
    """
    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.datasets.speech_recordings import DATA_VARIABLE, data_folder
    from speech_gesture_ros.evaluation.acceptance.measure import measure_acceptance
    from speech_gesture_ros.evaluation.acceptance.results import acceptance_table, human_table
    from speech_gesture_ros.training.composition.composer import COMPOSED_REFERENCE

    data = data_folder()
    if not data.is_dir():
        raise ConfigError("data folder", str(data), "an existing folder", f"Set {DATA_VARIABLE} to it, or give a "
                          "prepared corpus: speech-gesture evaluate BUNDLE DATA.")
    result = measure_acceptance(resolve(args.bundle, "models"), data, COMPOSED_REFERENCE, limit_s=60.0 * args.minutes)
    tables = f"{acceptance_table(result)}\n\n{human_table(result)}\n"
    print(tables)
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "acceptance.md").write_text(tables, encoding="utf-8")
        print(f"written to {args.out / 'acceptance.md'}")
    return int(not result.met)


def format_result(result: dict[str, Any]) -> str:
    """One line a speaker, one a calm sound, one a target."""
    lines = [f"{'speaker':<24} apexes  near accent  shifted  wrist m/s"]
    for entry in result["recordings"]:
        motion = entry["motion"]
        lines.append(f"{entry['speaker'][:24]:<24} {motion['apexes']:6d}  {_share(motion['apex_share']):>11}  "
                     f"{_share(motion['apex_share_shifted']):>7}  {_share(motion['wrist_speed_speech']):>9}")
    lines += [f"{name:<24} {'':6}  {'':11}  {'':7}  {_share(calm['wrist_speed']):>9}"
              for name, calm in result["calm"].items()]
    lines += ["", "all together"]
    lines += [f"  {name:<24} {_share(target['value']):>9}   {target['bound']:<14} "
              f"{ {True: 'met', False: 'MISSED', None: 'not judged'}[target['met']] }"
              for name, target in result["targets"].items()]
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
