"""Variation, announcement and controls: inputs of the network besides the codes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.chunks import FeatureChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import BundleError, ConfigError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.bundle_files import read_bundle
from speech_gesture_ros.networks.speech_to_motion.bundle import SpeechToMotionBundle, bundle_from_files, save_bundle
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames, CodeProcess, CodeSampler
from speech_gesture_ros.networks.speech_to_motion.device_network import DeviceNetwork
from speech_gesture_ros.networks.speech_to_motion.model_stage import SpeechToMotionStage
from speech_gesture_ros.networks.speech_to_motion.network_config import SpeechToMotionConfig
from speech_gesture_ros.networks.speech_to_motion.numpy_network import NumpyNetwork, parameter_shapes
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork

NAMES = tuple("abcdefgh")
PROCESS = CodeProcess(NAMES, families=("beat", "beat", "open", "open", "open", "open", "point", "point"),
                      one_handed=(0, 1, 6, 7), variations=("size", "place", "lean"), slow_variations=1, announce_s=0.6)


@pytest.fixture
def lively(bundle: SpeechToMotionBundle) -> SpeechToMotionBundle:
    """The tiny bundle with variations and activity."""
    config = SpeechToMotionConfig(bundle.network.num_features, len(NAMES), channels=16, dilations=(1, 2, 4),
                                  look_ahead_channels=4, hidden=24, code_size=4, z_size=8, decoder_hidden=16,
                                  variations=3, conditioning_hidden=12)
    torch.manual_seed(3)
    network = SpeechToMotionNetwork(config, load_skeleton(), torch.zeros(5), torch.ones(5))
    assert parameter_shapes(config, 17) == {n: tuple(v.shape) for n, v in network.state_dict().items()}
    return dataclasses.replace(bundle, network=config, codes=PROCESS, weights=network.state_dict(),
                               held_out_speakers=("ada",))


def changed_at(frame: int, controls: GestureControls, count: int = 2000, seed: int = 1) -> CodeFrames:
    sampler = CodeSampler(PROCESS, seed)
    before = sampler.take(frame)
    sampler.set_controls(controls)
    after = sampler.take(count - frame)
    return CodeFrames(*(np.concatenate([getattr(before, f), getattr(after, f)])
                        for f in CodeFrames.__dataclass_fields__))


def test_the_next_code_is_announced_shortly_before_its_segment() -> None:
    frames = CodeSampler(PROCESS, 1).take(3000)
    announced = frames.next_code != frames.code
    np.testing.assert_array_equal(announced, frames.remaining <= 0.6 + 1e-6)


def test_a_variation_is_constant_in_a_segment_and_slow_ones_over_many() -> None:
    frames = CodeSampler(PROCESS, 1).take(20_000)
    borders = np.flatnonzero(np.diff(frames.phase) < 0)
    changes = np.diff(frames.variation, axis=0) != 0
    assert set(np.flatnonzero(changes.any(axis=1))) <= set(borders)
    assert changes[borders, 0].mean() == 1.0
    assert 0.05 < changes[borders, 2].mean() < 0.25
    assert np.abs(frames.variation).max() <= 1.0
    assert frames.variation.std(axis=0).min() > 0.4


def test_codes_without_variations_have_none() -> None:
    frames = CodeSampler(CodeProcess(NAMES), 1).take(10)
    assert frames.variation.shape == (10, 0)
    np.testing.assert_array_equal(frames.activity, 1.0)


@pytest.mark.parametrize("frame", [0, 333, 500])
def test_activity_applies_from_the_next_frame_on(frame: int) -> None:
    frames = changed_at(frame, GestureControls(activity=0.3))
    np.testing.assert_array_equal(frames.activity[:frame], 1.0)
    np.testing.assert_allclose(frames.activity[frame:], 0.3)


def test_weights_of_codes_apply_from_the_first_that_is_not_announced() -> None:
    only_open = GestureControls(styles=(("beat", 0.0), ("point", 0.0)))
    plain = CodeSampler(PROCESS, 1).take(2000)
    for frame in range(200, 300, 7):
        frames = changed_at(frame, only_open)
        np.testing.assert_array_equal(frames.code[:frame + 1], plain.code[:frame + 1])
        border = frame + int(np.flatnonzero(np.diff(plain.phase[frame:]) < 0)[0]) + 1
        if plain.remaining[frame] > 0.6 + 1e-6:
            assert PROCESS.families[frames.code[border]] == "open"
        else:
            assert frames.code[border] == plain.code[border]
        assert {PROCESS.families[c] for c in frames.code[border + 75:]} == {"open"}


def test_the_same_controls_at_the_same_time_give_the_same_codes_for_any_chunking() -> None:
    controls = GestureControls(handedness=0.7, styles=(("open", 3.0),))
    whole = changed_at(400, controls)
    sampler, parts = CodeSampler(PROCESS, 1), []
    for start in range(0, 2000, 8):
        if start == 400:
            sampler.set_controls(controls)
        parts.append(sampler.take(8))
    for name in CodeFrames.__dataclass_fields__:
        np.testing.assert_array_equal(np.concatenate([getattr(p, name) for p in parts]), getattr(whole, name))


def share(controls: GestureControls, chosen: Callable[[np.ndarray], np.ndarray]) -> float:
    sampler = CodeSampler(PROCESS, 5)
    sampler.set_controls(controls)
    frames = sampler.take(60_000)
    return float(chosen(frames.code).mean())


def test_handedness_leads_with_one_hand_and_makes_gestures_of_one_hand_more_frequent() -> None:
    shares = [share(GestureControls(handedness=h), lambda c: c % 2 == 0) for h in (-1.0, 0.0, 0.5, 1.0)]
    assert shares[0] < 0.02
    assert 0.4 < shares[1] < 0.6
    assert 0.65 < shares[2] < 0.85
    assert shares[3] > 0.98
    one_handed = [share(GestureControls(handedness=h), lambda c: np.isin(c, PROCESS.one_handed)) for h in (0.0, 1.0)]
    assert one_handed[1] > one_handed[0] + 0.15


def test_a_style_makes_its_family_more_frequent() -> None:
    shares = [share(GestureControls(styles=(("point", w),)), lambda c: c >= 6) for w in (0.0, 1.0, 5.0)]
    assert shares[0] < 0.02
    assert shares[0] < shares[1] < shares[2]


def test_an_unknown_style_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="point"):
        CodeSampler(PROCESS, 0).set_controls(GestureControls(styles=(("samba", 1.0),)))


def test_controls_that_leave_no_code_are_refused() -> None:
    with pytest.raises(ConfigError, match="handedness"):
        PROCESS.weights(GestureControls(styles=(("beat", 0.0), ("open", 0.0), ("point", 0.0))))


@pytest.mark.parametrize("changes", [{"families": ("beat",)}, {"one_handed": (8,)}, {"slow_variations": 4},
                                     {"announce_s": 0.0}])
def test_a_process_that_does_not_fit_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        dataclasses.replace(PROCESS, **changes)


def test_numpy_moves_as_torch_does_with_variations_and_activity(lively: SpeechToMotionBundle) -> None:
    frames = np.random.default_rng(0).normal(size=(90, lively.network.frame_size)).astype(np.float32)
    codes = changed_at(40, GestureControls(activity=0.4), 80)
    numpy = NumpyNetwork(lively.network, lively.skeleton, lively.feature_mean, lively.feature_std, lively.weights)
    torch_network = DeviceNetwork(lively, torch.device("cpu"))
    motions = [n.step(frames, codes, n.initial_state(), 10)[0] for n in (numpy, torch_network)]
    np.testing.assert_allclose(*motions, atol=1e-5, rtol=0)


def test_variation_and_activity_change_the_motion(lively: SpeechToMotionBundle) -> None:
    network = NumpyNetwork(lively.network, lively.skeleton, lively.feature_mean, lively.feature_std, lively.weights)
    frames = np.zeros((60, lively.network.frame_size), np.float32)
    codes = CodeSampler(PROCESS, 1).take(50)
    motions = [network.step(frames, c, network.initial_state(), 10)[0] for c in (
        codes, dataclasses.replace(codes, activity=np.zeros(50, np.float32)),
        dataclasses.replace(codes, variation=-codes.variation))]
    assert np.abs(motions[0] - motions[1]).max() > 1e-4
    assert np.abs(motions[0] - motions[2]).max() > 1e-4


def test_codes_without_the_networks_variations_are_refused(lively: SpeechToMotionBundle) -> None:
    network = DeviceNetwork(lively, torch.device("cpu"))
    frames = np.zeros((10, lively.network.frame_size), np.float32)
    with pytest.raises(ConfigError, match="variation"):
        network.step(frames, CodeSampler(CodeProcess(NAMES), 1).take(10), network.initial_state(), 0)


def test_a_stage_applies_controls_from_the_next_pose_on(lively: SpeechToMotionBundle, features: np.ndarray) -> None:
    plain, calm = SpeechToMotionStage(lively, device="cpu"), SpeechToMotionStage(lively, device="cpu")
    first, second = FeatureChunk(0, features[:200]), FeatureChunk(200, features[200:])
    before = [stage.push(first).values for stage in (plain, calm)]
    calm.set_controls(GestureControls(activity=0.0))
    after = [stage.push(second).values for stage in (plain, calm)]
    np.testing.assert_array_equal(*before)
    assert np.abs(after[0] - after[1]).max() > 1e-4
    calm.reset()
    kept = calm.push(first).values
    other = SpeechToMotionStage(lively, device="cpu")
    other.set_controls(GestureControls(activity=0.0))
    np.testing.assert_array_equal(kept, other.push(first).values)


def test_a_bundle_keeps_families_variations_and_held_out_speakers(lively: SpeechToMotionBundle, tmp_path) -> None:
    save_bundle(lively, tmp_path / "b")
    again = bundle_from_files(read_bundle(tmp_path / "b"))
    assert (again.codes, again.network, again.held_out_speakers) == (lively.codes, lively.network, ("ada",))


def test_a_network_for_other_variations_than_the_codes_have_is_refused(lively: SpeechToMotionBundle, tmp_path) -> None:
    save_bundle(dataclasses.replace(lively, codes=dataclasses.replace(PROCESS, variations=("size",))), tmp_path / "b")
    with pytest.raises(BundleError, match="variations"):
        bundle_from_files(read_bundle(tmp_path / "b"))
