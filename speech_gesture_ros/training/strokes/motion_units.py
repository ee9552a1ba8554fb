r"""Motion units: gestures taken from recorded motion, as places of both hands.

recorded wrists ──► turning points (speed minima) ──► four in a row: three strokes ──► three places of each hand = one
                                                                                       gesture, kept if they lie in the
                                                                                       space of gestures

The recordings have no speech and their own tempo, so only places are used, in arm lengths of the person; time, length
and duration of a stroke are those of the stroke process. The result is a small file of numbers,
`config/training/motion_units.yaml`, made from the data folder by

    python -m speech_gesture_ros.training.strokes.motion_units

so that training does not need the recordings.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml
from scipy import signal

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.core.atomic_files import write_text
from speech_gesture_ros.datasets.joint_names import SIDES
from speech_gesture_ros.datasets.motion_recordings import read_source_recordings
from speech_gesture_ros.datasets.public_collections import FLESH, KINECT, REACHY
from speech_gesture_ros.datasets.source_motion import SourceMotion
from speech_gesture_ros.datasets.speech_recordings import data_folder
from speech_gesture_ros.evaluation.kinematics import low_pass

Floats = npt.NDArray[np.float64]

WRIST_RATE = 50.0  # [Hz] to which recordings are resampled
ARM_M = 0.53
SHOULDER_M = np.array([0.0, 0.18, 0.07])  # re chest as (forward, outward, up) [m]
LOWEST_M, HIGHEST_M = np.array([0.22, 0.05, -0.28]), np.array([0.46, 0.38, 0.03])  # gesture space
MAX_OUTSIDE_M = 0.07  # by which a place may lie outside
INNER_M = 0.07  # distance from its border that the mean of a unit's places must have
STROKE_M = (0.07, 0.55)
STILL_M = 0.05  # a hand that moves less in all three strokes counts as still
TURN_PROMINENCE = 0.05  # [m/s]
TURN_DISTANCE = 5  # samples between turning points
UP_AXES = {REACHY: np.array([0.0, 0.0, 1.0]), FLESH: np.array([0.0, 0.0, 1.0]), KINECT: np.array([0.0, 1.0, 0.0])}


@dataclass(frozen=True)
class WristRecording:
    """Wrists of one recording.

    Attributes:
        source: Data set.
        name: Name of the recording.
        wrists: (T, 2, 3) left and right wrist re its own shoulder as (forward, outward, up), in arm lengths, at
            `WRIST_RATE`.
    """

    source: str
    name: str
    wrists: Floats


@dataclass(frozen=True)
class MotionUnit:
    """Three strokes: (3, 3) places re chest [m] of the leading and the other hand."""

    source: str
    name: str
    lead: Floats
    follow: Floats
    one_handed: bool


def read_wrists(data: Path) -> Iterator[WristRecording]:
    """Read the wrists of all recordings of data/motion."""
    for recording in read_source_recordings(data):
        wrists = wrists_of(recording.motion, UP_AXES[recording.source])
        yield WristRecording(recording.source, recording.name, _regular(wrists, recording.times_s))


def wrists_of(motion: SourceMotion, up: Floats) -> Floats:
    """Return (T, 2, 3) wrists in arm lengths, re their shoulders as (forward, outward, up), given the up axis."""
    at = dict(zip(motion.names, np.moveaxis(motion.xyz, 1, 0)))
    left = at["left_shoulder"] - at["right_shoulder"]
    left = left - (left @ up)[:, None] * up
    left /= np.linalg.norm(left, axis=1, keepdims=True)
    ahead = np.cross(left, up)
    out = np.empty((len(left), 2, 3))
    for i, (side, sign) in enumerate(zip(SIDES, (1.0, -1.0))):
        arm = at[f"{side}_wrist"] - at[f"{side}_shoulder"]
        length = sum(float(np.nanmedian(np.linalg.norm(at[f"{side}_{a}"] - at[f"{side}_{b}"], axis=1)))
                     for a, b in (("elbow", "shoulder"), ("wrist", "elbow")))
        out[:, i] = np.stack([np.sum(arm * ahead, 1), sign * np.sum(arm * left, 1), arm @ up], axis=1) / length
    return out


def _regular(local: Floats, times: Floats) -> Floats:
    """Resample to `WRIST_RATE` and smooth; unknown frames are interpolated."""
    known = np.all(np.isfinite(local), axis=(1, 2))
    times, local = times[known] - times[known][0], local[known]
    grid = np.arange(0.0, times[-1], 1.0 / WRIST_RATE)
    flat = np.stack([np.interp(grid, times, column) for column in local.reshape(len(local), -1).T], axis=1)
    return low_pass(flat.reshape(-1, 2, 3), WRIST_RATE)


def find_units(recording: WristRecording) -> list[MotionUnit]:
    """Return all runs of three strokes within the gesture space."""
    wrists = SHOULDER_M + ARM_M * recording.wrists
    speeds = np.linalg.norm(np.gradient(wrists, 1 / WRIST_RATE, axis=0), axis=-1)
    lead = int(np.argmax(speeds.mean(axis=0)))
    turns, _ = signal.find_peaks(-speeds.max(axis=1), prominence=TURN_PROMINENCE, distance=TURN_DISTANCE)
    units = []
    for first in range(len(turns) - 3):
        frames = turns[first:first + 4]
        hands = [_strokes(wrists[:, hand], frames) for hand in (lead, 1 - lead)]
        if all(_fits(places) for places, _ in hands) and all(
                STROKE_M[0] <= length <= STROKE_M[1] for length in hands[0][1]):
            (lead_part, other_part) = (np.clip(places, LOWEST_M, HIGHEST_M) for places, _ in hands)
            units.append(MotionUnit(recording.source, recording.name, lead_part, other_part,
                                    bool(max(hands[1][1]) < STILL_M)))
    return units


def _strokes(wrist: Floats, frames: npt.NDArray[np.int64]) -> tuple[Floats, list[float]]:
    """Return the places after each of three strokes, and their lengths [m]."""
    lengths = [float(np.linalg.norm(wrist[stop] - wrist[start])) for start, stop in itertools.pairwise(frames)]
    places = wrist[frames[1:]]
    # The places are moved into the gesture space as a whole: people who do not speak let their arms hang.
    middle = places.mean(axis=0)
    return places + np.clip(middle, LOWEST_M + INNER_M, HIGHEST_M - INNER_M) - middle, lengths


def _fits(places: Floats) -> bool:
    return bool(np.linalg.norm(np.clip(places, LOWEST_M, HIGHEST_M) - places, axis=1).max() <= MAX_OUTSIDE_M)


def extract(data: Path) -> list[dict[str, Any]]:
    """Return the units of all recordings, as entries of the file."""
    units = [unit for recording in read_wrists(data) for unit in find_units(recording)]
    return [{"source": u.source, "recording": u.name, "one_handed": u.one_handed, "palm": bool(i % 2),
             **{part: {"places": np.round(places, 3).tolist()}
                for part, places in (("lead", u.lead), ("follow", u.follow))}}
            for i, u in enumerate(units)]


def main() -> None:
    """Write config/training/motion_units.yaml of this checkout."""
    units = extract(data_folder())
    path = share_folder() / "config" / "training" / "motion_units.yaml"
    head = ("# Gestures from recorded motion, made by motion_units.py. Metres re chest: forward, outward, up.\n"
            "# Sources: reachy2_emotions (Pollen Robotics, Apache-2.0), flesh_zas2025 (sarkadava, CC0-1.0),\n"
            "# labanotation_kinect (Microsoft LabanotationSuite, MIT).\n")
    write_text(path, head + yaml.safe_dump({"units": units}, default_flow_style=None, sort_keys=False, width=119))
    sys.stdout.write(f"{len(units)} units written to {path}\n")


if __name__ == "__main__":
    main()
