"""Sound and motion on another skeleton: other names, lengths, bind pose, axes, units, frame rate."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.spatial.transform import Rotation

from speech_gesture_ros.core.skeleton import load_skeleton

# Canonical joint: name in the other skeleton, factor of its bone length.
FOREIGN = {
    "pelvis": ("Hips", 1.0), "spine1": ("Spine", 1.3), "spine2": ("Spine1", 0.8), "chest": ("Spine2", 1.1),
    "neck": ("Neck", 0.7), "head": ("Head", 1.4), "nose": ("HeadFront", 1.5),
    "left_shoulder": ("LeftArm", 1.2), "left_elbow": ("LeftForeArm", 0.8), "left_wrist": ("LeftHand", 1.3),
    "left_hand": ("LeftHandMiddle1", 1.1), "left_thumb": ("LeftHandThumb2", 0.9),
    "right_shoulder": ("RightArm", 1.2), "right_elbow": ("RightForeArm", 0.8), "right_wrist": ("RightHand", 1.3),
    "right_hand": ("RightHandMiddle1", 1.1), "right_thumb": ("RightHandThumb2", 0.9),
}  # fmt: skip
TO_Y_UP = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])  # (x, y, z) to (left, up, forward)


def some_motion(seconds: float, seed: int = 0, rate: float = 25.0):
    """(T, 17, 3) a canonical motion in which every joint rotates, below 2 Hz; times from 0."""
    skeleton = load_skeleton()
    rng = np.random.default_rng(seed)
    knots = np.arange(0, seconds + 2, 0.4)
    times = np.arange(round(seconds * rate)) / rate
    turns = np.tile(np.eye(3), (len(times), len(skeleton), 1, 1))
    for i, name in enumerate(skeleton.names):
        size = {"elbow": 0.7, "shoulder": 0.5, "wrist": 0.4}.get(name.split("_")[-1], 0.08)
        size = 0.0 if name == "pelvis" else size
        vectors = CubicSpline(knots, rng.normal(0, size, (len(knots), 3)))(times)
        parent = turns[:, skeleton.parents[i]] if i else turns[:, 0]
        turns[:, i] = parent @ Rotation.from_rotvec(vectors).as_matrix()
    parents = np.maximum(skeleton.parents, 0)
    bones = (turns[:, parents] @ skeleton.offsets[None, :, :, None])[..., 0]
    return skeleton.xyz_from_bones(bones), times


def write_foreign_bvh(path, motion, rate, *, up="y", scale=100.0, yaw=None, names=FOREIGN, order="YXZ", t_pose=True):
    """Write a canonical motion (T, 17, 3) on the other skeleton: hips and legs, arms to the side in the bind pose.

    Each joint is rotated so that the bind offsets of its children point in the directions of the motion's bones.
    """
    skeleton = load_skeleton()
    axes = TO_Y_UP if up == "y" else np.eye(3)
    directions = skeleton.bones_from_xyz(motion)[:, 1:] / skeleton.bone_lengths[1:, None]
    directions = np.concatenate([np.zeros((len(motion), 1, 3)), directions], axis=1)
    offsets = {}
    for i, name in enumerate(skeleton.names):
        offset = skeleton.offsets[i].copy()
        side = 1.0 if name.startswith("left") else -1.0
        if t_pose and name.split("_")[-1] in ("elbow", "wrist", "hand", "thumb"):
            offset = np.array([offset[0], -side * offset[2], 0.0])  # hanging to sideways, palm down
        offsets[name] = offset * names[name][1] * scale
    children = {n: [m for m in skeleton.names if skeleton.joints[skeleton.index[m]].parent == n]
                for n in skeleton.names}
    heading = np.zeros(len(motion)) if yaw is None else yaw
    world = Rotation.from_rotvec(heading[:, None] * [0.0, 0.0, 1.0]).as_matrix()
    turns = {}
    for name in skeleton.names:
        parent = skeleton.joints[skeleton.index[name]].parent
        inherited = turns[parent] if parent else world
        below = children[name]
        if below:
            bind = np.array([offsets[c] / np.linalg.norm(offsets[c]) for c in below])
            target = np.stack([np.einsum("tij,tj->ti", world, directions[:, skeleton.index[c]]) for c in below], 1)
            if name == "pelvis":
                turns[name] = world  # the legs do not move
                continue
            turns[name] = _onto(target, bind, inherited)
        else:
            turns[name] = inherited
    return _write(path, skeleton, names, offsets, turns, world, directions, axes, rate, scale, order, children)


def _onto(target, bind, inherited):
    """(T, 3, 3) rotations of bind directions (C, 3) onto targets (T, C, 3): the nearest to the inherited ones."""
    if len(bind) == 1:
        have = inherited @ bind[0]
        axis = np.cross(have, target[:, 0])
        sine = np.linalg.norm(axis, axis=-1, keepdims=True)
        angle = np.arctan2(sine, np.sum(have * target[:, 0], axis=-1, keepdims=True))
        return Rotation.from_rotvec(axis / np.maximum(sine, 1e-12) * angle).as_matrix() @ inherited
    u, _, vt = np.linalg.svd(np.einsum("tci,cj->tij", target, bind))
    u[..., -1] *= np.linalg.det(u @ vt)[:, None]
    return u @ vt


def _write(path, skeleton, names, offsets, turns, world, directions, axes, rate, scale, order, children):
    num = len(directions)
    walk = np.stack([np.cumsum(np.full(num, 0.3)), np.zeros(num), np.full(num, 0.95 * scale)], axis=1)
    lines, columns = ["HIERARCHY"], []

    def channels(name, depth, count):
        pad = "  " * depth
        order_text = " ".join(f"{c}rotation" for c in order)
        place = "Xposition Yposition Zposition " if count == 6 else ""
        return f"{pad}CHANNELS {count} {place}{order_text}"

    def angles(matrix):
        return Rotation.from_matrix(axes @ matrix @ axes.T).as_euler(order, degrees=True)

    def joint(name, parent, depth):
        pad = "  " * depth
        offset = axes @ offsets[name] if parent else np.zeros(3)
        lines.append(f"{pad}{'JOINT' if parent else 'ROOT'} {names[name][0]}")
        lines.append(pad + "{")
        lines.append(f"{pad}  OFFSET " + " ".join(f"{v:.6f}" for v in offset))
        bones_free = parent and (len(children[parent]) > 1 or parent == "pelvis")
        lines.append(channels(name, depth + 1, 6 if not parent or bones_free else 3))
        inherited = turns[parent] if parent else np.tile(np.eye(3), (num, 1, 1))
        if not parent:
            columns.append(walk @ axes.T)
        elif bones_free:  # part of the motion that rotation cannot give is in the position, as in exported shrugs
            length = np.linalg.norm(offsets[name])
            target = np.einsum("tij,tj->ti", world, directions[:, skeleton.index[name]]) * length
            columns.append(np.einsum("tji,tj->ti", inherited, target) @ axes.T)
        columns.append(angles(np.swapaxes(inherited, -1, -2) @ turns[name]))
        for child in children[name]:
            joint(child, name, depth + 1)
        if name == "pelvis":
            for side, sign in (("Left", 1.0), ("Right", -1.0)):
                hip = axes @ (np.array([0.0, sign * 0.1, -0.05]) * scale)
                leg = axes @ (np.array([0.0, 0.0, -0.8]) * scale)
                lines.extend([f"  JOINT {side}UpLeg", "  {", "    OFFSET " + " ".join(f"{v:.5f}" for v in hip),
                              "    CHANNELS 3 " + " ".join(f"{c}rotation" for c in order), "    End Site", "    {",
                              "      OFFSET " + " ".join(f"{v:.5f}" for v in leg), "    }", "  }"])
                columns.append(np.zeros((num, 3)))
        elif not children[name]:
            lines.extend([f"{pad}  End Site", pad + "  {", f"{pad}    OFFSET 0 0 {scale * 0.02:.4f}", pad + "  }"])
        lines.append(pad + "}")

    joint("pelvis", None, 0)
    rows = np.concatenate(columns, axis=1)
    lines += ["MOTION", f"Frames: {num}", f"Frame Time: {1 / rate:.9f}"]
    lines += [" ".join(f"{v:.5f}" for v in row) for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def angle_deg(a, b):
    """Angles (T, J) between bones of two motions (T, J, 3), without the root [deg]."""
    skeleton = load_skeleton()
    x, y = (skeleton.bones_from_xyz(m)[:, 1:] for m in (a, b))
    cosine = np.sum(x * y, -1) / np.linalg.norm(x, axis=-1) / np.linalg.norm(y, axis=-1)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


@pytest.fixture(scope="session")
def talk(speech):
    """(N,) 30 s of speech at 16 kHz with pauses."""
    return np.resize(np.concatenate([speech, np.zeros(16000, np.float32)]), 30 * 16000)


@pytest.fixture(scope="session")
def foreign():
    """The functions above: names, motion, write, angle_deg."""
    return SimpleNamespace(names=FOREIGN, motion=some_motion, write=write_foreign_bvh, angle_deg=angle_deg)
