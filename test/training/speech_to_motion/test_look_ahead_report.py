"""The report's figures mean what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.training.speech_to_motion import look_ahead_report as report
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import (
    choreographer_row,
    measure_network,
    perform_track,
    table,
)
from speech_gesture_ros.training.speech_to_motion.run_config import TrainingConfig
from speech_gesture_ros.training.speech_to_motion.sequences import measure
from speech_gesture_ros.training.speech_to_motion.tracks import XYZ_STEP_M, TrainingTrack
from speech_gesture_ros.training.speech_to_motion.train_composed import make_network


def test_the_choreographer_agrees_with_itself(tracks: list[TrainingTrack]) -> None:
    row = choreographer_row(tracks, load_skeleton())
    assert (row.variance, row.speed, row.acceleration, row.jerk) == pytest.approx((1.0, 1.0, 1.0, 1.0))
    assert row.correlation == pytest.approx(1.0)
    assert row.error_m == 0.0


def test_half_a_motion_has_a_quarter_of_the_variance_and_half_the_speed(
        tracks: list[TrainingTrack], config: TrainingConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(network: object, track: TrainingTrack, look_ahead: int, **more: object) -> np.ndarray:
        truth = track.joint_xyz[0, :len(track) - look_ahead] * XYZ_STEP_M
        return truth.mean(axis=0) + 0.5 * (truth - truth.mean(axis=0))

    monkeypatch.setattr(report, "perform_track", half)
    rows = measure_network(make_network(config, measure(tracks)), tracks, load_skeleton(), (10,))
    assert [(r.look_ahead_s, r.version) for r in rows] == [(0.4, 0), (0.4, 1)]
    assert rows[0].variance == pytest.approx(0.25, abs=0.01)
    assert rows[0].speed == pytest.approx(0.5, abs=1e-3)
    assert rows[0].jerk == pytest.approx(0.5, abs=1e-3)


def test_a_track_is_performed_up_to_its_look_ahead(tracks: list[TrainingTrack], config: TrainingConfig) -> None:
    network = make_network(config, measure(tracks)).eval()
    assert perform_track(network, tracks[0], 10).shape == (len(tracks[0]) - 10, 17, 3)


def test_the_table_has_a_line_for_each_row(tracks: list[TrainingTrack]) -> None:
    row = choreographer_row(tracks, load_skeleton())
    lines = table([replace(row, look_ahead_s=0.4), replace(row, look_ahead_s=0.4, version=1), row]).splitlines()
    assert len(lines) == 5
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["0.40", "0.40, damaged", "choreographer"]
    assert len({line.count("|") for line in lines}) == 1
