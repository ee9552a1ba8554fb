"""Recovery from stalls: a stream that a stall of its source made late is in time again after pauses of the voice.

    source stands still for 0.8 s    ►  0.8 s of silence instead (`live_audio`)
    all of its messages come at once ►  the stream is 0.8 s late from now on
    messages in a pause of the voice ►  left out until it is in time

A source that sends ahead of its time on purpose, such as a synthesiser, looks similar: it is distinguished by the lag,
which after a stall equals the silence put into the gap.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS

Samples = npt.NDArray[np.floating]

PERIOD_S = 1.0  # in which the lag must be steady
STEADY_S = 0.1  # most change of the lag in a period, and difference from the gap
MIN_LAG_S = 0.1
GAP_PERIODS = 3  # steady periods in which the sound of a gap may still come
QUIET_SHARE, QUIET_RMS = 0.1, 1e-3  # a message is quiet below this share of the loudest ones, or this level
LOUD_HALF_LIFE_S = 10.0
PAUSE_S = 0.2  # the voice has paused after so much quiet sound


class StallRecovery:
    """Lag of one stream, and the level of its messages.

    Attributes:
        lag: Samples by which a stall has made the stream late.
    """

    def __init__(self) -> None:
        self.lag = 0
        self._gap, self._gap_periods = 0, 0  # samples of silence in recent gaps; steady periods since
        self._begin_ns, self._lowest_ns, self._highest_ns = 0, 0, 0  # of the period, and of the offset in it
        self._loud = 0.0
        self._quiet = 0  # samples since the voice paused

    def pad(self, count: int) -> None:
        """Take note of samples of silence that fill a gap."""
        self._gap += count
        self._gap_periods = 0

    def observe(self, ahead_ns: int, now_ns: int) -> None:
        """Take how far ahead of the clock the samples received so far reach [ns], at each live message."""
        self._lowest_ns, self._highest_ns = min(self._lowest_ns, ahead_ns), max(self._highest_ns, ahead_ns)
        if now_ns - self._begin_ns >= PERIOD_S * NS:
            if self._begin_ns and self._highest_ns - self._lowest_ns < STEADY_S * NS:
                self._settle(self._lowest_ns * SAMPLE_RATE // NS)
            self._begin_ns, self._lowest_ns, self._highest_ns = now_ns, ahead_ns, ahead_ns

    def leaves_out(self, samples: Samples) -> bool:
        """Return whether a message is to be left out: the stream is late by more, and the voice pauses."""
        if not len(samples):
            return False
        rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
        self._loud = max(rms, self._loud * 0.5 ** (len(samples) / (LOUD_HALF_LIFE_S * SAMPLE_RATE)))
        is_quiet = rms < max(QUIET_RMS, QUIET_SHARE * self._loud)
        is_pause = is_quiet and self._quiet >= PAUSE_S * SAMPLE_RATE
        self._quiet = self._quiet + len(samples) if is_quiet else 0
        if not is_pause or self.lag < len(samples):
            return False
        self.lag -= len(samples)
        return True

    def _settle(self, lag: int) -> None:
        """Take a steady lag: the one before and the gaps since, or another one that has another cause."""
        is_stall = abs(lag - self.lag - self._gap) < STEADY_S * SAMPLE_RATE and lag > MIN_LAG_S * SAMPLE_RATE
        self.lag = lag if is_stall else max(0, min(self.lag, lag))
        self._gap_periods += 1
        if is_stall or self._gap_periods > GAP_PERIODS:
            self._gap = 0
