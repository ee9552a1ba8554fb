"""Check of the rest pose: upper arms hang, unless the robot cannot hang them."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.evaluation.robot_likeness import LIMBS
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.rest_pose import hanging_poses, resting_human
from speech_gesture_ros.retargeting.trial_poses import best_start
from speech_gesture_ros.robot.body_parts import body_parts, must_be_apart
from speech_gesture_ros.robot.bones import find_bones
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.surface_pairs import SurfacePairs

Array = npt.NDArray[np.float64]
SPREAD_DEG = 10.0  # of hanging upper arms from the body
RAISED_DEG = 45.0  # angle of an upper arm from hanging, beyond what its joints require, from which it does not hang


@dataclasses.dataclass(frozen=True)
class RestCheck:
    """Rest pose of one robot.

    Attributes:
        upper_arms_deg: Angle of the left and the right upper arm from hanging [deg].
        joints_allow_deg: The same in the pose nearest to hanging that joint limits allow [deg].
        obstacle: Links that touch there on the robot's own surfaces, and not in the rest pose, as "link and link"; ""
            if none do.
    """

    upper_arms_deg: tuple[float, float]
    joints_allow_deg: tuple[float, float]
    obstacle: str

    @property
    def hangs(self) -> bool:
        """Return whether both upper arms hang as far as joint limits and the body allow."""
        return bool(self.obstacle) or all(angle <= allowed + RAISED_DEG for angle, allowed
                                          in zip(self.upper_arms_deg, self.joints_allow_deg))


def check_rest(description: RobotDescription) -> RestCheck:
    """Check the rest pose of a robot with two arms."""
    nearest = hanging_poses(dataclasses.replace(description, rest_q=best_start(description)))
    allowed = [_upper_arms_deg(description, q) for q in nearest]
    return RestCheck(_upper_arms_deg(description, description.rest_q), allowed[0],
                     _obstacle(description, nearest))


def _upper_arms_deg(description: RobotDescription, q: Array) -> tuple[float, float]:
    directions = DifferentialIk(dataclasses.replace(description, rest_q=q)).robot_directions
    errors = dict(zip(directions.names, directions.errors_deg(resting_human(SPREAD_DEG)).tolist()))
    left, right = (errors[limb] for limb in LIMBS if limb.endswith("upper_arm"))
    return left, right


def _obstacle(description: RobotDescription, poses: list[Array]) -> str:
    """Return the links of an arm and the body that touch in all of some poses (N,); "" if one pose is free.

    Links that touch in the rest pose, too, are no obstacle: it is not raised on their account.
    """
    robot = description.model
    kinematics, surfaces = description.kinematics(), robot.collision_surfaces()
    parts = body_parts(robot.tree, find_bones(robot.tree, kinematics, description.body))
    links = [link for link in robot.urdf.links if surfaces.triangles(link)]
    pairs = [(i, j) for i, a in enumerate(links) for j, b in enumerate(links) if i < j and must_be_apart(
        parts[a], parts[b]) and not kinematics.model.are_neighbours(kinematics.model.body(a), kinematics.model.body(b))]
    if not pairs:
        return ""
    checked = SurfacePairs(kinematics, [(n, np.concatenate(surfaces.triangles(n))) for n in links], pairs)
    checked.update(description.rest_q)
    at_rest, named = set(checked.touching()), ""
    for q in poses:
        checked.update(q)
        touching = [pair for pair in checked.touching() if pair not in at_rest]
        if not touching:
            return ""
        named = " and ".join(links[i] for i in pairs[touching[0]])
    return named
