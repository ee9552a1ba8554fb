"""Acceptance criteria of the motion: beside people, timing by the accent lock, and no gesture begun again."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.acceptance.results import Criterion, registered_criterion
from speech_gesture_ros.evaluation.acceptance.trials import Motion, Performer, Trial
from speech_gesture_ros.evaluation.kinematics import wrists
from speech_gesture_ros.evaluation.metrics.motion_clip import MotionClip
from speech_gesture_ros.evaluation.metrics.motion_set import MotionSet
from speech_gesture_ros.evaluation.metrics.ratios import pooled_correlation
from speech_gesture_ros.evaluation.metrics.registry import METRICS
from speech_gesture_ros.evaluation.speech_analysis import SpeechAnalysis

SPEECH_MARGIN_S = 0.5  # around the speech that is compared with people: added silence is no pause
LARGEST_GAP, SMALLEST_SHARE = 0.06, 0.85
EXCESS_RANGE = (1.1, 1.9)  # of apexes at accents over chance, for every accent lock
LOCKS = (0.0, 0.45, 0.8, 1.0)
LOOK_AHEADS_S = (0.0, 0.4, 1.0)
LARGEST_R = 0.15  # between the motions of two streams
NUM_STREAMS = 5
COMPARED_S = 20.0  # of each stream
SILENT_SPEED = 0.05  # [m/s] at activity 0
SPEED_BY_ACTIVITY = {0.5: (0.15, 0.30), 1.5: (0.42, 0.60)}  # [m/s]: a calm dialogue, a lively lecture

# Value of people, and of the model that this one replaced: half of that distance is allowed.
FORMER_DISTANCE = {
    "wrist_speed": (0.40, 0.21), "wrist_speed_p95": (1.22, 0.78), "strokes_per_minute": (141.0, 72.0),
    "apex_interval_s": (0.32, 0.75), "interval_cv": (0.73, 0.47), "stroke_path_p90": (0.47, 0.31),
    "edge_over_peak": (0.27, 0.12), "rest_share": (0.12, 0.26), "pause_ratio": (0.69, 0.40),
    "elbow_speed": (0.26, 0.13), "shoulder_lift_cm": (0.59, 0.07), "torso_yaw_speed": (20.0, 5.0),
    "forearm_roll_speed": (140.0, 39.0), "wrist_flexion_speed": (64.0, 12.0), "end_places": (29.0, 18.0),
    "apex_share": (0.20, 0.58), "slow_share": (0.26, 0.60),
}


def motion_in_speech(trials: Sequence[Trial], motions: Sequence[Motion], skeleton: Skeleton) -> MotionSet:
    """Return the motion from just before the first word to just after the last of each recording."""
    margin = round(SPEECH_MARGIN_S * POSE_RATE)
    talks = []
    for trial, motion in zip(trials, motions):
        spoken = np.flatnonzero(trial.accents.speech)
        if not len(spoken):
            continue
        part = slice(max(0, int(spoken[0]) - margin), min(int(spoken[-1]) + 1 + margin, len(motion)))
        speech = SpeechAnalysis.of_accents(trial.accents)
        cut = dataclasses.replace(speech, is_speech=speech.is_speech[part], features=speech.features[part],
                                  accents_s=speech.accents_s - part.start / POSE_RATE)
        if part.stop - part.start >= POSE_RATE:
            talks.append(MotionClip(np.asarray(motion[part], dtype=np.float64), cut))
    return MotionSet(talks, skeleton)


def human_criteria(motions: MotionSet) -> list[Criterion]:
    """Return the gap to people, and each figure in which the former model was far from them."""
    out = [registered_criterion("human_gap", motions, 0.0, LARGEST_GAP),
           registered_criterion("human_share", motions, SMALLEST_SHARE)]
    for name, (people, former) in FORMER_DISTANCE.items():
        half = 0.5 * abs(people - former)
        out.append(registered_criterion(name, motions, people - half, people + half,
                                        f"people {people:g}, former model {former:g}"))
    return [*out, registered_criterion("apex_share_shifted", motions, note="chance")]


def lock_criteria(folder: Path, trials: Sequence[Trial], motions: MotionSet) -> list[Criterion]:
    """Return the excess of apexes at accents over chance for several accent locks; `motions` are of the usual one."""
    out = []
    for lock in LOCKS:
        controls = GestureControls(accent_lock=lock)
        made = motions if controls == GestureControls() else motion_in_speech(
            trials, [Performer(folder, t.seed, controls=controls).perform(t.samples) for t in trials],
            motions.skeleton)
        out.append(Criterion(f"apex excess over jitter, accent lock {lock:g}", made.value(METRICS["apex_excess"]),
                             *EXCESS_RANGE, "people 1.18"))
    return out


def look_ahead_criteria(folder: Path, trials: Sequence[Trial], skeleton: Skeleton) -> list[Criterion]:
    """Return the gap to people and the timing for other look-aheads."""
    out = []
    for look_ahead_s in LOOK_AHEADS_S:
        made = [Performer(folder, t.seed, look_ahead_s).perform(t.samples) for t in trials]
        motions = motion_in_speech(trials, made, skeleton)
        gap = motions.value(METRICS["human_gap"])
        out.append(Criterion(f"human-statistics gap, look-ahead {look_ahead_s:g} s", gap, 0.0, LARGEST_GAP,
                             f"apex excess {motions.value(METRICS['apex_excess']):.2f}"))
    return out


def activity_criteria(folder: Path, trials: Sequence[Trial], skeleton: Skeleton) -> list[Criterion]:
    """Return the wrist speed by activity."""
    def speed(activity: float) -> float:
        controls = GestureControls(activity=activity)
        made = [Performer(folder, t.seed, controls=controls).perform(t.samples) for t in trials]
        return motion_in_speech(trials, made, skeleton).value(METRICS["wrist_speed"])

    return [Criterion("wrist speed at activity 0 [m/s]", speed(0.0), 0.0, SILENT_SPEED),
            *(Criterion(f"wrist speed at activity {activity:g} [m/s]", speed(activity), *bounds)
              for activity, bounds in SPEED_BY_ACTIVITY.items())]


def restart_criteria(folder: Path, trials: Sequence[Trial]) -> list[Criterion]:
    """Return how alike the motions of several streams are: of one voice one after another, and of different voices."""
    chosen = sorted(trials, key=lambda t: -len(t.samples))[:NUM_STREAMS]
    performer = Performer(folder, 0)
    replies = [performer.perform(chosen[0].samples) for _ in range(NUM_STREAMS)]
    voices = [Performer(folder, 0).perform(t.samples) for t in chosen]
    again = [Performer(folder, 0).perform(chosen[0].samples) for _ in range(2)]
    return [
        Criterion("the same sentence several times: wrist r", mean_correlation(replies, performer.skeleton),
                  -math.inf, LARGEST_R, "replaced model 0.7 to 0.8"),
        Criterion("different voices, one seed: wrist r", mean_correlation(voices, performer.skeleton),
                  -math.inf, LARGEST_R, "replaced model 0.61"),
        Criterion("same seed, same sound: largest difference [m]", float(np.abs(again[0] - again[1]).max()), 0.0, 0.0),
    ]


def mean_correlation(motions: Sequence[Motion], skeleton: Skeleton) -> float:
    """Return the mean correlation of the wrists of all pairs of motions over their common length; NaN of one."""
    hands: list[npt.NDArray[np.float64]] = [wrists(m, skeleton) for m in motions]
    values = []
    for a, b in itertools.combinations(hands, 2):
        count = min(len(a), len(b), round(COMPARED_S * POSE_RATE))
        values.append(pooled_correlation([a[:count]], [b[:count]]))
    return float(np.mean(values)) if values else math.nan
