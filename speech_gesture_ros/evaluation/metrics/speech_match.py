"""Speech match: accuracy of a fitted matcher in choosing the sound of a motion among others; chance is 50 %.

    sound  ─► level, onsets, voicing, pitch, each at lags of +-0.6 s ─┐  regularised CCA, fitted on
                                                                      ├─ recorded pairs of the training split
    motion ─► speeds of wrists and head, smoothed, at three lags ─────┘
    score of a window of 8 s = sum over components of (fitted correlation) * (correlation within the window)

A window of motion is scored with its own sound and with windows at the same time in other clips (all clips begin and
end with rest, so the time alone would be a match); the accuracy is the share of wrong sounds that score lower. The
interval is a bootstrap over clips. Human raters of recordings reach about 74 % (GENEA 2022); this matcher uses only
prosody, so meaning plays no part.

Proves that motion follows the prosody of its own speech as the recordings of the training split do. It cannot prove
that it does not, because the matcher may miss the link. The recorded motion gives the ceiling; where that is not
clearly above 50 %, the test says nothing about any other row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, ndimage

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import FEATURES_PER_POSE, POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.accents import band_level_db, track_f0
from speech_gesture_ros.evaluation.kinematics import low_pass
from speech_gesture_ros.evaluation.metrics.body_frame import wrists_in_body
from speech_gesture_ros.evaluation.metrics.onsets import HOP, onset_strength

Floats = npt.NDArray[np.float64]
SOUND_LAGS = np.arange(-15, 16, 3)  # [frames]
MOTION_LAGS = np.array([-4, 0, 4])  # [frames]
COMPONENTS = 3
RIDGE = 0.05  # relative to the variance of each column
WINDOW_FRAMES = 200  # 8 s
MIN_FRAMES = 1500  # to fit on: one minute
VOICED_STRENGTH = 0.52  # of the normalised autocorrelation


def sound_features(samples: npt.NDArray[np.floating]) -> Floats:
    """(N,) samples at 16 kHz to (N // 640, 4) at 25 Hz: level, onset strength, voicing, pitch, each about 0 to 1."""
    clean = np.asarray(samples, dtype=np.float32)
    num = len(clean) // (SAMPLE_RATE // POSE_RATE)
    level = np.clip((band_level_db(clean) + 60.0) / 60.0, 0.0, 1.0)
    f0, strength = track_f0(clean)
    voiced = strength > VOICED_STRENGTH
    pitch = np.where(voiced, np.log2(f0 / 100.0), 0.0)
    if voiced.any():
        pitch[voiced] -= np.median(pitch[voiced])
    fast = [ndimage.gaussian_filter1d(c.astype(np.float64), 4.0)[::FEATURES_PER_POSE][:num]
            for c in (level, voiced, pitch)]
    strength_25 = np.interp(np.arange(num) / POSE_RATE, np.arange(1 + len(clean) // HOP) * HOP / SAMPLE_RATE,
                            ndimage.gaussian_filter1d(onset_strength(clean), 1.0))
    return np.stack([fast[0], strength_25 / 5.0, *fast[1:]], axis=1)


def motion_features(joint_xyz: npt.NDArray[np.floating], skeleton: Skeleton) -> Floats:
    """(T, J, 3) at 25 Hz [m] to (T, 5): speed of each wrist, of the nose, of the faster wrist, and its change [m/s]."""
    hands = wrists_in_body(joint_xyz, POSE_RATE, skeleton)
    nose = low_pass(joint_xyz[:, skeleton.index["nose"]], POSE_RATE)
    speeds = np.linalg.norm(np.gradient(low_pass(hands, POSE_RATE), 1 / POSE_RATE, axis=0), axis=-1)
    head = np.linalg.norm(np.gradient(nose, 1 / POSE_RATE, axis=0), axis=-1)
    faster = ndimage.gaussian_filter1d(speeds.max(axis=1), 1.5)
    return np.stack([*speeds.T, head, faster, np.gradient(faster, 1 / POSE_RATE)], axis=1)


@dataclass(frozen=True)
class SpeechMatcher:
    """A fitted matcher.

    Attributes:
        sound_mean: (11 * 4,) of the lagged sound features.
        sound_projection: (11 * 4, C).
        motion_mean: (3 * 5,) of the lagged motion features.
        motion_projection: (3 * 5, C).
        correlations: (C,) of the training pairs.
    """

    sound_mean: Floats
    sound_projection: Floats
    motion_mean: Floats
    motion_projection: Floats
    correlations: Floats

    @classmethod
    def fit(cls, pairs: Sequence[tuple[Floats, Floats]]) -> SpeechMatcher:
        """Fit a matcher to (sound features, motion features) of recorded clips, of equal length.

        Raises:
            InputError: If there is less than a minute.
        """
        if sum(len(sound) for sound, _ in pairs) < MIN_FRAMES:
            raise InputError("recorded frames to fit a speech matcher", sum(len(s) for s, _ in pairs),
                             f"at least {MIN_FRAMES}", "Give more clips in the training split.")
        sound = np.concatenate([lagged(s, SOUND_LAGS) for s, _ in pairs])
        motion = np.concatenate([lagged(m, MOTION_LAGS) for _, m in pairs])
        means = sound.mean(axis=0), motion.mean(axis=0)
        x, y = sound - means[0], motion - means[1]
        white_x, white_y = _whitening(x), _whitening(y)
        u, s, vt = np.linalg.svd(white_x.T @ (x.T @ y / len(x)) @ white_y)
        count = min(COMPONENTS, len(s))
        return cls(means[0], white_x @ u[:, :count], means[1], white_y @ vt[:count].T, s[:count])

    def project_sound(self, sound: Floats) -> Floats:
        """(T, 4) sound features to (T, C) components."""
        return np.asarray((lagged(sound, SOUND_LAGS) - self.sound_mean) @ self.sound_projection)

    def project_motion(self, motion: Floats) -> Floats:
        """(T, 5) motion features to (T, C) components."""
        return np.asarray((lagged(motion, MOTION_LAGS) - self.motion_mean) @ self.motion_projection)

    def score(self, sound: Floats, motion: Floats) -> float:
        """Weighted correlation in time of a window of components, (T, C) each; 0 if either does not vary."""
        a, b = sound - sound.mean(axis=0), motion - motion.mean(axis=0)
        power = np.sqrt(np.sum(a**2, axis=0) * np.sum(b**2, axis=0))
        r = np.divide(np.sum(a * b, axis=0), power, out=np.zeros(len(power)), where=power > 1e-9)
        return float(self.correlations @ r)


@dataclass(frozen=True)
class MatchResult:
    """Accuracy of a matcher.

    Attributes:
        accuracy: In [0, 1]; ties count one half.
        low: 2.5th percentile over resampled clips.
        high: 97.5th percentile.
        windows: Number of windows of motion.
    """

    accuracy: float
    low: float
    high: float
    windows: int


def speech_match(matcher: SpeechMatcher, sounds: Sequence[Floats], motions: Sequence[Floats], *,
                 sources: Sequence[int] | None = None, draws: int = 1000, seed: int = 0) -> MatchResult:
    """Measure the accuracy in choosing the right sound among those of other clips.

    Args:
        matcher: Fitted on other clips.
        sounds: `sound_features` of each clip.
        motions: `motion_features` of each clip, in the same order.
        sources: For shuffled motions the clip each was made for, whose sound is left out.
        draws: Resamples of the bootstrap.
        seed: Of the bootstrap.

    Returns:
        NaN everywhere with fewer than two clips of 8 s.
    """
    sound_windows = [_windows(matcher.project_sound(s)) for s in sounds]
    motion_windows = [_windows(matcher.project_motion(m)) for m in motions]
    wins: list[list[float]] = []
    for i, own in enumerate(motion_windows):
        clip = []
        known = {i} if sources is None else {i, sources[i]}
        for k, window in enumerate(own[:len(sound_windows[i])]):
            right = matcher.score(sound_windows[i][k], window)
            others = [w[k] for j, w in enumerate(sound_windows) if j not in known and len(w) > k]
            wrong = np.array([matcher.score(w, window) for w in others])
            if len(wrong):
                clip.append(float(np.mean((wrong < right - 1e-12) + 0.5 * (np.abs(wrong - right) <= 1e-12))))
        if clip:
            wins.append(clip)
    if not wins:
        return MatchResult(float("nan"), float("nan"), float("nan"), 0)
    sums, counts = np.array([sum(c) for c in wins]), np.array([len(c) for c in wins])
    picks = np.random.default_rng(seed).integers(0, len(wins), (draws, len(wins)))
    accuracies = sums[picks].sum(axis=1) / counts[picks].sum(axis=1)
    low, high = np.percentile(accuracies, (2.5, 97.5))
    return MatchResult(float(sums.sum() / counts.sum()), float(low), float(high), int(counts.sum()))


def lagged(rows: Floats, lags: npt.NDArray[np.int64]) -> Floats:
    """(T, F) to (T, L F): the frames t + lag side by side; the ends are repeated."""
    index = np.clip(np.arange(len(rows))[:, None] + lags, 0, len(rows) - 1)
    return np.asarray(rows[index].reshape(len(rows), -1))


def _windows(rows: Floats) -> list[Floats]:
    return [rows[i:i + WINDOW_FRAMES] for i in range(0, len(rows) - WINDOW_FRAMES + 1, WINDOW_FRAMES // 2)]


def _whitening(rows: Floats) -> Floats:
    """(D, D) W with W^T (S + ridge) W = 1."""
    cov = rows.T @ rows / len(rows)
    # Columns differ in unit, so the ridge is relative to the variance of each.
    values, vectors = linalg.eigh(cov + RIDGE * np.diag(np.diag(cov) + 1e-12))
    return np.asarray(vectors / np.sqrt(np.maximum(values, 1e-12)))
