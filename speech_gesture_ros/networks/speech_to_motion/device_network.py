"""The torch network on a device, with the same `step` as `NumpyNetwork`: arrays in, arrays out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from speech_gesture_ros.networks.bundle_checks import check_weights
from speech_gesture_ros.networks.speech_to_motion.bundle import SpeechToMotionBundle
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames
from speech_gesture_ros.networks.speech_to_motion.numpy_network import parameter_shapes
from speech_gesture_ros.networks.speech_to_motion.speech_encoder import CodeTensors, SpeechState
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork

Array = npt.NDArray[np.float32]


class DeviceNetwork:
    """`SpeechToMotionNetwork` for one stream.

    Args:
        bundle: The model.
        device: Device to run it on.

    Raises:
        BundleError: If the weights do not fit the network.
    """

    def __init__(self, bundle: SpeechToMotionBundle, device: torch.device) -> None:
        torch.set_num_threads(1)  # a second thread makes a step of this size slower, and far slower on busy cores
        torch.backends.cudnn.allow_tf32 = False  # 10 bits of mantissa let CUDA and CPU drift apart
        self.device = device
        self.network = build_network(bundle).to(device).eval()

    def initial_state(self) -> SpeechState:
        """Return the state of a stream that has not begun."""
        with torch.inference_mode():
            state: SpeechState = self.network.initial_state()
        return state

    def step(self, frames: Array, codes: CodeFrames, state: SpeechState, look_ahead: int) -> tuple[Array, SpeechState]:
        """See `NumpyNetwork.step`."""
        with torch.inference_mode():
            batch = torch.from_numpy(frames).to(self.device)[None]
            joint_xyz, state = self.network.step(batch, codes_to_tensors(codes, self.device), state, look_ahead)
            return np.asarray(joint_xyz[0].cpu().numpy()), state


def build_network(bundle: SpeechToMotionBundle) -> SpeechToMotionNetwork:
    """Build the network of a bundle with its weights, on the CPU.

    Raises:
        BundleError: If the weights do not fit the network.
    """
    check_weights(bundle.weights, parameter_shapes(bundle.network, len(bundle.skeleton)))  # before memory is used
    network = SpeechToMotionNetwork(bundle.network, bundle.skeleton, torch.from_numpy(bundle.feature_mean),
                                    torch.from_numpy(bundle.feature_std))
    network.load_state_dict({name: torch.as_tensor(value) for name, value in bundle.weights.items()})
    return network


def codes_to_tensors(codes: CodeFrames, device: torch.device) -> CodeTensors:
    """K frames of codes as a batch of one."""
    arrays = (codes.code, codes.next_code, codes.phase, codes.remaining, codes.variation, codes.activity)
    return CodeTensors(*(torch.from_numpy(a).to(device)[None] for a in arrays))
