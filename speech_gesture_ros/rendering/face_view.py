r"""Drawn face: blendshapes to a picture of a head with eyes, brows, nose and mouth; needs no assets.

          __________
         /  --   -- \      brows    down, inner up, outer up
        |  (o)  (o)  |     eyes     blink, wide, squint, look
        |     ..     |     nose     sneer
         \   ====   /      mouth    jaw, lips, teeth, tongue
          \________/

Coordinates: x to the right of the picture (the left side of the face), y down, both in half-widths of the head. Of the
head's angles roll turns the picture about the neck; yaw and pitch shift eyes, brows, nose and mouth on the head.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from speech_gesture_ros.core.face_channels import BLENDSHAPES
from speech_gesture_ros.face.arkit_map import lip_gap
from speech_gesture_ros.rendering.face_pictures import BACKGROUND, INK, SIZE, FacePictures, Picture

Array = npt.NDArray[np.floating]

OVERSAMPLING = 3
SKIN, SHADE = (241, 205, 180), (219, 172, 145)
HAIR, BROW, LIP, LIP_EDGE = (84, 62, 52), (92, 66, 54), (196, 96, 92), (142, 58, 58)
INSIDE, TEETH, TONGUE, WHITE = (82, 26, 32), (250, 248, 240), (205, 104, 110), (252, 252, 252)
IRIS, PUPIL = (74, 116, 140), (26, 30, 34)
GAP = 0.4  # distance of the lips of a full jaw opening
MOUTH_Y, MOUTH_WIDTH = 0.52, 0.36
NECK_Y = 1.0
YAW_SHIFT, PITCH_SHIFT = 0.4, 0.4  # of what is on the front of the head, for an angle whose sine is 1
T = np.linspace(-1.0, 1.0, 41)


class FaceView(FacePictures):
    """Draws faces with lines and polygons; arguments as those of `FacePictures`."""

    def __init__(self, size: int = SIZE) -> None:
        super().__init__(size)
        self._scale = size * OVERSAMPLING / 2.7
        self._turn, self._shift = np.eye(2), np.zeros(2)

    def _draw(self, shapes: Array, head: Array) -> Picture:
        yaw, pitch, roll = head
        self._turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
        self._shift = np.zeros(2)
        value = {name: float(v) for name, v in zip(BLENDSHAPES, shapes)}
        image = Image.new("RGB", (self.size * OVERSAMPLING,) * 2, BACKGROUND)
        draw = ImageDraw.Draw(image)
        self._head(draw, value)
        self._shift = np.array([YAW_SHIFT * np.sin(yaw), PITCH_SHIFT * np.sin(pitch)])
        for side, sign in (("Right", -1.0), ("Left", 1.0)):
            self._eye(draw, value, side, sign)
            self._brow(draw, value, side, sign)
        self._nose(draw, value)
        self._mouth(draw, value, float(lip_gap(shapes[None])[0]))
        return np.asarray(image.resize((self.size, self.size), Image.Resampling.LANCZOS))

    def _head(self, draw: Any, value: dict[str, float]) -> None:
        chin = 1.02 + 0.17 * value["jawOpen"]
        angle = np.linspace(0.0, 2 * np.pi, 90)
        x, y = np.sin(angle), -np.cos(angle)
        self._fill(draw, np.stack([0.88 * x, np.where(y < 0, -0.06 + 1.02 * y, 0.30 * y)], axis=1), HAIR)
        for sign in (-1.0, 1.0):
            self._fill(draw, np.stack([0.80 * sign + 0.10 * x, 0.04 + 0.19 * y], axis=1), SHADE)
        width = np.where(y > 0, 0.80 - 0.15 * y**2 + 0.03 * value["cheekPuff"] * (y < 0.8), 0.80)
        self._fill(draw, np.stack([width * x, np.where(y > 0, chin * y, 0.94 * y)], axis=1), SKIN)
        crown = np.radians(np.linspace(-63.0, 63.0, 60))
        over = np.stack([0.88 * np.sin(crown), -0.06 - 1.02 * np.cos(crown)], axis=1)
        share = np.linspace(1.0, -1.0, 60)
        fringe = np.stack([over[-1, 0] * share, -0.60 - 0.10 * np.cos(2.2 * share - 0.5) + 0.10 * share**4], axis=1)
        self._fill(draw, np.concatenate([over, fringe]), HAIR)

    def _eye(self, draw: Any, value: dict[str, float], side: str, sign: float) -> None:
        blink, wide, squint = (value[f"eye{name}{side}"] for name in ("Blink", "Wide", "Squint"))
        centre = np.array([0.35 * sign, -0.16])
        upper = 0.100 * (1.0 + 0.35 * wide) * (1.0 - blink) + 0.012 - 0.02 * squint
        lower = 0.085 * (1.0 - 0.5 * squint - 0.35 * value[f"cheekSquint{side}"]) * (1.0 - 0.55 * blink)
        arch = 1.0 - T**2
        lid_low = np.stack([centre[0] + 0.18 * T, centre[1] + lower * arch], axis=1)
        lid_up = np.stack([centre[0] + 0.18 * T, centre[1] + np.minimum(-upper * arch + 2 * blink * lower * arch * 0.49,
                                                                       lower * arch)], axis=1)
        self._fill(draw, np.concatenate([lid_up, lid_low[::-1]]), WHITE)
        if blink < 0.85:
            sideways = value["eyeLookOutLeft"] - value["eyeLookInLeft"] if side == "Left" else (
                value["eyeLookInRight"] - value["eyeLookOutRight"])
            up = value[f"eyeLookUp{side}"] - value[f"eyeLookDown{side}"]
            iris = centre + np.array([0.10 * sideways, -0.06 * up])
            self._clipped_disc(draw, iris, 0.082, IRIS, lid_up, lid_low)
            self._clipped_disc(draw, iris, 0.040, PUPIL, lid_up, lid_low)
        self._line(draw, lid_up, INK, 0.022)
        self._line(draw, lid_low, SHADE, 0.012)

    def _clipped_disc(self, draw: Any, centre: Array, radius: float, colour: tuple[int, int, int], up: Array,
                      low: Array) -> None:
        """Fill the part of a disc between the eyelids."""
        x = np.linspace(-radius, radius, 25)
        half = np.sqrt(np.maximum(radius**2 - x**2, 0.0))
        top = np.maximum(centre[1] - half, np.interp(centre[0] + x, up[:, 0], up[:, 1]))
        bottom = np.minimum(centre[1] + half, np.interp(centre[0] + x, low[:, 0], low[:, 1]))
        keep = bottom > top
        if keep.sum() > 2:
            across = centre[0] + x[keep]
            self._fill(draw, np.concatenate([np.stack([across, top[keep]], axis=1),
                                             np.stack([across, bottom[keep]], axis=1)[::-1]]), colour)

    def _brow(self, draw: Any, value: dict[str, float], side: str, sign: float) -> None:
        down = value[f"browDown{side}"]
        inner = -0.37 - 0.13 * value["browInnerUp"] + 0.11 * down
        outer = -0.36 - 0.12 * value[f"browOuterUp{side}"] + 0.04 * down
        share = np.linspace(0.0, 1.0, 20)
        x = sign * (0.17 - 0.03 * down + 0.37 * share)
        y = inner + (outer - inner) * share - 0.05 * np.sin(np.pi * share) * (1.0 - 0.6 * down)
        self._line(draw, np.stack([x, y], axis=1), BROW, 0.05)

    def _nose(self, draw: Any, value: dict[str, float]) -> None:
        lift = 0.03 * (value["noseSneerLeft"] + value["noseSneerRight"])
        x = 0.11 * T
        self._line(draw, np.stack([x, 0.19 - lift + 0.04 * np.cos(np.pi * T)], axis=1), SHADE, 0.022)
        for sign in (-1.0, 1.0):
            wrinkle = np.array([[0.15 * sign, 0.16 - lift], [0.20 * sign, 0.24 - lift]])
            if lift > 0.01:
                self._line(draw, wrinkle, SHADE, 0.016)

    def _mouth(self, draw: Any, value: dict[str, float], gap: float) -> None:
        def both(name: str) -> float:
            return 0.5 * (value[f"{name}Left"] + value[f"{name}Right"])

        smile, frown, pucker, funnel = (both("mouthSmile"), both("mouthFrown"), value["mouthPucker"],
                                        value["mouthFunnel"])
        wide = MOUTH_WIDTH * (1.0 + 0.3 * both("mouthStretch") + 0.25 * smile + 0.1 * both("mouthDimple"))
        wide *= (1.0 - 0.5 * pucker) * (1.0 - 0.22 * funnel) * (1.0 - 0.1 * value["jawOpen"])
        shift = 0.12 * (value["mouthLeft"] - value["mouthRight"])
        corner = MOUTH_Y - 0.10 * smile + 0.09 * frown + 0.3 * GAP * gap
        full = 1.0 + 0.35 * pucker + 0.3 * funnel
        upper_lip = 0.062 * full * (1.0 - 0.75 * value["mouthRollUpper"]) * (1.0 - 0.45 * both("mouthPress"))
        lower_lip = 0.085 * full * (1.0 - 0.8 * value["mouthRollLower"]) * (1.0 - 0.4 * both("mouthPress"))
        top = MOUTH_Y - 0.06 * both("mouthUpperUp") - 0.03 * value["mouthShrugUpper"]
        bottom = top + GAP * gap
        arch = (1.0 - np.abs(T) ** 2.2)
        bow = 1.0 - 0.28 * np.exp(-(T / 0.22) ** 2)
        x = shift + wide * T
        inner_up = corner + (top - corner) * arch
        inner_low = corner + (bottom - corner) * arch
        outer_up = inner_up - upper_lip * arch**0.7 * bow
        outer_low = inner_low + lower_lip * arch**0.7
        lips = np.concatenate([np.stack([x, outer_up], axis=1), np.stack([x, outer_low], axis=1)[::-1]])
        self._fill(draw, lips, LIP)
        if gap * GAP > 0.006:
            hole = np.concatenate([np.stack([x, inner_up], axis=1), np.stack([x, inner_low], axis=1)[::-1]])
            self._fill(draw, hole, INSIDE)
            inside = np.abs(T) < 0.86
            rim = np.minimum(inner_up + 0.06, inner_low)
            teeth = np.concatenate([np.stack([x, inner_up], axis=1)[inside], np.stack([x, rim], axis=1)[inside][::-1]])
            self._fill(draw, teeth, TEETH)
            out = value["tongueOut"]
            height = np.maximum(0.0, GAP * gap - 0.075 + 0.12 * out) * (0.75 + out)
            tongue = np.maximum(inner_low - height * (1.0 - (T / 0.7) ** 2), rim - 0.03 * (out > 0.05))
            keep = (np.abs(T) < 0.7) & (tongue < inner_low)
            if keep.sum() > 2 and height > 0.0:
                self._fill(draw, np.concatenate([np.stack([x, tongue], axis=1)[keep],
                                                 np.stack([x, inner_low], axis=1)[keep][::-1]]), TONGUE)
        else:
            self._line(draw, np.stack([x, inner_up], axis=1), LIP_EDGE, 0.02)
        self._line(draw, np.stack([x, outer_low + 0.05], axis=1)[14:27], SHADE, 0.014)

    def _fill(self, draw: Any, points: Array, colour: tuple[int, int, int]) -> None:
        draw.polygon([tuple(p) for p in self._pixels(points)], fill=colour)

    def _line(self, draw: Any, points: Array, colour: tuple[int, int, int], width: float) -> None:
        draw.line([tuple(p) for p in self._pixels(points)], fill=colour, width=max(1, round(width * self._scale)),
                  joint="curve")

    def _pixels(self, points: Array) -> npt.NDArray[np.float64]:
        middle = self.size * OVERSAMPLING / 2
        neck = np.array([0.0, NECK_Y])
        turned = (np.asarray(points) + self._shift - neck) @ self._turn.T + neck
        return np.asarray(turned * self._scale + (middle, middle - 0.03 * self._scale), dtype=np.float64)
