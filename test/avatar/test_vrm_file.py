"""Positions of the bones of VRM files, of both versions, in Unity's axes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from speech_gesture_ros.avatar.glb import write_glb
from speech_gesture_ros.avatar.vrm_file import read_vrm_positions
from speech_gesture_ros.core.errors import InputError

# hips below an empty node; a bone without a name between hips and neck; the thumb of the left hand.
NODES: list[dict[str, Any]] = [
    {"children": [1], "translation": [0.0, 0.1, 0.0]},
    {"children": [2], "translation": [0.0, 0.9, 0.02]},
    {"children": [3], "translation": [0.0, 0.4, 0.0]},
    {"children": [4], "translation": [0.0, 0.1, -0.03]},
    {"translation": [-0.7, 0.0, 0.05]},
]


def vrm0(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [("hips", 1), ("neck", 3), ("leftThumbProximal", 4), ("leftEye", 2)]
    return {"nodes": nodes, "extensions": {"VRM": {"humanoid": {"humanBones": [
        {"bone": bone, "node": node} for bone, node in rows]}}}}


def vrm1(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    rows = {"hips": 1, "neck": 3, "leftThumbMetacarpal": 4}
    return {"nodes": nodes, "extensions": {"VRMC_vrm": {"humanoid": {"humanBones": {
        bone: {"node": node} for bone, node in rows.items()}}}}}


@pytest.mark.parametrize(("make", "mirror"), [(vrm0, (1.0, 1.0, -1.0)), (vrm1, (-1.0, 1.0, 1.0))])
def test_positions_are_relative_to_the_node_above_in_the_axes_of_unity(make, mirror, tmp_path: Path) -> None:
    path = tmp_path / "avatar.vrm"
    write_glb(path, make(NODES), b"")
    found = read_vrm_positions(path)
    assert set(found) == {"hips", "neck", "leftThumbMetacarpal"}
    for bone, node in (("hips", 1), ("neck", 3), ("leftThumbMetacarpal", 4)):
        np.testing.assert_allclose(found[bone], np.array(NODES[node]["translation"]) * mirror, atol=1e-12)


def test_other_files_and_bones_with_axes_of_their_own_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "avatar.vrm"
    turned = [dict(node) for node in NODES]
    turned[4]["rotation"] = [0.0, 0.0, 0.6, 0.8]
    write_glb(path, vrm1(turned), b"")
    with pytest.raises(InputError, match=r"axes of the bone leftThumbMetacarpal .*Export it as VRM 0\.x"):
        read_vrm_positions(path)
    write_glb(path, {"nodes": NODES}, b"")
    with pytest.raises(InputError, match=r"VRM file .* must be a humanoid"):
        read_vrm_positions(path)
    broken = vrm0(NODES)
    broken["extensions"]["VRM"]["humanoid"]["humanBones"][1]["node"] = 99
    write_glb(path, broken, b"")
    with pytest.raises(InputError, match=r"a file of VRM 0\.x or 1\.0"):
        read_vrm_positions(path)
    with pytest.raises(InputError):
        read_vrm_positions(tmp_path / "missing.vrm")
