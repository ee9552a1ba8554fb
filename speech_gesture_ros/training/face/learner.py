"""Lightning module of the face network.

    loss = cross-entropy of the visemes (shares as targets)
         + cross-entropy of contacts (lips, lip and teeth, teeth), squared error of the other articulators
         + VELOCITY_WEIGHT x squared error of the change from frame to frame
         + PHONE_WEIGHT x cross-entropy of the phones, in training only

A missed contact is seen at once: frames of a closing of the lips or of lip and teeth count `CONTACT_WEIGHT` times.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from speech_gesture_ros.core.face_channels import ARTICULATOR_INDEX, ARTICULATORS, VISEME_COLUMNS
from speech_gesture_ros.networks.face.network_config import LOOK_AHEADS
from speech_gesture_ros.networks.face.torch_network import FaceNetwork
from speech_gesture_ros.training.engine.averaged_learner import AveragedLearner
from speech_gesture_ros.training.face.batches import FaceBatch
from speech_gesture_ros.training.face.run_config import FaceRunConfig

CONTACT_WEIGHT, VELOCITY_WEIGHT, ARTICULATOR_WEIGHT, PHONE_WEIGHT = 3.0, 5.0, 8.0, 1.0
CONTACTS = [ARTICULATOR_INDEX[name] for name in ("close", "labiodental", "sibilant")]
OTHERS = [i for i in range(len(ARTICULATORS)) if i not in CONTACTS]
WARM_UP_FRAMES = 10  # at the beginning of a sequence, cut from speech, which do not count


class FaceLearner(AveragedLearner):
    """The face network in training. Batches are `FaceBatch`.

    Args:
        network: Network to train.
        config: Run configuration.
    """

    def __init__(self, network: FaceNetwork, config: FaceRunConfig) -> None:
        super().__init__(network, config, config.steps, config.learning_rate)
        network.dropout.p = config.dropout
        self._batch_size = config.batch

    def training_step(self, batch: Any) -> Tensor:
        """Return the loss of one batch, and log it."""
        loss = face_loss(self.network, batch)
        self.log("loss", loss.detach(), prog_bar=True, batch_size=self._batch_size)
        return loss


def face_loss(network: FaceNetwork, batch: FaceBatch) -> Tensor:
    """Return the loss of one batch."""
    outputs, phones = network(batch.frames, batch.look_ahead)
    late = torch.tensor(LOOK_AHEADS, device=outputs.device)[batch.look_ahead]
    count = outputs.shape[1] - max(LOOK_AHEADS)
    steps = torch.arange(WARM_UP_FRAMES, count, device=outputs.device)
    rows = torch.arange(len(outputs), device=outputs.device)[:, None]
    outputs, phones = (x[rows, steps + late[:, None]] for x in (outputs, phones))
    targets, known_phones = batch.targets[:, steps], batch.phones[:, steps]
    weights = batch.weights[:, None]

    visemes = VISEME_COLUMNS
    viseme_loss = functional.cross_entropy(outputs[..., visemes].transpose(1, 2), targets[..., visemes].transpose(1, 2),
                                           reduction="none") * weights[..., 0]
    logits, wanted = outputs[..., visemes.stop:], targets[..., visemes.stop:]
    known = weights[..., visemes.stop:]
    contact = functional.binary_cross_entropy_with_logits(logits[..., CONTACTS], wanted[..., CONTACTS],
                                                          reduction="none")
    contact = contact * (1.0 + (CONTACT_WEIGHT - 1.0) * wanted[..., CONTACTS]) * known[..., CONTACTS]
    made = torch.sigmoid(logits)
    error = (made - wanted).square() * known
    velocity = (made.diff(dim=1) - wanted.diff(dim=1)).square() * known
    phone_loss = functional.cross_entropy(phones.flatten(0, 1), known_phones.flatten(), ignore_index=-1,
                                          label_smoothing=0.05, reduction="sum")
    phone_loss = phone_loss / (known_phones >= 0).sum().clamp(min=1)
    return (viseme_loss.mean() + contact.mean() + ARTICULATOR_WEIGHT * error[..., OTHERS].mean()
            + VELOCITY_WEIGHT * velocity.sum(dim=-1).mean() + PHONE_WEIGHT * phone_loss)
