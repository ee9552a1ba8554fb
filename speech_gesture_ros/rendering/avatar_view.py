"""An avatar that follows the performed human and a face, drawn into a scene.

joints of the human ─► HumanoidStage ─► bones ─┐
blendshapes ───────────────────────────────────┴─► skinned meshes ─► MeshRenderer
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.gltf_reader import read_avatar
from speech_gesture_ros.avatar.skinning import SkinnedMesh, posed_joints
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.chunks import PoseChunk
from speech_gesture_ros.core.face_channels import BLENDSHAPES
from speech_gesture_ros.core.humanoid_bones import SIDES
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.humanoid_rest import humanoid_rest
from speech_gesture_ros.pose.humanoid_stage import HumanoidStage, bone_turns
from speech_gesture_ros.rendering.camera import Camera
from speech_gesture_ros.rendering.mesh_renderer import Array, Floats, MeshRenderer, Picture
from speech_gesture_ros.rendering.skeleton_view import HumanPlacement
from speech_gesture_ros.rendering.staging import LEG_LENGTH_M

CLOSED = np.zeros(len(BLENDSHAPES))  # a face at rest
TO_SCENE = [2, 0, 1]  # axes of the avatar: X left, Y up, Z ahead; of the scene: x ahead, y left, z up


def shipped_avatar() -> Path:
    """Return the path of the avatar of this package."""
    return resolve("avatar", "models") / "avatar.glb"


class AvatarView:
    """Draws one avatar, which takes the poses of one stream.

    Args:
        skeleton: Of the human that it follows.
        placement: Place of that human in the scene; the avatar has its shoulders at the same height.
        path: GLB file; none for the shipped one.

    Raises:
        InputError: If the file cannot be read, or the avatar has no humanoid bones.
    """

    def __init__(self, skeleton: Skeleton, placement: HumanPlacement, path: Path | None = None) -> None:
        self.model = read_avatar(path or shipped_avatar())
        self._stage = HumanoidStage(skeleton, humanoid_rest(self.model.bones, self.model.joints))
        self._meshes = [SkinnedMesh(mesh, self.model, BLENDSHAPES) for mesh in self.model.meshes]
        self._renderer = MeshRenderer(self.model)
        self._frame = 0
        at = dict(zip(self.model.bones, self.model.joints))
        own = float(np.mean([at[f"{side}UpperArm"][1] for side in SIDES]))
        shoulders = float(np.mean([skeleton.rest_xyz[skeleton.index[f"{side}_shoulder"], 2] for side in SIDES]))
        self._scale = placement.scale * (LEG_LENGTH_M + shoulders) / own
        self._origin = np.array(placement.origin) - [0.0, 0.0, LEG_LENGTH_M * placement.scale]
        c, s = np.cos(placement.yaw), np.sin(placement.yaw)
        self._turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])

    def draw(self, picture: Picture, camera: Camera, joint_xyz: Floats, shapes: Floats) -> Picture:
        """Draw the next pose of the stream over a picture.

        Args:
            picture: (height, width, 3) background.
            camera: Of the picture.
            joint_xyz: (J, 3) joints of the human [m].
            shapes: (52,) blendshapes.

        Returns:
            (height, width, 3).
        """
        points, normals, _ = self.place(joint_xyz, shapes)
        return self.picture(picture, camera, points, normals)

    def picture(self, picture: Picture, camera: Camera, points: Array, normals: Floats) -> Picture:
        """Draw vertices of `place` over a picture (height, width, 3)."""
        return self._renderer.draw(picture, camera, points, normals)

    def place(self, joint_xyz: Floats, shapes: Floats) -> tuple[Array, Floats, Array]:
        """Take the next pose of the stream: as `draw`, without drawing.

        Returns:
            All vertices (V, 3) [m] and their normals, and the origins of the bones (B, 3) [m], in the scene.
        """
        local = self._stage.push(PoseChunk(self._frame, np.asarray(joint_xyz)[None])).values[0]
        self._frame += 1
        turns = bone_turns(local)
        points, normals, joints = placed(self._meshes, turns, shapes)
        points, joints = (self._scale * at[:, TO_SCENE] @ self._turn.T + self._origin for at in (points, joints))
        return points, normals[:, TO_SCENE] @ self._turn.T, joints


def placed(meshes: list[SkinnedMesh], turns: Array, shapes: Floats) -> tuple[Array, npt.NDArray[np.float32], Array]:
    """Place all vertices for bones (B, 3, 3) and blendshapes (52,).

    Returns:
        Their points [m] and normals, (V, 3) each, and the origins of the bones (B, 3) [m].
    """
    joints = posed_joints(meshes[0].model, turns)
    shown = np.nan_to_num(np.clip(shapes, 0.0, 1.0))
    parts = [mesh.place(turns, joints, shown) for mesh in meshes]
    return np.concatenate([p for p, _ in parts]).astype(np.float64), np.concatenate([n for _, n in parts]), joints
