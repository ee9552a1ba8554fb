"""The demo on real ROS 2: four processes, a bag, film, plot and report."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from speech_gesture_ros.cli.main import main

pytestmark = [pytest.mark.ros, pytest.mark.slow]


def test_the_demo_writes_film_bag_plot_and_report(tmp_path: Path, speech: np.ndarray,
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    soundfile.write(tmp_path / "speech.wav", speech[: 6 * 16000], 16000)
    out = tmp_path / "demo"
    assert main(["demo", "--audio", str(tmp_path / "speech.wav"), "--out", str(out)]) == 0
    report = json.loads((out / "report.json").read_text())
    safety = report["safety"]
    assert (safety["limit_violations"], safety["self_collisions"], safety["rejected_trajectories"]) == (0, 0, 0)
    assert report["messages"]["/joint_states"] > 300
    assert report["audio"]["lost_samples"] == 0
    assert report["end_to_end_latency_s"]["voice_delay"] == pytest.approx(
        report["end_to_end_latency_s"]["declared"], abs=0.1)
    assert (out / "plot.png").stat().st_size > 10_000
    with av.open(str(out / "demo.mp4")) as film:
        lengths = [float(stream.duration * stream.time_base) for stream in film.streams]
    assert lengths == [pytest.approx(8.0 + 1.8, abs=0.2)] * 2
    assert "sound to gesture" in capsys.readouterr().out
