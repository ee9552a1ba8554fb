"""Generated motion as tables and as a motion of play_motion2.

play_motion2 (https://github.com/pal-robotics/play_motion2) reads its motions as parameters of its node:

    /play_motion2:
      ros__parameters:
        motions:
          <name>:
            joints: [J names]
            positions: [K * J numbers, point after point]  # [rad]
            times_from_start: [K numbers]                  # [s]

It moves the robot to the first point itself, and sends positions without velocities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from speech_gesture_ros.core.atomic_files import atomic_write, write_text
from speech_gesture_ros.core.rates import KNOT_RATE, POSE_RATE
from speech_gesture_ros.rendering.generated_motion import GeneratedMotion

DECIMALS = 6  # of positions [rad] and times [s]


def write_csv(path: Path, motion: GeneratedMotion) -> None:
    """Write the robot's commands at 25 Hz until it rests: time [s] and one column for each joint [rad]."""
    q = motion.q_to_rest
    rows = np.column_stack([np.arange(len(q)) / POSE_RATE, q])
    header = ",".join(("time_s", *motion.description.joint_names))
    with atomic_write(path) as file:
        np.savetxt(file, rows, fmt=f"%.{DECIMALS}f", delimiter=",", header=header, comments="")


def write_npz(path: Path, motion: GeneratedMotion) -> None:
    """Write human and robot, frame for frame, and the robot's commands at the knots."""
    with atomic_write(path) as file:
        np.savez_compressed(
            file, rate_hz=POSE_RATE, joint_xyz=motion.joint_xyz, skeleton_joints=motion.skeleton.names, q=motion.q,
            joint_names=motion.description.joint_names, knot_rate_hz=KNOT_RATE, knot_q=motion.positions,
            knot_dq=motion.velocities)


def write_play_motion(path: Path, motion: GeneratedMotion, name: str) -> None:
    """Write a motions file of play_motion2.

    Args:
        path: File to write.
        motion: Its commands at 50 Hz are the points.
        name: Of the motion; characters that names of parameters do not have become "_".
    """
    write_text(path, "\n".join(_play_motion_lines(motion, re.sub(r"\W", "_", name, flags=re.ASCII))) + "\n")


def _play_motion_lines(motion: GeneratedMotion, name: str) -> Iterator[str]:
    """Lines of YAML. All numbers have a decimal point, as parameters of type double need."""
    times = np.arange(len(motion.positions)) / KNOT_RATE
    yield from ("/play_motion2:", "  ros__parameters:", "    motions:", f"      {name}:")
    joints = ", ".join(f"'{joint}'" for joint in motion.description.joint_names)
    yield f"        joints: [{joints}]"
    yield "        positions: ["
    for row in motion.positions:
        yield f"          {_numbers(row)},"
    yield "        ]"
    yield f"        times_from_start: [{_numbers(times)}]"
    yield "        meta:"
    yield f"          name: '{name}'"
    yield "          usage: speech"
    yield f"          description: 'Gestures for {times[-1]:.1f} s of speech, from rest to rest'"


def _numbers(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> str:
    return ", ".join(f"{value:.{DECIMALS}f}" for value in values)
