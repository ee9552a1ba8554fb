"""Sliders of MakeHuman's identity for the axes of a face, for `speech-gesture avatar build --identity`."""

from __future__ import annotations

from collections.abc import Mapping

from speech_gesture_ros.face.fit.axes import DIGITS, FACE_AXES

# Axis to slider to its value at 1; chosen by looking at the avatar with every axis at -1 and 1.
SLIDERS: dict[str, dict[str, float]] = {
    "head_length": {"head/head-scale-vert": 0.2, "chin/chin-height": 0.3, "nose/nose-scale-vert": 0.3},
    "jaw": {"chin/chin-width": 0.6, "chin/chin-bones": 0.4, "head/head-scale-horiz": 0.2},
    "neck": {"neck/neck-scale-horiz": 1.0, "neck/neck-scale-depth": 0.8, "neck/measure-neck-circ": 0.5},
    "mouth": {"mouth/mouth-scale-horiz": 1.0, "mouth/mouth-scale-vert": 0.4},
    "proportions": {"eyes/eye-scale": -1.0, "forehead/forehead-scale-vert": -0.8, "nose/nose-scale-horiz": 0.4},
}


def sliders_of_axes(axes: Mapping[str, float]) -> dict[str, float]:
    """Return the sliders, -1 to 1, of the axes of a face; idle axes have none."""
    return {slider: round(axes[axis] * full, DIGITS) for axis in FACE_AXES for slider, full in SLIDERS[axis].items()}
