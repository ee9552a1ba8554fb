"""Metrics of the report against cases with known values."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.training.speech_to_motion import look_ahead_report
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import (
    generate_track_motion,
    look_ahead_table,
    measure_network,
)
from speech_gesture_ros.training.speech_to_motion.tracks import XYZ_STEP_M, TrainingTrack


def test_half_a_motion_has_a_quarter_of_the_variance_and_half_the_speed(
        tracks: list[TrainingTrack], network: SpeechToMotionNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(network: object, track: TrainingTrack, look_ahead: int, **more: object) -> np.ndarray:
        target = track.joint_xyz[0, :len(track) - look_ahead] * XYZ_STEP_M
        return target.mean(axis=0) + 0.5 * (target - target.mean(axis=0))

    monkeypatch.setattr(look_ahead_report, "generate_track_motion", half)
    rows = measure_network(network, tracks, load_skeleton(), (10,))
    assert [(r.look_ahead_s, r.version) for r in rows] == [(0.4, 0), (0.4, 1)]
    assert rows[0].variance == pytest.approx(0.25, abs=0.01)
    assert rows[0].speed == pytest.approx(0.5, abs=1e-3)
    assert rows[0].jerk == pytest.approx(0.5, abs=1e-3)


def test_the_motion_of_a_track_ends_before_its_look_ahead(tracks: list[TrainingTrack],
                                                          network: SpeechToMotionNetwork) -> None:
    assert generate_track_motion(network.eval(), tracks[0], 10).shape == (len(tracks[0]) - 10, 17, 3)


def test_the_table_has_a_line_for_each_row(tracks: list[TrainingTrack], network: SpeechToMotionNetwork) -> None:
    rows = measure_network(network.eval(), tracks, load_skeleton(), (10,))
    lines = look_ahead_table(rows).splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["0.40", "0.40, augmented"]
    assert len({line.count("|") for line in lines}) == 1
