"""Tracks of a named gesture: keys on the gesture's own time axis, interpolated at minimum jerk.

    track            columns                                         effect on the stream
    left, right      wrist (3), hand (3), palm (3), elbow (1)        replaces it, by a weight
    head, torso      rotation about forward, left, up [rad]          is added to it
    shoulders        lift [rad]                                      is added to it

A nod therefore does not affect the arms, and is added to other motion of the head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.gesture_library import MAX_REPETITIONS, ArmKey, LiftKey, NamedGesture, TurnKey
from speech_gesture_ros.pose.gesture_requests import GestureRequest
from speech_gesture_ros.pose.idle import ELBOW_POLE, bend_arm
from speech_gesture_ros.pose.minimum_jerk import minimum_jerk
from speech_gesture_ros.pose.rotations import orthogonal, unit

Array = npt.NDArray[np.float64]

RESTING_WRIST = np.array([0.43, -0.17, -0.67])  # idle hand, from the shoulder in arm lengths
MAX_WRIST_HEIGHT = 0.35  # over the shoulder, in arm lengths, at any amplitude: beside the face
MAX_REACH = 0.95  # of the wrist, in arm lengths, at any amplitude: the elbow of a stretched arm moves too fast
MIN_HOLD_S = 0.05
WRIST, HAND, PALM, ELBOW = slice(0, 3), slice(3, 6), slice(6, 9), 9


@dataclass(frozen=True)
class GestureTrack:
    """Values at key times, with a fade in and a fade out.

    Attributes:
        times: (K,) increasing, relative to the stroke instant [s].
        values: (K, C).
        prepare_s: Duration of the fade in before the first key [s].
        retract_s: Duration of the fade out after the last key [s].
    """

    times: Array
    values: Array
    prepare_s: float = 0.0
    retract_s: float = 0.0

    @property
    def start_s(self) -> float:
        """Beginning of the fade in [s]."""
        return float(self.times[0]) - self.prepare_s

    @property
    def stop_s(self) -> float:
        """End of the fade out [s]."""
        return float(self.times[-1]) + self.retract_s

    def at(self, time_s: Array) -> Array:
        """(T,) times [s] to (T, C) values: minimum jerk between keys, constant beyond the outer ones."""
        after = np.clip(np.searchsorted(self.times, time_s, side="right"), 1, max(1, len(self.times) - 1))
        first, second = (self.times[np.minimum(i, len(self.times) - 1)] for i in (after - 1, after))
        share = minimum_jerk((time_s - first) / np.maximum(second - first, 1e-9))[:, None]
        start, stop = (self.values[np.minimum(i, len(self.times) - 1)] for i in (after - 1, after))
        return np.asarray(start + share * (stop - start))

    def weight(self, time_s: Array) -> Array:
        """(T,) times [s] to (T,) weights of the track in [0, 1]."""
        rising = minimum_jerk((time_s - self.start_s) / max(self.prepare_s, 1e-9))
        falling = minimum_jerk((time_s - self.times[-1]) / max(self.retract_s, 1e-9))
        return np.asarray(rising * (1.0 - falling))


def make_tracks(gesture: NamedGesture, request: GestureRequest) -> dict[str, GestureTrack]:
    """Make the tracks of a requested gesture: "left", "right", "head", "torso", "shoulders".

    Raises:
        InputError: If the gesture cannot be made with the requested hand.
    """
    side = request.side or gesture.side
    if side not in gesture.sides:
        raise InputError(f"side of {request.gesture}", side, f"one of {', '.join(gesture.sides)}",
                         "Choose one of these, or leave it out.")
    lead, follow = ("left", "right") if side == "left" else ("right", "left")
    turn_sign = {"right": 1.0, "left": -1.0, "both": 0.0}[side]
    repetitions, longer_s = _stretch(gesture, request)
    slower = max(1.0, request.amplitude)  # a longer path to the first key and back takes longer
    tracks: dict[str, GestureTrack] = {}
    for name, keys in ((lead, gesture.arm), (follow, gesture.arm if side == "both" else gesture.other)):
        if keys:
            rows = np.array([_arm_row(key, request.amplitude) for key in keys])
            tracks[name] = _track(gesture, keys, rows, repetitions, longer_s, slower * gesture.prepare_s,
                                  slower * gesture.retract_s)
    for name, turns in (("head", gesture.head), ("torso", gesture.torso)):
        if turns:
            rows = request.amplitude * np.radians([_turn_row(key, turn_sign) for key in turns])
            tracks[name] = _track(gesture, turns, rows, repetitions, longer_s)
    if gesture.shoulders:
        rows = request.amplitude * np.radians([[key.lift] for key in gesture.shoulders])
        tracks["shoulders"] = _track(gesture, gesture.shoulders, rows, repetitions, longer_s)
    return tracks


def arm_bones(skeleton: Skeleton, side: str, state: Array) -> dict[int, Array]:
    """Compute the bones of one arm in the frame of the chest.

    Args:
        skeleton: Skeleton with that arm; hand and thumb are left out if it lacks them.
        side: "left" or "right".
        state: (T, 10) columns of the arm's track.

    Returns:
        Joint index to (T, 3) bone [m].
    """
    index, lengths = skeleton.index, skeleton.bone_lengths
    outwards = np.array([1.0, 1.0 if side == "left" else -1.0, 1.0])
    elbow_i, wrist_i = index[f"{side}_elbow"], index[f"{side}_wrist"]
    target = state[:, WRIST] * (lengths[elbow_i] + lengths[wrist_i])
    lift = np.radians(state[:, ELBOW])
    pole = np.stack([np.full_like(lift, ELBOW_POLE[0]), ELBOW_POLE[1] + 0.8 * np.sin(lift),
                     ELBOW_POLE[2] * np.cos(lift)], axis=-1)
    elbow, wrist = bend_arm(np.zeros(3), target, lengths[elbow_i], lengths[wrist_i], pole)
    hand = unit(state[:, HAND])
    palm = unit(orthogonal(state[:, PALM], hand))
    across = np.cross(palm, hand)  # side of the thumb: in (forward, outward, up) both hands are left hands
    bones = {elbow_i: elbow * outwards, wrist_i: (wrist - elbow) * outwards}
    if f"{side}_hand" in index:
        bones[index[f"{side}_hand"]] = hand * lengths[index[f"{side}_hand"]] * outwards
    if f"{side}_thumb" in index:
        thumb = index[f"{side}_thumb"]
        bones[thumb] = unit(0.77 * hand + 0.64 * across) * lengths[thumb] * outwards
    return bones


def _stretch(gesture: NamedGesture, request: GestureRequest) -> tuple[int, float]:
    """Number of repetitions of the cycle, and extra duration of the hold [s]."""
    usual_s = max(keys[-1].t for keys in (gesture.arm, gesture.other, gesture.head, gesture.torso, gesture.shoulders)
                  if keys)
    if gesture.cycle is None:
        return 1, 0.0 if request.duration is None else request.duration - usual_s
    repetitions = request.repetitions or gesture.repetitions
    if request.duration is not None and request.repetitions is None:
        repetitions = 1 + round((request.duration - usual_s) / (gesture.cycle[1] - gesture.cycle[0]))
    return min(max(repetitions, 1), MAX_REPETITIONS), 0.0


def _track(gesture: NamedGesture, keys: Sequence[ArmKey] | Sequence[TurnKey] | Sequence[LiftKey], rows: Array,
           repetitions: int, longer_s: float, prepare_s: float = 0.0, retract_s: float = 0.0) -> GestureTrack:
    times = np.array([key.t for key in keys])
    if gesture.cycle is not None:
        first, last = gesture.cycle
        period, again = last - first, (times > first) & (times <= last)
        times = np.concatenate([times[times <= last], *(times[again] + i * period for i in range(1, repetitions)),
                                times[times > last] + (repetitions - 1) * period])
        rows = np.concatenate([rows[: (np.array([key.t for key in keys]) <= last).sum()],
                               *(rows[again] for _ in range(1, repetitions)),
                               rows[(np.array([key.t for key in keys]) > last)]])
    elif (times > gesture.hold).any():
        after = times > gesture.hold
        before = times[~after].max(initial=gesture.hold)
        times = times + after * max(longer_s, before + MIN_HOLD_S - times[after].min())
    return GestureTrack(times, rows, prepare_s, retract_s)


def _arm_row(key: ArmKey, amplitude: float) -> list[float]:
    usual = np.array(key.wrist)
    wrist = RESTING_WRIST + amplitude * (usual - RESTING_WRIST)
    if amplitude > 1.0:
        wrist[:2] = np.maximum(wrist[:2], usual[:2])  # larger, but not closer to the trunk or further across it
        wrist[2] = min(wrist[2], max(MAX_WRIST_HEIGHT, usual[2]))
        wrist *= min(1.0, MAX_REACH / float(np.linalg.norm(wrist)))
    return [*wrist, *key.hand, *key.palm, key.elbow]


def _turn_row(key: TurnKey, sign: float) -> tuple[float, float, float]:
    yaw, pitch, roll = key.turn
    return sign * roll, pitch, -sign * yaw
