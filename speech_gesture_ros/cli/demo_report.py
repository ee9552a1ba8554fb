"""The demo's figures: as a dictionary for demo/report.json and as a short table for people."""

from __future__ import annotations

from typing import Any

import numpy as np

from speech_gesture_ros.cli.performance import Performance, robot_as_person
from speech_gesture_ros.cli.recording import Recording
from speech_gesture_ros.cli.replay import Judgement
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.core.timebase import NS

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


def build_report(recording: Recording, judgement: Judgement, performance: Performance, robot: Any, skeleton: Skeleton
                 ) -> dict[str, Any]:
    """All figures of one performance, from the recording alone."""
    status = recording.status("gestures")
    voice_s = len(performance.voice) / 16_000
    stages = _stages(status)
    compute_s = sum(s["median"] * s["count"] for s in stages.values()) / 1e3
    during = performance.speaking
    description = robot.description
    return {
        "robot": description.name,
        "voice_s": voice_s,
        "compute_ms": stages,
        "response_ms": response_ms(recording),
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


def response_ms(recording: Recording) -> dict[str, float]:
    """From the audio message that completes a pose to the trajectory message, both as the recorder saw them [ms].

    A window answers the last audio message before it.
    """
    groups = {c.group for c in recording.commands}
    times = np.array([c.received_ns for c in recording.commands if c.group == min(groups, default="")], dtype=np.int64)
    heard = recording.heard.times_ns
    if len(heard):
        times = times[(times > heard[0]) & (times <= heard[-1] + NS // 10)]
    if not len(times) or not len(heard):
        return {"median": float("nan"), "p99": float("nan"), "max": float("nan")}
    answered = heard[np.searchsorted(heard, times, side="right") - 1]
    wait = (times - answered) / 1e6
    return {"median": float(np.median(wait)), "p99": float(np.percentile(wait, 99)), "max": float(wait.max())}


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
        return evaluate_motion(joint_xyz, performance.voice, skeleton=skeleton).to_dict()
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
