"""Robot description: commanded joints with their limits and groups, body links, capsules, command interface.

`retargeting.describe` makes it from a URDF and an optional profile; it is never changed after that.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.robot.commands import Commands
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.model import RobotModel
from speech_gesture_ros.robot.topic_names import check_topic

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class JointLimits:
    """Limits of N robot joints, all (N,), finite and positive but for positions [rad, s; m for prismatic joints].

    Attributes:
        lower: Smallest position.
        upper: Largest position.
        velocity: Largest speed [1/s].
        acceleration: Largest acceleration, both ways [1/s^2].
        jerk: Largest rate of change of the acceleration [1/s^3].
    """

    lower: Vector
    upper: Vector
    velocity: Vector
    acceleration: Vector
    jerk: Vector

    def __post_init__(self) -> None:
        for name in ("lower", "upper", "velocity", "acceleration", "jerk"):
            values = np.array(getattr(self, name), dtype=np.float64)
            if values.ndim != 1 or len(values) != len(np.atleast_1d(self.lower)):
                raise RobotError(f"limit {name!r}", values.shape, f"({len(np.atleast_1d(self.lower))},)",
                                 "Give one value a joint.")
            if not np.all(np.isfinite(values)):
                raise RobotError(f"limit {name!r}", values.tolist(), "finite", "Replace NaN and infinity.")
            values.setflags(write=False)
            object.__setattr__(self, name, values)
        if not np.all(self.lower < self.upper):
            worst = int(np.argmax(self.lower - self.upper))
            raise RobotError(f"position limits of joint {worst}", (float(self.lower[worst]), float(self.upper[worst])),
                             "lower < upper", "Swap or widen them.")
        for name in ("velocity", "acceleration", "jerk"):
            if not np.all(getattr(self, name) > 0):
                raise RobotError(f"limit {name!r}", getattr(self, name).tolist(), "above 0", "Give a positive limit.")

    def __len__(self) -> int:
        return len(self.lower)


@dataclass(frozen=True)
class Capsule:
    """A segment with a radius, fixed to a link: the shape that self-collision is checked with.

    Attributes:
        link: Link name in the URDF.
        start: (3,) one end in the link's frame [m].
        stop: (3,) the other end; equal to `start` for a sphere.
        radius: [m].
    """

    link: str
    start: tuple[float, float, float]
    stop: tuple[float, float, float]
    radius: float


def capsule_between(link: str, start: Vector, stop: Vector, radius: float) -> Capsule:
    """Return a capsule between two points (3,) in the frame of a link [m]."""
    ends = [(float(p[0]), float(p[1]), float(p[2])) for p in (start, stop)]
    return Capsule(link, ends[0], ends[1], float(radius))


@dataclass(frozen=True)
class ArmLinks:
    """Links whose origins are the joints of one arm; `hand` is the point between the knuckles, None if absent."""

    shoulder: str
    elbow: str
    wrist: str
    hand: str | None = None


@dataclass(frozen=True)
class LegLinks:
    """Links whose origins are the first joint of the hip and the knee."""

    hip: str
    knee: str


@dataclass(frozen=True)
class BodyLinks:
    """Links of the robot that correspond to human body parts; None: it has no such part, or does not move it."""

    base: str
    torso: str
    head: str | None
    left_arm: ArmLinks | None
    right_arm: ArmLinks | None
    legs: tuple[LegLinks, ...] = ()


@dataclass(frozen=True)
class RobotDescription:
    """Everything known of one robot that gesturing needs.

    Attributes:
        name: Robot name.
        model: Parsed URDF and what is derived from it; shared by all users of the description.
        joint_names: The N commanded joints, in the order of every `q`, parents before children.
        limits: Their limits, scaled to the gesture envelope.
        rest_q: (N,) rest pose.
        groups: Controller group to the names of its joints, each joint in exactly one group.
        body: Links of the body parts.
        capsules: Shapes for self-collision checks.
        collision_pairs: Pairs of indices into `capsules` that must stay apart.
        pair_surplus: Collision pair to the part of its capsules that counts as empty [m]: it lies outside the surfaces
            wherever these can come close to each other. Pairs of tight capsules are left out.
        notes: One line each about what was found, assumed or replaced.
        warnings: One line each about what makes motion unsafe or wrong; such a robot passes no check.
        topics: Controller group to the topic of its commands.
        commands: Command interface.
        low_level_speed: Speed limit of joints under low-level commands [rad/s]; 0: low-level commands not allowed.
        gesture_size: Size of gestures as a share of a person's, so that slow arms keep time.
        clearance_poses: Configurations (N,) with the arms well away from the body: ways out of a collision.
        thumbs: Side to the (3,) direction of the thumb in the frame of the hand link, for arms with a hand.
    """

    name: str
    model: RobotModel = field(repr=False, compare=False)
    joint_names: tuple[str, ...]
    limits: JointLimits
    rest_q: Vector
    groups: dict[str, tuple[str, ...]]
    body: BodyLinks
    capsules: tuple[Capsule, ...] = ()
    collision_pairs: tuple[tuple[int, int], ...] = ()
    pair_surplus: dict[tuple[int, int], float] = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    topics: dict[str, str] = field(default_factory=dict)
    commands: Commands = field(default_factory=Commands)
    low_level_speed: float = 0.0
    gesture_size: float = 1.0
    clearance_poses: tuple[Vector, ...] = field(default=(), repr=False)
    thumbs: dict[str, Vector] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        rest = np.array(self.rest_q, dtype=np.float64)
        if rest.shape != (len(self.joint_names),) or len(self.limits) != len(self.joint_names):
            raise RobotError(f"rest pose of {self.name}", rest.shape, f"({len(self.joint_names)},)",
                             "Give one value a joint.")
        outside = (rest < self.limits.lower) | (rest > self.limits.upper)
        if outside.any():
            i = int(np.argmax(outside))
            raise RobotError(f"rest position of {self.joint_names[i]}", float(rest[i]),
                             f"in [{self.limits.lower[i]:.4g}, {self.limits.upper[i]:.4g}]", "Correct the profile.")
        grouped = [name for names in self.groups.values() for name in names]
        if sorted(grouped) != sorted(self.joint_names):
            raise RobotError(f"joints in the groups of {self.name}", sorted(grouped),
                             f"each of {sorted(self.joint_names)} once", "Correct the profile.")
        for group, topic in self.topics.items():
            if topic:  # "" for a group that is not commanded
                check_topic(topic, f"topic of group {group!r}")
        if state_topic := self.commands.options.get("state_topic"):
            check_topic(str(state_topic), "option 'state_topic'")
        rest.setflags(write=False)
        object.__setattr__(self, "rest_q", rest)

    def indices(self, names: tuple[str, ...]) -> npt.NDArray[np.int64]:
        """Return the positions of joint names in `joint_names`."""
        return np.array([self.joint_names.index(n) for n in names], dtype=np.int64)

    @property
    def continuous_joints(self) -> frozenset[str]:
        """Joints whose position may be any number of turns."""
        return frozenset(joint.name for joint in self.model.urdf.joints if joint.kind == "continuous")

    def kinematics(self) -> Kinematics:
        """Return new kinematics of the commanded joints, at zero, on the one kinematic model."""
        return self.model.kinematics(self.joint_names)
