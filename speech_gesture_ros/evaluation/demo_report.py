"""Report of a recorded run: a dictionary for demo/report.json, and a short table."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.evaluation.bag_alignment import AlignedRun
from speech_gesture_ros.evaluation.bag_audit import BagAudit
from speech_gesture_ros.evaluation.bag_recording import BagRecording
from speech_gesture_ros.evaluation.closed_loop import robot_wrists
from speech_gesture_ros.evaluation.metrics.motion_clip import MotionClip
from speech_gesture_ros.evaluation.metrics.motion_set import MotionSet, check_length
from speech_gesture_ros.evaluation.metrics.registry import METRICS, measure_motion, plain
from speech_gesture_ros.evaluation.speech_analysis import analyse_speech
from speech_gesture_ros.evaluation.voice_offset import recorded_offset
from speech_gesture_ros.robot.description import RobotDescription

STEP_SAMPLES = SAMPLE_RATE // 200  # 5 ms
MAX_STEPS = 400
COMPUTE_PREFIX = "compute_ms."
SHOWN_METRICS = ("apexes", "apex_share", "apex_share_shifted", "apex_excess", "speed_in_speech", "speed_in_pauses",
                 "strokes_per_minute")


def build_report(recording: BagRecording, audit: BagAudit, aligned: AlignedRun, description: RobotDescription,
                 skeleton: Skeleton, sound_s: float) -> dict[str, Any]:
    """Build the report of one run.

    Args:
        recording: Messages of the run.
        audit: Of the recording.
        aligned: The recording on the time axis of the delayed audio.
        description: The robot.
        skeleton: Of the human motion.
        sound_s: See `sound_needed_s` [s].
    """
    status = recording.status("gestures")
    audio_s = len(aligned.audio) / SAMPLE_RATE
    stages = _stages(status)
    compute_s = sum(s["median"] * s["count"] for s in stages.values()) / 1e3
    return {
        "robot": description.name,
        "voice_s": audio_s,
        "compute_ms": stages,
        "response_ms": response_ms(recording, sound_s),
        "end_to_end_latency_s": {"declared": _number(status.get("latency_s")), "voice_delay": voice_delay_s(recording)},
        "real_time_factor": compute_s / audio_s if audio_s else None,
        "voice_to_motion_ms": asdict(recorded_offset(recording, description, skeleton)),
        "audio": {key.split(".", 1)[1]: _number(value)
                  for key, value in recording.status("gestures", during_audio=True).items() if key.startswith("audio.")}
        | {"lost_samples": len(recording.audio_in.samples) - len(recording.audio_out.samples)},
        "safety": audit.as_dict(),
        "node_counts": {key.split(".", 1)[1]: _number(value) for key, value in status.items()
                        if key.startswith("safety.")},
        "gestures": _gestures(aligned, description, skeleton),
        "messages": recording.messages,
    }


def response_ms(recording: BagRecording, sound_s: float) -> dict[str, float]:
    """Time from the audio message that completes a pose to the next trajectory message, both as recorded [ms].

    The message that completes a pose follows from the sound that the pipeline needs for it. Poses come every 40 ms, so
    responses are known modulo 40 ms: the 99th percentile is valid if it is below 40 ms.

    Args:
        recording: Messages of the run.
        sound_s: Sound needed after the time of a pose [s]; see `sound_needed_s`.
    """
    unknown = {"median": float("nan"), "p99": float("nan"), "max": float("nan")}
    first = min((c.group for c in recording.trajectories), default="")
    sent = np.array([c.received_ns for c in recording.trajectories if c.group == first], dtype=np.int64)
    audio = recording.audio_in
    if not len(sent) or not len(audio.times_ns):
        return unknown
    ends_s = np.cumsum(audio.lengths) / audio.sample_rate
    needed_s = np.arange(0.0, ends_s[-1] - sound_s, 1.0 / POSE_RATE) + sound_s
    completed = audio.times_ns[np.searchsorted(ends_s, needed_s - 1e-6)]
    completed = completed[(completed >= sent[0]) & (completed <= sent[-1])]
    if not len(completed):
        return unknown
    wait = (sent[np.searchsorted(sent, completed)] - completed) / 1e6
    return {"median": float(np.median(wait)), "p99": float(np.percentile(wait, 99)), "max": float(wait.max())}


def sound_needed_s(pipeline: Any) -> float:
    """Sound after the time of a pose that a `GesturePipeline` needs to output it [s], measured with silence."""
    pipeline.reset()
    for step in range(MAX_STEPS):
        silence = AudioChunk(step * STEP_SAMPLES, np.zeros(STEP_SAMPLES, dtype=np.float32))
        if len(pipeline.push(silence).poses):
            break
    pipeline.reset()
    return (step + 1) * STEP_SAMPLES / SAMPLE_RATE


def voice_delay_s(recording: BagRecording) -> float:
    """Measured delay of `~/audio_out` behind `audio` [s]."""
    return (recording.audio_out.begins_ns - recording.audio_in.begins_ns) / NS


def format_table(report: dict[str, Any]) -> str:
    """Format the report in about twenty lines."""
    stages, safety, audio = report["compute_ms"], report["safety"], report["audio"]
    lines = ["", "latency of each stage          p50        p99"]
    lines += [f"  {name:<22} {_ms(s['median'])} {_ms(s['p99'])}" for name, s in stages.items()]
    response, latency = report["response_ms"], report["end_to_end_latency_s"]
    offset = report["voice_to_motion_ms"]
    lines += [
        f"  {'audio to trajectory':<22} {_ms(response['median'])} {_ms(response['p99'])}   over DDS",
        "",
        f"sound to gesture          {latency['voice_delay']:.3f} s measured, {latency['declared']:.3f} s declared",
        f"motion after its voice    {offset['median_ms']:.0f} ms (90 % of messages: {offset['p5_ms']:.0f} to "
        f"{offset['p95_ms']:.0f}), {offset['robot_lag_ms']:.0f} of it lag of the robot",
        f"real-time factor          {report['real_time_factor']:.3f}",
        f"audio gaps                {audio.get('gaps', 0):.0f} ({audio.get('padded_s', 0.0):.2f} s padded)",
        f"limit violations          {safety['limit_violations']}",
        f"self-collisions           {safety['self_collisions']}",
        f"rejected trajectories     {safety['rejected_trajectories']}",
        f"tracking error, p99       {np.degrees(safety['tracking_error_p99_rad']):.2f}°",
        "",
        f"{'gestures':<34} {'robot':>8} {'human':>8} {'mean pose':>10}",
    ]
    gestures = report["gestures"]
    for name in SHOWN_METRICS:
        metric, values = METRICS[name], [gestures[row].get(name) for row in ("robot", "human", "mean_pose")]
        lines.append(f"  {metric.label:<32} {_value(values[0]):>8} {_value(values[1]):>8} {_value(values[2]):>10}"
                     f"  {metric.unit}".rstrip())
    return "\n".join(lines)


def _gestures(aligned: AlignedRun, description: RobotDescription, skeleton: Skeleton) -> dict[str, dict[str, Any]]:
    """Metrics of the robot's wrists, of the human motion, and of a control that does not move."""
    if not len(aligned.speech):
        return {name: {"not_measured": "no audio on ~/audio_out"} for name in ("robot", "human", "mean_pose")}
    during = aligned.speech_frames
    speech = analyse_speech(aligned.speech)
    human = aligned.joint_xyz[during]
    still = np.broadcast_to(human.mean(axis=0), human.shape)
    try:
        check_length(human, speech)
        return {
            "robot": plain(measure_motion(MotionSet(
                [MotionClip.of(robot_wrists(description, aligned.q[during]), speech)], None))),
            "human": plain(measure_motion(MotionSet([MotionClip.of(human, speech)], skeleton))),
            "mean_pose": plain(measure_motion(MotionSet([MotionClip.of(still, speech)], skeleton))),
        }
    except InputError as error:  # too short to measure
        return {name: {"not_measured": str(error)} for name in ("robot", "human", "mean_pose")}


def _stages(status: dict[str, str]) -> dict[str, dict[str, float]]:
    stages: dict[str, dict[str, float]] = {}
    for key, value in status.items():
        if key.startswith(COMPUTE_PREFIX):
            name, statistic = key[len(COMPUTE_PREFIX):].rsplit(".", 1)
            stages.setdefault(name, {})[statistic] = _number(value)
    return stages


def _number(text: str | None) -> float:
    try:
        return float(text) if text is not None else float("nan")
    except ValueError:
        return float("nan")


def _ms(value: float) -> str:
    return f"{value:7.2f} ms"


def _value(value: float | None) -> str:
    return "-" if value is None else format(value, ".3g")
