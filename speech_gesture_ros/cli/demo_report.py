"""The demo's figures: as a dictionary for demo/report.json and as a short table for people."""

from __future__ import annotations

from typing import Any

import numpy as np

from speech_gesture_ros.cli.performance import Performance, robot_as_person
from speech_gesture_ros.cli.recording import Recording
from speech_gesture_ros.cli.replay import Judgement
from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.core.timebase import NS

STEP = SAMPLE_RATE // 200  # 5 ms
MOST_STEPS = 400
COMPUTE = "compute_ms."
GESTURE_FIGURES = {
    "apexes": "stroke apexes",
    "apex_share": "within 100 ms of accent",
    "apex_share_shifted": "  speech shifted",
    "apex_share_mean_pose": "  mean pose",
    "wrist_speed_speech": "wrist m/s in speech",
    "wrist_speed_pauses": "wrist m/s in pauses",
    "strokes_per_minute": "strokes a minute",
}


def build_report(recording: Recording, judgement: Judgement, performance: Performance, robot: Any, skeleton: Skeleton,
                 sound_s: float) -> dict[str, Any]:
    """All figures of one performance, from the recording alone; for the last argument see `sound_needed_s`."""
    status = recording.status("gestures")
    voice_s = len(performance.voice) / SAMPLE_RATE
    stages = _stages(status)
    compute_s = sum(s["median"] * s["count"] for s in stages.values()) / 1e3
    during = performance.speaking
    description = robot.description
    return {
        "robot": description.name,
        "voice_s": voice_s,
        "compute_ms": stages,
        "response_ms": response_ms(recording, sound_s),
        "end_to_end_latency_s": {"declared": _number(status.get("latency_s")), "voice_delay": voice_delay_s(recording)},
        "real_time_factor": compute_s / voice_s if voice_s else None,
        "audio": {key.split(".", 1)[1]: _number(value)
                  for key, value in recording.status("gestures", while_heard=True).items() if key.startswith("audio.")}
        | {"lost_samples": len(recording.heard.samples) - len(recording.played.samples)},
        "safety": judgement.as_dict(),
        "node_counts": {key.split(".", 1)[1]: _number(value) for key, value in status.items()
                        if key.startswith("safety.")},
        "gestures": {
            "robot": _gestures(robot_as_person(robot, performance.q[during], description.body, skeleton),
                               performance, skeleton),
            "person": _gestures(performance.joint_xyz[during], performance, skeleton),
        },
        "messages": recording.messages,
    }


def response_ms(recording: Recording, sound_s: float) -> dict[str, float]:
    """From the audio message that completes a pose to the next trajectory message, as the recorder saw both [ms].

    Which message completes a pose follows from the sound that the pipeline needs for it. Poses come every 40 ms, so
    longer responses than that are seen as what is left of them: a 99th percentile below 40 ms is to be believed.

    Args:
        recording: What went over the wire.
        sound_s: Sound needed after the time of a pose [s]; see `sound_needed_s`.
    """
    unknown = {"median": float("nan"), "p99": float("nan"), "max": float("nan")}
    first = min((c.group for c in recording.commands), default="")
    sent = np.array([c.received_ns for c in recording.commands if c.group == first], dtype=np.int64)
    heard = recording.heard
    if not len(sent) or not len(heard.times_ns):
        return unknown
    ends_s = np.cumsum(heard.lengths) / heard.sample_rate
    needed_s = np.arange(0.0, ends_s[-1] - sound_s, 1.0 / POSE_RATE) + sound_s
    completed = heard.times_ns[np.searchsorted(ends_s, needed_s - 1e-6)]
    completed = completed[(completed >= sent[0]) & (completed <= sent[-1])]
    if not len(completed):
        return unknown
    wait = (sent[np.searchsorted(sent, completed)] - completed) / 1e6
    return {"median": float(np.median(wait)), "p99": float(np.percentile(wait, 99)), "max": float(wait.max())}


def sound_needed_s(pipeline: Any) -> float:
    """Sound that a `GesturePipeline` needs after the time of a pose to give it [s], tried with silence."""
    pipeline.reset()
    for step in range(MOST_STEPS):
        silence = AudioChunk(step * STEP, np.zeros(STEP, dtype=np.float32))
        if len(pipeline.push(silence).poses):
            break
    pipeline.reset()
    return (step + 1) * STEP / SAMPLE_RATE


def voice_delay_s(recording: Recording) -> float:
    """How much later the voice is played than it was heard [s], measured."""
    return (recording.played.begins_ns - recording.heard.begins_ns) / NS


def format_table(report: dict[str, Any]) -> str:
    """The report in some twenty lines."""
    stages, safety, audio = report["compute_ms"], report["safety"], report["audio"]
    lines = ["", "latency of each stage          p50        p99"]
    lines += [f"  {name:<22} {_ms(s['median'])} {_ms(s['p99'])}" for name, s in stages.items()]
    response, latency = report["response_ms"], report["end_to_end_latency_s"]
    lines += [
        f"  {'audio to trajectory':<22} {_ms(response['median'])} {_ms(response['p99'])}   over DDS",
        "",
        f"sound to gesture          {latency['voice_delay']:.3f} s measured, {latency['declared']:.3f} s declared",
        f"real-time factor          {report['real_time_factor']:.3f}",
        f"audio gaps                {audio.get('gaps', 0):.0f} ({audio.get('padded_s', 0.0):.2f} s padded)",
        f"limit violations          {safety['limit_violations']}",
        f"self-collisions           {safety['self_collisions']}",
        f"rejected trajectories     {safety['rejected_trajectories']}",
        f"tracking error, p99       {np.degrees(safety['tracking_error_p99_rad']):.2f}°",
        "",
        "gestures and voice            robot     person",
    ]
    gestures = report["gestures"]
    lines += [f"  {label:<24} {_figure(gestures['robot'].get(key))}  {_figure(gestures['person'].get(key))}"
              for key, label in GESTURE_FIGURES.items()]
    return "\n".join(lines)


def _gestures(joint_xyz: Any, performance: Performance, skeleton: Skeleton) -> dict[str, Any]:
    from speech_gesture_ros.evaluation.report import evaluate_motion

    try:
        return evaluate_motion(joint_xyz, performance.speech, skeleton=skeleton).to_dict()
    except InputError as error:  # too short to judge
        return {"not_judged": str(error)}


def _stages(status: dict[str, str]) -> dict[str, dict[str, float]]:
    stages: dict[str, dict[str, float]] = {}
    for key, value in status.items():
        if key.startswith(COMPUTE):
            name, figure = key[len(COMPUTE):].rsplit(".", 1)
            stages.setdefault(name, {})[figure] = _number(value)
    return stages


def _number(text: str | None) -> float:
    try:
        return float(text) if text is not None else float("nan")
    except ValueError:
        return float("nan")


def _ms(value: float) -> str:
    return f"{value:7.2f} ms"


def _figure(value: float | None) -> str:
    return f"{'-' if value is None else format(value, '.3g'):>8}"
