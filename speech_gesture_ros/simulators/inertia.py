"""Repair of link inertias in a URDF that no simulator accepts."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np

MIN_INERTIA_KG_M2 = 1e-6  # smallest principal moment


def repair_inertia(link: ET.Element) -> bool:
    """Replace an inertia with a moment below the smallest, such as all zeros, by the nearest physical one.

    Args:
        link: Element `<link>`, changed in place.

    Returns:
        True if it was replaced.
    """
    element = link.find("inertial/inertia")
    if element is None:
        return False
    xx, xy, xz, yy, yz, zz = (float(element.get(f"i{axes}", "0")) for axes in ("xx", "xy", "xz", "yy", "yz", "zz"))
    values, axes = np.linalg.eigh(np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]))
    if values[0] >= MIN_INERTIA_KG_M2:
        return False
    repaired = axes @ np.diag(np.maximum(values, MIN_INERTIA_KG_M2)) @ axes.T
    for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)):
        element.set(f"i{'xyz'[i]}{'xyz'[j]}", repr(float(repaired[i, j])))
    return True


def balance_inertia(link: ET.Element) -> bool:
    """Replace principal moments of which one exceeds the sum of the others by their mean; return whether it was done.

    No mass distribution has such moments, and SDFormat refuses them.
    """
    element = link.find("inertial/inertia")
    if element is None:
        return False
    xx, xy, xz, yy, yz, zz = (float(element.get(f"i{axes}", "0")) for axes in ("xx", "xy", "xz", "yy", "yz", "zz"))
    moments = np.linalg.eigvalsh(np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]))
    if moments[0] + moments[1] >= moments[2]:
        return False
    for axes in ("xx", "yy", "zz"):
        element.set(f"i{axes}", repr(float(moments.mean())))
    for axes in ("xy", "xz", "yz"):
        element.set(f"i{axes}", "0")
    return True
