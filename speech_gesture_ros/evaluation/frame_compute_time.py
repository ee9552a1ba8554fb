"""Compute time of one pose frame, from human joints to a valid window, on a robot.

    pose ─► retargeting ─► limits, self-collision ─► gate        25 times a second, a window each

The same motion is processed several times and the smallest time of each frame counts, because other programs can only
add to it.
"""

from __future__ import annotations

import dataclasses
import time
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

REPEATS = 5
WARM_UP = 25  # frames that are not counted
LEAD_KNOTS = 10  # knots by which frames are early
MANY_JOINTS = 30  # size of the enlarged robot


def measure_frames(description: Any, skeleton: Any, motion: Array, repeats: int = REPEATS) -> dict[str, Array]:
    """Times of each frame [ms]: "retargeting", "limits and collision", "gate", and "together".

    Args:
        description: The robot.
        skeleton: Of the motion.
        motion: (T, J, 3) human joints at 25 Hz [m].
        repeats: Number of runs.
    """
    runs = np.array([_run(description, skeleton, motion) for _ in range(repeats)])[:, WARM_UP:]
    parts = runs.min(axis=0).T
    return {"retargeting": parts[0], "limits and collision": parts[1], "gate": parts[2],
            "together": runs.sum(axis=2).min(axis=0)}


def _run(description: Any, skeleton: Any, motion: Array) -> Array:
    """(T, 3) times of the three parts of each frame [ms].

    Raises:
        RuntimeError: If the gate refuses a window: the measurement is invalid then.
    """
    from speech_gesture_ros.control import MotionPlanner, validate_window
    from speech_gesture_ros.core.chunks import PoseChunk
    from speech_gesture_ros.core.rates import KNOTS_PER_POSE
    from speech_gesture_ros.retargeting import RetargetStage

    stage, planner, window = RetargetStage(description, skeleton), MotionPlanner(description), None
    planner.seed(description.rest_q)
    times = np.empty((len(motion), 3))
    for frame, (pose, row) in enumerate(zip(motion, times)):
        begin = time.perf_counter()
        joints = stage.push(PoseChunk(frame, pose[None]))
        retargeted = time.perf_counter()
        planner.push(joints)
        previous, window = window, planner.plan(KNOTS_PER_POSE * frame - LEAD_KNOTS)
        planned = time.perf_counter()
        fault = validate_window(window, description.limits, previous)
        row[:] = retargeted - begin, planned - retargeted, time.perf_counter() - planned
        if fault:
            raise RuntimeError(f"the gate refuses frame {frame}: {fault}")
    return 1e3 * times


def with_joints(description: Any, count: int) -> Any:
    """The robot with `count` joints: fingers without targets are added to both hands."""
    from speech_gesture_ros.robot.model import load_model

    missing = count - len(description.joint_names)
    root, names = ET.fromstring(description.model.urdf.text), []
    ends = [description.body.left_arm.wrist, description.body.right_arm.wrist]
    for number in range(missing):
        name, parent = f"bench_finger_{number}", ends[number % 2]
        ends[number % 2] = name
        ET.SubElement(root, "link", name=name)
        joint = ET.SubElement(root, "joint", name=f"{name}_joint", type="revolute")
        ET.SubElement(joint, "parent", link=parent)
        ET.SubElement(joint, "child", link=name)
        ET.SubElement(joint, "origin", xyz="0 0 -0.02")
        ET.SubElement(joint, "axis", xyz="0 1 0")
        ET.SubElement(joint, "limit", lower="-1", upper="1", velocity="3", effort="1")
        names.append(f"{name}_joint")
    limits = dataclasses.replace(description.limits, **{
        field: np.append(getattr(description.limits, field), np.full(missing, value))
        for field, value in (("lower", -1.0), ("upper", 1.0), ("velocity", 3.0), ("acceleration", 30.0),
                             ("jerk", 600.0))})
    return dataclasses.replace(
        description, model=load_model(ET.tostring(root, encoding="unicode")), limits=limits,
        joint_names=(*description.joint_names, *names), rest_q=np.append(description.rest_q, np.zeros(missing)),
        groups={**description.groups, "fingers": tuple(names)})
