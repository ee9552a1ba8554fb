"""Standard set of motions for the check of a robot: recorded motion, the model's motion for speech, extreme poses.

    recorded   motion of `datasets.motion_recordings`, half of the minutes          left out, with a note, without data
    speech     the default model's motion for recorded speakers, the other half     for the demo speech without data
    extremes   arms up, wide, crossed, low, each 0.4 s after the one before: faster and farther than people who talk

Each is one long motion: recordings are joined by two seconds in which the arms move from the end of one to the start of
the next, because engaging a robot slowly (`control.planner`) for each of them would be compared, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.assets import resolve, share_folder
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.datasets.motion_recordings import read_recordings
from speech_gesture_ros.datasets.speech_recordings import DATA_VARIABLE
from speech_gesture_ros.evaluation.speaker_selection import pick_recordings
from speech_gesture_ros.pipeline.speech_to_pose import SpeechToPose
from speech_gesture_ros.retargeting.targets import DIRECTIONS
from speech_gesture_ros.retargeting.trial_poses import standing_human

Array = npt.NDArray[np.float64]
Motion = npt.NDArray[np.float32]

EXTREMES = "extremes"
MAX_SPEECH_S = 30.0  # of one speaker
MAX_SPEAKERS = 40
FRAMES_PER_MINUTE = 60 * POSE_RATE
JOIN_S = 2.0  # from one recording to the next
POSE_S, HOLD_S = 0.4, 0.6  # time to reach an extreme pose, and to hold it
OFFSET = 1e-3 * np.array([0.3, 0.9, 0.2])  # added when directions are blended, because opposite ones pass through zero
EXTREME_POSES_DEG = (  # upper arm outwards, forwards; forearm inwards, upwards
    (5, 0, 0, -85), (85, 0, -80, 0), (150, 10, -30, 80), (20, 80, 0, 10), (15, 40, 80, 0), (60, 20, 60, 60),
    (10, -30, 0, -60), (40, 60, 70, 40), (170, 0, 0, 85), (12, 8, 20, 5),
)


@dataclass(frozen=True)
class StandardMotions:
    """Kind ("recorded", "speech", `EXTREMES`) to (T, J, 3) at 25 Hz [m], and notes about missing data."""

    kinds: dict[str, Motion]
    notes: tuple[str, ...] = ()


def standard_motions(minutes: float, data: Path, skeleton: Skeleton) -> StandardMotions:
    """Make the set.

    Args:
        minutes: Recorded motion and speech together [min].
        data: The data folder; without recorded motion there is more speech.
        skeleton: Of the motions.
    """
    notes: list[str] = []
    recorded = _recorded(minutes / 2, data, skeleton)
    if not recorded:
        notes.append(f"recorded motion: none in {data}/motion (set {DATA_VARIABLE} or give --data); all is speech")
    done = sum(map(len, recorded)) / FRAMES_PER_MINUTE
    kinds = {"recorded": recorded, "speech": _speech(minutes - done, data, notes)}
    return StandardMotions({**{kind: join(motions, skeleton) for kind, motions in kinds.items() if motions},
                      EXTREMES: extreme_motion(skeleton)}, tuple(notes))


def join(motions: Sequence[Motion], skeleton: Skeleton) -> Motion:
    """(T, J, 3) one motion after the other, with a minimum-jerk transition of `JOIN_S` between them [m]."""
    share = _min_jerk(JOIN_S)[:-1, None, None]
    parts = [motions[0]]
    for before, after in pairwise(motions):
        start, stop = (skeleton.bones_from_xyz(np.asarray(m, dtype=np.float64)) for m in (before[-1], after[0]))
        bones = (1 - share) * start + share * stop + OFFSET * skeleton.bone_lengths[:, None]
        lengths = np.maximum(np.linalg.norm(bones, axis=-1, keepdims=True), 1e-9)
        between = skeleton.xyz_from_bones(bones / lengths * skeleton.bone_lengths[:, None])
        parts += [between.astype(np.float32), after]
    return np.concatenate(parts)


def _recorded(minutes: float, data: Path, skeleton: Skeleton) -> list[Motion]:
    """Stretches of all collections in random order, until there are enough minutes."""
    found = [recording.joint_xyz for recording in read_recordings(data, skeleton)]
    wanted = round(minutes * FRAMES_PER_MINUTE)
    chosen: list[Motion] = []
    for i in np.random.default_rng(0).permutation(len(found)):
        if sum(map(len, chosen)) >= wanted:
            break
        chosen.append(found[i])
    return chosen


def _speech(minutes: float, data: Path, notes: list[str]) -> list[Motion]:
    """The default model's motion for one speaker after the other, each with another seed."""
    wanted = round(minutes * FRAMES_PER_MINUTE)
    count = int(np.clip(np.ceil(minutes * 60 / MAX_SPEECH_S), 1, MAX_SPEAKERS))
    if (data / "speech" / "hours" / "manifest.csv").is_file():
        files = [recording.path for recording in pick_recordings(data, count)]
    else:
        files = [share_folder() / "config" / "demo" / "speech.flac"]
        notes.append(f"speech: none in {data}/speech (set {DATA_VARIABLE} or give --data); the demo speech is used")
    motions: list[Motion] = []
    turn = 0
    while not motions or sum(map(len, motions)) < wanted:
        samples = load_mono_16k(files[turn % len(files)])[:round(MAX_SPEECH_S * SAMPLE_RATE)]
        model = SpeechToPose(resolve("default", "models"), seed=turn, device="cpu")
        motions.append(np.asarray(model.perform(samples), dtype=np.float32))
        turn += 1
    return motions


def extreme_motion(skeleton: Skeleton) -> Motion:
    """(T, J, 3) from extreme pose to extreme pose [m]."""
    shares = np.concatenate([_min_jerk(POSE_S), np.ones(round(HOLD_S * POSE_RATE))])
    poses = [standing_human(*pose) for pose in EXTREME_POSES_DEG]
    frames = [_blend(here, there, share) for here, there in zip(poses, [*poses[1:], poses[0]]) for share in shares]
    return np.array([standing_joints(skeleton, f) for f in frames], dtype=np.float32)


def _min_jerk(seconds: float) -> Array:
    """(T,) from just above 0 to 1."""
    way = np.arange(1, round(seconds * POSE_RATE) + 1) / round(seconds * POSE_RATE)
    return np.asarray(way**3 * (10 - 15 * way + 6 * way**2))


def _blend(here: Array, there: Array, share: float) -> Array:
    mixed = (1 - share) * here + share * there + OFFSET
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True))


def standing_joints(skeleton: Skeleton, directions: Array) -> Array:
    """(J, 3) the rest pose with arms along the (12, 3) directions [m]."""
    bones = skeleton.offsets.copy()
    for side in ("left", "right"):
        for part, joint in (("upper_arm", "elbow"), ("forearm", "wrist"), ("hand", "hand"), ("thumb", "thumb")):
            index = skeleton.index[f"{side}_{joint}"]
            bones[index] = skeleton.bone_lengths[index] * directions[DIRECTIONS.index(f"{side}_{part}")]
    return skeleton.xyz_from_bones(bones)
