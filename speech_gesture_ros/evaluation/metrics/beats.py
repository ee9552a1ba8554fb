r"""Beat scores: distance between beats of the motion and beats of the sound.

    sound    |     |   |        |       onsets a
    motion     v  v        v  v         minima m of a joint's speed while it is not at rest

    beat consistency   mean over a of exp(-min_m (a - m)^2 / (2 sigma^2)), mean over joints    sigma 0.3 s (BEAT, EMAGE)
    beat align         the same with the roles exchanged: mean over m, nearest a               sigma 0.05 s (dance)

Sources: BEAT (Liu et al., ECCV 2022) and EMAGE (CVPR 2024) evaluation code; Li et al., ICCV 2021, for dance.

They prove next to nothing, because the score grows with the number of beats: a metronome that ignores the audio scores
0.68 at one beat a second and 0.95 at three, recorded people 0.76 to 0.90, and the same people with shifted audio only
0.00 to 0.05 less. Read it beside the motion beats per second and the score of a metronome of the same rate; the
distance to the recorded motion counts, not a high value.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal

from speech_gesture_ros.evaluation.metrics.apex_timing import nearest_offsets

Floats = npt.NDArray[np.float64]
CONSISTENCY_SIGMA_S = 0.3
ALIGN_SIGMA_S = 0.05
ORDER_S = 7 / 30  # a minimum is the smallest value this long before and after it: 7 frames at the 30 fps of BEAT
LEAST_SPEED = 0.3  # of the joint's mean speed; slower minima are rests


def motion_beats(positions: npt.NDArray[np.floating], fps: float) -> Floats:
    """Beats of one joint: minima of its speed that are not rests.

    Args:
        positions: (T, 3) [m].
        fps: Frames a second [Hz].

    Returns:
        (M,) times [s].
    """
    if len(positions) < 3:
        return np.zeros(0)
    velocity = np.gradient(np.asarray(positions, dtype=np.float64), 1.0 / fps, axis=0)
    speed = np.linalg.norm(velocity, axis=1)
    mean = float(speed.mean())
    if mean < 1e-6:
        return np.zeros(0)
    minima = signal.argrelextrema(speed, np.less, order=max(1, round(ORDER_S * fps)))[0]
    return np.asarray(minima[speed[minima] > LEAST_SPEED * mean] / fps)


def nearness(events_s: Floats, targets_s: Floats, sigma_s: float) -> float:
    """Mean over the (A,) events of exp(-d^2 / (2 sigma^2)), d the distance to the nearest target, both sorted [s].

    Returns:
        In [0, 1]: 1 if every event has a target at the same time, 0 without targets, NaN without events.
    """
    if len(events_s) == 0:
        return float("nan")
    if len(targets_s) == 0:
        return 0.0
    return float(np.mean(np.exp(-0.5 * (nearest_offsets(events_s, targets_s) / sigma_s) ** 2)))


def beat_consistency(motion: npt.NDArray[np.floating], audio_beats_s: Floats, fps: float,
                     sigma_s: float = CONSISTENCY_SIGMA_S) -> float:
    """Beat consistency of BEAT and EMAGE: distance of each audio beat to the nearest motion beat, joint by joint.

    Args:
        motion: (T, J, 3) [m]; only joints that move count.
        audio_beats_s: (A,) increasing [s].
        fps: Frames a second [Hz].
        sigma_s: 0.3 s (BEAT, EMAGE) or 0.5 s (TalkSHOW).

    Returns:
        In [0, 1]; NaN without audio beats; 0 if nothing moves.
    """
    scores = [nearness(audio_beats_s, motion_beats(joint, fps), sigma_s) for joint in moving_joints(motion)]
    if not scores:
        return 0.0 if len(audio_beats_s) else float("nan")
    return float(np.mean(scores))


def beat_align(motion: npt.NDArray[np.floating], audio_beats_s: Floats, fps: float,
               sigma_s: float = ALIGN_SIGMA_S) -> float:
    """Beat align of dance: distance of each motion beat to the nearest audio beat; NaN without motion beats.

    Args:
        motion: (T, J, 3) [m]; only joints that move count.
        audio_beats_s: (A,) increasing [s].
        fps: Frames a second [Hz].
        sigma_s: Width of the Gaussian [s].
    """
    scores = [nearness(beats, audio_beats_s, sigma_s) for joint in moving_joints(motion)
              if len(beats := motion_beats(joint, fps))]
    return float(np.mean(scores)) if scores else float("nan")


def motion_beats_per_second(motion: npt.NDArray[np.floating], fps: float) -> float:
    """Mean number of beats a second over the joints that move [1/s]; 0 if none does."""
    counts = [len(motion_beats(joint, fps)) for joint in moving_joints(motion)]
    return float(np.mean(counts)) * fps / len(motion) if counts else 0.0


def metronome_consistency(audio_beats_s: Floats, beats_per_second: float, duration_s: float,
                          sigma_s: float = CONSISTENCY_SIGMA_S) -> float:
    """Beat consistency of a metronome of this rate, mean over its phases: the score of ignoring the audio."""
    if beats_per_second <= 0.0:
        return 0.0 if len(audio_beats_s) else float("nan")
    period = 1.0 / beats_per_second
    phases = (np.arange(16) + 0.5) / 16 * period
    beats = [np.arange(phase - period, duration_s + 2 * period, period) for phase in phases]
    return float(np.mean([nearness(audio_beats_s, b, sigma_s) for b in beats]))


def moving_joints(motion: npt.NDArray[np.floating]) -> list[Floats]:
    """(T, 3) positions of each joint of (T, J, 3) that moves by more than 0.1 mm."""
    values = np.asarray(motion, dtype=np.float64)
    moves = np.any(np.ptp(values, axis=0) > 1e-4, axis=-1)
    return [values[:, j] for j in np.flatnonzero(moves)]
