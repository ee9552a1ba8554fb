"""Choice of the capsule pairs that are checked for self-collision.

A pair is checked unless

    its links are fixed to one another or neighbours
    the SRDF allows them to touch
    no configuration can bring them together (`reach`)
    they overlap at zero and in most configurations: parts built into one another
    they touch in the rest pose

A warning names the parts of pairs left out for the last two reasons if an arm moves them against each other, a note the
others.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.body_parts import must_be_apart, named_pair
from speech_gesture_ros.robot.capsules import whole_bodies
from speech_gesture_ros.robot.collision import CapsulePairs
from speech_gesture_ros.robot.description import Capsule, JointLimits
from speech_gesture_ros.robot.kinematic_model import KinematicModel
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.reach import touchable
from speech_gesture_ros.robot.srdf import AllowedContacts
from speech_gesture_ros.robot.urdf import Urdf

Array = npt.NDArray[np.float64]
Pairs = list[tuple[int, int]]
Surplus = Mapping[tuple[int, int], float]
REST_CLEARANCE_M = 0.01  # pairs nearer than this touch
SAMPLES, BUILT_IN = 40, 0.5  # random configurations, and the share of them in which parts built together touch


def candidate_pairs(urdf: Urdf, model: KinematicModel, capsules: tuple[Capsule, ...], contacts: AllowedContacts,
                    limits: JointLimits) -> Pairs:
    """Return the pairs on links that move against each other, are not neighbours, may not touch, and could."""
    bodies = [model.body(c.link) for c in capsules]
    # A capsule that is guessed, or of a hand as a whole, stands for all links with a shape that move with its own.
    whole = whole_bodies(urdf, model).values()
    stands_for = [{c.link} if c.link in urdf.solid and c.link not in whole
                  else {n for n in urdf.solid if model.body(n) == body} or {c.link}
                  for c, body in zip(capsules, bodies)]

    def may_touch(i: int, j: int) -> bool:
        return all(contacts.allows(a, b) for a in stands_for[i] for b in stands_for[j])

    pairs = [(i, j) for i in range(len(capsules)) for j in range(i + 1, len(capsules))
             if bodies[i] != bodies[j] and not model.are_neighbours(bodies[i], bodies[j]) and not may_touch(i, j)]
    return touchable(model, limits, capsules, pairs)


def separable_pairs(kinematics: Kinematics, capsules: tuple[Capsule, ...], pairs: Pairs, limits: JointLimits,
                    surplus: Surplus) -> Pairs:
    """Return the pairs that are apart at zero or in many configurations: others are built into one another."""
    if not pairs:
        return []
    random, checked = np.random.default_rng(0), CapsulePairs(kinematics, capsules, pairs, surplus)
    configurations = [np.clip(np.zeros(len(limits)), limits.lower, limits.upper)]
    configurations += [random.uniform(limits.lower, limits.upper) for _ in range(SAMPLES)]
    touches = np.zeros((len(configurations), len(pairs)), dtype=bool)
    for row, q in zip(touches, configurations):
        kinematics.update(q)
        row[checked.near(REST_CLEARANCE_M).pair] = True
    is_built_in = touches[0] & (touches[1:].mean(axis=0) > BUILT_IN)
    return [pair for pair, is_one in zip(pairs, is_built_in) if not is_one]


def clear_pairs(kinematics: Kinematics, capsules: tuple[Capsule, ...], pairs: Pairs, q: Array, surplus: Surplus
                ) -> Pairs:
    """Return the pairs that are apart in a configuration (N,)."""
    if not pairs:
        return []
    kinematics.update(q)
    touching = set(CapsulePairs(kinematics, capsules, pairs, surplus).near(REST_CLEARANCE_M).pair.tolist())
    return [pair for i, pair in enumerate(pairs) if i not in touching]


def unchecked_notes(capsules: tuple[Capsule, ...], lost: Pairs, parts: Mapping[str, str]
                    ) -> tuple[list[str], list[str]]:
    """Return notes and warnings about pairs that are not checked.

    Args:
        capsules: All of them.
        lost: The pairs.
        parts: Link to its body part.

    Returns:
        Notes: a line that names links of one arm, of trunk, head and legs; none if there are no such pairs. Warnings: a
        line that names the parts, and their links, of which an arm moves one against the other.
    """
    links = [(capsules[a].link, capsules[b].link) for a, b in lost]
    grave = {pair for pair in links if must_be_apart(parts[pair[0]], parts[pair[1]])}
    minor = sorted({" and ".join(pair) for pair in links if pair not in grave})
    notes = [f"self-collision NOT checked, always in contact or in contact at rest: {'; '.join(minor)}"]
    named = sorted({named_pair(*pair, parts) for pair in grave})
    warnings = [f"self-collision NOT checked between {'; '.join(named)}: in contact always or at rest. Correct the "
                "collision shapes, or set another rest_pose."]
    return notes if minor else [], warnings if named else []
