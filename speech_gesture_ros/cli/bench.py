"""Measure the compute of one 50 ms hop, from features to window, on one core at real-time pace.

Paced as on a robot: between hops the processor sleeps and caches go cold, which a tight loop would hide.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
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
    hops, cpu, stages = measure(pipeline_config(args), speech, args.seconds)
    report = {
        "hop_compute_ms": _summary(hops),
        "hop_cpu_ms": _summary(cpu),  # without what other programs took: compare where the two differ
        "hop_s": HOP_S,
        "hops": len(hops),
        "real_time_factor": float(np.sum(hops) / 1e3 / (len(hops) * HOP_S)),
        "stage_ms": stages,
        "look_ahead_s": args.look_ahead,
        "robot": args.robot,
        "machine": {"processor": _processor(), "core_used": core, "cores": os.cpu_count(),
                    "load_average": list(os.getloadavg()), "system": platform.platform()},
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version()} | {p: _version(p) for p in PACKAGES},
    }
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"one {HOP_S * 1e3:.0f} ms hop, features to window: median {report['hop_compute_ms']['median']:.2f} ms, "
          f"p99 {report['hop_compute_ms']['p99']:.2f} ms over {len(hops)} hops")
    print(f"processor time alone: median {report['hop_cpu_ms']['median']:.2f} ms, p99 "
          f"{report['hop_cpu_ms']['p99']:.2f} ms; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name, figures in stages.items():
        print(f"  {name:<16} median {figures['median']:6.2f} ms   p99 {figures['p99']:6.2f} ms   a call")
    print(f"written to {args.out}")
    return 0


def measure(config: Any, speech: np.ndarray[Any, Any], seconds: float, hop_s: float = HOP_S,
            clock: Callable[[], float] = time.perf_counter, sleep: Callable[[float], None] = time.sleep
            ) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], dict[str, dict[str, float]]]:
    """Perform speech at real-time pace with an agent whose robot follows perfectly.

    Args:
        config: A `PipelineConfig`.
        speech: (T,) mono at 16 kHz; repeated as often as needed.
        seconds: How long to measure.
        hop_s: Length of one message [s].
        clock: Monotonic seconds.
        sleep: Waits.

    Returns:
        Time each hop took [ms], processor time of each [ms], and the summary of each stage [ms a call].
    """
    from speech_gesture_ros.audio.pcm import PcmFormat
    from speech_gesture_ros.core.rates import SAMPLE_RATE
    from speech_gesture_ros.core.timebase import NS
    from speech_gesture_ros.pipeline.agent import Agent
    from speech_gesture_ros.pipeline.config import AgentConfig
    from speech_gesture_ros.pipeline.real_time import settle_memory

    agent = Agent(AgentConfig(pipeline=config))
    fmt = PcmFormat(sample_rate=SAMPLE_RATE, channels=1, encoding="s16le")
    length = round(hop_s * SAMPLE_RATE)
    pcm = np.round(np.clip(speech, -1, 1) * 32767).astype("<i2")
    warm_up, count = round(WARM_UP_S / hop_s), round(seconds / hop_s)
    pcm = np.resize(pcm, (warm_up + count) * length)
    q, durations, cpu, begin = agent.description.rest_q, [], [], clock()
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
        durations.append(1e3 * (clock() - start))
        cpu.append(1e3 * (time.process_time() - start_cpu))
        q = window.positions[0] if window is not None else q
    return np.array(durations[warm_up:]), np.array(cpu[warm_up:]), agent.telemetry.summary_ms()


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
