"""Streaming resampler for any two sample rates, at a cost that does not depend on their common divisors.

    input ─► low-pass, every D-th sample ─► low-pass at fractional steps ─► output
             (high rates only)

High rates are first divided by a whole number D, with a short filter, because the long filter at fractional steps costs
most; to whole steps (192 to 16 kHz) one filter suffices. Latency is why no library is used: python-soxr streams bit for
bit, too, but from 48 to 16 kHz it delays by 20 ms (LQ) to 76 ms (VHQ), this filter by 2 ms.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.polyphase_filter import PolyphaseFilter
from speech_gesture_ros.core.rates import SAMPLE_RATE

# Shares of the lower of the two Nyquist frequencies. Down to 16 kHz: flat to 7.2 kHz, stopped above 8.6 kHz, so that
# aliases lie above 7.4 kHz, beyond the bands that speech features use.
PASS_EDGE, STOP_EDGE = 0.9, 1.075
DIVIDED_SHARE = 2.75  # lowest rate after the division by D, in multiples of the output rate: 44 kHz for 16 kHz


class Resampler:
    """Mono samples at `input_rate` to `output_rate`, aligned: output k is the input at k / output_rate seconds.

    Attributes:
        input_rate: [Hz].
        output_rate: [Hz].
    """

    def __init__(self, input_rate: int, output_rate: int = SAMPLE_RATE) -> None:
        self.input_rate = input_rate
        self.output_rate = output_rate
        nyquist_hz = min(input_rate, output_rate) / 2
        pass_hz, stop_hz = PASS_EDGE * nyquist_hz, STOP_EDGE * nyquist_hz
        self._divisor = _divisor(input_rate, output_rate)
        divided_rate = input_rate / self._divisor
        self._filters: list[PolyphaseFilter] = []
        if self._divisor > 1:
            self._filters.append(PolyphaseFilter(1, self._divisor, pass_hz / input_rate,
                                                 (divided_rate - stop_hz) / input_rate))
        if input_rate != output_rate:
            self._filters.append(PolyphaseFilter(output_rate * self._divisor, input_rate, pass_hz / divided_rate,
                                                 stop_hz / divided_rate))
        self._received = 0

    @property
    def latency_s(self) -> float:
        """Longest delay of an output sample [s]: half of each kernel, and the sample that completes it."""
        if not self._filters:
            return 0.0
        first = self._filters[0].half if self._divisor > 1 else 0
        return (self._filters[-1].half * self._divisor + first + 1) / self.input_rate

    @property
    def table_size(self) -> int:
        """Number of kernel values in memory."""
        return sum(stage.table_size for stage in self._filters)

    def reset(self) -> None:
        """Return to the state of a new resampler."""
        self._received = 0
        for stage in self._filters:
            stage.reset()

    def push(self, samples: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """Feed consecutive finite samples (N,); return the outputs they complete."""
        self._received += len(samples)
        for stage in self._filters:
            samples = stage.push(samples)
        return samples.astype(np.float32)

    def flush(self) -> npt.NDArray[np.float32]:
        """Return the outputs before the end of the input, as if silence followed."""
        if not self._filters:
            return np.empty(0, dtype=np.float32)
        *first, last = self._filters
        parts = []
        for stage in first:
            parts.append(last.push(stage.flush(-(-self._received // self._divisor))))
        parts.append(last.flush(-(-self._received * self.output_rate // self.input_rate)))
        return np.concatenate(parts).astype(np.float32)


def resample(samples: npt.NDArray[np.floating], input_rate: int, output_rate: int) -> npt.NDArray[np.float32]:
    """Resample a whole recording (N,) of finite samples."""
    resampler = Resampler(input_rate, output_rate)
    return np.concatenate([resampler.push(samples), resampler.flush()])


def _divisor(input_rate: int, output_rate: int) -> int:
    """Return the whole number by which the rate is divided first; 1 for none."""
    if input_rate % output_rate == 0:
        return 1
    return max(1, int(input_rate / (DIVIDED_SHARE * output_rate)))
