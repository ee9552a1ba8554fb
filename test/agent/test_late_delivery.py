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
