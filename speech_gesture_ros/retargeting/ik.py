"""Differential inverse kinematics: the step from the present `q` that brings the robot's directions to the human's.

One quadratic programme a pose frame, over the step dq of all joints at once:

    minimise    sum_i w_i |d_i(q) + J_i dq - u_i|^2        the robot's direction d_i becomes the human's u_i
                + w_rest |q + dq - q_rest|^2                joints that the directions leave free go to the rest pose
                + w_damping |dq|^2                          near singular poses a finite step (Levenberg-Marquardt)
    subject to  lower <= q + dq <= upper,  |dq| <= velocity * dt
                g . dq >= -SHARE (clearance - margin)       for every near pair of capsules: slower and slower approach

Full gain: the step corrects the whole error, so that the lag is no more than the curvature of one frame's motion. The
form is that of task-based inverse kinematics (pink: https://github.com/stephane-caron/pink; Kanoun et al. 2011); it is
assembled here because the tasks are directions as seen from the chest, which pink does not have. A frame takes 0.1 ms
on the demo humanoid with its 258 pairs; pink took 0.2 ms without collisions, and 1.2 ms more for its
SelfCollisionBarrier.

Linear constraints do not guarantee that capsules stay apart over a finite step. So the result is checked, and a step
that comes too close is halved until it does not; a step of zero is always possible, because the pose before was clear.
The near pairs found by that check constrain the step of the next frame: they are computed once a frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import daqp  # type: ignore[import-not-found]
import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.retargeting.robot_directions import read_robot_directions
from speech_gesture_ros.robot.collision import CapsulePairs, NearPairs
from speech_gesture_ros.robot.collision_pairs import REST_CLEARANCE_M
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]

NEAR_M = 0.10  # pairs nearer than this constrain the step
MARGIN_M = 0.03  # clearance that the step aims to keep: braking distance before `control.self_collision.MARGIN_M`
HARD_MARGIN_M = 0.012  # smallest clearance of any pose; both are less for pairs that are nearer at rest
SHARE = 0.5  # of the clearance beyond the margin that one frame may use up
MAX_ROWS = 24  # nearest pairs that constrain the step; more cost time without effect
MAX_HALVINGS = 5
FEW_JOINTS = 3
NO_UPPER_BOUND = np.full(MAX_ROWS, 1e30)
SOFT = 8  # daqp: sense of a constraint that is relaxed instead of making the programme infeasible


@dataclass(frozen=True)
class Weights:
    """Weights of the directions, the rest pose and the damping.

    They weigh squared errors. Forearms weigh more than upper arms, because they move the hands; if a robot can follow
    both, the weights have no effect.
    """

    torso: float = 1.0
    head_forward: float = 0.6
    head_up: float = 0.3
    upper_arm: float = 1.0
    forearm: float = 2.0
    hand: float = 0.3
    thumb: float = 0.15
    rest: float = 3e-4
    damping: float = 2e-2

    @classmethod
    def for_arms(cls, joints: int) -> Weights:
        """Return weights for arms of some joints; with three, upper arm and forearm weigh the same."""
        return cls() if joints > FEW_JOINTS else cls(forearm=cls.upper_arm)

    def of(self, direction: str) -> float:
        """Return the weight of one of `targets.DIRECTIONS`."""
        part = direction.removeprefix("left_").removeprefix("right_")
        return float(self.torso if part.startswith("torso") else getattr(self, part))


@dataclass
class IkCounts:
    """Counts since the last reset: steps halved to keep capsules apart, steps for which no solution was found."""

    halved: int = 0
    failed: int = 0


@dataclass
class IkState:
    """The present configuration (N,), its near pairs, and the counters."""

    q: Array
    near: NearPairs
    counts: IkCounts = field(default_factory=IkCounts)


class DifferentialIk:
    """Follows human directions with a robot, one pose frame after the other.

    Hands whose thumb is not in the description point as the human's do, but their palms are free.

    Attributes:
        description: The robot.
        robot_directions: Its directions.
        state: The present configuration.
    """

    def __init__(self, description: RobotDescription, weights: Weights | None = None) -> None:
        self.description = description
        arms = [len(description.groups.get(group, ())) for group in ("left_arm", "right_arm")]
        weights = weights or Weights.for_arms(min(arms))
        self._kinematics = description.kinematics()
        self.robot_directions = read_robot_directions(description, self._kinematics)
        self._pairs = CapsulePairs(self._kinematics, description.capsules, description.collision_pairs,
                                   description.pair_surplus)
        self._weights = np.repeat([weights.of(n) for n in self.robot_directions.names], 3)
        self._rest = weights.rest
        self._sense = np.array([0] * len(description.joint_names) + [SOFT] * MAX_ROWS, dtype=np.int32)
        self._damping = (weights.rest + weights.damping) * np.eye(len(description.joint_names))
        self._reach = description.limits.velocity / POSE_RATE * (1.0 - 1e-9)  # rounding must not exceed it
        self.reset()

    def reset(self) -> None:
        """Return to the rest pose; counters become 0."""
        q = self.description.rest_q.copy()
        near = self._near(q)
        self._floor, self._margin = (np.full(len(self._pairs), least) for least in (HARD_MARGIN_M, MARGIN_M))
        between = 0.5 * (near.clearance + np.minimum(near.clearance, REST_CLEARANCE_M))
        self._floor[near.pair] = np.minimum(HARD_MARGIN_M, between)
        self._margin[near.pair] = np.minimum(MARGIN_M, 0.5 * (near.clearance + self._floor[near.pair]))
        self.state = IkState(q, near)

    def step(self, human: Array) -> Array:
        """Follow one frame.

        Args:
            human: (12, 3) directions as `targets.HumanDirections.read` gives them.

        Returns:
            (N,) the new configuration: inside the limits, reachable within the velocity limits, free of
            self-collision.
        """
        q = self.state.q
        limits = self.description.limits
        low = np.minimum(np.maximum(limits.lower - q, -self._reach), 0.0)
        high = np.maximum(np.minimum(limits.upper - q, self._reach), 0.0)
        step = self._solve(human, low, high)
        if step is None:
            self.state.counts.failed += 1
            return q
        self._apply(np.minimum(np.maximum(step, low), high))
        return self.state.q

    def _solve(self, human: Array, low: Array, high: Array) -> Array | None:
        """Return the optimal step (N,) between two bounds; None if the solver finds none."""
        directions, motion = self.robot_directions.directions()
        count = len(low)
        jacobian = motion.reshape(-1, count)
        error = (self.robot_directions.targets(human) - directions).ravel()
        weighted = jacobian.T * self._weights
        hessian = weighted @ jacobian + self._damping
        gradient = -(weighted @ error) - self._rest * (self.description.rest_q - self.state.q)
        rows, room = self._collision_constraints()
        lower = np.concatenate([low, room])
        upper = np.concatenate([high, NO_UPPER_BOUND[:len(room)]])
        step, _, flag, _ = daqp.solve(hessian, gradient, rows, upper, lower, self._sense[:len(lower)].copy())
        return step if flag > 0 and np.isfinite(step).all() else None

    def _collision_constraints(self) -> tuple[Array, Array]:
        """Return (R, N) gradients of the near clearances and the (R,) lower bounds of their changes."""
        near = self.state.near
        if len(near.pair) > MAX_ROWS:
            near = near.chosen(np.argsort(near.clearance, kind="stable")[:MAX_ROWS])
        return self._pairs.gradient(near), -SHARE * (near.clearance - self._margin[near.pair])

    def _near(self, q: Array) -> NearPairs:
        """Update the kinematics to a configuration (N,) and return its near pairs."""
        self._kinematics.update(q)
        return self._pairs.near(NEAR_M)

    def _apply(self, step: Array) -> None:
        """Make the step, halved until it is free of collision."""
        limits = self.description.limits
        for _ in range(MAX_HALVINGS):
            q = np.minimum(np.maximum(self.state.q + step, limits.lower), limits.upper)
            near = self._near(q)
            if (near.clearance >= self._floor[near.pair]).all():
                self.state.q, self.state.near = q, near
                return
            self.state.counts.halved += 1
            step = 0.5 * step
        self._kinematics.update(self.state.q)

    def rotation(self, link: str) -> Array:
        """Return the (3, 3) orientation of a link in the root link's frame, at present."""
        return self._kinematics.rotation(link)

    def clearance(self) -> float:
        """Return the smallest clearance of any pair at present [m]."""
        return self._pairs.smallest_clearance()
