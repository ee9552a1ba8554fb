from __future__ import annotations

from speech_gesture_ros.agent.clock_monitor import ClockMonitor
from speech_gesture_ros.core.timebase import NS


def jumps(*times: tuple[float, float]) -> list[str]:
    """Results of a monitor for pairs of ROS time and steady time [s]."""
    clock = ClockMonitor()
    return [clock.check(round(now * NS), round(steady * NS)) for now, steady in times]


def test_a_clock_that_moves_has_not_jumped_however_fast_and_after_any_stall() -> None:
    assert jumps((100.0, 5.0), (100.02, 5.02), (100.04, 5.04), (107.0, 12.0), (107.1, 12.02)) == [""] * 5


def test_a_step_back_is_a_jump() -> None:
    assert jumps((100.0, 5.0), (99.5, 5.02))[1] == "ROS time jumped back by 0.5 s"


def test_a_step_ahead_of_steady_time_is_a_jump() -> None:
    assert jumps((100.0, 5.0), (103.0, 5.0 + 1.0))[1] == "ROS time jumped ahead by 2.0 s"


def test_a_clock_without_a_time_yet_is_stopped_and_its_first_time_is_no_jump() -> None:
    clock = ClockMonitor()
    assert not clock.is_stopped, "before the first look nothing is known"
    assert clock.check(0, 5 * NS) == ""
    assert clock.is_stopped
    assert clock.check(1000 * NS, 6 * NS) == ""
    assert not clock.is_stopped


def test_a_clock_that_stops_is_noticed_after_half_a_second_and_so_is_that_it_moves_again() -> None:
    clock, stopped = ClockMonitor(), []
    for k in range(100):
        now = 100 + min(k, 20) * 0.02 if k < 80 else 100.42
        clock.check(round(now * NS), round((5 + k * 0.02) * NS))
        stopped.append(clock.is_stopped)
    assert stopped.index(True) in range(20 + 25, 20 + 28)
    assert all(stopped[46:80])
    assert not stopped[80]


def test_a_clock_that_stands_for_exactly_half_a_second_has_not_stopped_yet() -> None:
    clock = ClockMonitor()
    for steady_ns, is_stopped in ((5 * NS, False), (5 * NS + NS // 2, False), (5 * NS + NS // 2 + 1, True)):
        clock.check(100 * NS, steady_ns)
        assert clock.is_stopped == is_stopped
