"""The plot of a run is drawn with and without motion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from speech_gesture_ros.rendering.plots import RunCurves, draw_run
from speech_gesture_ros.robot.description import RobotDescription


def _curves(description: RobotDescription, seconds: float, speed: float) -> RunCurves:
    count = round(seconds * 25)
    return RunCurves(
        voice=np.sin(np.arange(round(seconds * 16000)) / 10), times_s=np.arange(count) / 25,
        wrist_speeds=np.full((count, 2), speed), q=np.repeat(description.rest_q[None], count, axis=0),
        joint_names=description.joint_names, limits=description.limits, groups=description.groups,
        accents_s=np.array([0.5]) if speed else np.zeros(0), apexes_s=np.array([0.6]) if speed else np.zeros(0),
        title="test",
    )


@pytest.mark.parametrize("speed", [0.5, 0.0], ids=["moving", "still"])
def test_a_plot_is_written(description: RobotDescription, tmp_path: Path, speed: float) -> None:
    draw_run(tmp_path / "page.png", _curves(description, 2.0, speed))
    picture = np.asarray(Image.open(tmp_path / "page.png").convert("L"))
    assert picture.shape[1] > 1000
    assert picture.std() > 5
