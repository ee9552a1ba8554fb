"""Listener: a face network in training, applied to recorded speech, for labels of it.

It takes 80 ms of what comes after, the longest look-ahead, and states the phones too, by which a known text is found in
the sound.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from speech_gesture_ros.core.face_channels import VISEME_COLUMNS
from speech_gesture_ros.networks.face.network_config import LOOK_AHEADS
from speech_gesture_ros.networks.face.torch_network import FaceNetwork
from speech_gesture_ros.training.face.tracks import PHONES, FaceTrack

PRIOR_SHARE = 0.5  # of a phone's frequency that counts against it in an alignment
LOWEST_PRIOR = 1e-3


class Listener:
    """A trained network.

    Args:
        network: The network, with its phones.
        tracks: Tracks that it was trained on, for the frequencies of the phones.
    """

    def __init__(self, network: FaceNetwork, tracks: Sequence[FaceTrack]) -> None:
        known = np.concatenate([track.phones for track in tracks])
        counts = np.bincount(known[known >= 0], minlength=len(PHONES))
        self._network = network.eval()
        self._prior = PRIOR_SHARE * np.log(np.maximum(counts / max(counts.sum(), 1), LOWEST_PRIOR))

    def listen(self, frames: npt.NDArray[np.floating]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
        """Return the labels of a recording.

        Args:
            frames: (T, 2 F) features of its frames.

        Returns:
            (T, 25) visemes and articulators, and (T, P) logarithm of the evidence of each phone.
        """
        late = max(LOOK_AHEADS)
        rows = torch.from_numpy(np.concatenate([frames, np.repeat(frames[-1:], late, axis=0)]).astype(np.float32))
        with torch.no_grad():
            outputs, phones = self._network(rows[None], torch.tensor([LOOK_AHEADS.index(late)]))
        outputs, phones = outputs[0, late:], phones[0, late:]
        made = torch.sigmoid(outputs)
        made[:, VISEME_COLUMNS] = torch.softmax(outputs[:, VISEME_COLUMNS], dim=1)
        return made.numpy(), torch.log_softmax(phones, dim=1).double().numpy() - self._prior
