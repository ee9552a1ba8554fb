"""Plots of a paired evaluation: speeds, frequencies, timing of strokes, wrist heights, poses.

    speeds.png      share of the time at each wrist speed            spectra.png   power of wrist velocity by frequency
    timing.png      apexes around accents, 1 = chance                wrists.png    height of both wrists of one clip
    poses.png       poses of model and recording at the same times

A row of the evaluation has the same colour in every plot.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering.plot_style import ACCENT, DPI, INK, new_figure, plot_style

Array = npt.NDArray[np.floating]
ROW_LINES = (("#d4622f", "-"), ("#8d98a3", "-"), ("#c9a227", "--"), ("#22688a", "-"), ("#6ba6c0", ":"))  # rows in order
SHEET_POSES = 8


@dataclass(frozen=True)
class EvaluationCurves:
    """Data of the plots; each mapping is from the name of a row to its curve.

    Attributes:
        speed_edges: (B + 1,) [m/s].
        speed_shares: (B,) shares of the time, without the overflow bin.
        frequencies_hz: (F,).
        spectra: (F,) power density of wrist velocity [(m/s)2/Hz].
        offsets_s: (D,) centres of the bins of apex minus accent [s].
        correlograms: (D,) apexes in each bin over the level 1 to 2 s away.
        clip_times_s: (T,) of one clip [s].
        wrist_heights: (T, 2) left and right above the pelvis [m].
        accents_s: Of the clip [s].
        clip_name: Of the clip.
        poses: (K, J, 3) poses to draw [m].
        pose_times_s: (K,) [s].
    """

    speed_edges: Array
    speed_shares: Mapping[str, Array]
    frequencies_hz: Array
    spectra: Mapping[str, Array]
    offsets_s: Array
    correlograms: Mapping[str, Array]
    clip_times_s: Array
    wrist_heights: Mapping[str, Array]
    accents_s: Array
    clip_name: str
    poses: Mapping[str, Array]
    pose_times_s: Array


def draw_evaluation(curves: EvaluationCurves, skeleton: Skeleton) -> dict[str, bytes]:
    """Draw all plots; PNG by file name.

    Raises:
        MissingDependencyError: If matplotlib is not installed.
    """
    with plot_style():
        return {"speeds.png": _speeds(curves), "spectra.png": _spectra(curves), "timing.png": _timing(curves),
                "wrists.png": _wrists(curves), "poses.png": _poses(curves, skeleton)}


def _line(curves: EvaluationCurves, name: str) -> dict[str, Any]:
    """Line style of a row; shuffled audio is dashed, because it equals the bundle in some plots."""
    names = list(curves.speed_shares)
    colour, style = ROW_LINES[names.index(name) % len(ROW_LINES)]
    return {"color": colour, "linestyle": style, "label": name, "linewidth": 1.6}


def _speeds(curves: EvaluationCurves) -> bytes:
    figure, axes = _page(7.5, 4.2)
    middles = 0.5 * (curves.speed_edges[1:] + curves.speed_edges[:-1])
    for name, shares in curves.speed_shares.items():
        axes.plot(middles, 100 * shares, **_line(curves, name))
    axes.set_yscale("symlog", linthresh=1.0)  # the mean pose is in one bin
    axes.set_yticks([0, 0.5, 1, 3, 10, 30, 100], ["0", "0.5", "1", "3", "10", "30", "100"])
    axes.set_ylim(0, 100)
    axes.set_xlim(0, float(curves.speed_edges[-1]))
    axes.set_xlabel("wrist speed [m/s]")
    axes.set_ylabel("share of the time in 0.05 m/s [%]")
    axes.legend(frameon=False)
    return _png(figure)


def _spectra(curves: EvaluationCurves) -> bytes:
    figure, axes = _page(7.5, 4.2)
    top = max((float(s.max(initial=0.0)) for s in curves.spectra.values()), default=1.0)
    for name, power in curves.spectra.items():
        if power.max(initial=0.0) > 1e-9 * top:
            axes.semilogy(curves.frequencies_hz, np.maximum(power, 1e-9 * top), **_line(curves, name))
    axes.axvspan(6.0, float(curves.frequencies_hz[-1]), color=ACCENT, alpha=0.06, linewidth=0)
    axes.text(6.15, 0.03, "above 6 Hz: noise", transform=axes.get_xaxis_transform(), color=ACCENT, fontsize=9)
    axes.set_xlim(0, float(curves.frequencies_hz[-1]))
    axes.set_ylim(top * 1e-6, top * 3)
    axes.set_xlabel("frequency [Hz]")
    axes.set_ylabel("wrist velocity, power density [(m/s)²/Hz]")
    axes.legend(frameon=False)
    return _png(figure)


def _timing(curves: EvaluationCurves) -> bytes:
    figure, axes = _page(7.5, 4.2)
    axes.axhline(1.0, color=INK, linewidth=0.9)
    axes.axvline(0.0, color=ACCENT, linewidth=0.9, alpha=0.6)
    for name, ratio in curves.correlograms.items():
        if np.isfinite(ratio).all():
            axes.plot(curves.offsets_s, ratio, **_line(curves, name), marker="o", markersize=3)
    axes.set_ylim(bottom=0.0)
    axes.set_xlim(float(curves.offsets_s[0]), float(curves.offsets_s[-1]))
    axes.set_xlabel("apex after accent [s]")
    axes.set_ylabel("apexes, 1 = as many as 1 to 2 s away")
    axes.legend(frameon=False)
    return _png(figure)


def _wrists(curves: EvaluationCurves) -> bytes:
    figure, axes = _page(10.0, 4.6, rows=2)
    for hand, panel in enumerate(axes):
        for k, accent_s in enumerate(curves.accents_s):
            panel.axvline(float(accent_s), color=ACCENT, linewidth=0.8, alpha=0.5,
                          label="accents" if k == 0 and hand == 0 else None)
        for name, heights in curves.wrist_heights.items():
            panel.plot(curves.clip_times_s[:len(heights)], heights[:, hand], **_line(curves, name))
        panel.set_ylabel(f"{('left', 'right')[hand]} wrist\nabove pelvis [m]")
        panel.set_xlim(float(curves.clip_times_s[0]), float(curves.clip_times_s[-1]))
    axes[0].legend(frameon=False, ncols=4, loc="lower right", bbox_to_anchor=(1.0, 1.0), fontsize=9)
    axes[0].set_title(curves.clip_name, loc="left", fontsize=10)
    axes[1].set_xlabel("time [s]")
    return _png(figure)


def _poses(curves: EvaluationCurves, skeleton: Skeleton) -> bytes:
    figure, axes = _page(1.45 * SHEET_POSES, 1.75 * len(curves.poses), rows=len(curves.poses), columns=SHEET_POSES)
    for number, (name, poses) in enumerate(curves.poses.items()):
        row = np.reshape(axes, (len(curves.poses), SHEET_POSES))[number]
        for k, (panel, pose) in enumerate(zip(row, poses)):
            _stick_figure(panel, pose, skeleton, _line(curves, name)["color"])
            if k == 0:
                panel.set_ylabel(name, fontsize=10)
            if number == 0:
                panel.set_title(f"{curves.pose_times_s[k]:.1f} s", fontsize=9)
        for panel in row[len(poses):]:
            panel.axis("off")
    return _png(figure)


def _stick_figure(axes: Any, pose: Array, skeleton: Skeleton, colour: str) -> None:
    """Draw a body from the front: its left is on the right."""
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            points = pose[[parent, joint]]
            axes.plot(points[:, 1], points[:, 2], color=colour, linewidth=2.4, solid_capstyle="round")
    if "head" in skeleton.index:
        head = pose[skeleton.index["head"]]
        axes.plot(head[1], head[2] + 0.03, "o", color=colour, markersize=9)
    axes.set_xlim(-0.45, 0.45)
    axes.set_ylim(-0.1, 0.72)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def _page(width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Any, Any]:
    figure = new_figure(width, height)
    return figure, figure.subplots(rows, columns, sharex=True)


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=DPI, format="png")
    return buffer.getvalue()
