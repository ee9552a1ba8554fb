"""Lightning modules of Speech2Face: first the faces, then the voices, with the faces frozen.

    faces    recogniser: cross-entropy of the people; decoder: |axes - axes of the face| + |picture - that of the face|
    voices   |first(voice) - first(face)| + direction |voice / |voice| - face / |face||^2
             + distillation of the recogniser's last layer at a temperature (Hinton et al., 2015)

first() is the first layer of the decoder; voice and face are the features of both. Oh et al., CVPR 2019, section 3.
"""

from __future__ import annotations

from typing import Any

import pytorch_lightning as lightning
import torch
from torch import Tensor
from torch.nn import functional

from speech_gesture_ros.networks.speech2face.network import FaceDecoder, FaceRecogniser, VoiceEncoder
from speech_gesture_ros.training.speech2face.run_config import Speech2FaceRunConfig

BETAS, DECAY = (0.5, 0.999), 0.95
FACE_NOISE = 0.05  # added to what describes a face in training, in standard deviations


class FaceFeatureLearner(lightning.LightningModule):
    """Recogniser and decoder in training. Batches: faces (B, N), axes (B, K), pictures (B, 3, 64, 64), people (B,).

    Args:
        config: Run configuration.
        num_inputs: Length of what describes a face.
        num_axes: Axes of the identity.
        has_pictures: True if the data have pictures.
        num_people: People of the training.
    """

    def __init__(self, config: Speech2FaceRunConfig, num_inputs: int, num_axes: int, has_pictures: bool,
                 num_people: int) -> None:
        super().__init__()
        self.config = config
        self.recogniser = FaceRecogniser(config.network, num_inputs, num_people)
        self.decoder = FaceDecoder(config.network, num_axes, has_pictures)

    def training_step(self, batch: Any) -> Tensor:
        """Return the loss of one batch."""
        faces, axes, pictures, people = batch
        feature = self.recogniser(faces + FACE_NOISE * torch.randn_like(faces))
        loss = functional.cross_entropy(self.recogniser.people(feature), people)
        made_axes, made_pictures = self.decoder(feature)
        if made_axes is not None:
            loss = loss + (made_axes - axes).abs().mean()
        if made_pictures is not None:
            loss = loss + 10.0 * (made_pictures - pictures).abs().mean()
        self.log("faces/loss", loss.detach(), prog_bar=True)
        return loss

    def configure_optimizers(self) -> Any:
        """Return Adam."""
        return torch.optim.Adam(self.parameters(), lr=self.config.learning_rate, betas=BETAS)


class VoiceLearner(lightning.LightningModule):
    """Voice encoder in training. Batches: spectrograms (B, 2, T, 257), faces (B, N).

    Args:
        config: Run configuration.
        faces: Trained recogniser and decoder; they are frozen.
    """

    def __init__(self, config: Speech2FaceRunConfig, faces: FaceFeatureLearner) -> None:
        super().__init__()
        self.config = config
        self.encoder = VoiceEncoder(config.network)
        self.recogniser = faces.recogniser.requires_grad_(False)
        self.decoder = faces.decoder.requires_grad_(False)

    def training_step(self, batch: Any) -> Tensor:
        """Return the loss of one batch."""
        spectrogram, faces = batch
        loss = self.loss(self.encoder(spectrogram), self.recogniser(faces))
        self.log("voices/loss", loss.detach(), prog_bar=True)
        return loss

    def loss(self, voice: Tensor, face: Tensor) -> Tensor:
        """Return the loss of features (B, F) of voices, for those of faces."""
        config = self.config
        first = (self.decoder.first(voice) - self.decoder.first(face)).abs().mean()
        direction = (functional.normalize(voice, dim=1) - functional.normalize(face, dim=1)).square().sum(dim=1).mean()
        distilled = distillation(self.recogniser.people(face), self.recogniser.people(voice), config.temperature)
        return (config.first_layer_weight * first + config.direction_weight * direction
                + config.distillation_weight * distilled)

    def configure_optimizers(self) -> Any:
        """Return Adam with a learning rate that falls by steps."""
        optimizer = torch.optim.Adam(self.encoder.parameters(), lr=self.config.learning_rate, betas=BETAS)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, self.config.decay_steps, DECAY)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def distillation(teacher: Tensor, student: Tensor, temperature: float) -> Tensor:
    """Return the mean cross-entropy of the student's (B, C) logits for the teacher's, both softened."""
    wanted = functional.softmax(teacher / temperature, dim=1)
    return -(wanted * functional.log_softmax(student / temperature, dim=1)).sum(dim=1).mean()
