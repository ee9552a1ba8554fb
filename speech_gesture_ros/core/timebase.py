"""The only place where an index becomes a time.

A stream counts samples; a robot counts nanoseconds of the ROS clock. `StreamClock` ties the two together at one
anchor and afterwards corrects slowly for the drift between a sound card's clock and the computer's, so that knots
already promised never move by more than `MAX_SLEW` of the time that passes.
"""

from __future__ import annotations

from dataclasses import dataclass

NS = 1_000_000_000
MAX_SLEW = 200e-6  # share of elapsed time by which the anchor may move: more than sound cards drift, less than shows


def index_to_ns(index: int, rate_hz: int) -> int:
    """Time of a grid index since the start of its stream [ns], exact for any length of stream."""
    return index * NS // rate_hz


def ns_to_index(time_ns: int, rate_hz: int) -> int:
    """Last grid index not later than a time since the start of the stream."""
    return time_ns * rate_hz // NS


@dataclass
class StreamClock:
    """Maps stream time to the ROS clock.

    Attributes:
        rate_hz: Rate of the indices given to `observe` [Hz].
    """

    rate_hz: int
    _anchor_ns: int | None = None
    _last_observed_ns: int = 0

    @property
    def is_anchored(self) -> bool:
        """Whether any observation was made since the last reset."""
        return self._anchor_ns is not None

    def observe(self, stop_index: int, now_ns: int) -> int:
        """Tell that input up to `stop_index` had arrived at `now_ns`; returns the remaining offset [ns].

        The first call anchors the stream. Later ones slew the anchor towards the observation by at most `MAX_SLEW`
        of the time passed since the last one.
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
        """ROS time of a grid index [ns].

        Raises:
            RuntimeError: If nothing was observed yet.
        """
        if self._anchor_ns is None:
            raise RuntimeError("StreamClock has no anchor: call observe() when the first input arrives")
        return self._anchor_ns + index_to_ns(index, rate_hz)

    def to_index(self, stamp_ns: int, rate_hz: int) -> int:
        """Last grid index not later than a ROS time."""
        if self._anchor_ns is None:
            raise RuntimeError("StreamClock has no anchor: call observe() when the first input arrives")
        return ns_to_index(stamp_ns - self._anchor_ns, rate_hz)

    def reset(self) -> None:
        """Forget the anchor."""
        self._anchor_ns = None
        self._last_observed_ns = 0
