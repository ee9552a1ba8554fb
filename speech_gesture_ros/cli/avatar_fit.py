"""`speech-gesture avatar fit`: a face for the sound of the agent's voice, explained axis by axis."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from speech_gesture_ros.cli.argument_types import count_up_to, output_file
from speech_gesture_ros.core.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speech_gesture_ros.face.fit.axes import FittedAxis

MAX_FILES = 100


def add_fit(parser: argparse.ArgumentParser) -> None:
    """Add the options of `fit`."""
    from speech_gesture_ros.face.fit.axes import AXES

    parser.add_argument("speech", type=Path, nargs="*", metavar="SPEECH",
                        help="recordings of one voice, that of the agent: wav, flac, ogg or mp3")
    parser.add_argument("--out", type=output_file, metavar="FILE", help="JSON for `avatar build --identity`")
    parser.add_argument("--ros-params", type=output_file, metavar="FILE",
                        help="YAML with the idle activity, for params_file of agent.launch.py or for --params-file")
    parser.add_argument("--set", nargs="+", default=[], metavar="AXIS=VALUE",
                        help=f"axes to set by hand, -1 to 1: {', '.join(AXES)}")
    parser.add_argument("--rank", type=Path, metavar="FOLDER", help="rank the faces (.json) of a folder by distance")
    parser.add_argument("--evaluate", action="store_true", help="measure how alike the faces of one voice are")
    parser.add_argument("--texts", type=count_up_to(100), default=10, help="sentences of each voice with --evaluate")


def run_fit(args: argparse.Namespace) -> int:
    """Measure the voice, print and write the face; or measure the method."""
    if args.evaluate:
        return _evaluate(args.texts)
    if not 1 <= len(args.speech) <= MAX_FILES:
        raise InputError("recordings", len(args.speech), f"1 to {MAX_FILES}", "Name the speech of one voice.")
    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.face.fit.axes import fit_axes
    from speech_gesture_ros.face.fit.fit_files import rank_faces, write_fit, write_ros_parameters
    from speech_gesture_ros.features.voice.voice_measures import measure_voice, median_measures

    measures = median_measures([measure_voice(load_mono_16k(path), str(path)) for path in args.speech]).as_mapping()
    fitted = fit_axes(measures, _overrides(args.set))
    print(explanation(measures, fitted))
    if args.out is not None:
        write_fit(args.out, fitted, measures)
        print(f"{args.out}: for speech-gesture avatar build --identity {args.out}")
    if args.ros_params is not None:
        names = ", ".join(path.name for path in args.speech)
        write_ros_parameters(args.ros_params, {axis.name: axis.value for axis in fitted}, names)
        print(f"{args.ros_params}: for ros2 launch speech_gesture_ros agent.launch.py face:=true "
              f"params_file:={args.ros_params}")
    if args.rank is not None:
        for distance, name in rank_faces(args.rank, {axis.name: axis.value for axis in fitted}):
            print(f"{distance:.3f}  {name}")
    return 0


def explanation(measures: Mapping[str, float], fitted: Sequence[FittedAxis]) -> str:
    """Return the tables of measures and axes: each axis with its formula and value."""
    from speech_gesture_ros.face.fit.axes import SCALES, idle_of_axes
    from speech_gesture_ros.features.voice.voice_measures import MEANINGS, UNITS

    scale_of = {scale.measure: (name, scale) for name, scale in SCALES.items()}
    lines = [f"{'measure':<12} {'value':>8} {'unit':<12} {'scaled':>7}  formula"]
    for name, value in measures.items():
        term, scale = scale_of.get(name, ("", None))
        scaled = "" if scale is None else f"{scale.scaled(value):+.3f}"
        formula = MEANINGS[name] if scale is None else f"{term} = {scale.formula}"
        lines.append(f"{name:<12} {value:>8.2f} {UNITS[name]:<12} {scaled:>7}  {formula}")
    lines += ["", f"{'axis':<12} {'value':>8}  formula"]
    lines += [f"{axis.name:<12} {axis.value:>+8.3f}  {axis.formula}" for axis in fitted]
    idle = idle_of_axes({axis.name: axis.value for axis in fitted})
    lines.append(f"idle face: {idle['blinks_per_minute']:g} blinks a minute, movements times {idle['movement']:g}")
    return "\n".join(lines)


def _overrides(pairs: Sequence[str]) -> dict[str, float]:
    values = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            values[name] = float(value)
        except ValueError:
            raise ConfigError("--set", pair, "AXIS=VALUE", "Write a number after the '='.") from None
    return values


def _evaluate(texts: int) -> int:
    """Print the distances within and between voices; 1 if the bound is missed."""
    from tqdm import tqdm

    from speech_gesture_ros.datasets.speech_recordings import data_folder
    from speech_gesture_ros.evaluation.face.fit_report import (
        MAX_RATIO,
        fit_report,
        fit_tables,
        recorded_voices,
        synthetic_voices,
    )

    reports = {"synthetic": fit_report(list(tqdm(synthetic_voices(texts), desc="voices", unit="voice")))}
    readers = list(recorded_voices(data_folder(), texts))
    if readers:
        reports["recorded readers"] = fit_report(readers)
    print(fit_tables(reports, texts))
    return int(any(report.ratio > MAX_RATIO for report in reports.values()))
