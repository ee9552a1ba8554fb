"""Gesture requests on the ROS clock: kept until a stream runs, planned on it, and followed until they are done.

    text ──► valid? ──► waiting ──(a stream runs)──► planned ──(its first frame is due)──► started ──► done
                └─► rejected   └─► rejected: no audio, too late, its part of the body is taken

A request names ROS time of the audio; it is performed `latency` later, together with the delayed voice. When a stream
ends before a planned gesture has started, the request waits for the next stream.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.pose.gesture_library import load_gestures
from speech_gesture_ros.pose.gesture_requests import GestureRequest, InvalidRequest, parse_requests
from speech_gesture_ros.pose.requested_gestures import MAX_LATE_S, GestureTiming

AUDIO_TIMEOUT_S = 5.0  # how long a request without a time waits for audio
MAX_AHEAD_S = 600.0  # a time further from now belongs to another clock
MAX_WAITING_REQUESTS = 200
PLANNED_AT_ONCE = 10  # requests planned in one hop: a few milliseconds


@dataclass(frozen=True)
class RequestStatus:
    """Status of a gesture request.

    Attributes:
        id: Name of the request.
        gesture: Name of the gesture.
        status: "waiting", "accepted", "started", "done" or "rejected".
        at: ROS time in the audio at which its stroke lies [s]; None if it is not planned.
        performed_at: ROS time at which the robot makes the stroke [s].
        reason: Reason for the status, or a remark.
    """

    id: str
    gesture: str
    status: str
    at: float | None = None
    performed_at: float | None = None
    reason: str = ""


@dataclass
class _Waiting:
    request: GestureRequest
    arrival_ns: int


@dataclass
class _Planned:
    waiting: _Waiting
    timing: GestureTiming
    has_started: bool = False


class GestureRequestQueue:
    """All gesture requests of an agent; used by one thread.

    Args:
        plan: Plans a request on the running stream, with its stroke at a pose frame (None: as soon as possible).

    Attributes:
        counts: Number of requests that had each status.
    """

    def __init__(self, plan: Callable[[GestureRequest, float | None], GestureTiming]) -> None:
        self._plan = plan
        self._gestures = load_gestures()  # now: reading them later would cost real time
        self._numbers = itertools.count(1)
        self._waiting: list[_Waiting] = []
        self._planned: list[_Planned] = []
        self._statuses: list[RequestStatus] = []
        self.counts: Counter[str] = Counter()

    def take(self, text: str, now_ns: int, is_running: bool) -> None:
        """Read requests that arrived now [ns]; `is_running` states whether there is a stream."""
        for parsed in parse_requests(text, self._gestures):
            label = parsed.id or str(next(self._numbers))
            if isinstance(parsed, InvalidRequest):
                self._report(RequestStatus(label, parsed.gesture, "rejected", reason=parsed.reason))
                continue
            at = parsed.at if parsed.delay is None else now_ns / NS + parsed.delay
            request = replace(parsed, id=label, at=at, delay=None)
            fault = self._fault(request, now_ns)
            if fault:
                self._report(RequestStatus(label, request.gesture, "rejected", at, reason=fault))
                continue
            self._waiting.append(_Waiting(request, now_ns))
            if not is_running:
                self._report(RequestStatus(label, request.gesture, "waiting", at, reason="no audio yet"))

    def plan_waiting(self, begin_ns: int, latency_ns: int) -> None:
        """Plan waiting requests, a few at a time, on the stream whose first sample is at `begin_ns`."""
        waiting, self._waiting = self._waiting[:PLANNED_AT_ONCE], self._waiting[PLANNED_AT_ONCE:]
        for item in waiting:
            request = item.request
            stroke = None if request.at is None else (round(request.at * NS) - begin_ns) / NS * POSE_RATE
            try:
                timing = self._plan(request, stroke)
            except InputError as error:
                self._report(RequestStatus(request.id, request.gesture, "rejected", request.at, reason=str(error)))
                continue
            self._planned.append(_Planned(item, timing))
            late = f"{timing.late_s:.2f} s late: requested too shortly before" if timing.late_s else ""
            self._report(self._status(self._planned[-1], "accepted", begin_ns, latency_ns, late))

    def follow(self, now_ns: int, begin_ns: int, latency_ns: int, remark: str = "") -> None:
        """Report the requests that have started and those that are done by now, with a remark."""
        for planned in list(self._planned):
            if not planned.has_started and now_ns >= begin_ns + latency_ns + _frame_ns(planned.timing.start):
                planned.has_started = True
                self._report(self._status(planned, "started", begin_ns, latency_ns, remark))
            if now_ns >= begin_ns + latency_ns + _frame_ns(planned.timing.stop):
                self._planned.remove(planned)
                self._report(self._status(planned, "done", begin_ns, latency_ns, remark))

    def end_stream(self) -> None:
        """End the requests that have started; the others wait for the next stream."""
        for planned in self._planned:
            request = planned.waiting.request
            if planned.has_started:
                self._report(RequestStatus(request.id, request.gesture, "done", request.at,
                                           reason="cut short: the audio ended"))
            else:
                self._waiting.append(planned.waiting)
        self._planned = []

    def expire(self, now_ns: int, latency_ns: int) -> None:
        """Reject requests that have waited for audio too long."""
        kept = []
        for item in self._waiting:
            request = item.request
            last_ns = (item.arrival_ns + round(AUDIO_TIMEOUT_S * NS) if request.at is None
                       else round((request.at + MAX_LATE_S) * NS) + latency_ns)
            if now_ns <= last_ns:
                kept.append(item)
            else:
                self._report(RequestStatus(request.id, request.gesture, "rejected", request.at,
                                           reason="no audio: the robot gestures while a stream of audio runs"))
        self._waiting = kept

    def clear(self, reason: str) -> None:
        """Reject all requests that are not done."""
        for item in [*self._waiting, *(planned.waiting for planned in self._planned)]:
            request = item.request
            self._report(RequestStatus(request.id, request.gesture, "rejected", request.at, reason=reason))
        self._waiting, self._planned = [], []

    def take_statuses(self) -> list[RequestStatus]:
        """Return the changes of status since the last call."""
        statuses, self._statuses = self._statuses, []
        return statuses

    def _fault(self, request: GestureRequest, now_ns: int) -> str:
        if len(self._waiting) >= MAX_WAITING_REQUESTS:
            return f"{len(self._waiting)} gestures wait already"
        if request.at is not None and abs(request.at - now_ns / NS) > MAX_AHEAD_S:
            return (f"at is {request.at:.3f}, now is {now_ns / NS:.3f}: give the time of this node's ROS clock in "
                    "seconds, or a delay")
        return ""

    def _status(self, planned: _Planned, status: str, begin_ns: int, latency_ns: int, reason: str) -> RequestStatus:
        at_ns = begin_ns + _frame_ns(planned.timing.stroke)
        request = planned.waiting.request
        return RequestStatus(request.id, request.gesture, status, at_ns / NS, (at_ns + latency_ns) / NS, reason)

    def _report(self, status: RequestStatus) -> None:
        self.counts[status.status] += 1
        self._statuses.append(status)


def _frame_ns(frame: float) -> int:
    return round(frame * NS / POSE_RATE)
