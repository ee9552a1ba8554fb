from __future__ import annotations

import pytest

from speech_gesture_ros.control.watchdog import Transition, Watchdog
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.timebase import NS


def guard() -> Watchdog:
    return Watchdog({"audio": 0.5, "joint_states": 0.2})


def test_what_was_never_heard_is_stale_and_no_news() -> None:
    watchdog = guard()
    assert watchdog.stale == {"audio", "joint_states"}
    assert watchdog.check(100 * NS) == []


def test_a_sign_of_life_is_told_once() -> None:
    watchdog = guard()
    assert watchdog.feed("audio", 0) == Transition("audio", False, 0.0)
    assert watchdog.feed("audio", 1) is None
    assert watchdog.stale == {"joint_states"}


def test_becoming_stale_is_told_once_and_so_is_coming_back() -> None:
    watchdog = guard()
    watchdog.feed("audio", 0)
    assert watchdog.check(NS // 2) == []
    assert watchdog.check(NS // 2 + 1) == [Transition("audio", True, 0.500000001)]
    assert watchdog.check(NS) == []
    assert watchdog.feed("audio", 2 * NS) == Transition("audio", False, 2.0)
    assert watchdog.check(2 * NS) == []


def test_a_clock_that_steps_back_makes_nothing_stale() -> None:
    watchdog = guard()
    watchdog.feed("audio", 10 * NS)
    watchdog.feed("audio", NS)
    assert watchdog.check(10 * NS) == []


def test_reset_equals_new() -> None:
    watchdog = guard()
    watchdog.feed("audio", 0)
    watchdog.reset()
    assert watchdog.stale == guard().stale
    assert watchdog.feed("audio", 5 * NS) == Transition("audio", False, 0.0)


def test_wrong_names_and_timeouts_are_refused() -> None:
    with pytest.raises(KeyError, match="guards"):
        guard().feed("video", 0)
    with pytest.raises(ConfigError, match=r"timeout of 'audio' is 0\.0, must be above 0 s"):
        Watchdog({"audio": 0.0})
