"""Channels to mono: their mean, or the loudest channel where the mean cancels.

Channels of opposite polarity, x and -x, have a mean of zero. The mean counts as cancelled if its energy is below
`CANCELLED` of that of independent channels with the same energies, sum(energies) / C². Two channels of the same sound
have a share of 2, independent ones 1, opposite ones 0.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

CANCELLED, RESTORED = 0.25, 0.5  # shares below which the loudest channel is chosen, and above which the mean is
LOUDER = 2.0  # energy of another channel, in multiples of the chosen one's, at which it is chosen instead
ABOUT_AS_LOUD = 0.9  # share of the largest energy
HOP_S = 0.02  # between two decisions [s]
MEMORY = 0.96  # of the energies from hop to hop: half a second
MEAN = -1  # choice of the mean instead of a channel


class Mixdown:
    """Frames (T, C) of a live stream to samples (T,).

    Each hop of 20 ms is mixed as the energies before it demand, so that any chunks give the same samples; a change is
    faded over the hop.

    Attributes:
        cancelled_frames: Frames for which the loudest channel was chosen.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._hop = max(1, round(HOP_S * sample_rate))
        self._energies, self._mean_energy = np.zeros(channels), 0.0
        self._frames = np.zeros((0, channels), dtype=np.float32)  # of the hop so far
        self._before = self._choice = MEAN
        self.cancelled_frames = 0

    def push(self, frames: npt.NDArray[np.float32]) -> npt.NDArray[np.floating]:
        """Mix consecutive finite frames (T, C)."""
        if frames.shape[1] == 1:
            return frames[:, 0]
        parts = [np.empty(0)]
        while len(frames):
            begin = len(self._frames)
            piece, frames = frames[:self._hop - begin], frames[self._hop - begin:]
            parts.append(self._mixed(piece, begin))
            self._frames = np.concatenate([self._frames, piece])
            if len(self._frames) == self._hop:
                self._decide()
        return np.concatenate(parts)

    def _mixed(self, frames: npt.NDArray[np.float32], begin: int) -> Array:
        self.cancelled_frames += len(frames) if self._choice != MEAN else 0
        if self._before == self._choice:
            return _chosen(frames, self._choice)
        share = np.arange(begin + 1, begin + 1 + len(frames)) / self._hop
        return (1.0 - share) * _chosen(frames, self._before) + share * _chosen(frames, self._choice)

    def _decide(self) -> None:
        energies, mean_energy = frame_energies(self._frames)
        self._energies = MEMORY * self._energies + energies
        self._mean_energy = MEMORY * self._mean_energy + mean_energy
        self._frames = self._frames[:0]
        self._before = self._choice
        if not is_cancelled(self._energies, self._mean_energy, CANCELLED if self._choice == MEAN else RESTORED):
            self._choice = MEAN
        elif self._choice == MEAN or self._energies.max() > LOUDER * self._energies[self._choice]:
            self._choice = loudest(self._energies)


def frame_energies(frames: npt.NDArray[np.float32]) -> tuple[Array, float]:
    """Return the energy (C,) of each channel of frames (T, C), and that of their mean."""
    exact = frames.astype(np.float64)
    return np.square(exact).sum(axis=0), float(np.square(exact.mean(axis=1)).sum())


def is_cancelled(energies: Array, mean_energy: float, share: float = CANCELLED) -> bool:
    """Return whether the mean of channels with these energies (C,) has lost the sound."""
    return mean_energy < share * float(energies.sum()) / len(energies) ** 2


def loudest(energies: Array) -> int:
    """Return the first channel of those about as loud as the loudest."""
    return int(np.argmax(energies >= ABOUT_AS_LOUD * energies.max()))


def _chosen(frames: npt.NDArray[np.float32], choice: int) -> Array:
    return np.asarray(frames.mean(axis=1, dtype=np.float64) if choice == MEAN else frames[:, choice], dtype=np.float64)
