"""MotionD: motion representation z to 3-D joints whose bones have exactly the skeleton's lengths.

    z (.., D) ─► MLP ─► one vector a bone ─► unit length ─► times bone length ─► summed from the pelvis outwards

A network that predicts positions stretches arms; one that predicts joint angles adds up errors along the chain.
Bone directions do neither: every bone is a unit vector, whatever the weights are. Kucherenko et al., IVA 2019, decode
to positions; unit vectors are an addition of this package.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.speech_to_motion.bone_paths import bone_paths
from speech_gesture_ros.networks.speech_to_motion.network_config import SpeechToMotionConfig


class BodyChain(nn.Module):
    """Bone directions to joint positions, exactly, by the matrix of `bone_paths`."""

    def __init__(self, skeleton: Skeleton) -> None:
        super().__init__()
        self.register_buffer("paths", torch.from_numpy(bone_paths(skeleton)), persistent=False)  # (J, J-1)
        self.register_buffer("parents", torch.from_numpy(skeleton.parents.copy()), persistent=False)

    def forward(self, directions: Tensor) -> Tensor:
        """(..., J-1, 3) vectors of any length to (..., J, 3) joint positions [m], pelvis at the origin."""
        unit = directions / directions.norm(dim=-1, keepdim=True).clamp_min(1e-6)
        return self.paths @ unit

    def directions(self, joint_xyz: Tensor) -> Tensor:
        """(..., J, 3) joint positions [m] to (..., J-1, 3) unit vectors along the bones."""
        bones = joint_xyz[..., 1:, :] - joint_xyz[..., self.parents[1:], :]
        return bones / bones.norm(dim=-1, keepdim=True).clamp_min(1e-6)


class MotionD(nn.Module):
    """Motion decoder: z to joint positions.

    Args:
        config: Sizes.
        skeleton: Bone lengths of the output; untrained weights give its rest pose.
    """

    def __init__(self, config: SpeechToMotionConfig, skeleton: Skeleton) -> None:
        super().__init__()
        self.chain = BodyChain(skeleton)
        self.hidden = nn.Linear(config.z_size, config.decoder_hidden)
        self.bones = nn.Linear(config.decoder_hidden, 3 * (len(skeleton) - 1))
        rest = skeleton.offsets[1:] / skeleton.bone_lengths[1:, None]
        with torch.no_grad():
            self.bones.weight.mul_(0.3)
            self.bones.bias.copy_(torch.from_numpy(rest.reshape(-1)))

    def directions(self, z: Tensor) -> Tensor:
        """(..., D) to (..., J-1, 3): bone directions before normalisation."""
        return self.bones(torch.tanh(self.hidden(z))).unflatten(-1, (-1, 3))

    def forward(self, z: Tensor) -> Tensor:
        """(..., D) motion representation to (..., J, 3) `joint_xyz` [m]."""
        return self.chain(self.directions(z))
