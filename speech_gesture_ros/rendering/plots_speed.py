"""Which speeds occur how often, a curve for each row of an experiment: the recorded motion in ink."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.rendering.plots import GRID, INK


def draw_speed_histograms(path: Path, edges: npt.NDArray[np.floating],
                          shares: Mapping[str, npt.NDArray[np.floating]], *, title: str) -> None:
    """Write a picture of speed histograms.

    Args:
        path: Of the picture.
        edges: (B + 1,) borders of the bins [m/s].
        shares: Row name to (B + 1,) shares, the last one for everything faster; the first row is drawn in ink. Rows
            that are always still are left out.
        title: Of the picture.

    Raises:
        MissingDependencyError: If matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingDependencyError("matplotlib", "Drawing plots", "pip install 'speech_gesture_ros[sim]'") from error
    moving = {name: np.asarray(values) for name, values in shares.items() if values[0] < 1.0}
    middles = 0.5 * (edges[1:] + edges[:-1])
    with mpl.rc_context({"font.size": 10, "axes.edgecolor": GRID, "axes.labelcolor": INK, "text.color": INK,
                         "xtick.color": INK, "ytick.color": INK, "axes.spines.top": False,
                         "axes.spines.right": False, "axes.grid": True, "grid.color": GRID, "axes.axisbelow": True}):
        figure = Figure(figsize=(10, 6), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        colours = mpl.colormaps["tab10"]
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
        figure.savefig(path, dpi=110)
