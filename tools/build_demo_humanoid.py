"""Demo humanoid as a URDF of primitive shapes, with consistent masses and inertias: config/robots/demo_humanoid.urdf.

    python tools/build_demo_humanoid.py

Proportions are those of config/skeletons/upper_body.yaml (an adult of 1.72 m), so that human motion needs no scaling.
Zero pose: standing, arms hanging, palms inwards. The left arm is defined here, the right arm is its mirror image across
the x-z plane: y of each position changes its sign, and so do rotations about x and z; rotations about y do not.

    pedestal ─ pelvis ─ waist yaw, roll, pitch ─ torso ─┬─ neck yaw, pitch, roll ─ head
                                                        └─ shoulder pitch, roll, yaw ─ elbow ─ wrist yaw, pitch, roll
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from speech_gesture_ros.core.atomic_files import write_text

OUTPUT = Path(__file__).resolve().parents[1] / "config" / "robots" / "demo_humanoid.urdf"
MATERIALS = {
    "shell": (0.93, 0.94, 0.95), "accent": (0.16, 0.47, 0.67), "joint": (0.26, 0.29, 0.33),
    "visor": (0.07, 0.08, 0.10), "eye": (0.55, 0.90, 1.00), "skin": (0.86, 0.87, 0.89), "thumb": (0.95, 0.58, 0.22),
    "ground": (0.36, 0.39, 0.43),
}
Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Shape:
    """A primitive: size is (x, y, z) of a box, (radius, length) of a cylinder along z, (radius,) of a sphere."""

    kind: str
    size: Numbers
    xyz: Numbers = (0.0, 0.0, 0.0)
    rpy: Numbers = (0.0, 0.0, 0.0)
    colour: str = "shell"
    share: float = 1.0  # of the link's mass
    collides: bool = False
    seen: bool = True

    def unit_inertia(self) -> np.ndarray:
        """Return the (3, 3) inertia about the shape's centre for a mass of 1 kg [m^2], in the axes of the link."""
        if self.kind == "box":
            x, y, z = self.size
            own = np.diag([y * y + z * z, x * x + z * z, x * x + y * y]) / 12
        elif self.kind == "cylinder":
            r, h = self.size
            own = np.diag([(3 * r * r + h * h) / 12] * 2 + [r * r / 2])
        else:
            own = np.eye(3) * 0.4 * self.size[0] ** 2
        rotation = rotation_of(self.rpy)
        return rotation @ own @ rotation.T

    def mirrored(self) -> Shape:
        """Return the right-hand counterpart of a left-hand shape."""
        return replace(self, xyz=mirror(self.xyz), rpy=mirror_rotation(self.rpy))

    def geometry(self) -> str:
        """Return the URDF geometry element."""
        if self.kind == "box":
            return f'<box size="{numbers(self.size)}"/>'
        if self.kind == "cylinder":
            return f'<cylinder radius="{self.size[0]:g}" length="{self.size[1]:g}"/>'
        return f'<sphere radius="{self.size[0]:g}"/>'


@dataclass(frozen=True)
class Part:
    """A link and the joint that connects it to its parent; `axis` is None for a fixed joint."""

    link: str
    parent: str
    joint: str
    xyz: Numbers
    mass: float
    shapes: list[Shape]
    axis: str | None = None
    limits: Numbers = (0.0, 0.0)
    velocity: float = 5.0
    effort: float = 40.0
    rpy: Numbers = (0.0, 0.0, 0.0)
    damping: float = field(default=0.5)

    def mirrored(self) -> Part:
        """Return the right-hand counterpart of a left-hand part."""
        right = {n: getattr(self, n).replace("left_", "right_") for n in ("link", "parent", "joint")}
        low, high = self.limits
        return replace(self, **right, xyz=mirror(self.xyz), rpy=mirror_rotation(self.rpy),
                       limits=(low, high) if self.axis == "y" else (-high, -low),
                       shapes=[s.mirrored() for s in self.shapes])


def mirror(xyz: Numbers) -> Numbers:
    """Return the mirror image of a position."""
    return (xyz[0], -xyz[1], xyz[2])


def mirror_rotation(rpy: Numbers) -> Numbers:
    """Return the mirror image of a rotation (roll, pitch, yaw)."""
    return (-rpy[0], rpy[1], -rpy[2])


def numbers(values: Numbers) -> str:
    """Format values for a URDF attribute."""
    return " ".join(f"{v + 0.0:.6g}" for v in values)


def rotation_of(rpy: Numbers) -> np.ndarray:
    """Return the (3, 3) matrix of rotations about the fixed axes x, y, z [rad]."""
    (cr, sr), (cp, sp), (cy, sy) = ((math.cos(a), math.sin(a)) for a in rpy)
    about_x = np.array([[1, 0, 0], [0, cr, -sr], [0, sr, cr]])
    about_y = np.array([[cp, 0, sp], [0, 1, 0], [-sp, 0, cp]])
    about_z = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


# --- the robot ------------------------------------------------------------------------------------------------------

ALONG_Y = (math.pi / 2, 0.0, 0.0)
ALONG_X = (0.0, math.pi / 2, 0.0)


def box(size: Numbers, xyz: Numbers = (0, 0, 0), colour: str = "shell", share: float = 1.0, **more: object) -> Shape:
    """Return a box with edges (x, y, z) [m]."""
    return Shape("box", size, xyz, colour=colour, share=share, **more)  # type: ignore[arg-type]


def cylinder(radius: float, length: float, xyz: Numbers = (0, 0, 0), colour: str = "shell", share: float = 1.0,
             **more: object) -> Shape:
    """Return a cylinder along z, sizes in metres."""
    return Shape("cylinder", (radius, length), xyz, colour=colour, share=share, **more)  # type: ignore[arg-type]


def sphere(radius: float, xyz: Numbers = (0, 0, 0), colour: str = "shell", share: float = 1.0,
           **more: object) -> Shape:
    """Return a sphere, radius in metres."""
    return Shape("sphere", (radius,), xyz, colour=colour, share=share, **more)  # type: ignore[arg-type]


def solid(**more: object) -> dict[str, object]:
    """Return the options of a collision shape that is not drawn and has no mass."""
    return {"share": 0.0, "collides": True, "seen": False, **more}


def limb(radius: float, length: float, colour: str = "shell", share: float = 1.0, top: float = 0.0) -> list[Shape]:
    """Return a capsule that extends down from z = top: a cylinder between two spheres."""
    middle = top - length / 2
    return [cylinder(radius, length, (0, 0, middle), colour, 0.7 * share),
            sphere(radius, (0, 0, top), colour, 0.15 * share),
            sphere(radius, (0, 0, top - length), colour, 0.15 * share),
            cylinder(radius, length + 2 * radius, (0, 0, middle), **solid())]


def lower_body() -> list[Part]:
    """Return the pedestal and the pelvis with legs, which have no joints."""
    legs: list[Shape] = []
    for y in (0.095, -0.095):
        legs += [cylinder(0.068, 0.36, (0.0, y, -0.24), share=0.14),
                 sphere(0.068, (0.0, y, -0.06), share=0.04),
                 sphere(0.060, (0.004, y, -0.44), "joint", 0.04),
                 cylinder(0.052, 0.36, (0.0, y, -0.64), share=0.08),
                 box((0.24, 0.095, 0.06), (0.045, y, -0.87), "joint", 0.05)]
    pelvis = [cylinder(0.070, 0.14, (0, 0, 0.01), "joint", 0.1), box((0.16, 0.13, 0.12), (0, 0, 0.0), share=0.1),
              cylinder(0.08, 0.12, (0, 0.075, 0), share=0.05), cylinder(0.08, 0.12, (0, -0.075, 0), share=0.05),
              *(cylinder(0.085, 0.20, (0.0, y, -0.03), **solid()) for y in (0.07, -0.07)),
              *(cylinder(0.070, 0.44, (0.0, y, -0.24), **solid()) for y in (0.095, -0.095))]
    return [
        Part("pedestal", "base_link", "base_to_pedestal", (0, 0, 0), 20.0,
             [cylinder(0.30, 0.03, (0.03, 0, 0.015), "ground", collides=True)]),
        Part("pelvis", "pedestal", "pedestal_to_pelvis", (0, 0, 0.93), 24.0, pelvis + legs),
    ]


def torso() -> list[Part]:
    """Return three waist joints with a common centre, and the chest."""
    chest = [
        box((0.17, 0.13, 0.25), (0, 0, 0.215), share=0.40),
        cylinder(0.085, 0.25, (0, 0.065, 0.215), share=0.15), cylinder(0.085, 0.25, (0, -0.065, 0.215), share=0.15),
        cylinder(0.062, 0.25, (0, 0, 0.325), share=0.10, rpy=ALONG_Y),
        sphere(0.062, (0, 0.125, 0.325), share=0.03), sphere(0.062, (0, -0.125, 0.325), share=0.03),
        cylinder(0.078, 0.14, (0, 0, 0.06), "joint", 0.10),
        box((0.012, 0.16, 0.13), (0.087, 0, 0.285), "accent", 0.02),
        cylinder(0.026, 0.012, (0.094, 0, 0.295), "eye", 0.01, rpy=ALONG_X),
        box((0.035, 0.20, 0.20), (-0.092, 0, 0.25), "joint", 0.01),
        cylinder(0.088, 0.44, (0, 0.062, 0.17), **solid()), cylinder(0.088, 0.44, (0, -0.062, 0.17), **solid()),
    ]
    ring = [cylinder(0.075, 0.05, (0, 0, 0), "joint")]
    ball = [sphere(0.055, colour="joint")]
    return [
        Part("waist_yaw_link", "pelvis", "waist_yaw", (0, 0, 0.09), 1.5, ring, "z", (-1.0, 1.0), 3.0, 150.0),
        Part("waist_roll_link", "waist_yaw_link", "waist_roll", (0, 0, 0.03), 1.0, ball, "x", (-0.45, 0.45), 3.0,
             150.0),
        Part("torso", "waist_roll_link", "waist_pitch", (0, 0, 0), 14.0, chest, "y", (-0.35, 0.8), 3.0, 150.0),
    ]


def head() -> list[Part]:
    """Return three neck joints, and a head with a face."""
    skull = [
        sphere(0.098, (0.0, 0, 0.055), share=0.5), cylinder(0.080, 0.09, (0.012, 0, 0.0), share=0.2),
        sphere(0.080, (0.012, 0, -0.045), share=0.1),
        sphere(0.088, (0.030, 0, 0.038), "visor", 0.10),
        *(sphere(0.021, (0.0945, y, 0.055), "eye", 0.02) for y in (0.034, -0.034)),
        cylinder(0.030, 0.022, (0.0, 0.096, 0.035), "accent", 0.03, rpy=ALONG_Y),
        cylinder(0.030, 0.022, (0.0, -0.096, 0.035), "accent", 0.03, rpy=ALONG_Y),
        box((0.010, 0.034, 0.005), (0.099, 0, -0.010), "eye", 0.01),
        cylinder(0.105, 0.27, (0.012, 0, 0.03), **solid()),
    ]
    neck = [cylinder(0.045, 0.10, (0, 0, 0.01), "joint"), cylinder(0.05, 0.10, (0, 0, 0.01), **solid())]
    return [
        Part("neck_yaw_link", "torso", "neck_yaw", (0, 0, 0.40), 0.6, neck, "z", (-1.2, 1.2), 5.0, 20.0),
        Part("neck_pitch_link", "neck_yaw_link", "neck_pitch", (0.0, 0, 0.05), 0.3,
             [sphere(0.042, colour="joint")], "y", (-0.6, 0.7), 5.0, 20.0),
        Part("head", "neck_pitch_link", "neck_roll", (0.02, 0, 0.09), 3.5, skull, "x", (-0.5, 0.5), 5.0, 20.0),
    ]


def left_arm() -> list[Part]:
    """Return an arm of seven joints (shoulder 3, elbow, forearm, wrist 2) and a hand with distinct palm and thumb."""
    upper = limb(0.042, 0.20, top=-0.055)
    forearm = limb(0.036, 0.11, top=-0.02)
    cuff = limb(0.032, 0.07, colour="accent", top=-0.02)
    palm = [box((0.072, 0.026, 0.075), (0, 0, -0.048), "skin", 0.8),
            cylinder(0.026, 0.03, (0, 0, -0.008), "joint", 0.2),
            cylinder(0.034, 0.12, (0, 0, -0.05), **solid())]
    fingers = [Shape("box", (0.0155, 0.017, length), (x, -0.008, -length / 2), (-0.22, 0, 0), "skin", 0.25)
               for x, length in ((0.028, 0.070), (0.0095, 0.078), (-0.009, 0.073), (-0.0275, 0.058))]
    fingers += [cylinder(0.032, 0.10, (0, -0.009, -0.032), **solid())]
    thumb = [Shape("box", (0.020, 0.020, 0.062), (0, 0, -0.031), colour="thumb"),
             cylinder(0.016, 0.07, (0, 0, -0.031), **solid())]
    shoulder = [sphere(0.060, colour="accent"), sphere(0.060, **solid())]
    elbow = [cylinder(0.043, 0.07, (0, 0, 0), "joint", 0.3, rpy=ALONG_Y)]
    forearm = [replace(s, share=0.7 * s.share) for s in forearm]
    return [
        Part("left_shoulder", "torso", "left_shoulder_pitch", (0, 0.215, 0.32), 1.2, shoulder, "y", (-2.8, 1.0),
             5.0, 60.0),
        Part("left_shoulder_yoke", "left_shoulder", "left_shoulder_roll", (0, 0, 0), 0.6,
             [sphere(0.046, (0, 0, -0.02), "joint")], "x", (-0.3, 2.6), 5.0, 60.0),
        Part("left_upper_arm", "left_shoulder_yoke", "left_shoulder_yaw", (0, 0, 0), 1.8, upper, "z",
             (-1.8, 1.8), 5.0, 40.0),
        Part("left_forearm", "left_upper_arm", "left_elbow", (0, 0, -0.28), 0.9, elbow + forearm, "y",
             (-2.5, 0.0), 5.0, 40.0),
        Part("left_cuff", "left_forearm", "left_wrist_yaw", (0, 0, -0.14), 0.5, cuff, "z", (-1.9, 1.9), 6.0, 15.0),
        Part("left_wrist", "left_cuff", "left_wrist_pitch", (0, 0, -0.11), 0.1,
             [sphere(0.026, colour="joint"), sphere(0.030, **solid())], "y", (-0.7, 0.7), 6.0, 15.0),
        Part("left_hand", "left_wrist", "left_wrist_roll", (0, 0, 0), 0.3, palm, "x", (-1.2, 1.2), 6.0, 15.0),
        Part("left_fingers", "left_hand", "left_hand_to_fingers", (0, 0, -0.09), 0.1, fingers),
        Part("left_thumb", "left_hand", "left_hand_to_thumb", (0.034, -0.004, -0.032), 0.03, thumb,
             rpy=(-0.25, -0.55, 0)),
    ]


# --- XML --------------------------------------------------------------------------------------------------------------


def inertial(part: Part) -> str:
    """Return mass, centre and inertia of a link whose mass is distributed over its shapes by their shares."""
    total = sum(s.share for s in part.shapes)
    weights = [(s, part.mass * s.share / total) for s in part.shapes]
    centre = sum(m * np.array(s.xyz) for s, m in weights) / part.mass
    inertia = np.zeros((3, 3))
    for shape, m in weights:
        arm = np.array(shape.xyz) - centre
        inertia += m * (shape.unit_inertia() + arm @ arm * np.eye(3) - np.outer(arm, arm))
    values = {"ixx": (0, 0), "ixy": (0, 1), "ixz": (0, 2), "iyy": (1, 1), "iyz": (1, 2), "izz": (2, 2)}
    tensor = " ".join(f'{k}="{round(inertia[ij], 9) + 0.0:.6g}"' for k, ij in values.items())
    centre_text = numbers(tuple(np.round(centre, 6)))
    return (f'    <inertial>\n      <origin xyz="{centre_text}"/>\n      <mass value="{part.mass:g}"/>\n'
            f"      <inertia {tensor}/>\n    </inertial>\n")


def link_xml(part: Part) -> str:
    """Return the link element of a part."""
    text = f'  <link name="{part.link}">\n{inertial(part)}'
    for shape in part.shapes:
        origin = f'<origin xyz="{numbers(shape.xyz)}" rpy="{numbers(shape.rpy)}"/>'
        body = f"{origin}<geometry>{shape.geometry()}</geometry>"
        if shape.seen:
            text += f'    <visual>{body}<material name="{shape.colour}"/></visual>\n'
        if shape.collides:
            text += f"    <collision>{body}</collision>\n"
    return f"{text}  </link>\n"


def joint_xml(part: Part) -> str:
    """Return the joint element of a part."""
    kind = "fixed" if part.axis is None else "revolute"
    text = (f'  <joint name="{part.joint}" type="{kind}">\n    <parent link="{part.parent}"/>\n'
            f'    <child link="{part.link}"/>\n    <origin xyz="{numbers(part.xyz)}" rpy="{numbers(part.rpy)}"/>\n')
    if part.axis is not None:
        axis = numbers(tuple(float(part.axis == a) for a in "xyz"))
        text += (f'    <axis xyz="{axis}"/>\n    <limit lower="{part.limits[0]:g}" upper="{part.limits[1]:g}" '
                 f'velocity="{part.velocity:g}" effort="{part.effort:g}"/>\n'
                 f'    <dynamics damping="{part.damping:g}" friction="0"/>\n')
    return f"{text}  </joint>\n"


def urdf() -> str:
    """Return the whole robot as XML text."""
    left = left_arm()
    parts = [*lower_body(), *torso(), *head(), *left, *(p.mirrored() for p in left)]
    colours = "".join(f'  <material name="{name}"><color rgba="{numbers(rgb)} 1"/></material>\n'
                      for name, rgb in MATERIALS.items())
    return ('<?xml version="1.0"?>\n<!-- Generated by tools/build_demo_humanoid.py: edit that file. Apache-2.0. -->\n'
            f'<robot name="demo_humanoid">\n{colours}  <link name="base_link"/>\n'
            + "".join(link_xml(p) + joint_xml(p) for p in parts) + "</robot>\n")


if __name__ == "__main__":
    write_text(OUTPUT, urdf())
