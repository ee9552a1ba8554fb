"""Tries to load a model that failed: delays double, and begin again with the shortest after a time without failures."""

from __future__ import annotations

import pytest

from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.rebuild import DELAY_S, MAX_DELAY_S, STABLE_S, RebuildPlan


class Clock:
    ns = 0

    def __call__(self) -> int:
        return self.ns


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def plan(clock: Clock) -> RebuildPlan:
    return RebuildPlan(clock)


def test_a_try_is_due_after_the_delay(plan: RebuildPlan, clock: Clock) -> None:
    assert not plan.is_waiting
    assert not plan.is_due
    assert plan.fail(was_active=True) == DELAY_S
    clock.ns = round(DELAY_S * NS) - 1
    assert plan.is_waiting
    assert not plan.is_due
    clock.ns += 1
    assert plan.is_due
    assert plan.was_active


def test_tries_that_fail_are_made_again_with_doubled_delays_up_to_a_bound(plan: RebuildPlan, clock: Clock) -> None:
    delays = []
    for _ in range(6):
        delays.append(plan.fail(was_active=True))
        clock.ns += round(delays[-1] * NS)
        assert plan.is_due
    assert delays == [5.0, 10.0, 20.0, 40.0, 60.0, MAX_DELAY_S]


def test_a_model_that_ran_for_long_begins_with_the_shortest_delay(plan: RebuildPlan, clock: Clock) -> None:
    plan.fail(was_active=True)
    plan.fail(was_active=True)
    plan.cancel()
    clock.ns += round(STABLE_S * NS)
    assert plan.fail(was_active=False) == DELAY_S
    assert not plan.was_active


def test_a_cancelled_try_is_not_due_but_its_failure_counts(plan: RebuildPlan, clock: Clock) -> None:
    plan.fail(was_active=True)
    plan.cancel()
    clock.ns += round(DELAY_S * NS)
    assert not plan.is_due
    assert plan.fail(was_active=True) == 2.0 * DELAY_S
