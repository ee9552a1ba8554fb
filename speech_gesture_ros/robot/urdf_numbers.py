"""Parser of numbers and poses in a URDF; wrong counts and values that are not finite are refused."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import RobotError

Transform = npt.NDArray[np.float64]


def child_of(element: ET.Element, tag: str) -> ET.Element:
    """Return the first child with a tag, or an empty element, which has all defaults."""
    found = element.find(tag)
    return ET.Element(tag) if found is None else found


def numbers(text: str, count: int, where: str) -> list[float]:
    """Return exactly `count` finite numbers.

    Raises:
        RobotError: If the text has others; it names `where`.
    """
    try:
        values = [float(t) for t in text.split()]
    except ValueError:
        values = []
    if len(values) != count or not all(math.isfinite(v) and abs(v) < 1e6 for v in values):
        raise RobotError(where, text, f"{count} finite numbers", "Correct it.")
    return values


def optional_number(text: str | None, where: str) -> float | None:
    """Return a limit as a number; None if missing. Infinity is kept: it means unlimited."""
    if text is None or not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise RobotError(where, text, "a number", "Correct it.")
    return value


def pose_of(element: ET.Element, where: str) -> Transform:
    """Return the (4, 4) pose in the `origin` of an element [m], the identity without one."""
    origin = child_of(element, "origin")
    pose = np.eye(4)
    pose[:3, :3] = rotation_from_rpy(numbers(origin.get("rpy", "0 0 0"), 3, f"rpy of {where}"))
    pose[:3, 3] = numbers(origin.get("xyz", "0 0 0"), 3, f"xyz of {where}")
    return pose


def rotation_from_rpy(rpy: list[float]) -> Transform:
    """Return the (3, 3) rotation about the fixed x, then y, then z axis [rad], as defined by URDF."""
    (cr, cp, cy), (sr, sp, sy) = np.cos(rpy), np.sin(rpy)
    return np.array([[cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
                     [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
                     [-sp, cp * sr, cp * cr]])
