"""Levels of a whole sound: the full scale of float samples, and channels that cancel in their mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.mixdown import MEAN, frame_energies, is_cancelled, loudest
from speech_gesture_ros.core.errors import InputError

FAR_BEYOND = 8.0  # 18 dB above full scale: more than any mix exceeds it by
FAR_SHARE = 0.01  # of the samples beyond, above which they are not in [-1, 1]
FULL_SCALES = {2.0**7: "8-bit", 2.0**15: "16-bit", 2.0**23: "24-bit", 2.0**31: "32-bit"}  # of integers stored as floats
BEYOND_SHARE = 1e-3  # of the samples beyond a full scale that is accepted


@dataclass(frozen=True)
class SoundLevels:
    """Conversion of samples to mono in [-1, 1].

    Attributes:
        full_scale: Divisor of the samples.
        choice: Channel that is used, or `MEAN`.
        notes: Reasons for other values than 1 and `MEAN`.
    """

    full_scale: float = 1.0
    choice: int = MEAN
    notes: tuple[str, ...] = ()


def measure_levels(blocks: Iterable[npt.NDArray[np.float32]], name: str) -> SoundLevels:
    """Determine the levels of a sound from its blocks (T, C) of finite samples.

    Args:
        blocks: The sound.
        name: The file, for messages.

    Raises:
        InputError: If the samples are far beyond the range of 32-bit integers.
    """
    thresholds = np.array([FAR_BEYOND, *FULL_SCALES])
    beyond, count, energies, mean_energy = np.zeros(len(thresholds)), 0, np.zeros(1), 0.0
    for block in blocks:
        sizes = np.abs(block)
        count += int(np.count_nonzero(sizes))
        beyond += [np.count_nonzero(sizes > threshold) for threshold in thresholds]
        more, more_mean = frame_energies(block)
        energies, mean_energy = energies + more, mean_energy + more_mean
    notes, full_scale, choice = [], 1.0, MEAN
    if beyond[0] > FAR_SHARE * count:
        full_scale, text = _full_scale(beyond[1:] / count, name)
        notes.append(f"float samples in the range of {text} integers were divided by {full_scale:.0f}")
    if len(energies) > 1 and is_cancelled(energies, mean_energy):
        choice = loudest(energies)
        notes.append(f"the mean of {len(energies)} channels cancels: channel {choice + 1}, the loudest, is used")
    return SoundLevels(full_scale, choice, tuple(notes))


def _full_scale(shares_beyond: npt.NDArray[np.float64], name: str) -> tuple[float, str]:
    for (full_scale, text), share in zip(FULL_SCALES.items(), shares_beyond):
        if share <= BEYOND_SHARE:
            return full_scale, text
    raise InputError(f"samples of {name}", f"{shares_beyond[-1]:.0%} beyond 2^31", "in [-1, 1]",
                     "Divide them by their full scale.")
