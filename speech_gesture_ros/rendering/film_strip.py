"""Film strip: the poses of some seconds of motion beside each other, with the path of the wrists between them.

model     o  o  o  o  o  o  o  o  o  o      a pose every 0.2 s, from the front: the left hand is on the right
person    o  o  o  o  o  o  o  o  o  o      below it another motion for the same voice, if there is one
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering.plot_style import ACCENT, DPI, INK, new_figure, plot_style

Array = npt.NDArray[np.floating]

STEP_FRAMES = 5  # from one pose to the next
POSES_PER_LINE = 17
POSE_WIDTH_M, LINE_HEIGHT_M = 0.95, 1.05
INCHES_PER_M = 0.95
LEFT_ARM, RIGHT_ARM = "#22688a", "#d4622f"
DEPTH_SIDEWAYS, DEPTH_UP = 0.3, -0.12  # of a forward metre in the picture: seen from a little aside and above


def draw_film_strip(path: Path, motions: Mapping[str, Array], skeleton: Skeleton, *, start_s: float = 0.0,
                    seconds: float = 10.0) -> None:
    """Draw a film strip of one or several motions for the same voice.

    Args:
        path: PNG to write.
        motions: Name to (T, J, 3) at 25 Hz [m].
        skeleton: Of the motions.
        start_s: Time of the first pose [s].
        seconds: Length [s].
    """
    first = round(start_s * POSE_RATE)
    frames = range(first, first + round(seconds * POSE_RATE), STEP_FRAMES)
    lines = -(-len(frames) // POSES_PER_LINE)
    with plot_style():
        figure = new_figure(INCHES_PER_M * POSE_WIDTH_M * POSES_PER_LINE,
                            INCHES_PER_M * LINE_HEIGHT_M * lines * len(motions))
        axes = figure.subplots()
        for row, (name, motion) in enumerate(motions.items()):
            top = -LINE_HEIGHT_M * lines * row
            axes.text(-0.45, top + 0.85, name, fontsize=8, color=INK)
            for k, frame in enumerate(frame for frame in frames if frame < len(motion)):
                origin = np.array([POSE_WIDTH_M * (k % POSES_PER_LINE), top - LINE_HEIGHT_M * (k // POSES_PER_LINE)])
                _draw_pose(axes, origin + _seen(motion[frame]), skeleton)
                for side, colour in (("left", LEFT_ARM), ("right", RIGHT_ARM)):
                    way = _seen(motion[max(0, frame - STEP_FRAMES):frame + 1, skeleton.index[f"{side}_wrist"]])
                    axes.plot(*(origin + way).T, color=colour, linewidth=0.6)
        axes.set_xlim(-0.5, POSE_WIDTH_M * POSES_PER_LINE - 0.4)
        axes.set_ylim(-LINE_HEIGHT_M * (lines * len(motions) - 1) - 0.25, 0.95)
        axes.set_aspect("equal")
        axes.axis("off")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=DPI, format="png")


def _seen(xyz: Array) -> Array:
    """(..., 3) to (..., 2) in the picture."""
    return np.stack([xyz[..., 1] + DEPTH_SIDEWAYS * xyz[..., 0], xyz[..., 2] + DEPTH_UP * xyz[..., 0]], axis=-1)


def _draw_pose(axes: Any, points: Array, skeleton: Skeleton) -> None:
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            name = skeleton.names[joint]
            colour = LEFT_ARM if name.startswith("left") else RIGHT_ARM if name.startswith("right") else INK
            axes.plot(*points[[parent, joint]].T, color=ACCENT if name == "nose" else colour, linewidth=1.3)
    axes.plot(*points[skeleton.index["head"]] + (0.0, 0.04), "o", color=INK, markersize=5)
