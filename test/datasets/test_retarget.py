"""Retargeting from another skeleton gives every bone the direction of the original motion."""

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.mapping import automatic_mapping, resolve_mapping
from speech_gesture_ros.datasets.retarget import retarget
from speech_gesture_ros.datasets.source_motion import read_bvh_motion

OTHER_NAMES = {
    "pelvis": ("b_root", 1.0), "spine1": ("b_spine0", 1.0), "spine2": ("b_spine1", 1.0), "chest": ("b_spine3", 1.0),
    "neck": ("b_neck0", 1.0), "head": ("b_head", 1.0), "nose": ("b_nose", 1.0),
    **{f"{s}_{part}": (f"b_{s[0]}_{name}", f) for s in ("left", "right") for part, name, f in (
        ("shoulder", "arm", 0.8), ("elbow", "forearm", 1.5), ("wrist", "wrist", 0.7), ("hand", "middle1", 2.0),
        ("thumb", "thumb2", 1.0))},
}  # fmt: skip


def retargeted(path, mapping=None):
    motion = read_bvh_motion(path)
    resolved = resolve_mapping(mapping or automatic_mapping(motion), motion)
    result = retarget(motion, resolved, load_skeleton())
    return load_skeleton().xyz_from_bones(result.directions * load_skeleton().bone_lengths[:, None]), result


@pytest.mark.parametrize(("names", "options"), [
    (None, {"up": "y", "scale": 100.0, "order": "YXZ"}),
    (None, {"up": "z", "scale": 39.37, "order": "ZXY"}),
    (OTHER_NAMES, {"up": "y", "scale": 1.0, "order": "XYZ", "t_pose": False}),
])
def test_every_bone_has_its_original_direction(tmp_path, foreign, names, options):
    motion, times = foreign.motion(8.0)
    yaw = np.radians(60) * np.sin(2 * np.pi * 0.02 * times)  # turning slowly, walking
    path = foreign.write(tmp_path / "a.bvh", motion, 25, names=names or foreign.names, yaw=yaw, **options)
    result, details = retargeted(path)
    assert foreign.angle_deg(result, motion).max() < 1.0
    assert details.metres_per_unit == pytest.approx(1 / options["scale"], rel=0.01)
