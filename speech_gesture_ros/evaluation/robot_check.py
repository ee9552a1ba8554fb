"""Whether a robot can be gestured with: a standard set of motions performed by it, and what must hold for each.

speech    the model's motion for recorded speech, several seeds
poses     arms up, wide, crossed, low, from one to the next in 0.4 s: faster and farther than anyone talks
  │
  └─► motion ─► retargeting ─► planner ─► controllers ─► audit        directions, timing, limits, self-collision
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import JointChunk, PoseChunk
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.robot import RobotDescription
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.rehearsal import Take, rehearse_motion
from speech_gesture_ros.retargeting.figure import wrist_point
from speech_gesture_ros.retargeting.hands import find_thumbs
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.kinematics import Kinematics
from speech_gesture_ros.retargeting.practice import standing_human
from speech_gesture_ros.retargeting.targets import DIRECTIONS, HumanDirections
from speech_gesture_ros.retargeting.urdf import load_urdf

Array = npt.NDArray[np.float64]

LARGEST_ERROR_DEG = {3: 45.0, 4: 20.0, 5: 20.0}  # median, by joints of an arm; with six or more:
LARGEST_ERROR_SIX_DEG = 10.0
ENTRY_S = 2.0  # after the start, when the arms come up from rest: not judged for likeness
POSE_S, HOLD_S = 0.4, 0.6
_EXTREMES = (  # upper arm outwards, forwards; forearm inwards, upwards [degrees]
    (5, 0, 0, -85), (85, 0, -80, 0), (150, 10, -30, 80), (20, 80, 0, 10), (15, 40, 80, 0), (60, 20, 60, 60),
    (10, -30, 0, -60), (40, 60, 70, 40), (170, 0, 0, 85), (12, 8, 20, 5),
)


@dataclass(frozen=True)
class Likeness:
    """How like the human's the robot's motion is, as retargeting leaves it.

    Attributes:
        error_deg: Median angle between the robot's upper arms and forearms and the human's [degrees].
        worst_deg: 95th percentile [degrees].
        timing: Correlation of wrist speeds, robot and human, the lower of both arms.
        size: The robot's mean wrist speed in arm lengths over the human's.
        failed_steps: Frames for which inverse kinematics found nothing.
        frame_ms: Median and 99th percentile of the time for one frame [ms].
    """

    error_deg: float
    worst_deg: float
    timing: float
    size: float
    failed_steps: int
    frame_ms: tuple[float, float]


@dataclass(frozen=True)
class RobotCheck:
    """The verdict on one robot.

    Attributes:
        name: Of the robot.
        arm_joints: Joints of the left and the right arm.
        head_joints: Joints of the neck.
        torso_joints: Joints of the waist.
        minutes: Of motion [min].
        speech: Likeness in speech.
        faults: Kind of fault to how often it happened; all must be 0.
        min_distance_m: Smallest distance of two parts that are watched [m].
        notes: What was found, assumed or replaced.
    """

    name: str
    arm_joints: tuple[int, int]
    head_joints: int
    torso_joints: int
    minutes: float
    speech: Likeness
    faults: dict[str, int]
    min_distance_m: float
    notes: tuple[str, ...]

    @property
    def largest_error_deg(self) -> float:
        """The median error that a robot with so many arm joints may have [degrees]."""
        return LARGEST_ERROR_DEG.get(min(self.arm_joints), LARGEST_ERROR_SIX_DEG)

    @property
    def is_well(self) -> bool:
        """Whether nothing happened that must not, and the arms point where they should."""
        return not any(self.faults.values()) and self.speech.error_deg <= self.largest_error_deg

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "is_well": self.is_well, "largest_error_deg": self.largest_error_deg}


def check_robot(description: RobotDescription, skeleton: Skeleton, motions: list[npt.NDArray[np.floating]]
                ) -> RobotCheck:
    """Perform motions with a robot.

    Args:
        description: The robot.
        skeleton: Of the motions.
        motions: (T, J, 3) each [m] at 25 Hz: likeness is judged on these; extreme poses follow by themselves.
    """
    ik = DifferentialIk(description, find_thumbs(description))
    faults = dict.fromkeys(("limits", "self-collisions", "refused windows", "rejected trajectories",
                            "inverse kinematics", "not at rest at the end"), 0)
    likenesses, distance, frames = [], np.inf, 0
    for motion in (*motions, extreme_motion(skeleton)):
        q, likeness = follow(description, ik, skeleton, motion)
        take = rehearse_motion(description, PoseChunk(0, np.asarray(motion, dtype=np.float32)), JointChunk(0, q))
        _count(faults, take, likeness)
        likenesses.append(likeness)
        distance, frames = min(distance, take.min_distance_m), frames + len(motion)
    sizes = {group: len(names) for group, names in description.groups.items()}
    return RobotCheck(
        description.name, (sizes.get("left_arm", 0), sizes.get("right_arm", 0)), sizes.get("head", 0),
        sizes.get("torso", 0), frames / POSE_RATE / 60, _mean(likenesses[:len(motions)]), faults, distance,
        description.notes)


def follow(description: RobotDescription, ik: DifferentialIk, skeleton: Skeleton, motion: npt.NDArray[np.floating]
           ) -> tuple[Array, Likeness]:
    """Retarget one motion from rest.

    Returns:
        (T, N) configurations [rad], and how like the motion they are.
    """
    human = HumanDirections(skeleton)
    ik.reset()
    arms = [i for i, name in enumerate(ik.figure.names) if name.endswith("_arm") or name.endswith("forearm")]
    rows: list[Array] = []
    errors: list[Array] = []
    times: list[float] = []
    for joint_xyz in motion:
        began = time.perf_counter()
        directions = human.read(joint_xyz)
        if directions is not None:
            ik.step(directions)
        times.append(time.perf_counter() - began)
        rows.append(ik.state.q)
        if directions is not None:
            made, _ = ik.figure.directions()
            cosines = np.einsum("dc,dc->d", made, ik.figure.targets(directions, ik.base_axes))[arms]
            errors.append(np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0))))
    q = np.array(rows)
    judged = np.array(errors)[round(ENTRY_S * POSE_RATE):]
    timing, size = _wrists(description, q, skeleton, motion)
    return q, Likeness(float(np.median(judged)), float(np.percentile(judged, 95)), timing, size,
                       ik.state.counts.failed, (float(1e3 * np.median(times)), float(1e3 * np.percentile(times, 99))))


def extreme_motion(skeleton: Skeleton) -> npt.NDArray[np.float32]:
    """(T, J, 3) from extreme pose to extreme pose [m]."""
    way = np.arange(1, round(POSE_S * POSE_RATE) + 1) / round(POSE_S * POSE_RATE)
    way = np.concatenate([way**3 * (10 - 15 * way + 6 * way**2), np.ones(round(HOLD_S * POSE_RATE))])
    poses = [standing_human(*pose) for pose in _EXTREMES]
    frames = [_blend(here, there, share) for here, there in zip(poses, [*poses[1:], poses[0]]) for share in way]
    return np.array([_joints(skeleton, f) for f in frames], dtype=np.float32)


def _blend(here: Array, there: Array, share: float) -> Array:
    mixed = (1 - share) * here + share * there
    # Opposite directions pass through zero: a little sideways keeps a way.
    mixed = mixed + 1e-3 * np.array([0.3, 0.9, 0.2])
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True))


def _joints(skeleton: Skeleton, directions: Array) -> Array:
    """(J, 3) a figure that stands still but for its arms, which point as the (12, 3) directions say."""
    bones = skeleton.offsets.copy()
    for side in ("left", "right"):
        for part, joint in (("upper_arm", "elbow"), ("forearm", "wrist"), ("hand", "hand"), ("thumb", "thumb")):
            place = skeleton.index[f"{side}_{joint}"]
            bones[place] = skeleton.bone_lengths[place] * directions[DIRECTIONS.index(f"{side}_{part}")]
    return skeleton.xyz_from_bones(bones)


def _wrists(description: RobotDescription, q: Array, skeleton: Skeleton, motion: npt.NDArray[np.floating]
            ) -> tuple[float, float]:
    """Correlation of wrist speeds and ratio of their means, both seen from the shoulders and in arm lengths."""
    urdf = load_urdf(description.urdf)
    kinematics = Kinematics(urdf, description.joint_names)
    arms = [arm for arm in (description.body.left_arm, description.body.right_arm) if arm is not None]
    wrists = [wrist_point(urdf, kinematics, arm) for arm in arms]
    places = kinematics.points([w[0] for w in wrists] + [a.elbow for a in arms] + [a.shoulder for a in arms],
                               np.array([w[1] for w in wrists] + [np.zeros(3)] * 4))
    found = np.zeros((len(q), 3, 2, 3))
    for row, points in zip(q, found):
        kinematics.update(row)
        points[:] = kinematics.positions(places).reshape(3, 2, 3)
    reach = [np.linalg.norm(found[:, a] - found[:, b], axis=-1).mean() for a, b in ((0, 1), (1, 2))]
    robot = (found[:, 0] - found[:, 2]) / sum(reach)
    index = skeleton.index
    human = np.asarray(motion, dtype=np.float64)
    human = human[:, [index["left_wrist"], index["right_wrist"]]] - human[:, [index["left_shoulder"],
                                                                             index["right_shoulder"]]]
    human = human / (skeleton.bone_lengths[index["left_elbow"]] + skeleton.bone_lengths[index["left_wrist"]])
    speeds = [np.linalg.norm(np.diff(x[round(ENTRY_S * POSE_RATE):], axis=0), axis=-1) for x in (robot, human)]
    timing = min(float(np.corrcoef(speeds[0][:, i], speeds[1][:, i])[0, 1]) for i in range(2))
    return timing, float(speeds[0].mean() / max(speeds[1].mean(), 1e-9))


def _count(faults: dict[str, int], take: Take, likeness: Likeness) -> None:
    faults["limits"] += sum(take.violations.values())
    faults["self-collisions"] += take.collisions
    faults["refused windows"] += sum(take.refused.values())
    faults["rejected trajectories"] += sum(take.rejected.values())
    faults["inverse kinematics"] += likeness.failed_steps
    faults["not at rest at the end"] += not take.ends_at_rest


def _mean(parts: list[Likeness]) -> Likeness:
    """Over motions of like length."""
    def mean(name: str) -> float:
        return float(np.mean([getattr(part, name) for part in parts]))

    return Likeness(mean("error_deg"), mean("worst_deg"), mean("timing"), mean("size"),
                    sum(part.failed_steps for part in parts),
                    (float(np.median([p.frame_ms[0] for p in parts])), float(max(p.frame_ms[1] for p in parts))))
