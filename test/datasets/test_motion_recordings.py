"""Recorded motion on the canonical skeleton: small files of the formats, and the collections of the data folder."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pinocchio", reason="needs pip install '.[agent]'")

from speech_gesture_ros.core.skeleton import Skeleton, load_skeleton
from speech_gesture_ros.datasets.motion_recordings import read_recordings

DATA = Path(os.environ.get("SPEECH_GESTURE_DATA", "../shared/data"))
SECONDS = 4.0


@pytest.fixture(scope="module")
def skeleton() -> Skeleton:
    return load_skeleton()


def raising(skeleton: Skeleton, frames: int, rate: float) -> np.ndarray:
    """(T, J, 3) the left forearm swings from hanging to straight ahead and back, once a second."""
    angle = 0.25 * np.pi * (1 - np.cos(2 * np.pi * np.arange(frames) / rate))
    bones = np.broadcast_to(skeleton.offsets, (frames, *skeleton.offsets.shape)).copy()
    for part in ("wrist", "hand"):
        length = skeleton.bone_lengths[skeleton.index[f"left_{part}"]]
        bones[:, skeleton.index[f"left_{part}"]] = length * np.stack(
            [np.sin(angle), np.zeros(frames), -np.cos(angle)], axis=1)
    return skeleton.xyz_from_bones(bones)


def write_trc(path: Path, skeleton: Skeleton) -> None:
    """27-marker file of a person rotated by a right angle."""
    frames = round(60 * SECONDS)
    xyz = raising(skeleton, frames, 60) @ np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1.0]])
    at = dict(zip(skeleton.names, np.moveaxis(xyz, 1, 0)))
    top = at["neck"] + (at["head"] - at["neck"]) / 0.55
    markers = {"RHip": at["pelvis"] + [0.1, 0, 0], "LHip": at["pelvis"] - [0.1, 0, 0], "Neck": at["neck"],
               "Head": top, "Nose": at["nose"]}
    for side, letter in (("left", "L"), ("right", "R")):
        markers |= {f"{letter}{name}": at[f"{side}_{part}"] for name, part in
                    (("Shoulder", "shoulder"), ("Elbow", "elbow"), ("Wrist", "wrist"), ("Index", "hand"),
                     ("Thumb", "thumb"))}
    table = np.concatenate(list(markers.values()), axis=1)
    lines = ["PathFileType\t4\t(X/Y/Z)\tx.trc", "DataRate", f"60\t60\t{frames}\t{len(markers)}\tm",
             "Frame#\tTime\t" + "\t\t\t".join(markers), "\t\tX1"]
    lines += ["\t".join(map(str, [i + 1, i / 60, *row])) for i, row in enumerate(table)]
    path.parent.mkdir(parents=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(lines))


def write_kinect(path: Path, skeleton: Skeleton) -> None:
    """25 joints, y up, in the frame of a camera in front."""
    frames = round(30 * SECONDS)
    xyz = raising(skeleton, frames, 30)
    seen = np.stack([-xyz[..., 1], xyz[..., 2], 2.5 - xyz[..., 0]], axis=-1)
    at = dict(zip(skeleton.names, np.moveaxis(seen, 1, 0)))
    joints = np.zeros((frames, 25, 3))
    places = {0: "pelvis", 2: "neck", 3: "head", 4: "left_shoulder", 5: "left_elbow", 6: "left_wrist",
              8: "right_shoulder", 9: "right_elbow", 10: "right_wrist"}
    for i, name in places.items():
        joints[:, i] = at[name]
    joints[:, 12], joints[:, 16] = at["pelvis"] - [0.1, 0, 0], at["pelvis"] + [0.1, 0, 0]
    rows = [",".join(f"{x:.6f}" for x in [i * 1e7 / 30, *np.c_[row, np.full(25, 2)].ravel()])
            for i, row in enumerate(joints)]
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(rows), encoding="utf-8")


def test_markers_and_kinect_joints_give_the_motion_that_was_written(tmp_path: Path, skeleton: Skeleton) -> None:
    write_trc(tmp_path / "motion" / "flesh_zas2025" / "a" / "pose-3d" / "clip.trc.gz", skeleton)
    write_kinect(tmp_path / "motion" / "labanotation_kinect" / "b" / "Ges01.csv", skeleton)
    found = {r.source: r.joint_xyz for r in read_recordings(tmp_path, skeleton)}
    assert list(found) == ["flesh_zas2025", "labanotation_kinect"]
    target = raising(skeleton, round(25 * SECONDS), 25)
    for source, xyz in found.items():
        assert abs(len(xyz) - len(target)) <= 2
        for joint in ("left_elbow", "left_wrist", "right_wrist"):
            i, count = skeleton.index[joint], len(xyz) - 5
            np.testing.assert_allclose(xyz[5:count, i], target[5:count, i], atol=0.03, err_msg=f"{source} {joint}")


def test_a_folder_without_motion_has_none(tmp_path: Path, skeleton: Skeleton) -> None:
    assert list(read_recordings(tmp_path, skeleton)) == []


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.skipif(not (DATA / "motion").is_dir(), reason="recorded motion: set SPEECH_GESTURE_DATA")
def test_the_data_folder_holds_twelve_minutes_of_upright_people_who_face_forward(skeleton: Skeleton) -> None:
    found = list(read_recordings(DATA, skeleton))
    assert sum(len(r.joint_xyz) for r in found) / 25 / 60 > 11
    assert {r.source for r in found} == {"reachy2_emotions", "flesh_zas2025", "labanotation_kinect"}
    for recording in found:
        bones = skeleton.bones_from_xyz(recording.joint_xyz).mean(axis=0)
        assert bones[skeleton.index["neck"], 2] > 0.08, recording.name
        assert bones[skeleton.index["nose"], 0] > 0.05, recording.name
        assert bones[skeleton.index["left_shoulder"], 1] > 0.1, recording.name
