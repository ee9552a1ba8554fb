"""A natural pose to start from and to come back to: arms hanging, elbows slightly bent, clear of the body.

It is found by the inverse kinematics itself, asked for such a human pose until it has settled. If some part of the arms
is not clear of the body by then, the arms are spread further; where no spread keeps them well clear, as with upper arms
thick at the shoulder, the first that avoidance accepts will do. If that does not help, they are lowered from a raised
pose that is clear, and stop where avoidance stops them, or above: where they also come up again without touching. What
no arm moves does not count.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.retargeting.hands import find_thumbs
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.trial_poses import (
    BETTER_DEG,
    SIDES,
    arm_joints,
    best_start,
    solve_pose,
    standing_human,
    trial_errors_deg,
    with_fast_joints,
)
from speech_gesture_ros.robot.collision import CapsulePairs
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.urdf import load_urdf

Array = npt.NDArray[np.float64]
SPREADS_DEG = (10.0, 16.0, 24.0, 34.0)  # of the upper arm from the body; the first that is clear is taken
WIDE_DEG = 46.0  # only if there is nothing better
ELBOW_DEG = 28.0
CLEAR_M = 0.02
JUST_CLEAR_M = 0.0125  # beyond `ik.HARD_MARGIN_M`
FRAMES, QUICK = 150, 50  # until arms have come to rest, and until they are nearly there
GOOD_DEG = 5.0  # a robot that practises better than this from its rest pose needs no other
RAISED = ((25, 10, -35, 20), (85, 0, 0, 30), (60, 40, -20, 60), (20, 80, 0, 10))  # see `standing_human`
READY = ((12, 8, 20, 5), (25, 10, -35, 20))  # where gestures begin
STEPS, TRIED = 16, 10  # configurations looked at on the way there, and poses to rest in that are tried
INSIDE = 0.01  # least share of a joint's range by which it rests off its limits: room for the limiter's margin


def resting_human(spread_deg: float) -> Array:
    """(12, 3) directions of a standing human at ease."""
    return standing_human(spread_deg, 2.0, -2.0, ELBOW_DEG - 90.0)


def find_rest(description: RobotDescription, start: Array) -> tuple[Array, str]:
    """The rest pose (N,) of a robot, and a line that says how its arms hang.

    Args:
        description: The robot, with capsules and candidate pairs; its own rest pose is not used.
        start: (N,) a configuration inside the limits.
    """
    thumbs = find_thumbs(description)
    description = dataclasses.replace(with_fast_joints(description), collision_pairs=_pairs_of_arms(description))
    start = best_start(dataclasses.replace(description, rest_q=start), thumbs)
    q, spread, touching = _hanging(dataclasses.replace(description, rest_q=start), thumbs)
    how = f"arms hang, spread by {spread:g} degrees"
    error = _error(description, q, thumbs)
    if touching or error > GOOD_DEG:
        lowered = _lowered(description, start, thumbs)
        fewer = len(_touching(description, lowered)) - len(touching)
        if fewer < 0 or (fewer == 0 and _error(description, lowered, thumbs) < error - BETTER_DEG):
            q, how = lowered, "arms are lowered from above until something is in the way"
    span = description.limits.upper - description.limits.lower
    room = np.clip(2 * description.limits.acceleration / KNOT_RATE**2 / 8, INSIDE * span, 10 * INSIDE * span)
    return np.clip(q, description.limits.lower + room, description.limits.upper - room), how


def _hanging(description: RobotDescription, thumbs: dict[str, Array]) -> tuple[Array, float, set[tuple[int, int]]]:
    """Where hanging arms (N,) are clear, their spread [degrees], and the pairs that are not clear if there is none."""
    without = dataclasses.replace(description, collision_pairs=())
    poses = []
    for spread in SPREADS_DEG:
        q = solve_pose(without, thumbs, resting_human(spread), FRAMES)
        if not _touching(description, q):
            return q, spread, set()
        poses.append((q, spread))
    poses.append((solve_pose(without, thumbs, resting_human(WIDE_DEG), FRAMES), WIDE_DEG))
    for q, spread in poses:
        if not _touching(description, q, JUST_CLEAR_M):
            return q, spread, set()
    q, spread = poses[len(SPREADS_DEG) - 1]
    return q, spread, _touching(description, q)


def _pairs_of_arms(description: RobotDescription) -> tuple[tuple[int, int], ...]:
    """The pairs of which an arm moves one against the other."""
    kinematics = Kinematics(load_urdf(description.urdf), description.joint_names)
    arms = [i for side in SIDES for i in arm_joints(description, side)]
    links = [capsule.link for capsule in description.capsules]
    carried = kinematics.points(links, np.zeros((len(links), 3))).carried[:, arms]
    return tuple((a, b) for a, b in description.collision_pairs if (carried[a] != carried[b]).any())


def _lowered(description: RobotDescription, start: Array, thumbs: dict[str, Array]) -> Array:
    """(N,) arms lowered from a raised pose, as far as what is clear there stays so.

    Of the raised poses in which most is clear the one that leads to where the arms come up again, the robot gestures
    well, and most of the arm hangs: with something in the way, each way down ends in a corner of its own.
    """
    without = dataclasses.replace(description, rest_q=start, collision_pairs=())
    raised = [solve_pose(without, thumbs, standing_human(*pose), FRAMES) for pose in RAISED]
    blocked = [len(_touching(description, q)) for q in raised]
    found = [_lowered_from(description, q, thumbs) for q, count in zip(raised, blocked) if count == min(blocked)]
    found = [(q, comes_up) for q, comes_up in found if comes_up == any(up for _, up in found)]
    errors = [_error(description, q, thumbs) for q, _ in found]
    good = [q for (q, _), error in zip(found, errors) if error < min(errors) + BETTER_DEG]
    return min(good, key=lambda q: _from_hanging(description, q, thumbs))


def _from_hanging(description: RobotDescription, q: Array, thumbs: dict[str, Array]) -> float:
    """By how much a configuration (N,) misses arms that hang [degrees]."""
    robot_directions = DifferentialIk(dataclasses.replace(description, rest_q=q), thumbs).robot_directions
    return float(np.mean(robot_directions.errors_deg(resting_human(SPREADS_DEG[0]))))


def _error(description: RobotDescription, q: Array, thumbs: dict[str, Array]) -> float:
    """By how much the worse arm misses the practice poses from a configuration (N,) on [degrees]."""
    return max(trial_errors_deg(dataclasses.replace(description, rest_q=q), thumbs).values())


def _lowered_from(description: RobotDescription, raised: Array, thumbs: dict[str, Array]) -> tuple[Array, bool]:
    """The lowest (N,) on the way down from which the arms also come up again, and whether there is such a one."""
    apart = tuple(sorted(set(description.collision_pairs) - _touching(description, raised)))
    description = dataclasses.replace(description, rest_q=raised, collision_pairs=apart)
    ik = DifferentialIk(description, thumbs)
    human, clear = resting_human(SPREADS_DEG[0]), [raised]
    for _ in range(FRAMES):
        q = ik.step(human)
        clear += [q] if ik.clearance() >= CLEAR_M else []
    tried = [clear[i] for i in np.linspace(len(clear) - 1, 0, min(TRIED, len(clear))).astype(int)]
    ready = solve_pose(description, thumbs, standing_human(*READY[0]), FRAMES)
    tried[-1:-1] = [] if _touching(description, ready) else [ready]
    return next(((q, True) for q in tried if _comes_up(dataclasses.replace(description, rest_q=q), thumbs)),
                (clear[-1], False))


def _comes_up(description: RobotDescription, thumbs: dict[str, Array]) -> bool:
    """Whether arms get from rest to where gestures begin, all joints equally fast, as the planner enters them."""
    return all(_is_clear_between(description, description.rest_q,
                                 solve_pose(description, thumbs, standing_human(*pose), QUICK)) for pose in READY)


def _is_clear_between(description: RobotDescription, q: Array, there: Array) -> bool:
    """Whether nothing touches on the way from one configuration (N,) to another if all joints turn equally fast."""
    kinematics = Kinematics(load_urdf(description.urdf), description.joint_names)
    pairs = CapsulePairs(kinematics, description.capsules, description.collision_pairs)
    way = there - q
    for turned in np.linspace(0.0, np.abs(way).max(), STEPS)[1:]:
        kinematics.update(q + np.clip(way, -turned, turned))
        if pairs.smallest_clearance() < JUST_CLEAR_M:
            return False
    return True


def _touching(description: RobotDescription, q: Array, clear_m: float = CLEAR_M) -> set[tuple[int, int]]:
    """The pairs that are not clear in a configuration (N,)."""
    kinematics = Kinematics(load_urdf(description.urdf), description.joint_names)
    kinematics.update(q)
    pairs = description.collision_pairs
    near = CapsulePairs(kinematics, description.capsules, pairs).near(clear_m).pair if pairs else ()
    return {pairs[i] for i in near}
