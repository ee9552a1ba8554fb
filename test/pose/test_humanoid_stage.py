"""Bones of an avatar follow the performed human: directions, roll, fingers, no jumps near singular poses."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.chunks import PoseChunk
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.hand_shapes import HandShape
from speech_gesture_ros.core.humanoid_bones import BONE_INDEX, BONES, FINGER_BONES, PARENTS
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.humanoid_rest import HumanoidRest, humanoid_rest
from speech_gesture_ros.pose.humanoid_stage import HumanoidStage, bone_turns
from speech_gesture_ros.pose.tpose import TO_AVATAR

PLACES = {"hips": (0, 0.9, 0), "spine": (0, 1.0, 0.01), "chest": (0, 1.1, 0.0), "upperChest": (0, 1.25, -0.02),
          "neck": (0, 1.45, -0.03), "head": (0, 1.53, 0.01)}
ARM = {"Shoulder": (0.03, 1.4, 0), "UpperArm": (0.17, 1.4, 0), "LowerArm": (0.33, 1.22, 0), "Hand": (0.45, 1.09, 0.16),
       "UpperLeg": (0.1, 0.85, 0), "LowerLeg": (0.1, 0.45, 0), "Foot": (0.1, 0.08, 0), "Toes": (0.1, 0.02, 0.12)}
FINGER_SIDE = {"Thumb": (-0.01, 0.03), "Index": (0.0, 0.03), "Middle": (0.0, 0.0), "Ring": (0.0, -0.02),
               "Little": (0.0, -0.04)}


def places() -> dict[str, np.ndarray]:
    """Joints of a person in an A pose: the hand goes on along the forearm, its thumb side is up."""
    at = {name: np.array(place, dtype=float) for name, place in PLACES.items()}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        mirror = np.array([sign, 1.0, 1.0])
        for name, place in ARM.items():
            at[f"{side}{name}"] = mirror * place
        along = np.array([0.12, -0.13, 0.16]) / np.linalg.norm([0.12, -0.13, 0.16])
        for finger, (ahead, up) in FINGER_SIDE.items():
            start = np.array(ARM["Hand"]) + (0.08 + ahead) * along + up * np.array([0.0, 0.8, 0.6])
            for i, part in enumerate(FINGER_BONES[finger]):
                at[f"{side}{finger}{part}"] = mirror * (start + 0.03 * i * along)
    return at


@pytest.fixture(scope="module")
def rest() -> HumanoidRest:
    at = places()
    return humanoid_rest(BONES, np.array([at[name] for name in BONES]))


def joints_of(local: np.ndarray) -> dict[str, np.ndarray]:
    """Forward kinematics of the person of `places`, in the axes of the skeleton."""
    at, turns = places(), bone_turns(local)
    world = {}
    for i, (name, parent) in enumerate(zip(BONES, PARENTS)):
        if parent < 0:
            world[name] = at[name]
        else:
            up = BONES[parent]
            world[name] = world[up] + turns[parent] @ (at[name] - at[up])
        assert np.allclose(turns[i] @ turns[i].T, np.eye(3), atol=1e-9)
    return {name: place[[2, 0, 1]] for name, place in world.items()}


def direction(start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    return (stop - start) / np.linalg.norm(stop - start)


def random_poses(skeleton: Skeleton, rng: np.random.Generator, count: int) -> np.ndarray:
    """Poses with arms in all directions, trunk and head within half a right angle of upright."""
    poses = np.zeros((count, len(skeleton), 3))
    for pose in poses:
        bones = skeleton.offsets.copy()
        for name in ("spine1", "spine2", "chest", "neck", "head", "nose"):
            bones[skeleton.index[name]] += rng.normal(0, 0.03, 3)
        for side in ("left", "right"):
            for part in ("elbow", "wrist", "hand", "thumb"):
                k = skeleton.index[f"{side}_{part}"]
                bones[k] = skeleton.bone_lengths[k] * direction(np.zeros(3), rng.normal(0, 1, 3))
        pose[:] = skeleton.xyz_from_bones(bones)
    return poses


def test_arms_hands_and_neck_have_the_directions_of_the_human(skeleton, rest, rng):
    poses = random_poses(skeleton, rng, 60)
    chunk = HumanoidStage(skeleton, rest).push(PoseChunk(0, poses))
    for pose, local in zip(poses, chunk.values):
        at, human = joints_of(local), dict(zip(skeleton.names, pose))
        for side in ("left", "right"):
            for bones, names in ((("UpperArm", "LowerArm"), ("shoulder", "elbow")),
                                 (("LowerArm", "Hand"), ("elbow", "wrist")),
                                 (("Hand", "MiddleProximal"), ("wrist", "hand"))):
                found = direction(*(at[f"{side}{bone}"] for bone in bones))
                wanted = direction(*(human[f"{side}_{name}"] for name in names))
                assert np.abs(found - wanted).max() < 1e-3
            thumb = direction(human[f"{side}_wrist"], human[f"{side}_thumb"])
            along = direction(human[f"{side}_wrist"], human[f"{side}_hand"])
            knuckles = direction(at[f"{side}LittleProximal"], at[f"{side}IndexProximal"])
            across = thumb - (thumb @ along) * along
            assert knuckles @ across / np.linalg.norm(across) > 0.999
        turn = bone_turns(local)[BONE_INDEX["head"]]
        ahead = (turn @ [0.0, 0.0, 1.0])[[2, 0, 1]]
        assert np.abs(ahead - direction(human["head"], human["nose"])).max() < 1e-3


def test_the_trunk_turns_and_leans_as_the_human(skeleton, rest):
    turn, lean = np.radians(30.0), np.radians(20.0)
    yaw = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    pitch = np.array([[np.cos(lean), 0, np.sin(lean)], [0, 1, 0], [-np.sin(lean), 0, np.cos(lean)]])
    pose = skeleton.rest_xyz @ (pitch @ yaw).T  # turned, then leant ahead
    turns = bone_turns(HumanoidStage(skeleton, rest).push(PoseChunk(0, pose[None])).values[0])
    swap = np.eye(3)[TO_AVATAR]
    assert np.allclose(turns[BONE_INDEX["upperChest"]], swap @ pitch @ yaw @ swap.T, atol=1e-9)
    assert np.allclose(turns[BONE_INDEX["head"]], swap @ pitch @ yaw @ swap.T, atol=1e-9)
    assert np.allclose(turns[BONE_INDEX["leftUpperLeg"]], np.eye(3))
    ahead = turns[BONE_INDEX["spine"]] @ [0.0, 0.0, 1.0]
    assert np.arctan2(ahead[0], ahead[2]) == pytest.approx(turn / 3, abs=0.02)


def test_the_elbow_bends_about_its_own_axis(skeleton, rest):
    pose = skeleton.rest_xyz.copy()
    elbow = pose[skeleton.index["left_elbow"]]
    moved = [skeleton.index[f"left_{name}"] for name in ("wrist", "hand", "thumb")]
    bent = np.array([[0, 0, -1.0], [0, 1, 0], [1, 0, 0]])  # about y: down becomes ahead
    pose[moved] = elbow + (pose[moved] - elbow) @ bent.T
    turns = bone_turns(HumanoidStage(skeleton, rest).push(PoseChunk(0, pose[None])).values[0])
    axis = rest.arms["left"].upper[:, 1]
    upper, lower = (turns[BONE_INDEX[f"left{part}Arm"]] @ axis for part in ("Upper", "Lower"))
    assert np.allclose(upper, [-1, 0, 0], atol=1e-9)  # to the right, across the arm
    assert upper @ lower > 0.9  # the forearm rolls with the hand only


def test_nothing_jumps_where_an_arm_becomes_straight_or_a_bone_passes_a_pole(skeleton, rest):
    angle = np.linspace(-0.6, 0.6, 241)
    poses = np.tile(skeleton.rest_xyz, (len(angle), 1, 1))
    for pose, a in zip(poses, angle):  # the forearm passes the line of the upper arm sideways and ahead
        for side, sign in (("left", 1.0), ("right", -1.0)):
            fore = np.array([max(a, 0.0), sign * 0.4 * a, -1.0])
            elbow = pose[skeleton.index[f"{side}_elbow"]]
            wrist = elbow + 0.25 * fore / np.linalg.norm(fore)
            for name, offset in (("wrist", (0, 0, 0)), ("hand", (0, 0, -0.09)), ("thumb", (0.05, 0, -0.06))):
                pose[skeleton.index[f"{side}_{name}"]] = wrist + offset
    values = HumanoidStage(skeleton, rest).push(PoseChunk(0, poses)).values
    step = 2 * np.arccos(np.clip(np.abs(np.sum(values[1:] * values[:-1], axis=-1)), 0.0, 1.0))
    assert step.max() < np.radians(10.1)  # the roll of the upper arm
    hands = np.array([bone_turns(value)[BONE_INDEX["leftHand"]] for value in values])
    turned = np.arccos(np.clip((np.einsum("tij,tij->t", hands[1:], hands[:-1]) - 1.0) / 2.0, -1.0, 1.0))
    assert turned.max() < np.radians(0.1)  # its direction and thumb stay
    raised = np.tile(skeleton.rest_xyz, (181, 1, 1))  # an arm swings over the head and on
    for pose, a in zip(raised, np.radians(np.arange(181.0))):
        way = np.array([0.2, np.sin(a), -np.cos(a)]) / np.linalg.norm([0.2, 1.0])
        shoulder = pose[skeleton.index["left_shoulder"]]
        for name, far in (("elbow", 0.28), ("wrist", 0.53), ("hand", 0.62)):
            pose[skeleton.index[f"left_{name}"]] = shoulder + far * way
        pose[skeleton.index["left_thumb"]] = shoulder + 0.59 * way + [0.05, 0, 0]
    values = HumanoidStage(skeleton, rest).push(PoseChunk(0, raised)).values
    step = 2 * np.arccos(np.clip(np.abs(np.sum(values[1:] * values[:-1], axis=-1)), 0.0, 1.0))
    assert step.max() < np.radians(6.0)


def test_fingers_close_towards_the_palm(skeleton, rest):
    stage = HumanoidStage(skeleton, rest)
    pose = np.tile(skeleton.rest_xyz, (50, 1, 1))
    shapes = np.tile([HandShape.FIST, HandShape.POINT], (50, 1))
    flat = joints_of(stage.push(PoseChunk(0, pose[:1]), np.array([[HandShape.FLAT] * 2])).values[-1])
    stage.reset()
    at = joints_of(stage.push(PoseChunk(0, pose), shapes).values[-1])
    for side, sign, finger in (("left", 1.0, "Index"), ("left", 1.0, "Middle"), ("right", -1.0, "Middle")):
        tip, before = at[f"{side}{finger}Distal"], flat[f"{side}{finger}Distal"]
        assert sign * (tip - before)[1] < -0.005  # palms face inwards in the rest pose
        assert (tip - before)[2] > 0.01  # a fist is shorter
    straight = direction(at["rightIndexProximal"], at["rightIndexDistal"])
    assert straight @ direction(at["rightHand"], at["rightMiddleProximal"]) > 0.99


def test_a_pose_that_is_not_usable_repeats_the_last_one(skeleton, rest, rng):
    poses = random_poses(skeleton, rng, 4)
    poses[1, 3] = np.nan
    poses[2] = 0.0
    values = HumanoidStage(skeleton, rest).push(PoseChunk(0, poses)).values
    assert np.array_equal(values[1], values[0])
    assert np.array_equal(values[2], values[0])
    assert not np.allclose(values[3], values[0])


def test_any_chunking_gives_the_same_rotations(skeleton, rest, rng):
    poses = random_poses(skeleton, rng, 12)
    whole = HumanoidStage(skeleton, rest).push(PoseChunk(0, poses)).values
    stage, parts, start = HumanoidStage(skeleton, rest), [], 0
    for size in (0, 1, 4, 2, 5):
        chunk = stage.push(PoseChunk(start, poses[start:start + size]))
        assert chunk.start_index == start
        parts.append(chunk.values)
        start = chunk.stop_index
    assert np.array_equal(np.concatenate(parts), whole)
    stage.reset()
    assert np.array_equal(stage.push(PoseChunk(0, poses)).values, whole)


def test_an_avatar_without_hands_is_refused():
    at = places()
    names = [name for name in BONES if "Index" not in name]
    with pytest.raises(InputError, match="bones of the avatar is 'without leftIndexProximal'"):
        humanoid_rest(names, np.array([at[name] for name in names]))
    at["leftHand"] = at["leftLowerArm"]
    with pytest.raises(InputError, match="joints leftLowerArm and leftHand of the avatar"):
        humanoid_rest(BONES, np.array([at[name] for name in BONES]))
