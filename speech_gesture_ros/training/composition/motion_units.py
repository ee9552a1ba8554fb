r"""Gestures taken from recorded motion: where hands went, one stroke after the other, and how their ways bowed.

    recorded wrists ──► turning points (speed minima) ──► four in a row: three strokes
         o                                                    │
          \\  bow    three places a hand, three bows  ◄────────┘   kept if they lie in the space in which people talk
           ) ----►  = one gesture of the repertoire
          o

The recordings have no speech and their own tempo, so only places and paths are taken, in arm lengths of whoever moved;
when a stroke comes and how long it takes is the choreographer's business. The result is a small file of numbers,
`config/training/motion_units.yaml`, made from the data folder by

    python -m speech_gesture_ros.training.composition.motion_units

so that training does not need the recordings and a repertoire stays what it was.
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
from speech_gesture_ros.datasets.public_collections import (
    FLESH,
    KINECT,
    REACHY,
    REACHY_ARM,
    REACHY_URDF,
    flesh_files,
    kinect_files,
    reachy_files,
    read_kinect,
    read_markers,
    read_reachy,
)
from speech_gesture_ros.datasets.speech_recordings import data_folder
from speech_gesture_ros.evaluation.kinematics import low_pass
from speech_gesture_ros.robot.model import load_model

Floats = npt.NDArray[np.float64]

RATE = 50.0  # [Hz] to which recordings are brought
ARM_M = 0.53
SHOULDER = np.array([0.0, 0.18, 0.07])  # re chest as (forward, outward, up) [m]
LOWEST, HIGHEST = np.array([0.22, 0.05, -0.28]), np.array([0.46, 0.38, 0.03])  # space in which people talk
FURTHEST_OUT_M = 0.07  # by which a place may miss it
INNER_M = 0.07  # from its border that the middle of a unit's places must lie
STROKE_M = (0.07, 0.55)
STILL_M = 0.05  # a hand that moves less in all three strokes only keeps company
LONGEST_BOW = 0.35
TURN_PROMINENCE = 0.05  # [m/s]
KINECT_ARMS = {"LShoulder": 4, "LElbow": 5, "LWrist": 6, "RShoulder": 8, "RElbow": 9, "RWrist": 10}
QUOTAS = {REACHY: 6, FLESH: 3, KINECT: 1}


@dataclass(frozen=True)
class Recorded:
    """Wrists of one recording.

    Attributes:
        source: Data set.
        name: Of the recording.
        wrists: (T, 2, 3) left and right wrist re its own shoulder as (forward, outward, up), in arm lengths, at `RATE`.
    """

    source: str
    name: str
    wrists: Floats


@dataclass(frozen=True)
class Unit:
    """Three strokes: (3, 3) places re chest [m] and (3, 3) bows over length, of the leading and the other hand."""

    source: str
    name: str
    lead: tuple[Floats, Floats]
    follow: tuple[Floats, Floats]
    one_handed: bool

    def vector(self) -> Floats:
        """(18,) all places, by which units are told apart."""
        return np.concatenate([self.lead[0].ravel(), self.follow[0].ravel()])


def read_recordings(data: Path) -> Iterator[Recorded]:
    """All recordings of data/motion that show two arms."""
    yield from _read_reachy(reachy_files(data), data / REACHY_URDF)
    for path in flesh_files(data):
        times, at, _ = read_markers(path)
        yield Recorded(FLESH, path.name.split(".")[0], _regular(times, _from_joints(at, np.array([0.0, 0.0, 1.0]))))
    for path in kinect_files(data):
        times, joints = read_kinect(path)
        at = {name: joints[:, i] for name, i in KINECT_ARMS.items()}
        yield Recorded(KINECT, path.stem, _regular(times, _from_joints(at, np.array([0.0, 1.0, 0.0]))))


def _read_reachy(paths: list[Path], robot: Path) -> Iterator[Recorded]:
    model = load_model(robot)
    names = [f"{side}_{part}" for side in "lr" for part in REACHY_ARM]
    arm = model.kinematics(names)
    links = {joint.name: joint.child for joint in model.urdf.joints}
    points = arm.model.points([links[f"{side}_{part}"] for part in ("shoulder_pitch", "elbow_pitch", "wrist_roll")
                         for side in "lr"], np.zeros((6, 3)))
    for path in paths:
        times, angles = read_reachy(path)
        if not len(times):
            continue
        q = angles[:, -len(names):]  # without the head
        placed = np.empty((len(q), 3, 2, 3))
        for i, row in enumerate(q):
            arm.update(row)
            placed[i] = arm.positions(points).reshape(3, 2, 3)
        length = np.linalg.norm(np.diff(placed[0], axis=0), axis=-1).sum(axis=0).mean()
        local = (placed[:, 2] - placed[:, 0]) * np.array([[1, 1, 1], [1, -1, 1]]) / length
        yield Recorded(REACHY, path.stem, _regular(times, local))


def _from_joints(at: dict[str, Floats], up: Floats) -> Floats:
    """(T, 2, 3) wrists in arm lengths from joints (T, 3) in any units, given which way is up."""
    left = at["LShoulder"] - at["RShoulder"]
    left = left - (left @ up)[:, None] * up
    left /= np.linalg.norm(left, axis=1, keepdims=True)
    ahead = np.cross(left, up)
    out = np.empty((len(left), 2, 3))
    for i, (side, sign) in enumerate((("L", 1.0), ("R", -1.0))):
        arm = at[f"{side}Wrist"] - at[f"{side}Shoulder"]
        lengths = [np.median(np.linalg.norm(at[f"{side}{a}"] - at[f"{side}{b}"], axis=1))
                   for a, b in (("Elbow", "Shoulder"), ("Wrist", "Elbow"))]
        out[:, i] = np.stack([np.sum(arm * ahead, 1), sign * np.sum(arm * left, 1), arm @ up], axis=1) / sum(lengths)
    return out


def _regular(times: Floats, local: Floats) -> Floats:
    """Brought to `RATE` and smoothed."""
    known = np.all(np.isfinite(local), axis=(1, 2))
    times, local = times[known] - times[known][0], local[known]
    grid = np.arange(0.0, times[-1], 1.0 / RATE)
    flat = np.stack([np.interp(grid, times, column) for column in local.reshape(len(local), -1).T], axis=1)
    return low_pass(flat.reshape(-1, 2, 3), RATE)


def find_units(recorded: Recorded) -> list[Unit]:
    """All runs of three strokes within the space of talk."""
    wrists = SHOULDER + ARM_M * recorded.wrists
    speeds = np.linalg.norm(np.gradient(wrists, 1 / RATE, axis=0), axis=-1)
    lead = int(np.argmax(speeds.mean(axis=0)))
    turns, _ = signal.find_peaks(-speeds.max(axis=1), prominence=TURN_PROMINENCE, distance=5)
    units = []
    for first in range(len(turns) - 3):
        frames = turns[first:first + 4]
        hands = [_strokes(wrists[:, hand], frames) for hand in (lead, 1 - lead)]
        if all(_fits(places) for places, _, _ in hands) and all(
                STROKE_M[0] <= length <= STROKE_M[1] for length in hands[0][2]):
            (lead_part, other_part) = ((np.clip(p, LOWEST, HIGHEST), bows) for p, bows, _ in hands)
            units.append(Unit(recorded.source, recorded.name, lead_part, other_part,
                              bool(max(hands[1][2]) < STILL_M)))
    return units


def _strokes(wrist: Floats, frames: npt.NDArray[np.int64]) -> tuple[Floats, Floats, list[float]]:
    """Places after each of three strokes, their bows, and their lengths [m]."""
    bows, lengths = [], []
    for start, stop in itertools.pairwise(frames):
        way = wrist[stop] - wrist[start]
        length = float(np.linalg.norm(way))
        path = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(wrist[start:stop + 1], axis=0), axis=1))])
        middle = wrist[start + int(np.searchsorted(path, 0.5 * path[-1]))]
        bow = (middle - 0.5 * (wrist[start] + wrist[stop])) / max(length, STILL_M)
        bow = bow - way * float(bow @ way) / max(length, 1e-6) ** 2
        bows.append(bow * min(1.0, LONGEST_BOW / max(float(np.linalg.norm(bow)), 1e-6)))
        lengths.append(length)
    places = wrist[frames[1:]]
    # As recorded, but as a whole moved to where people talk: silent players hang their arms.
    middle = places.mean(axis=0)
    return places + np.clip(middle, LOWEST + INNER_M, HIGHEST - INNER_M) - middle, np.array(bows), lengths


def _fits(places: Floats) -> bool:
    return bool(np.linalg.norm(np.clip(places, LOWEST, HIGHEST) - places, axis=1).max() <= FURTHEST_OUT_M)


def pick_units(units: list[Unit], count: int) -> list[Unit]:
    """As different ones as possible: each next is the one furthest from all before; the first has the longest way."""
    if not units:
        return []
    vectors = np.array([u.vector() for u in units])
    reach = np.linalg.norm(np.diff(vectors[:, :9].reshape(-1, 3, 3), axis=1), axis=-1).sum(axis=1)
    chosen = [int(np.argmax(reach))]
    while len(chosen) < min(count, len(units)):
        distance = np.min(np.linalg.norm(vectors[:, None] - vectors[chosen][None], axis=-1), axis=1)
        chosen.append(int(np.argmax(distance)))
    return [units[i] for i in chosen]


def extract(data: Path) -> list[dict[str, Any]]:
    """The units of all recordings, as they are written down."""
    found: dict[str, list[Unit]] = {source: [] for source in QUOTAS}
    for recorded in read_recordings(data):
        found[recorded.source] += find_units(recorded)
    chosen = [unit for source, quota in QUOTAS.items() for unit in pick_units(found[source], quota)]
    return [{"source": u.source, "recording": u.name, "one_handed": u.one_handed, "palm": bool(i % 2),
             **{part: {"places": np.round(places, 3).tolist(), "bows": np.round(bows, 2).tolist()}
                for part, (places, bows) in (("lead", u.lead), ("follow", u.follow))}}
            for i, u in enumerate(chosen)]


def main() -> None:
    """Write config/training/motion_units.yaml of this checkout."""
    units = extract(data_folder())
    path = share_folder() / "config" / "training" / "motion_units.yaml"
    head = ("# Gestures from recorded motion, made by motion_units.py. Metres re chest: forward, outward, up.\n"
            "# Sources: reachy2_emotions (Pollen Robotics, Apache-2.0), flesh_zas2025 (sarkadava, CC0-1.0),\n"
            "# labanotation_kinect (Microsoft LabanotationSuite, MIT).\n")
    path.write_text(head + yaml.safe_dump({"units": units}, default_flow_style=None, sort_keys=False, width=119),
                    encoding="utf-8")
    sys.stdout.write(f"{len(units)} units written to {path}\n")


if __name__ == "__main__":
    main()
