"""Random robots: trees with two arms, with the faults of real URDF files; and an audit of windows."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest

from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.robot.description import JointLimits

DT = 1.0 / KNOT_RATE
MIRROR = np.diag([1.0, -1.0, 1.0])
UP = np.array([0.0, 0.0, 1.0])
STYLES = ("plain", "short", "numbers", "weird")
WEIRD = ("Schulter links", "右腕", "<arm & \"hand\">", "left right left", "a/b//c", "x" * 120, "../../etc", "%s%n{}",
         "nan")


@dataclass
class Part:
    """A chain of joints of the body."""

    kinds: list[str]
    places: list[np.ndarray]
    turns: list[np.ndarray]
    axes: list[np.ndarray]
    limits: list[str] = field(default_factory=list)

    def mirrored(self, rng: np.random.Generator) -> Part:
        """Return the chain of the other side; the direction of each axis is random."""
        signs = rng.choice([-1.0, 1.0], len(self.kinds))
        return Part(self.kinds, [MIRROR @ p for p in self.places], [MIRROR @ r @ MIRROR for r in self.turns],
                    [s * (MIRROR @ a) for s, a in zip(signs, self.axes)])


class RandomRobot:
    """URDF text of a random robot.

    Args:
        seed: Seed; equal seeds give equal robots.
        arm_joints: Number of movable joints of one arm.
    """

    def __init__(self, seed: int, arm_joints: int) -> None:
        self._rng = rng = np.random.default_rng(seed)
        self._arm_joints = arm_joints
        self._style = rng.choice(STYLES, p=[0.4, 0.25, 0.25, 0.1])
        self._fault_rate = rng.choice([0.0, 0.05, 0.3, 0.8])  # share of elements with a fault
        self._scale = 10.0 ** rng.choice([0.0, 0.0, rng.uniform(-0.5, 1.0)])
        self._count, self._elements = 0, []
        self.urdf = self._build()

    # -- the tree --------------------------------------------------------------------------------------------------

    def _build(self) -> str:
        rng = self._rng
        root = self._link("base")
        if rng.random() < 0.3:
            world = root
            root = self._link("base_link")
            kind = "floating" if rng.random() < 0.5 else "fixed"
            self._joint("base_joint", kind, world, root, np.zeros(3), np.eye(3), np.array([1.0, 0, 0]), "")
        yaw = rng.choice([0.0, np.pi / 2, np.pi, -np.pi / 2, rng.uniform(-3, 3)])
        forward = turn(np.array([0, 0, 1.0]), yaw)
        body = self._link("body")
        self._joint("yaw", "fixed", root, body, np.zeros(3), forward, np.array([1.0, 0, 0]), "")
        if rng.random() < 0.4:  # legs are a pair, too
            leg = self._chain(int(rng.integers(2, 7)), -0.35)
            self._pair("leg", leg, body, np.array([0, 0.1, -0.1]))
        chest = body
        for i in range(int(rng.integers(0, 4))):
            kind = "prismatic" if rng.random() < 0.15 else "revolute"
            below, chest = chest, self._link(f"torso_{i}")
            self._joint(f"waist_{i}", kind, below, chest, np.array([0, 0, rng.uniform(0, 0.2)]), self._zero_pose(),
                        self._axis(), self._limit(kind))
        arm = self._chain(self._arm_joints, rng.uniform(0.4, 0.8))
        self._pair("arm", arm, chest, np.array([0, rng.uniform(0.1, 0.25), rng.uniform(0.2, 0.4)]), has_fingers=True)
        top = chest
        for i in range(int(rng.integers(0, 4))):
            below, top = top, self._link(f"head_{i}")
            at = np.array([0, 0, 0.45]) if i == 0 else np.array([0, 0, rng.uniform(0, 0.06)])
            self._joint(f"neck_{i}", "revolute", below, top, at, self._zero_pose(), self._axis(),
                        self._limit("revolute"))
        rng.shuffle(self._elements)
        return f'<robot name={quoteattr(self._name("robot"))}>{"".join(self._elements)}</robot>'

    def _chain(self, count: int, length: float) -> Part:
        """Return joints along a line, some in one place, as in shoulders; random directions at zero."""
        rng = self._rng
        kinds = list(rng.choice(["revolute", "continuous", "prismatic"], count, p=[0.9, 0.08, 0.02]))
        steps = rng.dirichlet(np.full(count, 0.5)) * length
        places = [np.zeros(3)] + [s * unit(rng.normal(size=3) - 3 * UP) for s in steps[:-1]]
        turns = [self._zero_pose() for _ in kinds]
        axes = [self._axis() for _ in kinds]
        return Part(kinds, places, turns, axes)

    def _pair(self, name: str, part: Part, carrier: str, at: np.ndarray, has_fingers: bool = False) -> None:
        fingers = [self._rng.normal(0, 0.03, 3) - 0.1 * UP for _ in range(int(self._rng.choice([0, 0, 1, 2, 5])))]
        for side, chain in (("left", part), ("right", part.mirrored(self._rng))):
            link = carrier
            for i, kind in enumerate(chain.kinds):
                place = chain.places[i] + (at if side == "left" else MIRROR @ at) * (i == 0)
                if self._rng.random() < 0.15:  # a fixed flange in between
                    link, below = self._link(f"{side}_{name}_flange_{i}"), link
                    self._joint(f"{side}_{name}_weld_{i}", "fixed", below, link, np.zeros(3), np.eye(3), UP, "")
                below, link = link, self._link(f"{side}_{name}_{i}")
                self._joint(f"{side}_{name}_joint_{i}", kind, below, link, place, chain.turns[i], chain.axes[i],
                            self._limit(kind))
            if has_fingers:
                self._fingers(side, link, [f if side == "left" else MIRROR @ f for f in fingers])

    def _fingers(self, side: str, hand: str, places: list[np.ndarray]) -> None:
        for i, place in enumerate(places):
            finger = self._link(f"{side}_finger_{i}")
            mimic = f'<mimic joint={quoteattr(self._name(f"{side}_finger_joint_0"))}/>' if i else ""
            self._joint(f"{side}_finger_joint_{i}", "revolute", hand, finger, place, np.eye(3), UP,
                        self._limit("revolute") + mimic)

    # -- elements ----------------------------------------------------------------------------------------------------

    def _name(self, name: str) -> str:
        """Return the name in this robot's style; equal names stay equal."""
        if self._style == "plain":
            return name
        if self._style == "short":
            return name.replace("left_", "l_").replace("right_", "r_")
        number = sum(ord(c) * 31**i for i, c in enumerate(name)) % 100_003
        return f"n{number}" if self._style == "numbers" else f"{WEIRD[number % len(WEIRD)]}{number}"

    def _link(self, name: str) -> str:
        rng = self._rng
        inside = ""
        shape = rng.random()
        size = 10.0 ** rng.uniform(-2, -1) * self._scale * (20 if rng.random() < 0.1 * self._fault_rate else 1)
        at, rotation = rng.normal(0, 0.03, 3) * self._scale, rng.normal(0, 0.5, 3)
        where = f'<origin xyz="{numbers(at)}" rpy="{numbers(rotation)}"/>'
        if shape < 0.5:
            kind = rng.choice([f'<sphere radius="{size}"/>', f'<box size="{size} {2 * size} {3 * size}"/>',
                               f'<cylinder radius="{size}" length="{4 * size}"/>', '<sphere radius="0"/>',
                               f'<capsule radius="{size}" length="{size}"/>'])
            inside += f"<collision>{where}<geometry>{kind}</geometry></collision>"
        elif shape < 0.7:
            inside += '<collision><geometry><mesh filename="package://nowhere/a.stl"/></geometry></collision>'
        if rng.random() < 0.7:
            mass = rng.choice([1.0, 0.0, -1.0], p=[0.9, 0.05, 0.05]) if rng.random() < self._fault_rate else 1.0
            inside += (f'<inertial><mass value="{mass}"/><inertia ixx="0" ixy="0" ixz="0" iyy="0" iyz="0" izz="0"/>'
                       "</inertial>")
        self._elements.append(f"<link name={quoteattr(self._name(name))}>{inside}</link>")
        return self._name(name)

    def _joint(self, name: str, kind: str, parent: str, child: str, at: np.ndarray, rotation: np.ndarray,
               axis: np.ndarray, limit: str) -> None:
        origin = f'<origin xyz="{numbers(at * self._scale)}" rpy="{numbers(rpy(rotation))}"/>'
        self._elements.append(
            f'<joint name={quoteattr(self._name(name))} type="{kind}"><parent link={quoteattr(parent)}/>'
            f'<child link={quoteattr(child)}/>{origin}'
            f'<axis xyz="{numbers(axis * self._rng.choice([1.0, 1.0, 100.0]))}"/>{limit}</joint>')

    def _zero_pose(self) -> np.ndarray:
        rng = self._rng
        return np.eye(3) if rng.random() < 0.6 else turn(unit(rng.normal(size=3)), rng.choice([np.pi / 2, np.pi, 0.3]))

    def _axis(self) -> np.ndarray:
        rng = self._rng
        return np.eye(3)[rng.integers(3)] if rng.random() < 0.7 else unit(rng.normal(size=3))

    def _limit(self, kind: str) -> str:
        rng = self._rng
        low = float(rng.uniform(-3, 0.5))
        high = low + float(10.0 ** rng.uniform(-1.5, 0.7))
        if kind == "prismatic":
            low, high = 0.1 * low, 0.1 * high
        speed: object = float(10.0 ** rng.uniform(-1, 1))
        values = {"lower": low, "upper": high, "velocity": speed, "effort": 10}
        if rng.random() < self._fault_rate:
            wrong = rng.integers(14)
            if wrong == 0:
                return ""
            values |= ({}, {"lower": high, "upper": low}, {"velocity": 0}, {"velocity": 1e9}, {"velocity": -1},
                       {"velocity": "inf"}, {"lower": "-inf", "upper": "inf"}, {"lower": 0, "upper": 0},
                       {"lower": -90, "upper": 90}, {"lower": 20, "upper": 80}, {"upper": "inf"},
                       {"lower": 1e300, "upper": -1e300}, {"velocity": 1e-7},
                       {"lower": low, "upper": low + 2e-3})[wrong]
            if rng.random() < 0.3:
                del values[rng.choice(list(values))]
        if rng.random() < 0.2:
            values |= {"acceleration": float(10.0 ** rng.uniform(-3, 6)), "jerk": float(10.0 ** rng.uniform(-3, 6))}
        text = "<limit " + " ".join(f'{key}="{value}"' for key, value in values.items()) + "/>"
        if rng.random() < 0.2:
            soft = low + rng.normal(0, 0.3), high + rng.normal(0, 0.3)
            text += f'<safety_controller soft_lower_limit="{soft[0]}" soft_upper_limit="{soft[1]}" k_velocity="1"/>'
        return text


def numbers(values: np.ndarray) -> str:
    return " ".join(repr(float(v)) for v in values)


def unit(v: np.ndarray) -> np.ndarray:
    return np.asarray(v) / np.linalg.norm(v)


def turn(axis: np.ndarray, angle: float) -> np.ndarray:
    """Return the (3, 3) rotation about a unit axis."""
    k = np.cross(np.eye(3), axis).T
    return np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * k @ k


def rpy(r: np.ndarray) -> np.ndarray:
    """Return roll, pitch, yaw of a rotation."""
    pitch = -np.arcsin(np.clip(r[2, 0], -1, 1))
    if abs(r[2, 0]) > 1 - 1e-12:
        return np.array([np.arctan2(-r[1, 2], r[1, 1]), pitch, 0.0])
    return np.array([np.arctan2(r[2, 1], r[2, 2]), pitch, np.arctan2(r[1, 0], r[0, 0])])


@pytest.fixture(scope="session")
def random_robot() -> type[RandomRobot]:
    return RandomRobot


# --- human motion, valid and invalid ----------------------------------------------------------------------------------


def any_motion(seed: int, frames: int, skeleton) -> np.ndarray:
    """(T, J, 3) skeleton joints that move, jump, become NaN or move away from each other."""
    rng = np.random.default_rng(seed)
    joints = len(skeleton.offsets)
    bones = np.repeat(skeleton.offsets[None], frames, axis=0)
    steps = rng.normal(0, 10.0 ** rng.uniform(-3, 0), (frames, joints, 3))
    drift = np.cumsum(steps, axis=0) if rng.random() < 0.7 else steps
    motion = skeleton.xyz_from_bones(bones + drift * np.linalg.norm(skeleton.offsets, axis=1)[:, None])
    motion = motion + rng.normal(0, 10.0 ** rng.uniform(-3, 3), 3)
    for _ in range(int(rng.integers(0, 4))):  # intervals with faults
        begin = int(rng.integers(frames))
        rows = slice(begin, begin + int(rng.integers(1, 20)))
        which = rng.random(joints) < rng.choice([0.1, 1.0])
        motion[rows, which] = rng.choice([np.nan, np.inf, -np.inf, 0.0, 1e30, -1e-30])
    return motion.astype(rng.choice([np.float32, np.float64]))


@pytest.fixture(scope="session")
def motion_of_any_kind():
    return any_motion


# --- the audit -------------------------------------------------------------------------------------------------------


def faults_of_window(positions: np.ndarray, velocities: np.ndarray, limits: JointLimits) -> list[str]:
    """Return the limits that a window exceeds at any of many instants of its cubics; independent of the gate.

    The slack covers the rounding of divided differences.
    """
    if not (np.isfinite(positions).all() and np.isfinite(velocities).all()):
        return ["not finite"]
    found = [] if not velocities[-1].any() else ["moves at the end"]
    p, v, q, w = positions[:-1], velocities[:-1], positions[1:], velocities[1:]
    a = 6 * (q - p) / DT**2 - (4 * v + 2 * w) / DT
    j = (12 * (p - q) / DT**3) + 6 * (v + w) / DT**2
    t = np.linspace(0, DT, 9)[:, None, None]
    path = p + t * (v + t * (a / 2 + t * j / 6))
    speed, acceleration = v + t * (a + t * j / 2), a + t * j
    slack = 1e-6 * (1 + limits.upper - limits.lower)
    beyond = {
        "below": limits.lower - slack - path, "above": path - limits.upper - slack,
        "too fast": np.abs(speed) - limits.velocity * (1 + 1e-5) - 1e-7,
        "acceleration": np.abs(acceleration) - limits.acceleration * (1 + 1e-5) - 1e-6,
        "jerk": np.abs(j) - limits.jerk * (1 + 1e-5) - 1e-4,
    }
    for name, excess in beyond.items():
        if excess.size and excess.max() > 0:
            where = np.unravel_index(int(excess.argmax()), excess.shape)
            found.append(f"{name} by {excess.max():.3g}, joint {where[-1]}, row {where[-2]}")
    return found


@pytest.fixture(scope="session")
def audit():
    return faults_of_window
