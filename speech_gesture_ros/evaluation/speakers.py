"""Many voices and no voice: every recording rehearsed and judged, and the sum held against what was promised.

recordings of different speakers ─► rehearse ─► MotionReport and safety counts, each
silence, noise, music            ─► rehearse ─► wrist speed and safety counts, each
└─► pooled figures, targets met or not ─► JSON
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.skeleton import Skeleton, load_skeleton
from speech_gesture_ros.datasets.speech_recordings import SpeechRecording, list_recordings
from speech_gesture_ros.evaluation.closed_loop import ClosedLoopResult
from speech_gesture_ros.evaluation.kinematics import wrist_speeds, wrists
from speech_gesture_ros.evaluation.report import MotionReport, evaluate_motion, evaluate_wrists

Samples = npt.NDArray[np.floating]

SHORTEST_S = 12.0  # of a recording worth judging: the time-shifted control needs more than 10 s

# What the motion must reach over all speakers together: figure, at least or at most, bound.
TARGETS = (
    ("apex_share", "at least", 0.45),
    ("apex_share_shifted", "at most", 0.20),
    ("robot_apex_share", "at least", 0.45),
    ("calm_wrist_speed", "at most", 0.03),
    ("limit_violations", "at most", 0),
    ("self_collisions", "at most", 0),
    ("rejected_trajectories", "at most", 0),
)


@dataclass(frozen=True)
class CalmSound:
    """A sound that is no speech: name and (N,) samples."""

    name: str
    samples: Samples


Job = SpeechRecording | CalmSound


def pick_recordings(folder: Path, count: int = 12, seed: int = 0) -> list[SpeechRecording]:
    """One recording each of different speakers, as many languages among them as can be.

    Args:
        folder: With ``speech/hours/manifest.csv``.
        count: How many speakers.
        seed: Which of the many.

    Raises:
        InputError: If the manifest is missing or names too few speakers.
    """
    rows = list_recordings(folder)
    order = np.random.default_rng(seed).permutation(len(rows))
    by_language: dict[str, dict[str, SpeechRecording]] = {}
    for row in (rows[i] for i in order):
        if row.seconds >= SHORTEST_S:
            by_language.setdefault(row.language, {}).setdefault(row.speaker, row)
    queues = [list(by_language[language].values()) for language in sorted(by_language)]
    # Round and round the languages: each gives one more speaker until there are enough.
    turns = sorted((turn, i) for i, queue in enumerate(queues) for turn in range(len(queue)))
    picked = {queues[i][turn].speaker: queues[i][turn] for turn, i in turns}
    if len(picked) < count:
        raise InputError("number of speakers", count, f"at most {len(picked)}, for there are no more",
                         "Ask for fewer.")
    return list(picked.values())[:count]


def evaluate_speakers(simulate: Callable[[Samples], ClosedLoopResult], recordings: Sequence[SpeechRecording],
                      load: Callable[[Path], Samples], *, calm: Mapping[str, Samples] | None = None,
                      longest_s: float = 60.0, skeleton: Skeleton | None = None, out: Path | None = None,
                      progress: Callable[[list[Job]], Iterable[Job]] = iter) -> dict[str, Any]:
    """Rehearse and judge everything.

    Args:
        simulate: Closed-loop simulation of samples, such as ``partial(closed_loop.simulate_speech, pipeline)``.
        recordings: Speech to perform.
        load: Reads a sound file to (N,) mono samples at 16 kHz.
        calm: Sounds that are no speech, by name.
        longest_s: How much of a recording is used [s].
        skeleton: Of the motion.
        out: JSON file to write.
        progress: Wraps the list of jobs, such as `tqdm.tqdm`.

    Returns:
        ``recordings``, ``calm``, ``pooled`` (human motion), ``pooled_robot`` (the robot's wrists), ``safety`` and
        ``targets``, ready for JSON.
    """
    skeleton = skeleton or load_skeleton()
    spoken: list[dict[str, Any]] = []
    reports: list[MotionReport] = []
    silent: dict[str, dict[str, Any]] = {}
    results: list[ClosedLoopResult] = []
    for job in progress([*recordings, *(CalmSound(*item) for item in (calm or {}).items())]):
        if isinstance(job, SpeechRecording):
            samples = load(job.path)[:round(longest_s * SAMPLE_RATE)]
            result = simulate(samples)
            report = evaluate_motion(result.joint_xyz, samples, skeleton=skeleton)
            reports.append(report)
            robot = evaluate_wrists(result.robot_wrists, samples) if len(result.robot_wrists) else None
            spoken.append({"speaker": job.speaker, "language": job.language, "file": job.path.name,
                           "seconds": report.duration_s, "motion": report.to_dict(), "robot": robot,
                           "safety": safety(result)})
        else:
            result = simulate(job.samples)
            speeds = wrist_speeds(wrists(result.joint_xyz, skeleton))
            silent[job.name] = {"wrist_speed": float(speeds.mean()), "wrist_speed_max": float(speeds.max()),
                            "safety": safety(result)}
        results.append(result)
    summary: dict[str, Any] = {"recordings": spoken, "calm": silent, "pooled": pool(reports),
                               "pooled_robot": _pool_robot(spoken), "safety": total(results)}
    summary["targets"] = check_targets(summary)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return summary


def safety(result: ClosedLoopResult) -> dict[str, Any]:
    """Safety counts of a result in plain numbers."""
    distance = result.min_distance_m
    return {
        "windows": result.windows,
        "limit_violations": result.violations.total,
        "self_collisions": result.collisions,
        "rejected_trajectories": result.rejections,
        "reasons": {**result.refused, **result.rejected, **{k: v for k, v in result.violations.counts.items() if v}},
        "min_distance_m": distance if math.isfinite(distance) else None,
        "ends_at_rest": result.ends_at_rest,
    }


def total(results: Sequence[ClosedLoopResult]) -> dict[str, Any]:
    """Safety counts of all results together."""
    counts = [safety(result) for result in results]
    summed = {k: sum(c[k] for c in counts)
              for k in ("windows", "limit_violations", "self_collisions", "rejected_trajectories")}
    distances = [c["min_distance_m"] for c in counts if c["min_distance_m"] is not None]
    return {**summed, "min_distance_m": min(distances, default=None),
            "ending_in_motion": sum(not c["ends_at_rest"] for c in counts)}


def pool(reports: Sequence[MotionReport]) -> dict[str, float | None]:
    """Each figure over all reports: shares of apexes weighted by apexes, the rest by duration, counts summed."""
    rows = [{k: v for k, v in vars(r).items() if not isinstance(v, tuple)} for r in reports]
    return _pool(rows, [r.duration_s for r in reports])


def _pool_robot(recordings: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    judged = [r for r in recordings if r["robot"] is not None]
    return _pool([r["robot"] for r in judged], [r["seconds"] for r in judged])


def _pool(rows: Sequence[Mapping[str, float | None]], seconds: Sequence[float]) -> dict[str, float | None]:
    pooled: dict[str, float | None] = {}
    for name in rows[0] if rows else ():
        values = np.array([row[name] for row in rows], dtype=np.float64)  # None becomes NaN
        if name in ("duration_s", "accents", "apexes"):
            pooled[name] = float(values.sum())
            continue
        weights = np.array([row["apexes"] for row in rows] if name.startswith("apex_") else seconds, dtype=np.float64)
        known = np.isfinite(values) & (weights > 0)
        pooled[name] = float(np.average(values[known], weights=weights[known])) if known.any() else None
    return pooled


def check_targets(result: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """For each of `TARGETS` its value, its bound, and whether it is met; None: nothing to judge by."""
    calm_speeds = [c["wrist_speed"] for c in result["calm"].values()]
    robot = {f"robot_{name}": value for name, value in result["pooled_robot"].items()}
    values = {**result["pooled"], **robot, **result["safety"], "calm_wrist_speed": max(calm_speeds, default=None)}
    checked = {}
    for name, sense, bound in TARGETS:
        value = values.get(name)
        met = None if value is None else bool(value >= bound if sense == "at least" else value <= bound)
        checked[name] = {"value": value, "bound": f"{sense} {bound}", "met": met}
    return checked
