"""Style of all plots: colours, matplotlib settings, and figures that need no display."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from speech_gesture_ros.core.errors import MissingDependencyError

INK, GRID, ACCENT = "#39424c", "#e4e8ec", "#b8447c"  # colours
SETTINGS = {"font.size": 10, "axes.edgecolor": GRID, "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK,
            "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
            "grid.color": GRID, "axes.axisbelow": True}  # fmt: skip
DPI = 110  # of the pictures


@contextmanager
def plot_style() -> Iterator[None]:
    """Apply the settings inside a `with` block.

    Raises:
        MissingDependencyError: If matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingDependencyError("matplotlib", "Drawing plots", "pip install 'speech_gesture_ros[sim]'") from error
    with mpl.rc_context(SETTINGS):
        yield


def new_figure(width: float, height: float) -> Any:
    """Make a figure of a size in inches that is drawn without a display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure
