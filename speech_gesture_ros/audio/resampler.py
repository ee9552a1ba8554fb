"""Streaming resampler: a polyphase low-pass filter for any two sample rates.

Output k lies at input position k * down / up. Its value is the input under a windowed sinc centred there::

    input    .  .  .  .  .  .  .  .  .  .  .       HALF_WIDTH_S each side
    kernel      '-._.-'''''^'''''-._.-'
    output                 k                       complete when the input reaches the kernel's right edge

The fractional part of the position has only `up` values, so the kernel is tabulated once for each: the phases. The same
products are summed in the same order for any chunks, so streaming equals offline bit for bit. Latency is why no library
is used: python-soxr streams bit for bit, too, but from 48 to 16 kHz it delays by 20 ms (LQ) to 76 ms (VHQ), this filter
by 2 ms.
"""

from __future__ import annotations

from math import gcd

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import SAMPLE_RATE

Array = npt.NDArray[np.float64]

ATTENUATION_DB = 80.0
# Shares of the lower of the two Nyquist frequencies. Down to 16 kHz: flat to 7.2 kHz, stopped above 8.6 kHz, so that
# aliases lie above 7.4 kHz, beyond the bands that speech features use.
PASS_EDGE, STOP_EDGE = 0.9, 1.075
_BLOCK_OUTPUTS = 4096  # computed at once


class Resampler:
    """Mono samples at `input_rate` to `output_rate`, aligned: output k is the input at k / output_rate seconds.

    Attributes:
        input_rate: [Hz].
        output_rate: [Hz].
    """

    def __init__(self, input_rate: int, output_rate: int = SAMPLE_RATE) -> None:
        self.input_rate = input_rate
        self.output_rate = output_rate
        divisor = gcd(input_rate, output_rate)
        self._up, self._down = output_rate // divisor, input_rate // divisor
        self._phases = kernel_phases(input_rate, output_rate)
        self._half = self._phases.shape[1] // 2
        self.reset()

    @property
    def latency_s(self) -> float:
        """Longest delay of an output sample [s]: half the kernel, and the sample that completes it."""
        return (self._half + 1) / self.input_rate if self._up != self._down else 0.0

    def reset(self) -> None:
        """Return to the state of a new resampler."""
        self._samples: Array = np.zeros(max(0, self._half - 1))  # the silence before the stream
        self._first = 1 - self._half  # input index of the first sample kept
        self._received = 0
        self._emitted = 0

    def push(self, samples: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """Feed consecutive finite samples (N,); return the outputs they complete."""
        if self._up == self._down:
            return samples.astype(np.float32)
        self._received += len(samples)
        self._samples = np.concatenate([self._samples, samples])
        # Output k needs input up to k * down // up + half.
        complete = -(-(self._received - self._half) * self._up // self._down)
        return self._take(complete)

    def flush(self) -> npt.NDArray[np.float32]:
        """Return the outputs before the end of the input, as if silence followed."""
        if self._up == self._down:
            return np.empty(0, dtype=np.float32)
        self._samples = np.concatenate([self._samples, np.zeros(self._half + 1)])
        return self._take(-(-self._received * self._up // self._down))

    def _take(self, stop: int) -> npt.NDArray[np.float32]:
        blocks = [np.empty(0, dtype=np.float32)]
        while self._emitted < stop:
            outputs = np.arange(self._emitted, min(stop, self._emitted + _BLOCK_OUTPUTS))
            blocks.append(self._filter(outputs).astype(np.float32))
            self._emitted += len(outputs)
        self._drop_used()
        return np.concatenate(blocks)

    def _filter(self, outputs: npt.NDArray[np.int64]) -> Array:
        positions = outputs * self._down
        begins = positions // self._up - self._half + 1 - self._first
        windows = np.lib.stride_tricks.sliding_window_view(self._samples, 2 * self._half)
        if self._up == 1:  # whole steps: the windows are a view, there is one phase
            under, kernels = windows[begins[0]:begins[-1] + 1:self._down], self._phases[:1]
        else:
            under, kernels = windows[begins], self._phases[positions % self._up]
        # Row by row, so that rounding does not depend on the number of rows.
        return np.asarray((under[:, None, :] @ kernels[:, :, None])[:, 0, 0])

    def _drop_used(self) -> None:
        needed = self._emitted * self._down // self._up - self._half + 1
        drop = min(needed - self._first, len(self._samples))
        if drop > 0:
            self._samples = self._samples[drop:]
            self._first += drop


def resample(samples: npt.NDArray[np.floating], input_rate: int, output_rate: int) -> npt.NDArray[np.float32]:
    """Resample a whole recording (N,) of finite samples."""
    resampler = Resampler(input_rate, output_rate)
    return np.concatenate([resampler.push(samples), resampler.flush()])


def kernel_phases(input_rate: int, output_rate: int) -> Array:
    """Tabulate the Kaiser-windowed sinc, (up, 2 * half): row p for outputs p / up of a sample past an input sample.

    Column j multiplies the input ``j - half + 1`` samples after that one. Each row sums to 1, so that a constant stays
    constant. Length from Kaiser's formula (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.6).
    """
    up = output_rate // gcd(input_rate, output_rate)
    nyquist_hz = min(input_rate, output_rate) / 2
    width = (STOP_EDGE - PASS_EDGE) * nyquist_hz / input_rate  # [cycles per input sample]
    half = int(np.ceil((ATTENUATION_DB - 7.95) / (2.285 * 2 * np.pi * width) / 2))
    beta = 0.1102 * (ATTENUATION_DB - 8.7)
    cutoff = (PASS_EDGE + STOP_EDGE) * nyquist_hz / input_rate  # of the input's Nyquist frequency, as sinc counts
    distance = np.arange(1 - half, half + 1) - np.arange(up)[:, None] / up
    window = np.i0(beta * np.sqrt(np.maximum(0.0, 1 - (distance / half) ** 2))) / np.i0(beta)
    kernel = np.sinc(cutoff * distance) * window
    return np.asarray(kernel / kernel.sum(axis=1, keepdims=True))
