"""Metrics of a network by look-ahead, for speakers that it was not trained on, relative to the target motion.

The target motion uses the whole recording; the network uses its look-ahead and the same codes. Every metric is pooled
over the recordings. Timing stands beside its chance level: the same motion against shifted accents
(`evaluation.metrics.apex_timing`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from speech_gesture_ros.core.rates import FEATURES_PER_POSE, POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.kinematics import find_apexes, wrist_speeds, wrists
from speech_gesture_ros.evaluation.metrics.apex_timing import ApexTiming, apex_timing
from speech_gesture_ros.evaluation.metrics.ratios import derivative_ratio, pooled_correlation, variance_ratio
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames
from speech_gesture_ros.networks.speech_to_motion.device_network import codes_to_tensors
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.training.speech_to_motion.tracks import XYZ_STEP_M, TrainingTrack

LOOK_AHEADS = (0, 2, 6, 10, 15, 25)  # pose frames
USUAL_LOOK_AHEAD = 10  # pose frames
SKIPPED_FRAMES = 12  # at the beginning: not compared, the network's state is empty there
TIMING_DRAWS = 100  # shifts of the accents for the chance level
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Pair:
    """Generated and target wrists (T, 2, 3) of one track [m]."""

    track: TrainingTrack
    generated: Floats
    target: Floats


@dataclass(frozen=True)
class LookAheadRow:
    """Metrics for one look-ahead and one version of the sound.

    Attributes:
        look_ahead_s: [s].
        version: Version of the sound: 0 clean, above 0 augmented.
        variance: Variance of the wrist positions, over the target's.
        correlation: Correlation of the wrist coordinates with the target's, all together.
        error_m: Mean distance of the wrists from the target [m].
        speed: Mean wrist speed over the target's.
        acceleration: Mean wrist acceleration over the target's.
        jerk: Mean wrist jerk over the target's.
        near_accents: Share of apexes within 0.1 s of an accent.
        near_shifted: The same for shifted accents.
        offset_median_s: Apex minus accent [s].
        offset_iqr_s: [s].
        calm_m_s: Mean wrist speed in sound without speech [m/s].
    """

    look_ahead_s: float
    version: int
    variance: float
    correlation: float
    error_m: float
    speed: float
    acceleration: float
    jerk: float
    near_accents: float
    near_shifted: float
    offset_median_s: float
    offset_iqr_s: float
    calm_m_s: float


def generate_track_motion(network: SpeechToMotionNetwork, track: TrainingTrack, look_ahead: int, *, version: int = 0,
                          motion: int = 0) -> npt.NDArray[np.float32]:
    """Return (T - look_ahead, J, 3) motion [m] for one track, with the codes of one of its motions."""
    poses = (motion, slice(0, max(0, len(track) - look_ahead)))
    device = next(network.parameters()).device
    codes = codes_to_tensors(CodeFrames(track.code[poses].astype(np.int64), track.next_code[poses].astype(np.int64),
                                        track.phase[poses], track.remaining[poses],
                                        track.variation[poses].astype(np.float32),
                                        track.activity[poses].astype(np.float32)), device)
    features = track.features[version, :len(track) * FEATURES_PER_POSE].astype(np.float32).reshape(len(track), -1)
    with torch.inference_mode():
        out, _ = network.step(torch.from_numpy(features).to(device)[None], codes, network.initial_state(), look_ahead)
    return np.asarray(out[0].cpu().numpy())


def measure_network(network: SpeechToMotionNetwork, tracks: list[TrainingTrack], skeleton: Skeleton,
                    look_aheads: tuple[int, ...] = LOOK_AHEADS) -> list[LookAheadRow]:
    """Return rows over tracks with speech, and without (no speaker).

    Returns:
        One for each look-ahead with clean sound, then one with augmented sound, if there is any, at the usual one.
    """
    spoken = [t for t in tracks if t.speaker]
    silent = [t for t in tracks if not t.speaker]
    cases = [(look_ahead, 0) for look_ahead in look_aheads]
    if all(len(t.features) > 1 for t in spoken):
        cases.append((USUAL_LOOK_AHEAD, 1))
    return [_measure(network, spoken, silent, skeleton, *case) for case in cases]


def look_ahead_table(rows: list[LookAheadRow]) -> str:
    """Return the rows as a Markdown table."""
    head = ("| look-ahead [s] | variance | wrist r | error [cm] | speed | acceleration | jerk | apexes within 0.1 s "
            "(shifted) | apex offset [ms] (IQR) | calm [m/s] |")
    lines = [head, "|" + "---|" * 10]
    for r in rows:
        name = f"{r.look_ahead_s:.2f}{', augmented' * (r.version > 0)}"
        lines.append(
            f"| {name} | {r.variance:.2f} | {r.correlation:.2f} | {100 * r.error_m:.1f} | {r.speed:.2f} | "
            f"{r.acceleration:.2f} | {r.jerk:.2f} | {r.near_accents:.2f} ({r.near_shifted:.2f}) | "
            f"{1e3 * r.offset_median_s:.0f} ({1e3 * r.offset_iqr_s:.0f}) | {r.calm_m_s:.3f} |")
    return "\n".join(lines)


def _measure(network: SpeechToMotionNetwork, spoken: list[TrainingTrack], silent: list[TrainingTrack],
             skeleton: Skeleton, look_ahead: int, version: int) -> LookAheadRow:
    pairs: list[_Pair] = []
    for track in spoken:
        generated = wrists(generate_track_motion(network, track, look_ahead, version=version), skeleton)
        target = wrists(track.joint_xyz[0, :len(generated)] * np.float64(XYZ_STEP_M), skeleton)
        pairs.append(_Pair(track, generated, target))
    speeds = [wrist_speeds(wrists(generate_track_motion(network, t, look_ahead, version=v), skeleton))[
        SKIPPED_FRAMES:].mean() for t in silent for v in range(len(t.features))]
    return _row(look_ahead / POSE_RATE, version, pairs, float(np.mean(speeds)) if speeds else np.nan)


def _row(look_ahead_s: float, version: int, pairs: list[_Pair], calm: float) -> LookAheadRow:
    generated, target = [p.generated[SKIPPED_FRAMES:] for p in pairs], [p.target[SKIPPED_FRAMES:] for p in pairs]
    timing = _timing(pairs)
    return LookAheadRow(
        look_ahead_s=look_ahead_s, version=version,
        variance=variance_ratio(generated, target), correlation=pooled_correlation(generated, target),
        error_m=float(np.linalg.norm(np.concatenate(generated) - np.concatenate(target), axis=-1).mean()),
        speed=derivative_ratio(generated, target, 1), acceleration=derivative_ratio(generated, target, 2),
        jerk=derivative_ratio(generated, target, 3),
        near_accents=timing.share, near_shifted=timing.shifted_share,
        offset_median_s=timing.offset_median_s, offset_iqr_s=timing.offset_iqr_s, calm_m_s=calm,
    )


def _timing(pairs: list[_Pair]) -> ApexTiming:
    """Return the timing of the apexes of all recordings together."""
    seconds = [len(pair.generated) / POSE_RATE for pair in pairs]
    accents = [pair.track.accent_times_s[pair.track.accent_times_s < s] for pair, s in zip(pairs, seconds)]
    return apex_timing([find_apexes(wrist_speeds(pair.generated)).times_s for pair in pairs], accents, seconds,
                       draws=TIMING_DRAWS)
