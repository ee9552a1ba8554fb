"""The step in NumPy equals the step in torch."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from speech_gesture_ros.networks.speech_to_motion.bundle import SpeechToMotionBundle
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeSampler
from speech_gesture_ros.networks.speech_to_motion.device_network import DeviceNetwork
from speech_gesture_ros.networks.speech_to_motion.network_config import num_poses
from speech_gesture_ros.networks.speech_to_motion.numpy_network import NumpyNetwork, parameter_shapes
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork


def both(bundle: SpeechToMotionBundle) -> tuple[NumpyNetwork, DeviceNetwork]:
    return (NumpyNetwork(bundle.network, bundle.skeleton, bundle.feature_mean, bundle.feature_std, bundle.weights),
            DeviceNetwork(bundle, torch.device("cpu")))


def play(network: NumpyNetwork | DeviceNetwork, bundle: SpeechToMotionBundle, frames: np.ndarray, look_ahead: int,
         size: int) -> np.ndarray:
    sampler, state, poses = CodeSampler(bundle.codes, 4), network.initial_state(), []
    for start in range(0, len(frames), size):
        part = frames[start:start + size]
        count = num_poses(start + len(part), look_ahead) - num_poses(start, look_ahead)
        out, state = network.step(part, sampler.take(count), state, look_ahead)
        poses.append(out)
    return np.concatenate(poses)


@pytest.mark.parametrize("look_ahead", [0, 1, 10, 25])
@pytest.mark.parametrize("size", [1, 2, 33, 200])
def test_numpy_moves_as_torch_does(bundle: SpeechToMotionBundle, look_ahead: int, size: int) -> None:
    frames = np.random.default_rng(0).normal(0, 3, (120, bundle.network.frame_size)).astype(np.float32)
    frames[40:43] = np.nan
    frames[50] = np.inf
    motions = [play(network, bundle, frames, look_ahead, size) for network in both(bundle)]
    assert motions[0].dtype == motions[1].dtype == np.float32
    np.testing.assert_allclose(*motions, atol=1e-5, rtol=0)


def test_expected_parameters_are_those_of_the_network(network: SpeechToMotionNetwork) -> None:
    found = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    assert parameter_shapes(network.config, 17) == found


def test_extreme_weights_make_no_nan(bundle: SpeechToMotionBundle) -> None:
    wild = {name: 1e3 * np.asarray(value) for name, value in bundle.weights.items()}
    network = NumpyNetwork(bundle.network, bundle.skeleton, bundle.feature_mean, bundle.feature_std, wild)
    frames = np.random.default_rng(0).normal(size=(60, bundle.network.frame_size)).astype(np.float32)
    assert np.isfinite(play(network, bundle, frames, 10, 7)).all()


def test_a_stage_on_the_cpu_needs_no_torch() -> None:
    code = ("import sys; sys.modules['torch'] = None\n"
            "from speech_gesture_ros.networks.speech_to_motion import bundle, model_stage")
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
