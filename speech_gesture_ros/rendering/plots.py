"""Plot of a recorded run: level of the sound, wrist speeds, each joint between its limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.atomic_files import replaced_file
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.rendering.plot_style import ACCENT, DPI, INK, new_figure, plot_style
from speech_gesture_ros.robot.description import JointLimits

Array = npt.NDArray[np.floating]

VOICE, LEFT, RIGHT = "#22688a", "#d4622f", "#3b7d4f"  # colours
LEVEL_FRAME_S = 0.02  # of the level curve
MIN_LEVEL_DB = -60.0


@dataclass(frozen=True)
class RunCurves:
    """Data of the plot.

    Attributes:
        voice: (S,) sound, mono at 16 kHz; begins at time 0.
        times_s: (T,) of the motion [s].
        wrist_speeds: (T, 2) left and right [m/s].
        q: (T, N) robot joints [rad].
        joint_names: Of the columns of q.
        limits: Of the same joints.
        groups: Controller group to joint names: one panel each.
        accents_s: Accents of the speech [s].
        apexes_s: Stroke apexes [s].
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


def draw_run(path: Path, curves: RunCurves) -> None:
    """Write the plot as a picture.

    Raises:
        MissingDependencyError: If matplotlib is not installed.
    """
    with plot_style():
        rows = 2 + len(curves.groups)
        figure = new_figure(12, 2.0 + 1.75 * rows)
        panels = figure.subplots(rows, 1, sharex=True, height_ratios=[1.0, 1.0, *[1.25] * len(curves.groups)])
        figure.suptitle(curves.title, x=0.01, ha="left", fontsize=13, fontweight="bold")
        _draw_voice(panels[0], curves)
        _draw_wrists(panels[1], curves)
        for axes, (group, names) in zip(panels[2:], curves.groups.items()):
            _draw_joints(axes, curves, group, names)
        panels[-1].set_xlabel("time since the sound began [s]")
        panels[-1].set_xlim(float(curves.times_s[0]), float(curves.times_s[-1]))
        with replaced_file(path) as temporary:
            figure.savefig(temporary, dpi=DPI)


def _draw_voice(axes: Any, curves: RunCurves) -> None:
    hop = round(LEVEL_FRAME_S * SAMPLE_RATE)
    frames = curves.voice[: len(curves.voice) // hop * hop].reshape(-1, hop).astype(np.float64)
    level = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    times = (np.arange(len(level)) + 0.5) * LEVEL_FRAME_S
    axes.fill_between(times, MIN_LEVEL_DB, np.maximum(level, MIN_LEVEL_DB), color=VOICE, alpha=0.75, linewidth=0)
    _mark_accents(axes, curves, label="accents")
    axes.set_ylim(MIN_LEVEL_DB, 0)
    axes.set_ylabel("speech energy\n[dB full scale]")
    if len(curves.accents_s):
        axes.legend(loc="lower right", frameon=False, fontsize=9)


def _draw_wrists(axes: Any, curves: RunCurves) -> None:
    _mark_accents(axes, curves)
    for speed, name, colour in zip(curves.wrist_speeds.T, ("left", "right"), (LEFT, RIGHT)):
        axes.plot(curves.times_s, speed, color=colour, linewidth=1.4, label=f"{name} wrist")
    top = np.interp(curves.apexes_s, curves.times_s, curves.wrist_speeds.max(axis=1))
    axes.plot(curves.apexes_s, top, "v", color=INK, markersize=5, label="stroke apexes")
    axes.set_ylim(0, max(0.2, 1.15 * float(curves.wrist_speeds.max(initial=0.0))))
    axes.set_ylabel("wrist speed\n[m/s]")
    axes.legend(loc="upper right", frameon=False, fontsize=9, ncols=3)


def _draw_joints(axes: Any, curves: RunCurves, group: str, names: tuple[str, ...]) -> None:
    """Draw each joint between its limits: 0 lower, 1 upper; the range of angles is in the legend."""
    from matplotlib import colormaps

    axes.axhspan(1.0, 1.08, color=ACCENT, alpha=0.15, linewidth=0)
    axes.axhspan(-0.08, 0.0, color=ACCENT, alpha=0.15, linewidth=0)
    colours = colormaps["tab10"]
    for i, name in enumerate(names):
        n = curves.joint_names.index(name)
        low, high = curves.limits.lower[n], curves.limits.upper[n]
        axes.plot(curves.times_s, (curves.q[:, n] - low) / (high - low), color=colours(i % 10), linewidth=1.3,
                  label=f"{name.replace('_', ' ')}  {np.degrees(low):.0f}…{np.degrees(high):.0f}°")
    axes.set_ylim(-0.08, 1.08)
    axes.set_yticks([0.0, 0.5, 1.0], ["lower limit", "middle", "upper limit"])
    axes.set_ylabel(group.replace("_", " "))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=8)


def _mark_accents(axes: Any, curves: RunCurves, label: str | None = None) -> None:
    for k, accent_s in enumerate(curves.accents_s):
        axes.axvline(float(accent_s), color=ACCENT, linewidth=0.9, alpha=0.6, label=label if k == 0 else None)
