"""Delivery of windows, measured from what controllers state that they follow."""

from __future__ import annotations

import pytest

from speech_gesture_ros.agent.delivery_monitor import LATE_WINDOWS, MAX_LEAD_S, DeliveryMonitor
from speech_gesture_ros.core.timebase import NS

START_NS, PERIOD_NS = 1000 * NS, NS // 25


def deliver(monitor: DeliveryMonitor, delivery_s: float, count: int, first: int = 0) -> None:
    """Send windows, each stated by two controllers as it arrives, and several times more."""
    for k in range(first, first + count):
        sent_ns = START_NS + k * PERIOD_NS
        monitor.record(sent_ns - NS // 50, sent_ns)
        for controller in ("/left", "/right"):
            for later in range(3):
                arrival_ns = sent_ns + round(delivery_s * NS) + later * NS // 100
                monitor.observe(controller, sent_ns - NS // 50 + 1000, arrival_ns)


def test_the_longest_delivery_is_measured_at_the_first_statement_of_each_window() -> None:
    monitor = DeliveryMonitor(0.1)
    deliver(monitor, 0.03, 20)
    assert monitor.longest_s == pytest.approx(0.03)
    assert (monitor.late, monitor.lead_s) == (0, 0.1)


def test_single_late_windows_are_counted_and_change_nothing(caplog) -> None:
    monitor = DeliveryMonitor(0.1)
    for k in range(10):
        deliver(monitor, 0.13, 1, first=k * 200)  # one in eight seconds
    assert (monitor.late, monitor.lead_s) == (10, 0.1)
    assert not caplog.records


@pytest.mark.parametrize(("delivery_s", "lead_s"), [(0.11, 0.2), (0.15, 0.2), (0.16, 0.25), (0.9, MAX_LEAD_S)])
def test_repeated_late_windows_raise_the_lead_beyond_their_delivery(delivery_s, lead_s, caplog) -> None:
    monitor = DeliveryMonitor(0.1)
    deliver(monitor, delivery_s, LATE_WINDOWS - 1)
    assert monitor.lead_s == 0.1
    deliver(monitor, delivery_s, 20, first=LATE_WINDOWS - 1)
    assert monitor.lead_s == pytest.approx(lead_s)
    assert len(caplog.records) == 1


def test_a_single_stall_among_late_windows_does_not_raise_the_lead_beyond_the_others() -> None:
    monitor = DeliveryMonitor(0.1)
    deliver(monitor, 0.4, 1)
    deliver(monitor, 0.12, LATE_WINDOWS - 1, first=20)
    assert monitor.lead_s == pytest.approx(0.2)
    assert monitor.longest_s == pytest.approx(0.4)


def test_trajectories_of_other_nodes_and_of_the_time_before_a_restart_are_not_measured() -> None:
    monitor = DeliveryMonitor(0.1)
    deliver(monitor, 0.02, 5)
    monitor.observe("/left", START_NS + 5 * NS, START_NS + 9 * NS)
    monitor.restart()
    monitor.observe("/left", START_NS - NS // 50, START_NS + NS)
    assert monitor.longest_s == pytest.approx(0.02)


@pytest.mark.parametrize(("lead_s", "kept_s"), [(0.1, 0.2), (0.25, 0.25)])
def test_a_lead_that_was_raised_is_kept_unless_a_longer_one_is_set(lead_s: float, kept_s: float) -> None:
    before = DeliveryMonitor(0.1)
    assert before.raised_s == 0.0
    deliver(before, 0.15, LATE_WINDOWS)
    after = DeliveryMonitor(lead_s)
    after.keep(before.raised_s)
    assert after.lead_s == pytest.approx(kept_s)
    after.keep(0.0)
    assert after.lead_s == pytest.approx(kept_s)


def test_a_state_that_was_read_late_proves_no_late_window() -> None:
    """The controller may have followed the window since just after the state that was read before."""
    monitor = DeliveryMonitor(0.1)
    for k in range(LATE_WINDOWS):
        sent_ns = START_NS + k * PERIOD_NS
        monitor.record(sent_ns, sent_ns)
        monitor.observe("/left", sent_ns, sent_ns + round(0.13 * NS), sent_ns + round(0.03 * NS))
    assert (monitor.late, monitor.lead_s) == (0, 0.1)
    assert monitor.longest_s == pytest.approx(0.13)
    for k in range(LATE_WINDOWS, 2 * LATE_WINDOWS):
        sent_ns = START_NS + k * PERIOD_NS
        monitor.record(sent_ns, sent_ns)
        monitor.observe("/left", sent_ns, sent_ns + round(0.13 * NS), sent_ns + round(0.12 * NS))
    assert (monitor.late, monitor.lead_s) == (LATE_WINDOWS, pytest.approx(0.2))
