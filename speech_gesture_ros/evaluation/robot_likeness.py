"""Comparison of a robot's motion with a human's: direction of the arms, reach of the hands, timing.

    direction   angle between each upper arm and forearm of the robot and the human's, relative to the chest
    amplitude   spread of the wrists about their mean position, in arm lengths, robot over human
    timing      correlation of wrist speeds, robot and human; and the lag at which it is highest

Everything is computed from joint positions, commanded or measured. Frames of several motions are pooled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.retargeting.robot_directions import read_robot_directions
from speech_gesture_ros.retargeting.targets import HumanDirections
from speech_gesture_ros.robot.arm_points import wrist_point
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]

ENTRY_S = 5.0  # not compared: after engaging, `control.slow_entry` moves the arms from rest slowly, about 2 s
LIMBS = tuple(f"{side}_{limb}" for side in ("left", "right") for limb in ("upper_arm", "forearm"))
MAX_LAG = 6  # [frames] to either side in which the highest correlation is searched
SIDES = ("left", "right")


@dataclass(frozen=True)
class Likeness:
    """Robot motion compared with human motion, over all frames; NaN without frames.

    Attributes:
        error_deg: Median angle between upper arms and forearms of robot and human [deg].
        error_p95_deg: 95th percentile [deg].
        limbs_deg: Limb to its median angle [deg].
        timing: Correlation of wrist speeds, the lower of both arms.
        lag_s: Delay of the robot's wrists, the longer of both arms [s].
        amplitude: Spread of the robot's wrists over the human's, each in arm lengths.
        speed: Mean wrist speed of the robot over the human's, each in arm lengths.
        seconds: Motion compared [s].
    """

    error_deg: float
    error_p95_deg: float
    limbs_deg: dict[str, float]
    timing: float
    lag_s: float
    amplitude: float
    speed: float
    seconds: float


@dataclass(frozen=True)
class LikenessSamples:
    """Frames of one motion, compared.

    Attributes:
        errors_deg: (K, 4) angle of each of `LIMBS` [deg].
        robot: (T, 2, 3) each wrist of the robot from its shoulder [arm lengths].
        human: (T, 2, 3) the same of the human.
    """

    errors_deg: Array
    robot: Array
    human: Array


class LikenessMeter:
    """Compares motions of one robot with the human motions that it follows.

    Args:
        description: A robot with two arms.
        skeleton: Of the human.
    """

    def __init__(self, description: RobotDescription, skeleton: Skeleton) -> None:
        self._human = HumanDirections(skeleton)
        self._kinematics = description.kinematics()
        self._directions = read_robot_directions(description, self._kinematics)
        self._limbs = [self._directions.names.index(name) for name in LIMBS]
        arms = [arm for arm in (description.body.left_arm, description.body.right_arm) if arm is not None]
        wrists = [wrist_point(description.model.tree, self._kinematics, arm) for arm in arms]
        self._points = self._kinematics.model.points(
            [w[0] for w in wrists] + [a.elbow for a in arms] + [a.shoulder for a in arms],
            np.array([w[1] for w in wrists] + [np.zeros(3)] * 4))
        self._wrists, self._shoulders = ([skeleton.index[f"{side}_{part}"] for side in SIDES]
                                         for part in ("wrist", "shoulder"))
        self._human_arm_m = float(skeleton.bone_lengths[skeleton.index["left_elbow"]]
                                  + skeleton.bone_lengths[skeleton.index["left_wrist"]])

    def compare(self, joint_xyz: npt.NDArray[np.floating], q: Array,
                requested: npt.NDArray[np.floating] | None = None) -> LikenessSamples:
        """Compare (T, J, 3) human joints [m] with (T, N) robot joints [rad] at 25 Hz, from `ENTRY_S` on.

        Args:
            joint_xyz: The human motion.
            q: The robot's motion.
            requested: Human motion that the robot was commanded to follow, if not the same: directions are compared
                with this.
        """
        first = round(ENTRY_S * POSE_RATE)
        if min(len(joint_xyz), len(q)) < first + 2:
            return LikenessSamples(np.zeros((0, len(LIMBS))), *np.zeros((2, 0, 2, 3)))
        human = np.asarray(joint_xyz, dtype=np.float64)[first:]
        found = np.empty((len(human), 3, 2, 3))
        errors = []
        wanted = human if requested is None else np.asarray(requested, dtype=np.float64)[first:]
        for frame, row, points in zip(wanted, q[first:], found):
            self._kinematics.update(row)
            points[:] = self._kinematics.positions(self._points).reshape(3, 2, 3)
            directions = self._human.read(frame)
            if directions is not None:
                errors.append(self._directions.errors_deg(directions)[self._limbs])
        robot_arm_m = sum(np.linalg.norm(found[:, a] - found[:, b], axis=-1).mean() for a, b in ((0, 1), (1, 2)))
        return LikenessSamples(np.array(errors).reshape(-1, len(LIMBS)), (found[:, 0] - found[:, 2]) / robot_arm_m,
                               (human[:, self._wrists] - human[:, self._shoulders]) / self._human_arm_m)


def pool_likeness(parts: Sequence[LikenessSamples]) -> Likeness:
    """Likeness over the frames of several motions."""
    parts = [part for part in parts if len(part.robot)]
    if not parts:
        nan = float("nan")
        return Likeness(nan, nan, dict.fromkeys(LIMBS, nan), nan, nan, nan, nan, 0.0)
    errors = np.concatenate([part.errors_deg for part in parts])
    speeds = [tuple(np.linalg.norm(np.diff(x, axis=0), axis=-1) for x in (p.robot, p.human)) for p in parts]
    lags = [_lag([(r[:, i], h[:, i]) for r, h in speeds]) for i in range(len(SIDES))]
    robot, human = (np.concatenate([s[k] for s in speeds]) for k in (0, 1))
    spreads = [np.sqrt(np.mean(np.concatenate([np.sum((x - x.mean(axis=0)) ** 2, axis=-1) for x in xs])))
               for xs in ([p.robot for p in parts], [p.human for p in parts])]
    return Likeness(
        float(np.median(errors)), float(np.percentile(errors, 95)),
        dict(zip(LIMBS, np.median(errors, axis=0).tolist())), min(r for r, _ in lags), max(s for _, s in lags),
        float(spreads[0] / max(spreads[1], 1e-9)), float(robot.mean() / max(human.mean(), 1e-9)),
        len(errors) / POSE_RATE)


def _lag(pairs: list[tuple[Array, Array]]) -> tuple[float, float]:
    """Correlation of robot and human speeds at lag 0, and the lag at which it is highest [s]."""
    lags = np.arange(-MAX_LAG, MAX_LAG + 1)
    r = np.array([_correlation(pairs, int(lag)) for lag in lags])
    best = int(np.clip(np.argmax(r), 1, len(r) - 2))
    below, top, above = r[best - 1:best + 2]
    bend = below - 2 * top + above
    shift = 0.5 * (below - above) / bend if bend < 0 else 0.0
    return float(r[MAX_LAG]), float((lags[best] + np.clip(shift, -1, 1)) / POSE_RATE)


def _correlation(pairs: list[tuple[Array, Array]], lag: int) -> float:
    """Correlation of the robot's speeds with the human's `lag` frames earlier."""
    robot = np.concatenate([r[max(lag, 0):len(r) + min(lag, 0)] for r, _ in pairs])
    human = np.concatenate([h[max(-lag, 0):len(h) - max(lag, 0)] for _, h in pairs])
    if min(np.std(robot), np.std(human)) < 1e-9:
        return 0.0
    return float(np.corrcoef(robot, human)[0, 1])
