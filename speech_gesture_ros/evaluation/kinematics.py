r"""How a motion moves, in the figures in which people were measured: speeds, strokes, rest, space, timing.

The definitions are those of our measurements of people, so that the figures can be laid beside them:

    wrist speed |v|      after a zero-phase 4th-order 6 Hz low-pass
        __                      apex: maximum >= 0.25 m/s that rises >= 0.12 m/s over its surroundings; apexes of the
       /  \      _              two hands within 0.15 s count once, at the faster one
    __/    \____/ \__    stroke: from where the speed leaves 15 % of the apex (or its minimum) to where it returns

A share of apexes near accents says nothing alone: whoever moves often is often near. So `apex_timing` gives the share
that the same motion reaches by chance, over circular shifts of the accents, next to it.

All positions are (T, ..., 3) in metres on a regular grid of `rate` Hz.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import integrate, signal

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

CUTOFF_HZ = 6.0
APEX_SPEED = 0.25  # [m/s]
APEX_PROMINENCE = 0.12  # [m/s]
SAME_APEX_S = 0.15
STROKE_EDGE = 0.15  # of the apex speed
REST_SPEED = 0.10  # [m/s]
NEAR_S = 0.10
SHIFT_S = 5.0
MIN_FRAMES = 3


def low_pass(xyz: npt.NDArray[np.floating], rate: float = POSE_RATE, cutoff_hz: float = CUTOFF_HZ) -> Floats:
    """Zero-phase 4th-order (2nd order both ways) Butterworth low-pass along axis 0. (T, ...) to the same.

    Raises:
        InputError: If fewer than 3 frames are given, or any is not finite.
    """
    values = np.asarray(xyz, dtype=np.float64)
    if len(values) < MIN_FRAMES:
        raise InputError("number of frames", len(values), f"at least {MIN_FRAMES}", "Give a longer motion.")
    if not np.all(np.isfinite(values)):
        raise InputError("motion", "NaN or infinite", "finite", "Drop or repair the frames before measuring.")
    if cutoff_hz >= 0.5 * rate:
        return values
    sos = signal.butter(2, cutoff_hz, fs=rate, output="sos")
    return np.asarray(signal.sosfiltfilt(sos, values, axis=0, padlen=min(len(values) - 1, 15)))


def derivative(xyz: npt.NDArray[np.floating], order: int, rate: float = POSE_RATE) -> Floats:
    """Time derivative of a given order after `low_pass`, central differences. (T, ...) [m] to (T, ...) [m/s^order]."""
    values = low_pass(xyz, rate)
    for _ in range(order):
        values = np.gradient(values, 1.0 / rate, axis=0)
    return values


def wrists(joint_xyz: npt.NDArray[np.floating], skeleton: Skeleton) -> Floats:
    """(T, J, 3) to the (T, 2, 3) left and right wrist [m]."""
    return np.asarray(joint_xyz[:, [skeleton.index["left_wrist"], skeleton.index["right_wrist"]]], dtype=np.float64)


def wrist_speeds(wrist_xyz: npt.NDArray[np.floating], rate: float = POSE_RATE) -> Floats:
    """(T, 2, 3) [m] to (T, 2) speeds [m/s]."""
    return np.asarray(np.linalg.norm(derivative(wrist_xyz, 1, rate), axis=-1))


@dataclass(frozen=True)
class Apexes:
    """Speed maxima of both hands, in order of time.

    Attributes:
        times_s: (K,) when [s].
        speeds: (K,) how fast, the faster hand's [m/s].
        hands: (K,) which hand, 0 left, 1 right.
    """

    times_s: Floats
    speeds: Floats
    hands: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.times_s)


def find_apexes(speeds: Floats, rate: float = POSE_RATE) -> Apexes:
    """Apexes of (T, 2) wrist speeds; their times are refined between frames by a parabola."""
    found: list[tuple[float, float, int]] = []
    for hand in range(speeds.shape[1]):
        course = speeds[:, hand]
        peaks, _ = signal.find_peaks(course, height=APEX_SPEED, prominence=APEX_PROMINENCE)
        for p in peaks:
            before, top, after = course[p - 1: p + 2]
            bend = before - 2 * top + after
            shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
            found.append(((p + shift) / rate, float(top), hand))
    kept: list[tuple[float, float, int]] = []
    for apex in sorted(found):
        if kept and apex[0] - kept[-1][0] <= SAME_APEX_S and apex[2] != kept[-1][2]:
            kept[-1] = max(kept[-1], apex, key=lambda a: a[1])
        else:
            kept.append(apex)
    return Apexes(np.array([a[0] for a in kept]), np.array([a[1] for a in kept]),
                  np.array([a[2] for a in kept], dtype=np.int64))


@dataclass(frozen=True)
class Strokes:
    """Movement units of single hands.

    Attributes:
        durations_s: (K,) [s].
        paths_m: (K,) way of the wrist [m].
        peaks: (K,) largest speed [m/s].
        edges: (K,) speed at the ends, mean of both [m/s].
    """

    durations_s: Floats
    paths_m: Floats
    peaks: Floats
    edges: Floats

    def __len__(self) -> int:
        return len(self.durations_s)


def find_strokes(speeds: Floats, rate: float = POSE_RATE) -> Strokes:
    """Strokes of each hand of (T, 2) wrist speeds."""
    rows = []
    for hand in range(speeds.shape[1]):
        course = speeds[:, hand]
        peaks, _ = signal.find_peaks(course, height=APEX_SPEED, prominence=APEX_PROMINENCE)
        borders = np.concatenate([[0], peaks, [len(course) - 1]])
        for i, p in enumerate(peaks):
            start = _edge(course, p, int(borders[i]), -1)
            stop = _edge(course, p, int(borders[i + 2]), 1)
            path = float(integrate.trapezoid(course[start: stop + 1])) / rate
            rows.append(((stop - start) / rate, path, float(course[p]), 0.5 * float(course[start] + course[stop])))
    table = np.array(rows).reshape(-1, 4)
    return Strokes(*table.T)


def _edge(course: Floats, peak: int, limit: int, step: int) -> int:
    """First frame from a peak on at or below `STROKE_EDGE` of it, or the minimum on the way to `limit`."""
    way = course[peak: limit + step: step] if limit + step >= 0 else course[peak::-1]
    low = np.flatnonzero(way <= STROKE_EDGE * course[peak])
    return peak + step * int(low[0] if len(low) else np.argmin(way))


@dataclass(frozen=True)
class ApexTiming:
    """How apexes lie to accents.

    Attributes:
        share: Share of apexes within `NEAR_S` of an accent; NaN without apexes.
        shifted_share: The same for circularly shifted accents, mean over the draws: chance, "moves while speaking"
            not taken out.
        shifted_p95: 95th percentile over the draws.
        offset_median_s: Median of apex minus nearest accent [s].
        offset_iqr_s: Its interquartile range [s].
    """

    share: float
    shifted_share: float
    shifted_p95: float
    offset_median_s: float
    offset_iqr_s: float


def apex_timing(apex_times_s: Floats, accent_times_s: Floats, duration_s: float, *, draws: int = 500,
                seed: int = 0) -> ApexTiming:
    """Share of apexes near accents, and its chance level by circular shifts of more than 5 s.

    Args:
        apex_times_s: (K,) [s].
        accent_times_s: (A,) increasing [s].
        duration_s: Length of the recording [s]; at most 10 s leave no room for shifts, the controls are NaN then.
        draws: Number of shifts.
        seed: Of the shifts.
    """
    offsets = nearest_offsets(apex_times_s, accent_times_s)
    if len(offsets) == 0:
        return ApexTiming(np.nan, np.nan, np.nan, np.nan, np.nan)
    controls = np.full(1, np.nan)
    if duration_s > 2 * SHIFT_S:
        shifts = np.random.default_rng(seed).uniform(SHIFT_S, duration_s - SHIFT_S, draws)
        controls = np.array([near_share(nearest_offsets(apex_times_s, np.sort((accent_times_s + s) % duration_s)))
                             for s in shifts])
    low, middle, high = np.percentile(offsets, (25, 50, 75))
    return ApexTiming(near_share(offsets), float(controls.mean()), float(np.percentile(controls, 95)),
                      float(middle), float(high - low))


def nearest_offsets(times_s: Floats, events_s: Floats) -> Floats:
    """(K,) signed distance of each time to the nearest of (A,) sorted events [s]; empty if there are no events."""
    if len(events_s) == 0 or len(times_s) == 0:
        return np.zeros(0)
    right = np.clip(np.searchsorted(events_s, times_s), 0, len(events_s) - 1)
    left = np.maximum(right - 1, 0)
    to_left, to_right = times_s - events_s[left], times_s - events_s[right]
    return np.where(np.abs(to_left) < np.abs(to_right), to_left, to_right)


def near_share(offsets_s: Floats) -> float:
    """Share of offsets within +-`NEAR_S`; NaN if there are none."""
    return float(np.mean(np.abs(offsets_s) <= NEAR_S)) if len(offsets_s) else float("nan")


def strokes_per_minute(apex_times_s: Floats, during: Bools, rate: float = POSE_RATE) -> float:
    """Apexes per minute of the (T,) frames marked; NaN if none is."""
    if not during.any():
        return float("nan")
    frames = np.clip(np.round(apex_times_s * rate).astype(int), 0, len(during) - 1)
    return float(during[frames].sum() / (during.sum() / rate) * 60.0)


def mean_speed(speeds: Floats, during: Bools) -> float:
    """Mean of (T, 2) wrist speeds over the (T,) frames marked [m/s]; NaN if none is."""
    return float(speeds[during].mean()) if during.any() else float("nan")


def pauses(speech: Bools, shortest_s: float = 0.3, rate: float = POSE_RATE) -> Bools:
    """(T,) frames of stretches without speech of at least `shortest_s`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[1], speech.astype(np.int8), [1]])))
    out = np.zeros(len(speech), dtype=bool)
    for start, stop in zip(edges[::2], edges[1::2]):
        out[start:stop] = stop - start >= shortest_s * rate
    return out


def magnitude_p95(wrist_xyz: npt.NDArray[np.floating], order: int, rate: float = POSE_RATE) -> float:
    """95th percentile of |acceleration| (order 2, [m/s2]) or |jerk| (order 3, [m/s3]) of both wrists."""
    return float(np.percentile(np.linalg.norm(derivative(wrist_xyz, order, rate), axis=-1), 95))


def rest_share(speeds: Floats) -> float:
    """Share of time in which both of (T, 2) wrist speeds are below `REST_SPEED`."""
    return float(np.mean(np.all(speeds < REST_SPEED, axis=1)))


def two_handed_share(speeds: Floats) -> float:
    """Of the time in which a hand moves (> 0.25 m/s): share in which the slower has over half the faster's speed."""
    faster, slower = speeds.max(axis=1), speeds.min(axis=1)
    moving = faster > APEX_SPEED
    return float(np.mean(slower[moving] > 0.5 * faster[moving])) if moving.any() else float("nan")


def gesture_space(joint_xyz: npt.NDArray[np.floating], skeleton: Skeleton) -> Floats:
    """Percentiles 5, 50, 95 of the wrist re its own shoulder as (forward, outward, up), in arm lengths.

    The heading is that of the shoulder line in each frame.

    Returns:
        (2, 3, 3) hand, percentile, axis.
    """
    xyz = np.asarray(joint_xyz, dtype=np.float64)
    left, right = (xyz[:, skeleton.index[f"{side}_shoulder"]] for side in ("left", "right"))
    across = left - right
    across[:, 2] = 0.0
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    ahead = np.stack([across[:, 1], -across[:, 0], np.zeros(len(xyz))], axis=1)
    out = np.empty((2, 3, 3))
    for i, (side, sign) in enumerate((("left", 1.0), ("right", -1.0))):
        arm = xyz[:, skeleton.index[f"{side}_wrist"]] - xyz[:, skeleton.index[f"{side}_shoulder"]]
        length = sum(skeleton.bone_lengths[skeleton.index[f"{side}_{part}"]] for part in ("elbow", "wrist"))
        local = np.stack([np.sum(arm * ahead, 1), sign * np.sum(arm * across, 1), arm[:, 2]], axis=1)
        out[i] = np.percentile(local / length, (5, 50, 95), axis=0)
    return out
