"""Our motion beside people: the targets of our measurements of human gesturing, measured the same way.

Conventions are those of the measurements: wrists relative to the middle of the shoulders, axes forward, left, up with
the heading of the shoulder line; derivatives after a zero-phase 4th-order low-pass at 6 Hz; a stroke is a speed maximum
of at least 0.25 m/s; a pause lasts at least 0.3 s. The ranges are what was seen between people: a talker who holds the
floor ("monologue"), of whom there were few minutes, so a figure inside its range says "as people do", not "like you".
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.kinematics import (
    MIN_FRAMES,
    REST_SPEED,
    derivative,
    find_apexes,
    find_strokes,
    low_pass,
    mean_speed,
    nearest_offsets,
    pauses,
    two_handed_share,
)

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

AROUND_S = 0.5  # of the speech that is judged: silence put around a recording is no pause
STRESSED_S = 0.2
JITTER_S = 1.0
JITTERS = 200
LONGEST_INTERVAL_S = 2.0
STRONG_SHARE = 0.4


@dataclass(frozen=True)
class Talk:
    """A motion and the speech it was made for.

    Attributes:
        joint_xyz: (T, J, 3) [m] at 25 Hz.
        speech: (T,) whether someone speaks.
        accent_times_s: (A,) [s].
    """

    joint_xyz: npt.NDArray[np.floating]
    speech: Bools
    accent_times_s: Floats


@dataclass(frozen=True)
class HumanFigure:
    """One figure beside people's.

    Attributes:
        name: What, with its unit.
        value: Ours; NaN if it could not be measured.
        human: What people do.
        low: Least that is accepted.
        high: Most that is accepted.
    """

    name: str
    value: float
    human: str
    low: float
    high: float

    @property
    def fits(self) -> bool:
        """Whether the value is in the accepted range."""
        return self.low <= self.value <= self.high


def human_figures(talks: Iterable[Talk], skeleton: Skeleton, *, seed: int = 0) -> tuple[HumanFigure, ...]:
    """Measure motions, all together, against people.

    Args:
        talks: Motions; those with less than a second around their speech are left out.
        skeleton: Theirs.
        seed: Of the jitter.

    Raises:
        ValueError: If no motion is long enough.
    """
    parts = [part for part in (_trim(talk) for talk in talks) if part is not None]
    if not parts:
        raise ValueError("no motion of a second or more with speech: nothing to lay beside people")
    measured = [_measure(part, skeleton) for part in parts]
    speech = np.concatenate([p.speech for p in parts])
    quiet = np.concatenate([pauses(p.speech) for p in parts])
    speeds = np.concatenate([m.speeds for m in measured])
    acceleration, jerk = (np.concatenate([getattr(m, n) for m in measured]) for n in ("acceleration", "jerk"))
    place = np.concatenate([m.place for m in measured])
    strokes = np.concatenate([m.strokes for m in measured])
    duration, path, peak = strokes.T
    power, scale = _power_law(path, peak)
    intervals = np.concatenate([m.intervals for m in measured])
    minutes = speech.sum() / POSE_RATE / 60
    talking = speeds[speech]
    head, lean_speed, lean = (np.concatenate([getattr(m, n) for m in measured]) for n in ("head", "lean_speed", "lean"))
    rng = np.random.default_rng(seed)
    low, high = np.percentile(place.reshape(-1, 3), (5, 95), axis=0)
    rows: list[tuple[str, float, str, float, float]] = [
        ("wrist speed in speech, mean [m/s]", talking.mean(), ".4", 0.2, 0.55),
        ("wrist speed in speech, p95 [m/s]", np.percentile(talking, 95), "1.2", 0.8, 1.6),
        ("mean over median speed", talking.mean() / np.median(talking), "1.3-1.6", 1.2, 2.5),
        ("acceleration p95 [m/s2]", np.percentile(acceleration[speech], 95), "9", 7.0, 10.0),
        ("jerk p95 [m/s3]", np.percentile(jerk[speech], 95), "100-115", 0.0, 135.0),
        ("both hands at rest", np.mean(np.all(speeds < REST_SPEED, axis=1)), ".03-.16", 0.03, 0.35),
        ("strokes a minute of speech", sum(m.apexes_in_speech for m in measured) / minutes, "120", 60, 160),
        ("apex interval, median [s]", np.median(intervals), ".40", 0.27, 0.65),
        ("apex interval, CV", intervals.std() / intervals.mean(), ".7", 0.45, 0.8),
        ("stroke duration, median [s]", np.median(duration), ".4", 0.3, 0.6),
        ("stroke path, median [m]", np.median(path), ".2", 0.12, 0.3),
        ("stroke peak, median [m/s]", np.median(peak), ".7", 0.5, 1.1),
        ("main sequence, a of peak = a path^b", scale, "2.4", 1.8, 2.8),
        ("main sequence, b", power, ".7", 0.55, 0.8),
        ("profile, peak over mean", np.median(peak * duration / path), "1.55", 1.5, 1.65),
        ("two-handed share", two_handed_share(speeds), ".55", 0.45, 0.7),
        ("left-right velocity r (mirrored axes)", _hands_r(np.concatenate([m.velocity for m in measured])),
         ".3-.55", 0.2, 0.7),
        ("wrist forward, p5 [arm lengths]", low[0], "0", -0.15, 0.3),
        ("wrist forward, p95", high[0], ".7", 0.5, 0.85),
        ("wrist outward, p5", low[1], "-.2", -0.35, 0.05),
        ("wrist outward, p95", high[1], ".5", 0.25, 0.65),
        ("wrist up, p5", low[2], "-.95", -1.1, -0.65),
        ("wrist up, p95", high[2], "-.05", -0.3, 0.1),
        ("wrist above the shoulder", np.mean(place[..., 2] > 0), ".01-.03", 0.0, 0.10),
        ("wrist across the midline", np.mean(np.concatenate([m.across for m in measured])), "<.02", 0.0, 0.04),
        ("speed in pauses over speed in speech", mean_speed(speeds, quiet) / mean_speed(speeds, speech),
         ".8 (.5-1)", 0.35, 1.0),
        ("excess of apexes at accents (in-speech jitter)", _excess(parts, measured, 0.0, rng), "1.07", 1.0, np.inf),
        ("excess of strong apexes", _excess(parts, measured, 1.0 - STRONG_SHARE, rng), "1.13", 1.0, np.inf),
        ("head speed, mean [deg/s]", head[speech].mean(), "28", 25, 30),
        ("head speed, p95 [deg/s]", np.percentile(head[speech], 95), "70", 55, 85),
        ("torso lean speed, mean [deg/s]", lean_speed[speech].mean(), "7-12", 4, 12),
        ("torso lean, sd [deg]", lean.std(), "2.5-4", 1.5, 5),
    ]
    return tuple(HumanFigure(name, float(value), human, float(lo), float(hi)) for name, value, human, lo, hi in rows)


def human_table(figures: Iterable[HumanFigure]) -> str:
    """The figures as a Markdown table; what is outside its range is marked."""
    lines = ["| figure | ours | people | accepted | |", "|---|---|---|---|---|"]
    for f in figures:
        bounds = f"at least {f.low:g}" if math.isinf(f.high) else f"{f.low:g} to {f.high:g}"
        lines.append(f"| {f.name} | {f.value:.2f} | {f.human} | {bounds} | {'yes' if f.fits else '**no**'} |")
    return "\n".join(lines)


@dataclass(frozen=True)
class _Measured:
    """One motion: (T, 2) speeds, acceleration, jerk; (T, 2, 3) velocity, place; strokes (K, 3); (T,) head and lean."""

    speeds: Floats
    acceleration: Floats
    jerk: Floats
    velocity: Floats
    place: Floats
    across: Bools
    strokes: Floats
    intervals: Floats
    apex_times_s: Floats
    apex_speeds: Floats
    apexes_in_speech: int
    head: Floats
    lean_speed: Floats
    lean: Floats


def _trim(talk: Talk) -> Talk | None:
    """From just before the first word to just after the last; None if that is too short."""
    count = min(len(talk.joint_xyz), len(talk.speech))
    spoken = np.flatnonzero(talk.speech[:count])
    if len(spoken) == 0:
        return None
    around = round(AROUND_S * POSE_RATE)
    start, stop = max(0, int(spoken[0]) - around), min(count, int(spoken[-1]) + 1 + around)
    if stop - start < max(POSE_RATE, MIN_FRAMES):
        return None
    times = talk.accent_times_s - start / POSE_RATE
    kept = times[(times >= 0) & (times < (stop - start) / POSE_RATE)]
    return Talk(talk.joint_xyz[start:stop], talk.speech[start:stop], kept)


def shoulder_frame(joint_xyz: npt.NDArray[np.floating], skeleton: Skeleton) -> tuple[Floats, Floats]:
    """Wrists seen from the shoulders, heading along the shoulder line.

    Returns:
        (T, 2, 3) left and right wrist relative to the middle of the shoulders as (forward, left, up) [m], and relative
        to its own shoulder as (forward, outward, up) [arm lengths].
    """
    xyz = np.asarray(joint_xyz, dtype=np.float64)
    left, right = (xyz[:, skeleton.index[f"{side}_shoulder"]] for side in ("left", "right"))
    across = (left - right) * np.array([1.0, 1.0, 0.0])
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    ahead = np.stack([across[:, 1], -across[:, 0], np.zeros(len(xyz))], axis=1)
    middle = 0.5 * (left + right)
    from_middle, from_own = np.empty((len(xyz), 2, 3)), np.empty((len(xyz), 2, 3))
    for i, (side, shoulder, sign) in enumerate((("left", left, 1.0), ("right", right, -1.0))):
        wrist = xyz[:, skeleton.index[f"{side}_wrist"]]
        length = sum(skeleton.bone_lengths[skeleton.index[f"{side}_{part}"]] for part in ("elbow", "wrist"))
        for out, origin, outward in ((from_middle, middle, 1.0), (from_own, shoulder, sign)):
            arm = wrist - origin
            out[:, i] = np.stack([np.sum(arm * ahead, 1), outward * np.sum(arm * across, 1), arm[:, 2]], axis=1)
        from_own[:, i] /= length
    return from_middle, from_own


def _measure(part: Talk, skeleton: Skeleton) -> _Measured:
    from_middle, place = shoulder_frame(part.joint_xyz, skeleton)
    velocity = derivative(from_middle, 1)
    speeds = np.linalg.norm(velocity, axis=-1)
    apexes, strokes = find_apexes(speeds), find_strokes(speeds)
    inside = part.speech[np.clip(np.round(apexes.times_s * POSE_RATE).astype(int), 0, len(part.speech) - 1)]
    intervals = np.diff(apexes.times_s)
    xyz = np.asarray(part.joint_xyz, dtype=np.float64)
    gaze = xyz[:, skeleton.index["nose"]] - xyz[:, skeleton.index["head"]]
    trunk = xyz[:, skeleton.index["neck"]] - xyz[:, skeleton.index["pelvis"]]
    tilt = np.degrees(np.arccos(np.clip(trunk[:, 2] / np.linalg.norm(trunk, axis=1), -1, 1)))
    return _Measured(
        speeds=speeds, acceleration=np.linalg.norm(derivative(from_middle, 2), axis=-1),
        jerk=np.linalg.norm(derivative(from_middle, 3), axis=-1), velocity=velocity, place=place,
        across=np.stack([from_middle[:, 0, 1] < 0, from_middle[:, 1, 1] > 0], axis=1),
        strokes=np.stack([strokes.durations_s, strokes.paths_m, strokes.peaks], axis=1),
        intervals=intervals[intervals < LONGEST_INTERVAL_S], apex_times_s=apexes.times_s, apex_speeds=apexes.speeds,
        apexes_in_speech=int(inside.sum()), head=_turning(gaze), lean_speed=_turning(trunk), lean=tilt,
    )


def _turning(direction: Floats) -> Floats:
    """(T, 3) vectors to (T,) how fast they turn [deg/s], after the 6 Hz low-pass."""
    unit = low_pass(direction / np.linalg.norm(direction, axis=1, keepdims=True))
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return np.asarray(np.degrees(np.linalg.norm(np.gradient(unit, 1.0 / POSE_RATE, axis=0), axis=1)))


def _power_law(path: Floats, peak: Floats) -> tuple[float, float]:
    """Exponent b and factor a of peak = a path^b, by least squares of the logarithms; NaN for under 3 strokes."""
    if len(path) < 3 or np.ptp(path) == 0:
        return math.nan, math.nan
    exponent, offset = np.polyfit(np.log(path), np.log(peak), 1)
    return float(exponent), float(np.exp(offset))


def _hands_r(velocity: Floats) -> float:
    """Mean over the axes of the correlation of (T, 2, 3) left and right velocities, the lateral axis mirrored."""
    mirrored = velocity * np.array([[1.0, 1.0, 1.0], [1.0, -1.0, 1.0]])
    return float(np.mean([np.corrcoef(mirrored[:, 0, i], mirrored[:, 1, i])[0, 1] for i in range(3)]))


def _excess(parts: list[Talk], measured: list[_Measured], quantile: float, rng: np.random.Generator) -> float:
    """Apexes near accents over the same apexes jittered by up to a second; both sides must fall in speech."""
    speeds = np.concatenate([m.apex_speeds for m in measured])
    least = float(np.quantile(speeds, quantile)) if len(speeds) else 0.0
    real, jittered = 0.0, 0.0
    for part, m in zip(parts, measured):
        times = m.apex_times_s[m.apex_speeds >= least]
        times = times[_spoken(part, times)]
        if len(times) == 0 or len(part.accent_times_s) == 0:
            continue
        moved = times[:, None] + rng.uniform(-JITTER_S, JITTER_S, (len(times), JITTERS))
        valid = _spoken(part, moved.ravel()).reshape(moved.shape)
        near = np.abs(nearest_offsets(moved.ravel(), part.accent_times_s)).reshape(moved.shape) <= STRESSED_S
        usable = valid.any(axis=1)
        real += float(np.sum((np.abs(nearest_offsets(times, part.accent_times_s)) <= STRESSED_S)[usable]))
        jittered += float(np.sum((near & valid).sum(axis=1)[usable] / valid.sum(axis=1)[usable]))
    return real / jittered if jittered else math.nan


def _spoken(part: Talk, times_s: Floats) -> Bools:
    frames = np.round(times_s * POSE_RATE).astype(int)
    inside = (frames >= 0) & (frames < len(part.speech))
    return np.asarray(inside & part.speech[np.clip(frames, 0, len(part.speech) - 1)])
