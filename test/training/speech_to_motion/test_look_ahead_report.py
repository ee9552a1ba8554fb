"""Metrics of the report against cases with known values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.training.speech_to_motion import look_ahead_report
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import (
    generate_track_motion,
    look_ahead_table,
    measure_network,
    target_row,
)
from speech_gesture_ros.training.speech_to_motion.run_config import ComposedRunConfig
from speech_gesture_ros.training.speech_to_motion.statistics import measure_statistics
from speech_gesture_ros.training.speech_to_motion.tracks import XYZ_STEP_M, TrainingTrack
from speech_gesture_ros.training.speech_to_motion.train_composed import make_composed_network


def test_the_target_has_ratios_of_one(tracks: list[TrainingTrack]) -> None:
    row = target_row(tracks, load_skeleton())
    assert (row.variance, row.speed, row.acceleration, row.jerk) == pytest.approx((1.0, 1.0, 1.0, 1.0))
    assert row.correlation == pytest.approx(1.0)
    assert row.error_m == 0.0


def test_half_a_motion_has_a_quarter_of_the_variance_and_half_the_speed(
        tracks: list[TrainingTrack], config: ComposedRunConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(network: object, track: TrainingTrack, look_ahead: int, **more: object) -> np.ndarray:
        target = track.joint_xyz[0, :len(track) - look_ahead] * XYZ_STEP_M
        return target.mean(axis=0) + 0.5 * (target - target.mean(axis=0))

    monkeypatch.setattr(look_ahead_report, "generate_track_motion", half)
    rows = measure_network(make_composed_network(config, measure_statistics(tracks)), tracks, load_skeleton(), (10,))
    assert [(r.look_ahead_s, r.version) for r in rows] == [(0.4, 0), (0.4, 1)]
    assert rows[0].variance == pytest.approx(0.25, abs=0.01)
    assert rows[0].speed == pytest.approx(0.5, abs=1e-3)
    assert rows[0].jerk == pytest.approx(0.5, abs=1e-3)


def test_the_motion_of_a_track_ends_before_its_look_ahead(tracks: list[TrainingTrack],
                                                          config: ComposedRunConfig) -> None:
    network = make_composed_network(config, measure_statistics(tracks)).eval()
    assert generate_track_motion(network, tracks[0], 10).shape == (len(tracks[0]) - 10, 17, 3)


def test_the_table_has_a_line_for_each_row(tracks: list[TrainingTrack]) -> None:
    row = target_row(tracks, load_skeleton())
    rows = [replace(row, look_ahead_s=0.4), replace(row, look_ahead_s=0.4, version=1), row]
    lines = look_ahead_table(rows).splitlines()
    assert len(lines) == 5
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["0.40", "0.40, augmented", "composed motion"]
    assert len({line.count("|") for line in lines}) == 1
