"""How well a network performs for speakers it never heard, by look-ahead, against the choreographer.

The choreographer hears the whole recording; the network hears up to its look-ahead and is given the same codes. Every
figure is pooled over the held-out recordings. Timing stands beside its chance level: the same motion against shifted
accents (`evaluation.metrics.apex_timing`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from speech_gesture_ros.core.rates import FEATURES_PER_POSE, POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.kinematics import derivative, find_apexes, wrist_speeds, wrists
from speech_gesture_ros.evaluation.metrics.apex_timing import ApexTiming, apex_timing
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames
from speech_gesture_ros.networks.speech_to_motion.device_network import codes_to_tensors
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.training.speech_to_motion.tracks import XYZ_STEP_M, TrainingTrack

LOOK_AHEADS = (0, 2, 6, 10, 15, 25)  # pose frames
USUAL = 10
_FIRST = 12  # frames: the beginning, where nothing is known yet, counts for neither side
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LookAheadRow:
    """One look-ahead and one kind of sound.

    Attributes:
        look_ahead_s: [s]; infinite for the choreographer.
        version: Of the tracks' sound: 0 clean, above 0 damaged.
        variance: Of wrist positions, over the choreographer's.
        correlation: Of wrist coordinates with the choreographer's, all together.
        error_m: Mean distance of the wrists from the choreographer's [m].
        speed: Mean wrist speed over the choreographer's.
        acceleration: Likewise.
        jerk: Likewise.
        near_accents: Share of apexes within 0.1 s of an accent.
        near_shifted: The same for shifted accents.
        offset_median_s: Apex minus accent [s].
        offset_iqr_s: [s].
        calm_m_s: Mean wrist speed in silence, noise and music [m/s].
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


def perform_track(network: SpeechToMotionNetwork, track: TrainingTrack, look_ahead: int, *, version: int = 0,
                  take: int = 0) -> npt.NDArray[np.float32]:
    """(T - look_ahead, J, 3) motion [m] for one track, with the codes of one of its performances."""
    poses = (take, slice(0, max(0, len(track) - look_ahead)))
    device = next(network.parameters()).device
    codes = codes_to_tensors(CodeFrames(track.code[poses].astype(np.int64), track.next_code[poses].astype(np.int64),
                                        track.phase[poses], track.remaining[poses],
                                        track.variation[poses].astype(np.float32),
                                        track.activity[poses].astype(np.float32)), device)
    heard = track.features[version, :len(track) * FEATURES_PER_POSE].astype(np.float32).reshape(len(track), -1)
    with torch.inference_mode():
        out, _ = network.step(torch.from_numpy(heard).to(device)[None], codes, network.initial_state(), look_ahead)
    return np.asarray(out[0].cpu().numpy())


def measure_network(network: SpeechToMotionNetwork, tracks: list[TrainingTrack], skeleton: Skeleton,
                    look_aheads: tuple[int, ...] = LOOK_AHEADS) -> list[LookAheadRow]:
    """Rows over the held-out tracks (speech) and calm ones (no speaker).

    Returns:
        One for each look-ahead with clean sound, then one with damaged sound, if there is any, at `USUAL`.
    """
    spoken = [t for t in tracks if t.speaker]
    calm = [t for t in tracks if not t.speaker]
    cases = [(look_ahead, 0) for look_ahead in look_aheads]
    if all(len(t.features) > 1 for t in spoken):
        cases.append((USUAL, 1))
    return [_measure(network, spoken, calm, skeleton, *case) for case in cases]


def choreographer_row(tracks: list[TrainingTrack], skeleton: Skeleton) -> LookAheadRow:
    """The choreographer measured against itself: what a perfect network would reach."""
    truths = [(t, t.joint_xyz[0] * np.float64(XYZ_STEP_M)) for t in tracks if t.speaker]
    return _row(np.inf, 0, [(t, wrists(x, skeleton), wrists(x, skeleton)) for t, x in truths], np.nan)


def _measure(network: SpeechToMotionNetwork, spoken: list[TrainingTrack], calm: list[TrainingTrack], skeleton: Skeleton,
             look_ahead: int, version: int) -> LookAheadRow:
    pairs = []
    for track in spoken:
        made = wrists(perform_track(network, track, look_ahead, version=version), skeleton)
        truth = wrists(track.joint_xyz[0, :len(made)] * np.float64(XYZ_STEP_M), skeleton)
        pairs.append((track, made, truth))
    speeds = [wrist_speeds(wrists(perform_track(network, t, look_ahead, version=v), skeleton))[_FIRST:].mean()
              for t in calm for v in range(len(t.features))]
    return _row(look_ahead / POSE_RATE, version, pairs, float(np.mean(speeds)) if speeds else np.nan)


def _row(look_ahead_s: float, version: int, pairs: list[tuple[TrainingTrack, Floats, Floats]],
         calm: float) -> LookAheadRow:
    made = np.concatenate([m[_FIRST:] for _, m, _ in pairs]).reshape(-1, 6)
    truth = np.concatenate([t[_FIRST:] for _, _, t in pairs]).reshape(-1, 6)
    about = [x - x.mean(axis=0) for x in (made, truth)]
    timing = _timing([(track, m) for track, m, _ in pairs])
    return LookAheadRow(
        look_ahead_s=look_ahead_s, version=version,
        variance=float(made.var(axis=0).sum() / truth.var(axis=0).sum()),
        correlation=float((about[0] * about[1]).sum() / np.linalg.norm(about[0]) / np.linalg.norm(about[1])),
        error_m=float(np.linalg.norm((made - truth).reshape(-1, 2, 3), axis=-1).mean()),
        speed=_rate_ratio(pairs, 1), acceleration=_rate_ratio(pairs, 2), jerk=_rate_ratio(pairs, 3),
        near_accents=timing.share, near_shifted=timing.shifted_share,
        offset_median_s=timing.offset_median_s, offset_iqr_s=timing.offset_iqr_s, calm_m_s=calm,
    )


def _rate_ratio(pairs: list[tuple[TrainingTrack, Floats, Floats]], order: int) -> float:
    """Mean size of a derivative of the made motion over that of the true one."""
    made, truth = (sum(np.linalg.norm(derivative(motion, order), axis=-1)[_FIRST:].sum() for motion in motions)
                   for motions in ([m for _, m, _ in pairs], [t for _, _, t in pairs]))
    return float(made / truth)


def _timing(motions: list[tuple[TrainingTrack, Floats]]) -> ApexTiming:
    """Timing of the apexes of all recordings together."""
    seconds = [len(made) / POSE_RATE for _, made in motions]
    return apex_timing([find_apexes(wrist_speeds(made)).times_s for _, made in motions],
                       [track.accent_times_s[track.accent_times_s < s] for (track, _), s in zip(motions, seconds)],
                       seconds, draws=100)


def table(rows: list[LookAheadRow]) -> str:
    """The rows as a Markdown table."""
    head = ("| look-ahead [s] | variance | wrist r | error [cm] | speed | acceleration | jerk | apexes within 0.1 s "
            "(shifted) | apex offset [ms] (IQR) | calm [m/s] |")
    lines = [head, "|" + "---|" * 10]
    for r in rows:
        name = "choreographer" if np.isinf(r.look_ahead_s) else f"{r.look_ahead_s:.2f}{', damaged' * (r.version > 0)}"
        lines.append(
            f"| {name} | {r.variance:.2f} | {r.correlation:.2f} | {100 * r.error_m:.1f} | {r.speed:.2f} | "
            f"{r.acceleration:.2f} | {r.jerk:.2f} | {r.near_accents:.2f} ({r.near_shifted:.2f}) | "
            f"{1e3 * r.offset_median_s:.0f} ({1e3 * r.offset_iqr_s:.0f}) | {r.calm_m_s:.3f} |")
    return "\n".join(lines)
