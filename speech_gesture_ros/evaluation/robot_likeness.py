"""How like a human's a robot's motion is: where its arms point, how far its hands go, and when.

    direction   angle between each upper arm and forearm of the robot and the human's, seen from the chest
    amplitude   spread of the wrists about their mean place, in arm lengths, robot over human
    timing      correlation of wrist speeds, robot and human; and the lag at which it is highest

All from joint positions, whoever commanded them. Motions of any length are added one after the other; frames are
pooled, so that a long motion counts as much as it is long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.retargeting.hands import find_thumbs
from speech_gesture_ros.retargeting.robot_directions import read_robot_directions
from speech_gesture_ros.retargeting.targets import HumanDirections
from speech_gesture_ros.robot.arm_points import wrist_point
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.urdf import load_urdf

Array = npt.NDArray[np.float64]

ENTRY_S = 5.0  # after the start: the arms come up from rest as slowly as `control.planner` lets them, 2 rad in 4 s
LIMBS = tuple(f"{side}_{limb}" for side in ("left", "right") for limb in ("upper_arm", "forearm"))
MAX_LAG = 6  # frames to either side in which the best correlation is looked for
SIDES = ("left", "right")


@dataclass(frozen=True)
class Likeness:
    """What was measured over all frames.

    Attributes:
        error_deg: Median angle between upper arms and forearms of robot and human [degrees].
        worst_deg: 95th percentile [degrees].
        limbs_deg: Limb to its median angle [degrees].
        timing: Correlation of wrist speeds, the lower of both arms.
        lag_s: By which the robot's wrists follow, the longer of both arms [s].
        amplitude: Spread of the robot's wrists over the human's, each in arm lengths.
        speed: Mean wrist speed of the robot over the human's, each in arm lengths.
        seconds: Of motion judged [s].
    """

    error_deg: float
    worst_deg: float
    limbs_deg: dict[str, float]
    timing: float
    lag_s: float
    amplitude: float
    speed: float
    seconds: float


class LikenessMeter:
    """Collects motions of one robot and of the human it follows.

    Args:
        description: A robot with two arms.
        skeleton: Of the human.
    """

    def __init__(self, description: RobotDescription, skeleton: Skeleton) -> None:
        urdf = load_urdf(description.urdf)
        self._human = HumanDirections(skeleton)
        self._kinematics = Kinematics(urdf, description.joint_names)
        self._robot_directions = read_robot_directions(urdf, self._kinematics, description.body,
                                                       find_thumbs(description))
        self._limbs = [self._robot_directions.names.index(name) for name in LIMBS]
        arms = [arm for arm in (description.body.left_arm, description.body.right_arm) if arm is not None]
        wrists = [wrist_point(urdf, self._kinematics, arm) for arm in arms]
        self._places = self._kinematics.points(
            [w[0] for w in wrists] + [a.elbow for a in arms] + [a.shoulder for a in arms],
            np.array([w[1] for w in wrists] + [np.zeros(3)] * 4))
        names = [[skeleton.index[f"{side}_{part}"] for side in SIDES] for part in ("wrist", "shoulder")]
        self._human_ends = names
        self._human_reach = skeleton.bone_lengths[skeleton.index["left_elbow"]] \
            + skeleton.bone_lengths[skeleton.index["left_wrist"]]
        self._errors: list[Array] = []
        self._wrists: list[tuple[Array, Array]] = []

    def add(self, joint_xyz: npt.NDArray[np.floating], q: Array, asked: npt.NDArray[np.floating] | None = None) -> None:
        """Compare (T, J, 3) [m] with (T, N) [rad], both at 25 Hz; the first `ENTRY_S`, entry, do not count.

        Args:
            joint_xyz: What the person did.
            q: What the robot did.
            asked: What the robot was asked to do, if not the same: directions are compared with this.
        """
        first = round(ENTRY_S * POSE_RATE)
        if min(len(joint_xyz), len(q)) < first + 2:
            return
        human = np.asarray(joint_xyz, dtype=np.float64)[first:]
        found = np.empty((len(human), 3, 2, 3))
        errors = []
        wanted = human if asked is None else np.asarray(asked, dtype=np.float64)[first:]
        for frame, row, points in zip(wanted, q[first:], found):
            self._kinematics.update(row)
            points[:] = self._kinematics.positions(self._places).reshape(3, 2, 3)
            directions = self._human.read(frame)
            if directions is not None:
                errors.append(self._robot_directions.errors_deg(directions)[self._limbs])
        self._errors.append(np.array(errors).reshape(-1, len(LIMBS)))
        reach = [np.linalg.norm(found[:, a] - found[:, b], axis=-1).mean() for a, b in ((0, 1), (1, 2))]
        wrist, shoulder = self._human_ends
        self._wrists.append(((found[:, 0] - found[:, 2]) / sum(reach),
                             (human[:, wrist] - human[:, shoulder]) / self._human_reach))

    def result(self) -> Likeness:
        """All that was added; NaN where nothing was."""
        errors = np.concatenate([*self._errors, np.full((int(not self._errors), len(LIMBS)), np.nan)])
        speeds = [tuple(np.linalg.norm(np.diff(x, axis=0), axis=-1) for x in pair) for pair in self._wrists]
        lags = [_lag([(r[:, i], h[:, i]) for r, h in speeds]) for i in range(len(SIDES))]
        robot, human = (np.concatenate([s[k] for s in speeds] or [np.full((1, 2), np.nan)]) for k in (0, 1))
        spreads = [np.sqrt(np.mean(np.concatenate([np.sum((x - x.mean(axis=0)) ** 2, axis=-1) for x in xs])))
                   if xs else float("nan") for xs in ([p[k] for p in self._wrists] for k in (0, 1))]
        return Likeness(
            float(np.median(errors)), float(np.percentile(errors, 95)),
            dict(zip(LIMBS, np.median(errors, axis=0).tolist())), min(r for r, _ in lags), max(s for _, s in lags),
            float(spreads[0] / max(spreads[1], 1e-9)), float(robot.mean() / max(human.mean(), 1e-9)),
            sum(map(len, self._errors)) / POSE_RATE)


def _lag(pairs: list[tuple[Array, Array]]) -> tuple[float, float]:
    """Correlation of robot and human speeds as they are, and the lag at which it is highest [s]."""
    if not pairs:
        return float("nan"), float("nan")
    lags = np.arange(-MAX_LAG, MAX_LAG + 1)
    r = np.array([_correlation(pairs, int(lag)) for lag in lags])
    best = int(np.clip(np.argmax(r), 1, len(r) - 2))
    below, top, above = r[best - 1:best + 2]
    bend = below - 2 * top + above
    shift = 0.5 * (below - above) / bend if bend < 0 else 0.0
    return float(r[MAX_LAG]), float((lags[best] + np.clip(shift, -1, 1)) / POSE_RATE)


def _correlation(pairs: list[tuple[Array, Array]], lag: int) -> float:
    """Of robot speeds with the human's `lag` frames before."""
    robot = np.concatenate([r[max(lag, 0):len(r) + min(lag, 0)] for r, _ in pairs])
    human = np.concatenate([h[max(-lag, 0):len(h) - max(lag, 0)] for _, h in pairs])
    if min(np.std(robot), np.std(human)) < 1e-9:
        return 0.0
    return float(np.corrcoef(robot, human)[0, 1])
