"""Rest pose: arms hanging, elbows slightly bent, clear of the body.

Inverse kinematics solves it from such a human pose. If some part of the arms is not clear of the body then, the arms
are spread further; if no spread keeps them well clear, as with upper arms thick at the shoulder, the first one that
self-collision avoidance accepts is taken. If that does not help, they are lowered from a raised pose that is clear,
and stop where avoidance stops them, or higher: where they can also be raised again without contact. Pairs within one
arm, and those that no arm moves, do not count.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.trial_poses import (
    BETTER_DEG,
    solve_pose,
    standing_human,
    trial_errors_deg,
    with_fast_joints,
)
from speech_gesture_ros.robot.collision import CapsulePairs
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]
SPREADS_DEG = (10.0, 16.0, 24.0, 34.0)  # of the upper arm from the body; the first that is clear is taken
WIDE_DEG = 46.0  # taken only if no smaller spread is just clear
ELBOW_DEG = 28.0
CLEAR_M = 0.02
JUST_CLEAR_M = 0.0125  # beyond `ik.HARD_MARGIN_M`
FRAMES, QUICK = 150, 50  # frames until arms have come to rest, and until they are nearly at their target
GOOD_DEG = 5.0  # error over the trial poses up to which a hanging rest pose is kept
RAISED = ((25, 10, -35, 20), (85, 0, 0, 30), (60, 40, -20, 60), (20, 80, 0, 10))  # see `standing_human`
READY = ((12, 8, 20, 5), (25, 10, -35, 20))  # poses from which gestures begin
STEPS, TRIED = 16, 10  # configurations checked on the way to them, and rest poses that are tried
INSIDE = 0.01  # smallest share of a joint's range between rest pose and limit: room for the governor's margin


def resting_human(spread_deg: float) -> Array:
    """Return the (12, 3) directions of a human who stands at rest."""
    return standing_human(spread_deg, 2.0, -2.0, ELBOW_DEG - 90.0)


def hanging_poses(description: RobotDescription) -> list[Array]:
    """Return configurations (N,) with hanging arms, with the smallest and the widest spread; collisions are ignored.

    Args:
        description: The robot; its rest pose is the start of inverse kinematics.
    """
    unchecked = with_fast_joints(dataclasses.replace(description, collision_pairs=()))
    return [solve_pose(unchecked, resting_human(spread), FRAMES) for spread in (SPREADS_DEG[0], SPREADS_DEG[-1])]


def find_rest(description: RobotDescription, deciding: Collection[tuple[int, int]]) -> tuple[Array, str]:
    """Return the rest pose (N,) of a robot, and a line about how it was found.

    Args:
        description: The robot, with capsules and pairs; its rest pose is the start of inverse kinematics.
        deciding: The pairs that must be clear: those of an arm with another part, not those within one arm.
    """
    pairs = tuple(pair for pair in description.collision_pairs if pair in set(deciding))
    description = dataclasses.replace(with_fast_joints(description), collision_pairs=pairs)
    start = description.rest_q
    q, spread, touching = _hanging(description)
    how = f"arms hang, spread by {spread:g} degrees"
    error = _error(description, q)
    if touching or error > GOOD_DEG:
        lowered = _lowered(description, start)
        fewer = len(_touching(description, lowered)) - len(touching)
        if fewer < 0 or (fewer == 0 and _error(description, lowered) < error - BETTER_DEG):
            q, how = lowered, "arms are lowered from above until something is in the way"
    span = description.limits.upper - description.limits.lower
    room = np.clip(2 * description.limits.acceleration / KNOT_RATE**2 / 8, INSIDE * span, 10 * INSIDE * span)
    return np.clip(q, description.limits.lower + room, description.limits.upper - room), how


def _hanging(description: RobotDescription) -> tuple[Array, float, set[tuple[int, int]]]:
    """Return a configuration (N,) with hanging arms, their spread [degrees], and the pairs that are not clear."""
    unchecked = dataclasses.replace(description, collision_pairs=())
    poses = []
    for spread in SPREADS_DEG:
        q = solve_pose(unchecked, resting_human(spread), FRAMES)
        if not _touching(description, q):
            return q, spread, set()
        poses.append((q, spread))
    poses.append((solve_pose(unchecked, resting_human(WIDE_DEG), FRAMES), WIDE_DEG))
    for q, spread in poses:
        if not _touching(description, q, JUST_CLEAR_M):
            return q, spread, set()
    q, spread = poses[len(SPREADS_DEG) - 1]
    return q, spread, _touching(description, q)


def _lowered(description: RobotDescription, start: Array) -> Array:
    """Return (N,) arms lowered from a raised pose, as far as what is clear there stays so.

    Of the raised poses with the fewest contacts one is chosen from which the arms can be raised again, the trial poses
    are reached well, and most of the arm hangs: with something in the way, each way down ends in another corner.
    """
    unchecked = dataclasses.replace(description, rest_q=start, collision_pairs=())
    raised = [solve_pose(unchecked, standing_human(*pose), FRAMES) for pose in RAISED]
    blocked = [len(_touching(description, q)) for q in raised]
    found = [_lowered_from(description, q) for q, count in zip(raised, blocked) if count == min(blocked)]
    found = [(q, can_rise) for q, can_rise in found if can_rise == any(rises for _, rises in found)]
    errors = [_error(description, q) for q, _ in found]
    good = [q for (q, _), error in zip(found, errors) if error < min(errors) + BETTER_DEG]
    return min(good, key=lambda q: _error_from_hanging(description, q))


def _error_from_hanging(description: RobotDescription, q: Array) -> float:
    """Return the mean angle between a configuration (N,) and hanging arms [degrees]."""
    directions = DifferentialIk(dataclasses.replace(description, rest_q=q)).robot_directions
    return float(np.mean(directions.errors_deg(resting_human(SPREADS_DEG[0]))))


def _error(description: RobotDescription, q: Array) -> float:
    """Return the error of the worse arm over the trial poses, from a configuration (N,) on [degrees]."""
    return max(trial_errors_deg(dataclasses.replace(description, rest_q=q)).values())


def _lowered_from(description: RobotDescription, raised: Array) -> tuple[Array, bool]:
    """Return the lowest (N,) on the way down from which the arms can be raised again, and whether there is one."""
    apart = tuple(sorted(set(description.collision_pairs) - _touching(description, raised)))
    description = dataclasses.replace(description, rest_q=raised, collision_pairs=apart)
    ik = DifferentialIk(description)
    human, clear = resting_human(SPREADS_DEG[0]), [raised]
    for _ in range(FRAMES):
        q = ik.step(human)
        clear += [q] if ik.clearance() >= CLEAR_M else []
    tried = [clear[i] for i in np.linspace(len(clear) - 1, 0, min(TRIED, len(clear))).astype(int)]
    ready = solve_pose(description, standing_human(*READY[0]), FRAMES)
    tried[-1:-1] = [] if _touching(description, ready) else [ready]
    return next(((q, True) for q in tried if _can_rise(dataclasses.replace(description, rest_q=q))),
                (clear[-1], False))


def _can_rise(description: RobotDescription) -> bool:
    """Return whether arms get from rest to where gestures begin, all joints equally fast, as in the slow entry."""
    return all(_is_clear_between(description, description.rest_q,
                                 solve_pose(description, standing_human(*pose), QUICK)) for pose in READY)


def _is_clear_between(description: RobotDescription, q: Array, target: Array) -> bool:
    """Return whether the way from one configuration (N,) to another is clear if all joints turn equally fast."""
    kinematics = description.kinematics()
    pairs = CapsulePairs(kinematics, description.capsules, description.collision_pairs, description.pair_surplus)
    way = target - q
    for turned in np.linspace(0.0, np.abs(way).max(), STEPS)[1:]:
        kinematics.update(q + np.clip(way, -turned, turned))
        if pairs.smallest_clearance() < JUST_CLEAR_M:
            return False
    return True


def _touching(description: RobotDescription, q: Array, clear_m: float = CLEAR_M) -> set[tuple[int, int]]:
    """Return the pairs that are not clear in a configuration (N,)."""
    kinematics = description.kinematics()
    kinematics.update(q)
    pairs = description.collision_pairs
    surplus = description.pair_surplus
    near = CapsulePairs(kinematics, description.capsules, pairs, surplus).near(clear_m).pair if pairs else ()
    return {pairs[i] for i in near}
