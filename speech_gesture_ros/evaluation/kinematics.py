r"""Wrist speeds, stroke apexes, strokes, pauses and rest of a motion.

The definitions are those of the measurements of people, so that values compare:

    wrist speed |v|      after a zero-phase 4th-order 6 Hz low-pass
        __                      apex: maximum >= 0.25 m/s that rises >= 0.12 m/s over its surroundings; apexes of the
       /  \      _              two hands within 0.15 s count once, at the faster one
    __/    \____/ \__    stroke: from where the speed leaves 15 % of the apex (or its minimum) to where it returns

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
        times_s: (K,) [s].
        speeds: (K,) speed of the faster hand [m/s].
        hands: (K,) the faster hand, 0 left, 1 right.
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
        paths_m: (K,) path length of the wrist [m].
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
    """First frame after a peak at or below `STROKE_EDGE` of it, or the minimum on the way to `limit`."""
    way = course[peak: limit + step: step] if limit + step >= 0 else course[peak::-1]
    low = np.flatnonzero(way <= STROKE_EDGE * course[peak])
    return peak + step * int(low[0] if len(low) else np.argmin(way))


def pauses(speech: Bools, shortest_s: float = 0.3, rate: float = POSE_RATE) -> Bools:
    """(T,) True in stretches without speech of at least `shortest_s`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[1], speech.astype(np.int8), [1]])))
    out = np.zeros(len(speech), dtype=bool)
    for start, stop in zip(edges[::2], edges[1::2]):
        out[start:stop] = stop - start >= shortest_s * rate
    return out


def rest_share(speeds: Floats) -> float:
    """Share of time in which both of (T, 2) wrist speeds are below `REST_SPEED`."""
    return float(np.mean(np.all(speeds < REST_SPEED, axis=1)))


def two_handed_share(speeds: Floats) -> float:
    """Share of the time with a moving hand (> 0.25 m/s) in which the slower has over half the speed of the faster."""
    faster, slower = speeds.max(axis=1), speeds.min(axis=1)
    moving = faster > APEX_SPEED
    return float(np.mean(slower[moving] > 0.5 * faster[moving])) if moving.any() else float("nan")
