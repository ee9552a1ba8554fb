"""HumanoidStage: poses of the performed human to rotations of the bones of an avatar, at 25 Hz, without delay.

Arms, hands and neck get the directions of the human exactly; the trunk gets the same turns as the human's, because its
bones have other shapes at rest; legs and hips stay. The roll about a bone, which a direction leaves open:

    upper arm   the axis of the elbow is that of the human's, at 250 degrees a second at most; near a straight elbow,
                which has none, it is carried along from before
    forearm     half of the turn of the hand about it (pronation)
    hand        its thumb is on the side of the human's thumb
    spine       a third, two thirds and all of the turn of the shoulders; neck: half of that of the head
    fingers     bent by the shape of the hand

A pose that is not finite, or whose bones have no length, repeats the last one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from speech_gesture_ros.core.chunks import BoneChunk, PoseChunk
from speech_gesture_ros.core.hand_shapes import HandShape, SmoothClosures
from speech_gesture_ros.core.humanoid_bones import BONE_INDEX, BONES, PARENTS, SIDES
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.humanoid_rest import PARALLEL, ArmRest, HumanoidRest, frame, rotation_about
from speech_gesture_ros.pose.rotations import shortest_arc
from speech_gesture_ros.pose.tpose import TO_AVATAR

Array = npt.NDArray[np.float64]
Turns = dict[str, Array]  # bone to its (3, 3) rotation since the bind pose, in the world

UP, LEFT, AHEAD = np.eye(3)[1], np.eye(3)[0], np.eye(3)[2]
STRAIGHT = 0.25  # sine of the elbow's angle from which its axis is that of the human's alone
MAX_ROLL = np.radians(10.0)  # of the upper arm in a frame
MIN_BONE = 1e-4  # shorter bones have no direction [m]
NEEDED = ("pelvis", "spine1", "spine2", "chest", "neck", "head", "nose",
          *(f"{side}_{part}" for side in SIDES for part in ("shoulder", "elbow", "wrist", "hand", "thumb")))
TRUNK = (("spine", "spine1", "spine2", 1 / 3), ("chest", "spine2", "chest", 2 / 3),
         ("upperChest", "chest", "neck", 1.0))
_FINGER_COLUMN = {"Thumb": 0, "Index": 1, "Middle": 2, "Ring": 2, "Little": 2}


class HumanoidStage:
    """Poses of one stream to bones of one avatar.

    Args:
        skeleton: Of the poses, with the joints of the canonical upper body.
        rest: Bind pose of the avatar.
    """

    def __init__(self, skeleton: Skeleton, rest: HumanoidRest) -> None:
        self._index = [skeleton.index[name] for name in NEEDED]
        self._rest = rest
        at = dict(zip(NEEDED, skeleton.rest_xyz[self._index][:, TO_AVATAR]))
        self._shoulder_rest = {side: at[f"{side}_shoulder"] - at["chest"] for side in SIDES}
        self._neck_rest = at["head"] - at["neck"]
        self._closures = SmoothClosures()
        self.reset()

    @property
    def latency_s(self) -> float:
        """Algorithmic delay, 0 [s]."""
        return 0.0

    def reset(self) -> None:
        """Forget the stream."""
        self._closures.reset()
        self._stop = 0
        self._last = np.tile(np.array([0.0, 0.0, 0.0, 1.0]), (len(BONES), 1))
        self._elbow_axis: dict[str, Array | None] = dict.fromkeys(SIDES)
        self._pronation = dict.fromkeys(SIDES, 0.0)

    def push(self, chunk: PoseChunk, shapes: npt.NDArray[np.integer] | None = None) -> BoneChunk:
        """Turn poses into rotations.

        Args:
            chunk: (T, J, 3) poses [m].
            shapes: (T, 2) `HandShape` of left and right hand; none for hands at rest.

        Returns:
            (T, 52, 4) quaternions of `core.humanoid_bones.BONES` relative to their parents.
        """
        self._stop = chunk.stop_index
        at_rest = np.full((len(chunk), 2), HandShape.REST)
        rows = [self._step(pose, shape) for pose, shape in zip(chunk.values, at_rest if shapes is None else shapes)]
        values = np.stack(rows) if rows else np.zeros((0, len(BONES), 4))
        return BoneChunk(chunk.start_index, values)

    def flush(self) -> BoneChunk:
        """Return no frame: none waits."""
        return BoneChunk(self._stop, np.zeros((0, len(BONES), 4)))

    def _step(self, pose: npt.NDArray[np.floating], shape: npt.NDArray[np.integer]) -> Array:
        closures = self._closures.step(shape)
        xyz = np.asarray(pose, dtype=np.float64)[self._index][:, TO_AVATAR]
        at = dict(zip(NEEDED, xyz))
        if not np.all(np.isfinite(xyz)) or np.abs(xyz).max() > 1e6 or not _has_directions(at):
            return self._last
        turns = self._trunk(at)
        self._head(at, turns)
        for i, side in enumerate(SIDES):
            self._arm(at, turns, side)
            local = self._rest.arms[side]
            for bone, (axis, angle) in local.fingers.items():
                finger = next(name for name in _FINGER_COLUMN if bone.startswith(f"{side}{name}"))
                bend = rotation_about(axis, angle * closures[i, _FINGER_COLUMN[finger]])
                turns[bone] = turns[BONES[PARENTS[BONE_INDEX[bone]]]] @ bend
        self._last = _local(turns)
        return self._last

    def _trunk(self, at: dict[str, Array]) -> Turns:
        across = at["left_shoulder"] - at["right_shoulder"]
        up = at["neck"] - at["chest"]
        upright = _arc(UP, up)
        turned = upright.T @ across  # shoulders without the lean of the trunk
        yaw = float(np.arctan2(-turned[2], turned[0]))
        turns = {"hips": np.eye(3)}
        for bone, start, stop, share in TRUNK:
            turns[bone] = _arc(UP, at[stop] - at[start]) @ rotation_about(UP, share * yaw)
        for side in SIDES:
            local = turns["upperChest"].T @ (at[f"{side}_shoulder"] - at["chest"])
            turns[f"{side}Shoulder"] = turns["upperChest"] @ _arc(self._shoulder_rest[side], local)
        return turns

    def _head(self, at: dict[str, Array], turns: Turns) -> None:
        ahead, up = at["nose"] - at["head"], at["head"] - at["neck"]
        facing = ahead / np.linalg.norm(ahead)
        turns["head"] = frame(facing, up) @ frame(AHEAD, UP).T
        # The neck is turned as the human's since its own rest, which leans ahead as that of the avatar does.
        mean = facing + turns["upperChest"] @ AHEAD
        across = mean - (mean @ up) / (up @ up) * up
        if np.linalg.norm(across) < PARALLEL:
            across = turns["upperChest"] @ AHEAD
        turns["neck"] = frame(up, across) @ frame(self._neck_rest, AHEAD).T

    def _arm(self, at: dict[str, Array], turns: Turns, side: str) -> None:
        rest: ArmRest = self._rest.arms[side]
        upper, lower = (at[f"{side}_{stop}"] - at[f"{side}_{start}"]
                        for start, stop in (("shoulder", "elbow"), ("elbow", "wrist")))
        along = at[f"{side}_hand"] - at[f"{side}_wrist"]
        thumb = at[f"{side}_thumb"] - at[f"{side}_wrist"]
        axis = self._axis_of_elbow(side, upper / np.linalg.norm(upper), lower / np.linalg.norm(lower))
        turns[f"{side}UpperArm"] = frame(upper, axis) @ rest.upper.T
        straight = frame(lower, axis) @ rest.lower.T
        side_of_thumb = thumb if np.linalg.norm(np.cross(along, thumb)) > PARALLEL * np.linalg.norm(along) * \
            np.linalg.norm(thumb) else straight @ rest.hand[:, 1]
        turns[f"{side}Hand"] = frame(along, side_of_thumb) @ rest.hand.T
        twist = _twist(straight.T @ turns[f"{side}Hand"], rest.lower[:, 0])
        last = self._pronation[side]
        twist = last + float(np.remainder(twist - last + np.pi, 2 * np.pi) - np.pi)  # no jump by a whole turn
        self._pronation[side] = float(np.clip(twist, -1.5 * np.pi, 1.5 * np.pi))
        turns[f"{side}LowerArm"] = straight @ rotation_about(rest.lower[:, 0], 0.5 * self._pronation[side])

    def _axis_of_elbow(self, side: str, upper: Array, lower: Array) -> Array:
        """(3,) axis about which the elbow bends, across the upper arm and the forearm."""
        measured = np.cross(upper, lower)
        sine = float(np.linalg.norm(measured))
        last = self._elbow_axis[side]
        before = np.zeros(3) if last is None else last - (last @ upper) * upper
        length = float(np.linalg.norm(before))
        # Without one from before: that of a hanging arm, -LEFT, swung to where the arm is.
        before = before / length if length > PARALLEL else _arc(-UP, upper) @ -LEFT
        angle = float(np.arctan2(upper @ np.cross(before, measured), before @ measured))
        share = min(sine / STRAIGHT, 1.0)
        turn = share * share * (3.0 - 2.0 * share) * angle
        if last is not None:
            turn = min(max(turn, -MAX_ROLL), MAX_ROLL)
        axis = rotation_about(upper, turn) @ before
        self._elbow_axis[side] = axis
        return axis


def _has_directions(at: dict[str, Array]) -> bool:
    bones = [*((start, stop) for _, start, stop, _ in TRUNK), ("neck", "head"), ("head", "nose"),
             ("left_shoulder", "right_shoulder")]
    bones += [(f"{side}_{start}", f"{side}_{stop}") for side in SIDES
              for start, stop in (("shoulder", "elbow"), ("elbow", "wrist"), ("wrist", "hand"), ("wrist", "thumb"))]
    return all(float(np.linalg.norm(at[stop] - at[start])) > MIN_BONE for start, stop in bones)


def _arc(start: Array, stop: Array) -> Array:
    return np.asarray(shortest_arc(start[None], stop[None])[0])


def _twist(turn: Array, axis: Array) -> float:
    """Angle of a rotation about an axis, without its swing [rad]."""
    x, y, z, w = Rotation.from_matrix(turn).as_quat()
    return float(2.0 * np.arctan2(np.array([x, y, z]) @ axis, w))


def _local(turns: Turns) -> Array:
    """(52, 4) quaternions relative to the parents; w is not negative. Legs keep their bind pose."""
    world = np.stack([turns.get(name, np.eye(3)) for name in BONES])
    parents = np.stack([world[parent] if parent >= 0 else np.eye(3) for parent in PARENTS])
    return np.asarray(Rotation.from_matrix(np.swapaxes(parents, -1, -2) @ world).as_quat(canonical=True))


def bone_turns(local: npt.NDArray[np.floating], parents: Sequence[int] = PARENTS) -> Array:
    """Return the rotations of bones since the bind pose in the world.

    Args:
        local: (..., B, 4) quaternions relative to the parents.
        parents: (B,) index of each bone's parent, -1 for the root; parents first.

    Returns:
        (..., B, 3, 3).
    """
    quaternions = np.asarray(local, dtype=np.float64)
    turns = Rotation.from_quat(quaternions.reshape(-1, 4)).as_matrix().reshape(*quaternions.shape[:-1], 3, 3)
    for bone, parent in enumerate(parents):
        if parent >= 0:
            turns[..., bone, :, :] = turns[..., parent, :, :] @ turns[..., bone, :, :]
    return np.asarray(turns)
