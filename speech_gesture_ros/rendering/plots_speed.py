"""Histograms of speeds, one curve for each row of an experiment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.atomic_files import replaced_file
from speech_gesture_ros.rendering.plot_style import DPI, INK, new_figure, plot_style


def draw_speed_histograms(path: Path, edges: npt.NDArray[np.floating],
                          shares: Mapping[str, npt.NDArray[np.floating]], *, title: str) -> None:
    """Draw speed histograms.

    Args:
        path: Of the picture.
        edges: (B + 1,) borders of the bins [m/s].
        shares: Row name to (B + 1,) shares, the last one for all faster speeds. The first row, the recorded motion, is
            drawn dark; rows without motion are left out.
        title: Of the picture.

    Raises:
        MissingDependencyError: If matplotlib is not installed.
    """
    moving = {name: np.asarray(values) for name, values in shares.items() if values[0] < 1.0}
    middles = 0.5 * (edges[1:] + edges[:-1])
    with plot_style():
        from matplotlib import colormaps

        figure = new_figure(10, 6)
        axes = figure.subplots()
        colours = colormaps["tab10"]
        for i, (name, values) in enumerate(moving.items()):
            axes.plot(middles, np.maximum(100 * values[:-1], 1e-3), label=f"{name} ({100 * values[-1]:.1f} % faster)",
                      color=INK if i == 0 else colours((i - 1) % 10), linewidth=2.6 if i == 0 else 1.4,
                      linestyle="-" if i <= 10 else "--")
        axes.set_yscale("log")
        axes.set_ylim(0.01, 100)
        axes.set_xlim(float(edges[0]), float(edges[-1]))
        axes.set_xlabel("speed of a joint [m/s]")
        axes.set_ylabel(f"share of frames and joints [% in {100 * (edges[1] - edges[0]):.0f} cm/s]")
        axes.set_title(title, loc="left", fontweight="bold")
        axes.legend(frameon=False, fontsize=9)
        with replaced_file(path) as temporary:
            figure.savefig(temporary, dpi=DPI)
