"""Stretching the motion representation: rest stays, the rest grows, and the factor is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.training.speech_to_motion import calibration
from speech_gesture_ros.training.speech_to_motion.calibration import calibrate, rest_z, stretch
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import USUAL, measure_network, perform_track
from speech_gesture_ros.training.speech_to_motion.run_config import TrainingConfig
from speech_gesture_ros.training.speech_to_motion.sequences import measure
from speech_gesture_ros.training.speech_to_motion.tracks import XYZ_STEP_M, TrainingTrack
from speech_gesture_ros.training.speech_to_motion.train_composed import make_network


@pytest.fixture
def network(tracks: list[TrainingTrack], config: TrainingConfig):
    torch.manual_seed(0)
    return make_network(config, measure(tracks)).eval()


def test_stretched_about_rest_the_rest_stays(network, tracks: list[TrainingTrack]) -> None:
    rest = rest_z(network, tracks[0])
    some = torch.randn(5, network.speech_encoder.output[0].in_features)
    before = network.speech_encoder.output(some)
    stretch(network, 1.3, rest)
    np.testing.assert_allclose((network.speech_encoder.output(some) - rest).detach(), 1.3 * (before - rest).detach(),
                               atol=1e-5)


def test_the_wrists_reach_the_speed_that_was_asked_for(network, tracks: list[TrainingTrack], monkeypatch) -> None:
    skeleton = load_skeleton()
    made = perform_track(network, tracks[0], USUAL)
    size = np.round(made / XYZ_STEP_M).astype(np.int16)
    wanted = np.concatenate([size, np.repeat(size[-1:], USUAL, axis=0)])
    track = replace(tracks[0], joint_xyz=np.stack([wanted, wanted]))
    monkeypatch.setattr(calibration, "SPEED", 1.02)
    factor = calibrate(network, [track, replace(tracks[1], speaker="")], skeleton)
    assert 1.0 < factor <= calibration.BOUNDS[1]
    assert measure_network(network, [track], skeleton, (USUAL,))[0].speed == pytest.approx(1.02, abs=0.004)


def test_without_speech_or_calm_nothing_changes(network, tracks: list[TrainingTrack]) -> None:
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert calibrate(network, tracks, load_skeleton()) == 1.0
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
