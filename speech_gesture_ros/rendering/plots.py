"""One page of a performance: how loud the voice, how fast the hands, where each joint within its limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.robot.description import JointLimits

Array = npt.NDArray[np.floating]

VOICE, LEFT, RIGHT, ACCENT, INK, GRID = "#22688a", "#d4622f", "#3b7d4f", "#b8447c", "#39424c", "#e4e8ec"
FRAME_S = 0.02  # of the energy curve
QUIET_DB = -60.0


@dataclass(frozen=True)
class Course:
    """What is plotted.

    Attributes:
        voice: (S,) mono at 16 kHz; begins at time 0.
        times_s: (T,) of the motion [s].
        wrist_speeds: (T, 2) left and right [m/s].
        q: (T, N) robot joints [rad].
        joint_names: Of the columns of q.
        limits: Of the same joints.
        groups: Controller group to joint names: one panel each.
        accents_s: Accents of the voice [s].
        apexes_s: Fastest instants of strokes [s].
        title: Of the page.
    """

    voice: Array
    times_s: Array
    wrist_speeds: Array
    q: Array
    joint_names: tuple[str, ...]
    limits: JointLimits
    groups: dict[str, tuple[str, ...]]
    accents_s: Array
    apexes_s: Array
    title: str


def draw_performance(path: Path, course: Course) -> None:
    """Write the page as a picture.

    Raises:
        MissingDependencyError: If matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingDependencyError("matplotlib", "Drawing plots", "pip install 'speech_gesture_ros[sim]'") from error
    with mpl.rc_context({"font.size": 10, "axes.edgecolor": GRID, "axes.labelcolor": INK, "text.color": INK,
                         "xtick.color": INK, "ytick.color": INK, "axes.spines.top": False,
                         "axes.spines.right": False, "axes.grid": True, "grid.color": GRID, "axes.axisbelow": True}):
        rows = 2 + len(course.groups)
        figure = Figure(figsize=(12, 2.0 + 1.75 * rows), layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(rows, 1, sharex=True, height_ratios=[1.0, 1.0, *[1.25] * len(course.groups)])
        figure.suptitle(course.title, x=0.01, ha="left", fontsize=13, fontweight="bold")
        _draw_voice(panels[0], course)
        _draw_wrists(panels[1], course)
        for axes, (group, names) in zip(panels[2:], course.groups.items()):
            _draw_joints(axes, course, group, names)
        panels[-1].set_xlabel("time since the voice began [s]")
        panels[-1].set_xlim(float(course.times_s[0]), float(course.times_s[-1]))
        figure.savefig(path, dpi=110)


def _draw_voice(axes: Any, course: Course) -> None:
    hop = round(FRAME_S * SAMPLE_RATE)
    frames = course.voice[: len(course.voice) // hop * hop].reshape(-1, hop).astype(np.float64)
    level = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    times = (np.arange(len(level)) + 0.5) * FRAME_S
    axes.fill_between(times, QUIET_DB, np.maximum(level, QUIET_DB), color=VOICE, alpha=0.75, linewidth=0)
    _mark_accents(axes, course, label="accents")
    axes.set_ylim(QUIET_DB, 0)
    axes.set_ylabel("speech energy\n[dB full scale]")
    if len(course.accents_s):
        axes.legend(loc="lower right", frameon=False, fontsize=9)


def _draw_wrists(axes: Any, course: Course) -> None:
    _mark_accents(axes, course)
    for speed, name, colour in zip(course.wrist_speeds.T, ("left", "right"), (LEFT, RIGHT)):
        axes.plot(course.times_s, speed, color=colour, linewidth=1.4, label=f"{name} wrist")
    top = np.interp(course.apexes_s, course.times_s, course.wrist_speeds.max(axis=1))
    axes.plot(course.apexes_s, top, "v", color=INK, markersize=5, label="stroke apexes")
    axes.set_ylim(0, max(0.2, 1.15 * float(course.wrist_speeds.max(initial=0.0))))
    axes.set_ylabel("wrist speed\n[m/s]")
    axes.legend(loc="upper right", frameon=False, fontsize=9, ncols=3)


def _draw_joints(axes: Any, course: Course, group: str, names: tuple[str, ...]) -> None:
    """Each joint as its place between its limits: 0 lower, 1 upper; the angle range stands in the legend."""
    from matplotlib import colormaps

    axes.axhspan(1.0, 1.08, color=ACCENT, alpha=0.15, linewidth=0)
    axes.axhspan(-0.08, 0.0, color=ACCENT, alpha=0.15, linewidth=0)
    colours = colormaps["tab10"]
    for i, name in enumerate(names):
        n = course.joint_names.index(name)
        low, high = course.limits.lower[n], course.limits.upper[n]
        axes.plot(course.times_s, (course.q[:, n] - low) / (high - low), color=colours(i % 10), linewidth=1.3,
                  label=f"{name.replace('_', ' ')}  {np.degrees(low):.0f}…{np.degrees(high):.0f}°")
    axes.set_ylim(-0.08, 1.08)
    axes.set_yticks([0.0, 0.5, 1.0], ["lower limit", "middle", "upper limit"])
    axes.set_ylabel(group.replace("_", " "))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=8)


def _mark_accents(axes: Any, course: Course, label: str | None = None) -> None:
    for k, accent_s in enumerate(course.accents_s):
        axes.axvline(float(accent_s), color=ACCENT, linewidth=0.9, alpha=0.6, label=label if k == 0 else None)
