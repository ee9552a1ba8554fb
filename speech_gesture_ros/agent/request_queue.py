"""Wishes for gestures on the ROS clock: kept until there is a stream to put them on, followed until they are done.

    text ──► understood? ──► waiting ──(a stream runs)──► planned ──(its first frame is due)──► started ──► done
                 └─► rejected   └─► rejected: no audio, too late, its part of the body is taken

A wish names ROS time of the audio; it is performed `latency` later, together with the delayed voice. When a stream ends
before a planned gesture began, the wish waits for the next stream.
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

PATIENCE_S = 5.0  # how long a wish without a time waits for audio
FARTHEST_S = 600.0  # a time further from now was not meant for this clock
MAX_WAITING = 200
AT_ONCE = 10  # wishes planned in one hop: a few milliseconds


@dataclass(frozen=True)
class RequestStatus:
    """What became of a wish.

    Attributes:
        id: Its name.
        gesture: What was wished for.
        status: "waiting", "accepted", "started", "done" or "rejected".
        at: ROS time in the audio on which its instant lies [s]; None if it has no place.
        performed_at: ROS time at which the robot makes that instant [s].
        reason: Why it was rejected, or what is to be known about it.
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
    place: GestureTiming
    has_started: bool = False


class GestureRequestQueue:
    """All wishes of an agent; used by one thread.

    Args:
        plan: Puts a wish on the running stream: request and pose frame (None: as soon as possible) to its place.

    Attributes:
        counts: How many wishes had each status.
    """

    def __init__(self, plan: Callable[[GestureRequest, float | None], GestureTiming]) -> None:
        self._plan = plan
        self._known = load_gestures()  # now: reading them later would cost real time
        self._numbers = itertools.count(1)
        self._waiting: list[_Waiting] = []
        self._planned: list[_Planned] = []
        self._notices: list[RequestStatus] = []
        self.counts: Counter[str] = Counter()

    def take(self, text: str, now_ns: int, is_running: bool) -> None:
        """Read wishes that arrived; `is_running` says whether there is a stream to put them on."""
        for wish in parse_requests(text, self._known):
            label = wish.id or str(next(self._numbers))
            if isinstance(wish, InvalidRequest):
                self._note(RequestStatus(label, wish.gesture, "rejected", reason=wish.reason))
                continue
            at = wish.at if wish.delay is None else now_ns / NS + wish.delay
            request = replace(wish, id=label, at=at, delay=None)
            fault = self._fault(request, now_ns)
            if fault:
                self._note(RequestStatus(label, request.gesture, "rejected", at, reason=fault))
                continue
            self._waiting.append(_Waiting(request, now_ns))
            if not is_running:
                self._note(RequestStatus(label, request.gesture, "waiting", at, reason="no audio yet"))

    def place(self, begin_ns: int, latency_ns: int) -> None:
        """Plan what waits, as much as there is time for, on the stream whose first sample is at `begin_ns`."""
        waiting, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
        for wish in waiting:
            request = wish.request
            stroke = None if request.at is None else (round(request.at * NS) - begin_ns) / NS * POSE_RATE
            try:
                place = self._plan(request, stroke)
            except InputError as error:
                self._note(RequestStatus(request.id, request.gesture, "rejected", request.at, reason=str(error)))
                continue
            self._planned.append(_Planned(wish, place))
            late = f"{place.late_s:.2f} s late: asked for too shortly before" if place.late_s else ""
            self._note(self._notice(self._planned[-1], "accepted", begin_ns, latency_ns, late))

    def follow(self, now_ns: int, begin_ns: int, latency_ns: int, remark: str = "") -> None:
        """Say what has started and what is done by now."""
        for planned in list(self._planned):
            if not planned.has_started and now_ns >= begin_ns + latency_ns + _frame_ns(planned.place.start):
                planned.has_started = True
                self._note(self._notice(planned, "started", begin_ns, latency_ns, remark))
            if now_ns >= begin_ns + latency_ns + _frame_ns(planned.place.stop):
                self._planned.remove(planned)
                self._note(self._notice(planned, "done", begin_ns, latency_ns, remark))

    def end_stream(self) -> None:
        """What has begun ends with its stream; what has not waits for the next."""
        for planned in self._planned:
            wish = planned.waiting
            if planned.has_started:
                self._note(RequestStatus(wish.request.id, wish.request.gesture, "done", wish.request.at,
                                  reason="cut short: the audio ended"))
            else:
                self._waiting.append(wish)
        self._planned = []

    def expire(self, now_ns: int, latency_ns: int) -> None:
        """Reject what has waited for audio too long."""
        kept = []
        for wish in self._waiting:
            request = wish.request
            last_ns = (wish.arrival_ns + round(PATIENCE_S * NS) if request.at is None
                       else round((request.at + MAX_LATE_S) * NS) + latency_ns)
            if now_ns <= last_ns:
                kept.append(wish)
            else:
                self._note(RequestStatus(request.id, request.gesture, "rejected", request.at,
                                  reason="no audio: the robot gestures while a stream of audio runs"))
        self._waiting = kept

    def clear(self, reason: str) -> None:
        """Reject everything that is not done."""
        for wish in [*self._waiting, *(p.waiting for p in self._planned)]:
            self._note(RequestStatus(wish.request.id, wish.request.gesture, "rejected", wish.request.at, reason=reason))
        self._waiting, self._planned = [], []

    def notices(self) -> list[RequestStatus]:
        """What became of wishes since this was asked last."""
        notices, self._notices = self._notices, []
        return notices

    def _fault(self, request: GestureRequest, now_ns: int) -> str:
        if len(self._waiting) >= MAX_WAITING:
            return f"{len(self._waiting)} gestures wait already"
        if request.at is not None and abs(request.at - now_ns / NS) > FARTHEST_S:
            return (f"at is {request.at:.3f}, now is {now_ns / NS:.3f}: give the time of this node's ROS clock in "
                    "seconds, or a delay")
        return ""

    def _notice(self, planned: _Planned, status: str, begin_ns: int, latency_ns: int, reason: str) -> RequestStatus:
        at_ns = begin_ns + _frame_ns(planned.place.stroke)
        request = planned.waiting.request
        return RequestStatus(request.id, request.gesture, status, at_ns / NS, (at_ns + latency_ns) / NS, reason)

    def _note(self, notice: RequestStatus) -> None:
        self.counts[notice.status] += 1
        self._notices.append(notice)


def _frame_ns(frame: float) -> int:
    return round(frame * NS / POSE_RATE)
