from __future__ import annotations

from speech_gesture_ros.agent.timed_queue import TimedQueue


def test_items_come_out_when_they_are_due_in_order():
    items: TimedQueue[str] = TimedQueue()
    items.push("a", 10)
    items.push("b", 20)
    assert items.take(9) == []
    assert items.take(15) == ["a"]
    assert items.take(100) == ["b"]
    assert items.take(100) == []


def test_a_shrinking_delay_never_changes_the_order():
    items: TimedQueue[str] = TimedQueue()
    items.push("a", 100)
    items.push("b", 50)
    assert items.take(60) == []
    assert items.take(100) == ["a", "b"]


def test_reset_forgets_what_waits():
    items: TimedQueue[str] = TimedQueue()
    items.push("a", 10)
    items.reset()
    assert items.take(100) == []
