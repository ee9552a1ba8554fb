"""The face of an avatar that shows blendshapes, on its standing body."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from speech_gesture_ros.avatar.gltf_reader import read_avatar
from speech_gesture_ros.avatar.model import AvatarModel
from speech_gesture_ros.avatar.skinning import SkinnedMesh
from speech_gesture_ros.core.chunks import PoseChunk
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPES
from speech_gesture_ros.core.humanoid_bones import BONES
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.pose.humanoid_rest import humanoid_rest
from speech_gesture_ros.pose.humanoid_stage import HumanoidStage, bone_turns
from speech_gesture_ros.pose.rotations import axis_rotation
from speech_gesture_ros.pose.tpose import TO_AVATAR
from speech_gesture_ros.rendering.avatar_view import CLOSED, TO_SCENE, placed
from speech_gesture_ros.rendering.camera import camera_at
from speech_gesture_ros.rendering.face_pictures import BACKGROUND, SIZE, FacePictures
from speech_gesture_ros.rendering.mesh_renderer import Array, Floats, MeshRenderer, Picture

TURN_DEG, ELEVATION_DEG, FOV_DEG = 12.0, -2.0, 12.0  # of the camera
MARGIN = 1.12  # height of the picture, of the part that the shapes move
MOVED = 0.02  # offset of a vertex that counts as moved, of the largest of its shape
NECK_SHARE = 0.5  # of the turn of the head


class AvatarFaceView(FacePictures):
    """Draws one face.

    Args:
        path: Its GLB file.
        size: Width and height of a picture [pixels], even.

    Raises:
        InputError: If it cannot be read, or has no shape with a name of ARKit.
    """

    def __init__(self, path: Path, size: int = SIZE) -> None:
        super().__init__(size)
        self._model = read_avatar(path)
        own = {name for mesh in self._model.meshes for name in mesh.shapes}
        if not own & set(BLENDSHAPES):
            raise InputError(f"shapes of {path}", sorted(own)[:5], "some of the names of ARKit, such as jawOpen",
                             "Name its morph targets in mesh.extras.targetNames.")
        self._meshes = [SkinnedMesh(mesh, self._model, BLENDSHAPES) for mesh in self._model.meshes]
        self._renderer = MeshRenderer(self._model)
        self._rest = _rest_turns(self._model)
        middle, height = _moved_part(self._model, self._meshes, self._rest)
        distance = MARGIN * height / 2 / np.tan(np.radians(FOV_DEG / 2))
        self._camera = camera_at(middle, distance, 180.0 + TURN_DEG, ELEVATION_DEG, FOV_DEG, size, size)
        self._neck = middle - [0.05 * height, 0.0, 0.5 * height]

    def _draw(self, shapes: Floats, head: Floats) -> Picture:
        yaw, pitch, roll = head
        turns, bones = self._rest.copy(), self._model.bones
        is_jointed = "head" in bones
        for bone, share in (("neck", NECK_SHARE), ("head", 1.0)):
            if bone in bones:
                turn = _head_turn(share * yaw, share * pitch, share * roll)
                turns[bones.index(bone)] = turn[np.ix_(TO_AVATAR, TO_AVATAR)]
        points, normals, _ = placed(self._meshes, turns, shapes)
        points, normals = points[:, TO_SCENE], normals[:, TO_SCENE]
        if not is_jointed:
            whole = _head_turn(yaw, pitch, roll)
            points, normals = (points - self._neck) @ whole.T + self._neck, (normals @ whole.T).astype(np.float32)
        background = np.full((self.size, self.size, 3), BACKGROUND, np.uint8)
        return self._renderer.draw(background, self._camera, points, normals)


def _rest_turns(model: AvatarModel) -> Array:
    """(B, 3, 3) rotations of the bones of someone who stands with hanging arms; none for a face without a body."""
    turns = np.tile(np.eye(3), (len(model.bones), 1, 1))
    if set(BONES) <= set(model.bones):
        skeleton = load_skeleton()
        stage = HumanoidStage(skeleton, humanoid_rest(model.bones, model.joints))
        standing = bone_turns(stage.push(PoseChunk(0, skeleton.rest_xyz[None])).values[0])
        for name, turn in zip(BONES, standing):
            turns[model.bones.index(name)] = turn
    return turns


def _moved_part(model: AvatarModel, meshes: list[SkinnedMesh], turns: Array) -> tuple[Array, float]:
    """Return the middle (3,) of the vertices that shapes move, in the scene, and their height or width [m]."""
    points, *_ = placed(meshes, turns, CLOSED)
    moved, start = np.zeros(len(points), dtype=bool), 0
    for mesh in model.meshes:
        for name in set(mesh.shapes) & set(BLENDSHAPES):
            length = np.linalg.norm(mesh.shapes[name].points, axis=1)
            moved[start + mesh.shapes[name].index[length > MOVED * length.max(initial=0.0)]] = True
        start += len(mesh.points)
    face = points[moved][:, TO_SCENE]
    middle, height = (face.min(axis=0) + face.max(axis=0)) / 2, float(np.ptp(face[:, 1:], axis=0).max())
    return np.asarray(middle + np.array([0.0, 0.0, 0.12 * height])), 1.35 * height  # hair and forehead above


def _head_turn(yaw: float, pitch: float, roll: float) -> Array:
    """(3, 3) rotation in the scene; signs of `face.animation`."""
    about_x, about_y, about_z = (axis_rotation(axis, np.array([angle]))[0]
                                 for axis, angle in enumerate((roll, pitch, yaw)))
    return np.asarray(about_z @ about_y @ about_x)
