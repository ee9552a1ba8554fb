"""Measure the compute of one 50 ms hop, from features to window, on one core; and of the robot's part of it by itself.

Twice: at real-time pace, as on a robot, where between hops the processor sleeps and its caches go cold; and back to
back, which shows the work alone. Voice activity runs beside the features and is told separately, and with the whole.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from speech_gesture_ros.cli.pipeline_options import add_pipeline_options, pipeline_config

HELP = "measure compute time: bench/report.json"
HOP_S = 0.05
WARM_UP_S = 2.0  # of speech that is performed but not counted: first calls compile and allocate
PACKAGES = ("torch", "numpy", "onnxruntime", "pin", "daqp")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the measurement."""
    parser.add_argument("--audio", type=Path, help="what is spoken (the demo speech)")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long to measure (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("bench/report.json"), help="(%(default)s)")
    add_pipeline_options(parser)


def run(args: argparse.Namespace) -> int:
    """Measure, write the report, print it."""
    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.core.assets import resolve

    core = _use_one_core()
    speech = load_mono_16k(args.audio or resolve("speech.flac", "config/demo"))
    config = pipeline_config(args)
    paced = measure(config, speech, args.seconds)
    tight = measure(config, speech, args.seconds, sleep=lambda _: None)
    bodies = _measure_bodies(config, speech[:round(args.seconds * 16_000)])
    report = {
        "hop_compute_ms": _summary(paced.hops),
        "hop_with_voice_activity_ms": _summary(paced.whole),
        "hop_cpu_ms": _summary(paced.cpu),  # of the whole, without what other programs took
        "back_to_back": {"hop_compute_ms": _summary(tight.hops), "hop_with_voice_activity_ms": _summary(tight.whole)},
        "hop_s": HOP_S,
        "hops": len(paced.hops),
        "real_time_factor": float(np.sum(paced.whole) / 1e3 / (len(paced.whole) * HOP_S)),
        "stage_ms": paced.stages,
        "body_ms": bodies,
        "look_ahead_s": args.look_ahead,
        "robot": args.robot,
        "machine": {"processor": _processor(), "core_used": core, "cores": os.cpu_count(),
                    "load_average": list(os.getloadavg()), "system": platform.platform()},
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version()} | {p: _version(p) for p in PACKAGES},
    }
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"one {HOP_S * 1e3:.0f} ms hop, over {len(paced.hops)} hops       paced: median, p99      back to back")
    for name, at_pace, at_once in (("features to window", paced.hops, tight.hops),
                                   ("with voice activity", paced.whole, tight.whole)):
        print(f"  {name:<22} {np.median(at_pace):10.2f} ms {np.percentile(at_pace, 99):8.2f} ms"
              f" {np.median(at_once):8.2f} ms {np.percentile(at_once, 99):8.2f} ms")
    print(f"processor time alone: median {np.median(paced.cpu):.2f} ms; load {os.getloadavg()[0]:.1f} "
          f"on {os.cpu_count()} cores")
    for name, figures in paced.stages.items():
        print(f"  {name:<16} median {figures['median']:6.2f} ms   p99 {figures['p99']:6.2f} ms   a call")
    print("one pose frame from human joints to a window, other programs left out")
    for robot, parts in bodies.items():
        for name, figures in parts.items():
            print(f"  {robot:<28} {name:<22} median {figures['median']:6.2f} ms   p99 {figures['p99']:6.2f} ms")
    print(f"written to {args.out}")
    return 0


@dataclass(frozen=True)
class Measurement:
    """Times of each hop [ms].

    Attributes:
        hops: (H,) from features to window.
        whole: (H,) with voice activity.
        cpu: (H,) processor time of the whole.
        stages: Summary of each stage a call [ms].
    """

    hops: np.ndarray[Any, Any]
    whole: np.ndarray[Any, Any]
    cpu: np.ndarray[Any, Any]
    stages: dict[str, dict[str, float]]


def measure(config: Any, speech: np.ndarray[Any, Any], seconds: float, hop_s: float = HOP_S,
            clock: Callable[[], float] = time.perf_counter, sleep: Callable[[float], None] = time.sleep
            ) -> Measurement:
    """Perform speech at the pace of `sleep`, with an agent whose robot follows perfectly.

    Args:
        config: A `PipelineConfig`.
        speech: (T,) mono at 16 kHz; repeated as often as needed.
        seconds: How long to measure.
        hop_s: Length of one message [s].
        clock: Monotonic seconds.
        sleep: Waits.
    """
    from speech_gesture_ros.agent.agent import Agent
    from speech_gesture_ros.agent.agent_config import AgentConfig
    from speech_gesture_ros.agent.memory import settle_memory
    from speech_gesture_ros.audio.pcm import PcmFormat
    from speech_gesture_ros.core.rates import SAMPLE_RATE
    from speech_gesture_ros.core.timebase import NS

    agent = Agent(AgentConfig(pipeline=config))
    fmt = PcmFormat(sample_rate=SAMPLE_RATE, channels=1, encoding="s16le")
    length = round(hop_s * SAMPLE_RATE)
    pcm = np.round(np.clip(speech, -1, 1) * 32767).astype("<i2")
    warm_up, count = round(WARM_UP_S / hop_s), round(seconds / hop_s)
    pcm = np.resize(pcm, (warm_up + count) * length)
    q, whole, voice, cpu, begin = agent.description.rest_q, [], [], [], clock()
    for hop in range(warm_up + count):
        sleep(max(0.0, begin + hop * hop_s - clock()))
        if hop == warm_up:
            settle_memory()  # as the node does
            agent.telemetry.reset()
        now_ns = NS + round(hop * hop_s * NS)
        message = pcm[hop * length : (hop + 1) * length].tobytes()
        agent.observe_joints(q, now_ns)
        agent.push_audio(message, fmt, now_ns)
        start, start_cpu = clock(), time.process_time()
        window = agent.update(now_ns)
        whole.append(1e3 * (clock() - start))
        voice.append(1e3 * agent.telemetry.latest_s("voice_activity"))
        cpu.append(1e3 * (time.process_time() - start_cpu))
        q = window.positions[0] if window is not None else q
    counted = np.array([whole, voice, cpu])[:, warm_up:]
    return Measurement(counted[0] - counted[1], counted[0], counted[2], agent.telemetry.summary_ms())


def _measure_bodies(config: Any, speech: np.ndarray[Any, Any]) -> dict[str, dict[str, dict[str, float]]]:
    """Robot, and the same robot with many joints, to the times of a frame's parts [ms]."""
    from speech_gesture_ros.cli.body_bench import MANY_JOINTS, measure_body, with_joints
    from speech_gesture_ros.core.chunks import AudioChunk
    from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline

    pipeline = GesturePipeline(config)
    motion = pipeline.push(AudioChunk(0, speech.astype(np.float32))).poses.values.astype(np.float64)
    robots = [pipeline.description]
    if len(robots[0].joint_names) < MANY_JOINTS:
        robots.append(with_joints(robots[0], MANY_JOINTS))
    return {f"{robot.name}, {len(robot.joint_names)} joints":
            {part: _summary(times) for part, times in measure_body(robot, pipeline.skeleton, motion).items()}
            for robot in robots}


def _summary(values: np.ndarray[Any, Any]) -> dict[str, float]:
    return {"median": float(np.median(values)), "p99": float(np.percentile(values, 99)), "max": float(values.max())}


def _use_one_core() -> int | None:
    """Stay on one core; None where the system cannot do it."""
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
