"""Streaming low-pass filter with a rational step: output k lies at input position k * down / up.

Its value is the input under a windowed sinc centred there::

    input    .  .  .  .  .  .  .  .  .  .  .
    kernel      '-._.-'''''^'''''-._.-'
    output                 k                       complete when the input reaches the kernel's right edge

The fractional part of the position has only `up` values. The kernel is tabulated for each of them, the phases, if
there are at most `MAX_PHASES`; rates with few common divisors have more (191 999 to 16 000 Hz: 16 000). For these the
table has as many phases as keep its size, and between two of them the kernel is their linear interpolation (Smith and
Gossett 1984).
"""

from __future__ import annotations

from math import gcd

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

ATTENUATION_DB = 80.0
MAX_PHASES = 640  # of an exact table; 11 025 to 16 000 Hz has 640, all other usual rates have less
PHASES_PER_ZERO_CROSSING = 512  # of an interpolated table: its error is below -100 dB
_BLOCK_OUTPUTS, _BLOCK_PRODUCTS = 4096, 2**20  # most outputs, and products of sample and kernel, computed at once


class PolyphaseFilter:
    """Mono samples to outputs at `up` / `down` of their rate.

    The same products are summed in the same order for any chunks, so streaming equals offline bit for bit. Positions
    are computed from indices in whole numbers, so there is no drift.

    Args:
        up: Outputs for each `down` inputs.
        down: See `up`.
        pass_edge: End of the pass band [share of the input rate].
        stop_edge: Begin of the stop band [share of the input rate].

    Attributes:
        half: Inputs that an output needs after the one before its position.
        emitted: Number of outputs returned since the last reset.
    """

    def __init__(self, up: int, down: int, pass_edge: float, stop_edge: float) -> None:
        divisor = gcd(up, down)
        self._up, self._down = up // divisor, down // divisor
        self._phases = kernel_phases(self._up, pass_edge, stop_edge)
        # Differences of neighbouring phases, if the kernel is interpolated.
        self._slopes = np.diff(self._phases, axis=0) if len(self._phases) != self._up else None
        self.half = int(self._phases.shape[1] // 2)
        self._block = max(1, min(_BLOCK_OUTPUTS, _BLOCK_PRODUCTS // self._phases.shape[1]))
        self.reset()

    @property
    def table_size(self) -> int:
        """Number of kernel values in memory."""
        return self._phases.size

    def reset(self) -> None:
        """Return to the state of a new filter."""
        self._samples: Array = np.zeros(self.half - 1)  # the silence before the stream
        self._first = 1 - self.half  # input index of the first sample kept
        self._received = 0
        self.emitted = 0

    def push(self, samples: npt.NDArray[np.floating]) -> Array:
        """Feed consecutive finite samples (N,); return the outputs they complete."""
        self._received += len(samples)
        self._samples = np.concatenate([self._samples, samples])
        # Output k needs input up to k * down // up + half.
        return self._take(-(-(self._received - self.half) * self._up // self._down))

    def flush(self, stop: int) -> Array:
        """Return the outputs up to number `stop`, which lie before the end of the input, as if silence followed."""
        self._samples = np.concatenate([self._samples, np.zeros(self.half + 1)])
        return self._take(stop)

    def _take(self, stop: int) -> Array:
        blocks = [np.empty(0)]
        while self.emitted < stop:
            outputs = np.arange(self.emitted, min(stop, self.emitted + self._block))
            blocks.append(self._filter(outputs))
            self.emitted += len(outputs)
        self._drop_used()
        return np.concatenate(blocks)

    def _filter(self, outputs: npt.NDArray[np.int64]) -> Array:
        positions = outputs * self._down
        begins = positions // self._up - self.half + 1 - self._first
        windows = np.lib.stride_tricks.sliding_window_view(self._samples, 2 * self.half)
        if self._up == 1:  # whole steps: the windows are a view, there is one phase
            return _products(windows[begins[0]:begins[-1] + 1:self._down], self._phases[:1])
        under, fractions = windows[begins], positions % self._up
        if self._slopes is None:
            return _products(under, self._phases[fractions])
        rows, shares = np.divmod(fractions * len(self._slopes), self._up)
        return _products(under, self._phases[rows]) + shares / self._up * _products(under, self._slopes[rows])

    def _drop_used(self) -> None:
        needed = self.emitted * self._down // self._up - self.half + 1
        drop = min(needed - self._first, len(self._samples))
        if drop > 0:
            self._samples = self._samples[drop:]
            self._first += drop


def kernel_phases(up: int, pass_edge: float, stop_edge: float) -> Array:
    """Tabulate the Kaiser-windowed sinc, (P, 2 * half): row p for outputs p / N of a sample past an input sample.

    Column j multiplies the input ``j - half + 1`` samples after that one. N = P = `up` up to `MAX_PHASES`; above,
    N = P - 1, so that every position has a row before and after it. Each row sums to 1, so that a constant stays
    constant. Length from Kaiser's formula (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.6).
    """
    half = int(np.ceil((ATTENUATION_DB - 7.95) / (2.285 * 2 * np.pi * (stop_edge - pass_edge)) / 2))
    beta = 0.1102 * (ATTENUATION_DB - 8.7)
    cutoff = pass_edge + stop_edge  # of the input's Nyquist frequency, as sinc counts
    if up <= MAX_PHASES:
        fractions = np.arange(up) / up
    else:
        fractions = np.linspace(0.0, 1.0, 1 + int(np.ceil(PHASES_PER_ZERO_CROSSING * cutoff)))
    distance = np.arange(1 - half, half + 1) - fractions[:, None]
    window = np.i0(beta * np.sqrt(np.maximum(0.0, 1 - (distance / half) ** 2))) / np.i0(beta)
    kernel = np.sinc(cutoff * distance) * window
    return np.asarray(kernel / kernel.sum(axis=1, keepdims=True))


def _products(under: Array, kernels: Array) -> Array:
    """Return the inner product of each row; row by row, so that rounding does not depend on the number of rows."""
    return np.asarray((under[:, None, :] @ kernels[:, :, None])[:, 0, 0])
