"""Clips of one person, model or robot that metrics are computed of, with the results that several metrics share.

Each result is computed once; percentiles and medians are those of all clips together.

Wrists are taken in two frames. Timing, histograms and ratios use positions in space, which exist for a robot, too.
Statistics of people use the wrists relative to the shoulders (`body_frame`), because the human values were measured so:
a person who walks, turns or sways moves the hands without gesturing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.kinematics import (
    MIN_FRAMES,
    Apexes,
    Bools,
    Floats,
    Strokes,
    derivative,
    find_apexes,
    find_strokes,
    pauses,
    wrist_speeds,
    wrists,
)
from speech_gesture_ros.evaluation.metrics.apex_excess import ApexExcess, apex_excess
from speech_gesture_ros.evaluation.metrics.apex_timing import ApexTiming, apex_timing
from speech_gesture_ros.evaluation.metrics.arms import shoulder_lifts
from speech_gesture_ros.evaluation.metrics.body_frame import arm_lengths, wrists_from_shoulders, wrists_in_body
from speech_gesture_ros.evaluation.metrics.frechet import frechet_gesture_distance
from speech_gesture_ros.evaluation.metrics.metric import Metric
from speech_gesture_ros.evaluation.metrics.motion_clip import Frames, MotionClip, MotionReference
from speech_gesture_ros.evaluation.metrics.places import distinct_places, stroke_ends
from speech_gesture_ros.evaluation.metrics.speech_match import MatchResult, motion_features, speech_match
from speech_gesture_ros.evaluation.speech_analysis import SpeechAnalysis

Pair = Callable[[Frames, Frames], float]

LENGTH_TOLERANCE_S = 1.0


class MotionSet:
    """Clips of one person, model or robot.

    Args:
        clips: At least one, each of more than 3 frames.
        skeleton: Of the clips; None for the wrists of a robot.
        reference: Recorded motion to compare with.
        sources: For motions that were made for another clip's speech the index of that clip.
        variants: For each clip motions made with different seeds, each (T, J, 3) [m].

    Raises:
        InputError: If there is no clip, or one is too short.
    """

    def __init__(self, clips: Sequence[MotionClip], skeleton: Skeleton | None, reference: MotionReference | None = None,
                 *, sources: Sequence[int] | None = None, variants: Sequence[Sequence[Frames]] = ()) -> None:
        if not clips or min(len(clip.joint_xyz) for clip in clips) <= MIN_FRAMES:
            raise InputError("shortest motion to evaluate", min((len(clip.joint_xyz) for clip in clips), default=0),
                             f"more than {MIN_FRAMES} frames", "Give a longer motion.")
        self.clips, self._skeleton = clips, skeleton
        self.reference = reference or MotionReference()
        self.sources, self.variants = sources, variants
        self.motions = [clip.joint_xyz for clip in clips]
        self._values: dict[str, float] = {}

    def value(self, metric: Metric[MotionSet]) -> float:
        """Return the value of a metric; NaN where it cannot be measured."""
        if metric.name not in self._values:
            is_known = all(self.has(need) for need in metric.needs)
            self._values[metric.name] = float(metric.compute(self)) if is_known else float("nan")
        return self._values[metric.name]

    def has(self, need: str) -> bool:
        """Return whether all clips have "joints", "speech" or "recorded" motion, or the reference has "motions"."""
        if need == "joints":
            return self._skeleton is not None
        if need == "motions":
            return len(self.reference.motions) > 0
        return all(getattr(clip, need) is not None for clip in self.clips)

    @property
    def skeleton(self) -> Skeleton:
        """Skeleton of the clips; only for sets that have "joints"."""
        assert self._skeleton is not None
        return self._skeleton

    @property
    def speeches(self) -> list[SpeechAnalysis]:
        """Speech of each clip; only for sets that have "speech"."""
        return [clip.speech for clip in self.clips if clip.speech is not None]

    @property
    def recorded(self) -> list[Frames]:
        """Recorded motion of each clip; only for sets that have "recorded" motion."""
        return [clip.recorded for clip in self.clips if clip.recorded is not None]

    @property
    def minutes(self) -> float:
        """Length of all clips [min]."""
        return sum(map(len, self.motions)) / POSE_RATE / 60.0

    def mean(self, measure: Callable[..., float], *columns: Sequence[object]) -> float:
        """Mean of a measure over the clips, weighted by their lengths; clips with NaN do not count."""
        values = np.array([measure(*row) for row in zip(*columns)])
        known = np.isfinite(values)
        weights = np.array([len(motion) for motion in self.motions], dtype=np.float64)
        return float(np.average(values[known], weights=weights[known])) if known.any() else float("nan")

    def mean_with_recorded(self, measure: Pair) -> float:
        """Mean of a measure of (recorded, motion) over the clips."""
        return self.mean(measure, self.recorded, self.motions)

    # --- wrists in space ----------------------------------------------------------------------------------------------

    @cached_property
    def hands(self) -> list[Floats]:
        """For each clip (T, 2, 3) left and right wrist in space [m]."""
        return [self.wrists_of(motion) for motion in self.motions]

    @cached_property
    def recorded_hands(self) -> list[Floats]:
        """The same of the recorded motion of each clip [m]."""
        return [self.wrists_of(motion) for motion in self.recorded]

    @cached_property
    def reference_hands(self) -> list[Floats]:
        """The same of each motion of the reference [m]."""
        return [self.wrists_of(motion) for motion in self.reference.motions]

    def wrists_of(self, motion: Frames) -> Floats:
        """Return (T, 2, 3) the wrists of a motion [m]."""
        return np.asarray(motion, dtype=np.float64) if self._skeleton is None else wrists(motion, self._skeleton)

    @cached_property
    def apexes(self) -> list[Apexes]:
        """Stroke apexes of each clip, of the wrists in space."""
        return [find_apexes(wrist_speeds(hands)) for hands in self.hands]

    @cached_property
    def timing(self) -> ApexTiming:
        """Apexes relative to accents."""
        return apex_timing([a.times_s for a in self.apexes], [s.accents_s for s in self.speeches],
                           [len(m) / POSE_RATE for m in self.motions])

    @cached_property
    def excess(self) -> ApexExcess:
        """Apexes relative to accents, against apexes jittered within speech."""
        total = ApexExcess(0, 0, 0.0, 0.0)
        for k, (apexes, speech) in enumerate(zip(self.apexes, self.speeches)):
            total = total + apex_excess(apexes.times_s, speech.accents_s, speech.is_speech, POSE_RATE, seed=k)
        return total

    @cached_property
    def match(self) -> MatchResult:
        """Result of the speech matcher; NaN without one."""
        if self.reference.matcher is None:
            return MatchResult(float("nan"), float("nan"), float("nan"), 0)
        return speech_match(self.reference.matcher, [s.features for s in self.speeches],
                            [motion_features(m, self.skeleton) for m in self.motions], sources=self.sources)

    def frechet(self, *, with_encoder: bool) -> float:
        """Frechet gesture distance to the reference; NaN without tools or with fewer than two windows."""
        windows, encode = self.reference.windows, self.reference.encode
        if windows is None or (with_encoder and encode is None):
            return float("nan")
        if min(len(windows.cut(side)) for side in (self.reference.motions, self.motions)) < 2:
            return float("nan")
        return frechet_gesture_distance(self.reference.motions, self.motions, windows, encode if with_encoder else None)

    # --- statistics of people: wrists relative to the shoulders -------------------------------------------------------

    @cached_property
    def body_hands(self) -> list[Floats]:
        """For each clip (T, 2, 3) wrists as forward, left, up from between the shoulders [m]; of a robot in space."""
        if self._skeleton is None:
            return self.hands
        return [wrists_in_body(motion, POSE_RATE, self._skeleton) for motion in self.motions]

    @cached_property
    def body_velocities(self) -> Floats:
        """(T, 2, 3) velocities of all clips [m/s]."""
        return np.concatenate([derivative(hands, 1) for hands in self.body_hands])

    @cached_property
    def body_speeds(self) -> list[Floats]:
        """For each clip (T, 2) wrist speeds [m/s]."""
        return [wrist_speeds(hands) for hands in self.body_hands]

    @cached_property
    def all_speeds(self) -> Floats:
        """(T, 2) wrist speeds of all clips [m/s]."""
        return np.concatenate(self.body_speeds)

    def wrist_derivative_p95(self, order: int) -> float:
        """95th percentile of the size of a derivative of both wrists [m/s^order]."""
        sizes = [np.linalg.norm(derivative(hands, order), axis=-1).ravel() for hands in self.body_hands]
        return float(np.percentile(np.concatenate(sizes), 95))

    @cached_property
    def all_apexes(self) -> list[Apexes]:
        """Stroke apexes of each clip, of the wrists relative to the shoulders."""
        return [find_apexes(speeds) for speeds in self.body_speeds]

    @cached_property
    def body_apexes(self) -> list[Floats]:
        """For each clip (K,) times of stroke apexes [s]."""
        return [apexes.times_s for apexes in self.all_apexes]

    @cached_property
    def places(self) -> float:
        """Number of distinct places in 60 strokes; NaN with fewer."""
        arms = arm_lengths(self.skeleton)[:, None]
        return distinct_places([stroke_ends(arms * wrists_from_shoulders(motion, POSE_RATE, self.skeleton), speeds,
                                            apexes, POSE_RATE)
                                for motion, speeds, apexes in zip(self.motions, self.body_speeds, self.all_apexes)])

    def speed_share(self, low: float, high: float) -> float:
        """Share of the time in which the faster hand has a speed between two bounds [m/s]."""
        faster = self.all_speeds.max(axis=1)
        return float(np.mean((faster >= low) & (faster < high)))

    @cached_property
    def shoulder_lift_sd(self) -> float:
        """Standard deviation of the height of the shoulders over the chest, mean of both [m]."""
        lifts = np.concatenate([shoulder_lifts(motion, POSE_RATE, self.skeleton) for motion in self.motions])
        return float(lifts.std(axis=0).mean())

    @cached_property
    def apex_intervals(self) -> Floats:
        """Intervals between consecutive apexes of up to 2 s; longer ones are pauses in gesturing [s]."""
        gaps = np.concatenate([np.diff(times) for times in self.body_apexes])
        return gaps[gaps < 2.0]

    @cached_property
    def strokes(self) -> Strokes:
        """Strokes of all clips."""
        parts = [find_strokes(speeds) for speeds in self.body_speeds]
        return Strokes(*(np.concatenate([getattr(part, name) for part in parts])
                         for name in ("durations_s", "paths_m", "peaks", "edges")))

    @cached_property
    def shoulder_wrists(self) -> Floats:
        """(T, 2, 3) each wrist from its own shoulder as forward, outward, up, of all clips [arm lengths]."""
        return np.concatenate([wrists_from_shoulders(m, POSE_RATE, self.skeleton) for m in self.motions])

    def reach_percentile(self, axis: int, percent: float) -> float:
        """Percentile of `shoulder_wrists` along an axis, both hands together [arm lengths]."""
        return float(np.percentile(self.shoulder_wrists[..., axis], percent))

    @cached_property
    def is_speech(self) -> list[Bools]:
        """For each clip (T,) True while someone speaks; always True where the speech is not known."""
        return [np.ones(len(clip.joint_xyz), dtype=bool) if clip.speech is None else clip.speech.is_speech
                for clip in self.clips]

    @cached_property
    def speed_in_speech(self) -> float:
        """Mean wrist speed in speech [m/s]; NaN without speech."""
        return _mean([speeds[talk] for speeds, talk in zip(self.body_speeds, self.is_speech)])

    @cached_property
    def speed_in_pauses(self) -> float:
        """Mean wrist speed in pauses of at least 0.3 s [m/s]; NaN without pauses."""
        return _mean([speeds[pauses(talk)] for speeds, talk in zip(self.body_speeds, self.is_speech)])

    def of_joints(self, measure: Callable[[Frames, float, Skeleton], Floats]) -> Floats:
        """Concatenate a measure of (motion, rate, skeleton) over the clips."""
        return np.concatenate([measure(motion, POSE_RATE, self.skeleton) for motion in self.motions])

    def mean_of_joints(self, measure: Callable[[Frames, float, Skeleton], Floats]) -> float:
        """Mean of such a measure over all clips; NaN if there is no value."""
        return _mean([measure(motion, POSE_RATE, self.skeleton) for motion in self.motions])


def check_length(joint_xyz: Frames, speech: SpeechAnalysis) -> None:
    """Check that a motion belongs to a recording.

    Raises:
        InputError: If their lengths differ by more than a second.
    """
    if abs(len(joint_xyz) - len(speech)) > LENGTH_TOLERANCE_S * POSE_RATE:
        raise InputError("length of the motion", f"{len(joint_xyz) / POSE_RATE:.2f} s",
                         f"within {LENGTH_TOLERANCE_S:g} s of the speech ({len(speech) / POSE_RATE:.2f} s)",
                         "Pass the motion that was made for this speech, flushed.")


def _mean(parts: Sequence[Floats]) -> float:
    values = np.concatenate([part.ravel() for part in parts])
    return float(values.mean()) if len(values) else float("nan")
