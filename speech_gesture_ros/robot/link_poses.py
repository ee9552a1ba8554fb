"""Poses of links while joints are locked: at 0, or at the position nearest to it that their limits allow."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.urdf import Urdf, UrdfJoint

Array = npt.NDArray[np.float64]
CarriedPose = tuple["str | None", Array]  # joint that carries a frame, None for the root link; (4, 4) pose in it


def link_poses(urdf: Urdf, free: Collection[str] = ()) -> tuple[dict[str, CarriedPose], dict[str, CarriedPose]]:
    """Compute where links and free joints are in the frames of the free joints that carry them.

    Args:
        urdf: The robot.
        free: Names of the joints that are not locked; each carries its child link at the identity.

    Returns:
        Link name, and name of each free joint, to the free joint that carries it and its pose in that joint's frame.
    """
    links: dict[str, CarriedPose] = {urdf.root: (None, np.eye(4))}
    origins: dict[str, CarriedPose] = {}
    for joint in urdf.joints:  # parents first
        carrier, pose = links[joint.parent]
        pose = pose @ joint.origin
        if joint.name in free:
            origins[joint.name] = carrier, pose
            carrier, pose = joint.name, np.eye(4)
        elif joint.kind in ("revolute", "prismatic"):
            pose = pose @ joint_motions(joint, np.array([locked_position(joint)]))[0]
        links[joint.child] = carrier, pose
    return links, origins


def locked_position(joint: UrdfJoint) -> float:
    """Return the position of a locked joint [rad or m]: 0, or the position nearest to it inside the limits."""
    low = -np.inf if joint.lower is None else joint.lower
    high = np.inf if joint.upper is None else joint.upper
    if joint.kind not in ("revolute", "prismatic") or low > high:
        return 0.0
    return float(np.clip(0.0, low, high))


def joint_motions(joint: UrdfJoint, positions: Array) -> Array:
    """Return (B, 4, 4) motions that a joint adds to its origin at (B,) positions [rad or m] (Rodrigues' formula)."""
    motions = np.tile(np.eye(4), (len(positions), 1, 1))
    if joint.kind == "prismatic":
        motions[:, :3, 3] = positions[:, None] * joint.axis
    else:
        x, y, z = joint.axis
        cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
        sine, cosine = np.sin(positions)[:, None, None], np.cos(positions)[:, None, None]
        motions[:, :3, :3] = cosine * np.eye(3) + sine * cross + (1.0 - cosine) * np.outer(joint.axis, joint.axis)
    return motions
