"""Trial poses: human poses that a robot is solved for, to compare the configurations it may start from.

Step by step inverse kinematics follows one branch (elbow this way or that, wrist turned or not), and with tight limits
some branches end in a corner that small steps cannot leave. So a few starts go through the same poses, and the one
with the smallest errors is kept. The first, the robot's own zero, stays unless another is clearly better.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.targets import DIRECTIONS
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]
SIDES = ("left", "right")
STARTS = 12  # zero, the middle of the ranges, and random ones
FRAMES = 25  # frames for which a trial pose is held
SPEED = 8.0  # [rad/s] of all joints while poses are solved: only the result counts, not the way there
BETTER_DEG = 2.0  # by which another start must be better than the ones before it
GOOD_DEG = 3.0  # error that ends the search

# Upper arm: outwards and forwards from hanging; forearm: inwards from straight ahead, and upwards [degrees].
_TRIAL_POSES_DEG = (
    (10, 0, 0, -62),   # at rest
    (12, 8, 20, 5),    # ready: hands in front of the belly
    (25, 10, -35, 20),  # open
    (20, 35, 5, 45),   # up
    (12, 45, 10, 0),   # reaching forwards
    (10, 5, 55, 15),   # inwards
    (40, 0, -50, -10),  # aside
    (15, 20, 15, 75),  # forearms upright
)


def standing_human(spread_deg: float, forward_deg: float, inward_deg: float, rise_deg: float) -> Array:
    """Return the (12, 3) directions of a human who stands upright, both arms alike.

    Args:
        spread_deg: Upper arm from hanging outwards.
        forward_deg: Upper arm from hanging forwards.
        inward_deg: Forearm from straight ahead towards the other side.
        rise_deg: Forearm above the horizontal.
    """
    spread, forward, inward, rise = np.radians([spread_deg, forward_deg, inward_deg, rise_deg])
    human = np.zeros((len(DIRECTIONS), 3))
    for name, axis in (("torso_left", 1), ("torso_up", 2), ("head_forward", 0), ("head_up", 2)):
        human[DIRECTIONS.index(name), axis] = 1.0
    for side, sign in (("left", 1.0), ("right", -1.0)):
        forearm = np.array([np.cos(rise) * np.cos(inward), -sign * np.cos(rise) * np.sin(inward), np.sin(rise)])
        upper_arm = np.array([np.sin(forward), sign * np.sin(spread), -np.cos(spread) * np.cos(forward)])
        thumb = np.array([-np.sin(rise), -sign * 0.35, np.cos(rise)])
        for part, direction in (("upper_arm", upper_arm), ("forearm", forearm), ("hand", forearm), ("thumb", thumb)):
            human[DIRECTIONS.index(f"{side}_{part}")] = direction / np.linalg.norm(direction)
    return human


def with_fast_joints(description: RobotDescription) -> RobotDescription:
    """Return the robot with all joints equally fast, so that results do not depend on its speed limits."""
    limits = dataclasses.replace(description.limits, velocity=np.full(len(description.limits), SPEED))
    return dataclasses.replace(description, limits=limits)


def solve_pose(description: RobotDescription, human: Array, frames: int) -> Array:
    """Return the (N,) result of inverse kinematics after some frames of one human pose (12, 3), from rest on."""
    ik = DifferentialIk(description)
    for _ in range(frames):
        ik.step(human)
    return ik.state.q


def best_start(description: RobotDescription) -> Array:
    """Return the (N,) configuration from which the robot reaches the trial poses best.

    Args:
        description: The robot; its rest pose is the first start, collisions are ignored.
    """
    limits = description.limits
    fast = with_fast_joints(dataclasses.replace(description, collision_pairs=()))
    random = np.random.default_rng(0)
    starts = [description.rest_q, 0.5 * (limits.lower + limits.upper)]
    starts += [random.uniform(limits.lower, limits.upper) for _ in range(STARTS - len(starts))]
    best, least = np.array(description.rest_q), dict.fromkeys(SIDES, np.inf)
    for start in starts:
        begin = description.rest_q.copy()
        for side in SIDES:
            begin[arm_joints(description, side)] = start[arm_joints(description, side)]
        errors = trial_errors_deg(dataclasses.replace(fast, rest_q=begin))
        for side in SIDES:  # the error of one arm does not depend on the start of the other
            if errors[side] < least[side] - BETTER_DEG:
                least[side] = errors[side]
                best[arm_joints(description, side)] = begin[arm_joints(description, side)]
        if max(least.values()) < GOOD_DEG:
            break
    return best


def trial_errors_deg(description: RobotDescription) -> dict[str, float]:
    """Return each side's mean error of upper arm and forearm over the trial poses, from rest on [degrees]."""
    ik = DifferentialIk(description)
    errors = []
    for pose in _TRIAL_POSES_DEG:
        human = standing_human(*pose)
        for _ in range(FRAMES):
            ik.step(human)
        errors.append(ik.robot_directions.errors_deg(human))
    names = ik.robot_directions.names
    return {side: float(np.mean([[e[names.index(f"{side}_{part}")] for part in ("upper_arm", "forearm")]
                                 for e in errors])) for side in SIDES}


def arm_joints(description: RobotDescription, side: str) -> npt.NDArray[np.int64]:
    """Return the indices of the joints of one arm in `q`."""
    return description.indices(description.groups.get(f"{side}_arm", ()))
