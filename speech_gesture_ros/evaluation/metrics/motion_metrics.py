"""Registry of the metrics of human motion; the wrists of a robot have those that need no skeleton.

Statistics with human values were measured on 26 minutes of recorded people: talks and stories (BEAT2, ZeroEGGS, TED)
and a task dialogue (Taboo clue-givers). A range is the accepted one of those measurements; for the corners of the
gesture space and the medians of strokes the spread between the four sources, rounded outwards. People differ by a
factor of 3 in how much they move: inside the range is human, the middle of it is not better.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import SupportsFloat

import numpy as np

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.evaluation.kinematics import rest_share, two_handed_share
from speech_gesture_ros.evaluation.metrics.arms import elbow_speeds, forearm_roll_speeds, wrist_flexion_speeds
from speech_gesture_ros.evaluation.metrics.beats import (
    beat_align,
    beat_consistency,
    metronome_consistency,
    motion_beats_per_second,
)
from speech_gesture_ros.evaluation.metrics.cca import cca_correlation
from speech_gesture_ros.evaluation.metrics.derivatives import mean_derivative
from speech_gesture_ros.evaluation.metrics.diversity import l1_diversity, multimodality
from speech_gesture_ros.evaluation.metrics.metric import LITTLE, MATCH, MOTION, NOTHING, HumanRange, Metric
from speech_gesture_ros.evaluation.metrics.motion_set import MotionSet
from speech_gesture_ros.evaluation.metrics.pck import pck, seen_from_front
from speech_gesture_ros.evaluation.metrics.position_error import ape, mae
from speech_gesture_ros.evaluation.metrics.ratios import derivative_ratio, pooled_correlation, variance_ratio
from speech_gesture_ros.evaluation.metrics.speed_histogram import frame_histogram, hellinger, speed_histogram
from speech_gesture_ros.evaluation.metrics.srgr import srgr
from speech_gesture_ros.evaluation.metrics.stroke_shape import hand_correlation, median, power_law
from speech_gesture_ros.evaluation.metrics.trunk import head_speeds, lean_deg, lean_speeds, nods, yaw_speeds

MotionMetric = Metric[MotionSet]

FPS = float(POSE_RATE)
LOW, HIGH, AS_RECORDED = "low", "high", "as recorded"
JOINTS, SPEECH, RECORDED, REFERENCE = (frozenset({need}) for need in ("joints", "speech", "recorded", "motions"))


def _pck(motions: MotionSet, alpha: float) -> float:
    return motions.mean_with_recorded(lambda g, p: pck(seen_from_front(g), seen_from_front(p), alpha))


def _derivative(motions: MotionSet, order: int) -> float:
    return motions.mean(lambda motion: mean_derivative(motion, order, FPS), motions.motions)


def _ratio(numerator: float, denominator: float) -> float:
    return float(numerator) / float(denominator) if denominator > 1e-6 else float("nan")


def _strokes_per_minute(motions: MotionSet) -> float:
    """Apexes in speech per minute of speech; per minute of the clip where the speech is not known."""
    count, frames = 0, 0
    for times, talk in zip(motions.body_apexes, motions.is_speech):
        count += int(talk[np.clip(np.round(times * FPS).astype(int), 0, len(talk) - 1)].sum())
        frames += int(talk.sum())
    return count / (frames / FPS / 60.0) if frames else float("nan")


def _across_midline(motions: MotionSet) -> float:
    hands = np.concatenate(motions.body_hands)
    return float(np.stack([hands[:, 0, 1] < 0.0, hands[:, 1, 1] > 0.0]).mean())


def _metronome(motions: MotionSet) -> float:
    rate = motions.mean(lambda motion: motion_beats_per_second(motion, FPS), motions.motions)
    return motions.mean(lambda motion, speech: metronome_consistency(speech.onsets_s, rate, len(motion) / FPS),
                        motions.motions, motions.speeches)


NEAR_RECORDED: tuple[MotionMetric, ...] = (
    Metric("ape", "APE", "cm", 2, LOW, NOTHING, "the mean pose is nearly the best guess",
           lambda m: 100 * m.mean_with_recorded(ape), needs=JOINTS | RECORDED),
    Metric("mae", "MAE", "cm", 2, LOW, NOTHING, "as APE",
           lambda m: 100 * m.mean_with_recorded(mae), needs=JOINTS | RECORDED),
    Metric("pck_0.1", "PCK 0.1, from the front", "", 3, HIGH, NOTHING, "as APE; all joints of the skeleton",
           lambda m: _pck(m, 0.1), needs=JOINTS | RECORDED),
    Metric("pck_0.2", "PCK 0.2, from the front", "", 3, HIGH, NOTHING, "as APE",
           lambda m: _pck(m, 0.2), needs=JOINTS | RECORDED),
    Metric("srgr", "SRGR, all frames weigh 1", "", 3, HIGH, NOTHING,
           "as APE; no semantic scores, so only a share of joints within 10 cm",
           lambda m: m.mean_with_recorded(srgr), needs=JOINTS | RECORDED),
    Metric("cca", "CCA, first correlation", "", 3, AS_RECORDED, NOTHING, "fitted on what it scores: tends to 1",
           lambda m: cca_correlation(np.concatenate(m.recorded), np.concatenate(m.motions)), needs=JOINTS | RECORDED),
    Metric("wrist_correlation", "wrist r with the reference", "", 3, HIGH, NOTHING, "0 for another gesture",
           lambda m: pooled_correlation(m.hands, m.recorded_hands), needs=JOINTS | RECORDED),
)

LIKE_RECORDED: tuple[MotionMetric, ...] = (
    Metric("variance_ratio", "wrist variance / reference", "", 2, "1", MOTION, "0: stands still",
           lambda m: variance_ratio(m.hands, m.recorded_hands), needs=JOINTS | RECORDED),
    Metric("speed_ratio", "wrist speed / reference", "", 2, "1", MOTION, "6 Hz low-pass, as the next two",
           lambda m: derivative_ratio(m.hands, m.recorded_hands, 1), needs=JOINTS | RECORDED),
    Metric("acceleration_ratio", "wrist acceleration / reference", "", 2, "1", MOTION, "",
           lambda m: derivative_ratio(m.hands, m.recorded_hands, 2), needs=JOINTS | RECORDED),
    Metric("jerk_ratio", "wrist jerk / reference", "", 2, "1", MOTION, "",
           lambda m: derivative_ratio(m.hands, m.recorded_hands, 3), needs=JOINTS | RECORDED),
    Metric("speed", "speed, all joints", "m/s", 3, AS_RECORDED, MOTION, "no gesture, no speed: low is not good",
           lambda m: _derivative(m, 1), needs=JOINTS),
    Metric("acceleration", "acceleration, per second", "m/s2", 2, AS_RECORDED, MOTION, "unfiltered",
           lambda m: _derivative(m, 2), needs=JOINTS),
    Metric("jerk", "jerk, per second", "m/s3", 1, AS_RECORDED, MOTION, "unfiltered: counts the sensor's noise",
           lambda m: _derivative(m, 3), needs=JOINTS),
    Metric("acceleration_frame", "acceleration, per frame", "cm/f2", 3, AS_RECORDED, MOTION,
           "as the 2019 paper, but at 25 fps", lambda m: 100 * _derivative(m, 2) / FPS**2, needs=JOINTS),
    Metric("jerk_frame", "jerk, per frame", "cm/f3", 3, AS_RECORDED, MOTION, "as the 2019 paper, but at 25 fps",
           lambda m: 100 * _derivative(m, 3) / FPS**3, needs=JOINTS),
    Metric("hellinger", "Hellinger, wrist speeds", "", 3, LOW, MOTION, "how often each speed occurs",
           lambda m: hellinger(speed_histogram(m.reference_hands, FPS), speed_histogram(m.hands, FPS)),
           is_key=True, needs=JOINTS | REFERENCE),
    Metric("hellinger_frame", "Hellinger, cm/frame bins", "", 3, LOW, MOTION, "bins of the 2019 paper + overflow",
           lambda m: hellinger(frame_histogram(m.reference.motions), frame_histogram(m.motions)),
           needs=JOINTS | REFERENCE),
    Metric("fgd", "FGD", "", 2, LOW, MOTION, "compare with the other half; one extractor only",
           lambda m: m.frechet(with_encoder=True), is_key=True, needs=JOINTS | REFERENCE),
    Metric("fgd_raw", "FGD, raw windows", "", 1, LOW, MOTION, "as FGD, without an extractor",
           lambda m: m.frechet(with_encoder=False), needs=JOINTS | REFERENCE),
    Metric("l1_diversity", "L1 diversity", "m", 2, AS_RECORDED, MOTION, "noise is most diverse",
           lambda m: m.mean(l1_diversity, m.motions), needs=JOINTS),
    Metric("multimodality", "multimodality", "m", 2, "above 0", MOTION, "0: the same motion for every seed",
           lambda m: float(np.mean([multimodality(v) for v in m.variants])) if m.variants else float("nan"),
           is_key=True, needs=JOINTS),
)


def _human(name: str, label: str, unit: str, values: tuple[float, float, float],
           compute: Callable[[MotionSet], SupportsFloat], needs: frozenset[str] = frozenset(), *, digits: int = 2,
           proves: str = MOTION, note: str = "", is_key: bool = False) -> MotionMetric:
    """A statistic with the typical, lowest and highest value of people."""
    human = HumanRange(*values)
    people = f"people {human.typical:g}"
    return Metric(name, label, unit, digits, f"{human.low:g} to {human.high:g}", proves,
                  f"{people}; {note}" if note else people, compute, human, is_key, needs)


LIKE_PEOPLE: tuple[MotionMetric, ...] = (
    _human("wrist_speed", "wrist speed, mean", "m/s", (0.40, 0.20, 0.55), lambda m: m.all_speeds.mean(), digits=3,
           is_key=True),
    _human("wrist_speed_p95", "wrist speed, 95 %", "m/s", (1.2, 0.8, 1.6), lambda m: np.percentile(m.all_speeds, 95)),
    _human("wrist_speed_p99", "wrist speed, 99 %", "m/s", (1.9, 1.5, 2.3), lambda m: np.percentile(m.all_speeds, 99)),
    _human("skew", "wrist speed, mean / median", "", (1.45, 1.2, 2.0),
           lambda m: _ratio(m.all_speeds.mean(), float(np.median(m.all_speeds)))),
    _human("acceleration_p95", "acceleration, 95 %", "m/s2", (9.0, 7.0, 10.0), lambda m: m.wrist_derivative_p95(2)),
    _human("jerk_p95", "jerk, 95 %", "m/s3", (105.0, 43.0, 135.0), lambda m: m.wrist_derivative_p95(3), digits=1),
    _human("strokes_per_minute", "strokes in speech", "1/min", (120.0, 60.0, 160.0), _strokes_per_minute,
           digits=1),
    _human("apex_interval_s", "apex interval, median", "s", (0.40, 0.27, 0.65), lambda m: median(m.apex_intervals)),
    _human("interval_cv", "apex interval, variation", "", (0.7, 0.45, 0.8),
           lambda m: _ratio(m.apex_intervals.std(), m.apex_intervals.mean()) if len(m.apex_intervals) > 1
           else float("nan")),
    _human("stroke_duration_s", "stroke duration, median", "s", (0.40, 0.30, 0.60),
           lambda m: median(m.strokes.durations_s)),
    _human("stroke_path_m", "stroke path, median", "m", (0.20, 0.12, 0.30), lambda m: median(m.strokes.paths_m)),
    _human("stroke_peak", "stroke peak, median", "m/s", (0.70, 0.55, 1.1), lambda m: median(m.strokes.peaks)),
    _human("peak_over_mean", "peak / mean of a stroke", "", (1.55, 1.5, 1.65),
           lambda m: median(m.strokes.peaks * m.strokes.durations_s / m.strokes.paths_m)),
    _human("edge_over_peak", "speed between strokes / peak", "", (0.22, 0.18, 0.30),
           lambda m: median(m.strokes.edges / m.strokes.peaks)),
    _human("main_sequence_a", "main sequence a", "", (2.4, 1.8, 2.8),
           lambda m: power_law(m.strokes.paths_m, m.strokes.peaks)[0]),
    _human("main_sequence_b", "main sequence b", "", (0.70, 0.60, 0.80),
           lambda m: power_law(m.strokes.paths_m, m.strokes.peaks)[1]),
    _human("duration_exponent", "duration against path, exponent", "", (0.37, 0.29, 0.46),
           lambda m: power_law(m.strokes.paths_m, m.strokes.durations_s)[1]),
    _human("rest_share", "both hands at rest", "", (0.10, 0.03, 0.16), lambda m: rest_share(m.all_speeds)),
    _human("two_handed_share", "two-handed", "", (0.55, 0.45, 0.70), lambda m: two_handed_share(m.all_speeds)),
    _human("hand_correlation", "hands mirror each other, r", "", (0.40, 0.20, 0.70),
           lambda m: hand_correlation(m.body_velocities), JOINTS),
    _human("forward_p5", "wrist forward, 5 %", "L", (0.05, -0.15, 0.20), lambda m: m.reach_percentile(0, 5), JOINTS),
    _human("forward_p95", "wrist forward, 95 %", "L", (0.66, 0.50, 0.85), lambda m: m.reach_percentile(0, 95), JOINTS),
    _human("outward_p5", "wrist outward, 5 %", "L", (-0.15, -0.30, 0.05), lambda m: m.reach_percentile(1, 5), JOINTS),
    _human("outward_p95", "wrist outward, 95 %", "L", (0.45, 0.25, 0.65), lambda m: m.reach_percentile(1, 95), JOINTS),
    _human("up_p5", "wrist up, 5 %", "L", (-0.92, -1.15, -0.65), lambda m: m.reach_percentile(2, 5), JOINTS),
    _human("up_p95", "wrist up, 95 %", "L", (-0.12, -0.30, 0.20), lambda m: m.reach_percentile(2, 95), JOINTS),
    _human("above_shoulder", "wrist above the shoulder", "", (0.02, 0.0, 0.10),
           lambda m: np.mean(m.shoulder_wrists[..., 2] > 0.0), JOINTS),
    _human("across_midline", "wrist across the midline", "", (0.01, 0.0, 0.04), _across_midline, JOINTS),
    _human("pause_ratio", "wrist speed in pauses / in speech", "", (0.80, 0.50, 1.0),
           lambda m: _ratio(m.speed_in_pauses, m.speed_in_speech), SPEECH, proves=LITTLE, note="never 0", is_key=True),
    _human("head_speed", "head turning, mean", "deg/s", (28.0, 25.0, 30.0),
           lambda m: m.of_joints(head_speeds).mean(), JOINTS),
    _human("head_speed_p95", "head turning, 95 %", "deg/s", (70.0, 55.0, 85.0),
           lambda m: np.percentile(m.of_joints(head_speeds), 95), JOINTS),
    _human("nods_per_minute", "nods of 4 deg or more", "1/min", (25.0, 12.0, 35.0),
           lambda m: sum(nods(motion, FPS, m.skeleton) for motion in m.motions) / m.minutes, JOINTS),
    _human("lean_speed", "torso turning, mean", "deg/s", (9.5, 7.0, 12.0),
           lambda m: m.of_joints(lean_speeds).mean(), JOINTS),
    _human("lean_sd", "torso lean, spread", "deg", (3.5, 1.5, 6.0),
           lambda m: np.concatenate([lean_deg(motion, m.skeleton) for motion in m.motions]).std(), JOINTS),
    _human("torso_yaw_speed", "torso yaw, mean", "deg/s", (20.0, 10.0, 28.0),
           lambda m: m.mean_of_joints(yaw_speeds), JOINTS, digits=1),
    _human("elbow_speed", "elbow speed, mean", "m/s", (0.26, 0.18, 0.37),
           lambda m: m.mean_of_joints(elbow_speeds), JOINTS),
    _human("shoulder_lift_cm", "shoulder lift, spread", "cm", (0.59, 0.35, 1.2),
           lambda m: 100 * m.shoulder_lift_sd, JOINTS),
    _human("forearm_roll_speed", "forearm roll, mean", "deg/s", (140.0, 60.0, 190.0),
           lambda m: m.mean_of_joints(forearm_roll_speeds), JOINTS, digits=0),
    _human("wrist_flexion_speed", "wrist flexion, mean", "deg/s", (64.0, 20.0, 90.0),
           lambda m: m.mean_of_joints(wrist_flexion_speeds), JOINTS, digits=0),
    _human("stroke_path_p90", "stroke path, 90 %", "m", (0.47, 0.34, 0.65),
           lambda m: np.percentile(m.strokes.paths_m, 90) if len(m.strokes) else float("nan")),
    _human("end_places", "distinct end places in 60 strokes", "", (29.0, 21.0, 36.0), lambda m: m.places, JOINTS,
           digits=1),
    _human("slow_share", "faster hand at 0.05 to 0.2 m/s", "", (0.26, 0.10, 0.38), lambda m: m.speed_share(0.05, 0.2)),
)


def human_gaps(values: dict[str, float]) -> list[float]:
    """Gap of each statistic to the range of people; 1 where it could not be measured.

    Args:
        values: Names of `LIKE_PEOPLE` to values.
    """
    gaps = [metric.human.gap(values[metric.name]) for metric in LIKE_PEOPLE if metric.human is not None]
    return [1.0 if np.isnan(gap) else gap for gap in gaps]


def _people(motions: MotionSet) -> dict[str, float]:
    return {metric.name: motions.value(metric) for metric in LIKE_PEOPLE}


LIKE_PEOPLE_TOGETHER: tuple[MotionMetric, ...] = (
    Metric("human_gap", "human-statistics gap", "", 3, LOW, MOTION,
           f"0: each of {len(LIKE_PEOPLE)} statistics is inside the human range",
           lambda m: float(np.mean(human_gaps(_people(m)))), is_key=True, needs=JOINTS),
    Metric("human_share", "statistics inside the human range", "", 2, HIGH, MOTION, f"of {len(LIKE_PEOPLE)}",
           lambda m: float(np.mean([gap == 0.0 for gap in human_gaps(_people(m))])), needs=JOINTS),
    Metric("speed_in_speech", "wrist speed in speech", "m/s", 3, "0.3 to 0.5", MOTION, "people",
           lambda m: m.speed_in_speech, needs=SPEECH),
    Metric("speed_in_pauses", "wrist speed in pauses", "m/s", 3, "never 0", MOTION, "",
           lambda m: m.speed_in_pauses, needs=SPEECH),
)

TIMING: tuple[MotionMetric, ...] = (
    Metric("motion_beats", "motion beats", "1/s", 2, AS_RECORDED, NOTHING, "drives the beat scores",
           lambda m: m.mean(lambda motion: motion_beats_per_second(motion, FPS), m.motions), needs=JOINTS),
    Metric("beat_consistency", "beat consistency, 0.3 s", "", 3, AS_RECORDED, NOTHING,
           "people 0.76 to 0.90; grows with the number of beats",
           lambda m: m.mean(lambda motion, s: beat_consistency(motion, s.onsets_s, FPS), m.motions, m.speeches),
           needs=JOINTS | SPEECH),
    Metric("metronome", "  of a metronome with as many beats", "", 3, "", NOTHING, "score of ignoring the audio",
           _metronome, needs=JOINTS | SPEECH),
    Metric("beat_align", "beat align, 0.05 s", "", 3, AS_RECORDED, LITTLE, "rises with the density of onsets",
           lambda m: m.mean(lambda motion, s: beat_align(motion, s.onsets_s, FPS), m.motions, m.speeches),
           needs=JOINTS | SPEECH),
    Metric("apexes", "stroke apexes", "", 0, "", MOTION, "number", lambda m: sum(map(len, m.apexes))),
    Metric("apex_share", "apexes within 0.1 s of an accent", "", 3, HIGH, LITTLE, "alone it only counts accents",
           lambda m: m.timing.share if sum(map(len, m.apexes)) else 0.0, needs=SPEECH),
    Metric("apex_share_shifted", "  the same, speech shifted", "", 3, "", LITTLE, "chance of the same rhythm",
           lambda m: m.timing.shifted_share, needs=SPEECH),
    Metric("apex_share_shifted_p95", "  95 % of the shifts", "", 3, "", LITTLE, "",
           lambda m: m.timing.shifted_p95, needs=SPEECH),
    Metric("apex_share_jittered", "  the same, jittered in speech", "", 3, "", LITTLE, "chance while speaking",
           lambda m: m.excess.jittered_share, needs=SPEECH),
    Metric("apex_excess", "apex excess over jitter", "x", 2, "above 1", MATCH, "people 1.0 to 1.2",
           lambda m: m.excess.excess, is_key=True, needs=SPEECH),
    Metric("apex_z", "  in deviations of chance", "", 1, "above 2", MATCH, "is the excess real",
           lambda m: m.excess.z, is_key=True, needs=SPEECH),
    Metric("apex_offset_ms", "apex after accent, median", "ms", 0, "-200 to 100", LITTLE, "0 by chance as well",
           lambda m: 1e3 * m.timing.offset_median_s, needs=SPEECH),
    Metric("apex_offset_iqr_ms", "  interquartile range", "ms", 0, LOW, LITTLE, "against shuffled audio",
           lambda m: 1e3 * m.timing.offset_iqr_s, needs=SPEECH),
    Metric("match", "speech match, chance 50", "%", 1, HIGH, MATCH, "only where recorded is above 50 too",
           lambda m: 100 * m.match.accuracy, is_key=True, needs=JOINTS | SPEECH),
    Metric("match_low", "  95 % interval from", "%", 1, "above 50", MATCH, "bootstrap over clips",
           lambda m: 100 * m.match.low, is_key=True, needs=JOINTS | SPEECH),
    Metric("match_high", "  95 % interval to", "%", 1, "", MATCH, "", lambda m: 100 * m.match.high,
           needs=JOINTS | SPEECH),
)

MOTION_METRICS: tuple[MotionMetric, ...] = (
    *TIMING, *LIKE_PEOPLE_TOGETHER, *LIKE_PEOPLE, *LIKE_RECORDED, *NEAR_RECORDED)
