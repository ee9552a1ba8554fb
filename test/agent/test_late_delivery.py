"""Windows that arrive late at the controllers, for each `lead_s`: the table of docs/safety.md is made by this test.

    pytest -q test/agent/test_late_delivery.py --log-cli-level INFO

A window that arrives after the one before has begun its brake changes the velocity at once. The node cannot prevent it:
it judges when it publishes.
"""

from __future__ import annotations

import logging
from collections import deque

import numpy as np
import pytest

from speech_gesture_ros.core.timebase import NS

pytestmark = pytest.mark.slow
log = logging.getLogger(__name__)

TICK_S = 0.01  # of the controllers
SAFE_S = 0.05  # of the lead, which delivery must leave
LEADS_S, DELAYS_S = (0.05, 0.1, 0.2), (0.0, 0.02, 0.04, 0.06, 0.1, 0.15)


def late_world(make_world, lead_s: float, delay_s: float):
    """Make a world whose windows arrive after a delay."""
    world = make_world(lead_s=lead_s)
    in_transit: deque = deque()
    follow, step = world.robot.follow, world.robot.step

    def arrive(now_ns: int) -> np.ndarray:
        while in_transit and in_transit[0][0] <= now_ns:
            follow(in_transit.popleft()[1], now_ns)
        return step(now_ns)

    world.robot.follow = lambda window, now_ns: in_transit.append((now_ns + round(delay_s * NS), window))
    world.robot.step = arrive
    return world


def worst_acceleration(world) -> float:
    """Largest change of a commanded velocity in a cycle of the controllers, as a share of the acceleration limit."""
    return float((np.abs(np.diff(world.robot.speeds, axis=0)) / TICK_S / world.description.limits.acceleration).max())


@pytest.mark.parametrize("delay_s", DELAYS_S)
@pytest.mark.parametrize("lead_s", LEADS_S)
def test_commands_keep_the_acceleration_limit_while_delivery_leaves_some_of_the_lead(make_world, lead_s, delay_s):
    world = late_world(make_world, lead_s, delay_s)
    world.speak(20.0)
    share = worst_acceleration(world)
    log.info("lead_s %g, delivery %.0f ms: %.2f of the acceleration limit", lead_s, 1000 * delay_s, share)
    assert np.abs(world.robot.speeds).max() > 0.5, "the robot moves"
    assert not world.robot.rejected
    if delay_s <= lead_s - SAFE_S:
        assert share <= 1.001


def test_the_lead_is_raised_when_controllers_report_late_windows_and_then_the_limit_is_kept(make_world, caplog):
    """Delivery of 0.15 s, three times the default's margin: each window is stated by its controller when it arrives."""
    world = late_world(make_world, 0.1, 0.15)
    follow = world.robot.follow

    def follow_and_report(window, now_ns: int) -> None:
        follow(window, now_ns)
        reports.append((now_ns + round(0.15 * NS), window.stamp_ns))

    reports: list[tuple[int, int]] = []
    world.robot.follow = follow_and_report
    latency_s = world.agent.latency_s
    for _ in range(250):
        world.speak(0.02)
        while reports and reports[0][0] <= world.now:
            arrival_ns, stamp_ns = reports.pop(0)
            world.runner.delivery.observe("/arm_controller", stamp_ns, arrival_ns)
    assert world.agent.lead_s == world.runner.delivery.lead_s == 0.2
    assert world.agent.latency_s == pytest.approx(latency_s + 0.1)
    assert world.agent.report()["released"] == {"more lead is needed": 1}
    assert [r.levelname for r in caplog.records if "the lead is raised from 0.10 to 0.20 s" in r.message] == ["WARNING"]
    world.speak(1.0)
    begin = len(world.robot.speeds)
    world.speak(10.0)
    change = np.abs(np.diff(world.robot.speeds[begin:], axis=0)) / TICK_S / world.description.limits.acceleration
    assert change.max() <= 1.001
