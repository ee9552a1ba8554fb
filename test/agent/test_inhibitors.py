from __future__ import annotations

import threading

from speech_gesture_ros.agent.inhibitors import MotionInhibitors, TopicLock
from speech_gesture_ros.core.timebase import NS


def test_reasons_are_those_of_all_inhibitors() -> None:
    inhibitors, lock = MotionInhibitors(), TopicLock("/lock")
    inhibitors.register("lock", lambda: lock.reason)
    assert inhibitors.reasons() == ()
    inhibitors.set("a", "because")
    lock.take(True)
    assert inhibitors.reasons() == ("because", "locked by /lock")
    assert (inhibitors.reason("a"), inhibitors.reason("lock"), inhibitors.reason("b")) == (
        "because", "locked by /lock", "")
    inhibitors.set("a")
    lock.take(False)
    assert inhibitors.reasons() == ()


def test_all_registered_reasons_are_read() -> None:
    inhibitors = MotionInhibitors()
    inhibitors.register("a", lambda: "first")
    inhibitors.register("b", lambda: "second")
    assert inhibitors.reasons() == ("first", "second")


def test_without_a_timeout_the_last_value_counts_and_none_means_free() -> None:
    now = [0]
    lock = TopicLock("/lock", 0.0, lambda: now[0])
    assert lock.reason == ""
    lock.take(True)
    now[0] += 3600 * NS
    assert lock.reason == "locked by /lock"
    lock.take(False)
    now[0] += 3600 * NS
    assert lock.reason == ""


def test_with_a_timeout_only_a_fresh_false_is_free() -> None:
    now = [0]
    lock = TopicLock("/lock", 0.5, lambda: now[0])
    assert "not received" in lock.reason
    lock.take(False)
    now[0] += NS // 2
    assert lock.reason == ""
    now[0] += 1
    assert lock.reason == "locked: /lock not received for more than 0.5 s"
    lock.take(True)
    assert lock.reason == "locked by /lock"


def test_inhibitors_set_by_two_threads_are_all_kept() -> None:
    inhibitors = MotionInhibitors()

    def set_many(name: str) -> None:
        for k in range(500):
            inhibitors.set(f"{name}{k}", "because")

    threads = [threading.Thread(target=set_many, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10.0)
    assert len(inhibitors.reasons()) == 1000
