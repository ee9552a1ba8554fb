"""The step: any chunking of a sequence gives the same poses, and no pose depends on input beyond its look-ahead."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import Tensor

from speech_gesture_ros.networks.speech_to_motion.network_config import num_poses
from speech_gesture_ros.networks.speech_to_motion.speech_encoder import CodeTensors
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork

FRAMES = 80


def inputs(network: SpeechToMotionNetwork, batch: int = 1) -> tuple[Tensor, CodeTensors]:
    generator = torch.Generator().manual_seed(3)
    frames = torch.randn(batch, FRAMES, network.config.frame_size, generator=generator)
    code = torch.randint(network.config.num_codes, (batch, FRAMES), generator=generator)
    phase = torch.rand(batch, FRAMES, generator=generator)
    return frames, CodeTensors(code, code.flip(1), phase, 2.0 - 2.0 * phase)


def part(codes: CodeTensors, start: int, stop: int) -> CodeTensors:
    return CodeTensors(*(c[:, start:stop] for c in (codes.code, codes.next_code, codes.phase, codes.remaining)))


def play(network: SpeechToMotionNetwork, frames: Tensor, codes: CodeTensors, look_ahead: int,
         cuts: list[int]) -> Tensor:
    state, poses = network.initial_state(len(frames)), []
    bounds = [0, *cuts, frames.shape[1]]
    with torch.inference_mode():
        for start, stop in pairwise(bounds):
            due = part(codes, num_poses(start, look_ahead), num_poses(stop, look_ahead))
            out, state = network.step(frames[:, start:stop], due, state, look_ahead)
            poses.append(out)
    return torch.cat(poses, dim=1)


@pytest.mark.parametrize("look_ahead", [0, 1, 10, 25])
@pytest.mark.parametrize("cuts", [list(range(1, FRAMES)), [7, 7, 30, 31, 64]], ids=["one by one", "uneven"])
def test_steps_of_any_size_give_the_whole_sequence(network: SpeechToMotionNetwork, look_ahead: int,
                                                       cuts: list[int]) -> None:
    frames, codes = inputs(network)
    whole = play(network, frames, codes, look_ahead, [])
    assert whole.shape == (1, FRAMES - look_ahead, 17, 3)
    torch.testing.assert_close(play(network, frames, codes, look_ahead, cuts), whole, atol=1e-5, rtol=0)


def test_a_batch_is_its_sequences(network: SpeechToMotionNetwork) -> None:
    frames, codes = inputs(network, batch=3)
    together = play(network, frames, codes, 10, [])
    alone = play(network, frames[1:2], CodeTensors(*(c[1:2] for c in vars(codes).values() if c is not None)), 10, [])
    torch.testing.assert_close(together[1:2], alone, atol=1e-5, rtol=0)


@pytest.mark.parametrize("look_ahead", [0, 10, 25])
def test_a_pose_depends_on_its_look_ahead_and_nothing_later(network: SpeechToMotionNetwork, look_ahead: int) -> None:
    frames, codes = inputs(network)
    changed = frames.clone()
    at = 50
    changed[:, at:] = 1.0
    difference = (play(network, frames, codes, look_ahead, []) - play(network, changed, codes, look_ahead, [])).abs()
    moved = difference.amax(dim=(0, 2, 3))
    assert moved[: at - look_ahead].max() == 0.0
    assert moved[at - look_ahead] > 0.0, "the newest frame of the look-ahead makes no difference"


def test_a_longer_look_ahead_gives_another_motion(network: SpeechToMotionNetwork) -> None:
    frames, codes = inputs(network)
    short, long = play(network, frames, codes, 5, []), play(network, frames, codes, 10, [])
    assert (short[:, : long.shape[1]] - long).abs().max() > 1e-4


def test_codes_change_the_motion(network: SpeechToMotionNetwork) -> None:
    frames, codes = inputs(network)
    other = CodeTensors((codes.code + 1) % network.config.num_codes, codes.next_code, codes.phase, codes.remaining)
    assert (play(network, frames, codes, 10, []) - play(network, frames, other, 10, [])).abs().max() > 1e-4


def test_bones_keep_their_length_for_any_weights(network: SpeechToMotionNetwork) -> None:
    from speech_gesture_ros.core.skeleton import load_skeleton

    torch.nn.init.normal_(network.motion_decoder.bones.weight, std=3.0)
    frames, codes = inputs(network)
    skeleton = load_skeleton()
    bones = skeleton.bones_from_xyz(play(network, frames, codes, 10, []).numpy()[0])
    lengths = torch.from_numpy(bones).norm(dim=-1)[:, 1:]
    torch.testing.assert_close(lengths, torch.from_numpy(skeleton.bone_lengths[1:]).expand_as(lengths),
                               atol=1e-6, rtol=0)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e30], ids=["nan", "infinite", "enormous"])
def test_damaged_input_gives_finite_poses(network: SpeechToMotionNetwork, value: float) -> None:
    frames, codes = inputs(network)
    frames[:, 20:30] = value
    assert torch.isfinite(play(network, frames, codes, 10, [])).all()
