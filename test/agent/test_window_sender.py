"""Sending and stopping from two threads: what is sent, what is blocked, what is late."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from speech_gesture_ros.agent.agent_output import WindowDelivery
from speech_gesture_ros.agent.inhibitors import MotionInhibitors
from speech_gesture_ros.agent.window_sender import (
    MAX_COMPUTE_S,
    MAX_STOP_TRIES,
    MIN_LEFT_S,
    TRANSPORT_S,
    SendResult,
    Stop,
    WindowSender,
)
from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window


class Situation:
    """A sender, what it has sent, and a clock."""

    def __init__(self) -> None:
        self.now, self.delivery, self.sent = 100 * NS, WindowDelivery.FOLLOWED, []
        self.publish_s: list[float] = []  # time until each of the next windows is published
        self.inhibitors = MotionInhibitors()
        self.sender = WindowSender(self._take, lambda window, now_ns: replace(window, start_index=-1),
                                   self.inhibitors, lambda: self.now)

    def _take(self, window: Window, latest_ns: int) -> WindowDelivery:
        self.now += round(self.publish_s.pop(0) * NS) if self.publish_s else 0
        if self.now > latest_ns:
            return WindowDelivery.LATE
        self.sent.append(window)
        return self.delivery

    def send(self, window: Window, compute_s: float = 0.0, *, is_stop: bool = False) -> SendResult:
        asked_ns, self.now = self.now, self.now + round(compute_s * NS)
        return self.sender.send(window, asked_ns, is_stop=is_stop)

    def inhibit(self, reason: str = "stopped") -> None:
        self.inhibitors.set("test", reason)
        self.sender.apply_inhibitors()


@pytest.fixture
def situation() -> Situation:
    return Situation()


def rest(stamp_ns: int, q: float = 0.0, length: int = 40) -> Window:
    return Window(0, stamp_ns, np.full((length, 1), q), np.zeros((length, 1)))


def is_stop(window: Window) -> bool:
    return window.start_index == -1


def test_a_window_is_sent_and_followed(situation: Situation) -> None:
    window = rest(situation.now)
    assert situation.send(window) is SendResult.SENT
    assert situation.sent == [window]
    assert situation.sender.followed is window


def test_an_inhibitor_sends_one_stop_window_and_blocks_until_it_is_cleared_and_the_stop_taken(
        situation: Situation) -> None:
    situation.send(rest(situation.now))
    situation.inhibit()
    situation.inhibit("another reason")
    assert [is_stop(window) for window in situation.sent] == [False, True]
    assert situation.sender.take_stop() == Stop(situation.sent[-1], is_followed=True)
    assert situation.sender.take_stop() is None
    assert situation.send(rest(situation.now)) is SendResult.BLOCKED
    situation.inhibit("")
    assert situation.send(rest(situation.now)) is SendResult.SENT


def test_a_stop_that_was_cleared_at_once_blocks_the_window_that_was_under_way(situation: Situation) -> None:
    situation.send(rest(situation.now))
    for reason in ("locked", "", "locked", ""):
        situation.inhibit(reason)
    assert [is_stop(window) for window in situation.sent] == [False, True], "one stop window"
    assert situation.send(rest(situation.now)) is SendResult.BLOCKED
    assert situation.sender.take_stop() is not None
    assert situation.send(rest(situation.now)) is SendResult.SENT


def test_a_robot_that_follows_nothing_needs_no_stop_window(situation: Situation) -> None:
    situation.inhibit()
    assert situation.sent == []
    assert situation.sender.take_stop() == Stop(None, is_followed=True)


def test_a_stop_that_a_part_of_the_robot_does_not_follow_is_reported(situation: Situation) -> None:
    situation.send(rest(situation.now))
    situation.delivery = WindowDelivery.PARTLY
    situation.inhibit()
    assert situation.sender.take_stop() == Stop(situation.sent[-1], is_followed=False)


def test_a_window_that_took_too_long_is_late_but_a_stop_window_is_made_again(situation: Situation) -> None:
    situation.send(rest(situation.now))
    assert situation.send(rest(situation.now), MAX_COMPUTE_S) is SendResult.SENT
    assert situation.send(rest(situation.now), MAX_COMPUTE_S + 0.01) is SendResult.LATE
    assert situation.send(rest(situation.now), MAX_COMPUTE_S + 0.01, is_stop=True) is SendResult.SENT
    assert is_stop(situation.sent[-1])


def test_a_window_that_the_robot_has_left_already_is_late(situation: Situation) -> None:
    situation.send(rest(situation.now))
    assert situation.send(rest(situation.now, q=0.2)) is SendResult.LATE
    assert situation.sender.followed is not None
    situation.now = end_ns(situation.sender.followed)  # it is over: the robot stands, and is engaged somewhere else
    assert situation.send(rest(situation.now, q=0.2)) is SendResult.SENT


@pytest.mark.parametrize(("transport_knots", "result"), [(0.5, SendResult.LATE), (-0.5, SendResult.SENT)])
def test_the_first_motion_of_a_robot_at_rest_must_begin_after_the_window_arrives(
        situation: Situation, transport_knots: float, result: SendResult) -> None:
    """The window moves away from its first knot, which is half a knot before or after its arrival."""
    window = rest(situation.now + round((TRANSPORT_S - transport_knots / KNOT_RATE) * NS))
    window.positions[1:] = 0.001
    assert situation.send(window) is result


def test_a_window_that_is_about_to_end_is_late(situation: Situation) -> None:
    length = 11
    stamp_ns = situation.now - round((0.2 - MIN_LEFT_S / 2) * NS)
    assert situation.send(rest(stamp_ns, length=length)) is SendResult.LATE


def test_in_a_dry_run_the_robot_follows_nothing(situation: Situation) -> None:
    situation.sender.is_dry = True
    situation.send(rest(situation.now))
    assert situation.sender.followed is None
    assert situation.send(rest(situation.now, q=0.2)) is SendResult.SENT, "there is nothing to jump from"
    situation.inhibit()
    assert situation.sender.take_stop() == Stop(None, is_followed=True)


def test_windows_are_over_after_the_latest_end_of_all_that_were_sent(situation: Situation) -> None:
    sender, long = situation.sender, rest(situation.now, length=60)
    assert sender.are_over(situation.now)
    situation.send(long)
    situation.send(rest(situation.now, length=40))
    assert not sender.are_over(end_ns(long))
    assert sender.are_over(end_ns(long) + 1)
    sender.forget()
    assert sender.are_over(situation.now)


def test_windows_that_are_late_or_kept_from_the_robot_do_not_count_as_sent(situation: Situation) -> None:
    situation.publish_s = [10.0]
    assert situation.send(rest(situation.now)) is SendResult.LATE
    situation.now -= 10 * NS
    assert situation.sender.are_over(situation.now)
    situation.sender.is_dry = True
    assert situation.send(rest(situation.now)) is SendResult.SENT
    assert situation.sender.are_over(situation.now)


def test_a_window_that_is_forgotten_is_not_stopped(situation: Situation) -> None:
    situation.send(rest(situation.now))
    situation.sender.forget()
    situation.inhibit()
    assert len(situation.sent) == 1


def test_a_process_that_stands_still_before_it_publishes_sends_no_window_that_the_robot_has_left(
        situation: Situation) -> None:
    """The new window agrees with the old one for 0.2 s."""
    situation.send(rest(situation.now))
    window = rest(situation.now)
    window.positions[11:] = 0.01
    situation.publish_s = [0.21]
    assert situation.send(window) is SendResult.LATE
    assert len(situation.sent) == 1
    assert situation.sender.followed is situation.sent[0]


@pytest.mark.parametrize(("publish_s", "result"), [(0.19 - TRANSPORT_S, SendResult.SENT),
                                                   (0.21 - TRANSPORT_S, SendResult.LATE)])
def test_the_latest_time_of_a_window_is_its_last_knot_that_agrees_less_the_transport(
        situation: Situation, publish_s: float, result: SendResult) -> None:
    situation.send(rest(situation.now))
    window = rest(situation.now)
    window.positions[11:] = 0.01
    situation.publish_s = [publish_s]
    assert situation.send(window) is result


def test_a_window_that_would_be_over_when_it_is_published_is_not_sent(situation: Situation) -> None:
    situation.publish_s = [39 / KNOT_RATE - MIN_LEFT_S / 2]
    assert situation.send(rest(situation.now)) is SendResult.LATE
    assert situation.sent == []


def test_after_a_window_for_a_part_of_the_robot_no_window_is_followed(situation: Situation) -> None:
    situation.send(rest(situation.now))
    situation.delivery = WindowDelivery.PARTLY_LATE
    assert situation.send(rest(situation.now)) is SendResult.PARTLY_LATE
    assert situation.sender.followed is None


@pytest.mark.parametrize("is_inhibited", [True, False])
def test_a_stop_window_that_is_late_is_made_again(situation: Situation, is_inhibited: bool) -> None:
    """After 0.3 s of standing still, the second one is made for the present instant."""
    made: list[int] = []

    def brake(window: Window, now_ns: int) -> Window:
        made.append(now_ns)
        stop = rest(window.stamp_ns)
        stop.positions[round((now_ns - window.stamp_ns) / NS * KNOT_RATE) + 2 :] = 0.01
        return stop

    situation.sender = WindowSender(situation._take, brake, situation.inhibitors, lambda: situation.now)
    situation.send(rest(situation.now))
    begin_ns, situation.publish_s = situation.now, [0.3]
    if is_inhibited:
        situation.inhibit()
        assert situation.sender.take_stop() == Stop(situation.sent[-1], is_followed=True)
    else:
        assert situation.send(rest(situation.now), is_stop=True) is SendResult.SENT
    assert made == [begin_ns, begin_ns + 3 * NS // 10]
    assert len(situation.sent) == 2
    assert situation.sender.followed is situation.sent[-1]


def test_a_robot_brakes_by_itself_where_every_stop_window_is_late(situation: Situation) -> None:
    situation.send(rest(situation.now))
    situation.publish_s = [1.0] * MAX_STOP_TRIES
    situation.inhibit()
    assert len(situation.sent) == 1
    assert situation.sender.take_stop() == Stop(situation.sent[0], is_followed=True)
