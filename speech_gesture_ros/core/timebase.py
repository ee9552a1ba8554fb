"""Conversion between indices and times; no other module does it.

A stream counts samples; ROS time counts nanoseconds. `StreamClock` relates them by one anchor, the ROS time of index 0.
Afterwards the anchor follows the drift between the clocks of sound card and computer, so slowly that the stamps of
frozen knots move by no more than `MAX_SLEW` of the time that passes.
"""

from __future__ import annotations

from dataclasses import dataclass

NS = 1_000_000_000  # nanoseconds in a second
MAX_SLEW = 200e-6  # share of elapsed time by which the anchor may move: more than sound cards drift, too little to see


def index_to_ns(index: int, rate_hz: int) -> int:
    """Return the stream time of a grid index [ns], exact for any length of stream."""
    return index * NS // rate_hz


def ns_to_index(time_ns: int, rate_hz: int) -> int:
    """Return the last grid index not later than a stream time [ns]."""
    return time_ns * rate_hz // NS


@dataclass
class StreamClock:
    """Relation of stream time to ROS time.

    Attributes:
        rate_hz: Rate of the indices given to `observe` [Hz].
    """

    rate_hz: int
    _anchor_ns: int | None = None
    _last_observed_ns: int = 0

    @property
    def is_anchored(self) -> bool:
        """True once `observe` was called since the last reset."""
        return self._anchor_ns is not None

    def observe(self, stop_index: int, now_ns: int) -> int:
        """Record that input up to `stop_index` had arrived at ROS time `now_ns`; return the remaining offset [ns].

        The first call sets the anchor. Later calls move it towards the observation, by at most `MAX_SLEW` of the time
        since the last call.
        """
        observed_ns = now_ns - index_to_ns(stop_index, self.rate_hz)
        if self._anchor_ns is None:
            self._anchor_ns = observed_ns
        else:
            room = int(MAX_SLEW * max(0, now_ns - self._last_observed_ns))
            self._anchor_ns += max(-room, min(room, observed_ns - self._anchor_ns))
        self._last_observed_ns = now_ns
        return observed_ns - self._anchor_ns

    def to_ns(self, index: int, rate_hz: int) -> int:
        """Return the ROS time of a grid index [ns].

        Raises:
            RuntimeError: If `observe` was not called yet.
        """
        if self._anchor_ns is None:
            raise RuntimeError("StreamClock has no anchor: call observe() when the first input arrives")
        return self._anchor_ns + index_to_ns(index, rate_hz)

    def to_index(self, stamp_ns: int, rate_hz: int) -> int:
        """Return the last grid index not later than a ROS time [ns].

        Raises:
            RuntimeError: If `observe` was not called yet.
        """
        if self._anchor_ns is None:
            raise RuntimeError("StreamClock has no anchor: call observe() when the first input arrives")
        return ns_to_index(stamp_ns - self._anchor_ns, rate_hz)

    def reset(self) -> None:
        """Forget the anchor."""
        self._anchor_ns = None
        self._last_observed_ns = 0
