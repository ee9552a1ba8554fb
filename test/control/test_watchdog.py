from __future__ import annotations

import pytest

from speech_gesture_ros.control.watchdog import ClockMonitor, InputTransition, Watchdog
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.timebase import NS


def new_watchdog() -> Watchdog:
    return Watchdog({"audio": 0.5, "joint_states": 0.2})


def test_an_input_that_was_never_received_is_stale_without_a_transition() -> None:
    watchdog = new_watchdog()
    assert watchdog.stale == {"audio", "joint_states"}
    assert watchdog.check(100 * NS) == []


def test_the_first_input_is_a_transition_and_the_second_is_none() -> None:
    watchdog = new_watchdog()
    assert watchdog.feed("audio", 0) == InputTransition("audio", False, 0.0)
    assert watchdog.feed("audio", 1) is None
    assert watchdog.stale == {"joint_states"}


def test_becoming_stale_is_one_transition_and_so_is_coming_back() -> None:
    watchdog = new_watchdog()
    watchdog.feed("audio", 0)
    assert watchdog.check(NS // 2) == []
    assert watchdog.check(NS // 2 + 1) == [InputTransition("audio", True, 0.500000001)]
    assert watchdog.check(NS) == []
    assert watchdog.feed("audio", 2 * NS) == InputTransition("audio", False, 2.0)
    assert watchdog.check(2 * NS) == []


def test_a_clock_that_steps_back_makes_nothing_stale() -> None:
    watchdog = new_watchdog()
    watchdog.feed("audio", 10 * NS)
    watchdog.feed("audio", NS)
    assert watchdog.check(10 * NS) == []


def test_reset_equals_new() -> None:
    watchdog = new_watchdog()
    watchdog.feed("audio", 0)
    watchdog.reset()
    assert watchdog.stale == new_watchdog().stale
    assert watchdog.feed("audio", 5 * NS) == InputTransition("audio", False, 0.0)


def test_wrong_names_and_timeouts_are_refused() -> None:
    with pytest.raises(KeyError, match="inputs of the watchdog"):
        new_watchdog().feed("video", 0)
    with pytest.raises(ConfigError, match=r"timeout of 'audio' is 0\.0, must be above 0 s"):
        Watchdog({"audio": 0.0})


# -- the clock -------------------------------------------------------------------------------------------------------


def jumps(*times: tuple[float, float]) -> list[str]:
    """Results of checks at pairs of ROS time and steady time [s]."""
    clock = ClockMonitor()
    return [clock.check(round(now * NS), round(steady * NS)) for now, steady in times]


def test_a_running_clock_does_not_jump_at_any_speed_or_after_a_stall_of_the_process() -> None:
    assert jumps((100.0, 5.0), (100.02, 5.02), (100.04, 5.04), (107.0, 12.0), (107.1, 12.02)) == [""] * 5


def test_a_step_back_is_a_jump() -> None:
    assert jumps((100.0, 5.0), (99.5, 5.02))[1] == "ROS time jumped back by 0.5 s"


def test_a_step_ahead_of_steady_time_is_a_jump() -> None:
    assert jumps((100.0, 5.0), (103.0, 5.0 + 1.0))[1] == "ROS time jumped ahead by 2.0 s"


def test_a_clock_without_a_time_is_stopped_and_its_first_time_is_no_jump() -> None:
    clock = ClockMonitor()
    assert clock.check(0, 5 * NS) == ""
    assert clock.is_stopped
    assert clock.check(1000 * NS, 6 * NS) == ""
    assert not clock.is_stopped


def test_a_stopped_clock_is_detected_after_half_a_second_and_so_is_that_it_runs_again() -> None:
    clock, is_stopped = ClockMonitor(), []
    for k in range(100):
        now = 100 + min(k, 20) * 0.02 if k < 80 else 100.42
        clock.check(round(now * NS), round((5 + k * 0.02) * NS))
        is_stopped.append(clock.is_stopped)
    assert is_stopped.index(True) in range(20 + 25, 20 + 28)
    assert all(is_stopped[46:80])
    assert not is_stopped[80]
