"""Measure compute times on one core: a 50 ms hop from features to window, its parts, a face, and the start-up.

Hops run at real-time pace, as on a robot, where the processor sleeps between hops and its caches go cold, and back to
back.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from dataclasses import replace
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from speech_gesture_ros.cli.argument_types import output_file, positive
from speech_gesture_ros.cli.pipeline_options import add_pipeline_options, pipeline_config
from speech_gesture_ros.core.atomic_files import write_text

HELP = "measure compute time"
PACKAGES = ("torch", "numpy", "onnxruntime", "pin", "daqp")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the measurement."""
    parser.add_argument("--audio", type=Path, help="speech: wav, flac, ogg or mp3 (the demo speech)")
    parser.add_argument("--seconds", type=positive, default=30.0, help="length of the measurement [s] (%(default)s)")
    parser.add_argument("--out", type=output_file, default="bench/report.json", help="JSON file (%(default)s)")
    add_pipeline_options(parser)


def run(args: argparse.Namespace) -> int:
    """Measure, write the report, print it."""
    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.core.rates import SAMPLE_RATE
    from speech_gesture_ros.evaluation.face_compute_time import measure_face_hops
    from speech_gesture_ros.evaluation.hop_compute_time import HOP_S, measure_hops
    from speech_gesture_ros.evaluation.start_up_time import measure_start_up
    from speech_gesture_ros.pipeline.face_config import FaceConfig

    core = _use_one_core()
    speech = load_mono_16k(args.audio or resolve("speech.flac", "config/demo"))
    config = pipeline_config(args)
    start_up = measure_start_up(config)
    paced = measure_hops(config, speech, args.seconds)
    unpaced = measure_hops(config, speech, args.seconds, sleep=lambda _: None)
    with_face = measure_hops(replace(config, face=FaceConfig()), speech, args.seconds)
    face = measure_face_hops(resolve("face", "models"), speech, args.seconds)
    frames = _measure_frames(config, speech[:round(args.seconds * SAMPLE_RATE)])
    report = {
        "hop_compute_ms": _summary(paced.hops),
        "hop_with_voice_activity_ms": _summary(paced.whole),
        "hop_cpu_ms": _summary(paced.cpu),  # of the whole, without the time of other programs
        "back_to_back": {"hop_compute_ms": _summary(unpaced.hops),
                         "hop_with_voice_activity_ms": _summary(unpaced.whole)},
        "body_and_face": {"hop_compute_ms": _summary(with_face.hops),
                          "hop_with_voice_activity_ms": _summary(with_face.whole),
                          "hop_cpu_ms": _summary(with_face.cpu)},
        "face_alone_ms": _summary(face),  # of 10 ms
        "hop_s": HOP_S,
        "hops": len(paced.hops),
        "real_time_factor": float(np.sum(paced.whole) / 1e3 / (len(paced.whole) * HOP_S)),
        "stage_ms": paced.stages,
        "body_ms": frames,
        "start_up_s": start_up,
        "look_ahead_s": args.look_ahead,
        "robot": args.robot,
        "machine": {"processor": _processor(), "core_used": core, "cores": os.cpu_count(),
                    "load_average": list(os.getloadavg()), "system": platform.platform()},
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version()} | {p: _version(p) for p in PACKAGES},
    }
    write_text(args.out, json.dumps(report, indent=2) + "\n")
    print(f"one {HOP_S * 1e3:.0f} ms hop, over {len(paced.hops)} hops       paced: median, p99      back to back")
    for name, times, times_unpaced in (("features to window", paced.hops, unpaced.hops),
                                       ("with voice activity", paced.whole, unpaced.whole)):
        print(f"  {name:<22} {np.median(times):10.2f} ms {np.percentile(times, 99):8.2f} ms"
              f" {np.median(times_unpaced):8.2f} ms {np.percentile(times_unpaced, 99):8.2f} ms")
    for name, times in (("body and face", with_face.hops), ("  and voice activity", with_face.whole)):
        print(f"  {name:<22} {np.median(times):10.2f} ms {np.percentile(times, 99):8.2f} ms")
    print(f"face alone, a hop of 10 ms: median {np.median(face):.2f} ms, p99 {np.percentile(face, 99):.2f} ms")
    print(f"body and face, processor time alone: median {np.median(with_face.cpu):.2f} ms")
    print(f"processor time alone: median {np.median(paced.cpu):.2f} ms; load {os.getloadavg()[0]:.1f} "
          f"on {os.cpu_count()} cores")
    for name, summary in paced.stages.items():
        print(f"  {name:<16} median {summary['median']:6.2f} ms   p99 {summary['p99']:6.2f} ms   a call")
    print("one pose frame from human joints to a window, smallest time of several runs")
    for robot, parts in frames.items():
        for name, summary in parts.items():
            print(f"  {robot:<28} {name:<22} median {summary['median']:6.2f} ms   p99 {summary['p99']:6.2f} ms")
    print("start-up, median")
    for name, seconds in start_up.items():
        print(f"  {name:<28} {seconds:6.2f} s")
    print(f"written to {args.out}")
    return 0


def _measure_frames(config: Any, speech: np.ndarray[Any, Any]) -> dict[str, dict[str, dict[str, float]]]:
    """Robot, and the same robot with many joints, to the times of a frame's parts [ms]."""
    from speech_gesture_ros.core.chunks import AudioChunk
    from speech_gesture_ros.evaluation.frame_compute_time import MANY_JOINTS, measure_frames, with_joints
    from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline

    pipeline = GesturePipeline(config)
    motion = pipeline.push(AudioChunk(0, speech.astype(np.float32))).poses.values.astype(np.float64)
    robots = [pipeline.description]
    if len(robots[0].joint_names) < MANY_JOINTS:
        robots.append(with_joints(robots[0], MANY_JOINTS))
    return {f"{robot.name}, {len(robot.joint_names)} joints":
            {part: _summary(times) for part, times in measure_frames(robot, pipeline.skeleton, motion).items()}
            for robot in robots}


def _summary(values: np.ndarray[Any, Any]) -> dict[str, float]:
    return {"median": float(np.median(values)), "p99": float(np.percentile(values, 99)), "max": float(values.max())}


def _use_one_core() -> int | None:
    """Restrict this process to one core; None where the system has no such call."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
