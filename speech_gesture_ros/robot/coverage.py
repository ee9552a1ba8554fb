"""Coverage of bones by capsules, decided by extent: a small shape on a long part does not cover it.

Capsules count with their extent along the bone, and of those of trunk, pelvis and head the width counts, too.

    shoulder ●───────────────────────● elbow       bone
                ╭─────╮      ╭──╮
                ╰─────╯      ╰──╯                  capsules beside it
                ━━━━━━━      ━━━━                  covered share
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.bones import Bone
from speech_gesture_ros.robot.description import Capsule
from speech_gesture_ros.robot.kinematics import Kinematics

Array = npt.NDArray[np.float64]
COVERED_SHARE = 0.6  # of the length of a bone
WIDTH_SHARE = 0.5  # of the usual width of a trunk, pelvis or head
THIN_SHARE = 0.2  # of the usual radius; thinner capsules do not count
BESIDE = 2.5  # usual radii from the bone within which the surface of a capsule counts
WIDE_PARTS = ("trunk", "pelvis", "head")
STEPS = 40  # points of a bone


def is_covered(bone: Bone, capsules: Sequence[Capsule], kinematics: Kinematics) -> bool:
    """Return whether capsules on the links of a bone cover most of it.

    Args:
        bone: The bone.
        capsules: Those of the robot.
        kinematics: At zero.
    """
    chosen = [c for c in capsules if c.link in bone.links and c.radius >= THIN_SHARE * bone.radius]
    if not chosen:
        return False
    links = [c.link for c in chosen]
    starts, stops = (kinematics.positions(kinematics.model.points(links, np.array([getattr(c, end) for c in chosen])))
                     for end in ("start", "stop"))
    radii = np.array([c.radius for c in chosen])
    if bone.part in WIDE_PARTS and _width(starts, stops, radii) < WIDTH_SHARE * 2 * bone.radius:
        return False
    way = bone.stop - bone.start
    length = float(np.linalg.norm(way))
    if length < bone.radius:
        return True
    axis = way / length
    ends = np.stack([(starts - bone.start) @ axis, (stops - bone.start) @ axis])
    middle = 0.5 * (starts + stops) - bone.start
    beside = np.linalg.norm(middle - np.outer(middle @ axis, axis), axis=1) - radii
    near = beside < BESIDE * bone.radius
    low, high = (ends.min(axis=0) - radii)[near], (ends.max(axis=0) + radii)[near]
    at = np.linspace(0.0, length, STEPS)[:, None]
    return bool(((at >= low) & (at <= high)).any(axis=1).mean() >= COVERED_SHARE)


def _width(starts: Array, stops: Array, radii: Array) -> float:
    """Return the extent of capsules to the side [m]: the larger one of both horizontal directions."""
    low = np.minimum(starts, stops) - radii[:, None]
    high = np.maximum(starts, stops) + radii[:, None]
    return float((high.max(axis=0) - low.min(axis=0))[:2].max())
