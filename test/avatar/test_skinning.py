"""Vertices follow shapes and bones; the shipped avatar stays whole in the poses of a speech."""

from __future__ import annotations

import numpy as np

from speech_gesture_ros.avatar.gltf_reader import read_avatar
from speech_gesture_ros.avatar.model import SHAPE_NAMES
from speech_gesture_ros.avatar.skinning import SkinnedMesh, posed_joints, shares_of
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.chunks import PoseChunk
from speech_gesture_ros.core.humanoid_bones import BONE_INDEX
from speech_gesture_ros.pose.humanoid_rest import humanoid_rest, rotation_about
from speech_gesture_ros.pose.humanoid_stage import HumanoidStage, bone_turns


def test_the_bind_pose_is_the_mesh_itself(small_avatar):
    turns = np.tile(np.eye(3), (len(small_avatar.bones), 1, 1))
    joints = posed_joints(small_avatar, turns)
    assert np.allclose(joints, small_avatar.joints)
    for mesh in small_avatar.meshes:
        points, normals = SkinnedMesh(mesh, small_avatar, SHAPE_NAMES).place(turns, joints, np.zeros(len(SHAPE_NAMES)))
        assert np.allclose(points, mesh.points, atol=1e-6)
        assert np.allclose(normals, mesh.normals / np.linalg.norm(mesh.normals, axis=1, keepdims=True), atol=1e-5)


def test_shares_add_shapes(small_avatar):
    mesh = small_avatar.meshes[0]
    turns = np.tile(np.eye(3), (len(small_avatar.bones), 1, 1))
    shares = shares_of({"jawOpen": 0.5, "mouthPucker": 1.0}, SHAPE_NAMES)
    points, _ = SkinnedMesh(mesh, small_avatar, SHAPE_NAMES).place(turns, small_avatar.joints, shares)
    expected = mesh.points.astype(np.float64)
    for name, share in (("jawOpen", 0.5), ("mouthPucker", 1.0)):
        expected[mesh.shapes[name].index] += share * mesh.shapes[name].points
    assert np.allclose(points, expected, atol=1e-6)


def test_a_bone_turns_its_vertices_and_those_below_it(small_avatar):
    turns = np.tile(np.eye(3), (len(small_avatar.bones), 1, 1))
    turn = rotation_about(np.array([0.0, 1.0, 0.0]), 0.5)
    for name in ("head",):
        turns[BONE_INDEX[name]] = turn
    joints = posed_joints(small_avatar, turns)
    assert np.allclose(joints, small_avatar.joints)  # nothing is below the head
    eyes = small_avatar.meshes[1]
    points, normals = SkinnedMesh(eyes, small_avatar, SHAPE_NAMES).place(turns, joints, np.zeros(len(SHAPE_NAMES)))
    origin = small_avatar.joints[BONE_INDEX["head"]]
    assert np.allclose(points, (eyes.points - origin) @ turn.T + origin, atol=1e-5)
    assert np.allclose(normals, eyes.normals @ turn.T, atol=2e-3)


def test_no_edge_of_the_shipped_avatar_is_torn_in_raised_and_crossed_arms(skeleton):
    model = read_avatar(resolve("avatar", "models") / "avatar.glb")
    stage = HumanoidStage(skeleton, humanoid_rest(model.bones, model.joints))
    poses = np.tile(skeleton.rest_xyz, (2, 1, 1))
    places = {"left": [[(0.1, 0.22, 0.16), (0.2, 0.1, 0.3)], [(0.2, 0.12, 0.2), (0.3, -0.05, 0.2)]],
              "right": [[(0.1, -0.22, 0.16), (0.2, -0.1, 0.3)], [(0.2, -0.12, 0.2), (0.3, 0.05, 0.22)]]}
    for side, rows in places.items():
        for pose, (elbow, wrist) in zip(poses, rows):
            for name, place in (("elbow", elbow), ("wrist", wrist)):
                pose[skeleton.index[f"{side}_{name}"]] = np.add(place, (0, 0, 0.3))
            ahead = pose[skeleton.index[f"{side}_wrist"]]
            pose[skeleton.index[f"{side}_hand"]] = np.add(ahead, (0.05, 0, 0.08))
            pose[skeleton.index[f"{side}_thumb"]] = np.add(
                ahead, (0.0, 0.05 if side == "right" else -0.05, 0.05))
    for local in stage.push(PoseChunk(0, poses)).values:
        turns = bone_turns(local)
        joints = posed_joints(model, turns)
        for mesh in model.meshes:
            points, _ = SkinnedMesh(mesh, model, SHAPE_NAMES).place(turns, joints, np.zeros(len(SHAPE_NAMES)))
            edges = mesh.faces[:, [0, 1]]
            before, after = (np.linalg.norm(p[edges[:, 0]] - p[edges[:, 1]], axis=1) for p in (mesh.points, points))
            assert (after - before).max() < 0.045  # metres
