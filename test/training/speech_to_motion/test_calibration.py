"""Scaling of the motion representation about rest: rest does not change, other poses do, the factor is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.training.speech_to_motion import calibration
from speech_gesture_ros.training.speech_to_motion.calibration import calibrate, rest_z, scale_about
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import (
    USUAL_LOOK_AHEAD,
    generate_track_motion,
    measure_network,
)
from speech_gesture_ros.training.speech_to_motion.run_config import ComposedRunConfig
from speech_gesture_ros.training.speech_to_motion.statistics import measure_statistics
from speech_gesture_ros.training.speech_to_motion.tracks import XYZ_STEP_M, TrainingTrack
from speech_gesture_ros.training.speech_to_motion.train_composed import make_composed_network


@pytest.fixture
def network(tracks: list[TrainingTrack], config: ComposedRunConfig):
    torch.manual_seed(0)
    return make_composed_network(config, measure_statistics(tracks)).eval()


def test_scaling_keeps_the_centre_and_scales_the_distance_from_it(network, tracks: list[TrainingTrack]) -> None:
    rest = rest_z(network, tracks[0])
    some = torch.randn(5, network.speech_encoder.output[0].in_features)
    before = network.speech_encoder.output(some)
    scale_about(network, 1.3, rest)
    np.testing.assert_allclose((network.speech_encoder.output(some) - rest).detach(), 1.3 * (before - rest).detach(),
                               atol=1e-5)


def test_the_wrists_reach_the_target_speed(network, tracks: list[TrainingTrack], monkeypatch) -> None:
    skeleton = load_skeleton()
    motion = generate_track_motion(network, tracks[0], USUAL_LOOK_AHEAD)
    steps = np.round(motion / XYZ_STEP_M).astype(np.int16)
    target = np.concatenate([steps, np.repeat(steps[-1:], USUAL_LOOK_AHEAD, axis=0)])
    track = replace(tracks[0], joint_xyz=np.stack([target, target]))
    monkeypatch.setattr(calibration, "TARGET_SPEED", 1.02)
    factor = calibrate(network, [track, replace(tracks[1], speaker="")], skeleton)
    assert 1.0 < factor <= calibration.FACTOR_BOUNDS[1]
    assert measure_network(network, [track], skeleton, (USUAL_LOOK_AHEAD,))[0].speed == pytest.approx(1.02, abs=0.004)


def test_without_a_track_with_or_without_speech_nothing_changes(network, tracks: list[TrainingTrack]) -> None:
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert calibrate(network, tracks, load_skeleton()) == 1.0
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
