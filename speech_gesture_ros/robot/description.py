"""What the pipe knows of a robot: which joints it may move, how far and how fast, and where its body is.

`retargeting.describe` makes it from a URDF and an optional profile; everything after it only reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.robot.commands import Commands

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


@dataclass(frozen=True)
class ArmLinks:
    """Links whose origins are the joints of one arm; `hand` is the point between the knuckles, None if absent."""

    shoulder: str
    elbow: str
    wrist: str
    hand: str | None = None


@dataclass(frozen=True)
class BodyLinks:
    """Where the human body parts are on the robot. None: the robot has no such part."""

    base: str
    torso: str
    head: str | None
    left_arm: ArmLinks | None
    right_arm: ArmLinks | None


@dataclass(frozen=True)
class RobotDescription:
    """One robot, as far as gesturing goes.

    Attributes:
        name: Robot name.
        urdf: The URDF as XML text.
        joint_names: The N robot joints that may be moved, in the order of every `q`.
        limits: Their limits, already scaled to the gesture envelope.
        rest_q: (N,) natural rest pose.
        groups: Controller group to the names of its joints, each joint in exactly one group.
        body: Where the body parts are.
        capsules: Shapes for self-collision.
        collision_pairs: Pairs of indices into `capsules` that must stay apart.
        notes: What was found, assumed or replaced, one plain line each.
        topics: Controller group to the topic its commands go to.
        commands: In which form it takes them.
        low_level_speed: How fast joints may be that are told past the robot's own safety [rad/s]; 0: not allowed.
        gesture_size: Share of a person's size that gestures have, so that slow arms keep time.
        clearance_poses: Configurations (N,) with the arms well off the body, ways out of where they are entangled.
    """

    name: str
    urdf: str = field(repr=False)
    joint_names: tuple[str, ...]
    limits: JointLimits
    rest_q: Vector
    groups: dict[str, tuple[str, ...]]
    body: BodyLinks
    capsules: tuple[Capsule, ...] = ()
    collision_pairs: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()
    topics: dict[str, str] = field(default_factory=dict)
    commands: Commands = field(default_factory=Commands)
    low_level_speed: float = 0.0
    gesture_size: float = 1.0
    clearance_poses: tuple[Vector, ...] = field(default=(), repr=False)

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
        rest.setflags(write=False)
        object.__setattr__(self, "rest_q", rest)

    def indices(self, names: tuple[str, ...]) -> npt.NDArray[np.int64]:
        """Positions of joint names in `joint_names`."""
        return np.array([self.joint_names.index(n) for n in names], dtype=np.int64)
