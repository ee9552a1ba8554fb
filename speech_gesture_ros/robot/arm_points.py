"""Points and axes of the body from link frames: forward, left and up; wrist and hand axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.robot.description import ArmLinks, BodyLinks
from speech_gesture_ros.robot.joint_tree import JointTree
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.limits import position_range
from speech_gesture_ros.robot.link_poses import joint_motions, locked_position
from speech_gesture_ros.robot.urdf import UrdfJoint

Array = npt.NDArray[np.float64]
MIN_SEGMENT_M = 0.01  # shorter segments have no direction


def base_axes(kinematics: Kinematics, body: BodyLinks) -> Array:
    """Return (3, 3) forward, left, up of the robot as columns in the root link's frame, at present.

    Raises:
        RobotError: If the shoulders are less than 1 mm apart to the side.
    """
    up = np.array([0.0, 0.0, 1.0])
    if body.left_arm is None or body.right_arm is None:
        return np.eye(3)
    ends = kinematics.origins(body.left_arm.shoulder, body.right_arm.shoulder)
    left = ends[0] - ends[1]
    left -= up * (left @ up)
    width = float(np.linalg.norm(left))
    if width < 1e-3:
        raise RobotError("sideways distance of the shoulders [m]", width, "above 0.001",
                         "Correct the origins of the arms.")
    left /= width
    return np.column_stack([np.cross(left, up), left, up])


def continued(tree: JointTree, arm: Sequence[UrdfJoint]) -> Array:
    """Return a point (3,) of an arm's last link, in its frame [m]: the last bone, continued by its own length.

    The arm is assumed to be straight while all joints are locked.
    """
    last = arm[-1].child
    bones = [tree.position[last] - tree.position[joint.child] for joint in arm[:-1]]
    long = [bone for bone in bones if np.linalg.norm(bone) > MIN_SEGMENT_M]
    return np.asarray(tree.rotation[last].T @ long[-1]) if long else np.zeros(3)


def wrist_point(tree: JointTree, kinematics: Kinematics, arm: ArmLinks) -> tuple[str, Array]:
    """Return link and offset (3,) of the wrist [m]; without a link for it, twice the forearm's centre of mass.

    The part of that along the elbow's axis is left out. If the forearm would lie on the upper arm in the middle of the
    elbow's range, the centre of mass was copied from the other arm (ARI v1) and is negated. Without a centre of mass
    the forearm continues the upper arm and is as long.
    """
    ends = kinematics.origins(arm.elbow, arm.wrist)
    if np.linalg.norm(ends[1] - ends[0]) > MIN_SEGMENT_M:
        return arm.wrist, np.zeros(3)
    centre = 2.0 * tree.urdf.centres.get(arm.wrist, np.zeros(3))
    elbow = tree.parent_joint.get(arm.wrist)
    if elbow is not None and elbow.is_movable:
        centre = centre - elbow.axis * (elbow.axis @ centre)
        if _is_folded(tree, arm, elbow, centre):
            centre = -centre
    if np.linalg.norm(centre) > MIN_SEGMENT_M:
        return arm.wrist, centre
    joints = [tree.parent_joint[arm.shoulder], tree.parent_joint[arm.wrist]]
    return arm.wrist, continued(tree, joints)


def _is_folded(tree: JointTree, arm: ArmLinks, elbow: UrdfJoint, forearm: Array) -> bool:
    """Return whether a forearm (3,) in the wrist link's frame bends back by more than a right angle in mid-range."""
    upper_arm = tree.position[arm.elbow] - tree.position[arm.shoulder]
    middle = np.mean(position_range(elbow, [])) - locked_position(elbow)
    turned = tree.rotation[arm.wrist] @ joint_motions(elbow, np.array([middle]))[0, :3, :3] @ forearm
    return bool(upper_arm @ turned < 0)


def hand_axis(kinematics: Kinematics, arm: ArmLinks) -> Array:
    """Return the (3,) direction from wrist to knuckles in the frame of the hand link."""
    hand = arm.hand or arm.wrist
    ends = kinematics.origins(arm.wrist, hand)
    axis = ends[1] - ends[0]
    return np.asarray(kinematics.rotation(hand).T @ (axis / max(float(np.linalg.norm(axis)), 1e-9)))
